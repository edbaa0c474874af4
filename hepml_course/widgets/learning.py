"""Things to move in the first lesson: a line by hand, the steps of k-means, a policy as it is learned."""

import html
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hepml_course import plot
from hepml_course.widgets.pictures import _png, slide

Points = list[tuple[float, float, float]]


class LineByHand:
    """The state of `line_by_hand`: the points, and every line tried so far with its χ².

    Parameters
    ----------
    x, y, error : array_like, shape (n,)
    axes : tuple of str
        What is drawn along the axes, with units.
    """

    def __init__(self, x: ArrayLike, y: ArrayLike, error: ArrayLike, axes: tuple[str, str]) -> None:
        self.x, self.y, self.error = (np.asarray(a, dtype=float) for a in (x, y, error))
        self.axes = axes
        self.tried: Points = []

    def chi2(self, intercept: float, slope: float) -> float:
        """Sum of the squared distances from the line, in units of the errors."""
        return float((((self.y - intercept - slope * self.x) / self.error) ** 2).sum())

    def page(self, intercept: float, slope: float) -> tuple[Figure, str]:
        """Remember this line; return its picture and a sentence about it."""
        self.tried.append((intercept, slope, self.chi2(intercept, slope)))
        figure = Figure(figsize=(8.8, 3.6))
        left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
        plot.line_through_points(self.x, self.y, self.error, (intercept, slope), ax=left)
        room = 0.6 * np.ptp(self.y)
        left.set(xlabel=self.axes[0], ylabel=self.axes[1])
        left.set_ylim(self.y.min() - room, self.y.max() + room)
        a, b, chi2 = np.transpose(self.tried)
        dots = right.scatter(a, b, c=np.log10(chi2), cmap="viridis_r", s=45)
        right.plot(intercept, slope, "o", markersize=13, markerfacecolor="none", color="black")
        right.set(xlabel="intercept $a$", ylabel="slope $b$", title="lines tried so far")
        right.margins(0.2)
        figure.colorbar(dots, ax=right, label=r"$\log_{10}\chi^2$")
        return figure, self._words()

    def _words(self) -> str:
        (a, b, now), best = self.tried[-1], min(self.tried, key=lambda line: line[2])
        said = f"χ² = {now:.1f} for {len(self.x)} points with a = {a:.3f}, b = {b:.3f}."
        return f"{said} Best so far {best[2]:.1f} at a = {best[0]:.3f}, b = {best[1]:.3f}."


def line_by_hand(
    x: ArrayLike,
    y: ArrayLike,
    error: ArrayLike,
    *,
    slopes: tuple[float, float],
    intercepts: tuple[float, float],
    axes: tuple[str, str] = ("$x$", "$y$"),
) -> None:
    """Show two sliders for a straight line, its distance from each point, and the lines tried so far.

    Parameters
    ----------
    x, y, error : array_like, shape (n,)
    slopes, intercepts : tuple of float
        Where each slider starts, which is its left end, and its right end; there are 30 steps.
    axes : tuple of str
        What is drawn along the axes, with units.
    """
    import ipywidgets
    from IPython.display import display

    start = intercepts[0], slopes[0]
    figure, sentence = LineByHand(x, y, error, axes).page(*start)
    data = {"text/plain": sentence, "image/png": _png(figure)}
    hand, page = LineByHand(x, y, error, axes), ipywidgets.HTML()
    sliders = [
        ipywidgets.FloatSlider(
            value=low, min=low, max=high, step=(high - low) / 30, description=name, readout_format=".3f"
        )
        for name, (low, high) in (("slope b", slopes), ("intercept a", intercepts))
    ]

    def turn(_: object = None) -> None:
        figure, sentence = hand.page(sliders[1].value, sliders[0].value)
        words = html.escape(sentence)
        source = f"data:image/png;base64,{_png(figure)}"
        page.value = f'<img alt="{words}" src="{source}" style="max-width: 100%"><p>{words}</p>'

    for slider in sliders:
        slider.observe(turn, "value")
    turn()
    bundle = ipywidgets.VBox([*sliders, page])._repr_mimebundle_()
    data.update({mime: value for mime, value in bundle.items() if "widget-view" in mime})
    display(data, raw=True)


def kmeans_steps(
    position: ArrayLike, energy: ArrayLike, path: Sequence[ArrayLike], *, still: int = 0
) -> None:
    """Show a slider over the steps of k-means on energy deposits.

    Parameters
    ----------
    position : array_like, shape (n, 2)
        Pseudorapidity, and azimuth in radian.
    energy : array_like, shape (n,)
        In GeV.
    path : sequence of array_like, shape (k, 2)
        The centres at the start and after each step.
    still : int
        The step shown where there is no widget.
    """
    position, energy = np.asarray(position), np.asarray(energy)

    def page(step: int) -> tuple[Figure, str]:
        centres = np.asarray(path[step])
        distance = np.linalg.norm(position[:, None] - centres, axis=2)
        nearest = distance.argmin(axis=1)
        figure = Figure(figsize=(5.6, 4.2))
        plot.deposits(position, energy, group=nearest, centres=centres, ax=figure.subplots())
        shares = ", ".join(f"{energy[nearest == k].sum():.0f}" for k in range(len(centres)))
        spread = np.sqrt(np.average(distance.min(axis=1) ** 2, weights=energy))
        return figure, f"After {step} steps: root mean square distance {spread:.3f}; groups of {shares} GeV."

    slide(page, len(path), name="steps", still=still)


def policy_steps(
    walls: Sequence[str], tables: Sequence[ArrayLike], episodes: Sequence[int], *, still: int = -1
) -> None:
    """Show a slider over the policies that were learned after more and more episodes.

    Parameters
    ----------
    walls : sequence of str
        The maze, as for `hepml_course.plot.maze`.
    tables : sequence of array_like, shape (rows, columns, 4)
        The table of values after each of `episodes`.
    episodes : sequence of int
    still : int
        The entry shown where there is no widget; from the end if negative.
    """
    cells = np.array([list(row) for row in walls])
    inside = (cells != "#") & (cells != "E")

    def page(number: int) -> tuple[Figure, str]:
        q = np.asarray(tables[number])
        figure = Figure(figsize=(5.0, 3.6))
        plot.maze(walls, q, ax=figure.subplots())
        known = np.count_nonzero((np.ptp(q, axis=2) > 0) & inside)
        said = f"After {episodes[number]} episodes: a preferred move in {known} of {inside.sum()} cells."
        return figure, said

    labels = [str(n) for n in episodes]
    slide(page, len(tables), name="episodes", still=range(len(tables))[still], labels=labels)
