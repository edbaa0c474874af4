"""Check of lesson 10: whether a classifier still tells the reweighted sample from the target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.weights._common import Floats, at_first_difference, single
from hepml_course.metrics import auc


def closure(make: Callable, source: Floats, w: Floats, target: Floats) -> float:
    """Weighted AUC, on the odd rows, of a model that was trained on the even rows."""
    x, y = np.concatenate([source, target]), np.repeat([0, 1], [len(source), len(target)])
    weights = np.concatenate([w, np.ones(len(target))])
    even = np.concatenate([np.arange(len(source)), np.arange(len(target))]) % 2 == 0
    model = make()
    model.fit(x[even], y[even], sample_weight=weights[even])
    return auc(model.predict_proba(x[~even])[:, 1], y[~even], weights[~even]).value


class _Spy:
    """A model whose scores are fixed: perfect on rows that it was trained on, given by a table elsewhere."""

    classes_ = np.array([0, 1])

    def __init__(self, sample: _Sample) -> None:
        self.sample, self.trained, self.turned = sample, np.zeros(len(sample.y), bool), False

    def fit(self, x: Any, y: Any, sample_weight: Any = None) -> _Spy:
        rows = self.sample.find(x)
        labels = np.asarray(y, dtype=float).reshape(-1)
        w = None if sample_weight is None else np.asarray(sample_weight, dtype=float).reshape(-1)
        if len(labels) != len(rows) or (w is not None and len(w) != len(rows)):
            raise ValueError(f"x has {len(rows)} rows, y {len(labels)}, weights {0 if w is None else len(w)}")
        self.sample.fits.append((rows, labels, w))
        self.trained[rows] = True
        self.turned = len(rows) > 0 and bool(np.all((labels == labels.max()) == (self.sample.y[rows] == 0)))
        return self

    def predict_proba(self, x: Any) -> Floats:
        rows = self.sample.find(x)
        self.sample.scored.append((rows, self.trained[rows].copy()))
        score = np.where(self.trained[rows], 0.05 + 0.9 * self.sample.y[rows], self.sample.score[rows])
        score = 1 - score if self.turned else score
        return np.stack([1 - score, score], axis=1)

    def predict(self, x: Any) -> Floats:
        self.sample.labels = True
        return (self.predict_proba(x)[:, 1] > 0.5).astype(int)


class _Sample:
    """Source and target whose rows are known by their first number, and what was done with them."""

    def __init__(self, rng: np.random.Generator, n: int, m: int, shift: float) -> None:
        self.y = np.repeat([0, 1], [n, m])
        self.x = np.column_stack([rng.permutation(n + m) + 0.5, rng.normal(size=n + m).round(2)])
        self.w = np.r_[rng.choice([0.25, 0.5, 1.0, 2.0, 4.0], n), np.ones(m)]
        self.even = np.r_[np.arange(n), np.arange(m)] % 2 == 0
        self.score = np.clip(0.5 + shift * (self.y - 0.5) + rng.normal(0, 0.15, n + m), 0.06, 0.94).round(2)
        self.n, self.fits, self.scored, self.labels = n, [], [], False

    def arguments(self) -> tuple:
        return lambda: _Spy(self), self.x[: self.n], self.w[: self.n], self.x[self.n :]

    def find(self, x: Any) -> np.ndarray:
        """Row numbers of events, each known by its values."""
        x = np.asarray(x, dtype=float)
        if x.ndim != 2 or x.shape[1] != self.x.shape[1]:
            raise ValueError(f"the model expects x of shape (n, {self.x.shape[1]}), not {x.shape}")
        same = (x[:, None] == self.x).all(axis=-1)
        if not same.any(axis=1).all():
            raise ValueError("the model was given rows that are in neither sample")
        return same.argmax(axis=1)


@task(
    "weights.closure",
    reference=closure,
    right="Right. Near one half means: this classifier, with these events, sees no difference any more.",
    hints=[
        "Put both samples together: x, the class y, and the weights, which are `w` for the source and 1 for "
        "the target. Take the even rows of each to train.",
        "`model = make()`, `model.fit(x_even, y_even, sample_weight=w_even)`; then "
        "`model.predict_proba(x_odd)[:, 1]` is the score.",
        "`source[::2]` are the even rows, `source[1::2]` the odd ones; `np.concatenate` joins. The "
        "package's `auc(score, y, weights)` gives value and error.",
    ],
    mistakes={
        "not-made": "No model was trained. Call `make()`, and `fit` what it returns.",
        "one-class": "A model was trained on one sample only. It needs both, to learn the difference.",
        "trained-on-all": "The model was trained on {trained} rows, all there are. Some of them judge it: "
        "train on the even rows only.",
        "halves-swapped": "The model was trained on the odd rows. Train on the even ones, 0, 2, 4 and so on.",
        "other-rows": "The model was trained on {trained} rows: {even} of them even ones, {odd} odd ones. "
        "Asked are the {all_even} even rows of the two samples, each counted from its own row 0.",
        "labels-mixed": "The classes do not go with the samples: all events of the source are 0, all of the "
        "target 1.",
        "labels-same": "All events were given the class {label}. Source is 0, target is 1.",
        "fit-unweighted": "The model was trained without weights. What it tells apart then is the sample as "
        "it was before.",
        "fit-weights": "In the training a source event of weight {expected} was given {got}: weights and "
        "events do not belong together.",
        "target-weights": "In the training two target events were given the weights {expected} and {got}. "
        "All target events count the same.",
        "hard": "You judged with `predict`, which says 0 or 1. An AUC needs the score: `predict_proba(x)[:, "
        "1]`.",
        "not-scored": "The model was never asked for scores. `predict_proba(x)[:, 1]` on the odd rows.",
        "judged-on-trained": "The AUC of {got} was judged on events that trained the model, and those it "
        "knows. On the odd rows it is {right}.",
        "auc-unweighted": "The AUC of the odd rows without weights is {got}; with them it is {right}.",
        "turned-round": "You gave {got}, which is 1 − {right}. The score is that for class 1: the second "
        "column of `predict_proba`.",
        "folded": "You gave {got}, where {right} is right. An AUC below one half is a fluctuation or a "
        "warning: do not turn it round.",
        "distance": "You gave {got}: the distance from one half. The AUC is asked for.",
        "weights-swapped": "You gave {got}, where {right} is right: the weights were not put to the events "
        "they belong to when the AUC was taken.",
        "other": "The weighted AUC of the odd rows is {right}; you gave {got}.",
    },
)
def _closure(answer: Callable, rng: np.random.Generator) -> None:
    samples = [_Sample(rng, 36, 30, 0.25), _Sample(rng, 30, 34, -0.1)]
    results = [single(answer(*sample.arguments())) for sample in samples]
    for sample in samples:
        _look_at_training(sample)
    right = [_expected(sample) for sample in samples]
    for sample, got, expected in zip(samples, results, right, strict=True):
        _look_at_scoring(sample, got, expected)
    if np.allclose(results, right):
        return
    _look_at_result(samples, results, right)


def _expected(sample: _Sample, w: Floats | None = None, rows: Any = None) -> float:
    """AUC of the fixed scores on the odd rows, or on others, with these weights."""
    rows = ~sample.even if rows is None else rows
    weights = sample.w if w is None else w
    return auc(sample.score[rows], sample.y[rows], weights[rows]).value


def _look_at_training(sample: _Sample) -> None:
    if not sample.fits:
        raise NotYet("not-made")
    for rows, labels, w in sample.fits:
        unique = np.unique(rows)
        even, odd = int(sample.even[unique].sum()), int((~sample.even[unique]).sum())
        shown = {"trained": len(rows), "even": even, "odd": odd, "all_even": int(sample.even.sum())}
        if len(set(sample.y[rows])) < 2:
            raise NotYet("one-class")
        if even + odd == len(sample.y):
            raise NotYet("trained-on-all", **shown)
        if even == 0 and odd == (~sample.even).sum():
            raise NotYet("halves-swapped")
        if odd or even != sample.even.sum() or len(rows) != even:
            raise NotYet("other-rows", **shown)
        _look_at_labels(labels, sample.y[rows])
        if w is None:
            raise NotYet("fit-unweighted")
        _look_at_weights(w, sample.w[rows], sample.y[rows])


def _look_at_labels(labels: Floats, y: Any) -> None:
    """Any two labels will do, as long as they go with the samples."""
    values = np.unique(labels)
    if len(values) == 1:
        raise NotYet("labels-same", label=values[0])
    if len(values) > 2 or not np.array_equal(
        labels == values[1], (y == 1) ^ (labels[y == 1][0] == values[0])
    ):
        raise NotYet("labels-mixed")


def _look_at_weights(got: Floats, expected: Floats, y: Any) -> None:
    """The weights of the training, up to one factor for each class: balanced classes are welcome."""
    for label, mistake in ((0, "fit-weights"), (1, "target-weights")):
        mine, theirs = got[y == label], expected[y == label]
        scale = mine.sum() / theirs.sum()
        if np.allclose(mine, scale * theirs) and scale > 0:
            continue
        if label == 1:
            i = int(np.argmax(~np.isclose(mine, mine[0])))
            raise NotYet(mistake, got=mine[i], expected=mine[0])
        if np.allclose(mine, mine[0]):
            raise NotYet("fit-unweighted")
        i, value, right = at_first_difference(mine, theirs)
        raise NotYet(mistake, got=value, expected=right)


def _look_at_scoring(sample: _Sample, got: float, right: float) -> None:
    if not sample.scored:
        raise NotYet("not-scored")
    if sample.labels:
        raise NotYet("hard")
    knew = any(trained.any() for _, trained in sample.scored)
    if knew and not np.isclose(got, right):
        raise NotYet("judged-on-trained", got=got, right=right)


def _look_at_result(samples: list[_Sample], results: list[float], right: list[float]) -> None:
    k = int(np.argmax(~np.isclose(results, right)))
    shown = {"got": results[k], "right": right[k]}
    expected = np.array(right)
    unweighted = [_expected(s, np.ones(len(s.w))) for s in samples]
    others = [[_expected(s, _moved(s, step)) for s in samples] for step in (1, 2)]
    for mistake, wrong in {
        "auc-unweighted": unweighted,
        "weights-swapped": others[0],
        "weights-swapped-too": others[1],
        "turned-round": 1 - expected,
        "folded": np.maximum(expected, 1 - expected),
        "distance": np.abs(expected - 0.5),
    }.items():
        if np.allclose(results, wrong):
            raise NotYet(mistake.removesuffix("-too"), **shown)
    if np.allclose(results, expected - 0.5):
        raise NotYet("distance", **shown)
    raise NotYet("other", **shown)


def _moved(sample: _Sample, step: int) -> Floats:
    """Other weights at the odd rows of the source: its first ones, or those of the even rows."""
    w, n = sample.w.copy(), sample.n
    w[1:n:2] = sample.w[: n // 2 * step : step]
    return w
