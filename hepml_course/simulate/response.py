"""Jets with their true and their measured transverse momentum, for a first calibration.

What is physics and what is a sketch
------------------------------------
* A hadron leaves less signal than an electron of the same energy, because nuclear break-up costs energy that
  is not seen; the share of neutral pions, which shower like electrons, grows with the logarithm of the energy
  (Particle Data Group, particle detectors at accelerators, hadronic calorimeters). So the mean response of a
  calorimeter that does not compensate is below 1 and rises about as ln(pT). Its value, 0.80 at 100 GeV, and
  its slope, 0.04 per unit of ln(pT), are a choice.
* The relative resolution is a/sqrt(pT) and a constant c added in quadrature, as for every sampling
  calorimeter; a = 0.8 GeV^(1/2) and c = 0.05 are typical in size. Noise and pile-up are left out.
* Where the barrel ends and the endcap begins, near |eta| = 1.4, cables and supports eat energy. That there
  is such a gap is physics; its depth of 20 % and its shape are a choice.
* Spectrum: flat in ln(pT), as a detector group would generate it, or falling as pT^-5, about as jets at the
  LHC do.
* Flavour, jet algorithm and non-Gaussian tails: left out.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

LOWEST, HIGHEST = 20.0, 1000.0  # GeV, of the true pT
LARGEST_ETA = 2.5
STOCHASTIC, CONSTANT = 0.8, 0.05  # sqrt(GeV), 1
FALL = 5  # power of the falling spectrum


class Jets(NamedTuple):
    """Jets, one entry each in every array.

    Attributes
    ----------
    true, measured : ndarray, shape (n,)
        Transverse momentum in GeV, of the particles in the jet and as the calorimeter reads it.
    eta : ndarray, shape (n,)
        Pseudorapidity, measured without error.
    """

    true: Floats
    measured: Floats
    eta: Floats


def jet_response(true: ArrayLike, eta: ArrayLike) -> Floats:
    """Mean of measured over true transverse momentum.

    Parameters
    ----------
    true : array_like
        True transverse momentum in GeV.
    eta : array_like
        Pseudorapidity.
    """
    gap = np.exp(-0.5 * ((np.abs(eta) - 1.4) / 0.15) ** 2)
    return (0.80 + 0.04 * np.log(np.asarray(true) / 100)) * (1 - 0.20 * gap)


def jet_resolution(true: ArrayLike) -> Floats:
    """Relative spread of the measurement around its mean, for jets of this true pT in GeV."""
    return np.hypot(STOCHASTIC / np.sqrt(true), CONSTANT)


def measured_jets(n: int, rng: Rng, *, spectrum: Literal["flat", "falling"] = "flat") -> Jets:
    """Draw `n` jets between 20 GeV and 1 TeV and measure them.

    Parameters
    ----------
    n : int
        Number of jets.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    spectrum : {"flat", "falling"}
        Flat in the logarithm of the true pT, or falling as its fifth power.
    """
    if spectrum not in ("flat", "falling"):
        raise CourseError(f"The spectrum is 'flat' or 'falling', not {spectrum!r}.")
    rng = np.random.default_rng(rng)
    u = rng.uniform(size=n)
    if spectrum == "flat":
        true = LOWEST * (HIGHEST / LOWEST) ** u
    else:
        ends = LOWEST ** (1 - FALL), HIGHEST ** (1 - FALL)
        true = (ends[0] + u * (ends[1] - ends[0])) ** (1 / (1 - FALL))
    eta = rng.uniform(-LARGEST_ETA, LARGEST_ETA, n)
    noise = 1 + jet_resolution(true) * rng.normal(size=n)
    return Jets(true, true * jet_response(true, eta) * np.maximum(noise, 0.05), eta)
