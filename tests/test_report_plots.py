"""The pictures of the evaluation report, looked at through their Axes, with weights of both signs."""

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.metrics import (
    Estimate,
    auc,
    correlation,
    cut_scan,
    efficiency,
    efficiency_at,
    profile,
    reliability,
    roc_curve,
)
from hepml_course.metrics.roc import classes
from hepml_course.plot.panel import panel_below, start_at_zero
from hepml_course.plot.physics import VARIABLES, plain, robust_range, variable

STRANGE = "a $strange$ name_that is far too long to be drawn anywhere"


@pytest.fixture
def ax():
    return Figure(figsize=(6, 5), layout="constrained").subplots()


def labelled(ax, label):
    """The axes of the same figure with this label."""
    return next(other for other in ax.figure.axes if other.get_label() == label)


def draw(ax):
    """Render the figure, which finds what cannot be drawn; its own canvas would not."""
    FigureCanvasAgg(ax.figure).draw()


def line(ax, label):
    return next(each for each in ax.get_lines() if each.get_label() == label)


def bars(ax, label):
    """x, y, and lower and upper ends of the vertical error bars of the points with this label."""
    return parts(next(each for each in ax.containers if each.get_label() == label))


def parts(container):
    points, _, lines = container
    ends = np.array(lines[-1].get_segments())[:, :, 1]
    return *points.get_data(), ends.min(axis=1), ends.max(axis=1)


def band(collection, x):
    """Lower and upper end of a band at x."""
    vertices = collection.get_paths()[0].vertices
    here = vertices[np.isclose(vertices[:, 0], x)][:, 1]
    return here.min(), here.max()


def texts(legend):
    return [text.get_text() for text in legend.get_texts()]


def events(n=4000, rng=0, negative=0.2):
    """Score from 0 to 1, truth, weights of which some are negative, and a second variable."""
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.4
    score = 1 / (1 + np.exp(-rng.normal(2.0 * y - 1, 1.2)))
    w = rng.exponential(size=n) * np.where(rng.random(n) < negative, -1, 1)
    return score, y, w, rng.normal(20 * score, 5)


# -- axes ------------------------------------------------------------------------------------------


def test_a_known_variable_keeps_its_axis():
    assert variable("vis_mass", [1e6, 2e6]) is VARIABLES["vis_mass"]


def test_an_axis_reaches_over_nearly_all_events_not_to_the_outliers():
    values = np.random.default_rng(1).normal(size=20_000)
    values[:50] = -999.0
    found = variable("x", values)
    low, high = np.quantile(values, [0.005, 0.995])
    assert (found.low, found.high) == (pytest.approx(low, abs=0.1), pytest.approx(high, abs=0.1))
    assert found.bins == 40
    assert found.label == "x"
    even = variable("x", np.linspace(0, 1, 1000))
    assert (even.low, even.high) == (0, 1)  # the ends are no outliers here


def test_the_range_follows_the_weights_and_ignores_their_sign():
    values = np.concatenate([np.linspace(0, 1, 1000), np.linspace(50, 60, 1000)])
    w = np.repeat([1.0, 1e-6], 1000)
    assert variable("x", values, w).high <= 1
    assert variable("x", values, np.where(np.arange(2000) % 2, -1, 1)).high == pytest.approx(60, abs=0.1)
    many = np.tile(values, 300)
    assert robust_range(many, np.tile(w, 300))[1] <= 1


def test_whole_numbers_get_a_bin_each_or_several_each_if_there_are_many():
    few = variable("n", [0, 1, 1, 2, 0, 4] + [0] * 5000)
    np.testing.assert_array_equal(few.edges, np.arange(-0.5, 5))  # a rare one is not an outlier
    np.testing.assert_array_equal(variable("n", [0, 2, np.nan, 1]).edges, [-0.5, 0.5, 1.5, 2.5])
    many = variable("n", np.arange(1000))
    assert many.bins <= 40
    assert np.allclose(np.diff(many.edges) % 1, 0)
    assert many.edges[0] == -0.5


@pytest.mark.parametrize(
    "values",
    [[3.7], [1e20] * 3, [], [np.nan, np.inf], [5, 5], [1.0, 1.0 + 1e-16], [0.1, 0.2, np.nan, -np.inf]],
)
def test_a_poor_variable_still_gets_an_axis(values):
    edges = variable("x", values, np.ones(len(values))).edges
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0).all()


