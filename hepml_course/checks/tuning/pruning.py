"""Stopping a hopeless trial: after the warm-up, below the median of the others at the same epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, describe, first_difference, imitates, show, task

Floats = NDArray[np.float64]


def hopeless(scores: list[float], others: Floats, warmup: int) -> bool:
    """Whether the trial is to be stopped: after the warm-up, below the median at the same epoch."""
    now = len(scores)
    return bool(now > warmup and scores[-1] < np.median(others[:, now - 1]))


# An odd and an even number of others. In the second, and for one at the border, halves, quarters and so on:
# their medians are exact.
_FIVE = np.array(
    [
        [0.70, 0.78, 0.84, 0.88],
        [0.80, 0.84, 0.86, 0.87],
        [0.60, 0.62, 0.64, 0.66],
        [0.75, 0.80, 0.85, 0.90],
        [0.79, 0.83, 0.85, 0.86],
    ]
)
_SIX = np.array(
    [
        [0.8125, 0.8750, 0.9375, 0.9375],
        [0.6250, 0.7500, 0.8125, 0.8750],
        [0.7500, 0.8125, 0.8750, 0.9375],
        [0.8750, 0.8750, 0.9375, 0.9375],
        [0.6250, 0.6875, 0.7500, 0.8125],
        [0.5000, 0.6250, 0.6875, 0.6875],
    ]
)
_SEVEN = np.array(
    [
        [0.81, 0.85, 0.87, 0.88],
        [0.72, 0.78, 0.82, 0.85],
        [0.55, 0.61, 0.66, 0.70],
        [0.76, 0.80, 0.84, 0.86],
        [0.83, 0.86, 0.88, 0.89],
        [0.79, 0.83, 0.86, 0.87],
        [0.78, 0.82, 0.85, 0.90],
    ]
)


def _cases() -> list[tuple]:
    among_five = [
        [0.70, 0.75, 0.83],  # above the mean of its epoch, below the median
        [0.70, 0.81, 0.855],  # below the others' end, above the median of its epoch
        [0.70, 0.78],
        [0.50],
        [0.70, 0.75, 0.70],
        [0.50, 0.60],
        [0.78, 0.82, 0.86, 0.875],
        [0.90, 0.80, 0.80, 0.60],
        [0.60, 0.70, 0.80, 0.89],
        [0.70, 0.80],  # at the median
    ]
    among_six = [
        [0.65],  # between the two in the middle, below the median
        [0.72],  # between the two in the middle, above it
        [0.70, 0.80, 0.83],
        [0.70, 0.80, 0.86],
        [0.70, 0.80, 0.84375],  # at the median
        [0.90, 0.85, 0.88, 0.89],
        [0.50, 0.60, 0.90, 0.93],
    ]
    among_seven = [
        [0.77],
        [0.785],
        [0.80, 0.815],
        [0.80, 0.825, 0.84],
        [0.70, 0.75, 0.855],
        [0.60, 0.70, 0.80, 0.865],
        [0.60, 0.70, 0.80, 0.875],
    ]
    groups = ((_FIVE, among_five), (_SIX, among_six), (_SEVEN, among_seven))
    return [(s, others, warmup) for others, histories in groups for s in histories for warmup in (0, 1, 2)]


def _median(o: Floats, s: list[float]) -> float:
    return float(np.median(o[:, len(s) - 1]))


# What it is, and the answer that makes it. Several answers may make the same mistake.
_WRONG = (
    ("direction", lambda s, o, w: len(s) > w and s[-1] > _median(o, s)),
    ("reversed", lambda s, o, w: not hopeless(s, o, w)),
    ("at-the-median", lambda s, o, w: len(s) > w and s[-1] <= _median(o, s)),
    ("middle-row", lambda s, o, w: len(s) > w and s[-1] < sorted(o[:, len(s) - 1])[len(o) // 2]),
    ("middle-row", lambda s, o, w: len(s) > w and s[-1] < sorted(o[:, len(s) - 1])[(len(o) - 1) // 2]),
    ("middle-row", lambda s, o, w: len(s) > w and s[-1] < sorted(o[:, len(s) - 1])[2]),
    ("middle-row", lambda s, o, w: len(s) > w and sum(o[:, len(s) - 1] > s[-1]) > len(o) / 2),
    ("middle-row", lambda s, o, w: len(s) > w and sum(o[:, len(s) - 1] > s[-1]) >= len(o) / 2),
    ("unsorted", lambda s, o, w: len(s) > w and s[-1] < o[len(o) // 2, len(s) - 1]),
    ("end", lambda s, o, w: len(s) > w and s[-1] < np.median(o[:, -1])),
    ("mean", lambda s, o, w: len(s) > w and s[-1] < np.mean(o[:, len(s) - 1])),
    ("leader", lambda s, o, w: len(s) > w and s[-1] < np.max(o[:, len(s) - 1])),
    ("last-place", lambda s, o, w: len(s) > w and s[-1] < np.min(o[:, len(s) - 1])),
    ("row", lambda s, o, w: len(s) > w and s[-1] < np.median(o[len(s) - 1])),
    ("row", lambda s, o, w: len(s) > w and s[-1] < np.median(o[len(s)])),
    ("column", lambda s, o, w: len(s) > w and s[-1] < np.median(o[:, len(s) - 2])),
    ("warm-up-column", lambda s, o, w: len(s) > w and s[-1] < np.median(o[:, w])),
    ("warm-up-column", lambda s, o, w: len(s) > w and s[-1] < np.median(o[:, w - 1])),
    ("no-warmup", lambda s, o, w: s[-1] < _median(o, s)),
    ("either", lambda s, o, w: len(s) > w or s[-1] < _median(o, s)),
    ("too-early", lambda s, o, w: len(s) >= w and s[-1] < _median(o, s)),
    ("too-late", lambda s, o, w: len(s) > w + 1 and s[-1] < _median(o, s)),
    ("all-epochs", lambda s, o, w: len(s) > w and s[-1] < np.median(o)),
    ("all-epochs", lambda s, o, w: len(s) > w and s[-1] < np.median(o[:, : len(s)])),
    ("best-so-far", lambda s, o, w: len(s) > w and max(s) < _median(o, s)),
    ("first-epoch", lambda s, o, w: len(s) > w and s[0] < np.median(o[:, 0])),
    ("own-average", lambda s, o, w: len(s) > w and np.median(s) < _median(o, s)),
    ("own-average", lambda s, o, w: len(s) > w and np.mean(s) < _median(o, s)),
    ("earlier", lambda s, o, w: any(s[e] < np.median(o[:, e]) for e in range(w, len(s)))),
    ("always", lambda s, o, w: len(s) > w and all(s[e] < np.median(o[:, e]) for e in range(w, len(s)))),
    ("always", lambda s, o, w: len(s) > w and all(s[e] < np.median(o[:, e]) for e in range(len(s)))),
)


@task(
    "tuning.hopeless",
    reference=hopeless,
    right="Right. Half of the trials end early, and with them some that would have come from behind.",
    hints=[
        "How many epochs has the trial seen? That is also the column of `others` to look at.",
        "`others[:, k]` holds the scores of all other trials after epoch k + 1; `np.median` gives their "
        "middle.",
        "In one line: `len(scores) > warmup and scores[-1] < np.median(others[:, len(scores) - 1])`.",
    ],
    mistakes={
        "direction": "With {scores} against a median of {median} you say {got}. A larger AUC is better.",
        "reversed": "You say {got} for {scores} against a median of {median}, and the opposite wherever it "
        "matters. True means: stop it.",
        "at-the-median": "A trial at the median, {last} against {median}, is not below it. You stopped it.",
        "middle-row": "The median of the {n} others at this epoch is {median}, and you compared {last} with "
        "something else. With an even number it lies halfway between the two in the middle.",
        "unsorted": "You compared with the trial in the middle of the table. The rows are in no order: the "
        "median is {median}.",
        "end": "After {epoch} epochs the trial has {last}. You compared it with what the others had at their "
        "end. Compare at the same epoch.",
        "mean": "One trial of the others is very bad and pulls their mean down. The rule asks for the "
        "median.",
        "leader": "You stop everything that is behind the best of the others. The rule asks for the median.",
        "last-place": "You stop only what is behind the worst of the others. The rule asks for the median.",
        "row": "You took the median of a row of `others`: that is one trial, over its epochs. All trials "
        "after the same number of epochs stand in a column.",
        "column": "After {epoch} epochs the others have a median of {median}. You looked in the column of "
        "another epoch; the columns count from zero.",
        "warm-up-column": "You looked at the others after their warm-up. Compare after {epoch} epochs, as "
        "many as the trial has run.",
        "no-warmup": "With `warmup={warmup}` a trial with {epoch} epochs was stopped. It has grace "
        "until then.",
        "either": "For {scores}, warmup = {warmup} and a median of {median} you say {got}. Both conditions "
        "must hold, not one of them.",
        "too-early": "A trial with exactly `warmup` epochs was stopped. The rule begins one later.",
        "too-late": "With warmup = {warmup}, a trial with {epoch} epochs should be judged. You still wait.",
        "all-epochs": "You took the median over several epochs. A trial after {epoch} epochs competes with "
        "others after {epoch} epochs.",
        "best-so-far": "The trial has fallen to {last}, and you judged it by the best it ever had.",
        "first-epoch": "You compared the first epochs. What counts is the latest of `scores`.",
        "own-average": "You took the middle or the mean of the trial's own {scores}. What counts is the "
        "latest of them, {last}.",
        "earlier": "The trial {scores} was behind at an earlier epoch. What counts is the latest.",
        "always": "The trial {scores} was not behind at every epoch. What counts is the latest only.",
        "not-a-bool": "One True or False is expected; for {scores} you returned {got}.",
        "other": "For {scores}, warmup = {warmup} and a median of {median} at that epoch the answer is "
        "{right}; yours is {got}.",
    },
)
def _hopeless(answer, rng):
    cases = _cases()
    results = [_as_bool(answer(list(s), o.copy(), w), s) for s, o, w in cases]
    k = first_difference(results, hopeless, cases)
    if k is None:
        return
    s, o, w = cases[k]
    shown = {"scores": s, "warmup": w, "epoch": len(s), "last": s[-1], "got": str(results[k]), "n": len(o)}
    shown |= {"median": _median(o, s), "right": str(hopeless(*cases[k]))}
    for mistake, wrong in _WRONG:
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)


def _as_bool(result: Any, scores: list[float]) -> bool:
    if result is None:
        raise NotYet("returns-nothing")
    array = np.asarray(result)
    if array.ndim or array.dtype.kind not in "biuf" or array.item() not in (0, 1):
        plain = isinstance(result, (int, float, np.number))
        raise NotYet("not-a-bool", scores=scores, got=show(result) if plain else describe(result))
    return bool(result)
