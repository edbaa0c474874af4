# ---
# course:
#   title: Finding Z → ττ, by yourself
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Finding Z → ττ, by yourself
#
# The analysis of lecture 001 in eleven tasks: select, count with weights, rebuild the variables, train
# without fooling yourself, and give the number of Z → ττ in a sample that the lesson has not opened. Write
# your answer in place of the `...`, run the cell, run the check below it. If you are stuck, open a cell of
# your own:
#
#     hint("ztautau.preselection")
#
# Tasks 1 to 6 are short functions. From task 7 on you work with the real samples; cells in between use your
# functions where they are right, and the course's own where not.

# %%
import numpy as np
import pandas as pd
import uproot

from hepml_course import data
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.metrics import auc, auc_difference, efficiency

# %% [markdown]
# ## Selection
#
# ### 1 The preselection
#
# The function gets a table of events. Return one True or False for each: whether it passes all of lecture
# 001.
#
# | cut | | cut |
# |---|---|---|
# | `evtsel_is_dilepVeto > 0` | | `evtsel_lep_pt > 26` |
# | `evtsel_is_tau > 0` | | `evtsel_lep_eta` between −2.4 and 2.4 |
# | `evtsel_tau_eta` between −2.47 and 2.47 | | `evtsel_transverseMass < 70` |
# | `evtsel_is_conf_lep_veto == 1` | | `evtsel_is_oppositeSign > 0` |
# | `evtsel_tau_numTrack == 1` | | `evtsel_is_mu > 0`, `evtsel_is_isoLep > 0` |


# %%
def preselection(events):
    """Whether each event passes; one boolean per row of the table."""
    ### BEGIN SOLUTION
    tau = (
        (events.evtsel_is_tau > 0) & (events.evtsel_tau_eta.abs() < 2.47) & (events.evtsel_tau_numTrack == 1)
    )
    lepton = (events.evtsel_lep_pt > 26) & (events.evtsel_lep_eta.abs() < 2.4) & (events.evtsel_is_isoLep > 0)
    veto = (events.evtsel_is_dilepVeto > 0) & (events.evtsel_is_conf_lep_veto == 1)
    pair = (events.evtsel_transverseMass < 70) & (events.evtsel_is_oppositeSign > 0)
    return tau & lepton & veto & pair & (events.evtsel_is_mu > 0)
    ### END SOLUTION


# %%
check("ztautau.preselection", preselection)

# %% [markdown]
# ### 2 Weighted yields
#
# Rows with the weights `weights` pass a selection. How many events are expected, and with which statistical
# uncertainty from the simulation? Return both.


# %%
def weighted_yield(weights):
    """Expected number of events and its uncertainty."""
    ### BEGIN SOLUTION
    return weights.sum(), np.sqrt((weights**2).sum())
    ### END SOLUTION


# %%
check("ztautau.weighted_yield", weighted_yield)

# %% [markdown]
# ## Variables
#
# The tree holds the finished variables. Rebuild two of them from momenta and azimuths, to know what they
# mean. All angles are in radian.
#
# ### 3 The transverse mass
#
# $$ m_T = \sqrt{2\,p_T^\mu\,E_T^\mathrm{miss}\,(1 - \cos\Delta\phi(\mu, E^\mathrm{miss}))} $$


# %%
def transverse_mass(lep_pt, lep_phi, met, met_phi):
    """Transverse mass in GeV; the arguments are arrays, momenta in GeV, angles in radian."""
    ### BEGIN SOLUTION
    return np.sqrt(2 * lep_pt * met * (1 - np.cos(lep_phi - met_phi)))
    ### END SOLUTION


# %%
check("ztautau.transverse_mass", transverse_mass)

# %% [markdown]
# ### 4 The sum of cosines
#
# Cosine of the angle between muon and missing momentum, plus cosine of the angle between tau and missing
# momentum.


# %%
def sum_cos_dphi(lep_phi, tau_phi, met_phi):
    """Sum of the two cosines; the arguments are arrays of azimuths."""
    ### BEGIN SOLUTION
    return np.cos(lep_phi - met_phi) + np.cos(tau_phi - met_phi)
    ### END SOLUTION


# %%
check("ztautau.sum_cos_dphi", sum_cos_dphi)

# %% [markdown]
# ### 5 The single angles
#
# Later you train with the two angles themselves. Return an array of two columns: azimuth of the muon minus
# that of the missing momentum, and the same for the tau. Differences of azimuths go round; bring them to
# the range from −π to π. The columns to use are `evtsel_lep_phi`, `evtsel_tau_phi` and `evtsel_met_phi`.


