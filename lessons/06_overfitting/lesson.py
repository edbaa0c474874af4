# ---
# course:
#   title: Overfitting, and what helps
#   minutes: 75
#   objectives:
#     - split an error into bias, variance and noise, and say which of them more data cures
#     - say what training, validation and test events may be used for, and what peeking costs
#     - estimate a test error by k-fold cross-validation, and split events by their number
#     - cure a network that has memorised its events, and tell from a table whether the cure worked
#     - explain why agreement of training and test scores is not what a good classifier needs
#   requires: [02_perceptron, 05_roc_auc]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Overfitting, and what helps
#
# A discriminator fires when a detector pulse crosses a threshold. A high pulse crosses at once, a low one
# only near its peak: the time it reports walks with the height. A calibration run has twenty pulses of
# known height and start. Which curve takes the walk out?

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course.simulate import time_walk

run = time_walk(20, rng=2)
axes = ("pulse height / threshold", "time of crossing / ns")
fig, ax = plt.subplots()
ax.plot(*run, "o")
_ = ax.set(xlabel=axes[0], ylabel=axes[1])

# %% [markdown] tags=["alt:previous"]
# Twenty points of crossing time against pulse height. The time falls from about 1.1 ns just above the
# threshold, steeply first, then more and more gently, to about 0.1 ns at six thresholds. Points scatter by
# 0.1 ns.

# %% [markdown]
# The pulse shape is a formula, so the true curve is known. It is no polynomial. The noise of 0.1 ns is the
# same everywhere; distrust that, in a real detector low pulses jitter more.
#
# ## The simplest thing: a straight line
#
# The least-squares line, and its residuals: on the points it was fitted to, and on a new run of 400 pulses
# over the same heights.

# %%
new = time_walk(400, rng=7)
line = np.polynomial.Polynomial.fit(*run, 1)


def rms(fit, pulses):
    return np.sqrt(np.mean((fit(pulses.height) - pulses.time) ** 2))


print(f"straight line: {rms(line, run):.3f} ns on its own points, {rms(line, new):.3f} ns on new ones")

# %% [markdown]
# That is half as much again as the noise. The line is too stiff: it *underfits*. So let the degree rise.
#
# **Predict before you move it.** What does the error on the fitted points do as the degree goes up? Can it
# ever rise? What does the error on new points do?

# %% tags=["widget"]
from hepml_course.simulate import crossing_time
from hepml_course.widgets import polynomial_degree

polynomial_degree(run, new, truth=crossing_time, axes=axes, unit="ns", still=13)

# %% [markdown] tags=["alt:previous"]
# Left, the twenty points, the true curve dashed, and the polynomial of degree 13, which passes close to most
# of the points and swings away from the truth near both ends. Right, the residual on the fitted points falls
# with every degree; that on new points falls to a flat minimum around degree four and rises steeply above
# degree twelve.

# %% [markdown] tags=["fold"]
# On the fitted points the error can only fall: degree 6 contains degree 5 as a special case, and least
# squares picks the best. On new points it falls as long as the curve learns the walk, and rises when it
# learns the accidents of these twenty pulses. The gap between the two errors is what overfitting means.

# %% [markdown]
# ## Bias and variance
#
# One run is one accident. With the truth in hand we can repeat the calibration a thousand times and ask two
# questions. How far is the *average* curve from the truth? That is the bias. How much do the curves scatter
# around their average? That is the variance. For a new pulse at height $h$, with noise $\sigma$,
#
# $$ \langle (f(h) - t)^2 \rangle = (\langle f\rangle - f_\mathrm{true})^2 + \langle (f - \langle f\rangle)^2
# \rangle + \sigma^2 . $$
#
# The same heights, a thousand runs, one solve for all of them:

# %%
from numpy.polynomial.legendre import legvander

many = time_walk(20, rng=8, sets=1000)


def curves(degree, height):
    """The curves of all runs at these heights, shape (runs, heights)."""
    u = (many.height - 3.5) / 2.5  # Legendre polynomials live between -1 and 1
    coefficients = np.linalg.lstsq(legvander(u, degree), many.time.T, rcond=None)[0]
    return (legvander((height - 3.5) / 2.5, degree) @ coefficients).T


# %% [markdown]
# And the test: every curve meets new pulses with noise of their own.

# %%
truth, noise = crossing_time(new.height), 0.1
fresh = truth + np.random.default_rng(9).normal(0, noise, (1000, 400))
bias2, variance, measured = np.zeros((3, 16))
for degree in range(16):
    f = curves(degree, new.height)
    bias2[degree] = np.mean((f.mean(axis=0) - truth) ** 2)
    variance[degree] = np.mean(f.var(axis=0))
    measured[degree] = np.mean((f - fresh) ** 2)

# %%
fig, ax = plt.subplots(figsize=(6.2, 4.2))
ax.semilogy(bias2, "v-", label="bias²")
ax.semilogy(variance, "^-", label="variance")
ax.axhline(noise**2, color="gray", ls=":", label="noise²")
ax.semilogy(bias2 + variance + noise**2, "k-", label="sum of the three")
ax.semilogy(measured, "o", color="C3", label="error on new pulses")
ax.set(xlabel="degree", ylabel="mean squared error / ns²", ylim=(1e-5, 10))
_ = ax.legend(ncols=2)

# %% [markdown] tags=["alt:previous"]
# Mean squared error against the degree. The squared bias falls by three orders of magnitude up to degree
# twelve and then seems to rise again; the variance rises slowly, then ever faster. Their sum with the noise
# has a flat minimum at degree four and runs through the points measured on new pulses.

# %% [markdown]
# The three parts add up to what is measured. The best degree, {{ np.argmin(measured) }}, still has a bias;
# it is a truce between two errors. (At the highest degrees the bias seems to return. It is the scatter that
# is left in the mean of a thousand wild curves.)
#
# **Question.** Ten times more pulses per run: which of the three parts shrinks? Where does the best degree
# move?

# %% [markdown] tags=["fold"]
# The variance, by a factor of ten at low degrees: every coefficient is an average over the pulses. (At high
# degrees by much more, since twenty heights leave gaps in which a curve can swing.) Bias and noise stay. So
# a higher degree becomes affordable, and the minimum moves to the right. A model is too large *for a
# sample*, never in itself.

