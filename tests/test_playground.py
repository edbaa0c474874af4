"""The playground without a browser: its network, its samples, its state, its messages, its still picture."""

import base64
import json

import numpy as np
import pytest
import traitlets
from matplotlib.colors import to_hex
from matplotlib.patches import ConnectionPatch

from hepml_course import widgets
from hepml_course.errors import CourseError
from hepml_course.plot.style import BACKGROUND, SIGNAL
from hepml_course.widgets.playground import Playground, Settings
from hepml_course.widgets.playground.model import COARSE, POINTS, with_changes
from hepml_course.widgets.playground.network import ACTIVATIONS, Network
from hepml_course.widgets.playground.samples import FEATURES, SAMPLES, SCALE, draw, features, grid
from hepml_course.widgets.playground.still import draw_still
from hepml_course.widgets.playground.widget import MOST_EPOCHS, PlaygroundWidget

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def events():
    rng = np.random.default_rng(5)
    return rng.normal(size=(40, 3)), (rng.random(40) > 0.4).astype(float)


# -- the network ------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_gradient_is_the_slope_of_the_loss(activation, events):
    network = Network([3, 4, 2], activation, rng=2)
    exact = network.gradient(*events)
    for arrays, slopes in zip((network.weights, network.biases), exact, strict=True):
        for array, slope in zip(arrays, slopes, strict=True):
            for place in np.ndindex(array.shape):
                kept, h = array[place], 1e-6
                array[place] = kept + h
                up = network.loss(*events)
                array[place] = kept - h
                down = network.loss(*events)
                array[place] = kept
                assert (up - down) / (2 * h) == pytest.approx(slope[place], abs=1e-8)


@pytest.mark.slow
def test_outputs_and_gradient_are_those_of_keras(events):
    import keras

    x, y = events
    network = Network([3, 5, 4], "tanh", rng=1)
    layers = [keras.layers.Dense(n, activation="tanh", dtype="float64") for n in (5, 4)]
    last = keras.layers.Dense(1, dtype="float64")
    model = keras.Sequential([keras.Input((3,), dtype="float64"), *layers, last])
    pairs = zip(network.weights, network.biases, strict=True)
    model.set_weights([array for pair in pairs for array in pair])
    logits = keras.ops.convert_to_numpy(model(x))
    np.testing.assert_allclose(network.forward(x)[-1], 1 / (1 + np.exp(-logits)), atol=1e-12)
    loss = keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64")
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.5), loss=loss)
    model.train_on_batch(x, y[:, None])
    network.step(x, y, rate=0.5)
    for ours, theirs in zip(network.weights, model.get_weights()[::2], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-7)
    for ours, theirs in zip(network.biases, model.get_weights()[1::2], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-7)


