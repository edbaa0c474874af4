"""How nbgrader takes the course's exercises; README.md, "For instructors", shows the commands.

An assignment is a copy of ``solutions/NN_name.ipynb`` in ``grading/source/NN_name/``: nbgrader removes the
answers, and what it releases is ``exercises/NN_name.ipynb``.
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
