"""What the commands of ``hepml`` show in a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hepml_course import claims
from hepml_course.data import Dataset

_COLOURS = {claims.CONFIRMED: "green", claims.REFUTED: "red"}


class Finding(Protocol):
    """Something looked at, in order or not."""

    ok: bool
    message: str


def show_findings(findings: Iterable[tuple[str, Finding]], console: Console | None = None) -> int:
    """Print one line a finding as they come, and return the exit code: 1 if anything is to be done."""
    console = console or Console(highlight=False, soft_wrap=True)
    code = 0
    for name, finding in findings:
        mark = Text("OK    ", "green") if finding.ok else Text("TO DO ", "red")
        console.print(Text.assemble(mark, (f"{name}: ", "bold"), finding.message))
        code = code if finding.ok else 1
    return code


def show_datasets(datasets: Iterable[Dataset], console: Console | None = None) -> int:
    """Print the catalogue, and return 1 if a file is missing."""
    console = console or Console(highlight=False)
    table = Table("file", "what it is", "entries", "where")
    table.columns[2].justify = "right"
    code = 0
    for dataset in datasets:
        where = Text(dataset.problem, "red") if dataset.problem else Text(str(dataset.path.parent))
        number = dataset.card.get("entries")
        entries = "" if number is None else f"{number:,}"
        table.add_row(Text(dataset.file), Text(str(dataset.card.get("title", ""))), entries, where)
        code = 1 if dataset.problem else code
    console.print(table)
    return code


def show_claims(rows: Iterable[dict], console: Console | None = None) -> None:
    """Print published numbers, ours and the verdicts."""
    console = console or Console(highlight=False)
    entries = {entry.id: entry for entry in claims.claims()}
    table = Table("claim", "lesson", "published", "ours", "verdict")
    table.columns[0].overflow = "fold"
    for row in rows:
        ours = "" if row["ours"] is None else claims.number(row["ours"], row["error"])
        verdict = Text(row["verdict"], _COLOURS.get(row["verdict"], "yellow"))
        table.add_row(row["id"], row["lesson"], entries[row["id"]].expectation(), ours, verdict)
    console.print(table)
