"""The simplest classifier, one cut on one variable, and the plainest metric, the accuracy."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate


def accuracy(predicted: ArrayLike, y: ArrayLike) -> Estimate:
    """Fraction of events put into their true class, with its binomial uncertainty.

    Both arrays may name the two classes in any of the usual ways: True and False, 1 and 0, +1 and -1.
    What is above zero is signal.

    Parameters
    ----------
    predicted : array_like, shape (n,)
        The class each event was put into.
    y : array_like, shape (n,)
        The class each event belongs to.

    Returns
    -------
    Estimate
        The fraction, and the standard deviation of its posterior under a flat prior, which stays
        positive where every event is right (Ullrich and Xu, physics/0701199).
    """
    predicted, y = np.asarray(predicted), np.asarray(y)
    if predicted.shape != y.shape or y.ndim != 1:
        raise CourseError(
            f"Predictions of shape {predicted.shape} and classes of shape {y.shape} do not belong together. "
            "Give one of each per event."
        )
    if len(y) == 0:
        raise CourseError("There are no events to be right or wrong about.")
    for name, values in (("predictions", predicted), ("classes", y)):
        if not np.isfinite(values).all():
            raise CourseError(f"Some of the {name} are NaN or infinite. Remove those events.")
    n, right = len(y), int(np.count_nonzero((predicted > 0) == (y > 0)))
    variance = (right + 1) * (n - right + 1) / ((n + 2) ** 2 * (n + 3))
    return Estimate(right / n, float(np.sqrt(variance)))


def best_cut(x: ArrayLike, y: ArrayLike, keep: Literal["below", "above"] = "below") -> float:
    """The cut on one variable with the highest accuracy on these events.

    Parameters
    ----------
    x : array_like, shape (n,)
        The variable.
    y : array_like, shape (n,)
        The truth: above zero for signal.
    keep : {"below", "above"}
        The side that is called signal: ``x < cut`` or ``x >= cut``.

    Returns
    -------
    float
        Halfway between two neighbouring values of `x`; the lowest of equally good cuts. Minus or plus
        infinity where putting all events into one class is best.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.shape != y.shape or x.ndim != 1:
        raise CourseError(
            f"A variable of shape {x.shape} and classes of shape {y.shape} do not belong together. "
            "Give one value and one class per event."
        )
    if not np.isfinite(x).all():
        raise CourseError("Some values of the variable are NaN or infinite. Remove those events.")
    if keep not in ("below", "above"):
        raise CourseError(f"keep is 'below' or 'above', not {keep!r}.")
    order = np.argsort(x, kind="stable")
    below = np.where(y[order] > 0, 1, -1) * (1 if keep == "below" else -1)
    gain = np.concatenate([[0], np.cumsum(below)])  # right minus wrong with a cut after the first k events
    values = np.concatenate([[-np.inf], x[order], [np.inf]])
    possible = values[1:] > values[:-1]  # no cut runs between equal values
    k = int(np.argmax(np.where(possible, gain, -len(x) - 1)))
    low, high = values[k], values[k + 1]
    return float((low + high) / 2) if np.isfinite([low, high]).all() else float(low if k == 0 else high)
