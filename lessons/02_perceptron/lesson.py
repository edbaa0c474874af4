# ---
# course:
#   title: The perceptron
#   minutes: 45
#   objectives:
#     - draw the line that a given weight vector stands for
#     - update the weights by hand for one misclassified event
#     - say when the rule stops, after how many updates at most, and when it never does
#     - tell what the learning rate changes and what it does not
#     - judge a line by its accuracy on new events, next to a cut and to the best that is possible
#   requires: [01_learning_from_data]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # The perceptron
#
# In a crystal calorimeter an electron makes a short, narrow shower. A jet, mostly hadrons, makes a longer
# and wider one. Two numbers per shower tell most of that story: how far the energy spreads sideways, and how
# deep it is densest. Below are two hundred showers of each kind. Where would you draw the line?

# %%
from hepml_course import plot
from hepml_course.simulate import electrons_and_jets

x, y = electrons_and_jets(n=200, rng=2)
names = ("jet", "electron")
axes = ("lateral width / cm", "depth of shower maximum / $X_0$")
ax = plot.scatter_classes(x, y, names=names)
_ = ax.set(xlabel=axes[0], ylabel=axes[1])

# %% [markdown] tags=["alt:previous"]
# Scatter plot of showers. Electrons form a compact cloud at about 1 cm width and 8 radiation lengths depth.
# Jets form a larger cloud that is wider and deeper and leans to the left as it goes up. The two clouds
# overlap at their edges.

# %% [markdown]
# The electrons follow textbook formulas for 50 GeV in lead tungstate: the maximum lies at $\ln(E/E_c) - 0.5$
# radiation lengths, the mean distance from the axis is half a Molière radius. The jets are a sketch.
# Distrust the rest as well: one energy, no noise, and as many electrons as jets, where nature makes
# thousands of jets for each electron.

# %% [markdown]
# ## The simplest thing: one cut
#
# Before anything learns, a cut on the width. It uses one number and throws the other away. We choose it on
# the showers above and judge it on new ones.

# %%
from hepml_course.metrics import accuracy, best_cut

x_new, y_new = electrons_and_jets(n=10_000, rng=3)
cut = best_cut(x[:, 0], y)
print(f"electron if width < {cut:.2f} cm")
print(f"accuracy on the 400 showers {accuracy(x[:, 0] < cut, y):.3f}")
print(f"accuracy on new showers     {accuracy(x_new[:, 0] < cut, y_new):.4f}")

# %% [markdown]
# {{ 100 * (1 - accuracy(x_new[:, 0] < cut, y_new).value):.0f }} % of the new showers are on the wrong side.
# The plot says why: many jets are narrow, and they are deep. A cut cannot ask for both at once.
#
# **Question.** The first accuracy was measured on the showers that chose the cut. Is it, on average, (a) too
# high, (b) too low, (c) just right?

# %% [markdown] tags=["fold"]
# (a). The cut was picked because it is the best *for these showers*, so it also follows their accidents.
# With one cut and 400 showers that is a small effect, smaller here than the uncertainty. With more freedom
# it grows, which is why every number that counts in this course comes from events that had no part in the
# choice.

# %% [markdown]
# ## A neuron
#
# In 1943 McCulloch and Pitts described a nerve cell as a device with two steps. It adds its inputs, each
# with a weight,
#
# $$ z = w_1 x_1 + w_2 x_2 + \dots = \vec w \cdot \vec x , $$
#
# and it fires if the sum reaches a threshold $\theta$:
#
# $$ \phi(z) = \begin{cases} +1 & z \ge \theta \\ -1 & z < \theta \end{cases} $$
#
# The threshold can be a weight too. Move it to the other side, $\vec w\cdot\vec x - \theta \ge 0$, call
# $-\theta$ the bias $w_0$, and give every event a leading $x_0 = 1$. Then one dot product is the whole
# neuron.

# %%
import numpy as np


def predict(w, x):
    return 1 if w @ x >= 0 else -1


