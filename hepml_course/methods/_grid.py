"""Where features may be cut: a coarse grid to find the boxes on, and a finer one to adjust them."""

from __future__ import annotations

import numpy as np

from hepml_course.methods._boxes import Box, BoxSearch
from hepml_course.methods._inputs import Floats, MethodError, Training

_COARSE = 16  # bins of equal content
_FINER = 4  # each is divided into so many
_TAILS = np.array([0, 0.001, 0.003, 0.008, 0.015])  # shares of signal with further cuts at each end; every
_EVERY = 2  # second of them is on the coarse grid, too


class Grid:
    """Events on two grids, of which the finer holds all cuts of the coarse one.

    Parameters
    ----------
    training : Training
        The events.

    Attributes
    ----------
    coarse, fine : BoxSearch
        A single feature has a companion that tells nothing, since the search moves two.
    """

    def __init__(self, training: Training) -> None:
        self._fine = [_edges(column, training, fine=True) for column in training.x.T]
        coarse = [_edges(column, training, fine=False) for column in training.x.T]
        if len(coarse) == 1:
            coarse, self._fine = [*coarse, np.array([])], [*self._fine, np.array([])]
        self.coarse, self.fine = _search(training, coarse), _search(training, self._fine)
        # Position of a cut on the coarse grid to that on the fine one; the first and the last are no cuts.
        self._place = [
            np.concatenate([[0], np.searchsorted(fine, some) + 1, [len(fine) + 1]])
            for some, fine in zip(coarse, self._fine, strict=True)
        ]

    def finer(self, box: Box, grow: int = 0) -> Box:
        """A box of the coarse grid on the fine one, larger at each side by so many coarse bins."""
        steps = np.clip(box + np.array([[-grow], [grow]]), 0, self.coarse.open[1])
        return np.array([[place[i] for place, i in zip(self._place, side, strict=True)] for side in steps])

    def cuts(self, box: Box) -> Floats:
        """The values at which a box of the fine grid cuts, shape (2, k); infinite where it does not."""
        walls = [np.concatenate([[-np.inf], edges, [np.inf]]) for edges in self._fine]
        return np.array([[wall[i] for wall, i in zip(walls, side, strict=True)] for side in box])


def thinned(training: Training, most: int) -> Training:
    """At most half as many events of each class, evenly taken."""
    members = [np.flatnonzero(training.is_signal == kind) for kind in (True, False)]
    some = [np.linspace(0, len(all_) - 1, min(len(all_), most // 2)).round().astype(int) for all_ in members]
    taken = np.sort(np.concatenate([all_[few] for all_, few in zip(members, some, strict=True)]))
    few = Training(*(part[taken] for part in training))
    if min(few.sums()) <= 0:
        raise MethodError(
            "The events that BoxCuts searches have more negative than positive weight in one class: let it "
            "search more of them, by a larger value of events."
        )
    return few


def _edges(column: Floats, training: Training, fine: bool) -> Floats:
    """Cuts at equal contents and at the ends of the signal, all of them between two values that occur."""
    values, position = np.unique(column, return_inverse=True)
    bins = _COARSE * (_FINER if fine else 1)
    if len(values) <= bins:
        after = np.arange(len(values) - 1)  # the value below the cut
    else:
        both = np.cumsum(training.content(position))
        signal = np.cumsum(training.content(position, of=True))
        tails = _TAILS if fine else _TAILS[::_EVERY]
        equal = np.searchsorted(both, np.arange(1, bins) / bins)
        first = np.searchsorted(signal, tails, side="right") - 1
        last = np.searchsorted(signal, 1 - tails - 1e-9)
        after = np.unique(np.concatenate([equal, first, last]))
        after = after[(after >= 0) & (after < len(values) - 1)]
    return values[after] / 2 + values[after + 1] / 2


def _search(training: Training, edges: list[Floats]) -> BoxSearch:
    x = training.x.T if len(edges) == training.x.shape[1] else [*training.x.T, np.zeros(len(training.x))]
    codes = np.array([np.searchsorted(e, column, side="right") for e, column in zip(edges, x, strict=True)])
    signal, fractions = training.is_signal, training.fractions()
    shares = fractions[signal], fractions[~signal]
    return BoxSearch(codes[:, signal], codes[:, ~signal], shares, [len(e) + 1 for e in edges])
