# ---
# course:
#   title: Event weights
#   minutes: 75
#   objectives:
#     - say how many events a weighted sample is worth, and give its histograms errors that hold
#     - predict what negative weights do to a tree, a network and a ROC curve, and choose a treatment
#     - reweight one simulation to another by a ratio of histograms, by a network and by boosted trees
#     - judge a reweighting by a discriminator on new events and by a distribution that was never used
#     - turn weights of both signs into positive ones without losing the uncertainty
#   requires: [05_roc_auc, 06_overfitting, 09_ztautau]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Event weights
#
# Lesson 09 said that a row of a file is not an event. It multiplied by `WeightLumi` and went on. Here we
# stop and ask what that multiplication does: to an error bar, to a training, to a ROC curve. Then weights
# become a tool: they can turn one simulation into another.
#
# The file of Z → ττ, all of it, before any selection. Left, its rows. Right, the same rows with their
# weights.

# %%
import matplotlib.pyplot as plt
import numpy as np
import uproot

from hepml_course import data, plot


def read(process):
    return uproot.open(data.file(f"mc12/{process}.root"))["events"].arrays(library="pd")


z, w_jets, top = (read(process) for process in ("Ztautau", "Wmunu", "Powheg_ttbar"))

# %%
from hepml_course.metrics.histogram import weighted_histogram

edges = np.linspace(0, 80, 33)
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6))
for ax, w, label in ((axes[0], None, "rows"), (axes[1], z.WeightLumi, "expected events")):
    height, error = weighted_histogram(z.evtsel_transverseMass, edges, w)
    ax.errorbar((edges[1:] + edges[:-1]) / 2, height, error, fmt="o")
    ax.set(xlabel="transverse mass / GeV", ylabel=f"{label} per bin", yscale="log")

# %% [markdown] tags=["alt:previous"]
# Two histograms of the transverse mass of simulated Z to tau tau events, with logarithmic axes. Left, rows
# per bin: a smooth falling curve with invisible errors. Right, sums of weights per bin: points that jump up
# and down, with error bars as large as the jumps.

# %% [markdown]
# The same {{ len(z) }} rows. On the left they are a precise sample of nothing that exists. On the right
# they are physics, and a poor measurement of it.
#
# ## Where the weights come from
#
# A process of cross section $\sigma$ gives $\sigma L$ events in the luminosity $L$. Whoever generates $n$
# of them gives each the weight
#
# $$ w = \frac{\sigma L}{n} . $$
#
# Cross sections come in pb, luminosities in fb⁻¹: there is a factor 1000 to forget. The card of W → μν
# states all three numbers, and what it calls the weight.

# %%
card = data.card("mc12/Wmunu.root")
sigma, luminosity, (part,) = card["cross_section_pb"], card["luminosity_fb"], card["strata"]
print(f"{sigma:.0f} pb, {luminosity} fb⁻¹, {part['generated']} generated")
print(f"by hand {1000 * sigma * luminosity / part['generated']:.4f}, in the card {part['weight']:.4f}")
print("in the file:", *np.unique(w_jets.WeightLumi.round(1))[:3], "…", w_jets.WeightLumi.max().round(1))

# %% [markdown]
# In the file they spread around it. A jet is taken for a tau once in more than a hundred times, so the
# simulation *declares* jets to be taus far more often, and the weight takes that back. Rows that pass as a
# tau weigh little; rows that do not weigh a lot. That is a good trade for whoever asks for the tau. For
# whoever does not, it is the picture on the right.
#
# If the generator itself gives weights $g_i$, the $n$ below the line becomes $\sum g_i$, and each event
# weighs $g_i\,\sigma L/\sum g$. Dividing by the number of rows instead is the commonest mistake with
# negative weights.

# %% [markdown]
# ## What a sum of weights fluctuates by
#
# A bin holds $\sum w$. What would another run of the generator put there? The number of rows of weight $w$
# is Poisson distributed, with variance $n_w$. Each carries $w$, so it adds $w^2 n_w$ to the variance of the
# sum:
#
# $$ \mathrm{variance}\Big(\sum w\Big) = \sum w^2 . $$
#
# Not $\sum w$, and not the number of rows. Do not believe it: run the generator again. That takes weeks, so
# we use the bootstrap. Each row appears 0, 1, 2 … times, Poisson distributed with mean one. Four hundred
# such runs, of top pairs that hold a muon and an identified tau.

# %%
files = {"z": z, "w": w_jets, "top": top}
tagged = {name: e[(e.evtsel_is_tau > 0) & (e.evtsel_is_mu > 0)] for name, e in files.items()}
mass, w = tagged["top"].vis_mass.to_numpy(), tagged["top"].WeightLumi.to_numpy(float)
bins = np.linspace(0, 300, 11)
height, formula = weighted_histogram(mass, bins, w)
times = np.random.default_rng(10).poisson(1, size=(400, len(w)))
place = np.digitize(mass, bins) - 1
runs = np.stack([np.bincount(place, w * t, 11)[:10] for t in times])

# %%
rows = np.bincount(place, minlength=11)[:10]
print("bin / GeV   rows   sum w    √rows·mean   √Σw²   bootstrap")
for k in range(0, 10, 2):
    naive = height[k] / np.sqrt(rows[k])
    print(f"{bins[k]:3.0f}–{bins[k + 1]:3.0f} {rows[k]:9} {height[k]:8.0f} {naive:10.0f}", end="")
    print(f"{formula[k]:11.0f} {runs.std(axis=0)[k]:9.0f}")

# %% [markdown]
# The last two columns agree to the few per cent that 400 runs can tell. The column before them takes the
# relative error of the *rows*, and it is far too small.
#
# One number sums this up. The relative error of the sum is $\sqrt{\sum w^2}/\sum w$. That of $N$ unweighted
# events is $1/\sqrt N$. So the sample is worth
#
# $$ N_\mathrm{eff} = \frac{(\sum w)^2}{\sum w^2} $$
#
# of them. **Predict:** are the {{ len(z) }} rows of Z → ττ worth 30,000, 5000 or 500?

# %%
from hepml_course.metrics import effective_size

print("                      rows   worth   largest weight / mean")
for name, events in (
    ("all of Z → ττ", z),
    ("with muon and tau", tagged["z"]),
    ("top, muon and tau", tagged["top"]),
):
    w = events.WeightLumi
    print(f"{name:18} {len(w):8} {effective_size(w):7.0f} {w.max() / w.mean():12.0f}")

