"""Checks of lesson 02: the neuron, the learning rule, training, and accuracy on new events.

Everywhere the weights hold the bias first, and the classes are -1 and +1.
"""

import numpy as np
from numpy.typing import NDArray

from hepml_course.checks import NotYet, as_array, as_number, first_difference, imitates, task
from hepml_course.metrics import Estimate
from hepml_course.simulate import electrons_and_jets

Floats = NDArray[np.float64]


# -- the course's own answers ------------------------------------------------------------------


def net_input(w: Floats, x: Floats) -> float:
    """Weighted sum of one event."""
    return w @ x


def predict(w: Floats, x: Floats) -> int:
    """Class of one event: the unit step of its net input."""
    return 1 if w @ x >= 0 else -1


def add_bias(x: Floats) -> Floats:
    """The events, shape (n, k), with a leading 1 each, shape (n, k + 1)."""
    return np.column_stack([np.ones(len(x)), x])


def update(w: Floats, x: Floats, y: int, eta: float) -> Floats:
    """New weights after one event."""
    return w + eta * (y - predict(w, x)) * x


def train(x: Floats, y: NDArray, eta: float, epochs: int) -> Floats:
    """Weights after passes over the events in order, until one is without mistake or `epochs` are done."""
    return _train(x, y, eta, epochs)


def accuracy_on_new(x_train: Floats, y_train: NDArray, x_new: Floats, y_new: NDArray) -> float:
    """Fraction of new events that weights trained on the training events put into their class."""
    centre, spread = x_train.mean(axis=0), x_train.std(axis=0)
    w = train(add_bias((x_train - centre) / spread), y_train, 0.1, 100)
    return float(np.mean(np.where(add_bias((x_new - centre) / spread) @ w >= 0, 1, -1) == y_new))


def _train(x, y, eta, epochs, step=update, start=None):
    w = np.zeros(x.shape[1]) if start is None else start
    for _ in range(epochs):
        before = w
        for x_i, y_i in zip(x, y, strict=True):
            w = step(w, x_i, y_i, eta)
        if np.array_equal(w, before):
            break
    return w


def _cases(rng: np.random.Generator, n: int = 20) -> list[tuple[Floats, Floats]]:
    """Weights and events with one decimal, so that a student can recompute what a message says."""
    w = rng.integers(-9, 10, (n, 3)) / 10
    x = np.column_stack([np.ones(n), rng.integers(-30, 31, (n, 2)) / 10])
    return list(zip(w, x, strict=True))


# -- 1 net input -------------------------------------------------------------------------------


@task(
    "perceptron.net_input",
    reference=net_input,
    right="Right. This one number is all that the neuron keeps of an event.",
    hints=[
        "Each component of the event has a weight of its own.",
        "Multiply weights and components in pairs, then add the products up.",
        "For arrays the operator `@` does both: multiply in pairs and add.",
    ],
    mistakes={
        "no-sum": "For w = {w} and x = {x} you gave the products {got}. The net input is their sum.",
        "no-weights": "For w = {w} and x = {x} you gave {got}, the sum of x alone. Where are the weights?",
        "mean": "For w = {w} and x = {x} you gave {got}, the mean of the products. Take their sum.",
        "bias-left-out": "For w = {w} and x = {x} you gave {got}: w[0]·x[0] is missing. It is the bias.",
        "step-taken": "For w = {w} and x = {x} you gave the class {got}. The step is the next task.",
        "other": "For w = {w} and x = {x} the weighted sum is {right}; yours is {got}.",
    },
)
def _net_input(answer, rng):
    cases = _cases(rng)
    w, x = cases[0]
    first = answer(w, x)
    if np.shape(first) == (3,) and np.allclose(as_array(first), w * x):
        raise NotYet("no-sum", w=w, x=x, got=first)
    results = [as_number(first)] + [as_number(answer(*case)) for case in cases[1:]]
    for mistake, wrong in {
        "no-weights": lambda w, x: x.sum(),
        "mean": lambda w, x: (w * x).mean(),
        "bias-left-out": lambda w, x: w[1:] @ x[1:],
        "step-taken": predict,
    }.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, w=w, x=x, got=results[0])
    _equal(results, net_input, cases)


