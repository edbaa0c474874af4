"""All straight lines through a plane of pixels, on a grid of their heights at both ends: the Hough plane.

One line is one cell of the grid. It crosses one pixel in each column, so that a sum over the pixels of a line
is a product of the image with a matrix of zeros and ones.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate.tracks import COLUMNS, ROWS

Floats = NDArray[np.float64]
BINS = 2  # lines per pixel at each end: with fewer, a track may fall between two lines and lose hits


class Templates(NamedTuple):
    """A grid of lines.

    Attributes
    ----------
    tracks : ndarray, shape (m * m, 2)
        y₀ and y₁ of each line in pixels, those with the same y₀ one after the other.
    rows : ndarray of int, shape (m * m, columns)
        The row that each line crosses in each column.
    matrix : ndarray of float32, shape (rows * columns, m * m)
        1 where a pixel lies on a line.
    side : int
        m, the number of cells along one axis of the grid.
    """

    tracks: Floats
    rows: NDArray[np.intp]
    matrix: NDArray[np.float32]
    side: int


@lru_cache(maxsize=8)
def templates(bins: int = BINS, rows: int = ROWS, columns: int = COLUMNS) -> Templates:
    """The lines in the middle of the cells of a grid with `bins` cells per pixel at each end.

    Parameters
    ----------
    bins : int
        Cells per pixel.
    rows, columns : int
        Size of the plane in pixels.
    """
    if min(bins, rows, columns - 1) < 1:
        raise CourseError(f"No lines cross {rows} rows and {columns} columns on a grid of {bins} per pixel.")
    side = bins * rows
    ends = (np.arange(side) + 0.5) / bins
    tracks = np.stack(np.meshgrid(ends, ends, indexing="ij"), axis=-1).reshape(-1, 2)
    crossed = np.floor(tracks[:, :1] + np.diff(tracks) * np.linspace(0, 1, columns)).astype(np.intp)
    matrix = np.zeros((rows, columns, side * side), dtype=np.float32)
    matrix[crossed, np.arange(columns), np.arange(side * side)[:, None]] = 1
    found = Templates(tracks, crossed, matrix.reshape(rows * columns, -1), side)
    for array in found[:3]:
        array.flags.writeable = False  # everybody gets the same ones
    return found


def cell_of(tracks: ArrayLike, lines: Templates) -> NDArray[np.intp]:
    """Index of the cell that each track falls into; of the nearest one where it lies outside.

    Parameters
    ----------
    tracks : array_like, shape (..., 2)
        Finite numbers.
    lines : Templates
    """
    cell = np.floor(np.asarray(tracks) * (2 * lines.tracks[0, 0]) ** -1).astype(np.intp)
    cell = np.clip(cell, 0, lines.side - 1)
    return cell[..., 0] * lines.side + cell[..., 1]


def coverage(tracks: ArrayLike, rows: int = ROWS, columns: int = COLUMNS) -> NDArray[np.float32]:
    """How many of the tracks of each image cross each pixel.

    Parameters
    ----------
    tracks : array_like, shape (n, k, 2)
        y₀ and y₁; NaN where there is none. Columns in which a track is outside the plane are left out.

    Returns
    -------
    ndarray of float32, shape (n, rows, columns)
    """
    tracks = np.asarray(tracks, dtype=float)
    y = np.floor(tracks[..., :1] + np.diff(tracks) * np.linspace(0, 1, columns))
    image, track, column = np.nonzero((y >= 0) & (y < rows))
    place = (image * rows + y[image, track, column].astype(np.intp)) * columns + column
    counts = np.bincount(place, minlength=len(tracks) * rows * columns)
    return counts.reshape(len(tracks), rows, columns).astype(np.float32)
