"""Calling code that may do anything: raise, never end, print, exit, change what it was given."""

import ast
import contextlib
import copy
import ctypes
import dis
import functools
import inspect
import io
import linecache
import sysconfig
import textwrap
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from hepml_course.checks._core import NotYet
from hepml_course.checks._show import describe

LONGEST_MESSAGE = 200
_PATIENCE = 10  # how many times longer code may wait than work
_COMPILED = (".pyx", ".pxd", ".pxi")  # frames of compiled libraries name the source that they came from


class StudentError(Exception):
    """The student's code raised; the text names their own line."""


class Untouched(Exception):
    """The student's function gave back the ``...`` it was born with."""


class OutOfTime(BaseException):
    """Put into the student's code when its time is over. Not an Exception, so that it passes ``except``."""


# -- calls ---------------------------------------------------------------------------------------


def guard(function: Callable, may_change: bool = False) -> Callable:
    """Wrap a student's callable so that a check can call it without fear. It gets copies of all data.

    The wrapped function raises `StudentError` when the student's code raises, `NotYet` with
    ``changed-input`` when an argument was changed (unless `may_change`), and `Untouched` when the
    result is ``...``.
    """
    if not callable(function):
        raise NotYet("not-a-function", got=describe(function))

    @functools.wraps(function, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        lent = [_copied(value) for value in args], {key: _copied(value) for key, value in kwargs.items()}
        before, after = _bind(function, args, kwargs), _bind(function, *lent)
        try:
            result = function(*lent[0], **lent[1])
        except BaseException as error:
            raise StudentError(explain(error)) from None
        if result is ...:
            raise Untouched
        changed = [k for k, name in enumerate(before) if not _same(before[name], after[name])]
        if changed and not may_change:
            raise NotYet("changed-input", argument=list(before)[changed[0]], position=changed[0])
        return result

    return call


def _bind(function: Callable, args: Sequence, kwargs: dict) -> dict[str, Any]:
    """Arguments under the names the student gave them; a wrong signature is the student's first line."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have none
        return {f"argument {i + 1}": value for i, value in enumerate(args)} | kwargs
    try:
        return dict(signature.bind(*args, **kwargs).arguments)
    except TypeError:
        given, taken = len(args) + len(kwargs), len(signature.parameters)
        said = f"it is called with {given} arguments, and takes {taken}"
        code = getattr(function, "__code__", None)
        if code is None:
            raise StudentError(f"Your function: {said}.") from None
        raise StudentError(_your_line(code.co_filename, code.co_firstlineno, said)) from None


def _copied(value: Any) -> Any:
    """A copy of data; generators and models, which are meant to change, as they are."""
    is_data = isinstance(value, (np.ndarray, list, tuple, dict)) or hasattr(value, "equals")  # pandas
    return copy.deepcopy(value) if is_data else value


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray):
        return np.array_equal(before, after, equal_nan=before.dtype.kind in "fc")
    if hasattr(before, "equals"):
        return bool(before.equals(after))
    if isinstance(before, dict):
        return list(before) == list(after) and all(_same(before[key], after[key]) for key in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_same, before, after))
    return before is after or bool(np.all(before == after))


# -- what is said about an exception ----------------------------------------------------------------


def explain(error: BaseException) -> str:
    """One line about an exception: the student's own line, its text, and what went wrong there."""
    frame = _student_frame(error)
    said = _said(error)
    return _sentence(said[0].upper() + said[1:]) if frame is None else _your_line(*frame, said)


def _your_line(filename: str, line: int, said: str) -> str:
    text = linecache.getline(filename, line).strip()
    return _sentence(f"Your line {line}: `{text}`: {said}" if text else f"Your line {line}: {said}")


def _sentence(text: str) -> str:
    return text if text.endswith("?") else text + "."


def _student_frame(error: BaseException) -> tuple[str, int] | None:
    """The last line of the student's own; the first one where the time was over, which is the loop's."""
    frames = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
    order = frames if isinstance(error, OutOfTime) else reversed(frames)
    return next((frame for frame in order if not _is_library(frame[0])), None)


def _is_library(filename: str) -> bool:
    if filename.endswith(_COMPILED):
        return True
    return filename.startswith(("<frozen", "<__array_function__")) or filename.startswith(_library_folders())


@functools.cache
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    return (str(Path(__file__).parents[1]), *(paths[key] for key in ("stdlib", "purelib", "platlib")))


def _said(error: BaseException) -> str:
    if isinstance(error, OutOfTime):
        return "still running when the time was over. Can it ever end?"
    if isinstance(error, RecursionError):
        return "it calls itself without end"
    if isinstance(error, KeyboardInterrupt):
        return "stopped here by an interrupt"
    if isinstance(error, SystemExit):
        return "this ends the whole program, where a `return` would do"
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    if not lines:
        return type(error).__name__
    text = lines[0].rstrip(".")
    text = text if len(text) <= LONGEST_MESSAGE else text[:LONGEST_MESSAGE] + "…"
    return f"there is no {text}" if isinstance(error, KeyError) else text


# -- quiet and bounded ----------------------------------------------------------------------------


class _Sink(io.TextIOBase):
    """Takes everything that is printed and keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)

    def writable(self) -> bool:
        return True


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Swallow prints, warnings and displays of the student's code: a check calls it many times."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    with contextlib.ExitStack() as stack:
        if InteractiveShell.initialized():
            stack.enter_context(capture_output(stdout=False, stderr=False, display=True))
        sink = _Sink()
        stack.enter_context(contextlib.redirect_stdout(sink))
        stack.enter_context(contextlib.redirect_stderr(sink))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` in the body once it has worked for `seconds`, again if the body swallows it.

    What counts is the processor time of this thread where the system tells it, so that a busy machine does
    not stop a good answer; code that only waits is stopped after ten times as long. An asynchronous
    exception works in every thread and on Windows, where an alarm signal does not.
    """
    thread, lock, finished = threading.get_ident(), threading.Lock(), threading.Event()
    worked = _stopwatch(thread)
    latest = time.monotonic() + _PATIENCE * seconds

    def watch() -> None:
        pause = min(0.2, seconds / 5)
        while not finished.wait(pause):
            if worked() < seconds and time.monotonic() < latest:
                continue
            with lock:  # never after the body has ended
                if not finished.is_set():
                    target = ctypes.c_ulong(thread)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(OutOfTime))
            pause = 1.0

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            finished.set()


