# ---
# course:
#   title: Learning from data
#   minutes: 75
#   objectives:
#     - name task, performance and experience of anything that is said to learn
#     - fit a straight line in closed form and by learning, and say which of the two gives its uncertainty
#     - calibrate jets with a regression and judge it by the resolution before and after
#     - derive mean squared error and cross-entropy as −log L, and say which problem each belongs to
#     - tell supervised, semi-supervised, unsupervised and reinforcement learning apart, and when to use none
#   requires: []
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Learning from data
#
# A quark that leaves a collision turns into a spray of particles, a **jet**. A calorimeter stops them and
# measures their energy, but not all of it. Nuclear break-up takes some away, cables and supports take more.
# Below are a thousand simulated jets. For each we know the $p_T$, its momentum across the beam, that it had
# and the one that was measured. Given only the measured one, what would you write into the paper?
#
# This lesson is a tour. Take it in two sittings if you like; the second begins at *Unsupervised*.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course import plot
from hepml_course.simulate import measured_jets

jets = measured_jets(1000, rng=1)
fig, ax = plt.subplots()
ax.semilogx(jets.true, jets.measured / jets.true, ".", alpha=0.4)
ax.axhline(1, color="black", lw=1)
_ = ax.set(xlabel="true $p_T$ / GeV", ylabel="response = measured $p_T$ / true $p_T$")

# %% [markdown] tags=["alt:previous"]
# Response of a thousand jets against their true transverse momentum from 20 GeV to 1 TeV. Nearly all lie
# below the line at 1. The band rises and becomes narrower towards high momentum.

# %% [markdown]
# That the response rises with $\ln p_T$ and scatters less towards high $p_T$ is how hadron calorimeters
# behave. The numbers are a sketch, and so are all samples of this lesson.
#
# ## Task, performance, experience
#
# Tom Mitchell's definition, quoted in lecture 000, says when a program learns: when its **performance** $P$
# at a **task** $T$ improves with **experience** $E$. For the jets:
#
# | | |
# |---|---|
# | $T$ | from what is measured, tell the true $p_T$ |
# | $P$ | the relative width of corrected $p_T$ over true $p_T$: standard deviation divided by mean |
# | $E$ | simulated jets, whose true $p_T$ we know |
#
# The smaller the width the better. It does not see a wrong scale, so the mean is printed next to it.
#
# **Question.** Which of these learns? (a) A program that corrects with constants typed in last year. (b) One
# that derives its constants from the jets it is given, the better the more there are. (c) The same, on a
# faster computer.

# %% [markdown] tags=["fold"]
# (b), and (c) no more than (b). A faster computer is no experience. Keep the triple in mind: if a method
# looks too good, ask which of the three was changed on the way.

# %% [markdown]
# ## The simplest thing: a straight line
#
# In ten bins of $x = \ln(p_T / 100\ \mathrm{GeV})$ we take the mean response and its standard error;
# `profile` does that. Ten points $r_i \pm \sigma_i$, and a line $a + b\,x$. How badly it misses is the sum
# of squared distances, in units of the errors:
#
# $$ \chi^2(a, b) = \sum_i \left(\frac{r_i - a - b\,x_i}{\sigma_i}\right)^2 $$

# %%
from hepml_course.metrics import profile


def points(jets):
    x = np.log(jets.true / 100)
    return profile(x, jets.measured / jets.true, edges=np.linspace(-1.62, 2.31, 11))


x, r, error = points(jets)

# %% [markdown]
# First by hand: you are the learning algorithm. Move the slope, then the intercept, and bring χ² down. The
# arrow keys work. On the right stand the lines you have tried: your experience.

# %% tags=["widget"]
from hepml_course.widgets import line_by_hand

axes = (r"$x = \ln(p_T\,/\,100\ \mathrm{GeV})$", "mean response")
line_by_hand(x, r, error, slopes=(-0.02, 0.10), intercepts=(0.74, 0.83), axes=axes)

# %% [markdown] tags=["alt:previous"]
# Left: ten points with error bars that rise from about 0.73 to 0.85, a straight line, and the distance of
# each point from it. Right: the plane of intercept and slope, a dot for each line tried so far, coloured
# by its χ². The last one has a ring.

# %% [markdown]
# ### In closed form
#
# At the minimum both derivatives of χ² are zero. These are two linear equations for $a$ and $b$. With a
# row $(1, x_i)$ of $A$ for each point and the weights $1/\sigma_i^2$ on the diagonal of $W$ their solution is
#
# $$ \binom{a}{b} = C\,A^T W\,\vec r, \qquad C = (A^T W A)^{-1} , $$
#
# and $C$ is the covariance matrix of the result: its diagonal holds the squared uncertainties.


# %%
def fit_line(x, y, error):
    A = np.column_stack([np.ones(len(x)), x])
    weighted = A.T / error**2  # Aᵀ W
    C = np.linalg.inv(weighted @ A)
    return C @ weighted @ y, np.sqrt(np.diag(C))


