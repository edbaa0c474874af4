"""Check of lesson 08: the logarithm of a likelihood ratio from histograms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import as_array, task
from hepml_course.checks.trees._common import Floats, Wrong, listed, recognise

Histograms = Sequence[NDArray]


def log_ratio(x: Floats, edges: Histograms, signal: Histograms, background: Histograms) -> Floats:
    """Sum over the variables of log(signal share / background share), shape (n,)."""
    return _sum(x, edges, signal, background)


def _sum(
    x: Floats,
    edges: Histograms,
    signal: Histograms,
    background: Histograms,
    bin_of: Callable = lambda value, e: np.clip(np.searchsorted(e, value, side="right") - 1, 0, len(e) - 2),
    share: Callable = lambda counts: (counts + 1) / (counts + 1).sum(),
    share_b: Callable | None = None,
    one: Callable = lambda s, b: np.log(s / b),
    combine: Callable = lambda terms: np.sum(terms, axis=0),
) -> Floats:
    """The course's own answer, with parts that a mistake can replace."""
    terms = []
    for j in range(x.shape[1]):
        k = bin_of(x[:, j], edges[j])
        s, b = share(signal[j]), (share_b or share)(background[j])
        terms.append(one(s[k], b[k]))
    return combine(np.array(terms))


def _with(**change: Any) -> Callable:
    return lambda *case: _sum(*case, **change)


def _up(value: Floats, edges: Floats) -> NDArray:
    """`np.digitize` taken as it comes: the first bin has number 1."""
    return np.clip(np.digitize(value, edges), 0, len(edges) - 2)


def _left(value: Floats, edges: Floats) -> NDArray:
    return np.clip(np.searchsorted(edges, value, side="left") - 1, 0, len(edges) - 2)


def _wraps(value: Floats, edges: Floats) -> NDArray:
    """Below the first edge the index is −1, which is the last bin."""
    return np.minimum(np.searchsorted(edges, value, side="right") - 1, len(edges) - 2)


def _nearest(value: Floats, edges: Floats) -> NDArray:
    """As if all bins were equally wide."""
    n = len(edges) - 1
    return np.clip(((value - edges[0]) / (edges[-1] - edges[0]) * n).astype(int), 0, n - 1)


def _outside_ignored(x: Floats, edges: Histograms, signal: Histograms, background: Histograms) -> Floats:
    total = np.zeros(len(x))
    for j in range(x.shape[1]):
        part = log_ratio(x[:, j : j + 1], edges[j : j + 1], signal[j : j + 1], background[j : j + 1])
        total += np.where((x[:, j] >= edges[j][0]) & (x[:, j] < edges[j][-1]), part, 0)
    return total


def _raw(counts: NDArray) -> Floats:
    return counts / counts.sum()


_WRONG: Wrong = {
    "no-log": (
        _with(one=lambda s, b: s / b, combine=lambda t: np.prod(t, axis=0)),
        _with(one=lambda s, b: s / b),
    ),
    "log-of-sum": _with(one=lambda s, b: s / b, combine=lambda t: np.log(np.sum(t, axis=0))),
    "other-log": (_with(one=lambda s, b: np.log10(s / b)), _with(one=lambda s, b: np.log2(s / b))),
    "upside-down": _with(one=lambda s, b: np.log(b / s)),
    "factor-two": (lambda *case: 2 * log_ratio(*case), lambda *case: -2 * log_ratio(*case)),
    "signal-only": _with(one=lambda s, b: np.log(s)),
    "of-sum": (
        _with(one=lambda s, b: np.log(s / (s + b))),
        _with(one=lambda s, b: s / (s + b), combine=lambda t: np.prod(t, axis=0)),
        lambda *case: 1 / (1 + np.exp(-log_ratio(*case))),
    ),
    "mean": _with(combine=lambda t: np.mean(t, axis=0)),
    "one-variable": (_with(combine=lambda t: t[0]), _with(combine=lambda t: t[-1])),
    "empty-bins": (
        _with(share=_raw),
        _with(share=lambda c: c / 1.0),
        _with(share=_raw, one=lambda s, b: np.nan_to_num(np.log(s / b), posinf=0, neginf=0)),
        _with(share=_raw, one=lambda s, b: np.where((s > 0) & (b > 0), np.log(s / b), 0)),
    ),
    "counts": _with(share=lambda c: c + 1),
    "wrong-total": _with(share=lambda c: (c + 1) / c.sum()),
    "total-plus-one": _with(share=lambda c: (c + 1) / (c.sum() + 1)),
    "added-to-share": (
        _with(share=lambda c: _raw(c) + 1),
        _with(share=lambda c: (_raw(c) + 1) / (_raw(c) + 1).sum()),
    ),
    "one-class": (_with(share_b=_raw), _with(share=_raw, share_b=lambda c: (c + 1) / (c + 1).sum())),
    "only-empty": (
        _with(share=lambda c: np.maximum(c, 1) / np.maximum(c, 1).sum()),
        _with(share=lambda c: np.maximum(c, 1) / c.sum()),
    ),
    "half": _with(share=lambda c: (c + 0.5) / (c + 0.5).sum()),
    "tiny": [_with(share=lambda c, tiny=tiny: _raw(c) + tiny) for tiny in (1e-3, 1e-6, 1e-9, 1e-10, 1e-12)],
    "density": _with(share=lambda c: (c + 1) / (c + 1).max()),
    "bin-too-high": _with(bin_of=_up),
    "edge-below": _with(bin_of=_left),
    "wraps": _with(bin_of=_wraps),
    "equal-bins": _with(bin_of=_nearest),
    "outside": _outside_ignored,
}


