"""Checks that answer a student: right, not yet and why, not attempted, or where the code raised.

For students
------------
``check("perceptron.update", update)`` looks at an answer and says one of four things.
``hint("perceptron.update")`` gives a hint, and a stronger one with each call.
``answer_or_reference("perceptron.update", update)`` gives the student's function to the later cells
of an exercise when it is right, and the course's own when it is not, so that a half-done exercise
still runs.

Adding checks for a lesson
--------------------------
One module per lesson in this folder, named as the first part of the task's name: the task
``"perceptron.update"`` lives in ``checks/perceptron.py``. It is loaded when a task of that lesson is
asked for. A task is the course's own answer plus one function that looks at the student's::

    from hepml_course.checks import NotYet, as_number, task

    def _reference(w, x):
        return w @ x

    @task(
        "perceptron.net_input",
        reference=_reference,
        right="Right. The weighted sum is all the neuron sees.",
        hints=["Each component has its own weight.", "Multiply in pairs, then add. `@` does both."],
        mistakes={"forgot-sum": "For w = {w} and x = {x} you gave {got}. Add the components up."},
    )
    def _net_input(net_input, rng):
        for _ in range(5):
            w, x = rng.integers(-3, 4, (2, 3))
            got = net_input(w, x)
            if np.shape(got) == (3,):
                raise NotYet("forgot-sum", w=w, x=x, got=got)
            if not np.isclose(as_number(got), w @ x):
                ...

Rules, all enforced by ``tests/test_checks.py``:

* The function under ``@task`` takes the student's answer(s) first and ``rng`` last. The generator has a
  fixed seed per task, so the same mistake always reads the same. Draw round numbers: a student should be
  able to recompute every number in a message.
* ``kind="function"`` (default): the student hands in a function. It arrives wrapped: calling it is safe,
  prints and warnings are swallowed, changed arguments are noticed (mistake ``changed-input``), exceptions
  end the check with the student's own line. ``kind="value"``: the student hands in one or several values
  (``check("lesson.task", value, error)``); wrap a callable among them with ``guard(...)``.
* Recognise each mistake by behaviour, most specific first, and ``raise NotYet("id", number=...)``. The
  text of the id stands in ``mistakes``; braces are filled with ``show(value)`` (three significant digits,
  vectors in parentheses, strings unchanged). End with a mistake that catches everything else and shows
  the numbers. Returning None means correct; returning a string replaces ``right``.
* A mistake that computes something else is recognised by computing it too: collect the student's results
  for a list of cases and ask ``imitates(results, lambda w, x: w * x, cases)``.
* Read answers with ``as_number(value)`` and ``as_array(value, shape=(None, 2))``: they deal with None,
  text, wrong shapes and NaN by the mistakes in ``COMMON_MISTAKES``. A task can give one of those ids a
  better text in its own ``mistakes``.
* ``...`` as a value, or a function whose body is only ``...``, is "not attempted" before your code runs.
* ``seconds=`` stops code that never ends (after 20 s of work by default). Keep a check itself under 1 s.
* Tests: ``tests/answers/<lesson>.py`` holds ``ANSWERS = {"lesson.task": Answers(right=[...],
  wrong=[("mistake-id", answer), ...])}`` with ``from answers import Answers``; an answer is a function,
  a value, or a tuple of values for a task that takes several. Per task at least two right answers, three
  wrong ones (id ``"raised"`` for code that raises) and two hints; every id in ``mistakes`` must be
  reached by some wrong answer, and no two texts of a task may be equal.

Under nbgrader (``NBGRADER_EXECUTION`` is ``autograde`` or ``validate``) a state other than correct also
raises `CheckFailed`, so that the grade cell earns no point.
"""

import functools
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hepml_course.checks._convert import as_array, as_number
from hepml_course.checks._core import (
    COMMON_MISTAKES,
    NotYet,
    State,
    Task,
    UnknownTaskError,
    find,
    task,
    tasks,
)
from hepml_course.checks._display import Reply
from hepml_course.checks._imitate import first_difference, imitates
from hepml_course.checks._show import describe, show
from hepml_course.checks._student import (
    OutOfTime,
    StudentError,
    Unfinished,
    Untouched,
    explain,
    guard,
    silence,
    time_limit,
    unfinished,
)

__all__ = [
    "COMMON_MISTAKES",
    "CheckFailed",
    "NotYet",
    "State",
    "Verdict",
    "answer_or_reference",
    "as_array",
    "as_number",
    "check",
    "first_difference",
    "guard",
    "hint",
    "imitates",
    "show",
    "task",
    "tasks",
    "verdict",
]

