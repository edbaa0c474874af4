"""How many events survive a selection, cut after cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.errors import CourseError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Cut = Callable[[Any], Any] | str


def cut_flow(events: DataFrame, cuts: Mapping[str, Cut], *, weight: str | None = "WeightLumi") -> DataFrame:
    """Yield of each process before any cut and after each of them, the earlier ones still applied.

    Parameters
    ----------
    events : DataFrame
        Simulated events with a column ``process``.
    cuts : mapping of str to callable or str
        Name of each cut and what decides about it: a function that takes the table and returns a boolean
        per event, or a condition on the columns as `hepml_course.report.expression` takes it.
    weight : str or None
        Column to sum; None counts events.

    Returns
    -------
    DataFrame
        One row per step, one column per process, in the order of their first appearance.
    """
    import pandas as pd

    passed = np.ones(len(events), dtype=bool)
    rows = {"all": _yields(events, passed, weight)}
    for name, cut in cuts.items():
        keep = np.asarray(_condition(cut, events) if isinstance(cut, str) else cut(events))
        if keep.shape != passed.shape or keep.dtype != bool:
            raise CourseError(
                f"The cut {name!r} has to give True or False for each of the {len(events)} events."
            )
        passed &= keep
        rows[name] = _yields(events, passed, weight)
    flow = pd.DataFrame(rows).T
    return flow[list(dict.fromkeys(events["process"]))]


def _yields(events: DataFrame, passed: np.ndarray, weight: str | None) -> Series:
    values = passed.astype(int) if weight is None else events[weight].to_numpy(dtype=float) * passed
    return events.assign(_yield=values).groupby("process")["_yield"].sum()


def _condition(cut: str, events: DataFrame) -> np.ndarray:
    from hepml_course.report.expression import Expression  # with all of the report

    return Expression(cut).value(events)
