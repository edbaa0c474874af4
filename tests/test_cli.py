"""The command line: quick, and never a traceback where a sentence will do."""

import json
import os
import subprocess
import sys

import pytest

from hepml_course import claims, cli, data, doctor, run
from hepml_course.data import Dataset, trained
from hepml_course.errors import CourseError, MissingExtraError
from hepml_course.simulate import production


@pytest.fixture
def hepml(monkeypatch, capsys):
    """Run a command in this process: exit code, standard output, standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["hepml", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return call


def test_help_comes_at_once():
    def seconds():
        """Of work, not of the clock: other programs may keep this machine busy."""
        before = os.times()
        subprocess.run([sys.executable, "-m", "hepml_course", "--help"], check=True, capture_output=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds() for _ in range(3)) < 1.0


def test_the_command_line_imports_nothing_heavy():
    code = "import sys, hepml_course.cli; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    heavy = {
        "numpy",
        "pandas",
        "matplotlib",
        "tensorflow",
        "keras",
        "jupyterlab",
        "yaml",
        "uproot",
        "nbformat",
    }
    assert heavy.isdisjoint(answer.stdout.split())


def test_help_lists_the_commands(hepml):
    code, out, _ = hepml("--help")
    assert code == 0
    for command in ("lab", "build", "run", "train", "doctor", "data", "claims", "report"):
        assert f" {command} " in out


def test_an_error_for_the_user_is_one_sentence(hepml):
    code, out, err = hepml("build", "no-such-lesson", "--check")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "No lesson is called 'no-such-lesson'" in err


def test_a_message_is_printed_as_it_is(hepml, monkeypatch):
    def fail():
        raise CourseError("Remove [bold] from line 1: " + "long " * 40 + "[/tmp].")

    monkeypatch.setattr(claims, "collect", fail)
    code, _, err = hepml("claims")
    assert code == 1
    assert err.startswith("Remove [bold] from line 1:")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["nonsense"], ["build", "--nonsense"], ["run", "--jobs", "0"]])
def test_wrong_usage(hepml, arguments):
    code, _, err = hepml(*arguments)
    assert code == 2
    assert "Usage: hepml" in err


def test_a_missing_extra_is_named(hepml, monkeypatch):
    def make(*_, **__):
        raise MissingExtraError("Generating events", "generate")

    monkeypatch.setattr(production, "make", make)
    assert hepml("data", "make") == (
        1,
        "",
        "Generating events needs `pip install hepml-course[generate]`.\n",
    )


def test_run_passes_its_exit_code_on(hepml, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(run, "run", lambda *arguments: seen.append(arguments) or 1)
    code, _, _ = hepml("run", "02", "09", "--jobs", "2", "--json", str(tmp_path / "run.json"))
    assert code == 1
    assert seen == [(["02", "09"], 2, tmp_path / "run.json")]


def test_claims_are_listed_and_saved(hepml, monkeypatch, tmp_path):
    entry = claims.Claim("found", "001", "tracks", "it is found", "at_least", published=0.99, lesson="14_x")
    row = {
        "error": 0.01,
        "id": "found",
        "lesson": "14_x",
        "ours": 0.5,
        "published": 0.99,
        "source": entry.source,
        "verdict": claims.REFUTED,
    }
    monkeypatch.setattr(claims, "claims", lambda: [entry])
    monkeypatch.setattr(claims, "collect", lambda: [row])
    code, out, _ = hepml("claims", "--json", str(tmp_path / "claims.json"))
    assert code == 0
    assert "0.500 ± 0.010" in out
    assert "not confirmed" in out
    assert json.loads((tmp_path / "claims.json").read_text(encoding="utf-8")) == [row]


@pytest.mark.parametrize(("problems", "expected"), [((True, True), 0), ((True, False), 1)])
def test_verify_and_doctor_end_with_what_they_found(hepml, monkeypatch, problems, expected):
    monkeypatch.setattr(data, "verify", lambda: [data.Finding("a.root", ok, "words") for ok in problems])
    monkeypatch.setattr(trained, "RECIPES", {})
    monkeypatch.setattr(doctor, "findings", lambda: [doctor.Finding("disk", ok, "words") for ok in problems])
    for command in (["data", "verify"], ["doctor"]):
        code, out, _ = hepml(*command)
        assert code == expected
        assert [line.split()[0] for line in out.splitlines()] == ["OK" if ok else "TO" for ok in problems]


def test_the_list_of_datasets_names_what_is_missing(hepml, monkeypatch, tmp_path):
    there = Dataset("a.root", "s", "a", tmp_path / "a.root", {"title": "Events", "entries": 12345}, "")
    gone = Dataset("b.root", "s", "b", None, {}, "b.root is missing")
    monkeypatch.setattr(trained, "RECIPES", {})
    monkeypatch.setattr(data, "catalogue", lambda: [there])
    code, out, _ = hepml("data", "list")
    assert code == 0
    assert "12,345" in out
    monkeypatch.setattr(data, "catalogue", lambda: [there, gone])
    code, out, _ = hepml("data", "list")
    assert code == 1
    assert "missing" in out


def test_a_python_that_is_too_old_is_told_so(tmp_path):
    code = (
        "import sys; sys.version_info = (3, 9, 18); sys.version = '3.9.18 (main)'\n"
        "import runpy; runpy.run_module('hepml_course', run_name='__main__')"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr == "hepml-course needs Python 3.11 or newer; this is 3.9.18.\n"
