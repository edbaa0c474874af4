"""Small datasets in the place of the shipped ones, and file systems that refuse."""

import os
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from hepml_course import data
from hepml_course.data.samples import FILES


def events(seed: int, n: int = 40) -> dict[str, np.ndarray]:
    """A few branches of the three types that the course ships."""
    rng = np.random.default_rng(seed)
    return {
        "evtsel_tau_et": rng.exponential(30, n).astype(np.float32),
        "evtsel_tau_eta": rng.normal(0, 1, n).astype(np.float32),
        "evtsel_is_mu": rng.integers(0, 2, n).astype(np.int8),
        "eventNumber": np.arange(n, dtype=np.int32),
    }


def write_dataset(folder, name: str, table: dict[str, np.ndarray]) -> None:
    """A file of the catalogue with a card that describes its branches."""
    card = {"file": name, "branches": {branch: {"unit": "", "about": branch} for branch in table}}
    data.write_events(folder / name, table, card)


def fill(folder, seed: int = 0):
    """All files of the catalogue, each with its own content."""
    for number, name in enumerate(FILES):
        write_dataset(folder, name, events(seed + number))
    return folder


@contextmanager
def mounted(*options):
    """A small file system in memory; skipped where mounting is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", *options, "tmpfs", folder]
        try:
            allowed = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            allowed = False
        if not allowed:
            pytest.skip("no permission to mount a file system")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


@contextmanager
def without_privileges():
    """As another user than root, whom no permission stops."""
    if os.name != "posix":
        pytest.skip("needs the permissions of POSIX")
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
