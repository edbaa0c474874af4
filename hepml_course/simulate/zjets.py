"""Z → μμ with jets from two generators that disagree, with a known ratio of densities.

A toy, drawn from formulas. Generator A and generator B give the same five numbers per event, and each number
alone looks rather alike in both. They differ in how the numbers hang together: in B the jets balance the Z
better, and a harder event has more underlying event. Logarithms and rapidities follow a Gaussian in five
dimensions, another one for each generator.

A sixth number, the missing transverse momentum, is measured and not generated: it is drawn from the other
five by one rule for all generators. It comes from the resolution of the jets, and from what the jets leave
unbalanced. So the right weights, which know only the five, make it right as well, and weights that get the
correlations wrong do not.

The numbers are choices. B is nowhere more than some five times denser than A, so that A can be turned into B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate.points import Gaussian, Rng

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = NDArray[np.float64]

ZJETS_FEATURES = ("z_pt", "z_y", "ht", "delta_y", "tracks")
_LOGARITHMIC = [0, 2, 4]

NOISE = 6.0  # GeV, missing transverse momentum per direction without any jet
STOCHASTIC = 0.7  # √GeV, grows with the root of ht
UNBALANCED = 0.35  # of |ht − z_pt|


def _gaussian(medians: tuple, spread: tuple, correlations: dict[tuple[int, int], float]) -> Gaussian:
    """Medians and spreads, of logarithms where logarithmic, and correlations of `ZJETS_FEATURES`."""
    mean = np.array(medians, dtype=float)
    mean[_LOGARITHMIC] = np.log(mean[_LOGARITHMIC])
    matrix = np.eye(5)
    for (i, j), value in correlations.items():
        matrix[i, j] = matrix[j, i] = value
    return Gaussian(mean, np.outer(spread, spread) * matrix)


GENERATORS = {
    "A": _gaussian(
        (35, 0, 50, 0, 30),
        (0.62, 1.10, 0.62, 1.30, 0.40),
        {(0, 2): 0.35, (1, 3): -0.2, (0, 4): 0.1, (2, 4): 0.1},
    ),
    "B": _gaussian(
        (38, 0, 52, 0, 33),
        (0.49, 1.00, 0.49, 1.15, 0.34),
        {(0, 2): 0.70, (1, 3): -0.5, (0, 4): 0.30, (2, 4): 0.30},
    ),
    # Far from A: hard events only. Weights that turn A into it are huge.
    "C": _gaussian((110, 0, 140, 0, 45), (0.45, 0.90, 0.45, 1.20, 0.36), {(0, 2): 0.75, (1, 3): -0.5}),
}


def z_jets(n: int, generator: str, rng: Rng) -> DataFrame:
    """Draw `n` events of Z → μμ with jets from one generator.

    Parameters
    ----------
    n : int
        Number of events.
    generator : {"A", "B", "C"}
        "A" and "B" overlap well; "C" makes hard events only, where A has few.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed. Give each sample its own.

    Returns
    -------
    DataFrame, n rows
        The five generated numbers `ZJETS_FEATURES`: ``z_pt`` of the Z in GeV, its rapidity ``z_y``, ``ht``
        (scalar sum of the jets' transverse momenta) in GeV, rapidity ``delta_y`` of the leading jet minus
        that of the Z, ``tracks`` (charged tracks of the underlying event, not rounded). Then the spectator
        ``met``, missing transverse momentum in GeV.
    """
    import pandas as pd

    rng, density = np.random.default_rng(rng), _density(generator)
    z = rng.multivariate_normal(density.mean, density.covariance, size=n, method="cholesky")
    z[:, _LOGARITHMIC] = np.exp(z[:, _LOGARITHMIC])
    events = pd.DataFrame(z, columns=list(ZJETS_FEATURES))
    return events.assign(met=_missing(events, rng))


def z_jets_ratio(events: DataFrame | ArrayLike, target: str = "B", source: str = "A") -> Floats:
    """Ratio of densities, target over source: the true weights that turn one generator into the other.

    Parameters
    ----------
    events : DataFrame or array_like, shape (n, 5)
        With the columns `ZJETS_FEATURES`, or these numbers in this order.
    target, source : {"A", "B", "C"}

    Returns
    -------
    ndarray, shape (n,)
        Its mean over events of the source is 1.
    """
    z = _latent(events)
    return np.exp(_density(target).log_density(z) - _density(source).log_density(z))


def _missing(events: DataFrame, rng: np.random.Generator) -> Floats:
    """Length of a vector of two Gaussian components, whose width follows one rule for all generators."""
    variance = NOISE**2 + STOCHASTIC**2 * events["ht"] + (UNBALANCED * (events["ht"] - events["z_pt"])) ** 2
    return np.sqrt(variance.to_numpy()) * np.hypot(*rng.normal(size=(2, len(events))))


def _density(generator: str) -> Gaussian:
    if generator not in GENERATORS:
        raise CourseError(f"There is no generator {generator!r}; there are {', '.join(GENERATORS)}.")
    return GENERATORS[generator]


def _latent(events: DataFrame | ArrayLike) -> Floats:
    """The five numbers with logarithms where the Gaussian has them, shape (n, 5)."""
    if hasattr(events, "columns"):
        missing = [name for name in ZJETS_FEATURES if name not in events]
        if missing:
            raise CourseError(f"The table has no column {missing[0]}; it needs {', '.join(ZJETS_FEATURES)}.")
        events = events[list(ZJETS_FEATURES)]
    x = np.array(events, dtype=float)
    if x.ndim != 2 or x.shape[1] != len(ZJETS_FEATURES):
        raise CourseError(f"Events come as an array of shape (n, 5), one row each; this has shape {x.shape}.")
    if not (x[:, _LOGARITHMIC] > 0).all():
        raise CourseError("z_pt, ht and tracks are above 0; some of the events have others.")
    x[:, _LOGARITHMIC] = np.log(x[:, _LOGARITHMIC])
    return x
