"""Checks of lesson 15: pairs of tracks, hits on lines, the weight of a hit, a search, orders, a threshold.

A track is (y0, y1), its heights in the first and in the last column; row r reaches from y = r to r + 1.
No plane of a check is square, so that swapped axes show.
"""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.many_tracks import matching, lines, weight, search, order, threshold  # isort: skip

__all__ = ["lines", "matching", "order", "search", "threshold", "weight"]
