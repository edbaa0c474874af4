"""Several copies of one Keras network, each with its own weights and its own events, trained in one go.

A lesson that asks whether something *helps* has to train more than once. Here an array of events has the
shape (copies, events, variables), and every layer keeps one set of weights per copy, so one step of the
optimiser is a step of all of them. The copies never mix: the loss is the mean over the copies, the
optimisers of the course treat each weight on its own, and normalisation averages over events only.

>>> from hepml_course import copies
>>> layers = [copies.Dense(64, "relu"), copies.Dense(1, "sigmoid")]  # doctest: +SKIP
"""

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray


class Dense(keras.layers.Layer):
    """`keras.layers.Dense` for inputs of shape (copies, events, variables).

    Parameters
    ----------
    units : int
        Neurons of each copy.
    activation : str, optional
        As in Keras.
    l1, l2 : float
        Strengths in ``l1 · Σ|w| + l2 · Σw²``, added to the loss of each copy.
    """

    def __init__(self, units: int, activation: str | None = None, *, l1: float = 0.0, l2: float = 0.0):
        super().__init__()
        self.units, self.l1, self.l2 = units, l1, l2
        self.activation = keras.activations.get(activation)

    def build(self, shape: tuple) -> None:
        """Draw the weights: as He and others for ReLU, so that signals keep their size."""
        copies, _, inputs = shape
        self.copies = copies
        draw = keras.initializers.RandomNormal(stddev=(2 / inputs) ** 0.5)
        self.kernel = self.add_weight(shape=(copies, inputs, self.units), initializer=draw, name="kernel")
        self.bias = self.add_weight(shape=(copies, 1, self.units), initializer="zeros", name="bias")

    def call(self, x):
        """Weighted sums and activation."""
        if self.l1 or self.l2:
            size = self.l1 * ops.sum(ops.abs(self.kernel)) + self.l2 * ops.sum(self.kernel**2)
            self.add_loss(size / self.copies)  # the loss is the mean over the copies
        return self.activation(ops.matmul(x, self.kernel) + self.bias)


class BatchNormalization(keras.layers.Layer):
    """`keras.layers.BatchNormalization` for inputs of shape (copies, events, variables).

    Parameters
    ----------
    momentum, epsilon : float
        As in Keras; the running averages are those of each copy.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-3):
        super().__init__()
        self.momentum, self.epsilon = momentum, epsilon

    def build(self, shape: tuple) -> None:
        """Scale and shift to learn, mean and variance to remember."""
        shape = (shape[0], 1, shape[2])
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")
        self.mean = self.add_weight(shape=shape, initializer="zeros", trainable=False, name="mean")
        self.variance = self.add_weight(shape=shape, initializer="ones", trainable=False, name="variance")

    def call(self, x, training: bool = False):
        """Normalise by the batch in training, by the running averages otherwise."""
        mean, variance = self.mean, self.variance
        if training:
            mean, variance = ops.moments(x, axes=[1], keepdims=True)
            self.mean.assign(self.momentum * self.mean + (1 - self.momentum) * mean)
            self.variance.assign(self.momentum * self.variance + (1 - self.momentum) * variance)
        return (x - mean) * ops.rsqrt(variance + self.epsilon) * self.gamma + self.beta


class Dropout(keras.layers.Layer):
    """`keras.layers.Dropout`, where each copy may have a rate of its own.

    Parameters
    ----------
    rate : float or array_like, shape (copies,)
        Probability to *drop* a node, as in Keras. One minus it is the probability to keep it.
    """

    def __init__(self, rate: float | ArrayLike):
        super().__init__()
        self.keep = 1 - np.asarray(rate, dtype="float32").reshape(-1, 1, 1)
        self.seeds = keras.random.SeedGenerator()

    def call(self, x, training: bool = False):
        """Silence nodes at random and raise the others, so that the mean stays; in training only."""
        if not training:
            return x
        kept = keras.random.uniform(ops.shape(x), seed=self.seeds) < self.keep
        return ops.where(kept, x / self.keep, 0.0)


class BestSoFar:
    """Keeps for each copy the weights with which its loss was lowest: early stopping, copy by copy.

    Parameters
    ----------
    model : keras.Model
        Made of the layers of this module.
    """

    def __init__(self, model: keras.Model):
        self.model = model
        self.loss: NDArray | None = None
        self.step: NDArray | None = None

    def look(self, step: int, loss: ArrayLike) -> None:
        """Remember the weights of the copies whose loss, shape (copies,), is the lowest yet."""
        loss, now = np.asarray(loss), self._weights()
        if self.loss is None:
            self.loss, self.step, self.kept = loss.copy(), np.full(len(loss), step), now
            return
        better = loss < self.loss
        self.loss[better], self.step[better] = loss[better], step
        for kept, new in zip(self.kept, now, strict=True):
            kept[better] = new[better]

    def restore(self) -> None:
        """Give every copy its best weights back."""
        for variable, value in zip(self._variables(), self.kept, strict=True):
            variable.assign(value)

    def _variables(self) -> list:
        return [v for v in self.model.weights if "seed" not in v.path]

    def _weights(self) -> list[NDArray]:
        return [np.array(ops.convert_to_numpy(ops.copy(v))) for v in self._variables()]
