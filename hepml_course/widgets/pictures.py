"""A slider that turns pages of a picture book. The pages are drawn by functions of `hepml_course.plot`."""

import base64
import html
import io
from collections.abc import Callable, Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

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
    from IPython.display import display

    figure, sentence = draw(still)
    data = {"text/plain": sentence, "image/png": _png(figure)}
    data.update(_live(draw, pages, name, labels))
    display(data, raw=True)


def _live(draw: Callable[[int], Page], pages: int, name: str, labels: Sequence[str] | None) -> dict:
    """The widget's own entry in the output; kept apart from its text, which holds an address."""
    import ipywidgets

    if labels is None:
        slider = ipywidgets.IntSlider(value=0, min=0, max=max(pages - 1, 0), description=name)
    else:
        options = [(label, number) for number, label in enumerate(labels)]
        slider = ipywidgets.SelectionSlider(options=options, value=0, description=name)
    page = ipywidgets.HTML()

    def turn(_: object = None) -> None:
        figure, sentence = draw(slider.value)
        words = html.escape(sentence)
        source = f"data:image/png;base64,{_png(figure)}"
        page.value = f'<img alt="{words}" src="{source}" style="max-width: 100%"><p>{words}</p>'

    slider.observe(turn, "value")
    turn()
    bundle = ipywidgets.VBox([slider, page])._repr_mimebundle_()
    return {mime: value for mime, value in bundle.items() if "widget-view" in mime}


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=mpl.rcParams["figure.dpi"], metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode("ascii")
