"""Hits of two soft particles in a drift chamber, looked at along the magnetic field.

What is physics and what is a sketch
------------------------------------
* Across the field a charged particle moves on a circle of radius pT / (0.3 B), in metres for GeV and tesla:
  0.3 m for 0.18 GeV in 2 T. Opposite charges turn opposite ways. Each is followed over half a turn.
* Where they start is chosen by hand, so that the two arcs interlock without touching.
* Hits lie at random places along the arc and are smeared. The spread of 1.5 cm is far more than that
  of a real chamber, so that the eye sees a problem. Energy loss, scattering and noise are left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

RADIUS = 100 * 0.18 / (0.3 * 2.0)  # cm
SMEARING = 1.5  # cm


class Hits(NamedTuple):
    """Hits, one entry each in every array.

    Attributes
    ----------
    position : ndarray, shape (n, 2)
        In cm, across the magnetic field.
    charge : ndarray of int, shape (n,)
        +1 or -1: which of the two particles left the hit.
    """

    position: Floats
    charge: NDArray[np.int64]


def two_arcs(n: int, rng: Rng, *, smearing: float = SMEARING) -> Hits:
    """Draw `n` hits on each of two half circles, in random order.

    Parameters
    ----------
    n : int
        Hits of each particle.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    smearing : float
        Standard deviation in cm, in both directions.
    """
    rng = np.random.default_rng(rng)
    charge = rng.permutation(np.repeat([1, -1], n))
    angle = rng.uniform(0, np.pi, 2 * n)
    arc = RADIUS * np.column_stack([charge * np.cos(angle), charge * np.sin(angle)])
    centre = np.column_stack([-0.5 * charge * RADIUS, -0.25 * charge * RADIUS])
    return Hits(arc + centre + smearing * rng.normal(size=(2 * n, 2)), charge)
