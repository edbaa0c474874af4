"""Checks of lesson 05: one cut, the ROC curve, its area, uncertainties, and the choice of a working point.

Everywhere a larger score means signal, the truth is a boolean, and a cut keeps ``score >= threshold``.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task
from hepml_course.metrics import Estimate, asimov_significance, auc, auc_difference, binomial_interval

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


# -- the course's own answers ------------------------------------------------------------------


def working_point(
    score: Floats, is_signal: Bools, threshold: float, jets_per_electron: float
) -> tuple[float, float, float]:
    """Signal efficiency, background rejection, and purity at a mixture that is not the sample's."""
    kept = score >= threshold
    signal, background = kept[is_signal].mean(), kept[~is_signal].mean()
    return signal, 1 / background, signal / (signal + jets_per_electron * background)


def curve(score: Floats, is_signal: Bools, weights: Floats) -> tuple[Floats, Floats]:
    """Background and signal efficiency from (0, 0) to (1, 1), one step per event."""
    order = np.argsort(-score)
    signal = np.cumsum((weights * is_signal)[order])
    background = np.cumsum((weights * ~is_signal)[order])
    return np.append(0, background / background[-1]), np.append(0, signal / signal[-1])


def auc_by_pairs(signal: Floats, background: Floats) -> float:
    """Share of pairs in which signal scores higher, ties one half."""
    return np.mean((signal[:, None] > background) + 0.5 * (signal[:, None] == background))


def auc_error(signal: Floats, background: Floats) -> float:
    """DeLong's uncertainty of the AUC."""
    return _delong(signal, background, ddof=1)


def interval(k: int, n: int) -> tuple[float, float]:
    """Wilson's interval of one standard deviation for an efficiency."""
    half = np.sqrt(k * (n - k) / n + 0.25)
    return (k + 0.5 - half) / (n + 1), (k + 0.5 + half) / (n + 1)


def impossible(scores: Mapping[str, Floats], limit: Floats, is_signal: Bools) -> list[str]:
    """Names of the classifiers above the limit by more than three errors of the difference."""
    above = {name: auc_difference(score, limit, is_signal) for name, score in scores.items()}
    return [name for name, found in above.items() if found.value > 3 * found.error]


def best_threshold(score: Floats, is_signal: Bools, n_s: float, n_b: float, fewest: int) -> float:
    """Cut of the highest Asimov significance that leaves enough simulated background."""
    return _scan(score, is_signal, n_s, n_b, fewest)


def _plain(value: object) -> object:
    """The answer without the uncertainties that the package's own functions add."""
    if isinstance(value, Estimate):
        return value.value
    return [_plain(part) for part in value] if isinstance(value, (tuple, list)) else value


def _rounded(got: object, right: object, atol: float = 6e-4) -> bool:
    """Whether the answer is the right one to two or three digits."""
    return np.allclose(got, right, rtol=6e-3, atol=atol)


def _wins(signal: Floats, background: Floats) -> Floats:
    return (signal[:, None] > background) + 0.5 * (signal[:, None] == background)


def _delong(signal: Floats, background: Floats, ddof: int) -> float:
    return _delong_of(_wins(signal, background), ddof)


def _delong_of(wins: NDArray, ddof: int = 1) -> float:
    parts = [wins.mean(axis=axis).var(ddof=ddof) / wins.shape[1 - axis] for axis in (1, 0)]
    return float(np.sqrt(sum(parts)))


# -- 1 one cut ---------------------------------------------------------------------------------

_Rates = tuple[float, float, float, float]  # ε_s, ε_b, share of signal in what is kept, of all events

_WRONG_PARTS: dict[int, dict[str, Callable]] = {
    0: {
        "open": lambda s, y, t, r: (s > t)[y].mean(),
        "below": lambda s, y, t, r: (s < t)[y].mean(),
        "of-kept": lambda s, y, t, r: y[s >= t].mean(),
        "of-all": lambda s, y, t, r: np.mean(y & (s >= t)),
        "count": lambda s, y, t, r: np.sum(y & (s >= t)),
        "percent": lambda s, y, t, r: 100 * (s >= t)[y].mean(),
    },
    1: {
        "not-inverted": lambda s, y, t, r: (s >= t)[~y].mean(),
        "specificity": lambda s, y, t, r: (s < t)[~y].mean(),
        "of-kept-jets": lambda s, y, t, r: 1 / (~y[s >= t]).mean(),
    },
    2: {
        "of-sample": lambda s, y, t, r: y[s >= t].mean(),
        "no-mixture": lambda s, y, t, r: _purity(s, y, t, 1),
        "upside-down": lambda s, y, t, r: _purity(s, y, t, 1 / r),
        "impurity": lambda s, y, t, r: 1 - _purity(s, y, t, r),
        "percent": lambda s, y, t, r: 100 * _purity(s, y, t, r),
        "counts-times-ratio": lambda s, y, t, r: (
            np.sum(y & (s >= t)) / (np.sum(y & (s >= t)) + r * np.sum(~y & (s >= t)))
        ),
    },
}


