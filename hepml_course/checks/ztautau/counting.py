"""Checks of the number of Z → ττ in the pseudo-data with a blind injection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_number, task
from hepml_course.checks.ztautau._common import SIGNAL, pair
from hepml_course.checks.ztautau._events import in_file, predicted
from hepml_course.checks.ztautau.injection import truth


def signal_yield(n, b, sigma_b, share, sigma_share):
    """Signal events before the cut, (n − b) / share, and the uncertainty from n, b and share."""
    value = (n - b) / share
    return value, np.sqrt((n + sigma_b**2) / share**2 + (value * sigma_share / share) ** 2)


@task(
    "ztautau.signal_yield",
    reference=signal_yield,
    right="Right. Subtracting the background does not subtract its fluctuations.",
    hints=[
        "The recorded number n fluctuates by √n, all of it, background included.",
        "In a formula: σ² = (n + σ_b²) / ε² + (N σ_ε / ε)².",
    ],
    mistakes={
        "one-number": "Two numbers are expected: the yield and its uncertainty.",
        "not-divided": "With n = {n}, b = {b} and a share of {share} you gave {got}. That many are left "
        "after the "
        "cut; how many were there before it?",
        "multiplied": "With n = {n}, b = {b} and a share of {share} you gave {got}. Only a share of the "
        "signal "
        "passes, so there are more before the cut, not fewer.",
        "no-subtraction": "With n = {n}, b = {b} and a share of {share} you gave {got}. The background was "
        "not "
        "subtracted.",
        "yield": "With n = {n}, b = {b} and a share of {share} the yield is {expected}; yours is {got}.",
        "sqrt-yield": "Your uncertainty is {got}, the root of the yield. What fluctuates is the recorded "
        "number "
        "n = {n}, background and all.",
        "sqrt-n": "Your uncertainty is {got} = √n. The yield is (n − b) divided by the share, and so is its "
        "error.",
        "only-counts": "Your uncertainty is {got}, from the recorded number alone. σ_b = {sigma_b} and the "
        "uncertainty of the share belong in it.",
        "no-sigma-b": "Your uncertainty is {got}, without that of the background, σ_b = {sigma_b}.",
        "no-sigma-share": "Your uncertainty is {got}, without that of the share, {sigma_share}.",
        "linear": "Your uncertainty is {got}: the pieces were added. Independent errors add in quadrature.",
        "error": "The uncertainty should be {expected}; yours is {got}.",
    },
)
def _signal_yield(answer: Callable, rng: np.random.Generator) -> None:
    n, b, sigma_b, share, sigma_share = 900, 300.0, 25.0, 0.75, 0.03
    value, error = pair(answer(n, b, sigma_b, share, sigma_share))
    right, right_error = signal_yield(n, b, sigma_b, share, sigma_share)
    shown = {"n": n, "b": b, "share": share, "sigma_b": sigma_b, "sigma_share": sigma_share}
    yields = {"not-divided": n - b, "multiplied": (n - b) * share, "no-subtraction": n / share}
    if not np.isclose(value, right):
        kind = next((k for k, v in yields.items() if np.isclose(value, v)), "yield")
        raise NotYet(kind, got=value, expected=right, **shown)
    pieces = np.sqrt(n) / share, sigma_b / share, right * sigma_share / share
    wrong = {
        "sqrt-yield": np.sqrt(right),
        "sqrt-n": np.sqrt(n),
        "only-counts": pieces[0],
        "no-sigma-b": np.hypot(pieces[0], pieces[2]),
        "no-sigma-share": np.hypot(pieces[0], pieces[1]),
        "linear": sum(pieces),
    }
    if not np.isclose(error, right_error):
        kind = next((k for k, v in wrong.items() if np.isclose(error, v)), "error")
        raise NotYet(kind, got=error, expected=right_error, **shown)


def reference_count() -> tuple[float, float]:
    """An answer that passes, for the tests: the truth with a sensible uncertainty."""
    return float(truth()[SIGNAL]), 1.5 * float(np.sqrt(truth()[SIGNAL]))


@task(
    "ztautau.count",
    kind="value",
    reference=reference_count,
    right="Right.",
    hints=[
        "Choose a cut on the score, count, subtract, divide by the share of signal that passes: "
        "`signal_yield`.",
        "Scale the simulation to the luminosity of the pseudo-data, and let only test events speak for it.",
        "Measure the W in the events with a transverse mass above 80 GeV before you subtract it.",
    ],
    mistakes={
        "one-number": "Give the number and its uncertainty: check(name, number, uncertainty).",
        "full-luminosity": "Your {got} is what one would expect in the luminosity of the weights. The "
        "pseudo-data has "
        "less: it holds {all} selected events in all.",
        "everything": "Your {got} is nearly the number of all selected events, background included.",
        "simulated": "Your {got} is what the simulation predicts. Nothing in it was recorded.",
        "sqrt-n": "An uncertainty of {error} on {got} is the root of the number, or less. The background "
        "under "
        "the signal fluctuates, too.",
        "vague": "An uncertainty of {error} on {got} is more than a tenth. This sample can do better.",
        "lesson": "Your {got} is about what the file holds, as the lesson found. Asked is `recorded`, the "
        "table with the injection.",
        "off": "Your {got} ± {error} misses the true number by {pulls} of your uncertainties.",
    },
)
def _count(value: Any, *rest: Any) -> str:
    if value is reference_count:
        value, *rest = *reference_count(), *rest
    *errors, _ = rest
    if len(errors) != 1:
        raise NotYet("one-number")
    n, error = as_number(value), as_number(errors[0])
    everything = sum(truth().values())
    shown = {"got": round(n), "error": round(error), "all": everything}
    if n > 3 * everything:
        raise NotYet("full-luminosity", **shown)
    if n > 0.93 * everything:
        raise NotYet("everything", **shown)
    if abs(n - predicted()) < 0.5:
        raise NotYet("simulated", **shown)
    if error <= 1.03 * np.sqrt(max(n, 0)):
        raise NotYet("sqrt-n", **shown)
    if error > 0.1 * n:
        raise NotYet("vague", **shown)
    true, before = truth()[SIGNAL], in_file()[SIGNAL]
    pulls = abs(n - true) / error
    if pulls > 3:
        kind = "lesson" if abs(n - before) < 2 * np.sqrt(before) else "off"
        raise NotYet(kind, pulls=float(pulls), **shown)
    return (
        f"Right. There are {true} Z → ττ in the table, {true - before} of them injected; "
        f"yours is {pulls:.1f} of its uncertainties away."
    )
