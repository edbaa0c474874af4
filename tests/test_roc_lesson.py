"""Lesson 05: confusion matrix, intervals, bootstrap, rejection, its sample, its figures and its widget."""

import base64
import time

import ipywidgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure
from scipy.stats import binom, binomtest
from sklearn import metrics as sklearn_metrics

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.metrics import (
    asimov_significance,
    auc,
    auc_difference,
    binomial_interval,
    bootstrap,
    confusion,
    efficiency,
    efficiency_at,
    rejection_at,
    roc_curve,
)
from hepml_course.simulate import candidate_llr, electron_candidates

SCORE = np.array([0.1, 0.4, 0.4, 0.7, 0.2, 0.4, 0.6, 0.8])
TRUTH = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def sample(n, rng, shift=1.2):
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.5
    return rng.normal(shift * y, 1), y, rng.exponential(size=n)


# -- confusion matrix ------------------------------------------------------------------------------


def test_the_four_cells_are_those_of_scikit_learn():
    score, y, w = sample(300, 1)
    found = confusion(score, y, 0.5, w)
    (tn, fp), (fn, tp) = sklearn_metrics.confusion_matrix(y, score >= 0.5, sample_weight=w)
    np.testing.assert_allclose([cell.value for cell in found], [tp, fn, fp, tn])


def test_the_event_at_the_threshold_is_kept():
    found = confusion(SCORE, TRUTH, 0.4)
    assert [cell.value for cell in found] == [3, 1, 3, 1]
    assert found.signal_kept.error == pytest.approx(np.sqrt(3))


def test_shares_and_their_errors_are_the_binomial_ones():
    score, y, w = sample(300, 2)
    found, kept = confusion(score, y, 0.5, w), score >= 0.5
    assert found.signal_efficiency == pytest.approx(efficiency(kept[y], w[y]))
    assert found.background_efficiency == pytest.approx(efficiency(kept[~y], w[~y]))
    assert found.purity == pytest.approx(efficiency(y[kept], w[kept]))
    value, error = found.background_efficiency
    assert found.rejection == pytest.approx((1 / value, error / value**2))


def test_another_balance_of_classes_changes_the_purity_alone():
    score, y, _ = sample(300, 3)
    one, other = confusion(score, y, 0.5), confusion(score, y, 0.5).scaled(background=1000)
    assert other.signal_efficiency == pytest.approx(one.signal_efficiency)
    assert other.rejection == pytest.approx(one.rejection)
    s, b = one.signal_kept.value, one.background_kept.value
    assert other.purity.value == pytest.approx(s / (s + 1000 * b))


def test_nothing_kept_is_told_without_a_warning():
    found = confusion(SCORE, TRUTH, 2.0)
    assert found.rejection.value == np.inf
    assert np.isnan(found.rejection.error)
    assert np.isnan(found.purity.value)


def test_a_threshold_must_be_a_number():
    with pytest.raises(CourseError, match="threshold is NaN"):
        confusion(SCORE, TRUTH, np.nan)


# -- intervals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "name"), [("wilson", "wilson"), ("clopper-pearson", "exact")])
def test_intervals_are_those_of_scipy(method, name):
    k = np.array([0, 1, 7, 19, 20])
    low, high = binomial_interval(k, 20, method=method, level=0.9)
    for i, passed in enumerate(k):
        expected = binomtest(int(passed), 20).proportion_ci(0.9, method=name)
        assert (low[i], high[i]) == pytest.approx(tuple(expected), abs=1e-9)


def test_the_normal_interval_has_no_width_at_the_ends_and_the_others_have():
    for k in (0, 20):
        assert np.ptp(binomial_interval(k, 20, method="normal")) == 0
        assert np.ptp(binomial_interval(k, 20)) > 0.03


def test_clopper_pearson_never_promises_too_much():
    true, k = np.linspace(0.01, 0.99, 99)[:, None], np.arange(31)
    low, high = binomial_interval(k, 30, method="clopper-pearson")
    coverage = (binom.pmf(k, 30, true) * ((low <= true) & (true <= high))).sum(axis=1)
    assert coverage.min() >= 0.682


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((21, 20), {}), "between 0 and n"),
        (((0, 0), {}), "at least one"),
        (((1, 2), {"level": 68}), "between 0 and 1"),
        (((1, 2), {"method": "wald"}), "not 'wald'"),
    ],
)
def test_intervals_tell_what_is_wrong(arguments, message):
    args, options = arguments
    with pytest.raises(CourseError, match=message):
        binomial_interval(*args, **options)


# -- bootstrap and rejection -----------------------------------------------------------------------