(a, b), (error_a, error_b) = fit_line(x, r, error)
chi2 = np.sum(((r - a - b * x) / error) ** 2)
print(f"a = {a:.4f} ± {error_a:.4f},  b = {b:.4f} ± {error_b:.4f}")
print(f"χ² = {chi2:.1f} for {len(x) - 2} degrees of freedom")

# %% [markdown]
# Ten points minus two parameters: χ² should be about {{ len(x) - 2 }}, give or take
# {{ np.sqrt(2 * (len(x) - 2)):.0f }}. So a line describes these points. Had it been ten times as much, no
# uncertainty would be worth printing.
#
# Is the uncertainty true? We can ask, because we can repeat the experiment. Five hundred times a thousand
# new jets:

# %%
slopes = [fit_line(*points(measured_jets(1000, rng=seed)))[0][1] for seed in range(100, 600)]
print(f"spread of 500 slopes {np.std(slopes):.4f}, claimed by one fit {error_b:.4f}")

# %% [markdown]
# ### By learning
#
# Now pretend we cannot solve equations. Start anywhere, ask which way χ² falls most steeply, take a small
# step, ask again. A number called the learning rate turns the slope into the length of a step; this one was
# found by trying. The derivative is
#
# $$ \frac{\partial\chi^2}{\partial a} = -2\sum_i \frac{r_i - a - b\,x_i}{\sigma_i^2}, \qquad
#    \frac{\partial\chi^2}{\partial b} = -2\sum_i \frac{r_i - a - b\,x_i}{\sigma_i^2}\,x_i . $$
#
# **Predict before you run.** After 40 steps, how far from the closed form will it be: (a) a few
# uncertainties, (b) about one, (c) far less than one?

# %%
p, rate = np.array([0.83, 0.0]), 2e-6
path = [p]
for _ in range(40):
    miss = (r - p[0] - p[1] * x) / error**2
    gradient = -2 * np.array([miss.sum(), (miss * x).sum()])
    p = p - rate * gradient
    path.append(p)
print(f"a = {p[0]:.4f},  b = {p[1]:.4f}")

# %% [markdown]
# The path it took, over the contours of χ². The innermost is one above the minimum.

# %%
ax = plot.chi2_plane(x, r, error, path=path)
_ = ax.set(xlabel="intercept $a$", ylabel="slope $b$")

# %% [markdown] tags=["alt:previous"]
# Contours of χ² in the plane of intercept and slope, nested ellipses that lean to the left. A path of dots
# starts at the lower right with long steps, and walks to the centre with ever shorter ones. There a star
# marks the closed form.

# %% [markdown]
# (c). The path ends at the same point, for the valley has only one bottom. Two things to notice. The steps
# get shorter where the valley is flat. And the learned line comes without an uncertainty: for that one needs
# the curvature of the valley, which is what $C$ was.
#
# So why learn? Because most models have no closed form. Everything trained in this course, up to networks
# with thousands of weights, walks downhill like this; lesson 03 is about how to walk.

# %% [markdown]
# ## Regression: calibrate the jets
#
# **Regression** predicts a number. Our line predicts the response from the true $p_T$, which nobody has for a
# recorded jet. So we look for the $p_T$ that, times its response, gives what was measured: guess, correct,
# repeat.


# %%
def undo(measured, response):
    pt = measured
    for _ in range(10):
        pt = measured / response(pt)
    return pt


def line(pt):
    return a + b * np.log(pt / 100)


# %% [markdown]
# The line ignores where the jet went. That is what the pseudorapidity says, $\eta = -\ln\tan(\theta/2)$ with
# the angle $\theta$ to the beam: 0 is straight across, 2.5 is nine degrees from the beam. A model that learns
# from examples need not be told a formula, so let us give it both, measured $p_T$ and $\eta$. It is the
# simplest there is: **ask the neighbours**. For a new jet it looks up the known jets most like it and takes
# the mean of their correction factors, true over measured. It asks 140, about the root of the number it
# knows. The more it knows, the closer they are.

# %%
from sklearn.neighbors import KNeighborsRegressor


def inputs(jets):
    return np.column_stack([np.log(jets.measured), np.abs(jets.eta)])


known = measured_jets(20_000, rng=2)
neighbours = KNeighborsRegressor(n_neighbors=140)
_ = neighbours.fit(inputs(known), known.true / known.measured)

# %% [markdown]
# Physics went in by hand: the logarithm, so that a step of 10 % is as far at 30 GeV as at 300, and $|\eta|$,
# because the detector is symmetric. The second doubles the experience for free.
#
# We judge on new jets, and only between 40 and 500 GeV, away from the ends of the sample. The last row is
# the mark to reach. It knows the detector: the true mean response of the simulation, undone.

# %%
from hepml_course.metrics import relative_width
from hepml_course.simulate import jet_response

