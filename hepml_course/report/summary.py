"""The methods side by side: what each is worth on test events, and how much it knows its training events."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import kstwobign

from hepml_course.metrics import Estimate, cut_scan, effective_size, separation
from hepml_course.metrics.roc import Classes, area_of, efficiency_of
from hepml_course.report.table import Sample

BACKGROUNDS = (0.01, 0.10, 0.30)  # the working points of TMVA's summary
AUC = "ROC integral"
KS_CAVEAT = (
    "The Kolmogorov-Smirnov probability asks whether the scores on training and test events have the same "
    "distribution. With many events a harmless difference makes it small, and a strong method nearly always "
    "has one; it says nothing about how much is lost. Look at the gap first."
)


class Shown(pd.DataFrame):
    """A DataFrame of numbers that prints a value and its ``±`` as one; any selection is a plain DataFrame.

    The columns have two levels: what is measured, and ``value``, ``±`` or the sample.
    """

    def text(self) -> pd.DataFrame:
        """The cells as they are printed, a value and its ``±`` in one."""
        pairs = [c for c in self.columns if not c[1].startswith("±")]
        text = {_title(c): [self._cell(row, c) for row in range(len(self))] for c in pairs}
        return pd.DataFrame(text, index=self.index)

    def _cell(self, row: int, column: tuple[str, str]) -> str:
        value = self.iloc[row, self.columns.get_loc(column)]
        if pd.isna(value):
            return ""
        if isinstance(value, (int, np.integer)):
            return f"{value:,}"
        spread = self._error(row, column)
        digits = _digits(value, spread)
        return f"{value:,.{digits}f}" + ("" if spread is None else f" ± {spread:,.{digits}f}")

    def _error(self, row: int, column: tuple[str, str]) -> float | None:
        error = (column[0], "±" if column[1] == "value" else f"± {column[1]}")
        return float(self.iloc[row, self.columns.get_loc(error)]) if error in self.columns else None

    def __repr__(self) -> str:
        return self.text().to_string(line_width=110)

    def _repr_html_(self) -> str | None:
        return self.text()._repr_html_()

    def to_html(self, *args, **kwargs) -> str:
        """HTML of the table as it prints."""
        return self.text().to_html(*args, **kwargs)


def summary(test: Sample, train: Sample | None, expected: tuple[float, float]) -> Shown:
    """One row per method, best ROC integral first.

    Parameters
    ----------
    test, train : Sample
        With scores.
    expected : (float, float)
        Signal and background events expected before any cut, for the significance.
    """
    rows = {}
    for name, score in test.scores.items():
        row = {(AUC, "value"): area_of(test.classes(name))}
        on_train = _points(name, train) if train and name in train.scores else {}
        for point, found in _points(name, test).items():
            row[(_working_point(point), "value")] = found
            if point in on_train:
                row[(_working_point(point), "train")] = on_train[point]
        row[("separation ⟨S²⟩", "value")] = separation(ranked(score), test.y, test.weights, signed=True)
        significance, cut = best_significance(test.classes(name), expected)
        rows[name] = row | {("best Asimov Z", "value"): significance, ("at cut", "value"): cut}
    return Shown(shown(rows).sort_values((AUC, "value"), ascending=False))


def overtraining(train: Sample, test: Sample) -> Shown:
    """Train minus test for each method: gap of the ROC integral and of the efficiencies, then KS.

    The gap's uncertainty is that of both samples. About the KS probabilities: `KS_CAVEAT`.
    """
    rows = {}
    for name in test.scores:
        if name not in train.scores:
            continue
        areas = [area_of(sample.classes(name)) for sample in (train, test)]
        row = {("gap of the ROC integral", "value"): _gap(*areas)}
        inside, outside = _points(name, train), _points(name, test)
        for point in BACKGROUNDS:
            row[(f"gap of {_working_point(point)}", "value")] = _gap(inside[point], outside[point])
        for label, members in (("signal", True), ("background", False)):
            row[(f"KS probability {label}", "value")] = ks_probability(
                *(part for s in (train, test) for part in _of_class(s, name, members))
            )
        rows[name] = row
    return shown(rows)


def best_significance(both: Classes, expected: tuple[float, float]) -> tuple[float, float]:
    """Largest Asimov significance of a cut ``score >= cut``, and the cut.

    Only cuts that leave ten effective background events are looked at: beyond them the significance
    would follow single events.
    """
    scan = cut_scan(both, expected=expected)
    if scan.best is None:
        return float("nan"), float("nan")
    return float(scan.significance[scan.best]), float(scan.cut[scan.best])


def ks_probability(x: NDArray, wx: NDArray, y: NDArray, wy: NDArray) -> float:
    """Kolmogorov-Smirnov probability of two weighted samples, by their effective sizes."""
    values = np.concatenate([x, y])
    order = np.argsort(values)
    steps = np.cumsum(np.concatenate([wx / wx.sum(), -wy / wy.sum()])[order])
    last = np.append(np.diff(values[order]) > 0, True)  # of equal values
    distance = float(np.abs(steps[last]).max())
    n, m = effective_size(wx), effective_size(wy)
    return float(kstwobign.sf(distance * np.sqrt(n * m / (n + m))))


def shown(rows: dict[str, dict[tuple[str, str], float | Estimate]]) -> Shown:
    """A table of rows of numbers and estimates; an estimate becomes a value and a ``±`` column."""
    flat: dict[str, dict[tuple[str, str], float]] = {}
    for name, row in rows.items():
        flat[name] = {}
        for (what, where), value in row.items():
            if isinstance(value, Estimate):
                flat[name][(what, where)] = value.value
                flat[name][(what, "±" if where == "value" else f"± {where}")] = value.error
            else:
                flat[name][(what, where)] = value
    columns = list(dict.fromkeys(c for row in flat.values() for c in row))
    frame = pd.DataFrame([[row.get(c, np.nan) for c in columns] for row in flat.values()], index=list(flat))
    frame.columns = (
        pd.MultiIndex.from_tuples(columns) if columns else pd.MultiIndex.from_tuples([("", "")])[:0]
    )
    return Shown(frame)


def _points(name: str, sample: Sample) -> dict[float, Estimate]:
    value, error = efficiency_of(BACKGROUNDS, sample.classes(name))
    return {p: Estimate(float(v), float(e)) for p, v, e in zip(BACKGROUNDS, value, error, strict=True)}


def _gap(inside: Estimate, outside: Estimate) -> Estimate:
    return Estimate(inside.value - outside.value, float(np.hypot(inside.error, outside.error)))


def _of_class(sample: Sample, name: str, signal: bool) -> tuple[NDArray, NDArray]:
    members = sample.y == signal
    return sample.scores[name][members], sample.weights[members]


def ranked(score: NDArray) -> NDArray:
    """Scores with the infinite ones moved just outside: only their order counts."""
    finite = score[np.isfinite(score)]
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return np.nan_to_num(score, posinf=high + 1, neginf=low - 1)


def _working_point(background: float) -> str:
    return f"ε_S at ε_B = {background:.0%}"


def _title(column: tuple[str, str]) -> str:
    return column[0] if column[1] in ("", "value") else f"{column[0]} ({column[1]})"


def _digits(value: float, spread: float | None) -> int:
    """Decimals: two digits of the uncertainty, one beyond the fourth decimal; three where there is none."""
    if spread is None or not spread > 0:
        return 3 if abs(value) < 100 else 0
    first = -int(np.floor(np.log10(spread)))  # the decimal at which the uncertainty begins
    return int(np.clip(first, min(max(first + 1, 0), 4), 12))
