"""What the figures of a report show, in words made from the numbers: the text alternatives of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from hepml_course.claims import number
from hepml_course.metrics import Estimate, effective_size
from hepml_course.report.summary import AUC, Shown

if TYPE_CHECKING:
    from hepml_course.report.evaluation import Report

CLASSES = ("signal", "background")


def curves(report: Report, summary: Shown, what: str) -> str:
    """The ROC curves, best method first; ``what`` says how they are drawn."""
    areas = [f"{name} {_pair(summary, name)}" for name in summary.index]
    begin = f"{what} on {len(report.test):,} test events, a curve with its band for each method."
    return f"{begin} {AUC}: {_and(areas)}."


def scores(report: Report, method: str) -> str:
    """Score of one method, in training and test."""
    said = [f"Distribution of the score of {method} for signal and background."]
    for name, sample in (("test", report.test), ("training", report.train)):
        if sample is None or method not in sample.scores:
            continue
        values = sample.scores[method]
        finite = np.isfinite(values)
        means = [
            f"{_mean(values[m & finite], sample.weights[m & finite])} for {of}"
            for of, m in zip(CLASSES, (sample.y, ~sample.y), strict=True)
        ]
        said.append(f"On {name} events its mean is {' and '.join(means)}.")
    return " ".join(said)


def cuts(report: Report, summary: Shown, method: str) -> str:
    """Efficiencies, purity and significance against the cut."""
    begin = (
        f"Efficiency of signal and background, purity and expected significance against the cut on {method}."
    )
    z, cut = (summary.loc[method, (name, "value")] for name in ("best Asimov Z", "at cut"))
    if not np.isfinite(z):
        return f"{begin} Too little background is left anywhere to know the significance."
    test, score = report.test, report.test.scores[method]
    kept = [100 * test.weights[m & (score >= cut)].sum() / test.weights[m].sum() for m in (test.y, ~test.y)]
    return (
        f"{begin} The significance is highest, {z:.3g}, at the cut {cut:.3g}, which keeps {kept[0]:.3g} % of "
        f"the signal and {kept[1]:.3g} % of the background."
    )


def lines(ax: Axes, begin: str) -> str:
    """Where each curve of an axes begins and ends, read off the drawing."""
    said = [begin]
    for label, (x, y) in _drawn(ax).items():
        said.append(f"{label}: from {y[0]:.4g} at {x[0]:.4g} to {y[-1]:.4g} at {x[-1]:.4g}.")
    return " ".join(said)


def calibration(report: Report, method: str) -> str:
    """Share of signal where the score is low, and where it is high."""
    test, score = report.test, report.test.scores[method]
    said = [f"Share of signal against the score of {method}, with the diagonal of a perfect probability."]
    for where, members in (("below 0.5", score < 0.5), ("of 0.5 and more", score >= 0.5)):
        w = test.weights[members]
        if len(w) and w.sum() > 0:
            share = w[test.y[members]].sum() / w.sum()
            mean = score[members] @ w / w.sum()
            said.append(
                f"Scores {where} are {mean:.3f} on average, and {share:.3f} of the events are signal."
            )
    return " ".join(said)


def inputs(report: Report, name: str, separation: Estimate) -> str:
    """One variable in both classes."""
    test = report.test
    values = test.column(name)
    means = [
        f"{_mean(values[m], test.weights[m])} for {of}"
        for of, m in zip(CLASSES, (test.y, ~test.y), strict=True)
    ]
    return (
        f"Distribution of {name} for signal and background at equal area, and their ratio below. The mean is "
        f"{' and '.join(means)}; the separation is {number(*separation)}."
    )


def correlations(names: Sequence[str], matrix: NDArray, of: str, kind: str) -> str:
    """The strongest coefficients of a matrix."""
    pairs = strongest(matrix, 3)
    begin = f"Matrix of {kind} correlation coefficients of {len(names)} variables in the {of}, in percent."
    if not pairs:
        return begin
    said = [f"{names[i]} and {names[j]} {_signed(100 * matrix[i, j])} %" for i, j in pairs]
    return f"{begin} The strongest: {_and(said)}."


def strongest(matrix: NDArray, most: int, least: float = 0.0) -> list[tuple[int, int]]:
    """The pairs of variables with the largest coefficients, of either sign, from ``least`` on."""
    rows, columns = np.triu_indices(len(matrix), k=1)
    size = np.nan_to_num(np.abs(matrix[rows, columns]), nan=-1.0)
    order = [k for k in np.argsort(-size, kind="stable")[:most] if size[k] >= least]
    return [(int(rows[k]), int(columns[k])) for k in order]


def profile(report: Report, x: str, y: str, of: str) -> str:
    """How the mean of one variable moves with another."""
    members = report.test.y if of == "signal" else ~report.test.y
    first, second = (report.test.column(name)[members] for name in (x, y))
    w = report.test.weights[members]
    middle = np.median(first)
    low, high = first < middle, first >= middle
    if not low.any():
        low, high = first <= middle, first > middle
    halves = [_mean(second[half], w[half]) for half in (low, high)]
    return (
        f"{y} against {x} in the {of}: density of events and mean of {y} in bins of {x}. The mean is "
        f"{halves[0]} in the lower half of {x} and {halves[1]} in the upper one."
    )


def spectator(report: Report, name: str, method: str, of: str) -> str:
    """Mean of a spectator where the score is low, and where it is high."""
    members = report.test.y if of == "signal" else ~report.test.y
    values, w = report.test.column(name)[members], report.test.weights[members]
    score = report.test.scores[method][members]
    low, high = np.quantile(score, (1 / 3, 2 / 3))
    thirds = [_mean(values[third], w[third]) for third in (score <= low, score >= high)]
    return (
        f"Shape of {name} in the {of}, in three slices of the score of {method}. Its mean is {thirds[0]} in "
        f"the third with the lowest scores and {thirds[1]} in the third with the highest."
    )


def bars(names: Sequence[str], values: Sequence[Estimate], what: str) -> str:
    """A bar chart, largest first."""
    said = [f"{name} {number(*value)}" for name, value in list(zip(names, values, strict=True))[:5]]
    return f"{what} of {len(names)} variables. The largest: {_and(said)}."


def _mean(values: NDArray, w: NDArray) -> str:
    """Weighted mean with its uncertainty."""
    total = w.sum()
    if not len(values) or total <= 0:
        return "not defined"
    mean = float(values @ w / total)
    error = float(np.sqrt((w**2) @ (values - mean) ** 2) / total)
    return number(mean, error if effective_size(w) > 1 else None).replace("-", "−")


def _pair(summary: Shown, name: str) -> str:
    return number(summary.loc[name, (AUC, "value")], summary.loc[name, (AUC, "±")])


def _drawn(ax: Axes) -> dict[str, tuple[NDArray, NDArray]]:
    """Curves of an axes that have a name, with their points; a name is used once."""
    found = {}
    for container in ax.containers:
        label, line = container.get_label(), container[0] if len(container) else None
        if label and not label.startswith("_") and hasattr(line, "get_xydata"):
            found[label] = line.get_xydata().T
    for line in ax.get_lines():
        label = str(line.get_label())
        if label and not label.startswith("_") and len(line.get_xdata()) > 1:
            found.setdefault(label, line.get_xydata().T)
    return {label: points for label, points in found.items() if points.size}


def _signed(value: float) -> str:
    return f"{value:+.0f}".replace("-", "−")


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
