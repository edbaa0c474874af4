"""Check of lesson 14: a width that outliers do not spoil."""

from collections.abc import Callable

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.tracking._common import Floats, Wrong, functions, single

LOW, HIGH = 0.158655, 0.841345  # a Gaussian's shares below −σ and below +σ


def robust_width(values: Floats) -> float:
    """Half of the interval that holds the central 68.3 %."""
    low, high = np.quantile(values, (LOW, HIGH))
    return float(high - low) / 2


def _between(low: float, high: float, factor: float) -> Callable:
    return lambda x: factor * float(np.diff(np.quantile(x, (low, high)))[0])


_WRONG_WIDTHS: Wrong = {
    "full": _between(LOW, HIGH, 1.0),
    "std": (lambda x: x.std(), lambda x: x.std(ddof=1)),
    "rms": lambda x: np.sqrt(np.mean(x**2)),
    "quartiles": (_between(0.25, 0.75, 0.5), _between(0.25, 0.75, 1.0)),
    "scaled-quartiles": _between(0.25, 0.75, 1 / 1.34898),
    "around-zero": lambda x: np.quantile(np.abs(x), HIGH - LOW),
    "around-median": lambda x: np.quantile(np.abs(x - np.median(x)), HIGH - LOW),
    "mad": (
        lambda x: np.median(np.abs(x - np.median(x))),
        lambda x: 1.4826 * np.median(np.abs(x - np.median(x))),
        lambda x: np.mean(np.abs(x - x.mean())),
    ),
    "lower-68": (
        lambda x: np.quantile(x, HIGH - LOW) / 2,
        lambda x: np.quantile(x, HIGH - LOW),
        _between(0.0, HIGH - LOW, 0.5),
        _between(0.0, HIGH - LOW, 1.0),
    ),
    "two-thirds": _between(0.34, 0.68, 0.5),
    "one-quantile": (lambda x: np.quantile(x, HIGH), lambda x: np.quantile(x, LOW)),
    "one-side": (
        lambda x: np.quantile(x, HIGH) - np.median(x),
        lambda x: np.median(x) - np.quantile(x, LOW),
    ),
    "clipped": lambda x: x[np.abs(x - x.mean()) < 3 * x.std()].std(),
    "unsorted": lambda x: (x[int(HIGH * len(x))] - x[int(LOW * len(x))]) / 2,
    "sign": _between(HIGH, LOW, 0.5),
    "ninety-five": _between(0.025, 0.975, 0.5),
    "percent": lambda x: float(np.diff(np.quantile(x, (LOW / 100, HIGH / 100)))[0]) / 2,
}


@task(
    "tracking.robust_width",
    reference=robust_width,
    right="Right. A lost track, 20 pixels off or 2000, changes it equally little.",
    hints=[
        "The central 68.3 %: how much is left on either side?",
        "Below the interval lie 15.87 %, and above it as many. `np.quantile(values, 0.1587)` is its lower "
        "end.",
        "Upper end minus lower end, divided by two.",
    ],
    mistakes={
        "full": "You gave {got}: the whole interval, from −σ to +σ for a Gaussian. Half of it is meant.",
        "std": "You gave {got}, the standard deviation. A few values far away have made it so large; the "
        "central 68.3 % know nothing of them.",
        "rms": "You gave {got}, the root of the mean square. Values far away and a shift of all values "
        "make it large.",
        "quartiles": "You gave {got}: from the quartiles, which hold the central 50 %. It should be 68.3 %.",
        "scaled-quartiles": "You gave {got}: the central 50 %, scaled as for a Gaussian. A robust width, but "
        "here the central 68.3 % are asked for.",
        "around-zero": "You gave {got}: 68.3 % are closer to zero than that. These values are shifted; take "
        "the central interval, wherever it is.",
        "around-median": "You gave {got}: 68.3 % are closer to the median than that. Here 15.87 % shall be "
        "left on each side, which is not the same if the values are skewed.",
        "mad": "You gave {got}, from absolute deviations. A robust width, but here half of the "
        "central 68.3 % is asked for.",
        "lower-68": "You gave {got}: the lowest 68.3 %. The central ones have 15.87 % below them.",
        "two-thirds": "You gave {got}: between the quantiles 0.34 and 0.68 there are only 34 %.",
        "one-quantile": "You gave {got}: one end of the interval. It has two.",
        "one-side": "You gave {got}: from the median to one end. These values are skewed; take half the "
        "distance between both ends.",
        "clipped": "You gave {got}: a standard deviation without what is far away. How far is far? The "
        "central 68.3 % need no such choice.",
        "unsorted": "You gave {got}: two values in the order of the list. Sort them first.",
        "sign": "You gave {got}: lower end minus upper end.",
        "ninety-five": "You gave {got}: half of the central 95 %, two standard deviations of a Gaussian.",
        "percent": "You gave {got}. `np.quantile` wants shares between 0 and 1, `np.percentile` per cents.",
        "other": "For {n} values the central 68.3 % are from {low} to {high}; you gave {got}.",
    },
)
def _robust_width(answer, rng):
    cases = []
    for shift, scale in ((1.0, 2.0), (-3.0, 0.5), (4.0, 1.0)):
        values = rng.laplace(size=1000)
        values = shift + scale * np.where(values > 0, 2 * values, values)  # long on one side, no Gaussian
        values[:5] = shift + 80 * scale
        cases.append((rng.permutation(values).round(2),))
    results = [single(answer(*case)) for case in cases]
    x = cases[0][0]
    low, high = np.quantile(x, (LOW, HIGH))
    if all(abs(got / robust_width(*case) - 1) < 0.03 for got, case in zip(results, cases, strict=True)):
        return
    shown = {"got": results[0], "low": low, "high": high, "n": len(x)}
    for mistake, function in functions(_WRONG_WIDTHS):
        if np.allclose(results, [function(*case) for case in cases], rtol=0.02):
            raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)
