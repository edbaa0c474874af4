"""Checks of a step of Q-learning."""

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task

Floats = NDArray[np.float64]


def q_step(Q: Floats, s: int, m: int, r: float, after: int, alpha: float, gamma: float) -> Floats:
    """The table after one step of Q-learning."""
    return _q_step(Q, s, m, alpha, r + gamma * Q[after].max() - Q[s, m])


def _q_step(Q, s, m, alpha, change):
    new = Q.astype(float)
    new[s, m] += alpha * change
    return new


def _assigned(Q, s, m, value):
    new = Q.astype(float)
    new[s, m] = value
    return new


_WRONG_Q_STEPS = {
    "no-discount": lambda Q, s, m, r, after, al, ga: q_step(Q, s, m, r, after, al, 1.0),
    "no-alpha": lambda Q, s, m, r, after, al, ga: q_step(Q, s, m, r, after, 1.0, ga),
    "no-reward": lambda Q, s, m, r, after, al, ga: q_step(Q, s, m, 0.0, after, al, ga),
    "no-future": lambda Q, s, m, r, after, al, ga: q_step(Q, s, m, r, after, al, 0.0),
    "same-cell": lambda Q, s, m, r, after, al, ga: q_step(Q, s, m, r, s, al, ga),
    "same-move": lambda Q, s, m, r, after, al, ga: _q_step(Q, s, m, al, r + ga * Q[after, m] - Q[s, m]),
    "table-best": lambda Q, s, m, r, after, al, ga: _q_step(Q, s, m, al, r + ga * Q.max() - Q[s, m]),
    "mean": lambda Q, s, m, r, after, al, ga: _q_step(Q, s, m, al, r + ga * Q[after].mean() - Q[s, m]),
    "argmax": lambda Q, s, m, r, after, al, ga: _q_step(Q, s, m, al, r + ga * Q[after].argmax() - Q[s, m]),
    "old-kept": lambda Q, s, m, r, after, al, ga: _q_step(Q, s, m, al, r + ga * Q[after].max()),
    "assigned": lambda Q, s, m, r, after, al, ga: _assigned(
        Q, s, m, al * (r + ga * Q[after].max() - Q[s, m])
    ),
    "old-lost": lambda Q, s, m, r, after, al, ga: _assigned(Q, s, m, al * (r + ga * Q[after].max())),
    "all-discounted": lambda Q, s, m, r, after, al, ga: _q_step(
        Q, s, m, al, ga * (r + Q[after].max()) - Q[s, m]
    ),
    "stays": lambda Q, *rest: Q,
}


@task(
    "learning.q_step",
    reference=q_step,
    right="Right. One entry moved a part of the way to what the particle has just seen.",
    hints=[
        "Only one entry of the table changes: row s, column m.",
        "`Q[after].max()` is what the particle can expect from the new cell on.",
        "Copy the table. Then `new[s, m] = Q[s, m] + alpha * (...)`, with the bracket of the formula.",
    ],
    mistakes={
        "changed-input": "The table you were given changed, too. Work on `Q.copy()` and return that.",
        "entry-only": "You returned {got}, the new entry. Return the whole table with this entry in it.",
        "no-discount": "With gamma = 0.9 and with gamma = 0.5 you made the same step.",
        "no-alpha": "Q(s, m) = {old} became {got} at once. With alpha = {alpha} it goes only part of the "
        "way.",
        "no-reward": "The reward {r} did not count.",
        "no-future": "Your step does not depend on the new cell. What can be expected from there counts, "
        "too.",
        "same-cell": "You took the best move of cell {s}, where the particle was. It is now in cell {after}.",
        "same-move": "You took Q(after, m). In the new cell the particle is free to make the best move.",
        "table-best": "You took the best entry of the whole table. Only the row of the new cell counts.",
        "mean": "You took the mean over the moves of the new cell. The formula has their maximum.",
        "argmax": "You took the number of the best move. What counts is its value, `max`.",
        "old-kept": "Q(s, m) = {old} became {got}: without − Q(s, m) in the bracket it grows for ever.",
        "assigned": "You gave {got}, which is the change alone. Add it to Q(s, m) = {old}.",
        "old-lost": "Q(s, m) = {old} is forgotten in your {got}. Only a part α of it is replaced.",
        "all-discounted": "You multiplied the reward by γ as well. It comes now; only what follows is "
        "discounted.",
        "elsewhere": "An entry other than row s, column m has changed.",
        "stays": "Q(s, m) is still {old}.",
        "other": "From Q(s, m) = {old}, r = {r}, α = {alpha}, γ = {gamma} and a best of {best} in the new "
        "cell "
        "the entry becomes {right}; yours is {got}.",
    },
)
def _q(answer, rng):
    cases = []
    for k in range(6):
        Q = rng.integers(0, 10, (4, 3)) / 10
        s, after = rng.choice(4, 2, replace=False)
        cases.append((Q, int(s), int(rng.integers(3)), 1.0 - k % 2 / 2, int(after), 0.2, [0.9, 0.5][k % 2]))
    first = answer(*cases[0])
    if np.ndim(first) == 0 and first is not None:
        raise NotYet("entry-only", got=as_number(first))
    results = [as_array(first, (4, 3))] + [as_array(answer(*case), (4, 3)) for case in cases[1:]]
    Q, s, m, r, after, alpha, gamma = cases[0]
    shown = {"s": s, "after": after, "r": r, "alpha": alpha, "gamma": gamma, "old": Q[s, m]}
    shown |= {"best": Q[after].max(), "got": results[0][s, m], "right": q_step(*cases[0])[s, m]}
    for mistake, wrong in _WRONG_Q_STEPS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    others = np.ones((4, 3), dtype=bool)
    others[s, m] = False
    if not np.allclose(results[0][others], Q[others]):
        raise NotYet("elsewhere")
    k = first_difference(results, q_step, cases)
    if k is not None:
        Q, s, m, r, after, alpha, gamma = cases[k]
        shown = {"r": r, "alpha": alpha, "gamma": gamma, "old": Q[s, m], "best": Q[after].max()}
        raise NotYet("other", **shown, got=results[k][s, m], right=q_step(*cases[k])[s, m])
