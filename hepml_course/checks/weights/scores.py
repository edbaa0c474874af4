"""Check of lesson 10: from the score of a classifier to the ratio of two densities."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_array, imitates, task
from hepml_course.checks.weights._common import (
    Floats,
    Wrong,
    at_first_difference,
    comparable,
    strange,
    telling,
)


def from_score(p: Floats, n_source: int, n_target: int, smallest: float) -> Floats:
    """Density of the target over that of the source, from the probability p to be target."""
    return _odds(p, smallest) * (n_source / n_target)


def _odds(p: Floats, low: float, high: float | None = None) -> Floats:
    """p/(1 − p), with p kept away from 0 by `low` and from 1 by `high`, or by `low` as well."""
    p = np.clip(p, low, 1 - (low if high is None else high))
    return p / (1 - p)


def _plain(f: Callable) -> Callable:
    def wrong(p: Floats, n: int, m: int, e: float) -> Floats:
        with np.errstate(all="ignore"):
            return comparable(f(p, n, m, e))

    return wrong


def _clipped(p: Floats, e: float) -> Floats:
    return np.clip(p, e, 1 - e)


_MISTAKES: Wrong = {
    "upside-down": (
        lambda p, n, m, e: (1 - _clipped(p, e)) / _clipped(p, e) * m / n,
        lambda p, n, m, e: (1 - _clipped(p, e)) / _clipped(p, e) * n / m,
        lambda p, n, m, e: (1 - _clipped(p, e)) / _clipped(p, e),
        lambda p, n, m, e: (1 - p) / p * m / n,
        lambda p, n, m, e: (1 - p) / p,
    ),
    "no-sizes": (lambda p, n, m, e: _odds(p, e), lambda p, n, m, e: p / (1 - p)),
    "sizes-swapped": (
        lambda p, n, m, e: _odds(p, e) * m / n,
        lambda p, n, m, e: p / (1 - p) * m / n,
    ),
    "sizes-of-all": (
        lambda p, n, m, e: _odds(p, e) * n / (n + m),
        lambda p, n, m, e: _odds(p, e) * m / (n + m),
    ),
    "one-size": (lambda p, n, m, e: _odds(p, e) * n, lambda p, n, m, e: _odds(p, e) / m),
    "score": (
        lambda p, n, m, e: p,
        lambda p, n, m, e: _clipped(p, e),
        lambda p, n, m, e: p * n / m,
        lambda p, n, m, e: _clipped(p, e) * n / m,
    ),
    "one-minus": (
        lambda p, n, m, e: 1 / (1 - _clipped(p, e)),
        lambda p, n, m, e: 1 / (1 - _clipped(p, e)) * n / m,
    ),
    "logarithm": (
        lambda p, n, m, e: np.log(_odds(p, e)),
        lambda p, n, m, e: np.log(from_score(p, n, m, e)),
    ),
    "exponential": (lambda p, n, m, e: np.exp(_clipped(p, e)), lambda p, n, m, e: np.exp(p)),
    "no-clip": lambda p, n, m, e: p / (1 - p) * n / m,
    "one-end": (
        lambda p, n, m, e: _odds(p, 0.0, e) * n / m,
        lambda p, n, m, e: _odds(p, e, 0.0) * n / m,
    ),
    "clipped-weight": (
        lambda p, n, m, e: np.clip(_odds(p, 0.0) * n / m, e, 1 - e),
        lambda p, n, m, e: np.clip(_odds(p, 0.0) * n / m, e, 1 / e),
        lambda p, n, m, e: np.clip(_odds(p, 0.0), e, 1 / e) * n / m,
    ),
    "added": lambda p, n, m, e: p / (1 - p + e) * n / m,
    "replaced": (
        lambda p, n, m, e: np.where((p > e) & (p < 1 - e), p / (1 - p) * n / m, 0.0),
        lambda p, n, m, e: np.where(p < 1, p / (1 - p) * n / m, 0.0),
        lambda p, n, m, e: np.where(p < 1, p / (1 - p) * n / m, 1.0),
        lambda p, n, m, e: np.where((p > e) & (p < 1 - e), p / (1 - p) * n / m, 1.0),
    ),
    "mean-one": lambda p, n, m, e: _odds(p, e) / _odds(p, e).mean(),
    "sum-one": lambda p, n, m, e: _odds(p, e) / _odds(p, e).sum(),
    "root": lambda p, n, m, e: np.sqrt(from_score(p, n, m, e)),
    "sizes-squared": lambda p, n, m, e: from_score(p, n, m, e) * n / m,
}

_WRONG: Wrong = {
    mistake: tuple(_plain(f) for f in (many if isinstance(many, tuple) else (many,)))
    for mistake, many in _MISTAKES.items()
}


@task(
    "weights.from_score",
    reference=from_score,
    right="Right. A classifier that is trained and calibrated well is a ratio of densities.",
    hints=[
        "With n_source and n_target events in the training, a point is full of both kinds in the numbers "
        "n_source · source density and n_target · target density. What is p there?",
        "The odds p/(1 − p) are n_target · target density over n_source · source density. Take the numbers "
        "out again.",
        "`q = np.clip(p, smallest, 1 - smallest)` first; then `q / (1 - q) * n_source / n_target`.",
    ],
    mistakes={
        "shape": "One ratio for each score is expected, shape {expected}; yours has shape {got}.",
        "upside-down": "For {case} you gave {got}, where {right} is right. That is source over target. "
        "Where the classifier says target, p near 1, the source has too few events, and they must count "
        "more.",
        "no-sizes": "For {case} you gave {got}: the odds. With twice as many target events in the training "
        "they would be twice as large, at the same densities. Take the numbers of events out.",
        "sizes-swapped": "For {case} you gave {got}, where {right} is right. More target events in the "
        "training raise p; so divide by n_target, and multiply by n_source.",
        "sizes-of-all": "For {case} you gave {got}, where {right} is right. The numbers go in as a ratio of "
        "one to the other.",
        "one-size": "For {case} you gave {got}, where {right} is right. Both numbers of events are needed.",
        "score": "For {case} you gave {got}: the score, or a multiple of it. Odds are p/(1 − p).",
        "one-minus": "For {case} you gave {got}, where {right} is right. Above the line stands p, not 1.",
        "logarithm": "For {case} you gave {got}: the logarithm of a ratio. A weight is the ratio.",
        "exponential": "For {case} you gave {got}: the exponential of a probability. p is not the logarithm "
        "of anything.",
        "no-clip": "For {case} you gave {got}, where {right} is right. The scores were not clipped: one "
        "event with p = 1 would count more than all others together.",
        "one-end": "For {case} you gave {got}, where {right} is right. Clip the score at both ends: to at "
        "least {e} and at most 1 − {e}.",
        "clipped-weight": "For {case} you gave {got}, where {right} is right. Clip the score and not the "
        "weight.",
        "added": "For {case} you gave {got}, where {right} is right. Nothing is added below the line: that "
        "changes all weights. Only scores beyond the ends are moved.",
        "replaced": "For {case} you gave {got}, where {right} is right. A score beyond the ends is moved to "
        "the end; the event does not lose its weight.",
        "mean-one": "For {case} you gave {got}, where {right} is right: scaled to a mean of 1. The numbers "
        "of events do that, and these weights need not be of the whole sample.",
        "sum-one": "For {case} you gave {got}: your weights add up to 1. A ratio of densities does not.",
        "root": "For {case} you gave {got}: the root of the ratio.",
        "sizes-squared": "For {case} you gave {got}, where {right} is right. The ratio of the numbers went "
        "in twice.",
        "not-finite": "For {case} you gave {bad}. Clip the scores first: to at least {e} and at most 1 − "
        "{e}.",
        "rounded": "For {case} you gave {got}, which is rounded.",
        "other": "For {case} the ratio is {right}; you gave {got}.",
    },
)
def _from_score(answer: Callable, rng: np.random.Generator) -> None:
    cases = [*telling(lambda: _case(rng), from_score, _WRONG), *(_case(rng) for _ in range(3))]
    results = [_weights(answer(*case), case) for case in cases]
    if imitates(results, from_score, cases):
        return
    k = next(k for k, case in enumerate(cases) if not np.allclose(results[k], from_score(*case)))
    shown = _say(cases[k], results[k])
    for mistake, many in _WRONG.items():
        if any(imitates(results, f, cases) for f in many):
            raise NotYet(mistake, **shown)
    if bad := strange(results):
        raise NotYet("not-finite", bad=bad, **shown)
    if all(
        np.allclose(r, from_score(*case), rtol=0, atol=6e-3) for r, case in zip(results, cases, strict=True)
    ):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


def _weights(value: Any, case: tuple) -> Floats:
    as_array(value, finite=False)
    return comparable(as_array(value, case[0].shape, finite=False))


def _case(rng: np.random.Generator) -> tuple[Floats, int, int, float]:
    middle = rng.choice([0.1, 0.2, 0.25, 0.4, 0.6, 0.75, 0.8, 0.9], 4, replace=False)
    p = rng.permutation(np.r_[middle, 1.0, 0.0, 0.99])
    n_source, n_target = rng.choice([200, 400, 500, 1000, 2000], 2, replace=False)
    return p, int(n_source), int(n_target), float(rng.choice([0.02, 0.05]))


def _say(case: tuple, got: Floats) -> dict[str, Any]:
    p, n, m, e = case
    i, mine, right = at_first_difference(got, from_score(*case))
    mine = {9901.0: "NaN", 9902.0: "infinity"}.get(abs(mine), mine)
    text = f"p = {p[i]:g}, {n} source and {m} target events, and smallest = {e:g}"
    return {"case": text, "got": mine, "right": right, "e": f"{e:g}"}
