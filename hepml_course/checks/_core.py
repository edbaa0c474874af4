"""Tasks, the mistakes they know, and the registry that finds a task by its name."""

import difflib
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from hepml_course.checks._show import show
from hepml_course.errors import CourseError


class State(StrEnum):
    """How a check ends."""

    CORRECT = "correct"
    NOT_YET = "not yet"
    NOT_ATTEMPTED = "not attempted"
    RAISED = "your code raised"


class NotYet(Exception):
    """Raised by a check that has recognised a mistake.

    Parameters
    ----------
    mistake : str
        Id of the mistake: a key of the task's ``mistakes`` or of `COMMON_MISTAKES`.
    **values
        What stands in the braces of the message; numbers and arrays are formatted by `show`.
    """

    def __init__(self, mistake: str, **values: Any) -> None:
        super().__init__(mistake)
        self.mistake = mistake
        self.values = values


# Mistakes that can happen in every task. A task may override the text under the same id.
COMMON_MISTAKES = {
    "not-a-function": "The check needs the function itself: its name without parentheses. It got {got}.",
    "returns-nothing": "The answer is None. Is a `return` missing?",
    "not-a-number": "One number is expected here; yours is {got}.",
    "not-an-array": "An array of numbers is expected here; yours is {got}.",
    "shape": "An array of shape {expected} is expected here; yours has shape {got}.",
    "not-finite": "There is {bad} in your answer, where every number should be finite.",
    "changed-input": "The `{argument}` you were given has changed. Work on a copy and return new values.",
    "nonsense": "The check cannot read your answer: it is {got}.",
}


@dataclass(frozen=True)
class Task:
    """One task of an exercise and everything the course can say about an answer to it."""

    name: str
    look: Callable[..., str | None]
    reference: Any
    right: str
    hints: tuple[str, ...]
    mistakes: dict[str, str] = field(hash=False)
    kind: Literal["function", "value"] = "function"
    seconds: float = 20.0

    def message(self, mistake: NotYet) -> str:
        """Text of a mistake, with its numbers filled in, and with enough digits to tell got from right."""
        template = self.mistakes.get(mistake.mistake) or COMMON_MISTAKES[mistake.mistake]
        for digits in (3, 6, 9):
            shown = {key: show(value, digits) for key, value in mistake.values.items()}
            if "right" not in shown or shown["right"] != shown.get("got"):
                break
        return template.format(**shown)


class UnknownTaskError(CourseError):
    """No task has this name."""


_TASKS: dict[str, Task] = {}


def task(
    name: str,
    *,
    reference: Any,
    right: str,
    hints: list[str],
    mistakes: dict[str, str],
    kind: Literal["function", "value"] = "function",
    seconds: float = 20.0,
) -> Callable[[Callable], Callable]:
    """Register the decorated function as the check of a task.

    Parameters
    ----------
    name : str
        ``"lesson.task"``; ``lesson`` is the name of the module in this folder.
    reference : object
        The course's own answer, given to later cells when the student's is not there yet.
    right : str
        What a correct answer reads. The check may return another text instead.
    hints : list of str
        Stages of help, from a nudge to nearly the answer; at least two.
    mistakes : dict
        Id of each mistake the check recognises, and its message with ``{fields}``.
    kind : {"function", "value"}
        Whether the student hands in a function (wrapped so that it can be called safely) or values.
    seconds : float
        Work after which the student's code is stopped, in processor time.
    """

    def register(look: Callable) -> Callable:
        _TASKS[name] = Task(name, look, reference, right, tuple(hints), mistakes, kind, seconds)
        return look

    return register


def lesson_modules() -> list[str]:
    """Names of the lessons that have checks."""
    folder = str(Path(__file__).parent)
    return sorted(m.name for m in pkgutil.iter_modules([folder]) if not m.name.startswith("_"))


def tasks(lesson: str | None = None) -> list[Task]:
    """All tasks, or those of one lesson, in the order in which they were registered."""
    for name in lesson_modules() if lesson is None else [lesson]:
        importlib.import_module(f"hepml_course.checks.{name}")
    return [t for t in _TASKS.values() if lesson is None or t.name.split(".")[0] == lesson]


def find(name: str) -> Task:
    """The task called `name`; `UnknownTaskError` says which names there are."""
    if not isinstance(name, str):
        raise UnknownTaskError('The name of the task comes first: check("lesson.task", your_answer).')
    lesson = name.split(".")[0]
    if lesson not in lesson_modules():
        raise UnknownTaskError(
            f"No lesson has checks under the name '{lesson}'. There are: {', '.join(lesson_modules())}."
        )
    known = [t.name for t in tasks(lesson)]
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        advice = f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(known)}."
        raise UnknownTaskError(f"There is no task '{name}'. {advice}")
    return _TASKS[name]