new = measured_jets(20_000, rng=3)
corrected = {
    "as measured": new.measured,
    "line": undo(new.measured, line),
    "neighbours": new.measured * neighbours.predict(inputs(new)),
    "true response": undo(new.measured, lambda pt: jet_response(pt, new.eta)),
}
middle = (new.true > 40) & (new.true < 500)
for name, pt in corrected.items():
    ratio = (pt / new.true)[middle]
    print(f"{name:14} mean {ratio.mean():.3f}   relative width {relative_width(ratio):.4f}")

# %% [markdown]
# Both bring the mean within half a per cent of 1. The neighbours also narrow the distribution, almost to what
# one gets who knows the detector. The reason is one picture away.

# %%
fig, ax = plt.subplots()
for name, style in {"line": "s--", "neighbours": "o-"}.items():
    ratio = (corrected[name] / new.true)[middle]
    eta, mean, sigma = profile(np.abs(new.eta[middle]), ratio, np.linspace(0, 2.5, 21))
    ax.errorbar(eta, mean, sigma, fmt=style, label=name)
ax.axhline(1, color="black", lw=1)
ax.legend()
_ = ax.set(xlabel=r"$|\eta|$", ylabel="corrected $p_T$ / true $p_T$")

# %% [markdown] tags=["alt:previous"]
# Corrected over true transverse momentum against pseudorapidity. With the line it is a few per cent too high
# nearly everywhere and falls to 0.84 in a narrow dip at 1.4. With the neighbours it stays within three per
# cent of 1; a small dip is left.

# %% [markdown]
# The calorimeter is a barrel with a lid at each end. At $|\eta| \approx 1.4$, between barrel and lid, jets
# lose another fifth of their energy. With the line the mean over all jets was right, but at
# hardly any $\eta$ by itself. Nobody told the neighbours about the gap; the examples did.
#
# ### Performance against experience
#
# Mitchell's definition can be drawn. **Predict before you run.** With only 20 known jets, which is better:
# the line or the neighbours? (The neighbours are again the root of the number of known jets. The line goes
# through the jets themselves, for twenty do not fill ten bins.)

# %%
test = measured_jets(5000, rng=4)
inside = (test.true > 40) & (test.true < 500)


def widths(n, seed):
    few = measured_jets(n, rng=seed)
    slope, intercept = np.polyfit(np.log(few.true / 100), few.measured / few.true, 1)
    by_line = undo(test.measured, lambda pt: intercept + slope * np.log(pt / 100))
    model = KNeighborsRegressor(int(np.sqrt(n))).fit(inputs(few), few.true / few.measured)
    by_neighbours = test.measured * model.predict(inputs(test))
    return [relative_width((pt / test.true)[inside]).value for pt in (by_line, by_neighbours)]


# %% [markdown]
# Eight training samples of each size; the bars are the error of the mean over them.

# %%
sizes = [20, 50, 100, 300, 1000, 5000, 20_000]
runs = np.array([[widths(n, seed) for seed in range(50, 58)] for n in sizes])

fig, ax = plt.subplots()
for k, (name, style) in enumerate({"line": "s--", "neighbours": "o-"}.items()):
    mean, spread = runs[:, :, k].mean(axis=1), runs[:, :, k].std(axis=1, ddof=1)
    ax.errorbar(sizes, mean, spread / np.sqrt(8), fmt=style, label=name)
ax.set(xscale="log", xlabel="known jets", ylabel="relative width")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Relative width against the number of known jets, from 20 to 20,000. The line is flat from the start. The
# neighbours begin above it, cross it near fifty jets and keep falling, more and more slowly.

# %% [markdown]
# The line knows its shape beforehand and has two numbers to learn: twenty jets suffice, and twenty thousand
# do not help. The neighbours start worse and end better. That trade, assumptions against examples, is in
# every choice of a model.

# %% [markdown]
# ### A failure: the wrong experience
#
# The jets above were made flat in $\ln p_T$. Nature makes far more soft ones. So let the neighbours learn
# from jets whose spectrum falls as $p_T^{-5}$, and judge them on the *same* new jets as before. The detector
# is the same.
#
# **Predict before you run.** How much does the spectrum of the known jets matter: (a) not at all, (b) by less
# than one per cent, (c) by several?

# %%
falling = measured_jets(20_000, rng=5, spectrum="falling")
other = KNeighborsRegressor(n_neighbors=140).fit(inputs(falling), falling.true / falling.measured)
learned = {"flat": neighbours, "falling": other}

fig, ax = plt.subplots()
for (name, model), style in zip(learned.items(), ("o-", "s--"), strict=True):
    ratio = new.measured * model.predict(inputs(new)) / new.true
    pt, mean, sigma = profile(new.true, ratio, [30, 35, 40, 45, 50, 60, 70, 80])
    ax.errorbar(pt, mean, sigma, fmt=style, label=f"learned from {name} spectrum")
ax.axhline(1, color="black", lw=1)
ax.legend()
_ = ax.set(xlabel="true $p_T$ / GeV", ylabel="corrected $p_T$ / true $p_T$")

