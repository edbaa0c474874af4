"""Things to move: a slider over pictures, and a still picture where no widget can be shown.

>>> from hepml_course import widgets
"""

from hepml_course.widgets.convolution import filter_steps
from hepml_course.widgets.descent import descent_walk
from hepml_course.widgets.learning import kmeans_steps, line_by_hand, policy_steps
from hepml_course.widgets.network import network_steps
from hepml_course.widgets.perceptron import perceptron_steps
from hepml_course.widgets.pictures import slide, slides
from hepml_course.widgets.playground import playground
from hepml_course.widgets.polynomial import polynomial_degree
from hepml_course.widgets.score import score_cut
from hepml_course.widgets.search import search_steps
from hepml_course.widgets.tracks import hough_display, track_display
from hepml_course.widgets.trees import tree_borders
from hepml_course.widgets.weights import huge_weight, negative_share
from hepml_course.widgets.working_point import working_point

__all__ = [
    "descent_walk",
    "filter_steps",
    "hough_display",
    "huge_weight",
    "kmeans_steps",
    "line_by_hand",
    "negative_share",
    "network_steps",
    "perceptron_steps",
    "playground",
    "policy_steps",
    "polynomial_degree",
    "score_cut",
    "search_steps",
    "slide",
    "slides",
    "track_display",
    "tree_borders",
    "working_point",
]
