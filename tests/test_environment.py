"""One environment, described in four places, and made the same way everywhere."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from hepml_course import environment
from hepml_course.doctor import locked

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ \n]+)(?P<marker> ; [^\\\n]*)? \\\n(?P<rest>(?: .*\n?)*)", re.M
)


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(extras=environment.LOCKED_EXTRAS):
    texts = PROJECT["dependencies"] + [
        text for extra in extras for text in PROJECT["optional-dependencies"][extra]
    ]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("requirement", wanted(), ids=lambda requirement: requirement.name)
def test_the_lock_has_what_pyproject_asks_for(requirement):
    versions = [
        match["version"] for match in ENTRY.finditer(LOCK) if match["name"] == canonical(requirement.name)
    ]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_every_entry_of_the_lock_is_exact_and_has_hashes():
    entries = list(ENTRY.finditer(LOCK))
    lines = [line for line in LOCK.splitlines() if not line.startswith((" ", "#"))]
    assert len(entries) == len(lines) > 100
    assert all("--hash=sha256:" in match["rest"] for match in entries)


def test_the_lock_holds_no_address():
    assert not re.search(r"https?:|://|index-url|find-links| @ |/home/|/root/|/work/", LOCK)


def test_what_installs_the_course_is_locked_too():
    assert set(environment.BEFORE_INSTALLING) <= {match["name"] for match in ENTRY.finditer(LOCK)}


def test_every_extra_but_the_gpu_is_locked():
    assert set(environment.LOCKED_EXTRAS) == set(PROJECT["optional-dependencies"]) - {"gpu"}


def conda():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    return [Requirement(text) for text in listed if isinstance(text, str)], listed[-1]["pip"]


def test_conda_has_the_same_names_and_ranges():
    listed, _ = conda()
    ours = {canonical(item.name): item.specifier for item in listed}
    assert ours.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert ours.pop("pip") == SpecifierSet()
    theirs = {canonical(item.name): item.specifier for item in wanted(extras=()) if item.marker is None}
    assert ours == theirs


def test_the_locked_versions_suit_conda():
    pinned = locked(LOCK)
    for item in conda()[0]:
        if item.name not in ("python", "pip"):
            assert item.specifier.contains(pinned[canonical(item.name)]), item


def test_conda_takes_the_extras_of_make_test():
    assert conda()[1] == [f"-e .[{','.join(('test', 'generate', 'instructor', 'tracking'))}]"]
    assert set(environment.TEST_EXTRAS) == {"test", "generate", "instructor", "tracking"}


def test_the_guard_in_the_package_knows_the_oldest_python():
    oldest = min(
        Version(item.version) for item in SpecifierSet(PROJECT["requires-python"]) if item.operator == ">="
    )
    source = (ROOT / "hepml_course" / "__init__.py").read_text(encoding="utf-8")
    assert f"sys.version_info < ({oldest.major}, {oldest.minor})" in source
    assert f"Python {oldest} or newer" in source


def test_ruff_is_content():
    for command in (["check"], ["format", "--check"]):
        answer = subprocess.run(
            ["ruff", *command], cwd=ROOT, capture_output=True, text=True, check=False, env=path_with_ruff()
        )
        assert answer.returncode == 0, answer.stdout


def path_with_ruff():
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


# -- the Makefile ------------------------------------------------------------------------------------


def make(*arguments, **more):
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, **more)


def test_make_alone_lists_the_targets_in_a_line_each():
    listed = re.findall(r"^make (\w+) +\S.*$", make().stdout, re.M)
    assert set(environment.TARGETS) == set(listed) - {"help"}


@pytest.fixture
def bare(tmp_path):
    """A machine with make, a shell and little else, and a copy of what `make env` reads."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("make", "sh", "sed", "awk"):
        (tools / tool).symlink_to(shutil.which(tool))
    course = tmp_path / "course"
    shutil.copytree(
        ROOT / "hepml_course", course / "hepml_course", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, course / name)
    (course / "hepml_course" / "environment.py").write_text("import sys; print('made by', sys.argv)\n")
    return tools, course


def make_env(bare):
    tools, course = bare
    command = [shutil.which("make"), "env"]
    return subprocess.run(
        command, cwd=course, env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )


def python(bare, name, body):
    path = bare[0] / name
    path.write_text(f"#!{shutil.which('sh')}\n{body}\n")
    path.chmod(0o755)


def test_without_a_python_one_sentence_says_so(bare):
    answer = make_env(bare)
    assert answer.returncode != 0
    ours, *rest = answer.stderr.splitlines()
    assert ours.startswith(f"The course needs Python {PROJECT['requires-python']}, and there is none")
    assert all(line.startswith("make: ***") for line in rest)


@pytest.mark.parametrize(
    ("version", "fits"),
    [((2, 7), False), ((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)],
)
def test_a_python_out_of_range_is_none(bare, version, fits):
    pretend = f"import sys; sys.version_info = {(*version, 0)}; exec(sys.argv[1])"
    python(bare, "python3", f'exec {sys.executable} -c "{pretend}" "$2"')
    assert ("there is none" in make_env(bare).stderr) == (not fits)


def test_a_python_that_does_not_start_is_passed_over(bare):
    python(bare, "python3.13", "echo 'python3.13: command not found' >&2; exit 127")
    python(bare, "python3", f'exec {sys.executable} "$@"')
    answer = make_env(bare)
    assert answer.returncode == 0
    assert "made by" in answer.stdout


def test_it_needs_nothing_that_is_not_installed_yet():
    command = [sys.executable, "-S", "-m", "hepml_course.environment", "labb"]  # -S: no site-packages
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.stderr.startswith("There is no 'labb'")


# -- what makes the environment ----------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone whose installation is only written down: what was installed, and whether anew."""
    root = tmp_path / "clone"
    root.mkdir()
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    calls = []

    def make_venv(venv, root):
        calls.append("venv")
        python = environment._python_of(venv)
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)

    monkeypatch.setattr(environment, "_make_venv", make_venv)
    monkeypatch.setattr(environment, "_install", lambda python, extras, root: calls.append(tuple(extras)))
    return root, calls


