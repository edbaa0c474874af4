"""The built notebooks of the course, and the two things that guard them: `build.check` and nbval.

nbval itself runs over them in the same pytest session: ``conftest.py`` in the root of the course switches it
on, and ``testpaths`` names the folders.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from tiny_course import NAME, make

from hepml_course import build, course
from hepml_course.build.outputs import WIDGET
from hepml_course.build.source import KINDS, tags

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(
    path.relative_to(ROOT).as_posix() for kind in KINDS for path in (ROOT / kind).glob("*.ipynb")
)


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def replies(kind, name):
    """What the checks of a built exercise or solution say, in plain text."""
    for cell in code_cells(ROOT / kind / f"{name}.ipynb"):
        if cell.metadata.nbgrader.grade:
            yield "\n".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_the_course_has_lessons():
    assert course.lessons()


@pytest.mark.parametrize("name", [lesson.name for lesson in course.lessons()])
def test_what_is_built_is_what_the_source_says(name):
    build.check([name])


def test_no_notebook_is_without_source():
    build.check()


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_nbval_compares_every_cell(path):
    for number, cell in enumerate(code_cells(ROOT / path)):
        assert cell.execution_count, f"code cell {number} was not executed, so nbval would not compare it"
        ignored = "nbval-ignore-output" in tags(cell)
        assert ignored == bool({"training", "widget"} & set(tags(cell))), f"code cell {number}"
        assert "nbval-skip" not in tags(cell)
        assert not re.search(r"^\s*#+\s*(NBVAL_|PYTEST_)", cell.source, re.MULTILINE), f"code cell {number}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_outputs_are_fit_to_be_shown(path):
    for number, cell in enumerate(code_cells(ROOT / path)):
        for output in cell.outputs:
            assert output.get("name") != "stderr", f"code cell {number}"
            assert output.output_type != "error" or "raises-exception" in tags(cell), f"code cell {number}"
            assert WIDGET not in output.get("data", {}), f"code cell {number}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_a_cell_fits_on_a_screen(path):
    for number, cell in enumerate(code_cells(ROOT / path)):
        assert len(cell.source.splitlines()) <= 20, f"code cell {number}"


@pytest.mark.parametrize(
    "name", [lesson.name for lesson in course.lessons() if lesson.exercise_source.exists()]
)
def test_an_exercise_waits_for_answers_and_its_solution_gives_them(name):
    untouched, solved = list(replies("exercises", name)), list(replies("solutions", name))
    assert len(untouched) == len(solved) >= 4
    assert all(reply.startswith("○ Not attempted yet.") for reply in untouched)
    assert all(reply.startswith("✓") for reply in solved)


# The guard itself: pytest on a course of one short lesson that somebody has spoilt


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    root = make(tmp_path_factory.mktemp("course"))
    build.build(root=root)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


def nbval(root, old=None, new="", folders=("notebooks",)):
    """The exit status and words of pytest over the notebooks of a course, after a change in the lesson's."""
    path = root / "notebooks" / f"{NAME}.ipynb"
    whole = path.read_text(encoding="utf-8")
    if old is not None:
        assert whole.count(old) == 1
        path.write_text(whole.replace(old, new), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *folders]
        environment = {**os.environ, "MPLBACKEND": "Agg"}
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment, check=False)
    finally:
        path.write_text(whole, encoding="utf-8")
    return done.returncode, done.stdout


def test_pytest_runs_every_code_cell_of_the_three_folders(tiny):
    status, said = nbval(tiny, folders=())  # as `make test` does: those that pyproject.toml names
    assert status == 0, said
    assert "14 passed" in said
    assert all(f"{kind}/{NAME}.ipynb" in said for kind in KINDS)
    assert "warning" not in said


@pytest.mark.parametrize(
    ("old", "new", "cell"),
    [
        ('"slope 0.50\\n"', '"slope 0.51\\n"', "Cell 0: Cell outputs differ"),
        (
            '"slope:.2f": "0.50"',
            '"slope:.2f": "0.51"',
            "Cell 0: The text below says 0.51 for slope:.2f, and it is 0.50",
        ),
        ('"slope = 0.5\\n"', '"slope = 1/0\\n"', "Cell 0: Cell execution caused an exception"),
        (
            "<Figure size 200x100 with 1 Axes>",
            "<Figure size 200x100 with 2 Axes>",
            "Cell 1: Cell outputs differ",
        ),
    ],
)
def test_one_changed_digit_turns_pytest_red(tiny, old, new, cell):
    status, said = nbval(tiny, old, new)
    assert status == 1
    assert cell in said


def test_what_training_gave_is_not_compared(tiny):
    number = code_cells(tiny / "notebooks" / f"{NAME}.ipynb")[2].outputs[0].data["text/plain"]
    status, said = nbval(tiny, f'"{number}"', '"0.123"')
    assert status == 0, said
    status, said = nbval(tiny, f'"drawn:.4f": "{float(number):.4f}"', '"drawn:.4f": "0.1230"')
    assert status == 0, said
