"""ROC curve and AUC of weighted events, with their statistical uncertainty, in O(n log n).

Everywhere ``score`` comes first, then ``y`` (true for signal, false for background), then the weights.
The uncertainties are those of the test sample: events independent, weights belonging to the events,
sums of weights not fixed. For unit weights the AUC's is DeLong's.

Negative weights are refused unless ``signed=True``. Sums of weights then still estimate what they estimated,
but a curve need not rise everywhere, and an efficiency or an AUC can leave the range from 0 to 1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, checked_weights, effective_size

Floats = NDArray[np.float64]


class Roc(NamedTuple):
    """A ROC curve: one point per different score, from (0, 0) to (1, 1).

    Attributes
    ----------
    background, signal : ndarray, shape (m,)
        Weighted fraction of each class with ``score >= threshold``; both rise along the curve.
    threshold : ndarray, shape (m,)
        Falling; the first is +inf.
    """

    background: Floats
    signal: Floats
    threshold: Floats


class Classes(NamedTuple):
    """The two classes on the common grid of different scores, rising; arrays are indexed by grid point.

    It is what all of this module is computed from, and what takes the time; see `classes`.
    """

    grid: Floats
    signal: Floats  # sum of weights at each score, divided by the class total
    background: Floats
    position: NDArray[np.intp]  # grid point of each event
    is_signal: NDArray[np.bool_]
    weights: Floats


def roc_curve(
    score: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, signed: bool = False
) -> Roc:
    """Signal against background efficiency of the cut ``score >= threshold``.

    Parameters
    ----------
    score : array_like, shape (n,)
        The classifier's output, larger for signal.
    y : array_like, shape (n,)
        The truth: 1 or True for signal, 0 or False for background.
    weights : array_like, shape (n,), optional
        Event weights; their scale in each class does not matter.
    signed : bool
        Take negative weights, too.
    """
    return curve_of(classes(score, y, weights, signed))


def auc(
    score: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, *, signed: bool = False
) -> Estimate:
    """Area under the ROC curve: the probability that signal scores above background, ties counted half.

    Parameters as in `roc_curve`.

    Returns
    -------
    Estimate
        Value and standard uncertainty from the size of the test sample (the variance of the two-sample
        U-statistic, here with weights). It does not know about the spread from training again. With
        perfect separation it is 0: no pair is wrong, so nothing is learned about how often pairs are.

    References
    ----------
    DeLong, DeLong, Clarke-Pearson, Biometrics 44 (1988) 837.
    """
    return area_of(classes(score, y, weights, signed))


def auc_difference(
    score: ArrayLike,
    reference: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    signed: bool = False,
) -> Estimate:
    """AUC of ``score`` minus AUC of ``reference`` on the same events, with the uncertainty of the difference.

    Two good classifiers are right and wrong about the same events, so the difference is known much better
    than either AUC. Parameters as in `roc_curve`.
    """
    first, influence = _auc_and_influence(classes(score, y, weights, signed))
    second, other = _auc_and_influence(classes(reference, y, weights, signed))
    return Estimate(first - second, float(np.linalg.norm(influence - other)))


def efficiency_at(
    background: ArrayLike,
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    signed: bool = False,
) -> Estimate | tuple[Floats, Floats]:
    """Signal efficiency where the background efficiency is ``background``, with its uncertainty.

    Two things fluctuate: how many signal events pass the cut, and where the cut comes to lie because the
    background that defines it is a sample too. The second enters through the slope of the ROC curve.

    Parameters
    ----------
    background : float or array_like in [0, 1]
        The working point, or many of them.
    score, y, weights, signed
        As in `roc_curve`. With negative weights several cuts can have the same background; taken is the
        loosest before which it was never larger.

    Returns
    -------
    Estimate
        For one working point; for many, a pair of arrays (value, error) with the shape of ``background``.
    """
    return efficiency_of(background, classes(score, y, weights, signed))


def rejection_at(
    signal: float,
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    signed: bool = False,
) -> Estimate:
    """Background rejection, one over the background efficiency, where the signal efficiency is ``signal``.

    Parameters
    ----------
    signal : float in (0, 1]
        The working point.
    score, y, weights, signed
        As in `efficiency_at`.

    Returns
    -------
    Estimate
        The uncertainty holds the fluctuation of the background that passes, and that of the cut, which a
        sample of signal has fixed.

    Raises
    ------
    CourseError
        If no background passes there: then the rejection is larger than this sample can tell.
    """
    if not 0 < signal <= 1:
        raise CourseError("A signal efficiency lies above 0 and is at most 1.")
    values, is_signal = _checked(score, y)
    # Seen from below, the two classes change places.
    rejected = efficiency_at(1 - signal, -values, ~is_signal, weights, signed=signed)
    passing, error = 1 - rejected.value, rejected.error
    if passing < 1e-12:
        raise CourseError(
            f"No background event passes at a signal efficiency of {signal}: the rejection there is larger "
            "than this sample can tell. Take more background events or a looser working point."
        )
    return Estimate(1 / passing, error / passing**2)


def curve_of(both: Classes) -> Roc:
    """`roc_curve` of what `classes` made."""
    return Roc(
        background=_from_above(both.background),
        signal=_from_above(both.signal),
        threshold=np.concatenate([[np.inf], both.grid[::-1]]),
    )


def area_of(both: Classes) -> Estimate:
    """`auc` of what `classes` made."""
    value, influence = _auc_and_influence(both)
    return Estimate(value, float(np.sqrt(influence @ influence)))


def efficiency_of(background: ArrayLike, both: Classes) -> Estimate | tuple[Floats, Floats]:
    """`efficiency_at` of what `classes` made."""
    point = np.asarray(background, dtype=float)
    if not ((point >= 0) & (point <= 1)).all():
        raise CourseError("A background efficiency lies between 0 and 1.")
    x, curve = np.maximum.accumulate(_from_above(both.background)), _from_above(both.signal)
    value = np.interp(point, x, curve)
    signal_variance = _fraction_variance(both, both.is_signal, point, value)
    background_variance = _fraction_variance(both, ~both.is_signal, point, point)
    # The slope is taken over the width of the background's own fluctuation: between two neighbouring
    # events it would be mostly noise.
    width = np.sqrt(np.maximum(background_variance, 1 / effective_size(both.weights[~both.is_signal]) ** 2))
    low, high = np.clip(point - width, 0, 1), np.clip(point + width, 0, 1)
    slope = (np.interp(high, x, curve) - np.interp(low, x, curve)) / (high - low)
    error = np.sqrt(signal_variance + slope**2 * background_variance)
    return Estimate(float(value), float(error)) if point.ndim == 0 else (value, error)


def _fraction_variance(both: Classes, members: NDArray[np.bool_], point: Floats, fraction: Floats) -> Floats:
    """Variance of a class's weighted passing fraction, Σ w² (passes − fraction)² / (Σ w)², at each point."""
    w = both.weights[members]
    squares = np.bincount(both.position[members], (w / w.sum()) ** 2, minlength=len(both.grid))
    x = np.maximum.accumulate(_from_above(both.background))
    passing = np.interp(point, x, _from_above(squares))
    return (1 - fraction) ** 2 * passing + fraction**2 * np.maximum(squares.sum() - passing, 0)


