"""Check of lesson 10: a histogram of weighted events, and the uncertainty of its bins."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.weights._common import (
    Floats,
    Wrong,
    arrays,
    code,
    comparable,
    judge_pairs,
    signed,
    telling,
)


def histogram(x: Floats, w: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Height of each bin, Σw, and its uncertainty, √Σw²."""
    return _heights(x, w, edges), np.sqrt(_sum(x, w**2, edges))


def _sum(x: Floats, values: Floats, edges: Floats) -> Floats:
    return np.histogram(x, edges, weights=values)[0]


def _heights(x: Floats, w: Floats, edges: Floats) -> Floats:
    return _sum(x, w, edges)


def _errors(x: Floats, w: Floats, edges: Floats) -> Floats:
    return histogram(x, w, edges)[1]


def _count(x: Floats, w: Floats, edges: Floats) -> Floats:
    return _sum(x, np.ones(len(w)), edges)


def _with_ends(x: Floats, w: Floats, edges: Floats) -> Floats:
    """The events outside put into the first and the last bin."""
    return _sum(np.clip(x, edges[0] + 1e-6, edges[-1] - 1e-6), w, edges)


def _plain(f: Callable) -> Callable:
    """The function with NaN as a number, and without warnings."""

    def wrong(x: Floats, w: Floats, edges: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return comparable(f(x, w, edges))

    return wrong


def _each_bin(f: Callable) -> Callable:
    """A number from the weights in each bin; 0 for an empty one."""

    def wrong(x: Floats, w: Floats, edges: Floats) -> Floats:
        inside = [w[(x >= low) & (x < high)] for low, high in pairwise(edges)]
        return np.array([float(f(members)) if len(members) else 0.0 for members in inside])

    return wrong


_WRONG_HEIGHTS: Wrong = {
    "unweighted": _count,
    "absolute": lambda x, w, edges: _sum(x, np.abs(w), edges),
    "dropped": lambda x, w, edges: _sum(x, np.maximum(w, 0), edges),
    "cut-at-zero": lambda x, w, edges: np.maximum(_heights(x, w, edges), 0),
    "squares-as-height": lambda x, w, edges: _sum(x, w**2, edges),
    "density": (
        lambda x, w, edges: _heights(x, w, edges) / np.diff(edges),
        lambda x, w, edges: np.histogram(x, edges, weights=w, density=True)[0],
    ),
    "normalised": (
        lambda x, w, edges: _heights(x, w, edges) / w.sum(),
        lambda x, w, edges: _heights(x, w, edges) / _heights(x, w, edges).sum(),
        lambda x, w, edges: _heights(x, w, edges) / len(w),
    ),
    "overflow": (
        _with_ends,
        lambda x, w, edges: _sum(np.minimum(x, edges[-1] - 1e-6), w, edges),
        lambda x, w, edges: _sum(np.maximum(x, edges[0] + 1e-6), w, edges),
    ),
    "mean": _each_bin(np.mean),
}

_WRONG_ERRORS: Wrong = {
    "root-of-height": (
        _plain(lambda x, w, edges: np.sqrt(_heights(x, w, edges))),
        _plain(lambda x, w, edges: np.sqrt(np.abs(_heights(x, w, edges)))),
        _plain(lambda x, w, edges: np.sqrt(np.maximum(_heights(x, w, edges), 0))),
    ),
    "root-of-number": lambda x, w, edges: np.sqrt(_count(x, w, edges)),
    "height-over-root": (
        _plain(lambda x, w, edges: _heights(x, w, edges) / np.sqrt(_count(x, w, edges))),
        _plain(lambda x, w, edges: np.abs(_heights(x, w, edges)) / np.sqrt(_count(x, w, edges))),
        lambda x, w, edges: _heights(x, w, edges) / np.sqrt(np.maximum(_count(x, w, edges), 1)),
        lambda x, w, edges: np.abs(_heights(x, w, edges)) / np.sqrt(np.maximum(_count(x, w, edges), 1)),
    ),
    "variance": lambda x, w, edges: _sum(x, w**2, edges),
    "absolute-root": lambda x, w, edges: np.sqrt(_sum(x, np.abs(w), edges)),
    "linear": lambda x, w, edges: _sum(x, np.abs(w), edges),
    "square-of-sum": (
        lambda x, w, edges: np.abs(_heights(x, w, edges)),
        lambda x, w, edges: _heights(x, w, edges) ** 2,
    ),
    "mean-weight": (
        lambda x, w, edges: np.sqrt(_count(x, w, edges)) * w.mean(),
        lambda x, w, edges: np.sqrt(_count(x, w, edges)) * np.abs(w).mean(),
        lambda x, w, edges: np.sqrt(_count(x, w, edges) * np.mean(w**2)),
    ),
    "spread": (
        _each_bin(lambda w: w.std()),
        _each_bin(lambda w: w.std() * np.sqrt(len(w))),
        _each_bin(lambda w: w.std() / np.sqrt(len(w))),
        _each_bin(lambda w: np.sqrt(np.mean(w**2))),
    ),
    "effective": _each_bin(lambda w: np.abs(w.sum()) / np.sqrt(w @ w)),
    "relative": (
        _each_bin(lambda w: np.sqrt(w @ w) / w.sum() if w.sum() else 0.0),
        _each_bin(lambda w: np.sqrt(w @ w) / abs(w.sum()) if w.sum() else 0.0),
    ),
    "half": lambda x, w, edges: _errors(x, w, edges) / 2,
    "of-the-mean": _each_bin(lambda w: np.sqrt(w @ w) / len(w)),
    "dropped-error": lambda x, w, edges: np.sqrt(_sum(x, np.maximum(w, 0) ** 2, edges)),
    "overflow-error": lambda x, w, edges: np.sqrt(_with_ends(x, w**2, edges)),
    "signed-squares": (
        _plain(lambda x, w, edges: np.sqrt(_sum(x, np.sign(w) * w**2, edges))),
        _plain(lambda x, w, edges: np.sqrt(np.abs(_sum(x, np.sign(w) * w**2, edges)))),
    ),
    "one-for-empty": lambda x, w, edges: np.where(_count(x, w, edges) > 0, _errors(x, w, edges), 1.0),
}


@task(
    "weights.histogram",
    reference=histogram,
    right="Right. A single heavy event makes its bin as uncertain as it is heavy.",
    hints=[
        "`np.histogram(x, edges, weights=w)` gives the heights, and the edges once more.",
        "The number of events in a bin fluctuates. If each of n events adds w, the bin fluctuates by w √n: "
        "that is √(n w²).",
        "With different weights that becomes √Σw². The same call with `weights=w**2` gives the sum under "
        "the root.",
    ],
    mistakes={
        "two-arrays": "Two arrays are expected, heights and uncertainties, one number for each of {n} bins; "
        "yours has shape {got}.",
        "shape": "The heights and the uncertainties have the shape {expected}; yours has shape {got}.",
        "edges": "Your second array are the edges, which `np.histogram` gives as well. The uncertainties "
        "are asked for.",
        "swapped": "You gave the uncertainties first. Heights come first.",
        "unweighted": "Bin {bin} the height is {right}, and you gave {got}: the number of events. Each "
        "counts its weight.",
        "absolute": "Bin {bin} the height is {right}, and you gave {got}. Negative weights are subtracted.",
        "dropped": "Bin {bin} the height is {right}, and you gave {got}: without the negative weights.",
        "cut-at-zero": "Bin {bin} the height is {right}, and you gave {got}. With negative weights a bin "
        "may be negative; whoever cuts that off shifts the sum of all bins.",
        "squares-as-height": "Bin {bin} the height is {right}, and you gave {got}, the sum of the squares. "
        "That belongs under the root of the uncertainty.",
        "density": "Bin {bin} the height is {right}, and you gave {got}. You divided by the width of the "
        "bins.",
        "normalised": "Bin {bin} the height is {right}, and you gave {got}. The sum of weights is asked "
        "for, not a share.",
        "overflow": "Bin {bin} the height is {right}, and you gave {got}. Events outside the edges are in "
        "no bin.",
        "mean": "Bin {bin} the height is {right}, and you gave {got}, the mean of the weights. Their sum is "
        "meant.",
        "height": "Bin {bin} the height is {right}, and you gave {got}.",
        "root-of-height": "Bin {bin} the uncertainty is {right}, and you gave {got}: the root of the "
        "height. That is right only if every weight is 1.",
        "root-of-number": "Bin {bin} the uncertainty is {right}, and you gave {got}, √n. The heights would "
        "scale with the weights, and the uncertainties would not.",
        "height-over-root": "Bin {bin} the uncertainty is {right}, and you gave {got}: the height over √n. "
        "That is right if all weights in a bin are equal. A heavy event counts more than its share.",
        "variance": "Bin {bin} the uncertainty is {right}, and you gave {got}, its square.",
        "absolute-root": "Bin {bin} the uncertainty is {right}, and you gave {got}, the root of Σ|w|. The "
        "weights are squared.",
        "linear": "Bin {bin} the uncertainty is {right}, and you gave {got}: the weights added up. "
        "Independent fluctuations add in quadrature.",
        "square-of-sum": "Bin {bin} the uncertainty is {right}, and you gave {got}. Square each weight, "
        "then add; not the other way round.",
        "mean-weight": "Bin {bin} the uncertainty is {right}, and you gave {got}: √n times one mean weight "
        "for all bins. Each bin has its own weights.",
        "spread": "Bin {bin} the uncertainty is {right}, and you gave {got}: from the spread or the mean of "
        "the weights. Equal weights, too, make a bin fluctuate, since the number of events does.",
        "effective": "Bin {bin} the uncertainty is {right}, and you gave {got}: the root of the effective "
        "size.",
        "relative": "Bin {bin} the uncertainty is {right}, and you gave {got}, the relative one.",
        "half": "Bin {bin} the uncertainty is {right}, and you gave {got}, the half of it.",
        "of-the-mean": "Bin {bin} the uncertainty is {right}, and you gave {got}, that of the mean weight. "
        "The height is a sum.",
        "dropped-error": "Bin {bin} the uncertainty is {right}, and you gave {got}: without the negative "
        "weights. They fluctuate like the others.",
        "overflow-error": "Bin {bin} the uncertainty is {right}, and you gave {got}. Events outside the "
        "edges are in no bin.",
        "signed-squares": "Bin {bin} the uncertainty is {right}, and you gave {got}: negative events were "
        "subtracted. A square has no sign.",
        "one-for-empty": "Bin {bin} there is no event: Σw² is 0, and you gave {got}. What an empty bin "
        "hides this formula cannot tell.",
        "error": "Bin {bin} the uncertainty is {right}, and you gave {got}.",
    },
)
def _histogram(answer: Callable, rng: np.random.Generator) -> None:
    cases = telling(lambda: _case(rng), _heights, _WRONG_HEIGHTS)
    cases += telling(lambda: _case(rng), _errors, _WRONG_ERRORS)
    results = [_pair(answer(*case), case) for case in cases]
    judge_pairs(
        results, cases, (_heights, _errors), (_WRONG_HEIGHTS, _WRONG_ERRORS), ("height", "error"), _shown
    )


def _pair(value: Any, case: tuple) -> Floats:
    bins = len(case[2]) - 1
    if isinstance(value, tuple) and len(value) == 2 and np.shape(value[1]) == case[2].shape:
        raise NotYet("edges")
    return comparable(arrays(value, bins))


def _shown(case: tuple, i: int, got: float) -> dict[str, Any]:
    """The bin of a difference, in words."""
    x, w, edges = case
    inside = w[(x >= edges[i]) & (x < edges[i + 1])]
    held = f"holds weights {code(inside)}:" if len(inside) else "is empty:"
    return {"bin": f"{i}, from {edges[i]:g} to {edges[i + 1]:g}, {held}"}


def _case(rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """Twelve events in and around four bins of different width, one of them empty."""
    edges = np.array([0.0, 1.0, 2.0, 4.0, 5.0])
    x = rng.choice([-0.5, 0.25, 0.5, 0.75, 1.25, 1.5, 2.5, 3.25, 3.5, 5.5], 12)
    return x, signed(rng, 12), edges
