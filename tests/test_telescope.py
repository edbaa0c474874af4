"""Two telescopes of strips: kinematics, multiple scattering and strips as the formulas promise."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.stats import kstest

from hepml_course import plot
from hepml_course.errors import CourseError
from hepml_course.simulate import Telescope, elastic_scatters
from hepml_course.simulate.elastic import (
    BEAM,
    ELECTRON_MASS,
    MUON_MASS,
    elastic_energies,
    electron_angle,
    electron_energy,
    highest_energy,
    highland,
    muon_angle,
)
from hepml_course.simulate.telescope import ELECTRON, MUON, VIEWS
from hepml_course.tracking import telescope as tracking
from hepml_course.tracking.likelihood import likelihood
from hepml_course.tracking.templates import cell_of, templates

T = Telescope()
STILL = replace(T, thickness=1e-30, target=1e-30, noise=0.0, hit_efficiency=1.0)  # nothing scatters
CLEAN = replace(T, noise=0.0, hit_efficiency=1.0)


def spectrum(n, rng=9):
    return np.exp(np.random.default_rng(rng).uniform(np.log(2), np.log(60), n))


# -- kinematics -----------------------------------------------------------------------------------------


def test_energy_and_momentum_are_conserved():
    energy = np.geomspace(0.6, 139.8, 50)
    theta, p = electron_angle(energy), np.sqrt(energy**2 - ELECTRON_MASS**2)
    muon = BEAM + ELECTRON_MASS - energy
    q = np.sqrt(muon**2 - MUON_MASS**2)
    across = q * np.sin(muon_angle(energy)) - p * np.sin(theta)
    along = q * np.cos(muon_angle(energy)) + p * np.cos(theta)
    assert np.abs(across).max() < 1e-9
    assert along == pytest.approx(np.sqrt(BEAM**2 - MUON_MASS**2), rel=1e-9)


def test_known_numbers_of_a_muon_of_150_gev():
    assert highest_energy() == pytest.approx(139.8, abs=0.05)  # GeV, as in the Letter of Intent of MUonE
    assert electron_angle(highest_energy()) == pytest.approx(0, abs=1e-6)
    assert electron_angle(1.0) == pytest.approx(0.0319, abs=0.0002)  # MUonE: 32 mrad at 1 GeV
    largest = muon_angle(np.linspace(1, 139.8, 3000)).max()
    assert largest == pytest.approx(ELECTRON_MASS / MUON_MASS, rel=1e-3)  # 4.8 mrad, whatever the beam


def test_angle_and_energy_of_the_electron_invert_each_other():
    energy = np.geomspace(0.6, 139, 40)
    assert electron_energy(electron_angle(energy)) == pytest.approx(energy, rel=1e-6)


def test_energies_follow_the_cross_section():
    low, high = 2.0, 60.0
    t = np.linspace(low, high, 200_001) - ELECTRON_MASS
    most, beta = highest_energy() - ELECTRON_MASS, np.sqrt(1 - (MUON_MASS / BEAM) ** 2)
    density = (1 - beta**2 * t / most + t**2 / (2 * BEAM**2)) / t**2
    share = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    drawn = elastic_energies(20_000, (low, high), rng=2)
    assert kstest(drawn - ELECTRON_MASS, lambda x: np.interp(x, t, share / share[-1])).pvalue > 0.01
    assert kstest(drawn, lambda x: (1 / low - 1 / x) / (1 / low - 1 / high)).pvalue < 0.01  # not just 1/T²


def test_an_electron_takes_no_more_than_there_is():
    with pytest.raises(CourseError, match=r"at most 139\.8 GeV"):
        electron_angle(140.0)
    with pytest.raises(CourseError, match="low to high"):
        elastic_energies(3, (5, 2), rng=1)
    with pytest.raises(CourseError, match="above its mass"):
        highest_energy(0.1)


def test_highland_for_one_radiation_length():
    assert highland(1.0, 1.0, 0.0) == pytest.approx(0.0136)
    assert highland(10.0, 0.01, 0.0) == pytest.approx(0.00136 * 0.1 * (1 + 0.038 * np.log(0.01)))
    assert highland(1.0, 0.0, 0.0) == 0
    slow = highland(0.1, 0.01, MUON_MASS)  # β = 0.69
    beta = 0.1 / np.hypot(0.1, MUON_MASS)
    assert slow == pytest.approx(0.136 / beta * 0.1 * (1 + 0.038 * np.log(0.01 / beta**2)))


# -- what the particles do ------------------------------------------------------------------------------


def test_muon_and_electron_leave_back_to_back_around_the_beam():
    s = elastic_scatters(500, rng=3)
    muon, electron = np.moveaxis(s.slopes[:, 1:] - s.slopes[:, :1], 1, 0)
    cosine = (muon * electron).sum(axis=1) / np.linalg.norm(muon, axis=1) / np.linalg.norm(electron, axis=1)
    assert cosine == pytest.approx(-1)
    assert np.linalg.norm(electron, axis=1) == pytest.approx(np.tan(electron_angle(s.energies[:, 2])))
    assert s.energies[:, 1:].sum(axis=1) == pytest.approx(BEAM + ELECTRON_MASS)
    phi = np.arctan2(electron[:, 1], electron[:, 0])
    assert kstest(phi, "uniform", (-np.pi, 2 * np.pi)).pvalue > 0.01


def test_u_and_v_are_x_and_y_turned_by_45_degrees():
    x, y, u, v = (np.array(VIEWS[name]) for name in "xyuv")
    assert [u @ x, u @ y, v @ x, v @ y] == pytest.approx(np.array([1, 1, -1, 1]) / 2**0.5)


def test_without_matter_tracks_are_straight_and_meet_at_the_vertex():
    s = elastic_scatters(50, STILL, rng=4)
    for name, direction in VIEWS.items():
        z = STILL.z(name)
        out = (s.vertex @ direction)[:, None, None] + (s.slopes[:, 1:] @ direction)[..., None] * z
        assert getattr(s.behind, name).positions == pytest.approx(out, abs=1e-9)
        into = (s.vertex @ direction)[:, None] - (s.slopes[:, 0] @ direction)[:, None] * z
        assert getattr(s.before, name).positions[:, 0] == pytest.approx(into, abs=1e-9)


def test_a_plane_turns_a_particle_by_highlands_angle():
    no_target = replace(T, target=1e-30)
    s = elastic_scatters(6000, no_target, energies=5.0, rng=5)
    x, z = s.behind.x.positions, T.z("x")
    first_slope = (x[..., 0] - s.vertex[:, None, 0]) / z[0]
    kink = (x[..., 1] - x[..., 0]) / (z[1] - z[0]) - first_slope
    momenta = np.sqrt(s.energies[0, 1:] ** 2 - np.array([MUON_MASS, ELECTRON_MASS]) ** 2)
    # In between are the plane of x itself and its partner of y, a tenth of the way later.
    width = highland(momenta, T.thickness, np.array([MUON_MASS, ELECTRON_MASS])) * np.hypot(1, 0.9)
    assert kink.std(axis=0) == pytest.approx(width, rel=0.04)
    assert width[ELECTRON] / width[MUON] == pytest.approx(29, rel=0.01)


def test_scattering_in_x_and_y_has_nothing_to_do_with_each_other():
    s = elastic_scatters(6000, energies=5.0, rng=6)
    away = []
    for view, name in enumerate("xy"):
        straight = s.vertex[:, view, None] + s.slopes[:, 2, view, None] * T.z(name)
        away.append(getattr(s.behind, name).positions[:, ELECTRON] - straight)
    correlation = np.corrcoef(away[0][:, -1], away[1][:, -1])[0, 1]
    assert abs(correlation) < 4 / np.sqrt(6000)
    u = s.behind.u.positions[:, ELECTRON, 0] - (s.vertex + s.slopes[:, 2] * T.z("u")) @ VIEWS["u"]
    assert np.corrcoef(u, away[0][:, 3] + away[1][:, 3])[0, 1] > 0.9  # u sees what both of them see


def test_the_covariance_of_the_hits_is_the_one_that_the_fit_uses():
    no_target = replace(T, target=1e-30)
    s = elastic_scatters(8000, no_target, energies=4.0, rng=7)
    straight = s.vertex[:, :1] + s.slopes[:, 2, :1] * T.z("x")
    away = s.behind.x.positions[:, ELECTRON] - straight + T.pitch / 12**0.5 * _normal((8000, 8))
    expected = tracking.scattering(T.z("x"), T, 4.0, ELECTRON_MASS)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.cov(away.T) / scale == pytest.approx(expected / scale, abs=0.06)


def _normal(shape):
    return np.random.default_rng(70).normal(size=shape)


# -- what the strips see --------------------------------------------------------------------------------


def test_the_middle_of_a_strip_is_off_by_the_pitch_over_root_twelve():
    s = elastic_scatters(3000, CLEAN, rng=8)
    at = s.before.x.positions
    residual = CLEAN.middle(CLEAN.strip(at)) - at
    assert residual.std() == pytest.approx(T.pitch / 12**0.5, rel=0.01)
    assert np.abs(residual).max() <= T.pitch / 2 * (1 + 1e-9)
    fired = s.before.x.images.sum(axis=1)
    assert (fired == 1).all()  # one muon, one strip in each plane, and it is this one
    assert (s.before.x.images.argmax(axis=1) == CLEAN.strip(at)[:, 0]).all()


def test_hit_efficiency_and_noise_are_those_asked_for():
    telescope = replace(T, hit_efficiency=0.9, noise=0.01)
    s = elastic_scatters(1000, telescope, energies=30.0, rng=9)
    many = s.behind.x.hits.size
    assert s.behind.x.hits.mean() == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / many))
    quiet = elastic_scatters(400, replace(telescope, hit_efficiency=0.0), rng=10).behind.x.images
    assert quiet.mean() == pytest.approx(0.01, abs=4 * np.sqrt(0.01 / quiet.size))
    neighbours = (quiet[:, 1:] & quiet[:, :-1]).mean()
    assert neighbours == pytest.approx(0.01**2, abs=4 * np.sqrt(1e-4 / quiet.size))
    per_plane = quiet.mean(axis=(0, 1))
    assert per_plane == pytest.approx(0.01, abs=5 * np.sqrt(0.01 / (quiet.size / 8)))


def test_each_event_can_have_its_own_noise():
    noise = np.repeat([0.0, 0.002, 0.02], 200)
    s = elastic_scatters(600, replace(T, hit_efficiency=0.0), noise=noise, rng=11)
    seen = s.behind.y.images.reshape(3, -1).mean(axis=1)
    assert seen[0] == 0
    assert seen[1:] == pytest.approx([0.002, 0.02], rel=0.05)


def test_a_particle_outside_fires_nothing():
    small = replace(CLEAN, strips=16)
    s = elastic_scatters(300, small, rng=12)
    outside = np.abs(s.behind.x.positions) > 8 * T.pitch
    assert outside.any()
    assert not s.behind.x.hits[outside].any()
    assert s.behind.x.hits[~outside].all()


def test_the_same_seed_gives_the_same_events():
    a, b, c = (elastic_scatters(20, rng=seed) for seed in (1, 1, 2))
    assert (a.behind.v.images == b.behind.v.images).all()
    assert (a.slopes == b.slopes).all()
    assert (a.slopes != c.slopes).all()


def test_what_cannot_be_built_is_refused():
    for wrong in ({"hit_efficiency": 1.1}, {"noise": 1.0}):
        with pytest.raises(CourseError, match="probabilities"):
            Telescope(**wrong)
    with pytest.raises(CourseError, match="two planes"):
        Telescope(planes=1)
    with pytest.raises(CourseError, match="views"):
        T.z("w")
    with pytest.raises(CourseError, match="probability"):
        elastic_scatters(2, noise=[0.1, 1.2], rng=1)


# -- reconstruction -------------------------------------------------------------------------------------


def test_a_row_of_the_search_fires_where_a_strip_does():
    images = np.zeros((1, 512, 8), dtype=np.uint8)
    images[0, [7, 8, 511], [0, 1, 7]] = 1
    row, plane = np.nonzero(tracking.coarse(images)[0])
    assert list(zip(row, plane, strict=True)) == [(0, 0), (1, 1), (63, 7)]
    assert tracking.coarse_noise(0.1, 2) == pytest.approx(0.19)
    with pytest.raises(CourseError, match="divisor"):
        tracking.coarse(images, 7)


def test_rows_and_lines_are_the_same_tracks():
    s = elastic_scatters(30, STILL, rng=13)
    lines = tracking.to_lines(tracking.ends(s.behind.y, STILL), STILL.z("y"), STILL)
    assert lines[..., 1] == pytest.approx(s.slopes[:, 1:, 1])
    assert lines[..., 0] == pytest.approx(np.repeat(s.vertex[:, 1:], 2, axis=1))


def test_least_squares_is_numpys_and_leaves_out_what_is_missing():
    z, rng = T.z("x"), np.random.default_rng(14)
    hits = rng.normal(size=(5, 8))
    hits[1, [0, 3]] = hits[4, 1:] = np.nan
    lines, errors = tracking.fit_lines(hits, z, 0.01)
    for k in range(4):
        there = ~np.isnan(hits[k])
        slope, first = np.polyfit(z[there], hits[k][there], 1)
        assert lines[k] == pytest.approx([first, slope], rel=1e-4)
    assert np.isnan(lines[4]).all()
    design = np.stack([np.ones(8), z], axis=1)
    assert errors[0] == pytest.approx(0.01 * np.linalg.inv(design.T @ design), rel=1e-6)


def test_a_fit_that_knows_the_scattering_is_as_good_as_promised():
    s = elastic_scatters(6000, CLEAN, energies=4.0, rng=15)
    view, z = s.behind.x, T.z("x")
    hits = CLEAN.middle(CLEAN.strip(view.positions[:, ELECTRON]))
    pulls = []
    for weighted, matrix in ((False, 1.0), (True, tracking.scattering(z, T, 4.0, ELECTRON_MASS))):
        lines, _ = tracking.fit_lines(hits, z, matrix)
        width = (lines[:, 1] - s.slopes[:, 2, 0]).std()
        expected = tracking.slope_error(z, T, 4.0, ELECTRON_MASS, weighted=weighted)
        assert width == pytest.approx(expected, rel=0.05)
        pulls.append(width)
    assert pulls[1] < 0.9 * pulls[0]


def test_two_lines_share_two_strips():
    images = np.zeros((1, 512, 8), dtype=np.uint8)
    images[0, [256, 258]] = 1
    apart = np.array([[[0.02, 0.0], [0.01, 0.0]]])  # both are nearest to strip 256
    hits = tracking.nearest_hits(images, apart, T.z("x"), T, 0.5)
    assert hits[0, 0] == pytest.approx(T.middle(258))
    assert hits[0, 1] == pytest.approx(T.middle(256))
    images[0, 258] = 0
    hits = tracking.nearest_hits(images, apart, T.z("x"), T, 0.5)
    assert hits == pytest.approx(T.middle(256))
    assert np.isnan(tracking.nearest_hits(images, apart + np.array([2.0, 0]), T.z("x"), T, 0.5)).all()


def _views(s, telescope):
    """Lines and hits in x and y behind the target from true ends, and the slopes of the beam."""
    behind, before = (
        [
            tracking.follow(view, tracking.ends(view, telescope), telescope.z(name), telescope)
            for name, view in (("x", station.x), ("y", station.y))
        ]
        for station in (s.behind, s.before)
    )
    return *behind, tracking.incoming(*before)


def test_the_turned_planes_say_which_lines_belong_together():
    s = elastic_scatters(800, CLEAN, energies=spectrum(800), rng=16)
    x, y, _ = _views(s, CLEAN)
    far = [np.abs(np.diff(view.positions[..., 4], axis=1))[:, 0] > 0.5 for view in (s.behind.x, s.behind.y)]
    far = far[0] & far[1]
    assert far.mean() > 0.7
    swapped = np.random.default_rng(17).random(800) < 0.5
    y = tuple(np.where(swapped[:, None, None], part[:, ::-1], part) for part in y)
    crossed, advantage = tracking.pair(x, y, s.behind, CLEAN)
    assert (crossed == swapped)[far].mean() > 0.99
    assert (advantage[far] > 0).all()
    other = {name: getattr(s.behind, name) for name in "uv"}
    blind = s.behind._replace(
        **{name: view._replace(images=np.roll(view.images, 1, axis=0)) for name, view in other.items()}
    )  # the strips of another event
    assert 0.4 < (tracking.pair(x, y, blind, CLEAN)[0] == swapped)[far].mean() < 0.6


def test_particles_come_muon_first_and_with_their_own_lines():
    s = elastic_scatters(400, CLEAN, energies=spectrum(400), rng=18)
    x, y, beam = _views(s, CLEAN)
    found = tracking.particles(x, y, np.zeros(400, dtype=bool), beam)
    again = tracking.particles(
        tuple(part[:, ::-1] for part in x), y, np.ones(400, dtype=bool), beam
    )  # the same, in another order
    assert found.slopes == pytest.approx(again.slopes)
    assert (found.angles[:, MUON] <= found.angles[:, ELECTRON]).all()
    assert tracking.well_found(found, s.behind, CLEAN).mean() > 0.99
    wrong = tracking.particles(x, y, np.ones(400, dtype=bool), beam)
    assert tracking.well_found(wrong, s.behind, CLEAN).mean() < 0.5


def test_momenta_from_the_angle_improve_the_electron_and_leave_the_muon():
    s = elastic_scatters(2000, CLEAN, energies=4.0, rng=19)
    found = tracking.particles(*_views_and_pairs(s, CLEAN))
    better = tracking.refit(found, CLEAN)
    true = np.linalg.norm(s.slopes[:, 1:] - s.slopes[:, :1], axis=-1)
    before, after = ((part.angles - true).std(axis=0) for part in (found, better))
    assert after[ELECTRON] < 0.9 * before[ELECTRON]
    expected = tracking.slope_error(T.z("x"), T, 4.0, ELECTRON_MASS)
    assert after[ELECTRON] == pytest.approx(expected, rel=0.1)
    assert after[MUON] == pytest.approx(before[MUON], rel=0.05)


def _views_and_pairs(s, telescope):
    x, y, beam = _views(s, telescope)
    return x, y, np.zeros(len(beam), dtype=bool), beam


def test_search_to_particles_at_the_standard_noise():
    s = elastic_scatters(150, energies=spectrum(150), rng=20)
    look = likelihood(T.hit_efficiency, tracking.coarse_noise(T.noise), tracking.BINS)
    beam = tracking.incoming(*tracking.find_and_follow(look, s.before, 1, T))
    x, y = tracking.find_and_follow(look, s.behind, 2, T)
    error = tracking.slope_error(T.z("x"), T, BEAM, MUON_MASS, weighted=False)
    assert np.median(np.abs(beam - s.slopes[:, 0])) == pytest.approx(0.6745 * error, rel=0.2)
    found = tracking.particles(x, y, tracking.pair(x, y, s.behind, T)[0], beam)
    assert tracking.well_found(found, s.behind, T).mean() > 0.95


def test_lessons_of_the_network_ask_for_the_tracks_that_are_not_covered():
    (images, covered), wanted = tracking.half_solved(300, 21)
    assert images.shape == covered.shape == (1200, 64, 8)
    assert wanted.sum(axis=1) == pytest.approx(1)
    left = (wanted[:, :-1] > 0).sum(axis=1)
    known = covered.sum(axis=(1, 2)) / 8
    assert (left[:600] <= 1).all()  # one track before the target
    assert set(left[600:]) == {0, 1, 2}
    assert (wanted[left == 0, -1] == 1).all()
    # Where everything is left nothing is covered, and the other way round.
    assert (known[:600][left[:600] == 1] == 0).all()
    assert (known[600:][left[600:] == 2] == 0).all()
    one = np.argmax(wanted[:, :-1], axis=1)[:600][left[:600] == 1]
    lines = templates(tracking.BINS, 64, 8)
    on_line = (images[:600][left[:600] == 1].reshape(-1, 512) * lines.matrix.T[one]).sum(axis=1)
    assert on_line.mean() > 5  # of eight planes: the track is where the lesson says


def test_known_tracks_are_covered_by_the_line_that_holds_them():
    images, cells = np.zeros((300, 64, 8), np.float32), np.array([[5 * 64 + 20, 40 * 64 + 50]] * 300)
    (_, covered), wanted = tracking._lesson(images, cells, np.random.default_rng(22))
    first, both = covered[:, 5, 0] == 1, covered[:, 40, 0] == 1
    assert 70 < both.sum() < 130
    assert (first | ~both).all()
    assert (wanted[both, -1] == 1).all()
    assert (wanted[first & ~both, cells[0, 1]] == 1).all()
    assert (wanted[~first][:, cells[0]] == 0.5).all()


def test_the_best_line_shares_more_rows_than_the_cell_of_the_ends():
    s = elastic_scatters(300, CLEAN, rng=23)
    lines = templates(tracking.BINS, 64, 8)
    crossed = CLEAN.strip(s.behind.x.positions) // tracking.GROUP
    best = (lines.rows[tracking.best_lines(s.behind.x, CLEAN)] == crossed).mean()
    plain = (lines.rows[cell_of(tracking.ends(s.behind.x, CLEAN), lines)] == crossed).mean()
    assert best > plain + 0.015
    assert best > 0.89


# -- the picture ----------------------------------------------------------------------------------------


def test_strips_are_drawn_where_they_are():
    image = np.zeros((512, 8), dtype=np.uint8)
    image[300, 2] = 1
    _, ax = plt.subplots()
    assert plot.strips(image, lines=[[1.0, 0.01], [np.nan, 0.0]], ax=ax) is ax
    fired = next(line for line in ax.get_lines() if line.get_marker() == "s")
    assert fired.get_xydata() == pytest.approx(np.array([[300.0, T.middle(300)]]))
    drawn = next(line for line in ax.get_lines() if line.get_label() == "muon").get_xydata()
    assert np.diff(drawn[:, 1]) / np.diff(drawn[:, 0]) == pytest.approx(0.01)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("z / mm", "x / mm")
    mirrored = plot.strips(image, before=True, ax=plt.subplots()[1]).get_lines()[0]
    assert mirrored.get_xdata() == pytest.approx([-300.0])
    plt.close("all")
    with pytest.raises(CourseError, match="512 strips on 1 planes"):
        plot.strips(image, "u")
