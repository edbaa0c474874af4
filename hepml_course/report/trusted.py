"""Estimators as bytes and back by skops, which runs no code of the file: no pickle is ever read or written.

A file can only be made of types that skops trusts by itself, those of scikit-learn's public estimators and
of numpy among them, and of those in `TRUSTED`. That is about code. Nobody can promise that a *forged* file
does not crash XGBoost or LightGBM while they read their own format.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from hepml_course.errors import CourseError

TRUSTED = (
    "collections.OrderedDict",
    "hepml_course.methods.cuts.BoxCuts",
    "hepml_course.methods.fisher.Fisher",
    "hepml_course.methods.likelihood.Likelihood",
    "hepml_course.methods.network.Network",
    "hepml_course.methods.trees.Trees",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRFClassifier",
)
"""Types that a saved classifier may hold beside those that skops trusts."""


def dump(model: Any) -> bytes:
    """An estimator as bytes.

    Raises
    ------
    CourseError
        It holds something that could not be loaded again; the message names it.
    """
    import skops.io

    try:
        content = skops.io.dumps(model)
    except Exception as error:  # skops has several for what it does not know
        raise CourseError(
            f"This {type(model).__name__} cannot be saved without pickle ({_first_line(error)}): save a "
            "classifier without such a part."
        ) from None
    _refuse(_untrusted(content), f"This {type(model).__name__}", "cannot be saved", "save one without it")
    return content


def load(content: bytes, called: str, versions: dict[str, str]) -> Any:
    """The estimator in these bytes.

    Parameters
    ----------
    called : str
        What messages call the file.
    versions : dict
        Library to the version that wrote it.

    Raises
    ------
    CourseError
        A type that is not trusted, something that cannot be read, or trees that point outside themselves.
    """
    import skops.io

    try:
        untrusted = _untrusted(content)
    except Exception as error:  # whatever a damaged or forged file makes skops raise
        raise CourseError(
            f"{called} cannot be read ({_first_line(error)}): save the classifier again."
        ) from None
    _refuse(untrusted, called, "is not loaded", "load files only from those whom you trust, and save it anew")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # other versions are judged by what the model computes
            model = skops.io.loads(content, trusted=list(TRUSTED))
            _require_sound_trees(model)
    except Exception as error:
        written = ", ".join(f"{name} {version}" for name, version in versions.items())
        raise CourseError(
            f"{called} cannot be read ({_first_line(error)}): it was written with {written}; install these "
            "versions, or save the classifier again."
        ) from None
    return model


def libraries(content: bytes) -> set[str]:
    """The libraries without which these bytes cannot be loaded."""
    import skops.io

    own = {name.split(".")[0] for name in skops.io.get_untrusted_types(data=content)}
    return {"sklearn", "skops"} | own & {"lightgbm", "xgboost"}


def _untrusted(content: bytes) -> list[str]:
    import skops.io

    return sorted(set(skops.io.get_untrusted_types(data=content)) - set(TRUSTED))


def _refuse(untrusted: list[str], what: str, verdict: str, advice: str) -> None:
    if untrusted:
        raise CourseError(
            f"{what} holds a {untrusted[0]}, which is not on the list of trusted types, and {verdict}: "
            f"{advice}."
        )


def _require_sound_trees(model: Any) -> None:
    """Raise a `ValueError` unless every tree of scikit-learn's stays within its own nodes and features.

    Its compiled code follows the numbers of children and features without looking whether they exist.
    """
    for tree, features in _trees(model, np.inf, set()):
        if type(tree).__name__ == "TreePredictor":
            nodes = tree.nodes
            inner = nodes["is_leaf"] == 0
            left, right, feature = nodes["left"], nodes["right"], nodes["feature_idx"]
            sets = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
            if (sets >= len(tree.raw_left_cat_bitsets)).any():
                raise ValueError("a tree asks for categories that it lacks")
        else:
            left, right, feature = tree.children_left, tree.children_right, tree.feature
            inner = left != -1
            if tree.n_features > features:
                raise ValueError("a tree asks for a feature that there is not")
        own = np.flatnonzero(inner)
        for child in (left[inner].astype(np.int64), right[inner].astype(np.int64)):
            # Children come after their parent, so that no path goes round in circles.
            if not ((child > own) & (child < len(inner))).all():
                raise ValueError("a tree leads to a node that it lacks")
        if not ((feature[inner] >= 0) & (feature[inner] < features)).all():
            raise ValueError("a tree asks for a feature that there is not")


def _trees(part: Any, features: float, seen: set[int]) -> Iterator[tuple[Any, float]]:
    """The trees in an estimator, each with the number of features that the estimator around it sees."""
    if id(part) in seen or isinstance(part, str | bytes | bytearray | int | float | None):
        return
    seen.add(id(part))
    if type(part).__name__ in ("Tree", "TreePredictor") and type(part).__module__.startswith("sklearn."):
        yield part, features
    elif isinstance(part, dict):
        for value in part.values():
            yield from _trees(value, features, seen)
    elif isinstance(part, list | tuple | set) or (isinstance(part, np.ndarray) and part.dtype == object):
        for value in np.ravel(part) if isinstance(part, np.ndarray) else part:
            yield from _trees(value, features, seen)
    elif hasattr(part, "__dict__"):
        inside = vars(part)
        # The steps of a Pipeline change the number of features; everything else passes its own on, or fewer.
        own = np.inf if "steps" in inside else min(features, inside.get("n_features_in_", np.inf))
        for value in inside.values():
            yield from _trees(value, own, seen)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
