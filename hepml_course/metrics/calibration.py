"""Whether a score is the probability that it claims to be."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights
from hepml_course.metrics.histogram import bin_numbers
from hepml_course.metrics.interval import binomial_interval
from hepml_course.metrics.roc import _checked

Floats = NDArray[np.float64]


class Reliability(NamedTuple):
    """Share of the signal in bins of the score; arrays have shape (m,), empty bins are left out.

    Attributes
    ----------
    score, share : ndarray
        Mean score, and weight of the signal over all weight.
    low, high : ndarray
        Interval of one standard deviation for the share.
    prior : float
        Share of the signal in the whole sample.
    """

    score: Floats
    share: Floats
    low: Floats
    high: Floats
    prior: float


def reliability(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int | ArrayLike = 15,
    signed: bool = False,
) -> Reliability:
    """Share of the signal among events of about the same score.

    A calibrated score equals that share. It does so for the prior that the classifier was trained with: if
    the weights here give signal another share of the whole, the curve leaves the diagonal.

    Parameters
    ----------
    score : array_like, shape (n,)
        From 0 to 1.
    y, weights : array_like, shape (n,)
        Truth (1 signal, 0 background) and event weights.
    bins : int or array_like
        Number of equal bins from 0 to 1, or edges.
    signed : bool
        Take negative weights, too. A share may then lie outside 0 to 1; bins whose weights do not sum to a
        positive number are left out.

    Returns
    -------
    Reliability
        The interval is Wilson's for the number of unweighted events with the same variance, so that it has
        a width where all events of a bin are of one class.
    """
    values, is_signal = _checked(score, y)
    w = checked_weights(weights, len(values), signed=signed)
    if values.min() < 0 or values.max() > 1:
        raise CourseError(
            f"Scores from {values.min():.3g} to {values.max():.3g} are no probabilities from 0 to 1: there "
            "is nothing to calibrate."
        )
    if not w.sum() > 0:
        raise CourseError(f"The weights sum to {w.sum():.3g}: there are no events to share.")
    edges = np.linspace(0, 1, bins + 1) if np.ndim(bins) == 0 else np.asarray(bins, dtype=float)
    place = bin_numbers(values, edges) + 1  # the first and the last are what lies outside
    total, of_signal, moment = (
        np.bincount(place, part, len(edges) + 1) for part in (w, w * is_signal, w * values)
    )
    share = np.divide(of_signal, total, out=np.zeros(len(total)), where=total > 0)
    squares, variance = (
        np.bincount(place, part**2, len(edges) + 1) for part in (w, w * (is_signal - share[place]))
    )
    kept = (total > 0) & (squares > 0)
    kept[[0, -1]] = False
    total, share, squares = total[kept], share[kept], squares[kept]
    error = np.sqrt(variance[kept]) / total
    low, high = _interval(share, error, total**2 / squares)
    mean = np.clip(moment[kept] / total, edges[:-1][kept[1:-1]], edges[1:][kept[1:-1]])
    return Reliability(mean, share, low, high, float(w[is_signal].sum() / w.sum()))


def _interval(share: Floats, error: Floats, effective: Floats) -> tuple[Floats, Floats]:
    """Wilson's interval with the variance of the weighted share; the plain error outside 0 to 1."""
    inside = np.clip(share, 0, 1)
    spread = inside * (1 - inside)
    n = np.where((spread > 0) & (error > 0), spread / np.where(error > 0, error, 1) ** 2, effective)
    low, high = binomial_interval(n * inside, n)
    outside = inside != share
    return np.where(outside, share - error, low), np.where(outside, share + error, high)
