"""How training went: boosted trees against their number, a network against its epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate
from hepml_course.plot.style import BACKGROUND, NEUTRAL, SIGNAL

Values = Sequence[Estimate] | ArrayLike
Best = Literal["highest", "lowest"]


def boosting_curve(
    trees: ArrayLike,
    test: Values,
    train: Values | None = None,
    *,
    label: str = "ROC integral",
    best: Best = "highest",
    ax: Axes | None = None,
) -> Axes:
    """A figure of merit on training and test events against the number of trees.

    All points of a curve come from the same events: the band says where the whole curve could lie, not how
    much its points fluctuate against one another.

    Parameters
    ----------
    trees : array_like, shape (m,)
        Numbers of trees, rising.
    test, train : sequence of Estimate, or array_like of shape (m,) or (m, 2)
        Values, and their errors where they are known.
    label : str
        What is drawn: a ROC integral, a loss.
    best : {"highest", "lowest"}
        Which value on test events is marked.
    """
    ax = plt.gca() if ax is None else ax
    x = np.asarray(trees, dtype=float)
    curves = {"test": test} if train is None else {"training": train, "test": test}
    _curves(ax, x, curves, best, "{} at {:.0f} trees: {:.4g}")
    if len(x) > 1 and x[0] > 0 and x[-1] / x[0] > 20:
        ax.set_xscale("log")
    ax.set(xlabel="trees", ylabel=label)
    ax.legend()
    return ax


def learning_curve(
    history: Mapping[str, ArrayLike] | object,
    *,
    what: str = "loss",
    label: str | None = None,
    best: Best = "lowest",
    ax: Axes | None = None,
) -> Axes:
    """The loss of a network, or another of its metrics, against the epoch.

    Keras notes the training loss while the weights change, regularisation and dropout included, the other one
    at the end of the epoch and without them.

    Parameters
    ----------
    history : mapping of str to array_like, or what Keras' ``fit`` returns
        Values after each epoch, those on held-out events under the same name with ``val_`` before it.
    what : str
        Name of the metric.
    label : str, optional
        What the axis says, the metric's name by default.
    best : {"highest", "lowest"}
        Which value on held-out events is marked.
    """
    ax = plt.gca() if ax is None else ax
    noted = history if isinstance(history, Mapping) else getattr(history, "history", {})
    named = {"training": what, "held out": f"val_{what}"}
    curves = {name: noted[key] for name, key in named.items() if key in noted}
    if not curves:
        raise CourseError(
            f"The history holds no {what!r}; it has: {', '.join(map(str, noted)) or 'nothing'}."
        )
    x = np.arange(1, len(np.asarray(next(iter(curves.values())))) + 1)
    _curves(ax, x, curves, best, "{} at epoch {:.0f}: {:.4g}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="epoch", ylabel=label or what)
    ax.legend()
    return ax


def _curves(ax: Axes, x: np.ndarray, curves: Mapping[str, Values], best: Best, words: str) -> None:
    """Training dashed, test solid, both with their errors as bands; the best point of the last one marked."""
    looks = {"training": (BACKGROUND, "--"), "test": (SIGNAL, "-"), "held out": (SIGNAL, "-")}
    for name, values in curves.items():
        numbers = np.asarray(values, dtype=float)
        if len(numbers) != len(x):
            raise CourseError(
                f"There are {len(numbers)} values ({name}) at {len(x)} places: give one for each."
            )
        value, error = numbers.T if numbers.ndim == 2 else (numbers, None)
        colour, style = looks[name]
        few = {"marker": "o", "markersize": 3} if len(x) <= 30 else {}
        ax.plot(x, value, color=colour, linestyle=style, label=name, **few)
        if error is not None:
            ax.fill_between(x, value - error, value + error, color=colour, alpha=0.2, linewidth=0)
    if name == "training" or not np.isfinite(value).any():
        return
    at = int(np.nanargmax(value) if best == "highest" else np.nanargmin(value))
    ax.axvline(x[at], color=NEUTRAL, linewidth=0.8)
    ax.plot(x[at], value[at], "o", color="black", label=words.format(best, x[at], value[at]))
