"""What every cut on a score keeps, and which one promises the most significant signal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.roc import Classes, classes
from hepml_course.metrics.significance import asimov_significance

Floats = NDArray[np.float64]


class Passing(NamedTuple):
    """Share of a class that passes each cut, its standard error, and how many events that is; shape (m,).

    The number is the effective one, (Σw)²/Σw² of the events that pass; the error that of
    `hepml_course.metrics.efficiency`.
    """

    share: Floats
    error: Floats
    effective: Floats

    def at(self, places: NDArray[np.intp]) -> "Passing":
        """The same for some of the cuts."""
        return Passing(*(part[places] for part in self))


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


def cut_scan(
    score: ArrayLike | Classes,
    y: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    expected: tuple[float, float] | None = None,
    uncertainty: float = 0.0,
    fewest: float = 10.0,
    signed: bool = False,
) -> CutScan:
    """Scan the cut ``score >= cut`` over all scores that occur.

    All are looked at; where there are many, about a thousand are returned, the best one among them.

    Parameters
    ----------
    score, y, weights : array_like, shape (n,)
        Classifier output, truth (1 signal, 0 background) and event weights; or, in place of the three, what
        `hepml_course.metrics.roc.classes` made of them.
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
    both = score if isinstance(score, Classes) else classes(score, y, weights, signed)
    totals = (both.weights[of].sum() for of in (both.is_signal, ~both.is_signal))
    s, b = totals if expected is None else expected
    if not (s > 0 and b > 0):
        raise CourseError(f"A scan needs signal and background to be expected, not {s:.3g} and {b:.3g}.")
    signal, background = (passing(both, of_signal) for of_signal in (True, False))
    kept_s, kept_b = s * np.maximum(signal.share, 0), b * np.maximum(background.share, 0)
    known = (kept_b > 0) & (background.effective >= fewest * (1 - 1e-9))
    purity, significance = np.full((2, len(both.grid)), np.nan)
    purity[known] = kept_s[known] / (kept_s + kept_b)[known]
    significance[known] = asimov_significance(kept_s[known], kept_b[known], uncertainty * kept_b[known])
    shown = some_cuts(both)
    if known.any():
        shown = np.union1d(shown, np.nanargmax(significance))
    return CutScan(
        both.grid[shown], signal.at(shown), background.at(shown), purity[shown], significance[shown]
    )


def passing(both: Classes, of_signal: bool) -> Passing:
    """What passes the cut at each different score, rising, in one of the classes."""
    members = both.is_signal == of_signal
    w = both.weights[members] / both.weights[members].sum()
    content = both.signal if of_signal else both.background
    share, squares = (
        np.cumsum(part[::-1])[::-1]
        for part in (content, np.bincount(both.position[members], w**2, len(both.grid)))
    )
    variance = (1 - share) ** 2 * squares + share**2 * np.maximum(w @ w - squares, 0)
    effective = np.divide(share**2, squares, out=np.zeros(len(share)), where=squares > 0)
    return Passing(share, np.sqrt(variance), effective)


def some_cuts(both: Classes, most: int = 500) -> NDArray[np.intp]:
    """Places of cuts, rising: dense where events of a class are, and where few of them are left.

    Parameters
    ----------
    most : int
        About so many for each class; of fewer different scores, all.
    """
    if len(both.grid) <= 2 * most:
        return np.arange(len(both.grid))
    chosen = []
    for members in (both.is_signal, ~both.is_signal):
        left = np.cumsum(np.bincount(both.position[members], minlength=len(both.grid))[::-1])
        n = left[-1]
        wanted = np.concatenate([np.linspace(1, n, most // 2), np.geomspace(1, n, most // 2)])
        chosen.extend(len(both.grid) - 1 - np.searchsorted(left, wanted.astype(np.intp)))
    return np.unique(chosen)
