# ---
# course:
#   title: A neural network
#   minutes: 75
#   objectives:
#     - write the forward pass and the backpropagation of a small network, and check the gradient
#     - say why a hidden layer needs an activation that bends, and choose one by its slope
#     - train a network to a curved border and compare it with a line, with a cut and with the best possible
#     - reproduce the network in Keras, weight for weight
#     - recognise identical, dead and starving neurons by two numbers
#   requires: [02_perceptron, 03_gradient_descent]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # A neural network
#
# A W boson of 400 GeV decays to two quarks. They fly so close to each other that the calorimeter sees one
# wide jet with two cores. A quark or gluon jet often has two cores as well, since it radiates. From the
# harder core to the softer one it is $\Delta\eta$ and $\Delta\phi$. Where in this plane are the W bosons?

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course import plot
from hepml_course.simulate import boosted_pairs

pairs, y = boosted_pairs(n=2000, rng=1)
names = ("quark or gluon", "W boson")
axes = (r"$\Delta\eta$", r"$\Delta\phi$ / rad")
ax = plot.scatter_classes(pairs[:1000], y[:1000], names=names)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
_ = ax.set(xlabel=axes[0], ylabel=axes[1], aspect="equal")

# %% [markdown] tags=["alt:previous"]
# Scatter plot of the second subjet's position around the first. W bosons form a ring of radius between 0.4
# and 0.6. Quarks and gluons fill the middle densely and thin out beyond the ring.

# %% [markdown]
# The mass of the W keeps its quarks apart: $\Delta R = m / (p_T\sqrt{s(1-s)}) \ge 2m/p_T$, where $s$ is
# the share of $p_T$ that one of them takes. `n` is the number of jets of each kind. Radiation prefers
# small angles. Distrust the rest: one $p_T$, no shower, a Gaussian for the detector. In exchange the
# density is known, and with it the best border there can be.

# %% [markdown]
# ## The simplest things: a line, and a cut
#
# First a line, from logistic regression: one neuron with a smooth step. Then what a physicist does: compute
# $\Delta R$ and ask for a window around the typical W. Both are chosen on the jets above and judged on
# new ones. The likelihood ratio says what is possible.
#
# Besides the accuracy we give the **AUC**: the probability that a W scores above a quark or gluon, if one of
# each is drawn. It needs no threshold. One half is a coin, 1 is perfect; lesson 05 is about it.
#
# **Predict before you run.** What accuracy does the best line reach?

# %%
from sklearn.linear_model import LogisticRegression

from hepml_course.metrics import accuracy, auc, best_cut
from hepml_course.simulate import boosted_pair_llr

new, y_new = boosted_pairs(n=10_000, rng=2)
middle = np.median(np.hypot(*pairs[y > 0].T))
off, off_new = (np.abs(np.hypot(*sample.T) - middle) for sample in (pairs, new))
line = LogisticRegression().fit(pairs, y)
scores = {  # signal is what lies above zero
    "straight line": line.decision_function(new),
    "window in ΔR": best_cut(off, y) - off_new,
    "likelihood ratio": boosted_pair_llr(new),
}

# %%
for name, score in scores.items():
    print(f"{name:17} AUC {auc(score, y_new > 0)}   accuracy {accuracy(score > 0, y_new)}")

# %% [markdown]
# A line cannot do better than a coin: the ring has no side. The window comes close to the limit, but
# somebody had to know that $\sqrt{\Delta\eta^2 + \Delta\phi^2}$ is the thing to cut on. In thirty dimensions
# nobody knows. Can a machine find it from the two coordinates?

# %% [markdown]
# ## Two neurons before the last one
#
# Back to a smaller problem, where lesson 02 got stuck: opposite and equal charges of two leptons. No line
# separates them. Two lines do.

# %%
from hepml_course.simulate import xor_points

leptons, opposite = xor_points(n=200, rng=5)


def fires(weights, bias, x):
    return np.where(x @ weights + bias >= 0, 1, 0)


h1 = fires([1, -1], -1.75, leptons)  # first positive, second negative
h2 = fires([-1, 1], -1.75, leptons)  # the other way round
out = fires([1, 1], -0.5, np.column_stack([h1, h2]))
print("accuracy", np.mean((out > 0) == (opposite > 0)))

# %% [markdown]
# Each of the first two neurons watches one corner of the plane, and the third asks whether one of them
# fired. The first two are a **hidden layer**: nobody says what they should return, as long as the last
# neuron can use it.
#
# **Question.** The step is taken out of the hidden neurons, so that they return their weighted sums. What
# can the three neurons do now? (a) the same, (b) what one neuron can, (c) nothing at all.

# %% [markdown] tags=["fold"]
# (b). A weighted sum of weighted sums is a weighted sum. Without something that bends between them, any
# number of layers is one layer.

# %% [markdown]
# ## What bends: activations
#
# We set these nine weights by hand. To learn them we want to follow a slope, as in lesson 03, and a step has
# none: a small change of a weight changes nothing, until it changes everything. So the step is replaced by
# something with a slope. These are the usual ones, each with its derivative.