def _equal(results: list, reference, cases: list) -> None:
    """The last resort of a check: the first case that comes out differently."""
    k = first_difference(results, reference, cases)
    if k is not None:
        raise NotYet("other", w=cases[k][0], x=cases[k][1], right=reference(*cases[k]), got=results[k])


# -- 2 unit step -------------------------------------------------------------------------------


@task(
    "perceptron.predict",
    reference=predict,
    right="Right. An event on the line itself counts as +1.",
    hints=[
        "Compute the net input first. You have a function for it.",
        "Then there are only two answers, +1 and −1, and 0 belongs to one of them.",
        "In one line: `1 if ... >= 0 else -1`.",
    ],
    mistakes={
        "no-step": "For w = {w} and x = {x} you gave the net input {got}. Which class is that?",
        "zero-one": "For w = {w} and x = {x} you gave 0 (or False). Here the classes are −1 and +1.",
        "flipped": "For w = {w} and x = {x} the net input is {z}, yet you gave {got}: classes swapped.",
        "sign": "At w·x = 0 exactly you gave 0, as `np.sign` does. The unit step gives +1 there.",
        "open": "At w·x = 0 exactly the unit step gives +1; yours gives −1.",
        "threshold": "For a net input of {z} you gave −1. The threshold is 0: the bias has taken it over.",
        "other": "For w = {w} and x = {x} the class is {right}; yours is {got}.",
    },
)
def _predict(answer, rng):
    cases = [case for case in _cases(rng, 60) if abs(net_input(*case)) > 0.05]
    small = np.array([0.1, 0.2, 0.1]), np.array([1.0, 0.0, 1.0])
    cases += [small]
    results = [as_number(answer(*case)) for case in cases]
    below = next(k for k, case in enumerate(cases) if net_input(*case) < 0)
    w, x = cases[below]
    shown = {"w": w, "x": x, "z": net_input(w, x), "got": results[below]}
    if imitates(results, net_input, cases):
        raise NotYet("no-step", **shown)
    if imitates(results, lambda w, x: int(w @ x >= 0), cases):
        raise NotYet("zero-one", **shown)
    if imitates(results, lambda w, x: -predict(w, x), cases):
        raise NotYet("flipped", **shown)
    if results[-1] == -1 and results[below] == -1:
        raise NotYet("threshold", z=net_input(*small))
    _equal(results, predict, cases)
    on_line = as_number(answer(np.array([1.0, -1.0, 0.0]), np.array([1.0, 1.0, 3.0])))
    if on_line == 0:
        raise NotYet("sign")
    if on_line != 1:
        raise NotYet("open")


# -- 3 the bias as a weight ----------------------------------------------------------------------


@task(
    "perceptron.add_bias",
    reference=add_bias,
    right="Right. The threshold is now a weight like the others.",
    hints=[
        "Every event, every row, gets one more component. Which value makes w[0] count in full?",
        "A column of ones goes in front. How many ones do you need?",
        "`np.column_stack` takes a list of columns and of tables.",
    ],
    mistakes={
        "bias-last": "Your ones stand in the last column. Our weights hold the bias first, so the 1 leads.",
        "row-added": "Your {n} events became {got}: you added a row, which is one more event. Add a column.",
        "column-of-zeros": "Your first column holds {got}. Times 0, the bias would never count.",
        "ones-added": "You added 1 to every number. The events keep their values and get one more component.",
        "column-lost": "There are as many columns as before: the ones took the place of a measurement.",
        "other": "The first event {x} should become {right}; yours is {got}.",
    },
)
def _add_bias(answer, rng):
    for n in (4, 7):
        x = rng.integers(-30, 31, (n, 2)) / 10
        got = as_array(answer(x))
        if got.shape == (n + 1, 2):
            raise NotYet("row-added", n=n, got=n + 1)
        if got.shape == x.shape and np.allclose(got, x + 1):
            raise NotYet("ones-added")
        if got.shape == x.shape and np.allclose(got[:, 0], 1):
            raise NotYet("column-lost")
        got = as_array(got, (n, 3))
        if np.allclose(got[:, :2], x) and np.allclose(got[:, 2], 1):
            raise NotYet("bias-last")
        if np.allclose(got[:, 1:], x) and np.allclose(got[:, 0], 0):
            raise NotYet("column-of-zeros", got=0)
        if not np.allclose(got, add_bias(x)):
            row = int(np.argmax(~np.isclose(got, add_bias(x)).all(axis=1)))
            raise NotYet("other", x=x[row], right=add_bias(x)[row], got=got[row])


