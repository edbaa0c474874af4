"""Which variables matter: before training by separation, after training by what shuffling one costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.metrics import Estimate, auc_difference, separation
from hepml_course.report.scores import score
from hepml_course.report.summary import Shown, shown
from hepml_course.report.table import Sample

SEPARATION = "separation ⟨S²⟩"
MOST = 20_000  # events that are shuffled and scored again: more would only take longer


def ranking(
    test: Sample, methods: Mapping[str, Any], *, repeats: int = 3, rng: np.random.Generator | int = 0
) -> Shown:
    """One row per feature, the best separation first.

    The importance of a variable to a method is the loss of ROC integral on test events when each event gets
    the variable of another one, drawn with the weights of both classes together at equal parts. Two
    variables that know the same thing both look unimportant: what one loses, the other still tells.

    Parameters
    ----------
    test : Sample
    methods : mapping of str to object
        Those that can score events anew.
    repeats : int
        How often each variable is shuffled. The uncertainty holds the spread of the repeats and that of the
        events, at most 20,000 of them.
    rng : numpy.random.Generator or int
        Source of random numbers, or a seed.
    """
    rng = np.random.default_rng(rng)
    part = _part(test, rng)
    before = {name: score(method, name, part) for name, method in methods.items()}
    rows = {}
    for feature in test.features:
        apart = separation(test.column(feature), test.y, test.weights, signed=True)
        row = {(SEPARATION, "value"): apart}
        for name, losses in _losses(part, methods, before, feature, repeats, rng).items():
            row[(f"loss {name}", "value")] = losses
        rows[feature] = row
    return Shown(shown(rows).sort_values((SEPARATION, "value"), ascending=False))


def _losses(
    part: Sample,
    methods: Mapping[str, Any],
    before: Mapping[str, NDArray],
    feature: str,
    repeats: int,
    rng: np.random.Generator,
) -> dict[str, Estimate]:
    found: dict[str, list[Estimate]] = {name: [] for name in methods}
    for _ in range(repeats):
        other = Sample(
            part.table.assign(**{feature: part.table[feature].to_numpy()[_donors(part, rng)]}),
            part.y, part.weights, part.features, part.spectators,
        )  # fmt: skip
        for name, method in methods.items():
            after = score(method, name, other)
            found[name].append(auc_difference(before[name], after, part.y, part.weights, signed=True))
    return {name: _mean(losses) for name, losses in found.items()}


def _mean(losses: list[Estimate]) -> Estimate:
    values = np.array([loss.value for loss in losses])
    spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return Estimate(float(values.mean()), float(np.hypot(np.mean([loss.error for loss in losses]), spread)))


def _donors(part: Sample, rng: np.random.Generator) -> NDArray[np.intp]:
    """For each event another one, whose variable it gets; both classes give equally, by absolute weight."""
    size = np.abs(part.weights)
    share = np.where(part.y, size / size[part.y].sum(), size / size[~part.y].sum()) / 2
    return rng.choice(len(part), len(part), p=share / share.sum())


def _part(sample: Sample, rng: np.random.Generator) -> Sample:
    """At most `MOST` events, half of each class as far as there are enough."""
    if len(sample) <= MOST:
        return sample
    kept = np.concatenate(
        [
            rng.choice(rows, min(len(rows), MOST // 2), replace=False)
            for rows in (np.flatnonzero(sample.y), np.flatnonzero(~sample.y))
        ]
    )
    kept.sort()
    return Sample(
        sample.table.iloc[kept].reset_index(drop=True),
        sample.y[kept], sample.weights[kept], sample.features, sample.spectators,
    )  # fmt: skip
