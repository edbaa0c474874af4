"""Two settings with several random starts each: the difference of the means, and its error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_number, describe, first_difference, imitates, show, task

Floats = NDArray[np.float64]

_CASES = (
    (np.array([0.904, 0.906, 0.905, 0.909]), np.array([0.901, 0.903, 0.899])),
    (np.array([0.891, 0.905, 0.899]), np.array([0.902, 0.903, 0.904, 0.901, 0.907])),
)


def difference(first: Floats, second: Floats) -> tuple[float, float]:
    """Mean AUC of the first setting minus that of the second, with its standard error."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    return float(a.mean() - b.mean()), float(np.hypot(_error(a), _error(b)))


def _error(a: Floats, ddof: int = 1) -> float:
    return a.std(ddof=ddof) / np.sqrt(len(a))


def _pooled(a: Floats, b: Floats) -> float:
    n, m = len(a), len(b)
    both = ((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2)
    return np.sqrt(both * (1 / n + 1 / m))


_WRONG_VALUES = (
    ("absolute", lambda a, b: abs(a.mean() - b.mean())),
    ("sign", lambda a, b: b.mean() - a.mean()),
    ("best", lambda a, b: a.max() - b.max()),
    ("value-rounded", lambda a, b: round(a.mean() - b.mean(), 3)),
    ("value-rounded", lambda a, b: round(a.mean() - b.mean(), 4)),
    ("value-rounded", lambda a, b: round(a.mean() - b.mean(), 5)),
    ("pairs", lambda a, b: np.mean(a[: len(b)][: len(a)] - b[: len(a)])),
)

# What it is, and the error that makes it. Several formulas may make the same mistake.
_WRONG_ERRORS = (
    ("spread", lambda a, b: np.hypot(a.std(ddof=1), b.std(ddof=1))),
    ("spread", lambda a, b: np.hypot(a.std(), b.std())),
    ("spread", lambda a, b: a.std(ddof=1) + b.std(ddof=1)),
    ("spread", lambda a, b: a.std() + b.std()),
    ("ddof", lambda a, b: np.hypot(_error(a, 0), _error(b, 0))),
    ("linear-sum", lambda a, b: _error(a) + _error(b)),
    ("linear-sum", lambda a, b: _error(a, 0) + _error(b, 0)),
    ("averaged", lambda a, b: (_error(a) + _error(b)) / 2),
    ("one-error", lambda a, b: _error(a)),
    ("one-error", lambda a, b: _error(b)),
    ("one-error", lambda a, b: _error(a, 0)),
    ("one-error", lambda a, b: _error(b, 0)),
    ("subtracted", lambda a, b: np.sqrt(abs(_error(a) ** 2 - _error(b) ** 2))),
    ("subtracted", lambda a, b: _error(a) - _error(b)),
    ("subtracted", lambda a, b: abs(_error(a) - _error(b))),
    ("variance", lambda a, b: _error(a) ** 2 + _error(b) ** 2),
    ("variance", lambda a, b: _error(a, 0) ** 2 + _error(b, 0) ** 2),
    ("no-root", lambda a, b: np.hypot(a.std(ddof=1) / len(a), b.std(ddof=1) / len(b))),
    ("no-root", lambda a, b: np.hypot(a.std() / len(a), b.std() / len(b))),
    ("one-number-of-trainings", lambda a, b: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))),
    ("one-number-of-trainings", lambda a, b: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(b))),
    ("one-number-of-trainings", lambda a, b: np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / (len(a) + len(b)))),
    ("one-too-few", lambda a, b: np.sqrt(a.var(ddof=1) / (len(a) - 1) + b.var(ddof=1) / (len(b) - 1))),
    ("pooled", _pooled),
    ("one-heap", lambda a, b: _error(np.concatenate([a, b]))),
    ("one-heap", lambda a, b: np.concatenate([a, b]).std(ddof=1)),
    ("negative", lambda a, b: -difference(a, b)[1]),
    ("in-errors", lambda a, b: np.divide(*difference(a, b))),
    ("error-rounded", lambda a, b: round(difference(a, b)[1], 4)),
    ("error-rounded", lambda a, b: round(difference(a, b)[1], 5)),
)


