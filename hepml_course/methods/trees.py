"""scikit-learn's gradient-boosted trees, for negative weights of any number of events."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier


class Trees(HistGradientBoostingClassifier):
    """As `sklearn.ensemble.HistGradientBoostingClassifier`, but for where the bins of the features come from.

    Of more than 200,000 events scikit-learn draws some with their weights as probabilities, to find bins by
    their quantiles, and a probability cannot be negative. So where any weight is, all events are as likely to
    be drawn. The trees themselves always see every event with its weight.
    """

    def _bin_data(self, X: Any, *weights: np.ndarray | None, **how: Any) -> np.ndarray:
        drawn = [None if w is not None and (w < 0).any() else w for w in weights]
        return super()._bin_data(X, *drawn, **how)
