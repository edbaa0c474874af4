"""Shower-shape variables: what physicists made of a calorimeter image before networks looked at the cells.

>>> from hepml_course.shower_shapes import SHAPES, shower_shapes
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]

SHAPES = {
    "energy": "energy in ECAL and HCAL / GeV",
    "width_eta": "width in η / cells",
    "width_phi": "width in φ / cells",
    "long_axis": "width along the long axis / cells",
    "short_axis": "width along the short axis / cells",
    "core": "E(3 × 3) / E(7 × 7)",
    "peak": "highest cell / E(3 × 3)",
    "second": "second maximum / highest cell",
    "cells": "ECAL cells with energy",
    "hcal": "share of the HCAL",
    "hcal_peak": "highest HCAL cell / HCAL",
}


def shower_shapes(images: ArrayLike) -> Floats:
    """The variables of `SHAPES`, one column each in that order, from calorimeter cells only.

    Parameters
    ----------
    images : array_like, shape (n, rows, columns, channels)
        GeV; the first two channels are ECAL and HCAL. The track is not looked at.

    Returns
    -------
    ndarray, shape (n, 11)
        All but the HCAL's come from the ECAL. Widths are root mean squares weighted with energy. The core is
        centred on the highest cell. The second maximum is the highest cell that exceeds its
        eight neighbours and does not touch the first one. Where a denominator is zero the variable is 0.
    """
    ecal, hcal = _calorimeters(images)
    n, rows, columns = ecal.shape
    y, x = np.mgrid[:rows, :columns]
    total, behind = ecal.sum(axis=(1, 2)), hcal.sum(axis=(1, 2))
    mean_y, mean_x = (_ratio((ecal * c).sum(axis=(1, 2)), total) for c in (y, x))
    dy, dx = y - mean_y[:, None, None], x - mean_x[:, None, None]
    yy, xx, xy = (_ratio((ecal * c).sum(axis=(1, 2)), total) for c in (dy * dy, dx * dx, dx * dy))
    middle, half = (yy + xx) / 2, np.hypot((yy - xx) / 2, xy)
    highest = ecal.reshape(n, -1).max(axis=1)
    three, seven = (_around_highest(ecal, k) for k in (3, 7))
    return np.column_stack(
        [
            total + behind,
            np.sqrt(xx),
            np.sqrt(yy),
            np.sqrt(middle + half),
            np.sqrt(np.maximum(middle - half, 0)),
            _ratio(three, seven),
            _ratio(highest, three),
            _ratio(_second_maximum(ecal), highest),
            (ecal > 0).sum(axis=(1, 2)),
            _ratio(behind, total + behind),
            _ratio(hcal.reshape(n, -1).max(axis=1), behind),
        ]
    )


def energy_over_momentum(images: ArrayLike) -> Floats:
    """E/p: what the calorimeters measured over the momentum of the track, 0 where there is no track.

    Parameters
    ----------
    images : array_like, shape (n, rows, columns, 3)
        GeV in ECAL and HCAL, and the track's momentum.
    """
    images = np.asarray(images, dtype=float)
    if images.ndim != 4 or images.shape[-1] != 3:
        raise CourseError(f"E/p needs the channels ECAL, HCAL and track; these images are {images.shape}.")
    energy, momentum = images[..., :2].sum(axis=(1, 2, 3)), images[..., 2].sum(axis=(1, 2))
    return _ratio(energy, momentum)


def _calorimeters(images: ArrayLike) -> tuple[Floats, Floats]:
    images = np.asarray(images, dtype=float)
    if images.ndim != 4 or images.shape[-1] < 2:
        raise CourseError(
            "Shower shapes need images of shape (n, rows, columns, channels) with ECAL and HCAL as the first "
            f"two channels; these are {images.shape}."
        )
    return images[..., 0], images[..., 1]


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.zeros(np.shape(top)), where=bottom > 0)


def _neighbourhoods(image: Floats, k: int) -> Floats:
    """View of the k × k cells around each cell, zeros beyond the edge: shape (n, rows, columns, k, k)."""
    padded = np.pad(image, ((0, 0), (k // 2, k // 2), (k // 2, k // 2)))
    return sliding_window_view(padded, (k, k), axis=(1, 2))


def _around_highest(image: Floats, k: int) -> Floats:
    """Energy in the k × k cells around the highest one."""
    n, _, columns = image.shape
    row, column = np.divmod(image.reshape(n, -1).argmax(axis=1), columns)
    return _neighbourhoods(image, k)[np.arange(n), row, column].sum(axis=(1, 2))


def _second_maximum(image: Floats) -> Floats:
    """Height of the highest local maximum that does not touch the highest cell."""
    n, rows, columns = image.shape
    peaks = np.where(image >= _neighbourhoods(image, 3).max(axis=(3, 4)), image, 0.0)
    row, column = np.divmod(image.reshape(n, -1).argmax(axis=1), columns)
    y, x = np.arange(rows)[:, None], np.arange(columns)
    far = np.maximum(np.abs(y - row[:, None, None]), np.abs(x - column[:, None, None])) > 1
    return np.where(far, peaks, 0.0).reshape(n, -1).max(axis=1)
