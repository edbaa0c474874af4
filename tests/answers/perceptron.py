"""Answers to the exercise of lesson 02."""

import random

import numpy as np

from answers import Answers
from hepml_course.checks import perceptron as course
from hepml_course.metrics import accuracy


def plain_sum(w, x):
    total = 0
    for k in range(len(w)):
        total += w[k] * x[k]
    return total


# -- predict ------------------------------------------------------------------------------------


def if_else(w, x):
    if np.dot(w, x) < 0:
        return -1
    return 1


# -- update -------------------------------------------------------------------------------------


def by_component(w, x, y, eta):
    predicted = if_else(w, x)
    new = []
    for w_j, x_j in zip(w, x, strict=True):
        new.append(w_j + eta * (y - predicted) * x_j)
    return new


def with_where(w, x, y, eta):
    return w + eta * (y - np.where(w @ x >= 0, 1.0, -1.0)) * x


def copied(w, x, y, eta):
    new = w.copy()
    if if_else(w, x) != y:
        new += 2 * eta * y * x
    return new


def in_place(w, x, y, eta):
    w += eta * (y - if_else(w, x)) * x
    return w


def event_in_place(w, x, y, eta):
    x *= eta * (y - if_else(w, x))
    return w + x


def always(w, x, y, eta):
    return w + 2 * eta * y * x


def open_step(w, x, y, eta):
    return w + eta * (y - (1 if w @ x > 0 else -1)) * x


def wrong_name(w, x, y, eta):
    return w + eta * (y - np.sign(w @ x1)) * x  # noqa: F821


def bias_stays(w, x, y, eta):
    new = w + eta * (y - if_else(w, x)) * x
    new[0] = w[0]
    return new


def no_return(w, x, y, eta):
    w + eta * (y - if_else(w, x)) * x


# -- train --------------------------------------------------------------------------------------


def until_no_mistakes(x, y, eta, epochs):
    w = np.zeros(len(x[0]))
    for _ in range(epochs):
        mistakes = 0
        for k in range(len(x)):
            if if_else(w, x[k]) != y[k]:
                mistakes += 1
                w = w + 2 * eta * y[k] * x[k]
        if mistakes == 0:
            return w
    return w


def all_epochs(x, y, eta, epochs):
    w = np.array([0.0, 0.0, 0.0])
    for _ in range(epochs):
        for x_i, y_i in zip(x, y, strict=True):
            w += eta * (y_i - if_else(w, x_i)) * x_i
    return w


def while_loop(x, y, eta, epochs):
    w, done = np.zeros(3), 0
    while done < epochs and any(if_else(w, x_i) != y_i for x_i, y_i in zip(x, y, strict=True)):
        for x_i, y_i in zip(x, y, strict=True):
            w = course.update(w, x_i, y_i, eta)
        done += 1
    return w


def never_ends(x, y, eta, epochs):
    w = np.zeros(3)
    while any(if_else(w, x_i) != y_i for x_i, y_i in zip(x, y, strict=True)):
        for x_i, y_i in zip(x, y, strict=True):
            w = course.update(w, x_i, y_i, eta)
    return w


def return_in_inner_loop(x, y, eta, epochs):
    w = np.zeros(3)
    for _ in range(epochs):
        for x_i, y_i in zip(x, y, strict=True):
            w = course.update(w, x_i, y_i, eta)
            return w
    return w


def return_in_outer_loop(x, y, eta, epochs):
    w = np.zeros(3)
    for _ in range(epochs):
        for x_i, y_i in zip(x, y, strict=True):
            w = course.update(w, x_i, y_i, eta)
        return w
    return w


def stops_when_right(x, y, eta, epochs):
    w = np.zeros(3)
    for _ in range(epochs):
        for x_i, y_i in zip(x, y, strict=True):
            if if_else(w, x_i) == y_i:
                return w
            w = course.update(w, x_i, y_i, eta)
    return w


def batch(x, y, eta, epochs):
    w = np.zeros(3)
    for _ in range(epochs):
        w = w + eta * (y - np.where(x @ w >= 0, 1, -1)) @ x
    return w