# %% [markdown]
# ## Three samples, and the price of peeking
#
# No truth is at hand in an analysis. What is left are events that did not take part:
#
# | sample | may be used for | may not be used for |
# |---|---|---|
# | training | the weights | any statement about quality |
# | validation | the degree, the width, when to stop, which of ten models | the number you quote |
# | test | the number you quote, once | any decision |
#
# The middle row is the one that hurts. Choosing is learning, too: the best of many scores is partly luck.
# How much? On the showers of lesson 02 the true accuracy of a line is an integral over two Gaussians.

# %%
from scipy.stats import norm

from hepml_course.simulate import electrons_and_jets
from hepml_course.simulate.points import ELECTRON, JET


def fit_line(x, y):
    """Bias and two weights, by least squares on labels of +1 and -1."""
    return np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]


def true_accuracy(w):
    z = [(w[0] + w[1:] @ c.mean) / np.sqrt(w[1:] @ c.covariance @ w[1:]) for c in (ELECTRON, JET)]
    return (norm.cdf(z[0]) + norm.cdf(-z[1])) / 2


# %% [markdown]
# A hundred candidates, each a line fitted to its own ten electrons and ten jets. They stand for a hundred
# settings of a network. A thousand physicists have 200 validation showers each, and let every candidate
# run on them.

# %%
lines = np.array([fit_line(*electrons_and_jets(10, rng=seed)) for seed in range(100)])
true = np.array([true_accuracy(w) for w in lines])
x, y = electrons_and_jets(100_000, rng=10)
right = (lines[:, 0] + x @ lines[:, 1:].T > 0) == (y > 0)[:, None]
scores = right.reshape(1000, 200, 100).mean(axis=1)

# %% [markdown]
# Each looks at the first $K$ candidates, takes the one with the highest score and quotes this score.
#
# **Predict before you run.** With $K = 100$: is the quoted accuracy too high by about 0.002, 0.02 or 0.2?

# %%
looked_at = np.array([1, 2, 5, 10, 30, 100])
chosen = np.array([scores[:, :k].argmax(axis=1) for k in looked_at])
quoted = np.take_along_axis(scores.T, chosen, axis=0)
for k, q, t in zip(looked_at, quoted, true[chosen], strict=True):
    bias, error = np.mean(q - t), np.std(q - t) / np.sqrt(1000)
    print(f"best of {k:3}: quoted {q.mean():.3f}  true {t.mean():.3f}  too high by {bias:.4f} ± {error:.4f}")

# %% [markdown]
# With one candidate nothing is chosen and the score is fair. With a hundred it is too high by
# {{ 100 * np.mean(quoted[-1] - true[chosen[-1]]):.1f }} percentage points, comparable to the statistical
# error of a single score, {{ 100 * np.sqrt(true.mean() * (1 - true.mean()) / 200):.1f }} points. The choice
# itself was good: the chosen line truly has {{ true[chosen[-1]].mean():.3f }}, the average candidate
# {{ true.mean():.3f }}. It is the *number* that is spoilt. New showers repair it: the
# chosen line, on a test sample that chose nothing.

# %%
x, y = electrons_and_jets(100_000, rng=11)
on_test = (lines[:, 0] + x @ lines[:, 1:].T > 0) == (y > 0)[:, None]
on_test = on_test.reshape(1000, 200, 100).mean(axis=1)
honest = on_test[np.arange(1000), chosen[-1]] - true[chosen[-1]]
print(f"best of 100, quoted from a test sample: off by {honest.mean():+.4f} ± {honest.std() / 1000**0.5:.4f}")

# %% [markdown]
# ## k-fold cross-validation, by hand
#
# With a hundred showers, twenty of them are a poor judge, and eighty poor teachers. So let every shower be
# a judge once: cut the sample into $k$ parts, train on all but one, judge on that one, $k$ times.


# %%
def k_fold(x, y, k, rng):
    """Accuracy on each of k parts, of a line fitted to all the others."""
    parts = np.array_split(rng.permutation(len(y)), k)
    accuracy = []
    for part in parts:
        rest = np.setdiff1d(np.arange(len(y)), part)
        w = fit_line(x[rest], y[rest])
        accuracy.append(np.mean((w[0] + x[part] @ w[1:] > 0) == (y[part] > 0)))
    return accuracy


# %% [markdown]
# The first part alone is what one split gives. Repeat with 400 samples of a hundred showers, and compare
# both with the true accuracy of the line fitted to all hundred.

# %%
rng = np.random.default_rng(12)
one, five, naive = np.zeros((3, 400))
for i in range(400):
    x, y = electrons_and_jets(50, rng=rng)
    parts = k_fold(x, y, 5, rng)
    truth_i = true_accuracy(fit_line(x, y))
    one[i], five[i] = parts[0] - truth_i, np.mean(parts) - truth_i
    naive[i] = np.std(parts, ddof=1) / np.sqrt(5)
print(f"one split: off by {one.mean():+.3f} on average, spread {one.std():.3f}")
print(f"five-fold: off by {five.mean():+.3f} on average, spread {five.std():.3f}")
print(f"error that the five parts suggest: {naive.mean():.3f}")

# %% [markdown]
# The ratio of the two spreads, with its uncertainty from resampling the 400 repetitions:

# %%
from hepml_course.claims import claim

draws = rng.integers(0, 400, (1000, 400))
ratio = five.std() / one.std()
ratio_error = np.std(five[draws].std(axis=1) / one[draws].std(axis=1))
claim("kfold-variance", ratio, ratio_error)

# %% [markdown]
# **Question.** The lines were trained on eighty showers, the line you will use on a hundred. In which
# direction does that push the estimate? And what do five trainings *not* give you?

# %% [markdown] tags=["fold"]
# Down a little: less data, slightly worse lines. And they give no independent numbers. Two trainings share
# sixty of their eighty showers. Here the naive error from the five parts comes out about right on average;
# with models that hang on single events it does not, and no formula for the variance is right for all of
# them. If you *chose* something with the five numbers, the section above applies again: a test sample.

# %% [markdown]
# ## The split by event number
#
# An analysis is run many times, by many people, on tables that are sorted, filtered and merged. A random
# split would deal the events anew each time, and events that trained the old model would test it tomorrow.
# So the event's own number decides.
#
# The events are those of the lecture; lesson 09 makes an analysis of them. Signal is a Z that decays to two
# tau leptons: one becomes a muon and neutrinos, the other a narrow spray of hadrons, the *tau candidate*.
# Background is a W that decays to a muon and a neutrino, next to a jet that looks like a tau. Each row is one
# simulated collision; columns that begin with `evtsel_` are what the detector would report. The cuts ask for
# one good muon and one tau candidate of opposite charge.

