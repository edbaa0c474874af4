"""The playground in the page: settings that both sides share, and pictures that the page asks for."""

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from hepml_course.errors import CourseError
from hepml_course.plot.style import BACKGROUND, SIGNAL
from hepml_course.widgets.playground.model import (
    COARSE,
    LAYERS,
    NEURONS,
    POINTS,
    Playground,
    Settings,
    with_changes,
)
from hepml_course.widgets.playground.network import ACTIVATIONS, PENALTIES
from hepml_course.widgets.playground.samples import FEATURES, SAMPLES

_FOLDER = Path(__file__).parent
MOST_EPOCHS = 50  # in one request


class PlaygroundWidget(anywidget.AnyWidget):
    """The live playground.

    The page sends ``{"do": "step", "epochs": 1}``, ``{"do": "reset"}`` or ``{"do": "look"}`` and gets one
    picture back: a dictionary, and the maps of the output and of the neurons as bytes. A change of
    `settings`, from the page or from Python, sends a picture too.

    Parameters
    ----------
    settings : Settings
        What to begin with.
    """

    _esm = _FOLDER / "playground.js"
    _css = _FOLDER / "playground.css"

    settings = traitlets.Dict(help="The fields of `Settings`, tuples as lists.").tag(sync=True)
    choices = traitlets.Dict(help="What can be chosen, for the menus; never changes.").tag(sync=True)

    def __init__(self, settings: Settings | None = None, **kwargs: Any) -> None:
        self.state = Playground(settings)
        super().__init__(settings=_plain(self.state.settings), choices=_choices(), **kwargs)
        self.on_msg(self._answer)

    @traitlets.validate("settings")
    def _known(self, proposal: dict) -> dict:
        """Refuse what cannot be, and fill in what is left out."""
        try:
            return _plain(with_changes(self.state.settings, proposal["value"]))
        except (CourseError, TypeError) as problem:
            raise traitlets.TraitError(str(problem)) from None

    @traitlets.observe("settings")
    def _chosen(self, change: dict) -> None:
        before = self.state.settings
        self.state.choose(with_changes(before, change["new"]))
        if self.comm is not None:
            anew = self.state.settings.network() != before.network()
            self._send_picture(sample=anew)

    def _answer(self, _: Any, message: Any, __: Any) -> None:
        """Do what the page asks for, then send the picture."""
        do = message.get("do") if isinstance(message, dict) else None
        if do == "step":
            self.state.train(min(max(int(message.get("epochs", 1)), 1), MOST_EPOCHS))
        elif do == "reset":
            self.state.reset()
        if do in ("step", "reset", "look"):
            self._send_picture(sample=do != "step")

    def _send_picture(self, sample: bool) -> None:
        content, buffers = self.picture(sample)
        self.send(content, buffers)

    def picture(self, sample: bool = True) -> tuple[dict, list[bytes]]:
        """What the page draws.

        Parameters
        ----------
        sample : bool
            Include the events and the whole history, as after a reset; otherwise the latest losses.

        Returns
        -------
        dict, list of bytes
            Numbers, and the maps of the output and of the neurons.
        """
        state = self.state
        output, neurons = state.maps()
        content = {
            "epoch": state.epoch,
            "losses": [_numbers(pair) for pair in (state.history if sample else state.history[-1:])],
            "accuracy": state.accuracy(),
            "weights": state.weights(),
            "columns": [len(state.settings.features), *state.settings.hidden],
        }
        if sample:
            x, y, train = state.sample
            content["axes"] = SAMPLES[state.settings.sample][1]
            content["events"] = np.column_stack([x, y, train]).round(3).tolist()
        return content, [output.tobytes(), neurons.tobytes()]


def _plain(settings: Settings) -> dict:
    """Settings as JSON has them."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}


def _numbers(pair: tuple[float, float]) -> list[float | None]:
    """JSON knows no NaN: a loss that ran away is None."""
    return [value if math.isfinite(value) else None for value in pair]


def _choices() -> dict:
    return {
        "samples": list(SAMPLES),
        "features": list(FEATURES),
        "activations": list(ACTIVATIONS),
        "penalties": list(PENALTIES),
        "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
        "strengths": [0.001, 0.003, 0.01, 0.03, 0.1],
        "layers": LAYERS,
        "neurons": NEURONS,
        "points": POINTS,
        "coarse": COARSE,
        "colours": [BACKGROUND, SIGNAL],
    }