# %% [markdown]
# We give every shower its leading 1. The other two inputs are measured from the mean of our sample, in units
# of its spread, so that a centimetre and a radiation length count alike. What difference that makes comes
# later.

# %%
centre, spread = x.mean(axis=0), x.std(axis=0)
scaled = ("width, scaled", "depth, scaled")


def inputs(x):
    return np.column_stack([np.ones(len(x)), (x - centre) / spread])


# %% [markdown]
# The neuron changes its mind where $w_0 + w_1 x_1 + w_2 x_2 = 0$: on a straight line. The pair $(w_1, w_2)$
# stands at a right angle to it and points to the side called electron; $w_0$ shifts it.
#
# **Predict before you run.** Which of the three lines below is a cut on the width alone? Which weights say
# "narrow and early"?

# %%
ax = plot.scatter_classes(inputs(x)[:, 1:], y, names=names)
for w, style in [((0, -1, 0), "-"), ((0, -1, -1), "--"), ((-1, -1, -1), ":")]:
    plot.decision_line(w, ax=ax, linestyle=style, label=f"w = {w}")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
_ = ax.set(xlabel=scaled[0], ylabel=scaled[1])

# %% [markdown] tags=["alt:previous"]
# The same showers in scaled variables with three lines: a vertical one through the origin for w = (0, −1,
# 0), one falling at 45 degrees through the origin for w = (0, −1, −1), and one parallel to it, shifted to
# the lower left, for w = (−1, −1, −1).

# %% [markdown] tags=["fold"]
# The vertical one, $w = (0, -1, 0)$: it looks at the width only. So a cut is already a neuron, with one
# weight at zero. The two sloping lines ask for a small *sum* of width and depth. A bias of −1 makes the same
# request stricter.

# %% [markdown]
# ## One event at a time
#
# Nobody hands us the weights. Rosenblatt's perceptron of 1958 finds them by itself. Start with all three
# zero, so that the line is nowhere, and look at the showers one after the other. One on the right side
# changes nothing. One on the wrong side pulls the line towards itself:
#
# $$ \Delta w_j = \eta\,(y - \tilde y)\,x_j $$
#
# Here $y$ is the true class, $\tilde y$ the predicted one, both $\pm 1$, and $\eta$, the learning rate, a
# number between 0 and 1.


# %%
def update(w, x, y, eta):
    return w + eta * (y - predict(w, x)) * x


# %% [markdown]
# An easier sample first: the same kind of showers, without those that lie beyond a certain line. So at least
# this line separates them without a mistake.
#
# **Predict before you run.** At $w = 0$ the neuron says +1 to everything. Which is the first of these
# showers that changes the weights, and what sign does the change of $w_0$ have?

# %%
clear, clear_y = electrons_and_jets(n=100, rng=31, margin=0.0)
w = np.zeros(3)
for i in range(6):
    x_i, y_i = inputs(clear)[i], clear_y[i]
    predicted = predict(w, x_i)
    w = update(w, x_i, y_i, eta=0.1)
    print(f"true {y_i:+d}  predicted {predicted:+d}  w = {np.round(w, 2) + 0.0}")

# %% [markdown]
# Where true and predicted agree, $w$ stays. The first jet is called an electron, so the bias goes down by
# $2\eta$; an electron that is called a jet sends it up again.
#
# To learn, we go over the sample again and again until one whole pass makes no mistake. The function keeps
# the weights after every update and the shower that caused it.


# %%
def train(x, y, w, eta, epochs=1000):
    path, missed = [w], []
    for _ in range(epochs):
        start = len(missed)
        for i in range(len(y)):
            if predict(path[-1], x[i]) != y[i]:
                path.append(update(path[-1], x[i], y[i], eta))
                missed.append(i)
        if len(missed) == start:
            break
    return path, missed


# %%
path, missed = train(inputs(clear), clear_y, np.zeros(3), eta=0.1)
print(f"{len(missed)} updates, w = {np.round(path[-1], 2)}")
mistakes = (inputs(clear) @ path[-1] >= 0) != (clear_y > 0)
print(f"mistakes left: {mistakes.sum()}")

