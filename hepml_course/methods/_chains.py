"""The boxes of many working points: each on its own, or nested, the tighter within the looser."""

from __future__ import annotations

import numpy as np

from hepml_course.methods._boxes import ROUNDING, Box, BoxSearch
from hepml_course.methods._grid import Grid
from hepml_course.methods._inputs import Floats

_ANCHORS = 4  # of so many working points, one begins a chain of nested boxes


def single(search: BoxSearch, targets: Floats) -> list[Box]:
    """The best box for each target, whatever the others are: each is a start for its neighbours.

    Parameters
    ----------
    targets : ndarray
        Shares of signal to be kept, falling.
    """
    boxes = []
    for target in targets:
        starts = [search.open, *boxes[-1:]]
        boxes.append(_best(search, target, [search.improve(start, target) for start in starts]))
    for i in reversed(range(len(targets) - 1)):
        boxes[i] = _best(search, targets[i], [boxes[i], search.improve(boxes[i + 1], targets[i])])
    return boxes


def nested(search: BoxSearch, targets: Floats, boxes: list[Box], noise: float) -> list[Box]:
    """Boxes that lie in each other: several chains, of which the one with the least background is taken.

    Parameters
    ----------
    boxes : list of ndarray
        The best for each target; a chain begins with one of them.
    noise : float
        Share of background below which differences mean nothing; above it, its logarithm is what counts.
    """
    anchors = range(_ANCHORS // 2, len(targets), _ANCHORS) or [0]
    chains = [_chain(search, targets, boxes, anchor) for anchor in anchors]

    def loss(chain: list[Box]) -> float:
        return sum(np.log(max(search.background(box), 0) + noise) for box in chain)

    return min(chains, key=loss)


def refined(grid: Grid, targets: Floats, boxes: list[Box], keep_nested: bool) -> list[Box]:
    """Boxes of the coarse grid, moved on the fine one by less than a coarse bin."""
    fine = []
    for i, (target, box) in enumerate(zip(targets, boxes, strict=True)):
        outer, inner = grid.finer(box, grow=1), grid.finer(box, grow=-1)
        if keep_nested and fine:
            outer = np.array([np.maximum(outer[0], fine[-1][0]), np.minimum(outer[1], fine[-1][1])])
        if keep_nested and i + 1 < len(boxes):
            inner = _hull(inner, grid.finer(boxes[i + 1]))
        fine.append(grid.fine.improve(grid.finer(box), target, outer, inner))
    return fine


def _chain(search: BoxSearch, targets: Floats, boxes: list[Box], anchor: int) -> list[Box]:
    """Boxes around and inside that of one working point."""
    chain = list(boxes)
    for i in range(anchor + 1, len(targets)):
        chain[i] = search.improve(chain[i - 1], targets[i], outer=chain[i - 1])
    for i in reversed(range(anchor)):
        hull = _hull(boxes[i], chain[i + 1])
        start = hull if search.signal(hull) >= targets[i] else search.open
        chain[i] = search.improve(start, targets[i], inner=chain[i + 1])
    return chain


def _best(search: BoxSearch, target: float, boxes: list[Box]) -> Box:
    """The box with the least background of those that keep the target; the first of equals."""
    keeping = [box for box in boxes if search.signal(box) >= target - 10 * ROUNDING]
    return min(keeping, key=lambda box: max(search.background(box), 0))


def _hull(first: Box, second: Box) -> Box:
    """The smallest box that holds both."""
    return np.array([np.minimum(first[0], second[0]), np.maximum(first[1], second[1])])
