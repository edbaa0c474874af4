"""Find several tracks one after the other, each in the light of those found before it.

Whoever looks at an image, a likelihood or a network, answers with a map over the lines of the Hough plane:
the logarithm of the probability that the next track is in each cell. The search takes the window that holds
most of it, tells the onlooker that this track is known by now, and asks again.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.tracking.templates import BINS, Templates, coverage, templates

Floats = NDArray[np.float64]
Look = Callable[[NDArray, NDArray], NDArray]

WINDOW = 3.5  # pixels: half of the window whose content is added up
BATCH = 500  # images at a time: their maps fit the processor's cache


def find_tracks(
    look: Look,
    images: NDArray[np.uint8],
    tracks: int | None = None,
    *,
    most: int = 5,
    threshold: float = 0.5,
    window: float = WINDOW,
    answer: Literal["mean", "line"] = "mean",
    bins: int = BINS,
) -> Floats:
    """Find the tracks of each image.

    Parameters
    ----------
    look : callable
        Takes images and the coverage by known tracks, both of shape (n, rows, columns), and returns for each
        line of `templates` the logarithm of the probability that one more track is there, shape (n, lines).
        They add up to the probability that there is one more.
    images : ndarray, shape (n, rows, columns)
    tracks : int, optional
        How many there are in each image, if that is known.
    most, threshold : int and float
        Otherwise: stop at `most`, or when one more is less probable than this.
    window : float
        Half the side of the window in pixels. With 0 it is a single line.
    answer : {"mean", "line"}
        The mean of the probability in the window, or the best line in it. Where the image leaves two lines
        to choose from, the mean lies between them, within a few pixels of both; the line is one of the two.
    bins : int
        Lines per pixel that `look` answers for.

    Returns
    -------
    ndarray, shape (n, tracks or most, 2)
        y₀ and y₁ in pixels; NaN after the last track of an image.
    """
    if images.ndim != 3:
        raise CourseError(f"Images have the shape (n, rows, columns); these have {images.shape}.")
    lines = templates(bins, *images.shape[1:])
    found = np.full((len(images), most if tracks is None else tracks, 2), np.nan)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        _search(look, images[part], found[part], lines, window, None if tracks else threshold, answer)
    return found


def _search(look, images, found, lines: Templates, window, threshold, answer) -> None:
    """Fill in `found` for one batch, track by track."""
    covered = np.zeros(images.shape, dtype=np.float32)
    going = np.ones(len(images), dtype=bool)
    for k in range(found.shape[1]):
        mean, peak, total = strongest(look(images, covered), lines, window)
        if threshold is not None:
            going &= total >= threshold
            if not going.any():
                return
        found[going, k] = (mean if answer == "mean" else lines.tracks[peak])[going]
        if k + 1 < found.shape[1]:
            covered += coverage(lines.tracks[peak][:, None], *images.shape[1:])


def strongest(maps: NDArray, lines: Templates, window: float = WINDOW):
    """Mean and best line in the window that holds most of the probability, and the sum over all lines.

    Parameters
    ----------
    maps : ndarray, shape (n, lines)
        Logarithm of the probability that a track is in each cell.
    lines : Templates
    window : float
        Half the side of the window in pixels; 0 for a window of one cell.

    Returns
    -------
    mean : ndarray, shape (n, 2)
        y₀ and y₁ in pixels.
    peak : ndarray of int, shape (n,)
        Index of the best line.
    total : ndarray, shape (n,)
        Probability that there is a track at all.
    """
    maps, side = np.asarray(maps), lines.side
    top = maps.max(axis=1, keepdims=True)
    share = np.exp(maps - top).reshape(-1, side, side)
    starts, cells = _windows(lines, window)
    inside = (np.arange(side)[:, None] >= starts) & (np.arange(side)[:, None] < starts + cells)
    add_up = inside.astype(share.dtype)
    mass = add_up.T @ (share.reshape(-1, side) @ add_up).reshape(-1, side, len(starts))
    first, last = starts[list(np.divmod(mass.reshape(len(maps), -1).argmax(axis=1), len(starts)))]
    views = np.lib.stride_tricks.sliding_window_view(share, (cells, cells), axis=(1, 2))
    best = views[np.arange(len(maps)), first, last]
    row, column = np.divmod(best.reshape(len(maps), -1).argmax(axis=1), cells)
    return _mean(best, first, last, lines), (first + row) * side + last + column, _total(share, top)


def _windows(lines: Templates, window: float) -> tuple[NDArray[np.intp], int]:
    """First cells of the windows along one axis, a pixel apart, and how many cells each has."""
    bins = round(0.5 / lines.tracks[0, 0])
    cells = min(2 * int(window * bins) + 1, lines.side)
    step = bins if cells > 1 else 1
    return np.unique(np.r_[0 : lines.side - cells + 1 : step, lines.side - cells]), cells


def _mean(best: NDArray, first: NDArray, last: NDArray, lines: Templates) -> Floats:
    """Mean y₀ and y₁ of windows that begin at these cells, shape (n, 2)."""
    ends = lines.tracks[: lines.side, 1]
    offset = ends[: best.shape[1]] - ends[0]
    both = np.stack([best.sum(axis=2) @ offset, best.sum(axis=1) @ offset], axis=1)
    return np.stack([ends[first], ends[last]], axis=1) + both / best.sum(axis=(1, 2))[:, None]


def _total(share: NDArray, top: NDArray) -> Floats:
    return share.sum(axis=(1, 2)) * np.exp(top[:, 0])
