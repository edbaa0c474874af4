"""A second panel below a first one, and an axis that starts at zero unless something lies below it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from hepml_course.errors import CourseError
from hepml_course.plot.style import NEUTRAL


def panel_below(ax: Axes, label: str = "ratio") -> Axes:
    """Give the lower part of a subplot to a new axes, so that the layout engine keeps knowing both.

    Parameters
    ----------
    ax : Axes
        From ``plt.subplots``; it becomes the upper part.
    label : str
        Label of the new axes, by which it is found in ``ax.figure.axes``.
    """
    place = ax.get_subplotspec()
    if place is None:
        raise CourseError("A figure with a second panel needs an ax from plt.subplots.")
    upper, lower = place.subgridspec(2, 1, height_ratios=(3, 1), hspace=0.04)
    ax.set_subplotspec(upper)
    ax.tick_params(labelbottom=False)
    return ax.figure.add_subplot(lower, sharex=ax, label=label)


def start_at_zero(ax: Axes, heights: Sequence[np.ndarray], *, room: float = 1.05) -> None:
    """Let the vertical axis start at zero, or below negative heights, which negative weights can make.

    Parameters
    ----------
    heights : sequence of ndarray
        What is drawn.
    room : float
        The upper end, relative to the largest height and its error bars as drawn so far.
    """
    lowest = min((float(np.min(part)) for part in heights if len(part)), default=0.0)
    top = ax.get_ylim()[1]
    ax.set_ylim(1.15 * lowest if lowest < 0 else 0.0, top * room / 1.05)
    if lowest < 0:
        ax.axhline(0, color=NEUTRAL, linewidth=0.8)
