"""The output of a classifier: on training and test events, and against a variable it must not shape."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights
from hepml_course.plot.physics import variable
from hepml_course.plot.style import BACKGROUND, SIGNAL

_CLASSES = (("background", BACKGROUND), ("signal", SIGNAL))


def train_test(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None,
    is_test: ArrayLike,
    *,
    bins: int | ArrayLike = 20,
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
        Number of equal bins over the range of the score, or edges.
    """
    ax = plt.gca() if ax is None else ax
    values, truth, test = np.asarray(score, dtype=float), np.asarray(y), np.asarray(is_test, dtype=bool)
    w = checked_weights(weights, len(values))
    edges = np.histogram_bin_edges(values, bins)
    for label, (name, colour) in enumerate(_CLASSES):
        of_class = truth == label
        density, error = _density(values[of_class & ~test], w[of_class & ~test], edges)
        ax.stairs(density, edges, fill=True, color=colour, alpha=0.3, label=f"{name}, training")
        _error_boxes(ax, density, error, edges, colour)
        density, error = _density(values[of_class & test], w[of_class & test], edges)
        centres = (edges[1:] + edges[:-1]) / 2
        ax.errorbar(centres, density, error, fmt="o", markersize=3.5, color=colour, label=f"{name}, test")
    ax.set(xlabel="score", ylabel="density", xlim=edges[[0, -1]])
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def shape_in_slices(
    values: ArrayLike,
    score: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    name: str = "vis_mass",
    slices: int = 3,
    edges: ArrayLike | None = None,
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
        Number of slices, from low to high score.
    """
    ax = plt.gca() if ax is None else ax
    spectator, s = np.asarray(values, dtype=float), np.asarray(score, dtype=float)
    w = checked_weights(weights, len(s))
    if len(s) < 2 * slices:
        raise CourseError(f"{len(s)} events are too few for {slices} slices of the score.")
    shown = variable(name, spectator)
    edges = shown.edges if edges is None else np.asarray(edges, dtype=float)
    limits = weighted_quantiles(s, w, np.arange(1, slices) / slices)
    which = np.digitize(s, limits)
    colours = plt.get_cmap("viridis")(np.linspace(0.1, 0.85, slices))
    bounds = [
        f"score < {limits[0]:.2f}",
        *(f"{a:.2f}–{b:.2f}" for a, b in pairwise(limits)),
    ]
    for i, label in enumerate([*bounds, f"score > {limits[-1]:.2f}"]):
        density, error = _density(spectator[which == i], w[which == i], edges)
        ax.stairs(density, edges, color=colours[i], linewidth=1.5, label=label)
        centres = (edges[1:] + edges[:-1]) / 2
        ax.errorbar(centres, density, error, linestyle="none", color=colours[i], elinewidth=1)
    ax.set(xlabel=shown.label, ylabel="density", xlim=edges[[0, -1]])
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def weighted_quantiles(values: NDArray, weights: NDArray, fractions: ArrayLike) -> NDArray[np.float64]:
    """Values below which the given fractions of the weight lie."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    place = np.searchsorted(below, np.asarray(fractions) * below[-1])
    return values[order][np.minimum(place, len(values) - 1)]


def _density(values: NDArray, w: NDArray, edges: NDArray) -> tuple[NDArray, NDArray]:
    """Weighted histogram of unit area and its standard error per bin."""
    total = w.sum()
    if total <= 0:
        return np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    height = np.histogram(values, edges, weights=w)[0] / total
    error = np.sqrt(np.histogram(values, edges, weights=w**2)[0]) / total
    return height / np.diff(edges), error / np.diff(edges)


def _error_boxes(ax: Axes, density: NDArray, error: NDArray, edges: NDArray, colour: str) -> None:
    low = np.maximum(density - error, 0)
    ax.stairs(density + error, edges, baseline=low, fill=True, color=colour, alpha=0.35, linewidth=0)