def _purity(score, is_signal, threshold, ratio):
    return working_point(score, is_signal, threshold, ratio)[2]


@task(
    "roc.working_point",
    reference=working_point,
    right="Right. Two numbers belong to the classifier, the third to the mixture as well.",
    hints=[
        "`score >= threshold` says who is kept. Look at the electrons among them, then at the jets.",
        "The mean of an array of True and False is the share of True: `kept[is_signal].mean()`.",
        "Per electron there are ε_s kept electrons and jets_per_electron · ε_b kept jets. "
        "The purity is the first over the sum.",
    ],
    mistakes={
        "open": "With threshold {t} you lost the events whose score is exactly {t}. A cut keeps them: `>=`.",
        "below": "You kept what lies below the threshold. A larger score means signal.",
        "of-kept": "Your efficiency, {got}, is the share of electrons among what is kept. "
        "Divide by all electrons.",
        "of-all": "Your efficiency, {got}, divides by all events. Divide by all electrons.",
        "count": "Your efficiency is {got}, a number of electrons. Divide by how many there are.",
        "not-inverted": "Your rejection is {got}: the share of jets that are kept. One over it is meant.",
        "specificity": "Your rejection is {got}, the share of jets that are lost. Here it means 1/ε_b.",
        "of-kept-jets": "Your rejection, {got}, looks at the jets among what is kept. Of all jets, "
        "one in how many is kept?",
        "of-sample": "Your purity, {got}, is that of the sample, with {n_s} electrons and {n_b} jets. "
        "Nature has {r} jets per electron.",
        "no-mixture": "Your purity, {got}, is the one for as many jets as electrons. "
        "Nature has {r} jets per electron.",
        "upside-down": "Your purity, {got}, is right for {r} electrons per jet. "
        "There are {r} jets per electron.",
        "impurity": "Your purity, {got}, is the share of jets in what is kept. The electrons are wanted.",
        "counts-times-ratio": "Your purity, {got}, multiplies the counts of a sample that has {n_b} jets on "
        "{n_s} electrons already. Use efficiencies instead of counts.",
        "percent": "Your {what}, {got}, is in percent. Return a share, between 0 and 1.",
        "rounded": "Your {what} is right to two or three digits. Return it as it is: round when you print.",
        "other": "For scores {score}, electrons {y}, threshold {t} the {what} is {right}; yours is {got}.",
    },
)
def _working_point(answer, rng):
    cases = [_small_sample(rng, jets) for jets in (10, 50, 200, 1000, 10, 25)]
    results = np.array([as_array(_plain(answer(*case)), (3,)) for case in cases])
    for part, what in enumerate(("signal efficiency", "rejection", "purity")):
        mine = results[:, part]
        right = np.array([working_point(*case)[part] for case in cases])
        if np.allclose(mine, right):
            continue
        score, y, t, r = cases[0]
        shown = {"what": what, "t": t, "r": r, "got": mine[0], "n_s": int(y.sum()), "n_b": int((~y).sum())}
        for mistake, wrong in _WRONG_PARTS[part].items():
            if imitates(mine, wrong, cases):
                raise NotYet(mistake, **shown)
        if _rounded(mine, right):
            raise NotYet("rounded", what=what)
        k = int(np.argmax(~np.isclose(mine, right)))
        score, y, t, _ = cases[k]
        shown = {"score": score, "y": y.astype(int), "t": t, "right": right[k], "got": mine[k]}
        raise NotYet("other", what=what, **shown)


def _small_sample(rng: np.random.Generator, jets: float) -> tuple[Floats, Bools, float, float]:
    """Few events with scores of one decimal; of each class some above, at, and below the threshold."""
    y = rng.permutation(np.repeat([True, False], [4, 6]))
    score = np.where(y, rng.integers(3, 9, 10), rng.integers(1, 7, 10)) / 10
    threshold = 0.5
    for members in (y, ~y):
        score[rng.choice(np.flatnonzero(members), 3, replace=False)] = 0.3, threshold, 0.7
    return score, y, threshold, jets


# -- 2 the curve -------------------------------------------------------------------------------


def _unsorted(score, y, w):
    return curve(-np.arange(len(score)), y, w)


def _not_normalised(score, y, w):
    b, s = curve(score, y, w)
    return b * w[~y].sum(), s * w[y].sum()


def _by_all(score, y, w):
    b, s = _not_normalised(score, y, w)
    return b / w.sum(), s / w.sum()


