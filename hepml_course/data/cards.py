"""Cards: what stands beside each file of the course, and whether the two belong together."""

import copy
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hepml_course.data.places import find
from hepml_course.errors import CourseError

NEEDED = {
    ".root": {
        "file": str,
        "tree": str,
        "entries": int,
        "branches": dict,
        "sha256": str,
        "content_sha256": str,
    },
    ".keras": {"file": str, "lesson": str, "weights": int, "result": dict, "versions": dict, "sha256": str},
}
"""Suffix of a file to what its card must say."""

KINDS = {".root": "ROOT file", ".keras": "Keras model", ".hepml": "saved classifier"}


def file(name: str) -> Path:
    """Path of a shipped ROOT file, found and verified.

    The checksum in the file's card is compared once per process, and again when the file changes.

    Parameters
    ----------
    name : str
        For example ``mc12/Ztautau.root``; `hepml_course.data.catalogue` lists all.

    Raises
    ------
    CourseError
        Unknown name, missing or damaged file or card; the message says what to do.
    """
    return intact(name)[0]


def card(name: str) -> dict[str, Any]:
    """What is known about a shipped ROOT file: process, cross section, cuts, branches with units and so on.

    Parameters and errors are those of `file`.
    """
    return copy.deepcopy(intact(name)[1])


def intact(name: str) -> tuple[Path, dict[str, Any]]:
    """File and card of ``name``, verified; the card is shared and must not be changed."""
    path, place = find(name)
    return path, intact_card(path, name, place.restore)


def intact_card(path: Path, name: str, restore: str) -> dict[str, Any]:
    """The card of the file ``name`` at ``path``, verified; it is shared and must not be changed.

    Raises
    ------
    CourseError
        File or card is missing or damaged, or they do not belong together; ``restore`` completes the message.
    """
    require_file(path)
    return _intact_card(path, name, restore, _stamp(path), _stamp(path.with_suffix(".yml")))


def read_card(path: Path, restore: str) -> dict[str, Any]:
    """Read and check the card of the file at ``path``, which itself is not looked at.

    Raises
    ------
    CourseError
        The card is missing, is no YAML, or lacks something; ``restore`` completes the message.
    """
    card = path.with_suffix(".yml")
    try:
        found = yaml.safe_load(card.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CourseError(f"The card {card} is missing: {restore}.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CourseError(f"The card {card} cannot be read ({type(error).__name__}): {restore}.") from None
    if not isinstance(found, dict):
        raise CourseError(f"The card {card} is damaged, it holds no list of properties: {restore}.")
    wrong = [key for key, kind in NEEDED[path.suffix].items() if not isinstance(found.get(key), kind)]
    if wrong:
        raise CourseError(f"The card {card} is damaged, it has no valid {', '.join(wrong)}: {restore}.")
    return found


def require_file(path: Path) -> None:
    """Raise a `CourseError` unless ``path`` is a file with something in it."""
    if path.is_dir():
        kind = KINDS.get(path.suffix, "ROOT file")
        raise CourseError(f"{path} is a folder where a {kind} is expected.")
    if not path.is_file():
        raise CourseError(f"{path} does not exist.")
    if path.stat().st_size == 0:
        raise CourseError(f"{path} is empty (0 bytes): copy or make it again.")


@lru_cache(maxsize=256)
def _intact_card(path: Path, name: str, restore: str, *stamps: tuple[int, ...]) -> dict[str, Any]:
    """The card of ``path`` after its checksum was compared; the stamps make a changed file a new question."""
    found = read_card(path, restore)
    if found["file"] != name:
        raise CourseError(f"The card beside {path} is that of {found['file']}: {restore}.")
    try:
        with path.open("rb") as opened:
            checksum = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): {restore}.") from None
    if checksum != found["sha256"]:
        raise CourseError(f"{path} is damaged or changed, its checksum is not that of its card: {restore}.")
    return found


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes when the file does."""
    try:
        seen = path.stat()
    except OSError:
        return ()
    return seen.st_size, seen.st_mtime_ns, seen.st_ino
