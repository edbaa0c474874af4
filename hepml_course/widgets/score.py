"""Move a cut on the score, and see which processes stay and where they lie in the visible mass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.widgets.pictures import slide

if TYPE_CHECKING:
    from pandas import DataFrame

FEWEST = 10  # signal rows that a page must keep


def score_cut(
    events: DataFrame,
    data: DataFrame,
    *,
    score: str = "trees",
    weight: str = "yield",
    name: str = "vis_mass",
    signal: str = "Ztautau",
    still: int = 10,
) -> None:
    """Show a slider over cuts on a score between 0 and 1, in twenty steps.

    Parameters
    ----------
    events : DataFrame
        Simulated events with columns ``process``, `score`, `weight` and `name`.
    data : DataFrame
        Recorded events or pseudo-data with columns `score` and `name`.
    score, weight, name : str
        Classifier output, expected events per row in the luminosity of the data, and the variable to see.
    signal : str
        The process that is looked for.
    still : int
        The step shown where there is no widget; the cut is ``still / 20``.
    """
    cuts = np.arange(20) / 20
    best = np.sort(events.loc[events["process"] == signal, score])[::-1]
    if len(best) < FEWEST:
        raise CourseError(f"{len(best)} signal events are too few to cut on.")
    cuts = cuts[cuts <= best[FEWEST - 1]]

    def page(step: int) -> tuple[Figure, str]:
        cut = cuts[step]
        kept, seen = events[events[score] >= cut], data[data[score] >= cut]
        figure = Figure(figsize=(9.6, 4.4), layout="constrained")
        left, right = figure.subplots(1, 2)
        plot.stack(events, score, weight=weight, edges=np.linspace(0, 1, 21), ax=left)
        left.axvline(cut, color="black", linestyle="--")
        left.set_xlabel("score")
        plot.stack(kept, name, data=seen, weight=weight, ax=right)
        figure.legend(*right.get_legend_handles_labels(), loc="outside right center")
        return figure, _words(cut, kept, len(seen), weight, signal)

    labels = [f"{cut:.2f}" for cut in cuts]
    slide(page, len(cuts), name="cut", still=min(still, len(cuts) - 1), labels=labels)


def _words(cut: float, kept: DataFrame, recorded: int, weight: str, signal: str) -> str:
    is_signal = kept["process"] == signal
    s, b = kept.loc[is_signal, weight].sum(), kept.loc[~is_signal, weight].sum()
    return (
        f"Score above {cut:.2f}: {s:.0f} signal and {b:.0f} background events expected, {recorded} recorded. "
        f"Background makes {100 * b / (s + b):.0f} % of it, √(s + b) / s is {100 * np.sqrt(s + b) / s:.1f} %."
    )
