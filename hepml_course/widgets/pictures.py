"""A slider that turns pages of a picture book. The pages are drawn by functions of `hepml_course.plot`."""

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from hepml_course.errors import CourseError

Page = tuple[Figure, str]


def slide(
    draw: Callable[[int], Page],
    pages: int,
    *,
    name: str = "step",
    still: int = 0,
    labels: Sequence[str] | None = None,
) -> None:
    """Show a slider, the picture that belongs to its position, and a sentence about it.

    The same output holds one page as a plain PNG, which is what remains on a web page, on paper and in
    a notebook without a kernel.

    Parameters
    ----------
    draw : callable
        Takes the page number, returns a figure made without pyplot and a sentence that says what it shows.
    pages : int
        Number of pages; the slider goes from 0 to ``pages - 1``.
    name : str
        Label of the slider.
    still : int
        The page shown where there is no widget.
    labels : sequence of str, optional
        What the slider reads on each page; its number unless given.
    """
    import ipywidgets

    if labels is None:
        slider = ipywidgets.IntSlider(value=0, min=0, max=max(pages - 1, 0), description=name)
    else:
        options = [(label, number) for number, label in enumerate(labels)]
        slider = ipywidgets.SelectionSlider(options=options, value=0, description=name)
    _show(draw, (still,), [slider])


def slides(
    draw: Callable[..., Page],
    controls: Mapping[str, Mapping[str, Any]],
    *,
    still: Mapping[str, Any] | None = None,
) -> None:
    """Show several sliders, the picture that belongs to their positions, and a sentence about it.

    As with `slide`, a plain PNG remains where no widget can be shown.

    Parameters
    ----------
    draw : callable
        Takes one value for each slider, in their order; returns as for `slide`.
    controls : mapping of str to mapping
        Name of each slider, and what it reads at each position with the value that belongs to it.
    still : mapping of str to value, optional
        Where sliders stand at the beginning, and in the plain picture; at their first position unless given.

    Raises
    ------
    CourseError
        If a slider is to stand where it has no position.
    """
    import ipywidgets

    start = {name: next(iter(options.values())) for name, options in controls.items()} | dict(still or {})
    for name, value in start.items():
        if name not in controls:
            raise CourseError(f"There is no slider {name}; there is {', '.join(controls)}.")
        if value not in (options := controls[name]).values():
            ends = " to ".join([next(iter(options)), next(reversed(options))])
            raise CourseError(f"{name} cannot begin at {value}: its {len(options)} steps go from {ends}.")
    look = {"style": {"description_width": "9em"}, "layout": {"width": "32em"}}
    sliders = [
        ipywidgets.SelectionSlider(options=list(options.items()), value=start[name], description=name, **look)
        for name, options in controls.items()
    ]
    _show(draw, tuple(start[name] for name in controls), sliders)


def _show(draw: Callable[..., Page], still: tuple, sliders: Sequence[Any]) -> None:
    """One output with the plain picture and the widget."""
    from IPython.display import display

    figure, sentence = draw(*still)
    data = {"text/plain": sentence, "image/png": _png(figure)}
    data.update(_live(draw, sliders))
    display(data, raw=True)


def _live(draw: Callable[..., Page], sliders: Sequence[Any]) -> dict:
    """The widget's own entry in the output; kept apart from its text, which holds an address."""
    import ipywidgets

    page = ipywidgets.HTML()

    def turn(_: object = None) -> None:
        figure, sentence = draw(*(slider.value for slider in sliders))
        words = html.escape(sentence)
        source = f"data:image/png;base64,{_png(figure)}"
        page.value = f'<img alt="{words}" src="{source}" style="max-width: 100%"><p>{words}</p>'

    for slider in sliders:
        slider.observe(turn, "value")
    turn()
    bundle = ipywidgets.VBox([*sliders, page])._repr_mimebundle_()
    return {mime: value for mime, value in bundle.items() if "widget-view" in mime}


def _png(figure: Figure) -> str:
    buffer, how = io.BytesIO(), {"metadata": {"Software": None}}
    if figure.get_layout_engine() is None:  # all is in its place: there is no need to draw twice
        figure.set_dpi(mpl.rcParams["figure.dpi"])
        FigureCanvasAgg(figure).print_png(buffer, **how)
    else:
        figure.savefig(buffer, format="png", dpi=mpl.rcParams["figure.dpi"], **how)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
