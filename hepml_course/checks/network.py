"""Checks of lesson 04: counting weights, forward pass, activation, loss, gradient, differences, dead neurons.

A network is a list of layers, each a pair (weights, biases) with weights of shape (inputs, neurons); tanh in
the hidden layers, a sigmoid at the end, classes 0 and 1.
"""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task
from hepml_course.checks._student import StudentError

Floats = NDArray[np.float64]
Layers = list[tuple[Floats, Floats]]


# -- the course's own answers ------------------------------------------------------------------


def count(sizes: Sequence[int]) -> int:
    """Number of weights and biases."""
    return sum((n + 1) * m for n, m in pairwise(sizes))


def forward(net: Layers, x: Floats) -> Floats:
    """Probability of class 1, shape (n,)."""
    return _outputs(net, x)[-1][:, 0]


def elu_slope(z: Floats, alpha: float) -> Floats:
    """Derivative of the ELU."""
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))


def cross_entropy(p: Floats, t: Floats) -> float:
    """Mean cross-entropy."""
    return float(-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))


def gradient(net: Layers, x: Floats, t: Floats) -> Layers:
    """Derivatives of the mean cross-entropy, for one hidden layer."""
    return _gradient(net, x, t)


def differences(f: Callable[[Floats], float], w: Floats, h: float) -> Floats:
    """Derivatives by central differences."""
    return np.array([(f(w + move) - f(w - move)) / (2 * h) for move in h * np.eye(len(w))])


def dead_fraction(z: Floats) -> float:
    """Fraction of the neurons whose sum is never above zero."""
    return float(np.mean((z <= 0).all(axis=0)))


def _sigmoid(z: Floats) -> Floats:
    return 1 / (1 + np.exp(-z))


def _outputs(net: Layers, x: Floats, f: Callable = np.tanh, last: Callable = _sigmoid) -> list[Floats]:
    """What every layer returns, beginning with the events; `f` in the hidden layers, `last` at the end."""
    outputs = [x]
    for weights, biases in net:
        z = outputs[-1] @ weights + biases
        outputs.append(last(z) if weights is net[-1][0] else f(z))
    return outputs


def _gradient(
    net: Layers,
    x: Floats,
    t: Floats,
    *,
    sign: float = 1.0,
    per_event: bool = True,
    slope: Callable[[Floats, Floats], Floats] = lambda a, z: 1 - a**2,
    error: Callable[[Floats, Floats], Floats] = lambda p, t: p - t,
) -> Layers:
    """The gradient, and what becomes of it with one part changed."""
    (w1, b1), (w2, _) = net
    _, a, p = _outputs(net, x)
    delta2 = sign * error(p, t[:, None]) / (len(t) if per_event else 1)
    delta1 = delta2 @ w2.T * slope(a, x @ w1 + b1)
    return [(x.T @ delta1, delta1.sum(axis=0)), (a.T @ delta2, delta2.sum(axis=0))]


def _network(rng: np.random.Generator, sizes: Sequence[int]) -> Layers:
    """Weights and biases with one decimal, none of them zero."""

    def draw(*shape: int) -> Floats:
        return rng.integers(1, 9, shape) * rng.choice([-1, 1], shape) / 10

    return [(draw(n, m), draw(m)) for n, m in pairwise(sizes)]


def _events(rng: np.random.Generator, n: int, inputs: int) -> Floats:
    return rng.integers(-20, 21, (n, inputs)) / 10


def _recognise(results: list, cases: list, wrong: dict[str, Callable], **values: Any) -> None:
    """Raise the first mistake whose function gives the student's results everywhere."""
    for mistake, function in wrong.items():
        if imitates(results, function, cases):
            raise NotYet(mistake, got=results[0], **values)


# -- 1 count -----------------------------------------------------------------------------------


