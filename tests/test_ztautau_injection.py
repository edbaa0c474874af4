"""The blind injection of the exercise of lesson 09."""

import numpy as np
import pytest

from hepml_course import data
from hepml_course.checks.ztautau import injection
from hepml_course.checks.ztautau.selection import preselection

MUON = "evtsel_lep_phi"  # continuous, so that it tells one event from all others


@pytest.fixture(scope="module")
def tables():
    return data.load("ztautau", only=["data", *injection.INJECTED])


@pytest.fixture(scope="module")
def mixed():
    return injection.injected_events()


def taken(events, mixed):
    """Which of these events are among the mixed ones."""
    columns = [MUON, "evtsel_met_et", "evtsel_tau_et"]
    known = set(mixed[columns].itertuples(index=False, name=None))
    return np.array([row in known for row in events[columns].itertuples(index=False, name=None)])


def test_all_recorded_events_are_kept(tables, mixed):
    assert taken(tables["data"], mixed).all()


def test_the_truth_is_that_of_the_table(tables, mixed):
    assert sum(injection.truth().values()) == preselection(mixed).sum()
    for process in injection.INJECTED:
        added = taken(tables[process][preselection(tables[process])], mixed).sum()
        assert injection.truth()[process] == injection.in_file()[process] + added


def test_more_signal_and_more_w_than_three_uncertainties_of_the_count(tables, mixed):
    added = {name: injection.truth()[name] - injection.in_file()[name] for name in ("Ztautau", "Wmunu")}
    assert added["Ztautau"] > 3 * 0.1 * injection.in_file()["Ztautau"]
    assert added["Wmunu"] > 0.2 * injection.in_file()["Wmunu"]


def test_neither_training_nor_templates_know_the_injected_events(tables, mixed):
    for process in injection.INJECTED:
        events = tables[process]
        assert set(events[taken(events, mixed)].eventNumber % 4) == {2}


def test_control_region_is_injected_with_the_same_multiple(tables, mixed):
    events = tables["Wmunu"].query("eventNumber % 4 == 2 and evtsel_is_tau > 0 and evtsel_is_mu > 0")
    high = events[preselection(events.assign(evtsel_transverseMass=0)) & (events.evtsel_transverseMass > 80)]
    low = events[preselection(events)]
    rate = [taken(part, mixed).sum() / part.WeightLumi.sum() for part in (low, high)]
    assert rate[0] == pytest.approx(rate[1], rel=0.4)


def test_nothing_in_the_table_gives_an_injected_event_away(tables, mixed):
    recorded = tables["data"]
    assert list(mixed.columns) == list(recorded.columns)
    assert (mixed.dtypes == recorded.dtypes).all()
    assert (mixed.WeightLumi == 1).all()
    assert mixed.eventNumber.is_unique
    first = taken(recorded, mixed[: len(mixed) // 2]).mean()
    assert 0.4 < first < 0.6


def test_a_changed_table_does_not_change_the_next_one():
    del injection.injected_events()["evtsel_met_et"]
    assert "evtsel_met_et" in injection.injected_events()
