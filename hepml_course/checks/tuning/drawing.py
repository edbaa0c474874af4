"""Drawing settings evenly in their logarithm."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, task

Floats = NDArray[np.float64]

# From, to, how many. The first spans whole decades, the second does not and crosses 1.
_RANGES = ((1e-4, 1e-1, 4000), (0.02, 3.0, 3000))
_BASES = {"10": 10.0, "e": np.e, "2": 2.0}


def log_uniform(low: float, high: float, n: int, rng: np.random.Generator) -> Floats:
    """``n`` draws between `low` and `high`, as many in one decade as in the next."""
    return 10 ** rng.uniform(np.log10(low), np.log10(high), n)


@task(
    "tuning.log_uniform",
    reference=log_uniform,
    right="Right. Every decade gets its share, and another generator gives other draws.",
    hints=[
        "Which quantity of a rate do you want to be spread evenly?",
        "Draw the logarithm with `rng.uniform`, then go back to the rate.",
        "In one line: `10 ** rng.uniform(np.log10(low), np.log10(high), n)`.",
    ],
    mistakes={
        "linear": "Between {low} and {high} a fraction {got} of your draws lies below {middle}, the "
        "middle of the decades. Half of them should. Yours are spread evenly in the rate itself.",
        "exponents": "Your first draw is {got}: an exponent. The rate is {base} to that power.",
        "limits": "Asked for {low} to {high}, you drew {got}. What is raised to a power is an exponent: take "
        "the logarithm of the limits first.",
        "bases": "Asked for {low} to {high}, you drew {got}: there with the logarithm to base {there}, "
        "and back with powers of {back}. Take the same base both ways.",
        "outside": "Asked for {low} to {high}, you drew {got}.",
        "fixed-range": "Asked for {low} to {high}, you drew {got}, between the limits of another call. "
        "They are `low` and `high`.",
        "same": "All {n} draws are {got}. Each wants a random number of its own.",
        "few-values": "Of {n} draws only {count} differ. Between {low} and {high} every number is possible, "
        "not only those of a list.",
        "grid": "Sorted, your values have equal steps from {low} to {high}: a grid. Draw them at random.",
        "frozen": "Two different generators gave the same draws. Use the `rng` that you were given.",
        "own-generator": "The same generator, started twice with one seed, gave different draws. Use the "
        "`rng` that you were given, nothing else.",
        "one-draw": "Asked for {n} draws, you gave one number.",
        "other": "A fraction {got} of your draws lies between {start} and {end}. That is a tenth of the way "
        "from {low} to {high} in the logarithm, so it should be 0.1.",
    },
)
def _log_uniform(answer, rng):
    for low, high, n in _RANGES:
        first = answer(low, high, n, np.random.default_rng(1))
        if isinstance(first, (int, float, np.number)):
            raise NotYet("one-draw", n=n)
        got = as_array(first, (n,))
        _range(got, low, high)
        _at_random(got, low, high)
        again, other = (as_array(answer(low, high, n, np.random.default_rng(s)), (n,)) for s in (1, 2))
        if not np.array_equal(got, again):
            raise NotYet("own-generator")
        if np.array_equal(got, other):
            raise NotYet("frozen")
        _evenly(got, low, high)


def _range(got: Floats, low: float, high: float) -> None:
    """Refuse draws outside the limits, and say what probably happened."""
    shown: dict[str, Any] = {"low": low, "high": high}
    if (got < 0).all():
        raise NotYet("exponents", got=got[0], base="e" if got.min() < np.log10(low) - 0.01 else "10")
    outside = got[(got < low * 0.999) | (got > high * 1.001)]
    if not len(outside):
        return
    shown["got"] = outside[0]
    if high < 1 and (got >= 1).all() and (got <= 10**high).all():
        raise NotYet("limits", **shown)
    if (got > 0).all():
        for there, back in permutations(_BASES, 2):
            power = np.log(_BASES[back]) / np.log(_BASES[there])
            if np.allclose(np.log([got.min(), got.max()]), power * np.log([low, high]), atol=0.05):
                raise NotYet("bases", there=there, back=back, **shown)
        for its_low, its_high, _ in _RANGES:
            if low != its_low and np.allclose(
                np.log([got.min(), got.max()]), np.log([its_low, its_high]), atol=0.05
            ):
                raise NotYet("fixed-range", **shown)
    raise NotYet("outside", **shown)


def _at_random(got: Floats, low: float, high: float) -> None:
    """Refuse one number, a few numbers, and equal steps in whatever order."""
    count = len(np.unique(got))
    if count == 1:
        raise NotYet("same", n=len(got), got=got[0])
    if count < 0.8 * len(got):
        raise NotYet("few-values", n=len(got), count=count, low=low, high=high)
    for scale in (np.log, np.asarray):
        steps = np.diff(scale(np.sort(got)))
        if steps.std() < 0.01 * steps.mean():
            raise NotYet("grid", low=low, high=high)


def _evenly(got: Floats, low: float, high: float) -> None:
    """Refuse draws of which a tenth of the logarithm holds more or less than a tenth."""
    middle = float(np.sqrt(low * high))
    if np.mean(got < middle) < 0.1:
        raise NotYet("linear", got=np.mean(got < middle), low=low, high=high, middle=middle)
    edges = np.geomspace(low, high, 11)
    share = np.histogram(np.clip(got, low, high), edges)[0] / len(got)
    worst = int(np.abs(share - 0.1).argmax())
    if abs(share[worst] - 0.1) > 0.03:
        raise NotYet("other", got=share[worst], start=edges[worst], end=edges[worst + 1], low=low, high=high)
