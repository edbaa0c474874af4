"""Trained models: trained as if never interrupted, written whole or not at all, loaded only when intact."""

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from hepml_course import cli, course, data, models
from hepml_course.data import places, trained, write
from hepml_course.errors import CourseError
from hepml_course.models import checkpoint, training
from hepml_course.models.shipped import MAX_BYTES

LESSON, NAME = "15_many_tracks", "tiny"
ROOT = Path(__file__).parents[1]
SHIPPED = trained.names()


@pytest.fixture(scope="module")
def tiny():
    """The module of the tiny recipe; it imports Keras."""
    import tiny_recipe

    return tiny_recipe


@pytest.fixture
def home(tmp_path, monkeypatch, tiny):
    """No clone, no package data, an empty cache, and one model that can be trained."""
    monkeypatch.delenv("HEPML_DATA", raising=False)
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(places, "package_folder", lambda: tmp_path / "package")
    monkeypatch.setattr(places, "clone_folder", lambda: None)
    monkeypatch.setattr(trained, "RECIPES", {LESSON: {NAME: "tiny_recipe"}})
    tiny.seen.clear()
    tiny.drawn.clear()
    return tmp_path


@pytest.fixture(scope="module")
def whole(tmp_path_factory, tiny):
    """A folder with the model as it is when nothing interrupts the training."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("whole")
        patch.setattr(places, "cache_folder", lambda: folder / "cache")
        patch.setattr(trained, "RECIPES", {LESSON: {NAME: "tiny_recipe"}})
        models.train("15", folder=folder / "datasets")
    return folder / "datasets"


@pytest.fixture
def shipped(home, whole):
    """The trained model in the user's cache, where it is found, and may be spoilt; the path of its file."""
    shutil.copytree(whole, home / "cache/datasets")
    return home / "cache/datasets/models/tiny.keras"


def train(**options):
    """Train, and return what was said; bars of progress are nothing that a file shows."""
    said = io.StringIO()
    models.train(LESSON, console=Console(file=said, width=1000), **options)
    return said.getvalue()


def assert_same_weights(path, other):
    import keras

    ours, theirs = (keras.saving.load_model(file, compile=False).get_weights() for file in (path, other))
    for values, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(values, expected, rtol=1e-4, atol=1e-6)


