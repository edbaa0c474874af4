"""Outputs as they are committed: the same on every machine, and fit to be shown to a student."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from hepml_course.build.figures import pictures
from hepml_course.build.source import tags
from hepml_course.errors import CourseError

SANITIZE_FILE = Path(__file__).with_name("sanitize.cfg")
WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURE_LIMIT = 200_000  # bytes; a figure of the course's usual size has a fifth of that

_PATTERNS = [
    (re.compile(regex), replacement)
    for regex, replacement in re.findall(
        r"^regex: (.*)\nreplace: (.*)$", SANITIZE_FILE.read_text(encoding="utf-8"), re.MULTILINE
    )
]


def normalise(cell: NotebookNode, place: str, root: Path) -> None:
    """Clean the outputs of an executed code cell in place.

    Addresses in memory and the like are replaced as ``sanitize.cfg`` says, and the live half of a widget is
    taken out, so that the picture beside it is what is shown without a kernel.

    Raises
    ------
    CourseError
        For what a lesson must not show: warnings, a path of this machine, a picture that is too
        large, a widget without a picture, an announced error that did not come.
    """
    _complain_about(cell, place)
    for output in cell.outputs:
        if output.output_type == "stream":
            output.text = sanitise(output.text)
        elif output.output_type == "error":
            output.evalue = sanitise(output.evalue)
            output.traceback = [sanitise(line) for line in output.traceback]
        else:
            output.data.pop(WIDGET, None)
            for mime, content in output.data.items():
                if isinstance(content, str) and not mime.startswith("image/"):
                    output.data[mime] = sanitise(content)
    _complain_about_paths(cell, place, root)


def sanitise(text: str) -> str:
    """The text with everything that belongs to one machine replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _complain_about(cell: NotebookNode, place: str) -> None:
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            said = next((line for line in output.text.splitlines() if line.strip()), "")
            raise CourseError(f"{place} writes to stderr, which a student must not see: {said.strip()}")
        if output.output_type != "stream" and WIDGET in output.get("data", {}):
            if "widget" not in tags(cell):
                raise CourseError(f'{place} shows a widget: give it tags=["widget"].')
            if not any(pictures(cell)):
                raise CourseError(
                    f"{place} shows a widget without a picture for where no widget can be shown."
                )
    for output in pictures(cell):
        size = len(output.data["image/png"]) * 3 // 4
        if size > PICTURE_LIMIT:
            raise CourseError(
                f"{place} has a picture of {size // 1000} kB; {PICTURE_LIMIT // 1000} is the limit."
            )
    if "raises-exception" in tags(cell) and not any(x.output_type == "error" for x in cell.outputs):
        raise CourseError(f"{place} is tagged raises-exception and raises none.")


def _complain_about_paths(cell: NotebookNode, place: str, root: Path) -> None:
    for folder in {str(root), str(Path.home()), sys.prefix} - {"/"}:
        path = re.compile(r"(?<![\w.])" + re.escape(folder) + r"(?![\w.-])")
        for text in _texts(cell):
            if path.search(text):
                raise CourseError(f"{place} shows {folder}, a folder of this machine: print the name only.")


def _texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif output.output_type == "error":
            yield from output.traceback
        else:
            yield from (str(x) for mime, x in output.data.items() if not mime.startswith("image/"))
