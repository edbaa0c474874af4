"""Answers to the exercise of lesson 04."""

from itertools import pairwise

import numpy as np

from answers import Answers
from hepml_course.checks import network as course


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# -- count --------------------------------------------------------------------------------------


def count_in_a_loop(sizes):
    total = 0
    for k in range(1, len(sizes)):
        total += sizes[k - 1] * sizes[k]
        total += sizes[k]
    return total


def count_arrays(sizes):
    return sum(np.zeros((n, m)).size + np.zeros(m).size for n, m in pairwise(sizes))


# -- forward ------------------------------------------------------------------------------------


def by_event(net, x):
    result = []
    for event in x:
        a = event
        for k, (w, b) in enumerate(net):
            z = np.array([sum(a[i] * w[i, j] for i in range(len(a))) + b[j] for j in range(len(b))])
            a = sigmoid(z) if k == len(net) - 1 else np.tanh(z)
        result.append(a[0])
    return result


def by_rows(net, x):
    a = x
    for w, b in net:
        z = np.dot(a, w) + b
        a = np.tanh(z)
    return sigmoid(z).ravel()


def last_sum(net, x):
    a = x
    for w, b in net:
        z = a @ w + b
        a = np.tanh(z)
    return z[:, 0]


def two_columns(net, x):
    return sigmoid(last_sum(net, x))[:, None]


def classes(net, x):
    return (last_sum(net, x) > 0) * 1.0


def sigmoids(net, x):
    for w, b in net:
        x = sigmoid(x @ w + b)
    return x[:, 0]


def without_biases(net, x):
    return sigmoid(last_sum([(w, 0 * b) for w, b in net], x))


def without_tanh(net, x):
    for w, b in net:
        x = x @ w + b
    return sigmoid(x)[:, 0]


def transposed(net, x):
    for w, b in net:
        x = w @ x + b
    return x


def relu_inside(net, x):
    for w, b in net[:-1]:
        x = np.maximum(x @ w + b, 0)
    return sigmoid(x @ net[-1][0] + net[-1][1])[:, 0]


# -- slope of the ELU ---------------------------------------------------------------------------


def masked(z, alpha):
    slope = np.ones_like(z)
    slope[z <= 0] = alpha * np.exp(z[z <= 0])
    return slope


def elu_value(z, alpha):
    return np.where(z > 0, z, alpha * (np.exp(z) - 1))


def with_if(z, alpha):
    if z > 0:
        return 1
    return alpha * np.exp(z)


# -- cross-entropy ------------------------------------------------------------------------------


def ce_loop(p, t):
    total = 0
    for p_i, t_i in zip(p, t, strict=True):
        total -= np.log(p_i) if t_i == 1 else np.log(1 - p_i)
    return total / len(p)


# -- gradient -----------------------------------------------------------------------------------


def gradient_by_event(net, x, t):
    (w1, b1), (w2, b2) = net
    dw1, db1, dw2, db2 = (np.zeros_like(one) for one in (w1, b1, w2, b2))
    for x_i, t_i in zip(x, t, strict=True):
        a = np.tanh(x_i @ w1 + b1)
        error = sigmoid(a @ w2 + b2)[0] - t_i
        back = error * w2[:, 0] * (1 - a**2)
        dw2 += error * a[:, None] / len(t)
        db2 += error / len(t)
        dw1 += np.outer(x_i, back) / len(t)
        db1 += back / len(t)
    return [(dw1, db1), (dw2, db2)]


def gradient_einsum(net, x, t):
    (w1, b1), (w2, b2) = net
    a = np.tanh(x @ w1 + b1)
    d2 = sigmoid(a @ w2 + b2) - t.reshape(-1, 1)
    d1 = (d2 @ w2.T) / np.cosh(x @ w1 + b1) ** 2
    n = len(t)
    first = np.einsum("ni,nj->ij", x, d1) / n, d1.mean(axis=0)
    return (first, (a.T @ d2 / n, d2.mean(axis=0)))


def changed(sign=1.0, n=None, slope=None, factor=None, bias=np.sum):
    def gradient(net, x, t):
        (w1, b1), (w2, b2) = net
        z = x @ w1 + b1
        a = np.tanh(z)
        p = sigmoid(a @ w2 + b2)
        d2 = sign * (p - t[:, None]) * (1 if factor is None else factor(p)) / (n or len(t))
        d1 = d2 @ w2.T * (1 - a**2 if slope is None else slope(a, z))
        return [(x.T @ d1, bias(d1, axis=0)), (a.T @ d2, bias(d2, axis=0))]

    return gradient


