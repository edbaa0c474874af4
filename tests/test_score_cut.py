"""The widget of lesson 09: what a page says and draws for a cut on the score."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from hepml_course.errors import CourseError
from hepml_course.plot.physics import PROCESSES
from hepml_course.widgets import score, score_cut

EVENTS = pd.DataFrame(
    {
        "process": ["Ztautau"] * 40 + ["Wmunu"] * 40,
        "trees": np.r_[np.linspace(0.3, 0.99, 40), np.linspace(0.01, 0.6, 40)],
        "vis_mass": np.linspace(40, 120, 80),
        "yield": [2.0] * 40 + [3.0] * 40,
    }
)
DATA = pd.DataFrame({"trees": [0.1, 0.5, 0.9], "vis_mass": [50.0, 60.0, 70.0]})


@pytest.fixture
def book(monkeypatch):
    """Pages as the widget hands them to the slider."""
    made = {}

    def keep(draw, pages, **more):
        made.update(draw=draw, pages=pages, **more)

    monkeypatch.setattr(score, "slide", keep)
    yield made
    plt.close("all")


def top(ax):
    return max(
        patch.get_data().values.sum() for patch in ax.patches if patch.get_fill() and not patch.get_hatch()
    )


def test_a_page_counts_what_lies_above_the_cut(book):
    score_cut(EVENTS, DATA)
    figure, words = book["draw"](10)
    kept = EVENTS[EVENTS.trees >= 0.5]
    s, b = (kept.loc[kept.process == p, "yield"].sum() for p in ("Ztautau", "Wmunu"))
    assert words.startswith(
        f"Score above 0.50: {s:.0f} signal and {b:.0f} background events expected, 2 recorded."
    )
    assert f"{100 * np.sqrt(s + b) / s:.1f} %" in words
    left, right, ratio = figure.axes
    assert left.lines[0].get_xdata()[0] == 0.5
    assert top(left) == pytest.approx(EVENTS["yield"].sum())
    assert top(right) == pytest.approx(s + b)
    assert ratio.get_label() == "ratio"
    assert figure.legends[0].get_texts()[0].get_text() == PROCESSES["Ztautau"].label


def test_pages_end_before_the_signal_does(book):
    score_cut(EVENTS, DATA, still=19)
    assert 10 < book["pages"] < 20
    assert book["still"] == book["pages"] - 1
    last = (book["pages"] - 1) / 20
    assert book["labels"][:2] == ["0.00", "0.05"]
    assert len(book["labels"]) == book["pages"]
    assert np.count_nonzero(EVENTS.trees[:40] >= last) >= 10
    book["draw"](book["pages"] - 1)


def test_without_signal_there_is_nothing_to_move(book):
    with pytest.raises(CourseError, match="5 signal events are too few"):
        score_cut(EVENTS[35:], DATA)
