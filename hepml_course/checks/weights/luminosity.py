"""Check of lesson 10: the weight of a simulated event, from cross section and luminosity."""

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_array, imitates, task
from hepml_course.checks.weights._common import (
    Floats,
    Wrong,
    at_first_difference,
    code,
    recognise,
    rounded,
    signed,
    telling,
)

PER_PICOBARN = 1000.0  # events in 1 fb⁻¹ at a cross section of 1 pb


def luminosity(generator_weights: Floats, cross_section: float, integrated: float) -> Floats:
    """Weights that add up to the number of events expected: cross section in pb, luminosity in fb⁻¹."""
    return _scaled(generator_weights, cross_section * integrated * PER_PICOBARN)


def _scaled(g: Floats, total: float, below: Callable = np.sum, above: Callable = np.asarray) -> Floats:
    """Weights with this total; or with another sum below the line, or another weight above it."""
    return above(g) * (total / below(g))


def _expected(s: float, lumi: float) -> float:
    return s * lumi * PER_PICOBARN


def _ones(g: Floats) -> Floats:
    return np.ones(len(g))


def _positive(g: Floats) -> Floats:
    return np.where(g > 0, g, 0.0)


def _total_absolute(g: Floats) -> float:
    return np.abs(g).sum()


_WRONG: Wrong = {
    "no-thousand": lambda g, s, lumi: _scaled(g, s * lumi),
    "thousandth": lambda g, s, lumi: _scaled(g, s * lumi / PER_PICOBARN),
    "million": lambda g, s, lumi: _scaled(g, s * lumi * PER_PICOBARN**2),
    "events-counted": lambda g, s, lumi: _scaled(g, _expected(s, lumi), len),
    "absolute-sum": lambda g, s, lumi: _scaled(g, _expected(s, lumi), _total_absolute),
    "positive-sum": lambda g, s, lumi: _scaled(g, _expected(s, lumi), lambda g: g[g > 0].sum()),
    "signs-counted": (
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), lambda g: np.sign(g).sum()),
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), lambda g: np.sign(g).sum(), np.sign),
    ),
    "all-alike": (
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), np.sum, _ones),
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), len, _ones),
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), _total_absolute, _ones),
    ),
    "sign-lost": (
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), np.sum, np.abs),
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), _total_absolute, np.abs),
    ),
    "negative-dropped": (
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), lambda g: g[g > 0].sum(), _positive),
        lambda g, s, lumi: _scaled(g, _expected(s, lumi), np.sum, _positive),
    ),
    "squares": lambda g, s, lumi: _scaled(g, _expected(s, lumi), lambda g: g @ g),
    "no-luminosity": (
        lambda g, s, lumi: _scaled(g, s * PER_PICOBARN),
        lambda g, s, lumi: _scaled(g, s),
    ),
    "no-cross-section": (
        lambda g, s, lumi: _scaled(g, lumi * PER_PICOBARN),
        lambda g, s, lumi: _scaled(g, lumi),
    ),
    "share": lambda g, s, lumi: _scaled(g, 1.0),
    "not-divided": (
        lambda g, s, lumi: g * _expected(s, lumi),
        lambda g, s, lumi: g * s * lumi,
    ),
    "generator-lost": lambda g, s, lumi: _scaled(g, _expected(s, lumi), np.sum, np.sign),
    "upside-down": (
        lambda g, s, lumi: g * g.sum() / _expected(s, lumi),
        lambda g, s, lumi: g * g.sum() / (s * lumi),
        lambda g, s, lumi: _scaled(g, PER_PICOBARN * s / lumi),
        lambda g, s, lumi: _scaled(g, PER_PICOBARN * lumi / s),
    ),
}


