"""Jets of light quarks and of gluons, recoiling against a Z that nobody sees, as lists of constituents.

At 13 TeV, q g -> Z q makes jets of quarks and q qbar -> Z g makes jets of gluons; the Z decays to neutrinos,
so that one jet is left in the event. "Quark" and "gluon" mean the parton of the hard process at leading
order: there is no other definition that a simulation could give without a theorist's objection
(P. Gras et al., JHEP 07 (2017) 091, arXiv:1704.03878).

The constituents are those of particle flow: tracks for charged particles, calorimeter cells for the rest.
There is no pile-up. The range of momenta, 150 to 200 GeV, is one of those in the ATLAS note on jet images,
ATL-PHYS-PUB-2017-017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import awkward as ak
import numpy as np

from hepml_course.errors import MissingExtraError
from hepml_course.simulate.collisions import Collisions
from hepml_course.simulate.detector import (
    CALORIMETER_ETA,
    JET_RADIUS,
    NEUTRAL_ENERGY,
    TRACK_ETA,
    charge,
    delta_phi,
    draw,
    em_resolution,
    hadronic_resolution,
    is_charged,
    kinematics,
)

ENERGY = 13_000.0  # GeV, of the collision
JET_PT, JET_ETA = (150.0, 200.0), 2.0  # GeV; measured pT of the jets that are kept
TRACK_PT = 0.5  # GeV; in jets ATLAS counts tracks above this, and not above the detector module's 1 GeV
PHOTON_CELL, HADRON_CELL = 0.025, 0.1  # size in eta and phi of the cells of the two calorimeters of ATLAS
MATCHED = 0.3  # distance between jet and parton
LIGHT = (1, 2, 3)  # down, up, strange: jets of charm and bottom hold decays in flight and are left out
GLUON = 21
MANTISSA_BITS = 10  # kept of a number: a part in two thousand, finer than anything that is measured here

# Branch: (type, unit, meaning). A row is a constituent; what belongs to its jet is repeated in each row.
BRANCHES: dict[str, tuple[str, str, str]] = {
    "jet": ("i4", "", "running number of the jet, unique in a file; one jet an event"),
    "jet_pt": ("f4", "GeV", "transverse momentum of the jet"),
    "jet_eta": ("f4", "", "pseudorapidity of the jet"),
    "pt": ("f4", "GeV", "transverse momentum of the constituent, hardest first in a jet"),
    "eta": ("f4", "", "pseudorapidity of the constituent minus that of the jet"),
    "phi": ("f4", "rad", "azimuth of the constituent minus that of the jet"),
    "charge": ("i1", "e", "charge of the track, 0 for a deposit in a calorimeter"),
    "is_photon": ("i1", "", "1 for a deposit in the electromagnetic calorimeter"),
    "truth_parton": ("i1", "", "PDG code of the parton of the hard process, 21 for a gluon"),
}


@dataclass(frozen=True)
class Source:
    """What Pythia is told, in pieces that are made apart."""

    settings: tuple[str, ...]
    chunks: int
    events: int  # a chunk
    name: str = "all"
    data_chunks: int = 0  # there is no pseudo-data


@dataclass(frozen=True)
class Process:
    """A file of the sample and the partons whose jets it holds."""

    file: str
    title: str
    partons: tuple[int, ...]
    strata: tuple[Source, ...]


_INVISIBLE_Z = ("WeakZ0:gmZmode = 2", "23:onMode = off", "23:onIfAny = 12 14 16")
_RANGE = ("PhaseSpace:pTHatMin = 125.", "PhaseSpace:pTHatMax = 260.")

PROCESSES: tuple[Process, ...] = (
    Process(
        "jets/quark.root",
        "light quark + Z -> nu nu",
        LIGHT,
        (Source(("WeakBosonAndParton:qg2gmZq = on", *_INVISIBLE_Z, *_RANGE), 40, 2000),),
    ),
    Process(
        "jets/gluon.root",
        "gluon + Z -> nu nu",
        (GLUON,),
        (Source(("WeakBosonAndParton:qqbar2gmZg = on", *_INVISIBLE_Z, *_RANGE), 44, 2000),),
    ),
)


class Flow(NamedTuple):
    """What particle flow makes of a batch of events: flat columns, and the number of objects an event."""

    counts: np.ndarray
    pt: np.ndarray
    eta: np.ndarray
    phi: np.ndarray
    charge: np.ndarray
    photon: np.ndarray


def generate(source: Source, seed: int, events: int, batch: int = 500) -> tuple[dict[str, np.ndarray], int]:
    """Jets of one source as columns, one row a constituent.

    Parameters
    ----------
    source : Source
    seed : int
        Seeds generator and detector; the same seed gives the same jets.
    events : int
        Events generated; about every fifth has a jet that is kept.
    batch : int
        Events held in memory at once.

    Returns
    -------
    columns : dict of numpy.ndarray
        The branches, with jets numbered from 0.
    seen : int
        Events generated.

    Raises
    ------
    CourseError
        If Pythia or FastJet is missing.
    """
    collisions = Collisions(source.settings, seed, energy=ENERGY)
    rng = np.random.default_rng(seed)
    pieces, jets = [], 0
    for particles in collisions.batches(events, batch):
        piece = select(particles, rng)
        piece["jet"] += jets
        jets = int(piece["jet"][-1]) + 1 if len(piece["jet"]) else jets
        pieces.append(piece)
    return {name: np.concatenate([p[name] for p in pieces]) for name in pieces[0]}, collisions.seen


def select(particles: ak.Array, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The hardest jet of each event, if it is in range and belongs to the parton, as rows of constituents."""
    flow = particle_flow(kinematics(particles[particles.status > 0]), rng)
    event, jet_pt, jet_eta, jet_phi, members = hardest_jets(flow)
    parton = hard_parton(particles[event])
    distance = np.hypot(jet_eta - parton.eta, delta_phi(jet_phi, parton.phi))
    kept = (distance < MATCHED) & (JET_PT[0] < jet_pt) & (jet_pt < JET_PT[1]) & (np.abs(jet_eta) < JET_ETA)
    kept &= np.isin(np.abs(parton.id), (*LIGHT, GLUON))
    members, counts = members[kept], ak.to_numpy(ak.num(members[kept]))
    rows = ak.to_numpy(ak.flatten(members))
    jet = np.repeat(np.arange(len(counts)), counts)
    columns = {
        "jet": jet,
        "jet_pt": jet_pt[kept][jet],
        "jet_eta": jet_eta[kept][jet],
        "pt": flow.pt[rows],
        "eta": flow.eta[rows] - jet_eta[kept][jet],
        "phi": delta_phi(flow.phi[rows], jet_phi[kept][jet]),
        "charge": flow.charge[rows],
        "is_photon": flow.photon[rows],
        "truth_parton": parton.id[kept][jet],
    }
    order = np.lexsort((-columns["pt"], jet))
    return {name: rounded(values[order].astype(BRANCHES[name][0])) for name, values in columns.items()}


