"""Images made of cells: showers, filters, and the patches that excite a filter most."""

from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, PowerNorm
from numpy.typing import ArrayLike

from hepml_course.plot.style import BACKGROUND

_ENERGY = "Blues"  # zero is white
_SIGNED = "RdBu_r"  # zero is white, negative blue


def cells(
    image: ArrayLike,
    *,
    ax: Axes | None = None,
    cell: float | None = None,
    label: str | None = None,
    numbers: str | None = None,
    norm: Normalize | None = None,
    angles: bool = False,
) -> Axes:
    """Draw an image of cells; rows run upwards, as φ does.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        With a negative value in it the colours are symmetric around zero; without, they follow the square
        root, so that small energies are seen beside large ones.
    ax : Axes, optional
        Current axes if None.
    cell : float, optional
        Side of a cell in cm; the axes are then η and φ in cm from the centre. Otherwise they count cells.
    label : str, optional
        What the colours mean, with its unit; no colour bar without it.
    numbers : str, optional
        A format such as ``".1f"``: every cell's value is written into it.
    norm : matplotlib.colors.Normalize, optional
        To draw several images with the same colours.
    angles : bool
        The side of a cell is an interval of η and φ, not of cm.
    """
    ax = plt.gca() if ax is None else ax
    image = np.asarray(image, dtype=float)
    rows, columns = image.shape
    extent = None
    if cell is not None:
        extent = np.array([-columns, columns, -rows, rows]) * cell / 2
    norm = common_norm([image]) if norm is None else norm
    colours = _SIGNED if norm.vmin < 0 else _ENERGY
    picture = ax.imshow(image, origin="lower", extent=extent, norm=norm, cmap=colours)
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
    if numbers is not None:
        _write_numbers(ax, image, numbers)
    if cell is None:
        ax.set(xlabel="column", ylabel="row")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(mpl.ticker.MaxNLocator(nbins=6, integer=True))
    elif angles:
        ax.set(xlabel="Δη", ylabel="Δφ / rad")
    else:
        ax.set(xlabel="η direction / cm", ylabel="φ direction / cm")
    if label is not None:
        ax.figure.colorbar(picture, ax=ax, label=label, shrink=0.85)
    return ax


def _write_numbers(ax: Axes, image: np.ndarray, numbers: str) -> None:
    """The value of each cell, black on light colours and white on dark ones; NaN stays empty."""
    picture = ax.images[-1]
    for (row, column), value in np.ndenumerate(image):
        if np.isfinite(value):
            red, green, blue, _ = picture.cmap(picture.norm(value))
            dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.5
            colour = "white" if dark else "black"
            ax.text(
                column, row, format(value + 0.0, numbers), ha="center", va="center", color=colour, fontsize=9
            )


def _count_cells(ax: Axes, first: tuple[int, int]) -> None:
    """A tick with its number at every cell; the lower left one is at this row and column."""
    rows, columns = ax.images[-1].get_array().shape
    ax.set_yticks(np.arange(rows), first[0] + np.arange(rows))
    ax.set_xticks(np.arange(columns), first[1] + np.arange(columns))
    ax.tick_params(length=2)


def common_norm(images: Sequence[ArrayLike]) -> Normalize:
    """Colours for several images: symmetric if any value is negative, else the square root from zero."""
    low = min(float(np.nanmin(image)) for image in images)
    high = max(float(np.nanmax(image)) for image in images)
    if low < 0:
        size = max(-low, high)
        return Normalize(-size, size)
    return PowerNorm(0.5, 0, high if high > 0 else 1)


