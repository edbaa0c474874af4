"""Puts the chunks of a production together: simulated files, pseudo-data and their cards."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hepml_course.data.write import write_events
from hepml_course.errors import CourseError
from hepml_course.files import replace_file
from hepml_course.simulate import validation
from hepml_course.simulate.collisions import generator_version
from hepml_course.simulate.production import SEED, VERSION, Chunk, Role, read_chunk, work_folder
from hepml_course.simulate.ztautau import BRANCHES, LUMINOSITY, PROCESSES, TRUTH, Process, Stratum

PSEUDO_DATA = "data12/Muons.PhysCont.grp14.root"
DATA_LUMINOSITY = 0.20  # /fb; what the independent events made for it suffice for
PROPORTIONS = (0.75, 1.15)  # each process is hidden in the pseudo-data at a random multiple of its yield
LICENCE = "CC0-1.0; simulated with Pythia 8 (GPL-2.0-or-later), please cite arXiv:2203.11601"
DETECTOR = (
    "parametrised, in the likeness of ATLAS 2012 (hepml_course.simulate.detector): efficiencies and "
    "resolutions of the Delphes 3 ATLAS card; no pile-up, but 6 GeV of noise on each component of the "
    "missing momentum"
)
PERFORMANCE = (
    "measured on this simulation: efficiency of hadronic taus and rate of jets, each with ET > 20 GeV and "
    "|eta| < 2.5, to be identified; to compare with: 60 % for the medium working point (arXiv:1412.7086), "
    "1 % per jet in the Delphes ATLAS card, rejections of 60 to 500 at 35 % efficiency (ATLAS-CONF-2013-064)"
)
CUTS = (
    "loose: electron or muon with pT > 22 GeV; tau candidate with ET > 20 GeV, |eta| < 2.5, 1 to 4 tracks, "
    "leading track > 4 GeV"
)


def assemble(work: Path, folder: Path, chunks: Sequence[Chunk], seed: int = SEED) -> None:
    """Write all files and cards to `folder` from the finished chunks in `work`.

    Raises
    ------
    CourseError
        If a chunk is missing or the folder cannot be written.
    """
    work = work_folder(work, seed)
    performance = validation.tau_performance(seed % 1000 + 1)
    for process in PROCESSES:
        rows, strata = weighted(process, "simulation", work, chunks)
        rng = np.random.default_rng([seed, zlib.crc32(process.file.encode())])
        events = finish(thinned(rows, process.thinning, rng), rng)
        card = simulation_card(process, strata, events, performance, seed)
        write_events(folder / process.file, events, card)
    events, truth = pseudo_data(work, chunks, seed)
    write_events(folder / PSEUDO_DATA, events, data_card(events, seed))
    sealed = base64.b64encode(zlib.compress(json.dumps(truth).encode()))
    replace_file((folder / PSEUDO_DATA).with_name("truth.sealed"), sealed)


def weighted(
    process: Process, role: Role, work: Path, chunks: Sequence[Chunk]
) -> tuple[dict[str, np.ndarray], list[dict[str, object]]]:
    """All rows of a process with `WeightLumi` for `LUMINOSITY`, and the account of its strata."""
    pieces, account = [], []
    for stratum in process.strata:
        rows, seen = stratum_rows(process, stratum, role, work, chunks)
        if not seen:
            continue
        cross_section = process.cross_section_pb * stratum.fraction()
        weight = LUMINOSITY * 1e3 * cross_section / seen
        pieces.append({**rows, "WeightLumi": (weight * rows.pop("weight")).astype("f4")})
        account.append(
            {
                "name": stratum.name,
                "cross_section_pb": round(cross_section, 4),
                "generated": seen,
                "weight": round(weight, 6),
            }
        )
    return {name: np.concatenate([p[name] for p in pieces]) for name in pieces[0]}, account


def stratum_rows(
    process: Process, stratum: Stratum, role: Role, work: Path, chunks: Sequence[Chunk]
) -> tuple[dict[str, np.ndarray], int]:
    wanted = [
        work / chunk.path
        for chunk in chunks
        if (chunk.process, chunk.stratum, chunk.role) == (process.file, stratum.name, role)
    ]
    absent = sum(not path.exists() for path in wanted)
    if absent:
        raise CourseError(
            f"{absent} of {len(wanted)} pieces of {process.file} are not made yet: "
            "run `hepml data make` again."
        )
    content = [read_chunk(path) for path in sorted(wanted)]
    seen = sum(int(piece.pop("seen")) for piece in content)
    return {
        name: np.concatenate([c[name] for c in content]) for name in (content[0] if content else ())
    }, seen


def thinned(rows: dict[str, np.ndarray], share: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Rows with only a `share` of those whose candidate has not one track, and weights to make up for it.

    Most jets have more tracks; without this the file of the largest background would be three times the rest.
    """
    other = rows["evtsel_tau_numTrack"] != 1
    kept = ~other | (rng.random(len(other)) < share)
    weight = np.where(other, rows["WeightLumi"] / share, rows["WeightLumi"]).astype("f4")
    return {name: values[kept] for name, values in {**rows, "WeightLumi": weight}.items()}