# %% [markdown]
# A selection throws away rows and *gains* events: what it removes are the few rows with huge weights. A cut
# flow in effective sizes is worth a look in every analysis.
#
# Now make one weight huge yourself. Below are 400 Z → ττ and 400 W → μν, tagged, all of weight one except
# for a single Z → ττ. The score is minus the transverse mass.

# %% tags=["widget"]
from hepml_course.widgets import huge_weight

m_t = np.concatenate([tagged[name].evtsel_transverseMass.to_numpy()[:400] for name in ("z", "w")])
is_z = np.arange(800) < 400
chosen = int(np.argmin(abs(m_t[is_z] - 36)))
huge_weight(m_t, is_z, np.linspace(0, 80, 17), which=chosen, label="transverse mass / GeV", still=4)

# %% [markdown] tags=["alt:previous"]
# Left, the histogram of the transverse mass of the signal, with one bin far above the others and an error
# bar as large as the excess. Right, the ROC curve, which makes one tall vertical step where this event
# passes the cut. A slider changes the weight of the event.

# %% [markdown]
# At weight 100 one event is a fifth of the signal. The bin says so, with an error bar as large as itself.
# The ROC curve says it by a step: between its two ends lies one event. The error of the AUC grows with it.
# So far the errors are honest. They are not always.
#
# ### The weight that is not there yet
#
# $\sqrt{\sum w^2}$ is estimated from the same few rows. Suppose that we had only a thousand rows, and the
# huge weights are one in a thousand. **Predict:** how often does the interval $\sum w \pm \sqrt{\sum w^2}$
# hold the truth? It should be 68 %.

# %%
rng = np.random.default_rng(11)
for name, events in (("all of Z → ττ", z), ("with muon and tau", tagged["z"])):
    w = events.WeightLumi.to_numpy(float)
    drawn = w[rng.integers(len(w), size=(2000, 1000))]
    total, error = drawn.sum(axis=1), np.sqrt((drawn**2).sum(axis=1))
    off = (total - 1000 * w.mean()) / error
    claimed, worth = np.median((total / error) ** 2), 1000 * effective_size(w) / len(w)
    print(f"{name:18} inside {np.mean(abs(off) < 1):.3f}, too low {np.mean(off < -1):.3f}, ", end="")
    print(f"too high {np.mean(off > 1):.3f}; claims to be worth {claimed:.0f}, is worth {worth:.0f}")

# %% [markdown]
# Whatever the share inside, the misses are on one side. Most samples of a thousand rows have missed the
# largest weights, and cannot know it. They come out too low *and* claim a small error. When the heavy event
# is drawn at last, the total jumps, and the error is suddenly large enough for anything. So the effective
# size is itself an estimate, and it errs on the cheerful side. How one notices: look at the largest weight.
# If it alone carries several per cent of $\sum w^2$, larger ones are probably missing.

# %% [markdown]
# ## Negative weights
#
# At leading order a generator computes probabilities, and they are positive. At the next order it adds the
# emission of a hard gluon. But the shower, which comes afterwards, emits gluons too. What both do would be
# counted twice, and must be subtracted: by events of **weight −1**. They are not unphysical, and not an
# error. They are the minus sign of a subtraction that was left to the reader.
#
# Below a toy of it. A boson recoils against a jet; the signal is a heavy one, the background a light one. A
# quarter of the events are negative. The course knows the densities that should come out, and events drawn
# from them with weight one (`negative=0`). No real generator offers that. Here it is the truth to compare
# with.

# %%
from hepml_course.simulate import NLO_FEATURES, nlo_events

events = nlo_events(3000, rng=101, negative=0.25)
truth = nlo_events(100_000, rng=102, negative=0)
events.head(4).round(2)

# %%
pt_bins = np.linspace(0, 100, 21)
is_light, light = ~truth.is_signal, events[~events.is_signal]
share = np.histogram(truth.pt[is_light], pt_bins)[0] / is_light.sum()
ax = plot.signed_histogram(light.pt, light.weight, pt_bins, expected=share * light.weight.sum())
_ = ax.set_xlabel("transverse momentum of the boson / GeV")

# %% [markdown] tags=["alt:previous"]
# Background of the toy against transverse momentum. Positive weights fill a hump up to 80 GeV, negative
# weights a smaller one downwards, around 30 GeV. Their sum, points with errors, follows the dashed
# expectation, and scatters most where the negative weights are.

# %% [markdown]
# The sum is right everywhere. Its errors are not those of the few events that remain, but of all that went
# in: $w^2 = 1$ for both signs. With a share $f$ of negative events $\sum w = n(1-2f)$ and $\sum w^2 = n$,
# so
#
# $$ N_\mathrm{eff} = n\,(1-2f)^2 . $$
#
# **Question.** A quarter of the events is negative. How many do you have to simulate for the precision that
# events of weight one would give? (a) 25 % more, (b) twice as many, (c) four times as many

# %% [markdown] tags=["fold"]
# (c). $(1 - 2\cdot\frac14)^2 = \frac14$. And each of them passes through the detector simulation, which is
# what costs. This is why people who write generators fight for every per cent of $f$.

# %% tags=["widget"]
from hepml_course.widgets import negative_share


def draw(f):
    events = nlo_events(3000, rng=103, negative=f).query("not is_signal")
    return events.pt, events.weight


negative_share(draw, pt_bins, share, label="transverse momentum / GeV", still=5)

# %% [markdown] tags=["alt:previous"]
# Left, positive and negative weights of the background and their sum at a quarter of negative events.
# Right, the sum divided by its expectation: points around one with errors. A slider changes the share of
# negative events; the errors grow with it, and near a half nothing can be seen any more.

# %% [markdown]
# ### A ROC curve that walks backwards
#
# The ROC curve adds up weights from the highest score down. A negative event makes a step *down* or to the
# *left*. The likelihood ratio of the toy is known, so let it be the score.

# %%
from hepml_course.metrics import auc, roc_curve
from hepml_course.simulate import nlo_llr

few = nlo_events(150, rng=104)
curve = roc_curve(nlo_llr(few), few.is_signal, few.weight, signed=True)
smooth = roc_curve(nlo_llr(truth), truth.is_signal)
fig, ax = plt.subplots(figsize=(4.8, 4.4))
ax.plot(curve.background, curve.signal, lw=1, label="150 of each, a quarter negative")
ax.plot(smooth.background, smooth.signal, "--", label="truth")
ax.axhline(1, color="gray", lw=0.8)
ax.set(xlabel="background efficiency", ylabel="signal efficiency")
_ = ax.legend(loc="lower right")

# %% [markdown] tags=["alt:previous"]
# A jagged path that goes back and forth around the smooth true ROC curve, with many small steps to the left
# and down.

