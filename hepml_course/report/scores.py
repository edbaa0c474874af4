"""The score that a method gives to each event, whatever the method is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.report.table import Sample, nearest

Floats = NDArray[np.float64]
BATCH = 8192  # events that a network looks at together


def score(method: Any, name: str, sample: Sample) -> Floats:
    """Scores of the events of a sample, larger for signal, shape (n,).

    Parameters
    ----------
    method : estimator, Keras model, function, or str
        A fitted estimator of scikit-learn, XGBoost or LightGBM, or a Pipeline; a Keras model with one output,
        or with two of which the second is signal; a function of the whole table; the name of a column.
    name : str
        What the method is called in messages.

    Raises
    ------
    CourseError
        A method of another kind, one that was not trained, scores that are NaN or not one per event.
    """
    if isinstance(method, str):
        if method not in sample.table.columns:
            raise CourseError(f"{name}: there is no column {method}.{nearest(method, sample.table.columns)}")
        return checked(sample.table[method], name, len(sample))
    try:
        found = _ask(method, sample)
    except CourseError:
        raise
    except Exception as error:
        raise CourseError(f"{name} could not score the events: {_first_line(error)}") from error
    return checked(found, name, len(sample))


def inputs(method: Any, sample: Sample) -> Any:
    """What the method is shown: its own columns as a table where it knows their names, else a matrix."""
    own = getattr(method, "feature_names_in_", None)
    if own is None:
        return sample.matrix()
    missing = [n for n in own if n not in sample.table.columns]
    if missing:
        raise CourseError(
            f"The method was trained with {missing[0]}, which the events lack."
            f"{nearest(missing[0], sample.table.columns)}"
        )
    return sample.table[list(own)]


def checked(found: Any, name: str, n: int) -> Floats:
    """Scores as floats of shape (n,); infinite ones are allowed, as a likelihood ratio can be."""
    try:
        values = np.asarray(found, dtype=float)
    except (TypeError, ValueError) as error:
        raise CourseError(f"The scores of {name} are no numbers.") from error
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (n,):
        raise CourseError(
            f"{name} gave scores of shape {values.shape} for {n} events: one per event is needed."
        )
    if np.isnan(values).any():
        raise CourseError(f"{np.count_nonzero(np.isnan(values))} scores of {name} are NaN. Did it diverge?")
    return values


def is_keras(method: Any) -> bool:
    """Whether this is a Keras model; Keras is not imported to find out."""
    return any(base.__module__.split(".")[0] == "keras" for base in type(method).__mro__)


def _ask(method: Any, sample: Sample) -> Any:
    kind = f"{type(method).__module__.split('.')[0]}.{type(method).__name__}"
    if is_keras(method):
        matrix = sample.matrix().astype("float32", copy=False)
        return _signal_column(np.asarray(method.predict(matrix, batch_size=BATCH, verbose=0)), None)
    if hasattr(method, "predict_proba"):
        found = method.predict_proba(inputs(method, sample))
        return _signal_column(np.asarray(found), getattr(method, "classes_", None))
    if hasattr(method, "decision_function"):
        return method.decision_function(inputs(method, sample))
    if kind == "xgboost.Booster":
        from xgboost import DMatrix

        names = method.feature_names
        return method.predict(DMatrix(sample.table[names] if names else sample.matrix()))
    if kind == "lightgbm.Booster":
        return method.predict(sample.matrix())
    if callable(method):
        return method(sample.table)
    raise CourseError(
        f"A {type(method).__name__} has neither predict_proba nor decision_function, is no Keras model and "
        "no function: give one of these, or the scores themselves."
    )


def _signal_column(found: NDArray, classes: Any) -> NDArray:
    """The signal's column of an output with one column per class."""
    if found.ndim == 1 or found.shape[1] == 1:
        return found
    if classes is not None and len(classes) == 2 and not np.isin(classes, (0, 1)).all():
        raise CourseError(
            f"The method was trained with the classes {classes[0]} and {classes[1]}, not 0 and 1."
        )
    if found.shape[1] != 2:
        raise CourseError(
            f"The method has {found.shape[1]} outputs: give a function that makes one score of them."
        )
    return found[:, 1]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".") + "."
