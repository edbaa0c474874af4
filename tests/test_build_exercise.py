"""Answers out, nbgrader's metadata in."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from tiny_course import EXERCISE, HEADER, NAME, make

from hepml_course import course
from hepml_course.build import exercise
from hepml_course.build.exercise import BEGIN, END
from hepml_course.build.source import Product, draft
from hepml_course.errors import CourseError


def drafted(root, kind, text=EXERCISE):
    make(root, exercise=text)
    return draft(Product(course.find(NAME, root), kind))


def test_answers_become_dots_at_their_indentation():
    whole = f"def f(x):\n    {BEGIN}\n    y = x\n    return y\n    {END}\n\nf(1)"
    assert exercise.without_answers(whole, "here") == "def f(x):\n    ...\n\nf(1)"
    two = f"{BEGIN}\na = 1\n{END}\nb = (\n    {BEGIN}\n    2\n    {END}\n)"
    assert exercise.without_answers(two, "here") == "...\nb = (\n    ...\n)"


@pytest.mark.parametrize(
    "source",
    [
        "### BEGIN SOLUTION\n1",
        "1\n### END SOLUTION",
        "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION",
        "### END SOLUTION\n### BEGIN SOLUTION",
    ],
)
def test_marks_that_do_not_pair_are_refused(source):
    with pytest.raises(CourseError, match=r"^exercises/x\.ipynb: cell 3.*(pairs|without)"):
        exercise.without_answers(source, "exercises/x.ipynb: cell 3")


def test_exercise_and_solution_differ_in_the_answers_only(tmp_path):
    exercises, solutions = drafted(tmp_path, "exercises"), drafted(tmp_path, "solutions")
    assert [cell.id for cell in exercises.cells] == [cell.id for cell in solutions.cells]
    assert [cell.metadata for cell in exercises.cells] == [cell.metadata for cell in solutions.cells]
    differing = [
        one.source
        for one, other in zip(exercises.cells, solutions.cells, strict=True)
        if one.source != other.source
    ]
    assert differing == ['def twice(x):\n    """Two times x."""\n    ...', "ten = (\n    ...\n)"]
    assert "x + x" not in nbformat.writes(exercises)


def test_another_answer_leaves_the_exercise_as_it_is(tmp_path):
    before = drafted(tmp_path, "exercises")
    assert drafted(tmp_path, "exercises", EXERCISE.replace("x + x", "2 * x")) == before


def test_every_cell_has_its_part_in_nbgrader(tmp_path):
    parts = [cell.metadata.nbgrader for cell in drafted(tmp_path, "exercises").cells]
    roles = [(part.grade, part.solution, part.locked, part.get("points")) for part in parts]
    locked, answer, graded = (False, False, True, None), (False, True, False, None), (True, False, True, 1)
    assert roles == [locked, locked, answer, graded, answer, graded]
    names = [part.grade_id for part in parts]
    assert names[2:] == ["line-twice-answer", "line-twice", "line-ten-answer", "line-ten"]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", ["exercises", "solutions"])
def test_nbgrader_accepts_the_metadata(tmp_path, kind):
    nbgraderformat = pytest.importorskip("nbgrader.nbgraderformat")
    validator = nbgraderformat.MetadataValidator()
    repeated = EXERCISE + '\n# %%\ncheck("line.ten", ten)\n\n# %%\n### BEGIN SOLUTION\n1\n### END SOLUTION\n'
    notebook = drafted(tmp_path, kind, repeated)
    validator.validate_nb(notebook)
    notebook.cells[-1].metadata.nbgrader.grade_id = "line-ten"
    with pytest.raises(nbgraderformat.ValidationError, match="Duplicate"):
        validator.validate_nb(notebook)


def test_a_lesson_has_no_grading(tmp_path):
    assert all("nbgrader" not in cell.metadata for cell in drafted(tmp_path, "notebooks").cells)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (new_code_cell('check("a", 1)\ncheck("b", 2)'), "more than once"),
        (new_code_cell('### BEGIN SOLUTION\nx = 1\n### END SOLUTION\ncheck("a", x)'), "a cell of its own"),
        (new_markdown_cell("### BEGIN SOLUTION\nBecause.\n### END SOLUTION"), "stands in a code cell"),
    ],
)
def test_cells_that_cannot_be_graded_are_refused(cell, words):
    with pytest.raises(CourseError, match=words) as caught:
        exercise.add_grading([new_code_cell("1"), cell], "exercises/x.ipynb")
    assert "exercises/x.ipynb: cell 2" in str(caught.value)


def test_only_a_call_of_check_with_a_name_is_a_check():
    cells = [
        new_code_cell(x)
        for x in ("line.check('a', 1)", "# check('a')", "check(name, 1)", "%time check('a', 1)")
    ]
    exercise.add_grading(cells, "x")
    assert not any(cell.metadata.nbgrader.grade for cell in cells)


def test_the_header_of_an_exercise_is_no_cell(tmp_path):
    assert drafted(tmp_path, "exercises", HEADER + EXERCISE).cells[0].source == "## 1 Twice"
