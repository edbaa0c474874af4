"""The shipped events as the exercise selects and splits them, and the truth of the pseudo-data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks.ztautau._common import BACKGROUNDS, SIGNAL
from hepml_course.checks.ztautau.selection import preselection

if TYPE_CHECKING:
    from pandas import DataFrame

DATA = "data12/Muons.PhysCont.grp14.root"


@cache
def selected() -> DataFrame:
    """All simulated events that pass the preselection, in the order of the exercise."""
    import pandas as pd

    from hepml_course import data

    tables = data.load("ztautau", only=[SIGNAL, *BACKGROUNDS])
    return pd.concat(
        table[preselection(table)].assign(process=name)
        for name, table in ((name, tables[name]) for name in (SIGNAL, *BACKGROUNDS))
    )


def part(which: str) -> DataFrame:
    """Training, validation or test events: 0 and 1, 2, and 3 in the remainder of the event number by 4."""
    events = selected()
    numbers = {"train": (0, 1), "validation": (2,), "test": (3,)}[which]
    return events[np.isin(events["eventNumber"] % 4, numbers)]


@cache
def in_file() -> dict[str, int]:
    """How many preselected events of each process the file of the pseudo-data holds."""
    from hepml_course import data

    return data.unseal(DATA)["preselected"]


@cache
def predicted() -> float:
    """Preselected Z → ττ that the simulation expects at the luminosity of the pseudo-data."""
    from hepml_course import data

    events = selected()
    scale = data.card(DATA)["luminosity_fb"] / data.card("mc12/Ztautau.root")["luminosity_fb"]
    return float(scale * events.loc[events["process"] == SIGNAL, "WeightLumi"].sum())
