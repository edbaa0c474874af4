"""Saved classifiers: the same scores in another session, nothing executed, nothing applied silently."""

import hashlib
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import awkward as ak
import numpy as np
import pandas as pd
import pytest
import skops.io
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

from hepml_course.errors import CourseError
from hepml_course.methods import Fisher, Network, standard
from hepml_course.report import evaluate, load, save
from hepml_course.report.trusted import TRUSTED

FEATURES = ["pt", "eta", "mt"]
UNITS = {"pt": "GeV", "eta": ""}


def events(n, seed):
    """A table with three features, a spectator and the truth."""
    rng = np.random.default_rng(seed)
    y = rng.random(n) < 0.5
    table = pd.DataFrame(rng.normal(size=(n, 3)) + y[:, None] * [1, 0, 0.5], columns=FEATURES)
    return table.assign(run=np.arange(n), is_signal=y)


TRAIN, TEST = events(400, 1), events(200, 2)
X, Y = TRAIN[FEATURES], TRAIN.is_signal.astype(int)


def trees():
    return HistGradientBoostingClassifier(max_iter=5, random_state=0)


def xgboost(name="XGBClassifier"):
    import xgboost

    return getattr(xgboost, name)(n_estimators=5)


def lightgbm():
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=5, verbose=-1)


MAKERS = {
    **{name: lambda name=name: standard(name)[name] for name in ("cuts", "likelihood", "fisher", "bdt")},
    "network": lambda: Network((4,), epochs=2),
    "scikit-learn's network": lambda: make_pipeline(StandardScaler(), MLPClassifier((4,), tol=1e-2)),
    "forest": lambda: RandomForestClassifier(5, random_state=0),
    "gradient boosting": lambda: GradientBoostingClassifier(n_estimators=3, random_state=0),
    "AdaBoost": lambda: AdaBoostClassifier(n_estimators=3, random_state=0),
    "calibrated": lambda: CalibratedClassifierCV(make_pipeline(PolynomialFeatures(), trees()), cv=2),
    "transformed": lambda: make_pipeline(FunctionTransformer(np.arctan), LogisticRegression()),
    "XGBoost": xgboost,
    "XGBoost's forest": lambda: xgboost("XGBRFClassifier"),
    "LightGBM": lightgbm,
}


def by_hand(model, table):
    if hasattr(model, "predict_proba"):
        return model.predict_proba(table)[:, 1]
    return model.decision_function(table)


def with_code():
    """A Keras model that holds Python code."""
    import keras

    return keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x[:, :1])])


