"""Check of lesson 15: tracks one after the other, each in the light of those found before it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks.many_tracks._common import Floats, Wrong, code, recognise, telling

Weight = Callable[[Any, Any], Any]
Array = NDArray


def search(image: Array, rows: Array, weight: Weight, k: int) -> list[int]:
    """Indices of k different lines, each the best when those before it are known."""
    return _search(image, rows, weight, k)


def _search(
    image: Array,
    rows: Array,
    weight: Weight,
    k: int,
    learn: Callable | None = None,
    ask: Callable | None = None,
    again: bool = False,
    best: Callable = np.argmax,
    out: float = -1e9,
) -> list[int]:
    """The search; or with something else learned from a line, asked for, or taken."""
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for _ in range(k):
        total = _totals(image, rows, weight, known) if ask is None else ask(image, rows, weight, known)
        if not again:
            total[found] = out
        found.append(int(best(total)))
        place = rows[found[-1]], columns
        if learn is None:
            known[place] += 1
        else:
            learn(known, place, image)
    return found


def _totals(image: Array, rows: Array, weight: Weight, known: Array) -> Floats:
    return np.asarray(weight(image, known), dtype=float)[rows, np.arange(image.shape[1])].sum(axis=1)


def _with(**change: Any) -> Callable:
    return lambda *case: _search(*case, **change)


def _nothing(known: Array, place: tuple, image: Array) -> None:
    pass


def _hits_learned(known: Array, place: tuple, image: Array) -> None:
    known[place] += image[place]


def _set(known: Array, place: tuple, image: Array) -> None:
    known[place] = 1


def _only_last(known: Array, place: tuple, image: Array) -> None:
    known[:] = 0
    known[place] = 1


def _whole_rows(known: Array, place: tuple, image: Array) -> None:
    known[place[0]] += 1


def _whole_rows_each(known: Array, place: tuple, image: Array) -> None:
    np.add.at(known, place[0], 1)


def _neighbours_too(known: Array, place: tuple, image: Array) -> None:
    for by in (-1, 0, 1):
        known[np.clip(place[0] + by, 0, len(known) - 1), place[1]] = 1


def _wiped(image: Array, rows: Array, weight: Weight, known: Array) -> Floats:
    return _totals(np.where(known > 0, 0, image), rows, weight, 0 * known)


def _left_out(image: Array, rows: Array, weight: Weight, known: Array) -> Floats:
    values = np.asarray(weight(image, known), dtype=float) * (known == 0)
    return values[rows, np.arange(image.shape[1])].sum(axis=1)


def _hits_only(image: Array, rows: Array, weight: Weight, known: Array) -> Floats:
    values = np.asarray(weight(image, known), dtype=float) * (image > 0)
    return values[rows, np.arange(image.shape[1])].sum(axis=1)


def _rows_summed(image: Array, rows: Array, weight: Weight, known: Array) -> Floats:
    return np.asarray(weight(image, known), dtype=float).sum(axis=1)[rows].sum(axis=1)


def _swapped(image: Array, rows: Array, weight: Weight, known: Array) -> Floats:
    return _totals(known, rows, weight, np.asarray(image, dtype=int))


def _counted_again(image: Array, rows: Array, weight: Weight, k: int) -> list[int]:
    """In each step all lines found so far become known once more."""
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for _ in range(k):
        total = _totals(image, rows, weight, known)
        total[found] = -1e9
        found.append(int(total.argmax()))
        for i in found:
            known[rows[i], columns] += 1
    return found


def _numbered(image: Array, rows: Array, weight: Weight, k: int) -> list[int]:
    """The pixels of a line get its number in the list of the found ones."""
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for i in range(k):
        total = _totals(image, rows, weight, known)
        total[found] = -1e9
        found.append(int(total.argmax()))
        known[rows[found[-1]], columns] = i + 1
    return found


def _shifted(image: Array, rows: Array, weight: Weight, k: int) -> list[int]:
    """Indices among the lines that are left."""
    left = list(range(len(rows)))
    found = []
    for i in search(image, rows, weight, k):
        found.append(left.index(i))
        left.remove(i)
    return found


_WRONG: Wrong = {
    "same-line": _with(learn=_nothing, again=True),
    "first-sums": _with(learn=_nothing),
    "zero": _with(out=0),
    "hits-learned": _with(learn=_hits_learned),
    "set": (_with(learn=_set), _numbered),
    "counted-again": _counted_again,
    "shifted": _shifted,
    "only-last": _with(learn=_only_last),
    "twice": (_with(again=True), _with(again=True, learn=_set)),
    "whole-rows": (_with(learn=_whole_rows), _with(learn=_whole_rows_each)),
    "neighbours": _with(learn=_neighbours_too),
    "wiped": _with(ask=_wiped),
    "left-out": _with(ask=_left_out),
    "hits-only": _with(ask=_hits_only),
    "rows-summed": _with(ask=_rows_summed),
    "arguments-swapped": _with(ask=_swapped),
    "worst": _with(best=np.argmin, out=1e9),
    "sorted": lambda *case: sorted(search(*case)),
    "reversed": lambda *case: search(*case)[::-1],
}

_WHERE = (
    "Here image = {image} and rows = {rows}; a hit weighs 6, 2, 1 or 0 with 0, 1, 2 or more known lines, a "
    "silent pixel −3, −4, −5 or −6."
)
_STEP = (
    "With lines {before} found, the best is line {right} with {right_total}; you took line {got} with "
    "{got_total}. "
)


@task(
    "many_tracks.search",
    reference=search,
    right="Right. What is explained once does not count again.",
    hints=[
        "Begin with `known = np.zeros(image.shape, int)`. In a loop over k: weights, sums along the lines, "
        "the best line, and its pixels become known.",
        "The pixels of line i are `rows[i], np.arange(w)`. So the sums along all lines are "
        "`weight(image, known)[rows, np.arange(w)].sum(axis=1)`.",
        "Set the sums of the lines found before to −∞, take `argmax`, append it, and add 1 to "
        "`known[rows[best], np.arange(w)]`. Then ask `weight` again.",
    ],
    mistakes={
        "shape": "For k = {k} a list of {k} indices is expected; yours has shape {got}.",
        "too-few": "You found {got} lines where k = {k}. The first one counts, too.",
        "too-many": "You found {got} lines where k = {k}.",
        "rows": "You gave rows of pixels, shape {got}. Which of the lines are they? Return their indices.",
        "all-totals": "You gave {got} numbers, one for each line. Return the indices of the {k} that you "
        "take.",
        "not-a-line": "You gave {value}. That is no index of a line: there are {n} lines, from 0 to {last}.",
        "totals": "You gave {value}: the sums of the weights. Which lines have them? Return the indices.",
        "same-line": _STEP
        + "Yours is the same line each time. Once it is found its pixels are known, and it is "
        "out of the game. " + _WHERE,
        "stuck": "You found only {got} of {k} lines. Leave out the lines found before: explaining alone "
        "does not always move them down, and the same line comes first again and again.",
        "first-sums": "You gave {value}: these are the {k} best of the first sums. After each line add 1 to "
        "`known` on its pixels, and on no others, and ask `weight` again. " + _STEP + _WHERE,
        "zero": _STEP
        + "The sums of the lines found before became 0. That is not the lowest: sums are negative, too. Set "
        "them to −∞. " + _WHERE,
        "hits-learned": _STEP
        + "Silent pixels of the found lines did not become known. `known` counts the lines through a pixel, "
        "whether it fired or not. " + _WHERE,
        "set": _STEP
        + "`known` counts the found lines through each pixel. Where they cross it is 2: add, do not "
        "set. " + _WHERE,
        "counted-again": _STEP
        + "Lines found earlier became known once more in each step. Add 1 for the new line only. "
        + _WHERE,
        "shifted": "You gave {value}, where {answer} is right. When a found line is deleted from `rows`, "
        "those after it move up. The index is asked for that a line had at the beginning.",
        "only-last": _STEP
        + "You told `weight` about the last line only. All found ones are known. "
        + _WHERE,
        "twice": "For k = {k} you found {value}: a line twice. Its pixels were explained, and still it was "
        "the best; leave out the lines found before. " + _WHERE,
        "whole-rows": _STEP + "Whole rows became known. A line has one pixel in each column: "
        "`known[rows[best], np.arange(w)] += 1`. " + _WHERE,
        "neighbours": _STEP + "Pixels beside the found line became known, too. " + _WHERE,
        "wiped": _STEP
        + "The hits of the found lines were erased. A silent pixel speaks *against* a line; a hit on "
        "a known one says nearly nothing. " + _WHERE,
        "left-out": _STEP
        + "You left out all pixels of found lines. They still have a weight, and `weight` knows "
        "it. " + _WHERE,
        "hits-only": _STEP
        + "You added up the weights of hits. Silent pixels have a weight, too: a negative one. "
        + _WHERE,
        "rows-summed": _STEP + "You added up whole rows. A line has one pixel in each column: "
        "`values[rows, np.arange(w)]`. " + _WHERE,
        "arguments-swapped": _STEP + "Image and coverage are swapped: `weight(image, known)`. " + _WHERE,
        "worst": _STEP + "You took the smallest sum. " + _WHERE,
        "sorted": "You found the right lines, {value}, and sorted them. Return them as they were found.",
        "reversed": "You found the right lines, {value}, and turned the list round. The first one found "
        "comes first.",
        "other": _STEP + _WHERE,
    },
)
def _search_check(answer, rng):
    cases = telling(lambda: _case(rng, int(rng.integers(3, 5))), search, _WRONG)
    results = _all_indices([as_array(answer(*case)) for case in cases], cases)
    try:
        recognise(results, cases, search, _WRONG, _say)
    except NotYet as mistake:
        if mistake.mistake != "other":
            raise
        again = next((c for c in zip(cases, results, strict=True) if len(set(c[1])) < len(c[1])), None)
        if again:
            raise NotYet("twice", **_say(*again, search(*again[0]))) from None
        if all(_best_at_once(*case, found) for case, found in zip(cases, results, strict=True)):
            raise NotYet("first-sums", **mistake.values) from None
        raise


def _best_at_once(image: Array, rows: Array, weight: Weight, k: int, found: list[int]) -> bool:
    """Whether these lines have the k largest of the first sums, whichever come first among equal ones."""
    total = _totals(image, rows, weight, np.zeros(image.shape, dtype=int))
    return np.array_equal(total[found], np.sort(total)[::-1][:k])


def _all_indices(arrays: list[Array], cases: list[tuple]) -> list[list[int]]:
    """The answers as lists; a number of lines that changes, and not with k, comes from lines found twice."""
    missing = [case[3] - len(a) if a.ndim == 1 else -1 for a, case in zip(arrays, cases, strict=True)]
    if min(missing) >= 0 and len(set(missing)) > 1 and len({len(a) for a in arrays}) > 1:
        first = missing.index(max(missing))
        raise NotYet("stuck", got=len(arrays[first]), k=cases[first][3])
    return [_indices(array, *case) for array, case in zip(arrays, cases, strict=True)]


def _indices(array: Array, image: Array, rows: Array, weight: Weight, k: int) -> list[int]:
    if array.shape != (k,):
        names = {(k - 1,): "too-few", (k + 1,): "too-many", (k, image.shape[1]): "rows"}
        names[(len(rows),)] = "all-totals"
        got = len(array) if array.ndim == 1 else str(array.shape)
        raise NotYet(names.get(array.shape, "shape"), k=k, got=got)
    if not np.array_equal(array, array.astype(int)) or array.min() < 0 or array.max() >= len(rows):
        mistake = "totals" if np.allclose(array, _right_totals(image, rows, weight, k)) else "not-a-line"
        raise NotYet(mistake, value=array, n=len(rows), last=len(rows) - 1)
    return [int(i) for i in array]


def _steps(image: Array, rows: Array, weight: Weight, found: Sequence[int]) -> list[Floats]:
    """The sums along all lines before each step of a search that took these lines."""
    known, totals = np.zeros(image.shape, dtype=int), []
    for i in found:
        totals.append(_totals(image, rows, weight, known))
        known[rows[i], np.arange(image.shape[1])] += 1
    return totals


def _right_totals(image: Array, rows: Array, weight: Weight, k: int) -> list[float]:
    found = search(image, rows, weight, k)
    return [total[i] for total, i in zip(_steps(image, rows, weight, found), found, strict=True)]


def _weigh(image: Any, known: Any) -> Any:
    """The weight of the check, in whole numbers, for arrays and for single pixels."""
    known = np.asarray(known, dtype=int)
    hit, silent = np.array([[6.0, 2.0, 1.0, 0.0], [-3.0, -4.0, -5.0, -6.0]])[:, np.clip(known, 0, 3)]
    return np.where(np.asarray(image) > 0, hit, silent)


def _case(rng: np.random.Generator, k: int) -> tuple:
    """A plane and lines of which one alone is the best at each step of the search."""
    h, w, n = 4, 5, 6
    while True:
        image = (rng.random((h, w)) < 0.5).astype(np.uint8)
        ends = rng.integers(0, 2 * h, (n, 2)) / 2 + 0.25
        rows = np.floor(ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * np.arange(w) / (w - 1)).astype(int)
        found = search(image, rows, _weigh, k)
        steps = [np.delete(t, found[:i]) for i, t in enumerate(_steps(image, rows, _weigh, found))]
        if len(np.unique(rows, axis=0)) == n and all(np.diff(np.sort(step)[-2:]) > 0 for step in steps):
            return image, rows, _weigh, k


def _say(case: tuple, got: list, right: list) -> dict[str, Any]:
    image, rows, weight, k = case
    first = next((i for i in range(k) if got[i] != right[i]), 0)
    total = _steps(image, rows, weight, right)[first]
    shown = {"before": right[:first] if first else "none", "k": k, "value": got, "answer": right}
    shown |= {"right": right[first], "right_total": f"{total[right[first]]:g}".replace("-", "−")}
    shown |= {"got": got[first], "got_total": f"{total[got[first]]:g}".replace("-", "−")}
    return shown | {"image": code(image), "rows": code(rows)}
