"""A figure as text inside a page: drawn without pyplot, so that nothing is left open, and small."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hepml_course.errors import CourseError
from hepml_course.plot.style import STYLE

DPI = 120
COLOURS = 256  # of a picture: none is off by more than the eye sees, and the file is a third


@dataclass(frozen=True)
class Picture:
    """A drawn figure; without ``uri`` it could not be drawn, and the words say why.

    Attributes
    ----------
    uri : str
        The PNG as a data URI.
    words : str
        What it shows, for whoever cannot see it.
    caption : str
    width, height : int
        In pixels.
    """

    uri: str
    words: str
    caption: str
    width: int = 0
    height: int = 0


def picture(
    draw: Callable[[Axes], Any],
    describe: Callable[[Axes], str],
    caption: str,
    *,
    size: tuple[float, float] = (5.6, 4.0),
) -> Picture:
    """Draw into a figure of its own, and describe what was drawn.

    Parameters
    ----------
    draw : callable
        Draws into the axes it is given.
    describe : callable
        Returns the words for the axes that was drawn.
    caption : str
    size : (float, float)
        In inches.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, dpi=DPI, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        ax = figure.add_subplot()
        try:
            draw(ax)
            said = describe(ax)
        except CourseError as problem:
            return Picture("", str(problem), caption.rstrip("."))
        canvas.draw()
        png, (height, width) = _png(canvas), np.asarray(canvas.buffer_rgba()).shape[:2]
        figure.clear()
    uri = "data:image/png;base64," + base64.b64encode(png).decode()
    return Picture(uri, said, caption, width, height)


def _png(canvas: FigureCanvasAgg) -> bytes:
    from PIL import Image

    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    # This method keeps white white.
    few = image.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(buffer, "png", optimize=True)
    return buffer.getvalue()
