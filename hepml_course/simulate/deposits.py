"""Energy deposits of a few photons in the cells of an electromagnetic calorimeter, seen from the vertex.

What is physics and what is a sketch
------------------------------------
* The energy of a shower falls off sideways as 2 r c²/(r² + c²)² (Grindhammer and Peters, hep-ex/0001020). The
  scale c, 0.035 in eta and phi, is wider than in the best detectors, so that the clouds can be seen.
* Each deposit carries an energy, exponentially distributed: a choice.
* Directions and energies of the photons are fixed by hand. Noise, magnetic field and the grid of cells are
  left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

SCALE = 0.035  # c of the radial profile, in eta and phi
WIDEST = 0.25  # no deposit lies further from its axis

# eta, phi / rad, number of deposits, mean energy of a deposit / GeV
PHOTONS = np.array([[0.30, 0.35, 60, 1.2], [0.62, 0.55, 60, 0.8], [0.40, 0.80, 30, 1.5]])


class Deposits(NamedTuple):
    """Deposits, one entry each in every array.

    Attributes
    ----------
    position : ndarray, shape (n, 2)
        Pseudorapidity and azimuth in radian.
    energy : ndarray, shape (n,)
        In GeV.
    photon : ndarray of int, shape (n,)
        Which photon left it: the truth, which k-means does not see.
    """

    position: Floats
    energy: Floats
    photon: NDArray[np.int64]


def calorimeter_deposits(rng: Rng) -> Deposits:
    """Draw the deposits of the three photons of `PHOTONS`, in random order.

    Parameters
    ----------
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    """
    rng = np.random.default_rng(rng)
    photon = np.repeat(np.arange(len(PHOTONS)), PHOTONS[:, 2].astype(int))
    photon = rng.permutation(photon)
    inside = WIDEST**2 / (WIDEST**2 + SCALE**2)
    u = inside * rng.uniform(size=len(photon))
    radius = SCALE * np.sqrt(u / (1 - u))
    angle = rng.uniform(0, 2 * np.pi, len(photon))
    offset = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return Deposits(PHOTONS[photon, :2] + offset, rng.exponential(PHOTONS[photon, 3]), photon)
