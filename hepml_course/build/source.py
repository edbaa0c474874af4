"""From a percent script to a draft: the cells of a notebook before anything is executed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from hepml_course import course
from hepml_course.build import exercise, prose
from hepml_course.course import Lesson
from hepml_course.errors import CourseError

KINDS = ("notebooks", "exercises", "solutions")
TAGS = {
    "training": "the output depends on training and is not compared",
    "widget": "shows a widget",
    "alt:previous": "says in words what the figure above shows",
    "fold": "the answer to a question, folded",
    "raises-exception": "the error is the point of the cell",
}
# What JupyterLab wants to know before a kernel runs. The Python version is left out: it is not the lesson's.
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}


@dataclass(frozen=True)
class Product:
    """One notebook that the build makes: which lesson, and which of the three kinds."""

    lesson: Lesson
    kind: str

    @property
    def source(self) -> Path:
        """The script it is built from."""
        return self.lesson.lesson_source if self.kind == "notebooks" else self.lesson.exercise_source

    @property
    def target(self) -> Path:
        """The notebook itself."""
        return self.lesson.root / self.kind / f"{self.lesson.name}.ipynb"

    @property
    def label(self) -> str:
        """How messages call it: its path in the course."""
        return self.target.relative_to(self.lesson.root).as_posix()

    def place(self, number: int, cell: NotebookNode) -> str:
        """How messages call a cell of it: number from 1, kind and first line."""
        line = next((line for line in cell.source.splitlines() if line.strip()), "")
        return f"{self.label}: cell {number} ({cell.cell_type}, `{line.strip()[:60]}`)"


def products(lessons: list[Lesson]) -> Iterator[Product]:
    """What is built from these lessons; exercise and solution only where there is an ``exercise.py``."""
    for lesson in lessons:
        for kind in KINDS:
            product = Product(lesson, kind)
            if product.source.is_file():
                yield product


def draft(product: Product) -> NotebookNode:
    """The notebook without outputs; what stands in ``{{ }}`` is not filled in yet.

    Raises
    ------
    CourseError
        For an empty cell, an unknown tag or an answer that is not marked as it should be.
    """
    script = jupytext.reads(product.source.read_text(encoding="utf-8"), fmt="py:percent")
    cells = [cell for cell in script.cells if not _is_front_matter(cell)]
    facts = course.front_matter(product.lesson.lesson_source).get("course", {})
    notebook = nbformat.v4.new_notebook(metadata={"course": facts, **_METADATA})
    public = []
    for number, cell in enumerate(cells, start=1):
        place = f"{product.source.relative_to(product.lesson.root).as_posix()}: cell {number}"
        _complain_about(cell, place)
        public.append(exercise.without_answers(cell.source, place))
    for cell, name in zip(cells, _ids(product.lesson.name, cells, public), strict=True):
        metadata = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
        make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        notebook.cells.append(make(cell.source, id=name, metadata=metadata))
    if product.kind != "notebooks":
        exercise.add_grading(notebook.cells, product.label)
    if product.kind == "exercises":
        for cell, text in zip(notebook.cells, public, strict=True):
            cell.source = text
    return notebook


def tags(cell: NotebookNode) -> list[str]:
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells of a notebook, in order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def code_hash(notebook: NotebookNode) -> str:
    """A fingerprint of all that decides what execution gives: code, and whether a cell may raise."""
    code = [[cell.source, "raises-exception" in tags(cell)] for cell in code_cells(notebook)]
    return digest(code, length=16)


def digest(content: object, length: int = 8) -> str:
    """The first hexadecimal digits of the SHA-256 of `content` as JSON."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _is_front_matter(cell: NotebookNode) -> bool:
    return cell.cell_type == "raw" and cell.source.startswith("---")


def _ids(lesson: str, cells: list[NotebookNode], public: list[str]) -> Iterator[str]:
    """Ids made from what a student sees, so that a cell keeps its own when cells around it change."""
    seen: Counter[str] = Counter()
    for cell, text in zip(cells, public, strict=True):
        name = f"{lesson.replace('_', '-')}-{digest([cell.cell_type, text])}"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}-{seen[name]}"


def _complain_about(cell: NotebookNode, place: str) -> None:
    if cell.cell_type not in ("code", "markdown"):
        raise CourseError(f"{place} is a {cell.cell_type} cell: a lesson is made of code and markdown.")
    if not cell.source.strip():
        raise CourseError(f"{place} is empty: fill it or remove it.")
    for tag in tags(cell):
        if tag not in TAGS:
            raise CourseError(f"{place} has the unknown tag {tag!r}; the tags are {', '.join(TAGS)}.")
    if cell.cell_type == "markdown" and prose.stray_braces(cell.source):
        raise CourseError(f"{place}: a number from the kernel is written {{{{ x }}}}, with spaces.")
