"""Whether a score is a probability, and which scores occur."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.metrics.calibration import reliability
from hepml_course.metrics.estimate import checked_weights
from hepml_course.metrics.histogram import weighted_histogram
from hepml_course.plot.panel import panel_below, start_at_zero
from hepml_course.plot.style import BACKGROUND, NEUTRAL, SIGNAL


def calibration(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    bins: int = 15,
    names: tuple[str, str] = ("background", "signal"),
    ax: Axes | None = None,
) -> Axes:
    """Share of the signal in bins of the score, with its errors, and below the scores of each class.

    A score that is the probability of signal lies on the diagonal, for the prior it was trained with. The
    share of the signal in these events stands in the legend.

    Parameters
    ----------
    score : array_like, shape (n,)
        From 0 to 1.
    y, weights : array_like, shape (n,)
        Truth (1 signal, 0 background) and event weights of any sign.
    bins : int
        Number of equal bins from 0 to 1.
    names : tuple of str
        Name of class 0, then of class 1.
    ax : Axes
        From ``plt.subplots``. It becomes the upper panel; the lower one is the axes of the same figure that
        is labelled "scores".
    """
    ax = plt.gca() if ax is None else ax
    found = reliability(score, y, weights, bins=bins, signed=True)
    ax.plot([0, 1], [0, 1], color=NEUTRAL, linestyle="--", linewidth=1, label="probability")
    error = (found.share - found.low, found.high - found.share)
    look = {"color": "black", "fmt": "o", "markersize": 4, "capsize": 2}
    ax.errorbar(found.score, found.share, np.maximum(error, 0), label="these events", **look)
    ax.axhline(found.prior, color=NEUTRAL, linestyle=":", linewidth=1)
    ax.set(xlim=(0, 1), ylabel="share of signal")
    ax.set_ylim(min(0, *(found.low - 0.02), 0), max(1, *(found.high + 0.02), 1))
    ax.legend(loc="upper left", title=f"signal is {_percent(found.prior)} of the weight")
    below = panel_below(ax, label="scores")
    values, truth = np.asarray(score, dtype=float).ravel(), np.asarray(y).astype(bool)
    w, edges = checked_weights(weights, len(values), signed=True), np.linspace(0, 1, 2 * bins + 1)
    heights = []
    for name, of, colour, fill in zip(
        names, (~truth, truth), (BACKGROUND, SIGNAL), (False, True), strict=True
    ):
        heights.append(weighted_histogram(values[of], edges, w[of] / w.sum()).content)
        below.stairs(heights[-1], edges, color=colour, fill=fill, alpha=0.45 if fill else 1, label=name)
    start_at_zero(below, heights)
    below.set(xlabel="score", ylabel="fraction")
    below.legend(loc="upper center", ncols=2, fontsize="small")
    return ax


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
