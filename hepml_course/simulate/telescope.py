"""Two telescopes of silicon strips around a thin target in a muon beam: a toy of the MUonE experiment.

A muon of 150 GeV hits an electron of the target; both fly on without a magnetic field. One telescope measures
the incoming muon, its mirror image behind the target the two outgoing particles. Planes with strips along y
measure x, others y, and one pair is turned by 45° (u and v).

From MUonE (Letter of Intent, CERN-SPSC-2019-026): beam energy, beryllium target of 15 mm, modules of the
CMS tracker ("2S") with a pitch of 90 µm and two silicon sensors of 320 µm, and the pair u, v in the middle of
a station. Ours: a station there has two planes for x and two for y, here there are eight of each, equally
spaced, over the same metre, so an electron scatters in more matter than there. (The beam test of 2018 had
ten planes behind its target, arXiv:2102.11111.) The beam is made narrow and the strips are noisy, so that
there is something to find. Distrust what depends on charge sharing, on tails of multiple scattering, on delta
rays or on bremsstrahlung: none is here.

Lengths are in mm, slopes in radian, energies in GeV; the target stands at z = 0.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.simulate.elastic import (
    BEAM,
    ELECTRON_MASS,
    MUON_MASS,
    elastic_energies,
    electron_angle,
    highland,
    muon_angle,
)

Floats = NDArray[np.float64]
Rng = np.random.Generator | int

VIEWS = {"x": (1.0, 0.0), "y": (0.0, 1.0), "u": (0.5**0.5, 0.5**0.5), "v": (-(0.5**0.5), 0.5**0.5)}
ENERGIES = (2.0, 60.0)  # GeV: slower electrons leave the telescope, faster ones look like the muon
MUON, ELECTRON = 0, 1  # their places among the tracks behind the target


@dataclass(frozen=True)
class Telescope:
    """Geometry and quality of one telescope; the one in front of the target is its mirror image.

    Attributes
    ----------
    pitch, strips : float and int
        Width of a strip in mm, and how many there are on each plane; their middle is at 0.
    planes : int
        For x, and as many for y.
    first, spacing, gap : float
        Distance in mm from the target to the first plane of x, from one of them to the next, and from a
        plane of x to its partner of y. The planes of u and v are half way between two of the middle.
    thickness, target : float
        Of each plane (0.64 mm of silicon) and of the whole target (15 mm of beryllium) in radiation lengths.
    hit_efficiency, noise : float
        Probabilities that the strip crossed by a particle fires, and that any strip fires by itself.
    beam_size, beam_divergence : float
        Standard deviations of the vertex in mm and of the slope of the incoming muon in radian.
    """

    pitch: float = 0.09
    strips: int = 512
    planes: int = 8
    first: float = 100.0
    spacing: float = 100.0
    gap: float = 10.0
    thickness: float = 0.64 / 93.7
    target: float = 15.0 / 352.8
    hit_efficiency: float = 0.98
    noise: float = 0.005
    beam_size: float = 2.0
    beam_divergence: float = 0.0003

    def __post_init__(self):
        """Say what cannot be built."""
        if not 0 <= self.hit_efficiency <= 1 or not 0 <= self.noise < 1:
            raise CourseError("Hit efficiency and noise are probabilities between 0 and 1.")
        if self.planes < 2 or self.strips < 2 or min(self.pitch, self.spacing, self.first) <= 0:
            raise CourseError("A telescope has two planes and two strips or more, at positive distances.")

    def z(self, view: str) -> Floats:
        """Distances in mm of the planes of ``"x"``, ``"y"``, ``"u"`` or ``"v"`` from the target."""
        if view not in VIEWS:
            raise CourseError(f"The views of a telescope are {', '.join(VIEWS)}, not {view!r}.")
        x = self.first + self.spacing * np.arange(self.planes)
        u = x[self.planes // 2 - 1 : self.planes // 2] + self.spacing / 2
        return {"x": x, "y": x + self.gap, "u": u, "v": u + self.gap}[view]

    def matter(self) -> Floats:
        """Distances in mm of all planes, in the order in which a particle crosses them."""
        return np.sort(np.concatenate([self.z(view) for view in VIEWS]))

    def strip(self, position: ArrayLike) -> NDArray[np.intp]:
        """The strip at a position in mm; numbers below 0 or from `strips` on lie outside."""
        return np.floor(np.asarray(position) / self.pitch + self.strips / 2).astype(np.intp)

    def middle(self, strip: ArrayLike) -> Floats:
        """The position in mm of the middle of a strip."""
        return (np.asarray(strip) + 0.5 - self.strips / 2) * self.pitch


class View(NamedTuple):
    """What the planes of one direction see.

    Attributes
    ----------
    images : ndarray of uint8, shape (n, strips, planes)
        1 where a strip fired. The first plane is the one next to the target.
    positions : ndarray, shape (n, tracks, planes)
        Where each particle crosses each plane, in mm.
    hits : ndarray of bool, shape (n, tracks, planes)
        Whether it made its strip fire.
    """

    images: NDArray[np.uint8]
    positions: Floats
    hits: NDArray[np.bool_]


class Station(NamedTuple):
    """A telescope's four views, all alike but for their number of planes."""

    x: View
    y: View
    u: View
    v: View


