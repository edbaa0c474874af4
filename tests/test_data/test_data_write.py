"""Writing: what is written is read back, in one step or not at all."""

import errno
import hashlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import uproot
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_datasets import events, mounted, without_privileges

from hepml_course import data
from hepml_course.data.write import replace_file
from hepml_course.errors import CourseError

TYPES = [np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8, np.bool_]
CARD = {"title": "Z → ττ", "seed": 7}


def finite(kind):
    """Any values of a type that a dataset may hold."""
    if np.dtype(kind).kind == "f":
        bits = 8 * np.dtype(kind).itemsize
        return st.floats(width=bits, allow_nan=False, allow_infinity=False)
    return None


@st.composite
def tables(draw):
    """A table of one to five branches with plain names and any types, one to fifty events."""
    n = draw(st.integers(1, 50))
    names = draw(
        st.lists(
            st.from_regex(r"[a-z][a-zA-Z0-9_]{0,12}", fullmatch=True), min_size=1, max_size=5, unique=True
        )
    )
    kinds = [draw(st.sampled_from(TYPES)) for _ in names]
    return {
        name: draw(arrays(kind, n, elements=finite(kind))) for name, kind in zip(names, kinds, strict=True)
    }


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables())
def test_any_table_comes_back_bit_by_bit(tmp_path, table):
    path = tmp_path / "any.root"
    data.write_events(path, table, CARD)
    back = data.read(path)
    assert list(back) == list(table)
    for name, values in table.items():
        assert back[name].dtype == values.dtype
        assert back[name].to_numpy().tobytes() == values.tobytes()
    card = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    assert card["content_sha256"] == data.content_sha256(table)
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_card_is_completed_and_keeps_its_order(tmp_path):
    path = tmp_path / "mc12/Zee.root"
    data.write_events(path, events(1), CARD | {"cross_section_pb": np.float64(2.5), "generated": np.int64(3)})
    text = path.with_suffix(".yml").read_text(encoding="utf-8")
    assert text.startswith(
        "file: mc12/Zee.root\ntitle: Z → ττ\nseed: 7\ncross_section_pb: 2.5\ngenerated: 3\n"
    )
    card = yaml.safe_load(text)
    assert (card["tree"], card["entries"]) == ("events", 40)


def test_it_is_a_tree_that_other_programs_read(tmp_path):
    """uproot would write an RNTuple by default, which older readers do not know."""
    data.write_events(tmp_path / "a.root", events(1), CARD)
    with uproot.open(tmp_path / "a.root") as opened:
        assert opened.classnames() == {"events;1": "TTree"}


@settings(max_examples=40, deadline=None)
@given(table=tables(), data_=st.data())
def test_the_checksum_of_the_content_sees_every_change(table, data_):
    checksum = data.content_sha256(table)
    assert checksum == data.content_sha256(dict(reversed(table.items())))
    big_endian = {name: values.astype(values.dtype.newbyteorder(">")) for name, values in table.items()}
    assert checksum == data.content_sha256(big_endian)
    name = data_.draw(st.sampled_from(list(table)))
    spoilt = table[name].copy()
    spoilt.view(np.uint8)[data_.draw(st.integers(0, spoilt.nbytes - 1))] ^= 1
    assert checksum != data.content_sha256(table | {name: spoilt})
    assert checksum != data.content_sha256({key: values for key, values in table.items() if key != name})
    assert checksum != data.content_sha256(
        {key + "_" * (key == name): values for key, values in table.items()}
    )


def test_the_checksum_tells_types_and_boundaries_apart():
    zeros = np.zeros(4, np.int32)
    assert data.content_sha256({"a": zeros}) != data.content_sha256({"a": zeros.view(np.float32)})
    # Values that spell the head of the next branch do not make two tables look alike.
    head = np.frombuffer(b"b\0u1\0", np.uint8)
    one, other = np.arange(3, dtype=np.uint8), np.arange(7, dtype=np.uint8)
    first = {"a": one, "b": np.concatenate([head, other])}
    second = {"a": np.concatenate([one, head]), "b": other}
    assert data.content_sha256(first) != data.content_sha256(second)


def test_the_same_content_leaves_the_files_untouched(tmp_path):
    path = tmp_path / "a.root"
    data.write_events(path, events(1), CARD)
    before = path.read_bytes(), path.stat().st_ino
    data.write_events(path, events(1), CARD)
    assert (path.read_bytes(), path.stat().st_ino) == before


@pytest.mark.parametrize("damage", ["content", "card", "file", "no card", "broken card"])
def test_anything_else_is_written_anew(tmp_path, damage):
    path = tmp_path / "a.root"
    data.write_events(
        path, events(2 if damage == "content" else 1), CARD | {"seed": 8 if damage == "card" else 7}
    )
    if damage == "file":
        path.write_bytes(path.read_bytes()[:-1])
    if damage == "no card":
        path.with_suffix(".yml").unlink()
    if damage == "broken card":
        path.with_suffix(".yml").write_text("[")
    data.write_events(path, events(1), CARD)
    card = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    assert card["seed"] == 7
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert data.content_sha256(dict(data.read(path))) == data.content_sha256(events(1))


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({}, "needs one number per event"),
        ({"x": np.zeros((3, 2))}, "needs one number per event"),
        ({"x": np.zeros(3), "y": np.zeros(4)}, "needs one number per event"),
        ({"x": np.zeros(0)}, "would hold no events"),
        ({"x": np.array(["a"])}, "branch x is <U1"),
        ({"x": np.zeros(2, np.float16)}, "branch x is float16"),
        ({"x": np.zeros(2, complex)}, "branch x is complex128"),
        ({"x": np.array([1, np.nan, np.inf])}, "branch x has 2 values that are NaN or infinite"),
    ],
)
def test_what_could_not_be_read_is_not_written(tmp_path, table, sentence):
    with pytest.raises(CourseError, match=sentence):
        data.write_events(tmp_path / "new/a.root", table, CARD)
    assert not (tmp_path / "new").exists()