def _by_numbers(score, y, w):
    b, s = _not_normalised(score, y, w)
    return b / np.sum(~y), s / np.sum(y)


_WRONG_CURVES = {
    "no-weights": lambda s, y, w: curve(s, y, np.ones(len(s))),
    "ascending": lambda s, y, w: curve(-s, y, w),
    "swapped": lambda s, y, w: curve(s, y, w)[::-1],
    "unsorted": _unsorted,
    "not-normalised": _not_normalised,
    "by-all": _by_all,
    "by-numbers": _by_numbers,
    "weights-unsorted": lambda s, y, w: curve(s, y, w[np.argsort(np.argsort(-s))]),
}


@task(
    "roc.curve",
    reference=curve,
    right="Right. Five lines, and they agree with scikit-learn.",
    hints=[
        "Let the cut come down from above. Which event is kept first, which next?",
        "Sort everything by falling score with `np.argsort(-score)`, then let `np.cumsum` add up the weights "
        "of the signal, and those of the background.",
        "Divide each by its last value, and put a 0 in front: with the cut above all events nothing is kept.",
    ],
    mistakes={
        "no-weights": "Your curve is that of unweighted events. An event counts as its weight says.",
        "ascending": "Your curve starts with the lowest scores. The cut comes down from the highest.",
        "swapped": "Signal came first. Return the background efficiency, then the signal efficiency.",
        "unsorted": "The events come in the order of the table. Sort them by their score first.",
        "weights-unsorted": "The scores are sorted and the weights are not: each event must keep its own.",
        "not-normalised": "Your curve ends at ({x}, {y}): sums of weights. Divide each class by its total.",
        "by-all": "Your curve ends at ({x}, {y}). Divide by the total of the class, not of all events.",
        "by-numbers": "Your curve ends at ({x}, {y}). Divide by the sum of the weights, not by the number.",
        "no-origin": "Your curve starts at ({x}, {y}). With the cut above all events nothing is kept: "
        "it starts at (0, 0).",
        "no-end": "Your curve ends at ({x}, {y}). With the cut below all events everything is kept: (1, 1).",
        "coarse": "Your points are right, but there are {got} of them for {n} events, and steps are missing. "
        "Let every score be a threshold once.",
        "other": "For scores {score} the signal efficiency after {k} events is {right}; yours is {got}.",
    },
)
def _curve(answer, rng):
    cases = [_weighted_sample(rng, n) for n in (12, 12, 40)]
    results = [_two_lines(answer(*case)) for case in cases]
    x, y = results[0]
    ends = {"x": x[-1], "y": y[-1]}
    for mistake, wrong in _WRONG_CURVES.items():
        if _same_curves(results, wrong, cases):
            raise NotYet(mistake, **ends)
    for (x, y), case in zip(results, cases, strict=True):
        b, s = curve(*case)
        on_curve = (np.isclose(x[:, None], b) & np.isclose(y[:, None], s)).any(axis=1)
        if not on_curve.all():
            k = int(np.argmin(on_curve))
            place = min(k, len(s) - 1)
            raise NotYet("other", score=case[0], k=place, right=s[place], got=y[k])
        if not np.isclose([x.min(), y.min()], 0).all():
            raise NotYet("no-origin", x=x[0], y=y[0])
        if not np.isclose([x.max(), y.max()], 1).all():
            raise NotYet("no-end", x=x[-1], y=y[-1])
        if not np.isclose(_area(x, y), _area(b, s)):
            raise NotYet("coarse", got=len(x), n=len(case[0]))


def _two_lines(value: object) -> tuple[Floats, Floats]:
    """The answer as two arrays of equal length."""
    if value is None:
        raise NotYet("returns-nothing")
    if isinstance(value, (tuple, list)) and len(value) == 2:
        first, second = as_array(value[0], (None,)), as_array(value[1], (None,))
        if len(first) != len(second) or len(first) < 2:
            raise NotYet("shape", expected="(n,) twice", got=f"{first.shape} and {second.shape}")
        return first.astype(float), second.astype(float)
    both = as_array(value, (2, None))
    if both.shape[1] < 2:
        raise NotYet("shape", expected="(n,) twice", got=str(both.shape))
    return both[0].astype(float), both[1].astype(float)


def _same_curves(results: list, wrong: Callable, cases: list) -> bool:
    """Whether all curves are those of a known mistake, with or without the first point."""
    for got, case in zip(results, cases, strict=True):
        expected = np.array(wrong(*case))
        if not any(np.shape(got) == e.shape and np.allclose(got, e) for e in (expected, expected[:, 1:])):
            return False
    return True