# %% [markdown] tags=["alt:previous"]
# Corrected over true transverse momentum against the true one, from 30 to 80 GeV. Learned from the flat
# spectrum the points lie close above 1, by a per cent or so. Learned from the falling one they lie six per
# cent below it at low momentum, and four per cent at 80 GeV.

# %% [markdown]
# (c). The model answers "of all jets I know that were measured like this, what was the mean factor?". In a
# falling spectrum most of them are softer jets that fluctuated up, so the factor is too small for ours. It is
# the right answer for jets of that spectrum. **A regression learns the spectrum of its examples together with
# the detector.** One notices by testing on jets that were made differently, as here: a closure test. The
# inverted line has no such memory. (The picture ends at 80 GeV, since above the falling sample has few jets.)

# %% [markdown]
# ## Classification, and where losses come from
#
# **Classification** predicts a class. Is this shower in an electromagnetic calorimeter an electron ($y = 1$)
# or a jet ($y = 0$)? Two things are measured: how wide it is, and how deep it is where it is strongest, in
# radiation lengths $X_0$. The model gives a probability $p$: a weighted sum of the two, squeezed between 0
# and 1.

# %%
from scipy.special import expit

from hepml_course.simulate import electrons_and_jets


def showers(n, rng):
    x, y = electrons_and_jets(n, rng)  # n of each
    scaled = (x - [1.3, 9.3]) / [0.4, 1.9]  # width in cm, depth in X0: roughly centred, spread 1
    return np.column_stack([np.ones(len(x)), scaled]), (y > 0).astype(float)


def probability(w, x):
    return expit(x @ w)  # 1 / (1 + exp(-z)) of the weighted sum z


# %% [markdown]
# What should it minimise? Ask the likelihood: which parameters make the data most probable? Minimise
# $-\log L$.
#
# - A measured **number** scatters around the prediction $f$ like a Gaussian,
#   $L = \prod_i e^{-(y_i - f_i)^2 / 2\sigma^2}$. Then $-\log L$ is, up to constants, the sum of
#   $(y_i - f_i)^2$: **mean squared error**, and with different $\sigma_i$ our χ²/2.
# - A **class** is a coin that shows 1 with probability $p$, $L = \prod_i p_i^{y_i} (1 - p_i)^{1 - y_i}$. Then
#
# $$ -\log L = -\sum_i \left[\, y_i \ln p_i + (1 - y_i) \ln(1 - p_i) \,\right] , $$
#
# the **cross-entropy**. (Lecture 002 shows both, the second without its minus sign.)
#
# **Question.** An electron for which the model says $p = 0.001$. Which loss objects more strongly, and
# which of them pulls harder on the weights?

# %%
z = np.linspace(-8, 8, 201)  # the weighted sum of an electron, y = 1
p = expit(z)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.4))
left.plot(z, -np.log(p), label="cross-entropy")
left.plot(z, (1 - p) ** 2, "--", label="squared error")
right.plot(z, 1 - p)
right.plot(z, 2 * (1 - p) * p * (1 - p), "--")
left.set(xlabel="weighted sum $z$ of an electron", ylabel="loss")
right.set(xlabel="weighted sum $z$ of an electron", ylabel="pull towards larger $z$")
_ = fig.legend(loc="outside upper right", ncols=2)

# %% [markdown] tags=["alt:previous"]
# Left: loss of an electron against its weighted sum. Cross-entropy rises in a straight line towards negative
# sums, the squared error levels off at 1. Right: the pull, minus the derivative. For cross-entropy it goes to
# 1 on the wrong side; for the squared error it is a small bump around zero and vanishes on both sides.

# %% [markdown] tags=["fold"]
# Cross-entropy, in both. Its loss there is {{ -np.log(0.001):.1f }} and its pull nearly 1. The squared
# error is at most 1, and its pull is next to nothing: the model is so sure of itself that a small change
# of $z$ does not change $p$. A shower that is badly wrong is given up.

# %% [markdown]
# ### A claim, put to the test
#
# Lecture 002 says cross-entropy works better for classification. To be fair, both losses start from the same
# random weights and take 100 steps, and each gets the learning rate that suits it best, found on 50 samples
# of its own. This condition was written down before anything was measured.


# %%
def train(loss, w, x, y, rate, steps=100):
    for _ in range(steps):
        p = probability(w, x)
        pull = y - p
        if loss == "squared error":
            pull = 2 * pull * p * (1 - p)
        w = w + rate * pull @ x / len(y)
    return w


def accuracy_on_new(loss, rate, seed, start=None):
    rng = np.random.default_rng(seed)
    x, y = showers(100, rng)
    w = train(loss, rng.normal(size=3) if start is None else start, x, y, rate)
    x, y = showers(1000, rng)
    return np.mean((probability(w, x) > 0.5) == y)


# %% [markdown]
# Each loss with six rates, the mean accuracy over 50 samples:

