"""Checks of lesson 13: the convolution of one image with one kernel, and max pooling."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hepml_course.checks import NotYet, as_array, first_difference, task
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


def correlate(image: Floats, kernel: Floats) -> Floats:
    """Sum of products under the kernel at every position where it fits; the kernel is not turned."""
    return np.einsum("ijab,ab->ij", sliding_window_view(image, kernel.shape), kernel)


def max_pool(image: Floats, k: int) -> Floats:
    """Largest pixel of each block of k × k; rows and columns that fill no block are left out."""
    return _blocks(image, k).max(axis=(1, 3))


def _blocks(image: Floats, k: int) -> Floats:
    h, w = image.shape[0] // k, image.shape[1] // k
    return image[: h * k, : w * k].reshape(h, k, w, k)


def _without_last(image: Floats, kernel: Floats) -> Floats:
    result = correlate(image, kernel)
    result[-1], result[:, -1] = 0, 0
    return result


def _from_the_border(before: Callable[[int], int]) -> Callable:
    """The upper left part of what comes out for an image with a border of zeros."""

    def function(image: Floats, kernel: Floats) -> Floats:
        (h, w), (a, b) = image.shape, kernel.shape
        wide = np.pad(image, ((before(a), a), (before(b), b)))
        return correlate(wide, kernel)[: h - a + 1, : w - b + 1]

    return function


def _matrix_product(image: Floats, kernel: Floats) -> Floats:
    if kernel.shape[0] != kernel.shape[1]:
        return np.zeros(())
    return (sliding_window_view(image, kernel.shape) @ kernel).sum(axis=(2, 3))


# -- 3 correlate -------------------------------------------------------------------------------


@task(
    "convolutions.correlate",
    reference=correlate,
    right="Right. A whole layer is this line, once for each filter and channel.",
    hints=[
        "Put the kernel's upper left corner on pixel [0, 0]. Multiply in pairs, add up: that is output [0, "
        "0].",
        "The patch under the kernel at [i, j] is `image[i : i + a, j : j + b]`, for a kernel of shape (a, "
        "b).",
        "The output has the shape (h − a + 1, w − b + 1). Two loops, or `sliding_window_view` and `einsum`.",
    ],
    mistakes={
        "shape": "For an image of shape {image} and a kernel of shape {kernel} the output has shape "
        "{expected}; yours has {got}.",
        "padded": "Your output is as large as the image. Count only the positions where the whole kernel "
        "lies on it: shape {expected}, yours has {got}.",
        "full": "Your output is larger than the image: the kernel sticks out on all sides. Shape {expected} "
        "is expected, yours has {got}.",
        "too-small": "Your output has shape {got}, one row and one column too few: {expected} is expected. "
        "There is one position more than steps.",
        "transposed": "Your output has shape {got}, with rows and columns swapped: {expected} is expected.",
        "jumps": "Your output has shape {got}: the kernel jumps by its own size. It moves by one pixel, "
        "which gives {expected}.",
        "no-sum": "Your output has shape {got}: the products are there. Add up those of each position.",
        "one-number": "You gave one number. There is one for each position of the kernel.",
        "square-kernel": "It works for square kernels only. This one has shape {kernel}: rows and columns "
        "of the kernel are two numbers.",
        "fixed-three": "It works for kernels of 3 × 3 only. Take the size from `kernel.shape`.",
        "square-image": "It works for square images only. Rows go with the first index and columns with the "
        "second, in the loops and in the output.",
        "accumulated": "Element {at} is {right}; you gave {got}. What was added up before is still in it: "
        "begin at 0 for each position. Here {case}.",
        "shifted": "Element {at} is {right}; you gave {got}. The image has no border of zeros: the first "
        "position has the kernel in its upper left corner. Here {case}.",
        "flipped": "Element {at} is {right}; you gave {got}: the kernel was turned by 180°. That is what "
        "mathematics calls a convolution; the layers of a network do not turn it. Here {case}.",
        "flipped-one": "Element {at} is {right}; you gave {got}: the kernel was mirrored along one axis. "
        "Lay it on the image as it is. Here {case}.",
        "kernel-transposed": "Element {at} is {right}; you gave {got}: rows and columns of the kernel are "
        "swapped. Here {case}.",
        "matrix-product": "Element {at} is {right}; you gave {got}: a product of matrices. Multiply pixel "
        "by pixel, with `*`. Here {case}.",
        "mean": "Element {at} is {right}; you gave {got}: the mean of the products. Their sum is asked for. "
        "Here {case}.",
        "separate-sums": "Element {at} is {right}; you gave {got}: the pixels were added before they were "
        "multiplied. Each has its own weight. Here {case}.",
        "no-kernel": "Element {at} is {right}; you gave {got}: the sum of the pixels. The kernel plays no "
        "part in it. Here {case}.",
        "last-missing": "Element {at} is {right}; you gave {got}. The last row and the last column of the "
        "output are empty: the loops end one step early. Here {case}.",
        "relu": "Element {at} is {right}; you gave {got}. No ReLU yet: negative sums stay. Here {case}.",
        "integers": "For an image of whole numbers and a kernel with halves, element {at} is {right}; you "
        "gave {got}. Your output holds whole numbers: `np.zeros_like(image)` takes over their type.",
        "fractions": "Element {at} is {right}; you gave {got}: fractions are lost. Nothing is rounded here, "
        "and the output does not take over the type of the kernel. Here {case}.",
        "returned-early": "Element {at} is {right}; you gave {got}, and zeros to the end. Does the `return` "
        "stand inside a loop? Here {case}.",
        "normalised": "Element {at} is {right}; you gave {got}: the sum was divided by that of the kernel. "
        "The weights are taken as they are; those of an edge add up to zero. Here {case}.",
        "other": "Element {at} is {right}; you gave {got}. Here {case}.",
    },
)
def _correlate(answer, rng):
    cases = [(draw(rng, *n), draw(rng, *k)) for n, k in (((3, 5), (2, 2)), ((5, 7), (3, 3)))]
    cases += [(draw(rng, *n), draw(rng, *k)) for n, k in (((6, 5), (2, 3)), ((4, 6), (3, 1)))]
    for _, kernel in cases:
        if kernel.sum() == 0:  # so that dividing by it shows as what it is
            kernel[0, 0] *= -1

    def recognised(results: list, cases: list) -> None:
        recognise(results, cases, correlate, _WRONG_CORRELATE, _say)

    def ask(image: Floats, kernel: Floats) -> Floats:
        return _sized_like_valid(answer(image, kernel), image, kernel)

    probes = {
        "square-kernel": (draw(rng, 4, 6), draw(rng, 2, 2)),
        "fixed-three": (draw(rng, 5, 6), draw(rng, 3, 3)),
        "square-image": (draw(rng, 4, 4), draw(rng, 2, 2)),
    }
    try:
        results = answers(ask, cases, recognised, probes, correlate, shapes_too=True)
    except NotYet as mistake:
        mistake.values.setdefault("kernel", str(cases[2][1].shape))
        raise
    recognised(results, cases)
    k = first_difference(results, correlate, cases)
    if k is not None:
        raise NotYet("other", **compared(results[k], correlate(*cases[k])), **_say(*cases[k]))
    whole = rng.integers(0, 9, (3, 5)).astype(np.uint8), np.array([[0.5, 1.5], [1.0, 0.5]])
    got = ask(*whole)
    if not np.allclose(got, correlate(*whole)):
        mistake = "integers" if np.array_equal(got, np.trunc(correlate(*whole))) else "other"
        raise NotYet(mistake, **compared(got, correlate(*whole)), **_say(*whole))
    filled = fill_in(draw(rng, 3, 5)), draw(rng, 2, 2).astype(int)
    got, right = ask(*filled), correlate(*filled)
    if not np.allclose(got, right):
        mistake = "fractions" if loss_of_fractions(got, right, correlate, filled) else "other"
        raise NotYet(mistake, **compared(got, right), **_say(*filled))


_WRONG_CORRELATE: dict[str, Callable | tuple[Callable, ...]] = {
    "returned-early": returned_early(correlate),
    "normalised": (
        lambda image, kernel: correlate(image, kernel) / kernel.sum(),
        lambda image, kernel: correlate(image, kernel) / np.abs(kernel).sum(),
    ),
    "flipped": lambda image, kernel: correlate(image, kernel[::-1, ::-1]),
    "flipped-one": (
        lambda image, kernel: correlate(image, kernel[::-1]),
        lambda image, kernel: correlate(image, kernel[:, ::-1]),
    ),
    "kernel-transposed": lambda image, kernel: correlate(image, kernel.T),
    "matrix-product": _matrix_product,
    "mean": lambda image, kernel: correlate(image, kernel) / kernel.size,
    "separate-sums": lambda image, kernel: correlate(image, np.full(kernel.shape, kernel.sum())),
    "no-kernel": lambda image, kernel: correlate(image, np.ones(kernel.shape)),
    "last-missing": _without_last,
    "accumulated": (
        lambda image, kernel: np.cumsum(correlate(image, kernel)).reshape(correlate(image, kernel).shape),
        lambda image, kernel: np.cumsum(correlate(image, kernel), axis=1),
    ),
    "shifted": (_from_the_border(lambda a: a // 2), _from_the_border(lambda a: (a - 1) // 2)),
    "relu": lambda image, kernel: np.maximum(correlate(image, kernel), 0),
}


def _say(image: Floats, kernel: Floats) -> dict[str, str]:
    return {"case": f"the image is {code(image)}, the kernel {code(kernel)}"}


def _sized_like_valid(value: object, image: Floats, kernel: Floats) -> Floats:
    (h, w), (a, b) = image.shape, kernel.shape
    expected = h - a + 1, w - b + 1
    try:
        return sized(
            value,
            expected,
            {
                "padded": (h, w),
                "full": (h + a - 1, w + b - 1),
                "too-small": (h - a, w - b),
                "transposed": expected[::-1],
                "jumps": [(h // a, w // b), (-(-h // a), -(-w // b))],
                "no-sum": [(*expected, a, b), (*expected, a * b), (*expected, a), (*expected, b)],
                "one-number": [(), (1,), (1, 1)],
                "square-kernel": [(h - a + 1, w - a + 1), (h - b + 1, w - b + 1)],
            },
        )
    except NotYet as mistake:
        mistake.values |= {"image": str(image.shape), "kernel": str(kernel.shape)}
        raise


# -- 4 max pooling -----------------------------------------------------------------------------


@task(
    "convolutions.max_pool",
    reference=max_pool,
    right="Right. A feature may now move inside its block, and the output stays.",
    hints=[
        "The blocks do not overlap: the first begins at row 0, the second at row k.",
        "Block [i, j] is `image[i * k : (i + 1) * k, j * k : (j + 1) * k]`; there are h // k times w // k.",
        "Without loops: cut off what is left over, reshape to (h // k, k, w // k, k), take the maximum over "
        "axes 1 and 3.",
    ],
    mistakes={
        "shape": "For an image of shape {image} and k = {k} the output has shape {expected}; yours has "
        "{got}.",
        "overlap": "Your output has shape {got}: the blocks overlap. The next one begins where the last "
        "ended, which gives {expected}.",
        "remainder": "Your output has shape {got} for an image of shape {image} and k = {k}. Blocks that "
        "are not complete are left out: {expected}.",
        "too-small": "Your output has shape {got}, one block too few in each direction: {expected} is "
        "expected.",
        "transposed": "Your output has shape {got}, with rows and columns swapped: {expected} is expected.",
        "one-axis": "Your output has shape {got}: only one axis was pooled. A block has k rows and k "
        "columns.",
        "one-number": "You gave one number, for the whole image. There is one for each block.",
        "over-blocks": "Your output has shape (k, k) = {got}: the maximum was taken over the blocks, not "
        "inside them. {expected} is expected.",
        "fixed-two": "With k = {k} your output has shape {got}, which belongs to k = 2.",
        "indivisible": "It works only where k divides both sides of the image. For shape (5, 7) and k = 2, "
        "leave out the last row and the last column.",
        "square-image": "It works for square images only. Rows go with the first index and columns with the "
        "second.",
        "average": "Element {at} is {right}; you gave {got}, the mean of the block. Its maximum is asked "
        "for. Here {case}.",
        "sum": "Element {at} is {right}; you gave {got}, the sum of the block. Here {case}.",
        "minimum": "Element {at} is {right}; you gave {got}, the smallest pixel of the block. Here {case}.",
        "corner": "Element {at} is {right}; you gave {got}, the upper left pixel of the block. That is a "
        "stride, and it looks at one pixel in k². Here {case}.",
        "reshape": "Element {at} is {right}; you gave {got}. A reshape to (h // k, w // k, k, k) cuts along "
        "rows and makes no blocks: (h // k, k, w // k, k) does. Here {case}.",
        "absolute": "Element {at} is {right}; you gave {got}: the size without the sign. Here {case}.",
        "starts-at-zero": "Element {at} is {right}; you gave {got}. All pixels of that block are negative: "
        "the search must not begin at 0. Here {case}.",
        "wrong-end": "Element {at} is {right}; you gave {got}. What is left over is at the end: the first "
        "block begins at row 0 and column 0. Here {case}.",
        "steps": "Element {at} is {right}; you gave {got}. Block [i, j] begins at row i · k and column j · "
        "k, not at row i and column j. Here {case}.",
        "block-size": "Element {at} is {right}; you gave {got}. Your blocks do not have k rows and k "
        "columns: `i * k : (i + 1) * k` holds k. Here {case}.",
        "argmax": "Element {at} is {right}; you gave {got}. That says where the largest pixel of the block "
        "stands; its value is asked for. Here {case}.",
        "largest-size": "Element {at} is {right}; you gave {got}, the pixel farthest from zero. The largest "
        "is the one highest on the axis of numbers: 1 is larger than −5. Here {case}.",
        "returned-early": "Element {at} is {right}; you gave {got}, and zeros to the end. Does the `return` "
        "stand inside a loop? Here {case}.",
        "integers": "Element {at} is {right}; you gave {got}. Your output holds whole numbers only. Here "
        "{case}.",
        "fractions": "Element {at} is {right}; you gave {got}. A pixel is kept as it is: nothing is rounded. "
        "Here {case}.",
        "other": "Element {at} is {right}; you gave {got}. Here {case}.",
    },
)
def _max_pool(answer, rng):
    cases = [(draw(rng, *shape, low=-9, high=9), k) for shape, k in (((4, 6), 2), ((6, 9), 3))]
    cases += [(draw(rng, *shape, low=-9, high=9), k) for shape, k in (((5, 7), 2), ((8, 11), 3))]
    for image, k in cases:
        image[:k, k : 2 * k] = -np.abs(image[:k, k : 2 * k]) - 1  # a block without a positive pixel

    def recognised(results: list, cases: list) -> None:
        recognise(results, cases, max_pool, _WRONG_POOL, _say_pool)

    def ask(image: Floats, k: int) -> Floats:
        return _sized_like_blocks(answer(image, k), image, k)

    probes = {"indivisible": cases[0], "square-image": (draw(rng, 6, 6), 2)}
    results = answers(ask, cases, recognised, probes, max_pool)
    recognised(results, cases)
    for case, got in zip(cases, results, strict=True):
        if not np.allclose(got, max_pool(*case)):
            raise NotYet("other", **compared(got, max_pool(*case)), **_say_pool(*case))
    for image, k in cases:
        case = fill_in(image), k
        got, right = ask(*case), max_pool(*case)
        if not np.allclose(got, right):
            mistake = loss_of_fractions(got, right, max_pool, case) or "other"
            raise NotYet(mistake, **compared(got, right), **_say_pool(*case))


def _rows_of_pixels(image: Floats, k: int) -> Floats:
    h, w = image.shape[0] // k, image.shape[1] // k
    return image[: h * k, : w * k].reshape(h, w, k, k).max(axis=(2, 3))


def _pool_of(size: Callable[[int], int]) -> Callable:
    """Pooling by k in which the blocks have another size."""

    def function(image: Floats, k: int) -> Floats:
        h, w, n = image.shape[0] // k, image.shape[1] // k, size(k)
        wide = np.pad(image, ((0, n), (0, n)), constant_values=-np.inf)
        return sliding_window_view(wide, (n, n))[::k, ::k].max(axis=(2, 3))[:h, :w]

    return function


def _in_a_row(image: Floats, k: int) -> Floats:
    """The pixels of each block in a row, block by block: shape (h // k, w // k, k²)."""
    blocks = _blocks(image, k).transpose(0, 2, 1, 3)
    return blocks.reshape(*blocks.shape[:2], k * k)


def _largest_size(image: Floats, k: int, tie: float = 0.0) -> Floats:
    """The pixel farthest from zero; of two that are equally far the first, or the one of this sign."""
    pixels = _in_a_row(image, k)
    far = np.abs(pixels) + tie * np.sign(pixels)
    return np.take_along_axis(pixels, far.argmax(axis=2)[..., None], axis=2)[..., 0]


def _square_part(image: Floats, k: int) -> Floats:
    """Loops with the same length over rows and columns: what is beyond stays zero."""
    result = max_pool(image, k)
    n = min(result.shape)
    result[n:], result[:, n:] = 0, 0
    return result


_WRONG_POOL: dict[str, Callable | tuple[Callable, ...]] = {
    "returned-early": returned_early(max_pool),
    "square-image": _square_part,
    "argmax": lambda image, k: _in_a_row(image, k).argmax(axis=2),
    "largest-size": (
        _largest_size,
        lambda image, k: _largest_size(image, k, tie=0.01),
        lambda image, k: _largest_size(image, k, tie=-0.01),
    ),
    "average": lambda image, k: _blocks(image, k).mean(axis=(1, 3)),
    "sum": lambda image, k: _blocks(image, k).sum(axis=(1, 3)),
    "minimum": lambda image, k: _blocks(image, k).min(axis=(1, 3)),
    "corner": lambda image, k: _blocks(image, k)[:, 0, :, 0],
    "reshape": _rows_of_pixels,
    "absolute": lambda image, k: max_pool(np.abs(image), k),
    "starts-at-zero": lambda image, k: np.maximum(max_pool(image, k), 0),
    "steps": lambda image, k: sliding_window_view(image, (k, k)).max(axis=(2, 3))[
        : image.shape[0] // k, : image.shape[1] // k
    ],
    "block-size": (
        _pool_of(lambda k: k + 1),
        _pool_of(lambda k: k - 1),
        _pool_of(lambda k: 2),
        _pool_of(lambda k: 3),
    ),
    "wrong-end": lambda image, k: max_pool(image[image.shape[0] % k :, image.shape[1] % k :], k),
}


def _say_pool(image: Floats, k: int) -> dict[str, str]:
    return {"case": f"the image is {code(image)}, and k = {k}"}


def _sized_like_blocks(value: object, image: Floats, k: int) -> Floats:
    (h, w), expected = image.shape, (image.shape[0] // k, image.shape[1] // k)
    try:
        array = as_array(value)
        if array.shape == (k, k) and not np.allclose(array, _blocks(image, k).max(axis=(0, 2))):
            raise NotYet("square-image")
        return sized(
            value,
            expected,
            {
                "overlap": (h - k + 1, w - k + 1),
                "remainder": [(-(-h // k), -(-w // k)), (h // k, -(-w // k)), (-(-h // k), w // k)],
                "too-small": (h // k - 1, w // k - 1),
                "transposed": expected[::-1],
                "one-axis": [(h // k, w), (h, w // k)],
                "one-number": [(), (1,), (1, 1)],
                "over-blocks": (k, k),
                "fixed-two": (h // 2, w // 2),
                "square-image": [(h // k, h // k), (w // k, w // k)],
            },
        )
    except NotYet as mistake:
        mistake.values |= {"image": str(image.shape), "k": k}
        raise