def particle_flow(stable: ak.Array, rng: np.random.Generator) -> Flow:
    """Tracks, photons and neutral hadrons of events of stable particles (resolutions of `detector`).

    A charged particle whose track is not found leaves its energy in the calorimeter. Deposits lie in the
    middle of their cell, and those of one cell are not merged.
    """
    code = abs(stable.id)
    invisible = (code == 12) | (code == 14) | (code == 16)
    tracked = is_charged(code) & (stable.pt > TRACK_PT) & (abs(stable.eta) < TRACK_ETA)
    tracked = tracked & draw(ak.where(abs(stable.eta) < 1.5, 0.95, 0.85), rng)
    deposit = (stable.e > NEUTRAL_ENERGY) & ~(is_charged(code) & (stable.pt < TRACK_PT)) & (code != 13)
    kept = ~invisible & (abs(stable.eta) < CALORIMETER_ETA) & (tracked | deposit)
    seen, tracked = stable[kept], _flat(tracked[kept])
    pt, energy, eta, phi, code = (_flat(seen[name]) for name in ("pt", "e", "eta", "phi", "id"))
    photon = ~tracked & np.isin(np.abs(code), (11, 22))
    sigma = np.where(photon, em_resolution(energy, np.abs(eta)), hadronic_resolution(energy, np.abs(eta)))
    scale = np.where(tracked, 1.0, np.maximum(1 + sigma / energy * rng.normal(size=len(pt)), 0.05))
    cell = np.where(photon, PHOTON_CELL, HADRON_CELL)
    eta, phi = (np.where(tracked, angle, (np.floor(angle / cell) + 0.5) * cell) for angle in (eta, phi))
    charges = np.where(tracked, np.asarray(charge(code)), 0)
    return Flow(ak.to_numpy(ak.num(seen)), pt * scale, eta, phi, charges, photon)


