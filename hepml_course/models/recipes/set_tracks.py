"""Three tracks at once, in no order: the same convolutions, with a loss that takes the best of all orders."""

import keras

from hepml_course.models.recipe import Recipe
from hepml_course.models.recipes.lstm_tracks import EPOCHS, EVENTS, efficiencies, falling
from hepml_course.tracking.convolution import labelled_images, set_loss, set_network


def _build() -> keras.Model:
    network = set_network()
    network.compile(keras.optimizers.Adam(1e-3), set_loss)
    return network


RECIPE = Recipe(
    name="set_tracks",
    lesson="15_many_tracks",
    title="Three tracks at once: convolutions, and a loss that does not ask for an order",
    about=(
        "The images, optimiser and rates of lstm_tracks; mean absolute error in pixels, in the order of the "
        "three tracks that makes it smallest."
    ),
    seed=16,
    epochs=EPOCHS,
    events=EVENTS,
    build=_build,
    epoch_data=lambda epoch, rng: labelled_images(EVENTS, rng),
    evaluate=efficiencies,
    batch_size=128,
    learning_rate=falling,
)
