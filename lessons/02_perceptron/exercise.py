# ---
# course:
#   title: The perceptron, written by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # The perceptron, written by you
#
# Six small functions, from the weighted sum to the accuracy on new events. Write your answer in place of the
# `...`, run the cell, run the check below it. A check can be run as often as you like. If you are stuck,
# open a cell of your own and ask for help, more than once if needed:
#
#     hint("perceptron.update")
#
# Everywhere below, `w` holds the bias first, an event `x` comes with a leading 1, and the classes are −1
# (jet) and +1 (electron).

# %%
import numpy as np

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.simulate import electrons_and_jets

# %% [markdown]
# ### 1 The net input
#
# The weighted sum $\vec w\cdot\vec x$ of one event, a single number.


# %%
def net_input(w, x):
    """Weighted sum of one event; w and x are arrays of the same length."""
    ### BEGIN SOLUTION
    return w @ x
    ### END SOLUTION


# %%
check("perceptron.net_input", net_input)

# %% [markdown]
# ### 2 The unit step
#
# The class of one event: +1 where the net input is zero or more, −1 where it is less.


# %%
def predict(w, x):
    """Predicted class of one event, −1 or +1."""
    ### BEGIN SOLUTION
    return 1 if w @ x >= 0 else -1
    ### END SOLUTION


# %%
check("perceptron.predict", predict)

# %% [markdown]
# ### 3 The bias as a weight
#
# A table of events has one row each and a column per variable. Return it with a column of ones in front.


# %%
def add_bias(x):
    """Events of shape (n, k) with a leading 1 each: shape (n, k + 1)."""
    ### BEGIN SOLUTION
    return np.column_stack([np.ones(len(x)), x])
    ### END SOLUTION


# %%
check("perceptron.add_bias", add_bias)

# %% [markdown]
# The cells below use your functions if their checks pass, and the course's own otherwise. So you can go on
# with any task.

# %%
predict = answer_or_reference("perceptron.predict", predict)
add_bias = answer_or_reference("perceptron.add_bias", add_bias)

# %% [markdown]
# ### 4 The learning rule
#
# Write the rule for one event; `predict` is there to be used. Return the new weights; leave the ones you
# were given untouched.
#
# $$ \Delta w_j = \eta\,(y - \tilde y)\,x_j $$


# %%
def update(w, x, y, eta):
    """New weights after one event with true class y in {−1, +1}."""
    ### BEGIN SOLUTION
    return w + eta * (y - predict(w, x)) * x
    ### END SOLUTION


# %%
check("perceptron.update", update)

# %%
update = answer_or_reference("perceptron.update", update)

# %% [markdown]
# ### 5 Train
#
# Start from zero weights and go over the events in the order given, one update each. Stop after a pass
# without a mistake, or after `epochs` passes. Return the weights. The events in `x` have their leading 1
# already.


# %%
def train(x, y, eta, epochs):
    """Weights, shape (3,), from events x, shape (n, 3), and their classes y, shape (n,)."""
    ### BEGIN SOLUTION
    w = np.zeros(x.shape[1])
    for _ in range(epochs):
        before = w
        for i in range(len(y)):
            w = update(w, x[i], y[i], eta)
        if np.array_equal(w, before):
            break
    return w
    ### END SOLUTION


# %%
check("perceptron.train", train)

# %%
train = answer_or_reference("perceptron.train", train)

# %% [markdown]
# A look at what it learns. If the line runs between the clouds, all parts of your machine work together.

# %%
x, y = electrons_and_jets(n=100, rng=11, margin=0.3)
x = (x - x.mean(axis=0)) / x.std(axis=0)
ax = plot.scatter_classes(x, y, names=("jet", "electron"))
plot.decision_line(train(add_bias(x), y, eta=0.1, epochs=100), ax=ax, shade=True)
_ = ax.set(xlabel="width, scaled", ylabel="depth, scaled")

# %% [markdown] tags=["alt:previous"]
# Electrons at the lower left, jets at the upper right, and a straight line between the two clouds. The side
# of the electrons is tinted.

# %% [markdown]
# ### 6 New events
#
# Now the whole chain on raw showers, two columns without a leading 1. Scale both samples: subtract the mean
# of the training sample and divide by its standard deviation, column by column. Train with at most 100
# epochs. Return the fraction of the new events that come out in their true class.


# %%
def accuracy_on_new(x_train, y_train, x_new, y_new):
    """Fraction of the new events that come out right, after training on the others."""
    ### BEGIN SOLUTION
    centre, spread = x_train.mean(axis=0), x_train.std(axis=0)
    w = train(add_bias((x_train - centre) / spread), y_train, eta=0.1, epochs=100)
    x = add_bias((x_new - centre) / spread)
    return np.mean([predict(w, x_i) for x_i in x] == y_new)
    ### END SOLUTION


# %%
check("perceptron.accuracy_on_new", accuracy_on_new)

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Draw the training sample without `margin`, so that the classes overlap. Look at the accuracy on new
#   events after 10, 11, 12 … epochs. Then keep the weights with the fewest mistakes on the training sample
#   and compare.
# - Drop the scaling and count the updates.
# - `from hepml_course.simulate import xor_points`: what is the best accuracy of any line, and why is it not
#   0.5?
