"""The product of one-dimensional densities, as histograms with adaptive bins."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hepml_course.methods._inputs import Floats, MethodError, Probabilities, Training
from hepml_course.metrics.estimate import effective_size

_COUNTS = 100  # an integer variable with more values than this is binned like a continuous one
_WORTH = 10  # effective events of the smaller class that a bin should hold on average


class Likelihood(Probabilities):
    """The likelihood ratio of signal and background as if the features were independent (naive Bayes).

    Each feature gets a histogram per class whose bins hold the same content, counted with half of the weight
    in each class, so that they are narrow where events are. Smoothing runs over neighbouring bins. A value
    that fills a bin by itself gets one, and so does each value of a variable of integers; these are not
    smoothed. Values outside the range of the training fall into the outermost bins.

    A bin is taken with one more event, shared between the classes as if it told nothing, so that no
    ratio is infinite.

    Parameters
    ----------
    bins : int
        Bins of a continuous feature; fewer where the smaller class is worth less than ten events a bin.
    smooth : int
        How often each bin is averaged with its neighbours, in the ratio 1 : 2 : 1.

    Attributes
    ----------
    edges_ : list of ndarray
        The inner edges of each feature's bins.
    log_ratio_ : list of ndarray
        Logarithm of the signal density over that of background in these bins.
    floored_ : ndarray of int, shape (k,)
        Bins of each feature, of either class, whose content negative weights had made negative; they count
        as empty.
    prior_ : float
        Logarithm of the sum of weights of signal over that of background.
    """

    def __init__(self, bins: int = 40, smooth: int = 4) -> None:
        self.bins = bins
        self.smooth = smooth

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Likelihood:
        """Fill the histograms.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, k)
        y : array_like, shape (n,)
            Two classes; the larger label is signal.
        sample_weight : array_like, shape (n,), optional
            Event weights of either sign; `floored_` says what negative ones have done.

        Raises
        ------
        CourseError
            The input cannot be used.
        """
        if self.bins < 2 or self.smooth < 0:
            raise MethodError(
                f"Likelihood needs bins from 2 on and smooth from 0 on, not {self.bins} and {self.smooth}."
            )
        training = self._training(X, y, sample_weight)
        signal, background = training.sums()
        self.prior_ = float(np.log(signal / background))
        found = [self._histogram(column, training) for column in training.x.T]
        self.edges_, self.log_ratio_, floored = (list(parts) for parts in zip(*found, strict=True))
        self.floored_ = np.array(floored)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Logarithm of the odds of signal, shape (n,)."""
        x = self._events(X)
        total = np.full(len(x), self.prior_)
        for column, edges, log_ratio in zip(x.T, self.edges_, self.log_ratio_, strict=True):
            total += log_ratio[np.searchsorted(edges, column, side="right")]
        return total

    def _histogram(self, column: Floats, training: Training) -> tuple[Floats, Floats, int]:
        """Inner edges, logarithm of the ratio, and number of negative bins, for one feature."""
        sizes = [effective_size(training.weights[training.is_signal == kind]) for kind in (True, False)]
        values, position = np.unique(column, return_inverse=True)
        shares = [
            np.bincount(position, np.where(training.is_signal == kind, training.fractions(), 0))
            for kind in (True, False)
        ]
        bins = int(np.clip(min(sizes) / _WORTH, 2, self.bins))
        label, continuous = _label(values, training.content(position), bins)
        contents = [np.bincount(label, share) for share in shares]
        for content in contents:
            content[:continuous] = _smoothed(content[:continuous], self.smooth)
        negative = sum(np.count_nonzero(content < 0) for content in contents)
        signal, background = (np.maximum(content, 0) / np.maximum(content, 0).sum() for content in contents)
        # One event that follows the proportion of the classes adds the same to the share of each.
        log_ratio = np.log(signal + 1 / sum(sizes)) - np.log(background + 1 / sum(sizes))
        last = np.flatnonzero(np.diff(label))  # values after which another bin begins
        return values[last] / 2 + values[last + 1] / 2, log_ratio[label[np.append(last, -1)]], negative


def _label(values: Floats, content: Floats, bins: int) -> tuple[NDArray[np.intp], int]:
    """The bin of each value, and the number of the continuous ones, which come first."""
    alone = content > 1 / bins
    integers = len(values) <= _COUNTS and (values == np.round(values)).all()
    if integers or len(values) <= bins:
        alone[:] = True
    rest = np.where(alone, 0, content)
    continuous = 0 if alone.all() else max(1, round(bins * rest.sum()))
    middle = (np.cumsum(rest) - rest / 2) / max(rest.sum(), np.finfo(float).tiny)
    label = np.minimum((middle * continuous).astype(int), continuous - 1)
    label[alone] = continuous + np.arange(np.count_nonzero(alone))
    return label, continuous


def _smoothed(content: Floats, times: int) -> Floats:
    """Each bin averaged with its neighbours, in the ratio 1 : 2 : 1; the sum stays as it is."""
    for _ in range(times if len(content) > 1 else 0):
        wide = np.concatenate([content[:1], content, content[-1:]])
        content = (wide[:-2] + 2 * content + wide[2:]) / 4
    return content
