"""An instructor's way: release an exercise, collect it, have nbgrader mark it."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from tiny_course import NAME, make

from hepml_course import build, course
from hepml_course.course import Lesson

pytest.importorskip("nbgrader")
pytestmark = pytest.mark.slow


def nbgrader(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def release(lesson: Lesson, folder: Path) -> Path:
    """Release the lesson's exercise from its solution, as the README says; the released notebook."""
    shutil.copy(Path(__file__).parents[1] / "nbgrader_config.py", folder)
    source = folder / "grading" / "source" / lesson.name
    source.mkdir(parents=True)
    shutil.copy(lesson.solution, source)
    for helper in lesson.solution.parent.glob("*.py"):
        shutil.copy(helper, source)
    nbgrader(folder, "generate_assignment", lesson.name)
    return folder / "grading" / "release" / lesson.name / f"{lesson.name}.ipynb"


def hand_in(folder: Path, lesson: Lesson, student: str, released: Path, answered: int) -> None:
    """Hand in the released notebook with the first `answered` of its answers taken from the solution."""
    notebook = nbformat.read(released, as_version=4)
    answers = {cell.id: cell.source for cell in nbformat.read(lesson.solution, as_version=4).cells}
    places = [cell for cell in notebook.cells if cell.metadata.nbgrader.solution]
    for cell in places[:answered]:
        cell.source = answers[cell.id]
    target = folder / "grading" / "submitted" / student / lesson.name / f"{lesson.name}.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


def marks(folder: Path) -> dict[str, tuple[float, float]]:
    """Points and possible points of each student."""
    nbgrader(folder, "autograde", *os.listdir(folder / "grading" / "source"))
    nbgrader(folder, "export", "--to", str(folder / "grades.csv"))
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        return {
            row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)
        }


def test_an_exercise_is_released_and_marked(tmp_path):
    make(tmp_path)
    build.build(root=tmp_path)
    lesson = course.find(NAME, tmp_path)
    released = release(lesson, tmp_path)

    exercise = nbformat.read(lesson.exercise, as_version=4)
    given = nbformat.read(released, as_version=4)
    assert [cell.source for cell in given.cells] == [cell.source for cell in exercise.cells]

    for student, answered in {"untouched": 0, "half": 1, "whole": 2}.items():
        hand_in(tmp_path, lesson, student, released, answered)
    assert marks(tmp_path) == {"untouched": (0, 2), "half": (1, 2), "whole": (2, 2)}


def test_the_checks_of_the_course_give_and_keep_points(tmp_path):
    lesson = course.find("02_perceptron")
    released = release(lesson, tmp_path)
    hand_in(tmp_path, lesson, "untouched", released, 0)
    hand_in(tmp_path, lesson, "whole", released, 99)
    marked = marks(tmp_path)
    points = marked["whole"][1]
    assert points >= 4
    assert marked == {"untouched": (0, points), "whole": (points, points)}