def _area(x: Floats, y: Floats) -> float:
    order = np.lexsort((y, x))
    return float(np.trapezoid(y[order], x[order]))


def _weighted_sample(rng: np.random.Generator, n: int) -> tuple[Floats, Bools, Floats]:
    """Different scores, mixed order, weights that do not average to one."""
    y = rng.permutation(np.arange(n) < n // 2)
    score = rng.permutation(n) / 10 + np.where(y, 0.35, 0.0)
    if n > 20:
        score = score**4  # so dense at its low end that no grid of thresholds finds every step
    return score, y, rng.integers(1, 8, n) / 2


# -- 3 pairs -----------------------------------------------------------------------------------

_WRONG_PAIRS = {
    "ties-lost": lambda s, b: np.mean(s[:, None] > b),
    "ties-won": lambda s, b: np.mean(s[:, None] >= b),
    "reversed": lambda s, b: auc_by_pairs(b, s),
    "count": lambda s, b: _wins(s, b).sum(),
    "count-without-ties": lambda s, b: np.sum(s[:, None] > b),
    "by-position": lambda s, b: np.mean(s[: len(b)] > b[: len(s)]),
    "against-mean": lambda s, b: np.mean(s > b.mean()),
    "percent": lambda s, b: 100 * auc_by_pairs(s, b),
}


@task(
    "roc.auc_by_pairs",
    reference=auc_by_pairs,
    right="Right. The area under the ROC curve, without a curve.",
    hints=[
        "Every signal event meets every background event. How many pairs are that?",
        "`signal[:, None] > background` compares all with all: one row per signal event.",
        "A win counts 1, a tie 0.5. Then the mean over all pairs.",
    ],
    mistakes={
        "ties-lost": "For signal {s} and background {b} you gave {got}: ties count as lost. They count 1/2.",
        "ties-won": "For signal {s} and background {b} you gave {got}: ties count as won. They count 1/2.",
        "reversed": "You gave {got}: that is how often the background is above. How often is the signal?",
        "count": "You gave {got}, a number of pairs. Divide by how many pairs there are.",
        "count-without-ties": "You gave {got}, the number of pairs that are won. Add half of the ties and "
        "divide by the number of pairs.",
        "by-position": "You gave {got}: each signal event met one background event only. All meet all.",
        "against-mean": "You compared with the mean of the background. Compare with each background event.",
        "percent": "You gave {got}, in percent. Return a share, between 0 and 1.",
        "rounded": "Your share is right to two or three digits. Return it as it is: round when you print.",
        "other": "For signal {s} and background {b} the share of pairs is {right}; yours is {got}.",
    },
)
def _auc_by_pairs(answer, rng):
    cases = [(rng.integers(3, 9, n) / 10, rng.integers(2, 8, n) / 10) for n in (5, 6, 12)]
    results = [as_number(_plain(answer(*case))) for case in cases]
    unequal = [(rng.integers(3, 9, 7) / 10, rng.integers(1, 7, 4) / 10)]
    shown = {"s": cases[0][0], "b": cases[0][1], "got": results[0]}
    for mistake, wrong in _WRONG_PAIRS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    cases += unequal
    results += [as_number(_plain(answer(*case))) for case in unequal]
    k = first_difference(results, auc_by_pairs, cases)
    if k is not None:
        if _rounded(results, [auc_by_pairs(*case) for case in cases], atol=6e-3):
            raise NotYet("rounded")
        s, b = cases[k]
        raise NotYet("other", s=s, b=b, right=auc_by_pairs(s, b), got=results[k])


# -- 4 the error of an AUC -----------------------------------------------------------------------


def _parts(s: Floats, b: Floats) -> tuple[float, float]:
    wins = _wins(s, b)
    return wins.mean(axis=1).var(ddof=1), wins.mean(axis=0).var(ddof=1)


_WRONG_ERRORS = {
    "pairs-as-events": lambda s, b: np.sqrt(
        auc_by_pairs(s, b) * (1 - auc_by_pairs(s, b)) / (len(s) * len(b))
    ),
    "pairs-as-events-too": lambda s, b: _wins(s, b).std() / np.sqrt(len(s) * len(b)),
    "variance": lambda s, b: auc_error(s, b) ** 2,
    "not-divided": lambda s, b: np.sqrt(sum(_parts(s, b))),
    "signal-only": lambda s, b: np.sqrt(_parts(s, b)[0] / len(s)),
    "background-only": lambda s, b: np.sqrt(_parts(s, b)[1] / len(b)),
    "added": lambda s, b: np.sqrt(_parts(s, b)[0] / len(s)) + np.sqrt(_parts(s, b)[1] / len(b)),
    "crossed": lambda s, b: np.sqrt(_parts(s, b)[0] / len(b) + _parts(s, b)[1] / len(s)),
    "divided-by-all": lambda s, b: np.sqrt(sum(_parts(s, b)) / (len(s) + len(b))),
    "events-as-trials": lambda s, b: np.sqrt(
        auc_by_pairs(s, b) * (1 - auc_by_pairs(s, b)) / (len(s) + len(b))
    ),
    "ties-lost": lambda s, b: _delong_of(s[:, None] > b),
}


@task(
    "roc.auc_error",
    reference=auc_error,
    right="Right. This is DeLong's error, the one that `auc` prints.",
    hints=[
        "Make the matrix of wins first, one row per signal event. Its mean is the AUC.",
        "The mean of a row is the share of background that this signal event beats. How much does it vary "
        "from row to row? The same for the columns.",
        "`rows.var(ddof=1) / len(signal) + columns.var(ddof=1) / len(background)`, and the root of it.",
    ],
    mistakes={
        "pairs-as-events": "You gave {got}, the binomial error with {pairs} pairs. Pairs share events "
        "and are not independent: there are only {n_s} and {n_b} events.",
        "variance": "You gave {got}, the variance. The error is its root.",
        "not-divided": "You gave {got}: the spread of the single events. Divide each variance by the number "
        "of its events.",
        "signal-only": "You gave {got}: only the signal fluctuates. The background is a sample, too.",
        "background-only": "You gave {got}: only the background fluctuates. The signal is a sample, too.",
        "added": "You gave {got}: two independent errors added up as they are. Add their squares.",
        "crossed": "You gave {got}: the spread of the {n_s} signal events is divided by {n_b}, and the other "
        "way round. Each spread has its own number.",
        "divided-by-all": "You gave {got}: both variances are divided by the number of all events. "
        "Each class has its own number.",
        "events-as-trials": "You gave {got}, the binomial error with {all} events. The AUC is a share of "
        "pairs: take the spreads of the rows and of the columns.",
        "ties-lost": "You gave {got}: ties count as lost. In the matrix of wins they count 1/2.",
        "rounded": "Your error is right to two or three digits. Return it as it is: round when you print.",
        "other": "For signal {s} and background {b} the error is {right}; yours is {got}.",
    },
)
def _auc_error(answer, rng):
    cases = [(rng.integers(3, 9, m) / 10, rng.integers(1, 7, n) / 10) for m, n in ((5, 9), (6, 4), (20, 11))]
    results = [as_number(answer(*case)) for case in cases]
    s, b = cases[0]
    shown = {"got": results[0], "n_s": len(s), "n_b": len(b), "pairs": len(s) * len(b)}
    shown |= {"all": len(s) + len(b)}
    for mistake, wrong in _WRONG_ERRORS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake.removesuffix("-too"), **shown)
    if imitates(results, lambda s, b: _delong(s, b, ddof=0), cases):
        return "Right. With `ddof=1` in the variances it would hold for few events, too."
    k = first_difference(results, auc_error, cases)
    if k is not None:
        if _rounded(results, [auc_error(*case) for case in cases]):
            raise NotYet("rounded")
        s, b = cases[k]
        raise NotYet("other", s=s, b=b, right=auc_error(s, b), got=results[k])
    return None


