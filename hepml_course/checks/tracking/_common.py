"""What the checks of tracking share: mistakes that are recognised by making them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_number, imitates

Floats = NDArray[np.float64]
Wrong = Mapping[str, Callable | Sequence[Callable]]


def functions(wrong: Wrong) -> list[tuple[str, Callable]]:
    """Each mistake with each of its functions."""
    return [
        (mistake, function)
        for mistake, several in wrong.items()
        for function in (several if isinstance(several, Sequence) else [several])
    ]


def single(value: Any) -> float:
    """One number, also where it comes in an array of one element."""
    return as_number(value.reshape(()) if isinstance(value, np.ndarray) and value.size == 1 else value)


def recognise(results: Sequence, cases: Sequence[tuple], wrong: Wrong, shown: Mapping[str, Any]) -> None:
    """Raise the first mistake whose function gives the student's results in every case."""
    for mistake, function in functions(wrong):
        if imitates(results, function, cases):
            raise NotYet(mistake, **shown)


def rounded(results: Sequence, right: Callable, cases: Sequence[tuple], atol: float) -> bool:
    """Whether the results are the right ones to so many digits."""
    expected = [np.asarray(right(*case)) for case in cases]
    return all(np.allclose(got, e, rtol=0, atol=atol) for got, e in zip(results, expected, strict=True))
