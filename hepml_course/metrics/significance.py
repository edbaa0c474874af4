"""The significance to expect from a counting experiment."""

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError


def asimov_significance(s: ArrayLike, b: ArrayLike, sigma_b: ArrayLike = 0.0):
    """Median expected discovery significance for ``s`` signal on ``b ± sigma_b`` background events.

    Goes to s/√b for s ≪ b, and to s/√(b + σ_b²) with an uncertain background.

    Parameters
    ----------
    s, b : array_like
        Expected numbers of signal and background events, not negative; shapes broadcast.
    sigma_b : array_like
        Absolute uncertainty of the expected background, in events.

    Returns
    -------
    float or ndarray
        In standard deviations. NaN where b = 0: the formula diverges there, and what is missing is not
        background but simulated events.

    References
    ----------
    Cowan, Cranmer, Gross, Vitells, Eur. Phys. J. C 71 (2011) 1554; with σ_b: G. Cowan, 2012.
    """
    s, b, sigma = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (s, b, sigma_b)))
    if (s < 0).any() or (b < 0).any() or (sigma < 0).any():
        raise CourseError("Expected events and their uncertainty cannot be negative.")
    variance = sigma**2
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = (s + b) * np.log1p(s * b / (b**2 + (s + b) * variance))
        penalty = b**2 / variance * np.log1p(variance * s / (b * (b + variance)))
    penalty = np.where(variance > 0, penalty, s)  # the limit of a known background
    significance = np.sqrt(2 * np.maximum(pull - penalty, 0.0))
    return float(significance) if significance.ndim == 0 else significance
