"""Every way in which a file can be wrong ends in one sentence that names the file and what to do."""

import shutil
from contextlib import suppress

import awkward as ak
import numpy as np
import pytest
import uproot
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_datasets import events, write_dataset

from hepml_course import data
from hepml_course.data.samples import FILES
from hepml_course.errors import CourseError

NAME = "mc12/Zee.root"


@pytest.fixture
def path(tmp_path):
    """A good ROOT file with the tree ``events`` that a test may spoil."""
    write_dataset(tmp_path, NAME, events(1))
    return tmp_path / NAME


def refusal(call) -> str:
    """The sentence with which ``call`` is refused; it is one line and hides what uproot said."""
    with pytest.raises(CourseError) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def make(path, tree: str, branches: dict, **arrays):
    """A ROOT file with one tree, made by uproot alone."""
    with uproot.recreate(path) as opened:
        made = opened.mktree(tree, branches)
        if arrays:
            made.extend(arrays)
    return path


def test_no_file(tmp_path):
    assert "does not exist" in refusal(lambda: data.read(tmp_path / "none.root"))


def test_a_folder(tmp_path):
    assert "is a folder" in refusal(lambda: data.read(tmp_path))


def test_an_empty_file(path):
    path.write_bytes(b"")
    assert "is empty (0 bytes)" in refusal(lambda: data.read(path))


@pytest.mark.parametrize("content", [b"a,b\n1,2\n" * 100, b"\x89HDF\r\n\x1a\n" + bytes(1000), b"roo"])
def test_not_a_root_file(path, content):
    path.write_bytes(content)
    assert refusal(lambda: data.read(path)) == f"{path} is not a ROOT file."


@pytest.mark.parametrize("left", [4, 19, 100, 403, 0.5, 0.9, -1])
def test_a_truncated_file(path, left):
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if isinstance(left, float) else left])
    assert "is truncated" in refusal(lambda: data.read(path))


def test_uproot_alone_reads_truncated_files(path):
    """Why the length in the header is compared: without it a truncated file would pass."""
    path.write_bytes(path.read_bytes()[:-1])
    with uproot.open(path) as opened:
        assert len(opened["events"].arrays(library="np")["eventNumber"]) == 40


def test_a_truncated_large_file(path):
    """In the format for files above 2 GB the length has eight bytes."""
    content = bytearray(path.read_bytes())
    version = int.from_bytes(content[4:8], "big") + 1_000_000
    content[4:8], content[12:20] = version.to_bytes(4, "big"), (3_000_000_000).to_bytes(8, "big")
    path.write_bytes(content)
    assert "is truncated" in refusal(lambda: data.read(path))


def test_another_tree(tmp_path):
    path = make(tmp_path / "a.root", "signal", {"x": "f4"}, x=np.zeros(3, np.float32))
    assert refusal(lambda: data.read(path)).endswith("has no tree named events; it has signal.")
    with uproot.recreate(tmp_path / "b.root") as opened:
        opened["events"] = np.histogram(np.zeros(3))
    assert "no tree named events; it has none" in refusal(lambda: data.read(tmp_path / "b.root"))


def test_another_tree_is_read_when_named(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as opened:
        opened.mktree("deep/signal", {"x": "f4"}).extend({"x": np.arange(3, dtype=np.float32)})
    assert data.read(tmp_path / "a.root", tree="deep/signal")["x"].tolist() == [0, 1, 2]


def test_a_missing_branch_and_what_is_near_it(path):
    sentence = refusal(lambda: data.read(path, columns=["evtsel_tau_eT", "eventNumber", "nothing_like_it"]))
    assert "no branch evtsel_tau_eT (did you mean evtsel_tau_et" in sentence
    assert "and nothing_like_it." in sentence
    assert "eventNumber" not in sentence


def test_no_branch_asked_for(path):
    assert "it has evtsel_tau_et, evtsel_tau_eta" in refusal(lambda: data.read(path, columns=[]))


def test_no_events(tmp_path):
    path = make(tmp_path / "a.root", "events", {"x": "f4"})
    assert "holds no events" in refusal(lambda: data.read(path))


def test_a_header_that_promises_more_events_than_there_are(path):
    promised, whole = (40).to_bytes(8, "big"), path.read_bytes()
    path.write_bytes(whole.replace(promised, (41).to_bytes(8, "big"), 1))  # the first is that of the tree
    assert "branch evtsel_tau_et holds 40 of 41 events" in refusal(lambda: data.read(path))


def test_values_that_are_not_finite(tmp_path):
    values = np.array([1, np.nan, np.inf, -np.inf, np.nan, np.nan], np.float32)
    path = make(tmp_path / "a.root", "events", {"x": "f4", "y": "f4"}, x=values, y=np.ones(6, np.float32))
    assert f"Branch x in {path} holds 3 NaN and 2 infinite values" in refusal(lambda: data.read(path))
    assert len(data.read(path, columns=["y"])) == 6


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("var * float32", ak.Array([[1.0], [], [2.0, 3.0]])),
        (np.dtype(("f4", (3,))), np.zeros((3, 3), np.float32)),
        ("string", ak.Array(["a", "bc", "d"])),
    ],
)
def test_more_than_one_number_per_event(tmp_path, kind, values):
    path = make(tmp_path / "a.root", "events", {"x": kind, "y": "f4"}, x=values, y=np.ones(3, np.float32))
    sentence = refusal(lambda: data.read(path))
    assert "does not hold one number per event" in sentence
    assert list(data.read(path, columns=["y"])) == ["y"]


