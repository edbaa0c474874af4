"""The evaluation report: what it accepts, what it says, and that its numbers are right."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, norm
from sklearn import metrics as sklearn_metrics
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from hepml_course.errors import CourseError
from hepml_course.metrics import Estimate, asimov_significance, auc, separation
from hepml_course.metrics.roc import classes
from hepml_course.report import balanced, cross_validate, evaluate, fit
from hepml_course.report.stages import history, staged_auc
from hepml_course.report.summary import AUC, KS_CAVEAT, best_significance, ks_probability, shown
from hepml_course.report.table import read_sample

FEATURES = ["pt", "eta", "noise"]


def events(n, seed, shift=1.0):
    """Two classes that differ in pt, a little in eta, not in noise; a mass that follows pt."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.4
    table = pd.DataFrame({"pt": rng.normal(shift * y), "eta": rng.normal(0.4 * shift * y)})
    table["noise"], table["w"] = rng.normal(size=n), rng.exponential(size=n)
    table["mass"] = table.pt + rng.normal(size=n)
    return table.assign(is_signal=y, eventNumber=np.arange(n))


TRAIN, TEST = events(2000, 1), events(2000, 2)


@pytest.fixture(scope="module")
def trees():
    model = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=6, random_state=1)
    return fit(model, TRAIN[FEATURES], TRAIN.is_signal.astype(int), TRAIN.w.to_numpy())


def report(methods, train=TRAIN, test=TEST, **settings):
    return evaluate(methods, train, test, **({"weights": "w", "features": FEATURES} | settings))


def roc_integral(found, method):
    return found.summary().loc[method, (AUC, "value")]


# -- what is accepted -----------------------------------------------------------------------------


def test_every_kind_of_method_is_scored(trees):
    lightgbm, xgboost = pytest.importorskip("lightgbm"), pytest.importorskip("xgboost")
    x, y, w = TRAIN[FEATURES], TRAIN.is_signal.astype(int), TRAIN.w.to_numpy()
    methods = {
        "trees": trees,
        "pipeline": fit(make_pipeline(StandardScaler(), LogisticRegression()), x, y, w),
        "decision": fit(LinearSVC(), x, y, w),
        "xgboost": fit(xgboost.XGBClassifier(n_estimators=20, max_depth=3), x, y, w),
        "booster": xgboost.train({"max_depth": 3}, xgboost.DMatrix(x, y, weight=w), 20),
        "lightgbm": fit(lightgbm.LGBMClassifier(n_estimators=20, verbose=-1), x, y, w),
        "function": lambda table: table.pt + 0.4 * table.eta,
        "column": "pt",
        "array": TEST.pt.to_numpy(),
        "series": TEST.pt,
        "both": (TRAIN.pt.to_numpy(), TEST.pt.to_numpy()),
    }
    found = report(methods)
    assert set(found.summary().index) == set(methods)
    for method in methods:
        score = found.test.scores[method]
        expected = sklearn_metrics.roc_auc_score(TEST.is_signal, score, sample_weight=TEST.w)
        assert roc_integral(found, method) == pytest.approx(expected)
        assert 0.7 < expected < 0.85
    assert set(found.train.scores) == set(methods) - {"array", "series"}


def test_a_keras_model_is_scored_and_its_history_shown():
    import keras

    keras.utils.set_random_seed(1)
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
    network.compile(optimizer="adam", loss="binary_crossentropy")
    x = TRAIN[FEATURES].to_numpy("float32")
    network.fit(x, TRAIN.is_signal.to_numpy(float), sample_weight=TRAIN.w.to_numpy(), epochs=2, verbose=0)
    found = report({"network": network})
    direct = network.predict(TEST[FEATURES].to_numpy("float32"), verbose=0)[:, 0]
    np.testing.assert_allclose(found.test.scores["network"], direct, rtol=1e-5)
    assert len(history(network)["loss"]) == 2
    assert found.stages("network") == "learning"


@pytest.mark.parametrize("kind", ["frame", "dict", "records", "awkward", "tuple"])
def test_every_kind_of_table_gives_the_same_report(kind, trees):
    awkward = pytest.importorskip("awkward")
    convert = {
        "frame": lambda t: t,
        "dict": lambda t: {name: t[name].to_numpy() for name in t},
        "records": lambda t: t.to_records(index=False),
        "awkward": lambda t: awkward.Array({name: t[name].to_numpy() for name in t}),
        "tuple": lambda t: (t[FEATURES].to_numpy(), t.is_signal.to_numpy(), t.w.to_numpy()),
    }[kind]
    settings = {"weights": None} if kind == "tuple" else {}
    found = report({"trees": trees}, convert(TRAIN), convert(TEST), **settings)
    pd.testing.assert_frame_equal(
        pd.DataFrame(found.summary()), pd.DataFrame(report({"trees": trees}).summary())
    )


