# ---
# course:
#   title: Event weights, by yourself
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Event weights, by yourself
#
# Ten functions. The first four are about what a weighted event stands for, the fifth judges with signed
# weights, and from the sixth on you choose the weights yourself, until one generator passes for the other.
# Write your answer in place of the `...`, run the cell, run the check below it. If you are stuck, open a cell
# of your own and ask for help, more than once if needed:
#
#     hint("weights.luminosity")

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.metrics import auc
from hepml_course.simulate import ZJETS_FEATURES, nlo_events, z_jets, z_jets_ratio

# %% [markdown]
# ## What an event stands for
#
# ### 1 The weight from the cross section
#
# A generator has given each of its events a weight, some of them negative. Nature makes this process with the
# cross section `cross_section` in **pb**, and the experiment has the luminosity `integrated` in **fb⁻¹**.
# Return the weight of each event, so that all of them add up to what the experiment expects.


# %%
def luminosity(generator_weights, cross_section, integrated):
    """Weight of each event, shape (n,), for a cross section in pb and a luminosity in fb⁻¹."""
    ### BEGIN SOLUTION
    expected = 1000 * cross_section * integrated
    return generator_weights * expected / generator_weights.sum()
    ### END SOLUTION


# %%
check("weights.luminosity", luminosity)

# %% [markdown]
# The cells in between use your functions where they are right, and the course's own where not.
#
# Signal of lesson 10's toy: 20,000 events, a quarter of weight −1. Let the cross section be 12 pb, and the
# luminosity 20 fb⁻¹. **Predict before you run.** Somebody divides by the number of events instead. By which
# factor is that wrong?

# %%
luminosity = answer_or_reference("weights.luminosity", luminosity)
signed = nlo_events(20_000, rng=1001).query("is_signal").reset_index(drop=True)
g = signed.weight.to_numpy()
w = np.asarray(luminosity(g, 12.0, 20.0))
print(f"expected {1000 * 12 * 20}, yours {w.sum():.0f}, theirs {(1000 * 12 * 20 * g / len(g)).sum():.0f}")

# %% [markdown] tags=["fold"]
# By two. With a quarter of negative events Σg is half of their number. The cross section in a generator's log
# belongs to Σg, and a factor of two in a signal does not look like an error: it looks like a limit.

# %% [markdown]
# ### 2 What a sample is worth
#
# Return the number of events of weight 1 whose sum has the same *relative* uncertainty as the sum of these
# weights. There is no need to round it.


# %%
def effective_size(w):
    """Effective number of events, one number."""
    ### BEGIN SOLUTION
    return w.sum() ** 2 / (w**2).sum()
    ### END SOLUTION


# %%
check("weights.effective_size", effective_size)

# %% [markdown]
# Weights that spread over orders of magnitude: their logarithm is a Gaussian of width σ. Of very many events
# the share $e^{-\sigma^2}$ would be left. **Predict before you run.** For σ = 3 that is one event in ten
# thousand. What does your formula find in a sample of ten thousand?

# %%
effective_size = answer_or_reference("weights.effective_size", effective_size)
rng = np.random.default_rng(1002)
print("spread   worth by formula   worth in truth   largest weight / sum")
for sigma in (0.5, 1, 2, 3):
    w = np.exp(rng.normal(0, sigma, 10_000))
    print(
        f"{sigma:6} {effective_size(w):18.1f} {10_000 * np.exp(-(sigma**2)):16.1f} {w.max() / w.sum():22.3f}"
    )

# %% [markdown] tags=["fold"]
# Many times too many. Most of Σw² would come from events six standard deviations out, and no sample of this
# size holds one. The formula can only speak of weights that it has seen. A single event with several per cent
# of the sum is the warning.

# %% [markdown]
# ### 3 What negative weights cost
#
# All weights are +1 or −1, and a share `f` below ½ of them is negative. How many such events are worth `n`
# events of weight +1?


# %%
def events_needed(n, f):
    """Number of events of weight ±1, one number."""
    ### BEGIN SOLUTION
    return n / (1 - 2 * f) ** 2
    ### END SOLUTION


# %%
check("weights.events_needed", events_needed)

# %% [markdown]
# Your formula against events. **Predict before you run:** where does the curve pass 100?

