"""hepml run: the table, the numbers, the failing cell, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from tiny_course import make

from hepml_course.errors import CourseError
from hepml_course.run import INTERRUPTED, run

ONE, TWO = "02_perceptron", "09_ztautau"


def put(root, name, *cells, kind="notebooks"):
    """A built notebook of the lesson, as far as `run` is concerned."""
    make(root, name=name)
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    (root / kind).mkdir(exist_ok=True)
    nbformat.write(notebook, root / kind / f"{name}.ipynb")


def test_each_lesson_gets_a_line_with_time_memory_and_status(tmp_path, capsys):
    put(tmp_path, ONE, "import time; time.sleep(0.7)")
    put(tmp_path, TWO, "block = b'x' * 300_000_000\nimport time; time.sleep(0.7)")
    before = (tmp_path / "notebooks" / f"{ONE}.ipynb").read_bytes()
    assert run(json_file=tmp_path / "out" / "run.json", root=tmp_path) == 0
    one, two = json.loads((tmp_path / "out" / "run.json").read_text())
    assert list(one) == ["lesson", "seconds", "peak_mb", "status"]
    assert (one["lesson"], two["lesson"]) == (ONE, TWO)
    assert one["status"] == two["status"] == "ok"
    assert 0.7 < one["seconds"] < 60
    assert 20 < one["peak_mb"] < two["peak_mb"] - 250
    table = capsys.readouterr().out
    assert ONE in table
    assert f"{two['peak_mb']:.0f}" in table
    assert (tmp_path / "notebooks" / f"{ONE}.ipynb").read_bytes() == before


def test_memory_counts_the_processes_that_the_kernel_starts(tmp_path):
    child = "import time; block = b'x' * 300_000_000; time.sleep(1.5)"
    put(tmp_path, ONE, f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])")
    run(json_file=tmp_path / "run.json", root=tmp_path)
    assert json.loads((tmp_path / "run.json").read_text())[0]["peak_mb"] > 320


def test_a_failing_cell_is_shown_and_the_others_still_run(tmp_path, capsys):
    put(tmp_path, ONE, "x = [1]", "def half(n):\n    return n / 0\n\nhalf(x[0])", "print('never')")
    put(tmp_path, TWO, "1")
    assert run(json_file=tmp_path / "run.json", root=tmp_path) == 1
    assert [row["status"] for row in json.loads((tmp_path / "run.json").read_text())] == ["failed", "ok"]
    shown = capsys.readouterr().out
    assert f"notebooks/{ONE}.ipynb: cell 2 (code, `def half(n):`) failed" in shown
    assert "half(x[0])" in shown
    assert "ZeroDivisionError: division by zero" in shown
    assert "\x1b" not in shown


def test_a_kernel_that_dies_is_a_failure(tmp_path, capsys):
    put(tmp_path, ONE, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert run(root=tmp_path) == 1
    assert "the kernel died" in capsys.readouterr().out


def test_a_kernel_that_does_not_start_is_a_failure(tmp_path, capsys, monkeypatch):
    put(tmp_path, ONE, "1")
    monkeypatch.setattr(
        "hepml_course.build.kernel.get_kernel_dict", lambda: {"argv": [sys.executable, "-c", "1"]}
    )
    assert run(root=tmp_path) == 1
    assert "hepml doctor" in capsys.readouterr().out


def test_jobs_run_at_the_same_time(tmp_path):
    # Each waits for the file of the other, so one after the other could not end.
    wait = "import pathlib, time\nend = time.monotonic() + 60\npathlib.Path('{}').touch()\n"
    wait += "while not pathlib.Path('{}').exists():\n    assert time.monotonic() < end\n    time.sleep(0.1)"
    put(tmp_path, ONE, wait.format("a", "b"))
    put(tmp_path, TWO, wait.format("b", "a"))
    assert run(jobs=2, root=tmp_path) == 0


def test_the_kind_of_notebook_can_be_chosen(tmp_path):
    put(tmp_path, ONE, "1 / 0")
    put(tmp_path, ONE, "1", kind="solutions")
    assert run([ONE], kind="solutions", root=tmp_path) == 0
    with pytest.raises(CourseError, match="none of the built folders"):
        run(kind="answers", root=tmp_path)


@pytest.mark.parametrize(
    ("names", "options", "words"),
    [
        (["tau"], {}, rf"No lesson is called 'tau'. The lessons are: {ONE}\."),
        ([ONE], {}, rf"notebooks/{ONE}\.ipynb is not built: run `hepml build {ONE}`"),
        ([], {"jobs": 0}, "--jobs"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(tmp_path, names, options, words):
    make(tmp_path)
    with pytest.raises(CourseError, match=words) as caught:
        run(names, root=tmp_path, **options)
    assert "\n" not in str(caught.value)


def test_a_course_without_lessons_is_told(tmp_path):
    (tmp_path / "lessons").mkdir()
    with pytest.raises(CourseError, match="no lesson has been written yet"):
        run(root=tmp_path)


def test_a_notebook_that_is_none_is_told(tmp_path):
    put(tmp_path, ONE, "1")
    (tmp_path / "notebooks" / f"{ONE}.ipynb").write_text("<<<<<<< HEAD")
    with pytest.raises(CourseError, match=f"notebooks/{ONE}.ipynb cannot be read"):
        run(root=tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
@pytest.mark.parametrize("moment", ["cell", "start"])
def test_an_interrupt_ends_every_kernel_and_what_it_started(tmp_path, moment):
    sleep = "import os, pathlib, subprocess, sys, time\n"
    sleep += "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    sleep += "pathlib.Path(f'{os.getpid()}.pid').write_text(f'{os.getpid()} {child.pid}')\ntime.sleep(600)"
    put(tmp_path, ONE, sleep)
    put(tmp_path, TWO, sleep)
    command = "from hepml_course.run import run; import pathlib, sys\n"
    command += f"sys.exit(run(jobs=2, root=pathlib.Path({str(tmp_path)!r}), json_file='run.json'))"
    process = subprocess.Popen(
        [sys.executable, "-c", command],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    started = tmp_path / "notebooks"
    if moment == "cell":
        await_that(
            lambda: (
                len(list(started.glob("*.pid"))) == 2 and all(f.read_text() for f in started.glob("*.pid"))
            )
        )
        alive = [
            psutil.Process(int(pid)) for file in started.glob("*.pid") for pid in file.read_text().split()
        ]
    else:
        await_that(lambda: kernels_of(process.pid))
        alive = kernels_of(process.pid)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert out == "Interrupted. The kernels are stopped.\n"
    assert err == ""
    assert alive
    assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in alive)
    assert not (tmp_path / "run.json").exists()


def kernels_of(pid):
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if "ipykernel_launcher" in child.cmdline()]


def await_that(happened, seconds=60):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_the_table_goes_to_a_pipe_without_escapes(tmp_path):
    put(tmp_path, ONE, "1")
    command = f"from hepml_course.run import run; import pathlib; run(root=pathlib.Path({str(tmp_path)!r}))"
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "TTY_COMPATIBLE")}
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, env=environment, check=True
    )
    assert "ok" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""
