"""One look for every figure: sizes, colours that colour-blind readers tell apart, a modest resolution."""

import matplotlib as mpl
from cycler import cycler

# Okabe and Ito (2008). The first two are signal and background, and differ in lightness too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7F7F7F", "#000000")
SIGNAL, BACKGROUND = COLOURS[:2]
NEUTRAL = "#4D4D4D"
MARKERS = {+1: "o", -1: "^"}  # the shape says the class without colour

STYLE = {
    "figure.figsize": (5.6, 4.0),
    "figure.dpi": 90,
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=COLOURS),
    "legend.frameon": False,
    "legend.fontsize": 10,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "grid.alpha": 0.3,
}


def use() -> None:
    """Make the course's style the style of this session. `hepml_course.plot` does it on import."""
    mpl.rcParams.update(STYLE)
