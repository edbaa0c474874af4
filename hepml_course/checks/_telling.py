"""Cases that betray every known mistake, and the recognition of the mistake that a student made."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from hepml_course.checks._core import NotYet
from hepml_course.checks._imitate import first_difference, imitates

Wrong = Mapping[str, Callable | Sequence[Callable]]
LONGEST = 40  # numbers that a message can hold


def code(array: Any) -> str:
    """A small array as a student can paste it into a cell; the shape of a large one."""
    array = np.asarray(array)
    if array.size > LONGEST:
        return f"an array of shape {array.shape}"
    whole = array.astype(int)
    return f"`{(whole if np.array_equal(whole, array) else array).tolist()}`"


def functions(wrong: Wrong) -> list[Callable]:
    """All wrong functions in one list."""
    return [f for many in wrong.values() for f in (many if isinstance(many, Sequence) else [many])]


def telling(draw: Callable[[], tuple], right: Callable, wrong: Wrong) -> list[tuple]:
    """Cases on which the right function and every wrong one give different results, as few as are needed."""
    alike, cases = [[right, *functions(wrong)]], []
    for _ in range(5000):
        case = draw()
        split = [group for many in alike for group in _by_result(many, case)]
        if len(split) > len(alike):
            cases.append(case)
        alike = [group for group in split if len(group) > 1]
        if not alike:
            return cases
    raise RuntimeError(f"No cases tell these apart: {alike}")


def _by_result(many: list[Callable], case: tuple) -> list[list[Callable]]:
    groups: dict[tuple, list[Callable]] = {}
    for function in many:
        result = np.asarray(function(*case), dtype=float)
        groups.setdefault((result.shape, (result.round(9) + 0.0).tobytes()), []).append(function)
    return list(groups.values())


def recognise(
    results: Sequence, cases: Sequence[tuple], right: Callable, wrong: Wrong, say: Callable
) -> None:
    """Raise the mistake whose function gives the student's results in every case, else ``other``.

    The message shows the first case in which they are not right; `say(case, got, right)` gives its words.
    """
    k = first_difference(results, right, cases)
    if k is None:
        return
    words = say(cases[k], results[k], right(*cases[k]))
    for mistake, many in wrong.items():
        if any(imitates(results, f, cases) for f in (many if isinstance(many, Sequence) else [many])):
            raise NotYet(mistake, **words)
    raise NotYet("other", **words)
