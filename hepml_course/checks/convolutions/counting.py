"""Checks of lesson 13: the weights of two layers, and the size of what a convolution returns."""

from collections.abc import Sequence

import numpy as np

from hepml_course.checks import NotYet, as_array, as_number, first_difference, task
from hepml_course.checks.convolutions._common import recognise

Three = Sequence[int]


def weights(image: Three, kernel: Sequence[int], neurons: int) -> tuple[int, int]:
    """Weights and biases of a convolution layer and of a dense one."""
    return _count(image, kernel, neurons)


def output_size(n: int, k: int, p: int, s: int) -> int:
    """Number of positions of a kernel of k pixels along an axis of n pixels; 0 or less if it fits nowhere."""
    return (n + 2 * p - k) // s + 1


def _count(
    image: Three,
    kernel: Sequence[int],
    neurons: int,
    biases: tuple[int, int] = (1, 1),
    channels: tuple[bool, bool] = (True, True),
) -> tuple[int, int]:
    """The two numbers, and what becomes of them with the biases or the channels of one forgotten."""
    (h, w, c), (a, b) = image, kernel
    conv = a * b * (c if channels[0] else 1)
    dense = h * w * (c if channels[1] else 1)
    return (conv + biases[0]) * neurons, (dense + biases[1]) * neurons


# -- 1 weights ---------------------------------------------------------------------------------


