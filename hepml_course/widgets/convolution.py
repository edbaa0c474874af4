"""A filter that slides over an image: patch, product and the result as it is filled."""

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.plot import images
from hepml_course.widgets.pictures import slide


def filter_steps(image: ArrayLike, kernel: ArrayLike, *, still: tuple[int, int] = (0, 0)) -> None:
    """Show a slider over the places of a filter on an image, row by row.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        Small; whole numbers can be read best.
    kernel : array_like, shape (k, k)
    still : tuple of int
        Row and column shown where there is no widget.
    """
    image, kernel = np.asarray(image, dtype=float), np.asarray(kernel, dtype=float)
    if image.ndim != 2 or kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1]:
        raise CourseError(
            f"One image and one square filter are needed, with rows and columns, not {image.shape} "
            f"and {kernel.shape}."
        )
    rows, columns = np.subtract(image.shape, len(kernel)) + 1
    if rows < 1 or columns < 1:
        raise CourseError(f"A filter of {kernel.shape} does not fit into an image of {image.shape}.")

    def page(number: int) -> tuple[Figure, str]:
        place = divmod(number, int(columns))
        figure = Figure(figsize=(9.2, 2.8))
        axes = figure.subplots(1, 4, width_ratios=(image.shape[1], len(kernel), len(kernel), columns))
        value = images.convolution_step(image, kernel, place, axes=axes)
        return figure, f"At row {place[0]}, column {place[1]}: the products add up to {value:.0f}."

    labels = [f"{k // columns}, {k % columns}" for k in range(rows * columns)]
    slide(page, len(labels), name="row, column", still=int(still[0] * columns + still[1]), labels=labels)
