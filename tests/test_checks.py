"""The checks: what they promise for every task, and how they take answers that misbehave."""

import importlib
import os
import string
import sys
import time
import types

import numpy as np
import pytest
from answers import Answers
from IPython.core.interactiveshell import InteractiveShell

from hepml_course import checks
from hepml_course.checks import NotYet, State, as_number, check, hint, verdict
from hepml_course.checks._core import COMMON_MISTAKES, lesson_modules, tasks


def collected() -> dict[str, Answers]:
    found: dict[str, Answers] = {}
    for lesson in lesson_modules():
        found |= importlib.import_module(f"answers.{lesson}").ANSWERS
    return found


TASKS = {t.name: t for t in tasks()}
ANSWERS = collected()


def judge(name, answer):
    return verdict(name, *answer) if isinstance(answer, tuple) else verdict(name, answer)


@pytest.mark.parametrize("name", sorted(TASKS | ANSWERS))
def test_a_task_tells_right_from_wrong_and_knows_every_mistake_it_declares(name):
    task, answers = TASKS[name], ANSWERS[name]
    assert len(answers.right) >= 2
    assert len(answers.wrong) >= 3
    assert len(task.hints) >= 2
    assert len(set(task.hints)) == len(task.hints)
    for answer in answers.right:
        found = judge(name, answer)
        assert found.state is State.CORRECT, (answer, found.text)
    reached = {}
    for mistake, answer in answers.wrong:
        found = judge(name, answer)
        assert found.state is (State.RAISED if mistake == "raised" else State.NOT_YET), (answer, found)
        assert found.mistake == mistake, (answer, found)
        reached[mistake] = found.text
    assert set(task.mistakes) <= set(reached), "every declared mistake needs a wrong answer that makes it"
    known = COMMON_MISTAKES | task.mistakes
    assert set(reached) - {"raised", "nonsense"} <= set(known)
    assert len(set(known.values())) == len(known)
    told = [text for mistake, text in reached.items() if mistake != "raised"]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("name", sorted(TASKS))
def test_the_reference_passes_its_own_check_and_says_the_text_for_right(name):
    task = TASKS[name]
    found = judge(name, task.reference)
    assert found.state is State.CORRECT, found.text
    assert task.right.endswith(".")


@pytest.mark.parametrize("name", sorted(TASKS))
def test_texts_are_sentences_with_fields_that_exist(name):
    for text in [*TASKS[name].mistakes.values(), *TASKS[name].hints]:
        assert text[0].isupper() or text[0] == "`", text
        assert text.rstrip("`)").endswith((".", "?")), text
        assert "!" not in text.replace("!=", ""), text
    for text in TASKS[name].mistakes.values():
        assert all(field is None or field.isidentifier() for _, field, _, _ in string.Formatter().parse(text))


# -- answers that misbehave ------------------------------------------------------------------------


class Hostile:
    """Raises whatever is done with it."""

    def __getattr__(self, name):
        raise RuntimeError("no")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None


def endless(*args):
    return endless(*args)


def leaves(*args):
    sys.exit("bye")


def interrupts(*args):
    raise KeyboardInterrupt


def shouts(*args):
    for _ in range(2000):
        print("x" * 1000)
        print("y" * 1000, file=sys.stderr)


def warns(*args):
    return np.log(np.array([-1.0]))


def raises_strangely(*args):
    class Mute(Exception):
        def __str__(self):
            raise ValueError("cannot even say so")

    raise Mute


