"""Check of lesson 08: the direction of Fisher's discriminant for weighted events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks.trees._common import Bools, Floats, Wrong, functions, listed


def fisher(x: Floats, is_signal: Bools, weights: Floats) -> Floats:
    """W⁻¹ (mean of signal − mean of background), W the sum of both covariances, shape (k,)."""
    return np.linalg.solve(_covariances(x, is_signal, weights), _distance(x, is_signal, weights))


def _means(x: Floats, y: Bools, w: Floats) -> tuple[Floats, Floats]:
    return tuple(np.average(x[part], axis=0, weights=w[part]) for part in (y, ~y))


def _distance(x: Floats, y: Bools, w: Floats) -> Floats:
    signal, background = _means(x, y, w)
    return signal - background


def _scatter(x: Floats, w: Floats) -> Floats:
    off = x - np.average(x, axis=0, weights=w)
    return (w[:, None] * off).T @ off


def _covariances(x: Floats, y: Bools, w: Floats) -> Floats:
    return sum(_scatter(x[part], w[part]) / w[part].sum() for part in (y, ~y))


def _within(x: Floats, y: Bools, w: Floats) -> Floats:
    """Scatter of each class around its own mean, summed over all events with their weights."""
    return sum(_scatter(x[part], w[part]) for part in (y, ~y))


def _pooled(x: Floats, y: Bools, w: Floats) -> Floats:
    """Fisher's own choice: the class with more weight counts more in W."""
    return np.linalg.solve(_within(x, y, w), _distance(x, y, w))


def _unbiased(x: Floats, y: Bools, w: Floats) -> Floats:
    """Covariances as numpy gives them without being asked otherwise."""
    within = sum(np.cov(x[part].T, aweights=w[part]) for part in (y, ~y))
    return np.linalg.solve(within, _distance(x, y, w))


def _both(function: Callable) -> tuple[Callable, Callable]:
    """A mistake, from W of either kind and the distance of the means."""
    return tuple(
        lambda x, y, w, matrix=matrix: function(matrix(x, y, w), _distance(x, y, w))
        for matrix in (_covariances, _within)
    )


def _one_of(which: Callable) -> Callable:
    """W from one class alone."""
    return lambda x, y, w: np.linalg.solve(_scatter(x[which(y)], w[which(y)]), _distance(x, y, w))


def _difference(x: Floats, y: Bools, w: Floats) -> Floats:
    """One covariance minus the other."""
    return 2 * _scatter(x[y], w[y]) / w[y].sum() - _covariances(x, y, w)


def _ones(w: Floats) -> Floats:
    return np.ones_like(w)


def _sums(x: Floats, y: Bools, w: Floats) -> Floats:
    return (w[y, None] * x[y]).sum(axis=0) - (w[~y, None] * x[~y]).sum(axis=0)


