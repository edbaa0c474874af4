"""Trains the models that are shipped: what ``hepml train`` does.

Epoch after epoch, from data that follow from seed and epoch alone, so that a training that was stopped goes
on as if it had not been.
"""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course import __version__
from hepml_course.data import trained
from hepml_course.data.cards import intact_card
from hepml_course.data.places import destination
from hepml_course.data.write import write_with_card
from hepml_course.errors import CourseError
from hepml_course.models import checkpoint
from hepml_course.models.recipe import Recipe, select
from hepml_course.models.shipped import MAX_BYTES, model_bytes
from hepml_course.training import set_seed

if TYPE_CHECKING:
    import keras
    from rich.console import Console
    from rich.progress import Progress

LICENCE = "CC0-1.0"


def train(
    lesson: str,
    names: Iterable[str] | None = None,
    folder: Path | None = None,
    *,
    force: bool = False,
    console: Console | None = None,
) -> list[Path]:
    """Train the models of a lesson and write each with its card; what is there already stays.

    After Ctrl-C, or whatever else stops it, the next call goes on after the last epoch that was finished.

    Parameters
    ----------
    lesson : str
        Such as ``15``, ``many_tracks`` or ``15_many_tracks``.
    names : iterable of str, optional
        Of its models; all unless told.
    folder : Path, optional
        Where ``models/`` lies; `datasets/` of the clone, or of the user's cache without a clone.
    force : bool
        Start again even if the model is there or a training was stopped.
    console : rich.console.Console, optional
        Where progress is shown; the terminal unless told.

    Returns
    -------
    list of Path
        The ``.keras`` files.

    Raises
    ------
    CourseError
        Unknown lesson or model; a model that is over 4 MB, that safe mode refuses or that diverges; a folder
        that cannot be written to. A file that was there before then stands unharmed.
    """
    from rich.console import Console

    recipes = select(lesson, names)
    console = console or Console(highlight=False, soft_wrap=True)
    return [_ship(recipe, Path(folder or destination()), force, console) for recipe in recipes]


def _ship(recipe: Recipe, folder: Path, force: bool, console: Console) -> Path:
    """Train one model unless it is there, and write it."""
    path = folder / trained.file_of(recipe.name)
    if force:
        checkpoint.remove(recipe)
    elif (card := _card_at(path, recipe)) is not None:
        if (renewed := card | recipe.words()) != card:
            write_with_card(path, path.read_bytes(), renewed)
            _say(console, recipe, "its card has the new words of the recipe.")
        _say(console, recipe, f"nothing to do, {path} is intact; --force trains it again.")
        return path
    model = _build(recipe)
    _bytes_of(model, recipe)  # what could not be shipped is not trained
    state = _restore(recipe, model, console)
    try:
        _run(recipe, model, state, console)
        content, shipped = _bytes_of(model, recipe)
        card = _card(recipe, shipped, state, model.optimizer.name, len(content))
    except KeyboardInterrupt:
        if state.epoch:
            done = f"stopped after epoch {state.epoch} of {recipe.epochs}"
            _say(console, recipe, f"{done}; the same command goes on from there.")
        raise
    write_with_card(path, content, card)
    checkpoint.remove(recipe)
    _say(console, recipe, f"trained, {len(content) / 1e3:,.0f} kB in {path}.")
    return path


def _say(console: Console, recipe: Recipe, text: str) -> None:
    console.print(f"{recipe.name}: {text}", markup=False)


def _card_at(path: Path, recipe: Recipe) -> dict[str, Any] | None:
    """The card beside ``path``, if both are intact and of this recipe."""
    try:
        card = intact_card(path, trained.file_of(recipe.name), "")
    except CourseError:
        return None
    return card if card | recipe.facts() == card else None


def _build(recipe: Recipe) -> keras.Model:
    import keras

    keras.utils.clear_session()  # the names of layers do not hang on what was built before
    set_seed(recipe.seed)
    model = recipe.build()
    if not (model.built and model.compiled):
        raise CourseError(
            f"The recipe {recipe.name} must build a model that has weights and is compiled: give it an Input "
            "and call compile."
        )
    return model


def _restore(recipe: Recipe, model: keras.Model, console: Console) -> checkpoint.State:
    try:
        state = checkpoint.restore(recipe, model)
    except CourseError as problem:
        _say(console, recipe, f"starts again. {problem}")
        return checkpoint.State()
    if state.epoch:
        _say(console, recipe, f"goes on after epoch {state.epoch} of {recipe.epochs}.")
    return state


