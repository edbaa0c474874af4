"""One output with the live playground and a still picture of it."""

import base64
import io
from typing import Any

import matplotlib as mpl

from hepml_course.widgets.playground.model import Playground, Settings
from hepml_course.widgets.playground.still import draw_still


def playground(*, epochs: int = 100, **settings: Any) -> None:
    """Show a network that can be built, run, paused and looked into.

    Parameters
    ----------
    epochs : int
        How far the still picture is trained, which is what remains where no widget can be shown. The live
        one begins untrained.
    **settings
        What to begin with: `sample`, `noise`, `features`, `hidden`, `activation`, `rate`, `penalty`,
        `strength` and `seed`, as in `Settings`.

    Examples
    --------
    >>> playground(sample="boosted pairs", hidden=(4, 2), activation="ReLU")  # doctest: +SKIP
    """
    from IPython.display import display

    from hepml_course.widgets.playground.widget import PlaygroundWidget

    chosen = Settings(**settings)
    trained = Playground(chosen)
    trained.train(epochs)
    bundle = PlaygroundWidget(chosen)._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    data = {mime: value for mime, value in bundle.items() if "widget-view" in mime}
    display({"text/plain": _words(trained), "image/png": _png(trained), **data}, raw=True)


def _words(state: Playground) -> str:
    train, test = state.history[-1]
    layers = "-".join(map(str, state.settings.hidden)) or "no hidden layer"
    return (
        f"{state.settings.sample}, {layers}, {state.settings.activation}: loss after {state.epoch} epochs "
        f"{train:.3f} in training, {test:.3f} on test events."
    )


def _png(state: Playground) -> str:
    buffer = io.BytesIO()
    draw_still(state).savefig(
        buffer, format="png", dpi=mpl.rcParams["figure.dpi"], metadata={"Software": None}
    )
    return base64.b64encode(buffer.getvalue()).decode("ascii")