def network(outputs=1, inputs=3):
    import keras

    keras.utils.set_random_seed(4)
    model = keras.Sequential(
        [
            keras.Input((inputs,)),
            keras.layers.Dense(4, "tanh"),
            keras.layers.Dense(outputs, "sigmoid" if outputs == 1 else "softmax"),
        ]
    )
    model.compile("adam", "binary_crossentropy" if outputs == 1 else "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def fisher(tmp_path):
    """The path of a saved discriminant."""
    return save(
        tmp_path / "fisher.hepml",
        Fisher().fit(X, Y),
        features=FEATURES,
        units=UNITS,
        preselection="mt < 1 and abs(eta) < 2",
        about="Fisher's discriminant",
    )


def refusal(call):
    """The sentence, in one line, with which a call is refused."""
    with pytest.raises(CourseError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def attempt(call):
    """What a call returns, or the sentence with which it is refused."""
    try:
        return call()
    except CourseError as error:
        return error


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in content.items():
            archive.writestr(name, raw)
    return path


def changed(path, *, drop=(), **entries):
    """The file with other entries on its card."""
    content = members(path)
    card = json.loads(content["card.json"]) | entries
    content["card.json"] = json.dumps({key: card[key] for key in card if key not in drop}).encode()
    return packed(path, content)


def forged(path, raw, member="model.skops"):
    """The file with another model, and a card that fits to it."""
    content = {"card.json": members(path)["card.json"], member: raw}
    packed(path, content)
    return changed(path, sha256=hashlib.sha256(raw).hexdigest(), kind=member.split(".")[1], probe=None)


# -- the same scores -------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False], ids=["frame", "array"])
@pytest.mark.parametrize("kind", MAKERS)
def test_scores_are_the_same_after_loading(tmp_path, kind, named):
    model = MAKERS[kind]().fit(X if named else X.to_numpy(), Y)
    path = save(tmp_path / "model.hepml", model, features=FEATURES)
    assert path == tmp_path / "model.hepml"
    expected = by_hand(model, TEST[FEATURES] if named else TEST[FEATURES].to_numpy())
    np.testing.assert_array_equal(load(path).score(TEST), expected)


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_keras_model_is_saved_without_its_optimiser(tmp_path, outputs):
    import keras

    model = network(outputs)
    model.fit(X.to_numpy("float32"), Y.to_numpy(), epochs=1, verbose=0)
    path = save(tmp_path / "network.hepml", model, features=FEATURES)
    expected = model.predict(TEST[FEATURES].to_numpy("float32"), verbose=0)[:, outputs - 1]
    np.testing.assert_allclose(load(path).score(TEST), expected, rtol=1e-5, atol=1e-7)
    (tmp_path / "alone.keras").write_bytes(members(path)["model.keras"])
    alone = keras.saving.load_model(tmp_path / "alone.keras")  # without this package
    np.testing.assert_allclose(
        alone.predict(TEST[FEATURES].to_numpy("float32"), verbose=0)[:, -1], expected, rtol=1e-5
    )
    assert not alone.compiled
    assert set(json.loads(members(path)["card.json"])["versions"]) == {
        "hepml_course", "python", "numpy", "keras", "tensorflow",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["fisher", "XGBoost"])
def test_another_session_needs_the_file_and_nothing_else(tmp_path, kind):
    model = MAKERS[kind]().fit(X, Y)
    path = save(tmp_path / "model.hepml", model, features=FEATURES)
    TEST.to_csv(tmp_path / "events.csv")
    code = (
        "import sys, pandas\n"
        "from hepml_course.report import load\n"
        "print(load(sys.argv[1]).score(pandas.read_csv(sys.argv[2])).sum(), 'tensorflow' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), str(tmp_path / "events.csv")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    total, with_tensorflow = done.stdout.split()
    assert float(total) == pytest.approx(by_hand(model, TEST[FEATURES]).sum(), rel=1e-6)
    assert with_tensorflow == "False"


def test_no_pickle_is_written_or_read(tmp_path, monkeypatch):
    model = make_pipeline(StandardScaler(), trees()).fit(X, Y)

    def forbidden(*_, **__):
        raise AssertionError("pickle")

    for name in ("load", "loads", "dump", "dumps", "Unpickler", "Pickler"):
        monkeypatch.setattr(pickle, name, forbidden)
    path = save(tmp_path / "model.hepml", model, features=FEATURES)
    assert len(load(path).score(TEST)) == len(TEST)
    assert not any(raw.startswith(b"\x80\x04") for raw in members(path).values())


def test_a_loaded_classifier_is_a_method_of_the_report(fisher):
    report = evaluate({"saved": load(fisher)}, TRAIN, TEST, features=FEATURES)
    other = evaluate({"fisher": Fisher().fit(X, Y)}, TRAIN, TEST, features=FEATURES)
    assert report.summary().iloc[0].tolist() == other.summary().iloc[0].tolist()


def test_the_card_can_be_read_without_this_package(fisher):
    content = members(fisher)
    assert set(content) == {"card.json", "model.skops"}
    card = json.loads(content["card.json"])
    expected = {
        "format": 1,
        "kind": "skops",
        "class": "hepml_course Fisher",
        "features": FEATURES,
        "units": UNITS,
        "preselection": "mt < 1 and abs(eta) < 2",
        "about": "Fisher's discriminant",
        "sha256": hashlib.sha256(content["model.skops"]).hexdigest(),
    }
    assert {key: card[key] for key in expected} == expected
    assert set(card["versions"]) == {"hepml_course", "python", "numpy", "sklearn", "skops"}
    loaded = load(fisher)
    assert (loaded.features, loaded.units) == (tuple(FEATURES), UNITS)
    assert (loaded.preselection, loaded.about) == (card["preselection"], card["about"])


def test_the_card_names_the_version_of_the_library_of_the_trees(tmp_path):
    import xgboost as library

    model = make_pipeline(StandardScaler(), xgboost()).fit(X, Y)
    card = load(save(tmp_path / "model.hepml", model, features=FEATURES)).card
    assert card["versions"]["xgboost"] == library.__version__


# -- the events ------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations([*FEATURES, "run", "is_signal"]),
    kind=st.sampled_from(["frame", "dictionary", "structured", "awkward"]),
)
def test_columns_are_taken_by_name_from_a_table_of_any_kind(fisher, order, kind):
    expected = by_hand(Fisher().fit(X, Y), TEST[FEATURES])
    table = TEST[order]
    if kind != "frame":
        table = {name: table[name].to_numpy() for name in order}
    if kind == "structured":
        table = np.rec.fromarrays(list(table.values()), names=order).view(np.ndarray)
    if kind == "awkward":
        table = ak.Array(table)
    classifier = load(fisher)
    np.testing.assert_allclose(classifier.score(table), expected, rtol=1e-12)
    np.testing.assert_allclose(classifier(table), expected, rtol=1e-12)
    selected = classifier.select(table)
    assert selected.run.tolist() == TEST.run[(TEST.mt < 1) & (TEST.eta.abs() < 2)].tolist()


def test_the_index_of_a_table_is_not_looked_at_and_is_kept(fisher):
    doubled = pd.concat([TEST, TEST]).sort_values("pt")
    classifier = load(fisher)
    np.testing.assert_array_equal(classifier.score(doubled), by_hand(Fisher().fit(X, Y), doubled[FEATURES]))
    assert (
        classifier.select(doubled).index.tolist() == doubled.query("mt < 1 and abs(eta) < 2").index.tolist()
    )
    assert list(classifier.select(doubled).columns) == list(doubled.columns)


def test_nothing_is_applied_silently(fisher):
    """All events are scored, those outside of the preselection, too, and the table is left as it is."""
    classifier, before = load(fisher), TEST.copy()
    assert not classifier.passes(TEST).all()
    assert len(classifier.score(TEST)) == len(TEST)
    pd.testing.assert_frame_equal(TEST, before)


def test_events_that_do_not_fit_are_refused_by_name(fisher):
    classifier = load(fisher)
    sentence = refusal(lambda: classifier.score(TEST.rename(columns={"mt": "mT"})))
    assert "lack mt" in sentence
    assert "mT" in sentence
    hole = TEST.copy()
    hole.loc[[1, 5, 8], "eta"] = [np.nan, np.inf, -np.inf]
    assert "eta is NaN or infinite in 3 of 200" in refusal(lambda: classifier.score(hole))
    assert "pt is text" in refusal(lambda: classifier.score(TEST.assign(pt="high")))
    assert "several columns named pt" in refusal(
        lambda: classifier.score(pd.concat([TEST, TEST[["pt"]]], axis=1))
    )
    for nameless in (TEST[FEATURES].to_numpy(), [[0, 0, 0]], (TEST[FEATURES].to_numpy(), TEST.is_signal)):
        assert "have no names" in refusal(lambda nameless=nameless: classifier.score(nameless))
    assert classifier.score(hole.assign(eta=0.0, run=np.nan)).shape == (
        200,
    )  # what is not needed may be anything


def test_units_are_compared_and_nothing_is_converted(fisher):
    classifier = load(fisher)
    expected = classifier.score(TEST)
    for units in ({"pt": "GeV", "mt": "MeV", "eta": ""}, {"run": "s"}, {}, None):
        np.testing.assert_array_equal(classifier.score(TEST, units), expected)
    assert "pt is given in MeV" in refusal(lambda: classifier.score(TEST, {"pt": "MeV"}))
    assert "eta is given in rad and the classifier was trained with it in no unit" in refusal(
        lambda: classifier.score(TEST, {"eta": "rad"})
    )
    labelled = TEST.copy()
    labelled.attrs["units"] = {"pt": "TeV"}
    assert "pt is given in TeV" in refusal(lambda: classifier.score(labelled))
    np.testing.assert_array_equal(classifier.score(labelled, {"pt": "GeV"}), expected)


def test_a_preselection_is_text_that_may_be_an_expression(tmp_path):
    def saved(preselection):
        return load(
            save(tmp_path / "a.hepml", Fisher().fit(X, Y), features=FEATURES, preselection=preselection)
        )

    assert saved(None).passes(TEST).all()
    assert len(saved(None).select(TEST)) == len(TEST)
    assert saved("run < 7").passes(TEST).sum() == 7
    assert "There is no charge" in refusal(lambda: saved("charge == 0").passes(TEST))
    words = saved("one isolated muon, no jet")
    assert words.preselection == "one isolated muon, no jet"
    assert "cannot be read" in refusal(lambda: words.select(TEST))
    assert "not allowed" in refusal(lambda: saved("__import__('os').getcwd() == 1").passes(TEST))


# -- what cannot be saved --------------------------------------------------------------------------


def test_what_is_no_trained_classifier_of_these_features_is_not_saved(tmp_path):
    import keras

    path = tmp_path / "model.hepml"
    fisher = Fisher().fit(X, Y)
    inputs = [keras.Input((3,)), keras.Input((2,))]
    two_inputs = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Concatenate()(inputs)))
    cases = [
        (Fisher(), FEATURES, "Fisher is not trained"),
        (make_pipeline(StandardScaler(), Fisher()), FEATURES, "not trained"),
        (StandardScaler().fit(X), FEATURES, "StandardScaler is no classifier"),
        (LinearRegression().fit(X, Y), FEATURES, "LinearRegression is no classifier"),
        (lambda table: table.pt, FEATURES, "function is no classifier"),
        (xgboost().fit(X, Y).get_booster(), FEATURES, "Booster is no classifier"),
        (Fisher().fit(X, np.where(Y, "s", "b")), FEATURES, "classes b, s"),
        (LogisticRegression().fit(X, np.arange(400) % 3), FEATURES, "classes 0, 1, 2"),
        (Fisher().fit(X.to_numpy(), Y), ["pt", "eta"], "trained with 3 features"),
        (fisher, ["eta", "pt", "mt"], "pt, eta, mt, and features says eta, pt, mt"),
        (lightgbm().fit(X, Y), ["eta", "pt", "mt"], "pt, eta, mt, and features says eta, pt, mt"),
        (fisher, "pt", "features is a list"),
        (fisher, [], "features is a list"),
        (fisher, ["pt", "eta", "pt"], "pt twice"),
        (network(), ["pt", "eta"], "takes 3 features"),
        (network(outputs=3), FEATURES, "3 outputs"),
        (keras.Sequential([keras.layers.Dense(1)]), FEATURES, "not built"),
        (two_inputs, FEATURES, "one input matrix"),
        (KNeighborsClassifier().fit(X, Y), FEATURES, "KNeighborsClassifier holds a sklearn."),
        (
            make_pipeline(FunctionTransformer(lambda x: x), LogisticRegression()).fit(X, Y),
            FEATURES,
            "<lambda>, which is not on the list",
        ),
        (with_code(), FEATURES, "Lambda layer"),
    ]
    for model, features, expected in cases:
        assert expected in refusal(
            lambda model=model, features=features: save(path, model, features=features)
        )
    assert "units names px" in refusal(lambda: save(path, fisher, features=FEATURES, units={"px": "GeV"}))
    assert "write it as text" in refusal(lambda: save(path, fisher, features=FEATURES, units={"pt": 1000}))
    assert "call it model.hepml, not model.pkl" in refusal(
        lambda: save(tmp_path / "model.pkl", fisher, features=FEATURES)
    )
    assert os.listdir(tmp_path) == []


