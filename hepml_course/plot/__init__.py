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
    update_step,
    weight_bars,
)
from hepml_course.plot.event import transverse_event
from hepml_course.plot.roc import roc
from hepml_course.plot.scores import shape_in_slices, train_test
from hepml_course.plot.stack import overlay, stack

__all__ = [
    "decision_curve",
    "decision_line",
    "mark_event",
    "overlay",
    "roc",
    "scatter_classes",
    "shape_in_slices",
    "stack",
    "style",
    "train_test",
    "transverse_event",
    "update_step",
    "weight_bars",
]

style.use()