# %%
print(f"truth                      {auc(nlo_llr(truth), truth.is_signal)}")
for n in (150, 1500, 15_000):
    few = nlo_events(n, rng=104)
    print(f"{n:5} of each, signed       {auc(nlo_llr(few), few.is_signal, few.weight, signed=True)}")

# %% [markdown]
# An efficiency is then not a probability, and can exceed one. The sums of weights are right on average, and
# so, nearly, is the AUC that is made of them. The package refuses negative weights unless one says
# `signed=True`, so that nobody does it unaware. What you must not do on such a curve is to look for the
# best point: the maximum of a jagged line is its luckiest fluctuation.

# %% [markdown]
# ## Trees and negative weights
#
# Lecture 002 says that only certain packages for boosted trees can handle negative weights. Why should a
# tree mind? A leaf answers with the share of signal among its events, $\sum_s w / \sum w$. **Predict:**
# what is the largest "probability" that a single tree finds in 10,000 signed events if its leaves may be
# small?

# %% tags=["training"]
from sklearn.tree import DecisionTreeClassifier

FEATURES = list(NLO_FEATURES)
events = nlo_events(5000, rng=105)
for smallest in (1000, 200, 50):
    tree = DecisionTreeClassifier(min_samples_leaf=smallest, random_state=1)
    tree.fit(events[FEATURES], events.is_signal, sample_weight=events.weight)
    p = tree.predict_proba(events[FEATURES])[:, 1]
    print(f"at least {smallest:4} events in a leaf: p from {p.min():.2f} to {p.max():.2f}")

# %% [markdown]
# In a small leaf positive and negative weights nearly cancel. Numerator and denominator are two small
# numbers with large fluctuations, and their ratio is anything. Boosted trees are worse off: the step of a
# leaf is $-\sum w\,g\,/\,\sum w\,h$, with $g$ and $h$ the first and second derivative of the loss of an
# event. The sum below the line is meant to be positive. With signed weights it can be small or negative,
# and then the tree steps far, or the wrong way.
#
# Six packages, a hundred trees each, otherwise as they come. **Predict:** how many will refuse?

# %% tags=["training"]
from lightgbm import LGBMClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from xgboost import XGBClassifier

# %% tags=["training"]
fixed = {"random_state": 1}
packages = {
    "HistGradientBoosting": lambda: HistGradientBoostingClassifier(max_leaf_nodes=8, **fixed),
    "GradientBoosting": lambda: GradientBoostingClassifier(**fixed),
    "RandomForest": lambda: RandomForestClassifier(100, min_samples_leaf=50, **fixed),
    "AdaBoost": lambda: AdaBoostClassifier(n_estimators=100, **fixed),
    "XGBoost": lambda: XGBClassifier(n_estimators=100, max_depth=3, learning_rate=0.1, **fixed),
    "LightGBM": lambda: LGBMClassifier(num_leaves=8, verbose=-1, **fixed),
}

# %% [markdown]
# What does "handle" mean? A sample with $f = 1/4$ is worth a quarter of its events. So the comparison is
# with a quarter as many events of weight one, from the same densities and the same trees. "Handles" means:
# no error, and an AUC at most 0.01 below that, averaged over five samples. All AUCs are taken on the same
# 40,000 events of weight one. This was written into `claims.yml` before the first training.

# %% tags=["training"]
test = nlo_events(20_000, rng=106, negative=0)
signed = [nlo_events(5000, rng=110 + k) for k in range(5)]
plain = [nlo_events(1250, rng=120 + k, negative=0) for k in range(5)]
limit = auc(nlo_llr(test), test.is_signal)


def tree_auc(make, events):
    model = make().fit(events[FEATURES], events.is_signal, sample_weight=events.weight)
    return auc(model.predict_proba(test[FEATURES])[:, 1], test.is_signal).value


# %% tags=["training"]
def compare(packages, times=5):
    """Mean AUC on signed and on positive weights, or what the package says to the former."""
    found = {}
    for name, make in packages.items():
        try:
            areas = [[tree_auc(make, events) for events in e[:times]] for e in (signed, plain)]
            found[name] = np.mean(areas, axis=1)
        except Exception as error:
            found[name] = str(error).split("valid: ")[-1].splitlines()[0]
    return found


# %% tags=["training"]
def show(found):
    print(f"limit {limit}\n                          signed   positive")
    for name, result in found.items():
        is_text = isinstance(result, str)
        print(f"{name:22}", f"  error: {result}" if is_text else "{:10.4f} {:10.4f}".format(*result))


found = compare(packages)
show(found)

# %% tags=["training"]
from hepml_course.claims import claim

handled = sum(not isinstance(r, str) and r[0] > r[1] - 0.01 for r in found.values())
claim("negative-weights", handled)

# %% tags=["training"]
claim("negative-weights-some", handled)

# %% [markdown]
# Look at *how* they fail. Some check the weights and say so: the best way to fail. Others find out in the
# middle, when a leaf happens to sum to zero, or when weights are taken for probabilities to draw with. The
# rest accepts everything, and returns scores that are clearly worse, without a word. That is the dangerous
# kind.
#
# The mechanism above suggests a cure: leaves so large that their sums cannot vanish.

# %% tags=["training"]
large = {"max_leaf_nodes": 8, "min_samples_leaf": 300} | fixed
heavy = {"num_leaves": 8, "min_child_weight": 20, "verbose": -1} | fixed
makers = {
    "HistGradientBoosting": lambda: HistGradientBoostingClassifier(**large),
    "LightGBM": lambda: LGBMClassifier(**heavy),
}
cured = compare(makers, times=2)
show(cured)

# %% [markdown]
# With large leaves both stay within the 0.01. So the lecture's sentence has a footnote: whether a package
# handles negative weights depends on its leaves as much as on its name. This was tried after the count
# above, and does not enter it.
#
# ## A network and negative weights
#
# The loss of a network is a sum over events, each times its weight. A negative weight turns the gradient
# round: the network is pushed *away* from the class of this event. On average over many events at the same
# place, pushes and counter-pushes leave what the density says. Nothing is divided by a sum of weights. The
# lecture's advice is to use them as they are.
#
# One small network, for everything that follows: two hidden layers of 32 neurons, the cross-entropy of each
# event times its weight, Adam. It takes 400 steps where nothing else is said, however many events there
# are. Most of the time that it needs goes into getting ready, so the package trains several *side by side*,
# each on a sample of its own.

# %% tags=["training"]
from hepml_course.side_by_side import Networks


