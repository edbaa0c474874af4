"""Check of lesson 08: a regression that corrects the momentum of a track, and has not learned the mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.trees._common import Floats
from hepml_course.checks.trees._samples import TRACK_VARIABLES, asked, tracks
from hepml_course.checks.trees.tracks import resolution

if TYPE_CHECKING:
    from pandas import DataFrame

NARROWER = 0.98  # the core after, over that before
TAIL = 1.25  # the most that the tail may grow
SHIFT = 0.1  # MeV/c, median of corrected minus true for conversions
PULLED = 0.09  # MeV/c, how far tracks of other momenta may be moved more than conversions
OTHER = ((92.0, 97.0), (97.0, 101.0), (104.9, 105.6), (105.6, 108.0))  # MeV/c at the entrance of the tracker

_TRUTH = ["p_true", "p_start"]


@cache
def _model():
    from sklearn.ensemble import HistGradientBoostingRegressor

    own = tracks("own")
    model = HistGradientBoostingRegressor(loss="absolute_error", max_leaf_nodes=8, random_state=1)
    return model.fit(own[TRACK_VARIABLES], own["p_true"] - own["p_reco"])


def corrected(table: DataFrame) -> Floats:
    """Momentum from the fit plus what trees expect to be missing, MeV/c."""
    return table["p_reco"].to_numpy() + _model().predict(table[TRACK_VARIABLES])


@task(
    "trees.momentum",
    reference=corrected,
    right="Right.",
    hints=[
        "Do not ask for the momentum, ask for what is missing: train on `p_true - p_reco`, and add what the "
        "trees say to `p_reco`.",
        "If all electrons start with the same momentum and the trees see `p_reco`, they know the answer "
        "without looking at the track. Train on `flat`.",
        "The mean of `p_true - p_reco` is ruled by tracks that have radiated a lot. The median is not: "
        "`loss='absolute_error'`. Or clip the target.",
    ],
    mistakes={
        "both-columns": "You gave an array of shape {got}. One momentum for each track is expected.",
        "fixed": "The check gave you {n} tracks and got {m} momenta. Correct the tracks that come in.",
        "random": "The same tracks got other momenta the second time.",
        "truth": "The check exchanged `p_true` and `p_start` among the tracks, and your momenta changed. In "
        "data nobody knows these.",
        "company": "The same track got another momentum when it came with other tracks. Is something fitted "
        "to the tracks that come in, their mean for instance?",
        "correction": "Your momenta are about {got} MeV/c. Is that what is to be *added* to `p_reco`?",
        "ratio": "Your momenta are about {got}. Is that what `p_reco` is to be *multiplied* with?",
        "unit": "Your momenta are about {got}. They should be in MeV/c, some 104 for conversions.",
        "constant": "Electrons of {low} and of {high} MeV/c come out alike, at {got}. Your function says "
        "what conversions usually have, and not what it sees.",
        "mean-learned": "Electrons that enter with {low} to {high} MeV/c come out {got} MeV/c too {way}, "
        "next to conversions. They are moved to the momenta of the tracks that have trained the model, and "
        "so is all that is no conversion. Train where all momenta occur, and alike.",
        "unchanged": "Your momenta are those of `p_reco`.",
        "sign": "The core is {got} keV/c, and was {before}. With the correction subtracted instead of added "
        "it would be {turned}: which of `p_true` and `p_reco` do you subtract when you train?",
        "shifted": "The median conversion comes out {got} MeV/c too {way}. A correction shall not move what "
        "was right, and a tail that vanishes because everything is moved is no gain.",
        "wider": "The core is {got} keV/c, and was {before}. Your correction makes it wider. Squares follow "
        "the long tail of tracks that have radiated; try the median, `loss='absolute_error'`, or clip the "
        "target. If the target is `p_true` itself, trees can only give it in steps: take what is missing.",
        "little": "The core is {got} keV/c, and was {before}. It should be narrower by 2 % at least.",
        "tail": "The core is {got} keV/c, and was {before}. But {tail} of the tracks are more than 700 keV/c "
        "too high now, and were {tail_before}.",
    },
)
def _momentum(answer: Callable, rng: np.random.Generator) -> str:
    conversions = tracks("conversions")
    reco, true = (conversions[name].to_numpy() for name in ("p_reco", "p_true"))
    mine = asked(answer, conversions, _TRUTH)
    _is_a_momentum(mine, reco)
    _every_momentum(answer, float(np.median(mine - true)))
    before, tail_before = resolution(reco, true)
    after, tail = resolution(mine, true)
    turned = resolution(2 * reco - mine, true)[0]
    shown = {"got": after, "before": before, "tail": tail, "tail_before": tail_before, "turned": turned}
    if after > before and turned < NARROWER * before:
        raise NotYet("sign", **shown)
    if after > 1.01 * before:
        raise NotYet("wider", **shown)
    shift = float(np.median(mine - true))
    if abs(shift) > SHIFT:
        raise NotYet("shifted", **(shown | {"got": abs(shift), "way": "high" if shift > 0 else "low"}))
    if after > NARROWER * before:
        raise NotYet("little", **shown)
    if tail > TAIL * tail_before:
        raise NotYet("tail", **shown)
    core = f"the core is {after:.0f} keV/c instead of {before:.0f}"
    tails = f"{tail:.2%} of the tracks are in the tail instead of {tail_before:.2%}"
    return f"Right. On new conversions {core}, and {tails}. Other momenta stay where they are."


def _is_a_momentum(mine: Floats, reco: Floats) -> None:
    typical = float(np.median(mine))
    if np.allclose(mine, reco):
        raise NotYet("unchanged")
    if np.corrcoef(mine, reco)[0, 1] > 0.9 and not 80 < typical < 130:
        raise NotYet("unit", got=typical)
    if abs(typical - 1) < 0.1:
        raise NotYet("ratio", got=typical)
    if abs(typical) < 5:
        raise NotYet("correction", got=typical)
    if not 80 < typical < 130:
        raise NotYet("unit", got=typical)


def _every_momentum(answer: Callable, shift: float) -> None:
    """Compare other momenta with conversions; what is said about them is relative to these."""
    table = tracks("all")
    true = table["p_true"].to_numpy()
    mine = asked(answer, table, _TRUTH)
    groups = [mine[(true > low) & (true < high)] for low, high in OTHER]
    middles = [float(np.median(true[(true > low) & (true < high)])) for low, high in OTHER]
    outcome = [float(np.median(group)) for group in groups]
    if outcome[1] - outcome[0] < 0.3 * (middles[1] - middles[0]):
        raise NotYet("constant", low=middles[0], high=middles[1], got=outcome[1])
    for (low, high), group in zip(OTHER, groups, strict=True):
        off = float(np.median(group - true[(true > low) & (true < high)])) - shift
        if abs(off) > PULLED:
            way = "high" if off > 0 else "low"
            raise NotYet("mean-learned", low=f"{low:g}", high=f"{high:g}", got=abs(off), way=way)
