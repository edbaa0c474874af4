"""Things to move in the first lesson: a line by hand, the steps of k-means, a policy as it is learned."""

import html
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from hepml_course import plot
from hepml_course.widgets.pictures import _png, slide

Range = tuple[float, float]


class LineByHand:
    """The state of `line_by_hand`: the points, and every line tried so far with its χ².

    Parameters
    ----------
    x, y, error : array_like, shape (n,)
    intercepts, slopes : tuple of float
        The range of each.
    axes : tuple of str
        What is drawn along the axes, with units.
    """

    def __init__(
        self,
        x: ArrayLike,
        y: ArrayLike,
        error: ArrayLike,
        intercepts: Range,
        slopes: Range,
        axes: tuple[str, str],
    ) -> None:
        self.x, self.y, self.error = (np.asarray(a, dtype=float) for a in (x, y, error))
        self.intercepts, self.slopes, self.axes = intercepts, slopes, axes
        self.tried: list[tuple[float, float, float]] = []
        worst = max(self._chi2(a, b) for a in intercepts for b in slopes)
        self._colours = mpl.colors.LogNorm(max(len(self.x) / 2, 1), worst)

    def _chi2(self, intercept: float, slope: float) -> float:
        return float((((self.y - intercept - slope * self.x) / self.error) ** 2).sum())

    def attempt(self, intercept: float, slope: float) -> str:
        """Try a line: remember it, and say how it compares with the others."""
        self.tried.append((intercept, slope, self._chi2(intercept, slope)))
        (a, b, now), best = self.tried[-1], min(self.tried, key=lambda line: line[2])
        said = f"χ² = {now:.1f} for {len(self.x)} points with a = {a:.3f}, b = {b:.3f}."
        return f"{said} Best so far {best[2]:.1f} at a = {best[0]:.3f}, b = {best[1]:.3f}."

    def picture(self) -> Figure:
        """The line tried last with its points, and all lines tried in the plane of their parameters."""
        figure = Figure(figsize=(8.8, 3.6))
        left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
        a, b, chi2 = np.transpose(self.tried)
        plot.line_through_points(self.x, self.y, self.error, (a[-1], b[-1]), ax=left)
        room = 0.6 * np.ptp(self.y)
        left.set(xlabel=self.axes[0], ylabel=self.axes[1])
        left.set_ylim(self.y.min() - room, self.y.max() + room)
        dots = right.scatter(a, b, c=chi2, norm=self._colours, cmap="viridis_r", s=45)
        right.plot(a[-1], b[-1], "o", markersize=13, markerfacecolor="none", color="black")
        right.set(xlabel="intercept $a$", ylabel="slope $b$", title="lines tried so far")
        right.set(xlim=_wider(self.intercepts), ylim=_wider(self.slopes))
        figure.colorbar(dots, ax=right, label=r"$\chi^2$")
        return figure


def _wider(limits: Range) -> Range:
    room = 0.08 * (limits[1] - limits[0])
    return limits[0] - room, limits[1] + room


def line_by_hand(
    x: ArrayLike,
    y: ArrayLike,
    error: ArrayLike,
    *,
    slopes: Range,
    intercepts: Range,
    axes: tuple[str, str] = ("$x$", "$y$"),
) -> None:
    """Show two sliders for a straight line, its distance from each point, and the lines tried so far.

    Where there is no widget, the picture shows a first search along the slope.

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

    still, hand = (LineByHand(x, y, error, intercepts, slopes, axes) for _ in range(2))
    for slope in np.linspace(*slopes, 7)[:5]:
        sentence = still.attempt(intercepts[0], float(slope))
    data = {"text/plain": sentence, "image/png": _png(still.picture())}

    page = ipywidgets.HTML()
    sliders = [
        ipywidgets.FloatSlider(
            value=low, min=low, max=high, step=(high - low) / 30, description=name, readout_format=".3f"
        )
        for name, (low, high) in (("slope b", slopes), ("intercept a", intercepts))
    ]

    def turn(_: object = None) -> None:
        words = html.escape(hand.attempt(sliders[1].value, sliders[0].value))
        source = f"data:image/png;base64,{_png(hand.picture())}"
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
        word = "step" if step == 1 else "steps"
        return figure, f"After {step} {word}: root mean square distance {spread:.3f}; groups of {shares} GeV."

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
