"""Check of lesson 15: a loss that does not ask for an order."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks._student import StudentError
from hepml_course.checks.many_tracks._common import Floats, Wrong, code, recognise, telling


def any_order(truth: Floats, found: Floats) -> Floats:
    """Mean absolute error of each image in the order that fits best, shape (n,)."""
    return _orders(truth, found).min(axis=0)


def _orders(truth: Floats, found: Floats, which: Callable | None = None) -> Floats:
    """Mean absolute error in each order, shape (orders, n)."""
    k = truth.shape[1]
    chosen = list(permutations(range(k))) if which is None else which(k)
    return np.array([np.abs(truth - found[:, list(order)]).mean(axis=(1, 2)) for order in chosen])


def _rolled(k: int) -> list[list[int]]:
    return [list(np.roll(np.arange(k), by)) for by in range(k)]


def _distances(truth: Floats, found: Floats) -> Floats:
    """Mean absolute difference of every true and every found track, shape (n, k, k)."""
    return np.abs(truth[:, :, None] - found[:, None]).mean(axis=-1)


def _by(distance: Callable) -> Callable:
    """The mean over the best order, of another distance of two tracks."""

    def loss(truth: Floats, found: Floats) -> Floats:
        tables = distance(truth[:, :, None] - found[:, None])
        return np.array([table[linear_sum_assignment(table)].mean() for table in tables])

    return loss


def _chosen_by(distance: Callable) -> Callable:
    """The mean absolute error in the order that is best for another distance."""

    def loss(truth: Floats, found: Floats) -> Floats:
        tables = distance(truth[:, :, None] - found[:, None])
        orders = [linear_sum_assignment(table) for table in tables]
        errors = _distances(truth, found)
        return np.array([table[order].mean() for table, order in zip(errors, orders, strict=True)])

    return loss


def _greedy(truth: Floats, found: Floats) -> Floats:
    loss = []
    for table in _distances(truth, found):
        table, total = table.copy(), 0.0
        for _ in range(len(table)):
            i, j = np.unravel_index(table.argmin(), table.shape)
            total += table[i, j]
            table[i], table[:, j] = np.inf, np.inf
        loss.append(total / len(table))
    return np.array(loss)


def _in_turn(truth: Floats, found: Floats) -> Floats:
    loss = []
    for table in _distances(truth, found):
        table, total = table.copy(), 0.0
        for row in range(len(table)):
            j = table[row].argmin()
            total += table[row, j]
            table[:, j] = np.inf
        loss.append(total / len(table))
    return np.array(loss)


def _sorted_by(column: int) -> Callable:
    def loss(truth: Floats, found: Floats) -> Floats:
        sets = [
            np.take_along_axis(x, x[..., column].argsort(axis=1)[..., None], axis=1) for x in (truth, found)
        ]
        return np.abs(sets[0] - sets[1]).mean(axis=(1, 2))

    return loss


_WRONG: Wrong = {
    "place": lambda t, f: np.abs(t - f).mean(axis=(1, 2)),
    "mean": lambda t, f: _orders(t, f).mean(axis=0),
    "maximum": lambda t, f: _orders(t, f).max(axis=0),
    "sum-of-orders": lambda t, f: _orders(t, f).sum(axis=0),
    "found-twice": lambda t, f: _distances(t, f).min(axis=2).mean(axis=1),
    "true-twice": lambda t, f: _distances(t, f).min(axis=1).mean(axis=1),
    "both-nearest": (
        lambda t, f: (_distances(t, f).min(axis=2) + _distances(t, f).min(axis=1)).mean(axis=1),
        lambda t, f: (_distances(t, f).min(axis=2) + _distances(t, f).min(axis=1)).mean(axis=1) / 2,
        lambda t, f: np.maximum(*(_distances(t, f).min(axis=i).mean(axis=1) for i in (1, 2))),
    ),
    "greedy": (_greedy, _in_turn, lambda t, f: _in_turn(f, t)),
    "sorted": (_sorted_by(0), _sorted_by(1)),
    "ends-apart": (
        lambda t, f: np.abs(t[:, :, None] - f[:, None]).min(axis=2).mean(axis=(1, 2)),
        lambda t, f: np.abs(np.sort(t, axis=1) - np.sort(f, axis=1)).mean(axis=(1, 2)),
        lambda t, f: np.abs(np.sort(t.reshape(len(t), -1)) - np.sort(f.reshape(len(f), -1))).mean(axis=1),
    ),
    "one-order": lambda t, f: _orders(t, f)[_orders(t, f).mean(axis=1).argmin()],
    "few-orders": (
        lambda t, f: _orders(t, f, _rolled).min(axis=0),
        lambda t, f: _orders(t, f, lambda k: [range(k), range(k)[::-1]]).min(axis=0),
    ),
    "not-as-given": lambda t, f: _orders(t, f)[1:].min(axis=0),
    "sum": (
        lambda t, f: any_order(t, f) * t.shape[1],
        lambda t, f: any_order(t, f) * 2,
        lambda t, f: any_order(t, f) * t.shape[1] * 2,
    ),
    "squared": (
        _by(lambda d: (d**2).mean(axis=-1)),
        _by(lambda d: (d**2).sum(axis=-1)),
        lambda t, f: np.sqrt(_by(lambda d: (d**2).mean(axis=-1))(t, f)),
    ),
    "euclid": _by(lambda d: np.hypot(d[..., 0], d[..., 1])),
    "largest": _by(lambda d: np.abs(d).max(axis=-1)),
    "first-column": (_by(lambda d: np.abs(d[..., 0])), _by(lambda d: np.abs(d[..., 1]))),
    "signed": (_by(lambda d: d.mean(axis=-1)), _by(lambda d: np.abs(d.mean(axis=-1)))),
    "other-choice": (
        _chosen_by(lambda d: (d**2).sum(axis=-1)),
        _chosen_by(lambda d: np.hypot(d[..., 0], d[..., 1])),
        _chosen_by(lambda d: np.abs(d[..., 0])),
        _chosen_by(lambda d: np.abs(d[..., 1])),
        _chosen_by(lambda d: np.abs(d).max(axis=-1)),
    ),
}


@task(
    "many_tracks.any_order",
    reference=any_order,
    right="Right. The network may say them in any order, and must say each of them.",
    hints=[
        "Of two tracks there are two orders. Compute the error of each image in both, and take the smaller "
        "one.",
        "`itertools.permutations(range(k))` goes through all orders; `found[:, list(order)]` puts the found "
        "tracks of all images into one of them.",
        "For each order `np.abs(truth - found[:, list(order)]).mean(axis=(1, 2))`, which has one number for "
        "each image. Then the minimum over the orders, image by image.",
    ],
    mistakes={
        "shape": "For {n} images {n} numbers are expected; yours has shape {got}.",
        "one-number": "You gave one number, {got}, for {n} images. Each image chooses its own order: return "
        "its loss, shape (n,).",
        "per-track": "Yours has shape {got}: a number for each track. Average over the tracks of an image.",
        "per-end": "Yours has shape {got}: a number for each end of each track. Average over both.",
        "per-order": "Yours has shape {got}: a number for each order. The smallest of them is the loss.",
        "over-images": "Yours has shape {got}, a number for each track: you averaged over the images. Each "
        "image has its own loss.",
        "place": "For {case} you gave {got}: the first with the first, the second with the second. In "
        "another order it is {right}.",
        "mean": "For {case} you gave {got}: the mean over all orders. The best order counts, {right}.",
        "maximum": "For {case} you gave {got}: the worst order. The best one counts, {right}.",
        "sum-of-orders": "For {case} you gave {got}: the sum over all orders. The best one counts, {right}.",
        "found-twice": "For {case} you gave {got}: the nearest found track for each true one. One found "
        "track then serves for two, and the other may be anything. In the best order it is {right}.",
        "true-twice": "For {case} you gave {got}: the nearest true track for each found one. All found "
        "tracks may then sit on the same true one. In the best order it is {right}.",
        "both-nearest": "For {case} you gave {got}: the nearest in both directions. That is no pairing: a "
        "track may be used twice. In the best order it is {right}.",
        "greedy": "For {case} you gave {got}. One track after the other took its nearest partner, and the "
        "last had to take what was left. Try all orders; the best gives {right}.",
        "sorted": "For {case} you gave {got}: both sets sorted by one of their ends. That is one order, and "
        "where two tracks lie close it is the wrong one. The best gives {right}.",
        "ends-apart": "For {case} you gave {got}. The ends found partners on their own, and tracks fell "
        "apart: y0 and y1 of a track stay together.",
        "one-order": "For {case} you gave {got}. You took one order for all images. Each image has its own "
        "best order: the minimum comes before any mean over images. Here it is {right}.",
        "few-orders": "For {case} you gave {got}. Not all orders were tried: of 3 tracks there are 6, of 4 "
        "there are 24. The best gives {right}.",
        "not-as-given": "For {case} you gave {got}. The order as given is one of the orders, too. Here it "
        "is the best, with {right}.",
        "sum": "For {case} you gave {got}: a sum. The mean over tracks and ends is asked for, {right}.",
        "squared": "For {case} you gave {got}: from squares. The absolute error is asked for, {right}.",
        "euclid": "For {case} you gave {got}: from the root of the sum of squares of both ends. The mean of "
        "both absolute errors is asked for, {right}.",
        "largest": "For {case} you gave {got}: the larger error of both ends. Their mean is asked for, "
        "{right}.",
        "first-column": "For {case} you gave {got}: one end of the tracks only. The mean over both ends is "
        "{right}.",
        "signed": "For {case} you gave {got}. Errors of opposite sign cancelled: take absolute values "
        "before any mean.",
        "other-choice": "For {case} you gave {got}. You chose the order by another measure than the one you "
        "return. The smallest mean absolute error is {right}.",
        "always-three": "It works for three tracks; with {k} it does not. `truth.shape[1]` says how many "
        "there are.",
        "negative": "For {case} you gave {got}. A loss is not negative.",
        "other": "For {case} it is {right}; you gave {got}.",
    },
)
def _any_order(answer, rng):
    cases = telling(lambda: _case(rng, *rng.choice(_SIZES)), any_order, _WRONG)
    results = [_losses(answer(*case), *case) for case in cases]
    wrong = _WRONG | {"negative": lambda t, f: -any_order(t, f)}
    recognise(results, cases, any_order, wrong, _say)
    for size in ((4, 2), (3, 4)):
        case = _case(rng, *size)
        try:
            got = _losses(answer(*case), *case)
        except (StudentError, NotYet) as error:
            raise NotYet("always-three", k=size[1]) from error
        if not np.allclose(got, any_order(*case)):
            raise NotYet("always-three", k=size[1])


def _losses(value: Any, truth: Floats, found: Floats) -> Floats:
    array = as_array(value)
    n, k, _ = truth.shape
    if array.shape == (n,):
        return array
    orders = len(list(permutations(range(k))))
    names = {
        (): "one-number",
        (n, k): "per-track",
        (n, 2): "per-end",
        (n, k, 2): "per-end",
        (k,): "over-images",
    }
    names |= {(orders, n): "per-order", (n, orders): "per-order"}
    got = array.item() if array.ndim == 0 else str(array.shape)
    raise NotYet(names.get(array.shape, "shape"), n=n, got=got)


_SIZES = [(6, 3), (7, 3)]


def _case(rng: np.random.Generator, n: int, k: int) -> tuple[Floats, Floats]:
    """True tracks in whole pixels, and the same in disorder, with errors that leave some orders open."""
    truth = rng.integers(4, 24, (n, k, 2))
    found = rng.permuted(np.arange(k)[None].repeat(n, axis=0), axis=1)
    found = np.take_along_axis(truth, found[..., None], axis=1) + rng.integers(-4, 5, (n, k, 2))
    return truth.astype(float), found.astype(float)


def _say(case: tuple, got: Floats, right: Floats) -> dict[str, Any]:
    i = int(np.flatnonzero(~np.isclose(got, right))[0])
    text = f"an image with truth {code(case[0][i])} and found {code(case[1][i])}"
    return {"case": text, "got": got[i], "right": right[i]}
