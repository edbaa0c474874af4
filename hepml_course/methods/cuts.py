"""Rectangular cuts: for each signal efficiency the box with little background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.methods._chains import nested, refined, single
from hepml_course.methods._grid import Grid, thinned
from hepml_course.methods._inputs import Floats, MethodError, Training, TwoClasses
from hepml_course.metrics.estimate import effective_size

if TYPE_CHECKING:
    import pandas as pd

EFFICIENCIES = (0.02, *(round(0.05 * k, 2) for k in range(1, 20)), 0.98, 0.99)
"""The working points unless others are given."""

_TARGET = 0.7  # signal efficiency at which the features are chosen
_NOISE = 3  # effective events of background that may well be there or not


class BoxCuts(TwoClasses):
    """A lower and an upper cut on each feature, chosen for many signal efficiencies.

    For each efficiency a local search looks for the box with the least background (see
    `hepml_course.methods._boxes`); it is deterministic. The boxes are nested, the tighter within the looser,
    so that a cut on `decision_function` *is* a box, and its ROC curve is that of rectangular cuts. Of several
    chains of nested boxes, each of which begins with the best box of one working point, the best is kept.

    Parameters
    ----------
    efficiencies : sequence of float in (0, 1), optional
        Signal efficiencies of the working points; `EFFICIENCIES` unless told.
    nested : bool
        If False, each box is optimised on its own. It then has less background on the events of the
        training, but the events above a value of `decision_function` fill a union of boxes, which rectangular
        cuts cannot do: the ROC curve of the score then flatters them.
    events : int
        At most so many events are searched, taken evenly from both classes.
    most : int
        At most so many features are cut on: those that a greedy search at 70 % efficiency takes first.

    Attributes
    ----------
    efficiencies_ : ndarray, shape (m,)
        Falling. The box of a working point keeps at least this share of the signal searched.
    boxes_ : ndarray, shape (m, 2, k)
        Lower cuts (``x >= lower``) and upper cuts (``x < upper``); infinite where there is none.
    signal_efficiency_, background_efficiency_ : ndarray, shape (m,)
        What the boxes keep of all events of the training.
    threshold_ : float
        The value of `decision_function` from which `predict` says signal: that of the best accuracy in
        training.
    """

    def __init__(
        self,
        efficiencies: Sequence[float] | None = None,
        nested: bool = True,
        events: int = 50_000,
        most: int = 8,
    ) -> None:
        self.efficiencies = efficiencies
        self.nested = nested
        self.events = events
        self.most = most

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> BoxCuts:
        """Search the boxes.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, k)
        y : array_like, shape (n,)
            Two classes; the larger label is signal.
        sample_weight : array_like, shape (n,), optional
            Event weights of either sign; a box whose background sums to less than 0 counts as empty.

        Raises
        ------
        CourseError
            The input cannot be used.
        """
        targets = self._targets()
        training = self._training(X, y, sample_weight)
        searched = thinned(training, self.events)
        chosen = list(range(searched.x.shape[1]))
        if len(chosen) > self.most:
            chosen = Grid(searched).coarse.useful(_TARGET, self.most)
        grid = Grid(searched._replace(x=searched.x[:, chosen]))
        boxes = single(grid.coarse, targets)
        if self.nested:
            noise = _NOISE / effective_size(searched.weights[~searched.is_signal])
            boxes = nested(grid.coarse, targets, boxes, noise)
        boxes = refined(grid, targets, boxes, self.nested)
        self.efficiencies_ = targets
        self.boxes_ = np.tile(_everything(training.x.shape[1]), (len(targets), 1, 1))
        self.boxes_[:, :, chosen] = [grid.cuts(box)[:, : len(chosen)] for box in boxes]
        self._measure(training)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """One minus the efficiency of the tightest working point whose box holds the event, shape (n,).

        It is 0 outside all boxes.
        """
        x = self._events(X)
        score = np.zeros(len(x))
        for efficiency, box in zip(self.efficiencies_, self.boxes_, strict=True):
            score[_inside(x, box)] = 1 - efficiency
        return score

    def predict(self, X: ArrayLike) -> NDArray:
        """The class of each event at the working point of the best accuracy, shape (n,)."""
        signal = self.decision_function(X) >= self.threshold_
        return self.classes_[signal.astype(int)]

    def box(self, efficiency: float) -> pd.DataFrame:
        """The cuts of the tightest working point with at least this signal efficiency.

        Parameters
        ----------
        efficiency : float in (0, 1]

        Returns
        -------
        DataFrame
            A row per feature, columns ``lower`` and ``upper``: an event passes if ``lower <= x < upper``.
            Its ``attrs`` say ``efficiency``, and ``signal`` and ``background`` as measured in training.

        Raises
        ------
        CourseError
            The efficiency is not above 0 and at most 1.
        """
        import pandas as pd

        if not 0 < efficiency <= 1:
            raise MethodError(f"A signal efficiency lies above 0 and is at most 1, not {efficiency}.")
        if not self.__sklearn_is_fitted__():
            raise self._not_fitted()
        found = np.flatnonzero(self.efficiencies_ >= efficiency - 1e-9)
        lower, upper = self.boxes_[found[-1]] if len(found) else _everything(self.n_features_in_)
        table = pd.DataFrame({"lower": lower, "upper": upper}, index=self._names())
        points = (self.efficiencies_, self.signal_efficiency_, self.background_efficiency_)
        values = [float(point[found[-1]]) if len(found) else 1.0 for point in points]
        table.attrs |= dict(zip(("efficiency", "signal", "background"), values, strict=True))
        return table

    def _targets(self) -> Floats:
        """The working points, falling."""
        given = EFFICIENCIES if self.efficiencies is None else self.efficiencies
        targets = np.unique(np.asarray(given, dtype=float))[::-1]
        if targets.ndim != 1 or len(targets) == 0 or not ((targets > 0) & (targets < 1)).all():
            raise MethodError(
                "The efficiencies of BoxCuts are numbers between 0 and 1, and at least one is needed."
            )
        if self.events < 2 or self.most < 1:
            raise MethodError("BoxCuts needs events of 2 or more, and most of 1 or more.")
        return targets

    def _measure(self, training: Training) -> None:
        """What the boxes keep of all events, and the working point of the best accuracy."""
        fractions = training.fractions()
        passed = [_inside(training.x, box) for box in self.boxes_]
        self.signal_efficiency_ = np.array([fractions[p & training.is_signal].sum() for p in passed])
        self.background_efficiency_ = np.array([fractions[p & ~training.is_signal].sum() for p in passed])
        signal, background = training.sums()
        right = signal * self.signal_efficiency_ - background * self.background_efficiency_
        self.threshold_ = float(1 - self.efficiencies_[np.argmax(right)])


def _inside(x: Floats, box: Floats) -> NDArray[np.bool_]:
    return ((x >= box[0]) & (x < box[1])).all(axis=1)


def _everything(features: int) -> Floats:
    return np.array([[-np.inf] * features, [np.inf] * features])
