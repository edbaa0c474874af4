"""Networks whose training takes longer than a lesson: trained once, shipped with the course, loaded here.

>>> from hepml_course import models
>>> network = models.load("hough_tracks")  # doctest: +SKIP
>>> models.card("hough_tracks")["result"]  # doctest: +SKIP
"""

from hepml_course.models.recipe import Recipe, recipe
from hepml_course.models.shipped import card, catalogue, load, verify
from hepml_course.models.training import train

__all__ = ["Recipe", "card", "catalogue", "load", "recipe", "train", "verify"]
