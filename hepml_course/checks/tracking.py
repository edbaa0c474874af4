"""Checks of lesson 14: the likelihood of a line, the scan, a robust width, predicted errors and their tests.

A plane has 28 columns and 28 rows; row r reaches from y = r to r + 1, column c stands at x = c.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2 as chi2_distribution

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task
from hepml_course.simulate.tracks import pixel_plane

Floats = NDArray[np.float64]
Wrong = Mapping[str, Callable | Sequence[Callable]]

COLUMNS = np.arange(28)
LOW, HIGH = 0.158655, 0.841345  # a Gaussian's shares below −σ and below +σ
WORDS = ("fine", "too large", "too small", "outliers", "correlation")


# -- the course's own answers ------------------------------------------------------------------


def rows(y0: float, y1: float) -> NDArray[np.int64]:
    """Row that a line crosses in each of the 28 columns."""
    return np.floor(y0 + (y1 - y0) * COLUMNS / 27).astype(int)


def log_likelihood(image: NDArray, rows: NDArray, hit_efficiency: float, noise: float) -> float:
    """Logarithm of the probability of the whole image if a track crosses these rows."""
    probability = np.full((28, 28), noise)
    probability[rows, COLUMNS] = 1 - (1 - noise) * (1 - hit_efficiency)
    return float(np.log(np.where(image, probability, 1 - probability)).sum())


def scan(image: NDArray, ends: Floats) -> tuple[float, float]:
    """Ends of the line with most hits, and so with the highest likelihood."""
    return _best(_counts(image, ends), ends)


def robust_width(values: Floats) -> float:
    """Half of the interval that holds the central 68.3 %."""
    low, high = np.quantile(values, (LOW, HIGH))
    return float(high - low) / 2


def loss(y: Floats, mean: Floats, log_sigma: Floats) -> float:
    """Negative logarithm of a Gaussian, averaged over events, without its constant."""
    return float(np.mean((y - mean) ** 2 * np.exp(-2 * log_sigma) / 2 + log_sigma))


def chi2_probability(residuals: Floats, covariance: Floats) -> Floats:
    """Probability of a χ² as large or larger, two degrees of freedom for each event."""
    return np.exp(-_chi2(residuals, covariance) / 2)


def diagnose(p: Floats) -> str:
    """What the distribution of p says about the errors: one of five words."""
    height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20
    first, second, last = height[0], height[1:5].mean(), height[-4:].mean()
    if last > 1.25:
        return "correlation" if first > 0.7 else "too large"
    if first > 1.35:
        return "too small" if second > 1.14 else "outliers"
    return "fine"


# -- what the checks share ---------------------------------------------------------------------


def _recognise(results: Sequence, cases: Sequence[tuple], wrong: Wrong, shown: Mapping[str, Any]) -> None:
    """Raise the first mistake whose function gives the student's results in every case."""
    for mistake, functions in wrong.items():
        for function in functions if isinstance(functions, Sequence) else [functions]:
            if imitates(results, function, cases):
                raise NotYet(mistake, **shown)


def _rounded(results: Sequence, right: Callable, cases: Sequence[tuple], atol: float) -> bool:
    expected = [np.asarray(right(*case)) for case in cases]
    return all(np.allclose(got, e, rtol=0, atol=atol) for got, e in zip(results, expected, strict=True))


# -- 1 the rows of a line ------------------------------------------------------------------------


def _height(y0: float, y1: float, steps: float = 27) -> Floats:
    return y0 + (y1 - y0) * COLUMNS / steps


_WRONG_ROWS: Wrong = {
    "steps": (
        lambda a, b: np.floor(_height(a, b, 28)),
        lambda a, b: np.floor(a + (b - a) * (COLUMNS + 1) / 28),
    ),
    "rounded": (
        lambda a, b: np.rint(_height(a, b)),
        lambda a, b: np.floor(_height(a, b) + 0.5),
        lambda a, b: np.minimum(np.rint(_height(a, b)), 27),
    ),
    "ceiling": lambda a, b: np.ceil(_height(a, b)),
    "half": lambda a, b: np.floor(_height(a, b) - 0.5),
    "reversed": lambda a, b: rows(b, a),
    "no-start": lambda a, b: np.floor((b - a) * COLUMNS / 27),
    "slope-sign": lambda a, b: np.floor(a - (b - a) * COLUMNS / 27),
    "ends-only": lambda a, b: np.linspace(int(a), int(b), 28).astype(int),
    "transposed": lambda a, b: COLUMNS,
}


