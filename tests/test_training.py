"""One seed, one network."""

import numpy as np
import pytest

from hepml_course.training import set_seed


@pytest.mark.slow
def test_same_seed_same_start_other_seed_other_start():
    import keras

    def start(seed):
        set_seed(seed)
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)]).get_weights()[0]

    np.testing.assert_array_equal(start(1), start(1))
    assert not np.array_equal(start(1), start(2))
