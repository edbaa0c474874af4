"""The table of Z → ττ as it would be with another energy scale of the tau candidates.

What the calorimeter calls 30 GeV may be 31 GeV. Such an error moves more than one column: the missing
momentum is minus the sum of all that was seen, so it gives up what the tau candidate gains, and everything
made of the two moves along. The selection has to be applied anew afterwards.

Raising the scale lifts candidates over the threshold of the files that are not in them. Their stand-ins are
the candidates just above the threshold, as many as in an interval of the same relative width, unscaled: a
spectrum is nearly the same on both sides of a line that no physics put there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError

if TYPE_CHECKING:
    from pandas import DataFrame

THRESHOLD = 20.0  # GeV, of the tau candidates in the files (see `hepml_course.simulate.taus`)
LARGEST = 0.2  # relative; for more the stand-ins would be another kind of event
NEEDED = (
    "evtsel_lep_pt", "evtsel_lep_phi", "evtsel_tau_et", "evtsel_tau_phi", "evtsel_met_et", "evtsel_met_phi",
    "evtsel_transverseMass", "evtsel_dPhiSum", "evtsel_dPhi_lep_met", "evtsel_dPhi_tau_met", "sum_cos_dphi",
    "vis_mass",
)  # fmt: skip


def scale_tau_energy(
    events: DataFrame, factor: float, *, which: ArrayLike | None = None, threshold: float = THRESHOLD
) -> DataFrame:
    """Multiply the transverse energy of tau candidates, and all that follows from it.

    Parameters
    ----------
    events : DataFrame
        Rows of the Z → ττ files. Transverse energy and missing momentum in GeV, azimuths in radian.
    factor : float
        New over old energy, for example 0.97.
    which : array_like of bool, shape (n,), optional
        The candidates whose energy is wrong; all of them by default. For the real taus among simulated
        events this is ``events["truth_tau_kind"] == 1``.
    threshold : float
        Smallest transverse energy in the table, in GeV: scaled candidates below it are dropped, and those
        that would come up from below are stood in for.

    Returns
    -------
    DataFrame
        A new table with the columns, types and order of ``events``. Stand-ins come last.

    Raises
    ------
    CourseError
        If a column is missing, ``which`` is no boolean per event, or the factor lies outside 0.8 to 1.2.
    """
    lacking = [name for name in NEEDED if name not in events]
    if lacking:
        raise CourseError(f"To scale the tau energy the table also needs {', '.join(lacking)}.")
    if not abs(factor - 1) <= LARGEST:
        raise CourseError(f"The factor on the tau energy is {factor}; between 0.8 and 1.2 it can be applied.")
    chosen = np.ones(len(events), dtype=bool) if which is None else np.asarray(which)
    if chosen.shape != (len(events),) or chosen.dtype != bool:
        raise CourseError(f"Say for each of the {len(events)} events whether its tau candidate is scaled.")
    import pandas as pd

    energy = events["evtsel_tau_et"].to_numpy(dtype=float)
    scaled = _moved(events, np.where(chosen, factor, 1.0))
    kept = scaled[~chosen | (energy * factor >= threshold)]
    if factor <= 1:
        return kept
    entering = chosen & (energy >= threshold) & (energy < threshold * factor)
    return pd.concat([kept, events[entering]])


def _moved(events: DataFrame, factor: np.ndarray) -> DataFrame:
    """All rows with the energy of each tau candidate times its factor."""
    column = {name: events[name].to_numpy(dtype=float) for name in NEEDED}
    lep_pt, lep_phi, tau_phi = (column[f"evtsel_{name}"] for name in ("lep_pt", "lep_phi", "tau_phi"))
    gain = (factor - 1) * column["evtsel_tau_et"]
    met_x = column["evtsel_met_et"] * np.cos(column["evtsel_met_phi"]) - gain * np.cos(tau_phi)
    met_y = column["evtsel_met_et"] * np.sin(column["evtsel_met_phi"]) - gain * np.sin(tau_phi)
    met, met_phi = np.hypot(met_x, met_y), np.arctan2(met_y, met_x)
    lep_met, tau_met = _turn(lep_phi - met_phi), _turn(tau_phi - met_phi)
    new = {
        "evtsel_tau_et": column["evtsel_tau_et"] * factor,
        "evtsel_met_et": met,
        "evtsel_met_phi": met_phi,
        "evtsel_dPhi_lep_met": lep_met,
        "evtsel_dPhi_tau_met": tau_met,
        "evtsel_dPhiSum": np.abs(lep_met) + np.abs(tau_met),
        "evtsel_transverseMass": np.sqrt(2 * lep_pt * met * (1 - np.cos(lep_met))),
        "sum_cos_dphi": np.cos(lep_met) + np.cos(tau_met),
        "vis_mass": column["vis_mass"] * np.sqrt(factor),  # m² = 2 pT ET (cosh Δη − cos Δφ)
    }
    # Where nothing is scaled the columns stay as they are, to the last bit.
    same = factor == 1
    return events.assign(
        **{
            name: np.where(same, events[name], values).astype(events[name].dtype)
            for name, values in new.items()
        }
    )


def _turn(angle: np.ndarray) -> np.ndarray:
    """The same angle between -π and π."""
    return (angle + np.pi) % (2 * np.pi) - np.pi
