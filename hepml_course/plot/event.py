"""One event as the detector sees it along the beam."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from hepml_course.plot.style import COLOURS, NEUTRAL

_ARROWS = (
    (r"$\mu$", "evtsel_lep_pt", "evtsel_lep_phi", COLOURS[1]),
    (r"$\tau_\mathrm{had}$", "evtsel_tau_et", "evtsel_tau_phi", COLOURS[0]),
    (r"$E_\mathrm{T}^\mathrm{miss}$", "evtsel_met_et", "evtsel_met_phi", NEUTRAL),
)


def transverse_event(event: Mapping[str, float], *, ax: Axes | None = None) -> Axes:
    """Muon, tau candidate and missing momentum as arrows in the plane across the beam.

    Parameters
    ----------
    event : mapping or pandas.Series
        Transverse momenta in GeV and azimuths in radian, under the branch names of the sample.
    """
    ax = plt.gca() if ax is None else ax
    reach = 1.25 * max(float(event[size]) for _, size, _, _ in _ARROWS)
    for name, size, angle, colour in _ARROWS:
        tip = float(event[size]) * np.array([np.cos(event[angle]), np.sin(event[angle])])
        style = "--" if name.startswith(r"$E") else "-"
        ax.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "->", "color": colour, "lw": 2, "ls": style})
        label = tip / np.linalg.norm(tip) * (np.linalg.norm(tip) + 0.1 * reach)
        ax.text(*label, name, color=colour, ha="center", va="center")
    ax.plot(0, 0, "o", color="black", markersize=4)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set(xlabel=r"$p_x$ / GeV", ylabel=r"$p_y$ / GeV")
    return ax