def test_features_are_the_other_numbers_by_default(trees):
    table = TEST.drop(columns="eventNumber").assign(process="Z")
    found = evaluate({"pt": "pt"}, None, table, weights="w", spectators=["mass"])
    assert found.test.features == FEATURES


def test_columns_are_found_by_name_whatever_their_order(trees):
    shuffled = TEST[["mass", "noise", "w", "eta", "is_signal", "pt"]]
    turned = {"features": FEATURES[::-1]}
    for found in (report({"t": trees}, None, shuffled), report({"t": trees}, None, **turned)):
        assert roc_integral(found, "t") == roc_integral(report({"t": trees}), "t")


# -- numbers --------------------------------------------------------------------------------------


def test_summary_is_ranked_and_has_the_working_points_of_tmva():
    found = report({"worse": "eta", "better": lambda t: t.pt + 0.4 * t.eta, "useless": "noise"}).summary()
    assert list(found.index) == ["better", "worse", "useless"]
    for point in ("1%", "10%", "30%"):
        assert {("ε_S at ε_B = " + point, "value"), ("ε_S at ε_B = " + point, "train")} <= set(found.columns)
    # Between Gaussians of one width that are d apart: ε_S = Φ(Φ⁻¹(ε_B) + d).
    d = np.sqrt(1 + 0.4**2)
    for point, share in (("10%", 0.1), ("30%", 0.3)):
        value, error = (found.loc["better", ("ε_S at ε_B = " + point, k)] for k in ("value", "±"))
        assert value == pytest.approx(norm.cdf(norm.ppf(share) + d), abs=3.5 * error)
    value, error = (found.loc["better", ("separation ⟨S²⟩", k)] for k in ("value", "±"))
    assert separation(TEST.pt + 0.4 * TEST.eta, TEST.is_signal, TEST.w) == pytest.approx((value, error))


def test_the_summary_prints_value_and_uncertainty_as_one():
    text = repr(report({"pt": "pt"}).summary())
    assert "±" in text
    assert "nan" not in text.lower()
    assert "ROC integral" in report({"pt": "pt"}).summary().to_html()


@pytest.mark.parametrize(
    ("value", "spread", "text"),
    [
        (0.8912, 0.0312, "0.891 ± 0.031"),
        (0.98123, 0.00042, "0.9812 ± 0.0004"),
        (-0.000021, 0.000013, "-0.00002 ± 0.00001"),
        (1234.4, 56.0, "1,234 ± 56"),
        (0.25, 0.0, "0.250 ± 0.000"),
    ],
)
def test_a_small_uncertainty_never_prints_as_nothing(value, spread, text):
    assert text in repr(shown({"row": {("number", "value"): Estimate(value, spread)}}))


def test_the_best_significance_is_the_largest_of_all_cuts():
    sample = read_sample(TEST, "is_signal", "w", FEATURES)
    best, cut = best_significance(classes(TEST.pt, sample.y, sample.weights), (100, 1000))
    w, y = TEST.w.to_numpy(), TEST.is_signal.to_numpy()
    share = [(w * (TEST.pt >= cut) * of).sum() / (w * of).sum() for of in (y, ~y)]
    assert best == pytest.approx(asimov_significance(100 * share[0], 1000 * share[1]))
    for other in np.linspace(-2, 1, 40):
        share = [(w * (TEST.pt >= other) * of).sum() / (w * of).sum() for of in (y, ~y)]
        assert asimov_significance(100 * share[0], 1000 * share[1]) <= best + 1e-9


def test_expected_events_are_all_weights_unless_given():
    found = report({"pt": "pt"})
    assert found.expected[0] == pytest.approx(sum(t.w[t.is_signal].sum() for t in (TRAIN, TEST)))
    assert report({"pt": "pt"}, expected=(10, 100)).expected == (10, 100)


def test_overtraining_is_seen_where_it_is_and_only_there():
    x, y, w = TRAIN[FEATURES], TRAIN.is_signal.astype(int), TRAIN.w.to_numpy()
    learned_by_heart = fit(HistGradientBoostingClassifier(max_iter=200, random_state=1), x, y, w)
    found = report({"heart": learned_by_heart, "pt": "pt"}).overtraining()
    gap = found["gap of the ROC integral"]
    assert gap.loc["heart", "value"] > 5 * gap.loc["heart", "±"]
    assert abs(gap.loc["pt", "value"]) < 3 * gap.loc["pt", "±"]
    assert found.loc["heart", ("KS probability signal", "value")] < 1e-3
    assert found.loc["pt", ("KS probability signal", "value")] > 1e-3
    assert "gap first" in KS_CAVEAT


