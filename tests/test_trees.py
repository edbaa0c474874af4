"""Figures and the widget of lesson 08: what is drawn, with which numbers."""

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.metrics import auc


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_the_cut_with_the_largest_gain_is_marked(ax):
    cuts, gains = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.4, 0.2])
    assert plot.split_gain([0.5, 2.5, 1.0, 3.0], [1, 0, 1, 0], cuts, gains, ax=ax) is ax
    other = next(each for each in ax.figure.axes if each is not ax)
    curve, dot, line = other.lines
    np.testing.assert_allclose(curve.get_ydata(), gains)
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (2.0, 0.4)
    assert line.get_xdata()[0] == 2.0
    assert "bit" in other.get_ylabel()
    assert "information gain" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_areas_are_weights_and_classes_have_their_own_shape(ax):
    x, y, w = np.arange(8.0).reshape(4, 2), np.array([1, -1, 1, -1]), np.array([1.0, 2.0, 3.0, 2.0])
    plot.weighted_classes(x, y, w, names=("jet", "electron"), ax=ax)
    jets, electrons = ax.collections
    assert electrons.get_sizes()[1] == pytest.approx(3 * electrons.get_sizes()[0])
    assert jets.get_sizes()[0] == pytest.approx(2 * electrons.get_sizes()[0])
    assert [c.get_label() for c in ax.collections] == ["jet", "electron"]
    assert len(jets.get_paths()[0].vertices) != len(electrons.get_paths()[0].vertices)


def test_the_plane_is_tinted_on_both_sides_of_the_border_and_the_view_stays(ax):
    ax.set(xlim=(0, 2), ylim=(0, 1))
    plot.score_plane(lambda x: x[:, 0], border=0.5, ax=ax)
    (image,) = ax.images
    values = image.get_array()
    assert (values[0, 0], values[0, -1]) == (0, 2)
    assert image.get_clim() == (-1.0, 2.0)  # 1.5 to either side of the border
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 2), (0, 1))
    path = ax.collections[0].get_paths()[0]
    np.testing.assert_allclose(path.vertices[:, 0], 0.5)


def test_a_score_that_never_crosses_the_border_has_none(ax):
    plot.score_plane(lambda x: np.full(len(x), 2.0), border=0.5, ax=ax)
    assert not ax.collections
    assert np.isfinite(ax.images[0].get_clim()).all()


def test_curves_against_trees_are_marked_where_asked(ax):
    plot.tree_count([1, 10, 100], {"old": [0.7, 0.8, 0.9], "new": [0.7, 0.75, 0.6]}, at=1, ax=ax)
    marked = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if len(line.get_xdata()) == 1]
    assert marked == [(10, 0.8), (10, 0.75)]
    assert ax.get_xscale() == "log"


def test_a_spectrum_sums_weights_and_knows_their_errors(ax):
    samples = {"decays": ([100.5, 100.5, 101.5], [1.0, 2.0, 4.0])}
    plot.spectrum(samples, [100, 101, 102], window=(101, 102), ax=ax)
    (steps,) = [patch for patch in ax.patches if hasattr(patch, "get_data")]
    np.testing.assert_allclose(steps.get_data().values, [3, 4])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(8)
    assert np.isclose(band, 3 + np.sqrt(5)).any()
    assert ax.get_yscale() == "log"
    assert "MeV/c" in ax.get_xlabel()
    assert ax.get_legend_handles_labels()[1] == ["decays", "signal window"]


def square(n, rng):
    """Signal inside the unit square's middle: no single cut finds it."""
    x = np.random.default_rng(rng).random((n, 2))
    return x, np.abs(x - 0.5).max(axis=1) < 0.3


def test_the_sliders_change_depth_and_number_of_trees(shown):
    known = set(_instances)
    widgets.tree_borders(square(300, 1), square(2000, 2), still=(2, 50))
    (data,) = shown
    assert data["text/plain"].startswith("Depth 2, 50 trees: AUC")
    mine = [w for key, w in _instances.items() if key not in known]
    depth, trees = (
        next(w for w in mine if isinstance(w, ipywidgets.SelectionSlider) and w.description == name)
        for name in ("depth", "trees")
    )
    page = next(w for w in mine if isinstance(w, ipywidgets.HTML))
    depth.value, trees.value = 1, 1
    assert "Depth 1, one tree: AUC" in page.value
    plt.close("all")


def test_the_numbers_are_those_of_trees_that_saw_the_training_events_only(shown):
    from xgboost import XGBClassifier

    (x, y), (x_new, y_new) = square(300, 1), square(2000, 2)
    widgets.tree_borders((x, y), (x_new, y_new), rate=0.2, still=(3, 10))
    model = XGBClassifier(n_estimators=10, max_depth=3, learning_rate=0.2, random_state=0, n_jobs=1).fit(x, y)
    seen, new = (auc(model.predict_proba(a)[:, 1], b).value for a, b in ((x, y), (x_new, y_new)))
    assert f"AUC {seen:.3f} on the training events, {new:.3f} on new ones" in shown[0]["text/plain"]
    assert new < seen


def test_three_variables_make_no_plane(shown):
    with pytest.raises(CourseError, match="two variables make a plane"):
        widgets.tree_borders((np.zeros((5, 3)), np.zeros(5)), square(10, 1))
