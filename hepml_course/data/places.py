"""Where datasets and trained models are looked for, in this order.

1. ``HEPML_DATA``: a folder, or a zip or tar archive of one, as handed out on a stick without network.
2. ``datasets/`` of the clone.
3. The installed package.
4. The user's cache, which ``hepml data make`` and ``hepml train`` fill when there is no clone.
"""

import hashlib
import lzma
import os
import shutil
import tarfile
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from hepml_course.data import trained
from hepml_course.data.samples import FILES, require_known
from hepml_course.data.write import writing
from hepml_course.errors import CourseError

VARIABLE = "HEPML_DATA"
SUFFIXES = {".root", ".yml", ".sealed", trained.SUFFIX}

# What damaged archives raise. OSError without a number is theirs, too; with one it is the disk's.
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)


@dataclass(frozen=True)
class Place:
    """A folder with datasets, and what to do about a damaged file in it."""

    folder: Path
    restore: str


def find(name: str) -> tuple[Path, Place]:
    """The first place that has the file ``name``, for example ``mc12/Ztautau.root``; not yet verified.

    Trained models are found in the same way, for example ``models/hough_tracks.keras``.

    Raises
    ------
    CourseError
        The name is not in the catalogue, or no place has the file.
    """
    require_known("dataset", name, _known())
    own = _own_places(_remake(name))
    searched = [*_from_variable(), *own]
    for place in searched:
        path = place.folder / name
        if os.path.lexists(path):
            return path, place
    existing = [str(place.folder) for place in searched if os.path.isdir(place.folder)]
    where = " and ".join(existing) or own[0].folder
    raise CourseError(
        f"{name} is missing from {where}: {own[0].restore}; {VARIABLE} can name another folder."
    )


def _known() -> list[str]:
    """Every file that may be asked for: datasets and trained models."""
    return [*FILES, *trained.files()]


def _remake(name: str) -> str:
    """The command that makes the file ``name`` again."""
    return (
        "hepml data make" if name in FILES else f"hepml train {trained.lesson_of(PurePosixPath(name).stem)}"
    )


def _own_places(remake: str) -> list[Place]:
    """The places that need no setting; the first is the one whose files the user should have."""
    clone = clone_folder()
    return [
        *([Place(clone, f"`git checkout -- datasets` restores it, `{remake}` remakes it")] if clone else []),
        Place(package_folder(), "`pip install --force-reinstall hepml-course` restores it"),
        Place(cache_folder() / "datasets", f"`{remake}` remakes it"),
    ]


def destination() -> Path:
    """The folder for what is made anew: ``datasets/`` of the clone, or of the cache without one."""
    return clone_folder() or cache_folder() / "datasets"


def clone_folder() -> Path | None:
    """``datasets/`` of the clone, or None where the package is not used from a clone."""
    from hepml_course.course import root

    try:
        return root() / "datasets"
    except CourseError:
        return None


def package_folder() -> Path:
    """Where a wheel puts the datasets; the clone has no such folder."""
    return Path(__file__).parents[1] / "_datasets"


def cache_folder() -> Path:
    """The user's cache of the course, by the habit of the operating system; not made here."""
    from platformdirs import user_cache_path

    return user_cache_path("hepml-course", appauthor=False)


def _from_variable() -> Iterator[Place]:
    """The place that ``HEPML_DATA`` names, if it is set."""
    value = os.environ.get(VARIABLE, "").strip()
    if not value:
        return
    given = Path(value).expanduser().absolute()
    if not os.path.exists(given):
        raise CourseError(f"{VARIABLE} is {given}, which does not exist: correct it or unset it.")
    folder = given if given.is_dir() else _unpacked(given)
    if not any(os.path.lexists(folder / name) for name in _known()):
        raise CourseError(
            f"{VARIABLE} is {given}, which holds none of the course's files, such as {FILES[0]}: "
            "correct it or unset it."
        )
    yield Place(folder, f"copy it again to {given}, or unset {VARIABLE} to use the files of the course")


def _unpacked(archive: Path) -> Path:
    """The folder in the cache that holds the content of ``archive``, filled on first use.

    The folder is filled under another name and then renamed: a second process either finds it whole or
    fills its own and leaves it when the first was faster. No lock is needed.
    """
    seen = archive.stat()
    # What is taken out enters, too: a course that takes more does not find the folder of one that took less.
    taken = [*sorted(SUFFIXES), *sorted(_folders())]
    key = hashlib.sha256(f"{archive}\0{seen.st_size}\0{seen.st_mtime_ns}\0{taken}".encode()).hexdigest()[:12]
    store = cache_folder() / "unpacked"
    folder = store / f"{archive.name}-{key}"
    if folder.is_dir():
        return folder
    with writing(store, instead=f"unpack {archive.name} yourself and set {VARIABLE} to the folder"):
        _remove_abandoned(store)
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=store))
        try:
            _unpack(archive, part)
            _rename_unless_there(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    return folder


def _rename_unless_there(part: Path, folder: Path) -> None:
    try:
        part.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _remove_abandoned(store: Path) -> None:
    """Remove what a process that was killed a day ago or earlier left."""
    for part in store.glob(".part-*"):
        with suppress(OSError):  # another process may remove or rename it at this moment
            if time.time() - part.stat().st_mtime > 86_400:
                shutil.rmtree(part)


def _folders() -> set[str]:
    """The folders below ``datasets/`` that hold something of the course."""
    return {PurePosixPath(name).parent.name for name in _known()}


def _unpack(archive: Path, folder: Path) -> None:
    """Take datasets and trained models out of ``archive``, wherever in it they lie; nothing else is taken."""
    known = _folders()
    try:
        for name, content in _entries(archive):
            path = PurePosixPath(name)
            if path.parent.name in known and path.suffix in SUFFIXES:
                target = folder / path.parent.name / path.name
                target.parent.mkdir(exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(content, out)
    except DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CourseError(
            f"{VARIABLE} is {archive}, which cannot be unpacked ({reason}): it must be a folder, or a whole "
            "zip or tar archive of one."
        ) from None


def _entries(archive: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Name and open content of each plain file in a zip or tar archive; a wheel is a zip, too."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                with opened.open(name) as content:
                    yield name, content
        return
    with tarfile.open(archive) as opened:
        for entry in opened:
            if entry.isfile():
                yield entry.name, opened.extractfile(entry)
        # tarfile takes a damaged header for the end; the checksum behind the last byte tells the two apart.
        while opened.fileobj.read(1 << 20):
            pass
