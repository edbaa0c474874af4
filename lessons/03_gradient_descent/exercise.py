# ---
# course:
#   title: Gradient descent, written by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Gradient descent, written by you
#
# Eight small functions, from the gradient to Adam. Write your answer in place of the `...`, run the cell, run
# the check below it. A check can be run as often as you like. If you are stuck, open a cell of your own and
# ask for help, more than once if needed:
#
#     hint("descent.gradient")
#
# Everywhere below, `w` holds the parameters. In tasks 1 and 2 they belong to a straight line; from then on
# any loss will do, and your walks are given its gradient as a function.

# %%
import numpy as np

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.simulate import drift_tube

# %% [markdown]
# ### 1 The gradient
#
# The loss is half the mean squared distance between prediction and measurement. Return its gradient, one
# number for each parameter.
#
# $$ L = \frac{1}{2n}\sum_i (\vec w\cdot\vec x_i - d_i)^2 $$


# %%
def gradient(w, x, d):
    """Gradient, shape (k,), from parameters w (k,), events x (n, k) and measurements d (n,)."""
    ### BEGIN SOLUTION
    return (x @ w - d) @ x / len(d)
    ### END SOLUTION


# %%
check("descent.gradient", gradient)

# %% [markdown]
# ### 2 The numerical check
#
# The slope of any function $f$ along each axis, from a step $h$ to both sides:
#
# $$ \frac{f(\vec w + h\,\vec e_j) - f(\vec w - h\,\vec e_j)}{2h} $$


# %%
def numerical(f, w, h):
    """Slopes, shape (k,), of a function f at w (k,)."""
    ### BEGIN SOLUTION
    steps = h * np.eye(len(w))
    return np.array([(f(w + s) - f(w - s)) / (2 * h) for s in steps])
    ### END SOLUTION


# %%
check("descent.numerical", numerical)

# %% [markdown]
# ### 3 The largest rate
#
# Given the matrix of second derivatives at the minimum, return the learning rate above which plain descent
# diverges.


# %%
def largest_rate(hessian):
    """Largest learning rate, a number, for a symmetric matrix of shape (k, k)."""
    ### BEGIN SOLUTION
    return 2 / np.linalg.eigvalsh(hessian).max()
    ### END SOLUTION


# %%
check("descent.largest_rate", largest_rate)

# %% [markdown]
# ### 4 Errors from the curvature
#
# The same kind of matrix once more, now of second derivatives of $-\log L$ of the whole sample. Return the
# standard errors of the parameters, with all the others free.


# %%
def errors(hessian):
    """Standard errors, shape (k,), from second derivatives of -log L, shape (k, k)."""
    ### BEGIN SOLUTION
    return np.sqrt(np.diag(np.linalg.inv(hessian)))
    ### END SOLUTION


# %%
check("descent.errors", errors)

# %% [markdown]
# ### 5 Batches
#
# Cut one pass over $n$ events into batches: a list of arrays of indices. Every event comes once, in random
# order; the last batch may be smaller. Draw the order with `rng`, a `numpy.random.Generator`.


# %%
def batches(n, size, rng):
    """List of index arrays that together hold 0 ... n - 1 once each, in random order."""
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    return [order[i : i + size] for i in range(0, n, size)]
    ### END SOLUTION


# %%
check("descent.batches", batches)

# %% [markdown]
# ### 6 Downhill
#
# From now on `gradient` is a function of $\vec w$ alone that is handed to you. Make `steps` steps and return
# where you are then.
#
# $$ \vec w \leftarrow \vec w - \eta\,\nabla L(\vec w) $$


# %%
def descend(gradient, start, eta, steps):
    """Parameters after plain gradient descent from start."""
    ### BEGIN SOLUTION
    w = start
    for _ in range(steps):
        w = w - eta * gradient(w)
    return w
    ### END SOLUTION


# %%
check("descent.descend", descend)

# %% [markdown]
# ### 7 Momentum
#
# The velocity $\vec m$ is zero at the start.
#
# $$ \vec m \leftarrow \beta\,\vec m - \eta\,\nabla L(\vec w), \qquad \vec w \leftarrow \vec w + \vec m $$


# %%
def momentum(gradient, start, eta, beta, steps):
    """Parameters after descent with momentum from start."""
    ### BEGIN SOLUTION
    w, m = start, np.zeros_like(start)
    for _ in range(steps):
        m = beta * m - eta * gradient(w)
        w = w + m
    return w
    ### END SOLUTION


# %%
check("descent.momentum", momentum)

# %% [markdown]
# ### 8 Adam
#
# With $\beta_1 = 0.9$, $\beta_2 = 0.999$, $\epsilon = 10^{-7}$, both memories zero at the start and the steps
# counted from $k = 1$:
#
# $$ \vec m \leftarrow \beta_1 \vec m + (1-\beta_1)\,\vec g, \qquad
# \vec v \leftarrow \beta_2 \vec v + (1-\beta_2)\,\vec g^{\,2}, \qquad
# \vec w \leftarrow \vec w - \eta\,\frac{\vec m / (1-\beta_1^k)}{\sqrt{\vec v/(1-\beta_2^k)} + \epsilon} $$


# %%
def adam(gradient, start, eta, steps):
    """Parameters after Adam from start."""
    ### BEGIN SOLUTION
    w, m, v = start, np.zeros_like(start), np.zeros_like(start)
    for k in range(1, steps + 1):
        g = gradient(w)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        w = w - eta * m / (1 - 0.9**k) / (np.sqrt(v / (1 - 0.999**k)) + 1e-7)
    return w
    ### END SOLUTION


# %%
check("descent.adam", adam)

# %% [markdown]
# ### Together
#
# The cells below use your functions if their checks pass, and the course's own otherwise. Four hundred muons
# in a drift tube, as in the lesson, and three ways down: where is each after 0, 5, 10 … 60 steps?

# %%
gradient = answer_or_reference("descent.gradient", gradient)
descend = answer_or_reference("descent.descend", descend)
momentum = answer_or_reference("descent.momentum", momentum)
adam = answer_or_reference("descent.adam", adam)

# %%
time, distance = drift_tube(n=400, rng=21)
x = np.column_stack([np.ones(len(time)), time / 100])
start = np.array([4.0, 2.0])


def loss(w):
    return 0.5 * np.mean((w @ x.T - distance) ** 2, axis=-1)


def slope(w):
    return gradient(w, x, distance)


# %%
best = np.linalg.solve(x.T @ x, x.T @ distance)
ax = plot.loss_contours(loss, (-12, 8), (0, 10), best=best)
marks = range(0, 61, 5)
plot.descent_path([descend(slope, start, 0.2, n) for n in marks], ax=ax, label="plain")
plot.descent_path([momentum(slope, start, 0.05, 0.9, n) for n in marks], ax=ax, label="momentum")
plot.descent_path([adam(slope, start, 0.5, n) for n in marks], ax=ax, label="Adam")
ax.set(xlabel="offset / mm", ylabel="slope / (mm / 100 ns)")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Contours of the loss, long narrow ellipses, with three paths from the same start. Plain descent moves along
# the valley and is still on its way; momentum and Adam swing at first and are at the cross.

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Give momentum a $\beta$ of 0.5, 0.8 and 0.95, each at its best rate. Which one needs the fewest steps, and
#   what has it to do with the condition number?
# - Lower the rate of a mini-batch descent as $\eta / (1 + k / K)$, with $k$ the step and $K$ yours to
#   choose. How close to the closed form do you get, in standard errors?
# - `from hepml_course.simulate import muon_neutrinos`: does momentum leave the shallow valleys of the lesson?
#   Does Adam?
