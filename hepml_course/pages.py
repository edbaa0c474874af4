"""The tables in README.md and START.md, written from the lessons and the built notebooks.

A page marks what is not typed by hand::

    <!-- syllabus: written by hepml build -->
    ...
    <!-- /syllabus -->
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from hepml_course import claims, course
from hepml_course.errors import CourseError
from hepml_course.files import write_text

PAGES = ("README.md", "START.md")
_REGION = re.compile(
    r"(?P<begin><!-- (?P<name>\w+): written by hepml build -->\n).*?(?P<end><!-- /(?P=name) -->)", re.S
)


def write() -> list[Path]:
    """Bring the tables up to date, and return the pages that changed."""
    changed = [(path, text) for path, text in _pages() if path.read_text(encoding="utf-8") != text]
    for path, text in changed:
        write_text(path, text)
    return [path for path, _ in changed]


def check() -> None:
    """Raise `CourseError` if a page does not say what the lessons and notebooks say."""
    if stale := [path.name for path, text in _pages() if path.read_text(encoding="utf-8") != text]:
        raise CourseError(f"{' and '.join(stale)} out of date; run `hepml build`.")


def fill(text: str, regions: dict[str, Callable[[], str]], page: str = "page") -> str:
    """Replace what stands between the marks of every region."""

    def written(match: re.Match) -> str:
        if match["name"] not in regions:
            raise CourseError(f"{page} asks for {match['name']!r}; there are {sorted(regions)}.")
        return f"{match['begin']}{regions[match['name']]()}\n{match['end']}"

    marks, found = len(re.findall(r"<!-- \w+: written by", text)), len(_REGION.findall(text))
    if marks != found:
        raise CourseError(f"{page} has a region without its closing mark, such as `<!-- /syllabus -->`.")
    return _REGION.sub(written, text)


def first() -> str:
    """Where a newcomer begins."""
    lessons = course.lessons()
    if not lessons:
        return "No lesson is written yet."
    lesson = lessons[0]
    return f"**Begin with [{lesson.title}]({_link(lesson.notebook)})** ({_duration(lesson.minutes)})."


def syllabus() -> str:
    """The lessons that exist, part by part, with minutes and links."""
    rows = ["| | lesson | time | then | afterwards you can |", "|---|---|---|---|---|"]
    names = {part.number: part.name for part in course.PARTS}
    for number, lessons in groupby(course.lessons(), key=lambda lesson: lesson.part):
        rows.append(f"| | **{number} {names[number]}** | | | |")
        rows.extend(_lesson_row(lesson) for lesson in lessons)
    return "\n".join(rows)


def verdicts() -> str:
    """What became of the published numbers."""
    rows = ["| claim | published | ours | verdict |", "|---|---|---|---|"]
    entries = {entry.id: entry for entry in claims.claims()}
    places = {
        lesson.name: f"[lesson {lesson.number:02d}]({_link(lesson.notebook)})" for lesson in course.lessons()
    }
    for row in claims.collect():
        entry = entries[row["id"]]
        ours = "" if row["ours"] is None else _with_unit(claims.number(row["ours"], row["error"]), entry.unit)
        where = f"{entry.source}; {places.get(row['lesson'], row['lesson'])}"
        sample = f", on {entry.sample}" if ours and entry.sample else ""
        cells = (f"{entry.statement} ({where})", entry.expectation(), ours + sample, row["verdict"])
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(rows)


def _pages() -> list[tuple[Path, str]]:
    regions = {"first": first, "syllabus": syllabus, "claims": verdicts}
    paths = [course.root() / name for name in PAGES]
    return [(path, fill(path.read_text(encoding="utf-8"), regions, path.name)) for path in paths]


def _lesson_row(lesson: course.Lesson) -> str:
    then = ""
    if lesson.exercise_source.exists():
        then = f"[exercise]({_link(lesson.exercise)})<br>[solution]({_link(lesson.solution)})"
    title = f"[{_cell(lesson.title)}]({_link(lesson.notebook)})"
    objectives = "<br>".join(_cell(objective) for objective in lesson.objectives)
    return f"| {lesson.number:02d} | {title} | {_duration(lesson.minutes)} | {then} | {objectives} |"


def _duration(minutes: int) -> str:
    return f"{minutes}\N{NO-BREAK SPACE}min"


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}".strip()


def _link(path: Path) -> str:
    return path.relative_to(course.root()).as_posix()


def _cell(text: str) -> str:
    """Text that cannot break out of its cell."""
    return " ".join(text.split()).replace("|", "\\|")
