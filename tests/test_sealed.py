"""The sealed truth about the pseudo-data."""

import pytest

from hepml_course import data
from hepml_course.data import sealed
from hepml_course.errors import CourseError

DATA = "data12/Muons.PhysCont.grp14.root"


def test_the_truth_adds_up_to_what_passes_the_preselection():
    truth = data.unseal(DATA)
    assert sum(truth["preselected"].values()) == data.card(DATA)["preselected"]
    assert truth["luminosity_fb"] == data.card(DATA)["luminosity_fb"]


def test_simulation_has_no_sealed_truth():
    with pytest.raises(CourseError, match=r"no sealed truth about mc12/Ztautau\.root"):
        data.unseal("mc12/Ztautau.root")


@pytest.mark.parametrize("content", [b"", b"!!", b"aGVsbG8=", b"eJyrrgUAAXUA+Q==", b"eJwzNAQAAGUAYg=="])
def test_a_damaged_seal_is_reported(tmp_path, monkeypatch, content):
    (tmp_path / "truth.sealed").write_bytes(content)
    monkeypatch.setattr(sealed, "file", lambda name: tmp_path / "x.root")
    with pytest.raises(CourseError, match="is damaged"):
        data.unseal(DATA)