def inputs(events):
    return np.column_stack([np.log(events.pt / 30), events.y, events.delta_y]).astype("float32")


def train(samples, seed, **options):
    """Fitted networks, one a sample (x, y, w): a function from inputs to their logits."""
    number, size = len(samples), samples[0][0].shape[1]
    return Networks(number, size, seed=seed).fit(samples, **options)


# %% [markdown]
# Three kinds of sample, five times each: signed weights; a quarter as many events of weight one; and as
# many events as the signed ones, with positive weights that spread so widely that they are worth a quarter,
# too.


# %% tags=["training"]
def wide(seed):
    weight = np.random.default_rng(seed).lognormal(0, np.sqrt(np.log(4)), 10_000)
    return nlo_events(5000, rng=seed, negative=0).assign(weight=weight / weight.mean())


spread = [wide(130 + k) for k in range(5)]
print("worth:", *(f"{effective_size(e.weight) / len(e):.2f}" for e in spread), "of the events")
low, high = np.quantile(spread[0].weight, [0.005, 0.995])
print(f"99 % of the weights lie between {low:.2f} and {high:.1f}, a factor {high / low:.0f}")


# %% tags=["training"]
def sample(events):
    return inputs(events), events.is_signal, events.weight


first = signed[0]
treated = [first.assign(weight=1.0), first.assign(weight=first.weight.clip(lower=0))]  # for later
twelve = train([sample(events) for events in (*signed, *spread, *treated)], seed=1)(inputs(test))
five = train([sample(events) for events in plain], seed=2)(inputs(test))
scores = {"signed": twelve[:5], "positive": five, "widely spread": twelve[5:10]}

# %% tags=["training"]
for name, of_five in scores.items():
    areas = [auc(score, test.is_signal).value for score in of_five]
    print(f"{name:14} {np.mean(areas):.4f}, from {min(areas):.4f} to {max(areas):.4f}")
print(f"limit          {limit.value:.4f}")

# %% [markdown]
# Two trainings are compared on the same test events, so the difference is known better than either. Its
# error has two parts: the test events, and the five trainings.

# %% tags=["training"]
from hepml_course.metrics import Estimate, auc_difference


def difference(first, second):
    pairs = [auc_difference(a, b, test.is_signal) for a, b in zip(scores[first], scores[second], strict=True)]
    values = [pair.value for pair in pairs]
    return Estimate(np.mean(values), np.hypot(np.std(values, ddof=1) / np.sqrt(5), pairs[0].error))


claim("negative-weights-network", *difference("signed", "positive"))

# %% tags=["training"]
claim("weight-spread-worse", *difference("signed", "widely spread"))

# %% [markdown]
# The first claim is about the sign, the second about the size. Mind how fair the second comparison is:
# equal effective size, and weights that do not depend on where the event lies. So put, the wide weights do
# not come out as the worse problem. We come back to them under conditions that are less fair.
#
# What people do instead of taking the lecture's advice: take absolute values, or throw the negative events
# away. **Predict:** which of the two is worse?

# %% tags=["training"]
for name, score in (("|w|", twelve[10]), ("dropped", twelve[11])):
    against = auc_difference(score, scores["signed"][0], test.is_signal)
    print(f"{name:8} AUC {auc(score, test.is_signal):.4f}, minus signed {against:.4f}")

# %% [markdown]
# Both train on another density. Leaving the negative events out forgets to subtract; the absolute value
# adds what should be subtracted, and is farther off. No amount of simulation cures either.
#
# ### Where the advice ends
#
# "Everything works as you would expect", as long as the network cannot tell single events apart. Take few
# events, a wider network, and time. Cross-entropy with positive weights cannot fall below zero.
# **Predict:** and with signed ones?


# %% tags=["training"]
import pandas as pd

few = [nlo_events(300, rng=140), pd.concat(4 * [nlo_events(75, rng=141, negative=0)])]
network, samples = Networks(2, 3, seed=3, width=64), [sample(events) for events in few]


def mean_loss(logit, y, w):
    """Cross-entropy, each event with its weight."""
    return np.mean(w * np.logaddexp(0, np.where(y, -logit, logit)))


# %% tags=["training"]
long = {"signed": [], "positive": []}
for _ in range(5):
    network.fit(samples, passes=50, batches=4)
    on_test = network(inputs(test))
    for k, (steps, (x, y, w)) in enumerate(zip(long.values(), samples, strict=True)):
        steps.append((mean_loss(network(x)[k], y, w), auc(on_test[k], test.is_signal).value))

# %% tags=["training"]
print("times seen    " + "".join(f"{50 * (k + 1):8}" for k in range(5)))
for name, steps in long.items():
    print(f"{name:9} loss" + "".join(f"{loss:8.2f}" for loss, _ in steps))
    print(f"{name:9} AUC " + "".join(f"{area:8.3f}" for _, area in steps))

# %% [markdown]
# A negative event far from all others pulls the loss to minus infinity: the network only has to be as wrong
# about it as it can. The loss falls through zero and does not stop. With positive weights the network
# overfits as well, but towards a floor. So with signed weights early stopping is not a refinement, and it
# must look at a validation sample, where the same weights are applied but not learnt. How one notices: a
# training loss below zero.

# %% tags=["training"]
assert handled < 6
assert all(signed_area > area - 0.02 for signed_area, area in cured.values())
assert abs(difference("signed", "positive").value) < 0.02
assert long["signed"][-1][0] < long["positive"][-1][0]
assert long["positive"][-1][0] > 0

# %% [markdown]
# ## Weights over orders of magnitude
#
# The lecture calls this the more challenging problem. The lognormal weights above were fair: every event
# had the same chance of being heavy. In an analysis they are not. Some region is simulated thinly, because
# nobody was interested when the production was planned. So: background below 20 GeV is simulated once for
# every hundred, and weighs 100.


# %% tags=["training"]
def thinly(n, seed):
    events = nlo_events(n, rng=seed, negative=0)
    thin = ~events.is_signal & (events.pt < 20)
    kept = ~thin | (np.random.default_rng(seed).random(len(events)) < 0.01)
    return events.assign(weight=np.where(thin, 100.0, 1.0))[kept]


thin = thinly(5000, seed=150)
w = thin.weight[~thin.is_signal]
print(f"background: {len(w)} rows worth {effective_size(w):.0f}")
print(f"{np.sum(w > 1)} rows carry {w[w > 1].sum() / w.sum():.0%} of its weight, and of its loss")

