"""What the checks of trees share: mistakes that are recognised by making them, and small tables in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Wrong = Mapping[str, Callable | Sequence[Callable]]


def functions(wrong: Wrong) -> Iterator[tuple[str, Callable]]:
    """Each mistake with each of its functions."""
    for mistake, several in wrong.items():
        for function in several if isinstance(several, Sequence) else [several]:
            yield mistake, function


def quiet(function: Callable) -> Callable:
    """The function without numpy's warnings, and with NaN and infinity as numbers that compare."""

    def silent(*case: Any) -> Any:
        with np.errstate(all="ignore"):
            return comparable(function(*case))

    return silent


def comparable(value: Any) -> Floats:
    """NaN and infinities as numbers that no right answer has."""
    return np.nan_to_num(np.asarray(value, dtype=float), nan=987.0, posinf=988.0, neginf=-988.0)


def mistaken(results: Sequence, cases: Sequence[tuple], wrong: Wrong) -> str | None:
    """The first mistake whose function gives the student's results in every case."""
    results = [comparable(result) for result in results]
    return next((m for m, function in functions(wrong) if imitates(results, quiet(function), cases)), None)


def recognise(
    results: Sequence, cases: Sequence[tuple], right: Callable, wrong: Wrong, say: Callable
) -> None:
    """Raise the mistake whose function gives the student's results in every case, else ``other``.

    The message shows the first case in which they are not right; `say(case, got, right)` gives its words.
    Results right to two digits are ``rounded``; NaN that no known mistake explains is ``not-finite``.
    """
    k = first_difference([comparable(result) for result in results], right, cases)
    if k is None:
        return
    mistake = mistaken(results, cases, wrong)
    if mistake is None:
        for result in results:
            as_array(result)
        close = rounded(results, [right(*case) for case in cases])
        mistake = "rounded" if close else "other"
    raise NotYet(mistake, **say(cases[k], results[k], right(*cases[k])))


def rounded(results: Sequence, right: Sequence, atol: float = 6e-3) -> bool:
    """Whether the results are the right ones to two digits after the point."""
    return all(np.allclose(got, e, rtol=0, atol=atol) for got, e in zip(results, right, strict=True))


def pair(value: Any, mistake: str) -> tuple[float, float]:
    """Two numbers; `mistake` where the answer is something else."""
    if value is None:
        raise NotYet("returns-nothing")
    try:
        first, second = value
    except Exception:
        raise NotYet(mistake) from None
    return as_number(first, finite=False), as_number(second, finite=False)


def listed(values: Any) -> str:
    """Numbers in a row, as few digits as they need."""
    return ", ".join(f"{value:g}".replace("-", "−") for value in np.asarray(values).tolist())