# %%
rates = (0.1, 0.3, 1, 3, 10, 30)
scan = {}
print("learning rate ", *(f"{rate:>5}" for rate in rates))
for loss in ("squared error", "cross-entropy"):
    scan[loss] = [
        np.mean([accuracy_on_new(loss, rate, seed) for seed in range(1000, 1050)]) for rate in rates
    ]
    print(f"{loss:14}", *(f"{mean:.3f}" for mean in scan[loss]))

# %% [markdown]
# And the comparison, on a hundred other samples with their own random starts.

# %%
from hepml_course.claims import claim

found = {}
for loss, means in scan.items():
    best = rates[np.argmax(means)]
    found[loss] = np.array([accuracy_on_new(loss, best, seed) for seed in range(100)])
gain = found["cross-entropy"] - found["squared error"]
claim("cross-entropy-for-classes", gain.mean(), gain.std(ddof=1) / np.sqrt(len(gain)))

# %% [markdown]
# With one weighted sum and each loss at its best rate there is nothing to choose between them. The claim is
# undecided here: if cross-entropy is better, then by less than
# {{ gain.mean() + 2 * gain.std(ddof=1) / np.sqrt(len(gain)):.4f }}, at two standard errors. At the smallest
# rate the squared error is far behind, but that alone says little. Its pull is weaker everywhere, and at
# three times the rate it does what cross-entropy did.
#
# So look at the case in the picture: a start that takes every electron for a jet and is sure of it.

# %%
wrong = np.array([0.0, 4.0, 4.0])
print("learning rate ", *(f"{rate:>5}" for rate in rates))
for loss in scan:
    means = [np.mean([accuracy_on_new(loss, rate, seed, wrong) for seed in range(20)]) for rate in rates]
    print(f"{loss:14}", *(f"{mean:5.2f}" for mean in means))

# %% [markdown]
# Now the squared error needs not three but thirty times the rate: the showers that are badly wrong pull
# least. Cross-entropy forgives a bad start. With many layers one does not choose the start so
# well; whether they change the verdict is for lesson 04.
#
# As always, the simplest thing next to it: a cut on the width, chosen on one sample and judged on another.

# %%
from hepml_course.metrics import accuracy, best_cut

x, y = showers(100, rng=0)
w = train("cross-entropy", np.zeros(3), x, y, rate=1)
x_new, y_new = showers(10_000, rng=1)
cut = best_cut(x[:, 1], y)
print(f"cut on the width  {accuracy(x_new[:, 1] < cut, y_new):.4f}")
print(f"cross-entropy     {accuracy(probability(w, x_new) > 0.5, y_new):.4f}")

# %% [markdown]
# ## Unsupervised: find the groups yourself
#
# So far every example came with its answer: **supervised** learning. Now the answers are gone. Three photons
# hit an electromagnetic calorimeter; below are their energy deposits, the area of a dot for the energy.
# Which deposits belong together?
#
# **k-means** repeats two steps. Give each deposit to the nearest centre; move each centre to the
# energy-weighted mean of its deposits.

# %%
from hepml_course.simulate import calorimeter_deposits


def k_means(position, energy, centres, steps=12):
    path = [centres]
    for _ in range(steps):
        far = np.linalg.norm(position[:, None] - path[-1], axis=2)  # each deposit from each centre
        nearest = far.argmin(axis=1)
        groups = [nearest == k for k in range(len(centres))]
        path.append(np.array([np.average(position[g], axis=0, weights=energy[g]) for g in groups]))
    return path, nearest


position, energy, photon = calorimeter_deposits(rng=1)
start = np.random.default_rng(6).choice(position, 3, replace=False)
path, nearest = k_means(position, energy, start)

# %% [markdown]
# Two of the three centres begin on the same photon. **Predict**: do they part again? Move the slider through
# the steps. Crosses are the centres after the step; a deposit has the colour of the one that is nearest now.

# %% tags=["widget"]
from hepml_course.widgets import kmeans_steps

kmeans_steps(position, energy, path, still=8)

# %% [markdown] tags=["alt:previous"]
# After eight steps: three clouds of deposits, at the lower left, at the top and at the right. Colour and
# marker say to which of three groups a deposit belongs. One cross lies in the top cloud, one between the
# clouds at the lower left and at the right. The third has left the top cloud on its right side, and takes
# the first deposits of the cloud at the right.

# %% [markdown]
# They do, but only just: for some steps hardly anything happens, and then it does.
#
# There is no answer to compare with, so what is $P$? k-means lowers the root mean square distance of the
# energy from its centre. Here we can also look at the truth: the share of deposits in a group where most
# come from the same photon.

# %%
for seed in range(6):
    start = np.random.default_rng(seed).choice(position, 3, replace=False)
    path, nearest = k_means(position, energy, start)
    square = np.sum((position - path[-1][nearest]) ** 2, axis=1)
    distance = np.sqrt(np.average(square, weights=energy))
    most = np.array([np.bincount(photon[nearest == k]).argmax() for k in range(3)])
    share = np.mean(most[nearest] == photon)
    print(f"start {seed}: root mean square distance {distance:.3f}, right share {share:.2f}")

