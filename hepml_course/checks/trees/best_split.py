"""Check of lesson 08: the cut on one variable that brings most information."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_number, first_difference, task
from hepml_course.checks.trees._common import (
    Bools,
    Floats,
    Wrong,
    functions,
    listed,
    mistaken,
    pair,
    quiet,
    rounded,
)
from hepml_course.checks.trees.gain import ONE_SIDE, error, gain, gain_with, gini


def best_split(x: Floats, is_signal: Bools, weights: Floats) -> tuple[float, float]:
    """Threshold of the largest gain, halfway between neighbouring values, and that gain."""
    return _best(x, is_signal, weights)


def _middles(x: Floats) -> Floats:
    values = np.unique(x)
    return (values[1:] + values[:-1]) / 2


def _best(
    x: Floats,
    y: Bools,
    w: Floats,
    criterion: Callable = gain,
    candidates: Callable = _middles,
    choose: Callable = np.argmax,
) -> tuple[float, float]:
    """The course's own answer, with parts that a mistake can replace."""
    thresholds = candidates(x)
    gains = [criterion(x > t, y, w) for t in thresholds]
    best = int(choose(gains))
    return float(thresholds[best]), gain(x > thresholds[best], y, w)


def _chosen_by(**change: Any) -> Callable:
    return lambda *case: _best(*case, **change)[0]


def _first_peak(gains: Sequence[float]) -> int:
    falls = [i for i in range(len(gains) - 1) if gains[i + 1] < gains[i]]
    return falls[0] if falls else len(gains) - 1


def _neighbours(x: Floats) -> Floats:
    """Halfway between events that follow each other in the list."""
    return (x[1:] + x[:-1]) / 2


def _signal_above(passes: Bools, y: Bools, w: Floats) -> float:
    """Only cuts that have the larger share of signal above."""
    if not passes.any() or passes.all():
        return 0.0
    shares = [w[side & y].sum() / w[side].sum() for side in (passes, ~passes)]
    return gain(passes, y, w) if shares[0] >= shares[1] else -1.0


def _purest(passes: Bools, y: Bools, w: Floats) -> float:
    """The side of the highest purity, however few events it has."""
    return max(w[side & y].sum() / max(w[side].sum(), 1e-9) for side in (passes, ~passes))


_WRONG_THRESHOLD: Wrong = {
    "no-weights": _chosen_by(criterion=gain_with(w_share=np.ones_like, w_inside=np.ones_like)),
    "smallest": _chosen_by(choose=np.argmin),
    "first-peak": _chosen_by(choose=_first_peak),
    "signal-above": (
        _chosen_by(criterion=_signal_above),
        _chosen_by(criterion=lambda p, y, w: _signal_above(~p, y, w)),
    ),
    "without-ends": (
        _chosen_by(candidates=lambda x: _middles(x)[1:]),
        _chosen_by(candidates=lambda x: _middles(x)[:-1]),
        _chosen_by(candidates=lambda x: _middles(x)[1:-1]),
    ),
    "weights-unsorted": (
        lambda x, y, w: best_split(np.sort(x), y[np.argsort(x, kind="stable")], w)[0],
        lambda x, y, w: best_split(np.sort(x), y, w)[0],
    ),
    "unsorted": _chosen_by(candidates=_neighbours),
    "mean-of-sides": (
        _chosen_by(criterion=gain_with(after=lambda s, h: (h[0] + h[1]) / 2)),
        _chosen_by(criterion=gain_with(after=lambda s, h: max(h))),
    ),
    "one-side": tuple(_chosen_by(criterion=f) for f in ONE_SIDE),
    "purest": _chosen_by(criterion=_purest),
    "error": _chosen_by(criterion=gain_with(impurity=error)),
    "gini": _chosen_by(criterion=gain_with(impurity=gini)),
    "middle": (
        lambda x, y, w: np.median(x),
        lambda x, y, w: x.mean(),
        lambda x, y, w: (x[y].mean() + x[~y].mean()) / 2,
        lambda x, y, w: (np.average(x[y], weights=w[y]) + np.average(x[~y], weights=w[~y])) / 2,
    ),
}