def finish(rows: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Rows in random order, numbered, with the branches in their usual order."""
    order = rng.permutation(len(rows["WeightLumi"]))
    rows = {name: values[order] for name, values in rows.items()}
    rows["eventNumber"] = np.arange(1, len(order) + 1, dtype=BRANCHES["eventNumber"][0])
    return {name: rows[name] for name in BRANCHES if name in rows}


def preselected(events: dict[str, np.ndarray]) -> np.ndarray:
    """The preselection of lecture 001, as a mask."""
    wanted = ("is_dilepVeto", "is_tau", "is_conf_lep_veto", "is_oppositeSign", "is_mu", "is_isoLep")
    mask = np.logical_and.reduce([events[f"evtsel_{name}"] > 0 for name in wanted])
    mask &= (events["evtsel_tau_numTrack"] == 1) & (np.abs(events["evtsel_tau_eta"]) < 2.47)
    mask &= (events["evtsel_lep_pt"] > 26) & (np.abs(events["evtsel_lep_eta"]) < 2.4)
    return mask & (events["evtsel_transverseMass"] < 70)


def pseudo_data(
    work: Path, chunks: Sequence[Chunk], seed: int
) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Unit-weight events with an identified tau and a muon, from chunks used for nothing else.

    Each event is kept with the probability of its weight at `DATA_LUMINOSITY`, so that the kept ones look
    like recorded events. The truth that is returned is sealed away from the student.
    """
    rng = np.random.default_rng([seed, 12])
    kept, truth = [], {"luminosity_fb": DATA_LUMINOSITY, "multiple": {}, "preselected": {}, "clipped": {}}
    for process in PROCESSES:
        if not any(stratum.data_chunks for stratum in process.strata):
            continue  # electron processes have no place in the muon stream
        rows, _ = weighted(process, "pseudo-data", work, chunks)
        stream = (rows["evtsel_is_tau"] > 0) & (rows["evtsel_is_mu"] > 0)
        multiple = rng.uniform(*PROPORTIONS)
        probability = rows["WeightLumi"] * multiple * DATA_LUMINOSITY / LUMINOSITY
        chosen = stream & (rng.random(len(probability)) < probability)
        name = Path(process.file).stem
        picked = {branch: values[chosen] for branch, values in rows.items() if branch not in TRUTH}
        truth["multiple"][name] = round(float(multiple), 4)
        truth["preselected"][name] = int(preselected(picked).sum())
        over = np.maximum(probability[stream] - 1, 0).sum() / max(probability[stream].sum(), 1e-9)
        truth["clipped"][name] = round(float(over), 4)
        kept.append({**picked, "WeightLumi": np.ones(int(chosen.sum()), "f4")})
    together = {name: np.concatenate([k[name] for k in kept]) for name in kept[0]}
    return finish(together, rng), truth


def simulation_card(
    process: Process, strata: list[dict[str, object]], events: dict, performance: dict, seed: int
) -> dict:
    """The card of a simulated file."""
    lowest = validation.leading_order(process)
    return {
        "title": f"{process.title} (simulation)",
        "process": process.title,
        "generator": "Pythia 8",
        "version": generator_version(),
        "tune": "Monash 2013 with NNPDF2.3 LO (Pythia's default)",
        "physics": "underlying event on, spin-correlated tau decays",
        "energy_TeV": 8,
        "seed": seed,
        "production": VERSION,
        "detector": DETECTOR,
        "performance": {"about": PERFORMANCE, **performance},
        "cuts": CUTS,
        "cross_section_pb": process.cross_section_pb,
        "cross_section_source": process.cross_section_source,
        "leading_order_pb": round(lowest, 1),
        "k_factor": round(process.cross_section_pb / lowest, 3),
        "strata": strata,
        "thinning": process.thinning,
        "luminosity_fb": LUMINOSITY,
        "preselected": int(preselected(events).sum()),
        "preselected_expected": round(float(events["WeightLumi"][preselected(events)].sum()), 1),
        "branches": _branches(events),
        "licence": LICENCE,
        "notes": (
            "File names are those of lecture 001; all events are Pythia 8 at leading order, also where a "
            "name says Powheg. Cross section and number generated of a stratum are before its own early cut. "
            "WeightLumi differs from row to row: strata are filled to different luminosities, and 95 % of "
            "the events with a candidate that can be identified are kept as identified, with the weight "
            "that makes it fair; of events whose candidate has not one track only the share `thinning` is "
            "kept, with the inverse weight. A jet is identified with a probability instead of a "
            "calorimeter simulation."
        ),
    }


def data_card(events: dict, seed: int) -> dict:
    """The card of the pseudo-data: what one would know of recorded data."""
    return {
        "title": "muon stream (pseudo-data)",
        "process": "a mixture of independent simulated events, in proportions to be found",
        "generator": "Pythia 8",
        "version": generator_version(),
        "energy_TeV": 8,
        "seed": seed,
        "production": VERSION,
        "detector": DETECTOR,
        "cuts": f"{CUTS}; the lepton is a muon and the tau candidate is identified",
        "luminosity_fb": DATA_LUMINOSITY,
        "preselected": int(preselected(events).sum()),
        "branches": _branches(events),
        "licence": LICENCE,
        "notes": (
            "Simulation that plays the part of recorded data: no truth, weight one. Multijet events are not "
            "in it. The processes come with yields that differ from the expected ones by hidden factors "
            f"between {PROPORTIONS[0]} and {PROPORTIONS[1]}."
        ),
    }


def _branches(events: dict) -> dict[str, dict[str, str]]:
    return {name: {"unit": BRANCHES[name][1], "about": BRANCHES[name][2]} for name in events}