def test_an_old_file_is_replaced_in_one_step_or_stays(fisher, monkeypatch):
    before = fisher.read_bytes()
    model = Fisher().fit(X, 1 - Y)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert "full" in refusal(lambda: save(fisher, model, features=FEATURES))
    assert fisher.read_bytes() == before
    assert os.listdir(fisher.parent) == [fisher.name]
    save(fisher, model, features=FEATURES)
    np.testing.assert_array_equal(load(fisher).score(TEST), by_hand(model, TEST[FEATURES]))


def test_folders_are_made_and_one_that_cannot_be_is_told(tmp_path):
    model = Fisher().fit(X, Y)
    deep = save(str(tmp_path / "a" / "b" / "c.hepml"), model, features=FEATURES)
    assert load(str(deep)).features == tuple(FEATURES)
    (tmp_path / "file").write_text("no folder")
    assert "file" in refusal(lambda: save(tmp_path / "file" / "c.hepml", model, features=FEATURES))


# -- what is not loaded ----------------------------------------------------------------------------


def test_what_is_no_saved_classifier_is_told_apart_from_a_damaged_one(tmp_path, fisher):
    path = tmp_path / "other.hepml"
    assert "does not exist: save a classifier there first" in refusal(lambda: load(path))
    path.mkdir()
    assert "folder where a saved classifier is expected" in refusal(lambda: load(path))
    path.rmdir()
    path.write_bytes(b"")
    assert "empty" in refusal(lambda: load(path))
    for raw in (b"pt,eta\n1,2\n", pickle.dumps(Fisher()), b"PK"):
        path.write_bytes(raw)
        assert ("is no classifier that" if raw[:2] != b"PK" else "is damaged") in refusal(lambda: load(path))
    packed(path, {"config.json": b"{}", "model.weights.h5": b""})  # a Keras model by its own
    assert "is no classifier that" in refusal(lambda: load(path))
    path.write_bytes(fisher.read_bytes()[:-30])
    assert "is damaged" in refusal(lambda: load(path))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_file_is_refused_in_one_sentence_or_still_right(fisher, place, flip, cut):
    raw = bytearray(fisher.read_bytes())
    at = int(place * len(raw))
    raw[at] ^= flip
    path = Path(fisher.parent, "damaged.hepml")
    path.write_bytes(raw[:at] if cut else raw)
    found = attempt(lambda: load(path).score(TEST))
    if isinstance(found, CourseError):
        assert "\n" not in str(found)
        assert str(path) in str(found)
    else:  # a time or an attribute of the zip, which nobody reads
        assert not cut
        np.testing.assert_array_equal(found, load(fisher).score(TEST))