@task(
    "trees.best_split",
    reference=best_split,
    right="Right. A tree does nothing else: this, for all variables, and again on each side.",
    hints=[
        "Which thresholds are there at all? Between two neighbouring values every threshold splits alike.",
        "`values = np.unique(x)` are the different values, sorted, and `(values[1:] + values[:-1]) / 2` the "
        "thresholds between them.",
        "`gain(x > threshold, is_signal, weights)` for each threshold; `np.argmax` says where it is largest.",
    ],
    mistakes={
        "two-numbers": "Two numbers are expected: the threshold, then its gain.",
        "order": "You gave {got_both}. The threshold comes first, then the gain.",
        "index": "For {case}, the threshold is {right}; you gave {got}, a place in a list. Return the "
        "threshold.",
        "at-value": "For {case}, the threshold is {right}; you gave {got}. It splits these events the same "
        "way; put it halfway to the next value, where new events are decided most fairly.",
        "no-weights": "For {case}, the threshold is {right}; you gave {got}, which is best if all weights "
        "are 1.",
        "smallest": "For {case}, the threshold is {right}; you gave {got}. That is the *smallest* gain.",
        "first-peak": "For {case}, the threshold is {right}; you gave {got}. From there on the gain falls, "
        "and rises again later. Try all thresholds.",
        "signal-above": "For {case}, the threshold is {right}; you gave {got}. You looked at cuts with the "
        "signal on one side only. A tree does not care on which side it is.",
        "unsorted": "For {case}, the threshold is {right}; you gave {got}. Neighbours in the list are not "
        "neighbours in x: sort first.",
        "without-ends": "For {case}, the threshold is {right}; you gave {got}. A cut that takes off only the "
        "smallest or only the largest value is a cut, too.",
        "weights-unsorted": "For {case}, the threshold is {right}; you gave {got}. You sorted x alone. Truth "
        "and weight belong to their events.",
        "mean-of-sides": "For {case}, the threshold is {right}; you gave {got}. Both sides must count by "
        "their weight, or a side of one event seems as good as one of a hundred.",
        "one-side": "For {case}, the threshold is {right}; you gave {got}. You judged by one side of the "
        "cut.",
        "purest": "For {case}, the threshold is {right}; you gave {got}. You looked for the purest side, "
        "however small. The gain weighs both.",
        "error": "For {case}, the threshold is {right}; you gave {got}, the fewest misclassified events. "
        "The largest gain is asked for.",
        "gini": "For {case}, the threshold is {right}; you gave {got}, which is best by Gini's index. Use "
        "the entropy.",
        "middle": "For {case}, the threshold is {right}; you gave {got}, some middle of the values. Try all "
        "thresholds.",
        "not-a-split": "For {case}, you gave the threshold {got}, outside of all values: nothing is split.",
        "gain-before": "For {case}, the threshold is right. Its gain is {right}; you gave {got}. Which of "
        "the gains in your list belongs to it?",
        "gain": "For {case}, the threshold is right. Its gain is {right}; you gave {got}.",
        "gain-weights": "For {case}, the threshold is right. Its gain is {right}; you gave {got}, which "
        "is without weights.",
        "rounded": "For {case}, you gave {got}, and it is {right}. Return all digits.",
        "threshold": "For {case}, the threshold is {right}; you gave {got}.",
    },
)
def _best_split(answer: Callable, rng: np.random.Generator) -> None:
    cases = _telling(int(rng.integers(2**31)))
    results = [pair(answer(*case), "two-numbers") for case in cases]
    right = [best_split(*case) for case in cases]
    if np.allclose(results, right):
        return
    if np.allclose([r[::-1] for r in results], right):
        raise NotYet("order", got_both=results[0])
    mine, expected = [r[0] for r in results], [r[0] for r in right]
    mistake = None if np.allclose(mine, expected) else _mistaken_threshold(mine, expected, cases)
    part = 0 if mistake else 1
    k = int(np.argmax(~np.isclose(np.array(results)[:, part], np.array(right)[:, part])))
    shown = {"case": _text(cases[k]), "got": results[k][part], "right": right[k][part]}
    raise NotYet(mistake or _mistaken_gain([r[1] for r in results], [r[1] for r in right], cases), **shown)


