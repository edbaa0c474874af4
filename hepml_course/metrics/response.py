"""How well an energy is measured: mean response in bins, and the relative width."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, checked_weights
from hepml_course.metrics.histogram import bin_numbers

Floats = NDArray[np.float64]


class Profile(NamedTuple):
    """Mean of one quantity in bins of another; bins with fewer than two entries are left out.

    Attributes
    ----------
    x, mean, error : ndarray, shape (m,)
        Mean of both quantities in each bin, and the standard error of the second.
    """

    x: Floats
    mean: Floats
    error: Floats


def profile(
    x: ArrayLike, y: ArrayLike, edges: ArrayLike, weights: ArrayLike | None = None, *, signed: bool = False
) -> Profile:
    """Mean of `y` in bins of `x`.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    edges : array_like, shape (m + 1,)
        Rising edges of the bins; a value on an edge belongs to the bin above it, on the last one to the last.
    weights : array_like, shape (n,), optional
        Of each entry. A bin with weights of the effective size of fewer than two entries is left out.
    signed : bool
        Take negative weights, too; bins whose weights do not sum to a positive number are left out.
    """
    x, y, edges = (np.asarray(a, dtype=float) for a in (x, y, edges))
    if x.shape != y.shape or x.ndim != 1:
        raise CourseError(f"{x.shape} and {y.shape} do not belong together: give one x and one y per entry.")
    w = checked_weights(weights, len(x), signed=signed)
    place = bin_numbers(x, edges)
    inside = (place >= 0) & (place < len(edges) - 1)
    x, y, w, place = x[inside], y[inside], w[inside], place[inside]
    total, squares = (np.bincount(place, part, len(edges) - 1) for part in (w, w**2))
    effective = np.divide(total**2, squares, out=np.zeros(len(total)), where=squares > 0)
    kept = (total > 0) & (effective > 2 - 1e-9)
    safe = np.where(kept, total, np.inf)
    mean_x, mean_y = (np.bincount(place, w * part, len(total)) / safe for part in (x, y))
    # The pull of each entry on its bin's mean: their squares sum to the variance for weights of any sign.
    variance = np.bincount(place, (w * (y - mean_y[place]) / safe[place]) ** 2, len(total))
    error = np.sqrt(variance[kept] * effective[kept] / (effective[kept] - 1))
    mean_x = np.clip(mean_x, edges[:-1], edges[1:])  # cancelling weights can carry it out of its bin
    return Profile(mean_x[kept], mean_y[kept], error)


def relative_width(ratio: ArrayLike) -> Estimate:
    """Standard deviation over mean, with its uncertainty for any distribution that has a fourth moment.

    Parameters
    ----------
    ratio : array_like, shape (n,)
        Measured over true, for instance.
    """
    ratio = np.asarray(ratio, dtype=float)
    if ratio.ndim != 1 or len(ratio) < 2:
        raise CourseError(f"A width needs at least two values in a row; these have shape {ratio.shape}.")
    if not np.isfinite(ratio).all():
        raise CourseError("Some of the values are NaN or infinite. Remove them.")
    n, mean, scatter = len(ratio), ratio.mean(), ratio.std(ddof=1)
    if mean <= 0 or scatter == 0:
        raise CourseError("A relative width needs values that differ and have a positive mean.")
    z = (ratio - mean) / scatter
    # The gradient of std/mean, applied to each value: works for skewed distributions, too.
    influence = (z**2 - 1) / 2 - scatter / mean * z
    return Estimate(float(scatter / mean), float(scatter / mean * influence.std() / np.sqrt(n)))
