"""Answers to the exercise of lesson 03."""

import numpy as np

from answers import Answers
from hepml_course.checks import descent as course

# -- gradient -----------------------------------------------------------------------------------


def loop_over_events(w, x, d):
    total = [0.0] * len(w)
    for x_i, d_i in zip(x, d, strict=True):
        off = sum(w * x_i) - d_i
        for j in range(len(w)):
            total[j] += off * x_i[j] / len(d)
    return total


def mean_of_table(w, x, d):
    return np.mean((x @ w - d)[:, None] * x, axis=0)


def unweighted(w, x, d):
    return np.full(len(w), np.mean(x @ w - d))


# -- numerical ----------------------------------------------------------------------------------


def with_copies(f, w, h):
    slopes = []
    for j in range(len(w)):
        up, down = w.copy(), w.copy()
        up[j] += h
        down[j] -= h
        slopes.append((f(up) - f(down)) / (2 * h))
    return slopes


def halves(f, w, h):
    return [(f(w + e) - f(w - e)) / h / 2 for e in np.diag(np.full(len(w), h))]


def in_place(f, w, h):
    slopes = np.zeros(len(w))
    for j in range(len(w)):
        w[j] += h
        up = f(w)
        w[j] -= 2 * h
        slopes[j] = (up - f(w)) / (2 * h)
    return slopes


def backwards(f, w, h):
    return np.array([(f(w) - f(w - s)) / h for s in h * np.eye(len(w))])


# -- batches ------------------------------------------------------------------------------------


def split(n, size, rng):
    return np.array_split(rng.permutation(n), range(size, n, size))


