"""The classical methods: what they find, and what event weights of either sign do to them."""

import itertools
import random
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from hepml_course.errors import CourseError
from hepml_course.methods import BoxCuts, Fisher, Likelihood, Network, standard
from hepml_course.methods.trees import Trees
from hepml_course.metrics import auc

NUMPY_METHODS = {"Fisher": Fisher, "Likelihood": Likelihood, "BoxCuts": BoxCuts}
FEW = {"hidden": (8,), "epochs": 3}  # of a network that only has to run


def two_normals(n, rng, shift=(1.0, 0.6, 0.0), share=0.4):
    """Signal and background of unit width, the means apart by ``shift``."""
    rng = np.random.default_rng(rng)
    y = rng.random(n) < share
    return rng.normal(size=(n, len(shift))) + y[:, None] * np.array(shift), y


def score(model, x):
    return model.decision_function(x)


def refusal(call):
    """The sentence, in one line, with which a call is refused; scikit-learn's tools get a ValueError."""
    with pytest.raises(CourseError) as caught:
        call()
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def scaled(weights, y, signal=1.0, background=1.0):
    return weights * np.where(y, signal, background)


# -- scikit-learn's own checks ---------------------------------------------------------------------


def not_for_us(estimator):
    """Checks of scikit-learn that a method means to fail, and why."""
    if isinstance(estimator, Likelihood):
        return {
            "check_sample_weight_equivalence_on_dense_data": "one event of weight 2 tells less than two: the "
            "number of bins and the caution in empty ones follow the effective number"
        }
    return {}


@parametrize_with_checks(
    [Fisher(), Likelihood(), BoxCuts(efficiencies=(0.3, 0.6, 0.9))], expected_failed_checks=not_for_us
)
def test_the_rules_of_scikit_learn_are_kept(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "check",
    [
        "check_n_features_in",
        "check_dict_unchanged",
        "check_estimators_nan_inf",
        "check_no_attributes_set_in_init",
    ],
)
def test_a_network_keeps_the_rules_that_can_be_checked_in_a_second(check):
    """All sixty train some fifty networks; those that only the network can break are here."""
    getattr(estimator_checks, check)("Network", Network(**FEW))


