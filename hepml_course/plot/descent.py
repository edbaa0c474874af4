"""The landscape of a loss with two parameters, and the paths of those who walk down in it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.plot.style import NEUTRAL

Limits = tuple[float, float]


def loss_contours(
    loss: Callable,
    xlim: Limits,
    ylim: Limits,
    *,
    levels: ArrayLike | None = None,
    best: ArrayLike | None = None,
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw a loss of two parameters as a map.

    Parameters
    ----------
    loss : callable
        Takes parameters of shape (..., 2), gives one number each.
    xlim, ylim : tuple of float
        Range of the first and of the second parameter.
    levels : array_like, optional
        Heights of the contour lines. By default eight between the lowest and the highest point, each
        further above the lowest by the same factor, so that the valley floor is seen too.
    best : array_like, shape (2,), optional
        A point marked by a cross.
    ax : Axes, optional
        Current axes if None.
    **style
        Passed to ``Axes.contour``.

    Returns
    -------
    Axes
    """
    from matplotlib import pyplot as plt

    ax = plt.gca() if ax is None else ax
    first, second = np.meshgrid(np.linspace(*xlim, 161), np.linspace(*ylim, 161))
    height = loss(np.stack([first, second], axis=-1))
    if levels is None:
        low, high = height.min(), height.max()
        levels = low + (high - low) * np.geomspace(1e-3, 0.8, 8)
    levels = np.asarray(levels)
    ax.contourf(first, second, height, levels=levels, cmap="Greys", alpha=0.3, extend="max")
    ax.contour(first, second, height, levels=levels, **({"colors": "0.6", "linewidths": 0.8} | style))
    if best is not None:
        ax.plot(*best, "+", color="black", markersize=10, markeredgewidth=1.8, zorder=3)
    ax.set(xlim=xlim, ylim=ylim)
    return ax


def descent_path(path: ArrayLike, *, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the points of a path in the order in which they were visited, the start as an open ring.

    Parameters
    ----------
    path : array_like, shape (steps + 1, 2)
        Points that are not finite, as a path that runs away has them, are left out.
    ax : Axes, optional
        Current axes if None; its limits stay as they are.
    **style
        Passed to ``Axes.plot``, such as ``label`` and ``color``.

    Returns
    -------
    Axes
    """
    from matplotlib import pyplot as plt

    ax = plt.gca() if ax is None else ax
    path = np.asarray(path, dtype=float)
    path = path[np.isfinite(path).all(axis=1) & (np.abs(path) < 1e9).all(axis=1)]
    limits = ax.get_xlim(), ax.get_ylim()
    (line,) = ax.plot(*path.T, **({"marker": ".", "linewidth": 1.2, "markersize": 5} | style))
    ax.plot(*path[:1].T, "o", color=NEUTRAL, markerfacecolor="white", markersize=7, zorder=3)
    ax.set(xlim=limits[0], ylim=limits[1])
    line.set_zorder(2.5)
    return ax
