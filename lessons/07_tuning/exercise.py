# ---
# course:
#   title: Tuning, by yourself
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Tuning, by yourself
#
# Seven tasks: the parts of a search, and what its result is worth. Nothing is trained here. A formula plays
# the network, so that a search takes a second and you know the truth. Write your answer in place of the
# `...`, run the cell, run the check below it. If you are stuck, open a cell of your own:
#
#     hint("tuning.log_uniform")

# %%
import numpy as np
import pandas as pd

from hepml_course.checks import answer_or_reference, check, hint

# %% [markdown]
# The formula: the AUC that a network with this rate, width and dropout would reach, without the scatter of
# random starts. Its best rate is 0.008, more width helps a little, and dropout hurts.


# %%
def quality(rate, width, dropout):
    return 0.906 - 0.012 * np.log10(rate / 0.008) ** 2 - 0.04 / width - 0.03 * dropout**2


# %% [markdown]
# ## Where to look
#
# ### 1 Draw a rate
#
# Return `n` draws between `low` and `high` that are spread evenly in their logarithm. All randomness comes
# from `rng`, a numpy generator: `rng.uniform(a, b, n)` gives `n` numbers between a and b.


# %%
def log_uniform(low, high, n, rng):
    """An array of n draws, as many in one decade as in the next."""
    ### BEGIN SOLUTION
    return 10 ** rng.uniform(np.log10(low), np.log10(high), n)
    ### END SOLUTION


# %%
check("tuning.log_uniform", log_uniform)

# %% [markdown]
# ### 2 A grid
#
# `axes` is a dictionary from the name of a hyper-parameter to the list of its values, for any number of
# hyper-parameters. Return the list of all combinations, each a dictionary from name to value. The order
# does not matter.


# %%
def grid(axes):
    """All combinations: a list of dictionaries."""
    ### BEGIN SOLUTION
    settings = [{}]
    for name, values in axes.items():
        settings = [{**setting, name: value} for setting in settings for value in values]
    return settings
    ### END SOLUTION


# %%
check("tuning.grid", grid)

# %% [markdown]
# A race at equal budget: 27 trials on a grid of 3 × 3 × 3, and 27 drawn at random with your function, a
# hundred times. **Predict before you run.** The best rate of the formula lies between two values of the
# grid. Who wins?

# %%
grid = answer_or_reference("tuning.grid", grid)
log_uniform = answer_or_reference("tuning.log_uniform", log_uniform)

axes = {"rate": [1e-4, 3e-3, 1e-1], "width": [8, 24, 64], "dropout": [0.0, 0.25, 0.5]}
print(f"grid:   best {max(quality(**setting) for setting in grid(axes)):.4f}")

rng = np.random.default_rng(7)
best = []
for _ in range(100):
    rate, width = np.asarray(log_uniform(1e-4, 1e-1, 27, rng)), rng.integers(8, 65, 27)
    best.append(quality(rate, width, rng.uniform(0, 0.5, 27)).max())
print(f"random: best {np.mean(best):.4f}, spread {np.std(best):.4f}")

# %% [markdown]
# **Question.** What would the race look like if the best rate were 0.003?

# %% [markdown] tags=["fold"]
# The grid would win: it has a point on the summit, and its edges hold the best width and dropout, too. A
# grid is as good as the luck of its points. Random search has a luck that one can average over.

# %% [markdown]
# ### 3 An objective
#
# Write the function that Optuna calls. Ask the `trial` for three values: `"rate"` between 1e-4 and 1e-1 on
# a logarithmic scale, `"width"`, an integer between 4 and 64, and `"dropout"` between 0 and 0.5. Return
# `quality(rate, width, dropout)`.


# %%
def objective(trial, quality):
    """The quality at the values that the trial proposes."""
    ### BEGIN SOLUTION
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
    width = trial.suggest_int("width", 4, 64)
    dropout = trial.suggest_float("dropout", 0.0, 0.5)
    return quality(rate, width, dropout)
    ### END SOLUTION