@task(
    "network.count",
    reference=count,
    right="Right. Nearly all of them stand between the widest layers.",
    hints=[
        "Draw the network [2, 3, 1] and count its lines. Then the neurons: each has a bias.",
        "Between n and m neurons there are n·m weights; the m neurons on the right have a bias each.",
        "Sum (n + 1)·m over all neighbouring pairs of `sizes`.",
    ],
    mistakes={
        "no-biases": "For {sizes} you gave {got}: these are the weights. Each neuron has a bias too.",
        "neurons": "For {sizes} you gave {got}, which counts the neurons. Count what connects them.",
        "input-bias": "For {sizes} you gave {got}. The inputs are numbers from outside: they have no bias.",
        "one-bias": "For {sizes} you gave {got}: one bias per layer. It is one per neuron.",
        "product": "For {sizes} you gave {got}. Layers add up; only neighbours are multiplied.",
        "first-layer": "For {sizes} you gave {got}, right for the first layer alone. Add the others.",
        "other": "For {sizes} there are {right}; you gave {got}.",
    },
)
def _count(answer, rng):
    cases = [([2, 8, 1],), ([2, 3, 1],), ([3, 5, 4, 1],), ([20, 10, 10, 2],), ([4, 1],)]
    results = [as_number(answer(*case)) for case in cases]
    _recognise(
        results,
        cases,
        {
            "no-biases": lambda s: sum(n * m for n, m in pairwise(s)),
            "neurons": sum,
            "input-bias": lambda s: count(s) + s[0],
            "one-bias": lambda s: sum(n * m + 1 for n, m in pairwise(s)),
            "product": lambda s: int(np.prod(s)),
            "first-layer": lambda s: (s[0] + 1) * s[1],
        },
        sizes=cases[0][0],
    )
    k = first_difference(results, count, cases)
    if k is not None:
        raise NotYet("other", sizes=cases[k][0], right=count(*cases[k]), got=results[k])


# -- 2 forward ---------------------------------------------------------------------------------


@task(
    "network.forward",
    reference=forward,
    right="Right. Two or ten layers: the same two lines, again and again.",
    hints=[
        "One layer: `x @ weights + biases`, then the activation. Its result is the next layer's x.",
        "All layers but the last use tanh; the last uses the sigmoid 1 / (1 + exp(−z)).",
        "The last layer gives shape (n, 1). Take its only column: `[:, 0]`.",
    ],
    mistakes={
        "shape": "One probability per event is expected, shape {expected}; yours has shape {got}. The last "
        "layer has one column: take it.",
        "no-sigmoid": "For the first event you gave {got}, the weighted sum of the output. Take its sigmoid.",
        "tanh-last": "For the first event you gave {got}: the output went through tanh. A probability "
        "comes from the sigmoid.",
        "tanh-twice": "For the first event you gave {got}: the output went through tanh and then through the "
        "sigmoid. Only the sigmoid belongs there.",
        "sigmoid-everywhere": "For the first event you gave {got}: the hidden layers have sigmoids, too. "
        "Here they are tanh.",
        "no-bias": "For the first event you gave {got}, which is right without biases. Add them.",
        "linear": "For the first event you gave {got}. Nothing bends between the layers: where is the tanh?",
        "class": "You gave 0 and 1 only. The probabilities themselves are asked for.",
        "other": "For the first event the probability is {right}; you gave {got}.",
    },
)
def _forward(answer, rng):
    cases = [
        (_network(rng, sizes), _events(rng, 6, sizes[0]))
        for sizes in ([2, 3, 1], [3, 4, 2, 1], [2, 2, 5, 3, 1])
    ]
    results = [as_array(answer(*case), shape=(6,)) for case in cases]
    if all(np.isin(one, (0, 1)).all() for one in results):
        raise NotYet("class")

    def variant(**change: Callable) -> Callable:
        return lambda net, x: _outputs(net, x, **change)[-1][:, 0]

    wrong = {
        "no-sigmoid": variant(last=lambda z: z),
        "tanh-last": variant(last=np.tanh),
        "tanh-twice": variant(last=lambda z: _sigmoid(np.tanh(z))),
        "sigmoid-everywhere": variant(f=_sigmoid),
        "linear": variant(f=lambda z: z),
        "no-bias": lambda net, x: forward([(w, np.zeros_like(b)) for w, b in net], x),
    }
    for mistake, function in wrong.items():
        if imitates(results, function, cases):
            raise NotYet(mistake, got=results[0][0])
    k = first_difference(results, forward, cases)
    if k is not None:
        raise NotYet("other", right=forward(*cases[k])[0], got=results[k][0])


