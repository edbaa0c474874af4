"""Tracks to play with: an event display with live finders, and the pixel plane linked to the Hough plane."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from numpy.typing import ArrayLike, NDArray

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.metrics.tracks import match
from hepml_course.simulate.tracks import COLUMNS, HIT_EFFICIENCY, ROWS, pixel_plane
from hepml_course.tracking.likelihood import evidence, likelihood
from hepml_course.tracking.search import find_tracks
from hepml_course.tracking.templates import cell_of, coverage, templates
from hepml_course.widgets.pictures import Page, slides

Floats = NDArray[np.float64]
Finder = Callable[..., ArrayLike]

NOISE = range(41)  # %
EFFICIENCY = range(30, 101, 5)  # %
MOST = 5  # tracks
EVENTS = 20
LEAST = 1e-3  # a likelihood cannot be told that something is impossible
FOUND = "found so far"
LINE = "your line"


def track_display(
    finders: Mapping[str, Finder],
    *,
    hit_efficiency: float = HIT_EFFICIENCY,
    noise: float = 0.05,
    tracks: int = 1,
    rng: np.random.Generator | int,
) -> None:
    """Show events with sliders for the number of tracks, noise and hit efficiency; finders answer live.

    An event keeps its tracks, and the order in which its pixels light up, while the sliders move: more noise
    adds pixels to those that fire already.

    Parameters
    ----------
    finders : mapping of str to callable
        Name of each method, and a function that takes images of shape (1, 28, 28) and the number of tracks k
        and returns y₀ and y₁ of what it finds, shape (1, k, 2). A function that has an argument ``noise`` or
        ``hit_efficiency`` is told the truth about it.
    hit_efficiency, noise : float
        At the start and in the still picture, in whole per cent; the hit efficiency in steps of five.
    tracks : int
        The same, 1 to 5.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    Raises
    ------
    CourseError
        If there is no finder, or a slider cannot stand at its start, or a finder returns the wrong shape.
    """
    if not finders:
        raise CourseError("Give at least one finder: a dictionary from its name to a function.")
    seeds = np.random.default_rng(rng).integers(2**32, size=(EVENTS, 2))

    def ask(number: int, many: int, noisy: int, efficient: int) -> tuple[NDArray, Floats, dict]:
        image, truth = _event(seeds[number], many, efficient / 100, noisy / 100)
        known = {"noise": max(noisy / 100, LEAST), "hit_efficiency": min(efficient / 100, 1 - LEAST)}
        return image, truth, {name: _answer(name, find, image, many, known) for name, find in finders.items()}

    def page(*where: int) -> Page:
        image, truth, found = ask(*where)
        figure = Figure(figsize=(6.6, 4.4), layout="none")  # a layout to be found would take twice as long
        ax = figure.add_axes((0.085, 0.12, 0.59, 0.85))
        plot.plane(image[0], truth=truth[0], found={name: lines[0] for name, lines in found.items()}, ax=ax)
        number, _, noisy, efficient = where
        setting = f"Event {number + 1}, {noisy} % noise, {efficient} % hit efficiency"
        return figure, f"{setting}: {_told(truth, found)}."

    for many in range(1, MOST + 1):  # a network is compiled when it is asked for the first time
        ask(0, many, 5, 70)
    controls = {
        "event": {f"{number + 1}": number for number in range(EVENTS)},
        "tracks": {f"{many}": many for many in range(1, MOST + 1)},
        "noise": {f"{share} %": share for share in NOISE},
        "hit efficiency": {f"{share} %": share for share in EFFICIENCY},
    }
    start = {"tracks": tracks, "noise": _percent(noise), "hit efficiency": _percent(hit_efficiency)}
    slides(page, controls, still=start)


def hough_display(
    image: ArrayLike,
    *,
    truth: ArrayLike | None = None,
    tracks: int = 3,
    hit_efficiency: float = HIT_EFFICIENCY,
    noise: float = 0.05,
    look: Callable[[NDArray, NDArray], NDArray] | None = None,
    line: ArrayLike = (10.0, 18.0),
    explained: int = 0,
) -> None:
    """Show a line in the pixel plane, its point in Hough space, and the map as tracks are explained away.

    Parameters
    ----------
    image : array_like, shape (28, 28)
        1 where a pixel fired.
    truth : array_like, shape (k, 2), optional
        y₀ and y₁ of the true tracks in pixels, if they shall be seen.
    tracks : int
        How many are searched for, one after the other: the right end of the slider.
    hit_efficiency, noise : float
        What the likelihood is told; both between 0 and 1, excluding the ends.
    look : callable, optional
        Another onlooker as `hepml_course.tracking.search.find_tracks` takes it, such as a network; its map of
        log probabilities is shown instead of the log-likelihood ratio.
    line : array_like, shape (2,)
        y₀ and y₁ of the line at the start and in the still picture, in pixels.
    explained : int
        Tracks explained away at the start and in the still picture.

    Raises
    ------
    CourseError
        If the image has another shape, or `tracks` is negative, or the rest does not fit to them.
    """
    image, line = np.asarray(image), np.asarray(line, dtype=float)
    _complain_about(image, line, tracks, explained, (noise, hit_efficiency))
    view = _HoughView(image, truth, tracks, look, hit_efficiency, noise)
    ends = {f"{y:.2f}": y for y in view.ends.tolist()}
    cells = np.divmod(cell_of(line, view.lines), view.lines.side)
    controls = {
        "y₀ / pixel": ends,
        "y₁ / pixel": ends,
        "explained tracks": {f"{k}": k for k in range(tracks + 1)},
    }
    start = dict(zip(controls, (*view.ends[list(cells)].tolist(), explained), strict=True))
    slides(view.page, controls, still=start)


class _HoughView:
    """Maps of one image after each track that is explained away; draws one of them with one line."""

    def __init__(self, image, truth, tracks, look, hit_efficiency, noise) -> None:
        self.image, self.truth = image, truth
        self.lines = templates()
        self.ends = self.lines.tracks[: self.lines.side, 1]
        self.name = "log-likelihood ratio" if look is None else "log probability"
        searcher = likelihood(hit_efficiency, noise) if look is None else look
        images = image[None].astype(np.uint8)
        self.found = find_tracks(searcher, images, tracks, answer="line")[0] if tracks else np.empty((0, 2))
        self.maps = []
        for k in range(tracks + 1):
            covered = coverage(self.found[None, :k])
            if look is None:
                weights = evidence(images, covered, hit_efficiency, noise)
                self.maps.append(weights.reshape(-1) @ self.lines.matrix)
            else:
                self.maps.append(np.asarray(look(images, covered))[0])
        top = float(self.maps[0].max())
        self.limits = (-top, top) if top > 0 else (float(self.maps[0].min()), 0.0)  # the same for all maps

    def page(self, first: float, last: float, explained: int) -> Page:
        line = np.array([[first, last]])
        cell = int(cell_of(line, self.lines)[0])
        rows = self.lines.rows[cell]
        fired = self.image[rows, np.arange(COLUMNS)] > 0
        figure = self._picture(line, explained, np.flatnonzero(fired), rows[fired])
        return figure, self._words(first, last, cell, int(fired.sum()), explained)

    def _picture(self, line: Floats, explained: int, columns: NDArray, rows: NDArray) -> Figure:
        figure = Figure(figsize=(9.6, 4.4), layout="none")
        left, right = figure.add_axes((0.06, 0.12, 0.37, 0.78)), figure.add_axes((0.5, 0.12, 0.49, 0.78))
        drawn = {LINE: line, FOUND: self.found[:explained]} if explained else {LINE: line}
        what = {"truth": self.truth, "found": drawn, "legend": False}
        plot.plane(self.image, ax=left, **what)
        (mine,) = (drawn for drawn in left.get_lines() if drawn.get_label() == LINE)
        left.plot(columns, rows + 0.5, ".", color=mine.get_color(), markersize=5)
        plot.hough_plane(self.maps[explained], ax=right, label=self.name, limits=self.limits, **what)
        pairs = list(zip(left.get_lines(), right.get_lines(), strict=False))  # one more on the left: the hits
        handler = {tuple: HandlerTuple(ndivide=None, pad=0.8)}
        figure.legend(
            pairs,
            [line.get_label() for line, _ in pairs],
            handler_map=handler,
            loc="upper left",
            bbox_to_anchor=(0.05, 1.0),
            ncols=3,
            handlelength=5,
        )
        return figure

    def _words(self, first: float, last: float, cell: int, hits: int, explained: int) -> str:
        values = self.maps[explained]
        best = int(np.argmax(values))
        here, top = (f"{value:.1f}".replace("-", "−") for value in values[[cell, best]])
        begin = f"{explained} track{'s' * (explained != 1)} explained. " if explained else ""
        return (
            f"{begin}Line from {first:.2f} to {last:.2f}: {hits} of its {COLUMNS} pixels fired, "
            f"{self.name} {here}. The map is highest, {top}, for the line from "
            f"{self.lines.tracks[best, 0]:.2f} to {self.lines.tracks[best, 1]:.2f}."
        )


def _event(seeds: NDArray, tracks: int, hit_efficiency: float, noise: float) -> tuple[NDArray, Floats]:
    """One image, shape (1, 28, 28), and its tracks, (1, k, 2); tracks and noise each have their seed."""
    single = pixel_plane(MOST, 1, hit_efficiency=hit_efficiency, noise=0, rng=int(seeds[0]))
    noisy = pixel_plane(1, 0, noise=noise, rng=int(seeds[1]))
    return noisy.images | single.images[:tracks].max(axis=0), single.tracks[:tracks, 0][None]


def _answer(name: str, find: Finder, image: NDArray, tracks: int, known: Mapping[str, float]) -> Floats:
    bound = getattr(find, "keywords", {})  # of a partial function: told something else on purpose
    takes = inspect.signature(find).parameters
    told = {key: value for key, value in known.items() if key in takes and key not in bound}
    found = np.asarray(find(image, tracks, **told), dtype=float)
    if found.ndim != 3 or found.shape[::2] != (1, 2):
        raise CourseError(f"{name} has to return tracks of shape (1, {tracks}, 2), not {found.shape}.")
    return found


def _told(truth: Floats, found: Mapping[str, Floats]) -> str:
    """How many tracks each finder found, in words."""
    many = truth.shape[1]
    parts = []
    for name, tracks in found.items():
        matching = match(truth, tracks)
        parts.append(f"{name} {np.count_nonzero(matching.partner >= 0)} of {many}")
    return f"found within {matching.tolerance:.0f} pixels by " + ", ".join(parts)


def _percent(share: float) -> int:
    return round(100 * share)


def _complain_about(image: NDArray, line: Floats, tracks: int, explained: int, shares: tuple) -> None:
    if image.shape != (ROWS, COLUMNS):
        raise CourseError(
            f"One image of {ROWS} × {COLUMNS} pixels is needed, not one of shape {image.shape}."
        )
    if line.shape != (2,) or not np.isfinite(line).all():
        raise CourseError(f"A line is given by two finite numbers, y₀ and y₁ in pixels, not by {line}.")
    if not 0 <= explained <= tracks:
        raise CourseError(f"{explained} of {tracks} tracks cannot be explained away: choose 0 to {tracks}.")
    if not all(0 < share < 1 for share in shares):
        raise CourseError(
            "A likelihood is told a noise and a hit efficiency between 0 and 1, without the ends."
        )
