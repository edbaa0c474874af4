"""HEPML_DATA as an archive: unpacked into the cache once, whole or not at all."""

import multiprocessing
import os
import shutil
import tarfile
import time
import zipfile

import pytest
from small_datasets import fill, mounted, without_privileges

from hepml_course import data
from hepml_course.data import places
from hepml_course.data.samples import FILES
from hepml_course.errors import CourseError


@pytest.fixture
def archive(elsewhere, monkeypatch):
    """A zip archive of the datasets, to which HEPML_DATA points."""
    fill(elsewhere / "stick/course/datasets")
    made = shutil.make_archive(elsewhere / "datasets", "zip", elsewhere / "stick")
    shutil.rmtree(elsewhere / "stick")
    monkeypatch.setenv("HEPML_DATA", made)
    return elsewhere / "datasets.zip"


def left_over(folder):
    """Names in the cache that are no finished folder."""
    return [path.name for path in (folder / "cache/unpacked").glob(".part-*")]


def test_a_zip_archive_is_unpacked_once(elsewhere, archive, monkeypatch):
    first = data.file(FILES[0])
    assert first.is_relative_to(elsewhere / "cache/unpacked")

    def again(*_):
        raise AssertionError("unpacked twice")

    monkeypatch.setattr(places, "_unpack", again)
    assert sum(len(data.load(sample)) for sample in data.SAMPLES) == len(FILES)
    assert not left_over(elsewhere)


@pytest.mark.parametrize("kind", ["tar", "gztar", "bztar", "xztar"])
def test_a_tar_archive(elsewhere, monkeypatch, kind):
    fill(elsewhere / "stick")
    monkeypatch.setenv("HEPML_DATA", shutil.make_archive(elsewhere / "a", kind, elsewhere / "stick"))
    assert all(finding.ok for finding in data.verify())


def test_a_new_archive_of_the_same_name_is_unpacked_anew(elsewhere, archive):
    before = data.card(FILES[0])["content_sha256"]
    fill(elsewhere / "new", seed=50)
    archive.unlink()
    shutil.make_archive(elsewhere / "datasets", "zip", elsewhere / "new")
    os.utime(archive, (1, 1))
    assert data.card(FILES[0])["content_sha256"] != before


def test_only_datasets_are_taken_and_only_into_the_cache(elsewhere, monkeypatch):
    fill(elsewhere / "stick")
    with zipfile.ZipFile(elsewhere / "a.zip", "w") as opened:
        for path in (elsewhere / "stick").rglob("*.*"):
            opened.write(path, path.relative_to(elsewhere / "stick"))
        for name in (
            "../mc12/evil.root",
            "mc12/run.py",
            "/mc12/other.yml",
            "mc12/../../up.root",
            "notes.yml",
        ):
            opened.writestr(name, "x")
    monkeypatch.setenv("HEPML_DATA", str(elsewhere / "a.zip"))
    cache = data.file(FILES[0]).parents[1]
    outside = [
        path for path in elsewhere.rglob("*") if path.name in {"evil.root", "up.root", "run.py", "other.yml"}
    ]
    assert all(path.is_relative_to(cache / "mc12") for path in outside)
    assert not [path for path in cache.rglob("*") if path.name in {"run.py", "up.root", "notes.yml"}]


@pytest.mark.parametrize("suffix", ["zip", "tar.gz", "tar.bz2", "tar.xz", "tar"])
def test_a_damaged_archive(elsewhere, monkeypatch, suffix):
    """Cut short or with wrong bytes in the middle: one sentence, and nothing of it in the cache."""
    fill(elsewhere / "stick")
    kind = {"zip": "zip", "tar.gz": "gztar", "tar.bz2": "bztar", "tar.xz": "xztar", "tar": "tar"}[suffix]
    path = elsewhere / f"a.{suffix}"
    shutil.make_archive(elsewhere / "a", kind, elsewhere / "stick")
    whole = path.read_bytes()
    monkeypatch.setenv("HEPML_DATA", str(path))
    half = len(whole) // 2
    # The middle of a plain tar has no checksum; the cards' checksums refuse it when it is read.
    for spoilt in [whole[:half], whole[:half] + bytes(64) + whole[half + 64 :]][
        : 1 if suffix == "tar" else 2
    ]:
        path.write_bytes(spoilt)
        with pytest.raises(CourseError, match="must be a folder, or a whole zip or tar archive") as caught:
            data.file(FILES[0])
        assert "\n" not in str(caught.value)
        assert not any((elsewhere / "cache/unpacked").iterdir())


