"""What somebody wants to have evaluated: files, classes, columns and a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Question:
    """What to read.

    Attributes
    ----------
    files : sequence of Path
        ROOT, CSV or Parquet files.
    signal, background : str
        A condition, a tree, or one of several files; background is everything else by default.
    weight : str, optional
        Column or formula of the event weight; 1 for each event by default.
    features : sequence of str, optional
        Columns or formulas to train with; by default all columns of numbers that have no other part to play.
    tree : str, optional
        The tree of a ROOT file, where there is more than one.
    spectators, scores : sequence of str
        Columns or formulas to watch, and scores that exist already.
    select : str, optional
        Condition that events of both classes have to pass.
    split : str, optional
        Column of whole numbers: even ones are for training, odd ones for the test. By default every second
        event of each class is for the test.
    every : int
        Keep every so-manieth event of each class, and multiply the weights by it.
    drop_nan : bool
        Leave out events with NaN or infinite values instead of refusing them.
    """

    files: Sequence[Path]
    signal: str
    background: str | None = None
    weight: str | None = None
    features: Sequence[str] | None = None
    tree: str | None = None
    spectators: Sequence[str] = ()
    scores: Sequence[str] = ()
    select: str | None = None
    split: str | None = None
    every: int = 1
    drop_nan: bool = False