def test_bootstrap_agrees_with_delong_also_with_weights():
    score, y, w = sample(400, 4)
    for weights in (None, w):
        found, delong = bootstrap(auc, score, y, weights, rng=1, replicas=400), auc(score, y, weights)
        assert found.value == delong.value
        assert found.error == pytest.approx(delong.error, rel=0.15)


def test_bootstrap_takes_any_metric_and_the_same_seed_gives_the_same():
    score, y, _ = sample(200, 5)

    def mean_distance(score, y, w):
        return np.average(score[y], weights=w[y]) - np.average(score[~y], weights=w[~y])

    found = bootstrap(mean_distance, score, y, rng=1)
    expected = np.hypot(score[y].std() / np.sqrt(y.sum()), score[~y].std() / np.sqrt((~y).sum()))
    assert found.error == pytest.approx(expected, rel=0.2)
    assert found == bootstrap(mean_distance, score, y, rng=1)
    with pytest.raises(CourseError, match="1 replicas have no spread"):
        bootstrap(auc, score, y, rng=1, replicas=1)


def test_rejection_is_one_over_the_background_efficiency_there():
    score, y, w = sample(5000, 6)
    found = rejection_at(0.7, score, y, w)
    assert efficiency_at(1 / found.value, score, y, w).value == pytest.approx(0.7, abs=2e-3)


def test_the_error_of_a_rejection_is_its_spread():
    toys = [rejection_at(0.6, *sample(1000, seed)[:2]) for seed in range(300)]
    values, errors = np.transpose(toys)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)


def test_a_rejection_without_background_is_refused():
    with pytest.raises(CourseError, match="larger than this sample can tell"):
        rejection_at(0.5, TRUTH, TRUTH)
    with pytest.raises(CourseError, match="above 0"):
        rejection_at(0, SCORE, TRUTH)


# -- the sample ------------------------------------------------------------------------------------


def test_candidates_come_from_the_densities_of_their_likelihood_ratio():
    """The mean of the ratio over jets is one, and it turns jets into electrons."""
    x, y = electron_candidates(200_000, 1)
    ratio = np.exp(candidate_llr(x))
    assert (y == 1).sum() == (y == -1).sum() == 200_000
    jets = ratio[y < 0]
    assert jets.mean() == pytest.approx(1, abs=5 * jets.std() / np.sqrt(len(jets)))
    bins = np.linspace(-10, 10, 41)  # jets that weigh as much as their ratio are distributed as electrons
    electrons = np.histogram(np.log(ratio[y > 0]), bins)[0]
    counted, weighted, squares = (np.histogram(np.log(jets), bins, weights=jets**k)[0] for k in range(3))
    pull = ((electrons - weighted) / np.sqrt(electrons + squares + 1))[counted > 20]
    assert len(pull) > 25
    assert np.abs(pull).max() < 4


def test_the_two_detectors_have_equal_areas_and_curves_that_cross():
    x, y = electron_candidates(20_000, 2)
    truth = y > 0
    energy, width, both = -np.abs(x[:, 0] - 1), -x[:, 1], candidate_llr(x)
    assert abs(auc_difference(energy, width, truth).value) < 0.01
    assert rejection_at(0.7, energy, truth).value > 3 * rejection_at(0.7, width, truth).value
    assert rejection_at(0.95, energy, truth).value < 0.5 * rejection_at(0.95, width, truth).value
    assert auc_difference(both, width, truth).value > 0.05


def test_the_same_seed_gives_the_same_candidates():
    np.testing.assert_array_equal(electron_candidates(50, 3)[0], electron_candidates(50, 3)[0])
    with pytest.raises(CourseError, match="shape"):
        candidate_llr([1.0, 2.0])


# -- figures ---------------------------------------------------------------------------------------


def test_histograms_are_weighted_and_have_unit_area():
    ax = plot.score_histograms([0.1, 0.9, 0.2, 0.8], [1, 1, 0, 0], [3.0, 1.0, 1.0, 1.0], bins=[0, 0.5, 1])
    heights = [patch.get_data().values for patch in ax.patches]
    np.testing.assert_allclose(heights[0], [1, 1])
    np.testing.assert_allclose(heights[2], [1.5, 0.5])
    assert ax.get_legend_handles_labels()[1] == ["background", "signal"]