@task(
    "tracking.rows",
    reference=rows,
    right="Right. One pixel in each column.",
    hints=[
        "From column 0 to column 27 it is 27 steps. How far does the line climb in one?",
        "The height in column c is y0 + (y1 - y0) * c / 27. Which row is 3.7 in?",
        "`np.floor(...)`, then `.astype(int)`, so that the answer can be used as an index.",
    ],
    mistakes={
        "shape": "One row for each column is expected, shape {expected}; yours has shape {got}.",
        "not-whole": "In column {c} you gave {got}: that is a height. In which row is it?",
        "floats": "The rows are right, but they are floats such as {got}, and an index has to be a whole "
        "number. `.astype(int)` makes it one.",
        "steps": "From {y0} to {y1}: in column {c} you gave row {got}, right is {right}. From the first "
        "column to the last it is 27 steps.",
        "rounded": "In column {c} the height is {height}, and you gave row {got}. Row 3 reaches from 3 to 4: "
        "cut off, do not round.",
        "ceiling": "In column {c} the height is {height}, and you gave row {got}. Row 3 reaches from 3 to 4: "
        "cut off, do not round up.",
        "half": "In column {c} the height is {height}, and you gave row {got}. Row 3 begins at 3, its middle "
        "is at 3.5.",
        "reversed": "Your line begins at {y1} and ends at {y0}. It comes in at y0.",
        "no-start": "Your line begins in row 0. It comes in at y0 = {y0}.",
        "slope-sign": "Your line goes the other way: in column {c} row {got} where {right} is right. "
        "The climb is y1 - y0.",
        "ends-only": "In column {c} you gave row {got}, right is {right}. You cut off the ends first; "
        "cut off the heights.",
        "transposed": "You gave the columns. In which row is the line in each?",
        "other": "The line from {y0} to {y1} is at height {height} in column {c}, which is row {right}; "
        "you gave {got}.",
    },
)
def _rows(answer, rng):
    cases = [(2.6, 20.3), (25.4, 3.9), *(tuple(pair) for pair in rng.integers(0, 279, (5, 2)) / 10 + 0.05)]
    results = [as_array(answer(*case), (28,)) for case in cases]
    k = first_difference(results, rows, cases)
    if k is None:
        if results[0].dtype.kind == "f":
            raise NotYet("floats", got=f"{results[0][0]:.1f}")
        return
    right = rows(*cases[k])
    c = int(np.argmax(~np.isclose(results[k], right)))
    shown = {"y0": cases[k][0], "y1": cases[k][1], "c": c, "got": results[k][c], "right": right[c]}
    shown["height"] = float(_height(*cases[k])[c])
    _recognise(results, cases, _WRONG_ROWS, shown)
    for got in results:
        fractions = np.flatnonzero(got != np.floor(got))
        if len(fractions):
            raise NotYet("not-whole", c=int(fractions[0]), got=got[fractions[0]])
    raise NotYet("other", **shown)


# -- 2 the likelihood of an image ----------------------------------------------------------------


def _on_line(image, rows):
    return np.asarray(image)[rows, COLUMNS].astype(bool)


def _log_with(on: Callable, off: Callable | None = None) -> Callable:
    """The log-likelihood with another probability on the line, and off it."""

    def function(image, rows, e, p):
        probability = np.full((28, 28), p if off is None else off(e, p))
        probability[rows, COLUMNS] = on(e, p)
        with np.errstate(all="ignore"):
            return np.log(np.where(image, probability, 1 - probability)).sum()

    return function


def _on(e: float, p: float) -> float:
    return 1 - (1 - p) * (1 - e)


def _line_only(image, rows, e, p):
    fired = _on_line(image, rows)
    return np.log(np.where(fired, _on(e, p), 1 - _on(e, p))).sum()


def _hits_only(image, rows, e, p):
    probability = np.full((28, 28), p)
    probability[rows, COLUMNS] = _on(e, p)
    return np.log(probability[np.asarray(image) > 0]).sum()


def _ratio(image, rows, e, p):
    fired = _on_line(image, rows)
    return np.where(fired, np.log(_on(e, p) / p), np.log(1 - e)).sum()


def _log_of_sum(image, rows, e, p):
    probability = np.full((28, 28), p)
    probability[rows, COLUMNS] = _on(e, p)
    return np.log(np.where(image, probability, 1 - probability).sum())


def _transposed(image, rows, e, p):
    probability = np.full((28, 28), p)
    probability[COLUMNS, rows] = _on(e, p)
    return np.log(np.where(image, probability, 1 - probability)).sum()


_WRONG_LIKELIHOODS: Wrong = {
    "noise-not-on-track": _log_with(lambda e, p: e),
    "added": _log_with(lambda e, p: e + p),
    "product": _log_with(lambda e, p: e * p),
    "swapped": _log_with(_on, lambda e, p: e),
    "swapped-all": _log_with(lambda e, p: p, lambda e, p: e),
    "silent-on-track": _log_with(lambda e, p: (1 - p) * (1 - e)),
    "line-only": _line_only,
    "hits-only": (
        _hits_only,
        lambda i, r, e, p: np.log(np.where(_on_line(i, r), _on(e, p), 1)).sum(),
    ),
    "ratio": _ratio,
    "log-of-sum": _log_of_sum,
    "not-the-log": (
        lambda *case: np.exp(log_likelihood(*case)),
        lambda *case: 0.0,
    ),
    "sign": lambda *case: -log_likelihood(*case),
    "base-ten": (
        lambda *case: log_likelihood(*case) / np.log(10),
        lambda *case: log_likelihood(*case) / np.log(2),
    ),
    "mean": lambda *case: log_likelihood(*case) / 784,
    "transposed": _transposed,
    "inverted": lambda i, r, e, p: log_likelihood(1 - np.asarray(i), r, e, p),
    "everywhere": _log_with(_on, _on),
    "no-track": _log_with(lambda e, p: p),
}