def test_the_second_call_does_nothing(clone):
    root, calls = clone
    assert environment.make(root=root) == environment.make(root=root)
    assert calls == ["venv", ()]


def test_extras_are_added_and_stay(clone):
    root, calls = clone
    environment.make(root=root)
    environment.make(("test",), root=root)
    environment.make(root=root)
    environment.make(("test",), root=root)
    assert calls == ["venv", (), ("test",)]


def test_env_takes_the_extras_that_are_named(monkeypatch):
    asked = []
    monkeypatch.setattr(environment, "make", lambda extras: asked.append(extras))
    assert environment.main(["env", "tracking"]) == 0
    assert environment.main(["env"]) == 0
    assert asked == [("tracking",), ()]


def test_an_unknown_extra_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(environment, "make", lambda extras: pytest.fail("something was installed"))
    assert environment.main(["env", "tracking", "trakcing"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "'trakcing'" in said
    assert "tracking" in said.replace("trakcing", "")


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements.lock"])
def test_what_changed_is_installed_again_with_its_extras(clone, changed):
    root, calls = clone
    environment.make(("test",), root=root)
    with (root / changed).open("a") as file:
        file.write("# changed\n")
    environment.make(root=root)
    assert calls == ["venv", ("test",), ("test",)]


def test_a_clone_that_moved_is_put_right(clone):
    root, calls = clone
    environment.make(root=root)
    moved = root.rename(root.with_name("moved"))
    environment.make(root=moved)
    assert calls == ["venv", (), ()]


def test_an_interrupted_installation_is_taken_up(clone, monkeypatch):
    root, calls = clone

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_install", fail)
        with pytest.raises(KeyboardInterrupt):
            environment.make(root=root)
    environment.make(root=root)
    assert calls == ["venv", ()]


def test_an_environment_whose_python_is_gone_is_made_anew(clone):
    root, calls = clone
    python = environment.make(root=root)
    python.unlink()
    python.symlink_to(root / "gone")
    environment.make(root=root)
    assert calls == ["venv", (), "venv", ()]


def test_a_damaged_stamp_is_no_stamp(clone):
    root, calls = clone
    environment.make(root=root)
    (root / ".venv" / "hepml.json").write_text("{")
    environment.make(root=root)
    assert calls == ["venv", (), ()]


@pytest.mark.parametrize(("extras", "course"), [([], "."), (["generate", "test"], ".[generate,test]")])
def test_versions_and_hashes_come_from_the_lock(monkeypatch, extras, course):
    commands = []
    monkeypatch.setattr(environment, "_uv", lambda root: "uv")
    monkeypatch.setattr(environment.subprocess, "run", lambda command, **_: commands.append(command))
    environment._install(Path("python"), extras, ROOT)
    install = commands[0]
    assert "--constraints=requirements.lock" in install
    assert "--build-constraints=requirements.lock" in install
    assert "--compile-bytecode" in install
    assert install[-2:] == ["--editable", course]
    assert any("ipykernel" in command for command in commands)


def test_uv_refuses_what_the_lock_does_not_know(tmp_path):
    """The lock is given as constraints: this holds uv to verifying their hashes."""
    uv = environment._outer_uv()
    if uv is None:
        pytest.skip("no uv on the PATH")
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    make_wheel(wheel)
    (tmp_path / "lock").write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    command = [uv, "pip", "install", "--no-index", "--find-links", tmp_path, "--target", tmp_path / "target"]
    command += ["--python", sys.executable, "--no-cache"]
    assert subprocess.run([*command, "tiny"], capture_output=True, check=False).returncode == 0
    shutil.rmtree(tmp_path / "target")
    answer = subprocess.run(
        [*command, "-c", tmp_path / "lock", "tiny"], capture_output=True, text=True, check=False
    )
    assert answer.returncode != 0
    assert "Hash mismatch" in answer.stderr


def make_wheel(path):
    import zipfile

    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(
            "tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")


def test_where_there_is_no_uv_pip_takes_the_locked_one(tmp_path, monkeypatch):
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    asked = []

    def run(command, **_):
        asked.append(command)
        asked.append(Path(command[-1].removeprefix("--requirement=")).read_text(encoding="utf-8"))

    monkeypatch.setattr(environment, "_outer_uv", lambda: None)
    monkeypatch.setattr(environment.subprocess, "run", run)
    uv = Path(environment._uv(tmp_path))
    command, requirements = asked
    assert uv.parent == environment._python_of(tmp_path / ".venv").parent
    assert "--require-hashes" in command
    assert re.match(r"uv==[\d.]+ \\\n    --hash=sha256:", requirements)
    assert requirements.count("==") == 1


def test_an_unknown_target_is_named(capsys):
    assert environment.main(["labb"]) == 1
    assert "'labb'" in capsys.readouterr().err


def test_a_failed_installation_is_a_sentence(clone, monkeypatch, capsys):
    def fail(*_, **__):
        raise subprocess.CalledProcessError(2, ["/somewhere/uv", "pip"])

    monkeypatch.setattr(environment, "make", fail)
    assert environment.main(["env"]) == 1
    assert capsys.readouterr().err == "uv failed; nothing is lost, so try the same again.\n"
