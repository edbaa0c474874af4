"""The sample of the Z -> tau tau exercise: events with a lepton and a hadronic tau candidate.

From a batch of generated events to rows of a flat tree, loosely selected, with the branch names of the
exercise in lecture 001. `PROCESSES` lists what is generated: each process in strata, parts of it that do not
overlap and are filled to different luminosities, so that rare but interesting events are not drowned.
`WeightLumi` undoes that: summed over a file it gives the expected number of events in `LUMINOSITY`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import awkward as ak
import numpy as np

from hepml_course.simulate.collisions import Collisions, Leptons, branching_fraction
from hepml_course.simulate.detector import ISOLATION_FRACTION, Objects, delta_phi, reconstruct
from hepml_course.simulate.taus import find_candidates, truth_record

LUMINOSITY = 20.3  # /fb, what ATLAS recorded in 2012 for physics
LEPTON_PT = 22.0  # GeV, loose
SECOND_LEPTON_ISOLATION = 0.3
TAGGED_SHARE = 0.95  # of the events that can be tagged are kept as tagged; the weight corrects it

# Branch: (type, unit, meaning). The names of the first block are those of lecture 001.
BRANCHES: dict[str, tuple[str, str, str]] = {
    "evtsel_is_dilepVeto": ("i1", "", "1 if there is no second electron or muon"),
    "evtsel_is_tau": ("i1", "", "1 if the tau candidate is identified (medium)"),
    "evtsel_tau_eta": ("f4", "", "pseudorapidity of the tau candidate"),
    "evtsel_is_conf_lep_veto": ("i1", "", "1 if the tau candidate is not an electron or muon"),
    "evtsel_tau_numTrack": ("i1", "", "tracks within 0.2 of the tau candidate"),
    "evtsel_lep_pt": ("f4", "GeV", "transverse momentum of the lepton"),
    "evtsel_lep_eta": ("f4", "", "pseudorapidity of the lepton"),
    "evtsel_transverseMass": ("f4", "GeV", "transverse mass of lepton and missing momentum"),
    "evtsel_is_oppositeSign": ("i1", "", "1 if lepton and tau candidate have opposite charge"),
    "evtsel_is_mu": ("i1", "", "1 if the lepton is a muon, 0 if it is an electron"),
    "evtsel_is_isoLep": ("i1", "", "1 if the lepton is isolated"),
    "evtsel_tau_et": ("f4", "GeV", "transverse energy of the tau candidate"),
    "evtsel_dPhiSum": ("f4", "rad", "|dPhi(lepton, missing)| + |dPhi(tau, missing)|"),
    "evtsel_tau_pi0_n": ("i1", "", "neutral pions counted in the tau candidate"),
    "sum_cos_dphi": ("f4", "", "cos dPhi(lepton, missing) + cos dPhi(tau, missing)"),
    "vis_mass": ("f4", "GeV", "invariant mass of lepton and tau candidate"),
    "WeightLumi": ("f4", "", "events expected in the luminosity of the card for this row"),
    "evtsel_tau_phi": ("f4", "rad", "azimuth of the tau candidate"),
    "evtsel_tau_charge": ("i1", "e", "charge of the tau candidate"),
    "evtsel_lep_phi": ("f4", "rad", "azimuth of the lepton"),
    "evtsel_lep_charge": ("i1", "e", "charge of the lepton"),
    "evtsel_met_et": ("f4", "GeV", "missing transverse momentum"),
    "evtsel_met_phi": ("f4", "rad", "azimuth of the missing transverse momentum"),
    "evtsel_dPhi_lep_met": ("f4", "rad", "azimuth from missing momentum to lepton, -pi to pi"),
    "evtsel_dPhi_tau_met": ("f4", "rad", "azimuth from missing momentum to tau candidate, -pi to pi"),
    "evtsel_dPhi_lep_tau": ("f4", "rad", "azimuth from tau candidate to lepton, -pi to pi"),
    "eventNumber": ("i4", "", "running number, unique in a file"),
    "truth_tau_kind": ("i1", "", "the tau candidate is really 0 a jet, 1 a tau, 2 an electron, 3 a muon"),
    "truth_tau_prongs": ("i1", "", "charged hadrons of the hardest hadronic tau decay, -1 if none"),
    "truth_tau_pi0": ("i1", "", "neutral pions of the hardest hadronic tau decay, -1 if none"),
    "truth_boson_mass": ("f4", "GeV", "mass of the W or Z, 0 for top pairs"),
    "truth_boson_pt": ("f4", "GeV", "transverse momentum of the W or Z, 0 for top pairs"),
}
TRUTH = tuple(name for name in BRANCHES if name.startswith("truth_"))


@dataclass(frozen=True)
class Stratum:
    """A part of a process: what Pythia is told, what is kept early, and how much is made.

    `fraction` is the share of the process's cross section that the settings select by forcing decays;
    `cut` sees the hard leptons and belongs to the same share for every event it keeps.
    """

    name: str
    settings: tuple[str, ...]
    chunks: int  # for the simulated sample
    data_chunks: int  # for the pseudo-data
    events: int  # a chunk
    cut: Callable[[Leptons], bool] | None = None
    parton_pt: float | None = None
    fraction: Callable[[], float] = field(default=lambda: 1.0)
    keep: Callable[[ak.Array], ak.Array] | None = None  # by truth record, after generation


@dataclass(frozen=True)
class Process:
    """A file of the sample with its cross section (pb) as published, to which it is normalised."""

    file: str
    title: str
    cross_section_pb: float
    cross_section_source: str
    strata: tuple[Stratum, ...]
    thinning: float = 1.0  # share that is shipped of the events whose candidate has not one track


def any_lepton(*codes: int, pt: float = 18.0, eta: float = 2.6) -> Callable[[Leptons], bool]:
    """A cut that wants one of the hard leptons within reach of the detector."""
    return lambda found: any(abs(c) in codes and p > pt and abs(e) < eta for c, p, e in found)


def both_leptons(pt: float = 18.0, eta: float = 2.7) -> Callable[[Leptons], bool]:
    """A cut that wants all hard leptons within reach of the detector."""
    return lambda found: all(p > pt and abs(e) < eta for _, p, e in found)


def muon_pair(found: Leptons) -> list[bool]:
    """For each hard muon, whether the detector could see it."""
    return [pt > 8.0 and abs(eta) < 2.6 for _, pt, eta in found]


def one_muon(found: Leptons) -> bool:
    """Exactly one muon within reach: the pair will pass the dilepton veto."""
    return sum(muon_pair(found)) == 1 and any_lepton(13)(found)


def two_muons(found: Leptons) -> bool:
    """Both muons within reach: nearly always vetoed."""
    return sum(muon_pair(found)) == 2 and any_lepton(13)(found)


def flavours(found: Leptons) -> set[int]:
    """Flavours of the hard leptons."""
    return {abs(code) for code, _, _ in found}


def top_muon(found: Leptons) -> bool:
    """A muon, from a W or through a tau, may be in this top pair."""
    return any_lepton(13, 15)(found)


def top_electron(found: Leptons) -> bool:
    """An electron but no muon can be in this top pair."""
    return not flavours(found) & {13, 15} and any_lepton(11)(found)


HADRONS = "111 211 311 321 130 310"  # any of these makes a tau decay hadronic; 0.04 % have none
W = ("WeakSingleBoson:ffbar2W = on", "24:onMode = off")
Z = ("WeakSingleBoson:ffbar2gmZ = on", "PhaseSpace:mHatMin = 60.", "23:onMode = off")
Z_TO_TAUS = (*Z, "23:onIfAny = 15")
TOP = ("Top:gg2ttbar = on", "Top:qqbar2ttbar = on", "6:m0 = 172.5")


def _tau_to(*leptons: int) -> float:
    return branching_fraction(15, lambda products: bool(products & set(leptons)))


def _muon_and_hadrons() -> float:
    return _tau_to(13) * _tau_to(*map(int, HADRONS.split()))


def _hadrons_without_muon(truth: ak.Array) -> ak.Array:
    """Pairs of taus of which one or both decayed to hadrons, and none to a muon."""
    return (ak.num(truth.taus) >= 1) & (truth.tau_muons == 0)


Z_SOURCE = "NNLO, FEWZ, m > 60 GeV, as used by ATLAS at 8 TeV"
W_SOURCE = "NNLO, FEWZ, as used by ATLAS at 8 TeV"
Z_PB, W_PB, TOP_PB = 1150.0, 12190.0, 252.9
PARTON = 18.0  # GeV, of the jet that may fake a tau

PROCESSES: tuple[Process, ...] = (
    Process(
        "mc12/Ztautau.root", "Z/gamma* -> tau tau", Z_PB, Z_SOURCE,
        (
            Stratum("mu- had+", (*Z_TO_TAUS, "15:onMode = off", "15:onPosIfAny = 13",
                                 f"15:onNegIfAny = {HADRONS}"),
                    70, 8, 2000, cut=both_leptons(), fraction=_muon_and_hadrons),
            Stratum("mu+ had-", (*Z_TO_TAUS, "15:onMode = off", "15:onNegIfAny = 13",
                                 f"15:onPosIfAny = {HADRONS}"),
                    70, 8, 2000, cut=both_leptons(), fraction=_muon_and_hadrons),
            Stratum("two leptons", (*Z_TO_TAUS, "15:onMode = off", "15:onIfAny = 11 13"),
                    4, 5, 2000, cut=both_leptons(), fraction=lambda: _tau_to(11, 13) ** 2),
            Stratum("other", Z_TO_TAUS, 4, 0, 2000, cut=both_leptons(), keep=_hadrons_without_muon),
        ),
    ),
    Process(
        "mc12/Powheg_ttbar.root", "top pairs", TOP_PB, "NNLO+NNLL, Top++, m_t = 172.5 GeV (arXiv:1303.6254)",
        (
            Stratum("muon", TOP, 20, 7, 3000, cut=top_muon),
            Stratum("electron", TOP, 2, 0, 1000, cut=top_electron),
        ),
    ),
    Process(
        "mc12/Wenu.root", "W -> e nu", W_PB, W_SOURCE,
        (Stratum("all", (*W, "24:onIfAny = 11"), 2, 0, 4000, cut=any_lepton(11), parton_pt=PARTON),),
    ),
    Process(
        "mc12/Wmunu.root", "W -> mu nu", W_PB, W_SOURCE,
        (Stratum("all", (*W, "24:onIfAny = 13"), 166, 10, 5000, cut=any_lepton(13), parton_pt=PARTON),),
        thinning=0.2,
    ),
    Process(
        "mc12/Wtaunu.root", "W -> tau nu", W_PB, W_SOURCE,
        (
            Stratum("muon", (*W, "24:onIfAny = 15", "15:onMode = off", "15:onIfAny = 13"), 10, 2, 4000,
                    cut=any_lepton(15, pt=26.0), parton_pt=PARTON, fraction=lambda: _tau_to(13)),
            Stratum("electron", (*W, "24:onIfAny = 15", "15:onMode = off", "15:onIfAny = 11"), 1, 0, 3000,
                    cut=any_lepton(15, pt=26.0), parton_pt=PARTON, fraction=lambda: _tau_to(11)),
        ),
    ),
    Process(
        "mc12/Zee.root", "Z/gamma* -> e e", Z_PB, Z_SOURCE,
        (Stratum("all", (*Z, "23:onIfAny = 11"), 2, 0, 2000, cut=any_lepton(11)),),
    ),
    Process(
        "mc12/Zmumu.root", "Z/gamma* -> mu mu", Z_PB, Z_SOURCE,
        (
            Stratum("one muon in reach", (*Z, "23:onIfAny = 13"), 8, 2, 4000,
                    cut=one_muon, parton_pt=PARTON),
            Stratum("two muons in reach", (*Z, "23:onIfAny = 13"), 8, 2, 4000,
                    cut=two_muons, parton_pt=PARTON),
        ),
    ),
)  # fmt: skip


def generate(
    stratum: Stratum, seed: int, events: int, batch: int = 1000
) -> tuple[dict[str, np.ndarray], int]:
    """Rows of one stratum.

    Parameters
    ----------
    stratum : Stratum
    seed : int
        Seeds generator and detector; the same seed gives the same rows.
    events : int
        Events that pass the stratum's early cut.
    batch : int
        Events held in memory at once.

    Returns
    -------
    rows : dict of numpy.ndarray
        The branches without `WeightLumi` and `eventNumber`, and `weight`: the correction for the share of
        tagged events.
    seen : int
        Events generated before any cut.
    """
    collisions = Collisions(stratum.settings, seed, cut=stratum.cut, parton_pt=stratum.parton_pt)
    rng = np.random.default_rng(seed)
    pieces = []
    for particles in collisions.batches(events, batch):
        if stratum.keep is not None:
            particles = particles[stratum.keep(truth_record(particles))]
        pieces.append(select(particles, rng))
    return {name: np.concatenate([p[name] for p in pieces]) for name in pieces[0]}, collisions.seen


def select(particles: ak.Array, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Events with a lepton and a loose tau candidate, as columns of the tree."""
    seen = reconstruct(particles, rng)
    has_lepton = ak.any(seen.leptons.pt > LEPTON_PT, axis=1)
    seen, particles = _take(seen, has_lepton), particles[has_lepton]
    truth = truth_record(particles)
    candidates = find_candidates(seen, truth, seen.leptons[:, 0], rng)
    found = ak.num(candidates) > 0
    seen, truth, candidates, particles = _take(seen, found), truth[found], candidates[found], particles[found]
    tau, tagged, weight = tag(candidates, rng)
    return {
        **event_variables(seen, tau, tagged),
        **truth_variables(tau, truth, particles),
        "weight": weight,
    }


