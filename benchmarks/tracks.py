"""How fast tracks are drawn, found and fitted, how much memory they take, and what a training costs.

Run it with ``.venv/bin/python benchmarks/tracks.py``. The generator runs beside a plain Python loop that
follows the same description. Networks that find tracks run beside fits of the tracks found, which is the
comparison of lecture 001. Times are core-times: those of all threads added up, so that idle cores are no
advantage and busy neighbours a small handicap.
"""

import random
import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from hepml_course import models
from hepml_course.errors import CourseError
from hepml_course.metrics import match
from hepml_course.simulate import pixel_plane
from hepml_course.tracking.convolution import lstm_network, set_network
from hepml_course.tracking.fits import ransac, robust, trimmed, trimmed_compiled
from hepml_course.tracking.likelihood import refine
from hepml_course.tracking.network import half_solved, hough_network, next_track_loss, onlooker
from hepml_course.tracking.search import find_tracks
from hepml_course.training import set_seed

TRACKS, NOISE = 3, 0.2
BATCH = 500  # images that a network or a fit takes at a time
ENOUGH, LOOK = 0.99, 20  # efficiency that ends a training, and after how many steps it is looked at
BUDGET = 25.0  # core-seconds that a training may take


def plain_loop(n: int, tracks: int, noise: float, seed: int, efficiency: float = 0.7):
    """Images and tracks as lists, one pixel after the other."""
    draw = random.Random(seed)
    images, truth = [], []
    for _ in range(n):
        image = [[int(draw.random() < noise) for _ in range(28)] for _ in range(28)]
        lines = [(draw.uniform(0, 28), draw.uniform(0, 28)) for _ in range(tracks)]
        for first, last in lines:
            for column in range(28):
                if draw.random() < efficiency:
                    image[int(first + (last - first) * column / 27)][column] = 1
        images.append(image)
        truth.append(lines)
    return images, truth


def microseconds(work: Callable[[], object], images: int, repeat: int = 3) -> float:
    """Median core-time of one image."""
    return statistics.median(core_time(work) for _ in range(repeat)) / images


def core_time(work: Callable[[], object]) -> float:
    """Core-time of one call in microseconds."""
    begin = time.process_time()
    work()
    return 1e6 * (time.process_time() - begin)


def bytes_per_image(draw: Callable[[int], object], images: int) -> float:
    """Peak memory while images are drawn, and kept."""
    tracemalloc.start()
    kept = draw(images)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return peak / images


def generator() -> None:
    """Print time and memory of the generator and of the loop."""
    for tracks, noise in ((1, 0.05), (TRACKS, NOISE)):
        name = f"{tracks} track{'s' * (tracks > 1)}, {noise:.0%} noise"

        def ours(n: int, tracks=tracks, noise=noise) -> object:
            return pixel_plane(n, tracks, noise=noise, rng=1)

        def loop(n: int, tracks=tracks, noise=noise) -> object:
            return plain_loop(n, tracks, noise, 1)

        # In turns, so that a neighbour who slows one down slows the other down, too.
        pairs = [
            (core_time(lambda: ours(20_000)) / 20_000, core_time(lambda: loop(300)) / 300) for _ in range(9)
        ]
        fast, slow = np.median(pairs, axis=0)
        ratio = statistics.median(slow / fast for fast, slow in pairs)
        print(f"draw {name:22} ours {fast:7.2f} µs   loop {slow:7.0f} µs   ratio {ratio:6.0f}")
        small, large = bytes_per_image(ours, 20_000), bytes_per_image(loop, 500)
        print(f"peak {name:22} ours {small:7.0f} B    loop {large:7.0f} B    ratio {large / small:6.1f}")


def trained_network() -> tuple[Callable, bool]:
    """The shipped network, or an untrained one, which takes the same time; and whether it is shipped."""
    try:
        return models.load("hough_tracks"), True
    except CourseError:
        return hough_network(), False