# %%
check("tuning.objective", objective)

# %% [markdown]
# In a study of 40 trials, half of them random:

# %% tags=["training"]
import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
objective = answer_or_reference("tuning.objective", objective)

sampler = optuna.samplers.TPESampler(seed=7, n_startup_trials=20)
study = optuna.create_study(direction="maximize", sampler=sampler)
study.optimize(lambda trial: objective(trial, quality), n_trials=40)
values = np.array([trial.value for trial in study.trials])
print(f"best of the first 20 {values[:20].max():.3f}, of the last 20 {values[20:].max():.3f}")
print(f"mean of the first 20 {values[:20].mean():.3f}, of the last 20 {values[20:].mean():.3f}")

# %% [markdown]
# Compare the means. The sampler has learned where not to look.
#
# ## When to stop
#
# ### 4 A hopeless trial
#
# `scores` is a list: the AUC of a running trial after each of its epochs so far. `others` is a numpy
# array of finished trials, one row each in no order, one column per epoch. Return True if the trial is to
# be stopped: it has run for *more* than `warmup` epochs, and its latest AUC is *below* the median of the
# others after the same number of epochs.


# %%
def hopeless(scores, others, warmup):
    """Whether to stop the trial: True or False."""
    ### BEGIN SOLUTION
    epochs = len(scores)
    if epochs <= warmup:
        return False
    return scores[-1] < np.median(others[:, epochs - 1])
    ### END SOLUTION


# %%
check("tuning.hopeless", hopeless)

# %% [markdown]
# What does pruning cost? Two hundred learning curves, pruned against fifty others. Each has a height and a
# pace of its own, and the slow ones tend to end a little higher, as large networks with small rates do.

# %%
hopeless = answer_or_reference("tuning.hopeless", hopeless)
rng = np.random.default_rng(8)
pace = rng.uniform(1, 8, 250)
height = 0.897 + 0.0005 * pace + rng.normal(0, 0.003, 250)
curves = height[:, None] - 0.1 * np.exp(-np.arange(1, 41) / pace[:, None])
others, running = curves[:50], curves[50:]

for warmup in (0, 5, 10, 20):
    stopped = [next((e for e in range(1, 41) if hopeless(list(c[:e]), others, warmup)), 40) for c in running]
    lost = sum(stopped[k] < 40 for k in np.argsort(running[:, -1])[-20:])
    print(
        f"warm-up {warmup:2}: {np.mean(stopped) / 40:.0%} of the epochs, {lost} of the best 20 were stopped"
    )

# %% [markdown]
# **Question.** Why does a long warm-up lose fewer of the best, and why is a short one no better than
# none?

# %% [markdown] tags=["fold"]
# Early on the pace decides who is ahead, later the height does. A warm-up helps once the ranking of the
# moment has something to do with the ranking at the end, and here the slow ones need more than a few
# epochs for that. A short warm-up only lets them run on to be stopped a little later.

# %% [markdown]
# ## Whom to choose
#
# ### 5 The simplest of the good
#
# For each of several networks: its AUC, the error of it, and its number of weights, three arrays. Take the
# one with the highest AUC, and its error. Among all networks whose AUC is at most this error below the
# best, return the index of the one with the fewest weights.


# %%
def simplest(areas, errors, sizes):
    """Index of the smallest network within one error of the best."""
    ### BEGIN SOLUTION
    best = np.argmax(areas)
    good = areas >= areas[best] - errors[best]
    return int(np.argmin(np.where(good, sizes, np.inf)))
    ### END SOLUTION


# %%
check("tuning.simplest", simplest)

# %% [markdown]
# ### 6 The winner's curse
#
# Two tables of the same shape: one row per repetition, one column per candidate. `first` holds the scores
# that choose, `second` the scores on other events. In each row the candidate with the highest score in
# `first` wins. Return the mean, over the rows, of its score in `first` minus its score in `second`.


