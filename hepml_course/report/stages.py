"""A method while it was trained: boosted trees after some of their trees, a network after its epochs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.metrics import Estimate, auc
from hepml_course.report.scores import inputs, is_keras
from hepml_course.report.table import Sample

STAGES = 15  # numbers of trees that are looked at
MOST = 50_000  # events


def has_stages(method: Any) -> bool:
    """Whether the method is a sum of trees that can be cut off."""
    return _trees(method) is not None


def staged_auc(method: Any, sample: Sample) -> tuple[NDArray[np.intp], list[Estimate]]:
    """ROC integral of the first trees alone.

    Returns
    -------
    trees : ndarray of int, shape (m,)
        Numbers of trees, about equally apart in the logarithm.
    areas : list of Estimate
        On at most 50,000 events, every k-th one.
    """
    step = -(-len(sample) // MOST)
    part = Sample(
        sample.table.iloc[::step].reset_index(drop=True),
        sample.y[::step], sample.weights[::step], sample.features, sample.spectators,
    )  # fmt: skip
    total = _trees(method)
    stages = np.unique(np.geomspace(1, total, STAGES).round().astype(int))
    return stages, [auc(s, part.y, part.weights, signed=True) for s in _staged(method, part, stages)]


def history(method: Any) -> dict[str, list[float]] | None:
    """What Keras noted per epoch, such as ``loss`` and ``val_loss``; None if it did not."""
    if own := getattr(method, "history_", None):  # an estimator of hepml_course.methods
        return own
    network = method if is_keras(method) else getattr(method, "network_", None)
    noted = getattr(getattr(network, "history", None), "history", None)
    return noted or None


def _last(method: Any) -> Any:
    """The estimator at the end of a Pipeline, else the method itself."""
    return method.steps[-1][1] if hasattr(method, "steps") else method


def _trees(method: Any) -> int | None:
    last = _last(method)
    if hasattr(last, "staged_predict_proba") or hasattr(last, "staged_decision_function"):
        return int(getattr(last, "n_iter_", None) or len(last.estimators_))
    if hasattr(last, "get_booster"):
        return int(last.get_booster().num_boosted_rounds())
    if hasattr(last, "booster_"):
        return int(last.booster_.num_trees())
    return None


def _staged(method: Any, part: Sample, stages: NDArray) -> list[NDArray]:
    last, x = _last(method), inputs(method, part)
    if last is not method:
        x = method[:-1].transform(x)
    if hasattr(last, "get_booster"):
        return [last.predict_proba(x, iteration_range=(0, int(n)))[:, 1] for n in stages]
    if hasattr(last, "booster_"):
        return [last.predict_proba(x, num_iteration=int(n))[:, 1] for n in stages]
    wanted = set(stages.tolist())
    every = getattr(last, "staged_decision_function", None) or last.staged_predict_proba
    kept = [np.asarray(s) for n, s in enumerate(every(x), start=1) if n in wanted]
    return [s[:, -1] if s.ndim == 2 else s for s in kept]
