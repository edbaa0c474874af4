# ---
# course:
#   title: ROC and AUC
#   minutes: 75
#   objectives:
#     - count what a cut keeps and loses, and name the shares as physicists and statisticians do
#     - draw a ROC curve with event weights in five lines, and say what its area means
#     - give every efficiency, rejection and AUC its uncertainty, and know where the usual ones fail
#     - recognise a result that is too good by the likelihood ratio
#     - choose a working point by purity or by expected significance, and not by a fluctuation
#   requires: [02_perceptron]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # ROC and AUC
#
# The trigger has one question for every shower: electron or jet? Lesson 02 answered it and counted how often
# the answer was right. That number hides two very different mistakes. A lost electron is a lost event. A jet
# that passes costs bandwidth, and there are thousands of jets for each electron.
#
# Below is the simplest score there is, the width of the shower; narrow means electron, so the score is minus
# the width. Everything right of the cut is kept. Where should it stand?

# %%
from hepml_course import plot
from hepml_course.simulate import electrons_and_jets

x, y = electrons_and_jets(n=5000, rng=52)
electron, width_score = y > 0, -x[:, 0]
names = ("jet", "electron")
ax = plot.score_histograms(width_score, electron, names=names)
ax.axvline(-1.3, color="black", linestyle="--")
_ = ax.set_xlabel("score: minus the lateral width / cm")

# %% [markdown] tags=["alt:previous"]
# Two overlapping histograms of minus the shower width. Jets form a broad hump around −1.6 cm, electrons a
# narrower one around −1.0 cm. A dashed line at −1.3 cm runs between the two peaks, through the overlap.

# %% [markdown]
# ## One cut, four numbers
#
# A cut sorts two classes into two bins. All that it does to this sample is in four counts: the **confusion
# matrix**.

# %%
import numpy as np

kept = width_score >= -1.3
for name, members in (("electrons", electron), ("jets", ~electron)):
    print(f"{name:10} kept {np.sum(members & kept):5d}   lost {np.sum(members & ~kept):5d}")

# %% [markdown]
# Every figure of merit is a ratio of these four. The same ratio has one name in statistics and another in
# physics:
#
# | ratio | statistics | physics |
# |---|---|---|
# | kept electrons / all electrons | sensitivity, recall | signal efficiency $\varepsilon_s$ |
# | kept jets / all jets | false-positive rate | background efficiency $\varepsilon_b$ |
# | lost jets / all jets | specificity | $1-\varepsilon_b$, also called background rejection |
# | all jets / kept jets | – | $1/\varepsilon_b$, also called background rejection |
# | kept electrons / all that is kept | precision | purity |
#
# Mind the two rejections. "A rejection of 0.98" and "a rejection of 50" are the same cut. Here the word means
# $1/\varepsilon_b$.

# %%
from hepml_course.metrics import confusion

matrix = confusion(width_score, electron, -1.3)
print(f"signal efficiency     {matrix.signal_efficiency:.4f}")
print(f"background efficiency {matrix.background_efficiency:.4f}")
print(f"background rejection  {matrix.rejection:.2f}")
print(f"purity                {matrix.purity:.4f}")

# %% [markdown]
# **Question.** The sample holds as many jets as electrons. Nature does not. Which of the four numbers change
# when the sample has ten times more jets? (a) all, (b) the purity alone, (c) purity and background
# efficiency, (d) none

# %% [markdown] tags=["fold"]
# (b). Efficiency and rejection look at one class at a time; how many there are of the other does not enter.
# The purity compares the two classes, and it is as wrong as the mixture it was computed with. We come back to
# it.

# %% [markdown]
# ## All cuts at once
#
# Why −1.3? Let the cut move from the right end to the left. Each event it passes adds a step: a step up for
# an electron, a step to the right for a jet. The path is the **ROC curve**. Sort, add up, divide. An event
# with weight counts as its weight says.


# %%
def roc_by_hand(score, is_signal, w):
    """Background and signal efficiency with the cut below the 0, 1, 2 … highest events."""
    order = np.argsort(-score)
    signal = np.cumsum(np.where(is_signal, w, 0)[order])
    background = np.cumsum(np.where(is_signal, 0, w)[order])
    return np.append(0, background / background[-1]), np.append(0, signal / signal[-1])


# %% [markdown]
# The width and the depth, each as a score of its own, with a weight of one for all.

# %%
import matplotlib.pyplot as plt

ones = np.ones(len(x))
fig, ax = plt.subplots(figsize=(4.6, 4.2))
ax.plot(*roc_by_hand(width_score, electron, ones), label="width")
ax.plot(*roc_by_hand(-x[:, 1], electron, ones), "--", label="depth")
ax.plot([0, 1], [0, 1], ":", color="gray", label="coin")
ax.plot(matrix.background_efficiency.value, matrix.signal_efficiency.value, "ko", label="width < 1.3 cm")
ax.set(xlabel="background efficiency", ylabel="signal efficiency", xlim=(0, 1), ylim=(0, 1))
_ = ax.legend(loc="lower right")

