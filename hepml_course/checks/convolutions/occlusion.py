"""Check of lesson 13: how much a score loses when a window of the image is blanked."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, first_difference, task
from hepml_course.checks._student import StudentError
from hepml_course.checks.convolutions._common import (
    Floats,
    answers,
    code,
    compared,
    draw,
    fill_in,
    loss_of_fractions,
    recognise,
    returned_early,
    sized,
)

Score = Callable[[Floats], Floats]


def occlusion(score: Score, image: Floats, k: int) -> Floats:
    """Score of the image minus its score with a window of k × k zeros, at every position where it fits."""
    return score(image[None])[0] - _blanked_scores(score, image, k)


def _blanked_scores(
    score: Score,
    image: Floats,
    k: int,
    window: Callable[[int, int], Any] | None = None,
    fill: Callable[[Floats], Any] = lambda image: 0,
    keep: bool = False,
) -> Floats:
    """Scores of all blanked images; with another window, another filling, or all but the window blanked."""
    h, w = image.shape[0] - k + 1, image.shape[1] - k + 1
    result = np.zeros((h, w))
    for i, j in np.ndindex(h, w):
        place = (slice(i, i + k), slice(j, j + k)) if window is None else window(i, j)
        blanked = np.zeros_like(image) if keep else image.copy()
        blanked[place] = image[place] if keep else fill(image)
        result[i, j] = score(blanked[None])[0]
    return result


def _drop(**change: Any) -> Callable:
    return lambda score, image, k: score(image[None])[0] - _blanked_scores(score, image, k, **change)


def _never_put_back(score: Score, image: Floats, k: int) -> Floats:
    blanked, full = image.copy(), score(image[None])[0]
    result = np.zeros((image.shape[0] - k + 1, image.shape[1] - k + 1))
    for i, j in np.ndindex(result.shape):
        blanked[i : i + k, j : j + k] = 0
        result[i, j] = full - score(blanked[None])[0]
    return result


def _with_window(size: Callable[[int], tuple[int, int]]) -> Callable:
    """The drop for a window that reaches from `before` pixels before [i, j] to `after` pixels after it."""

    def function(score: Score, image: Floats, k: int) -> Floats:
        before, after = size(k)

        def window(i: int, j: int) -> tuple[slice, slice]:
            return slice(max(i - before, 0), i + after), slice(max(j - before, 0), j + after)

        return _drop(window=window)(score, image, k)

    return function


def _chained(score: Score, image: Floats, k: int) -> Floats:
    """``blanked[i : i + k][j : j + k] = 0``: both slices cut rows."""
    return _drop(window=lambda i, j: slice(min(i + j, i + k), i + k))(score, image, k)


def _put_back_by_row(score: Score, image: Floats, k: int) -> Floats:
    return _drop(window=lambda i, j: (slice(i, i + k), slice(0, j + k)))(score, image, k)


def _negative_slices(score: Score, image: Floats, k: int) -> Floats:
    """A window around [i, j] whose first index runs below zero, where numpy counts from the end."""
    h = k // 2
    return _drop(window=lambda i, j: (slice(i - h, i - h + k), slice(j - h, j - h + k)))(score, image, k)


def _drop_moving(window: Callable[[int, int, int], Any]) -> Callable:
    return lambda score, image, k: _drop(window=lambda i, j: window(i, j, k))(score, image, k)


_WRONG: dict[str, Callable | tuple[Callable, ...]] = {
    "returned-early": returned_early(occlusion),
    "score": _blanked_scores,
    "sign": lambda score, image, k: -occlusion(score, image, k),
    "only-window": (
        lambda score, image, k: _blanked_scores(score, image, k, keep=True),
        _drop(keep=True),
    ),
    "one-pixel": _with_window(lambda k: (0, 1)),
    "too-large": _with_window(lambda k: (0, k + 1)),
    "too-small-window": _with_window(lambda k: (0, k - 1)),
    "centred": (
        _with_window(lambda k: (k // 2, k - k // 2)),
        _with_window(lambda k: (k // 2, k // 2 + 1)),
        _negative_slices,
        _with_window(lambda k: (k, k)),
    ),
    "filled": (
        _drop(fill=np.mean),
        _drop(fill=np.min),
        _drop(fill=np.max),
        _drop(fill=np.median),
        _drop(fill=lambda image: 1),
    ),
    "never-put-back": (_never_put_back, _put_back_by_row),
    "chained": _chained,
    "swapped-window": _drop_moving(lambda i, j, k: (slice(j, j + k), slice(i, i + k))),
    "slice-end": _drop_moving(lambda i, j, k: (slice(i, k), slice(j, k))),
    "fixed-size": (_with_window(lambda k: (0, 2)), _with_window(lambda k: (0, 3))),
    "jumps": _drop_moving(lambda i, j, k: (slice(i * k, i * k + k), slice(j * k, j * k + k))),
    "relative": lambda score, image, k: occlusion(score, image, k) / score(image[None])[0],
    "ratio": lambda score, image, k: _blanked_scores(score, image, k) / score(image[None])[0],
    "absolute": lambda score, image, k: np.abs(occlusion(score, image, k)),
    "clipped": lambda score, image, k: np.maximum(occlusion(score, image, k), 0),
    "blank-reference": lambda score, image, k: score(0 * image[None])[0] - _blanked_scores(score, image, k),
    "normalised": (
        lambda score, image, k: occlusion(score, image, k) / occlusion(score, image, k).max(),
        lambda score, image, k: occlusion(score, image, k) / k**2,
        lambda score, image, k: occlusion(score, image, k) / np.abs(occlusion(score, image, k)).max(),
    ),
}


class _Asked:
    """A score, linear in the pixels, that notices when it is given one image in place of a batch."""

    def __init__(self, weights: Floats | None, offset: float) -> None:
        self.weights, self.offset = weights, offset
        self.given: tuple[int, ...] | None = None  # the shape of what was no batch

    def __call__(self, images: Any) -> Floats:
        images = np.asarray(images, dtype=float)
        if images.ndim != 3:
            self.given = images.shape
            images = images[None] if images.ndim == 2 else images.reshape(-1, *images.shape[1:3])
        weights = np.ones(images.shape[1:]) if self.weights is None else self.weights
        return (images * weights).sum(axis=(1, 2)) + self.offset


@task(
    "convolutions.occlusion",
    reference=occlusion,
    right="Right. It asks the network only for its answers, so it works for every classifier.",
    hints=[
        "Copy the image, set `copy[i : i + k, j : j + k]` to 0, and ask for the score of the copy.",
        "What is asked for is a drop: the score of the untouched image minus that of the copy.",
        "`score` takes a batch: `score(copy[None])[0]`. Or stack all copies, call `score` once, and reshape "
        "to (h − k + 1, w − k + 1).",
    ],
    mistakes={
        "shape": "For an image of shape {image} and k = {k} there are {expected} positions; yours has shape "
        "{got}.",
        "not-a-batch": "You gave `score` an array of shape {given}. It takes a batch of shape (n, h, w): "
        "`image[None]` makes one of a single image.",
        "extra-axis": "Your map has shape {got}. A score of a batch of one is an array of one number: take "
        "it out with [0].",
        "every-pixel": "Your map is as large as the image, {got}. Count only the positions where the whole "
        "window lies on it: {expected}.",
        "too-small": "Your map has shape {got}, one row and one column too few: {expected} is expected.",
        "tiles": "Your map has shape {got}: the window jumps by k. It moves by one pixel: {expected}.",
        "transposed": "Your map has shape {got}, with rows and columns swapped: {expected} is expected.",
        "flat": "Your map has shape {got}, one number after the other. It is a picture: reshape it to "
        "{expected}.",
        "square-image": "It works for square images only. Rows go with the first index and columns with the "
        "second.",
        "score": "The drop at {at} is {right}; you gave {got}: the score of the blanked image. Subtract it "
        "from the score of the whole one. Here {case}.",
        "sign": "The drop at {at} is {right}; you gave {got}. A positive drop means that the score falls: "
        "score before minus score after. Here {case}.",
        "only-window": "The drop at {at} is {right}; you gave {got}. Blank the window and keep the rest: "
        "yours did the opposite. Here {case}.",
        "one-pixel": "The drop at {at} is {right}; you gave {got}: only one pixel was blanked. The window "
        "has k × k. Here {case}.",
        "too-large": "The drop at {at} is {right}; you gave {got}: the window was k + 1 pixels wide. `i : i "
        "+ k` holds k. Here {case}.",
        "too-small-window": "The drop at {at} is {right}; you gave {got}: the window was k − 1 pixels wide. "
        "`i : i + k` holds k. Here {case}.",
        "centred": "The drop at {at} is {right}; you gave {got}: the window lay around [i, j]. Here [i, j] "
        "is its upper left corner. Here {case}.",
        "filled": "The drop at {at} is {right}; you gave {got}. Fill the window with zeros. Here {case}.",
        "never-put-back": "The drop at {at} is {right}; you gave {got}: windows blanked before are still "
        "blank. Begin with a fresh copy at each position. Here {case}.",
        "chained": "The drop at {at} is {right}; you gave {got}. Two slices in a row, `[a:b][c:d]`, both "
        "cut rows. Rows and columns go into one pair of brackets: `[a:b, c:d]`. Here {case}.",
        "swapped-window": "The drop at {at} is {right}; you gave {got}. In the window i and j are swapped: "
        "rows begin at i, columns at j. Here {case}.",
        "slice-end": "The drop at {at} is {right}; you gave {got}. A slice ends at an index, not after a "
        "length: `i : i + k`, not `i : k`. Here {case}.",
        "fixed-size": "The drop at {at} is {right}; you gave {got}. The window has the same size for every "
        "k. Here {case}.",
        "integers": "The drop at {at} is {right}; you gave {got}. Your map holds whole numbers only: do not "
        "take over the type of the image. Here {case}.",
        "fractions": "The drop at {at} is {right}; you gave {got}: fractions are lost. Neither the image nor "
        "the drop is rounded. Here {case}.",
        "returned-early": "The drop at {at} is {right}; you gave {got}, and zeros to the end. Does the "
        "`return` stand inside a loop? Here {case}.",
        "not-taken-out": "Python says: {line} For n images `score` returns an array of n numbers, here of "
        "one. Take it out with `[0]`.",
        "jumps": "The drop at {at} is {right}; you gave {got}: the window jumps by k. It moves on by one "
        "pixel. Here {case}.",
        "relative": "The drop at {at} is {right}; you gave {got}: it was divided by the score. Here {case}.",
        "ratio": "The drop at {at} is {right}; you gave {got}: a ratio. The difference is asked for. Here "
        "{case}.",
        "absolute": "The drop at {at} is {right}; you gave {got}. Where the score rises the drop is "
        "negative, and that is worth knowing: keep the sign. Here {case}.",
        "clipped": "The drop at {at} is {right}; you gave {got}. Where the score rises the drop is "
        "negative: do not cut it off. Here {case}.",
        "blank-reference": "The drop at {at} is {right}; you gave {got}. Compare with the whole image, not "
        "with an empty one. Here {case}.",
        "normalised": "The drop at {at} is {right}; you gave {got}. No scaling: the map has the unit of the "
        "score. Here {case}.",
        "other": "The drop at {at} is {right}; you gave {got}. Here {case}.",
    },
)
def _occlusion(answer, rng):
    cases = [(_Asked(None, 2.0), draw(rng, 3, 5, low=0, high=9), 2)]
    for (h, w), k in (((5, 6), 3), ((7, 5), 2), ((4, 6), 1)):
        cases.append((_Asked(draw(rng, h, w), 30.0), draw(rng, h, w), k))

    def recognised(results: list, cases: list) -> None:
        recognise(results, cases, occlusion, _WRONG, _say)

    def ask(score: _Asked, image: Floats, k: int) -> Floats:
        return _sized(_ask_once(answer, score, image, k), score, image, k)

    probes = {"square-image": (_Asked(None, 2.0), draw(rng, 4, 4), 2)}
    results = answers(ask, cases, recognised, probes, occlusion)
    recognised(results, cases)
    _filled_otherwise(results, cases)
    k = first_difference(results, occlusion, cases)
    if k is not None:
        raise NotYet("other", **compared(results[k], occlusion(*cases[k])), **_say(*cases[k]))
    image = draw(rng, 3, 4, low=0, high=4)
    for case in (
        (_Asked(np.full((3, 4), 0.5), 1.0), image.astype(int), 1),
        (_Asked(None, 2.0), fill_in(image), 2),
    ):
        got, right = ask(*case), occlusion(*case)
        if not np.allclose(got, right):
            mistake = loss_of_fractions(got, right, occlusion, case) or "other"
            raise NotYet(mistake, **compared(got, right), **_say(*case))


def _filled_otherwise(results: list, cases: list) -> None:
    """Recognise a window filled with a number, whatever it is: the first score is a sum, and tells."""
    score, image, k = cases[0]
    value = (occlusion(score, image, k) - results[0])[0, 0] / k**2
    if value:
        recognise(results, cases, occlusion, {"filled": _drop(fill=lambda image: value)}, _say)


def _ask_once(answer: Callable, score: _Asked, image: Floats, k: int) -> Any:
    """The map; a score that was given one image, without the axis of the batch, is a mistake of its own."""
    score.given = None
    try:
        value = answer(score, image, k)
    except StudentError as error:
        if score.given is None:
            if "array element with a sequence" in str(error) or "only 0-dimensional" in str(error):
                raise NotYet("not-taken-out", line=str(error)) from None
            raise
    if score.given is not None:
        raise NotYet("not-a-batch", given=str(score.given))
    return value


def _say(score: _Asked, image: Floats, k: int) -> dict[str, str]:
    what = "the sum of all pixels plus 2"
    if score.weights is not None:
        halves = np.ptp(score.weights) == 0
        what = "half the sum of all pixels plus 1" if halves else "a weighted sum"
    return {"case": f"the image is {code(image)}, k = {k}, and the score is {what}"}


def _sized(value: Any, score: _Asked, image: Floats, k: int) -> Floats:
    (h, w), expected = image.shape, (image.shape[0] - k + 1, image.shape[1] - k + 1)
    try:
        return sized(
            value,
            expected,
            {
                "every-pixel": (h, w),
                "too-small": (h - k, w - k),
                "tiles": [(h // k, w // k), (-(-h // k), -(-w // k))],
                "transposed": expected[::-1],
                "extra-axis": [(*expected, 1), (*expected, 1, 1)],
                "flat": [(expected[0] * expected[1],), (expected[0] * expected[1], 1)],
            },
        )
    except NotYet as mistake:
        mistake.values |= {"image": str(image.shape), "k": k}
        raise
