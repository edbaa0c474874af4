# ---
# course:
#   title: Overfitting, seven tools
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Overfitting, seven tools
#
# Seven short functions that keep an analysis honest. Write your answer in place of the `...`, run the cell,
# run the check below it. A check can be run as often as you like. If you are stuck, open a cell of your own
# and ask for help, more than once if needed:
#
#     hint("overfitting.folds")

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.simulate import crossing_time, time_walk

# %% [markdown]
# ### 1 Bias and variance
#
# The same fit was made on many data sets and evaluated at the same points: `curves` has the shape (sets,
# points). `truth` has the shape (points,). Return two numbers, averaged over the points: the squared
# distance of the mean curve from the truth, and the variance of the curves around their mean.


# %%
def bias_variance(curves, truth):
    """Squared bias and variance, each averaged over the points."""
    ### BEGIN SOLUTION
    mean = curves.mean(axis=0)
    return np.mean((mean - truth) ** 2), np.mean(curves.var(axis=0))
    ### END SOLUTION


# %%
check("overfitting.bias_variance", bias_variance)

# %% [markdown]
# ### 2 Folds
#
# Deal the event numbers 0 to `n - 1` into `k` parts in random order, each event in exactly one part, the
# sizes as equal as possible. Return a list of `k` arrays of indices. `rng` is a numpy generator; it has a
# method `permutation`.


# %%
def folds(n, k, rng):
    """List of k arrays of indices, which together hold 0 to n - 1 once each."""
    ### BEGIN SOLUTION
    return np.array_split(rng.permutation(n), k)
    ### END SOLUTION


# %%
check("overfitting.folds", folds)

# %%
folds = answer_or_reference("overfitting.folds", folds)

# %% [markdown]
# With it, the degree of the calibration curve of the lesson is chosen without a second run: five-fold
# cross-validation on the same pulses, ten times with other folds. Compare its minimum with the error on new
# pulses.

# %%
run, new = time_walk(40, rng=2), time_walk(400, rng=7)


def error(pulses, degree, fitted, judged):
    fit = np.polynomial.Polynomial.fit(run.height[fitted], run.time[fitted], degree)
    return np.mean((fit(pulses.height[judged]) - pulses.time[judged]) ** 2)


def cross_validated(degree, rng):
    parts = folds(40, 5, rng)
    return np.mean([error(run, degree, np.setdiff1d(range(40), part), part) for part in parts])


# %%
rng = np.random.default_rng(1)
cv = [np.mean([cross_validated(degree, rng) for _ in range(10)]) for degree in range(11)]
on_new = [error(new, degree, slice(None), slice(None)) for degree in range(11)]
fig, ax = plt.subplots()
ax.semilogy(cv, "o-", label="five-fold, on 40 pulses")
ax.semilogy(on_new, "s--", label="400 new pulses")
ax.set(xlabel="degree", ylabel="mean squared error / ns²")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Mean squared error against the degree. Cross-validation on forty pulses and the error on four hundred new
# pulses fall together to a flat minimum around degree four to six. At high degrees the cross-validated error
# rises much more, since the outermost pulses are then extrapolated to.

# %% [markdown]
# ### 3 A split that lasts
#
# `number` is an array of event numbers. Return for each event a part between 0 and `parts - 1`. An event
# must get the same part tomorrow, in a table that is sorted otherwise or holds other events besides. The
# parts should be about equally large.


# %%
def part_of(number, parts):
    """A part for each event number, an integer from 0 to parts - 1."""
    ### BEGIN SOLUTION
    return number % parts
    ### END SOLUTION


# %%
check("overfitting.part_of", part_of)

# %% [markdown]
# ### 4 Choose and quote
#
# You trained several models. `validation` holds the AUC of each on validation events, `test` on test
# events. Return the index of the model you take, and the AUC you write into the paper.


# %%
def choose(validation, test):
    """Index of the chosen model, and the AUC to quote."""
    ### BEGIN SOLUTION
    best = np.argmax(validation)
    return best, test[best]
    ### END SOLUTION


# %%
check("overfitting.choose", choose)

# %% [markdown]
# ### 5 When to stop
#
# `losses` holds the validation loss after each epoch, counted from 0. Training stops as soon as `patience`
# epochs in a row have brought no loss lower than the best so far, or at the end. Return the epoch whose
# weights you keep: the best one that was *seen*.
#
# Example: with losses 5, 3, 4, 4, 2 and patience 2 the training stops after epoch 3, and the weights of epoch
# 1 are kept. Epoch 4 was never run.


# %%
def best_epoch(losses, patience):
    """Epoch whose weights are kept by early stopping."""
    ### BEGIN SOLUTION
    best = 0
    for epoch in range(len(losses)):
        if losses[epoch] < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best
    ### END SOLUTION


# %%
check("overfitting.best_epoch", best_epoch)

# %% [markdown]
# ### 6 Dropout
#
# Write dropout for one layer in training. `x` has the shape (events, nodes); `rate` has the meaning of
# Keras. Each node of each event is silenced by itself, at random. The mean of the output is that of the
# input.


# %%
def dropout(x, rate, rng):
    """x with nodes silenced at random and the others raised; same shape."""
    ### BEGIN SOLUTION
    kept = rng.random(x.shape) >= rate
    return np.where(kept, x / (1 - rate), 0.0)
    ### END SOLUTION


# %%
check("overfitting.dropout", dropout)

# %% [markdown]
# ### 7 Turn and mirror
#
# Augment a table of events. `px`, `py` and `eta` have the shape (events, particles), `phi` and `side` the
# shape (events,). Rotate each event by its angle `phi`, in radian, from the x axis towards the y axis, and
# multiply the $\eta$ of all its particles by its `side`, which is +1 or −1. Return the new `px`, `py` and
# `eta`.


# %%
def turn(px, py, eta, phi, side):
    """Rotated momenta and mirrored pseudorapidities, each of shape (events, particles)."""
    ### BEGIN SOLUTION
    cos, sin = np.cos(phi)[:, None], np.sin(phi)[:, None]
    return cos * px - sin * py, sin * px + cos * py, side[:, None] * eta
    ### END SOLUTION


# %%
check("overfitting.turn", turn)

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - In the lesson, let `BestSoFar` watch one minus the validation AUC in place of the loss. Does early
#   stopping then help the test AUC? What does the loss say?
# - Add input dropout with the lecture's 0.8 to the network of the lesson. Eight inputs are few: what happens
#   when one of them is missing?
# - Repeat the price of peeking with 2000 validation showers in place of 200. By which factor does the bias
#   shrink, and why is it not ten?
# - The Kolmogorov–Smirnov check with 400 training events in place of 4000: does the forest still fail?
