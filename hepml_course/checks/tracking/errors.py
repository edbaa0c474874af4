"""Checks of lesson 14: the loss that asks for an error, and the probability of χ² that tests it."""

from collections.abc import Callable

import numpy as np
from scipy.stats import chi2 as chi2_distribution

from hepml_course.checks import NotYet, as_array, as_number, first_difference, task
from hepml_course.checks.tracking._common import Floats, Wrong, recognise, rounded


def loss(y: Floats, mean: Floats, log_sigma: Floats) -> float:
    """Negative logarithm of a Gaussian, averaged over events, without its constant."""
    return float(np.mean((y - mean) ** 2 * np.exp(-2 * log_sigma) / 2 + log_sigma))


def chi2_probability(residuals: Floats, covariance: Floats) -> Floats:
    """Probability of a χ² as large or larger, two degrees of freedom for each event."""
    return np.exp(-_chi2(residuals, covariance) / 2)


# -- the loss


def _loss_with(one: Callable) -> Callable:
    """The mean over events of some function of r = y − mean and log σ."""
    return lambda y, mean, log_sigma: np.mean(one(y - mean, log_sigma))


_CONSTANT = np.log(2 * np.pi) / 2

_WRONG_LOSSES: Wrong = {
    "no-half": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) + s),
    "no-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2),
    "sigma-not-squared": _loss_with(lambda r, s: r**2 * np.exp(-s) / 2 + s),
    "residual-not-squared": (
        _loss_with(lambda r, s: r * np.exp(-s) / 2 + s),
        _loss_with(lambda r, s: np.abs(r) * np.exp(-s) / 2 + s),
        _loss_with(lambda r, s: np.abs(r) * np.exp(-s) + s),
    ),
    "log-as-sigma": (
        _loss_with(lambda r, s: r**2 / s**2 / 2 + np.log(np.abs(s))),
        _loss_with(lambda r, s: r**2 / s**2 / 2 + s),
        _loss_with(lambda r, s: r**2 / np.abs(s) / 2 + np.log(np.abs(s))),
        _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + np.log(s)),
    ),
    "power-of-ten": (
        _loss_with(lambda r, s: r**2 * 10 ** (-2 * s) / 2 + s),
        _loss_with(lambda r, s: r**2 * 10 ** (-2 * s) / 2 + s * np.log(10)),
    ),
    "sigma-for-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + np.exp(s)),
    "log-variance": (
        _loss_with(lambda r, s: r**2 * np.exp(-s) / 2 + s / 2),
        _loss_with(lambda r, s: (r**2 * np.exp(-s) + s) / 2),
    ),
    "half-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + s / 2),
    "double-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + 2 * s),
    "minus-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 - s),
    "likelihood": _loss_with(lambda r, s: -(r**2) * np.exp(-2 * s) / 2 - s),
    "multiplied": _loss_with(lambda r, s: r**2 * np.exp(2 * s) / 2 + s),
    "doubled": (
        _loss_with(lambda r, s: r**2 * np.exp(-2 * s) + 2 * s),
        _loss_with(lambda r, s: r**2 * np.exp(-2 * s) + 2 * s + 2 * _CONSTANT),
    ),
    "constant": (
        lambda y, mean, s: loss(y, mean, s) + 2 * _CONSTANT,
        lambda y, mean, s: loss(y, mean, s) - _CONSTANT,
    ),
    "sum": lambda y, mean, s: len(y) * loss(y, mean, s),
    "squared-error": (
        _loss_with(lambda r, s: r**2),
        _loss_with(lambda r, s: r**2 / 2),
    ),
    "density": _loss_with(lambda r, s: np.exp(-(r**2) * np.exp(-2 * s) / 2 - s) / np.sqrt(2 * np.pi)),
    "log-of-mean": lambda y, mean, s: (
        -np.log(np.mean(np.exp(-((y - mean) ** 2) * np.exp(-2 * s) / 2 - s) / np.sqrt(2 * np.pi)))
    ),
}


