"""Check of lesson 14: what the histogram of the probability of χ² says about the errors."""

import numpy as np

from hepml_course.checks import NotYet, task
from hepml_course.checks.tracking._common import Floats

WORDS = ("fine", "too large", "too small", "outliers", "correlation")


def diagnose(p: Floats) -> str:
    """What the distribution of p says about the errors: one of five words."""
    height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20
    first, second, last = height[0], height[1:5].mean(), height[-4:].mean()
    if last > 1.25:
        return "correlation" if first > 0.7 else "too large"
    if first > 1.35:
        return "too small" if second > 1.14 else "outliers"
    return "fine"


_STRENGTHS = {
    "fine": (1.0, 1.0),
    "too large": (0.6, 0.75),
    "too small": (1.3, 1.6),
    "outliers": (0.05, 0.08),
    "correlation": (0.85, 0.93),
}
_MILD = {
    "too small": (1.17, 1.2),
    "outliers": (0.085, 0.1),
}  # the first bin of many outliers is the higher one

_CONFUSED = {
    ("too large", "too small"): "swapped",
    ("too small", "too large"): "swapped",
    ("too small", "outliers"): "small-as-outliers",
    ("outliers", "too small"): "outliers-as-small",
    ("correlation", "too small"): "correlation-as-small",
    ("correlation", "outliers"): "correlation-as-outliers",
    ("correlation", "too large"): "correlation-as-large",
    ("outliers", "correlation"): "outliers-as-correlation",
    ("too large", "correlation"): "large-as-correlation",
    ("too small", "correlation"): "small-as-correlation",
}


def simulated_p(kind: str, strength: float, n: int, rng: np.random.Generator) -> Floats:
    """Probabilities of χ² of events whose errors have one of the known diseases."""
    z = rng.normal(size=(n, 2))
    if kind in ("too large", "too small"):
        z *= strength
    elif kind == "outliers":
        z[: int(strength * n)] *= 8
    elif kind == "correlation":
        z[:, 1] = strength * z[:, 0] + np.sqrt(1 - strength**2) * z[:, 1]
    return rng.permutation(np.exp(-(z**2).sum(axis=1) / 2))


@task(
    "tracking.diagnose",
    reference=diagnose,
    right="Right. A histogram that should be flat is read from its two ends.",
    hints=[
        "Look at the four pictures of the lesson. What do the first bin, the next ones and the last ones do?",
        "`height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20` is 1 in every bin if all is well. "
        "Compare `height[0]`, the mean of `height[1:5]` and the mean of `height[-4:]`.",
        "The last bins far above 1: too large if the first is nearly empty, else correlation. Only the first "
        "far above 1: too small if bins 1 to 4 are above 1, too, else outliers. Neither: fine. 1.3 is far.",
    ],
    mistakes={
        "not-a-word": "You gave {got}. The answer is one of these: fine, too large, too small, outliers, "
        "correlation.",
        "always-the-same": "You said “{said}” in all {n} cases. They are not all alike.",
        "fine-accused": "Here {p}: nothing is wrong with these errors, and you said “{said}”. A few per "
        "cent up or down in a bin of 400 is what counting does.",
        "missed": "Here {p}: this is “{kind}”, and you said “fine”.",
        "swapped": "Here {p}: the errors are {kind}, and you said “{said}”. Errors that are too large make "
        "χ² small and p large.",
        "first-bin-only": "Here {p}: this is “{kind}”, and you said “{said}”. You seem to tell the two apart "
        "by how high the first bin is. Many outliers raise it more than errors that are a little too small. "
        "What do the bins next to it do?",
        "small-as-outliers": "Here {p}: the excess is not in the first bin only; it falls off slowly. Most "
        "errors are too small. You said “outliers”.",
        "outliers-as-small": "Here {p}: the excess is in the first bin only, and the rest is flat. A few "
        "events are far off. You said “too small”.",
        "correlation-as-small": "Here {p}: there is an excess at *both* ends. You said “too small”, which "
        "empties the right end.",
        "correlation-as-outliers": "Here {p}: there is an excess at *both* ends. You said “outliers”, which "
        "leave the right end flat.",
        "correlation-as-large": "Here {p}: there is an excess at *both* ends. You said “too large”, which "
        "empties the left end.",
        "outliers-as-correlation": "Here {p}: the right end is flat. You said “correlation”, which raises "
        "it.",
        "large-as-correlation": "Here {p}: the left end is nearly empty. You said “correlation”, which "
        "raises it.",
        "small-as-correlation": "Here {p}: the right end is empty, not raised. You said “correlation”.",
        "other": "Here {p}: this is “{kind}”, and you said “{said}”.",
    },
)
def _diagnose(answer, rng):
    n = 8000
    strengths = [*_STRENGTHS.items()] * 4 + [*_MILD.items()] * 2
    cases = [(kind, simulated_p(kind, rng.uniform(*between), n, rng)) for kind, between in strengths]
    said = [_word(answer(p)) for _, p in cases]
    wrong = [k for k, (kind, _) in enumerate(cases) if said[k] != kind]
    if not wrong:
        return
    if len(set(said)) == 1:
        raise NotYet("always-the-same", said=said[0], n=len(said))
    kind, p = cases[wrong[0]]
    shown = {"kind": kind, "said": said[wrong[0]], "p": _heights(p)}
    if _by_first_bin([kind for kind, _ in cases], said, [p for _, p in cases]):
        raise NotYet("first-bin-only", **shown)
    if kind == "fine":
        raise NotYet("fine-accused", **shown)
    if said[wrong[0]] == "fine":
        raise NotYet("missed", **shown)
    raise NotYet(_CONFUSED.get((kind, said[wrong[0]]), "other"), **shown)


def _by_first_bin(kinds: list[str], said: list[str], several: list[Floats]) -> bool:
    """Whether only outliers and small errors are confused, the higher first bins called small errors."""
    both = ("too small", "outliers")
    if any(
        word != kind and not (word in both and kind in both) for kind, word in zip(kinds, said, strict=True)
    ):
        return False
    first = {
        word: [np.mean(p < 0.05) for p, s in zip(several, said, strict=True) if s == word] for word in both
    }
    return all(first.values()) and min(first["too small"]) > max(first["outliers"])


def _heights(p: Floats) -> str:
    """The histogram in the three numbers that tell."""
    height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20
    first, next_ones, last = height[0], height[1:5].mean(), height[-4:].mean()
    return (
        f"the first bin has {first:.2f} of what is expected, bins 1 to 4 {next_ones:.2f}, "
        f"the last four {last:.2f}"
    )


def _word(value: object) -> str:
    if value is None:
        raise NotYet("returns-nothing")
    if not isinstance(value, str) or value.strip().lower() not in WORDS:
        raise NotYet(
            "not-a-word", got=value if isinstance(value, (str, int, float)) else repr(type(value).__name__)
        )
    return value.strip().lower()