# %% [markdown]
# A batch of the training holds one or two of these rows, or none. Four things that one can do:
#
# - **clip**: no weight above 10. The fluctuations shrink, and the density is wrong.
# - **resample**: draw rows with a probability proportional to their weight. All weights are equal then, and
#   some rows appear dozens of times. Nothing was gained but equal batches.
# - **unweight**: keep a row with the probability $w/w_\mathrm{max}$, then give all weight one. Honest, and
#   expensive: 99 of 100 light rows are gone.
# - **generate differently**: the same number of background rows, spread evenly.

# %% tags=["training"]
rng = np.random.default_rng(12)
heavy = ~thin.is_signal
resampled = thin[heavy].sample(len(w), replace=True, weights=w, random_state=12).assign(weight=w.mean())
lucky = rng.random(len(w)) < w / 100
even = nlo_events(len(w), rng=151, negative=0)
treatments = {
    "as it is": thin[heavy],
    "clipped": thin[heavy].assign(weight=w.clip(upper=10)),
    "resampled": resampled,
    "unweighted": thin[heavy].assign(weight=np.where(lucky, 100.0, 0)),
    "generated evenly": even[~even.is_signal].assign(weight=w.mean()),
}

# %% tags=["training"]
samples = [sample(pd.concat([thin[thin.is_signal], e])) for e in treatments.values()]
found = train(samples, seed=4)(inputs(test))
areas = {name: auc(score, test.is_signal) for name, score in zip(treatments, found, strict=True)}
for name, e in treatments.items():
    print(f"{name:17} {np.sum(e.weight > 0):5} rows, worth {effective_size(e.weight):5.0f}: ", end="")
    print(f"AUC {areas[name]:.4f}, limit {limit.value:.4f}")

# %% [markdown]
# The column *worth* flatters two of them. Clipped weights are worth more, of another density: the low
# region has lost nine tenths of its background, and the network learns that signal lives there. Resampled
# rows are copies, which the network sees again and again and learns by heart; $N_\mathrm{eff}$ does not
# know that. Unweighting is honest and has hardly anything left. Training on the weights as they are loses
# least, provided that one stops early. What really helps is to simulate where the weights are.

# %% tags=["training"]
assert areas["generated evenly"].value > areas["clipped"].value + 0.02
assert areas["generated evenly"].value > limit.value - 0.02

# %% [markdown]
# ## One simulation into another
#
# Now the other way round: weights that we *choose*. Lecture 003 asks whether a change of the generator's
# settings, or of the whole generator, can become a weight. Then one detector simulation serves for all of
# them.
#
# A toy again. Generators A and B make Z → μμ with jets. Five numbers per event are generated: $p_T$ and
# rapidity of the Z, the scalar sum $H_T$ of the jets, the rapidity of the leading jet relative to the Z,
# the tracks of the underlying event. A sixth, the missing transverse momentum, is measured afterwards. It
# is a **spectator**: no weight may look at it, and if the five are right it must come out right.

# %%
from hepml_course.simulate import ZJETS_FEATURES, z_jets, z_jets_ratio

n, FIVE = 20_000, list(ZJETS_FEATURES)
a, b = z_jets(n, "A", rng=160), z_jets(n, "B", rng=161)
new_a, new_b = z_jets(n, "A", rng=162), z_jets(n, "B", rng=163)
a.head(3).round(2)

# %% [markdown]
# The first pair of samples is to learn from, the second to judge. Six variables, and the balance of jets
# and Z:

# %%
new_a["balance"], new_b["balance"] = (np.log(e.ht / e.z_pt) for e in (new_a, new_b))
AXES = {
    "z_pt": (0, 120, "$p_T$(Z) / GeV"),
    "ht": (0, 160, "$H_T$ / GeV"),
    "tracks": (0, 80, "tracks"),
    "delta_y": (-4, 4, "Δy(jet, Z)"),
    "balance": (-0.9, 1.5, "ln $H_T/p_T$(Z)"),
    "met": (0, 60, "missing $p_T$ / GeV"),
}


# %%
def compare_shapes(draw, weights, names, axes):
    for ax, name in zip(np.ravel(axes), names, strict=True):
        samples = {"B": (new_b[name], None)} | {k: (new_a[name], w) for k, w in weights.items()}
        draw(samples, np.linspace(*AXES[name][:2], 19), ax=ax)
        ax.set_xlabel(AXES[name][2])


fig, axes = plt.subplots(2, 3, figsize=(10.5, 6))
compare_shapes(plot.weighted_shapes, {"A": None}, AXES, axes)

# %% [markdown] tags=["alt:previous"]
# Six panels with generator B filled and A as points. Transverse momentum, jet sum, tracks and rapidity
# difference look much alike, A a little broader. In the logarithm of jet sum over transverse momentum B is
# a narrow peak and A a wide one; in the missing momentum A has a longer tail.

# %% [markdown]
# Each generated number alone looks nearly right. The balance does not: in B the jets follow the Z.
# **Question.** No variable alone has an AUC above
# {{ max(auc(np.append(new_a[v], new_b[v]), np.arange(2 * n) >= n).value for v in FIVE):.2f }}.
# How well can a classifier tell the two apart? (a) not much better, (b) it may be anything

# %% [markdown] tags=["fold"]
# (b). The marginal distributions say nothing about the correlation. The judge below sees all five.

# %% [markdown]
# ### The judge
#
# A reweighting is good if nobody can tell. So we ask somebody: boosted trees, trained to separate
# reweighted A from B. If they cannot, their AUC is one half. The trees must not be judged on the events
# that trained them, nor be fed with the events that trained the weights: hence the new pair, cut into
# halves.


# %%
def judge(weights, columns=FIVE, source=new_a, target=new_b):
    """AUC with which trees tell the reweighted source from the target."""
    both, w = pd.concat([source, target])[columns], np.append(weights / weights.mean(), np.ones(len(target)))
    is_target, even = np.arange(len(both)) >= len(source), np.arange(len(both)) % 2 == 0
    trees = HistGradientBoostingClassifier(max_leaf_nodes=8, random_state=1)
    trees.fit(both[even], is_target[even], sample_weight=w[even])
    return auc(trees.predict_proba(both[~even])[:, 1], is_target[~even], w[~even])


# %% [markdown]
# Calibrate the judge first: no weights at all, and the true ratio of the densities, which the toy knows.

# %% tags=["training"]
true, results = z_jets_ratio(new_a), {}


def report(name, weights):
    met, w = np.append(new_a.met, new_b.met), np.append(weights, np.ones(n))
    results[name] = weights, judge(weights)
    rms = np.sqrt(np.mean((weights / weights.mean() - true) ** 2))
    print(f"{name:14} judge {results[name][1]}, missing pT {auc(met, np.arange(2 * n) >= n, w)}, ", end="")
    print(f"worth {effective_size(weights) / n:.2f}, off the true weight by {rms:.2f}")


