"""The list of lessons: what is read, what is refused, and with which words."""

from pathlib import Path

import pytest

from hepml_course import course
from hepml_course.errors import CourseError

HEADER = """\
# ---
# course:
#   title: "The perceptron: one line"
#   minutes: 45
#   objectives:
#     - draw a line
#     - move it
#     - say when it stops
#   requires: [01_learning_from_data]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %%
1 + 1
"""


def add(root: Path, name: str, text: str = HEADER) -> Path:
    folder = root / "lessons" / name
    folder.mkdir(parents=True)
    (folder / "lesson.py").write_text(text)
    return folder


def test_front_matter_becomes_a_lesson(tmp_path):
    folder = add(tmp_path, "02_perceptron")
    (lesson,) = course.lessons(tmp_path)
    assert (lesson.number, lesson.name, lesson.part, lesson.minutes) == (2, "02_perceptron", 1, 45)
    assert lesson.title == "The perceptron: one line"
    assert lesson.objectives == ["draw a line", "move it", "say when it stops"]
    assert lesson.requires == ["01_learning_from_data"]
    assert lesson.exercise_source == folder / "exercise.py"
    assert lesson.solution == tmp_path / "solutions" / "02_perceptron.ipynb"


def test_lessons_come_in_order_and_folders_without_a_lesson_are_left_out(tmp_path):
    for name in ("09_ztautau", "02_perceptron", "11_deep_vs_shallow"):
        add(tmp_path, name)
    (tmp_path / "lessons" / "05_roc_auc").mkdir()
    assert [lesson.number for lesson in course.lessons(tmp_path)] == [2, 9, 11]


@pytest.mark.parametrize("text", ["02", "2", "perceptron", "02_perceptron"])
def test_a_lesson_is_found_by_number_or_name(tmp_path, text):
    add(tmp_path, "02_perceptron")
    add(tmp_path, "09_ztautau")
    assert course.find(text, tmp_path).name == "02_perceptron"


def test_an_unknown_lesson_is_answered_with_the_known_ones(tmp_path):
    add(tmp_path, "02_perceptron")
    add(tmp_path, "09_ztautau")
    with pytest.raises(CourseError, match=r"'perc'.*02_perceptron, 09_ztautau"):
        course.find("perc", tmp_path)
    with pytest.raises(CourseError, match="none yet"):
        course.find("02", tmp_path / "empty")


def test_select_keeps_the_order_of_the_course_and_names_a_lesson_once(tmp_path):
    add(tmp_path, "02_perceptron")
    add(tmp_path, "09_ztautau")
    assert [x.number for x in course.select(["ztautau", "2", "02_perceptron"], tmp_path)] == [2, 9]
    assert [x.number for x in course.select([], tmp_path)] == [2, 9]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# course:", "# curse:", "no `course:`"),
        ('  title: "The perceptron: one line"', "  title:", "needs a `title:`"),
        ("minutes: 45", "minutes: long", "`minutes:` is"),
        ("minutes: 45", "minutes: 0", "`minutes:` is"),
        ("#     - move it\n#     - say when it stops\n", "", "three to five"),
        ("01_learning_from_data", "01_learning", "01_learning, which is not in the syllabus"),
        ("minutes: 45", "minutes: [", "not valid YAML"),
        ("# ---\n# course", "# course", "no `course:`"),
    ],
)
def test_bad_front_matter_is_refused_and_says_where(tmp_path, old, new, words):
    assert old in HEADER
    folder = add(tmp_path, "02_perceptron", HEADER.replace(old, new))
    with pytest.raises(CourseError) as caught:
        course.lessons(tmp_path)
    assert words in str(caught.value)
    assert str(folder / "lesson.py") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_must_be_named_and_numbered_as_the_syllabus_says(tmp_path):
    add(tmp_path, "26_dark_matter")
    with pytest.raises(CourseError, match="26_dark_matter is not in the syllabus"):
        course.lessons(tmp_path)
    add(tmp_path / "other", "Perceptron")
    with pytest.raises(CourseError, match="NN_name"):
        course.lessons(tmp_path / "other")


def test_the_syllabus_has_25_lessons_numbered_in_order():
    names = [name for part in course.PARTS for name in part.lessons]
    assert [int(name[:2]) for name in names] == list(range(1, 26))


def test_root_is_the_clone_wherever_one_stands(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert (course.root() / "hepml_course" / "course.py").samefile(course.__file__)


def test_root_of_an_installed_package_is_found_from_the_working_directory(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "__file__", str(tmp_path / "site-packages" / "hepml_course" / "course.py"))
    (tmp_path / "clone" / "lessons").mkdir(parents=True)
    (tmp_path / "clone" / "pyproject.toml").touch()
    (tmp_path / "clone" / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "clone" / "notebooks")
    assert course.root() == tmp_path / "clone"
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match="No course here"):
        course.root()


def test_every_lesson_of_the_course_is_complete():
    for lesson in course.lessons():
        for path in (lesson.exercise_source, lesson.claims_file, lesson.instructor_notes):
            assert path.is_file(), f"{path} is missing"