# %% [markdown]
# The rule found a line and stopped by itself. Move the slider through the updates; the arrow keys work. The
# ring marks the shower on the wrong side, the dashed line is where it pulls the line to, and the bars are
# the weights.

# %% tags=["widget"]
from hepml_course.widgets import perceptron_steps

perceptron_steps(inputs(clear), clear_y, path, missed, names=names, axes=scaled, still=3)

# %% [markdown] tags=["alt:previous"]
# After three updates: a falling line with the electrons' side tinted, an electron just outside the tinted
# side with a ring around it, and a dashed line, shifted outwards, that will have this electron on its right
# side. Next to it bars for the three weights, with arrows to their values after the update.

# %% [markdown]
# The line does not creep to its place. Late in the training it still jumps when one shower near the border
# is missed, and may lose others by that. It is not obvious that this ends.

# %% [markdown]
# ## It stops, and we know when at the latest
#
# Novikoff proved in 1962 that it ends whenever *some* line separates the classes. Count the leading 1 as a
# coordinate; the line is then a plane through the origin. Let $R$ be the length of the longest input vector
# and $\gamma$ the distance of the closest event to the best such plane. From zero weights there are at most
#
# $$ k \le \left(\frac{R}{\gamma}\right)^2 $$
#
# updates, whatever the order of the events and however many there are.
#
# **Question.** Why can it not go on for ever? Follow two numbers through the updates: the length of $\vec
# w$, and its part along the best line's own weights.

# %% [markdown] tags=["fold"]
# Let $\vec u$ be the unit vector of the best line, so that $y\,\vec u\cdot\vec x \ge \gamma$ for every
# event. An update adds $2\eta\,y\,\vec x$.
#
# - The part of $\vec w$ along $\vec u$ grows by $2\eta\,y\,\vec u\cdot\vec x \ge 2\eta\gamma$. After $k$
#   updates it is at least $2\eta\gamma k$.
# - The square of the length grows by $4\eta\,y\,\vec w\cdot\vec x + 4\eta^2 |\vec x|^2$. The first term is
#   not positive, because the event was on the wrong side, so after $k$ updates $|\vec w|^2 \le 4\eta^2 R^2
#   k$.
#
# A part is not longer than the whole: $2\eta\gamma k \le 2\eta R\sqrt{k}$, hence $k \le (R/\gamma)^2$. The
# learning rate has dropped out.

# %%
from hepml_course.metrics.margin import widest_margin


def novikoff(x, y):
    return (np.linalg.norm(x, axis=1).max() / widest_margin(x, y)) ** 2


print(f"{len(missed)} updates, at most {novikoff(inputs(clear), clear_y):.0f}")

# %% [markdown]
# One sample proves nothing. Here are a hundred, each with its own bound, and with far more passes allowed
# than any of them should need.

# %%
rows = []
for seed in range(100, 200):
    sample, truth = electrons_and_jets(n=100, rng=seed, margin=0.0)
    steps, wrong = train(inputs(sample), truth, np.zeros(3), eta=0.1, epochs=20_000)
    stopped = np.array_equal(inputs(sample) @ steps[-1] >= 0, truth > 0)
    rows.append((len(wrong), novikoff(inputs(sample), truth), stopped))
updates, bound, stopped = np.transpose(rows)

# %%
import matplotlib.pyplot as plt

fig, ax = plt.subplots()
ax.loglog(bound, updates, "o", alpha=0.6, label="100 samples")
ax.axline((100, 100), (1000, 1000), color="k", ls="--", label="Novikoff's bound")
ax.set(xlabel=r"bound $(R/\gamma)^2$", ylabel="updates until no mistake is left")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Number of updates against Novikoff's bound for 100 samples, both axes logarithmic. Every point lies below
# the dashed diagonal by a factor between some thirty and several thousand. Samples with a larger bound tend
# to need more updates.

