"""The doctor: every line OK, or what to do."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from hepml_course import data, doctor, models
from hepml_course.errors import CourseError

LOCK = """\
numpy==2.1.0 \\
    --hash=sha256:00
    # via hepml-course
pywin32==300 ; sys_platform == 'no-such-system' \\
    --hash=sha256:00
jupyter-core==5.7.2 ; python_full_version >= '3.11' \\
    --hash=sha256:00
"""


def test_the_lock_is_read_for_this_machine():
    assert doctor.locked(LOCK) == {"numpy": "2.1.0", "jupyter-core": "5.7.2"}


def test_packages_of_this_environment_are_there():
    assert doctor.missing_or_outside() == []


@pytest.fixture
def lock(tmp_path, monkeypatch):
    """A lock of one package, and what is installed of it."""

    def set_up(pinned, installed):
        path = tmp_path / "requirements.lock"
        path.write_text(f"{pinned} \\\n    --hash=sha256:00\n", encoding="utf-8")
        monkeypatch.setattr(doctor, "_lock", lambda: path)
        names = [SimpleNamespace(name=name, version=version) for name, version in installed.items()]
        monkeypatch.setattr(doctor.metadata, "distributions", lambda: names)
        monkeypatch.setattr(sys, "prefix", str(tmp_path))

    return set_up


def test_an_environment_as_locked(lock):
    lock("numpy==2.1.0", {"NumPy": "2.1.0", "unrelated": "1"})
    assert doctor.packages() == doctor.Finding("packages", True, "1 as in requirements.lock")


def test_a_version_that_drifted_is_named(lock):
    lock("numpy==2.1.0", {"numpy": "2.2.0"})
    finding = doctor.packages()
    assert not finding.ok
    assert "numpy 2.2.0 is not 2.1.0" in finding.message
    assert "make" in finding.message


def test_conda_chooses_its_own_versions_within_the_ranges(lock, tmp_path):
    lock("numpy==2.1.0", {"numpy": "2.2.0"})
    (tmp_path / "conda-meta").mkdir()
    assert doctor.packages().ok


def test_missing_and_unfit_packages_are_named(monkeypatch):
    wanted = ["numpy>=99", "no-such-package", "other ; extra == 'gpu'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: wanted)
    first, second = doctor.missing_or_outside()
    assert first.startswith("numpy 2.")
    assert second == "no-such-package is missing"


def test_an_unfit_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 99, 0))
    assert "3.99.0 is not " in doctor.python().message


@pytest.mark.parametrize(("free", "ok"), [(8e9, True), (0.5e9, False)])
def test_memory_and_disk(monkeypatch, tmp_path, free, ok):
    import psutil

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free, total=16e9))
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert doctor.memory().ok == ok
    assert doctor.disk(tmp_path).ok == ok


def test_a_damaged_dataset_is_told_and_the_others_counted(monkeypatch):
    def found(*states):
        return [data.Finding(f"{i}.root", ok, f"{i}.root is damaged.") for i, ok in enumerate(states)]

    monkeypatch.setattr(models, "verify", lambda: found(True))
    monkeypatch.setattr(data, "verify", lambda: found(True, True))
    assert doctor.datasets() == doctor.Finding("datasets", True, "3 files intact")
    monkeypatch.setattr(data, "verify", lambda: found(True, False, False))
    assert doctor.datasets().message == "1.root is damaged. (1 more: `hepml data verify`)"


def test_the_kernel_of_the_notebooks_is_this_environment():
    assert doctor.kernel() == doctor.Finding("kernel", True, "starts")


def test_a_kernel_of_another_python_is_noticed(monkeypatch):
    monkeypatch.setattr(sys, "prefix", "elsewhere")
    finding = doctor.kernel()
    assert not finding.ok
    assert "ipykernel install --sys-prefix" in finding.message


def answering(stdout="", stderr="", returncode=0):
    return lambda *_, **__: SimpleNamespace(stdout=stdout, stderr=stderr, returncode=returncode)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (answering('noise\n["2.21.0", []]\n'), "2.21.0 on the CPU"),
        (answering('["2.21.0", ["NVIDIA H100", "NVIDIA H100"]]'), "2.21.0 on NVIDIA H100, NVIDIA H100"),
        (answering("", "Traceback\nImportError: no library", 1), "ImportError: no library"),
    ],
)
def test_tensorflow_in_words(monkeypatch, answer, message):
    monkeypatch.setattr(doctor.subprocess, "run", answer)
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    assert message in doctor.tensorflow().message


def test_a_gpu_that_is_not_used_is_mentioned(monkeypatch):
    monkeypatch.setattr(doctor.subprocess, "run", answering('["2.21.0", []]'))
    monkeypatch.setattr(doctor.shutil, "which", lambda _: "nvidia-smi")
    finding = doctor.tensorflow()
    assert finding.ok
    assert "hepml-course[gpu]" in finding.message


def test_tensorflow_that_does_not_answer(monkeypatch):
    def run(*_, **__):
        raise subprocess.TimeoutExpired("python", 180)

    monkeypatch.setattr(doctor.subprocess, "run", run)
    assert not doctor.tensorflow().ok


@pytest.mark.slow
def test_tensorflow_answers():
    assert doctor.tensorflow().ok


@pytest.mark.parametrize(
    ("error", "message"),
    [(CourseError("Unset it."), "Unset it."), (RuntimeError("broken"), "RuntimeError: broken")],
)
def test_what_fails_to_look_is_a_finding_and_the_rest_is_looked_at(monkeypatch, error, message):
    def fail():
        raise error

    for name in ("kernel", "tensorflow", "datasets"):
        monkeypatch.setattr(doctor, name, lambda: doctor.Finding("x", True, "fine"))
    monkeypatch.setattr(doctor, "memory", fail)
    findings = {finding.name: finding for finding in doctor.diagnose()}
    assert findings["memory"] == doctor.Finding("memory", False, message)
    assert findings["Python"].ok
    assert len(doctor.diagnose()) == 7


def test_the_command_ends_with_one_if_anything_is_to_be_done(tmp_path):
    command = [sys.executable, "-m", "hepml_course", "doctor"]
    environment = {**os.environ, "HEPML_DATA": str(tmp_path / "missing")}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "TO DO datasets: HEPML_DATA is" in answer.stdout
    assert answer.stderr == ""
