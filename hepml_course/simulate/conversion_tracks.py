"""Electrons of 105 MeV/c in a straw tracker, as in Mu2e: what the fit says, and what is true.

A stated toy of the track fit, not of the hits. A muon on an aluminium nucleus that turns into an electron
gives it 104.97 MeV (Bernstein and Cooper, arXiv:1307.5787). On its way out of the target it loses energy, and
it is the momentum at the entrance of the tracker, `p_true`, that the fit measures.

* **Target and absorber.** A path through aluminium, on average 0.45 g/cm², with Landau's fluctuations of
  width ξ = 0.154 MeV cm²/g · Z/A · path, and bremsstrahlung as Bethe and Heitler (see `electrons`).
* **Geometry.** The helix of radius p_T / (0.3 B) in 1 T starts within the target, 75 mm from the axis, and
  leaves hits where it is farther than 380 mm from it: steep, narrow helices leave few.
* **Core.** Scattering in the straws, and the drift resolution over the hits. The fit knows both; its error is
  `momentum_error`.
* **Energy lost in the straws.** 8 keV a straw. The fit adds what an average track loses, so a long track
  comes out too low and a short one too high. What fluctuates, and what is radiated in there, comes out too
  low, and kinks the track.
* **Wrong side of the wire.** A hit's drift side is wrong the more often the worse the time t0 is known. Wrong
  hits pull either way, raise χ², and count for more where hits are few.
* **Hits of something else.** The number grows with the crowd around the track. The fit throws most of them
  out, which lowers `active_fraction`; those that stay raise χ². They crowd at the inner rim of the tracker,
  and there pull the circle to a larger radius: the momentum comes out too high. This is the tail that carries
  background into the signal window.
* **Delta rays** shorten drift times, raise χ², and pull either way.

A sketch: the sizes of all pulls are choices, made so that the core comes out as published for Mu2e (some 120
to 180 keV/c; Technical Design Report, arXiv:1501.05241) after a loose selection, and a few per cent lie in
the high tail before it. In a real detector the pulls are what a simulation of every hit says they are.
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

CONVERSION = 104.97  # MeV, energy of the electron, which is its momentum in MeV/c to 10⁻³
FIELD, LENGTH, INNER = 1.0, 3000.0, 380.0  # T, mm, mm
TARGET = 75.0  # mm
PATH = (3.0, 0.15)  # Gamma distribution of the path in the target, g/cm²
MOST_PROBABLE, XI = 1.3, 0.154 * 0.48  # MeV cm²/g
ALUMINIUM = 24.0  # g/cm² in a radiation length
SPACING, FEWEST = 60.0, 15  # mm of path for each hit; hits in the fit that make a track
STRAW, STRAW_X0 = 0.008, 1.5e-4  # MeV and radiation lengths, a straw
SCATTERING, DRIFT, USUAL = 0.10, 0.06, 40.0  # MeV/c, for the usual number of hits
WRONG_PULL, DELTA_PULL, CROWD_PULL = 0.25, 0.15, 1.1  # MeV/c, one hit in ten


def landau(size: int, rng: np.random.Generator) -> Floats:
    """Landau's distribution in its own units, most probable at -0.22 (Chambers, Mallows and Stuck)."""
    u = rng.uniform(-np.pi / 2, np.pi / 2, size)
    w = rng.exponential(size=size)
    lean = np.pi / 2 + u
    return lean * np.tan(u) - np.log(w * np.cos(u) / lean)


def _radiated(lengths: Floats, rng: np.random.Generator) -> Floats:
    """Share of the energy that is radiated in so many radiation lengths."""
    return -np.expm1(-rng.gamma(lengths / np.log(2)))


def _after_target(p: Floats, rng: np.random.Generator) -> Floats:
    path = rng.gamma(*PATH, p.size)
    lost = path * (MOST_PROBABLE + XI * (landau(p.size, rng) + 0.22))
    return (p - np.clip(lost, 0, 0.9 * p)) * (1 - _radiated(path / ALUMINIUM, rng))


