"""pytest runs the notebooks, too: nbval executes each in ``notebooks/``, ``exercises/``, ``solutions/``.

Outputs are compared to the letter, except in cells tagged ``training`` or ``widget``. So are the numbers that
the build has filled into the prose, which nbval does not look at.

``make test`` runs a few files side by side, as many as cores and memory allow.
"""

import os
import tempfile

import psutil
import pytest
from nbval import plugin
from nbval.kernel import RunningKernel

from hepml_course.build.kernel import answers, questions
from hepml_course.build.outputs import SANITIZE_FILE
from hepml_course.build.source import tags

WORKER_BYTES = 5e9  # a worker of pytest-xdist with TensorFlow, and the kernel of the hungriest notebook
MOST_WORKERS = 4


class NotebookKernel(RunningKernel):
    """nbval's kernel, which stores the history: without it IPython takes no notice of a closing semicolon."""

    def execute_cell_input(self, cell_input, allow_stdin=None):
        return self.kc.execute(cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


def pytest_configure(config):
    config.option.nbval = True
    config.option.nbval_current_env = True
    config.option.nbval_kernel_startup_timeout = 300  # a busy machine is no failure
    config.option.nbval_sanitize_with = str(SANITIZE_FILE)
    plugin.RunningKernel = NotebookKernel
    # An IPython profile of its own: the user's neither changes outputs nor gets the history of the tests.
    profile = tempfile.TemporaryDirectory()
    config.add_cleanup(profile.cleanup)
    os.environ["IPYTHONDIR"] = profile.name
    os.environ.pop("MPLBACKEND", None)  # with it set, figures would not reach the notebook
    if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
        # Threads of OpenMP spin while they wait: where programs share cores, trees take many times longer.
        # Not so those of numpy, and on their number the last digit of a sum depends.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", str(os.cpu_count()))
        os.environ["OMP_NUM_THREADS"] = "1"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """How many files run side by side: one a core, if the memory is there."""
    by_memory = int(psutil.virtual_memory().total // WORKER_BYTES)
    return max(1, min(os.cpu_count() or 1, by_memory, MOST_WORKERS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if isinstance(item, plugin.IPyNbCell):
        _compare_numbers_in_prose(item)
    return result


def _compare_numbers_in_prose(item):
    """Evaluate anew what the build has filled into the text below this cell."""
    expected = _numbers_below(item.parent.nb, item.cell_num)
    if not expected:
        return
    reply = item.parent.kernel.kc.execute(
        "", silent=True, store_history=False, user_expressions=questions(expected), reply=True
    )
    for field, value in answers(reply).items():
        if value != expected[field]:
            item.raise_cell_error(f"The text below says {expected[field]} for {field}, and it is {value}")


def _numbers_below(notebook, code_cell):
    """Expression -> text, for the prose between this code cell and the next; none if it is on training."""
    executed = -1
    for cell in notebook.cells:
        executed += cell.cell_type == "code"
        if executed == code_cell and cell.cell_type == "markdown" and "training" in tags(cell):
            return {}
    return notebook.metadata.get("hepml", {}).get("values", {}).get(str(code_cell + 1), {})
