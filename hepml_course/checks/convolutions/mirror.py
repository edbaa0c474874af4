"""Check of lesson 13: images of tracks mirrored, and the truth with them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks.convolutions._common import Floats, draw, fill_in

UP_DOWN, LEFT_RIGHT = "up-down", "left-right"


def mirror(images: Floats, truth: Floats, direction: str) -> tuple[Floats, Floats]:
    """Mirrored images, and the (y0, y1) that belong to them."""
    if direction == UP_DOWN:
        return images[:, ::-1], images.shape[1] - truth
    return images[:, :, ::-1], truth[:, ::-1]


_WRONG_IMAGES: dict[str, Callable[[Floats], Floats]] = {
    "both-axes": lambda images: images[:, ::-1, ::-1],
    "events-reversed": lambda images: images[::-1],
    "all-reversed": lambda images: images[::-1, ::-1, ::-1],
    "images-untouched": lambda images: images,
}

# What becomes of (y0, y1), with the height h and the width w, where the height minus y is right ...
_WRONG_UP_DOWN: dict[str, Callable[[Floats, int, int], Floats]] = {
    "truth-untouched": lambda y, h, w: y,
    "one-too-few": lambda y, h, w: h - 1 - y,
    "one-too-many": lambda y, h, w: h + 1 - y,
    "width": lambda y, h, w: w - y,
    "width-minus-one": lambda y, h, w: w - 1 - y,
    "below-zero": lambda y, h, w: y - h,
    "negative": lambda y, h, w: -y,
    "also-swapped": lambda y, h, w: h - y[:, ::-1],
    "only-swapped": lambda y, h, w: y[:, ::-1],
    "truth-reversed": lambda y, h, w: y[::-1],
    "only-y0": lambda y, h, w: np.column_stack([h - y[:, 0], y[:, 1]]),
    "only-y1": lambda y, h, w: np.column_stack([y[:, 0], h - y[:, 1]]),
}
# ... and where the two are to be swapped.
_WRONG_LEFT_RIGHT: dict[str, Callable[[Floats, int, int], Floats]] = {
    "not-swapped": lambda y, h, w: y,
    "overwritten": lambda y, h, w: y[:, [1, 1]],
    "overwritten-first": lambda y, h, w: y[:, [0, 0]],
    "minus-width": lambda y, h, w: w - y,
    "minus-width-one": lambda y, h, w: w - 1 - y,
    "minus-width-swapped": lambda y, h, w: w - y[:, ::-1],
    "minus-height": lambda y, h, w: h - y,
    "minus-height-one": lambda y, h, w: h - 1 - y,
    "minus-height-swapped": lambda y, h, w: h - y[:, ::-1],
    "truth-reversed": lambda y, h, w: y[::-1],
    "truth-all-reversed": lambda y, h, w: y[::-1, ::-1],
}
# Mistakes that read the same, under the name of one of them.
_SAME = {
    "width-minus-one": "width",
    "only-y1": "only-y0",
    "overwritten-first": "overwritten",
    "minus-width-one": "minus-width",
    "minus-width-swapped": "minus-width",
    "minus-height-one": "minus-height",
    "minus-height-swapped": "minus-height",
    "truth-all-reversed": "truth-reversed",
}


@task(
    "convolutions.mirror",
    reference=mirror,
    right="Right. Twice as many images for nothing, as long as the truth comes along.",
    hints=[
        "The axes of `images` are events, rows, columns. Up-down turns the order of the rows, left-right "
        "that of the columns.",
        "Left-right: the track that left at y1 now enters there. Up-down: what was y below the upper edge "
        "is now y above the lower one.",
        "`images[:, ::-1]` with `images.shape[1] - truth`, and `images[:, :, ::-1]` with `truth[:, ::-1]`.",
    ],
    mistakes={
        "form": "Return two arrays, the images and their truth: `return images, truth`.",
        "stacked": "You gave {got} images for {n}. Only the mirrored ones are asked for.",
        "order": "The images come first, then the truth: `return images, truth`.",
        "images-shape": "The mirrored images have the shape {expected}, as before; yours have {got}.",
        "truth-shape": "The truth has the shape {expected}, as before; yours has {got}.",
        "wrong-axis": "With {direction} your images are mirrored {other}. The axes of `images` are events, "
        "rows, columns.",
        "both-axes": "With {direction} your images are mirrored in both directions. Turn one axis only.",
        "events-reversed": "With {direction} the order of the events has changed. The first axis counts the "
        "images: leave it.",
        "all-reversed": "With {direction} the order of events, rows and columns is turned: `np.flip` without "
        "an axis turns all three. Turn one axis only.",
        "images-rounded": "With {direction} pixel {at} of image {event} is {right}; you gave {got}. Pixels "
        "may have fractions: round nothing, and fill no array of whole numbers.",
        "images-untouched": "With {direction} the images are what they were.",
        "images-other": "With {direction} pixel {at} of image {event} is {right}; you gave {got}.",
        "truth-untouched": "Up-down, y0 = {y0} and y1 = {y1} stayed what they were. The track is in another "
        "place now.",
        "not-swapped": "Left-right, y0 = {y0} and y1 = {y1} stayed what they were. The track now enters "
        "where it left.",
        "one-too-few": "Up-down with {h} rows, y0 = {y0} becomes {right}; you gave {got}. h − 1 − y is for "
        "indices of pixels. Here y is measured from edge to edge: a track along the upper edge, y = 0, goes "
        "to h.",
        "one-too-many": "Up-down with {h} rows, y0 = {y0} becomes {right}; you gave {got}. The image ends "
        "at y = {h}.",
        "width": "Up-down with {h} rows and {w} columns, y0 = {y0} becomes {right}; you gave {got}. y runs "
        "along the rows: take their number.",
        "number-of-images": "Up-down with {n} images of {h} rows, y0 = {y0} becomes {right}; you gave "
        "{got}. The first axis counts the images; the rows are `images.shape[1]`.",
        "rounded": "With {direction}, y0 = {y0} and y1 = {y1} become {right} and {right1}; you gave {got} "
        "and {got1}. Heights are not whole numbers: do not round.",
        "below-zero": "Up-down with {h} rows, y0 = {y0} becomes {right}; you gave {got}. That is outside "
        "the image: h − y, not y − h.",
        "negative": "Up-down with {h} rows, y0 = {y0} becomes {right}; you gave {got}. y is counted from "
        "the upper edge, not from the middle.",
        "also-swapped": "Up-down with {h} rows, y0 = {y0} and y1 = {y1} become {right} and {right1}; you "
        "also swapped them. The track still enters on the left.",
        "only-swapped": "Up-down with {h} rows, y0 = {y0} becomes {right}; you gave {got}. Swapping y0 and "
        "y1 belongs to left-right.",
        "only-y0": "Up-down, only one of y0 and y1 was mirrored. Both ends move.",
        "overwritten": "Left-right, y0 = {y0} and y1 = {y1} became twice the same number. The first "
        "assignment overwrote what the second needs: `truth[:, ::-1]`.",
        "minus-width": "Left-right, y0 = {y0} becomes {right}; you gave {got}. y is a height: the width "
        "plays no part, and the two ends change places.",
        "minus-height": "Left-right, y0 = {y0} becomes {right}; you gave {got}. The heights stay and the "
        "two ends change places.",
        "truth-reversed": "With {direction} the truth of the first image went to the last. Events are rows "
        "of `truth`; y0 and y1 are its columns.",
        "fixed-height": "Up-down with {h} rows, y0 = {y0} becomes {right}; you gave {got}, which is "
        "{fixed} − y0. The number of rows is `images.shape[1]`, whatever the images.",
        "truth-other": "With {direction}, y0 = {y0} and y1 = {y1} become {right} and {right1}; you gave "
        "{got} and {got1}.",
    },
)
def _mirror(answer, rng):
    for n, h, w in ((4, 7, 10), (3, 8, 5)):
        images = fill_in(draw(rng, n, h, w, low=0, high=9))
        truth = rng.permutation(np.arange(1, 2 * h))[: 2 * n].reshape(n, 2) / 2
        for direction in (UP_DOWN, LEFT_RIGHT):
            mirrored, moved = _parts(answer(images, truth, direction), images, truth)
            _look_at_images(mirrored, images, direction)
            _look_at_truth(moved, truth, direction, h, w)


def _parts(value: Any, images: Floats, truth: Floats) -> tuple[Floats, Floats]:
    if value is None:
        raise NotYet("returns-nothing")
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise NotYet("form")
    mirrored, moved = map(as_array, value)
    if mirrored.shape == truth.shape and moved.shape == images.shape:
        raise NotYet("order")
    if mirrored.shape[1:] == images.shape[1:] and len(mirrored) == 2 * len(images):
        raise NotYet("stacked", got=len(mirrored), n=len(images))
    if mirrored.shape != images.shape:
        raise NotYet("images-shape", expected=str(images.shape), got=str(mirrored.shape))
    if moved.shape != truth.shape:
        raise NotYet("truth-shape", expected=str(truth.shape), got=str(moved.shape))
    return mirrored, moved


def _look_at_images(got: Floats, images: Floats, direction: str) -> None:
    other = LEFT_RIGHT if direction == UP_DOWN else UP_DOWN
    right = mirror(images, np.zeros((1, 2)), direction)[0]
    if np.array_equal(got, right):
        return
    if np.array_equal(got, mirror(images, np.zeros((1, 2)), other)[0]):
        raise NotYet("wrong-axis", direction=direction, other=other)
    for mistake, function in _WRONG_IMAGES.items():
        if np.array_equal(got, function(images)):
            raise NotYet(_SAME.get(mistake, mistake), direction=direction)
    event, *at = np.argwhere(got != right)[0]
    place = str([int(i) for i in at])
    rounded = np.array_equal(got, np.round(got, 1)) and np.abs(got - right).max() < 1
    raise NotYet(
        "images-rounded" if rounded else "images-other",
        direction=direction,
        at=place,
        event=int(event),
        right=right[event, *at],
        got=got[event, *at],
    )


def _look_at_truth(got: Floats, truth: Floats, direction: str, h: int, w: int) -> None:
    right = mirror(np.zeros((1, h, w)), truth, direction)[1]
    if np.allclose(got, right):
        return
    k = int(np.argwhere(~np.isclose(got, right))[0, 0])
    numbers = {"direction": direction, "h": h, "w": w, "y0": truth[k, 0], "y1": truth[k, 1]}
    numbers |= {"right": right[k, 0], "right1": right[k, 1], "got": got[k, 0], "got1": got[k, 1]}
    if direction == UP_DOWN and np.allclose(got, len(truth) - truth):
        raise NotYet("number-of-images", n=len(truth), **numbers)
    if np.array_equal(got, np.round(got)) and np.abs(got - right).max() < 1:
        raise NotYet("rounded", **numbers)
    for mistake, function in (_WRONG_UP_DOWN if direction == UP_DOWN else _WRONG_LEFT_RIGHT).items():
        if np.allclose(got, function(truth, h, w)):
            raise NotYet(_SAME.get(mistake, mistake), **numbers)
    if direction == UP_DOWN and np.ptp(got + truth) < 1e-9:
        raise NotYet("fixed-height", fixed=(got + truth)[0, 0], **numbers)
    raise NotYet("truth-other", **numbers)
