"""Distributions of weighted events: of both signs, against one another, and as a ratio."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights
from hepml_course.metrics.histogram import Histogram, weighted_histogram
from hepml_course.plot.style import BACKGROUND, COLOURS, NEUTRAL, SIGNAL

_MARKERS = "osD^vP"


def signed_histogram(
    values: ArrayLike,
    weights: ArrayLike,
    edges: ArrayLike,
    *,
    expected: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Positive weights upwards, negative ones downwards, and their sum as points with errors √Σw².

    Parameters
    ----------
    values, weights : array_like, shape (n,)
    edges : array_like, shape (bins + 1,)
    expected : array_like, shape (bins,), optional
        What the sums should be, drawn as a dashed line.
    """
    ax = plt.gca() if ax is None else ax
    x, edges = np.asarray(values, dtype=float), np.asarray(edges, dtype=float)
    w = checked_weights(weights, len(x), signed=True)
    up, down = (weighted_histogram(x, edges, part).content for part in (np.maximum(w, 0), np.minimum(w, 0)))
    ax.stairs(up, edges, fill=True, color=SIGNAL, alpha=0.25, label="positive weights")
    ax.stairs(down, edges, fill=True, color=BACKGROUND, alpha=0.35, label="negative weights")
    total = weighted_histogram(x, edges, w)
    ax.errorbar(_centres(edges), *total, fmt="o", color="black", markersize=3.5, label="sum")
    if expected is not None:
        ax.stairs(np.asarray(expected, dtype=float), edges, color=NEUTRAL, linestyle="--", label="expected")
    ax.axhline(0, color=NEUTRAL, linewidth=0.8)
    ax.set(ylabel="sum of weights per bin", xlim=edges[[0, -1]])
    ax.legend()
    return ax


def weighted_shapes(
    samples: Mapping[str, tuple[ArrayLike, ArrayLike | None]], edges: ArrayLike, *, ax: Axes | None = None
) -> Axes:
    """Distributions of several samples at equal area: the first one filled, the others as points with errors.

    Parameters
    ----------
    samples : mapping of str to (values, weights)
        Weights of any sign, or None.
    edges : array_like, shape (bins + 1,)
    """
    ax = plt.gca() if ax is None else ax
    edges = np.asarray(edges, dtype=float)
    centres, width = _centres(edges), np.diff(edges)
    for number, (name, (values, weights)) in enumerate(samples.items()):
        content, error = _shape(name, values, weights, edges)
        if number == 0:
            ax.stairs(content / width, edges, fill=True, color=COLOURS[-2], alpha=0.4, label=name)
            continue
        look = {"color": COLOURS[number - 1], "fmt": _MARKERS[(number - 1) % len(_MARKERS)]}
        shift = (number - len(samples) / 2) * 0.12 * width  # side by side, so that no error bar hides another
        ax.errorbar(centres + shift, content / width, error / width, markersize=3.5, label=name, **look)
    ax.set(ylabel="share of events per unit", xlim=edges[[0, -1]])
    ax.legend()
    return ax


def shape_ratio(
    samples: Mapping[str, tuple[ArrayLike, ArrayLike | None]], edges: ArrayLike, *, ax: Axes | None = None
) -> Axes:
    """The same distributions divided by the first one, whose own error is the grey band around 1.

    Parameters as in `weighted_shapes`. Bins in which the first has nothing are left out.
    """
    ax = plt.gca() if ax is None else ax
    edges = np.asarray(edges, dtype=float)
    centres, width = _centres(edges), np.diff(edges)
    (first, (values, weights)), *others = samples.items()
    wanted, error = _shape(first, values, weights, edges)
    filled = wanted > 0
    one = np.where(filled, wanted, np.nan)
    ax.stairs(1 + error / one, edges, baseline=1 - error / one, fill=True, color=COLOURS[-2], alpha=0.3)
    ax.axhline(1, color=NEUTRAL, linewidth=1)
    for number, (name, (values, weights)) in enumerate(others):
        content, error = _shape(name, values, weights, edges)
        look = {"color": COLOURS[number], "fmt": _MARKERS[number % len(_MARKERS)]}
        shift = (number - (len(others) - 1) / 2) * 0.15 * width
        ax.errorbar(centres + shift, content / one, error / one, markersize=3.5, label=name, **look)
    ax.set(ylabel=f"ratio to {first}", xlim=edges[[0, -1]])
    ax.legend()
    return ax


def _shape(name: str, values: ArrayLike, weights: ArrayLike | None, edges: np.ndarray) -> Histogram:
    """Content and error of a sample whose weights, inside and outside the edges, are scaled to sum to 1."""
    x = np.asarray(values, dtype=float)
    w = checked_weights(weights, len(x), signed=True)
    if not w.sum() > 0:
        raise CourseError(f"The weights of {name!r} sum to {w.sum():.3g}: there is no shape to draw.")
    return weighted_histogram(x, edges, w / w.sum())


def _centres(edges: np.ndarray) -> np.ndarray:
    return (edges[1:] + edges[:-1]) / 2
