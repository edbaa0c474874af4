"""What the hits of an image say about a line when hit efficiency and noise are known: the limit for the rest.

A pixel on a line fires with probability 1 − (1 − noise)(1 − efficiency), any other with that of the noise.
The logarithm of the ratio of the two, added up over the pixels of a line, is all that an image knows about
it. A pixel that lies on a track found before fires often anyway, and says less.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit

from hepml_course.simulate.tracks import HIT_EFFICIENCY
from hepml_course.tracking.search import find_tracks
from hepml_course.tracking.templates import BINS, coverage, templates

Floats = NDArray[np.float64]

REFINEMENT = (
    (2.0, 0.5),
    (0.75, 0.125),
)  # pixels: how far around a track, in which steps


def evidence(images: NDArray, covered: NDArray, hit_efficiency: float, noise: float) -> NDArray[np.float32]:
    """Logarithm of the likelihood ratio, track or no track, of each pixel.

    Parameters
    ----------
    images, covered : ndarray, shape (n, rows, columns)
        Which pixels fired, and how many known tracks cross each.
    hit_efficiency, noise : float
        As in `hepml_course.simulate.pixel_plane`; both between 0 and 1, excluding the ends.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
    """
    quiet = (1 - noise) * np.power(np.float32(1 - hit_efficiency), covered)
    hit = np.log((1 - quiet * (1 - hit_efficiency)) / (1 - quiet))
    return np.where(images > 0, hit, np.log(1 - hit_efficiency)).astype(np.float32)


def likelihood(hit_efficiency: float = HIT_EFFICIENCY, noise: float = 0.05, bins: int = BINS):
    """An onlooker for `find_tracks` that is told hit efficiency and noise.

    Returns
    -------
    callable
        Takes images and coverage, and returns for each of the lines of `templates` the logarithm of the
        probability that one more track is there, shape (n, lines). Beforehand one more is as probable as
        none, and all lines are equally probable.
    """

    def look(images: NDArray, covered: NDArray) -> NDArray[np.float32]:
        lines = templates(bins, *images.shape[1:])
        weights = evidence(images, covered, hit_efficiency, noise).reshape(len(images), -1)
        ratio = weights @ lines.matrix
        top = ratio.max(axis=1, keepdims=True)  # scipy's logsumexp takes five times as long
        whole = top + np.log(np.exp(ratio - top).sum(axis=1, keepdims=True))
        odds = whole - np.log(len(lines.tracks))
        return ratio - whole + log_expit(odds)

    return look


def scan(
    images: NDArray[np.uint8],
    tracks: int = 1,
    *,
    hit_efficiency: float = HIT_EFFICIENCY,
    noise: float = 0.05,
    **how,
) -> Floats:
    """The tracks that the likelihood finds, the most probable first.

    By default the answer to the rule that a track is found within a few pixels: the window that holds most of
    the probability. With ``window=0`` it is the single most probable line, which at high noise is a worse
    answer to that rule. For several tracks it is greedy: it does not weigh all sets of them against each
    other.

    Parameters
    ----------
    images : ndarray, shape (n, rows, columns)
    tracks : int
        How many there are in each image.
    hit_efficiency, noise : float
        As in `likelihood`.
    **how
        ``window`` and ``answer`` of `find_tracks`.

    Returns
    -------
    ndarray, shape (n, tracks, 2)
        y₀ and y₁ in pixels.
    """
    return find_tracks(likelihood(hit_efficiency, noise), images, tracks, **how)


def refine(
    images: NDArray[np.uint8],
    found: Floats,
    *,
    hit_efficiency: float = HIT_EFFICIENCY,
    noise: float | NDArray | None = None,
) -> Floats:
    """Move each track to the mean of its likelihood around it, the other tracks being where they are.

    Parameters
    ----------
    images : ndarray, shape (n, rows, columns)
    found : ndarray, shape (n, k, 2)
        Tracks to begin with; NaN stays NaN.
    hit_efficiency : float
    noise : float or ndarray, shape (n,), optional
        Estimated from the pixels off the tracks where it is not given.

    Returns
    -------
    ndarray, shape (n, k, 2)
    """
    found = found.copy()
    if noise is None:
        off = coverage(found, *images.shape[1:]) == 0
        noise = ((images * off).sum(axis=(1, 2)) + 1) / (off.sum(axis=(1, 2)) + 2)
    noise = np.reshape(noise, (-1, 1, 1))
    for reach, step in REFINEMENT:
        offsets = np.arange(-reach, reach + step / 2, step)
        for k in range(found.shape[1]):
            others = coverage(np.delete(found, k, axis=1), *images.shape[1:])
            weights = evidence(images, others, hit_efficiency, noise)
            found[:, k] = _local_mean(weights, found[:, k], offsets)
    return found


def _local_mean(weights: NDArray, tracks: Floats, offsets: Floats) -> Floats:
    """Mean of the likelihood on a grid of offsets around each track, shape (n, 2)."""
    n, rows, columns = weights.shape
    shift = np.stack(np.meshgrid(offsets, offsets, indexing="ij"), axis=-1).reshape(-1, 2)
    near = np.nan_to_num(tracks)[:, None] + shift
    ratio = np.zeros(near.shape[:2], dtype=np.float32)
    flat, image = weights.reshape(-1), np.arange(n)[:, None] * (rows * columns)
    for column in range(columns):
        share = column / (columns - 1)
        y = near[..., 0] * (1 - share) + near[..., 1] * share
        inside = (y >= 0) & (y < rows)
        row = np.where(inside, y, 0).astype(np.intp)
        ratio += np.where(inside, flat[image + row * columns + column], -10.0)  # no track leaves the plane
    share = np.exp(ratio - ratio.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    return tracks + share @ shift
