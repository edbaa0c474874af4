"""Checks of lesson 06: bias and variance, splits, choosing, stopping, dropout, augmentation."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, imitates, show, task

Floats = NDArray[np.float64]


# -- the course's own answers ------------------------------------------------------------------


def bias_variance(curves: Floats, truth: Floats) -> tuple[float, float]:
    """Squared bias and variance, averaged over the points."""
    return np.mean((curves.mean(axis=0) - truth) ** 2), np.mean(curves.var(axis=0))


def folds(n: int, k: int, rng: np.random.Generator) -> list[NDArray]:
    """Indices 0 to n - 1 in k parts, in random order."""
    return np.array_split(rng.permutation(n), k)


def part_of(number: NDArray, parts: int) -> NDArray:
    """A part for each event number that depends on nothing else."""
    return number % parts


def choose(validation: Floats, test: Floats) -> tuple[int, float]:
    """The best on validation events, and what it does on test events."""
    best = int(np.argmax(validation))
    return best, test[best]


def best_epoch(losses: Sequence[float], patience: int) -> int:
    """Epoch of the lowest loss before patience ran out."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best


def dropout(x: Floats, rate: float, rng: np.random.Generator) -> Floats:
    """Silence nodes with probability `rate` and raise the others."""
    return np.where(rng.random(x.shape) >= rate, x / (1 - rate), 0.0)


def turn(px: Floats, py: Floats, eta: Floats, phi: Floats, side: Floats) -> tuple[Floats, Floats, Floats]:
    """Rotate events around the beam and mirror them along it."""
    cos, sin = np.cos(phi)[:, None], np.sin(phi)[:, None]
    return cos * px - sin * py, sin * px + cos * py, side[:, None] * eta


def _several(answer: object, n: int, what: str) -> Sequence:
    """The answer as a sequence of n things."""
    if answer is None:
        raise NotYet("returns-nothing")
    if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != n:
        raise NotYet("not-several", what=what)
    return answer


# -- 1 bias and variance -----------------------------------------------------------------------

_SMALL = "For the curves (0, 2) and (2, 2) and the truth (0, 0)"
_WRONG_PARTS: dict[str, Callable] = {
    "axis": lambda c, t: (np.mean((c.mean(axis=1) - t.mean()) ** 2), np.mean(c.var(axis=1))),
    "variance-axis": lambda c, t: (bias_variance(c, t)[0], np.mean(c.var(axis=1))),
    "not-squared": lambda c, t: (np.mean(c.mean(axis=0) - t), np.mean(c.var(axis=0))),
    "absolute": lambda c, t: (np.mean(np.abs(c.mean(axis=0) - t)), np.mean(c.var(axis=0))),
    "squared-late": lambda c, t: (np.mean(c.mean(axis=0) - t) ** 2, np.mean(c.var(axis=0))),
    "error-for-bias": lambda c, t: (np.mean((c - t) ** 2), np.mean(c.var(axis=0))),
    "around-truth": lambda c, t: (bias_variance(c, t)[0], np.mean((c - t) ** 2)),
    "all-together": lambda c, t: (bias_variance(c, t)[0], np.var(c)),
    "spread": lambda c, t: (bias_variance(c, t)[0], np.mean(c.std(axis=0))),
    "sums": lambda c, t: (np.sum((c.mean(axis=0) - t) ** 2), np.sum(c.var(axis=0))),
    "swapped": lambda c, t: bias_variance(c, t)[::-1],
}


