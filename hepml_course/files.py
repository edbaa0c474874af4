"""Writing a file so that nobody ever reads half of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from hepml_course.errors import CourseError


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step: a reader finds the old file or the new one.

    Raises
    ------
    CourseError
        If the folder cannot be written to or the disk is full. The old file then stands unharmed.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    except OSError as problem:
        reason = problem.strerror or problem
        raise CourseError(
            f"Cannot write {path}: {reason}. Make room or allow it, then try again."
        ) from problem
    finally:
        with contextlib.suppress(OSError):  # gone after the replacement, or never there
            part.unlink()
