"""The search for a box with little background, on a grid of possible cuts.

A box that keeps a given share of the signal can only be improved by tightening one cut and loosening
another. So the search moves two features at a time: with all other cuts held, the best pair of intervals is
found exactly, from the running sums of the two-dimensional histograms. It ends where no pair of features does
better.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hepml_course.methods._inputs import Floats

Box = NDArray[np.intp]  # shape (2, k): the first bin that is kept, and the first that is not any more

ROUNDING = 1e-6  # the sums of shares are kept in single precision


class BoxSearch:
    """Events of both classes in the bins of a grid of two features or more.

    Parameters
    ----------
    signal, background : ndarray of int, shape (k, n)
        The bin of each event in each feature.
    shares : tuple of ndarray, shape (n,)
        Weights of signal and of background events; each sums to 1.
    bins : sequence of int, length k
        Bins of each feature.

    Attributes
    ----------
    open : ndarray of int, shape (2, k)
        The box without any cut.
    """

    def __init__(
        self,
        signal: NDArray[np.intp],
        background: NDArray[np.intp],
        shares: tuple[Floats, Floats],
        bins: Sequence[int],
    ) -> None:
        self.open: Box = np.array([[0] * len(bins), bins])
        self._classes = [
            _Events(codes, share, max(bins))
            for codes, share in zip((signal, background), shares, strict=True)
        ]
        self._lower, self._upper = np.triu_indices(max(bins) + 1, 1)  # every interval of bins

    def signal(self, box: Box) -> float:
        """Share of the signal in the box."""
        return self._classes[0].content(box)

    def background(self, box: Box) -> float:
        """Share of the background in the box."""
        return self._classes[1].content(box)

    def improve(self, box: Box, target: float, outer: Box | None = None, inner: Box | None = None) -> Box:
        """The box that moves of two features at a time lead to.

        Parameters
        ----------
        box : ndarray of int, shape (2, k)
            Where to begin. Only if no move leads to a box that keeps the target, it is returned as it is.
        target : float
            Share of the signal to be kept at least.
        outer, inner : ndarray of int, shape (2, k), optional
            Boxes that the result must lie in, and must hold.
        """
        outer = self.open if outer is None else outer
        inner = outer[::-1] if inner is None else inner  # by default it holds nothing
        pairs = list(itertools.combinations(range(len(box[0])), 2))
        self._restrict(box)
        least, since = np.inf, 0  # the background, and the number of pairs for which it has not changed
        for pair in itertools.cycle(pairs):
            intervals, found = self._best(pair, target, outer, inner)
            since += 1
            if found < least - ROUNDING:
                least, box, since = found, box.copy(), 1
                box[:, pair] = np.transpose(intervals)
                self._move(pair, intervals)
            if since >= len(pairs):
                return box

    def useful(self, target: float, most: int) -> list[int]:
        """The features that a box profits from, added greedily; at most so many, in rising order."""
        chosen, rest = [], list(range(len(self.open[0])))
        self._restrict(self.open)
        while rest and len(chosen) < most:
            pairs = itertools.product(chosen, rest) if chosen else itertools.combinations(rest, 2)
            found = {pair: self._best(pair, target, self.open, self.open[::-1]) for pair in pairs}
            pair = min(found, key=lambda pair: found[pair][1])
            self._move(pair, found[pair][0])
            chosen += [feature for feature in pair if feature in rest]
            rest = [feature for feature in rest if feature not in pair]
        return sorted(chosen[:most])

    def _best(
        self, pair: tuple[int, int], target: float, outer: Box, inner: Box
    ) -> tuple[list[tuple[int, int]], float]:
        """The best intervals of two features while all others stay, and the background that is left."""
        allowed = [self._allowed(outer[:, feature], inner[:, feature]) for feature in pair]
        kept, left = (_sums(events.plane(pair), allowed) for events in self._classes)
        np.maximum(left, 0, out=left)  # negative weights make no box better than an empty one
        left[kept < target - ROUNDING] = np.inf
        least = left.min()
        if not np.isfinite(least):
            return [], np.inf
        same = np.flatnonzero(left.ravel() <= least + ROUNDING / 10)
        place = np.unravel_index(same[np.argmax(kept.ravel()[same])], left.shape)
        return [(low[i], high[i]) for (low, high), i in zip(allowed, place, strict=True)], float(least)

    def _allowed(self, outer: NDArray, inner: NDArray) -> tuple[NDArray, NDArray]:
        """Intervals of one feature inside the one and around the other."""
        low, high = self._lower, self._upper
        good = (low >= outer[0]) & (high <= outer[1]) & (low <= inner[0]) & (high >= inner[1])
        return low[good], high[good]

    def _restrict(self, box: Box) -> None:
        for events in self._classes:
            events.restrict(box)

    def _move(self, pair: Sequence[int], intervals: Sequence[tuple[int, int]]) -> None:
        for events in self._classes:
            for feature, interval in zip(pair, intervals, strict=True):
                events.move(feature, interval)


class _Events:
    """The events of one class, and which cuts of the present box each of them fails."""

    def __init__(self, codes: NDArray[np.intp], share: Floats, bins: int) -> None:
        self.codes = codes
        self.share = share
        self.bins = bins

    def content(self, box: Box) -> float:
        """Share of the class in a box, which need not be the present one."""
        inside = ((self.codes >= box[0][:, None]) & (self.codes < box[1][:, None])).all(axis=0)
        return float(self.share[inside].sum())

    def restrict(self, box: Box) -> None:
        """Make this the present box."""
        self._outside = ((self.codes < box[0][:, None]) | (self.codes >= box[1][:, None])).astype(np.uint8)
        self._failed = self._outside.sum(axis=0, dtype=np.uint8)

    def move(self, feature: int, interval: tuple[int, int]) -> None:
        """Change the cuts on one feature of the present box."""
        outside = (self.codes[feature] < interval[0]) | (self.codes[feature] >= interval[1])
        self._failed += outside - self._outside[feature]
        self._outside[feature] = outside

    def plane(self, pair: tuple[int, int]) -> Floats:
        """Running sums over two features of the events that pass all other cuts, (bins + 1, bins + 1)."""
        first, second = pair
        kept = np.flatnonzero(self._failed == self._outside[first] + self._outside[second])
        cell = self.codes[first, kept] * self.bins + self.codes[second, kept]
        content = np.bincount(cell, self.share[kept], self.bins**2).reshape(self.bins, self.bins)
        plane = np.zeros((self.bins + 1, self.bins + 1))
        plane[1:, 1:] = content.cumsum(axis=0).cumsum(axis=1)
        return plane


def _sums(plane: Floats, intervals: list[tuple[NDArray, NDArray]]) -> NDArray[np.float32]:
    """Content of every pair of intervals, from the running sums."""
    (low, high), (left, right) = intervals
    strips = (plane[:, right] - plane[:, left]).astype(np.float32)
    return strips[high] - strips[low]
