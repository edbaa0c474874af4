"""Jets as what methods look at: from lists of constituents to shapes and to images.

>>> from hepml_course import data, jets
>>> quarks = data.load("quark_gluon")["quark"]  # doctest: +SKIP
>>> jets.jet_images(quarks).shape[1:]  # doctest: +SKIP
(16, 16, 3)
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]

CHANNELS = ("photons", "neutral hadrons", "tracks")
PIXELS, HALF_SIDE = 16, 0.4

JET_SHAPES = {
    "tracks": "tracks",
    "width": "width Σ pT ΔR / Σ pT",
    "dispersion": "dispersion √(Σ pT²) / Σ pT",
    "leading": "share of the hardest constituent",
    "short_axis": "width along the short axis",
    "photons": "share of photons",
}


def jet_shapes(table: Mapping[str, ArrayLike]) -> Floats:
    """The variables of `JET_SHAPES`, one column each in that order, one row a jet.

    Parameters
    ----------
    table : mapping of str to array_like
        Columns ``jet``, ``pt``, ``eta``, ``phi``, ``charge`` and ``is_photon`` as in the sample
        ``quark_gluon``: a row is a constituent, and the rows of a jet follow each other.

    Returns
    -------
    ndarray, shape (jets, 6)
        Distances are in η and φ, sums run over all constituents. Dispersion and short axis are those of
        CMS-PAS-JME-13-002, pT D and σ2: the second is the smaller root-mean-square width of the jet, with the
        squares of the momenta as weights.
    """
    jet, pt, eta, phi = _columns(table)
    total = np.bincount(jet, pt)
    squares = np.bincount(jet, pt**2)
    moments = [np.bincount(jet, pt**2 * product) / squares for product in (eta * eta, phi * phi, eta * phi)]
    eta_mean, phi_mean = (np.bincount(jet, pt**2 * angle) / squares for angle in (eta, phi))
    ee, pp = moments[0] - eta_mean**2, moments[1] - phi_mean**2
    ep = moments[2] - eta_mean * phi_mean
    short = (ee + pp) / 2 - np.hypot((ee - pp) / 2, ep)
    hardest = np.zeros(len(total))
    np.maximum.at(hardest, jet, pt)
    return np.column_stack(
        [
            np.bincount(jet, np.asarray(table["charge"]) != 0),
            np.bincount(jet, pt * np.hypot(eta, phi)) / total,
            np.sqrt(squares) / total,
            hardest / total,
            np.sqrt(np.maximum(short, 0)),
            np.bincount(jet, pt * (np.asarray(table["is_photon"]) != 0)) / total,
        ]
    )


def jet_images(
    table: Mapping[str, ArrayLike], pixels: int = PIXELS, half_side: float = HALF_SIDE
) -> NDArray[np.float32]:
    """Images of jets: transverse momentum in pixels of η and φ around the axis, in three channels.

    Parameters
    ----------
    table : mapping of str to array_like
        As in `jet_shapes`.
    pixels : int
        On each side.
    half_side : float
        From the axis to the edge, in η and in φ. What lies outside is not in the image.

    Returns
    -------
    ndarray, shape (jets, pixels, pixels, 3), dtype float32
        GeV in the `CHANNELS`; rows are φ, upwards, and columns are η.
    """
    jet, pt, eta, phi = _columns(table)
    if pixels < 1 or half_side <= 0:
        raise CourseError(f"An image needs pixels and a size; {pixels} pixels of ±{half_side} is none.")
    charged, photon = np.asarray(table["charge"]) != 0, np.asarray(table["is_photon"]) != 0
    channel = np.where(charged, 2, np.where(photon, 0, 1))
    row, column = (
        np.floor((angle + half_side) / (2 * half_side) * pixels).astype(int) for angle in (phi, eta)
    )
    inside = (row >= 0) & (row < pixels) & (column >= 0) & (column < pixels)
    shape = (int(jet[-1]) + 1, pixels, pixels, len(CHANNELS))
    flat = np.ravel_multi_index((jet[inside], row[inside], column[inside], channel[inside]), shape)
    return np.bincount(flat, pt[inside], minlength=np.prod(shape)).reshape(shape).astype(np.float32)


def _columns(table: Mapping[str, ArrayLike]) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Number of the jet, counted from 0 in the order of the rows, and pt, eta and phi of each constituent."""
    missing = [name for name in ("jet", "pt", "eta", "phi", "charge", "is_photon") if name not in table]
    if missing:
        raise CourseError(
            f"A table of jets needs the columns {', '.join(missing)}: take all branches of the sample."
        )
    number = np.asarray(table["jet"])
    if len(number) == 0:
        raise CourseError("There are no jets in this table: loosen the selection.")
    jet = np.cumsum(np.r_[0, np.diff(number) != 0])
    return (jet, *(np.asarray(table[name], dtype=float) for name in ("pt", "eta", "phi")))