# %%
def single_angles(events):
    """Angles of muon and tau from the missing momentum, shape (n, 2), each from −π to π."""
    ### BEGIN SOLUTION
    lep = events.evtsel_lep_phi - events.evtsel_met_phi
    tau = events.evtsel_tau_phi - events.evtsel_met_phi
    return (np.stack([lep, tau], axis=1) + np.pi) % (2 * np.pi) - np.pi
    ### END SOLUTION


# %%
check("ztautau.single_angles", single_angles)

# %% [markdown]
# ## Training
#
# ### 6 Weights for the training
#
# `process` names the process of each event, `weight` is its `WeightLumi`, and `backgrounds` lists the
# processes to train against. Return weights such that signal (`"Ztautau"`) and background have the same
# sum, each class keeps the proportions of `weight` inside, and everything else weighs zero.


# %%
def training_weights(process, weight, backgrounds):
    """Class-balanced weights, one per event; process and weight are arrays, backgrounds a list."""
    ### BEGIN SOLUTION
    balanced = np.zeros(len(weight))
    for members in (process == "Ztautau", np.isin(process, backgrounds)):
        balanced[members] = weight[members] / weight[members].sum()
    return balanced
    ### END SOLUTION


# %%
check("ztautau.training_weights", training_weights)

# %% [markdown]
# Now the samples. They are selected with your preselection and split in three by the event number: half to
# train, a quarter to validate, a quarter to test. **The test part stays closed until you have made up your
# mind.**

# %%
preselection = answer_or_reference("ztautau.preselection", preselection)
training_weights = answer_or_reference("ztautau.training_weights", training_weights)

SIGNAL, BACKGROUNDS = "Ztautau", ["Wmunu", "Wtaunu", "Zmumu", "Powheg_ttbar", "Wenu", "Zee"]
VARIABLES = ["evtsel_tau_et", "evtsel_dPhiSum", "evtsel_tau_pi0_n", "evtsel_transverseMass", "sum_cos_dphi"]


def read(name):
    return uproot.open(data.file(name))["events"].arrays(library="pd")


mc = pd.concat([read(f"mc12/{p}.root").assign(process=p) for p in [SIGNAL, *BACKGROUNDS]])
selected = mc[preselection(mc)]
remainder = selected.eventNumber % 4
train, validation, test = selected[remainder < 2], selected[remainder == 2], selected[remainder == 3]
print(len(train), len(validation), len(test))


# %% [markdown]
# What a model needs of a part: variables, labels, weights. Training weights are balanced; scaled to a mean
# of one, so that learning rates mean the same as always.


# %%
from sklearn.ensemble import HistGradientBoostingClassifier


def ready(events, variables=VARIABLES, backgrounds=BACKGROUNDS):
    """Inputs, labels and balanced weights of a part."""
    w = training_weights(events.process.to_numpy(), events.WeightLumi.to_numpy(float), backgrounds)
    return events[variables], (events.process == SIGNAL).to_numpy().astype(int), w * len(w) / w.sum()


def make(**settings):
    return HistGradientBoostingClassifier(random_state=9, **settings)


# %% [markdown]
# ### 7 Choose the settings
#
# Write the search. `make(**setting)` gives a fresh model, `settings` is a list of dictionaries, `train` and
# `validation` are tuples `(x, y, w)`. Fit one model per setting on the training part, judge it by its
# weighted AUC on the validation part, return the setting of the best.


# %%
def tune(make, settings, train, validation):
    """The best of the settings, a dictionary."""
    ### BEGIN SOLUTION
    x, y, w = train
    x_validation, y_validation, w_validation = validation
    quality = []
    for setting in settings:
        model = make(**setting)
        model.fit(x, y, sample_weight=w)
        quality.append(auc(model.predict_proba(x_validation)[:, 1], y_validation, w_validation).value)
    return settings[int(np.argmax(quality))]
    ### END SOLUTION


# %%
check("ztautau.tune", tune)

# %% [markdown]
# ### 8 Tune
#
# Make a list of settings, let your search choose, and train once more with the best. `max_iter`,
# `learning_rate`, `max_leaf_nodes`, `min_samples_leaf` and `l2_regularization` are the knobs. The goal: on
# the validation events, an AUC that beats the transverse mass alone by 0.03.

# %%
tune = answer_or_reference("ztautau.tune", tune)
m_t = auc(-validation.evtsel_transverseMass, validation.process == SIGNAL, validation.WeightLumi)
print(f"transverse mass alone {m_t}, goal {m_t.value + 0.03:.3f}")

# %% tags=["training"]
best = ...  # the setting, a dictionary
model = ...  # trained with it
### BEGIN SOLUTION
settings = [
    {"learning_rate": rate, "max_iter": rounds, "max_leaf_nodes": leaves, "min_samples_leaf": 50}
    for rate, rounds in [(0.05, 150), (0.1, 100)]
    for leaves in [4, 8, 16]
]
best = tune(make, settings, ready(train), ready(validation))
x, y, w = ready(train)
model = make(**best).fit(x, y, sample_weight=w)
### END SOLUTION

