"""What a reader of a report should distrust, found in the events and in the scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hepml_course.report.summary import AUC, Shown

if TYPE_CHECKING:
    from hepml_course.report.evaluation import Report
    from hepml_course.report.table import Sample

MARKS = (-999.0, -9999.0, -99999.0, -999999.0)  # that stand for "not there" in many files
FEW = 100  # effective events
SHARED = 0.98  # correlation of two variables that say the same


def doubts(
    report: Report, summary: Shown, overtraining: Shown | None, correlations: Mapping[str, NDArray]
) -> list[str]:
    """Sentences, the gravest first; correlations are those of features and spectators in each class."""
    test = report.test
    found = [doubt for name in test.features for doubt in _about_variable(name, test.column(name), test.y)]
    for name in summary.index:
        found += _about_method(name, summary, test.scores[name], test.y)
    if overtraining is not None:
        found += [doubt for name in overtraining.index for doubt in _about_training(name, overtraining)]
    return found + _about_pairs(test.features, correlations) + _about_weights(test)


def _about_variable(name: str, values: NDArray, is_signal: NDArray[np.bool_]) -> list[str]:
    found = []
    signal, background = values[is_signal], values[~is_signal]
    if signal.min() > background.max() or signal.max() < background.min():
        found.append(
            f"{name} alone tells signal from background without any error (ROC integral 1.0): it is the "
            "truth in another form, and every result that uses it is worthless. Leave it out."
        )
    for mark in MARKS:
        share = float((values == mark).mean())
        if share:
            found.append(
                f"{name} is {mark:g} in {share:.2%} of the events, probably a mark for “not there”: the "
                "methods take it for a number."
            )
    if not found and _numbers_events(values):
        found.append(
            f"{name} is a different whole number in every event: if it numbers the events, leave it out, "
            "or split by it."
        )
    return found


def _numbers_events(values: NDArray) -> bool:
    """Whether all are whole and none occurs twice; a look at the first spares most variables the sorting."""
    first = values[:1000]
    if (first != np.floor(first)).any() or len(np.unique(first)) < len(first):
        return False
    return bool((values == np.floor(values)).all()) and len(np.unique(values)) == len(values)


def _about_method(name: str, summary: Shown, score: NDArray, is_signal: NDArray[np.bool_]) -> list[str]:
    value, error = (summary.loc[name, (AUC, where)] for where in ("value", "±"))
    if score[is_signal].min() > score[~is_signal].max():
        return [
            f"{name} makes no error at all on the test events (ROC integral 1.0): it has probably seen the "
            "truth."
        ]
    if value < 0.5 - 2 * error:
        return [
            f"{name} has a ROC integral below one half, {value:.3f}: its score is larger for background, "
            "turn its sign."
        ]
    return []


def _about_training(name: str, overtraining: Shown) -> list[str]:
    gap, error = (overtraining.loc[name, ("gap of the ROC integral", where)] for where in ("value", "±"))
    if gap > 0.01 and gap > 3 * error:
        return [
            f"{name} knows its training events: its ROC integral is {gap:.3f} larger there. The numbers on "
            "test events hold; whatever was measured on training events does not."
        ]
    return []


def _about_pairs(features: list[str], correlations: Mapping[str, NDArray]) -> list[str]:
    """Features that say the same in both classes."""
    if not correlations:
        return []
    least = np.fmin.reduce([np.abs(matrix) for matrix in correlations.values()])
    k = len(features)
    rows, columns = np.nonzero(np.triu(least[:k, :k] > SHARED, 1))
    return [
        f"{features[i]} and {features[j]} say the same, they are correlated by "
        f"{np.floor(1000 * least[i, j]) / 10:g} % or more: neither will look important."
        for i, j in zip(rows, columns, strict=True)
    ]


def _about_weights(test: Sample) -> list[str]:
    found = []
    zero = int((test.weights == 0).sum())
    if zero:
        found.append(f"{zero:,} test events have weight 0 and count for nothing.")
    for name, size in test.sizes().items():
        if size["effective"] < FEW:
            found.append(
                f"The {name} of the test is worth only {size['effective']:.0f} events: its numbers are "
                "uncertain."
            )
        elif size["effective"] < size["rows"] / 10:
            found.append(
                f"The weights of the {name} differ so much that its {size['rows']:,} test events are worth "
                f"{size['effective']:,.0f}."
            )
    negative = [
        f"{size['negative']:.2%} of the {name}" for name, size in test.sizes().items() if size["negative"]
    ]
    if negative:
        found.append(
            f"{' and '.join(negative)} have negative weights: an efficiency may leave the range from 0 to 1, "
            "and a ROC curve may fall."
        )
    return found
