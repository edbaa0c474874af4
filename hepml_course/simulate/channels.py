"""Two detector channels that each read a mixture of the same two sources.

What is physics and what is a sketch
------------------------------------
* A photomultiplier's pulses: they come at random times, rise at once and decay exponentially. Pick-up from
  the mains: a sine of 50 Hz. Both are what one sees on an oscilloscope.
* The mixture is linear and instantaneous, as between cables that lie side by side; its four numbers are a
  choice.
* Each channel adds a little Gaussian noise of its own. Reflections, delays and saturation are left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

MIXING = np.array([[1.0, 0.8], [0.6, -0.9]])
DURATION = 100.0  # ms
PULSES, DECAY = 30, 1.0  # number of pulses, and their decay time in ms
NOISE = 0.05


class Channels(NamedTuple):
    """What was recorded, and what nobody sees.

    Attributes
    ----------
    time : ndarray, shape (n,)
        In ms.
    recorded : ndarray, shape (2, n)
        The two channels, arbitrary units.
    sources : ndarray, shape (2, n)
        Pulses and pick-up, each with mean 0 and variance 1.
    """

    time: Floats
    recorded: Floats
    sources: Floats


def mixed_channels(n: int, rng: Rng) -> Channels:
    """Record `n` samples, evenly spaced in time, of two channels.

    Parameters
    ----------
    n : int
        Number of samples in 100 ms.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    """
    rng = np.random.default_rng(rng)
    time = np.linspace(0, DURATION, n, endpoint=False)
    since = time - rng.uniform(0, DURATION, (PULSES, 1))
    height = rng.uniform(0.5, 1.5, (PULSES, 1))
    pulses = (height * np.where(since > 0, np.exp(-np.maximum(since, 0) / DECAY), 0)).sum(axis=0)
    pickup = np.sin(2 * np.pi * 0.05 * time + rng.uniform(0, 2 * np.pi))
    sources = np.array([pulses, pickup])
    sources = (sources - sources.mean(axis=1, keepdims=True)) / sources.std(axis=1, keepdims=True)
    return Channels(time, MIXING @ sources + NOISE * rng.normal(size=(2, n)), sources)
