"""How a variable and a process appear in every figure of the analysis lessons: label, unit, range, colour."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepml_course.plot.style import BACKGROUND, SIGNAL


class Variable(NamedTuple):
    """Axis of a physics variable. The range holds nearly all events; the rest is not drawn."""

    label: str
    low: float
    high: float
    bins: int

    @property
    def edges(self) -> NDArray[np.float64]:
        """Bin edges, shape (bins + 1,)."""
        return np.linspace(self.low, self.high, self.bins + 1)


class Process(NamedTuple):
    """Label and colour of a simulated process."""

    label: str
    colour: str


PI = float(np.pi)

VARIABLES = {
    "evtsel_tau_et": Variable(r"$E_\mathrm{T}(\tau_\mathrm{had})$ / GeV", 20, 100, 20),
    "evtsel_dPhiSum": Variable(
        r"$|\Delta\phi(\mu, E^\mathrm{miss})| + |\Delta\phi(\tau, E^\mathrm{miss})|$ / rad", 0, 2 * PI, 24
    ),
    "evtsel_tau_pi0_n": Variable(r"number of $\pi^0$ in $\tau_\mathrm{had}$", -0.5, 4.5, 5),
    "evtsel_transverseMass": Variable(r"$m_\mathrm{T}(\mu, E^\mathrm{miss})$ / GeV", 0, 70, 14),
    "sum_cos_dphi": Variable(
        r"$\cos\Delta\phi(\mu, E^\mathrm{miss}) + \cos\Delta\phi(\tau, E^\mathrm{miss})$", -2, 2, 20
    ),
    "vis_mass": Variable(r"$m(\mu, \tau_\mathrm{had})$ / GeV", 20, 200, 24),
    "evtsel_lep_pt": Variable(r"$p_\mathrm{T}(\mu)$ / GeV", 20, 100, 20),
    "evtsel_lep_eta": Variable(r"$\eta(\mu)$", -2.5, 2.5, 20),
    "evtsel_tau_eta": Variable(r"$\eta(\tau_\mathrm{had})$", -2.5, 2.5, 20),
    "evtsel_met_et": Variable(r"$E_\mathrm{T}^\mathrm{miss}$ / GeV", 0, 120, 24),
    "evtsel_tau_numTrack": Variable(r"tracks in $\tau_\mathrm{had}$", -0.5, 6.5, 7),
    "evtsel_dPhi_lep_met": Variable(r"$\Delta\phi(\mu, E^\mathrm{miss})$ / rad", -PI, PI, 24),
    "evtsel_dPhi_tau_met": Variable(r"$\Delta\phi(\tau, E^\mathrm{miss})$ / rad", -PI, PI, 24),
    "evtsel_dPhi_lep_tau": Variable(r"$\Delta\phi(\mu, \tau)$ / rad", -PI, PI, 24),
}

PROCESSES = {
    "Ztautau": Process(r"$Z\to\tau\tau$", SIGNAL),
    "Wmunu": Process(r"$W\to\mu\nu$", BACKGROUND),
    "Wtaunu": Process(r"$W\to\tau\nu$", "#E69F00"),
    "Zmumu": Process(r"$Z\to\mu\mu$", "#009E73"),
    "Powheg_ttbar": Process(r"$t\bar t$", "#CC79A7"),
    "Wenu": Process(r"$W\to e\nu$", "#56B4E9"),
    "Zee": Process(r"$Z\to ee$", "#7F7F7F"),
}


def variable(name: str, values: NDArray | None = None) -> Variable:
    """The axis of a known variable; for another one, its name and the range of ``values``."""
    if name in VARIABLES:
        return VARIABLES[name]
    low, high = (
        (0.0, 1.0) if values is None or not len(values) else (float(np.min(values)), float(np.max(values)))
    )
    return Variable(name, low, high if high > low else low + 1, 20)


def process(name: str) -> Process:
    """Label and colour of a known process; another one keeps its name, in black."""
    return PROCESSES.get(name, Process(name, "black"))
