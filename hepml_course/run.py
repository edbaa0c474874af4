"""``hepml run``: execute built notebooks in fresh kernels, and say how long each took and how much memory.

Nothing is written into the notebooks. An interrupt ends the kernels before the command returns.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from hepml_course import course
from hepml_course.build.kernel import CellError, execute
from hepml_course.build.source import KINDS, Product, products
from hepml_course.errors import CourseError
from hepml_course.files import write_text

SAMPLING = 0.2  # seconds between two looks at the memory; a shorter peak may be missed
INTERRUPTED = 130  # the exit status of a program that Ctrl-C ended

Job = tuple[Product, NotebookNode]


@dataclass
class Result:
    """What running one notebook gave; `peak_mb` is in 10⁶ bytes, summed over the kernel's processes."""

    product: Product
    seconds: float
    peak_mb: float
    problem: CellError | None

    @property
    def status(self) -> str:
        return "failed" if self.problem else "ok"

    def row(self) -> dict[str, str | float]:
        """The result as ``--json`` writes it."""
        return {
            "lesson": self.product.lesson.name,
            "seconds": round(self.seconds, 2),
            "peak_mb": round(self.peak_mb, 1),
            "status": self.status,
        }


def run(
    names: Iterable[str] | None = None,
    jobs: int = 1,
    json_file: Path | None = None,
    kind: str = "notebooks",
    root: Path | None = None,
) -> int:
    """Execute the notebooks of the named lessons, or of all, and print a table.

    Parameters
    ----------
    names : iterable of str, optional
        Lessons as `hepml_course.course.find` takes them.
    jobs : int
        How many kernels run at the same time.
    json_file : Path, optional
        Where to write a list of ``{lesson, seconds, peak_mb, status}``.
    kind : {"notebooks", "exercises", "solutions"}
        Which of the built notebooks.
    root : Path, optional
        The folder of the course.

    Returns
    -------
    int
        0 if every notebook ran to its end, 1 if one failed, 130 after Ctrl-C.

    Raises
    ------
    CourseError
        For an unknown lesson, or one that is not built.
    """
    if jobs < 1:
        raise CourseError(f"--jobs is the number of kernels at a time, at least 1; {jobs} is not.")
    notebooks = [(product, _read(product)) for product in _built(names, kind, root)]
    console = Console()
    try:
        results = _run_all(notebooks, jobs, console)
    except KeyboardInterrupt:
        console.print("Interrupted. The kernels are stopped.")
        return INTERRUPTED
    console.print(_table(results))
    for result in results:
        if result.problem:
            _show_problem(result, console)
    if json_file is not None:
        write_text(Path(json_file), json.dumps([result.row() for result in results], indent=2) + "\n")
    return int(any(result.problem for result in results))


def _built(names: Iterable[str] | None, kind: str, root: Path | None) -> list[Product]:
    if kind not in KINDS:
        raise CourseError(f"{kind!r} is none of the built folders {', '.join(KINDS)}.")
    chosen = [x for x in products(course.select(names, root)) if x.kind == kind]
    if not chosen:
        raise CourseError(f"There is nothing to run in {kind}/: no lesson has been written yet.")
    for product in chosen:
        if not product.target.is_file():
            raise CourseError(f"{product.label} is not built: run `hepml build {product.lesson.name}`.")
    return chosen


def _run_all(notebooks: list[Job], jobs: int, console: Console) -> list[Result]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        return asyncio.run(_in_parallel(notebooks, jobs, progress))


async def _in_parallel(notebooks: list[Job], jobs: int, progress: Progress) -> list[Result]:
    free = asyncio.Semaphore(jobs)

    async def one(product: Product, notebook: NotebookNode) -> Result:
        async with free:
            return await _run_one(product, notebook, progress)

    async with asyncio.TaskGroup() as group:  # an interrupt cancels all, and waits until they are gone
        tasks = [group.create_task(one(*job)) for job in notebooks]
    return [task.result() for task in tasks]


async def _run_one(product: Product, notebook: NotebookNode, progress: Progress) -> Result:
    bar = progress.add_task(product.lesson.name, total=len(notebook.cells))
    memory = _Memory()
    begin = time.perf_counter()
    problem = None
    try:
        await execute(
            notebook,
            product.target.parent,
            started=memory.watch,
            progress=lambda number: progress.update(bar, completed=number),
        )
    except CellError as error:
        problem = error
    finally:
        memory.stop()
    return Result(product, time.perf_counter() - begin, memory.peak / 1e6, problem)


def _read(product: Product) -> NotebookNode:
    try:
        return nbformat.reads(product.target.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError, nbformat.ValidationError) as problem:
        raise CourseError(f"{product.label} cannot be read: {problem}") from problem


class _Memory:
    """Looks at the memory of a kernel and its children at intervals and keeps the largest sum, in bytes."""

    def __init__(self) -> None:
        self.peak = 0
        self._task: asyncio.Task | None = None

    def watch(self, pid: int) -> None:
        self._task = asyncio.create_task(self._look(psutil.Process(pid)))

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _look(self, kernel: psutil.Process) -> None:
        while True:
            total = 0
            with suppress(psutil.Error):  # a child may end while we count
                for process in [kernel, *kernel.children(recursive=True)]:
                    total += process.memory_info().rss
            self.peak = max(self.peak, total)
            await asyncio.sleep(SAMPLING)


def _table(results: list[Result]) -> Table:
    table = Table("lesson")
    table.add_column("seconds", justify="right")
    table.add_column("peak memory / MB", justify="right")
    table.add_column("status")
    for result in results:
        status = Text(result.status, style="red" if result.problem else "green")
        table.add_row(result.product.lesson.name, f"{result.seconds:.1f}", f"{result.peak_mb:.0f}", status)
    return table


def _show_problem(result: Result, console: Console) -> None:
    problem = result.problem
    place = result.product.place(problem.number, problem.cell)
    console.print(Text(f"\n{place} failed:", style="bold"), soft_wrap=True)
    console.print(Syntax(problem.cell.source, "python", background_color="default"))
    console.print(Text(problem.tail()), soft_wrap=True)