# -- 5 the interval of an efficiency -----------------------------------------------------------


def _normal(k, n):
    half = np.sqrt(k * (n - k) / n) / n
    return k / n - half, k / n + half


def _wilson_around_share(k, n):
    half = np.sqrt(k * (n - k) / n + 0.25) / (n + 1)
    return k / n - half, k / n + half


_WRONG_INTERVALS = {
    "normal": _normal,
    "clopper-pearson": lambda k, n: binomial_interval(k, n, method="clopper-pearson"),
    "two-sigma": lambda k, n: binomial_interval(k, n, level=0.95),
    "reversed": lambda k, n: interval(k, n)[::-1],
    "centre": _wilson_around_share,
    "n-kept": lambda k, n: tuple(np.array(interval(k, n)) * (n + 1) / n),
    "centre-and-half": lambda k, n: (
        (interval(k, n)[0] + interval(k, n)[1]) / 2,
        (interval(k, n)[1] - interval(k, n)[0]) / 2,
    ),
}


@task(
    "roc.interval",
    reference=interval,
    right="Right. It has a width at 0 and at n, and never leaves the range from 0 to 1.",
    hints=[
        "The lesson has Wilson's formula. Its centre is not k/n.",
        "Centre (k + ½)/(n + 1), half width sqrt(k(n − k)/n + ¼)/(n + 1).",
        "Return two numbers, the lower end first. The package's `binomial_interval(k, n)` must agree.",
    ],
    mistakes={
        "normal": "For {n} of {n} you gave {all}: no width at all. That is the normal interval.",
        "clopper-pearson": "For 3 of {n} you gave {got}: the interval of Clopper and Pearson. A good one, "
        "and wider; here Wilson's is asked for.",
        "two-sigma": "For 3 of {n} you gave {got}: that holds the truth in 95 %. One standard deviation is "
        "asked for.",
        "reversed": "You gave the upper end first. The lower one comes first.",
        "centre": "Your interval for 3 of {n} has the right width, around k/n. Wilson's centre is elsewhere.",
        "n-kept": "Your interval for {n} of {n}, {all}, leaves the range. Divide by n + 1.",
        "centre-and-half": "For 3 of {n} you gave {got}: centre and half width. Return both ends.",
        "rounded": "Your interval is right to two digits. Return it as it is: round when you print.",
        "other": "For {k} of {n} the interval is {right}; yours is {got}.",
    },
)
def _interval(answer, rng):
    n = 20
    cases = [(3, n), (n, n), (0, n), (7, 10), (int(rng.integers(1, 50)), 50)]
    results = [as_array(answer(*case), (2,)) for case in cases]
    shown = {"n": n, "got": results[0], "all": results[1]}
    for mistake, wrong in _WRONG_INTERVALS.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown)
    expected = [interval(*case) for case in cases]
    if np.allclose(results, expected, rtol=0, atol=1e-3):  # 68 %, 68.3 % and one standard deviation
        return
    if np.allclose(results, expected, rtol=0, atol=6e-3):
        raise NotYet("rounded")
    k = first_difference(results, interval, cases)
    if k is not None:
        passed, total = cases[k]
        raise NotYet("other", k=passed, n=total, right=interval(passed, total), got=results[k])


