"""A parametrised detector in the likeness of ATLAS in 2012: responses, efficiencies, objects.

Numbers come from three places, named where they are used:

* ``DELPHES``: the ATLAS card of Delphes 3 (J. de Favereau et al., JHEP 02 (2014) 057, arXiv:1307.6346),
  file ``cards/delphes_card_ATLAS.tcl``: tracking, electron and muon efficiencies, momentum and
  calorimeter resolutions;
* ``HTAUTAU``: lepton isolation of the ATLAS search for H -> tau tau at 8 TeV (JHEP 04 (2015) 117,
  arXiv:1501.04943): tracks within 0.4 of the lepton carry less than 6 % of its momentum;
* ``OURS``: a choice of this course, stated as such.

There is no pile-up; its effect on the missing momentum is a Gaussian of `PILEUP_NOISE` per component.
Everything works on whole batches of events; particles of one batch are awkward records with fields
``id, status, mother1, p`` as made by `hepml_course.simulate.collisions`. Energies are in GeV.
"""

from __future__ import annotations

from typing import NamedTuple

import awkward as ak
import numpy as np

from hepml_course.errors import MissingExtraError

TRACK_PT, TRACK_ETA = 1.0, 2.5  # GeV; what counts as a track (OURS, as in the tau reconstruction)
LOOP_PT = 0.35  # GeV; softer charged particles curl up before the calorimeter (2 T, 1.15 m; DELPHES)
NEUTRAL_ENERGY = 0.5  # GeV; smallest energy the calorimeter sees (DELPHES)
CALORIMETER_ETA = 4.9
PILEUP_NOISE = 6.0  # GeV per component of the missing momentum (OURS: about 20 soft collisions)
ISOLATION_CONE, ISOLATION_FRACTION = 0.4, 0.06  # HTAUTAU
JET_RADIUS, JET_PT = 0.4, 10.0  # GeV


class Objects(NamedTuple):
    """What the detector saw in a batch of events: one awkward array a kind, one entry an event."""

    leptons: ak.Array
    tracks: ak.Array
    towers: ak.Array
    jets: ak.Array
    met_x: np.ndarray
    met_y: np.ndarray


def reconstruct(particles: ak.Array, rng: np.random.Generator) -> Objects:
    """Turn generated particles into leptons, tracks, calorimeter deposits, jets and missing momentum.

    Parameters
    ----------
    particles : awkward.Array
        A batch of events from `Collisions.batch`.
    rng : numpy.random.Generator
        Source of all smearing.
    """
    stable = kinematics(particles[particles.status > 0])
    towers = calorimeter(stable, rng)
    tracks = find_tracks(stable, rng)
    leptons = isolated(find_leptons(stable, rng), tracks)
    muons = leptons[leptons.flavour == 13]
    noise = rng.normal(0, PILEUP_NOISE, (2, len(particles)))
    met_x = -ak.sum(towers.px, axis=1).to_numpy() - ak.sum(muons.px, axis=1).to_numpy() + noise[0]
    met_y = -ak.sum(towers.py, axis=1).to_numpy() - ak.sum(muons.py, axis=1).to_numpy() + noise[1]
    return Objects(leptons, tracks, towers, find_jets(towers), met_x, met_y)


def kinematics(particles: ak.Array) -> ak.Array:
    """Flat records with px, py, pz, e, pt, eta, phi, id and index of the particles of each event."""
    px, py, pz = particles.p.px, particles.p.py, particles.p.pz
    pt = np.hypot(px, py)
    eta = np.arcsinh(pz / np.maximum(pt, 1e-9))
    return ak.zip(
        {
            "px": px,
            "py": py,
            "pz": pz,
            "e": particles.p.e,
            "pt": pt,
            "eta": eta,
            "phi": np.arctan2(py, px),
            "id": particles.id,
        }
    )


