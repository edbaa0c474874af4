"""What a cut on a score keeps: efficiencies, purity and significance against the cut."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from hepml_course.metrics import cut_scan as scan
from hepml_course.metrics.roc import Classes, classes
from hepml_course.plot.physics import robust_range
from hepml_course.plot.style import BACKGROUND, COLOURS, NEUTRAL, SIGNAL

_TAIL = 0.001  # of the events may lie beyond either end


def cut_scan(
    score: ArrayLike | Classes,
    y: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    expected: tuple[float, float] | None = None,
    uncertainty: float = 0.0,
    names: tuple[str, str] = ("background", "signal"),
    ax: Axes | None = None,
) -> Axes:
    """Efficiencies with bands of one standard deviation, purity and, on the right axis, Asimov significance.

    The significance ends where fewer than ten effective background events pass; its highest point is
    marked.

    Parameters
    ----------
    score, y, weights : array_like, shape (n,)
        Classifier output, truth (1 signal, 0 background) and event weights of any sign; or, in place of the
        three, what `hepml_course.metrics.roc.classes` made of them.
    expected, uncertainty
        Signal and background events expected before the cut, and the relative uncertainty of the latter, as
        in `hepml_course.metrics.cut_scan`.
    names : tuple of str
        Name of the background, then of the signal.
    ax : Axes, optional
        The axis to the right is the axes of the same figure that is labelled "significance".
    """
    ax = plt.gca() if ax is None else ax
    both = score if isinstance(score, Classes) else classes(score, y, weights, signed=True)
    found = scan(both, expected=expected, uncertainty=uncertainty)
    kept = zip((found.signal, found.background), names[::-1], (SIGNAL, BACKGROUND), ("-", "--"), strict=True)
    for part, name, colour, style in kept:
        ax.plot(found.cut, part.share, color=colour, linestyle=style, label=f"{name} efficiency")
        low, high = part.share - part.error, part.share + part.error
        ax.fill_between(found.cut, low, high, color=colour, alpha=0.25, linewidth=0)
    ax.plot(found.cut, found.purity, color=COLOURS[2], linestyle="-.", label="purity")
    right = ax.twinx()
    right.set_label("significance")
    right.spines["right"].set_visible(True)
    right.plot(found.cut, found.significance, color="black", linestyle=":", label="significance")
    values = both.grid[both.position]
    ends = [robust_range(values[of], tail=_TAIL) for of in (both.is_signal, ~both.is_signal)]
    ends = min(low for low, _ in ends), max(high for _, high in ends)
    ends = ends if ends[0] < ends[1] else (ends[0] - 0.5, ends[0] + 0.5)
    if found.best is not None:
        cut, best = found.cut[found.best], found.significance[found.best]
        shown = np.clip(cut, *ends)  # the best cut may be none at all
        right.plot(
            shown,
            best,
            "o",
            color="black",
            clip_on=False,
            label=f"best cut {_digits(cut, ends)}: {best:.3g} σ",
        )
        right.axvline(shown, color=NEUTRAL, linewidth=0.8)
    right.set(ylabel="Asimov significance / σ", ylim=(0, None))
    lowest = min(0.0, *(float(part.share.min()) for part in (found.signal, found.background)))
    highest = max(1.0, *(float(part.share.max()) for part in (found.signal, found.background)))
    ax.set(xlabel="cut on the score", ylabel="efficiency, purity", xlim=ends, ylim=(lowest, 1.02 * highest))
    both = [part.get_legend_handles_labels() for part in (ax, right)]
    handles, labels = (first + second for first, second in zip(*both, strict=True))
    ax.legend(handles, labels, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return ax


def _digits(cut: float, ends: tuple[float, float]) -> str:
    """A cut to about a thousandth of the range."""
    places = int(np.clip(np.ceil(2.5 - np.log10(max(ends[1] - ends[0], 1e-9))), 0, 6))
    return f"{cut:.{places}f}".replace("-", "−")
