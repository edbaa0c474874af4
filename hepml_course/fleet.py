"""Many small networks trained side by side: the same events, other random starts, other hyper-parameters.

A training of a small network is mostly overhead: building the graph, starting each step. Here the networks
of a fleet share it. Each has weights of its own, and none knows of the others: the loss is the sum of
theirs, and the optimiser moves every weight by its own gradient. Each sees the events in an order of its own,
as it would alone: networks that share the order also share a part of their accidents.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics import auc

if TYPE_CHECKING:
    from keras import Model, Variable
    from keras.optimizers import Optimizer

Floats = NDArray[np.float64]
Part = tuple[ArrayLike, ArrayLike, ArrayLike]

PER_NETWORK = ("width", "rate", "beta_1", "beta_2", "epsilon", "l2")


class Fleet:
    """Networks with one output each, side by side in one Keras model.

    Parameters
    ----------
    networks : int
        How many.
    inputs : int
        Number of input variables, already scaled.
    width, rate, beta_1, beta_2, epsilon, l2 : float or array_like of shape (networks,)
        Neurons per hidden layer; learning rate, two decay rates and ε of Adam; λ of a penalty λ Σw².
        One number for all networks or one for each.
    depth : int
        Hidden layers.
    activation : str
        By its Keras name.
    dropout : float
        Share of hidden neurons switched off in training.
    normalise : bool
        Batch normalisation before each activation.
    optimizer : keras.optimizers.Optimizer, optional
        Instead of Adam; `rate` and what else belongs to Adam is then not used.
    decay : int, optional
        Steps over which the rates fall to zero along a cosine; constant unless given.
    seed : int
        Of starting weights, batch order and dropout.

    Raises
    ------
    CourseError
        If a hyper-parameter has neither one value nor one per network.
    """

    def __init__(
        self,
        networks: int,
        *,
        inputs: int = 5,
        width: ArrayLike = 32,
        depth: int = 2,
        activation: str = "relu",
        dropout: float = 0.0,
        normalise: bool = False,
        l2: ArrayLike = 0.0,
        rate: ArrayLike = 3e-3,
        beta_1: ArrayLike = 0.9,
        beta_2: ArrayLike = 0.999,
        epsilon: ArrayLike = 1e-7,
        optimizer: Optimizer | None = None,
        decay: int | None = None,
        seed: int = 7,
    ) -> None:
        from hepml_course.training import set_seed

        given = dict(zip(PER_NETWORK, (width, rate, beta_1, beta_2, epsilon, l2), strict=True))
        each = {name: _each(name, value, networks) for name, value in given.items()}
        # A new model is traced anew, and after the fifth TensorFlow would take that for a mistake.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        set_seed(seed)
        self.networks = networks
        self._rng = np.random.default_rng([seed, 1])
        self.seconds = 0.0
        self._model = _model(networks, inputs, each, depth, activation, dropout, normalise)
        _start(self._model, inputs, each["width"], np.random.default_rng(seed))
        self._optimizer = optimizer or _adam(each, decay)
        self._compiled = 0

    def fit(
        self, train: Part, validation: Part, *, batch_size: int = 256, epochs: int = 15, every: int = 1
    ) -> Floats:
        """Train all networks and watch the validation AUC of each.

        Parameters
        ----------
        train, validation : tuple of array_like
            Inputs of shape (n, inputs), truth (1 for signal) and event weights.
        batch_size, epochs : int
            Events per step, passes over the events.
        every : int
            Epochs between two looks at the validation events.

        Returns
        -------
        ndarray, shape (epochs // every, networks)
            Weighted AUC on the validation events. ``seconds`` of the fleet grows by the time of the
            training steps; the looks do not count.
        """
        x, y, w = (np.asarray(column, dtype="float32") for column in train)
        steps = -(-len(x) // batch_size)
        # Keras shuffles the rows; in each row every network finds another event.
        own = self._rng.permuted(np.tile(np.arange(len(x)), (self.networks, 1)), axis=1).T
        x, y, w = x[own], y[own], w[own]
        if self._compiled != steps:
            self._model.compile(self._optimizer, _sum_of_losses, steps_per_execution=steps)
            self._compiled = steps
        looks = []
        for _ in range(epochs // every):
            begin = time.perf_counter()
            self._model.fit(x, y, sample_weight=w, batch_size=batch_size, epochs=every, verbose=0)
            self.seconds += time.perf_counter() - begin
            looks.append(self.auc(validation))
        return np.array(looks)

    def scores(self, x: ArrayLike) -> Floats:
        """Output of every network for every event, shape (n, networks)."""
        one = np.asarray(x, dtype="float32")[:, None]
        each = np.broadcast_to(one, (len(one), self.networks, one.shape[2]))
        return np.asarray(self._model(each, training=False))

    def auc(self, part: Part) -> Floats:
        """Weighted AUC of every network, shape (networks,)."""
        x, y, w = part
        return np.array([auc(score, y, w).value for score in self.scores(x).T])


def _each(name: str, value: ArrayLike, networks: int) -> NDArray:
    values = np.asarray(value)
    if values.shape not in ((), (networks,)):
        raise CourseError(f"{name} has shape {values.shape}: give one value, or one for each of {networks}.")
    return np.broadcast_to(values, (networks,)).astype("int64" if name == "width" else "float32")


def _model(
    networks: int, inputs: int, each: dict, depth: int, activation: str, dropout: float, normalise: bool
) -> Model:
    import keras
    from keras import layers, ops

    width = int(each["width"].max())
    exists = np.arange(width) < each["width"][:, None]  # a narrow network has its last neurons cut
    penalty = each["l2"][:, None, None]

    def dense(x: Any, units: int) -> Any:
        shrink = (lambda kernel: ops.sum(penalty * ops.square(kernel))) if penalty.any() else None
        layer = layers.EinsumDense(
            "bri,rio->bro",
            (networks, units),
            bias_axes="ro",
            kernel_initializer="zeros",
            kernel_regularizer=shrink,
        )
        return layer(x)

    x = first = keras.Input((networks, inputs))
    for _ in range(depth):
        x = dense(x, width)
        if normalise:  # each neuron of each network by itself
            flat = layers.BatchNormalization()(layers.Reshape((networks * width,))(x))
            x = layers.Reshape((networks, width))(flat)
        x = layers.Activation(activation)(x)
        if not exists.all():
            x = x * exists.astype("float32")
        if dropout:
            x = layers.Dropout(dropout)(x)
    return keras.Model(first, layers.Reshape((networks,))(layers.Activation("sigmoid")(dense(x, 1))))


def _start(model: Model, inputs: int, width: NDArray, rng: np.random.Generator) -> None:
    """Glorot's uniform start, for each network by its own number of neurons."""
    kernels = [weight for weight in model.trainable_weights if len(weight.shape) == 3]
    for number, kernel in enumerate(kernels):
        fan_in = np.full_like(width, inputs) if number == 0 else width
        fan_out = np.ones_like(width) if number == len(kernels) - 1 else width
        limit = np.sqrt(6 / (fan_in + fan_out))[:, None, None]
        kernel.assign(rng.uniform(-limit, limit, kernel.shape))


def _sum_of_losses(y: Any, p: Any) -> Any:
    """Cross-entropy of each event and network, so that Keras' mean over both is the sum over the networks."""
    import keras

    return p.shape[-1] * keras.losses.binary_crossentropy(y[..., None], p[..., None])


def _adam(each: dict[str, NDArray], decay: int | None) -> Optimizer:
    """Adam with the numbers of each network for the weights of this network."""
    import keras

    networks = len(each["rate"])

    class Adam(keras.optimizers.Adam):
        def update_step(self, gradient: Any, variable: Variable, learning_rate: Any) -> None:
            # The first axis counts the networks or, after batch normalisation, all their neurons.
            shape = (-1,) + (1,) * (len(variable.shape) - 1)
            per_row = {
                name: np.repeat(values, variable.shape[0] // networks).reshape(shape)
                for name, values in each.items()
                if name in ("rate", "beta_1", "beta_2", "epsilon")
            }
            self.beta_1, self.beta_2 = per_row["beta_1"], per_row["beta_2"]
            # In full, since Keras 3.15 takes what it adds to a table of as many rows as columns for a bias.
            self.epsilon = np.broadcast_to(per_row["epsilon"], variable.shape)
            super().update_step(gradient, variable, learning_rate * per_row["rate"])

    return Adam(keras.optimizers.schedules.CosineDecay(1.0, decay) if decay else 1.0)
