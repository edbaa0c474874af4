"""Checks of the cross-entropy."""

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task

Floats = NDArray[np.float64]


def cross_entropy(p: Floats, y: NDArray) -> float:
    """Mean of minus the logarithm of the probability given to the true class."""
    return float(-np.mean(np.log(np.where(y == 1, p, 1 - p))))


_WRONG_ENTROPIES = {
    "sign": lambda p, y: -cross_entropy(p, y),
    "signal-only": lambda p, y: -np.mean(y * np.log(p)),
    "signal-mean": lambda p, y: -np.mean(np.log(p[y == 1])),
    "wrong-class": lambda p, y: cross_entropy(1 - p, y),
    "sum": lambda p, y: cross_entropy(p, y) * len(p),
    "base-10": lambda p, y: cross_entropy(p, y) / np.log(10),
    "base-2": lambda p, y: cross_entropy(p, y) / np.log(2),
    "squared": lambda p, y: np.mean((p - y) ** 2),
    "log-of-mean": lambda p, y: -np.log(np.mean(np.where(y == 1, p, 1 - p))),
    "own-entropy": lambda p, y: -np.mean(p * np.log(p) + (1 - p) * np.log(1 - p)),
}


@task(
    "learning.cross_entropy",
    reference=cross_entropy,
    right="Right. A model that always says 1/2 has ln 2 = 0.693; any useful one has less.",
    hints=[
        "What probability did the model give to what happened? For an electron p, for a jet 1 − p.",
        "Take the logarithm of those, the mean, and a minus sign.",
        "`y * np.log(p)` counts the electrons only. Add the term that counts the jets.",
    ],
    mistakes={
        "no-mean": "You gave {got}, one number for each event. Take their mean.",
        "not-finite": "There is {bad} in your answer. Is the logarithm taken of p, and not of y?",
        "sign": "You gave {got}. The logarithm of a probability is negative; a loss has a minus sign in "
        "front.",
        "signal-only": "You gave {got}, and the jets do not count. For them p should be small.",
        "signal-mean": "You gave {got}, the mean over the electrons. The jets count, too: for them the "
        "probability of what happened is 1 − p.",
        "wrong-class": "For p = {p} and y = {y} you gave {got}: a model that is right is punished. "
        "For which class is p the probability?",
        "sum": "You gave {got}, the sum over {n} events. Take the mean.",
        "base-10": "You gave {got} where it is {right}. The logarithm is the natural one, `np.log`.",
        "base-2": "You gave {got} bits. The logarithm is the natural one, `np.log`.",
        "squared": "You gave {got}, the mean squared error.",
        "log-of-mean": "You took the logarithm of the mean. It is the mean of the logarithms.",
        "own-entropy": "Your result does not depend on y. What happened has to come in.",
        "other": "For p = {p} and y = {y} the cross-entropy is {right}; yours is {got}.",
    },
)
def _cross_entropy(answer, rng):
    cases = [(np.array([0.9, 0.2, 0.6]), np.array([1, 0, 1]))]
    cases += [(rng.integers(1, 10, n) / 10, rng.permutation(np.arange(n) % 2)) for n in (6, 9)]
    first = answer(*cases[0])
    if np.shape(first) == (3,):
        raise NotYet("no-mean", got=as_array(first))
    results = [as_number(first)] + [as_number(answer(*case)) for case in cases[1:]]
    p, y = cases[0]
    shown = {"p": p, "y": y, "n": len(p), "got": results[0], "right": cross_entropy(p, y)}
    for mistake, wrong in _WRONG_ENTROPIES.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    k = first_difference(results, cross_entropy, cases)
    if k is not None:
        p, y = cases[k]
        raise NotYet("other", p=p, y=y, right=cross_entropy(p, y), got=results[k])
