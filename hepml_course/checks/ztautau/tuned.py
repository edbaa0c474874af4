"""Check of the tuned classifier: good enough on the validation events, and no better there than elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks.ztautau._common import BACKGROUNDS, SIGNAL, VARIABLES
from hepml_course.checks.ztautau._events import part
from hepml_course.checks.ztautau.training import training_weights
from hepml_course.metrics import Estimate, auc

if TYPE_CHECKING:
    from pandas import DataFrame

GAIN = 0.03  # by how much in AUC a tuned classifier has to beat the transverse mass alone
SIGMAS = 3.0  # by how much the AUC of two parts may differ before one of them is taken for training events


@cache
def _model():
    from sklearn.ensemble import HistGradientBoostingClassifier

    train = part("train")
    weights = training_weights(train["process"], train["WeightLumi"], list(BACKGROUNDS)) * len(train)
    model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=8, random_state=1)
    return model.fit(train[list(VARIABLES)], train["process"] == SIGNAL, sample_weight=weights)


def score(events: DataFrame) -> np.ndarray:
    """Scores from trees fitted on the training events."""
    return _model().predict_proba(events[list(VARIABLES)])[:, 1]


@task(
    "ztautau.tuned",
    reference=score,
    right="Right. The validation events chose the settings; the test events have not been touched.",
    hints=[
        "The function gets a table of events and returns `model.predict_proba(events[VARIABLES])[:, 1]`.",
        "Fit the model on `ready(train)` alone, with the setting that `tune` returns.",
        "Few leaves and a small learning rate with more rounds rarely go wrong here.",
    ],
    mistakes={
        "labels": "Your scores take two values only. Use `predict_proba(...)[:, 1]`.",
        "swapped": "On the validation events the AUC is {got}, below one half: signal has the low scores. "
        "Which column of `predict_proba` is the signal's?",
        "below": "On the validation events the AUC is {got}. The goal is {goal}.",
        "fixed": "The check gave you {n} events and got {m} scores. Score the events that come in, not a "
        "part that you know.",
        "knows-validation": "On the validation events the AUC is {got}, on the test events {other}. Such a "
        "gap means that the validation events have trained your model.",
        "knows-test": "On the test events the AUC is {other}, on the validation events {got}. Such a gap "
        "means that the test events have trained your model.",
    },
)
def _tuned(answer: Callable, rng: np.random.Generator) -> str:
    validation = part("validation")
    got = _quality(answer, validation)
    goal = auc(-validation["evtsel_transverseMass"], *_truth(validation)).value + GAIN
    if got.value < 0.5:
        raise NotYet("swapped", got=got.value)
    if got.value < goal:
        raise NotYet("below", got=got.value, goal=goal)
    other = _quality(answer, part("test"))
    gap, allowed = got.value - other.value, SIGMAS * np.hypot(got.error, other.error)
    if abs(gap) > allowed:
        raise NotYet("knows-validation" if gap > 0 else "knows-test", got=got.value, other=other.value)
    return f"Right. AUC {got} on the validation events. The test events stay closed until the end."


def _quality(answer: Callable, events: DataFrame) -> Estimate:
    """Weighted AUC of the student's function, which sees nothing that gives the process away."""
    hidden = ["process", "WeightLumi", "eventNumber", *(c for c in events if c.startswith("truth_"))]
    score = as_array(answer(events.drop(columns=hidden)))
    if score.ndim != 1:
        as_array(score, (len(events),))
    if len(score) != len(events):
        raise NotYet("fixed", n=len(events), m=len(score))
    if len(np.unique(score)) <= 2:
        raise NotYet("labels")
    return auc(score, *_truth(events))


def _truth(events: DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return (events["process"] == SIGNAL).to_numpy(), events["WeightLumi"].to_numpy(float)
