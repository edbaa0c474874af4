"""Check of the tuned classifier, on the validation events."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks.ztautau._common import BACKGROUNDS, SIGNAL, VARIABLES
from hepml_course.checks.ztautau._events import part
from hepml_course.checks.ztautau.training import training_weights
from hepml_course.metrics import auc

# What a student may add to the five variables; together they reach what is possible without looking ahead.
MORE = (*VARIABLES, "vis_mass", "evtsel_lep_pt", "evtsel_met_et", "evtsel_lep_eta", "evtsel_tau_eta")
GAIN = 0.03  # by how much in AUC a tuned classifier has to beat the transverse mass alone


def tuned_score(columns: tuple[str, ...] = VARIABLES) -> np.ndarray:
    """Scores of the validation events from trees fitted on the training events."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    train, validation = part("train"), part("validation")
    model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=8, random_state=1)
    weights = training_weights(train["process"], train["WeightLumi"], list(BACKGROUNDS))
    model.fit(train[list(columns)], train["process"] == SIGNAL, sample_weight=weights * len(train))
    return model.predict_proba(validation[list(columns)])[:, 1]


_reference_score = cache(tuned_score)


@task(
    "ztautau.tuned",
    kind="value",
    reference=_reference_score,
    right="Right. The validation events chose the settings; the test events have not been touched.",
    hints=[
        "Hand in the score of every validation event, `predict_proba(...)[:, 1]`, in their order.",
        "Few leaves and a small learning rate with more rounds rarely go wrong here.",
    ],
    mistakes={
        "length": "There are {n} validation events and {m} scores. Are these scores of another part?",
        "labels": "Your scores take two values only. Use `predict_proba(...)[:, 1]`.",
        "swapped": "The AUC is {got}, below one half: signal has the low scores. Which column of "
        "`predict_proba` is "
        "the signal's?",
        "below": "The AUC on the validation events is {got}. The goal is {goal}.",
        "too-good": "The AUC on the validation events is {got}, and trees that never saw them reach "
        "{usual}. Have "
        "the validation events trained your model, or does a variable know the truth?",
    },
)
def _tuned(answer: Any, rng: np.random.Generator) -> str | None:
    events = part("validation")
    answer = answer() if answer is _reference_score else answer  # trained only when it is needed
    score = as_array(answer, (None,)).astype(float)
    if len(score) != len(events):
        raise NotYet("length", n=len(events), m=len(score))
    y, w = events["process"] == SIGNAL, events["WeightLumi"]
    got = auc(score, y, w)
    goal = auc(-events["evtsel_transverseMass"], y, w).value + GAIN
    usual = auc(_reference_score(MORE), y, w)
    if len(np.unique(score)) == 2:
        raise NotYet("labels")
    if got.value < 0.5:
        raise NotYet("swapped", got=got.value)
    if got.value < goal:
        raise NotYet("below", got=got.value, goal=goal)
    if got.value > usual.value + 5 * usual.error:
        raise NotYet("too-good", got=got.value, usual=usual.value)
    return f"Right. AUC {got} on the validation events; the test events have not been touched."
