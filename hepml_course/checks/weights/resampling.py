"""Check of lesson 10: positive weights in place of signed ones, with the uncertainty carried along."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.weights._common import (
    Floats,
    Wrong,
    arrays,
    code,
    comparable,
    judge_pairs,
    telling,
)


def resample(x: Floats, w: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Mean and root mean square of the weights in the bin of each event."""
    return _mean(x, w, edges), np.sqrt(_mean(x, w**2, edges))


def _mean(x: Floats, values: Floats, edges: Floats) -> Floats:
    return _local(lambda v: v.mean())(x, values, edges)


def _rms(x: Floats, w: Floats, edges: Floats) -> Floats:
    return np.sqrt(_mean(x, w**2, edges))


def _local(f: Callable, shift: int = 0) -> Callable:
    """A number from the weights in each bin, given to its events."""

    def wrong(x: Floats, w: Floats, edges: Floats) -> Floats:
        k = np.searchsorted(edges, x, side="right") - 1
        found = np.array([float(f(w[k == i])) if (k == i).any() else 0.0 for i in range(len(edges) - 1)])
        return found[(k + shift) % len(found)]

    return wrong


def _same_for_all(f: Callable) -> Callable:
    return lambda x, w, edges: np.full(len(w), float(f(w)))


_WRONG_MEANS: Wrong = {
    "sum": _local(np.sum),
    "everywhere": _same_for_all(np.mean),
    "own": lambda x, w, edges: w,
    "absolute": (_local(lambda w: np.abs(w).mean()), lambda x, w, edges: np.abs(w)),
    "cut-at-zero": _local(lambda w: max(w.mean(), 0.0)),
    "absolute-of-mean": _local(lambda w: abs(w.mean())),
    "dropped": (
        lambda x, w, edges: np.maximum(w, 0),
        _local(lambda w: np.maximum(w, 0).mean()),
        _local(lambda w: w[w > 0].mean() if (w > 0).any() else 0.0),
    ),
    "signs": (
        _local(lambda w: np.sign(w).mean()),
        lambda x, w, edges: _local(lambda v: np.sign(v).mean())(x, w, edges) * np.abs(w),
    ),
    "median": _local(np.median),
    "of-all": lambda x, w, edges: _local(np.sum)(x, w, edges) / len(w),
    "of-total": lambda x, w, edges: _local(np.sum)(x, w, edges) / w.sum(),
    "next-bin": (_local(np.mean, shift=1), _local(np.mean, shift=-1)),
    "width": lambda x, w, edges: (
        _local(np.sum)(x, w, edges) / np.diff(edges)[np.searchsorted(edges, x, side="right") - 1]
    ),
    "root-of-n": _local(lambda w: w.sum() / np.sqrt(len(w))),
    "mean-is-rms": _rms,
}

_WRONG_RMS: Wrong = {
    "squared-mean": lambda x, w, edges: np.abs(_mean(x, w, edges)),
    "no-root": lambda x, w, edges: _mean(x, w**2, edges),
    "spread": (
        _local(np.std),
        _local(lambda w: w.std(ddof=1) if len(w) > 1 else 0.0),
        _local(np.var),
        _local(lambda w: w.std() / np.sqrt(len(w))),
    ),
    "sum-of-squares": (_local(lambda w: np.sqrt(w @ w)), _local(lambda w: w @ w)),
    "mean-of-sizes": _local(lambda w: np.abs(w).mean()),
    "own-size": lambda x, w, edges: np.abs(w),
    "rms-everywhere": _same_for_all(lambda w: np.sqrt(np.mean(w**2))),
    "error-of-mean": _local(lambda w: np.sqrt(w @ w) / len(w)),
    "mean-again": _mean,
    "positive-squares": _local(lambda w: np.sqrt(np.mean(np.maximum(w, 0) ** 2))),
    "rms-next-bin": (
        _local(lambda w: np.sqrt(np.mean(w**2)), shift=1),
        _local(lambda w: np.sqrt(np.mean(w**2)), shift=-1),
    ),
}