@task(
    "weights.luminosity",
    reference=luminosity,
    right="Right. The negative ones count, with their sign, in the sum as well.",
    hints=[
        "First the sum: how many events does nature make at this cross section and luminosity? The weights "
        "have to add up to that.",
        "A picobarn is 1000 femtobarn, so σ in pb times L in fb⁻¹ times 1000 is a number of events.",
        "Divide the generator's weights by their sum, negative ones included, and multiply by 1000 σ L.",
    ],
    mistakes={
        "shape": "One weight for each event is expected, shape {expected}; yours has shape {got}.",
        "total": "You gave one number, {got}. That is what all weights together should make; which part of "
        "it belongs to each event?",
        "no-thousand": "For {case} your weights add up to {sum}. With {s} pb and {lumi} fb⁻¹ the units do "
        "not cancel: 1 pb = 1000 fb.",
        "thousandth": "For {case} your weights add up to {sum}. A picobarn is *more* than a femtobarn: "
        "multiply by 1000.",
        "million": "For {case} your weights add up to {sum}: the factor 1000 went in twice.",
        "events-counted": "For {case} your weights add up to {sum}, where {events} events are expected. You "
        "divided by the number of generated events; divide by the sum of their weights.",
        "absolute-sum": "For {case} your weights add up to {sum}, where {events} events are expected. You "
        "divided by the sum of |g|. A negative event takes one away from that sum.",
        "positive-sum": "For {case} your weights add up to {sum}, where {events} events are expected. You "
        "divided by the sum of the positive ones only.",
        "signs-counted": "For {case} your weights add up to {sum}. You counted signs. The weights of the "
        "generator differ in size, too.",
        "all-alike": "For {case} all your weights are {first}. The generator says that one event counts "
        "{g_a} and another {g_b}.",
        "sign-lost": "For {case} none of your weights is negative. The generator subtracts some events; "
        "without their sign the shape is wrong.",
        "negative-dropped": "For {case} the negative events got weight 0. They are there to be subtracted.",
        "squares": "For {case} your weights add up to {sum}, where {events} are expected. You divided by "
        "the sum of the squares.",
        "no-luminosity": "For {case} your weights add up to {sum}. The luminosity, {lumi} fb⁻¹, is missing.",
        "no-cross-section": "For {case} your weights add up to {sum}. The cross section, {s} pb, is missing.",
        "share": "For {case} your weights add up to 1: each is a share. Multiply by the number of events "
        "that is expected.",
        "not-divided": "For {case} your weights add up to {sum}, where {events} events are expected. The "
        "more events are generated, the less each counts: divide by the sum of the generator's weights.",
        "generator-lost": "For {case} your weights differ in sign only. The generator's differ in size, too.",
        "upside-down": "For {case} your weights add up to {sum}, where {events} events are expected. "
        "Something above the line belongs below it: the weight grows with σ and with L, and falls with the "
        "sum of generated weights.",
        "rounded": "For {case} you rounded the weights. Return all digits.",
        "other": "For {case} the weight of event {i} is {right}; yours is {got}.",
    },
)
def _luminosity(answer: Callable, rng: np.random.Generator) -> None:
    cases = [*telling(lambda: _case(rng), luminosity, _WRONG), _case(rng)]
    cases.append((np.array([1.5, -0.5, 2.0, 1.0, -1.0, 0.5]), 2.5, 20.0))  # no round weights
    results = [_weights(answer(*case), case) for case in cases]
    if rounded(results, luminosity, cases, 0.6) and not imitates(results, luminosity, cases):
        raise NotYet("rounded", **_say(cases[0], results[0], luminosity(*cases[0])))
    recognise(results, cases, luminosity, _WRONG, _say)


def _weights(value: Any, case: tuple) -> Floats:
    array = as_array(value)
    if array.size == 1 and np.isclose(float(array.reshape(())), _expected(*case[1:])):
        raise NotYet("total", got=f"{float(array.reshape(())):.6g}")
    return as_array(value, case[0].shape).astype(float)


def _case(rng: np.random.Generator) -> tuple[Floats, float, float]:
    return signed(rng, 6), float(rng.choice([0.5, 1.5, 2.5, 4.0])), float(rng.choice([3.0, 20.0, 36.0]))


def _say(case: tuple, got: Floats, right: Floats) -> dict[str, Any]:
    g, s, lumi = case
    text = f"generator weights {code(g)}, {s:g} pb and {lumi:g} fb⁻¹"
    i, mine, theirs = at_first_difference(got, right)
    other = int(np.argmax(g != g[0]))
    shown = {"case": text, "sum": f"{got.sum():.6g}", "events": f"{right.sum():.6g}", "s": s, "lumi": lumi}
    return shown | {
        "i": i,
        "got": mine,
        "right": theirs,
        "first": f"{got[0]:.6g}",
        "g_a": g[0],
        "g_b": g[other],
    }
