"""An objective for Optuna: what it asks a trial for. The trial is Optuna's own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, as_number, show, task

_RANGES = {"rate": (1e-4, 1e-1), "width": (4, 64), "dropout": (0.0, 0.5)}


def objective(trial: Any, quality: Callable) -> float:
    """Ask the trial for three values, and return the quality there."""
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
    width = trial.suggest_int("width", 4, 64)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    return quality(rate, width, dropout)


@contextlib.contextmanager
def _trial(share: float) -> Iterator[Any]:
    """A trial of a real study whose sampler always goes the same share of the way through a range."""
    import optuna

    class Fixed(optuna.samplers.BaseSampler):
        def infer_relative_search_space(self, study: Any, trial: Any) -> dict:
            return {}

        def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict:
            return {}

        def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
            return _at(param_distribution, share)

    said = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        yield optuna.create_study(direction="maximize", sampler=Fixed()).ask()
    finally:
        optuna.logging.set_verbosity(said)


def _at(distribution: Any, share: float) -> Any:
    """The value at a share of the way from the lower to the upper limit, on the grid if there is one."""
    if hasattr(distribution, "choices"):
        return distribution.choices[int(share * len(distribution.choices))]
    low, high = distribution.low, distribution.high
    value = low * (high / low) ** share if distribution.log else low + (high - low) * share
    step = distribution.step
    value = low + step * round((value - low) / step) if step else value
    return int(value) if _kind(distribution) == "int" else value


def _kind(distribution: Any) -> str:
    return {"FloatDistribution": "float", "IntDistribution": "int"}.get(
        type(distribution).__name__, "choices"
    )


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
        "exponent": "You ask for the exponent of `rate`, from {low} to {high}, and Optuna would record that "
        "as the rate. Ask for 0.0001 to 0.1 with `log=True`: it is the same draw.",
        "rate-not-log": "The rate spans three decades. Drawn evenly, nine of ten would lie above 0.01; "
        "`log=True` is missing.",
        "width-not-int": "There are no {value} neurons in a layer: `width` wants `suggest_int`.",
        "not-float": "`{name}` was asked for with `suggest_int`, which gives whole numbers, here {value}. It "
        "wants `suggest_float`.",
        "choices": "`{name}` was asked for as a list of choices. Then the search cannot know that two "
        "of them are neighbours: give a range.",
        "steps": "`{name}` was asked for in steps of {step}: few values are left to try. Leave the step out.",
        "range": "`{name}` was asked for between {low} and {high}. The task says {right_low} to "
        "{right_high}.",
        "order": "`quality` was called with ({got}). Its order is rate, width, dropout.",
        "changed": "The trial proposed ({right}), and `quality` was called with ({got}). Hand on the values "
        "as they are.",
        "not-called": "`quality` was never called.",
        "sign": "`quality` gave {right} and you returned {got}. The study maximises: no minus sign is "
        "needed.",
        "settings": "You returned the settings. The objective returns the score that they reach.",
        "other": "`quality` gave {right}; you returned {got}.",
    },
)
def _objective(answer, rng):
    for share in (0.37, 0.81):
        with _trial(share) as trial:
            calls: list[tuple] = []

            def quality(rate, width, dropout, calls=calls):
                calls.append(tuple(float(v) for v in (rate, width, dropout)))
                return _score(*calls[-1])

            got = answer(trial, quality)
            _asked_for(trial)
            _handed_on(trial, calls, got)


def _score(rate: float, width: float, dropout: float) -> float:
    return round(0.9 - 0.01 * abs(np.log10(abs(rate) + 1e-9) + 2) - 0.1 / (width or 1) - 0.02 * dropout, 4)


def _asked_for(trial: Any) -> None:
    """Refuse an objective that asks for something else than the task says."""
    for name, (low, high) in _RANGES.items():
        if name not in trial.distributions:
            raise NotYet("not-asked", name=name)
        asked = trial.distributions[name]
        kind, value = _kind(asked), trial.params[name]
        if kind == "choices":
            raise NotYet("choices", name=name)
        shown = {"name": name, "low": asked.low, "high": asked.high}
        if name == "rate" and np.allclose((asked.low, asked.high), np.log10((low, high))):
            raise NotYet("exponent", **shown)
        if name == "width" and kind != "int":
            raise NotYet("width-not-int", value=value)
        if name != "width" and kind == "int":
            raise NotYet("not-float", value=value, **shown)
        if name == "rate" and not asked.log:
            raise NotYet("rate-not-log")
        if asked.step not in (None, 1):
            raise NotYet("steps", step=asked.step, **shown)
        if not np.allclose((asked.low, asked.high), (low, high)):
            raise NotYet("range", right_low=low, right_high=high, **shown)


def _handed_on(trial: Any, calls: list[tuple], got: Any) -> None:
    """Refuse a quality that was asked for elsewhere, or that is not what comes back."""
    if isinstance(got, (dict, tuple, list)):
        raise NotYet("settings")
    if not calls:
        raise NotYet("not-called")
    wanted = tuple(float(trial.params[name]) for name in _RANGES)
    if not np.allclose(calls[-1], wanted):
        said = {"got": ", ".join(map(show, calls[-1])), "right": ", ".join(map(show, wanted))}
        raise NotYet("order" if np.allclose(sorted(calls[-1]), sorted(wanted)) else "changed", **said)
    right, got = _score(*calls[-1]), as_number(got)
    if np.isclose(got, -right) or np.isclose(got, 1 - right):
        raise NotYet("sign", right=right, got=got)
    if not np.isclose(got, right):
        raise NotYet("other", right=right, got=got)
