"""Correlation of many variables at once, of their values or of their ranks, with event weights."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights

Floats = NDArray[np.float64]
_ROWS = 65_536  # so many events at a time: few enough for the cache, and enough for two threads of BLAS
_CELLS = 65_536
_SMALL = 20_000  # so few values are sorted at once
_TOLERANCE = 1e-6


def correlation(
    values: ArrayLike,
    weights: ArrayLike | None = None,
    kind: Literal["linear", "rank"] = "linear",
    *,
    signed: bool = False,
) -> Floats:
    """Matrix of correlation coefficients.

    Parameters
    ----------
    values : array_like, shape (n, k)
        One column per variable; a DataFrame will do.
    weights : array_like, shape (n,), optional
        Event weights.
    kind : {"linear", "rank"}
        Pearson's coefficient of the values, or of the ranks, which is Spearman's. The rank of a value is the
        sum of weights below it, and half of that at it. Many events are ranked by the place of their
        values among 65,536 equal cells, where this shifts no coefficient by more than about 1e-6; a variable
        of which too much would fall into one cell, because of outliers, is sorted.
    signed : bool
        Take negative weights, too. A coefficient may then lie outside −1 to 1.

    Returns
    -------
    ndarray, shape (k, k)
        NaN in the row and column of a variable that is constant, or whose weighted variance is not positive.
    """
    x = np.asarray(values)
    if x.ndim != 2 or len(x) < 2:
        raise CourseError(f"Correlations need two events or more, one row each; these have shape {x.shape}.")
    w = checked_weights(weights, len(x), signed=signed)
    if not w.sum() > 0:
        raise CourseError(f"The weights sum to {w.sum():.3g}: there are no events to correlate.")
    if kind not in ("linear", "rank"):
        raise CourseError(f"The kind of a correlation is 'linear' or 'rank', not {kind!r}.")
    if (w == 0).any():
        x, w = x[w != 0], w[w != 0]
    columns = _transposed(x)
    low, high = columns.min(axis=1), columns.max(axis=1)
    if not (np.isfinite(low) & np.isfinite(high)).all():
        raise CourseError("Some of the values are NaN or infinite. Remove those events, or those variables.")
    if kind == "rank":
        for column in columns:
            column[:] = _ranks(column, w)
    covariance = _covariance(columns, w)
    variance = np.diag(covariance)
    width = np.sqrt(np.where((high > low) & (variance > 0), variance, np.nan))
    return covariance / np.outer(width, width)


def _parts(n: int) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, n, _ROWS)]


def _transposed(x: NDArray) -> Floats:
    """One row per variable, copied block by block, which is several times faster than at once."""
    columns = np.empty(x.shape[::-1])
    for part in _parts(len(x)):
        columns[:, part] = x[part].T
    return columns


def _covariance(columns: Floats, w: Floats) -> Floats:
    mean = columns @ w / w.sum()
    covariance = np.zeros((len(columns), len(columns)))
    for part in _parts(len(w)):
        centred = columns[:, part] - mean[:, None]
        covariance += (centred * w[part]) @ centred.T
    return covariance / w.sum()


def _ranks(x: Floats, w: Floats) -> Floats:
    """Share of the weight below each value, and half of that at it."""
    place = _cells(x, w) if len(x) > _SMALL else None
    if place is None:
        place = np.unique(x, return_inverse=True)[1]
    content = np.bincount(place, w)
    below = np.cumsum(content) - content / 2
    return below[place] / w.sum()


def _cells(x: Floats, w: Floats) -> NDArray[np.intp] | None:
    """Cell of each value on an even grid; None where that would make different values equal too often."""
    low, high = x.min(), x.max()
    if high - low < _CELLS and (x == np.rint(x)).all():
        return (x - low).astype(np.intp)
    with np.errstate(over="ignore"):
        scale = (_CELLS - 1) / (high - low)
    if not 0 < scale < np.inf:
        return None
    place = ((x - low) * scale).astype(np.intp)
    share = np.bincount(place, np.abs(w)) / np.abs(w).sum()
    # What ties take away from the variance of ranks, relative to it.
    return place if (share**3).sum() < _TOLERANCE else None