# %% [markdown]
# Its failure: some starts end with two centres on one photon and one between the other two, and no further
# step helps. One notices without any truth, by the distance. So start several times and keep the smallest.
#
# **Question.** Does the distance also tell how many photons there were, if we try k = 1, 2, 3, 4, …?

# %% [markdown] tags=["fold"]
# Not by its minimum: another centre always lowers it, down to zero with one centre per deposit. It falls
# steeply up to k = 3 and slowly afterwards, and that bend is a hint, not a measurement. k-means always
# finds k groups, whether or not there are any.

# %% [markdown]
# ## Unsupervised: find the sources
#
# Two channels lie side by side. Each picks up the pulses of a photomultiplier and the hum of the mains, in
# different proportions. Nobody recorded the sources by themselves. Can the mixture be undone?

# %%
from hepml_course.simulate import mixed_channels

time, recorded, sources = mixed_channels(1000, rng=1)
centred = recorded - recorded.mean(axis=1, keepdims=True)

# %% [markdown]
# **Independent component analysis.** First make the two channels uncorrelated with equal variance. That
# leaves one unknown: an angle, since a rotation keeps them uncorrelated. Now the idea. A sum of independent
# things is closer to a Gaussian than its terms (that is the central limit theorem), so the sources are where
# the signals are *least* Gaussian. The excess kurtosis, zero for a Gaussian, measures it.


# %%
def whiten(centred):
    variance, axes = np.linalg.eigh(np.cov(centred))  # along these axes they are uncorrelated
    return (axes / np.sqrt(variance)).T @ centred


def turn(pair, angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s], [-s, c]]) @ pair


# %% [markdown]
# `eigh` finds the axes of the cloud of points that the two channels draw. Now turn through a quarter of a
# circle and keep the pair that is least Gaussian.


# %%
def unlike_gauss(pair):
    return np.abs(np.mean(pair**4, axis=1) - 3).sum()


def separate(centred):
    white = whiten(centred)
    return max((turn(white, a) for a in np.linspace(0, np.pi / 2, 91)), key=unlike_gauss)


# %% [markdown]
# What was recorded, what comes out, and what nobody could see.

# %%
fig, axes = plt.subplots(2, 3, figsize=(9.6, 3.6), sharex=True)
columns = [("recorded", centred), ("separated", separate(centred)), ("true sources", sources)]
_ = plot.signals(time, columns, axes=axes)

# %% [markdown] tags=["alt:previous"]
# Three columns of two signals against time. Recorded: both channels show a sine with spikes on it. Separated:
# one shows clean spikes, the other a clean sine, possibly upside down or in the other order. True sources:
# spikes and a sine.

# %% [markdown]
# **Predict before you run.** The first step alone makes the channels uncorrelated. Is that most of the work?
# $P$ is the correlation with the true sources, sign ignored, over fifty recordings.

# %%
from sklearn.decomposition import FastICA


def match(found, sources):
    c = np.abs(np.corrcoef(found, sources)[:2, 2:])
    return max(np.trace(c), np.trace(c[::-1])) / 2  # order ignored as well


rows = []
for seed in range(50):
    _, pair, truth = mixed_channels(1000, rng=seed)
    pair = pair - pair.mean(axis=1, keepdims=True)
    library = FastICA(fun="cube", random_state=0).fit_transform(pair.T).T
    rows.append([match(found, truth) for found in (pair, whiten(pair), separate(pair), library)])

# %% [markdown]
# The last two rows are ours and the library's.

# %%
means, errors = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows))
for k, name in enumerate(("recorded", "uncorrelated", "separated", "scikit-learn")):
    print(f"{name:13} {means[k]:.3f} ± {errors[k]:.3f}")

# %% [markdown] tags=["fold"]
# No. Uncorrelated is not independent: the first step leaves a mixture as bad as before. All comes from the
# angle, and so from the shape of the distributions. Hence the limit of the method: of two Gaussian sources
# every rotation looks alike, and nothing can separate them. Sign, order and scale are never found.

# %% [markdown]
# ## Semi-supervised: a few labels, many examples
#
# Labels are expensive, examples are not. Two soft particles of opposite charge curl in a drift chamber. A
# physicist has looked at four of the two hundred hits. The simplest thing: every hit takes the label of the
# nearest of the four.
#
# The other hits know more: they show where the tracks run. So let labels **propagate**. Each hit takes the
# mean of the labels around it, near ones counting more; the four keep theirs; repeat.

# %%
from hepml_course.simulate import two_arcs


def propagate(position, known, labels, reach=3.0, steps=300):
    distance = np.linalg.norm(position[:, None] - position, axis=2)
    share = np.exp(-0.5 * (distance / reach) ** 2)  # reach in cm
    share /= share.sum(axis=1, keepdims=True)
    value = np.zeros(len(position))
    for _ in range(steps):
        value = share @ value
        value[known] = labels
    return np.sign(value)