@task(
    "convolutions.weights",
    reference=weights,
    right="Right. The size of the image is in one of the two only.",
    hints=[
        "How many numbers does one neuron multiply? All of the image, or one kernel's worth of it.",
        "A kernel reaches through all channels: rows × columns × channels weights, and one bias.",
        "In both cases (inputs of one neuron + 1) × `neurons`.",
    ],
    mistakes={
        "shape": "Two numbers are expected, convolution first, then dense; yours has shape {got}.",
        "no-biases": "For {case} you gave {got}: these are the weights. Each neuron has a bias, too.",
        "one-bias-missing": "For {case} you gave {got}. Biases are counted in one layer and not in the "
        "other: each neuron has one in both.",
        "one-bias": "For {case} you gave {got}: one bias for a whole layer. It is one for each of the "
        "neurons.",
        "swapped": "For {case} you gave {got}. Convolution first, then dense.",
        "no-channels": "For {case} you gave {got}. The kernel reaches through all channels of the image, "
        "and has weights of its own for each.",
        "dense-no-channels": "For {case} you gave {got}. The dense neuron sees every channel of every pixel.",
        "bias-per-channel": "For {case} you gave {got}: a bias for each channel. A filter adds up its "
        "channels and then has one bias.",
        "square-kernel": "For {case} you gave {got}. The kernel has {kernel} pixels; it need not be square.",
        "square-image": "For {case} you gave {got}. The image need not be square: the dense neuron sees its "
        "rows times its columns.",
        "dense-after": "For {case} you gave {got}: the dense layer was put behind the convolution. Both look "
        "at the same image.",
        "dense-twice": "For {case} you gave {got}: the convolution has as many weights as the dense layer. "
        "Its neurons see only the pixels under the kernel.",
        "per-position": "For {case} you gave {got}: weights for each position of the kernel. They are the "
        "same everywhere, and that is the point.",
        "dense-outputs": "For {case} you gave {got}. The dense layer has `neurons` outputs here, not one "
        "for each position of the kernel.",
        "one-neuron": "For {case} you gave {got}: the weights of one neuron. There are {neurons}.",
        "weights-once": "For {case} you gave {got}. Each of the {neurons} neurons has weights of its own, "
        "not only a bias.",
        "conv-twice": "For {case} you gave {got}. A dense neuron sees the whole image, not only a kernel.",
        "channels-first": "For {case} you gave {got}. The channels are the last of the three numbers of "
        "`image`.",
        "other": "For {case} the numbers are {right}; you gave {got}.",
    },
)
def _weights(answer, rng):
    cases = [
        ((6, 8, 3), (2, 3), 4),
        ((28, 20, 1), (3, 3), 16),
        ((5, 9, 2), (3, 1), 7),
        ((10, 4, 4), (2, 2), 1),
        ((3, 4, 5), (1, 2), 2),
    ]
    results = [as_array(answer(*case), shape=(2,)) for case in cases]
    wrong = {
        "no-biases": lambda i, k, n: _count(i, k, n, biases=(0, 0)),
        "one-bias-missing": (
            lambda i, k, n: _count(i, k, n, biases=(0, 1)),
            lambda i, k, n: _count(i, k, n, biases=(1, 0)),
        ),
        "one-bias": (
            lambda i, k, n: np.add(_count(i, k, n, biases=(0, 0)), 1),
            lambda i, k, n: (_count(i, k, n, biases=(0, 0))[0] + 1, weights(i, k, n)[1]),
            lambda i, k, n: (weights(i, k, n)[0], _count(i, k, n, biases=(0, 0))[1] + 1),
        ),
        "swapped": lambda i, k, n: weights(i, k, n)[::-1],
        "no-channels": (
            lambda i, k, n: _count(i, k, n, channels=(False, True)),
            lambda i, k, n: _count(i, k, n, channels=(False, False)),
            lambda i, k, n: _count(i, k, n, channels=(False, True), biases=(0, 0)),
        ),
        "dense-no-channels": lambda i, k, n: _count(i, k, n, channels=(True, False)),
        "square-image": (
            lambda i, k, n: (weights(i, k, n)[0], (i[0] ** 2 * i[2] + 1) * n),
            lambda i, k, n: (weights(i, k, n)[0], (i[1] ** 2 * i[2] + 1) * n),
        ),
        "dense-after": tuple(
            lambda i, k, n, deep=deep: (weights(i, k, n)[0], (_positions(i, k) * deep(i, n) + 1) * n)
            for deep in (lambda i, n: 1, lambda i, n: i[2], lambda i, n: n)
        ),
        "bias-per-channel": (
            lambda i, k, n: ((k[0] * k[1] + 1) * i[2] * n, weights(i, k, n)[1]),
            lambda i, k, n: ((k[0] * k[1] + 1) * i[2] * n, (i[0] * i[1] + 1) * i[2] * n),
            lambda i, k, n: (k[0] * k[1] * i[2] * n + i[2], weights(i, k, n)[1]),
        ),
        "square-kernel": (
            lambda i, k, n: weights(i, (k[0], k[0]), n),
            lambda i, k, n: weights(i, (k[1], k[1]), n),
        ),
        "dense-twice": lambda i, k, n: [weights(i, k, n)[1]] * 2,
        "per-position": (
            lambda i, k, n: (weights(i, k, n)[0] * _positions(i, k), weights(i, k, n)[1]),
            lambda i, k, n: (weights(i, k, n)[0] * i[0] * i[1], weights(i, k, n)[1]),
        ),
        "dense-outputs": lambda i, k, n: (weights(i, k, n)[0], weights(i, k, n * _positions(i, k))[1]),
        "one-neuron": lambda i, k, n: weights(i, k, 1),
        "weights-once": (
            lambda i, k, n: np.add(weights(i, k, 1), n - 1),
            lambda i, k, n: (weights(i, k, n)[0], weights(i, k, 1)[1] + n - 1),
            lambda i, k, n: (weights(i, k, 1)[0] + n - 1, weights(i, k, n)[1]),
        ),
        "conv-twice": lambda i, k, n: [weights(i, k, n)[0]] * 2,
        "channels-first": lambda i, k, n: weights((i[2], i[1], i[0]), k, n),
    }
    k = first_difference(results, weights, cases)
    if k is None:
        return
    image, kernel, neurons = cases[k]
    values = {
        "case": f"`image = {image}`, `kernel = {kernel}` and `neurons = {neurons}`",
        "kernel": f"{kernel[0]} × {kernel[1]}",
        "neurons": neurons,
        "right": _pair(weights(*cases[k])),
        "got": _pair(results[k]),
    }
    for mistake, functions in wrong.items():
        for function in functions if isinstance(functions, tuple) else [functions]:
            if first_difference(results, function, cases) is None:
                raise NotYet(mistake, **values)
    raise NotYet("other", **values)


def _pair(numbers: Sequence[float]) -> str:
    """Two counts in full, whatever their size."""
    return " and ".join(f"{number:g}" if number % 1 else str(int(number)) for number in numbers)


def _positions(image: Three, kernel: Sequence[int]) -> int:
    return (image[0] - kernel[0] + 1) * (image[1] - kernel[1] + 1)


# -- 2 output size -----------------------------------------------------------------------------