@task(
    "tracking.loss",
    reference=loss,
    right="Right. The first term asks for large errors, the second for small ones.",
    hints=[
        "Write down a Gaussian in y with mean and σ, and take minus its logarithm.",
        "That is (y − mean)²/(2σ²) + log σ, and a constant that you may leave out. σ is `np.exp(log_sigma)`.",
        "`np.mean(0.5 * ((y - mean) / np.exp(log_sigma))**2 + log_sigma)`.",
    ],
    mistakes={
        "per-event": "You gave one number for each of the {n} events. The loss is their mean.",
        "no-half": "You gave {got}; right is {right}. The exponent of a Gaussian is r²/(2σ²): your 2 is "
        "missing.",
        "no-log": "You gave {got}; right is {right}. Without the term log σ infinite errors would be best.",
        "sigma-not-squared": "You gave {got}; right is {right}. You divide r² by σ. Which power of σ is it?",
        "residual-not-squared": "You gave {got}; right is {right}. The residual is not squared.",
        "log-as-sigma": "You gave {got}; right is {right}. `log_sigma` is the logarithm of σ, not σ.",
        "power-of-ten": "You gave {got}; right is {right}. It is the natural logarithm: σ is "
        "`np.exp(log_sigma)`, not a power of 10.",
        "sigma-for-log": "You gave {got}; right is {right}. The second term is log σ; yours is σ.",
        "log-variance": "You gave {got}; right is {right}. You took `log_sigma` for the logarithm of σ².",
        "half-log": "You gave {got}; right is {right}. The half belongs to the first term: "
        "log σ counts fully.",
        "double-log": "You gave {got}; right is {right}. 1/σ stands in front of the Gaussian, so "
        "log σ counts once.",
        "minus-log": "You gave {got}; right is {right}. Look at the sign of log σ: a wide Gaussian is low.",
        "likelihood": "You gave {got}, the logarithm of the likelihood. A loss is minimised: minus that.",
        "multiplied": "You gave {got}; right is {right}. You multiply by σ². Divide.",
        "doubled": "You gave {got}: −2 log L. Here −log L is meant, half of it.",
        "constant": "You gave {got}; right is {right}. Your constant is not ½ log 2π. Leave it out.",
        "sum": "You gave {got}, a sum over {n} events. The loss is their mean.",
        "squared-error": "You gave {got}: the squared error knows nothing of σ.",
        "density": "You gave {got}, the mean of the densities. Minus the logarithm first, then the mean.",
        "log-of-mean": "You gave {got}: the logarithm of the mean. Take the mean of the logarithms.",
        "rounded": "You gave {got}; right is {right}. Return it as it is: round when you print.",
        "other": "For y = {y}, mean {mean}, log σ = {log_sigma} the loss is {right}; yours is {got}.",
    },
)
def _loss(answer, rng):
    cases = []
    for n in (3, 5, 40):
        y, mean = rng.integers(0, 280, (2, n)) / 10
        cases.append((y, mean, rng.integers(3, 30, n) / 10))
    given = [answer(*case) for case in cases]
    if all(np.shape(value) == (len(case[0]),) for value, case in zip(given, cases, strict=True)):
        raise NotYet("per-event", n=len(cases[0][0]))
    results = np.array([as_number(value) for value in given])
    right = np.array([loss(*case) for case in cases])
    y, mean, log_sigma = cases[0]
    shown = {"got": results[0], "right": right[0], "n": len(y), "y": y, "mean": mean, "log_sigma": log_sigma}
    for constant in (0.0, _CONSTANT):
        if np.allclose(results - constant, right):
            return
        for shift in (constant, -constant):
            recognise(results - shift, cases, _WRONG_LOSSES, shown)
        recognise([got - constant * len(c[0]) for got, c in zip(results, cases, strict=True)], cases,
                   {"sum": _WRONG_LOSSES["sum"]}, shown)  # fmt: skip
    if np.allclose(results, right, rtol=0, atol=6e-3):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


# -- the probability of χ²


def _chi2(residuals: Floats, covariance: Floats) -> Floats:
    return np.einsum("ni,nij,nj->n", residuals, np.linalg.inv(covariance), residuals)


def _variances(covariance: Floats) -> Floats:
    return np.diagonal(covariance, axis1=1, axis2=2)


def _p(chi2: Floats) -> Floats:
    return np.exp(-chi2 / 2)


def _elementwise(r: Floats, cov: Floats) -> Floats:
    return np.einsum("ni,nij,nj->n", r, 1 / cov, r)


