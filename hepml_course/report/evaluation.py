"""`evaluate`: any classifiers, the same events, everything needed to judge them, with weights everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from hepml_course.errors import CourseError
from hepml_course.metrics.roc import Classes
from hepml_course.report import ranking as _ranking
from hepml_course.report import summary as _summary
from hepml_course.report.scores import checked, score
from hepml_course.report.stages import has_stages, history, staged_auc
from hepml_course.report.summary import Shown
from hepml_course.report.table import Sample, read_sample


@dataclass
class Report:
    """Evaluation of classifiers on the same events; made by `evaluate`.

    Attributes
    ----------
    methods : dict
        What was given, by name.
    test, train : Sample
        The events, with ``scores`` of every method; ``train`` is None if none was given.
    expected : (float, float)
        Signal and background events expected before any cut.
    """

    methods: dict[str, Any]
    test: Sample
    train: Sample | None
    expected: tuple[float, float]

    def summary(self) -> Shown:
        """The methods ranked: ROC integral, signal efficiency at 1, 10 and 30 % background, and more."""
        return _summary.summary(self.test, self.train, self.expected)

    def overtraining(self) -> Shown:
        """Train minus test of each method, with its uncertainty."""
        return _summary.overtraining(self._train(), self.test)

    def ranking(self, *, repeats: int = 3, rng: np.random.Generator | int = 0) -> Shown:
        """Variables by separation, and by what shuffling them costs each method that can score anew."""
        return _ranking.ranking(self.test, self.able(), repeats=repeats, rng=rng)

    def able(self) -> dict[str, Any]:
        """Methods that can score events anew, which given scores cannot."""
        return {n: m for n, m in self.methods.items() if not _is_scores(m) and not isinstance(m, str)}

    def plot_inputs(self, name: str, *, ax: Axes | None = None) -> Axes:
        """One variable for signal and background, with their ratio."""
        from hepml_course.plot import input_variable

        return input_variable(self.test.column(name), self.test.y, self.test.weights, name, ax=ax)

    def plot_correlations(self, of: str = "signal", *, kind: str = "linear", ax: Axes | None = None) -> Axes:
        """Correlation matrix of features and spectators in one class, ``"linear"`` or ``"rank"``."""
        from hepml_course.plot import correlation_matrix

        members = self._class(of)
        names = [*self.test.features, *self.test.spectators]
        values = np.stack([self.test.column(n)[members] for n in names], axis=1)
        return correlation_matrix(values, names, self.test.weights[members], kind=kind, title=of, ax=ax)

    def plot_profile(self, x: str, y: str, *, of: str = "signal", ax: Axes | None = None) -> Axes:
        """One variable against another in one class, with the mean of the second in bins of the first."""
        from hepml_course.plot import profile_scatter

        members = self._class(of)
        first, second = (self._values(name)[members] for name in (x, y))
        return profile_scatter(first, second, self.test.weights[members], names=(x, y), ax=ax)

    def plot_scores(self, method: str, *, ax: Axes | None = None) -> Axes:
        """Score on training and test events, signal and background, with their errors."""
        from hepml_course.plot import score_histograms, train_test

        test = self.test
        if self.train is None or method not in self.train.scores:
            return score_histograms(self._score(method), test.y, test.weights, signed=True, ax=ax)
        both = (self.train, test)
        values = np.concatenate([_summary.ranked(s.scores[method]) for s in both])
        y, w = (np.concatenate([getattr(s, part) for s in both]) for part in ("y", "weights"))
        is_test = np.arange(len(y)) >= len(self.train)
        ax = train_test(values, y, w, is_test, signed=True, ax=ax)
        ax.set_xlabel(f"score of {method}")
        return ax

    def plot_roc(self, methods: Sequence[str] | None = None, *, ax: Axes | None = None) -> Axes:
        """Signal efficiency against background efficiency."""
        from hepml_course.plot import roc

        return roc(self._sorted(methods), ax=ax)

    def plot_rejection(
        self, methods: Sequence[str] | None = None, *, log: bool = False, ax: Axes | None = None
    ) -> Axes:
        """Background rejection 1 − ε_B against signal efficiency; with `log`, 1/ε_B on a logarithmic axis."""
        from hepml_course.plot import rejection_curves

        return rejection_curves(self._sorted(methods), log=log, ax=ax)

    def plot_cuts(self, method: str, *, ax: Axes | None = None) -> Axes:
        """Efficiencies, purity and significance against the cut on the score."""
        from hepml_course.plot import cut_scan

        self._method(method)
        ax = cut_scan(self.test.classes(method), expected=self.expected, ax=ax)
        ax.set_xlabel(f"cut on the score of {method}")
        return ax

    def plot_boosting(self, method: str, *, ax: Axes | None = None) -> Axes:
        """ROC integral against the number of trees, on training and test events."""
        from hepml_course.plot import boosting_curve

        given = self._method(method)
        if not has_stages(given):
            raise CourseError(f"{method} is no sum of boosted trees, so there is nothing to cut off.")
        trees, outside = staged_auc(given, self.test)
        inside = None if self.train is None else staged_auc(given, self.train)[1]
        return boosting_curve(trees, outside, inside, ax=ax)

    def plot_learning(self, method: str, *, ax: Axes | None = None) -> Axes:
        """Loss of a network against the epoch, as Keras noted it."""
        from hepml_course.plot import learning_curve

        noted = history(self._method(method))
        if noted is None:
            raise CourseError(f"{method} noted no history: only a Keras model just trained has one.")
        return learning_curve(noted, ax=ax)

    def plot_spectator(
        self, name: str, method: str, *, of: str = "background", mean: bool = False, ax: Axes | None = None
    ) -> Axes:
        """Shape of a spectator in slices of the score, for one class: where they differ, a cut sculpts.

        With `mean`, the mean of the spectator against the share of events with a lower score.
        """
        from hepml_course.plot import shape_in_slices, spectator_profile

        members, w = self._class(of), self.test.weights
        values, scores = self._values(name)[members], self._score(method)[members]
        if mean:
            return spectator_profile(values, scores, w[members], name=name, ax=ax)
        return shape_in_slices(values, scores, w[members], name=name, signed=True, ax=ax)

    def plot_calibration(self, method: str, *, ax: Axes | None = None) -> Axes:
        """Share of signal in bins of the score, for scores that claim to be probabilities."""
        from hepml_course.plot import calibration

        return calibration(self._score(method), self.test.y, self.test.weights, ax=ax)

    def to_html(self, path: str | Path, *, title: str = "Evaluation of classifiers") -> Path:
        """Write everything into one page that opens without server or network."""
        from hepml_course.report.page import write

        return write(self, path, title=title)

    def stages(self, method: str) -> str | None:
        """What is known of the method's training: ``"boosting"``, ``"learning"`` or None."""
        given = self._method(method)
        if has_stages(given):
            return "boosting"
        return "learning" if history(given) else None

    def is_probability(self, method: str) -> bool:
        """Whether all scores lie between 0 and 1."""
        found = self._score(method)
        return bool(found.min() >= 0 and found.max() <= 1)

    def _method(self, name: str) -> Any:
        if name not in self.methods:
            raise CourseError(f"There is no method {name}: there are {', '.join(self.methods)}.")
        return self.methods[name]

    def _score(self, name: str) -> np.ndarray:
        self._method(name)
        return _summary.ranked(self.test.scores[name])

    def _sorted(self, names: Sequence[str] | None) -> dict[str, Classes]:
        for name in names or ():
            self._method(name)
        return {name: self.test.classes(name) for name in (names or self.methods)}

    def _values(self, name: str) -> np.ndarray:
        return self._score(name) if name in self.methods else self.test.column(name)

    def _class(self, of: str) -> np.ndarray:
        if of not in ("signal", "background"):
            raise CourseError(f"There are signal and background, not {of}.")
        return self.test.y if of == "signal" else ~self.test.y

    def _train(self) -> Sample:
        if self.train is None:
            raise CourseError("Without training events nothing can be said about overtraining: give train.")
        return self.train


