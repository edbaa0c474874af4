"""The network of `hepml_course.tracking.network`, which looks at images in Hough space."""

import keras
import numpy as np

from hepml_course.metrics import match
from hepml_course.models.recipe import Recipe
from hepml_course.simulate import pixel_plane
from hepml_course.tracking.network import half_solved, hough_network, next_track_loss, onlooker
from hepml_course.tracking.search import find_tracks

EPOCHS = 10


def _build() -> keras.Model:
    network = hough_network()
    network.compile(keras.optimizers.Adam(0.02), next_track_loss)
    return network


def efficiencies(look, rng: np.random.Generator, n: int = 10_000) -> dict[str, float]:
    """Efficiency within 5 pixels, for one and three tracks at both noises of the lecture."""
    found = {}
    for tracks in (1, 3):
        for noise in (0.05, 0.2):
            plane = pixel_plane(n, tracks, noise=noise, rng=rng)
            answer = find_tracks(look, plane.images, tracks)
            found[f"efficiency, {tracks} tracks, {noise:.0%} noise"] = match(
                plane.tracks, answer
            ).efficiency.value
    return found


RECIPE = Recipe(
    name="hough_tracks",
    lesson="15_many_tracks",
    title="Track finding in Hough space: hit weights, sums along lines, the next track or none",
    about=(
        "Images of 1 to 5 tracks with 1 to 40 % noise and 70 % hit efficiency, any number of the tracks "
        "known; cross-entropy of the cell of the next track; Adam, rate falling from 0.02 as a cosine."
    ),
    seed=15,
    epochs=EPOCHS,
    events=12_800,
    build=_build,
    epoch_data=lambda epoch, rng: half_solved(12_800, rng),
    evaluate=lambda model, rng: efficiencies(onlooker(model), rng),
    batch_size=128,
    learning_rate=lambda epoch: 0.01 * (1 + np.cos(np.pi * epoch / EPOCHS)),
)