def no_column(net, x, t):
    (w1, b1), (w2, b2) = net
    a = np.tanh(x @ w1 + b1)
    d2 = (sigmoid(a @ w2 + b2) - t) / len(t)
    d1 = d2 @ np.repeat(w2.T, len(t), axis=0) * (1 - a**2)
    return [(x.T @ d1, d1.sum(axis=0)), (a.T @ d2, d2.sum(axis=0))]


def without_columns(error, product=np.matmul):
    def gradient(net, x, t):
        (w1, b1), (w2, b2) = net
        a = np.tanh(x @ w1 + b1)
        d2 = error(sigmoid(a @ w2 + b2), t) / len(t)
        d1 = product(d2, w2.T) * (1 - a**2)
        return [(x.T @ d1, d1.sum(axis=0)), (a.T @ d2, d2.sum(axis=0))]

    return gradient


no_column_at_all = without_columns(lambda p, t: p - t)


def updated_first(net, x, t, rate=0.5):
    (w1, b1), (w2, b2) = net
    a = np.tanh(x @ w1 + b1)
    d2 = (sigmoid(a @ w2 + b2) - t[:, None]) / len(t)
    dw2 = a.T @ d2
    d1 = d2 @ (w2 - rate * dw2).T * (1 - a**2)
    return [(x.T @ d1, d1.sum(axis=0)), (dw2, d2.sum(axis=0))]


def stepped(net, x, t):
    return [
        (w - 0.1 * dw, b - 0.1 * db) for (w, b), (dw, db) in zip(net, course.gradient(net, x, t), strict=True)
    ]


def four_arrays(net, x, t):
    return [array for layer in course.gradient(net, x, t) for array in layer]


def numeric(net, x, t):
    wrong = course.gradient(net, x, t)
    return [(1.1 * wrong[0][0], wrong[0][1]), wrong[1]]


def forgot_hidden(net, x, t):
    (w1, b1), (w2, b2) = net
    a = np.tanh(x @ w1 + b1)
    d2 = (sigmoid(a @ w2 + b2) - t[:, None]) / len(t)
    d1 = d2 @ w2 * (1 - a**2)
    return [(x.T @ d1, d1.sum(axis=0)), (a.T @ d2, d2.sum(axis=0))]


# -- differences --------------------------------------------------------------------------------


def with_copies(f, w, h):
    result = []
    for k in range(len(w)):
        up, down = w.copy(), w.copy()
        up[k] += h
        down[k] -= h
        result.append((f(up) - f(down)) / (2 * h))
    return result


def on_one_copy(f, w, h):
    w, slopes = np.array(w), np.empty(len(w))
    for k in range(len(w)):
        kept = w[k]
        w[k] = kept + h
        up = f(w)
        w[k] = kept - h
        down = f(w)
        w[k] = kept
        slopes[k] = (up - down) / 2 / h
    return slopes


def in_place(f, w, h):
    for k in range(len(w)):
        w[k] += h
    return np.zeros(3)


def one_sided(f, w, h):
    return np.array([(f(w + h * e) - f(w)) / h for e in np.eye(len(w))])


def never_put_back(f, w, h):
    w, result = w.copy(), []
    for k in range(len(w)):
        w[k] += h
        up = f(w)
        w[k] -= 2 * h
        result.append((up - f(w)) / (2 * h))
    return result


# -- dead neurons -------------------------------------------------------------------------------


def dead_loop(z):
    dead = 0
    for column in z.T:
        if max(column) <= 0:
            dead += 1
    return dead / z.shape[1]


def strictly(z):
    return np.mean((z < 0).all(axis=0))