def test_the_gap_has_the_uncertainty_of_both_samples():
    few, found = TRAIN[:200], report({"pt": "pt"}, TRAIN[:200]).overtraining()
    both = [auc(t.pt, t.is_signal, t.w) for t in (few, TEST)]
    value, error = (found.loc["pt", ("gap of the ROC integral", k)] for k in ("value", "±"))
    assert value == pytest.approx(both[0].value - both[1].value)
    assert error == pytest.approx(np.hypot(both[0].error, both[1].error))


def test_ks_probability_is_scipys_for_unit_weights_and_flat_for_weighted_ones():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=900), rng.normal(0.1, 1, 700)
    ours = ks_probability(x, np.ones(900), y, np.ones(700))
    assert ours == pytest.approx(ks_2samp(x, y, method="asymp").pvalue, abs=0.02)
    found = []
    for _ in range(400):
        x, y, wx, wy = rng.normal(size=400), rng.normal(size=400), *rng.exponential(size=(2, 400))
        found.append(ks_probability(x, wx, y, wy))
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.05)


def test_ranking_finds_what_matters_and_its_error_covers_nothing():
    found = report({"sum": lambda t: t.pt + 0.4 * t.eta, "given": TEST.pt.to_numpy()}).ranking()
    assert list(found.index) == FEATURES
    loss = found["loss sum"]
    assert loss.loc["pt", "value"] > loss.loc["eta", "value"] > 3 * loss.loc["eta", "±"]
    assert loss.loc["noise", "value"] == 0
    assert "loss given" not in found.columns


def test_shuffling_takes_values_of_other_events_by_weight_from_both_classes_alike():
    """The heavy events of each class have pt 5 and −5; nothing else weighs anything."""
    heavy = np.arange(len(TEST)) % 10 == 0
    pt = np.where(heavy, np.where(TEST.is_signal, 5.0, -5.0), 1.0)
    table, seen = TEST.assign(pt=pt, w=np.where(heavy, 1.0, 0.0)), []

    def method(events):
        seen.append(events.pt.to_numpy())
        return events.pt

    evaluate({"m": method}, None, table, weights="w", features=["pt"]).ranking(repeats=1)
    shuffled = seen[-1]
    assert set(shuffled) == {5.0, -5.0}
    assert np.mean(shuffled > 0) == pytest.approx(0.5, abs=0.05)


def test_the_error_of_an_importance_is_that_of_other_samples():
    losses = []
    for seed in range(40):
        found = evaluate({"m": lambda t: t.pt}, None, events(800, seed), weights="w", features=["pt"])
        losses.append(found.ranking(repeats=2).loc["pt", [("loss m", "value"), ("loss m", "±")]].to_numpy())
    values, errors = np.array(losses, dtype=float).T
    assert errors.mean() == pytest.approx(values.std(), rel=0.4)


def test_of_two_copies_each_looks_half_as_important():
    table = TEST.assign(copy=TEST.pt)
    both = evaluate(
        {"alone": lambda t: t.pt, "shared": lambda t: (t.pt + t["copy"]) / 2},
        None, table, weights="w", features=["pt", "copy"],
    ).ranking()  # fmt: skip
    assert both.loc["pt", ("loss shared", "value")] < both.loc["pt", ("loss alone", "value")]


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(1e-6, 1e6))
def test_the_scale_of_weights_changes_nothing_but_the_expected_events(scale):
    one = report({"pt": "pt"}, expected=(10, 20)).summary()
    other = report({"pt": "pt"}, None, TEST.assign(w=TEST.w * scale), expected=(10, 20)).summary()
    kept = other.columns
    np.testing.assert_allclose(other.to_numpy(float), pd.DataFrame(one)[kept].to_numpy(float), rtol=1e-6)


def test_the_mean_of_a_spectator_rises_with_a_score_that_follows_it():
    found = report({"pt": "pt", "noise": "noise"}, spectators=["mass"])
    rise = {}
    for method in ("pt", "noise"):
        ax = found.plot_spectator("mass", method, mean=True, ax=plt.figure().gca())
        (drawn,) = ax.containers
        heights = drawn.lines[0].get_ydata()
        rise[method] = heights[-1] - heights[0]
    plt.close("all")
    assert rise["pt"] > 1
    assert abs(rise["noise"]) < 1