# %%
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


ACTIVATIONS = {
    "step": (lambda z: np.heaviside(z, 1.0), np.zeros_like),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: np.heaviside(z, 0.0)),
    "leaky ReLU": (lambda z: np.maximum(z, 0.1 * z), lambda z: np.where(z > 0, 1.0, 0.1)),
    "ELU": (lambda z: np.where(z > 0, z, np.expm1(z)), lambda z: np.where(z > 0, 1.0, np.exp(z))),
}

# %% [markdown]
# A seventh is of another kind. A maxout neuron has several sets of weights and returns the largest of its
# sums; its slope is that of the winner. Here are three sets for one input.

# %%
slopes, biases = np.array([-1.0, 0.2, 1.0]), np.array([-1.5, 0.0, -1.0])


def maxout(x):
    sums = np.multiply.outer(slopes, x) + biases[:, None]
    return sums.max(axis=0), slopes[sums.argmax(axis=0)]


# %%
z = np.linspace(-4, 4, 401)
curves = {name: (f(z), slope(z)) for name, (f, slope) in ACTIVATIONS.items()} | {"maxout": maxout(z)}
fig, panels = plt.subplots(2, 4, figsize=(10, 4.6), sharex=True, sharey=True)
for ax, (name, (value, slope)) in zip(panels.flat, curves.items(), strict=False):
    ax.plot(z, value, label="value")
    ax.plot(z, slope, "--", label="derivative")
    ax.set(title=name, xlabel="weighted sum z", ylim=(-1.3, 2.3))
panels[1, 3].set_axis_off()
_ = fig.legend(*panels[0, 0].get_legend_handles_labels(), loc=(0.82, 0.2))

# %% [markdown] tags=["alt:previous"]
# Seven panels with an activation and, dashed, its derivative. The step has derivative zero. Sigmoid and tanh
# level off on both sides, and their derivatives are bumps of height one quarter and one. ReLU is zero on the
# left and rises on the right, with derivative zero and one; leaky ReLU and ELU keep a slope on the left.
# Maxout is a broken line of three pieces with three constant slopes.

# %% [markdown]
# Read the dashed lines: they decide how well a network learns. A sigmoid never has a slope above one
# quarter, and far from zero it has none. A ReLU has slope one or nothing. Both facts come back at the end,
# as failures.

# %% [markdown]
# ## The forward pass
#
# A layer is a table of weights, one column per neuron, and a row of biases. A network is a list of layers. It
# starts from random numbers: a neuron with $n$ inputs gets weights of size $1/\sqrt n$, so that its sum is of
# order one if the inputs are. The function $f$ bends.

# %%
from itertools import pairwise


def start(sizes, rng):
    rng = np.random.default_rng(rng)
    return [(rng.normal(0, 1 / np.sqrt(n), (n, m)), np.zeros(m)) for n, m in pairwise(sizes)]


def forward(net, x, f=np.tanh):
    z, a = [], [x]
    for weights, biases in net:
        z.append(a[-1] @ weights + biases)
        a.append(f(z[-1]))
    return z, a


# %% [markdown]
# All events go through at once: rows are events, columns are neurons. We keep the weighted sums $z$ and the
# outputs $a$ of every layer, because we need them again on the way back. The last sum is the answer, and its
# sigmoid is the probability of signal; the last $a$ is not used. A network 2–3–1 on five lepton pairs:

# %%
net = start([2, 3, 1], rng=0)
z, a = forward(net, leptons[:5])
print("shapes of z", [layer.shape for layer in z])
print("probability of opposite charges", np.round(sigmoid(z[-1][:, 0]), 3))

# %% [markdown]
# ## The loss
#
# Let $t$ be 1 for signal and 0 for background, and $p$ the probability that the network gives to signal. The
# likelihood of one event is $p^t(1-p)^{1-t}$; minus its logarithm, averaged over the events, is the
# **cross-entropy**. With $p = 1/(1 + e^{-z})$ it becomes $\ln(1 + e^z) - t z$, which never
# takes the logarithm of zero.


# %%
def loss(net, x, t, f=np.tanh):
    z = forward(net, x, f)[0][-1][:, 0]
    return np.mean(np.logaddexp(0, z) - t * z)


t = (opposite > 0).astype(float)
print(f"cross-entropy at the start {loss(net, leptons, t):.3f}, of a coin {np.log(2):.3f}")

# %% [markdown]
# Why not the squared error $(p - t)^2$? Take one signal event and look at both losses against $z$. Far to
# the left the network is sure, and wrong.

# %%
z = np.linspace(-8, 8, 200)
p = sigmoid(z)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.2))
left.plot(z, np.logaddexp(0, -z), label="cross-entropy")
left.plot(z, (p - 1) ** 2, "--", label="squared error")
right.plot(z, p - 1)
right.plot(z, 2 * (p - 1) * p * (1 - p), "--")
left.set(xlabel="weighted sum z of the output", ylabel="loss of one signal event")
right.set(xlabel="weighted sum z of the output", ylabel="slope of the loss")
_ = left.legend()

