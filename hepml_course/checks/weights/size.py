"""Checks of lesson 10: how many events a weighted sample is worth, and what negative weights cost."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, task
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


def effective_size(w: Floats) -> float:
    """Number of events of weight 1 with the same relative uncertainty."""
    return float(w.sum() ** 2 / (w @ w))


_WRONG_SIZES: Wrong = {
    "counted": len,
    "sum": np.sum,
    "absolute": (lambda w: effective_size(np.abs(w)), lambda w: np.abs(w).sum()),
    "dropped": lambda w: effective_size(w[w > 0]),
    "upside-down": lambda w: (w @ w) / w.sum() ** 2,
    "numerator": (lambda w: w.sum() ** 2, lambda w: w.sum() / (w @ w)),
    "denominator": (
        lambda w: w.sum() ** 2 / np.abs(w).sum(),
        lambda w: w.sum() ** 2 / np.abs(w).sum() ** 2,
        lambda w: w.sum() ** 2 / len(w),
        lambda w: len(w) ** 2 / (w @ w),
    ),
    "root": lambda w: np.sqrt(effective_size(w)),
    "error": (lambda w: np.sqrt(w @ w), lambda w: w @ w),
    "relative-error": lambda w: np.sqrt(w @ w) / w.sum(),
    "share": lambda w: effective_size(w) / len(w),
    "largest": (lambda w: w.sum() / w.max(), lambda w: w.sum() / np.abs(w).max()),
    "net": lambda w: np.sign(w).sum(),
}


@task(
    "weights.effective_size",
    reference=effective_size,
    right="Right. For weights ±1 it is (n₊ − n₋)²/n: both signs cost.",
    hints=[
        "The sum of the weights is Σw, and its uncertainty is √Σw². For n events of weight 1, what are "
        "these two, and what is their ratio?",
        "The relative uncertainty of n plain events is 1/√n. Set that equal to √Σw²/Σw, and solve for n.",
        "`np.sum(w) ** 2 / np.sum(w ** 2)`: mind which of the two is squared first.",
    ],
    mistakes={
        "counted": "For weights {w} you gave {got}, the number of events. They are worth that many only if "
        "all weights are equal.",
        "sum": "For weights {w} you gave {got}, the sum. Doubling all weights doubles it, and makes the "
        "sample no better.",
        "absolute": "For weights {w} you gave {got}. You took the weights without their sign; a negative "
        "event makes Σw smaller and Σw² larger.",
        "dropped": "For weights {w} you gave {got}: right if the negative events were left out. They are in "
        "the sum, with their sign, and in the uncertainty.",
        "upside-down": "For weights {w} you gave {got}: the square of the relative uncertainty. One over it "
        "is the number of events.",
        "numerator": "For weights {w} you gave {got}, where {right} is right. Scaling all weights by 2 must "
        "not change it: a square above the line, a sum of squares below.",
        "denominator": "For weights {w} you gave {got}, where {right} is right. Above the line the square "
        "of the sum, below it the sum of the squares.",
        "root": "For weights {w} you gave {got}: the root of the number. Square it.",
        "error": "For weights {w} you gave {got}: that is the uncertainty of the sum, or its square. How "
        "many plain events have the same *relative* one?",
        "relative-error": "For weights {w} you gave {got}, the relative uncertainty of the sum. How many "
        "plain events have that, 1/√n?",
        "share": "For weights {w} you gave {got}: the size as a share of the {n} events. Asked is the "
        "number.",
        "largest": "For weights {w} you gave {got}: the sum in units of the largest weight. The other "
        "weights matter, too.",
        "net": "For weights {w} you gave {got}: positive minus negative events. That is Σw for weights of "
        "±1, and not yet what they are worth.",
        "rounded": "For weights {w} you gave {got}, which is rounded. It need not be a whole number.",
        "other": "For weights {w} it is {right}; you gave {got}.",
    },
)
def _effective_size(answer: Callable, rng: np.random.Generator) -> None:
    cases = telling(lambda: (signed(rng, int(rng.integers(4, 8))),), effective_size, _WRONG_SIZES)
    cases += [(np.array([1.0, 1, 1, -1]),), (np.full(5, 0.5),), (np.array([1e-3, 2e-3]),)]
    results = [single(answer(*case), finite=False) for case in cases]
    right = [effective_size(*case) for case in cases]
    whole = np.array_equal(results, np.round(results)) and np.all(np.abs(np.subtract(results, right)) < 1)
    if (whole or rounded(results, effective_size, cases)) and not np.allclose(results, right):
        k = int(np.argmax(~np.isclose(results, right)))
        raise NotYet("rounded", **_say_size(cases[k], results[k], right[k]))
    recognise([comparable(r) for r in results], cases, effective_size, _WRONG_SIZES, _say_size)


def _say_size(case: tuple, got: Any, right: float) -> dict[str, Any]:
    return {"w": code(case[0]), "n": len(case[0]), "got": float(got), "right": right}


# -- what negative weights cost ------------------------------------------------------------------


def events_needed(n: float, f: float) -> float:
    """Events with weights ±1, a share f of them negative, that are worth n events of weight 1."""
    return n / (1 - 2 * f) ** 2


_WRONG_NEEDS: Wrong = {
    "linear": lambda n, f: n / (1 - 2 * f),
    "without-negative": (lambda n, f: n / (1 - f), lambda n, f: n / (1 - f) ** 2),
    "fewer": (
        lambda n, f: n * (1 - 2 * f) ** 2,
        lambda n, f: n * (1 - 2 * f),
        lambda n, f: n * (1 - f),
        lambda n, f: n * (1 - f) ** 2,
    ),
    "added": (
        lambda n, f: n * (1 + f),
        lambda n, f: n * (1 + 2 * f),
        lambda n, f: n * (1 + 4 * f),
        lambda n, f: n * (1 + 2 * f) ** 2,
        lambda n, f: n * (1 + f) ** 2,
    ),
    "square-inside": (
        lambda n, f: n / (1 - 2 * f**2),
        lambda n, f: n / (1 - 4 * f**2),
        lambda n, f: n / (1 - f**2),
        lambda n, f: n / (1 - (2 * f) ** 2) ** 2,
    ),
    "root": (lambda n, f: n / np.sqrt(1 - 2 * f), lambda n, f: np.sqrt(n) / (1 - 2 * f)),
    "factor": lambda n, f: 1 / (1 - 2 * f) ** 2,
    "more": lambda n, f: events_needed(n, f) - n,
    "squared": lambda n, f: n**2 / (1 - 2 * f) ** 2,
    "swapped": lambda n, f: events_needed(f, n),
    "fourth": lambda n, f: n / (1 - 2 * f) ** 4,
    "percent": lambda n, f: events_needed(n, f / 100),
}


@task(
    "weights.events_needed",
    reference=events_needed,
    right="Right. At a quarter of negative weights four events do the work of one.",
    hints=[
        "Call the number m. Of m events f m are negative and (1 − f) m positive. What is Σw, what is Σw²?",
        "Σw = (1 − 2f) m and Σw² = m. Put that into the effective size.",
        "The effective size is (1 − 2f)² m. It should be n; solve for m.",
    ],
    mistakes={
        "linear": "For {case} you gave {got}: then Σw is n. But each of these events adds 1 to Σw², and so "
        "the uncertainty is larger than √n.",
        "without-negative": "For {case} you gave {got}: as if negative events were merely lost. Each takes "
        "away a positive one, too.",
        "fewer": "For {case} you gave {got}. More events are needed than {n}, not fewer.",
        "added": "For {case} you gave {got}, where {right} is right. Towards f = ½ the number must grow "
        "without end: nothing is left of the sum then.",
        "square-inside": "For {case} you gave {got}. The sum is (1 − 2f) m, and all of it is squared.",
        "root": "For {case} you gave {got}, where {right} is right: a root went in where a square belongs.",
        "factor": "For {case} you gave {got}: the factor. Multiply it by n.",
        "more": "For {case} you gave {got}: the events needed on top of {n}. Asked is their number in all.",
        "squared": "For {case} you gave {got}. n itself is an effective size and is not squared.",
        "swapped": "For {case} you gave {got}. The number comes first, then the share.",
        "fourth": "For {case} you gave {got}: the square went in twice.",
        "percent": "For {case} you gave {got}. The share is a number between 0 and ½, not in percent.",
        "other": "For {case} it is {right}; you gave {got}.",
    },
)
def _events_needed(answer: Callable, rng: np.random.Generator) -> None:
    cases = [(900, 0.125), (100, 0.25), (50, 0.375), (int(rng.integers(2, 9)) * 900, 0.125), (400, 0.0)]
    results = [comparable(single(answer(*case), finite=False)) for case in cases]
    recognise(results, cases, events_needed, _WRONG_NEEDS, _say_need)


def _say_need(case: tuple, got: Any, right: float) -> dict[str, Any]:
    text = f"n = {case[0]} and f = {case[1]:g}"
    return {"case": text, "n": case[0], "got": f"{float(got):.6g}", "right": f"{right:.6g}"}
