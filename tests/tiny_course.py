"""A course of one short lesson, for the tests of what builds and runs lessons."""

from pathlib import Path

NAME = "02_perceptron"

HEADER = """\
# ---
# course:
#   title: A line
#   minutes: 5
#   objectives: [draw a line, move it, say when it stops]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---
"""

LESSON = (
    HEADER
    + """
# %% [markdown]
# # A line

# %%
slope = 0.5
print(f"slope {slope:.2f}")

# %% [markdown]
# The slope is {{ slope:.2f }}, and twice that is {{ 2 * slope }}.

# %%
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(2, 1))
ax.plot([0, 1], [0, slope]);

# %% [markdown] tags=["alt:previous"]
# A straight line
# that rises.

# %% tags=["training"]
import random

drawn = random.random()
drawn

# %% [markdown] tags=["fold"]
# It *differs* each time.

# %%
slope

# %% [markdown] tags=["training"]
# This time {{ drawn:.4f }} was drawn.
"""
)

EXERCISE = """\
# %% [markdown]
# ## 1 Twice

# %%
from tasks import check

# %%
def twice(x):
    \"\"\"Two times x.\"\"\"
    ### BEGIN SOLUTION
    result = x + x
    return result
    ### END SOLUTION


# %%
check("line.twice", twice)

# %%
ten = (
    ### BEGIN SOLUTION
    10
    ### END SOLUTION
)

# %%
check("line.ten", ten)
"""

# Stands in for hepml_course.checks, which the machinery does not need to know.
TASKS = """\
import os


def check(name, answer):
    right = answer == 10 if name == "line.ten" else answer(3) == 6
    if not right and os.environ.get("NBGRADER_EXECUTION"):
        raise AssertionError(name)
    print("Right." if right else "Not attempted yet.")
"""


def make(root: Path, lesson: str = LESSON, exercise: str | None = EXERCISE, name: str = NAME) -> Path:
    """Write the sources of the course; its root."""
    folder = root / "lessons" / name
    folder.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").touch()
    (folder / "lesson.py").write_text(lesson)
    if exercise is not None:
        (folder / "exercise.py").write_text(exercise)
        for kind in ("exercises", "solutions"):
            (root / kind).mkdir(exist_ok=True)
            (root / kind / "tasks.py").write_text(TASKS)
    return root


def edit(root: Path, old: str, new: str, file: str = "lesson.py", name: str = NAME) -> None:
    """Replace text that stands once in a source."""
    path = root / "lessons" / name / file
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new))
