"""Distributions of simulated processes: side by side with equal area, or stacked under the data.

The functions take a table of simulated events with a column ``process``, the variable, and the event
weight, as `pandas.concat` makes it from one table per file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError
from hepml_course.plot.panel import panel_below
from hepml_course.plot.physics import PROCESSES, process, variable

if TYPE_CHECKING:
    from hist import Hist
    from pandas import DataFrame


def overlay(
    events: DataFrame,
    name: str,
    *,
    weight: str = "WeightLumi",
    signal: str = "Ztautau",
    edges: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Signal, filled, against each background, each scaled to unit area, with statistical errors.

    Parameters
    ----------
    events : DataFrame
        Columns ``process``, ``name`` and ``weight``. Processes without events in range are left out.
    name : str
        The variable to draw.
    weight : str
        Column with the event weights.
    signal : str
        The process to fill.
    edges : array_like, optional
        Bin edges, in the variable's unit; by default those of `hepml_course.plot.physics`.
    """
    import mplhep

    ax = plt.gca() if ax is None else ax
    for which in _present(events):
        histogram = _histogram(events[events["process"] == which], name, weight, edges)
        total = histogram.sum().value
        if total <= 0:
            continue
        style = {"color": process(which).colour, "label": process(which).label}
        if which == signal:
            mplhep.histplot(
                histogram / total, ax=ax, histtype="fill", alpha=0.35, yerr=False, flow="none", **style
            )
            style["label"] = None
        mplhep.histplot(
            histogram / total, ax=ax, histtype="step", yerr=True, flow="none", linewidth=1.4, **style
        )
    ax.set(xlabel=_label(events, name), ylabel="fraction of events per bin")
    ax.set_xlim(_edges(events, name, edges)[[0, -1]])
    ax.set_ylim(bottom=0)
    return ax


def stack(
    events: DataFrame,
    name: str,
    *,
    data: DataFrame | None = None,
    weight: str = "WeightLumi",
    scale: float = 1.0,
    edges: ArrayLike | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Simulated processes stacked, signal on top, with their statistical uncertainty.

    Parameters
    ----------
    events, name, weight, edges
        As in `overlay`.
    data : DataFrame, optional
        Recorded events or pseudo-data, one count each, drawn as points; a panel below shows data divided
        by simulation, and is the axes labelled "ratio" of the same figure.
    scale : float
        Factor on the simulation: luminosity of the data over the luminosity of the weights.
    """
    import mplhep

    ax = plt.gca() if ax is None else ax
    names = _present(events)[::-1]
    parts = [_histogram(events[events["process"] == which], name, weight, edges) * scale for which in names]
    if not parts:
        raise CourseError("There are no simulated events to stack.")
    labels = [process(which).label for which in names]
    colours = [process(which).colour for which in names]
    mplhep.histplot(parts, ax=ax, stack=True, histtype="fill", label=labels, color=colours, flow="none")
    total = sum(parts[1:], start=parts[0])
    _band(ax, total, label="simulation, stat.")
    ax.set(xlabel=_label(events, name), ylabel="events per bin")
    if data is not None:
        _points(ax, _histogram(data, name, None, edges), total)
    ax.set_xlim(parts[0].axes[0].edges[[0, -1]])
    ax.set_ylim(bottom=0)
    return ax


def _points(ax: Axes, data: Hist, total: Hist) -> None:
    """Data with Poisson intervals over the stack, and below it their ratio, without points for no data."""
    import mplhep

    style = {"color": "black", "marker": "o", "markersize": 3, "linestyle": "none", "elinewidth": 1}
    filled = data.values() > 0
    mplhep.histplot(
        data, ax=ax, histtype="errorbar", w2method="poisson", label="pseudo-data", flow="none", **style
    )
    ratio = panel_below(ax)
    values, low, high = mplhep.comp.get_comparison(data, total, "split_ratio", h1_w2method="poisson")
    drawn = filled & np.isfinite(values)
    ratio.errorbar(data.axes[0].centers[drawn], values[drawn], (low[drawn], high[drawn]), **style)
    _band(ratio, total, divisor=total.values())
    ratio.axhline(1, color="black", linewidth=0.8)
    ratio.set(xlabel=ax.get_xlabel(), ylabel="data / sim.", ylim=(0.5, 1.5))
    ax.set_xlabel("")


def _band(ax: Axes, total: Hist, divisor: ArrayLike | None = None, label: str | None = None) -> None:
    """Hatch the simulation's statistical uncertainty, absolute or relative to ``divisor``."""
    divisor = (
        np.ones(len(total.values()))
        if divisor is None
        else np.where(np.asarray(divisor) > 0, divisor, np.nan)
    )
    error = np.sqrt(total.variances())
    ax.stairs(
        (total.values() + error) / divisor,
        total.axes[0].edges,
        baseline=(total.values() - error) / divisor,
        fill=True,
        facecolor="none",
        edgecolor="grey",
        hatch="/////",
        linewidth=0,
        label=label,
    )


def _present(events: DataFrame) -> list[str]:
    """Processes of the table: the known ones in their fixed order, then any other."""
    found = list(dict.fromkeys(events["process"]))
    return [which for which in PROCESSES if which in found] + [
        which for which in found if which not in PROCESSES
    ]


def _histogram(events: DataFrame, name: str, weight: str | None, edges: ArrayLike | None) -> Hist:
    """Histogram of one column; with weights it keeps Σw² for the uncertainty."""
    from hist import Hist, axis

    values, bins = _column(events, name), axis.Variable(_edges(events, name, edges))
    if weight is None:
        return Hist(bins).fill(values)
    return Hist(bins, storage="weight").fill(values, weight=_column(events, weight))


def _edges(events: DataFrame, name: str, edges: ArrayLike | None) -> np.ndarray:
    return variable(name, _column(events, name)).edges if edges is None else np.asarray(edges, dtype=float)


def _column(events: DataFrame, name: str) -> np.ndarray:
    if name not in events:
        raise CourseError(f"The table has no column {name!r}. It has: {', '.join(map(str, events.columns))}.")
    return events[name].to_numpy(dtype=float)


def _label(events: DataFrame, name: str) -> str:
    return variable(name, _column(events, name)).label