def refusal(call):
    """The sentence, in one line, with which a call is refused."""
    with pytest.raises(CourseError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change_card(path, **changes):
    card = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    path.with_suffix(".yml").write_text(yaml.safe_dump(card | changes), encoding="utf-8")


def with_checksum(path):
    """Make the card fit to whatever the file is now."""
    change_card(path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


# -- training ----------------------------------------------------------------------------------------


def test_the_model_is_written_with_a_card_that_says_how_it_was_made(home, whole):
    card = yaml.safe_load((whole / "models/tiny.yml").read_text(encoding="utf-8"))
    path = whole / "models/tiny.keras"
    expected = {
        "file": "models/tiny.keras",
        "name": "tiny",
        "title": "A sum of three numbers",
        "lesson": LESSON,
        "recipe": "64 events an epoch, new ones in each; Adam, mean squared error",
        "seed": 7,
        "epochs": 3,
        "events_per_epoch": 64,
        "events_seen": 192,
        "batch_size": 16,
        "optimiser": "adam",
        "weights": 3 + 4 * 8 + 9,
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    assert {key: card.get(key) for key in expected} == expected
    assert card["learning_rate"] == {"first": 0.01, "last": 0.01}
    assert card["core_seconds"] > 0
    assert {"keras", "tensorflow", "numpy", "python", "hepml_course"} == set(card["versions"])
    assert card["licence"]
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["tiny.keras", "tiny.yml"]


def test_the_result_on_the_card_is_that_of_the_file(home, whole, tiny):
    import keras

    card = yaml.safe_load((whole / "models/tiny.yml").read_text(encoding="utf-8"))
    model = keras.saving.load_model(whole / "models/tiny.keras", compile=False)
    assert card["result"] == pytest.approx(tiny.RECIPE.result(model), rel=1e-4)
    assert set(card["result"]) == {"rms"}


def test_events_of_the_evaluation_and_of_each_epoch_are_others(tiny):
    recipe = replace(
        tiny.RECIPE, epoch_data=lambda _, rng: rng.random(), evaluate=lambda _, rng: {"x": rng.random()}
    )
    numbers = [recipe.data(epoch) for epoch in range(3)] + [recipe.result(None)["x"]]
    assert len({*numbers, np.random.default_rng(recipe.seed).random()}) == 5
    assert numbers[1] == recipe.data(1)
    assert len({recipe.epoch_seed(epoch) for epoch in range(3)}) == 3


def test_the_optimiser_is_not_shipped(whole):
    import keras

    assert not keras.saving.load_model(whole / "models/tiny.keras").compiled


def stop_within_an_epoch(monkeypatch, batches):
    """As Ctrl-C in the middle of an epoch, after so many batches."""
    from rich.progress import Progress

    left, update = [batches], Progress.update

    def interrupt(self, task, **fields):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        update(self, task, **fields)

    monkeypatch.setattr(Progress, "update", interrupt)


# In an epoch, progress is updated four times for its batches and once at the end.
@pytest.mark.parametrize(("batches", "done"), [(2, 0), (7, 1), (12, 2), (14, 3)])
def test_an_interrupted_training_goes_on_as_if_it_had_not_been(home, whole, tiny, batches, done):
    with pytest.MonkeyPatch.context() as patch:
        stop_within_an_epoch(patch, batches)
        with pytest.raises(KeyboardInterrupt):
            train()
    assert tiny.seen == [0, 1, 2][: done + 1]
    tiny.seen.clear()
    said = train()
    assert tiny.seen == [0, 1, 2][done:]
    assert [len(numbers) for numbers in tiny.drawn.values()] == [1, 1, 1]
    assert (f"tiny: goes on after epoch {done} of 3." in said) == bool(done)
    assert_same_weights(home / "cache/datasets/models/tiny.keras", whole / "models/tiny.keras")
    assert not list((home / "cache/training").iterdir())


def test_an_interrupt_says_how_to_go_on(home, monkeypatch):
    said = io.StringIO()
    stop_within_an_epoch(monkeypatch, 7)
    with pytest.raises(KeyboardInterrupt):
        models.train("15", console=Console(file=said, width=1000))
    assert "tiny: stopped after epoch 1 of 3; the same command goes on from there." in said.getvalue()


@pytest.mark.slow
def test_a_killed_training_goes_on(home, whole, tiny):
    code = (
        "from pathlib import Path; from hepml_course import models\n"
        "from hepml_course.data import places, trained\n"
        f"places.cache_folder = lambda: Path({str(home / 'cache')!r})\n"
        f"trained.RECIPES = {trained.RECIPES!r}\n"
        f"models.train('15', folder=Path({str(home / 'cache/datasets')!r}))"
    )
    variables = os.environ | {"TINY_KILL": "2", "PYTHONPATH": str(ROOT / "tests")}
    dead = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, check=False)
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    assert not list((home / "cache/datasets").rglob("*.*"))
    train()
    assert tiny.seen == [2]
    assert_same_weights(home / "cache/datasets/models/tiny.keras", whole / "models/tiny.keras")


def test_time_is_added_up_over_interruptions(home, monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(training, "_core_seconds", lambda: next(clock))
    with pytest.MonkeyPatch.context() as patch:
        stop_within_an_epoch(patch, 7)
        with pytest.raises(KeyboardInterrupt):
            train()
    train()
    assert models.card("tiny")["core_seconds"] == 30


def test_nothing_is_at_the_destination_before_the_end(home, tiny, monkeypatch):
    folder, met = home / "cache/datasets/models", []
    monkeypatch.setattr(
        tiny, "RECIPE", replace(tiny.RECIPE, evaluate=lambda *_: met.append(folder.exists()) or {})
    )
    train()
    assert met == [False]
    assert sorted(path.name for path in folder.iterdir()) == ["tiny.keras", "tiny.yml"]


def test_stopped_between_file_and_card_the_model_is_refused_and_nothing_is_trained_again(home, tiny):
    real = write.replace_file

    def killed(path, content):
        if path.suffix == ".yml":
            raise KeyboardInterrupt
        real(path, content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "replace_file", killed)
        with pytest.raises(KeyboardInterrupt):
            train()
    assert "The card" in refusal(lambda: models.load("tiny"))
    tiny.seen.clear()
    assert "goes on after epoch 3 of 3" in train()
    assert tiny.seen == []
    assert models.load("tiny").count_params() == 44


def test_a_disk_that_fails_at_the_end_leaves_the_old_model_whole(shipped, tiny, monkeypatch):
    real, before = os.replace, shipped.read_bytes()

    def broken(part, path):
        if path == shipped:
            raise OSError(5, "Input/output error")
        real(part, path)

    monkeypatch.setattr(os, "replace", broken)
    assert "nothing half-written is left" in refusal(lambda: train(force=True))
    assert shipped.read_bytes() == before
    assert models.load("tiny").count_params() == 44
    assert sorted(path.name for path in shipped.parent.iterdir()) == ["tiny.keras", "tiny.yml"]


def test_a_folder_that_cannot_be_written_keeps_what_was_trained(home, tiny):
    (home / "datasets").write_text("no folder")
    assert "Writing to" in refusal(lambda: train(folder=home / "datasets"))
    tiny.seen.clear()
    train(folder=home / "elsewhere")
    assert tiny.seen == []
    assert (home / "elsewhere/models/tiny.keras").is_file()


def test_what_is_there_is_not_trained_again_unless_forced(shipped, tiny):
    before = shipped.read_bytes()
    assert f"nothing to do, {shipped} is intact; --force trains it again." in train()
    assert (tiny.seen, shipped.read_bytes()) == ([], before)
    assert "trained" in train(force=True)
    assert tiny.seen == [0, 1, 2]


def test_new_words_in_the_recipe_reach_the_card_without_a_training(shipped, tiny, monkeypatch):
    before = models.card("tiny")
    monkeypatch.setattr(tiny, "RECIPE", replace(tiny.RECIPE, title="Another title"))
    assert "its card has the new words of the recipe" in train()
    assert (tiny.seen, models.card("tiny")) == ([], before | {"title": "Another title"})
    assert "new words" not in train()


def test_force_forgets_an_interrupted_training(home, tiny):
    with pytest.MonkeyPatch.context() as patch:
        stop_within_an_epoch(patch, 7)
        with pytest.raises(KeyboardInterrupt):
            train()
    tiny.seen.clear()
    assert "goes on" not in train(force=True)
    assert tiny.seen == [0, 1, 2]


@pytest.mark.parametrize("spoil", ["file", "card", "recipe"])
def test_what_is_there_but_not_right_is_trained_again(shipped, tiny, monkeypatch, spoil):
    if spoil == "file":
        shipped.write_bytes(shipped.read_bytes()[:-1])
    elif spoil == "card":
        shipped.with_suffix(".yml").unlink()
    else:
        monkeypatch.setattr(tiny, "RECIPE", replace(tiny.RECIPE, epochs=2))
    train()
    assert tiny.seen == ([0, 1] if spoil == "recipe" else [0, 1, 2])
    assert models.card("tiny")["epochs"] == len(tiny.seen)
    assert models.load("tiny").count_params() == 44


def change_architecture(tiny, patch):
    """As if a module that the recipe imports had changed."""

    def build():
        model = tiny.keras.Sequential([tiny.keras.Input((3,)), tiny.keras.layers.Dense(1)])
        model.compile("adam", "mse")
        return model

    patch.setattr(training, "_build", lambda recipe: build())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("seed", "has changed since its training was stopped"),
        ("architecture", "has changed since its training was stopped"),
        ("text", "has changed since its training was stopped"),
        ("damage", "is damaged"),
        ("cut", "is damaged"),
        ("text file", "is damaged"),
    ],
)
def test_what_was_kept_is_used_by_the_same_recipe_only(home, tiny, monkeypatch, change, reason):
    with pytest.MonkeyPatch.context() as patch:
        stop_within_an_epoch(patch, 7)
        with pytest.raises(KeyboardInterrupt):
            train()
    kept = checkpoint.file(tiny.RECIPE)
    content = kept.read_bytes()
    if change == "seed":
        monkeypatch.setattr(tiny, "RECIPE", replace(tiny.RECIPE, seed=8))
    elif change == "architecture":
        change_architecture(tiny, monkeypatch)
    elif change == "text":
        monkeypatch.setattr(Path, "read_bytes", lambda path, real=Path.read_bytes: real(path) + b"# new")
    else:
        half = len(content) // 2
        block = slice(half, half + 256)  # a single byte may lie in what the zip format does not use
        flipped = content[:half] + bytes(255 - byte for byte in content[block]) + content[half + 256 :]
        kept.write_bytes({"damage": flipped, "cut": content[:half], "text file": b"hello"}[change])
    tiny.seen.clear()
    said = train()
    assert f"tiny: starts again. {'What was kept' if 'damaged' in reason else 'The recipe'} of" in said
    assert reason in said
    assert tiny.seen == [0, 1, 2]


def test_the_learning_rate_follows_the_recipe(home, tiny, monkeypatch):
    recipe = replace(tiny.RECIPE, learning_rate=lambda epoch: 0.1 / 10**epoch)
    monkeypatch.setattr(tiny, "RECIPE", recipe)
    train()
    assert models.card("tiny")["learning_rate"] == {"first": 0.1, "last": 0.001}


def test_events_may_come_as_a_dataset_or_with_weights(home, tiny, monkeypatch):
    import keras

    class Batches(keras.utils.PyDataset):
        def __init__(self, events):
            super().__init__()
            self.events = events

        def __len__(self):
            return 4

        def __getitem__(self, i):
            return tuple(values[16 * i : 16 * i + 16] for values in self.events)

    losses = []
    for epoch_data in (
        lambda _, rng: Batches(tiny.events(rng)),
        lambda _, rng: (*tiny.events(rng), np.ones(64)),
        lambda _, rng: (*tiny.events(rng), np.zeros(64)),
    ):
        monkeypatch.setattr(tiny, "RECIPE", replace(tiny.RECIPE, epochs=1, epoch_data=epoch_data))
        train(force=True)
        losses.append(models.card("tiny")["loss"]["last"])
    assert losses[0] > 0
    assert losses[1] > 0
    assert losses[2] == 0


def refused_recipe(home, tiny, monkeypatch, **changes):
    """The sentence for a recipe that is wrong; nothing of it is at the destination."""
    monkeypatch.setattr(tiny, "RECIPE", replace(tiny.RECIPE, **changes))
    sentence = refusal(train)
    assert not (home / "cache/datasets").exists()
    return sentence


def test_a_model_that_is_too_large_is_not_even_trained(home, tiny, monkeypatch):
    import keras

    def build():
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1000), keras.layers.Dense(1000)])
        model.compile("adam", "mse")
        return model

    sentence = refused_recipe(home, tiny, monkeypatch, build=build)
    assert sentence == "tiny would be 4.0 MB, and the course ships none over 4 MB: give it fewer weights."
    assert tiny.seen == []


