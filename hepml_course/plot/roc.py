"""ROC curves with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics import Estimate
from hepml_course.metrics.roc import Classes, area_of, classes, efficiency_of

DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def roc(
    scores: Mapping[str, ArrayLike | Classes],
    y: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    points: Mapping[str, tuple[Estimate, Estimate]] | None = None,
    kind: Literal["efficiency", "rejection"] = "efficiency",
    signed: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """One curve per classifier, all on the same events, with bands of one standard deviation.

    Parameters
    ----------
    scores : mapping of str to array_like, shape (n,)
        Name of each classifier and its output, larger for signal; or what `hepml_course.metrics.roc.classes`
        made of it, which saves the time.
    y, weights : array_like, shape (n,)
        Truth (1 signal, 0 background) and event weights.
    points : mapping, optional
        Selections with a single working point, such as cuts: name to (background, signal) efficiency.
    kind : {"efficiency", "rejection"}
        Signal efficiency against background efficiency; or, as TMVA draws it, background rejection, one minus
        background efficiency, against signal efficiency. The band is that of the signal efficiency in both.
    signed : bool
        Take negative weights, too.
    """
    ax = plt.gca() if ax is None else ax
    if kind not in ("efficiency", "rejection"):
        raise CourseError(f"The kind of a ROC curve is 'efficiency' or 'rejection', not {kind!r}.")
    turned, grid = kind == "rejection", np.linspace(0, 1, 201)
    # A second call on the same axes goes on with the next dashes.
    already = sum(not line.get_label().startswith("_") for line in ax.lines)
    for number, (name, score) in enumerate(scores.items(), start=already):
        both = score if isinstance(score, Classes) else classes(score, y, weights, signed)
        value, error = efficiency_of(grid, both)
        look = {"label": f"{name}, AUC {area_of(both)}", "linestyle": DASHES[number % len(DASHES)]}
        (line,) = ax.plot(*((value, 1 - grid) if turned else (grid, value)), **look)
        band = np.clip(value - error, 0, 1), np.clip(value + error, 0, 1)
        fill = ax.fill_betweenx if turned else ax.fill_between
        fill(1 - grid if turned else grid, *band, color=line.get_color(), alpha=0.25, linewidth=0)
    for name, (background, signal) in (points or {}).items():
        x, y_ = (signal, Estimate(1 - background.value, background.error)) if turned else (background, signal)
        ax.errorbar(x.value, y_.value, y_.error, x.error, fmt="o", color="black", label=name)
    ax.plot([0, 1], [1, 0] if turned else [0, 1], color="grey", linestyle=":", linewidth=1)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    if turned:
        ax.set(xlabel="signal efficiency", ylabel=r"background rejection $1 - \varepsilon_b$")
    else:
        ax.set(xlabel="background efficiency", ylabel="signal efficiency")
    ax.legend(loc="lower left" if turned else "lower right")
    return ax
