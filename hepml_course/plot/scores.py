"""The output of a classifier: on training and test events, and against a variable it must not shape."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights
from hepml_course.metrics.histogram import weighted_histogram
from hepml_course.metrics.response import profile
from hepml_course.plot.panel import start_at_zero
from hepml_course.plot.physics import robust_range, variable, weighted_quantiles
from hepml_course.plot.style import BACKGROUND, NEUTRAL, SIGNAL

_CLASSES = (("background", BACKGROUND), ("signal", SIGNAL))


def train_test(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None,
    is_test: ArrayLike,
    *,
    bins: int | ArrayLike = 20,
    log: bool = False,
    signed: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Score of each class on training events, filled, and on test events, points with errors.

    Each of the four distributions has unit area. Where the points leave the filled shape by more than
    their errors, the classifier knows its training events.

    Parameters
    ----------
    score, y, weights : array_like, shape (n,)
        Of training and test events together; ``y`` is 1 for signal, 0 for background.
    is_test : array_like of bool, shape (n,)
        Whether the event was kept out of the training.
    bins : int or array_like
        Number of equal bins over the range of the score, without the outermost 0.1 % of a class where those
        lie far out, or edges. What lies outside counts in the area.
    log : bool
        Logarithmic density, to see the tails.
    signed : bool
        Take negative weights, too.
    """
    ax = plt.gca() if ax is None else ax
    values, truth, test = np.asarray(score, dtype=float), np.asarray(y), np.asarray(is_test, dtype=bool)
    w = checked_weights(weights, len(values), signed=signed)
    edges = score_edges(values, truth, bins)
    centres, drawn = (edges[1:] + edges[:-1]) / 2, []
    for label, (name, colour) in enumerate(_CLASSES):
        of_class = truth == label
        density, error = _density(values[of_class & ~test], w[of_class & ~test], edges)
        ax.stairs(density, edges, fill=True, color=colour, alpha=0.3, label=f"{name}, training")
        _error_boxes(ax, density, error, edges, colour)
        drawn.append(density)
        density, error = _density(values[of_class & test], w[of_class & test], edges)
        ax.errorbar(centres, density, error, fmt="o", markersize=3.5, color=colour, label=f"{name}, test")
        drawn.append(density)
    ax.set(xlabel="score", ylabel="density", xlim=edges[[0, -1]])
    heights = np.concatenate(drawn)
    if log and (heights > 0).any():
        ax.set_yscale("log")
        ax.set_ylim(heights[heights > 0].min() / 3, 20 * heights.max())  # room for the legend
    else:
        start_at_zero(ax, drawn, room=1.3)
    ax.legend(ncols=2, columnspacing=1.2)
    return ax


def score_edges(score: ArrayLike, y: ArrayLike, bins: int | ArrayLike) -> NDArray[np.float64]:
    """Edges of equal bins over the scores of both classes, without outliers far out; given edges stay."""
    if np.ndim(bins):
        return np.asarray(bins, dtype=float)
    values, truth = np.asarray(score, dtype=float), np.asarray(y)
    ends = [robust_range(values[truth == of], tail=0.001) for of in (0, 1) if (truth == of).any()]
    return np.histogram_bin_edges([], bins, range=(min(a for a, _ in ends), max(b for _, b in ends)))


