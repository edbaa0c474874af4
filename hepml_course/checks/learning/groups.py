"""Checks of a step of k-means."""

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, first_difference, imitates, task
from hepml_course.checks._student import StudentError

Floats = NDArray[np.float64]


def k_means_step(position: Floats, energy: Floats, centres: Floats) -> Floats:
    """The energy-weighted means of the deposits nearest to each centre."""
    return _k_means_step(position, energy, centres)


def _k_means_step(position, energy, centres, *, pick=np.argmin, axes=(0, 1), power=2):
    distance = np.linalg.norm((position[:, None] - centres)[..., list(axes)], ord=power, axis=2)
    nearest = pick(distance, axis=1)
    new = centres.astype(float)
    for k in range(len(centres)):
        mine = nearest == k
        if mine.any():
            new[k] = np.average(position[mine], axis=0, weights=energy[mine])
    return new


def _energy_sums(position, energy, centres):
    nearest = np.linalg.norm(position[:, None] - centres, axis=2).argmin(axis=1)
    return np.array([energy[nearest == k] @ position[nearest == k] for k in range(len(centres))])


def _until_it_stays(position, energy, centres):
    for _ in range(20):
        centres = _k_means_step(position, energy, centres)
    return centres


_WRONG_K_MEANS = {
    "unweighted": lambda x, e, c: _k_means_step(x, np.ones(len(e)), c),
    "farthest": lambda x, e, c: _k_means_step(x, e, c, pick=np.argmax),
    "energy-sum": _energy_sums,
    "eta-only": lambda x, e, c: _k_means_step(x, e, c, axes=(0,)),
    "phi-only": lambda x, e, c: _k_means_step(x, e, c, axes=(1,)),
    "city-block": lambda x, e, c: _k_means_step(x, e, c, power=1),
    "many-steps": _until_it_stays,
    "one-mean": lambda x, e, c: np.tile(np.average(x, axis=0, weights=e), (len(c), 1)),
    "stays": lambda x, e, c: c,
}


@task(
    "learning.k_means_step",
    reference=k_means_step,
    right="Right. An empty group kept its centre, and energetic deposits counted more.",
    hints=[
        "Two parts: first which centre is nearest to each deposit, then one mean for each centre.",
        "`position[:, None] - centres` has all the differences, shape (n, k, 2). `argmin` finds the nearest.",
        "`np.average(..., axis=0, weights=...)` is a weighted mean. Skip a centre that no deposit belongs "
        "to.",
    ],
    mistakes={
        "groups": "You returned the group of each deposit. The new centres are asked for, one row each.",
        "changed-input": "The `{argument}` you were given changed, too. Start from `centres.copy()`.",
        "unweighted": "Your first centre is {got}, the plain mean. Weight each deposit by its energy: "
        "{right}.",
        "farthest": "You gave each deposit to the farthest centre. `argmin`, not `argmax`.",
        "energy-sum": "Your first centre is {got}: a sum of energy times position. Divide by the energy.",
        "eta-only": "Only the first coordinate counted for the distance. Add the second.",
        "phi-only": "Only the second coordinate counted for the distance. Add the first.",
        "city-block": "You added the distances along the two axes. The distance is the root of the sum of "
        "their squares.",
        "many-steps": "You repeated the step until nothing moved. One step is asked for.",
        "one-mean": "All your centres are {got}, the mean of everything. Each has its own deposits.",
        "stays": "The centres stayed where they were.",
        "empty-raised": "Your code works as long as every centre has deposits. Where one has none, it "
        "raises: there is nothing to take the mean of. Leave that centre where it was.",
        "empty-nan": "A centre without deposits became NaN: a mean of nothing. Leave it where it was.",
        "empty-zero": "A centre without deposits moved to (0, 0). Leave it where it was.",
        "empty-lost": "A centre without deposits has disappeared: {n} became {got}. Leave it where it was.",
        "empty-moved": "A centre without deposits should stay at {right}; yours is at {got}.",
        "other": "The first centre that differs should move to {right}; yours is at {got}.",
    },
)
def _k_means(answer, rng):
    cases = [*(_clouds(rng, k) for k in (2, 3, 3)), _spread_out()]
    results = [as_array(answer(*case)) for case in cases]
    if any(got.shape == case[1].shape for got, case in zip(results, cases, strict=True)):
        raise NotYet("groups")
    results = [as_array(got, case[2].shape) for got, case in zip(results, cases, strict=True)]
    for mistake, wrong in _WRONG_K_MEANS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, got=results[0][0], right=k_means_step(*cases[0])[0])
    k = first_difference(results, k_means_step, cases)
    if k is not None:
        right = k_means_step(*cases[k])
        row = int(np.argmax(~np.isclose(results[k], right).all(axis=1)))
        raise NotYet("other", right=right[row], got=results[k][row])
    _with_an_empty_group(answer, *_clouds(rng, 2))


def _with_an_empty_group(answer, position, energy, centres):
    far = np.array([50.0, 50.0])
    try:
        got = as_array(answer(position, energy, np.vstack([centres, far])), finite=False)
    except StudentError:
        raise NotYet("empty-raised") from None
    if len(got) < len(centres) + 1:
        raise NotYet("empty-lost", n=len(centres) + 1, got=len(got))
    if np.isnan(got).any():
        raise NotYet("empty-nan")
    if not got[-1].any():
        raise NotYet("empty-zero")
    if not np.allclose(got[-1], far):
        raise NotYet("empty-moved", right=far, got=got[-1])


def _clouds(rng: np.random.Generator, k: int) -> tuple[Floats, Floats, Floats]:
    """Deposits around k centres that are not in the middle of them; no group is empty."""
    centres = np.array([[1.0, 4.0], [4.0, 1.0], [5.0, 5.0]])[:k]
    position = np.concatenate([centre + rng.integers(-14, 15, (8, 2)) / 10 for centre in centres])
    return position, rng.integers(1, 10, len(position)).astype(float), centres + 0.3


def _spread_out() -> tuple[Floats, Floats, Floats]:
    """Deposits that change their group when the distance is another one, and again after the first step."""
    position = np.array([[7.0, 9.0], [2.0, 2.0], [7.0, 8.0], [5.0, 1.0], [8.0, 5.0], [1.0, 1.0], [4.0, 6.0]])
    return position, np.array([2.0, 4.0, 1.0, 2.0, 3.0, 4.0, 1.0]), np.array([[0.0, 0.0], [5.0, 2.0]])
