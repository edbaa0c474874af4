"""Check of lesson 08: a score that keeps more electrons than the box where it keeps as many jets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.trees._common import Bools, Floats
from hepml_course.checks.trees._samples import BOX, VARIABLES, asked, candidates
from hepml_course.checks.trees.cuts import box
from hepml_course.metrics import Estimate, auc, auc_difference, efficiency_at

if TYPE_CHECKING:
    from pandas import DataFrame

GAIN = 0.08  # by how much the efficiency has to exceed that of the box
SIGMAS = 3.0  # by how much better a score may be on events that the exercise shows

_TRUTH = ["is_electron", "kind"]


@cache
def _model():
    from sklearn.ensemble import HistGradientBoostingClassifier

    own = candidates("own")
    model = HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, random_state=1)
    return model.fit(own[VARIABLES], own["is_electron"])


def score(events: DataFrame) -> Floats:
    """Scores from boosted trees."""
    return _model().predict_proba(events[VARIABLES])[:, 1]


@task(
    "trees.compare",
    reference=score,
    right="Right.",
    hints=[
        "Fit a model on `train`, with the six variables and nothing else. The function gets a table of "
        "events and returns the score of each.",
        "`HistGradientBoostingClassifier` needs no tuning here: "
        "`model.fit(train[VARIABLES], train.is_electron)`.",
        "`return model.predict_proba(events[VARIABLES])[:, 1]`: column 1 is the probability of True.",
    ],
    mistakes={
        "both-columns": "You gave an array of shape {got}: a probability for each class. Take the one of the "
        "electrons, column 1.",
        "fixed": "The check gave you {n} events and got {m} scores. Score the events that come in, not a "
        "sample that you know.",
        "random": "The same events got other scores the second time. A score depends on the event alone.",
        "truth": "The check exchanged `is_electron` and `kind` among the events, and your scores changed. In "
        "data nobody knows these; train with the six variables.",
        "company": "The same event got another score when it came with other events. Is something fitted to "
        "the events that come in, their mean for instance? Fit it to `train`.",
        "labels": "Your scores take {n} values only, so that no cut has the background of the box. Use "
        "`predict_proba(...)[:, 1]`, or the sum of the stumps before its sign is taken.",
        "swapped": "On events that you have not seen the AUC is {got}, below one half: electrons have the "
        "low scores. Which column of `predict_proba` is theirs?",
        "below": "On events that you have not seen the box keeps {box} of the electrons, and your score "
        "{got}, where both keep {background} of the jets. The goal is {goal}.",
        "knows-test": "Compared with trees that have seen neither, your score does better on the test events "
        "of the exercise than on new ones: its AUC changes by {gap}, {sigmas} standard deviations. The test "
        "events have trained it.",
    },
)
def _compare(answer: Callable, rng: np.random.Generator) -> str:
    fresh = candidates("fresh")
    y = fresh["is_electron"].to_numpy()
    mine = asked(answer, fresh, _TRUTH)
    kept, background = box(fresh, BOX)
    if len(np.unique(mine)) <= 2:
        raise NotYet("labels", n=len(np.unique(mine)))
    found = efficiency_at(background, mine, y)
    if auc(mine, y).value < 0.5:
        raise NotYet("swapped", got=auc(mine, y).value)
    if found.value < kept + GAIN:
        raise NotYet("below", got=found.value, box=kept, background=background, goal=kept + GAIN)
    gap = _familiar(answer, mine, y)
    if gap.value > SIGMAS * gap.error:
        raise NotYet("knows-test", gap=gap.value, sigmas=f"{gap.value / gap.error:.0f}")
    shares = f"the box keeps {kept:.3f} of the electrons, your score {found}"
    return f"Right. On {len(fresh):,} new events {shares}, and both keep {background:.3f} of the jets."


def _familiar(answer: Callable, mine: Floats, y: Bools) -> Estimate:
    """By how much the score is better on the test events of the exercise than on new ones.

    Both times compared with the course's own trees, which have seen neither, so that it does not matter how
    hard the events are.
    """
    test = candidates("test")
    there = auc_difference(asked(answer, test, _TRUTH), score(test), test["is_electron"].to_numpy())
    here = auc_difference(mine, score(candidates("fresh")), y)
    return Estimate(there.value - here.value, float(np.hypot(there.error, here.error)))