# %%
def winners_curse(first, second):
    """By how much the score that chose is too high, on average."""
    ### BEGIN SOLUTION
    rows = np.arange(len(first))
    winner = first.argmax(axis=1)
    return np.mean(first[rows, winner] - second[rows, winner])
    ### END SOLUTION


# %%
check("tuning.winners_curse", winners_curse)

# %% [markdown]
# With known truth: candidates of quality 0.90 on average, validation events that measure to ±0.003. First
# all candidates are equally good, then they differ by as much as the validation events can resolve.

# %%
winners_curse = answer_or_reference("tuning.winners_curse", winners_curse)
rng = np.random.default_rng(9)
rows = []
for many in (1, 3, 10, 30, 100):
    row = {"candidates": many}
    for label, spread in (("all equal", 0.0), ("different", 0.003)):
        truth = rng.normal(0.90, spread, (4000, many))
        first, second = (truth + rng.normal(0, 0.003, truth.shape) for _ in range(2))
        row[label] = round(float(winners_curse(first, second)), 4)
    rows.append(row)
pd.DataFrame(rows).round(3).set_index("candidates")

# %% [markdown]
# **Question.** The curse is smaller where the candidates differ. Then why not choose among very different
# ones only?

# %% [markdown] tags=["fold"]
# One does not know beforehand. It is smaller because there the winner often *is* the best; its score is
# earned. Where all are equal the choice does no harm, either: only the *number* that goes with it is wrong.

# %% [markdown]
# ### 7 Better?
#
# Two settings, each trained several times with different random starts. `first` and `second` are arrays
# of the AUC, not always equally many. Return the difference of the means, first minus second, and its
# standard error. Nobody says that both settings scatter alike: each mean has the error that its own
# spread gives.


# %%
def difference(first, second):
    """The difference of the means and its error: two numbers."""
    ### BEGIN SOLUTION
    errors = [np.std(areas, ddof=1) / np.sqrt(len(areas)) for areas in (first, second)]
    return np.mean(first) - np.mean(second), np.hypot(*errors)
    ### END SOLUTION


# %%
check("tuning.difference", difference)

# %% [markdown]
# A search found a setting that is better by 0.002, with a spread from start to start of 0.003. How many
# trainings of each does it take to see that with two standard errors? Beside it, how often the same rule
# sees a difference between two *equal* settings.

# %%
difference = answer_or_reference("tuning.difference", difference)
rng = np.random.default_rng(10)
for n in (2, 4, 8, 16, 32, 64):
    pairs = rng.normal(0.905, 0.003, (2000, 2, n))
    pulls = [[np.divide(*difference(a + shift, b)) for shift in (0.002, 0)] for a, b in pairs]
    better, equal = np.mean(np.array(pulls) > 2, axis=0)
    print(f"{n:2} trainings each: {better:.0%} see the better setting, {equal:.0%} see one among equals")

# %% [markdown]
# **Question.** How many trainings, then? And why do two trainings seem to see as much as four?

# %% [markdown] tags=["fold"]
# With n trainings each the error of the difference is 0.003 √(2/n). Two such errors are 0.002 at n = 18:
# there half of the comparisons see it. To see it nearly always the true difference should be four errors,
# n = 72. A small gain is expensive to prove.
#
# Two trainings see as much because they also see what is not there: look at the second column. The error
# itself is computed from the same few numbers. From two of them it comes out far too small every now and
# then, and then anything is two errors away. Two standard errors mean what they should only if the error
# is known well.

# %% [markdown]
# ### Further
#
# No check here.
#
# - Add scatter to the objective, `quality(...) + rng.normal(0, 0.003)`, and look at how far the true
#   quality of the best trial lies below its score after 10, 100 and 1000 trials.
# - Replace the sampler by `optuna.samplers.RandomSampler` and by `optuna.samplers.GridSampler`, with the
#   same budget.
# - Put the study of task 3 into a file: `storage="sqlite:///my_study.db"`, `study_name="toy"`,
#   `load_if_exists=True`. Run the cell twice.