def one_by_one(n, size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    parts = []
    while len(order):
        parts.append(order[:size].tolist())
        order = order[size:]
    return parts


def as_generator(n, size, rng):
    order = rng.permutation(n)
    for i in range(0, n, size):
        yield order[i : i + size]


def in_order(n, size, rng):
    return [np.arange(i, min(i + size, n)) for i in range(0, n, size)]


def drawn(n, size, rng):
    return [rng.integers(n, size=size) for _ in range(n // size)]


def rest_lost(n, size, rng):
    return rng.permutation(n)[: n // size * size].reshape(-1, size)


def so_many(n, size, rng):
    return np.array_split(rng.permutation(n), size)


def own_seed(n, size, rng):
    return course.batches(n, size, np.random.default_rng(0))


def batches_shuffled(n, size, rng):
    parts = in_order(n, size, rng)
    first, last = parts[:-1], parts[-1]
    rng.shuffle(first)
    return [*first, last]


def whatever_numpy_has(n, size, rng):
    order = np.random.permutation(n)  # noqa: NPY002 - that is the mistake
    return [order[i : i + size] for i in range(0, n, size)]


def one_too_many(n, size, rng):
    order = rng.permutation(n)
    return [order[k * size : (k + 1) * size] for k in range(n // size + 1)]


def evened_out(n, size, rng):
    return np.array_split(rng.permutation(n), -(-n // size) + 1)


def from_one(n, size, rng):
    return [part + 1 for part in course.batches(n, size, rng)]


# -- walks --------------------------------------------------------------------------------------


def while_loop(gradient, start, eta, steps):
    w, done = start.copy(), 0
    while done < steps:
        w -= eta * gradient(w)
        done += 1
    return w


def by_recursion(gradient, start, eta, steps):
    return start if steps == 0 else by_recursion(gradient, start - eta * gradient(start), eta, steps - 1)


def changes_start(gradient, start, eta, steps):
    w = start
    for _ in range(steps):
        w -= eta * gradient(w)
    return w


def returns_at_once(gradient, start, eta, steps):
    w = start
    for _ in range(steps):
        w = w - eta * gradient(w)
        return w


def stale(gradient, start, eta, steps):
    g, w = gradient(start), start
    for _ in range(steps):
        w = w - eta * g
    return w


def in_turn(gradient, start, eta, steps):
    w = start.copy()
    for _ in range(steps):
        for j in range(len(w)):
            w[j] = w[j] - eta * gradient(w)[j]
    return w


def until_flat(gradient, start, eta, steps):
    w = start
    for _ in range(steps):
        if np.linalg.norm(gradient(w)) < 1e-3:
            break
        w = w - eta * gradient(w)
    return w


def unit_steps(gradient, start, eta, steps):
    w = start
    for _ in range(steps):
        g = gradient(w)
        w = w - eta * g / np.linalg.norm(g)
    return w


def path(gradient, start, eta, steps):
    points = [start]
    for _ in range(steps):
        points.append(points[-1] - eta * gradient(points[-1]))
    return np.array(points)


def rate_inside(gradient, start, eta, beta, steps):
    w, m = start, 0
    for _ in range(steps):
        m = beta * m + gradient(w)
        w = w - eta * m
    return w


def with_two_places(gradient, start, eta, beta, steps):
    before, now = start, start
    for _ in range(steps):
        before, now = now, now + beta * (now - before) - eta * gradient(now)
    return now


def rolled(gradient, start, eta, beta, steps):
    points, m = [start], 0
    for _ in range(steps):
        m = beta * m - eta * gradient(points[-1])
        points.append(points[-1] + m)
    return points


def velocity_lost(gradient, start, eta, beta, steps):
    w = start
    for _ in range(steps):
        m = np.zeros_like(w)
        m = beta * m - eta * gradient(w)
        w = w + m
    return w


def velocity_squared(gradient, start, eta, beta, steps):
    w, m = start, 0
    for _ in range(steps):
        m = beta**2 * m - eta * gradient(w)
        w = w + m
    return w


def adam_as_in_keras(gradient, start, eta, steps):
    w, m, v = start, 0.0, 0.0
    for k in range(1, steps + 1):
        g = gradient(w)
        m += (g - m) * 0.1
        v += (g * g - v) * 0.001
        alpha = eta * np.sqrt(1 - 0.999**k) / (1 - 0.9**k)
        w = w - alpha * m / (np.sqrt(v) + 1e-7)
    return w


def adam_by_component(gradient, start, eta, steps):
    w, m, v = list(start), [0.0] * len(start), [0.0] * len(start)
    for k in range(steps):
        g = gradient(np.array(w))
        for j in range(len(w)):
            m[j] = 0.9 * m[j] + 0.1 * g[j]
            v[j] = 0.999 * v[j] + 0.001 * g[j] ** 2
            root = (v[j] / (1 - 0.999 ** (k + 1))) ** 0.5
            w[j] -= eta * m[j] / (1 - 0.9 ** (k + 1)) / (root + 1e-7)
    return w


def counts_from_zero(gradient, start, eta, steps):
    w, m, v = start, 0.0, 0.0
    for k in range(steps):
        g = gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        w = w - eta * m / np.float64(1 - 0.9**k) / (np.sqrt(v / np.float64(1 - 0.999**k)) + 1e-7)
    return w


def repairs_in_place(gradient, start, eta, steps):
    w, m, v = start, 0.0, 0.0
    for k in range(1, steps + 1):
        g = gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        m, v = m / (1 - 0.9**k), v / (1 - 0.999**k)
        w = w - eta * m / (np.sqrt(v) + 1e-7)
    return w


def not_squared(gradient, start, eta, steps):
    w, m, v = start, 0.0, 0.0
    for k in range(1, steps + 1):
        g = gradient(w)
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * np.abs(g)
        w = w - eta * m / (1 - 0.9**k) / (np.sqrt(v / (1 - 0.999**k)) + 1e-7)
    return w


def adam_with(**options):
    return lambda gradient, start, eta, steps: course._adam(gradient, start, eta, steps, **options)


ANSWERS = {
    "descent.gradient": Answers(
        right=[lambda w, x, d: x.T @ (x @ w - d) / len(d), loop_over_events, mean_of_table],
        wrong=[
            ("sign", lambda w, x, d: x.T @ (d - x @ w) / len(d)),
            ("sum", lambda w, x, d: x.T @ (x @ w - d)),
            ("twice", lambda w, x, d: 2 * x.T @ (x @ w - d) / len(d)),
            ("size", lambda w, x, d: x.T @ (x @ w - d) / x.size),
            ("no-x", lambda w, x, d: np.mean(x @ w - d)),
            ("per-event", lambda w, x, d: (x @ w - d)[:, None] * x),
            ("the-loss", lambda w, x, d: np.mean((x @ w - d) ** 2) / 2),
            ("prediction", lambda w, x, d: (x @ w) @ x / len(d)),
            ("other", unweighted),
            ("shape", lambda w, x, d: x @ w - d),
            ("returns-nothing", lambda w, x, d: print(x.T @ (x @ w - d) / len(d))),
            ("raised", lambda w, x, d: (x @ w - d) @ x.T / len(d)),
        ],
    ),
    "descent.numerical": Answers(
        right=[with_copies, halves],
        wrong=[
            ("one-side", lambda f, w, h: [(f(w + s) - f(w)) / h for s in h * np.eye(len(w))]),
            ("one-side", backwards),
            ("half", lambda f, w, h: [(f(w + s) - f(w - s)) / h for s in h * np.eye(len(w))]),
            ("not-divided", lambda f, w, h: [f(w + s) - f(w - s) for s in h * np.eye(len(w))]),
            ("sign", lambda f, w, h: [(f(w - s) - f(w + s)) / (2 * h) for s in h * np.eye(len(w))]),
            ("together", lambda f, w, h: (f(w + h) - f(w - h)) / (2 * h)),
            ("together", lambda f, w, h: np.full(len(w), (f(w + h) - f(w - h)) / (2 * h))),
            ("own-h", lambda f, w, h: with_copies(f, w, 1e-5)),
            ("changed-input", in_place),
            ("parentheses", lambda f, w, h: [(f(w + s) - f(w - s)) / 2 * h for s in h * np.eye(len(w))]),
            ("other", lambda f, w, h: [(f(w + s) - f(w - s)) / 2 for s in h * np.eye(len(w))]),
            ("shape", lambda f, w, h: with_copies(f, w, h)[:1]),
            ("raised", lambda f, w, h: (f(w[0] + h) - f(w[0] - h)) / (2 * h)),
        ],
    ),
    "descent.largest_rate": Answers(
        right=[
            lambda h: 2 / max(np.linalg.eigvalsh(h)),
            lambda h: 2 / np.linalg.norm(h, 2),
            lambda h: 2 / np.linalg.eigh(h)[0][-1],
        ],
        wrong=[
            ("inverse", lambda h: 1 / np.linalg.eigvalsh(h).max()),
            ("smallest", lambda h: 2 / np.linalg.eigvalsh(h)[0]),
            ("trace", lambda h: 2 / np.trace(h)),
            ("fastest", lambda h: 2 / (np.linalg.eigvalsh(h)[0] + np.linalg.eigvalsh(h)[-1])),
            ("element", lambda h: 2 / np.max(h)),
            ("eigenvalue", lambda h: np.linalg.eigvalsh(h).max()),
            ("other", lambda h: 2 / np.linalg.norm(h)),
            ("not-a-number", lambda h: 2 / np.linalg.eigvalsh(h)),
            ("raised", lambda h: 2 / h.eigenvalues.max()),
        ],
    ),
    "descent.errors": Answers(
        right=[
            lambda h: np.sqrt(np.diag(np.linalg.inv(h))),
            lambda h: np.linalg.inv(h).diagonal() ** 0.5,
            lambda h: [np.linalg.solve(h, e)[j] ** 0.5 for j, e in enumerate(np.eye(len(h)))],
        ],
        wrong=[
            ("variances", lambda h: np.diag(np.linalg.inv(h))),
            ("uncorrelated", lambda h: 1 / np.sqrt(np.diag(h))),
            ("not-inverted", lambda h: np.sqrt(np.diag(h))),
            ("matrix", np.linalg.inv),
            ("eigenvalues", lambda h: 1 / np.sqrt(np.linalg.eigvalsh(h))),
            ("other", lambda h: 2 * np.sqrt(np.diag(np.linalg.inv(h)))),
            ("matrix", lambda h: np.sqrt(np.linalg.inv(h))),  # NaN off the diagonal
            ("half", lambda h: np.sqrt(np.diag(np.linalg.inv(h)) / 2)),
            ("half", lambda h: np.sqrt(2 * np.diag(np.linalg.inv(h)))),
            ("shape", lambda h: np.sqrt(np.diag(np.linalg.inv(h)))[:1]),
            ("raised", lambda h: np.linalg.inv(h).diag()),
        ],
    ),
    "descent.batches": Answers(
        right=[split, one_by_one, as_generator],
        wrong=[
            ("not-shuffled", in_order),
            ("repeats", drawn),
            ("rest-lost", rest_lost),
            ("number", so_many),
            ("same-order", own_seed),
            ("within", batches_shuffled),
            ("one-batch", lambda n, size, rng: rng.permutation(n)[:size]),
            ("sizes", evened_out),
            ("not-batches", lambda n, size, rng: n // size),
            ("other", from_one),
            ("other-rng", whatever_numpy_has),
            ("empty", one_too_many),
            ("raised", lambda n, size, rng: np.split(rng.permutation(n), n // size)),
        ],
    ),
    "descent.descend": Answers(
        right=[while_loop, by_recursion],
        wrong=[
            ("uphill", lambda g, s, eta, n: course.descend(g, s, -eta, n)),
            ("one-step", returns_at_once),
            ("stale", stale),
            ("no-eta", lambda g, s, eta, n: course.descend(g, s, 1.0, n)),
            ("one-missing", lambda g, s, eta, n: course.descend(g, s, eta, n - 1)),
            ("one-more", lambda g, s, eta, n: course.descend(g, s, eta, n + 1)),
            ("unit", unit_steps),
            ("one-by-one", in_turn),
            ("gives-up", until_flat),
            ("whole-path", path),
            ("changed-input", changes_start),
            ("other", lambda g, s, eta, n: course.descend(g, s, eta / 2, n)),
            ("shape", lambda g, s, eta, n: course.descend(g, s, eta, n)[0]),
            ("raised", lambda g, s, eta, n: s - eta * g * n),
        ],
    ),
    "descent.momentum": Answers(
        right=[rate_inside, with_two_places],
        wrong=[
            ("no-memory", velocity_lost),
            ("averaged", lambda g, s, eta, beta, n: course.momentum(g, s, eta * (1 - beta), beta, n)),
            ("late", course._late),
            ("nesterov", course._nesterov),
            ("nesterov", course._ahead),
            ("no-friction", lambda g, s, eta, beta, n: course.momentum(g, s, eta, 1.0, n)),
            ("swapped", lambda g, s, eta, beta, n: course.momentum(g, s, eta, 1 - beta, n)),
            ("uphill", lambda g, s, eta, beta, n: course.momentum(g, s, -eta, beta, n)),
            ("one-missing", lambda g, s, eta, beta, n: course.momentum(g, s, eta, beta, n - 1)),
            ("one-more", lambda g, s, eta, beta, n: course.momentum(g, s, eta, beta, n + 1)),
            ("whole-path", rolled),
            ("other", velocity_squared),
            ("raised", lambda g, s, eta, beta, n: course.momentum(g, s, eta, beta)),
        ],
    ),
    "descent.adam": Answers(
        right=[adam_as_in_keras, adam_by_component],
        wrong=[
            ("not-finite", counts_from_zero),
            ("no-memory", adam_with(remember=False)),
            ("no-repair", adam_with(repair=lambda k: (1.0, 1.0))),
            ("half-repair", adam_with(repair=lambda k: (1 - 0.9**k, 1.0))),
            ("first-repair", adam_with(repair=lambda k: (0.1, 0.001))),
            ("repair-ahead", adam_with(repair=lambda k: (1 - 0.9 ** (k + 1), 1 - 0.999 ** (k + 1)))),
            ("repair-kept", repairs_in_place),
            ("no-epsilon", adam_with(epsilon=0.0)),
            ("epsilon-inside", adam_with(scale=lambda v: np.sqrt(v + 1e-7), epsilon=0.0)),
            ("epsilon", adam_with(epsilon=1e-8)),
            ("no-root", adam_with(scale=lambda v: v)),
            ("swapped", adam_with(betas=(0.999, 0.9))),
            ("uphill", adam_with(sign=-1)),
            ("not-squared", not_squared),
            ("one-missing", lambda g, s, eta, n: course.adam(g, s, eta, n - 1)),
            ("whole-path", lambda g, s, eta, n: [course.adam(g, s, eta, k) for k in range(n + 1)]),
            ("other", adam_with(betas=(0.9, 0.9))),
            ("raised", lambda g, s, eta, n: course.adam(g, s, eta)),
        ],
    ),
}