def _auc_and_influence(both: Classes) -> tuple[float, Floats]:
    """AUC, and for each event the amount by which it pulls the AUC away from its mean.

    The sum of squares of these amounts is the variance, and their differences give the variance of a
    difference. The factor per class is the n/(n−1) of a sample variance.
    """
    beaten = np.cumsum(both.background) - both.background / 2  # background below each score
    beating = 1 - (np.cumsum(both.signal) - both.signal / 2)  # signal above each score
    value = float(both.signal @ beaten)
    influence = np.where(both.is_signal, beaten[both.position], beating[both.position]) - value
    for members in (both.is_signal, ~both.is_signal):
        w = both.weights[members]
        influence[members] *= w / w.sum() / np.sqrt(1 - 1 / max(effective_size(w), 1 + 1e-9))
    return value, influence


def _from_above(density: Floats) -> Floats:
    """Running sum from the highest score down, starting with nothing accepted."""
    return np.concatenate([[0.0], np.cumsum(density[::-1])])


def classes(score: ArrayLike, y: ArrayLike, weights: ArrayLike | None, signed: bool = False) -> Classes:
    """Check the input and collect the weight of each class at each different score, by one sort."""
    values, is_signal = _checked(score, y)
    w = checked_weights(weights, len(values), signed=signed)
    grid, position = np.unique(values, return_inverse=True)
    totals = [w[members].sum() for members in (is_signal, ~is_signal)]
    for name, total in zip(("signal", "background"), totals, strict=True):
        if total <= 0:
            raise CourseError(
                f"The weights of the {name} events sum to {total:.3g}, so there is no {name} to measure."
            )
    signal, background = (
        np.bincount(position[members], w[members], minlength=len(grid)) / total
        for members, total in zip((is_signal, ~is_signal), totals, strict=True)
    )
    return Classes(grid, signal, background, position, is_signal, w)


def _checked(score: ArrayLike, y: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Scores as floats and truth as booleans, both of shape (n,)."""
    values, truth = np.asarray(score, dtype=float), np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]  # what a Keras model with one output returns
    if values.ndim != 1:
        raise CourseError(
            f"The scores have shape {values.shape}. Give one number per event: the signal's column."
        )
    if truth.shape != values.shape:
        raise CourseError(
            f"There are {len(values)} scores but y has shape {truth.shape}. Give one label per event."
        )
    if np.isnan(values).any():
        raise CourseError(
            f"{np.count_nonzero(np.isnan(values))} of the scores are NaN. Did the training diverge?"
        )
    if truth.dtype != bool and not np.isin(truth, (0, 1)).all():
        raise CourseError(
            "The labels y must be 1 for signal and 0 for background. The score comes first, then y."
        )
    is_signal = truth.astype(bool)
    if is_signal.all() or not is_signal.any():
        present = "signal" if is_signal.any() else "background"
        raise CourseError(f"All events are {present}. A ROC curve needs both classes.")
    return values, is_signal
