"""From strips to particles in space: search on coarse strips, follow the fine ones, pair the views, fit.

A line of one view is given by its position in mm at the target and its slope. A plane knows the position to
pitch / √12, but a slow particle no longer is where its first direction leads: each plane turns it a little.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate.elastic import (
    BEAM,
    ELECTRON_MASS,
    MUON_MASS,
    electron_energy,
    highest_energy,
    highland,
)
from hepml_course.simulate.telescope import ELECTRON, VIEWS, Station, Telescope, View, elastic_scatters
from hepml_course.tracking.search import Look, find_tracks
from hepml_course.tracking.templates import cell_of, coverage, templates

Floats = NDArray[np.float64]

GROUP = 8  # strips that the search sees as one row
BINS = 1  # lines per row at each end
WINDOW = 1.0  # rows: half of the window of the search
NOISE = (0.001, 0.02)  # of a strip: between these the network learns
ROADS = (1.2, 0.8, 0.5, 0.4, 0.3, 0.3, 0.2, 0.2)  # mm: hits further from the line are left out, by round
STEREO_ERROR = 0.05  # mm: of a strip of u or v against the place where two views expect it
NOT_THERE = 1e6  # mm²: the variance of a hit that is missing


def coarse(images: NDArray[np.uint8], group: int = GROUP) -> NDArray[np.uint8]:
    """Images with fewer rows: a row fires where any of its `group` strips does.

    Parameters
    ----------
    images : ndarray, shape (n, strips, planes)
    group : int
        A divisor of the number of strips.
    """
    n, strips, planes = images.shape
    if strips % group:
        raise CourseError(f"{strips} strips do not make rows of {group}: take a divisor.")
    return images.reshape(n, strips // group, group, planes).max(axis=2)


def coarse_noise(noise: ArrayLike, group: int = GROUP) -> Floats:
    """Probability that noise alone makes a row of `coarse` fire."""
    return 1 - (1 - np.asarray(noise, dtype=float)) ** group


def ends(view: View, telescope: Telescope, group: int = GROUP) -> Floats:
    """Where the particles cross the first and the last plane, in rows of `coarse`, shape (n, tracks, 2)."""
    return view.positions[..., [0, -1]] / (telescope.pitch * group) + telescope.strips / (2 * group)


def best_lines(view: View, telescope: Telescope, group: int = GROUP) -> NDArray[np.intp]:
    """The line of the Hough plane that shares the most rows with each particle; the nearest among equals.

    A scattered particle is no straight line, and lines are one row apart: the cell of its two ends need not
    be the line with most of its hits.

    Parameters
    ----------
    view : View
        With the truth.
    telescope, group
        As in `ends`.

    Returns
    -------
    ndarray of int, shape (n, tracks)
        Index into the lines of `hepml_course.tracking.templates.templates`.
    """
    rows = telescope.strips // group
    lines = templates(BINS, rows, view.positions.shape[-1])
    at = ends(view, telescope, group)
    shifts = np.stack(np.meshgrid([0, -1, 1], [0, -1, 1], indexing="ij"), axis=-1).reshape(-1, 2)
    near = cell_of(at[..., None, :] + shifts / BINS, lines)
    crossed = telescope.strip(view.positions) // group
    shared = (lines.rows[near] == crossed[..., None, :]).sum(axis=-1)
    away = np.abs(lines.tracks[near] - at[..., None, :]).sum(axis=-1)
    best = (shared - 0.01 * np.minimum(away, 50)).argmax(axis=-1)[..., None]
    return np.take_along_axis(near, best, axis=-1)[..., 0]


def half_solved(
    n: int, rng: np.random.Generator | int, *, telescope: Telescope | None = None, group: int = GROUP
) -> tuple[list[NDArray], NDArray[np.float32]]:
    """Coarse images of which some tracks are known: lessons for `hepml_course.tracking.network`.

    Four from each event, x and y before and behind the target, so there are one or two tracks. Each event has
    its own noise. Known and wanted are the lines of `best_lines`.

    Parameters
    ----------
    n : int
        Number of events.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    telescope : Telescope, optional
    group : int
        As in `coarse`.

    Returns
    -------
    [images, covered] : list of ndarray of float32, shape (4n, rows, planes) each
    wanted : ndarray of float32, shape (4n, lines + 1)
        As in `hepml_course.tracking.network.half_solved`.
    """
    telescope, rng = telescope or Telescope(), np.random.default_rng(rng)
    events = elastic_scatters(n, telescope, noise=np.exp(rng.uniform(*np.log(NOISE), n)), rng=rng)
    views = [view for station in (events.before, events.behind) for view in (station.x, station.y)]
    images = np.concatenate([coarse(view.images, group) for view in views]).astype(np.float32)
    cells = np.full((4 * n, 2), -1)
    cells[: 2 * n, 0] = np.concatenate([best_lines(view, telescope, group) for view in views[:2]])[:, 0]
    cells[2 * n :] = np.concatenate([best_lines(view, telescope, group) for view in views[2:]])
    return _lesson(images, rng.permuted(cells, axis=1), rng)  # else the muon is known first, always


def _lesson(images, cells, rng) -> tuple[list[NDArray], NDArray[np.float32]]:
    """Cover none, the first or both of the two tracks of each image, and ask for the rest; −1 is no track."""
    rows, planes = images.shape[1:]
    lines = templates(BINS, rows, planes)
    known = np.arange(2) < rng.integers(0, 3, (len(images), 1))
    covered = np.where((known & (cells >= 0))[..., None], lines.tracks[cells], np.nan)
    image, track = np.nonzero(~known & (cells >= 0))
    wanted = np.zeros((len(images), len(lines.tracks) + 1), dtype=np.float32)
    np.add.at(wanted, (image, cells[image, track]), 1)
    left = wanted.sum(axis=1)
    wanted[:, -1] = left == 0
    wanted /= np.maximum(left, 1)[:, None]
    return [images, coverage(covered, rows, planes)], wanted


def find(look: Look, view: View, tracks: int) -> Floats:
    """The tracks of a view on coarse strips, by `hepml_course.tracking.search.find_tracks`.

    Parameters
    ----------
    look : callable
        As there: `hepml_course.tracking.likelihood.likelihood`, or a network.
    view : View
        Of which it looks at the images.
    tracks : int
        How many there are in each.

    Returns
    -------
    ndarray, shape (n, tracks, 2)
        In rows of `coarse` at both ends, as `ends`.
    """
    return find_tracks(look, coarse(view.images), tracks, window=WINDOW, answer="line", bins=BINS)


def to_lines(found: Floats, z: Floats, telescope: Telescope, group: int = GROUP) -> Floats:
    """From rows at both ends of the telescope to positions in mm at the target and slopes, shape (..., 2)."""
    at = (found - telescope.strips / (2 * group)) * telescope.pitch * group
    slope = (at[..., 1] - at[..., 0]) / (z[-1] - z[0])
    return np.stack([at[..., 0] - slope * z[0], slope], axis=-1)


def nearest_hits(images: NDArray, lines: Floats, z: Floats, telescope: Telescope, road: float) -> Floats:
    """Position in mm of the fired strip next to each line in each plane; NaN where none is within `road`.

    Where two lines want the same strip and another one fired nearby, each gets one of the two, the upper line
    the upper one. Without this, two tracks that are close would end up as one, found twice.

    Parameters
    ----------
    images : ndarray, shape (n, strips, planes)
    lines : ndarray, shape (n, k, 2)
    z : ndarray, shape (planes,)
    telescope : Telescope
    road : float
        In mm.

    Returns
    -------
    ndarray, shape (n, k, planes)
    """
    at = lines[..., :1] + lines[..., 1:] * z
    reach = int(np.ceil(road / telescope.pitch))
    strip = telescope.strip(np.nan_to_num(at))[..., None] + np.arange(-reach, reach + 1)
    inside = (strip >= 0) & (strip < telescope.strips)
    event, plane = np.arange(len(images))[:, None, None, None], np.arange(len(z))[:, None]
    fired = inside & (images[event, np.where(inside, strip, 0), plane] > 0)
    middle = telescope.middle(strip)
    away = np.where(fired, np.abs(middle - at[..., None]), np.inf)
    hits, _ = _take_nearest(middle, away, road)
    if lines.shape[1] == 2:
        others, further = _take_nearest(middle, np.where(middle == hits[..., None], np.inf, away), road)
        other = np.where(further[:, 0] <= further[:, 1], others[:, 0], others[:, 1])
        both = np.sort(np.stack([hits[:, 0], other], axis=1), axis=1)
        upper = np.stack([at[:, 0] > at[:, 1], at[:, 0] <= at[:, 1]], axis=1).astype(int)
        contested = (hits[:, 0] == hits[:, 1]) & ~np.isnan(other)
        hits = np.where(contested[:, None], np.take_along_axis(both, upper, axis=1), hits)
    return hits


def _take_nearest(middle: Floats, away: Floats, road: float) -> tuple[Floats, Floats]:
    """The candidate with the smallest distance, NaN if that is beyond the road, and the distance."""
    best = away.argmin(axis=-1)[..., None]
    distance = np.take_along_axis(away, best, axis=-1)[..., 0]
    hit = np.take_along_axis(middle, best, axis=-1)[..., 0]
    return np.where(distance <= road, hit, np.nan), distance


def fit_lines(hits: Floats, z: Floats, covariance: Floats | float = 1.0) -> tuple[Floats, Floats]:
    """Least squares, all lines at once, with a covariance matrix of the positions if they have one.

    Parameters
    ----------
    hits : ndarray, shape (..., planes)
        Positions in mm; NaN where a hit is missing.
    z : ndarray, shape (planes,)
    covariance : float or ndarray, shape (..., planes, planes)
        In mm²; a number for independent hits of equal error.

    Returns
    -------
    lines : ndarray, shape (..., 2)
        Position in mm at the target and slope; NaN with fewer than two hits.
    covariance : ndarray, shape (..., 2, 2)
        Of the two.
    """
    there = ~np.isnan(hits)
    matrix = covariance * np.eye(len(z)) if np.ndim(covariance) == 0 else covariance
    matrix = matrix + np.where(there, 0, NOT_THERE)[..., None] * np.eye(len(z))
    design = np.stack([np.ones_like(z), z], axis=-1)
    weights = np.linalg.solve(matrix, np.broadcast_to(design, (*matrix.shape[:-1], 2)))
    errors = np.linalg.inv(np.swapaxes(weights, -1, -2) @ design)
    lines = np.einsum("...ij,...pj,...p->...i", errors, weights, np.where(there, hits, 0))
    return np.where((there.sum(axis=-1) >= 2)[..., None], lines, np.nan), errors


def follow(view: View, found: Floats, z: Floats, telescope: Telescope) -> tuple[Floats, Floats]:
    """From tracks of the coarse search to hits on fine strips, and least squares through them.

    In each round the next strip within a narrower road is taken, and the line fitted anew.

    Parameters
    ----------
    view : View
    found : ndarray, shape (n, k, 2)
        In rows of `coarse` at both ends.
    z, telescope
        Of the view.

    Returns
    -------
    lines, hits : ndarray, shape (n, k, 2) and (n, k, planes)
        NaN where fewer than two planes have a hit in the road.
    """
    lines = to_lines(found, z, telescope)
    for road in ROADS:
        hits = nearest_hits(view.images, lines, z, telescope, road)
        lines, _ = fit_lines(hits, z)
    return lines, hits


def find_and_follow(
    look: Look, station: Station, tracks: int, telescope: Telescope
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """`find`, then `follow`: lines and hits in x, and lines and hits in y.

    Parameters
    ----------
    look, tracks
        As in `find`.
    station : Station
    telescope : Telescope
    """
    views = ((station.x, telescope.z("x")), (station.y, telescope.z("y")))
    x, y = (follow(view, find(look, view, tracks), z, telescope) for view, z in views)
    return x, y


def incoming(x: tuple[Floats, Floats], y: tuple[Floats, Floats]) -> Floats:
    """Slopes dx/dz and dy/dz of the muon in front of the target, shape (n, 2), from its lines there.

    That telescope is a mirror image, in which the muon flies backwards.
    """
    return -np.stack([x[0][:, 0, 1], y[0][:, 0, 1]], axis=-1)


def between(hits: Floats, lines: Floats, z: Floats, at: Floats) -> Floats:
    """Where tracks cross a plane between two others: on their line, moved as the two around it say.

    A slow particle leaves its line by more than a strip, but hardly between two planes.

    Parameters
    ----------
    hits : ndarray, shape (n, k, planes)
    lines : ndarray, shape (n, k, 2)
    z : ndarray, shape (planes,)
    at : ndarray, shape (1,)
        The place of the other plane.

    Returns
    -------
    ndarray, shape (n, k)
    """
    near = np.searchsorted(z, at[0]) + np.array([-1, 0])
    away = hits[..., near] - lines[..., :1] - lines[..., 1:] * z[near]
    count = np.maximum((~np.isnan(away)).sum(axis=-1), 1)
    return lines[..., 0] + lines[..., 1] * at + np.nansum(away, axis=-1) / count


def pair(
    x: tuple[Floats, Floats], y: tuple[Floats, Floats], station: Station, telescope: Telescope
) -> tuple[NDArray[np.bool_], Floats]:
    """Which of two lines in x belongs to which in y, as the planes turned by 45° tell.

    Each of the two ways to pair them says where the particles cross u and v. The way with fired strips nearer
    to these places is the better one.

    Parameters
    ----------
    x, y : (lines, hits)
        Of the two views, as `follow` returns them, with two tracks each.
    station : Station
    telescope : Telescope

    Returns
    -------
    crossed : ndarray of bool, shape (n,)
        Whether the first line in x belongs to the second in y.
    advantage : ndarray, shape (n,)
        By how much the chosen way is better, in units of χ². Zero says nothing.
    """
    badness = np.zeros((2, len(x[0])))
    for name in ("u", "v"):
        z, images = telescope.z(name), getattr(station, name).images
        at_x, at_y = (
            between(hits, lines, telescope.z(view), z) for view, (lines, hits) in (("x", x), ("y", y))
        )
        for way, partner in enumerate((at_y, at_y[:, ::-1])):
            there = np.stack([at_x, partner], axis=-1) @ VIEWS[name]
            flat = np.stack([there, np.zeros_like(there)], axis=-1)
            hits = nearest_hits(images, flat, z, telescope, 3 * STEREO_ERROR)[..., 0]
            away = np.nan_to_num((hits - there) / STEREO_ERROR, nan=3.0)
            badness[way] += (away**2).sum(axis=1)
    return badness[1] < badness[0], np.abs(badness[0] - badness[1])


def scattering(z: Floats, telescope: Telescope, momentum: ArrayLike, mass: ArrayLike) -> Floats:
    """Covariance of the positions in planes at `z` from pitch and multiple scattering, in mm².

    Parameters
    ----------
    z : ndarray, shape (planes,)
    telescope : Telescope
    momentum, mass : array_like, shape (...)
        In GeV.

    Returns
    -------
    ndarray, shape (..., planes, planes)
    """
    lever = np.maximum(z[:, None] - telescope.matter(), 0)
    width = highland(momentum, telescope.thickness, mass)[..., None, None]
    return telescope.pitch**2 / 12 * np.eye(len(z)) + width**2 * (lever @ lever.T)


def slope_error(
    z: Floats, telescope: Telescope, momentum: ArrayLike, mass: ArrayLike, *, weighted: bool = True
) -> Floats:
    """The error of a slope at the collision that pitch, planes and target allow, in radian.

    Parameters
    ----------
    z, telescope, momentum, mass
        As in `scattering`.
    weighted : bool
        For a fit that knows the covariance of the hits: no unbiased linear one does better. If not, for
        one that takes them as independent.

    Returns
    -------
    ndarray, shape (...)
    """
    momentum, mass = np.asarray(momentum, dtype=float), np.asarray(mass, dtype=float)
    matrix = scattering(z, telescope, momentum, mass)
    design = np.stack([np.ones_like(z), z], axis=-1)
    if weighted:
        both = np.broadcast_to(design, (*matrix.shape[:-1], 2))
        planes = np.linalg.inv(design.T @ np.linalg.solve(matrix, both))
    else:
        solution = np.linalg.pinv(design)
        planes = solution @ matrix @ solution.T
    depth = (np.arange(50) + 0.5) / 50 * telescope.target
    target = (highland(momentum[..., None], depth, mass[..., None]) ** 2).mean(axis=-1)
    return np.sqrt(planes[..., 1, 1] + target)


class Particles(NamedTuple):
    """Muon and electron of each event, in this order.

    Attributes
    ----------
    slopes : ndarray, shape (n, 2, 2)
        dx/dz and dy/dz of each at the target.
    positions : ndarray, shape (n, 2, 2)
        x and y of each at the target in mm.
    beam : ndarray, shape (n, 2)
        dx/dz and dy/dz of the incoming muon.
    hits : ndarray, shape (n, 2, 2, planes)
        Positions in mm, first of x and then of y, from which it all comes.
    """

    slopes: Floats
    positions: Floats
    beam: Floats
    hits: Floats

    @property
    def angles(self) -> Floats:
        """Angle of muon and electron to the incoming muon in radian, shape (n, 2)."""
        return np.linalg.norm(self.slopes - self.beam[:, None], axis=-1)


def particles(
    x: tuple[Floats, Floats], y: tuple[Floats, Floats], crossed: NDArray[np.bool_], beam: Floats
) -> Particles:
    """Put the views together. The electron is the particle with the larger angle.

    Parameters
    ----------
    x, y : (lines, hits)
        As for `pair`.
    crossed : ndarray of bool, shape (n,)
        From `pair`.
    beam : ndarray, shape (n, 2)
        Slopes of the incoming muon.
    """
    partners = [np.where(crossed[:, None, None], part[:, ::-1], part) for part in y]
    lines, hits = (np.stack(parts, axis=2) for parts in zip(x, partners, strict=True))
    order = np.linalg.norm(lines[..., 1] - beam[:, None], axis=-1).argsort(axis=1)[..., None, None]
    lines, hits = (np.take_along_axis(part, order, axis=1) for part in (lines, hits))
    return Particles(lines[..., 1], lines[..., 0], beam, hits)


def refit(found: Particles, telescope: Telescope) -> Particles:
    """Fit once more, with the covariance that the momenta imply.

    Nothing measures a momentum here. But in an elastic collision the angle of the electron gives its energy,
    and the muon has the rest.

    Parameters
    ----------
    found : Particles
        Whose slopes are good enough for that.
    telescope : Telescope
    """
    angle = np.nan_to_num(found.angles[:, ELECTRON], nan=0.01)
    electron = np.clip(electron_energy(angle), 0.5, 0.95 * highest_energy())
    momentum = np.stack([BEAM - electron, electron], axis=1)  # to 0.1 %, which is enough here
    lines = np.empty((*found.slopes.shape, 2))
    for view, name in enumerate("xy"):
        z = telescope.z(name)
        matrix = scattering(z, telescope, momentum, np.array([MUON_MASS, ELECTRON_MASS]))
        lines[:, :, view], _ = fit_lines(found.hits[:, :, view], z, matrix)
    return found._replace(slopes=lines[..., 1], positions=lines[..., 0])


def well_found(
    found: Particles, station: Station, telescope: Telescope, tolerance: float = 1.44
) -> NDArray[np.bool_]:
    """Whether a particle is within a distance of the true one in the first and last planes of x and of y.

    So both of its lines were found, they are its own, and it was taken for what it is.

    Parameters
    ----------
    found : Particles
    station : Station
        With the truth.
    telescope : Telescope
    tolerance : float
        In mm; by default two rows of `coarse`.

    Returns
    -------
    ndarray of bool, shape (n, 2)
        Muon, electron.
    """
    near = np.ones(found.slopes.shape[:2], dtype=bool)
    for view, name in enumerate("xy"):
        z = telescope.z(name)[[0, -1]]
        at = found.positions[:, :, view, None] + found.slopes[:, :, view, None] * z
        near &= (np.abs(at - getattr(station, name).positions[..., [0, -1]]) <= tolerance).all(axis=-1)
    return near