def lambda_model():
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: 2 * x), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def test_a_model_with_a_lambda_is_not_even_trained(home, tiny, monkeypatch):
    sentence = refused_recipe(home, tiny, monkeypatch, build=lambda_model)
    assert sentence.startswith("tiny holds Python code in a Lambda layer, which is not run: make it a layer")
    assert tiny.seen == []


@pytest.mark.parametrize("missing", ["weights", "compile"])
def test_a_model_must_be_ready_to_be_trained(home, tiny, monkeypatch, missing):
    import keras

    def build():
        model = keras.Sequential([keras.layers.Dense(1)])
        if missing == "weights":
            model.compile("adam", "mse")
        else:
            model.build((None, 3))
        return model

    assert "give it an Input and call compile" in refused_recipe(home, tiny, monkeypatch, build=build)


def test_events_other_than_stated_are_refused(home, tiny, monkeypatch):
    sentence = refused_recipe(home, tiny, monkeypatch, events=65)
    assert sentence == "The recipe tiny says 65 events an epoch and makes 64."


def test_a_training_that_diverges_stops_at_the_last_good_epoch(home, tiny, monkeypatch):
    def epoch_data(epoch, rng):
        x, y = tiny.events(rng)
        return x, y if epoch == 0 else y * np.nan

    sentence = refused_recipe(home, tiny, monkeypatch, epoch_data=epoch_data)
    assert sentence == "The loss of tiny is nan after epoch 2: lower the learning rate in its recipe."
    assert checkpoint.restore(tiny.RECIPE, tiny.build()).epoch == 1


