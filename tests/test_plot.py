"""The figures, looked at through their Axes: what is drawn, with which numbers, labels and errors."""

import matplotlib as mpl

mpl.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.metrics import Estimate, efficiency_at
from hepml_course.plot.physics import PROCESSES, VARIABLES
from hepml_course.plot.scores import weighted_quantiles


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def events():
    """Three processes with weights of 2, 0.5 and 1, and one that has no event."""
    rng = np.random.default_rng(0)
    sizes = {"Ztautau": (400, 2.0), "Wmunu": (800, 0.5), "Zmumu": (50, 1.0)}
    return pd.concat(
        pd.DataFrame({"process": name, "vis_mass": rng.uniform(20, 200, n), "WeightLumi": w})
        for name, (n, w) in sizes.items()
    )


def test_overlay_draws_every_process_at_unit_area(ax, events):
    assert plot.overlay(events, "vis_mass", ax=ax) is ax
    steps = [patch for patch in ax.patches if not patch.get_fill()]
    assert len(steps) == 3
    for patch in steps:
        assert patch.get_data().values.sum() == pytest.approx(1)
    assert set(ax.get_legend_handles_labels()[1]) == {
        PROCESSES[name].label for name in ("Ztautau", "Wmunu", "Zmumu")
    }
    assert "GeV" in ax.get_xlabel()


def test_overlay_weights_events(ax):
    table = pd.DataFrame({"process": "Wmunu", "vis_mass": [30.0, 100.0], "WeightLumi": [3.0, 1.0]})
    plot.overlay(table, "vis_mass", edges=[20, 60, 200], ax=ax)
    np.testing.assert_allclose(ax.patches[0].get_data().values, [0.75, 0.25])


def test_overlay_leaves_out_a_process_without_events_in_range(ax, events):
    lonely = pd.DataFrame({"process": ["Zee"], "vis_mass": [5000.0], "WeightLumi": [1.0]})
    plot.overlay(pd.concat([events, lonely]), "vis_mass", ax=ax)
    assert PROCESSES["Zee"].label not in ax.get_legend_handles_labels()[1]


def top_of(ax):
    """Upper edge of the stack: the highest of the filled histograms."""
    filled = [patch.get_data() for patch in ax.patches if patch.get_fill() and not patch.get_hatch()]
    return np.max([part.values for part in filled], axis=0)


def test_stack_adds_up_to_the_weighted_yield_with_signal_on_top(ax, events):
    assert plot.stack(events, "vis_mass", ax=ax) is ax
    expected = np.histogram(events.vis_mass, VARIABLES["vis_mass"].edges, weights=events.WeightLumi)[0]
    np.testing.assert_allclose(top_of(ax), expected)
    first = next(patch for patch in ax.patches if patch.get_label() == PROCESSES["Ztautau"].label)
    np.testing.assert_allclose(first.get_data().values, expected)
    hatched = next(patch for patch in ax.patches if patch.get_hatch()).get_data()
    error = np.sqrt(np.histogram(events.vis_mass, hatched.edges, weights=events.WeightLumi**2)[0])
    np.testing.assert_allclose(hatched.values - hatched.baseline, 2 * error)


def test_stack_is_scaled_to_the_luminosity_of_the_data_and_the_data_are_not(events):
    figure, ax = plt.subplots()
    data = events.sample(200, random_state=1)
    plot.stack(events, "vis_mass", data=data, scale=0.1, ax=ax)
    ratio = next(other for other in figure.axes if other.get_label() == "ratio")
    edges = VARIABLES["vis_mass"].edges
    counts = np.histogram(data.vis_mass, edges)[0]
    expected = 0.1 * np.histogram(events.vis_mass, edges, weights=events.WeightLumi)[0]
    np.testing.assert_allclose(top_of(ax), expected)
    np.testing.assert_allclose(ratio.lines[0].get_ydata(), (counts / expected)[counts > 0])
    assert "GeV" in ratio.get_xlabel()
    assert ax.get_xlim() == ratio.get_xlim()
    figure.canvas.draw()  # the layout engine must place both panels without complaint
    assert ratio.get_position().y1 < ax.get_position().y0
    plt.close(figure)


def test_ratio_has_no_point_where_nothing_was_recorded(events):
    figure, ax = plt.subplots()
    data = pd.DataFrame({"vis_mass": [25.0, 30.0]})
    plot.stack(events, "vis_mass", data=data, edges=[20, 60, 200], ax=ax)
    np.testing.assert_allclose(figure.axes[1].lines[0].get_xdata(), [40])
    plt.close(figure)


