"""How a variable and a process appear in every figure of the analysis lessons: label, unit, range, colour."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.metrics.estimate import effective_size
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
_LOOKED_AT = 200_000  # values from which a range is taken
_EXACT = 2.0**50  # up to here half a unit can be told

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


def variable(name: str, values: ArrayLike | None = None, weights: ArrayLike | None = None) -> Variable:
    """The axis of a known variable; for another one, its name and where nearly all of ``values`` lie.

    Whole numbers get a bin for each value, or for the same number of values each if there are many.

    Parameters
    ----------
    name : str
        The column's name; it is the label of a variable that is not in `VARIABLES`.
    values : array_like, shape (n,), optional
        NaN and infinite ones do not count.
    weights : array_like, shape (n,), optional
        A negative weight counts by its size: an axis shows where events are.
    """
    if name in VARIABLES:
        return VARIABLES[name]
    found = np.zeros(0) if values is None else np.asarray(values, dtype=float)
    finite = np.isfinite(found)
    if not finite.any():
        return Variable(plain(name), 0.0, 1.0, 20)
    w = None if weights is None else np.asarray(weights, dtype=float)
    if not finite.all():
        found, w = found[finite], None if w is None else w[finite]
    low, high = robust_range(found, w)
    if max(-low, high) < _EXACT and (found == np.rint(found)).all():
        return _whole(name, low, high, float(found.min()), float(found.max()))
    if high - low <= 1e-12 * max(-low, high):  # one value, or as good as one
        room = max(0.5, 1e-6 * max(-low, high))
        return Variable(plain(name), low - room, high + room, 20)
    size = len(found) if w is None else effective_size(w)
    return Variable(plain(name), low, high, int(np.clip(2 * size ** (1 / 3), 10, 40)))


def robust_range(
    values: NDArray[np.float64], weights: NDArray[np.float64] | None = None, *, tail: float = 0.005
) -> tuple[float, float]:
    """Range without the lowest and highest ``tail`` of the weight, or all where that is not much wider.

    Of more than 200,000 values a regular part is looked at. Infinite ones, as a likelihood ratio can be, are
    left out.
    """
    finite = np.isfinite(values)
    if not finite.any():
        return 0.0, 1.0
    if not finite.all():
        values, weights = values[finite], None if weights is None else weights[finite]
    step = -(-len(values) // _LOOKED_AT)
    part = np.asarray(values[::step], dtype=float)
    if weights is None:
        low, high = np.quantile(part, [tail, 1 - tail], method="inverted_cdf")
    else:
        low, high = weighted_quantiles(part, np.abs(weights[::step]), [tail, 1 - tail])
    room = 0.1 * (high - low)
    first, last = float(values.min()), float(values.max())
    return first if low - first <= room else float(low), last if last - high <= room else float(high)


def weighted_quantiles(values: NDArray, weights: NDArray, fractions: ArrayLike) -> NDArray[np.float64]:
    """Values below which the given fractions of the weight lie; the weights are not negative."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    place = np.searchsorted(below, np.asarray(fractions) * below[-1])
    return values[order][np.minimum(place, len(values) - 1)]


def plain(name: object, longest: int = 34) -> str:
    """A name from someone's table as text for a figure: no formula is seen in it, and it is not too long."""
    text = str(name)
    if len(text) > longest:
        kept = longest // 2
        text = f"{text[:kept]}…{text[-kept + 1 :]}"
    return text.replace("$", r"\$")


def _whole(name: str, low: float, high: float, first: float, last: float) -> Variable:
    """Bins around whole numbers; all of them where they are few, since a rare one is not an outlier."""
    if last - first < 30:
        low, high = first, last
    step = int(np.ceil((high - low + 1) / 40))
    bins = int(np.ceil((high - low + 1) / step))
    return Variable(plain(name), low - 0.5, low - 0.5 + bins * step, bins)


def process(name: str) -> Process:
    """Label and colour of a known process; another one keeps its name, in black."""
    return PROCESSES.get(name, Process(name, "black"))
