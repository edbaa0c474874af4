"""Check of lesson 15: how many true tracks were found, one to one."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from hepml_course.checks import as_number, task
from hepml_course.checks.many_tracks._common import Floats, Wrong, code, recognise, telling


def matched(truth: Floats, found: Floats, tolerance: float) -> int:
    """The largest number of pairs of a true and a found track that stay within the tolerance."""
    return _most_pairs(_distance(truth, found) <= tolerance)


def _distance(truth: Floats, found: Floats) -> Floats:
    return np.abs(truth[:, None] - found).max(axis=-1)


def _most_pairs(near: Any) -> int:
    return int(near[linear_sum_assignment(near, maximize=True)].sum())


def _by(distance: Callable) -> Callable:
    """The right number of pairs for another distance, a function of the differences."""
    return lambda truth, found, tolerance: _most_pairs(distance(truth[:, None] - found) <= tolerance)


def _smallest_total(truth: Floats, found: Floats, tolerance: float, cost: Callable | None = None) -> int:
    distance = np.abs(truth[:, None] - found)
    largest = distance.max(axis=-1)
    chosen = linear_sum_assignment(largest if cost is None else cost(distance))
    return int((largest[chosen] <= tolerance).sum())


def _first_come(distance: Floats, tolerance: float) -> int:
    """Each row in turn takes its first column that is free and near."""
    free, pairs = set(range(distance.shape[1])), 0
    for row in distance:
        near = [j for j in sorted(free) if row[j] <= tolerance]
        free -= set(near[:1])
        pairs += bool(near)
    return pairs


def _nearest_free(distance: Floats, tolerance: float) -> int:
    """Each row in turn takes its nearest free column."""
    distance, pairs = distance.copy(), 0
    for i in range(len(distance)):
        j = distance[i].argmin()
        if distance[i, j] <= tolerance:
            distance[:, j] = np.inf
            pairs += 1
    return pairs


def _nearest_first(truth: Floats, found: Floats, tolerance: float) -> int:
    distance, pairs = _distance(truth, found), 0
    while distance.min() <= tolerance:
        i, j = np.unravel_index(distance.argmin(), distance.shape)
        distance[i], distance[:, j] = np.inf, np.inf
        pairs += 1
    return pairs


def _nearest_only(truth: Floats, found: Floats, tolerance: float) -> int:
    distance = _distance(truth, found)
    nearest = distance.argmin(axis=1)
    near = distance[np.arange(len(truth)), nearest] <= tolerance
    return len(set(nearest[near]))


def _place_by_place(truth: Floats, found: Floats, tolerance: float) -> int:
    n = min(len(truth), len(found))
    return int((np.abs(truth[:n] - found[:n]).max(axis=1) <= tolerance).sum())


_WRONG: Wrong = {
    "strict": lambda t, f, tol: _most_pairs(_distance(t, f) < tol),
    "found-twice": lambda t, f, tol: int((_distance(t, f) <= tol).any(axis=1).sum()),
    "true-twice": lambda t, f, tol: int((_distance(t, f) <= tol).any(axis=0).sum()),
    "all-pairs": lambda t, f, tol: int((_distance(t, f) <= tol).sum()),
    "first-come": (
        lambda t, f, tol: _first_come(_distance(t, f), tol),
        lambda t, f, tol: _nearest_free(_distance(t, f), tol),
        lambda t, f, tol: _nearest_free(_distance(t, f).T, tol),
    ),
    "nearest-first": _nearest_first,
    "nearest-only": (_nearest_only, lambda t, f, tol: _nearest_only(f, t, tol)),
    "smallest-total": (
        _smallest_total,
        lambda t, f, tol: _smallest_total(t, f, tol, lambda d: d.sum(axis=-1)),
        lambda t, f, tol: _smallest_total(t, f, tol, lambda d: (d**2).sum(axis=-1)),
    ),
    "fewest": lambda t, f, tol: int((_near := _distance(t, f) <= tol)[linear_sum_assignment(_near)].sum()),
    "crowds": lambda t, f, tol: int(min((_distance(t, f) <= tol).any(axis=i).sum() for i in (0, 1))),
    "sorted": lambda t, f, tol: _place_by_place(t[t[:, 0].argsort()], f[f[:, 0].argsort()], tol),
    "slope": _by(lambda d: np.maximum(np.abs(d[..., 0]), np.abs(d[..., 1] - d[..., 0]))),
    "place": _place_by_place,
    "first-column": _by(lambda d: np.abs(d[..., 0])),
    "last-column": _by(lambda d: np.abs(d[..., 1])),
    "either": _by(lambda d: np.abs(d).min(axis=-1)),
    "sum": _by(lambda d: np.abs(d).sum(axis=-1)),
    "mean": (_by(lambda d: np.abs(d).mean(axis=-1)), _by(lambda d: np.abs(d.mean(axis=-1)))),
    "euclid": _by(lambda d: np.hypot(d[..., 0], d[..., 1])),
    "signed": (_by(lambda d: d.max(axis=-1)), _by(lambda d: (-d).max(axis=-1))),
    "always-five": lambda t, f, tol: matched(t, f, 5),
    "share": (
        lambda t, f, tol: matched(t, f, tol) / len(t),
        lambda t, f, tol: matched(t, f, tol) / len(f),
    ),
    "lost": lambda t, f, tol: len(t) - matched(t, f, tol),
    "fakes": lambda t, f, tol: len(f) - matched(t, f, tol),
}


@task(
    "many_tracks.matched",
    reference=matched,
    right="Right. One to one, and not one pair given away.",
    hints=[
        "Two straight lines are farthest apart at one of the two ends. So `max(|Δy0|, |Δy1|)` decides.",
        "Make a matrix of True and False, one row for each true track, one column for each found one. You "
        "may pick one place in each row and column. How many True can you pick?",
        "`linear_sum_assignment(near, maximize=True)` gives the rows and columns of the best choice, for "
        "the matrix `near` of True and False. Count the True among `near[rows, columns]`. For a few tracks, "
        "trying all `permutations` does as well.",
    ],
    mistakes={
        "not-a-number": "One number is expected, how many pairs there are; yours is {got}.",
        "strict": "For {case} you gave {got}. A track that is off by the tolerance exactly is still within "
        "it: `<=`.",
        "found-twice": "For {case} you gave {got}: a found track stood for several true ones. One to "
        "one, the largest number of pairs is {right}.",
        "true-twice": "For {case} you gave {got}: several found tracks stood for the same true one. Each "
        "track in one pair only, right is {right}.",
        "all-pairs": "For {case} you gave {got}: every two tracks that are near each other. Each track may "
        "be in one pair only, which leaves {right}.",
        "first-come": "For {case} you gave {got}. One track after the other took a partner, and one took the "
        "only partner of the next. Another choice gives {right}.",
        "nearest-first": "For {case} you gave {got}. The nearest pair first looks fair, and can leave two "
        "tracks alone that had nobody else. Another choice gives {right}.",
        "nearest-only": "For {case} you gave {got}. Whose nearest partner is taken may have a second one. "
        "Another choice gives {right}.",
        "smallest-total": "For {case} you gave {got}: the choice with the smallest sum of distances. One "
        "pair that is far off is no worse than one just outside. The choice with the most pairs has "
        "{right}.",
        "fewest": "For {case} you gave {got}: the choice with the *fewest* pairs. `linear_sum_assignment` "
        "looks for the smallest sum, unless told to `maximize`.",
        "crowds": "For {case} you gave {got}: how many tracks have somebody near, on the side with fewer of "
        "them. Several may want the same one. Right is {right}.",
        "sorted": "For {case} you gave {got}: both sets sorted by y0, then the first with the first. The "
        "nearest entrance need not be the partner. Right is {right}.",
        "slope": "For {case} you gave {got}. You compared y0 and the slope. The heights at both ends decide.",
        "place": "For {case} you gave {got}: the first with the first, the second with the second. Nothing "
        "says that they come in the same order; right is {right}.",
        "first-column": "For {case} you gave {got}. You compared y0 only. A track must stay within the "
        "tolerance in the last column, too.",
        "last-column": "For {case} you gave {got}. You compared y1 only. A track must stay within the "
        "tolerance in the first column, too.",
        "either": "For {case} you gave {got}: one end within the tolerance sufficed. Both must be.",
        "sum": "For {case} you gave {got}. You added the distances of both ends. The larger of the two "
        "decides.",
        "mean": "For {case} you gave {got}. You averaged over both ends. The larger distance of the two "
        "decides.",
        "euclid": "For {case} you gave {got}: the root of the sum of squares. The larger distance of the "
        "two ends decides.",
        "signed": "For {case} you gave {got}. A track may be off upwards or downwards: take the absolute "
        "value before the larger of the two.",
        "always-five": "For {case} you gave {got}, right for a tolerance of 5. Here it is {tolerance}.",
        "share": "For {case} you gave {got}: a share. The number of pairs is asked for, {right}.",
        "lost": "For {case} you gave {got}: the true tracks that were *not* found. Right is {right}.",
        "fakes": "For {case} you gave {got}: the found tracks without a partner. Right is {right}.",
        "other": "For {case} right is {right}; you gave {got}.",
    },
)
def _matched(answer, rng):
    cases = telling(lambda: _case(rng, *rng.choice(_SIZES)), matched, _WRONG)
    results = [as_number(answer(*case)) for case in cases]
    recognise(results, cases, matched, _WRONG, _say)


_SIZES = ((2, 2), (3, 2), (2, 3), (3, 3))


def _case(rng: np.random.Generator, true: int, found: int) -> tuple[Floats, Floats, float]:
    """Tracks in a crowd, so that there is a choice; sometimes one of them elsewhere."""
    middle = rng.integers(7, 20, 2)
    crowd = middle + rng.integers(-4, 5, (true + found, 2))
    if rng.random() < 0.3:
        crowd[rng.integers(true + found)] = rng.integers(0, 28, 2)
    return crowd[:true].astype(float), crowd[true:].astype(float), float(rng.integers(2, 7))


def _say(case: tuple, got: float, right: int) -> dict[str, Any]:
    truth, found, tolerance = case
    text = f"truth {code(truth)}, found {code(found)} and a tolerance of {tolerance:g}"
    return {"case": text, "got": got, "right": right, "tolerance": tolerance}
