"""The pixel plane: every probability that its description promises, and a plain loop that draws the same."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency, chisquare, kstest, norm, spearmanr

from hepml_course.errors import CourseError
from hepml_course.metrics import match
from hepml_course.simulate import height_at, pixel_plane, tracks
from hepml_course.simulate.tracks import crossed_rows
from hepml_course.tracking.fits import least_squares, trimmed
from hepml_course.tracking.likelihood import scan

SIZE = 28
AWKWARD = (0, 1e-5, 1 / 256, 0.0501, 0.25, 0.999, 1)  # the generator draws bytes: 1/256 is one of their steps


def assert_share(happened, p):
    """The share lies within five standard deviations of the binomial distribution."""
    width = math.sqrt(p * (1 - p) / np.size(happened))
    assert np.mean(happened) == pytest.approx(p, abs=5 * width)


def assert_unrelated(a, b):
    """Two arrays of zeros and ones that fire with the same probability have no correlation."""
    p = np.mean(a)
    correlation = np.mean((a - p) * (b - np.mean(b))) / (p * (1 - p))
    assert abs(correlation) < 5 / math.sqrt(np.size(a))


def crossings(plane):
    """How many tracks cross each pixel, counted from the rows."""
    return (plane.rows[:, :, None] == np.arange(SIZE)[:, None]).sum(axis=1)


# -- occupancy ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("efficiency", "noise"), [(0.7, 0.05), (0.7, 0.2), (0.31, 0.0), (1.0, 0.4)])
def test_pixels_fire_by_noise_or_by_any_of_their_tracks(efficiency, noise):
    plane = pixel_plane(4000, 3, hit_efficiency=efficiency, noise=noise, rng=1)
    crossed = crossings(plane)
    for k in range(3):
        assert_share(plane.images[crossed == k], 1 - (1 - noise) * (1 - efficiency) ** k)


def share_below(y, column):
    """Probability that a track is below y in this column: two uniform numbers, weighted and added."""
    t = column / (SIZE - 1)
    a, b = SIZE * (1 - t), SIZE * t
    if min(a, b) == 0:
        return y / SIZE
    corners = (y, 1), (y - a, -1), (y - b, -1), (y - a - b, 1)
    return sum(sign * max(edge, 0.0) ** 2 for edge, sign in corners) / (2 * a * b)


def test_occupancy_of_each_pixel_is_that_of_two_uniform_ends():
    n, efficiency, noise = 20_000, 0.7, 0.05
    plane = pixel_plane(n, 1, hit_efficiency=efficiency, noise=noise, rng=2)
    below = np.array([[share_below(y, column) for column in range(SIZE)] for y in range(SIZE + 1)])
    expected = 1 - (1 - noise) * (1 - efficiency * np.diff(below, axis=0))
    pulls = (plane.images.mean(axis=0) - expected) / np.sqrt(expected * (1 - expected) / n)
    assert chi2.sf((pulls**2).sum(), pulls.size) > 1e-4
    assert np.abs(pulls).max() < 5


@pytest.mark.parametrize("efficiency", [0, 0.003, 0.7, 1])
def test_tracks_hit_with_the_efficiency_in_every_column(efficiency):
    hits = pixel_plane(3000, 2, hit_efficiency=efficiency, rng=3).hits
    for column in range(SIZE):
        assert_share(hits[..., column], efficiency)
    assert_share(hits, efficiency)


@pytest.mark.parametrize("noise", AWKWARD)
def test_noise_has_exactly_the_probability_that_was_asked_for(noise):
    assert_share(pixel_plane(10_000, 0, noise=noise, rng=4).images, noise)


@pytest.mark.parametrize("efficiency", AWKWARD)
def test_so_has_the_efficiency(efficiency):
    assert_share(pixel_plane(10_000, 10, hit_efficiency=efficiency, rng=5).hits, efficiency)


def test_each_image_may_have_its_own_noise():
    noise = np.tile(AWKWARD, 300)
    images = pixel_plane(len(noise), 0, noise=noise, rng=6).images
    for p in AWKWARD:
        assert_share(images[noise == p], p)
    rising = np.linspace(0, 1, 1500)
    fired = pixel_plane(1500, 0, noise=rising, rng=7).images.mean(axis=(1, 2))
    assert np.abs(fired - rising).max() < 6 * math.sqrt(0.25 / SIZE**2)


# -- independence ---------------------------------------------------------------------------------------


def test_noise_of_a_pixel_says_nothing_about_any_other():
    image = pixel_plane(8000, 0, noise=0.2, rng=8).images.astype(float)
    assert_unrelated(image[:, 1:], image[:, :-1])  # the row above
    assert_unrelated(image[:, :, 1:], image[:, :, :-1])  # the next column
    assert_unrelated(image[:, 1:, 1:], image[:, :-1, :-1])
    assert_unrelated(image[1:], image[:-1])  # the next image
    assert_unrelated(image[tracks.BLOCK :], image[: -tracks.BLOCK])  # the same place in the next block
    flat = image.reshape(len(image), -1)
    for apart in (2, 3, 4, 7, 8, 16):  # random words have eight bytes
        assert_unrelated(flat[:, apart:], flat[:, :-apart])
    counts = image.sum(axis=(1, 2))
    assert counts.var() == pytest.approx(SIZE**2 * 0.2 * 0.8, rel=5 * math.sqrt(2 / len(counts)))


def test_hits_are_independent_of_each_other_and_of_noise():
    plane = pixel_plane(8000, 2, noise=0.3, rng=9)
    hits = plane.hits.astype(float)
    assert_unrelated(hits[..., 1:], hits[..., :-1])
    assert_unrelated(hits[:, 0], hits[:, 1])
    assert_unrelated(hits[1:], hits[:-1])
    assert_unrelated(hits[tracks.BLOCK :], hits[: -tracks.BLOCK])
    free = crossings(plane)[:, 0] == 0  # noise in the first row, where no track is
    firing = plane.hits[:, 0] & free
    assert_share(plane.images[:, 0][firing], 0.3)


def test_blocks_are_drawn_apart_but_belong_to_one_sample(monkeypatch):
    monkeypatch.setattr(tracks, "BLOCK", 7)
    noise = np.where(np.arange(40) % 3 == 0, 1.0, 0.0)
    plane = pixel_plane(40, 2, noise=noise, rng=10)
    assert plane.images[::3].all()
    quiet = noise == 0
    np.testing.assert_array_equal(plane.images[quiet], drawn(plane)[quiet])
    images = pixel_plane(40, 0, noise=0.2, rng=10).images
    assert len(np.unique(images.reshape(40, -1), axis=0)) == 40


# -- tracks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("least", "most"), [(1, 5), (0, 3), (2, 2)])
def test_number_of_tracks_is_uniform(least, most):
    truth = pixel_plane(6000, (least, most), rng=11).tracks
    assert truth.shape == (6000, most, 2)
    there = ~np.isnan(truth)
    np.testing.assert_array_equal(there[..., 0], there[..., 1])
    numbers, counts = np.unique(there[..., 0].sum(axis=1), return_counts=True)
    np.testing.assert_array_equal(numbers, np.arange(least, most + 1))
    assert chisquare(counts).pvalue > 1e-5 if least < most else counts == 6000


@pytest.mark.parametrize("number", [2, (0, 4)])
def test_both_ends_are_uniform_and_know_nothing_of_each_other(number):
    plane = pixel_plane(5000, number, rng=12)
    ends = plane.tracks[~np.isnan(plane.tracks).any(axis=-1)]
    for end in ends.T:
        assert kstest(end, "uniform", (0, SIZE)).pvalue > 1e-5
        assert end.min() < 0.05 < 27.95 < end.max() < SIZE
    assert spearmanr(*ends.T).pvalue > 1e-5
    both = plane.tracks[~np.isnan(plane.tracks[:, :2]).any(axis=(1, 2)), :2]
    for end in range(2):
        assert spearmanr(both[:, 0, end], both[:, 1, end]).pvalue > 1e-5
    assert spearmanr(both[1:, 0, 0], both[:-1, 0, 0]).pvalue > 1e-5


def drawn(plane):
    """Images of the hits alone, by a loop over all of them."""
    images = np.zeros_like(plane.images)
    for image, track, column in zip(*np.nonzero(plane.hits), strict=True):
        images[image, plane.rows[image, track, column], column] = 1
    return images


@pytest.mark.parametrize("smear", [0.0, 2.0])
@pytest.mark.parametrize("number", [1, (0, 4)])
def test_without_noise_an_image_shows_the_hits_and_nothing_else(number, smear):
    plane = pixel_plane(300, number, noise=0, smear=smear, rng=13)
    np.testing.assert_array_equal(plane.images, drawn(plane))
    assert not plane.hits[plane.rows < 0].any()
    assert plane.hits.any()


def test_noise_never_hides_a_hit_and_a_missing_track_makes_none():
    plane = pixel_plane(300, (0, 4), noise=0.3, rng=14)
    assert plane.images[drawn(plane) > 0].all()
    missing = np.isnan(plane.tracks).any(axis=-1)
    assert missing.any()
    assert (plane.rows[missing] == -1).all()
    assert not plane.hits[missing].any()
    np.testing.assert_array_equal(plane.rows, crossed_rows(plane.tracks))


heights = st.floats(-10, 40) | st.sampled_from([0.0, 27.0, 28.0, -1e-9]) | st.just(math.nan)


@settings(deadline=None)
@given(st.lists(st.tuples(heights, heights), min_size=1, max_size=4))
def test_crossed_row_is_the_floor_of_the_height_if_the_plane_has_that_row(lines):
    """Where a line crosses from row to row at a column to the last digit, either row will do."""
    rows = crossed_rows(lines)
    for (first, last), found in zip(lines, rows, strict=True):
        for column in range(SIZE):
            y = height_at([first, last], column)
            rows_near = {math.floor(z) if 0 <= z < SIZE else -1 for z in (y - 1e-12, y, y + 1e-12)}
            exact = column == 0 or first == last or math.isnan(y)
            assert found[column] in ({math.floor(y) if 0 <= y < SIZE else -1} if exact else rows_near)


@settings(deadline=None)
@given(st.tuples(st.floats(-10, 40), st.floats(-10, 40)), st.floats(0, 27))
def test_height_is_that_of_a_straight_line(line, column):
    assert height_at(line, 0) == line[0]
    assert height_at(line, 27) == pytest.approx(line[1])
    assert height_at(line, column) == pytest.approx(np.interp(column, [0, 27], line))
    np.testing.assert_array_equal(height_at([line, line[::-1]], [column])[0], [height_at(line, column)])


def test_smear_moves_a_track_by_a_gaussian_in_each_column_anew():
    n, smear = 4000, 1.5
    rows = crossed_rows(np.full((n, 2), 14.3), smear, 15)
    counts = np.array([(rows == row).sum() for row in range(8, 21)])
    expected = rows.size * np.diff(norm.cdf(np.arange(8, 22), 14.3, smear))
    assert chi2.sf(((counts - expected) ** 2 / expected).sum(), len(counts)) > 1e-5
    above = (rows >= 14).astype(float)
    assert_unrelated(above[:, 1:], above[:, :-1])
    assert_unrelated(above[1:], above[:-1])


def test_tracks_leave_the_plane_by_smearing_and_come_back():
    lines = np.r_[np.full((4000, 2), 0.5), np.full((4000, 2), 27.2), np.full((50, 2), np.nan)]
    rows = crossed_rows(lines, 1.0, 16)
    assert_share(rows[:4000] < 0, norm.cdf(-0.5))
    assert_share(rows[4000:8000] < 0, norm.cdf(-0.8))
    assert (rows[8000:] == -1).all()
    assert -1 <= rows.min() < rows.max() < SIZE


def test_plane_smears_by_the_width_it_is_given():
    plane = pixel_plane(4000, 1, smear=1.2, rng=17)
    straight = height_at(plane.tracks, np.arange(SIZE))
    inner = (straight > 8) & (straight < 20)
    away = (plane.rows + 0.5 - straight)[inner]
    assert away.std() == pytest.approx(math.sqrt(1.2**2 + 1 / 12), rel=0.03)
    assert_share(plane.hits[inner], 0.7)


# -- seeds, shapes and errors ---------------------------------------------------------------------------


def test_a_seed_gives_the_sample_again_and_another_seed_another():
    options = {"noise": 0.2, "smear": 0.5, "tracks": (1, 4)}
    first, again, other = (pixel_plane(700, rng=seed, **options) for seed in (18, 18, 19))
    generator = np.random.default_rng(18)
    same, next_one = (pixel_plane(700, rng=generator, **options) for _ in range(2))
    for field in range(4):
        np.testing.assert_array_equal(first[field], again[field])
        np.testing.assert_array_equal(first[field], same[field])
        assert not np.array_equal(first[field], other[field])
        assert not np.array_equal(first[field], next_one[field])


@pytest.mark.parametrize("n", [0, 1, 513])
@pytest.mark.parametrize("number", [0, 1, (0, 0), (0, 2)])
def test_shapes_and_types(n, number):
    plane = pixel_plane(n, number, noise=np.full(n, 0.5), smear=0.1, rng=20)
    most = np.max(number)
    assert (plane.images.shape, plane.images.dtype) == ((n, SIZE, SIZE), np.uint8)
    assert (plane.tracks.shape, plane.tracks.dtype) == ((n, most, 2), np.float64)
    assert (plane.rows.shape, plane.rows.dtype) == ((n, most, SIZE), np.int8)
    assert (plane.hits.shape, plane.hits.dtype) == ((n, most, SIZE), np.bool_)
    assert set(np.unique(plane.images)) <= {0, 1}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n": -1}, "-1 images"),
        ({"tracks": -1}, "numbers of 0 or more"),
        ({"tracks": (3, 1)}, "with 3 to 1 tracks: .* in order"),
        ({"hit_efficiency": 70}, "probabilities between 0 and 1"),
        ({"hit_efficiency": -0.1}, "probabilities"),
        ({"hit_efficiency": math.nan}, "probabilities"),
        ({"noise": 1.01}, "probabilities"),
        ({"noise": [0.1, 0.1, -0.1]}, "probabilities"),
        ({"noise": [0.1, 0.1]}, "3 images but the noise has shape"),
        ({"noise": math.nan}, "probabilities"),
        ({"smear": -1}, "width of 0 or more, not -1"),
        ({"smear": math.nan}, "width of 0 or more"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(wrong, message):
    with pytest.raises(CourseError, match=message):
        pixel_plane(**{"n": 3, "rng": 0} | wrong)


# -- the same from its description ----------------------------------------------------------------------


def plain_plane(n, tracks, efficiency, noise, seed):
    """The description in plain Python, one pixel at a time, with a generator of another kind."""
    draw, images, truth = random.Random(seed), [], []
    for _ in range(n):
        image = [[int(draw.random() < noise) for _ in range(28)] for _ in range(28)]
        lines = [(draw.uniform(0, 28), draw.uniform(0, 28)) for _ in range(tracks)]
        for enters, leaves in lines:
            for layer in range(28):
                y = (enters * (27 - layer) + leaves * layer) / 27
                if draw.random() < efficiency:
                    image[int(y)][layer] = 1
        images.append(image)
        truth.append(lines)
    return np.array(images, dtype=np.uint8), np.array(truth)


@pytest.fixture(scope="module", params=[(1, 0.05), (1, 0.35), (3, 0.2)], ids=str)
def twins(request):
    """A sample of the package and one of the loop, with the noise and the number of tracks of both."""
    number, noise = request.param
    plane = pixel_plane(1200, number, noise=noise, rng=21)
    return (plane.images, plane.tracks), plain_plane(1200, number, 0.7, noise, 22), number, noise


def test_a_plain_loop_fills_every_pixel_and_every_image_as_often(twins):
    (ours, _), (theirs, _), *_ = twins
    n = len(ours)
    share = (ours.mean(axis=0) + theirs.mean(axis=0)) / 2
    pulls = (ours.mean(axis=0) - theirs.mean(axis=0)) / np.sqrt(2 * share * (1 - share) / n)
    assert chi2.sf((pulls**2).sum(), pulls.size) > 1e-4
    fired = [images.sum(axis=(1, 2)) for images in (ours, theirs)]
    edges = np.unique(np.quantile(np.concatenate(fired), np.linspace(0.1, 0.9, 9)))
    table = [np.bincount(np.searchsorted(edges, number), minlength=len(edges) + 1) for number in fired]
    assert chi2_contingency(table).pvalue > 1e-4


METHODS = {
    "likelihood": lambda images, number, noise: scan(images, number, noise=noise),
    "least squares": lambda images, number, noise: least_squares(images)[:, None],
    "trimmed": lambda images, number, noise: trimmed(images, least_squares(images)[:, None]),
}


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_as_many_tracks_in_the_images_of_a_plain_loop(twins, method):
    *samples, number, noise = twins
    found = [(truth, METHODS[method](images, number, noise)) for images, truth in samples]
    for tolerance in (5, 1):
        first, second = (match(*pair, tolerance).efficiency for pair in found)
        resolution = 1 / (len(found[0][0]) * number)  # one track more or less
        allowed = 4 * math.hypot(first.error, second.error) + 4 * resolution
        assert first.value == pytest.approx(second.value, abs=allowed)


@settings(max_examples=5, deadline=None)
@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 3), st.integers(0, 1000))
def test_a_plain_loop_fires_as_many_pixels_at_any_efficiency_and_noise(efficiency, noise, number, seed):
    ours = pixel_plane(400, number, hit_efficiency=efficiency, noise=noise, rng=seed).images
    theirs, _ = plain_plane(60, number, efficiency, noise, seed)
    counts = [images.sum(axis=(1, 2)) for images in (ours, theirs)]
    width = math.sqrt(sum(np.var(count) / len(count) for count in counts))
    assert abs(counts[0].mean() - counts[1].mean()) < 6 * width + 0.5