_WRONG_PROBABILITIES: Wrong = {
    "below": lambda r, cov: 1 - chi2_probability(r, cov),
    "chi2": _chi2,
    "no-half": lambda r, cov: np.exp(-_chi2(r, cov)),
    "one-degree": lambda r, cov: chi2_distribution.sf(_chi2(r, cov), 1),
    "many-degrees": lambda r, cov: chi2_distribution.sf(_chi2(r, cov), len(r)),
    "density": (
        lambda r, cov: chi2_distribution.pdf(_chi2(r, cov), 2),
        lambda r, cov: _p(_chi2(r, cov)) / (2 * np.pi * np.sqrt(np.linalg.det(cov))),
    ),
    "no-correlation": lambda r, cov: _p((r**2 / _variances(cov)).sum(axis=1)),
    "not-inverted": lambda r, cov: _p(np.einsum("ni,nij,nj->n", r, cov, r)),
    "elementwise": lambda r, cov: _p(_elementwise(r, cov)),
    "not-squared": (
        lambda r, cov: _p((r**2 / np.sqrt(_variances(cov))).sum(axis=1)),
        lambda r, cov: _p((r / np.sqrt(_variances(cov))).sum(axis=1)),
        lambda r, cov: _p((np.abs(r) / np.sqrt(_variances(cov))).sum(axis=1)),
    ),
    "product": lambda r, cov: chi2_distribution.sf(r**2 / _variances(cov), 1).prod(axis=1),
    "no-covariance": lambda r, cov: _p((r**2).sum(axis=1)),
    "root": lambda r, cov: _p(np.sqrt(_chi2(r, cov))),
    "pulls": lambda r, cov: r / np.sqrt(_variances(cov)),
    "first-only": (
        lambda r, cov: chi2_distribution.sf(r[:, 0] ** 2 / cov[:, 0, 0], 1),
        lambda r, cov: _p(r[:, 0] ** 2 / cov[:, 0, 0]),
    ),
    "sigma-as-variance": lambda r, cov: _p(np.einsum("ni,nij,nj->n", r, np.linalg.inv(cov**2), r)),
    "first-covariance": lambda r, cov: _p(np.einsum("ni,ij,nj->n", r, np.linalg.inv(cov[0]), r)),
    "common": lambda r, cov: _p(np.einsum("ni,ij,nj->n", r, np.linalg.inv(cov.mean(axis=0)), r)),
    "correlation-once": lambda r, cov: _p(_chi2_with_cross(r, cov, 1.0)),
    "correlation-sign": lambda r, cov: _p(_chi2_with_cross(r, cov, -2.0)),
    "one-minus-rho": lambda r, cov: _p(_chi2_of_pulls(_pulls(r, cov), _rho(cov)) * (1 - _rho(cov) ** 2)),
    "variance-as-sigma": lambda r, cov: _p(_chi2_of_pulls(r / _variances(cov), _rho(cov))),
    "covariance-as-rho": (
        lambda r, cov: _p(_chi2_of_pulls(_pulls(r, cov), cov[:, 0, 1])),
        lambda r, cov: chi2_distribution.sf(_chi2_of_pulls(_pulls(r, cov), cov[:, 0, 1]), 2),
    ),
}


def _pulls(r: Floats, cov: Floats) -> Floats:
    return r / np.sqrt(_variances(cov))


def _rho(cov: Floats) -> Floats:
    return cov[:, 0, 1] / np.sqrt(_variances(cov).prod(axis=1))


def _chi2_of_pulls(pull: Floats, rho: Floats, factor: float = 2.0) -> Floats:
    return ((pull**2).sum(axis=1) - factor * rho * pull.prod(axis=1)) / (1 - rho**2)


def _chi2_with_cross(r: Floats, cov: Floats, factor: float) -> Floats:
    """χ² written with pulls and the correlation, with another factor of the mixed term."""
    return _chi2_of_pulls(_pulls(r, cov), _rho(cov), factor)


