"""What every test of the datasets starts from."""

import pytest
from small_datasets import fill


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """No clone, no package data, an empty cache and no HEPML_DATA: only what the test provides is found."""
    from hepml_course.data import places

    monkeypatch.delenv("HEPML_DATA", raising=False)
    monkeypatch.setattr(places, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setattr(places, "package_folder", lambda: tmp_path / "package")
    monkeypatch.setattr(places, "clone_folder", lambda: None)
    return tmp_path


@pytest.fixture
def datasets(elsewhere, monkeypatch):
    """A folder with all files, to which HEPML_DATA points."""
    folder = fill(elsewhere / "datasets")
    monkeypatch.setenv("HEPML_DATA", str(folder))
    return folder
