"""Metrics with negative weights, and the separation of two densities."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from hepml_course.errors import CourseError
from hepml_course.metrics import (
    auc,
    auc_difference,
    efficiency,
    efficiency_at,
    rejection_at,
    roc_curve,
    separation,
)


def signed_toy(n, rng, shift=1.0):
    """Classes of which a third has negative weight, in such a way that the densities stay Gaussian.

    The negative events of a class follow a wider Gaussian, and so do as many extra positive ones.
    """
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.5
    kind = rng.choice(3, n, p=[0.6, 0.2, 0.2])  # the density itself, and what cancels
    score = rng.normal(shift * y, np.where(kind == 0, 1.0, 1.5))
    return score, y, np.where(kind == 2, -1.0, 1.0)


def test_auc_is_the_sum_over_pairs_of_the_product_of_weights():
    score, y, w = signed_toy(300, 1)
    above = (score[y][:, None] > score[~y]) + 0.5 * (score[y][:, None] == score[~y])
    pairs = w[y][:, None] * w[~y]
    assert auc(score, y, w, signed=True).value == pytest.approx((above * pairs).sum() / pairs.sum())


def test_uncertainties_of_signed_samples_cover_the_truth():
    """Between two Gaussians of one width the AUC is Φ(d/√2), and the efficiency Φ(Φ⁻¹(ε_B) + d)."""
    truth = norm.cdf(1 / np.sqrt(2)), norm.cdf(norm.ppf(0.3) + 1)
    pulls = []
    for seed in range(300):
        score, y, w = signed_toy(4000, seed)
        area, kept = auc(score, y, w, signed=True), efficiency_at(0.3, score, y, w, signed=True)
        pulls.append([(e.value - t) / e.error for e, t in zip((area, kept), truth, strict=True)])
    assert np.std(pulls, axis=0) == pytest.approx([1, 1], abs=0.15)
    assert np.mean(pulls, axis=0) == pytest.approx([0, 0], abs=0.25)


def test_a_signed_curve_begins_at_nothing_and_ends_at_all_but_may_fall_between():
    score, y, w = signed_toy(2000, 3)
    curve = roc_curve(score, y, w, signed=True)
    assert (curve.background[[0, -1]], curve.signal[[0, -1]]) == (
        pytest.approx([0, 1]),
        pytest.approx([0, 1]),
    )
    assert (np.diff(curve.background) < 0).any()


def test_positive_weights_give_the_same_either_way():
    score, y, _ = signed_toy(500, 4)
    w = np.random.default_rng(4).exponential(size=500)
    other = score + np.random.default_rng(5).normal(size=500)
    for metric in (
        auc,
        lambda *a, **k: efficiency_at(0.2, *a, **k),
        lambda *a, **k: rejection_at(0.5, *a, **k),
    ):
        assert metric(score, y, w) == metric(score, y, w, signed=True)
    assert auc_difference(score, other, y, w) == auc_difference(score, other, y, w, signed=True)
    assert efficiency(score > 0, w) == efficiency(score > 0, w, signed=True)


def test_a_class_of_more_negative_than_positive_weight_is_refused():
    with pytest.raises(CourseError, match="weights of the background events sum to -1"):
        auc([0.1, 0.2, 0.3], [1, 0, 0], [1, -2, 1], signed=True)


def between_gaussians(shift):
    def integrand(x):
        s, b = norm.pdf(x, shift), norm.pdf(x)
        return 0.5 * (s - b) ** 2 / (s + b)

    return quad(integrand, -8, 8 + shift)[0]


@pytest.mark.parametrize("shift", [0.3, 1.0, 2.5])
def test_separation_is_its_integral(shift):
    rng = np.random.default_rng(6)
    y = rng.random(400_000) < 0.5
    found = separation(rng.normal(shift * y), y)
    assert found.value == pytest.approx(between_gaussians(shift), abs=3 * found.error + 0.001)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_separation_covers_the_truth_with_signed_weights(shift):
    pulls = []
    for seed in range(200):
        value, error = separation(*signed_toy(4000, seed, shift), signed=True)
        pulls.append((value - between_gaussians(shift)) / error)
    assert 0.6 < np.std(pulls) < 1.25  # at no separation the uncertainty is on the safe side
    assert np.mean(pulls) == pytest.approx(0, abs=0.4)


def test_separation_of_few_values_of_equal_and_of_disjoint_classes():
    y = np.repeat([0, 1], 300)
    assert separation(np.r_[np.zeros(300), np.ones(300)], y).value == pytest.approx(1, abs=0.01)
    pions = np.tile([0, 1, 2], 200)
    assert separation(pions, y).value == pytest.approx(0, abs=0.01)
    w = np.where(pions == 0, 3.0, 1.0)
    assert separation(pions, y, w).value == pytest.approx(separation(pions, y, 7 * w).value)


def test_separation_does_not_depend_on_the_scale_of_the_variable():
    score, y, w = signed_toy(3000, 7)
    assert separation(np.exp(score), y, np.abs(w)).value == pytest.approx(
        separation(score, y, np.abs(w)).value
    )


def test_separation_says_what_is_missing():
    with pytest.raises(CourseError, match="no signal to compare"):
        separation([1.0, 2.0], [0, 0])
    with pytest.raises(CourseError, match="one of each per event"):
        separation([1.0, 2.0], [0, 1, 1])