@pytest.mark.parametrize("content", [b"", b"hello", b"root" * 100])
def test_a_file_that_is_no_archive(elsewhere, monkeypatch, content):
    (elsewhere / "a.root").write_bytes(content)
    monkeypatch.setenv("HEPML_DATA", str(elsewhere / "a.root"))
    with pytest.raises(CourseError, match=r"cannot be unpacked|holds none of the course's files"):
        data.file(FILES[0])


def test_an_archive_without_datasets(elsewhere, monkeypatch):
    with tarfile.open(elsewhere / "a.tar", "w"):
        pass
    monkeypatch.setenv("HEPML_DATA", str(elsewhere / "a.tar"))
    with pytest.raises(CourseError, match="holds none of the course's files"):
        data.file(FILES[0])


def fill_the_cache(cache, archive, start, results):
    """One of several processes that need the archive at the same time."""
    os.environ["HEPML_DATA"] = str(archive)
    places.cache_folder = lambda: cache
    start.wait()
    results.put([finding.ok for finding in data.verify()])


def test_two_processes_fill_the_cache_at_once(elsewhere, archive):
    context = multiprocessing.get_context("spawn")
    start, results = context.Barrier(3), context.Queue()
    arguments = (elsewhere / "cache", archive, start, results)
    processes = [context.Process(target=fill_the_cache, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    seen = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    assert all(all(oks) and len(oks) == len(FILES) for oks in seen)
    assert len(list((elsewhere / "cache/unpacked").iterdir())) == 1


def test_the_slower_of_two_takes_what_the_faster_made(elsewhere, archive, monkeypatch):
    """The race, in slow motion: while one unpacks, the other finishes."""
    unpack = places._unpack

    def overtaken(source, folder):
        monkeypatch.setattr(places, "_unpack", unpack)
        places._unpacked(archive)
        unpack(source, folder)

    monkeypatch.setattr(places, "_unpack", overtaken)
    assert data.file(FILES[0]).is_file()
    assert len(list((elsewhere / "cache/unpacked").iterdir())) == 1


def test_a_full_disk_leaves_nothing_in_the_cache(elsewhere, archive, monkeypatch):
    with mounted("-o", "size=16k") as cache:
        monkeypatch.setattr(places, "cache_folder", lambda: cache)
        with pytest.raises(CourseError, match=f"The disk that holds {cache}/unpacked is full: make room"):
            data.file(FILES[0])
        assert not any((cache / "unpacked").iterdir())


def test_no_permission_for_the_cache(elsewhere, archive, monkeypatch):
    monkeypatch.setattr(places, "cache_folder", lambda: elsewhere / "cache")
    (elsewhere / "cache").mkdir(mode=0o555)
    elsewhere.chmod(0o755)
    for folder in elsewhere.parents:
        if not folder.stat().st_mode & 0o077:  # made by pytest for one user only
            folder.chmod(0o755)
    with (
        without_privileges(),
        pytest.raises(CourseError, match=r"unpack datasets\.zip yourself and set HEPML_DATA"),
    ):
        data.file(FILES[0])


def test_an_interrupt_leaves_nothing_and_the_next_call_works(elsewhere, archive, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfileobj", interrupt)
        with pytest.raises(KeyboardInterrupt):
            data.file(FILES[0])
    assert not any((elsewhere / "cache/unpacked").iterdir())
    assert data.file(FILES[0]).is_file()


def test_what_a_killed_process_left_is_removed_after_a_day(elsewhere, archive):
    store = elsewhere / "cache/unpacked"
    for name, age in (("old", 90_000), ("new", 10)):
        (store / f".part-{name}").mkdir(parents=True)
        os.utime(store / f".part-{name}", 2 * (time.time() - age,))
    data.file(FILES[0])
    assert left_over(elsewhere) == [".part-new"]
