"""A file is there whole or as it was."""

import errno
import os

import pytest

from hepml_course.errors import CourseError
from hepml_course.files import write_text


def test_text_is_written_and_folders_are_made(tmp_path):
    path = tmp_path / "notebooks" / "a.ipynb"
    write_text(path, "η = 0.1\n")
    assert path.read_bytes() == "η = 0.1\n".encode()
    write_text(path, "shorter\n")
    assert path.read_text() == "shorter\n"
    assert os.listdir(path.parent) == ["a.ipynb"]


def test_a_full_disk_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_text(path, "old")

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CourseError, match=r"Cannot write .*a\.json: No space left on device"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "notebooks").write_text("a file where the folder should be")
    with pytest.raises(CourseError, match="Cannot write"):
        write_text(tmp_path / "notebooks" / "a.ipynb", "x")


def test_an_interrupt_leaves_no_part(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "a", "x")
    assert os.listdir(tmp_path) == []
