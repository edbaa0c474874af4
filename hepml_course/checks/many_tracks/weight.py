"""Check of lesson 15: what a fired pixel says for a line through it, when some tracks are known."""

from collections.abc import Callable

import numpy as np

from hepml_course.checks import NotYet, as_number, first_difference, task
from hepml_course.checks.many_tracks._common import Wrong, recognise


def weight_of_hit(noise: float, efficiency: float, known: int) -> float:
    """Logarithm of the probability to fire with one more track over that without."""
    return float(np.log(_fires(noise, efficiency, known + 1) / _fires(noise, efficiency, known)))


def _fires(noise: float, efficiency: float, tracks: float) -> float:
    """Probability that a pixel with so many tracks through it fires."""
    return 1 - (1 - noise) * (1 - efficiency) ** tracks


def _silent_known(n: float, e: float, c: int) -> float:
    """Known tracks and the noise put into one bracket: noise once more for each track."""
    return 1 - ((1 - n) * (1 - e)) ** c if c else n


def _comparable(value: float) -> float:
    """NaN and infinity, too, as a number."""
    return float(np.nan_to_num(value, nan=99.0, posinf=98.0, neginf=-98.0))


def _log_ratio(with_one_more: Callable, without: Callable) -> Callable:
    def wrong(n: float, e: float, c: int) -> float:
        with np.errstate(all="ignore"):
            return _comparable(np.log(with_one_more(n, e, c) / without(n, e, c)))

    return wrong