def test_a_card_that_lacks_something_is_damage_and_a_newer_one_is_told(fisher):
    raw = fisher.read_bytes()
    wrong = [
        {"features": "pt"}, {"features": []}, {"features": [1, 2, 3]}, {"units": []}, {"units": {"pt": 3}},
        {"kind": "pickle"}, {"about": None}, {"preselection": 7}, {"sha256": "0" * 64}, {"probe": "x"},
        {"format": "1"}, {"format": 0},
    ]  # fmt: skip
    for entries in wrong:
        fisher.write_bytes(raw)
        assert "is damaged" in refusal(lambda entries=entries: load(changed(fisher, **entries)))
    for key in ("format", "features", "versions", "kind"):
        fisher.write_bytes(raw)
        assert "is damaged" in refusal(lambda key=key: load(changed(fisher, drop=[key])))
    fisher.write_bytes(raw)
    sentence = refusal(lambda: load(changed(fisher, format=2, versions={"hepml_course": "9.1"})))
    assert "newer" in sentence
    assert "9.1" in sentence
    fisher.write_bytes(raw)
    packed(fisher, {"card.json": b"[1, 2]", "model.skops": b""})
    assert "is damaged" in refusal(lambda: load(fisher))


class Mischief:
    """What somebody might put into a file."""

    done = False

    def __setstate__(self, state):
        Mischief.done = True