# %% [markdown] tags=["alt:previous"]
# ROC curves of width and depth. Both rise steeply from the origin and bend towards the upper right corner.
# The width lies above the depth everywhere. A dot on the width's curve marks the cut at
# 1.3 cm. A dotted diagonal shows a coin.

# %% [markdown]
# The upper left corner is where one wants to be. The diagonal is a coin: it keeps the same share of both.
# Only the order of the scores matters; any rising function of the score draws the same curve.
#
# The package and scikit-learn do the same thing. They also put events with *equal* scores into one step,
# which the function above does not; our widths are all different.

# %%
from sklearn.metrics import roc_curve as library_curve

from hepml_course.metrics import roc_curve

w = np.random.default_rng(5).exponential(size=len(x))
ours = roc_by_hand(width_score, electron, w)
package = roc_curve(width_score, electron, w)
library = library_curve(electron, width_score, sample_weight=w, drop_intermediate=False)
for name, other in (("package", package), ("scikit-learn", library)):
    difference = max(abs(ours[k] - other[k]).max() for k in (0, 1))
    print(f"{name:13} agrees to 1e-12: {difference < 1e-12}")

# %% [markdown]
# ### What weights are for
#
# Suppose the trigger kept only one in five of the wide showers, and each of these counts as five. The sample
# is smaller and twisted. **Predict before you run:** three curves, all showers, the thinned sample with its
# weights, the thinned sample without. Which two agree?

# %%
wide = x[:, 0] > 1.5
taken = ~wide | (np.random.default_rng(6).random(len(x)) < 0.2)
prescale = np.where(wide, 5, 1)[taken]

# %% [markdown]
# Now the area under each curve, with its uncertainty.

# %%
from hepml_course.metrics import auc, effective_size

few, few_electron = width_score[taken], electron[taken]
print(f"all showers                {auc(width_score, electron):.4f}")
print(f"one in five, with weights  {auc(few, few_electron, prescale):.4f}")
print(f"one in five, no weights    {auc(few, few_electron):.4f}")
print(f"jets: {np.sum(~few_electron)}, worth {effective_size(prescale[~few_electron]):.0f}")

# %% [markdown]
# The numbers are areas under the curves, which the next section explains. The weights restore the answer
# within its uncertainty. Without them the easy jets are missing, and the classifier looks worse than it is.
# The price is in the last line: events of unequal weight are worth fewer than there are,
# $(\sum w)^2/\sum w^2$.
#
# Now move the cut yourself. Find the place where half of the electrons are left: how many jets are left
# there?

# %% tags=["widget"]
from hepml_course.widgets import working_point

working_point(width_score, electron, names=names, label="minus the width / cm", still=-1.3)

# %% [markdown] tags=["alt:previous"]
# Three panels with a cut at −1.3 cm. Left, the histograms of both classes with the kept side shaded; middle,
# the ROC curve with a dot at the cut; right, the confusion matrix as four tinted cells with counts and
# shares. A slider moves the cut in all of them.

# %% [markdown]
# ## The area is a probability
#
# The curve is many working points. Sometimes one number has to do, and the usual one is the area under the
# curve, the **AUC**. It looks like an arbitrary choice. It is not.
#
# Take 40 electrons and 40 jets, and let every electron meet every jet. Put the jets along $x$ and the
# electrons along $y$, both from the highest score down, and colour the pairs that the electron wins.

# %%
s = np.sort(width_score[electron][:40])[::-1]
b = np.sort(width_score[~electron][:40])[::-1]
wins = s[:, None] > b
edge_x, edge_y = roc_by_hand(np.append(s, b), np.arange(80) < 40, np.ones(80))
fig, ax = plt.subplots(figsize=(4.6, 4.2))
ax.imshow(wins, origin="lower", extent=(0, 1, 0, 1), cmap="Blues", vmax=2)
ax.plot(edge_x, edge_y, color="black")
_ = ax.set(xlabel="jets, best score first", ylabel="electrons, best score first")

# %% [markdown] tags=["alt:previous"]
# A square of 40 by 40 cells, one per pair. The cells in which the electron scores higher are tinted and fill
# the lower right. Their upper left border, a staircase, coincides with the black ROC curve drawn on top.