# -- names -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", ["15", "many_tracks", "15_many_tracks"])
def test_a_lesson_is_called_as_everywhere(shipped, lesson):
    assert models.train(lesson, console=Console(file=io.StringIO())) == [shipped]
    assert models.train(lesson, ["tiny", "tiny"], console=Console(file=io.StringIO())) == [shipped]


def test_a_lesson_without_models_lists_those_that_have_some(home, monkeypatch):
    assert refusal(lambda: models.train("02")) == (
        "There is nothing to train for '02'; lessons with trained models: 15_many_tracks."
    )
    monkeypatch.setattr(trained, "RECIPES", {})
    assert refusal(lambda: models.train("02")).endswith("none yet.")


def test_an_unknown_model_lists_the_known_ones(home):
    for call in (
        lambda: models.train("15", ["tinny"]),
        lambda: models.load("tinny"),
        lambda: models.card("tinny"),
        lambda: models.recipe("tinny"),
    ):
        assert re.search(
            r"no trained model.* named tinny \(did you mean tiny\?\); known: tiny\.", refusal(call)
        )


# -- loading -----------------------------------------------------------------------------------------


def test_a_model_is_loaded_with_its_layers_and_predicts(shipped, whole, tiny):
    """In a process that has not seen the recipe, as a lesson is."""
    x, _ = tiny.events(np.random.default_rng(1), 5)
    code = (
        "import numpy as np; from hepml_course import models; from hepml_course.data import trained\n"
        f"trained.RECIPES = {trained.RECIPES!r}\n"
        f"print(models.load('tiny').predict(np.array({x.tolist()}), verbose=0)[:, 0].tolist())"
    )
    variables = os.environ | {"PYTHONPATH": str(ROOT / "tests"), "HEPML_DATA": str(whole)}
    shown = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    expected = models.load("tiny").predict(x, verbose=0)[:, 0]
    np.testing.assert_allclose(yaml.safe_load(shown.stdout), expected, rtol=1e-4, atol=1e-6)


