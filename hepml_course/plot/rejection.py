"""Scores of two classes side by side, and the rejection curve that papers about tagging show."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.metrics import roc_curve
from hepml_course.metrics.estimate import checked_weights
from hepml_course.plot.style import BACKGROUND, SIGNAL


def score_histograms(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int | ArrayLike = 40,
    names: tuple[str, str] = ("background", "signal"),
    density: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Distribution of the score in each class.

    Parameters
    ----------
    score, y, weights : array_like, shape (n,)
        Classifier output, truth (1 signal, 0 background) and event weights.
    bins : int or array_like
        Number of equal bins over the range of the score, or edges.
    names : tuple of str
        Name of class 0, then of class 1.
    density : bool
        Scale each class to unit area; otherwise draw sums of weights per bin.
    """
    ax = plt.gca() if ax is None else ax
    values, truth = np.asarray(score, dtype=float), np.asarray(y)
    w = checked_weights(weights, len(values))
    edges = np.histogram_bin_edges(values, bins)
    looks = ({"color": BACKGROUND, "hatch": "///", "fill": False}, {"color": SIGNAL, "fill": True})
    for label, (name, look) in enumerate(zip(names, looks, strict=True)):
        of_class = truth == label
        height, _ = np.histogram(values[of_class], edges, weights=w[of_class], density=density)
        ax.stairs(height, edges, alpha=0.55, label=name, **look)
        ax.stairs(height, edges, color=look["color"], linewidth=1.5)
    ax.set(xlabel="score", ylabel="density" if density else "events per bin", xlim=edges[[0, -1]])
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def rejection(
    scores: Mapping[str, ArrayLike],
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    fewest: int = 10,
    colours: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Background rejection against signal efficiency, on a logarithmic axis.

    Each curve starts where enough background is left to measure a rejection at all, and has a band of one
    standard deviation of that background.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n,)
        Name of each classifier and its output, larger for signal.
    y, weights : array_like, shape (n,)
        Truth (1 signal, 0 background) and event weights.
    fewest : int
        Background events, in effective number, that must pass.
    colours : mapping of str to str, optional
        Colour of each classifier, by its name.
    """
    ax = plt.gca() if ax is None else ax
    truth = np.asarray(y, dtype=bool)
    w = checked_weights(weights, len(truth))
    for name, score in scores.items():
        curve = roc_curve(score, truth, w)
        noise = roc_curve(score, truth, np.where(truth, w, w**2)).background  # Σw² along the curve
        variance = noise * (w[~truth] ** 2).sum() / w[~truth].sum() ** 2
        shown = curve.background**2 >= fewest * variance
        shown &= curve.background > 0
        error = np.sqrt(variance[shown])
        x, passing = curve.signal[shown], curve.background[shown]
        (line,) = ax.plot(x, 1 / passing, label=name, color=(colours or {}).get(name))
        low, high = 1 / (passing + error), 1 / (passing - error)
        ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    ax.set(xlabel="signal efficiency", ylabel="background rejection $1/\\varepsilon_b$", xlim=(0, 1))
    ax.set_yscale("log")
    ax.set_ylim(bottom=1)
    ax.legend()
    return ax
