"""Correlation coefficients of many variables as a matrix of colours and percents."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.correlation import correlation
from hepml_course.plot.physics import plain

_COLOURS = "RdBu_r"  # both ends stay apart for colour-blind readers
_SMALLEST = 4.5  # points: smaller numbers are not written
_TWICE = 15  # more variables than this: each number is written once, below the diagonal
_DARK = 0.62  # beyond, black does not read on the colour


def correlation_matrix(
    values: ArrayLike,
    names: Sequence[str],
    weights: ArrayLike | None = None,
    *,
    kind: str = "linear",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Coefficients of correlation in percent, for one class.

    Parameters
    ----------
    values : array_like, shape (n, k)
        One column per variable.
    names : sequence of str, length k
        Names of the variables.
    weights : array_like, shape (n,), optional
        Event weights of any sign.
    kind : {"linear", "rank"}
        As in `hepml_course.metrics.correlation`, which says how ranks are found among many events.
    title : str, optional
        What the events are.
    ax : Axes
        Its size decides the size of the numbers; they are left out where they would be too small to read.
        Among more than 15 variables they stand below the diagonal only. A variable that is constant has no
        coefficients: its cells are grey.
    """
    ax = plt.gca() if ax is None else ax
    found = 100 * correlation(values, weights, kind, signed=True)
    if len(names) != len(found):
        raise CourseError(f"There are {len(found)} variables and {len(names)} names: give one for each.")
    colours = plt.get_cmap(_COLOURS).with_extremes(bad="0.85")
    picture = ax.imshow(np.ma.masked_invalid(found), cmap=colours, vmin=-100, vmax=100)
    size = 0.72 * _cell(ax, len(names))
    labels = [plain(name, 24) for name in names]
    look = {"fontsize": float(np.clip(size, 4, 10))}
    ax.set_xticks(range(len(names)), labels, rotation=90 if len(names) > 8 else 45, **look)
    ax.set_yticks(range(len(names)), labels, **look)
    if len(names) <= 8:
        for tick in ax.get_xticklabels():
            tick.set(horizontalalignment="right", rotation_mode="anchor")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    _numbers(ax, found, min(0.56 * size, 9.5))
    what = "linear" if kind == "linear" else "rank"
    ax.figure.colorbar(picture, ax=ax, label=f"{what} correlation / %", shrink=0.8)
    if title is not None:
        ax.set_title(title)
    return ax


def _cell(ax: Axes, k: int) -> float:
    """Side of a cell in points, before labels and colour bar take their part."""
    figure, box = ax.figure, ax.get_position()
    width, height = figure.get_size_inches() * (box.width, box.height) * 72
    return float(min(width, height) / max(k, 1))


def _numbers(ax: Axes, found: np.ndarray, size: float) -> None:
    if size < _SMALLEST:
        return
    rows, columns = np.indices(found.shape)
    written = np.isfinite(found) & ((rows > columns) | (len(found) <= _TWICE))
    for row, column in np.argwhere(written):
        value = found[row, column]
        colour = "white" if abs(value) > 100 * _DARK else "black"
        text = f"{value:.0f}" if abs(value) >= 0.5 else "0"
        # Hundreds of texts that cannot stick out need no place in the layout.
        ax.text(
            column, row, text.replace("-", "−"), ha="center", va="center", fontsize=size, color=colour
        ).set_in_layout(False)
