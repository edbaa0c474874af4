"""A network that looks at images in Hough space: the likelihood's own algorithm, with its numbers learned.

It estimates the noise of an image by a small dense network, weighs fired and silent pixels, adds the weights
up along all straight lines, and says where the next track is, or that there is none left. Nobody tells it the
noise, the hit efficiency or the number of tracks. Under 200 numbers are learned; the lines are fixed.
"""

from functools import lru_cache

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from hepml_course.simulate.tracks import COLUMNS, ROWS, pixel_plane
from hepml_course.tracking.search import BATCH
from hepml_course.tracking.templates import BINS, cell_of, coverage, templates

TRACKS = (1, 5)
NOISE = (0.01, 0.4)


@keras.saving.register_keras_serializable(package="hepml_course")
class HitWeights(keras.layers.Layer):
    """How much each pixel speaks for a line through it: images and coverage to weights, (n, rows, columns).

    Learned are one hit efficiency and, by a hidden layer, the noise and the sharpness of each image from how
    many of its pixels fired and how many are covered by known tracks.

    Parameters
    ----------
    hidden : int
        Neurons of the hidden layer.
    """

    def __init__(self, hidden: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.first = keras.layers.Dense(hidden, "tanh")
        self.second = keras.layers.Dense(2, kernel_initializer="zeros")

    def build(self, shapes):
        """A layer for the summary of an image, and one number for the efficiency."""
        self.first.build((None, 2))
        self.second.build((None, self.hidden))
        self.efficiency = self.add_weight(shape=(), initializer="zeros", name="efficiency")
        super().build(shapes)

    def call(self, inputs):
        """Log-likelihood ratio of each pixel against a silent one, and the sharpness, shape (n, 1)."""
        image, covered = inputs
        raw = self.second(self.first(summary(image, covered)))
        noise = ops.sigmoid(raw[:, :1, None] - 2.0)
        missed = ops.sigmoid(-self.efficiency)
        quiet = (1 - noise) * ops.power(missed, covered)
        hit = ops.log((1 - quiet * missed) / (1 - quiet))
        return image * (hit - ops.log(missed)), ops.softplus(raw[:, 1:] + 0.54)

    def get_config(self):
        """What it takes to make the layer again."""
        return {**super().get_config(), "hidden": self.hidden}


@keras.saving.register_keras_serializable(package="hepml_course")
class LineSums(keras.layers.Layer):
    """Adds up the weights along all lines of the Hough plane; nothing in it is learned.

    Parameters
    ----------
    bins : int
        Lines per pixel at each end.
    """

    def __init__(self, bins: int = BINS, **kwargs):
        super().__init__(**kwargs)
        self.bins = bins

    def build(self, shape):
        """Take the lines of a plane of this size."""
        self.matrix = templates(self.bins, *shape[1:]).matrix  # no weight: it would be saved with the model
        super().build(shape)

    def call(self, weights):
        """From (n, rows, columns) to (n, lines)."""
        flat = ops.reshape(weights, (-1, self.matrix.shape[0]))
        return ops.matmul(flat, ops.convert_to_tensor(self.matrix))

    def compute_output_shape(self, shape):
        """One sum per line."""
        return shape[0], templates(self.bins, *shape[1:]).matrix.shape[1]

    def get_config(self):
        """What it takes to make the layer again."""
        return {**super().get_config(), "bins": self.bins}


@keras.saving.register_keras_serializable(package="hepml_course")
class NextTrack(keras.layers.Layer):
    """From the sums to the logarithm of the probability that the next track is in each cell, (n, lines + 1).

    Where a track may be is a softmax of the sums. Whether there is one at all, a small network tells from the
    evidence of the whole image; the last entry says that there is none, as a stop token does in a language.

    Parameters
    ----------
    hidden : int
        Neurons of the hidden layer.
    """

    def __init__(self, hidden: int = 16, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.first = keras.layers.Dense(hidden, "tanh")
        self.second = keras.layers.Dense(1)

    def build(self, shapes):
        """Two layers for the stop token."""
        self.first.build((None, 3))
        self.second.build((None, self.hidden))
        super().build(shapes)

    def call(self, inputs):
        """Place times existence, as sums of logarithms."""
        image, covered, sums, sharpness = inputs
        whole = ops.logsumexp(sums, axis=1, keepdims=True) / 20 - 2
        exists = self.second(self.first(ops.concatenate([summary(image, covered), whole], axis=1)))
        where = ops.log_softmax(sharpness * sums, axis=1)
        return ops.concatenate([where + ops.log_sigmoid(exists), ops.log_sigmoid(-exists)], axis=1)

    def compute_output_shape(self, shapes):
        """One more than there are sums."""
        return shapes[2][0], shapes[2][1] + 1

    def get_config(self):
        """What it takes to make the layer again."""
        return {**super().get_config(), "hidden": self.hidden}


def summary(image, covered):
    """Shares of fired pixels off the known tracks, and of covered ones, (n, 2), in numbers of order one."""
    off = ops.cast(ops.equal(covered, 0), image.dtype)
    fired = ops.sum(image * off, axis=(1, 2)) / ops.maximum(ops.sum(off, axis=(1, 2)), 1)
    known = ops.mean(covered, axis=(1, 2))
    return ops.stack([(fired - 0.2) * 10, (known - 0.05) * 20], axis=-1)


@keras.saving.register_keras_serializable(package="hepml_course")
def next_track_loss(wanted, predicted):
    """Cross-entropy of where the next track is, one number an image.

    Parameters
    ----------
    wanted : tensor, shape (n, lines + 1)
        Probability of each cell; the tracks still to be found have equal parts.
    predicted : tensor, shape (n, lines + 1)
        Logarithm of the predicted probability.
    """
    return -ops.sum(wanted * predicted, axis=-1)


def hough_network(
    rows: int = ROWS, columns: int = COLUMNS, bins: int = BINS, hidden: int = 16
) -> keras.Model:
    """The network, not trained: images and coverage, (n, rows, columns) each, to `NextTrack`."""
    image = keras.Input((rows, columns), name="image")
    covered = keras.Input((rows, columns), name="covered")
    weights, sharpness = HitWeights(hidden)([image, covered])
    sums = LineSums(bins)(weights)
    return keras.Model([image, covered], NextTrack(hidden)([image, covered, sums, sharpness]))


def onlooker(network: keras.Model):
    """The network as `hepml_course.tracking.search.find_tracks` asks it."""
    ask = _in_one_piece(network)

    def look(images: NDArray, covered: NDArray) -> NDArray[np.float32]:
        return ops.convert_to_numpy(ask(images.astype("float32"), covered))

    return look


@lru_cache(maxsize=8)
def _in_one_piece(network: keras.Model):
    """The network without its stop token; where the back end is TensorFlow as one graph, for speed.

    Full batches, of which there may be many, get a graph that is compiled for them; others would have to be
    compiled for each number of images.
    """

    def ask(image, covered):
        return network([image, covered], training=False)[:, :-1]

    if keras.backend.backend() != "tensorflow":
        return ask
    import tensorflow as tf

    graph, compiled = tf.function(ask, reduce_retracing=True), tf.function(ask, jit_compile=True)
    return lambda image, covered: (compiled if len(image) == BATCH else graph)(image, covered)


def half_solved(
    n: int,
    rng: np.random.Generator | int,
    *,
    tracks: int | tuple[int, int] = TRACKS,
    noise: tuple[float, float] = NOISE,
    bins: int = BINS,
) -> tuple[list[NDArray], NDArray[np.float32]]:
    """Images in which some tracks are known already, and where the others are: one lesson for the network.

    A search finds one track at a time and does not find it exactly. So any number of tracks is taken as
    known, from none to all, and a quarter of a pixel off at each end.

    Parameters
    ----------
    n : int
        Number of images.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    tracks : int or (int, int)
        Tracks in each image, as in `hepml_course.simulate.pixel_plane`.
    noise : (float, float)
        Each image has its own noise between these two.
    bins : int
        Lines per pixel of the network.

    Returns
    -------
    [images, covered] : list of ndarray of float32, shape (n, 28, 28) each
    wanted : ndarray of float32, shape (n, lines + 1)
        The tracks that are not known, with equal parts in their cells; in the last entry where there is none.
    """
    rng = np.random.default_rng(rng)
    plane = pixel_plane(n, tracks, noise=rng.uniform(*noise, n), rng=rng)
    there = ~np.isnan(plane.tracks[..., 0])
    known = np.arange(there.shape[1]) < rng.integers(0, there.sum(axis=1) + 1)[:, None]
    roughly = plane.tracks + rng.normal(0, 0.25, plane.tracks.shape)
    roughly[~known] = np.nan
    lines = templates(bins)
    image, track = np.nonzero(there & ~known)
    wanted = np.zeros((n, len(lines.tracks) + 1), dtype=np.float32)
    np.add.at(wanted, (image, cell_of(plane.tracks[image, track], lines)), 1)
    left = wanted.sum(axis=1)
    wanted[:, -1] = left == 0
    wanted /= np.maximum(left, 1)[:, None]
    return [plane.images.astype(np.float32), coverage(roughly)], wanted