def hardest_jets(flow: Flow) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, ak.Array]:
    """The hardest anti-kt jet of each event that has one above 100 GeV.

    Returns
    -------
    event : array of int, shape (n,)
        Which events these are.
    pt, eta, phi : array of float, shape (n,)
        Of the jets.
    members : awkward.Array, shape (n, variable)
        Positions of their constituents in the columns of `flow`.
    """
    try:
        import fastjet
    except ImportError as error:
        raise MissingExtraError("Finding jets", "generate") from error
    momenta = {
        "px": flow.pt * np.cos(flow.phi),
        "py": flow.pt * np.sin(flow.phi),
        "pz": flow.pt * np.sinh(flow.eta),
        "E": flow.pt * np.cosh(flow.eta),
    }
    inputs = ak.zip({n: ak.unflatten(v, flow.counts) for n, v in momenta.items()}, with_name="Momentum4D")
    cluster = fastjet.ClusterSequence(inputs, fastjet.JetDefinition(fastjet.antikt_algorithm, JET_RADIUS))
    jets, members = cluster.inclusive_jets(min_pt=100.0), cluster.constituent_index(min_pt=100.0)
    first = np.concatenate([[0], np.cumsum(flow.counts)[:-1]])
    members = members + first[:, None, None]
    event = np.flatnonzero(ak.to_numpy(ak.num(jets)) > 0)
    jets, members = jets[event], members[event]
    leading = ak.argmax(jets.px**2 + jets.py**2, axis=1, keepdims=True)
    px, py, pz = (ak.to_numpy(jets[axis][leading][:, 0]) for axis in ("px", "py", "pz"))
    pt = np.hypot(px, py)
    return event, pt, np.arcsinh(pz / pt), np.arctan2(py, px), members[leading][:, 0]


class Parton(NamedTuple):
    """The parton that leaves the hard process beside the Z: PDG code, pseudorapidity, azimuth."""

    id: np.ndarray
    eta: np.ndarray
    phi: np.ndarray


def hard_parton(particles: ak.Array) -> Parton:
    """The outgoing quark or gluon of the hard process of each event."""
    code = abs(particles.id)
    outgoing = particles[(particles.status == -23) & ((code == GLUON) | (code <= 6))]
    found = kinematics(outgoing)[:, 0]
    return Parton(*(ak.to_numpy(found[name]) for name in Parton._fields))


def rounded(values: np.ndarray) -> np.ndarray:
    """Floats with `MANTISSA_BITS` bits of mantissa, so that the file compresses; integers as they are."""
    if values.dtype.kind != "f":
        return values
    mantissa, exponent = np.frexp(values)
    steps = 2.0**MANTISSA_BITS
    return np.ldexp(np.round(mantissa * steps) / steps, exponent).astype(values.dtype)


def _flat(values: ak.Array) -> np.ndarray:
    return ak.to_numpy(ak.flatten(values))
