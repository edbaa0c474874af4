"""Checks of lesson 07: drawing settings, an Optuna objective, pruning, choosing, and what a best is worth.

None of them trains anything: a search is judged on toy scores, an objective by what it asks its trial for.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, show, task

Floats = NDArray[np.float64]


# -- 1 drawing evenly in the logarithm -----------------------------------------------------------


def log_uniform(low: float, high: float, n: int, rng: np.random.Generator) -> Floats:
    """``n`` draws between `low` and `high`, as many in one decade as in the next."""
    return 10 ** rng.uniform(np.log10(low), np.log10(high), n)


@task(
    "tuning.log_uniform",
    reference=log_uniform,
    right="Right. Every decade gets its share, and another generator gives other draws.",
    hints=[
        "Which quantity of a rate do you want to be spread evenly?",
        "Draw the logarithm with `rng.uniform`, then go back to the rate.",
        "In one line: `10 ** rng.uniform(np.log10(low), np.log10(high), n)`.",
    ],
    mistakes={
        "linear": "Between {low} and {high} a fraction {got} of your draws lies below {middle}, the "
        "middle of "
        "the decades. Half of them should. Yours are spread evenly in the rate itself.",
        "exponents": "Your first draw is {got}: an exponent. The rate is 10 to that power.",
        "bases": "Asked for {low} to {high}, you drew {got}. Is it the same base on the way back?",
        "outside": "Asked for {low} to {high}, you drew {got}.",
        "grid": "Your values have equal steps from {low} to {high}: a grid. Draw them at random.",
        "frozen": "Two different generators gave the same draws. Use the `rng` that you were given.",
        "own-generator": "The same generator, started twice with one seed, gave different draws. Use the "
        "`rng` that you were given, nothing else.",
        "one-draw": "Asked for {n} draws, you gave one number.",
        "other": "Between {low} and {high} a fraction {got} of your draws lies below {at}; evenly in the "
        "logarithm it would be {right}.",
    },
)
def _log_uniform(answer, rng):
    low, high, n = 1e-4, 1e-1, 4000
    middle = float(np.sqrt(low * high))
    first = answer(low, high, n, np.random.default_rng(1))
    if np.ndim(first) == 0 and first is not None:
        as_number(first)
        raise NotYet("one-draw", n=n)
    got = as_array(first, (n,))
    again = as_array(answer(low, high, n, np.random.default_rng(1)), (n,))
    other = as_array(answer(low, high, n, np.random.default_rng(2)), (n,))
    shown = {"low": low, "high": high, "middle": middle}
    if (got < 0).all():
        raise NotYet("exponents", got=got[0])
    outside = got[(got < low * 0.999) | (got > high * 1.001)]
    if len(outside):
        bases = {np.log(low), np.log10(low)}
        wrong = any(np.isclose(np.exp(b), got.min(), rtol=0.2) for b in bases)
        raise NotYet("bases" if wrong else "outside", got=outside[0], **shown)
    if np.allclose(np.sort(got), np.geomspace(low, high, n)) or np.allclose(
        np.sort(got), np.linspace(low, high, n)
    ):
        raise NotYet("grid", **shown)
    if not np.array_equal(got, again):
        raise NotYet("own-generator")
    if np.array_equal(got, other):
        raise NotYet("frozen")
    if np.mean(got < middle) < 0.1:
        raise NotYet("linear", got=np.mean(got < middle), **shown)
    for share in (0.25, 0.5, 0.75):
        at = low * (high / low) ** share
        if abs(np.mean(got < at) - share) > 0.05:
            raise NotYet("other", got=np.mean(got < at), at=at, right=share, **shown)


# -- 2 a grid ------------------------------------------------------------------------------------


def grid(axes: dict[str, list]) -> list[dict]:
    """Every combination of the values, one dictionary each."""
    return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]


@task(
    "tuning.grid",
    reference=grid,
    right="Right. Each axis multiplies the number of trainings; that is the trouble with grids.",
    hints=[
        "With 2 rates and 3 widths there are 6 combinations, each a dictionary with both names.",
        "One loop per hyper-parameter inside the other would do for two. `itertools.product` does it for any "
        "number.",
        "`itertools.product(*axes.values())` gives the values, `dict(zip(axes, values))` their names.",
    ],
    mistakes={
        "zip": "From {axes} you made {n} settings: the first values together, the second together … A grid "
        "holds every combination, {right} of them.",
        "one-at-a-time": "From {axes} you made {n} settings that hold one hyper-parameter each. A setting "
        "names all of them.",
        "line": "You change one hyper-parameter while the others keep their first value: {n} settings. "
        "A grid "
        "holds {right}.",
        "no-names": "Your settings are {got}. Each should be a dictionary from name to value.",
        "not-a-list": "A list of dictionaries is expected; you returned {got}.",
        "two-axes": "With two hyper-parameters it works, with {axes} it does not.",
        "twice": "A setting appears twice: {got}.",
        "other": "From {axes} there should be {right} settings, all different; yours are {n}.",
    },
)
def _grid(answer, rng):
    for number, axes in enumerate(
        [
            {"rate": [0.001, 0.01], "width": [8, 16]},
            {"rate": [0.001, 0.01], "width": [8, 16], "dropout": [0.0, 0.2]},
            {"rate": [0.001, 0.01], "width": [8, 16, 32], "dropout": [0.1]},
        ]
    ):
        got = answer(axes)
        if got is None:
            raise NotYet("returns-nothing")
        if isinstance(got, (dict, str)) or not hasattr(got, "__iter__"):
            raise NotYet("not-a-list", got=show(got))
        got = list(got)
        _compare_grids(got, axes, number)


def _compare_grids(got: list, axes: dict[str, list], number: int) -> None:
    expected = grid(axes)
    shown = {
        "axes": ", ".join(f"{len(v)} × {k}" for k, v in axes.items()),
        "n": len(got),
        "right": len(expected),
    }
    if not all(isinstance(setting, dict) for setting in got):
        bad = next(setting for setting in got if not isinstance(setting, dict))
        raise NotYet("no-names", got=str(bad), **shown)
    keys = [tuple(sorted((k, str(v)) for k, v in setting.items())) for setting in got]
    wanted = {tuple(sorted((k, str(v)) for k, v in setting.items())) for setting in expected}
    if set(keys) == wanted and len(keys) == len(wanted):
        return
    if got and all(len(setting) == 1 for setting in got):
        raise NotYet("one-at-a-time", **shown)
    if number:
        raise NotYet("two-axes", **shown)
    if len(set(keys)) < len(keys):
        raise NotYet("twice", got=str(next(s for s, k in zip(got, keys, strict=True) if keys.count(k) > 1)))
    if set(keys) == {tuple(sorted((k, str(v[i])) for k, v in axes.items())) for i in range(2)}:
        raise NotYet("zip", **shown)
    first = {name: values[0] for name, values in axes.items()}
    line = [first | {name: value} for name, values in axes.items() for value in values]
    if set(keys) == {tuple(sorted((k, str(v)) for k, v in setting.items())) for setting in line}:
        raise NotYet("line", **shown)
    raise NotYet("other", **shown)


# -- 3 an objective for Optuna -------------------------------------------------------------------


def objective(trial: Any, quality: Callable) -> float:
    """Ask the trial for three values, and return the quality there."""
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
    width = trial.suggest_int("width", 4, 64)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    return quality(rate, width, dropout)


class _Trial:
    """Answers as an Optuna trial does, from values fixed in advance, and remembers what it was asked for."""

    def __init__(self, share: float) -> None:
        self.share, self.asked, self.params = share, {}, {}

    def _suggest(self, kind: str, name: str, low: Any, high: Any, log: bool, step: Any = None) -> Any:
        if log and low <= 0:
            raise ValueError("The `low` value must be larger than 0 for a log distribution.")
        self.asked[name] = (kind, low, high, log)
        value = low * (high / low) ** self.share if log else low + (high - low) * self.share
        if step and kind == "float":
            value = low + step * round((value - low) / step)
        self.params[name] = round(value) if kind == "int" else value
        return self.params[name]

    def suggest_float(
        self, name: str, low: float, high: float, *, step: Any = None, log: bool = False
    ) -> float:
        """A float between the limits."""
        return self._suggest("float", name, low, high, log, step)

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """An integer between the limits."""
        return self._suggest("int", name, low, high, log)

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of the choices."""
        choices = list(choices)
        self.asked[name] = ("categorical", min(choices), max(choices), False)
        self.params[name] = choices[int(self.share * len(choices))]
        return self.params[name]


