"""The way from a text source to a built notebook, on a course of one short lesson."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import psutil
import pytest
from tiny_course import HEADER, NAME, edit, make

from hepml_course import build
from hepml_course.errors import CourseError


def read(root, kind="notebooks"):
    return nbformat.read(root / kind / f"{NAME}.ipynb", as_version=4)


def lesson_of(*cells):
    """A lesson of code cells, each given as text, or with tags as (text, tags)."""
    cells = [(cell, []) if isinstance(cell, str) else cell for cell in cells]
    return HEADER + "".join(f"\n# %% tags={str(tags).replace(chr(39), chr(34))}\n{x}\n" for x, tags in cells)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def random_number(notebook):
    """What the third code cell drew: it is another one after each execution."""
    return code(notebook)[2].outputs[0].data["text/plain"]


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    root = make(tmp_path_factory.mktemp("course"))
    build.build(root=root)
    return root


@pytest.fixture
def built(built_once, tmp_path):
    """A copy of the built course that a test may spoil."""
    for path in built_once.rglob("*"):
        target = tmp_path / path.relative_to(built_once)
        if path.is_file() and "__pycache__" not in path.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return tmp_path


def test_a_built_lesson_is_executed_and_says_where_it_comes_from(built_once):
    notebook = read(built_once)
    assert [cell.execution_count for cell in code(notebook)] == [1, 2, 3, 4]
    assert code(notebook)[0].outputs[0].text == "slope 0.50\n"
    assert notebook.metadata.course["title"] == "A line"
    assert notebook.metadata.hepml.source == f"lessons/{NAME}/lesson.py"
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.language_info
    nbformat.validate(notebook)
    assert notebook.nbformat_minor == 5


def test_the_front_matter_is_no_cell(built_once):
    assert read(built_once).cells[0].source == "# A line"


def test_numbers_of_the_prose_come_from_the_kernel(built_once):
    assert "The slope is 0.50, and twice that is 1.0." in text(read(built_once))


def test_a_figure_is_described_to_those_who_do_not_see_it(built_once):
    notebook = read(built_once)
    (picture,) = code(notebook)[1].outputs
    assert picture.metadata["image/png"]["alt"] == "A straight line that rises."
    assert "<details><summary>Figure in words</summary>\n\nA straight line\n" in text(notebook)


def test_answers_in_a_lesson_are_folded(built_once):
    assert "<summary>Answer</summary>\n\nIt *differs* each time.\n\n</details>" in text(read(built_once))


def test_nbval_ignores_what_training_gives_and_nothing_else(built_once):
    ignored = ["nbval-ignore-output" in cell.metadata.get("tags", []) for cell in code(read(built_once))]
    assert ignored == [False, False, True, False]


def test_the_figure_arrives_also_where_a_backend_is_set(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    make(tmp_path, exercise=None)
    build.build(root=tmp_path)
    assert "image/png" in code(read(tmp_path))[1].outputs[0].data


def test_two_machines_build_the_same_bytes(tmp_path):
    lesson = lesson_of(
        "object()", "import hepml_course\nhepml_course", ("open('no.root')", ["raises-exception"])
    )
    for root in (tmp_path / "here", tmp_path / "some where" / "else"):
        build.build(root=make(root, lesson))
    files = [
        [root / kind / f"{NAME}.ipynb" for kind in ("notebooks", "exercises", "solutions")]
        for root in (tmp_path / "here", tmp_path / "some where" / "else")
    ]
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_the_kernel_works_in_the_folder_of_the_notebook(tmp_path):
    make(tmp_path, lesson_of("import os\nos.path.basename(os.getcwd())"), exercise=None)
    build.build(root=tmp_path)
    assert code(read(tmp_path))[0].outputs[0].data["text/plain"] == "'notebooks'"


# What is executed again


def test_what_has_not_changed_is_not_touched(built, capsys):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in built.rglob("*.ipynb")}
    build.build(root=built)
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in built.rglob("*.ipynb")}
    assert capsys.readouterr().out.count("unchanged") == len(before) == 3


def test_a_change_of_prose_is_merged_without_executing(built):
    before = read(built)
    edit(built, "# # A line", "# # Another line\n#\n# % here")
    edit(built, "# A straight line\n", "# A steep line\n")
    edit(built, "twice that is", "two of them")
    build.build(root=built)
    after = read(built)
    assert random_number(after) == random_number(before)
    assert "# Another line" in text(after)
    assert "The slope is 0.50, and two of them 1.0." in text(after)
    assert code(after)[1].outputs[0].metadata["image/png"]["alt"] == "A steep line that rises."
    build.check(root=built)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("slope = 0.5", "slope = 0.7"),
        ("{{ slope:.2f }}", "{{ slope:.3f }}"),
        ("# It *differs* each time.", "# It is {{ slope:.2f }} here too."),
    ],
)
def test_changed_code_or_a_new_number_is_executed(built, old, new):
    before = random_number(read(built))
    edit(built, old, new)
    build.build(root=built)
    assert random_number(read(built)) != before
    build.check(root=built)


def test_force_executes_what_has_not_changed(built):
    before = random_number(read(built))
    build.build(force=True, root=built)
    assert random_number(read(built)) != before


def test_another_format_of_the_build_executes_all(built, monkeypatch):
    before = random_number(read(built))
    monkeypatch.setattr(build, "FORMAT", build.FORMAT + 1)
    build.build(root=built)
    assert random_number(read(built)) != before


def test_a_number_moved_below_another_cell_is_asked_for_again(tmp_path):
    lesson = HEADER + "\n# %%\nn = 1\n\n# %% [markdown]\n# now {{ n }}\n\n# %%\nn = 2\n"
    make(tmp_path, lesson, exercise=None)
    build.build(root=tmp_path)
    make(tmp_path, HEADER + "\n# %%\nn = 1\n\n# %%\nn = 2\n\n# %% [markdown]\n# now {{ n }}\n", exercise=None)
    build.build(root=tmp_path)
    assert text(read(tmp_path)) == "now 2"


@pytest.mark.parametrize("spoil", ["0.5", "slope 0.50", "execution_count"])
def test_a_built_notebook_that_was_edited_is_made_good(built, spoil):
    path = built / "notebooks" / f"{NAME}.ipynb"
    good = path.read_text()
    notebook = read(built)
    cell = code(notebook)[0]
    if spoil == "0.5":
        cell.source = cell.source.replace("0.5", "0.6")
    elif spoil == "slope 0.50":
        cell.outputs[0].text = "slope 0.60\n"
    else:
        cell.execution_count = None
    nbformat.write(notebook, path)
    build.build(root=built)
    assert code(read(built))[0] == code(nbformat.reads(good, as_version=4))[0]
    build.check(root=built)


def test_a_notebook_that_cannot_be_read_is_built_anew(built):
    path = built / "notebooks" / f"{NAME}.ipynb"
    path.write_text("<<<<<<< HEAD\n" + path.read_text())
    build.build(root=built)
    build.check(root=built)


# Cells keep their names


def test_ids_are_unique_and_survive_changes_around_them(built):
    before = {cell.source: cell.id for cell in read(built).cells}
    edit(built, "# # A line", "# # A line of mine")
    edit(built, "\n# %%\nslope\n", "\n# %%\nprint(1)\n\n# %%\nprint(1)\n\n# %%\nslope\n")
    build.build(root=built)
    cells = read(built).cells
    assert len({cell.id for cell in cells}) == len(cells)
    kept = {cell.source: cell.id for cell in cells}
    same = [source for source in before if source in kept]
    assert len(same) == len(before) - 2  # the title, and the number that each execution draws anew
    assert all(before[source] == kept[source] for source in same)


# What a lesson must not do


def refused(root, lesson, exercise=None):
    """What the build says to this lesson; nothing is written."""
    make(root, lesson, exercise)
    with pytest.raises(CourseError) as caught:
        build.build(root=root)
    assert not list(root.rglob("*.ipynb"))
    assert not list(root.rglob("*.part"))
    return str(caught.value)


def test_a_failing_cell_ends_the_build_and_is_shown(tmp_path):
    message = refused(tmp_path, lesson_of("x = 1", "def half(n):\n    return n / 0\n\nhalf(x)"))
    assert message.startswith(f"notebooks/{NAME}.ipynb: cell 2 (code, `def half(n):`) failed.\n")
    assert "return n / 0" in message
    assert message.endswith("ZeroDivisionError: division by zero")
    assert "\x1b" not in message


def test_a_failing_cell_leaves_the_old_notebook(built):
    path = built / "notebooks" / f"{NAME}.ipynb"
    before = path.read_bytes()
    edit(built, "slope = 0.5", "slope = half")
    with pytest.raises(CourseError, match="NameError"):
        build.build(root=built)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_kernel_that_dies_is_told(tmp_path):
    message = refused(tmp_path, lesson_of("import os\nos.kill(os.getpid(), 9)"))
    assert "cell 1" in message
    assert "the kernel died" in message


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_an_interrupt_ends_the_build_and_leaves_nothing(tmp_path):
    make(tmp_path, lesson_of("import time, pathlib\npathlib.Path('started').touch()\ntime.sleep(600)"))
    command = (
        f"from hepml_course import build; import pathlib; build.build(root=pathlib.Path({str(tmp_path)!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    started = tmp_path / "notebooks" / "started"
    while not started.exists():
        assert process.poll() is None
        time.sleep(0.05)
    kernels = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert said.rstrip().endswith(b"KeyboardInterrupt")
    assert kernels
    assert not any(kernel.is_running() and kernel.status() != psutil.STATUS_ZOMBIE for kernel in kernels)
    assert os.listdir(tmp_path / "notebooks") == ["started"]


@pytest.mark.parametrize(
    "source", ["import sys\nprint('careful', file=sys.stderr)", "import warnings\nwarnings.warn('careful')"]
)
def test_stderr_is_an_error_that_names_the_cell(tmp_path, source):
    message = refused(tmp_path, lesson_of("1", source))
    assert "cell 2 (code, `import" in message
    assert "stderr" in message
    assert "careful" in message


def test_a_path_of_this_machine_is_refused(tmp_path):
    message = refused(tmp_path, lesson_of("import os\nprint(os.path.dirname(os.getcwd()))"))
    assert "cell 1" in message
    assert "a folder of this machine" in message


def test_an_announced_error_must_come_and_is_shown(tmp_path):
    assert "raises none" in refused(tmp_path, lesson_of(("1", ["raises-exception"])))
    make(tmp_path, lesson_of(("1 / 0", ["raises-exception"]), "2"), exercise=None)
    build.build(root=tmp_path)
    assert code(read(tmp_path))[0].outputs[0].ename == "ZeroDivisionError"
    assert code(read(tmp_path))[1].execution_count == 2


def test_figures_and_words_belong_together(tmp_path):
    figure = "import matplotlib.pyplot as plt\nplt.subplots();"
    words = '\n# %% [markdown] tags=["alt:previous"]\n# Nothing but axes.\n'
    assert "cell 1" in (message := refused(tmp_path, lesson_of(figure)))
    assert 'tags=["alt:previous"]' in message
    assert "draws nothing" in refused(tmp_path, lesson_of("1") + words)
    between = "\n# %% [markdown]\n# See?\n"
    assert "right below" in refused(tmp_path, lesson_of(figure) + between + words)


def test_a_large_picture_is_refused(tmp_path):
    noise = (
        "import matplotlib.pyplot as plt\nimport numpy as np\n\n"
        "plt.figure(figsize=(9, 9))\nplt.imshow(np.random.rand(999, 999));"
    )
    assert "is the limit" in refused(tmp_path, lesson_of(noise))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('# %% tags=["trainning"]\n1', "unknown tag 'trainning'"),
        ("# %%\n\n# %%\n1", "is empty"),
        ("# %% [raw]\n# text", "raw cell"),
        ("# %% [markdown]\n# It is {{n}}.", "with spaces"),
        ("# %% [markdown]\n# It is {{ n }}.", "{{ n }} gives NameError: name 'n' is not defined"),
        ("# %%\nn = 1\n\n# %% [markdown]\n# It is {{ n:.2z }}.", "{{ n:.2z }} gives ValueError"),
    ],
)
def test_a_source_with_a_mistake_is_refused(tmp_path, cell, words):
    assert words in refused(tmp_path, f"{HEADER}\n{cell}\n")


def test_fields_take_any_expression_and_formulas_keep_their_braces(tmp_path):
    prose = "It is {{ a[1:3] }}, {{ d['k']:>4 }}, {{ '%s' % (lambda v: v)(1) }}; $x_{{i}}$ and `{{n}}`."
    make(
        tmp_path,
        f"{HEADER}\n# %%\na, d = [1, 2, 3], dict(k=7)\n\n# %% [markdown]\n# {prose}\n",
        exercise=None,
    )
    build.build(root=tmp_path)
    assert text(read(tmp_path)) == "It is [2, 3],    7, 1; $x_{{i}}$ and `{{n}}`."


# Notebook and source are held together


def complaint(root, names=None):
    with pytest.raises(CourseError) as caught:
        build.check(names, root=root)
    return str(caught.value)


def test_a_fresh_build_passes_the_check_without_a_kernel(built, monkeypatch):
    monkeypatch.setattr(build, "execute", None)
    build.check(root=built)
    build.check(["perceptron"], root=built)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("# # A line", "# # The line", "cell 1 (markdown, `# The line`)"),
        ("slope = 0.5", "slope = 0.6", "cell 2 (code, `slope = 0.6`)"),
        ("{{ slope:.2f }}", "{{ slope:.3f }}", "cell 3 (markdown, `The slope is"),
        ("A straight line\n", "A bent line\n", "cell 4 (code"),
        ("\n# %%\nslope\n", "\n# %%\nslope\n\n# %%\n1\n", "cell 9 (code, `1`)"),
        ('["training"]\nimport', '["widget"]\nimport', "cell 6 (code, `import random`)"),
        ("\n# %%\nslope\n", "\n", "cell 8 (markdown, `This time"),
    ],
)
def test_the_check_names_notebook_and_first_cell_that_differs(built, old, new, where):
    edit(built, old, new)
    message = complaint(built)
    assert message.startswith(f"notebooks/{NAME}.ipynb: {where}")
    assert f"differs from lessons/{NAME}/lesson.py" in message
    assert f"run `hepml build {NAME}`" in message


def test_the_check_reads_the_front_matter_too(built):
    edit(built, "minutes: 5", "minutes: 6")
    assert f"notebooks/{NAME}.ipynb has other metadata" in complaint(built)


def test_an_exercise_and_its_solution_are_checked(built):
    edit(built, "result = x + x", "result = 2 * x", file="exercise.py")
    assert complaint(built).startswith(f"solutions/{NAME}.ipynb: cell 3 (code, `def twice(x):`) differs")
    edit(built, '"""Two times x."""', '"""Twice."""', file="exercise.py")
    assert complaint(built).startswith(f"exercises/{NAME}.ipynb: cell 3")


@pytest.mark.parametrize("part", ["text", "output", "count", "picture"])
def test_a_built_notebook_edited_by_hand_is_noticed(built, part):
    notebook = read(built)
    if part == "text":
        notebook.cells[2].source += " Really."
    elif part == "output":
        code(notebook)[0].outputs[0].text = "slope 0.60\n"
    elif part == "count":
        code(notebook)[0].execution_count = None
    else:
        code(notebook)[1].outputs[0].data["image/png"] = "iVBORw0KGgo="
    nbformat.write(notebook, built / "notebooks" / f"{NAME}.ipynb")
    number = {"text": 3, "output": 2, "count": 2, "picture": 4}[part]
    assert f"notebooks/{NAME}.ipynb: cell {number} " in complaint(built)


def test_a_missing_and_a_stray_notebook_are_noticed(built):
    (built / "notebooks" / "00_start.ipynb").write_text("{}")
    build.check(root=built)
    stray = built / "exercises" / "01_learning_from_data.ipynb"
    stray.write_text("{}")
    assert complaint(built).startswith("exercises/01_learning_from_data.ipynb has no source")
    stray.unlink()
    (built / "solutions" / f"{NAME}.ipynb").unlink()
    assert complaint(built).startswith(f"solutions/{NAME}.ipynb is not built: run `hepml build")


def test_an_unknown_lesson_is_told(built):
    assert NAME in complaint(built, ["tau"])
    with pytest.raises(CourseError, match=NAME):
        build.build(["tau"], root=built)
