"""Events for the report from a stranger's files: only the columns that are needed, checked, and split.

>>> from hepml_course.report.source import Question, read
>>> events = read(Question([Path("sample.root")], signal="label == 1", weight="w"))  # doctest: +SKIP
>>> events.train[events.features]  # doctest: +SKIP
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.report import sanity
from hepml_course.report.classes import BOTH, NEITHER, UNDEFINED, Part, parts, words
from hepml_course.report.expression import Expression
from hepml_course.report.plan import Plan, make_plan
from hepml_course.report.question import Question

if TYPE_CHECKING:
    import pandas as pd

SIGNAL, WEIGHT = "(signal)", "(weight)"
"""Columns of the tables with the truth and the event weight."""
_PARITY = "(split)"
SHARED = (
    "Events were split by their place in the file: if one collision stands there several times, training and "
    "test share it; --split with the event number keeps them apart."
)

Tick = Callable[[int], None]


@dataclass
class Events:
    """What was read.

    Attributes
    ----------
    train, test : pandas.DataFrame
        Features, spectators and scores by name, and the columns `SIGNAL` and `WEIGHT`.
    features, spectators, scores : list of str
    notes : list of str
        What was done, in sentences.
    doubts : list of str
        What to distrust, in sentences.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    features: list[str]
    spectators: list[str]
    scores: list[str]
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def read(question: Question, tick: Tick = lambda rows: None) -> Events:
    """Read, check and split the events.

    Parameters
    ----------
    question : Question
    tick : callable
        Is told how many rows more have been read.

    Raises
    ------
    CourseError
        One sentence about what is wrong and what to do.
    """
    if question.every < 1:
        raise CourseError(f"--every {question.every} keeps nothing: give 1 or more.")
    sources = parts(question.files, question.tree, question.signal, question.background)
    plan = make_plan(question, sources)
    columns, count = _collect(plan, sources, question.every, tick)
    notes = _told(question, sources, count)
    sanity.require_events(count, question)
    notes += sanity.clean(columns, plan.named, WEIGHT, SIGNAL, drop=question.drop_nan)
    notes += _settle_features(plan, columns, question.features is None)
    odd = columns.pop(_PARITY).astype(bool) if question.split else _every_second(columns[SIGNAL])
    sanity.require_halves(columns, odd, WEIGHT, SIGNAL, question.split)
    notes.append(
        f"Training has the events with even {question.split}, the test those with odd ones."
        if question.split
        else "Training and test have every second event of each class, in the order of the file."
    )
    train, test = _halves(columns, odd)
    names = (list(plan.features), list(plan.spectators), list(plan.scores))
    return Events(train, test, *names, notes, [] if question.split else [SHARED])


def _settle_features(plan: Plan, columns: dict[str, NDArray], chosen_here: bool) -> list[str]:
    """Refuse constant features that were asked for, leave out others, and say which are taken."""
    for name in sanity.constant(columns, plan.features):
        value = columns[name][0] + 0  # minus zero becomes zero
        if not chosen_here or len(plan.features) == 1:
            raise CourseError(f"The feature {name} is {value:g} in all events: leave it out.")
        plan.left_out[name] = f"always {value:g}"
        del plan.features[name], columns[name]
    many = f"{len(plan.features)} feature{'s' if len(plan.features) > 1 else ''}: {', '.join(plan.features)}."
    if not chosen_here:
        return [many]
    left = ", ".join(f"{name} ({why})" for name, why in plan.left_out.items())
    return [
        f"All columns of numbers without another part are features. {many}"
        + (f" Left out: {left}." if left else "")
    ]


# -- which rows -----------------------------------------------------------------------------------


