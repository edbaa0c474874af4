"""Checks of lesson 14: the pixels of a line, the likelihood of an image, the scan over all lines."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, first_difference, imitates, task
from hepml_course.checks.tracking._common import Floats, Wrong, functions, recognise, rounded, single
from hepml_course.simulate.tracks import pixel_plane

COLUMNS = np.arange(28)


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


# -- 1 the rows of a line


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
    "always-up": lambda a, b: np.floor(a + abs(b - a) * COLUMNS / 27),
    "ends-only": lambda a, b: np.linspace(int(a), int(b), 28).astype(int),
    "transposed": lambda a, b: COLUMNS,
    "upside-down": (lambda a, b: 27 - rows(a, b), lambda a, b: 28 - rows(a, b)),
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
        "always-up": "The line from {y0} to {y1} falls, and yours climbs: in column {c} row {got} where "
        "{right} is right. The climb is y1 - y0, with its sign.",
        "ends-only": "In column {c} you gave row {got}, right is {right}. You cut off the ends first; "
        "cut off the heights.",
        "transposed": "You gave the columns. In which row is the line in each?",
        "upside-down": "At height {height} you gave row {got}. Row 0 is the lowest one.",
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
    recognise(results, cases, _WRONG_ROWS, shown)
    for got in results:
        fractions = np.flatnonzero(got != np.floor(got))
        if len(fractions):
            raise NotYet("not-whole", c=int(fractions[0]), got=got[fractions[0]])
    raise NotYet("other", **shown)


# -- 2 the likelihood of an image


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
    "exactly-one": (
        _log_with(lambda e, p: e * (1 - p)),
        _log_with(lambda e, p: e * (1 - p) + p * (1 - e)),
    ),
    "line-only": (
        _line_only,
        lambda i, r, e, p: np.log(np.where(_on_line(i, r), e, 1 - e)).sum(),
    ),
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
    "minus-two": lambda *case: -2 * log_likelihood(*case),
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
        "not-finite": "There is {bad} in your answer. Only a probability between 0 and 1 has a logarithm, "
        "and a product of very many is too small for a float: add up the logarithms of each.",
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
        "exactly-one": "You gave {got}; right is {right}. Track and noise may both make a pixel fire: it "
        "fires unless both fail.",
        "line-only": "You gave {got}: only the pixels on the line. The other 756 belong to the image, too.",
        "hits-only": "You gave {got}: only pixels that fired. A silent pixel also has a probability, one "
        "minus that of firing.",
        "ratio": "You gave {got}, the logarithm of the ratio to an image without a track. Here the "
        "probability of the image itself is asked for.",
        "log-of-sum": "You gave {got}, the logarithm of a sum. Independent pixels multiply, so their "
        "logarithms add up.",
        "not-the-log": "You gave {got}: the probability itself. Its logarithm is meant: add up logarithms.",
        "sign": "You gave {got}. The logarithm of a probability is negative.",
        "minus-two": "You gave {got}: −2 times the logarithm, which behaves like χ². The logarithm itself is "
        "meant.",
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
    results = [single(answer(*case)) for case in cases]
    k = first_difference(results, log_likelihood, cases)
    if k is None:
        return
    image, crossed, e, p = cases[k]
    shown = {"got": results[k], "right": log_likelihood(*cases[k]), "e": e, "p": p}
    shown |= {"fired": int(image.sum()), "on": int(_on_line(image, crossed).sum())}
    recognise(results, cases, _WRONG_LIKELIHOODS, shown)
    if rounded(results, log_likelihood, cases, atol=0.51):
        raise NotYet("rounded", **shown)
    raise NotYet("other", **shown)


def _image_case(rng: np.random.Generator, e: float, p: float) -> tuple:
    plane = pixel_plane(1, hit_efficiency=e, noise=p, rng=rng)
    return plane.images[0].astype(int), rows(*plane.tracks[0, 0]), e, p


# -- 3 the scan


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
    "half-of-pairs": (
        lambda image, ends: _best(np.triu(_counts(image, ends)), ends),
        lambda image, ends: _best(np.tril(_counts(image, ends)), ends),
        lambda image, ends: _best(np.triu(_counts(image, ends), 1), ends),
        lambda image, ends: _best(_counts(image, ends) * (ends[:, None] <= ends), ends),
        lambda image, ends: _best(_counts(image, ends) * (ends[:, None] >= ends), ends),
    ),
    "last-left-out": (
        lambda image, ends: scan(image, ends[:-1]),
        lambda image, ends: scan(image, ends[1:]),
    ),
    "upside-down": lambda image, ends: scan(np.asarray(image)[::-1], ends),
    "whole-rows": (
        lambda image, ends: _best(_row_sums(image, ends), ends),
        lambda image, ends: _best(_row_sums(image, ends)[::-1, ::-1], ends[::-1]),
    ),
    "horizontal": lambda image, ends: _scan_pairs(image, [(y, y) for y in ends]),
    "mirrored": lambda image, ends: _scan_pairs(image, list(zip(ends, ends[::-1], strict=True))),
    "steps": lambda image, ends: _best(_counts(image, ends, steps=28), ends),
    "rounded": lambda image, ends: _best(_counts(image, ends, turn=np.rint), ends),
    "ends-of-image": lambda image, ends: _centres(image),
    "transposed": lambda image, ends: scan(np.asarray(image).T, ends),
}


def _row_sums(image: NDArray, ends: Floats) -> NDArray:
    """What adds up if the column is forgotten: all hits of the rows that a line crosses."""
    in_row = np.asarray(image).sum(axis=1)
    return _counts(np.repeat(in_row[:, None], 28, axis=1), ends)


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
        "value": "You gave one number, {got}. Is that how good the best line is? Its two heights are wanted.",
        "worst": "You gave {got}, the line with fewest hits, {mine}. The best is wanted.",
        "half-of-pairs": "You gave {got}; the best line is {right}. Lines rise and fall: each y0 goes with "
        "every y1.",
        "last-left-out": "You gave {got}; the best line is {right}. You left out one end of the list.",
        "upside-down": "You gave {got}; the best line is {right}. Row 0 is the lowest one.",
        "whole-rows": "You gave {got}; the best line is {right}. `image[rows(y0, y1)]` are whole rows. Of "
        "each column you want one pixel: `image[rows(y0, y1), np.arange(28)]`.",
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
    recognise(results, cases, _WRONG_SCANS, shown)
    if not all(np.isin(got, case[1]).all() for got, case in zip(results, cases, strict=True)):
        raise NotYet("not-in-ends", **shown)
    raise NotYet("other", **shown)


def _scan_cases(rng: np.random.Generator) -> list[tuple]:
    """Images whose best line is unique; no known mistake finds it in all of them."""
    while True:
        cases = [
            _with_one_best(rng, _FINE, first=0),
            _with_one_best(rng, _FINE[5:-3], first=-1),
            _with_one_best(rng, _FINE[::-2], first=9),
            _with_one_best(rng, _FINE[2:40:2], first=-1),
            _with_one_best(rng, _FINE[8:47:19], first=0),  # so few that whole rows are not a horizontal line
        ]
        level = [_WRONG_SCANS["horizontal"](*case) for case in cases]
        if any(imitates(level, wrong, cases) for wrong in _WRONG_SCANS["whole-rows"]):
            continue
        right = [scan(*case) for case in cases]
        if not any(imitates(right, wrong, cases) for _, wrong in functions(_WRONG_SCANS)):
            return cases


_FINE = (5 * np.arange(56) + 2) / 10  # no line between two of them meets the border of a pixel


def _with_one_best(rng: np.random.Generator, ends: Floats, first: int) -> tuple[NDArray, Floats]:
    """An image with a track that comes in at the end of this index."""
    while True:
        image = pixel_plane(1, 0, noise=0.08, rng=rng).images[0].astype(int)
        image[rows(ends[first], rng.choice(ends)), COLUMNS] = 1
        counts = np.sort(_counts(image, ends).ravel())
        if counts[-1] > counts[-2]:
            return image, ends
