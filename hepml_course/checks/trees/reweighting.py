"""Check of lesson 08: the voice of a stump in AdaBoost, and the weights of the events after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, task
from hepml_course.checks.trees._common import Bools, Floats, Wrong, listed, mistaken, rounded


def reweight(weights: Floats, is_signal: Bools, says: NDArray) -> tuple[float, Floats]:
    """Voice α of a stump, and the weights of the events for the next one, with sum 1."""
    return _alpha(weights, is_signal, says), _weights(weights, is_signal, says)


def _sides(y: Bools) -> NDArray:
    return np.where(y, 1, -1)


def _share_wrong(w: Floats, y: Bools, h: NDArray) -> float:
    return float(w[h != _sides(y)].sum() / w.sum())


def _alpha(w: Floats, y: Bools, h: NDArray, error: Callable = _share_wrong) -> float:
    wrong = error(w, y, h)
    return float(np.log((1 - wrong) / wrong) / 2)


def _one(w: Floats) -> Floats:
    return w / w.sum()


def _weights(
    w: Floats, y: Bools, h: NDArray, alpha: Callable = _alpha, norm: Callable = _one, times: float = 1.0
) -> Floats:
    return norm(w * np.exp(-times * alpha(w, y, h) * _sides(y) * h))


def _wrong_alpha(value: Callable) -> Callable:
    """A wrong α from the share of the weights on the wrong side."""
    return lambda w, y, h: value(_share_wrong(w, y, h))


_WRONG_ALPHA: Wrong = {
    "no-weights": lambda w, y, h: _alpha(w, y, h, lambda w, y, h: np.mean(h != _sides(y))),
    "sum-not-share": (
        lambda w, y, h: _alpha(w, y, h, lambda w, y, h: w[h != _sides(y)].sum()),
        lambda w, y, h: _alpha(w, y, h, lambda w, y, h: w[h != _sides(y)].sum() / len(w)),
    ),
    "mean-of-wrong": lambda w, y, h: _alpha(w, y, h, lambda w, y, h: w[h != _sides(y)].mean()),
    "zero-one": (
        lambda w, y, h: _alpha(w, y, h, lambda w, y, h: w[h != y].sum() / w.sum()),
        lambda w, y, h: _alpha(w, y, h, lambda w, y, h: w[h == ~y].sum() / w.sum()),
    ),
    "upside-down": (
        lambda w, y, h: -_alpha(w, y, h),
        lambda w, y, h: -2 * _alpha(w, y, h),
    ),
    "twice": lambda w, y, h: 2 * _alpha(w, y, h),
    "no-log": (
        _wrong_alpha(lambda e: (1 - e) / e),
        _wrong_alpha(lambda e: (1 - e) / e / 2),
        _wrong_alpha(lambda e: e / (1 - e)),
    ),
    "root": _wrong_alpha(lambda e: np.sqrt((1 - e) / e)),
    "other-log": (
        _wrong_alpha(lambda e: np.log10((1 - e) / e) / 2),
        _wrong_alpha(lambda e: np.log2((1 - e) / e) / 2),
    ),
    "share": (_wrong_alpha(lambda e: e), _wrong_alpha(lambda e: 1 - e), _wrong_alpha(lambda e: 1 - 2 * e)),
    "log-of-share": (
        _wrong_alpha(lambda e: np.log(1 / e) / 2),
        _wrong_alpha(lambda e: np.log(1 - e) / 2),
        _wrong_alpha(lambda e: -np.log(e)),
    ),
}


def _only_wrong(factor: Callable, others: Callable = lambda a: 1.0) -> Callable:
    """The wrong events times one factor, the right ones times another."""

    def weights(w: Floats, y: Bools, h: NDArray) -> Floats:
        a, bad = _alpha(w, y, h), h != _sides(y)
        return _one(w * np.where(bad, factor(a), others(a)))

    return weights


def _same_sum(new: Callable) -> Callable:
    """Normalised to what the weights were in sum before."""
    return lambda w, y, h: w.sum() * new(w, y, h)


_WRONG_WEIGHTS: Wrong = {
    "right-ones-up": lambda w, y, h: _weights(w, y, h, times=-1),
    "not-normalised": (
        lambda w, y, h: _weights(w, y, h, norm=lambda w: w),
        lambda w, y, h: w * np.where(h != _sides(y), np.exp(2 * _alpha(w, y, h)), 1),
    ),
    "other-norm": (
        _same_sum(_weights),
        lambda w, y, h: len(w) * _weights(w, y, h),
        lambda w, y, h: _weights(w, y, h, norm=lambda v: v / v.max()),
        lambda w, y, h: _weights(w, y, h, norm=lambda v: v / np.linalg.norm(v)),
    ),
    "from-equal": lambda w, y, h: _only_wrong_from(np.ones_like(w), _alpha(w, y, h), y, h),
    "half-step": (_only_wrong(np.exp), _only_wrong(lambda a: 1.0, lambda a: np.exp(-a))),
    "double-step": lambda w, y, h: _weights(w, y, h, times=2),
    "truth-zero-one": lambda w, y, h: _one(w * np.exp(-_alpha(w, y, h) * y * h)),
    "no-truth": (
        lambda w, y, h: _one(w * np.exp(-_alpha(w, y, h) * h)),
        lambda w, y, h: _one(w * np.exp(_alpha(w, y, h) * h)),
    ),
    "no-stump": lambda w, y, h: _one(w * np.exp(-_alpha(w, y, h) * _sides(y))),
    "no-exp": (_only_wrong(lambda a: a), _only_wrong(lambda a: 1 + a, lambda a: 1 - a)),
    "right-ones-out": _only_wrong(lambda a: 1.0, lambda a: 0.0),
    "old-weights": (lambda w, y, h: w, lambda w, y, h: _one(w)),
}


def _only_wrong_from(w: Floats, alpha: float, y: Bools, h: NDArray) -> Floats:
    return _one(w * np.exp(-alpha * _sides(y) * h))


@task(
    "trees.reweight",
    reference=reweight,
    right="Right. Now the events that were right weigh as much, together, as those that were wrong: the "
    "stump has become worthless for them, and the next one must ask something else.",
    hints=[
        "How often is the stump wrong? By weight, not by number, and as a share: `weights[wrong].sum() / "
        "weights.sum()`.",
        "The voice α is half the logarithm of right over wrong: `0.5 * np.log((1 - error) / error)`.",
        "With y = ±1 for the truth and h = ±1 for what the stump says, y · h is +1 where it is right: the "
        "new weights are `weights * np.exp(-alpha * y * h)`, divided by their sum.",
    ],
    mistakes={
        "two-parts": "Two things are expected: α, and an array of new weights.",
        "order": "The weights came first. Return α, then the weights.",
        "no-weights": "With {case}, α is {right}; you gave {got}, from the *number* of wrong events.",
        "sum-not-share": "With {case}, α is {right}; you gave {got}. The weights have the sum {total}: "
        "divide by it to get a share.",
        "mean-of-wrong": "With {case}, α is {right}; you gave {got}, from the mean weight of the wrong "
        "events. The share is their sum over the sum of all.",
        "zero-one": "With {case}, α is {right}; you gave {got}. The stump says +1 and −1, and `is_signal` is "
        "True or False. Compare like with like: `np.where(is_signal, 1, -1)`.",
        "upside-down": "With {case}, α is {right}; you gave {got}. A stump that is mostly right has a "
        "positive α: right over wrong.",
        "twice": "With {case}, α is {right}; you gave {got}, without the ½. Some books have it so, and "
        "multiply only the wrong events; here α has the ½.",
        "no-log": "With {case}, α is {right}; you gave {got}. The logarithm of right over wrong is missing.",
        "root": "With {case}, α is {right}; you gave {got}: a square root, which is e to the power of α.",
        "other-log": "With {case}, α is {right}; you gave {got}. The natural logarithm is meant: `np.log`.",
        "share": "With {case}, α is {right}; you gave {got}, a share, or a difference of two. α is half the "
        "logarithm of their ratio.",
        "log-of-share": "With {case}, α is {right}; you gave {got}. Under the logarithm stands a ratio: (1 − "
        "error) / error.",
        "alpha-rounded": "With {case}, α is {right}; you gave {got}. Return all digits.",
        "alpha": "With {case}, α is {right}; you gave {got}.",
        "right-ones-up": "Your α is right. {event} weighs {right} now; you gave {got}. You made the events "
        "heavier that the stump got right.",
        "not-normalised": "Your α is right. Your weights have the sum {total_new}. Divide by it.",
        "other-norm": "Your α is right, and so are the ratios of your weights. Their sum is {total_new}; it "
        "should be 1.",
        "from-equal": "Your α is right. {event} weighs {right} now; you gave {got}. You started from equal "
        "weights. Multiply those that came in.",
        "half-step": "Your α is right. {event} weighs {right} now; you gave {got}. Wrong events go up by e "
        "to the power of α *and* right ones down by as much; you did one of the two.",
        "double-step": "Your α is right. {event} weighs {right} now; you gave {got}. Your step is twice as "
        "large as it should be.",
        "truth-zero-one": "Your α is right. {event} weighs {right} now; you gave {got}. With a truth of 0 "
        "and 1 background never changes. Use −1 and +1.",
        "no-truth": "Your α is right. {event} weighs {right} now; you gave {got}. You used what the stump "
        "says, and not whether that is right.",
        "no-stump": "Your α is right. {event} weighs {right} now; you gave {got}. You used the truth, and "
        "not what the stump says about it.",
        "no-exp": "Your α is right. {event} weighs {right} now; you gave {got}. The factor is e to the power "
        "of ±α.",
        "right-ones-out": "Your α is right. {event} weighs {right} now; you gave {got}. Right events become "
        "lighter; they do not vanish.",
        "old-weights": "Your α is right, and the weights are still the old ones.",
        "weights-rounded": "Your α is right. {event} weighs {right} now; you gave {got}. Return all digits.",
        "other": "Your α is right. {event} weighs {right} now; you gave {got}.",
    },
)
def _reweight(answer: Callable, rng: np.random.Generator) -> None:
    cases = [_stump_case(rng, n) for n in (8, 8, 20)]
    results = [_two_parts(answer(*case), len(case[0])) for case in cases]
    alphas = [r[0] for r in results]
    right = [reweight(*case) for case in cases]
    if not np.allclose(alphas, [a for a, _ in right]):
        _judge_alpha(alphas, [a for a, _ in right], cases)
    _judge_weights([r[1] for r in results], [new for _, new in right], cases)


def _two_parts(value: Any, n: int) -> tuple[float, Floats]:
    if value is None:
        raise NotYet("returns-nothing")
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise NotYet("two-parts")
    first, second = value
    if np.shape(first) == (n,) and np.shape(second) == ():
        raise NotYet("order")
    return as_number(first, finite=False), as_array(second, (n,)).astype(float)


def _judge_alpha(mine: Sequence, right: Sequence, cases: Sequence[tuple]) -> None:
    k = int(np.argmax(~np.isclose(mine, right)))
    mistake = mistaken(mine, cases, _WRONG_ALPHA)
    if mistake is None:
        as_number(mine[k])
        mistake = "alpha-rounded" if rounded(mine, right) else "alpha"
    w, y, h = cases[k]
    bad = h != _sides(y)
    case = f"wrong events of weights {listed(w[bad])} and right ones of {listed(w[~bad])}"
    raise NotYet(mistake, case=case, got=mine[k], right=right[k], total=w.sum())


def _judge_weights(mine: Sequence, right: Sequence, cases: Sequence[tuple]) -> None:
    k = next((i for i, (m, r) in enumerate(zip(mine, right, strict=True)) if not np.allclose(m, r)), None)
    if k is None:
        return
    w, y, h = cases[k]
    i = int(np.argmax(~np.isclose(mine[k], right[k])))
    known = mistaken(mine, cases, _WRONG_WEIGHTS)
    mistake = known or ("weights-rounded" if rounded(mine, right) else "other")
    outcome = "wrong" if h[i] != _sides(y)[i] else "right"
    event = f"An event of weight {w[i]:g} that the stump got {outcome}, with α = {reweight(w, y, h)[0]:.3g},"
    raise NotYet(mistake, event=event, got=mine[k][i], right=right[k][i], total_new=mine[k].sum())


def _stump_case(rng: np.random.Generator, n: int) -> tuple[Floats, Bools, NDArray]:
    """Weights of a sum that is neither 1 nor n, both classes wrong somewhere, mostly right."""
    y = rng.permutation(np.arange(n) < n // 2)
    bad = np.zeros(n, dtype=bool)
    bad[[rng.choice(np.flatnonzero(y)), rng.choice(np.flatnonzero(~y))]] = True
    w = rng.integers(2, 12, n) / 20
    w[bad] = rng.integers(3, 6, 2) / 20
    return w, y, np.where(bad, -1, 1) * _sides(y)