def runs_away(x, y, eta, epochs):
    w = np.zeros(3)
    for _ in range(epochs):
        for x_i, y_i in zip(x, y, strict=True):
            w = w + eta * (if_else(w, x_i) - y_i) * x_i
    return w


def from_random(x, y, eta, epochs):
    w = np.random.default_rng(0).normal(0, 0.01, 3)
    for _ in range(epochs):
        for x_i, y_i in zip(x, y, strict=True):
            w = course.update(w, x_i, y_i, eta)
    return w


def shuffled(x, y, eta, epochs):
    order = list(range(len(x)))
    random.Random(1).shuffle(order)
    return all_epochs(x[order], y[order], eta, epochs)


def half_steps(x, y, eta, epochs):
    return 0.7 * all_epochs(x, y, eta, min(epochs, 2))


# -- accuracy on new events ---------------------------------------------------------------------


def scaled(x, sample):
    return course.add_bias((x - sample.mean(axis=0)) / sample.std(axis=0))


def trained(x_train, y_train):
    return course.train(scaled(x_train, x_train), y_train, 0.1, 100)


def one_by_one(x_train, y_train, x_new, y_new):
    w = trained(x_train, y_train)
    right = [if_else(w, x_i) == y_i for x_i, y_i in zip(scaled(x_new, x_train), y_new, strict=True)]
    return sum(right) / len(right)


def with_the_package(x_train, y_train, x_new, y_new):
    return accuracy(scaled(x_new, x_train) @ trained(x_train, y_train) >= 0, y_new)


def on_training(x_train, y_train, x_new, y_new):
    return one_by_one(x_train, y_train, x_train, y_train)


def trained_on_new(x_train, y_train, x_new, y_new):
    w = course.train(scaled(x_new, x_train), y_new, 0.1, 100)
    return np.mean(np.where(scaled(x_new, x_train) @ w >= 0, 1, -1) == y_new)


def trained_on_both(x_train, y_train, x_new, y_new):
    x, y = np.concatenate([x_train, x_new]), np.concatenate([y_train, y_new])
    return one_by_one(x, y, x_new, y_new)


def own_scale(x_train, y_train, x_new, y_new):
    w = trained(x_train, y_train)
    return np.mean(np.where(scaled(x_new, x_new) @ w >= 0, 1, -1) == y_new)


def new_not_scaled(x_train, y_train, x_new, y_new):
    w = trained(x_train, y_train)
    return np.mean(np.where(course.add_bias(x_new) @ w >= 0, 1, -1) == y_new)


def balanced(x_train, y_train, x_new, y_new):
    w = trained(x_train, y_train)
    right = np.where(scaled(x_new, x_train) @ w >= 0, 1, -1) == y_new
    return (right[y_new > 0].mean() + right[y_new < 0].mean()) / 2