# -- 6 better than the best --------------------------------------------------------------------

_GROUPS = ("cuts", "trees", "network", "support vectors", "neighbours", "forest")


def _naive(scores, limit, y, factor=3.0):
    """Names above the limit by so many errors, the two AUCs taken as independent."""
    first = auc(limit, y)
    found = {name: auc(score, y) for name, score in scores.items()}
    return {
        name
        for name, (value, error) in found.items()
        if value - first.value > factor * np.hypot(error, first.error)
    }


_WRONG_VERDICTS = {
    "no-uncertainty": lambda scores, limit, y: _naive(scores, limit, y, factor=0.0),
    "unpaired": _naive,
    "below": lambda scores, limit, y: {n for n, s in scores.items() if _pull(s, limit, y) < -3},
    "both-sides": lambda scores, limit, y: {n for n, s in scores.items() if abs(_pull(s, limit, y)) > 3},
    "best-only": lambda scores, limit, y: {max(scores, key=lambda n: auc(scores[n], y).value)},
    "possible": lambda scores, limit, y: set(scores) - set(impossible(scores, limit, y)),
    "everything": lambda scores, limit, y: set(scores),
    "nothing": lambda scores, limit, y: set(),
}


def _pull(score: Floats, limit: Floats, is_signal: Bools) -> float:
    value, error = auc_difference(score, limit, is_signal)
    return value / error


@task(
    "roc.impossible",
    reference=impossible,
    right="Right. Whoever handed these in has to look for what went wrong.",
    hints=[
        "Nobody can be better than the likelihood ratio. By how much may a measured AUC be above its AUC?",
        "The classifiers were tested on the same events as the limit. `auc_difference` knows that.",
        "`value, error = auc_difference(score, limit, is_signal)` for each of `scores.items()`; keep the "
        "name if value > 3 * error.",
    ],
    mistakes={
        "no-uncertainty": "You accuse {wrong}, which is above the limit by {pull} errors. "
        "That may be a fluctuation; more than three are asked for.",
        "unpaired": "You miss {missed}. Its AUC is {value} above the limit, and on the same events the "
        "difference is known to ± {error}.",
        "below": "You named the classifiers that are clearly worse than the limit. "
        "Nothing is wrong with those.",
        "both-sides": "You also named {wrong}, which is far *below* the limit. It is allowed to be bad.",
        "best-only": "You named the best one only. {missed} is above the limit by {pull} errors as well.",
        "possible": "You named those that are possible. Which are not?",
        "everything": "You named all of them. {wrong} is below the limit, where it belongs.",
        "nothing": "You named none. {missed} is above the limit by {pull} errors.",
        "names": "Return the names, as a list of text; yours is {got}.",
        "other": "You named {got}. Above the limit by more than three errors: {right}.",
    },
)
def _impossible(answer, rng):
    cases = [_handed_in(rng) for _ in range(2)]
    results = [_names(answer(*case), case[0]) for case in cases]
    expected = [set(impossible(*case)) for case in cases]
    if results == expected:
        return
    k = next(k for k, (got, right) in enumerate(zip(results, expected, strict=True)) if got != right)
    scores, limit, y = cases[k]
    wrong = sorted(results[k] - expected[k], key=lambda name: -abs(_pull(scores[name], limit, y)))
    missed = sorted(expected[k] - results[k], key=lambda name: _pull(scores[name], limit, y))
    shown = {"got": _listed(results[k]), "right": _listed(expected[k])}
    for name, key in ((wrong, "wrong"), (missed, "missed")):
        if name:
            value, error = auc_difference(scores[name[0]], limit, y)
            shown |= {key: name[0], "pull": value / error, "value": value, "error": error}
    for mistake, verdict in _WRONG_VERDICTS.items():
        if all(got == set(verdict(*case)) for got, case in zip(results, cases, strict=True)):
            raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _names(value: object, scores: Mapping) -> set[str]:
    """The answer as a set of names."""
    if value is None:
        raise NotYet("returns-nothing")
    if isinstance(value, str):
        value = [value]
    try:
        found = {str(name) for name in list(value)}
    except TypeError:
        raise NotYet("names", got=value) from None
    if not found <= set(scores):
        raise NotYet("names", got=value if isinstance(value, (bool, int, float)) else list(value))
    return found