def _stopwatch(thread: int) -> Callable[[], float]:
    """Seconds of work of a thread from now on; of time passed on systems that do not count them."""
    if hasattr(time, "pthread_getcpuclockid"):
        clock = functools.partial(time.clock_gettime, time.pthread_getcpuclockid(thread))
    else:
        clock = time.monotonic
    start = clock()
    return lambda: clock() - start


# -- is the `...` still there ------------------------------------------------------------------------


class Unfinished(Enum):
    """How much of a function is still the ``...`` of the exercise."""

    NO = 0
    PART = 1
    WHOLE = 2


def unfinished(function: Any) -> Unfinished:
    """Whether the ``...`` of the exercise still stands in a function, alone or among other lines."""
    if not inspect.isfunction(function):
        return Unfinished.NO
    definition = _definition(function)
    if definition is None:
        return Unfinished.WHOLE if _is_empty_code(function) else Unfinished.NO
    if all(_says_nothing(statement) for statement in definition.body):
        return Unfinished.WHOLE
    return Unfinished.PART if any(map(_has_ellipsis, definition.body)) else Unfinished.NO


def _definition(function: Callable) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    first = tree.body[0] if tree.body else None
    return first if isinstance(first, ast.FunctionDef) else None


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Return):
        return isinstance(statement.value, ast.Constant) and statement.value.value is ...
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _has_ellipsis(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is ...
    if isinstance(node, ast.Subscript):  # x[..., 0] is an answer, not a gap
        return _has_ellipsis(node.value)
    return any(map(_has_ellipsis, ast.iter_child_nodes(node)))


def _is_empty_code(function: Callable) -> bool:
    def empty() -> None: ...

    steps, bare = ([(i.opname, i.argval) for i in dis.get_instructions(f)] for f in (function, empty))
    return function.__name__ != "<lambda>" and steps == bare
