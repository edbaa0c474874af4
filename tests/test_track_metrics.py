"""Matching of tracks: against all permutations, cases counted by hand, and errors against toys."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepml_course.errors import CourseError
from hepml_course.metrics import match, residuals, robust_width
from hepml_course.simulate import height_at

NONE = [np.nan, np.nan]


def farthest(a, b):
    """Largest distance of two tracks, column by column, without the rounding between the ends."""
    return max(round(abs(height_at(a, column) - height_at(b, column)), 9) for column in range(28))


def best_of_all(truth, found, tolerance):
    """Most pairs and the smallest sum of distances, over every way to pair."""
    distance = [[farthest(a, b) for b in found] for a in truth]
    best = (0, 0.0)
    nobody = [-1] * len(truth)
    for chosen in set(permutations([*range(len(found)), *nobody], len(truth))):
        pairs = [distance[i][j] for i, j in enumerate(chosen) if j >= 0 and distance[i][j] <= tolerance]
        best = min(best, (-len(pairs), sum(pairs)))
    return -best[0], best[1]


ends = st.integers(0, 16).map(lambda half: half / 2)
track = st.tuples(ends, ends).map(list) | st.just(NONE)


@st.composite
def images(draw):
    """True and found tracks of one to three images."""
    n, m, k = draw(st.integers(1, 3)), draw(st.integers(0, 4)), draw(st.integers(0, 4))

    def some(size):
        tracks = st.lists(st.lists(track, min_size=size, max_size=size), min_size=n, max_size=n)
        return np.array(draw(tracks), dtype=float).reshape(n, size, 2)

    return some(m), some(k)


@settings(max_examples=60, deadline=None)
@given(images(), st.sampled_from([1, 2.5, 5]))
def test_no_other_way_to_pair_has_more_pairs_or_nearer_ones(sample, tolerance):
    matching = match(*sample, tolerance)
    for truth, found, partner in zip(*sample, matching.partner, strict=True):
        used = partner[partner >= 0]
        assert len(set(used)) == len(used)
        distances = [farthest(truth[i], found[j]) for i, j in enumerate(partner) if j >= 0]
        assert all(distance <= tolerance for distance in distances)
        pairs, total = best_of_all(truth, found, tolerance)
        assert (len(distances), sum(distances)) == (pairs, pytest.approx(total))


@settings(max_examples=60, deadline=None)
@given(images(), st.randoms(use_true_random=False))
def test_order_of_tracks_does_not_matter(sample, random):
    truth, found = sample
    shuffled = [
        np.array([random.sample(list(tracks), len(tracks)) for tracks in side]).reshape(side.shape)
        for side in sample
    ]
    first, second = match(truth, found), match(*shuffled)
    assert (first.partner >= 0).sum() == (second.partner >= 0).sum()
    distance = [np.abs(np.subtract(*matching.pairs())).max(axis=1, initial=0) for matching in (first, second)]
    assert distance[0].sum() == pytest.approx(distance[1].sum())
    if not np.isnan(truth).any(axis=-1).all():
        assert first.efficiency == pytest.approx(second.efficiency)
    if not np.isnan(found).any(axis=-1).all():
        assert first.fake_rate == pytest.approx(second.fake_rate)
        assert first.duplicate_rate == pytest.approx(second.duplicate_rate)


@settings(max_examples=40, deadline=None)
@given(images())
def test_each_found_track_is_used_fake_or_a_duplicate(sample):
    matching = match(*sample)
    there = ~np.isnan(sample[1]).any(axis=-1)
    assert not matching.used[~there].any()
    if there.any():
        used = matching.used.sum() / there.sum()
        assert matching.fake_rate.value + matching.duplicate_rate.value + used == pytest.approx(1)


def test_two_pairs_beat_one_that_is_nearer():
    truth, found = [[[10, 10], [14, 14]]], [[[12, 12], [6.5, 6.5]]]
    np.testing.assert_array_equal(match(truth, found).partner, [[1, 0]])
    # The nearest pair is exact, and each of the other two just allowed.
    truth, found = [[[10, 10], [15, 15]]], [[[10, 10], [5, 5]]]
    np.testing.assert_array_equal(match(truth, found).partner, [[1, 0]])


def test_of_equally_many_pairs_the_nearer_count():
    truth, found = [[[10, 10], [12, 12]]], [[[12.5, 12.5], [10.5, 10.5]]]
    np.testing.assert_array_equal(match(truth, found).partner, [[1, 0]])
    np.testing.assert_array_equal(match([[[10, 10]]], [[[7, 7], [11, 11], [14, 14]]]).partner, [[1]])


def test_one_found_track_cannot_stand_for_two():
    matching = match([[[10, 10], [11, 11]]], [[[10, 10]]])
    np.testing.assert_array_equal(matching.partner, [[0, -1]])
    assert matching.efficiency.value == 0.5


def three_images():
    """Found: both of two tracks; one of two with a copy; none of one, but two fakes."""
    truth = [[[5, 5], [20, 20]], [[5, 5], [20, 20]], [[3, 24], NONE]]
    found = [[[20, 21], [5, 4], NONE], [[5, 6], [6, 6], NONE], [[24, 3], [3, 3], NONE]]
    return match(truth, found)


def test_rates_are_those_counted_by_hand():
    matching = three_images()
    np.testing.assert_array_equal(matching.partner, [[1, 0], [0, -1], [-1, -1]])
    np.testing.assert_array_equal(matching.used, [[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert matching.efficiency == pytest.approx((3 / 5, math.sqrt(0.6 * 0.4 / 5)))
    assert matching.fake_rate == pytest.approx((2 / 6, math.sqrt(2 / 9 / 6)))
    assert matching.duplicate_rate == pytest.approx((1 / 6, math.sqrt(5 / 36 / 6)))


def test_pairs_and_residuals_are_found_minus_true():
    matching = three_images()
    truth, found = matching.pairs()
    np.testing.assert_array_equal(truth, [[5, 5], [20, 20], [5, 5]])
    np.testing.assert_array_equal(found, [[5, 4], [20, 21], [5, 6]])
    position, slope = residuals(matching)
    np.testing.assert_allclose(position, [-0.5, 0.5, 0.5])
    np.testing.assert_allclose(slope, np.array([-1, 1, 1]) / 27)
    for column in (0, 9, 27):
        np.testing.assert_allclose(residuals(matching, column)[0], np.array([-1, 1, 1]) * column / 27)
        at = height_at(found, column) - height_at(truth, column)
        np.testing.assert_allclose(residuals(matching, column)[0], at)


@pytest.mark.parametrize("tolerance", [5, 2, 1])
@pytest.mark.parametrize("end", [0, 1])
def test_a_track_at_the_tolerance_is_found_and_one_beyond_is_not(end, tolerance):
    found = np.full((2, 1, 2), 10.0)
    found[0, 0, end] += tolerance
    found[1, 0, end] += tolerance + 1e-9
    matching = match(np.full((2, 1, 2), 10.0), found, tolerance)
    np.testing.assert_array_equal(matching.partner, [[0], [-1]])
    assert matching.fake_rate.value == 0.5
    np.testing.assert_allclose(matching.distance[:, 0, 0], tolerance)


def test_five_pixels_are_the_rule_and_both_ends_must_keep_it():
    assert match([[10, 10]], [[15, 5]]).efficiency.value == 1
    assert match([[10, 10]], [[10, 15.1]]).efficiency.value == 0
    assert match([[10, 20]], [[20, 10]]).efficiency.value == 0  # they agree in the middle only


def test_the_axis_of_tracks_may_be_missing_where_there_is_one():
    matching = match([[1, 2], [3, 4]], [[1, 2], NONE])
    assert matching.partner.shape == (2, 1)
    assert matching.efficiency.value == 0.5
    assert matching.fake_rate.value == 0


def test_half_a_track_is_none():
    assert match([[10, 10], [1, 1]], [[10, np.nan], [1, 1]]).fake_rate == (0, 0)
    assert match([[10, np.nan], [1, 1]], [[10, 10], [1, 1]]).efficiency == (1, 0)


def test_nothing_found_and_nothing_there():
    nothing = np.empty((2, 0, 2))
    matching = match(np.full((2, 3, 2), 10.0), nothing)
    assert matching.efficiency.value == 0
    assert len(matching.pairs()[0]) == len(residuals(matching)[0]) == 0
    with pytest.raises(CourseError, match="no events"):
        assert matching.fake_rate
    assert match(nothing, np.full((2, 3, 2), 10.0)).fake_rate.value == 1
    with pytest.raises(CourseError, match="no events"):
        assert match(nothing, nothing).efficiency


@pytest.mark.parametrize(
    ("truth", "found", "tolerance", "message"),
    [
        (np.zeros((3, 1, 2)), np.zeros((2, 1, 2)), 5, "3 images and found ones of 2"),
        (np.zeros((3, 1, 3)), np.zeros((3, 1, 2)), 5, r"\(images, tracks, 2\); these have \(3, 1, 3\)"),
        (np.zeros(2), np.zeros((1, 2)), 5, r"these have \(2,\)"),
        (np.zeros((1, 2)), np.zeros((1, 1, 1, 2)), 5, "these have"),
        (np.zeros((1, 2)), np.zeros((1, 2)), 0, "positive number of pixels, not 0"),
        (np.zeros((1, 2)), np.zeros((1, 2)), -1, "not -1"),
        (np.zeros((1, 2)), np.zeros((1, 2)), np.nan, "not nan"),
        (np.zeros((1, 2)), np.full((1, 2), np.nan), np.inf, "not inf"),
    ],
)
def test_match_tells_what_is_wrong(truth, found, tolerance, message):
    with pytest.raises(CourseError, match=message):
        match(truth, found, tolerance)


# -- width ----------------------------------------------------------------------------------------------


def test_robust_width_of_a_gaussian_is_its_standard_deviation_wherever_it_lies():
    x = np.random.default_rng(1).normal(3, 0.4, 100_000)
    width, error = robust_width(x)
    assert width == pytest.approx(0.4, abs=5 * error)
    assert error == pytest.approx(0.4 * 1.3 / math.sqrt(2 * len(x)), rel=0.15)
    assert robust_width(10 * x) == pytest.approx((10 * width, 10 * error))


def test_outliers_hardly_change_a_robust_width():
    x = np.random.default_rng(2).normal(size=5000)
    x[:50] = 1e6
    assert robust_width(x).value == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(
    ("kind", "width"), [("normal", 1.0), ("exponential", 0.834116), ("uniform", 0.341345)]
)
def test_error_of_the_width_covers_the_truth_in_two_toys_of_three(kind, width):
    rng = np.random.default_rng(3)
    pulls = []
    for _ in range(400):
        value, error = robust_width(getattr(rng, kind)(size=400))
        pulls.append((value - width) / error)
    assert np.mean(np.abs(pulls) < 1) == pytest.approx(0.683, abs=0.07)
    assert np.std(pulls) == pytest.approx(1, abs=0.12)
    assert np.mean(pulls) == pytest.approx(0, abs=0.25)


@pytest.mark.parametrize(
    "values", [range(9), [], np.zeros((20, 2)), [*range(20), np.nan], [*range(20), np.inf]]
)
def test_a_width_needs_ten_finite_numbers(values):
    with pytest.raises(CourseError, match="ten finite numbers"):
        robust_width(values)