# %% [markdown]
# The border of the coloured region *is* the ROC curve. In the column of one jet the coloured cells are the
# electrons above it, and that is the signal efficiency of a cut at this jet. So the area under the curve is
# the coloured share of all pairs: **the probability that a random electron scores above a random jet**.
#
# Weights and ties change nothing: a pair weighs the product of its weights, a tie counts one half. One sample
# could be luck, so here are a hundred, with widths rounded to 0.1 cm to make ties.


# %%
def pair_share(score, is_signal, w):
    """Weighted share of pairs in which the signal event scores higher."""
    s, b = score[is_signal], score[~is_signal]
    wins = (s[:, None] > b) + 0.5 * (s[:, None] == b)
    return w[is_signal] @ wins @ w[~is_signal] / w[is_signal].sum() / w[~is_signal].sum()


# %% [markdown]
# For each sample: the area under the package's curve by trapezoids, and the count of all pairs.

# %%
from hepml_course.claims import claim

agree = 0
for seed in range(100):
    showers, truth = electrons_and_jets(n=100, rng=seed)
    score, w = -showers[:, 0].round(1), np.random.default_rng(seed).exponential(size=200)
    curve = roc_curve(score, truth > 0, w)
    area = np.trapezoid(curve.signal, curve.background)
    agree += abs(area - pair_share(score, truth > 0, w)) < 1e-12
claim("auc-is-probability", agree)

# %% [markdown]
# **Question.** A classifier has an AUC of 0.30. What do you do? (a) throw it away, (b) turn its sign,
# (c) train longer

# %% [markdown] tags=["fold"]
# (b), and then look for the place where signal and background were swapped. Turned round, it orders 70 % of
# the pairs rightly. An AUC of 0.5 is the useless one.

# %% [markdown]
# ## How sure is an efficiency?
#
# Of $n$ events $k$ pass, so $\varepsilon = k/n$, with the binomial error
# $\sqrt{\varepsilon(1-\varepsilon)/n}$. Everybody uses it. **Predict:** 20 electrons of 20 pass. What does it
# say?

# %%
from hepml_course.metrics import efficiency

print("20 of 20 pass:", efficiency(np.ones(20, dtype=bool)))


# %% [markdown]
# No uncertainty at all, from twenty events. The formula puts the *measured* efficiency where the true one
# belongs. Wilson asked the other way round: from which true efficiencies $\varepsilon$ is what we saw one
# standard deviation away?
#
# $$ \left(\tfrac{k}{n} - \varepsilon\right)^2 = \frac{\varepsilon(1-\varepsilon)}{n} $$
#
# This is quadratic in $\varepsilon$. Its two solutions are the ends of the interval, and they never coincide.


# %%
def wilson(k, n):
    """Interval of one standard deviation for an efficiency."""
    centre, half = k + 0.5, np.sqrt(k * (n - k) / n + 0.25)
    return (centre - half) / (n + 1), (centre + half) / (n + 1)


low, high = wilson(20, 20)
print(f"20 of 20 pass: between {low:.3f} and {high:.3f}")

# %% [markdown]
# An interval promises to hold the truth in 68.3 % of experiments. That can be tested without a single random
# number: for a true efficiency, add up the probabilities of all $k$ whose interval holds it. Clopper and
# Pearson join in; their interval was made never to promise too much.

# %%
from scipy.stats import binom

from hepml_course.metrics import binomial_interval

n, k = 20, np.arange(21)
true = np.linspace(0.5, 0.999, 500)
fig, ax = plt.subplots()
for method, style in (("normal", "-"), ("wilson", "--"), ("clopper-pearson", "-.")):
    low, high = binomial_interval(k, n, method=method)
    holds = (low <= true[:, None]) & (true[:, None] <= high)
    ax.plot(true, (binom.pmf(k, n, true[:, None]) * holds).sum(axis=1), style, lw=1, label=method.title())
ax.axhline(0.683, color="black", lw=1)
ax.set(xlabel="true efficiency", ylabel="share of experiments that hold it", ylim=(0, 1.02))
_ = ax.legend(loc="lower left")

# %% [markdown] tags=["alt:previous"]
# Coverage against the true efficiency for 20 events, with a horizontal line at 0.683. All three are
# saw-toothed. Wilson's interval swings around the line. The normal one does so up to 0.9 with deeper dips,
# then falls to zero at an efficiency of one. Clopper and Pearson's stays above the line.

# %% [markdown]
# All are saw-toothed, because 20 events allow only 21 answers. The normal interval collapses towards an
# efficiency of one, where good classifiers live. Wilson is right on average; Clopper and Pearson never
# promise too much, and pay with longer bars. With hundreds of events on either side of the cut all three
# nearly agree.
#
# ## How sure is an AUC?
#
# The AUC is a share of pairs, too. Why not the binomial error with the number of pairs? Because pairs are
# not independent: one lucky electron wins against all jets at once. DeLong's recipe counts events, not
# pairs. Each electron has its own share of wins, each jet its own share of losses; the AUC is the mean of
# either, and the two spreads add:
#
# $$ \sigma^2 = \frac{\mathrm{var}(\text{wins of each electron})}{n_s}
#             + \frac{\mathrm{var}(\text{losses of each jet})}{n_b} $$