_RANGES = {"rate": (1e-4, 1e-1), "width": (4, 64), "dropout": (0.0, 0.5)}


@task(
    "tuning.objective",
    reference=objective,
    right="Right. The same function works with every sampler, in one process or in a hundred.",
    hints=[
        "`trial.suggest_float(name, low, high)` asks for a value. There is one call per hyper-parameter.",
        "A rate that spans decades wants `log=True`; a number of neurons wants `suggest_int`.",
        "Hand the three values to `quality` in the order rate, width, dropout, and return what it gives.",
    ],
    mistakes={
        "not-asked": "Your function never asked the trial for `{name}`.",
        "rate-not-log": "The rate spans three decades. Drawn evenly, nine of ten would lie above 0.01; "
        "`log=True` is missing.",
        "width-not-int": "There are no {value} neurons in a layer: `width` wants `suggest_int`.",
        "choices": "`{name}` was asked for as a list of choices. Then the search cannot know that two "
        "of them "
        "are neighbours: give a range.",
        "range": "`{name}` was asked for between {low} and {high}. The task says {right_low} to "
        "{right_high}.",
        "order": "`quality` was called with ({got}). Its order is rate, width, dropout.",
        "not-called": "`quality` was never called.",
        "sign": "`quality` gave {right} and you returned {got}. The study maximises: no minus sign is "
        "needed.",
        "settings": "You returned the settings. The objective returns the score that they reach.",
        "other": "`quality` gave {right}; you returned {got}.",
    },
)
def _objective(answer, rng):
    for share in (0.3, 0.8):
        trial, calls = _Trial(share), []

        def quality(rate, width, dropout, calls=calls):
            calls.append((rate, width, dropout))
            return round(0.9 - 0.01 * abs(np.log10(rate) + 2) - 0.1 / width - 0.02 * dropout, 4)

        got = answer(trial, quality)
        _asked_for(trial)
        if not calls:
            raise NotYet("not-called")
        wanted = tuple(trial.params[name] for name in _RANGES)
        if calls[-1] != wanted:
            raise NotYet("order", got=", ".join(f"{v:.3g}" for v in calls[-1]))
        right = round(0.9 - 0.01 * abs(np.log10(wanted[0]) + 2) - 0.1 / wanted[1] - 0.02 * wanted[2], 4)
        if isinstance(got, (dict, tuple, list)):
            raise NotYet("settings")
        got = as_number(got)
        if np.isclose(got, -right) or np.isclose(got, 1 - right):
            raise NotYet("sign", right=right, got=got)
        if not np.isclose(got, right):
            raise NotYet("other", right=right, got=got)


