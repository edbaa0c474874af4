"""Production of the files: the same content however it is made, and never a half-made piece."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip(
    "pythia8mc", reason="events are generated on Linux and macOS only: install hepml-course[generate]"
)

from hepml_course import data
from hepml_course.data.write import content_sha256
from hepml_course.errors import CourseError, MissingExtraError
from hepml_course.simulate import assemble, collisions, production
from hepml_course.simulate.ztautau import PROCESSES

W_ONLY = tuple(process for process in PROCESSES if process.file == "mc12/Wmunu.root")
EVENTS = 40


def checksums(folder, chunks, seed=production.SEED):
    work = production.work_folder(folder, seed)
    return [content_sha256(production.read_chunk(work / chunk.path)) for chunk in chunks]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small production of every process with one job."""
    folder = tmp_path_factory.mktemp("production")
    chunks = production.plan(events=EVENTS)
    production.produce(folder, chunks, jobs=1)
    return folder, chunks


def test_every_chunk_has_its_own_seed_and_place():
    chunks = production.plan()
    assert len({chunk.seed for chunk in chunks}) == len(chunks)
    assert len({chunk.path for chunk in chunks}) == len(chunks)


@pytest.mark.slow
def test_number_of_processes_does_not_change_the_content(finished, tmp_path):
    folder, chunks = finished
    some = [chunk for chunk in chunks if chunk.process in ("mc12/Wmunu.root", "mc12/Ztautau.root")]
    production.produce(tmp_path, some, jobs=2)
    assert checksums(tmp_path, some) == checksums(folder, some)


def test_another_seed_gives_other_events(finished, tmp_path):
    folder, chunks = finished
    chunk = production.plan(W_ONLY, seed=7, events=EVENTS)[0]
    same = next(c for c in chunks if c.path == chunk.path)
    production.make_chunk(chunk, tmp_path)
    other = production.read_chunk(tmp_path / chunk.path)
    mine = production.read_chunk(production.work_folder(folder, production.SEED) / same.path)
    assert content_sha256(other) != content_sha256(mine)


def test_files_and_cards_come_out_whole(finished, tmp_path):
    folder, chunks = finished
    assemble.assemble(folder, tmp_path / "a", chunks)
    assemble.assemble(folder, tmp_path / "b", chunks)
    for process in PROCESSES:
        table = data.read(tmp_path / "a" / process.file)
        assert len(table) > 0
        assert np.isfinite(table.to_numpy(dtype="f8")).all()
    cards = {path.relative_to(tmp_path / "a"): path.read_text() for path in (tmp_path / "a").rglob("*.yml")}
    assert len(cards) == len(PROCESSES) + 1
    content = [line for text in cards.values() for line in text.splitlines() if "content_sha256" in line]
    again = [
        line
        for path in cards
        for line in (tmp_path / "b" / path).read_text().splitlines()
        if "content_sha256" in line
    ]
    assert content == again


def test_missing_piece_stops_the_merging(finished, tmp_path):
    folder, chunks = finished
    more = [*chunks, *[c for c in production.plan() if c.index == 1]]
    with pytest.raises(CourseError, match="hepml data make"):
        assemble.assemble(folder, tmp_path, more)
    assert not list(tmp_path.rglob("*.root"))


def test_damaged_piece_is_made_again(finished):
    folder, chunks = finished
    chunk = next(c for c in chunks if c.process == "mc12/Zee.root")
    path = production.work_folder(folder, production.SEED) / chunk.path
    before = checksums(folder, [chunk])
    path.write_bytes(path.read_bytes()[:-200])
    production.produce(folder, chunks, jobs=1)
    assert checksums(folder, [chunk]) == before


def test_finished_production_makes_nothing_new(finished):
    folder, chunks = finished
    work = production.work_folder(folder, production.SEED)
    times = [(work / chunk.path).stat().st_mtime_ns for chunk in chunks]
    production.produce(folder, chunks, jobs=1)
    assert [(work / chunk.path).stat().st_mtime_ns for chunk in chunks] == times


@pytest.mark.slow
def test_killed_production_goes_on_without_loss_or_double_counting(finished, tmp_path):
    folder, chunks = finished
    program = (
        "from pathlib import Path\n"
        "from hepml_course.simulate import production as p\n"
        "if __name__ == '__main__':\n"
        f"    p.produce(Path({str(tmp_path)!r}), p.plan(events={EVENTS}), jobs=1)\n"
    )
    script = tmp_path / "run.py"
    script.write_text(program)
    child = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not list(tmp_path.rglob("*.npz")) and time.monotonic() < deadline:
        time.sleep(0.2)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    done = len(list(tmp_path.rglob("*.npz")))
    assert 0 < done < len(chunks)
    production.produce(tmp_path, chunks, jobs=1)
    assert checksums(tmp_path, chunks) == checksums(folder, chunks)
    assert len(list(tmp_path.rglob("*.npz"))) == len(chunks)


def test_full_disk_is_one_sentence_and_leaves_nothing(finished, tmp_path, monkeypatch):
    import errno

    _, chunks = finished

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match="full"):
        production.make_chunk(chunks[0], tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_pythia_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pythia8mc", None)
    with pytest.raises(MissingExtraError, match=r"pip install hepml-course\[generate\]"):
        production.produce(tmp_path, production.plan(events=1))
    with pytest.raises(MissingExtraError, match="generate"):
        collisions.Collisions([], 1)


def test_unknown_sample_is_told(tmp_path):
    with pytest.raises(CourseError, match="ztautau"):
        production.make(["ztata"], folder=tmp_path)
