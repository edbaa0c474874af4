"""Variables in their order of importance."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.plot.physics import plain
from hepml_course.plot.style import NEUTRAL, SIGNAL


def ranking_bars(
    names: Sequence[str],
    values: ArrayLike,
    errors: ArrayLike | None = None,
    *,
    label: str = "separation ⟨S²⟩",
    ax: Axes | None = None,
) -> Axes:
    """One bar per variable, the largest on top, with its error.

    Parameters
    ----------
    names : sequence of str, length k
        Names of the variables.
    values, errors : array_like, shape (k,)
        Importance of each and its standard error; below zero is allowed, as what fluctuates around zero goes
        there. What is NaN is left out.
    label : str
        What is drawn.
    """
    ax = plt.gca() if ax is None else ax
    values = np.asarray(values, dtype=float)
    errors = None if errors is None else np.asarray(errors, dtype=float)
    if len(names) != len(values) or (errors is not None and errors.shape != values.shape):
        raise CourseError("Give one value for each name, and one error or none for each value.")
    order = np.argsort(-values, kind="stable")
    order = order[np.isfinite(values[order])]
    place = np.arange(len(order))
    spread = None if errors is None else errors[order]
    look = {"ecolor": "black", "error_kw": {"elinewidth": 1, "capsize": 2}}
    ax.barh(place, values[order], xerr=spread, color=SIGNAL, alpha=0.7, height=0.7, **look)
    ax.axvline(0, color=NEUTRAL, linewidth=0.8)
    height = ax.figure.get_size_inches()[1] * ax.get_position().height * 72 / max(len(order), 1)
    labels = [plain(names[i]) for i in order]
    ax.set_yticks(place, labels, fontsize=float(np.clip(0.75 * height, 4.5, 10)))
    ax.set(xlabel=label, ylim=(len(order) - 0.4, -0.6))
    ax.tick_params(axis="y", length=0)
    return ax