# -- 3 slope of the ELU ------------------------------------------------------------------------


@task(
    "network.elu_slope",
    reference=elu_slope,
    right="Right. It never is zero, so an ELU can always come back.",
    hints=[
        "Two regions, two derivatives. On the right it is that of z itself.",
        "On the left the constant −α drops out, and α·exp(z) remains.",
        "`np.where(condition, right, left)` chooses element by element; at 0 exactly it takes the left.",
    ],
    mistakes={
        "value": "At z = {z} with α = {alpha} you gave {got}, the value of the ELU. Its slope is asked for.",
        "relu": "At z = {z} with α = {alpha} you gave 0, the slope of a ReLU. The ELU still rises there.",
        "leaky": "At z = {z} with α = {alpha} you gave α itself, the slope of a leaky ReLU.",
        "no-alpha": "At z = {z} with α = {alpha} you gave {got}: this is right for α = 1.",
        "everywhere": "At z = 2 with α = {alpha} you gave {got}. On the right the slope is 1.",
        "value-left": "At z = {z} with α = {alpha} you gave {got}. The constant −α has no slope.",
        "integers": "At z = {z} with α = {alpha} you gave {got} for {right}: your table holds whole numbers, "
        "since an integer made it. Write 1.0 for 1.",
        "at-zero": "At z = 0 exactly the left side counts: {right} for α = {alpha}. You gave {got}.",
        "other": "At z = {z} with α = {alpha} the slope is {right}; you gave {got}.",
    },
)
def _elu_slope(answer, rng):
    z = np.array([-1.0, 2.0, -3.0, 0.5, -0.2, 1.5])
    cases = [(z, 0.5), (z.reshape(2, 3), 1.5), (z[::-1].copy(), 0.8)]
    results = [as_array(answer(*case), shape=case[0].shape) for case in cases]
    if imitates(results, lambda z, alpha: alpha * np.exp(z), cases):
        raise NotYet("everywhere", alpha=0.5, got=results[0][1])
    _recognise_elu(results, cases)
    k = first_difference(results, elu_slope, cases)
    if k is not None:
        zs, alpha = cases[k]
        worst = int(np.argmax(np.abs(results[k] - elu_slope(zs, alpha))))
        right = elu_slope(zs, alpha).flat[worst]
        mistake = "integers" if results[k].dtype.kind in "iu" else "other"
        raise NotYet(mistake, z=zs.flat[worst], alpha=alpha, right=right, got=results[k].flat[worst])
    at_zero = as_array(answer(np.array([0.0, 0.0]), 0.5), shape=(2,))[0]
    if not np.isclose(at_zero, 0.5):
        raise NotYet("at-zero", alpha=0.5, right=0.5, got=at_zero)
    with np.errstate(all="ignore"):
        as_array(answer(np.array([800.0, -800.0]), 0.5), shape=(2,))


def _recognise_elu(results: list, cases: list) -> None:
    wrong = {
        "value": lambda z, alpha: np.where(z > 0, z, alpha * np.expm1(z)),
        "relu": lambda z, alpha: np.where(z > 0, 1.0, 0.0),
        "leaky": lambda z, alpha: np.where(z > 0, 1.0, alpha),
        "no-alpha": lambda z, alpha: np.where(z > 0, 1.0, np.exp(z)),
        "value-left": lambda z, alpha: np.where(z > 0, 1.0, alpha * np.expm1(z)),
    }
    for mistake, function in wrong.items():
        if imitates(results, function, cases):
            raise NotYet(mistake, z=-1.0, alpha=0.5, got=results[0][0])


# -- 4 cross-entropy ---------------------------------------------------------------------------


