"""Weighted histograms with their errors, in one pass over the events.

Weights may be negative everywhere: contents are sums of weights, errors the root of the sum of their squares.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.metrics.estimate import checked_weights

Floats = NDArray[np.float64]


class Histogram(NamedTuple):
    """Content of each bin and its standard error, shape (bins,)."""

    content: Floats
    error: Floats


def bin_numbers(values: ArrayLike, edges: ArrayLike) -> NDArray[np.intp]:
    """Number of the bin in which each value lies: −1 below the first, ``len(edges) − 1`` above the last.

    A value on an edge belongs to the bin above it, on the last edge to the last bin. NaN counts as above.
    """
    x, edges = np.asarray(values, dtype=float), np.asarray(edges, dtype=float)
    place = np.searchsorted(edges, x, side="right") - 1
    place[x == edges[-1]] = len(edges) - 2
    return place


def weighted_histogram(values: ArrayLike, edges: ArrayLike, weights: ArrayLike | None = None) -> Histogram:
    """Sum of weights in each bin, with its error.

    Parameters
    ----------
    values : array_like, shape (n,)
    edges : array_like, shape (bins + 1,)
        Rising.
    weights : array_like, shape (n,), optional
        Of any sign.
    """
    values = np.asarray(values, dtype=float)
    w = checked_weights(weights, len(values), signed=True)
    place = bin_numbers(values, edges) + 1
    content, squares = (np.bincount(place, part, np.size(edges) + 1)[1:-1] for part in (w, w**2))
    return Histogram(content, np.sqrt(squares))
