"""Time walk: a pulse that is barely higher than the threshold crosses it late.

A detector gives a pulse A (t/τ) exp(1 − t/τ), which starts at t = 0 and reaches its height A after the
peaking time τ. A discriminator fires when the pulse crosses a threshold. The higher the pulse, the earlier
that is; the curve of the crossing time against the height is what a calibration has to find. It is known
here in closed form, by Lambert's W function. Noise is Gaussian and the same for all heights, which is a
simplification: in a real detector low pulses jitter more.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

PEAKING_TIME = 2.0  # ns
NOISE = 0.10  # ns
HEIGHTS = (1.05, 6.0)  # in thresholds; below 1 nothing fires


class Walk(NamedTuple):
    """Pulses of a calibration run.

    Attributes
    ----------
    height : ndarray, shape (n,)
        Pulse height in units of the threshold, rising.
    time : ndarray, shape (n,) or (sets, n)
        Measured crossing time in ns.
    """

    height: Floats
    time: Floats


def crossing_time(height: ArrayLike) -> Floats:
    """True time in ns at which a pulse of this height, in thresholds, crosses the threshold."""
    from scipy.special import lambertw

    height = np.asarray(height, dtype=float)
    if (height < 1).any():
        raise CourseError("A pulse lower than the threshold never crosses it: give heights of 1 or more.")
    late = -PEAKING_TIME * np.real(lambertw(-np.exp(-1) / height))
    return np.where(height == 1, PEAKING_TIME, late)  # scipy gives NaN at the branch point itself


def time_walk(n: int, rng: Rng, *, sets: int | None = None) -> Walk:
    """Draw `n` pulses of a calibration run, or `sets` runs at the same heights.

    Parameters
    ----------
    n : int
        Pulses; each stands in the middle of one of `n` equal parts of `HEIGHTS`.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    sets : int, optional
        How many times the times are measured; None gives one run, without the axis for it.
    """
    if n < 2:
        raise CourseError(f"A calibration run needs 2 pulses or more, not {n}.")
    rng = np.random.default_rng(rng)
    low, high = HEIGHTS
    height = low + (np.arange(n) + 0.5) / n * (high - low)
    shape = (n,) if sets is None else (sets, n)
    return Walk(height, crossing_time(height) + rng.normal(0, NOISE, shape))
