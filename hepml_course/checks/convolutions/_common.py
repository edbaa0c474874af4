"""What the checks of convolutions share: images, sizes that betray a mistake, and the text of an image."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, first_difference, imitates
from hepml_course.checks._student import StudentError

Floats = NDArray[np.float64]
Wrong = Mapping[str, Callable | Sequence[Callable]]


def draw(rng: np.random.Generator, *shape: int, low: int = -4, high: int = 5) -> Floats:
    """Whole numbers from low to high, without zero, as floats."""
    values = rng.integers(low, high, shape)
    return np.where(values >= 0, values + 1, values).astype(float)


def code(array: Any) -> str:
    """A small array as a student can paste it into a cell; the shape of a large one."""
    array = np.asarray(array)
    if array.size > 24:
        return f"an array of shape {array.shape}"
    whole = array.astype(int)
    return f"`{(whole if np.array_equal(whole, array) else array).tolist()}`"


def sized(value: Any, expected: tuple[int, ...], telling: Mapping[str, tuple | Sequence[tuple]]) -> Floats:
    """The answer as an array of this shape; shapes that tell of a mistake raise it."""
    array = as_array(value)
    if array.shape != expected:
        for mistake, shapes in telling.items():
            if array.shape in (shapes if shapes and isinstance(shapes[0], tuple) else [shapes]):
                raise NotYet(mistake, expected=str(expected), got=str(array.shape))
        raise NotYet("shape", expected=str(expected), got=str(array.shape))
    return array


def loss_of_fractions(got: Floats, right: Floats, function: Callable, case: tuple) -> str | None:
    """Name of the mistake if the result was cut to whole numbers, or if anything was cut or rounded."""
    if np.array_equal(got, np.trunc(right)):
        return "integers"
    for digits in (1, 2):
        if np.allclose(got, np.round(got, digits), atol=1e-12):
            return "fractions"
    whole = [np.trunc(part) if isinstance(part, np.ndarray) else part for part in case]
    for cut in itertools.product(*zip(case, whole, strict=True)):
        if np.allclose(got, function(*cut)):
            return "fractions"
    return None


def returned_early(right: Callable) -> tuple[Callable, ...]:
    """The right answer up to its first element, or its first row; zeros after that."""

    def first_element(*case: Any) -> Floats:
        result = np.array(right(*case))
        result.reshape(-1)[1:] = 0
        return result

    def first_row(*case: Any) -> Floats:
        result = np.array(right(*case))
        result[1:] = 0
        return result

    return first_element, first_row


def fill_in(image: Floats) -> Floats:
    """The image with fractions that neither whole numbers nor two decimals hold."""
    return image + np.resize([0.125, 0.5, 0.75], image.shape)


def compared(got: Any, right: Any) -> dict[str, Any]:
    """The first element that differs: where it stands, what was given and what is right."""
    got, right = np.asarray(got), np.asarray(right)
    differs = ~np.isclose(got, right)
    at = tuple(int(i) for i in np.argwhere(differs)[0])
    return {"at": str(list(at)), "got": got[at].item(), "right": right[at].item()}


def recognise(
    results: Sequence, cases: Sequence[tuple], right: Callable, wrong: Wrong, say: Callable
) -> None:
    """Raise the first mistake whose function gives the student's results in every case.

    The message shows the first case in which that function and the right one differ; `say` gives its words.
    """
    k = first_difference(results, right, cases)
    if k is None:
        return
    numbers = compared(results[k], right(*cases[k])) | say(*cases[k])
    for mistake, functions in wrong.items():
        for function in functions if isinstance(functions, Sequence) else [functions]:
            if imitates(results, function, cases):
                raise NotYet(mistake, **numbers)


def answers(
    ask: Callable,
    cases: Sequence[tuple],
    recognised: Callable,
    probes: Mapping[str, tuple],
    right: Callable,
    shapes_too: bool = False,
) -> list:
    """The student's results for all cases; where one raises, whether it is the shape that is to blame.

    `recognised(results, cases)` first looks for a known mistake in what came before. Then each of `probes`
    is asked: if its case has the right answer, its name is the mistake. With `shapes_too` this is done for
    outputs of a wrong shape, too.
    """
    results: list = []
    for case in cases:
        try:
            results.append(ask(*case))
        except (StudentError, NotYet) as error:
            if isinstance(error, NotYet) and not shapes_too:
                raise
            recognised(results, cases[: len(results)])
            for mistake, probe in probes.items():
                if _is_right(ask, probe, right):
                    raise NotYet(mistake) from error
            raise
    return results


def _is_right(ask: Callable, case: tuple, right: Callable) -> bool:
    try:
        return imitates([ask(*case)], right, [case])
    except (StudentError, NotYet):
        return False