def test_a_spectator_is_shown_for_the_class_that_was_asked_for():
    found, heights = report({"noise": "noise"}, None, spectators=["mass"]), {}
    for of in ("signal", "background"):
        ax = found.plot_spectator("mass", "noise", of=of, mean=True, ax=plt.figure().gca())
        heights[of] = np.mean(ax.containers[0].lines[0].get_ydata())
    plt.close("all")
    for of, members in (("signal", TEST.is_signal), ("background", ~TEST.is_signal)):
        expected = np.average(TEST.mass[members], weights=TEST.w[members])
        assert heights[of] == pytest.approx(expected, abs=0.15)


def test_only_scores_from_nothing_to_one_pass_for_probabilities(trees):
    found = report({"trees": trees, "pt": "pt"})
    assert [found.is_probability(name) for name in ("trees", "pt")] == [True, False]


def test_negative_weights_are_taken_and_stated():
    signed = TEST.assign(w=np.where(np.random.default_rng(5).random(len(TEST)) < 0.2, -TEST.w, TEST.w))
    found = report({"pt": "pt"}, None, signed)
    sizes = found.test.sizes()
    assert sizes["signal"]["negative"] == pytest.approx(0.2, abs=0.03)
    assert sizes["signal"]["effective"] < 0.5 * sizes["signal"]["rows"]
    loose = found.summary().loc["pt", (AUC, "±")]
    assert loose > 1.3 * report({"pt": "pt"}).summary().loc["pt", (AUC, "±")]
    assert roc_integral(found, "pt") == pytest.approx(roc_integral(report({"pt": "pt"}), "pt"), abs=4 * loose)


def test_infinite_scores_have_a_rank_and_a_picture():
    score = np.where(TEST.pt > 2, np.inf, TEST.pt)
    found = report({"ratio": score}, None)
    assert 0.7 < roc_integral(found, "ratio") < 0.8
    assert np.isfinite(found._score("ratio")).all()


# -- stages and folds -----------------------------------------------------------------------------


def test_stages_end_at_the_whole_method(trees):
    xgboost, lightgbm = pytest.importorskip("xgboost"), pytest.importorskip("lightgbm")
    x, y, w = TRAIN[FEATURES], TRAIN.is_signal.astype(int), TRAIN.w.to_numpy()
    others = [
        GradientBoostingClassifier(n_estimators=20, random_state=1),
        xgboost.XGBClassifier(n_estimators=20, max_depth=3),
        lightgbm.LGBMClassifier(n_estimators=20, verbose=-1),
        make_pipeline(StandardScaler(), HistGradientBoostingClassifier(max_iter=20)),
    ]
    for method in [trees, *(fit(other, x, y, w) for other in others)]:
        found = report({"m": method})
        numbers, areas = staged_auc(method, found.test)
        assert numbers[0] == 1
        assert areas[0].value < areas[-1].value - 0.01
        assert areas[-1].value == pytest.approx(roc_integral(found, "m"), abs=1e-6)
        assert found.stages("m") == "boosting"


@pytest.mark.parametrize("balance", [True, False])
def test_folds_are_trained_with_the_weights_of_their_events(balance):
    given = []

    def make(x, y, w):
        given.append((y, w, TRAIN.w.to_numpy()[x.index]))
        return lambda t: t.pt

    cross_validate(make, TRAIN, weights="w", features=FEATURES, folds=2, balance=balance)
    for y, w, own in given:
        ratio = [w[y == label] / own[y == label] for label in (0, 1)]
        assert max(np.ptp(r) for r in ratio) < 1e-9
        sums = [w[y == label].sum() for label in (0, 1)]
        assert bool(abs(sums[0] - sums[1]) < 0.1 * sums[1]) == balance


def test_fit_hands_the_weights_on_also_through_a_pipeline():
    x, y = TRAIN[FEATURES], TRAIN.is_signal.astype(int)
    w = np.where(TRAIN.is_signal, 10.0, 1.0)
    for model in (LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())):
        weighted, plain = (fit(model, x, y, v).predict_proba(x)[:, 1].mean() for v in (w, np.ones(len(x))))
        assert weighted > plain + 0.2


def test_cross_validation_scores_every_event_by_a_model_that_missed_it():
    table = events(900, 4)
    seen = []

    def make(x, y, w):
        seen.append(set(x.index))
        return lambda t: t.pt

    found = cross_validate(make, table, weights="w", features=FEATURES, folds=3, split_by="eventNumber")
    for k, inside in enumerate(seen):
        assert not inside & set(np.flatnonzero(found.fold == k))
        assert inside == set(np.flatnonzero(found.fold != k))
    np.testing.assert_array_equal(found.fold, table.eventNumber % 3)
    np.testing.assert_allclose(found.scores, table.pt)
    np.testing.assert_allclose(found.score(table.sample(frac=1, random_state=1)).sum(), table.pt.sum())


