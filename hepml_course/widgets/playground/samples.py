"""What the playground is played with: samples in a square from -1 to 1, and functions of the two inputs."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate import boosted_pairs, electrons_and_jets, xor_points

Floats = NDArray[np.float64]
EVENTS = 500  # per sample, of both classes together
NOISE = 0.5  # spread that is added at noise 1


class Sample(NamedTuple):
    """Events in the square from -1 to 1, half of them for training.

    Attributes
    ----------
    x : ndarray, shape (n, 2)
    y : ndarray, shape (n,)
        1 for signal, 0 for background.
    train : ndarray of bool, shape (n,)
    """

    x: Floats
    y: Floats
    train: NDArray[np.bool_]


def _spiral(n: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Two arms: no physics, but the hardest of them, and known from playground.tensorflow.org."""
    y = rng.permutation(np.repeat([1, -1], n))
    radius = np.sqrt(rng.uniform(0.01, 1, size=2 * n))
    angle = 1.75 * 2 * np.pi * radius + np.where(y > 0, 0, np.pi)
    return radius[:, None] * np.column_stack([np.sin(angle), np.cos(angle)]), y


def _showers(n: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    x, y = electrons_and_jets(n, rng)
    return (x - [1.3, 9.3]) / [1.2, 6.0], y


# Name -> n events of each class, with coordinates of about 1; and what the axes then mean.
SAMPLES: dict[str, tuple[Callable, tuple[str, str]]] = {
    "lepton charges": (
        lambda n, rng: _scaled(xor_points(n, rng), 2.8),
        ("q/pT first lepton", "q/pT second lepton"),
    ),
    "boosted pairs": (lambda n, rng: _scaled(boosted_pairs(n, rng), 0.9), ("Δη", "Δφ")),
    "electrons and jets": (_showers, ("shower width", "shower depth")),
    "spirals": (_spiral, ("x1", "x2")),
}

# Functions of the inputs, each scaled so that it stays between -1 and 1 over most of the square.
FEATURES: dict[str, Callable[[Floats], Floats]] = {
    "x1": lambda x: x[:, 0],
    "x2": lambda x: x[:, 1],
    "x1²": lambda x: x[:, 0] ** 2,
    "x2²": lambda x: x[:, 1] ** 2,
    "x1·x2": lambda x: x[:, 0] * x[:, 1],
    "sin x1": lambda x: np.sin(np.pi * x[:, 0]),
    "sin x2": lambda x: np.sin(np.pi * x[:, 1]),
}
SCALE = 2.5  # the inputs of the network have about unit spread


def _scaled(sample: tuple[Floats, NDArray], size: float) -> tuple[Floats, NDArray]:
    return sample[0] / size, sample[1]


def draw(name: str, noise: float, rng: np.random.Generator | int) -> Sample:
    """Draw a sample; every second event is for training.

    Parameters
    ----------
    name : str
        Key of `SAMPLES`.
    noise : float
        Between 0 and 1: how far the events are moved at random.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    """
    if name not in SAMPLES:
        raise CourseError(f"There is no sample {name!r}. Take one of {', '.join(SAMPLES)}.")
    rng = np.random.default_rng(rng)
    x, y = SAMPLES[name][0](EVENTS // 2, rng)
    x = x + noise * NOISE * rng.normal(size=x.shape)
    return Sample(x, (y > 0).astype(float), np.arange(len(y)) % 2 == 0)


def features(x: Floats, names: Sequence[str]) -> Floats:
    """Columns of the network's input, shape (n, number of names)."""
    missing = [name for name in names if name not in FEATURES]
    if missing or not names:
        raise CourseError(f"Give at least one of the features {', '.join(FEATURES)}; not {missing}.")
    return SCALE * np.column_stack([FEATURES[name](x) for name in names])


def grid(points: int) -> Floats:
    """Centres of the cells of a square picture, row by row from the top, shape (points², 2)."""
    centres = (np.arange(points) + 0.5) / points * 2 - 1
    x1, x2 = np.meshgrid(centres, centres[::-1])
    return np.column_stack([x1.ravel(), x2.ravel()])
