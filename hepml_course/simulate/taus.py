"""Hadronic tau candidates: narrow jets with few tracks, found and identified the way ATLAS does.

A candidate is an anti-kt jet. Tracks within 0.2 of its axis are its prongs, tracks between 0.2 and 0.4 its
isolation ring. Its energy is what the calorimeter sees within 0.2. The geometry and the working points follow
the 2012 performance paper (ATLAS, Eur. Phys. J. C 75 (2015) 303, arXiv:1412.7086).

The last step of a real identification, a boosted tree on shower shapes, needs a detailed calorimeter. It is
replaced by a probability: `TRUE_TAU` for a tau, `FAKE_JET` for a jet that passed the cuts before. The card of
each sample tells the rate per jet that comes out, to be held against the 1 % of the Delphes ATLAS card and
rejections of 60 to 500 at 35 % efficiency (ATLAS-CONF-2013-064).
"""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepml_course.simulate.detector import Objects, delta_phi, delta_r, draw

CORE, RING = 0.2, 0.4
MIN_ET, MAX_ETA = 20.0, 2.5  # GeV
LEADING_TRACK = 4.0  # GeV
LOOSE_CORE_FRACTION, CORE_FRACTION = 0.5, 0.70  # ET within 0.2 over ET within 0.4
MAX_RING_TRACKS = 2

# Probability of the identification after the cuts, for 1, 2 and 3 tracks (OURS: chosen so that taus come out
# at the 60 % of the medium working point and jets between the references above).
TRUE_TAU = (0.72, 0.40, 0.62)
FAKE_JET = (0.10, 0.02, 0.02)
FAKE_ELECTRON = (0.60, 0.20, 0.05)  # an electron looks like a one-prong tau, hence the veto below
LEPTON_VETO = {1: 0.95, 0: 0.95, 2: 0.02, 3: 0.05}  # probability to pass, by what the candidate really is

PI0_EFFICIENCY, PI0_TURN_ON = 0.82, 2.5  # GeV; found with eff * (1 - exp(-pT / turn_on))
PI0_FAKE = 0.13  # a hadron's shower taken for one. Together 69 % of the taus in the shipped signal get the
# right count; ATLAS has 74.7 % (Eur. Phys. J. C 76 (2016) 295, arXiv:1512.05955).


def find_candidates(seen: Objects, truth: ak.Array, lepton: ak.Array, rng: np.random.Generator) -> ak.Array:
    """Loose tau candidates of each event, away from its selected lepton.

    Parameters
    ----------
    seen : Objects
        A batch from `detector.reconstruct`.
    truth : awkward.Array
        True visible taus, electrons and neutral pions from `truth_record`.
    lepton : awkward.Array
        The selected lepton of each event (one record an event).
    rng : numpy.random.Generator

    Returns
    -------
    awkward.Array
        Records with et, eta, phi (GeV, rad), tracks, ring_tracks, charge, core_fraction, pi0,
        kind (0 jet, 1 hadronic tau, 2 electron, 3 muon), probability of identification, veto.
    """
    jets = seen.jets[(abs(seen.jets.eta) < MAX_ETA) & (seen.jets.pt > MIN_ET)]
    found = with_tracks(jets[delta_r(jets, lepton) > RING], seen.tracks)
    found = found[(found.tracks >= 1) & (found.tracks <= 4) & (found.leading > LEADING_TRACK)]
    found = with_energy(found, seen.towers)
    found = found[(found.et > MIN_ET) & (found.core_fraction > LOOSE_CORE_FRACTION)]
    found = ak.with_field(found, match(found, truth), "kind")
    found = ak.with_field(found, count_pi0(found, truth, rng), "pi0")
    found = ak.with_field(found, identification(found), "probability")
    passes = sum(ak.where(found.kind == kind, p, 0.0) for kind, p in LEPTON_VETO.items())
    return ak.with_field(found, draw(passes, rng), "veto")


def with_tracks(jets: ak.Array, tracks: ak.Array) -> ak.Array:
    """Jets with their number of tracks, those in the ring, charge and leading track pT (GeV)."""
    jet, track = ak.unzip(ak.cartesian([jets, tracks], nested=True))
    distance = delta_r(jet, track)
    core = distance < CORE
    return ak.zip(
        {
            "eta": jets.eta,
            "phi": jets.phi,
            "tracks": ak.sum(core, axis=2),
            "ring_tracks": ak.sum((distance >= CORE) & (distance < RING), axis=2),
            "charge": ak.sum(ak.where(core, track.charge, 0), axis=2),
            "leading": ak.fill_none(ak.max(ak.where(core, track.pt, 0.0), axis=2), 0.0),
        }
    )