def gallery(
    images: Sequence[ArrayLike],
    titles: Sequence[str],
    *,
    axes: Sequence[Axes],
    cell: float | None = None,
    label: str | None = None,
    marks: Sequence[ArrayLike] | None = None,
    angles: bool = False,
) -> Sequence[Axes]:
    """Draw images beside each other in the same colours, with one colour bar.

    Parameters
    ----------
    images : sequence of array_like, shape (rows, columns)
    titles : sequence of str
    axes : sequence of Axes
        One for each image; only the outer ones keep their labels.
    cell, label, angles
        As in `cells`.
    marks : sequence of array_like, shape (k, 2), optional
        For each image, points at φ and η in cm, drawn as crosses; NaN is left out.
    """
    axes = list(np.ravel(axes))
    norm = common_norm(images)
    for number, (image, title, ax) in enumerate(zip(images, titles, axes, strict=True)):
        cells(image, ax=ax, cell=cell, norm=norm, angles=angles)
        ax.set_title(title)
        if marks is not None:
            y, x = np.asarray(marks[number], dtype=float).T
            ax.autoscale(False)  # a photon may miss the window
            ax.plot(x, y, "x", color=BACKGROUND, markersize=7, markeredgewidth=1.8)
    for ax in axes:
        ax.label_outer()
    if label is not None:
        axes[0].figure.colorbar(axes[0].images[0], ax=axes, label=label)
    return axes


def filters_and_patches(
    kernels: ArrayLike, patches: ArrayLike, *, axes: Sequence[Sequence[Axes]]
) -> Sequence[Sequence[Axes]]:
    """Draw each filter above the patches that excite it most.

    Parameters
    ----------
    kernels : array_like, shape (k, k, filters)
        Signed weights; each filter has its own scale of colours.
    patches : array_like, shape (filters, m, k, k)
        The strongest first; they share one scale.
    axes : array of Axes, shape (1 + m, filters)
    """
    kernels, patches = np.asarray(kernels), np.asarray(patches)
    norm = common_norm([patches])
    for f in range(kernels.shape[-1]):
        size = max(np.abs(kernels[..., f]).max(), 1e-12)
        cells(kernels[..., f], ax=axes[0][f], norm=Normalize(-size, size))
        axes[0][f].set_title(f"filter {f}")
        for m, patch in enumerate(patches[f]):
            cells(patch, ax=axes[1 + m][f], norm=norm)
        for row in axes:
            row[f].set(xticks=[], yticks=[], xlabel="", ylabel="")
    axes[0][0].set_ylabel("weights")
    for m in range(patches.shape[1]):
        axes[1 + m][0].set_ylabel(f"patch {m + 1}")
    return axes


def frame(place: tuple[int, int], size: int, *, ax: Axes) -> Axes:
    """Frame a window of `size` × `size` cells with its lower left cell at row and column `place`."""
    row, column = place
    box = mpl.patches.Rectangle(
        (column - 0.5, row - 0.5), size, size, fill=False, edgecolor=BACKGROUND, linewidth=2.5
    )
    ax.add_patch(box)
    return ax


def convolution_step(
    image: ArrayLike, kernel: ArrayLike, place: tuple[int, int], *, axes: Sequence[Axes]
) -> float:
    """Draw one step of a filter over an image: image, filter, their product, the result so far.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
    kernel : array_like, shape (k, k)
    place : tuple of int
        Row and column of the lower left cell under the filter. The result is filled row by row up to here.
    axes : sequence of four Axes

    Returns
    -------
    float
        The sum of the product, which is the result at this place.
    """
    image, kernel = np.asarray(image, dtype=float), np.asarray(kernel, dtype=float)
    result = np.einsum("yxij,ij->yx", np.lib.stride_tricks.sliding_window_view(image, kernel.shape), kernel)
    row, column = place
    k = len(kernel)
    product = image[row : row + k, column : column + k] * kernel
    size = max(np.abs(result).max(), 1e-12)
    done = np.arange(result.size).reshape(result.shape) <= row * result.shape[1] + column
    signed = Normalize(-size, size)
    cells(image, ax=axes[0], numbers=".0f")
    frame(place, k, ax=axes[0])
    cells(kernel, ax=axes[1], numbers=".0f", norm=Normalize(-size, size))
    cells(product, ax=axes[2], numbers=".0f", norm=signed)
    cells(np.where(done, result, np.nan), ax=axes[3], norm=signed, numbers=".0f")
    frame(place, 1, ax=axes[3])
    for ax, title in zip(axes, ("image", "filter", "product", "result"), strict=True):
        ax.set_title(title)
        ax.set(xlabel="column", ylabel="")
    for ax, first in zip(axes, ((0, 0), (0, 0), place, (0, 0)), strict=True):
        _count_cells(ax, first)
    axes[0].set_ylabel("row")
    return float(product.sum())
