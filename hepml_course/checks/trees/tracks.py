"""Check of lesson 08: core and tail of a momentum resolution."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.trees._common import Floats, Wrong, functions, mistaken, pair, quiet

LOW, HIGH = 0.158655, 0.841345  # a Gaussian's shares below −σ and below +σ
LIMIT = 0.7  # MeV/c


def resolution(p_reco: Floats, p_true: Floats) -> tuple[float, float]:
    """Half the width of the central 68.3 % in keV/c, and the share of tracks more than 700 keV/c too high."""
    off = p_reco - p_true
    low, high = np.quantile(off, (LOW, HIGH))
    return 1000 * (high - low) / 2, np.mean(off > LIMIT)


def _width(r: Floats, t: Floats, low: float = LOW, high: float = HIGH, factor: float = 500.0) -> float:
    return factor * float(np.diff(np.quantile(r - t, (low, high)))[0])


_WRONG_CORE: Wrong = {
    "full": lambda r, t: _width(r, t, factor=1000),
    "mev": lambda r, t: _width(r, t, factor=0.5),
    "full-mev": lambda r, t: _width(r, t, factor=1),
    "std": tuple(lambda r, t, f=f: f * (r - t).std() for f in (1000, 1)),
    "rms": tuple(lambda r, t, f=f: f * np.sqrt(np.mean((r - t) ** 2)) for f in (1000, 1)),
    "quartiles": tuple(
        lambda r, t, f=f: _width(r, t, 0.25, 0.75, f) for f in (500, 1000, 1000 / 1.349, 0.5, 1, 1 / 1.349)
    ),
    "mad": tuple(
        lambda r, t, f=f: f * np.median(np.abs(r - t - np.median(r - t))) for f in (1000, 1482.6, 1, 1.4826)
    ),
    "around-zero": tuple(lambda r, t, f=f: f * np.quantile(np.abs(r - t), HIGH - LOW) for f in (1000, 1)),
    "around-median": tuple(
        lambda r, t, f=f: f * np.quantile(np.abs(r - t - np.median(r - t)), HIGH - LOW) for f in (1000, 1)
    ),
    "one-side": tuple(
        lambda r, t, f=f, q=q: f * abs(np.quantile(r - t, q) - np.median(r - t))
        for f in (1000, 1)
        for q in (LOW, HIGH)
    ),
    "of-p-reco": tuple(
        lambda r, t, f=f: f * float(np.diff(np.quantile(r, (LOW, HIGH)))[0]) for f in (500, 0.5)
    ),
    "relative": tuple(
        lambda r, t, f=f: f * float(np.diff(np.quantile((r - t) / t, (LOW, HIGH)))[0])
        for f in (500, 0.5, 50, 500_000)
    ),
    "lower-68": tuple(lambda r, t, f=f: _width(r, t, 0.0, HIGH - LOW, f) for f in (500, 1000, 0.5, 1)),
    "sign": tuple(lambda r, t, f=f: -_width(r, t, factor=f) for f in (500, 0.5)),
}

_WRONG_TAIL: Wrong = {
    "both-sides": lambda r, t: np.mean(np.abs(r - t) > LIMIT),
    "low-side": (lambda r, t: np.mean(r - t < -LIMIT), lambda r, t: np.mean(t - r > LIMIT)),
    "below-limit": lambda r, t: np.mean(r - t < LIMIT),
    "good-limit": lambda r, t: np.mean(r - t > 0.25),
    "not-good": lambda r, t: np.mean(np.abs(r - t) > 0.25),
    "no-tail": (lambda r, t: np.mean(r - t > 700), lambda r, t: np.mean(1000 * (r - t) > LIMIT)),
    "count": lambda r, t: np.sum(r - t > LIMIT),
    "percent": lambda r, t: 100 * np.mean(r - t > LIMIT),
    "around-median-tail": lambda r, t: np.mean(r - t - np.median(r - t) > LIMIT),
    "of-high": lambda r, t: np.sum(r - t > LIMIT) / np.sum(r > t),
}


@task(
    "trees.resolution",
    reference=resolution,
    right="Right. Two numbers, because one cannot say both: how sharp the line is, and how much of something "
    "else runs into it.",
    hints=[
        "Begin with `off = p_reco - p_true`, in MeV/c. Everything else is about these numbers.",
        "The core: `np.quantile(off, 0.1587)` and `np.quantile(off, 0.8413)` are the ends of the central "
        "68.3 %. Half their distance, times 1000 for keV/c.",
        "The tail: the mean of `off > 0.7`, too *high* only.",
    ],
    mistakes={
        "two-numbers": "Two numbers are expected: the core in keV/c, then the share in the tail.",
        "order": "You gave {got_both}. The core comes first, then the tail.",
        "full": "Your core is {got} keV/c, and it should be {right}: half of the interval, like a σ.",
        "mev": "Your core is {got}, in MeV/c. Return it in keV/c.",
        "full-mev": "Your core is {got}: the whole interval, in MeV/c. Return half of it, in keV/c.",
        "std": "Your core is {got}, the standard deviation. A few tracks that are far off make it whatever "
        "they like; the central 68.3 % give {right} keV/c.",
        "rms": "Your core is {got}, the root of the mean square, which is about the tails and the shift. The "
        "central 68.3 % give {right} keV/c.",
        "quartiles": "Your core is {got}, from quartiles, which hold the central 50 %. Take 68.3 %.",
        "mad": "Your core is {got}, from the median of absolute deviations. Robust, but here half of the "
        "central 68.3 % is asked for, {right} keV/c.",
        "around-zero": "Your core is {got}: 68.3 % are closer to zero than that. That mixes width and shift. "
        "Leave 15.87 % below and 15.87 % above.",
        "around-median": "Your core is {got}: 68.3 % are closer to the median than that. Leave 15.87 % below "
        "and 15.87 % above.",
        "one-side": "Your core is {got}, from the median to one end. Take half the distance of both ends.",
        "of-p-reco": "Your core is {got}, the width of `p_reco`. The true momentum is not the same for all "
        "tracks: subtract it first.",
        "relative": "Your core is {got}, divided by the momentum. Asked are keV/c.",
        "lower-68": "Your core is {got}, from the lowest 68.3 %. The central ones have 15.87 % below them.",
        "sign": "Your core is {got}. A width is not negative: upper end minus lower end.",
        "core": "For {n} tracks the core is {right} keV/c; yours is {got}.",
        "both-sides": "The core is right. Your tail, {got}, counts tracks that are too low as well. Asked is "
        "too high: that is where background runs into the signal.",
        "low-side": "The core is right. Your tail, {got}, counts the tracks that are too *low*: p_reco − "
        "p_true.",
        "below-limit": "The core is right. Your tail is {got}: all that is *not* in the tail.",
        "good-limit": "The core is right. Your tail, {got}, begins at 250 keV/c, the limit of good tracks. "
        "It begins at 700.",
        "not-good": "The core is right. Your tail is {got}: all that is not good. Between good and bad there "
        "is a gap.",
        "no-tail": "The core is right. Your tail is {got}. Momenta are in MeV/c: 700 keV/c are 0.7.",
        "count": "The core is right. Your tail is {got}, a number of tracks. Divide by {n}.",
        "percent": "The core is right. Your tail is {got}, in percent. Return a share.",
        "around-median-tail": "The core is right. Your tail, {got}, is measured from the median. Asked is "
        "from the truth.",
        "of-high": "The core is right. Your tail, {got}, is a share of those that are too high. Divide by "
        "all.",
        "tail": "The core is right. Of {n} tracks the share {right} is more than 0.7 MeV/c too high; you "
        "gave {got}.",
    },
)
def _resolution(answer: Callable, rng: np.random.Generator) -> None:
    cases = [_tracks(rng, n) for n in (1000, 1500)]
    results = np.array([pair(answer(*case), "two-numbers") for case in cases])
    right = np.array([resolution(*case) for case in cases])
    if np.allclose(results[:, ::-1], right, rtol=0.03):
        raise NotYet("order", got_both=results[0])
    n = len(cases[0][0])
    if not np.allclose(results[:, 0], right[:, 0], rtol=0.01):  # quantiles are defined in several ways
        mistake = _similar(results[:, 0], cases) or "core"
        got, expected = (f"{core:.4g}".replace("-", "−") for core in (results[0, 0], right[0, 0]))
        raise NotYet(mistake, got=got, right=expected, n=n)
    if not np.allclose(results[:, 1], right[:, 1]):
        mistake = mistaken(results[:, 1], cases, _WRONG_TAIL) or "tail"
        k = int(np.argmax(~np.isclose(results[:, 1], right[:, 1])))
        raise NotYet(mistake, got=results[k, 1], right=right[k, 1], n=len(cases[k][0]))


def _similar(mine: Floats, cases: list[tuple]) -> str | None:
    """The mistake that gives this core, to half a percent: quantiles are defined in several ways."""
    for mistake, function in functions(_WRONG_CORE):
        if np.allclose(mine, [quiet(function)(*case) for case in cases], rtol=0.005):
            return mistake
    return None


def _tracks(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Momenta in MeV/c: a core that is shifted and skewed, and a tail on each side."""
    p_true = 104 - rng.exponential(1.0, n)
    off = rng.normal(0, 0.18, n)
    off = 0.2 + np.where(off > 0, 1.6 * off, off)
    where = rng.random(n)
    off += np.where(where < 0.08, rng.exponential(0.8, n), 0)
    off -= np.where(where > 0.9, rng.exponential(1.0, n), 0)
    return (p_true + off).round(4), p_true.round(4)
