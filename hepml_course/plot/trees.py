"""What a tree and a sum of trees do: the gain of each cut, events with weights, a score over the plane."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike, NDArray

from hepml_course.plot.rejection import score_histograms
from hepml_course.plot.style import BACKGROUND, COLOURS, MARKERS, NEUTRAL, SIGNAL

_CLASSES = LinearSegmentedColormap.from_list("classes", [BACKGROUND, "white", SIGNAL])
_GRID = 161  # points along each axis where a score is looked at


def split_gain(
    values: ArrayLike,
    is_signal: ArrayLike,
    cuts: ArrayLike,
    gains: ArrayLike,
    *,
    names: tuple[str, str] = ("background", "signal"),
    bins: int | ArrayLike = 40,
    ax: Axes | None = None,
) -> Axes:
    """Histogram of a variable in both classes and, on an axis of its own, the information gain of each cut.

    Parameters
    ----------
    values, is_signal : array_like, shape (n,)
        The variable, and the truth.
    cuts, gains : array_like, shape (m,)
        Where the variable could be cut, rising, and what that would gain in bits.
    names : tuple of str
        Name of background, then of signal.
    bins : int or array_like
        Number of bins or their edges.
    """
    ax = plt.gca() if ax is None else ax
    score_histograms(values, is_signal, bins=bins, names=names, ax=ax)
    other = ax.twinx()
    other.plot(cuts, gains, color="black", label="information gain")
    best = int(np.argmax(gains))
    other.plot(np.asarray(cuts)[best], np.asarray(gains)[best], "o", color="black")
    other.axvline(np.asarray(cuts)[best], color="black", linestyle=":")
    other.spines["right"].set_visible(True)
    other.set(ylabel="information gain / bit", ylim=(0, None))
    both = [each.get_legend_handles_labels() for each in (ax, other)]
    ax.legend(*(first + second for first, second in zip(*both, strict=True)))
    return ax


def weighted_classes(
    x: ArrayLike,
    y: ArrayLike,
    w: ArrayLike,
    *,
    names: tuple[str, str] = ("class −1", "class +1"),
    ax: Axes | None = None,
) -> Axes:
    """Events of two classes, each with an area in proportion to its weight.

    Parameters
    ----------
    x : array_like, shape (n, 2)
    y : array_like, shape (n,)
        +1 or -1.
    w : array_like, shape (n,)
        Weights; only their ratios matter.
    names : tuple of str
        Name of class -1, then of class +1.
    """
    ax = plt.gca() if ax is None else ax
    x, y, w = np.asarray(x), np.asarray(y), np.asarray(w, dtype=float)
    area = 14 * w / w.mean()
    for label, name, colour in zip((-1, +1), names, (BACKGROUND, SIGNAL), strict=True):
        of = y == label
        look = {"marker": MARKERS[label], "color": colour, "alpha": 0.55, "linewidths": 0}
        ax.scatter(*x[of].T, s=area[of], label=name, **look)
    return ax


def score_plane(
    score: Callable[[NDArray], NDArray],
    *,
    border: float,
    limits: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Tint the plane by a score, signal's colour where it is high, and draw where it crosses the border.

    The view stays as it is, so draw the events first.

    Parameters
    ----------
    score : callable
        Takes an array of shape (m, 2), returns one of shape (m,).
    border : float
        The score at which the tint changes sides.
    limits : tuple of float, optional
        Scores of the deepest tints; by default equally far from the border, where the score is farthest.
    """
    ax = plt.gca() if ax is None else ax
    view = ax.get_xlim(), ax.get_ylim()
    grid = np.array(np.meshgrid(*(np.linspace(low, high, _GRID) for low, high in view)))
    values = np.asarray(score(grid.reshape(2, -1).T), dtype=float).reshape(_GRID, _GRID)
    far = max(float(np.abs(values - border).max()), 1e-9)
    low, high = (border - far, border + far) if limits is None else limits
    extent = (*view[0], *view[1])
    look = {"cmap": _CLASSES, "vmin": low, "vmax": high, "alpha": 0.45, "zorder": 0}
    ax.imshow(values, origin="lower", extent=extent, aspect="auto", interpolation="bilinear", **look)
    if values.min() < border < values.max():
        ax.contour(*grid, values, levels=[border], colors="black", linewidths=1.2)
    ax.set(xlim=view[0], ylim=view[1])
    return ax


def tree_count(
    trees: ArrayLike, curves: Mapping[str, ArrayLike], *, at: int | None = None, ax: Axes | None = None
) -> Axes:
    """A figure of merit against the number of trees, one curve for each sample.

    Parameters
    ----------
    trees : array_like, shape (m,)
        Numbers of trees, rising.
    curves : mapping of str to array_like, shape (m,)
        Name of each sample and its figure of merit.
    at : int, optional
        Place in `trees` that is marked.
    """
    ax = plt.gca() if ax is None else ax
    for (name, values), look, colour in zip(curves.items(), ("o-", "s--", "^:"), COLOURS, strict=False):
        ax.plot(trees, values, look, color=colour, label=name, markersize=4)
        if at is not None:
            ax.plot(np.asarray(trees)[at], np.asarray(values)[at], look[0], color=colour, markersize=10)
    if at is not None:
        ax.axvline(np.asarray(trees)[at], color=NEUTRAL, linestyle=":")
    ax.set_xscale("log")
    ax.set(xlabel="trees", ylabel="AUC")
    ax.legend(loc="upper left")
    return ax