def test_folds_follow_the_event_number_not_the_order():
    table = events(900, 5)
    shuffled = table.sample(frac=1, random_state=2)
    model = LogisticRegression()
    one, other = (
        cross_validate(model, t, weights="w", features=FEATURES, split_by="eventNumber")
        for t in (table, shuffled)
    )
    np.testing.assert_allclose(other.scores[np.argsort(shuffled.eventNumber)], one.scores, atol=1e-6)
    assert one.auc.value == pytest.approx(np.mean([a.value for a in one.folds]), abs=0.02)
    assert one.spread > 0


def test_cross_validation_notices_what_training_on_everything_hides():
    table = events(600, 6, shift=0.0)
    model = HistGradientBoostingClassifier(max_iter=100, min_samples_leaf=5, random_state=1)
    found = cross_validate(model, table, weights="w", features=FEATURES)
    inside = fit(model, table[FEATURES], table.is_signal.astype(int), table.w.to_numpy())
    assert found.auc.value == pytest.approx(0.5, abs=4 * found.auc.error)
    assert sklearn_metrics.roc_auc_score(table.is_signal, inside.predict_proba(table[FEATURES])[:, 1]) > 0.9


def test_balanced_weights_have_equal_sums_and_mean_one():
    y, w = TEST.is_signal.to_numpy(), TEST.w.to_numpy()
    found = balanced(y, w)
    assert found[y].sum() == pytest.approx(found[~y].sum())
    assert found.mean() == pytest.approx(1)
    assert np.ptp(found[y] / w[y]) < 1e-9


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signal": "is_signa"}, "no column is_signa. Did you mean is_signal"),
        ({"weights": "weight"}, "no column weight"),
        ({"features": ["pt", "etaa"]}, "Did you mean eta"),
        ({"test": TEST.assign(pt=TEST.pt.where(TEST.pt < 2))}, "pt is NaN or infinite in"),
        ({"test": TEST.assign(pt="high")}, "pt is text"),
        ({"test": TEST[TEST.is_signal]}, "hold no background"),
        ({"test": TEST.assign(w=-TEST.w)}, "more negative than positive weight"),
        ({"test": TEST.assign(is_signal=2)}, "must be True or False"),
        ({"test": [1, 2]}, "give a DataFrame"),
        ({"test": {"pt": [1.0], "is_signal": [True, False]}}, "different lengths"),
        ({"test": (np.zeros((3, 2)), np.ones(3))}, "3 names for 2 columns"),
        ({"methods": {}}, "no method"),
        ({"methods": {"m": "ptt"}}, "no column ptt"),
        ({"methods": {"m": np.zeros(3)}}, "for 2000 events"),
        ({"methods": {"m": np.full(2000, np.nan)}}, "2000 scores of m are NaN"),
        ({"methods": {"m": LogisticRegression()}}, "m could not score the events"),
        ({"methods": {"m": lambda t: t.p}}, "m could not score"),
        ({"methods": {"m": object()}}, "neither predict_proba"),
        ({"methods": {"m": (TEST.pt, TEST.pt, TEST.pt)}}, "training and of test events"),
    ],
)
def test_what_cannot_be_evaluated_is_told_in_a_sentence(change, message):
    given = {"methods": {"pt": "pt"}, "train": TRAIN, "test": TEST} | change
    with pytest.raises(CourseError, match=message) as caught:
        report(given.pop("methods"), given.pop("train"), given.pop("test"), **given)
    assert "\n" not in str(caught.value)


def test_an_estimator_without_event_weights_is_refused_by_name():
    with pytest.raises(CourseError, match="KNeighborsClassifier takes no event weights"):
        fit(KNeighborsClassifier(), TRAIN[FEATURES], TRAIN.is_signal, TRAIN.w)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"folds": 1}, "2 or more"),
        ({"split_by": "pt"}, "whole numbers"),
        ({"split_by": "event"}, "no column event"),
    ],
)
def test_folds_that_cannot_be_are_refused(settings, message):
    with pytest.raises(CourseError, match=message):
        cross_validate(LogisticRegression(), TRAIN, weights="w", features=FEATURES, **settings)


def test_overtraining_needs_training_events():
    with pytest.raises(CourseError, match="give train"):
        report({"pt": "pt"}, None).overtraining()
