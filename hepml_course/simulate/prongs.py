"""Two subjets in one wide jet, from a boosted W or from a quark or gluon: a border that is a ring.

Toy sample with a known density, drawn from formulas; there is no shower and no detector but a resolution.

* A W boson of transverse momentum p decays to two quarks that share it as z and 1 - z. Their distance is
  m / (p sqrt(z (1 - z))) for small angles, so never less than 2 m / p. Without polarisation z is flat;
  groomers drop the softer quark below some z.
* A quark or gluon radiates with the probability dR/R of soft and collinear emission, from the smallest
  distance at which two subjets are told apart up to the radius of the jet.
* The direction of the second subjet around the first is random, and both coordinates are measured with a
  Gaussian resolution.

The density in the plane depends on the distance alone. It is a one-dimensional integral over z or log R,
done by Gauss–Legendre quadrature, so the best possible classifier is known.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ive

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]

MASS = 80.4  # GeV, W boson (PDG)
PT = 400.0  # GeV
SOFTEST = 0.15  # share of the momentum that the softer quark keeps at least
NEAREST, RADIUS = 0.1, 0.8  # distances between which subjets of a quark or gluon are found
RESOLUTION = 0.04  # of each coordinate

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(100)


def _signal_distance(u: ArrayLike) -> Floats:
    """Distance of the two quarks; `u` in (0, 1) is flat."""
    z = SOFTEST + (1 - 2 * SOFTEST) * np.asarray(u)
    return MASS / (PT * np.sqrt(z * (1 - z)))


def _background_distance(u: ArrayLike) -> Floats:
    """Distance of two subjets with the density dR/R; `u` in (0, 1) is flat."""
    return NEAREST * (RADIUS / NEAREST) ** np.asarray(u)


def boosted_pairs(n: int, rng: np.random.Generator | int) -> tuple[Floats, NDArray[np.int64]]:
    """Draw `n` jets from boosted W bosons and `n` from quarks and gluons, in random order.

    Parameters
    ----------
    n : int
        Jets of each class.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Returns
    -------
    x : ndarray, shape (2 n, 2)
        Δη and Δφ (radian) from the harder to the softer subjet.
    y : ndarray of int, shape (2 n,)
        +1 for a W boson, -1 for a quark or gluon.
    """
    rng = np.random.default_rng(rng)
    y = rng.permutation(np.repeat([1, -1], n))
    u, angle = rng.uniform(size=2 * n), rng.uniform(-np.pi, np.pi, size=2 * n)
    distance = np.where(y > 0, _signal_distance(u), _background_distance(u))
    x = distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return x + rng.normal(0, RESOLUTION, size=(2 * n, 2)), y


def boosted_pair_llr(x: ArrayLike) -> Floats:
    """Log likelihood ratio ln p(x | W) / p(x | quark or gluon): no classifier beats a cut on it.

    Parameters
    ----------
    x : array_like, shape (n, 2)
        Δη and Δφ (radian).

    Returns
    -------
    ndarray, shape (n,)
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[1] != 2:
        raise CourseError(f"Jets come as an array of shape (n, 2), one row each; this has shape {x.shape}.")
    r = np.hypot(*x.T)
    u = (_NODES + 1) / 2
    return _log_density(r, _signal_distance(u)) - _log_density(r, _background_distance(u))


def _log_density(r: Floats, distances: Floats) -> Floats:
    """Logarithm of the smeared density in the plane, at distance r from its centre."""
    pull = (r[:, None] - distances) / RESOLUTION
    # A ring of radius R, smeared: exp(-(r² + R²) / 2σ²) I0(rR/σ²) / 2πσ², written so that nothing overflows.
    ring = np.log(ive(0, r[:, None] * distances / RESOLUTION**2)) - pull**2 / 2
    top = ring.max(axis=1)
    total = np.exp(ring - top[:, None]) @ (_WEIGHTS / 2)
    return top + np.log(total) - np.log(2 * np.pi * RESOLUTION**2)
