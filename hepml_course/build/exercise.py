"""What makes an exercise of a script with answers: the answers removed, nbgrader's metadata added.

The instructor's notebook keeps the marks, and ``nbgrader generate_assignment`` with the course's
``nbgrader_config.py`` makes the same exercise of it as `without_answers` does.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

from nbformat import NotebookNode

from hepml_course.errors import CourseError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "..."


def has_answer(source: str) -> bool:
    """Whether a mark of an answer stands in the text of a cell."""
    return BEGIN in source or END in source


def without_answers(source: str, place: str) -> str:
    """The text of a cell with every answer replaced by ``...`` at the indentation of its mark.

    Raises
    ------
    CourseError
        If the marks do not come in pairs; `place` says where.
    """
    kept: list[str] = []
    inside = False
    for line in source.splitlines():
        mark = line.strip()
        if mark in (BEGIN, END):
            if inside == (mark == BEGIN):
                raise CourseError(f"{place}: `{mark}` where it cannot stand: the marks come in pairs.")
            inside = not inside
            if inside:
                kept.append(line.replace(BEGIN, STUB))
        elif not inside:
            kept.append(line)
    if inside:
        raise CourseError(f"{place}: `{BEGIN}` without `{END}`.")
    return "\n".join(kept)


def add_grading(cells: list[NotebookNode], label: str) -> None:
    """Give each cell its part for nbgrader: answer, check (one point) or locked, in place.

    An answer is named after the check that follows it, so that a change of its text does not cut the
    tie to what students have handed in.
    """
    seen: Counter[str] = Counter()
    task = "free"
    parts = []
    for number, cell in reversed(list(enumerate(cells, start=1))):
        checked = _task(cell, f"{label}: cell {number}")
        task = checked or task
        if checked:
            parts.append((cell, checked, {"grade": True, "locked": True, "points": 1}))
        elif has_answer(cell.source):
            parts.append((cell, f"{task}-answer", {"solution": True}))
        else:
            parts.append((cell, cell.id, {"locked": True}))
    for cell, name, role in reversed(parts):
        seen[name] += 1
        cell.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade": False,
            "solution": False,
            "locked": False,
            "task": False,
            **role,
            "grade_id": name if seen[name] == 1 else f"{name}-{seen[name]}",
        }


def _task(cell: NotebookNode, place: str) -> str | None:
    """The task that a cell checks, in the letters that nbgrader allows; None where it checks nothing."""
    if cell.cell_type != "code":
        if has_answer(cell.source):
            raise CourseError(f"{place}: an answer stands in a code cell, or folded under the tag `fold`.")
        return None
    names = _checked(cell.source)
    if len(names) > 1:
        raise CourseError(f"{place} calls check() more than once: one task, one cell, one point.")
    if names and has_answer(cell.source):
        raise CourseError(f"{place} holds an answer and its check(): the check gets a cell of its own.")
    return re.sub(r"[^A-Za-z0-9_-]+", "-", names[0]) if names else None


def _checked(source: str) -> list[str]:
    """The names given to ``check("...")`` in a cell; nothing for a cell that is not plain Python."""
    if "check(" not in source:
        return []
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []
    return [
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "check"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]
