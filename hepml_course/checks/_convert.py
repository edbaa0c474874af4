"""Turn what a student returned into numbers, or say which kind of thing it was instead."""

from typing import Any

import numpy as np

from hepml_course.checks._core import NotYet
from hepml_course.checks._show import describe


def as_array(value: Any, shape: tuple[int | None, ...] | None = None, finite: bool = True) -> np.ndarray:
    """The answer as an array of real numbers.

    Parameters
    ----------
    value : object
        Whatever the student's code gave back.
    shape : tuple, optional
        Expected shape; None in a place allows any length there.
    finite : bool
        Refuse NaN and infinity.

    Raises
    ------
    NotYet
        With ``returns-nothing``, ``not-an-array``, ``shape`` or ``not-finite``.
    """
    if value is None:
        raise NotYet("returns-nothing")
    try:
        array = np.asarray(value)
    except Exception:
        raise NotYet("not-an-array", got=describe(value)) from None
    if array.dtype.kind not in "biuf":
        raise NotYet("not-an-array", got=describe(value))
    if shape is not None and not _fits(array.shape, shape):
        expected = str(tuple("any" if n is None else n for n in shape)).replace("'", "")
        raise NotYet("shape", expected=expected, got=str(array.shape))
    if finite and not np.isfinite(array).all():
        raise NotYet("not-finite", bad="NaN" if np.isnan(array).any() else "an infinite number")
    return array


def _fits(shape: tuple[int, ...], expected: tuple[int | None, ...]) -> bool:
    return len(shape) == len(expected) and all(e in (None, s) for s, e in zip(shape, expected, strict=True))


def as_number(value: Any, finite: bool = True) -> float:
    """The answer as one real number.

    Raises
    ------
    NotYet
        With ``returns-nothing``, ``not-a-number`` or ``not-finite``.
    """
    if value is None:
        raise NotYet("returns-nothing")
    try:
        array = np.asarray(value)
    except Exception:
        raise NotYet("not-a-number", got=describe(value)) from None
    if array.ndim != 0 or array.dtype.kind not in "biuf":
        raise NotYet("not-a-number", got=describe(value))
    return float(as_array(array, finite=finite))
