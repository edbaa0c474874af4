"""A claim is judged by the condition that was written down, and shown whatever comes out."""

import json
import math

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepml_course import claims
from hepml_course.claims import CONFIRMED, MISSING, REFUTED, UNDECIDED, Claim
from hepml_course.errors import CourseError

ENTRY = """
- id: one-track-efficiency
  lecture: "001"
  where: deep tracking
  statement: tracks are found with more than 99 % efficiency
  published: 0.99
  condition: at_least
  unit: ""
  sample: 10,000 images
"""


@pytest.fixture
def lessons(tmp_path, monkeypatch):
    """A course of one lesson with one claim, and the way to write another."""
    monkeypatch.setattr(claims, "_lessons_folder", lambda: tmp_path / "lessons")

    def write(text, name="14_track_finding"):
        path = tmp_path / "lessons" / name / "claims.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    write(ENTRY)
    return write


def make(condition, **more):
    return Claim(id="c", lecture="001", where="w", statement="s", condition=condition, **more)


@pytest.mark.parametrize(
    ("condition", "value", "error", "expected"),
    [
        ("at_least", 0.995, 0.001, CONFIRMED),
        ("at_least", 0.99, None, CONFIRMED),
        ("at_least", 0.991, 0.001, UNDECIDED),
        ("at_least", 0.989, 0.001, UNDECIDED),
        ("at_least", 0.98, 0.001, REFUTED),
        ("at_least", 0.98, None, REFUTED),
        ("at_most", 0.98, 0.001, CONFIRMED),
        ("at_most", 1.1, 0.001, REFUTED),
        ("greater", 0.99, None, REFUTED),
        ("less", 0.5, None, CONFIRMED),
    ],
)
def test_limits(condition, value, error, expected):
    assert make(condition, published=0.99).verdict(value, error) == expected


@pytest.mark.parametrize(
    ("claim", "value", "error", "expected"),
    [
        (make("within", published=385.0, tolerance=10), 380, 100, CONFIRMED),
        (make("within", published=385.0, tolerance=10), 360, 100, REFUTED),
        (make("within", published=0.81, error=0.01), 0.79, 0.01, CONFIRMED),
        (make("within", published=0.81, error=0.01), 0.78, 0.01, REFUTED),
        (make("greater"), 0.03, 0.01, CONFIRMED),
        (make("greater"), 0.01, 0.01, UNDECIDED),
        (make("greater"), -0.03, 0.01, REFUTED),
        (make("greater", than=1.0), 1.4, 0.1, CONFIRMED),
    ],
)
def test_ranges_and_relations(claim, value, error, expected):
    assert claim.verdict(value, error) == expected


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e3))
def test_opposite_conditions_never_agree(value, error):
    up, down = make("greater").verdict(value, error), make("less").verdict(value, error)
    assert {up, down} in ({CONFIRMED, REFUTED}, {UNDECIDED})


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.99451, 0.00123, "0.9945 ± 0.0012"),
        (91.23, 1.9, "91.2 ± 1.9"),
        (12345.6, 230, "12346 ± 230"),
        (100, None, "100"),
        (0.123456, None, "0.1235"),
        (0.5, 0, "0.5"),
    ],
)
def test_a_number_shows_what_its_error_deserves(value, error, text):
    assert claims.number(value, error) == text


def test_claim_prints_published_ours_and_verdict(lessons, capsys):
    claims.claim("one-track-efficiency", 0.995, 0.001)
    text = capsys.readouterr().out
    for part in (
        "at least 0.99",
        "0.9950 ± 0.0010",
        "10,000 images",
        "lecture 001, deep tracking",
        CONFIRMED,
    ):
        assert part in text


def test_a_failed_claim_is_shown_as_failed(lessons, capsys):
    claims.claim("one-track-efficiency", 0.5, 0.001)
    assert REFUTED in capsys.readouterr().out


def test_unknown_claim(lessons):
    with pytest.raises(CourseError, match=r"no-such-claim.*claims\.yml"):
        claims.claim("no-such-claim", 1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, "many", None])