NASTY = [
    endless,
    leaves,
    interrupts,
    shouts,
    warns,
    raises_strangely,
    lambda *args: None,
    lambda *args: "three",
    lambda *args: np.nan,
    lambda *args: np.inf,
    lambda *args: np.full((7, 3, 2), np.nan),
    lambda *args: [[1, 2], [3]],
    lambda *args: {"w": 1},
    lambda *args: (i for i in range(3)),
    lambda *args: Hostile(),
    lambda *args: args,
    lambda *args: 1j,
    lambda: 1,
    lambda *args: object(),
    print,
    int,
    Hostile(),
    None,
    "update",
    7,
    np.nan,
    np.full((3, 3), np.nan),
    [],
    {},
]


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("name", sorted(TASKS))
def test_no_answer_makes_a_check_raise_or_pass(name, nasty, capfd):
    found = verdict(name, nasty)
    assert found.state in (State.NOT_YET, State.RAISED)
    assert found.text.strip()
    assert " at 0x" not in found.text
    assert found == verdict(name, nasty), "the same answer reads the same"
    assert capfd.readouterr() == ("", "")


# -- the framework on a lesson of its own ----------------------------------------------------------


@pytest.fixture
def toy(monkeypatch):
    """A lesson with one task: double a vector and add its components."""
    from hepml_course.checks import _core

    monkeypatch.setattr(_core, "_TASKS", dict(_core._TASKS))
    monkeypatch.setattr(_core, "lesson_modules", lambda: ["toy"])
    monkeypatch.setitem(sys.modules, "hepml_course.checks.toy", types.ModuleType("toy"))
    monkeypatch.setattr(checks, "_hints_given", {})

    @checks.task(
        "toy.double",
        reference=lambda x: 2 * sum(x),
        right="Right.",
        hints=["Think of two.", "Multiply by two."],
        mistakes={"wrong": "For {x} you gave {got}."},
        seconds=0.5,
    )
    def _double(double, rng):
        x = rng.integers(1, 9, 3)
        got = as_number(double(x))
        if got != 2 * x.sum():
            raise NotYet("wrong", x=x, got=got)

    @checks.task(
        "toy.number",
        reference=3,
        right="Right.",
        hints=["a", "b"],
        mistakes={"wrong": "It is not {got}."},
        kind="value",
    )
    def _number(number, rng):
        if as_number(number) != 3:
            raise NotYet("wrong", got=number)


def from_notebook(source: str, name: str):
    """Define a function as a notebook does: compiled from a cell whose text linecache knows."""
    import linecache

    filename = f"/tmp/ipykernel_1/{abs(hash(source))}.py"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    space: dict = {}
    exec(compile(source, filename, "exec"), space)
    return space[name]


def test_untouched_answers_are_not_attempted(toy):
    def bare(x): ...

    def documented(x):
        """What to do."""
        ...

    def returned(x):
        return ...

    without_source = types.FunctionType(compile("def f(x): ...", "nowhere", "exec").co_consts[0], {})
    for name, answer in [
        *(("toy.double", f) for f in (bare, documented, returned, without_source, ...)),
        ("toy.number", ...),
    ]:
        found = verdict(name, answer)
        assert (found.state, found.text) == (State.NOT_ATTEMPTED, "Not attempted yet.")


def test_a_gap_among_other_lines_counts_only_while_the_answer_is_wrong(toy):
    def half(x):
        total = x[0]
        ...
        return total

    def finished(x):
        ...
        return 2 * x[..., :].sum()

    assert verdict("toy.double", half).text.startswith("Not attempted yet. A `...` still stands")
    assert verdict("toy.double", finished).state is State.CORRECT


def test_an_ellipsis_used_as_an_index_is_an_answer(toy):
    assert verdict("toy.double", lambda x: x[..., 0]).state is State.NOT_YET

    def indexed(x):
        return x[..., 0]

    assert verdict("toy.double", indexed).state is State.NOT_YET


def test_a_student_who_forgot_return_is_told_so(toy):
    def forgot(x):
        2 * x.sum()

    assert verdict("toy.double", forgot).mistake == "returns-nothing"


def test_an_error_names_the_students_line_and_its_text(toy):
    cell = "import math\ndef double(x):\n    y = 2\n    return y @ x1\n"
    found = verdict("toy.double", from_notebook(cell, "double"))
    assert found.state is State.RAISED
    assert found.text == "Your line 4: `return y @ x1`: name 'x1' is not defined."


