"""Toy samples: seeds, shapes, and agreement with the densities they claim to have."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from hepml_course.errors import CourseError
from hepml_course.metrics import accuracy, auc, best_cut
from hepml_course.simulate import electron_jet_llr, electrons_and_jets, xor_points
from hepml_course.simulate.points import CRITICAL_ENERGY, ELECTRON, ENERGY, JET, MOLIERE_RADIUS, _across


@pytest.mark.parametrize("draw", [electrons_and_jets, xor_points])
def test_as_many_of_each_class_in_random_order_and_the_same_for_the_same_seed(draw):
    x, y = draw(500, 7)
    assert x.shape == (1000, 2)
    assert sorted(set(y)) == [-1, 1]
    assert y.sum() == 0
    assert abs(y[:500].sum()) < 100
    again = draw(500, np.random.default_rng(7))
    np.testing.assert_array_equal(x, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert not np.array_equal(x, draw(500, 8)[0])


def test_a_generator_moves_on():
    rng = np.random.default_rng(1)
    assert not np.array_equal(electrons_and_jets(5, rng)[0], electrons_and_jets(5, rng)[0])


def test_electron_numbers_are_those_of_the_formulas():
    np.testing.assert_allclose(ELECTRON.mean, [1.026, 8.054], atol=1e-3)
    assert ELECTRON.mean[1] == pytest.approx(np.log(ENERGY / CRITICAL_ENERGY) - 0.5)
    r = np.linspace(0, 2000 * MOLIERE_RADIUS, 4_000_001)
    c = MOLIERE_RADIUS / 3
    profile = 2 * r * c**2 / (r**2 + c**2) ** 2
    inside = np.trapezoid(np.where(r <= MOLIERE_RADIUS, profile, 0), r)
    assert inside == pytest.approx(0.9, abs=1e-3)
    assert np.trapezoid(r * profile, r) == pytest.approx(ELECTRON.mean[0], rel=2e-3)


@pytest.mark.parametrize(("y_class", "density"), [(1, ELECTRON), (-1, JET)])
def test_showers_follow_their_density(y_class, density):
    n = 50_000
    x, y = electrons_and_jets(n, 3)
    x = x[y == y_class]
    spread = np.sqrt(np.diag(density.covariance))
    assert np.all(np.abs(x.mean(axis=0) - density.mean) < 4 * spread / np.sqrt(n))
    np.testing.assert_allclose(np.cov(x.T), density.covariance, atol=4 * spread.max() ** 2 * np.sqrt(2 / n))


def test_log_density_is_scipys():
    x = electrons_and_jets(100, 5)[0]
    for density in (ELECTRON, JET):
        expected = multivariate_normal(density.mean, density.covariance).logpdf(x)
        np.testing.assert_allclose(density.log_density(x), expected)


def test_the_likelihood_ratio_beats_every_cut_and_every_other_direction():
    x, y = electrons_and_jets(20_000, 11)
    limit = accuracy(electron_jet_llr(x), y)
    for k in (0, 1):
        assert limit.value > accuracy(x[:, k] < best_cut(x[:, k], y), y).value + 0.05
    ratio = electron_jet_llr(x)
    for angle in np.linspace(0, np.pi, 30):
        score = np.cos(angle) * x[:, 0] / 0.3 + np.sin(angle) * x[:, 1] / 1.4
        assert auc(ratio, y > 0).value > auc(-score, y > 0).value
    # E[exp(-llr)] over electrons is the integral of the jets' density: 1
    electrons = x[y > 0]
    assert np.exp(-electron_jet_llr(electrons)).mean() == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("margin", [0.0, 0.5, 1.0])
def test_with_a_margin_the_classes_lie_apart_by_it(margin):
    x, y = electrons_and_jets(3000, 2, margin=margin)
    distance = y * _across(x)
    assert margin / 2 < distance.min() < margin / 2 + 0.02
    assert len(x) == 6000
    assert y.sum() == 0


def test_without_a_margin_they_overlap():
    x, y = electrons_and_jets(3000, 2)
    assert (y * _across(x) < 0).any()


def test_opposite_charges_fill_two_opposite_quadrants():
    x, y = xor_points(1000, 4)
    np.testing.assert_array_equal(np.sign(x.prod(axis=1)), -y)
    assert 1.0 <= np.abs(x).min() < np.abs(x).max() <= 2.5
    quadrants = np.unique(np.sign(x), axis=0, return_counts=True)[1]
    assert quadrants.min() > 400


def test_impossible_requests_get_a_sentence():
    with pytest.raises(CourseError, match="cannot be -1"):
        electrons_and_jets(5, 1, margin=-1)
    with pytest.raises(CourseError, match=r"shape \(n, 2\)"):
        electron_jet_llr([1.0, 2.0])