def nearest_known(position, known, labels):
    return labels[np.linalg.norm(position[:, None] - position[known], axis=2).argmin(axis=1)]


# %% [markdown]
# One chamber, the same four labels, both methods.


# %%
def four_labels(seed, **chamber):
    position, charge = two_arcs(100, rng=seed, **chamber)
    known = np.concatenate([np.flatnonzero(charge == c)[:2] for c in (+1, -1)])
    return position, charge, known


position, charge, known = four_labels(seed=4)
fig, axes = plt.subplots(1, 2, figsize=(9.2, 3.6), sharey=True)
for ax, method in zip(axes, (nearest_known, propagate), strict=True):
    given = method(position, known, charge[known])
    plot.scatter_classes(position, given, names=("negative", "positive"), ax=ax)
    ax.plot(*position[known].T, "ko", markersize=11, markerfacecolor="none", label="label known")
    ax.get_legend().remove()
    ax.set(xlabel="x / cm", ylabel="y / cm", title=method.__name__.replace("_", " "))
_ = fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)

# %% [markdown] tags=["alt:previous"]
# Two interlocking half circles of hits, with rings around the four whose label is known. Left, by the nearest
# known hit: the upper arc is half positive, half negative. Right, propagated: one arc is all positive, the
# other all negative.

# %% [markdown]
# Fifty chambers, and fifty with poorer resolution, where hits lie between the tracks.

# %%
for smearing in (1.5, 4.0):
    for method in (nearest_known, propagate):
        right = []
        for seed in range(50):
            position, charge, known = four_labels(seed, smearing=smearing)
            same = method(position, known, charge[known]) == charge
            right.append(np.delete(same, known).mean())
        said = f"{np.mean(right):.3f} ± {np.std(right, ddof=1) / np.sqrt(50):.3f}"
        print(f"resolution {smearing} cm   {method.__name__:14} {said}")

# %% [markdown]
# Propagation rests on one assumption: what is close together is alike. Where hits fill the space between
# the tracks, a label crosses the bridge and paints part of the other track, with full confidence. One
# notices with a few more labels, kept back for the test.

# %% [markdown]
# ## Reinforcement: learn by doing
#
# No examples at all, only an environment that answers. A particle looks for the exit of a maze. In each cell
# it may move up, right, down or left; a wall sends it back. It gets a reward of 1 at the exit, nothing
# before.

# %%
walls = [
    "##########",
    "#...#....#",
    "#.#.#.##.#",
    "#.#...#..#",
    "#.#####.##",
    "#....#...#",
    "####...#E#",
    "##########",
]
cells = np.array([list(row) for row in walls])
starts = [tuple(cell) for cell in np.argwhere(cells == ".")]


# %% [markdown]
# All that the environment does is to say where a move leads.


# %%
def step(cell, move):
    row, column = np.add(cell, [(-1, 0), (0, 1), (1, 0), (0, -1)][move])
    return cell if cells[row, column] == "#" else (row, column)


# %% [markdown]
# **Q-learning** keeps a table $Q(s, m)$ with an entry for each cell $s$ and move $m$: the reward it expects
# from there on. A reward counts $\gamma = 0.9$ times as much if it comes one step later. Say the move $m$ in
# the cell $s$ brought the reward $r$ and led to the cell $s'$. Then one entry goes a part $\alpha$ of the way
# towards what was seen,
#
# $$ Q(s, m) \leftarrow Q(s, m) + \alpha\,\bigl[\, r + \gamma \max_{m'} Q(s', m') - Q(s, m) \,\bigr] , $$
#
# and mostly takes the move with the largest $Q$, at random among equals, and sometimes any move at all.


# %%
def episode(Q, cell, rng, explore=0.2, alpha=0.5, gamma=0.9, limit=200):
    for steps in range(1, limit + 1):
        best = np.flatnonzero(Q[cell] == Q[cell].max())
        move = rng.integers(4) if rng.random() < explore else rng.choice(best)
        after = step(cell, move)
        reward = float(cells[after] == "E")
        Q[cell][move] += alpha * (reward + gamma * Q[after].max() - Q[cell][move])
        if reward:
            return steps
        cell = after
    return limit


# %% [markdown]
# Three hundred episodes from random cells, with a copy of the table now and then.

# %%
rng = np.random.default_rng(1)
Q = np.zeros((*cells.shape, 4))
shown = (0, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300)
tables = []
for number in range(shown[-1] + 1):
    if number in shown:
        tables.append(Q.copy())
    episode(Q, starts[rng.integers(len(starts))], rng)

# %% [markdown]
# The table can be read as a **policy**: in each cell, the move with the largest $Q$. Move the slider.
# **Predict first**: where do the first arrows appear?

# %% tags=["widget"]
from hepml_course.widgets import policy_steps

policy_steps(walls, tables, shown, still=7)