# %%
from hepml_course.claims import claim

claim("perceptron-converges", np.count_nonzero((stopped == 1) & (updates <= bound)))

# %% [markdown]
# Every training stops and none comes near its bound: the median takes
# {{ 100 * np.median(updates / bound):.1f }} % of the updates it is allowed. The unluckiest takes
# {{ updates.max():.0f }} updates for 200 showers. The bound is about the worst order of events. Its use is
# another: it says what makes learning hard. Not the number of events, but a narrow gap, measured in units of
# the longest vector.

# %% [markdown]
# ## What the learning rate does
#
# **Predict before you run.** The same sample with $\eta$ = 0.01, 0.1 and 1, from zero weights. Which learns
# fastest?

# %%
for eta in (0.01, 0.1, 1.0):
    steps, wrong = train(inputs(clear), clear_y, np.zeros(3), eta)
    w = np.round(steps[-1] / eta, 2) + 0.0
    print(f"eta {eta:4}   {len(wrong)} updates   w / eta = {w}")

# %% [markdown] tags=["fold"]
# None. Every update is $2\eta$ times a vector, so $\vec w$ is $\eta$ times something that does not depend on
# $\eta$, and the sign of $\vec w\cdot\vec x$ never hears of it. From zero weights the learning rate only
# sets the scale of $\vec w$, and a scale does not move a line.

# %% [markdown]
# That changes when the weights start from random numbers, as they must in larger networks.

# %%
start = np.random.default_rng(1).normal(size=3)
size = np.linalg.norm(start)
for eta in (0.001, 0.01, 0.1, 1.0):
    steps, wrong = train(inputs(clear), clear_y, start, eta)
    print(f"eta {eta:5}   size / eta {size / eta:6.1f}   {len(wrong):4d} updates")

# %% [markdown]
# What counts is the size of the start in units of $\eta$. With a tiny rate the rule spends its updates on
# walking away from a random guess; with a large one it forgets the guess at once. Weights that start from "0
# or something small", as lecture 000 puts it, start small against $\eta$.

# %% [markdown]
# ## What the units do
#
# The same showers, once scaled and once as they come, in centimetres and radiation lengths. The lines that
# can be drawn are the same.

# %%
as_they_come = np.column_stack([np.ones(len(clear)), clear])
for name, table in (("scaled", inputs(clear)), ("cm and X0", as_they_come)):
    _, wrong = train(table, clear_y, np.zeros(3), eta=0.1, epochs=20_000)
    limit = novikoff(table, clear_y)
    print(f"{name:10} {len(wrong):6d} updates, at most {limit:9.0f}")

# %% [markdown]
# **Question.** No information was lost or gained. Why is one so much harder?

# %% [markdown] tags=["fold"]
# A shower is {{ clear[:, 1].mean():.1f }} radiation lengths deep, give or take {{ clear[:, 1].std():.1f }}.
# In these units all input vectors are long and almost parallel, and the gap between the classes is a small
# angle between them: $R$ is large and $\gamma$ small. Subtracting the mean turns the small difference into
# the signal. It is the cheapest trick in this course and helps every network in it.

# %% [markdown]
# ## Where it fails: classes that overlap
#
# Back to the first sample, with its border region. No line separates it.
#
# **Predict before you run.** We go over the 400 showers fifty times. What will the number of mistakes per
# pass do? What will the accuracy on new showers do?

# %%
w, lines, mistakes = np.zeros(3), [], []
for _ in range(50):
    steps, wrong = train(inputs(x), y, w, eta=0.1, epochs=1)
    w = steps[-1]
    lines.append(w)
    mistakes.append(len(wrong))
on_new = [accuracy(inputs(x_new) @ w >= 0, y_new).value for w in lines]

# %% [markdown]
# To know how good a line could be at all, we have what nature never gives: the densities the showers were
# drawn from. No classifier beats a cut on their ratio (Neyman and Pearson).