# %%
import pandas as pd

from hepml_course import data

tables = data.load("ztautau", only=["Ztautau", "Wmunu"])
events = pd.concat(tables, names=["process", "row"]).reset_index()
events = events[
    (events.evtsel_is_tau * events.evtsel_is_mu * events.evtsel_is_isoLep * events.evtsel_is_dilepVeto > 0)
    & (events.evtsel_is_conf_lep_veto == 1)
    & (events.evtsel_is_oppositeSign > 0)
    & (events.evtsel_lep_pt > 26)
    & (events.evtsel_transverseMass < 70)
    & (events.evtsel_tau_eta.abs() < 2.47)
    & (events.evtsel_lep_eta.abs() < 2.4)
]


# %%
signal = (events.process == "Ztautau").to_numpy()
print(f"{signal.sum()} Z → ττ and {(~signal).sum()} W → μν, each row counted once")

# %% [markdown]
# Rows count once in this lesson, without `WeightLumi`: the question is what a model has learned from its
# rows, not how many events a detector would see. Inside each process the weights are nearly equal anyway.
#
# The rule mixes the digits of the number before it takes a remainder. The large constant is Knuth's; any
# odd number without pattern would do.


# %%
def part_of(number, parts):
    """A part between 0 and parts - 1 for each event number, the same for ever."""
    mixed = np.asarray(number, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(2**32)
    return (mixed * np.uint64(parts) >> np.uint64(32)).astype(int)


part = part_of(events.eventNumber, 5)
print("events in each part:", np.bincount(part))

# %% [markdown]
# Now no event is wasted. Model $k$ is trained without part $k$ and applied to part $k$ only, so every event
# gets a score from a model that has never seen it. Recorded events are dealt by their number in the same
# way.
#
# The lecture's five variables: the transverse energy of the tau candidate, the sum of the angles in $\phi$
# between muon, tau and missing momentum, the number of $\pi^0$ in the tau candidate, the transverse mass
# $m_T$ of muon and missing momentum, and the sum of the two cosines. For a W, $m_T$ reaches up to the W mass;
# for a Z the neutrinos fly along the taus and $m_T$ is small. More you need not know here.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from hepml_course.metrics import auc

VARIABLES = ["evtsel_tau_et", "evtsel_dPhiSum", "evtsel_tau_pi0_n", "evtsel_transverseMass", "sum_cos_dphi"]
table = events[VARIABLES].to_numpy()
score = np.empty(len(events))
for k in range(5):
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(table[part != k], signal[part != k])
    score[part == k] = model.predict_proba(table[part == k])[:, 1]
print(f"AUC with fair scores for all {len(score)} events: {auc(score, signal)}")

# %% [markdown]
# ### When rows are not events
#
# Simulation is expensive, so some productions let one collision pass the detector several times, with new
# smearing. The rows differ, the collision does not. We play that: a thousand collisions, each four times,
# every variable smeared by a tenth of its spread.
#
# **Predict before you run.** A forest of trees, tested on a random quarter of the rows, or on a quarter of
# the collisions. Which AUC is higher? Which is true?

# %%
from sklearn.ensemble import RandomForestClassifier

rng = np.random.default_rng(13)
first = rng.permutation(len(events))[:1000]
rows = np.repeat(first, 4)
smeared = table[rows] + rng.normal(0, 0.1, (4000, 5)) * table.std(axis=0)
others = np.setdiff1d(np.arange(len(events)), first)

splits = {"rows": rng.permutation(4000) % 4, "collisions": part_of(events.eventNumber.to_numpy()[rows], 4)}

# %% tags=["training"]
for name, deal in splits.items():
    forest = RandomForestClassifier(100, random_state=0).fit(smeared[deal > 0], signal[rows][deal > 0])
    claimed = auc(forest.predict_proba(smeared[deal == 0])[:, 1], signal[rows][deal == 0])
    real = auc(forest.predict_proba(table[others])[:, 1], signal[others])
    print(f"split by {name:10}: AUC {claimed.value:.3f} on its test rows, {real} on other collisions")

# %% [markdown]
# Split by rows, the forest meets two or three siblings of nearly every test row in its training. The test is
# then one of memory. Split by the event number, siblings stay together, and what remains is the chance of 250
# collisions, about 0.02 in AUC: four rows of one are not four events, for an uncertainty either.
#
# **Question.** Which of these rules may deal events into training and test: (a) `eventNumber % 2`, (b) the
# sign of the muon's $\eta$, (c) `vis_mass > 60 GeV`, (d) `eventNumber % 2`, and inside the training half
# `eventNumber % 4` for validation?

# %% [markdown] tags=["fold"]
# (a) yes, if numbers were given blindly. In a file where signal has even and background odd numbers it is a
# disaster, and mixing the digits does not help: look first. (b) not quite: a detector is not exactly
# symmetric, and a model never tested on one side is tested on less than it is used for. (c) no: the rule
# looks at what the model looks at, so training and test are different physics. (d) no: in the even half
# `eventNumber % 4` is only ever 0 or 2. Two of four parts are empty. A second split needs a rule that is
# independent of the first, such as another constant in the mixing. In general: the rule must know nothing
# that the model or the truth knows.

# %% [markdown]
# ## Learning curves
#
# Is more data worth its price? Train on less and see where the curve is heading. Two models on the five
# variables: the straight logistic one, and boosted trees. Five samples of each size; half of all events
# test.

# %% tags=["training"]
from sklearn.ensemble import HistGradientBoostingClassifier

half = part_of(events.eventNumber, 2)
pool, judges = np.flatnonzero(half == 0), np.flatnonzero(half == 1)
sizes = [50, 150, 500, 1500, 5000]
models = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "boosted trees": HistGradientBoostingClassifier(max_iter=60, max_leaf_nodes=8, min_samples_leaf=5),
}

