"""The tau energy scale: what moves along, what stays, and what comes up from below the threshold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepml_course import data
from hepml_course.errors import CourseError
from hepml_course.simulate.energy_scale import NEEDED, scale_tau_energy


@pytest.fixture(scope="module")
def signal():
    return data.load("ztautau", only="Ztautau")["Ztautau"]


def momentum(events, size, angle):
    """Both components, shape (2, n)."""
    size, angle = (events[f"evtsel_{name}"].to_numpy(float) for name in (size, angle))
    return size * np.array([np.cos(angle), np.sin(angle)])


def test_tau_and_missing_momentum_change_by_the_same_amount(signal):
    up = scale_tau_energy(signal, 1.03, threshold=0)
    np.testing.assert_allclose(up.evtsel_tau_et, 1.03 * signal.evtsel_tau_et, rtol=1e-6)
    balance = [
        momentum(t, "tau_et", "tau_phi") + momentum(t, "met_et", "met_phi") for t in (signal, up)
    ]  # what the calorimeter shifts from one to the other stays in the sum
    np.testing.assert_allclose(*balance, atol=1e-3)


def test_derived_columns_follow(signal):
    t = scale_tau_energy(signal, 0.95, threshold=0).astype("f8")
    lep_met, tau_met = t.evtsel_lep_phi - t.evtsel_met_phi, t.evtsel_tau_phi - t.evtsel_met_phi
    np.testing.assert_allclose(t.sum_cos_dphi, np.cos(lep_met) + np.cos(tau_met), atol=1e-4)
    np.testing.assert_allclose(np.cos(t.evtsel_dPhi_lep_met), np.cos(lep_met), atol=1e-4)
    np.testing.assert_allclose(np.cos(t.evtsel_dPhi_tau_met), np.cos(tau_met), atol=1e-4)
    assert t.evtsel_dPhi_lep_met.abs().max() < 3.1416
    angles = np.arccos(np.cos(lep_met)) + np.arccos(np.cos(tau_met))
    np.testing.assert_allclose(t.evtsel_dPhiSum, angles, atol=2e-3)
    mass = np.sqrt(2 * t.evtsel_lep_pt * t.evtsel_met_et * (1 - np.cos(lep_met)))
    np.testing.assert_allclose(t.evtsel_transverseMass, mass, rtol=1e-3, atol=0.05)
    visible = 2 * t.evtsel_lep_pt * t.evtsel_tau_et
    visible *= np.cosh(t.evtsel_lep_eta - t.evtsel_tau_eta) - np.cos(t.evtsel_lep_phi - t.evtsel_tau_phi)
    np.testing.assert_allclose(t.vis_mass, np.sqrt(visible), rtol=1e-3, atol=0.1)


def test_all_else_stays(signal):
    down = scale_tau_energy(signal, 0.97, threshold=0)
    moved = [*NEEDED[2:3], *NEEDED[4:]]
    others = [name for name in signal if name not in moved or name == "evtsel_tau_phi"]
    pd.testing.assert_frame_equal(down[others], signal[others])
    assert (down.dtypes == signal.dtypes).all()


def test_a_factor_of_one_and_events_not_chosen_change_nothing(signal):
    pd.testing.assert_frame_equal(scale_tau_energy(signal, 1.0), signal)
    real = signal.truth_tau_kind == 1
    down = scale_tau_energy(signal, 0.97, which=real)
    pd.testing.assert_frame_equal(down[down.truth_tau_kind != 1], signal[~real])


def test_the_table_is_left_as_it_was(signal):
    few = signal.head(50)
    before = few.copy()
    scale_tau_energy(few, 1.1)
    pd.testing.assert_frame_equal(few, before)


def test_candidates_that_sink_below_the_threshold_are_lost(signal):
    real = signal.truth_tau_kind == 1
    down = scale_tau_energy(signal, 0.97, which=real)
    lost = real & (signal.evtsel_tau_et.astype(float) * 0.97 < 20)
    assert lost.sum() > 500
    assert len(down) == len(signal) - lost.sum()
    assert down.evtsel_tau_et.min() >= 20


@pytest.mark.parametrize("process", ["Ztautau", "Wmunu"])
def test_stand_ins_make_up_for_what_comes_up_from_below(process):
    # Pretend that the files begin at 25 GeV. Then the events that come up from below are known.
    events = data.load("ztautau", only=process)[process]
    events = events[(events.evtsel_is_tau > 0) & (events.evtsel_is_mu > 0)]
    whole = scale_tau_energy(events, 1.03, threshold=0)
    whole = whole[whole.evtsel_tau_et >= 25]
    cut = scale_tau_energy(events[events.evtsel_tau_et >= 25], 1.03, threshold=25)
    entering = np.count_nonzero(whole.evtsel_tau_et < 25 * 1.03)
    assert entering > 0.03 * len(whole)  # without stand-ins this would be missing
    assert len(cut) == pytest.approx(len(whole), abs=3 * np.sqrt(2 * entering))
    means = [t.evtsel_transverseMass.mean() for t in (whole, cut)]
    assert means[1] == pytest.approx(means[0], abs=0.3)
    assert cut.evtsel_tau_et.min() >= 25


@given(st.floats(0.81, 1.19))
def test_there_and_back(factor):
    events = pd.DataFrame(
        {
            name: np.linspace(30, 60, 5) if name.endswith(("pt", "et")) else np.linspace(-3, 3, 5)
            for name in NEEDED
        }
    )
    once = scale_tau_energy(events, factor, threshold=0)
    back = scale_tau_energy(once, 1 / factor, threshold=0) if 0.8 < 1 / factor < 1.2 else events
    np.testing.assert_allclose(back.evtsel_tau_et, events.evtsel_tau_et)
    np.testing.assert_allclose(back.evtsel_met_et, events.evtsel_met_et)


def test_what_cannot_be_scaled_is_refused(signal):
    few = signal.head(10)
    with pytest.raises(CourseError, match="also needs vis_mass"):
        scale_tau_energy(few.drop(columns="vis_mass"), 1.03)
    with pytest.raises(CourseError, match="The factor on the tau energy is 3"):
        scale_tau_energy(few, 3.0)
    with pytest.raises(CourseError, match="The factor on the tau energy is nan"):
        scale_tau_energy(few, float("nan"))
    with pytest.raises(CourseError, match="for each of the 10 events"):
        scale_tau_energy(few, 1.03, which=few.truth_tau_kind)