def calorimeter(stable: ak.Array, rng: np.random.Generator) -> ak.Array:
    """Energy deposits, one a particle that reaches the calorimeter, smeared (resolutions: DELPHES).

    The noise term of a tower is left out, since deposits are not merged into towers.
    """
    code = abs(stable.id)
    invisible = (code == 12) | (code == 14) | (code == 16) | (code == 13)
    seen = ak.where(is_charged(code), stable.pt > LOOP_PT, stable.e > NEUTRAL_ENERGY)
    hits = stable[~invisible & seen & (abs(stable.eta) < CALORIMETER_ETA)]
    counts = ak.num(hits)
    energy, eta = _flat(hits.e), np.abs(_flat(hits.eta))
    electromagnetic = np.isin(np.abs(_flat(hits.id)), (11, 22))
    sigma = np.where(electromagnetic, em_resolution(energy, eta), hadronic_resolution(energy, eta))
    measured = np.maximum(energy + sigma * rng.normal(size=energy.size), 0.05 * energy)
    scale = measured / energy
    momentum = {axis: _flat(hits[axis]) * scale for axis in ("px", "py", "pz")}
    return ak.zip(
        {
            **{axis: ak.unflatten(values, counts) for axis, values in momentum.items()},
            "E": ak.unflatten(measured, counts),
            "et": ak.unflatten(_flat(hits.pt) * scale, counts),
            "eta": hits.eta,
            "phi": hits.phi,
        }
    )