def test_a_type_that_is_not_trusted_is_named_and_never_made(fisher):
    model = LogisticRegression().fit(X, Y)
    model.extra = Mischief()
    model.extra.payload = 1
    forged(fisher, skops.io.dumps(model))
    assert f"holds a {Mischief.__module__}.Mischief" in refusal(lambda: load(fisher))
    assert not Mischief.done
    forged(fisher, skops.io.dumps(KNeighborsClassifier().fit(X, Y)))
    assert "holds a sklearn." in refusal(lambda: load(fisher))
    model = make_pipeline(FunctionTransformer(os.getcwd), LogisticRegression())
    forged(fisher, skops.io.dumps(model))
    assert "getcwd" in refusal(lambda: load(fisher))


def test_the_list_of_trusted_types_names_classes_that_there_are():
    import importlib

    for name in TRUSTED:
        module, _, attribute = name.rpartition(".")
        found = getattr(importlib.import_module(module), attribute)
        assert isinstance(found, type), name
        assert name not in skops.io._trusted_types.SKLEARN_ESTIMATOR_TYPE_NAMES, name


def test_code_in_a_keras_model_is_not_run(tmp_path, fisher):
    with_code().save(tmp_path / "lambda.keras")
    forged(fisher, (tmp_path / "lambda.keras").read_bytes(), "model.keras")
    assert "Lambda layer, which is not run" in refusal(lambda: load(fisher))


