"""The one list of lessons that the build, the command line, the site and the tests share.

A lesson is a folder ``lessons/NN_name`` with a ``lesson.py``. What the list says about it stands in the
front matter at the top of that file, under the key ``course``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hepml_course.errors import CourseError


@dataclass(frozen=True)
class Part:
    """One part of the syllabus: its number, its name and the lessons it is made of, written or not."""

    number: int
    name: str
    lessons: tuple[str, ...]


PARTS = (
    Part(
        1,
        "Learning machines",
        ("01_learning_from_data", "02_perceptron", "03_gradient_descent", "04_neural_network"),
    ),
    Part(2, "Judging and tuning", ("05_roc_auc", "06_overfitting", "07_tuning")),
    Part(
        3,
        "Multivariate analysis",
        (
            "08_cuts_trees_networks",
            "09_ztautau",
            "10_event_weights",
            "11_deep_vs_shallow",
            "12_beyond_binary",
        ),
    ),
    Part(
        4,
        "Detector data",
        (
            "13_convolutions",
            "14_track_finding",
            "15_many_tracks",
            "16_jets",
            "17_graph_tracking",
            "18_liquid_argon",
        ),
    ),
    Part(5, "Without labels", ("19_anomalies", "20_cwola", "21_fast_simulation")),
    Part(
        6,
        "To a measurement",
        (
            "22_simulation_based_inference",
            "23_differentiable_simulation",
            "24_real_time",
            "25_automated_physicist",
        ),
    ),
)

_PART_OF = {lesson: part.number for part in PARTS for lesson in part.lessons}
_FRONT_MATTER = re.compile(r"\A# ---\n(?P<yaml>(?:#.*\n)*?)# ---\n")


@dataclass(frozen=True)
class Lesson:
    """One lesson: what its front matter says, and where its files are."""

    number: int
    name: str
    part: int
    title: str
    minutes: int
    objectives: list[str]
    requires: list[str]
    folder: Path

    @property
    def root(self) -> Path:
        """The course this lesson belongs to."""
        return self.folder.parent.parent

    @property
    def lesson_source(self) -> Path:
        return self.folder / "lesson.py"

    @property
    def exercise_source(self) -> Path:
        return self.folder / "exercise.py"

    @property
    def claims_file(self) -> Path:
        return self.folder / "claims.yml"

    @property
    def instructor_notes(self) -> Path:
        return self.folder / "instructor.md"

    @property
    def notebook(self) -> Path:
        return self.root / "notebooks" / f"{self.name}.ipynb"

    @property
    def exercise(self) -> Path:
        return self.root / "exercises" / f"{self.name}.ipynb"

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / f"{self.name}.ipynb"


def root() -> Path:
    """The folder of the course: the clone this package lies in, else the first one from here upwards.

    Raises
    ------
    CourseError
        If neither the package nor the working directory lies in a clone.
    """
    for folder in (Path(__file__).parents[1], Path.cwd(), *Path.cwd().parents):
        if (folder / "lessons").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise CourseError("No course here: go to the folder that holds `lessons/` and try again.")


_default_root = root  # the functions below have a parameter of that name


def front_matter(path: Path) -> dict[str, Any]:
    """The YAML header of a percent script, as a dictionary; empty where there is none."""
    header = _FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    if header is None:
        return {}
    text = re.sub(r"^# ?", "", header["yaml"], flags=re.MULTILINE)
    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as problem:
        raise CourseError(f"{path}: the front matter is not valid YAML: {_one_line(problem)}") from problem


def lessons(root: Path | None = None) -> list[Lesson]:
    """All lessons that have a ``lesson.py``, in the order of their numbers.

    Parameters
    ----------
    root : Path, optional
        The folder of the course; `hepml_course.course.root` by default.
    """
    folder = (root or _default_root()) / "lessons"
    return [_read(source.parent) for source in sorted(folder.glob("*/lesson.py"))]


def find(text: str, root: Path | None = None) -> Lesson:
    """The lesson meant by its number ("02", "2"), its name ("perceptron") or both ("02_perceptron").

    Raises
    ------
    CourseError
        If there is no such lesson; the message lists those there are.
    """
    known = lessons(root)
    for lesson in known:
        if is_called(lesson.name, text):
            return lesson
    names = ", ".join(lesson.name for lesson in known) or "none yet"
    raise CourseError(f"No lesson is called {text!r}. The lessons are: {names}.")


def is_called(lesson: str, text: str) -> bool:
    """Whether ``text`` means the lesson of the name ``lesson``: "02", "2", "perceptron", "02_perceptron"."""
    return text in {lesson, lesson[3:], lesson[:2], str(int(lesson[:2]))}


def select(names: list[str] | None, root: Path | None = None) -> list[Lesson]:
    """The named lessons in the order of the course, each once; all of them where no name is given."""
    if not names:
        return lessons(root)
    wanted = {find(name, root).name for name in names}
    return [lesson for lesson in lessons(root) if lesson.name in wanted]


def _read(folder: Path) -> Lesson:
    source = folder / "lesson.py"
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", folder.name):
        raise CourseError(f"{folder}: a lesson's folder is called NN_name, such as 02_perceptron.")
    if folder.name not in _PART_OF:
        raise CourseError(f"{folder.name} is not in the syllabus: add it to PARTS in hepml_course/course.py.")
    facts = front_matter(source).get("course")
    if not isinstance(facts, dict):
        raise CourseError(f"{source}: the front matter has no `course:`; lessons/02_perceptron shows one.")
    _complain_about(facts, source)
    return Lesson(
        number=int(folder.name[:2]),
        name=folder.name,
        part=_PART_OF[folder.name],
        title=facts["title"],
        minutes=facts["minutes"],
        objectives=list(facts["objectives"]),
        requires=list(facts.get("requires") or []),
        folder=folder,
    )


def _complain_about(facts: dict[str, Any], source: Path) -> None:
    objectives, minutes, requires = facts.get("objectives"), facts.get("minutes"), facts.get("requires") or []
    if not isinstance(facts.get("title"), str) or not facts["title"].strip():
        raise CourseError(f"{source}: the front matter needs a `title:`.")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes <= 0:
        raise CourseError(f"{source}: `minutes:` is the time a student needs, a whole number.")
    if not isinstance(objectives, list) or not 3 <= len(objectives) <= 5:
        raise CourseError(f"{source}: `objectives:` lists three to five things a student can do afterwards.")
    if unknown := [name for name in requires if name not in _PART_OF]:
        raise CourseError(f"{source}: `requires:` names {unknown[0]}, which is not in the syllabus.")


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())