# -- what all have in common -----------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMPY_METHODS)
@settings(max_examples=15, deadline=None)
@given(factor=st.floats(1e-6, 1e6), seed=st.integers(0, 1000))
def test_the_scale_of_the_weights_does_not_matter(name, factor, seed):
    x, y = two_normals(400, seed)
    w = np.random.default_rng(seed).lognormal(size=400)
    first, second = (NUMPY_METHODS[name]().fit(x, y, v) for v in (w, factor * w))
    np.testing.assert_allclose(score(first, x), score(second, x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", NUMPY_METHODS)
@settings(max_examples=15, deadline=None)
@given(factor=st.floats(1e-3, 1e3), seed=st.integers(0, 1000))
def test_the_proportion_of_the_classes_shifts_the_odds_and_no_ranking(name, factor, seed):
    x, y = two_normals(400, seed)
    w = np.random.default_rng(seed).lognormal(size=400)
    first, second = (NUMPY_METHODS[name]().fit(x, y, v) for v in (w, scaled(w, y, signal=factor)))
    shift = score(second, x) - score(first, x)
    if name == "BoxCuts":
        np.testing.assert_array_equal(shift, 0)
    elif name == "Likelihood":
        np.testing.assert_allclose(shift, np.log(factor), rtol=1e-6, atol=1e-6)
    else:  # the covariance within the classes is that of their mixture
        assert np.sign(np.mean(shift)) == np.sign(np.log(factor)) or abs(np.log(factor)) < 0.3


@pytest.mark.parametrize("name", NUMPY_METHODS)
@settings(max_examples=15, deadline=None)
@given(exponents=st.lists(st.integers(-8, 8), min_size=3, max_size=3), seed=st.integers(0, 1000))
def test_the_units_of_the_features_do_not_matter(name, exponents, seed):
    x, y = two_normals(300, seed)
    factors = 2.0 ** np.array(exponents)  # powers of two are exact
    first, second = NUMPY_METHODS[name]().fit(x, y), NUMPY_METHODS[name]().fit(x * factors, y)
    np.testing.assert_allclose(score(first, x), score(second, x * factors), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", NUMPY_METHODS)
@settings(max_examples=10, deadline=None)
@given(order=st.permutations(range(3)), seed=st.integers(0, 1000))
def test_the_order_of_events_and_features_does_not_matter(name, order, seed):
    x, y = two_normals(300, seed)
    w = np.random.default_rng(seed).lognormal(size=300)
    rows = np.random.default_rng(seed + 1).permutation(300)
    first = NUMPY_METHODS[name]().fit(x, y, w)
    second = NUMPY_METHODS[name]().fit(x[rows], y[rows], w[rows])
    np.testing.assert_allclose(score(first, x), score(second, x), rtol=1e-7, atol=1e-7)
    if name != "BoxCuts":  # its search comes to equal boxes by another path, or to others as good
        third = NUMPY_METHODS[name]().fit(x[:, order], y, w)
        np.testing.assert_allclose(score(first, x), score(third, x[:, order]), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("make", [*NUMPY_METHODS.values(), lambda: Network(**FEW)])
def test_events_of_weight_zero_are_not_there(make):
    x, y = two_normals(300, 1)
    w = np.ones(400)
    w[300:] = 0
    far = np.full((100, 3), 1e6) * np.arange(1, 101)[:, None]
    with_them = make().fit(np.vstack([x, far]), np.append(y, np.arange(100) % 2 == 0), w)
    np.testing.assert_array_equal(score(make().fit(x, y), x), score(with_them, x))


@pytest.mark.parametrize("make", [*NUMPY_METHODS.values(), lambda: Network(**FEW)])
def test_labels_of_any_kind_and_names_of_features(make):
    x, y = two_normals(200, 2)
    reference = make().fit(x, y)
    frame = pd.DataFrame(x, columns=["pt", "eta", "phi"])
    for labels in (y.astype(int), np.where(y, 1, -1), np.where(y, "s", "b")):
        model = make().fit(frame, labels)
        np.testing.assert_allclose(score(model, frame), score(reference, x), rtol=1e-5, atol=1e-9)
        assert model.classes_.tolist() == np.unique(labels).tolist()
        assert list(model.feature_names_in_) == ["pt", "eta", "phi"]
        assert set(model.predict(frame)) <= set(labels)
    assert "feature names should match" in refusal(lambda: score(model, frame[["eta", "pt", "phi"]]))


@pytest.mark.parametrize("make", [Fisher, Likelihood, lambda: Network(**FEW)])
def test_probabilities_belong_to_the_odds(make):
    x, y = two_normals(300, 3)
    model = make().fit(x, y)
    both = model.predict_proba(x)
    np.testing.assert_allclose(both.sum(axis=1), 1)
    np.testing.assert_allclose(np.log(both[:, 1] / both[:, 0]), score(model, x), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(model.predict(x), both[:, 1] > 0.5)


@pytest.mark.parametrize("name", [*NUMPY_METHODS, "Network"])
def test_what_cannot_be_used_is_said_in_one_sentence(name):
    make = {**NUMPY_METHODS, "Network": Network}[name]
    x, y = two_normals(50, 4)
    frame = pd.DataFrame(x, columns=["pt", "eta", "phi"])
    hole = frame.copy()
    hole.loc[[3, 7], "eta"] = np.nan
    assert "eta is NaN or infinite in 2 of 50 events" in refusal(lambda: make().fit(hole, y))
    assert "could not convert" in refusal(lambda: make().fit(frame.assign(phi="north"), y))
    assert "one class" in refusal(lambda: make().fit(x, np.ones(50)))
    assert "3 classes" in refusal(lambda: make().fit(x, np.arange(50) % 3))
    assert "Unknown label type" in refusal(lambda: make().fit(x, np.linspace(0, 1, 50)))
    assert "not fitted" in refusal(lambda: make().decision_function(x))
    sentence = refusal(lambda: make().fit(x, y, np.where(y, -1.0, 1.0)))
    assert "class signal" in sentence
    assert name in sentence
    assert "class background" in refusal(lambda: make().fit(x, y, np.where(y, 1.0, 0.0)))
    assert "NaN" in refusal(lambda: make().fit(x, y, np.full(50, np.nan)))
    if name != "Network":  # which would have to train first
        model = make().fit(frame, y)
        assert "eta is NaN" in refusal(lambda: score(model, hole))
        assert "feature names" in refusal(lambda: score(model, frame[["pt", "eta"]]))


# -- Fisher ----------------------------------------------------------------------------------------


def test_fisher_is_the_linear_discriminant_of_scikit_learn_where_weights_are_one():
    x, y = two_normals(2000, 5)
    x = x @ np.array([[1, 0.8, 0], [0, 1, -0.3], [0, 0, 10]])
    ours, theirs = Fisher().fit(x, y), LinearDiscriminantAnalysis(solver="lsqr").fit(x, y)
    np.testing.assert_allclose(score(ours, x), theirs.decision_function(x), rtol=1e-9, atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=60, max_size=60), st.integers(0, 1000))
def test_for_fisher_a_weight_of_three_is_three_events(times, seed):
    times = np.array(times)
    x, y = two_normals(60, seed)
    if not (times[y].any() and times[~y].any()):
        return
    weighted = Fisher().fit(x, y, times)
    repeated = Fisher().fit(np.repeat(x, times, axis=0), np.repeat(y, times))
    if np.linalg.cond(np.cov(np.repeat(x, times, axis=0).T)) < 1e6:
        np.testing.assert_allclose(score(weighted, x), score(repeated, x), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_for_fisher_a_negative_weight_takes_an_event_away(seed):
    x, y = two_normals(300, seed)
    extra, label = two_normals(40, seed + 100)
    both = np.vstack([x, extra, extra])
    weights = np.concatenate([np.ones(300), np.full(40, 2.5), np.full(40, -2.5)])
    with_pairs = Fisher().fit(both, np.concatenate([y, label, label]), weights)
    np.testing.assert_allclose(score(with_pairs, x), score(Fisher().fit(x, y), x), rtol=1e-8, atol=1e-8)


def test_fisher_knows_the_odds_of_two_normal_densities():
    covariance = np.array([[1, 0.7], [0.7, 2]])
    rng = np.random.default_rng(6)
    y = rng.random(200_000) < 0.2
    x = rng.multivariate_normal([0, 0], covariance, len(y)) + y[:, None] * np.array([1.0, -0.5])
    odds = (
        multivariate_normal([1, -0.5], covariance).logpdf(x[:500])
        - multivariate_normal([0, 0], covariance).logpdf(x[:500])
        + np.log(0.2 / 0.8)
    )
    np.testing.assert_allclose(score(Fisher().fit(x, y), x[:500]), odds, atol=0.1)


def test_features_that_repeat_each_other_share_and_a_constant_one_gets_nothing():
    x, y = two_normals(500, 7)
    plain = Fisher().fit(x, y)
    wide = np.column_stack([x, 1000 * x[:, 0] + 5, np.full(500, 3.3)])
    singular = Fisher().fit(wide, y)
    np.testing.assert_allclose(score(singular, wide), score(plain, x), atol=1e-5)
    coefficients = singular.coef_[0]
    assert coefficients[4] == 0
    assert coefficients[3] * 1000 == pytest.approx(coefficients[0], rel=1e-4)


def test_a_feature_that_tells_the_classes_apart_at_once_is_found():
    x, y = two_normals(200, 8)
    model = Fisher().fit(np.column_stack([x, y * 2.0 + 1]), y)
    assert (model.predict(np.column_stack([x, y * 2.0 + 1])) == y).all()
    assert abs(model.coef_[0, 3]) > 1e3 * np.abs(model.coef_[0, :3]).max()


def test_negative_weights_that_leave_no_covariance_are_refused_by_name():
    x, y = two_normals(200, 9)
    weights = np.where(np.abs(x[:, 1]) > 0.7, -0.4, 1.0)
    sentence = refusal(lambda: Fisher().fit(pd.DataFrame(x, columns=["pt", "eta", "phi"]), y, weights))
    assert "eta" in sentence
    assert "Fisher" in sentence
    slanted = np.column_stack([x[:, 0] + x[:, 1], x[:, 0] - x[:, 1]])  # only their difference has too little
    weights = np.where(np.abs(x[:, 1]) > 0.7, -0.15, 1.0)
    assert "combination" in refusal(lambda: Fisher().fit(slanted, y, weights))


# -- likelihood ------------------------------------------------------------------------------------


def test_the_likelihood_comes_close_to_the_true_ratio_of_independent_features():
    rng = np.random.default_rng(10)
    y = rng.random(50_000) < 0.3
    x = np.column_stack([rng.normal(y, 1), rng.exponential(1 + y), rng.normal(0, np.where(y, 1, 2))])
    truth = (
        norm.logpdf(x[:, 0], 1) - norm.logpdf(x[:, 0])
        + x[:, 1] / 2
        + norm.logpdf(x[:, 2]) - norm.logpdf(x[:, 2], scale=2)
    )  # fmt: skip
    train, test = slice(None, 25_000), slice(25_000, None)
    found = score(Likelihood().fit(x[train], y[train]), x[test])
    assert auc(truth[test], y[test]).value - auc(found, y[test]).value < 0.003
    assert np.mean(found > 0) == pytest.approx(
        np.mean(truth[test] - np.log(2) + np.log(0.3 / 0.7) > 0), abs=0.02
    )


def test_each_value_of_an_integer_variable_has_its_bin():
    tracks = np.repeat([0, 1, 3, 4], [100, 200, 300, 400])
    y = np.concatenate([np.arange(n) < k for n, k in ((100, 90), (200, 20), (300, 270), (400, 40))])
    model = Likelihood().fit(tracks[:, None], y)
    assert model.edges_[0].tolist() == [0.5, 2.0, 3.5]
    signal = np.array([90, 20, 270, 40]) / y.sum()
    background = np.array([10, 180, 30, 360]) / (~y).sum()
    np.testing.assert_allclose(model.log_ratio_[0], np.log(signal / background), atol=0.1)
    at = score(model, np.array([[-5.0], [0], [2.4], [4], [99]]))
    assert at[0] == at[1]
    assert at[2] == score(model, np.array([[3.0]]))[0]
    assert at[3] == at[4]


def test_a_default_value_has_its_bin_and_smears_into_no_other():
    rng = np.random.default_rng(11)
    y = rng.random(4000) < 0.5
    missing = rng.random(4000) < np.where(y, 0.05, 0.4)
    x = np.where(missing, -999.0, rng.normal(size=4000))
    model = Likelihood().fit(x[:, None], y)
    at = score(model, np.array([[-999.0], [-1.0], [1.0]])) - model.prior_
    share = missing[y].mean() / missing[~y].mean()
    assert at[0] == pytest.approx(np.log(share), abs=0.05)
    np.testing.assert_allclose(at[1:], np.log((1 - missing[y].mean()) / (1 - missing[~y].mean())), atol=0.25)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(20, 300), st.floats(-1e300, 1e300))
def test_no_event_is_infinitely_signal(seed, n, far):
    x, y = two_normals(n, seed, shift=(5.0, 0.0))
    if y.all() or not y.any():
        return
    model = Likelihood().fit(x, y)
    assert np.isfinite(score(model, np.array([[far, 0.0], [0.0, far], [-far, far]]))).all()
    edge = np.array([[x[:, 0].max(), 0.0], [max(far, x[:, 0].max()), 0.0]])
    assert score(model, edge)[0] == score(model, edge)[1]


def test_bins_that_negative_weights_emptied_are_counted():
    x = np.repeat(np.arange(4.0), 50)
    y = np.tile([True, False], 100)
    weights = np.where((x == 2) & y, -0.1, 1.0)
    model = Likelihood().fit(x[:, None], y, weights)
    assert model.floored_.tolist() == [1]
    assert model.log_ratio_[0].argmin() == 2
    assert np.isfinite(model.log_ratio_[0]).all()
    assert Likelihood().fit(x[:, None], y).floored_.tolist() == [0]


def test_an_average_over_neighbours_keeps_what_there_is():
    x, y = two_normals(5000, 12, shift=(1.0,))
    rough, smooth = (Likelihood(smooth=times).fit(x, y).log_ratio_[0] for times in (0, 6))
    assert np.abs(np.diff(smooth)).max() < np.abs(np.diff(rough)).max()
    assert np.corrcoef(rough, smooth)[0, 1] > 0.95
    assert "bins from 2" in refusal(lambda: Likelihood(bins=1).fit(x, y))


# -- cuts ------------------------------------------------------------------------------------------


def clouds(kind, n, rng):
    """Three features of signal and background, in ways that cuts find easy or hard."""
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.4
    other = rng.random(n) < 0.5
    x = rng.normal(size=(n, 3))
    if kind == "normal":
        x += y[:, None] * [1, 0.7, 0.4]
    elif kind == "correlated":
        x = x @ np.linalg.cholesky([[1, 0.8, 0.3], [0.8, 1, 0.1], [0.3, 0.1, 1]]).T + y[:, None] * [
            0.7,
            -0.3,
            0.4,
        ]
    elif kind == "window":
        x = np.where(y[:, None], x * [0.5, 0.8, 0.3], rng.uniform(-2, 2, size=(n, 3)))
    elif kind == "two backgrounds":
        x[~y & other] += [2.5, 0, 0]
        x[~y & ~other] += [0, 2.5, 0.5]
    return x, y


def counted(x, bins=10):
    """The same features in whole numbers, so that there are few boxes and all can be tried."""
    return np.stack([np.searchsorted(np.quantile(c, np.arange(1, bins) / bins), c) for c in x.T], axis=1)


def exhaustive(x, y, weights, targets):
    """The least background of all boxes in whole numbers with at least these shares of signal."""
    size = x.max() + 1
    low, high = np.triu_indices(size + 1, 1)
    contents = []
    for members in (y, ~y):
        sums = np.zeros((size + 1,) * 3)
        filled = np.histogramdd(x[members], [np.arange(size + 1)] * 3, weights=weights[members])[0]
        sums[1:, 1:, 1:] = filled.cumsum(0).cumsum(1).cumsum(2) / weights[members].sum()
        for _ in range(3):  # one axis after the other, from running sums to intervals
            sums = np.moveaxis(sums[high] - sums[low], 0, -1)
        contents.append(sums.ravel())
    return np.array([contents[1][contents[0] >= target - 1e-9].min() for target in targets])


TARGETS = np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])


@pytest.mark.parametrize("kind", ["normal", "correlated", "window", "two backgrounds"])
@pytest.mark.parametrize("weighted", [False, True])
def test_boxes_are_within_ten_per_cent_of_the_best_of_all(kind, weighted):
    ratios, chains = [], []
    for seed in range(3):
        x, y = clouds(kind, 4000, seed)
        w = np.random.default_rng(seed).lognormal(0, 0.5, 4000) if weighted else np.ones(4000)
        x = counted(x)
        best = exhaustive(x, y, w, TARGETS)
        alone, nested = (BoxCuts(TARGETS, nested=n).fit(x, y, w) for n in (False, True))
        for model, found in ((alone, ratios), (nested, chains)):
            assert (model.signal_efficiency_ >= TARGETS - 1e-4).all()
            found.append(model.background_efficiency_ / best)
    assert (np.array(ratios) >= 1 - 1e-3).all()
    assert np.max(ratios) <= 1.1
    assert np.mean(chains) <= 1.1  # what it costs that one lies in the other


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([0.0, 0.1, 0.3]))
def test_the_boxes_lie_in_each_other_and_a_cut_on_the_score_is_one_of_them(seed, negative):
    x, y = two_normals(800, seed)
    rng = np.random.default_rng(seed)
    w = rng.lognormal(size=800) * np.where(rng.random(800) < negative, -1, 1)
    if min(w[y].sum(), w[~y].sum()) <= 0:
        return
    model = BoxCuts().fit(x, y, w)
    lower, upper = model.boxes_[:, 0], model.boxes_[:, 1]
    assert (lower[1:] >= lower[:-1]).all()
    assert (upper[1:] <= upper[:-1]).all()
    found = score(model, x)
    for i, efficiency in enumerate(model.efficiencies_):
        passed = found >= 1 - efficiency - 1e-12
        np.testing.assert_array_equal(passed, ((x >= lower[i]) & (x < upper[i])).all(axis=1))
        assert w[passed & y].sum() / w[y].sum() == pytest.approx(model.signal_efficiency_[i])
        assert w[passed & ~y].sum() / w[~y].sum() == pytest.approx(model.background_efficiency_[i])
    assert (model.signal_efficiency_ >= model.efficiencies_ - 1e-4).all()


def test_for_box_cuts_a_negative_weight_takes_an_event_away():
    x, y = two_normals(800, 13)
    extra, label = two_normals(100, 14)
    x = np.round(x, 1)
    extra = np.round(extra, 1)
    both = np.vstack([x, extra, extra])
    weights = np.concatenate([np.ones(800), np.full(100, 1.0), np.full(100, -1.0)])
    model = BoxCuts((0.3, 0.6, 0.9)).fit(both, np.concatenate([y, label, label]), weights)
    plain = BoxCuts((0.3, 0.6, 0.9)).fit(x, y)
    np.testing.assert_allclose(model.background_efficiency_, plain.background_efficiency_, rtol=0.1)


def test_a_box_is_a_table_with_the_names_of_the_features():
    x, y = two_normals(3000, 15, shift=(2.0, 0.0))
    frame = pd.DataFrame(x, columns=["pt", "eta"])
    model = BoxCuts().fit(frame, y)
    cuts = model.box(0.8)
    assert list(cuts.index) == ["pt", "eta"]
    assert list(cuts.columns) == ["lower", "upper"]
    inside = ((frame >= cuts.lower) & (frame < cuts.upper)).all(axis=1).to_numpy()
    assert inside[y].mean() == pytest.approx(cuts.attrs["signal"])
    assert inside[~y].mean() == pytest.approx(cuts.attrs["background"])
    assert 0.8 <= cuts.attrs["signal"] < 0.83
    assert cuts.loc["pt", "lower"] == pytest.approx(2 + norm.ppf(0.2), abs=0.15)
    np.testing.assert_array_equal(inside, score(model, frame) >= 1 - cuts.attrs["efficiency"] - 1e-12)
    assert model.box(0.77).attrs["efficiency"] == 0.8
    open_box = model.box(1)
    assert (open_box.lower == -np.inf).all()
    assert open_box.attrs == {"efficiency": 1.0, "signal": 1.0, "background": 1.0}
    for wrong in (0, -0.1, 1.01):
        assert "above 0 and is at most 1" in refusal(lambda wrong=wrong: model.box(wrong))
    assert "not fitted" in refusal(lambda: BoxCuts().box(0.5))


def test_cuts_come_to_the_same_boxes_again_and_touch_no_random_state():
    x, y = two_normals(3000, 16)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    first, second = BoxCuts(events=1000).fit(x, y), BoxCuts(events=1000).fit(x, y)
    np.testing.assert_array_equal(first.boxes_, second.boxes_)
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002


def test_many_features_are_searched_for_the_useful_ones():
    rng = np.random.default_rng(17)
    y = rng.random(4000) < 0.5
    x = rng.normal(size=(4000, 9))
    x[y, 4] += 2
    x[y, 7] -= 1.5
    model = BoxCuts((0.5, 0.8), most=2).fit(x, y)
    cut = np.isfinite(model.boxes_).any(axis=(0, 1))
    assert np.flatnonzero(cut).tolist() == [4, 7]


def test_one_feature_is_enough_and_predict_takes_the_most_accurate_box():
    x, y = two_normals(2000, 18, shift=(2.0,), share=0.5)
    model = BoxCuts().fit(x, y)
    right = [np.mean((score(model, x) >= 1 - e - 1e-12) == y) for e in model.efficiencies_]
    assert np.mean(model.predict(x) == y) == pytest.approx(max(right))
    assert max(right) == pytest.approx(norm.cdf(1), abs=0.02)
    for wrong in ([], [0.5, 1.0], [0.0]):
        assert "between 0 and 1" in refusal(lambda wrong=wrong: BoxCuts(wrong).fit(x, y))
    assert "events of 2 or more" in refusal(lambda: BoxCuts(events=1).fit(x, y))


def test_independent_boxes_flatter_the_roc_curve_of_their_union():
    """Why boxes are nested unless told: the union of boxes is no rectangular cut."""
    x, y = clouds("correlated", 20_000, 19)
    new, truth = clouds("correlated", 60_000, 20)
    alone, nested = (BoxCuts(nested=n).fit(x, y) for n in (False, True))
    points = []
    for box in alone.boxes_:
        inside = ((new >= box[0]) & (new < box[1])).all(axis=1)
        points.append((inside[~truth].mean(), inside[truth].mean()))
    background, signal = np.array([(1, 1), *points, (0, 0)]).T[:, ::-1]
    boxes = np.trapezoid(signal, background)
    assert auc(score(alone, new), truth).value > boxes + 0.002
    assert auc(score(nested, new), truth).value == pytest.approx(boxes, abs=0.01)


# -- network ---------------------------------------------------------------------------------------


def test_a_network_finds_what_no_line_can_and_says_how_it_learned():
    rng = np.random.default_rng(21)
    x = rng.normal(size=(6000, 2)) * [1, 1000]
    product = x[:, 0] * x[:, 1] / 1000
    y = product + 0.3 * rng.normal(size=6000) > 0
    model = Network((16, 16), epochs=12).fit(x[:3000], y[:3000])
    best = auc(product[3000:], y[3000:]).value
    assert auc(score(model, x[3000:]), y[3000:]).value > best - 0.02
    losses = model.history_["loss"]
    assert len(losses) == 12
    assert losses[-1] < 0.75 * losses[0]


def test_a_network_repeats_itself_and_touches_no_random_state():
    x, y = two_normals(300, 22)
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    first, again, other = (Network(**FEW, seed=seed).fit(x, y) for seed in (5, 5, 6))
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002
    np.testing.assert_array_equal(score(first, x), score(again, x))
    assert not np.allclose(score(first, x), score(other, x))


def test_a_network_is_applied_as_keras_would():
    x, y = two_normals(300, 23)
    model = Network((8, 4), epochs=3).fit(x, y)
    keras_model = model._build(steps=1)
    keras_model.set_weights(model.weights_)
    expected = keras_model.predict(model._standard(x), verbose=0)[:, 0] + model.prior_
    np.testing.assert_allclose(score(model, x), expected, rtol=1e-4, atol=1e-5)


def test_weights_of_a_network_count_either_way():
    rng = np.random.default_rng(24)
    x, y = two_normals(4000, 24, shift=(1.0,), share=0.5)
    plain = Network((8,), epochs=8).fit(x, y)
    heavy = Network((8,), epochs=8).fit(x, y, scaled(np.ones(4000), y, signal=3))
    np.testing.assert_allclose(score(heavy, x) - score(plain, x), np.log(3), atol=0.01)
    # Background from signal-like places, taken away again by negative weights.
    extra = rng.normal(1, 0.5, size=(1000, 1))
    both = np.vstack([x, extra, extra])
    labels = np.concatenate([y, np.zeros(2000, dtype=bool)])
    signed = np.concatenate([np.ones(4000), np.full(1000, 1.0), np.full(1000, -1.0)])
    cancelled = Network((8,), epochs=8).fit(both, labels, signed)
    spoilt = Network((8,), epochs=8).fit(both, labels, np.abs(signed))
    at = np.array([[1.0]])
    assert abs(score(cancelled, at)[0] - score(plain, at)[0]) < 0.3
    assert score(spoilt, at)[0] < score(plain, at)[0] - 0.5


def test_a_network_that_diverges_says_so():
    x, y = two_normals(200, 25)
    assert "diverged" in refusal(lambda: Network((8,), epochs=2, learning_rate=1e38).fit(x, y))


def test_methods_are_imported_and_applied_without_tensorflow():
    code = (
        "import sys, numpy as np\n"
        "from hepml_course.methods import Network, standard\n"
        "standard()\n"
        "model = Network()\n"
        "model.classes_, model.n_features_in_, model.prior_ = np.array([0, 1]), 1, 0.0\n"
        "model.centre_, model.scale_ = np.zeros(1), np.ones(1)\n"
        "layers = [(1, 2), 2, (2, 1), 1]\n"
        "model.weights_ = [np.full(s, isinstance(s, tuple), 'f4') for s in layers]\n"
        "assert model.decision_function([[1.5], [-1.0]]).tolist() == [3.0, 0.0]\n"
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- the standard set ------------------------------------------------------------------------------


def test_the_standard_methods_come_by_name_and_untrained():
    found = standard()
    assert list(found) == ["cuts", "likelihood", "fisher", "bdt", "mlp"]
    assert [type(m) for m in found.values()] == [
        BoxCuts,
        Likelihood,
        Fisher,
        Trees,
        Network,
    ]
    assert list(standard(("bdt", "cuts"))) == ["bdt", "cuts"]
    assert list(standard("fisher")) == ["fisher"]
    assert standard("bdt")["bdt"] is not standard("bdt")["bdt"]
    with pytest.raises(CourseError, match=r"no method named fischer \(did you mean fisher\?\)"):
        standard(["fischer"])


def test_the_standard_trees_repeat_themselves():
    x, y = two_normals(500, 26)
    first, second = (standard("bdt")["bdt"].fit(x, y).predict_proba(x) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_trees_are_those_of_scikit_learn_where_no_weight_is_negative():
    x, y = two_normals(2000, 29)
    w = np.random.default_rng(29).exponential(size=len(x))
    mine = standard("bdt")["bdt"]
    theirs = HistGradientBoostingClassifier(**mine.get_params())
    found, expected = (model.fit(x, y, sample_weight=w).decision_function(x) for model in (mine, theirs))
    np.testing.assert_array_equal(found, expected)


def test_trees_take_negative_weights_of_more_events_than_scikit_learn_bins():
    """Events of the wrong density are in each class, and as many more with weight −1 take them away again."""
    rng = np.random.default_rng(30)
    label = np.repeat([0, 1, 0, 1, 0, 1], [70_000, 70_000, *[20_000] * 4])
    drawn = np.repeat([0, 1, 1, 0, 1, 0], [70_000, 70_000, *[20_000] * 4])
    w = np.repeat([1.0, 1.0, -1.0], [140_000, 40_000, 40_000])
    model = Trees(max_iter=60, max_leaf_nodes=8, early_stopping=False, random_state=0)
    model.fit(rng.normal(2 * drawn, 1)[:, None], label, sample_weight=w)
    x = np.linspace(0, 2, 41)  # where the odds are exp(2 x − 2)
    np.testing.assert_allclose(model.decision_function(x[:, None]), 2 * x - 2, atol=0.4)


def test_the_standard_methods_rank_as_expected_on_independent_normals():
    """No cut beats the ratio of the densities, and here a straight line is that ratio."""
    x, y = two_normals(4000, 27)
    new, truth = two_normals(20_000, 28)
    areas = {name: auc(score(model.fit(x, y), new), truth).value for name, model in standard().items()}
    best = auc(new @ [1, 0.6, 0], truth).value
    assert areas["cuts"] < min(areas[name] for name in areas if name != "cuts")
    assert areas["fisher"] == pytest.approx(best, abs=0.003)
    for name in ("likelihood", "mlp"):
        assert areas[name] == pytest.approx(best, abs=0.01)
    assert areas["bdt"] == pytest.approx(best, abs=0.03)
    for pair in itertools.combinations(areas.values(), 2):
        assert abs(pair[0] - pair[1]) < 0.1