_WRONG: Wrong = {
    "no-log": lambda n, e, c: _fires(n, e, c + 1) / _fires(n, e, c),
    "other-log": (
        lambda n, e, c: weight_of_hit(n, e, c) / np.log(10),
        lambda n, e, c: weight_of_hit(n, e, c) / np.log(2),
    ),
    "upside-down": lambda n, e, c: -weight_of_hit(n, e, c),
    "numerator": lambda n, e, c: np.log(_fires(n, e, c + 1)),
    "denominator": lambda n, e, c: np.log(_fires(n, e, c)),
    "difference": (
        lambda n, e, c: _fires(n, e, c + 1) - _fires(n, e, c),
        lambda n, e, c: np.log(_fires(n, e, c + 1) - _fires(n, e, c)),
    ),
    "swapped": lambda n, e, c: weight_of_hit(e, n, c),
    "noise-on-track": (
        _log_ratio(lambda n, e, c: 1 - (1 - e) ** (c + 1), lambda n, e, c: _fires(n, e, c)),
        _log_ratio(lambda n, e, c: 1 - (1 - e) ** (c + 1), lambda n, e, c: 1 - (1 - e) ** c if c else n),
        _log_ratio(lambda n, e, c: e, lambda n, e, c: _fires(n, e, c)),
        lambda n, e, c: np.log(e / n),
    ),
    "noise-off-track": _log_ratio(lambda n, e, c: _fires(n, e, c + 1), lambda n, e, c: 1 - (1 - e) ** c),
    "added": (
        _log_ratio(lambda n, e, c: n + (c + 1) * e, lambda n, e, c: n + c * e),
        _log_ratio(lambda n, e, c: _fires(n, e, c) + e, lambda n, e, c: _fires(n, e, c)),
    ),
    "known-ignored": lambda n, e, c: weight_of_hit(n, e, 0),
    "known-numerator": _log_ratio(lambda n, e, c: _fires(n, e, c + 1), lambda n, e, c: n),
    "known-denominator": _log_ratio(lambda n, e, c: _fires(n, e, 1), lambda n, e, c: _fires(n, e, c)),
    "known-once": lambda n, e, c: weight_of_hit(n, e, min(c, 1)),
    "known-twice": lambda n, e, c: weight_of_hit(n, e, min(c, 2)),
    "one-more": (
        lambda n, e, c: weight_of_hit(n, e, c + 1),
        _log_ratio(lambda n, e, c: _fires(n, e, c + 2), lambda n, e, c: _fires(n, e, c)),
    ),
    "one-less": lambda n, e, c: weight_of_hit(n, e, c - 1),
    "times": (
        _log_ratio(
            lambda n, e, c: 1 - (1 - n) * (1 - e) * (c + 1), lambda n, e, c: 1 - (1 - n) * (1 - e) * c
        ),
        _log_ratio(
            lambda n, e, c: 1 - (1 - n) * (1 - e) * ((1 - e) * c if c else 1),
            lambda n, e, c: 1 - (1 - n) * ((1 - e) * c if c else 1),
        ),
        _log_ratio(
            lambda n, e, c: 1 - (1 - n) * (1 - (c + 1) * e), lambda n, e, c: 1 - (1 - n) * (1 - c * e)
        ),
    ),
    "power-of-efficiency": (
        _log_ratio(
            lambda n, e, c: 1 - (1 - n) * (1 - e ** (c + 1)), lambda n, e, c: 1 - (1 - n) * (1 - e**c)
        ),
        _log_ratio(
            lambda n, e, c: 1 - (1 - n) * (1 - e ** (c + 1)),
            lambda n, e, c: _fires(n, 0, 1) if not c else 1 - (1 - n) * (1 - e**c),
        ),
    ),
    "power-of-both": (
        _log_ratio(
            lambda n, e, c: 1 - ((1 - n) * (1 - e)) ** (c + 1), lambda n, e, c: 1 - ((1 - n) * (1 - e)) ** c
        ),
        _log_ratio(lambda n, e, c: 1 - ((1 - n) * (1 - e)) ** (c + 1), _silent_known),
        _log_ratio(
            lambda n, e, c: 1 - (1 - n) ** (c + 1) * (1 - e) ** (c + 1),
            lambda n, e, c: 1 - (1 - n) ** (c + 1) * (1 - e) ** c,
        ),
    ),
    "complement": (
        lambda n, e, c: weight_of_hit(1 - n, e, c),
        lambda n, e, c: weight_of_hit(n, 1 - e, c),
        lambda n, e, c: weight_of_hit(1 - n, 1 - e, c),
    ),
    "wiped": lambda n, e, c: 0.0 if c else weight_of_hit(n, e, 0),
    "shared": (
        lambda n, e, c: weight_of_hit(n, e, 0) / (c + 1),
        lambda n, e, c: weight_of_hit(n, e, 0) * (1 - e) ** c,
        lambda n, e, c: weight_of_hit(n, e, 0) / 2**c,
    ),
    "silent": lambda n, e, c: np.log(1 - e),
    "against-silent": lambda n, e, c: weight_of_hit(n, e, c) - np.log(1 - e),
}


