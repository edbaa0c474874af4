"""A small fully connected network for two classes: forward pass, backpropagation, penalties, one update.

The same arithmetic as in lesson 04, arranged for speed: a picture of the playground takes some twenty
updates and one forward pass over a grid, and must not be waited for.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

LEAK = 0.1  # slope of the leaky ReLU on its negative side


def _sigmoid(z: Floats) -> Floats:
    return 0.5 * (1 + np.tanh(z / 2))  # no overflow on either side


# Each activation, and its slope written by what it returns: no second look at z is needed.
ACTIVATIONS: dict[str, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "sigmoid": (_sigmoid, lambda a: a * (1 - a)),
    "ReLU": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(float)),
    "leaky ReLU": (lambda z: np.maximum(z, LEAK * z), lambda a: np.where(a > 0, 1.0, LEAK)),
    "ELU": (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda a: np.minimum(a, 0) + 1),
    "linear": (lambda z: z, np.ones_like),
}
PENALTIES = ("none", "L1", "L2")


class Network:
    """Layers of neurons, the last of which is one neuron with a sigmoid.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs and of the neurons in each hidden layer; the output is added.
    activation : str
        Key of `ACTIVATIONS`, for the hidden layers.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Attributes
    ----------
    weights : list of ndarray, shape (inputs, neurons)
        One for each layer, drawn with variance 2 / (inputs + neurons) (Glorot and Bengio, 2010).
    biases : list of ndarray, shape (neurons,)
        Zero at the start.
    """

    def __init__(self, sizes: Sequence[int], activation: str, rng: Rng) -> None:
        if activation not in ACTIVATIONS:
            raise CourseError(f"There is no activation {activation!r}. Take one of {', '.join(ACTIVATIONS)}.")
        if min(sizes) < 1:
            raise CourseError(f"A layer needs at least one neuron; the sizes are {list(sizes)}.")
        rng = np.random.default_rng(rng)
        self.activation, self.slope = ACTIVATIONS[activation]
        shapes = list(pairwise([*sizes, 1]))
        self.weights = [rng.normal(0, np.sqrt(2 / sum(shape)), shape) for shape in shapes]
        self.biases = [np.zeros(neurons) for _, neurons in shapes]

    def forward(self, x: Floats) -> list[Floats]:
        """The inputs, then what every layer returns; last the probability of class 1, shape (n, 1)."""
        outputs = [x]
        for w, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            outputs.append(self.activation(outputs[-1] @ w + b))
        return [*outputs, _sigmoid(outputs[-1] @ self.weights[-1] + self.biases[-1])]

    def loss(self, x: Floats, y: Floats) -> float:
        """Mean cross-entropy for classes `y` in {0, 1}, without the penalty."""
        p = np.clip(self.forward(x)[-1][:, 0], 1e-15, 1 - 1e-15)
        return float(-np.mean(np.log(np.where(y > 0, p, 1 - p))))

    def gradient(self, x: Floats, y: Floats) -> tuple[list[Floats], list[Floats]]:
        """Derivatives of `loss` by the weights and by the biases, in the shapes of these."""
        outputs = self.forward(x)
        delta = (outputs[-1] - y[:, None]) / len(y)
        by_weight, by_bias = [], []
        for k in reversed(range(len(self.weights))):
            by_weight.append(outputs[k].T @ delta)
            by_bias.append(delta.sum(axis=0))
            if k:
                delta = delta @ self.weights[k].T * self.slope(outputs[k])
        return by_weight[::-1], by_bias[::-1]

    def step(self, x: Floats, y: Floats, rate: float, penalty: str = "none", strength: float = 0.0) -> None:
        """Move all weights once against the gradient of the loss plus the penalty.

        The penalty is `strength` times the sum of |w| (L1) or of w²/2 (L2); biases are free. A weight
        that L1 would push through zero stays there.
        """
        by_weight, by_bias = self.gradient(x, y)
        for w, b, dw, db in zip(self.weights, self.biases, by_weight, by_bias, strict=True):
            w -= rate * dw
            b -= rate * db
            if penalty == "L2":
                w *= max(1 - rate * strength, 0.0)
            elif penalty == "L1":
                np.copyto(w, np.sign(w) * np.maximum(np.abs(w) - rate * strength, 0))