_NOT_ATTEMPTED = "Not attempted yet."
_hints_given: dict[str, int] = {}


@dataclass(frozen=True)
class Verdict:
    """State of an answer, the text for the student, and the id of the mistake if one was recognised."""

    state: State
    text: str
    mistake: str | None = None


class _Lent:
    """The course's own function in a student's notebook: works, and does not pass for the student's."""

    def __init__(self, function: Callable) -> None:
        functools.update_wrapper(self, function)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*args, **kwargs)


class CheckFailed(Exception):
    """Raised instead of only shown when nbgrader runs the notebook, where an error costs the point."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this in place of a traceback
        return [str(self)]


def check(name: str, *answers: Any) -> None:
    """Look at an answer and show one of four replies: correct, not yet, not attempted, your code raised.

    Parameters
    ----------
    name : str
        Name of the task, such as ``"perceptron.update"``.
    *answers : object
        The student's function, or the value(s) asked for.
    """
    try:
        found = verdict(name, *answers)
    except UnknownTaskError as error:
        found = Verdict(State.NOT_YET, str(error), "unknown-task")
    reply = Reply(found.text, found.state)
    _display(reply)
    if found.state is not State.CORRECT and _is_graded():
        raise CheckFailed(repr(reply))


def hint(name: str) -> None:
    """Show the next hint for a task; after the last one, the last one again."""
    try:
        found = find(name)
    except UnknownTaskError as error:
        _display(Reply(str(error)))
        return
    stage = min(_hints_given.get(name, 0) + 1, len(found.hints))
    _hints_given[name] = stage
    _display(Reply(f"Hint {stage} of {len(found.hints)}: {found.hints[stage - 1]}"))


def answer_or_reference(name: str, answer: Any) -> Any:
    """The student's answer if its check passes, else the course's own, with a line that says so.

    Raises
    ------
    UnknownTaskError
        If there is no such task.
    """
    if verdict(name, answer).state is State.CORRECT:
        return answer
    what = name.split(".")[1]
    _display(Reply(f"`{what}` is not right yet, so the cells below use the course's own."))
    reference = find(name).reference
    return _Lent(reference) if callable(reference) else reference


def verdict(name: str, *answers: Any) -> Verdict:
    """Judge an answer without showing anything.

    Raises
    ------
    UnknownTaskError
        If there is no such task. Nothing that the answer does can make this function raise.
    """
    asked = find(name)
    if not answers:
        return Verdict(State.NOT_YET, f'The answer is missing: check("{name}", your_answer).', "no-answer")
    gaps = [unfinished(a) if asked.kind == "function" else Unfinished.NO for a in answers]
    if any(a is ... for a in answers) or Unfinished.WHOLE in gaps:
        return Verdict(State.NOT_ATTEMPTED, _NOT_ATTEMPTED)
    if any(isinstance(a, _Lent) for a in answers):
        lent = "This is the course's own answer: run the cell with yours again."
        return Verdict(State.NOT_ATTEMPTED, f"{_NOT_ATTEMPTED} {lent}")
    found = _judge(asked, answers)
    if Unfinished.PART in gaps and found.state is not State.CORRECT:
        return Verdict(State.NOT_ATTEMPTED, f"{_NOT_ATTEMPTED} A `...` still stands among your lines.")
    return found


def _judge(asked: Task, answers: tuple) -> Verdict:
    rng = np.random.default_rng(zlib.crc32(asked.name.encode()))
    try:
        with silence(), time_limit(asked.seconds):
            given = [guard(a) for a in answers] if asked.kind == "function" else answers
            praise = asked.look(*given, rng)
    except NotYet as mistake:
        return Verdict(State.NOT_YET, asked.message(mistake), mistake.mistake)
    except StudentError as error:
        return Verdict(State.RAISED, str(error), "raised")
    except Untouched:
        return Verdict(State.NOT_ATTEMPTED, _NOT_ATTEMPTED)
    except (OutOfTime, KeyboardInterrupt) as error:
        return Verdict(State.RAISED, explain(error), "raised")
    except Exception:  # the answer is so strange that the check itself stumbled over it
        strange = NotYet("nonsense", got=describe(answers[0] if len(answers) == 1 else answers))
        return Verdict(State.NOT_YET, asked.message(strange), "nonsense")
    return Verdict(State.CORRECT, praise or asked.right)


def _display(reply: Reply) -> None:
    from IPython.display import display

    display(reply)


def _is_graded() -> bool:
    """Whether nbgrader 0.9 runs this: it sets the variable for autograde and for validate."""
    return os.environ.get("NBGRADER_EXECUTION") in ("autograde", "validate")
