"""Lesson 09 in its two parts: what the application takes over from the training."""

import json
import subprocess
import sys
from pathlib import Path

import jupytext

LESSON = Path(__file__).parents[1] / "lessons" / "09_ztautau" / "lesson.py"
BORDER = "# Application"


def application():
    """Code cells after the heading of the second part."""
    cells = jupytext.read(LESSON).cells
    start = next(i for i, cell in enumerate(cells) if cell.source.startswith(BORDER))
    return [cell.source for cell in cells[start:] if cell.cell_type == "code"]


def undefined(code):
    """Names that the code uses and does not make, by ruff."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select=F821",
        "--output-format=json",
        "-",
    ]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    return {found["message"].split("`")[1] for found in json.loads(done.stdout)}


def test_the_second_part_takes_no_name_from_the_first():
    assert undefined("\n\n".join(application())) == set()


def test_the_border_would_be_noticed():
    assert undefined("\n\n".join([*application(), "print(x_train)"])) == {"x_train"}


def test_the_truth_is_opened_once_and_last():
    opened = [i for i, source in enumerate(application()) if "unseal" in source]
    assert opened == [len(application()) - 1]
    assert LESSON.read_text(encoding="utf-8").count("unseal") == 1
