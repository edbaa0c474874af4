"""Which columns of the tables become what: features, spectators, scores, weight, and those with no part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hepml_course.errors import CourseError
from hepml_course.report.classes import Part, require_readable
from hepml_course.report.expression import Expression, listed
from hepml_course.report.question import Question
from hepml_course.report.readers import NUMBER, TEXT, Table


@dataclass
class Plan:
    """The columns to make, by name."""

    features: dict[str, Expression]
    spectators: dict[str, Expression]
    scores: dict[str, Expression]
    weight: Expression | None
    split: Expression | None
    select: Expression | None
    left_out: dict[str, str]

    @property
    def named(self) -> dict[str, str]:
        """Column of the table to what messages call it."""
        kinds = {"feature": self.features, "spectator": self.spectators, "score": self.scores}
        return {name: f"The {kind} {name}" for kind, columns in kinds.items() for name in columns}

    def columns(self) -> dict[str, Expression]:
        """Everything that becomes a column of numbers."""
        return {**self.features, **self.spectators, **self.scores}

    def needed(self) -> list[str]:
        """The columns of the file."""
        special = [e for e in (self.weight, self.split, self.select) if e is not None]
        return [name for e in [*self.columns().values(), *special] for name in e.names]


def make_plan(question: Question, sources: Sequence[Part]) -> Plan:
    """Find every column that the question names, or say in one sentence which is missing or unsuitable."""
    tables = [part.table for part in sources]
    special = [_made(text, tables) for text in (question.weight, question.split)]
    select = None if question.select is None else Expression(question.select)
    if select is not None:
        for table in tables:
            require_readable(select, table)
    spectators, scores = (
        _columns(texts, tables, what)
        for texts, what in ((question.spectators, "spectator"), (question.scores, "score"))
    )
    taken = _taken(sources, special, spectators, scores)
    left_out: dict[str, str] = {}
    if question.features is None:
        features, left_out = _all_numbers(tables, taken)
    else:
        features = _columns(question.features, tables, "feature")
    for name, expression in features.items():
        for column in expression.names:
            if column in taken:
                raise CourseError(
                    f"{_quoted(name, column)} {taken[column]}, so it is no feature: leave it out."
                )
    for name in scores:
        if name in spectators:
            raise CourseError(f"{name} is a score and a spectator: leave it out of one.")
    return Plan(features, spectators, scores, *special, select, left_out)


def _quoted(name: str, column: str) -> str:
    return name if name == column else f"{column} in {name}"


def _taken(
    sources: Sequence[Part],
    special: Sequence[Expression | None],
    spectators: dict[str, Expression],
    scores: dict[str, Expression],
) -> dict[str, str]:
    """Columns with a part to play, and which: none of them may be a feature."""
    roles = [("tells signal from background", [part.names for part in sources])]
    for expression, role in zip(special, ("is the weight", "splits the events"), strict=True):
        roles.append((role, [] if expression is None else [expression.names]))
    for role, columns in (("is a spectator", spectators), ("is a score", scores)):
        # A formula of features may be watched, or compared with.
        roles.append((role, [e.names for e in columns.values() if e.is_name]))
    return {name: role for role, lists in reversed(roles) for names in lists for name in names}


def _made(text: str | None, tables: Sequence[Table]) -> Expression | None:
    """A column by its name or a formula, which every table must be able to give as a number."""
    if text is None:
        return None
    is_column = any(text in table.kinds for table in tables) and "`" not in text
    expression = Expression(f"`{text}`" if is_column else text)
    for table in tables:
        require_readable(expression, table)
        texts = [name for name in expression.names if table.kinds[name] == TEXT]
        if texts:
            raise CourseError(f"{texts[0]} in {table.where} is text, not a number: leave it out.")
    if not expression.names:
        raise CourseError(f"{text} names no column{listed(tables[0].kinds)}.")
    return expression


def _columns(texts: Iterable[str], tables: Sequence[Table], what: str) -> dict[str, Expression]:
    """Name to formula; a column is called by its name, a formula by its text."""
    found: dict[str, Expression] = {}
    for text in texts:
        expression = _made(text, tables)
        name = expression.names[0] if expression.is_name else expression.text
        if name in found:
            raise CourseError(f"The {what} {name} is given twice: leave one out.")
        found[name] = expression
    return found


def _all_numbers(
    tables: Sequence[Table], taken: dict[str, str]
) -> tuple[dict[str, Expression], dict[str, str]]:
    """All columns of numbers that every table has and that play no other part; and why others do not."""
    found, left_out = {}, {}
    for name in tables[0].kinds:
        kinds = [table.kinds.get(name, "not in every file") for table in tables]
        other = next((kind for kind in kinds if kind != NUMBER), None)
        if name in taken:
            continue
        if other is not None:
            left_out[name] = other
        elif not name:
            left_out["the column without a name"] = "row numbers?"
        elif "`" not in name:
            found[name] = Expression(f"`{name}`")
    if not found:
        raise CourseError(f"No column of numbers in {tables[0].where} is left to be a feature: name some.")
    return found, left_out