# %%
events_needed = answer_or_reference("weights.events_needed", events_needed)
shares = np.linspace(0, 0.46, 93)
measured = np.array([0.1, 0.2, 0.3, 0.4, 0.45])
samples = [nlo_events(20_000, rng=1003 + i, negative=f).weight for i, f in enumerate(measured)]
fig, ax = plt.subplots(figsize=(6, 3.8))
ax.plot(shares, [events_needed(1, f) for f in shares], label="formula")
ax.plot(
    measured,
    [len(w) / effective_size(w.to_numpy()) for w in samples],
    "o",
    label="40,000 simulated events each",
)
ax.set(xlabel="share of negative weights", ylabel="events needed for each one", yscale="log", ylim=(1, 200))
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Events needed against the share of negative weights, on a logarithmic axis. The curve rises from 1 to 4 at a
# quarter, to 25 at 0.4 and to 100 at 0.45; the points of five simulated samples lie on it.

# %% [markdown]
# ### 4 A histogram with errors
#
# Return the height of each bin, Σw, and its standard uncertainty. Events outside of the edges are in no bin.
# Weights may be negative, and no value lies exactly on an edge.


# %%
def histogram(x, w, edges):
    """Heights and uncertainties, two arrays of shape (bins,)."""
    ### BEGIN SOLUTION
    heights, _ = np.histogram(x, edges, weights=w)
    squares, _ = np.histogram(x, edges, weights=w**2)
    return heights, np.sqrt(squares)
    ### END SOLUTION


# %%
check("weights.histogram", histogram)

# %% [markdown]
# Is the uncertainty right? Ask events: two hundred samples, signed, and stretched by weights that vary. The
# spread of a bin from sample to sample should be what a single sample claims. Two other claims stand beside
# yours: the root of the height, and the height over √n. **Predict before you run.** Are they too small or too
# large?

# %%
histogram = answer_or_reference("weights.histogram", histogram)
edges, rng = np.array([0.0, 10, 20, 40, 60, 100]), np.random.default_rng(1010)
heights, claims = [], []
for _ in range(200):
    events = nlo_events(rng.poisson(400), rng=rng).query("is_signal")
    w = events.weight * np.exp(rng.normal(0, 0.7, len(events)))
    height, error = histogram(events.pt.to_numpy(), w.to_numpy(), edges)
    n = np.histogram(events.pt, edges)[0]
    heights.append(height)
    claims.append((error, np.sqrt(np.abs(height)), np.abs(height) / np.sqrt(np.maximum(n, 1))))

# %%
spread, claims = np.std(heights, axis=0), np.mean(claims, axis=0)
print("pt / GeV    spread   yours   √height   height/√n")
for i in range(len(spread)):
    yours, root, over = claims[:, i]
    print(f"{edges[i]:3.0f}–{edges[i + 1]:3.0f} {spread[i]:10.1f} {yours:7.1f} {root:9.1f} {over:11.1f}")

# %% [markdown] tags=["fold"]
# Both are too small. √height takes a sum of weights for a count. Height/√n believes that all weights of a bin
# are alike: above 20 GeV, where the negative ones are, it is too small by a factor of two and more. √Σw²
# follows the spread.

# %% [markdown]
# ### 5 AUC with signs
#
# `score`, `is_signal` and `w` describe all events; `is_signal` holds True for signal. In lesson 05 the AUC
# was the share of pairs in which signal scores higher, a tie counting one half. Now each event stands for `w`
# events. Return the AUC.


# %%
def signed_auc(score, is_signal, w):
    """Weighted share of pairs that signal wins, one number."""
    ### BEGIN SOLUTION
    s, b = score[is_signal], score[~is_signal]
    wins = (s[:, None] > b) + 0.5 * (s[:, None] == b)
    w_s, w_b = w[is_signal], w[~is_signal]
    return w_s @ wins @ w_b / (w_s.sum() * w_b.sum())
    ### END SOLUTION


# %%
check("weights.signed_auc", signed_auc)

# %% [markdown]
# Two hundred small samples, 100 events of each class, a quarter negative. The score is how central the boson
# is, −|y|, and the true AUC is known from many events of weight one. **Predict before you run.** Which
# treatment is right on average: signs as they are, signs removed, or negative events left out? Which one
# spreads the most?

