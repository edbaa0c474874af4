"""README and start page say what the lessons and the built notebooks say."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from hepml_course import claims, course, environment, pages
from hepml_course.errors import CourseError

ROOT = Path(__file__).parents[1]
PAGE = "Before\n<!-- syllabus: written by hepml build -->\nold\n<!-- /syllabus -->\nAfter\n"


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A course of one lesson with an exercise, one claim that failed and one not measured."""
    for name in pages.PAGES:
        text = PAGE + "<!-- claims: written by hepml build -->\n<!-- /claims -->\n"
        (tmp_path / name).write_text(text, encoding="utf-8")
    source = tmp_path / "lessons" / "14_track_finding" / "exercise.py"
    source.parent.mkdir(parents=True)
    source.touch()
    lesson = course.Lesson(
        14, "14_track_finding", 4, "Find | tracks", 50, ["see tracks", "count\nthem"], [], source.parent
    )
    entries = [
        claims.Claim("found", "001", "tracks", "tracks are found", "at_least", 0.99, lesson=lesson.name),
        claims.Claim("fast", "001", "tracks", "it is fast", "greater", lesson=lesson.name, unit="times"),
    ]
    row = {"id": "found", "lesson": lesson.name, "ours": 0.5, "error": 0.01, "verdict": claims.REFUTED}
    unmeasured = {"id": "fast", "lesson": lesson.name, "ours": None, "error": None, "verdict": claims.MISSING}
    monkeypatch.setattr(course, "root", lambda: tmp_path)
    monkeypatch.setattr(course, "lessons", lambda: [lesson])
    monkeypatch.setattr(claims, "claims", lambda: entries)
    monkeypatch.setattr(claims, "collect", lambda: [row, unmeasured])
    return SimpleNamespace(root=tmp_path, lesson=lesson)


def test_the_pages_of_the_course_are_up_to_date():
    pages.check()


def test_every_link_leads_somewhere():
    for page in ("README.md", "START.md", "CONTRIBUTING.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)]+)\)", text):
            assert target.startswith("https://") or (ROOT / target).exists(), f"{page}: {target}"


def test_a_lesson_is_listed_with_its_part_time_links_and_objectives(tiny):
    pages.write()
    text = (tiny.root / "README.md").read_text(encoding="utf-8")
    for part in (
        "**4 Detector data**",
        "[Find \\| tracks](notebooks/14_track_finding.ipynb)",
        "50\N{NO-BREAK SPACE}min",
        "[exercise](exercises/14_track_finding.ipynb)",
        "[solution](solutions/14_track_finding.ipynb)",
        "see tracks<br>count them",
    ):
        assert part in text
    assert text.startswith("Before\n")
    assert "old" not in text


def test_claims_are_listed_whatever_came_out(tiny):
    pages.write()
    rows = [
        line
        for line in (tiny.root / "README.md").read_text(encoding="utf-8").splitlines()
        if "lecture" in line
    ]
    first, second = rows
    assert "[lesson 14](notebooks/14_track_finding.ipynb)" in first
    assert "| at least 0.99 | 0.500 ± 0.010 | not confirmed |" in first
    assert "| more than 0 times |  | not measured |" in second


def test_every_row_of_a_table_has_the_same_number_of_cells(tiny):
    for table in (pages.syllabus(), pages.verdicts()):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_writing_twice_changes_nothing(tiny):
    assert [path.name for path in pages.write()] == list(pages.PAGES)
    pages.check()
    assert pages.write() == []


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_stale_page_is_named(tiny, name):
    pages.write()
    path = tiny.root / name
    path.write_text(path.read_text(encoding="utf-8").replace("50", "40"), encoding="utf-8")
    with pytest.raises(CourseError, match=rf"{name} out of date; run `hepml build`"):
        pages.check()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PAGE.replace("syllabus", "sylabus"), "'sylabus'"),
        (PAGE.replace("<!-- /syllabus -->", ""), "closing mark"),
    ],
)
def test_a_page_with_wrong_marks_is_named(text, message):
    with pytest.raises(CourseError, match=message):
        pages.fill(text, {"syllabus": lambda: "new"})


def test_the_readme_gives_the_commands_that_there_are():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.index("make lab") < text.index("make test") < text.index("## ")
    for target in re.findall(r"^    make (\w+)|`make (\w+)`", text, re.M):
        assert "".join(target) in environment.TARGETS
    assert f'--python "{environment.wanted_python(ROOT)}"' in text
    for target in re.findall(r"-m hepml_course\.environment (\w+)", text):
        assert target in environment.TARGETS
