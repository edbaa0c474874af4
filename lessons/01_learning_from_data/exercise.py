# ---
# course:
#   title: Learning from data, by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Learning from data, by you
#
# Seven short functions: the χ² and the fit of a line, a step of learning, a loss, a step of k-means, a
# step of Q-learning, and at the end a calibration with any method you like. Write your answer in place of
# the `...`, run the cell, run the check below it. A check can be run as often as you like. If you are
# stuck, open a cell of your own and ask for help, more than once if needed:
#
#     hint("learning.chi2")

# %%
import numpy as np

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.metrics import profile, relative_width
from hepml_course.simulate import calorimeter_deposits, measured_jets

# %% [markdown]
# ### 1 χ²
#
# How badly the line $a + b\,x$ misses the points $y \pm \sigma$: one number.


# %%
def chi2(a, b, x, y, error):
    """Chi-squared of the line a + b x; x, y and error are arrays of the same length."""
    ### BEGIN SOLUTION
    return np.sum(((y - a - b * x) / error) ** 2)
    ### END SOLUTION


# %%
check("learning.chi2", chi2)

# %% [markdown]
# ### 2 The line with the smallest χ²
#
# Its intercept and slope, and the uncertainties of both, by the formula of the lesson or by a library. Points
# with a small error count more. The uncertainties are those that the errors of the points imply, whatever χ²
# turns out to be.


# %%
def fit_line(x, y, error):
    """Four numbers: intercept a, slope b, and the uncertainties of a and of b."""
    ### BEGIN SOLUTION
    A = np.column_stack([np.ones(len(x)), x])
    C = np.linalg.inv(A.T / error**2 @ A)
    a, b = C @ (A.T / error**2) @ y
    return a, b, np.sqrt(C[0, 0]), np.sqrt(C[1, 1])
    ### END SOLUTION


# %%
check("learning.fit_line", fit_line)

# %%
fit_line = answer_or_reference("learning.fit_line", fit_line)

# %% [markdown]
# A look at it, on jets of the lesson. The line should run through the points.

# %%
jets = measured_jets(1000, rng=11)
points = profile(np.log(jets.true / 100), jets.measured / jets.true, np.linspace(-1.62, 2.31, 11))
ax = plot.line_through_points(*points, fit_line(*points)[:2])
_ = ax.set(xlabel=r"$\ln(p_T\,/\,100\ \mathrm{GeV})$", ylabel="mean response")

# %% [markdown] tags=["alt:previous"]
# Ten points with error bars that rise from left to right, and a straight line through them.

# %% [markdown]
# ### 3 One step of learning
#
# Now by learning, with the mean squared error as the loss, all points counting alike:
#
# $$ L(a, b) = \frac{1}{n}\sum_i (y_i - a - b\,x_i)^2 $$
#
# Return both parameters after one step down the gradient with learning rate `rate`. Both derivatives are
# taken at the old point.


# %%
def learning_step(a, b, x, y, rate):
    """The new a and the new b."""
    ### BEGIN SOLUTION
    miss = y - a - b * x
    return a + rate * 2 * np.mean(miss), b + rate * 2 * np.mean(miss * x)
    ### END SOLUTION


# %%
check("learning.learning_step", learning_step)

# %% [markdown]
# ### 4 Cross-entropy
#
# The mean over all events of $-\ln$ of the probability that the model gave to what happened. `y` holds 1
# for an electron and 0 for a jet, `p` the probability of an electron, between 0 and 1.


# %%
def cross_entropy(p, y):
    """Mean cross-entropy; p and y are arrays of the same length."""
    ### BEGIN SOLUTION
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    ### END SOLUTION


# %%
check("learning.cross_entropy", cross_entropy)

# %% [markdown]
# ### 5 A step of k-means
#
# Give each deposit to its nearest centre, then move each centre to the energy-weighted mean position of its
# deposits. A centre without deposits stays where it is.


