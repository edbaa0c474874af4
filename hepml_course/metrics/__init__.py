"""How good a classifier is: ROC, AUC, efficiencies and significance, with event weights and uncertainties.

>>> from hepml_course.metrics import auc
"""

from hepml_course.metrics.bootstrap import bootstrap
from hepml_course.metrics.calibration import Reliability, reliability
from hepml_course.metrics.confusion import Confusion, confusion
from hepml_course.metrics.correlation import correlation
from hepml_course.metrics.cut import accuracy, best_cut
from hepml_course.metrics.cut_scan import CutScan, cut_scan
from hepml_course.metrics.estimate import Estimate, effective_size, efficiency
from hepml_course.metrics.interval import binomial_interval
from hepml_course.metrics.response import profile, relative_width
from hepml_course.metrics.roc import Roc, auc, auc_difference, efficiency_at, rejection_at, roc_curve
from hepml_course.metrics.separation import separation
from hepml_course.metrics.significance import asimov_significance
from hepml_course.metrics.tracks import Matching, match, residuals, robust_width

__all__ = [
    "Confusion",
    "CutScan",
    "Estimate",
    "Matching",
    "Reliability",
    "Roc",
    "accuracy",
    "asimov_significance",
    "auc",
    "auc_difference",
    "best_cut",
    "binomial_interval",
    "bootstrap",
    "confusion",
    "correlation",
    "cut_scan",
    "effective_size",
    "efficiency",
    "efficiency_at",
    "match",
    "profile",
    "rejection_at",
    "relative_width",
    "reliability",
    "residuals",
    "robust_width",
    "roc_curve",
    "separation",
]
