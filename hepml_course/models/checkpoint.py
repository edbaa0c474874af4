"""Where an interrupted training stands: one file in the user's cache, replaced after each epoch.

`keras.callbacks.BackupAndRestore` does not suffice. It writes weights and number of the epoch to two files,
each in place, so that a kill in between repeats an epoch on weights that have seen it; it keeps neither the
losses nor the time; and it leaves out the random numbers of dropout.
"""

from __future__ import annotations

import io
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from hepml_course.data import places
from hepml_course.data.write import replacing
from hepml_course.errors import CourseError
from hepml_course.files import replace_file
from hepml_course.models.recipe import Recipe

if TYPE_CHECKING:
    import keras

_DAMAGED = (OSError, ValueError, EOFError, KeyError, TypeError, zlib.error, BadZipFile)


@dataclass
class State:
    """What has been done: the losses of each finished epoch, and the time it took.

    Attributes
    ----------
    history : list of dict
        One entry an epoch, from name to number: what Keras logs, and the learning rate.
    core_seconds : float
        Processor time of the finished epochs, of all cores together.
    """

    history: list[dict[str, float]] = field(default_factory=list)
    core_seconds: float = 0.0

    @property
    def epoch(self) -> int:
        """Number of epochs done, and of the next one."""
        return len(self.history)


def file(recipe: Recipe) -> Path:
    """Where the state of a training is kept."""
    return places.cache_folder() / "training" / f"{recipe.name}.npz"


def save(recipe: Recipe, model: keras.Model, state: State) -> None:
    """Keep weights, optimiser and state, in one step.

    Raises
    ------
    CourseError
        If the cache cannot be written to.
    """
    about = {"recipe": recipe.fingerprint(), "history": state.history, "core_seconds": state.core_seconds}
    arrays = {f"variable{i}": variable.numpy() for i, variable in enumerate(_variables(model))}
    buffer = io.BytesIO()
    np.savez(buffer, about=np.array(json.dumps(about)), **arrays)
    with replacing(file(recipe)):
        replace_file(file(recipe), buffer.getvalue())


def restore(recipe: Recipe, model: keras.Model) -> State:
    """Bring a model that was just built to where its training stopped; a new state where there is none.

    Raises
    ------
    CourseError
        What was kept is damaged or of another recipe. The model is as it was.
    """
    path = file(recipe)
    if not path.exists():
        return State()
    try:
        with path.open("rb") as opened, np.load(opened) as content:
            about = json.loads(str(content["about"]))
            values = [content[f"variable{i}"] for i in range(len(content.files) - 1)]
        state = State(about["history"], about["core_seconds"])
        same = about["recipe"] == recipe.fingerprint()
    except _DAMAGED:
        raise CourseError(f"What was kept of the training of {recipe.name} is damaged.") from None
    variables = _variables(model)
    if not same or [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise CourseError(f"The recipe of {recipe.name} has changed since its training was stopped.")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
    return state


def remove(recipe: Recipe) -> None:
    """Forget what was kept."""
    path = file(recipe)
    if path.parent.is_dir():
        with replacing(path):
            path.unlink(missing_ok=True)


def _variables(model: keras.Model) -> list[keras.Variable]:
    """All that a training changes, except for random numbers, which start anew in each epoch."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [*model.weights, *model.optimizer.variables]
