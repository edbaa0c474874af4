"""Change depth and number of boosted trees: the border in a plane, and how well it does on new events."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.metrics import auc
from hepml_course.widgets.pictures import slides

DEPTHS = (1, 2, 3, 4, 6, 8)
TREES = (1, 2, 3, 5, 10, 20, 50, 100, 200)


def tree_borders(
    train: tuple[ArrayLike, ArrayLike],
    test: tuple[ArrayLike, ArrayLike],
    *,
    axes: tuple[str, str] = ("x", "y"),
    names: tuple[str, str] = ("background", "signal"),
    rate: float = 0.3,
    still: tuple[int, int] = (3, 20),
) -> None:
    """Show two sliders, depth of each tree and number of trees, over boosted trees in two variables.

    Parameters
    ----------
    train, test : tuple of array_like
        Events of shape (n, 2) and truth of shape (n,), True or 1 for signal. The trees see the first only.
    axes : tuple of str
        What is drawn along the axes, with units.
    names : tuple of str
        Name of background, then of signal.
    rate : float
        Learning rate of the boosting.
    still : tuple of int
        Depth and number of trees shown where there is no widget; each one of `DEPTHS` and `TREES`.
    """
    (x, y), (x_new, y_new) = (_checked(*events) for events in (train, test))

    @cache
    def book(depth: int) -> tuple[Any, dict[str, list[float]]]:
        model = _trained(x, y, depth, rate)
        curves = {
            name: [auc(_score(model, at, n), truth).value for n in TREES]
            for name, at, truth in (("training events", x, y), ("new events", x_new, y_new))
        }
        return model, curves

    def page(depth: int, trees: int) -> tuple[Figure, str]:
        model, curves = book(depth)
        figure = Figure(figsize=(9.2, 4.0), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
        plot.scatter_classes(x, np.where(y, 1, -1), names=names, ax=left, alpha=0.7)
        plot.score_plane(lambda at: _score(model, at, trees), border=0.5, limits=(0, 1), ax=left)
        left.set(xlabel=axes[0], ylabel=axes[1])
        at = TREES.index(trees)
        plot.tree_count(TREES, curves, at=at, ax=right)
        return figure, _words(depth, trees, *(curve[at] for curve in curves.values()))

    depths, numbers = ({str(n): n for n in several} for several in (DEPTHS, TREES))
    slides(page, {"depth": depths, "trees": numbers}, still=dict(zip(("depth", "trees"), still, strict=True)))


def _checked(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.ndim != 2 or x.shape[1] != 2 or y.shape != (len(x),):
        raise CourseError(
            f"Give events of shape (n, 2) and one truth for each, not {x.shape} and {y.shape}: two variables "
            "make a plane."
        )
    return x, y.astype(bool)


def _trained(x: NDArray, y: NDArray, depth: int, rate: float) -> Any:
    from xgboost import XGBClassifier

    settings = {"n_estimators": max(TREES), "max_depth": depth, "learning_rate": rate, "n_jobs": 1}
    return XGBClassifier(**settings, random_state=0).fit(x, y)


def _score(model: Any, x: ArrayLike, trees: int) -> NDArray:
    return model.predict_proba(np.asarray(x), iteration_range=(0, trees))[:, 1]


def _words(depth: int, trees: int, known: float, new: float) -> str:
    several = "one tree" if trees == 1 else f"{trees} trees"
    return f"Depth {depth}, {several}: AUC {known:.3f} on the training events, {new:.3f} on new ones."