def test_names_of_strangers_are_no_formulas(ax):
    assert plain("evtsel_transverseMass") == "evtsel_transverseMass"
    assert len(plain(STRANGE)) <= 36
    plot.ranking_bars([STRANGE, "$x$", r"$\frac{$"], [1, 2, 3], ax=ax)
    draw(ax)


def test_an_axis_starts_at_zero_unless_something_lies_below(ax):
    ax.plot([0, 1], [1, 2])
    start_at_zero(ax, [np.array([1.0, 2.0])])
    assert ax.get_ylim()[0] == 0
    start_at_zero(ax, [np.array([1.0, -2.0])])
    assert ax.get_ylim()[0] < -2


def test_a_second_panel_needs_a_subplot():
    with pytest.raises(CourseError, match=r"plt\.subplots"):
        panel_below(Figure().add_axes((0, 0, 1, 1)))


# -- input variables -------------------------------------------------------------------------------


def test_inputs_have_unit_area_and_errors_with_weights_of_both_signs(ax):
    _, y, w, x = events()
    assert plot.input_variable(x, y, w, "evtsel_lep_pt", edges=[0, 5, 10, 20, 30], ax=ax) is ax
    edges = np.array([0, 5, 10, 20, 30])
    outlines = [patch for patch in ax.patches if patch.get_label() in ("background", "signal")]
    for patch, of in zip(outlines, (~y, y), strict=True):
        height = np.histogram(x[of], edges, weights=w[of])[0] / w[of].sum()
        np.testing.assert_allclose(patch.get_data().values, height)
    error = np.sqrt(np.histogram(x[y], edges, weights=w[y] ** 2)[0]) / w[y].sum()
    _, middle, low, high = parts(ax.containers[1])
    np.testing.assert_allclose((high - low) / 2, error)
    np.testing.assert_allclose((high + low) / 2, middle)
    assert labelled(ax, "ratio").get_xlabel() == VARIABLES["evtsel_lep_pt"].label
    assert ax.get_ylabel() == "fraction of events per bin"
    assert ax.get_xlim() == (0, 30)


def test_the_ratio_is_signal_over_background_with_its_error(ax):
    _, y, w, x = events(negative=0.1)
    edges = np.array([0.0, 8, 16, 24])
    plot.input_variable(x, y, w, "x", edges=edges, ax=ax)
    ratio = labelled(ax, "ratio")
    (s, s2), (b, b2) = (
        [np.histogram(x[of], edges, weights=(w / w[of].sum())[of] ** k)[0] for k in (1, 2)] for of in (y, ~y)
    )
    where, value, low, high = parts(ratio.containers[0])
    np.testing.assert_allclose(where, [4, 12, 20])
    np.testing.assert_allclose(value, s / b)
    np.testing.assert_allclose((high - low) / 2, s / b * np.sqrt(s2 / s**2 + b2 / b**2))
    assert ratio.get_yscale() == "log"
    assert ratio.get_ylim()[0] * ratio.get_ylim()[1] == pytest.approx(1)


def test_a_ratio_beyond_the_panel_is_a_triangle_and_one_without_background_is_not_drawn(ax):
    x = np.repeat([0.5, 1.5, 2.5, 3.5], 100)
    y = np.concatenate(
        [np.repeat([True, False], 50), np.zeros(100, bool), np.ones(100, bool), np.arange(100) > 0]
    )
    plot.input_variable(x, y, None, "x", edges=[0, 1, 2, 3, 4], ax=ax)
    ratio = labelled(ax, "ratio")
    markers = {each.get_marker(): list(each.get_xdata()) for each in ratio.get_lines()[1:]}
    assert markers["v"] == [1.5]  # no signal
    assert 2.5 not in np.concatenate(list(markers.values()))  # no background
    assert 3.5 not in np.concatenate(list(markers.values()))  # one background event: 1 ± 1


def test_the_separation_stands_in_the_legend_and_names_of_strangers_are_drawn(ax):
    score, y, w, _ = events()
    plot.input_variable(score, y, w, STRANGE, separation=Estimate(0.1234, 0.0056), ax=ax)
    assert ax.get_legend().get_title().get_text() == "separation ⟨S²⟩ = 0.123 ± 0.006"
    draw(ax)
    upper, lower = ax.get_position(), labelled(ax, "ratio").get_position()
    assert lower.y1 < upper.y0


