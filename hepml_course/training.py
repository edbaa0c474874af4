"""The one place that fixes random numbers before a training. The device is left to Keras."""


def set_seed(seed: int) -> None:
    """Seed Python, numpy and the Keras back end, so that a training repeats on the same machine.

    On another device the sums run in another order, and trained numbers differ in the last digits:
    a lesson asserts them in bounds instead of comparing them.

    Parameters
    ----------
    seed : int
        Any non-negative integer.
    """
    import keras

    keras.utils.set_random_seed(seed)