# %%
def delong(wins):
    electrons, jets = wins.mean(axis=1), wins.mean(axis=0)
    return np.sqrt(electrons.var(ddof=1) / len(electrons) + jets.var(ddof=1) / len(jets))


def pairs_as_events(wins):
    return np.sqrt(wins.mean() * (1 - wins.mean()) / wins.size)


# %% [markdown]
# The **bootstrap** needs no formula: draw the events again from themselves, with replacement, and see how
# much the answer moves. An event that is drawn twice counts twice, so we draw counts instead of events, and
# the matrix of wins does the rest.


# %%
def bootstrap_error(wins, rng, replicas=200):
    n_s, n_b = wins.shape
    times_s = rng.multinomial(n_s, np.ones(n_s) / n_s, size=replicas)
    times_b = rng.multinomial(n_b, np.ones(n_b) / n_b, size=replicas)
    again = ((times_s @ wins) * times_b).sum(axis=1) / wins.size
    return again.std(ddof=1)


# %% [markdown]
# Who keeps the promise? The width is Gaussian in both classes, so we know the true AUC: the difference of
# two widths is Gaussian too. A thousand experiments with 50 electrons and 50 jets each.

# %%
from scipy.stats import norm

from hepml_course.simulate.points import ELECTRON, JET

distance = JET.mean[0] - ELECTRON.mean[0]
true_auc = norm.cdf(distance / np.sqrt(JET.covariance[0, 0] + ELECTRON.covariance[0, 0]))
print(f"true AUC of the width {true_auc:.4f}")


# %% [markdown]
# An experiment, its AUC, and the three errors; then the share of experiments in which the truth lies within
# one error.


# %%
def keeps_promise(score_of, true_auc, n=50):
    """How often each error holds the truth, in a thousand experiments with n events per class."""
    rng, toys = np.random.default_rng(8), []
    for _ in range(1000):
        showers, truth = electrons_and_jets(n=n, rng=rng)
        s, b = score_of(showers[truth > 0]), score_of(showers[truth < 0])
        wins = (s[:, None] > b).astype(float)
        toys.append((wins.mean(), pairs_as_events(wins), delong(wins), bootstrap_error(wins, rng)))
    value, *errors = np.transpose(toys)
    print(f"true AUC {true_auc:.4f}, the measured ones spread by {value.std():.4f}")
    for name, error in zip(("pairs as events", "DeLong", "bootstrap"), errors, strict=True):
        holds = efficiency(np.abs(value - true_auc) < error)
        print(f"  {name:16} mean error {error.mean():.4f}   holds the truth in {holds:.3f}")


keeps_promise(lambda showers: -showers[:, 0], true_auc)

# %% [markdown]
# Counting pairs as events promises several times too much. DeLong and bootstrap say the same, and keep their
# promise within what this test can see. DeLong costs nothing and is what `auc` prints. The bootstrap works
# for every metric, also for one that you have just invented.
#
# **Predict:** the same for the best score that there is, the likelihood ratio of lesson 02. Its AUC is above
# 0.99. Do the two still keep their promise?

# %%
from hepml_course.simulate import electron_jet_llr

x_many, y_many = electrons_and_jets(n=200_000, rng=57)
keeps_promise(electron_jet_llr, auc(electron_jet_llr(x_many), y_many > 0).value)

# %% [markdown]
# They do not. Of 2500 pairs some twenty are in the wrong order, and a few odd showers make most of them.
# Sometimes there are none, and the error is zero, as in 20 of 20. What counts is not the number of events but
# the number of *wrong* ones. Near one, ask for more events before you believe an error bar.
#
# **Question.** Does the bootstrap save us where 20 of 20 events pass?

# %% [markdown] tags=["fold"]
# No. Every replica drawn from twenty events that pass passes as a whole; the spread is zero. A bootstrap
# knows only what is in the sample. The same happens to DeLong when all pairs are in the right order.

# %% [markdown]
# ## The best there is
#
# Three classifiers enter: the cut on the width; a straight line, fitted by logistic regression; a decision
# tree. They learn from 500 showers of each kind. The showers above are the judge.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

x_train, y_train = electrons_and_jets(n=500, rng=51)
line = make_pipeline(StandardScaler(), LogisticRegression()).fit(x_train, y_train > 0)
tree = DecisionTreeClassifier(max_depth=4, min_samples_leaf=10, random_state=0)
_ = tree.fit(x_train, y_train > 0)

