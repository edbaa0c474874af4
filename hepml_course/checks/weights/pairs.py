"""Check of lesson 10: the area under the ROC curve from pairs of events whose weights have a sign."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, imitates, task
from hepml_course.checks.weights._common import (
    Floats,
    Wrong,
    code,
    comparable,
    recognise,
    rounded,
    signed,
    single,
    telling,
)

Bools = NDArray[np.bool_]


def signed_auc(score: Floats, is_signal: Bools, w: Floats) -> float:
    """Weighted share of the pairs in which signal scores higher; each pair weighs the product of its two."""
    return _auc(score, is_signal, w)


def _wins(score: Floats, y: Bools, tie: float) -> Floats:
    s, b = score[y][:, None], score[~y]
    return (s > b) + tie * (s == b)


def _auc(score: Floats, y: Bools, w: Floats, tie: float = 0.5, below: Callable = np.sum) -> float:
    total = w[y] @ _wins(score, y, tie) @ w[~y]
    return float(total / (below(w[y]) * below(w[~y])))


def _total_absolute(w: Floats) -> float:
    return float(np.abs(w).sum())


def _added(score: Floats, y: Bools, w: Floats) -> float:
    """Each pair weighs the sum of its two weights."""
    pair = w[y][:, None] + w[~y]
    return float((pair * _wins(score, y, 0.5)).sum() / pair.sum())


def _absolute_pairs(score: Floats, y: Bools, w: Floats) -> float:
    """Normalised by the sum of |product|."""
    return _auc(score, y, w, below=_total_absolute)


_WRONG: Wrong = {
    "unweighted": lambda score, y, w: _auc(score, y, np.ones(len(w))),
    "absolute": lambda score, y, w: _auc(score, y, np.abs(w)),
    "dropped": lambda score, y, w: _auc(score, y, np.maximum(w, 0)),
    "signs": lambda score, y, w: _auc(score, y, np.sign(w)),
    "signal-only": lambda score, y, w: _auc(score, y, np.where(y, w, 1.0)),
    "background-only": lambda score, y, w: _auc(score, y, np.where(y, 1.0, w)),
    "absolute-norm": _absolute_pairs,
    "added": _added,
    "number-of-pairs": lambda score, y, w: _auc(score, y, w, below=len),
    "not-divided": lambda score, y, w: _auc(score, y, w, below=lambda _: 1.0),
    "norm-of-all": lambda score, y, w: _auc(score, y, w, below=lambda _: w.sum()),
    "ties-lost": lambda score, y, w: _auc(score, y, w, tie=0.0),
    "ties-won": lambda score, y, w: _auc(score, y, w, tie=1.0),
    "reversed": lambda score, y, w: _auc(-score, y, w),
    "clipped": lambda score, y, w: float(np.clip(_auc(score, y, w), 0, 1)),
    "folded": lambda score, y, w: max(_auc(score, y, w), 1 - _auc(score, y, w)),
    "squares": lambda score, y, w: _auc(score, y, w**2),
}


@task(
    "weights.signed_auc",
    reference=signed_auc,
    right="Right. It may leave the range from 0 to 1: an area under a curve that runs backwards.",
    hints=[
        "Without weights it is the mean over all pairs of 1 for a win, ½ for a tie, 0 for a loss. What does "
        "a pair weigh, if each event stands for w events?",
        "A pair of a signal event that counts w_s and a background event that counts w_b counts w_s w_b, "
        "sign included. Add these for all wins, half of them for ties.",
        "Divide by the same sum over all pairs, which is Σw_s Σw_b. In one line with the matrix of wins: "
        "`w_s @ wins @ w_b / (w_s.sum() * w_b.sum())`.",
    ],
    mistakes={
        "unweighted": "For {case} you gave {got}: each pair counts once. It counts the product of its "
        "weights.",
        "absolute": "For {case} you gave {got}: with |w| in place of w. A negative event is taken away.",
        "dropped": "For {case} you gave {got}: without the negative events. They belong to the sum.",
        "signs": "For {case} you gave {got}: from the signs alone. The weights differ in size, too.",
        "signal-only": "For {case} you gave {got}: the weights of the background events are not in it.",
        "background-only": "For {case} you gave {got}: the weights of the signal events are not in it.",
        "absolute-norm": "For {case} you gave {got}, where {right} is right. Signs count below the line, "
        "too: if signal wins every pair the answer must be 1.",
        "added": "For {case} you gave {got}: a pair weighs the sum of its two weights. Two events that "
        "stand for 2 and 3 events make 2 · 3 pairs.",
        "number-of-pairs": "For {case} you gave {got}: divided by the number of pairs. Divide by what all "
        "pairs weigh.",
        "not-divided": "For {case} you gave {got}: the sum over the pairs that are won. Divide by what all "
        "pairs weigh.",
        "norm-of-all": "For {case} you gave {got}. Below the line stands Σw of signal times Σw of "
        "background, not the sum over all events.",
        "ties-lost": "For {case} you gave {got}. A tie counts one half; yours counts nothing.",
        "ties-won": "For {case} you gave {got}. A tie counts one half; yours counts as won.",
        "reversed": "For {case} you gave {got}: the share of pairs that *background* wins.",
        "clipped": "For {case} you gave {got}, where {right} is right. With negative weights it is no "
        "probability: leave it outside of 0 and 1, so that one sees it.",
        "folded": "For {case} you gave {got}, where {right} is right. Below ½ is allowed: do not turn it "
        "round.",
        "squares": "For {case} you gave {got}: with the squares of the weights.",
        "rounded": "For {case} you gave {got}, which is rounded. Return all digits.",
        "other": "For {case} it is {right}; you gave {got}.",
    },
)
def _signed_auc(answer: Callable, rng: np.random.Generator) -> None:
    cases = telling(lambda: _case(rng), signed_auc, _WRONG)
    results = [single(answer(*case), finite=False) for case in cases]
    if rounded(results, signed_auc, cases) and not imitates(results, signed_auc, cases):
        raise NotYet("rounded", **_say(cases[0], results[0], signed_auc(*cases[0])))
    recognise([comparable(r) for r in results], cases, signed_auc, _WRONG, _say)


def _case(rng: np.random.Generator) -> tuple[Floats, Bools, Floats]:
    """Four signal and four background events with ties; the weights of each class add up to something."""
    y = rng.permutation(np.repeat([True, False], 4))
    score = rng.integers(1, 7, 8) / 10
    w = np.empty(8)
    w[y], w[~y] = signed(rng, 4), signed(rng, 4)
    return score, y, w


def _say(case: tuple, got: Any, right: float) -> dict[str, Any]:
    score, y, w = case
    of = [f"scores {code(score[which])} with weights {code(w[which])}" for which in (y, ~y)]
    text = f"signal of {of[0]} and background of {of[1]}"
    return {"case": text, "got": float(got), "right": right}