@task(
    "tuning.difference",
    reference=difference,
    right="Right. Without the second number the first says nothing.",
    hints=[
        "The difference of the means is the first number. Each mean has an error of its own.",
        "The error of a mean is the standard deviation, with `ddof=1`, over the root of how many there are.",
        "Independent errors add in quadrature, for a difference as for a sum.",
    ],
    mistakes={
        "one-number": "Two numbers are expected, the difference and its error; you returned {got}.",
        "exchanged": "You gave ({got}): the error first. The difference comes first, then its error.",
        "absolute": "The first setting may be the worse one: the difference is {right}, and you gave {got}.",
        "sign": "The first setting minus the second is {right}; you gave {got}.",
        "best": "You compared the best of each, {got}. The best of several is flattered: compare the means.",
        "pairs": "You paired the trainings and left the surplus out, {got}. Nothing pairs them: subtract the "
        "means.",
        "value-rounded": "You rounded the difference, {right}, to {got}. Return it as it is and round when "
        "you print.",
        "value": "For {first} and {second} the difference of the means is {right}; you gave {got}.",
        "spread": "You gave {got}, the spread of a single training. The means are known better than that.",
        "ddof": "The mean was taken from the same few numbers: `ddof=1` is missing in the spread.",
        "linear-sum": "You added the two errors, {got}. Independent errors add in quadrature.",
        "averaged": "You averaged the two errors, {got}. Independent errors add in quadrature.",
        "one-error": "The error of one mean alone is {got}. Both fluctuate.",
        "subtracted": "You subtracted one from the other, {got}. Also for a difference the squares of "
        "independent errors add.",
        "variance": "You gave the variance, {got}. The error is its square root.",
        "no-root": "You divided the spread by the number of trainings, {got}. It is their root.",
        "one-number-of-trainings": "You divided both variances by the same number, {got}. Each has its own.",
        "one-too-few": "You divided by one training less than there are, {got}. `ddof=1` has seen to that "
        "already.",
        "pooled": "You gave both settings one common spread, {got}. Here each has its own.",
        "one-heap": "You threw both settings into one heap, {got}. Their difference then counts as spread.",
        "negative": "You gave {got}. An error is positive.",
        "in-errors": "You gave {got}, the difference in units of its error. The error itself is asked.",
        "error-rounded": "You rounded the error, {right}, to {got}. Return it as it is and round when you "
        "print.",
        "other": "For {first} and {second} the error is {right}; yours is {got}.",
    },
)
def _difference(answer, rng):
    pairs = [_pair(answer(a.copy(), b.copy())) for a, b in _CASES]
    values, errors = zip(*pairs, strict=True)
    if np.allclose([pair[::-1] for pair in pairs], [difference(a, b) for a, b in _CASES]):
        raise NotYet("exchanged", got=", ".join(map(show, pairs[0])))
    _judge(values, lambda a, b: difference(a, b)[0], _WRONG_VALUES, "value")
    _judge(errors, lambda a, b: difference(a, b)[1], _WRONG_ERRORS, "other")


def _judge(got: tuple[float, ...], right: Any, mistakes: tuple, otherwise: str) -> None:
    """Compare one of the two numbers in all cases; quote the first case in which it differs."""
    k = first_difference(got, right, _CASES)
    if k is None:
        return
    shown = {"first": _CASES[k][0], "second": _CASES[k][1], "right": right(*_CASES[k]), "got": got[k]}
    for mistake, wrong in mistakes:
        if imitates(got, wrong, _CASES):
            raise NotYet(mistake, **shown)
    raise NotYet(otherwise, **shown)


def _pair(got: Any) -> tuple[float, float]:
    if got is None:
        raise NotYet("returns-nothing")
    if isinstance(got, (dict, set, str)):
        raise NotYet("one-number", got=describe(got))
    try:
        value, error = got
    except (TypeError, ValueError):
        raise NotYet("one-number", got=show(got)) from None
    return as_number(value), as_number(error)
