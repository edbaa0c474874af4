"""Published number, our number, verdict.

The claims of a lesson stand in its ``claims.yml``, each with a condition that was written down before
anything was measured. `claim` compares one measurement with its claim inside a lesson; `collect` reads
the comparisons back from the built notebooks, so that the table shows what the notebooks show.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import yaml

from hepml_course.errors import CourseError

MIME = "application/vnd.hepml.claim+json"
CONDITIONS = ("at_least", "at_most", "greater", "less", "within")
CONFIRMED, REFUTED, UNDECIDED, MISSING = "confirmed", "not confirmed", "undecided", "not measured"

_PACKAGE = Path(__file__).parent
_WORDS = {"at_least": "at least", "at_most": "at most", "greater": "more than", "less": "less than"}
_STANDARD_ERRORS = 2.0  # how far from the limit a measurement must lie to decide


@dataclass(frozen=True)
class Claim:
    """One entry of a ``claims.yml``; CONTRIBUTING.md describes the fields."""

    id: str
    lecture: str
    where: str
    statement: str
    condition: str
    published: float | None = None
    error: float | None = None
    than: float = 0.0
    tolerance: float | None = None
    unit: str = ""
    sample: str = ""
    lesson: str = ""

    @property
    def source(self) -> str:
        """The lecture and the place in it."""
        return f"lecture {self.lecture}, {self.where}"

    @property
    def limit(self) -> float:
        """The number that ours is compared with."""
        return self.than if self.published is None else self.published

    def expectation(self) -> str:
        """The published side in words, such as "at least 0.99"."""
        if self.condition == "within":
            spread = self.error if self.tolerance is None else self.tolerance
            text = number(self.limit, spread)
        else:
            text = f"{_WORDS[self.condition]} {number(self.limit)}"
        return f"{text} {self.unit}".strip()

    def verdict(self, value: float, error: float | None = None) -> str:
        """Compare a measurement with the claim.

        A limit is decided when the measurement lies two standard errors from it, on either side, and
        *undecided* in between. ``within`` is confirmed inside the tolerance or, where none is
        stated, inside two standard errors of the difference.
        """
        error = error or 0.0
        if self.condition == "within":
            allowed = self.tolerance
            if allowed is None:
                allowed = _STANDARD_ERRORS * math.hypot(error, self.error or 0.0)
            return CONFIRMED if abs(value - self.limit) <= allowed else REFUTED
        sign = 1 if self.condition in ("at_least", "greater") else -1
        excess = sign * (value - self.limit)
        if excess == 0 and error == 0:
            return CONFIRMED if self.condition in ("at_least", "at_most") else REFUTED
        if abs(excess) < _STANDARD_ERRORS * error:
            return UNDECIDED
        return CONFIRMED if excess > 0 else REFUTED


def number(value: float, error: float | None = None) -> str:
    """Write a number with as many digits as its error deserves.

    Parameters
    ----------
    value : float
    error : float, optional
        Two significant digits of it are kept, and as many decimals of `value`. Without an error,
        `value` keeps four significant digits.
    """
    if not error:
        return f"{value:.0f}" if float(value).is_integer() else f"{value:.4g}"
    decimals = max(0, 1 - math.floor(math.log10(abs(error))))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}"


def claim(id: str, value: float, error: float | None = None) -> None:
    """Show a published number, ours and the verdict, and leave them in the notebook.

    Parameters
    ----------
    id : str
        Name of the claim in the lesson's ``claims.yml``.
    value : float
        What was measured here, in the unit of the claim.
    error : float, optional
        Its standard error.

    Raises
    ------
    CourseError
        If no ``claims.yml`` has this claim, or the measurement is not a finite number.
    """
    entry = find(id)
    value, error = _finite(id, value), None if error is None else abs(_finite(id, error))
    row = _row(entry, value, error)
    unit = f" {entry.unit}" if entry.unit else ""
    sample = f", on {entry.sample}" if entry.sample else ""
    lines = [
        f"Claim: {entry.statement} ({entry.source})",
        f"  published  {entry.expectation()}",
        f"  ours       {number(value, error)}{unit}{sample}",
        f"  verdict    {row['verdict']}",
    ]
    _show("\n".join(lines), row)


def find(id: str) -> Claim:
    """The claim of this name, from whichever lesson makes it."""
    known = {entry.id: entry for entry in claims()}
    if id not in known:
        raise CourseError(f"No claims.yml has a claim named {id!r}; add it to the lesson's claims.yml.")
    return known[id]


def claims(folder: Path | None = None) -> list[Claim]:
    """Every claim of the lessons below `folder`, in the order of the lessons."""
    return list(_read_all(_lessons_folder() if folder is None else folder))


def collect() -> list[dict]:
    """What the built notebooks say about every claim.

    Returns
    -------
    list of dict
        Rows ``{id, lesson, source, published, ours, error, verdict}``. A claim that no notebook
        measures is among them, with ``ours`` None and the verdict "not measured".
    """
    from hepml_course import course

    measured = {row["id"]: row for lesson in course.lessons() for row in _measured(lesson.notebook)}
    return [measured.get(entry.id, _row(entry, None, None)) for entry in claims()]


def save(rows: list[dict], path: Path) -> None:
    """Write `rows` as JSON, whole or not at all."""
    from hepml_course.files import write_text

    write_text(path, json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def _row(entry: Claim, value: float | None, error: float | None) -> dict:
    # In alphabetical order, as nbformat stores it: nbval compares the text of the dictionary. Four
    # digits are kept, because the last ones differ between processors.
    return {
        "error": None if error is None else float(f"{error:.2g}"),
        "id": entry.id,
        "lesson": entry.lesson,
        "ours": None if value is None else float(f"{value:.4g}"),
        "published": entry.published,
        "source": entry.source,
        "verdict": MISSING if value is None else entry.verdict(value, error),
    }


def _finite(id: str, value: float) -> float:
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise CourseError(f"Claim {id!r} needs a number, and got {value!r}.") from None
    if not math.isfinite(value):
        raise CourseError(f"Claim {id!r} needs a finite number, and got {value}.")
    return value


def _show(text: str, row: dict) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(text)
    else:
        display({"text/plain": text, MIME: row}, raw=True)


def _measured(notebook: Path) -> Iterator[dict]:
    if not notebook.exists():
        return
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            if MIME in output.get("data", {}):
                yield output["data"][MIME]


def _lessons_folder() -> Path:
    """The lessons of the clone, or those that the wheel carries."""
    from hepml_course import course

    shipped = _PACKAGE / "_lessons"
    return shipped if shipped.is_dir() else course.root() / "lessons"


def _read_all(folder: Path) -> Iterator[Claim]:
    seen: dict[str, str] = {}
    for path in sorted(folder.glob("*/claims.yml")):
        for entry in _read(path, path.stat().st_mtime_ns):
            if entry.id in seen:
                raise CourseError(
                    f"The claim {entry.id!r} stands in {seen[entry.id]} and in {entry.lesson}; rename one."
                )
            seen[entry.id] = entry.lesson
            yield entry


@cache
def _read(path: Path, changed: int) -> tuple[Claim, ...]:
    """The claims of one file; `changed` makes the cache forget a file that was edited."""
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise CourseError(f"{path.parent.name}/{path.name}{line} is not YAML; correct it.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CourseError(f"{path.parent.name}/{path.name} has to be a list of claims, each with an id.")
    return tuple(_entry(entry, path) for entry in entries)


def _entry(entry: dict, path: Path) -> Claim:
    place = f"{path.parent.name}/{path.name}: claim {entry.get('id', '?')!r}"
    known = {field.name for field in fields(Claim)} - {"lesson"}
    if unknown := sorted(set(entry) - known):
        raise CourseError(f"{place} has the unknown field {unknown[0]!r}; the fields are {sorted(known)}.")
    if missing := [
        name for name in ("id", "lecture", "where", "statement", "condition") if entry.get(name) in (None, "")
    ]:
        raise CourseError(f"{place} lacks the field {missing[0]!r}.")
    if not isinstance(entry["lecture"], str):
        raise CourseError(f"{place} has the lecture {entry['lecture']!r}; write it in quotes, as in '001'.")
    if entry["condition"] not in CONDITIONS:
        raise CourseError(f"{place} has the condition {entry['condition']!r}; it is one of {CONDITIONS}.")
    for name in ("published", "error", "than", "tolerance"):
        if not isinstance(entry.get(name), int | float | None):
            raise CourseError(f"{place} has the {name} {entry[name]!r}; it has to be a number or null.")
    if entry["condition"] == "within" and entry.get("published") is None:
        raise CourseError(f"{place} is 'within' of nothing; state the published number.")
    given = {name: value for name, value in entry.items() if value is not None}
    return Claim(**given, lesson=path.parent.name)
