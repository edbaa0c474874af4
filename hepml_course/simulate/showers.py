"""Showers of single particles in a calorimeter, as images of 12 × 12 cells and three channels.

A window of 12 cm × 12 cm of a barrel detector, 1.5 m from the collision, seen from there. Rows run along φ,
columns along η; the particle hits the window at right angles, within 2 cm of its centre, and is alone.

What is physics
---------------
* A shower of electrons and photons grows in depth as a Gamma distribution with its maximum at
  ln(E / E_c) - 1/2 (electron) or + 1/2 (photon) radiation lengths, b = 1/2 (Review of Particle Physics,
  "Passage of particles through matter"). A photon starts later or earlier by the spread of its free
  path, 9/7 radiation lengths.
* Sideways it falls off as 2 r c²/(r² + c²)² (Grindhammer and Peters, hep-ex/0001020), with the c that leaves
  90 % inside one Molière radius. Its integral over a cell is a closed formula.
* A π⁰ decays at once; the photons share its energy flatly and open by the angle that makes the mass.
* A charged pion interacts after an exponential path. Before, it is a minimum ionising particle. Of its shower
  a share goes into photons, on average 1 - E^(-0.18) for E in GeV (Wigmans, "Calorimetry"); the rest grows
  in depth as in Bock and others, NIM 186 (1981) 533, and is seen with a lower response, h/e.
* An electron may radiate in the tracker. The magnetic field takes it away from its photon, along φ.
* The signal comes in quanta: a cell with mean energy E holds Poisson(E / a²) of them, each of a², so the sum
  has the resolution a √E. Noise is Gaussian; a cell below threshold is set to zero.

What is a sketch
----------------
One layer in depth for each calorimeter; no dead material, no conversions of photons, no neighbours. The
photons of a hadronic shower are three lumps; a single hard photon is radiated at most; leakage is what the
formulas leave outside. The numbers in `Calorimeter` lie in the range of real detectors and belong to none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

PARTICLES = ("photon", "pi0", "electron", "pion")  # the last is a charged one, of either sign
CHANNELS = ("ECAL", "HCAL", "track")

COARSE = 4  # cells of the ECAL along the side of one of the HCAL
PI0_MASS = 0.13498  # GeV (PDG)
JITTER = 2.0  # cm; the particle hits within this distance of the centre, in each coordinate

FREE_PATH = 9 / 7  # of a photon, in radiation lengths
LUMPS, LUMP_SPREAD = 3, 1.0  # photon showers in a hadronic one, and their distance from its axis in cm
EM_POWER, EM_SPREAD = 0.18, 0.17  # mean share of photons in it is 1 - E^-power; its standard deviation
MIP = 0.25  # GeV per interaction length, most probable
MIP_WIDTH = 0.02  # GeV
RADIATES, SOFTEST, HARDEST = 0.3, 0.1, 0.9  # electrons that do; share that the photon takes, flat in its log
TRACKER = 1.2  # m, radius up to which there is material


@dataclass(frozen=True)
class Calorimeter:
    """The detector. Lengths in cm, energies in GeV; `dataclasses.replace` makes a worse one.

    Attributes
    ----------
    cells : int
        Along each side of the window; a multiple of four.
    cell : float
        Side of an ECAL cell; the HCAL has cells of four times the side.
    distance : float
        From the collision.
    field : float
        Tesla, along the beam.
    moliere_radius, critical_energy, ecal_depth : float
        The last in radiation lengths. The ECAL is also one interaction length deep.
    interaction_length, hcal_depth : float
        The second in interaction lengths.
    ecal_stochastic, hadron_stochastic, hcal_stochastic : float
        a in σ = a √E: of photon showers and of the rest of hadronic ones in the ECAL, and in the HCAL.
    constant : float
        Relative spread of the response of the ECAL from shower to shower.
    h_over_e : float
        Response to the part of a hadronic shower that is not photons.
    ecal_noise, hcal_noise : float
        Per cell.
    ecal_threshold, hcal_threshold : float
        A cell below reads zero: three times the nominal noise.
    scale : float
        Factor on all that the calorimeters measure: a wrong calibration.
    dead : float
        Probability of each ECAL cell to be dead, drawn anew in each event.
    track_resolution : tuple of float
        A and B in σ(p)/p = A ⊕ B p.
    """

    cells: int = 12
    cell: float = 1.0
    distance: float = 150.0
    field: float = 2.0
    moliere_radius: float = 2.0
    critical_energy: float = 0.0096
    ecal_depth: float = 25.0
    interaction_length: float = 20.0
    hcal_depth: float = 6.0
    ecal_stochastic: float = 0.10
    hadron_stochastic: float = 0.30
    hcal_stochastic: float = 0.50
    constant: float = 0.01
    h_over_e: float = 0.6
    ecal_noise: float = 0.01
    hcal_noise: float = 0.1
    ecal_threshold: float = 0.03
    hcal_threshold: float = 0.3
    scale: float = 1.0
    dead: float = 0.0
    track_resolution: tuple[float, float] = (0.01, 0.0005)


class Showers(NamedTuple):
    """Images with their truth, one entry per particle in every array.

    Attributes
    ----------
    image : ndarray of float32, shape (n, cells, cells, 3)
        GeV per cell in ECAL and HCAL, and the track's momentum in the cell it points to. Rows are φ, columns
        η. A cell of the HCAL covers 4 × 4 of the ECAL and shares its energy among them.
    kind : ndarray of int, shape (n,)
        Place in the list of kinds that was asked for.
    energy : ndarray, shape (n,)
        True energy, GeV.
    impact : ndarray, shape (n, 2)
        Where the particle, or the line of flight of the π⁰, hits: φ and η coordinate in cm from the centre.
    photons : ndarray, shape (n, 2, 3)
        Energy in GeV and both coordinates in cm of up to two photons: of the particle, of the π⁰, or
        radiated by the electron. NaN where there is none.
    """

    image: NDArray[np.float32]
    kind: NDArray[np.int64]
    energy: Floats
    impact: Floats
    photons: Floats


class _Lateral(NamedTuple):
    """Point showers: mean energy of `k` of them in each of `n` events, where they hit, and their scale c."""

    energy: Floats  # (n, k)
    place: Floats  # (n, k, 2)
    scale: float


def showers(
    n: int,
    rng: Rng,
    kinds: Sequence[str] = ("photon", "pi0"),
    *,
    energy: tuple[float, float] = (10.0, 40.0),
    detector: Calorimeter | None = None,
) -> Showers:
    """Simulate `n` particles of each kind, in random order.

    Parameters
    ----------
    n : int
        Particles of each kind.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    kinds : sequence of str
        Of `PARTICLES`: photon, pi0, electron, pion.
    energy : tuple of float
        The energies are flat between these two, in GeV.
    detector : Calorimeter, optional
        The nominal one unless given.

    Raises
    ------
    CourseError
        For a kind that does not exist, or an energy for which the formulas do not hold.
    """
    rng, detector = np.random.default_rng(rng), detector or Calorimeter()
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if not kinds or (unknown := [kind for kind in kinds if kind not in PARTICLES]):
        word = f"not {unknown[0]!r}" if kinds else "and there has to be one"
        raise CourseError(f"The kinds of particles are {', '.join(PARTICLES)}, {word}.")
    low, high = energy
    if not 2 <= low <= high <= 500:
        raise CourseError(
            f"The showers are made for energies from 2 to 500 GeV, lower end first, not {energy}."
        )
    if detector.cells < 2 * COARSE or detector.cells % COARSE:
        raise CourseError(f"The window has 8, 12, 16 … cells along its side, not {detector.cells}.")
    if n < 1:
        raise CourseError(f"There is no sample of {n} particles: ask for one or more.")
    parts = [_one_kind(name, n, energy, detector, rng) for name in kinds]
    kind = np.repeat(np.arange(len(kinds)), n)
    order = rng.permutation(len(kind))
    image, true, impact, photons = (np.concatenate(arrays)[order] for arrays in zip(*parts, strict=True))
    return Showers(image, kind[order], true, impact, photons)


def pi0_decay(energy: ArrayLike, rng: Rng, *, distance: float = 150.0) -> tuple[Floats, Floats]:
    """Decay neutral pions into two photons each.

    Parameters
    ----------
    energy : array_like, shape (n,)
        GeV, well above the mass.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    distance : float
        To the calorimeter, in cm.

    Returns
    -------
    energies : ndarray, shape (n, 2)
        GeV; flat in the share, since a spinless particle decays evenly into all directions.
    places : ndarray, shape (n, 2, 2)
        Where each photon hits, in cm from where the pion would have. They are never closer than nearly
        2 m / E times the distance.
    """
    rng, energy = np.random.default_rng(rng), np.asarray(energy, dtype=float)
    if not (energy > 2 * PI0_MASS).all():
        raise CourseError(
            "A pion that hits the calorimeter with both photons has an energy well above 0.135 GeV."
        )
    momentum = np.sqrt(energy**2 - PI0_MASS**2)
    cos, phi = rng.uniform(-1, 1, len(energy)), rng.uniform(0, 2 * np.pi, len(energy))
    sideways = PI0_MASS / 2 * np.sqrt(1 - cos**2)
    side = np.array([1, -1])
    energies = (energy[:, None] + side * (momentum * cos)[:, None]) / 2
    forward = (momentum[:, None] + side * (energy * cos)[:, None]) / 2
    radius = side * distance * sideways[:, None] / np.maximum(forward, 1e-9)
    return energies, radius[:, :, None] * np.stack([np.cos(phi), np.sin(phi)], axis=1)[:, None]


def cell_fractions(place: ArrayLike, scale: float, edges: ArrayLike) -> Floats:
    """Share of a shower in each cell: the radial profile 2 r c²/(r² + c²)², integrated exactly.

    Parameters
    ----------
    place : array_like, shape (..., 2)
        Where the shower's axis is, both coordinates in cm.
    scale : float
        c in cm; a share r²/(r² + c²) lies within r.
    edges : array_like, shape (m + 1,)
        Of the cells, in cm, the same along both coordinates.

    Returns
    -------
    ndarray, shape (..., m, m)
    """
    place, edges = np.asarray(place, dtype=float), np.asarray(edges, dtype=float)
    y = edges[:, None] - place[..., 0, None, None]
    x = edges - place[..., 1, None, None]
    height, width = np.hypot(y, scale), np.hypot(x, scale)
    corner = (y / height * np.arctan(x / height) + x / width * np.arctan(y / width)) / (2 * np.pi)
    return np.diff(np.diff(corner, axis=-2), axis=-1)


def em_containment(energy: ArrayLike, depth: ArrayLike, kind: str, critical_energy: float = 0.0096) -> Floats:
    """Share of the energy of an electron's or photon's shower that is deposited up to a depth.

    Parameters
    ----------
    energy : array_like
        GeV.
    depth : array_like
        Radiation lengths; below zero nothing is deposited.
    kind : {"electron", "photon"}
    critical_energy : float
        GeV.
    """
    maximum = np.log(np.asarray(energy) / critical_energy) + (0.5 if kind == "photon" else -0.5)
    return gammainc(1 + 0.5 * np.maximum(maximum, 0.5), 0.5 * np.maximum(depth, 0))


def hadron_containment(energy: ArrayLike, depth: ArrayLike) -> Floats:
    """Share of the part of a hadronic shower that is not photons, deposited up to a depth.

    Parameters
    ----------
    energy : array_like
        GeV.
    depth : array_like
        Interaction lengths from the first interaction; below zero nothing is deposited.
    """
    log = np.log(np.asarray(energy))
    return gammainc(0.6165 + 0.3183 * log, (0.9099 - 0.0237 * log) * np.maximum(depth, 0))


def _one_kind(
    kind: str, n: int, limits: tuple[float, float], d: Calorimeter, rng: np.random.Generator
) -> tuple[NDArray[np.float32], Floats, Floats, Floats]:
    """Images, energies, impact points and photons of `n` particles of one kind."""
    energy = rng.uniform(*limits, n)
    impact = rng.uniform(-JITTER, JITTER, (n, 2)) * d.cell
    photons = np.full((n, 2, 3), np.nan)
    momentum = None if kind in ("photon", "pi0") else energy
    if kind == "pion":
        ecal, hcal = _hadron(energy, impact, d, rng)
    else:
        if kind == "photon":
            photons[:, 0] = np.column_stack([energy, impact])
        elif kind == "pi0":
            energies, places = pi0_decay(energy, rng, distance=d.distance)
            photons[:, :, 0], photons[:, :, 1:] = energies, impact[:, None] + places
        else:
            photons[:, 0], momentum = _radiated(energy, impact, d, rng)
        ecal, hcal = _electromagnetic(photons, momentum, impact, d, rng)
    image = np.zeros((n, d.cells, d.cells, 3), dtype=np.float32)
    image[..., 0] = _read_ecal(ecal, d, rng)
    image[..., 1] = _read_hcal(hcal, d, rng)
    if momentum is not None:
        row, column = np.floor(impact / d.cell).astype(int).T + d.cells // 2
        a, b = d.track_resolution
        smeared = momentum * (1 + np.hypot(a, b * momentum) * rng.normal(size=n))
        image[np.arange(n), row, column, 2] = np.maximum(smeared, 0)
    return image, energy, impact, photons


def _radiated(
    energy: Floats, impact: Floats, d: Calorimeter, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """The photon of each electron, NaN where it has none, and the momentum that is left."""
    n = len(energy)
    share = SOFTEST * (HARDEST / SOFTEST) ** rng.uniform(size=n)
    share = np.where(rng.uniform(size=n) < RADIATES, share, 0.0)
    left = (1 - share) * energy
    path = d.distance / 100 - rng.uniform(0, TRACKER, n)  # m, from the emission to the calorimeter
    bend = 100 * rng.choice([-1, 1], n) * 0.3 * d.field * path**2 / (2 * left)  # cm, both charges alike
    photon = np.column_stack([share * energy, impact[:, 0] + bend, impact[:, 1]])
    photon[share == 0] = np.nan
    return photon, left


def _electromagnetic(
    photons: Floats, momentum: Floats | None, impact: Floats, d: Calorimeter, rng: np.random.Generator
) -> tuple[list[tuple[_Lateral, float]], list[_Lateral]]:
    """Mean deposits of photons, and of an electron if there is one, in ECAL and HCAL."""
    energy, place = np.nan_to_num(photons[..., 0]), np.nan_to_num(photons[..., 1:])
    late = FREE_PATH * (rng.exponential(size=energy.shape) - 1)
    inside = em_containment(np.maximum(energy, 0.1), d.ecal_depth - late, "photon", d.critical_energy)
    if momentum is not None:
        energy, place = np.column_stack([energy, momentum]), np.concatenate([place, impact[:, None]], axis=1)
        electron = em_containment(momentum, d.ecal_depth, "electron", d.critical_energy)
        inside = np.column_stack([inside, electron])
    response = rng.normal(1, d.constant, (len(energy), 1))
    narrow = d.moliere_radius / 3
    ecal = _Lateral(energy * inside * response, place, narrow)
    return [(ecal, d.ecal_stochastic)], [_Lateral(energy * (1 - inside), place, narrow)]


def _hadron(
    energy: Floats, impact: Floats, d: Calorimeter, rng: np.random.Generator
) -> tuple[list[tuple[_Lateral, float]], list[_Lateral]]:
    """Mean deposits of charged pions: a minimum ionising track, photons in lumps, and the rest."""
    n = len(energy)
    start = rng.exponential(size=n)  # interaction lengths
    mean = 1 - energy**-EM_POWER
    size = mean * (1 - mean) / EM_SPREAD**2 - 1
    share = rng.beta(mean * size, (1 - mean) * size)
    lumps = rng.dirichlet(np.ones(LUMPS), n) * (share * energy)[:, None]
    places = impact[:, None] + rng.normal(0, LUMP_SPREAD, (n, LUMPS, 2))
    room = d.ecal_depth * (1 - start)  # radiation lengths left in the ECAL, after the interaction
    bright = em_containment(np.maximum(lumps, 0.1), room[:, None], "photon", d.critical_energy)
    bright = np.where(room[:, None] > 0, bright, 0.0)
    rest = d.h_over_e * (1 - share) * energy
    dim, all_of_it = (
        hadron_containment(energy, 1 - start),
        hadron_containment(energy, 1 + d.hcal_depth - start),
    )
    contained = start < 1 + d.hcal_depth
    path = np.column_stack([np.minimum(start, 1), np.clip(start - 1, 0, d.hcal_depth)])
    mip = MIP * path + MIP_WIDTH * -2 * np.log(np.abs(rng.normal(size=(n, 2)))) * np.sqrt(path)
    mip = np.maximum(mip, 0)  # the logarithm makes the long tail of Moyal's distribution
    narrow, wide, line = d.moliere_radius / 3, 0.23 * d.interaction_length, 0.02 * d.cell
    axis = impact[:, None]
    ecal = [
        (_Lateral(lumps * bright, places, narrow), d.ecal_stochastic),
        (_Lateral((rest * dim)[:, None], axis, wide), d.hadron_stochastic),
        (_Lateral(mip[:, :1], axis, line), d.ecal_stochastic),
    ]
    hcal = [
        _Lateral(lumps * (1 - bright) * contained[:, None], places, narrow),
        _Lateral((rest * (all_of_it - dim))[:, None], axis, wide),
        _Lateral(mip[:, 1:], axis, line),
    ]
    return ecal, hcal


def _mean_image(part: _Lateral, edges: Floats) -> Floats:
    """Mean energy in each cell, shape (n, m, m): the showers of each event added up."""
    total = 0.0
    for k in range(part.energy.shape[1]):  # over the few showers of an event, not over events
        total = total + part.energy[:, k, None, None] * cell_fractions(part.place[:, k], part.scale, edges)
    return total


def _quanta(mean: Floats, stochastic: float, rng: np.random.Generator) -> Floats:
    """A Poisson number of quanta in each cell, in GeV."""
    quantum = stochastic**2
    return quantum * rng.poisson(np.maximum(mean, 0) / quantum)


def _read_ecal(parts: list[tuple[_Lateral, float]], d: Calorimeter, rng: np.random.Generator) -> Floats:
    edges = d.cell * (np.arange(d.cells + 1) - d.cells / 2)
    image = sum(_quanta(_mean_image(part, edges), stochastic, rng) for part, stochastic in parts)
    image = _suppressed(d.scale * image, d.ecal_noise, d.ecal_threshold, rng)
    if d.dead:
        image[rng.uniform(size=image.shape) < d.dead] = 0
    return image


def _read_hcal(parts: list[_Lateral], d: Calorimeter, rng: np.random.Generator) -> Floats:
    edges = d.cell * (np.arange(0, d.cells + 1, COARSE) - d.cells / 2)
    image = _quanta(sum(_mean_image(part, edges) for part in parts), d.hcal_stochastic, rng)
    image = _suppressed(d.scale * image, d.hcal_noise, d.hcal_threshold, rng)
    return image.repeat(COARSE, axis=1).repeat(COARSE, axis=2) / COARSE**2


def _suppressed(image: Floats, noise: float, threshold: float, rng: np.random.Generator) -> Floats:
    """Add noise; a cell below threshold reads zero."""
    image = image + noise * rng.standard_normal(image.shape)
    return np.where(image >= threshold, image, 0.0)
