"""How far apart two classes lie: the widest empty strip around a plane through the origin."""

import numpy as np
from numpy.typing import ArrayLike

from hepml_course.errors import CourseError

_STIFF = 1e9  # penalty of a support vector machine that tolerates no event inside the strip


def widest_margin(x: ArrayLike, y: ArrayLike) -> float:
    """Distance of the closest event from the plane through the origin that keeps farthest from all of them.

    With a leading 1 in every event the plane is a line with a bias.

    Parameters
    ----------
    x : array_like, shape (n, k)
        The events.
    y : array_like, shape (n,)
        +1 or -1.

    Returns
    -------
    float
        Measured for the plane that a hard-margin support vector machine finds: never larger than the
        true maximum, and smaller by its numerical tolerance at most.

    Raises
    ------
    CourseError
        If no such plane separates the classes.
    """
    from sklearn.svm import SVC

    x, y = np.asarray(x, dtype=float), np.asarray(y)
    if x.ndim != 2 or y.shape != x.shape[:1]:
        raise CourseError(f"Events of shape {x.shape} and classes of shape {y.shape} do not belong together.")
    signed = y[:, None] * x
    if not _separable(signed):  # the machine would never settle
        raise CourseError("No straight line separates these classes, so there is no margin between them.")
    # The mirror images of all events force the machine's plane through the origin.
    both, sides = np.vstack([signed, -signed]), np.repeat([1, -1], len(x))
    normal = SVC(kernel="linear", C=_STIFF).fit(both, sides).coef_[0]
    return float((signed @ normal).min() / np.linalg.norm(normal))


def _separable(signed: np.ndarray) -> bool:
    """Whether some direction has a positive product with every row: a linear programme without a goal."""
    from scipy.optimize import linprog

    rows, columns = signed.shape
    return linprog(np.zeros(columns), A_ub=-signed, b_ub=-np.ones(rows), bounds=(None, None)).success
