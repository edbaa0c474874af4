"""Check of lesson 08: the information that a cut brings, as a tree counts it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import as_number, task
from hepml_course.checks.trees._common import Bools, Floats, Wrong, recognise


def gain(passes: Bools, is_signal: Bools, weights: Floats) -> float:
    """Entropy before the cut minus mean entropy after it, in bits."""
    return _gain(passes, is_signal, weights)


def _entropy(p: float) -> float:
    return -sum(q * np.log2(q) for q in (p, 1 - p) if q > 0)


def _naive(p: float) -> float:
    """NaN where all events are of one class."""
    return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


def _half(p: float) -> float:
    """Only the signal's term."""
    return -p * np.log2(p) if p > 0 else 0.0


def gini(p: float) -> float:
    return p * (1 - p)


def error(p: float) -> float:
    return min(p, 1 - p)


def _gain(
    passes: Bools,
    y: Bools,
    w: Floats,
    impurity: Callable = _entropy,
    after: Callable = lambda shares, parts: sum(s * h for s, h in zip(shares, parts, strict=True) if s > 0),
    difference: Callable = lambda before, after: before - after,
    w_share: Callable = lambda w: w,
    w_inside: Callable = lambda w: w,
    empty: float = 0.0,
) -> float:
    """The course's own answer, with parts that a mistake can replace."""

    def impurity_of(part: Bools) -> float:
        inside = w_inside(w)[part]
        if not part.any():
            return empty
        return impurity(inside[y[part]].sum() / inside.sum())

    total = w_share(w)
    shares = [total[part].sum() / total.sum() for part in (passes, ~passes)]
    return difference(impurity_of(w > 0), after(shares, [impurity_of(part) for part in (passes, ~passes)]))


def gain_with(**change: Any) -> Callable:
    return lambda *case: _gain(*case, **change)


def _scaled(factor: float, **change: Any) -> Callable:
    return lambda *case: factor * _gain(*case, **change)


ONE_SIDE = (
    gain_with(after=lambda s, h: s[0] * h[0]),
    gain_with(after=lambda s, h: s[1] * h[1]),
    gain_with(after=lambda s, h: h[0]),
    gain_with(after=lambda s, h: h[1]),
)

_WRONG: Wrong = {
    "no-weights": gain_with(w_share=np.ones_like, w_inside=np.ones_like),
    "weights-inside": gain_with(w_share=np.ones_like),
    "weights-outside": gain_with(w_inside=np.ones_like),
    "weights-squared": gain_with(w_share=np.square, w_inside=np.square),
    "natural": (_scaled(np.log(2)), _scaled(np.log10(2))),
    "pure": (
        gain_with(impurity=_naive, empty=0.0),
        gain_with(impurity=_naive, empty=float("nan"), after=lambda s, h: s[0] * h[0] + s[1] * h[1]),
    ),
    "empty": gain_with(empty=float("nan"), after=lambda s, h: s[0] * h[0] + s[1] * h[1]),
    "mean-of-sides": gain_with(after=lambda s, h: (h[0] + h[1]) / 2),
    "sum-of-sides": gain_with(after=lambda s, h: h[0] + h[1]),
    "one-side": ONE_SIDE,
    "after": gain_with(difference=lambda b, a: a),
    "before": gain_with(difference=lambda b, a: b),
    "sign": gain_with(difference=lambda b, a: a - b),
    "relative": gain_with(difference=lambda b, a: (b - a) / b),
    "one-term": (gain_with(impurity=_half), gain_with(impurity=lambda p: _half(1 - p))),
    "gini": (gain_with(impurity=gini), _scaled(2, impurity=gini), _scaled(4, impurity=gini)),
    "error": gain_with(impurity=error),
    "not-a-share": (
        lambda passes, y, w: w.sum() * gain(passes, y, w),
        lambda passes, y, w: _gain(passes, y, w, after=lambda s, h: w.sum() * (s[0] * h[0] + s[1] * h[1])),
    ),
}


