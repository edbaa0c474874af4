"""Check of lesson 10: weights that turn one generator into another, on events that nobody has seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks import NotYet, as_array, task
from hepml_course.checks._student import StudentError
from hepml_course.checks.weights._common import Floats
from hepml_course.metrics import Estimate, auc, effective_size
from hepml_course.simulate import ZJETS_FEATURES, z_jets, z_jets_ratio

if TYPE_CHECKING:
    from pandas import DataFrame

N = 14_001  # events of each generator; odd, so that no weights of a training sample fit by chance
GOAL = 0.61  # largest AUC of the discriminator; trees of 8 leaves, or of 30 rounds, come to 0.59
SPECTATOR = 0.03  # largest distance of the AUC of the missing transverse momentum from one half
LEFT = 0.3  # smallest effective size, as a share of the events; the true weights leave about one half
MEAN = 0.2  # largest distance of the mean weight from 1
RISE = 0.44, 0.7  # smallest rise of the weights where B is denser, and as a share of the rise where A is
_NAMES = list(ZJETS_FEATURES)


def _quadratic(events: DataFrame) -> Floats:
    """The five numbers, with logarithms of what is positive, their squares and products, shape (n, 20)."""
    x = events[_NAMES].to_numpy(dtype=float)
    z = np.column_stack([np.log(x[:, 0]), x[:, 1], np.log(x[:, 2]), x[:, 3], np.log(x[:, 4])])
    z = (z - [3.6, 0, 3.9, 0, 3.4]) / [0.6, 1, 0.6, 1.2, 0.4]
    i, j = np.triu_indices(5)
    return np.column_stack([z, z[:, i] * z[:, j]])


@cache
def _model():
    from sklearn.linear_model import LogisticRegression

    x = np.concatenate([_quadratic(z_jets(10_000, name, 1000 + k)) for k, name in enumerate("AB")])
    return LogisticRegression(max_iter=500).fit(x, np.repeat([0, 1], 10_000))


def reweighted(events: DataFrame) -> Floats:
    """Weights from a logistic regression in logarithms, their squares and products."""
    p = _model().predict_proba(_quadratic(events))[:, 1]
    return p / (1 - p)


@cache
def _samples() -> tuple[DataFrame, DataFrame]:
    return z_jets(N, "A", 1010), z_jets(N, "B", 1011)


@task(
    "weights.reweighted",
    reference=reweighted,
    right="Right.",
    hints=[
        "Train a classifier on both samples, A as 0 and B as 1, with the five numbers `FEATURES`. Its score "
        "on any event of A says how much more, or less, of such an event there is in B.",
        "`p = model.predict_proba(events[FEATURES])[:, 1]` and then `from_score(p, n_source, n_target, "
        "smallest)`, with the numbers of events in the *training*.",
        "Trees with the default settings of `HistGradientBoostingClassifier` are good enough if they have "
        "seen some 10,000 events of each generator. Smaller or fewer trees learn only a part of the ratio.",
    ],
    mistakes={
        "shape": "One weight for each event is expected, shape {expected}; yours has shape {got}.",
        "fixed": "The check gave you {n} events and got {m} weights. Weigh the events that come in: not "
        "those that you trained on.",
        "both-columns": "You returned both columns of `predict_proba`. Column 1 is the probability of B, "
        "and its odds are the weight.",
        "uses-spectator": "The table of the check has no `met`. It is the spectator, and takes no part in "
        "the training: it is to follow by itself.",
        "negative": "Of your weights {n} are negative, the smallest is {got}. A ratio of densities never "
        "is; is it the logarithm of one?",
        "constant": "All your weights are {got}. Then A stays what it is.",
        "by-position": "With the same events in another order an event got the weight {got} in place of "
        "{right}. A weight belongs to what the event looks like, not to where it stands.",
        "score": "All your weights lie between 0 and 1, with a mean of {got}: that is the score. The ratio "
        "of densities is p/(1 − p).",
        "scaled-score": "Where B is {right} times as dense as A your weights are {got} times those where "
        "both are equally dense, and the largest of all is {largest} times the mean. The score does that, "
        "since it stops at 1, and no factor cures it: the ratio of densities is p/(1 − p).",
        "swapped": "You turn B into A: where the density of B is twice that of A or more your weights are "
        "{got} on average, where it is one half or less they are {right}.",
        "mean": "Your weights have a mean of {got}. Over the events of A the ratio of densities has a mean "
        "of 1. Were the numbers of events in the training taken out? Or does the classifier know its events "
        "by heart, so that p is 0 or 1?",
        "truth": "These are the true weights, from the formulas of the toy. Nobody has them for a real "
        "generator: learn them from the events.",
        "one-variable": "Your weights depend on `{name}` alone. The discriminator finds AUC {auc} (without "
        "weights {before}), the goal is {goal}: it looks at the other variables, too.",
        "separately": "Your weights are a product of five functions, one for each variable. Each alone may "
        "be right now; the discriminator still finds AUC {auc} (without weights {before}), since A and B "
        "differ in how the variables hang together. The goal is {goal}.",
        "few-left": "Your weights leave {left} % of the events; the true ones leave {true} %. A few huge "
        "ones carry it all: the largest is {largest}. The classifier was too sure of itself.",
        "discriminator": "The discriminator of the check still tells your events from B, with AUC {auc} "
        "(without weights {before}). The goal is {goal}. Are the weights the odds of the score? Then "
        "the classifier has learned too little: more rounds, larger trees, or better inputs.",
        "spectator": "The inputs are fine, AUC {auc}. The missing transverse momentum, which takes no part, "
        "is not: alone it has an AUC of {met} (without weights {met_before}), and should be within "
        "{allowed} of one half.",
    },
)
def _reweighted(answer: Callable, rng: np.random.Generator) -> str:
    source, target = _samples()
    w = _ask(answer, source)
    true = z_jets_ratio(source)
    _look_at_values(answer, source, w, true)
    found = _discriminate(source, target, w)
    shown = {"auc": found.value, "before": _discriminate(source, target, np.ones(N)).value, "goal": GOAL}
    if found.value > GOAL:
        _look_at_variables(answer, source, target, shown)
        raise NotYet("discriminator", **shown)
    met, before = (_spectator(source, target, v) for v in (w, np.ones(N)))
    if abs(met.value - 0.5) > SPECTATOR:
        raise NotYet("spectator", met=met.value, met_before=before.value, allowed=SPECTATOR, **shown)
    left = 100 * effective_size(w) / N
    return (
        f"Right. The discriminator of the check has an AUC of {found}, where it had {shown['before']:.3f}; "
        f"the missing transverse momentum alone {met}, where it had {before.value:.3f}. "
        f"The weights leave {left:.0f} % of the events."
    )


def _ask(answer: Callable, events: DataFrame) -> Floats:
    """Weights of events whose spectator is hidden."""
    try:
        given = answer(events[_NAMES].reset_index(drop=True))
    except StudentError as error:
        if re.search(r"\bmet\b", str(error).rsplit(": ", 1)[-1]):
            raise NotYet("uses-spectator") from None
        raise
    w = as_array(given)
    if w.shape == (len(events), 2):
        raise NotYet("both-columns")
    if w.ndim == 2 and w.shape[1] == 1:
        w = w[:, 0]
    if w.ndim == 1 and len(w) != len(events):
        raise NotYet("fixed", n=len(events), m=len(w))
    return as_array(w, (len(events),)).astype(float)


def _look_at_values(answer: Callable, source: DataFrame, w: Floats, true: Floats) -> None:
    """Mistakes that the numbers show, without a discriminator."""
    if w.min() < 0:
        raise NotYet("negative", n=int((w < 0).sum()), got=w.min())
    if np.ptp(w) < 1e-6 * np.abs(w).max() or w.max() == 0:
        raise NotYet("constant", got=w[0])
    turned = _ask(answer, source.iloc[::-1])[::-1]
    if not np.allclose(w, turned, rtol=1e-3):
        i = int(np.argmax(np.abs(w - turned)))
        raise NotYet("by-position", got=turned[i], right=w[i])
    high, low = w[true > 2].mean(), w[true < 0.5].mean()
    if high < low:
        raise NotYet("swapped", got=high, right=low)
    if w.max() <= 1 and w.mean() < 1 - MEAN:
        raise NotYet("score", got=w.mean())
    _look_at_size(w, true)
    if abs(w.mean() - 1) > MEAN:
        raise NotYet("mean", got=w.mean())
    if np.allclose(w / w.mean(), true / true.mean(), rtol=1e-6):
        raise NotYet("truth")
    _look_at_rise(w, true)


def _look_at_variables(answer: Callable, source: DataFrame, target: DataFrame, shown: dict) -> None:
    """Whether the weights depend on one variable, or on each of them separately: seen by exchanging one."""
    import pandas as pd

    a, b = (events[_NAMES].iloc[:300].reset_index(drop=True) for events in (source, target))
    mixed = [pair for name in _NAMES for pair in (a.assign(**{name: b[name]}), b.assign(**{name: a[name]}))]
    w = _ask(answer, pd.concat([a, b, *mixed], ignore_index=True)).reshape(-1, 300)
    with np.errstate(divide="ignore"):
        log = np.maximum(np.log(w), -50.0)
    moved = [k for k in range(5) if not np.allclose(log[2 + 2 * k], log[0], atol=1e-6)]
    if len(moved) == 1:
        raise NotYet("one-variable", name=_NAMES[moved[0]], **shown)
    known = (log > -50).all(axis=0)
    apart = [np.abs(log[2 + 2 * k] + log[3 + 2 * k] - log[0] - log[1])[known] for k in range(5)]
    if known.any() and np.median(apart, axis=1).max() < 1e-3:
        raise NotYet("separately", **shown)


def _look_at_size(w: Floats, true: Floats) -> None:
    left, possible = (effective_size(v) / len(v) for v in (w, true))
    if left < LEFT:
        shown = {"left": round(100 * left), "true": round(100 * possible)}
        raise NotYet("few-left", largest=w.max() / w.mean(), **shown)


def _look_at_rise(w: Floats, true: Floats) -> None:
    """A score, whatever its factor, rises with the ratio of densities at first and then hardly any more.

    Weights of a classifier that has learned too little are too flat as well, but at both ends alike.
    """
    regions = (true > 0.2) & (true < 0.5), (true > 0.7) & (true < 1.4), true > 2.2
    low, middle, high = (np.array([w[where].mean(), true[where].mean()]) for where in regions)
    if min(low[0], middle[0], high[0]) <= 0:
        return
    before, beyond = ((mine / right) for mine, right in (np.log(middle / low), np.log(high / middle)))
    if beyond < min(RISE[0], RISE[1] * before):
        got, right = high / middle
        raise NotYet("scaled-score", got=got, right=right, largest=w.max() / w.mean())


def _discriminate(source: DataFrame, target: DataFrame, w: Floats) -> Estimate:
    """AUC on the odd rows of a Fisher discriminant from the even ones, squares and products included."""
    x, y, v = _both(_quadratic(source), _quadratic(target), w)
    even = np.arange(len(y)) % 2 == 0
    return auc(x[~even] @ _fisher(x[even], y[even], v[even]), y[~even], v[~even])


def _spectator(source: DataFrame, target: DataFrame, w: Floats) -> Estimate:
    return auc(*_both(source["met"].to_numpy(), target["met"].to_numpy(), w))


def _both(source: Floats, target: Floats, w: Floats) -> tuple[Floats, np.ndarray, Floats]:
    """Both samples in one: values, class, weights."""
    y = np.repeat([False, True], [len(source), len(target)])
    return np.concatenate([source, target]), y, np.concatenate([w, np.ones(len(target))])


def _fisher(x: Floats, y: np.ndarray, w: Floats) -> Floats:
    """Direction that separates the two classes best, where both weigh the same."""
    w = w / np.where(y, w[y].sum(), w[~y].sum())
    high, low = (w[which] @ x[which] for which in (y, ~y))
    deviation = x - np.where(y[:, None], high, low)
    return np.linalg.solve((deviation * w[:, None]).T @ deviation, high - low)