def _asked_for(trial: _Trial) -> None:
    for name, (low, high) in _RANGES.items():
        if name not in trial.asked:
            raise NotYet("not-asked", name=name)
        kind, its_low, its_high, log = trial.asked[name]
        if kind == "categorical":
            raise NotYet("choices", name=name)
        if name == "rate" and not log:
            raise NotYet("rate-not-log")
        if name == "width" and kind != "int":
            raise NotYet("width-not-int", value=trial.params[name])
        if not np.allclose((its_low, its_high), (low, high)):
            raise NotYet("range", name=name, low=its_low, high=its_high, right_low=low, right_high=high)


# -- 4 pruning -----------------------------------------------------------------------------------


def hopeless(scores: list[float], others: Floats, warmup: int) -> bool:
    """Whether the trial is to be stopped: after the warm-up, below the median at the same epoch."""
    now = len(scores)
    return bool(now > warmup and scores[-1] < np.median(others[:, now - 1]))


def _pruning_cases() -> list[tuple]:
    others = np.array(
        [
            [0.70, 0.78, 0.84, 0.88],
            [0.80, 0.84, 0.86, 0.87],
            [0.60, 0.62, 0.64, 0.66],
            [0.75, 0.80, 0.85, 0.90],
            [0.79, 0.83, 0.85, 0.86],
        ]
    )
    histories = [
        [0.70, 0.75, 0.83],  # above the mean of its epoch, below the median
        [0.70, 0.81, 0.855],  # below the others' end, above the median of its epoch
        [0.70, 0.78],
        [0.50],
        [0.70, 0.75, 0.70],
        [0.50, 0.60],
        [0.78, 0.82, 0.86, 0.875],
        [0.90, 0.80, 0.80, 0.60],
        [0.60, 0.70, 0.80, 0.89],
    ]
    return [(history, others, warmup) for history in histories for warmup in (0, 1, 2)]