def shape_in_slices(
    values: ArrayLike,
    score: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    name: str = "vis_mass",
    slices: int = 3,
    edges: ArrayLike | None = None,
    signed: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Distribution of a spectator in slices of the score that hold equal weight, each at unit area.

    Give it one class at a time, the background above all: if the shapes differ, a cut on the score
    sculpts the spectator.

    Parameters
    ----------
    values, score, weights : array_like, shape (n,)
        Spectator, classifier output and event weight.
    name : str
        The spectator's name, for label and range.
    slices : int
        Number of slices, from low to high score; fewer where many events have one score.
    edges : array_like, optional
        Bin edges, in the spectator's unit.
    signed : bool
        Take negative weights, too. They count by their size when the slices are cut.
    """
    ax = plt.gca() if ax is None else ax
    spectator, s, w, limits = _sliced(values, score, weights, slices, signed)
    shown = variable(name, spectator, w)
    edges = shown.edges if edges is None else np.asarray(edges, dtype=float)
    which, drawn = np.digitize(s, limits), []
    colours = plt.get_cmap("viridis")(np.linspace(0.1, 0.85, len(limits) + 1))
    for i, label in enumerate(_slice_names(limits)):
        density, error = _density(spectator[which == i], w[which == i], edges)
        ax.stairs(density, edges, color=colours[i], linewidth=1.5, label=label)
        centres = (edges[1:] + edges[:-1]) / 2
        ax.errorbar(centres, density, error, linestyle="none", color=colours[i], elinewidth=1)
        drawn.append(density)
    ax.set(xlabel=shown.label, ylabel="density", xlim=edges[[0, -1]])
    start_at_zero(ax, drawn)
    ax.legend()
    return ax


def spectator_profile(
    values: ArrayLike,
    score: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    name: str = "vis_mass",
    slices: int = 10,
    ax: Axes | None = None,
) -> Axes:
    """Mean of a spectator in slices of the score, for one class: flat where a cut does not move it.

    The horizontal axis counts events, since scores crowd at their ends: at 90 % stands the cut that removes
    90 % of this class. A flat mean does not show that the shape stays; `shape_in_slices` looks at that.

    Parameters
    ----------
    values, score, weights : array_like, shape (n,)
        Spectator, classifier output and event weight of any sign; by size they say how many events there are.
    name : str
        The spectator's name, for the label. The mean counts its range only, so that a few values far out
        do not decide.
    slices : int
        Number of slices of the score that hold equal weight; fewer where many events have one score.
    """
    ax = plt.gca() if ax is None else ax
    spectator, s, w, limits = _sliced(values, score, weights, slices, True)
    shown = variable(name, spectator, w)
    which = np.digitize(s, limits)
    ends = np.concatenate([[0], np.cumsum(np.bincount(which, np.abs(w), len(limits) + 1))])
    ends *= 100 / ends[-1]
    inside = (spectator >= shown.low) & (spectator <= shown.high)
    which, spectator, w = which[inside], spectator[inside], w[inside]
    found = profile(which + 0.5, spectator, np.arange(len(ends)), w, signed=True)
    kept = found.x.astype(int)
    centre, half = (ends[kept + 1] + ends[kept]) / 2, (ends[kept + 1] - ends[kept]) / 2
    look = {"fmt": "o", "markersize": 4, "color": "black", "elinewidth": 1}
    ax.errorbar(centre, found.mean, found.error, half, label="slices", **look)
    if w.sum() > 0:
        ax.axhline(w @ spectator / w.sum(), color=NEUTRAL, linestyle="--", linewidth=1, label="all scores")
    ax.set(xlabel="events with a lower score / %", ylabel=f"mean of {shown.label}", xlim=(0, 100))
    ax.legend()
    return ax


def _sliced(
    values: ArrayLike, score: ArrayLike, weights: ArrayLike | None, slices: int, signed: bool
) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Spectator, score and weights as arrays, and the scores between slices of equal weight."""
    spectator, s = np.asarray(values, dtype=float), np.asarray(score, dtype=float)
    w = checked_weights(weights, len(s), signed=signed)
    if len(s) < 2 * slices:
        raise CourseError(f"{len(s)} events are too few for {slices} slices of the score.")
    limits = weighted_quantiles(s, np.abs(w), np.arange(1, slices) / slices)
    return spectator, s, w, np.unique(limits[(limits > s.min()) & np.isfinite(limits)])


def _slice_names(limits: NDArray) -> list[str]:
    """What each slice between the limits is called."""
    if not len(limits):
        return ["all scores"]
    sizes = np.abs(limits[limits != 0])
    digits = int(np.clip(1 - np.floor(np.log10(sizes.min(initial=1.0))), 0, 6))
    digits = next((n for n in range(digits, 6) if len(np.unique(limits.round(n))) == len(limits)), 6)
    between = [f"{a:.{digits}f}–{b:.{digits}f}" for a, b in pairwise(limits)]
    return [f"score < {limits[0]:.{digits}f}", *between, f"score > {limits[-1]:.{digits}f}"]


def _density(values: NDArray, w: NDArray, edges: NDArray) -> tuple[NDArray, NDArray]:
    """Weighted histogram of unit area and its standard error per bin."""
    total = w.sum()
    if total <= 0:
        return np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    height, error = weighted_histogram(values, edges, w / total)
    return height / np.diff(edges), error / np.diff(edges)


def _error_boxes(ax: Axes, density: NDArray, error: NDArray, edges: NDArray, colour: str) -> None:
    low = np.maximum(density - error, 0)
    ax.stairs(density + error, edges, baseline=low, fill=True, color=colour, alpha=0.35, linewidth=0)