# %% tags=["training"]
curve = np.zeros((2, len(sizes), 5, 2))  # model, size, sample, (training, test)
for i, model in enumerate(models.values()):
    for j, n in enumerate(sizes):
        for r in range(5):
            taught = np.random.default_rng(r).permutation(pool)[:n]
            model.fit(table[taught], signal[taught])
            for s, group in enumerate((taught, judges)):
                curve[i, j, r, s] = auc(model.predict_proba(table[group])[:, 1], signal[group]).value

# %% tags=["training"]
fig, ax = plt.subplots(figsize=(8, 4.2))
for i, name in enumerate(models):
    for s, (what, line) in enumerate((("training", "--"), ("test", "-"))):
        mean, spread = curve[i, :, :, s].mean(axis=1), curve[i, :, :, s].std(axis=1, ddof=1) / np.sqrt(5)
        ax.errorbar(sizes, mean, spread, fmt=f"o{line}", color=f"C{i}", label=f"{name}, {what}")
ax.set(xlabel="training events", ylabel="AUC", xscale="log")
_ = ax.legend(loc="upper left", bbox_to_anchor=(1, 1))

# %% [markdown] tags=["alt:previous"]
# AUC against the number of training events. For both models the training curve falls and the test curve
# rises, and they approach each other. The logistic model is better on test events up to some hundred
# training events and then flat; the trees are worse there, pass it between 150 and 1500 events and still rise
# slowly at 5000.

# %% [markdown]
# How to read it. Curves that have met: the model has learned what it can, and more events will not help it.
# Whether another model can do better, this pair of curves does not say; the other pair does. Curves far
# apart: the model is large for this sample, and more events will probably help. Which model is better is a
# question that has no answer without the number of events.
#
# The error bars hold the chance of the training sample only. All tests use the same events, and at 5000 the
# five samples overlap, so those bars are a little too short.

# %% tags=["training"]
assert curve[1, 0, :, 0].mean() > curve[1, -1, :, 0].mean()  # the training AUC falls
assert curve[1, -1, :, 1].mean() > curve[0, -1, :, 1].mean()  # trees win with many events
assert curve[1, 0, :, 1].mean() < curve[0, 0, :, 1].mean() + 0.02  # and not with few

# %% [markdown]
# ## A network that remembers
#
# Now the disease itself. We take away the physicist's variables and give a network what the detector gives:
# $p_x, p_y$ of muon, tau candidate and missing momentum, and two $\eta$. It gets 11,000 weights,
# and 500 events to set them.

# %%
objects = ["lep_pt", "tau_et", "met_et"]
angle = [events[f"evtsel_{name.split('_')[0]}_phi"] for name in objects]
size = [events[f"evtsel_{name}"] / 30 for name in objects]  # in units of 30 GeV
px = [s * np.cos(a) for s, a in zip(size, angle, strict=True)]
py = [s * np.sin(a) for s, a in zip(size, angle, strict=True)]
inputs = np.column_stack([*px, *py, events.evtsel_lep_eta, events.evtsel_tau_eta]).astype("float32")
print("columns: px of three, py of three, two η; shape", inputs.shape)

# %% [markdown]
# One training tells little, so all that follows is done ten times, on ten disjoint groups of events. Each
# group has its own 500 training events, 400 to validate, 1000 kept for later, and the rest to test. The mixed
# event number puts them in order.

# %%
order = np.argsort(part_of(events.eventNumber, 2**32), kind="stable")
n = len(order) // 10
x = inputs[order][: 10 * n].reshape(10, n, 8)
y = signal[order][: 10 * n].reshape(10, n, 1).astype("float32")
TRAIN, VALID, TEST = slice(500), slice(500, 900), slice(1900, None)
MORE = np.r_[0:500, 900:1900]  # the training events and a thousand others
print(f"ten groups of {n} events, {n - 1900} of them to test")

# %% [markdown]
# The baseline needs no training: the transverse mass, with its sign turned since signal has the lower values.

# %%
m_t = -events.evtsel_transverseMass.to_numpy()[order][: 10 * n].reshape(10, n)
mass_alone = np.array([auc(m[TEST], t[TEST, 0]).value for m, t in zip(m_t, y, strict=True)])
print(f"transverse mass alone: AUC {mass_alone.mean():.3f} ± {mass_alone.std(ddof=1) / 10**0.5:.3f}")

# %% [markdown]
# The network, in plain Keras, on the first group. All 500 events are one batch, so a step is an epoch.

# %% tags=["training"]
import keras

from hepml_course import plot
from hepml_course.training import set_seed

set_seed(6)
hidden = [keras.layers.Dense(100, activation="relu") for _ in range(2)]
output = keras.layers.Dense(1, activation="sigmoid")
plain = keras.Sequential([keras.Input((8,)), *hidden, output])
plain.compile(
    keras.optimizers.Adam(5e-3), loss="binary_crossentropy", metrics=[keras.metrics.AUC(name="auc")]
)

# %% tags=["training"]
held_out = (x[0, VALID], y[0, VALID])
history = plain.fit(x[0, TRAIN], y[0, TRAIN], batch_size=500, epochs=60, validation_data=held_out, verbose=0)

# %% tags=["training"]
fig, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.6))
for ax, name, label in ((left, "loss", "cross-entropy"), (right, "auc", "AUC")):
    ax.plot(history.history[name], label="training")
    ax.plot(history.history[f"val_{name}"], "--", label="validation")
    ax.set(xlabel="epoch", ylabel=label)
_ = left.legend()

# %% [markdown] tags=["alt:previous"]
# Left, cross-entropy against epochs: on training events it goes to zero, on validation events it falls for
# some twenty-five epochs and then climbs without end. Right, the AUC: it reaches one on training events, and
# on validation events it rises to its level and stays there.

# %% [markdown]
# The loss says that the network gets worse and worse. The AUC says that it does not. **Question.** How can
# both be right?

# %% [markdown] tags=["fold"]
# The loss asks for probabilities, the AUC for an order. The network keeps the order and turns every 0.8 into
# 0.9999: where it is wrong it is wrong with full confidence, and the cross-entropy pays for that without
# limit. Lecture 002 has seen it: the significance may improve while the validation loss does not. So "is it
# overfitted" needs a metric, and the table below has three.

# %% [markdown]
# ### Ten at once
#
# `copies.Dense` is a Keras layer that holds ten sets of weights and takes an array of ten groups. One step
# of the optimiser is a step of all ten, and they never mix. Otherwise it reads like Keras. The switches of
# the function are the cures to come (`Turn` is the last of them), and the seed comes before the weights are
# drawn: networks of the same shape start from the same weights.

