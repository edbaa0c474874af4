"""Conversion tracks: energy loss as its formulas promise, the core of Mu2e, and tails that have causes."""

import numpy as np
import pytest

from hepml_course.errors import CourseError
from hepml_course.metrics import robust_width
from hepml_course.simulate import conversion_tracks
from hepml_course.simulate.conversion_tracks import CONVERSION, FEWEST, _radiated, landau

COLUMNS = ["p_reco", "p_true", "momentum_error", "hits", "active_fraction", "chi2_ndf"]
COLUMNS += ["t0_error", "straw_fraction", "tan_dip", "d0", "p_start"]


@pytest.fixture(scope="module")
def tracks():
    return conversion_tracks(100_000, rng=1)


@pytest.fixture(scope="module")
def off(tracks):
    return (tracks.p_reco - tracks.p_true).to_numpy()


def test_columns_are_finite_floats_in_their_ranges(tracks):
    assert list(tracks.columns) == COLUMNS
    assert all(tracks[name].dtype == float for name in COLUMNS)
    assert np.isfinite(tracks.to_numpy()).all()
    for name in ("active_fraction", "straw_fraction"):
        assert tracks[name].between(0, 1).all()
    for name in ("momentum_error", "hits", "chi2_ndf", "t0_error", "tan_dip", "p_reco", "p_true"):
        assert (tracks[name] > 0).all()
    assert tracks.hits.mean() == pytest.approx(45, abs=8)


def test_the_same_seed_draws_the_same_tracks():
    first, second = conversion_tracks(50, rng=3), conversion_tracks(50, rng=np.random.default_rng(3))
    assert first.equals(second)
    assert len(first) == 50
    assert list(first.index) == list(range(50))
    assert not first.equals(conversion_tracks(50, rng=4))


@pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 5, "p_range": (110, 90)}, {"n": 5, "p_range": (1, 9)}])
def test_what_cannot_be_drawn_is_refused(arguments):
    with pytest.raises(CourseError, match=r"one track or more|two rising momenta"):
        conversion_tracks(rng=1, **arguments)


def test_a_track_has_enough_hits_in_its_fit(tracks):
    assert (tracks.hits * tracks.active_fraction > FEWEST - 0.5).all()


def test_conversion_electrons_start_with_one_energy_and_lose_some(tracks):
    assert (tracks.p_start == CONVERSION).all()
    assert (tracks.p_true < tracks.p_start).all()
    lost = tracks.p_start - tracks.p_true
    height, edges = np.histogram(lost, np.arange(0, 5, 0.1))
    assert 0.2 < edges[height.argmax()] < 0.8
    assert lost.mean() > 2 * lost.median()  # a long tail on one side


def test_a_range_of_momenta_is_flat_but_for_slow_electrons_that_leave_few_hits():
    flat = conversion_tracks(50_000, rng=7, p_range=(90, 110))
    assert flat.p_start.between(90, 110).all()
    counts = np.histogram(flat.p_start, 5, (90, 110))[0]
    assert 0.8 * counts.max() < counts[0] < counts[-1]
    assert counts.min() > 0.8 * counts.max()


def test_landau_is_landau():
    x = landau(1_000_000, np.random.default_rng(8))
    height, edges = np.histogram(x, np.arange(-1.5, 1.5, 0.1))
    assert edges[height.argmax()] + 0.05 == pytest.approx(-0.22, abs=0.15)
    assert np.median(x) == pytest.approx(1.3558, abs=0.01)
    assert np.mean(x > 50) == pytest.approx(1 / 50, rel=0.15)  # the tail falls as 1 / λ


@pytest.mark.parametrize("lengths", [0.01, 0.3])
def test_the_mean_share_of_energy_radiated_is_that_of_bethe_and_heitler(lengths):
    share = _radiated(np.full(200_000, lengths), np.random.default_rng(9))
    assert share.mean() == pytest.approx(1 - np.exp(-lengths), rel=0.05)


def test_the_core_after_a_loose_selection_is_that_of_mu2e(tracks, off):
    loose = (tracks.hits > 25) & (tracks.chi2_ndf < 1.3) & (tracks.active_fraction > 0.9)
    assert 0.12 < robust_width(off[loose]).value < 0.18
    assert robust_width(off).value > robust_width(off[loose]).value


def test_a_few_per_cent_lie_in_the_high_tail_and_a_selection_lowers_it(tracks, off):
    assert 0.6 < np.mean(np.abs(off) < 0.25) < 0.9
    assert 0.01 < np.mean(off > 0.7) < 0.05
    loose = (tracks.chi2_ndf < 1.3) & (tracks.active_fraction > 0.9)
    assert np.mean(off[loose] > 0.7) < 0.4 * np.mean(off > 0.7)


def test_hits_of_something_else_leave_traces_in_tracks_that_come_out_too_high(tracks, off):
    good, bad = tracks[np.abs(off) < 0.25], tracks[off > 0.7]
    assert bad.chi2_ndf.median() > 1.3 * good.chi2_ndf.median()
    assert bad.active_fraction.median() < good.active_fraction.median() - 0.02
    assert bad.hits.median() < good.hits.median()


def test_long_tracks_come_out_too_low_and_short_ones_too_high(tracks, off):
    fewest, most = tracks.hits.quantile([0.1, 0.9])
    assert np.median(off[tracks.hits < fewest]) > 0.02
    assert np.median(off[tracks.hits > most]) < -0.05


def test_the_fit_measures_any_momentum_and_never_pulls_it_to_the_signal():
    flat = conversion_tracks(60_000, rng=10, p_range=(90, 110))
    for low in (92, 98, 106):
        some = flat[flat.p_true.between(low, low + 2)]
        assert abs((some.p_reco - some.p_true).median()) < 0.06


def test_the_error_of_the_fit_is_right_where_nothing_went_wrong(tracks, off):
    clean = (tracks.chi2_ndf < 1.0) & (tracks.active_fraction > 0.95) & (tracks.straw_fraction > 0.9)
    assert 0.9 < robust_width((off / tracks.momentum_error)[clean]).value < 1.5