@task(
    "network.cross_entropy",
    reference=cross_entropy,
    right="Right. Minus the mean log likelihood, and nothing else.",
    hints=[
        "The likelihood of one event is p where t = 1, and 1 − p where t = 0.",
        "Take its logarithm, average, and turn the sign: a good p must give a small loss.",
        "`-np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))`, or the same with `np.where`.",
    ],
    mistakes={
        "sign": "For p = {p} and t = {t} you gave {got}. A loss that falls below zero rewards mistakes: "
        "turn the sign.",
        "sum": "For p = {p} and t = {t} you gave {got}, the sum over events. Take the mean.",
        "signal-only": "For p = {p} and t = {t} you gave {got}. Background events cost nothing there: where "
        "is the term with 1 − t?",
        "squared": "For p = {p} and t = {t} you gave {got}, the mean squared error.",
        "base": "For p = {p} and t = {t} you gave {got}: another base. Take the natural logarithm.",
        "swapped": "For p = {p} and t = {t} you gave {got}: signal pays for 1 − p. Which class is p about?",
        "per-event": "One number is expected; you gave one for each event. Average them.",
        "class-mean": "For p = {p} and t = {t} you gave {got}, the mean of the two classes' means. "
        "Every event counts the same: one mean over all.",
        "clipped": "A signal event with p = {p} costs {right}; you gave {got}. Such a p counts in full: no "
        "clipping, no rounding of p.",
        "clipped-above": "A background event with p = {p} costs {right}; you gave {got}. A p close to 1 "
        "counts in full, too.",
        "other": "For p = {p} and t = {t} the mean cross-entropy is {right}; you gave {got}.",
    },
)
def _cross_entropy(answer, rng):
    cases = [(np.array([0.9, 0.2, 0.6]), np.array([1.0, 0.0, 0.0]))]
    cases += [(rng.integers(1, 10, n) / 10, np.arange(n) % 2.0) for n in (5, 8)]
    first = answer(*cases[0])
    if np.shape(first) == (3,):
        raise NotYet("per-event")
    results = [as_number(first)] + [as_number(answer(*case)) for case in cases[1:]]
    _recognise(
        results,
        cases,
        {
            "sign": lambda p, t: -cross_entropy(p, t),
            "sum": lambda p, t: cross_entropy(p, t) * len(p),
            "signal-only": lambda p, t: -np.mean(t * np.log(p)),
            "squared": lambda p, t: np.mean((p - t) ** 2),
            "base": lambda p, t: cross_entropy(p, t) / np.log(2),
            "swapped": lambda p, t: cross_entropy(1 - p, t),
            "class-mean": lambda p, t: (cross_entropy(p[t > 0], 1) + cross_entropy(p[t < 1], 0)) / 2,
        },
        p=cases[0][0],
        t=cases[0][1],
    )
    if imitates(results, lambda p, t: cross_entropy(p, t) / np.log(10), cases):
        raise NotYet("base", p=cases[0][0], t=cases[0][1], got=results[0])
    k = first_difference(results, cross_entropy, cases)
    if k is not None:
        p, t = cases[k]
        raise NotYet("other", p=p, t=t, right=cross_entropy(p, t), got=results[k])
    for mistake, p, t in (("clipped", 1e-6, 1.0), ("clipped-above", 1 - 1e-6, 0.0)):
        sure = np.array([p]), np.array([t])
        got = as_number(answer(*sure), finite=False)
        if not np.isclose(got, cross_entropy(*sure), rtol=0.01):  # a guard of 1e-7 against log(0) is welcome
            raise NotYet(mistake, p=p if t else "0.999999", right=cross_entropy(*sure), got=got)


# -- 5 gradient --------------------------------------------------------------------------------

_PARTS = ("dw1", "db1", "dw2", "db2")


