"""Electron candidates at a collider: electrons, and three kinds of jets that look like one.

A stated toy. Each candidate is a cluster in a calorimeter with a track that points to it. Nothing correlates
two variables by decree: each kind has a cause, the cause has a size, and the size moves several variables.

* **Electrons** radiate in the tracker. The share z of momentum that is left after t radiation lengths follows
  (-ln z)^(c-1) / Γ(c) with c = t / ln 2 (Bethe and Heitler; Frühwirth, Comput. Phys. Commun. 154 (2003) 131).
  The photons end in the cluster, the track has lost them: E/p rises, the cluster is broader along φ and
  matches worse. Only what is radiated before the momentum is measured counts. There are up to 1.8 radiation
  lengths in the tracker, most at |η| = 1.7.
* **Charged hadrons** shower early. The part f that the electromagnetic calorimeter sees makes E/p = f; some
  of the rest leaks. The less it leaks, the more the cluster is like an electron's in everything.
* **π⁰ next to a track.** A narrow pair of photons, and the track of another hadron: the momentum is
  unrelated, the match poor, and the hadron leaks the more, the harder it is. The two photons separate in the
  strips as 1 / E.
* **Converted photons.** A true electron and a positron, one of them lost; E/p is one over the share of the
  one that is found, and the pair opens along φ in the field. The photon has a sister, mostly nearby.

Whatever comes from a jet carries a share of its momentum; part of the rest is in the isolation cone.
Electrons have pile-up in theirs. All kinds have the same spectrum in `et` and `eta`, as after reweighting.

A sketch: the shares of the kinds, the Beta distributions and the widths are choices, right in order of
magnitude for candidates that passed a loose trigger. No electrons from heavy flavour, no gap between parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

KINDS = ("electron", "hadron", "pi0", "conversion")
FAKES = (0.55, 0.25, 0.20)  # shares of the last three among jets

LOWEST, SLOPE = 20.0, 15.0  # GeV: threshold, and mean above it
ETA = 2.47
LIGHT, HEAVY, WHERE, SPREAD = 0.4, 1.4, 1.7, 0.5  # material in X0: floor and bump at this |η|
EARLY = 0.15  # share of the material before the momentum is measured
SOFTEST = 0.1  # share of momentum below which no track points to the cluster

WIDTH = 1.0  # cm, of an electron's shower
BEND = 67.0  # cm GeV: 0.3 B R² / 2 at 2 T and 1.5 m; over p_T, how far a track bends along φ
REACH = 3.0  # cm along φ that a cluster collects
STRIPS = 2.0  # strips, of an electron's shower
LEAK = 0.006  # of an electron, at 20 GeV
MATCH = 0.8  # 10⁻³, resolution in η
PILE_UP = 1.5  # GeV in the cone


def material(eta: Floats) -> Floats:
    """Radiation lengths in the tracker at this η."""
    return LIGHT + HEAVY * np.exp(-(((np.abs(eta) - WHERE) / SPREAD) ** 2))


def _resolution(et: Floats, eta: Floats, rng: np.random.Generator) -> Floats:
    """Measured over true E/p: calorimeter times inverse momentum of the track."""
    calorimeter = np.hypot(0.10 / np.sqrt(et * np.cosh(eta)), 0.01)
    track = np.hypot(0.015 + 0.01 * np.abs(eta), 0.0005 * et)
    return rng.normal(1, calorimeter) * rng.normal(1, track)


def _apart(share: Floats, et: Floats, rng: np.random.Generator) -> Floats:
    """Spread along φ, in cm, of two parts of a momentum that the field separates on the rest of the way."""
    distance = BEND / (share * et) * rng.random(et.shape) ** 2
    return np.minimum(distance, REACH) * np.sqrt(share * (1 - share))


def _electron(et: Floats, eta: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    from scipy.special import gammainc, gammaincinv

    c = EARLY * material(eta) / np.log(2)
    kept = np.exp(-gammaincinv(c, rng.random(et.shape) * gammainc(c, -np.log(SOFTEST))))
    apart = _apart(kept, et, rng)
    return {
        "hadronic_leakage": rng.exponential(LEAK * (1 + np.log(et / LOWEST))),
        "lateral_width": np.hypot(rng.normal(WIDTH, 0.12, et.shape), apart),
        "strip_width": rng.normal(STRIPS, 0.25, et.shape) + 0.2 * (1 - kept),
        "delta_eta": np.abs(rng.normal(0, MATCH * (1 + (1 - kept)))),
        "e_over_p": 1 / kept,
        "outside": (0.01 * (1 - kept)) * et,  # photons that miss the cluster
    }


def _jet_rest(et: Floats, hard: float, rng: np.random.Generator) -> Floats:
    """GeV in the cone from the jet that the candidate is a part of; `hard` shapes its share."""
    share = rng.beta(hard, 2.0, et.shape)
    return et * (1 - share) / share * rng.beta(1.5, 2.5, et.shape)


def _hadron(et: Floats, eta: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    seen = rng.beta(4.0, 1.5, et.shape)
    deep = 1 - seen  # of the energy; about half of it within the window behind the cluster
    return {
        "hadronic_leakage": deep / np.maximum(seen, 0.1) * rng.beta(2, 2, et.shape) * 0.5
        + rng.exponential(LEAK, et.shape),
        "lateral_width": rng.normal(WIDTH + 0.1, 0.15, et.shape) + deep * rng.gamma(2.0, 0.6, et.shape),
        "strip_width": rng.normal(STRIPS + 0.3, 0.4, et.shape) + deep * rng.gamma(2.0, 0.8, et.shape),
        "delta_eta": np.abs(rng.normal(0, MATCH * (1 + 4 * deep))),
        "e_over_p": seen * (1 + rng.exponential(0.15, et.shape)),  # a neighbour's photons add to it
        "outside": _jet_rest(et, 6.0, rng),
    }


def _pi0(et: Floats, eta: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    ratio = np.exp(rng.normal(-0.3, 0.6, et.shape))  # momentum of the other hadron over energy
    distance = 25.0 / et * rng.uniform(0.6, 1.4, et.shape)  # strips between the photons
    return {
        "hadronic_leakage": rng.exponential(LEAK + 0.05 * ratio),
        "lateral_width": np.hypot(rng.normal(WIDTH, 0.12, et.shape), 4.0 / et) + 0.1 * ratio,
        "strip_width": np.hypot(rng.normal(STRIPS, 0.25, et.shape), distance),
        "delta_eta": rng.exponential(4.0, et.shape),
        "e_over_p": (1 + 0.3 * ratio) / ratio,
        "outside": _jet_rest(et, 5.0, rng),
    }


def _conversion(et: Floats, eta: Floats, rng: np.random.Generator) -> dict[str, Floats]:
    found = rng.uniform(0.4, 1.0, et.shape)  # share of the photon's momentum in the track
    apart = _apart(found, et, rng)
    sister = rng.random(et.shape) < 0.4  # the other photon of the π⁰ is in the cluster
    return {
        "hadronic_leakage": rng.exponential(LEAK * (1 + np.log(et / LOWEST)))
        + rng.exponential(0.01, et.shape),
        "lateral_width": np.hypot(rng.normal(WIDTH, 0.12, et.shape), apart),
        "strip_width": rng.normal(STRIPS, 0.25, et.shape) + sister * rng.exponential(12.0 / et),
        "delta_eta": np.abs(rng.normal(0, MATCH * (1 + (1 - found) + sister))),
        "e_over_p": 1 / found,
        "outside": _jet_rest(et, 5.0, rng),
    }


_MAKE = dict(zip(KINDS, (_electron, _hadron, _pi0, _conversion), strict=True))


def electron_variables(n: int, *, rng: Rng, electron_share: float = 0.5) -> DataFrame:
    """Draw electron candidates with the variables that identify them.

    Parameters
    ----------
    n : int
        Candidates.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    electron_share : float
        Probability of each to be an electron.

    Returns
    -------
    pandas.DataFrame
        One row per candidate, in random order.

        * ``et``: transverse energy of the cluster, GeV; ``eta``: its pseudorapidity.
        * ``hadronic_leakage``: energy behind the cluster, over that of the cluster.
        * ``lateral_width``: of the shower, cm. ``strip_width``: in the fine first layer, strips along η.
        * ``delta_eta``: distance of track and cluster in η, 10⁻³, without sign.
        * ``e_over_p``: energy of the cluster over momentum of the track.
        * ``isolation``: transverse energy in a cone around the candidate, over its own.
        * ``is_electron``: bool, the truth. ``kind``: the truth, one of `KINDS`.
    """
    from pandas import DataFrame

    if n < 1 or not 0 <= electron_share <= 1:
        raise CourseError(
            f"Ask for one candidate or more and a share from 0 to 1, not {n} and {electron_share}."
        )
    rng = np.random.default_rng(rng)
    shares = [electron_share, *(np.array(FAKES) * (1 - electron_share))]
    kind = rng.choice(len(KINDS), size=n, p=shares)
    et = LOWEST + rng.exponential(SLOPE, n)
    eta = rng.uniform(-ETA, ETA, n)
    table = DataFrame({"et": et, "eta": eta})
    columns = {}
    for i, name in enumerate(KINDS):
        of_kind = kind == i
        for column, values in _MAKE[name](et[of_kind], eta[of_kind], rng).items():
            columns.setdefault(column, np.empty(n))[of_kind] = values
    outside = columns.pop("outside") + rng.gamma(2.0, PILE_UP / 2, n)
    table = table.assign(**columns, isolation=outside / et)
    table["e_over_p"] *= _resolution(et, eta, rng)
    return table.assign(is_electron=kind == 0, kind=np.array(KINDS)[kind])
