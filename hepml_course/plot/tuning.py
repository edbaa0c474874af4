"""Searches of hyper-parameters: where they looked, what they found, which settings did well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from pandas import DataFrame
from pandas.api.types import is_numeric_dtype

from hepml_course.errors import CourseError
from hepml_course.plot.style import COLOURS, NEUTRAL

SEARCH_MARKERS = ("s", "o", "^", "D")
_DECADES = 1.5  # a hyper-parameter that spans more of them gets a logarithmic axis


def parallel_coordinates(
    table: DataFrame, value: str, *, label: str | None = None, ax: Axes | None = None
) -> Axes:
    """One upright axis per hyper-parameter, one line per trial, the better the darker and the later drawn.

    Parameters
    ----------
    table : DataFrame
        One row per trial. Columns of numbers get their range, logarithmic where they span decades; columns
        of words or booleans one place per value. Rows without `value` are left out.
    value : str
        The column with the score, larger for better; it becomes the last axis.
    label : str, optional
        What the score is called.
    """
    ax = plt.gca() if ax is None else ax
    rows = table[table[value].notna()]
    if len(rows) < 2:
        raise CourseError(f"{len(rows)} finished trials make no picture; let the search run first.")
    names = [*(name for name in rows.columns if name != value), value]
    scales = [_scale(rows[name]) for name in names]
    heights = np.array([place(rows[name]) for name, (place, _) in zip(names, scales, strict=True)])
    score = rows[value].to_numpy(float)
    low, high = np.nanquantile(score, [0.1, 1])
    shades = plt.get_cmap("Blues")(0.25 + 0.75 * np.clip((score - low) / (high - low or 1), 0, 1))
    for row in np.argsort(score):
        ax.plot(heights[:, row], color=shades[row], linewidth=1.8, alpha=0.9)
    for position, (_, ticks) in enumerate(scales):
        ax.axvline(position, color=NEUTRAL, linewidth=0.8, zorder=0)
        for height, text in ticks:
            box = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.5}
            ax.annotate(text, (position, height), (3, 0), textcoords="offset points", fontsize=8, bbox=box)
    ax.set_xticks(range(len(names)), [*names[:-1], label or value])
    ax.set(yticks=[], xlim=(-0.1, len(names) - 0.55), ylim=(-0.05, 1.05))
    ax.spines["left"].set_visible(False)
    return ax


def search_plane(
    trials: Mapping[str, tuple[ArrayLike, ArrayLike]],
    surface: tuple[ArrayLike, ArrayLike, ArrayLike],
    *,
    labels: tuple[str, str] = ("learning rate", "neurons per layer"),
    score: str = "AUC",
    ax: Axes | None = None,
) -> Axes:
    """Where searches have looked, over the response that they look for; both axes are logarithmic.

    Parameters
    ----------
    trials : mapping of str to (x, y)
        Points of each search in order; the last of each is drawn larger.
    surface : tuple (x, y, z)
        Grid points along both axes and the response, shape (len(y), len(x)).
    """
    ax = plt.gca() if ax is None else ax
    x, y, z = (np.asarray(part, dtype=float) for part in surface)
    levels = np.unique(np.quantile(z, np.linspace(0.15, 1, 9)))  # each shade covers the same area
    filled = ax.contourf(x, y, z, levels=levels, cmap="Greys", extend="min", alpha=0.7)
    ax.figure.colorbar(filled, ax=ax, label=score, format="%.3f")
    for (name, (a, b)), colour, marker in zip(trials.items(), COLOURS, SEARCH_MARKERS, strict=False):
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        look = {"color": colour, "marker": marker, "linestyle": "none", "markeredgecolor": "white"}
        ax.plot(a, b, label=name, markeredgewidth=0.5, **look)
        ax.plot(a[-1:], b[-1:], markersize=10, markeredgewidth=1.5, **look)
    ax.set(xscale="log", yscale="log", xlabel=labels[0], ylabel=labels[1])
    return ax


def search_history(
    best: Mapping[str, ArrayLike],
    *,
    spread: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    limit: float | None = None,
    score: str = "AUC",
    ax: Axes | None = None,
) -> Axes:
    """The best score so far against the number of trials.

    Parameters
    ----------
    best : mapping of str to array_like, shape (trials,)
        One rising curve per search.
    spread : mapping of str to (low, high), optional
        Bands around the curves.
    limit : float, optional
        The best that there is, as a dashed line.
    """
    ax = plt.gca() if ax is None else ax
    for (name, curve), colour, marker in zip(best.items(), COLOURS, SEARCH_MARKERS, strict=False):
        number = np.arange(1, len(np.asarray(curve)) + 1)
        ax.plot(number, curve, color=colour, marker=marker, markersize=4, label=name, drawstyle="steps-post")
        if spread is not None:
            ax.fill_between(number, *spread[name], color=colour, alpha=0.18, step="post", linewidth=0)
    if limit is not None:
        ax.axhline(limit, color=NEUTRAL, linestyle="--", linewidth=1, label="best possible")
    ax.set(xlabel="trials", ylabel=f"best {score} so far")
    return ax


def setting_scan(
    x: ArrayLike,
    y: ArrayLike,
    *,
    label: str | None = None,
    ax: Axes | None = None,
    **style: object,
) -> Axes:
    """Mean of several networks at each value of a hyper-parameter, with the standard error of the mean.

    Parameters
    ----------
    x : array_like, shape (n,)
        The value of each network; equal values belong together.
    y : array_like, shape (n,)
        The score of each network.
    """
    ax = plt.gca() if ax is None else ax
    values, scores = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    places = np.unique(values)
    groups: Sequence[np.ndarray] = [scores[values == place] for place in places]
    mean = [group.mean() for group in groups]
    error = [group.std(ddof=1) / np.sqrt(len(group)) if len(group) > 1 else 0.0 for group in groups]
    ax.errorbar(places, mean, error, marker="o", capsize=2, label=label, **style)
    return ax


def _scale(column):
    """How to place the values of a column between 0 and 1, and which ticks to write."""
    if is_numeric_dtype(column) and column.dtype != bool:
        low, high = float(column.min()), float(column.max())
        logarithmic = low > 0 and np.log10(high / low) > _DECADES
        change = np.log if logarithmic else (lambda v: v)
        start, length = change(low), (change(high) - change(low)) or 1.0
        ticks = [(0.0, f"{low:.3g}"), (1.0, f"{high:.3g}")] if high > low else [(0.0, f"{low:.3g}")]
        return (lambda v: (change(v.to_numpy(float)) - start) / length), ticks
    words = sorted(column.astype(str).unique())
    step = 1 / max(len(words) - 1, 1)
    ticks = [(number * step, word) for number, word in enumerate(words)]
    return (lambda v: np.array([words.index(str(word)) * step for word in v])), ticks
