"""What the simulation amounts to, measured: leading-order cross sections and the tau identification.

These numbers go into the cards, so that nobody has to take the parametrised detector on trust.
"""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepml_course.simulate.collisions import Collisions, generator_version
from hepml_course.simulate.detector import kinematics, reconstruct
from hepml_course.simulate.taus import MAX_ETA, MIN_ET, find_candidates, truth_record
from hepml_course.simulate.ztautau import LEPTON_PT, PROCESSES, Process, any_lepton


def leading_order(process: Process, seed: int = 1, events: int = 4000) -> float:
    """Pythia's leading-order cross section of a process in pb, all decays of the file included."""
    settings = [line for line in process.strata[0].settings if not line.startswith("15:")]
    collisions = Collisions([*settings, "PartonLevel:all = off"], seed, underlying_event=False)
    collisions.batch(events)
    return collisions.cross_section


def tau_performance(seed: int = 1, events: int = 3000) -> dict[str, float]:
    """Identification efficiency of hadronic taus and rate of jets taken for one, with their errors.

    Taus come from Z -> tau tau, jets from W -> mu nu with a parton above 18 GeV; both with ET (true or
    measured) above 20 GeV within |eta| < 2.5, whatever their number of tracks. `pi0_right` is the fraction of
    true candidates whose number of neutral pions is counted right.
    """
    by_file = {process.file: process for process in PROCESSES}
    z, w = by_file["mc12/Ztautau.root"].strata[0], by_file["mc12/Wmunu.root"].strata[0]
    rng = np.random.default_rng(seed)
    taus = _batch_performance(Collisions(z.settings, seed, cut=z.cut), events // 3, rng)
    jets = _batch_performance(
        Collisions(w.settings, seed, cut=any_lepton(13), parton_pt=w.parton_pt), events, rng
    )
    efficiency = taus["tau_identified"] / taus["taus"]
    rate = jets["jet_identified"] / jets["jets"]
    return {
        "tau_efficiency": round(efficiency, 3),
        "tau_efficiency_error": round(float(np.sqrt(efficiency * (1 - efficiency) / taus["taus"])), 3),
        "jet_rate": round(rate, 5),
        "jet_rate_error": round(float(np.sqrt(jets["jet_identified2"]) / jets["jets"]), 5),
        "pi0_right": round(taus["pi0_right"] / taus["found"], 3),
        "generator": generator_version(),
    }


def _batch_performance(collisions: Collisions, events: int, rng: np.random.Generator) -> dict[str, float]:
    particles = collisions.batch(events)
    seen = reconstruct(particles, rng)
    ready = np.asarray(ak.any(seen.leptons.pt > LEPTON_PT, axis=1))
    seen = type(seen)(*(part[ready] for part in seen))
    truth = truth_record(particles[ready])
    found = find_candidates(seen, truth, seen.leptons[:, 0], rng)
    taus = truth.taus[(truth.taus.pt > MIN_ET) & (abs(truth.taus.eta) < MAX_ETA)]
    jets = seen.jets[(seen.jets.pt > MIN_ET) & (abs(seen.jets.eta) < MAX_ETA)]
    real, fake = found[found.kind == 1], found[found.kind == 0]
    one = (ak.num(real) == 1) & (ak.num(truth.taus) == 1)
    right = ak.flatten(real.pi0[one]) == ak.flatten(truth.taus.pi0[one])
    return {
        "taus": float(ak.sum(ak.num(taus))),
        "jets": float(ak.sum(ak.num(jets)) - ak.sum(ak.num(real))),
        "tau_identified": float(ak.sum(real.probability)),
        "jet_identified": float(ak.sum(fake.probability)),
        "jet_identified2": float(ak.sum(fake.probability**2)),
        "pi0_right": float(ak.sum(right)),
        "found": float(len(right)),
    }


def invariant_mass(particles: ak.Array, code: int) -> np.ndarray:
    """Mass in GeV of the two hardest stable particles with this absolute PDG code, where there are two."""
    stable = particles[(particles.status > 0) & (abs(particles.id) == code)]
    chosen = kinematics(stable)
    chosen = chosen[ak.argsort(chosen.pt, ascending=False)]
    chosen = chosen[ak.num(chosen) >= 2]
    pair = {axis: chosen[axis][:, 0] + chosen[axis][:, 1] for axis in ("e", "px", "py", "pz")}
    return np.sqrt(pair["e"] ** 2 - pair["px"] ** 2 - pair["py"] ** 2 - pair["pz"] ** 2).to_numpy()