@task(
    "overfitting.bias_variance",
    reference=bias_variance,
    right="Right. Their sum is the mean squared distance from the truth; you can check that it is.",
    hints=[
        "The mean curve is a mean over the sets: which axis is that?",
        "Both numbers exist at every point first, and are averaged over the points last.",
        "`curves.mean(axis=0)` is the mean curve, `curves.var(axis=0)` the variance at each point.",
    ],
    mistakes={
        "not-several": "Two numbers are expected, {what}.",
        "axis": "You averaged along axis 1, over the points. The sets are axis 0.",
        "variance-axis": "Your bias is right. The variance is along axis 1, how much one curve varies from "
        "point to point; the sets are axis 0.",
        "not-squared": f"{_SMALL} your bias is {{got}}, the mean of differences of either sign. "
        "Square them first.",
        "absolute": f"{_SMALL} your bias is {{got}}, a mean of absolute differences. "
        "The squared ones add up with the variance.",
        "squared-late": f"{_SMALL} your bias is {{got}}: averaged over the points, then squared. "
        "Above and below cancel there. Square at every point.",
        "error-for-bias": f"{_SMALL} your bias is {{got}}, with the scatter of single curves in it. "
        "Average the curves first.",
        "around-truth": "Your variance is taken around the truth, so it holds the bias. Take it around the "
        "mean curve.",
        "all-together": "Your variance is that of all numbers together, with the shape of the curve in it. "
        "Take it at each point, over the sets.",
        "spread": "Your second number is the standard deviation. Its square is what adds up.",
        "sums": "Both are summed over the points. Averaged over them is asked for.",
        "swapped": "These are the two numbers in the other order. The squared bias comes first.",
        "other": f"{_SMALL} you gave {{got}}; it is (2.5, 0.5).",
    },
)
def _bias_variance(answer, rng):
    small = np.array([[0.0, 2.0], [2.0, 2.0]]), np.zeros(2)
    cases = [(rng.integers(-9, 10, (5, 4)) / 2, rng.integers(-9, 10, 4) / 2) for _ in range(4)] + [small]
    results = []
    for case in cases:
        pair = _several(answer(*case), 2, "squared bias and variance")
        results.append([as_number(value) for value in pair])
    if imitates(results, bias_variance, cases):
        return
    sample = [[a, b * 4 / 5] for a, b in results[:4]]
    if imitates(sample, bias_variance, cases[:4]):
        return  # n - 1 in the denominator: a matter of taste here
    for mistake, wrong in _WRONG_PARTS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, got=results[-1][0])
    raise NotYet("other", got=results[-1])


# -- 2 folds -----------------------------------------------------------------------------------


@task(
    "overfitting.folds",
    reference=folds,
    right="Right. Every event judges once and teaches k − 1 times.",
    hints=[
        "First shuffle all indices, then cut the row into k pieces.",
        "`rng.permutation(n)` shuffles 0 to n − 1.",
        "`np.array_split` cuts into k pieces even if n is not a multiple of k.",
    ],
    mistakes={
        "not-several": "A list of k arrays is expected, {what}.",
        "not-parts": "The parts hold something else than indices: {got}.",
        "training-parts": "Your parts hold {got} of {n} events each: these are the ones to train on. Return "
        "the parts that judge.",
        "lost": "For n = {n} and k = {k} your parts hold {got} events together. The last ones were dropped.",
        "twice": "Event {got} is in more than one part, or twice in one. Draw without putting back.",
        "from-one": "Your indices run from {low} to {high}. Python counts from 0 to n − 1.",
        "uneven": "For n = {n} and k = {k} the sizes are {got}. They should differ by one at most.",
        "ordered": "Your parts are not random: the first is {got}. If a file holds signal first, a part may "
        "hold one class only.",
        "neighbours": "Your parts come in random order, and the events within them do not: one holds {got}. "
        "Shuffle the events, then cut.",
        "same-shuffle": "With two generators in different states you dealt the same parts. Use the `rng` "
        "given.",
    },
)
def _folds(answer, rng):
    seen = []
    for n, k in [(12, 4), (11, 4), (50, 5), (50, 5)]:
        parts = answer(n, k, np.random.default_rng(int(rng.integers(1000))))
        if not isinstance(parts, (list, tuple, np.ndarray)) or len(parts) != k:
            _several(parts, k, f"here {k} of them")
        parts = [as_array(part) for part in parts]
        if any(part.ndim != 1 or part.dtype.kind not in "iu" for part in parts):
            raise NotYet("not-parts", got=show(parts[0]))
        _look_at_parts(parts, n, k)
        seen.append(np.concatenate(parts))
    if np.array_equal(seen[-1], seen[-2]):
        raise NotYet("same-shuffle")