# %%
signed_auc = answer_or_reference("weights.signed_auc", signed_auc)
truth = nlo_events(100_000, rng=1011, negative=0)
print(f"true AUC        {auc(-truth.y.abs(), truth.is_signal).value:.3f}")
treatments = {"signed": lambda w: w, "signs removed": np.abs, "left out": lambda w: np.maximum(w, 0)}
found = {name: [] for name in treatments}
for k in range(200):
    few = nlo_events(100, rng=np.random.default_rng([1012, k]))
    score, is_signal, w = (few[c].to_numpy() for c in ("y", "is_signal", "weight"))
    for name, treat in treatments.items():
        found[name].append(float(signed_auc(-np.abs(score), is_signal, treat(w))))

# %%
for name, values in found.items():
    low, middle, high = np.quantile(values, [0.16, 0.5, 0.84])
    print(f"{name:15} {middle:.3f} in the middle, half of the spread {(high - low) / 2:.3f}")

# %% [markdown] tags=["fold"]
# Only the signed one is right in the middle, and it spreads most. The others are precise estimates of
# something else: what is subtracted is central in both classes, and where it is not taken away the two look
# more alike than they are. A small sample may even give an AUC above 1 with signs; that is a large
# uncertainty, and no reason to drop the signs.

# %% [markdown]
# ## Choosing the weights
#
# ### 6 The ratio of two histograms
#
# `source` and `target` hold one variable of two samples, with weights `w` and `w_target`. Reweight the
# source: multiply each weight by the *share* that the target has in the bin of this event, divided by the
# share of the source. A share is the sum of weights in the bin over the sum of all weights of that sample.
# All events lie inside the edges.


# %%
def ratio(source, w, target, w_target, edges):
    """New weights of the source events, shape (n,)."""
    ### BEGIN SOLUTION
    source_share = np.histogram(source, edges, weights=w)[0] / w.sum()
    target_share = np.histogram(target, edges, weights=w_target)[0] / w_target.sum()
    k = np.digitize(source, edges) - 1
    return w * target_share[k] / source_share[k]
    ### END SOLUTION


# %%
check("weights.ratio", ratio)

# %% [markdown]
# The two generators of the lesson. A is to become B, and first in one variable: the scalar sum $H_T$ of the
# jets. **Predict before you run.** Which of the other numbers become more alike, and which do not? An AUC of
# 0.5 means that a variable alone cannot tell the two apart.

# %%
ratio = answer_or_reference("weights.ratio", ratio)
FEATURES = list(ZJETS_FEATURES)
a, b = z_jets(10_000, "A", rng=1021), z_jets(10_000, "B", rng=1022)
one = np.ones(len(a))
edges = np.quantile(np.append(a.ht, b.ht), np.linspace(0, 1, 21))
edges[0], edges[-1] = 0, 10_000
w_ht = np.asarray(ratio(a.ht.to_numpy(), one, b.ht.to_numpy(), one, edges))

# %%
is_b = np.repeat([False, True], len(a))
balance = {"ht / z_pt": [np.log(e.ht / e.z_pt) for e in (a, b)]}
print("AUC of            before    after")
for name, (x_a, x_b) in ({v: (a[v], b[v]) for v in [*FEATURES, "met"]} | balance).items():
    before, after = (auc(np.append(x_a, x_b), is_b, np.append(w, one)).value for w in (one, w_ht))
    print(f"{name:15} {before:8.3f} {after:8.3f}")

# %% [markdown] tags=["fold"]
# `ht` is at one half, and nothing else has moved far. The missing momentum hangs on $H_T$, but more on how
# badly the jets balance the Z. And an AUC of one number sees a shift only: the balance $H_T/p_T$, wide in A
# and narrow in B, has one near a half before and after. For that one needs somebody who looks at everything
# at once.

# %% [markdown]
# ### 7 From a score to a weight
#
# A classifier was trained with `n_source` events of the source, called 0, and `n_target` of the target,
# called 1, each with weight one. `p` is what it says for some events: the probability to be target. Return
# the ratio of the two *densities*, target over source. Before that, move scores below `smallest` to
# `smallest`, and those above `1 - smallest` to `1 - smallest`.


