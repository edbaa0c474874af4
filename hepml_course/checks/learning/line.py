"""Checks of χ², of the line with the smallest χ², and of one step of learning."""

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task

Floats = NDArray[np.float64]


def chi2(a: float, b: float, x: Floats, y: Floats, error: Floats) -> float:
    """χ² of the line a + b x."""
    return float((((y - a - b * x) / error) ** 2).sum())


def fit_line(x: Floats, y: Floats, error: Floats) -> tuple[float, float, float, float]:
    """Intercept and slope of the line with the smallest χ², and their uncertainties."""
    (slope, intercept), covariance = np.polyfit(x, y, 1, w=1 / error, cov="unscaled")
    return intercept, slope, np.sqrt(covariance[1, 1]), np.sqrt(covariance[0, 0])


def learning_step(a: float, b: float, x: Floats, y: Floats, rate: float) -> tuple[float, float]:
    """Intercept and slope after one step down the gradient of the mean squared error."""
    miss = y - a - b * x
    return a + rate * 2 * np.mean(miss), b + rate * 2 * np.mean(miss * x)


def _points(rng: np.random.Generator, n: int) -> tuple[Floats, Floats, Floats]:
    """Points with one decimal, and errors that differ."""
    x = rng.permutation(np.arange(1, 2 * n))[:n] / 2
    y = (1 + 0.5 * x + rng.normal(size=n)).round(1)
    return x, y, rng.permutation(np.resize([0.1, 0.2, 0.5], n))


# -- 1 χ² -------------------------------------------------------------------------------------


def _pulls(a, b, x, y, error):
    return (y - a - b * x) / error


_WRONG_CHI2 = {
    "not-squared": lambda *c: _pulls(*c).sum(),
    "no-error": lambda a, b, x, y, error: _pulls(a, b, x, y, 1.0) @ _pulls(a, b, x, y, 1.0),
    "error-not-squared": lambda a, b, x, y, error: (_pulls(a, b, x, y, 1.0) ** 2 / error).sum(),
    "mean": lambda *c: chi2(*c) / len(c[2]),
    "reduced": lambda *c: chi2(*c) / (len(c[2]) - 2),
    "root": lambda *c: np.sqrt(chi2(*c)),
    "half": lambda *c: chi2(*c) / 2,
    "square-of-sum": lambda *c: _pulls(*c).sum() ** 2,
    "swapped": lambda a, b, x, y, error: chi2(b, a, x, y, error),
    "over-y": lambda a, b, x, y, error: (_pulls(a, b, x, y, 1.0) ** 2 / y).sum(),
}


@task(
    "learning.chi2",
    reference=chi2,
    right="Right. It is a sum, so more points make it larger; compare it with their number.",
    hints=[
        "How far is each point from the line, counted in its own error?",
        "Square those distances, so that above and below both count, and add them up.",
        "`np.sum(((y - ...) / error) ** 2)`, with the line in place of the dots.",
    ],
    mistakes={
        "no-sum": "You gave {got}, one number for each point. Add them up.",
        "not-squared": "You gave {got}: points above and below the line cancel. Square the distances first.",
        "no-error": "You gave {got}, the same for any errors. Divide each distance by the error of its "
        "point.",
        "error-not-squared": "You gave {got} where χ² is {right}. The error is squared, too.",
        "mean": "You gave {got}, χ² divided by the {n} points. It is the sum.",
        "reduced": "You gave {got}, χ² divided by its degrees of freedom. Here it is χ² itself.",
        "root": "You gave {got}, the square root of χ². Leave the root out.",
        "half": "You gave {got}, half of χ². The factor 1/2 belongs to −log L.",
        "square-of-sum": "You gave {got}, the square of the sum: points above and below the line cancel. "
        "Square each distance first, then add.",
        "swapped": "For the line {a} + {b} x you gave {got}. Which of the two is multiplied by x?",
        "over-y": "You divided by y, as one does for counts. Here each point has its own error.",
        "other": "For x = {x}, y = {y}, errors {error} and the line {a} + {b} x, χ² is {right}; yours is "
        "{got}.",
    },
)
def _chi2(answer, rng):
    cases = [(1.0, 0.5, *_points(rng, n)) for n in (3, 5)] + [(0.5, 1.0, *_points(rng, 4))]
    first = answer(*cases[0])
    if np.shape(first) == (3,):
        raise NotYet("no-sum", got=as_array(first))
    results = [as_number(first)] + [as_number(answer(*case)) for case in cases[1:]]
    a, b, x, y, error = cases[0]
    shown = {"a": a, "b": b, "x": x, "y": y, "error": error, "n": 3, "got": results[0]}
    for mistake, wrong in _WRONG_CHI2.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown, right=chi2(*cases[0]))
    k = first_difference(results, chi2, cases)
    if k is not None:
        a, b, x, y, error = cases[k]
        right = chi2(*cases[k])
        raise NotYet("other", a=a, b=b, x=x, y=y, error=error, right=right, got=results[k])


