"""What the last checks draw from the simulation: events to judge with, and events to learn from."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.checks import NotYet, as_array
from hepml_course.checks.trees._common import Floats

if TYPE_CHECKING:
    from pandas import DataFrame

VARIABLES = ["hadronic_leakage", "lateral_width", "strip_width", "delta_eta", "e_over_p", "isolation"]
TRACK_VARIABLES = ["momentum_error", "hits", "active_fraction", "chi2_ndf", "t0_error", "straw_fraction"]
TRACK_VARIABLES += ["tan_dip", "d0"]

# As in the exercise.
BOX = [
    ("isolation", "<", 0.10),
    ("hadronic_leakage", "<", 0.02),
    ("strip_width", "<", 2.6),
    ("delta_eta", "<", 2.1),
    ("lateral_width", "<", 1.9),
    ("e_over_p", ">", 0.6),
]

_FRESH, _LEARN = (
    (20_000, 90_817),
    (6000, 90_818),
)  # to judge with, and as many to learn from as in the exercise
_OWN = (20_000, 90_818)  # to train the course's own answer
_CONVERSIONS, _ALL_MOMENTA = (30_000, 90_819), (30_000, 90_820)
FEW = 500  # of which the same is asked several times
SPREAD = (90.0, 110.0)  # MeV/c, momenta that are drawn where all are to occur


@cache
def candidates(which: str) -> DataFrame:
    """Electron candidates that nobody has seen: ``fresh``, and those to ``learn`` from."""
    from hepml_course.simulate import electron_variables

    n, seed = {"fresh": _FRESH, "learn": _LEARN}[which]
    return electron_variables(n, rng=seed)


@cache
def tracks(which: str) -> DataFrame:
    """Tracks that nobody has seen: ``conversions``, ``all`` momenta, and ``own`` of all, to train with."""
    from hepml_course.simulate import conversion_tracks

    (n, seed), spread = {
        "conversions": (_CONVERSIONS, None),
        "all": (_ALL_MOMENTA, SPREAD),
        "own": (_OWN, SPREAD),
    }[which]
    return conversion_tracks(n, rng=seed, p_range=spread)


def asked(answer: Callable, table: DataFrame, truth: list[str]) -> Floats:
    """One number per row from the student's function, which sees the truth of other rows in these columns.

    Raises ``both-columns``, ``fixed``, ``random``, ``truth`` or ``company`` for what is no function of the
    variables of the row.
    """
    few, whole = table.head(FEW), _scrambled(table, truth, 1)
    once, again = (_column(answer(_scrambled(few, truth, 1)), few) for _ in range(2))
    if not _same(once, again):
        raise NotYet("random")
    if not _same(once, _column(answer(_scrambled(few, truth, 2)), few)):
        raise NotYet("truth")
    everything = _column(answer(whole), table)
    if not _same(once, everything[:FEW]):
        raise NotYet("company")
    return everything


def _same(one: Floats, other: Floats) -> bool:
    """Whether they agree, single precision of a network aside."""
    return bool(np.allclose(one, other, rtol=0, atol=1e-3 * max(np.std(one), np.std(other))))


def _scrambled(table: DataFrame, truth: list[str], seed: int) -> DataFrame:
    order = np.random.default_rng(seed).permutation(len(table))
    return table.assign(**{name: table[name].to_numpy()[order] for name in truth})


def _column(value: Any, table: DataFrame) -> Floats:
    array = as_array(value)
    if array.shape == (len(table), 1):
        return array[:, 0].astype(float)
    if array.shape == (len(table), 2):
        raise NotYet("both-columns", got=str(array.shape))
    if array.ndim != 1:
        as_array(array, (len(table),))
    if len(array) != len(table):
        raise NotYet("fixed", n=len(table), m=len(array))
    return array.astype(float)
