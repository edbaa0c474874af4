"""Track finding: against slow direct computations, on images drawn by hand, and a short training."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hepml_course.errors import CourseError
from hepml_course.metrics import match, residuals, robust_width
from hepml_course.simulate import height_at, pixel_plane
from hepml_course.simulate.tracks import crossed_rows
from hepml_course.tracking import fits, likelihood, search
from hepml_course.tracking.search import find_tracks, strongest
from hepml_course.tracking.templates import cell_of, coverage, templates

SIZE = 28
NONE = (math.nan, math.nan)


def straight(*tracks):
    """One image on which these tracks hit every pixel that they cross, and nothing else."""
    return (coverage([tracks]) > 0).astype(np.uint8)


# -- templates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("bins", "rows", "columns"), [(2, 28, 28), (1, 28, 28), (3, 7, 5)])
def test_each_line_is_in_the_middle_of_its_cell_and_crosses_one_pixel_per_column(bins, rows, columns):
    lines = templates(bins, rows, columns)
    assert lines.side == bins * rows
    assert lines.tracks.shape == (lines.side**2, 2)
    assert len(np.unique(lines.tracks, axis=0)) == lines.side**2
    middle = np.arange(lines.side) / bins + 0.5 / bins
    np.testing.assert_allclose(lines.tracks[: lines.side, 1], middle)
    np.testing.assert_allclose(lines.tracks[:: lines.side, 0], middle)
    pixels = lines.matrix.reshape(rows, columns, -1)
    assert pixels.dtype == np.float32
    assert set(np.unique(pixels)) == {0, 1}
    assert (pixels.sum(axis=0) == 1).all()
    np.testing.assert_array_equal(pixels.argmax(axis=0).T, lines.rows)


def test_lines_cross_the_rows_that_tracks_cross():
    lines = templates()
    edge = (
        lines.tracks[:, :1] + np.diff(lines.tracks) * np.arange(SIZE) / 27 % 1
    )  # on a border, rounding decides
    clear = np.abs(edge - np.round(edge)) > 1e-9
    assert (crossed_rows(lines.tracks) == lines.rows)[clear].all()


def test_cell_of_a_line_is_its_index_and_of_a_track_the_nearest():
    lines = templates()
    every = np.arange(lines.side**2)
    np.testing.assert_array_equal(cell_of(lines.tracks, lines), every)
    shift = np.random.default_rng(1).uniform(-0.249, 0.249, lines.tracks.shape)
    np.testing.assert_array_equal(cell_of(lines.tracks + shift, lines), every)
    np.testing.assert_array_equal(cell_of([[-3.0, -0.1], [28.0, 99.0]], lines), [0, lines.side**2 - 1])
    coarse = templates(1, 5, 4)
    np.testing.assert_array_equal(cell_of([[0.0, 4.99], [3.2, 1.1]], coarse), [4, 16])


def test_templates_are_shared_and_cannot_be_changed():
    assert templates() is templates()
    for array in templates()[:3]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


@pytest.mark.parametrize("size", [(0, 28, 28), (2, 0, 28), (2, 28, 1)])
def test_templates_need_room(size):
    with pytest.raises(CourseError, match="No lines cross"):
        templates(*size)


heights = st.floats(-20, 50) | st.just(math.nan)


@settings(max_examples=50, deadline=None)
@given(arrays(float, (2, 3, 2), elements=heights))
def test_coverage_counts_tracks_inside_the_plane(tracks):
    expected = np.zeros((2, SIZE, SIZE))
    for image, track in np.ndindex(2, 3):
        for column, place in enumerate(np.linspace(0, 1, SIZE)):
            first, last = tracks[image, track]
            y = first + (last - first) * place
            if 0 <= y < SIZE:
                expected[image, math.floor(y), column] += 1
    np.testing.assert_array_equal(coverage(tracks), expected)


def test_coverage_of_no_tracks_and_of_small_planes():
    assert not coverage(np.empty((3, 0, 2))).any()
    assert not coverage([[NONE, (3, math.nan)]]).any()
    small = coverage([[[0.5, 2.5], [1.5, 1.5]], [[1.5, -3.5], NONE]], 3, 3)
    np.testing.assert_array_equal(small[0], [[1, 0, 0], [1, 2, 1], [0, 0, 1]])
    np.testing.assert_array_equal(small[1], [[0, 0, 0], [1, 0, 0], [0, 0, 0]])
    assert small.dtype == np.float32


# -- likelihood -----------------------------------------------------------------------------------------


def probability(image, covered, line, efficiency, noise):
    """Of every pixel of an image, given known tracks and, if it is not None, one more line."""
    found = 1.0
    for row, column in np.ndindex(image.shape):
        crossing = covered[row, column] + (line is not None and line[column] == row)
        fires = 1 - (1 - noise) * (1 - efficiency) ** crossing
        found *= fires if image[row, column] else 1 - fires
    return found


@pytest.mark.parametrize(("efficiency", "noise"), [(0.7, 0.05), (0.6, 0.3)])
@pytest.mark.parametrize("seed", [0, 1])
def test_likelihood_is_the_probability_of_every_pixel_of_the_image(efficiency, noise, seed):
    rows, columns = 5, 6
    image = (np.random.default_rng(seed).random((rows, columns)) < 0.4).astype(np.uint8)
    covered = coverage([[[0.5, 3.5], [3.5, 0.5]]][: seed + 1], rows, columns)[0] * seed
    lines = templates(2, rows, columns)
    maps = likelihood.likelihood(efficiency, noise)(image[None], covered[None])[0]
    more = [probability(image, covered, line, efficiency, noise) for line in lines.rows]
    none = probability(image, covered, None, efficiency, noise)
    expected = np.array(more) / len(more) / (np.mean(more) + none)  # one more is as probable as none
    np.testing.assert_allclose(np.exp(maps), expected, rtol=1e-3)
    assert np.exp(maps).sum() + none / (np.mean(more) + none) == pytest.approx(1, abs=1e-5)


def test_likelihood_knows_whether_there_is_one_more():
    with_track, without = pixel_plane(200, 1, rng=2).images, pixel_plane(200, 0, rng=2).images
    look, nothing = likelihood.likelihood(), np.zeros((200, SIZE, SIZE), dtype=np.float32)
    total = [np.exp(look(images, nothing)).sum(axis=1) for images in (with_track, without)]
    assert (total[0] > 0.5).mean() > 0.98
    assert (total[1] < 0.5).mean() > 0.98
    assert max(np.max(part) for part in total) < 1 + 1e-4


def test_scan_finds_clean_tracks_to_the_size_of_a_cell():
    plane = pixel_plane(300, 1, hit_efficiency=0.95, noise=0.001, rng=3)
    found = likelihood.scan(plane.images, hit_efficiency=0.95, noise=0.001, answer="line")
    assert match(plane.tracks, found, 1.5).efficiency.value > 0.99
    assert np.abs(np.subtract(*match(plane.tracks, found).pairs())).mean() < 0.4


def test_scan_uses_the_efficiency_and_the_noise_that_it_is_told():
    images = pixel_plane(60, 1, hit_efficiency=0.4, noise=0.2, rng=4).images
    told = likelihood.scan(images, 2, hit_efficiency=0.4, noise=0.2, window=0)
    np.testing.assert_array_equal(told, find_tracks(likelihood.likelihood(0.4, 0.2), images, 2, window=0))
    assert not np.array_equal(told, likelihood.scan(images, 2, hit_efficiency=0.4, window=0))
    assert not np.array_equal(told, likelihood.scan(images, 2, noise=0.2, window=0))


# -- search ---------------------------------------------------------------------------------------------


def looker(*steps):
    """An onlooker that answers, for the k-th track, with the k-th list of {line: probability}."""
    asked = []

    def look(images, covered):
        asked.append(covered.copy())
        maps = np.full((len(images), SIZE**2 * 4), -50.0, dtype=np.float32)
        for image, lines in enumerate(steps[len(asked) - 1]):
            for line, share in lines.items():
                maps[image, cell_of(line, templates())] = math.log(share)
        return maps

    look.asked = asked
    return look


FAR, SMALL = (20.25, 5.25), {(3.25, 8.25): 0.3, (5.25, 8.25): 0.1, (3.25, 10.25): 0.2}
EMPTY = np.zeros((1, SIZE, SIZE), dtype=np.uint8)


def test_a_window_adds_up_what_lies_near_and_a_single_line_does_not():
    look = [{FAR: 0.4, **SMALL}]
    single, window, line = (
        find_tracks(looker(look), EMPTY, 1, window=window, answer=answer)[0, 0]
        for window, answer in ((0, "mean"), (3.5, "mean"), (3.5, "line"))
    )
    np.testing.assert_array_equal(single, FAR)
    np.testing.assert_array_equal(line, (3.25, 8.25))
    shares = np.array(list(SMALL.values()))
    np.testing.assert_allclose(window, shares @ np.array(list(SMALL)) / shares.sum(), rtol=1e-5)
    narrow = find_tracks(looker(look), EMPTY, 1, window=0.75)[0, 0]
    assert np.abs(narrow - FAR).max() <= 0.75


def test_strongest_gives_the_probability_of_any_track():
    lines = templates()
    maps = looker([{FAR: 0.4, **SMALL}, {FAR: 0.125}])(np.zeros((2, SIZE, SIZE)), np.zeros(1))
    mean, peak, total = strongest(maps, lines, 0)
    np.testing.assert_allclose(total, [1.0, 0.125], rtol=1e-5)
    np.testing.assert_array_equal(peak, [cell_of(FAR, lines)] * 2)
    np.testing.assert_allclose(mean, [FAR] * 2, rtol=1e-5)


def test_search_stops_below_the_threshold_and_never_begins_again():
    steps = [[{FAR: 0.9}, {FAR: 0.4}, {FAR: 0.8}], [{FAR: 0.6}, {FAR: 0.9}, {FAR: 0.3}], [{FAR: 0.9}] * 3]
    images = np.repeat(EMPTY, 3, axis=0)

    def numbers(**how):
        found = find_tracks(looker(*steps), images, **how)
        np.testing.assert_array_equal(np.isnan(found[..., 0]), np.isnan(found[..., 1]))
        return found.shape[1], (~np.isnan(found[..., 0])).sum(axis=1).tolist()

    assert numbers(most=3) == (3, [3, 0, 1])
    assert numbers(most=3, threshold=0.7) == (3, [1, 0, 1])
    assert numbers(most=3, threshold=0.2) == (3, [3, 3, 3])
    assert numbers(most=2) == (2, [2, 0, 1])
    assert numbers(tracks=2) == (2, [2, 2, 2])
    assert numbers(tracks=0) == (0, [0, 0, 0])


def test_search_tells_the_onlooker_which_line_is_known():
    look = looker([{FAR: 0.4, **SMALL}], [{FAR: 0.9}], [{FAR: 0.9}])
    find_tracks(look, EMPTY, 3)
    best = coverage([[(3.25, 8.25)]])
    np.testing.assert_array_equal(look.asked[0], np.zeros((1, SIZE, SIZE)))
    np.testing.assert_array_equal(look.asked[1], best)  # the best line, although the answer is the window
    np.testing.assert_array_equal(look.asked[2], best + coverage([[FAR]]))


def test_search_in_batches_is_that_of_each_image(monkeypatch):
    monkeypatch.setattr(search, "BATCH", 4)
    images = np.zeros((11, SIZE, SIZE), dtype=np.uint8)
    images[np.arange(11), 3, np.arange(11)] = 1

    def look(part, covered):
        """The pixel that fired first tells the line, the number of known pixels the next."""
        maps = np.full((len(part), SIZE**2 * 4), -50.0)
        line = 10 * part.reshape(len(part), -1).argmax(axis=1) + covered.sum(axis=(1, 2)).astype(int)
        maps[np.arange(len(part)), line] = -0.1
        return maps

    found = find_tracks(look, images, 2, window=0)
    expected = 10 * (3 * SIZE + np.arange(11))[:, None] + [0, SIZE]
    np.testing.assert_array_equal(found, templates().tracks[expected])
    assert find_tracks(look, images[:0]).shape == (0, 5, 2)


def test_search_takes_images_and_other_grids():
    with pytest.raises(CourseError, match=r"shape \(n, rows, columns\); these have \(28, 28\)"):
        find_tracks(likelihood.likelihood(), EMPTY[0])
    coarse = find_tracks(likelihood.likelihood(bins=1), straight((4.5, 20.5)), 1, bins=1, window=0)
    np.testing.assert_array_equal(coarse[0, 0], (4.5, 20.5))


@pytest.mark.parametrize("tracks", [((10.25, 10.25), (16.25, 16.25)), ((6.25, 20.25), (12.25, 26.25))])
def test_two_tracks_six_pixels_apart_are_two(tracks):
    found = likelihood.scan(straight(*tracks), 2, answer="line")[0]
    assert {tuple(track) for track in found} == set(tracks)


def test_a_track_is_not_found_twice():
    """Its hits are explained by then, and a ghost beside it is less probable than none."""
    for number in (1, 2):
        plane = pixel_plane(200, number, rng=6)
        told = match(plane.tracks, likelihood.scan(plane.images, number))
        assert told.duplicate_rate.value < 0.02
        free = match(plane.tracks, find_tracks(likelihood.likelihood(), plane.images))
        assert free.duplicate_rate.value < 0.03
        assert free.efficiency.value > 0.96


def test_three_tracks_are_found_in_noise():
    plane = pixel_plane(200, 3, noise=0.2, rng=7)
    assert match(plane.tracks, likelihood.scan(plane.images, 3, noise=0.2)).efficiency.value > 0.97


# -- refinement -----------------------------------------------------------------------------------------


def refined(image, tracks, k, efficiency, noise):
    """Mean of the likelihood around track k, step by step, line by line and pixel by pixel."""
    place = list(tracks[k])
    others = coverage([[track for i, track in enumerate(tracks) if i != k]])[0]
    for reach, step in likelihood.REFINEMENT:
        total, mean, offsets = 0.0, np.zeros(2), np.arange(-reach, reach + step / 2, step)
        for line in ((place[0] + a, place[1] + b) for a in offsets for b in offsets):
            weight = 1.0
            for column in range(SIZE):
                y = height_at(line, column)
                if not 0 <= y < SIZE:
                    weight *= math.exp(-10)
                    continue
                quiet = (1 - noise) * (1 - efficiency) ** others[int(y), column]
                missed = 1 - efficiency
                weight *= (1 - quiet * missed) / (1 - quiet) if image[int(y), column] else missed
            total, mean = total + weight, mean + weight * np.array(line)
        place = list(mean / total)
    return place


@pytest.mark.parametrize("tracks", [[(0.6, 20.1), (2.3, 19.0)], [(12.0, 27.9), NONE, (9.0, 3.0)]])
def test_refine_is_the_mean_of_the_likelihood_around_a_track_with_the_others_fixed(tracks):
    image = pixel_plane(1, 0, noise=0.1, rng=8).images | straight(*tracks)
    image *= np.random.default_rng(9).random(image.shape) < 0.8
    noise, efficiency = 0.13, 0.75
    now, (first, *_) = [list(track) for track in tracks], np.array(tracks)
    for stage in likelihood.REFINEMENT:  # each stage moves one track after the other
        for k, track in enumerate(now):
            if not np.isnan(track).any():
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(likelihood, "REFINEMENT", (stage,))
                    now[k] = refined(image[0], now, k, efficiency, noise)
    found = likelihood.refine(image, np.array([tracks]), hit_efficiency=efficiency, noise=noise)
    np.testing.assert_allclose(found[0], now, atol=1e-3)
    assert np.abs(found[0, 0] - first).max() > 1e-3


def test_refinement_makes_the_resolution_better_and_estimates_the_noise():
    plane = pixel_plane(500, 1, noise=0.1, rng=10)
    found = likelihood.scan(plane.images, noise=0.1, answer="line")
    before = found.copy()
    better = likelihood.refine(plane.images, found)
    np.testing.assert_array_equal(found, before)
    told = likelihood.refine(plane.images, found, noise=0.1)
    each = likelihood.refine(plane.images, found, noise=np.full(500, 0.1))
    np.testing.assert_array_equal(told, each)
    wrong = likelihood.refine(plane.images, found, noise=0.3)
    assert np.abs(better - told).mean() < 0.2 * np.abs(wrong - told).mean()
    widths = [robust_width(residuals(match(plane.tracks, tracks))[0]).value for tracks in (found, better)]
    assert widths[1] < 0.6 * widths[0]


def test_refinement_keeps_what_is_missing():
    plane = pixel_plane(20, (0, 3), rng=11)
    found = likelihood.refine(plane.images, plane.tracks)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(plane.tracks))
    assert likelihood.refine(plane.images[:0], plane.tracks[:0]).shape == (0, 3, 2)


# -- fits -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, (2, 9, 7), elements=st.integers(0, 1), fill=st.just(0)))
def test_least_squares_is_polyfit_over_all_pixels(images):
    for image, found in zip(images, fits.least_squares(images), strict=True):
        row, column = np.nonzero(image)
        if len(set(column)) < 2:
            assert np.isnan(found).all()
        else:
            line = np.polyfit(column, row + 0.5, 1)
            np.testing.assert_allclose(found, np.polyval(line, [0, 6]), atol=1e-8)


def test_hits_near_a_seed_are_those_on_its_road():
    image = straight((3.6, 17.0))[0]
    image[25] = 1
    everywhere, _ = fits.hits_of(image)
    assert len(everywhere) == image.sum()
    near, heights = fits.hits_of(image, (3.0, 17.0), road=2.0)
    np.testing.assert_array_equal(np.sort(near), np.arange(SIZE))
    np.testing.assert_allclose(heights, np.floor(height_at([3.6, 17.0], near)) + 0.5)
    on_edge, _ = fits.hits_of(image, (4.0, 4.0), road=0.5)
    assert 0 in on_edge


FITS = {
    "soft_l1": lambda image, seed: fits.robust(image, seed),
    "cauchy": lambda image, seed: fits.robust(image, seed, "cauchy"),
    "huber": lambda image, seed: fits.robust(image, seed, "huber"),
    "ransac": lambda image, seed: fits.ransac(image, seed, rng=1),
    "trimmed": lambda image, seed: fits.trimmed(image[None], np.array([[seed]]))[0, 0],
    "compiled": lambda image, seed: fits.trimmed_compiled(image[None], np.array([[seed]]))[0, 0],
}


@pytest.fixture(scope="module")
def dirty():
    """Complete tracks in 15 % noise, and seeds that miss them by a pixel."""
    plane = pixel_plane(20, 1, hit_efficiency=1, noise=0.15, rng=12)
    return plane, plane.tracks[:, 0] + np.random.default_rng(13).normal(0, 0.7, (20, 2))


@pytest.mark.parametrize("fit", FITS)
def test_fits_that_do_not_believe_every_hit_find_the_line_under_outliers(dirty, fit):
    plane, seeds = dirty
    found = np.array([FITS[fit](*pair) for pair in zip(plane.images, seeds, strict=True)])
    away = np.abs(found - plane.tracks[:, 0]).max(axis=1)
    outside = np.abs(fits.least_squares(plane.images) - plane.tracks[:, 0]).max(axis=1)
    assert np.median(away) < {"ransac": 1.2}.get(fit, 0.6)
    assert np.median(away) < 0.3 * np.median(outside)
    assert np.mean(away < 2) > 0.8


def test_robust_fits_begin_with_least_squares_where_nobody_gives_a_seed():
    image = straight((5.0, 21.0))[0]
    image[26, 3:6] = 1
    for loss in ("soft_l1", "cauchy", "huber"):
        away = np.abs(fits.robust(image, loss=loss) - (5.0, 21.0)).max()
        assert away < 0.5 * np.abs(fits.least_squares(image[None])[0] - (5.0, 21.0)).max()
    assert np.abs(fits.ransac(image, rng=2) - (5.0, 21.0)).max() < 1.5
    np.testing.assert_array_equal(fits.ransac(image, rng=2), fits.ransac(image, rng=2))


def test_an_exact_line_is_fitted_exactly():
    image = np.eye(SIZE, dtype=np.uint8)
    for fit in FITS.values():
        np.testing.assert_allclose(fit(image, (1.0, 27.0)), (0.5, 27.5), atol=1e-4)


def test_trimmed_is_an_iterated_weighted_polyfit():
    plane = pixel_plane(6, 2, noise=0.15, rng=14)
    seeds = plane.tracks + 0.4
    found = fits.trimmed(plane.images, seeds, cut=1.0, rounds=5)
    for image, track in np.ndindex(6, 2):
        row, column = np.nonzero(plane.images[image])
        line = seeds[image, track]
        for width in (3.0, 1.0, 1.0, 1.0, 1.0):
            away = (row + 0.5 - height_at(line, column)) / width
            weight = np.where(np.abs(away) < 1, (1 - away**2) ** 2, 0)
            line = np.polyval(np.polyfit(column, row + 0.5, 1, w=np.sqrt(weight)), [0, 27])
        np.testing.assert_allclose(found[image, track], line, atol=1e-6)


def test_compiled_fit_gives_what_numpy_gives():
    plane = pixel_plane(150, 3, noise=0.2, rng=15)
    seeds = plane.tracks + np.random.default_rng(16).normal(0, 0.5, plane.tracks.shape)
    seeds[0, 0] = NONE
    for how in ({}, {"cut": 2.5, "rounds": 3}):
        ours, compiled = (
            fits.trimmed(plane.images, seeds, **how),
            fits.trimmed_compiled(plane.images, seeds, **how),
        )
        assert compiled.dtype == np.float64
        assert np.isnan(ours[0, 0]).all()
        np.testing.assert_allclose(compiled, ours, atol=1e-3)


@pytest.mark.parametrize("fit", FITS)
def test_without_hits_there_is_no_line_and_no_warning(fit):
    assert np.isnan(FITS[fit](EMPTY[0], (5.0, 20.0))).all()


@pytest.mark.parametrize("rows", [[9], [8, 9], [7, 9, 10]])
@pytest.mark.parametrize("fit", ["ransac", "trimmed", "compiled"])
def test_hits_in_one_column_are_no_line(fit, rows):
    for column in (0, 3, 10, 27):
        image = EMPTY[0].copy()
        image[rows, column] = 1
        assert np.isnan(FITS[fit](image, (9.0, 9.0))).all()
        assert np.isnan(fits.least_squares(image[None])).all()


@pytest.mark.parametrize("fit", [fits.trimmed, fits.trimmed_compiled])
def test_not_even_for_one_round(fit):
    """Later rounds would find nothing on the wild line that rounding makes of one column."""
    images = np.zeros((SIZE, SIZE, SIZE), dtype=np.uint8)
    for rows in ([9], [8, 9], [7, 9, 10]):
        images[np.arange(SIZE)[:, None], rows, np.arange(SIZE)[:, None]] = 1
        assert np.isnan(fit(images, np.full((SIZE, 1, 2), 9.1), rounds=1)).all()


def test_without_hits_no_fit_begins():
    for found in (fits.robust(EMPTY[0]), fits.ransac(EMPTY[0], rng=1), fits.least_squares(EMPTY)[0]):
        assert np.isnan(found).all()
    one_column = EMPTY[0].copy()
    one_column[3:9, 4] = 1
    assert np.isnan(fits.robust(one_column)).all()


def test_ransac_makes_no_line_of_two_hits_in_one_column():
    image = EMPTY[0].copy()
    image[::2, 5] = 1
    image[9, 6] = 1
    for seed in range(10):
        fits.ransac(image, rng=seed)  # with one, scikit-learn warns of a score that is not defined


@pytest.mark.parametrize("how", [{"cut": 0}, {"cut": 3.1}, {"rounds": 0}])
@pytest.mark.parametrize("fit", [fits.trimmed, fits.trimmed_compiled])
def test_trimmed_fits_tell_what_is_wrong(fit, how):
    with pytest.raises(CourseError, match=r"between 0 and 3.0 pixels, and it takes a round"):
        fit(EMPTY, np.zeros((1, 1, 2)), **how)


# -- network --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network():
    from hepml_course.tracking import network

    return network


def test_half_solved_images_ask_for_the_tracks_that_are_not_known(network):
    (images, covered), wanted = network.half_solved(300, 17, tracks=(0, 4), noise=(0.1, 0.3))
    rng = np.random.default_rng(17)
    plane = pixel_plane(300, (0, 4), noise=rng.uniform(0.1, 0.3, 300), rng=rng)
    np.testing.assert_array_equal(images, plane.images)
    assert (images.dtype, covered.dtype, wanted.dtype) == (np.float32,) * 3
    np.testing.assert_allclose(wanted.sum(axis=1), 1, rtol=1e-6)
    ends = templates().tracks
    shares = set()
    for truth, target, known in zip(plane.tracks, wanted, covered, strict=True):
        truth = truth[~np.isnan(truth[:, 0])]
        cells = np.flatnonzero(target[:-1])
        assert (target[-1] == 1) == (len(cells) == 0)
        left = len(truth) - (known.sum(axis=0).max() if known.any() else 0)
        assert target[cells].sum() == pytest.approx(float(left > 0))
        if len(cells) == left:  # no two tracks in one cell
            np.testing.assert_allclose(target[cells], 1 / max(left, 1))
        for cell in cells:
            assert np.abs(truth - ends[cell]).max(axis=1).min() <= 0.25
        shares.add((len(truth), int(left)))
    assert shares >= {(m, left) for m in range(5) for left in range(m + 1)}


def test_known_tracks_are_nearly_right(network):
    (_, covered), _ = network.half_solved(400, 18, tracks=1)
    rng = np.random.default_rng(18)
    truth = pixel_plane(400, 1, noise=rng.uniform(*network.NOISE, 400), rng=rng).tracks
    known = covered.any(axis=(1, 2))
    assert known.mean() == pytest.approx(0.5, abs=0.13)
    rows = covered.argmax(axis=1)
    away = (rows + 0.5 - height_at(truth[:, 0], np.arange(SIZE)))[known & (covered.sum(axis=(1, 2)) == SIZE)]
    ends = np.array([away[:, 0].std(), away[:, -1].std()])
    np.testing.assert_allclose(ends, math.sqrt(0.25**2 + 1 / 12), atol=0.06)


def test_output_is_a_probability_before_any_training(network):
    model = network.hough_network()
    look = network.onlooker(model)
    images, covered = pixel_plane(20, 2, noise=0.2, rng=20).images, coverage(np.full((20, 1, 2), 9.5))
    whole = np.exp(model([images.astype("float32"), covered]).numpy())
    assert whole.shape == (20, templates().side ** 2 + 1)
    np.testing.assert_allclose(whole.sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(np.exp(look(images, covered)), whole[:, :-1], rtol=1e-5)
    small = network.hough_network(6, 5, bins=1, hidden=3)
    assert small([np.ones((2, 6, 5)), np.zeros((2, 6, 5))]).shape == (2, 37)


def test_loss_is_the_cross_entropy_of_where_the_track_is(network):
    wanted = np.array([[0.5, 0.5, 0], [0, 0, 1]], dtype=np.float32)
    predicted = np.log(np.array([[0.25, 0.5, 0.25], [0.1, 0.1, 0.8]], dtype=np.float32))
    expected = [-(math.log(0.25) + math.log(0.5)) / 2, -math.log(0.8)]
    np.testing.assert_allclose(network.next_track_loss(wanted, predicted), expected, rtol=1e-5)


@pytest.fixture(scope="module")
def trained(network):
    """A hundred steps: a few seconds, and the loss before and after."""
    import keras

    from hepml_course.training import set_seed

    set_seed(1)
    model = network.hough_network()
    model.compile(keras.optimizers.Adam(0.02), loss=network.next_track_loss)
    unseen = network.half_solved(300, 21, tracks=(0, 3), noise=(0.01, 0.2))
    before = model.evaluate(*unseen, verbose=0)
    model.fit(*network.half_solved(6400, 22, tracks=(0, 3), noise=(0.01, 0.2)), batch_size=64, verbose=0)
    return model, before, model.evaluate(*unseen, verbose=0)


@pytest.mark.slow
def test_a_short_training_lowers_the_loss_and_finds_single_tracks(network, trained):
    model, before, after = trained
    assert after < 0.6 * before
    plane = pixel_plane(500, 1, rng=23)
    found = find_tracks(network.onlooker(model), plane.images, 1)
    assert match(plane.tracks, found).efficiency.value > 0.95


@pytest.mark.slow
def test_after_training_it_finds_nothing_where_there_is_nothing_and_stops_after_the_last(network, trained):
    look = network.onlooker(trained[0])
    nothing = find_tracks(look, pixel_plane(200, 0, rng=24).images)
    assert np.isnan(nothing[:, 0]).all(axis=1).mean() > 0.95
    plane = pixel_plane(200, 2, rng=25)
    matching = match(plane.tracks, find_tracks(look, plane.images))
    assert matching.efficiency.value > 0.8
    assert matching.fake_rate.value + matching.duplicate_rate.value < 0.1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, while it saves
def test_saved_network_is_small_and_loads_in_safe_mode_to_the_same_numbers(network, trained, tmp_path):
    import keras

    model, file = trained[0], tmp_path / "tracks.keras"
    model.save(file, include_optimizer=False)
    assert file.stat().st_size < 100_000
    loaded = keras.saving.load_model(file, safe_mode=True)
    images, covered = pixel_plane(20, 2, rng=26).images.astype("float32"), coverage(np.full((20, 1, 2), 9.5))
    np.testing.assert_allclose(loaded([images, covered]), model([images, covered]), rtol=1e-5)
    odd = network.hough_network(6, 5, bins=1, hidden=3)
    odd.save(file)
    inputs = [np.ones((2, 6, 5), dtype="float32"), np.zeros((2, 6, 5), dtype="float32")]
    np.testing.assert_allclose(keras.saving.load_model(file)(inputs), odd(inputs), rtol=1e-5)