def test_negative_bins_are_seen(ax):
    x = np.array([0.5, 0.5, 1.5, 1.5, 1.5])
    plot.input_variable(x, [1, 0, 1, 1, 0], [3.0, 1, -1, 0.5, 1], "x", edges=[0, 1, 2], ax=ax)
    assert ax.patches[2].get_data().values[1] == pytest.approx(-0.5 / 2.5)
    assert ax.get_ylim()[0] < -0.2


def test_an_input_of_a_rare_class_is_not_cut_away():
    """A signal of a thousandth of the weight has its own part of the axis."""
    x = np.concatenate([np.random.default_rng(0).normal(size=100_000), np.full(100, 30.0)])
    y = np.arange(len(x)) >= 100_000
    figure = Figure()
    ax = plot.input_variable(x, y, None, "x", ax=figure.subplots())
    assert ax.get_xlim()[1] >= 30


def test_inputs_need_both_classes_and_fitting_shapes(ax):
    with pytest.raises(CourseError, match="background"):
        plot.input_variable([1.0, 2.0], [1, 0], [1.0, -1.0], "x", ax=ax)
    with pytest.raises(CourseError, match="do not belong together"):
        plot.input_variable([1.0, 2.0], [1, 0, 1], None, "x", ax=ax)


# -- correlations ----------------------------------------------------------------------------------


def columns(k, n=500):
    rng = np.random.default_rng(k)
    return rng.normal(size=(n, k)) + rng.normal(size=(n, 1)), rng.exponential(size=n)


@pytest.mark.parametrize("kind", ["linear", "rank"])
def test_the_matrix_shows_coefficients_in_percent(ax, kind):
    x, w = columns(4)
    x[:, 3] = -(x[:, 0] ** 3)
    w[::5] *= -1
    names = ["a", "b", STRANGE, "d"]
    assert plot.correlation_matrix(x, names, w, kind=kind, title="signal", ax=ax) is ax
    found = 100 * correlation(x, w, kind, signed=True)
    np.testing.assert_allclose(ax.images[0].get_array(), found)
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert len(written) == 16
    for (row, column), value in np.ndenumerate(found):
        assert float(written[column, row].replace("−", "-")) == pytest.approx(value, abs=0.51)
    assert [label.get_text() for label in ax.get_yticklabels()] == [plain(name, 24) for name in names]
    assert ax.figure.axes[1].get_ylabel() == f"{kind} correlation / %"
    assert ax.get_title() == "signal"
    draw(ax)


def test_numbers_stay_readable_on_dark_cells_and_a_constant_is_grey(ax):
    x, w = columns(3)
    x[:, 1], x[:, 2] = x[:, 0] + 1e-3 * x[:, 1], 1.0
    plot.correlation_matrix(x, ["a", "b", "c"], w, ax=ax)
    colours = {text.get_position(): text.get_color() for text in ax.texts}
    assert colours == {(0, 0): "white", (1, 0): "white", (0, 1): "white", (1, 1): "white"}
    assert ax.images[0].get_array().mask[2].all()
    assert ax.images[0].cmap(np.ma.masked_array([1.0], [True]))[0] == pytest.approx(to_rgba("0.85"), abs=0.01)


def test_thirty_variables_have_numbers_once_where_there_is_room_and_none_where_there_is_not():
    x, w = columns(30)
    names = [f"variable_{i}" for i in range(30)]
    wide = plot.correlation_matrix(x, names, w, ax=Figure(figsize=(9, 8), layout="constrained").subplots())
    assert len(wide.texts) == 30 * 29 / 2
    assert all(row > column for column, row in (text.get_position() for text in wide.texts))
    small = plot.correlation_matrix(x, names, w, ax=Figure(figsize=(4, 3), layout="constrained").subplots())
    assert not small.texts
    draw(small)
    with pytest.raises(CourseError, match="30 variables and 2 names"):
        plot.correlation_matrix(x, names[:2], w, ax=wide)


# -- profiles --------------------------------------------------------------------------------------


def test_a_profile_is_the_weighted_mean_over_a_weighted_histogram(ax):
    score, _, w, x = events()
    score = 100 * score
    plot.profile_scatter(x, score, w, ("x", "vis_mass"), bins=6, ax=ax)
    mesh = ax.collections[0]
    assert mesh.get_rasterized()
    found = mesh.get_array()
    across = variable("x", x, w)
    edges = np.linspace(20, 200, 49), np.linspace(across.low, across.high, found.shape[1] + 1)
    expected = np.histogram2d(score, x, edges, weights=w)[0]
    assert (expected < 0).any()
    np.testing.assert_allclose(found.filled(0), np.maximum(expected, 0), atol=1e-12)
    assert ax.get_xlim() == (across.low, across.high)
    assert ax.get_ylim() == (20, 200)
    assert ax.get_ylabel() == VARIABLES["vis_mass"].label


