"""Expressions on the columns of a table, such as ``label == 1 and abs(eta) < 2.5``, evaluated safely.

The text is parsed, never executed: what is not in the short lists below is refused. A name is looked up
among the columns and nowhere else, so that an expression from a stranger's file or card can do no harm.

>>> from hepml_course.report.expression import Expression
>>> Expression("pt > 20 & abs(eta) < 2.5").condition({"pt": [10, 30], "eta": [0.1, -1.0]})
array([False,  True])
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.data.samples import likely
from hepml_course.errors import CourseError

FUNCTIONS = {
    name: getattr(np, name)
    for name in (
        "abs", "sqrt", "log", "log10", "log1p", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh",
        "arcsin", "arccos", "arctan", "arctan2", "hypot", "floor", "ceil", "minimum", "maximum",
        "isnan", "isfinite",
    )
}  # fmt: skip
CONSTANTS = {"pi": np.pi}

_ARITHMETIC = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.true_divide,
    ast.Mod: np.mod, ast.FloorDiv: np.floor_divide, ast.Pow: np.float_power,
}  # fmt: skip
_COMPARISONS = {
    ast.Eq: np.equal, ast.NotEq: np.not_equal, ast.Lt: np.less, ast.LtE: np.less_equal,
    ast.Gt: np.greater, ast.GtE: np.greater_equal,
}  # fmt: skip
_ALLOWED = ("and", "or", "not", "in", "is", "True", "False", "None", "if", "else")
_LONGEST = 5000  # characters
_DEEPEST = 100  # parts inside parts
_QUOTED = r"('[^']*'|\"[^\"]*\"|`[^`]*`)"
_TOKEN = re.compile(_QUOTED + r"|&&?|\|\|?|!(?!=)|(?<![=!<>])=(?!=)|@")
_WORDS = {"&": " and ", "|": " or "}


class Expression:
    """A formula or a condition on named columns.

    Parameters
    ----------
    text : str
        Numbers, quoted texts, names of columns, ``+ - * / // % **``, comparisons (also chained, and ``in``
        a list of values), ``and or not``, and the functions in `FUNCTIONS`. ``&``, ``&&``, ``|`` and ``||``
        mean ``and`` and ``or``. A name that is no word stands in backquotes: ```jet.pt` > 20``.

    Attributes
    ----------
    text : str
    names : tuple of str
        The columns that it needs, in the order of their appearance.

    Raises
    ------
    CourseError
        If the text is no expression, or uses anything else.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        self._quoted: dict[str, str] = {}  # what stands for a name in backquotes, and that name
        self._root = self._parse().body
        found: dict[str, None] = {}
        self._inspect(self._root, found)
        self.names = tuple(found)

    @property
    def is_name(self) -> bool:
        """Whether it is a single column, and no formula."""
        return isinstance(self._root, ast.Name) and self._name(self._root) not in CONSTANTS

    def require(self, known: Iterable[str], where: str) -> None:
        """Raise a `CourseError` unless all columns it needs are ``known``; ``where`` says in what."""
        known = list(known)
        for name in self.names:
            if name not in known:
                raise CourseError(f"There is no {name} in {where}{likely(name, known) or listed(known)}.")

    def value(self, columns: Mapping[str, ArrayLike]) -> NDArray:
        """The formula for every row, shape (n,).

        Parameters
        ----------
        columns : mapping of str to array_like, shape (n,)
            At least the columns in `names`; a DataFrame will do.
        """
        if not self.names:
            self._refuse("names no column")
        self.require(columns.keys(), "the table")
        arrays = {name: _plain(columns[name]) for name in self.names}
        with np.errstate(all="ignore"):
            return np.asarray(self._evaluate(self._root, arrays))

    def condition(self, columns: Mapping[str, ArrayLike]) -> NDArray[np.bool_]:
        """The condition for every row, as booleans of shape (n,); parameters as in `value`."""
        return self._truth(self.value(columns), self._root)

    # -- reading the text ------------------------------------------------------------------------

    def _parse(self) -> ast.Expression:
        if not self.text:
            raise CourseError("An expression is empty: write one such as label == 1.")
        if len(self.text) > _LONGEST:
            raise CourseError(
                f"An expression has {len(self.text)} characters; at most {_LONGEST} can be read."
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about escapes in quoted texts
                return ast.parse(_TOKEN.sub(self._translate, self.text).strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            words = re.findall(r"\w+", re.sub(_QUOTED, "", self.text))
            if reserved := [word for word in words if keyword.iskeyword(word) and word not in _ALLOWED]:
                self._refuse(f"uses {reserved[0]}: if a column has that name, put it in backquotes")
            reason = getattr(error, "msg", None) or "it is nested too deeply"
            self._refuse(f"cannot be read ({reason})")

    def _translate(self, match: re.Match) -> str:
        token = match[0]
        if token[0] in "'\"":
            return token
        if token[0] == "`":
            placeholder = f"_quoted_{len(self._quoted)}"
            self._quoted[placeholder] = token[1:-1]
            return f" {placeholder} "
        if token[0] in _WORDS:
            return _WORDS[token[0]]
        self._refuse({"=": "compares with one =: write ==", "!": "says ! for not: write not"}.get(
            token, f"uses {token}, which is not allowed"
        ))  # fmt: skip

    def _inspect(self, node: ast.AST, found: dict[str, None], depth: int = 0) -> None:
        """Collect the names, and refuse whatever is not on the lists."""
        if depth > _DEEPEST:
            self._refuse("cannot be read (it is nested too deeply)")
        match node:
            case ast.Name():
                name = self._name(node)
                if name not in CONSTANTS:
                    found[name] = None
                return
            case ast.Constant(value=bool() | int() | float() | str()):
                return
            case ast.Call(func=ast.Name(id=function), keywords=[]) if function in FUNCTIONS:
                if len(node.args) != FUNCTIONS[function].nin:
                    self._refuse(
                        f"gives {function} {len(node.args)} values; it takes {FUNCTIONS[function].nin}"
                    )
                parts = node.args
            case ast.Call():
                called = self._words(node.func)
                self._refuse(f"calls {called}, which is not allowed; there are {', '.join(FUNCTIONS)}")
            case ast.Attribute():
                self._refuse(
                    f"asks for .{node.attr} of something, which is not allowed; "
                    "a column with a dot in its name stands in backquotes"
                )
            case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
                parts = [node.left, node.right]
            case ast.UnaryOp():
                parts = [node.operand]
            case ast.BoolOp():
                parts = node.values
            case ast.Compare():
                self._inspect_lists(node, found)
                parts = [part for part in (node.left, *node.comparators) if not _is_list(part)]
            case _:
                self._refuse(f"uses {self._words(node)}, which is not allowed")
        for part in parts:
            self._inspect(part, found, depth + 1)

    def _inspect_lists(self, node: ast.Compare, found: dict[str, None]) -> None:
        """A list of values stands to the right of ``in``, and there only."""
        if _is_list(node.left):
            self._refuse("begins a comparison with a list")
        for op, part in zip(node.ops, node.comparators, strict=True):
            membership = isinstance(op, ast.In | ast.NotIn)
            if not membership and type(op) not in _COMPARISONS:
                self._refuse("compares by is: write ==")
            if membership != _is_list(part):
                self._refuse("needs a list of values after in, and only there, as in type in ('a', 'b')")
            if membership:
                for element in part.elts:
                    if not isinstance(_without_sign(element), ast.Constant):
                        self._refuse("has something in a list that is no number or text")

    def _name(self, node: ast.Name) -> str:
        if node.id in self._quoted:
            return self._quoted[node.id]
        if node.id.startswith("__"):
            self._refuse(f"uses {node.id}, which is not allowed")
        return node.id

    # -- evaluating it ---------------------------------------------------------------------------

    def _evaluate(self, node: ast.AST, columns: Mapping[str, NDArray]) -> Any:
        match node:
            case ast.Name():
                name = self._name(node)
                return columns[name] if name in columns else CONSTANTS[name]
            case ast.Constant(value=value):
                return value if isinstance(value, bool | str) or abs(value) < 2**63 else float(value)
            case ast.Call(func=ast.Name(id=function)):
                return FUNCTIONS[function](*(self._number(part, columns) for part in node.args))
            case ast.BinOp():
                left, right = self._number(node.left, columns), self._number(node.right, columns)
                return _ARITHMETIC[type(node.op)](left, right)
            case ast.UnaryOp(op=ast.Not() | ast.Invert()):
                return ~self._part(node.operand, columns)
            case ast.UnaryOp():
                number = self._number(node.operand, columns)
                return -number if isinstance(node.op, ast.USub) else number
            case ast.BoolOp():
                parts = [self._part(part, columns) for part in node.values]
                joined = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
                return joined.reduce(np.broadcast_arrays(*parts))
            case ast.Compare():
                return self._compare(node, columns)
        raise AssertionError(ast.dump(node))  # _inspect has let something pass

    def _compare(self, node: ast.Compare, columns: Mapping[str, NDArray]) -> NDArray[np.bool_]:
        true, left, left_node = np.True_, self._evaluate(node.left, columns), node.left
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if isinstance(op, ast.In | ast.NotIn):
                values = [ast.literal_eval(element) for element in right_node.elts]
                for value in values:
                    self._require_same_kind(left, left_node, value, right_node)
                found = np.isin(left, values)
                true = true & (found if isinstance(op, ast.In) else ~found)
                continue
            right = self._evaluate(right_node, columns)
            self._require_same_kind(left, left_node, right, right_node)
            if _is_text(left) and not isinstance(op, ast.Eq | ast.NotEq):
                self._refuse(f"asks which text is larger, {self._words(node)}: compare texts with == or !=")
            true = true & _COMPARISONS[type(op)](left, right).astype(bool)
            left, left_node = right, right_node
        return true

    def _number(self, node: ast.AST, columns: Mapping[str, NDArray]) -> Any:
        value = self._evaluate(node, columns)
        if _is_text(value):
            self._refuse(f"calculates with the text {self._words(node)}")
        # Sums and differences of booleans are meant as those of 0 and 1.
        return value + 0 if np.asarray(value).dtype == bool else value

    def _part(self, node: ast.AST, columns: Mapping[str, NDArray]) -> NDArray[np.bool_]:
        return self._truth(self._evaluate(node, columns), node)

    def _truth(self, value: Any, node: ast.AST) -> NDArray[np.bool_]:
        """Booleans, or numbers that are 0 or 1 and stand for them."""
        found = np.asarray(value)
        if found.dtype == bool:
            return found
        if found.dtype.kind in "iuf" and np.isin(found, (0, 1)).all():
            return found.astype(bool)
        self._refuse(f"takes {self._words(node)} for true or false: compare it with something")

    def _require_same_kind(self, left: Any, left_node: ast.AST, right: Any, right_node: ast.AST) -> None:
        if _is_text(left) == _is_text(right):
            return
        text, number = (left_node, right_node) if _is_text(left) else (right_node, left_node)
        self._refuse(
            f"compares the text {self._words(text)} with the number {self._words(number)}: "
            "texts stand in quotes, numbers do not"
        )

    def _words(self, node: ast.AST) -> str:
        words = ast.unparse(node)
        for placeholder, name in self._quoted.items():
            words = words.replace(placeholder, name)
        return words

    def _refuse(self, why: str) -> NoReturn:
        text = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        raise CourseError(f"The expression {' '.join(text.split())!r} {why}.") from None


def listed(names: Iterable[str], most: int = 12) -> str:
    """What there is instead, such as ``"; it has pt, eta and 12 more"``."""
    names = list(names)
    if not names:
        return "; it has none"
    shown = names if len(names) <= most else [*names[:most], f"{len(names) - most} more"]
    return "; it has " + (" and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0])


def _is_list(node: ast.AST) -> bool:
    return isinstance(node, ast.Tuple | ast.List | ast.Set)


def _without_sign(node: ast.AST) -> ast.AST:
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or np.asarray(value).dtype.kind in "OUST"


def _plain(column: ArrayLike) -> NDArray:
    """A column as a numpy array; whatever is neither number nor boolean becomes objects."""
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column)
    return values if values.dtype.kind in "biufO" else values.astype(object)
