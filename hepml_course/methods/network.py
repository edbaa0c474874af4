"""A small dense network as an estimator: trained by Keras, applied without it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.methods._inputs import Floats, MethodError, Probabilities, Training

_FARTHEST = 10  # standard deviations; an input beyond is put there
_TOGETHER = 65_536  # events that are looked at together


class Network(Probabilities):
    """A network of dense layers on standardised inputs (a multilayer perceptron).

    Keras trains it, by Adam and cross-entropy with event weights, signal and background with the same sum;
    the learning rate falls to zero along half a cosine. What is kept is arrays of numbers, so that a trained
    network can be copied and saved, and is applied without TensorFlow. All random numbers come from `seed`;
    no global state is touched.

    Parameters
    ----------
    hidden : sequence of int
        Neurons of each hidden layer, with rectified outputs.
    epochs : int
        How often all events are seen.
    batch_size : int, optional
        Events of a step; by default an epoch has a hundred steps, of 32 to 4096 events.
    learning_rate : float
        Of the first step.
    seed : int
        Of the first weights and of the order of the events.

    Attributes
    ----------
    weights_ : list of ndarray
        Kernel and bias of each layer in turn, in single precision.
    centre_, scale_ : ndarray, shape (k,)
        Mean and standard deviation of the inputs, both classes counting the same.
    prior_ : float
        Logarithm of the sum of weights of signal over that of background.
    history_ : dict of str to list of float
        ``loss`` in each epoch.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (32, 32),
        epochs: int = 20,
        batch_size: int | None = None,
        learning_rate: float = 3e-3,
        seed: int = 0,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Network:
        """Train.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, k)
        y : array_like, shape (n,)
            Two classes; the larger label is signal.
        sample_weight : array_like, shape (n,), optional
            Event weights of either sign: each multiplies the loss of its event.

        Raises
        ------
        CourseError
            The input cannot be used, or the training diverges.
        """
        training = self._training(X, y, sample_weight)
        signal, background = training.sums()
        self.prior_ = float(np.log(signal / background))
        self._standardise(training)
        z = self._standard(training.x)
        balanced = (training.fractions() * len(z) / 2).astype(np.float32)
        batch = self.batch_size or int(np.clip(len(z) / 100, 32, 4096))
        network = self._build(steps=self.epochs * -(-len(z) // batch))
        losses = []
        rng = np.random.default_rng(self.seed)
        with warnings.catch_warnings():
            # Keras hands its variables to numpy 2 in a way that this deprecates.
            warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
            for _ in range(self.epochs):
                order = rng.permutation(len(z))
                noted = network.fit(
                    z[order],
                    training.is_signal[order].astype(np.float32),
                    sample_weight=balanced[order],
                    batch_size=batch,
                    shuffle=False,  # Keras would draw the order from a global state
                    verbose=0,
                )
                losses.append(float(noted.history["loss"][0]))
            self.weights_ = [np.array(weights) for weights in network.get_weights()]
        if not all(np.isfinite(weights).all() for weights in self.weights_):
            raise MethodError("The training of Network diverged: lower its learning_rate.")
        self.history_ = {"loss": losses}
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Logarithm of the odds of signal, shape (n,)."""
        x = self._events(X)
        parts = [self._logit(x[i : i + _TOGETHER]) for i in range(0, len(x), _TOGETHER)]
        return np.concatenate(parts) + self.prior_

    def _logit(self, x: Floats) -> Floats:
        z = self._standard(x)
        *hidden, last = zip(self.weights_[::2], self.weights_[1::2], strict=True)
        for kernel, bias in hidden:
            z = np.maximum(z @ kernel + bias, 0)
        return (z @ last[0] + last[1])[:, 0].astype(float)

    def _standardise(self, training: Training) -> None:
        """Measure mean and standard deviation, with the sizes of the weights."""
        part = training.content(np.arange(len(training.x)))
        self.centre_ = part @ training.x
        spread = np.sqrt(part @ (training.x - self.centre_) ** 2)
        constant = spread <= 1e-13 * np.abs(training.x).max(axis=0)
        self.scale_ = np.where(constant, 1.0, spread)

    def _standard(self, x: Floats) -> np.ndarray:
        z = (x - self.centre_) / self.scale_
        return np.clip(z, -_FARTHEST, _FARTHEST).astype(np.float32)

    def _build(self, steps: int):
        """The network of Keras, with its first weights."""
        import keras

        def dense(neurons: int, number: int, activation: str | None) -> keras.layers.Layer:
            first = keras.initializers.GlorotUniform(seed=self.seed + number)
            return keras.layers.Dense(neurons, activation, kernel_initializer=first)

        layers = [dense(neurons, i, "relu") for i, neurons in enumerate(self.hidden)]
        network = keras.Sequential(
            [keras.Input((self.n_features_in_,)), *layers, dense(1, len(self.hidden), None)]
        )
        network.compile(
            optimizer=keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(self.learning_rate, steps)
            ),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            steps_per_execution=10,  # half of the time of so small a network is spent between the steps
        )
        return network
