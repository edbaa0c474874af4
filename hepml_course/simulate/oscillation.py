"""Muon neutrinos that are seen again as muons, or not: one oscillation frequency with known truth.

Two flavours and maximal mixing. The probability that a muon neutrino is still one after a distance L at
energy E is (1 + cos(2.534 Δm² L/E)) / 2, with Δm² in eV² and L/E in km/GeV (Particle Data Group, review of
neutrino mixing). A finite resolution in L/E washes the oscillation out; that is summed up in one number, the
visibility, in front of the cosine. L/E is drawn flat, where an experiment has a spectrum.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SPLITTING = 2.5  # 1e-3 eV²
VISIBILITY = 0.8
LONGEST_BASELINE = 2.0  # 1000 km/GeV
PHASE = 2.534  # radian per (1e-3 eV² times 1000 km/GeV)


def survival(splitting: ArrayLike, baseline: ArrayLike) -> Floats:
    """Probability that a muon neutrino is seen as one.

    Parameters
    ----------
    splitting : array_like
        Δm² in 1e-3 eV².
    baseline : array_like
        L/E in 1000 km/GeV; broadcast against `splitting`.
    """
    return 0.5 * (1 + VISIBILITY * np.cos(PHASE * np.multiply(splitting, baseline)))


def muon_neutrinos(n: int, rng: np.random.Generator | int) -> tuple[Floats, NDArray[np.int64]]:
    """Draw `n` muon neutrinos and whether each is still one when it is seen.

    Parameters
    ----------
    n : int
        Number of neutrinos.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Returns
    -------
    baseline : ndarray, shape (n,)
        L/E in 1000 km/GeV, flat between 0 and 2.
    y : ndarray of int, shape (n,)
        +1 where a muon was seen, -1 where not. The true Δm² is 2.5e-3 eV².
    """
    rng = np.random.default_rng(rng)
    baseline = rng.uniform(0.0, LONGEST_BASELINE, n)
    return baseline, np.where(rng.random(n) < survival(SPLITTING, baseline), 1, -1)