def test_the_name_must_be_that_of_a_root_file(tmp_path):
    with pytest.raises(CourseError, match=r"ends in \.root"):
        data.write_events(tmp_path / "a.yml", events(1), CARD)


def test_others_may_read_the_file(tmp_path):
    old = os.umask(0o022)
    try:
        data.write_events(tmp_path / "a.root", events(1), CARD)
    finally:
        os.umask(old)
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o644"}


def refused(folder, sentence, table=None):
    """Writing is refused with ``sentence``; what was there before is there unchanged, and nothing else."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CourseError, match=sentence) as caught:
        data.write_events(folder / "a.root", table or events(2, n=100_000), CARD)
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_full_disk():
    """A real one of 256 kB. The old file stays whole."""
    with mounted("-o", "size=256k") as folder:
        data.write_events(folder / "a.root", events(1), CARD)
        refused(folder, f"The disk that holds {folder} is full: make room and try again")
        assert len(data.read(folder / "a.root")) == 40


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_on_the_way(tmp_path, monkeypatch, code):
    """The same without a mount: the disk accepts the bytes and refuses when they are to be kept."""
    data.write_events(tmp_path / "a.root", events(1), CARD)

    def full(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    refused(tmp_path, "is full: make room")


def test_a_disk_that_fails(tmp_path, monkeypatch):
    def broken(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", broken)
    refused(tmp_path, r"failed \(Input/output error\); nothing half-written is left")


def test_a_read_only_disk():
    with mounted("-o", "size=256k") as folder:
        data.write_events(folder / "a.root", events(1), CARD)
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        refused(
            folder, f"No permission to write to {folder}: change its permissions, or choose another folder"
        )


def test_no_permission_to_write():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        with without_privileges():
            refused(Path(folder), f"No permission to write to {folder}")
        os.chmod(folder, 0o755)


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "mc12").write_text("")
    with pytest.raises(CourseError, match=f"Writing to {tmp_path / 'mc12'} failed"):
        data.write_events(tmp_path / "mc12/a.root", events(1), CARD)


def test_killed_between_file_and_card(datasets, monkeypatch):
    """The new file with the old card is refused, and the next run mends it."""
    from hepml_course.data import write

    real = write.replace_file

    def killed(path, content):
        if path.suffix == ".yml":
            raise KeyboardInterrupt
        real(path, content)

    monkeypatch.setattr(write, "replace_file", killed)
    card = {"file": "mc12/Zee.root", "branches": {branch: {} for branch in events(1)}}
    with pytest.raises(KeyboardInterrupt):
        data.write_events(datasets / "mc12/Zee.root", events(99), card)
    with pytest.raises(CourseError, match="its checksum is not that of its card"):
        data.load("ztautau", only="Zee")
    monkeypatch.undo()
    monkeypatch.setenv("HEPML_DATA", str(datasets))
    data.write_events(datasets / "mc12/Zee.root", events(99), card)
    assert len(data.load("ztautau", only="Zee")["Zee"]) == 40


def test_a_killed_process_leaves_the_old_file_and_its_rest_is_removed(tmp_path):
    data.write_events(tmp_path / "a.root", events(1), CARD)
    code = (
        "import os, sys, signal; from pathlib import Path; from hepml_course.data.write import replace_file\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "replace_file(Path(sys.argv[1]), b'half')"
    )
    dead = subprocess.run([sys.executable, "-c", code, tmp_path / "a.root"], check=False)
    assert dead.returncode < 0
    assert len(data.read(tmp_path / "a.root")) == 40
    assert len(list(tmp_path.iterdir())) == 3
    data.write_events(tmp_path / "a.root", events(2), CARD)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.root", "a.yml"]


def write_often(path, seed, start):
    """One of several processes that write different content to one file at the same time."""
    start.wait()
    for repeat in range(8):
        data.write_events(path, events(seed + 10 * repeat), CARD | {"seed": seed})


def test_two_processes_write_one_dataset(tmp_path):
    """File and card of two writers never mix, whatever a reader meets is whole."""
    path = tmp_path / "a.root"
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    writers = [context.Process(target=write_often, args=(path, seed, start)) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            assert len(data.read(path)) == 40
        writers[0].join(0.01)
    assert [writer.exitcode for writer in writers] == [0, 0]
    card = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.root", "a.yml"]


def test_replacing_leaves_no_part_when_interrupted(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace_file(tmp_path / "a", b"new")
    assert not list(tmp_path.iterdir())


def test_a_file_of_ones_own_stays_in_the_cache(elsewhere):
    first = data.own_file("mine.hepml")
    first.write_bytes(b"kept")
    assert first.is_relative_to(elsewhere / "cache")
    assert data.own_file("mine.hepml").read_bytes() == b"kept"
    assert data.own_file("other").parent == first.parent


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "/root", "folder/file"])
def test_a_file_of_ones_own_has_a_name_and_no_path(elsewhere, name):
    with pytest.raises(CourseError, match="no name for a file"):
        data.own_file(name)
    assert not (elsewhere / "cache").exists()


def test_a_cache_that_cannot_be_made_is_told(elsewhere):
    (elsewhere / "cache").write_text("a file where the folder should be")
    with pytest.raises(CourseError, match=r"Writing to .* failed"):
        data.own_file("mine.hepml")