# -- 4 the learning rule -------------------------------------------------------------------------

# One electron on the jets' side, one jet on the electrons' side, and both where they belong.
_MISSED = [
    (np.array([0.1, -0.1, 0.2]), np.array([1.0, 2.0, -1.0]), 1, 0.1),
    (np.array([0.5, 0.5, 0.0]), np.array([1.0, 1.0, 2.0]), -1, 0.1),
]
_FOUND = [
    (np.array([0.5, 0.5, 0.0]), np.array([1.0, 1.0, 2.0]), 1, 0.1),
    (np.array([0.1, -0.1, 0.2]), np.array([1.0, 2.0, -1.0]), -1, 0.1),
]
_ON_LINE = (np.array([1.0, -1.0, 0.0]), np.array([1.0, 1.0, 3.0]), 1, 0.1)

_WRONG_RULES = {
    "sign": lambda w, x, y, eta: w - eta * (y - predict(w, x)) * x,
    "zero-one": lambda w, x, y, eta: w + eta * (y - (w @ x >= 0)) * x,
    "no-step": lambda w, x, y, eta: w + eta * (y - w @ x) * x,
    "no-eta": lambda w, x, y, eta: w + (y - predict(w, x)) * x,
    "half-step": lambda w, x, y, eta: w + eta * (y - predict(w, x)) / 2 * x,
    "change-only": lambda w, x, y, eta: eta * (y - predict(w, x)) * x,
    "no-x": lambda w, x, y, eta: w + eta * (y - predict(w, x)),
    "bias-stays": lambda w, x, y, eta: w + eta * (y - predict(w, x)) * x * (np.arange(3) > 0),
    "never": lambda w, x, y, eta: w,
}


@task(
    "perceptron.update",
    reference=update,
    right="Right. An event on the correct side left w unchanged, as it should.",
    hints=[
        "First find out which class the present weights give to this event.",
        "The change of w is the learning rate times the error y − ỹ times the event.",
        "`w + eta * (y - predict(w, x)) * x`, and nothing that changes `w` itself.",
    ],
    mistakes={
        "sign": "For x = {x}, y = +1, η = {eta} and a prediction of −1 you moved w away from the event: "
        "w·x went from {before} to {after}. Which sign does the error have?",
        "always": "This event was already on the right side, and w changed. What is y − ỹ then?",
        "zero-one": "With y = −1 you predicted 0. Here the classes are −1 and +1.",
        "weights-changed": "The weights you were given changed too. Return new ones.",
        "no-eta": "With eta = 0.1 and with eta = 1 you made the same step.",
        "open": "At w·x = 0 exactly the unit step gives +1; yours gives −1.",
        "no-step": "You took the net input {before} from y = {y}. The error is y − ỹ, where ỹ is a class.",
        "half-step": "For y = +1 and a prediction of −1 the error y − ỹ is 2; you moved by half of that.",
        "change-only": "For w = {w} you returned {got}, which is the change Δw alone. Add it to w.",
        "no-x": "Every weight moved by the same {step}. The change is proportional to the event x.",
        "bias-stays": "The bias w[0] stayed at {bias} on a misclassified event. It learns as the others do.",
        "never": "The event x = {x} with y = +1 is on the wrong side of w = {w}, and w stayed as it was.",
        "other": "For w = {w}, x = {x}, y = {y}, η = {eta} the new weights are {right}; yours are {got}.",
    },
)
def _update(answer, rng):
    cases = (
        _MISSED
        + _FOUND
        + [(w, x, int(rng.choice([-1, 1])), 0.5) for w, x in _cases(rng) if abs(w @ x) > 0.05]
    )
    results = [as_array(_new_weights(answer, *case), (3,)) for case in cases]
    w, x, y, eta = cases[0]
    shown = {"w": w, "x": x, "y": _signed(y), "eta": eta, "got": results[0], "bias": w[0], "before": w @ x}
    for mistake, wrong in _WRONG_RULES.items():
        if imitates(results, wrong, cases):
            raise NotYet(mistake, **shown, after=results[0] @ x, step=results[0][0] - w[0])
    found = range(len(_MISSED), len(_MISSED) + len(_FOUND))
    if not imitates([results[k] for k in found], update, _FOUND):
        raise NotYet("always")
    k = first_difference(results, update, cases)
    if k is not None:
        w, x, y, eta = cases[k]
        raise NotYet("other", w=w, x=x, y=_signed(y), eta=eta, right=update(w, x, y, eta), got=results[k])
    if not np.allclose(as_array(_new_weights(answer, *_ON_LINE), (3,)), _ON_LINE[0]):
        raise NotYet("open")


