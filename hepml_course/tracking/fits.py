"""Straight lines through the hits of an image: from least squares to fits that do not believe every hit.

The fits of `scipy` and `scikit-learn` take one track at a time. The others take all images at once: `trimmed`
in numpy, `trimmed_compiled` the same in code compiled for this processor. All of them know that the middle of
pixel r is at y = r + 1/2.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]

ROAD = 3.0  # pixels: hits further from the seed are not looked at
CUT = 1.5  # pixels: hits further from the line count nothing in the trimmed fits
ROUNDS = 8
ONE_COLUMN = 1e-9  # variance of x, in planes, under which all hits are in one column: rounding gives less


def hits_of(image: NDArray, seed: ArrayLike | None = None, road: float = ROAD) -> tuple[Floats, Floats]:
    """Column and y of the fired pixels of one image; with a seed, of those near it only.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
    seed : array_like, shape (2,), optional
        y₀ and y₁ of a track.
    road : float
        Largest distance in y from it.
    """
    row, column = np.nonzero(image)
    y = row + 0.5
    if seed is None:
        return column.astype(float), y
    first, last = seed
    near = np.abs(y - (first + (last - first) * column / (image.shape[1] - 1))) <= road
    return column[near].astype(float), y[near]


def least_squares(images: NDArray) -> Floats:
    """The line with the smallest sum of squared distances in y to *all* fired pixels, in closed form.

    Parameters
    ----------
    images : ndarray, shape (n, rows, columns)

    Returns
    -------
    ndarray, shape (n, 2)
        y₀ and y₁; NaN where fewer than two columns have a hit.
    """
    rows, columns = images.shape[1:]
    y, x = np.arange(rows) + 0.5, np.linspace(0, 1, columns)
    per_column = images.sum(axis=1, dtype=float)
    heights = np.einsum("nrc,r->nc", images, y)
    return _line(per_column, heights, x)


def robust(
    image: NDArray,
    seed: ArrayLike | None = None,
    loss: Literal["soft_l1", "cauchy", "huber"] = "soft_l1",
    road: float = ROAD,
) -> Floats:
    """Scipy's least squares with a loss that grows slowly for distant hits; one image.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
    seed : array_like, shape (2,), optional
        y₀ and y₁ where the fit begins, and around which it takes hits; without it the fit begins with the
        line of `least_squares` and takes all.
    loss : {"soft_l1", "cauchy", "huber"}
    road : float
        As in `hits_of`.

    Returns
    -------
    ndarray, shape (2,)
        y₀ and y₁; NaN where there are fewer than two hits.
    """
    from scipy.optimize import least_squares as minimise

    column, y = hits_of(image, seed, road)
    if len(y) < 2:
        return np.full(2, np.nan)
    start = least_squares(image[None])[0] if seed is None else np.asarray(seed, dtype=float)
    if np.isnan(start).any():
        return start
    x = column / (image.shape[1] - 1)
    found = minimise(
        lambda line: line[0] * (1 - x) + line[1] * x - y,
        start,
        jac=lambda line: np.column_stack([1 - x, x]),
        loss=loss,
        f_scale=0.5,
    )
    return found.x


def ransac(image: NDArray, seed: ArrayLike | None = None, *, rng: int, road: float = ROAD) -> Floats:
    """Scikit-learn's RANSAC: lines through random pairs of hits, of which the one with most friends wins.

    Parameters
    ----------
    image : ndarray, shape (rows, columns)
    seed, road
        As in `robust`.
    rng : int
        A seed for the random pairs.

    Returns
    -------
    ndarray, shape (2,)
        y₀ and y₁; NaN where there are too few hits.
    """
    from sklearn.linear_model import LinearRegression, RANSACRegressor

    column, y = hits_of(image, seed, road)
    if len(np.unique(column)) < 2:
        return np.full(2, np.nan)
    fit = RANSACRegressor(
        LinearRegression(),
        min_samples=2,
        is_data_valid=lambda pair, _: pair[0, 0] != pair[1, 0],  # two hits in one column are no line
        residual_threshold=1.0,
        max_trials=200,
        random_state=rng,
    )
    try:
        fit.fit(column[:, None], y)
    except ValueError:  # scikit-learn drew no pair that makes a line
        return np.full(2, np.nan)
    return fit.predict(np.array([[0.0], [image.shape[1] - 1]]))


def trimmed(images: NDArray, seeds: Floats, *, cut: float = CUT, rounds: int = ROUNDS) -> Floats:
    """Fit lines by Tukey's rule, all at once: hits far from the line count nothing, near ones nearly fully.

    The road around each line narrows from `ROAD` to `cut` in the first half of the rounds.

    Parameters
    ----------
    images : ndarray, shape (n, rows, columns)
    seeds : ndarray, shape (n, k, 2)
        y₀ and y₁ where the fits begin.
    cut : float
        Distance in pixels from which on a hit counts nothing.
    rounds : int

    Returns
    -------
    ndarray, shape (n, k, 2)
        NaN where a road became empty, or kept one column only.
    """
    rows, columns = images.shape[1:]
    y, x = np.arange(rows) + 0.5, np.linspace(0, 1, columns)
    lines = np.array(seeds, dtype=float)
    for width in _widths(cut, rounds):
        height = lines[..., :1] * (1 - x) + lines[..., 1:] * x
        away = (y[:, None] - height[:, :, None]) / width
        weight = np.clip(1 - away**2, 0, None) ** 2 * images[:, None]
        lines = _line(weight.sum(axis=2), np.einsum("nkrc,r->nkc", weight, y), x)
    return lines


def trimmed_compiled(images: NDArray, seeds: Floats, *, cut: float = CUT, rounds: int = ROUNDS) -> Floats:
    """`trimmed`, compiled by XLA, TensorFlow's compiler; parameters and result are the same."""
    widths = tuple(float(width) for width in _widths(cut, rounds))
    fit = _compiled(widths, *images.shape[1:])
    return fit(images.astype(np.float32), seeds.astype(np.float32)).numpy().astype(float)


