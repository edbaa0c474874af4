"""Fisher's linear discriminant with event weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.methods._inputs import Floats, MethodError, Probabilities, Training

_SMALLEST = 1e-9  # variance within the classes, in units of the total, below which a direction has none


class Fisher(Probabilities):
    """The linear combination of features that separates the means best, for the spread within the classes.

    Its direction is the inverse of the covariance within the classes times the difference of their means.
    For two normal densities of the same covariance nothing can do better.

    Features that repeat each other share the coefficient; a constant one gets 0. Negative weights are taken
    as they are; they are refused where they leave a combination of features with a negative variance.

    Attributes
    ----------
    coef_ : ndarray, shape (1, k)
        In units of one over the feature's.
    intercept_ : ndarray, shape (1,)
        Chosen so that `decision_function` is the logarithm of the odds if both densities are normal.

    References
    ----------
    R. A. Fisher, Annals of Eugenics 7 (1936) 179.
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Fisher:
        """Find the direction.

        Parameters
        ----------
        X : array_like or DataFrame, shape (n, k)
        y : array_like, shape (n,)
            Two classes; the larger label is signal.
        sample_weight : array_like, shape (n,), optional
            Event weights of either sign.

        Raises
        ------
        CourseError
            The input cannot be used, or the weights leave no positive covariance.
        """
        training = self._training(X, y, sample_weight)
        centre, scale = self._standard(training)
        z = (training.x - centre) / scale
        means, within = _moments(z, training)
        variance, directions = np.linalg.eigh(within)
        if variance[0] < -1e-6:
            raise MethodError(
                "The negative weights leave a combination of the features with a negative variance, and "
                "Fisher cannot divide by it: take more events or fewer features."
            )
        # A direction without any spread in the classes would get an infinite coefficient: a large one will
        # do, and where the means agree, too, it gets none.
        step = directions @ ((directions.T @ (means[1] - means[0])) / np.maximum(variance, _SMALLEST))
        signal, background = training.sums()
        self.coef_ = (step / scale)[None, :]
        self.intercept_ = np.log(signal / background) - step @ means.mean(axis=0) - self.coef_ @ centre
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """The discriminant, positive where signal is likelier, shape (n,)."""
        return self._events(X) @ self.coef_[0] + self.intercept_[0]

    def _standard(self, training: Training) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each feature over all events; infinity where it is constant."""
        w = training.weights / training.weights.sum()
        centre = w @ training.x
        variance = w @ (training.x - centre) ** 2
        rounding = (1e-13 * np.abs(training.x).max(axis=0)) ** 2
        for name, value, noise in zip(self._names(), variance, rounding, strict=True):
            if value < -noise:
                raise MethodError(
                    f"The negative weights give {name} a negative variance, and Fisher cannot divide by it: "
                    "take more events or leave it out."
                )
        return centre, np.where(variance > rounding, np.sqrt(np.abs(variance)), np.inf)


def _moments(z: Floats, training: Training) -> tuple[Floats, Floats]:
    """Mean of each class (background, signal), shape (2, k), and the covariance within them, (k, k)."""
    total = training.weights.sum()
    within = (z * (training.weights / total)[:, None]).T @ z
    means = []
    for members in (~training.is_signal, training.is_signal):
        w = training.weights[members]
        means.append(w @ z[members] / w.sum())
        within -= w.sum() / total * np.outer(means[-1], means[-1])
    return np.array(means), within
