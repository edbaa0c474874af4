"""What the pictures of the report are computed from: weighted histograms, scans, correlations, shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, spearmanr

from hepml_course.errors import CourseError
from hepml_course.metrics import (
    asimov_significance,
    binomial_interval,
    correlation,
    cut_scan,
    effective_size,
    efficiency,
    profile,
    reliability,
)
from hepml_course.metrics.cut_scan import passing, some_cuts
from hepml_course.metrics.histogram import bin_numbers, weighted_histogram
from hepml_course.metrics.roc import classes

EDGES = np.array([-1.0, 0.0, 0.5, 2.0])


def signed(n, rng):
    """Weights of +1 and −1, one in four negative, that cancel in a wider Gaussian."""
    rng = np.random.default_rng(rng)
    kind = rng.choice(3, n, p=[0.5, 0.25, 0.25])
    return rng.normal(size=(n, 2)) * np.where(kind == 0, 1, 1.5)[:, None], np.where(kind == 2, -1.0, 1.0)


# -- histograms and efficiencies -------------------------------------------------------------------


def test_bins_hold_what_lies_in_them():
    assert bin_numbers([-2, -1, 0, 0.4, 0.5, 2, 2.1, np.nan], EDGES).tolist() == [-1, 0, 1, 1, 2, 2, 3, 3]


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-2, 2)), min_size=1, max_size=50))
def test_a_histogram_is_that_of_numpy_with_weights_of_any_sign(entries):
    values, w = np.transpose(entries)
    content, error = weighted_histogram(values, EDGES, w)
    np.testing.assert_allclose(content, np.histogram(values, EDGES, weights=w)[0], atol=1e-12)
    np.testing.assert_allclose(error**2, np.histogram(values, EDGES, weights=w**2)[0], atol=1e-12)


def test_efficiencies_of_all_cuts_are_those_of_each():
    x, w = signed(1000, 1)
    score, y = np.round(x[:, 0], 1), np.arange(1000) % 3 == 0
    both = classes(score, y, w, signed=True)
    for of_signal in (True, False):
        members = y == of_signal
        share, error, effective = passing(both, of_signal)
        for i, cut in enumerate(both.grid):
            kept = score[members] >= cut
            one = efficiency(kept, w[members], signed=True)
            assert (share[i], error[i]) == (
                pytest.approx(one.value, abs=1e-12),
                pytest.approx(one.error, abs=1e-12),
            )
            assert effective[i] == pytest.approx(effective_size(w[members][kept]), abs=1e-9)


# -- scan of a cut ---------------------------------------------------------------------------------


def scored(n, rng=0):
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.4
    return rng.normal(1.5 * y), y, rng.exponential(size=n)


def test_a_scan_counts_what_passes_each_cut():
    score, y, w = scored(300)
    scan = cut_scan(score, y, w, expected=(20, 500), uncertainty=0.1)
    np.testing.assert_array_equal(scan.cut, np.unique(score))
    i = len(scan.cut) // 2
    s = 20 * efficiency(score[y] >= scan.cut[i], w[y]).value
    b = 500 * efficiency(score[~y] >= scan.cut[i], w[~y]).value
    assert scan.purity[i] == pytest.approx(s / (s + b))
    assert scan.significance[i] == pytest.approx(asimov_significance(s, b, 0.1 * b))
    assert scan.significance[scan.best] == np.nanmax(scan.significance)


def test_a_scan_expects_the_sums_of_weights_unless_told():
    score, y, w = scored(300)
    told = cut_scan(score, y, w, expected=(w[y].sum(), w[~y].sum()))
    np.testing.assert_array_equal(cut_scan(score, y, w).significance, told.significance)


def test_the_best_cut_is_not_where_the_simulation_runs_out_of_background():
    score, y, w = scored(3000)
    scan = cut_scan(score, y, w, expected=(20, 1e6))
    known = ~np.isnan(scan.significance)
    assert (scan.background.effective[known] >= 10).all()
    assert (scan.background.effective[~known] < 10).all()
    assert known[0]
    assert not known[-1]
    few = cut_scan(score[:12], y[:12], w[:12], expected=(20, 1e6))
    assert few.best is None


def test_a_scan_of_many_events_gives_a_thousand_cuts_down_to_the_last_events():
    score, y, _ = scored(200_000, 3)
    both = classes(score, y, None)
    cuts = both.grid[some_cuts(both)]
    assert 500 < len(cuts) <= 1000
    assert cuts[0] == score.min()
    assert cuts[-1] == score.max()
    for of in (y, ~y):
        left = np.count_nonzero(of) - np.searchsorted(np.sort(score[of]), cuts)
        assert np.isin([1, 2, 3, 5, 10], left).all()
        assert np.abs(np.diff(left)).max() < 0.005 * np.count_nonzero(of)


def test_the_best_of_all_cuts_is_among_those_given():
    for seed in range(5):
        score, y, w = scored(20_000, seed)
        both = classes(score, y, w)
        scan = cut_scan(both, expected=(20, 500))
        assert len(scan.cut) < 1002
        s, b = 20 * passing(both, True).share, 500 * passing(both, False).share
        enough = passing(both, False).effective >= 10
        assert scan.significance[scan.best] == asimov_significance(s[enough], b[enough]).max()
    same = cut_scan(score, y, w, expected=(20, 500))
    np.testing.assert_array_equal(same.significance, scan.significance)


def test_a_scan_takes_negative_weights_only_when_told_and_never_counts_less_than_nothing():
    x, w = signed(2000, 4)
    y = np.arange(2000) % 2 == 0
    with pytest.raises(CourseError, match="negative"):
        cut_scan(x[:, 0] + y, y, w)
    scan = cut_scan(x[:, 0] + y, y, w, expected=(5, 100), signed=True)
    assert (scan.signal.share < 0).any() or (scan.background.share < 0).any()
    known = ~np.isnan(scan.purity)
    assert (scan.purity[known] >= 0).all()
    assert (scan.purity[known] <= 1).all()
    less = cut_scan([0.0] * 20 + [0.5, 1.0], [0] * 20 + [1, 1], [1.0] * 20 + [3, -1], fewest=0, signed=True)
    assert less.signal.share[-1] == -0.5
    upper = cut_scan([1.0] * 20 + [0.0, 1.0], [0] * 20 + [1, 1], [1.0] * 20 + [3, -1], signed=True)
    assert (upper.purity[-1], upper.significance[-1]) == (0, 0)
    with pytest.raises(CourseError, match="to be expected"):
        cut_scan(x[:, 0], y, expected=(0, 10))


# -- correlation -----------------------------------------------------------------------------------


def table(n, rng):
    rng = np.random.default_rng(rng)
    x = rng.normal(size=(n, 4))
    x[:, 1] += x[:, 0]
    x[:, 2] = np.exp(2 * x[:, 1])
    x[:, 3] = rng.poisson(np.exp(x[:, 0] / 2))
    return x


@pytest.mark.parametrize("n", [300, 50_000])
def test_correlations_without_weights_are_those_of_numpy_and_scipy(n):
    x = table(n, 1)
    np.testing.assert_allclose(correlation(x), np.corrcoef(x.T), atol=1e-12)
    np.testing.assert_allclose(correlation(x, kind="rank"), spearmanr(x)[0], atol=2e-6)


def test_a_variable_with_outliers_is_ranked_all_the_same():
    x = table(50_000, 2)
    x[0, 0], x[1:20_000, 1] = 1e12, -999.0
    np.testing.assert_allclose(correlation(x, kind="rank"), spearmanr(x)[0], atol=2e-6)


@pytest.mark.parametrize("kind", ["linear", "rank"])
def test_a_weight_of_two_is_an_event_twice_and_of_zero_none(kind):
    x = table(60, 3)
    w = np.tile([0.0, 1.0, 2.0], 20)
    twice = np.concatenate([x[w > 0], x[w == 2]])
    np.testing.assert_allclose(correlation(x, w, kind), correlation(twice, kind=kind), atol=1e-12)


def test_a_weighted_coefficient_is_that_of_the_covariance_of_numpy():
    x, w = table(500, 4), np.random.default_rng(4).exponential(size=500)
    covariance = np.cov(x.T, aweights=w)
    width = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(correlation(x, 7 * w), covariance / np.outer(width, width), atol=1e-12)


@pytest.mark.parametrize(("kind", "truth"), [("linear", 0.6), ("rank", 6 / np.pi * np.arcsin(0.3))])
def test_negative_weights_give_the_coefficient_of_the_density(kind, truth):
    """The density is a Gaussian with ρ = 0.6; Spearman's coefficient of that is known (Pearson 1907)."""
    x, w = signed(200_000, 5)
    x[:, 1] = 0.6 * x[:, 0] + 0.8 * x[:, 1]
    found = correlation(x, w, kind, signed=True)
    assert found[0, 1] == pytest.approx(truth, abs=0.01)
    with pytest.raises(CourseError, match="negative"):
        correlation(x, w, kind)


