"""Straight tracks on a plane of pixels: the toy on which lecture 001 shows track finding by deep networks.

The 28 columns are the layers of a detector, column c stands at x = c. The rows are its pixels, row r reaches
from y = r to r + 1. A track enters at y₀ in the first column and leaves at y₁ in the last, both uniform over
the height. In each column the pixel that it crosses fires with the hit efficiency, and every pixel fires by
itself with the probability of noise. There is no magnetic field, no charge sharing and no dead channel:
distrust what depends on these.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

ROWS = COLUMNS = 28
HIT_EFFICIENCY = 0.7
BLOCK = 512  # images drawn at a time: what they need fits the processor's cache
_STEPS = np.stack([np.ones(COLUMNS), np.arange(COLUMNS) / (COLUMNS - 1)])  # of y₀ and y₁ − y₀, in each column
_PLACES = np.arange(BLOCK)[:, None, None] * (ROWS * COLUMNS) + np.arange(COLUMNS)  # of row 0, in a block


class Plane(NamedTuple):
    """Images of one kind, and the truth behind them.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, 28, 28)
        1 where a pixel fired, else 0; the axes are image, row and column.
    tracks : ndarray, shape (n, m, 2)
        y₀ and y₁ of each track in pixels, in no particular order. NaN where an image has fewer than m tracks.
    rows : ndarray of int8, shape (n, m, 28)
        The row that each track crosses in each column, after smearing; −1 where it crosses none.
    hits : ndarray of bool, shape (n, m, 28)
        Whether the track made this pixel fire. Where tracks cross, a pixel can belong to several of them.
    """

    images: NDArray[np.uint8]
    tracks: Floats
    rows: NDArray[np.int8]
    hits: NDArray[np.bool_]


def pixel_plane(
    n: int,
    tracks: int | tuple[int, int] = 1,
    *,
    hit_efficiency: float = HIT_EFFICIENCY,
    noise: ArrayLike = 0.05,
    smear: float = 0.0,
    rng: Rng,
) -> Plane:
    """Draw `n` images of a plane with straight tracks and noise.

    Parameters
    ----------
    n : int
        Number of images.
    tracks : int or (int, int)
        Tracks in each image; with two numbers, drawn uniformly from the first to the second for each image.
    hit_efficiency : float
        Probability that the pixel crossed by a track fires because of it.
    noise : float or array_like, shape (n,)
        Probability that a pixel fires by itself; an array gives each image its own.
    smear : float
        Standard deviation in pixels by which the track misses its straight line, in each column anew.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Raises
    ------
    CourseError
        A probability outside [0, 1], a negative number of images or tracks, or a negative smear.

    References
    ----------
    M. Wolter, Machine learning, lecture 5 (001), "Toy model of track finding using Deep Neural Networks".
    """
    least, most = (tracks, tracks) if np.ndim(tracks) == 0 else tracks
    noise = np.asarray(noise, dtype=float)
    _complain_about(n, least, most, hit_efficiency, noise, smear)
    rng = np.random.default_rng(rng)
    truth = rng.uniform(0, ROWS, (n, most, 2))
    if least < most:
        missing = np.arange(most) >= rng.integers(least, most + 1, n)[:, None]
        truth[missing] = np.nan
    images = np.empty((n, ROWS, COLUMNS), dtype=np.uint8)
    rows = np.empty((n, most, COLUMNS), dtype=np.int8)
    hits = np.empty(rows.shape, dtype=bool)
    for start in range(0, n, BLOCK):
        part = slice(start, start + BLOCK)
        rows[part] = crossed_rows(truth[part], smear, rng)
        _happens(hit_efficiency, rng, out=hits[part])
        hits[part] &= rows[part] >= 0
        _happens(noise[part] if noise.ndim else noise, rng, out=images[part].view(bool))
        _light(images[part], rows[part], hits[part])
    return Plane(images, truth, rows, hits)


def height_at(tracks: ArrayLike, column: ArrayLike) -> Floats:
    """The y of straight tracks in given columns.

    Parameters
    ----------
    tracks : array_like, shape (..., 2)
        y₀ and y₁ in pixels.
    column : array_like, shape (k,) or ()
        Where; between columns, too.

    Returns
    -------
    ndarray, shape (..., k) or (...)
    """
    tracks = np.asarray(tracks, dtype=float)
    share = np.asarray(column) / (COLUMNS - 1)
    first, last = tracks[..., 0], tracks[..., 1]
    if share.ndim:
        first, last = first[..., None], last[..., None]
    return first + (last - first) * share


def crossed_rows(tracks: ArrayLike, smear: float = 0.0, rng: Rng | None = None) -> NDArray[np.int8]:
    """The row that each track crosses in each column, −1 outside the plane and where there is no track.

    Parameters
    ----------
    tracks : array_like, shape (..., 2)
        y₀ and y₁ in pixels; NaN where there is no track.
    smear : float
        As in `pixel_plane`.
    rng : numpy.random.Generator or int, optional
        Needed to smear only.

    Returns
    -------
    ndarray of int8, shape (..., 28)
    """
    tracks = np.asarray(tracks, dtype=float)
    missing = np.isnan(tracks[..., 0] + tracks[..., 1])
    known = np.where(missing[..., None], -1.0, tracks)
    known[..., 1] -= known[..., 0]
    # As `height_at`, written as one product of matrices: several times as fast for many tracks.
    y = (known.reshape(-1, 2) @ _STEPS).reshape(*missing.shape, COLUMNS)
    if smear:
        y += np.random.default_rng(rng).normal(0, smear, y.shape)
        y[missing] = -1
    if y.size and (y.min() < 0 or y.max() >= ROWS):
        y[(y < 0) | (y >= ROWS)] = -1
    return y.astype(np.int8)


def _light(images: NDArray[np.uint8], rows: NDArray[np.int8], hits: NDArray[np.bool_]) -> None:
    """Let the pixels fire that a track has hit; the images, a block at most, must lie in one piece."""
    place = np.multiply(rows, COLUMNS, dtype=np.int64)  # one flat index is faster than three
    place += _PLACES[: len(images)]
    images.reshape(-1)[place.reshape(-1).take(np.flatnonzero(hits))] = 1


def _happens(probability: ArrayLike, rng: np.random.Generator, *, out: NDArray[np.bool_]) -> None:
    """Fill `out`, in one piece, with True at the given probability, one or one for each first index.

    It takes one random byte an entry. A byte below 256 p decides at once. Only the value of the byte that
    256 p falls into is undecided, and a second draw settles it, so the probability is exact.
    """
    words = rng.integers(0, 2**64, -(-out.size // 8), dtype=np.uint64)  # much faster than rng.bytes
    byte = words.view(np.uint8)[: out.size].reshape(out.shape)
    scaled = 256 * np.asarray(probability)
    whole = np.minimum(np.floor(scaled), 255)
    edge = whole.astype(np.uint8).reshape(-1, *(1,) * (out.ndim - 1)) if scaled.ndim else np.uint8(whole)
    np.less(byte, edge, out=out)
    undecided = np.flatnonzero(byte == edge)
    rest = scaled - whole
    if rest.ndim:
        rest = rest[undecided // (out.size // len(out))]
    out.reshape(-1)[undecided] = rng.random(len(undecided)) < rest


def _complain_about(n, least, most, hit_efficiency, noise, smear) -> None:
    if n < 0 or not 0 <= least <= most:
        raise CourseError(f"{n} images with {least} to {most} tracks: give numbers of 0 or more, in order.")
    if not 0 <= hit_efficiency <= 1 or not ((noise >= 0) & (noise <= 1)).all():
        raise CourseError("Hit efficiency and noise are probabilities between 0 and 1.")
    if noise.shape not in ((), (n,)):
        raise CourseError(
            f"There are {n} images but the noise has shape {noise.shape}: give one, or one each."
        )
    if not smear >= 0:
        raise CourseError(f"A smear is a width of 0 or more, not {smear}.")
