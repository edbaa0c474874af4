"""Metrics: against scikit-learn, against counting by hand, and their uncertainties against toys."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm
from sklearn import metrics as sklearn_metrics

from hepml_course.errors import CourseError
from hepml_course.metrics import (
    Estimate,
    asimov_significance,
    auc,
    auc_difference,
    effective_size,
    efficiency,
    efficiency_at,
    roc_curve,
)


def sample(n, rng, ties=False):
    """Overlapping classes with weights that differ between and inside them."""
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.4
    score = rng.normal(1.0 * y, 1.0)
    w = rng.exponential(size=n) * np.where(rng.random(n) < 0.1, 8.0, 1.0)
    return (score.round(1) if ties else score), y, w


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_auc_and_curve_are_those_of_scikit_learn(seed, ties):
    score, y, w = sample(500, seed, ties)
    assert auc(score, y, w).value == pytest.approx(sklearn_metrics.roc_auc_score(y, score, sample_weight=w))
    fpr, tpr, threshold = sklearn_metrics.roc_curve(y, score, sample_weight=w, drop_intermediate=False)
    curve = roc_curve(score, y, w)
    np.testing.assert_allclose(curve.background, fpr, atol=1e-12)
    np.testing.assert_allclose(curve.signal, tpr, atol=1e-12)
    np.testing.assert_array_equal(curve.threshold, threshold)


def test_auc_is_the_fraction_of_pairs_in_order_and_its_error_is_delongs():
    score, y, _ = sample(80, 3, ties=True)
    s, b = score[y], score[~y]
    wins = (s[:, None] > b) + 0.5 * (s[:, None] == b)
    delong = np.var(wins.mean(axis=1), ddof=1) / len(s) + np.var(wins.mean(axis=0), ddof=1) / len(b)
    assert auc(score, y) == pytest.approx((wins.mean(), np.sqrt(delong)))


def toys(n_toys, rng, n_signal=300, n_background=500):
    """Small test samples of a known truth; heavy events score higher, so forgetting weights is seen."""
    rng = np.random.default_rng(rng)
    for _ in range(n_toys):
        y = np.r_[np.ones(n_signal), np.zeros(n_background)]
        heavy = rng.random(len(y)) < 0.3
        score = rng.normal(1.5 * y, 1) + 0.3 * heavy
        yield score, y, np.where(heavy, 5.0, 0.5), rng.normal(score, 0.8)


def exact(n=2_000_000):
    return next(toys(1, 99, n, n))


@pytest.fixture(scope="module")
def pulls():
    """(estimate − truth) / error over toys, for AUC, difference of two AUCs, and three working points."""
    points = [0.05, 0.1, 0.3]

    def measure(score, y, w, worse):
        value, error = efficiency_at(points, score, y, w)
        area, change = auc(score, y, w), auc_difference(worse, score, y, w)
        return np.r_[area.value, change.value, value], np.r_[area.error, change.error, error]

    truth = measure(*exact())[0]
    values, errors = zip(*(measure(*toy) for toy in toys(600, 1)), strict=True)
    return (np.array(values) - truth) / np.array(errors)


def test_uncertainties_cover_the_truth_in_two_toys_of_three(pulls):
    covered = (np.abs(pulls) < 1).mean(axis=0)
    # 600 toys: binomial width 0.019; the working points have some twenty effective background events.
    np.testing.assert_allclose(covered, 0.683, atol=0.06)
    np.testing.assert_allclose(pulls.std(axis=0), 1.0, atol=0.15)


def test_difference_of_a_score_with_itself_is_exactly_zero():
    score, y, w = sample(100, 0)
    assert auc_difference(score, score, y, w) == (0.0, 0.0)


def test_difference_is_known_better_than_either_auc():
    score, y, w, worse = next(toys(1, 5))
    change = auc_difference(worse, score, y, w)
    assert change.value == pytest.approx(auc(worse, y, w).value - auc(score, y, w).value)
    assert change.error < auc(score, y, w).error


def test_only_the_order_of_scores_and_the_ratio_of_weights_matter():
    score, y, w = sample(200, 1)
    assert auc(np.exp(3 * score), y, 7 * w) == pytest.approx(auc(score, y, w))
    assert efficiency_at(0.1, np.exp(3 * score), y, 7 * w) == pytest.approx(efficiency_at(0.1, score, y, w))


@given(
    arrays(float, 40, elements=st.floats(-1e3, 1e3)),
    arrays(bool, 40),
    arrays(float, 40, elements=st.floats(0.1, 10)),
)
def test_reversed_score_gives_the_complement(score, y, w):
    if y.all() or not y.any():
        return
    up, down = auc(score, y, w), auc(-score, y, w)
    assert up.value + down.value == pytest.approx(1)
    assert up.error == pytest.approx(down.error, abs=1e-12)


def test_useless_score_has_one_half_and_perfect_score_has_one():
    y = np.r_[np.ones(50), np.zeros(70)]
    assert auc(np.zeros(120), y).value == pytest.approx(0.5)
    assert auc(y, y) == pytest.approx((1, 0))


def test_efficiency_at_lies_on_the_curve_and_needs_no_loop():
    score, y, w = sample(400, 2)
    points = np.linspace(0, 1, 21)
    value, error = efficiency_at(points, score, y, w)
    curve = roc_curve(score, y, w)
    np.testing.assert_allclose(value, np.interp(points, curve.background, curve.signal))
    assert (np.diff(value) >= 0).all()
    single = efficiency_at(0.1, score, y, w)
    assert isinstance(single, Estimate)
    assert single == pytest.approx((value[2], error[2]))


def test_a_million_events_take_seconds():
    score, y, w = sample(1_000_000, 0)
    start = time.process_time()
    auc(score, y, w), efficiency_at(0.1, score, y, w)
    assert time.process_time() - start < 10


def test_keras_column_of_scores_is_taken():
    score, y, w = sample(60, 0)
    assert auc(score[:, None], y, w) == auc(score, y, w)


@pytest.mark.parametrize(
    ("score", "y", "weights", "message"),
    [
        ([1.0, 2.0], [1, 1], None, "All events are signal"),
        ([1.0, 2.0], [0, 0], None, "All events are background"),
        ([1.0, np.nan], [0, 1], None, "1 of the scores are NaN"),
        ([1.0, 2.0], [0, 1], [1.0, -1.0], "1 of the weights are negative"),
        ([1.0, 2.0], [0, 1], [1.0, np.inf], "NaN or infinite"),
        ([1.0, 2.0], [0, 1], [1.0], "one weight per event"),
        ([1.0, 2.0], [0, 1], [1.0, 0.0], "weights of the signal events sum to 0"),
        ([1.0, 2.0], [0.3, 0.8], None, "The score comes first"),
        ([1.0, 2.0], [-1, 1], None, "must be 1 for signal and 0 for background"),
        ([1.0, 2.0, 3.0], [0, 1], None, "one label per event"),
        ([[0.2, 0.8], [0.4, 0.6]], [0, 1], None, "one number per event"),
    ],
)
@pytest.mark.parametrize("function", [auc, roc_curve, lambda *args: efficiency_at(0.1, *args)])
def test_bad_input_is_told_in_a_sentence(function, score, y, weights, message):
    with pytest.raises(CourseError, match=message):
        function(score, y, weights)


def test_working_point_must_be_a_fraction():
    with pytest.raises(CourseError, match="between 0 and 1"):
        efficiency_at(10, [0.0, 1.0], [0, 1])


def test_asimov_significance_of_the_counting_experiment_of_cowan_and_others():
    # s = 10, b = 9 by hand: sqrt(2 (19 ln(19/9) - 10)).
    assert asimov_significance(10, 9) == pytest.approx(np.sqrt(2 * (19 * np.log(19 / 9) - 10)))
    assert asimov_significance(1, 10_000) == pytest.approx(1 / 100, rel=1e-4)
    assert asimov_significance(100, 1000, 50) == pytest.approx(100 / np.sqrt(1000 + 50**2), rel=0.03)
    assert asimov_significance(100, 1000, 1e-7) == pytest.approx(asimov_significance(100, 1000))
    assert asimov_significance(0, 5, 2) == 0


def test_asimov_significance_takes_arrays_and_refuses_what_has_no_meaning():
    result = asimov_significance([1.0, 2.0, 3.0], [10.0, 10.0, 0.0])
    assert result[1] > result[0]
    assert np.isnan(result[2])
    with pytest.raises(CourseError, match="cannot be negative"):
        asimov_significance(-1, 10)


def test_asimov_significance_is_the_median_of_background_pseudo_experiments():
    """The fraction of background-only counts at or above s + b is the p-value of that many sigma."""
    rng, s, b = np.random.default_rng(4), 30, 100
    p = (rng.poisson(b, 400_000) >= s + b).mean()
    assert norm.isf(p) == pytest.approx(asimov_significance(s, b), abs=0.1)


def test_effective_size():
    assert effective_size(np.full(7, 0.3)) == pytest.approx(7)
    assert effective_size([1, 0, 0]) == pytest.approx(1)
    assert effective_size([]) == 0
    assert effective_size([10] + [1] * 10) < 4


def test_estimate_prints_value_and_error_and_unpacks():
    value, error = Estimate(0.8912, 0.0041)
    assert (value, error) == (0.8912, 0.0041)
    assert f"{Estimate(0.8912, 0.0041)}" == "0.891 ± 0.004"
    assert f"{Estimate(105_300.2, 812.4):.0f}" == "105300 ± 812"


def test_efficiency_is_weighted_and_binomial_for_unit_weights():
    passed = np.array([True, True, False, False, False])
    assert efficiency(passed) == pytest.approx((0.4, np.sqrt(0.4 * 0.6 / 5)))
    share, error = efficiency([True, False], [3.0, 1.0])
    assert share == pytest.approx(0.75)
    assert error == pytest.approx(np.sqrt(9 * 0.25**2 + 0.75**2) / 4)


def test_efficiency_covers_the_truth_with_weights_that_go_with_passing():
    """Heavy events pass more often; the error must be that of Σw over a Poisson sample, not of n events."""
    rng = np.random.default_rng(2)
    truth = (0.3 * 5.0 * 0.8 + 0.7 * 0.5 * 0.4) / (0.3 * 5.0 + 0.7 * 0.5)
    pulls = []
    for n in rng.poisson(300, 500):
        heavy = rng.random(n) < 0.3
        share, error = efficiency(rng.random(n) < np.where(heavy, 0.8, 0.4), np.where(heavy, 5.0, 0.5))
        pulls.append((share - truth) / error)
    assert np.std(pulls) == pytest.approx(1, abs=0.1)
    assert np.mean(pulls) == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize(
    ("passed", "weights", "message"),
    [
        ([0.2, 0.8], None, "True or False"),
        ([], [], "True or False"),
        (np.zeros(0, dtype=bool), None, "no events"),
        ([True, False], [0.0, 0.0], "sum to nothing"),
        ([True, False], [1.0, -1.0], "negative"),
    ],
)
def test_efficiency_tells_what_is_wrong(passed, weights, message):
    with pytest.raises(CourseError, match=message):
        efficiency(passed, weights)