report("no weights", np.ones(n))
report("true weights", true)

# %% [markdown]
# The columns: what the judge says; how well the missing momentum *alone* separates, without any training;
# the effective size over the number of events; and the root mean square distance from the true weight,
# which nobody has outside a toy. The true weights fool the judge. They cost half of the events, and no
# method can be cheaper and right.
#
# ### Ratio of two histograms
#
# The traditional way: histogram A and B, divide, look up. In one variable it is perfect. With five, one
# goes from variable to variable and multiplies.


# %%
def histogram_ratio(values, target, w, learn, bins=20):
    """Weights for `values` of A; their first `learn` events, with weights w, make the histogram."""
    edges = np.quantile(np.append(values, target), np.linspace(0, 1, bins + 1)[1:-1])
    place = np.searchsorted(edges, values)
    had = np.bincount(place[:learn], w[:learn], bins)
    return (np.bincount(np.searchsorted(edges, target), minlength=bins) / had)[place]


all_a, in_turn = pd.concat([a, new_a]), np.ones(2 * n)
for name in FIVE:
    in_turn *= histogram_ratio(all_a[name], b[name], in_turn, n)

# %% [markdown]
# Or one histogram in five dimensions. **Predict:** with 6 bins per axis, how many cells are there, and how
# many events in each?


# %%
def cells(events, bins):
    grid = np.linspace(0, 1, bins + 1)[1:-1]
    numbers = [np.searchsorted(np.quantile(np.append(a[v], b[v]), grid), events[v]) for v in FIVE]
    return np.ravel_multi_index(numbers, [bins] * 5)


def five_dimensions(bins):
    in_a, in_b = (np.bincount(cells(e, bins), minlength=bins**5) for e in (a, b))
    print(f"{bins} bins per axis: {bins**5} cells, {n / bins**5:.1f} events in each")
    return np.where(in_a > 0, in_b / np.maximum(in_a, 1), 0)[cells(new_a, bins)]


# %% tags=["training"]
report("five in turn", in_turn[n:])
for bins in (3, 6, 9):
    report(f"5-D, {bins} bins", five_dimensions(bins))

# %% [markdown]
# Five ratios in turn repair what was nearly right, and leave the correlation. Few bins are too coarse; many
# are empty, or divide one event by another. There is a best number between, and it is not good enough. That
# is the curse of dimensions in one table.
#
# ### Ask a network
#
# A classifier that separates B from A learns $p = \frac{p_B}{p_A + p_B}$ if both are equally many. Then
#
# $$ \frac{p}{1-p} = \frac{p_B(x)}{p_A(x)} , $$
#
# which is the weight we want, without a single bin. It is the exponential of the logit. With $n_A$ and
# $n_B$ events it needs a factor $n_A/n_B$.


# %% tags=["training"]
def zjets_inputs(events):
    logs = [np.log(events[v] / 40) for v in ("z_pt", "ht", "tracks")]
    return np.column_stack([*logs, events.z_y, events.delta_y]).astype("float32")


both, is_b = pd.concat([a, b]).reset_index(drop=True), np.repeat([0, 1], n)
logit = train([(zjets_inputs(both), is_b, np.ones(2 * n))], seed=15, passes=15)
report("network", np.exp(logit(zjets_inputs(new_a))[0]))

# %% [markdown]
# ### Boosted reweighting
#
# Rogozhnikov's idea (2016): let trees look for the *regions* where A and B differ, not for a probability.
# Grow a small tree on A with its present weights against B. In each leaf, multiply the weights of A by
# $\sum_B w/\sum_A w$, a little. Repeat with the new weights.

# %% tags=["training"]
from sklearn.tree import DecisionTreeRegressor


def leaf_steps(a, b, log_w):
    """A small tree, and for each of its nodes the logarithm of the weight of B over that of A."""
    w = np.exp(log_w)
    w = np.append(w / w.sum(), np.full(len(b), 1 / len(b))) * len(b)
    tree = DecisionTreeRegressor(max_depth=4, min_samples_leaf=200)
    tree.fit(np.concatenate([a, b]), np.repeat([0.0, 1.0], [len(a), len(b)]), w)
    share = np.clip(tree.tree_.value[:, 0, 0], 0.02, 0.98)  # of B in the weight of each node
    return tree, np.log(share / (1 - share))


# %% tags=["training"]
def boosted(a, b, new, trees=60, rate=0.2):
    rng, log_w, log_new = np.random.default_rng(16), np.zeros(len(a)), np.zeros(len(new))
    for _ in range(trees):
        i, j = (rng.choice(len(x), len(x) // 2, replace=False) for x in (a, b))  # half of the events
        tree, step = leaf_steps(a[i], b[j], log_w[i])
        log_w, log_new = log_w + rate * step[tree.apply(a)], log_new + rate * step[tree.apply(new)]
    return np.exp(log_new)


arrays = [zjets_inputs(events) for events in (a, b, new_a)]
report("boosted trees", boosted(*arrays))

# %% [markdown]
# Next to each other, what nobody trained on among them: the balance and the missing momentum.

# %% tags=["training"]
shown = {name: results[name][0] for name in ("no weights", "five in turn", "5-D, 6 bins", "network")}
fig, axes = plt.subplots(1, 3, figsize=(11, 3.8))
compare_shapes(plot.shape_ratio, shown, ("ht", "balance", "met"), axes)
for ax in axes:
    ax.set_ylim(0.3, 2)
    ax.legend().set_visible(ax is axes[0])

# %% [markdown] tags=["alt:previous"]
# Three panels of ratios to generator B. In the jet sum all weighted samples lie near one except at the
# right end. In the balance the unweighted sample and the five ratios in turn dip to a half in the middle
# and rise beyond the frame at both ends; the five-dimensional histogram does so less, and the network stays
# close to one. In the missing momentum all but the network rise.

# %% [markdown]
# The jet sum is what everybody repaired. The balance is a *combination* of two of the five, the missing
# momentum follows from it. Whoever had looked at the five distributions alone would have signed off the
# five ratios in turn.
#
# Since this is a toy, the weights themselves can be compared with the truth.

# %% tags=["training"]
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), sharey=True)
grid = np.geomspace(0.02, 10, 40)
for ax, name in zip(axes, ("5-D, 6 bins", "network", "boosted trees"), strict=True):
    weights = np.clip(results[name][0] / results[name][0].mean(), 0.021, 9.9)
    ax.hist2d(true, weights, bins=(grid, grid), cmap="Blues", vmax=120, rasterized=True)
    ax.plot(grid, grid, "--", color="black", lw=1)
    ax.set(xscale="log", yscale="log", xlabel="true weight", title=name)
