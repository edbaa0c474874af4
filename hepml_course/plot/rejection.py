"""Scores of two classes side by side, and the rejection curve that papers about tagging show."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.metrics.cut_scan import passing, some_cuts
from hepml_course.metrics.estimate import Estimate, checked_weights
from hepml_course.metrics.roc import Classes, classes
from hepml_course.plot.panel import start_at_zero
from hepml_course.plot.roc import DASHES, roc
from hepml_course.plot.style import BACKGROUND, SIGNAL


def score_histograms(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int | ArrayLike = 40,
    names: tuple[str, str] = ("background", "signal"),
    density: bool = True,
    signed: bool = False,
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
    signed : bool
        Take negative weights, too.
    """
    ax = plt.gca() if ax is None else ax
    values, truth = np.asarray(score, dtype=float), np.asarray(y)
    w = checked_weights(weights, len(values), signed=signed)
    edges, drawn = np.histogram_bin_edges(values, bins), []
    looks = ({"color": BACKGROUND, "hatch": "///", "fill": False}, {"color": SIGNAL, "fill": True})
    for label, (name, look) in enumerate(zip(names, looks, strict=True)):
        of_class = truth == label
        height, _ = np.histogram(values[of_class], edges, weights=w[of_class], density=density)
        ax.stairs(height, edges, alpha=0.55, label=name, **look)
        ax.stairs(height, edges, color=look["color"], linewidth=1.5)
        drawn.append(height)
    ax.set(xlabel="score", ylabel="density" if density else "events per bin", xlim=edges[[0, -1]])
    start_at_zero(ax, drawn)
    ax.legend()
    return ax


def rejection(
    scores: Mapping[str, ArrayLike | Classes],
    y: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    fewest: int = 10,
    points: Mapping[str, tuple[Estimate, Estimate]] | None = None,
    colours: Mapping[str, str] | None = None,
    signed: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Background rejection against signal efficiency, on a logarithmic axis.

    Each curve starts where enough background is left to measure a rejection at all, and has a band of one
    standard deviation of that background.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n,)
        Name of each classifier and its output, larger for signal; or what `hepml_course.metrics.roc.classes`
        made of it, which saves the time.
    y, weights : array_like, shape (n,)
        Truth (1 signal, 0 background) and event weights.
    fewest : int
        Background events, in effective number, that must pass.
    points : mapping, optional
        Selections with a single working point, such as cuts: name to (background, signal) efficiency.
    colours : mapping of str to str, optional
        Colour of each classifier, by its name.
    signed : bool
        Take negative weights, too.
    """
    ax = plt.gca() if ax is None else ax
    for number, (name, score) in enumerate(scores.items()):
        both = score if isinstance(score, Classes) else classes(score, y, weights, signed)
        cuts = some_cuts(both)[::-1]  # from the tightest one to the loosest
        signal, background = (passing(both, of_signal).at(cuts) for of_signal in (True, False))
        shown = (background.effective >= fewest * (1 - 1e-9)) & (background.share > 0)
        x, kept = signal.share[shown], background.share[shown]
        look = {"color": (colours or {}).get(name), "linestyle": DASHES[number % len(DASHES)]}
        (line,) = ax.plot(x, 1 / kept, label=name, **look)
        spread = 1 / np.sqrt(background.effective[shown])  # relative: Poisson's of the background that passes
        low, high = 1 / kept / (1 + spread), 1 / kept / np.maximum(1 - spread, 1e-3)
        ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    for name, (background, signal) in (points or {}).items():
        height = 1 / background.value
        error = height**2 * background.error
        ax.errorbar(signal.value, height, error, signal.error, fmt="o", color="black", label=name)
    ax.set(xlabel="signal efficiency", ylabel="background rejection $1/\\varepsilon_b$", xlim=(0, 1))
    ax.set_yscale("log")
    ax.set_ylim(bottom=1)
    ax.legend()
    return ax


def rejection_curves(
    scores: Mapping[str, ArrayLike | Classes],
    y: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    log: bool = False,
    points: Mapping[str, tuple[Estimate, Estimate]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Background rejection against signal efficiency: 1 − ε_B as TMVA draws it, or with `log` 1/ε_B.

    The second shows what happens where little background is left, which the first presses into a corner.
    Other parameters as in `roc` and `rejection`; weights may be negative.
    """
    if log:
        return rejection(scores, y, weights, points=points, signed=True, ax=ax)
    return roc(scores, y, weights, points=points, kind="rejection", signed=True, ax=ax)
