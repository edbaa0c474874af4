"""Running the cells of a notebook in a fresh kernel, for the build and for ``hepml run``."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from hepml_course.build import prose

_ANSI = re.compile(r"\x1b\[[0-9;]*m")

Values = dict[str, dict[str, str]]


class CellError(Exception):
    """A cell that ended in an error: which one, and what the kernel said."""

    def __init__(self, number: int, cell: NotebookNode, error: str, traceback: str = "") -> None:
        super().__init__(f"cell {number}: {error}")
        self.number = number
        self.cell = cell
        self.error = error
        self.traceback = traceback

    def tail(self, lines: int = 12) -> str:
        """The end of the traceback, in plain text."""
        text = _ANSI.sub("", self.traceback).rstrip() or self.error
        return "\n".join(text.splitlines()[-lines:])


class _ThisPython(KernelSpecManager):
    """Knows one kernel, the Python that runs the course: one registered elsewhere cannot slip in."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


async def execute(
    notebook: NotebookNode,
    folder: Path,
    started: Callable[[int], None] = lambda pid: None,
    progress: Callable[[int], None] = lambda number: None,
) -> Values:
    """Execute the code cells in place and evaluate the ``{{ }}`` of the markdown between them.

    Parameters
    ----------
    notebook : NotebookNode
        Its code cells get outputs and execution counts.
    folder : Path
        The working directory of the kernel.
    started : callable
        Called with the process id of the kernel.
    progress : callable
        Called with the number of each cell, from 1, when it is done.

    Returns
    -------
    dict
        Number of code cells before the text -> expression -> its value as text.

    Raises
    ------
    CellError
        At the first cell that fails; the kernel is shut down then, as it is in every case.
    """
    values: Values = {}
    executed = 0
    async with _kernel(notebook, folder) as client:
        started(client.km.provisioner.pid)
        for number, cell in enumerate(notebook.cells, start=1):
            if cell.cell_type == "code":
                await _run(client, number, cell)
                executed += 1
            else:
                found = await _evaluate(client, number, cell)
                values.setdefault(str(executed), {}).update(found)
            progress(number)
    return {place: found for place, found in values.items() if found}


@asynccontextmanager
async def _kernel(notebook: NotebookNode, folder: Path) -> AsyncIterator[NotebookClient]:
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=_ThisPython())
    client = NotebookClient(
        notebook,
        km=manager,
        timeout=None,
        startup_timeout=120,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    # With MPLBACKEND set, as on a machine without display, figures would not reach the notebook.
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    try:
        await manager.start_kernel(
            cwd=str(folder),
            env=environment,
            stderr=subprocess.DEVNULL,
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )
        try:
            await client.async_start_new_kernel_client()
        except RuntimeError as problem:  # it ended, or never answered
            error = f"no kernel starts ({problem}): run `hepml doctor`"
            raise CellError(1, notebook.cells[0], error) from None
        yield client
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)  # with the processes it has started


async def _run(client: NotebookClient, number: int, cell: NotebookNode) -> None:
    try:
        await client.async_execute_cell(cell, number - 1)
    except CellExecutionError as problem:
        error = f"{problem.ename}: {problem.evalue}"
        raise CellError(number, cell, error, problem.traceback) from None
    except DeadKernelError:
        if asyncio.current_task().cancelling():  # nbclient says so too when it was Ctrl-C that ended it
            raise asyncio.CancelledError from None
        raise CellError(number, cell, "the kernel died, as it does when memory runs out") from None


async def _evaluate(client: NotebookClient, number: int, cell: NotebookNode) -> dict[str, str]:
    """The values of the fields of a markdown cell."""
    fields = prose.fields(cell.source)
    if not fields:
        return {}
    reply = await client.kc.execute(
        "", silent=True, store_history=False, user_expressions=questions(fields), reply=True
    )
    try:
        return answers(reply)
    except ValueError as problem:
        raise CellError(number, cell, str(problem)) from None


def questions(fields: Iterable[str]) -> dict[str, str]:
    """What to ask the kernel: each field as an f-string, formatted over there."""
    return {field: f"f'''{{{field}}}'''" for field in fields}


def answers(reply: dict[str, Any]) -> dict[str, str]:
    """The texts in the kernel's reply to `questions`.

    Raises
    ------
    ValueError
        If the kernel could not evaluate one of them.
    """
    values = {}
    for field, answer in reply["content"]["user_expressions"].items():
        if answer["status"] != "ok":
            raise ValueError(f"{{{{ {field} }}}} gives {answer['ename']}: {answer['evalue']}")
        values[field] = ast.literal_eval(answer["data"]["text/plain"])
    return values