# %% [markdown] tags=["alt:previous"]
# The maze after fifty episodes. Every cell near the exit has an arrow along the way out, the darker the
# closer it is. In the winding corridor at the upper left seven cells have only a dot.

# %% [markdown]
# At the exit, and from there they grow backwards: a cell learns from its neighbour's $Q$. $P$ is the mean
# number of steps to the exit. The baseline is a random walk. The limit is the shortest way, which we find by
# flooding the maze from the exit. (Only the result is needed; you may pass over the code.)

# %%
ring = [tuple(np.argwhere(cells == "E")[0])]
distance = {ring[0]: 0}
while ring:
    reached = [(step(cell, move), distance[cell] + 1) for cell in ring for move in range(4)]
    ring = [cell for cell, _ in reached if cell not in distance]
    distance |= {cell: far for cell, far in reached if cell in ring}


# %% [markdown]
# With `alpha=0` nothing is learned any more. In each of ten rounds the particle starts once in every cell;
# the uncertainty comes from the scatter of the rounds. After 2000 steps it is stopped.


# %%
def one_round(Q, explore, rng):
    ways = [episode(Q.copy(), cell, rng, explore, alpha=0.0, limit=2000) for cell in starts]
    return np.mean(ways)


def mean_steps(Q, explore):
    rng = np.random.default_rng(2)
    rounds = [one_round(Q, explore, rng) for _ in range(10)]
    return f"{np.mean(rounds):6.1f} ± {np.std(rounds, ddof=1) / np.sqrt(10):.1f} steps"


print("random walk           ", mean_steps(tables[0], explore=1.0))
print("after  20 episodes    ", mean_steps(tables[5], explore=0.2))
print("after 300 episodes    ", mean_steps(tables[-1], explore=0.2))
print("the same, no exploring", mean_steps(tables[-1], explore=0.0))
print(f"shortest way           {np.mean([distance[cell] for cell in starts]):6.1f} steps")

# %% [markdown]
# After 300 episodes {{ sum(distance[step(c, tables[-1][c].argmax())] < distance[c] for c in starts) }} of
# {{ len(starts) }} arrows lie on a shortest way. The others are far from the exit, where the two ways are
# nearly as long, and point along the longer one. Exploring costs a few steps. Early on the policy fails where
# it has never been: cells with a dot have no arrow, and the particle wanders.
#
# **Question.** To help, somebody adds a reward of 0.5 in one corridor halfway to the exit, given each time
# the particle enters it. What will it learn?

# %% [markdown] tags=["fold"]
# To step in and out of the corridor for ever: 0.5 every second step is worth more than a single 1 at the
# exit. The performance we measure (steps to the exit) and the reward it learns from are two things, and it
# only knows the second.

# %% [markdown]
# ## When not to use machine learning
#
# **Question.** Where would you train something? (a) The invariant mass of two photons from their energies and
# directions. (b) The energy loss of photons near the edges of crystals, with a million simulated showers.
# (c) The efficiency of a trigger that recorded forty events. (d) A cut that removes jets, where recorded data
# contain jets that no generator makes.

# %% [markdown] tags=["fold"]
# (b). For (a) there is a formula, exact and free. In (c) forty events give one number with its binomial
# error, and no more. In (d) one may train, but the simulation cannot say how well it works; look for a way
# to measure that on data first.

# %% [markdown]
# What we have seen says it in general:
#
# - **There is a formula.** The line took one matrix inversion and came with its uncertainty. Nobody learns to
#   compute a payroll, as lecture 000 puts it.
# - **There is little experience.** With twenty jets, two well-chosen parameters beat a model that knows
#   nothing.
# - **The experience is not like the data.** The wrong spectrum moved the scale by several per cent, in
#   silence.
# - **Nobody can say what good means.** k-means finds three groups in anything. Without a measure of
#   performance that you trust, a method cannot be wrong, and so it cannot be right.
# - **A cut does it.** If the gain is smaller than the systematic uncertainty that a complicated model brings,
#   keep the cut.

# %% [markdown]
# ## Summary
#
# | kind | task here | performance | experience |
# |---|---|---|---|
# | supervised, regression | $p_T$ of a jet | relative width, closure | jets with their true $p_T$ |
# | supervised, classification | electron or jet | accuracy on new showers | showers with their class |
# | unsupervised | group deposits, unmix channels | squared distance, non-Gaussianity | no labels |
# | semi-supervised | follow two tracks | share of right hits | all hits, four labels |
# | reinforcement | find the exit | steps | rewards on the way |
#
# - Least squares is $-\log L$ of a Gaussian, cross-entropy that of a coin. Choose the loss by how the data
#   scatter.
# - A closed form gives the minimum and its uncertainty at once. Learning walks downhill and gives the
#   minimum.
# - Judge on new examples, with an uncertainty, next to something simple.
# - A model learns its examples, with their spectrum and their gaps. Test it on others.
#
# Now do it yourself: `exercises/01_learning_from_data.ipynb`.