@task(
    "tracking.log_likelihood",
    reference=log_likelihood,
    right="Right. All that the image knows about this line is in one number.",
    hints=[
        "Make an array of the probability of every pixel to fire. Off the line it is the noise.",
        "A pixel on the line is silent only if the track does not make it fire *and* the noise does not: "
        "(1 − ε)(1 − p). So it fires with one minus that: `probability[rows, np.arange(28)] = ...`.",
        "Where the image is 1 take the probability, where it is 0 one minus it: `np.where`. Then the "
        "logarithm of each, then the sum.",
    ],
    mistakes={
        "not-finite": "There is {bad} in your answer. A product of 784 probabilities is too small for a "
        "float, and a probability of 0 or more than 1 has no logarithm: add up the logarithms of each.",
        "noise-not-on-track": "You gave {got}; right is {right}. On the line your pixels fire with "
        "probability {e}. Noise can make them fire, too.",
        "added": "You gave {got}; right is {right}. With ε + p the case that both happen counts twice.",
        "product": "You gave {got}; right is {right}. ε·p is the probability that track *and* noise make the "
        "pixel fire. One of them is enough.",
        "swapped": "You gave {got}; right is {right}. Off the line your pixels fire with the hit efficiency. "
        "There is only noise.",
        "swapped-all": "You gave {got}; right is {right}. Noise and hit efficiency are exchanged.",
        "silent-on-track": "You gave {got}; right is {right}. (1 − ε)(1 − p) is the probability that a pixel "
        "on the line stays *silent*.",
        "line-only": "You gave {got}: only the pixels on the line. The other 756 belong to the image, too.",
        "hits-only": "You gave {got}: only pixels that fired. A silent pixel also has a probability, one "
        "minus that of firing.",
        "ratio": "You gave {got}, the logarithm of the ratio to an image without a track. Here the "
        "probability of the image itself is asked for.",
        "log-of-sum": "You gave {got}, the logarithm of a sum. Independent pixels multiply, so their "
        "logarithms add up.",
        "not-the-log": "You gave {got}: the probability itself, or too small for a float. Add up logarithms.",
        "sign": "You gave {got}. The logarithm of a probability is negative.",
        "base-ten": "You gave {got}, with another base. Here `np.log`, the natural logarithm, is meant.",
        "mean": "You gave {got}, a mean over pixels. The probabilities multiply: add up, do not average.",
        "transposed": "You gave {got}; right is {right}. The first index of an image is its row: "
        "`probability[rows, np.arange(28)]`.",
        "inverted": "You gave {got}; right is {right}. You took the probability of firing for the silent "
        "pixels, and the other way round.",
        "everywhere": "You gave {got}; right is {right}. Your track is in every pixel.",
        "no-track": "You gave {got}; right is {right}. For you a pixel on the line is like any other.",
        "rounded": "You gave {got}; right is {right}. Return it as it is: round when you print.",
        "other": "For an image with {fired} fired pixels, {on} of them on the line, hit efficiency {e} and "
        "noise {p} the answer is {right}; yours is {got}.",
    },
)
def _log_likelihood(answer, rng):
    cases = [_image_case(rng, e, p) for e, p in ((0.7, 0.05), (0.5, 0.2), (0.85, 0.1), (0.6, 0.3))]
    results = [as_number(answer(*case)) for case in cases]
    k = first_difference(results, log_likelihood, cases)
    if k is None:
        return
    image, crossed, e, p = cases[k]
    shown = {"got": results[k], "right": log_likelihood(*cases[k]), "e": e, "p": p}
    shown |= {"fired": int(image.sum()), "on": int(_on_line(image, crossed).sum())}
    _recognise(results, cases, _WRONG_LIKELIHOODS, shown)
    if _rounded(results, log_likelihood, cases, atol=0.51):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


def _image_case(rng: np.random.Generator, e: float, p: float) -> tuple:
    plane = pixel_plane(1, hit_efficiency=e, noise=p, rng=rng)
    return plane.images[0].astype(int), rows(*plane.tracks[0, 0]), e, p


# -- 3 the scan ----------------------------------------------------------------------------------


def _counts(image: NDArray, ends: Floats, steps: float = 27, turn: Callable = np.floor) -> Floats:
    """Hits on the lines from each end to each, shape (ends, ends)."""
    first, last = ends[:, None, None], ends[None, :, None]
    height = first + (last - first) * COLUMNS / steps
    return np.asarray(image)[np.clip(turn(height), 0, 27).astype(int), COLUMNS].sum(axis=-1)


