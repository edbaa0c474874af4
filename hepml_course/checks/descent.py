"""Checks of lesson 03: gradient, its numerical check, the largest rate, errors from the curvature, batches,
plain descent, momentum and Adam.

Gradients of the walks are quadratic bowls with round numbers; a walk is checked by where it ends.
"""

from collections.abc import Callable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task

Floats = NDArray[np.float64]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


# -- the course's own answers ------------------------------------------------------------------


def gradient(w: Floats, x: Floats, d: Floats) -> Floats:
    """Gradient of half the mean squared distance between x·w and d."""
    return (x @ w - d) @ x / len(d)


def numerical(f: Callable, w: Floats, h: float) -> Floats:
    """Slope of f along each axis, from a step h to both sides."""
    steps = h * np.eye(len(w))
    return np.array([(f(w + s) - f(w - s)) / (2 * h) for s in steps])


def largest_rate(hessian: Floats) -> float:
    """Rate above which plain descent diverges."""
    return 2 / np.linalg.eigvalsh(hessian).max()


def errors(hessian: Floats) -> Floats:
    """Standard errors from the second derivatives of -log L."""
    return np.sqrt(np.diag(np.linalg.inv(hessian)))


def batches(n: int, size: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Indices of n events in random order, cut into batches."""
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]


def descend(gradient: Callable, start: Floats, eta: float, steps: int) -> Floats:
    """Where plain gradient descent ends."""
    w = start
    for _ in range(steps):
        w = w - eta * gradient(w)
    return w


def momentum(gradient: Callable, start: Floats, eta: float, beta: float, steps: int) -> Floats:
    """Where descent with momentum ends."""
    w, m = start, np.zeros_like(start)
    for _ in range(steps):
        m = beta * m - eta * gradient(w)
        w = w + m
    return w


def adam(gradient: Callable, start: Floats, eta: float, steps: int) -> Floats:
    """Where Adam ends, with its usual constants."""
    return _adam(gradient, start, eta, steps)


def _adam(
    gradient: Callable,
    start: Floats,
    eta: float,
    steps: int,
    *,
    betas: tuple[float, float] = (BETA_1, BETA_2),
    repair: Callable[[int], tuple[float, float]] | None = None,
    scale: Callable[[Floats], Floats] = np.sqrt,
    epsilon: float = EPSILON,
    epsilon_first: bool = False,
    remember: bool = True,
    keep_repaired: bool = False,
    sign: int = 1,
) -> Floats:
    """Adam, with switches for what goes wrong in it."""
    w, m, v = start, np.zeros_like(start), np.zeros_like(start)
    for k in range(1, steps + 1):
        if not remember:
            m, v = np.zeros_like(start), np.zeros_like(start)
        g = gradient(w)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        share = (1 - betas[0] ** k, 1 - betas[1] ** k) if repair is None else repair(k)
        m_hat, v_hat = m / share[0], v / share[1]
        if keep_repaired:
            m, v = m_hat, v_hat
        small = epsilon / np.sqrt(share[1]) if epsilon_first else epsilon
        w = w - sign * eta * m_hat / (scale(v_hat) + small)
    return w


# -- 1 the gradient --------------------------------------------------------------------------------


@task(
    "descent.gradient",
    reference=gradient,
    right="Right. How far off each event is, times its x, averaged.",
    hints=[
        "The derivative of ½(w·x − d)² with respect to w_j is (w·x − d) x_j. Then the mean over events.",
        "`x @ w - d` holds the distance of every event, shape (n,). Which product with x gives shape (k,)?",
        "`(x @ w - d) @ x` sums over the events; divide by how many there are.",
    ],
    mistakes={
        "sign": "The gradient points uphill: for w = {w} it is {right}, and yours is {got}. "
        "Which way does the difference count, prediction minus measurement or the other?",
        "sum": "Yours is {n} times too large. The loss is a mean over the {n} events.",
        "size": "You divided by all numbers in x. The mean is over the {n} events.",
        "twice": "Yours is twice {right}. The ½ in front of the square takes away the 2 of its derivative.",
        "no-x": "You gave {got}, the mean distance. Each parameter's part is weighted with its own x.",
        "per-event": "You gave one row for each event. Average them: one number per parameter is wanted.",
        "the-loss": "You gave {got}, which is the loss itself. What is its derivative?",
        "prediction": "You left out d. It is how far the prediction is off that counts, not the prediction.",
        "other": "For w = {w} and the events given the gradient is {right}; yours is {got}.",
    },
)
def _gradient(answer, rng):
    cases = []
    for n, k in ((4, 2), (6, 3), (5, 2)):
        x = np.column_stack([np.ones(n), rng.integers(-3, 4, (n, k - 1))])
        cases.append((rng.integers(1, 4, k) / 2, x, rng.integers(-4, 5, n) / 2))
    results = [as_array(answer(*case)) for case in cases]
    w, x, d = cases[0]
    shown = {"w": w, "n": len(d), "right": gradient(*cases[0]), "got": results[0]}
    for mistake, wrong in {
        "sign": lambda w, x, d: -gradient(w, x, d),
        "sum": lambda w, x, d: len(d) * gradient(w, x, d),
        "twice": lambda w, x, d: 2 * gradient(w, x, d),
        "size": lambda w, x, d: gradient(w, x, d) / len(w),
        "per-event": lambda w, x, d: (x @ w - d)[:, None] * x,
        "no-x": lambda w, x, d: (x @ w - d).mean(),
        "the-loss": lambda w, x, d: (x @ w - d) @ (x @ w - d) / len(d) / 2,
        "prediction": lambda w, x, d: (x @ w) @ x / len(d),
    }.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    results = [as_array(r, np.shape(c[0])) for r, c in zip(results, cases, strict=True)]
    k = first_difference(results, gradient, cases)
    if k is not None:
        raise NotYet("other", w=cases[k][0], right=gradient(*cases[k]), got=results[k])


# -- 2 the numerical check -------------------------------------------------------------------------


def _cubic(w: Floats) -> float:
    return w[0] ** 3 + 2 * w[0] * w[1] - w[1] ** 2


def _curved(w: Floats) -> float:
    return w[0] ** 2 * w[1] + w[1] ** 3 - 3 * w[2] ** 3 + w[0] * w[2]


def _one_side(f, w, h):
    return np.array([(f(w + s) - f(w)) / h for s in h * np.eye(len(w))])


@task(
    "descent.numerical",
    reference=numerical,
    right="Right. With this at hand no gradient needs to be believed.",
    hints=[
        "One parameter at a time: a step h up, a step h down, the difference of the two heights.",
        "The two points are 2 h apart. Work on copies of w.",
        "A row of `h * np.eye(len(w))` is a step along one axis: `(f(w + s) - f(w - s)) / (2 * h)`.",
    ],
    mistakes={
        "one-side": "You walked to one side only. At h = {h} that gives {got}, and both sides give {right}.",
        "half": "Yours is twice {right}. From w − h to w + h it is 2 h.",
        "not-divided": "You gave {got}, a difference of heights. Divide it by the distance, 2 h.",
        "parentheses": "You gave {got}. `/ 2 * h` divides by 2 and multiplies by h; `/ (2 * h)` by both.",
        "sign": "Yours is {got}, with the sign turned: up minus down.",
        "together": "You moved all parameters at once and got {got}. Each slope needs a step of its own.",
        "own-h": "With h = {h} both sides give {right}; yours is {got}. Is the h you were given used?",
        "other": "At w = {w} with h = {h} the two-sided slopes are {right}; yours are {got}.",
    },
)
def _numerical(answer, rng):
    cases = [(_cubic, np.array([1.0, 2.0]), 0.5), (_curved, np.array([2.0, -1.0, 1.0]), 0.1)]
    results = [as_array(answer(*case)) for case in cases]
    _, w, h = cases[0]
    shown = {"w": w, "h": h, "right": numerical(*cases[0]), "got": results[0]}
    for wrong in (
        lambda f, w, h: (f(w + h) - f(w - h)) / (2 * h),
        lambda f, w, h: (f(w + h) - f(w)) / h,
        lambda f, w, h: np.full(len(w), (f(w + h) - f(w - h)) / (2 * h)),
    ):
        if imitates(results, wrong, cases):
            raise NotYet("together", **shown)
    results = [as_array(r, c[1].shape) for r, c in zip(results, cases, strict=True)]
    for mistake, wrong in {
        "one-side": _one_side,
        "half": lambda f, w, h: 2 * numerical(f, w, h),
        "not-divided": lambda f, w, h: 2 * h * numerical(f, w, h),
        "parentheses": lambda f, w, h: h**2 * numerical(f, w, h),
        "sign": lambda f, w, h: -numerical(f, w, h),
        "own-h": lambda f, w, h: numerical(f, w, 1e-6),
    }.items():
        if _alike(results, wrong, cases) or (
            mistake == "one-side" and _alike(results, lambda f, w, h: _one_side(f, w, -h), cases)
        ):
            raise NotYet(mistake, **shown)
    k = first_difference(results, numerical, cases)
    if k is not None:
        f, w, h = cases[k]
        raise NotYet("other", w=w, h=h, right=numerical(f, w, h), got=results[k])


def _alike(results, wrong, cases) -> bool:
    """As `imitates`, with room for a numerical derivative with another small h."""
    return all(np.allclose(r, wrong(*c), rtol=1e-3, atol=1e-3) for r, c in zip(results, cases, strict=True))


# -- 3 the largest rate ----------------------------------------------------------------------------

_BOWLS = [
    np.array([[5.0, 2.0], [2.0, 2.0]]),
    np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]]),
    np.array([[2.0, 1.0], [1.0, 8.0]]),
]


@task(
    "descent.largest_rate",
    reference=largest_rate,
    right="Right. Beyond it the steepest direction grows at every step.",
    hints=[
        "Along an eigenvector each step multiplies the distance by 1 − ηλ. When is that between −1 and 1?",
        "All directions have to shrink. Which eigenvalue is the first to break the condition?",
        "`np.linalg.eigvalsh(hessian)` gives the eigenvalues of a symmetric matrix.",
    ],
    mistakes={
        "inverse": "At 1/λ_max = {got} the steep direction is done in one step. Larger ones still converge.",
        "smallest": "You gave 2/λ_min = {got}. With that the steep direction, λ = {fast}, grows by "
        "{factor} at every step.",
        "fastest": "You gave {got}, the fastest rate, 2/(λ_min + λ_max). Asked is the one where it diverges.",
        "trace": "You gave 2 over the trace, {got}. The trace is the sum of all eigenvalues.",
        "element": "You used the largest number in the matrix. Its largest eigenvalue is {fast}.",
        "eigenvalue": "You gave {got}, the largest eigenvalue itself. What must η λ stay below?",
        "other": "For a matrix with eigenvalues {all} the largest rate is {right}; yours is {got}.",
    },
)
def _largest_rate(answer, rng):
    cases = [(bowl,) for bowl in _BOWLS]
    results = [as_number(answer(*case)) for case in cases]
    every = np.linalg.eigvalsh(_BOWLS[0])
    shown = {"got": results[0], "right": largest_rate(_BOWLS[0]), "all": every, "fast": every.max()}
    eigenvalues = np.linalg.eigvalsh
    for mistake, wrong in {
        "inverse": lambda h: 1 / eigenvalues(h).max(),
        "smallest": lambda h: 2 / eigenvalues(h).min(),
        "trace": lambda h: 2 / np.trace(h),
        "fastest": lambda h: 2 / (eigenvalues(h).min() + eigenvalues(h).max()),
        "element": lambda h: 2 / h.max(),
        "eigenvalue": lambda h: eigenvalues(h).max(),
    }.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, factor=abs(1 - results[0] * every.max()), **shown)
    k = first_difference(results, largest_rate, cases)
    if k is not None:
        bowl = _BOWLS[k]
        raise NotYet("other", got=results[k], right=largest_rate(bowl), all=eigenvalues(bowl))


# -- 4 errors from the curvature -------------------------------------------------------------------


@task(
    "descent.errors",
    reference=errors,
    right="Right. A steep valley is a precise measurement, and a tilted one a correlated one.",
    hints=[
        "Near the minimum −log L is a bowl with this matrix. Its inverse is the covariance matrix.",
        "The variances stand on the diagonal of the covariance matrix.",
        "`np.linalg.inv`, then `np.diag`, then `np.sqrt`.",
    ],
    mistakes={
        "variances": "You gave {got}, the variances. The standard error is the root.",
        "uncorrelated": "You gave {got}, the errors with the other parameters held fixed. They are free too: "
        "invert the whole matrix, then take the diagonal.",
        "not-inverted": "You gave {got}. A larger second derivative should make a smaller error.",
        "matrix": "You gave a whole matrix. The errors are the roots of the covariance matrix's diagonal.",
        "half": "Your squares are half or twice the variances. For −log L the covariance matrix is the "
        "inverse itself; the factor 2 belongs to χ².",
        "eigenvalues": "You gave {got}, the half axes of the ellipse. The errors belong to the parameters.",
        "other": "For a matrix that begins with the row {first} the errors are {right}; yours are {got}.",
    },
)
def _errors(answer, rng):
    cases = [(25 * bowl,) for bowl in _BOWLS]
    results = [as_array(answer(*case), finite=False) for case in cases]
    shown = {"got": results[0], "right": errors(*cases[0])}
    if all(r.shape == c[0].shape for r, c in zip(results, cases, strict=True)):
        raise NotYet("matrix")
    results = [as_array(r, (len(c[0]),)) for r, c in zip(results, cases, strict=True)]
    for mistake, wrong in {
        "variances": lambda h: np.diag(np.linalg.inv(h)),
        "uncorrelated": lambda h: 1 / np.sqrt(np.diag(h)),
        "not-inverted": lambda h: np.sqrt(np.diag(h)),
        "eigenvalues": lambda h: 1 / np.sqrt(np.linalg.eigvalsh(h)),
        "half": lambda h: errors(2 * h),
    }.items():
        if imitates(results, wrong, cases) or (mistake == "half" and imitates(results, _doubled, cases)):
            raise NotYet(mistake, **shown)
    k = first_difference(results, errors, cases)
    if k is not None:
        h = cases[k][0]
        raise NotYet("other", first=h[0], right=errors(h), got=results[k])


def _doubled(hessian: Floats) -> Floats:
    return errors(hessian / 2)


# -- 5 batches -------------------------------------------------------------------------------------


@task(
    "descent.batches",
    reference=batches,
    right="Right. Every event once, in an order that is new each time.",
    hints=[
        "First an order of all events, drawn with `rng`. Then cut it.",
        "`rng.permutation(n)` is an order. `range(0, n, size)` gives where each batch begins.",
        "`order[i : i + size]` is a batch; a slice beyond the end stops at the end.",
    ],
    mistakes={
        "not-batches": "A list of batches is expected, each a list or an array of indices; yours is {got}.",
        "one-batch": "You gave {got} single numbers. Wanted are batches of them, until all events are used.",
        "not-shuffled": "Your batches run through the events in their order, {got} first. Shuffle them.",
        "repeats": "Event {event} came {times} times in one pass. Each comes once: an order, not a draw.",
        "rest-lost": "With n = {n} and size = {size} you used {used} events. The last batch may be smaller.",
        "number": "You made {got} batches. It is each batch that has {size} events.",
        "same-order": "Two passes had the same order. Is it drawn with the `rng` you were given?",
        "within": "Every batch holds neighbours, {got}. Shuffle the events, not only the batches.",
        "other-rng": "With `rng` in the same state your order was another one. Draw with the `rng` you were "
        "given and with nothing else.",
        "empty": "Your batch number {number} of {got} is empty. Where does the last one begin?",
        "sizes": "With n = {n} and size = {size} your batches have {got} events.",
        "other": "With n = {n} the indices go from 0 to {last}; yours from {low} to {high}.",
    },
)
def _batches(answer, rng):
    for n, size in ((23, 5), (40, 4)):
        one, two = (_parts(answer(n, size, np.random.default_rng(seed)), n) for seed in (1, 2))
        used, right = np.concatenate(one), [len(b) for b in batches(n, size, rng)]
        sizes = [len(batch) for batch in one]
        if len(used) and (used.min() < 0 or used.max() >= n):
            raise NotYet("other", n=n, last=n - 1, low=used.min(), high=used.max())
        times = np.bincount(used, minlength=n)
        if times.max() > 1:
            raise NotYet("repeats", event=int(times.argmax()), times=int(times.max()))
        if len(used) < n:
            raise NotYet("rest-lost", n=n, size=size, used=len(used))
        if len(one) == size and sizes != right:
            raise NotYet("number", got=len(one), size=size)
        if 0 in sizes:
            raise NotYet("empty", number=sizes.index(0) + 1, got=len(sizes))
        if sizes != right:
            raise NotYet("sizes", n=n, size=size, got=sizes)
        if np.array_equal(used, np.arange(n)) and np.array_equal(np.concatenate(two), used):
            raise NotYet("not-shuffled", got=used[:3])
        if all(np.ptp(batch) < size for batch in one):
            raise NotYet("within", got=np.sort(one[0]))
        if np.array_equal(used, np.concatenate(two)):
            raise NotYet("same-order")
        again = _parts(answer(n, size, np.random.default_rng(1)), n)
        if len(again) != len(one) or not np.array_equal(used, np.concatenate(again)):
            raise NotYet("other-rng")


def _parts(found, n: int) -> list[NDArray[np.int64]]:
    """The batches as arrays of whole numbers, or what they are instead."""
    try:
        parts = list(islice(iter(found), n + 1))
    except Exception:
        raise NotYet("not-batches", got=found) from None
    arrays = [as_array(part) for part in parts]
    if arrays and all(part.ndim == 0 for part in arrays):
        raise NotYet("one-batch", got=len(arrays))
    if not arrays or any(part.ndim != 1 for part in arrays):
        raise NotYet("not-batches", got=found)
    if any((part != part.astype(np.int64)).any() for part in arrays):
        raise NotYet("not-batches", got=arrays[0])
    return [part.astype(np.int64) for part in arrays]


# -- 6 to 8 walks ----------------------------------------------------------------------------------


def _slope(matrix: list[list[float]], minimum: list[float]) -> Callable[[Floats], Floats]:
    h, best = np.array(matrix), np.array(minimum)
    return lambda w: h @ (w - best)


_LONG = _slope([[2.0, 1.0], [1.0, 5.0]], [1.0, -1.0])
_ROUND = _slope([[1.0, 0.0], [0.0, 1.0]], [0.0, 2.0])
_WIDE = _slope([[3.0, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 4.0]], [2.0, 0.0, -1.0])
_START = np.array([4.0, 3.0])


def _ends(answer, cases) -> list[Floats]:
    """Where the student's walks end; a whole path is recognised by its last point."""
    results = [as_array(answer(*case)) for case in cases]
    start = [case[1] for case in cases]
    if all(r.ndim == 2 and r.shape[1:] == s.shape for r, s in zip(results, start, strict=True)):
        raise NotYet("whole-path", rows=len(results[0]))
    return [as_array(r, s.shape) for r, s in zip(results, start, strict=True)]


def _judge(results, reference, wrongs, cases, **extra) -> None:
    """Refuse with the first of the known mistakes, or with the numbers."""
    values = {"steps": cases[0][-1], "got": results[0], "right": reference(*cases[0])} | extra
    for mistake, wrong in wrongs.items():
        with np.errstate(all="ignore"):
            if imitates(results, wrong, cases):
                raise NotYet(mistake, **values)
    k = first_difference(results, reference, cases)
    if k is not None:
        right, start = reference(*cases[k]), cases[k][1]
        raise NotYet("other", start=start, steps=cases[k][-1], right=right, got=results[k])


_WALKS = [
    (_LONG, _START, 0.25, 3),
    (_ROUND, _START, 0.5, 2),
    (_WIDE, np.array([1.0, 1.0, 1.0]), 0.125, 5),
]
_GENTLE = (_slope([[2e-5, 0.0], [0.0, 4e-5]], [1.0, -1.0]), _START, 10_000.0, 4)


def _one_by_one(g, s, eta, n):
    w = np.array(s)
    for _ in range(n):
        for j in range(len(w)):
            w[j] -= eta * g(w)[j]
    return w


@task(
    "descent.descend",
    reference=descend,
    right="Right. Against the gradient, each time from where you are.",
    hints=[
        "In each of the steps: the gradient here, times η, subtracted.",
        "`gradient` is a function. Call it with the present w, anew in every step.",
        "`w = w - eta * gradient(w)`, in a loop over `range(steps)`, starting from `start`.",
    ],
    mistakes={
        "uphill": "After {steps} steps you are at {got}, further from the minimum than at the start. "
        "The gradient points uphill.",
        "one-step": "With steps = {steps} you made one. Is the `return` inside the loop?",
        "stale": "All your steps are the same one. The slope changes on the way: ask for it where you are.",
        "no-eta": "You walked as if η were 1.",
        "one-missing": "With steps = {steps} you made one step fewer.",
        "one-more": "With steps = {steps} you made one step more.",
        "one-by-one": "You ask for the slope anew after each parameter. All of them move at once.",
        "gives-up": "Where the gradient is 10⁻⁴ you end at {got}, and {steps} steps lead to {right}. Make "
        "all of them, however small the gradient.",
        "unit": "All your steps have the length η. Here a step is η times the gradient, long or short.",
        "whole-path": "You gave {rows} points. Only the last one is asked for.",
        "other": "From {start}, {steps} steps lead to {right}; yours to {got}.",
    },
    seconds=5,
)
def _descend(answer, rng):
    results = _ends(answer, _WALKS)
    wrongs = {
        "uphill": lambda g, s, eta, n: descend(g, s, -eta, n),
        "one-step": lambda g, s, eta, n: descend(g, s, eta, 1),
        "stale": lambda g, s, eta, n: s - n * eta * g(s),
        "no-eta": lambda g, s, eta, n: descend(g, s, 1.0, n),
        "one-missing": lambda g, s, eta, n: descend(g, s, eta, n - 1),
        "one-more": lambda g, s, eta, n: descend(g, s, eta, n + 1),
        "unit": lambda g, s, eta, n: descend(lambda w: g(w) / np.linalg.norm(g(w)), s, eta, n),
    }
    wrongs["one-by-one"] = _one_by_one
    _judge(results, descend, wrongs, _WALKS)
    gentle, right = _ends(answer, [_GENTLE])[0], descend(*_GENTLE)
    if not np.allclose(gentle, right):
        raise NotYet("gives-up", got=gentle, right=right, steps=_GENTLE[-1])


_ROLLS = [
    (_LONG, _START, 0.125, 0.5, 4),
    (_ROUND, _START, 0.25, 0.75, 3),
    (_WIDE, np.array([1.0, 1.0, 1.0]), 0.0625, 0.875, 6),
]


def _nesterov(g, s, eta, beta, n):
    w, m = s, 0 * s
    for _ in range(n):
        m = beta * m - eta * g(w)
        w = w + beta * m - eta * g(w)
    return w


def _ahead(g, s, eta, beta, n):
    w, m = s, 0 * s
    for _ in range(n):
        m = beta * m - eta * g(w + beta * m)
        w = w + m
    return w


def _late(g, s, eta, beta, n):
    w, m = s, 0 * s
    for _ in range(n):
        w, m = w + m, beta * m - eta * g(w)
    return w


def _averaged(g, s, eta, beta, n):
    return momentum(g, s, eta * (1 - beta), beta, n)


@task(
    "descent.momentum",
    reference=momentum,
    right="Right. What goes back and forth cancels, what goes on adds up.",
    hints=[
        "Two things are carried from step to step: where you are, and the velocity m, zero at first.",
        "The velocity keeps the part β of itself and gets −η times the gradient. Then move by it.",
        "`m = beta * m - eta * gradient(w)`, then `w = w + m`.",
    ],
    mistakes={
        "no-memory": "Your walk is plain descent. The velocity has to live on from one step to the next.",
        "averaged": "Your gradient enters with 1 − β, as in Adam's running mean. Here it enters in full.",
        "late": "You moved by the velocity of the step before. First the new velocity, then the move.",
        "nesterov": "This is Nesterov's variant. Plain momentum is asked for here.",
        "no-friction": "Your velocity loses nothing. Of the old one only the part β is kept.",
        "swapped": "You kept the part 1 − β of the velocity. β is what is kept.",
        "uphill": "You end at {got}, far from the minimum. Which sign does the gradient have?",
        "one-missing": "With steps = {steps} you made one step fewer.",
        "one-more": "With steps = {steps} you made one step more.",
        "whole-path": "You gave {rows} points, where the last one is asked for.",
        "other": "From {start}, {steps} steps with momentum lead to {right}; yours to {got}.",
    },
    seconds=5,
)
def _momentum(answer, rng):
    results = _ends(answer, _ROLLS)
    for variant in (_nesterov, _ahead):
        if imitates(results, variant, _ROLLS):
            raise NotYet("nesterov")
    wrongs = {
        "no-memory": lambda g, s, eta, beta, n: descend(g, s, eta, n),
        "averaged": _averaged,
        "late": _late,
        "no-friction": lambda g, s, eta, beta, n: momentum(g, s, eta, 1.0, n),
        "swapped": lambda g, s, eta, beta, n: momentum(g, s, eta, 1 - beta, n),
        "uphill": lambda g, s, eta, beta, n: momentum(g, s, -eta, beta, n),
        "one-missing": lambda g, s, eta, beta, n: momentum(g, s, eta, beta, n - 1),
        "one-more": lambda g, s, eta, beta, n: momentum(g, s, eta, beta, n + 1),
    }
    _judge(results, momentum, wrongs, _ROLLS)


_FLIGHTS = [
    (_LONG, _START, 0.5, 4),
    (_ROUND, _START, 0.25, 12),
    (_WIDE, np.array([1.0, 1.5, 1.0]), 0.125, 7),
]
_FAINT = (_slope([[1e-5, 0.0], [0.0, 0.0]], [1.0, 0.0]), _START, 0.125, 3)
_ADAMS = {
    "no-memory": {"remember": False},
    "no-repair": {"repair": lambda k: (1.0, 1.0)},
    "half-repair": {"repair": lambda k: (1 - BETA_1**k, 1.0)},
    "first-repair": {"repair": lambda k: (1 - BETA_1, 1 - BETA_2)},
    "repair-ahead": {"repair": lambda k: (1 - BETA_1 ** (k + 1), 1 - BETA_2 ** (k + 1))},
    "repair-kept": {"keep_repaired": True},
    "no-root": {"scale": lambda v: v},
    "swapped": {"betas": (BETA_2, BETA_1)},
    "uphill": {"sign": -1},
}


@task(
    "descent.adam",
    reference=adam,
    right="Right. Two memories, two repairs, and a step whose length you choose.",
    hints=[
        "Begin with m = v = 0. In every step m = β₁ m + (1 − β₁) g and v = β₂ v + (1 − β₂) g².",
        "In step k, counted from 1, use m / (1 − β₁ᵏ) and v / (1 − β₂ᵏ). Keep m and v as they are.",
        "`w = w - eta * m_hat / (np.sqrt(v_hat) + 1e-7)` with `for k in range(1, steps + 1)`.",
    ],
    mistakes={
        "not-finite": "There is {bad} in your answer. In the first step k has to be 1: 1 − β⁰ is zero.",
        "no-memory": "All your steps are ±η. Are m and v set to zero inside the loop?",
        "no-repair": "Your m and v are not repaired: at the start they hold only a part of what they should.",
        "half-repair": "Your m is repaired and your v is not. It starts at zero as well.",
        "first-repair": "You divide by 1 − β in all steps. In step k it is 1 − β to the power of k.",
        "repair-ahead": "Your k is one ahead in the repair. In the first step it is 1.",
        "repair-kept": "Your repaired m and v went into the memory and get repaired again. Use new names.",
        "no-root": "You divided by v. It is made of squares; the root is missing.",
        "swapped": "Your β₁ and β₂ are swapped: 0.9 belongs to m, 0.999 to v.",
        "uphill": "You end at {got} after walking uphill.",
        "not-squared": "Your v remembers the gradient. It should remember its square.",
        "no-epsilon": "A parameter on which the loss does not depend has the gradient zero, and yours ends "
        "at {bad}. Is ε in the denominator?",
        "epsilon-inside": "Your ε stands under the root, where 10⁻⁷ is much. It is added to the root.",
        "epsilon": "With a gradient of 10⁻⁵ the walk ends at {right}, and yours at {got}. Is ε = 10⁻⁷ added "
        "to the root?",
        "one-missing": "With steps = {steps} you made one step fewer.",
        "whole-path": "You gave {rows} points, and the last one is asked for.",
        "other": "From {start}, {steps} steps of Adam lead to {right}; yours to {got}.",
    },
    seconds=5,
)
def _adam_check(answer, rng):
    results = _ends(answer, _FLIGHTS)
    wrongs = {name: _variant(options) for name, options in _ADAMS.items()}
    wrongs["not-squared"] = _not_squared
    wrongs["one-missing"] = lambda g, s, eta, n: adam(g, s, eta, n - 1)
    _judge(results, adam, wrongs, _FLIGHTS)
    _look_at_epsilon(answer)


def _look_at_epsilon(answer) -> None:
    """Tell where ε stands, by a gradient that is tiny along one axis and zero along the other."""
    start = _FAINT[1]
    end = as_array(answer(*_FAINT), start.shape, finite=False)
    if not np.isfinite(end).all():
        raise NotYet("no-epsilon", bad="NaN" if np.isnan(end).any() else "an infinite number")
    if np.allclose(end, _under_the_root(*_FAINT)):
        raise NotYet("epsilon-inside")
    if not any(np.allclose(end, _adam(*_FAINT, epsilon_first=first)) for first in (False, True)):
        raise NotYet("epsilon", got=end, right=adam(*_FAINT))


def _under_the_root(g, s, eta, n):
    return _adam(g, s, eta, n, scale=lambda v: np.sqrt(v + EPSILON), epsilon=0.0)


def _variant(options: dict) -> Callable:
    return lambda g, s, eta, n: _adam(g, s, eta, n, **options)


def _not_squared(g, s, eta, n):
    w, m, v = s, 0 * s, 0 * s
    for k in range(1, n + 1):
        m, v = BETA_1 * m + (1 - BETA_1) * g(w), BETA_2 * v + (1 - BETA_2) * np.abs(g(w))
        w = w - eta * m / (1 - BETA_1**k) / (np.sqrt(v / (1 - BETA_2**k)) + EPSILON)
    return w