@task(
    "network.gradient",
    reference=gradient,
    right="Right. The same few lines train networks with a million weights.",
    hints=[
        "First forward, keeping a. Then delta2 = (p − t)/n with shape (n, 1), and from it dw2 and db2.",
        "A weight's slope is what came in times delta: `a.T @ delta2`. A bias has 1 coming in: sum delta.",
        "One layer down: `delta1 = delta2 @ w2.T * (1 - a**2)`, then dw1 and db1 as above with x for a.",
    ],
    mistakes={
        "form": "Give the gradient back as [(dw1, db1), (dw2, db2)], in the form of the network.",
        "shape": "Each part has the shape of what it belongs to: {expected} here; yours has {got}.",
        "bias-shape": "The slopes of the biases have the shape of the biases: {part} is {expected}, yours is "
        "{got}. `delta.sum(axis=0)` has it.",
        "order": "The layers are in the wrong order: [(dw1, db1), (dw2, db2)], as in `net`.",
        "outer": "Your p − t is a table of n times n: one of the two is a column, the other a row. Make "
        "columns of both: t[:, None], and p[:, None] if p has shape (n,).",
        "flat": "Your p − t has shape (n,), so the products of matrices take it for a row. Make it a column "
        "of shape (n, 1): (p − t)[:, None].",
        "sign": "All signs are turned: dw2[0, 0] is {right}, you gave {got}. It is p − t, not t − p.",
        "no-mean": "Your gradient is {n} times too large with {n} events: it belongs to the sum of losses. "
        "Divide by n.",
        "no-slope": "The second layer is right; in the first, dw1[0, 0] is {right} and you gave {got}. The "
        "slope of the tanh is missing.",
        "slope-of-z": "The second layer is right; in the first, dw1[0, 0] is {right} and you gave {got}. It "
        "is 1 − a² with a = tanh(z), and you took 1 − z².",
        "sigmoid-slope": "The second layer is right; in the first, dw1[0, 0] is {right} and you gave {got}. "
        "a(1 − a) is the slope of a sigmoid; these neurons are tanh.",
        "squared-error": "For dw2[0, 0] the answer is {right} and you gave {got}: there is a factor p(1 − p) "
        "too many. The cross-entropy cancels it.",
        "tanh-twice": "The second layer is right; in the first, dw1[0, 0] is {right} and you gave {got}. In "
        "1 − a² the a is the tanh already; you took the tanh of it.",
        "updated-first": "The second layer is right; in the first, dw1[0, 0] is {right} and you gave {got}. "
        "You changed w2 before you went back through it. Change nothing, return the slopes.",
        "no-biases": "The weights are right, and the slopes of the biases are all zero. A bias has 1 "
        "coming in: sum delta over the events.",
        "stepped": "You gave back the network after a step. Only the slopes are asked for.",
        "bias-mean": "The weights are right. db2[0] is {right} and you gave {got}: sum delta over the "
        "events, it is divided by n already.",
        "other": "Part {part} is not right yet: its first element is {right} and you gave {got}.",
    },
)
def _gradient_task(answer, rng):
    cases = [
        (_network(rng, (2, 3, 1)), _events(rng, 8, 2), np.arange(8) % 2.0),
        (_network(rng, (3, 4, 1)), _events(rng, 5, 3), (np.arange(5) > 1).astype(float)),
    ]
    results = [_parts(_answered(answer, case), *case[:2]) for case in cases]
    right = [_flat(gradient(*case)) for case in cases]

    def agree(function: Callable) -> bool:
        return imitates(
            [_joined(one) for one in results], lambda *case: _joined(_flat(function(*case))), cases
        )

    numbers = {"right": right[0][2].flat[0], "got": results[0][2].flat[0], "n": 8}
    for mistake, change in (
        ("sign", {"sign": -1.0}),
        ("no-mean", {"per_event": False}),
        ("squared-error", {"error": lambda p, t: (p - t) * p * (1 - p)}),
        ("squared-error", {"error": lambda p, t: 2 * (p - t) * p * (1 - p)}),
    ):
        if agree(lambda *case, change=change: _gradient(*case, **change)):
            raise NotYet(mistake, **numbers)
    numbers = {"right": right[0][0].flat[0], "got": results[0][0].flat[0]}
    for mistake, slope in {
        "no-slope": lambda a, z: 1.0,
        "slope-of-z": lambda a, z: 1 - z**2,
        "sigmoid-slope": lambda a, z: a * (1 - a),
        "tanh-twice": lambda a, z: 1 - np.tanh(a) ** 2,
    }.items():
        if agree(lambda *case, slope=slope: _gradient(*case, slope=slope)):
            raise NotYet(mistake, **numbers)
    if agree(_with_mean_biases):
        raise NotYet("bias-mean", right=right[0][3][0], got=results[0][3][0])
    if agree(lambda *case: [(dw, 0 * db) for dw, db in gradient(*case)]):
        raise NotYet("no-biases")
    _changed_on_the_way(results, cases, **numbers)
    for found, expected in zip(results, right, strict=True):
        for part, one, other in zip(_PARTS, found, expected, strict=True):
            if not np.allclose(one, other, atol=1e-10):
                raise NotYet("other", part=part, right=other.flat[0], got=one.flat[0])


