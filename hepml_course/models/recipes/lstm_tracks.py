"""The design of lecture 001 for three tracks: convolutions, and an LSTM that emits the tracks in order."""

import keras
import numpy as np

from hepml_course.metrics import match
from hepml_course.models.recipe import Recipe
from hepml_course.simulate import pixel_plane
from hepml_course.tracking.convolution import NOISES, labelled_images, lstm_network

EPOCHS, EVENTS = 28, 20_000


def _build() -> keras.Model:
    network = lstm_network()
    network.compile(keras.optimizers.Adam(1e-3), "mean_absolute_error")
    return network


def efficiencies(network: keras.Model, rng: np.random.Generator, n: int = 10_000) -> dict[str, float]:
    """Efficiency within 5 pixels for three tracks, at both noises of the lecture."""
    found = {}
    for noise in NOISES:
        plane = pixel_plane(n, 3, noise=noise, rng=rng)
        answer = network.predict(plane.images.astype(np.float32), batch_size=500, verbose=0)
        found[f"efficiency, 3 tracks, {noise:.0%} noise"] = match(plane.tracks, answer).efficiency.value
    return found


def falling(epoch: int) -> float:
    """Learning rate: from a thousandth down to a hundredth of it, as a cosine."""
    return 1e-5 + 0.495e-3 * (1 + np.cos(np.pi * epoch / EPOCHS))


RECIPE = Recipe(
    name="lstm_tracks",
    lesson="15_many_tracks",
    title="Three tracks, one after the other: convolutions and LSTM, as in lecture 001",
    about=(
        "Images of 3 tracks with 70 % hit efficiency, half with 5 and half with 20 % noise, new ones in each "
        "epoch; tracks sorted by the height at which they enter; mean absolute error in pixels; Adam, rate "
        "falling from 0.001 as a cosine. Nothing was tuned."
    ),
    seed=15,
    epochs=EPOCHS,
    events=EVENTS,
    build=_build,
    epoch_data=lambda epoch, rng: labelled_images(EVENTS, rng),
    evaluate=efficiencies,
    batch_size=128,
    learning_rate=falling,
)
