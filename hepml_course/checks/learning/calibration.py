"""Checks of a calibration of jets."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, task
from hepml_course.metrics import relative_width
from hepml_course.simulate import measured_jets
from hepml_course.simulate.response import Jets

Floats = NDArray[np.float64]


class Recorded(NamedTuple):
    """Jets as one finds them in recorded data: nobody knows their true momentum."""

    measured: Floats
    eta: Floats


def calibrate(known: Jets, new: Recorded) -> Floats:
    """Corrected momentum of new jets by the mean factor of the sixty most similar known jets."""
    from sklearn.neighbors import KNeighborsRegressor

    def inputs(jets):
        return np.column_stack([np.log(jets.measured), np.abs(jets.eta)])

    model = KNeighborsRegressor(60).fit(inputs(known), known.true / known.measured)
    return new.measured * model.predict(inputs(new))


WIDEST = 0.096  # between a line in ln pT alone, 0.105, and the true mean response undone, 0.088


@task(
    "learning.calibrate",
    reference=calibrate,
    right="Right. The scale is right and the gap between barrel and endcap is corrected.",
    hints=[
        "What should be predicted? The factor true over measured is easier than the momentum itself.",
        "The response depends on the momentum and, near |η| = 1.4, strongly on η. Give the model both.",
        "`KNeighborsRegressor(60)` from scikit-learn on ln(measured) and |η|, as in the lesson, will do. "
        "Multiply its prediction by `new.measured`.",
    ],
    mistakes={
        "for-known": "You returned one number for each known jet. The new ones are asked for.",
        "logarithm": "Your values lie around {got}: logarithms. Return the momentum in GeV.",
        "factor": "Your values lie around {got}: factors. Return the corrected momentum in GeV.",
        "as-measured": "You returned the measured momentum. It is {low} % too low on average.",
        "wrong-way": "Corrected over true is {mean} on average, further from 1 than before the correction. "
        "Multiply or divide?",
        "scale": "Corrected over true is {mean} on average; it should be within 2 % of 1.",
        "gap": "The mean is right, but near |η| = 1.4 your jets are {low} % too low. Does your method use η, "
        "and in bins fine enough for the gap? Neighbours do not see η while the momentum is in GeV: take its "
        "logarithm.",
        "wide": "The relative width is {width}, and {limit} is asked for. Is each prediction a mean of "
        "enough known jets?",
    },
)
def _calibrate(answer, rng):
    known, new = measured_jets(5000, rng), measured_jets(4000, rng)
    got = as_array(answer(known, Recorded(new.measured, new.eta)))
    if got.shape == known.true.shape:
        raise NotYet("for-known")
    got = as_array(got, new.true.shape)
    middle = (new.true > 40) & (new.true < 500)
    ratio, typical = (got / new.true)[middle], float(np.median(got[middle]))
    if abs(typical - np.median(np.log(new.true[middle]))) < 0.5:
        raise NotYet("logarithm", got=typical)
    if typical < 2:
        raise NotYet("factor", got=typical)
    before = float((new.measured / new.true)[middle].mean())
    if np.allclose(got, new.measured):
        raise NotYet("as-measured", low=round(100 * (1 - before)))
    mean = float(ratio.mean())
    if abs(mean - 1) > abs(before - 1):
        raise NotYet("wrong-way", mean=mean)
    if abs(mean - 1) > 0.02:
        raise NotYet("scale", mean=mean)
    width = relative_width(ratio).value
    if width < WIDEST:
        return
    in_gap = np.abs(np.abs(new.eta[middle]) - 1.4) < 0.1
    low = 1 - float(ratio[in_gap].mean())
    if low > 0.05:
        raise NotYet("gap", low=round(100 * low))
    raise NotYet("wide", width=width, limit=WIDEST)
