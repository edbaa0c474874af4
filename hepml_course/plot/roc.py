"""ROC curves with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.metrics import Estimate, auc, efficiency_at


def roc(
    scores: Mapping[str, ArrayLike],
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    points: Mapping[str, tuple[Estimate, Estimate]] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """One curve per classifier, all on the same events, with bands of one standard deviation.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n,)
        Name of each classifier and its output, larger for signal.
    y, weights : array_like, shape (n,)
        Truth (1 signal, 0 background) and event weights.
    points : mapping, optional
        Selections with a single working point, such as cuts: name to (background, signal) efficiency.
    """
    ax = plt.gca() if ax is None else ax
    grid = np.linspace(0, 1, 201)
    for name, score in scores.items():
        value, error = efficiency_at(grid, score, y, weights)
        (line,) = ax.plot(grid, value, label=f"{name}, AUC {auc(score, y, weights)}")
        low, high = np.clip(value - error, 0, 1), np.clip(value + error, 0, 1)
        ax.fill_between(grid, low, high, color=line.get_color(), alpha=0.25, linewidth=0)
    for name, (background, signal) in (points or {}).items():
        ax.errorbar(
            background.value, signal.value, signal.error, background.error, fmt="o", color="black", label=name
        )
    ax.plot([0, 1], [0, 1], color="grey", linestyle=":", linewidth=1)
    ax.set(xlabel="background efficiency", ylabel="signal efficiency", xlim=(0, 1), ylim=(0, 1))
    ax.legend(loc="lower right")
    return ax
