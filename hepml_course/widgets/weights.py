"""What weights do to a histogram: one that is huge, and a share that is negative."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.metrics import auc, effective_size, roc_curve
from hepml_course.metrics.histogram import weighted_histogram
from hepml_course.plot.style import BACKGROUND, NEUTRAL
from hepml_course.plot.weights import signed_histogram
from hepml_course.widgets.pictures import slide


def huge_weight(
    values: ArrayLike,
    y: ArrayLike,
    edges: ArrayLike,
    *,
    which: int = 0,
    sizes: Sequence[float] = (1, 3, 10, 30, 100, 300, 1000),
    label: str = "score",
    still: int = 4,
) -> None:
    """Show a slider over the weight of one signal event; all other events weigh 1.

    The picture shows the signal's histogram with errors √Σw², and the ROC curve of a cut on the same
    variable, low values being signal.

    Parameters
    ----------
    values, y : array_like, shape (n,)
        The variable, and the truth (1 signal, 0 background).
    edges : array_like, shape (bins + 1,)
    which : int
        Number of the event among the signal.
    sizes : sequence of float
        What the slider offers.
    label : str
        Name and unit of the variable.
    still : int
        Position of the slider in the still picture.
    """
    x, truth, edges = (
        np.asarray(values, dtype=float),
        np.asarray(y, dtype=bool),
        np.asarray(edges, dtype=float),
    )
    if not 0 <= which < truth.sum():
        raise CourseError(f"There are {truth.sum()} signal events; choose one of 0 to {truth.sum() - 1}.")
    heavy = np.flatnonzero(truth)[which]

    def page(step: int) -> tuple[Figure, str]:
        w = np.where(np.arange(len(x)) == heavy, sizes[step], 1.0)
        figure = Figure(figsize=(9.2, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        signal = weighted_histogram(x[truth], edges, w[truth])
        left.stairs(signal.content, edges, fill=True, alpha=0.25)
        left.errorbar((edges[1:] + edges[:-1]) / 2, *signal, fmt="o", color="black", markersize=3.5)
        left.set(xlabel=label, ylabel="sum of weights per bin", xlim=edges[[0, -1]])
        left.set_ylim(bottom=0)
        curve = roc_curve(-x, truth, w)
        right.plot(curve.background, curve.signal)
        right.plot([0, 1], [0, 1], ":", color=NEUTRAL)
        right.set(xlabel="background efficiency", ylabel="signal efficiency", xlim=(0, 1), ylim=(0, 1))
        return figure, (
            f"One of {truth.sum()} signal events weighs {sizes[step]:g}: they are worth "
            f"{effective_size(w[truth]):.0f} events, and the AUC is {auc(-x, truth, w)}."
        )

    slide(page, len(sizes), name="weight", still=still, labels=[f"{size:g}" for size in sizes])


def negative_share(
    draw: Callable[[float], tuple[ArrayLike, ArrayLike]],
    edges: ArrayLike,
    expected: ArrayLike,
    *,
    shares: Sequence[float] = (0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45),
    label: str = "value",
    still: int = 5,
) -> None:
    """Show a slider over the share of events with negative weight.

    Parameters
    ----------
    draw : callable
        Takes the share, returns values and weights, both of shape (n,).
    edges : array_like, shape (bins + 1,)
    expected : array_like, shape (bins,)
        Share of the distribution in each bin.
    shares : sequence of float
        What the slider offers.
    label : str
        Name and unit of the variable.
    still : int
        Position of the slider in the still picture.
    """
    edges, expected = np.asarray(edges, dtype=float), np.asarray(expected, dtype=float)

    def page(step: int) -> tuple[Figure, str]:
        values, w = (np.asarray(part, dtype=float) for part in draw(shares[step]))
        figure = Figure(figsize=(9.6, 3.9), layout="constrained")
        left, right = figure.subplots(1, 2)
        signed_histogram(values, w, edges, expected=expected * w.sum(), ax=left)
        left.set_xlabel(label)
        content, error = weighted_histogram(values, edges, w)
        good = expected > 0
        centres = (edges[1:] + edges[:-1]) / 2
        scale = expected[good] * w.sum()
        right.errorbar(centres[good], content[good] / scale, error[good] / scale, fmt="o", color="black")
        right.axhline(1, color=BACKGROUND, linestyle="--")
        right.set(xlabel=label, ylabel="sum of weights / expected", xlim=edges[[0, -1]], ylim=(-1, 3))
        worth, share = effective_size(w), np.mean(w < 0)
        return figure, (
            f"{len(w)} events, {100 * share:.1f} % of them negative: worth {worth:.0f}, "
            f"which is {100 * worth / len(w):.0f} %; (1 − 2f)² is {100 * (1 - 2 * share) ** 2:.0f} %."
        )

    labels = [f"{100 * share:.0f} %" for share in shares]
    slide(page, len(shares), name="negative", still=still, labels=labels)
