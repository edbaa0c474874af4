"""Check of lesson 13: a convolution layer with all its filters and channels, its biases and its ReLU."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from hepml_course.checks import NotYet, first_difference, task
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


def layer(image: Floats, kernels: Floats, bias: Floats) -> Floats:
    """What a convolution layer with ReLU returns, shape (h − a + 1, w − b + 1, filters)."""
    return _relu(_sums(image, kernels) + bias)


def _relu(z: Floats) -> Floats:
    return np.maximum(z, 0)


def _sums(image: Floats, kernels: Floats) -> Floats:
    return _by_channel(image, kernels).sum(axis=2)


def _by_channel(image: Floats, kernels: Floats) -> Floats:
    """Sums under the kernels, shape (h − a + 1, w − b + 1, channels, filters)."""
    windows = sliding_window_view(image, kernels.shape[:2], axis=(0, 1))
    return np.einsum("ijcab,abcf->ijcf", windows, kernels)


def _bias_times(n: Callable[[Floats], int]) -> Callable:
    return lambda image, kernels, bias: _relu(_sums(image, kernels) + n(kernels) * bias)


def _part(where: tuple, right: Callable) -> Callable:
    """What is right at this place of the output, and zero elsewhere."""

    def function(image: Floats, kernels: Floats, bias: Floats) -> Floats:
        full = right(image, kernels, bias)
        result = np.zeros_like(full)
        result[where] = full[where]
        return result

    return function


def _without_relu(image: Floats, kernels: Floats, bias: Floats) -> Floats:
    return _sums(image, kernels) + bias


_WRONG: dict[str, Callable | tuple[Callable, ...]] = {
    "returned-early": (
        *returned_early(layer),
        *returned_early(_without_relu),
        *(_part((0, 0), right) for right in (layer, _without_relu)),
        *(_part((..., 0), right) for right in (layer, _without_relu)),
    ),
    "bare": lambda image, kernels, bias: _sums(image, kernels),
    "no-bias": lambda image, kernels, bias: _relu(_sums(image, kernels)),
    "no-relu": lambda image, kernels, bias: _sums(image, kernels) + bias,
    "relu-first": (
        lambda image, kernels, bias: _relu(_sums(image, kernels)) + bias,
        lambda image, kernels, bias: _relu(_relu(_sums(image, kernels)) + bias),
        lambda image, kernels, bias: (_sums(image, kernels) + bias) * (_sums(image, kernels) > 0),
    ),
    "relu-per-channel": (
        lambda image, kernels, bias: _relu(_relu(_by_channel(image, kernels)).sum(axis=2) + bias),
        lambda image, kernels, bias: _relu(_by_channel(image, kernels)).sum(axis=2) + bias,
        lambda image, kernels, bias: _relu(_by_channel(image, kernels) + bias).sum(axis=2),
    ),
    "relu-input": (
        lambda image, kernels, bias: _sums(_relu(image), kernels) + bias,
        lambda image, kernels, bias: layer(_relu(image), kernels, bias),
    ),
    "bias-many": (
        _bias_times(lambda kernels: kernels.shape[2]),
        _bias_times(lambda kernels: kernels.shape[0] * kernels.shape[1]),
        _bias_times(lambda kernels: kernels[..., 0].size),
    ),
    "bias-sign": lambda image, kernels, bias: layer(image, kernels, -bias),
    "one-bias": (
        lambda image, kernels, bias: layer(image, kernels, bias[0]),
        lambda image, kernels, bias: layer(image, kernels, bias.sum()),
        lambda image, kernels, bias: layer(image, kernels, bias.mean()),
        lambda image, kernels, bias: layer(image, kernels, bias[-1]),
    ),
    "flipped": (
        lambda image, kernels, bias: layer(image, kernels[::-1, ::-1], bias),
        lambda image, kernels, bias: layer(image, kernels[::-1, ::-1, ::-1], bias),
    ),
    "channels-reversed": lambda image, kernels, bias: layer(image, kernels[:, :, ::-1], bias),
    "mean": (
        lambda image, kernels, bias: _relu(_sums(image, kernels) / kernels[..., 0].size + bias),
        lambda image, kernels, bias: _relu(_sums(image, kernels) / kernels.shape[2] + bias),
    ),
    "one-channel": (
        lambda image, kernels, bias: layer(image[..., :1], kernels[:, :, :1], bias),
        lambda image, kernels, bias: layer(image[..., -1:], kernels[:, :, -1:], bias),
    ),
    "same-kernel": (
        lambda image, kernels, bias: layer(image, np.repeat(kernels[:, :, :1], kernels.shape[2], 2), bias),
        lambda image, kernels, bias: layer(image, np.repeat(kernels[..., :1], kernels.shape[3], 3), bias),
    ),
    "absolute": lambda image, kernels, bias: np.abs(_sums(image, kernels) + bias),
    "other-activation": tuple(
        lambda image, kernels, bias, f=f: f(_sums(image, kernels) + bias)
        for f in (
            lambda z: 1 / (1 + np.exp(-z)),
            np.tanh,
            np.square,
            lambda z: np.minimum(_relu(z), 6),
            lambda z: np.logaddexp(z, 0),
            lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
            *(lambda z, slope=slope: np.maximum(z, slope * z) for slope in (0.01, 0.1, 0.2, 0.3)),
        )
    ),
    "wrong-side": (
        lambda image, kernels, bias: np.minimum(_sums(image, kernels) + bias, 0),
        lambda image, kernels, bias: _relu(-_sums(image, kernels) - bias),
    ),
    "mask": lambda image, kernels, bias: _sums(image, kernels) + bias > 0,
    "accumulated": (
        lambda image, kernels, bias: _relu(np.cumsum(_sums(image, kernels) + bias, axis=2)),
        lambda image, kernels, bias: _relu(np.cumsum(_sums(image, kernels), axis=2) + bias),
    ),
}


@task(
    "convolutions.layer",
    reference=layer,
    right="Right. This is all that a convolution layer does; Keras only does it faster.",
    hints=[
        "For filter f: convolve each channel with `kernels[:, :, c, f]`, add up the channels, add `bias[f]`.",
        "The ReLU comes last, once per pixel and filter: `np.maximum(z, 0)`. Stack the filters on the last "
        "axis.",
        "At position [i, j] all filters at once: `np.einsum('abc,abcf->f', patch, kernels) + bias`, with "
        "`patch = image[i : i + a, j : j + b]`.",
    ],
    mistakes={
        "shape": "For an image of shape {image} and kernels of shape {kernels} the output has shape "
        "{expected}; yours has {got}.",
        "channels-kept": "Your output has shape {got}: the channels are still apart. Each filter adds up "
        "all of its channels: {expected}.",
        "filters-first": "Your output has shape {got}: the filters come first. Here they are the last axis, "
        "{expected}.",
        "filters-summed": "Your output has shape {got}. The filters are not added up: each gives an image "
        "of its own, {expected}.",
        "channels-for-filters": "Your output has shape {got}: the sum ran over the filters, and the "
        "channels remain. It is the other way round, {expected}.",
        "padded": "Your output has shape {got}, as large as the image. Count only the positions where the "
        "whole kernel lies on it: {expected}.",
        "too-small": "Your output has shape {got}, one row and one column too few: {expected} is expected.",
        "transposed": "Your output has shape {got}, with rows and columns swapped: {expected} is expected.",
        "square-kernel": "It works for square kernels only; they may have 2 rows and 3 columns, too.",
        "square-image": "It works for square images only. Rows go with the first index and columns with the "
        "second.",
        "bare": "Element {at} is {right}; you gave {got}. Bias and ReLU are missing. Here {case}.",
        "no-bias": "Element {at} is {right}; you gave {got}. The bias is missing. Here {case}.",
        "no-relu": "Element {at} is {right}; you gave {got}. The ReLU at the end is missing. Here {case}.",
        "relu-first": "Element {at} is {right}; you gave {got}. The ReLU came before the bias: add the bias "
        "first. Here {case}.",
        "relu-per-channel": "Element {at} is {right}; you gave {got}. The ReLU acted on each channel. It "
        "comes once, after all is added up. Here {case}.",
        "relu-input": "Element {at} is {right}; you gave {got}. The ReLU acted on the image. It belongs to "
        "the output. Here {case}.",
        "bias-many": "Element {at} is {right}; you gave {got}. The bias was added several times, inside a "
        "loop over pixels or channels. It is added once. Here {case}.",
        "bias-sign": "Element {at} is {right}; you gave {got}. The bias was subtracted. Here {case}.",
        "one-bias": "Element {at} is {right}; you gave {got}. All filters got the same bias: filter f has "
        "`bias[f]`. Here {case}.",
        "flipped": "Element {at} is {right}; you gave {got}. The kernels were turned by 180°; lay them on "
        "the image as they are. `convolve` turns, `correlate` does not. Here {case}.",
        "channels-reversed": "Element {at} is {right}; you gave {got}. The channels of image and kernels "
        "are paired in opposite order. Here {case}.",
        "mean": "Element {at} is {right}; you gave {got}: a mean. Pixels and channels are added up. Here "
        "{case}.",
        "one-channel": "Element {at} is {right}; you gave {got}. Only one channel was used: add up all of "
        "them. Here {case}.",
        "same-kernel": "Element {at} is {right}; you gave {got}. The same kernel was used again: each "
        "channel and each filter has its own, `kernels[:, :, c, f]`. Here {case}.",
        "absolute": "Element {at} is {right}; you gave {got}. A ReLU makes negative sums zero, it does not "
        "turn their sign. Here {case}.",
        "other-activation": "Element {at} is {right}; you gave {got}. The sums are right; the activation is "
        "not a ReLU, `np.maximum(z, 0)`. Here {case}.",
        "wrong-side": "Element {at} is {right}; you gave {got}. A ReLU keeps what is positive; yours keeps "
        "the negative side. Here {case}.",
        "mask": "Element {at} is {right}; you gave {got}. A ReLU keeps what is positive; yours only says "
        "that it is. Here {case}.",
        "accumulated": "Element {at} is {right}; you gave {got}. A filter still holds the sums of the one "
        "before: begin at 0 for each. Here {case}.",
        "integers": "Element {at} is {right}; you gave {got}. Your output holds whole numbers only: "
        "`np.zeros(shape)`, without the type of an argument, holds fractions, too. Here {case}.",
        "fractions": "Element {at} is {right}; you gave {got}: fractions are lost. Image, kernels and biases "
        "may have them: round nothing. Here {case}.",
        "returned-early": "Element {at} is {right}; you gave {got}, and zeros to the end. Does the `return` "
        "stand inside a loop? Here {case}.",
        "other": "Element {at} is {right}; you gave {got}. Here {case}.",
    },
)
def _layer(answer, rng):
    shapes = [((3, 4), (2, 1), 2, 3), ((5, 6), (3, 3), 3, 4), ((6, 5), (2, 3), 2, 5), ((2, 3), (1, 2), 1, 1)]
    cases = [_case(rng, *shape) for shape in shapes]

    def recognised(results: list, cases: list) -> None:
        recognise(results, cases, layer, _WRONG, _say)

    def ask(image: Floats, kernels: Floats, bias: Floats) -> Floats:
        return _sized(answer(image, kernels, bias), image, kernels)

    probes = {
        "square-kernel": _case(rng, (4, 6), (2, 2), 2, 3),
        "square-image": _case(rng, (5, 5), (2, 2), 2, 3),
    }
    results = answers(ask, cases, recognised, probes, layer, shapes_too=True)
    recognised(results, cases)
    k = first_difference(results, layer, cases)
    if k is not None:
        raise NotYet("other", **compared(results[k], layer(*cases[k])), **_say(*cases[k]))
    image, kernels, bias = _case(rng, (3, 4), (2, 2), 2, 2)
    size, some = np.abs(image), np.abs(kernels)
    for case in (
        (size.astype(np.uint8), some / 2, bias),
        (fill_in(size), some.astype(int), bias.astype(int)),
        (fill_in(size), some / 2, np.abs(bias) + 0.5),
    ):
        got, right = ask(*case), layer(*case)
        if not np.allclose(got, right):
            mistake = loss_of_fractions(got, right, layer, case) or "other"
            raise NotYet(mistake, **compared(got, right), **_say(*case))


def _case(rng: np.random.Generator, size: tuple, kernel: tuple, channels: int, filters: int) -> tuple:
    kernels = draw(rng, *kernel, channels, filters, low=-2, high=2)
    return draw(rng, *size, channels), kernels, draw(rng, filters, low=-7, high=7)


def _say(image: Floats, kernels: Floats, bias: Floats) -> dict[str, str]:
    return {"case": f"the image is {code(image)}, the kernels are {code(kernels)}, the bias is {code(bias)}"}


def _sized(value: object, image: Floats, kernels: Floats) -> Floats:
    (h, w, c), (a, b, _, f) = image.shape, kernels.shape
    rows, columns = h - a + 1, w - b + 1
    try:
        return sized(
            value,
            (rows, columns, f),
            {
                "channels-kept": [(rows, columns, c, f), (rows, columns, f, c)],
                "filters-first": (f, rows, columns),
                "filters-summed": [(rows, columns), (rows, columns, 1)],
                "channels-for-filters": (rows, columns, c),
                "padded": (h, w, f),
                "too-small": (h - a, w - b, f),
                "transposed": (columns, rows, f),
                "square-kernel": [(h - a + 1, w - a + 1, f), (h - b + 1, w - b + 1, f)],
            },
        )
    except NotYet as mistake:
        mistake.values |= {"image": str(image.shape), "kernels": str(kernels.shape)}
        raise