@pytest.mark.parametrize("column", [3, None, ("a",)])
def test_a_column_that_is_no_name(path, column):
    assert "has no branch" in refusal(lambda: data.read(path, columns=[column]))


@pytest.mark.parametrize("columns", [None, ["y"]])
def test_a_branch_whose_name_is_no_text(tmp_path, columns):
    path = make(tmp_path / "a.root", "events", {"longname": "f4", "y": "f4"}, longname=[1.0], y=[2.0])
    path.write_bytes(path.read_bytes().replace(b"longname", b"\x80ongname"))
    assert "holds a name '\\udc80ongname'" in refusal(lambda: data.read(path, columns=columns))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10**6), value=st.integers(0, 255), length=st.integers(1, 8))
def test_a_spoilt_file_of_ones_own_gives_a_table_or_one_sentence(path, at, value, length):
    """Without a card there is no checksum; uproot's own errors still do not come through."""
    spoilt = path.with_name("spoilt.root")
    content = bytearray(path.read_bytes())
    at %= len(content)
    content[at : at + length] = bytes([value]) * len(content[at : at + length])
    spoilt.write_bytes(content)
    with suppress(CourseError):
        assert len(data.read(spoilt)) > 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, 10**6),
    flip=st.integers(1, 255),
    how=st.sampled_from(["flip", "cut", "insert", "zero"]),
)
def test_a_spoilt_file_of_the_course_is_never_read(datasets, path, at, flip, how):
    """Whatever happens to the bytes, the checksum refuses them."""
    whole = path.read_bytes()
    shutil.copy(path.with_suffix(".yml"), datasets / "mc12/Zee.yml")
    at %= len(whole)
    spoilt = {
        "flip": whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :],
        "cut": whole[:at],
        "insert": whole[:at] + bytes([flip]) + whole[at:],
        "zero": whole[:at] + bytes(len(whole) - at),
    }[how]
    (datasets / NAME).write_bytes(spoilt)
    if spoilt != whole:
        sentence = refusal(lambda: data.load("ztautau", only=["Zee"]))
        assert "damaged or changed" in sentence or "is empty" in sentence


def restore(datasets, place: str, monkeypatch, elsewhere):
    """Put the datasets in the named place, with no HEPML_DATA."""
    from hepml_course.data import places

    monkeypatch.delenv("HEPML_DATA")
    target = {
        "clone": elsewhere / "clone",
        "package": elsewhere / "package",
        "cache": elsewhere / "cache/datasets",
    }
    target[place].parent.mkdir(exist_ok=True)
    datasets.rename(target[place])
    if place == "clone":
        monkeypatch.setattr(places, "clone_folder", lambda: target[place])
    return target[place]


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        ("clone", "`git checkout -- datasets` restores it, `hepml data make` remakes it"),
        ("package", "`pip install --force-reinstall hepml-course` restores it"),
        ("cache", "`hepml data make` remakes it"),
    ],
)
def test_a_wrong_checksum_says_how_to_restore_the_file(datasets, elsewhere, monkeypatch, place, advice):
    folder = restore(datasets, place, monkeypatch, elsewhere)
    with (folder / NAME).open("ab") as opened:
        opened.write(b"x")
    sentence = refusal(lambda: data.file(NAME))
    assert "its checksum is not that of its card" in sentence
    assert str(folder / NAME) in sentence
    assert sentence.endswith(f"{advice}.")


def test_a_wrong_checksum_in_a_folder_of_ones_own(datasets):
    (datasets / NAME).write_bytes(b"root" * 100)
    assert f"copy it again to {datasets}, or unset HEPML_DATA" in refusal(lambda: data.file(NAME))


