"""What can be wrong with events that were read: refused in one sentence, mended where asked, or doubted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hepml_course.errors import CourseError

if TYPE_CHECKING:
    from collections import Counter

    from hepml_course.report.question import Question

MOST = 5_000_000  # events that are kept
FEWEST = 20  # events of a class in each half

Columns = dict[str, NDArray]


def require_events(count: Counter, question: Question) -> None:
    """Raise a `CourseError` unless both classes are there, and not too many events."""
    if not count["read"]:
        raise CourseError("The files hold no events: give others.")
    if not count["selected"]:
        raise CourseError(
            f"None of the {count['read']:,} events passes --select {question.select}: loosen the selection."
        )
    if count["both"]:
        raise CourseError(
            f"{count['both']:,} events are signal and background at once by {question.signal} and "
            f"{question.background}: make the two conditions exclude each other."
        )
    if count["undefined"] and not question.drop_nan:
        raise CourseError(
            f"A column that tells signal from background is NaN or empty in {count['undefined']:,} of "
            f"{count['selected']:,} events: leave them out with --drop-nan."
        )
    for name, other in (("signal", "background"), ("background", "signal")):
        if not count[name]:
            asked = question.signal if name == "signal" else question.background or f"not {question.signal}"
            raise CourseError(
                f"None of the events is {name} ({asked}) and {count[other]:,} are {other}: both classes are "
                "needed, so look at --signal and --background."
            )
    if count["kept"] > MOST:
        # Each class is rounded up, so that one event more of each may be kept.
        every = max(10, -(-(count["signal"] + count["background"]) // (MOST - 2)))
        raise CourseError(
            f"{count['kept']:,} events are more than the {MOST:,} that fit: add --every {every}, which keeps "
            f"one of {every} events of each class and multiplies its weight by {every}."
        )


def clean(columns: Columns, named: Mapping[str, str], weight: str, signal: str, *, drop: bool) -> list[str]:
    """Refuse NaN and infinite values, or drop their events; refuse weights that make no sample.

    Returns
    -------
    list of str
        Sentences about what was dropped.
    """
    bad_weights = int((~np.isfinite(columns[weight])).sum())
    if bad_weights and not drop:
        raise CourseError(
            f"{bad_weights:,} of the {len(columns[weight]):,} weights are NaN or infinite: leave these "
            "events out with --drop-nan, or by --select."
        )
    told = []
    bad = {name: ~np.isfinite(columns[name]) for name in (*named, weight)}
    counts = {name: int(found.sum()) for name, found in bad.items() if found.any()}
    if counts:
        if not drop:
            raise CourseError(_not_finite(columns, named, counts))
        dropped = np.logical_or.reduce([bad[name] for name in counts])
        where = ", ".join(
            f"{count:,} in {'the weight' if name == weight else name}" for name, count in counts.items()
        )
        told.append(f"Left out because of NaN or infinite values: {int(dropped.sum()):,} ({where}).")
        for name in columns:
            columns[name] = columns[name][~dropped]
    del bad
    _require_weights(columns[weight], columns[signal])
    return told


def _not_finite(columns: Columns, named: Mapping[str, str], counts: Mapping[str, int]) -> str:
    name = max(counts, key=counts.get)
    nans = int(np.isnan(columns[name]).sum())
    kinds = [f"{nans:,} NaN"] if nans else []
    if counts[name] > nans:
        kinds.append(f"{counts[name] - nans:,} infinite values")
    others = f", and {len(counts) - 1} other columns hold some, too" if len(counts) > 1 else ""
    return (
        f"{named[name]} holds {' and '.join(kinds)}{others}: leave these events out with --drop-nan, or "
        f"leave {name} out."
    )


def _require_weights(weights: NDArray, is_signal: NDArray[np.bool_]) -> None:
    for name, members in (("signal", is_signal), ("background", ~is_signal)):
        w = weights[members]
        if not len(w):
            raise CourseError(
                f"No {name} is left after events with NaN were left out: leave out that column."
            )
        if not w.any():
            raise CourseError(f"All {len(w):,} weights of the {name} are 0: choose another weight, or none.")
        if (w <= 0).all():
            raise CourseError(
                f"All {len(w):,} weights of the {name} are negative or 0: turn the sign of the weight."
            )
        if w.sum() <= 0:
            raise CourseError(
                f"The weights of the {name} sum to {w.sum():.4g}, more negative than positive weight: choose "
                "another weight, or more events."
            )


def constant(columns: Columns, names: Iterable[str]) -> list[str]:
    """The columns with the same value in all events."""
    return [name for name in names if (columns[name] == columns[name][0]).all()]


def require_halves(
    columns: Columns, odd: NDArray[np.bool_], weight: str, signal: str, split: str | None
) -> None:
    """Raise a `CourseError` unless each half has enough of each class to say anything."""
    is_signal, w = columns[signal], columns[weight]
    for half, rows in (("training", ~odd), ("test", odd)):
        for name, members in (("signal", is_signal & rows), ("background", ~is_signal & rows)):
            n = int(members.sum())
            if n < FEWEST:
                by = f" (split by {split})" if split else ""
                raise CourseError(
                    f"There are {n} {name} events for the {half}{by}, and fewer than {FEWEST} say nothing: "
                    f"give more events{', or another --split' if split else ''}."
                )
            if w[members].sum() <= 0:
                raise CourseError(
                    f"The weights of the {name} sum to {w[members].sum():.4g} in the {half} half, more "
                    "negative than positive weight: give more events."
                )
