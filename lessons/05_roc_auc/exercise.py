# ---
# course:
#   title: Judging a classifier, by yourself
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Judging a classifier, by yourself
#
# Seven short functions, from one cut to the choice of the best. Write your answer in place of the `...`, run
# the cell, run the check below it. If you are stuck, open a cell of your own:
#
#     hint("roc.working_point")
#
# Everywhere below a larger score means signal, `is_signal` holds True for signal and False for background,
# and a cut keeps the events with `score >= threshold`.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.metrics import asimov_significance, auc, auc_difference
from hepml_course.simulate import candidate_llr, electron_candidates

# %% [markdown]
# ## One cut
#
# ### 1 The working point
#
# Signal is electrons, background is jets. From a test sample with some mixture of both, return three numbers
# for a cut at `threshold`: the signal efficiency, the background rejection $1/\varepsilon_b$, and the purity
# that the cut has *in nature*, where there are `jets_per_electron` jets for each electron.


# %%
def working_point(score, is_signal, threshold, jets_per_electron):
    """Signal efficiency, background rejection, purity in nature."""
    ### BEGIN SOLUTION
    kept = score >= threshold
    signal, background = kept[is_signal].mean(), kept[~is_signal].mean()
    return signal, 1 / background, signal / (signal + jets_per_electron * background)
    ### END SOLUTION


# %%
check("roc.working_point", working_point)

# %% [markdown]
# ### 2 The ROC curve
#
# Return two arrays, the background efficiency and the signal efficiency, from (0, 0) to (1, 1) with one step
# per event. Every event counts as its weight. All scores are different.


# %%
def curve(score, is_signal, weights):
    """Background efficiency and signal efficiency along the curve."""
    ### BEGIN SOLUTION
    order = np.argsort(-score)
    signal = np.cumsum((weights * is_signal)[order])
    background = np.cumsum((weights * ~is_signal)[order])
    return np.append(0, background / background[-1]), np.append(0, signal / signal[-1])
    ### END SOLUTION


# %%
check("roc.curve", curve)

# %% [markdown]
# The cells in between use your functions where they are right, and the course's own where not. Here is yours
# on the two detectors of the lesson.

# %%
working_point = answer_or_reference("roc.working_point", working_point)
curve = answer_or_reference("roc.curve", curve)
candidates, kind = electron_candidates(n=2000, rng=55)
is_electron = kind > 0
detectors = {"E/p close to 1": -np.abs(candidates[:, 0] - 1), "width": -candidates[:, 1]}
fig, ax = plt.subplots(figsize=(4.6, 4.2))
for name, score in detectors.items():
    ax.plot(*curve(score, is_electron, np.ones(len(score))), label=name)
ax.set(xlabel="background efficiency", ylabel="signal efficiency", xlim=(0, 1), ylim=(0, 1))
_ = ax.legend(loc="lower right")

# %% [markdown] tags=["alt:previous"]
# Two ROC curves that cross: E/p rises steeply to a signal efficiency of about 0.8 and then creeps to the
# right, the width rises more slowly and reaches full efficiency early.

# %% [markdown]
# And two cuts on E/p, a tight and a loose one, with 100 jets per electron.

# %%
for threshold in (-0.05, -0.5):
    found = working_point(detectors["E/p close to 1"], is_electron, threshold, jets_per_electron=100)
    print(f"|E/p − 1| < {-threshold}: efficiency {found[0]:.3f}, rejection {found[1]:.1f}", end="")
    print(f", purity {found[2]:.3f}")

# %% [markdown]
# ## The area
#
# ### 3 Count the pairs
#
# `signal` and `background` hold the scores of each class. Return the share of pairs, one event of each, in
# which the signal event scores higher; a tie counts one half.


# %%
def auc_by_pairs(signal, background):
    """Probability that signal scores above background."""
    ### BEGIN SOLUTION
    wins = (signal[:, None] > background) + 0.5 * (signal[:, None] == background)
    return wins.mean()
    ### END SOLUTION


# %%
check("roc.auc_by_pairs", auc_by_pairs)

# %% [markdown]
# ### 4 How sure?
#
# Return DeLong's uncertainty of this number. With the matrix of wins, one row per signal event and one column
# per background event: the variance of the means of the rows over the number of rows, plus the same for the
# columns, and the root. Variances with `ddof=1`.


# %%
def auc_error(signal, background):
    """Standard error of the AUC."""
    ### BEGIN SOLUTION
    wins = (signal[:, None] > background) + 0.5 * (signal[:, None] == background)
    rows, columns = wins.mean(axis=1), wins.mean(axis=0)
    return np.sqrt(rows.var(ddof=1) / len(rows) + columns.var(ddof=1) / len(columns))
    ### END SOLUTION


# %%
check("roc.auc_error", auc_error)

# %% [markdown]
# Yours next to the package's.

