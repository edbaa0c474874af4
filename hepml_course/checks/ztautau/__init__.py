"""Checks of lesson 09: preselection, weighted yields, angles, training without leaks, counting Z → ττ."""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.ztautau import selection, angles, training, tuned, counting  # isort: skip

__all__ = ["angles", "counting", "selection", "training", "tuned"]