def test_unknown_column_is_told_with_those_there_are(ax, events):
    with pytest.raises(CourseError, match=r"no column 'mass'. It has: process, vis_mass"):
        plot.stack(events, "mass", ax=ax)


def scored(n=2000, rng=1):
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.5
    return rng.normal(1.0 * y), y, rng.exponential(size=n)


def test_roc_draws_a_curve_a_band_of_one_sigma_and_the_points(ax):
    score, y, w = scored()
    point = (Estimate(0.1, 0.01), Estimate(0.3, 0.02))
    assert plot.roc({"trees": score}, y, w, points={"cuts": point}, ax=ax) is ax
    line = ax.lines[0]
    at = np.searchsorted(line.get_xdata(), 0.3)
    value, error = efficiency_at(float(line.get_xdata()[at]), score, y, w)
    assert line.get_ydata()[at] == pytest.approx(value)
    band = ax.collections[0].get_paths()[0].vertices
    width = np.ptp(band[np.isclose(band[:, 0], line.get_xdata()[at])][:, 1])
    assert width == pytest.approx(2 * error)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0].startswith("trees, AUC 0.")
    assert "cuts" in labels
    assert ax.get_xlabel() == "background efficiency"


def test_train_test_draws_unit_areas_with_weighted_errors(ax):
    score, y, w = scored()
    is_test = np.arange(len(score)) % 2 == 1
    assert plot.train_test(score, y, w, is_test, bins=[-5, 0, 1, 6], ax=ax) is ax
    edges = np.array([-5, 0, 1, 6])
    for name, label in (("background", False), ("signal", True)):
        chosen = (y == label) & is_test
        points = next(c for c in ax.containers if c.get_label() == f"{name}, test")
        height = np.histogram(score[chosen], edges, weights=w[chosen])[0]
        np.testing.assert_allclose(points[0].get_ydata(), height / w[chosen].sum() / np.diff(edges))
        segments = np.array(points[2][0].get_segments())[:, :, 1]
        error = np.sqrt(np.histogram(score[chosen], edges, weights=w[chosen] ** 2)[0])
        np.testing.assert_allclose(np.ptp(segments, axis=1) / 2, error / w[chosen].sum() / np.diff(edges))
        filled = next(p for p in ax.patches if p.get_label() == f"{name}, training")
        assert (filled.get_data().values * np.diff(edges)).sum() == pytest.approx(1)


def test_slices_hold_equal_weight_and_show_sculpting(ax):
    score, _, w = scored()
    mass = 80 + 20 * score
    assert plot.shape_in_slices(mass, score, w, slices=4, edges=np.linspace(-100, 250, 176), ax=ax) is ax
    assert len(ax.patches) == 4
    means = []
    for patch in ax.patches:
        shape = patch.get_data()
        area = shape.values * np.diff(shape.edges)
        assert area.sum() == pytest.approx(1)
        means.append(area @ (shape.edges[1:] + shape.edges[:-1]) / 2)
    assert (np.diff(means) > 10).all()


def test_slices_are_cut_by_weight_not_by_number_of_events():
    values, w = np.array([3.0, 1.0, 2.0, 4.0]), np.array([1.0, 1.0, 1.0, 5.0])
    assert weighted_quantiles(values, w, [0.25, 0.5]).tolist() == [2.0, 4.0]


def test_slices_need_events(ax):
    with pytest.raises(CourseError, match="too few"):
        plot.shape_in_slices([1.0], [1.0], ax=ax)


def test_transverse_event_points_along_the_momenta(ax):
    event = {
        "evtsel_lep_pt": 30.0, "evtsel_lep_phi": 0.0,
        "evtsel_tau_et": 40.0, "evtsel_tau_phi": np.pi / 2,
        "evtsel_met_et": 20.0, "evtsel_met_phi": np.pi,
    }  # fmt: skip
    assert plot.transverse_event(event, ax=ax) is ax
    tips = [text.xy for text in ax.texts if text.get_text() == ""]
    np.testing.assert_allclose(tips, [(30, 0), (0, 40), (-20, 0)], atol=1e-12)
    assert ax.get_aspect() == 1
    assert "GeV" in ax.get_xlabel()


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_variable_has_a_label_and_a_sensible_range(name):
    shown = VARIABLES[name]
    assert shown.low < shown.high
    assert len(shown.edges) == shown.bins + 1
    if name.endswith(("_et", "_pt", "mass", "Mass")):
        assert shown.label.endswith("/ GeV")
    if "dPhi" in name and "cos" not in name:
        assert shown.label.endswith("/ rad")
        assert shown.high <= 2 * np.pi
