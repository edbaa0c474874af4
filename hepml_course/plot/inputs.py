"""Input variables: signal against background with their ratio, and one variable against another."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.ticker import FixedLocator, NullLocator
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate, checked_weights
from hepml_course.metrics.histogram import Histogram, bin_numbers, weighted_histogram
from hepml_course.metrics.response import profile
from hepml_course.metrics.separation import _shares
from hepml_course.plot.panel import panel_below, start_at_zero
from hepml_course.plot.physics import variable
from hepml_course.plot.style import BACKGROUND, NEUTRAL, SIGNAL

_LOOKS = ({"color": BACKGROUND, "hatch": "///", "fill": False}, {"color": SIGNAL, "fill": True})
_GREY = LinearSegmentedColormap.from_list("light", ["white", "0.62"])  # light enough for points on top
_CELLS = 50  # along each axis, at the most


def input_variable(
    values: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    name: str = "variable",
    *,
    separation: Estimate | float | None = None,
    edges: ArrayLike | None = None,
    names: tuple[str, str] = ("background", "signal"),
    ax: Axes | None = None,
) -> Axes:
    """Signal and background at unit area, with statistical errors, and below them signal over background.

    The area counts events outside the range, too. The ratio is drawn where both errors leave a background, as
    a triangle at the edge of the panel where it lies beyond: no signal, or almost no background.

    Parameters
    ----------
    values, y, weights : array_like, shape (n,)
        The variable, the truth (1 signal, 0 background) and event weights of any sign.
    name : str
        The variable's name, for label and range as in `hepml_course.plot.physics`.
    separation : Estimate or float, optional
        Written into the legend, see `hepml_course.metrics.separation`.
    edges : array_like, optional
        Bin edges, in the variable's unit.
    names : tuple of str
        Name of class 0, then of class 1.
    ax : Axes
        From ``plt.subplots``. It becomes the upper panel; the lower one is the axes of the same figure that
        is labelled "ratio".
    """
    ax = plt.gca() if ax is None else ax
    x, truth = np.asarray(values, dtype=float), np.asarray(y).astype(bool)
    if x.shape != truth.shape or x.ndim != 1:
        raise CourseError(f"{x.shape} and {truth.shape} do not belong together: give one label per value.")
    shares = _shares(checked_weights(weights, len(x), signed=True), truth)
    shown = variable(name, x, shares)
    edges = shown.edges if edges is None else np.asarray(edges, dtype=float)
    parts = [weighted_histogram(x[of], edges, shares[of]) for of in (~truth, truth)]
    for part, label, look in zip(parts, names, _LOOKS, strict=True):
        ax.stairs(part.content, edges, alpha=0.45, label=label, **look)
        ax.stairs(part.content, edges, color=look["color"], linewidth=1.5)
        _errors(ax, edges, part, look["color"])
    ax.set(ylabel="fraction of events per bin", xlim=edges[[0, -1]])
    start_at_zero(ax, [part.content for part in parts])
    title = None if separation is None else f"separation ⟨S²⟩ = {_three(separation)}"
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, title=title)
    _ratio(panel_below(ax), edges, *parts)
    ax.figure.axes[-1].set(xlabel=shown.label, ylabel="sig. / bkg.")
    return ax


def profile_scatter(
    x: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    names: tuple[str, str] = ("x", "y"),
    *,
    bins: int = 15,
    colour: str = SIGNAL,
    ax: Axes | None = None,
) -> Axes:
    """One variable against another for one class, and the mean of the second in bins of the first.

    Colour is the sum of weights in a cell; cells with a negative sum stay white. The mean counts what lies
    inside the picture.

    Parameters
    ----------
    x, y, weights : array_like, shape (n,)
        Two variables of the same events, and their weights of any sign.
    names : tuple of str
        Names of the variables, for labels and ranges as in `hepml_course.plot.physics`.
    bins : int
        Number of bins of the profile.
    colour : str
        Of the profile.
    """
    ax = plt.gca() if ax is None else ax
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    w = checked_weights(weights, len(first), signed=True)
    if first.shape != second.shape:
        raise CourseError(f"{first.shape} and {second.shape} do not belong together: give one y for each x.")
    axes = [variable(name, part, w) for name, part in zip(names, (first, second), strict=True)]
    edges = [np.linspace(a.low, a.high, _cells(a.bins) + 1) for a in axes]
    rows, columns = (bin_numbers(part, e) for part, e in zip((second, first), edges[::-1], strict=True))
    inside = (rows >= 0) & (rows < len(edges[1]) - 1) & (columns >= 0) & (columns < len(edges[0]) - 1)
    shape = (len(edges[1]) - 1, len(edges[0]) - 1)
    place = rows[inside] * shape[1] + columns[inside]
    content = np.bincount(place, w[inside], shape[0] * shape[1]).reshape(shape)
    mesh = ax.pcolormesh(
        *edges,
        np.where(content > 0, content, np.nan),
        cmap=_GREY,
        norm=PowerNorm(0.5, vmin=0),
        rasterized=True,
    )
    ax.figure.colorbar(mesh, ax=ax, label="sum of weights per cell")
    coarse = np.linspace(axes[0].low, axes[0].high, bins + 1)
    found = profile(first[inside], second[inside], coarse, w[inside], signed=True)
    look = {"color": colour, "linestyle": "none", "marker": "o", "markersize": 4, "capsize": 2}
    ax.errorbar(found.x, found.mean, found.error, label="mean", **look)
    ax.set(xlabel=axes[0].label, ylabel=axes[1].label, xlim=edges[0][[0, -1]], ylim=edges[1][[0, -1]])
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)
    return ax


def _cells(bins: int) -> int:
    """Cells along an axis: twice its bins where that leaves whole numbers one bin each, few or not."""
    return bins * max(1, min(2, _CELLS // bins))


def _errors(ax: Axes, edges: np.ndarray, part: Histogram, colour: str) -> None:
    drawn = part.error > 0
    centres = (edges[1:] + edges[:-1]) / 2
    look = {"linestyle": "none", "color": colour, "elinewidth": 1}
    ax.errorbar(centres[drawn], part.content[drawn], part.error[drawn], **look)


def _ratio(ax: Axes, edges: np.ndarray, background: Histogram, signal: Histogram) -> None:
    """Signal over background on a logarithmic axis that is as wide as the well-measured ratios."""
    centres, known = (edges[1:] + edges[:-1]) / 2, background.content > background.error
    b, b_error, s, s_error = (part[known] for part in (*background, *signal))
    value = s / b
    error = np.hypot(s_error, value * b_error) / b
    well = (value > 0) & (error < value / 2)
    far = np.abs(np.log(value[well])).max(initial=0.0)
    reach = float(np.exp(np.clip(1.2 * far, np.log(2.5), np.log(40))))
    inside = (value > 1 / reach) & (value < reach)
    look = {"color": "black", "linestyle": "none", "markersize": 3}
    ax.set_yscale("log")
    ax.axhline(1, color=NEUTRAL, linewidth=0.8)
    x = centres[known]
    ax.errorbar(x[inside], value[inside], error[inside], marker="o", elinewidth=1, **look)
    for beyond, marker, edge in ((value <= 1 / reach, "v", 1 / reach), (value >= reach, "^", reach)):
        ax.plot(x[beyond], np.full(np.count_nonzero(beyond), edge), marker=marker, clip_on=False, **look)
    ax.set_ylim(1 / reach, reach)
    step = 2 if reach < 5 else 5 if reach < 12 else 10
    ax.yaxis.set_major_locator(FixedLocator([1 / step, 1, step]))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_locator(NullLocator())


def _three(value: Estimate | float) -> str:
    return f"{value:.3f}".replace("-", "−")