def test_penalties_pull_weights_to_zero_and_leave_biases(events):
    x, y = events
    plain, square, absolute = (Network([3, 4], "tanh", rng=1) for _ in range(3))
    before = [w.copy() for w in plain.weights]
    plain.step(x, y, rate=0.1)
    square.step(x, y, 0.1, "L2", 0.5)
    absolute.step(x, y, 0.1, "L1", 0.5)
    moved = [w - old for w, old in zip(plain.weights, before, strict=True)]
    for old, move, w in zip(before, moved, square.weights, strict=True):
        np.testing.assert_allclose(w, 0.95 * (old + move))
    for free, w in zip(plain.weights, absolute.weights, strict=True):
        np.testing.assert_allclose(np.abs(w), np.maximum(np.abs(free) - 0.05, 0))
    for one, two in zip(plain.biases, square.biases, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_sigmoid_does_not_overflow():
    network = Network([1], "tanh", rng=0)
    network.weights[0][:] = 1.0
    np.testing.assert_allclose(network.forward(np.array([[-1e4], [1e4]]))[-1][:, 0], [0, 1])
    assert np.isfinite(network.loss(np.array([[-1e4]]), np.array([1.0])))


# -- samples and features ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_fill_the_square_and_repeat_with_their_seed(name):
    x, y, train = draw(name, 0.0, 3)
    assert x.shape == (len(y), 2)
    assert y.mean() == 0.5
    assert train.mean() == 0.5
    assert np.mean(np.abs(x).max(axis=1) <= 1) > 0.95
    assert np.abs(x).max() > 0.6
    np.testing.assert_array_equal(x, draw(name, 0.0, 3).x)
    assert np.abs(draw(name, 0.5, 3).x - x).std() > 0.1


def test_features_are_the_functions_they_are_called():
    x = np.array([[0.5, -0.2]])
    expected = SCALE * np.array([[0.5, -0.2, 0.25, 0.04, -0.1, 1.0, np.sin(-0.2 * np.pi)]])
    np.testing.assert_allclose(features(x, list(FEATURES)), expected)
    with pytest.raises(CourseError, match="at least one"):
        features(x, [])


def test_the_grid_begins_at_the_upper_left():
    points = grid(4)
    np.testing.assert_allclose(points[0], [-0.75, 0.75])
    np.testing.assert_allclose(points[1], [-0.25, 0.75])
    np.testing.assert_allclose(points[-1], [0.75, -0.75])


# -- the state --------------------------------------------------------------------------------------


def test_training_lowers_the_loss_and_keeps_its_history():
    state = Playground(Settings(hidden=(8,)))
    state.train(60)
    assert state.epoch == 60
    assert len(state.history) == 61
    assert state.history[0][0] > 0.5
    assert state.history[-1][0] < 0.1
    assert state.accuracy() > 0.9


def test_the_same_seed_trains_the_same():
    one, two = (Playground(Settings(seed=4)) for _ in range(2))
    one.train(3)
    two.train(3)
    assert one.history == two.history
    two.reset()
    assert two.epoch == 0
    assert two.history[0] == one.history[0]


@pytest.mark.parametrize(("change", "anew"), [({"rate": 0.3}, False), ({"penalty": "L2"}, False)] + [
    (change, True)
    for change in (
        {"hidden": (3,)}, {"activation": "ReLU"}, {"features": ("x1",)}, {"sample": "spirals"}, {"noise": 0.2}
    )
])  # fmt: skip
def test_only_what_changes_the_network_starts_it_anew(change, anew):
    state = Playground()
    state.train(2)
    state.choose(with_changes(state.settings, change))
    assert (state.epoch == 0) == anew


def test_maps_show_the_inputs_and_the_output():
    state = Playground(Settings(features=("x1", "x2"), hidden=(3, 2)))
    output, neurons = state.maps()
    assert output.shape == (POINTS, POINTS)
    assert neurons.shape == (2 + 3 + 2, COARSE, COARSE)
    assert (np.diff(neurons[0].astype(int), axis=1) > 0).all()  # x1 grows to the right
    assert (np.diff(neurons[1].astype(int), axis=0) < 0).all()  # x2 grows upwards
    state.network.biases[-1][:] = 100.0
    assert (state.maps()[0] == 255).all()


def test_a_network_without_hidden_layer_draws_a_line():
    state = Playground(Settings(sample="electrons and jets", hidden=()))
    state.train(30)
    assert state.accuracy() > 0.85
    assert state.maps()[1].shape == (2, COARSE, COARSE)


def test_a_rate_far_too_large_is_drawn_too():
    state = Playground(Settings(sample="boosted pairs", activation="ReLU", hidden=(8, 8), rate=1e200))
    state.train(20)
    output, _ = state.maps()
    assert output.dtype == np.uint8
    json.dumps([state.weights(), state.accuracy()], allow_nan=False)


def test_a_loss_that_is_no_number_reaches_the_page_as_none(live):
    widget, sent = live
    widget.state.network.biases[-1][:] = np.nan
    widget._answer(widget, {"do": "step"}, [])
    assert sent[0][0]["losses"] == [[None, None]]
    json.dumps(sent[0][0], allow_nan=False)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"sample": "muons"}, "no sample 'muons'"),
        ({"activation": "relu"}, "no activation 'relu'"),
        ({"penalty": "L3"}, "no penalty 'L3'"),
        ({"hidden": (9,)}, "1 to 8 neurons"),
        ({"hidden": (2,) * 5}, "at most 4 hidden layers"),
    ],
)
def test_settings_that_cannot_be_get_a_sentence(wrong, says):
    with pytest.raises(CourseError, match=says):
        Settings(**wrong)


# -- the widget -------------------------------------------------------------------------------------


