"""The catalogue as it is on this machine, and a full check of every file in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hepml_course.data.cards import intact, read_card
from hepml_course.data.places import find
from hepml_course.data.rootfile import read_arrays
from hepml_course.data.samples import FILES, SAMPLES
from hepml_course.data.write import content_sha256
from hepml_course.errors import CourseError


@dataclass(frozen=True)
class Dataset:
    """One ROOT file of the course.

    Attributes
    ----------
    file : str
        Its name, for example ``mc12/Ztautau.root``.
    sample, key : str
        ``load(sample)[key]`` is its table.
    path : Path or None
        Where it was found; not verified.
    card : dict
        What is known about it; empty when file or card is missing or unreadable.
    problem : str
        What is wrong, as one sentence, or nothing.
    """

    file: str
    sample: str
    key: str
    path: Path | None
    card: dict[str, Any]
    problem: str


@dataclass(frozen=True)
class Finding:
    """What the check of one file gave: in order or not, and one sentence."""

    file: str
    ok: bool
    message: str


def catalogue() -> list[Dataset]:
    """All ROOT files of the course, found or not. Reads the cards only; see `verify` for the files."""
    return [_dataset(sample, key, name) for sample in SAMPLES for key, name in SAMPLES[sample].items()]


def _dataset(sample: str, key: str, name: str) -> Dataset:
    path, card, problem = None, {}, ""
    try:
        path, place = find(name)
        card = read_card(path, place.restore)
    except CourseError as error:
        problem = str(error)
    return Dataset(name, sample, key, path, card, problem)


def verify() -> list[Finding]:
    """Check every file of the course against its card: bytes, content, number of events and branches."""
    return [_verify(name) for name in FILES]


def _verify(name: str) -> Finding:
    try:
        path, card = intact(name)
        arrays = read_arrays(path, card["tree"])
    except CourseError as error:
        return Finding(name, False, str(error))
    entries = len(next(iter(arrays.values())))
    if entries != card["entries"]:
        return Finding(name, False, f"{path} holds {entries} events, its card says {card['entries']}.")
    if set(arrays) != set(card["branches"]):
        differing = ", ".join(sorted(set(arrays) ^ set(card["branches"])))
        return Finding(name, False, f"The branches of {path} are not those of its card: {differing}.")
    if content_sha256(arrays) != card["content_sha256"]:
        return Finding(name, False, f"The content of {path} is not what its card says.")
    return Finding(name, True, f"{entries:,} entries in {len(arrays)} branches, as on the card.")
