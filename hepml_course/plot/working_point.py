"""One cut seen from four sides: histograms, ROC curve, confusion matrix, significance.

The picture is drawn once; moving the cut redraws only the few things that move. That is what makes a slider
over it feel alive.
"""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from hepml_course.metrics import Confusion, asimov_significance, confusion, roc_curve
from hepml_course.metrics.estimate import checked_weights
from hepml_course.plot.rejection import score_histograms
from hepml_course.plot.style import BACKGROUND, NEUTRAL, SIGNAL


class WorkingPoint:
    """The picture of a cut on a score that can be moved.

    Parameters
    ----------
    score, y, weights : array_like, shape (n,)
        Classifier output, truth (1 signal, 0 background) and event weights.
    expected : tuple of float, optional
        Signal and background events expected before the cut. With it the matrix counts expected events and
        a fourth panel shows the significance; without it the matrix counts the weights.
    uncertainty : float
        Relative uncertainty of the expected background, for the significance.
    names : tuple of str
        Name of the background, then of the signal.
    label : str
        What the score is called on its axis.
    log : bool
        Draw the background axes logarithmically: where little background is to be left, all happens
        at small efficiencies.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    histograms, curve, matrix, significance : matplotlib.axes.Axes
        The panels; the last is None without `expected`.
    """

    def __init__(
        self,
        score: ArrayLike,
        y: ArrayLike,
        weights: ArrayLike | None = None,
        *,
        expected: tuple[float, float] | None = None,
        uncertainty: float = 0.0,
        names: tuple[str, str] = ("background", "signal"),
        label: str = "score",
        log: bool = False,
    ) -> None:
        self.score, self.truth = np.asarray(score, dtype=float), np.asarray(y, dtype=bool)
        self.weights = checked_weights(weights, len(self.score))
        self.names, self.expected, self.uncertainty = names, expected, uncertainty
        self.figure = Figure(figsize=(10.6, 3.9), layout="constrained")
        self._canvas = FigureCanvasAgg(self.figure)
        mosaic = "HCM" if expected is None else "HCM;HCZ"
        panels = self.figure.subplot_mosaic(mosaic, width_ratios=(1.25, 1, 1.05))
        self.histograms, self.curve, self.matrix = panels["H"], panels["C"], panels["M"]
        self.significance: Axes | None = panels.get("Z")
        self._moving: list[Artist] = [
            *self._draw_histograms(label, log),
            *self._draw_curve(log),
            *self._draw_matrix(),
            *(self._draw_significance(label) if expected is not None else []),
        ]
        for artist in self._moving:
            artist.set_animated(True)
        self._still: object = None

    # -- what is drawn once ----------------------------------------------------------------------

    def _draw_histograms(self, label: str, log: bool) -> list[Artist]:
        ax = score_histograms(
            self.score, self.truth, self._scaled(), bins=self._edges(), names=self.names,
            density=self.expected is None,
            ax=self.histograms,
        )  # fmt: skip
        ax.set_xlabel(label)
        if log:
            ax.set_yscale("log")
            ax.set_ylim(bottom=max(0.1, ax.get_ylim()[1] * 1e-6))
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        self._kept = ax.axvspan(0, 1, color=NEUTRAL, alpha=0.12, linewidth=0)
        self._cut = ax.axvline(0, color="black", linestyle="--")
        return [self._kept, self._cut]

    def _edges(self) -> np.ndarray:
        return np.linspace(np.quantile(self.score, 0.005), self.score.max(), 41)

    def _draw_curve(self, log: bool) -> list[Artist]:
        ax, roc = self.curve, roc_curve(self.score, self.truth, self.weights)
        ax.plot(roc.background, roc.signal, color=NEUTRAL)
        ax.set(xlabel="background efficiency", ylabel="signal efficiency", xlim=(0, 1), ylim=(0, 1.02))
        if log:
            lowest = roc.background[roc.background > 0].min()
            ax.set(xscale="log", xlim=(lowest, 1))
        self._lines = ax.plot([], [], color="black", linestyle=":", linewidth=1)[0]
        self._point = ax.plot([], [], "o", color="black", markersize=8)[0]
        return [self._lines, self._point]

    def _draw_matrix(self) -> list[Artist]:
        ax, (background, signal) = self.matrix, self.names
        ax.set(xlim=(0, 2), ylim=(0, 2), xticks=[0.5, 1.5], yticks=[1.5, 0.5])
        ax.set_xticklabels(["kept", "lost"])
        ax.set_yticklabels([f"true\n{signal}", f"true\n{background}"])
        ax.tick_params(length=0, labeltop=True, labelbottom=False)
        for spine in ax.spines.values():
            spine.set_visible(False)
        places = [(0, 1, SIGNAL), (1, 1, SIGNAL), (0, 0, BACKGROUND), (1, 0, BACKGROUND)]
        self._cells = [
            ax.add_patch(Rectangle((x, y), 0.96, 0.94, facecolor=colour)) for x, y, colour in places
        ]
        self._numbers = [ax.text(x + 0.48, y + 0.47, "", ha="center", va="center") for x, y, _ in places]
        return [*self._cells, *self._numbers]

    def _draw_significance(self, label: str) -> list[Artist]:
        ax = self.significance
        low, high = self.range
        self._grid = np.linspace(low, high, 201)
        roc = roc_curve(self.score, self.truth, self.weights)
        place = np.searchsorted(-roc.threshold, -self._grid, side="right") - 1
        s, b = self.expected[0] * roc.signal[place], self.expected[1] * roc.background[place]
        self._asimov = asimov_significance(s, b, self.uncertainty * b)
        ax.plot(self._grid, self._asimov, color=NEUTRAL)
        ax.set(xlabel=label, ylabel="significance / σ", xlim=self.histograms.get_xlim())
        ax.set_ylim(0, 1.15 * np.nanmax(self._asimov))
        self._dot = ax.plot([], [], "o", color="black", markersize=8)[0]
        return [self._dot]

    # -- what moves --------------------------------------------------------------------------------

    @property
    def range(self) -> tuple[float, float]:
        """The thresholds worth moving between: from nearly all background kept to nearly no signal."""
        signal, background = self.score[self.truth], self.score[~self.truth]
        low, high = float(np.quantile(background, 0.05)), float(np.quantile(signal, 0.995))
        return (low, high) if low < high else (float(self.score.min()), float(self.score.max()))

    def at(self, threshold: float) -> Confusion:
        """The confusion matrix of this cut, in expected events where they are known."""
        found = confusion(self.score, self.truth, threshold, self.weights)
        if self.expected is None:
            return found
        totals = (self.weights[self.truth].sum(), self.weights[~self.truth].sum())
        return found.scaled(signal=self.expected[0] / totals[0], background=self.expected[1] / totals[1])

    def move(self, threshold: float) -> str:
        """Put the cut at a threshold; returns what the picture then says, in words."""
        matrix = self.at(threshold)
        low, high = self.histograms.get_xlim()
        edge = np.clip(threshold, low, high)
        self._kept.set_x(edge)
        self._kept.set_width(high - edge)
        self._cut.set_xdata([threshold, threshold])
        x, y = matrix.background_efficiency.value, matrix.signal_efficiency.value
        self._point.set_data([x], [y])
        self._lines.set_data([self.curve.get_xlim()[0], x, x], [y, y, 0])
        shares = (y, 1 - y, x, 1 - x)
        for cell, number, share, count in zip(self._cells, self._numbers, shares, matrix, strict=True):
            cell.set_alpha(0.08 + 0.55 * share)
            number.set_text(f"{_count(count.value)}\n{100 * share:.3g} %")
        if self.significance is not None:
            self._dot.set_data([threshold], [self._significance(matrix)])
        return self._words(threshold, matrix)

    def png(self) -> bytes:
        """The picture as it stands, as a PNG file."""
        from PIL import Image

        if self._still is None:
            self.figure.set_dpi(mpl.rcParams["figure.dpi"])
            self._canvas.draw()  # leaves out what moves
            self._still = self._canvas.copy_from_bbox(self.figure.bbox)
        self._canvas.restore_region(self._still)
        for artist in self._moving:
            artist.axes.draw_artist(artist)
        buffer = io.BytesIO()
        Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB").save(
            buffer, "png", compress_level=4
        )
        return buffer.getvalue()

    def _scaled(self) -> np.ndarray:
        """Weights whose sums are the expected events."""
        if self.expected is None:
            return self.weights
        totals = self.weights[self.truth].sum(), self.weights[~self.truth].sum()
        return self.weights * np.where(self.truth, self.expected[0] / totals[0], self.expected[1] / totals[1])

    def _significance(self, matrix: Confusion) -> float:
        s, b = matrix.signal_kept.value, matrix.background_kept.value
        return asimov_significance(s, b, self.uncertainty * b)

    def _words(self, threshold: float, matrix: Confusion) -> str:
        rejection, purity = matrix.rejection, matrix.purity
        said = [
            f"Cut at {threshold:.2f}: signal efficiency {matrix.signal_efficiency:.4f}",
            f"background rejection {_number(rejection.value)} ± {_number(rejection.error)}"
            if np.isfinite(rejection.value)
            else "no background left, rejection and purity unknown",
        ]
        if np.isfinite(rejection.value):  # else the purity would read 1 ± 0
            said.append(f"purity {purity:.3f}")
        if self.significance is not None:
            z = self._significance(matrix)
            said.append(
                f"expected significance {z:.2f} σ" if np.isfinite(z) else "no significance without background"
            )
        return ", ".join(said).replace("-", "−") + "."


def _count(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"