def test_an_error_inside_a_library_names_the_students_line_that_called_it(toy):
    cell = "import numpy as np\ndef double(x):\n    return np.linalg.inv(x)\n"
    found = verdict("toy.double", from_notebook(cell, "double"))
    assert found.text.startswith("Your line 3: `return np.linalg.inv(x)`: ")


def test_an_error_inside_compiled_code_names_the_students_line_too(toy):
    cell = "import numpy as np\ndef double(x):\n    return np.random.default_rng(0).uniform(2, 1)\n"
    found = verdict("toy.double", from_notebook(cell, "double"))
    assert found.text.startswith("Your line 3: `return np.random.default_rng(0).uniform(2, 1)`: ")


def test_a_wrong_number_of_arguments_names_the_first_line(toy):
    found = verdict("toy.double", from_notebook("def double(x, y):\n    return x\n", "double"))
    assert found.text == "Your line 1: `def double(x, y):`: it is called with 1 arguments, and takes 2."


@pytest.mark.parametrize("guarded", ["pass", "except Exception: pass", "except BaseException: pass"])
def test_a_loop_without_end_is_stopped_at_the_students_line(toy, guarded):
    body = "pass" if guarded == "pass" else f"\n        try: len('a')\n        {guarded}"
    cell = f"def double(x):\n    while True: {body}\n"
    found = verdict("toy.double", from_notebook(cell, "double"))
    assert found.state is State.RAISED
    assert "still running when the time was over. Can it ever end?" in found.text


def test_code_that_only_waits_is_stopped_too(toy, monkeypatch):
    from hepml_course.checks import _student

    monkeypatch.setattr(_student, "_PATIENCE", 1)
    cell = "import time\ndef double(x):\n    for _ in range(1000):\n        time.sleep(0.05)\n"
    assert "still running when the time was over" in verdict("toy.double", from_notebook(cell, "double")).text


@pytest.mark.skipif(
    not hasattr(time, "pthread_getcpuclockid"), reason="this system counts no work per thread"
)
def test_a_busy_machine_does_not_stop_an_answer_that_works_little(toy):
    def slow_machine(x):
        time.sleep(0.8)
        return 2 * sum(x)

    assert verdict("toy.double", slow_machine).state is State.CORRECT


def test_recursion_and_exit_and_interrupt_are_explained(toy):
    assert "calls itself without end" in verdict("toy.double", endless).text
    assert "ends the whole program" in verdict("toy.double", leaves).text
    assert "stopped here by an interrupt" in verdict("toy.double", interrupts).text


def test_a_changed_argument_is_noticed_even_when_the_result_is_right(toy):
    def in_place(x):
        x *= 2
        return x.sum()

    found = verdict("toy.double", in_place)
    assert found.mistake == "changed-input"
    assert "`x`" in found.text


def test_a_changed_argument_leaves_the_check_as_it_was(toy):
    wide = np.arange(3.0)

    def in_place(x):
        x += 1
        return x

    with pytest.raises(NotYet):
        checks.guard(in_place)(wide)
    checks.guard(in_place, may_change=True)(wide)
    np.testing.assert_array_equal(wide, [0, 1, 2])


def test_the_line_of_an_endless_loop_is_the_loops_own(toy):
    cell = "def helper():\n    return len('abc')\n\ndef double(x):\n    while True:\n        helper()\n"
    assert verdict("toy.double", from_notebook(cell, "double")).text.startswith(
        ("Your line 6", "Your line 5")
    )


def test_a_call_in_place_of_the_function_is_recognised(toy):
    assert verdict("toy.double", 6).mistake == "not-a-function"


