"""Recipes: all that it takes to train a shipped model again, and the way from a name to its recipe."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.course import is_called
from hepml_course.data import trained
from hepml_course.data.samples import require_known
from hepml_course.errors import CourseError

if TYPE_CHECKING:
    import keras

# The kinds of random numbers; those of one kind and epoch never meet those of another. None is 0, since numpy
# takes a seed that is followed by zeros for the seed alone.
_DATA, _TRAINING, _EVALUATION = range(1, 4)


@dataclass(frozen=True)
class Recipe:
    """How a shipped model is trained.

    Attributes
    ----------
    name : str
        Of the model, and of its file ``datasets/models/NAME.keras``.
    lesson : str
        The lesson that shows it, for example ``15_many_tracks``.
    title, about : str
        What the model is, and how it is trained, in words; both stand on its card.
    seed : int
        Start values of the weights, data, order of events and dropout follow from it.
    epochs : int
        Number of them.
    events : int
        Number in each epoch.
    build : callable
        ``build()`` is the model, compiled and with weights (it starts from an ``Input``).
    epoch_data : callable
        ``epoch_data(epoch, rng)`` is ``(x, y)``, ``(x, y, weights)`` or a `keras.utils.PyDataset`, made from
        these two alone: ``epoch`` counts from 0, and ``rng`` is a `numpy.random.Generator` that belongs to
        seed and epoch.
    evaluate : callable
        ``evaluate(model, rng)`` is what the card states as result, name to number. The model is as it was
        shipped, not compiled; events drawn from ``rng`` are not those of the training.
    batch_size : int
        A PyDataset has its own.
    learning_rate : callable, optional
        ``learning_rate(epoch)``; as the optimiser has it unless given.
    """

    name: str
    lesson: str
    title: str
    about: str
    seed: int
    epochs: int
    events: int
    build: Callable[[], keras.Model]
    epoch_data: Callable[[int, np.random.Generator], Any]
    evaluate: Callable[[keras.Model, np.random.Generator], dict[str, float]]
    batch_size: int = 128
    learning_rate: Callable[[int], float] | None = None

    def data(self, epoch: int) -> Any:
        """The events of one epoch, the same whenever they are asked for."""
        return self.epoch_data(epoch, np.random.default_rng([self.seed, _DATA, epoch]))

    def epoch_seed(self, epoch: int) -> int:
        """For what else is random in one epoch: the order of events, dropout."""
        return int(np.random.SeedSequence([self.seed, _TRAINING, epoch]).generate_state(1)[0])

    def result(self, model: keras.Model) -> dict[str, float]:
        """What the model reaches, as numbers that a card can hold."""
        measured = self.evaluate(model, np.random.default_rng([self.seed, _EVALUATION]))
        return {name: float(value) for name, value in measured.items()}

    def facts(self) -> dict[str, int]:
        """What the card states and a change of which asks for a new training."""
        return {
            "seed": self.seed,
            "epochs": self.epochs,
            "events_per_epoch": self.events,
            "batch_size": self.batch_size,
        }

    def words(self) -> dict[str, str]:
        """What the card states and may change without a new training."""
        return {"title": self.title, "recipe": self.about}

    def fingerprint(self) -> str:
        """Changes with the facts and with the text of the recipe's module, not with what that imports."""
        source = Path(inspect.getfile(self.build)).read_bytes()
        return hashlib.sha256(json.dumps(self.facts()).encode() + source).hexdigest()


def recipe(name: str) -> Recipe:
    """The recipe of a model. Its module is imported, and with it Keras learns the layers that it registers.

    Raises
    ------
    CourseError
        No model has this name.
    """
    require_known("trained model", name, trained.names())
    return importlib.import_module(trained.RECIPES[trained.lesson_of(name)][name]).RECIPE


def select(lesson: str, names: Iterable[str] | None = None) -> list[Recipe]:
    """The recipes of a lesson, all or only those named.

    Parameters
    ----------
    lesson : str
        Such as ``15``, ``many_tracks`` or ``15_many_tracks``.
    names : iterable of str, optional
        Of models.

    Raises
    ------
    CourseError
        The lesson trains nothing that is shipped, or not a model of that name.
    """
    found = next((known for known in trained.RECIPES if is_called(known, lesson)), None)
    if found is None:
        there = ", ".join(sorted(trained.RECIPES)) or "none yet"
        raise CourseError(f"There is nothing to train for {lesson!r}; lessons with trained models: {there}.")
    known = trained.RECIPES[found]
    wanted = list(dict.fromkeys(names or known))
    for name in wanted:
        require_known(f"trained model of {found}", name, known)
    return [recipe(name) for name in wanted]