def _handed_in(rng: np.random.Generator) -> tuple[dict[str, Floats], Floats, Bools]:
    """Six classifiers: bad, honest, not quite three errors above, and three that saw the labels."""
    while True:
        truth = rng.permutation(np.repeat([True, False], 200))
        limit = rng.normal(1.2 * truth, 1)  # two Gaussians of equal width: the variable is its own limit
        kinds = {
            "bad": rng.normal(0.6 * truth, 1),
            "honest": limit + rng.normal(0, 0.5, len(truth)),
            "lucky": limit + 0.05 * truth + rng.normal(0, 0.1, len(truth)),
            "leaky": limit + 0.12 * truth + rng.normal(0, 0.1, len(truth)),
            "cheat": limit + 1.0 * truth,
            "thief": limit + 0.8 * truth + rng.normal(0, 0.2, len(truth)),
        }
        pull = {kind: _pull(score, limit, truth) for kind, score in kinds.items()}
        order = rng.permutation(list(kinds))
        scores = dict(zip(_GROUPS, (kinds[kind] for kind in order), strict=True))
        decided = (
            pull["bad"] < -4 and pull["honest"] < 0 and min(pull["leaky"], pull["cheat"], pull["thief"]) > 3.3
        )
        if decided and 2.1 < pull["lucky"] < 2.8 and len(_naive(scores, limit, truth)) == 2:
            return scores, limit, truth


# -- 7 where to cut ----------------------------------------------------------------------------


def _scan(
    score: Floats,
    is_signal: Bools,
    n_s: float,
    n_b: float,
    fewest: int,
    merit: Callable = asimov_significance,
) -> float:
    """The threshold with the highest figure of merit, each score being tried once."""
    cuts = np.unique(score)
    signal, background = np.sort(score[is_signal]), np.sort(score[~is_signal])
    left = len(background) - np.searchsorted(background, cuts)
    s, b = n_s * (1 - np.searchsorted(signal, cuts) / len(signal)), n_b * left / len(background)
    quality = np.where(left >= fewest, merit(s, np.maximum(b, 1e-9)), -np.inf)
    return float(cuts[np.argmax(quality)])


def _next_below(score: Floats, cut: float) -> float:
    """What a scan of ``score > threshold`` finds for the same events."""
    return float(np.max(score[score < cut], initial=-np.inf))


def _expected_fewest(score, y, n_s, n_b, fewest):
    return _scan(score, y, n_s, n_b, int(np.ceil(fewest * np.sum(~y) / n_b)))


_WRONG_CUTS = {
    "no-minimum": lambda s, y, n_s, n_b, fewest: _scan(s, y, n_s, n_b, 1),
    "no-minimum-at-all": lambda s, y, n_s, n_b, fewest: _scan(s, y, n_s, n_b, 0),
    "expected-minimum": _expected_fewest,
    "root-b": lambda *case: _scan(*case, merit=lambda s, b: s / np.sqrt(b)),
    "root-s-plus-b": lambda *case: _scan(*case, merit=lambda s, b: s / np.sqrt(s + b)),
    "sample-counts": lambda s, y, n_s, n_b, fewest: _scan(s, y, np.sum(y), np.sum(~y), fewest),
    "of-all": lambda s, y, n_s, n_b, fewest: _scan(s, y, n_s * y.mean(), n_b * (~y).mean(), fewest),
    "off-by-one": lambda *case: _next_below(case[0], best_threshold(*case)),
}


