"""Checks of lesson 10: weights from cross sections, their errors, signed weights, and reweighting."""

# The order in which the exercise asks for them; importing a module registers its tasks.
from hepml_course.checks.weights import (  # isort: skip
    luminosity,
    size,
    histogram,
    pairs,
    ratio,
    scores,
    closing,
    resampling,
    reweighting,
)

__all__ = [
    "closing",
    "histogram",
    "luminosity",
    "pairs",
    "ratio",
    "resampling",
    "reweighting",
    "scores",
    "size",
]
