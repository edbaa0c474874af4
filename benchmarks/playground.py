"""How fast the playground makes a picture, next to the same picture drawn with matplotlib.

Run it with ``.venv/bin/python benchmarks/playground.py``. Both sides train one epoch and show the new state:
ours computes all maps and packs them for the page, the peer draws them with matplotlib and packs a PNG, as
a plain `ipywidgets` playground would. What the page needs to draw is not in here; the playground
shows the whole time, from asking to drawn, under its loss curve.
"""

import statistics
import time
from collections.abc import Callable

from hepml_course.widgets.playground.model import Playground, Settings
from hepml_course.widgets.playground.show import _png
from hepml_course.widgets.playground.widget import PlaygroundWidget

NETWORKS = {
    "one layer of 4": {"hidden": (4,)},
    "four layers of 8, five inputs": {
        "sample": "spirals",
        "features": ("x1", "x2", "x1²", "sin x1", "sin x2"),
        "hidden": (8, 8, 8, 8),
    },
}


def milliseconds(work: Callable[[], object], repeat: int) -> float:
    """Median time of one call."""
    spent = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return 1000 * statistics.median(spent)


def compare(name: str, settings: dict) -> None:
    """Print both times and their ratio for one network."""
    widget = PlaygroundWidget(Settings(**settings))
    peer = Playground(Settings(**settings))

    def ours() -> None:
        widget.state.train()
        widget.picture(sample=False)

    def matplotlib_redraws() -> None:
        peer.train()
        _png(peer)

    fast, slow = milliseconds(ours, 50), milliseconds(matplotlib_redraws, 5)
    print(f"{name:30} ours {fast:6.1f} ms   matplotlib {slow:6.0f} ms   ratio {slow / fast:5.0f}")


if __name__ == "__main__":
    for name, settings in NETWORKS.items():
        compare(name, settings)