def finders() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Networks by name; each takes images and returns tracks."""
    hough, sequence = onlooker(trained_network()[0]), lstm_network(TRACKS)
    return {
        "Hough network": lambda images: find_tracks(hough, images, TRACKS),
        "CNN + LSTM": lambda images: sequence.predict_on_batch(images.astype(np.float32)),
    }


def one_by_one(fit: Callable) -> Callable:
    """A fit of one track as a fit of all tracks of many images."""
    return lambda images, seeds: [
        fit(image, seed) for image, some in zip(images, seeds, strict=True) for seed in some
    ]


FITS: dict[str, tuple[Callable, int]] = {  # with the number of images that is enough to measure the time
    "scipy soft_l1": (one_by_one(robust), 30),
    "scipy cauchy": (one_by_one(lambda image, seed: robust(image, seed, "cauchy")), 30),
    "RANSAC": (one_by_one(lambda image, seed: ransac(image, seed, rng=1)), 6),
    "trimmed, numpy": (trimmed, BATCH),
    "trimmed, compiled": (trimmed_compiled, BATCH),
    "likelihood, numpy": (refine, BATCH),
}


def recognition() -> None:
    """Print the time of each network, and of each fit of the tracks that the network has found."""
    plane = pixel_plane(BATCH, TRACKS, noise=NOISE, rng=2)
    seeds, shipped = (
        plane.tracks + np.random.default_rng(3).normal(0, 0.5, plane.tracks.shape),
        trained_network()[1],
    )
    find = {}
    for name, finder in finders().items():
        answer = finder(plane.images)  # compiles, where there is something to compile
        seeds = answer if shipped and name == "Hough network" else seeds
        find[name] = microseconds(lambda finder=finder: finder(plane.images), BATCH, 5)
        print(f"find {TRACKS} tracks, {NOISE:.0%} noise   {name:20} {find[name]:8.0f} µs")
    begin = "the Hough network" if shipped else "the truth, half a pixel off"
    print(f"fit them, seeded by {begin}; ratio to finding")
    for name, (fit, n) in FITS.items():
        fit(plane.images[:n], seeds[:n])
        spent = microseconds(lambda fit=fit, n=n: fit(plane.images[:n], seeds[:n]), n)
        ratios = "   ".join(f"{other} ratio {spent / cost:7.2f}" for other, cost in find.items())
        print(f"  {name:20} {spent:8.0f} µs   {ratios}")


def train(step: Callable[[], object], efficiency: Callable[[], float]) -> tuple[float, int, float]:
    """Core-seconds and steps until the efficiency is enough, or the budget spent, and the efficiency then."""
    step()  # compiles; that is not counted
    spent, steps, found = 0.0, 0, efficiency()
    while found < ENOUGH and spent < BUDGET:
        spent += sum(core_time(step) for _ in range(LOOK)) / 1e6
        steps, found = steps + LOOK, efficiency()
    return spent, steps, found


def training() -> None:
    """Print what it costs to train until 99 % of single tracks in 5 % noise are found, with 1 % false ones.

    The Hough network must learn that there is one only: where it is, it tells before any training, since the
    lines are in its design. A convolutional network is told that there is one, and learns where.
    """
    import keras

    plane = pixel_plane(1000, 1, rng=4)
    rng = np.random.default_rng(5)
    set_seed(6)
    hough, cnn = hough_network(), set_network(1)
    hough.compile(keras.optimizers.Adam(0.02), next_track_loss)
    cnn.compile(keras.optimizers.Adam(1e-3), "mean_absolute_error")

    def number_unknown() -> float:
        found = match(plane.tracks, find_tracks(onlooker(hough), plane.images))
        false = found.fake_rate.value + found.duplicate_rate.value
        return found.efficiency.value if false < 0.01 else 0.0

    def one_is_there() -> float:
        return match(plane.tracks, cnn.predict_on_batch(plane.images.astype(np.float32))).efficiency.value

    def cnn_step() -> None:
        drawn = pixel_plane(128, 1, rng=rng)
        cnn.train_on_batch(drawn.images.astype(np.float32), drawn.tracks.astype(np.float32))

    untrained = match(plane.tracks, find_tracks(onlooker(hough), plane.images, 1)).efficiency
    print(f"train for 1 track, 5% noise; told the number, the untrained Hough network has {untrained}")
    cheap, steps, found = train(lambda: hough.train_on_batch(*half_solved(64, rng)), number_unknown)
    print(f"  Hough network, number unknown  {cheap:6.1f} core-seconds, {steps} steps, to {found:.3f}")
    dear, steps, found = train(cnn_step, one_is_there)
    more = "" if found >= ENOUGH else " or more"
    print(f"  CNN, told the number           {dear:6.1f} core-seconds, {steps} steps, to {found:.3f}")
    fit = one_by_one(robust)
    one_fit = microseconds(lambda: fit(plane.images[:50], plane.tracks[:50]), 50) / 1e6
    print(f"  CNN to Hough network             ratio {dear / cheap:6.1f}{more}")
    print(f"  Hough network to one soft_l1 fit ratio {cheap / one_fit:6.0f}")


if __name__ == "__main__":
    generator()
    recognition()
    training()