_WRONG_PRUNERS = {
    "direction": lambda s, o, w: len(s) > w and s[-1] > np.median(o[:, len(s) - 1]),
    "end": lambda s, o, w: len(s) > w and s[-1] < np.median(o[:, -1]),
    "mean": lambda s, o, w: len(s) > w and s[-1] < np.mean(o[:, len(s) - 1]),
    "leader": lambda s, o, w: len(s) > w and s[-1] < np.max(o[:, len(s) - 1]),
    "last-place": lambda s, o, w: len(s) > w and s[-1] < np.min(o[:, len(s) - 1]),
    "no-warmup": lambda s, o, w: s[-1] < np.median(o[:, len(s) - 1]),
    "too-early": lambda s, o, w: len(s) >= w and s[-1] < np.median(o[:, len(s) - 1]),
    "too-late": lambda s, o, w: len(s) > w + 1 and s[-1] < np.median(o[:, len(s) - 1]),
    "all-epochs": lambda s, o, w: len(s) > w and s[-1] < np.median(o),
    "best-so-far": lambda s, o, w: len(s) > w and max(s) < np.median(o[:, len(s) - 1]),
    "first-epoch": lambda s, o, w: len(s) > w and s[0] < np.median(o[:, 0]),
}


@task(
    "tuning.hopeless",
    reference=hopeless,
    right="Right. Half of the trials end early, and with them some that would have come from behind.",
    hints=[
        "How many epochs has the trial seen? That is also the column of `others` to look at.",
        "`others[:, k]` holds the scores of all other trials after epoch k + 1; `np.median` gives their "
        "middle.",
        "In one line: `len(scores) > warmup and scores[-1] < np.median(others[:, len(scores) - 1])`.",
    ],
    mistakes={
        "direction": "With {scores} against a median of {median} you say {got}. A larger AUC is better.",
        "end": "After {epoch} epochs the trial has {last}. You compared it with what the others had at their "
        "end. Compare at the same epoch.",
        "mean": "One trial of the others is very bad and pulls their mean down. The rule asks for the "
        "median.",
        "leader": "You stop everything that is behind the best of the others. The rule asks for the median.",
        "last-place": "You stop only what is behind the worst of the others. The rule asks for the median.",
        "no-warmup": "With `warmup={warmup}` a trial with {epoch} epochs was stopped. It has grace "
        "until then.",
        "too-early": "A trial with exactly `warmup` epochs was stopped. The rule begins one later.",
        "too-late": "With warmup = {warmup}, a trial with {epoch} epochs should be judged. You still wait.",
        "all-epochs": "You took the median over all epochs. A trial after {epoch} epochs competes with "
        "others "
        "after {epoch} epochs.",
        "best-so-far": "The trial has fallen to {last}, and you judged it by the best it ever had.",
        "first-epoch": "You compared the first epochs. What counts is the latest of `scores`.",
        "not-a-bool": "True or False is expected; for {scores} you returned {got}.",
        "other": "For {scores}, warmup = {warmup} and a median of {median} at that epoch the answer is "
        "{right}; "
        "yours is {got}.",
    },
)
def _hopeless(answer, rng):
    cases = _pruning_cases()
    results = [answer(list(s), o.copy(), w) for s, o, w in cases]
    for (s, _, _), result in zip(cases, results, strict=True):
        if result is None:
            raise NotYet("returns-nothing")
        if not isinstance(result, (bool, np.bool_)) and result not in (0, 1):
            raise NotYet("not-a-bool", scores=s, got=show(result))
    results = [bool(result) for result in results]
    k = first_difference(results, hopeless, cases)
    if k is None:
        return
    s, o, w = cases[k]
    shown = {"scores": s, "warmup": w, "epoch": len(s), "last": s[-1], "got": str(results[k])}
    shown |= {"median": float(np.median(o[:, len(s) - 1])), "right": str(hopeless(*cases[k]))}
    for mistake, wrong in _WRONG_PRUNERS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)


