"""The state of the playground and what is drawn of it, without any widget."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.widgets.playground.network import ACTIVATIONS, PENALTIES, Network
from hepml_course.widgets.playground.samples import SAMPLES, draw, features, grid

POINTS = 60  # cells along a side of the map of the output
COARSE = 20  # and of the map of each neuron: a third of it
LAYERS, NEURONS = 4, 8  # at most
BATCH = 10  # events per update

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Settings:
    """Everything that can be chosen in the playground; a change of most of it starts the network anew."""

    sample: str = "lepton charges"
    noise: float = 0.0
    features: tuple[str, ...] = ("x1", "x2")
    hidden: tuple[int, ...] = (4,)
    activation: str = "tanh"
    rate: float = 0.1
    penalty: str = "none"
    strength: float = 0.003
    seed: int = 1

    def __post_init__(self) -> None:
        for name, value, known in (
            ("sample", self.sample, SAMPLES),
            ("activation", self.activation, ACTIVATIONS),
            ("penalty", self.penalty, PENALTIES),
        ):
            if value not in known:
                raise CourseError(f"There is no {name} {value!r}. Take one of {', '.join(known)}.")
        if len(self.hidden) > LAYERS or any(not 1 <= n <= NEURONS for n in self.hidden):
            raise CourseError(
                f"Choose at most {LAYERS} hidden layers of 1 to {NEURONS} neurons each, "
                f"not {list(self.hidden)}."
            )

    def network(self) -> tuple:
        """What the network and its training start from: if this changes, they start anew."""
        return self.sample, self.noise, self.features, self.hidden, self.activation, self.seed


class Playground:
    """A sample, a network, and how far its training has come.

    Parameters
    ----------
    settings : Settings
        What to begin with.

    Attributes
    ----------
    epoch : int
        Passes over the training events so far.
    history : list of (float, float)
        Training and test loss at the start and after every epoch.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.reset()

    def reset(self) -> None:
        """Draw the sample and the weights again from the seed."""
        chosen = self.settings
        self.rng = np.random.default_rng(chosen.seed)
        self.sample = draw(chosen.sample, chosen.noise, self.rng)
        inputs, train = features(self.sample.x, chosen.features), self.sample.train
        self._train = inputs[train], self.sample.y[train]
        self._test = inputs[~train], self.sample.y[~train]
        self._grid = features(grid(POINTS), chosen.features)
        sizes = [len(chosen.features), *chosen.hidden]
        self.network = Network(sizes, chosen.activation, self.rng)
        self.epoch = 0
        self.history = [self._losses()]

    def choose(self, settings: Settings) -> None:
        """Take other settings; the training goes on if only the rate or the penalty differ."""
        anew = settings.network() != self.settings.network()
        self.settings = settings
        if anew:
            self.reset()

    def train(self, epochs: int = 1) -> None:
        """Go over the training events, in random order, in batches of `BATCH`."""
        x, y = self._train
        chosen = self.settings
        with np.errstate(over="ignore", invalid="ignore"):  # a rate too large is part of the game
            for _ in range(epochs):
                for batch in self.rng.permutation(len(y)).reshape(-1, BATCH):
                    self.network.step(x[batch], y[batch], chosen.rate, chosen.penalty, chosen.strength)
                self.epoch += 1
                self.history.append(self._losses())

    def maps(self) -> tuple[Bytes, Bytes]:
        """What the output and every neuron say over the square, as shades from 0 to 255.

        Returns
        -------
        output : ndarray of uint8, shape (POINTS, POINTS)
            Probability of signal.
        neurons : ndarray of uint8, shape (inputs and hidden neurons, COARSE, COARSE)
            The inputs first, then layer by layer; each in units of its own largest value, 128 is zero.
        """
        *layers, output = self.network.forward(self._grid)
        every = POINTS // COARSE
        values = np.concatenate([a.T for a in layers]).reshape(-1, POINTS, POINTS)
        values = values[:, every // 2 :: every, every // 2 :: every]
        size = np.abs(values).max(axis=(1, 2), keepdims=True)
        with np.errstate(invalid="ignore"):
            neurons = 127.5 + 127.5 * values / np.where(size > 0, size, 1)
        return _shades(255 * output.reshape(POINTS, POINTS)), _shades(neurons)

    def weights(self) -> list[list[list[float]]]:
        """Weights of each layer as [input][neuron], with two digits: enough for the width of a line."""
        return [np.nan_to_num(w).round(2).tolist() for w in self.network.weights]

    def accuracy(self) -> float:
        """Share of the test events on their right side."""
        x, y = self._test
        return float(np.mean((self.network.forward(x)[-1][:, 0] > 0.5) == (y > 0)))

    def _losses(self) -> tuple[float, float]:
        return self.network.loss(*self._train), self.network.loss(*self._test)


def _shades(values: NDArray) -> Bytes:
    return np.nan_to_num(values, nan=127.5).round().clip(0, 255).astype(np.uint8)


def with_changes(settings: Settings, changes: dict) -> Settings:
    """Settings with some of them replaced; lists, as JavaScript sends them, become tuples."""
    values = {
        key: tuple(v) if isinstance(v, Sequence) and not isinstance(v, str) else v
        for key, v in changes.items()
    }
    return Settings(**{**vars(settings), **values})
