"""A trained classifier with the names and units of its inputs, and how it is applied to other events."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.report.expression import Expression
from hepml_course.report.scores import is_keras, score
from hepml_course.report.table import Sample, as_frame, nearest, require_numbers

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Classifier:
    """A classifier that was loaded, or one about to be saved.

    It is a function of a table, too, so that `hepml_course.report.evaluate` takes it as a method.

    Attributes
    ----------
    features : tuple of str
        The columns that it needs, in the order that the model was trained with.
    units : dict of str to str
        The unit of each feature of which it is known.
    preselection : str or None
        What events have to pass before, as text.
    about : str
    card : dict
        All that the file says of the model, versions included.
    model : estimator or Keras model
    """

    features: tuple[str, ...]
    units: dict[str, str]
    preselection: str | None
    about: str
    card: dict[str, Any]
    model: Any

    def score(self, table: Any, units: Mapping[str, str] | None = None) -> NDArray[np.float64]:
        """The score of each event, larger for signal, shape (n,).

        Nothing is done to the events: they are neither selected, nor converted, nor filled.

        Parameters
        ----------
        table : DataFrame, mapping of str to array, structured or awkward array
            Holds all features under their names, in any order; other columns are not looked at.
        units : mapping of str to str, optional
            Units of the table's columns, compared with those of the training. A DataFrame may bring them as
            ``attrs["units"]``.

        Raises
        ------
        CourseError
            A feature is missing, is no number, NaN or infinite, or in another unit.
        """
        frame = _frame(table)
        for name in self.features:
            if name not in frame.columns:
                raise CourseError(
                    f"The events lack {name}, which the classifier needs.{nearest(name, frame.columns)}"
                )
            if isinstance(frame[name], pd.DataFrame):
                raise CourseError(f"The events have several columns named {name}: leave one.")
            require_numbers(frame[name], name, "given")
        self._require_units(getattr(table, "attrs", {}).get("units") if units is None else units)
        return score(self.model, self.card["class"], _sample(frame[list(self.features)]))

    def __call__(self, table: Any) -> NDArray[np.float64]:
        """As `score`."""
        return self.score(table)

    def passes(self, table: Any) -> NDArray[np.bool_]:
        """Whether each event passes the preselection, shape (n,); all do if there is none.

        Parameters
        ----------
        table : as for `score`
            Needs the columns that the preselection names.

        Raises
        ------
        CourseError
            The preselection is no expression as `hepml_course.report.expression` takes it, or a column lacks.
        """
        frame = _frame(table)
        if not self.preselection:
            return np.ones(len(frame), dtype=bool)
        return Expression(self.preselection).condition(frame)

    def select(self, table: Any) -> pd.DataFrame:
        """The events that pass the preselection, with all of their columns; see `passes`."""
        frame = table if isinstance(table, pd.DataFrame) else _frame(table)
        return frame[self.passes(frame)]

    def _require_units(self, given: Mapping[str, str] | None) -> None:
        for name, unit in self.units.items():
            other = (given or {}).get(name, unit)
            if other != unit:
                raise CourseError(
                    f"{name} is given in {other or 'no unit'} and the classifier was trained with it in "
                    f"{unit or 'no unit'}: convert it first."
                )


def require_classifier(model: Any, features: Sequence[str]) -> None:
    """Raise a `CourseError` unless this is a trained classifier of two classes with these features."""
    what = type(model).__name__
    if is_keras(model):
        _require_network(model, features)
        return
    if not (hasattr(model, "predict_proba") or hasattr(model, "decision_function")):
        raise CourseError(
            f"A {what} is no classifier: it has neither predict_proba nor decision_function, and is no Keras "
            "model."
        )
    _require_trained(model, what)
    classes = getattr(model, "classes_", None)
    if classes is not None and [str(c) for c in classes] not in (
        ["0", "1"],
        ["False", "True"],
        ["0.0", "1.0"],
    ):
        raise CourseError(
            f"This {what} was trained with the classes {', '.join(map(str, classes))}: train it with 0 and 1."
        )
    count = getattr(model, "n_features_in_", len(features))
    if count != len(features):
        raise CourseError(
            f"This {what} was trained with {count} features, and features names {len(features)}."
        )
    own = getattr(model, "feature_names_in_", None)
    if own is not None and list(own) != list(features):
        raise CourseError(
            f"This {what} was trained with {', '.join(own)}, and features says {', '.join(features)}: name "
            "the same, in the same order."
        )


def _require_trained(model: Any, what: str) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    try:
        check_is_fitted(model)
    except NotFittedError:
        raise CourseError(f"This {what} is not trained: call fit first.") from None
    except TypeError:
        raise CourseError(f"A {what} is no estimator of scikit-learn's kind, and no Keras model.") from None


def _require_network(model: keras.Model, features: Sequence[str]) -> None:
    try:
        shapes = model.input_shape, model.output_shape
    except (AttributeError, ValueError):  # it has not seen an input yet
        raise CourseError("This Keras model is not built: begin it with keras.Input, and train it.") from None
    if any(not isinstance(shape, tuple) or len(shape) != 2 for shape in shapes):
        raise CourseError("A Keras model is saved as a classifier if it has one input matrix and one output.")
    if shapes[0][1] != len(features):
        raise CourseError(f"This model takes {shapes[0][1]} features, and features names {len(features)}.")
    if shapes[1][1] not in (1, 2):
        raise CourseError(
            f"This model has {shapes[1][1]} outputs: a classifier has one, or two of which the second is "
            "signal."
        )


def probe(model: Any, features: Sequence[str]) -> list[float] | None:
    """Scores of fixed inputs of all sizes and both signs; None where the model cannot take them."""
    rng = np.random.default_rng(1936)
    x = rng.choice([-1, 1], (64, len(features))) * 10 ** rng.uniform(-2, 4, (64, len(features)))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = score(model, "model", _sample(pd.DataFrame(x, columns=list(features))))
    except CourseError:
        return None
    return found.tolist() if np.isfinite(found).all() else None


def _frame(table: Any) -> pd.DataFrame:
    nameless = isinstance(table, np.ndarray) and table.dtype.names is None
    if nameless or isinstance(table, list | tuple):
        raise CourseError(
            "The columns of these events have no names, so nobody can tell which is which: give a DataFrame, "
            "a dictionary of arrays, or a structured or awkward array."
        )
    return as_frame(table, "given")


def _sample(frame: pd.DataFrame) -> Sample:
    """Events without truth, for `hepml_course.report.scores.score`."""
    n = len(frame)
    return Sample(frame, np.zeros(n, dtype=bool), np.ones(n), list(frame.columns), [])