# %% [markdown]
# And one that learned nothing: the ratio of the densities the showers are drawn from. Neyman and Pearson
# proved in 1933 that **at the same background efficiency no classifier keeps more signal than a cut on the
# likelihood ratio**. In two dimensions one can see why.

# %%
classifiers = {
    "width": lambda x: -x[:, 0],
    "tree": lambda x: tree.predict_proba(x)[:, 1],
    "line": line.decision_function,
    "likelihood ratio": electron_jet_llr,
}
scores = {name: score(x) for name, score in classifiers.items()}

# %% [markdown]
# Each border runs where the score keeps 5 % of the jets of the sample. The tree has only
# {{ len(np.unique(scores["tree"])) }} different scores; it keeps what comes next below 5 %. The legend says
# which share of the jets, then of the electrons, is kept.

# %%
ax = plot.scatter_classes(x[:1500], y[:1500], names=names, alpha=0.25)
looks = {"width": "C3", "tree": "C4", "line": "C2", "likelihood ratio": "black"}
for name, colour in looks.items():
    cut = np.quantile(scores[name][~electron], 0.95)
    plot.decision_curve(classifiers[name], level=cut, ax=ax, colors=colour, linestyles="-")
    kept = scores[name] > cut
    label = f"{name}: {kept[~electron].mean():.1%}, {kept[electron].mean():.1%}"
    ax.plot([], [], color=colour, label=label)
ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
_ = ax.set(xlabel="lateral width / cm", ylabel="depth of shower maximum / $X_0$")

# %% [markdown] tags=["alt:previous"]
# Showers in the plane of width and depth with four borders, each keeping 5 % of the jets or, for the tree,
# slightly less. The width's is a vertical line that cuts off part of the electrons, the tree's a flight of
# steps, the line a falling straight line, and the likelihood ratio's a curve that bends around the cloud of
# electrons.

# %% [markdown]
# **Question.** Suppose another region keeps as many jets as the likelihood ratio's. Why must it hold fewer
# electrons?

# %% [markdown] tags=["fold"]
# Let $c$ be the ratio on the border. To change the region one gives up a piece inside, where electrons are at
# least $c$ times as dense as jets, and takes a piece outside, where they are less than $c$ times as dense.
# Both pieces hold the same jets, since the background efficiency stays. The piece given up then holds at
# least $c$ times these jets in electrons, the piece taken fewer. Every exchange loses.

# %% [markdown]
# The same metric for everyone. The differences are paired: classifier and limit are right and wrong about the
# same showers, so their difference is known better than either.

# %%
from hepml_course.metrics import auc_difference, rejection_at

limit = scores["likelihood ratio"]
print("                  AUC               AUC minus limit     rejection at 90 %")
for name, score in scores.items():
    below = auc_difference(score, limit, electron)
    rejection = rejection_at(0.9, score, electron)
    print(f"{name:17} {auc(score, electron):.4f}   {below.value:+.4f} ± {below.error:.4f}   {rejection:5.1f}")

# %% [markdown]
# The whole curves. A logarithmic rejection shows what the corner of a ROC curve hides. Each curve starts
# where ten jets are left; its band is one standard deviation. The tree's starts later: with the highest of
# its few scores it keeps two thirds of the electrons at once.

# %%
ax = plot.rejection(scores, electron, colours=looks)
_ = ax.set(xlim=(0.4, 1), ylim=(1, 1000))

# %% [markdown] tags=["alt:previous"]
# Background rejection against signal efficiency, logarithmic. The likelihood ratio is highest everywhere,
# falling from a few hundred to a few; the line follows below it, the tree touches the line near 0.9, and
# the width is far below. Bands of one standard deviation widen to the left.

# %% [markdown]
# All lie below the limit. The areas of line and limit differ in the third digit; the rejections, which a
# trigger pays for, differ by much more. An AUC close to one is a coarse ruler.
#
# ## Better than the best
#
# The limit holds for the *true* efficiencies. We measure with samples. **Predict:** the same line and the
# same limit, on a thousand test samples of 30 electrons and 30 jets. In how many does the line come out above
# the likelihood ratio?

# %%
rng, passes, significant = np.random.default_rng(9), 0, 0
for _ in range(1000):
    showers, truth = electrons_and_jets(n=30, rng=rng)
    best = electron_jet_llr(showers)
    gain = auc_difference(line.decision_function(showers), best, truth > 0)
    passes += gain.value > 0
    significant += gain.value > 3 * gain.error
print(f"line above the limit: {passes} of 1000; by three standard errors: {significant}")

# %% [markdown]
# Quite often; by three standard errors hardly ever. A measured curve may pass the limit; what may not happen
# is that it passes by much more than the uncertainty of the *difference*.
#
# When it does, something is wrong. The commonest mistake is here made on purpose: a tree without any brake,
# judged on the showers it has learned from.

