"""What lesson 04 brings with it: the boosted pairs and their density, and the slider over a training."""

import numpy as np
import pytest

from hepml_course import widgets
from hepml_course.errors import CourseError
from hepml_course.metrics import auc
from hepml_course.plot.network import hidden_plane, network_border
from hepml_course.simulate import boosted_pair_llr, boosted_pairs, prongs, xor_points

# -- boosted pairs ----------------------------------------------------------------------------------


def test_pairs_repeat_with_their_seed_and_are_as_many_of_each_class():
    x, y = boosted_pairs(50, 3)
    assert x.shape == (100, 2)
    assert (y == 1).sum() == (y == -1).sum() == 50
    np.testing.assert_array_equal(x, boosted_pairs(50, np.random.default_rng(3))[0])


def test_the_quarks_of_a_w_keep_their_distance():
    x, y = boosted_pairs(5000, 1)
    distance = np.hypot(*x.T)
    nearest = 2 * prongs.MASS / prongs.PT
    assert np.mean(distance[y > 0] > nearest - 3 * prongs.RESOLUTION) > 0.995
    assert np.median(distance[y < 0]) < nearest
    assert abs(np.mean(np.arctan2(*x.T))) < 0.05


@pytest.mark.parametrize("distances", [prongs._signal_distance, prongs._background_distance])
def test_each_density_is_one_in_all(distances):
    u = (prongs._NODES + 1) / 2
    r = np.linspace(0, 1.3, 4001)
    density = np.exp(prongs._log_density(r, distances(u)))
    assert np.trapezoid(2 * np.pi * r * density, r) == pytest.approx(1, abs=1e-5)


def test_the_density_is_that_of_the_events():
    x, y = boosted_pairs(100_000, 2)
    u = (prongs._NODES + 1) / 2
    edges = np.linspace(0.1, 0.8, 15)
    r = np.linspace(0.1, 0.8, 1401)
    for label, distances in ((1, prongs._signal_distance), (-1, prongs._background_distance)):
        found = np.histogram(np.hypot(*x[y == label].T), edges)[0]
        density = 2 * np.pi * r * np.exp(prongs._log_density(r, distances(u)))
        steps = (density[1:] + density[:-1]) / 2 * np.diff(r)
        expected = 100_000 * steps.reshape(14, 100).sum(axis=1)
        pull = (found - expected) / np.sqrt(np.maximum(expected, 1))
        assert np.abs(pull).max() < 4.5


def test_nothing_beats_the_likelihood_ratio_and_a_window_comes_close():
    x, y = boosted_pairs(20_000, 4)
    best = auc(boosted_pair_llr(x), y > 0)
    window = auc(-np.abs(np.hypot(*x.T) - 0.45), y > 0)
    assert best.value > window.value > best.value - 0.02


def test_a_single_point_gets_a_sentence():
    with pytest.raises(CourseError, match="shape"):
        boosted_pair_llr([0.1, 0.2])


# -- the slider -------------------------------------------------------------------------------------


def forward(net, x):
    z, a = [], [x]
    for weights, biases in net:
        z.append(a[-1] @ weights + biases)
        a.append(np.tanh(z[-1]))
    return z, a


@pytest.fixture
def solved():
    """The lesson's solution of XOR by hand, with tanh for the steps."""
    return [
        (np.array([[3.0, -3.0], [-3.0, 3.0]]), np.array([-5.0, -5.0])),
        (np.array([[4.0], [4.0]]), np.array([4.0])),
    ]


@pytest.fixture
def leptons():
    return xor_points(30, 1)


def test_the_border_and_a_line_for_each_hidden_neuron_are_drawn(solved, leptons):
    ax = network_border(*leptons, solved, lambda x: forward(solved, x)[0][-1][:, 0])
    lines = [line for line in ax.get_lines() if hasattr(line, "get_xy1")]
    assert len(lines) == 2
    for line, sign in zip(lines, (1, -1), strict=True):
        points = np.array([line.get_xy1(), line.get_xy2()])
        np.testing.assert_allclose(sign * (points[:, 0] - points[:, 1]), 5 / 3)
    border = np.concatenate([path.vertices for path in ax.collections[-1].get_paths()])
    np.testing.assert_allclose(np.abs(border[:, 0] - border[:, 1]), 5 / 3, atol=0.1)


def test_the_hidden_plane_shows_the_last_neurons_line(solved, leptons):
    x, y = leptons
    ax = hidden_plane(forward(solved, x)[1][1], y, solved[1])
    line = next(line for line in ax.get_lines() if hasattr(line, "get_xy1"))
    points = np.array([line.get_xy1(), line.get_xy2()])
    np.testing.assert_allclose(points.sum(axis=1), -1, atol=1e-12)


def test_the_slider_tells_loss_and_accuracy(solved, leptons, monkeypatch):
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: outputs.append(data))
    nothing = [(np.zeros((2, 2)), np.zeros(2)), (np.zeros((2, 1)), np.zeros(1))]
    widgets.network_steps(*leptons, [nothing, nothing, solved], forward, steps=[0, 2], still=1)
    said = outputs[0]["text/plain"]
    assert said.startswith("After 2 steps: cross-entropy 0.0")
    assert said.endswith("100 % of the events are right.")


def test_the_slider_is_for_two_hidden_neurons(leptons):
    wide = [(np.zeros((2, 3)), np.zeros(3)), (np.zeros((3, 1)), np.zeros(1))]
    with pytest.raises(CourseError, match="two neurons"):
        widgets.network_steps(*leptons, [wide], forward, steps=[0])