def _helix(p: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """tan λ, distance from the axis in mm, and mm of path where there are straws."""
    tan_dip = rng.triangular(0.45, 0.7, 1.25, p.size)
    d0 = TARGET * np.sqrt(rng.random(p.size)) * np.sign(rng.random(p.size) - 0.4)
    radius = p / np.sqrt(1 + tan_dip**2) / (0.3 * FIELD)
    centre = radius + d0
    cosine = (INNER**2 - centre**2 - radius**2) / (2 * centre * radius)
    share = np.arccos(np.clip(cosine, -1, 1)) / np.pi
    return tan_dip, d0, share * LENGTH * np.sqrt(1 + tan_dip**2) / tan_dip


def _fit(p_true: Floats, rng: np.random.Generator) -> DataFrame:
    from pandas import DataFrame

    tan_dip, d0, path = _helix(p_true, rng)
    straws = np.maximum(rng.poisson(path / SPACING), 1)  # one, so that nothing below divides by zero
    crowd = rng.gamma(1.0, 1.0, p_true.size)  # of hits around the track; 1 on average
    near = rng.poisson(2.0 * crowd)
    taken = rng.binomial(near, 0.05 + 0.10 * crowd / (1 + crowd))
    hits = straws + near
    t0_error = 5.0 / np.sqrt(straws) * rng.lognormal(0.1 * crowd, 0.15)
    unresolved = rng.binomial(straws, np.clip(0.06 + 0.06 * t0_error, 0, 0.6))
    wrong = rng.binomial(unresolved, 0.25)
    deltas = rng.poisson(0.01 * straws)
    out = near - taken + rng.binomial(wrong, 0.3) + rng.binomial(straws, 0.02)

    few = USUAL / straws
    momentum_error = np.sqrt(SCATTERING**2 * few**0.5 + DRIFT**2 * few**1.5) * rng.lognormal(
        0, 0.08, p_true.size
    )
    lost = STRAW * (straws - USUAL) / 2
    straggled = 0.04 * STRAW * straws * landau(p_true.size, rng) / 2
    kink = p_true * _radiated(STRAW_X0 * straws, rng) * rng.random(p_true.size)  # less if it happens late
    pull = WRONG_PULL * np.sqrt(wrong) * rng.normal(size=p_true.size)
    pull += DELTA_PULL * np.sqrt(deltas) * rng.normal(size=p_true.size)
    pull += CROWD_PULL * taken * rng.exponential(size=p_true.size)
    error = rng.normal(0, momentum_error) - lost - straggled - kink + pull * 10 / straws

    free = np.maximum(straws - 5, 1)
    chi2 = 2 * rng.gamma(free / 2) + rng.gamma(1.5 * wrong + 1.0 * deltas + 2.5 * taken + 1e-9, 4.0)
    chi2 += np.minimum((kink / 0.3) ** 2, 60.0) * rng.random(p_true.size)
    return DataFrame(
        {
            "p_reco": 1 / (1 / p_true - error / p_true**2),  # errors are those of the curvature
            "p_true": p_true,
            "momentum_error": momentum_error,
            "hits": hits.astype(float),
            "active_fraction": 1 - np.minimum(out, hits) / hits,
            "chi2_ndf": chi2 / free,
            "t0_error": t0_error,
            "straw_fraction": 1 - unresolved / straws,
            "tan_dip": tan_dip,
            "d0": d0 + rng.normal(0, 2.0, p_true.size),
        }
    )


def conversion_tracks(n: int, *, rng: Rng, p_range: tuple[float, float] | None = None) -> DataFrame:
    """Draw reconstructed tracks of conversion electrons, or of electrons with any momentum.

    Parameters
    ----------
    n : int
        Tracks, all with at least 15 hits in the fit.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    p_range : tuple of float, optional
        Momenta in MeV/c between which electrons leave the nucleus, all equally often; slow ones leave fewer
        hits, and fewer of them become tracks. None gives conversion electrons of 104.97 MeV/c.

    Returns
    -------
    pandas.DataFrame
        One row per track, all columns floats.

        * ``p_reco``: momentum from the fit; ``momentum_error``: what the fit says about it, MeV/c.
        * ``hits``: found near the track. ``active_fraction``: share of them that the fit uses.
        * ``chi2_ndf``: χ² per degree of freedom. ``t0_error``: of the time of the track, ns.
        * ``straw_fraction``: share of straws whose drift side is resolved.
        * ``tan_dip``: slope of the helix. ``d0``: distance of closest approach to the axis, mm.
        * ``p_true``: the truth at the entrance of the tracker; ``p_start``: at the nucleus, MeV/c.
    """
    from pandas import concat

    if n < 1:
        raise CourseError(f"Ask for one track or more, not {n}.")
    if p_range is not None and not 60 <= p_range[0] < p_range[1] <= 300:
        raise CourseError(f"Give p_range as two rising momenta between 60 and 300 MeV/c, not {p_range}.")
    rng = np.random.default_rng(rng)
    found, n_found = [], 0
    while n_found < n:
        p_start = np.full(n, CONVERSION) if p_range is None else rng.uniform(*p_range, n)
        tracks = _fit(_after_target(p_start, rng), rng).assign(p_start=p_start)
        tracks = tracks[(tracks.hits * tracks.active_fraction).round() >= FEWEST]
        found.append(tracks)
        n_found += len(tracks)
    return concat(found, ignore_index=True).iloc[:n]
