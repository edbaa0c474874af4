"""Recognise a mistake by making it: results that agree everywhere with a known wrong function."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def imitates(results: Sequence[Any], wrong: Callable, cases: Sequence[tuple]) -> bool:
    """Whether a student's results are those of a known wrong function in every case.

    Parameters
    ----------
    results : sequence
        What the student's function gave for each case.
    wrong : callable
        The mistake, as a function of the same arguments.
    cases : sequence of tuple
        The arguments of each case.
    """
    return first_difference(results, wrong, cases) is None


def first_difference(results: Sequence[Any], function: Callable, cases: Sequence[tuple]) -> int | None:
    """Index of the first case in which the results are not those of `function`; None if they always are."""
    for k, (result, case) in enumerate(zip(results, cases, strict=True)):
        expected = np.asarray(function(*case))
        if np.shape(result) != expected.shape or not np.allclose(result, expected):
            return k
    return None
