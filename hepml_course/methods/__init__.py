"""The classifiers that users of TMVA know and scikit-learn lacks with event weights, as its estimators.

>>> from hepml_course.methods import Fisher
>>> Fisher().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1], sample_weight=[1, 2, 2, 1]).predict([[2.5]])
array([1])

All take event weights of either sign, train from a seed, and can be saved by `hepml_course.report.save`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hepml_course.data.samples import require_known
from hepml_course.methods._inputs import MethodError, NotTrainedError
from hepml_course.methods.cuts import BoxCuts
from hepml_course.methods.fisher import Fisher
from hepml_course.methods.likelihood import Likelihood
from hepml_course.methods.network import Network

__all__ = [
    "BoxCuts",
    "Fisher",
    "Likelihood",
    "MethodError",
    "Network",
    "NotTrainedError",
    "standard",
]


def standard(names: Iterable[str] = ("cuts", "likelihood", "fisher", "bdt", "mlp")) -> dict[str, Any]:
    """Untrained classifiers with settings that suit most samples.

    Parameters
    ----------
    names : iterable of str
        ``cuts``, ``likelihood``, ``fisher``, ``bdt`` (scikit-learn's gradient-boosted trees on histograms)
        and ``mlp`` (a small network).

    Returns
    -------
    dict of str to estimator
        In the order of the names.

    Raises
    ------
    CourseError
        A name that is none of these.
    """
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        require_known("method", name, _STANDARD)
    return {name: _STANDARD[name]() for name in names}


def _trees() -> Any:
    from hepml_course.methods.trees import Trees

    # Stopping early would set events aside by chance; small trees and a slow rate do without.
    return Trees(
        max_iter=200,
        learning_rate=0.08,
        max_leaf_nodes=12,
        min_samples_leaf=30,
        early_stopping=False,
        random_state=0,
    )


_STANDARD = {"cuts": BoxCuts, "likelihood": Likelihood, "fisher": Fisher, "bdt": _trees, "mlp": Network}
