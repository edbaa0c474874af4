"""The confusion matrix of one cut, with event weights, in the words of physics."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, checked_weights
from hepml_course.metrics.roc import _checked


class Confusion(NamedTuple):
    """Sums of event weights in the four cells, each with its uncertainty sqrt(Σw²).

    In the words of statistics these are true positives, false negatives, false positives and true
    negatives; sensitivity is the signal efficiency, specificity one minus the background efficiency.
    """

    signal_kept: Estimate
    signal_lost: Estimate
    background_kept: Estimate
    background_rejected: Estimate

    @property
    def signal_efficiency(self) -> Estimate:
        """Share of the signal that is kept: sensitivity, recall."""
        return _share(self.signal_kept, self.signal_lost)

    @property
    def background_efficiency(self) -> Estimate:
        """Share of the background that is kept: one minus the specificity."""
        return _share(self.background_kept, self.background_rejected)

    @property
    def rejection(self) -> Estimate:
        """One over the background efficiency; infinite, and its error unknown, where nothing is kept."""
        share, error = self.background_efficiency
        return Estimate(1 / share, error / share**2) if share > 0 else Estimate(np.inf, np.nan)

    @property
    def purity(self) -> Estimate:
        """Share of signal in what is kept, at the balance of classes of these weights: precision."""
        return _share(self.signal_kept, self.background_kept)

    def scaled(self, *, signal: float = 1.0, background: float = 1.0) -> Self:
        """The same cut with another balance of classes: each class multiplied by a factor."""
        factors = (signal, signal, background, background)
        return Confusion(*(Estimate(f * v, f * e) for f, (v, e) in zip(factors, self, strict=True)))


def confusion(
    score: ArrayLike, y: ArrayLike, threshold: float, weights: ArrayLike | None = None
) -> Confusion:
    """Count what the cut ``score >= threshold`` keeps and loses of each class.

    Parameters
    ----------
    score : array_like, shape (n,)
        The classifier's output, larger for signal.
    y : array_like, shape (n,)
        The truth: 1 or True for signal, 0 or False for background.
    threshold : float
    weights : array_like, shape (n,), optional
        Event weights, not negative.
    """
    values, is_signal = _checked(score, y)
    w = checked_weights(weights, len(values))
    if np.isnan(threshold):
        raise CourseError("The threshold is NaN. Give a number.")
    kept = values >= threshold
    cells = (is_signal & kept, is_signal & ~kept, ~is_signal & kept, ~is_signal & ~kept)
    return Confusion(*(Estimate(float(w[c].sum()), float(np.linalg.norm(w[c]))) for c in cells))


def _share(first: Estimate, second: Estimate) -> Estimate:
    """first / (first + second), for two independent sums of weights."""
    total = first.value + second.value
    if total <= 0:
        return Estimate(np.nan, np.nan)
    share = first.value / total
    return Estimate(share, float(np.hypot((1 - share) * first.error, share * second.error)) / total)