# %%
def from_score(p, n_source, n_target, smallest):
    """Target density over source density, shape (n,)."""
    ### BEGIN SOLUTION
    p = np.clip(p, smallest, 1 - smallest)
    return p / (1 - p) * n_source / n_target
    ### END SOLUTION


# %%
check("weights.from_score", from_score)

# %% [markdown]
# The toy knows the true ratio. Ten thousand events of A and four thousand of B train boosted trees, and new
# events of A are weighed.

# %% tags=["training"]
from_score = answer_or_reference("weights.from_score", from_score)
new_a, new_b = z_jets(10_000, "A", rng=1023), z_jets(10_000, "B", rng=1024)
some_b = b[:4000]
trees = HistGradientBoostingClassifier(max_iter=60, random_state=1)
trees.fit(pd.concat([a, some_b])[FEATURES], np.repeat([0, 1], [len(a), len(some_b)]))
p = trees.predict_proba(new_a[FEATURES])[:, 1]
w_trees, true = np.asarray(from_score(p, len(a), len(some_b), 0.01)), z_jets_ratio(new_a)
print(f"mean weight {w_trees.mean():.2f}, by the odds alone {np.mean(p / (1 - p)):.2f}")

# %% tags=["training"]
fig, ax = plt.subplots(figsize=(4.8, 4.2))
logs = np.log10(np.maximum(true, 1e-3)), np.log10(w_trees)
ax.hist2d(*logs, bins=50, range=((-3, 1), (-3, 1)), cmap="Blues", rasterized=True)
ax.plot([-3, 1], [-3, 1], "--", color="black", linewidth=1)
_ = ax.set(xlabel="log₁₀ of the true ratio", ylabel="log₁₀ of the learned weight")

# %% [markdown] tags=["alt:previous"]
# Learned weight against true ratio of densities, both logarithmic. A dark band follows the diagonal for
# weights near one and bends away from it at small ones, where the learned weights stay larger than the true
# ones.

# %% [markdown]
# **Question.** Weights that should be a hundredth come out nearly ten times as large. Does that matter? And
# the largest ones, which come out too small by a fifth?

# %% [markdown] tags=["fold"]
# The small ones hardly matter: these events count next to nothing either way. The large ones do: where B is
# much denser than A something is missing after the weights. A ratio is learned where both samples have
# events, and it is pulled towards 1 at the ends.

# %% [markdown]
# ### 8 Can anybody tell?
#
# `make()` gives an untrained classifier with `fit(x, y, sample_weight=...)` and `predict_proba(x)`. `source`
# has the shape (n, d), its events have the weights `w`; `target` has the shape (m, d), and weights of 1.
# Train a classifier to tell source, 0, from target, 1, on the even rows 0, 2, 4 … of *both*; return its
# weighted AUC on the odd rows of both. The package's `auc(score, y, weights)` may be used; it returns the
# value and its uncertainty.


# %%
def closure(make, source, w, target):
    """Weighted AUC on the odd rows, one number, or the value with its uncertainty."""
    ### BEGIN SOLUTION
    x, y, weights = [], [], []
    for half in (slice(0, None, 2), slice(1, None, 2)):
        x.append(np.concatenate([source[half], target[half]]))
        y.append(np.repeat([0, 1], [len(source[half]), len(target[half])]))
        weights.append(np.concatenate([w[half], np.ones(len(target[half]))]))
    model = make()
    model.fit(x[0], y[0], sample_weight=weights[0])
    return auc(model.predict_proba(x[1])[:, 1], y[1], weights[1])
    ### END SOLUTION


# %%
check("weights.closure", closure)

# %% [markdown]
# Now the judge looks at what we have. The last two lines are about trees that learned 3000 events of each
# generator by heart. **Predict before you run.** On new events their weights are not bad. What does the judge
# say if it looks at the very events, of A and of B, that the weights were trained on?

# %% tags=["training"]
closure = answer_or_reference("weights.closure", closure)


def judge():
    return HistGradientBoostingClassifier(max_iter=50, max_leaf_nodes=8, random_state=2)


def told(events, w, target=new_b):
    found = closure(judge, events[FEATURES].to_numpy(), np.asarray(w), target[FEATURES].to_numpy())
    return float(np.ravel(found)[0])


