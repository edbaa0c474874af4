"""What every cut on a score keeps, and which one promises the most significant signal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights
from hepml_course.metrics.histogram import Passing, passing
from hepml_course.metrics.roc import _checked
from hepml_course.metrics.significance import asimov_significance

Floats = NDArray[np.float64]


class CutScan(NamedTuple):
    """What passes the cuts ``score >= cut``; arrays have shape (m,).

    Attributes
    ----------
    cut : ndarray
        Rising.
    signal, background : Passing
        Efficiencies of the two classes, with their errors.
    purity : ndarray
        Share of the signal among the expected events that pass.
    significance : ndarray
        Asimov significance in standard deviations. Both are NaN where too little background is left to know.
    """

    cut: Floats
    signal: Passing
    background: Passing
    purity: Floats
    significance: Floats

    @property
    def best(self) -> int | None:
        """Place of the highest significance; None where none is known."""
        return None if np.isnan(self.significance).all() else int(np.nanargmax(self.significance))


def cuts_between(score: ArrayLike, y: ArrayLike, most: int = 500) -> Floats:
    """Cuts at scores of events, dense where events are and where few are left, shape (m,), rising.

    Parameters
    ----------
    score, y : array_like, shape (n,)
    most : int
        About so many for each class; with fewer events, every score is a cut.
    """
    values, is_signal = _checked(score, y)
    chosen = []
    for members in (is_signal, ~is_signal):
        ordered = np.sort(values[members])
        n = len(ordered)
        even, last = np.linspace(0, n - 1, most // 2), n - np.geomspace(1, n, most // 2)
        chosen.append(ordered if n <= most else ordered[np.concatenate([even, last]).astype(np.intp)])
    return np.unique(np.concatenate(chosen))


def cut_scan(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    expected: tuple[float, float] | None = None,
    uncertainty: float = 0.0,
    fewest: float = 10.0,
    signed: bool = False,
) -> CutScan:
    """Scan the cut ``score >= cut`` over all scores that occur, or about a thousand of them.

    Parameters
    ----------
    score, y, weights : array_like, shape (n,)
        Classifier output, truth (1 signal, 0 background) and event weights.
    expected : (float, float), optional
        Signal and background events expected before the cut; the sums of weights unless given.
    uncertainty : float
        Relative uncertainty of the expected background.
    fewest : float
        Background events, in effective number, that must pass for purity and significance to be known. With
        less, the best cut is where the simulation ran out of background.
    signed : bool
        Take negative weights, too.
    """
    values, is_signal = _checked(score, y)
    w = checked_weights(weights, len(values), signed=signed)
    s, b = (w[m].sum() for m in (is_signal, ~is_signal)) if expected is None else expected
    if not (s > 0 and b > 0):
        raise CourseError(f"A scan needs signal and background to be expected, not {s:.3g} and {b:.3g}.")
    cuts = cuts_between(values, is_signal)
    signal, background = (passing(cuts, values[m], w[m]) for m in (is_signal, ~is_signal))
    kept_s, kept_b = s * np.maximum(signal.share, 0), b * np.maximum(background.share, 0)
    known = (kept_b > 0) & (background.effective >= fewest)
    purity, significance = np.full((2, len(cuts)), np.nan)
    purity[known] = kept_s[known] / (kept_s + kept_b)[known]
    significance[known] = asimov_significance(kept_s[known], kept_b[known], uncertainty * kept_b[known])
    return CutScan(cuts, signal, background, purity, significance)
