"""The list of trained models that the course ships: which lesson trains them, and where each recipe is."""

from __future__ import annotations

FOLDER, SUFFIX = "models", ".keras"

RECIPES: dict[str, dict[str, str]] = {
    "15_many_tracks": {
        "hough_tracks": "hepml_course.models.recipes.hough_tracks",
        "lstm_tracks": "hepml_course.models.recipes.lstm_tracks",
        "set_tracks": "hepml_course.models.recipes.set_tracks",
    },
}
"""Lesson to its models, model to the module that holds its ``RECIPE``. A new model is entered here."""


def names() -> list[str]:
    """The models of all lessons."""
    return [name for models in RECIPES.values() for name in models]


def lesson_of(name: str) -> str:
    """The lesson that trains the model ``name``, which must be one of `names`."""
    return next(lesson for lesson, models in RECIPES.items() if name in models)


def file_of(name: str) -> str:
    """The file of a model below ``datasets/``, such as ``models/hough_tracks.keras``."""
    return f"{FOLDER}/{name}{SUFFIX}"


def files() -> list[str]:
    """The files of all models."""
    return [file_of(name) for name in names()]