class Scatters(NamedTuple):
    """Elastic events.

    Attributes
    ----------
    before, behind : Station
        One track in front of the target, two behind it: the muon, then the electron.
    vertex : ndarray, shape (n, 2)
        x and y of the collision in mm.
    slopes : ndarray, shape (n, 3, 2)
        dx/dz and dy/dz at the collision of the incoming muon, the outgoing muon and the electron.
    energies : ndarray, shape (n, 3)
        Of the same, in GeV.
    """

    before: Station
    behind: Station
    vertex: Floats
    slopes: Floats
    energies: Floats


def elastic_scatters(
    n: int,
    telescope: Telescope | None = None,
    *,
    energies: ArrayLike | tuple[float, float] = ENERGIES,
    noise: ArrayLike | None = None,
    rng: Rng,
) -> Scatters:
    """Draw `n` elastic collisions of a muon and an electron, and what the two telescopes see of them.

    Parameters
    ----------
    n : int
        Number of events.
    telescope : Telescope, optional
        The standard one if not given.
    energies : (float, float) or array_like, shape (n,)
        Between which energies in GeV the electron's is drawn from the cross section; an array gives each
        event its own.
    noise : array_like, shape (n,), optional
        Each event's own probability of noise, instead of the telescope's.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.

    References
    ----------
    MUonE collaboration, Letter of Intent, CERN-SPSC-2019-026; G. Abbiendi et al., arXiv:2102.11111.
    """
    telescope = telescope or Telescope()
    rng = np.random.default_rng(rng)
    noise = np.broadcast_to(np.asarray(telescope.noise if noise is None else noise, dtype=float), n)
    if not ((noise >= 0) & (noise < 1)).all():
        raise CourseError("Noise is a probability between 0 and 1.")
    electron = (
        elastic_energies(n, energies, rng=rng)
        if isinstance(energies, tuple)
        else np.broadcast_to(np.asarray(energies, dtype=float), n)
    )
    energy = np.column_stack([np.full(n, BEAM), BEAM + ELECTRON_MASS - electron, electron])
    vertex = rng.normal(0, telescope.beam_size, (n, 2))
    slopes = _directions(electron, telescope.beam_divergence, rng)
    depth = rng.random(n)[:, None] * [1.0, -1.0, -1.0] + [0.0, 1.0, 1.0]  # matter before and behind it
    mass = np.array([MUON_MASS, MUON_MASS, ELECTRON_MASS])
    momentum = np.sqrt(energy**2 - mass**2)
    kick = highland(momentum, depth * telescope.target, mass)[..., None] * rng.normal(size=slopes.shape)
    width = highland(momentum, telescope.thickness, mass)
    before, behind = slice(0, 1), slice(1, 3)
    return Scatters(
        _station(telescope, vertex, (kick - slopes)[:, before], width[:, before], noise, rng),
        _station(telescope, vertex, (kick + slopes)[:, behind], width[:, behind], noise, rng),
        vertex,
        slopes,
        energy,
    )


def _directions(electron: Floats, divergence: float, rng: np.random.Generator) -> Floats:
    """Slopes of incoming muon, outgoing muon and electron, which leave on opposite sides."""
    beam = rng.normal(0, divergence, (len(electron), 2))
    phi = rng.uniform(0, 2 * np.pi, len(electron))
    around = np.column_stack([np.cos(phi), np.sin(phi)])
    muon = beam - np.tan(muon_angle(electron))[:, None] * around
    return np.stack([beam, muon, beam + np.tan(electron_angle(electron))[:, None] * around], axis=1)


def _station(telescope, vertex, slopes, width, noise, rng) -> Station:
    """Follow tracks (n, k) from the target through all planes, and let strips fire."""
    z = telescope.matter()
    kicks = width[..., None, None] * rng.normal(size=(*width.shape, len(z), 2))
    views = {}
    for view, direction in VIEWS.items():
        here = telescope.z(view)
        lever = np.maximum(here[:, None] - z, 0)  # planes crossed before move the track
        start, turned = vertex @ direction, slopes @ direction
        position = start[:, None, None] + turned[..., None] * here + (kicks @ direction) @ lever.T
        views[view] = _fire(telescope, position, noise, rng)
    return Station(**views)


def _fire(telescope: Telescope, position: Floats, noise: Floats, rng: np.random.Generator) -> View:
    n, _, planes = position.shape
    strip = telescope.strip(position)
    hits = (strip >= 0) & (strip < telescope.strips) & (rng.random(strip.shape) < telescope.hit_efficiency)
    images = _noise((n, telescope.strips, planes), noise, rng)
    event, track, plane = np.nonzero(hits)
    images[event, strip[event, track, plane], plane] = 1
    return View(images, position, hits)


def _noise(shape: tuple[int, int, int], noise: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Strips that fire by themselves. From one to the next it is a geometric number of strips: few draws."""
    images = np.zeros(shape, dtype=np.uint8)
    most = noise.max(initial=0.0)
    if most > 0:
        many = int(images.size * most + 6 * np.sqrt(images.size * most) + 20)
        place = np.cumsum(rng.geometric(most, many)) - 1
        while place[-1] < images.size:  # it takes six standard deviations to get here
            place = np.concatenate([place, place[-1] + np.cumsum(rng.geometric(most, many))])
        place = place[place < images.size]
        kept = rng.random(len(place)) * most < noise[place // (shape[1] * shape[2])]
        images.reshape(-1)[place[kept]] = 1
    return images
