"""Checks of lesson 01: χ² and line, a step of learning, cross-entropy, k-means, Q-learning, a calibration."""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.learning import line, entropy, groups, maze, calibration  # isort: skip

__all__ = ["calibration", "entropy", "groups", "line", "maze"]
