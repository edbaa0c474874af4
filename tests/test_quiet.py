"""TensorFlow is imported in silence, and nothing else is silenced."""

import subprocess
import sys

import pytest

NOISY = """
import os
os.write(2, b"WARNING: all log messages ...")
made = True
"""


@pytest.fixture
def python(tmp_path):
    """Run code in a fresh Python in which a small module plays TensorFlow."""

    def run(code, tensorflow=NOISY):
        (tmp_path / "tensorflow.py").write_text(tensorflow)
        path = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        return subprocess.run([sys.executable, "-c", path + code], capture_output=True, text=True, timeout=60)

    return run


def test_the_import_is_silent(python):
    done = python("import hepml_course, tensorflow; assert tensorflow.made")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_the_course_it_is_not(python):
    assert "WARNING" in python("import tensorflow").stderr


def test_what_comes_after_the_import_is_heard(python):
    done = python("import os, hepml_course, tensorflow; os.write(2, b'problem')")
    assert done.stderr == "problem"


def test_a_broken_or_missing_tensorflow_says_so(python):
    assert (
        "ValueError: broken" in python("import hepml_course, tensorflow", "raise ValueError('broken')").stderr
    )
    missing = python("import hepml_course; sys.path[:] = []; import tensorflow").stderr
    assert "No module named 'tensorflow'" in missing


def test_variables_of_the_user_are_kept(python):
    name = "TF_CPP_MIN_LOG_LEVEL"
    code = f"import os; os.environ[{name!r}] = '0'; import hepml_course; print(os.environ[{name!r}])"
    assert python(code).stdout.strip() == "0"
