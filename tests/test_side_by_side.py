"""Networks side by side: each learns from its own sample and from nothing else."""

import numpy as np
import pytest

from hepml_course.errors import CourseError
from hepml_course.metrics import auc
from hepml_course.side_by_side import Networks


def clouds(n, rng, sign=1.0):
    """Two Gaussians one unit apart along the first input; class 1 is to the right if `sign` is +1."""
    rng = np.random.default_rng(rng)
    y = rng.random(n) < 0.5
    x = rng.normal(size=(n, 2))
    x[:, 0] += sign * y
    return x, y, np.ones(n)


def test_each_network_learns_its_own_sample():
    right, left = clouds(4000, 1), clouds(4000, 2, sign=-1)
    score = Networks(2, 2, seed=3).fit([right, left], passes=4)(right[0])
    assert score.shape == (2, 4000)
    limit = auc(right[0][:, 0], right[1]).value
    assert auc(score[0], right[1]).value > limit - 0.01
    assert auc(score[1], right[1]).value < 0.5 - (limit - 0.5) + 0.01


def test_a_neighbour_changes_nothing():
    first = clouds(400, 4)
    alone, crowded = (
        Networks(2, 2, seed=5).fit([first, other], passes=2)(first[0])[0]
        for other in (first, clouds(400, 6, sign=-1))
    )
    np.testing.assert_allclose(alone, crowded, atol=2e-3)


def test_a_weight_of_zero_is_no_event_and_a_negative_one_pushes_away():
    x, y, w = clouds(2000, 7)
    wrong = (
        ~y,
        -w,
    )  # minus one of the other class: as far as the labels tell, the same gradient for small logits
    spoilt = np.where(np.arange(2000) % 2, y, ~y), np.where(np.arange(2000) % 2, w, 0.0)
    score = Networks(3, 2, seed=8).fit([(x, y, w), (x, *wrong), (x, *spoilt)], passes=1)(x)
    areas = [auc(one, y).value for one in score]
    assert min(areas) > 0.7
    assert max(areas) - min(areas) < 0.06


def test_training_goes_on_and_repeats_from_its_seed():
    sample = clouds(1000, 9)
    x, y, _ = sample

    def loss(network):
        return np.mean(np.logaddexp(0, np.where(y, -1, 1) * network(x)[0]))

    network = Networks(1, 2, seed=10)
    start = loss(network)
    once = loss(network.fit([sample], passes=2))
    assert once < start
    assert loss(network.fit([sample], passes=5)) < once + 1e-3
    again = Networks(1, 2, seed=10).fit([sample], passes=2)
    assert loss(again) == pytest.approx(once, abs=1e-5)


def test_samples_that_do_not_fit_get_a_sentence():
    network = Networks(2, 2, seed=1)
    with pytest.raises(CourseError, match="2 samples with 100, 200 events"):
        network.fit([clouds(100, 1), clouds(200, 1)])
    with pytest.raises(CourseError, match="there are 1 samples with 100 events"):
        network.fit([clouds(100, 1)])
