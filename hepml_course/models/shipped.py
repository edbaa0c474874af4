"""Trained models on this machine: found like the datasets, verified, loaded in Keras' safe mode."""

from __future__ import annotations

import copy
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hepml_course.data import trained
from hepml_course.data.cards import intact, intact_card, read_card
from hepml_course.data.integrity import Dataset, Finding
from hepml_course.data.places import find
from hepml_course.data.samples import require_known
from hepml_course.errors import CourseError
from hepml_course.models.recipe import recipe

if TYPE_CHECKING:
    import keras

MAX_BYTES = 4_000_000


def load(name: str) -> keras.Model:
    """A trained model, verified against its card and loaded in safe mode: no code in the file is run.

    Parameters
    ----------
    name : str
        For example ``hough_tracks``; `catalogue` lists all.

    Returns
    -------
    keras.Model
        Not compiled: it predicts, and it is compiled anew by whoever trains it further.

    Raises
    ------
    CourseError
        Unknown name; missing or damaged file or card; a file that this Keras cannot read. The message says
        what to do.
    """
    require_known("trained model", name, trained.names())
    path, place = find(trained.file_of(name))
    about = intact_card(path, trained.file_of(name), place.restore)
    recipe(name)
    return read_model(path, about["versions"].get("keras"), place.restore)


def card(name: str) -> dict[str, Any]:
    """What is known about a trained model: recipe, seed, versions, core-seconds, result and so on.

    Parameters and errors are those of `load`, except that the file need not be readable by this Keras.
    """
    require_known("trained model", name, trained.names())
    return copy.deepcopy(intact(trained.file_of(name))[1])


def read_model(path: Path, version: str | None, restore: str, called: str | None = None) -> keras.Model:
    """Read a ``.keras`` file in safe mode, without what it was compiled with.

    Parameters
    ----------
    path : Path
        Of the file.
    version : str or None
        Of the Keras that wrote it.
    restore : str
        Completes the message about a file that cannot be read.
    called : str, optional
        What the message calls the file; its path unless told.

    Raises
    ------
    CourseError
        It cannot be read, or safe mode refuses it.
    """
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras has one of its own for each way in which a file is wrong
        raise CourseError(_why_not(called or str(path), version, restore, error)) from None


def model_bytes(model: keras.Model, called: str, restore: str) -> tuple[bytes, keras.Model]:
    """The ``.keras`` file of a model without its optimiser, and the model that is read from it in safe mode.

    Keras has no option that leaves the optimiser out of a ``.keras`` file, so the model is saved, read
    without what it was compiled with, and saved again.

    Parameters
    ----------
    called, restore : str
        As in `read_model`, for a model that safe mode refuses.
    """
    import keras

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Keras hands its variables to numpy 2 in a way that this deprecates; it can only be heard here.
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        path = Path(folder, f"model{trained.SUFFIX}")
        model.save(path)
        bare = read_model(path, keras.__version__, restore, called)
        bare.save(path)
        return path.read_bytes(), bare


def _why_not(file: str, version: str | None, restore: str, error: Exception) -> str:
    import keras
    from packaging.version import Version

    if version and Version(keras.__version__) < Version(version):
        return (
            f"{file} was written by Keras {version}, and Keras {keras.__version__} cannot read it: "
            "`make env` or `pip install --upgrade keras` brings a newer one."
        )
    if "Python lambda" in str(error):
        return (
            f"{file} holds Python code in a Lambda layer, which is not run: make it a layer that is "
            "registered with Keras, and train the model again."
        )
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{file} cannot be read by Keras {keras.__version__} ({reason}): {restore}."


def catalogue() -> list[Dataset]:
    """All trained models of the course, found or not. Reads the cards only; see `verify` for the files."""
    return [_entry(name) for name in trained.names()]


def _entry(name: str) -> Dataset:
    path, about, problem = None, {}, ""
    try:
        path, place = find(trained.file_of(name))
        about = read_card(path, place.restore)
    except CourseError as error:
        problem = str(error)
    return Dataset(trained.file_of(name), trained.lesson_of(name), name, path, about, problem)


def verify() -> list[Finding]:
    """Check every trained model against the checksum on its card; none is loaded."""
    return [_verify(trained.file_of(name)) for name in trained.names()]


def _verify(file: str) -> Finding:
    try:
        path, about = intact(file)
    except CourseError as error:
        return Finding(file, False, str(error))
    size = path.stat().st_size / 1e3
    return Finding(file, True, f"{about['weights']:,} weights in {size:,.0f} kB, as on the card.")