def _best(counts: Floats, ends: Floats) -> tuple[float, float]:
    first, last = np.unravel_index(np.argmax(counts), counts.shape)
    return float(ends[first]), float(ends[last])


_WRONG_SCANS: Wrong = {
    "swapped": lambda image, ends: scan(image, ends)[::-1],
    "index": lambda image, ends: tuple(int(np.flatnonzero(ends == y)[0]) for y in scan(image, ends)),
    "worst": (
        lambda image, ends: _best(-_counts(image, ends), ends),
        lambda image, ends: _best(-_counts(image, ends)[::-1, ::-1], ends[::-1]),
    ),
    "horizontal": lambda image, ends: _scan_pairs(image, [(y, y) for y in ends]),
    "mirrored": lambda image, ends: _scan_pairs(image, list(zip(ends, ends[::-1], strict=True))),
    "steps": lambda image, ends: _best(_counts(image, ends, steps=28), ends),
    "rounded": lambda image, ends: _best(_counts(image, ends, turn=np.rint), ends),
    "ends-of-image": lambda image, ends: _centres(image),
    "transposed": lambda image, ends: scan(np.asarray(image).T, ends),
}


def _scan_pairs(image: NDArray, pairs: Sequence[tuple]) -> tuple[float, float]:
    counts = [np.sum(image[rows(*pair), COLUMNS]) for pair in pairs]
    return tuple(float(y) for y in pairs[int(np.argmax(counts))])


def _centres(image: NDArray) -> tuple[float, float]:
    row, column = np.nonzero(image)
    return tuple(np.polyval(np.polyfit(column, row + 0.5, 1), [0, 27]))


@task(
    "tracking.scan",
    reference=scan,
    right="Right. Every line has 28 pixels, so most hits and highest likelihood are the same line.",
    hints=[
        "Two loops, one over the heights at each end. What makes one line better than another?",
        "`image[rows(y0, y1), np.arange(28)].sum()` counts the hits on a line. Your `log_likelihood` "
        "orders the lines in the same way.",
        "Remember the highest value so far, and y0 and y1 that gave it. Return those two.",
    ],
    mistakes={
        "shape": "Two numbers, y0 and y1, are expected; yours has shape {got}.",
        "swapped": "You gave {got}; the best line is {right}. The height in the first column comes first.",
        "index": "You gave {got}: places in the list `ends`. Which heights are these?",
        "value": "You gave {got}: how good the best line is. Which line is it?",
        "worst": "You gave {got}, the line with fewest hits, {mine}. The best is wanted.",
        "horizontal": "You gave {got}: the best of the horizontal lines. Each y0 goes with every y1.",
        "mirrored": "You gave {got}. You went through both lists side by side: each y0 goes with every y1.",
        "steps": "You gave {got}; the best line is {right}. From the first column to the last there are 27 "
        "steps.",
        "rounded": "You gave {got}; the best line is {right}. Row 3 reaches from 3 to 4: cut off, do not "
        "round.",
        "ends-of-image": "You gave {got}: that is the least-squares line through all hits. Try all lines.",
        "transposed": "You gave {got}; the best line is {right}. The first index of an image is its row.",
        "not-in-ends": "You gave {got}. Both numbers have to come from `ends`.",
        "other": "You gave {got}, a line with {mine} hits. The one from {y0} to {y1} has {most}.",
    },
)
def _scan_check(answer, rng):
    cases = _scan_cases(rng)
    given = [answer(*case) for case in cases]
    if all(np.ndim(value) == 0 and isinstance(value, (int, float, np.number)) for value in given):
        raise NotYet("value", got=given[0])
    results = [as_array(value, (2,)) for value in given]
    k = first_difference(results, scan, cases)
    if k is None:
        return
    image, ends = cases[k]
    y0, y1 = scan(image, ends)
    shown = {"got": results[k], "right": (y0, y1), "y0": y0, "y1": y1}
    inside = np.clip(results[k], 0, 27.99)
    shown["mine"] = int(image[rows(*inside), COLUMNS].sum())
    shown["most"] = int(image[rows(y0, y1), COLUMNS].sum())
    _recognise(results, cases, _WRONG_SCANS, shown)
    if not all(np.isin(got, case[1]).all() for got, case in zip(results, cases, strict=True)):
        raise NotYet("not-in-ends", **shown)
    raise NotYet("other", **shown)


def _scan_cases(rng: np.random.Generator) -> list[tuple]:
    """Images whose best line is unique; no known mistake finds it in all of them."""
    options = [f for fs in _WRONG_SCANS.values() for f in (fs if isinstance(fs, Sequence) else [fs])]
    while True:
        cases = [_with_one_best(rng, ends) for ends in (_FINE, _FINE[5:-3], _FINE[::-2])]
        right = [scan(*case) for case in cases]
        if not any(imitates(right, wrong, cases) for wrong in options):
            return cases


_FINE = (5 * np.arange(56) + 2) / 10  # no line between two of them meets the border of a pixel


