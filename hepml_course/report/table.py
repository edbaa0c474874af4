"""What is evaluated: a table of events with truth, weights, features and spectators, checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import checked_weights, effective_size
from hepml_course.metrics.roc import Classes, classes


@dataclass
class Sample:
    """Events of both classes.

    Attributes
    ----------
    table : pandas.DataFrame
        All columns that came, one row per event; functions among the methods see it whole.
    y : ndarray of bool, shape (n,)
        True for signal.
    weights : ndarray, shape (n,)
        Event weights, possibly negative; ones if none were named.
    features, spectators : list of str
        Columns that methods are trained with, and columns to watch.
    scores : dict of str to ndarray, shape (n,)
        The output of each method, filled by `hepml_course.report.evaluate`.
    """

    table: pd.DataFrame
    y: NDArray[np.bool_]
    weights: NDArray[np.float64]
    features: list[str]
    spectators: list[str]
    scores: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    _classes: dict[str, Classes] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.y)

    def column(self, name: str) -> NDArray[np.float64]:
        """A feature or spectator as floats, shape (n,)."""
        return self.table[name].to_numpy(dtype=float)

    def classes(self, method: str) -> Classes:
        """The two classes along the score of a method, sorted once."""
        if method not in self._classes:
            self._classes[method] = classes(self.scores[method], self.y, self.weights, signed=True)
        return self._classes[method]

    def matrix(self) -> NDArray:
        """The features side by side, shape (n, k), in the widest type that they have."""
        return self.table[self.features].to_numpy()

    def sizes(self) -> dict[str, dict[str, float]]:
        """Per class: rows, sum of weights, effective number of events, share of negative weights."""
        found = {}
        for name, members in (("signal", self.y), ("background", ~self.y)):
            w = self.weights[members]
            found[name] = {
                "rows": len(w),
                "sum of weights": float(w.sum()),
                "effective": effective_size(w),
                "negative": float((w < 0).mean()),
            }
        return found


def read_sample(
    table: Any,
    signal: str = "is_signal",
    weights: str | None = None,
    features: Sequence[str] | None = None,
    spectators: Sequence[str] = (),
    *,
    called: str = "test",
) -> Sample:
    """Make a `Sample` of a table, or say in one sentence why not.

    Parameters
    ----------
    table : DataFrame, mapping of str to array, structured or awkward array, or tuple (x, y[, w])
        One entry per event. A tuple holds a matrix of shape (n, k), labels and perhaps weights.
    signal, weights : str
        Columns with the truth (True or 1 for signal) and with the event weight.
    features, spectators : sequence of str
        Columns; features are all other numeric ones by default.
    called : str
        How the table is called in messages.

    Raises
    ------
    CourseError
        A missing or unsuitable column, a class that is empty or sums to nothing, NaN in a feature.
    """
    if isinstance(table, tuple):
        table, signal, weights = _from_tuple(table, features, called)
    frame = as_frame(table, called)
    y = _truth(_column(frame, signal, called), signal, called)
    w = checked_weights(None if weights is None else _column(frame, weights, called), len(frame), signed=True)
    for name, members in (("signal", y), ("background", ~y)):
        if not members.any():
            raise CourseError(f"The {called} events hold no {name}: an evaluation needs both classes.")
        if not w[members].sum() > 0:
            raise CourseError(
                f"The weights of the {name} among the {called} events sum to {w[members].sum():.3g}: "
                "there is more negative than positive weight, so there is nothing to measure."
            )
    taken = {signal, weights, *spectators}
    if features is None:
        features = [c for c in frame.columns if c not in taken and pd.api.types.is_numeric_dtype(frame[c])]
    for name in [*features, *spectators]:
        require_numbers(_column(frame, name, called), name, called)
    return Sample(frame, y, w, list(features), list(spectators))


def as_frame(table: Any, called: str = "test") -> pd.DataFrame:
    """A table of any of the usual kinds as a DataFrame; columns are not copied where that can be."""
    if isinstance(table, pd.DataFrame):
        return table.reset_index(drop=True)
    if isinstance(table, np.ndarray) and table.dtype.names:
        return pd.DataFrame({name: table[name] for name in table.dtype.names})
    if type(table).__module__.split(".")[0] == "awkward":
        table = {name: _flat(table[name], name) for name in table.fields}
    if isinstance(table, Mapping):
        lengths = {len(np.asarray(values)) for values in table.values()}
        if len(lengths) > 1:
            raise CourseError(f"The columns of the {called} events have different lengths.")
        return pd.DataFrame({name: np.asarray(values) for name, values in table.items()}, copy=False)
    raise CourseError(
        f"The {called} events are of type {type(table).__name__}: give a DataFrame, a dictionary of arrays, "
        "an awkward or structured array, or a tuple (x, y) or (x, y, weights)."
    )


def nearest(name: str, names: Sequence[str]) -> str:
    """The end of a sentence that says which name may have been meant."""
    close = get_close_matches(name, [str(n) for n in names], n=1)
    return f" Did you mean {close[0]}?" if close else f" There are {', '.join(map(str, list(names)[:12]))}."


def _from_tuple(
    parts: tuple, features: Sequence[str] | None, called: str
) -> tuple[pd.DataFrame, str, str | None]:
    if len(parts) not in (2, 3):
        raise CourseError(f"The {called} events are a tuple of {len(parts)}: give (x, y) or (x, y, weights).")
    x = parts[0] if isinstance(parts[0], pd.DataFrame) else np.asarray(parts[0])
    if not isinstance(x, pd.DataFrame):
        if x.ndim != 2:
            raise CourseError(f"The {called} inputs have shape {x.shape}: give a row per event.")
        names = [f"x{k}" for k in range(x.shape[1])] if features is None else list(features)
        if len(names) != x.shape[1]:
            raise CourseError(f"There are {len(names)} names for {x.shape[1]} columns of {called} inputs.")
        x = pd.DataFrame(x, columns=names, copy=False)
    columns = {"(truth)": np.asarray(parts[1])}
    if len(parts) == 3:
        columns["(weight)"] = np.asarray(parts[2])
    for name, values in columns.items():
        if values.shape != (len(x),):
            raise CourseError(
                f"The {called} events have {len(x)} rows and {name.strip('()')} of shape {values.shape}."
            )
    return x.reset_index(drop=True).assign(**columns), "(truth)", "(weight)" if len(parts) == 3 else None


def _flat(column: Any, name: str) -> NDArray:
    try:
        return np.asarray(column)
    except (ValueError, TypeError) as error:
        raise CourseError(
            f"{name} holds lists of different lengths: take one number per event of it."
        ) from error


def _column(frame: pd.DataFrame, name: str, called: str) -> pd.Series:
    if name not in frame.columns:
        raise CourseError(f"The {called} events have no column {name}.{nearest(name, frame.columns)}")
    return frame[name]


def _truth(column: pd.Series, name: str, called: str) -> NDArray[np.bool_]:
    values = column.to_numpy()
    if values.dtype == object or not np.isin(values, (0, 1)).all():
        raise CourseError(
            f"{name} of the {called} events says which are signal, so it must be True or False, or 1 or 0."
        )
    return values.astype(bool)


def require_numbers(column: pd.Series, name: str, called: str) -> None:
    """Raise a `CourseError` unless the column is numbers, none of them NaN or infinite."""
    if not pd.api.types.is_numeric_dtype(column):
        raise CourseError(f"{name} is text, not numbers: leave it out or turn it into numbers.")
    bad = np.count_nonzero(~np.isfinite(column.to_numpy(dtype=float)))
    if bad:
        raise CourseError(
            f"{name} is NaN or infinite in {bad} of {len(column)} {called} events: remove them or fill them."
        )