def _changed_on_the_way(results: list, cases: list, **numbers: float) -> None:
    """Recognise a network that was moved, at any rate, before or instead of returning its slopes."""
    found = [_joined(one) for one in results]
    for mistake, function in {"stepped": _stepped, "updated-first": _updated_first}.items():
        at_rest, moved = (_joined(_flat(function(*cases[0], rate=rate))) for rate in (0.0, 1.0))
        step = moved - at_rest
        rate = (found[0] - at_rest) @ step / (step @ step)  # all is linear in it
        if abs(rate) > 1e-4 and imitates(
            found, lambda *case, f=function, rate=rate: _joined(_flat(f(*case, rate=rate))), cases
        ):
            raise NotYet(mistake, **numbers)


def _stepped(net: Layers, x: Floats, t: Floats, rate: float) -> Layers:
    slopes = gradient(net, x, t)
    return [(w - rate * dw, b - rate * db) for (w, b), (dw, db) in zip(net, slopes, strict=True)]


def _updated_first(net: Layers, x: Floats, t: Floats, rate: float) -> Layers:
    second = gradient(net, x, t)[1]
    w2 = net[1][0] - rate * second[0]
    _, a, p = _outputs(net, x)
    delta1 = (p - t[:, None]) / len(t) @ w2.T * (1 - a**2)
    return [(x.T @ delta1, delta1.sum(axis=0)), second]


def _answered(answer: Callable, case: tuple) -> Any:
    """The answer; a product of matrices that does not fit since p − t is no column has its own hint."""
    try:
        return answer(*case)
    except StudentError as error:
        n = len(case[2])
        if not re.search(
            rf"size 1 is different from {n}\b|: {n} \(dim \d\) != 1 |\({n},({n})?\)", str(error)
        ):
            raise
        mistake = _no_column(answer, *case)
        if mistake is None:
            raise
        raise NotYet(mistake) from error


def _no_column(answer: Callable, net: Layers, x: Floats, t: Floats) -> str | None:
    """Whether p − t is a table or a row: with a single event the products fit, and dw2 tells."""
    try:
        _, (dw2, _) = answer(net, x[:1], t[:1])
    except (StudentError, TypeError, ValueError):
        return None
    shape = net[1][0].shape
    return {shape: "outer", shape[:1]: "flat"}.get(np.shape(dw2))


def _parts(value: Any, net: Layers, x: Floats) -> list[Floats]:
    """dw1, db1, dw2, db2 from what the student returned."""
    if value is None:
        raise NotYet("returns-nothing")
    try:
        (dw1, db1), (dw2, db2) = value
    except (TypeError, ValueError):
        raise NotYet("form") from None
    shapes = [array.shape for layer in net for array in layer]
    found = [np.shape(part) for part in (dw1, db1, dw2, db2)]
    if found != shapes and found == shapes[2:] + shapes[:2]:
        raise NotYet("order")
    if any(len(shape) == 2 and shape[-1] == len(x) > shapes[2][1] for shape in found[2:]):
        raise NotYet("outer")
    if found[0] == shapes[0] and found[2] == shapes[2][:1]:
        raise NotYet("flat")
    for k in (1, 3):
        if found[k] != shapes[k] and found[k - 1] == shapes[k - 1]:
            raise NotYet("bias-shape", part=_PARTS[k], expected=str(shapes[k]), got=str(found[k]))
    return [as_array(part, shape=shape) for part, shape in zip((dw1, db1, dw2, db2), shapes, strict=True)]


