"""The winner's curse: by how much the score that chose is too high."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_number, first_difference, imitates, show, task

Floats = NDArray[np.float64]


def winners_curse(first: Floats, second: Floats) -> float:
    """Mean over the repetitions of what the winner of `first` scores there minus what it scores in
    `second`."""
    return float(np.mean(_of_winners(first, second)))


def _of_winners(a: Floats, b: Floats) -> Floats:
    rows, winner = np.arange(len(a)), a.argmax(axis=1)
    return a[rows, winner] - b[rows, winner]


def _along(difference: Floats, column: NDArray) -> Floats:
    return np.take_along_axis(difference, column[:, None], axis=1)


# What it is, and the answer that makes it. Several answers may make the same mistake.
_WRONG = (
    ("two-winners", lambda a, b: np.mean(a.max(axis=1) - b.max(axis=1))),
    ("sign", lambda a, b: -winners_curse(a, b)),
    ("everybody", lambda a, b: np.mean(a - b)),
    ("outer-indexing", lambda a, b: np.mean(a[:, a.argmax(axis=1)] - b[:, a.argmax(axis=1)])),
    ("outer-indexing", lambda a, b: np.mean(a.max(axis=1) - b[:, a.argmax(axis=1)].mean(axis=1))),
    ("one-winner", lambda a, b: np.mean(a[:, a.mean(axis=0).argmax()] - b[:, a.mean(axis=0).argmax()])),
    ("winner-of-second", lambda a, b: np.mean(_along(a - b, b.argmax(axis=1)))),
    ("winner-of-both", lambda a, b: np.mean(_along(a - b, (a + b).argmax(axis=1)))),
    ("axis", lambda a, b: np.mean(np.take_along_axis(a - b, a.argmax(axis=0)[None], axis=0))),
    ("absolute", lambda a, b: np.mean(np.abs(_of_winners(a, b)))),
    ("clipped", lambda a, b: np.mean(np.clip(_of_winners(a, b), 0, None))),
    ("largest-difference", lambda a, b: np.mean((a - b).max(axis=1))),
    ("against-the-field", lambda a, b: np.mean(a.max(axis=1) - b.mean(axis=1))),
    ("median", lambda a, b: np.median(_of_winners(a, b))),
    ("sum", lambda a, b: np.sum(_of_winners(a, b))),
    ("one-too-few", lambda a, b: np.sum(_of_winners(a, b)) / (len(a) - 1)),
    ("root", lambda a, b: np.mean(_of_winners(a, b)) / np.sqrt(len(a))),
    ("one-row", lambda a, b: _of_winners(a, b)[0]),
    ("one-row", lambda a, b: _of_winners(a, b)[-1]),
    ("one-cell", lambda a, b: a.flat[a.argmax()] - b.flat[a.argmax()]),
)


@task(
    "tuning.winners_curse",
    reference=winners_curse,
    right="Right. Positive although nobody cheated: that is what choosing costs.",
    hints=[
        "In each repetition, each row, one candidate wins `first`. Which column is it?",
        "Then look up the same column in both tables, take the difference, and average over the rows.",
        "`winner = first.argmax(axis=1)`, then `first[np.arange(len(first)), winner]`.",
    ],
    mistakes={
        "two-winners": "You compared the best of `first` with the best of `second`. That may be another "
        "candidate, and it was chosen as well. Follow the one that won `first`.",
        "sign": "You gave {got}. Asked is the score that chose minus the score on the second half: {right}.",
        "everybody": "You averaged over all candidates, {got}. Only the winner of each row counts.",
        "outer-indexing": "`table[:, winner]` takes the winning columns of *all* rows out of every row. Each "
        "row has its own winner: `table[np.arange(len(table)), winner]`.",
        "one-winner": "You took one candidate for all repetitions. Each row chooses anew.",
        "winner-of-second": "You chose by `second`. The first table chooses, the second judges.",
        "winner-of-both": "You chose by the sum of both tables. The first chooses alone, the second judges.",
        "axis": "You took the best row of each column. Rows are repetitions, columns are candidates.",
        "absolute": "You averaged absolute values. A winner may score higher on the second half, too.",
        "clipped": "You left out the negative differences. A winner who scores higher in `second` counts.",
        "largest-difference": "You took the largest difference of each row. Take that of the candidate with "
        "the highest score in `first`.",
        "against-the-field": "You compared the winner with the mean of all candidates on the second half.",
        "median": "You gave {got}, the median over the rows. Asked is the mean.",
        "sum": "You gave {got}, the sum over the rows. Asked is the mean.",
        "one-too-few": "You divided by one row less than there are. A mean divides by their number.",
        "root": "You divided the mean by the root of the number of rows, which belongs to an error.",
        "one-row": "You gave {got}, the difference of one row alone. Average over all rows.",
        "one-cell": "You gave {got}, for the highest score of the whole table. Each row has a winner.",
        "not-averaged": "You gave {n} numbers, one per repetition. Average them.",
        "other": "For first = {first} and second = {second}, a row for each repetition, it is {right}; "
        "yours is {got}.",
        "other-large": "For a table of {rows} rows it is {right}; yours is {got}. With three rows you are "
        "right.",
    },
)
def _winners_curse(answer, rng):
    cases = _tables(rng)
    results = []
    for a, b in cases:
        got = answer(a.copy(), b.copy())
        if got is not None and np.shape(got) == (len(a),):
            raise NotYet("not-averaged", n=len(a))
        results.append(as_number(got))
    k = first_difference(results, winners_curse, cases)
    if k is None:
        return
    a, b = cases[k]
    shown = {"got": results[k], "right": winners_curse(a, b)}
    for mistake, wrong in _WRONG:
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    if k:
        raise NotYet("other-large", rows=len(a), **shown)
    first, second = (", ".join(map(show, table)) for table in (a, b))
    raise NotYet("other", first=first, second=second, **shown)


def _tables(rng: np.random.Generator) -> list[tuple[Floats, Floats]]:
    """Three rows to recompute, and many, in none of which two candidates share the first place."""
    small = (
        np.array([[0.90, 0.93], [0.92, 0.91], [0.95, 0.90]]),
        np.array([[0.91, 0.86], [0.91, 0.94], [0.97, 0.89]]),
    )
    quality = np.array([0.90, 0.90, 0.91, 0.89])
    first, second = (np.round(quality + rng.normal(0, 0.01, (60, 4)), 4) for _ in range(2))
    alone = (first == first.max(axis=1, keepdims=True)).sum(axis=1) == 1
    return [small, (first[alone][:50], second[alone][:50])]