def test_a_loaded_model_is_not_compiled_and_not_shared(shipped):
    first, second = models.load("tiny"), models.load("tiny")
    assert not first.compiled
    first.set_weights([0 * values for values in first.get_weights()])
    assert any(values.any() for values in second.get_weights())
    models.card("tiny")["result"]["rms"] = -1
    assert models.card("tiny")["result"]["rms"] > 0


def test_a_missing_model_says_what_makes_it(home, monkeypatch):
    sentence = refusal(lambda: models.load("tiny"))
    assert sentence.startswith("models/tiny.keras is missing from ")
    assert "pip install --force-reinstall" in sentence
    monkeypatch.setattr(places, "clone_folder", lambda: home / "clone")
    assert "`hepml train 15_many_tracks` remakes it" in refusal(lambda: models.load("tiny"))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "its checksum is not that of its card"),
        (lambda path: path.write_bytes(b""), "is empty (0 bytes)"),
        (lambda path: path.unlink() or path.mkdir(), "is a folder where a Keras model is expected"),
        (
            lambda path: path.with_suffix(".yml").unlink(),
            "is missing: `hepml train 15_many_tracks` remakes it.",
        ),
        (lambda path: path.with_suffix(".yml").write_text("{"), "cannot be read (ParserError)"),
        (lambda path: change_card(path, sha256="0" * 64), "its checksum is not that of its card"),
        (lambda path: change_card(path, file="models/other.keras"), "is that of models/other.keras"),
        (lambda path: change_card(path, result=None), "it has no valid result"),
    ],
)
def test_a_spoilt_file_or_card_is_refused(shipped, spoil, sentence):
    spoil(shipped)
    for call in (lambda: models.load("tiny"), lambda: models.card("tiny")):
        assert sentence in refusal(call)