def _with_one_best(rng: np.random.Generator, ends: Floats) -> tuple[NDArray, Floats]:
    while True:
        image = pixel_plane(1, 0, noise=0.08, rng=rng).images[0].astype(int)
        image[rows(*rng.choice(ends, 2, replace=False)), COLUMNS] = 1
        counts = np.sort(_counts(image, ends).ravel())
        if counts[-1] > counts[-2]:
            return image, ends


# -- 4 a width that outliers do not spoil --------------------------------------------------------


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
    results = [as_number(answer(*case)) for case in cases]
    x = cases[0][0]
    low, high = np.quantile(x, (LOW, HIGH))
    if all(abs(got / robust_width(*case) - 1) < 0.03 for got, case in zip(results, cases, strict=True)):
        return
    shown = {"got": results[0], "low": low, "high": high, "n": len(x)}
    for mistake, functions in _WRONG_WIDTHS.items():
        for function in functions if isinstance(functions, Sequence) else [functions]:
            expected = [function(*case) for case in cases]
            if np.allclose(results, expected, rtol=0.02):
                raise NotYet(mistake, **shown)
    raise NotYet("other", **shown)


# -- 5 the loss that asks for an error -------------------------------------------------------------


def _loss_with(one: Callable) -> Callable:
    """The mean over events of some function of r = y − mean and log σ."""
    return lambda y, mean, log_sigma: np.mean(one(y - mean, log_sigma))


_CONSTANT = np.log(2 * np.pi) / 2

_WRONG_LOSSES: Wrong = {
    "no-half": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) + s),
    "no-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2),
    "sigma-not-squared": _loss_with(lambda r, s: r**2 * np.exp(-s) / 2 + s),
    "residual-not-squared": (
        _loss_with(lambda r, s: r * np.exp(-s) / 2 + s),
        _loss_with(lambda r, s: np.abs(r) * np.exp(-s) / 2 + s),
        _loss_with(lambda r, s: np.abs(r) * np.exp(-s) + s),
    ),
    "log-as-sigma": (
        _loss_with(lambda r, s: r**2 / s**2 / 2 + np.log(np.abs(s))),
        _loss_with(lambda r, s: r**2 / s**2 / 2 + s),
    ),
    "sigma-for-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + np.exp(s)),
    "log-variance": (
        _loss_with(lambda r, s: r**2 * np.exp(-s) / 2 + s / 2),
        _loss_with(lambda r, s: (r**2 * np.exp(-s) + s) / 2),
    ),
    "half-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + s / 2),
    "double-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 + 2 * s),
    "minus-log": _loss_with(lambda r, s: r**2 * np.exp(-2 * s) / 2 - s),
    "likelihood": _loss_with(lambda r, s: -(r**2) * np.exp(-2 * s) / 2 - s),
    "multiplied": _loss_with(lambda r, s: r**2 * np.exp(2 * s) / 2 + s),
    "sum": lambda y, mean, s: len(y) * loss(y, mean, s),
    "squared-error": (
        _loss_with(lambda r, s: r**2),
        _loss_with(lambda r, s: r**2 / 2),
    ),
    "density": _loss_with(lambda r, s: np.exp(-(r**2) * np.exp(-2 * s) / 2 - s) / np.sqrt(2 * np.pi)),
    "log-of-mean": lambda y, mean, s: (
        -np.log(np.mean(np.exp(-((y - mean) ** 2) * np.exp(-2 * s) / 2 - s) / np.sqrt(2 * np.pi)))
    ),
}


