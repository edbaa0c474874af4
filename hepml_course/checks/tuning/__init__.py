"""Checks of lesson 07: drawing settings, an Optuna objective, pruning, choosing, and what a best is worth.

None of them trains anything: a search is judged on toy scores, an objective by what it asks its trial for.
"""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.tuning import drawing, grids, asking, pruning, choosing, flattery, comparing  # isort: skip

__all__ = ["asking", "choosing", "comparing", "drawing", "flattery", "grids", "pruning"]