def _mistaken_threshold(mine: Sequence, right: Sequence, cases: Sequence[tuple]) -> str:
    known = mistaken(mine, cases, _WRONG_THRESHOLD)
    for value in mine:
        as_number(value)
    if known is None and all(_same_side(*ends, case) for *ends, case in zip(mine, right, cases, strict=True)):
        return "rounded" if rounded(mine, right) else "at-value"
    if known is None and all(
        float(t).is_integer() and 0 <= t < len(c[0]) for t, c in zip(mine, cases, strict=True)
    ):
        return "index"
    if known is None and all(t < c[0].min() or t >= c[0].max() for t, c in zip(mine, cases, strict=True)):
        return "not-a-split"
    return known or "threshold"


def _same_side(one: float, other: float, case: tuple) -> bool:
    x = case[0]
    return np.array_equal(x > one, x > other) or np.array_equal(x >= one, x > other)


def _mistaken_gain(mine: Sequence, right: Sequence, cases: Sequence[tuple]) -> str:
    for value in mine:
        as_number(value)
    if rounded(mine, right):
        return "rounded"
    if (
        first_difference(mine, _gain_at(gain_with(w_share=np.ones_like, w_inside=np.ones_like)), cases)
        is None
    ):
        return "gain-weights"
    of_others = [[gain(c[0] > t, *c[1:]) for t in _middles(c[0])] for c in cases]
    if all(np.isclose(g, others).any() for g, others in zip(mine, of_others, strict=True)):
        return "gain-before"
    return "gain"


def _gain_at(measure: Callable) -> Callable:
    """A wrong gain at the right threshold."""
    return lambda x, y, w: measure(x > best_split(x, y, w)[0], y, w)


@cache
def _telling(seed: int) -> list[tuple[Floats, Bools, Floats]]:
    """Cases on which the right way of choosing and each mistake find different thresholds."""
    rng = np.random.default_rng(seed)
    ways = [("right", lambda *case: best_split(*case)[0]), *functions(_WRONG_THRESHOLD)]
    alike = [[(mistake, quiet(function)) for mistake, function in ways]]
    cases = []
    while alike:
        case = _values(rng)
        split = [group for many in alike for group in _by_result(many, case)]
        if len(split) > len(alike):
            cases.append(case)
        alike = [group for group in split if len({mistake for mistake, _ in group}) > 1]
    return cases


def _by_result(many: list[tuple[str, Callable]], case: tuple) -> list[list[tuple[str, Callable]]]:
    groups: dict[float, list[tuple[str, Callable]]] = {}
    for mistake, function in many:
        groups.setdefault(round(float(function(*case)), 6), []).append((mistake, function))
    return list(groups.values())


def _values(rng: np.random.Generator, n: int = 10) -> tuple[Floats, Bools, Floats]:
    """Ten values of one decimal with ties, and one best split."""
    while True:
        y = rng.permutation(np.arange(n) < n // 2)
        x = np.where(y, rng.integers(12, 30, n), rng.integers(5, 22, n)) * rng.choice([-1, 1]) / 10
        w = rng.integers(1, 9, n) / 2
        gains = np.sort([gain(x > t, y, w) for t in _middles(x)])
        if gains[-1] - gains[-2] > 0.02:
            return x, y, w


def _text(case: tuple) -> str:
    x, y, w = case
    parts = []
    for name, which in (("signal", y), ("background", ~y)):
        order = np.argsort(x[which], kind="stable")
        parts.append(f"{name} at x = {listed(x[which][order])} with weights {listed(w[which][order])}")
    return " and ".join(parts)
