"""Check of lesson 10: one sample reweighted to another by the ratio of two histograms."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_array, imitates, task
from hepml_course.checks.weights._common import (
    Floats,
    Wrong,
    at_first_difference,
    comparable,
    strange,
    telling,
)


def ratio(source: Floats, w: Floats, target: Floats, w_target: Floats, edges: Floats) -> Floats:
    """New weights of the source events: w times the share of the target over that of the source, per bin."""
    return _reweight(source, w, target, w_target, edges)


def _reweight(
    source: Floats,
    w: Floats,
    target: Floats,
    w_target: Floats,
    edges: Floats,
    ratio: Callable = np.divide,
    w_in: Floats | None = None,
    shift: int = 0,
    shares: bool = True,
    times: bool = True,
) -> Floats:
    """The reweighting; or with another ratio, weights, bin, normalisation, or without the old weights."""
    inside = w if w_in is None else w_in
    h, g = (np.histogram(x, edges, weights=v)[0] for x, v in ((source, inside), (target, w_target)))
    if shares:
        h, g = h / h.sum(), g / g.sum()
    with np.errstate(all="ignore"):
        factor = np.asarray(ratio(g, h), dtype=float)
    k = np.clip(np.searchsorted(edges, source, side="right") - 1 + shift, 0, len(factor) - 1)
    return comparable(factor[k] * (w if times else 1.0))


def _with(**change: Any) -> Callable:
    return lambda *case: _reweight(*case, **change)


def _no_target_weights(s: Floats, w: Floats, t: Floats, v: Floats, edges: Floats, **change: Any) -> Floats:
    return _reweight(s, w, t, np.ones(len(t)), edges, **change)


def _no_source_weights(s: Floats, w: Floats, t: Floats, v: Floats, edges: Floats, **change: Any) -> Floats:
    return _reweight(s, w, t, v, edges, w_in=np.ones(len(s)), **change)


def _no_weights(s: Floats, w: Floats, t: Floats, v: Floats, edges: Floats, **change: Any) -> Floats:
    return _reweight(s, w, t, np.ones(len(t)), edges, w_in=np.ones(len(s)), **change)


def _scaled_to(total: Callable) -> Callable:
    """The right weights, scaled so that they add up to something."""

    def wrong(s: Floats, w: Floats, t: Floats, v: Floats, edges: Floats) -> Floats:
        found = ratio(s, w, t, v, edges)
        return found * (total(w, v) / found.sum())

    return wrong


def _kept(g: Floats, h: Floats) -> Floats:
    return np.where(g > 0, g / h, 1.0)


def _upside_down(g: Floats, h: Floats) -> Floats:
    return h / g


def _upside_down_or_zero(g: Floats, h: Floats) -> Floats:
    return np.where(g > 0, h / g, 0.0)


def _upside_down_or_one(g: Floats, h: Floats) -> Floats:
    return np.where(g > 0, h / g, 1.0)


_WRONG: Wrong = {
    "upside-down": (
        _with(ratio=_upside_down),
        _with(ratio=_upside_down_or_zero),
        _with(ratio=_upside_down_or_one),
    ),
    "not-normalised": (
        _with(shares=False),
        lambda *case: _no_source_weights(*case, shares=False),
        lambda *case: _no_weights(*case, shares=False),
        _with(shares=False, ratio=lambda g, h: g / g.sum() / h),
        _with(shares=False, ratio=lambda g, h: g / (h / h.sum())),
    ),
    "target-unweighted": _no_target_weights,
    "source-unweighted": _no_source_weights,
    "unweighted": (_no_weights, lambda *case: _no_weights(*case, times=False)),
    "factor-only": (_with(times=False), lambda *case: _no_source_weights(*case, times=False)),
    "factor-of-sums": _with(times=False, shares=False),
    "target-share": (_with(ratio=lambda g, h: g), _with(ratio=lambda g, h: g, times=False)),
    "kept": _with(ratio=_kept),
    "next-bin": (_with(shift=1), _with(shift=-1)),
    "scaled": (_scaled_to(lambda w, v: w.sum()), _scaled_to(lambda w, v: len(w))),
    "scaled-to-target": _scaled_to(lambda w, v: v.sum()),
    "scaled-to-one": _scaled_to(lambda w, v: 1.0),
    "root": _with(ratio=lambda g, h: np.sqrt(g / h)),
    "difference": _with(ratio=lambda g, h: 1 + g - h),
    "unchanged": lambda s, w, t, v, edges: w,
    "odds": _with(ratio=lambda g, h: g / (g + h)),
}


@task(
    "weights.ratio",
    reference=ratio,
    right="Right. What the source never makes no weight can bring back.",
    hints=[
        "Three steps: the weighted histogram of each sample, as shares; their ratio in each bin; and for "
        "each source event the bin it is in.",
        "`np.digitize(source, edges) - 1` gives the bins. A factor may be 0/0 in a bin without source "
        "events: nobody asks for it.",
        "`h = np.histogram(source, edges, weights=w)[0]`, the same for the target, each divided by its sum; "
        "then `w * (target_share / source_share)[bins]`.",
    ],
    mistakes={
        "per-target": "You gave {got} weights, one for each *target* event. It is the source that is "
        "reweighted.",
        "per-bin": "You gave {got} numbers, one for each bin. Each source event gets a weight, by its bin.",
        "shape": "One weight for each source event is expected, shape {expected}; yours has shape {got}.",
        "upside-down": "Source event {where} you gave {got}, where {right} is right. The share of the "
        "target goes above the line: where the source has too many events they must count less.",
        "not-normalised": "Source event {where} you gave {got}, where {right} is right. The weights of the "
        "target add up to {sum_target}, those of the source to {sum_source}: compare shares, not sums.",
        "target-unweighted": "Source event {where} you gave {got}, where {right} is right. The target "
        "events have weights, too.",
        "source-unweighted": "Source event {where} you gave {got}, where {right} is right. The source has "
        "weights already: they belong into its histogram.",
        "unweighted": "Source event {where} you gave {got}, where {right} is right. Both histograms were "
        "filled without weights.",
        "factor-only": "Source event {where} you gave {got}, where {right} is right: the factor. The event "
        "had the weight {old} before; multiply.",
        "factor-of-sums": "Source event {where} you gave {got}: the ratio of the sums of weights, without "
        "the old weight {old} and without making shares of them.",
        "target-share": "Source event {where} you gave {got}, where {right} is right. The share of the "
        "target was not divided by that of the source.",
        "kept": "Source event {where} you gave {got}, where {right} is right. There is no target event in "
        "that bin, so nothing should be left of the source there.",
        "next-bin": "Source event {where} you gave {got}, where {right} is right: the factor of the bin "
        "beside. The first bin has the number 0; `np.digitize` calls it 1.",
        "scaled": "Source event {where} you gave {got}, where {right} is right. You scaled the weights "
        "afterwards. Their sum is smaller than {sum_source} because of target events in a bin that the "
        "source never reaches; that should be seen.",
        "scaled-to-target": "Source event {where} you gave {got}, where {right} is right. You scaled the "
        "weights to the sum of the target. Only the shape is carried over.",
        "scaled-to-one": "Source event {where} you gave {got}, where {right} is right. Your weights add up "
        "to 1; shares belong into the ratio only.",
        "root": "Source event {where} you gave {got}, where {right} is right. No root: weights add up, they "
        "are no uncertainties.",
        "difference": "Source event {where} you gave {got}, where {right} is right. The difference of the "
        "shares is no factor; their ratio is.",
        "unchanged": "Source event {where} you gave {got}, the old weight.",
        "odds": "Source event {where} you gave {got}, where {right} is right. You divided by the sum of "
        "both shares. Below the line the source stands alone.",
        "not-finite": "There is {bad} among your weights. Take the factor from the bin the event is in: "
        "there is a source event in it, so its share is not 0.",
        "other": "Source event {where} the new weight is {right}; yours is {got}.",
    },
)
def _ratio(answer: Callable, rng: np.random.Generator) -> None:
    cases = telling(lambda: _case(rng), ratio, _WRONG)
    results = [_weights(answer(*case), case) for case in cases]
    if imitates(results, ratio, cases):
        return
    k = next(k for k, case in enumerate(cases) if not np.allclose(results[k], ratio(*case)))
    shown = _say(cases[k], results[k])
    for mistake, many in _WRONG.items():
        if any(imitates(results, f, cases) for f in (many if isinstance(many, tuple) else (many,))):
            raise NotYet(mistake, **shown)
    if bad := strange(results):
        raise NotYet("not-finite", bad=bad, **shown)
    raise NotYet("other", **shown)


def _weights(value: Any, case: tuple) -> Floats:
    array = as_array(value, finite=False)
    source, _, target, _, edges = case
    if array.shape != source.shape:
        named = {target.shape: "per-target", (len(edges) - 1,): "per-bin"}
        if array.shape in named:
            raise NotYet(named[array.shape], got=len(array))
        as_array(value, source.shape, finite=False)
    return comparable(array)


def _case(rng: np.random.Generator) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Nine source and seven target events in five bins of different width; one bin has only target events."""
    edges = np.array([0.0, 1.0, 2.0, 4.0, 5.0, 6.0])
    places = np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    left_out = rng.choice(places[[0, 1, 4, 5]], 2, replace=False)
    source = rng.choice(places[places != left_out[0]], 9)
    target = np.append(rng.choice(places[places != left_out[1]], 6), left_out[0])
    w, v = (rng.choice([0.5, 1.0, 1.5, 2.0, 3.0], n) for n in (9, 7))
    return (source, w, target, v, edges) if left_out[1] in source else _case(rng)


def _telling_event(got: Floats, right: Floats) -> tuple[int, float, float]:
    """An event whose weight is wrong; if possible one that is not at a bin without target."""
    plain = (right > 0) & (np.abs(got) < 9901)
    if np.allclose(got[plain], right[plain]):
        return at_first_difference(got, right)
    return at_first_difference(np.where(plain, got, right), right)


def _say(case: tuple, got: Floats) -> dict[str, Any]:
    source, w, target, v, edges = case
    i, mine, right = _telling_event(got, ratio(*case))
    k = int(np.searchsorted(edges, source[i], side="right")) - 1
    held = (source >= edges[k]) & (source < edges[k + 1]), (target >= edges[k]) & (target < edges[k + 1])
    mine = {9901.0: "NaN", 9902.0: "infinity"}.get(abs(mine), mine)
    where = (
        f"{i}, of weight {w[i]:g}, shares its bin with {w[held[0]].sum():g} of the "
        f"{w.sum():g} of the source and {v[held[1]].sum():g} of the {v.sum():g} of the target:"
    )
    return {"where": where, "got": mine, "right": right, "old": w[i]} | {
        "sum_source": w.sum(),
        "sum_target": v.sum(),
    }