# %% [markdown] tags=["alt:previous"]
# Left: the cross-entropy of a signal event rises like a straight line towards negative z, the squared error
# levels off at one. Right: the slope of the cross-entropy goes to minus one there, that of the squared error
# has a dip near z of minus one and returns to zero.

# %% [markdown]
# Where the network is most wrong, the squared error has no slope left: the factor $p(1-p)$ of the sigmoid
# eats it. The cross-entropy cancels exactly this factor, and its slope is as simple as can be: $p - t$.
# Lesson 01 measured what that is worth.

# %% [markdown]
# ## The way back: the chain rule
#
# One event, one input, one hidden neuron: $x \to z_1 = w_1 x \to a = \tanh z_1 \to z_2 = w_2 a \to L$. By
# how much does $L$ move when $w_1$ does? Multiply the slopes along the way, starting at the end.

# %%
x, w1, w2, truth = 0.5, 0.8, -1.2, 1.0
z1 = w1 * x
a1 = np.tanh(z1)
z2 = w2 * a1

dL_dz2 = sigmoid(z2) - truth
dL_dw2 = dL_dz2 * a1  # z2 = w2 a1
dL_da1 = dL_dz2 * w2
dL_dz1 = dL_da1 * (1 - np.tanh(z1) ** 2)
dL_dw1 = dL_dz1 * x  # z1 = w1 x
print(f"dL/dw1 = {dL_dw1:.6f}   dL/dw2 = {dL_dw2:.6f}")

# %% [markdown]
# Two steps repeat. Once $\partial L/\partial z$ of a sum is known, the slope for its weight is that times
# what the weight was multiplied with (`dL_dw2`, `dL_dw1`). The slope for the sum one layer below is that
# times the weight and $f'$ (`dL_da1`, `dL_dz1`). With many neurons and events the products become products
# of matrices, and that is all of **backpropagation**:


# %%
def backward(net, z, a, t, slope=ACTIVATIONS["tanh"][1], output=sigmoid):
    delta = (output(z[-1]) - t[:, None]) / len(t)
    gradient = []
    for k in reversed(range(len(net))):
        gradient.insert(0, (a[k].T @ delta, delta.sum(axis=0)))
        if k > 0:
            delta = delta @ net[k][0].T * slope(z[k - 1])
    return gradient


# %% [markdown]
# `delta` is $\partial L/\partial z$ for the sums of one layer, shape (events, neurons). Going down one
# layer it is multiplied by the weights, transposed because we walk them the other way, and by the slope of
# the activation. Nothing is computed twice. The loss enters in the first line only; with the identity in
# place of the sigmoid it is half the squared error of a regression.

# %% [markdown]
# ## Trust, and check
#
# A wrong gradient does not crash. It trains, a little worse. So every gradient is compared once with the one
# that needs no thinking: move each weight by $\pm h$ and look at the loss.


# %%
def differences(net, x, t, h):
    result = []
    for array in (array for layer in net for array in layer):
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + h
            up = loss(net, x, t)
            array[place] = kept - h
            slope[place] = (up - loss(net, x, t)) / (2 * h)
            array[place] = kept
        result.append(slope)
    return result


# %% [markdown]
# **Predict before you run.** The smaller $h$, the better? What does the curve do at $h = 10^{-14}$?


# %%
def flat(arrays):
    return np.concatenate([np.ravel(array) for array in arrays])


net = start([2, 5, 3, 1], rng=1)
exact = flat(array for layer in backward(net, *forward(net, leptons), t) for array in layer)
steps = 10.0 ** np.arange(-14, 0)
error = [np.abs(flat(differences(net, leptons, t, h)) - exact).max() for h in steps]
ax = plt.figure().subplots()
ax.loglog(steps, error, "o-")
_ = ax.set(xlabel="step h", ylabel="largest difference to backpropagation")

# %% [markdown] tags=["alt:previous"]
# Largest difference between both gradients against the step, both axes logarithmic: a V. From the right the
# difference falls with the square of the step down to about ten to the minus eleven near a step of ten to
# the minus five, then rises again towards smaller steps.

# %% [markdown] tags=["fold"]
# From the right the error falls like $h^2$, the term that central differences neglect. From the left it
# falls like $1/h$: two losses that agree in almost all digits are subtracted, and the rounding error of the
# last one is divided by $h$. The best is in between.

# %%
best = min(error)
print("agree to 1e-9:", bool(best < 1e-9))

# %% [markdown]
# ## What a gradient costs
#
# Central differences need two forward passes *for each weight*. Backpropagation needs one, and the way back,
# which multiplies each table of weights twice: once for its own slope, once for the layer before. So we
# expect about three forward passes, for ten weights or for a million. Lecture 004 says that this is what
# makes training possible. We measure, over a factor of a thousand in weights. The shortest of many runs
# counts: whatever else the computer does can only add to it.

