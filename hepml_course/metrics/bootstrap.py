"""The uncertainty of any metric from the test sample itself: draw the events again, with replacement."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, checked_weights
from hepml_course.metrics.roc import _checked


def bootstrap(
    metric: Callable,
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    rng: np.random.Generator | int,
    replicas: int = 200,
) -> Estimate:
    """A metric and the spread it has when the test sample is drawn again from itself.

    Drawing an event twice is giving it twice its weight, so no event is copied. Each class keeps its
    number of events.

    Parameters
    ----------
    metric : callable
        Takes ``(score, y, weights)`` and returns a number, or an `Estimate` of which the value counts.
    score, y, weights
        As in `hepml_course.metrics.auc`.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    replicas : int
        The relative uncertainty of the error is about 1/sqrt(2 replicas).

    Returns
    -------
    Estimate
        The metric on the sample itself, and the standard deviation over the replicas.

    References
    ----------
    Efron, Annals of Statistics 7 (1979) 1.
    """
    if replicas < 2:
        raise CourseError(f"{replicas} replicas have no spread. Take 100 or more.")
    values, is_signal = _checked(score, y)
    w, rng = checked_weights(weights, len(values)), np.random.default_rng(rng)
    found, times = [], np.empty(len(values))
    for _ in range(replicas):
        for members in (is_signal, ~is_signal):
            n = np.count_nonzero(members)
            times[members] = np.bincount(rng.integers(n, size=n), minlength=n)
        found.append(_number(metric(values, is_signal, w * times)))
    return Estimate(_number(metric(values, is_signal, w)), float(np.std(found, ddof=1)))


def _number(result: float | Estimate) -> float:
    return result.value if isinstance(result, Estimate) else float(result)
