"""Tracks on the plane of pixels and in Hough space, residuals of fits, and efficiencies along a variable.

Truth is a solid thin line, what a method found is broken and coloured: the line alone tells who is who.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate
from hepml_course.metrics.tracks import robust_width
from hepml_course.plot.style import COLOURS
from hepml_course.simulate.tracks import ROWS

Floats = NDArray[np.float64]
Found = ArrayLike | Mapping[str, ArrayLike]

_PIXELS = mpl.colors.ListedColormap(["white", "0.72"])  # silent, fired: light enough for lines on top
_COLOURS = (COLOURS[1], COLOURS[0], COLOURS[2], COLOURS[3], COLOURS[4])
_DASHES = ((0, (5, 2)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (3, 3)), (0, (8, 2)))
_MARKERS = "x+*1s"
_POINTS = "o^sDv"


def plane(
    image: ArrayLike,
    *,
    truth: ArrayLike | None = None,
    found: Found | None = None,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the pixels that fired and the tracks through them.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        1 where a pixel fired. Row r reaches from y = r to r + 1, column c stands at x = c.
    truth : array_like, shape (k, 2), optional
        y₀ and y₁ of the true tracks in pixels, drawn as solid thin lines; NaN is left out.
    found : mapping of str to array_like, or array_like, shape (k, 2), optional
        The same for what each method found, drawn as broken lines in colour.
    legend : bool
        Beside the axes; switch it off for panels in a row.
    ax : Axes, optional
        Current axes if None.

    Raises
    ------
    CourseError
        If image or tracks have the wrong shape.
    """
    ax = plt.gca() if ax is None else ax
    image = np.asarray(image)
    if image.ndim != 2:
        raise CourseError(f"One image has rows and columns; this has the shape {image.shape}.")
    rows, columns = image.shape
    extent = (-0.5, columns - 0.5, 0, rows)
    ax.imshow(image > 0, origin="lower", extent=extent, cmap=_PIXELS, vmin=0, vmax=1, aspect="auto")
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
    if truth is not None:
        ax.plot(*_lines(truth, columns), "-", color="black", linewidth=1.2, label="truth", zorder=2.5)
    for number, (label, tracks) in enumerate(_named(found).items()):
        look = {"color": _COLOURS[number % 5], "linestyle": _DASHES[number % 5], "linewidth": 2.2}
        ax.plot(*_lines(tracks, columns), label=label, **look)
    ax.set(xlabel="column", ylabel="row / pixel", xlim=extent[:2], ylim=extent[2:])
    return _legend_beside(ax) if legend and ax.get_lines() else ax