def test_a_measurement_is_a_finite_number(lessons, value):
    with pytest.raises(CourseError, match=r"one-track-efficiency.*number"):
        claims.claim("one-track-efficiency", value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: [unclosed", "line 1 is not YAML"),
        ("just: one", "has to be a list"),
        (ENTRY.replace("at_least", "roughly"), "'roughly'"),
        (ENTRY.replace("published", "publishd"), "unknown field 'publishd'"),
        (ENTRY.replace("  where: deep tracking\n", ""), "lacks the field 'where'"),
        (ENTRY.replace('"001"', "001"), "in quotes"),
        (ENTRY.replace("0.99", "many"), "'many'"),
        (ENTRY.replace("at_least", "within").replace("0.99", "null"), "within"),
    ],
)
def test_a_wrong_claims_file_is_named(lessons, text, message):
    lessons(text)
    with pytest.raises(CourseError, match=message) as caught:
        claims.claims()
    assert "14_track_finding/claims.yml" in str(caught.value)


def test_an_edited_file_is_read_again(lessons):
    assert claims.find("one-track-efficiency").published == 0.99
    lessons(ENTRY.replace("0.99", "0.995"))
    assert claims.find("one-track-efficiency").published == 0.995


def test_one_name_for_one_claim(lessons):
    lessons(ENTRY, name="15_many_tracks")
    with pytest.raises(CourseError, match="14_track_finding and in 15_many_tracks"):
        claims.claims()


def executed(code, folder):
    """The notebook of one cell, executed as the build does."""
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


@pytest.fixture
def course(lessons, tmp_path, monkeypatch):
    """The course of `lessons`, with its notebook in the place where the build puts it."""
    from types import SimpleNamespace

    from hepml_course import course

    lesson = SimpleNamespace(notebook=tmp_path / "notebooks" / "14_track_finding.ipynb")
    lesson.notebook.parent.mkdir()
    monkeypatch.setattr(course, "lessons", lambda: [lesson])
    return lesson


def test_collect_reads_the_built_notebooks(course, tmp_path):
    code = f"""
from pathlib import Path
from hepml_course import claims
claims._lessons_folder = lambda: Path({str(tmp_path)!r}) / "lessons"
claims.claim("one-track-efficiency", 0.97123456, 0.001234)
"""
    notebook = executed(code, tmp_path)
    nbformat.write(notebook, course.notebook)
    row = {
        "error": 0.0012,
        "id": "one-track-efficiency",
        "lesson": "14_track_finding",
        "ours": 0.9712,
        "published": 0.99,
        "source": "lecture 001, deep tracking",
        "verdict": REFUTED,
    }
    assert claims.collect() == [row]
    (output,) = notebook.cells[0].outputs
    # nbval compares str() of this dictionary with the one that nbformat sorted when it wrote it.
    assert list(output.data[claims.MIME]) == sorted(row)
    assert REFUTED in output.data["text/plain"]


def test_a_claim_that_nothing_measures_stays_in_the_list(course):
    (row,) = claims.collect()
    assert (row["ours"], row["verdict"], row["published"]) == (None, MISSING, 0.99)


def test_save_writes_json(tmp_path):
    claims.save([{"id": "π⁰"}], tmp_path / "claims.json")
    assert json.loads((tmp_path / "claims.json").read_text(encoding="utf-8")) == [{"id": "π⁰"}]
    assert [path.name for path in tmp_path.iterdir()] == ["claims.json"]


def test_save_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match="Cannot write"):
        claims.save([], tmp_path / "file" / "claims.json")


def test_an_installed_wheel_carries_the_claims(tmp_path, monkeypatch, capsys):
    path = tmp_path / "_lessons" / "14_track_finding" / "claims.yml"
    path.parent.mkdir(parents=True)
    path.write_text(ENTRY, encoding="utf-8")
    monkeypatch.setattr(claims, "_PACKAGE", tmp_path)
    claims.claim("one-track-efficiency", 0.5)
    assert REFUTED in capsys.readouterr().out
