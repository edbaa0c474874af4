"""Turn up the degree of a polynomial: the fit through its points, and its errors on them and on new ones."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from hepml_course.errors import CourseError
from hepml_course.plot.style import BACKGROUND, NEUTRAL, SIGNAL
from hepml_course.widgets.pictures import slide

Floats = NDArray[np.float64]


def polynomial_errors(
    fitted: tuple[ArrayLike, ArrayLike], new: tuple[ArrayLike, ArrayLike], degrees: int
) -> tuple[Floats, Floats]:
    """Root of the mean squared residual on the fitted and on the new points.

    Parameters
    ----------
    fitted, new : tuple of array_like
        Abscissa and ordinate of the points that are fitted, and of those that are not.
    degrees : int
        Degrees 0 to ``degrees - 1``.

    Returns
    -------
    tuple of ndarray, shape (degrees,)
    """
    fits = [np.polynomial.Polynomial.fit(*fitted, degree) for degree in range(degrees)]
    return tuple(np.array([np.sqrt(np.mean((fit(x) - y) ** 2)) for fit in fits]) for x, y in (fitted, new))


def polynomial_degree(
    fitted: tuple[ArrayLike, ArrayLike],
    new: tuple[ArrayLike, ArrayLike],
    *,
    truth: Callable[[Floats], Floats] | None = None,
    degrees: int = 16,
    axes: tuple[str, str] = ("x", "y"),
    unit: str = "",
    still: int = 0,
) -> None:
    """Show a slider over the degree of a polynomial.

    Parameters
    ----------
    fitted, new : tuple of array_like
        Abscissa and ordinate of the points that are fitted, and of those that are not.
    truth : callable, optional
        The curve the points were drawn from.
    degrees : int
        The slider goes from 0 to ``degrees - 1``, which must be less than the number of fitted points.
    axes : tuple of str
        What is drawn along the axes, with units.
    unit : str
        Unit of the ordinate.
    still : int
        The degree shown where there is no widget.
    """
    x, y = np.asarray(fitted[0], dtype=float), np.asarray(fitted[1], dtype=float)
    if degrees > len(x):
        raise CourseError(f"{len(x)} points fix {len(x)} coefficients: ask for {len(x)} degrees at most.")
    on_fitted, on_new = polynomial_errors((x, y), new, degrees)
    grid = np.linspace(x.min(), x.max(), 400)
    room = 0.25 * np.ptp(y)

    def page(degree: int) -> tuple[Figure, str]:
        figure = Figure(figsize=(8.8, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        left.plot(x, y, "o", color=SIGNAL, label="fitted points")
        if truth is not None:
            left.plot(grid, truth(grid), "--", color=NEUTRAL, label="truth")
        curve = np.polynomial.Polynomial.fit(x, y, degree)
        left.plot(grid, curve(grid), color=BACKGROUND, label=f"degree {degree}")
        left.set(xlabel=axes[0], ylabel=axes[1], ylim=(y.min() - room, y.max() + room))
        left.legend()
        _draw_errors(right, on_fitted, on_new, degree, unit)
        return figure, _words(degree, on_fitted[degree], on_new[degree], unit)

    slide(page, degrees, name="degree", still=still)


def _draw_errors(ax, on_fitted: Floats, on_new: Floats, degree: int, unit: str) -> None:
    degrees = np.arange(len(on_fitted))
    for errors, look, label in ((on_fitted, "o-", "fitted points"), (on_new, "s-", "new points")):
        colour = SIGNAL if errors is on_fitted else BACKGROUND
        ax.semilogy(degrees, errors, look, color=colour, alpha=0.35, markersize=4, label=label)
        ax.semilogy(degree, errors[degree], look[0], color=colour, markersize=9)
    ax.axvline(degree, color=NEUTRAL, linestyle=":")
    ax.set_xticks(degrees[::3])
    ax.set(xlabel="degree", ylabel=f"RMS residual / {unit}" if unit else "RMS residual")
    ax.legend()


def _words(degree: int, on_fitted: float, on_new: float, unit: str) -> str:
    return (
        f"Degree {degree}: RMS residual {on_fitted:.3f} {unit} on the fitted points, "
        f"{on_new:.3f} {unit} on new ones."
    ).replace("  ", " ")
