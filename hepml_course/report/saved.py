"""A trained classifier as one file, with what it takes to apply it to other events.

The file, ``NAME.hepml``, is a zip of two: the model (``model.keras``, or ``model.skops`` for all others) and
``card.json``, which says features, units, preselection, versions and the checksum of the model. Nothing in it
is executed when it is loaded.

>>> from hepml_course.report import load, save
>>> save("trees.hepml", trees, features=["pt", "eta"], units={"pt": "GeV"})  # doctest: +SKIP
>>> load("trees.hepml").score(recorded)  # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hepml_course import __version__
from hepml_course.data.cards import require_file
from hepml_course.data.write import replacing
from hepml_course.errors import CourseError
from hepml_course.files import replace_file
from hepml_course.report import trusted
from hepml_course.report.classifier import Classifier, probe, require_classifier
from hepml_course.report.scores import is_keras
from hepml_course.report.table import nearest

SUFFIX = ".hepml"
FORMAT = 1

_CARD = "card.json"
_MODELS = {"keras": "model.keras", "skops": "model.skops"}
_NEEDED = {
    "kind": str, "class": str, "features": list, "units": dict, "preselection": str | None, "about": str,
    "versions": dict, "sha256": str, "probe": list | None,
}  # fmt: skip
_LARGEST = 1 << 31  # bytes of a member; a file that claims more is none of ours
# What zipfile and json make of bytes that are not theirs.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    RuntimeError,
)


def save(
    path: str | Path,
    model: Any,
    *,
    features: Sequence[str],
    units: Mapping[str, str] | None = None,
    preselection: str | None = None,
    about: str = "",
) -> Path:
    """Write a trained classifier to one file, whole or not at all.

    Parameters
    ----------
    path : str or Path
        Ends in ``.hepml``; its folder is made when missing, an old file is replaced.
    model : estimator or Keras model
        Of scikit-learn, `hepml_course.methods`, XGBoost or LightGBM, a Pipeline of these, or a Keras model
        with one input matrix and one output, or two outputs of which the second is signal. Classes are 0
        and 1.
    features : sequence of str
        Names of the inputs, in the order of the training.
    units : mapping of str to str, optional
        Units of features, for example ``{"pt": "GeV"}``.
    preselection : str, optional
        What events have to pass first: an expression in columns, such as ``"mt < 70 and is_muon == 1"``,
        which `Classifier.select` can evaluate.
    about : str
        A sentence for whoever finds the file.

    Raises
    ------
    CourseError
        No classifier, or not a trained one; features that are not those of the training; a part that cannot
        be saved without pickle; a folder that cannot be written to.
    """
    path = Path(path)
    if path.suffix != SUFFIX:
        raise CourseError(
            f"The name of a saved classifier ends in {SUFFIX}: call it {path.stem}{SUFFIX}, not {path.name}."
        )
    features, units = _names(features), dict(units or {})
    for name, unit in units.items():
        if name not in features:
            raise CourseError(f"units names {name}, which is no feature.{nearest(name, features)}")
        if not isinstance(unit, str):
            raise CourseError(f"The unit of {name} is {unit!r}: write it as text, such as 'GeV'.")
    kind = "keras" if is_keras(model) else "skops"
    require_classifier(model, features)
    content = _bytes(model, kind)
    card = {
        "format": FORMAT,
        "kind": kind,
        "class": f"{type(model).__module__.split('.')[0]} {type(model).__name__}",
        "features": list(features),
        "units": units,
        "preselection": preselection,
        "about": about,
        "versions": _versions(kind, content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "probe": probe(model, features),
    }
    raw = _zipped({_CARD: json.dumps(card, indent=1, ensure_ascii=False).encode(), _MODELS[kind]: content})
    with replacing(path):
        replace_file(path, raw)
    return path


def load(path: str | Path) -> Classifier:
    """Read a classifier that `save` has written; no code in the file is run.

    Keras models are read in safe mode, all others by skops with a list of trusted types. What the model
    computes for some fixed inputs is compared with what it computed when it was saved, so that another
    version of a library is either harmless or refused.

    Raises
    ------
    CourseError
        No such file; one that is damaged, or is no saved classifier; a type that is not trusted; a model that
        this version of its library cannot read, or reads as something else.
    """
    path = Path(path)
    if not path.exists():
        raise CourseError(f"{path} does not exist: save a classifier there first, or name another file.")
    require_file(path)
    card, content = _read(path)
    model = _model(path, card, content)
    found = Classifier(
        tuple(card["features"]), card["units"], card["preselection"], card["about"], card, model
    )
    require_classifier(model, found.features)
    now = probe(model, found.features)
    then = card["probe"]
    # Networks run in single precision, and on other devices in another order.
    if then is not None and (now is None or not np.allclose(now, then, rtol=1e-3, atol=1e-4)):
        raise CourseError(
            f"{path} gives other scores than when it was saved with {_words(card['versions'])}: install "
            "these versions, or train it again."
        )
    return found


# -- the file ------------------------------------------------------------------------------------


def _zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    """The card and the model's bytes, both checked."""
    foreign = f"{path} is no classifier that hepml_course.report.save has written."
    damaged = f"{path} is damaged: copy or save it again."
    with path.open("rb") as opened:
        if opened.read(2) != b"PK":
            raise CourseError(foreign)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if _CARD not in names:
                raise CourseError(foreign)
            if any(member.file_size > _LARGEST for member in archive.infolist()):
                raise CourseError(damaged)
            card = json.loads(archive.read(_CARD))
            _require_card(card, path, damaged)
            content = archive.read(_MODELS[card["kind"]])
    except _DAMAGED:
        raise CourseError(damaged) from None
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise CourseError(damaged)
    return card, content


