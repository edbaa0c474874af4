"""Check of lesson 15: the hits on each of many lines."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, first_difference, imitates, task
from hepml_course.checks._student import StudentError
from hepml_course.checks.many_tracks._common import Floats, Wrong, code, functions, recognise, telling

Image = NDArray[np.uint8]


def hough(image: Image, lines: Floats) -> NDArray[np.int64]:
    """Number of fired pixels on each line."""
    return _count(image, lines)


def _count(
    image: Image,
    lines: Floats,
    share: Callable[[int, int], Any] = lambda h, w: np.arange(w) / (w - 1),
    row: Callable = np.floor,
    columns: slice = slice(None),
) -> NDArray[np.int64]:
    """The number of hits, and what becomes of it with other shares, rows or columns."""
    image = image.astype(int)
    h, w = image.shape
    y = lines[:, :1] + (lines[:, 1:] - lines[:, :1]) * share(h, w)
    rows = np.clip(row(y).astype(int), -h, h - 1)
    return image[rows, np.arange(w)][:, columns].sum(axis=1)


def _with(**change: Any) -> Callable:
    return lambda image, lines: _count(image, lines, **change)


_WRONG: Wrong = {
    "rounded": (
        _with(row=np.rint),
        lambda image, lines: hough(image, lines.round()),
        _with(row=lambda y: np.floor(y - 0.5)),
    ),
    "ceiling": _with(row=np.ceil),
    "whole-heights": (
        lambda image, lines: hough(image, np.trunc(lines)),
        _with(row=lambda y: np.trunc(y[:, :1]) + np.trunc(y - y[:, :1])),
        _with(row=lambda y: np.floor(y[:, :1]) + np.floor(y - y[:, :1])),
        _with(row=lambda y: np.floor(y[:, :1]) + _steps(y, np.floor)),
        _with(row=lambda y: np.floor(y[:, :1]) + _steps(y, np.trunc)),
    ),
    "stairs": _with(share=lambda h, w: np.arange(w) // (w - 1)),
    "upside-down": lambda image, lines: hough(image[::-1], lines),
    "ends-swapped": lambda image, lines: hough(image, lines[:, ::-1]),
    "share": (
        _with(share=lambda h, w: np.arange(w) / w),
        _with(share=lambda h, w: (np.arange(w) + 0.5) / w),
        _with(share=lambda h, w: (np.arange(w) + 1) / w),
        _with(share=lambda h, w: (np.arange(w) + 1) / (w + 1)),
    ),
    "share-of-rows": (
        _with(share=lambda h, w: np.arange(w) / (h - 1)),
        _with(share=lambda h, w: np.arange(w) / h),
    ),
    "always-27": (
        _with(share=lambda h, w: np.arange(w) / 27),
        _with(share=lambda h, w: np.arange(w) / 28),
    ),
    "first-missing": _with(columns=slice(1, None)),
    "last-missing": _with(columns=slice(-1)),
    "silent": lambda image, lines: image.shape[1] - hough(image, lines),
    "mean": lambda image, lines: hough(image, lines) / image.shape[1],
    "flat": lambda image, lines: hough(image, lines[:, [0, 0]]),
    "whole-rows": lambda image, lines: _row_sums(image, lines).sum(axis=1),
    "wide": lambda image, lines: sum(hough(_moved(image, by), lines) for by in (-1, 0, 1)),
    "all": lambda image, lines: np.full(len(lines), image.sum()),
}


def _steps(y: Floats, whole: Callable) -> Floats:
    """The way up from y0 if the slope, in rows per column, is made whole."""
    return whole(y[:, 1:2] - y[:, :1]) * np.arange(y.shape[1])


def _row_sums(image: Image, lines: Floats) -> NDArray[np.int64]:
    w = image.shape[1]
    y = lines[:, :1] + (lines[:, 1:] - lines[:, :1]) * np.arange(w) / (w - 1)
    return image.sum(axis=1)[np.floor(y).astype(int)]


def _moved(image: Image, by: int) -> Image:
    """The image a row up or down, with silence at the border."""
    padded = np.pad(image, ((1, 1), (0, 0)))
    return padded[1 + by : 1 + by + len(image)]


@task(
    "many_tracks.hough",
    reference=hough,
    right="Right. All lines at once, and nothing had to be trained.",
    hints=[
        "A line goes from y0 in column 0 to y1 in the last column, w − 1. In column c it has gone the share "
        "c / (w − 1) of the way.",
        "At the height y it crosses the row `floor(y)`. The pixel is `image[row, column]`.",
        "All heights at once: `y = y0[:, None] + (y1 - y0)[:, None] * np.arange(w) / (w - 1)`. With `rows = "
        "np.floor(y).astype(int)`, `image[rows, np.arange(w)]` has one row per line and one column per "
        "column.",
    ],
    mistakes={
        "shape": "For {n} lines {n} numbers are expected; yours has shape {got}.",
        "no-sum": "Yours has shape {got}: a number for each line and column. Add up the columns.",
        "over-lines": "Yours has shape {got}, a number for each column: you added up the lines. Add up the "
        "columns of each line.",
        "one-number": "You gave one number, {got}, for {n} lines. Each line has its own.",
        "axes-swapped": "It takes row and column in the wrong order: `image[row, column]`. This plane has "
        "{h} rows and {w} columns.",
        "always-28": "It works for 28 columns only. `image.shape` knows how many there are.",
        "square": "It works for square planes only. Heights belong to the first axis, columns to the second.",
        "rounded": "Hits on the line {line}: {right}; you gave {got}. A line at y = 2.7 is in row 2: row r "
        "reaches from r to r + 1. Round down, and only at the end. Here the image is {image}.",
        "ceiling": "Hits on the line {line}: {right}; you gave {got}. Row r reaches from r to r + 1: round "
        "down, not up. Here the image is {image}.",
        "whole-heights": "Hits on the line {line}: {right}; you gave {got}. Something became a "
        "whole number too early: y0, the slope or the way up. First add, then round the sum down, once. "
        "Here the image is {image}.",
        "stairs": "Hits on the line {line}: {right}; you gave {got}. `//` drops the fraction: "
        "divide with `/`. Here the image is {image}.",
        "upside-down": "Hits on the line {line}: {right}; you gave {got}. Row 0 is at y = 0 here, so "
        "nothing has to be turned over. Here the image is {image}.",
        "ends-swapped": "Hits on the line {line}: {right}; you gave {got}: right for a line from the other "
        "side. y0 belongs to column 0. Here the image is {image}.",
        "share": "Hits on the line {line}: {right}; you gave {got}. In column 0 the height is y0 exactly "
        "and in the last column, w − 1, it is y1. Here the image is {image}.",
        "share-of-rows": "Hits on the line {line}: {right}; you gave {got}. The way from y0 to y1 is "
        "divided by the number of columns, not of rows. Here the image is {image}.",
        "always-27": "Hits on the line {line}: {right}; you gave {got}. The last column is 27 in the "
        "lesson; here it is {last}. The image is {image}.",
        "first-missing": "Hits on the line {line}: {right}; you gave {got}. Column 0 counts, too. Here the "
        "image is {image}.",
        "last-missing": "Hits on the line {line}: {right}; you gave {got}. The last column counts, too. "
        "Here the image is {image}.",
        "silent": "Hits on the line {line}: {right}; you gave {got}: its pixels that did *not* fire. Here "
        "the image is {image}.",
        "mean": "Hits on the line {line}: {right}; you gave {got}: a share of the columns. A number is "
        "asked for. Here the image is {image}.",
        "flat": "Hits on the line {line}: {right}; you gave {got}: those of a line that stays at y0. Here "
        "the image is {image}.",
        "whole-rows": "Hits on the line {line}: {right}; you gave {got}. In each column it is one pixel: "
        "`image[rows, np.arange(w)]`, not `image[rows]`. Here the image is {image}.",
        "wide": "Hits on the line {line}: {right}; you gave {got}: pixels above and below the line counted, "
        "too. Here the image is {image}.",
        "all": "Hits on the line {line}: {right}; you gave {got}: all hits of the image. Here the image is "
        "{image}.",
        "other": "Hits on the line {line}: {right}; you gave {got}. Here the image is {image}.",
    },
)
def _hough(answer, rng):
    cases = telling(lambda: _case(rng, *rng.choice(_SIZES)), hough, _WRONG)
    cases = [*cases, _case(rng, 5, 4, 5, top=5)]  # at last, the last row
    results: list = []
    asked: list = []
    failure = None
    for case in cases:
        try:
            results.append(_counts(answer(*case), *case))
            asked.append(case)
        except StudentError as error:
            failure = failure or error
    if failure is None:
        recognise(results, cases, hough, _WRONG, _say)
        return
    if any(imitates(results, f, asked) for f in functions(_WRONG)) and results:
        recognise(results, asked, hough, _WRONG, _say)
    _blame_the_shape(answer, cases[0][0].shape, rng)
    raise failure


def _blame_the_shape(answer: Callable, shape: tuple, rng: np.random.Generator) -> None:
    """Where the code raised, try planes on which a wrong shape would not show."""
    square, wide = _case(rng, 7, 7, 6), _case(rng, 20, 28, 6)
    for mistake, case, function in (
        ("axes-swapped", square, lambda image, lines: hough(image.T, lines)),
        ("always-28", wide, hough),
        ("square", square, hough),
    ):
        try:
            got = _counts(answer(*case), *case)
        except (StudentError, NotYet):
            continue
        if first_difference([got], function, [case]) is None:
            raise NotYet(mistake, h=shape[0], w=shape[1])


def _counts(value: Any, image: Image, lines: Floats) -> Floats:
    array = as_array(value)
    n, w = len(lines), image.shape[1]
    if array.shape != (n,):
        telling_shapes = {(): "one-number", (n, w): "no-sum", (w, n): "no-sum", (w,): "over-lines"}
        got = array.item() if array.ndim == 0 else str(array.shape)
        raise NotYet(telling_shapes.get(array.shape, "shape"), n=n, got=got)
    return array


_SIZES = [(4, 6, 5), (6, 4, 5), (3, 8, 6), (5, 4, 6), (4, 7, 5)]


def _case(rng: np.random.Generator, h: int, w: int, n: int, top: float | None = None) -> tuple[Image, Floats]:
    """A plane and lines with heights of one decimal that are on no border of two rows in any column.

    Nor are they with the rows for the columns, so that this mistake does not depend on the last digit.
    Unless `top` is given the lines stay below the last row, where rounding up would leave the plane.
    """
    lines: list = []
    while len(lines) < n:
        ends = rng.integers(1, 10 * (h - 1 if top is None else top), 2) / 10
        way = (ends[1] - ends[0]) * np.arange(w)
        y, too_steep = ends[0] + way / (w - 1), ends[0] + way / (h - 1)
        clear = np.abs(2 * y - np.rint(2 * y)) > 1e-6
        if (clear & (np.abs(too_steep - np.rint(too_steep)) > 1e-6)).all():
            lines.append(ends)
    if top is not None:
        lines[0] = np.array([top - 0.2, top - 0.7])
    return (rng.random((h, w)) < 0.45).astype(np.uint8), np.array(lines)


def _say(case: tuple, got: Any, right: Any) -> dict[str, Any]:
    image, lines = case
    i = int(np.flatnonzero(~np.isclose(got, right))[0])
    shown = {"line": lines[i], "got": got[i], "right": right[i], "image": code(image)}
    return shown | {"last": image.shape[1] - 1, "h": image.shape[0], "w": image.shape[1]}