@pytest.fixture
def live(monkeypatch):
    """A widget and what it sends to the page."""
    widget, sent = PlaygroundWidget(Settings(sample="boosted pairs", hidden=(3,))), []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append((content, buffers)))
    yield widget, sent
    widget.close()


def test_a_step_is_answered_by_one_picture(live):
    widget, sent = live
    widget._answer(widget, {"do": "step", "epochs": 5}, [])
    ((content, buffers),) = sent
    assert content["epoch"] == widget.state.epoch == 5
    assert content["losses"] == [list(widget.state.history[-1])]
    assert "events" not in content
    assert [len(one) for one in buffers] == [POINTS**2, 5 * COARSE**2]
    assert np.shape(content["weights"][0]) == (2, 3)


def test_look_and_reset_send_the_events_and_the_history_too(live):
    widget, sent = live
    widget.state.train(3)
    for do in ("look", "reset"):
        widget._answer(widget, {"do": do}, [])
    (look, _), (reset, _) = sent
    assert (look["epoch"], len(look["losses"])) == (3, 4)
    assert (reset["epoch"], len(reset["losses"])) == (0, 1)
    assert np.shape(reset["events"]) == (500, 4)
    json.dumps(reset, allow_nan=False)


def test_the_page_cannot_ask_for_everything(live):
    widget, sent = live
    for message in ("step", None, {}, {"do": "format the disk"}):
        widget._answer(widget, message, [])
    assert sent == []
    widget._answer(widget, {"do": "step", "epochs": 10**9}, [])
    assert widget.state.epoch == MOST_EPOCHS


def test_a_change_of_the_settings_reaches_the_network_and_the_page(live, monkeypatch):
    widget, sent = live
    widget.state.train(2)
    widget.settings = {**widget.settings, "rate": 0.3}
    assert widget.state.settings.rate == 0.3
    widget.settings = {**widget.settings, "hidden": [5, 2]}
    assert widget.state.settings.hidden == (5, 2)
    assert [content["columns"] for content, _ in sent] == [[2, 3], [2, 5, 2]]
    assert ["events" in content for content, _ in sent] == [False, True]


def test_settings_that_cannot_be_are_refused_and_change_nothing(live):
    widget, _ = live
    with pytest.raises(traitlets.TraitError, match="1 to 8 neurons"):
        widget.settings = {**widget.settings, "hidden": [99]}
    assert widget.settings["hidden"] == [3]
    assert widget.state.settings.hidden == (3,)


def test_one_output_holds_the_playground_and_a_still_picture(monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    widgets.playground(sample="spirals", hidden=(4, 2), epochs=7)
    (data,) = outputs
    assert set(data) == {"text/plain", "image/png", VIEW}
    assert data["text/plain"].startswith("spirals, 4-2, tanh: loss after 7 epochs ")
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")


def test_the_still_picture_shows_every_neuron_the_output_and_both_losses():
    state = Playground(Settings(hidden=(3, 2)))
    state.train(4)
    figure = draw_still(state)
    with_image = [ax for ax in figure.axes if ax.get_images()]
    assert len(with_image) == 2 + 3 + 2 + 1
    losses = next(ax for ax in figure.axes if ax.get_ylabel() == "cross-entropy")
    train, test = losses.get_lines()
    np.testing.assert_array_equal(train.get_ydata(), [pair[0] for pair in state.history])
    np.testing.assert_array_equal(test.get_ydata(), [pair[1] for pair in state.history])


def test_the_still_picture_draws_each_weight_in_the_colour_of_its_sign():
    state = Playground(Settings(hidden=(3, 2)))
    lines = draw_still(state).findobj(ConnectionPatch)
    weights = [w for matrix in state.weights() for row in matrix for w in row]
    assert len(lines) == len(weights) == 2 * 3 + 3 * 2 + 2
    for line, w in zip(lines, weights, strict=True):
        assert to_hex(line.get_edgecolor()) == to_hex(SIGNAL if w >= 0 else BACKGROUND)
        assert line.get_linewidth() == pytest.approx(min(0.3 + abs(w), 5))


def test_the_pages_files_lie_beside_the_module_and_load_nothing_from_elsewhere():
    for text in (PlaygroundWidget._esm, PlaygroundWidget._css):
        assert len(str(text)) > 500
        assert "http" not in str(text)
        assert "import " not in str(text)