def _look_at_parts(parts: list[NDArray], n: int, k: int) -> None:
    together = np.concatenate(parts)
    if len(together) == (k - 1) * n and k > 2:
        raise NotYet("training-parts", got=len(parts[0]), n=n)
    if len(together) and (together.min() < 0 or together.max() >= n):
        raise NotYet("from-one", low=together.min(), high=together.max())
    values, counts = np.unique(together, return_counts=True)
    if (counts > 1).any():
        raise NotYet("twice", got=values[counts > 1][0])
    if len(together) < n:
        raise NotYet("lost", n=n, k=k, got=len(together))
    sizes = [len(part) for part in parts]
    if max(sizes) - min(sizes) > 1:
        raise NotYet("uneven", n=n, k=k, got=sizes)
    orders = [np.arange(n), np.concatenate([np.arange(j, n, k) for j in range(k)])]
    if any(np.array_equal(np.concatenate([np.sort(p) for p in parts]), order) for order in orders):
        raise NotYet("ordered", got=np.sort(parts[0]))
    steps = [np.unique(np.diff(np.sort(part)) % n) for part in parts]
    if n >= 50 and sum(len(step) <= 2 for step in steps) > k / 2:
        raise NotYet("neighbours", got=np.sort(parts[0]))


# -- 3 a split that lasts ----------------------------------------------------------------------


