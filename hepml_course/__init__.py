"""Companion package of the course on machine learning for high-energy physics."""

import os
import sys

# A Python that is too old reads this far; it gets a sentence, not the error of some later line.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("hepml-course needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

from hepml_course._quiet import quieten

__version__ = "0.1.0"

# Every lesson imports this package before TensorFlow.
quieten()

# Threads that wait for each other are to sleep, not to spin: on a busy machine scikit-learn's trees, with
# the small tables of this course, take ten times longer otherwise.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
