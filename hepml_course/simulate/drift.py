"""Muons through a drift tube: distance from the wire against arrival time, a straight line with known truth.

A toy with the scale of a barrel muon chamber at the LHC: electrons drift at some 54 µm/ns in argon with
carbon dioxide, over at most 21 mm (CMS Collaboration, The CMS experiment at the CERN LHC, JINST 3 (2008)
S08004, section 7.1). The drift velocity is the same at every distance, and the time is taken as exact.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

VELOCITY = 0.054  # mm/ns
START_OF_CLOCK = 50.0  # ns: what the clock shows when the muon passes
LONGEST_DRIFT = 21.0  # mm
TELESCOPE_RESOLUTION = 0.25  # mm


def drift_tube(n: int, rng: np.random.Generator | int) -> tuple[Floats, Floats]:
    """Draw `n` muons that cross the tube anywhere, with a telescope that says where.

    Parameters
    ----------
    n : int
        Number of muons.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Returns
    -------
    time : ndarray, shape (n,)
        When the first electrons reach the wire, in ns of a clock that started before the muon came.
    distance : ndarray, shape (n,)
        Distance of the muon from the wire in mm, measured by the telescope with a Gaussian error of 0.25 mm.
    """
    rng = np.random.default_rng(rng)
    true = rng.uniform(0.0, LONGEST_DRIFT, n)
    time = START_OF_CLOCK + true / VELOCITY
    return time, true + rng.normal(0.0, TELESCOPE_RESOLUTION, n)