# -- 2 the line with the smallest χ² ----------------------------------------------------------


def _values_with(power):
    """Intercept and slope with the points weighted by this power of 1 / error."""
    return lambda x, y, error: np.polyfit(x, y, 1, w=error ** (-power / 2))[::-1]


_WRONG_VALUES = {
    "order": lambda *c: fit_line(*c)[1::-1],
    "in-turn": lambda *c: fit_line(*c)[:3:2],
    "weights-inverted": _values_with(-2),
    "unweighted": _values_with(0),
    "weights-not-squared": _values_with(1),
    "weights-twice": _values_with(4),
}


def _without_correlation(x, y, error):
    return np.array([(error**-2.0).sum() ** -0.5, ((x / error) ** 2).sum() ** -0.5])


def _scaled(x, y, error):
    a, b, *errors = fit_line(x, y, error)
    return np.sqrt(chi2(a, b, x, y, error) / (len(x) - 2)) * np.array(errors)


_WRONG_ERRORS = {
    "errors-swapped": lambda *c: fit_line(*c)[:1:-1],
    "variance": lambda *c: np.square(fit_line(*c)[2:]),
    "scaled": _scaled,
    "no-correlation": _without_correlation,
}


@task(
    "learning.fit_line",
    reference=fit_line,
    right="Right. Precise points pull the line harder, and the uncertainties follow from the errors alone.",
    hints=[
        "The lesson has the formula: the matrix A holds a row (1, x) for each point, the weights are 1/σ².",
        "The uncertainties are the square roots of the diagonal of C, first that of a, then that of b.",
        "By library: `np.polyfit(x, y, 1, w=1 / error, cov='unscaled')` gives the slope first, "
        "and the covariance in that order.",
    ],
    mistakes={
        "shape": "Return four numbers in a row: a, b, and the uncertainties of a and of b. Yours has shape "
        "{got}, not {expected}.",
        "order": "The intercept is {a}, and you gave {got} first. The intercept comes first, then the slope.",
        "in-turn": "Your second number is {got_b}, the uncertainty of a. First a and b, then the two "
        "uncertainties.",
        "weights-inverted": "You weighted the points by their errors, so the worst ones count most. "
        "`np.polyfit` wants 1 / error.",
        "unweighted": "Your line does not change when the errors do. Points with a small error count more.",
        "weights-not-squared": "You weighted the points by 1/σ. In χ² the error is squared.",
        "weights-twice": "You weighted the points by 1/σ⁴. `np.polyfit` squares its weights itself.",
        "errors-swapped": "Line right. The uncertainty of a is {error_a}; you gave {got}, which is that "
        "of b.",
        "variance": "Line right. For the uncertainty of a you gave {got}, its square.",
        "scaled": "Line right. Your uncertainties are scaled by the root of χ² over its degrees of freedom, "
        "as a library does that distrusts the errors of the points. Here they are to be trusted.",
        "no-correlation": "Line right. Your uncertainty {got} of a holds for a known slope. Invert the whole "
        "matrix, then take its diagonal.",
        "other": "For x = {x}, y = {y} and errors {error}, a = {a} and b = {b}; yours are {got} and {got_b}.",
        "other-errors": "Line right. For x = {x} and errors {error} the uncertainty of a is {error_a} and "
        "that "
        "of b {error_b}; yours are {got} and {got_b}.",
    },
)
def _fit_line(answer, rng):
    cases = [_points(rng, n) for n in (4, 6, 9)]
    results = [as_array(answer(*case), (4,)) for case in cases]
    right = [np.array(fit_line(*case)) for case in cases]
    a, b, error_a, error_b = right[0]
    x, y, error = cases[0]
    shown = {"x": x, "y": y, "error": error, "a": a, "b": b, "error_a": error_a, "error_b": error_b}
    for part, known, last in (
        (slice(0, 2), _WRONG_VALUES, "other"),
        (slice(2, 4), _WRONG_ERRORS, "other-errors"),
    ):
        given = [result[part] for result in results]
        if _all_close(given, [values[part] for values in right]):
            continue
        for mistake, wrong in known.items():
            if _all_close(given, [wrong(*case) for case in cases]):
                raise NotYet(mistake, **shown, got=given[0][0], got_b=given[0][1])
        raise NotYet(last, **shown, got=given[0][0], got_b=given[0][1])


