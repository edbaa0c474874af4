"""Elastic scattering of a muon on an electron at rest, and the small angles that matter adds to it.

Energies in GeV, angles in radian. The kinematics is exact; the cross section is that of leading order, the
scattering in matter a Gaussian of Highland's width: no radiation, no tails.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

MUON_MASS = 0.1056584  # GeV (PDG)
ELECTRON_MASS = 0.000510999  # GeV (PDG)
BEAM = 150.0  # GeV, the muons of the SPS in the Letter of Intent of MUonE


def highest_energy(beam: float = BEAM) -> float:
    """Largest total energy in GeV of an electron that a muon of energy `beam` knocks straight ahead."""
    ratio = _speed(beam) ** 2
    return ELECTRON_MASS * (1 + ratio) / (1 - ratio)


def electron_angle(energy: ArrayLike, beam: float = BEAM) -> Floats:
    """Angle to the incoming muon at which an electron of this energy leaves, in radian.

    Parameters
    ----------
    energy : array_like, shape (...,)
        Total energy of the electron in GeV, between its mass and `highest_energy`.
    beam : float
        Total energy of the muon in GeV.
    """
    energy = _checked(energy, beam)
    cos_squared = (energy - ELECTRON_MASS) / (energy + ELECTRON_MASS) / _speed(beam) ** 2
    return np.arctan2(np.sqrt(np.maximum(1 - cos_squared, 0)), np.sqrt(cos_squared))


def muon_angle(energy: ArrayLike, beam: float = BEAM) -> Floats:
    """Angle of the outgoing to the incoming muon in radian, where the electron takes this energy.

    Parameters
    ----------
    energy, beam
        As in `electron_angle`.
    """
    angle = electron_angle(energy, beam)
    momentum = _momentum(energy, ELECTRON_MASS)
    along = _momentum(beam, MUON_MASS) - momentum * np.cos(angle)
    return np.arctan2(momentum * np.sin(angle), along)


def electron_energy(angle: ArrayLike, beam: float = BEAM) -> Floats:
    """Total energy in GeV of an electron that leaves at this angle in radian; inverts `electron_angle`."""
    ratio = (_speed(beam) * np.cos(np.asarray(angle, dtype=float))) ** 2
    return ELECTRON_MASS * (1 + ratio) / (1 - ratio)


def elastic_energies(n: int, limits: tuple[float, float], *, beam: float = BEAM, rng: Rng) -> Floats:
    """Draw energies of electrons from the cross section of leading order.

    With kinetic energy T it is dσ/dT ∝ (1 − β² T / T_max + T² / 2E²) / T².

    Parameters
    ----------
    n : int
        Number of electrons.
    limits : (float, float)
        Total energies in GeV to draw between.
    beam : float
        Total energy of the muon in GeV.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    References
    ----------
    PDG, Review of particle physics, "Passage of particles through matter", knock-on electrons.
    """
    low, high = _checked(limits, beam) - ELECTRON_MASS
    if not 0 < low < high:
        raise CourseError(f"Energies of the electron go from low to high, not {limits} GeV.")
    grid = np.geomspace(low, high, 4001)
    beta_squared = 1 - (MUON_MASS / beam) ** 2
    most = highest_energy(beam) - ELECTRON_MASS
    integral = -1 / grid - beta_squared / most * np.log(grid) + grid / (2 * beam**2)
    drawn = np.random.default_rng(rng).uniform(integral[0], integral[-1], n)
    return np.interp(drawn, integral, grid) + ELECTRON_MASS


def highland(momentum: ArrayLike, thickness: ArrayLike, mass: ArrayLike = ELECTRON_MASS) -> Floats:
    """Width of the angle in one plane, in radian, after matter: 13.6 MeV / βcp · √t · (1 + 0.038 ln(t / β²)).

    Parameters
    ----------
    momentum, mass : array_like
        In GeV.
    thickness : array_like
        t, in radiation lengths.

    References
    ----------
    PDG, Review of particle physics, "Passage of particles through matter", multiple scattering.
    """
    momentum, t = np.asarray(momentum, dtype=float), np.asarray(thickness, dtype=float)
    beta = momentum / np.hypot(momentum, mass)
    logarithm = 1 + 0.038 * np.log(np.maximum(t, 1e-11) / beta**2)
    return 0.0136 / (beta * momentum) * np.sqrt(t) * np.maximum(logarithm, 0)


def _speed(beam: float) -> float:
    """Speed of the centre of mass, p / (E + m_e)."""
    if not beam > MUON_MASS:
        raise CourseError(f"A muon has an energy above its mass of {MUON_MASS} GeV, not {beam}.")
    return _momentum(beam, MUON_MASS) / (beam + ELECTRON_MASS)


def _momentum(energy: ArrayLike, mass: float) -> Floats:
    return np.sqrt(np.square(energy) - mass**2)


def _checked(energy: ArrayLike, beam: float) -> Floats:
    energy = np.asarray(energy, dtype=float)
    most = highest_energy(beam)
    if not ((energy >= ELECTRON_MASS) & (energy <= most * (1 + 1e-9))).all():
        raise CourseError(
            f"A muon of {beam} GeV gives an electron at rest at most {most:.1f} GeV: choose energies below."
        )
    return energy