_ = axes[0].set_ylabel("weight of the method")

# %% [markdown] tags=["alt:previous"]
# Weights of three methods against the true weight, logarithmic axes, with a dashed diagonal. The
# five-dimensional histogram makes a broad cloud, with a dark line at the bottom where its cells of B are
# empty. The network's cloud is a thin band along the diagonal. The boosted trees' band is wider, and lies
# above the diagonal at small true weights.

# %% tags=["training"]
off = {name: Estimate(abs(area.value - 0.5), area.error) for name, (_, area) in results.items()}
histograms = min(off["five in turn"], off["5-D, 6 bins"])
learned = max(off["network"], off["boosted trees"])
gain = histograms.value - learned.value
claim("reweight-any-dimension", gain, np.hypot(histograms.error, learned.error))

# %% tags=["training"]
assert gain > 0
assert off["true weights"].value < 4 * off["true weights"].error
assert off["network"].value < 0.06
assert np.corrcoef(results["network"][0], true)[0, 1] > 0.9

# %% [markdown]
# The better histogram method stands against the worse of the two learned ones. The boosted trees are behind
# the network here: there are few of them, and the densities are smooth, which is what networks are good at.

# %% [markdown]
# ## Where reweighting breaks
#
# **No overlap.** Generator C makes hard events only, where A has few. **Predict:** the effective size.

# %% tags=["training"]
new_c, true_c = z_jets(n, "C", rng=165), z_jets_ratio(new_a, target="C")
print(f"{n} events with the true weights are worth {effective_size(true_c):.0f}, ", end="")
print(f"the largest carries {true_c.max() / true_c.sum():.1%}; judge {judge(true_c, target=new_c)}")

# %% [markdown]
# A few hundred events are left, and a single one carries some per cent. No method can do better: the events
# that are needed were not simulated. The judge has nothing to say against it. Look at *its* uncertainty:
# with a few hundred events it cannot. The effective size tells.
#
# **A hole.** Now A has been generated with $H_T > 40$ GeV, and B without a cut.

# %% tags=["training"]
has = (a.ht > 40).to_numpy(), (new_a.ht > 40).to_numpy()
filled = boosted(arrays[0][has[0]], arrays[1], arrays[2][has[1]], trees=30, rate=0.4)
print(f"worth {effective_size(filled) / has[1].sum():.2f} of the events, ", end="")
print(f"largest weight {filled.max() / filled.mean():.1f} times the mean")
print(f"judge {judge(filled, source=new_a[has[1]])}")
print(f"below 40 GeV: {np.mean(new_b.ht < 40):.2f} of B, none of A")

# %% [markdown]
# No huge weight, a comfortable effective size, and nonsense: nearly a third of B has no counterpart, and
# weights cannot create events. The effective size does not notice. The judge does, and so does the plainest
# plot of $H_T$. So look at both.
#
# **An overconfident classifier.** $p/(1-p)$ is only the ratio if $p$ is a probability. Trees with many
# leaves and many rounds know their training events, and are too sure about the new ones.

# %% tags=["training"]
from sklearn.linear_model import LogisticRegression

options = {"max_iter": 100, "max_leaf_nodes": 31, "learning_rate": 0.3, "early_stopping": False}
sure = HistGradientBoostingClassifier(**options, **fixed).fit(both[FIVE], is_b)
third = pd.concat([z_jets(n, "A", rng=166), z_jets(n, "B", rng=167)])
scale = LogisticRegression().fit(sure.decision_function(third[FIVE])[:, None], is_b)
slope, raw = scale.coef_[0, 0], sure.decision_function(new_a[FIVE])
report("sure trees", np.exp(raw))
report("calibrated", np.exp(slope * raw + scale.intercept_[0]))
print(f"slope {slope:.2f}: a logit of 3 means {3 * slope:.1f}")

# %% [markdown]
# A calibration on a third pair of samples, two parameters, finds the slope by which the logits are too
# steep. It brings back effective size, and the weights come nearer to the true ones. Yet the judge is less
# happy, if anything. It asks about the mean of the weights in each region, and there the noise that was
# learnt by heart averages out; it only costs events. One slope flattens the noise and the true part alike.
# Better than to calibrate is to learn less noise. How one notices: compare $p$ with the share of B among new
# events of this $p$.

# %% tags=["training"]
from hepml_course.metrics.calibration import reliability

fig, ax = plt.subplots(figsize=(4.8, 4.2))
new = pd.concat([new_a, new_b])
logits = {"sure trees": sure.decision_function(new[FIVE]), "network": logit(zjets_inputs(new))[0]}
for name, values in logits.items():
    seen = reliability(1 / (1 + np.exp(-values)), is_b)
    ax.plot(seen.score, seen.share, "o-", label=name)
ax.plot([0, 1], [0, 1], "--", color="black", lw=1)
ax.set(xlabel="probability of B, as claimed", ylabel="share of B, on new events")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Share of B among new events against the probability that the classifier claims. The network follows the
# dashed diagonal. The sure trees are above it at low and below it at high probabilities: a flat S.

# %% [markdown]
# ## Negative weights that disappear
#
# Back to the signed events, and to lecture 002's last line on them: they can be reweighted to get rid of
# negative weights. The idea of the **neural resampler** (Nachman and Thaler, 2020) is to replace each
# weight by the mean weight of the events at its place,
#
# $$ g(x) = E[w\,|\,x] , $$
#
# which is positive wherever the density is. The sum over any region stays the same on average. With weights
# ±1 it is a classification: which sign has an event at $x$? If $p_+$ is the probability of a plus, $g =
# 2p_+ - 1$.

# %% tags=["training"]
events = nlo_events(20_000, rng=170).query("not is_signal")
sign = train([(inputs(events), events.weight > 0, np.ones(len(events)))], seed=18, passes=20)
g = np.tanh(sign(inputs(events))[0] / 2)  # the same as 2 p − 1
print(f"negative before {np.mean(events.weight < 0):.3f}, after {np.mean(g < 0):.3f}")
print(f"sum of weights: {events.weight.sum():.0f} before, {g.sum():.0f} after")
total_factor = events.weight.sum() / g.sum()
g = np.maximum(g, 0) * total_factor

# %% [markdown]
# Mind the sum. A network that is stopped somewhere near its minimum is right about shapes and a little
# wrong about totals; but the total is known, so $g$ has been scaled to it.

