"""Makes ``.venv`` from ``requirements.lock`` and runs a target of the Makefile in it.

Runs before anything is installed, so it imports only the standard library. The Makefile calls it; where
there is no make, ``uv run`` does.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = "requirements.lock"
TEST_EXTRAS = ("generate", "instructor", "test", "tracking")
LOCKED_EXTRAS = (*TEST_EXTRAS, "site")  # the GPU's libraries are left to those who have one
BEFORE_INSTALLING = ("editables", "hatchling", "uv")  # what it takes to install; locked with the rest

# What each target needs beyond the course itself, and what it runs.
TARGETS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "env": ((), []),
    "lab": ((), ["-m", "hepml_course", "lab"]),
    # In the order of their names: the browser tests, which take longest, would come last by their number.
    "test": (
        TEST_EXTRAS,
        ["-m", "pytest", "--numprocesses=auto", "--dist=loadfile", "--no-loadscope-reorder"],
    ),
    "run": ((), ["-m", "hepml_course", "run"]),
    "build": ((), ["-m", "hepml_course", "build"]),
    "bench": ((), ["-m", "benchmarks"]),
    "data": (("generate",), ["-m", "hepml_course", "data", "make"]),
    "train": ((), ["-m", "hepml_course", "train"]),
    "lock": ((), ["-m", "hepml_course.environment", "write-lock"]),
}


def main(arguments: list[str]) -> int:
    """Make the environment that a target needs, and run the target in it."""
    if arguments[:1] == ["write-lock"]:
        return write_lock(arguments[1:])
    target = arguments[0] if arguments else "env"
    if target not in TARGETS:
        return _complain(f"There is no {target!r}; there are {', '.join(TARGETS)}.")
    extras, command = TARGETS[target]
    if target == "env":
        extras = tuple(arguments[1:])
        if unknown := set(extras) - known_extras():
            return _complain(
                f"There is no extra {min(unknown)!r}; there are {', '.join(sorted(known_extras()))}."
            )
    try:
        python = make(extras)
    except subprocess.CalledProcessError as error:
        return _complain(f"{Path(error.cmd[0]).name} failed; nothing is lost, so try the same again.")
    return _become([str(python), *command, *arguments[1:]]) if command else 0


def make(extras: tuple[str, ...] = (), root: Path = ROOT) -> Path:
    """Bring ``.venv`` up to date, and return its Python.

    Nothing is done where the environment holds these extras already, made from the same lock in the
    same place.
    """
    venv = root / ".venv"
    stamp = venv / "hepml.json"
    python = _python_of(venv)
    state = {"made from": _fingerprint(root), "extras": sorted(extras)}
    if (old := _read(stamp)) and python.exists():
        state["extras"] = sorted({*extras, *old["extras"]})
        if state == old:
            return python
    stamp.unlink(missing_ok=True)  # half an environment has no stamp
    if not _fits(python, root):
        shutil.rmtree(venv, ignore_errors=True)
        _make_venv(venv, root)
    print("Installing the course into .venv; the first time takes a minute or two.", flush=True)
    _install(python, state["extras"], root)
    stamp.write_text(json.dumps(state))
    return python


def write_lock(options: list[str], root: Path = ROOT) -> int:
    """Write ``requirements.lock``: exact versions and hashes, for every platform."""
    extras = [f"--extra={extra}" for extra in LOCKED_EXTRAS]
    command = [
        *(_uv(root), "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
        *("--no-emit-index-url", "--no-header", *options, *extras),
        *(f"--output-file={LOCK}", "pyproject.toml", "-"),
    ]
    return subprocess.run(
        command, cwd=root, input="\n".join(BEFORE_INSTALLING), text=True, check=False
    ).returncode


def wanted_python(root: Path = ROOT) -> str:
    """The versions of Python that the course runs on, such as ``>=3.11,<3.14``."""
    with (root / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["project"]["requires-python"]


def known_extras(root: Path = ROOT) -> set[str]:
    """The names of what can be installed beside the course itself, such as ``tracking``."""
    with (root / "pyproject.toml").open("rb") as file:
        return set(tomllib.load(file)["project"]["optional-dependencies"])


def _install(python: Path, extras: list[str], root: Path) -> None:
    course = f".[{','.join(extras)}]" if extras else "."
    command = [_uv(root), "pip", "install", "--quiet", f"--python={python}", "--compile-bytecode"]
    # As constraints, the lock pins versions and its hashes are verified.
    locked = [f"--constraints={LOCK}", f"--build-constraints={LOCK}"]
    subprocess.run([*command, *locked, "--editable", course], cwd=root, check=True)
    # The first import of matplotlib looks through the fonts, and says so in whichever notebook it is.
    subprocess.run(
        [python, "-c", "import matplotlib.font_manager"], cwd=root, check=True, capture_output=True
    )
    register = ["-m", "ipykernel", "install", "--sys-prefix", "--name=python3"]
    subprocess.run([python, *register], cwd=root, check=True, stdout=subprocess.DEVNULL)


def _make_venv(venv: Path, root: Path) -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    uv = _outer_uv()
    command = [uv, "venv", "--quiet", f"--python={base}", venv] if uv else [base, "-m", "venv", venv]
    try:
        subprocess.run(command, cwd=root, check=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(venv, ignore_errors=True)  # Debian's venv without pip leaves half of one
        raise


def _uv(root: Path) -> str:
    """The uv of this machine, else one in ``.venv``, put there by pip with the version of the lock."""
    if outer := _outer_uv():
        return outer
    python = _python_of(root / ".venv")
    uv = python.with_name("uv.exe" if os.name == "nt" else "uv")
    if not uv.exists():
        lock = (root / LOCK).read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            only_uv = Path(folder) / "uv.txt"
            only_uv.write_text(re.search(r"^uv==.*\n(?: .*\n)*", lock, re.M)[0], encoding="utf-8")
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--require-hashes", f"--requirement={only_uv}"], cwd=root, check=True)
    return str(uv)


def _outer_uv() -> str | None:
    """The uv that started this, or the one on the PATH if it runs."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def _python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _fits(python: Path, root: Path) -> bool:
    """Whether this Python starts and is one that the course runs on."""
    low, high = (tuple(map(int, bound.split("."))) for bound in re.findall(r"[\d.]+", wanted_python(root)))
    code = f"import sys; sys.exit(not {low} <= sys.version_info[:2] < {high})"
    try:
        return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _fingerprint(root: Path) -> str:
    """Changes with what is asked for, and with the place: scripts and kernel hold absolute paths."""
    parts = [str(root).encode(), *((root / name).read_bytes() for name in ("pyproject.toml", LOCK))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read(stamp: Path) -> dict | None:
    try:
        return json.loads(stamp.read_text())
    except (OSError, ValueError):
        return None


def _become(command: list[str]) -> int:
    """Run `command` in the place of this process, so that Ctrl-C reaches it alone."""
    os.chdir(ROOT)
    if os.name != "nt":
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the process got it, too, and ends in its own way
            continue


def _complain(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
