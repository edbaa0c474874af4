"""Check of lesson 08: how stumps vote together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from hepml_course.checks import as_array, task
from hepml_course.checks.trees._common import Floats, Wrong, listed, recognise

Stump = tuple[int, float, int, float]  # variable, threshold, sign, alpha


def boosted_score(x: Floats, stumps: Sequence[Stump]) -> Floats:
    """Mean of what the stumps say, each counting as much as its voice: from −1 to 1, shape (n,)."""
    return _vote(x, stumps)


def _vote(
    x: Floats,
    stumps: Sequence[Stump],
    says: Callable = lambda above, sign: np.where(above, sign, -sign),
    above: Callable = np.greater,
    voice: Callable = lambda a: a,
    divide: Callable = lambda a: np.sum(a),
) -> Floats:
    """The course's own answer, with parts that a mistake can replace."""
    alphas = np.array([stump[3] for stump in stumps])
    terms = [voice(a) * says(above(x[:, j], t), sign) for j, t, sign, a in stumps]
    return np.sum(terms, axis=0) / divide(alphas)


def _voted(**change: Any) -> Callable:
    return lambda *case: _vote(*case, **change)


def _of_some(pick: Callable) -> Callable:
    return lambda x, stumps: _vote(x, pick(stumps))


_WRONG: Wrong = {
    "not-divided": _voted(divide=lambda a: 1),
    "by-number": _voted(divide=len),
    "no-voices": (_voted(voice=lambda a: 1, divide=len), _voted(voice=lambda a: 1, divide=lambda a: 1)),
    "verdict": (
        lambda x, s: np.sign(_vote(x, s)),
        lambda x, s: _vote(x, s) > 0,
        lambda x, s: np.sign(_vote(x, s)) * np.sum([a for *_, a in s]),
    ),
    "zero-one": (
        _voted(says=lambda above, sign: above == (sign > 0)),
        _voted(says=lambda above, sign: above == (sign > 0), divide=lambda a: 1),
        _voted(says=lambda above, sign: np.where(above, sign, 0)),
    ),
    "no-sign": (
        _voted(says=lambda above, sign: np.where(above, 1, -1)),
        _voted(says=lambda above, sign: np.where(above, 1, -1), divide=lambda a: 1),
    ),
    "upside-down": (
        lambda x, s: -_vote(x, s),
        _voted(above=np.less),
        lambda x, s: -_vote(x, s, divide=lambda a: 1),
    ),
    "at-threshold": _voted(above=np.greater_equal),
    "one-stump": (
        _of_some(lambda s: s[-1:]),
        _of_some(lambda s: s[:1]),
        lambda x, s: _vote(x, s[-1:], divide=lambda a: 1),
    ),
    "one-missing": (_of_some(lambda s: s[:-1]), _of_some(lambda s: s[1:])),
    "one-variable": lambda x, s: _vote(x, [(0, *stump[1:]) for stump in s]),
    "exponential": (_voted(voice=np.exp, divide=lambda a: np.exp(a).sum()), _voted(voice=np.exp)),
    "product": lambda x, s: np.prod([a * np.where(x[:, j] > t, g, -g) for j, t, g, a in s], axis=0),
}


@task(
    "trees.boosted_score",
    reference=boosted_score,
    right="Right. None of the stumps is any good alone, and only their sum has an opinion in between.",
    hints=[
        "One stump, all events: `np.where(x[:, variable] > threshold, sign, -sign)` says +1 or −1.",
        "Add α times that for all stumps, and divide by the sum of all α in the end.",
    ],
    mistakes={
        "not-divided": "For {case} you gave {got}, the plain sum. Divide by the sum of all α, {total}.",
        "by-number": "For {case} you gave {got}. You divided by the number of stumps; divide by the sum of "
        "all α, {total}.",
        "no-voices": "For {case} you gave {got}, as if all stumps had the same voice. Each counts as its α "
        "says.",
        "verdict": "For {case} you gave {got}, only the side. The score says how far: return the sum itself.",
        "zero-one": "For {case} you gave {got}. A stump says −1 where it does not say +1, never 0, so that "
        "the score runs from −1 to 1.",
        "no-sign": "For {case} you gave {got}. The sign of a stump says on which side the signal lies: below "
        "the threshold, if it is −1.",
        "upside-down": "For {case} you gave {got}. All is turned round: above its threshold a stump says "
        "`sign`.",
        "at-threshold": "For {case} you gave {got}. A value exactly at a threshold is not above it: `>`.",
        "one-stump": "For {case} you gave {got}. That is one stump alone; add up all of them.",
        "one-missing": "For {case} you gave {got}. The stump at one end of the list is missing.",
        "one-variable": "For {case} you gave {got}. You cut on the first variable always. Each stump names "
        "its own.",
        "exponential": "For {case} you gave {got}. The voice of a stump is α, not e to its power.",
        "product": "For {case} you gave {got}, a product. Stumps are added.",
        "rounded": "For {case} you gave {got}. Return all digits.",
        "other": "For {case} you gave {got}.",
    },
)
def _boosted_score(answer: Callable, rng: np.random.Generator) -> None:
    cases = [_forest(rng, *sizes) for sizes in ((12, 2, 3), (15, 3, 6), (9, 4, 5))]
    results = [as_array(answer(*case), (len(case[0]),), finite=False) for case in cases]
    recognise(results, cases, boosted_score, _WRONG, _say)


def _forest(rng: np.random.Generator, n: int, k: int, m: int) -> tuple[Floats, list[Stump]]:
    """Events with values on thresholds, and stumps of both signs on several variables."""
    x = rng.integers(0, 10, (n, k)) / 2
    variables = [1, 0, *rng.integers(0, k, m - 2)]
    stumps = []
    for place, j in enumerate(variables):
        threshold = float(rng.choice(x[:, j]))
        stumps.append((int(j), threshold, (-1, 1)[place % 2], float(rng.integers(2, 12) / 10)))
    return x, stumps


def _say(case: tuple, got: Floats, right: Floats) -> dict:
    x, stumps = case
    i = int(np.argmax(~np.isclose(got, right)))
    text = f"x = ({listed(x[i])}) and the stumps {_stump_text(stumps)} the score is {right[i]:.3g};"
    return {"case": text.replace("-", "−"), "got": got[i], "total": sum(stump[3] for stump in stumps)}


def _stump_text(stumps: Sequence[Stump]) -> str:
    return ", ".join(f"({j}, {t:g}, {sign:+d}, {alpha:g})" for j, t, sign, alpha in stumps)