@task(
    "trees.gain",
    reference=gain,
    right="Right. A cut that leaves the mixture as it is brings nothing, whatever it cuts away.",
    hints=[
        "Write a small function first: the entropy of some events, from the share p of signal among their "
        "weights. Then call it three times.",
        "Where p is 0 or 1 the entropy is 0, although `np.log2(0)` is not. A side without events does not "
        "contribute.",
        "Gain: entropy of all − share of the passing weights × their entropy − share of the failing weights "
        "× theirs.",
    ],
    mistakes={
        "no-weights": "For {case} it is {right} bits; you gave {got}, which is right if all weights are 1.",
        "weights-inside": "For {case} it is {right} bits; you gave {got}. The two sides count by their "
        "*weights*; you took numbers of events there.",
        "weights-outside": "For {case} it is {right} bits; you gave {got}. The share of signal on each side "
        "is one of weights; you took numbers of events there.",
        "weights-squared": "For {case} it is {right} bits; you gave {got}. The weights count twice.",
        "natural": "For {case} it is {right} bits; you gave {got}. A bit takes the logarithm to base 2: "
        "`np.log2`.",
        "pure": "For {case} you gave {got}. Where all is signal, or all is background, the entropy is 0: "
        "0 · log 0 counts as 0.",
        "empty": "For {case} you gave {got}. One side is empty there. It contributes nothing.",
        "mean-of-sides": "For {case} it is {right} bits; you gave {got}. You took the plain mean of both "
        "sides. Each counts by its share of the weights.",
        "sum-of-sides": "For {case} it is {right} bits; you gave {got}. You subtracted the entropies of both "
        "sides in full. Each counts by its share of the weights.",
        "one-side": "For {case} it is {right} bits; you gave {got}. One side alone is subtracted. The events "
        "on the other are still there.",
        "after": "For {case} it is {right} bits; you gave {got}, the entropy that is left after the cut.",
        "before": "For {case} it is {right} bits; you gave {got}, the entropy before the cut. What is left "
        "afterwards is to be subtracted.",
        "sign": "For {case} it is {right} bits; you gave {got}. Before minus after: a gain is not negative.",
        "relative": "For {case} it is {right} bits; you gave {got}, the gain relative to the entropy before. "
        "Do not divide.",
        "one-term": "For {case} it is {right} bits; you gave {got}. The entropy has two terms, p log p and "
        "(1 − p) log (1 − p).",
        "gini": "For {case} it is {right} bits; you gave {got}, the gain in p (1 − p), Gini's index. A good "
        "measure, and another one.",
        "error": "For {case} it is {right} bits; you gave {got}, the gain in the share of misclassified "
        "events.",
        "not-a-share": "For {case} it is {right} bits; you gave {got}. A side counts by its *share* of "
        "the weights: divide by the sum of all.",
        "rounded": "For {case} it is {right} bits; you gave {got}. Return all digits.",
        "other": "For {case} it is {right} bits; you gave {got}.",
    },
)
def _look(answer: Callable, rng: np.random.Generator) -> None:
    passes, empty, pure = _mixed(rng), _mixed(rng), _mixed(rng)
    cases = [passes, _mixed(rng), _mixed(rng, 30), _pure(pure), _empty(empty)]
    results = []
    for i, case in enumerate(cases):
        results.append(as_number(answer(*case), finite=False))
        if i == 2:  # ordinary cases first, so that a mistake there is told before one at the edges
            recognise(results, cases[:3], gain, _WRONG, _say)
    recognise(results, cases, gain, _WRONG, _say)


def _mixed(rng: np.random.Generator, n: int = 8) -> tuple[Bools, Bools, Floats]:
    """Both classes on both sides, weights that change every share."""
    y = rng.permutation(np.arange(n) < n // 2)
    passes = np.zeros(n, dtype=bool)
    passes[rng.choice(np.flatnonzero(y), n // 2 - 1, replace=False)] = True
    passes[rng.choice(np.flatnonzero(~y), n // 4, replace=False)] = True
    return passes, y, rng.integers(1, 9, n) / 2


def _pure(case: tuple) -> tuple:
    """All signal passes, all background fails."""
    _, y, w = case
    return y.copy(), y, w


def _empty(case: tuple) -> tuple:
    """Everything passes."""
    passes, y, w = case
    return np.ones_like(passes), y, w


def _say(case: tuple, got: float, right: float) -> dict:
    passes, y, w = case
    parts = [(w[passes & y], w[passes & ~y], "passing"), (w[~passes & y], w[~passes & ~y], "failing")]
    sides = [f"{side} signal of weight {s.sum():g} and background of {b.sum():g}" for s, b, side in parts]
    return {"case": " and ".join(sides), "got": got, "right": right}
