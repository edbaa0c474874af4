"""Recorded events of the exercise: pseudo-data with a blind injection, since the lesson opens their truth."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks.ztautau._common import SIGNAL
from hepml_course.checks.ztautau._events import DATA, in_file
from hepml_course.checks.ztautau.selection import preselection

if TYPE_CHECKING:
    from pandas import DataFrame

SEED = (9, 11)
MULTIPLES = {"Ztautau": (0.4, 0.8), "W": (0.3, 0.8)}  # of what is expected; the numbers are drawn in between
INJECTED = {"Ztautau": "Ztautau", "Wmunu": "W", "Wtaunu": "W"}


def injected_events() -> DataFrame:
    """The pseudo-data, and among them simulated Z → ττ and W whose numbers are to be found.

    W is injected, too: with Z → ττ alone the number of events in the table would give the answer away. The
    injected events are validation events of the exercise, so that neither training nor templates know them.

    Returns
    -------
    DataFrame
        One row per event, columns and units as in the file of the pseudo-data; rows in random order.
    """
    return _mixture()[0].copy()


@cache
def truth() -> dict[str, int]:
    """How many preselected events of each process `injected_events` holds."""
    return {name: n + _mixture()[1].get(name, 0) for name, n in in_file().items()}


@cache
def _mixture() -> tuple[DataFrame, dict[str, int]]:
    """The events, and how many preselected ones of each process were injected."""
    import pandas as pd

    from hepml_course import data

    rng = np.random.default_rng(SEED)
    multiple = {kind: rng.uniform(*bounds) for kind, bounds in MULTIPLES.items()}
    scale = data.card(DATA)["luminosity_fb"] / data.card(f"mc12/{SIGNAL}.root")["luminosity_fb"]
    tables = data.load("ztautau", only=["data", *INJECTED])
    recorded, pieces, numbers = tables.pop("data"), [], {}
    for name, events in tables.items():
        # A muon and an identified tau, as in the recorded stream; a quarter of all events, hence the four.
        events = events[
            (events["evtsel_is_tau"] > 0) & (events["evtsel_is_mu"] > 0) & (events["eventNumber"] % 4 == 2)
        ]
        probability = 4 * scale * multiple[INJECTED[name]] * events["WeightLumi"].to_numpy(float)
        events = events[rng.random(len(events)) < probability]
        numbers[name] = int(preselection(events).sum())
        pieces.append(events[recorded.columns].assign(WeightLumi=np.float32(1)))
    mixed = pd.concat([recorded, *pieces], ignore_index=True)
    mixed = mixed.iloc[rng.permutation(len(mixed))].reset_index(drop=True)
    mixed["eventNumber"] = np.arange(1, len(mixed) + 1, dtype=recorded["eventNumber"].dtype)
    return mixed, numbers
