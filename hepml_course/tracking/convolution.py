"""Networks that read tracks off the pixels directly: convolutions, then numbers, in order or without one.

The first follows lecture 001: a convolutional network describes the image, and an LSTM emits its tracks one
after the other, as others of its kind emit the words of a caption. The second writes down all tracks at once,
and its loss does not ask which comes first.
"""

from itertools import permutations

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from hepml_course.simulate.tracks import COLUMNS, ROWS, pixel_plane

FEATURES = 128
NOISES = (0.05, 0.2)


def image_features() -> list[keras.layers.Layer]:
    """Three convolutions and a dense layer: from an image of 28 × 28 to 128 numbers."""
    conv = {"kernel_size": 3, "padding": "same", "activation": "relu"}
    return [
        keras.Input((ROWS, COLUMNS)),
        layers.Reshape((ROWS, COLUMNS, 1)),
        layers.Conv2D(16, **conv),
        layers.MaxPooling2D(),
        layers.Conv2D(32, **conv),
        layers.MaxPooling2D(),
        layers.Conv2D(64, **conv),
        layers.Flatten(),
        layers.Dense(FEATURES, "relu"),
    ]


def lstm_network(tracks: int = 3) -> keras.Model:
    """Convolutions and an LSTM that emits one track after the other, (n, tracks, 2); not trained."""
    return keras.Sequential(
        [
            *image_features(),
            layers.RepeatVector(tracks),
            layers.LSTM(FEATURES, return_sequences=True),
            layers.Dense(2),
            layers.Rescaling(ROWS / 2, offset=ROWS / 2),
        ]
    )


def set_network(tracks: int = 3) -> keras.Model:
    """Convolutions and a dense layer that writes down all tracks at once, (n, tracks, 2); not trained."""
    return keras.Sequential(
        [
            *image_features(),
            layers.Dense(FEATURES, "relu"),
            layers.Dense(2 * tracks),
            layers.Reshape((tracks, 2)),
            layers.Rescaling(ROWS / 2, offset=ROWS / 2),
        ]
    )


def set_loss(truth, found):
    """Mean distance in pixels of found from true tracks, in the order that makes it smallest.

    Parameters
    ----------
    truth, found : tensor, shape (n, tracks, 2)

    Returns
    -------
    tensor, shape (n,)
    """
    distance = ops.mean(ops.abs(truth[:, :, None] - found[:, None]), axis=-1)
    tracks = distance.shape[1]
    orders = [sum(distance[:, i, j] for i, j in enumerate(order)) for order in permutations(range(tracks))]
    return ops.min(ops.stack(orders), axis=0) / tracks


def in_order(tracks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The tracks of each image sorted by y₀, as a network needs them that emits them one after the other.

    Parameters
    ----------
    tracks : ndarray, shape (n, k, 2)
    """
    return np.take_along_axis(tracks, tracks[..., :1].argsort(axis=1), axis=1)


def labelled_images(
    n: int, rng: np.random.Generator | int, tracks: int = 3
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Images, half with 5 % and half with 20 % noise, shape (n, 28, 28), and their tracks sorted by y₀."""
    rng = np.random.default_rng(rng)
    plane = pixel_plane(n, tracks, noise=rng.choice(NOISES, n), rng=rng)
    return plane.images.astype(np.float32), in_order(plane.tracks).astype(np.float32)