def test_the_mean_of_a_profile_counts_what_is_seen(ax):
    score, _, w, x = events()
    y = 100 * score
    y[:5] = 1e9
    plot.profile_scatter(x, y, w, ("x", "vis_mass"), bins=6, ax=ax)
    across = variable("x", x, w)
    inside = (y >= 20) & (y <= 200) & (x >= across.low) & (x <= across.high)
    edges = np.linspace(across.low, across.high, 7)
    expected = profile(x[inside], y[inside], edges, w[inside], signed=True)
    where, mean, low, high = bars(ax, "mean")
    np.testing.assert_allclose((where, mean), expected[:2])
    np.testing.assert_allclose((high - low) / 2, expected.error)


def test_a_profile_over_whole_numbers_has_a_point_for_each(ax):
    n = np.tile([0, 1, 2, 3], 50)
    plot.profile_scatter(n, n**2 + np.linspace(0, 1, 200), None, ("n", "y"), ax=ax)
    where, mean, *_ = bars(ax, "mean")
    np.testing.assert_allclose(where, [0, 1, 2, 3])
    np.testing.assert_allclose(mean, np.arange(4) ** 2 + 0.5, atol=0.02)


# -- scores ----------------------------------------------------------------------------------------


def test_train_and_test_take_negative_weights_when_told(ax):
    score, y, w, _ = events()
    is_test = np.arange(len(y)) % 2 == 1
    with pytest.raises(CourseError, match="negative"):
        plot.train_test(score, y, w, is_test, ax=ax)
    edges = np.array([0, 0.01, 0.5, 1])
    plot.train_test(score, y, w, is_test, bins=edges, signed=True, ax=ax)
    chosen = y & is_test
    _, height, low, high = bars(ax, "signal, test")
    total, width = w[chosen].sum(), np.diff(edges)
    np.testing.assert_allclose(
        height, np.histogram(score[chosen], edges, weights=w[chosen])[0] / total / width
    )
    error = np.sqrt(np.histogram(score[chosen], edges, weights=w[chosen] ** 2)[0]) / total / width
    np.testing.assert_allclose((high - low) / 2, error)
    below = Figure().subplots()
    plot.train_test(
        [0.1, 0.9] * 4,
        [0, 1] * 4,
        [1, 2, 1, 2, 1, 2, 1, -3],
        [0] * 4 + [1] * 4,
        bins=[0, 0.5, 1],
        signed=True,
        ax=below,
    )
    plot.train_test(
        [0.1, 0.2, 0.9] * 2,
        [0, 1, 1] * 2,
        [1, 2, -1] * 2,
        [0] * 3 + [1] * 3,
        bins=[0, 0.5, 1],
        signed=True,
        ax=below,
    )
    assert below.get_ylim()[0] < -2


def test_scores_far_out_do_not_squeeze_the_picture_and_count_in_the_area(ax):
    score, y, _, _ = events(negative=0)
    score[:2] = 1e6
    plot.train_test(score, y, None, np.arange(len(y)) % 2 == 1, bins=10, ax=ax)
    assert ax.get_xlim()[1] < 2
    filled = next(patch for patch in ax.patches if patch.get_label().endswith("training"))
    area = (filled.get_data().values * np.diff(filled.get_data().edges)).sum()
    assert 0.99 < area < 1


def test_train_and_test_on_a_logarithmic_axis_show_every_positive_bin(ax):
    score, y, w, _ = events()
    plot.train_test(score, y, w, np.arange(len(y)) % 2 == 1, signed=True, log=True, ax=ax)
    assert ax.get_yscale() == "log"
    heights = np.concatenate([p.get_data().values for p in ax.patches if p.get_label().endswith("training")])
    assert 0 < ax.get_ylim()[0] < heights[heights > 0].min()
    assert ax.get_ylim()[1] > heights.max()
    draw(ax)


def test_score_histograms_take_negative_weights_when_told(ax):
    with pytest.raises(CourseError, match="negative"):
        plot.score_histograms([0.1, 0.9, 0.2, 0.8], [1, 1, 0, 0], [3.0, -1.0, 1, 1], ax=ax)
    plot.score_histograms(
        [0.1, 0.9, 0.2, 0.8], [1, 1, 0, 0], [3.0, -1.0, 1, 1], bins=[0, 0.5, 1], signed=True, ax=ax
    )
    np.testing.assert_allclose(ax.patches[2].get_data().values, [3, -1])
    assert ax.get_ylim()[0] < -1


