"""The figures of the course. Functions take an ``ax`` (the current one by default) and return it.

>>> from hepml_course import plot
>>> plot.scatter_classes(x, y)  # doctest: +SKIP
"""

from hepml_course.plot import style
from hepml_course.plot.classifier import (
    decision_curve,
    decision_line,
    mark_event,
    scatter_classes,
    weight_bars,
)

__all__ = [
    "decision_curve",
    "decision_line",
    "mark_event",
    "scatter_classes",
    "style",
    "weight_bars",
]

style.use()
