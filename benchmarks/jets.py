"""How fast jets become images and shapes, beside a loop over jets, and what memory an image takes meanwhile.

Run it with ``.venv/bin/python benchmarks/jets.py``. Times are core-times.
"""

import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from hepml_course import data
from hepml_course.jets import HALF_SIDE, PIXELS, jet_images, jet_shapes


def loop_images(jets: list[dict[str, np.ndarray]]) -> np.ndarray:
    """The images of `jet_images`, one jet after the other by numpy's histogram."""
    axes = [np.linspace(-HALF_SIDE, HALF_SIDE, PIXELS + 1)] * 2
    images = np.empty((len(jets), PIXELS, PIXELS, 3), np.float32)
    for image, jet in zip(images, jets, strict=True):
        kinds = jet["is_photon"] > 0, (jet["charge"] == 0) & (jet["is_photon"] == 0), jet["charge"] != 0
        for channel, of in enumerate(kinds):
            found = np.histogram2d(jet["phi"][of], jet["eta"][of], axes, weights=jet["pt"][of])
            image[..., channel] = found[0]
    return images


def loop_shapes(jets: list[dict[str, np.ndarray]]) -> np.ndarray:
    """The first four of `jet_shapes`, one jet after the other."""
    rows = []
    for jet in jets:
        pt, total = jet["pt"], jet["pt"].sum()
        distance = np.hypot(jet["eta"], jet["phi"])
        width = (pt * distance).sum() / total
        rows.append(((jet["charge"] != 0).sum(), width, np.sqrt((pt**2).sum()) / total, pt.max() / total))
    return np.array(rows)


def core_time(work: Callable[[], object]) -> float:
    """Core-time of one call in seconds."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def main(number: int = 3000) -> None:
    """Print time and memory, both as ratios."""
    table = data.load("quark_gluon", only=["gluon"])["gluon"]
    table = table[table["jet"] < number]
    jets = [{name: part[name].to_numpy() for name in part} for _, part in table.groupby("jet")]
    np.testing.assert_allclose(loop_images(jets), jet_images(table), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(loop_shapes(jets), jet_shapes(table)[:, :4], rtol=1e-4)
    for name, ours, loop in (("images", jet_images, loop_images), ("shapes", jet_shapes, loop_shapes)):
        pairs = [(core_time(lambda f=ours: f(table)), core_time(lambda f=loop: f(jets))) for _ in range(5)]
        fast, slow = (1e6 * t / number for t in np.median(pairs, axis=0))
        ratio = statistics.median(slow / fast for fast, slow in pairs)
        print(f"{name} of a jet   ours {fast:6.1f} µs   loop {slow:6.0f} µs   ratio {ratio:6.1f}")
    tracemalloc.start()
    images = jet_images(table)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"peak while images are made, over their own size   ratio {peak / images.nbytes:6.1f}")


if __name__ == "__main__":
    main()
