"""Checks of lesson 14: the likelihood of a line, the scan, a robust width, predicted errors and their tests.

A plane has 28 columns and 28 rows; row r reaches from y = r to r + 1, column c stands at x = c.
"""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.tracking import lines, width, errors, diagnosis  # isort: skip

__all__ = ["diagnosis", "errors", "lines", "width"]