# %%
from hepml_course.simulate import electron_jet_llr

floor = accuracy(x_new[:, 0] < cut, y_new)
limit = accuracy(electron_jet_llr(x_new) > 0, y_new)

# %%
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4))
left.plot(np.arange(1, 51), mistakes, ".-")
left.set(xlabel="pass", ylabel="mistakes among 400 showers", ylim=(0, None))
right.plot(np.arange(1, 51), on_new, ".-", label="perceptron")
right.axhline(limit.value, color="k", ls="--", label="likelihood ratio")
right.axhline(floor.value, color="gray", ls=":", label="cut on the width")
right.set(xlabel="pass", ylabel="accuracy on new showers")
_ = fig.legend(loc="outside upper right", ncols=3)

# %% [markdown] tags=["alt:previous"]
# Left: mistakes per pass over fifty passes, staying around a tenth of the showers without coming down.
# Right: accuracy on new showers after each pass, a zigzag that falls below the dotted line of the cut every
# few passes and never reaches the dashed line of the likelihood ratio.

# %% [markdown]
# The rule never rests. Showers that no line can satisfy keep pulling, and the line we end with is the one
# that the last of them left behind: its accuracy jumps between {{ min(on_new):.2f }} and
# {{ max(on_new):.2f }} from pass to pass. The left plot is how one notices on the training sample alone:
# mistakes that stop falling long before zero.
#
# The cure is old: keep the best line seen so far in the pocket. Best on the training sample, of course; the
# new showers are for the verdict.

# %%
path, _ = train(inputs(x), y, np.zeros(3), eta=0.1, epochs=50)
right_side = (inputs(x) @ np.transpose(path) >= 0) == (y > 0)[:, None]
pocket = path[np.argmax(right_side.mean(axis=0))]
best = right_side.mean(axis=0).max()
print(f"w = {np.round(pocket, 2) + 0.0}, right on {best:.3f} of the sample")

# %% [markdown]
# ## The same metric for everyone
#
# The library's perceptron joins in. It is the same rule, with a random order of events and a test that ends
# the training when a pass no longer helps.

# %%
from sklearn.linear_model import Perceptron

library = Perceptron(eta0=0.1, random_state=0).fit(inputs(x)[:, 1:], y)
results = {
    "cut on the width": x_new[:, 0] < cut,
    "perceptron, pass 49": inputs(x_new) @ lines[48] >= 0,
    "perceptron, pass 50": inputs(x_new) @ lines[49] >= 0,
    "perceptron, pocket": inputs(x_new) @ pocket >= 0,
    "scikit-learn": library.predict(inputs(x_new)[:, 1:]),
    "likelihood ratio": electron_jet_llr(x_new) > 0,
}
for name, answer in results.items():
    print(f"{name:22} {accuracy(answer, y_new):.4f}")

# %% [markdown]
# One pass more or less decides whether the perceptron beats a cut. With the pocket it comes close to the
# limit. The library's perceptron has no pocket; it lands where its stopping test finds it.
#
# In centimetres and radiation lengths, after undoing the scaling:

# %%
ax = plot.scatter_classes(x, y, names=names, alpha=0.3)
drawn = {"pass 49": (lines[48], ":"), "pass 50": (lines[49], "-."), "pocket": (pocket, "-")}
for name, (weights, style) in drawn.items():
    slopes = weights[1:] / spread
    unscaled = [weights[0] - slopes @ centre, *slopes]
    plot.decision_line(unscaled, ax=ax, linestyle=style, label=name)
plot.decision_curve(electron_jet_llr, ax=ax, linestyles="--")
ax.plot([], [], "k--", label="likelihood ratio")
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
_ = ax.set(xlabel=axes[0], ylabel=axes[1])

# %% [markdown] tags=["alt:previous"]
# The showers with four borders. The dotted line of pass 49 cuts through the cloud of electrons, the
# dash-dotted one of pass 50 through its edge, the solid line of the pocket passes between the clouds, and
# the dashed curve of the likelihood ratio bends around the electrons.

