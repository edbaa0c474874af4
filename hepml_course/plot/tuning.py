"""Searches of hyper-parameters: where they looked, what they found, which settings did well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from numpy.typing import ArrayLike
from pandas import CategoricalDtype, DataFrame, Series
from pandas.api.types import is_integer_dtype, is_numeric_dtype

from hepml_course.errors import CourseError
from hepml_course.plot.style import COLOURS, NEUTRAL

SEARCH_MARKERS = ("s", "o", "^", "D")
_DECADES = 1.5  # a hyper-parameter that spans more of them gets a logarithmic axis
_FEW = 5  # so many whole numbers get a label each


def parallel_coordinates(
    table: DataFrame, value: str, *, label: str | None = None, ax: Axes | None = None
) -> Axes:
    """One upright axis per hyper-parameter, one line per trial, the better the darker and the later drawn.

    Parameters
    ----------
    table : DataFrame
        One row per trial. Columns of numbers get their range, logarithmic where they span decades, which
        the name of the axis says; columns of words or booleans get one place per value, categories also
        for those that no trial had. Rows without `value` are left out.
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
    titles = [*names[:-1], label or value]
    for position, (_, ticks) in enumerate(scales):
        ax.axvline(position, 0.09, 0.91, color=NEUTRAL, linewidth=0.8, zorder=0)
        for height, text in ticks:
            _mark(ax, position, height, text)
    logarithmic = [_is_logarithmic(rows[name]) for name in names]
    shown = [f"{title} (log)" if log else title for title, log in zip(titles, logarithmic, strict=True)]
    ax.set_xticks(range(len(names)), shown)
    ax.tick_params(axis="x", length=0)
    ax.set(yticks=[], xlim=(-0.35, len(names) - 0.65), ylim=(-0.11, 1.11))
    ax.spines[["left", "bottom"]].set_visible(False)
    return ax


def _mark(ax: Axes, position: int, height: float, text: str) -> None:
    """A value of an upright axis: below it, above it, or on it and over the lines."""
    offset, vertical = {0.0: ((0, -3), "top"), 1.0: ((0, 3), "bottom")}.get(height, ((0, 0), "center"))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    look = {"fontsize": 9, "ha": "center", "va": vertical, "zorder": 5, "bbox": box}
    ax.annotate(text, (position, height), offset, textcoords="offset points", **look)


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
    levels = MaxNLocator(10).tick_values(np.quantile(z, 0.4), z.max())  # equal steps; what is worse is white
    filled = ax.contourf(x, y, z, levels=levels, cmap="Greys", extend="min", alpha=0.7)
    ax.figure.colorbar(filled, ax=ax, label=score, format="%.3f")
    for (name, (a, b)), colour, marker in zip(trials.items(), COLOURS, SEARCH_MARKERS, strict=False):
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        look = {"color": colour, "marker": marker, "linestyle": "none", "markeredgecolor": "white"}
        ax.plot(a, b, label=name, markeredgewidth=0.5, **look)
        ax.plot(a[-1:], b[-1:], markersize=10, markeredgewidth=1.5, **look)
    ax.set(xscale="log", yscale="log", xlabel=labels[0], ylabel=labels[1])
    if np.log10(y.max() / y.min()) < 2:  # too few decades for labels at powers of ten
        ax.set_yscale("log", base=2)
        ax.yaxis.set_major_formatter(ScalarFormatter())
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


def _is_number(column: Series) -> bool:
    return is_numeric_dtype(column) and column.dtype != bool


def _is_logarithmic(column: Series) -> bool:
    if not _is_number(column):
        return False
    low, high = float(column.min()), float(column.max())
    return low > 0 and np.log10(high / low) > _DECADES


def _scale(column: Series):
    """How to place the values of a column between 0 and 1, and which ticks to write."""
    if _is_number(column):
        low, high = float(column.min()), float(column.max())
        change = np.log if _is_logarithmic(column) else (lambda v: v)
        start, length = change(low), (change(high) - change(low)) or 1.0
        few = is_integer_dtype(column) and high - low < _FEW
        written = np.arange(low, high + 1) if few else np.unique([low, high])
        ticks = [(float((change(v) - start) / length), f"{v:.3g}") for v in written]
        return (lambda v: (change(v.to_numpy(float)) - start) / length), ticks
    if isinstance(column.dtype, CategoricalDtype):
        words = [str(word) for word in column.cat.categories]
    else:
        words = sorted(column.astype(str).unique())
    step = 1 / max(len(words) - 1, 1)
    ticks = [(number * step, word) for number, word in enumerate(words)]
    return (lambda v: np.array([words.index(str(word)) * step for word in v])), ticks
