"""A number with its uncertainty, and how much a weighted sample is worth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError


class Estimate(NamedTuple):
    """A value and its standard uncertainty; unpacks as ``value, error`` and prints as ``0.891 ± 0.004``."""

    value: float
    error: float

    def __str__(self) -> str:
        return format(self)

    def __format__(self, spec: str) -> str:
        spec = spec or ".3f"
        return f"{self.value:{spec}} ± {self.error:{spec}}"


def effective_size(weights: ArrayLike) -> float:
    """Number of unweighted events with the same relative uncertainty, (Σw)²/Σw².

    Parameters
    ----------
    weights : array_like, shape (n,)
        Event weights, any scale. An empty or all-zero sample is worth 0 events.
    """
    w = np.asarray(weights, dtype=float)
    squares = float(w @ w)
    return float(w.sum()) ** 2 / squares if squares > 0 else 0.0


def checked_weights(weights: ArrayLike | None, n: int, *, signed: bool = False) -> NDArray[np.float64]:
    """Weights as floats of shape (n,), ones if None; CourseError where they cannot be used.

    Negative weights are refused unless `signed`.
    """
    if weights is None:
        return np.ones(n)
    w = np.asarray(weights, dtype=float)
    if w.shape != (n,):
        raise CourseError(
            f"There are {n} events but the weights have shape {w.shape}. Give one weight per event."
        )
    if not np.isfinite(w).all():
        raise CourseError(
            f"{np.count_nonzero(~np.isfinite(w))} of the weights are NaN or infinite. Remove them."
        )
    if not signed and (w < 0).any():
        raise CourseError(
            f"{np.count_nonzero(w < 0)} of the weights are negative. An efficiency is then no probability; "
            "reweight the sample to positive weights first, or say signed=True and accept that."
        )
    return w


def efficiency(passed: ArrayLike, weights: ArrayLike | None = None, *, signed: bool = False) -> Estimate:
    """Weighted share of events that pass a selection.

    Parameters
    ----------
    passed : array_like of bool, shape (n,)
        Whether each event passes.
    weights : array_like, shape (n,), optional
        Event weights, not negative unless `signed`.
    signed : bool
        Take negative weights, too: the share may then lie outside 0 to 1.

    Returns
    -------
    Estimate
        The share ε and sqrt(Σ w² (passes − ε)²) / Σ w, the binomial error for unit weights. It is 0
        where none or all pass: then the sample is too small to tell.
    """
    kept = np.asarray(passed)
    if kept.ndim != 1 or kept.dtype != bool:
        raise CourseError("Whether an event passes is True or False: give one of them per event.")
    w = checked_weights(weights, len(kept), signed=signed)
    if w.sum() <= 0:
        raise CourseError("There are no events, or their weights sum to nothing: an efficiency needs some.")
    share = float(w[kept].sum() / w.sum())
    return Estimate(share, float(np.sqrt((w**2) @ (kept - share) ** 2) / w.sum()))