def em_resolution(energy: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Energy resolution of electrons and photons in GeV (DELPHES)."""
    central = np.sqrt((0.0017 * energy) ** 2 + 0.101**2 * energy)
    forward = np.sqrt((0.0350 * energy) ** 2 + 0.285**2 * energy)
    return np.where(eta < 3.2, central, forward)


def hadronic_resolution(energy: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Energy resolution of hadrons in GeV (DELPHES, without the noise of a tower)."""
    barrel = np.sqrt((0.0302 * energy) ** 2 + 0.5205**2 * energy)
    endcap = np.sqrt((0.0500 * energy) ** 2 + 0.706**2 * energy)
    forward = np.sqrt((0.0942 * energy) ** 2 + energy)
    return np.select([eta < 1.7, eta < 3.2], [barrel, endcap], forward)


def find_tracks(stable: ak.Array, rng: np.random.Generator) -> ak.Array:
    """Tracks of charged particles with pT > 1 GeV within |eta| < 2.5 (efficiency: DELPHES).

    Their momenta are not smeared: they are only counted and summed, where a per cent does not matter.
    """
    charged = stable[is_charged(abs(stable.id)) & (stable.pt > TRACK_PT) & (abs(stable.eta) < TRACK_ETA)]
    muon, central = abs(charged.id) == 13, abs(charged.eta) < 1.5
    efficiency = ak.where(muon, ak.where(central, 0.99, 0.98), ak.where(central, 0.95, 0.85))
    found = charged[draw(efficiency, rng)]
    return ak.zip(
        {"pt": found.pt, "eta": found.eta, "phi": found.phi, "charge": charge(found.id), "id": found.id}
    )


def find_leptons(stable: ak.Array, rng: np.random.Generator) -> ak.Array:
    """Electrons and muons with pT > 10 GeV, hardest first (efficiencies and resolutions: DELPHES).

    Electrons are measured by the calorimeter and not found in the crack 1.37 < |eta| < 1.52.
    """
    code, eta = abs(stable.id), abs(stable.eta)
    electron = (code == 11) & (eta < 2.47) & ~((eta > 1.37) & (eta < 1.52))
    muon = (code == 13) & (eta < 2.5)
    true = stable[(electron | muon) & (stable.pt > 8.0)]
    found = true[draw(ak.where(abs(true.eta) < 1.5, 0.95, 0.85), rng)]
    pt, energy, eta = _flat(found.pt), _flat(found.e), np.abs(_flat(found.eta))
    is_muon = np.abs(_flat(found.id)) == 13
    relative = np.where(is_muon, muon_resolution(pt, eta), em_resolution(energy, eta) / energy)
    measured = pt * np.maximum(1 + relative * rng.normal(size=pt.size), 0.1)
    pt = ak.unflatten(measured, ak.num(found))
    leptons = ak.zip(
        {
            "pt": pt,
            "eta": found.eta,
            "phi": found.phi,
            "px": pt * np.cos(found.phi),
            "py": pt * np.sin(found.phi),
            "charge": charge(found.id),
            "flavour": abs(found.id),
        }
    )
    leptons = leptons[leptons.pt > 10.0]
    return leptons[ak.argsort(leptons.pt, ascending=False)]


def muon_resolution(pt: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Relative momentum resolution of muons (DELPHES)."""
    constant = np.select([eta < 0.5, eta < 1.5], [0.010, 0.015], 0.025)
    slope = np.select([eta < 0.5, eta < 1.5], [1.0e-4, 1.5e-4], 3.5e-4)
    return np.sqrt(constant**2 + (slope * pt) ** 2)


def isolated(leptons: ak.Array, tracks: ak.Array) -> ak.Array:
    """Leptons with the field `isolation`: pT of the tracks around over their own pT (HTAUTAU)."""
    pairs = ak.cartesian([leptons, tracks], nested=True)
    lepton, track = pairs["0"], pairs["1"]
    distance = delta_r(lepton, track)
    itself = (distance < 0.01) & (abs(track.id) == lepton.flavour)
    around = ak.sum(ak.where((distance < ISOLATION_CONE) & ~itself, track.pt, 0.0), axis=2)
    return ak.with_field(leptons, around / leptons.pt, "isolation")


def find_jets(towers: ak.Array) -> ak.Array:
    """Anti-kt jets with R = 0.4 and pT > 10 GeV, hardest first.

    Clustered by FastJet (M. Cacciari, G. Salam, G. Soyez, arXiv:1111.6097).
    """
    try:
        import fastjet
    except ImportError as error:
        raise MissingExtraError("Finding jets", "generate") from error
    definition = fastjet.JetDefinition(fastjet.antikt_algorithm, JET_RADIUS)
    inputs = ak.zip(
        {"px": towers.px, "py": towers.py, "pz": towers.pz, "E": towers.E}, with_name="Momentum4D"
    )
    found = fastjet.ClusterSequence(inputs, definition).inclusive_jets(min_pt=JET_PT)
    pt = np.hypot(found.px, found.py)
    jets = ak.zip({"pt": pt, "eta": np.arcsinh(found.pz / pt), "phi": np.arctan2(found.py, found.px)})
    return jets[ak.argsort(jets.pt, ascending=False)]


def draw(probability: ak.Array, rng: np.random.Generator) -> ak.Array:
    """True with the given probability, entry by entry."""
    flat = _flat(probability)
    return ak.unflatten(rng.random(flat.size) < flat, ak.num(probability))


def delta_phi(a: ak.Array, b: ak.Array) -> ak.Array:
    """Difference of two azimuthal angles, between -pi and pi."""
    return (a - b + np.pi) % (2 * np.pi) - np.pi


def delta_r(a: ak.Array, b: ak.Array) -> ak.Array:
    """Distance in eta and phi of two records with these fields."""
    return np.hypot(a.eta - b.eta, delta_phi(a.phi, b.phi))


def is_charged(code: ak.Array) -> ak.Array:
    """Whether a stable particle of this absolute PDG code is charged."""
    return (
        (code == 211) | (code == 321) | (code == 2212) | (code == 11) | (code == 13)
        | (code == 3112) | (code == 3222) | (code == 3312) | (code == 3334)
    )  # fmt: skip


def charge(code: ak.Array) -> ak.Array:
    """Electric charge of a stable charged particle from its PDG code; leptons have it reversed."""
    sign = np.sign(code)
    negative = (abs(code) == 11) | (abs(code) == 13) | (code == 3112) | (code == 3312) | (code == 3334)
    negative = negative | (code == -3112) | (code == -3312) | (code == -3334)
    return ak.where(negative, -sign, sign)


def _flat(values: ak.Array) -> np.ndarray:
    return ak.flatten(values).to_numpy()