# -- 5 the simplest of the good ------------------------------------------------------------------


def simplest(areas: Floats, errors: Floats, sizes: NDArray) -> int:
    """Index of the smallest network whose AUC lies within one error, that of the best, from the best."""
    best = np.argmax(areas)
    good = areas >= areas[best] - errors[best]
    return int(np.argmin(np.where(good, sizes, np.inf)))


_WRONG_CHOICES = {
    "best": lambda a, e, s: np.argmax(a),
    "smallest": lambda a, e, s: np.argmin(s),
    "own-error": lambda a, e, s: np.argmin(np.where(a + e >= a.max(), s, np.inf)),
    "largest": lambda a, e, s: np.argmax(np.where(a >= a.max() - e[a.argmax()], s, -np.inf)),
    "worst-of-good": lambda a, e, s: np.argmin(np.where(a >= a.max() - e[a.argmax()], a, np.inf)),
    "in-the-selection": lambda a, e, s: np.argmin(s[a >= a.max() - e[a.argmax()]]),
    "mean-error": lambda a, e, s: np.argmin(np.where(a >= a.max() - e.mean(), s, np.inf)),
}


@task(
    "tuning.simplest",
    reference=simplest,
    right="Right. What cannot be told from the best and costs less is the better choice.",
    hints=[
        "First the best: its AUC minus its error is the border. Who lies above it?",
        "Among those, the one with the fewest weights. Its index is asked, counted in the whole table.",
        "`np.where(good, sizes, np.inf)` takes the others out of the race without moving the indices.",
    ],
    mistakes={
        "best": "You chose network {got}, the one with the highest AUC. Network {right} is within its "
        "error and has "
        "{size} weights instead of {got_size}.",
        "smallest": "Network {got} is the smallest of all, and its AUC of {area} is not within the "
        "error of the "
        "best.",
        "own-error": "The border is the best AUC minus the error of the *best*. You gave each network "
        "its own.",
        "mean-error": "The border is the best AUC minus the error of the *best*. You took the mean error.",
        "largest": "Network {got} is the largest of the good ones. Which is the smallest?",
        "worst-of-good": "Network {got} has the lowest AUC of the good ones. Asked is the fewest weights.",
        "in-the-selection": "Your {got} counts among the good ones only. In the whole table it is "
        "number {right}.",
        "value": "You returned {got}. Asked is the index of the network, a whole number below {n}.",
        "other": "For AUC {areas} ± {errors} and sizes {sizes} it is network {right}; yours is {got}.",
    },
)
def _simplest(answer, rng):
    cases = [
        (
            np.array([0.880, 0.9012, 0.9041, 0.9050, 0.9044]),
            np.array([0.030, 0.0030, 0.0012, 0.0010, 0.0020]),
            np.array([40, 90, 2000, 1200, 300]),
        ),
        (
            np.array([0.905, 0.9032, 0.890, 0.9047, 0.9020]),
            np.array([0.002, 0.0001, 0.004, 0.0030, 0.0040]),
            np.array([5000, 800, 20, 900, 100]),
        ),
        (
            np.array([0.70, 0.80, 0.90, 0.85]),
            np.array([0.01, 0.01, 0.02, 0.30]),
            np.array([1, 2, 30, 4]),
        ),
    ]
    results = []
    for areas, errors, sizes in cases:
        got = as_number(answer(areas.copy(), errors.copy(), sizes.copy()))
        if got != int(got) or not 0 <= got < len(areas):
            raise NotYet("value", got=got, n=len(areas))
        results.append(int(got))
    k = first_difference(results, simplest, cases)
    if k is None:
        return
    areas, errors, sizes = cases[k]
    right = simplest(*cases[k])
    shown = {"got": results[k], "right": right, "size": sizes[right], "got_size": sizes[results[k]]}
    shown |= {"area": areas[results[k]], "areas": areas, "errors": errors, "sizes": sizes}
    for mistake, wrong in _WRONG_CHOICES.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)