def tag(candidates: ak.Array, rng: np.random.Generator) -> tuple[ak.Array, np.ndarray, np.ndarray]:
    """Choose one candidate an event and whether it is identified, with the weight that makes it fair.

    Identifying jets at their true rate would throw nearly all of them away. Instead `TAGGED_SHARE` of the
    events that have a candidate able to pass are called tagged, and each event carries the ratio of the true
    to this probability, as is usual for rare tags. A tagged candidate is chosen by its odds, an untagged one
    by its energy.
    """
    counts = ak.num(candidates)
    width = int(ak.max(counts)) if len(counts) else 1
    padded = ak.fill_none(ak.pad_none(candidates.probability, width, clip=True), 0.0)
    probability = ak.to_numpy(padded).reshape(len(counts), width)
    any_tag = 1 - np.prod(1 - probability, axis=1)
    proposed = np.where(any_tag > 0, TAGGED_SHARE, 0.0)
    tagged = rng.random(len(counts)) < proposed
    weight = np.where(tagged, any_tag / TAGGED_SHARE, (1 - any_tag) / (1 - proposed))
    odds = np.cumsum(probability / (1 - probability), axis=1)
    by_odds = np.sum(odds <= rng.random(len(counts))[:, None] * odds[:, -1:], axis=1)
    hardest = ak.to_numpy(ak.argmax(candidates.et, axis=1))
    chosen = np.where(tagged, by_odds, hardest)
    return candidates[np.arange(len(counts)), chosen], tagged, weight


