"""Walk down a loss with two parameters: choose optimiser and rate, drag the start, watch the path."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.plot.descent import descent_path, loss_contours
from hepml_course.plot.style import SIGNAL
from hepml_course.widgets.pictures import _png

Floats = NDArray[np.float64]
Limits = tuple[float, float]

FARTHEST = 1e6  # points beyond this are not drawn: the path has run away
LOWEST, HIGHEST = 1e-4, 1e6  # range of the misfit
MAP = (0.085, 0.16, 0.46, 0.81)  # left, bottom, width, height in parts of the figure
CURVE = (0.66, 0.16, 0.325, 0.81)
_HERE = Path(__file__).parent


def descent_walk(
    walk: Callable,
    ways: Mapping[Callable, float],
    misfit: Callable,
    *,
    start: ArrayLike,
    best: ArrayLike,
    xlim: Limits,
    ylim: Limits,
    xlabel: str = "first parameter",
    ylabel: str = "second parameter",
    steps: int = 100,
) -> None:
    """Show a map of a loss on which the start of a descent can be dragged.

    Parameters
    ----------
    walk : callable
        ``walk(way, start, rate, steps)`` gives the path, shape (steps + 1, 2).
    ways : mapping
        The optimisers, functions with a name, and for each the rate to begin with.
    misfit : callable
        -log L above its minimum, for parameters of shape (..., 2).
    start, best : array_like, shape (2,)
        Where the walk begins, and the minimum.
    xlim, ylim : tuple of float
        Range of the two parameters.
    xlabel, ylabel : str
        What the parameters are, with units.
    steps : int
        Length of the walk.
    """
    from IPython.display import display

    figure = _backdrop(misfit, best, xlim, ylim, xlabel, ylabel, steps)
    picture = _png(figure)
    way, rate = next(iter(ways.items()))
    path, heights = follow(walk, misfit, way, start, rate, steps)
    descent_path(path, ax=figure.axes[0], color=SIGNAL)
    figure.axes[1].semilogy(heights, color=SIGNAL)
    data = {"text/plain": in_words(way, rate, heights, steps), "image/png": _png(figure)}
    bundle = _live(walk, ways, misfit, start, picture, xlim, ylim, steps)._repr_mimebundle_()
    data.update({mime: value for mime, value in bundle.items() if "widget-view" in mime})
    display(data, raw=True)


def follow(
    walk: Callable, misfit: Callable, way: Callable, start: ArrayLike, rate: float, steps: int
) -> tuple[Floats, Floats]:
    """The path, as far as it stays in the world, and the misfit at each of its points."""
    with np.errstate(all="ignore"):
        path = np.asarray(walk(way, np.asarray(start, dtype=float), rate, steps), dtype=float)
        heights = np.asarray(misfit(path), dtype=float)
        away = ~(np.abs(path).max(axis=1) < FARTHEST) | ~np.isfinite(heights)
    end = int(np.argmax(away)) if away.any() else len(path)
    if end == 0:
        raise CourseError("The walk has to begin at finite parameters.")
    return path[:end], heights[:end]


def in_words(way: Callable, rate: float, heights: Floats, steps: int) -> str:
    """One line about a walk: where it ended, and from which step on it was within one standard error."""
    begin, last = f"{way.__name__}, rate {rate:.3g}: ", len(heights) - 1
    if last < steps or heights[-1] > 10 * heights[0]:
        return begin + f"runs away, misfit {heights[-1]:.1e} after {last} steps."
    off = ~(heights <= 0.5)
    if off[-1]:
        return begin + f"misfit {heights[-1]:.3g} after {last} steps, not yet within one standard error."
    arrived = len(off) - int(np.argmax(off[::-1])) if off.any() else 0
    words = f"misfit {heights[-1]:.2g} after {last} steps, within one standard error from step {arrived} on."
    return begin + words


def _backdrop(
    misfit: Callable, best: ArrayLike, xlim: Limits, ylim: Limits, xlabel: str, ylabel: str, steps: int
) -> Figure:
    figure = Figure(figsize=(9.6, 4.4))
    figure.set_layout_engine("none")  # the page has to know where the axes lie
    chart, curve = figure.add_axes(MAP), figure.add_axes(CURVE)
    loss_contours(misfit, xlim, ylim, best=best, ax=chart)
    chart.set(xlabel=xlabel, ylabel=ylabel)
    curve.set(yscale="log", xlim=(0, steps), ylim=(LOWEST, HIGHEST))
    curve.axhline(0.5, color="gray", lw=1)
    curve.set(xlabel="step", ylabel=r"misfit, $-\Delta\log L$")
    return figure


def _live(
    walk: Callable,
    ways: Mapping[Callable, float],
    misfit: Callable,
    start: ArrayLike,
    picture: str,
    xlim: Limits,
    ylim: Limits,
    steps: int,
) -> Any:
    """The widget itself: controls above, the map below."""
    import ipywidgets

    ground = _map_class()(
        picture=f"data:image/png;base64,{picture}",
        frames={"map": MAP, "curve": CURVE},
        limits={"x": xlim, "y": ylim, "steps": steps, "low": LOWEST, "high": HIGHEST},
        start=[float(value) for value in start],
    )
    chosen = ipywidgets.Dropdown(options=[(way.__name__, way) for way in ways], description="optimiser")
    rate = ipywidgets.FloatLogSlider(
        value=ways[chosen.value], min=-3, max=1, step=0.05, description="rate", readout_format=".3g"
    )

    def go(_: object = None) -> None:
        path, heights = follow(walk, misfit, chosen.value, ground.start, rate.value, steps)
        with ground.hold_sync():
            ground.path, ground.heights = path.tolist(), heights.tolist()
            ground.words = in_words(chosen.value, rate.value, heights, steps)
            ground.answer = ground.ask

    def begin_with_its_rate(_: object) -> None:
        if rate.value == ways[chosen.value]:
            go()
        else:
            rate.value = ways[chosen.value]

    chosen.observe(begin_with_its_rate, "value")
    rate.observe(go, "value")
    ground.observe(go, "ask")
    go()
    return ipywidgets.VBox([ipywidgets.HBox([chosen, rate]), ground])


def _map_class() -> type:
    """The map, an anywidget; made here so that importing the course does not load widgets."""
    import anywidget
    import traitlets

    class DescentMap(anywidget.AnyWidget):
        """Background picture with a path over it, and a start that can be dragged."""

        _esm = (_HERE / "descent.js").read_text(encoding="utf-8")
        _css = (_HERE / "descent.css").read_text(encoding="utf-8")
        picture = traitlets.Unicode().tag(sync=True)
        frames = traitlets.Dict().tag(sync=True)
        limits = traitlets.Dict().tag(sync=True)
        start = traitlets.List().tag(sync=True)
        path = traitlets.List().tag(sync=True)
        heights = traitlets.List().tag(sync=True)
        words = traitlets.Unicode().tag(sync=True)
        ask = traitlets.Int(0).tag(sync=True)
        answer = traitlets.Int(0).tag(sync=True)

    return DescentMap
