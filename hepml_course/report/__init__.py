"""The evaluation that TMVA gave, for classifiers of scikit-learn, XGBoost, LightGBM and Keras, in one call.

>>> from hepml_course.report import evaluate
>>> report = evaluate({"trees": model}, train, test, signal="is_signal", weights="weight")  # doctest: +SKIP
>>> report.summary()  # doctest: +SKIP
"""

from hepml_course.report.classifier import Classifier
from hepml_course.report.evaluation import Report, evaluate
from hepml_course.report.folds import CrossValidation, balanced, cross_validate, fit
from hepml_course.report.saved import load, save

__all__ = [
    "Classifier",
    "CrossValidation",
    "Report",
    "balanced",
    "cross_validate",
    "evaluate",
    "fit",
    "load",
    "save",
]
