"""Events with weights +1 and −1, as a calculation at next-to-leading order makes them, of known density.

A toy, drawn from formulas. A heavy boson recoils against a jet. The shower makes the jet, and so does the
exact matrix element: between soft and hard emission it is counted twice. What is counted twice is subtracted
by events of weight −1. Here that is meant literally. Let p be the density of a process and c times d what is
counted twice:

* positive events follow p + c d,
* negative events follow d, and there are c of them for each unit of p.

The sum over events of weight times anything is therefore that of p, whatever c is. The share of negative
events, f = c / (1 + 2 c), can be chosen; the density cannot.

Densities are Gaussian mixtures in (ln pt, y, delta_y): a soft and a hard part of p, one Gaussian for d. All
numbers are choices. The signal is heavier and made by gluons, so that it is harder and more central.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate.points import Gaussian, Rng

if TYPE_CHECKING:
    from pandas import DataFrame

Floats = NDArray[np.float64]

NLO_FEATURES = ("pt", "y", "delta_y")


class Process(NamedTuple):
    """A soft and a hard part, the share of the soft one, and what is counted twice."""

    soft: Gaussian
    hard: Gaussian
    share: float
    twice: Gaussian

    def log_density(self, z: Floats) -> Floats:
        """Logarithm of p in (ln pt, y, delta_y), at `z` of shape (n, 3)."""
        soft, hard = np.log(self.share), np.log(1 - self.share)
        return np.logaddexp(soft + self.soft.log_density(z), hard + self.hard.log_density(z))

    def draw(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw `n` points from p, shape (n, 3)."""
        n_soft = rng.binomial(n, self.share)
        return np.concatenate([_points(self.soft, n_soft, rng), _points(self.hard, n - n_soft, rng)])


def _gaussian(pt: float, spread: tuple[float, float, float], correlation: float = 0.0) -> Gaussian:
    """Centred at `pt` / GeV and zero rapidity; `correlation` is that of the two rapidities."""
    matrix = np.outer(spread, spread)
    matrix[1, 2] = matrix[2, 1] = correlation * spread[1] * spread[2]
    matrix[0, 1:] = matrix[1:, 0] = 0.0
    return Gaussian(np.array([np.log(pt), 0.0, 0.0]), matrix)


SIGNAL = Process(
    soft=_gaussian(24, (0.60, 1.0, 1.4), -0.4),
    hard=_gaussian(70, (0.55, 0.8, 1.1), -0.3),
    share=0.55,
    twice=_gaussian(55, (0.35, 0.8, 1.0), -0.3),
)
BACKGROUND = Process(
    soft=_gaussian(13, (0.65, 1.6, 1.8), -0.6),
    hard=_gaussian(38, (0.60, 1.2, 1.5), -0.5),
    share=0.70,
    twice=_gaussian(32, (0.35, 0.9, 1.0), -0.5),
)


def nlo_events(n: int, rng: Rng, *, negative: float = 0.25) -> DataFrame:
    """Draw `n` signal and `n` background events with weights +1 and −1, in random order.

    The densities of both classes, that is the distributions filled with weights, do not depend on `negative`.

    Parameters
    ----------
    n : int
        Events of each class.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    negative : float
        Expected share of events with weight −1 in each class, at least 0 and below 0.5. With 0 all weights
        are +1: a sample from the density itself.

    Returns
    -------
    DataFrame, 2 n rows
        ``pt`` of the boson in GeV, its rapidity ``y``, rapidity ``delta_y`` of the jet minus that of the
        boson, ``is_signal`` (bool), ``weight`` (+1.0 or −1.0).
    """
    import pandas as pd

    rng = np.random.default_rng(rng)
    parts = [_signed(process, n, _checked(negative), rng) for process in (SIGNAL, BACKGROUND)]
    z, weight = (np.concatenate(pieces) for pieces in zip(*parts, strict=True))
    columns = {"pt": np.exp(z[:, 0]), "y": z[:, 1], "delta_y": z[:, 2]}
    columns |= {"is_signal": np.repeat([True, False], n), "weight": weight}
    return pd.DataFrame(columns).iloc[rng.permutation(2 * n)].reset_index(drop=True)


def nlo_llr(events: DataFrame | ArrayLike) -> Floats:
    """Log likelihood ratio ln p(signal) / p(background), which no classifier beats.

    Parameters
    ----------
    events : DataFrame or array_like, shape (n, 3)
        With the columns `NLO_FEATURES`, or these numbers in this order.

    Returns
    -------
    ndarray, shape (n,)
    """
    z = _latent(events)
    return SIGNAL.log_density(z) - BACKGROUND.log_density(z)


def nlo_mean_weight(
    events: DataFrame | ArrayLike, is_signal: ArrayLike | None = None, *, negative: float = 0.25
) -> Floats:
    """Mean weight of the events at each place: p / (p + 2 c d), above 0 and at most 1.

    Parameters
    ----------
    events : DataFrame or array_like, shape (n, 3)
        With the columns `NLO_FEATURES`, or these numbers in this order.
    is_signal : array_like of bool, shape (n,), optional
        Class of each event; the column of the table unless given.
    negative : float
        Share of negative events that the sample was made with.

    Returns
    -------
    ndarray, shape (n,)
    """
    z = _latent(events)
    if is_signal is None:
        if not hasattr(events, "columns") or "is_signal" not in events:
            raise CourseError("The mean weight depends on the class: give is_signal, one value per event.")
        is_signal = events["is_signal"]
    chosen = np.broadcast_to(np.asarray(is_signal, dtype=bool), len(z))
    c = _checked(negative) / (1 - 2 * negative)
    ratios = [np.exp(p.twice.log_density(z) - p.log_density(z)) for p in (SIGNAL, BACKGROUND)]
    return 1 / (1 + 2 * c * np.where(chosen, *ratios))


def _signed(process: Process, n: int, negative: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points, shape (n, 3), and weights of one class: p, what is counted twice, and its subtraction."""
    n_p, n_twice, n_subtracted = rng.multinomial(n, [1 - 2 * negative, negative, negative])
    z = np.concatenate([process.draw(n_p, rng), _points(process.twice, n_twice + n_subtracted, rng)])
    return z, np.repeat([1.0, -1.0], [n_p + n_twice, n_subtracted])


def _points(density: Gaussian, n: int, rng: np.random.Generator) -> Floats:
    return rng.multivariate_normal(density.mean, density.covariance, size=n, method="cholesky")


def _latent(events: DataFrame | ArrayLike) -> Floats:
    """(ln pt, y, delta_y), shape (n, 3)."""
    if hasattr(events, "columns"):
        missing = [name for name in NLO_FEATURES if name not in events]
        if missing:
            raise CourseError(f"The table has no column {missing[0]}; it needs {', '.join(NLO_FEATURES)}.")
        events = events[list(NLO_FEATURES)]
    x = np.array(events, dtype=float)
    if x.ndim != 2 or x.shape[1] != 3:
        raise CourseError(f"Events come as an array of shape (n, 3), one row each; this has shape {x.shape}.")
    if not (x[:, 0] > 0).all():
        raise CourseError("A transverse momentum pt is above 0 GeV; the first column has others.")
    x[:, 0] = np.log(x[:, 0])
    return x


def _checked(negative: float) -> float:
    if not 0 <= negative < 0.5:
        raise CourseError(f"The share of negative weights is at least 0 and below 0.5, not {negative}.")
    return negative
