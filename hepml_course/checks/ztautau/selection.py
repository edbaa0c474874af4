"""Checks of the preselection and of weighted yields."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks.ztautau._common import pair

if TYPE_CHECKING:
    from pandas import DataFrame


def preselection(events: DataFrame) -> np.ndarray:
    """The preselection of lecture 001, one boolean per event."""
    keep = np.abs(events["evtsel_tau_eta"]) < 2.47
    for flag in ("is_dilepVeto", "is_tau", "is_oppositeSign", "is_mu", "is_isoLep"):
        keep &= events[f"evtsel_{flag}"] > 0
    keep &= (events["evtsel_is_conf_lep_veto"] == 1) & (events["evtsel_tau_numTrack"] == 1)
    keep &= (events["evtsel_lep_pt"] > 26) & (np.abs(events["evtsel_lep_eta"]) < 2.4)
    return (keep & (events["evtsel_transverseMass"] < 70)).to_numpy()


PASSING = {
    "evtsel_is_dilepVeto": 1, "evtsel_is_tau": 1, "evtsel_is_conf_lep_veto": 1, "evtsel_is_oppositeSign": 1,
    "evtsel_is_mu": 1, "evtsel_is_isoLep": 1, "evtsel_tau_numTrack": 1, "evtsel_tau_eta": 0.5,
    "evtsel_lep_pt": 40.0, "evtsel_lep_eta": -0.5, "evtsel_transverseMass": 30.0, "evtsel_tau_et": 35.0,
    "vis_mass": 60.0, "WeightLumi": 2.0,
}  # fmt: skip

# One event per row: the branch that differs from a passing event, its value, and whether it still passes.
_PROBES = (
    ("evtsel_tau_eta", -2.4, True),
    ("evtsel_lep_eta", 2.3, True),
    ("evtsel_lep_pt", 26.5, True),
    ("evtsel_transverseMass", 69.5, True),
    ("evtsel_tau_eta", -2.6, False),
    ("evtsel_lep_eta", -2.45, False),
    ("evtsel_lep_pt", 26.0, False),
    ("evtsel_transverseMass", 70.0, False),
    ("evtsel_is_dilepVeto", 0, False),
    ("evtsel_is_tau", 0, False),
    ("evtsel_is_conf_lep_veto", 0, False),
    ("evtsel_is_oppositeSign", 0, False),
    ("evtsel_is_mu", 0, False),
    ("evtsel_is_isoLep", 0, False),
    ("evtsel_tau_numTrack", 3, False),
    ("evtsel_tau_eta", 2.6, False),
    ("evtsel_lep_eta", 2.45, False),
    ("evtsel_lep_pt", 20.0, False),
    ("evtsel_transverseMass", 90.0, False),
)


@task(
    "ztautau.preselection",
    reference=preselection,
    right="Right. Every cut bites, and only where it should.",
    hints=[
        "Each cut gives one boolean per event. `&` joins them; each needs its parentheses.",
        "The cuts on |η| need `.abs()` or `np.abs`: the detector has two sides.",
        "Start with `keep = events.evtsel_is_dilepVeto > 0` and go on with `keep &= ...`, eleven cuts in "
        "all.",
    ],
    mistakes={
        "returned-events": "You returned the events. Return one True or False for each event that came in.",
        "not-boolean": "One True or False per event is expected; you returned numbers such as {got}.",
        "inverted": "You keep exactly the events that should go, and drop those that should stay.",
        "none": "No event passes yours, though some should. Which of your cuts can none of them meet?",
        "any": "An event that fails a single cut passes yours, whichever cut it is. All cuts must hold, not "
        "one.",
        "abs": "An event with {branch} = {value} passes yours. The detector ends on the negative side, too.",
        "boundary": "An event with {branch} = {value} exactly passes yours. The lecture cuts with > and <.",
        "missing": "An event with {branch} = {value} passes yours, and everything else about it is fine. "
        "Which "
        "cut is missing?",
        "strict": "An event with {branch} = {value} should pass, and yours drops it.",
    },
)
def _preselection(select: Callable, rng: np.random.Generator) -> None:
    import pandas as pd

    rows = [PASSING | {branch: value} for branch, value, _ in _PROBES]
    order = rng.permutation(len(rows))
    table = pd.DataFrame([rows[i] for i in order])
    expected = np.array([_PROBES[i][2] for i in order])
    kept = _as_mask(select(table), len(rows))
    if (kept == ~expected).all():
        raise NotYet("inverted")
    if kept.all():
        raise NotYet("any")
    if not kept.any():
        raise NotYet("none")
    verdicts = {i: bool(k) for i, k in zip(order, kept, strict=True)}
    for i, (branch, value, passes) in enumerate(_PROBES):
        if verdicts[i] != passes:
            raise NotYet("strict" if passes else _why(branch, value, verdicts), branch=branch, value=value)


def _as_mask(answer: Any, n: int) -> np.ndarray:
    if getattr(answer, "ndim", 1) == 2:
        raise NotYet("returned-events")
    values = as_array(answer)
    if values.shape != (n,):
        raise NotYet("shape", expected=str((n,)), got=str(values.shape))
    if not np.isin(values, (0, 1)).all():
        raise NotYet("not-boolean", got=values)
    return values.astype(bool)


def _why(branch: str, value: float, verdicts: dict[int, bool]) -> str:
    """Why a bad event passes: its cut is for positive values only, allows its limit, or is missing."""
    clear = next(i for i, (b, v, ok) in reversed(list(enumerate(_PROBES))) if b == branch and not ok)
    if verdicts[clear]:
        return "missing"
    return "abs" if branch.endswith("eta") else "boundary"


def weighted_yield(weights: np.ndarray) -> tuple[float, float]:
    """Expected events and statistical uncertainty: Σw and sqrt(Σw²)."""
    w = np.asarray(weights, dtype=float)
    return float(w.sum()), float(np.sqrt((w**2).sum()))


@task(
    "ztautau.weighted_yield",
    reference=weighted_yield,
    right="Right. A heavy event counts much and is uncertain by all of it.",
    hints=[
        "The yield is a sum of weights. For its error: each event is one Poisson count times its weight.",
        "Variances add, and a weight enters the variance squared.",
    ],
    mistakes={
        "one-number": "Two numbers are expected: the yield and its error.",
        "counted": "For weights {w} you gave {got} as yield: that is their number. What does each row stand "
        "for?",
        "yield": "For weights {w} the yield should be {expected}; yours is {got}.",
        "sqrt-sum": "For weights {w} your error is {got}, the root of the yield. That holds for weights of "
        "one "
        "only.",
        "sqrt-n": "For weights {w} your error is {got}, the root of the number of rows. The error needs the "
        "weights as well.",
        "mean-weight": "For weights {w} your error is {got}: mean weight times √N. The heavy events "
        "fluctuate "
        "more than that.",
        "variance": "For weights {w} your error is {got}: that is the variance.",
        "error": "For weights {w} the error should be {expected}; yours is {got}.",
    },
)
def _weighted_yield(answer: Callable, rng: np.random.Generator) -> None:
    for _ in range(3):
        w = np.round(rng.choice([0.5, 1.0, 2.0, 5.0], size=6) * rng.integers(1, 4, 6), 1)
        value, error = pair(answer(w))
        total, root = weighted_yield(w)
        if not np.isclose(value, total):
            kind = "counted" if np.isclose(value, len(w)) else "yield"
            raise NotYet(kind, w=w, got=value, expected=total)
        wrong = {
            "sqrt-sum": np.sqrt(total),
            "sqrt-n": np.sqrt(len(w)),
            "mean-weight": w.mean() * np.sqrt(len(w)),
            "variance": root**2,
        }
        if not np.isclose(error, root):
            kind = next((k for k, v in wrong.items() if np.isclose(error, v)), "error")
            raise NotYet(kind, w=w, got=error, expected=root)
