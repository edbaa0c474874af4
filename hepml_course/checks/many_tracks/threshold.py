"""Check of lesson 15: the threshold that lets a given share of false tracks pass."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, imitates, task
from hepml_course.checks.many_tracks._common import Floats, telling

Bools = NDArray[np.bool_]


def working_point(probability: Floats, is_true: Bools, n_true: int, at_most: float) -> tuple[float, float]:
    """Smallest threshold whose kept tracks hold at most this share of false ones, and its efficiency."""
    threshold = _lowest(probability, is_true, n_true, at_most)
    return threshold, is_true[probability >= threshold].sum() / n_true


def _lowest(
    p: Floats,
    true: Bools,
    n_true: int,
    at_most: float,
    share: Callable | None = None,
    passes: Callable = np.less_equal,
    kept: Callable = np.greater_equal,
    order: int = 1,
) -> float:
    """The first of all thresholds, from below or from above, that passes; with another share or cut."""
    for t in np.sort(p)[::order]:
        k = kept(p, t)
        if not k.any():
            continue
        value = np.mean(~true[k]) if share is None else share(k, true, n_true)
        if passes(value, at_most):
            return float(t)
    return 9.0  # none passes: no threshold at all


def _with(**change: Any) -> Callable:
    return lambda *case: _lowest(*case, **change)


def _stopped_early(p: Floats, true: Bools, n_true: int, at_most: float) -> float:
    """From above to the first that fails."""
    best = float(p.max())
    for t in np.sort(p)[::-1]:
        if np.mean(~true[p >= t]) > at_most:
            break
        best = float(t)
    return best


def _one_below(p: Floats, true: Bools, n_true: int, at_most: float) -> float:
    """The probability just below the right one."""
    below = p[p < _lowest(p, true, n_true, at_most)]
    return float(below.max()) if len(below) else float(p.min())


_WRONG_THRESHOLD: dict[str, Callable | tuple] = {
    "open": _with(kept=np.greater),
    "strict": _with(passes=np.less),
    "stopped-early": _stopped_early,
    "highest": _with(order=-1),
    "over-true": _with(share=lambda k, true, n: (~true & k).sum() / max((true & k).sum(), 1e-9)),
    "over-all-true": _with(share=lambda k, true, n: (~true & k).sum() / n),
    "over-all-fakes": _with(share=lambda k, true, n: (~true & k).sum() / max((~true).sum(), 1)),
    "over-all-found": _with(share=lambda k, true, n: (~true & k).sum() / len(k)),
    "below": (_with(kept=np.less_equal), _with(kept=np.less), _with(kept=np.less_equal, order=-1)),
    "true-share": _with(share=lambda k, true, n: np.mean(true[k])),
    "lowest": lambda p, true, n_true, at_most: float(p.min()),
    "unsorted": lambda p, true, n_true, at_most: next(
        float(t) for t in p if _false_share(p, true, t) <= at_most
    ),
    "number": _with(share=lambda k, true, n: (~true & k).sum()),
    "one-below": _one_below,
}


def _false_share(p: Floats, true: Bools, threshold: float) -> float:
    return float(np.mean(~true[p >= threshold]))


def _share(value: Callable) -> Callable:
    """A wrong efficiency, from what is kept at the right threshold."""

    def wrong(p: Floats, true: Bools, n_true: int, at_most: float) -> float:
        return float(value(p >= _lowest(p, true, n_true, at_most), true, n_true))

    return wrong


_WRONG_EFFICIENCY: dict[str, Callable] = {
    "purity": _share(lambda k, true, n: true[k].mean()),
    "never-found": _share(lambda k, true, n: true[k].sum() / true.sum()),
    "fakes-counted": _share(lambda k, true, n: k.sum() / n),
    "open-count": lambda p, true, n_true, at_most: float(
        true[p > _lowest(p, true, n_true, at_most)].sum() / n_true
    ),
    "of-found": _share(lambda k, true, n: true[k].sum() / len(k)),
    "kept-share": _share(lambda k, true, n: k.mean()),
    "count": _share(lambda k, true, n: true[k].sum()),
    "percent": _share(lambda k, true, n: 100 * true[k].sum() / n),
    "lost": _share(lambda k, true, n: 1 - true[k].sum() / n),
    "fake-share": _share(lambda k, true, n: (~true[k]).mean()),
}


@task(
    "many_tracks.working_point",
    reference=working_point,
    right="Right. And what it promises holds for events like these.",
    hints=[
        "Take each probability as a threshold once. Which tracks are kept, and which share of *them* is "
        "false?",
        "`kept = probability >= threshold`; the share of false ones is `np.mean(~is_true[kept])`. Among the "
        "thresholds for which it is at most `at_most`, the smallest keeps most tracks.",
        "Go through `np.sort(probability)` from below and return at the first that passes. The efficiency "
        "is the number of kept true tracks over `n_true`.",
    ],
    mistakes={
        "two-numbers": "Two numbers are expected, the threshold and the efficiency; yours has shape {got}.",
        "order": "You gave {got}. The threshold comes first, then the efficiency.",
        "open": "For {case} your threshold is {got}. The track at the threshold is kept, too: `>=`. So it is "
        "{right}.",
        "strict": "For {case} your threshold is {got}. At {right} the share of false tracks is {share}, "
        "which is allowed: *at most* {at_most}.",
        "stopped-early": "For {case} your threshold is {got}. Below it the share rises above {at_most}, and "
        "falls again when more true tracks come: at {right} it is {share}.",
        "highest": "For {case} your threshold is {got}, the highest that passes. The smallest one, {right}, "
        "keeps more tracks.",
        "over-true": "For {case} your threshold is {got}. You divided false tracks by *true* ones. A share "
        "of the found tracks is asked for: false over all that are kept.",
        "over-all-true": "For {case} your threshold is {got}. You divided the false tracks by `n_true`. A "
        "share of the kept tracks is asked for.",
        "over-all-fakes": "For {case} your threshold is {got}. You asked which share of all false tracks is "
        "kept. Which share of the kept tracks is false?",
        "over-all-found": "For {case} your threshold is {got}. You divided by all found tracks, kept or not. "
        "Divide by those that are kept.",
        "below": "For {case} your threshold is {got}. You kept what lies below. A track with a high "
        "probability is kept: the threshold is {right}.",
        "true-share": "For {case} your threshold is {got}. You looked at the share of *true* tracks among "
        "the kept ones. That of the false ones is at most {at_most}.",
        "lowest": "For {case} your threshold is {got}, the lowest probability: everything is kept. Compare "
        "the share of *false* tracks with {at_most}.",
        "unsorted": "For {case} your threshold is {got}: the first in the list that passes. The smallest "
        "that passes is {right}: sort them.",
        "number": "For {case} your threshold is {got}. You compared the *number* of false tracks with "
        "{at_most}. It is a share: divide by the kept tracks.",
        "one-below": "For {case} your threshold is {got}, one track too low: with it the share of false "
        "ones is above {at_most}. It is {right}.",
        "index": "You gave {got}: the place of the threshold in a list. Return the threshold itself.",
        "between": "For {case} your threshold is {got}, which is none of the probabilities, and keeps other "
        "tracks than {right}. Let each probability be a threshold once.",
        "same-tracks": "For {case} your threshold is {got}. It is right for these tracks, and is none of the "
        "probabilities. Return the probability itself, {right}.",
        "threshold": "For {case} the threshold is {right}; yours is {got}.",
        "purity": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}: the "
        "share of true ones among the kept tracks. Divide by the {n_true} true tracks that there are.",
        "never-found": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}. "
        "Some true tracks were never found at all: divide by `n_true`, {n_true}.",
        "fakes-counted": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}. "
        "False tracks are no success: count the true ones among the kept.",
        "open-count": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}. "
        "The track at the threshold is kept, too: `>=`.",
        "of-found": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}: true "
        "kept tracks over all found ones. Divide by the true ones, {n_true}.",
        "kept-share": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}: "
        "the share of found tracks that is kept. Which share of the {n_true} *true* ones is?",
        "count": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}: a "
        "number of tracks. Divide by {n_true}.",
        "percent": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}, in "
        "percent. Return a share, between 0 and 1.",
        "lost": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}: the "
        "share that is lost.",
        "fake-share": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}: "
        "the share of false tracks.",
        "efficiency": "For {case} the threshold is right, the efficiency is {right}, and you gave {got}.",
    },
)
def _working_point(answer, rng):
    cases = telling(lambda: _case(rng, rng.choice(_ALLOWED)), _threshold_of, _WRONG_THRESHOLD)
    cases += telling(lambda: _case(rng, rng.choice(_ALLOWED)), _efficiency_of, _WRONG_EFFICIENCY)
    results = np.array([_pair(answer(*case)) for case in cases])
    right = np.array([working_point(*case) for case in cases])
    if np.allclose(results, right[:, ::-1]):
        raise NotYet("order", got=results[0])
    _judge_threshold(results[:, 0], right[:, 0], cases)
    if not np.allclose(results[:, 1], right[:, 1]):
        k = int(np.argmax(~np.isclose(results[:, 1], right[:, 1])))
        shown = _say(cases[k], results[k, 1], right[k, 1])
        for mistake, wrong in _WRONG_EFFICIENCY.items():
            if imitates(results[:, 1], wrong, cases):
                raise NotYet(mistake, **shown)
        raise NotYet("efficiency", **shown)


def _judge_threshold(results: Floats, right: Floats, cases: list[tuple]) -> None:
    """Raise what is wrong with the thresholds; one that keeps the same tracks is told so."""
    kept = [_same_cut(*ends, case) for *ends, case in zip(results, right, cases, strict=True)]
    if all(kept):
        if not np.allclose(results, right):
            k = int(np.argmax(~np.isclose(results, right)))
            raise NotYet("same-tracks", **_say(cases[k], results[k], right[k]))
        return
    k = kept.index(False)
    shown = _say(cases[k], results[k], right[k])
    for mistake, many in _WRONG_THRESHOLD.items():
        for wrong in many if isinstance(many, tuple) else (many,):
            if imitates(results, wrong, cases):
                raise NotYet(mistake, **shown)
    if np.array_equal(results, results.astype(int)):
        raise NotYet("index", **shown)
    if not np.isclose(cases[k][0], results[k]).any():
        raise NotYet("between", **shown)
    raise NotYet("threshold", **shown)


def _threshold_of(*case: Any) -> float:
    return working_point(*case)[0]


def _efficiency_of(*case: Any) -> float:
    return working_point(*case)[1]


def _same_cut(one: float, other: float, case: tuple) -> bool:
    return np.array_equal(case[0] >= one, case[0] >= other)


def _pair(value: Any) -> list[float]:
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return [as_number(part) for part in value]
    array = as_array(value)
    if array.shape != (2,):
        raise NotYet("two-numbers", got=str(array.shape))
    return [float(part) for part in array]


_ALLOWED = (0.125, 0.2, 0.25, 0.5)


def _case(rng: np.random.Generator, at_most: float) -> tuple[Floats, Bools, int, float]:
    """Ten tracks with different probabilities; a high one is true more often, the highest one always."""
    p = rng.choice(np.arange(5, 100), 10, replace=False) / 100
    is_true = rng.random(10) < 0.3 + 0.6 * p
    is_true[p.argmax()] = True
    is_true[rng.choice(np.flatnonzero(p < p.max()))] = False
    return p, is_true, int(is_true.sum() + rng.integers(1, 5)), at_most


def _say(case: tuple, got: float, right: float) -> dict[str, Any]:
    p, is_true, n_true, at_most = case
    order = np.argsort(-p)
    true, false = (", ".join(f"{x:g}" for x in p[order][is_true[order] == which]) for which in (True, False))
    text = f"true tracks at {true}, false ones at {false}, n_true = {n_true} and at_most = {at_most:g}"
    kept = p >= _lowest(*case)
    shown = {"case": text, "got": got, "right": right, "at_most": at_most, "n_true": n_true}
    return shown | {"share": float(np.mean(~is_true[kept]))}