@task(
    "convolutions.output_size",
    reference=output_size,
    right="Right. The last step counts only if the kernel still fits as a whole.",
    hints=[
        "Draw 7 pixels and a kernel of 3. Where can its left end stand?",
        "The padding is on both sides, so there are n + 2p pixels. The left end moves over n + 2p − k of "
        "them.",
        "It takes (n + 2p − k) // s steps, and it stood somewhere before the first.",
    ],
    mistakes={
        "fence": "For {case} you gave {got}. These are the steps; there is one position more than steps.",
        "fence-twice": "For {case} you gave {got}: one too many. With n = k and no padding there is exactly "
        "one position.",
        "padding-once": "For {case} you gave {got}. The padding is on both sides.",
        "no-padding": "For {case} you gave {got}, right without padding. It is p pixels on each side.",
        "no-stride": "For {case} you gave {got}, right for a stride of 1. The kernel moves on by {s} pixels.",
        "ceiling": "For {case} you gave {got}. At the last position the kernel sticks out: count only those "
        "where it fits.",
        "not-whole": "For {case} you gave {got}. There is no half position: round down.",
        "rounded": "For {case} you gave {got}. A step that does not fit does not count, however nearly it "
        "does: round down.",
        "padding-after": "For {case} you gave {got}. Padding is part of the image before the kernel moves; "
        "it does not come on top of the result.",
        "same": "For {case} you gave {got}: the kernel plays no part in it.",
        "fence-inside": "For {case} you gave {got}. The 1 is for the first position; the stride does not "
        "divide it.",
        "kernel-added": "For {case} you gave {got}. A larger kernel has less room to move, not more.",
        "padding-sign": "For {case} you gave {got}. Padding makes the image larger.",
        "brackets": "For {case} you gave {got}. The stride divides n + 2p − k as a whole: brackets.",
        "stride-is-kernel": "For {case} you gave {got}. The kernel moves on by s = {s}, not by its own size.",
        "nowhere": "For {case} you gave {got}. The kernel is longer than the axis with its padding and fits "
        "nowhere. `//` rounds down, `int` and a slice do not.",
        "other": "For {case} there are {right} positions; you gave {got}.",
    },
)
def _output_size(answer, rng):
    cases = [(12, 3, 2, 2), (28, 5, 0, 1), (11, 4, 1, 3), (10, 3, 0, 3), (9, 3, 1, 1), (15, 6, 3, 4)]
    cases += [(8, 8, 0, 1), (16, 2, 0, 2), (13, 5, 2, 5), (7, 3, 0, 2)]
    results = [as_number(answer(*case)) for case in cases]

    def say(n, k, p, s):
        return {"case": f"n = {n}, k = {k}, p = {p} and s = {s}", "s": s}

    wrong = {
        "fence": lambda n, k, p, s: (n + 2 * p - k) // s,
        "fence-twice": lambda n, k, p, s: (n + 2 * p - k) // s + 2,
        "padding-once": lambda n, k, p, s: (n + p - k) // s + 1,
        "no-padding": lambda n, k, p, s: (n - k) // s + 1,
        "no-stride": lambda n, k, p, s: n + 2 * p - k + 1,
        "ceiling": lambda n, k, p, s: -(-(n + 2 * p - k) // s) + 1,
        "not-whole": lambda n, k, p, s: (n + 2 * p - k) / s + 1,
        "rounded": (
            lambda n, k, p, s: round((n + 2 * p - k) / s) + 1,
            lambda n, k, p, s: round((n + 2 * p - k) / s + 1),
        ),
        "padding-after": (
            lambda n, k, p, s: (n - k) // s + 1 + 2 * p,
            lambda n, k, p, s: (n - k) // s + 1 + p,
        ),
        "same": (
            lambda n, k, p, s: n // s,
            lambda n, k, p, s: -(-n // s),
            lambda n, k, p, s: (n + 2 * p) // s,
        ),
        "fence-inside": (
            lambda n, k, p, s: (n + 2 * p - k + 1) // s,
            lambda n, k, p, s: (n + 2 * p - k + 1) / s,
        ),
        "kernel-added": lambda n, k, p, s: (n + 2 * p + k) // s + 1,
        "padding-sign": lambda n, k, p, s: (n - 2 * p - k) // s + 1,
        "brackets": (
            lambda n, k, p, s: n + 2 * p - k // s + 1,
            lambda n, k, p, s: n + 2 * p - k / s + 1,
        ),
        "stride-is-kernel": lambda n, k, p, s: (n + 2 * p - k) // k + 1,
    }
    recognise(results, cases, output_size, wrong, say)
    k = first_difference(results, output_size, cases)
    if k is not None:
        raise NotYet("other", right=output_size(*cases[k]), got=results[k], **say(*cases[k]))
    for case in ((4, 5, 0, 2), (6, 9, 1, 3), (5, 8, 0, 4)):  # too long a kernel; 0 is as good as less
        got = as_number(answer(*case))
        if got > 0:
            raise NotYet("nowhere", got=got, **say(*case))
