"""The picture of the playground in matplotlib: every neuron's map, the output with the events, the losses."""

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from hepml_course.plot.style import BACKGROUND, MARKERS, SIGNAL
from hepml_course.widgets.playground.model import Playground
from hepml_course.widgets.playground.samples import SAMPLES

SHADES = LinearSegmentedColormap.from_list("classes", [BACKGROUND, "#FFFFFF", SIGNAL])
SQUARE = (-1, 1, -1, 1)


def draw_still(state: Playground) -> Figure:
    """A figure, made without pyplot, of the playground as it stands."""
    output, neurons = state.maps()
    columns = [len(state.settings.features), *state.settings.hidden]
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1.4 + 0.5 * len(columns), 3))
    tiles = _draw_neurons(left, neurons, columns, state.settings.features)
    top, bottom = right.subplots(2, 1, height_ratios=(2.6, 1))
    draw_output(state, output, top)
    draw_losses(state, bottom)
    _draw_weights(figure, [*tiles, [top]], state.weights())
    return figure


def _draw_neurons(part, neurons: np.ndarray, columns: list[int], names: tuple[str, ...]) -> list:
    """One column of small maps for the inputs and for each hidden layer."""
    grid = part.subplots(max(columns), len(columns), squeeze=False)
    maps = iter(neurons)
    for k, count in enumerate(columns):
        for row, ax in enumerate(grid[:, k]):
            ax.set_axis_off()
            if row < count:
                ax.imshow(next(maps), cmap=SHADES, vmin=0, vmax=255, extent=SQUARE)
            if k == 0 and row < count:
                ax.set_title(names[row], fontsize=9, pad=2)
        if k:
            grid[0, k].set_title(f"layer {k}", fontsize=9, pad=2)
    return [grid[:count, k] for k, count in enumerate(columns)]


def _draw_weights(figure: Figure, columns: list, weights: list) -> None:
    """A line for each weight, from neuron to neuron: its width the size, its colour the sign."""
    for (sources, targets), matrix in zip(pairwise(columns), weights, strict=True):
        end = (-0.3, 0.5) if targets is columns[-1] else (0, 0.5)  # left of the numbers on the output's axis
        for source, row in zip(sources, matrix, strict=True):
            for target, w in zip(targets, row, strict=True):
                look = {"color": SIGNAL if w >= 0 else BACKGROUND, "alpha": min(0.25 + abs(w) / 3, 0.9)}
                line = ConnectionPatch(
                    (1, 0.5), end, "axes fraction", "axes fraction", axesA=source, axesB=target, **look
                )
                line.set(linewidth=min(0.3 + abs(w), 5), zorder=-1, in_layout=False)
                figure.add_artist(line)


def draw_output(state: Playground, output: np.ndarray, ax: Axes) -> Axes:
    """Probability of signal over the square, with the training events on it."""
    ax.imshow(output, cmap=SHADES, vmin=0, vmax=255, extent=SQUARE, alpha=0.75)
    x, y, train = state.sample
    for label, colour in ((1, SIGNAL), (0, BACKGROUND)):
        look = {"marker": MARKERS[2 * label - 1], "color": colour, "markeredgecolor": "white"}
        ax.plot(*x[train & (y == label)].T, ls="none", markersize=4, markeredgewidth=0.4, **look)
    names = SAMPLES[state.settings.sample][1]
    ax.set(xlim=(-1, 1), ylim=(-1, 1), xlabel=f"{names[0]}, scaled", ylabel=f"{names[1]}, scaled")
    ax.set_title(f"output after {state.epoch} epochs")
    return ax


def draw_losses(state: Playground, ax: Axes) -> Axes:
    """Training and test loss against the epoch."""
    train, test = np.transpose(state.history)
    ax.plot(train, color="black", label="training")
    ax.plot(test, color="black", ls=":", label="test")
    ax.set(xlabel="epoch", ylabel="cross-entropy", ylim=(0, None))
    ax.legend(loc="lower left", ncols=2)
    return ax