@task(
    "trees.likelihood",
    reference=log_ratio,
    right="Right. For independent variables nothing separates better. These are not independent, of course.",
    hints=[
        "One variable first: in which bin does each event lie, and which share of the signal, which of the "
        "background lies there?",
        "`np.searchsorted(edges[j], x[:, j], side='right') - 1` is the number of the bin; `np.clip(…, 0, "
        "len(edges[j]) - 2)` takes what lies outside into the first or the last one.",
        "`s = (signal[j] + 1) / (signal[j] + 1).sum()`, the same for the background, and `np.log(s[k] / "
        "b[k])` summed over j.",
    ],
    mistakes={
        "no-log": "For {case} it is {right}; you gave {got}, without the logarithm.",
        "log-of-sum": "For {case} it is {right}; you gave {got}, the logarithm of a sum of ratios. The "
        "ratios are multiplied, so their logarithms are added.",
        "other-log": "For {case} it is {right}; you gave {got}. The natural logarithm is meant: `np.log`.",
        "upside-down": "For {case} it is {right}; you gave {got}. Signal stands above, background below.",
        "factor-two": "For {case} it is {right}; you gave {got}. The factor 2, or −2, belongs to another "
        "quantity, the one that is compared with χ².",
        "signal-only": "For {case} it is {right}; you gave {got}, the signal alone. A ratio needs both.",
        "of-sum": "For {case} it is {right}; you gave {got}, from signal over signal plus background. Here "
        "signal over background is asked for.",
        "mean": "For {case} it is {right}; you gave {got}, the mean over the variables. Add them up.",
        "one-variable": "For {case} it is {right}; you gave {got}, from one variable alone. Add up all.",
        "empty-bins": "For {case} it is {right}; you gave {got}. Add 1 to each bin of both histograms "
        "first: a bin without events is not a proof.",
        "counts": "For {case} it is {right}; you gave {got}, from counts. Divide by their sum: there is more "
        "signal than background here, and that is no news about the event.",
        "wrong-total": "For {case} it is {right}; you gave {got}. After adding 1 to each bin the sum has "
        "grown, too. Divide by the new one.",
        "total-plus-one": "For {case} it is {right}; you gave {got}. You divided by the old sum plus 1, but "
        "1 was added to every bin.",
        "added-to-share": "For {case} it is {right}; you gave {got}. You added 1 after dividing. Add it to "
        "the counts, then divide.",
        "one-class": "For {case} it is {right}; you gave {got}. You added 1 to one class only.",
        "only-empty": "For {case} it is {right}; you gave {got}. Add 1 to all bins, not to the empty ones "
        "alone.",
        "half": "For {case} it is {right}; you gave {got}, with ½ added to each bin. That is a fair choice, "
        "but here it is 1.",
        "tiny": "For {case} it is {right}; you gave {got}. A tiny number makes an empty bin nearly a proof. "
        "Add 1 to each count.",
        "density": "For {case} it is {right}; you gave {got}. You divided by the highest bin. A share "
        "divides by the sum.",
        "bin-too-high": "For {case} it is {right}; you gave {got}, one bin too high. `np.digitize` and "
        "`np.searchsorted` count the edges below: the first bin comes out as 1.",
        "edge-below": "For {case} it is {right}; you gave {got}. A value on an edge belongs to the bin above "
        "it: `side='right'`.",
        "wraps": "For {case} it is {right}; you gave {got}. A value below the first edge has got the index "
        "−1, which is the *last* bin. It belongs to the first.",
        "equal-bins": "For {case} it is {right}; you gave {got}. The bins are not equally wide; look for "
        "the edges.",
        "outside": "For {case} it is {right}; you gave {got}. A value outside of the edges counts as one in "
        "the first or in the last bin.",
        "rounded": "For {case} it is {right}; you gave {got}. Return all digits.",
        "other": "For {case} it is {right}; you gave {got}.",
    },
)
def _likelihood(answer: Callable, rng: np.random.Generator) -> None:
    cases = [_case(rng, k) for k in (1, 2, 3)]
    results = [as_array(answer(*case), (len(case[0]),), finite=False) for case in cases]
    recognise(results, cases, log_ratio, _WRONG, _say)


def _case(rng: np.random.Generator, k: int) -> tuple:
    """Bins of different width, empty ones in each class, values outside and on edges."""
    edges = [np.array([0.0, 1.0, 2.0, 4.0, 8.0]) + j for j in range(k)]
    signal, background = [], []
    for _ in range(k):
        signal.append(np.array([0, 6, 9, 4])[rng.permutation(4)] + np.array([0, 0, 0, 1]))
        background.append(np.array([5, 2, 0, 1])[rng.permutation(4)])
    values = np.array([-1.5, 0.0, 0.5, 1.5, 2.0, 3.5, 4.0, 5.5, 7.0, 8.0, 9.5, 12.0])
    x = np.stack([j + rng.permutation(values) for j in range(k)], axis=1)
    return x, edges, signal, background


def _say(case: tuple, got: Floats, right: Floats) -> dict:
    x, edges, signal, background = case
    i = int(np.argmax(~np.isclose(got, right)))
    if x.shape[1] > 1:
        text = f"event {i} of {len(x)}, with {x.shape[1]} variables,"
    else:
        text = (
            f"x = {x[i, 0]:g}, edges ({listed(edges[0])}), and ({listed(signal[0])}) signal and "
            f"({listed(background[0])}) background events in the bins,"
        )
    return {"case": text.replace("-", "−"), "got": got[i], "right": right[i]}
