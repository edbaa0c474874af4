"""Accuracy and the best cut, against counting by hand and against trying every cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from hepml_course.errors import CourseError
from hepml_course.metrics import accuracy, best_cut


@pytest.mark.parametrize(
    "predicted", [[1, -1, -1, 1], [True, False, False, True], [1, 0, 0, 1], [0.2, -3, -1, 9]]
)
def test_accuracy_counts_whatever_the_classes_are_called(predicted):
    assert accuracy(predicted, [1, -1, 1, 1]).value == 0.75
    assert accuracy(np.array(predicted), np.array([True, False, True, True])).value == 0.75


def test_accuracy_has_the_error_of_its_posterior():
    y = np.ones(20)
    found = accuracy(np.where(np.arange(20) < 17, 1, -1), y)
    assert found.error == pytest.approx(beta(18, 4).std())
    assert accuracy(y, y).error > 0.02
    big = accuracy(np.arange(10_000) % 10 > 0, np.ones(10_000))
    assert big.error == pytest.approx(np.sqrt(0.9 * 0.1 / 10_000), rel=1e-3)


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=30),
    st.sampled_from(["below", "above"]),
)
def test_no_other_cut_is_better(events, keep):
    x, y = (np.array(column) for column in zip(*events, strict=True))

    def right(cut):
        return (((x < cut) if keep == "below" else (x >= cut)) == y).sum()

    cut = best_cut(x, y, keep)
    assert right(cut) == max(right(c) for c in [-np.inf, np.inf, *(np.arange(-4, 5) + 0.5)])


def test_the_cut_lies_between_its_neighbours():
    assert best_cut([1.0, 2.0, 4.0, 7.0], [1, 1, -1, -1]) == 3.0
    assert best_cut([1.0, 2.0, 4.0, 7.0], [-1, -1, 1, 1], keep="above") == 3.0
    assert best_cut([1.0, 2.0], [-1, -1]) == -np.inf
    assert best_cut([1.0, 2.0], [1, 1]) == np.inf


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: accuracy([1, 1], [1, 1, 1]), "do not belong together"),
        (lambda: accuracy([[1], [1]], [1, 1]), "do not belong together"),
        (lambda: accuracy([], []), "no events"),
        (lambda: accuracy([np.nan], [1]), "predictions are NaN"),
        (lambda: best_cut([1.0], [1, 1]), "do not belong together"),
        (lambda: best_cut([np.inf], [1]), "NaN or infinite"),
        (lambda: best_cut([1.0], [1], keep="left"), "'below' or 'above'"),
    ],
)
def test_impossible_input_gets_a_sentence(call, says):
    with pytest.raises(CourseError, match=says):
        call()