# %% tags=["training"]
import time

from threadpoolctl import threadpool_limits

_ = threadpool_limits(1)  # one processor: the clock is steadier, and small tables gain nothing from two


def seconds(work, repeat=25):
    spent = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begin)
    return min(spent)


# %% tags=["training"]
x = np.random.default_rng(0).normal(size=(500, 20))
t20 = (x.sum(axis=1) > 0).astype(float)
nets = [start([20, n, n, 1], rng=1) for n in (4, 12, 35, 100, 300)]
n_weights = np.array([sum(w.size + b.size for w, b in net) for net in nets])


def cost_of(net, weights):
    once = seconds(lambda: forward(net, x))
    back = seconds(lambda: backward(net, *forward(net, x), t20))
    apart = 2 * weights * seconds(lambda: loss(net, x, t20))
    return back / once, apart / back


rounds = np.array([list(map(cost_of, nets, n_weights)) for _ in range(7)])
ratio, gain = rounds[..., 0], rounds[..., 1]

# %% tags=["training"]
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4))
left.errorbar(n_weights, ratio.mean(axis=0), ratio.std(axis=0) / np.sqrt(7), fmt="o")
left.set(xscale="log", ylim=(0, 6), xlabel="number of weights", ylabel="gradient / forward pass")
left.axhline(3, color="k", ls="--")
right.loglog(n_weights, gain.mean(axis=0), "o")
_ = right.set(xlabel="number of weights", ylabel="differences / backpropagation")

# %% [markdown] tags=["alt:previous"]
# Left: time of a gradient over time of a forward pass against the number of weights, between two and four
# everywhere, with a dashed line at three. Right: time of central differences over time of backpropagation,
# rising in proportion to the number of weights, to several ten thousand.

# %% [markdown]
# The time of the differences is that of one forward pass, times two, times the number of weights; we do not
# wait for it.

# %% tags=["training"]
from hepml_course.claims import claim

mean, error = ratio.mean(axis=0), ratio.std(axis=0, ddof=1) / np.sqrt(7)
top = mean.argmax()
claim("backprop-is-cheap", mean[top], error[top])
assert mean[top] > 1

# %% tags=["training"]
exponents = [np.polyfit(np.log(n_weights), np.log(one), 1)[0] for one in ratio]
claim("backprop-any-size", np.mean(exponents), np.std(exponents, ddof=1) / np.sqrt(7))

# %% tags=["training"]
each = gain / n_weights
low = each.mean(axis=0).argmin()
claim("backprop-beats-differences", each.mean(axis=0)[low], each.std(axis=0, ddof=1)[low] / np.sqrt(7))

# %% [markdown]
# The price is memory: backpropagation keeps the outputs of every layer for every event until it comes back
# to them. That is why batches are small on graphics cards.

# %% [markdown]
# ## Training
#
# Step against the gradient, keep every network on the way. Two hidden neurons, as in our solution by hand.


# %%
def train(net, x, t, eta, steps, act=ACTIVATIONS["tanh"]):
    f, slope = act
    path = [net]
    for _ in range(steps):
        gradient = backward(net, *forward(net, x, f), t, slope)
        net = [(w - eta * dw, b - eta * db) for (w, b), (dw, db) in zip(net, gradient, strict=True)]
        path.append(net)
    return path


# %% tags=["training"]
path = train(start([2, 2, 1], rng=12), leptons, t, eta=0.5, steps=300)
right_side = np.mean((forward(path[-1], leptons)[0][-1][:, 0] > 0) == (opposite > 0))
print(f"loss {loss(path[0], leptons, t):.3f} -> {loss(path[-1], leptons, t):.3f}, accuracy {right_side:.3f}")
assert right_side > 0.95

# %% [markdown]
# Move the slider through the steps. Left, the border of the network and dashed the lines of its two hidden
# neurons. Right, the same events as the hidden layer hands them on: this is all the last neuron sees, and it
# still draws a straight line.

# %% tags=["widget"]
from hepml_course.widgets import network_steps

charge_axes = ("first lepton, $q/p_T$ / (50 GeV)$^{-1}$", "second lepton, $q/p_T$ / (50 GeV)$^{-1}$")
chosen = [0, 1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 50, 60, 80, 100, 140, 200, 300]
charges = ("equal charges", "opposite charges")
network_steps(
    leptons, opposite, path, forward, steps=chosen, names=charges, axes=charge_axes, still=len(chosen) - 1
)

# %% [markdown] tags=["alt:previous"]
# After 300 steps. Left: four clouds in four quadrants; the border separates the two with opposite charges
# from the two with equal ones and runs along the lines of the two hidden neurons. Right: the
# plane of the two hidden neurons. Opposite charges have moved to one corner, equal ones to two others, and a
# straight line separates them.

# %% [markdown]
# The hidden layer does not classify. It moves the events to where a line suffices. That is what is learned,
# and what nobody had to think of.
#
# **Predict before you run.** We chose a start that works. Of twenty random starts with 2, 3, 4 and 8 hidden
# neurons, how many solve the problem?

