"""Searches of hyper-parameters, trial by trial: where each looks, and the best that it has found."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from pandas import DataFrame

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.widgets.pictures import slide


def search_steps(
    searches: Mapping[str, DataFrame],
    surface: tuple[ArrayLike, ArrayLike, ArrayLike],
    *,
    axes: tuple[str, str] = ("rate", "width"),
    value: str = "value",
    limit: float | None = None,
    still: int | None = None,
) -> None:
    """Show a slider over the trials of several searches.

    Parameters
    ----------
    searches : mapping of str to DataFrame
        One row per trial in order: a column for each of `axes`, and `value`, larger for better.
    surface : tuple (x, y, z)
        Grid points along both axes and the response, shape (len(y), len(x)).
    limit : float, optional
        The best that there is.
    still : int, optional
        The page shown where there is no widget; the last unless given.
    """
    trials = min((len(table) for table in searches.values()), default=0)
    if not trials:
        raise CourseError("A search without trials has nothing to show; let it run first.")
    best = {name: np.maximum.accumulate(table[value].to_numpy(float)) for name, table in searches.items()}
    low = min(curve[0] for curve in best.values())
    high = max([curve[-1] for curve in best.values()] + ([] if limit is None else [limit]))
    room = 0.06 * (high - low) or 0.001

    def page(step: int) -> tuple[Figure, str]:
        figure = Figure(figsize=(10, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
        points = {
            name: tuple(table[column].to_numpy(float)[: step + 1] for column in axes)
            for name, table in searches.items()
        }
        plot.search_plane(points, surface, ax=left)
        plot.search_history({k: curve[: step + 1] for k, curve in best.items()}, limit=limit, ax=right)
        right.set(xlim=(0.5, trials + 0.5), ylim=(low - room, high + room))
        right.legend(loc="lower right")
        return figure, _words(step, best, searches, axes, value)

    labels = [str(number + 1) for number in range(trials)]
    slide(page, trials, name="trial", still=trials - 1 if still is None else still, labels=labels)


def _words(
    step: int,
    best: Mapping[str, np.ndarray],
    searches: Mapping[str, DataFrame],
    axes: tuple[str, str],
    value: str,
) -> str:
    parts = []
    for name, table in searches.items():
        now = table.iloc[step]
        where = ", ".join(f"{axis} {now[axis]:.2g}" for axis in axes)
        parts.append(f"{name} tries {where} and gets {now[value]:.4f}, best so far {best[name][step]:.4f}")
    return f"Trial {step + 1}: " + "; ".join(parts) + "."
