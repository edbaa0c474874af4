"""What the checks of lesson 02 say, word for word where the course has promised the words."""

import numpy as np
import pytest
from answers.perceptron import ANSWERS

from hepml_course.checks import State, verdict


def update_that(mistake):
    return next(answer for id, answer in ANSWERS["perceptron.update"].wrong if id == mistake)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (..., "Not attempted yet."),
        (
            ANSWERS["perceptron.update"].right[0],
            "Right. An event on the correct side left w unchanged, as it should.",
        ),
        (
            update_that("sign"),
            "For x = (1, 2, −1), y = +1, η = 0.1 and a prediction of −1 you moved w away from the event: "
            "w·x went from −0.3 to −1.5. Which sign does the error have?",
        ),
        (
            update_that("always"),
            "This event was already on the right side, and w changed. What is y − ỹ then?",
        ),
        (update_that("zero-one"), "With y = −1 you predicted 0. Here the classes are −1 and +1."),
        (update_that("weights-changed"), "The weights you were given changed too. Return new ones."),
        (update_that("no-eta"), "With eta = 0.1 and with eta = 1 you made the same step."),
        (update_that("open"), "At w·x = 0 exactly the unit step gives +1; yours gives −1."),
    ],
)
def test_the_update_check_says_what_the_course_promises(answer, text):
    assert verdict("perceptron.update", answer).text == text


def test_the_numbers_in_a_message_are_true():
    w, x = np.array([0.1, -0.1, 0.2]), np.array([1.0, 2.0, -1.0])
    after = update_that("sign")(w, x, 1, 0.1)
    assert (round(w @ x, 6), round(after @ x, 6)) == (-0.3, -1.5)


def test_an_answer_is_judged_by_what_it_does_whatever_its_style():
    def wordy(weights, event, truth, learning_rate):
        result = []
        z = sum(a * b for a, b in zip(weights, event, strict=True))
        prediction = +1 if not z < 0 else -1
        for weight, component in zip(weights, event, strict=True):
            result += [weight + learning_rate * (truth - prediction) * component]
        return tuple(result)

    assert verdict("perceptron.update", wordy).state is State.CORRECT


def test_one_answer_does_not_spoil_the_check_for_the_next():
    before = verdict("perceptron.update", update_that("sign"))
    verdict("perceptron.update", update_that("weights-changed"))
    verdict("perceptron.update", update_that("changed-input"))
    assert verdict("perceptron.update", update_that("sign")) == before


def test_training_that_ignores_the_number_of_epochs_is_stopped_and_shown_its_loop():
    endless = dict(ANSWERS["perceptron.train"].wrong)["raised"]
    found = verdict("perceptron.train", endless)
    assert "`while any(" in found.text
    assert found.text.endswith("still running when the time was over. Can it ever end?")
