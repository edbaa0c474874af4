"""Writing a file so that nobody ever reads half of it."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

from hepml_course.errors import CourseError


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: a reader sees the old file or the new one, never a part."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        # Not made by tempfile, whose files only their owner can read.
        with part.open("xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in one step, as `replace_file` does; its folder is made when missing.

    Raises
    ------
    CourseError
        If the folder cannot be written to or the disk is full. The old file then stands unharmed.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as problem:
        reason = problem.strerror or problem
        raise CourseError(
            f"Cannot write {path}: {reason}. Make room or allow it, then try again."
        ) from problem