@task(
    "roc.best_threshold",
    reference=best_threshold,
    right="Right. And its significance is to be read off events that did not choose it.",
    hints=[
        "Try every score as a threshold. For each: which share of signal, of background, is kept?",
        "With s = n_s · share of signal and b = n_b · share of background, take `asimov_significance(s, b)`. "
        "Leave out the thresholds with fewer than `fewest` background events of the sample behind them.",
        "In a loop: `if np.sum(kept & ~is_signal) < fewest: continue`. Remember the best, and its threshold.",
    ],
    mistakes={
        "no-minimum": "Behind your cut, {got}, {left} background events of the sample are left. "
        "At least {fewest} were asked for.",
        "expected-minimum": "Behind your cut, {got}, {left} background events of the sample are left, which "
        "stand for more. The sample has to hold {fewest} of them.",
        "root-b": "Your cut, {got}, has the highest s/√b. By Asimov it is worth {z} σ; "
        "{right} is worth {best}.",
        "root-s-plus-b": "Your cut, {got}, has the highest s/√(s + b). By Asimov it is worth {z} σ; {right} "
        "is worth {best}.",
        "sample-counts": "Your cut, {got}, is best for the {sample_s} and {sample_b} events of the sample. "
        "Expected are {n_s} and {n_b}: scale the shares.",
        "of-all": "Your cut, {got}, divides what is kept by all events of the sample. A share is taken of "
        "its own class: signal of signal, background of background.",
        "grid": "Your cut, {got}, is not one of the scores, and keeps other events than the best, {right}. "
        "A grid steps over it: let each score be a threshold once.",
        "significance": "You gave {got}: that is the highest significance. Which threshold has it?",
        "index": "You gave {got}: the place of the threshold in a list. Return the threshold itself.",
        "off-by-one": "Your cut, {got}, is the next score below the best one, {right}. With "
        "`score >= threshold` the event at the threshold is kept, too.",
        "other": "For n_s = {n_s} and n_b = {n_b} your cut, {got}, is worth {z} σ; {right} is worth {best}.",
    },
)
def _best_threshold(answer, rng):
    cases = _cut_cases(rng)
    results = [as_number(answer(*case)) for case in cases]
    right = [best_threshold(*case) for case in cases]
    different = [k for k in range(len(cases)) if not _same_cut(results[k], right[k], cases[k])]
    if not different:
        return
    k = different[0]
    score, y, n_s, n_b, fewest = cases[k]
    shown = {"got": results[k], "right": right[k], "fewest": fewest, "n_s": n_s, "n_b": n_b}
    shown |= {"left": int(np.sum(~y & (score >= results[k])))}
    shown |= {"sample_s": int(y.sum()), "sample_b": int((~y).sum())}
    shown |= {"z": f"{_worth(results[k], cases[k]):.4f}", "best": f"{_worth(right[k], cases[k]):.4f}"}
    if np.allclose(results, [_worth(cut, case) for cut, case in zip(right, cases, strict=True)]):
        raise NotYet("significance", **shown)
    for mistake, wrong in _WRONG_CUTS.items():
        if all(_same_cut(r, wrong(*case), case) for r, case in zip(results, cases, strict=True)):
            raise NotYet(mistake.removesuffix("-at-all"), **shown)
    if all(r >= 1 and r == int(r) for r in results):
        raise NotYet("index", **shown)
    if not np.isclose(score, results[k]).any() and score.min() < results[k] < score.max():
        raise NotYet("grid", **shown)
    raise NotYet("other", **shown)


def _same_cut(one: float, other: float, case: tuple) -> bool:
    """Whether two thresholds keep the same events."""
    return np.array_equal(case[0] >= one, case[0] >= other)


def _worth(threshold: float, case: tuple) -> float:
    score, y, n_s, n_b, _ = case
    kept = score >= threshold
    b = n_b * kept[~y].mean()
    return asimov_significance(n_s * kept[y].mean(), b) if b > 0 else np.inf


def _cut_cases(rng: np.random.Generator) -> list[tuple]:
    """Samples on which every known mistake chooses another cut than the right answer and the others."""
    while True:
        cases = [_cut_sample(rng, n_b, fewest) for n_b, fewest in ((800, 10), (4000, 2), (600, 5))]
        answers = (best_threshold, *_WRONG_CUTS.values())
        kept = [tuple(np.sum(case[0] >= answer(*case)) for case in cases) for answer in answers]
        if len(set(kept)) == len(kept):
            return cases


def _cut_sample(rng: np.random.Generator, n_b: float, fewest: int) -> tuple:
    y = rng.permutation(np.repeat([True, False], [600, 300]))
    score = (1 / (1 + np.exp(-rng.normal(1.5 * y, 1)))).round(3)
    return score, y, 100.0, float(n_b), fewest
