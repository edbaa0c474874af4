"""What the checks of lesson 09 share."""

from __future__ import annotations

from typing import Any

from hepml_course.checks import NotYet, as_number

SIGNAL = "Ztautau"
BACKGROUNDS = ("Wmunu", "Wtaunu", "Zmumu", "Powheg_ttbar", "Wenu", "Zee")
VARIABLES = ("evtsel_tau_et", "evtsel_dPhiSum", "evtsel_tau_pi0_n", "evtsel_transverseMass", "sum_cos_dphi")


def pair(answer: Any) -> tuple[float, float]:
    """A value and its error; the mistake ``one-number`` where the answer is something else."""
    try:
        first, second = answer
    except (TypeError, ValueError):
        raise NotYet("returns-nothing" if answer is None else "one-number") from None
    return as_number(first), as_number(second)