def test_slices_take_negative_weights_by_their_size(ax):
    score, y, w, x = events()
    b = ~y
    with pytest.raises(CourseError, match="negative"):
        plot.shape_in_slices(x[b], score[b], w[b], name="x", ax=ax)
    edges = np.linspace(-20, 60, 9)
    plot.shape_in_slices(x[b], score[b], w[b], name="x", slices=4, edges=edges, signed=True, ax=ax)
    assert len(ax.patches) == 4
    order = np.argsort(score[b])
    quarter = np.searchsorted(np.cumsum(np.abs(w[b])[order]), 0.25 * np.abs(w[b]).sum())
    lowest = order[:quarter]
    height = np.histogram(x[b][lowest], edges, weights=w[b][lowest])[0] / w[b][lowest].sum() / 10
    np.testing.assert_allclose(ax.patches[0].get_data().values, height)


def test_slices_of_scores_with_few_values_are_fewer_and_small_scores_keep_their_digits(ax):
    steps = np.repeat([0.0012, 0.5, 0.7], 100)
    plot.shape_in_slices(np.arange(300.0), steps, name="x", slices=5, ax=ax)
    assert texts(ax.get_legend()) == ["score < 0.50", "0.50–0.70", "score > 0.70"]
    other = Figure().subplots()
    plot.shape_in_slices(np.arange(300.0), np.linspace(0, 0.01, 300), name="x", slices=3, ax=other)
    assert texts(other.get_legend()) == ["score < 0.0033", "0.0033–0.0067", "score > 0.0067"]
    one = Figure().subplots()
    plot.shape_in_slices(np.arange(300.0), np.ones(300), name="x", ax=one)
    assert texts(one.get_legend()) == ["all scores"]


def test_the_mean_spectator_in_slices_of_the_score(ax):
    score, y, w, x = events()
    s, x, w = score[~y], 60 + x[~y], w[~y]
    assert plot.spectator_profile(x, s, w, name="vis_mass", slices=4, ax=ax) is ax
    where, mean, low, high = bars(ax, "slices")
    np.testing.assert_allclose(where, [12.5, 37.5, 62.5, 87.5], atol=0.2)
    order = np.argsort(s)
    shares = np.cumsum(np.abs(w)[order]) / np.abs(w).sum()
    last = order[np.searchsorted(shares, 0.75) :]
    assert mean[-1] == pytest.approx(w[last] @ x[last] / w[last].sum(), rel=1e-3)
    error = np.sqrt(w[last] ** 2 @ (x[last] - mean[-1]) ** 2) / w[last].sum()
    assert (high - low)[-1] / 2 == pytest.approx(error, rel=0.02)
    assert line(ax, "all scores").get_ydata()[0] == pytest.approx(w @ x / w.sum())
    assert "GeV" in ax.get_ylabel()
    assert ax.get_xlabel() == "events with a lower score / %"


def test_the_mean_spectator_is_not_decided_by_values_far_out(ax):
    score, _, _, x = events()
    x[:3] = 1e9
    plot.spectator_profile(60 + x, score, name="vis_mass", ax=ax)
    assert bars(ax, "slices")[1].max() < 200


# -- ROC curves ------------------------------------------------------------------------------------

POINT = {"box": (Estimate(0.1, 0.01), Estimate(0.3, 0.02))}


def test_the_roc_as_tmva_draws_it_is_the_same_curve_turned(ax):
    score, y, w, _ = events()
    with pytest.raises(CourseError, match="negative"):
        plot.roc({"trees": score}, y, w, ax=ax)
    assert plot.rejection_curves({"trees": score, "b": -score}, y, w, points=POINT, ax=ax) is ax
    curve = ax.lines[0]
    at = np.searchsorted(-curve.get_ydata(), -0.7)  # background efficiency 0.3
    value, error = efficiency_at(1 - curve.get_ydata()[at], score, y, w, signed=True)
    assert curve.get_xdata()[at] == pytest.approx(value)
    vertices = ax.collections[0].get_paths()[0].vertices
    here = vertices[np.isclose(vertices[:, 1], curve.get_ydata()[at])][:, 0]
    assert np.ptp(here) == pytest.approx(2 * error)
    assert ax.get_ylabel().startswith("background rejection $1 -")
    assert ax.get_xlabel() == "signal efficiency"
    _, _, low, high = bars(ax, "box")
    assert (low[0], high[0]) == (pytest.approx(0.89), pytest.approx(0.91))
    assert bars(ax, "box")[0] == [0.3]
    assert texts(ax.get_legend())[0] == f"trees, AUC {auc(score, y, w, signed=True)}"
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_roc_curves_of_several_calls_differ_in_their_dashes(ax):
    y, score, w = np.arange(200) % 2 == 1, np.arange(200.0), np.ones(200)
    for name in ("one", "two", "three"):
        plot.roc({name: score}, y, w, ax=ax)
    curves = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert len({line.get_linestyle() for line in curves}) == len(curves) == 3


