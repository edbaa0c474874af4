"""Lesson 01: its samples, the width of a response, the figures and the things to move."""

import matplotlib as mpl

mpl.use("Agg")

import base64

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.metrics import profile, relative_width
from hepml_course.simulate import (
    calorimeter_deposits,
    jet_response,
    measured_jets,
    mixed_channels,
    two_arcs,
)
from hepml_course.simulate.arcs import RADIUS
from hepml_course.simulate.channels import MIXING, NOISE
from hepml_course.simulate.deposits import PHOTONS, WIDEST
from hepml_course.simulate.response import HIGHEST, LOWEST, jet_resolution
from hepml_course.widgets.learning import LineByHand

VIEW = "application/vnd.jupyter.widget-view+json"


# -- samples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: measured_jets(50, r),
        lambda r: mixed_channels(50, r),
        calorimeter_deposits,
        lambda r: two_arcs(9, r),
    ],
)
def test_a_seed_gives_the_same_sample_and_another_seed_another(draw):
    first, again, other = draw(3), draw(np.random.default_rng(3)), draw(4)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(not np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_jets_have_the_response_and_the_resolution_that_is_promised():
    jets = measured_jets(100_000, 1)
    ratio = jets.measured / (jets.true * jet_response(jets.true, jets.eta))
    pull = (ratio - 1) / jet_resolution(jets.true)
    assert abs(pull.mean()) < 4 / np.sqrt(len(pull))
    assert pull.std() == pytest.approx(1, abs=0.01)
    assert jet_response(100.0, 0.0) == pytest.approx(0.80, abs=1e-6)
    assert jet_response(100.0, -1.4) == pytest.approx(0.80 * 0.8)
    assert jet_resolution(64.0) == pytest.approx(np.hypot(0.1, 0.05))


def test_the_two_spectra_have_their_shapes():
    flat, falling = (measured_jets(50_000, 2, spectrum=name).true for name in ("flat", "falling"))
    for true in (flat, falling):
        assert LOWEST <= true.min() < true.max() <= HIGHEST
    assert np.mean(np.log(flat)) == pytest.approx(np.log(LOWEST * HIGHEST) / 2, abs=0.02)
    assert np.mean(falling > 2 * LOWEST) == pytest.approx(2.0**-4, abs=0.005)  # integral of pT^-5


def test_an_unknown_spectrum_gets_a_sentence():
    with pytest.raises(CourseError, match="'flat' or 'falling', not 'steep'"):
        measured_jets(5, 1, spectrum="steep")


def test_deposits_lie_around_their_photon():
    position, energy, photon = calorimeter_deposits(5)
    distance = np.linalg.norm(position - PHOTONS[photon, :2], axis=1)
    assert distance.max() <= WIDEST
    assert np.median(distance) == pytest.approx(0.035, abs=0.01)
    np.testing.assert_array_equal(np.bincount(photon), PHOTONS[:, 2])
    assert (energy > 0).all()


def test_channels_are_the_mixture_of_their_sources():
    time, recorded, sources = mixed_channels(4000, 6)
    assert time[0] == 0
    np.testing.assert_allclose(sources.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(sources.var(axis=1), 1)
    assert np.std(recorded - MIXING @ sources) == pytest.approx(NOISE, rel=0.05)


def test_arcs_are_half_circles_that_keep_apart():
    position, charge = two_arcs(500, 7, smearing=0.0)
    centre = np.column_stack([-0.5 * charge * RADIUS, -0.25 * charge * RADIUS])
    np.testing.assert_allclose(np.linalg.norm(position - centre, axis=1), RADIUS)
    plus, minus = position[charge > 0], position[charge < 0]
    assert np.linalg.norm(plus[:, None] - minus, axis=2).min() > 0.2 * RADIUS


# -- metrics -----------------------------------------------------------------------------------------


def test_a_profile_is_the_mean_in_each_bin():
    x, mean, error = profile([0.0, 0.5, 1.0, 1.5, 1.9, 5.0], [1.0, 3.0, 4.0, 4.0, 7.0, 9.0], [0, 1, 2, 6])
    np.testing.assert_allclose(x, [0.25, (1.0 + 1.5 + 1.9) / 3])  # the last bin has one entry: left out
    np.testing.assert_allclose(mean, [2, 5])
    np.testing.assert_allclose(error, [1, 1])


def test_the_errors_of_a_profile_cover():
    rng = np.random.default_rng(3)
    pulls = []
    for _ in range(200):
        x = rng.uniform(0, 1, 400)
        _, mean, error = profile(x, rng.normal(2, 3, 400), [0, 0.25, 0.5, 0.75, 1])
        pulls += list((mean - 2) / error)
    assert np.std(pulls) == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("draw", ["normal", "gamma"])
def test_the_error_of_a_width_covers_for_skewed_values_too(draw):
    rng = np.random.default_rng(8)
    shape = {"normal": lambda: rng.normal(1, 0.2, 300), "gamma": lambda: rng.gamma(1, 1, 2000)}[draw]
    truth = {"normal": 0.2, "gamma": 1.0}[draw]
    pulls = [(w.value - truth) / w.error for w in (relative_width(shape()) for _ in range(400))]
    assert np.std(pulls) == pytest.approx(1, abs=0.12)
    assert abs(np.mean(pulls)) < 0.25


def test_a_width_does_not_depend_on_the_scale():
    values = np.random.default_rng(1).normal(1, 0.1, 50)
    np.testing.assert_allclose(relative_width(values), relative_width(7 * values))


@pytest.mark.parametrize("values", [[1.0], [1.0, np.nan], [2.0, 2.0], [-1.0, -2.0], [[1.0, 2.0]]])
def test_a_width_of_nonsense_gets_a_sentence(values):
    with pytest.raises(CourseError):
        relative_width(values)
    with pytest.raises(CourseError, match="do not belong together"):
        profile([1.0, 2.0], [1.0], [0, 3])


# -- figures -----------------------------------------------------------------------------------------

X, Y, ERROR = np.array([-1.0, 0.0, 1.0, 2.0]), np.array([1.0, 2.2, 2.9, 4.2]), np.array([0.1, 0.2, 0.1, 0.2])


def test_points_are_joined_to_the_line():
    ax = plot.line_through_points(X, Y, ERROR, (2.0, 1.0))
    lengths = [np.ptp(path[:, 1]) for path in ax.collections[0].get_segments()]
    np.testing.assert_allclose(lengths, np.abs(Y - 2 - X))
    x, y = ax.get_lines()[-1].get_data()
    np.testing.assert_allclose(y, 2 + x)


def test_the_star_of_the_plane_is_the_closed_form_and_the_view_holds_the_path():
    path = np.array([[5.0, -2.0], [3.0, 0.5]])
    ax = plot.chi2_plane(X, Y, ERROR, path=path)
    star = ax.get_lines()[-1].get_xydata()[0]
    np.testing.assert_allclose(star, np.polyfit(X, Y, 1, w=1 / ERROR)[::-1])
    assert ax.get_xlim()[1] > 5
    assert ax.get_ylim()[0] < -2


def test_the_first_contour_of_the_plane_reaches_one_standard_deviation():
    ax = plot.chi2_plane(X, Y, ERROR)
    contours = ax.collections[0]
    assert contours.levels[0] == 1
    reach = np.ptp(contours.get_paths()[0].vertices, axis=0) / 2
    _, covariance = np.polyfit(X, Y, 1, w=1 / ERROR, cov="unscaled")
    np.testing.assert_allclose(reach, np.sqrt(np.diag(covariance))[::-1], rtol=0.02)


def test_deposits_differ_by_group_and_grow_with_energy():
    ax = plot.deposits(
        [[0, 0], [1, 1], [2, 0]], [1.0, 2.0, 3.0], group=[0, 1, 1], centres=[[0, 0], [1.5, 0.5]]
    )
    first, second = ax.collections
    assert tuple(first.get_facecolor()[0]) != tuple(second.get_facecolor()[0])
    np.testing.assert_allclose(second.get_sizes() / first.get_sizes()[0], [2, 3])
    np.testing.assert_array_equal(ax.get_lines()[0].get_xydata(), [[0, 0], [1.5, 0.5]])


def test_signals_stand_in_columns_with_titles():
    _, axes = plt.subplots(2, 2)
    time = np.arange(5.0)
    plot.signals(time, [("a", [time, -time]), ("b", [2 * time, time])], axes=axes)
    assert [ax.get_title() for ax in axes[0]] == ["a", "b"]
    np.testing.assert_array_equal(axes[1][0].get_lines()[0].get_ydata(), -time)


WALLS = ["#####", "#..E#", "#####"]


def test_an_arrow_points_along_the_best_move_and_a_dot_says_unknown():
    q = np.zeros((3, 5, 4))
    q[1, 2, 1] = 1.0  # right, to the exit
    ax = plot.maze(WALLS, q)
    arrows = next(c for c in ax.collections if hasattr(c, "U"))
    np.testing.assert_array_equal([arrows.X, arrows.Y, arrows.U, arrows.V], [[2], [1], [1], [0]])
    np.testing.assert_array_equal(ax.get_lines()[-1].get_xydata(), [[1, 1]])
    for move, (u, v) in enumerate([(0, 1), (1, 0), (0, -1), (-1, 0)]):
        q[1, 2] = np.arange(4) == move
        arrows = next(
            c for c in plot.maze(WALLS, q, ax=plt.figure().subplots()).collections if hasattr(c, "U")
        )
        assert (arrows.U[0], arrows.V[0]) == (u, v)


# -- widgets -----------------------------------------------------------------------------------------


def test_by_hand_every_line_is_remembered_and_the_best_is_named():
    hand = LineByHand(X, Y, ERROR, (0.0, 3.0), (0.0, 2.0), ("x", "y"))
    assert hand.attempt(2.0, 1.0).startswith("χ² = 3.0 for 4 points with a = 2.000, b = 1.000.")
    assert "Best so far 3.0 at a = 2.000, b = 1.000." in hand.attempt(0.0, 0.0)
    left, right = hand.picture().axes[:2]
    np.testing.assert_array_equal(right.collections[0].get_offsets(), [[2, 1], [0, 0]])
    np.testing.assert_allclose(left.get_lines()[-1].get_ydata(), 0)


def test_moving_the_slope_changes_picture_and_words(shown, made):
    widgets.line_by_hand(X, Y, ERROR, slopes=(0.0, 3.0), intercepts=(1.0, 4.0))
    (data,) = shown
    assert set(data) == {"text/plain", "image/png", VIEW}
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    slope, intercept = made(ipywidgets.FloatSlider)
    (page,) = made(ipywidgets.HTML)
    before = page.value
    slope.value = 1.0
    assert page.value != before
    assert "b = 1.000" in page.value
    intercept.value = 2.0
    assert "Best so far 3.0" in page.value


def test_the_steps_of_k_means_show_groups_and_their_energy(shown, made):
    position, energy = np.array([[0.0, 0.0], [1.0, 0.0], [1.2, 0.0]]), np.array([1.0, 2.0, 4.0])
    widgets.kmeans_steps(
        position, energy, [np.array([[0.0, 0.0], [0.9, 0.0]]), np.array([[0.0, 0.0], [1.1, 0]])]
    )
    assert shown[0]["text/plain"].startswith("After 0 steps: ")
    (slider,), (page,) = made(ipywidgets.IntSlider), made(ipywidgets.HTML)
    slider.value = 1
    assert "After 1 step: root mean square distance 0.093; groups of 1, 6 GeV." in page.value


def test_the_policy_says_how_many_cells_have_a_preferred_move(shown, made):
    empty, learned = np.zeros((3, 5, 4)), np.zeros((3, 5, 4))
    learned[1, 2, 1] = 1.0
    widgets.policy_steps(WALLS, [empty, learned], (0, 10))
    assert shown[0]["text/plain"] == "After 10 episodes: a preferred move in 1 of 2 cells."
    (slider,), (page,) = made(ipywidgets.SelectionSlider), made(ipywidgets.HTML)
    assert "After 0 episodes: a preferred move in 0 of 2 cells." in page.value
    slider.value = 1
    assert "After 10 episodes" in page.value