# %% tags=["training"]
from hepml_course import copies


def network(widths=(100, 100), l1=0, l2=0, keep=1, normalise=False, turn=False):
    set_seed(6)
    layers = [Turn()] if turn else []
    for width in widths:
        layers += [copies.Dense(width, l1=l1, l2=l2)]
        layers += [copies.BatchNormalization()] if normalise else []
        layers += [keras.layers.ReLU()]
        layers += [copies.Dropout(1 - keep)] if keep < 1 else []
    model = keras.Sequential([keras.Input(batch_shape=(10, None, 8)), *layers, copies.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(5e-3), loss="binary_crossentropy")
    return model


# %% [markdown]
# Training is a loop. While it runs, every fifth step the validation events are asked, and each copy's best
# weights are kept: nobody needs them unless we stop early.


# %% tags=["training"]
def predict(model, events):
    return keras.ops.convert_to_numpy(model(events, training=False))[..., 0]


def cross_entropy(p, truth):
    """Mean of each copy, shape (10,)."""
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -np.mean(np.log(np.where(truth[..., 0] > 0, p, 1 - p)), axis=1)


# %% tags=["training"]
def train(model, events=x[:, TRAIN], truth=y[:, TRAIN], steps=150, early=False):
    best = copies.BestSoFar(model)
    for step in range(steps):
        model.train_on_batch(events, truth)
        if early and step % 5 == 4:
            best.look(step, cross_entropy(predict(model, x[:, VALID]), y[:, VALID]))
    if early:
        best.restore()
    return model


# %% [markdown]
# One line of the table to come: AUC on the 500 training events, AUC and cross-entropy on test events.

# %% tags=["training"]
results = {}


def judge(name, model):
    on_train, on_test = predict(model, x[:, TRAIN]), predict(model, x[:, TEST])
    train_auc = [auc(*pair).value for pair in zip(on_train, y[:, TRAIN, 0], strict=True)]
    test_auc = [auc(*pair).value for pair in zip(on_test, y[:, TEST, 0], strict=True)]
    results[name] = np.array([train_auc, test_auc, cross_entropy(on_test, y[:, TEST])])
    mean = results[name].mean(axis=1)
    print(f"{name:26} AUC train {mean[0]:.3f}  test {mean[1]:.3f}   test loss {mean[2]:.2f}")


# %% tags=["training"]
judge("large network", train(network()))
judge("large, twice the steps", train(network(), steps=300))

# %% [markdown]
# Twice the steps change nothing but the confidence. Some cures below need them, and this line shows that the
# steps are not the cure. Does the network understand or remember? A test with an answer: shuffle the labels,
# so that there is nothing to understand.
#
# **Predict before you run.** The AUC on its 500 training events, with labels from a coin?

# %% tags=["training"]
coin = np.random.default_rng(14).permuted(y[:, TRAIN], axis=1)
confused = predict(train(network(), truth=coin, steps=300), x[:, TRAIN])
learned = np.array([auc(p, t[:, 0]).value for p, t in zip(confused, coin, strict=True)])
print(f"AUC on 500 training events with random labels: {learned.mean():.3f}")
assert learned.mean() > 0.9

# %% [markdown]
# It has room for 500 coin tosses. A perfect score on training events says nothing about a network of this
# size, not even that there is something to learn.

# %% [markdown]
# ## The cures, one by one
#
# The recipe of each was chosen on validation events; the test events chose nothing.
#
# **Early stopping** takes the weights at the step where the loss on validation events was lowest. It costs
# 400 events that could have been trained on. **A smaller network** has 32 neurons in one layer; it learns
# more slowly, so it gets twice the steps.

# %% tags=["training"]
judge("early stopping", train(network(), early=True))
judge("smaller network", train(network(widths=(32,)), steps=300))

# %% [markdown]
# **L1 and L2** add a price for weights to the loss, $\lambda\sum|w|$ and $\lambda\sum w^2$. L1 pushes the
# weights that do not pay to zero, L2 shrinks all of them. (The lecture writes $\frac12\lambda w^2$; Keras
# leaves out the half, so the same penalty has half the $\lambda$ in Keras.)
#
# **Predict:** what do they do to the training AUC?

# %% tags=["training"]
judge("L1, λ = 0.001", train(network(l1=1e-3)))
judge("L2, λ = 0.01", train(network(l2=1e-2)))
judge("L1 and L2", train(network(l1=1e-3, l2=5e-3)))

# %% [markdown]
# **Dropout** silences each hidden neuron with some probability at every step, so that no neuron can rely on
# a particular other one. Here lies a trap. The lecture, as the paper behind it, gives the probability $p$ to
# *keep* a node: 0.5 to 0.8 in hidden layers, 0.8 for inputs. `keras.layers.Dropout(rate)` wants the
# probability to *drop* it. Whoever types the lecture's 0.8 into Keras keeps one neuron in five.

# %%
ones = np.ones((1, 10_000), dtype="float32")
after = keras.ops.convert_to_numpy(keras.layers.Dropout(0.8, seed=1)(ones, training=True))
print(f"Dropout(0.8): kept {np.mean(after > 0):.2f} of the nodes, each times {after.max():.1f}")

# %% [markdown]
# What is kept is multiplied by $1/p$, so that the next layer sees the same sum on average. After training
# nothing is dropped. Noise slows the learning, so dropout also gets twice the steps.

# %% tags=["training"]
judge("dropout, keep 0.5", train(network(keep=0.5), steps=300))

# %% [markdown]
# **Batch normalisation** gives every neuron's input zero mean and unit width over the batch. It is meant for
# speed, and comes back below. **More data** is what the extra 1000 events of each group were kept for.

# %% tags=["training"]
judge("batch normalisation", train(network(normalise=True)))
judge("more data, 1500 events", train(network(), x[:, MORE], y[:, MORE]))

# %% [markdown]
# **Augmentation** makes data from knowledge. Turn an event around the beam: it is as probable as before,
# since protons collide head-on and have no up or down. Exchange the beams, $\eta \to -\eta$ for all
# particles together: the same. (Strictly, turning the collision end for end also mirrors $\phi$. Only a
# triple product of momenta would notice that, and here none is expected.) So a layer turns and mirrors every
# event anew at every step. The coordinates of one event turn *together*; turning them one by one would
# destroy the angles between them.


# %% tags=["training"]
class Turn(keras.layers.Layer):
    """Rotation by a random φ and reflection in η, of whole events, in training only."""

    def __init__(self):
        super().__init__()
        self.seeds = keras.random.SeedGenerator()

    def call(self, x, training=False):
        if not training:
            return x
        one_per_event = (*keras.ops.shape(x)[:2], 1)
        phi = keras.random.uniform(one_per_event, 0, 2 * np.pi, seed=self.seeds)
        side = keras.ops.sign(keras.random.uniform(one_per_event, -1, 1, seed=self.seeds))
        px, py, eta = x[..., :3], x[..., 3:6], x[..., 6:]
        cos, sin = keras.ops.cos(phi), keras.ops.sin(phi)
        return keras.ops.concatenate([cos * px - sin * py, sin * px + cos * py, side * eta], axis=-1)


# %% [markdown]
# A check that costs a line: the products of muon and tau that make mass and relative angle may not change.

# %% tags=["training"]
turned = keras.ops.convert_to_numpy(Turn()(x, training=True))
scalar = [(a[..., 0] * a[..., 1] + a[..., 3] * a[..., 4], a[..., 6] * a[..., 7]) for a in (x, turned)]
assert np.allclose(*np.array(scalar), atol=1e-3)
judge("augmentation", train(network(turn=True)))
judge("turned, L2, 1500 events", train(network(turn=True, l2=1e-3), x[:, MORE], y[:, MORE]))

# %% [markdown]
# ### The table
#
# Large network and cure had the same events and, where the shape is the same, the same start. So the
# *difference* is formed copy by copy; the uncertainty is the spread of ten differences over $\sqrt{10}$. The
# ten groups share no event, neither for training nor for testing. So the ten differences are independent, and
# their spread holds everything: other training events, another start, other test events.


# %% tags=["training"]
def mean_and_error(copies_of_it):
    return copies_of_it.mean(), copies_of_it.std(ddof=1) / np.sqrt(len(copies_of_it))


# %% tags=["training"]
large = results["large network"]
rows = {"transverse mass, no training": ["", f"{mass_alone.mean():.3f}", "", "", ""]}
for name, (train_auc, test_auc, loss) in results.items():
    gain, error = mean_and_error(test_auc - large[1])
    difference = "" if name == "large network" else f"{gain:+.3f} ± {error:.3f}"
    gap = train_auc.mean() - test_auc.mean()
    rows[name] = [
        f"{train_auc.mean():.3f}",
        f"{test_auc.mean():.3f}",
        difference,
        f"{gap:.3f}",
        f"{loss.mean():.2f}",
    ]
pd.DataFrame(rows, index=["train AUC", "test AUC", "gain", "gap", "test loss"]).T

# %% tags=["training"]
fig, ax = plt.subplots(figsize=(7.4, 4.6))
for place, (train_auc, test_auc, _) in enumerate(results.values()):
    ax.plot([train_auc.mean(), test_auc.mean()], [place, place], color="lightgray", zorder=0)
    ax.errorbar(
        train_auc.mean(), place, fmt="o", mfc="white", color="C0", label="training" if place == 0 else ""
    )
    value, error = mean_and_error(test_auc)
    ax.errorbar(value, place, xerr=error, fmt="s", color="C1", label="test" if place == 0 else "")
ax.axvline(mass_alone.mean(), color="gray", ls=":", label="transverse mass alone")
ax.set_yticks(range(len(results)), results)
ax.invert_yaxis()
ax.set_xlabel("AUC, mean of ten trainings")
_ = fig.legend(loc="outside upper right", ncols=3)

# %% [markdown] tags=["alt:previous"]
# One line per network with its training AUC as an open circle and its test AUC as a square with error bar.
# The large network has training AUC 1 and a test AUC a little above that of the transverse mass alone. With
# twice the steps it is the same. Early stopping lies to the left of it, all others to the right.
# Augmentation and its combination with L2 and more data lie furthest right and have the smallest gap.

# %% [markdown]
# The ten groups are independent of each other; two *lines* of the table are not. They share the large network
# and the test events, so two cures may not be compared by their two error bars. Form the difference again:

# %% tags=["training"]
PAIRS = [("L2, λ = 0.01", "more data, 1500 events"), ("augmentation", "L2, λ = 0.01")]
PAIRS += [("augmentation", "more data, 1500 events"), ("turned, L2, 1500 events", "augmentation")]
for one, other in PAIRS:
    value, error = mean_and_error(results[one][1] - results[other][1])
    print(f"{one:24} minus {other:24} {value:+.4f} ± {error:.4f}")
value, error = mean_and_error(large[1] - mass_alone)
print(f"{'large network':24} minus {'transverse mass alone':24} {value:+.4f} ± {error:.4f}")

# %% [markdown]
# Read it line by line. The large network does little better than the transverse mass, which needs no
# training. At the strengths chosen here, weight penalties are worth about as much as three times the data.
# Augmentation is worth more than either. It brings *information*, as more data do, and it is free: the
# symmetry of the beams. All three together do better still, by far less than the sum of their gains. They
# cure the same disease.
#
# Early stopping is the odd one. Its loss is far better and its AUC is not: it stops when confidence begins to
# hurt, and the order of the events was still improving. Batch normalisation is the opposite: a better order,
# and a loss no better. And a small gap is no merit by itself. A network that says 0.5 to everything
# has none.
#
# The claims of the lecture, with the *smallest* effect among its cures. The smallest of eight is again a
# choice made on test events, and is on average too low: the price of peeking, with the other sign. A verdict
# near two standard errors is therefore worth little.

# %% tags=["training"]
CURES = ["early stopping", "smaller network", "L1, λ = 0.001", "L2, λ = 0.01", "L1 and L2"]
CURES += ["dropout, keep 0.5", "more data, 1500 events", "augmentation"]
gains = {name: mean_and_error(results[name][1] - large[1]) for name in CURES}
worst = min(gains, key=lambda name: gains[name][0])
print("smallest gain:", worst)
claim("each-cure-helps", *gains[worst])

# %% tags=["training"]
gap = {name: train_auc - test_auc for name, (train_auc, test_auc, _) in results.items()}
shrinkage = [mean_and_error(gap["large network"] - gap[name]) for name in CURES]
claim("each-cure-closes-gap", *min(shrinkage))

# %% tags=["training"]
claim("each-cure-lowers-loss", *min(mean_and_error(large[2] - results[name][2]) for name in CURES))

# %% [markdown]
# The first is a statement about one cure that fails in one metric, not about the others. Its sign is the same
# for every start we tried. **The verdict on the gap is not**: early stopping shrinks it by so little that the
# number lies near two standard errors, and with seed 11 in place of 6 it was undecided. Would early stopping
# on the validation *AUC* have helped? The end of the exercise says how to find out.

# %% tags=["training"]
assert large[0].mean() > 0.99
assert 0.80 < large[1].mean() < 0.93
for name in ("L1, λ = 0.001", "L2, λ = 0.01", "L1 and L2", "more data, 1500 events", "augmentation"):
    assert gains[name][0] > 0.005, name
assert gains["augmentation"][0] > 0.02
assert results["early stopping"][2].mean() < large[2].mean() / 1.5
assert min(shrinkage)[0] > -0.03

# %% [markdown]
# ## How much dropout?
#
# A scan over the probability to keep a node, five copies for each of seven values, all 35 in one training.
# The lecture says 0.5 to 0.8.
#
# **Predict:** where is the maximum for this network? What happens at 0.2?

# %% tags=["training"]
KEEP = np.array([0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0])
rate = np.repeat(1 - KEEP, 5)
x_scan, y_scan = np.tile(x[:5], (7, 1, 1)), np.tile(y[:5], (7, 1, 1))
set_seed(6)
layers = [keras.Input(batch_shape=(35, None, 8))]
for _ in range(2):
    layers += [copies.Dense(100, "relu"), copies.Dropout(rate)]
scan = keras.Sequential([*layers, copies.Dense(1, "sigmoid")])
scan.compile(keras.optimizers.Adam(5e-3), loss="binary_crossentropy")
_ = train(scan, x_scan[:, TRAIN], y_scan[:, TRAIN], steps=250)

# %% tags=["training"]
p = predict(scan, x_scan[:, TEST])
kept = np.array([auc(a, t[TEST, 0]).value for a, t in zip(p, y_scan, strict=True)]).reshape(7, 5)
fig, ax = plt.subplots()
ax.axvspan(0.5, 0.8, color="C2", alpha=0.15, label="lecture 002")
ax.errorbar(KEEP, kept.mean(axis=1), kept.std(axis=1, ddof=1) / np.sqrt(5), fmt="o-", label="test AUC")
ax.set(xlabel="probability to keep a hidden node", ylabel="AUC, mean of five trainings")
_ = ax.legend(loc="lower right")

# %% [markdown] tags=["alt:previous"]
# Test AUC against the probability to keep a node. Low at 0.2, then a broad maximum between about 0.35 and
# 0.65, and a slow decline to the network without dropout at 1. The band from 0.5 to 0.8 is shaded.

# %% [markdown]
# The error bars are mostly a common shift: all seven points use the same five groups. The best of the seven,
# then, and how much it moves if other copies had been drawn. **The verdict below hangs on the random
# start.** With seed 6, the one of this lesson, the best was 0.35 on our machine and the claim fails; with
# seeds 1, 2, 3 and 11 it was 0.5 and the claim holds. Neither word settles anything; the difference printed
# below does not tell the two values apart.

# %% tags=["training"]
redrawn = np.random.default_rng(15).integers(0, 5, (1000, 5))
best = KEEP[kept[:, redrawn].mean(axis=2).argmax(axis=0)]
claim("dropout-range", KEEP[kept.mean(axis=1).argmax()], best.std())
difference, error = mean_and_error(kept[2] - kept[1])
print(f"AUC at 0.5 minus AUC at 0.35: {difference:+.4f} ± {error:.4f}")
assert kept[0].mean() < kept.mean(axis=1).max() - 0.005

# %% [markdown]
# So what is measured? That 0.2 is too little and that no dropout at all is worse than some. The maximum is
# flat and lies around 0.35 to 0.65, at the lower end of the lecture's range. Whether it is just inside or
# just outside, five copies cannot say. And it is a property of *this* width. Keeping $p$ of the neurons
# leaves an effective network of $p$ times the width; the paper's advice is to divide the width by $p$
# accordingly. A network that was already too large can afford to lose more. So take the range for a start,
# not for a law.

# %% [markdown]
# ## What batch normalisation is for
#
# Five hidden layers and plain gradient descent, at seven learning rates, with and without normalisation. A
# rate per copy comes by a trick: the event weight multiplies the gradient, and for plain descent a gradient
# ten times larger is a rate ten times larger.

# %% tags=["training"]
RATES = np.array([0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0])
rate_of = np.repeat(RATES, 5)[:, None] * np.ones((1, 500), dtype="float32")


# %% tags=["training"]
def descend(normalise, steps=90):
    """Training loss every third step, shape (steps / 3, rates, copies)."""
    set_seed(6)
    layers = [keras.Input(batch_shape=(35, None, 8))]
    for _ in range(5):
        layers += [copies.Dense(32), *[copies.BatchNormalization()] * normalise, keras.layers.ReLU()]
    model = keras.Sequential([*layers, copies.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.SGD(35.0), loss="binary_crossentropy")  # the loss is a mean over 35
    losses = []
    for step in range(steps):
        model.train_on_batch(x_scan[:, TRAIN], y_scan[:, TRAIN], sample_weight=rate_of)
        if step % 3 == 2:
            p = keras.ops.convert_to_numpy(model(x_scan[:, TRAIN], training=normalise))[..., 0]
            losses.append(cross_entropy(np.nan_to_num(p, nan=0.5), y_scan[:, TRAIN]))
    return np.array(losses).reshape(-1, 7, 5)


loss_with, loss_without = descend(True), descend(False)

# %% tags=["training"]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
for ax, losses, title in zip(axes, (loss_without, loss_with), ("without", "with normalisation"), strict=True):
    for k, eta in enumerate(RATES):
        ax.plot(
            3 * np.arange(1, 31), losses[:, k].mean(axis=1), color=plt.cm.viridis(k / 7), label=f"{eta:g}"
        )
    ax.axhline(0.45, color="gray", ls=":")
    ax.set(xlabel="steps", title=title, ylim=(0, 1.2))
axes[0].set_ylabel("training cross-entropy")
_ = axes[1].legend(title="rate", loc="center left", bbox_to_anchor=(1, 0.5))

# %% [markdown] tags=["alt:previous"]
# Training loss against steps for seven learning rates. Without normalisation only the middle rates come down
# to about 0.4, and rates of 3 and more stay at chance or above. With normalisation rates from 0.1 to 3
# fall below 0.3, the best of them to nearly zero.

# %% [markdown]
# Two numbers per copy: the largest rate at which the final loss is below 0.5, and the first step below 0.45
# at the best rate. A copy that never gets there counts with the last step.


# %% tags=["training"]
def largest_rate(losses):
    return np.array([RATES[losses[-1, :, r] < 0.5].max() for r in range(5)])


def steps_needed(losses):
    best = losses[-1].mean(axis=1).argmin()
    below = losses[:, best] < 0.45
    return 3 * np.where(below.any(axis=0), below.argmax(axis=0) + 1, len(losses))


claim("batchnorm-rate", *mean_and_error(largest_rate(loss_with) / largest_rate(loss_without)))

# %% tags=["training"]
claim("batchnorm-faster", *mean_and_error(steps_needed(loss_with) / steps_needed(loss_without)))
assert np.mean(steps_needed(loss_with)) < np.mean(steps_needed(loss_without))
assert np.all(largest_rate(loss_with) >= largest_rate(loss_without))

# %% [markdown]
# Faster in steps; a step costs more, too. And a batch of very few events normalises by noise.

# %% [markdown]
# ## A check that misleads
#
# TMVA, the toolkit many theses used, draws a popular test for each training. It compares the scores of
# training and test events, class by class, by the Kolmogorov–Smirnov test; a small probability is read as
# "overtrained, do not use". Below, two models on the five variables and five different splits with 4000
# training events: the logistic one, and a forest whose leaves hold five events.
#
# **Predict:** which passes, which fails? Which has the better test AUC?

# %% tags=["training"]
from scipy.stats import ks_2samp

from hepml_course.metrics import auc_difference


def overtraining_check(score, taught, others):
    """The smaller of the two classes' probabilities."""
    classes = [signal, ~signal]
    return min(ks_2samp(score[taught & c], score[others & c]).pvalue for c in classes)


# %% tags=["training"]
def compare(seed):
    """KS probability and scores of both models on one split, and which events are test events."""
    taught = np.random.default_rng(seed).permutation(len(table)) < 4000
    rivals = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(100, min_samples_leaf=5, n_jobs=2, random_state=seed),
    }
    scores = {n: m.fit(table[taught], signal[taught]).predict_proba(table)[:, 1] for n, m in rivals.items()}
    ks = {name: overtraining_check(score, taught, ~taught) for name, score in scores.items()}
    return ks, scores, ~taught


# %% tags=["training"]
splits = [compare(seed) for seed in range(5)]
gains_of_forest = []
for ks, p, test in splits:
    words = [f"{n} {auc(p[n][test], signal[test]).value:.3f}, KS {ks[n]:.0e}" for n in ("logistic", "forest")]
    gains_of_forest.append(auc_difference(p["forest"][test], p["logistic"][test], signal[test]))
    print(*words, f"forest better by {gains_of_forest[-1]}", sep="   ")
passed = {n: sum(bool(ks[n] > 0.05) for ks, _, _ in splits) for n in ("logistic", "forest")}
print("passed at 5 %:", passed)

# %% [markdown]
# The smaller of the two classes' probabilities is shown. The logistic model fails in
# {{ 5 - passed["logistic"] }} of 5 splits; two tests at 5 % cry wolf in one training of ten even if nothing
# is wrong. The forest fails in {{ 5 - passed["forest"] }} of 5, and it is the better classifier in every
# one. (The splits share most of their events, so they are not five independent witnesses. Nor need they be:
# in each the forest leads by {{ min(g.value / g.error for g in gains_of_forest):.0f }} standard errors or
# more.) An analysis that obeys the check throws away the better model. Two models on one problem prove no
# rule; they suffice to show that passing is neither needed for a good classifier nor a sign of one.
#
# **Question.** What does the check measure, then?

# %% [markdown] tags=["fold"]
# Whether the scores of training events are distributed as those of new events. Every fitted model knows its
# training events a little. For a model of fixed size that knowledge fades as one over the number of events,
# faster than the test sharpens, and it passes. A forest whose leaves hold five events grows with its sample,
# and more events make it fail more clearly. So the check sees the kind of model. It says nothing about how
# good the scores of *new* events are, and those are the only ones an analysis uses. What one needs instead:
# the test AUC with its uncertainty, and no training event in any histogram that is shown or fitted. The
# check has one honest use: it tells that training events must not stand in for new ones. A real cause for
# alarm is a test AUC that falls when the model grows.

# %% tags=["training"]
ax = plot.train_test(p["forest"], signal, None, test)
_ = ax.set_xlabel("score of the forest, last split")

# %% [markdown] tags=["alt:previous"]
# Score of the forest. On training events, filled, signal piles up at one much more than on test events,
# shown as points, and background a little more at zero. Between, around 0.8 to 0.9, background test events
# lie well above the training ones. In these bins they differ by many error bars.

# %% tags=["training"]
assert passed["forest"] == 0
assert passed["logistic"] >= 3
assert all(gain.value > 0 for gain in gains_of_forest)

# %% [markdown]
# ## Summary
#
# - Error is bias squared plus variance plus noise. More events cure the variance only.
# - A score that chose something is too high. Training events choose weights, validation events choose models,
#   test events choose nothing.
# - k-fold uses every event as judge. In an analysis a rule on the event number deals the parts, and the rule
#   knows nothing else of the event.
# - A network that knows 500 events by heart can still order new ones. Loss, AUC and gap are three different
#   questions; decide which is yours before you cure.
# - The cure that worked best here is the one that knows physics: a symmetry, taught by augmentation.
# - Repeat a training on groups that share no event, and form differences group by group: then a ± means
#   something. A verdict that flips with the seed is no verdict.
# - Training and test scores that differ are no reason to reject a model; a test AUC below its rival's is.
#
# Now it is your turn: the exercise of this lesson, `exercises/06_overfitting.ipynb`, has you write the
# pieces: folds, splits that last, an honest choice, early stopping, dropout the right way round, a rotation
# that keeps the mass, and when to stop.