# %% tags=["training"]
solved = {}
for hidden in (2, 3, 4, 8):
    ends = [train(start([2, hidden, 1], rng), leptons, t, 0.5, 500)[-1] for rng in range(20)]
    right = [np.mean((forward(net, leptons)[0][-1][:, 0] > 0) == (opposite > 0)) for net in ends]
    solved[hidden] = np.sum(np.array(right) > 0.99)
    print(f"{hidden} hidden neurons: {solved[hidden]} of 20 starts, the worst is right on {min(right):.2f}")
assert solved[2] < solved[8]
assert solved[8] >= 18

# %% [markdown] tags=["training"]
# Two neurons are enough to *represent* the solution and find it in {{ solved[2] }} of 20 starts; most others
# end with one corner on its wrong side. Three find it in {{ solved[3] }}: the more neurons, the likelier that
# two of them start well. A network is made larger than the problem so that it can be trained, not only so
# that it can express more.

# %% [markdown]
# ## The ring
#
# Now the jets. More events, so mini-batches, as in lesson 03; inputs in units of their spread.

# %%
spread = pairs.std(axis=0)
jets, jets_new, t_jets = pairs / spread, new / spread, (y > 0).astype(float)


def train_batches(net, x, t, eta, epochs, batch, rng):
    rng = np.random.default_rng(rng)
    for _ in range(epochs):
        for rows in np.split(rng.permutation(len(t)), len(t) // batch):
            net = train(net, x[rows], t[rows], eta, steps=1)[-1]
    return net


# %% [markdown]
# **Predict before you run.** Each hidden neuron draws one line. How many does it take to close a border
# around the middle? And what does the AUC do beyond?

# %% tags=["training"]
sizes, trained, areas = (1, 2, 3, 4, 6, 8, 16), {}, {}
for hidden in sizes:
    trained[hidden] = train_batches(start([2, hidden, 1], 3), jets, t_jets, 0.5, 100, 50, rng=3)
    areas[hidden] = auc(forward(trained[hidden], jets_new)[0][-1][:, 0], y_new > 0)
ax = plt.figure().subplots()
ax.errorbar(sizes, [a.value for a in areas.values()], [a.error for a in areas.values()], fmt="o-")
for (name, score), style in zip(scores.items(), (":", "-.", "--"), strict=True):
    ax.axhline(auc(score, y_new > 0).value, color="k", ls=style, label=name)
ax.legend(loc="center right")
_ = ax.set(xscale="log", xlabel="hidden neurons", ylabel="AUC on new jets", xticks=sizes, xticklabels=sizes)

# %% [markdown] tags=["alt:previous"]
# AUC on new jets against the number of hidden neurons: one half for one neuron, where the straight line is,
# about three quarters for three, then rising towards the dashed line of the likelihood ratio, which
# it does not quite reach with sixteen. The window in Delta R lies just below the likelihood ratio.

# %% tags=["training"]
network = forward(trained[16], jets_new)[0][-1][:, 0]
for name, score in (scores | {"network, 16": network}).items():
    print(f"{name:17} AUC {auc(score, y_new > 0)}   accuracy {accuracy(score > 0, y_new)}")
reached, limit = (auc(one, y_new > 0).value for one in (network, scores["likelihood ratio"]))
way = (reached - 0.5) / (limit - 0.5)
assert way > 0.85

# %% [markdown] tags=["training"]
# Three lines close a triangle around the middle. The further ones round it off and draw the outer border,
# which the triangle leaves out. Sixteen neurons bring
# {{ 100 * way:.0f }} % of the way from a coin to the limit. The network was given two coordinates and four
# thousand examples; the window was given $\Delta R$, and needs two parameters. Where the right variable is
# known, use it.
#
# What has it learned?

# %% tags=["training"]
ax = plot.scatter_classes(pairs[:600], y[:600], names=names, alpha=0.25)
for hidden, style in ((3, ":"), (16, "-")):
    plot.decision_curve(
        lambda x, net=trained[hidden]: forward(net, x / spread)[0][-1][:, 0], ax=ax, linestyles=style
    )
plot.decision_curve(boosted_pair_llr, ax=ax, linestyles="--", colors="gray")
for style, name in ((":", "3 neurons"), ("-", "16 neurons"), ("--", "likelihood ratio")):
    ax.plot([], [], style, color="gray" if style == "--" else "k", label=name)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
_ = ax.set(xlabel=axes[0], ylabel=axes[1], aspect="equal")

# %% [markdown] tags=["alt:previous"]
# The jets with three borders. Two dashed circles of the likelihood ratio enclose the ring. The dotted border
# of three neurons is one rounded triangle around the middle. The solid one of sixteen neurons follows the
# inner circle closely and the outer one with some bumps.

# %% [markdown]
# ## The same network in Keras
#
# Nobody trains with the lines above. Keras does the same with more comfort and more speed for large networks.
# Is it the same? Give it our weights. Keras computes in single precision unless told otherwise, so we ask
# for `float64`.

# %% tags=["training"]
import keras

model = keras.Sequential(
    [
        keras.Input((2,), dtype="float64"),
        keras.layers.Dense(16, activation="tanh", dtype="float64"),
        keras.layers.Dense(1, dtype="float64"),
    ]
)
model.set_weights([array for layer in trained[16] for array in layer])
theirs = keras.ops.convert_to_numpy(model(jets_new))[:, 0]
print("outputs agree to 1e-6:", np.abs(theirs - network).max() < 1e-6)
assert np.abs(theirs - network).max() < 1e-6

# %% [markdown]
# And the gradient? One step of plain gradient descent with rate 1 moves the weights by exactly minus the
# gradient.

# %% tags=["training"]
cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64")
model.compile(optimizer=keras.optimizers.SGD(learning_rate=1.0), loss=cross_entropy)
before = flat(model.get_weights())
model.train_on_batch(jets, t_jets[:, None])
theirs = before - flat(model.get_weights())
ours = flat(array for layer in backward(trained[16], *forward(trained[16], jets), t_jets) for array in layer)
print("gradients agree to 1e-6:", np.abs(theirs - ours).max() < 1e-6)
assert np.abs(theirs - ours).max() < 1e-6

# %% [markdown]
# Outputs and gradients agree. From here on the course uses Keras and knows what it does. In single precision,
# the usual choice, both would agree to some $10^{-6}$ of their size, no better: seven digits are all there
# are.

# %% [markdown]
# ## A playground
#
# Everything so far, to be played with. Press *run*. Blue is signal, orange background; a small square shows
# what a neuron says over the whole plane, a line is a weight, its width the size, its colour the sign. The
# idea and the choices are those of playground.tensorflow.org; here it runs on our own arithmetic. If
# nothing moves, run the cell again.

# %% tags=["widget"]
from hepml_course.widgets import playground

playground(sample="boosted pairs", hidden=(8,), epochs=200)

# %% [markdown] tags=["alt:previous"]
# The playground after 200 epochs on the boosted pairs: two inputs, eight hidden neurons that each split
# their square by a straight line, lines for the weights, and an output that is orange in the middle, blue
# around it and in places orange again at the edge, with the events on top. Below, the training loss falls;
# the test loss stays above it.

# %% [markdown]
# Things to try, each in a minute:
#
# 1. *boosted pairs*, one hidden layer: the smallest number of neurons that closes the border. Then
#    *other start*, a few times.
# 2. Only x1² and x2² as inputs. How many hidden neurons are enough now, and why?
# 3. *ReLU* instead of *tanh*: look at the corners of the border.
# 4. *spirals* with x1 and x2, one layer of eight, then two. Then one layer, with sin x1 and sin x2 as well.
# 5. *boosted pairs*, two layers of eight, 500 epochs: watch the dashed line. Then a penalty L2 of 0.001.
# 6. The learning rate at 10.

# %% [markdown] tags=["fold"]
# 1: three can, and most starts leave a gap; five close it more often. 2: two. A weighted sum of squares is a
# circle, and the ring has two of them; the circle was put in by hand. 3: tanh bends gently, ReLU has
# corners. 4: one layer of eight does not get there, two do after some 250 epochs; with the sines one layer
# is enough. 5: the test loss turns up again while the training loss falls: the network learns these
# events by heart, which is lesson 06. The penalty keeps it down. 6: the loss jumps, and with ReLU some maps
# go blank for good; see below.

# %% [markdown]
# ## How much can it express?
#
# In one dimension one can see it. A muon neutrino flies $L$ = 1300 km. With two flavours and full mixing
# it survives as such with probability $1 - \sin^2(1.267\,\Delta m^2 L/E)$ for $\Delta m^2$ in eV², $L$ in
# km and $E$ in GeV; we take $\Delta m^2 = 2.5\cdot10^{-3}$. Towards low energies it oscillates faster and
# faster. The input $u$ is $\ln E$, shifted and scaled to mean zero and spread one. One ReLU bends a line
# once. So $n$ of them, one bend at each of $n$ energies, draw any polygon: the weights follow from the
# slopes, no training needed.

# %%
energy = np.geomspace(0.4, 6, 400)  # GeV
survival = 1 - np.sin(1.267 * 2.5e-3 * 1300 / energy) ** 2
u = np.log(energy) / np.log(energy).std()
u -= u.mean()


def polygon(knots, values, u):
    slopes = np.diff(values) / np.diff(knots)
    bends = np.diff(slopes, prepend=0)
    return values[0] + np.maximum(u[:, None] - knots[:-1], 0) @ bends


# %%
widths = np.array([8, 16, 32, 64, 128])
fig, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.4))
left.plot(energy, survival, color="k", label="truth")
deviation = []
for n in widths:
    knots = np.linspace(u[0], u[-1], n + 1)
    drawn = polygon(knots, np.interp(knots, u, survival), u)
    deviation.append(np.sqrt(np.mean((drawn - survival) ** 2)))
    if n == 16:
        left.plot(energy, drawn, "--", label="16 ReLUs")
