"""How nbgrader takes the course's exercises. In the folder of the course, with the environment's nbgrader:

    mkdir -p grading/source/02_perceptron
    cp solutions/02_perceptron.ipynb grading/source/02_perceptron/
    .venv/bin/nbgrader generate_assignment 02_perceptron    # grading/release/: for the students
    .venv/bin/nbgrader autograde 02_perceptron              # marks grading/submitted/STUDENT/02_perceptron/
    .venv/bin/nbgrader export                               # grades.csv

nbgrader removes the answers from the solution; what it releases is ``exercises/02_perceptron.ipynb``.
"""

import os
import sysconfig
from pathlib import Path

c = get_config()  # noqa: F821  # traitlets puts it there

c.CourseDirectory.root = str(Path(__file__).resolve().parent / "grading")
c.ClearSolutions.code_stub = {"python": "..."}  # as the course writes a place to fill in
c.Execute.timeout = 600  # seconds a cell may take; some train

# nbgrader calls `alembic` by name, and finds it only where the environment is activated.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
