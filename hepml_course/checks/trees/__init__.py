"""Checks of lesson 08: a box, a likelihood, Fisher's discriminant, splits, boosting, and tracks."""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.trees import cuts, likelihood, fisher, gain, best_split  # isort: skip
from hepml_course.checks.trees import reweighting, voting, comparing, tracks, momentum  # isort: skip

__all__ = [
    "best_split",
    "comparing",
    "cuts",
    "fisher",
    "gain",
    "likelihood",
    "momentum",
    "reweighting",
    "tracks",
    "voting",
]