# -- 6 the winner's curse ------------------------------------------------------------------------


def winners_curse(first: Floats, second: Floats) -> float:
    """Mean over the repetitions of what the winner of `first` scores there, minus what it scores in "
    "`second`."""
    rows = np.arange(len(first))
    winner = first.argmax(axis=1)
    return float(np.mean(first[rows, winner] - second[rows, winner]))


_WRONG_CURSES = {
    "two-winners": lambda a, b: np.mean(a.max(axis=1) - b.max(axis=1)),
    "sign": lambda a, b: -winners_curse(a, b),
    "everybody": lambda a, b: np.mean(a - b),
    "one-winner": lambda a, b: np.mean(a[:, a.mean(axis=0).argmax()] - b[:, a.mean(axis=0).argmax()]),
    "winner-of-second": lambda a, b: np.mean(np.take_along_axis(a - b, b.argmax(axis=1)[:, None], axis=1)),
    "axis": lambda a, b: np.mean(np.take_along_axis(a - b, a.argmax(axis=0)[None], axis=0)),
    "absolute": lambda a, b: np.mean(np.abs(np.take_along_axis(a - b, a.argmax(axis=1)[:, None], axis=1))),
    "against-the-field": lambda a, b: np.mean(a.max(axis=1) - b.mean(axis=1)),
}


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
        "one-winner": "You took one candidate for all repetitions. Each row chooses anew.",
        "winner-of-second": "You chose by `second`. The first table chooses, the second judges.",
        "axis": "You took the best row of each column. Rows are repetitions, columns are candidates.",
        "absolute": "You averaged absolute values. A winner may score higher on the second half, too.",
        "against-the-field": "You compared the winner with the mean of all candidates on the second half.",
        "not-averaged": "You gave {n} numbers, one per repetition. Average them.",
        "other": "For first = {first} and second = {second}, one repetition of three candidates, it is "
        "{right}; "
        "yours is {got}.",
    },
)
def _winners_curse(answer, rng):
    quality = np.array([0.90, 0.90, 0.91, 0.89])
    big = [np.round(quality + rng.normal(0, 0.01, (50, 4)), 3) for _ in range(2)]
    small = np.array([[0.90, 0.92, 0.91]]), np.array([[0.93, 0.90, 0.91]])
    cases = [tuple(big), small]
    results = []
    for a, b in cases:
        got = answer(a.copy(), b.copy())
        if got is not None and np.shape(got) == (len(a),):
            raise NotYet("not-averaged", n=len(a))
        results.append(as_number(got))
    if first_difference(results, winners_curse, cases) is None:
        return
    shown = {"got": results[0], "right": winners_curse(*cases[0])}
    for mistake, wrong in _WRONG_CURSES.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    shown = {"got": results[1], "right": winners_curse(*small)}
    raise NotYet("other", first=small[0][0], second=small[1][0], **shown)