def test_a_roc_can_be_drawn_from_scores_already_sorted(ax):
    score, y, w, _ = events()
    plot.roc({"a": classes(score, y, w, signed=True)}, ax=ax)
    plot.roc({"a": score}, y, w, signed=True, ax=ax)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), ax.lines[2].get_ydata())
    with pytest.raises(CourseError, match="kind"):
        plot.roc({"a": score}, y, kind="tmva", ax=ax)


def test_rejection_takes_negative_weights_and_working_points(ax):
    score, y, w, _ = events()
    with pytest.raises(CourseError, match="negative"):
        plot.rejection({"a": score}, y, w, ax=ax)
    plot.rejection_curves({"a": score}, y, w, log=True, points=POINT, ax=ax)
    x, height = line(ax, "a").get_data()
    cut = np.quantile(score[y], 0.5)
    kept = [efficiency(score[of] >= cut, w[of], signed=True) for of in (y, ~y)]
    assert np.interp(kept[0].value, x, height) == pytest.approx(1 / kept[1].value, rel=0.02)
    low, high = band(ax.collections[0], x[len(x) // 2])
    curve = roc_curve(score, y, w, signed=True)
    threshold = curve.threshold[np.argmin(np.abs(curve.signal - x[len(x) // 2]))]
    left = w[~y][score[~y] >= threshold]
    spread = np.sqrt((left**2).sum()) / left.sum()
    middle = height[len(x) // 2]
    assert (low, high) == (
        pytest.approx(middle / (1 + spread), rel=0.02),
        pytest.approx(middle / (1 - spread), rel=0.02),
    )
    _, value, low, high = bars(ax, "box")
    assert value == [10]
    assert (high - low)[0] / 2 == pytest.approx(0.01 / 0.1**2)
    assert ax.get_yscale() == "log"


# -- cuts ------------------------------------------------------------------------------------------


def test_a_scan_shows_efficiencies_purity_and_the_best_cut(ax):
    score, y, w, _ = events()
    assert plot.cut_scan(score, y, w, expected=(30, 400), uncertainty=0.1, ax=ax) is ax
    right = labelled(ax, "significance")
    scan = cut_scan(score, y, w, expected=(30, 400), uncertainty=0.1, signed=True)
    i = len(scan.cut) // 2
    for name, of in (("signal", y), ("background", ~y)):
        curve = line(ax, f"{name} efficiency")
        value, error = efficiency(score[of] >= scan.cut[i], w[of], signed=True)
        assert curve.get_ydata()[i] == pytest.approx(value)
        low, high = band(ax.collections[0 if name == "signal" else 1], scan.cut[i])
        assert (high - low) / 2 == pytest.approx(error)
    np.testing.assert_array_equal(line(ax, "purity").get_ydata(), scan.purity)
    np.testing.assert_array_equal(line(right, "significance").get_ydata(), scan.significance)
    best = right.lines[1]
    assert best.get_xdata()[0] == scan.cut[scan.best]
    assert best.get_ydata()[0] == np.nanmax(line(right, "significance").get_ydata())
    assert texts(ax.get_legend())[-1] == f"best cut {scan.cut[scan.best]:.3f}: {best.get_ydata()[0]:.3g} σ"
    assert "efficiency" in ax.get_ylabel()
    assert right.get_ylabel() == "Asimov significance / σ"
    assert right.spines["right"].get_visible()


def test_a_scan_looks_where_scores_are_and_contains_its_best_cut(ax):
    score, y, _, _ = events(20_000)
    score[:3] = 1e5
    plot.cut_scan(score, y, expected=(5, 1e5), ax=ax)
    best = labelled(ax, "significance").lines[1].get_xdata()[0]
    assert ax.get_xlim()[1] < 2
    assert ax.get_xlim()[0] <= best <= ax.get_xlim()[1]


def test_the_best_cut_may_be_none_at_all_and_does_not_stretch_the_axis(ax):
    score, y, _, _ = events(20_000)
    turned = 1 - score  # every cut removes signal first
    turned[np.flatnonzero(y)[:3]] = -1e5
    plot.cut_scan(turned, y, expected=(1000, 10), ax=ax)
    right = labelled(ax, "significance")
    assert ax.get_xlim()[0] > -1
    assert right.lines[1].get_xdata()[0] >= ax.get_xlim()[0]
    assert "best cut −100000" in texts(ax.get_legend())[-1]


def test_a_scan_without_enough_background_has_no_best_cut(ax):
    plot.cut_scan([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], ax=ax)
    assert not any("best" in text for text in texts(ax.get_legend()))
    draw(ax)


# -- training --------------------------------------------------------------------------------------


def test_a_boosting_curve_has_bands_and_marks_the_best_number_of_trees(ax):
    trees, test = [1, 10, 100], [Estimate(0.7, 0.01), Estimate(0.8, 0.02), Estimate(0.75, 0.03)]
    assert plot.boosting_curve(trees, test, [0.7, 0.85, 0.95], ax=ax) is ax
    np.testing.assert_array_equal(line(ax, "test").get_ydata(), [0.7, 0.8, 0.75])
    np.testing.assert_array_equal(line(ax, "training").get_ydata(), [0.7, 0.85, 0.95])
    assert len(ax.collections) == 1  # the training values came without errors
    assert band(ax.collections[0], 100) == (pytest.approx(0.72), pytest.approx(0.78))
    assert texts(ax.get_legend())[-1] == "highest at 10 trees: 0.8"
    assert (ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()) == ("log", "trees", "ROC integral")
    with pytest.raises(CourseError, match=r"2 values \(test\) at 3 places"):
        plot.boosting_curve(trees, [1, 2], ax=ax)


def test_a_loss_is_best_where_it_is_lowest(ax):
    plot.boosting_curve([10, 20, 30], [0.5, 0.3, 0.4], label="log loss", best="lowest", ax=ax)
    assert texts(ax.get_legend()) == ["test", "lowest at 20 trees: 0.3"]
    assert ax.get_xscale() == "linear"


def test_a_learning_curve_counts_epochs_from_one_and_marks_the_lowest_loss(ax):
    class Noted:
        history = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.5, 2.0], "auc": [0.5, 0.6, 0.7]}  # noqa: RUF012

    plot.learning_curve(Noted(), ax=ax)
    np.testing.assert_array_equal(line(ax, "training").get_data(), ([1, 2, 3], [3, 2, 1]))
    assert texts(ax.get_legend()) == ["training", "held out", "lowest at epoch 2: 1.5"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    other = plot.learning_curve(Noted.history, what="auc", label="AUC", ax=Figure().subplots())
    assert texts(other.get_legend()) == ["training"]  # nothing held out: nothing to be best on
    assert other.get_ylabel() == "AUC"
    with pytest.raises(CourseError, match="no 'mse'; it has: loss, val_loss, auc"):
        plot.learning_curve(Noted.history, what="mse", ax=ax)


# -- calibration -----------------------------------------------------------------------------------


def test_calibration_draws_shares_with_intervals_and_states_the_prior(ax):
    score, y, w, _ = events()
    assert plot.calibration(score, y, w, bins=5, ax=ax) is ax
    found = reliability(score, y, w, bins=5, signed=True)
    x, share, low, high = bars(ax, "these events")
    np.testing.assert_allclose((x, share, low, high), found[:4])
    prior = 100 * w[y].sum() / w.sum()
    assert ax.get_legend().get_title().get_text() == f"signal is {prior:.3g} % of the weight"
    below = labelled(ax, "scores")
    edges = np.linspace(0, 1, 11)
    np.testing.assert_allclose(
        below.patches[1].get_data().values, np.histogram(score[y], edges, weights=w[y])[0] / w.sum()
    )
    assert below.get_xlabel() == "score"
    assert ax.get_ylabel() == "share of signal"
    draw(ax)


def test_a_share_beyond_one_is_seen(ax):
    plot.calibration([0.9, 0.9, 0.9, 0.1], [1, 1, 0, 0], [1.0, 1.0, -0.5, 1.0], ax=ax)
    assert ax.get_ylim()[1] > 4 / 3


# -- ranking ---------------------------------------------------------------------------------------


def test_the_most_important_variable_is_on_top_with_its_error(ax):
    plot.ranking_bars(
        ["a", "b", "c", "d"], [0.1, 0.3, -0.01, np.nan], [0.01, 0.02, 0.03, 0], label="cost", ax=ax
    )
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a", "c"]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [0.3, 0.1, -0.01])
    segments = np.array(ax.collections[0].get_segments())[:, :, 0]
    np.testing.assert_allclose(np.ptp(segments, axis=1) / 2, [0.02, 0.01, 0.03])
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert ax.get_xlabel() == "cost"
    with pytest.raises(CourseError, match="one value for each name"):
        plot.ranking_bars(["a"], [1, 2], ax=ax)


# -- size ------------------------------------------------------------------------------------------


def vertices(figure):
    """How much the renderer is given to draw."""
    count = 0
    for axes in figure.axes:
        count += sum(len(each.get_xdata()) for each in axes.get_lines())
        count += sum(len(path.vertices) for each in axes.collections for path in each.get_paths())
        count += sum(len(patch.get_path().vertices) for patch in axes.patches) + len(axes.texts)
    return count


def test_no_picture_grows_with_the_number_of_events():
    score, y, w, x = events(200_000)
    table = np.column_stack([score, x, w])
    is_test = np.arange(len(y)) % 2 == 1
    draw = {
        "input": lambda ax: plot.input_variable(x, y, w, "x", ax=ax),
        "matrix": lambda ax: plot.correlation_matrix(table, "abc", w, kind="rank", ax=ax),
        "profile": lambda ax: plot.profile_scatter(x, score, w, ax=ax),
        "train": lambda ax: plot.train_test(score, y, w, is_test, signed=True, ax=ax),
        "roc": lambda ax: plot.roc({"a": score}, y, w, signed=True, ax=ax),
        "rejection": lambda ax: plot.rejection_curves({"a": score}, y, w, log=True, ax=ax),
        "cuts": lambda ax: plot.cut_scan(score, y, w, ax=ax),
        "slices": lambda ax: plot.shape_in_slices(x, score, w, name="x", signed=True, ax=ax),
        "mean": lambda ax: plot.spectator_profile(x, score, w, name="x", ax=ax),
        "calibration": lambda ax: plot.calibration(score, y, w, ax=ax),
    }
    for name, function in draw.items():
        figure = Figure()
        function(figure.subplots())
        assert vertices(figure) < 16_000, name


def test_scores_may_be_infinite_as_likelihood_ratios_are():
    score, y, w, x = events()
    score = np.log(score)
    score[y.argmax()], score[y.argmin()] = np.inf, -np.inf
    both, axes = (
        classes(score, y, w, signed=True),
        Figure((12, 8), layout="constrained").subplots(2, 3).ravel(),
    )
    plot.roc({"a": both}, ax=axes[0])
    plot.rejection_curves({"a": both}, log=True, ax=axes[1])
    plot.cut_scan(both, ax=axes[2])
    plot.train_test(score, y, w, np.arange(len(y)) % 2 == 1, signed=True, ax=axes[3])
    plot.shape_in_slices(x, score, w, name="x", slices=3, signed=True, ax=axes[4])
    plot.spectator_profile(x, score, w, name="x", ax=axes[5])
    for ax in (axes[2], axes[3]):
        assert score[np.isfinite(score)].min() <= ax.get_xlim()[0] < ax.get_xlim()[1] <= 0.1
    draw(axes[0])
    score[: len(y) // 2] = np.inf
    edges = plot.train_test(score, y, w, np.arange(len(y)) % 2 == 1, signed=True, ax=Figure().subplots())
    assert edges.get_xlim()[1] <= 0.1
    one = plot.shape_in_slices(x, score, w, name="x", slices=3, signed=True, ax=Figure().subplots())
    assert not any("inf" in text for text in texts(one.get_legend()))


def test_a_table_of_pandas_will_do():
    score, y, w, x = events()
    table = pd.DataFrame({"x": x, "score": score, "y": y, "w": w}, index=np.arange(len(y)) + 7)
    figure = Figure()
    axes = figure.subplots(2, 2).ravel()
    plot.input_variable(table.x, table.y, table.w, "x", ax=axes[0])
    plot.correlation_matrix(table[["x", "score"]], ["x", "score"], table.w, ax=axes[1])
    plot.cut_scan(table.score, table.y, table.w, ax=axes[2])
    plot.calibration(table.score, table.y, table.w, ax=axes[3])