def event_variables(seen: Objects, tau: ak.Array, tagged: np.ndarray) -> dict[str, np.ndarray]:
    """The branches of the exercise from lepton, tau candidate and missing momentum."""
    lepton = seen.leptons[:, 0]
    met, met_phi = np.hypot(seen.met_x, seen.met_y), np.arctan2(seen.met_y, seen.met_x)
    lep_met, tau_met = delta_phi(lepton.phi, met_phi), delta_phi(tau.phi, met_phi)
    lep_tau = delta_phi(lepton.phi, tau.phi)
    others = seen.leptons[:, 1:]
    mass2 = 2 * lepton.pt * tau.et * (np.cosh(lepton.eta - tau.eta) - np.cos(lep_tau))
    columns = {
        "evtsel_is_dilepVeto": ~ak.any(others.isolation < SECOND_LEPTON_ISOLATION, axis=1),
        "evtsel_is_tau": tagged,
        "evtsel_tau_eta": tau.eta,
        "evtsel_is_conf_lep_veto": tau.veto,
        "evtsel_tau_numTrack": tau.tracks,
        "evtsel_lep_pt": lepton.pt,
        "evtsel_lep_eta": lepton.eta,
        "evtsel_transverseMass": np.sqrt(2 * lepton.pt * met * (1 - np.cos(lep_met))),
        "evtsel_is_oppositeSign": lepton.charge * tau.charge < 0,
        "evtsel_is_mu": lepton.flavour == 13,
        "evtsel_is_isoLep": lepton.isolation < ISOLATION_FRACTION,
        "evtsel_tau_et": tau.et,
        "evtsel_dPhiSum": abs(lep_met) + abs(tau_met),
        "evtsel_tau_pi0_n": tau.pi0,
        "sum_cos_dphi": np.cos(lep_met) + np.cos(tau_met),
        "vis_mass": np.sqrt(np.maximum(mass2, 0.0)),
        "evtsel_tau_phi": tau.phi,
        "evtsel_tau_charge": tau.charge,
        "evtsel_lep_phi": lepton.phi,
        "evtsel_lep_charge": lepton.charge,
        "evtsel_met_et": met,
        "evtsel_met_phi": met_phi,
        "evtsel_dPhi_lep_met": lep_met,
        "evtsel_dPhi_tau_met": tau_met,
        "evtsel_dPhi_lep_tau": lep_tau,
    }
    return {name: np.asarray(values).astype(BRANCHES[name][0]) for name, values in columns.items()}


def truth_variables(tau: ak.Array, truth: ak.Array, particles: ak.Array) -> dict[str, np.ndarray]:
    """What really happened: kind of the candidate, the hardest hadronic tau decay, the boson."""
    hardest = ak.firsts(truth.taus[ak.argsort(truth.taus.pt, ascending=False)])
    boson = ak.firsts(
        particles[(particles.status == -22) & (abs(particles.id) >= 23) & (abs(particles.id) <= 24)]
    )
    last = ak.firsts(particles[(abs(particles.id) == 23) | (abs(particles.id) == 24)][:, ::-1])
    columns = {
        "truth_tau_kind": tau.kind,
        "truth_tau_prongs": ak.fill_none(hardest.prongs, -1),
        "truth_tau_pi0": ak.fill_none(hardest.pi0, -1),
        "truth_boson_mass": ak.fill_none(boson.m, 0.0),
        "truth_boson_pt": ak.fill_none(np.hypot(last.p.px, last.p.py), 0.0),
    }
    return {name: np.asarray(values).astype(BRANCHES[name][0]) for name, values in columns.items()}


def _take(seen: Objects, mask: ak.Array) -> Objects:
    return Objects(*(part[np.asarray(mask)] for part in seen))
