"""How different signal and background are in one variable, before anything is trained."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, checked_weights, effective_size

Floats = NDArray[np.float64]
BINS = 100  # of equal content: the loss against the integral is of the order of 1/BINS²
LOOK = 50_000  # events that the edges are found with


def separation(
    values: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int = BINS,
    signed: bool = False,
) -> Estimate:
    r"""The separation ⟨S²⟩ = ½ ∫ (s − b)² / (s + b) dx of two densities, 0 where equal and 1 where apart.

    The bins hold equal content of both classes together; a variable with few values has a bin for each.
    A difference of two histograms is never zero, since both fluctuate: what the fluctuation adds on average
    is subtracted, so that a useless variable gives zero within its uncertainty, sometimes less.

    Parameters
    ----------
    values : array_like, shape (n,)
        The variable, or a score.
    y : array_like, shape (n,)
        The truth: 1 or True for signal, 0 or False for background.
    weights : array_like, shape (n,), optional
        Event weights.
    bins : int
        At most so many; fewer where a class has less than twenty effective events a bin.
    signed : bool
        Take negative weights, too.

    Returns
    -------
    Estimate
        Value and standard uncertainty from the number of events.

    References
    ----------
    A. Hoecker et al., TMVA Users Guide, physics/0703039, section 3.1.
    """
    x, is_signal = np.asarray(values, dtype=float), np.asarray(y).astype(bool)
    if x.shape != is_signal.shape or x.ndim != 1:
        raise CourseError(
            f"Values of shape {x.shape} and labels of shape {is_signal.shape} do not belong together: give "
            "one of each per event."
        )
    w = checked_weights(weights, len(x), signed=signed)
    shares = _shares(w, is_signal)
    fewest = min(effective_size(w[members]) for members in (is_signal, ~is_signal))
    place, count = _bins(x, shares, int(np.clip(fewest / 20, 2, bins)))
    label = 2 * place + is_signal  # both classes in one pass
    background, signal = np.bincount(label, shares, 2 * count).reshape(-1, 2).T
    squares = np.bincount(label, shares**2, 2 * count).reshape(-1, 2).T
    difference, total = signal - background, signal + background
    filled = total > 0
    safe = np.where(filled, total, 1)
    noise = np.where(filled, squares.sum(axis=0) / safe, 0)
    value = float(np.sum(np.where(filled, difference**2 / safe, 0) - noise) / 2)
    steep, even = filled * difference / safe, filled * difference**2 / (2 * safe**2)
    variance = 0.0  # of the value, from how each event pulls it
    for content, square, pull in (
        (background, squares[0], -steep - even),
        (signal, squares[1], steep - even),
    ):
        variance += float(square @ (pull - content @ pull) ** 2)
    # Where the classes are alike the slope itself is only noise, and would count the noise once more.
    return Estimate(value, float(np.sqrt(max(variance - noise @ noise, 0) + noise @ noise / 2)))


def _shares(w: Floats, is_signal: NDArray[np.bool_]) -> Floats:
    """Weights divided by the sum of their class."""
    sums = {name: w[members].sum() for name, members in (("signal", is_signal), ("background", ~is_signal))}
    for name, total in sums.items():
        if not total > 0:
            raise CourseError(
                f"The weights of the {name} events sum to {total:.3g}, so there is no {name} to compare."
            )
    return w / np.where(is_signal, sums["signal"], sums["background"])


def _bins(x: Floats, shares: Floats, most: int) -> tuple[NDArray[np.intp], int]:
    """Bin of each event, and the number of bins.

    Of many events every k-th fixes the edges: where exactly they lie hardly matters.
    """
    step = -(-len(x) // LOOK)
    grid, place = np.unique(x[::step], return_inverse=True)
    if len(grid) <= most:
        edges = (grid[1:] + grid[:-1]) / 2
    else:
        below = np.cumsum(np.bincount(place, np.abs(shares[::step]), len(grid)))
        edges = np.unique(grid[np.searchsorted(below, np.arange(1, most) / most * below[-1])])
    return np.searchsorted(edges, x, side="right"), len(edges) + 1