def evaluate(
    methods: Mapping[str, Any],
    train: Any,
    test: Any,
    *,
    signal: str = "is_signal",
    weights: str | None = None,
    features: Sequence[str] | None = None,
    spectators: Sequence[str] = (),
    expected: tuple[float, float] | None = None,
) -> Report:
    """Judge classifiers on the same events.

    Parameters
    ----------
    methods : mapping of str to object
        Name to a fitted estimator of scikit-learn, XGBoost or LightGBM, a Pipeline, a Keras model, a function
        of the table, the name of a column, or scores: an array for the test events, or a tuple of two for
        training and test events. Larger scores mean signal.
    train, test : table
        Events: DataFrame, mapping of arrays, structured or awkward array; or a tuple (x, y[, weights]).
        ``train`` may be None.
    signal, weights : str
        Columns with the truth (True or 1 for signal) and with the event weight, which may be negative.
    features, spectators : sequence of str
        Columns that the methods use, by default all other numeric ones, and columns to watch.
    expected : (float, float), optional
        Signal and background events expected before any cut; by default the sums of all weights.

    Raises
    ------
    CourseError
        One sentence about what is missing or does not fit.
    """
    if not methods:
        raise CourseError("There is no method to evaluate: give a dictionary of names and classifiers.")
    outside = read_sample(test, signal, weights, features, spectators, called="test")
    inside = None
    if train is not None:
        inside = read_sample(train, signal, weights, outside.features, spectators, called="training")
    for name, method in methods.items():
        if isinstance(method, tuple) and _is_scores(method):
            if len(method) != 2 or inside is None:
                raise CourseError(f"{name}: a tuple holds the scores of training and of test events.")
            inside.scores[name] = checked(method[0], name, len(inside))
            outside.scores[name] = checked(method[1], name, len(outside))
        elif _is_scores(method):
            outside.scores[name] = checked(method, name, len(outside))
        else:
            for sample in (inside, outside):
                if sample is not None:
                    sample.scores[name] = score(method, name, sample)
    return Report(dict(methods), outside, inside, expected or _all_weights(inside, outside))


def _all_weights(train: Sample | None, test: Sample) -> tuple[float, float]:
    samples = [s for s in (train, test) if s is not None]
    signal, background = (sum(float(s.weights[s.y == of].sum()) for s in samples) for of in (True, False))
    return signal, background


def _is_scores(method: Any) -> bool:
    """Whether these are numbers, not something that makes them."""
    if isinstance(method, (list, tuple, np.ndarray)):
        return True
    return not isinstance(method, str) and not callable(method) and hasattr(method, "__array__")
