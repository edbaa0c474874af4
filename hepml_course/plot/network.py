"""A network with one hidden layer in the plane of its inputs, and in the plane of two hidden neurons.

A network is a list of layers, each a pair of an array of weights, shape (inputs, neurons), and an array of
biases, shape (neurons,).
"""

from collections.abc import Callable, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from hepml_course.plot.classifier import decision_curve, decision_line, scatter_classes
from hepml_course.plot.style import COLOURS

Layers = Sequence[tuple[NDArray, NDArray]]


def network_border(
    x: ArrayLike,
    y: ArrayLike,
    net: Layers,
    score: Callable[[NDArray], NDArray],
    *,
    names: tuple[str, str] = ("class −1", "class +1"),
    ax: Axes | None = None,
) -> Axes:
    """Draw the events, the border of the network, and dashed the line on which each hidden neuron is zero.

    Parameters
    ----------
    x : array_like, shape (n, 2)
    y : array_like, shape (n,)
        +1 or -1.
    net : sequence of (ndarray, ndarray)
        The layers; the lines are those of the first.
    score : callable
        Takes points, shape (m, 2), returns what the network says, above zero for class +1.
    names : tuple of str
        Name of class -1, then of class +1.
    """
    ax = plt.gca() if ax is None else ax
    scatter_classes(x, y, names=names, ax=ax, alpha=0.4)
    weights, biases = net[0]
    for k, (w, b) in enumerate(zip(weights.T, biases, strict=True)):
        decision_line((b, *w), ax=ax, color=COLOURS[(k + 2) % len(COLOURS)], linestyle="--")
    decision_curve(score, ax=ax, linewidths=2)
    return ax


def hidden_plane(
    hidden: ArrayLike, y: ArrayLike, last: tuple[NDArray, NDArray], *, ax: Axes | None = None
) -> Axes:
    """Draw where two hidden neurons send the events, and the straight line of the output neuron there.

    Parameters
    ----------
    hidden : array_like, shape (n, 2)
        What the two neurons return.
    y : array_like, shape (n,)
        +1 or -1.
    last : (ndarray, ndarray)
        Weights, shape (2, 1), and bias, shape (1,), of the output neuron.
    """
    ax = plt.gca() if ax is None else ax
    scatter_classes(hidden, y, ax=ax, alpha=0.4)
    ax.get_legend().remove()
    ax.set(
        xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), xlabel="first hidden neuron", ylabel="second hidden neuron"
    )
    weights, bias = last
    decision_line((bias[0], *np.ravel(weights)), ax=ax, color="black", linewidth=2)
    return ax
