"""Intervals for an efficiency, from k of n unweighted events, that hold at 0 and at n as well."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
ONE_SIGMA = 0.682689492137


def binomial_interval(
    passed: ArrayLike,
    total: ArrayLike,
    *,
    level: float = ONE_SIGMA,
    method: Literal["wilson", "clopper-pearson", "normal"] = "wilson",
) -> tuple[Floats, Floats]:
    """Lower and upper end of an interval for the true efficiency.

    Parameters
    ----------
    passed, total : array_like of int
        Events that pass, and all events; shapes broadcast.
    level : float
        Probability that the interval is to cover the truth with; one standard deviation by default.
    method : {"wilson", "clopper-pearson", "normal"}
        Wilson's score interval covers with `level` on average, sometimes with less. Clopper and Pearson's
        never covers with less, and is wider for it. The normal one, ε ± z sqrt(ε(1−ε)/n), has no width at
        0 and at n: it is here to be compared with.

    References
    ----------
    Wilson, J. Am. Stat. Assoc. 22 (1927) 209; Clopper, Pearson, Biometrika 26 (1934) 404; Brown, Cai,
    DasGupta, Statistical Science 16 (2001) 101.
    """
    from scipy.special import betaincinv, ndtri

    k, n = np.broadcast_arrays(np.asarray(passed, dtype=float), np.asarray(total, dtype=float))
    if not ((n > 0) & (k >= 0) & (k <= n)).all():
        raise CourseError("Of n events, at least one, between 0 and n can pass.")
    if not 0 < level < 1:
        raise CourseError(f"A level is a probability between 0 and 1, not {level}.")
    z, share = float(ndtri((1 + level) / 2)), k / n
    if method == "normal":
        half = z * np.sqrt(share * (1 - share) / n)
        return share - half, share + half
    if method == "wilson":
        centre = (k + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(n * share * (1 - share) + z**2 / 4)
        return centre - half, centre + half
    if method == "clopper-pearson":
        tail = (1 - level) / 2
        low = np.where(k > 0, betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
        high = np.where(k < n, betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
        return low, high
    raise CourseError(f"The method is 'wilson', 'clopper-pearson' or 'normal', not {method!r}.")
