# ---
# course:
#   title: A neural network, written by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # A neural network, written by you
#
# Seven functions, from counting weights to finding dead neurons. Together they make a network that learns.
# Write your answer in place of the `...`, run the cell, run the check below it. A check can be run as often
# as you like. If you are stuck, open a cell of your own and ask for help, more than once if needed:
#
#     hint("network.gradient")
#
# Everywhere below, rows are events and columns are neurons. A network is a list of layers, each a pair
# `(weights, biases)` with weights of shape (inputs, neurons). The hidden neurons are tanh, the output is one
# neuron with a sigmoid, and the classes are 0 and 1.

# %%
from itertools import pairwise

import numpy as np

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.simulate import xor_points

# %% [markdown]
# ### 1 How many numbers are learned?
#
# A fully connected network has layers of `sizes[0]` inputs, `sizes[1]` hidden neurons and so on up to the
# outputs. How many weights and biases are there in all?


# %%
def count(sizes):
    """Number of weights and biases of a network such as [2, 8, 1]."""
    ### BEGIN SOLUTION
    return sum((n + 1) * m for n, m in pairwise(sizes))
    ### END SOLUTION


# %%
check("network.count", count)

# %% [markdown]
# ### 2 The forward pass
#
# The probability of class 1 for each event, for a network of any depth.


# %%
def forward(net, x):
    """Probabilities, shape (n,), of events x, shape (n, inputs)."""
    ### BEGIN SOLUTION
    for weights, biases in net[:-1]:
        x = np.tanh(x @ weights + biases)
    weights, biases = net[-1]
    return 1 / (1 + np.exp(-(x @ weights + biases)))[:, 0]
    ### END SOLUTION


# %%
check("network.forward", forward)

# %% [markdown]
# ### 3 The slope of an activation
#
# The ELU is $z$ for $z > 0$ and $\alpha(e^z - 1)$ otherwise. Write its derivative, for an array of any shape.
# At $z = 0$ take the value of the left side.


# %%
def elu_slope(z, alpha):
    """Derivative of the ELU at every element of z."""
    ### BEGIN SOLUTION
    return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))
    ### END SOLUTION


# %%
check("network.elu_slope", elu_slope)

# %% [markdown]
# ### 4 The loss
#
# The cross-entropy of probabilities `p` and classes `t` (0 or 1), averaged over the events, with the natural
# logarithm. No `p` is exactly 0 or 1 here.


# %%
def cross_entropy(p, t):
    """Mean cross-entropy; p and t have shape (n,)."""
    ### BEGIN SOLUTION
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))
    ### END SOLUTION


# %%
check("network.cross_entropy", cross_entropy)

# %% [markdown]
# The cells below use your functions if their checks pass, and the course's own otherwise. So you can go on
# with any task.

# %%
forward = answer_or_reference("network.forward", forward)
cross_entropy = answer_or_reference("network.cross_entropy", cross_entropy)

# %% [markdown]
# ### 5 The gradient
#
# Backpropagation for one hidden layer: `net` is `[(w1, b1), (w2, b2)]`. Return the derivatives of the mean
# cross-entropy in the same form and the same shapes. For the weighted sum $z$ of the output
# $\partial L/\partial z = (p - t)/n$; the slope of the tanh is $1 - a^2$.


# %%
def gradient(net, x, t):
    """[(dw1, db1), (dw2, db2)] for events x, shape (n, inputs), and classes t, shape (n,)."""
    ### BEGIN SOLUTION
    (w1, b1), (w2, b2) = net
    a = np.tanh(x @ w1 + b1)
    p = 1 / (1 + np.exp(-(a @ w2 + b2)))
    delta2 = (p - t[:, None]) / len(t)
    delta1 = delta2 @ w2.T * (1 - a**2)
    return [(x.T @ delta1, delta1.sum(axis=0)), (a.T @ delta2, delta2.sum(axis=0))]
    ### END SOLUTION


# %%
check("network.gradient", gradient)

# %% [markdown]
# ### 6 The check of the gradient
#
# The derivative of a function of several numbers by central differences: move one of them by $+h$ and by
# $-h$, leave the others, and divide the difference by $2h$. Leave the `w` you were given untouched.


# %%
def differences(f, w, h):
    """Derivatives, shape (k,), of the number f(w) by each of the k elements of w."""
    ### BEGIN SOLUTION
    moves = h * np.eye(len(w))
    return np.array([(f(w + move) - f(w - move)) / (2 * h) for move in moves])
    ### END SOLUTION


# %%
check("network.differences", differences)

# %% [markdown]
# Your parts together: a network with four hidden neurons learns which lepton pairs have opposite charges. If
# the tinted corners hold one class each, all of it works.

# %%
gradient = answer_or_reference("network.gradient", gradient)
rng = np.random.default_rng(3)
net = [(rng.normal(size=(2, 4)), np.zeros(4)), (rng.normal(size=(4, 1)), np.zeros(1))]
x, y = xor_points(n=100, rng=4)
t = (y > 0).astype(float)
for _ in range(300):
    slopes = gradient(net, x, t)
    net = [(w - 0.5 * dw, b - 0.5 * db) for (w, b), (dw, db) in zip(net, slopes, strict=True)]
print(f"cross-entropy {cross_entropy(forward(net, x), t):.2f}")

# %%
ax = plot.scatter_classes(x, y, names=("equal charges", "opposite charges"))
plot.decision_curve(lambda points: forward(net, points), level=0.5, ax=ax)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
unit = "$q/p_T$ / (50 GeV)$^{-1}$"
_ = ax.set(xlabel=f"first lepton, {unit}", ylabel=f"second lepton, {unit}")

# %% [markdown] tags=["alt:previous"]
# Four clouds of points in the four quadrants. A border separates the two with opposite charges from the two
# with equal charges.

# %% [markdown]
# ### 7 Dead neurons
#
# The weighted sums `z` of a layer of ReLUs, for all training events: rows are events, columns are neurons.
# Return the fraction of the neurons that are dead, which means that their output is zero for *every* event.


# %%
def dead_fraction(z):
    """Fraction of the columns of z, shape (n, neurons), that never let anything through."""
    ### BEGIN SOLUTION
    return np.mean((z <= 0).all(axis=0))
    ### END SOLUTION


# %%
check("network.dead_fraction", dead_fraction)

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Train with all weights equal at the start, then with zeros, then with weights a hundred times larger.
#   What does the loss do in the first ten steps, and why?
# - Write the gradient for two hidden layers. Check it with your `differences`.
# - `from hepml_course.simulate import boosted_pairs`: how does the AUC on new jets depend on the number of
#   hidden neurons if there are only 200 jets to learn from?