@task(
    "tracking.loss",
    reference=loss,
    right="Right. The first term asks for large errors, the second for small ones.",
    hints=[
        "Write down a Gaussian in y with mean and σ, and take minus its logarithm.",
        "That is (y − mean)²/(2σ²) + log σ, and a constant that you may leave out. σ is `np.exp(log_sigma)`.",
        "`np.mean(0.5 * ((y - mean) / np.exp(log_sigma))**2 + log_sigma)`.",
    ],
    mistakes={
        "per-event": "You gave one number for each of the {n} events. The loss is their mean.",
        "no-half": "You gave {got}; right is {right}. The exponent of a Gaussian is r²/(2σ²): your 2 is "
        "missing.",
        "no-log": "You gave {got}; right is {right}. Without the term log σ infinite errors would be best.",
        "sigma-not-squared": "You gave {got}; right is {right}. You divide r² by σ. Which power of σ is it?",
        "residual-not-squared": "You gave {got}; right is {right}. The residual is not squared.",
        "log-as-sigma": "You gave {got}; right is {right}. `log_sigma` is the logarithm of σ, not σ.",
        "sigma-for-log": "You gave {got}; right is {right}. The second term is log σ; yours is σ.",
        "log-variance": "You gave {got}; right is {right}. You took `log_sigma` for the logarithm of σ².",
        "half-log": "You gave {got}; right is {right}. The half belongs to the first term: "
        "log σ counts fully.",
        "double-log": "You gave {got}; right is {right}. 1/σ stands in front of the Gaussian, so "
        "log σ counts once.",
        "minus-log": "You gave {got}; right is {right}. Look at the sign of log σ: a wide Gaussian is low.",
        "likelihood": "You gave {got}, the logarithm of the likelihood. A loss is minimised: minus that.",
        "multiplied": "You gave {got}; right is {right}. You multiply by σ². Divide.",
        "sum": "You gave {got}, a sum over {n} events. The loss is their mean.",
        "squared-error": "You gave {got}: the squared error knows nothing of σ.",
        "density": "You gave {got}, the mean of the densities. Minus the logarithm first, then the mean.",
        "log-of-mean": "You gave {got}: the logarithm of the mean. Take the mean of the logarithms.",
        "rounded": "You gave {got}; right is {right}. Return it as it is: round when you print.",
        "other": "For y = {y}, mean {mean}, log σ = {log_sigma} the loss is {right}; yours is {got}.",
    },
)
def _loss(answer, rng):
    cases = []
    for n in (3, 5, 40):
        y, mean = rng.integers(0, 280, (2, n)) / 10
        cases.append((y, mean, rng.integers(3, 30, n) / 10))
    given = [answer(*case) for case in cases]
    if all(np.shape(value) == (len(case[0]),) for value, case in zip(given, cases, strict=True)):
        raise NotYet("per-event", n=len(cases[0][0]))
    results = np.array([as_number(value) for value in given])
    right = np.array([loss(*case) for case in cases])
    y, mean, log_sigma = cases[0]
    shown = {"got": results[0], "right": right[0], "n": len(y), "y": y, "mean": mean, "log_sigma": log_sigma}
    for constant in (0.0, _CONSTANT):
        if np.allclose(results - constant, right):
            return
        for shift in (constant, -constant):
            _recognise(results - shift, cases, _WRONG_LOSSES, shown)
        _recognise([got - constant * len(c[0]) for got, c in zip(results, cases, strict=True)], cases,
                   {"sum": _WRONG_LOSSES["sum"]}, shown)  # fmt: skip
    if np.allclose(results, right, rtol=0, atol=6e-3):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


# -- 6 the probability of χ² -----------------------------------------------------------------------


def _chi2(residuals: Floats, covariance: Floats) -> Floats:
    return np.einsum("ni,nij,nj->n", residuals, np.linalg.inv(covariance), residuals)


def _variances(covariance: Floats) -> Floats:
    return np.diagonal(covariance, axis1=1, axis2=2)


def _p(chi2: Floats) -> Floats:
    return np.exp(-chi2 / 2)


def _elementwise(r: Floats, cov: Floats) -> Floats:
    return np.einsum("ni,nij,nj->n", r, 1 / cov, r)


_WRONG_PROBABILITIES: Wrong = {
    "below": lambda r, cov: 1 - chi2_probability(r, cov),
    "chi2": _chi2,
    "no-half": lambda r, cov: np.exp(-_chi2(r, cov)),
    "one-degree": lambda r, cov: chi2_distribution.sf(_chi2(r, cov), 1),
    "many-degrees": lambda r, cov: chi2_distribution.sf(_chi2(r, cov), len(r)),
    "density": (
        lambda r, cov: chi2_distribution.pdf(_chi2(r, cov), 2),
        lambda r, cov: _p(_chi2(r, cov)) / (2 * np.pi * np.sqrt(np.linalg.det(cov))),
    ),
    "no-correlation": lambda r, cov: _p((r**2 / _variances(cov)).sum(axis=1)),
    "not-inverted": lambda r, cov: _p(np.einsum("ni,nij,nj->n", r, cov, r)),
    "elementwise": lambda r, cov: _p(_elementwise(r, cov)),
    "not-squared": (
        lambda r, cov: _p((r**2 / np.sqrt(_variances(cov))).sum(axis=1)),
        lambda r, cov: _p((r / np.sqrt(_variances(cov))).sum(axis=1)),
        lambda r, cov: _p((np.abs(r) / np.sqrt(_variances(cov))).sum(axis=1)),
    ),
    "root": lambda r, cov: _p(np.sqrt(_chi2(r, cov))),
    "pulls": lambda r, cov: r / np.sqrt(_variances(cov)),
    "first-only": (
        lambda r, cov: chi2_distribution.sf(r[:, 0] ** 2 / cov[:, 0, 0], 1),
        lambda r, cov: _p(r[:, 0] ** 2 / cov[:, 0, 0]),
    ),
    "sigma-as-variance": lambda r, cov: _p(np.einsum("ni,nij,nj->n", r, np.linalg.inv(cov**2), r)),
    "common": lambda r, cov: _p(np.einsum("ni,ij,nj->n", r, np.linalg.inv(cov.mean(axis=0)), r)),
    "correlation-once": lambda r, cov: _p(_chi2_with_cross(r, cov, 1.0)),
    "correlation-sign": lambda r, cov: _p(_chi2_with_cross(r, cov, -2.0)),
}