# %%
deep = DecisionTreeClassifier(random_state=0).fit(x_train, y_train > 0)
for name, showers, truth in (("training", x_train, y_train > 0), ("new", x, electron)):
    score = deep.predict_proba(showers)[:, 1]
    above = auc_difference(score, electron_jet_llr(showers), truth)
    print(f"deep tree on {name:8} showers: AUC {auc(score, truth):.4f}", end="")
    print(f", minus limit {above.value:+.4f} ± {above.error:.4f}, {above.value / above.error:+.1f} σ")

# %% [markdown]
# Perfect on its training events, several standard errors above what is possible. It has learned the showers
# by heart. On new ones it is worse than the small tree. With real data nobody gives us the likelihood
# ratio, and "too good" is not so easy to see. The rule stays: an efficiency, an AUC, a significance comes
# from events that had no part in the choice.
#
# ## Same area, different curves
#
# An electron can be recognised by two detectors. **E/p** compares the calorimeter's energy with the track's
# momentum: it is one for an electron, unless the electron has radiated a photon before the tracker; then its
# track has lost momentum and E/p can be anything above. The **width** of the shower does not mind the photon;
# but one jet in ten leads with a $\pi^0$, two photons, and its shower is as narrow as an electron's.
#
# **Predict:** which of the two is better for a very pure sample? Which for losing nearly no electron?

# %%
from hepml_course.simulate import candidate_llr, electron_candidates

candidates, kind = electron_candidates(n=10_000, rng=54)
is_electron = kind > 0
two = {"E/p close to 1": -np.abs(candidates[:, 0] - 1), "width": -candidates[:, 1]}
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 4))
plot.roc(two, is_electron, ax=left)
plot.rejection(two, is_electron, ax=right)
_ = right.legend(loc="upper right")

# %% [markdown] tags=["alt:previous"]
# Left, two ROC curves with equal areas that cross near a background efficiency of 0.16: E/p rises almost
# vertically to a signal efficiency of 0.8 and then creeps, the width rises slowly and then reaches one.
# Right, rejection against efficiency: E/p is several times higher up to an efficiency of 0.8 and then falls
# below the width.

# %% [markdown]
# First the areas, then the rejections at four working points.

# %%
change = auc_difference(two["E/p close to 1"], two["width"], is_electron)
print(f"AUC, E/p minus width: {change.value:+.4f} ± {change.error:.4f}")
for efficiency_wanted in (0.5, 0.7, 0.9, 0.95):
    found = [f"{rejection_at(efficiency_wanted, score, is_electron):.1f}" for score in two.values()]
    print(f"at {efficiency_wanted:.2f}: rejection {found[0]} by E/p, {found[1]} by width")

# %% [markdown]
# The areas are equal within their uncertainty, and the AUC has nothing to say. A search that needs purity
# takes E/p. A trigger that must not lose electrons takes the width: beyond 80 % E/p has to let
# the jets in. The AUC averages over all working points, also over those that nobody will use. The more
# you know about yours, the less you need the AUC; compare **rejections at a fixed efficiency** instead.
#
# And curves that cross are a hint. If each is better somewhere, each knows something that the other does not.
# Both densities are known here, so the limit of the combination is, too.

# %%
three = {**two, "both, likelihood ratio": candidate_llr(candidates)}
ax = plot.rejection(three, is_electron)
for efficiency_wanted in (0.5, 0.7, 0.9, 0.95):
    found = rejection_at(efficiency_wanted, three["both, likelihood ratio"], is_electron)
    print(f"at {efficiency_wanted:.2f}: rejection {found:.0f} by both")

# %% [markdown] tags=["alt:previous"]
# Rejection of E/p, of the width and of both together. The curve of both lies far above the other two at every
# signal efficiency, by a factor of several to ten and more.

# %% [markdown]
# ## A thousand jets for each electron
#
# Back to the showers and to the line. It keeps 90 % of the electrons with the rejection in the table above.
# **Predict:** what is the purity with as many jets as electrons, and what with a thousand jets for each?

# %%
cut = np.quantile(scores["line"][electron], 0.1)
balanced = confusion(scores["line"], electron, cut)
for jets in (1, 10, 100, 1000):
    matrix = balanced.scaled(background=jets)
    print(f"{jets:5d} jets per electron: purity {matrix.purity:.4f}")

# %% [markdown]
# Nothing about the classifier has changed: same cut, same ROC curve, same AUC. But of what the trigger
# keeps, nearly all is jets. The purity is
#
# $$ \frac{\varepsilon_s}{\varepsilon_s + r\,\varepsilon_b} , $$
#
# with $r$ jets per electron. It passes one half only where $\varepsilon_s$ times the rejection passes $r$. A
# purity without its mixture means nothing, and neither does an accuracy.
#
# **Question.** "Always jet" is right in 99.9 % of the cases at 1000 jets per electron. What is its AUC?

