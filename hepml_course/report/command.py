"""``hepml report``: from a stranger's file to a page, without writing Python."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hepml_course.data.samples import require_known
from hepml_course.errors import CourseError
from hepml_course.files import replace_file
from hepml_course.report import page
from hepml_course.report.evaluation import Report, evaluate
from hepml_course.report.folds import balanced, fit
from hepml_course.report.question import Question
from hepml_course.report.source import SIGNAL, WEIGHT, Events, read

if TYPE_CHECKING:
    from hepml_course.report.summary import Shown

METHODS = ("cuts", "likelihood", "fisher", "bdt", "mlp")


def run(
    question: Question,
    *,
    methods: Sequence[str] | None = None,
    output: Path,
    title: str | None = None,
    json_file: Path | None = None,
) -> None:
    """Read, train, evaluate, write the page, and print the summary.

    Parameters
    ----------
    question : Question
        What to read.
    methods : sequence of str, optional
        Of `METHODS`; by default all, or none if there are scores already.
    output, json_file : Path
        Where the page and, if asked for, the numbers go.
    title : str, optional

    Raises
    ------
    CourseError
        One sentence about what is wrong and what to do; nothing has been written then.
    """
    names = _chosen(methods, question.scores)
    for place in filter(None, (output, json_file)):
        _require_place(place, question.files)
    if json_file is not None and json_file.resolve() == output.resolve():
        raise CourseError(f"--output and --json both say {output}: give two names.")
    with _progress() as tick:
        events = _read(question, tick)
        trained, trouble = _train(names, events, tick)
        tick("evaluating")
        report = evaluate(
            {**trained, **{name: name for name in events.scores}}, events.train, events.test,
            signal=SIGNAL, weights=WEIGHT, features=events.features, spectators=events.spectators,
        )  # fmt: skip
        title = title or f"Evaluation of {_named(question.files)}"
        numbers = page.Numbers.of(report, tick)
        doubts = [*trouble, *events.doubts]
        notes = [*events.notes, *_on_training(trained)]
        page.write(
            report, output, title=title, notes=notes, doubts=doubts, numbers=numbers,
            tick=lambda what: tick(f"drawing {what}"),
        )  # fmt: skip
        if json_file is not None:
            _save(json_file, _as_json(title, question, events, report, numbers, notes, doubts))
    _show(events, numbers, [*doubts, *numbers.doubts], output)


def split_list(text: str | None) -> list[str] | None:
    """The parts of ``A, B, hypot(C, D)``: commas inside brackets or quotes separate nothing.

    >>> split_list("pt, hypot(px, py)")
    ['pt', 'hypot(px, py)']
    """
    if text is None:
        return None
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "`'\"":
            quote = letter
        else:
            depth += (letter in "([") - (letter in ")]")
        if letter == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _chosen(methods: Sequence[str] | None, scores: Sequence[str]) -> list[str]:
    if methods is None:
        return [] if scores else list(METHODS)
    for name in methods:
        require_known("method", name, METHODS)
    if not methods and not scores:
        raise CourseError(f"There is nothing to evaluate: name methods ({', '.join(METHODS)}) or a --score.")
    if both := [name for name in methods if name in scores]:
        raise CourseError(f"{both[0]} is a method and a score: write the score as `1 * {both[0]}`.")
    return list(dict.fromkeys(methods))


def _require_place(path: Path, files: Sequence[Path]) -> None:
    page.require_place(path)
    for file in files:
        if path.exists() and file.exists() and path.samefile(file):
            raise CourseError(f"{path} holds the events and would be overwritten: choose another name.")


def _read(question: Question, tick: page.Tick) -> Events:
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        tick(f"reading, {done:,} events")

    tick("reading")
    return read(question, count)


def _train(names: Sequence[str], events: Events, tick: page.Tick) -> tuple[dict[str, Any], list[str]]:
    """The trained methods by name, and a sentence for each that could not be trained."""
    if not names:
        return {}, []
    from hepml_course.methods import standard

    x = events.train[events.features]
    y = events.train[SIGNAL].to_numpy()
    w = events.train[WEIGHT].to_numpy()
    trained, trouble = {}, []
    for name, method in standard(tuple(names)).items():
        tick(f"training {name}")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of libraries; what matters shows in the result
                trained[name] = fit(method, x, y.astype(int), balanced(y, w))
        except (CourseError, ValueError, ArithmeticError, np.linalg.LinAlgError) as problem:
            trouble.append(f"{name} could not be trained and is left out: {_sentence(problem)}")
    if not trained and not events.scores:
        raise CourseError(trouble[-1])
    return trained, trouble


def _sentence(problem: Exception) -> str:
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0].rstrip(".") + "."


def _named(files: Sequence[Path]) -> str:
    shown = [file.name for file in files[:3]] + ([f"{len(files) - 3} more"] if len(files) > 3 else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _on_training(trained: dict[str, Any]) -> list[str]:
    if not trained:
        return []
    return [
        f"{', '.join(trained)} were trained with the settings of the course, unchanged, on weights scaled so "
        "that signal and background have the same sum; all numbers are with the weights as given."
    ]


@contextmanager
def _progress() -> Iterator[page.Tick]:
    """A line on the terminal that says what is being done; nothing where there is none."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda what: progress.update(task, description=what)


def _show(events: Events, numbers: page.Numbers, doubts: Sequence[str], output: Path) -> None:
    for note in events.notes:
        print(note)
    # What fits a line; the page has the rest.
    text = numbers.summary.text()
    print(f"\n{text[[name for name in text.columns if '(train)' not in name]].to_string()}\n")
    for doubt in doubts:
        print(f"To distrust: {doubt}")
    print(f"\n{output} is written: open it in a browser.")


def _as_json(
    title: str,
    question: Question,
    events: Events,
    report: Report,
    numbers: page.Numbers,
    notes: Sequence[str],
    doubts: Sequence[str],
) -> dict[str, Any]:
    samples = {"training": report.train, "test": report.test}
    return {
        "title": title,
        "files": [str(file) for file in question.files],
        "features": events.features,
        "spectators": events.spectators,
        "events": {name: sample.sizes() for name, sample in samples.items()},
        "expected": dict(zip(("signal", "background"), report.expected, strict=True)),
        "summary": _plain(numbers.summary),
        "overtraining": {} if numbers.overtraining is None else _plain(numbers.overtraining),
        "ranking": {} if numbers.ranking is None else _plain(numbers.ranking),
        "notes": list(notes),
        "doubts": [*doubts, *numbers.doubts],
    }


def _plain(shown: Shown) -> dict[str, dict[str, dict[str, float | None]]]:
    """Row to quantity to ``value`` and ``±``; NaN, which JSON lacks, becomes null."""
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for row, numbers in zip(shown.index, shown.to_numpy(dtype=float), strict=True):
        for (what, where), number in zip(shown.columns, numbers, strict=True):
            value = float(number) if math.isfinite(number) else None
            found.setdefault(str(row), {}).setdefault(what, {})[where] = value
    return found


def _save(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        replace_file(path, f"{text}\n".encode())
    except OSError as problem:
        raise CourseError(f"Cannot write {path}: {problem.strerror or problem}. Make room.") from None
