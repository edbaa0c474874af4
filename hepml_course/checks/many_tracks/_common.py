"""What the checks of many tracks share."""

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks._telling import LONGEST, Wrong, code, functions, recognise, telling

Floats = NDArray[np.float64]

__all__ = ["LONGEST", "Floats", "Wrong", "code", "functions", "recognise", "telling"]