# %% [markdown] tags=["fold"]
# One half: all scores are equal, every pair is a tie. The accuracy rewards it for the mixture, the AUC does
# not. Here each has its strength: the AUC needs no mixture, and therefore cannot tell you whether the
# trigger will be flooded.

# %% [markdown]
# ## Where to cut
#
# A search counts what its cut keeps. It expects $b$ jets and, if nature has them, $s$ electrons of a new kind
# on top. How far is $s+b$ above what jets alone would give? This distance, in standard deviations, is the
# expected **significance** $Z$. At $Z=3$ one speaks of evidence, at 5 of a discovery. A count of $b$ jets
# fluctuates by $\sqrt b$ (Poisson), so everybody's first answer is $s/\sqrt b$. But small counts are not
# Gaussian. The median of many searches is close to (Cowan and others, 2011)
#
# $$ Z = \sqrt{2\left[(s+b)\ln\left(1+\tfrac{s}{b}\right) - s\right]} , $$
#
# called **Asimov** significance, after a story by Isaac Asimov in which one typical voter stands for all.
# There is a longer formula for a background that is known to $\pm\sigma_b$ only. Where $s \ll b$ all of
# them agree with $s/\sqrt{b + \sigma_b^2}$.
#
# The score of a line is a sum of Gaussian variables, hence Gaussian in each class. So here we know both
# efficiencies of every cut exactly, without a single event. `line[0]` has divided by the widths, `line[1]`
# holds the weights; `norm` is a Gaussian with mean and width, and `.sf(cut)` its share above the cut.

# %%
direction = line[1].coef_[0] / line[0].scale_
electrons, jets = (
    norm(line.decision_function([d.mean])[0], np.sqrt(direction @ d.covariance @ direction))
    for d in (ELECTRON, JET)
)
cuts = np.linspace(0, 8, 401)
searches = {"few": (10, 1000), "many": (100, 100_000)}

# %% [markdown]
# Two searches: one expects 10 electrons among 1000 jets, the other 100 among 100,000. **Predict:** in which
# of the two does $s/\sqrt b$ mislead? In which does a background known to 10 % hurt?

# %%
from hepml_course.metrics import asimov_significance

fig, panels = plt.subplots(1, 2, figsize=(9, 4.2))
chosen = {}
for (search, (n_s, n_b)), ax in zip(searches.items(), panels, strict=True):
    s, b = n_s * electrons.sf(cuts), n_b * jets.sf(cuts)
    merits = {"s/√b": s / np.sqrt(b), "Asimov": asimov_significance(s, b)}
    merits["Asimov, 10 %"] = asimov_significance(s, b, 0.1 * b)
    merits["Asimov, 30 %"] = asimov_significance(s, b, 0.3 * b)
    for (name, merit), style in zip(merits.items(), ("-", "--", "-.", ":"), strict=True):
        ax.plot(cuts, merit, style, label=name)
        chosen[search, name] = np.argmax(merit), merit.max()
    ax.set(xlabel="cut on the line's score", ylabel="expected significance / σ", ylim=(0, 3.5))
    ax.set_title(f"{n_s} electrons among {n_b:,} jets")
_ = fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=4)

# %% [markdown] tags=["alt:previous"]
# Expected significance against the cut for both searches. Left, few events: s over root b rises to 3 at a
# cut of 5, far above the three Asimov curves, which lie close together with maxima near 2.3 at cuts from
# 4.2 to 4.8. Right, many events: s over root b and Asimov agree nearly; with 10 % and 30 % background
# uncertainty the curves are much lower and their maxima move from 5 to 6 and 7.

# %% [markdown]
# Where each maximum lies, what it promises, and what its cut is worth if the background is known.

# %%
for (search, name), (place, z) in chosen.items():
    n_s, n_b = searches[search]
    s, b = n_s * electrons.sf(cuts[place]), n_b * jets.sf(cuts[place])
    print(f"{search:5} {name:13} cut {cuts[place]:.1f}   s {s:5.1f}   b {b:6.1f}", end="")
    print(f"   promised {z:.2f}   Asimov, known b {asimov_significance(s, b):.2f}")

# %% [markdown]
# With few events $s/\sqrt b$ promises a three sigma evidence that is not there. It also chooses the same cut
# for both searches: multiply $s$ and $b$ by anything, and its maximum stays. How many events one has, it does
# not know.
#
# With many events it is nearly right, and irrelevant: 10 % of the jets behind its cut are as many as their
# statistical fluctuation, 30 % are three times as many. An uncertain background moves the optimum to the
# right, to where there is little background to be uncertain about.
#
# Move the cut once more, for the search with few events and a background known to 10 %, on 20,000 simulated
# showers of each kind. Where does the curve of the significance become ragged?

