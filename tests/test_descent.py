"""Lesson 03's parts: its samples, the map of a loss, the widget."""

import base64

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from hepml_course import plot, widgets
from hepml_course.checks import verdict
from hepml_course.checks.descent import adam, batches, descend, momentum
from hepml_course.errors import CourseError
from hepml_course.simulate import drift_tube, muon_neutrinos
from hepml_course.simulate.oscillation import PHASE, SPLITTING, survival
from hepml_course.widgets import descent as widget

VIEW = "application/vnd.jupyter.widget-view+json"
BEST = np.array([1.0, -2.0])


def misfit(w):
    return 0.5 * ((np.asarray(w) - BEST) ** 2).sum(axis=-1)


def plain(g, rate):
    return -rate * g


def uphill(g, rate):
    return rate * g


def walk(way, start, rate, steps):
    path = [np.asarray(start)]
    for _ in range(steps):
        path.append(path[-1] + way(path[-1] - BEST, rate))
    return np.array(path)


# -- samples -----------------------------------------------------------------------------------------


def test_drift_times_lie_on_the_line_of_the_docstring():
    time, distance = drift_tube(20_000, 1)
    slope, offset = np.polyfit(time, distance, 1)
    assert slope == pytest.approx(0.054, abs=1e-4)
    assert -offset / slope == pytest.approx(50, abs=0.5)
    assert np.std(distance - slope * time - offset) == pytest.approx(0.25, abs=0.01)
    np.testing.assert_array_equal(drift_tube(5, 3), drift_tube(5, np.random.default_rng(3)))


def test_neutrinos_survive_as_often_as_they_should():
    baseline, y = muon_neutrinos(100_000, 2)
    assert set(np.unique(y)) == {-1, 1}
    assert 0 <= baseline.min() < baseline.max() <= 2
    for low in np.arange(0, 2, 0.25):
        here = (baseline > low) & (baseline < low + 0.25)
        expected = survival(SPLITTING, baseline[here]).mean()
        assert (y[here] > 0).mean() == pytest.approx(expected, abs=0.02)


def test_survival_is_highest_at_the_start_and_lowest_at_half_a_period():
    assert survival(SPLITTING, 0.0) == pytest.approx(0.9)
    assert survival(SPLITTING, np.pi / PHASE / SPLITTING) == pytest.approx(0.1)


# -- walks against what is known about them ------------------------------------------------------------


def test_walks_arrive_where_the_minimum_is():
    h = np.array([[2.0, 0.5], [0.5, 1.0]])
    slope = lambda w: h @ (w - BEST)  # noqa: E731
    start = np.array([4.0, 4.0])
    for end in (
        descend(slope, start, 0.5, 200),
        momentum(slope, start, 0.1, 0.8, 200),
        adam(slope, start, 0.1, 2000),
    ):
        np.testing.assert_allclose(end, BEST, atol=1e-3)


def test_batches_hold_every_event_once():
    parts = batches(10, 4, np.random.default_rng(0))
    assert [len(part) for part in parts] == [4, 4, 2]
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(10))


# -- the map -------------------------------------------------------------------------------------------


def test_contours_lie_at_the_heights_asked_for():
    _, ax = plt.subplots()
    plot.loss_contours(misfit, (-2, 4), (-5, 1), levels=[0.5, 2], best=BEST, ax=ax)
    _, lines = ax.collections
    for level, path in zip((0.5, 2), lines.get_paths(), strict=True):
        np.testing.assert_allclose(misfit(path.vertices), level, atol=0.01)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 4), (-5, 1))
    np.testing.assert_array_equal(ax.get_lines()[0].get_xydata()[0], BEST)


def test_by_default_the_contours_show_the_floor_and_the_walls():
    ax = plot.loss_contours(misfit, (-2, 4), (-5, 1))
    levels = ax.collections[0].levels
    assert levels[0] < 0.05
    assert levels[-1] > 6


def test_a_path_begins_with_a_ring_and_leaves_out_what_ran_away():
    _, ax = plt.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    path = [[0.1, 0.2], [0.3, 0.4], [np.inf, 0], [np.nan, 1], [1e12, 0]]
    line, ring = plot.descent_path(path, ax=ax, label="plain").get_lines()
    np.testing.assert_array_equal(line.get_xydata(), path[:2])
    np.testing.assert_array_equal(ring.get_xydata(), path[:1])
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (0, 1))


# -- the widget ----------------------------------------------------------------------------------------


@pytest.fixture
def shown(monkeypatch):
    outputs, known = [], set(_instances)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    ways = {plain: 0.1, uphill: 0.2}
    widgets.descent_walk(walk, ways, misfit, start=(3, 0), best=BEST, xlim=(-2, 4), ylim=(-5, 1), steps=50)
    made = [w for key, w in _instances.items() if key not in known]

    def one(kind):
        return next(w for w in made if type(w).__name__ == kind)

    return outputs[0], one("Dropdown"), one("FloatLogSlider"), one("DescentMap")


def test_one_output_holds_the_widget_and_a_still_picture(shown):
    data, *_ = shown
    assert set(data) == {"text/plain", "image/png", VIEW}
    assert data["text/plain"].startswith("plain, rate 0.1: misfit")
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_the_rate_changes_the_path(shown):
    _, _, rate, ground = shown
    before = ground.path
    rate.value = 0.5
    assert ground.path != before
    np.testing.assert_allclose(ground.path, walk(plain, (3, 0), 0.5, 50))
    np.testing.assert_allclose(ground.heights, misfit(walk(plain, (3, 0), 0.5, 50)))
    assert "rate 0.5" in ground.words


def test_another_optimiser_begins_with_its_own_rate(shown):
    _, chosen, rate, ground = shown
    chosen.value = uphill
    assert rate.value == 0.2
    assert "runs away" in ground.words
    assert np.isfinite(ground.path).all()


def test_a_moved_start_is_answered(shown):
    *_, ground = shown
    ground.set_state({"start": [0.0, 0.0], "ask": 7})
    assert ground.answer == 7
    assert ground.path[0] == [0.0, 0.0]


def test_the_words_say_from_which_step_on_it_has_arrived():
    heights = np.array([5.0, 0.4, 0.7, 0.3, 0.2])
    assert "from step 3 on" in widget.in_words(plain, 0.1, heights, 4)
    assert "from step 0 on" in widget.in_words(plain, 0.1, np.full(5, 0.1), 4)
    assert "not yet" in widget.in_words(plain, 0.1, heights + 1, 4)
    assert "runs away" in widget.in_words(plain, 0.1, heights, 9)


def test_a_walk_that_runs_away_is_cut_and_one_without_a_start_gets_a_sentence():
    path, heights = widget.follow(walk, misfit, uphill, (3, 0), 10.0, 500)
    assert len(path) == len(heights) < 20
    with pytest.raises(CourseError, match="finite"):
        widget.follow(walk, misfit, plain, (np.nan, 0), 0.1, 5)


def test_an_update_is_fast(shown):
    from time import perf_counter

    *_, rate, _ = shown
    began = perf_counter()
    for value in np.linspace(0.1, 0.9, 20):
        rate.value = float(value)
    assert (perf_counter() - began) / 20 < 0.1


def test_the_slider_is_one_that_the_browser_test_finds(shown):
    _, _, rate, _ = shown
    assert isinstance(rate, ipywidgets.FloatLogSlider)


def test_a_rounded_answer_is_shown_with_the_digits_in_which_it_differs():
    found = verdict("descent.largest_rate", lambda h: round(2 / np.linalg.eigvalsh(h).max(), 4))
    assert "is 0.333333; yours is 0.3333." in found.text
