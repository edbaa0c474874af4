"""The momentum spectrum of a search: signal over a steep background, on a logarithmic axis."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.plot.style import COLOURS, NEUTRAL


def spectrum(
    samples: Mapping[str, tuple[ArrayLike, ArrayLike]],
    edges: ArrayLike,
    *,
    window: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Expected events per bin, one line for each sample, with bands of one standard deviation.

    Parameters
    ----------
    samples : mapping of str to tuple
        Name of each sample, and its momenta in MeV/c and weights, shape (n,) each.
    edges : array_like, shape (m + 1,)
        Edges of the bins, MeV/c.
    window : tuple of float, optional
        Signal window, MeV/c, which is shaded.
    """
    ax = plt.gca() if ax is None else ax
    edges = np.asarray(edges, dtype=float)
    top = 0.0
    for (name, (p, w)), colour, style in zip(
        samples.items(), COLOURS, ("-", "--", "-.", ":") * 2, strict=False
    ):
        w = np.asarray(w, dtype=float)
        height = np.histogram(p, edges, weights=w)[0]
        error = np.sqrt(np.histogram(p, edges, weights=w**2)[0])
        ax.stairs(height, edges, color=colour, linestyle=style, linewidth=1.5, label=name)
        low = np.append(height - error, 0), np.append(height + error, 0)
        ax.fill_between(edges, *low, step="post", color=colour, alpha=0.2, linewidth=0)
        top = max(top, height.max())
    if window is not None:
        ax.axvspan(*window, color=NEUTRAL, alpha=0.12, linewidth=0, label="signal window")
    ax.set_yscale("log")
    ax.set(xlabel="reconstructed momentum / (MeV/c)", xlim=edges[[0, -1]], ylim=(top * 1e-5, top * 3))
    ax.set_ylabel(f"events per {edges[1] - edges[0]:.2g} MeV/c")
    ax.legend()
    return ax
