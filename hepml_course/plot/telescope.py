"""Particles in a telescope of strips, seen from one side."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.plot.style import COLOURS, NEUTRAL
from hepml_course.simulate.telescope import Telescope

_LINES = ((COLOURS[0], "--"), (COLOURS[1], "-."))


def strips(
    image: ArrayLike,
    view: str = "x",
    *,
    telescope: Telescope | None = None,
    lines: ArrayLike | None = None,
    names: tuple[str, ...] = ("muon", "electron"),
    before: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw the strips that fired, and lines through them.

    Parameters
    ----------
    image : array_like, shape (strips, planes)
        1 where a strip fired.
    view : {"x", "y", "u", "v"}
        Which planes.
    telescope : Telescope, optional
        The standard one if not given.
    lines : array_like, shape (k, 2), optional
        Position in mm at the target and slope of each line; NaN is left out.
    names : tuple of str, length k
        Of the lines, for the legend.
    before : bool
        Whether it is the telescope in front of the target, the mirror image.
    ax : Axes, optional
        Current axes if None.

    Raises
    ------
    CourseError
        If the image has not the shape of the telescope.
    """
    ax = plt.gca() if ax is None else ax
    telescope = telescope or Telescope()
    z, image = telescope.z(view), np.asarray(image)
    if image.shape != (telescope.strips, len(z)):
        raise CourseError(f"{view} has {telescope.strips} strips on {len(z)} planes, not {image.shape}.")
    side = -1 if before else 1
    reach = telescope.strips * telescope.pitch / 2
    ax.vlines(side * z, -reach, reach, color="0.88", linewidth=1, zorder=0.5)
    strip, plane = np.nonzero(image)
    ax.plot(side * z[plane], telescope.middle(strip), "s", color=NEUTRAL, markersize=3, zorder=2)
    for (first, slope), name, (colour, dash) in zip(
        np.empty((0, 2)) if lines is None else lines, names, _LINES, strict=False
    ):
        far = np.array([0, z[-1] + 30])
        ax.plot(side * far, first + slope * far, dash, color=colour, linewidth=1.3, label=name)
    ax.axvline(0, color="0.5", linewidth=5, alpha=0.5, zorder=0.4)  # the target
    ax.set(xlabel="z / mm", ylabel=f"{view} / mm", ylim=(-reach, reach))
    return ax