def test_a_rejection_curve_lies_on_the_roc_and_stops_before_it_runs_out_of_background():
    score, y, w = sample(2000, 7)
    ax = plot.rejection({"a": score}, y, w, fewest=25, colours={"a": "red"})
    (line,) = ax.get_lines()
    x, height = line.get_data()
    curve = roc_curve(score, y, w)
    assert np.abs(x[:, None] - curve.signal).min(axis=1).max() < 1e-12
    assert line.get_color() == "red"
    first = curve.background[np.searchsorted(curve.signal, x[0])]
    assert height[0] == pytest.approx(1 / first, rel=0.05)
    kept = ~y & (score >= curve.threshold[np.searchsorted(curve.background, 1 / height[0] - 1e-12)])
    assert w[kept].sum() ** 2 / (w[kept] ** 2).sum() == pytest.approx(25, abs=2)
    assert ax.get_yscale() == "log"


@pytest.fixture
def view():
    score, y, w = sample(3000, 8)
    return plot.WorkingPoint(score, y, w, expected=(50, 2000), uncertainty=0.1, names=("jet", "electron"))


def test_the_working_point_is_the_same_in_all_panels(view):
    words = view.move(1.0)
    matrix = view.at(1.0)
    assert sum(cell.value for cell in matrix[:2]) == pytest.approx(50)
    assert sum(cell.value for cell in matrix[2:]) == pytest.approx(2000)
    share = efficiency(view.score[view.truth] >= 1.0, view.weights[view.truth])
    (x,), (y,) = view._point.get_data()
    assert (x, y) == (matrix.background_efficiency.value, pytest.approx(share.value))
    s, b = matrix.signal_kept.value, matrix.background_kept.value
    z = asimov_significance(s, b, 0.1 * b)
    assert view._dot.get_data()[1] == [pytest.approx(z)]
    assert view._cut.get_xdata() == [1.0, 1.0]
    assert f"expected significance {z:.2f} σ" in words
    assert view._numbers[0].get_text().startswith(f"{s:.3g}\n")
    curve = view.significance.get_lines()[0]
    assert np.interp(1.0, *curve.get_data()) == pytest.approx(z, rel=0.05)


def test_the_histogram_counts_expected_events(view):
    heights = view.histograms.patches[0].get_data().values
    assert heights.sum() == pytest.approx(2000, rel=0.02)


def test_without_background_left_the_words_say_so(view):
    assert "rejection and purity unknown" in view.move(50.0)
    assert "no significance" in view.move(50.0)


def test_moving_the_cut_changes_the_picture_and_back_again_restores_it(view):
    view.move(0.5)
    before = view.png()
    view.move(1.5)
    after = view.png()
    view.move(0.5)
    assert before.startswith(b"\x89PNG")
    assert after != before
    assert view.png() == before


def test_an_update_feels_alive(view):
    view.move(0.0)
    view.png()
    start = time.process_time()
    for cut in np.linspace(0, 2, 10):
        view.move(cut)
        view.png()
    assert (time.process_time() - start) / 10 < 0.1


def test_without_expectation_there_is_no_significance():
    score, y, _ = sample(500, 9)
    view = plot.WorkingPoint(score, y)
    assert view.significance is None
    assert "significance" not in view.move(0.5)
    assert isinstance(view.figure, Figure)


# -- widget ----------------------------------------------------------------------------------------


def test_the_slider_moves_the_cut(monkeypatch):
    outputs, known = [], set(_instances)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    score, y, _ = sample(500, 10)
    widgets.working_point(score, y, still=0.7)
    (data,) = outputs
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"].startswith(f"Cut at 0.70: signal efficiency {efficiency(score[y] >= 0.7):.4f},")
    made = [widget for key, widget in _instances.items() if key not in known]
    (slider,) = (w for w in made if isinstance(w, ipywidgets.SelectionSlider))
    (page,) = (w for w in made if isinstance(w, ipywidgets.HTML))
    before = page.value
    assert data["text/plain"] in before
    slider.index += 1
    assert page.value != before
    assert float(slider.label.replace("−", "-")) > 0.6


def test_a_cut_without_background_promises_no_purity():
    score, y, _ = sample(500, 11)
    words = plot.WorkingPoint(score, y, expected=(10, 1000)).move(float(score[~y].max()) + 1e-6)
    assert "rejection and purity unknown" in words
    assert "purity 1.000" not in words


def test_there_is_always_something_to_the_right(monkeypatch):
    known = set(_instances)
    monkeypatch.setattr("IPython.display.display", lambda data, raw: None)
    score, y, _ = sample(500, 11)
    widgets.working_point(score, y, still=99.0)
    (slider,) = (
        w for key, w in _instances.items() if key not in known and isinstance(w, ipywidgets.SelectionSlider)
    )
    assert slider.index < len(slider.options) - 1