_WRONG: Wrong = {
    "sign": tuple(
        lambda x, y, w, right=right, same=same: -right(x, y, _ones(w) if same else w)
        for right in (fisher, _pooled, _unbiased)
        for same in (False, True)
    ),
    "no-weights": (
        lambda x, y, w: fisher(x, y, _ones(w)),
        lambda x, y, w: _pooled(x, y, _ones(w)),
        lambda x, y, w: _unbiased(x, y, _ones(w)),
    ),
    "weights-in-means": (
        lambda x, y, w: np.linalg.solve(_within(x, y, _ones(w)), _distance(x, y, w)),
        lambda x, y, w: np.linalg.solve(_covariances(x, y, _ones(w)), _distance(x, y, w)),
        lambda x, y, w: np.linalg.solve(np.cov(x[y].T) + np.cov(x[~y].T), _distance(x, y, w)),
    ),
    "weights-in-matrix": (
        lambda x, y, w: np.linalg.solve(_within(x, y, w), _distance(x, y, _ones(w))),
        lambda x, y, w: np.linalg.solve(_covariances(x, y, w), _distance(x, y, _ones(w))),
    ),
    "weights-squared": (
        lambda x, y, w: fisher(x, y, w**2),
        lambda x, y, w: _pooled(x, y, w**2),
        lambda x, y, w: np.linalg.solve(_within(x, y, w**2), _distance(x, y, w)),
        lambda x, y, w: np.linalg.solve(_covariances(x, y, w**2), _distance(x, y, w)),
    ),
    "means-only": lambda x, y, w: _distance(x, y, w),
    "not-inverted": _both(np.matmul),
    "each-element": _both(lambda within, distance: (1 / within) @ distance),
    "diagonal": _both(lambda within, distance: distance / np.diag(within)),
    "standard-deviations": _both(lambda within, distance: distance / np.sqrt(np.diag(within))),
    "one-class": (_one_of(lambda y: y), _one_of(lambda y: ~y)),
    "around-zero": lambda x, y, w: np.linalg.solve((w[:, None] * x).T @ x, _distance(x, y, w)),
    "sums": (
        lambda x, y, w: np.linalg.solve(_within(x, y, w), _sums(x, y, w)),
        lambda x, y, w: np.linalg.solve(_covariances(x, y, w), _sums(x, y, w)),
    ),
    "sum-of-means": (
        lambda x, y, w: np.linalg.solve(_within(x, y, w), sum(_means(x, y, w))),
        lambda x, y, w: np.linalg.solve(_covariances(x, y, w), sum(_means(x, y, w))),
    ),
    "difference": lambda x, y, w: np.linalg.solve(_difference(x, y, w), _distance(x, y, w)),
}


@task(
    "trees.fisher",
    reference=fisher,
    right="Right. Only the direction matters: the length goes into the cut.",
    hints=[
        "Two ingredients: by how much the means of the classes differ, and how widely the events of each "
        "class are spread around their *own* mean. Every event counts as its weight says, in both.",
        "`np.average(x[is_signal], axis=0, weights=weights[is_signal])` is the mean of the signal, "
        "`np.cov(x[is_signal].T, aweights=weights[is_signal])` its covariance matrix. W is the sum of both "
        "matrices.",
        "`np.linalg.solve(W, difference)` is W⁻¹ times the difference.",
    ],
    mistakes={
        "matrix": "You gave an array of shape {got}. A direction has one component per variable: ({k},).",
        "zero": "You gave zeros, which is no direction.",
        "sign": "Along your direction the {what}. Signal shall lie at large values: mean of the signal minus "
        "mean of the background.",
        "no-weights": "For {shown}. That is the direction for events without weights.",
        "weights-in-means": "For {shown}. The means know the weights, and W does not.",
        "weights-in-matrix": "For {shown}. W knows the weights, and the means do not.",
        "weights-squared": "For {shown}. The weights count twice. Multiply one of the two factors by them, "
        "or both by their roots.",
        "means-only": "For {shown}. That is the difference of the means. Where the classes are wide, a "
        "difference says little: multiply by W⁻¹.",
        "not-inverted": "For {shown}. You multiplied by W. It must be its inverse.",
        "each-element": "For {shown}. `1 / W` inverts every element. The inverse of a matrix is "
        "`np.linalg.inv(W)`.",
        "diagonal": "For {shown}. You divided each variable by its own variance. W has elements off its "
        "diagonal, too, the correlations, and these are why one makes the effort.",
        "standard-deviations": "For {shown}. You divided by standard deviations. It should be W⁻¹, with the "
        "correlations.",
        "one-class": "For {shown}. W comes from one class alone. Both classes contribute.",
        "around-zero": "For {shown}. W is measured around zero. A covariance is measured around the mean of "
        "the class.",
        "sums": "For {shown}. You subtracted sums. Divide each by the weights of its class.",
        "sum-of-means": "For {shown}. You added the means of both classes. Subtract.",
        "difference": "For {shown}. You subtracted the covariance matrices. Add them.",
        "other": "For {shown}.",
    },
)
def _fisher(answer: Callable, rng: np.random.Generator) -> str | None:
    cases = [_whole_numbers(rng), _case(rng, 60, 3), _case(rng, 40, 2)]
    results = [_vector(answer(*case), case[0].shape[1]) for case in cases]
    if any(_along(results, cases, right) for right in (fisher, _unbiased)):
        return None
    if _along(results, cases, _pooled):
        return (
            "Right. Yours is Fisher's own W, summed over all events, in which the class with more weight "
            "counts more. With the sum of the covariance matrices both count alike."
        )
    mistake = next((m for m, function in functions(_WRONG) if _along(results, cases, function)), "other")
    k = next(i for i, r in enumerate(results) if not _parallel(r, fisher(*cases[i])))
    x, y, w = cases[k]
    right, mine = _text(fisher(*cases[k])), _text(results[k])
    shown = f"{_events(x, y, w)} the direction is {right}, at length 1; yours is {mine}"
    signal, background = (float(m @ _unit(results[k])) for m in _means(x, y, w))
    what = f"mean of the signal is {signal:.3g} and that of the background {background:.3g}"
    raise NotYet(mistake, shown=shown, what=what.replace("-", "−"))