# %% [markdown]
# Against the truth: the mean weight, which the toy knows, and the distributions of the unweighted events.

# %% tags=["training"]
from hepml_course.simulate import nlo_mean_weight

light = truth[~truth.is_signal]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.7))
axes[0].hist2d(nlo_mean_weight(events), g, bins=40, norm="log", cmap="Blues", rasterized=True)
axes[0].plot([0, 1], [0, 1], "--", color="black", lw=1)
axes[0].set(xlabel="true mean weight", ylabel="g of the network")
places = {"pt": (0, 100, "transverse momentum / GeV"), "delta_y": (-4, 4, "Δy(jet, boson)")}
for ax, (name, (low, high, label)) in zip(axes[1:], places.items(), strict=True):
    here = events[name]
    samples = {"truth": (light[name], None), "signed": (here, events.weight), "resampled": (here, g)}
    plot.shape_ratio(samples, np.linspace(low, high, 21), ax=ax)
    ax.set(xlabel=label, ylim=(0.6, 1.4))

# %% [markdown] tags=["alt:previous"]
# Left, the network's mean weight against the true one: a broad band that follows the diagonal and bulges
# above it in the middle. Middle and right, the ratio of signed and of resampled events to the truth, in
# transverse momentum and rapidity difference. The signed points scatter around one with large errors; the
# resampled ones scatter less, have smaller error bars, and neighbours lie on the same side of one.

# %% tags=["training"]
reference = nlo_events(20_000, rng=171, negative=0).query("not is_signal")
told = judge(g, columns=FEATURES, source=events, target=reference)
claim("resample-negative", abs(told.value - 0.5), told.error)

# %% [markdown]
# The judge, with thousands of events of either kind, finds little or nothing. The plots see a bit more:
# where $g$ is wrong, all resampled events of the neighbourhood are, and their small error
# bars do not show it. Is the sample now worth more?

# %% tags=["training"]
print(f"{len(events)} events, signed weights: worth {effective_size(events.weight):.0f}")
print(f"with g instead:               worth {effective_size(g):.0f} (says the formula)")

# %% [markdown]
# **Question.** Nearly three times as many events, from the same file, by arithmetic. What is wrong?

# %% [markdown] tags=["fold"]
# The formula assumes that the weights do not fluctuate. But $g$ was fitted to these very events. Had the
# generator given a few more negative ones, $g$ would be smaller in the whole neighbourhood, for all events
# alike. Neighbouring bins now fluctuate together, and $\sqrt{\sum g^2}$ adds them as if they were
# independent.

# %% [markdown]
# Test it: a hundred samples, each resampled by its own fit. Here $g$ is a polynomial fitted to the weights
# by least squares, so that it takes milliseconds. What spread do the contents of a bin have, and what error
# do the weights claim?

# %% tags=["training"]
from sklearn.preprocessing import PolynomialFeatures

ranges = {"all": (0, np.inf), "20–60 GeV": (20, 60), "30–34 GeV": (30, 34)}


def one_sample(seed):
    events = nlo_events(2000, rng=seed).query("not is_signal")
    x, w = inputs(events).astype(float), events.weight.to_numpy()
    terms = PolynomialFeatures(3).fit_transform(x)
    g = np.maximum(terms @ np.linalg.solve(terms.T @ terms, terms.T @ w), 0)
    for low, high in ranges.values():
        both = np.stack([w, g])[:, (events.pt > low) & (events.pt < high)]
        yield *both.sum(axis=1), *np.sqrt((both**2).sum(axis=1))


# %% tags=["training"]
toys = np.array([list(one_sample(seed)) for seed in range(1000, 1100)])
print("                    signed: spread, claimed     resampled: spread, claimed")
for k, name in enumerate(ranges):
    spreads, claimed = toys[:, k, :2].std(axis=0), toys[:, k, 2:].mean(axis=0)
    print(f"{name:12} {spreads[0]:18.1f} {claimed[0]:9.1f} {spreads[1]:21.1f} {claimed[1]:9.1f}")

# %% [markdown]
# In a narrow bin the gain is real: the fit has borrowed from the neighbours, as a smooth curve does. Over a
# wide range it is an illusion. The whole sample fluctuates as before, and the weights claim much less.
#
# The honest way keeps the second moment, too. Of the events at $x$ keep the share $g^2/E[w^2|x]$, and give
# those the weight $E[w^2|x]/g$. Then the mean of $\sum w$ is as before, and so is $\sum w^2$. With weights
# ±1 the second moment is one: keep $g^2$, with weight $1/g$.

# %% tags=["training"]
kept = np.random.default_rng(19).random(len(g)) < g**2
honest, kept_percent = 1 / g[kept], 100 * kept.mean()
print(f"kept {kept.sum()} of {len(events)} events, weights from {honest.min():.2f} to {honest.max():.1f}")
print(f"sum   {events.weight.sum():.0f} before, {honest.sum():.0f} after")
print(f"worth {effective_size(events.weight):.0f} before, {effective_size(honest):.0f} after")

# %% [markdown]
# Fewer events, all positive, worth what the signed ones were worth. The true gain is elsewhere:
# {{ kept_percent:.0f }} % of the events go through the detector simulation, and every package of trees will
# take them. Precision does not come out of a network that was not in the sample.

# %% tags=["training"]
assert np.mean(g > 0) > 0.99
assert abs(total_factor - 1) < 0.2
assert toys[:, 0, 1].std() > 1.2 * toys[:, 0, 3].mean()
assert abs(effective_size(honest) / effective_size(events.weight) - 1) < 0.25

# %% [markdown]
# ## Summary
#
# - A weighted sample is worth $(\sum w)^2/\sum w^2$ events, and a bin fluctuates by $\sqrt{\sum w^2}$. Both
#   are estimates that trust the weights already seen.
# - Negative weights cost $(1-2f)^2$. A ROC curve with them walks backwards; its area is nearly right on
#   average.
# - Trees divide by sums of weights: they refuse, or go wrong, or need large leaves. Networks multiply: use
#   signed weights as they are, and stop early, because the loss has no floor.
# - Clipping weights changes the density. Generating where the weights are is the only cure that is free of
#   regret.
# - A ratio of histograms ends at one or two dimensions. A classifier gives the ratio in many, if it is
#   calibrated and the supports overlap.
# - Judge a reweighting by trees that try to tell, on new events, and by distributions that nobody used.
#   Look at the effective size as well: each of the two sees what the other does not.
# - Resampling removes the signs. The uncertainty it must keep, or the errors lie.
#
# Now you: `exercises/10_event_weights.ipynb`.