# %% [markdown]
# The check wants a function: for any table of events, the score of each, from your model.


# %%
def score(events):
    """Score of each event of the table, larger for signal."""
    ### BEGIN SOLUTION
    return model.predict_proba(events[VARIABLES])[:, 1]
    ### END SOLUTION


# %% tags=["training"]
check("ztautau.tuned", score)

# %% [markdown]
# ### 9 Remove variables
#
# Which variable earns its place? `auc_of(names)` gives the AUC of a model trained with these variables.
# Return a dictionary from each variable to the change of the AUC when it alone is left out.


# %%
def leave_one_out(auc_of, variables):
    """Change of the AUC without each variable: {name: change}."""
    ### BEGIN SOLUTION
    whole = auc_of(variables)
    return {name: auc_of([v for v in variables if v != name]) - whole for name in variables}
    ### END SOLUTION


# %%
check("ztautau.leave_one_out", leave_one_out)

# %% [markdown]
# Applied to the five variables:

# %% tags=["training"]
leave_one_out = answer_or_reference("ztautau.leave_one_out", leave_one_out)
setting = best if isinstance(best, dict) else {"max_leaf_nodes": 8}


def score_with(names, backgrounds=BACKGROUNDS, fit_on=train, score_on=validation):
    """Scores of a model trained with these variables against these backgrounds."""
    x, y, w = ready(fit_on, names, backgrounds)
    return make(**setting).fit(x, y, sample_weight=w).predict_proba(score_on[names])[:, 1]


y, w = validation.process == SIGNAL, validation.WeightLumi
changes = leave_one_out(lambda names: auc(score_with(names), y, w).value, VARIABLES)
for name, change in sorted(changes.items(), key=lambda item: item[1]):
    print(f"without {name:22} {change:+.4f}")

# %% [markdown]
# **Question.** The best variable alone need not be the one that is missed most. Why?

# %% [markdown] tags=["fold"]
# Because the others may know what it knows. What counts here is the part of its knowledge that nobody else
# has. Two variables that are each other's copy would both come out as worthless.

# %% [markdown]
# ## Three experiments
#
# The lecture asks for them; the cells are ready, the thinking is yours. The lesson made two of them with its
# own settings and on other events: do yours agree? First, the **single angles** in place of `sum_cos_dphi`.
# Do trees find the sum of cosines by themselves?

# %% tags=["training"]
single_angles = answer_or_reference("ztautau.single_angles", single_angles)
parts = {}
for name, part in {"train": train, "validation": validation}.items():
    angles = np.asarray(single_angles(part))
    parts[name] = part.assign(lep_angle=angles[:, 0], tau_angle=angles[:, 1])

names = ["evtsel_tau_et", "evtsel_tau_pi0_n", "evtsel_transverseMass", "lep_angle", "tau_angle"]
five = score_with(VARIABLES)
angles_score = score_with(names, fit_on=parts["train"], score_on=parts["validation"])
print(f"single angles minus the five variables: {auc_difference(angles_score, five, y, w):.4f}")

# %% [markdown]
# Second, **add** a variable: the muon's momentum and the missing momentum were measured anyway.

# %% tags=["training"]
more = score_with([*VARIABLES, "evtsel_lep_pt", "evtsel_met_et"])
print(f"seven variables minus five: {auc_difference(more, five, y, w):.4f}")

# %% [markdown]
# Third, **which background to train against**: W → μν alone, or all of them with their `WeightLumi`? Both
# are judged against all.

# %% tags=["training"]
only_w = score_with(VARIABLES, backgrounds=["Wmunu"])
print(f"trained against W only minus trained against all: {auc_difference(only_w, five, y, w):.4f}")
for background in BACKGROUNDS[:4]:
    pair = validation.process.isin([SIGNAL, background]).to_numpy()
    change = auc_difference(only_w[pair], five[pair], y[pair], w[pair])
    print(f"  against {background:13} {change.value:+.3f} ± {change.error:.3f}")

# %% [markdown]
# **Question.** If a difference is smaller than its uncertainty, which of the two would you use?

# %% [markdown] tags=["fold"]
# The simpler one: fewer variables to believe in, fewer distributions to check against data. For the
# background: all of them, since nature does not ask which one you trained against.

# %% [markdown]
# ## The number
#
# ### 10 From a count to a yield
#
# `n` events were recorded above a cut. Of these `b ± sigma_b` are background, and a share `share ±
# sigma_share` of all signal passes the cut. How much signal was there before the cut, and how uncertain is
# it? Return both; the three uncertainties are independent.