def _flat(layers: Layers) -> list[Floats]:
    return [array for layer in layers for array in layer]


def _joined(arrays: list[Floats]) -> Floats:
    return np.concatenate([array.ravel() for array in arrays])


def _with_mean_biases(net: Layers, x: Floats, t: Floats) -> Layers:
    return [(dw, db / len(t)) for dw, db in gradient(net, x, t)]


# -- 6 differences -----------------------------------------------------------------------------


@task(
    "network.differences",
    reference=differences,
    right="Right. Slow, and never wrong by a sign: that is what a check needs.",
    hints=[
        "One derivative at a time: copy w, change one element, ask f twice.",
        "`up = w.copy(); up[k] += h`, the same for `down` with −h, then (f(up) − f(down)) / (2 h).",
        "Collect the results of all k in one array.",
    ],
    mistakes={
        "changed-input": "The `{argument}` you were given has changed. Work on `w.copy()`.",
        "number": "You gave one number. There is one derivative for each element of w: give all of them.",
        "forward": "For f = w₀³ at w₀ = {w} and h = {h} you gave {got}: a difference to one side only. "
        "Central ones give {right}.",
        "backward": "For f = w₀³ at w₀ = {w} and h = {h} you gave {got}: only the step down was used. "
        "Central ones give {right}.",
        "factor-two": "For f = w₀³ at w₀ = {w} and h = {h} you gave {got}, twice too much: the two points "
        "are 2h apart.",
        "no-division": "For f = w₀³ at w₀ = {w} and h = {h} you gave {got}, which is the difference itself. "
        "Divide by 2h.",
        "all-moved": "You moved all elements of w at the same time. Move one, leave the others.",
        "accumulated": "Moved elements stay moved in yours. Begin with a fresh copy of w for each.",
        "own-step": "With h = {h} central differences give {right}; you gave {got}. Use the h that is given.",
        "sign": "For f = w₀³ at w₀ = {w} you gave {got}, with the wrong sign: up minus down.",
        "other": "For f = w₀³ at w₀ = {w} and h = {h} the result is {right}; you gave {got}.",
    },
)
def _differences(answer, rng):
    def cubic(w: Floats) -> float:
        return float(w[0] ** 3 + 2 * w[1] ** 3 - w[2] ** 3 + w[0] * w[1] * w[2])

    cases = [(cubic, np.array([2.0, -1.0, 0.0]), 0.1), (cubic, np.array([1.0, 0.5, -2.0]), 0.2)]
    first = answer(*cases[0])
    if np.ndim(first) == 0 and first is not None:
        raise NotYet("number")
    results = [as_array(first, shape=(3,))] + [as_array(answer(*case), shape=(3,)) for case in cases[1:]]
    f, w, h = cases[0]
    values = {"w": 2.0, "h": 0.1, "right": differences(f, w, h)[0]}
    for mistake, function in {
        "forward": lambda f, w, h: _one_sided(f, w, h),
        "backward": lambda f, w, h: _one_sided(f, w, -h),
        "factor-two": lambda f, w, h: 2 * differences(f, w, h),
        "no-division": lambda f, w, h: 2 * h * differences(f, w, h),
        "sign": lambda f, w, h: -differences(f, w, h),
        "all-moved": lambda f, w, h: np.full(3, (f(w + h) - f(w - h)) / (2 * h)),
        "accumulated": _accumulated,
    }.items():
        if imitates(results, function, cases):
            raise NotYet(mistake, got=results[0][0], **values)
    if all(
        np.allclose(one, differences(f, w, 1e-4), atol=1e-4)
        for one, (f, w, _) in zip(results, cases, strict=True)
    ):
        raise NotYet("own-step", got=results[0][0], **values)
    k = first_difference(results, differences, cases)
    if k is not None:
        f, w, h = cases[k]
        raise NotYet("other", w=w[0], h=h, right=differences(f, w, h)[0], got=results[k][0])