def _signed(y: int) -> str:
    return "+1" if y > 0 else "−1"


def _new_weights(answer, *case):
    try:
        return answer(*case)
    except NotYet as mistake:
        if mistake.values.get("position") == 0:
            raise NotYet("weights-changed") from None
        raise


# -- 5 training ----------------------------------------------------------------------------------


def _batch(x, y, eta, epochs):
    w = np.zeros(x.shape[1])
    for _ in range(epochs):
        w = w + eta * (y - np.where(x @ w >= 0, 1, -1)) @ x
    return w


def _until_first_right(x, y, eta, epochs):
    w = np.zeros(x.shape[1])
    for x_i, y_i in zip(x, y, strict=True):
        if predict(w, x_i) == y_i:
            break
        w = update(w, x_i, y_i, eta)
    return w


_WRONG_TRAININGS = {
    "first-event": lambda x, y, eta, epochs: update(np.zeros(3), x[0], y[0], eta),
    "first-right": _until_first_right,
    "one-pass": lambda x, y, eta, epochs: _train(x, y, eta, 1),
    "batch": _batch,
    "other-rule": lambda x, y, eta, epochs: _train(x, y, eta, epochs, step=_WRONG_RULES["sign"]),
    "pass-missing": lambda x, y, eta, epochs: _train(x, y, eta, epochs - 1),
    "pass-too-many": lambda x, y, eta, epochs: _train(x, y, eta, epochs + 1),
}


@task(
    "perceptron.train",
    reference=train,
    right="Right. It stops by itself on separable events, and after the last epoch on others.",
    hints=[
        "Two loops: one over the epochs, and inside it one over the events. `update` does the rest.",
        "Start from three zeros. `zip(x, y)` gives the events one by one with their classes.",
        "Stop when a whole pass has left w as it was. After the last epoch stop in any case.",
    ],
    mistakes={
        "first-event": "You returned after the first event. Is the `return` inside the loop?",
        "first-right": "You stopped at the first event that was right. The next one may be wrong.",
        "one-pass": "With epochs = {epochs} you went over the events once. {left} of {n} were still wrong.",
        "batch": "Your w changed once per pass, by a sum over events. Here it changes after every event.",
        "other-rule": "After {epochs} epochs {left} of {n} events are wrong. Which sign does the rule have?",
        "no-eta": "With eta = 0.2 and with eta = 0.4 you got the same weights {got}.",
        "pass-missing": "With epochs = {epochs} you made one pass fewer.",
        "pass-too-many": "With epochs = {epochs} you made one pass more.",
        "start": "With epochs = 0 nothing is learned and w should still be (0, 0, 0); yours is {got}.",
        "other-path": "Your weights {got} separate these events, but are not those of the rule from zero "
        "with the events in their order: {right}.",
        "other": "After at most {epochs} epochs with η = {eta}, w should be {right}; yours is {got}.",
    },
    seconds=5,
)
def _train_check(answer, rng):
    separable, mixed = _sample(rng, 20, 0.0), _sample(rng, 20, None)
    cases = [(*separable, 0.2, 50), (*mixed, 0.5, 3), (*mixed, 0.1, 6)]
    results = [as_array(answer(*case), (3,)) for case in cases]
    if np.allclose(as_array(answer(*separable, 0.4, 50), (3,)), results[0]):
        raise NotYet("no-eta", got=results[0])
    for mistake, wrong in _WRONG_TRAININGS.items():
        k = 1 if mistake in ("other-rule", "pass-missing", "pass-too-many") else 0
        if imitates(results, wrong, cases):
            x, y, _, epochs = cases[k]
            left = int(np.count_nonzero((x @ results[k] >= 0) != (y > 0)))
            raise NotYet(mistake, epochs=epochs, left=left, n=len(y))
    start = as_array(answer(*separable, 0.2, 0), (3,))
    if not np.allclose(start, 0):
        raise NotYet("start", got=start)
    k = first_difference(results, train, cases)
    if k is not None:
        x, y, eta, epochs = cases[k]
        separates = k == 0 and np.array_equal(x @ results[k] >= 0, y > 0)
        values = {"epochs": epochs, "eta": eta, "right": train(*cases[k]), "got": results[k]}
        raise NotYet("other-path" if separates else "other", **values)


