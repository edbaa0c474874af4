"""The files that the course ships: whole, described, small."""

import pytest
import yaml

from hepml_course import data
from hepml_course.course import root
from hepml_course.data import places, trained
from hepml_course.data.samples import FILES, SAMPLES

DATASETS = root() / "datasets"
PSEUDO_DATA = SAMPLES["ztautau"]["data"]
SIMULATED = [name for name in SAMPLES["ztautau"].values() if name != PSEUDO_DATA]
JETS = list(SAMPLES["quark_gluon"].values())

LECTURE = [
    "evtsel_is_dilepVeto",
    "evtsel_is_tau",
    "evtsel_tau_eta",
    "evtsel_is_conf_lep_veto",
    "evtsel_tau_numTrack",
    "evtsel_lep_pt",
    "evtsel_lep_eta",
    "evtsel_transverseMass",
    "evtsel_is_oppositeSign",
    "evtsel_is_mu",
    "evtsel_is_isoLep",
    "evtsel_tau_et",
    "evtsel_dPhiSum",
    "evtsel_tau_pi0_n",
    "sum_cos_dphi",
    "vis_mass",
    "WeightLumi",
    "eventNumber",
]
"""Names of lecture 001, and the number of the event."""

EVERY_CARD = [
    "title",
    "process",
    "generator",
    "version",
    "seed",
    "detector",
    "cuts",
    "luminosity_fb",
    "licence",
    "notes",
]
SIMULATION_CARD = ["tune", "strata", "cross_section_pb", "k_factor", "preselected"]
JET_CARD = ["tune", "cross_section_pb", "cross_section_source", "generated", "jets"]


@pytest.fixture(autouse=True)
def only_the_clone(monkeypatch):
    """Whoever runs the tests may have data of his own."""
    monkeypatch.delenv("HEPML_DATA", raising=False)


def card(name):
    return yaml.safe_load((DATASETS / name).with_suffix(".yml").read_text(encoding="utf-8"))


def test_every_file_is_there_and_intact():
    findings = {finding.file: finding for finding in data.verify()}
    assert [finding.message for finding in findings.values() if not finding.ok] == []
    assert all(places.find(name)[0].is_relative_to(DATASETS) for name in FILES)


def test_nothing_else_is_shipped_and_all_of_it_is_small():
    names = [*FILES, *trained.files()]
    expected = {DATASETS / name for name in names} | {(DATASETS / name).with_suffix(".yml") for name in names}
    present = {path for path in DATASETS.rglob("*") if path.is_file()}
    assert present == expected | {(DATASETS / PSEUDO_DATA).with_name("truth.sealed")}
    assert sum(path.stat().st_size for path in present) < 40e6


@pytest.mark.parametrize("name", FILES)
def test_a_card_says_what_its_file_is(name):
    about = card(name)
    needed = EVERY_CARD + (
        SIMULATION_CARD if name in SIMULATED else JET_CARD if name in JETS else ["preselected"]
    )
    assert [key for key in needed if about.get(key) in (None, "")] == []
    assert name in JETS or set(LECTURE) <= set(about["branches"])
    for branch, words in about["branches"].items():
        assert words["about"], branch
        assert isinstance(words["unit"], str), branch


@pytest.mark.parametrize("name", SIMULATED)
def test_the_weight_of_a_stratum_follows_from_its_card(name):
    """Cross section and number generated are those before the cuts that keep the strata apart."""
    about = card(name)
    for stratum in about["strata"]:
        assert 0 < stratum["cross_section_pb"] <= about["cross_section_pb"], stratum["name"]
        expected = about["luminosity_fb"] * 1e3 * stratum["cross_section_pb"] / stratum["generated"]
        assert stratum["weight"] == pytest.approx(expected, rel=1e-5), stratum["name"]


def test_truth_is_in_the_simulated_files_only():
    assert not [branch for branch in card(PSEUDO_DATA)["branches"] if "truth" in branch]
    assert all(any("truth" in branch for branch in card(name)["branches"]) for name in SIMULATED + JETS)


def test_event_numbers_are_unique_and_weights_those_of_events():
    for name, table in data.load("ztautau", columns=["eventNumber", "WeightLumi"]).items():
        assert table["eventNumber"].is_unique, name
        assert (table["WeightLumi"] == 1).all() if name == "data" else (table["WeightLumi"] > 0).all(), name