# -- 7 two settings, several random starts -------------------------------------------------------


def difference(first: Floats, second: Floats) -> tuple[float, float]:
    """Mean AUC of the first setting minus that of the second, with its standard error."""
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    return float(a.mean() - b.mean()), float(error)


_WRONG_ERRORS = {
    "spread": lambda a, b: np.hypot(a.std(ddof=1), b.std(ddof=1)),
    "ddof": lambda a, b: np.sqrt(a.var() / len(a) + b.var() / len(b)),
    "linear-sum": lambda a, b: a.std(ddof=1) / np.sqrt(len(a)) + b.std(ddof=1) / np.sqrt(len(b)),
    "one-error": lambda a, b: a.std(ddof=1) / np.sqrt(len(a)),
    "subtracted": lambda a, b: np.sqrt(abs(a.var(ddof=1) / len(a) - b.var(ddof=1) / len(b))),
    "variance": lambda a, b: a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b),
}


@task(
    "tuning.difference",
    reference=difference,
    right="Right. Without the second number the first says nothing.",
    hints=[
        "The difference of the means is the first number. Each mean has an error of its own.",
        "The error of a mean is the standard deviation, with `ddof=1`, over the root of how many there are.",
        "Independent errors add in quadrature, for a difference as for a sum.",
    ],
    mistakes={
        "one-number": "Two numbers are expected, the difference and its error; you returned {got}.",
        "sign": "The first setting minus the second is {right}; you gave {got}.",
        "best": "You compared the best of each, {got}. The best of several is flattered: compare the means.",
        "value": "The difference of the means is {right}; you gave {got}.",
        "spread": "You gave {got}, the spread of a single training. The means are known better than that.",
        "ddof": "The mean was taken from the same few numbers: `ddof=1` is missing in the spread.",
        "linear-sum": "You added the two errors, {got}. Independent errors add in quadrature.",
        "one-error": "The error of one mean alone is {got}. Both fluctuate.",
        "subtracted": "You subtracted the variances. For a difference of independent numbers they add.",
        "variance": "You gave the variance, {got}. The error is its square root.",
        "other": "For {first} and {second} the error is {right}; yours is {got}.",
    },
)
def _difference(answer, rng):
    cases = [
        (np.array([0.904, 0.906, 0.905, 0.909]), np.array([0.901, 0.903, 0.899])),
        (np.array([0.891, 0.905, 0.899]), np.array([0.902, 0.903, 0.904, 0.901, 0.907])),
    ]
    values, errors = [], []
    for a, b in cases:
        value, error = _pair(answer(a.copy(), b.copy()))
        values.append(value)
        errors.append(error)
    expected = [difference(a, b) for a, b in cases]
    shown = {"right": expected[0][0], "got": values[0]}
    if np.allclose(values, [-v for v, _ in expected]):
        raise NotYet("sign", **shown)
    if imitates(values, lambda a, b: a.max() - b.max(), cases):
        raise NotYet("best", **shown)
    if not np.allclose(values, [v for v, _ in expected]):
        raise NotYet("value", **shown)
    for mistake, wrong in _WRONG_ERRORS.items():
        if imitates(errors, wrong, cases):
            raise NotYet(mistake, got=errors[0])
    k = next((k for k in range(len(cases)) if not np.isclose(errors[k], expected[k][1])), None)
    if k is not None:
        raise NotYet("other", first=cases[k][0], second=cases[k][1], right=expected[k][1], got=errors[k])


def _pair(got: Any) -> tuple[float, float]:
    if got is None:
        raise NotYet("returns-nothing")
    try:
        value, error = got
    except (TypeError, ValueError):
        raise NotYet("one-number", got=show(got)) from None
    return as_number(value), as_number(error)