ANSWERS = {
    "perceptron.net_input": Answers(
        right=[lambda w, x: w @ x, plain_sum, lambda w, x: np.sum(w * x), lambda w, x: sum(w * x)],
        wrong=[
            ("no-sum", lambda w, x: w * x),
            ("no-weights", lambda w, x: x.sum()),
            ("mean", lambda w, x: np.mean(w * x)),
            ("bias-left-out", lambda w, x: w[1:] @ x[1:]),
            ("step-taken", if_else),
            ("other", lambda w, x: w @ x + w[0]),
            ("not-a-number", np.outer),
            ("returns-nothing", lambda w, x: None),
            ("raised", lambda w, x: w.T @ x.reshape(1, -1)),
        ],
    ),
    "perceptron.predict": Answers(
        right=[
            if_else,
            lambda w, x: np.where(w @ x >= 0, 1, -1),
            lambda w, x: 2.0 * (w @ x >= 0) - 1,
        ],
        wrong=[
            ("no-step", lambda w, x: w @ x),
            ("zero-one", lambda w, x: 1 if w @ x >= 0 else 0),
            ("flipped", lambda w, x: -1 if w @ x >= 0 else 1),
            ("sign", lambda w, x: np.sign(w @ x)),
            ("open", lambda w, x: 1 if w @ x > 0 else -1),
            ("threshold", lambda w, x: 1 if w @ x >= 0.5 else -1),
            ("other", lambda w, x: 1),
            ("returns-nothing", lambda w, x: print(1 if w @ x >= 0 else -1)),
            ("not-a-number", lambda w, x: "electron"),
        ],
    ),
    "perceptron.add_bias": Answers(
        right=[
            lambda x: np.column_stack([np.ones(len(x)), x]),
            lambda x: np.c_[np.ones(len(x)), x],
            lambda x: np.insert(x, 0, 1, axis=1),
            lambda x: [[1, *row] for row in x],
        ],
        wrong=[
            ("bias-last", lambda x: np.c_[x, np.ones(len(x))]),
            ("row-added", lambda x: np.insert(x, 0, 1, axis=0)),
            ("column-of-zeros", lambda x: np.c_[np.zeros(len(x)), x]),
            ("ones-added", lambda x: x + 1),
            ("column-lost", lambda x: np.c_[np.ones(len(x)), x[:, 1]]),
            ("other", lambda x: np.c_[np.ones(len(x)), x[:, ::-1]]),
            ("shape", lambda x: np.append(x, 1)),
            ("raised", lambda x: np.hstack([np.ones(len(x)), x])),
        ],
    ),
    "perceptron.update": Answers(
        right=[by_component, with_where, copied],
        wrong=[
            ("sign", lambda w, x, y, eta: w + eta * (if_else(w, x) - y) * x),
            ("always", always),
            ("zero-one", lambda w, x, y, eta: w + eta * (y - (1 if w @ x >= 0 else 0)) * x),
            ("weights-changed", in_place),
            ("changed-input", event_in_place),
            ("no-eta", lambda w, x, y, eta: w + (y - if_else(w, x)) * x),
            ("open", open_step),
            ("no-step", lambda w, x, y, eta: w + eta * (y - w @ x) * x),
            ("half-step", lambda w, x, y, eta: w + eta * y * x if if_else(w, x) != y else w),
            ("change-only", lambda w, x, y, eta: eta * (y - if_else(w, x)) * x),
            ("no-x", lambda w, x, y, eta: w + eta * (y - if_else(w, x))),
            ("bias-stays", bias_stays),
            ("never", lambda w, x, y, eta: w),
            ("other", lambda w, x, y, eta: w + eta * (y - if_else(w, x)) * x**2),
            ("returns-nothing", no_return),
            ("raised", wrong_name),
        ],
    ),
    "perceptron.train": Answers(
        right=[until_no_mistakes, all_epochs, while_loop],
        wrong=[
            ("first-event", return_in_inner_loop),
            ("first-right", stops_when_right),
            ("one-pass", return_in_outer_loop),
            ("batch", batch),
            ("other-rule", runs_away),
            ("no-eta", lambda x, y, eta, epochs: all_epochs(x, y, 0.1, epochs)),
            ("pass-missing", lambda x, y, eta, epochs: all_epochs(x, y, eta, epochs - 1)),
            ("pass-too-many", lambda x, y, eta, epochs: all_epochs(x, y, eta, epochs + 1 if epochs else 0)),
            ("start", from_random),
            ("other-path", shuffled),
            ("other", half_steps),
            ("shape", lambda x, y, eta, epochs: (all_epochs(x, y, eta, epochs), 0.9)[0][1:]),
            ("raised", never_ends),
        ],
    ),
    "perceptron.accuracy_on_new": Answers(
        right=[one_by_one, with_the_package],
        wrong=[
            ("on-training", on_training),
            ("trained-on-new", trained_on_new),
            ("trained-on-new", trained_on_both),
            ("error-rate", lambda *sample: 1 - one_by_one(*sample)),
            ("percent", lambda *sample: 100 * one_by_one(*sample)),
            ("count", lambda *sample: one_by_one(*sample) * len(sample[3])),
            ("own-scale", own_scale),
            ("not-scaled", new_not_scaled),
            ("other", balanced),
            ("not-a-number", lambda *sample: trained(*sample[:2])),
        ],
    ),
}
