"""Writing a file so that nobody ever reads half of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from hepml_course.errors import CourseError


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step: a reader finds the old file or the new one.

    Raises
    ------
    CourseError
        If the folder cannot be written to or the disk is full. The old file then stands unharmed.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as problem:
        raise _unwritable(path, problem) from problem
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(part, 0o666 & ~_umask())  # mkstemp gives a file that only its owner can read
        os.replace(part, path)
    except BaseException as problem:
        with contextlib.suppress(OSError):
            os.unlink(part)
        if isinstance(problem, OSError):
            raise _unwritable(path, problem) from problem
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, problem: OSError) -> CourseError:
    reason = problem.strerror or problem
    return CourseError(
        f"Cannot write {path} ({reason}): make room or allow writing there, then run it again."
    )