def test_a_constant_has_no_correlation_and_nonsense_gets_a_sentence():
    x = table(100, 6)
    x[:, 2] = 0.1
    for kind in ("linear", "rank"):
        found = correlation(x, np.full(100, 0.3), kind)
        assert np.isnan(found[2]).all()
        assert np.isnan(found[:, 2]).all()
        assert np.isfinite(np.delete(np.delete(found, 2, 0), 2, 1)).all()
    w = np.where(np.arange(100) < 50, 0.3, 0.0)
    x[:50, 1] = 0.1  # constant where there is weight
    assert np.isnan(correlation(x, w)[1]).all()
    with pytest.raises(CourseError, match="kind"):
        correlation(x, kind="kendall")
    with pytest.raises(CourseError, match="NaN"):
        correlation(np.where(x == x[3, 1], np.nan, x))
    with pytest.raises(CourseError, match="one row each"):
        correlation(x[:, 0])
    with pytest.raises(CourseError, match="sum to"):
        correlation(x, np.tile([1.0, -1.0], 50), signed=True)


# -- profile ---------------------------------------------------------------------------------------


def test_a_profile_weights_events():
    x, mean, error = profile([0.0, 1, 1, 0, 5], [2.0, 4, 4, 2, 9], [0, 2, 6], [1.0, 3, 3, 1, 1])
    np.testing.assert_allclose((x, mean), ([6 / 8], [28 / 8]))
    n = 64 / 20
    np.testing.assert_allclose(error**2, (2 * 1.5**2 + 2 * 9 * 0.5**2) / 64 * n / (n - 1))


