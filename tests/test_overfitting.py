"""The parts of lesson 06: time walk, the slider over polynomials, and networks trained as copies."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from hepml_course.errors import CourseError
from hepml_course.simulate import crossing_time, time_walk
from hepml_course.simulate.timewalk import HEIGHTS, NOISE, PEAKING_TIME
from hepml_course.widgets import polynomial

# -- time walk -----------------------------------------------------------------------------------


def test_the_pulse_is_at_the_threshold_at_the_crossing_time():
    height = np.array([1.0, 1.5, 4.0, 20.0])
    t = crossing_time(height)
    np.testing.assert_allclose(height * t / PEAKING_TIME * np.exp(1 - t / PEAKING_TIME), 1)
    assert t[0] == pytest.approx(PEAKING_TIME, rel=1e-6)
    assert (np.diff(t) < 0).all()


def test_a_pulse_below_the_threshold_is_refused():
    with pytest.raises(CourseError, match="never crosses"):
        crossing_time([2.0, 0.9])
    with pytest.raises(CourseError, match="2 pulses or more"):
        time_walk(1, rng=0)


def test_runs_scatter_around_the_truth_with_the_stated_noise():
    run = time_walk(25, rng=1, sets=4000)
    assert run.time.shape == (4000, 25)
    assert HEIGHTS[0] < run.height.min() < run.height.max() < HEIGHTS[1]
    pull = (run.time - crossing_time(run.height)) / NOISE
    assert np.abs(pull.mean(axis=0)).max() < 5 / np.sqrt(4000)
    assert pull.std() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(time_walk(25, rng=1).time, time_walk(25, rng=1).time)


# -- the slider ----------------------------------------------------------------------------------


@pytest.fixture
def pages(monkeypatch):
    """What the slider would show: the function that draws a page, and the number of pages."""
    shown = {}
    monkeypatch.setattr(
        polynomial, "slide", lambda draw, pages, **rest: shown.update(draw=draw, pages=pages, **rest)
    )
    return shown


def test_the_error_on_fitted_points_falls_to_zero_and_that_on_new_ones_does_not():
    run, new = time_walk(12, rng=3), time_walk(50, rng=4)
    on_fitted, on_new = polynomial.polynomial_errors(run, new, 12)
    assert (np.diff(on_fitted) < 1e-9).all()
    assert on_fitted[-1] < 1e-6
    assert on_new.min() > 0.5 * NOISE
    assert on_new[-1] > on_new.min()


def test_a_page_draws_points_curve_and_the_errors_it_names(pages):
    run, new = time_walk(20, rng=2), time_walk(400, rng=7)
    polynomial.polynomial_degree(
        run, new, truth=crossing_time, axes=("height", "time / ns"), unit="ns", still=3
    )
    assert (pages["pages"], pages["name"], pages["still"]) == (16, "degree", 3)
    figure, words = pages["draw"](3)
    assert isinstance(figure, Figure)
    left, right = figure.axes
    fit = np.polynomial.Polynomial.fit(*run, 3)
    curve = {line.get_label(): line for line in left.lines}["degree 3"]
    np.testing.assert_allclose(curve.get_ydata(), fit(curve.get_xdata()))
    assert (left.get_xlabel(), right.get_ylabel()) == ("height", "RMS residual / ns")
    residual = np.sqrt(np.mean((fit(new.height) - new.time) ** 2))
    assert f"{residual:.3f} ns on new ones" in words
    marked = [line.get_ydata()[0] for line in right.lines if len(line.get_xdata()) == 1]
    assert residual == pytest.approx(marked[-1])


def test_without_truth_and_unit_nothing_is_invented(pages):
    run = time_walk(8, rng=2)
    polynomial.polynomial_degree(run, run, degrees=4)
    figure, words = pages["draw"](0)
    assert "truth" not in [line.get_label() for line in figure.axes[0].lines]
    assert figure.axes[1].get_ylabel() == "RMS residual"
    assert "  " not in words


def test_more_coefficients_than_points_are_refused(pages):
    run = time_walk(8, rng=2)
    with pytest.raises(CourseError, match="8 degrees at most"):
        polynomial.polynomial_degree(run, run, degrees=9)


# -- copies --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def copies(keras):
    from hepml_course import copies

    return copies


def _sample(n_copies=3, events=64, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n_copies, events, 2)).astype("float32")
    return x, (x.sum(axis=2, keepdims=True) > 0).astype("float32")


def _numpy(keras, tensor):
    return keras.ops.convert_to_numpy(keras.ops.copy(tensor))


def test_a_copy_computes_what_a_dense_layer_with_its_weights_computes(keras, copies):
    x, _ = _sample()
    layer = copies.Dense(5, "relu")
    got = _numpy(keras, layer(x))
    assert got.shape == (3, 64, 5)
    for k in range(3):
        plain = keras.layers.Dense(5, activation="relu")
        plain.build((None, 2))
        plain.set_weights([_numpy(keras, layer.kernel)[k], _numpy(keras, layer.bias)[k, 0]])
        np.testing.assert_allclose(got[k], _numpy(keras, plain(x[k])), atol=1e-5)


def test_weights_start_with_the_size_that_relu_needs_and_differ_between_copies(keras, copies):
    layer = copies.Dense(400)
    layer.build((2, None, 50))
    kernel = _numpy(keras, layer.kernel)
    assert kernel.std() == pytest.approx(np.sqrt(2 / 50), rel=0.02)
    assert not np.allclose(kernel[0], kernel[1])


def test_the_penalty_of_each_copy_is_that_of_keras(keras, copies):
    x, _ = _sample()
    layer = copies.Dense(4, l1=0.1, l2=0.01)
    layer(x)
    kernel = _numpy(keras, layer.kernel)
    penalty = keras.regularizers.L1L2(0.1, 0.01)
    expected = np.mean([float(penalty(k)) for k in kernel])
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)


def _model(keras, layers, n_copies=3):
    model = keras.Sequential([keras.Input(batch_shape=(n_copies, None, 2)), *layers])
    model.compile(keras.optimizers.Adam(0.01), loss="binary_crossentropy")
    return model


def test_copies_do_not_mix(keras, copies):
    x, y = _sample()
    results = []
    for spoil in (False, True):
        keras.utils.set_random_seed(1)
        model = _model(keras, [copies.Dense(8, "relu"), copies.Dense(1, "sigmoid")])
        labels = y.copy()
        if spoil:
            labels[1] = 1 - labels[1]
        for _ in range(20):
            model.train_on_batch(x, labels)
        results.append(_numpy(keras, model(x)))
    np.testing.assert_allclose(results[0][[0, 2]], results[1][[0, 2]], atol=1e-5)
    assert np.abs(results[0][1] - results[1][1]).max() > 0.1


def test_normalisation_averages_over_the_events_of_a_copy(keras, copies):
    x, _ = _sample()
    x = x * np.array([1, 5, 20], dtype="float32")[:, None, None] + 3
    layer = copies.BatchNormalization(momentum=0.0)
    got = _numpy(keras, layer(x, training=True))
    np.testing.assert_allclose(got.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(got.std(axis=1), 1, atol=1e-2)
    later = _numpy(keras, layer(x[:, :1], training=False))
    np.testing.assert_allclose(later, got[:, :1], atol=1e-3)


def test_dropout_drops_at_the_rate_of_each_copy_and_keeps_the_mean(keras, copies):
    ones = np.ones((2, 400, 50), dtype="float32")
    layer = copies.Dropout([0.2, 0.8])
    got = _numpy(keras, layer(ones, training=True))
    np.testing.assert_allclose((got == 0).mean(axis=(1, 2)), [0.2, 0.8], atol=0.02)
    np.testing.assert_allclose(got.mean(axis=(1, 2)), 1, atol=0.06)
    np.testing.assert_array_equal(_numpy(keras, layer(ones, training=False)), ones)


def test_best_so_far_restores_every_copy_to_its_own_best_step(keras, copies):
    model = _model(keras, [copies.Dense(1, "sigmoid")])
    best = copies.BestSoFar(model)
    for step, loss in enumerate([[3, 1, 2], [2, 2, 2], [4, 4, 1]]):
        model.layers[0].kernel.assign(np.full((3, 2, 1), step, dtype="float32"))
        best.look(step, loss)
    np.testing.assert_array_equal(best.step, [1, 0, 2])
    best.restore()
    np.testing.assert_array_equal(_numpy(keras, model.layers[0].kernel)[:, 0, 0], [1, 0, 2])


# -- the words that the lesson promises -----------------------------------------------------------


def test_the_check_of_dropout_names_the_trap():
    from answers.overfitting import keeps_rate

    from hepml_course.checks import verdict

    assert "`rate` is the share that is dropped" in verdict("overfitting.dropout", keeps_rate).text