ANSWERS = {
    "network.count": Answers(
        right=[count_in_a_loop, count_arrays, lambda s: np.dot(np.array(s[:-1]) + 1, s[1:])],
        wrong=[
            ("no-biases", lambda s: sum(n * m for n, m in pairwise(s))),
            ("neurons", sum),
            ("input-bias", lambda s: sum(n * m for n, m in pairwise(s)) + sum(s)),
            ("one-bias", lambda s: sum(n * m + 1 for n, m in pairwise(s))),
            ("product", lambda s: np.prod(s)),
            ("first-layer", lambda s: s[0] * s[1] + s[1]),
            ("other", lambda s: sum((n + 1) * (m + 1) for n, m in pairwise(s))),
            ("returns-nothing", lambda s: None),
            ("raised", lambda s: sum(n * m for n, m in s)),
        ],
    ),
    "network.forward": Answers(
        right=[by_event, by_rows, lambda net, x: sigmoid(last_sum(net, x))],
        wrong=[
            ("shape", two_columns),
            ("no-sigmoid", last_sum),
            ("tanh-last", lambda net, x: np.tanh(last_sum(net, x))),
            ("tanh-twice", lambda net, x: sigmoid(np.tanh(last_sum(net, x)))),
            ("sigmoid-everywhere", sigmoids),
            ("no-bias", without_biases),
            ("linear", without_tanh),
            ("class", classes),
            ("other", relu_inside),
            ("raised", transposed),
        ],
    ),
    "network.elu_slope": Answers(
        right=[
            masked,
            lambda z, alpha: np.where(z > 0, 1, alpha * np.exp(z)),
            lambda z, alpha: np.where(z > 0, 1, elu_value(z, alpha) + alpha),
        ],
        wrong=[
            ("value", elu_value),
            ("relu", lambda z, alpha: (z > 0) * 1.0),
            ("leaky", lambda z, alpha: np.where(z > 0, 1, alpha)),
            ("no-alpha", lambda z, alpha: np.where(z > 0, 1, np.exp(z))),
            ("everywhere", lambda z, alpha: alpha * np.exp(z)),
            ("value-left", lambda z, alpha: np.where(z > 0, 1, alpha * (np.exp(z) - 1))),
            ("at-zero", lambda z, alpha: np.where(z >= 0, 1, alpha * np.exp(z))),
            ("integers", np.vectorize(lambda z, alpha: 1 if z > 0 else alpha * np.exp(z))),
            ("integers", np.vectorize(lambda z, alpha: 1 if z > 0 else alpha * np.exp(z), otypes=[int])),
            ("other", lambda z, alpha: np.where(z > 0, 1, alpha * z * np.exp(z))),
            ("shape", lambda z, alpha: 1.0),
            ("raised", with_if),
        ],
    ),
    "network.cross_entropy": Answers(
        right=[
            ce_loop,
            lambda p, t: -np.mean(np.log(np.where(t == 1, p, 1 - p))),
            lambda p, t: -(t @ np.log(p) + (1 - t) @ np.log(1 - p)) / len(t),
            lambda p, t: course.cross_entropy(np.clip(p, 1e-7, 1 - 1e-7), t),
        ],
        wrong=[
            ("sign", lambda p, t: np.mean(np.log(np.where(t == 1, p, 1 - p)))),
            ("sum", lambda p, t: -np.sum(np.log(np.where(t == 1, p, 1 - p)))),
            ("signal-only", lambda p, t: -np.mean(t * np.log(p))),
            ("squared", lambda p, t: np.mean((p - t) ** 2)),
            ("base", lambda p, t: -np.mean(np.log2(np.where(t == 1, p, 1 - p)))),
            ("base", lambda p, t: -np.mean(np.log10(np.where(t == 1, p, 1 - p)))),
            ("swapped", lambda p, t: -np.mean(np.log(np.where(t == 1, 1 - p, p)))),
            ("per-event", lambda p, t: -np.log(np.where(t == 1, p, 1 - p))),
            ("class-mean", lambda p, t: -(np.log(p[t == 1]).mean() + np.log(1 - p[t == 0]).mean()) / 2),
            ("clipped", lambda p, t: course.cross_entropy(np.clip(p, 1e-3, 1 - 1e-3), t)),
            ("clipped", lambda p, t: course.cross_entropy(np.clip(p, 1e-5, 1 - 1e-5), t)),
            ("clipped", lambda p, t: course.cross_entropy(np.round(p, 3), t)),
            ("clipped-above", lambda p, t: course.cross_entropy(np.minimum(p, 0.999), t)),
            ("other", lambda p, t: -np.mean(np.log(p))),
            ("raised", lambda p, t: -np.mean(t * log(p))),  # noqa: F821
        ],
    ),
    "network.gradient": Answers(
        right=[gradient_by_event, gradient_einsum, changed()],
        wrong=[
            ("form", four_arrays),
            ("outer", no_column),
            ("outer", no_column_at_all),
            ("outer", without_columns(lambda p, t: p - t, np.dot)),
            ("outer", without_columns(lambda p, t: p[:, 0] - t[:, None])),
            ("flat", without_columns(lambda p, t: p[:, 0] - t)),
            ("flat", without_columns(lambda p, t: p[:, 0] - t, np.dot)),
            (
                "flat",
                without_columns(lambda p, t: p[:, 0] - t, lambda a, b: (a if a.ndim > 1 else a[:, None]) @ b),
            ),
            ("shape", lambda *case: [(dw[:, 0], db) for dw, db in course.gradient(*case)]),
            ("bias-shape", lambda *case: [(dw, db[None]) for dw, db in course.gradient(*case)]),
            (
                "bias-shape",
                lambda *case: [(dw, db if len(db) > 1 else db[0]) for dw, db in course.gradient(*case)],
            ),
            ("bias-shape", changed(bias=lambda delta, axis: delta)),
            ("bias-shape", changed(bias=lambda delta, axis: delta.sum(axis=1))),
            ("order", lambda *case: course.gradient(*case)[::-1]),
            ("tanh-twice", changed(slope=lambda a, z: 1 - np.tanh(a) ** 2)),
            ("updated-first", updated_first),
            ("updated-first", lambda *case: updated_first(*case, rate=0.03)),
            ("stepped", stepped),
            ("no-biases", lambda *case: [(dw, np.zeros_like(db)) for dw, db in course.gradient(*case)]),
            ("sign", changed(sign=-1.0)),
            ("no-mean", changed(n=1)),
            ("no-slope", changed(slope=lambda a, z: 1)),
            ("slope-of-z", changed(slope=lambda a, z: 1 - z**2)),
            ("sigmoid-slope", changed(slope=lambda a, z: a * (1 - a))),
            ("squared-error", changed(factor=lambda p: p * (1 - p))),
            ("squared-error", changed(factor=lambda p: 2 * p * (1 - p))),
            ("bias-mean", changed(bias=np.mean)),
            ("other", numeric),
            ("returns-nothing", lambda net, x, t: None),
            ("raised", forgot_hidden),
        ],
    ),
    "network.differences": Answers(
        right=[with_copies, on_one_copy, course.differences],
        wrong=[
            ("changed-input", in_place),
            ("number", lambda f, w, h: (f(w + h) - f(w - h)) / (2 * h)),
            ("forward", one_sided),
            ("backward", lambda f, w, h: one_sided(f, w, -h)),
            ("factor-two", lambda f, w, h: np.multiply(with_copies(f, w, h), 2)),
            ("no-division", lambda f, w, h: np.multiply(with_copies(f, w, h), 2 * h)),
            ("all-moved", lambda f, w, h: [(f(w + h) - f(w - h)) / (2 * h)] * 3),
            ("accumulated", never_put_back),
            ("own-step", lambda f, w, h: with_copies(f, w, 1e-5)),
            ("sign", lambda f, w, h: np.negative(with_copies(f, w, h))),
            ("other", lambda f, w, h: with_copies(f, w, 2 * h)),
            ("raised", lambda f, w, h: with_copies(f, w, h) / (2 * h)),
        ],
    ),
    "network.dead_fraction": Answers(
        right=[dead_loop, lambda z: 1 - np.mean((z > 0).any(axis=0)), lambda z: np.mean(z.max(axis=0) <= 0)],
        wrong=[
            ("elements", lambda z: np.mean(z <= 0)),
            ("axis", lambda z: np.mean((z <= 0).all(axis=1))),
            ("any", lambda z: np.mean((z <= 0).any(axis=0))),
            ("alive", lambda z: np.mean((z > 0).any(axis=0))),
            ("count", lambda z: np.sum((z <= 0).all(axis=0))),
            ("zero-fires", strictly),
            ("mean", lambda z: np.mean(z.mean(axis=0) <= 0)),
            ("per-neuron", lambda z: (z <= 0).all(axis=0)),
            ("events", lambda z: np.sum((z <= 0).all(axis=0)) / len(z)),
            ("threshold", lambda z: np.mean(z.max(axis=0) < 1e-3)),
            ("threshold", lambda z: np.mean(np.isclose(np.maximum(z, 0), 0).all(axis=0))),
            ("other", lambda z: np.mean(z[0] <= 0) / 3),
            ("raised", lambda z: np.mean(z.all(axis=2))),
        ],
    ),
}
