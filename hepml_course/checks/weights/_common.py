"""What the checks of event weights share: weights of both signs, pairs of arrays, and results with NaN."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, imitates
from hepml_course.checks._telling import Wrong, code, functions, recognise, telling

Floats = NDArray[np.float64]

__all__ = [
    "Floats",
    "Wrong",
    "arrays",
    "at_first_difference",
    "code",
    "comparable",
    "functions",
    "judge_pairs",
    "recognise",
    "rounded",
    "signed",
    "single",
    "strange",
    "telling",
]


def signed(rng: np.random.Generator, n: int) -> Floats:
    """Weights of both signs and several sizes, in halves; their sum is positive, and that of the signs."""
    while True:
        w = rng.choice([-2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0], n)
        if w.sum() > 0 and (w < 0).any() and np.sign(w).sum() > 0 and len(np.unique(np.abs(w))) > 1:
            return w


def comparable(values: Any) -> Floats:
    """NaN and infinity, too, as numbers."""
    return np.nan_to_num(np.asarray(values, dtype=float), nan=9901.0, posinf=9902.0, neginf=-9902.0)


def strange(results: Sequence) -> str | None:
    """What `comparable` has replaced in the results, in words."""
    largest = max(float(np.max(np.abs(r))) for r in results)
    return {9901.0: "NaN", 9902.0: "infinity"}.get(largest)


def single(value: Any, finite: bool = True) -> float:
    """One number; the value, if it comes with its uncertainty."""
    if isinstance(value, (tuple, list, np.ndarray)) and np.shape(value) == (2,):
        as_array(value, (2,), finite=finite)
        value = value[0]
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(())
    return as_number(value, finite=finite)


def arrays(value: Any, n: int) -> Floats:
    """Two arrays of n numbers each, as they are returned: a pair, or one array of shape (2, n)."""
    if value is None:
        raise NotYet("returns-nothing")
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return np.array([as_array(part, (n,), finite=False).astype(float) for part in value])
    array = as_array(value, finite=False)
    if array.shape != (2, n):
        raise NotYet("two-arrays", got=str(array.shape), n=n)
    return array.astype(float)


def rounded(results: Sequence, right: Callable, cases: Sequence[tuple], atol: float = 6e-3) -> bool:
    """Whether the results are the right ones, cut to fewer digits, though not to the last."""
    expected = [np.asarray(right(*case)) for case in cases]
    close = [np.allclose(got, e, rtol=0, atol=atol) for got, e in zip(results, expected, strict=True)]
    return all(close)


def at_first_difference(got: Any, right: Any) -> tuple[int, float, float]:
    """Index of the first element that differs, and both values there."""
    got, right = np.asarray(got, dtype=float), np.asarray(right, dtype=float)
    i = int(np.argmax(~np.isclose(got, right)))
    return i, float(got[i]), float(right[i])


def judge_pairs(
    results: Sequence[Floats],
    cases: Sequence[tuple],
    rights: Sequence[Callable],
    wrongs: Sequence[Wrong],
    others: Sequence[str],
    shown: Callable[[tuple, int, float], dict[str, Any]],
) -> None:
    """Judge answers of two arrays each, the first array before the second.

    Parameters
    ----------
    results : sequence of ndarray, shape (2, n)
        What was returned for each case.
    rights, wrongs, others : sequence of length 2
        For each of the two arrays: what is right, mistakes by what they compute, and the mistake of the rest.
    shown : callable
        Takes a case, the place of the first difference and the value there, and returns what messages show
        besides the two values.

    Raises
    ------
    NotYet
        The two are exchanged (``swapped``), or one is wrong.
    """
    parts = [[pair[k] for pair in results] for k in (0, 1)]
    if all(imitates(part, right, cases) for part, right in zip(parts, reversed(rights), strict=True)):
        raise NotYet("swapped")
    for part, right, wrong, other in zip(parts, rights, wrongs, others, strict=True):
        _judge(part, right, cases, wrong, other, shown)


def _judge(
    results: list[Floats],
    right: Callable,
    cases: Sequence[tuple],
    wrong: Wrong,
    other: str,
    shown: Callable[[tuple, int, float], dict[str, Any]],
) -> None:
    different = [not np.allclose(r, right(*case)) for r, case in zip(results, cases, strict=True)]
    if not any(different):
        return
    k = different.index(True)
    i, got, expected = at_first_difference(results[k], right(*cases[k]))
    numbers = {**shown(cases[k], i, got), "right": expected}
    numbers["got"] = {9901.0: "NaN", 9902.0: "infinity"}.get(abs(got), got)
    for mistake, many in wrong.items():
        if any(imitates(results, f, cases) for f in (many if isinstance(many, tuple) else (many,))):
            raise NotYet(mistake, **numbers)
    raise NotYet(other, **numbers)