def test_a_lambda_in_a_file_whose_checksum_is_right_is_refused(shipped):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        lambda_model().save(shipped)
    with_checksum(shipped)
    assert "holds Python code in a Lambda layer, which is not run" in refusal(lambda: models.load("tiny"))


def rename_a_layer(path):
    """A layer that no Keras knows, as one from a later version is."""
    with zipfile.ZipFile(path) as old:
        content = {name: old.read(name) for name in old.namelist()}
    content["config.json"] = content["config.json"].replace(b'"Dense"', b'"Denser"')
    with zipfile.ZipFile(path, "w") as new:
        for name, raw in content.items():
            new.writestr(name, raw)
    with_checksum(path)


def test_a_keras_too_old_for_the_file_is_told_so(shipped):
    import keras

    rename_a_layer(shipped)
    change_card(shipped, versions={"keras": "99.1.0"})
    assert refusal(lambda: models.load("tiny")) == (
        f"{shipped} was written by Keras 99.1.0, and Keras {keras.__version__} cannot read it: "
        "`make env` or `pip install --upgrade keras` brings a newer one."
    )


def test_a_file_that_keras_cannot_read_for_another_reason(shipped):
    rename_a_layer(shipped)
    sentence = refusal(lambda: models.load("tiny"))
    assert sentence.startswith(f"{shipped} cannot be read by Keras ")
    assert sentence.endswith("`hepml train 15_many_tracks` remakes it.")
    shipped.write_bytes(b"no archive at all")
    with_checksum(shipped)
    assert "cannot be read by Keras" in refusal(lambda: models.load("tiny"))


def test_a_newer_version_on_the_card_is_no_reason_to_refuse_what_can_be_read(shipped):
    change_card(shipped, versions={"keras": "99.1.0"})
    assert models.load("tiny").count_params() == 44


# -- places ------------------------------------------------------------------------------------------


def test_models_are_searched_where_datasets_are(home, whole, monkeypatch):
    order = ["mine", "clone/datasets", "package", "cache/datasets"]
    monkeypatch.setattr(places, "clone_folder", lambda: home / "clone/datasets")
    for folder in order:
        shutil.copytree(whole, home / folder)
    monkeypatch.setenv("HEPML_DATA", str(home / "mine"))
    for folder in order:
        assert places.find("models/tiny.keras")[0] == home / folder / "models/tiny.keras"
        assert models.card("tiny")["seed"] == 7
        (home / folder / "models/tiny.keras").unlink()
        if folder == "mine":
            assert "none of the course's files" in refusal(lambda: models.card("tiny"))
            monkeypatch.delenv("HEPML_DATA")


@pytest.mark.parametrize("kind", ["zip", "gztar"])
def test_an_archive_carries_models_too(home, whole, monkeypatch, kind):
    shutil.copytree(whole, home / "stick/course/datasets")
    monkeypatch.setenv("HEPML_DATA", shutil.make_archive(home / "a", kind, home / "stick"))
    shutil.rmtree(home / "stick")
    assert models.load("tiny").count_params() == 44
    assert places.find("models/tiny.keras")[0].is_relative_to(home / "cache/unpacked")


def test_an_archive_that_was_unpacked_by_a_course_without_models_is_unpacked_again(home, whole, monkeypatch):
    archive = shutil.make_archive(home / "a", "zip", whole)
    monkeypatch.setenv("HEPML_DATA", archive)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trained, "RECIPES", {})
        places._unpacked(Path(archive))
    assert models.load("tiny").count_params() == 44


