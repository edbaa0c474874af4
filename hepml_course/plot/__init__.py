"""The figures of the course. Functions take an ``ax`` (the current one by default) and return it.

>>> from hepml_course import plot
>>> plot.scatter_classes(x, y)  # doctest: +SKIP
"""

from hepml_course.plot import style
from hepml_course.plot.calibration import calibration
from hepml_course.plot.classifier import (
    decision_curve,
    decision_line,
    mark_event,
    scatter_classes,
    update_step,
    weight_bars,
)
from hepml_course.plot.correlation import correlation_matrix
from hepml_course.plot.cut_scan import cut_scan
from hepml_course.plot.descent import descent_path, loss_contours
from hepml_course.plot.event import transverse_event
from hepml_course.plot.images import cells, filters_and_patches, gallery
from hepml_course.plot.inputs import input_variable, profile_scatter
from hepml_course.plot.learning import chi2_plane, deposits, line_through_points, maze, signals
from hepml_course.plot.momentum import spectrum
from hepml_course.plot.ranking import ranking_bars
from hepml_course.plot.rejection import rejection, rejection_curves, score_histograms
from hepml_course.plot.roc import roc
from hepml_course.plot.scores import shape_in_slices, spectator_profile, train_test
from hepml_course.plot.stack import overlay, stack
from hepml_course.plot.telescope import strips
from hepml_course.plot.tracks import efficiency_curves, hough_plane, plane, residuals
from hepml_course.plot.training import boosting_curve, learning_curve
from hepml_course.plot.trees import score_plane, split_gain, tree_count, weighted_classes
from hepml_course.plot.tuning import parallel_coordinates, search_history, search_plane, setting_scan
from hepml_course.plot.weights import shape_ratio, signed_histogram, weighted_shapes
from hepml_course.plot.working_point import WorkingPoint

__all__ = [
    "WorkingPoint",
    "boosting_curve",
    "calibration",
    "cells",
    "chi2_plane",
    "correlation_matrix",
    "cut_scan",
    "decision_curve",
    "decision_line",
    "deposits",
    "descent_path",
    "efficiency_curves",
    "filters_and_patches",
    "gallery",
    "hough_plane",
    "input_variable",
    "learning_curve",
    "line_through_points",
    "loss_contours",
    "mark_event",
    "maze",
    "overlay",
    "parallel_coordinates",
    "plane",
    "profile_scatter",
    "ranking_bars",
    "rejection",
    "rejection_curves",
    "residuals",
    "roc",
    "scatter_classes",
    "score_histograms",
    "score_plane",
    "search_history",
    "search_plane",
    "setting_scan",
    "shape_in_slices",
    "shape_ratio",
    "signals",
    "signed_histogram",
    "spectator_profile",
    "spectrum",
    "split_gain",
    "stack",
    "strips",
    "style",
    "train_test",
    "transverse_event",
    "tree_count",
    "update_step",
    "weight_bars",
    "weighted_classes",
    "weighted_shapes",
]

style.use()