def with_energy(candidates: ak.Array, towers: ak.Array) -> ak.Array:
    """Candidates with transverse energy and direction of their core, and its share of the energy."""
    candidate, tower = ak.unzip(ak.cartesian([candidates, towers], nested=True))
    distance = delta_r(candidate, tower)
    core = ak.where(distance < CORE, tower.et, 0.0)
    wide = ak.sum(ak.where(distance < RING, tower.et, 0.0), axis=2)
    et = ak.sum(core, axis=2)
    shift_eta = ak.sum(core * (tower.eta - candidate.eta), axis=2) / ak.where(et > 0, et, 1.0)
    shift_phi = ak.sum(core * delta_phi(tower.phi, candidate.phi), axis=2) / ak.where(et > 0, et, 1.0)
    fields = {
        "et": et,
        "core_fraction": et / ak.where(wide > 0, wide, 1.0),
        "eta": candidates.eta + shift_eta,
        "phi": delta_phi(candidates.phi + shift_phi, 0.0),
    }
    return ak.zip({**{name: candidates[name] for name in candidates.fields}, **fields})


def match(candidates: ak.Array, truth: ak.Array) -> ak.Array:
    """What a candidate really is: 0 jet, 1 hadronic tau, 2 electron, 3 muon."""
    kind = ak.zeros_like(candidates.tracks)
    for code, found in ((3, truth.muons), (2, truth.electrons), (1, truth.taus)):
        near = found[found.pt > 5.0]
        candidate, true = ak.unzip(ak.cartesian([candidates, near], nested=True))
        close = (delta_r(candidate, true) < CORE) & (true.pt > 0.4 * candidate.et)
        kind = ak.where(ak.any(close, axis=2), code, kind)
    return kind


def count_pi0(candidates: ak.Array, truth: ak.Array, rng: np.random.Generator) -> ak.Array:
    """Neutral pions counted in each candidate's core, with missed and fake ones."""
    efficiency = PI0_EFFICIENCY * (1 - np.exp(-truth.pi0.pt / PI0_TURN_ON))
    seen = truth.pi0[draw(efficiency, rng)]
    candidate, pion = ak.unzip(ak.cartesian([candidates, seen], nested=True))
    real = ak.sum(delta_r(candidate, pion) < CORE, axis=2)
    fake = draw(ak.full_like(candidates.et, PI0_FAKE), rng)
    return real + fake


def identification(candidates: ak.Array) -> ak.Array:
    """Probability that a candidate is identified as a tau: zero unless it is narrow and isolated."""
    narrow = (candidates.core_fraction > CORE_FRACTION) & (candidates.ring_tracks <= MAX_RING_TRACKS)
    table = np.zeros((4, 5))  # kind, tracks
    for kind, row in enumerate((FAKE_JET, TRUE_TAU, FAKE_ELECTRON, FAKE_JET)):
        table[kind, 1:4] = row
    kind, tracks = ak.flatten(candidates.kind), ak.flatten(candidates.tracks)
    probability = ak.unflatten(table[kind.to_numpy(), tracks.to_numpy()], ak.num(candidates))
    return ak.where(narrow, probability, 0.0)


def truth_record(particles: ak.Array) -> ak.Array:
    """True hadronic taus (their visible part), electrons, muons and neutral pions of each event.

    `taus` carries pt, eta, phi of the visible decay products, `prongs` (charged hadrons) and `pi0`;
    `tau_muons` is the number of muons made in tau decays.
    """
    code, moving = abs(particles.id), particles.p
    pt = np.hypot(moving.px, moving.py)
    phi = np.arctan2(moving.py, moving.px)
    flat = ak.zip({"pt": pt, "eta": np.arcsinh(moving.pz / np.maximum(pt, 1e-9)), "phi": phi})
    stable = particles.status > 0
    return ak.zip(
        {
            "taus": hadronic_taus(particles),
            "tau_muons": ak.sum((code == 13) & (code[particles.mother1] == 15), axis=1),
            "electrons": flat[stable & (code == 11) & (pt > 5.0)],
            "muons": flat[stable & (code == 13) & (pt > 5.0)],
            "pi0": flat[(code == 111) & (pt > 0.5)],
        },
        depth_limit=1,
    )


def hadronic_taus(particles: ak.Array) -> ak.Array:
    """Visible momentum, prongs and neutral pions of the taus that decay to hadrons."""
    code, mother = abs(particles.id), particles.mother1
    products = particles[(code[mother] == 15) & (code != 15)]
    parent, kind = products.mother1, abs(products.id)
    decayed = parent[kind == 16]  # every decay makes one tau neutrino, so this lists each tau once
    mine = ak.cartesian([decayed, parent], nested=True)
    mine = mine["0"] == mine["1"]
    neutrino = (kind == 12) | (kind == 14) | (kind == 16)

    def total(values: ak.Array) -> ak.Array:
        spread = ak.cartesian([decayed, values], nested=True)["1"]
        return ak.sum(ak.where(mine, spread, 0), axis=2)

    px, py, pz = (total(ak.where(neutrino, 0.0, products.p[axis])) for axis in ("px", "py", "pz"))
    pt = np.hypot(px, py)
    taus = ak.zip(
        {
            "pt": pt,
            "eta": np.arcsinh(pz / np.maximum(pt, 1e-9)),
            "phi": np.arctan2(py, px),
            "prongs": total(((kind == 211) | (kind == 321)) * 1),
            "pi0": total((kind == 111) * 1),
            "leptons": total(((kind == 11) | (kind == 13)) * 1),
        }
    )
    return taus[taus.leptons == 0]
