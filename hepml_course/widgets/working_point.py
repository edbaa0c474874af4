"""Move a cut on the score: histograms, ROC curve, confusion matrix and significance move with it."""

import base64
import html

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.plot.working_point import WorkingPoint

STEPS = 80


def working_point(
    score: ArrayLike,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    still: float | None = None,
    expected: tuple[float, float] | None = None,
    uncertainty: float = 0.0,
    names: tuple[str, str] = ("background", "signal"),
    label: str = "score",
    log: bool = False,
) -> None:
    """Show a slider over the cuts on a score.

    The same output holds the picture of one cut as a plain PNG, for where no widget can be shown.

    Parameters
    ----------
    still : float, optional
        The cut at the start, and in the still picture; halfway by default.
    score, y, weights, expected, uncertainty, names, label, log
        As in `hepml_course.plot.WorkingPoint`.
    """
    from IPython.display import display

    view = WorkingPoint(
        score, y, weights, expected=expected, uncertainty=uncertainty, names=names, label=label, log=log
    )
    low, high = view.range
    cuts = np.linspace(low, high, STEPS + 1)
    start = int(np.argmin(np.abs(cuts - (low + high) / 2 if still is None else cuts - still)))
    start = min(start, STEPS - 1)  # there is always something to the right
    if still is not None and low < still < high:
        cuts[start] = still  # the cut that the text speaks of, not its neighbour on the grid
    words = view.move(cuts[start])
    data = {"text/plain": words, "image/png": base64.b64encode(view.png()).decode("ascii")}
    data.update(_live(view, cuts, start))
    display(data, raw=True)


def _live(view: WorkingPoint, cuts: np.ndarray, start: int) -> dict:
    """The widget's own entry in the output; kept apart from its text, which holds an address."""
    import ipywidgets

    options = [(f"{cut:.2f}".replace("-", "−"), place) for place, cut in enumerate(cuts)]
    slider = ipywidgets.SelectionSlider(
        options=options, value=start, description="cut", layout={"width": "60%"}
    )
    page = ipywidgets.HTML()

    def turn(_: object = None) -> None:
        words = html.escape(view.move(cuts[slider.value]))
        source = f"data:image/png;base64,{base64.b64encode(view.png()).decode('ascii')}"
        page.value = f'<img alt="{words}" src="{source}" style="max-width: 100%"><p>{words}</p>'

    slider.observe(turn, "value")
    turn()
    bundle = ipywidgets.VBox([slider, page])._repr_mimebundle_()
    return {mime: value for mime, value in bundle.items() if "widget-view" in mime}