def _vector(value: object, k: int) -> Floats:
    array = as_array(value, finite=False).astype(float)
    if array.shape in ((k, 1), (1, k)):
        array = array.reshape(k)
    if array.shape != (k,):
        raise NotYet("matrix", got=str(array.shape), k=k)
    as_array(array)
    if not array.any():
        raise NotYet("zero")
    return array


def _unit(direction: Floats) -> Floats:
    return direction / np.linalg.norm(direction)


def _parallel(one: Floats, other: Floats) -> bool:
    return np.allclose(_unit(one), _unit(other), atol=1e-6)


def _along(results: Sequence, cases: Sequence[tuple], function: Callable) -> bool:
    return all(_parallel(r, function(*case)) for r, case in zip(results, cases, strict=True))


def _text(direction: Floats) -> str:
    return "(" + ", ".join(f"{c + 0.0:.3f}" for c in _unit(direction)).replace("-", "−") + ")"


def _events(x: Floats, y: Bools, w: Floats) -> str:
    if len(x) > 10:
        return f"{len(x)} weighted events of {x.shape[1]} variables"
    parts = []
    for name, which in (("signal", y), ("background", ~y)):
        places = ", ".join(f"({listed(event)})" for event in x[which])
        parts.append(f"{name} at {places} with weights {listed(w[which])}")
    return " and ".join(parts)


def _whole_numbers(rng: np.random.Generator) -> tuple[Floats, Bools, Floats]:
    """Seven events that a student can type, on which every mistake shows in the first digits."""
    y = np.arange(7) < 3
    wrong = [function for _, function in functions(_WRONG)]
    while True:
        x = rng.integers(-3, 6, (7, 2)) + np.where(y[:, None], [2, 1], 0)
        case = rng.permutation(np.unique(x, axis=0)).astype(float), y, rng.integers(1, 6, 7).astype(float)
        with np.errstate(all="ignore"):
            if len(case[0]) < 7 or abs(np.linalg.det(_covariances(*case))) < 10:
                continue
            apart = [np.linalg.norm(_unit(f(*case)) - _unit(fisher(*case))) for f in wrong]
        if np.nanmin(apart) > 0.02:
            return case


def _case(rng: np.random.Generator, n: int, k: int) -> tuple[Floats, Bools, Floats]:
    """Correlated classes of different width, size and weight; large weights are not where others are."""
    y = rng.permutation(np.arange(n) < n // 3)
    common = rng.normal(size=(n, 1))
    scale = np.where(y, 1.0, 1.6)[:, None]
    x = scale * (common * np.linspace(1, 2, k) + rng.normal(size=(n, k)))
    x += np.where(y[:, None], np.linspace(2, 0.5, k), np.linspace(0.5, 1, k))
    weights = np.where(x[:, 0] * (-1.0) ** y > np.median(x[:, 0]), 4, 1) * rng.integers(1, 5, n) / 2
    return x.round(1), y, weights
