"""A recipe for a network of a few weights, for the tests of what trains and loads shipped models."""

import os
import random
import signal
from collections import defaultdict

import keras
import numpy as np

from hepml_course.models import Recipe

seen = []
"""The epochs whose data were asked for."""

drawn = defaultdict(set)
"""Epoch to what a random number was that no generator was asked for."""


@keras.saving.register_keras_serializable(package="hepml_course")
class Scale(keras.layers.Layer):
    """A layer that Keras does not know, with one weight for each input."""

    def build(self, shape):
        self.factor = self.add_weight(shape=shape[-1:], initializer="ones")

    def call(self, x):
        return x * self.factor


def build():
    """Dropout and shuffling are random, Adam has a memory: all of it must survive an interruption."""
    layers = [keras.Input((3,)), Scale(), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5)]
    model = keras.Sequential([*layers, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    return model


def events(rng, n=64):
    x = rng.normal(size=(n, 3)).astype("float32")
    return x, x.sum(axis=1)


def epoch_data(epoch, rng):
    seen.append(epoch)
    drawn[epoch].add(random.random())
    if os.environ.get("TINY_KILL") == str(epoch):
        os.kill(os.getpid(), signal.SIGKILL)
    return events(rng)


def evaluate(model, rng):
    x, y = events(rng, 1000)
    return {"rms": np.sqrt(np.mean((model.predict(x, verbose=0)[:, 0] - y) ** 2))}


RECIPE = Recipe(
    name="tiny",
    lesson="15_many_tracks",
    title="A sum of three numbers",
    about="64 events an epoch, new ones in each; Adam, mean squared error",
    seed=7,
    epochs=3,
    events=64,
    build=build,
    epoch_data=epoch_data,
    evaluate=evaluate,
    batch_size=16,
)