def _chi2_with_cross(r: Floats, cov: Floats, factor: float) -> Floats:
    """χ² written with pulls and the correlation, with another factor of the mixed term."""
    pull = r / np.sqrt(_variances(cov))
    rho = cov[:, 0, 1] / np.sqrt(_variances(cov).prod(axis=1))
    mixed = factor * rho * pull.prod(axis=1)
    return ((pull**2).sum(axis=1) - mixed) / (1 - rho**2)


@task(
    "tracking.chi2_probability",
    reference=chi2_probability,
    right="Right. If the covariances are right, all these numbers are equally frequent.",
    hints=[
        "It is χ² = rᵀ C⁻¹ r for each event, with its own covariance C. `np.linalg.inv` takes a whole stack "
        "of matrices.",
        "`np.einsum('ni,nij,nj->n', residuals, inverse, residuals)` multiplies from both sides, event by "
        "event. A loop over the events does as well.",
        "The probability of a larger χ² with two degrees of freedom is exp(−χ²/2), or "
        "`scipy.stats.chi2.sf(value, 2)`.",
    ],
    mistakes={
        "shape": "One probability for each event is expected, shape {expected}; yours has shape {got}.",
        "below": "You gave {got}: the probability of a *smaller* χ². A bad event should have a small p.",
        "chi2": "You gave {got}: that is χ². Which share of events has a larger one?",
        "no-half": "You gave {got}; right is {right}. It is exp(−χ²/2): your 2 is missing.",
        "one-degree": "You gave {got}, the probability for one degree of freedom. y0 and y1 are two.",
        "many-degrees": "You gave {got}: as many degrees of freedom as events. Each event has two.",
        "density": "You gave {got}, a density. The probability of *this or a larger* χ² is meant.",
        "no-correlation": "You gave {got}; right is {right}. The squares of the pulls, added up, forget that "
        "both ends are correlated. Use the whole matrix.",
        "not-inverted": "You gave {got}; right is {right}. You multiplied by the covariance. Its inverse is "
        "needed: large errors make χ² small.",
        "elementwise": "You gave {got}; right is {right}. One over each element is not the inverse of a "
        "matrix.",
        "not-squared": "You gave {got}; right is {right}. In χ² residual and error are both squared.",
        "root": "You gave {got}; right is {right}. rᵀ C⁻¹ r is χ² already: no root.",
        "pulls": "You gave the pulls, two for each event. χ² makes one number of them, with the correlation.",
        "first-only": "You gave {got}: only y0 has been used.",
        "sigma-as-variance": "You gave {got}; right is {right}. The diagonal of a covariance holds σ² "
        "already: do not square it.",
        "common": "You gave {got}: one covariance for all events. Each has its own.",
        "correlation-once": "You gave {got}; right is {right}. The mixed term is 2ρ r0 r1: a 2 is missing.",
        "correlation-sign": "You gave {got}; right is {right}. The mixed term is −2ρ r0 r1: mind its sign.",
        "rounded": "You gave {got}; right is {right}. Return it as it is: round when you print.",
        "other": "For residuals {r} and variances {variances} with covariance {cov} χ² is {chi2}, and p is "
        "{right}; yours is {got}.",
    },
)
def _chi2_probability(answer, rng):
    cases = [_residuals(rng, n) for n in (4, 7, 50)]
    given = [answer(*case) for case in cases]
    if all(np.shape(value) == (len(case[0]), 2) for value, case in zip(given, cases, strict=True)):
        pulls = [as_array(value) for value in given]
        _recognise(pulls, cases, {"pulls": _WRONG_PROBABILITIES["pulls"]}, {})
    results = [as_array(value, (len(case[0]),)) for value, case in zip(given, cases, strict=True)]
    k = first_difference(results, chi2_probability, cases)
    if k is None:
        return
    r, cov = cases[k]
    right = chi2_probability(r, cov)
    i = int(np.argmax(~np.isclose(results[k], right)))
    shown = {"got": results[k][i], "right": right[i], "r": r[i], "variances": _variances(cov)[i]}
    shown |= {"cov": cov[i, 0, 1], "chi2": _chi2(r, cov)[i]}
    _recognise(results, cases, _WRONG_PROBABILITIES, shown)
    if _rounded(results, chi2_probability, cases, atol=6e-3):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


