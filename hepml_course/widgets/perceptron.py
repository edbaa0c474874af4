"""Step through the updates of a perceptron: the line, the event on its wrong side, the weights."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.widgets.pictures import slide


def perceptron_steps(
    x: ArrayLike,
    y: ArrayLike,
    path: Sequence[ArrayLike],
    missed: Sequence[int],
    *,
    names: tuple[str, str] = ("class −1", "class +1"),
    axes: tuple[str, str] = ("$x_1$", "$x_2$"),
    still: int = 0,
) -> None:
    """Show a slider over the updates of a training.

    Parameters
    ----------
    x : array_like, shape (n, 3)
        The events with their leading 1.
    y : array_like, shape (n,)
        +1 or -1.
    path : sequence of array_like, shape (3,)
        The weights at the start and after each update.
    missed : sequence of int
        For each update, the index of the event that caused it: one shorter than `path`.
    names : tuple of str
        Name of class -1, then of class +1.
    axes : tuple of str
        What is drawn along the axes, with units.
    still : int
        The update shown where there is no widget.
    """
    if len(path) != len(missed) + 1:
        raise CourseError(
            f"{len(missed)} updates lead to {len(missed) + 1} sets of weights, with the first; "
            f"path holds {len(path)}."
        )
    x, y = np.asarray(x), np.asarray(y)
    low, high = np.min(path, axis=0).min(), np.max(path, axis=0).max()
    room = 0.1 * (high - low) or 1.0

    def page(step: int) -> tuple[Figure, str]:
        last = step == len(missed)
        event, after = (None, None) if last else (missed[step], path[step + 1])
        figure = Figure(figsize=(8.2, 4.0))
        left, right = figure.subplots(1, 2, width_ratios=(3, 1))
        plot.update_step(x[:, 1:], y, path[step], after=after, missed=event, names=names, ax=left)
        left.set(xlabel=axes[0], ylabel=axes[1])
        left.get_legend().remove()
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=3)
        plot.weight_bars(path[step], after=after, ax=right)
        right.set_ylim(low - room, high + room)
        return figure, _words(step, path[step], after, "" if last else names[int(y[event] > 0)])

    slide(page, len(path), name="updates", still=still)


def _words(step: int, before: ArrayLike, after: ArrayLike | None, name: str) -> str:
    start = f"After {step} update{'s' * (step != 1)} w = {_numbers(before)}"
    if after is None:
        return f"{start}, and no event that was looked at since is on the wrong side."
    return f"{start}. One {name} is on the wrong side: w becomes {_numbers(after)}."


def _numbers(w: ArrayLike) -> str:
    return "(" + ", ".join(f"{v + 0.0:.2f}".replace("-", "−") for v in np.asarray(w)) + ")"
