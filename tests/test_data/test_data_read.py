"""Reading: what comes out is what is in the file, and only what was asked for."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import uproot
from small_datasets import events, fill

from hepml_course import data
from hepml_course.data.samples import FILES, SAMPLES
from hepml_course.errors import CourseError


def test_load_gives_one_table_for_each_member(datasets):
    tables = data.load("ztautau")
    assert list(tables) == ["Ztautau", "Powheg_ttbar", "Wenu", "Wmunu", "Wtaunu", "Zee", "Zmumu", "data"]
    for seed, table in enumerate(tables.values()):
        pd.testing.assert_frame_equal(table, pd.DataFrame(events(seed)))


def test_load_takes_columns_and_members_in_the_order_asked(datasets):
    tables = data.load("ztautau", columns=iter(["evtsel_is_mu", "evtsel_tau_et"]), only=["Zee", "data"])
    assert list(tables) == ["Zee", "data"]
    assert all(list(table) == ["evtsel_is_mu", "evtsel_tau_et"] for table in tables.values())


def test_one_name_may_stand_without_a_list(datasets):
    assert list(data.load("ztautau", columns="evtsel_tau_et", only="Zee")["Zee"]) == ["evtsel_tau_et"]


def test_only_the_columns_asked_for_are_read(datasets, monkeypatch):
    asked = []
    arrays = uproot.TTree.arrays

    def spy(tree, names, **options):
        asked.extend(names)
        return arrays(tree, names, **options)

    monkeypatch.setattr(uproot.TTree, "arrays", spy)
    data.read(data.file("mc12/Zee.root"), columns=["evtsel_tau_et", "evtsel_tau_et"])
    assert asked == ["evtsel_tau_et"]


def test_uproot_opens_the_file_as_it_is(datasets):
    with uproot.open(data.file("mc12/Ztautau.root")) as opened:
        np.testing.assert_array_equal(opened["events"]["eventNumber"].array(library="np"), np.arange(40))


def test_the_card_belongs_to_the_caller(datasets):
    data.card("mc12/Zee.root")["branches"].clear()
    assert set(data.card("mc12/Zee.root")["branches"]) == set(events(0))


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: data.load("ztaut"), r"no sample named ztaut \(did you mean ztautau\?\); known: ztautau"),
        (
            lambda: data.load("ztautau", only=["wmunu"]),
            r"no member of ztautau named wmunu \(did you mean Wmunu",
        ),
        (
            lambda: data.file("mc12/ztautau"),
            r"no dataset named mc12/ztautau \(did you mean mc12/Ztautau.root",
        ),
        (lambda: data.file("../../etc/passwd"), "no dataset named .*; known: mc12/Ztautau.root, mc12/Powheg"),
        (lambda: data.card("mc13/Zee.root"), r"did you mean mc12/Zee.root"),
        (lambda: data.card("MC12/ZEE.ROOT"), r"did you mean mc12/Zee.root"),
    ],
)
def test_an_unknown_name_lists_the_known_ones(datasets, call, sentence):
    with pytest.raises(CourseError, match=sentence):
        call()


def test_the_catalogue_lists_every_file_with_its_card(datasets):
    listed = data.catalogue()
    assert [entry.file for entry in listed] == FILES
    assert {(entry.sample, entry.key) for entry in listed} == {
        (s, key) for s in SAMPLES for key in SAMPLES[s]
    }
    assert all(entry.card["entries"] == 40 and entry.path.is_file() and not entry.problem for entry in listed)


def test_the_catalogue_tells_what_is_missing_and_does_not_fail(datasets):
    (datasets / "mc12/Zee.root").unlink()
    (datasets / "mc12/Wenu.yml").write_text("{")
    entries = {entry.key: entry for entry in data.catalogue()}
    assert entries["Zee"].path is None
    assert "mc12/Zee.root is missing" in entries["Zee"].problem
    assert entries["Wenu"].card == {}
    assert "cannot be read" in entries["Wenu"].problem
    assert not entries["Zmumu"].problem


def test_every_working_directory_finds_the_same_file(elsewhere, monkeypatch):
    from hepml_course.data import places

    monkeypatch.undo()  # the real search, from inside and outside the clone
    monkeypatch.delenv("HEPML_DATA", raising=False)
    found = []
    for folder in (elsewhere, "/"):
        monkeypatch.chdir(folder)
        found.append(places.clone_folder())
    assert found[0] == found[1]
    assert found[0].parent.joinpath("pyproject.toml").is_file()


def test_places_are_searched_in_order(elsewhere, monkeypatch):
    from hepml_course.data import places

    name = "mc12/Zee.root"
    order = ["mine", "clone/datasets", "package", "cache/datasets"]
    monkeypatch.setattr(places, "clone_folder", lambda: elsewhere / "clone/datasets")
    for folder in order:
        fill(elsewhere / folder)
    monkeypatch.setenv("HEPML_DATA", str(elsewhere / "mine"))
    for folder in order:
        assert data.file(name) == elsewhere / folder / name
        (elsewhere / folder / name).unlink()
    with pytest.raises(CourseError, match=r"git checkout -- datasets.*hepml data make.*HEPML_DATA"):
        data.file(name)


def test_a_relative_or_home_folder_in_the_variable(datasets, monkeypatch):
    monkeypatch.chdir(datasets.parent)
    monkeypatch.setenv("HEPML_DATA", "datasets")
    assert data.file("mc12/Zee.root") == datasets / "mc12/Zee.root"
    monkeypatch.setenv("HOME", str(datasets.parent))
    monkeypatch.setenv("HEPML_DATA", "~/datasets")
    assert data.file("mc12/Zee.root") == datasets / "mc12/Zee.root"


def test_a_file_is_verified_once_and_again_when_it_changes(datasets, monkeypatch):
    import hashlib

    counted = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *args: counted.append(1) or digest(*args))
    path = data.file("mc12/Zee.root")
    data.file("mc12/Zee.root")
    assert len(counted) == 1
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(CourseError, match="checksum"):
        data.file("mc12/Zee.root")


def test_without_a_clone_there_is_none_to_search(monkeypatch):
    from hepml_course import course
    from hepml_course.data import places

    def nowhere():
        raise CourseError("No course here.")

    monkeypatch.setattr(course, "root", nowhere)
    assert places.clone_folder() is None


def test_new_data_go_to_the_clone_or_the_cache(elsewhere, monkeypatch):
    from hepml_course.data import places

    assert data.destination() == elsewhere / "cache/datasets"
    monkeypatch.setattr(places, "clone_folder", lambda: elsewhere / "clone/datasets")
    assert data.destination() == elsewhere / "clone/datasets"


def test_import_loads_nothing_heavy():
    heavy = {"uproot", "awkward", "pandas", "matplotlib", "tensorflow", "pythia8mc"}
    code = f"import sys, hepml_course.data; print(*({heavy} & set(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert shown.stdout.split() == []
