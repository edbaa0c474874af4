"""Fits of a binned distribution by templates: how many events of each kind are in the data?

The distribution is a sum of known shapes with unknown yields. Each bin is a Poisson count; the simulation
that gives the shapes is a sample, too, and its fluctuations belong into the likelihood. Barlow and Beeston
(Comput. Phys. Commun. 77 (1993) 219) do so exactly, with one more parameter per template and bin. Here one
per bin stands for all of them, which can be solved by hand: the likelihood of Dembinski and Abdelmotteleb
(arXiv:2206.12346), right for weighted events as well. It is also that of ``iminuit.cost.Template``, which
loses its digits where the simulation is much larger than the data; written with log1p, and with its
gradient, it keeps them. Minuit (through `iminuit`) finds the minimum.

The uncertainties are propagated: by how much does the answer move when a count, a bin of the simulation or a
constraint moves by its own standard deviation? The curvature of the likelihood would say too much. It lets
all bins of a template fluctuate together, and that does not change a yield, only a ratio to the expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate

if TYPE_CHECKING:
    from iminuit import Minuit
    from pandas import DataFrame

Floats = NDArray[np.float64]


class Templates(NamedTuple):
    """Histograms of the components, in events of the data to be fitted.

    Attributes
    ----------
    names : tuple of str
        The k components.
    edges : ndarray, shape (m + 1,)
    values, variances : ndarray, shape (k, m)
        Sum of weights and sum of squared weights in each bin.
    """

    names: tuple[str, ...]
    edges: Floats
    values: Floats
    variances: Floats

    @property
    def yields(self) -> dict[str, float]:
        """Expected events of each component."""
        return dict(zip(self.names, self.values.sum(axis=1).tolist(), strict=True))

    def exact(self) -> Templates:
        """The same shapes as if they had no statistical uncertainty."""
        return self._replace(variances=np.zeros_like(self.variances))

    def fluctuated(self, rng: np.random.Generator | int) -> Templates:
        """The templates of another simulation of the same size.

        A bin of summed weights w with variance v is worth w²/v events; that number is drawn anew.
        """
        rng = np.random.default_rng(rng)
        filled = self.values > 0
        scale = np.where(filled, self.variances / np.where(filled, self.values, 1), 0)  # of one event
        worth = np.where(filled, self.values / np.where(scale > 0, scale, 1), 0)
        drawn = np.where(scale > 0, rng.poisson(worth) * scale, self.values)
        return self._replace(values=drawn, variances=np.where(scale > 0, drawn * scale, self.variances))


@dataclass(frozen=True)
class TemplateFit:
    """The result of `fit_templates`; ``fit["signal"]`` is the yield of one component with its uncertainty.

    Attributes
    ----------
    names : tuple of str
        The k components.
    values, errors : ndarray, shape (k,)
        Yields in events, and their standard uncertainty. Of a yield that ended at zero it says little.
    covariance : ndarray, shape (k, k)
    parts : dict of str to ndarray, shape (k,)
        The uncertainty by source: ``"counts"``, ``"simulation"``, ``"constraints"``.
    expected : ndarray, shape (m,)
        Events in each bin at these yields.
    chi2, ndof : float, int
        The likelihood at its best as a χ² (Baker and Cousins, NIM 221 (1984) 437), constraints included.
    minuit : iminuit.Minuit
        For profiles, contours and everything else; its errors are those of the curvature.
    """

    names: tuple[str, ...]
    values: Floats
    errors: Floats
    covariance: Floats
    parts: dict[str, Floats]
    expected: Floats
    chi2: float
    ndof: int
    minuit: Minuit

    def __getitem__(self, name: str) -> Estimate:
        i = _position(name, self.names)
        return Estimate(float(self.values[i]), float(self.errors[i]))

    def correlation(self, one: str, other: str) -> float:
        """Correlation coefficient of two yields."""
        i, j = (_position(name, self.names) for name in (one, other))
        return float(self.covariance[i, j] / (self.errors[i] * self.errors[j]))


def make_templates(
    events: DataFrame, score: str, groups: Mapping[str, Sequence[str]], edges: ArrayLike, *, weight: str
) -> Templates:
    """Histogram a score for each group of processes.

    Parameters
    ----------
    events : DataFrame
        Simulated events with columns ``process``, `score` and `weight`; the weights in events of the data.
    score : str
        Column to histogram.
    groups : mapping of str to sequence of str
        Name of each component and the processes that it is made of.
    edges : array_like, shape (m + 1,)
        Bin edges, rising. All events have to lie between the first and the last.
    weight : str
        Column with the event weights.

    Raises
    ------
    CourseError
        If a component has no events, or an event lies outside the bins.
    """
    bins = np.asarray(edges, dtype=float)
    if bins.ndim != 1 or len(bins) < 2 or not (np.diff(bins) > 0).all():
        raise CourseError("The edges of the bins have to rise, and there have to be at least two of them.")
    values, variances = [], []
    for name, processes in groups.items():
        chosen = events[events["process"].isin(list(processes))]
        w, s = (chosen[column].to_numpy(dtype=float) for column in (weight, score))
        if not w.sum() > 0:
            raise CourseError(f"There are no events of {name}, so there is no shape to fit.")
        outside = np.count_nonzero(~((s >= bins[0]) & (s <= bins[-1])))
        if outside:
            raise CourseError(f"{outside} events of {name} lie outside the bins. Widen the edges.")
        values.append(np.histogram(s, bins, weights=w)[0])
        variances.append(np.histogram(s, bins, weights=w**2)[0])
    return Templates(tuple(groups), bins, np.array(values), np.array(variances))


def fit_templates(
    counts: ArrayLike, templates: Templates, *, constraints: Mapping[str, tuple[float, float]] | None = None
) -> TemplateFit:
    """The yields that make the counts most likely, none below zero.

    Parameters
    ----------
    counts : array_like, shape (m,)
        Recorded events in each bin.
    templates : Templates
        Shapes with their uncertainties; ``templates.exact()`` leaves these out.
    constraints : mapping of str to (float, float), optional
        Yield and standard uncertainty of components that are known from elsewhere, a Gaussian each.

    Returns
    -------
    TemplateFit

    Raises
    ------
    CourseError
        If the numbers of bins differ, a constraint is unusable, events were recorded in a bin without
        simulation, or the fit does not converge.
    """
    from iminuit import Minuit

    recorded = _checked_counts(counts, templates)
    known = dict(constraints or {})
    cost = _Cost(recorded, templates, known)
    minuit = Minuit(cost, _start(recorded, templates, known), grad=cost.gradient, name=templates.names)
    minuit.errordef = Minuit.LEAST_SQUARES
    minuit.limits = (0, None)
    minuit.migrad()
    converged = minuit.valid
    minuit.limits = (None, None)  # Minuit sees limits through a transformation that spoils the curvature
    minuit.hesse()
    if not minuit.accurate:  # a yield ended at zero, and the curvature is wanted on one side only
        minuit.limits = (0, None)
        minuit.hesse()
    if not (converged and minuit.accurate):
        raise CourseError("The template fit does not converge. Are two of the shapes the same?")
    fitted = np.array(minuit.values)
    parts = _propagated(cost, fitted, np.asarray(minuit.covariance))
    covariance = sum(parts.values())
    return TemplateFit(
        names=templates.names,
        values=fitted,
        errors=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        parts={name: np.sqrt(np.diag(part)) for name, part in parts.items()},
        expected=fitted @ (templates.values / templates.values.sum(axis=1, keepdims=True)),
        chi2=float(minuit.fval),
        ndof=len(cost.n) + len(known) - len(fitted),
        minuit=minuit,
    )


def toy_fits(
    templates: Templates,
    yields: Mapping[str, float],
    n: int,
    *,
    rng: np.random.Generator | int,
    constraints: Mapping[str, tuple[float, float]] | None = None,
    simulation: bool = True,
) -> tuple[Floats, Floats]:
    """Repeat the whole measurement on data of known content.

    In each toy the counts are drawn anew from the templates at the given yields, the templates as those of
    another simulation of the same size, and each constraint from a Gaussian around the true yield.

    Parameters
    ----------
    templates : Templates
        Taken for the true shapes.
    yields : mapping of str to float
        The true yield of each component.
    n : int
        Number of toys.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    constraints : mapping of str to (float, float), optional
        As in `fit_templates`; only the uncertainties count.
    simulation : bool
        Whether the templates fluctuate, and the fit is told so.

    Returns
    -------
    values, errors : ndarray, shape (n, k)
        Fitted yields and their uncertainties, in the order of the templates.
    """
    rng = np.random.default_rng(rng)
    for name in templates.names:
        if name not in yields:
            raise CourseError(f"Give the true yield of {name}, too.")
    true = np.array([yields[name] for name in templates.names])
    shapes = templates.values / templates.values.sum(axis=1, keepdims=True)
    counts = rng.poisson(true @ shapes, (n, shapes.shape[1]))
    known = {name: (yields[name], error) for name, (_, error) in (constraints or {}).items()}
    values, errors = np.empty((n, len(true))), np.empty((n, len(true)))
    for i, drawn in enumerate(counts):
        seen = {name: (max(rng.normal(value, error), 0.0), error) for name, (value, error) in known.items()}
        shown = templates.fluctuated(rng) if simulation else templates.exact()
        fit = fit_templates(drawn, shown, constraints=seen)
        values[i], errors[i] = fit.values, fit.errors
    return values, errors


class _Cost:
    """Twice the negative logarithm of the likelihood ratio to a perfect description, and its gradient.

    In a bin with n recorded and μ ± √V expected events, k = μ²/V is what the simulation there is worth, and
    the best common factor on its content is β = (n + k) / (μ + k). With it the bin adds
    2 [n ln(n/μ) − (n + k) ln β], which is Poisson's 2 [n ln(n/μ) − n + μ] for k → ∞.

    Bins that hold no simulated event are left out.
    """

    def __init__(self, n: Floats, templates: Templates, known: Mapping[str, tuple[float, float]]) -> None:
        filled = templates.values.sum(axis=0) > 0
        self.n = n[filled]
        self.values = templates.values[:, filled]
        variances = templates.variances[:, filled]
        self.scale = np.divide(variances, self.values, out=np.zeros_like(variances), where=self.values > 0)
        self.centre = np.array([known.get(name, (0.0, np.inf))[0] for name in templates.names])
        self.width = np.array([known.get(name, (0.0, np.inf))[1] for name in templates.names])

    def __call__(self, yields: Floats) -> float:
        mu, _, worth = _expected(yields, self.values, self.scale)
        factor = np.log1p((self.n - mu) / (mu + worth))
        sure = np.isinf(worth)
        lost = np.where(sure, self.n - mu, (self.n + np.where(sure, 0, worth)) * factor)
        bins = self.n * np.log(np.maximum(self.n, 1) / mu) - lost
        return float(2 * np.sum(bins) + np.sum(((yields - self.centre) / self.width) ** 2))

    def gradient(self, yields: Floats) -> Floats:
        """Derivative by each yield, shape (k,)."""
        return self.slope(yields, self.n, self.values, self.centre)

    def slope(self, yields: Floats, n: Floats, values: Floats, centre: Floats) -> Floats:
        """The gradient for other counts (..., m), templates (..., k, m) or constraints (..., k)."""
        mu, variance, worth = _expected(yields, values, self.scale)
        excess = (n - mu) / (mu + worth)  # β − 1
        by_mu, by_worth = 1 + excess - n / mu, excess - np.log1p(excess)
        sure = variance == 0
        ratio = np.where(sure, 0, mu / np.where(sure, 1, variance))
        sums = values.sum(axis=-1, keepdims=True)
        shape, spread = values / sums, values * self.scale / sums**2
        total = np.einsum("...km,...m->...k", shape, by_mu + 2 * ratio * by_worth)
        total -= 2 * yields * np.einsum("...km,...m->...k", spread, ratio**2 * by_worth)
        return 2 * total + 2 * (yields - centre) / self.width**2


def _expected(yields: Floats, values: Floats, scale: Floats) -> tuple[Floats, Floats, Floats]:
    """Expected events of each bin, their variance, and what the simulation there is worth."""
    sums = values.sum(axis=-1, keepdims=True)
    mu = np.maximum(np.einsum("k,...km->...m", yields, values / sums), 1e-12)
    variance = np.einsum("k,...km->...m", yields**2, values * scale / sums**2)
    sure = variance == 0
    return mu, variance, np.where(sure, np.inf, mu**2 / np.where(sure, 1, variance))


def _propagated(cost: _Cost, yields: Floats, curvature: Floats) -> dict[str, Floats]:
    """Covariance of the yields from each source: how the minimum moves with what fluctuates.

    At the minimum the gradient g is zero. If an input x changes, the yields follow by -H⁻¹ ∂g/∂x, where
    H⁻¹ is half of the `curvature` that Minuit returns.
    """
    mu = _expected(yields, cost.values, cost.scale)[0]
    given = {"counts": cost.n, "simulation": cost.values, "constraints": cost.centre}
    sigma = {
        "counts": np.sqrt(mu),
        "simulation": np.sqrt(cost.values * cost.scale),
        "constraints": np.where(np.isinf(cost.width), 0, cost.width),
    }
    start, step, found = cost.gradient(yields), 1e-4, {}
    for name, middle in given.items():
        raised = middle + step * np.eye(middle.size).reshape(-1, *middle.shape) * sigma[name]
        change = (cost.slope(yields, *(given | {name: raised}).values()) - start) / step
        moved = -change @ curvature / 2
        found[name] = moved.T @ moved
    return found


def _checked_counts(counts: ArrayLike, templates: Templates) -> Floats:
    recorded = np.asarray(counts, dtype=float)
    bins = templates.values.shape[1]
    if recorded.shape != (bins,):
        raise CourseError(f"The templates have {bins} bins and the counts the shape {recorded.shape}.")
    if not (np.isfinite(recorded) & (recorded >= 0)).all():
        raise CourseError("A count is a number of events, zero or more.")
    alone = (recorded > 0) & (templates.values.sum(axis=0) <= 0)
    if alone.any():
        raise CourseError(
            f"In bin {int(np.argmax(alone))} events were recorded and none simulated. Make the bins wider."
        )
    return recorded


def _start(recorded: Floats, templates: Templates, known: Mapping[str, tuple[float, float]]) -> Floats:
    """Where the search begins: the known yields, and the rest of the events shared as in the simulation."""
    for name, (value, error) in known.items():
        _position(name, templates.names)
        if not (np.isfinite(value) and value >= 0 and np.isfinite(error) and error > 0):
            raise CourseError(
                f"The constraint on {name} is {value} ± {error}; it needs a yield of zero or more and an "
                "uncertainty above zero."
            )
    start = {name: value for name, (value, _) in known.items()}
    free = {name: amount for name, amount in templates.yields.items() if name not in known}
    left = max(recorded.sum() - sum(start.values()), 0.1 * recorded.sum(), 1.0)
    start |= {name: left * amount / sum(free.values()) for name, amount in free.items()}
    return np.array([start[name] for name in templates.names])


def _position(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise CourseError(f"There is no component {name!r}; there are {', '.join(names)}.")
    return list(names).index(name)
