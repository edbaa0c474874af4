"""Checks of what surrounds a training: weights, choice of settings, worth of variables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_array, as_number, show, task
from hepml_course.checks.ztautau._common import SIGNAL
from hepml_course.metrics import auc


def training_weights(process: Any, weight: Any, backgrounds: list[str]) -> np.ndarray:
    """Weights with equal sums for signal and for the chosen backgrounds, zero for all other events."""
    names, w = np.asarray(process), np.asarray(weight, dtype=float)
    result = np.zeros(len(w))
    for members in (names == SIGNAL, np.isin(names, backgrounds)):
        result[members] = w[members] / w[members].sum()
    return result


@task(
    "ztautau.training_weights",
    reference=training_weights,
    right="Right. Both classes weigh the same, and inside the background nature keeps its proportions.",
    hints=[
        "Two groups: signal, and everything in `backgrounds`. What is in neither weighs nothing.",
        "Divide the weights of each group by their sum in that group.",
        "`np.isin(process, backgrounds)` says which events belong to the background.",
    ],
    mistakes={
        "unweighted": "All background events got the same weight. `WeightLumi` says that a row of {light} "
        "stands "
        "for {a} events and a row of {heavy} for {b}.",
        "not-balanced": "The signal weighs {signal} in all and the background {background}. Both classes "
        "should "
        "weigh the same.",
        "per-process": "Each background process got the same total. Inside the background the proportions of "
        "`WeightLumi` should stay.",
        "left-in": "Only {asked} was asked for, and events of {other} still have weight.",
        "signal-lost": "The signal events have no weight. Signal always takes part.",
        "other": "Inside a class the weights should stay in the ratio of `WeightLumi`; yours do not.",
    },
)
def _training_weights(answer: Callable, rng: np.random.Generator) -> None:
    process = np.repeat([SIGNAL, "Wmunu", "Zmumu", "Powheg_ttbar"], [6, 8, 4, 3])
    order = rng.permutation(len(process))
    process = process[order]
    weight = np.round(rng.uniform(1, 3, len(process)) * np.where(process == "Wmunu", 4.0, 1.0), 1)
    for asked in (["Wmunu", "Zmumu", "Powheg_ttbar"], ["Wmunu"]):
        got = as_array(answer(process, weight, asked), process.shape).astype(float)
        chosen, signal = np.isin(process, asked), process == SIGNAL
        others = ~chosen & ~signal
        if (got[others] != 0).any():
            raise NotYet("left-in", asked=asked[0], other=str(process[others & (got != 0)][0]))
        if (got[signal] == 0).all():
            raise NotYet("signal-lost")
        _inside_the_background(got, process, weight, asked)
        sums = got[signal].sum(), got[chosen].sum()
        if not np.isclose(*sums):
            raise NotYet("not-balanced", signal=sums[0], background=sums[1])
        ratio = got[signal | chosen] / training_weights(process, weight, asked)[signal | chosen]
        if not np.allclose(ratio, ratio[0]):
            raise NotYet("other")


def _inside_the_background(
    got: np.ndarray, process: np.ndarray, weight: np.ndarray, asked: list[str]
) -> None:
    """Recognise weights that were dropped, or balanced once too often."""
    chosen = np.isin(process, asked)
    if np.allclose(got[chosen], got[chosen][0]):
        a, b = np.argsort(np.where(chosen, weight, np.inf))[[0, chosen.sum() - 1]]
        raise NotYet("unweighted", light=process[a].item(), heavy=process[b].item(), a=weight[a], b=weight[b])
    sums = [got[process == name].sum() for name in asked]
    if len(asked) > 1 and np.allclose(sums, sums[0]):
        raise NotYet("per-process")


def tune(make: Callable, settings: list[dict], train: tuple, validation: tuple) -> dict:
    """The setting whose model, fitted on `train`, has the highest weighted AUC on `validation`."""

    def quality(setting: dict) -> float:
        x, y, w = train
        model = make(**setting)
        model.fit(x, y, sample_weight=w)
        x, y, w = validation
        return auc(model.predict_proba(x)[:, 1], y, w).value

    return max(settings, key=quality)


class _Spy:
    """A model that learns nothing: its scores are fixed in advance, and it remembers what it was used for."""

    def __init__(self, log: list, samples: dict, scores: dict, name: str) -> None:
        self.log, self.samples, self.scores, self.name = log, samples, scores, name

    def _which(self, x: Any) -> str:
        return next(
            (k for k, sample in self.samples.items() if np.array_equal(np.asarray(x), sample[0])), "other"
        )

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> _Spy:
        w = None if sample_weight is None else np.asarray(sample_weight)
        which = self._which(x)
        weighted = w is not None and which != "other" and np.array_equal(w, self.samples[which][2])
        self.log.append(("fit", which, weighted))
        return self

    def predict_proba(self, x: Any) -> np.ndarray:
        which = self._which(x)
        self.log.append(("score", which, self.name))
        score = self.scores.get((self.name, which), np.full(len(x), 0.5))
        return np.stack([1 - score, score], axis=1)

    def predict(self, x: Any) -> np.ndarray:
        self.log.append(("labels", self._which(x), self.name))
        return (self.predict_proba(x)[:, 1] > 0.5).astype(int)


def _spies(rng: np.random.Generator) -> tuple[Callable, list[dict], dict, list]:
    """Four settings: best on validation, best there without weights, best on training, worst of all."""
    y = np.tile([0, 1], 20)
    w = np.where(np.arange(40) < 8, 10.0, 1.0)
    samples = {name: (rng.normal(size=(40, 3)).round(2), y, w) for name in ("train", "validation")}
    good, bad = np.where(y == 1, 0.9, 0.1), np.where(y == 1, 0.1, 0.9)
    half, little = np.where(np.arange(40) % 4 < 2, good, 0.5), np.where(np.arange(40) % 8 < 2, good, 0.5)
    scores = {
        ("right", "validation"): np.where(np.arange(40) < 24, good, bad),
        ("unweighted", "validation"): np.where(w > 1, bad, good),
        ("memory", "validation"): little,
        ("worst", "validation"): bad,
        ("right", "train"): half,
        ("unweighted", "train"): half,
        ("memory", "train"): good,
        ("worst", "train"): bad,
    }
    depth = {"memory": 12, "unweighted": 6, "right": 3, "worst": 1}
    name_of = {d: n for n, d in depth.items()}
    log: list = []

    def make(**setting: Any) -> _Spy:
        return _Spy(log, samples, scores, name_of.get(setting.get("max_depth"), "other"))

    return make, [{"max_depth": d} for d in depth.values()], samples, log


@task(
    "ztautau.tune",
    reference=tune,
    right="Right. Fitted on one part, judged on another, weighted in both.",
    hints=[
        "For each setting: make a model, fit it on the training part, score the validation part.",
        "`model.fit(x, y, sample_weight=w)`, then `auc(model.predict_proba(x_val)[:, 1], y_val, w_val)`.",
        "`max(settings, key=quality)` returns the setting for which the function `quality` is largest.",
    ],
    mistakes={
        "fitted-on-validation": "A model was fitted on the validation events. They can no longer judge it.",
        "judged-on-training": "You judged the models on the events that trained them. The one with the best "
        "memory "
        "wins that, here {got}.",
        "fit-without-weights": "The models were fitted without the weights of the training events.",
        "auc-without-weights": "You picked {got}: the best without weights. With weights it is {expected}.",
        "labels": "You judged with `predict`, which gives 0 or 1. A ROC curve needs the score: "
        "`predict_proba`.",
        "worst": "You picked {got}, the lowest AUC of all. Is it the largest you took, and column 1 of the "
        "scores?",
        "number": "A setting is expected, one of the dictionaries in `settings`; you returned {got}.",
        "not-all": "Only {n} of the {m} settings were tried.",
        "other": "You picked {got}; the highest weighted AUC on validation belongs to {expected}.",
    },
)
def _tune(answer: Callable, rng: np.random.Generator) -> None:
    make, settings, samples, log = _spies(rng)
    got = answer(make, settings, samples["train"], samples["validation"])
    fitted = [entry[1:] for entry in log if entry[0] == "fit"]
    scored = {which for kind, which, _ in log if kind == "score"}
    if any(which != "train" for which, _ in fitted):
        raise NotYet("fitted-on-validation")
    if not isinstance(got, dict):
        raise NotYet("returns-nothing" if got is None else "number", got=show(got))
    shown = {"got": str(got), "expected": "{'max_depth': 3}", "n": len(fitted), "m": len(settings)}
    if "validation" not in scored:
        raise NotYet("judged-on-training", **shown)
    if any(kind == "labels" for kind, _, _ in log):
        raise NotYet("labels")
    if len(fitted) < len(settings):
        raise NotYet("not-all", **shown)
    if not all(weighted for _, weighted in fitted):
        raise NotYet("fit-without-weights")
    if got.get("max_depth") != 3:
        kind = {1: "worst", 6: "auc-without-weights"}.get(got.get("max_depth"), "other")
        raise NotYet(kind, **shown)


def leave_one_out(auc_of: Callable, variables: list[str]) -> dict[str, float]:
    """Change of the AUC when each variable is left out, the others kept."""
    whole = auc_of(variables)
    return {name: auc_of([v for v in variables if v != name]) - whole for name in variables}


@task(
    "ztautau.leave_one_out",
    reference=leave_one_out,
    right="Right. A variable is worth what is lost without it, not what it can do alone.",
    hints=[
        "One call with all variables, then one call per variable with that one missing.",
        "`[v for v in variables if v != name]` is the list without `name`, and leaves the original alone.",
    ],
    mistakes={
        "not-a-dict": "A dictionary from variable to change is expected; you returned {got}.",
        "keys": "The dictionary should have one entry for each of the {n} variables; yours has {m}.",
        "alone": "For {name} you used that variable alone. Leave it out and keep the others.",
        "cumulative": "Each variable should be left out of the full list; yours are left out one after the "
        "other.",
        "sign": "Leaving out {name} takes the AUC from {whole} to {without}: the change is {expected}. "
        "Yours is "
        "{got}.",
        "no-difference": "For {name} you gave {got}, the AUC itself. Asked is its change from the AUC of "
        "all.",
        "other": "For {name} the change is {expected}; yours is {got}.",
    },
)
def _leave_one_out(answer: Callable, rng: np.random.Generator) -> None:
    variables = ["mass", "angle", "energy", "tracks"]
    worth = dict(zip(variables, [0.16, 0.08, 0.04, 0.01], strict=True))
    together = 0.03  # what two correlated variables share

    def auc_of(names: list[str]) -> float:
        names = list(names)
        shared = together if {"mass", "angle"} & set(names) else 0.0
        return round(0.5 + shared + sum(worth[n] for n in names), 4)

    got = answer(auc_of, list(variables))
    if not isinstance(got, dict):
        raise NotYet("returns-nothing" if got is None else "not-a-dict", got=show(got))
    if set(got) != set(variables):
        raise NotYet("keys", n=len(variables), m=len(got))
    expected, whole = leave_one_out(auc_of, variables), auc_of(variables)
    if all(np.isclose(as_number(got[v]), expected[v]) for v in variables):
        return
    without = {v: auc_of([o for o in variables if o != v]) for v in variables}
    patterns = {
        "alone": [{v: auc_of([v]) - whole for v in variables}, {v: auc_of([v]) for v in variables}],
        "no-difference": [without],
        "sign": [{v: -expected[v] for v in variables}],
        "cumulative": [{v: auc_of(variables[i + 1 :]) - whole for i, v in enumerate(variables)}],
    }
    kind = next((k for k, options in patterns.items() if any(_same_dict(got, o) for o in options)), "other")
    name = next(v for v in variables if not np.isclose(got[v], expected[v]))
    raise NotYet(
        kind, name=name, whole=whole, without=without[name], expected=expected[name], got=as_number(got[name])
    )


def _same_dict(a: dict, b: dict) -> bool:
    return all(np.isclose(a[key], b[key]) for key in b)
