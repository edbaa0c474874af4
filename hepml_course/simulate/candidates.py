"""Electron candidates seen by two detectors that fail in different ways, with known densities.

A toy like `hepml_course.simulate.points`: drawn from formulas, so that the best classifier is known.

* **E/p**, calorimeter energy over track momentum. An electron leaves all its energy, so E/p = 1 within a
  resolution of 3 %. If it has radiated a hard photon before the tracker, the track has lost momentum and the
  calorimeter has not lost energy: 20 % have a tail above 1. Of the leading track of a jet the electromagnetic
  calorimeter sees a part: E/p follows a broad Gamma distribution with mean 0.5.
* **Width** of the shower. Electrons as in `hepml_course.simulate.points`. Jets are wider, except for 10 %
  whose leading particle is a π⁰: two photons, and a shower as narrow as an electron's.

The fractions are choices, right in order of magnitude; in each class the two quantities are independent.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate.points import ELECTRON, Rng

Floats = NDArray[np.float64]

RADIATING = 0.20  # share of electrons that have radiated a hard photon
RESOLUTION = 0.03  # of E/p
TAIL = 0.5  # mean of the excess in E/p after radiation
JET_SHAPE, JET_SCALE = 2.0, 0.25  # Gamma distribution of E/p in jets
PI0 = 0.10  # share of jets with a narrow shower
WIDTH = (float(ELECTRON.mean[0]), float(np.sqrt(ELECTRON.covariance[0, 0])))  # cm
JET_WIDTH = (1.72, 0.35)  # cm


def electron_candidates(n: int, rng: Rng) -> tuple[Floats, NDArray[np.int64]]:
    """Draw `n` electrons and `n` jets, in random order.

    Parameters
    ----------
    n : int
        Candidates of each class.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Returns
    -------
    x : ndarray, shape (2 n, 2)
        E/p, and the lateral width of the shower in cm.
    y : ndarray of int, shape (2 n,)
        +1 for an electron, -1 for a jet.
    """
    rng = np.random.default_rng(rng)
    radiated = np.where(rng.random(n) < RADIATING, rng.exponential(TAIL, n), 0.0)
    electrons = [rng.normal(1 + radiated, RESOLUTION), rng.normal(*WIDTH, n)]
    narrow = rng.random(n) < PI0
    widths = np.where(narrow, rng.normal(*WIDTH, n), rng.normal(*JET_WIDTH, n))
    jets = [rng.gamma(JET_SHAPE, JET_SCALE, n), widths]
    order = rng.permutation(2 * n)
    x = np.column_stack([np.concatenate(pair) for pair in zip(electrons, jets, strict=True)])
    return x[order], np.repeat([1, -1], n)[order]


def candidate_llr(x: ArrayLike) -> Floats:
    """Log likelihood ratio ln p(x | electron) / p(x | jet): the limit for every classifier of this sample.

    Parameters
    ----------
    x : array_like, shape (n, 2)
        E/p and width in cm, as from `electron_candidates`.
    """
    from scipy.stats import exponnorm, gamma, norm

    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or x.shape[1] != 2:
        raise CourseError(
            f"Candidates come as an array of shape (n, 2), one row each; this has shape {x.shape}."
        )
    ratio, width = np.maximum(x[:, 0], 1e-6), x[:, 1]  # no jet has E/p below zero
    tail = exponnorm(TAIL / RESOLUTION, loc=1, scale=RESOLUTION)
    electron = (1 - RADIATING) * norm(1, RESOLUTION).pdf(ratio) + RADIATING * tail.pdf(ratio)
    narrow = norm(*WIDTH).pdf(width)
    jet_width = PI0 * narrow + (1 - PI0) * norm(*JET_WIDTH).pdf(width)
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(electron, 1e-300) * narrow) - np.log(
            np.maximum(gamma(JET_SHAPE, scale=JET_SCALE).pdf(ratio), 1e-300) * jet_width
        )