def _one_sided(f: Callable, w: Floats, h: float) -> Floats:
    return np.array([(f(w + move) - f(w)) / h for move in h * np.eye(len(w))])


def _accumulated(f: Callable, w: Floats, h: float) -> Floats:
    """Each element is moved up, then down by 2h, and never put back."""
    w, result = w.copy(), []
    for k in range(len(w)):
        w[k] += h
        up = f(w)
        w[k] -= 2 * h
        result.append((up - f(w)) / (2 * h))
    return np.array(result)


# -- 7 dead neurons ----------------------------------------------------------------------------


@task(
    "network.dead_fraction",
    reference=dead_fraction,
    right="Right. Count them in the first epochs: they do not come back.",
    hints=[
        "First ask for each element whether the ReLU lets it through: z > 0.",
        "Then ask for each column whether that happens nowhere: `.all(axis=0)` or `.any(axis=0)`.",
        "The mean of True and False is a fraction.",
    ],
    mistakes={
        "elements": "With {neurons} neurons you gave {got}, the fraction of zeros in the table. A neuron "
        "is dead only if its whole column is.",
        "axis": "With {neurons} neurons and {events} events you gave {got}: you looked along the rows. "
        "Neurons are columns.",
        "any": "You gave {got}, which counts neurons that are zero for *some* event. That is every "
        "healthy ReLU.",
        "alive": "You gave {got}, the fraction that fires. The dead ones are asked for.",
        "count": "You gave {got}, a number of neurons. Divide by the {neurons} there are.",
        "events": "With {neurons} neurons and {events} events you gave {got}: you divided by the events.",
        "threshold": "A neuron whose sum is above zero once is alive, be it by {z}; you called it dead.",
        "zero-fires": "At z = 0 exactly the ReLU gives 0. A column of zeros and negative sums is dead.",
        "mean": "You gave {got}: a column with a negative mean can still fire for some events.",
        "per-neuron": "One number is expected; you gave one for each neuron. Average them.",
        "other": "With {neurons} neurons the fraction is {right}; you gave {got}.",
    },
)
def _dead_fraction(answer, rng):
    cases = []
    for events, neurons, dead in ((9, 4, 1), (30, 5, 2), (12, 8, 6)):
        z = rng.integers(1, 30, (events, neurons)) * rng.choice([-1, -1, 1], (events, neurons)) / 10
        z[0], z[1, dead:] = -0.5, -0.3
        z[2, dead:] = 0.4  # one event in which no neuron fires, one in which the living do
        z[3:, -1] = np.abs(z[3:, -1]) + 1  # one neuron that fires nearly always
        z[3:, dead] = -np.abs(z[3:, dead])  # and one that fires once
        z[:, :dead] = -np.abs(z[:, :dead])
        cases.append((z,))
    first = answer(*cases[0])
    if np.shape(first) == (4,):
        raise NotYet("per-neuron")
    results = [as_number(first)] + [as_number(answer(*case)) for case in cases[1:]]
    _recognise(
        results,
        cases,
        {
            "elements": lambda z: np.mean(z <= 0),
            "axis": lambda z: np.mean((z <= 0).all(axis=1)),
            "any": lambda z: np.mean((z <= 0).any(axis=0)),
            "alive": lambda z: 1 - dead_fraction(z),
            "count": lambda z: dead_fraction(z) * z.shape[1],
            "mean": lambda z: np.mean(z.mean(axis=0) <= 0),
            "events": lambda z: dead_fraction(z) * z.shape[1] / len(z),
        },
        neurons=4,
        events=9,
    )
    k = first_difference(results, dead_fraction, cases)
    if k is not None:
        right = dead_fraction(*cases[k])
        raise NotYet("other", neurons=cases[k][0].shape[1], right=right, got=results[k])
    if as_number(answer(np.array([[0.0, 1.0], [-1.0, -1.0]]))) != 0.5:
        raise NotYet("zero-fires")
    if as_number(answer(np.array([[1e-12, 1.0], [-1.0, -1.0]]))) != 0:
        raise NotYet("threshold", z=1e-12)
