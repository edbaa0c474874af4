"""Figures of the first lesson: a line through points, the χ² plane, deposits, signals, and a maze."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.plot.style import BACKGROUND, COLOURS, NEUTRAL, SIGNAL

_CENTRE_MARKERS = "osD^vP*X"


def line_through_points(
    x: ArrayLike, y: ArrayLike, error: ArrayLike, line: tuple[float, float], *, ax: Axes | None = None
) -> Axes:
    """Draw points with error bars, a straight line, and the distance of each point from it.

    Parameters
    ----------
    x, y, error : array_like, shape (n,)
    line : tuple of float
        Intercept and slope.
    """
    ax = plt.gca() if ax is None else ax
    x, y = np.asarray(x), np.asarray(y)
    on_line = line[0] + line[1] * x
    ax.vlines(x, np.minimum(y, on_line), np.maximum(y, on_line), color=BACKGROUND, alpha=0.6, linewidth=2)
    ax.errorbar(x, y, error, fmt="o", color=SIGNAL)
    ends = np.array([x.min(), x.max()]) + np.array([-0.1, 0.1]) * np.ptp(x)
    ax.plot(ends, line[0] + line[1] * ends, color=NEUTRAL)
    return ax


def chi2_plane(
    x: ArrayLike,
    y: ArrayLike,
    error: ArrayLike,
    *,
    path: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Contours of the χ² of a straight line over its minimum, and the path that a search took.

    The contours stand at 1, 4, 9 … above the minimum. At the first one, either parameter alone
    is one standard deviation from its best value where the ellipse reaches furthest.

    Parameters
    ----------
    x, y, error : array_like, shape (n,)
    path : array_like, shape (m, 2), optional
        Intercept and slope after each step; the view follows it.
    """
    ax = plt.gca() if ax is None else ax
    x, y, error = (np.asarray(a, dtype=float) for a in (x, y, error))
    (slope, intercept), covariance = np.polyfit(x, y, 1, w=1 / error, cov="unscaled")
    best, width = np.array([intercept, slope]), np.sqrt(np.diag(covariance))[::-1]
    seen = np.vstack([best - 4 * width, best + 4 * width, *([] if path is None else [np.asarray(path)])])
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = 0.06 * (high - low)
    a, b = np.meshgrid(*(np.linspace(lo, hi, 121) for lo, hi in zip(low - room, high + room, strict=True)))
    pull = (y - a[..., None] - b[..., None] * x) / error
    above = (pull**2).sum(axis=-1)
    above -= (((y - intercept - slope * x) / error) ** 2).sum()
    largest = int(np.sqrt(above.max()))
    levels = np.unique(np.round(np.geomspace(1, max(largest, 2), 12))) ** 2
    ax.contour(a, b, above, levels=levels, colors=NEUTRAL, linewidths=0.8, alpha=0.7)
    if path is not None:
        ax.plot(*np.transpose(path), ".-", color=BACKGROUND, linewidth=1, label="steps")
    ax.plot(*best, marker="*", markersize=13, linestyle="none", color=SIGNAL, label="closed form")
    ax.legend()
    return ax


def deposits(
    position: ArrayLike,
    energy: ArrayLike,
    *,
    group: ArrayLike | None = None,
    centres: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw energy deposits in eta and phi, the area of each proportional to its energy.

    Parameters
    ----------
    position : array_like, shape (n, 2)
        Pseudorapidity, and azimuth in radian.
    energy : array_like, shape (n,)
        In GeV.
    group : array_like of int, shape (n,), optional
        Which centre each deposit belongs to; it decides colour and marker.
    centres : array_like, shape (k, 2), optional
        Drawn as crosses.
    """
    ax = plt.gca() if ax is None else ax
    position, energy = np.asarray(position), np.asarray(energy)
    group = np.full(len(energy), -1) if group is None else np.asarray(group)
    for k in np.unique(group):
        mine = group == k
        colour = NEUTRAL if k < 0 else COLOURS[k % len(COLOURS)]
        marker = _CENTRE_MARKERS[max(k, 0) % len(_CENTRE_MARKERS)]
        ax.scatter(
            *position[mine].T, s=22 * energy[mine], color=colour, marker=marker, alpha=0.5, linewidths=0
        )
    if centres is not None:
        ax.plot(*np.transpose(centres), "kx", markersize=12, markeredgewidth=3)
    ax.set(xlabel=r"$\eta$", ylabel=r"$\phi$ / rad", aspect="equal")
    return ax


def signals(
    time: ArrayLike, columns: Sequence[tuple[str, ArrayLike]], *, axes: Sequence[Sequence[Axes]]
) -> Sequence[Sequence[Axes]]:
    """Draw pairs of signals against time, one column of two panels for each pair.

    Parameters
    ----------
    time : array_like, shape (n,)
        In ms.
    columns : sequence of (str, array_like of shape (2, n))
        Title of the column, and its two signals.
    axes : array of Axes, shape (2, number of columns)
    """
    for k, (title, pair) in enumerate(columns):
        for row, signal in enumerate(pair):
            axes[row][k].plot(time, signal, color=COLOURS[row], linewidth=0.9)
            axes[row][k].set_yticks([])
        axes[0][k].set_title(title)
        axes[1][k].set_xlabel("time / ms")
    axes[0][0].set_ylabel("amplitude")
    axes[1][0].set_ylabel("amplitude")
    return axes


def maze(walls: Sequence[str], q: ArrayLike | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw a maze and, where something was learned, the best move from each cell as an arrow.

    Parameters
    ----------
    walls : sequence of str
        One text per row: ``#`` is a wall, ``E`` the exit, anything else free.
    q : array_like, shape (rows, columns, 4), optional
        Value of the moves up, right, down, left; the colour shows the best of them, and a
        cell where all four are equal gets a dot.
    """
    ax = plt.gca() if ax is None else ax
    cells = np.array([list(row) for row in walls])
    free = cells != "#"
    ax.imshow(np.where(free, np.nan, 1.0), cmap="Greys", vmin=0, vmax=1.6)
    row, column = np.argwhere(cells == "E")[0]
    ax.text(column, row, "exit", ha="center", va="center", color=SIGNAL, fontweight="bold")
    if q is not None:
        q = np.asarray(q)
        best = np.where(free & (cells != "E"), q.max(axis=2), np.nan)
        ax.imshow(best, cmap="Blues", vmin=0, vmax=1.3)
        known = free & (cells != "E") & (np.ptp(q, axis=2) > 0)
        rows, columns = np.nonzero(known)
        right, up = np.array([[0, 1, 0, -1], [1, 0, -1, 0]])[:, q[rows, columns].argmax(axis=1)]
        look = {"angles": "uv", "pivot": "mid", "scale": 1.7, "scale_units": "x", "width": 0.007}
        ax.quiver(columns, rows, right, up, **look)
        ax.plot(*np.argwhere(free & (cells != "E") & ~known).T[::-1], ".", color=NEUTRAL)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax
