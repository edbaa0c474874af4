"""Check of lesson 08: what a box of cuts keeps of signal and of background."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.trees._common import Bools, Wrong, mistaken, pair, rounded

if TYPE_CHECKING:
    from pandas import DataFrame

Cuts = list[tuple[str, str, float]]
_COMPARE = {">": operator.gt, "<": operator.lt}


def box(events: DataFrame, cuts: Cuts) -> tuple[float, float]:
    """Efficiency of all cuts together for electrons, and for jets."""
    return _shares(events, inside(events, cuts))


def inside(events: DataFrame, cuts: Cuts) -> Bools:
    """Whether each event passes all cuts, shape (n,)."""
    return np.logical_and.reduce(_passes(events, cuts))


def _passes(events: DataFrame, cuts: Cuts, compare: dict = _COMPARE) -> list[Bools]:
    return [compare[sign](events[name].to_numpy(), value) for name, sign, value in cuts]


def _shares(events: DataFrame, kept: Bools) -> tuple[float, float]:
    electron = events["is_electron"].to_numpy(bool)
    return kept[electron].mean(), kept[~electron].mean()


def _kept(select: Callable) -> Callable:
    """Efficiencies of another way to combine the cuts."""
    return lambda events, cuts: _shares(events, select(events, cuts))


def _compared(above: Callable, below: Callable) -> Callable:
    return _kept(lambda e, c: np.logical_and.reduce(_passes(e, c, {">": above, "<": below})))


def _some(pick: Callable) -> Callable:
    return lambda events, cuts: box(events, pick(cuts))


def _last_of_each_name(cuts: Cuts) -> Cuts:
    return list({cut[0]: cut for cut in cuts}.values())


def _first_of_each_name(cuts: Cuts) -> Cuts:
    return list({cut[0]: cut for cut in reversed(cuts)}.values())


def _product(events: DataFrame, cuts: Cuts) -> Any:
    return np.prod([_shares(events, kept) for kept in _passes(events, cuts)], axis=0)


def _relative(events: DataFrame, cuts: Cuts) -> Any:
    """The share that the last cut keeps of what the others have kept."""
    return np.divide(box(events, cuts), box(events, cuts[:-1]))


def _of(total: Callable) -> Callable:
    """Kept electrons and kept jets over something else than all of their kind."""

    def wrong(events: DataFrame, cuts: Cuts) -> Any:
        electron, kept = events["is_electron"].to_numpy(bool), inside(events, cuts)
        return np.array([np.sum(kept & electron), np.sum(kept & ~electron)]) / total(electron, kept)

    return wrong


_WRONG: Wrong = {
    "any": _kept(lambda e, c: np.logical_or.reduce(_passes(e, c))),
    "product": _product,
    "ignores-direction": (_compared(operator.gt, operator.gt), _compared(operator.lt, operator.lt)),
    "reversed": _compared(operator.lt, operator.gt),
    "lost": lambda e, c: 1 - np.array(box(e, c)),
    "closed": _compared(operator.ge, operator.le),
    "window": (_some(_last_of_each_name), _some(_first_of_each_name)),
    "one-cut": (_some(lambda c: c[-1:]), _some(lambda c: c[:1])),
    "one-missing": (_some(lambda c: c[:-1]), _some(lambda c: c[1:])),
    "relative": _relative,
    "of-kept": _of(lambda electron, kept: kept.sum()),
    "of-all": _of(lambda electron, kept: len(kept)),
    "count": _of(lambda electron, kept: 1),
    "percent": lambda e, c: 100 * np.array(box(e, c)),
    "rejection": lambda e, c: 1 / np.array(box(e, c)),
}


@task(
    "trees.box",
    reference=box,
    right="Right. A box is cheap: one line for each side, and anybody can draw it.",
    hints=[
        "An event is kept if it passes *all* cuts. Begin with everything kept, and let each cut take away.",
        "`kept = kept & (events[name] > value)` for one direction, `<` for the other.",
        "`kept[electron].mean()` is the share of electrons that are kept, `kept[~electron].mean()` that of "
        "the jets.",
    ],
    mistakes={
        "two-numbers": "Two numbers are expected: the efficiency for electrons, then that for jets.",
        "swapped": "You gave {got_both}. The efficiency for electrons comes first.",
        "any": "For the cuts {cuts}, {n} of the {m} {what} are kept; you gave {got}, the share that passes "
        "at least *one* of them. Kept is what passes all.",
        "product": "For the cuts {cuts}, {n} of the {m} {what} are kept, {right}; you gave {got}, the "
        "product of the efficiencies of the single cuts. That holds for independent variables only; count.",
        "ignores-direction": "For the cuts {cuts}, you gave {got} for {what}. You cut into the same "
        'direction everywhere; each cut says itself whether `">"` or `"<"` is kept.',
        "reversed": "For the cuts {cuts}, you gave {got} for {what}. You kept what the cuts throw away: "
        '`("a", ">", 1)` keeps what is above 1.',
        "lost": "For the cuts {cuts}, you gave {got} for {what}: the share that is lost.",
        "closed": "For the cuts {cuts}, you gave {got} for {what}. An event that lies exactly on a cut is "
        "not kept: `>` and `<`.",
        "window": "For the cuts {cuts}, you gave {got} for {what}. There are two cuts on `a`, from below and "
        "from above, and you used one of them.",
        "one-cut": "For the cuts {cuts}, you gave {got} for {what}. That is one cut alone.",
        "one-missing": "For the cuts {cuts}, you gave {got} for {what}. The cut at one end of the list is "
        "missing.",
        "relative": "For the cuts {cuts}, you gave {got} for {what}: the share of the last cut in what the "
        "others keep. Divide by all {m} of them.",
        "of-kept": "For the cuts {cuts}, you gave {got} for {what}: their share in what is kept, which is "
        "something else. Divide by all {m} of them.",
        "of-all": "For the cuts {cuts}, you gave {got} for {what}: you divided by electrons and jets "
        "together. There are {m} {what}.",
        "count": "For the cuts {cuts}, you gave {got} for {what}. That is a number; divide it by {m}.",
        "percent": "For the cuts {cuts}, you gave {got} for {what}, in percent. Return a share.",
        "rejection": "For the cuts {cuts}, you gave {got} for {what}: one over the efficiency.",
        "rejects": "For the cuts {cuts}, you gave {got} for {what}: the share that is thrown away. Asked is "
        "the share that is kept, of both classes.",
        "rounded": "For the cuts {cuts}, you gave {got} for {what}, and it is {right}. Return all digits.",
        "other": "For the cuts {cuts}, {n} of the {m} {what} are kept, {right}; you gave {got}.",
    },
)
def _box(answer: Callable, rng: np.random.Generator) -> None:
    cases = _cases(rng)
    results = np.array([pair(answer(*case), "two-numbers") for case in cases])
    right = np.array([box(*case) for case in cases])
    if np.allclose(results, right):
        return
    if np.allclose(results[:, ::-1], right):
        raise NotYet("swapped", got_both=results[0])
    for part in (0, 1):  # a student may be right for one class and wrong for the other
        if not np.allclose(results[:, part], right[:, part]):
            _judge(part, results[:, part], right[:, part], cases)


def _judge(part: int, mine: Sequence, right: Sequence, cases: list[tuple]) -> None:
    wrong = {m: [_part(f, part) for f in (w if isinstance(w, tuple) else (w,))] for m, w in _WRONG.items()}
    mistake = mistaken(mine, cases, wrong) or ("rounded" if rounded(mine, right) else "other")
    if mistake == "lost" and part == 1:  # right for electrons
        mistake = "rejects"
    k = int(np.argmax(~np.isclose(mine, right)))
    events, cuts = cases[k]
    of_class = (events["is_electron"] == (part == 0)).to_numpy()
    raise NotYet(
        mistake,
        cuts=" and ".join(f"{name} {sign} {value:g}" for name, sign, value in cuts),
        what=("electrons", "jets")[part],
        n=int((inside(events, cuts) & of_class).sum()),
        m=int(of_class.sum()),
        got=mine[k],
        right=right[k],
    )


def _part(function: Callable, part: int) -> Callable:
    return lambda *case: function(*case)[part]


def _cases(rng: np.random.Generator) -> list[tuple[DataFrame, Cuts]]:
    """Correlated columns a, b, c with values on the cuts; one case has two cuts on the same column."""
    import pandas as pd

    cases = []
    for cuts in (
        [("a", ">", 0.4), ("b", "<", 0.6)],
        [("a", ">", 0.3), ("c", "<", 0.7), ("b", ">", 0.2)],
        [("a", ">", 0.2), ("b", "<", 0.7), ("a", "<", 0.8)],
    ):
        electron = np.arange(60) < 25
        common = rng.integers(0, 6, 60)
        table = {name: (common + rng.integers(0, 6, 60)) / 10 for name in "abc"}
        for name, _, value in cuts:  # of each class some events lie exactly on each cut
            table[name][rng.choice(25, 3, replace=False)] = value
            table[name][25 + rng.choice(35, 3, replace=False)] = value
        order = rng.permutation(60)
        cases.append((pd.DataFrame(table | {"is_electron": electron}).iloc[order], cuts))
    return cases
