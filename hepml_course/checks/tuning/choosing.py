"""Choosing the smallest network of those that cannot be told from the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_number, first_difference, imitates, task

Floats = NDArray[np.float64]


def simplest(areas: Floats, errors: Floats, sizes: NDArray) -> int:
    """Index of the smallest network whose AUC lies within one error, that of the best, from the best."""
    best = np.argmax(areas)
    good = areas >= areas[best] - errors[best]
    return int(np.argmin(np.where(good, sizes, np.inf)))


# AUC, errors, sizes.
_CASES = tuple(
    tuple(np.array(column) for column in case)
    for case in (
        (
            [0.880, 0.9012, 0.9041, 0.9050, 0.9044],
            [0.030, 0.0030, 0.0012, 0.0010, 0.0020],
            [40, 90, 2000, 1200, 300],
        ),
        (
            [0.905, 0.9032, 0.890, 0.9047, 0.9020],
            [0.002, 0.0001, 0.004, 0.0030, 0.0040],
            [5000, 800, 20, 900, 100],
        ),
        ([0.70, 0.80, 0.90, 0.85], [0.01, 0.01, 0.02, 0.30], [1, 2, 30, 4]),
        ([0.50, 0.875, 0.75, 0.8125], [0.25, 0.125, 0.25, 0.25], [3, 90, 20, 40]),  # one at the border
        ([0.60, 0.90, 0.89, 0.895], [0.01, 0.02, 0.012, 0.013], [30, 90, 30, 60]),  # an equal size is bad
        ([0.60, 0.90, 0.895], [0.01, 0.01, 0.02], [50, 10, 20]),  # the best is the smallest
        ([0.70, 0.90, 0.895], [0.01, 0.01, 0.01], [4_000_000, 3_000_000, 2_000_000]),  # large networks
        ([0.875, 0.8775, 0.885, 0.90], [0.010, 0.015, 0.001, 0.02], [20, 60, 200, 500]),  # two errors of two
    )
)


def _good(a: Floats, e: Floats, errors: float = 1) -> NDArray:
    return a >= a.max() - errors * e[a.argmax()]


def _smallest(good: NDArray, s: NDArray, otherwise: float = np.inf) -> int:
    return int(np.argmin(np.where(good, s, otherwise)))


def _from_zero(a: Floats, e: Floats, s: NDArray) -> int:
    chosen = 0
    for k in np.flatnonzero(_good(a, e)):
        chosen = int(k) if s[k] < s[chosen] else chosen
    return chosen


# What it is, and the answer that makes it. Several answers may make the same mistake.
_WRONG = (
    ("best", lambda a, e, s: np.argmax(a)),
    ("smallest", lambda a, e, s: np.argmin(s)),
    ("starts-at-zero", _from_zero),
    ("border", lambda a, e, s: _smallest(a > a.max() - e[a.argmax()], s)),
    ("same-size", lambda a, e, s: list(s).index(s[_good(a, e)].min())),
    ("placeholder", lambda a, e, s: _smallest(_good(a, e), s, 10_000)),
    ("placeholder", lambda a, e, s: _smallest(_good(a, e), s, 100_000)),
    ("placeholder", lambda a, e, s: _smallest(_good(a, e), s, 1_000_000)),
    ("placeholder", lambda a, e, s: _smallest(_good(a, e), s, s.max())),
    ("placeholder", lambda a, e, s: _smallest(_good(a, e), s, 0)),
    ("own-error", lambda a, e, s: _smallest(a + e >= a.max(), s)),
    ("both-errors", lambda a, e, s: _smallest(a + e >= a.max() - e[a.argmax()], s)),
    ("both-errors", lambda a, e, s: _smallest(a.max() - a <= np.hypot(e, e[a.argmax()]), s)),
    ("mean-error", lambda a, e, s: _smallest(a >= a.max() - e.mean(), s)),
    ("largest-error", lambda a, e, s: _smallest(a >= a.max() - e.max(), s)),
    ("least-error", lambda a, e, s: _smallest(a >= a.max() - e.min(), s)),
    ("two-errors", lambda a, e, s: _smallest(_good(a, e, 2), s)),
    ("half-an-error", lambda a, e, s: _smallest(_good(a, e, 0.5), s)),
    ("first-or-last", lambda a, e, s: np.flatnonzero(_good(a, e))[0]),
    ("first-or-last", lambda a, e, s: np.flatnonzero(_good(a, e))[-1]),
    ("largest", lambda a, e, s: np.argmax(np.where(_good(a, e), s, -np.inf))),
    ("worst-of-good", lambda a, e, s: np.argmin(np.where(_good(a, e), a, np.inf))),
    ("in-the-selection", lambda a, e, s: np.argmin(s[_good(a, e)])),
    ("in-the-order", lambda a, e, s: np.flatnonzero(_good(a, e)[np.argsort(s, kind="stable")])[0]),
    ("without-the-best", lambda a, e, s: _smallest(_good(a, e) & (a < a.max()), s)),
)


@task(
    "tuning.simplest",
    reference=simplest,
    right="Right. What cannot be told from the best and costs less is the better choice.",
    hints=[
        "First the best: its AUC minus its error is the border. Who lies above it?",
        "Among those, the one with the fewest weights. Its index is asked, counted in the whole table.",
        "`np.where(good, sizes, np.inf)` takes the others out of the race without moving the indices.",
    ],
    mistakes={
        "best": "You chose network {got}, the one with the highest AUC. Network {right} is within its "
        "error and has {size} weights instead of {got_size}.",
        "smallest": "Network {got} is the smallest of all, and its AUC of {area} is not within the "
        "error of the best.",
        "starts-at-zero": "You chose network 0, with an AUC of {area} against a border of {border}. Does "
        "your search begin with it, whether it is good or not?",
        "border": "Network {right} lies one error below the best, at {border} exactly. *At most* one error "
        "takes it in.",
        "same-size": "Networks {right} and {got} both have {size} weights, and only the first is good "
        "enough. Do you look the size up in the whole table?",
        "placeholder": "You chose network {got}, with an AUC of {area} below the border of {border}. What "
        "stands in place of the sizes of such networks? It must be larger than any size: `np.inf`.",
        "own-error": "The border is the best AUC minus the error of the *best*. You gave each network "
        "its own.",
        "both-errors": "The border is the best AUC minus the error of the *best* alone. You added each "
        "network's own to it.",
        "mean-error": "The border is the best AUC minus the error of the *best*. You took the mean error.",
        "largest-error": "The border is the best AUC minus the error of the *best*. You took the largest.",
        "least-error": "The border is the best AUC minus the error of the *best*. You took the smallest.",
        "two-errors": "The border lies one error below the best, at {border}. Yours lies two below.",
        "half-an-error": "The border lies one error below the best, at {border}. Yours lies half an error "
        "below.",
        "first-or-last": "Network {got} is the first or the last of the good ones in the table. Which has "
        "the fewest weights?",
        "largest": "Network {got} is the largest of the good ones. Which is the smallest?",
        "worst-of-good": "Network {got} has the lowest AUC of the good ones. Asked is the fewest weights.",
        "in-the-selection": "Your {got} counts among the good ones only. In the whole table it is "
        "number {right}.",
        "in-the-order": "Your {got} counts in the order of size. In the table as given it is number {right}.",
        "without-the-best": "You left the best itself out. It competes, too: here network {right}.",
        "value": "You returned {got}. Asked is the index of the network, a whole number below {n}.",
        "other": "For AUC {areas} ± {errors} and sizes {sizes} it is network {right}; yours is {got}.",
    },
)
def _simplest(answer, rng):
    results = []
    for areas, errors, sizes in _CASES:
        got = as_number(answer(areas.copy(), errors.copy(), sizes.copy()))
        if got != int(got) or not 0 <= got < len(areas):
            raise NotYet("value", got=got, n=len(areas))
        results.append(int(got))
    k = first_difference(results, simplest, _CASES)
    if k is None:
        return
    areas, errors, sizes = _CASES[k]
    right = simplest(*_CASES[k])
    shown = {"got": results[k], "right": right, "size": sizes[right], "got_size": sizes[results[k]]}
    shown |= {"area": areas[results[k]], "areas": areas, "errors": errors, "sizes": sizes}
    shown["border"] = areas.max() - errors[areas.argmax()]
    for mistake, wrong in _WRONG:
        if imitates(results, wrong, _CASES):
            raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)
