"""Things to move: a slider over pictures, and a still picture where no widget can be shown.

>>> from hepml_course import widgets
"""

from hepml_course.widgets.perceptron import perceptron_steps
from hepml_course.widgets.pictures import slide
from hepml_course.widgets.score import score_cut

__all__ = ["perceptron_steps", "score_cut", "slide"]