left.set(xscale="log", xlabel="neutrino energy / GeV", ylabel="survival probability")
left.set_xticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
left.minorticks_off()
left.legend(loc="upper left", bbox_to_anchor=(0, 1.2), ncols=2)
right.loglog(widths, deviation, "o-")
_ = right.set(xlabel="hidden neurons", ylabel="r.m.s. deviation")

# %% [markdown] tags=["alt:previous"]
# Left: survival probability against energy, oscillating between zero and one faster and faster towards 0.4
# GeV, and a polygon of 16 hidden neurons that follows the wide waves and cuts the narrow ones. Right:
# deviation against the number of neurons, both logarithmic: slow at first, then a straight, steeper fall.

# %% [markdown]
# As soon as there are a few bends per oscillation, twice the neurons leave a quarter of the deviation. One
# hidden layer comes as close as one likes to any continuous function on a bounded interval: that is the
# **universal approximation theorem**, in one dimension and by construction. It says nothing about how many
# neurons, and nothing about finding them.
#
# Depth is cheaper, for some functions. A layer of two ReLUs folds the interval in half; each further one
# folds what is folded. One layer alone needs a ReLU for each bend and one more for the slope it begins with.

# %%
v = np.linspace(0, 1, 4097)
folded = v
for layers in range(1, 7):
    folded = 2 * np.maximum(folded, 0) - 4 * np.maximum(folded - 0.5, 0)
    pieces = 1 + np.count_nonzero(np.abs(np.diff(folded, 2)) > 1e-9)
    print(
        f"{2 * layers:2d} neurons, 2 in each layer: {pieces:2d} pieces; one layer needs {pieces:2d} neurons"
    )