def _all_close(given, expected):
    """Equal to a tenth of a per mille: fits by iteration are not exact."""
    return all(np.allclose(*pair, rtol=1e-4, atol=1e-6) for pair in zip(given, expected, strict=True))


# -- 3 one step of learning -------------------------------------------------------------------


def _stepped(factor_a, factor_b):
    """A step whose two changes come from these functions of the misses and x."""

    def wrong(a, b, x, y, rate):
        miss = y - a - b * x
        return a + rate * factor_a(miss, x), b + rate * factor_b(miss, x)

    return wrong


def _one_after_the_other(a, b, x, y, rate):
    a = a + rate * 2 * np.mean(y - a - b * x)
    return a, b + rate * 2 * np.mean((y - a - b * x) * x)


_WRONG_STEPS = {
    "sign": lambda a, b, x, y, rate: learning_step(a, b, x, y, -rate),
    "no-rate": lambda a, b, x, y, rate: learning_step(a, b, x, y, 1.0),
    "no-two": lambda a, b, x, y, rate: learning_step(a, b, x, y, rate / 2),
    "sum": _stepped(lambda miss, x: 2 * miss.sum(), lambda miss, x: 2 * (miss @ x)),
    "sum-no-two": _stepped(lambda miss, x: miss.sum(), lambda miss, x: miss @ x),
    "no-x": _stepped(lambda miss, x: 2 * miss.mean(), lambda miss, x: 2 * miss.mean()),
    "mean-of-x": _stepped(lambda miss, x: 2 * miss.mean(), lambda miss, x: 2 * miss.mean() * x.mean()),
    "new-a": _one_after_the_other,
    "change-only": lambda a, b, x, y, rate: np.subtract(learning_step(a, b, x, y, rate), (a, b)),
    "gradient-only": lambda a, b, x, y, rate: np.subtract((a, b), learning_step(a, b, x, y, 1.0)),
    "order": lambda *c: learning_step(*c)[::-1],
}


@task(
    "learning.learning_step",
    reference=learning_step,
    right="Right. Many such steps, and you are at the line of the closed form.",
    hints=[
        "Differentiate one term of the sum, with respect to a and to b. The chain rule gives a factor 2 "
        "and a sign.",
        "Against the gradient: the new a is a minus `rate` times the derivative with respect to a.",
        "With `miss = y - a - b * x` the derivatives are −2 times the mean of `miss`, and of `miss * x`.",
    ],
    mistakes={
        "shape": "Return two numbers, the new a and the new b. Yours has shape {got}, not {expected}.",
        "sign": "The loss went from {before} up to {later}: you walked uphill.",
        "no-rate": "With rate = 0.1 and with rate = 0.01 you made the same step.",
        "no-two": "From a = {a} you went to {got}, half the step: the derivative of a square brings a "
        "factor 2.",
        "sum": "Your step grows with the number of points. The loss is a mean, so its derivative is one, "
        "too.",
        "sum-no-two": "Two things: the loss is a mean over the points, so its derivative is one, too, and "
        "the derivative of a square brings a factor 2.",
        "no-x": "Both parameters moved by the same {step}. The derivative with respect to b has a factor x.",
        "mean-of-x": "For b you multiplied two means. It is the mean of the products.",
        "new-a": "Your a is right; for b you used the new a. Take both derivatives at the old point.",
        "change-only": "You returned {got} for a, which is the change alone. Add it to a.",
        "gradient-only": "You returned {got} for a, the derivative itself. Make the step.",
        "order": "You returned the new b first. The order is a, b.",
        "other": "For x = {x}, y = {y}, a = {a}, b = {b} and rate {rate} the step leads to {right}; yours "
        "to {got}.",
    },
)
def _learning_step(answer, rng):
    cases = [
        (1.0, 2.0, np.array([0.0, 1.0, 2.0]), np.array([2.0, 2.0, 3.0]), 0.1),
        *((0.5, -1.0, *_points(rng, n)[:2], 0.01) for n in (4, 6)),
    ]
    results = [as_array(answer(*case), (2,)) for case in cases]
    a, b, x, y, rate = cases[0]
    loss = [float(np.mean((y - p - q * x) ** 2)) for p, q in ((a, b), results[0])]
    shown = {"a": a, "b": b, "x": x, "y": y, "rate": rate, "before": loss[0], "later": loss[1]}
    for mistake, wrong in _WRONG_STEPS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown, got=results[0][0], step=results[0][0] - a)
    k = first_difference(results, learning_step, cases)
    if k is not None:
        a, b, x, y, rate = cases[k]
        right = learning_step(*cases[k])
        raise NotYet("other", a=a, b=b, x=x, y=y, rate=rate, right=right, got=results[k])
