"""How many tracks were found, how many that are none, and how precisely. One rule for every method.

A found track belongs to a true one if it stays within a tolerance of it in *every* column. For straight lines
it is enough to look at the first and the last. Each found track can stand for one true track only: of all
ways to pair them, the one with the most pairs counts, and among those the one with the smallest distances.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, efficiency

Floats = NDArray[np.float64]

TOLERANCE = 5.0  # pixels: the rule of lecture 001
LAST_COLUMN = 27.0


@dataclass(frozen=True)
class Matching:
    """Which found track stands for which true one.

    Attributes
    ----------
    truth, found : ndarray, shape (n, m, 2) and (n, k, 2)
        y₀ and y₁ of the tracks in pixels, NaN where there is none.
    distance : ndarray, shape (n, m, k)
        Largest distance in any column in pixels; infinite where one of the two is missing.
    partner : ndarray of int, shape (n, m)
        Index of the found track that stands for each true one; −1 where none does.
    tolerance : float
        In pixels.
    """

    truth: Floats
    found: Floats
    distance: Floats
    partner: NDArray[np.int64]
    tolerance: float

    @property
    def efficiency(self) -> Estimate:
        """Share of the true tracks that were found, with its binomial error."""
        return efficiency(self.partner[_present(self.truth)] >= 0)

    @property
    def fake_rate(self) -> Estimate:
        """Share of the found tracks that are within the tolerance of no true track."""
        return self._share(~(self.distance <= self.tolerance).any(axis=1))

    @property
    def duplicate_rate(self) -> Estimate:
        """Share of the found tracks that are near a true track which another one stands for already."""
        return self._share((self.distance <= self.tolerance).any(axis=1) & ~self.used)

    @cached_property
    def used(self) -> NDArray[np.bool_]:
        """Whether each found track stands for a true one, shape (n, k)."""
        used = np.zeros(self.found.shape[:2], dtype=bool)
        image, true = np.nonzero(self.partner >= 0)
        used[image, self.partner[image, true]] = True
        return used

    def pairs(self) -> tuple[Floats, Floats]:
        """True and found tracks that belong together, each of shape (pairs, 2)."""
        image, true = np.nonzero(self.partner >= 0)
        return self.truth[image, true], self.found[image, self.partner[image, true]]

    def _share(self, which: NDArray[np.bool_]) -> Estimate:
        return efficiency(which[_present(self.found)])


def match(truth: ArrayLike, found: ArrayLike, tolerance: float = TOLERANCE) -> Matching:
    """Pair found with true tracks, one to one, image by image.

    Parameters
    ----------
    truth, found : array_like, shape (n, m, 2) and (n, k, 2)
        y₀ and y₁ of each track in pixels; rows of NaN fill up where an image has fewer. With one track per
        image the middle axis may be missing.
    tolerance : float
        Largest distance allowed in any column, in pixels.

    Raises
    ------
    CourseError
        If the shapes do not fit, or the tolerance is not positive.

    Examples
    --------
    >>> match([[10.0, 20.0]], [[12.0, 16.0]]).efficiency.value
    1.0
    """
    truth, found = _tracks(truth), _tracks(found)
    if len(truth) != len(found):
        raise CourseError(f"There are true tracks of {len(truth)} images and found ones of {len(found)}.")
    if not 0 < tolerance < np.inf:
        raise CourseError(f"A tolerance is a positive number of pixels, not {tolerance}.")
    distance = np.abs(truth[:, :, None] - found[:, None]).max(axis=-1)
    distance[np.isnan(distance)] = np.inf
    return Matching(truth, found, distance, _assign(distance, tolerance), tolerance)


def residuals(matching: Matching, column: float = LAST_COLUMN / 2) -> tuple[Floats, Floats]:
    """Found minus true position and slope of all pairs.

    Parameters
    ----------
    matching : Matching
    column : float
        Where the position is compared; the middle of the plane by default.

    Returns
    -------
    position, slope : ndarray, shape (pairs,)
        In pixels, and in pixels per column.
    """
    first, last = np.transpose(np.subtract(*matching.pairs()[::-1]))
    return first + (last - first) * column / LAST_COLUMN, (last - first) / LAST_COLUMN


def robust_width(values: ArrayLike) -> Estimate:
    """Half of the interval that holds the central 68.3 %: the standard deviation, if they are Gaussian.

    Parameters
    ----------
    values : array_like, shape (n,)
        Residuals, for instance; at least ten.

    Returns
    -------
    Estimate
        With the error from the order statistics around the two quantiles, for any distribution.
    """
    x = np.sort(np.asarray(values, dtype=float))
    if x.ndim != 1 or len(x) < 10 or not np.isfinite(x).all():
        raise CourseError(f"A robust width needs ten finite numbers or more; these have shape {x.shape}.")
    shares = np.array([0.158655, 0.841345])
    low, high = np.quantile(x, shares)
    # A quantile's standard error: the values that lie one standard error of the count away from it.
    step = np.sqrt(shares * (1 - shares) / len(x))
    ends = np.quantile(x, np.clip([shares - step, shares + step], 0, 1))
    error = (ends[1] - ends[0]) / 2
    common = shares[0] / shares[1]  # correlation of two quantiles
    variance = error @ error - 2 * common * error[0] * error[1]
    return Estimate(float(high - low) / 2, float(np.sqrt(variance)) / 2)


def _assign(distance: Floats, tolerance: float) -> NDArray[np.int64]:
    near = distance <= tolerance
    partner = np.where(near.any(axis=2), near.argmax(axis=2), -1) if near.shape[2] else _none(near)
    # Only where a track has the choice, or two want the same, is there anything to decide.
    contested = (near.sum(axis=2) > 1).any(axis=1) | (near.sum(axis=1) > 1).any(axis=1)
    gain = np.where(near, tolerance * (1 + near.shape[1]) - distance, 0.0)  # one more pair outweighs all else
    for image in np.flatnonzero(contested):
        true, chosen = linear_sum_assignment(gain[image], maximize=True)
        partner[image] = -1
        partner[image, true] = np.where(near[image, true, chosen], chosen, -1)
    return partner


def _none(near: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.full(near.shape[:2], -1)


def _present(tracks: Floats) -> NDArray[np.bool_]:
    return ~np.isnan(tracks).any(axis=-1)


def _tracks(values: ArrayLike) -> Floats:
    tracks = np.asarray(values, dtype=float)
    if tracks.ndim == 2:
        tracks = tracks[:, None]
    if tracks.ndim != 3 or tracks.shape[-1] != 2:
        raise CourseError(f"Tracks have the shape (images, tracks, 2); these have {np.shape(values)}.")
    return tracks