# %%
def k_means_step(position, energy, centres):
    """New centres, shape (k, 2), from deposits at position (n, 2) with energy (n,) and old centres (k, 2)."""
    ### BEGIN SOLUTION
    distance = np.linalg.norm(position[:, None] - centres, axis=2)
    nearest = distance.argmin(axis=1)
    new = centres.copy()
    for k in range(len(centres)):
        mine = nearest == k
        if mine.any():
            new[k] = np.average(position[mine], axis=0, weights=energy[mine])
    return new
    ### END SOLUTION


# %%
check("learning.k_means_step", k_means_step)

# %%
k_means_step = answer_or_reference("learning.k_means_step", k_means_step)

# %% [markdown]
# Ten steps from a start between the clouds:

# %%
deposits = calorimeter_deposits(rng=11)
centres = np.array([[0.4, 0.4], [0.5, 0.5], [0.5, 0.7]])
for _ in range(10):
    centres = k_means_step(deposits.position, deposits.energy, centres)
_ = plot.deposits(deposits.position, deposits.energy, centres=centres)

# %% [markdown] tags=["alt:previous"]
# Three clouds of deposits in pseudorapidity and azimuth, with a cross in the middle of each.

# %% [markdown]
# ### 6 A step of Q-learning
#
# A particle in cell `s` made the move `m`, got the reward `r` and is now in cell `after`. Return a new
# table; leave the one you were given untouched. The table has a row for each cell and a column for each
# move.
#
# $$ Q(s, m) \leftarrow Q(s, m) + \alpha\,\bigl[\, r + \gamma \max_{m'} Q(s', m') - Q(s, m) \,\bigr] $$


# %%
def q_step(Q, s, m, r, after, alpha, gamma):
    """The new table, shape (cells, moves)."""
    ### BEGIN SOLUTION
    new = Q.copy()
    new[s, m] = Q[s, m] + alpha * (r + gamma * Q[after].max() - Q[s, m])
    return new
    ### END SOLUTION


# %%
check("learning.q_step", q_step)

# %% [markdown]
# ### 7 Calibrate jets
#
# Everything together, with a method of your choice: neighbours, a table of means, a line in each bin of
# $\eta$, whatever scikit-learn offers. `known` and `new` are jets. Of the known ones there are
# `known.measured`, `known.eta` and `known.true`; of the new ones only `new.measured` and `new.eta`. Return
# the corrected $p_T$ of the new jets.
#
# The check wants, for new jets between 40 and 500 GeV, a mean of corrected over true within 2 % of 1, and a
# relative width below 0.096. A line in $\ln p_T$ alone reaches about 0.105.


# %%
def calibrate(known, new):
    """Corrected transverse momentum of the new jets in GeV, shape (n,)."""
    ### BEGIN SOLUTION
    from sklearn.neighbors import KNeighborsRegressor

    def inputs(jets):
        return np.column_stack([np.log(jets.measured), np.abs(jets.eta)])

    model = KNeighborsRegressor(60).fit(inputs(known), known.true / known.measured)
    return new.measured * model.predict(inputs(new))
    ### END SOLUTION


# %%
check("learning.calibrate", calibrate)

# %%
calibrate = answer_or_reference("learning.calibrate", calibrate)
jets = measured_jets(10_000, rng=13)
ratio = calibrate(measured_jets(5000, rng=12), jets) / jets.true
middle = (jets.true > 40) & (jets.true < 500)
print(f"mean {ratio[middle].mean():.3f}, relative width {relative_width(ratio[middle])}")

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - In task 3, scale `rate` up until the steps run away. What is special about the value where they begin to?
# - Calibrate with your own method trained on `measured_jets(5000, rng=1, spectrum="falling")`. Where is it
#   wrong?
# - `from hepml_course.simulate import two_arcs`: how far may the hits scatter before label propagation is
#   worse than the nearest known hit?