# %% [markdown]
# Neurons beside each other add bends, layers behind each other multiply them. So much for what *can* be
# expressed.
#
# **Predict before you run.** Networks of one, two and three hidden layers, all with some 120 weights, are
# trained on the neutrino's curve, five starts each, with tanh and with ReLU. Who wins? For comparison: the
# polygon of 40 ReLUs above, made without training.

# %% [markdown]
# Plain descent would take too long here. SciPy's `minimize` knows better methods (L-BFGS learns the
# curvature on its way) and asks for no more than the loss and our gradient, as one vector.

# %%
from scipy.optimize import minimize


def layers_of(vector, sizes):
    net, used = [], 0
    for n, m in pairwise(sizes):
        weights, biases = np.split(vector[used : used + (n + 1) * m], [n * m])
        net.append((weights.reshape(n, m), biases))
        used += (n + 1) * m
    return net


def half_square(vector, sizes, x, t, f, slope):
    net = layers_of(vector, sizes)
    z, a = forward(net, x, f)
    gradient = backward(net, z, a, t, slope, output=lambda z: z)
    return np.mean((z[-1][:, 0] - t) ** 2) / 2, flat(array for layer in gradient for array in layer)


# %% tags=["training"]
def fitted_deviation(hidden, activation, seed):
    sizes, rng = [1, *hidden, 1], np.random.default_rng(seed)
    first = flat(array for layer in start(sizes, rng) for array in layer)
    first[first == 0] = rng.normal(size=np.sum(first == 0))  # biases: bends in different places
    settings = (sizes, u[::2, None], survival[::2], *ACTIVATIONS[activation])
    limits = {"maxiter": 500, "ftol": 1e-15, "gtol": 1e-9}
    end = minimize(half_square, first, settings, method="L-BFGS-B", jac=True, options=limits)
    fitted = forward(layers_of(end.x, sizes), u[:, None], ACTIVATIONS[activation][0])[0][-1]
    return np.sqrt(np.mean((fitted[:, 0] - survival) ** 2))


# %% tags=["training"]
shapes = ((40,), (9, 9), (7, 7, 6))
tried = {}
for activation in ("tanh", "ReLU"):
    for hidden in shapes:
        starts = [fitted_deviation(hidden, activation, seed) for seed in range(5)]
        tried[activation, len(hidden)] = starts
        print(f"{activation}  {hidden!s:10} deviation", *(f"{one:.3f}" for one in sorted(starts)))
ahead = np.sum(np.sort(tried["tanh", 2]) < np.sort(tried["tanh", 1]))
assert np.median(tried["tanh", 1]) < np.median(tried["ReLU", 1])

# %%
knots = np.linspace(u[0], u[-1], 41)
by_hand = polygon(knots, np.interp(knots, u, survival), u)
print(f"polygon of 40 ReLUs, by hand     {np.sqrt(np.mean((by_hand - survival) ** 2)):.3f}")