@task(
    "overfitting.part_of",
    reference=part_of,
    right="Right. The number decides, and nothing else in the table does.",
    hints=[
        "Only the number of an event may decide, not its place in the table.",
        "What does a number leave when it is divided by `parts`?",
        "`number % parts`; to be safe against patterns in the numbers, mix the digits first. "
        "Not with Python's `hash` of a text: it differs from session to session.",
    ],
    mistakes={
        "changes": "The same numbers got other parts in a second call. Is chance involved?",
        "place": "Event {number} got part {first}, and part {second} once the table was sorted otherwise. "
        "Its place in the table must not matter.",
        "company": "Event {number} got part {first}, and part {second} when other events were left out. "
        "Something is computed from the whole table.",
        "longer": "Numbers up to 100000 are dealt well; of {n} numbers up to ten million your parts hold "
        "{got}. A later production counts on.",
        "range": "For {parts} parts you gave parts from {low} to {high}. They run from 0 to {parts} − 1.",
        "not-whole": "The parts are counted, and yours are no whole numbers: {got}.",
        "two-only": "For {parts} parts only {got} of them hold events.",
        "uneven": "Of {n} events your parts hold {got}. They should be about equally large.",
    },
)
def _part_of(answer, rng):
    parts, n = 4, 2000
    number = rng.permutation(100_000)[:n] + 1
    got = as_array(answer(number.copy(), parts), (n,))
    if not np.array_equal(got, np.round(got)):
        raise NotYet("not-whole", got=got[:3])
    if not np.array_equal(got, as_array(answer(number.copy(), parts), (n,))):
        raise NotYet("changes")
    order = rng.permutation(n)
    shuffled = as_array(answer(number[order], parts), (n,))
    if (moved := np.flatnonzero(shuffled != got[order])).size:
        k = moved[0]
        raise NotYet("place", number=number[order][k], first=int(got[order][k]), second=int(shuffled[k]))
    few = np.sort([k for k in order[: n // 2] if number[k] < 50_000])  # other places, other largest number
    alone = as_array(answer(number[few], parts), (len(few),))
    if (moved := np.flatnonzero(alone != got[few])).size:
        k = moved[0]
        raise NotYet("company", number=number[few][k], first=int(got[few][k]), second=int(alone[k]))
    if got.min() < 0 or got.max() >= parts:
        raise NotYet("range", parts=parts, low=int(got.min()), high=int(got.max()))
    counts = np.bincount(got.astype(int), minlength=parts)
    if (counts == 0).any():
        raise NotYet("two-only", parts=parts, got=int(np.count_nonzero(counts)))
    if np.abs(counts - n / parts).max() > 5 * np.sqrt(n / parts):
        raise NotYet("uneven", n=n, got=counts)
    later = as_array(answer(rng.permutation(10_000_000)[:n] + 1, parts), (n,))
    counts = [int(np.count_nonzero(later == part)) for part in range(parts)]
    if np.abs(np.array(counts) - n / parts).max() > 5 * np.sqrt(n / parts):
        raise NotYet("longer", n=n, got=counts)


# -- 4 choose and quote ------------------------------------------------------------------------


@task(
    "overfitting.choose",
    reference=choose,
    right="Right. The validation events chose, and the test events speak once, about the chosen one.",
    hints=[
        "Which of the two samples may choose, and which may be quoted?",
        "Find the place of the largest validation AUC, then look at the same place in `test`.",
        "`best = np.argmax(validation)`, then `best, test[best]`.",
    ],
    mistakes={
        "not-several": "Two things are expected, {what}.",
        "by-test": "You took model {got}, the best on test events. Now the test events have chosen, and "
        "nothing is left to quote.",
        "quoted-validation": "The model is right. You quote {got}, the score that chose it: on average it is "
        "too high.",
        "quoted-best-test": "The model is right. You quote {got}, the best test AUC of all, which belongs to "
        "another model.",
        "by-both": "You took the model with the best sum of both. Then test events took part in the choice.",
        "worst": "You took model {got}, the one with the lowest validation AUC.",
        "value-first": "The index comes first, then the AUC.",
        "other": "For validation {validation} and test {test} the answer is {right}; yours is {got}.",
    },
)
def _choose(answer, rng):
    cases, results = [(np.array([0.80, 0.88, 0.84]), np.array([0.81, 0.83, 0.86]))], []
    while len(cases) < 6:
        case = tuple(rng.integers(700, 950, (2, 6)) / 1000)
        picks = {int(np.argmax(a)) for a in (*case, case[0] + case[1], -case[0])}
        if len(picks) == 4 and len(np.unique(case)) == 12:
            cases.append(case)
    for case in cases:
        pair = _several(answer(*case), 2, "the index of the model and the AUC to quote")
        results.append([as_number(value) for value in pair])
    if imitates(results, choose, cases):
        return
    wrong = {
        "by-test": lambda v, t: (np.argmax(t), t.max()),
        "quoted-validation": lambda v, t: (np.argmax(v), v.max()),
        "quoted-best-test": lambda v, t: (np.argmax(v), t.max()),
        "worst": lambda v, t: (np.argmin(v), t[np.argmin(v)]),
        "value-first": lambda v, t: choose(v, t)[::-1],
    }
    for mistake, function in wrong.items():
        if imitates(results, function, cases):
            raise NotYet(mistake, got=results[0][0 if mistake in ("by-test", "worst") else 1])
    if imitates([r[:1] for r in results[1:]], lambda v, t: [np.argmax(v + t)], cases[1:]):
        raise NotYet("by-both")
    if imitates([r[:1] for r in results[1:]], lambda v, t: [np.argmax(t)], cases[1:]):
        raise NotYet("by-test", got=results[0][0])
    k = next(k for k, case in enumerate(cases) if not np.allclose(results[k], choose(*case)))
    v, t = cases[k]
    raise NotYet("other", validation=v, test=t, right=choose(v, t), got=results[k])


# -- 5 when to stop ----------------------------------------------------------------------------


def _stopped(losses, patience):
    """The epoch at which the training ends."""
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            return epoch
    return len(losses) - 1


def _against_the_last(losses, patience):
    waited = 0
    for epoch in range(1, len(losses)):
        waited = waited + 1 if losses[epoch] >= losses[epoch - 1] else 0
        if waited >= patience:
            return int(np.argmin(losses[: epoch + 1]))
    return int(np.argmin(losses))


def _never_reset(losses, patience):
    best, waited = 0, 0
    for epoch in range(1, len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            waited += 1
            if waited >= patience:
                break
    return best


def _ties_are_better(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        best = epoch if loss <= losses[best] else best
        if epoch - best >= patience:
            break
    return best


def _rises_in_a_row(losses, patience):
    for epoch in range(patience, len(losses)):
        if all(losses[i + 1] >= losses[i] for i in range(epoch - patience, epoch)):
            return epoch - patience
    return int(np.argmin(losses))


_WRONG_STOPS = {
    "global": lambda losses, patience: int(np.argmin(losses)),
    "stopped": _stopped,
    "before-stop": lambda losses, patience: max(_stopped(losses, patience) - 1, 0),
    "longer": lambda losses, patience: best_epoch(losses, patience + 1),
    "shorter": lambda losses, patience: best_epoch(losses, patience - 1),
    "last-compared": _against_the_last,
    "never-reset": _never_reset,
    "ties": _ties_are_better,
    "rises": _rises_in_a_row,
    "highest": lambda losses, patience: best_epoch([-loss for loss in losses], patience),
    "from-one": lambda losses, patience: best_epoch(losses, patience) + 1,
}


@task(
    "overfitting.best_epoch",
    reference=best_epoch,
    right="Right. What comes after the stop is never known, however good it would have been.",
    hints=[
        "Go through the epochs one by one and remember the best so far.",
        "Patience counts the epochs since the best one. A new best starts the count again.",
        "Stop where `epoch - best >= patience`, and return `best`, not `epoch`.",
    ],
    mistakes={
        "global": "For losses {losses} and patience {patience} you kept epoch {got}, the best of all. The "
        "training had stopped before.",
        "stopped": "For losses {losses} and patience {patience} you kept epoch {got}, where it stopped. "
        "Its weights are worse than those of the best epoch.",
        "before-stop": "You kept epoch {got}, the one before the stop, for losses {losses} and patience "
        "{patience}. Which one was the best?",
        "longer": "For losses {losses} and patience {patience} you waited one epoch too long.",
        "shorter": "For losses {losses} and patience {patience} you stopped one epoch too early.",
        "last-compared": "You compare each loss with the one before. In {losses} with patience {patience} "
        "the loss creeps down again without beating the best.",
        "never-reset": "For losses {losses} and patience {patience} a new best did not start the "
        "count again.",
        "ties": "For losses {losses} and patience {patience} you took an equal loss for a better one. "
        "Only a lower one starts the count again.",
        "rises": "You wait for {patience} rises in a row and keep the epoch before them. Count the "
        "epochs since the best one, whether they rise or not: losses {losses}.",
        "highest": "You keep the highest loss. It should be low.",
        "from-one": "You are one epoch late: epochs are counted from 0.",
        "value": "You gave {got}, a loss. The epoch is asked for, a whole number.",
        "other": "For losses {losses} and patience {patience} the epoch is {right}; yours is {got}.",
    },
)
def _best_epoch(answer, rng):
    cases = [([5, 3, 4, 4, 2], 2), ([9, 5, 7, 6, 4, 3], 2), ([9, 8, 8, 7, 8, 6, 7, 8, 8, 5], 3)]
    cases += [([5, 6, 4, 5, 3, 4, 2, 3, 3, 3, 1], 3), ([4, 3, 2, 1], 2), ([6, 5, 6, 7, 8, 9], 4)]
    cases += [(list(map(float, rng.integers(1, 30, 12))), int(rng.integers(2, 5))) for _ in range(25)]
    results = [as_number(answer(list(losses), patience)) for losses, patience in cases]
    if imitates(results, best_epoch, cases):
        return
    k = next(k for k, case in enumerate(cases) if results[k] != best_epoch(*case))
    losses, patience = cases[k]
    text = "(" + ", ".join(f"{loss:g}" for loss in losses) + ")"
    values = {"losses": text, "patience": patience, "got": results[k], "right": best_epoch(*cases[k])}
    for mistake, wrong in _WRONG_STOPS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **values)
    if imitates(results, lambda a, p: a[best_epoch(a, p)], cases):
        raise NotYet("value", **values)
    raise NotYet("other", **values)


# -- 6 dropout ---------------------------------------------------------------------------------


@task(
    "overfitting.dropout",
    reference=dropout,
    right="Right. Nodes go silent, and the sum that the next layer sees stays the same on average.",
    hints=[
        "Throw one coin for every entry of x: `rng.random(x.shape)` gives numbers between 0 and 1.",
        "In Keras `rate` is the probability to *drop*. What is the probability to keep?",
        "Divide what is kept by the probability to keep: `np.where(kept, x / (1 - rate), 0)`.",
    ],
    mistakes={
        "keep": "With rate {rate} you silenced {dropped} of the nodes. In Keras `rate` is the share that is "
        "dropped; the lecture's number is the share kept.",
        "not-raised": "The share that is dropped is right. What is kept has its old size, so the mean fell "
        "to {mean} of the input's.",
        "raised-wrongly": "The share that is dropped is right. What is kept was multiplied by {factor}; with "
        "rate {rate} which factor brings the mean back?",
        "nodes-together": "The same nodes are silent in every event. Throw a coin for each entry.",
        "events-together": "Some events lost all their nodes, the others none. Throw a coin for each entry.",
        "pattern": "Two calls silenced the same nodes. Use the `rng` given.",
        "own-chance": "Two generators in the same state silenced different nodes. Take the chance from the "
        "`rng` given, or nobody can repeat your training.",
        "fixed-number": "You silence the same number of nodes in every event. Each falls silent by itself, "
        "so their number is random, too.",
        "none": "With rate {rate} no node was silenced.",
        "rate-zero": "With rate 0 nothing is dropped and nothing changes.",
        "other": "With rate {rate} a share of {dropped} was silenced and the mean became {mean} of the "
        "input's.",
    },
)
def _dropout(answer, rng):
    x = rng.integers(1, 9, (200, 50)).astype(float)
    for rate in (0.2, 0.8):
        got = as_array(answer(x.copy(), rate, np.random.default_rng(int(rng.integers(1000)))), x.shape)
        silent = np.isclose(got, 0)
        _look_at_silent(silent, rate, got.mean() / x.mean())
        factor = np.median((got / x)[~silent])
        values = {"rate": rate, "factor": round(factor, 2), "mean": round(got.mean() / x.mean(), 2)}
        if np.isclose(factor, 1):
            raise NotYet("not-raised", **values)
        if not np.allclose(got[~silent], x[~silent] * factor):
            raise NotYet("other", dropped=round(silent.mean(), 2), **values)
        if not np.isclose(factor, 1 / (1 - rate)):
            raise NotYet("raised-wrongly", **values)
    again = [as_array(answer(x.copy(), 0.5, np.random.default_rng(seed))) == 0 for seed in (1, 2, 2)]
    if np.array_equal(*again[:2]):
        raise NotYet("pattern")
    if not np.array_equal(*again[1:]):
        raise NotYet("own-chance")
    if not np.allclose(as_array(answer(x.copy(), 0.0, np.random.default_rng(3)), x.shape), x):
        raise NotYet("rate-zero")


def _look_at_silent(silent: NDArray, rate: float, mean: float) -> None:
    share = silent.mean()
    if share == 0:
        raise NotYet("none", rate=rate)
    if (silent == silent[0]).all():
        raise NotYet("nodes-together")
    if (silent == silent[:, :1]).all():
        raise NotYet("events-together")
    if abs(share - (1 - rate)) < 0.03:
        raise NotYet("keep", rate=rate, dropped=round(share, 2))
    if abs(share - rate) > 0.03:
        raise NotYet("other", rate=rate, dropped=round(share, 2), mean=round(mean, 2))
    if silent.sum(axis=1).var() < silent.shape[1] * rate * (1 - rate) / 2:
        raise NotYet("fixed-number")


# -- 7 turn and mirror -------------------------------------------------------------------------


def _one_after_the_other(px, py, eta, phi, side):
    cos, sin = np.cos(phi)[:, None], np.sin(phi)[:, None]
    new = cos * px - sin * py
    return new, sin * new + cos * py, side[:, None] * eta


def _with(eta: Callable, phi: Callable = lambda phi: phi) -> Callable:
    return lambda px, py, e, angle, side: (*turn(px, py, e, phi(angle), side)[:2], eta(e, side))


def _all_mirrored(eta, side):
    return side[:, None] * eta


def _first_mirrored(eta, side):
    return np.column_stack([side * eta[:, 0], eta[:, 1:]])


_WRONG_TURNS: dict[str, Callable] = {
    "overwritten": _one_after_the_other,
    "other-way": _with(_all_mirrored, lambda phi: -phi),
    "degrees": _with(_all_mirrored, np.radians),
    "not-mirrored": _with(lambda eta, side: eta),
    "one-mirrored": _with(_first_mirrored),
    "always-mirrored": _with(lambda eta, side: -eta),
    "shifted": _with(lambda eta, side: eta + side[:, None]),
    "one-angle": lambda px, py, eta, phi, side: turn(px, py, eta, np.full_like(phi, phi[0]), side),
}


@task(
    "overfitting.turn",
    reference=turn,
    right="Right. Masses and angles between particles stay, so the label stays.",
    hints=[
        "A rotation mixes px and py: one cosine and one sine per event.",
        "`phi[:, None]` has the shape (events, 1) and reaches all particles of its event.",
        "With the *old* px and py: px' = cos φ · px − sin φ · py and py' = sin φ · px + cos φ · py.",
    ],
    mistakes={
        "not-several": "Three arrays are expected, {what}.",
        "overwritten": "The new py was made with the new px. Both need the old ones: {before} GeV became "
        "{after} GeV of transverse momentum.",
        "other-way": "You rotate from y towards x. With φ = π/2 a particle along x should end along y.",
        "degrees": "The angle is in radian already; you converted it once more.",
        "not-mirrored": "The momenta are right, and η is as before. Events with side −1 are mirrored.",
        "one-mirrored": "Only the first particle's η changed its sign. Mirror the whole event, or the angles "
        "between its particles change.",
        "always-mirrored": "You mirrored every event. Its `side` says whether.",
        "shifted": "You added `side` to η. Mirroring is a change of sign, a multiplication.",
        "one-angle": "All events were rotated by the same angle. Each has its own.",
        "length": "A rotation keeps the transverse momentum. Here {before} GeV became {after} GeV.",
        "angles": "The angle between two particles of an event changed. They turn together, by one angle.",
        "other": "A particle with (px, py) = {before}, rotated by φ = {phi}, has {right}; yours is {got}.",
        "eta": "The momenta are right. For η = {eta} and side {side} yours is {got}.",
    },
)
def _turn(answer, rng):
    cases = []
    for n, particles in ((4, 3), (6, 3), (5, 2)):
        px, py = rng.integers(1, 60, (2, n, particles)) * rng.choice([-1.0, 1.0], (2, n, particles))
        eta = rng.integers(1, 24, (n, particles)) / 10
        cases.append((px, py, eta, rng.integers(5, 30, n) / 10, np.resize([1.0, -1.0, -1.0], n)))
    results = []
    for case in cases:
        three = _several(answer(*case), 3, "px, py and η")
        results.append([as_array(value, shape.shape) for value, shape in zip(three, case[:3], strict=True)])
    if _agree(results, turn, cases):
        return
    (px, py, eta, phi, side), got = cases[0], results[0]
    before, after = np.hypot(px, py), np.hypot(got[0], got[1])
    values = {"before": before[0, 0], "after": after[0, 0]}
    for mistake, wrong in _WRONG_TURNS.items():
        if _agree(results, wrong, cases):
            raise NotYet(mistake, **values)
    right = turn(*cases[0])
    if np.allclose(got[:2], right[:2]):
        k = int(np.argmax(~np.isclose(got[2], right[2]).all(axis=1)))
        raise NotYet("eta", eta=eta[k], side=side[k], got=got[2][k])
    if not np.allclose(before, after):
        raise NotYet("length", **values)
    cosine = [a[:, 0] * a[:, 1] + b[:, 0] * b[:, 1] for a, b in ((px, py), got[:2])]
    if not np.allclose(*cosine):
        raise NotYet("angles")
    before, after, true = (np.array([a[0, 0], b[0, 0]]) for a, b in ((px, py), got[:2], right[:2]))
    raise NotYet("other", before=before, phi=phi[0], right=true, got=after)


def _agree(results: list, function: Callable, cases: list) -> bool:
    return all(
        np.allclose(a, b)
        for got, case in zip(results, cases, strict=True)
        for a, b in zip(got, function(*case), strict=True)
    )