def _sample(rng: np.random.Generator, n: int, margin: float | None) -> tuple[Floats, NDArray]:
    """A small sample that takes the rule several passes to learn, or that it never learns."""
    while True:
        x, y = electrons_and_jets(n, rng, margin=margin)
        x = add_bias(((x - x.mean(axis=0)) / x.std(axis=0)).round(1))
        early = [_WRONG_TRAININGS[name](x, y, 1.0, 50) for name in ("first-event", "first-right")]
        if np.array_equal(*early) or np.array_equal(train(x, y, 1.0, 2), train(x, y, 1.0, 3)):
            continue
        if np.array_equal(train(x, y, 1.0, 20), train(x, y, 1.0, 21)) == (margin is not None):
            return x, y


# -- 6 new events --------------------------------------------------------------------------------


@task(
    "perceptron.accuracy_on_new",
    reference=accuracy_on_new,
    right="Right. These events had no part in the training, so the number is an honest one.",
    hints=[
        "Four steps: scale both samples, add the leading 1, train on one sample, count on the other.",
        "Scale the new events by the training sample: the line was drawn in those units.",
        "`predict` takes one event at a time. `np.mean` of a list of True and False is the fraction of True.",
    ],
    mistakes={
        "on-training": "You gave {got} for any new events. That is the accuracy on the training events.",
        "trained-on-new": "With swapped classes of the new events, {got} became {swapped}, not 1 − {got}. "
        "Did the new events take part in the training?",
        "error-rate": "You gave {got}, the fraction of events that are wrong. How many are right?",
        "percent": "You gave {got}. An accuracy is a fraction between 0 and 1.",
        "count": "You gave {got}, the number of events that are right. Divide by how many there are.",
        "own-scale": "You scaled the new events with their own mean and spread. Use the training sample's: "
        "the line was drawn in those units.",
        "not-scaled": "You gave {got} for {right}. Were the new events scaled as the training events were?",
        "other": "The accuracy on these {n} new events is {right}; yours is {got}.",
    },
)
def _accuracy_on_new(answer, rng):
    x_train, y_train = electrons_and_jets(60, rng, margin=0.5)
    x, y = electrons_and_jets(300, rng)
    kept = (y < 0) | (np.cumsum(y > 0) <= 100)  # more jets: their mean is not the training sample's
    case = x_train, y_train, x[kept], y[kept]
    got, right = _fraction(answer(*case)), accuracy_on_new(*case)
    swapped = _fraction(answer(x_train, y_train, x[kept], -y[kept]))
    values = {"got": got, "right": right, "swapped": swapped, "n": len(case[3])}
    if abs(got - right) < 0.02 and abs(swapped - (1 - right)) < 0.02:
        return
    if got == swapped == 1:
        raise NotYet("on-training", **values)
    if min(got, swapped) >= 0 and max(got, swapped) <= 1 and abs(got + swapped - 1) > 0.1:
        raise NotYet("trained-on-new", **values)
    for mistake, wrong in {
        "error-rate": 1 - right,
        "percent": 100 * right,
        "count": round(len(case[3]) * right),
        "own-scale": _accuracy_with(*case, *_scale(case[2])),
        "not-scaled": _accuracy_with(*case, 0.0, 1.0),
    }.items():
        if abs(got - wrong) < 0.02 * max(wrong, 0.5):
            raise NotYet(mistake, **values)
    raise NotYet("other", **values)


def _scale(x: Floats) -> tuple[Floats, Floats]:
    return x.mean(axis=0), x.std(axis=0)


def _accuracy_with(x_train, y_train, x_new, y_new, centre, spread) -> float:
    """Accuracy when the new events are scaled by something else than the training sample's numbers."""
    own, width = _scale(x_train)
    return accuracy_on_new(x_train, y_train, (x_new - centre) / spread * width + own, y_new)


def _fraction(value) -> float:
    return as_number(value.value if isinstance(value, Estimate) else value)
