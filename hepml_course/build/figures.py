"""Figures in words: the text alternative goes into the picture's metadata, and stands folded below it."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode

from hepml_course.build import prose
from hepml_course.build.source import Product, tags
from hepml_course.errors import CourseError

TAG = "alt:previous"


def pictures(cell: NotebookNode) -> Iterator[NotebookNode]:
    """The outputs of a cell that hold a PNG."""
    for output in cell.get("outputs", []):
        if "image/png" in output.get("data", {}):
            yield output


def describe(notebook: NotebookNode) -> None:
    """Give every picture the words that follow it, in place, and fold these words."""
    for cell, words in _described(notebook):
        for output in pictures(cell):
            about = output.metadata.setdefault("image/png", {})
            about.pop("alt", None)
            if words is not None:
                about["alt"] = " ".join(words.source.split())
            if not about:
                del output.metadata["image/png"]
        if words is not None:
            words.source = prose.folded(words.source, "Figure in words")


def complain(notebook: NotebookNode, product: Product) -> None:
    """Refuse a figure without words and words without a figure.

    A cell that the student fills in may draw or not, and a check draws what it needs to.

    Raises
    ------
    CourseError
        Names the cell.
    """
    numbers = {cell.id: number for number, cell in enumerate(notebook.cells, start=1)}
    used = {words.id for _, words in _described(notebook) if words is not None}
    for cell in notebook.cells:
        if TAG in tags(cell) and cell.id not in used:
            place = product.place(numbers[cell.id], cell)
            raise CourseError(
                f"{place} describes a figure and must stand right below the code that draws it."
            )
    for cell, words in _described(notebook):
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("solution") or grading.get("grade"):
            continue
        place = product.place(numbers[cell.id], cell)
        drawn = any(pictures(cell))
        if drawn and words is None:
            raise CourseError(
                f'{place} draws a figure: say it in words in a markdown cell tags=["{TAG}"] below.'
            )
        if words is not None and not drawn and product.kind != "exercises":
            raise CourseError(f"{place} draws nothing, but the cell below describes a figure.")


def _described(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, NotebookNode | None]]:
    """Each code cell with the cell below it that describes its figure, if there is one."""
    for cell, below in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type == "code":
            yield cell, below if below is not None and TAG in tags(below) else None