def _run(recipe: Recipe, model: keras.Model, state: checkpoint.State, console: Console) -> None:
    """Train what is left of the epochs, and keep the state after each."""
    with _bar(console) as progress:
        loss = f"{state.history[-1]['loss']:.4g}" if state.epoch else "–"
        task = progress.add_task(recipe.name, total=recipe.epochs, completed=state.epoch, loss=loss)
        before = _core_seconds()
        while state.epoch < recipe.epochs:
            logs = _epoch(recipe, model, state.epoch, progress, task)
            if not math.isfinite(logs["loss"]):
                raise CourseError(
                    f"The loss of {recipe.name} is {logs['loss']} after epoch {state.epoch + 1}: lower the "
                    "learning rate in its recipe."
                )
            now = _core_seconds()
            state.history.append(logs)
            state.core_seconds, before = state.core_seconds + now - before, now
            checkpoint.save(recipe, model, state)
            progress.update(task, completed=state.epoch, loss=f"{logs['loss']:.4g}")


def _epoch(recipe: Recipe, model: keras.Model, epoch: int, progress: Progress, task: Any) -> dict[str, float]:
    """One epoch, which is the same after an interruption; returns what Keras logs, and the learning rate."""
    import keras

    _start_random_numbers(model, recipe.epoch_seed(epoch))
    data = recipe.data(epoch)
    x, *targets = data if isinstance(data, tuple) else (data,)
    is_dataset = isinstance(x, keras.utils.PyDataset)
    if not is_dataset and (found := len(keras.tree.flatten(x)[0])) != recipe.events:
        raise CourseError(f"The recipe {recipe.name} says {recipe.events} events an epoch and makes {found}.")
    if recipe.learning_rate:
        model.optimizer.learning_rate = recipe.learning_rate(epoch)

    def show(batch: int, logs: dict[str, float]) -> None:
        share = (batch + 1) / callback.params["steps"] if callback.params["steps"] else 0
        progress.update(task, completed=epoch + share, loss=f"{logs['loss']:.4g}")

    callback = keras.callbacks.LambdaCallback(on_train_batch_end=show)
    done = model.fit(
        x,
        *targets[:1],
        sample_weight=targets[1] if len(targets) > 1 else None,
        batch_size=None if is_dataset else recipe.batch_size,
        initial_epoch=epoch,
        epochs=epoch + 1,
        verbose=0,
        callbacks=[callback],
    )
    logs = {name: float(values[-1]) for name, values in done.history.items()}
    return logs | {"learning_rate": float(model.optimizer.learning_rate)}


def _start_random_numbers(model: keras.Model, seed: int) -> None:
    """Order of events, dropout and noise: each layer keeps a state, which Keras does not store."""
    set_seed(seed)
    states = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    for number, state in enumerate(states):
        first = np.random.SeedSequence([seed, number]).generate_state(1)[0]
        state.assign(np.array([first, 0], dtype=state.dtype))


def _bytes_of(model: keras.Model, recipe: Recipe) -> tuple[bytes, keras.Model]:
    """The file to be shipped, and the model that is read from it in safe mode: without optimiser."""
    content, shipped = model_bytes(model, recipe.name, f"mend {recipe.build.__module__}")
    if len(content) > MAX_BYTES:
        raise CourseError(
            f"{recipe.name} would be {len(content) / 1e6:.1f} MB, and the course ships none over "
            f"{MAX_BYTES / 1e6:.0f} MB: give it fewer weights."
        )
    return content, shipped


def _card(
    recipe: Recipe, shipped: keras.Model, state: checkpoint.State, optimiser: str, size: int
) -> dict[str, Any]:
    """What is known about a model; its checksum is added when it is written."""
    import keras

    set_seed(recipe.seed)
    first, last = state.history[0], state.history[-1]
    return {
        "file": trained.file_of(recipe.name),
        "name": recipe.name,
        "lesson": recipe.lesson,
        **recipe.words(),
        **recipe.facts(),
        "events_seen": recipe.epochs * recipe.events,
        "optimiser": optimiser,
        "learning_rate": {"first": _rounded(first["learning_rate"]), "last": _rounded(last["learning_rate"])},
        "loss": {"first": _rounded(first["loss"]), "last": _rounded(last["loss"])},
        "core_seconds": round(state.core_seconds, 1),
        "device": keras.distribution.list_devices()[0],
        "versions": _versions(),
        "weights": shipped.count_params(),
        "bytes": size,
        "result": recipe.result(shipped),
        "licence": LICENCE,
    }


def _versions() -> dict[str, str]:
    import keras
    import tensorflow as tf

    return {
        "hepml_course": __version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _core_seconds() -> float:
    """Processor time of this process and of those it has waited for, all cores together."""
    return sum(os.times()[:4])


def _bar(console: Console) -> Progress:
    """A line for a training: name, bar, epoch, loss, time left."""
    from rich import progress

    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("epoch {task.completed:.1f} of {task.total:.0f}, loss {task.fields[loss]}"),
        progress.TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
    )