# %% tags=["training"]
memory = HistGradientBoostingClassifier(max_iter=60, learning_rate=0.2, early_stopping=False, random_state=3)
old_a, old_b = a[:3000], b[:3000]
memory.fit(pd.concat([old_a, old_b])[FEATURES], np.repeat([0, 1], 3000))
w_new, w_old = (from_score(memory.predict_proba(e[FEATURES])[:, 1], 3000, 3000, 0.01) for e in (new_a, old_a))

# %% tags=["training"]
found = {
    "no weights": told(new_a, one),
    "ratio in one variable": told(a, w_ht),
    "trees": told(new_a, w_trees),
    "true weights": told(new_a, true),
    "by heart, new events": told(new_a, w_new),
    "by heart, their own events": told(old_a, w_old, old_b),
}
print(*(f"{name:28} {value:.3f}" for name, value in found.items()), sep="\n")
assert found["by heart, their own events"] < found["true weights"] < found["by heart, new events"]

# %% [markdown] tags=["fold"]
# Below one half, as if the weights were better than the true ones. These weights made the even and the odd
# rows *together* look like B, fluctuations included. So where there are too many even ones there are too few
# odd ones; the judge learns the former and bets on the wrong side. New events for the judge, and new to
# whoever made the weights: on those the AUC is above a half. One well below it is an alarm.

# %% [markdown]
# ## Signs that disappear
#
# ### 9 Positive weights, with their uncertainty
#
# In each bin of `x` the events share the weights evenly. Return two numbers for each event: the mean weight
# in its bin, which becomes its new weight, and the root mean square of the weights in its bin, which goes
# into uncertainties in place of the weight. All events lie inside the edges.


# %%
def resample(x, w, edges):
    """Mean and root mean square of the weights in the bin of each event, two arrays of shape (n,)."""
    ### BEGIN SOLUTION
    k = np.digitize(x, edges) - 1
    n = np.maximum(np.bincount(k), 1)
    mean, square = (np.bincount(k, v) / n for v in (w, w**2))
    return mean[k], np.sqrt(square[k])
    ### END SOLUTION


# %%
check("weights.resample", resample)

# %% [markdown]
# The signed signal of task 1, in 40 bins of its transverse momentum; then look at a variable that took no
# part.

# %%
resample = answer_or_reference("weights.resample", resample)
pt_edges = np.quantile(signed.pt, np.linspace(0, 1, 41))
pt_edges[0], pt_edges[-1] = 0, 10_000
new, root = (np.asarray(v) for v in resample(signed.pt.to_numpy(), g, pt_edges))
print(f"negative: {np.mean(g < 0):.3f} before, {np.mean(new < 0):.3f} after")
print(f"sum of weights: {g.sum():.0f} before, {new.sum():.0f} after")

# %%
true_signal = truth[truth.is_signal]
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6))
for ax, name, bins, label in (
    (axes[0], "pt", np.linspace(0, 120, 21), "transverse momentum / GeV"),
    (axes[1], "delta_y", np.linspace(-4, 4, 21), "Δy(jet, boson)"),
):
    samples = {
        "truth": (true_signal[name], None),
        "signed": (signed[name], g),
        "resampled": (signed[name], new),
    }
    plot.shape_ratio(samples, bins, ax=ax)
    ax.set(xlabel=label, ylim=(0.5, 1.6))

# %% [markdown] tags=["alt:previous"]
# Ratio to the truth of the signed and of the resampled events. Left, in transverse momentum, both lie around
# one together. Right, in the rapidity difference, the signed ones scatter around one; the resampled ones are
# above it in the middle, and far below at both ends.

# %% [markdown]
# **Question.** In the variable of the bins all is well. Why not in the other one, and what would you take in
# place of bins?

# %% [markdown] tags=["fold"]
# What is subtracted is central. At the same transverse momentum the mean weight depends on the rapidities as
# well, and these bins give one to all of them. So take something that learns the mean weight at each place of
# all variables: a network, as in the lesson. The bins are its one-dimensional version, and the second number
# is the same idea for the square.

# %% [markdown]
# Now the errors: those in the picture come from the new weights alone, and look better than before. Two
# hundred samples, each resampled by itself; the sum of all weights, its spread, and what is claimed by the
# new weights alone, or by the second number. **Predict before you run.** Which of the two is right?

