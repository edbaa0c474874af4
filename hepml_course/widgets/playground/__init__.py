"""A network to play with: choose its sample, inputs, layers and rate, run it, watch every neuron.

`network` does the arithmetic, `samples` the data, `model` keeps the state of a training and draws the maps;
none of them knows of widgets. `widget` connects them to the page in ``playground.js``, and `still` draws
the same picture with matplotlib, for where no widget can be shown.

The page asks for every step itself, after it has drawn the one before. So the kernel is never blocked,
never works for a page that is gone, and a slow machine shows fewer pictures instead of late ones.
"""

from hepml_course.widgets.playground.model import Playground, Settings
from hepml_course.widgets.playground.show import playground

__all__ = ["Playground", "Settings", "playground"]
