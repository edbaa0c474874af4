"""Notebooks from the text sources in ``lessons/``: built, executed, normalised, and compared.

`build` writes them, `check` says whether what is there is what would be built. A notebook remembers in its
metadata, under ``hepml``, which code its outputs belong to; as long as that code stands, a change of the
prose is merged and nothing is executed.
"""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from hepml_course import course
from hepml_course.build import figures, prose
from hepml_course.build.kernel import CellError, Values, execute
from hepml_course.build.outputs import normalise
from hepml_course.build.source import KINDS, Product, code_cells, code_hash, digest, draft, products, tags
from hepml_course.errors import CourseError
from hepml_course.files import write_text

FORMAT = 1  # raised when the same code would give another notebook: everything is then executed again


def build(names: Iterable[str] | None = None, force: bool = False, root: Path | None = None) -> None:
    """Build notebook, exercise and solution of the named lessons, or of all.

    Parameters
    ----------
    names : iterable of str, optional
        Lessons as `hepml_course.course.find` takes them.
    force : bool
        Execute also what has not changed.
    root : Path, optional
        The folder of the course.

    Raises
    ------
    CourseError
        At the first cell that fails or shows what it must not; that notebook is then left as it was.
    """
    console = Console()
    for product in products(course.select(names, root)):
        with console.status(product.label) as status:
            done = _build_one(product, force, lambda text: status.update(text))
        console.print(f"{product.label}: {done}")


def check(names: Iterable[str] | None = None, root: Path | None = None) -> None:
    """Compare the built notebooks with their sources, without executing anything.

    Raises
    ------
    CourseError
        Names the first notebook that is missing, that differs and in which cell, or that has no source.
    """
    chosen = list(products(course.select(names, root)))
    for product in chosen:
        built = _read(product.target)
        remedy = f"run `hepml build {product.lesson.name}`"
        if built is None:
            raise CourseError(f"{product.label} is not built: {remedy}.")
        difference = _first_difference(product, built)
        if difference:
            raise CourseError(f"{difference}: {remedy}.")
    if not names:
        _complain_about_strays(root or course.root(), {product.target for product in chosen})


def _build_one(product: Product, force: bool, show: Callable[[str], None]) -> str:
    """Bring one notebook up to date; what was done, in words."""
    notebook = draft(product)
    old = _read(product.target)
    if not force and old is not None and _still_holds(notebook, old):
        values = _take_over(notebook, old)
        done = "prose merged"
    else:
        begin = time.perf_counter()
        values = _execute(notebook, product, show)
        done = f"executed in {time.perf_counter() - begin:.1f} s"
    figures.complain(notebook, product)
    _finish(notebook, values, product)
    nbformat.validate(notebook)
    if notebook == old:
        return "unchanged"
    write_text(product.target, nbformat.writes(notebook) + "\n")
    return done


def _read(path: Path) -> NotebookNode | None:
    """The notebook at `path`, None where there is none or it is not a notebook."""
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (FileNotFoundError, UnicodeDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError):
        return None


def _still_holds(notebook: NotebookNode, old: NotebookNode) -> bool:
    """Whether the outputs in `old` belong to the code of `notebook` and its numbers are known."""
    record = old.metadata.get("hepml", {})
    known = record.get("values", {})
    return (
        record.get("format") == FORMAT
        and record.get("code") == code_hash(notebook)
        and record.get("outputs") == _output_digests(old)
        and all(cell.execution_count for cell in code_cells(old))
        and all(
            set(prose.fields(cell.source)) <= set(known.get(place, {})) for place, cell in _prose(notebook)
        )
    )


def _take_over(notebook: NotebookNode, old: NotebookNode) -> Values:
    """Give the cells of `notebook` the outputs they have in `old`; the numbers of the prose of `old`."""
    executed = {cell.id: cell for cell in code_cells(old)}
    for cell in code_cells(notebook):
        if cell.id in executed:
            cell.outputs = copy.deepcopy(executed[cell.id].outputs)  # `old` is compared with afterwards
            cell.execution_count = executed[cell.id].execution_count
    return old.metadata.get("hepml", {}).get("values", {})


def _execute(notebook: NotebookNode, product: Product, show: Callable[[str], None]) -> Values:
    """Execute and normalise every cell in place; the numbers of the prose."""
    folder, total = product.target.parent, len(notebook.cells)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        values = asyncio.run(
            execute(notebook, folder, progress=lambda done: show(f"{product.label}: cell {done} of {total}"))
        )
    except CellError as problem:
        place = product.place(problem.number, problem.cell)
        raise CourseError(f"{place} failed.\n{problem.tail()}") from None
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            normalise(cell, product.place(number, cell), product.lesson.root)
    return values


def _finish(notebook: NotebookNode, values: Values, product: Product) -> None:
    """Fill in numbers, describe figures, fold, tag for nbval, and record what the outputs belong to."""
    used: Values = {}
    for place, cell in _prose(notebook):
        known = values.get(place, {})
        if found := {field: known[field] for field in prose.fields(cell.source) if field in known}:
            used.setdefault(place, {}).update(found)
        cell.source = prose.fill(cell.source, known)
    figures.describe(notebook)
    for cell in notebook.cells:
        if "fold" in tags(cell):
            cell.source = prose.folded(cell.source, "Answer")
        if {"training", "widget"} & set(tags(cell)) and cell.cell_type == "code":
            cell.metadata["tags"] = [*tags(cell), "nbval-ignore-output"]
    notebook.metadata["hepml"] = {
        "code": code_hash(notebook),
        "format": FORMAT,
        "outputs": _output_digests(notebook),
        "source": product.source.relative_to(product.lesson.root).as_posix(),
        "values": used,
    }


def _prose(notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """Each markdown cell with the number of code cells before it, as the metadata keeps it."""
    before = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            before += 1
        else:
            yield str(before), cell


def _output_digests(notebook: NotebookNode) -> list[str]:
    """One fingerprint for the outputs of each code cell: an edit by hand shows."""
    return [digest(cell.outputs) for cell in code_cells(notebook)]


def _first_difference(product: Product, built: NotebookNode) -> str | None:
    """Where `built` is not what the build would make of the source, in words."""
    notebook = draft(product)
    _finish(notebook, _take_over(notebook, built), product)
    source = product.source.relative_to(product.lesson.root).as_posix()
    recorded = iter(built.metadata.get("hepml", {}).get("outputs", []))
    for number, (cell, old) in enumerate(zip_longest(notebook.cells, built.cells), start=1):
        if cell != old:
            return f"{product.place(number, cell or old)} differs from {source}"
        if cell.cell_type == "code" and not cell.execution_count:
            return f"{product.place(number, cell)} was not executed"
        if cell.cell_type == "code" and digest(cell.outputs) != next(recorded, None):
            return f"{product.place(number, cell)} has an output that its execution did not give"
    if notebook.metadata != built.metadata:
        return f"{product.label} has other metadata than {source} gives"
    return None


def _complain_about_strays(root: Path, known: set[Path]) -> None:
    """A notebook that no source makes is out of date for good; the start page, 00, is not built."""
    for kind in KINDS:
        for path in sorted((root / kind).glob("*.ipynb")):
            if path not in known and not path.name.startswith("00"):
                label = path.relative_to(root).as_posix()
                raise CourseError(f"{label} has no source in lessons/: write one or remove the notebook.")
