"""Small networks of the same shape, trained at the same time, each on a sample of its own.

Most of the time that a small network takes goes into preparing the training, not into the training. Networks
side by side share it. They are one model with one more axis, the network: no weight connects two of them, and
Adam treats each weight for itself, so each learns as if it were alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.training import set_seed

Sample = tuple[ArrayLike, ArrayLike, ArrayLike]


class Networks:
    """Classifiers with two hidden layers, trained by cross-entropy with event weights of any sign.

    Parameters
    ----------
    number : int
        How many networks.
    inputs, width : int
        Inputs of each, and neurons in each of its hidden layers.
    seed : int
        Of the weights and of the order of the events. Each network starts from weights of its own.
    rate : float
        Learning rate of Adam.
    """

    def __init__(self, number: int, inputs: int, *, seed: int, width: int = 32, rate: float = 3e-3) -> None:
        import keras

        def dense(before: int, after: int, activation: str | None) -> keras.layers.Layer:
            limit = (6 / (before + after)) ** 0.5  # Glorot's, which Keras would take from the wrong axes
            return keras.layers.EinsumDense(
                "eni,nio->eno",  # event, network, input, output
                (number, after),
                bias_axes="no",
                activation=activation,
                kernel_initializer=keras.initializers.RandomUniform(-limit, limit),
            )

        set_seed(seed)
        self.number, self._rng = number, np.random.default_rng(seed)
        layers = [dense(inputs, width, "relu"), dense(width, width, "relu"), dense(width, 1, None)]
        self._model = keras.Sequential([keras.Input((number, inputs)), *layers])
        self._model.compile(
            keras.optimizers.Adam(rate),
            keras.losses.BinaryCrossentropy(from_logits=True),
            steps_per_execution=20,
        )

    def fit(self, samples: Sequence[Sample], *, passes: int = 10, batches: int = 40) -> "Networks":
        """Train each network on its sample; called again, the training goes on.

        Parameters
        ----------
        samples : sequence of (x, y, w), one for each network
            Inputs, shape (n, inputs); labels 0 or 1 and weights, shape (n,). All have the same n.
        passes : int
            How often each event is seen.
        batches : int
            Batches in each pass. The last few events that would not fill one are left out of this pass.

        Returns
        -------
        Networks
            Itself.
        """
        lengths = {len(np.asarray(x)) for x, _, _ in samples}
        if len(samples) != self.number or len(lengths) != 1:
            raise CourseError(
                f"{self.number} networks learn from {self.number} samples of equal length; there are "
                f"{len(samples)} samples with {', '.join(map(str, sorted(lengths)))} events."
            )
        x, y, w = (np.stack([np.asarray(s[k], "float32") for s in samples], axis=1) for k in range(3))
        size = len(x) // batches
        orders = (self._rng.permutation(len(x))[: size * batches] for _ in range(passes))
        seen = np.concatenate(list(orders))
        self._model.fit(
            x[seen], y[seen, :, None], sample_weight=w[seen], batch_size=size, shuffle=False, verbose=0
        )
        return self

    def __call__(self, x: ArrayLike) -> NDArray[np.float32]:
        """Logit of the probability of class 1 that each network gives.

        Parameters
        ----------
        x : array_like, shape (n, inputs)
            The same events for all networks.

        Returns
        -------
        ndarray, shape (number, n)
        """
        import keras

        events = np.repeat(np.asarray(x, "float32")[:, None, :], self.number, axis=1)
        return keras.ops.convert_to_numpy(self._model(events))[:, :, 0].T