def _require_card(card: Any, path: Path, damaged: str) -> None:
    version = card.get("format") if isinstance(card, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise CourseError(
            f"{path} was written by a newer hepml-course ({_words(card.get('versions') or {})}), and this is "
            f"{__version__}: upgrade it."
        )
    if version != FORMAT or not all(isinstance(card.get(key), kind) for key, kind in _NEEDED.items()):
        raise CourseError(damaged)
    texts = [*card["features"], *card["units"].values(), *card["versions"].values()]
    if (
        not card["features"]
        or not all(isinstance(text, str) for text in texts)
        or card["kind"] not in _MODELS
    ):
        raise CourseError(damaged)


# -- the model -----------------------------------------------------------------------------------


def _bytes(model: Any, kind: str) -> bytes:
    if kind == "skops":
        return trusted.dump(model)
    from hepml_course.models.shipped import model_bytes

    return model_bytes(model, "This Keras model", "give it layers that Keras can save")[0]


def _model(path: Path, card: Mapping[str, Any], content: bytes) -> Any:
    if card["kind"] == "skops":
        return trusted.load(content, str(path), card["versions"])
    from hepml_course.models.shipped import read_model

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, _MODELS["keras"])
        file.write_bytes(content)
        return read_model(file, card["versions"].get("keras"), "save the classifier again", called=str(path))


def _versions(kind: str, content: bytes) -> dict[str, str]:
    """Library to version, of all that the model needs."""
    libraries = {"keras", "tensorflow"} if kind == "keras" else trusted.libraries(content)
    return {
        "hepml_course": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        **{name: sys.modules[name].__version__ for name in sorted(libraries)},
    }


def _words(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _names(features: Sequence[str]) -> tuple[str, ...]:
    if isinstance(features, str) or not all(isinstance(name, str) for name in features) or not len(features):
        raise CourseError("features is a list of names, such as ['pt', 'eta'], in the order of the training.")
    if repeated := [name for name in features if list(features).count(name) > 1]:
        raise CourseError(f"features names {repeated[0]} twice.")
    return tuple(features)
