"""Looks at this machine and says, line by line, what is in order and what to do about the rest."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from hepml_course import course
from hepml_course.errors import CourseError

PACKAGE = "hepml-course"
NEEDED_MEMORY = 2.0  # GB free: TensorFlow with a lesson's events takes about one
NEEDED_DISK = 1.0  # GB free: notebooks, bytecode, and the cache of one remade sample
_LOCKED = re.compile(r"^([a-z0-9._-]+)==(\S+)(?: ; (.*?))? \\$", re.M)
_DEVICES = """
import json
import tensorflow as tf
gpus = tf.config.list_physical_devices("GPU")
names = [tf.config.experimental.get_device_details(gpu).get("device_name", gpu.name) for gpu in gpus]
print(json.dumps([tf.__version__, names]))
"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: in order or not, and one sentence that says what it is or what to do."""

    name: str
    ok: bool
    message: str


def diagnose() -> list[Finding]:
    """Everything that `findings` finds."""
    return list(findings())


def findings() -> Iterator[Finding]:
    """Look at one thing after the other; the slow ones come last."""
    checks: dict[str, Callable[[], Finding]] = {
        "Python": python,
        "packages": packages,
        "memory": memory,
        "disk": disk,
        "datasets": datasets,
        "kernel": kernel,
        "TensorFlow": tensorflow,
    }
    for name, look in checks.items():
        try:
            yield look()
        except CourseError as error:
            yield Finding(name, False, str(error))
        except Exception as error:  # whatever is broken here is what the doctor is asked about
            yield Finding(name, False, f"{type(error).__name__}: {error}")


def python() -> Finding:
    """The version of Python against what the package asks for."""
    from packaging.specifiers import SpecifierSet

    version = ".".join(map(str, sys.version_info[:3]))
    wanted = metadata.metadata(PACKAGE)["Requires-Python"]
    if SpecifierSet(wanted).contains(version):
        return Finding("Python", True, f"{version} in {sys.prefix}")
    return Finding("Python", False, f"{version} is not {wanted}; install one that is, and run `make env`.")


def packages() -> Finding:
    """Installed versions against the lock; where conda chose them, against the package's ranges."""
    wrong = missing_or_outside()
    if wrong:
        return Finding("packages", False, f"{_several(wrong)}; run `make -B env`.")
    path = _lock()
    if path is None or (Path(sys.prefix) / "conda-meta").is_dir():
        return Finding("packages", True, "all there, in the ranges that the course asks for")
    pinned = locked(path.read_text(encoding="utf-8"))
    installed = {_canonical(dist.name): dist.version for dist in metadata.distributions()}
    both = sorted(pinned.keys() & installed.keys())
    differ = [
        f"{name} {installed[name]} is not {pinned[name]}" for name in both if installed[name] != pinned[name]
    ]
    if differ:
        return Finding("packages", False, f"{_several(differ)}, as the lock says; run `make -B env`.")
    return Finding("packages", True, f"{len(both)} as in {path.name}")


def missing_or_outside() -> list[str]:
    """Direct dependencies that are not installed, or not in the range the package asks for."""
    from packaging.requirements import Requirement

    wrong = []
    for text in metadata.requires(PACKAGE) or ():
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            wrong.append(f"{wanted.name} {version} is not {wanted.specifier}")
    return wrong


def locked(text: str) -> dict[str, str]:
    """Name and version of every entry of a lock that holds on this machine."""
    from packaging.markers import Marker

    entries = _LOCKED.findall(text)
    return {
        _canonical(name): version
        for name, version, marker in entries
        if not marker or Marker(marker).evaluate()
    }


def memory() -> Finding:
    """Free memory."""
    import psutil

    state = psutil.virtual_memory()
    free, total = state.available / 1e9, state.total / 1e9
    text = f"{free:.1f} GB free of {total:.1f} GB"
    if free >= NEEDED_MEMORY:
        return Finding("memory", True, text)
    return Finding("memory", False, f"{text}; close programs until {NEEDED_MEMORY:.0f} GB are free.")


def disk(folder: Path | None = None) -> Finding:
    """Free space where the course lies."""
    free = shutil.disk_usage(folder or Path.cwd()).free / 1e9
    if free >= NEEDED_DISK:
        return Finding("disk", True, f"{free:.1f} GB free")
    return Finding("disk", False, f"{free:.1f} GB free; make room for {NEEDED_DISK:.0f} GB.")


def datasets() -> Finding:
    """Every file of the course against its card."""
    from hepml_course import data, models

    results = [*data.verify(), *models.verify()]
    if bad := [result.message for result in results if not result.ok]:
        more = f" ({len(bad) - 1} more: `hepml data verify`)" if len(bad) > 1 else ""
        return Finding("datasets", False, bad[0] + more)
    return Finding("datasets", True, f"{len(results)} files intact")


def kernel() -> Finding:
    """Start the kernel that the notebooks ask for, and see which Python it runs."""
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(startup_timeout=60, kernel_name="python3", stderr=subprocess.DEVNULL)
    try:
        prefix: list[str] = []
        client.execute_interactive(
            "import sys; print(sys.prefix)",
            timeout=60,
            output_hook=lambda message: prefix.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    found = "".join(prefix).strip()
    if found == sys.prefix:
        return Finding("kernel", True, "starts")
    repair = f"`{Path(sys.executable).name} -m ipykernel install --sys-prefix` registers this one"
    return Finding("kernel", False, f"starts another Python, the one in {found}; {repair}.")


def tensorflow() -> Finding:
    """Version and device of TensorFlow, asked in a process of its own because it talks."""
    command = [sys.executable, "-c", _DEVICES]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        return Finding(
            "TensorFlow", False, "does not answer for three minutes; try again on an idle machine."
        )
    if answer.returncode:
        reason = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
        return Finding("TensorFlow", False, f"cannot be imported ({reason}); run `make -B env`.")
    version, gpus = json.loads(answer.stdout.strip().splitlines()[-1])
    if gpus:
        return Finding("TensorFlow", True, f"{version} on {', '.join(gpus)}")
    unused = (
        " (a GPU is here: `pip install hepml-course[gpu]` would use it)" if shutil.which("nvidia-smi") else ""
    )
    return Finding("TensorFlow", True, f"{version} on the CPU{unused}")


def _lock() -> Path | None:
    try:
        path = course.root() / "requirements.lock"
    except CourseError:
        return None
    return path if path.is_file() else None


def _several(items: list[str], most: int = 3) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
