"""The cut flow: weighted, cumulative, and clear about a cut that is none."""

import pandas as pd
import pytest

from hepml_course.cutflow import cut_flow
from hepml_course.errors import CourseError

EVENTS = pd.DataFrame(
    {
        "process": ["Wmunu", "Wmunu", "Ztautau", "Ztautau"],
        "pt": [10.0, 30.0, 30.0, 40.0],
        "charge": [1, 1, -1, 1],
        "WeightLumi": [5.0, 3.0, 0.5, 0.25],
    },
    index=[0, 1, 0, 1],  # as concatenated tables have it
)
CUTS = {"pt > 20 GeV": lambda e: e.pt > 20, "positive": lambda e: e.charge > 0}


def test_each_step_keeps_the_cuts_before_it_and_sums_weights():
    flow = cut_flow(EVENTS, CUTS)
    assert list(flow.columns) == ["Wmunu", "Ztautau"]
    assert list(flow.index) == ["all", *CUTS]
    assert flow["Wmunu"].tolist() == [8.0, 3.0, 3.0]
    assert flow["Ztautau"].tolist() == [0.75, 0.75, 0.25]


def test_without_weight_it_counts():
    flow = cut_flow(EVENTS, CUTS, weight=None)
    assert flow["Wmunu"].tolist() == [2, 1, 1]
    assert flow["Ztautau"].dtype.kind == "i"


def test_the_table_is_left_as_it_was():
    before = EVENTS.copy()
    cut_flow(EVENTS, CUTS)
    pd.testing.assert_frame_equal(EVENTS, before)


@pytest.mark.parametrize("cut", [lambda e: e.pt, lambda e: True, lambda e: (e.pt > 20)[:2]])
def test_a_cut_that_gives_no_decision_per_event_is_refused(cut):
    with pytest.raises(CourseError, match="'odd' has to give True or False for each of the 4 events"):
        cut_flow(EVENTS, {"odd": cut})


def test_a_cut_may_be_an_expression():
    words = {"pt > 20 GeV": "pt > 20", "positive": "charge > 0 and abs(pt) > 1"}
    pd.testing.assert_frame_equal(cut_flow(EVENTS, words), cut_flow(EVENTS, CUTS))
    with pytest.raises(CourseError, match="'odd' has to give True or False"):
        cut_flow(EVENTS, {"odd": "pt + 1"})


def test_an_expression_reads_columns_and_nothing_else():
    for cut in ("__import__('os').getcwd() == 1", "@pd.DataFrame", "pt.values > 1", "momentum > 1"):
        with pytest.raises(CourseError) as caught:
            cut_flow(EVENTS, {"odd": cut})
        assert "\n" not in str(caught.value)
