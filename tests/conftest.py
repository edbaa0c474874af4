"""What tests of figures and widgets share."""

import sys

import pytest


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def shown(monkeypatch):
    """What a cell would put into its output."""
    outputs = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw=False: outputs.append(data))
    return outputs


@pytest.fixture
def made():
    """The widgets that exist, by their class, as a front end would find them."""
    from ipywidgets.widgets.widget import _instances

    known = set(_instances)
    return lambda kind: [w for key, w in _instances.items() if key not in known and isinstance(w, kind)]