def _collect(
    plan: Plan, sources: Sequence[Part], every: int, tick: Tick
) -> tuple[dict[str, NDArray], Counter]:
    """Go through the tables once; past `sanity.MOST` events only count on."""
    made: dict[str, list[NDArray]] = {}
    count: Counter = Counter()
    for part in sources:
        needed = list(dict.fromkeys([*plan.needed(), *part.names]))
        for columns in part.table.pieces(needed):
            n = len(next(iter(columns.values())))
            members = part.members(columns, n)
            passed = np.ones(n, dtype=bool) if plan.select is None else plan.select.condition(columns)
            rows = _kept(members, passed, every, count)
            count.update({"read": n, "selected": int(passed.sum()), "kept": len(rows)})
            for value, what in ((NEITHER, "neither"), (UNDEFINED, "undefined"), (BOTH, "both")):
                count[what] += int(((members == value) & passed).sum())
            if count["kept"] <= sanity.MOST:
                for name, values in _values(plan, columns, members, rows, every).items():
                    made.setdefault(name, []).append(values)
            else:
                made.clear()
            tick(n)
    return {name: np.concatenate(made.pop(name)) for name in list(made)}, count


def _kept(members: NDArray, passed: NDArray, every: int, count: Counter) -> NDArray[np.intp]:
    """Rows to keep: of each class every so-manieth that passes, counted over all pieces."""
    kept = []
    for of, name in ((1, "signal"), (0, "background")):
        rows = np.flatnonzero((members == of) & passed)
        kept.append(rows[(count[name] + np.arange(len(rows))) % every == 0])
        count[name] += len(rows)
    return np.sort(np.concatenate(kept))


def _values(
    plan: Plan, columns: dict[str, NDArray], members: NDArray, rows: NDArray, every: int
) -> dict[str, NDArray]:
    """The kept rows of everything that was asked for."""
    some = {name: values[rows] for name, values in columns.items()}
    found = {name: _as_number(e.value(some)) for name, e in plan.columns().items()}
    found[SIGNAL] = members[rows] == 1
    weight = np.ones(len(rows)) if plan.weight is None else plan.weight.value(some).astype(float)
    found[WEIGHT] = weight * every
    if plan.split is not None:
        found[_PARITY] = _parity(plan.split, some)
    return found


def _as_number(values: NDArray) -> NDArray:
    """Single precision stays what it is, everything else becomes double."""
    return values if values.dtype == np.float32 else values.astype(float)


def _parity(split: Expression, columns: dict[str, NDArray]) -> NDArray[np.int8]:
    values = split.value(columns)
    if values.dtype.kind == "f" and not (values == np.floor(values)).all():
        raise CourseError(
            f"{split.names[0]} holds NaN or numbers that are not whole, so events cannot be split by it."
        )
    return (values % 2).astype(np.int8)


def _every_second(is_signal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each event is the second, fourth, … of its class."""
    odd = np.empty(len(is_signal), dtype=bool)
    for members in (is_signal, ~is_signal):
        odd[members] = np.arange(members.sum()) % 2 == 1
    return odd


def _halves(columns: dict[str, NDArray], odd: NDArray[np.bool_]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two tables, made column by column so that no more than one is there twice."""
    import pandas as pd

    halves: tuple[dict, dict] = ({}, {})
    for name in list(columns):
        values = columns.pop(name)
        for half, rows in zip(halves, (~odd, odd), strict=True):
            half[name] = values[rows]
    train, test = (pd.DataFrame(half, copy=False) for half in halves)
    return train, test


def _told(question: Question, sources: Sequence[Part], count: Counter) -> list[str]:
    """What was read and kept."""
    told = [words(sources), f"{count['read']:,} events were read."]
    if question.select is not None:
        told.append(f"{count['selected']:,} of them pass {question.select}.")
    told.append(f"{count['signal']:,} are signal and {count['background']:,} background.")
    if count["neither"]:
        told.append(f"Neither, and left out: {count['neither']:,}.")
    if count["undefined"]:
        told.append(f"Left out because NaN or nothing stands where signal is told: {count['undefined']:,}.")
    if question.every > 1:
        told.append(
            f"One of {question.every} of each class is kept, {count['kept']:,} events, and its weight "
            f"multiplied by {question.every}."
        )
    if question.weight is not None:
        told.append(f"Events are weighted with {question.weight}.")
    return told