@pytest.mark.parametrize("negative", [False, True])
def test_the_errors_of_a_weighted_profile_cover(negative):
    pulls = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x, w = signed(2000, rng) if negative else (rng.normal(size=(2000, 2)), rng.exponential(size=2000))
        _, mean, error = profile(x[:, 0], x[:, 1], [-1, -0.3, 0.3, 1], w, signed=negative)
        pulls += list(mean / error)
    assert np.std(pulls) == pytest.approx(1, abs=0.08)
    assert abs(np.mean(pulls)) < 0.15


def test_a_profile_refuses_or_leaves_out_negative_sums():
    with pytest.raises(CourseError, match="negative"):
        profile([0.0, 1.0], [1.0, 2.0], [0, 2], [1.0, -1.0])
    found = profile([0.0, 1, 3, 3, 3], [1.0, 2, 1, 2, 3], [0, 2, 4], [-1.0, -1, 1, 1, 1], signed=True)
    np.testing.assert_allclose(found.x, [3])


# -- calibration -----------------------------------------------------------------------------------


def test_shares_without_weights_have_the_interval_of_wilson():
    score, y = [0.1, 0.2, 0.3, 0.2, 0.9, 0.7], [0, 1, 0, 0, 1, 1]
    found = reliability(score, y, bins=[0, 0.5, 1])
    np.testing.assert_allclose(found.score, [0.2, 0.8])
    np.testing.assert_allclose(found.share, [0.25, 1])
    np.testing.assert_allclose((found.low, found.high), binomial_interval([1, 2], [4, 2]))
    assert found.prior == 0.5


def test_the_interval_has_the_variance_of_the_weighted_share():
    y, w = np.array([1, 1, 0, 0, 0]), np.array([1.0, 2, 4, 1, 1])
    found = reliability(np.full(5, 0.3), y, w, bins=1)
    share = 3 / 9
    variance = (5 * (1 - share) ** 2 + 18 * share**2) / 81
    n = share * (1 - share) / variance
    np.testing.assert_allclose((found.low, found.high), binomial_interval([n * share], [n]))


def test_a_true_probability_lies_on_the_diagonal_within_its_errors_and_another_prior_moves_it():
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(100):
        score = rng.random(3000)
        y, w = rng.random(3000) < score, rng.exponential(size=3000)
        found = reliability(score, y, w, bins=10)
        covered += list((found.low < found.score) & (found.score < found.high))
    assert np.mean(covered) == pytest.approx(0.683, abs=0.05)
    moved = reliability(score, y, np.where(y, 0.1 * w, w), bins=10)
    assert moved.prior < 0.15
    assert (moved.share < moved.score)[1:].all()


def test_shares_of_signed_samples_may_leave_the_range_and_empty_bins_are_left_out():
    score, y = [0.1, 0.1, 0.1, 0.6, 0.6, 0.9], [1, 1, 0, 1, 0, 1]
    w = [1.0, 1.0, -0.5, 1.0, -2.0, 1.0]
    found = reliability(score, y, w, bins=[0, 0.25, 0.5, 0.75, 1], signed=True)
    np.testing.assert_allclose(found.score, [0.1, 0.9])
    np.testing.assert_allclose(found.share, [4 / 3, 1])
    error = np.sqrt(2 * (1 / 3) ** 2 + (0.5 * 4 / 3) ** 2) / 1.5
    np.testing.assert_allclose((found.low[0], found.high[0]), (4 / 3 - error, 4 / 3 + error))


def test_only_probabilities_can_be_calibrated():
    with pytest.raises(CourseError, match=r"from -2 to 3 are no probabilities"):
        reliability([-2.0, 3.0], [0, 1])
    with pytest.raises(CourseError, match=r"from -0.5 to 0.5"):
        reliability([-0.5, 0.5], [0, 1])
    with pytest.raises(CourseError, match="negative"):
        reliability([0.2, 0.3], [0, 1], [1.0, -1.0])


def test_signed_toys_are_what_they_are_said_to_be():
    x, w = signed(200_000, 9)
    assert w @ (x[:, 0] < 1) / w.sum() == pytest.approx(norm.cdf(1), abs=0.01)
