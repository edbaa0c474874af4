"""Which events are signal and which background: by an expression, by their tree, or by their file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hepml_course.data.samples import likely
from hepml_course.errors import CourseError
from hepml_course.report.expression import Expression, listed
from hepml_course.report.readers import NUMBER, TEXT, Table, find_tree, open_table, trees

NEITHER, UNDEFINED, BOTH = -1, -2, -3


@dataclass(frozen=True)
class Part:
    """A table, and how its events are told apart.

    Attributes
    ----------
    table : Table
    fixed : bool or None
        Whether all of its events are signal or all background; None if the expressions decide.
    signal, background : Expression or None
        Conditions; without the second, all that is not signal is background.
    """

    table: Table
    fixed: bool | None = None
    signal: Expression | None = None
    background: Expression | None = None

    @property
    def names(self) -> list[str]:
        """The columns that decide."""
        found = [e.names for e in (self.signal, self.background) if e is not None]
        return list(dict.fromkeys(name for names in found for name in names))

    def members(self, columns: Mapping[str, NDArray], n: int) -> NDArray[np.int8]:
        """1 for signal, 0 for background, or `NEITHER`, `UNDEFINED` (a column is NaN), `BOTH`; shape (n,)."""
        if self.fixed is not None:
            return np.full(n, self.fixed, dtype=np.int8)
        is_signal = self.signal.condition(columns)
        is_background = ~is_signal if self.background is None else self.background.condition(columns)
        found = np.where(is_signal, 1, np.where(is_background, 0, NEITHER)).astype(np.int8)
        found[is_signal & is_background] = BOTH
        for name in self.names:
            found[_missing(columns[name])] = UNDEFINED
        return found


def words(sources: Sequence[Part]) -> str:
    """How signal and background were told apart, as a sentence."""
    where = {of: ", ".join(p.table.where for p in sources if p.fixed is of) for of in (True, False, None)}
    if where[True]:
        return f"Signal is {where[True]}; background is {where[False]}."
    first = sources[0]
    rest = "everything else" if first.background is None else first.background.text
    return f"In {where[None]} signal is {first.signal.text} and background {rest}."


def parts(files: Sequence[Path], tree: str | None, signal: str, background: str | None) -> list[Part]:
    """Find out what ``signal`` and ``background`` mean, and open the tables.

    Parameters
    ----------
    files : sequence of Path
    tree : str or None
        The tree to read in each ROOT file.
    signal, background : str
        A file among several (with or without folder and ending), a tree of the file, or a condition.

    Raises
    ------
    CourseError
        Nothing of that name, or not the same kind of thing for both.
    """
    if len(files) > 1 and _file(signal, files) is not None:
        return _by_file(files, tree, signal, background)
    if tree is None:
        found = {file: trees(file) for file in files}
        if any(find_tree(signal, names) for names in found.values()):
            return _by_tree(found, signal, background)
        _refuse_unknown_tree(found, signal)
    return _by_condition(files, tree, signal, background)


def require_readable(expression: Expression, table: Table) -> None:
    """Raise a `CourseError` unless the table has one number or text per event for all that is needed."""
    expression.require(table.kinds, table.where)
    for name in expression.names:
        if table.kinds[name] not in (NUMBER, TEXT):
            raise CourseError(
                f"{name} in {table.where} is of the type {table.kinds[name]}, not one number per event: "
                "leave it out, or write one number per event into a new file."
            )


def _by_file(files: Sequence[Path], tree: str | None, signal: str, background: str | None) -> list[Part]:
    chosen = _file(signal, files)
    others = [file for file in files if file != chosen]
    if background is not None:
        other = _file(background, others)
        if other is None:
            raise CourseError(
                f"The signal is the file {chosen.name}, so the background is a file, too, and {background} "
                f"is none{listed([file.name for file in others])}."
            )
        others = [other]
    return [
        Part(open_table(file, tree), fixed=is_signal)
        for is_signal, group in ((True, [chosen]), (False, others))
        for file in group
    ]


def _by_tree(found: Mapping[Path, Collection[str]], signal: str, background: str | None) -> list[Part]:
    made = []
    for file, names in found.items():
        first = find_tree(signal, names)
        others = [name for name in names if name != first]
        if background is not None:
            other = find_tree(background, others)
            if first is None and other is None:
                raise CourseError(f"{file} has neither a tree {signal} nor {background}{listed(names)}.")
            if other is None and len(found) == 1:
                advice = likely(background, others) or listed(others)
                raise CourseError(
                    f"The signal is the tree {first} of {file}, so the background is a tree, too, and "
                    f"{background} is none{advice}."
                )
            others = [] if other is None else [other]
        elif len(others) != 1:
            raise CourseError(f"Say with --background which tree of {file} that is{listed(others)}.")
        chosen = [(name, True) for name in (first,) if name] + [(name, False) for name in others]
        made += [Part(open_table(file, name), fixed=is_signal) for name, is_signal in chosen]
    return made


def _refuse_unknown_tree(found: Mapping[Path, Collection[str]], signal: str) -> None:
    """A word where there are several trees to choose from was meant to be one of them."""
    for file, names in found.items():
        if len(names) > 1 and signal.replace("/", "").isidentifier():
            raise CourseError(
                f"{file} has no tree {signal}{likely(signal, names)}{listed(names)}; if the signal is a "
                "condition, choose the tree with --tree."
            )


def _by_condition(files: Sequence[Path], tree: str | None, signal: str, background: str | None) -> list[Part]:
    first = Expression(signal)
    second = None if background is None else Expression(background)
    made = [Part(open_table(file, tree), signal=first, background=second) for file in files]
    for part in made:
        for expression in (first, second):
            if expression is not None:
                require_readable(expression, part.table)
                if not expression.names:
                    raise CourseError(
                        f"The condition {expression.text} names no column, so it tells nothing apart."
                    )
    return made


def _file(text: str, files: Sequence[Path]) -> Path | None:
    """The file that is meant: by its path, its name, or its name without the ending."""
    for matches in (
        [file for file in files if str(file) == text],
        [file for file in files if file.name == text],
        [file for file in files if file.stem == text],
    ):
        if len(matches) == 1:
            return matches[0]
    return None


def _missing(values: NDArray) -> NDArray[np.bool_]:
    import pandas as pd

    return pd.isna(values)