# %% [markdown]
# What is left between the pocket and the limit is not the rule's fault: the best border is a curve, and a
# neuron draws straight lines.
#
# Is the library's rule really ours? On the clear sample, in the same order, its weights are half of ours: it
# moves by $\eta\,y$ where we move by $\eta\,(y - \tilde y)$.

# %%
same = Perceptron(eta0=0.1, shuffle=False, tol=None, max_iter=100)
same.fit(inputs(clear)[:, 1:], clear_y)
ours = train(inputs(clear), clear_y, np.zeros(3), eta=0.1)[0][-1]
print("scikit-learn", np.round([*same.intercept_, *same.coef_[0]], 3))
print("ours / 2    ", np.round(ours / 2, 3))

# %% [markdown]
# ## Where it fails for good
#
# Two leptons, and for each the tracker measures charge over transverse momentum. Pairs from a Z have
# opposite charges; a background has equal ones as often. Nothing could be easier to tell apart, by eye.

# %%
from hepml_course.simulate import xor_points

pairs, opposite = xor_points(n=200, rng=5)
ax = plot.scatter_classes(pairs, opposite, names=("equal charges", "opposite charges"))
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
unit = "$q/p_T$ / (50 GeV)$^{-1}$"
_ = ax.set(xlabel=f"first lepton, {unit}", ylabel=f"second lepton, {unit}")

# %% [markdown] tags=["alt:previous"]
# Four square clouds of points, one in each quadrant. Equal charges fill the lower left and the upper right,
# opposite charges the upper left and the lower right.

# %% [markdown]
# **Predict before you run.** What accuracy does the best straight line reach here? And what if the neuron is
# given a third input, the product of the two?

# %%
flat = np.column_stack([np.ones(len(pairs)), pairs])
product = np.column_stack([flat, pairs.prod(axis=1)])
for name, table in (("two inputs", flat), ("with their product", product)):
    path, missed = train(table, opposite, np.zeros(table.shape[1]), eta=0.1, epochs=50)
    right_side = (table @ np.transpose(path) >= 0) == (opposite > 0)[:, None]
    best = right_side.mean(axis=0).max()
    print(f"{name:19} {len(missed):5d} updates, best line {best:.3f}")

# %% [markdown]
# A line can cut off one quadrant and has to give up another, so it gets some three quarters right. This is
# the XOR problem, and it is no accident of the training: no better weights exist. With the product as an
# input one weight suffices, since its sign is the answer. Somebody had to think of it, though. A network
# with a hidden layer finds such inputs by itself; that is lesson 04.
#
# **Question.** Which of these changes the number of updates on a separable sample, from zero weights? (a) a
# ten times larger $\eta$, (b) both variables in other units, (c) another order of the events, (d) one more
# event far from the border, on its right side from the start.

# %% [markdown] tags=["fold"]
# (b) and (c). (a) only scales the weights. (d) adds nothing as long as it is never on the wrong side, but it
# may raise the bound by a larger $R$: a bound is not a prediction.

# %% [markdown]
# ## Summary
#
# - A neuron is a weighted sum and a step. It draws one straight line; a cut is the special case with one
#   weight.
# - The bias is a weight like the others once every event has a leading 1.
# - $\Delta\vec w = \eta\,(y - \tilde y)\,\vec x$ acts only on mistakes. If a line separates the classes it
#   stops, after at most $(R/\gamma)^2$ updates.
# - From zero weights $\eta$ changes nothing but the scale of $\vec w$. From random ones, their size over
#   $\eta$ counts.
# - Subtract the mean and divide by the spread: of the training sample, for every sample.
# - On classes that overlap it never stops, and its last line is an accident. Watch the mistakes per pass,
#   and keep the best line.
# - Always next to it: a cut as the floor and, where the densities are known, the likelihood ratio as the
#   ceiling.
#
# Now write the rule yourself: `exercises/02_perceptron.ipynb`.