def test_checks_on_values(toy):
    assert verdict("toy.number", 3).state is State.CORRECT
    assert verdict("toy.number", np.float32(3)).state is State.CORRECT
    assert verdict("toy.number", -4).text == "It is not −4."
    assert verdict("toy.number", [3]).mistake == "not-a-number"


def test_a_check_that_stumbles_is_still_an_answer(toy, monkeypatch):
    def broken(number, rng):
        raise ZeroDivisionError

    from dataclasses import replace

    from hepml_course.checks import _core

    monkeypatch.setitem(_core._TASKS, "toy.number", replace(_core._TASKS["toy.number"], look=broken))
    assert verdict("toy.number", 3).mistake == "nonsense"


def test_an_unknown_name_gets_a_sentence(toy, capsys):
    check("toy.doble", len)
    check("perzeptron.update", len)
    check(len)
    check("toy.double")
    hint("toy.trouble")
    out = capsys.readouterr().out
    assert "There is no task 'toy.doble'. Did you mean 'toy.double'?" in out
    assert "No lesson has checks under the name 'perzeptron'. There are: toy." in out
    assert 'The name of the task comes first: check("lesson.task", your_answer).' in out
    assert "The answer is missing" in out
    assert "Traceback" not in out


def test_hints_come_in_stages_and_stay_at_the_last(toy, capsys):
    for _ in range(3):
        hint("toy.double")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "→ Hint 1 of 2: Think of two.",
        "→ Hint 2 of 2: Multiply by two.",
        "→ Hint 2 of 2: Multiply by two.",
    ]


def test_later_cells_get_the_students_answer_or_the_courses_own(toy, capsys):
    def right(x):
        return 2 * sum(x)

    assert checks.answer_or_reference("toy.double", right) is right
    assert capsys.readouterr().out == ""
    assert checks.answer_or_reference("toy.double", ...)([1, 2]) == 6
    assert capsys.readouterr().out.count("\n") == 1
    with pytest.raises(checks.UnknownTaskError):
        checks.answer_or_reference("toy.nothing", right)


def test_the_courses_own_function_does_not_pass_for_the_students(toy):
    lent = checks.answer_or_reference("toy.double", lambda x: 0)
    assert lent([1, 2]) == 6
    found = verdict("toy.double", lent)
    assert found.state is State.NOT_ATTEMPTED
    assert "run the cell with yours again" in found.text


def test_a_reply_is_shown_once_and_check_returns_none(toy, capsys):
    assert check("toy.number", 3) is None
    assert capsys.readouterr().out == "✓ Right.\n"


def test_html_escapes_what_the_student_wrote(toy):
    reply = checks.Reply("For `a<b` & c", State.NOT_YET)
    assert "<code>a&lt;b</code> &amp; c" in reply._repr_html_()
    assert repr(reply) == "✗ Not yet. For `a<b` & c"


@pytest.mark.parametrize("how", ["autograde", "validate"])
def test_under_nbgrader_anything_but_correct_costs_the_point(toy, monkeypatch, how):
    monkeypatch.setenv("NBGRADER_EXECUTION", how)
    check("toy.number", 3)
    for answer in (4, ..., "x"):
        with pytest.raises(checks.CheckFailed):
            check("toy.number", answer)
    with pytest.raises(checks.CheckFailed):
        check("toy.numbr", 3)


def test_in_a_notebook_the_failure_is_shown_without_a_traceback(toy, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(checks.CheckFailed) as failure:
        check("toy.number", 4)
    assert failure.value._render_traceback_() == ["✗ Not yet. It is not 4."]


def test_printing_displaying_and_warning_inside_an_answer_stays_inside(toy, capfd):
    def noisy(x):
        from IPython.display import display

        print("hello")
        os.environ.get("HOME")
        np.log(np.array([-1.0]))
        if InteractiveShell.initialized():
            display("hello")
        return 2 * x.sum()

    assert verdict("toy.double", noisy).state is State.CORRECT
    assert capfd.readouterr() == ("", "")
