"""Fleets of networks, and the figures and the slider of searches."""

import numpy as np
import pandas as pd
import pytest

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.fleet import Fleet


@pytest.fixture(scope="module")
def parts():
    rng = np.random.default_rng(1)

    def part(n):
        y = rng.integers(0, 2, n)
        return rng.normal(0.8 * y[:, None], 1, (n, 3)), y, rng.uniform(0.5, 2, n)

    return part(600), part(400)


def weights_of(fleet):
    return [np.array(w.value.numpy()) for w in fleet._model.trainable_weights]


def plain(fleet, number, inputs, activation="relu", rate=0.01):
    """The same network as one of a fleet, in plain Keras with the same weights."""
    import keras

    weights = [w[number] for w in weights_of(fleet)]
    widths = [bias.shape[0] for bias in weights[1::2]]
    layers = [keras.layers.Dense(width, activation) for width in widths[:-1]]
    model = keras.Sequential([keras.Input((inputs,)), *layers, keras.layers.Dense(1, "sigmoid")])
    model.set_weights(weights)
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy")
    return model


@pytest.mark.slow
def test_each_network_of_a_fleet_learns_what_it_would_learn_alone(parts):
    (x, y, w), validation = parts
    fleet = Fleet(2, inputs=3, width=6, rate=[0.01, 0.03], seed=3)
    alone = [plain(fleet, number, 3, rate=rate) for number, rate in enumerate((0.01, 0.03))]
    fleet.fit((x, y, w), validation, batch_size=600, epochs=8, every=8)
    for number, model in enumerate(alone):
        model.fit(x, y, sample_weight=w, batch_size=600, epochs=8, verbose=0, shuffle=False)
        np.testing.assert_allclose(
            fleet.scores(validation[0])[:, number], np.asarray(model(validation[0]))[:, 0], atol=2e-5
        )


@pytest.mark.slow
def test_a_network_is_as_narrow_as_asked_and_the_others_do_not_disturb_it(parts):
    train, validation = parts
    fleet = Fleet(2, inputs=3, width=[2, 5], depth=2, rate=0.01, seed=4)
    before = weights_of(fleet)
    fleet.fit(train, validation, batch_size=200, epochs=2, every=2)
    after = weights_of(fleet)
    moved = [np.abs(a - b) for a, b in zip(after, before, strict=True)]
    assert (moved[0][0, :, :2] > 0).any()
    assert (moved[0][0, :, 2:] == 0).all()  # neurons that are cut get no gradient
    assert (moved[2][1] > 0).any()
    assert np.abs(before[2][0]).max() <= np.sqrt(6 / 4) + 1e-6
    assert np.abs(before[2][1]).max() <= np.sqrt(6 / 10) + 1e-6


@pytest.mark.slow
def test_settings_reach_their_network(parts):
    train, validation = parts
    still = Fleet(3, inputs=3, width=4, rate=[0.0, 0.01, 0.01], epsilon=[1e-7, 1e-7, 1e6], seed=5)
    before = weights_of(still)
    still.fit(train, validation, batch_size=300, epochs=2, every=2)
    change = np.abs(weights_of(still)[0] - before[0]).max(axis=(1, 2))
    assert change[0] == 0
    assert change[1] > 1e-3
    assert change[2] < 1e-6
    strong = Fleet(2, inputs=3, width=4, rate=0.02, l2=[0.0, 1.0], seed=6)
    strong.fit(train, validation, batch_size=100, epochs=20, every=20)
    free, held = np.abs(weights_of(strong)[0]).mean(axis=(1, 2))
    assert held < 0.1 * free


@pytest.mark.slow
def test_dropout_normalisation_another_optimiser_and_a_falling_rate_train(parts):
    import keras

    train, validation = parts
    sgd = keras.optimizers.SGD(0.1, momentum=0.9)
    for settings in ({"dropout": 0.2, "normalise": True}, {"optimizer": sgd}, {"decay": 60}):
        fleet = Fleet(2, inputs=3, width=8, rate=0.03, **settings)
        looks = fleet.fit(train, validation, batch_size=200, epochs=20, every=10)
        assert looks.shape == (2, 2)
        assert (looks[-1] > 0.6).all()
        assert fleet.seconds > 0
    last = weights_of(fleet)
    fleet.fit(train, validation, batch_size=200, epochs=1)  # the rate has fallen to zero
    np.testing.assert_allclose(weights_of(fleet)[0], last[0], atol=1e-6)


def test_a_setting_with_the_wrong_number_of_values_gets_a_sentence():
    with pytest.raises(CourseError, match=r"rate has shape \(3,\): give one value, or one for each of 2"):
        Fleet(2, rate=[0.1, 0.2, 0.3])