def test_what_was_saved_by_others_and_is_no_classifier_is_refused(fisher):
    forged(fisher, skops.io.dumps(StandardScaler().fit(X)))
    assert "StandardScaler is no classifier" in refusal(lambda: load(fisher))
    forged(fisher, skops.io.dumps({"a": 1}))
    assert "is no classifier" in refusal(lambda: load(fisher))
    forged(fisher, b"no zip at all")
    assert "cannot be read" in refusal(lambda: load(fisher))
    forged(fisher, b"no zip at all", "model.keras")
    assert "cannot be read by Keras" in refusal(lambda: load(fisher))


def spoil_predictor(model, field, value):
    nodes = model._predictors[0][0].nodes
    nodes[field][0] = value


def spoil_tree(model, field, value):
    tree = (
        model.estimators_.ravel()[0].tree_
        if isinstance(model.estimators_, np.ndarray)
        else model.estimators_[0].tree_
    )
    state = tree.__getstate__()
    state["nodes"] = state["nodes"].copy()
    state["nodes"][field][0] = value
    tree.__setstate__(state)


@pytest.mark.parametrize(
    ("make", "spoil", "field", "value", "expected"),
    [
        (trees, spoil_predictor, "left", 10_000, "a node that it lacks"),
        (trees, spoil_predictor, "right", 0, "a node that it lacks"),
        (trees, spoil_predictor, "feature_idx", 3, "a feature that there is not"),
        (trees, spoil_predictor, "is_categorical", 1, "categories that it lacks"),
        (MAKERS["forest"], spoil_tree, "left_child", 10_000, "a node that it lacks"),
        (MAKERS["forest"], spoil_tree, "right_child", 0, "a node that it lacks"),
        (MAKERS["forest"], spoil_tree, "feature", 3, "a feature that there is not"),
        (MAKERS["gradient boosting"], spoil_tree, "feature", -5, "a feature that there is not"),
    ],
)
def test_forged_trees_that_would_read_memory_of_others_are_not_loaded(
    fisher, make, spoil, field, value, expected
):
    model = make().fit(X, Y)
    forged(fisher, skops.io.dumps(model))
    load(fisher)
    spoil(model, field, value)
    forged(fisher, skops.io.dumps(model))
    assert expected in refusal(lambda: load(fisher))


def test_a_model_that_computes_something_else_by_now_is_refused(fisher, monkeypatch):
    card = load(fisher).card
    assert len(card["probe"]) == 64
    changed(fisher, versions={"sklearn": "0.24"}, probe=[p + 0.01 * abs(p) + 0.01 for p in card["probe"]])
    sentence = refusal(lambda: load(fisher))
    assert "other scores" in sentence
    assert "sklearn 0.24" in sentence
    changed(fisher, probe=card["probe"])
    load(fisher)
    right = Fisher.decision_function
    monkeypatch.setattr(Fisher, "decision_function", lambda self, x: 2 * right(self, x))
    assert "other scores" in refusal(lambda: load(fisher))


def test_a_version_that_scikit_learn_warns_about_is_judged_by_its_scores(fisher):
    model = LogisticRegression().fit(X, Y)
    raw = skops.io.dumps(model)
    old = fisher.parent / "old.zip"
    old.write_bytes(raw)
    content = members(old)
    import sklearn

    content["schema.json"] = content["schema.json"].replace(sklearn.__version__.encode(), b"1.0.0")
    assert b"1.0.0" in content["schema.json"]
    forged(fisher, packed(old, content).read_bytes())
    np.testing.assert_allclose(load(fisher).score(TEST), by_hand(model, TEST[FEATURES]))


def test_a_model_that_cannot_take_the_probe_is_saved_without(tmp_path):
    positive = TRAIN[FEATURES].abs() + 0.1
    model = make_pipeline(FunctionTransformer(np.log), LogisticRegression()).fit(positive, Y)
    classifier = load(save(tmp_path / "log.hepml", model, features=FEATURES))
    assert classifier.card["probe"] is None
    np.testing.assert_array_equal(classifier.score(positive), by_hand(model, positive))
