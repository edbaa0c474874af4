"""Lesson 10's figures of weighted events, and its two sliders."""

import ipywidgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from hepml_course import plot, widgets
from hepml_course.errors import CourseError

EDGES = np.array([0.0, 1, 2, 4])
VALUES = np.array([0.5, 0.5, 1.5, 1.5, 3, 9])
WEIGHTS = np.array([2.0, -1, 3, 1, -2, 5])


def points(ax):
    """Height and error of each series of points with error bars, by its label."""
    found = {}
    for container in ax.containers:
        line, _, (bars,) = container
        ends = [segment[:, 1] if np.size(segment) else (np.nan, np.nan) for segment in bars.get_segments()]
        low, high = np.transpose(ends)
        found[container.get_label()] = line.get_ydata(), (high - low) / 2
    return found


def test_positive_up_negative_down_and_the_sum_with_its_error():
    ax = plot.signed_histogram(VALUES, WEIGHTS, EDGES, expected=[1, 2, 3])
    up, down, expected = (patch.get_data().values for patch in ax.patches)
    np.testing.assert_array_equal(up, [2, 4, 0])
    np.testing.assert_array_equal(down, [-1, 0, -2])
    np.testing.assert_array_equal(expected, [1, 2, 3])
    height, error = points(ax)["sum"]
    np.testing.assert_array_equal(height, [1, 4, -2])
    np.testing.assert_allclose(error, np.sqrt([5, 10, 4]))


def test_shapes_are_shares_of_all_the_weight_per_unit():
    ax = plot.weighted_shapes({"flat": ([0.5, 1.5, 3, 3], None), "signed": (VALUES, WEIGHTS)}, EDGES)
    np.testing.assert_allclose(ax.patches[0].get_data().values, [0.25, 0.25, 0.25])
    height, error = points(ax)["signed"]
    np.testing.assert_allclose(height, np.array([1, 4, -2 / 2]) / 8)  # what lies outside the edges counts
    np.testing.assert_allclose(error, np.array([np.sqrt(5), np.sqrt(10), 1]) / 8)


def test_the_ratio_is_to_the_first_and_leaves_out_where_that_is_empty():
    samples = {"first": ([0.5, 0.5, 3], None), "second": ([0.5, 1.5, 3, 3], None)}
    ax = plot.shape_ratio(samples, EDGES)
    height, error = points(ax)["second"]
    np.testing.assert_allclose(height, [0.25 / (2 / 3), np.nan, 0.5 / (1 / 3)])
    np.testing.assert_allclose(error[[0, 2]], np.array([0.25, np.sqrt(2) / 4]) / [2 / 3, 1 / 3])
    band = ax.patches[0].get_data()
    np.testing.assert_allclose((band.values - band.baseline)[[0, 2]] / 2, [1 / np.sqrt(2), 1])
    assert ax.get_ylabel() == "ratio to first"


@pytest.mark.parametrize("draw", [plot.weighted_shapes, plot.shape_ratio])
def test_weights_that_sum_to_nothing_have_no_shape(draw):
    with pytest.raises(CourseError, match="'odd' sum to 0"):
        draw({"flat": ([0.5], None), "odd": ([0.5, 1.5], [1, -1])}, EDGES)


def live(kind):
    """The newest widget of this kind."""
    return [widget for widget in _instances.values() if type(widget) is kind][-1]


def test_one_heavy_event_tells_what_the_others_are_still_worth(shown):
    values, y = np.arange(20.0), np.arange(20) < 10
    widgets.huge_weight(values, y, EDGES, which=3, sizes=(1, 9), still=1)
    assert shown[0]["text/plain"].startswith("One of 10 signal events weighs 9: they are worth 4 events")
    slider, page = live(ipywidgets.SelectionSlider), live(ipywidgets.HTML)
    assert "weighs 1: they are worth 10 events, and the AUC is 1.000" in page.value
    slider.value = 1
    assert "weighs 9: they are worth 4 events" in page.value
    with pytest.raises(CourseError, match="choose one of 0 to 9"):
        widgets.huge_weight(values, y, EDGES, which=10)


def test_the_share_of_negatives_is_drawn_anew_at_each_step(shown):
    asked = []

    def draw(share):
        asked.append(share)
        return np.linspace(0, 4, 100), np.where(np.arange(100) < 100 * share, -1.0, 1.0)

    widgets.negative_share(draw, EDGES, [0.25, 0.25, 0.5], shares=(0, 0.1, 0.3), still=2)
    assert shown[0]["text/plain"].startswith("100 events, 30.0 % of them negative: worth 16, which is 16 %")
    slider, page = live(ipywidgets.SelectionSlider), live(ipywidgets.HTML)
    assert [label for label, _ in slider.options] == ["0 %", "10 %", "30 %"]
    slider.value = 1
    assert "worth 64" in page.value
    assert set(asked) == {0, 0.1, 0.3}