def test_catalogue_and_verify(shipped):
    entry = models.catalogue()[0]
    assert (entry.file, entry.sample, entry.key, entry.path) == ("models/tiny.keras", LESSON, "tiny", shipped)
    assert (entry.card["title"], entry.problem) == ("A sum of three numbers", "")
    assert models.verify() == [
        data.Finding(
            "models/tiny.keras", True, f"44 weights in {shipped.stat().st_size / 1e3:.0f} kB, as on the card."
        )
    ]
    shipped.write_bytes(b"x")
    assert [finding.ok for finding in models.verify()] == [False]
    shipped.unlink()
    assert "models/tiny.keras is missing" in models.catalogue()[0].problem


# -- the command line --------------------------------------------------------------------------------


@pytest.fixture
def hepml(monkeypatch, capsys):
    """Run a command in this process: exit code, standard output, standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["hepml", *arguments])
        monkeypatch.setenv("COLUMNS", "300")
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return call


def test_hepml_train(home, hepml, tiny):
    code, out, err = hepml("train", "15", "tiny", "--folder", str(home / "mine"))
    assert (code, err) == (0, "")
    assert f"tiny: trained, {(home / 'mine/models/tiny.keras').stat().st_size / 1e3:.0f} kB in {home}" in out
    assert tiny.seen == [0, 1, 2]
    assert "nothing to do" in hepml("train", "15", "--folder", str(home / "mine"))[1]
    assert "nothing to do" not in hepml("train", "15", "--folder", str(home / "mine"), "--force")[1]
    assert tiny.seen == [0, 1, 2] * 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["02"], "There is nothing to train for '02'; lessons with trained models: 15_many_tracks."),
        (["15", "other"], "There is no trained model of 15_many_tracks named other; known: tiny."),
    ],
)
def test_hepml_train_refuses_in_one_sentence(home, hepml, arguments, sentence):
    assert hepml("train", *arguments) == (1, "", f"{sentence}\n")


def test_hepml_train_needs_a_lesson(home, hepml):
    code, _, err = hepml("train")
    assert code == 2
    assert "LESSON" in err


def test_hepml_train_that_is_interrupted_does_not_end_well(home, hepml, monkeypatch):
    stop_within_an_epoch(monkeypatch, 7)
    code, out, _ = hepml("train", "15")
    assert code != 0
    assert "the same command goes on from there" in out


def test_hepml_data_shows_and_verifies_models(shipped, hepml, monkeypatch):
    monkeypatch.setattr(data, "catalogue", lambda: [])
    monkeypatch.setattr(data, "verify", lambda: [])
    code, out, _ = hepml("data", "list")
    assert code == 0
    assert "A sum of three numbers" in out
    assert hepml("data", "verify")[:2] == (
        0,
        "OK    models/tiny.keras: 44 weights in 20 kB, as on the card.\n",
    )
    shipped.write_bytes(b"x")
    assert hepml("data", "verify")[0] == 1


def test_nothing_heavy_is_imported_before_it_is_needed():
    code = (
        "import sys, hepml_course.models; print({'keras', 'tensorflow', 'rich.progress'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert answer.stdout == "set()\n"


# -- what the course ships ---------------------------------------------------------------------------


def test_recipes_belong_to_the_syllabus():
    assert set(trained.RECIPES) <= {lesson for part in course.PARTS for lesson in part.lessons}
    assert len(SHIPPED) == len(set(SHIPPED))


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_that_of_its_recipe(name, monkeypatch):
    monkeypatch.delenv("HEPML_DATA", raising=False)
    recipe, card = models.recipe(name), models.card(name)
    path, _ = places.find(trained.file_of(name))
    assert path.is_relative_to(ROOT / "datasets")
    assert path.stat().st_size == card["bytes"] <= MAX_BYTES
    assert (recipe.name, recipe.lesson) == (name, trained.lesson_of(name))
    expected = recipe.facts() | recipe.words() | {"name": name, "lesson": recipe.lesson}
    assert {key: card[key] for key in expected} == expected
    model = models.load(name)
    assert model.count_params() == card["weights"] == recipe.build().count_params()
    assert all(np.isfinite(values).all() for values in model.get_weights())