# -- figures ---------------------------------------------------------------------------------------


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "rate": [1e-4, 1e-3, 1e-2, 1e-1],
            "depth": [1, 2, 2, 3],
            "activation": ["relu", "tanh", "relu", "tanh"],
            "auc": [0.80, 0.90, 0.91, np.nan],
        }
    )


def test_parallel_coordinates_place_numbers_words_and_logarithms(trials):
    ax = plot.parallel_coordinates(trials, "auc", label="AUC")
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 4]
    assert len(lines) == 3  # a pruned trial has no score
    worst, middle, best = (line.get_ydata() for line in lines)  # the best is drawn last
    np.testing.assert_allclose(worst, [0, 0, 0, 0])
    np.testing.assert_allclose(middle, [0.5, 1, 1, 0.10 / 0.11])
    np.testing.assert_allclose(best, [1, 1, 0, 1])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["rate (log)", "depth", "activation", "AUC"]


def test_parallel_coordinates_label_every_depth_and_activations_that_no_trial_had(trials):
    trials["activation"] = pd.Categorical(trials.activation, ["elu", "relu", "tanh"])
    trials.loc[2, "depth"] = 3
    ax = plot.parallel_coordinates(trials, "auc")
    marks = {(mark.xy[0], mark.get_text()): mark.xy[1] for mark in ax.texts}
    assert [marks[1, depth] for depth in "123"] == [0, 0.5, 1]
    assert [marks[2, word] for word in ("elu", "relu", "tanh")] == [0, 0.5, 1]
    assert (marks[0, "0.0001"], marks[0, "0.01"]) == (0, 1)


def test_parallel_coordinates_need_two_trials(trials):
    with pytest.raises(CourseError, match="1 finished trials make no picture"):
        plot.parallel_coordinates(trials[:1], "auc")


def test_a_scan_shows_mean_and_standard_error():
    ax = plot.setting_scan([1, 1, 2, 2], [0.80, 0.90, 0.7, 0.7])
    line, _, (bars,) = ax.containers[0]
    np.testing.assert_allclose(line.get_xydata(), [[1, 0.85], [2, 0.7]])
    low, high = bars.get_segments()[0][:, 1]
    assert (high - low) / 2 == pytest.approx(0.05)


@pytest.fixture
def searches():
    grid = pd.DataFrame({"rate": [1e-3, 1e-2], "width": [4, 8], "value": [0.85, 0.80]})
    luck = pd.DataFrame({"rate": [2e-3, 5e-3], "width": [5, 9], "value": [0.70, 0.90]})
    x, y = np.geomspace(1e-3, 1e-1, 5), np.geomspace(2, 32, 4)
    return {"grid": grid, "random": luck}, (x, y, np.linspace(0.7, 0.9, 20).reshape(4, 5))


def test_the_plane_shows_the_points_and_their_last(searches):
    tables, surface = searches
    points = {name: (table["rate"], table["width"]) for name, table in tables.items()}
    ax = plot.search_plane(points, surface)
    lines = ax.get_lines()
    np.testing.assert_allclose(lines[0].get_xydata(), [[1e-3, 4], [1e-2, 8]])
    np.testing.assert_allclose(lines[1].get_xydata(), [[1e-2, 8]])
    assert ax.get_legend_handles_labels()[1] == ["grid", "random"]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_the_plane_has_plain_ticks_at_powers_of_two_and_shades_in_equal_steps(searches):
    ax = plot.search_plane({}, searches[1])
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    written = {label.get_position()[1]: label.get_text() for label in ax.get_yticklabels()}
    shown = [text for place, text in written.items() if low <= place <= high]
    assert shown == ["2", "4", "8", "16", "32"]
    bar = ax.figure.axes[1]
    steps = np.diff(bar.get_yticks())
    np.testing.assert_allclose(steps, steps[0])


def test_the_slider_of_searches_tells_trial_and_best(monkeypatch, searches):
    pages = []
    monkeypatch.setattr(
        "hepml_course.widgets.search.slide", lambda page, n, **options: pages.extend([page, n, options])
    )
    widgets.search_steps(*searches, limit=0.92)
    page, n, options = pages
    assert (n, options["still"], options["labels"]) == (2, 1, ["1", "2"])
    figure, words = page(1)
    assert "Trial 2: grid tries rate 0.01, width 8 and gets 0.8000, best so far 0.8500" in words
    assert "random tries rate 0.005, width 9 and gets 0.9000, best so far 0.9000" in words
    history = figure.axes[1]
    np.testing.assert_allclose(history.get_lines()[0].get_ydata(), [0.85, 0.85])
    assert history.get_xlim() == (0.5, 2.5)


def test_a_search_without_trials_gets_a_sentence(searches):
    with pytest.raises(CourseError, match="has nothing to show"):
        widgets.search_steps({"grid": searches[0]["grid"][:0]}, searches[1])
