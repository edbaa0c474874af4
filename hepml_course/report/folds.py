"""Cross-validation in which every event is scored by a model that never saw it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError
from hepml_course.metrics import Estimate, auc
from hepml_course.report.scores import score
from hepml_course.report.table import Sample, as_frame, nearest, read_sample

Floats = NDArray[np.float64]


@dataclass
class CrossValidation:
    """What `cross_validate` returns.

    Attributes
    ----------
    models : list
        One per fold, trained on all other folds.
    fold : ndarray of int, shape (n,)
        The fold of each event.
    scores : ndarray, shape (n,)
        The score of each event by the model that was not trained with it.
    folds : list of Estimate
        ROC integral of each fold.
    """

    models: list[Any]
    fold: NDArray[np.intp]
    scores: Floats
    folds: list[Estimate]
    sample: Sample
    split_by: str | None

    @property
    def auc(self) -> Estimate:
        """ROC integral of all events, each scored out of fold."""
        return auc(self.scores, self.sample.y, self.sample.weights, signed=True)

    @property
    def spread(self) -> float:
        """Standard deviation of the ROC integral from fold to fold."""
        return float(np.std([area.value for area in self.folds], ddof=1))

    def score(self, table: Any) -> Floats:
        """Scores of other events, recorded ones for example: each by the model of its own fold.

        The rule that splits them is the same, so an event that was in the training by another way does not
        meet a model that knows it.
        """
        frame = as_frame(table, "other")
        fold = fold_of(frame, self.split_by, len(self.models))
        found = np.empty(len(frame))
        for k, model in enumerate(self.models):
            rows = np.flatnonzero(fold == k)
            if len(rows):
                part = _part(frame.iloc[rows].reset_index(drop=True), self.sample)
                found[rows] = score(model, f"fold {k}", part)
        return found


def cross_validate(
    make: Any,
    table: Any,
    *,
    signal: str = "is_signal",
    weights: str | None = None,
    features: Sequence[str] | None = None,
    folds: int = 5,
    split_by: str | None = None,
    balance: bool = True,
) -> CrossValidation:
    """Train one model per fold on the other folds, and score every event with the model that missed it.

    Parameters
    ----------
    make : estimator or callable
        An estimator, of which a fresh copy is trained for each fold; or a function
        ``make(x, y, weights)`` that returns a trained method, for a Keras model for example.
    table, signal, weights, features
        As in `hepml_course.report.evaluate`.
    folds : int
        2 or more.
    split_by : str, optional
        Column of whole numbers, such as the event number: its remainder by `folds` is the fold, the same
        tomorrow and in another order. Without it, the row number.
    balance : bool
        Train with weights scaled so that both classes have the same sum.

    Raises
    ------
    CourseError
        If a fold lacks one of the classes, or the column has no whole numbers.
    """
    if folds < 2:
        raise CourseError(f"{folds} folds leave nothing to train with: take 2 or more.")
    frame = as_frame(table, "given")
    fold = fold_of(frame, split_by, folds)
    if features is None and split_by is not None:
        frame = frame.drop(columns=split_by)
    sample = read_sample(frame, signal, weights, features, called="given")
    w = balanced(sample.y, sample.weights) if balance else sample.weights
    models, areas, scores = [], [], np.empty(len(sample))
    for k in range(folds):
        inside, outside = fold != k, np.flatnonzero(fold == k)
        for part in (inside, ~inside):
            if len(np.unique(sample.y[part])) < 2:
                raise CourseError(f"Fold {k} of {folds} or the others lack a class: take fewer folds.")
        model = _train(make, sample, np.flatnonzero(inside), w)
        held = _part(sample.table.iloc[outside].reset_index(drop=True), sample)
        scores[outside] = score(model, f"fold {k}", held)
        areas.append(auc(scores[outside], sample.y[outside], sample.weights[outside], signed=True))
        models.append(model)
    return CrossValidation(models, fold, scores, areas, sample, split_by)


def balanced(y: NDArray[np.bool_], weights: Floats) -> Floats:
    """Weights whose sum is the same for both classes, and one on average."""
    sums = np.where(y, weights[y].sum(), weights[~y].sum())
    return weights * len(weights) / 2 / sums


def fold_of(frame: Any, split_by: str | None, folds: int) -> NDArray[np.intp]:
    """The fold of each row: remainder of the column, or of the row number."""
    if split_by is None:
        return np.arange(len(frame)) % folds
    if split_by not in frame.columns:
        raise CourseError(f"There is no column {split_by} to split by.{nearest(split_by, frame.columns)}")
    values = frame[split_by].to_numpy()
    if values.dtype.kind not in "iub" and not (
        values.dtype.kind == "f" and (values == np.floor(values)).all()
    ):
        raise CourseError(f"{split_by} does not hold whole numbers, so it cannot be split by.")
    return (values.astype(np.int64) % folds).astype(np.intp)


def fit(model: Any, x: Any, y: NDArray, weights: Floats) -> Any:
    """Train an estimator or a Pipeline with event weights; one that takes none is refused by name."""
    last = model.steps[-1] if hasattr(model, "steps") else None
    keyword = f"{last[0]}__sample_weight" if last else "sample_weight"
    try:
        return model.fit(x, y, **{keyword: weights})
    except TypeError as error:
        if "sample_weight" not in str(error):
            raise
        name = type(last[1] if last else model).__name__
        raise CourseError(
            f"{name} takes no event weights, so it cannot be trained with these events."
        ) from error


def _train(make: Callable | Any, sample: Sample, rows: NDArray, weights: Floats) -> Any:
    x = sample.table[sample.features].iloc[rows]
    y, w = sample.y[rows].astype(int), weights[rows]
    if hasattr(make, "fit"):
        from sklearn.base import clone

        return fit(clone(make), x, y, w)
    return make(x, y, w)


def _part(frame: Any, sample: Sample) -> Sample:
    """Rows to be scored; truth and weights play no part in it."""
    n = len(frame)
    return Sample(frame, np.zeros(n, dtype=bool), np.ones(n), sample.features, [])