def _residuals(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Residuals and covariances with few digits; correlations of either sign, none near zero."""
    sigma = rng.integers(5, 25, (n, 2)) / 10
    rho = rng.choice([-0.6, -0.5, 0.4, 0.7], n)
    covariance = np.zeros((n, 2, 2))
    covariance[:, 0, 0], covariance[:, 1, 1] = (sigma**2).T
    covariance[:, 0, 1] = covariance[:, 1, 0] = rho * sigma.prod(axis=1)
    residuals = rng.choice([-1, 1], (n, 2)) * rng.integers(3, 20, (n, 2)) / 10
    return residuals, covariance


# -- 7 reading the histogram -----------------------------------------------------------------------

_STRENGTHS = {
    "fine": (1.0, 1.0),
    "too large": (0.6, 0.75),
    "too small": (1.3, 1.6),
    "outliers": (0.05, 0.08),
    "correlation": (0.85, 0.93),
}

_CONFUSED = {
    ("too large", "too small"): "swapped",
    ("too small", "too large"): "swapped",
    ("too small", "outliers"): "small-as-outliers",
    ("outliers", "too small"): "outliers-as-small",
    ("correlation", "too small"): "correlation-as-small",
    ("correlation", "outliers"): "correlation-as-outliers",
    ("correlation", "too large"): "correlation-as-large",
    ("outliers", "correlation"): "outliers-as-correlation",
    ("too large", "correlation"): "large-as-correlation",
    ("too small", "correlation"): "small-as-correlation",
}


def simulated_p(kind: str, strength: float, n: int, rng: np.random.Generator) -> Floats:
    """Probabilities of χ² of events whose errors have one of the known diseases."""
    z = rng.normal(size=(n, 2))
    if kind in ("too large", "too small"):
        z *= strength
    elif kind == "outliers":
        z[: int(strength * n)] *= 8
    elif kind == "correlation":
        z[:, 1] = strength * z[:, 0] + np.sqrt(1 - strength**2) * z[:, 1]
    return rng.permutation(np.exp(-(z**2).sum(axis=1) / 2))


@task(
    "tracking.diagnose",
    reference=diagnose,
    right="Right. A histogram that should be flat is read from its two ends.",
    hints=[
        "Look at the four pictures of the lesson. What do the first bin, the next ones and the last ones do?",
        "`height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20` is 1 in every bin if all is well. "
        "Compare `height[0]`, the mean of `height[1:5]` and the mean of `height[-4:]`.",
        "The last bins far above 1: too large if the first is nearly empty, else correlation. Only the first "
        "far above 1: too small if bins 1 to 4 are above 1, too, else outliers. Neither: fine. 1.3 is far.",
    ],
    mistakes={
        "not-a-word": "You gave {got}. The answer is one of these: fine, too large, too small, outliers, "
        "correlation.",
        "always-the-same": "You said “{said}” in all {n} cases. They are not all alike.",
        "fine-accused": "Here {p}: nothing is wrong with these errors, and you said “{said}”. A few per "
        "cent up or down in a bin of 200 is what counting does.",
        "missed": "Here {p}: this is “{kind}”, and you said “fine”.",
        "swapped": "Here {p}: the errors are {kind}, and you said “{said}”. Errors that are too large make "
        "χ² small and p large.",
        "small-as-outliers": "Here {p}: the excess is not in the first bin only; it falls off slowly. Most "
        "errors are too small. You said “outliers”.",
        "outliers-as-small": "Here {p}: the excess is in the first bin only, and the rest is flat. A few "
        "events are far off. You said “too small”.",
        "correlation-as-small": "Here {p}: there is an excess at *both* ends. You said “too small”, which "
        "empties the right end.",
        "correlation-as-outliers": "Here {p}: there is an excess at *both* ends. You said “outliers”, which "
        "leave the right end flat.",
        "correlation-as-large": "Here {p}: there is an excess at *both* ends. You said “too large”, which "
        "empties the left end.",
        "outliers-as-correlation": "Here {p}: the right end is flat. You said “correlation”, which raises "
        "it.",
        "large-as-correlation": "Here {p}: the left end is nearly empty. You said “correlation”, which "
        "raises it.",
        "small-as-correlation": "Here {p}: the right end is empty, not raised. You said “correlation”.",
        "other": "Here {p}: this is “{kind}”, and you said “{said}”.",
    },
)
def _diagnose(answer, rng):
    n, cases = 4000, []
    for kind in WORDS * 4:
        cases.append((kind, simulated_p(kind, rng.uniform(*_STRENGTHS[kind]), n, rng)))
    said = [_word(answer(p)) for _, p in cases]
    wrong = [k for k, (kind, _) in enumerate(cases) if said[k] != kind]
    if not wrong:
        return
    if len(set(said)) == 1:
        raise NotYet("always-the-same", said=said[0], n=len(said))
    kind, p = cases[wrong[0]]
    shown = {"kind": kind, "said": said[wrong[0]], "p": _heights(p)}
    if kind == "fine":
        raise NotYet("fine-accused", **shown)
    if said[wrong[0]] == "fine":
        raise NotYet("missed", **shown)
    raise NotYet(_CONFUSED.get((kind, said[wrong[0]]), "other"), **shown)


def _heights(p: Floats) -> str:
    """The histogram in the three numbers that tell."""
    height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20
    first, next_ones, last = height[0], height[1:5].mean(), height[-4:].mean()
    return (
        f"the first bin has {first:.2f} of what is expected, bins 1 to 4 {next_ones:.2f}, "
        f"the last four {last:.2f}"
    )


def _word(value: object) -> str:
    if value is None:
        raise NotYet("returns-nothing")
    if not isinstance(value, str) or value.strip().lower() not in WORDS:
        raise NotYet(
            "not-a-word", got=value if isinstance(value, (str, int, float)) else repr(type(value).__name__)
        )
    return value.strip().lower()
