"""Toy samples in two dimensions with known densities, for everything that can be learned on paper.

They are drawn from formulas, not simulated: what a real calorimeter or tracker adds is left out. In
exchange the best possible classifier is known, `electron_jet_llr`.

Electrons and jets
------------------
Showers of 50 GeV in lead tungstate: radiation length X0 = 0.89 cm, Molière radius R = 1.96 cm, critical
energy Ec = 9.64 MeV (Particle Data Group, table of atomic and nuclear properties).

* Depth of the shower maximum of an electron: ln(E/Ec) - 0.5 radiation lengths (PDG review, passage of
  particles through matter). Its relative spread is 1/(1.26 ln(E/Ec) - 1.4) (Grindhammer and Peters,
  hep-ex/0001020).
* Width of an electron's shower: the mean distance of its energy from the axis. A radial profile
  2 r c²/(r² + c²)² that holds 90 % inside R has c = R/3 and the mean πc/2, half a Molière radius. The
  spread of 0.2 cm is a choice.
* Jets are a choice altogether, about right in the mean: hadrons start to shower late, several particles
  share the energy side by side, and the two variables are anticorrelated because a jet with many photons
  from π⁰ is wide and early, one that is a single hard hadron narrow and late.

Both classes are drawn as two-dimensional Gaussians.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

ENERGY = 50_000.0  # MeV
CRITICAL_ENERGY = 9.64  # MeV
MOLIERE_RADIUS = 1.96  # cm

_LOG_ENERGY = np.log(ENERGY / CRITICAL_ENERGY)
_DEPTH = _LOG_ENERGY - 0.5


class Gaussian(NamedTuple):
    """Density of one class in (width / cm, depth / X0)."""

    mean: Floats
    covariance: Floats

    def log_density(self, x: Floats) -> Floats:
        """Natural logarithm of the density at `x`, shape (n, 2)."""
        pull = np.linalg.solve(np.linalg.cholesky(self.covariance), (x - self.mean).T)
        return -0.5 * (pull**2).sum(axis=0) - 0.5 * np.log(np.linalg.det(2 * np.pi * self.covariance))


def _gaussian(mean: tuple[float, float], spread: tuple[float, float], correlation: float) -> Gaussian:
    matrix = np.outer(spread, spread) * np.array([[1.0, correlation], [correlation, 1.0]])
    return Gaussian(np.array(mean), matrix)


ELECTRON = _gaussian(
    mean=(np.pi / 6 * MOLIERE_RADIUS, _DEPTH),
    spread=(0.20, _DEPTH / (1.26 * _LOG_ENERGY - 1.4)),
    correlation=0.0,
)
JET = _gaussian(mean=(1.6, 10.5), spread=(0.35, 1.8), correlation=-0.4)


def electrons_and_jets(n: int, rng: Rng, *, margin: float | None = None) -> tuple[Floats, NDArray[np.int64]]:
    """Draw `n` electron and `n` jet showers, in random order.

    Parameters
    ----------
    n : int
        Showers of each class.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    margin : float, optional
        Leave out the showers that lie on the wrong side of a fixed line or close to it, so that the
        classes can be separated: the empty strip has this width, in units of the classes' average
        spread across it. None keeps all of them, and the classes overlap.

    Returns
    -------
    x : ndarray, shape (2 n, 2)
        Lateral width in cm, depth of the shower maximum in radiation lengths.
    y : ndarray of int, shape (2 n,)
        +1 for an electron, -1 for a jet.
    """
    if margin is not None and margin < 0:
        raise CourseError(f"The margin is a width and cannot be {margin}. Give 0 or more, or None.")
    rng = np.random.default_rng(rng)
    x = np.concatenate([_draw(ELECTRON, +1, n, rng, margin), _draw(JET, -1, n, rng, margin)])
    y = np.repeat([1, -1], n)
    order = rng.permutation(2 * n)
    return x[order], y[order]


def _draw(density: Gaussian, y: int, n: int, rng: np.random.Generator, margin: float | None) -> Floats:
    kept = np.empty((0, 2))
    while len(kept) < n:
        x = rng.multivariate_normal(density.mean, density.covariance, size=n, method="cholesky")
        if margin is not None:
            x = x[y * _across(x) > margin / 2]
        kept = np.concatenate([kept, x])
    return kept[:n]


def _across(x: Floats) -> Floats:
    """Distance from the line that Fisher's discriminant draws, positive for electrons, in average spreads."""
    pooled = (ELECTRON.covariance + JET.covariance) / 2
    normal = np.linalg.solve(pooled, ELECTRON.mean - JET.mean)
    return (x - (ELECTRON.mean + JET.mean) / 2) @ normal / np.sqrt(normal @ pooled @ normal)


def electron_jet_llr(x: ArrayLike) -> Floats:
    """Log likelihood ratio ln p(x | electron) / p(x | jet) of the overlapping sample.

    No classifier beats a cut on it (Neyman and Pearson); with as many electrons as jets the cut at 0
    has the highest accuracy there is.

    Parameters
    ----------
    x : array_like, shape (n, 2)
        Lateral width in cm, depth of the shower maximum in radiation lengths.

    Returns
    -------
    ndarray, shape (n,)
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[1] != 2:
        raise CourseError(
            f"Showers come as an array of shape (n, 2), one row each; this has shape {x.shape}."
        )
    return ELECTRON.log_density(x) - JET.log_density(x)


def xor_points(n: int, rng: Rng) -> tuple[Floats, NDArray[np.int64]]:
    """Draw pairs of leptons: `n` with opposite charges, `n` with equal ones, in random order.

    A tracker measures charge over transverse momentum. Its absolute value is drawn flat between the
    values for 50 GeV and 20 GeV, independently for the two leptons; the measurement is taken as exact.
    No straight line separates the two classes: each fills two opposite quadrants.

    Parameters
    ----------
    n : int
        Pairs of each class.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Returns
    -------
    x : ndarray, shape (2 n, 2)
        Charge over transverse momentum of the first and of the second lepton, in units of e / (50 GeV).
    y : ndarray of int, shape (2 n,)
        +1 for opposite charges, -1 for equal charges.
    """
    rng = np.random.default_rng(rng)
    y = rng.permutation(np.repeat([1, -1], n))
    first = rng.choice([1, -1], size=2 * n)
    charges = np.column_stack([first, -y * first])
    return charges * rng.uniform(1.0, 2.5, size=(2 * n, 2)), y