# %% [markdown] tags=["training"]
# Look at the spread first: of five starts of the *same* shape, the best and the worst lie further apart than
# one layer and three. Compare the rows place by place, best with best and worst with worst: two layers of
# tanh are ahead of one in {{ ahead }} of 5 places, which with so few starts may be luck. The ReLUs lag
# behind. Above all, no trained layer of 40 ReLUs reaches the same layer with weights set by hand: the
# solution exists, and the training does not find it.
#
# So when a network fails, ask whether it was too small *or badly trained*. Here it was the second.
# Where depth wins for good is in data with parts made of parts, as images are; lesson 13 measures it.

# %% [markdown]
# ## Three ways to fail, and how to notice
#
# **All weights alike.** Zero was a fine start for the perceptron. **Predict:** eight hidden neurons, all
# weights 0.5 at the start. What do the eight look like after 500 steps on the leptons?

# %%
alike = [(np.full((2, 8), 0.5), np.zeros(8)), (np.full((8, 1), 0.5), np.zeros(1))]
end = train(alike, leptons, t, eta=0.5, steps=500)[-1]
print("different columns of weights:", len(np.unique(np.round(end[0][0], 6), axis=1).T))
print(f"loss {loss(end, leptons, t):.2f}")

# %% [markdown]
# Equal neurons get equal gradients and stay equal for ever: eight neurons that are one. That is why the
# weights start from random numbers. Notice it by counting the different columns
# of weights, as above.
#
# **Slopes that vanish.** Eight hidden layers of twenty neurons, one backward pass on the jets, and the
# typical gradient in each layer.

# %%
ax = plt.figure().subplots()
for name in ("sigmoid", "tanh", "ReLU"):
    f, slope = ACTIVATIONS[name]
    deep = start([2, *[20] * 8, 1], rng=1)
    gradient = backward(deep, *forward(deep, jets, f), t_jets, slope)
    size = [np.sqrt(np.mean(dw**2)) for dw, _ in gradient]
    ax.semilogy(range(1, 10), size, "o-", label=name)
ax.legend()
_ = ax.set(xlabel="layer, counted from the inputs", ylabel="r.m.s. gradient of its weights")

# %% [markdown] tags=["alt:previous"]
# Size of the gradient in each of nine layers on a logarithmic scale. For tanh and ReLU it is about level
# from the first to the eighth layer. For the sigmoid it falls by a factor of about four per layer towards
# the inputs, over six orders of magnitude.

# %% [markdown]
# On the way down the gradient is multiplied by weights, here of size $1/\sqrt n$, which keep its size, and
# by the slope, a quarter at most for a sigmoid. In the first layer next to nothing is left, and the
# network trains its last layers on what random ones hand them. Notice it by this plot: the gradient's size
# layer by layer, in the first epoch. The cure is an activation with slope one, and weights that start at
# the right size.
#
# **Neurons that die.** A ReLU whose sum is negative for every event has slope zero for every event: no
# gradient, no change, for ever. A learning rate too large throws neurons there.

# %% tags=["training"]
dead, relu = {}, ACTIVATIONS["ReLU"]
for eta in (0.3, 1.0, 3.0, 10.0):
    starts = [start([2, 16, 1], rng) for rng in (1, 2, 3)]
    ends = [train(net, jets, t_jets, eta, 300, relu)[-1] for net in starts]
    dead[eta] = np.mean([(forward(net, jets)[0][0] <= 0).all(axis=0) for net in ends])
    final = np.mean([loss(net, jets, t_jets, relu[0]) for net in ends])
    print(f"eta {eta:4}   dead neurons {100 * dead[eta]:2.0f} %   loss {final:.3f}")
assert dead[0.3] < 0.1
assert dead[10.0] > 0.2

# %% [markdown]
# Notice it by counting, over the training events, the neurons that never fire. A loss above that of a
# coin, {{ np.log(2):.3f }}, comes with it here, but a rate too large alone can do that. Leaky ReLU and ELU
# keep a slope on the left, so their neurons can come back.
#
# **Question.** Your deep network stays at the loss of a coin from the first epoch on. Which of these do you
# look at first? (a) a larger network, (b) more epochs, (c) the size of the gradient in each layer.

# %% [markdown] tags=["fold"]
# (c), it takes a minute. A gradient of zero says that neither (a) nor (b) will change anything.

# %% [markdown]
# ## Summary
#
# - A hidden layer moves the events to where a straight line suffices. It needs an activation that bends.
# - Forward: $a' = f(aW + b)$. Backward: $\partial L/\partial z$ times $W^T$ times $f'$ is that of the layer
#   below. Times what the weight was multiplied with, it is the weight's slope. It all starts from $p - t$,
#   thanks to the cross-entropy.
# - A gradient costs a few forward passes, whatever the number of weights. Check it once against differences.
# - Two neurons can express XOR and often do not find it. Larger networks are easier to train.
# - On the ring the network comes close to the likelihood ratio from raw coordinates. A cut on the right
#   variable does it with two parameters, if somebody knows the variable.
# - One layer, wide enough, can come as close as one likes to any continuous function on a bounded interval.
#   Whether the training finds it is another question.
# - Look at the gradients of each layer and count the neurons that never fire.
#
# Now write it yourself: `exercises/04_neural_network.ipynb`.