def test_files_swapped_with_their_cards(datasets):
    for suffix in (".root", ".yml"):
        shutil.copy((datasets / "mc12/Wmunu.root").with_suffix(suffix), (datasets / NAME).with_suffix(suffix))
    assert "is that of mc12/Wmunu.root" in refusal(lambda: data.file(NAME))


def test_a_missing_file(datasets):
    (datasets / NAME).unlink()
    sentence = refusal(lambda: data.file(NAME))
    assert f"{NAME} is missing from {datasets}" in sentence
    assert "pip install --force-reinstall" in sentence


def test_a_folder_where_a_dataset_should_be(datasets):
    (datasets / NAME).unlink()
    (datasets / NAME).mkdir()
    assert "is a folder" in refusal(lambda: data.file(NAME))


def test_a_broken_link(datasets):
    (datasets / NAME).unlink()
    (datasets / NAME).symlink_to(datasets / "gone.root")
    assert "does not exist" in refusal(lambda: data.file(NAME))


def test_a_missing_card(datasets):
    (datasets / "mc12/Zee.yml").unlink()
    assert "The card" in (sentence := refusal(lambda: data.file(NAME)))
    assert "is missing" in sentence


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it holds no list of properties"),
        (b"- a\n- b\n", "it holds no list of properties"),
        (b"{file: ", "cannot be read (ParserError)"),
        (b"\xff\xfe\x00", "cannot be read (UnicodeDecodeError)"),
        (b"file: mc12/Zee.root\n", "it has no valid tree, entries, branches, sha256, content_sha256"),
        (b"a: !!python/object:os.system x\n", "cannot be read (ConstructorError)"),
    ],
)
def test_a_damaged_card(datasets, content, sentence):
    (datasets / "mc12/Zee.yml").write_bytes(content)
    assert sentence in refusal(lambda: data.file(NAME))


@pytest.mark.parametrize("key", ["file", "tree", "entries", "branches", "sha256", "content_sha256"])
def test_a_card_without_one_property(datasets, key):
    card = yaml.safe_load((datasets / "mc12/Zee.yml").read_text())
    card[key] = None
    (datasets / "mc12/Zee.yml").write_text(yaml.safe_dump(card))
    assert f"it has no valid {key}" in refusal(lambda: data.file(NAME))


@pytest.mark.parametrize("value", ["/nowhere/at/all", "nowhere"])
def test_the_variable_points_nowhere(elsewhere, monkeypatch, value):
    monkeypatch.setenv("HEPML_DATA", value)
    sentence = refusal(lambda: data.file(NAME))
    assert sentence.startswith("HEPML_DATA is /")
    assert "does not exist" in sentence


def test_the_variable_points_to_a_folder_of_something_else(elsewhere, monkeypatch):
    monkeypatch.setenv("HEPML_DATA", str(elsewhere))
    assert "holds none of the course's files, such as mc12/Ztautau.root" in refusal(lambda: data.file(NAME))


def test_an_empty_variable_counts_as_unset(elsewhere, monkeypatch):
    monkeypatch.setenv("HEPML_DATA", " ")
    assert "is missing from" in refusal(lambda: data.file(NAME))


def test_verify_passes_good_files(datasets):
    findings = data.verify()
    assert [finding.file for finding in findings] == FILES
    assert all(finding.ok for finding in findings)
    assert findings[0].message == "40 entries in 4 branches, as on the card."


def test_verify_reports_each_damage_and_goes_on(datasets):
    def alter(name, **changes):
        card = (datasets / name).with_suffix(".yml")
        card.write_text(yaml.safe_dump(yaml.safe_load(card.read_text()) | changes))

    (datasets / "mc12/Ztautau.root").unlink()
    (datasets / "mc12/Zee.root").write_bytes(b"")
    alter("mc12/Wenu.root", entries=41)
    alter("mc12/Wmunu.root", branches={"evtsel_tau_et": {}})
    alter("mc12/Wtaunu.root", content_sha256="0" * 64)
    messages = {finding.file: finding.message for finding in data.verify() if not finding.ok}
    assert "is missing" in messages.pop("mc12/Ztautau.root")
    assert "is empty" in messages.pop("mc12/Zee.root")
    assert "holds 40 events, its card says 41" in messages.pop("mc12/Wenu.root")
    assert "evtsel_is_mu, evtsel_tau_eta" in messages.pop("mc12/Wmunu.root")
    assert "The content of" in messages.pop("mc12/Wtaunu.root")
    assert not messages