# %%
auc_by_pairs = answer_or_reference("roc.auc_by_pairs", auc_by_pairs)
auc_error = answer_or_reference("roc.auc_error", auc_error)
for name, score in detectors.items():
    parts = score[is_electron], score[~is_electron]
    print(f"{name:15} yours {auc_by_pairs(*parts):.4f} ± {auc_error(*parts):.4f}", end="")
    print(f"   package {auc(score, is_electron):.4f}")

# %% [markdown]
# ### 5 All of twenty
#
# Of `n` events `k` pass. Return both ends of Wilson's interval of one standard deviation for the efficiency,
# the lower one first. The formula stands in the lesson.


# %%
def interval(k, n):
    """Lower and upper end of the interval."""
    ### BEGIN SOLUTION
    half = np.sqrt(k * (n - k) / n + 0.25)
    return (k + 0.5 - half) / (n + 1), (k + 0.5 + half) / (n + 1)
    ### END SOLUTION


# %%
check("roc.interval", interval)

# %% [markdown]
# **Question.** A muon trigger keeps 20 of 20 muons. Another group finds 19 of 20. Do the two disagree?

# %% [markdown] tags=["fold"]
# No. Wilson's intervals are from 0.95 to 1.00 and from 0.88 to 0.98. "100 % ± 0 %" against "95 % ± 5 %"
# would have looked like a disagreement of one error on one side, and of infinitely many on the other.

# %% [markdown]
# ## The choice
#
# ### 6 Better than the best
#
# Six groups hand in their classifiers. The test events were made from known densities, so you have the
# likelihood ratio of each event, `limit`. `scores` is a dictionary from the name of a classifier to its
# scores on the same events. Return the names of those whose AUC is above that of `limit` by more than three
# standard errors *of the difference*: with these something is wrong. `auc_difference(score, reference,
# is_signal)` gives a difference of two AUCs with its error.


# %%
def impossible(scores, limit, is_signal):
    """Names of the classifiers that cannot be as good as they look."""
    ### BEGIN SOLUTION
    names = []
    for name, score in scores.items():
        value, error = auc_difference(score, limit, is_signal)
        if value > 3 * error:
            names.append(name)
    return names
    ### END SOLUTION


# %%
check("roc.impossible", impossible)

# %% [markdown]
# ### 7 Where to cut
#
# Before the cut, `n_s` signal and `n_b` background events are expected. The sample is simulated and holds
# other numbers. Find the threshold with the highest `asimov_significance(s, b)`, but only among those that
# leave at least `fewest` background events *of the sample*. Let each score be a threshold once.


# %%
def best_threshold(score, is_signal, n_s, n_b, fewest):
    """The cut with the highest expected significance."""
    ### BEGIN SOLUTION
    best, highest = None, -1
    for threshold in np.unique(score):
        kept = score >= threshold
        if np.sum(kept & ~is_signal) < fewest:
            continue
        z = asimov_significance(n_s * kept[is_signal].mean(), n_b * kept[~is_signal].mean())
        if z > highest:
            best, highest = threshold, z
    return best
    ### END SOLUTION


# %%
check("roc.best_threshold", best_threshold)

# %% [markdown]
# Your function chooses the cut on the likelihood ratio of both detectors, for 30 electrons among 3000 jets.
# New candidates say what it is worth. With ten
# jets left, background and significance on the chosen events may be off by a third, in either direction.

# %%
best_threshold = answer_or_reference("roc.best_threshold", best_threshold)
impossible = answer_or_reference("roc.impossible", impossible)
ratio = candidate_llr(candidates)
threshold = best_threshold(ratio, is_electron, n_s=30, n_b=3000, fewest=10)
others, other_kind = electron_candidates(n=20_000, rng=56)
for name, score, truth in (("chosen on", ratio, is_electron), ("new", candidate_llr(others), other_kind > 0)):
    kept = score >= threshold
    s, b = 30 * kept[truth].mean(), 3000 * kept[~truth].mean()
    print(f"{name:9} events: s {s:.1f}, b {b:.1f}, significance {asimov_significance(s, b):.2f}")

# %% [markdown]
# And the cut in the picture. Most jets are far below; what is under −20 stands in the first bin.

# %%
ax = plot.score_histograms(np.maximum(ratio, -20), is_electron, names=("jet", "electron"))
ax.axvline(threshold, color="black", linestyle="--")
ax.set(yscale="log", ylim=(1e-3, 3))
ax.legend(loc="upper center")
_ = ax.set_xlabel("log likelihood ratio of E/p and width")

# %% [markdown] tags=["alt:previous"]
# Histograms of the log likelihood ratio on a logarithmic axis. Most jets stand in the first bin at −20, the
# others spread thinly up to the electrons, which lie around four. A dashed line at the chosen cut stands on
# the side of the electrons.

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Write `bootstrap_error(metric, score, is_signal, rng)` for any metric and compare it with
#   `hepml_course.metrics.bootstrap`. How many replicas until two runs agree to 10 %?
# - Choose the cut by a bootstrap: repeat task 7 on a hundred replicas and look how far the cut moves.
# - Combine E/p and width with logistic regression instead of the known densities. How much of the limit do
#   you reach? What if the input is `abs(E/p - 1)`?