def hough_plane(
    maps: ArrayLike,
    *,
    truth: ArrayLike | None = None,
    found: Found | None = None,
    label: str | None = "log probability",
    limits: tuple[float, float] | None = None,
    rows: int = ROWS,
    legend: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw a map over all straight lines: each point is a line, y₀ to the right and y₁ upwards.

    Parameters
    ----------
    maps : array_like, shape (side, side) or (side * side,)
        Of one image, y₀ along the first axis, as `hepml_course.tracking.templates` orders its lines.
    truth : array_like, shape (k, 2), optional
        y₀ and y₁ of the true tracks in pixels, drawn as rings; NaN is left out.
    found : mapping of str to array_like, or array_like, shape (k, 2), optional
        The same for what each method found, drawn as crosses.
    label : str, optional
        What the colours mean, with its unit; no colour bar with None.
    limits : tuple of float, optional
        The values at the ends of the colours. By default they cover the map; one that is negative here and
        positive there, as a log-likelihood ratio is, gets colours that are symmetric around zero and may
        end above its lowest values.
    rows : int
        Height of the plane in pixels.
    legend : bool
        Above the axes.
    ax : Axes, optional
        Current axes if None.

    Raises
    ------
    CourseError
        If the map is not square, or tracks have the wrong shape.
    """
    ax = plt.gca() if ax is None else ax
    values = _square(maps)
    low, high = _reach(values) if limits is None else limits
    look = {"vmin": low, "vmax": high, "cmap": "RdBu_r" if low < 0 < high else "Blues"}
    extent = (0, rows, 0, rows)
    picture = ax.imshow(values.T, origin="lower", extent=extent, **look)
    if truth is not None:
        _points(ax, truth, "truth", marker="o", color="black", markerfacecolor="none", markersize=11)
    for number, (name, tracks) in enumerate(_named(found).items()):
        look = {"marker": _MARKERS[number % 5], "color": _COLOURS[number % 5], "markersize": 9}
        _points(ax, tracks, name, **look)
    ax.set(xlabel="$y_0$ / pixel", ylabel="$y_1$ / pixel", xlim=extent[:2], ylim=extent[2:])
    if label is not None:
        extend = "min" if values.min() < low else "neither"
        ax.figure.colorbar(picture, ax=ax, label=label, shrink=0.85, extend=extend)
    if legend and ax.get_lines():
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    return ax


def residuals(
    values: Mapping[str, ArrayLike],
    *,
    ax: Axes | None = None,
    reach: float | None = None,
    bins: int = 60,
    unit: str = "pixel",
) -> Axes:
    """Draw the residuals of several methods as densities, with the robust width of each in the legend.

    Parameters
    ----------
    values : mapping of str to array_like, shape (n,)
        Found minus true, for each method; at least ten finite numbers.
    ax : Axes, optional
        Current axes if None.
    reach : float, optional
        Largest distance from zero that is drawn; four of the largest width unless given. What lies outside
        counts in the density all the same.
    bins : int
        Number of equal bins.
    unit : str
    """
    ax = plt.gca() if ax is None else ax
    if not values:
        raise CourseError("Give the residuals of at least one method, as a dictionary from its name.")
    widths = {label: robust_width(numbers) for label, numbers in values.items()}
    reach = 4 * max(width.value for width in widths.values()) if reach is None else reach
    if not reach > 0:
        raise CourseError(f"The picture reaches a positive number of {unit}s from zero, not {reach}.")
    edges = np.linspace(-reach, reach, bins + 1)
    for number, (label, numbers) in enumerate(values.items()):
        density = np.histogram(numbers, edges)[0] / (np.size(numbers) * np.diff(edges))
        look = {"color": COLOURS[number % len(COLOURS)], "linestyle": ("-", *_DASHES)[number % 6]}
        ax.stairs(density, edges, linewidth=1.6, label=f"{label}: {_rounded(widths[label])} {unit}", **look)
    ax.set(xlabel=f"found − true / {unit}", ylabel=f"density / (1/{unit})", xlim=(-reach, reach))
    ax.set_ylim(bottom=0)
    ax.legend(title="robust width", loc="lower center", bbox_to_anchor=(0.5, 1))
    return ax


def efficiency_curves(
    x: ArrayLike, curves: Mapping[str, Sequence[Estimate]], *, ax: Axes | None = None
) -> Axes:
    """Draw efficiencies of several methods against a common variable, as points with errors.

    Parameters
    ----------
    x : array_like, shape (k,)
        Where they were measured; label the axis afterwards.
    curves : mapping of str to sequence of Estimate, length k
        Name of each method and its efficiencies.
    ax : Axes, optional
        Current axes if None.

    Raises
    ------
    CourseError
        If a curve has not one estimate for each x.
    """
    ax = plt.gca() if ax is None else ax
    x = np.asarray(x, dtype=float)
    for number, (label, estimates) in enumerate(curves.items()):
        if len(estimates) != len(x):
            raise CourseError(f"{label} has {len(estimates)} efficiencies at {len(x)} points: give one each.")
        value, error = np.reshape(estimates, (-1, 2)).T
        look = {"marker": _POINTS[number % 5], "linestyle": ("-", *_DASHES)[number % 6]}
        ax.errorbar(
            x, value, error, label=label, color=COLOURS[number % len(COLOURS)], capsize=2, lw=1.2, **look
        )
    ax.set_ylabel("efficiency")
    ax.legend()
    return ax


def _legend_beside(ax: Axes) -> Axes:
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), handlelength=2.6)
    return ax


def _tracks(tracks: ArrayLike) -> Floats:
    values = np.asarray(tracks, dtype=float)
    values = values[None] if values.shape == (2,) else values
    if values.ndim != 2 or values.shape[1] != 2:
        raise CourseError(f"The tracks of one image have the shape (tracks, 2); these have {values.shape}.")
    return values[np.isfinite(values).all(axis=1)]


def _named(found: Found | None) -> Mapping[str, ArrayLike]:
    if found is None:
        return {}
    return found if isinstance(found, Mapping) else {"found": found}


def _lines(tracks: ArrayLike, columns: int) -> tuple[Floats, Floats]:
    """Ends of all tracks as one broken line."""
    ends = _tracks(tracks)
    gap = np.full((len(ends), 1), np.nan)
    x = np.tile([0.0, columns - 1.0, np.nan], len(ends))
    return x, np.hstack([ends, gap]).ravel()


def _points(ax: Axes, tracks: ArrayLike, label: str, **look) -> None:
    style = {"linestyle": "none", "markeredgewidth": 1.8, "clip_on": False}  # a track may sit at the edge
    halo = [patheffects.withStroke(linewidth=3.6, foreground="white")]  # seen on dark cells, too
    ax.plot(*_tracks(tracks).T, label=label, path_effects=halo, **style, **look)


def _square(maps: ArrayLike) -> Floats:
    values = np.asarray(maps, dtype=float)
    side = round(values.size**0.5)
    if values.shape not in ((side, side), (side * side,)) or not side:
        raise CourseError(f"The map of one image is square, or flat; this has the shape {values.shape}.")
    return values.reshape(side, side)


def _reach(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (-high, high) if low < 0 < high else (min(low, 0.0), high)


def _rounded(estimate: Estimate) -> str:
    """Two digits of the uncertainty."""
    digits = max(0, 1 - int(np.floor(np.log10(estimate.error)))) if estimate.error > 0 else 3
    return f"{estimate:.{min(digits, 4)}f}"