# %%
def signal_yield(n, b, sigma_b, share, sigma_share):
    """Signal before the cut, and its uncertainty."""
    ### BEGIN SOLUTION
    signal = (n - b) / share
    variance = (n + sigma_b**2) / share**2 + (signal * sigma_share / share) ** 2
    return signal, np.sqrt(variance)
    ### END SOLUTION


# %%
check("ztautau.signal_yield", signal_yield)

# %% [markdown]
# ### 11 How many Z → ττ are there?
#
# The lesson has opened the truth about the file, so here is another sample: the same events with a **blind
# injection**. Among them are now more Z → ττ, and more W, simulated ones; how many is a secret. Experiments
# test their analyses in this way, and the searches for gravitational waves are known for it. Luminosity and
# top pairs are as before, and what the lesson found is of no use any more.
#
# Everything comes together: the recorded events, the luminosities, and the test events, which have waited
# for this. How many of the *selected* recorded events are Z → ττ, and how sure are you? Count above a cut
# or fit the score by templates, as the lesson does; whatever you do, measure the W yourself at
# `evtsel_transverseMass > 80`, and put into the uncertainty what you do not know. The check knows the truth.

# %% tags=["training"]
from hepml_course.checks.ztautau.injection import injected_events

score = answer_or_reference("ztautau.tuned", score)
signal_yield = answer_or_reference("ztautau.signal_yield", signal_yield)
weighted_yield = answer_or_reference("ztautau.weighted_yield", weighted_yield)
DATA = "data12/Muons.PhysCont.grp14.root"
recorded = injected_events()
observed = recorded[preselection(recorded)]
scale = data.card(DATA)["luminosity_fb"] / data.card("mc12/Ztautau.root")["luminosity_fb"]
print(len(observed), "recorded events pass; simulation times", round(scale, 4))

# %% [markdown]
# First the W: by which factor is it more, or less, than simulated? Take the preselection, but with a
# transverse mass above 80 GeV. Your function asks for less than 70 GeV; a table with another column in that
# place, `events.assign(evtsel_transverseMass=0)`, gets past it.

# %% tags=["training"]
w_factor, w_factor_error = ..., ...
### BEGIN SOLUTION
W = ["Wmunu", "Wtaunu"]


def high_mass(events):
    """The preselection, but at high transverse mass."""
    return events[preselection(events.assign(evtsel_transverseMass=0)) & (events.evtsel_transverseMass > 80)]


control, n_control = high_mass(mc), len(high_mass(recorded))
is_w = control.process.isin(W)
w_control, rest_control = (scale * control.WeightLumi[members].sum() for members in (is_w, ~is_w))
w_factor = (n_control - rest_control) / w_control
w_factor_error = np.hypot(np.sqrt(n_control), 0.2 * rest_control) / w_control
### END SOLUTION

# %% [markdown]
# Then the background above your cut, from the test events, scaled to the luminosity of the pseudo-data, and
# its uncertainty: from the factor, from the number of simulated events, and from the processes that you did
# not measure.

# %% tags=["training"]
b, sigma_b = ..., ...
### BEGIN SOLUTION
passes = score(test) > 0.5
is_w, is_rest = test.process.isin(W), ~test.process.isin([SIGNAL, *W])
test_scale = scale * selected.WeightLumi.sum() / test.WeightLumi.sum()
w_passing, w_error = test_scale * np.array(weighted_yield(test.WeightLumi[passes & is_w].to_numpy(float)))
rest, rest_error = test_scale * np.array(weighted_yield(test.WeightLumi[passes & is_rest].to_numpy(float)))
b = w_factor * w_passing + rest
sigma_b = np.linalg.norm([w_factor * w_error, w_factor_error * w_passing, rest_error, 0.2 * rest])
### END SOLUTION

# %% [markdown]
# At last the number. The share of signal that passes comes from the test events, too.

# %% tags=["training"]
number, uncertainty = ..., ...
### BEGIN SOLUTION
signal = (test.process == SIGNAL).to_numpy()
share = efficiency(passes[signal], test.WeightLumi[signal])
n = int((score(observed) > 0.5).sum())
number, uncertainty = signal_yield(n, b, sigma_b, *share)
### END SOLUTION

# %% tags=["training"]
check("ztautau.count", number, uncertainty)

# %% [markdown]
# One number, one comparison with the truth: being right to half a standard deviation can be luck, being
# wrong by two can be bad luck. What would you do to find out whether your *uncertainty* is right?

# %% [markdown] tags=["fold"]
# Repeat the whole measurement on many independent pseudo-data of known content and look at how far the
# answers lie from the truth, in units of their uncertainty. Their spread should be one. The lesson does it
# for its fit, with counts drawn from the simulation; for a count above a cut it is two lines of numpy.
