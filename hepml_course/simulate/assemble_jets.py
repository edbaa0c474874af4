"""Puts the chunks of the jet sample together: one file and one card a kind of parton."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hepml_course.data.write import write_events
from hepml_course.simulate.assemble import LICENCE, stratum_rows
from hepml_course.simulate.collisions import Collisions, generator_version
from hepml_course.simulate.detector import JET_RADIUS
from hepml_course.simulate.production import SEED, VERSION, Chunk, work_folder
from hepml_course.simulate.quark_gluon import BRANCHES, ENERGY, JET_ETA, JET_PT, MATCHED, PROCESSES, Process

DETECTOR = (
    "parametrised particle flow (hepml_course.simulate.quark_gluon): tracks above 0.5 GeV with an efficiency "
    "of 95 % (85 % at |eta| > 1.5), exactly measured; photons in cells of 0.025 and other deposits in cells "
    "of 0.1, with the resolutions of the Delphes 3 ATLAS card; no pile-up"
)
CUTS = (
    f"hardest anti-kt jet with R = {JET_RADIUS}, {JET_PT[0]:.0f} < pT < {JET_PT[1]:.0f} GeV, "
    f"|eta| < {JET_ETA:.0f}, within {MATCHED} of the parton"
)


def assemble(work: Path, folder: Path, chunks: Sequence[Chunk], seed: int = SEED) -> None:
    """Write both files and their cards to `folder` from the finished chunks in `work`.

    Raises
    ------
    CourseError
        If a chunk is missing or the folder cannot be written.
    """
    work = work_folder(work, seed)
    for process in PROCESSES:
        rows, generated = stratum_rows(process, process.strata[0], "simulation", work, chunks)
        rng = np.random.default_rng([seed, zlib.crc32(process.file.encode())])
        jets = shuffled(rows, rng)
        write_events(folder / process.file, jets, card(process, jets, generated, seed))


def shuffled(rows: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Jets in random order and numbered through, each with its constituents in their order.

    Each chunk counts its jets from 0, so the number alone does not tell where a jet begins.
    """
    starts = np.flatnonzero(np.r_[True, (np.diff(rows["jet"]) != 0) | (np.diff(rows["jet_eta"]) != 0)])
    counts = np.diff(np.r_[starts, len(rows["jet"])])
    order = rng.permutation(len(starts))
    ends = np.cumsum(counts[order])
    position = np.arange(ends[-1]) - np.repeat(ends - counts[order], counts[order])
    taken = np.repeat(starts[order], counts[order]) + position
    numbers = np.repeat(np.arange(len(order), dtype=BRANCHES["jet"][0]), counts[order])
    return {name: numbers if name == "jet" else rows[name][taken] for name in BRANCHES}


def leading_order(process: Process, seed: int = 1, events: int = 4000) -> float:
    """Pythia's leading-order cross section in pb in the generated range, with Z -> nu nu."""
    settings = [*process.strata[0].settings, "PartonLevel:all = off"]
    collisions = Collisions(settings, seed, energy=ENERGY, underlying_event=False)
    collisions.batch(events)
    return collisions.cross_section


def card(process: Process, jets: dict[str, np.ndarray], generated: int, seed: int) -> dict[str, object]:
    """The card of a file."""
    number, cross_section = int(jets["jet"][-1]) + 1, leading_order(process)
    return {
        "title": f"jets of {process.title} (simulation)",
        "process": process.title,
        "generator": "Pythia 8",
        "version": generator_version(),
        "tune": "Monash 2013 with NNPDF2.3 LO (Pythia's default)",
        "physics": "underlying event on",
        "energy_TeV": ENERGY / 1000,
        "seed": seed,
        "production": VERSION,
        "detector": DETECTOR,
        "cuts": CUTS,
        "cross_section_pb": round(cross_section, 3),
        "cross_section_source": "leading order, Pythia, all flavours, before the cuts",
        "generated": generated,
        "jets": number,
        "luminosity_fb": round(generated / cross_section / 1000, 4),
        "branches": {name: {"unit": BRANCHES[name][1], "about": BRANCHES[name][2]} for name in jets},
        "licence": LICENCE,
        "notes": (
            "A row is a constituent of a jet, and a jet's rows follow each other. The jets are not weighted: "
            "each file is a sample of its own, and the luminosity is that of the events generated for it. "
            "Jets of charm and bottom quarks are left out."
        ),
    }
