"""Follow the training of a network with two hidden neurons, in the plane of its inputs and in their own."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.plot.network import Layers, hidden_plane, network_border
from hepml_course.widgets.pictures import slide


def network_steps(
    x: ArrayLike,
    y: ArrayLike,
    path: Sequence[Layers],
    forward: Callable[[Layers, NDArray], tuple[list, list]],
    *,
    steps: Sequence[int],
    names: tuple[str, str] = ("class −1", "class +1"),
    axes: tuple[str, str] = ("$x_1$", "$x_2$"),
    still: int = 0,
) -> None:
    """Show a slider over chosen steps of a training.

    Parameters
    ----------
    x : array_like, shape (n, 2)
        The events.
    y : array_like, shape (n,)
        +1 or -1.
    path : sequence of layers
        The network at the start and after each step; one hidden layer of two neurons.
    forward : callable
        Takes a network and events; returns the sums and the outputs of all layers, as lists that end with
        those of the last; the outputs begin with the events.
    steps : sequence of int
        Places in `path` that get a page each.
    names : tuple of str
        Name of class -1, then of class +1.
    axes : tuple of str
        What is drawn along the axes, with units.
    still : int
        The page shown where there is no widget.
    """
    if len(path[0]) != 2 or path[0][0][0].shape[1] != 2:
        raise CourseError("This slider shows networks with one hidden layer of two neurons.")
    x, y = np.asarray(x), np.asarray(y)

    def page(number: int) -> tuple[Figure, str]:
        net = path[steps[number]]
        figure = Figure(figsize=(8.8, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        network_border(x, y, net, lambda points: forward(net, points)[0][-1][:, 0], names=names, ax=left)
        left.set(xlabel=axes[0], ylabel=axes[1])
        left.get_legend().remove()
        figure.legend(*left.get_legend_handles_labels(), loc="outside upper left", ncols=2)
        sums, outputs = forward(net, x)
        hidden_plane(outputs[1], y, net[1], ax=right)
        return figure, _words(steps[number], sums[-1][:, 0], y)

    slide(page, len(steps), name="step", still=still, labels=[str(step) for step in steps])


def _words(step: int, z: NDArray, y: NDArray) -> str:
    loss = np.mean(np.logaddexp(0, -y * z))
    right = np.mean((z > 0) == (y > 0))
    return f"After {step} steps: cross-entropy {loss:.3f}, {100 * right:.0f} % of the events are right."