@lru_cache(maxsize=8)
def _compiled(widths: tuple[float, ...], rows: int, columns: int):
    import tensorflow as tf

    y, x = np.arange(rows, dtype=np.float32) + 0.5, np.linspace(0, 1, columns, dtype=np.float32)

    @tf.function(jit_compile=True, reduce_retracing=True)
    def fit(images, lines):
        for width in widths:
            height = lines[..., :1] * (1 - x) + lines[..., 1:] * x
            away = (y[:, None] - height[:, :, None]) / width
            weight = tf.maximum(1 - away**2, 0) ** 2 * images[:, None]
            n, heights = tf.reduce_sum(weight, 2), tf.reduce_sum(weight * y[:, None], 2)
            s = tf.reduce_sum(n, -1, keepdims=True)
            middle = tf.reduce_sum(n * x, -1, keepdims=True) / s
            spread = tf.reduce_sum(n * (x - middle) ** 2, -1, keepdims=True)
            slope = tf.reduce_sum(heights * (x - middle), -1, keepdims=True) / spread
            first = tf.reduce_sum(heights, -1, keepdims=True) / s - slope * middle
            lines = tf.concat([first, first + slope], axis=-1)
            lines = tf.where(spread > ONE_COLUMN * s, lines, np.nan)
        return lines

    return fit


def _widths(cut: float, rounds: int) -> Floats:
    if not 0 < cut <= ROAD or rounds < 1:
        raise CourseError(f"A cut lies between 0 and {ROAD} pixels, and it takes a round or more.")
    return np.r_[np.linspace(ROAD, cut, max(rounds // 2, 1)), np.full(rounds - max(rounds // 2, 1), cut)]


def _line(per_column: Floats, heights: Floats, x: Floats) -> Floats:
    """Weighted least squares from the weight of each column and its sum of weighted heights."""
    s = per_column.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        middle = per_column @ x / s
        away = x - middle[..., None]
        spread = (per_column * away**2).sum(axis=-1)
        slope = (heights * away).sum(axis=-1) / spread
        first = heights.sum(axis=-1) / s - slope * middle
        lines = np.stack([first, first + slope], axis=-1)
    lines[~(spread > ONE_COLUMN * s)] = np.nan
    return lines
