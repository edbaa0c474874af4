"""The widest margin, against turning a line by hand."""

import numpy as np
import pytest

from hepml_course.errors import CourseError
from hepml_course.metrics.margin import widest_margin
from hepml_course.simulate import electrons_and_jets


@pytest.mark.parametrize("seed", range(5))
def test_no_other_direction_keeps_farther_away(seed):
    x, y = electrons_and_jets(40, seed, margin=0.5)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    angle = np.linspace(0, 2 * np.pi, 36_001)
    closest = ((y[:, None] * x) @ np.array([np.cos(angle), np.sin(angle)])).min(axis=0)
    if closest.max() <= 0:  # a line through the origin separates some of these samples, not all
        with pytest.raises(CourseError, match="No straight line"):
            widest_margin(x, y)
    else:
        assert widest_margin(x, y) == pytest.approx(closest.max(), rel=1e-3)


def test_two_events_are_kept_apart_by_their_distance():
    assert widest_margin([[1.0, 2.0], [1.0, -2.0]], [1, -1]) == pytest.approx(2.0, rel=1e-6)
    assert widest_margin([[0.0, 3.0], [0.0, -1.0]], [1, -1]) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_the_perceptron_keeps_to_novikoffs_bound(seed):
    x, y = electrons_and_jets(40, seed, margin=0.2)
    x = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / x.std(axis=0)])
    bound = (np.linalg.norm(x, axis=1).max() / widest_margin(x, y)) ** 2
    w, updates = np.zeros(3), 0
    while (wrong := np.flatnonzero(y * np.where(x @ w >= 0, 1, -1) < 0)).size:
        w, updates = w + 2 * y[wrong[0]] * x[wrong[0]], updates + 1
        assert updates <= bound


def test_what_cannot_be_separated_gets_a_sentence():
    with pytest.raises(CourseError, match="No straight line"):
        widest_margin(*electrons_and_jets(200, 1))
    with pytest.raises(CourseError, match="do not belong together"):
        widest_margin(np.ones((3, 2)), [1, -1])