@task(
    "many_tracks.weight_of_hit",
    reference=weight_of_hit,
    right="Right. The second track through a hit learns little from it.",
    hints=[
        "When does a pixel stay silent? If noise does not fire it, and none of the tracks through it does. "
        "Multiply the probabilities of that.",
        "With c tracks through it a pixel stays silent with probability (1 − n)(1 − ε)^c, and fires "
        "otherwise.",
        "The logarithm of the ratio of two probabilities to fire: that with known + 1 tracks over that with "
        "known tracks.",
    ],
    mistakes={
        "no-log": "For {case} you gave {got}: the ratio of the two probabilities. Take its logarithm, so "
        "that pixels can be added.",
        "other-log": "For {case} you gave {got}, where {right} is right: the natural logarithm is meant.",
        "upside-down": "For {case} you gave {got}. A hit speaks *for* a track: the probability with the "
        "track goes above the line.",
        "numerator": "For {case} you gave {got}: the logarithm of the probability with one more track. "
        "Compare it with the one without.",
        "denominator": "For {case} you gave {got}: the logarithm of the probability without the new track. "
        "Compare it with the one that has it.",
        "difference": "For {case} you gave {got}: from a difference of two probabilities. Their ratio is "
        "meant.",
        "swapped": "For {case} you gave {got}: right if noise and efficiency were swapped.",
        "noise-on-track": "For {case} you gave {got}. With one more track, too, noise may have fired the "
        "pixel: 1 − n belongs in both probabilities.",
        "noise-off-track": "For {case} you gave {got}. Without the new track noise may have fired the "
        "pixel, too.",
        "added": "For {case} you gave {got}. You added probabilities of noise and track. Both may fire the "
        "pixel: multiply the probabilities that they do *not*.",
        "known-ignored": "For {case} you gave {got}: right if no track were known. The known tracks may "
        "have fired the pixel.",
        "known-numerator": "For {case} you gave {got}. Without the new track the known ones are still "
        "there: below the line stands more than noise.",
        "known-denominator": "For {case} you gave {got}. With the new track the known ones are still there: "
        "above the line the exponent is known + 1.",
        "known-once": "For {case} you gave {got}, right for one known track. Here are {known} of them, and "
        "each may have fired the pixel.",
        "known-twice": "For {case} you gave {got}, right for two known tracks. There may be any number of "
        "them, here {known}.",
        "one-more": "For {case} you gave {got}: an exponent is too large by one. With no known track only "
        "noise fires the pixel.",
        "one-less": "For {case} you gave {got}: the exponents are too small by one. Known are {known}, and "
        "the new track comes on top.",
        "times": "For {case} you gave {got}. Several tracks must *all* fail to fire the pixel: a power, not "
        "a product with their number.",
        "power-of-efficiency": "For {case} you gave {got}. It is 1 − ε, the probability to fail, that is "
        "taken to a power.",
        "power-of-both": "For {case} you gave {got}. Noise has one chance, however many tracks there are: "
        "only 1 − ε is taken to a power.",
        "complement": "For {case} you gave {got}. A probability to fire stands where one not to fire "
        "belongs: noise is silent with 1 − n, a track with 1 − ε.",
        "wiped": "For {case} you gave {got}. A hit on a known track says less about another one, but not "
        "nothing.",
        "shared": "For {case} you gave {got}, where {right} is right. There is no need to guess how the "
        "weight shrinks: put the known tracks into both probabilities.",
        "silent": "For {case} you gave {got}: the weight of a pixel that did not fire.",
        "against-silent": "For {case} you gave {got}: the weight of a hit minus that of a silent pixel, or "
        "a ratio of odds. The hit alone is asked for.",
        "percent": "For {case} you gave {got}. Noise and efficiency are given as numbers between 0 and 1.",
        "rounded": "For {case} you gave {got}, which is rounded. Return all digits.",
        "other": "For {case} it is {right}; you gave {got}.",
    },
)
def _weight_of_hit(answer, rng):
    cases = [(0.2, 0.7, 1), (0.1, 0.5, 2), (0.05, 0.9, 1), (0.1, 0.6, 3)]
    _judge(answer, cases)  # some mistakes divide by zero where no track is known
    _judge(answer, [(0.05, 0.7, 0), (0.25, 0.5, 0)])


def _judge(answer: Callable, cases: list[tuple]) -> None:
    given = [as_number(answer(*case), finite=False) for case in cases]
    results = [_comparable(value) for value in given]
    right = [weight_of_hit(*case) for case in cases]
    k = first_difference(results, weight_of_hit, cases)
    if k is None:
        return
    if np.allclose(results, right, atol=6e-3, rtol=0):
        raise NotYet("rounded", **_say(cases[k], f"{results[k]:g}", right[k]))
    try:
        recognise(results, cases, weight_of_hit, _WRONG | {"percent": _in_percent}, _say)
    except NotYet as mistake:
        if mistake.mistake == "other":
            as_number(given[k])
        mistake.values["got"] = given[k]
        raise


def _in_percent(noise: float, efficiency: float, known: int) -> float:
    with np.errstate(all="ignore"):
        return weight_of_hit(noise / 100, efficiency / 100, known)


def _say(case: tuple, got: float, right: float) -> dict:
    noise, efficiency, known = case
    text = f"noise {noise:g}, efficiency {efficiency:g} and {known} known"
    return {"case": text, "got": got, "right": right, "known": known}
