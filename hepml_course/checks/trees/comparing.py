"""Check of lesson 08: what learns a score that keeps more electrons than the box, at as many jets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.checks import NotYet, describe, guard, task
from hepml_course.checks.trees._common import Floats
from hepml_course.checks.trees._samples import BOX, VARIABLES, asked, candidates
from hepml_course.checks.trees.cuts import box
from hepml_course.metrics import auc, efficiency_at

if TYPE_CHECKING:
    from pandas import DataFrame

GAIN = 0.08  # by how much the efficiency has to exceed that of the box
TURNED = 1000  # events of which the truth is turned round, a few next to any sample of the exercise
OF_ITSELF = 0.75  # AUC that nobody reaches who has learned from these; a score that says nothing has 0.5

_TRUTH = ["is_electron", "kind"]

Score = Callable[["DataFrame"], Floats]


def learn(events: DataFrame) -> Score:
    """Boosted trees on these events, as a function that gives the scores of others."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, random_state=1)
    model.fit(events[VARIABLES], events["is_electron"])
    return lambda table: model.predict_proba(table[VARIABLES])[:, 1]


@task(
    "trees.compare",
    reference=learn,
    right="Right.",
    seconds=60.0,
    hints=[
        "A function within a function: the outer one fits a model to `events`, with the six variables and "
        "nothing else. The inner one takes a table and returns the score of each of its rows. The outer one "
        "returns the inner one, by its name without parentheses.",
        "`HistGradientBoostingClassifier` needs no tuning here: "
        "`model.fit(events[VARIABLES], events.is_electron)`.",
        "`return lambda table: model.predict_proba(table[VARIABLES])[:, 1]`: column 1 is the probability of "
        "True.",
    ],
    mistakes={
        "no-score": "`learn` returned {got}. It returns a function: one that takes a table and gives back "
        "the score of each candidate.",
        "both-columns": "You gave an array of shape {got}: a probability for each class. Take the one of the "
        "electrons, column 1.",
        "fixed": "The check gave you {n} events and got {m} scores. Score the events that come in, not a "
        "sample that you know.",
        "random": "The same events got other scores the second time. A score depends on the event alone.",
        "truth": "The check exchanged `is_electron` and `kind` among the events, and your scores changed. In "
        "data nobody knows these; train with the six variables.",
        "company": "The same event got another score when it came with other events. Is something fitted to "
        "the events that come in, their mean for instance? Fit it to the events that `learn` gets.",
        "labels": "Your scores take {n} values only, so that no cut has the background of the box. Use "
        "`predict_proba(...)[:, 1]`, or the sum of the stumps before its sign is taken.",
        "swapped": "On events that you have not seen the AUC is {got}, below one half: electrons have the "
        "low scores. Which column of `predict_proba` is theirs?",
        "below": "On events that you have not seen the box keeps {box} of the electrons, and your score "
        "{got}, where both keep {background} of the jets. The goal is {goal}.",
        "other-events": "The check called all jets electrons and all electrons jets in {n} events, and let "
        "`learn` learn from these. Its score still finds electrons, with an AUC of {got}: it knows other "
        "events. Does your function use `train` or `test`, or a model that was fitted to them? Learn from "
        "`events` alone.",
    },
)
def _compare(answer: Callable, rng: np.random.Generator) -> str:
    fresh = candidates("fresh")
    y = fresh["is_electron"].to_numpy()
    mine = asked(_learned(answer, candidates("learn")), fresh, _TRUTH)
    kept, background = box(fresh, BOX)
    if len(np.unique(mine)) <= 2:
        raise NotYet("labels", n=len(np.unique(mine)))
    found = efficiency_at(background, mine, y)
    if auc(mine, y).value < 0.5:
        raise NotYet("swapped", got=auc(mine, y).value)
    if found.value < kept + GAIN:
        raise NotYet("below", got=found.value, box=kept, background=background, goal=kept + GAIN)
    turned = auc(asked(_learned(answer, _turned()), fresh, _TRUTH), y).value
    if turned > OF_ITSELF:
        raise NotYet("other-events", n=TURNED, got=turned)
    shares = f"the box keeps {kept:.3f} of the electrons, your score {found}"
    return f"Right. On {len(fresh):,} new events {shares}, and both keep {background:.3f} of the jets."


def _learned(answer: Callable, events: DataFrame) -> Score:
    score: Any = answer(events)
    if score is None:
        raise NotYet("returns-nothing")
    if not callable(score) or hasattr(score, "predict"):  # a network of Keras is both
        raise NotYet("no-score", got=describe(score))
    return guard(score)


def _turned() -> DataFrame:
    """Events in which electrons are called jets, and jets electrons.

    What has learned from them takes jets for electrons. What has seen true ones as well, more of them, does
    not: so this tells where a score comes from, however little it has learned by heart.
    """
    events = candidates("learn").head(TURNED)
    called = ~events["is_electron"]
    return events.assign(is_electron=called, kind=np.where(called, "electron", "conversion"))
