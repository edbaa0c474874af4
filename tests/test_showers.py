"""Showers in a calorimeter: what the formulas promise, measured on simulated particles."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.stats import kstest

from hepml_course.errors import CourseError
from hepml_course.shower_shapes import SHAPES, energy_over_momentum, shower_shapes
from hepml_course.simulate import Calorimeter, pi0_decay, showers
from hepml_course.simulate.showers import (
    PARTICLES,
    PI0_MASS,
    RADIATES,
    cell_fractions,
    em_containment,
    hadron_containment,
)

QUIET = Calorimeter(ecal_noise=0.0, hcal_noise=0.0, ecal_threshold=0.0, hcal_threshold=0.0)


def one(kind, n=2000, rng=1, energy=(20, 20), **options):
    return showers(n, rng, (kind,), energy=energy, **options)


def measured(sample):
    """Energy in both calorimeters."""
    return sample.image[..., :2].sum(axis=(1, 2, 3), dtype=float)


def shape(images, name):
    return shower_shapes(images)[:, list(SHAPES).index(name)]


# -- photons and electrons ------------------------------------------------------------------------------


def test_the_resolution_is_the_stochastic_and_the_constant_term():
    d = replace(QUIET, ecal_depth=60.0)  # deep: no leakage into the coarser HCAL
    for energy in (10, 40, 160):
        seen = measured(one("photon", 4000, energy=(energy, energy), detector=d))
        expected = np.hypot(d.ecal_stochastic / np.sqrt(energy), d.constant)
        assert seen.std() / seen.mean() == pytest.approx(expected, rel=0.08)


def test_photons_are_measured_linearly():
    response = [measured(one("photon", energy=(e, e))).mean() / e for e in (10, 20, 40, 80)]
    assert 0.93 < min(response) <= max(response) < 1
    assert max(response) - min(response) < 0.04  # what zero suppression costs at low energy
    quiet = [measured(one("photon", energy=(e, e), detector=QUIET)).mean() / e for e in (10, 80)]
    assert abs(quiet[0] - quiet[1]) < 0.015


def test_ninety_percent_of_a_shower_lie_inside_one_moliere_radius():
    d = replace(QUIET, cell=0.4, cells=40)  # fine cells, to draw a circle
    sample = one("photon", 500, energy=(40, 40), detector=d)
    centre = (np.arange(40) - 19.5) * d.cell
    dy = centre[:, None] - sample.impact[:, 0, None, None]
    dx = centre - sample.impact[:, 1, None, None]
    inside = np.hypot(dy, dx) < d.moliere_radius
    share = (sample.image[..., 0] * inside).sum(axis=(1, 2)).mean() / 40
    assert share == pytest.approx(0.9, abs=0.015)


def test_the_share_of_a_cell_is_the_integral_of_the_profile():
    edges, place, c = np.array([-1.0, 0.5, 2.0]), np.array([0.3, -0.4]), 0.7
    found = cell_fractions(place, c, edges)
    for i, j in np.ndindex(2, 2):
        expected, _ = dblquad(
            lambda x, y: c**2 / np.pi / ((x - place[1]) ** 2 + (y - place[0]) ** 2 + c**2) ** 2,
            *edges[i : i + 2],
            *edges[j : j + 2],
        )
        assert found[i, j] == pytest.approx(expected, rel=1e-6)
    assert cell_fractions(np.zeros(2), c, [-1e4, 1e4])[0, 0] == pytest.approx(1, abs=1e-6)


def test_the_maximum_of_a_shower_moves_with_the_logarithm_of_the_energy():
    depth = np.linspace(0, 25, 25001)
    for energy, kind, offset in ((10.0, "electron", -0.5), (100.0, "photon", 0.5)):
        density = np.diff(em_containment(energy, depth, kind))
        assert depth[density.argmax()] == pytest.approx(np.log(energy / 0.0096) + offset, abs=0.01)
    assert em_containment(20.0, 25.0, "photon") > 0.99
    assert hadron_containment(20.0, 1.0) < 0.5 < hadron_containment(20.0, 6.0)


def test_an_electron_may_lose_momentum_to_a_photon_along_phi():
    sample = one("electron", 4000, detector=QUIET)
    radiated = np.isfinite(sample.photons[:, 0, 0])
    assert radiated.mean() == pytest.approx(RADIATES, abs=0.03)
    track = sample.image[..., 2].sum(axis=(1, 2))
    left = 20 - np.nan_to_num(sample.photons[:, 0, 0])
    assert np.std(track / left - 1) == pytest.approx(np.hypot(0.01, 0.0005 * 20), rel=0.2)
    bend = sample.photons[radiated, 0, 1] - sample.impact[radiated, 0]
    assert 0.3 < (bend > 0).mean() < 0.7
    np.testing.assert_allclose(sample.photons[radiated, 0, 2], sample.impact[radiated, 1])
    for path, compare in (
        (0.3, np.greater_equal),
        (1.5, np.less_equal),
    ):  # m: from the tracker's end, the beam
        limit = 100 * 0.3 * 2.0 * path**2 / (2 * left[radiated])
        assert compare(np.abs(bend), limit).all()


def test_only_the_electron_has_a_preferred_direction():
    wider = {}
    for kind in ("photon", "electron"):
        images = one(kind, 3000).image
        difference = shape(images, "width_phi") ** 2 - shape(images, "width_eta") ** 2
        wider[kind] = difference.mean() / (difference.std() / np.sqrt(3000))
    assert abs(wider["photon"]) < 4
    assert wider["electron"] > 8


# -- neutral pions --------------------------------------------------------------------------------------


def test_two_photons_have_the_mass_of_the_pion():
    energy = np.random.default_rng(1).uniform(5, 80, 1000)
    energies, places = pi0_decay(energy, 2, distance=150.0)
    direction = np.concatenate([places, np.full((1000, 2, 1), 150.0)], axis=2)
    direction /= np.linalg.norm(direction, axis=2, keepdims=True)
    cos = np.sum(direction[:, 0] * direction[:, 1], axis=1)
    mass = np.sqrt(2 * energies.prod(axis=1) * (1 - cos))
    ordinary = energies.min(axis=1) > 0.3  # below, one photon flies far to the side and rounding enters
    np.testing.assert_allclose(mass[ordinary], PI0_MASS, rtol=1e-5)
    np.testing.assert_allclose(energies.sum(axis=1), energy)


def test_the_photons_of_a_pion_share_flatly_and_keep_their_distance():
    energies, places = pi0_decay(np.full(20_000, 30.0), 3)
    assert kstest(energies[:, 0] / 30, "uniform").pvalue > 0.001
    distance = np.linalg.norm(places[:, 0] - places[:, 1], axis=1)
    assert distance.min() == pytest.approx(2 * PI0_MASS / 30 * 150, rel=0.001)
    assert np.abs(np.mean(places[:, 0] / distance[:, None], axis=0)).max() < 0.02  # no preferred side


def test_the_image_of_a_pion_holds_its_photons():
    sample = one("pi0", 2000, energy=(20, 20), detector=QUIET)
    distance = np.linalg.norm(np.diff(sample.photons[:, :, 1:], axis=1)[:, 0], axis=1)
    assert distance.min() == pytest.approx(2 * PI0_MASS / 20 * 150, rel=0.01)
    centre = np.nansum(sample.photons[:, :, :1] * sample.photons[:, :, 1:], axis=1) / 20
    inside = np.abs(sample.photons[:, :, 1:]).max(axis=(1, 2)) < 4.5
    image, axis = sample.image[..., 0], np.arange(12) - 5.5
    total = image.sum(axis=(1, 2))
    row = (image.sum(axis=2) @ axis) / total
    column = (image.sum(axis=1) @ axis) / total
    found = np.column_stack([row, column])
    assert np.corrcoef(found[inside, 0], centre[inside, 0])[0, 1] > 0.97
    assert np.corrcoef(found[inside, 1], centre[inside, 1])[0, 1] > 0.97
    assert measured(sample).mean() == pytest.approx(
        measured(one("photon", 300, detector=QUIET)).mean(), rel=0.03
    )


# -- charged pions --------------------------------------------------------------------------------------


def test_a_hadron_is_measured_lower_and_worse_than_a_photon_and_not_linearly():
    mean, spread = {}, {}
    for energy in (10, 100):
        seen = measured(one("pion", energy=(energy, energy))) / energy
        mean[energy], spread[energy] = seen.mean(), seen.std()
    assert mean[10] < mean[100] < 0.9
    assert mean[10] > 0.5
    assert spread[100] > 0.05  # photons have 1.4 % there


def test_what_is_not_photons_is_seen_with_the_response_h_over_e():
    share = 1 - 20**-0.18  # of photons, on average
    for h_over_e in (0.6, 1.0):
        d = Calorimeter(cells=80, hcal_depth=12.0, hcal_threshold=0.0, hcal_noise=0.0, h_over_e=h_over_e)
        seen = measured(one("pion", 400, detector=d)).mean() / 20
        assert seen == pytest.approx(share + (1 - share) * h_over_e, abs=0.05)


def test_one_pion_in_e_crosses_the_ecal_as_a_minimum_ionising_particle():
    ecal = one("pion", 8000).image[..., 0].sum(axis=(1, 2))
    assert np.exp(-1.0) < np.mean(ecal < 1.0) < np.exp(-0.7)  # some interact shortly before its end
    crossing = ecal[(ecal > 0.05) & (ecal < 1.0)]
    assert 0.15 < np.median(crossing) < 0.6


def test_the_hcal_is_coarse_and_shares_its_energy():
    hcal = one("pion", 50).image[..., 1]
    blocks = hcal.reshape(50, 3, 4, 3, 4).transpose(0, 1, 3, 2, 4)
    assert np.ptp(blocks, axis=(3, 4)).max() == 0
    assert hcal.sum(axis=(1, 2)).mean() > 3


# -- the detector ---------------------------------------------------------------------------------------


def test_noise_is_suppressed_below_three_sigma():
    image = one("photon", 500).image[..., 0]
    assert image[image > 0].min() >= 0.03 - 1e-6
    corner = image[:, :3, :3] > 0
    loud = one("photon", 500, detector=Calorimeter(ecal_noise=0.03)).image[:, :3, :3, 0] > 0
    assert corner.mean() < 0.05 < loud.mean()


def test_a_worse_detector_is_worse_in_the_way_that_is_asked_for():
    base, more = one("photon"), one("photon", detector=Calorimeter(scale=1.1))
    assert measured(more).mean() / measured(base).mean() == pytest.approx(1.1, abs=0.02)
    fewer = one("photon", detector=Calorimeter(dead=0.2))
    ratio = (fewer.image[..., 0] > 0).sum() / (base.image[..., 0] > 0).sum()
    assert ratio == pytest.approx(0.8, abs=0.02)


def test_neutral_particles_leave_no_track_and_charged_ones_point_to_their_cell():
    for kind in PARTICLES:
        sample = one(kind, 100)
        track = sample.image[..., 2]
        if kind in ("photon", "pi0"):
            assert (track == 0).all()
            continue
        assert ((track > 0).sum(axis=(1, 2)) == 1).all()
        row, column = np.divmod(track.reshape(100, -1).argmax(axis=1), 12)
        np.testing.assert_array_equal(row, np.floor(sample.impact[:, 0]) + 6)
        np.testing.assert_array_equal(column, np.floor(sample.impact[:, 1]) + 6)


# -- the sample -----------------------------------------------------------------------------------------


def test_a_seed_gives_the_same_showers_and_another_seed_others():
    first, again, other = showers(20, 7), showers(20, np.random.default_rng(7)), showers(20, 8)
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.image, other.image)


def test_kinds_are_mixed_and_the_energies_are_flat():
    sample = showers(3000, 2, ("pion", "electron"), energy=(10, 40))
    assert sample.image.shape == (6000, 12, 12, 3)
    assert sample.image.dtype == np.float32
    assert np.bincount(sample.kind).tolist() == [3000, 3000]
    assert 1200 < sample.kind[:3000].sum() < 1800
    assert kstest((sample.energy - 10) / 30, "uniform").pvalue > 0.001
    assert kstest(sample.impact.ravel() / 4 + 0.5, "uniform").pvalue > 0.001


@pytest.mark.parametrize("kind", PARTICLES)
def test_events_are_independent(kind):
    sample = one(kind, 2000)
    response = measured(sample)
    neighbours = np.corrcoef(response[:-1], response[1:])[0, 1]
    assert abs(neighbours) < 4 / np.sqrt(2000)
    assert len(np.unique(sample.image.reshape(2000, -1), axis=0)) == 2000


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((5, 1, ("muon",)), {}, "not 'muon'"),
        ((5, 1, ()), {}, "has to be one"),
        ((0, 1), {}, "one or more"),
        ((5, 1), {"energy": (40, 10)}, "lower end first"),
        ((5, 1), {"energy": (0.1, 10)}, "from 2 to 500"),
        ((5, 1), {"detector": Calorimeter(cells=10)}, "not 10"),
    ],
)
def test_an_impossible_sample_gets_a_sentence(arguments, options, message):
    with pytest.raises(CourseError, match=message):
        showers(*arguments, **options)
    with pytest.raises(CourseError, match="well above"):
        pi0_decay([0.1], 1)


# -- shower shapes --------------------------------------------------------------------------------------


def drawn(*deposits):
    """An image with these (row, column, GeV) in the ECAL and 2 GeV in one block of the HCAL."""
    image = np.zeros((1, 16, 16, 3))
    for row, column, energy in deposits:
        image[0, row, column, 0] += energy
    image[0, 4:8, 4:8, 1] = 2 / 16
    return image


def test_shapes_of_an_image_drawn_by_hand():
    found = dict(zip(SHAPES, shower_shapes(drawn((5, 5, 6.0), (5, 9, 2.0), (6, 5, 1.0)))[0], strict=True))
    assert found["energy"] == pytest.approx(11)
    assert found["width_phi"] == pytest.approx(np.sqrt(8) / 9)
    assert found["width_eta"] == pytest.approx(np.std([5] * 7 + [9] * 2))
    assert found["long_axis"] ** 2 + found["short_axis"] ** 2 == pytest.approx(
        found["width_eta"] ** 2 + found["width_phi"] ** 2
    )
    assert found["core"] == pytest.approx(7 / 7)  # the second maximum is four columns away
    assert found["peak"] == pytest.approx(6 / 7)
    assert found["second"] == pytest.approx(2 / 6)
    assert found["cells"] == 3
    assert found["hcal"] == pytest.approx(2 / 11)
    assert found["hcal_peak"] == pytest.approx(1 / 16)


def test_the_long_axis_does_not_depend_on_how_the_image_is_turned():
    straight = drawn((7, 7, 5.0), (7, 10, 5.0))
    diagonal = drawn((5, 5, 5.0), (8, 8, 5.0))
    assert shape(straight, "long_axis")[0] == pytest.approx(1.5)
    assert shape(diagonal, "long_axis")[0] == pytest.approx(1.5 * np.sqrt(2))
    assert shape(diagonal, "short_axis")[0] == pytest.approx(0, abs=1e-6)
    images = one("pi0", 200).image
    for name in ("long_axis", "short_axis", "core", "peak", "second", "cells"):
        np.testing.assert_allclose(
            shape(np.rot90(images, axes=(1, 2)), name), shape(images, name), rtol=1e-6, atol=1e-4
        )


def test_a_maximum_next_to_the_highest_cell_or_at_the_edge():
    assert shape(drawn((5, 5, 6.0), (5, 6, 5.0)), "second")[0] == 0
    assert shape(drawn((5, 5, 6.0), (5, 6, 6.0)), "second")[0] == 0  # two cells alike are one maximum
    assert shape(drawn((0, 0, 6.0), (15, 15, 3.0)), "second")[0] == pytest.approx(0.5)
    assert shape(drawn((0, 0, 6.0), (0, 1, 2.0)), "core")[0] == pytest.approx(1)


def test_an_empty_image_has_shapes_without_a_warning():
    assert (shower_shapes(np.zeros((2, 16, 16, 3))) == 0).all()
    assert (energy_over_momentum(np.zeros((2, 16, 16, 3))) == 0).all()


def test_energy_over_momentum_is_one_for_electrons_that_keep_theirs():
    sample = one("electron", 1000)
    kept = np.isnan(sample.photons[:, 0, 0])
    ratio = energy_over_momentum(sample.image)
    assert np.median(ratio[kept]) == pytest.approx(0.96, abs=0.03)
    assert np.median(ratio[~kept]) > np.median(ratio[kept])
    assert np.median(energy_over_momentum(one("pion", 500).image)) < 0.8


def test_images_without_channels_get_a_sentence():
    with pytest.raises(CourseError, match="as the first two channels"):
        shower_shapes(np.zeros((3, 16, 16)))
    with pytest.raises(CourseError, match="ECAL, HCAL and track"):
        energy_over_momentum(np.zeros((3, 16, 16, 2)))