# %%
totals, claimed = [], []
for k in range(200):
    rng = np.random.default_rng([1031, k])
    few = nlo_events(rng.poisson(2000), rng=rng).query("is_signal")
    mean, rms = (np.asarray(v) for v in resample(few.pt.to_numpy(), few.weight.to_numpy(), pt_edges))
    totals.append(mean.sum())
    claimed.append([np.sqrt((v**2).sum()) for v in (mean, rms)])
mean_only, both = np.mean(claimed, axis=0)
print(f"spread {np.std(totals):.1f}")
print(f"claimed by the new weights {mean_only:.1f}, by the second number {both:.1f}")

# %% [markdown] tags=["fold"]
# The second. The sum of all new weights *is* the sum of the signed ones, so it fluctuates as before, and who
# takes √Σg² has invented events. In a range narrower than a bin the average does help, as any smooth curve
# does.

# %% [markdown]
# ## All of it
#
# ### 10 One generator into the other
#
# Write the function that gives the weight of any event of generator A, so that A looks like B. It gets a
# table with the five columns `FEATURES`, and returns one weight for each row. Their mean over events of A is
# to be near 1. Train on as many events as you like: `z_jets(n, "A", rng)` and `z_jets(n, "B", rng)` with
# seeds of your own.
#
# The check draws events that nobody has seen. Its discriminator looks at logarithms, squares and products of
# the five numbers, and must not reach an AUC above 0.61, where it has 0.76 without weights. The spectator,
# the missing transverse momentum `met`, has to follow by itself. The formulas of the toy, `z_jets_ratio`, are
# not an answer.

# %% tags=["training"]
model = ...
### BEGIN SOLUTION
train_a, train_b = z_jets(15_000, "A", rng=1041), z_jets(10_000, "B", rng=1042)
x, y = pd.concat([train_a, train_b])[FEATURES], np.repeat([0, 1], [len(train_a), len(train_b)])
model = HistGradientBoostingClassifier(random_state=4).fit(x, y)
### END SOLUTION


# %% tags=["training"]
def reweighted(events):
    """Weights that turn generator A into B, shape (n,)."""
    ### BEGIN SOLUTION
    p = model.predict_proba(events[FEATURES])[:, 1]
    return from_score(p, len(train_a), len(train_b), 0.01)
    ### END SOLUTION


# %% tags=["training"]
check("weights.reweighted", reweighted)

# %% [markdown]
# The numbers in a picture: what took part only through its correlation, the balance, and what took no part at
# all.

# %% tags=["training"]
reweighted = answer_or_reference("weights.reweighted", reweighted)
w_yours = np.ravel(np.asarray(reweighted(new_a[FEATURES])))
fig, axes = plt.subplots(1, 2, figsize=(9, 3.6))
for ax, x_a, x_b, bins, label in (
    (
        axes[0],
        *(np.log(e.ht / e.z_pt) for e in (new_a, new_b)),
        np.linspace(-1.0, 1.4, 17),
        "ln $H_T/p_T$(Z)",
    ),
    (axes[1], new_a.met, new_b.met, np.linspace(0, 60, 19), "missing $p_T$ / GeV"),
):
    plot.shape_ratio({"B": (x_b, None), "A": (x_a, None), "A, yours": (x_a, w_yours)}, bins, ax=ax)
    ax.set(xlabel=label, ylim=(0, 2.5))

# %% [markdown] tags=["alt:previous"]
# Ratios to generator B. In the balance of jets and Z generator A is a valley, half of B in the middle and
# twice as much outside; with good weights it is near one, and with weights that have learned too little a
# shallower valley. In the missing transverse momentum A rises to the right; with good weights it stays near
# one, with large errors at the right end.

# %% tags=["training"]
for name, w in (("no weights", one), ("yours", w_yours), ("true weights", true)):
    print(f"{name:13} judge {told(new_a, w):.3f}, worth {effective_size(w) / len(w):.2f} of the events")

# %% [markdown]
# **Question.** Where is the rest of the way to the true weights? Two remedies, and what they cost?

# %% [markdown] tags=["fold"]
# More events to train on, which cost generation. Better inputs: logarithms and products, in which the
# densities are simple. They cost thought, and a logistic regression in them beats the trees here. Whatever
# you take, do not change the weights until *this* judge is silent. Then new_a and new_b have become training
# events, and another judge is needed.
