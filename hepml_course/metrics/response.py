"""How well an energy is measured: mean response in bins, and the relative width."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binned_statistic

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate

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


def profile(x: ArrayLike, y: ArrayLike, edges: ArrayLike) -> Profile:
    """Mean of `y` in bins of `x`.

    Parameters
    ----------
    x, y : array_like, shape (n,)
    edges : array_like, shape (m + 1,)
        Rising edges of the bins; a value on an edge belongs to the bin above it.
    """
    x, y, edges = (np.asarray(a, dtype=float) for a in (x, y, edges))
    if x.shape != y.shape or x.ndim != 1:
        raise CourseError(f"{x.shape} and {y.shape} do not belong together: give one x and one y per entry.")
    inside = (x >= edges[0]) & (x < edges[-1])
    x, y = x[inside], y[inside]
    n = np.histogram(x, edges)[0]
    kept = n >= 2
    mean_x, mean_y = binned_statistic(x, [x, y], "mean", bins=edges)[0][:, kept]
    scatter = binned_statistic(x, y, "std", bins=edges)[0][kept]
    return Profile(mean_x, mean_y, scatter / np.sqrt(n[kept] - 1))


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