@task(
    "tracking.chi2_probability",
    reference=chi2_probability,
    right="Right. If the covariances are right, all these numbers are equally frequent.",
    hints=[
        "It is χ² = rᵀ C⁻¹ r for each event, with its own covariance C. `np.linalg.inv` takes a whole stack "
        "of matrices.",
        "`np.einsum('ni,nij,nj->n', residuals, inverse, residuals)` multiplies from both sides, event by "
        "event. A loop over the events does as well.",
        "The probability of a larger χ² with two degrees of freedom is exp(−χ²/2), or "
        "`scipy.stats.chi2.sf(value, 2)`.",
    ],
    mistakes={
        "shape": "One probability for each event is expected, shape {expected}; yours has shape {got}.",
        "below": "You gave {got}: the probability of a *smaller* χ². A bad event should have a small p.",
        "chi2": "You gave {got}: that is χ². Which share of events has a larger one?",
        "no-half": "You gave {got}; right is {right}. It is exp(−χ²/2): your 2 is missing.",
        "one-degree": "You gave {got}, the probability for one degree of freedom. y0 and y1 are two.",
        "many-degrees": "You gave {got}: as many degrees of freedom as events. Each event has two.",
        "density": "You gave {got}, a density. The probability of *this or a larger* χ² is meant.",
        "no-correlation": "You gave {got}; right is {right}. The squares of the pulls, added up, forget that "
        "both ends are correlated. Use the whole matrix.",
        "not-inverted": "You gave {got}; right is {right}. You multiplied by the covariance. Its inverse is "
        "needed: large errors make χ² small.",
        "elementwise": "You gave {got}; right is {right}. One over each element is not the inverse of a "
        "matrix.",
        "not-squared": "You gave {got}; right is {right}. In χ² residual and error are both squared.",
        "product": "You gave {got}: the product of two probabilities, which is not the probability of their "
        "χ², and knows no correlation.",
        "no-covariance": "You gave {got}; right is {right}. The covariance has not been used.",
        "root": "You gave {got}; right is {right}. rᵀ C⁻¹ r is χ² already: no root.",
        "pulls": "You gave the pulls, two for each event. χ² makes one number of them, with the correlation.",
        "first-only": "You gave {got}: only y0 has been used.",
        "sigma-as-variance": "You gave {got}; right is {right}. The diagonal of a covariance holds σ² "
        "already: do not square it.",
        "first-covariance": "You gave {got}: the covariance of the first event for all of them. Each has its "
        "own.",
        "common": "You gave {got}: one covariance for all events. Each has its own.",
        "correlation-once": "You gave {got}; right is {right}. The mixed term is 2ρ r0 r1: a 2 is missing.",
        "correlation-sign": "You gave {got}; right is {right}. The mixed term is −2ρ r0 r1: mind its sign.",
        "one-minus-rho": "You gave {got}; right is {right}. Written with ρ, χ² is divided by 1 − ρ²: that is "
        "missing.",
        "variance-as-sigma": "You gave {got}; right is {right}. You divided the residuals by the variances. "
        "A pull is the residual over σ, the root of the variance.",
        "covariance-as-rho": "You gave {got}; right is {right}. You took the covariance for ρ. It is "
        "ρ·σ0·σ1: divide it by both σ. (Beyond ±1 it makes χ² negative, and no probability exceeds 1.)",
        "above-one": "You gave {got}: a probability cannot exceed 1. Is your χ² negative?",
        "rounded": "You gave {got}; right is {right}. Return it as it is: round when you print.",
        "other": "For residuals {r} and variances {variances} with covariance {cov} χ² is {chi2}, and p is "
        "{right}; yours is {got}.",
    },
)
def _chi2_probability(answer, rng):
    cases = [_residuals(rng, n) for n in (4, 7, 50)]
    given = [answer(*case) for case in cases]
    if all(np.shape(value) == (len(case[0]), 2) for value, case in zip(given, cases, strict=True)):
        pulls = [as_array(value) for value in given]
        recognise(pulls, cases, {"pulls": _WRONG_PROBABILITIES["pulls"]}, {})
    results = [as_array(value, (len(case[0]),)) for value, case in zip(given, cases, strict=True)]
    k = first_difference(results, chi2_probability, cases)
    if k is None:
        return
    r, cov = cases[k]
    right = chi2_probability(r, cov)
    i = int(np.argmax(~np.isclose(results[k], right)))
    shown = {"got": results[k][i], "right": right[i], "r": r[i], "variances": _variances(cov)[i]}
    shown |= {"cov": cov[i, 0, 1], "chi2": _chi2(r, cov)[i]}
    recognise(results, cases, _WRONG_PROBABILITIES, shown)
    above = [p for p in np.concatenate(results) if p > 1 + 1e-9]
    if above:
        raise NotYet("above-one", **(shown | {"got": above[0]}))
    if rounded(results, chi2_probability, cases, atol=6e-3):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


def _residuals(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Residuals and covariances with few digits; correlations of either sign, none near zero."""
    sigma = rng.integers(5, 25, (n, 2)) / 10
    rho = rng.choice([-0.6, -0.5, 0.4, 0.7], n)
    rho[np.abs(np.abs(rho * sigma.prod(axis=1)) - 1) < 0.2] = (
        0.25  # a covariance of 1, taken for ρ, is infinite
    )
    covariance = np.zeros((n, 2, 2))
    covariance[:, 0, 0], covariance[:, 1, 1] = (sigma**2).T
    covariance[:, 0, 1] = covariance[:, 1, 0] = rho * sigma.prod(axis=1)
    residuals = rng.choice([-1, 1], (n, 2)) * rng.integers(3, 20, (n, 2)) / 10
    return residuals, covariance