@task(
    "weights.resample",
    reference=resample,
    right="Right. The bin keeps its height, and the uncertainty it had: fewer signs are not more events.",
    hints=[
        "In each bin: the events stay, and share the sum of their weights evenly. How much is that for each?",
        "The mean of the weights in the bin keeps Σw. For the uncertainty each event carries a second "
        "number, whose squares add up to the Σw² that the bin had.",
        "`k = np.digitize(x, edges) - 1`, `n = np.bincount(k)`; then `(np.bincount(k, w) / n)[k]` and "
        "`np.sqrt(np.bincount(k, w**2) / n)[k]`.",
    ],
    mistakes={
        "two-arrays": "Two arrays are expected, one number for each of {n} events; yours has shape {got}.",
        "per-bin": "You gave numbers for the {got} bins. Each of the {n} events gets those of its bin.",
        "shape": "Both arrays have the shape {expected}, one number for each event; yours has shape {got}.",
        "swapped": "You gave the root mean square first. The mean comes first.",
        "sum": "In the bin {bin} the new weight is {right}, and you gave {got}, the sum of the bin. With "
        "that for each event the bin becomes {n} times as high.",
        "everywhere": "In the bin {bin} the new weight is {right}, and you gave {got}, the mean over all "
        "bins. The shape is lost.",
        "own": "In the bin {bin} the new weight is {right}, and you gave {got}, the event's own weight.",
        "absolute": "In the bin {bin} the new weight is {right}, and you gave {got}. With |w| the bin "
        "becomes higher: the negative ones take something away.",
        "cut-at-zero": "In the bin {bin} the new weight is {right}, and you gave {got}. A bin may come out "
        "negative; whoever cuts that off shifts the sum of all bins.",
        "absolute-of-mean": "In the bin {bin} the new weight is {right}, and you gave {got}. If a bin is "
        "negative, turning it round makes it wrong by twice its height.",
        "dropped": "In the bin {bin} the new weight is {right}, and you gave {got}: without the negative "
        "ones. The bin becomes higher by what they took away.",
        "signs": "In the bin {bin} the new weight is {right}, and you gave {got}, from the signs alone. The "
        "weights differ in size, too.",
        "median": "In the bin {bin} the new weight is {right}, and you gave {got}, the median. It does not "
        "keep the sum.",
        "of-all": "In the bin {bin} the new weight is {right}, and you gave {got}. Divide by the number of "
        "events in the bin, {n}.",
        "of-total": "In the bin {bin} the new weight is {right}, and you gave {got}: the share of the bin "
        "in the whole sum. Divide by its number of events.",
        "next-bin": "In the bin {bin} the new weight is {right}, and you gave {got}, that of the bin "
        "beside. The first bin has the number 0; `np.digitize` calls it 1.",
        "width": "In the bin {bin} the new weight is {right}, and you gave {got}. Divide by the number of "
        "events, not by the width.",
        "root-of-n": "In the bin {bin} the new weight is {right}, and you gave {got}. Divide by the number "
        "of events, not by its root.",
        "mean-is-rms": "In the bin {bin} the new weight is {right}, and you gave {got}, the root mean "
        "square. That belongs to the uncertainty.",
        "weight": "In the bin {bin} the new weight is {right}, and you gave {got}.",
        "squared-mean": "In the bin {bin} the second number is {right}, and you gave {got}, the size of the "
        "mean: as if the new weights were the whole story. The bin had √Σw² = {error}; with yours it is "
        "{mine}.",
        "no-root": "In the bin {bin} the second number is {right}, and you gave {got}, its square.",
        "spread": "In the bin {bin} the second number is {right}, and you gave {got}: from the spread "
        "around the mean. The uncertainty of a bin comes from Σw², with nothing subtracted.",
        "sum-of-squares": "In the bin {bin} the second number is {right}, and you gave {got}: for the bin "
        "as a whole. Each event carries its share of Σw².",
        "mean-of-sizes": "In the bin {bin} the second number is {right}, and you gave {got}, the mean of "
        "|w|. Squares add up, so take their mean.",
        "own-size": "In the bin {bin} the second number is {right}, and you gave {got}, the event's own "
        "|w|. It keeps Σw², and not what is known at x: take the mean of the squares.",
        "rms-everywhere": "In the bin {bin} the second number is {right}, and you gave {got}, from all bins "
        "together.",
        "error-of-mean": "In the bin {bin} the second number is {right}, and you gave {got}: the "
        "uncertainty of the mean. {n} of these squared do not add up to Σw².",
        "mean-again": "In the bin {bin} the second number is {right}, and you gave {got}: the new weight "
        "once more.",
        "positive-squares": "In the bin {bin} the second number is {right}, and you gave {got}: without the "
        "negative weights. They fluctuate like the others.",
        "rms-next-bin": "In the bin {bin} the second number is {right}, and you gave {got}, that of the bin "
        "beside.",
        "root-mean-square": "In the bin {bin} the second number is {right}, and you gave {got}.",
    },
)
def _resample(answer: Callable, rng: np.random.Generator) -> None:
    cases = telling(lambda: _case(rng), _mean, _WRONG_MEANS)
    cases += telling(lambda: _case(rng), _rms, _WRONG_RMS)
    results = [_pair(answer(*case), case) for case in cases]
    judge_pairs(
        results, cases, (_mean, _rms), (_WRONG_MEANS, _WRONG_RMS), ("weight", "root-mean-square"), _shown
    )


def _pair(value: Any, case: tuple) -> Floats:
    n, bins = len(case[0]), len(case[2]) - 1
    if isinstance(value, (tuple, list)) and len(value) == 2 and np.shape(value[0]) == (bins,):
        raise NotYet("per-bin", got=bins, n=n)
    return comparable(arrays(value, n))


def _shown(case: tuple, i: int, got: float) -> dict[str, Any]:
    """The bin of a difference, in words, and what its weights give."""
    x, w, edges = case
    b = int(np.searchsorted(edges, x[i], side="right")) - 1
    inside = w[(x >= edges[b]) & (x < edges[b + 1])]
    return {
        "bin": f"from {edges[b]:g} to {edges[b + 1]:g} with weights {code(inside)}",
        "n": len(inside),
        "error": float(np.sqrt(inside @ inside)),
        "mine": float(np.sqrt(len(inside)) * abs(got)),
    }


def _case(rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Ten events in four bins of different width; a bin may be empty, or negative."""
    edges = np.array([0.0, 1.0, 2.0, 4.0, 5.0])
    x = rng.choice([0.25, 0.5, 0.75, 1.25, 1.5, 2.5, 3.25, 3.5, 4.5], 10)
    return x, rng.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0], 10), edges
