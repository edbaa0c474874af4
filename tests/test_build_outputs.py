"""What is taken out of outputs, and what is refused in them; the rest is tested with the build."""

import re
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_output

from hepml_course.build.outputs import SANITIZE_FILE, WIDGET, normalise, sanitise
from hepml_course.errors import CourseError

PICTURE = "iVBORw0KGgo="


def widget_cell(*bundles, tags=("widget",)):
    outputs = [new_output("display_data", data=bundle) for bundle in bundles]
    return new_code_cell("show()", outputs=outputs, execution_count=1, metadata={"tags": list(tags)})


def test_the_picture_of_a_widget_stays_and_its_live_half_goes(tmp_path):
    cell = widget_cell({WIDGET: {"model_id": "1f"}, "image/png": PICTURE, "text/plain": "Stepper()"})
    normalise(cell, "here", tmp_path)
    assert cell.outputs[0].data == {"image/png": PICTURE, "text/plain": "Stepper()"}


def test_a_widget_without_picture_or_tag_is_refused(tmp_path):
    live = {WIDGET: {"model_id": "1f"}, "text/plain": "Stepper()"}
    with pytest.raises(CourseError, match="here shows a widget without a picture"):
        normalise(widget_cell(live), "here", tmp_path)
    with pytest.raises(CourseError, match="give it tags"):
        normalise(widget_cell({**live, "image/png": PICTURE}, tags=()), "here", tmp_path)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<object object at 0x7f3e5c0b2d30>", "<object object at 0x…>"),
        ("0x1f and 0xdeadbeefdeadbeefdeadbeef", "0x1f and 0xdeadbeefdeadbeefdeadbeef"),
        ("File /opt/venv/lib/python3.11/site-packages/numpy/x.py:3", "File …/site-packages/numpy/x.py:3"),
        ("File ~/clone/hepml_course/metrics.py:3", "File …/hepml_course/metrics.py:3"),
        (r"C:\Users\ada\hepml\hepml_course\data.py", r"…/hepml_course\data.py"),
        ("/tmp/ipykernel_991/2374.py:1: Warning", "<cell>:1: Warning"),
        ("a/b and 3 / 4, mc12/Ztautau.root", "a/b and 3 / 4, mc12/Ztautau.root"),
    ],
)
def test_what_belongs_to_one_machine_is_replaced(raw, clean):
    assert sanitise(raw) == clean
    assert sanitise(clean) == clean


def test_nbval_reads_the_same_rules():
    plugin = pytest.importorskip("nbval.plugin")
    text = SANITIZE_FILE.read_text(encoding="utf-8")
    rules = plugin.get_sanitize_patterns(text)
    assert len(rules) == text.count("regex: ") == 3
    raw = "<object at 0x7f3e5c0b2d30> in /opt/lib/site-packages/x.py"
    for regex, replacement in rules:
        raw = re.sub(regex, replacement, raw)
    assert raw == "<object at 0x…> in …/site-packages/x.py"


@pytest.mark.parametrize("folder", [Path.home(), Path(sys.prefix), Path("/srv/course")])
def test_a_folder_of_this_machine_is_refused_in_every_kind_of_output(folder):
    outputs = [
        new_output("stream", name="stdout", text=f"reading {folder}/a.root"),
        new_output("execute_result", data={"text/plain": f"'{folder}'"}, execution_count=1),
        new_output("display_data", data={"application/json": {"path": [f"{folder}/a"]}}),
        new_output("error", ename="E", evalue="", traceback=[f'"{folder}/a.py"']),
    ]
    for output in outputs:
        cell = new_code_cell(
            "x", outputs=[output], execution_count=1, metadata={"tags": ["raises-exception"]}
        )
        if output.output_type != "error":
            cell.metadata.tags = []
        with pytest.raises(CourseError, match="a folder of this machine"):
            normalise(cell, "here", Path("/srv/course"))
    harmless = new_code_cell("x", outputs=[new_output("stream", text=f"{folder}s and a{folder}")])
    normalise(harmless, "here", Path("/srv/course"))
