"""Two classes in the plane, and the lines and curves that separate them.

Weights have the bias first: ``w = (bias, w1, w2)``, and an event belongs to class +1 where
``w[0] + w[1] * x1 + w[2] * x2 >= 0``.
"""

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from hepml_course.plot.style import BACKGROUND, MARKERS, NEUTRAL, SIGNAL

_COLOURS = {+1: SIGNAL, -1: BACKGROUND}
_GRID = 201  # points along each axis where a score is looked at to draw its contour


def scatter_classes(
    x: ArrayLike,
    y: ArrayLike,
    *,
    names: tuple[str, str] = ("class −1", "class +1"),
    ax: Axes | None = None,
    **style: Any,
) -> Axes:
    """Draw the events of two classes, told apart by colour and by shape.

    Parameters
    ----------
    x : array_like, shape (n, 2)
    y : array_like, shape (n,)
        +1 or -1.
    names : tuple of str
        Name of class -1, then of class +1.
    **style
        Passed on to `matplotlib.axes.Axes.plot`.
    """
    ax = plt.gca() if ax is None else ax
    x, y = np.asarray(x), np.asarray(y)
    for label, name in zip((-1, +1), names, strict=True):
        look = {"marker": MARKERS[label], "color": _COLOURS[label], "alpha": 0.6, "markeredgewidth": 0}
        ax.plot(*x[y == label].T, linestyle="none", label=name, **look | style)
    ax.legend()
    return ax


def decision_line(w: ArrayLike, *, shade: bool = False, ax: Axes | None = None, **style: Any) -> Axes:
    """Draw the line on which the weighted sum is zero; nothing where both weights are zero.

    The view stays as it is, so draw the events first.

    Parameters
    ----------
    w : array_like, shape (3,)
        Bias and two weights.
    shade : bool
        Tint the side of class +1.
    **style
        Passed on to `matplotlib.axes.Axes.axline`.
    """
    ax = plt.gca() if ax is None else ax
    w = np.asarray(w, dtype=float)
    normal = w[1:]
    if not normal.any():
        return ax
    limits = ax.get_xlim(), ax.get_ylim()
    centre = np.array([np.mean(limits[0]), np.mean(limits[1])])
    foot = centre - (w[0] + normal @ centre) / (normal @ normal) * normal
    ax.axline(foot, foot + np.array([-normal[1], normal[0]]), **{"color": NEUTRAL} | style)
    if shade:
        values, grid = _on_grid(lambda x: w[0] + x @ normal, limits)
        ax.contourf(*grid, values >= 0, levels=[0.5, 1.5], colors=[SIGNAL], alpha=0.08)
    ax.set(xlim=limits[0], ylim=limits[1])
    return ax


def decision_curve(
    score: Callable[[NDArray], NDArray], *, level: float = 0.0, ax: Axes | None = None, **style: Any
) -> Axes:
    """Draw where a score crosses a level.

    Parameters
    ----------
    score : callable
        Takes an array of shape (m, 2), returns one of shape (m,).
    level : float
        Value of the score on the curve.
    **style
        Passed on to `matplotlib.axes.Axes.contour`.
    """
    ax = plt.gca() if ax is None else ax
    values, grid = _on_grid(score, (ax.get_xlim(), ax.get_ylim()))
    ax.contour(*grid, values, levels=[level], **{"colors": "black"} | style)
    return ax


def _on_grid(score: Callable, limits: tuple) -> tuple[NDArray, NDArray]:
    grid = np.array(np.meshgrid(*(np.linspace(low, high, _GRID) for low, high in limits)))
    return np.asarray(score(grid.reshape(2, -1).T)).reshape(_GRID, _GRID), grid


def mark_event(point: ArrayLike, *, ax: Axes | None = None, label: str | None = None) -> Axes:
    """Put a ring around one event at `point`, shape (2,)."""
    ax = plt.gca() if ax is None else ax
    look = {"markersize": 14, "markeredgewidth": 2, "markeredgecolor": "black", "markerfacecolor": "none"}
    ax.plot(*np.asarray(point), linestyle="none", marker="o", label=label, **look)
    return ax


def weight_bars(
    w: ArrayLike, *, after: ArrayLike | None = None, names: tuple[str, ...] = (), ax: Axes | None = None
) -> Axes:
    """Draw the weights as bars and, as an arrow on each, what they become after an update.

    Parameters
    ----------
    w, after : array_like, shape (k,)
        Weights before and after; `after` may be left out.
    names : tuple of str
        One name for each weight.
    """
    ax = plt.gca() if ax is None else ax
    w = np.asarray(w, dtype=float)
    places = np.arange(len(w))
    ax.bar(places, w, width=0.5, color=NEUTRAL, alpha=0.5)
    ax.axhline(0, color=NEUTRAL, linewidth=0.8)
    if after is not None:
        for place, start, end in zip(places, w, np.asarray(after, dtype=float), strict=True):
            ax.annotate("", (place, end), (place, start), arrowprops={"arrowstyle": "->", "linewidth": 2})
    ax.set_xticks(places, names or [f"$w_{k}$" for k in places])
    ax.set_ylabel("weight")
    return ax


def update_step(
    x: ArrayLike,
    y: ArrayLike,
    before: ArrayLike,
    *,
    after: ArrayLike | None = None,
    missed: int | None = None,
    names: tuple[str, str] = ("class −1", "class +1"),
    ax: Axes | None = None,
) -> Axes:
    """Draw one step of the learning rule: the line, the event on its wrong side, the line after the update.

    Parameters
    ----------
    x : array_like, shape (n, 2)
    y : array_like, shape (n,)
        +1 or -1.
    before, after : array_like, shape (3,)
        Weights before and after the update, bias first; without `after` nothing is left to learn.
    missed : int, optional
        Index of the event that causes the update.
    names : tuple of str
        Name of class -1, then of class +1.
    """
    ax = plt.gca() if ax is None else ax
    x = np.asarray(x)
    scatter_classes(x, y, names=names, ax=ax)
    decision_line(before, shade=True, ax=ax, label="line now")
    if after is not None:
        decision_line(after, ax=ax, linestyle="--", label="after the update")
    if missed is not None:
        mark_event(x[missed], ax=ax, label="on the wrong side")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