# %% tags=["widget"]
x_many, y_many = electrons_and_jets(n=20_000, rng=53)
options = {"expected": (10, 1000), "uncertainty": 0.1, "log": True, "still": 4.2}
working_point(line.decision_function(x_many), y_many > 0, names=names, label="score", **options)

# %% [markdown] tags=["alt:previous"]
# Four panels with a cut at 4.2. The histograms are logarithmic now, with many more jets than electrons. The
# ROC curve has a logarithmic background axis. The matrix counts expected events, and a fourth panel below it
# shows the significance against the cut, with a dot near its maximum.

# %% [markdown]
# ## The trap in the tail
#
# Far to the right the curves get ragged: a few jets are left. Nobody has exact efficiencies in
# an analysis, only simulated events. A hundred students get 2,000 showers of each kind, each with a sample of
# their own. They choose the cut with the highest Asimov significance on it. We know what it is really worth.
#
# **Predict:** is what they claim on average too high, too low, or right?


# %%
def best_cut_on(score, is_signal, fewest, n_s=10, n_b=1000):
    """Threshold and significance claimed, with at least so many simulated background events left."""
    curve = roc_curve(score, is_signal)
    left = np.round(curve.background * np.sum(~is_signal))
    z = asimov_significance(n_s * curve.signal, np.maximum(n_b * curve.background, 1e-9))
    best = np.argmax(np.where(left >= fewest, z, 0))
    return curve.threshold[best], z[best], left[best]


# %% [markdown]
# Three ways to do it: take any cut that leaves a jet, ask for ten jets, ask for ten and simulate ten times
# more.

# %%
for n, fewest in ((2000, 1), (2000, 10), (20_000, 10)):
    rng = np.random.default_rng(10)
    samples = (electrons_and_jets(n=n, rng=rng) for _ in range(100))
    found = [best_cut_on(line.decision_function(x), y > 0, fewest) for x, y in samples]
    cut, claimed, left = np.transpose(found)
    true = asimov_significance(10 * electrons.sf(cut), 1000 * jets.sf(cut))
    print(f"{n:5d} showers, at least {fewest:2d} jets left: claimed {claimed.mean():.2f}", end="")
    print(f" ± {claimed.std():.2f}, worth {true.mean():.2f} ± {true.std():.2f}, left {np.median(left):.0f}")

# %% [markdown]
# The number after ± is the spread from student to student. The claims of the first row are too high by more
# than the spread, while the cuts themselves are nearly as good as the best. A small simulation is searched
# for the place where background happens to be missing: half of the students keep two jets or fewer. The
# choice has fitted a fluctuation, as the deep tree did. Asking for ten jets removes most of the bias. It
# also keeps the cut too loose, which only a larger simulation cures. A rest stays even then: whoever takes
# the highest of many fluctuating numbers takes one that fluctuated upwards.
#
# How one notices: count the *simulated* background events behind the cut, not the expected ones. Put their
# uncertainty, $\sqrt{\sum w^2}$, into $\sigma_b$. And read the significance off events that did not choose
# the cut.
#
# **Question.** Your cut leaves no simulated background at all. What is $b$? (a) zero, (b) the weight of
# one, to be safe, (c) unknown, but below 2.3 weights with 90 % confidence

# %% [markdown] tags=["fold"]
# (c). With an expectation of 2.3 simulated events one sees none in 10 % of the cases. One of 2,000
# simulated jets stands for half a jet of the search with few events. So the limit is
# {{ -np.log(0.1) * 1000 / 2000:.1f }} jets, about half of what its best cut keeps.

# %% [markdown]
# ## Summary
#
# - A cut makes four counts. Signal efficiency and rejection look at one class; purity and accuracy need the
#   mixture, and with a thousand jets per electron they tell another story.
# - Sort, add up the weights, divide: that is the ROC curve. Its area is the probability that signal scores
#   above background.
# - Every number has an uncertainty. Wilson or Clopper–Pearson for efficiencies near 0 and 1; DeLong or
#   bootstrap for an AUC; the paired difference for two classifiers on the same events.
# - No classifier passes the likelihood ratio, except by fluctuation or by mistake.
# - Curves cross. Compare at the working point that you will use; and try to combine.
# - $s/\sqrt b$ does not know how many events there are, and promises too much when they are few. Use Asimov
#   with $\sigma_b$, ask for enough simulated background, and test the cut on other events.
#
# Now you: `exercises/05_roc_auc.ipynb`.
