"""What the methods have in common: two classes, weights of either sign, errors in the course's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_sample_weight, validate_data

from hepml_course.errors import CourseError

Floats = NDArray[np.float64]


class MethodError(CourseError, ValueError):
    """What a method cannot work with; a `ValueError`, too, since scikit-learn's own tools expect that."""


class NotTrainedError(MethodError, NotFittedError):
    """A method was asked before it was trained."""


class Training(NamedTuple):
    """Checked events of both classes, none of weight zero.

    Attributes
    ----------
    x : ndarray, shape (n, k)
    is_signal : ndarray of bool, shape (n,)
    weights : ndarray, shape (n,)
        Possibly negative; the sum over each class is positive.
    """

    x: Floats
    is_signal: NDArray[np.bool_]
    weights: Floats

    def fractions(self) -> Floats:
        """Weights divided by the sum over the event's class, shape (n,)."""
        return self.weights / np.where(self.is_signal, *self.sums())

    def sums(self) -> tuple[float, float]:
        """Sum of weights of signal and of background."""
        return float(self.weights[self.is_signal].sum()), float(self.weights[~self.is_signal].sum())

    def content(self, position: NDArray[np.intp], of: bool | None = None) -> Floats:
        """How much of one class, or of both at equal shares, lies at each position; sums to 1.

        The sizes of the weights are counted, so that nothing is negative.

        Parameters
        ----------
        position : ndarray of int, shape (n,)
            A number per event, from 0 on.
        of : bool, optional
            True for signal, False for background.
        """
        if of is None:
            return (self.content(position, True) + self.content(position, False)) / 2
        sizes = np.where(self.is_signal == of, np.abs(self.weights), 0)
        return np.bincount(position, sizes / sizes.sum())


class TwoClasses(ClassifierMixin, BaseEstimator):
    """A classifier of signal against background.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        Background, then signal: 0 and 1, False and True, −1 and +1, or two names in alphabetical order.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only after training on a DataFrame.
    """

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def predict(self, X: ArrayLike) -> NDArray:
        """The likelier class of each event, shape (n,)."""
        signal = self.decision_function(X) > 0
        return self.classes_[signal.astype(int)]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def _not_fitted(self) -> NotTrainedError:
        return NotTrainedError(f"This {self._name} is not fitted yet: call fit with events first.")

    def _training(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Training:
        with _in_our_words():
            x, y = validate_data(self, X, y, dtype=np.float64, ensure_all_finite=False)
            weights = _check_sample_weight(sample_weight, x, dtype=np.float64)
            kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise MethodError(f"Unknown label type: y is {kind}, and a class is needed for each event.")
        self._require_finite(x)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) > 2:
            raise MethodError(
                f"Only binary classification is supported. The type of the target is {kind}: "
                f"make the {len(self.classes_)} classes of y signal and background."
            )
        if len(self.classes_) < 2:
            raise MethodError(
                f"All events are of one class, {self.classes_[0]}: {self._name} needs signal and background."
            )
        counts = weights != 0
        training = Training(x[counts], labels[counts] == 1, weights[counts])
        for name, total in zip(("signal", "background"), training.sums(), strict=True):
            if not total > 0:
                raise MethodError(
                    f"The weights of the class {name} sum to {total:.4g}; {self._name} needs more than 0: "
                    "take more events, or reweight them to positive weights first."
                )
        return training

    def _events(self, X: ArrayLike) -> Floats:
        """Events to be judged, as floats of shape (n, k), with the features of the training."""
        if not self.__sklearn_is_fitted__():
            raise self._not_fitted()
        with _in_our_words():
            x = validate_data(self, X, dtype=np.float64, ensure_all_finite=False, reset=False)
        self._require_finite(x)
        return x

    def _require_finite(self, x: Floats) -> None:
        bad = ~np.isfinite(x).all(axis=0)
        if bad.any():
            column = int(np.argmax(bad))
            count = np.count_nonzero(~np.isfinite(x[:, column]))
            raise MethodError(
                f"{self._names()[column]} is NaN or infinite in {count} of {len(x)} events: remove them or "
                "fill them."
            )

    def _names(self) -> list[str]:
        """The features' names; x0, x1 and so on where they have none."""
        return list(getattr(self, "feature_names_in_", [f"x{k}" for k in range(self.n_features_in_)]))

    @property
    def _name(self) -> str:
        return type(self).__name__


class Probabilities(TwoClasses):
    """A classifier whose `decision_function` is the logarithm of the odds of signal."""

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities of background and signal, shape (n, 2).

        They hold for classes in the proportion of the weights that were trained on.
        """
        odds = self.decision_function(X)
        return np.column_stack([expit(-odds), expit(odds)])


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Turn what scikit-learn says about its input into one sentence."""
    try:
        yield
    except ValueError as error:
        raise MethodError(" ".join(str(error).split())) from None
