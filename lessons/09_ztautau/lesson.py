# ---
# course:
#   title: Finding Z → ττ
#   minutes: 165
#   objectives:
#     - apply a preselection and read its cut flow in expected events, not in rows of a file
#     - judge cuts, Fisher, likelihood, trees and a network by one report, and tell a difference from none
#     - say what each variable and each background does, and whether the score shapes a mass it never saw
#     - save a classifier with its inputs and its selection, and apply it in another session
#     - measure a number of events by a template fit, with both kinds of uncertainty, and test the fit
#   requires: [05_roc_auc, 08_cuts_trees_networks]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Finding Z → ττ
#
# A quark and an antiquark annihilate to a Z, and the Z decays to two taus. A tau flies a millimetre or two
# and decays before the first layer of the detector. In one case of six it becomes a muon and two neutrinos,
# in two cases of three hadrons and one neutrino: a thin jet of one or three charged particles with a few
# neutral pions. We look for one of each: a muon, a thin jet $\tau_\mathrm{had}$ of opposite charge, and
# missing transverse momentum from three neutrinos.
#
# Other diagrams end in the same three things:
#
# - **W → μν plus a jet.** A quark and an antiquark make a W, and one of them radiates a gluon. The muon and
#   the missing momentum are real; the tau is not, it is a quark or gluon jet that happens to be narrow.
#   Less than one jet in a hundred is taken for a tau, but there are ten times more W than Z.
# - **Z → μμ plus a jet.** One muon leaves the detector unseen, which looks like missing momentum, and the
#   jet plays the tau.
# - **Top pairs.** $t\bar t \to W b\,W b$: a muon from one W, a tau from the other, mostly a true one. Only
#   the rest of the event gives it away.
# - **W → τν plus a jet.** The muon comes from the tau, so it is soft; the tau candidate is a jet again.
# - **W → eν and Z → ee.** No muon at all.
#
# With this analysis the exercises of lecture 001 end: train a classifier on the simulated processes, apply
# it to the recorded events. The question behind it: how many of them are Z → ττ?
#
# The lesson has two parts, for two sittings. The first trains and judges, and ends with a file. The second,
# *Application*, begins with that file and ends with a number.

# %% [markdown]
# ## The events
#
# The files carry the lecture's names. Each holds one tree with a row per event.

# %%
import numpy as np
import pandas as pd
import uproot

from hepml_course import data, plot

tree = uproot.open(data.file("mc12/Ztautau.root"))["events"]
print(tree.num_entries, "events,", len(tree.keys()), "branches, among them")
print(*tree.keys()[:17], sep="\n")

# %% [markdown]
# Energies are in GeV, angles in radian. `evtsel_` means computed by the event selection, `lep` is the muon
# or electron, `met` the missing transverse momentum. All of these events are **simulated**: Pythia 8 for
# the collision, smearing and efficiencies for the detector. The name `Powheg_ttbar` is the lecture's; here
# the top pairs come from Pythia like all others.
#
# One table for all processes, with the name of the process as a column:

# %%
SIGNAL = "Ztautau"
BACKGROUNDS = ["Wmunu", "Wtaunu", "Zmumu", "Powheg_ttbar", "Wenu", "Zee"]


def read(name):
    return uproot.open(data.file(name))["events"].arrays(library="pd")


files = {process: read(f"mc12/{process}.root") for process in [SIGNAL, *BACKGROUNDS]}
mc = pd.concat(files, names=["process", "row"]).reset_index(level="process")
mc["is_signal"] = mc.process == SIGNAL
mc.groupby("process", sort=False)[["evtsel_lep_pt", "evtsel_tau_et", "evtsel_met_et"]].mean().round(1)

# %% [markdown]
# Two events across the beam: the median signal event and the median W → μν event in transverse mass.

# %%
import matplotlib.pyplot as plt

fig, axes = plt.subplots(1, 2, figsize=(8, 3.8))
for ax, process in zip(axes, [SIGNAL, "Wmunu"], strict=True):
    one = mc[(mc.process == process) & (mc.evtsel_is_mu > 0) & (mc.evtsel_lep_pt > 26)]
    middle = one.evtsel_transverseMass.sort_values().index[len(one) // 2]
    event = one.loc[middle]
    plot.transverse_event(event, ax=ax)
    ax.set_title(f"{plot.physics.process(process).label}, $m_T$ = {event.evtsel_transverseMass:.0f} GeV")

# %% [markdown] tags=["alt:previous"]
# Two drawings of the plane across the beam. Left, a Z to tau tau event: muon and tau candidate point away
# from each other, and the missing momentum is short. Right, a W to mu nu event: muon and missing momentum
# point far apart, and the tau candidate is a third direction.

# %% [markdown]
# In a Z → ττ event the neutrinos fly along their taus, so the missing momentum lies *between* or *near* the
# visible particles. In W → μν muon and neutrino share the mass of the W, and fly apart. Two numbers measure
# that:
#
# $$ m_T = \sqrt{2\,p_T^\mu\,E_T^\mathrm{miss}\,(1 - \cos\Delta\phi(\mu, E^\mathrm{miss}))} $$
#
# $$ \sum\cos\Delta\phi = \cos\Delta\phi(\mu, E^\mathrm{miss}) + \cos\Delta\phi(\tau, E^\mathrm{miss}) $$
#
# Does the second one know something that the first does not? The exercise comes back to that.

# %% [markdown]
# ## An event is not an event
#
# `WeightLumi` says how many events in 20.3 fb⁻¹ a row stands for. It differs from file to file, since
# nobody simulates every process with the same luminosity, and here it differs from row to row:
#
# - a process is filled in parts, the rare and interesting part more densely than the rest;
# - a jet passes as a tau so rarely that simulating it honestly would waste nearly all events. Jets are
#   *declared* identified far more often than they are, and the weight takes that back.
#
# The price: rows of unequal weight are worth fewer events than there are rows. The *effective size*
# $(\sum{w})^2/\sum{w}^2$ is the number of unweighted events with the same relative uncertainty.

# %%
from hepml_course.metrics import effective_size


def summary(events):
    weights = events.groupby("process", sort=False).WeightLumi
    columns = {"rows": weights.size(), "expected": weights.sum(), "worth": weights.apply(effective_size)}
    return pd.DataFrame(columns).map("{:,.0f}".format)


summary(mc)

# %% [markdown]
# **Read the table before going on.** If all rows were counted equally, which process would look like the
# largest? Which one is it?

# %% [markdown] tags=["fold"]
# By rows W → μν, with Z → ττ and the top pairs behind it. By expected events W → eν, which has the fewest
# rows of all. The column *rows* says how long the computers ran, nothing else. The column *expected* is
# physics: W → eν, W → μν and Z → ee lead, and Z → ττ is a small part. Every yield, every training and every
# curve below uses the weights.

# %% [markdown]
# ## The preselection
#
# The lecture's selection, cut by cut. First the tau candidate: identified, inside the tracker, not an
# electron or muon in disguise, one charged track.

# %%
tau_cuts = {
    "no second lepton": "evtsel_is_dilepVeto > 0",
    "identified tau": "evtsel_is_tau > 0",
    "|η(τ)| < 2.47": "abs(evtsel_tau_eta) < 2.47",
    "tau is no lepton": "evtsel_is_conf_lep_veto == 1",
    "one track": "evtsel_tau_numTrack == 1",
}

# %% [markdown]
# Then the muon, and two cuts on the pair: opposite charges, and a transverse mass that a W would rarely
# respect.

# %%
muon_cuts = {
    "lepton pT > 26 GeV": "evtsel_lep_pt > 26",
    "|η(lepton)| < 2.4": "abs(evtsel_lep_eta) < 2.4",
    "mT < 70 GeV": "evtsel_transverseMass < 70",
    "opposite charges": "evtsel_is_oppositeSign > 0",
    "lepton is a muon": "evtsel_is_mu > 0",
    "isolated lepton": "evtsel_is_isoLep > 0",
}
cuts = tau_cuts | muon_cuts

# %% [markdown]
# **Predict before you run.** Which single cut costs W → μν the most? Which two files will be empty at the
# end?

# %%
from hepml_course.cutflow import cut_flow

cut_flow(mc, cuts).map("{:,.0f}".format)

# %% [markdown]
# Expected events in 20.3 fb⁻¹ after each cut. The identification of the tau is what makes the analysis
# possible: it cuts W → μν down by more than an order of magnitude and leaves most of the signal. Z → μμ
# has lost more than half before that, to the veto on a second lepton. W → eν and Z → ee vanish where a muon
# is asked for. Nothing is wrong with those files: a process without a muon is no background to a muon, and
# the lecture lists them so that you see it yourself.


# %%
preselection = " and ".join(cuts.values())
selected = mc.query(preselection)
summary(selected)

# %% [markdown]
# Where *worth* is far below *rows*, weights inside the process differ a lot. Before the selection that was
# so everywhere. After it the untagged events with their huge weights are gone, and rows and worth come
# close, except where a few rows of a sparsely filled part pass, as in the top pairs. The *process*, though,
# still decides what a row stands for: divide *expected* by *rows* and compare.

# %% [markdown]
# ## The recorded events
#
# `data12/Muons.PhysCont.grp14.root` plays the part of recorded data. It is **pseudo-data**: other simulated
# events, mixed in proportions that you are not told, one count each, without truth. It holds muons with an
# identified tau candidate, and has its own luminosity, smaller than that of the weights. So the simulation
# is scaled down to it.

# %%
DATA = "data12/Muons.PhysCont.grp14.root"
recorded = read(DATA)
observed = recorded.query(preselection)
scale = data.card(DATA)["luminosity_fb"] / data.card("mc12/Ztautau.root")["luminosity_fb"]

expected = scale * selected.WeightLumi.sum()
print(f"{len(observed)} recorded events pass, {expected:.0f} are expected; the scale is {scale:.4f}")

# %% [markdown]
# ## Five variables and a spectator
#
# Training uses the lecture's five variables. `vis_mass`, the mass of muon and tau candidate, stays out: it
# is the *spectator* in which one would like to see the Z afterwards.

# %%
VARIABLES = ["evtsel_tau_et", "evtsel_dPhiSum", "evtsel_tau_pi0_n", "evtsel_transverseMass", "sum_cos_dphi"]

fig, axes = plt.subplots(2, 3, figsize=(11, 6.4))
for ax, name in zip(axes.flat, [*VARIABLES, "vis_mass"], strict=True):
    plot.overlay(selected, name, ax=ax)
_ = axes.flat[0].legend()

# %% [markdown] tags=["alt:previous"]
# Six panels, each with signal as a filled histogram and one line per background, all of unit area. Signal
# has low transverse mass, a sum of cosines near zero, a sum of angles near pi, and the visible mass peaks
# well below that of the Z. W to mu nu rises towards the cut at 70 GeV in transverse mass. The other
# backgrounds are flatter there, broader than signal in the angles, and reach higher visible masses. The
# numbers of neutral pions differ little.

# %% [markdown]
# Look at one background at a time. W → μν is told apart by its transverse mass. Z → μμ is flatter there,
# since the unseen muon points anywhere, and reaches the mass of the Z in `vis_mass`. Top pairs spread
# widest in the angles. Where one variable fails another helps: that is the case for combining.
#
# Now the same variables stacked, on top of each other and under the recorded events.

# %%
fig, axes = plt.subplots(2, 3, figsize=(11, 7.5))
for ax, name in zip(axes.flat, [*VARIABLES, "vis_mass"], strict=True):
    plot.stack(selected, name, data=observed, scale=scale, ax=ax)
_ = axes.flat[0].legend()

# %% [markdown] tags=["alt:previous"]
# The same six variables as stacked histograms of the simulated processes, scaled to the luminosity of the
# pseudo-data, with the pseudo-data as points and a panel of their ratio below each. The ratios scatter
# around one; in the transverse mass they fall from a little above one to a little below.

# %% [markdown]
# The hatched band is the statistical uncertainty of the simulation, the bars are those of the recorded
# counts. What to look for: a *slope* in a ratio panel. An offset only says that the total is not what we
# assumed. A slope has two possible causes: the simulation does not know the variable, and a classifier
# trained on it would learn something untrue; or the processes are mixed in other proportions. **Question.**
# Look at the transverse mass. Which of its two ends has more events than expected, and which process sits
# there?

# %% [markdown] tags=["fold"]
# The low end, where the signal lives, has more; the high end, where W → μν rises, has fewer. So this slope
# looks like other proportions: more signal and fewer W than the simulation was told. The second part
# of the lesson measures both.

# %% [markdown]
# ## The simplest thing that could work
#
# Half of the events train, the other half tests, and the parity of the event number decides. The rule is
# the same tomorrow, on another machine, and after somebody sorts the table.

# %%
train = selected[selected.eventNumber % 2 == 0]
test = selected[selected.eventNumber % 2 == 1].copy()
y_test, w_test = test.is_signal, test.WeightLumi
print(len(train), "events to train,", len(test), "to test")

# %% [markdown]
# **Predict before you run.** One variable alone, no training: which of the five is best?

# %%
from hepml_course.metrics import auc

alone = {name: auc(test[name], y_test, w_test) for name in VARIABLES}
for name, area in sorted(alone.items(), key=lambda item: -abs(item[1].value - 0.5)):
    print(f"{name:22}  AUC {area}  ({'high' if area.value > 0.5 else 'low'} is signal)")
m_t = -test.evtsel_transverseMass

# %% [markdown]
# The AUC is the probability that a signal event has the larger value. Below one half means that signal is
# at *low* values, as for the transverse mass, and turning the sign turns the AUC into one minus itself. The
# uncertainty is that of the weighted test sample.

# %% [markdown]
# ### Rectangular cuts
#
# The next simplest: one cut on each variable. Each can be taken at a dozen places, which gives tens of
# thousands of boxes. All of them are tried at once: count the events in the cells between the places, then
# sum the cells up from the far corner.

# %%
KEEP = {"evtsel_transverseMass": -1, "evtsel_dPhiSum": -1, "sum_cos_dphi": +1, "evtsel_tau_et": -1}
signal = train[train.process == SIGNAL]
PLACES = {v: np.quantile(s * signal[v], np.linspace(0, 0.6, 13)[1:]) for v, s in KEEP.items()}


def box_efficiency(events):
    """Share of the weight that passes each combination of cuts, one axis per variable."""
    passed = [np.searchsorted(PLACES[v], s * events[v], side="right") for v, s in KEEP.items()]
    inside = np.zeros([len(places) + 1 for places in PLACES.values()])
    np.add.at(inside, tuple(passed), events.WeightLumi / events.WeightLumi.sum())
    for axis in range(inside.ndim):
        inside = np.flip(np.cumsum(np.flip(inside, axis), axis), axis)
    return inside


# %% [markdown]
# Among the boxes that let at most a tenth of the background through, the one that keeps most signal. The
# choice is made on training events.

# %%
signal_share = box_efficiency(signal)
background_share = box_efficiency(train[train.process != SIGNAL])
best = np.unravel_index(np.argmax(np.where(background_share <= 0.10, signal_share, 0)), signal_share.shape)
box = {v: s * ([-np.inf, *PLACES[v]][i]) for (v, s), i in zip(KEEP.items(), best, strict=True)}
for v, s in KEEP.items():
    print(f"{v:22} {'<' if s < 0 else '>'} {box[v]:.2f}")

# %% [markdown]
# An infinite cut is no cut: the search decided that this variable does not pay inside the box. On the test
# events the box keeps:

# %%
from hepml_course.metrics import efficiency

in_box = np.logical_and.reduce([s * test[v] >= s * box[v] for v, s in KEEP.items()])
box_signal = efficiency(in_box[y_test], w_test[y_test])
box_background = efficiency(in_box[~y_test], w_test[~y_test])
print(f"box: signal {box_signal}, background {box_background}")

# %% [markdown]
# That is the baseline. A model that does not beat it has not earned its complexity.

# %% [markdown]
# ## Four that learn
#
# Signal and background yields differ by chance of nature, not by importance to the training. So the weights
# are balanced: each *class* gets the same sum, and inside the background the proportions stay those of
# `WeightLumi`.


# %%
def balanced(events):
    weights = events.WeightLumi.to_numpy(float)
    is_signal = events.is_signal.to_numpy()
    sums = np.where(is_signal, weights[is_signal].sum(), weights[~is_signal].sum())
    return len(events) / 2 * weights / sums


x_train, y_train, w_train = train[VARIABLES], train.is_signal.astype(int), balanced(train)

# %% [markdown]
# Balancing changes neither the order in which events should be ranked nor the ROC curve. It keeps the
# smaller class from being drowned in the loss, and it puts the score 0.5 where both classes are equally
# likely.
#
# ### Fisher and likelihood
#
# Two old friends from lesson 08, now with weights. **Fisher's discriminant** is a plane in the space of the
# five variables: it knows means and correlations, and nothing else. The **likelihood** multiplies the
# density ratios of the single variables: it knows every shape, and believes that the variables are
# independent. **Predict:** which of the two is better here?

# %%
from hepml_course.methods import Fisher, Likelihood

fisher = Fisher().fit(x_train, y_train, sample_weight=w_train)
likelihood = Likelihood().fit(x_train, y_train, sample_weight=w_train)
for name, model in [("Fisher", fisher), ("likelihood", likelihood)]:
    score = model.decision_function(test[VARIABLES])
    print(f"{name:11} AUC {auc(score, y_test, w_test)}")

# %% [markdown] tags=["fold"]
# The densities are no bells of equal width: the sum of the angles peaks at π for signal and lies on *both*
# sides of it for top pairs, and no plane cuts out a middle. Shapes matter more here than correlations. That
# is a finding about these five variables, not a law.

# %% [markdown]
# ### Boosted trees, and their settings
#
# Trees of eight leaves, each correcting a little of what the sum of the earlier ones gets wrong. Why eight,
# and why so many? That is a choice, and a choice must not be made on the test events. So the training
# events judge it among themselves: cut them in three, train on two thirds, score the third, and go round.
# In the end every training event has a score from trees that never saw it. (`cross_validate` in
# `hepml_course.report` does this for any model.) One thread is enough: so few events are not worth sharing
# among processor cores.

# %% tags=["training"]
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

SETTINGS = {"max_iter": 120, "learning_rate": 0.08, "max_leaf_nodes": 8, "random_state": 9}


def out_of_fold(names, against=BACKGROUNDS, rule=2, **changed):
    """Score of each training event, from trees that were trained without it."""
    fold, score = (train.eventNumber // rule % 3).to_numpy(), np.zeros(len(train))
    for k in range(3):
        seen = train[(fold != k) & train.process.isin([SIGNAL, *against])]
        model = HistGradientBoostingClassifier(**SETTINGS | changed)
        with threadpool_limits(1):
            model.fit(seen[names], seen.is_signal, sample_weight=balanced(seen))
        score[fold == k] = model.predict_proba(train.loc[fold == k, names])[:, 1]
    return score


# %% [markdown]
# The scan: more leaves or fewer, and a larger or a smaller step with fewer or more trees. The numbers are
# differences to the settings above, on the same events.

# %% tags=["training"]
from hepml_course.metrics import auc_difference

y, w = train.is_signal, train.WeightLumi
five = out_of_fold(VARIABLES)
print(f"8 leaves, rate 0.08: AUC {auc(five, y, w)}")
for leaves, rate in [(3, 0.08), (20, 0.08), (8, 0.04), (8, 0.16), (20, 0.04), (3, 0.16)]:
    rounds = round(120 * 0.08 / rate)
    tried = out_of_fold(VARIABLES, max_leaf_nodes=leaves, learning_rate=rate, max_iter=rounds)
    change = auc_difference(tried, five, y, w)
    print(f"{leaves:2} leaves, rate {rate:.2f}, {rounds:3} trees: {change.value:+.4f} ± {change.error:.4f}")
    assert abs(change.value) < 0.02

# %% [markdown]
# Small trees lose a little: with three leaves a tree asks two questions, and some regions need a third.
# Beyond that the settings matter less than the student who is tempted to tune them. The eight leaves stay.
# Now the trees are trained once more, on all training events.

# %% tags=["training"]
import time

start = time.perf_counter()
trees = HistGradientBoostingClassifier(**SETTINGS).fit(x_train, y_train, sample_weight=w_train)
tree_seconds = time.perf_counter() - start

# %% [markdown]
# ### A small network
#
# Two hidden layers. Trees do not mind that one variable runs to a hundred and another to two; a network
# does, so the first layer standardises the inputs.

# %% tags=["training"]
import keras

from hepml_course.training import set_seed

set_seed(9)
inputs = x_train.to_numpy("float32")
standardise = keras.layers.Normalization()
standardise.adapt(inputs)
hidden = [keras.layers.Dense(32, activation="relu") for _ in range(2)]
output = keras.layers.Dense(1, activation="sigmoid")
network = keras.Sequential([keras.Input((len(VARIABLES),)), standardise, *hidden, output])
network.compile(optimizer=keras.optimizers.Adam(2e-3), loss="binary_crossentropy")

# %% [markdown]
# The loss is the cross-entropy, each event with its weight, as for the trees.

# %% tags=["training"]
start = time.perf_counter()
network.fit(inputs, y_train.to_numpy(), sample_weight=w_train, batch_size=256, epochs=25, verbose=0)
network_seconds = time.perf_counter() - start

# %% [markdown]
# ## One report for all
#
# Whoever trained with TMVA got a page of evaluation without asking. `evaluate` gives it for any model:
# the same events, the event weights everywhere, every number with its uncertainty. `expected` says how many
# events of each class there are before the cut, here in the luminosity of the pseudo-data.

# %% tags=["training"]
from hepml_course.report import evaluate

n_signal = scale * selected.WeightLumi[selected.is_signal].sum()
report = evaluate(
    {"Fisher": fisher, "likelihood": likelihood, "trees": trees, "network": network},
    train,
    test,
    signal="is_signal",
    weights="WeightLumi",
    features=VARIABLES,
    spectators=["vis_mass"],
    expected=(n_signal, expected - n_signal),
)
report.summary()

# %% [markdown]
# One line per method, on the test events; *train* is the same number on the training events. ε_S and ε_B
# are the efficiencies of signal and background. At a background of 1 % the uncertainties are large: few
# simulated background events are left there. ⟨S²⟩ is the separation of the two score distributions, 0 if
# they agree and 1 if they do not overlap; *Z* is the significance of the signal at the best cut, with
# perfectly known background. A search would ask for it; for a measurement like ours it means little.
#
# The curves, with the transverse mass alone and the box of cuts for comparison.

# %% tags=["training"]
test = test.assign(**report.test.scores)
fig, ax = plt.subplots(figsize=(6.4, 5))
curves = {name: test[name] for name in report.methods} | {"$m_T$ alone": m_t}
_ = plot.roc(curves, y_test, w_test, points={"box of cuts": (box_background, box_signal)}, ax=ax)

# %% [markdown] tags=["alt:previous"]
# ROC curves with bands. The curves of trees and network lie on top of each other and highest; below them, one
# after the other, likelihood, Fisher and the transverse mass alone. The box of cuts is a single point at
# less than one tenth of the background, between the curves of Fisher and likelihood.

# %% tags=["training"]
from hepml_course.metrics import efficiency_at

print(f"signal efficiency at a background of {box_background.value:.3f}")
print(f"  box         {box_signal}")
for name in report.methods:
    print(f"  {name:11} {efficiency_at(box_background.value, test[name], y_test, w_test)}")

# %% [markdown]
# At the background of the box, trees and network keep more signal, and the difference is larger than its
# uncertainty. Where does it come from? The box has flat walls, and the signal region has not: a score can
# trade a worse transverse mass against a better angle. And a score offers every working point, the box only
# its own. Mind the uncertainties all the same: what survives a hard cut is a small part of the simulated
# background.
#
# Two classifiers judged on the same events make the same lucky and unlucky draws. Their *difference* is
# therefore known better than either AUC, and that is the number to quote.

# %% tags=["training"]
for name in ["Fisher", "likelihood", "network"]:
    change = auc_difference(test[name], test.trees, y_test, w_test)
    print(f"AUC of {name:11} minus trees {change.value:+.4f} ± {change.error:.4f}")

# %% [markdown]
# The lectures say that on a few well-made variables trees are hard to beat:

# %% tags=["training"]
from hepml_course.claims import claim

gain = auc_difference(test.network, test.trees, y_test, w_test)
claim("trees-on-few-features", *gain)

# %% tags=["training"]
claim("trees-train-faster", network_seconds / tree_seconds)

# %% [markdown]
# **Question.** The first comparison has an uncertainty, the second has none. What is missing in each?

# %% [markdown] tags=["fold"]
# Another random start of the network moves its AUC, too; the uncertainty is that of the test events alone.
# And the time depends on the machine, on the number of epochs, on everything. Distrust a ratio of times
# that comes without an implementation.

# %% tags=["training"]
tree_auc = auc(test.trees, y_test, w_test)
assert 0.80 < tree_auc.value < 0.97
assert abs(gain.value) < 0.03
assert tree_auc.value > 1 - alone["evtsel_transverseMass"].value
assert efficiency_at(box_background.value, test.trees, y_test, w_test)[0] > box_signal.value

# %% [markdown]
# ### Does it know its training events?
#
# The AUC on the events that trained the model is flattered. By how much? The gap has an uncertainty, too.

# %% tags=["training"]
report.overtraining()

# %% tags=["training"]
_ = report.plot_scores("trees")

# %% [markdown] tags=["alt:previous"]
# Distribution of the score of the trees. Background peaks near zero, signal near one. Points of the test
# events follow the filled histograms of the training events within their error bars, a little less extreme.

# %% [markdown]
# Read the gaps against Fisher's. Six numbers cannot memorise anybody, so Fisher's gap is the luck of the
# split: the test half happens to be the easier one. The gap of the trees comes on top of that. And look at
# a background of 1 %: there the trees keep far more signal on training events than on test events. The AUC
# hides it. A few background events decide there, and the trees know them by name.
#
# A gap is not a crime. Trees always know their training events a little. What would be a crime is to quote
# the number on training events, or to tune the settings until the *test* AUC looks good: then the test
# events have trained the model through you. The Kolmogorov–Smirnov columns are there because everybody asks
# for them. They ask whether *some* difference is there, and with enough events there always is; they do not
# say what it costs.

# %% tags=["training"]
known, unknown = (
    efficiency_at(0.01, part.scores["trees"], part.y, part.weights) for part in (report.train, report.test)
)
print(f"trees at a background of 1 %: {known} on training events, {unknown} on test events")
assert known.value > unknown.value

# %% [markdown]
# ## What each variable is worth
#
# Three questions sound alike and are not. How far apart are signal and background in this variable alone?
# What does a trained model lose if the variable is shuffled? What does a model lose that is trained without
# it? The report answers the first two. **Predict before you run:** which variable leads in both?

# %% tags=["training"]
ranks = report.ranking(repeats=2)
ranks

# %% [markdown]
# Three variables separate about equally well. Shuffled, they cost very different amounts, and that depends
# on the method: Fisher does not miss the sum of the angles, the likelihood does. A variable of little
# separation can be worth something in combination, as the tau energy is.
#
# For the third question the trees are trained again, five times without one variable, once with the two
# single angles in place of the sum of their cosines, once against W → μν only. Still on the training events
# out of fold: these are choices. The last two lines change nothing but the way the events are cut in three.
# They are the yardstick.

# %% tags=["training"]
changed = {f"without {v}": {"names": [u for u in VARIABLES if u != v]} for v in VARIABLES}
ANGLES = ["evtsel_dPhi_lep_met", "evtsel_dPhi_tau_met"]
changed["angles, not sum_cos_dphi"] = {"names": [*VARIABLES[:-1], *ANGLES]}
changed["against W → μν only"] = {"names": VARIABLES, "against": ["Wmunu"]}
changed |= {f"cut in three anew ({i})": {"names": VARIABLES, "rule": 6**i} for i in (1, 2)}

changes = {}
for name, how in changed.items():
    changes[name] = auc_difference(out_of_fold(**how), five, y, w)
    print(f"{name:29} {changes[name].value:+.4f} ± {changes[name].error:.4f}")

# %% tags=["training"]
values, errors = zip(*changes.values(), strict=True)
fig, ax = plt.subplots(figsize=(7, 3.8))
ax.errorbar(values, list(changes), xerr=errors, fmt="o")
ax.axvline(0, color="grey", linewidth=1)
ax.invert_yaxis()
_ = ax.set_xlabel("change of the AUC")

# %% [markdown] tags=["alt:previous"]
# Changes of the AUC as points with horizontal error bars, one line per experiment. Leaving out the
# transverse mass costs most by far, the tau energy comes second; the other three cost little or nothing.
# The single angles gain. Training against W to mu nu only loses little. Cutting the events anew moves the
# AUC by less than two thousandths.

# %% [markdown]
# The error bars hold the luck of the events that judge; the last two lines show the luck of those that
# train. A change that is not clearly larger than both is none.
#
# Compare the two answers for `sum_cos_dphi`. Shuffling it costs the trees
# {{ ranks.loc["sum_cos_dphi", ("loss trees", "value")]:.3f }}, training without it only
# {{ -changes["without sum_cos_dphi"].value:.3f }}. Shuffling says what the trained model leans on; leaving
# out says what nobody else can tell.
#
# **Question.** The sum of cosines is made of the two angles. How can the angles know more than their sum,
# and why did the lecture's analysis use the sum?

# %% [markdown] tags=["fold"]
# A sum forgets. A muon close to the missing momentum with the tau opposite and the reverse give the same
# sum, and the *signs* of the angles, whether the missing momentum lies between muon and tau or outside,
# are lost, too. For Z → ττ these cases are different. The sum is a number that one can look at and check in
# data, made for a cut. That was worth more when the alternative was a cut on each angle.

# %% [markdown]
# In what follows the lecture's five variables stay, so that your numbers can be compared; the exercise goes
# on from here.

# %% tags=["training"]
without_mass = changes["without evtsel_transverseMass"]
assert without_mass.value == min(values)
assert without_mass.value < -0.02
assert ranks.loc["sum_cos_dphi", ("loss trees", "value")] > 0.02 > -changes["without sum_cos_dphi"].value
assert changes["angles, not sum_cos_dphi"].value > 0
assert all(abs(changes[f"cut in three anew ({i})"].value) < 0.006 for i in (1, 2))

# %% [markdown]
# ## Which background is left?
#
# One AUC hides who the enemy is. The same score, against one background at a time. **Predict:** against
# which is it worst?

# %% tags=["training"]
fig, ax = plt.subplots(figsize=(6.4, 5))
for background in BACKGROUNDS[:4]:
    pair = test[test.process.isin([SIGNAL, background])]
    label = plot.physics.process(background).label
    plot.roc({label: pair.trees}, pair.is_signal, pair.WeightLumi, ax=ax)

# %% [markdown] tags=["alt:previous"]
# Four ROC curves of the same score with wide bands, one per background. W to mu nu is highest; W to tau nu,
# Z to mu mu and top pairs lie below it, and their bands overlap in part.

# %% [markdown] tags=["fold"]
# Not W → μν: it dominates the background, so it dominated the training. The small ones are left. In Z → μμ
# a muon is lost, and what is missing points anywhere. In W → τν the muon comes with neutrinos, as in the
# signal. Most top pairs hold a true tau and a true muon. Mind the uncertainties: these are few events.

# %% [markdown]
# ## Does the score shape the visible mass?
#
# Suppose you cut on the score and then look for the Z in `vis_mass`. If the cut alone makes a peak out of
# background, the peak means nothing. First as a number: the correlation of score and mass, inside each
# class, with its uncertainty from drawing the test events again and again.

# %% tags=["training"]
from hepml_course.metrics import bootstrap, correlation


def with_mass(score, which, weights):
    pair = np.column_stack([score, test.vis_mass])[which]
    return correlation(pair, weights[which])[0, 1]


for name, which in [("signal", y_test), ("background", ~y_test)]:
    found = bootstrap(with_mass, test.trees, which, w_test, rng=9)
    print(f"{name:11} correlation of score and visible mass {found.value:+.2f} ± {found.error:.2f}")

# %% [markdown]
# In the background hardly anything. Harmless, then? One number is little for a relation: a peak in the
# middle of the mass leaves no trace in it. So look at the background's visible mass in three slices of the
# score.

# %% tags=["training"]
ax = report.plot_spectator("vis_mass", "trees", of="background")
_ = ax.set_title("background only")

# %% [markdown] tags=["alt:previous"]
# Visible mass of the background in three slices of the score, each of unit area. The slice of lowest score
# peaks at the lowest mass; the slice of highest score peaks where the signal does.

# %% [markdown]
# The shapes differ. Nobody showed the mass to the trees, but tau energy and angles carry it: a background
# event that looks like signal also has a mass like signal. So a bump in `vis_mass` after a cut on the score
# is no proof of a Z. Either the background's shape *after* the cut must come from somewhere reliable, or
# the score itself is what one fits.
#
# Move the cut yourself. Left is the score with the cut in it, right the visible mass of what passes. Which
# process resists longest?
#
# Only test events may speak for the simulation from here on: the trees know the training events too well.
# They are about half of all, hence the factor.

# %% tags=["training"]
half = selected.WeightLumi.sum() / test.WeightLumi.sum()
test["yield"] = scale * half * test.WeightLumi
observed = observed.assign(trees=trees.predict_proba(observed[VARIABLES])[:, 1])
print(f"factor {half:.2f}: {test['yield'].sum():.0f} events expected, {len(observed)} recorded")

# %% tags=["widget", "training"]
from hepml_course.widgets import score_cut

score_cut(test, observed)

# %% [markdown] tags=["alt:previous"]
# Two stacked histograms and a slider. Left, the score of the trees on simulated test events, background
# piled up at low and signal at high values, with a dashed line at the cut. Right, the visible mass of the
# events above the cut with the pseudo-data as points and their ratio to the simulation below. As the cut
# rises W to mu nu shrinks fastest.

# %% [markdown] tags=["fold"]
# In proportion Z → μμ and the top pairs: of the four curves above theirs were among the lowest. In number
# W → μν leads at every cut, since it started with so many more.

# %% [markdown]
# ### Where it breaks: the mass as an input
#
# The visible mass was kept from the trees. Give it to them, as a sixth variable. **Predict:** what happens
# to the AUC, and what to the background's mass at high score?

# %% tags=["training"]
six = [*VARIABLES, "vis_mass"]
knowing = HistGradientBoostingClassifier(**SETTINGS).fit(train[six], y_train, sample_weight=w_train)
test["six"] = knowing.predict_proba(test[six])[:, 1]
print(f"AUC with the mass minus without: {auc_difference(test.six, test.trees, y_test, w_test)}")

background = test[~y_test]
ax = plot.shape_in_slices(background.vis_mass, background.six, background.WeightLumi)
_ = ax.set_title("background only, mass used in training")

# %% [markdown] tags=["alt:previous"]
# Visible mass of the background in three slices of the score that knows the mass. The slice of lowest score
# peaks below the signal, has a hole where the signal lies, and a long tail; the slice of highest score is a
# narrow peak at the place of the signal.

# %% [markdown]
# The AUC rises, and at high score the background is now a narrow peak where the signal is. If the *number*
# of events is the goal and the simulation can be trusted, that is a gain. If somebody is to *see* a Z in the
# mass afterwards, it is a trap: the peak would be there without a single Z. The AUC cannot tell the two
# apart.

# %% [markdown]
# ## Saved for later
#
# What leaves this session is one file: the trees, the names and order of their inputs, the units, the
# preselection, and which events they have seen. It is no *pickle*, which may run any code when it is
# loaded; `skops` writes down what the object is made of, and refuses what it does not know. `own_file` names
# a place in the cache of the course, where the file stays until it is written again.

# %% tags=["training"]
from hepml_course.report import save

branches = data.card("mc12/Ztautau.root")["branches"]
file = data.own_file("ztautau.hepml")
save(
    file,
    trees,
    features=VARIABLES,
    units={name: branches[name]["unit"] for name in VARIABLES},
    preselection=preselection,
    about="boosted trees, Z → ττ against all backgrounds, trained on even event numbers",
)
print(f"{file.name}: {file.stat().st_size / 1e3:.0f} kB")

# %% [markdown]
# # Application
#
# Another day, another session. From the first part comes one thing, the file; every name is made anew below,
# so that you can begin here with a fresh kernel. If `load` says that the file does not exist, run the first
# part once: it writes it. The file tells what it needs and what it wants its events to have passed.

# %% tags=["training"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from hepml_course import data, plot
from hepml_course.report import load

classifier = load(data.own_file("ztautau.hepml"))
print(classifier.about)
print(*(f"{name:22} {classifier.units[name]}" for name in classifier.features), sep="\n")
print(classifier.preselection.replace(" and ", "\n  and "))

# %% [markdown]
# Recorded events and simulation, the latter with weights for the luminosity of the pseudo-data. `select`
# applies the preselection, `score` takes the inputs by their names, in whatever order the table has them.

# %% tags=["training"]
DATA = "data12/Muons.PhysCont.grp14.root"
tables = data.load("ztautau")
recorded = tables.pop("data")
scale = data.card(DATA)["luminosity_fb"] / data.card("mc12/Ztautau.root")["luminosity_fb"]
simulated = pd.concat([table.assign(process=name) for name, table in tables.items()])
simulated["weight"] = scale * simulated.WeightLumi.astype(float)

observed = classifier.select(recorded)
observed = observed.assign(score=classifier.score(observed))
selected = classifier.select(simulated)
print(f"{len(observed)} recorded events pass, {selected.weight.sum():.0f} expected")

# %% [markdown]
# **Question.** Even event numbers have trained the trees. Which simulated events may be used to say what the
# score of signal and background looks like? And which recorded ones?

# %% [markdown] tags=["fold"]
# Of the simulation the odd ones only, with weights about twice as large: on the even ones the score is too
# good. Of the recorded events all. None of them was in the training, and an even number means nothing there.

# %% tags=["training"]
unseen = selected.eventNumber % 2 == 1
share = selected.weight[unseen].sum() / selected.weight.sum()


def prepared(events):
    """Simulated events that pass and have not trained, with score and weight."""
    events = classifier.select(events)
    events = events[events.eventNumber % 2 == 1]
    return events.assign(score=classifier.score(events), weight=events.weight / share)


test = prepared(simulated)
print(f"{len(test)} rows stand for {test.weight.sum():.0f} expected events; share {share:.3f}")

# %% [markdown]
# ## Same sign: background alone
#
# Before anything is measured in a place where the answer lies, look at one where it does not. A Z gives
# opposite charges. A jet that fakes a tau has the charge of its leading tracks, which may be either. So
# events that pass everything but have the *same* charges are background, nearly all of it fakes, and the
# recorded ones can be compared with the simulation without peeking.

# %% tags=["training"]
OPPOSITE, SAME = "evtsel_is_oppositeSign > 0", "evtsel_is_oppositeSign == 0"
assert classifier.preselection.count(OPPOSITE) == 1
same_cuts = classifier.preselection.replace(OPPOSITE, SAME)
same, recorded_same = simulated.query(same_cuts), recorded.query(same_cuts)

signs = pd.DataFrame({"same": same.groupby("process").weight.sum()})
signs["opposite"] = selected.groupby("process").weight.sum()
signs["ratio"] = signs.opposite / signs.same
print(f"{len(recorded_same)} recorded with the same sign, {same.weight.sum():.0f} expected")
signs.round(1)

# %% tags=["training"]
fig, axes = plt.subplots(1, 2, figsize=(10, 4.6))
same = same.assign(score=classifier.score(same))
recorded_same = recorded_same.assign(score=classifier.score(recorded_same))
for ax, name, bins in zip(axes, ["evtsel_transverseMass", "score"], [8, 6], strict=True):
    edges = np.linspace(0, 70 if name != "score" else 1, bins)
    plot.stack(same, name, data=recorded_same, weight="weight", edges=edges, ax=ax)
fig.axes[-1].set_xlabel("score of the trees")
_ = axes[0].legend()

# %% [markdown] tags=["alt:previous"]
# Same-sign events as stacked histograms with the pseudo-data as points and their ratio below. Left, the
# transverse mass, rising to the cut; right, the score, nearly all in the lowest bin. W to mu nu is most of
# it, signal is hardly there. The points agree with the simulation except at the highest transverse masses
# and the lowest scores, where they lie a quarter below it.

# %% [markdown]
# Within the few events there are the simulation holds, but for the number: fewer are recorded than expected,
# most of all at high transverse mass and low score, where W is purest. Fewer W than simulated, or fewer jets
# that pass as a tau: same-sign events cannot tell these apart, and need not. Or a W whose *shape* in the
# transverse mass is not as simulated. We come back to that.
#
# **Question.** Why do W events prefer opposite signs, if the tau is a jet and jets come in both charges?

# %% [markdown] tags=["fold"]
# Charge is conserved. W⁺ with one jet is mostly made of an up quark and a gluon, and the jet is then a down
# quark, of charge −1/3; its leading particles tend to carry the sign of their quark. Jets from gluons do
# not care. In Z → μμ there is no such rule, and its ratio is close to one, as far as so few simulated
# events can tell.

# %% [markdown]
# The same events *estimate* the fakes under the signal: as many as with the same sign, times the ratio of
# opposite to same sign for fakes. The ratio comes from the simulation.

# %% tags=["training"]
from hepml_course.metrics import Estimate


def fakes(events):
    w = events.weight[events.truth_tau_kind != 1]
    return Estimate(w.sum(), np.sqrt((w**2).sum()))


def relative(estimate):
    return estimate.error / estimate.value


with_opposite, with_same, n_same = fakes(selected), fakes(same), len(recorded_same)
factor = with_opposite.value / with_same.value
factor_error = factor * np.hypot(relative(with_opposite), relative(with_same))
print(f"opposite over same sign, for fakes: {factor:.2f} ± {factor_error:.2f}")

# %% [markdown]
# The few real taus among the same-sign events are no fakes, and are taken off before.

# %% tags=["training"]
same_fakes = n_same - (same.weight.sum() - with_same.value)
fake_yield = Estimate(factor * same_fakes, np.hypot(factor * np.sqrt(n_same), factor_error * same_fakes))
print(f"fakes among the selected: {fake_yield:.0f} estimated, {with_opposite:.0f} simulated")

# %% [markdown]
# The ratio is the weak point. It is not a constant of nature but an average over processes, quarks and
# gluons. At high transverse mass, where nearly everything is W, it can be measured in the recorded events:

# %% tags=["training"]
LOW, HIGH = "evtsel_transverseMass < 70", "evtsel_transverseMass > 80"
counted = {}
for sign, region in [("opposite", classifier.preselection), ("same", same_cuts)]:
    region = region.replace(LOW, HIGH)
    expected = simulated.query(region)
    n, real = len(recorded.query(region)), expected.weight.sum() - fakes(expected).value
    counted[sign] = Estimate(n - real, np.sqrt(n))
    print(f"{sign:8} sign, mT > 80 GeV: {n} recorded, {real:.0f} of them real taus")
measured = counted["opposite"].value / counted["same"].value
error = measured * np.hypot(*map(relative, counted.values()))
print(f"opposite over same sign there: {measured:.2f} ± {error:.2f}")

# %% [markdown]
# Compatible, and not precise. Three limits remain. Few events: a hundred of them never give better than
# ten per cent. Other processes: real data hold multijet events, in which both signs are about equally
# frequent; if thirty of the same-sign events were such, the estimate would be too high by about
# {{ 30 * (factor - 1):.0f }}. And a number is no shape: where the fakes lie in the score is still the
# simulation's word. So this estimate is a check here, and not the measurement.

# %% [markdown]
# ## How many Z → ττ? First by counting
#
# Take the events with a score above one half, subtract the background, divide by the share of signal that
# passes.
#
# Most of the background is W → μν with a jet that fakes a tau, and how often a jet does that is the last
# thing to trust a simulation with. So it is measured, in a **control region**: at high transverse mass
# there is hardly any signal.

# %% tags=["training"]
SIGNAL, W = "Ztautau", ["Wmunu", "Wtaunu"]
high = classifier.preselection.replace(LOW, HIGH)
control, n_control = simulated.query(high), len(recorded.query(high))

is_w = control.process.isin(W)
w_expected, rest_expected = control.weight[is_w].sum(), control.weight[~is_w].sum()
w_factor = (n_control - rest_expected) / w_expected
w_factor_error = np.sqrt(n_control) / w_expected
print(f"{n_control} recorded, {w_expected:.0f} W and {rest_expected:.0f} others expected")
print(f"measured over expected W: {w_factor:.2f} ± {w_factor_error:.2f}")

# %% [markdown]
# A factor of one would mean that cross section and fake rate are as simulated. Whatever it is, it
# multiplies W from now on. The assumption has not gone, it has moved: we now trust the simulation for the
# *shape* of the W in transverse mass, from the control region down to the signal region.

# %% tags=["training"]
from hepml_course.metrics import efficiency

passed = test[test.score > 0.5]
n = np.count_nonzero(observed.score > 0.5)
by_process = passed.groupby("process").weight.sum()
b = w_factor * by_process.reindex(W).sum() + by_process.drop([SIGNAL, *W], errors="ignore").sum()
signal = test[test.process == SIGNAL]
kept = efficiency(signal.score > 0.5, signal.weight)
by_count, by_count_error = (n - b) / kept.value, np.sqrt(n) / kept.value
print(f"{n} recorded above 0.5, {b:.0f} background, share of signal {kept}")
print(f"Z → ττ by counting: {by_count:.0f} ± {by_count_error:.0f} (recorded counts only)")

# %% [markdown]
# **Question.** Why is the uncertainty not the square root of the result?

# %% [markdown] tags=["fold"]
# Because the background fluctuates as well. What was recorded is $n$, with $\sqrt n$; subtracting a number
# from it does not make its fluctuation smaller. Dividing by the share then stretches value and uncertainty
# alike. The uncertainty of $b$ and of the share come on top; the exercise adds them.

# %% [markdown]
# ## All of the score
#
# One cut throws away how far above or below it an event lies. The whole distribution is a sum of four known
# shapes $s_{kj}$, each of unit sum, with unknown yields $N_k$: in bin $j$ one expects
# $\mu_j = \sum_k N_k\,s_{kj}$ events, and $n_j$ were recorded. Each bin is a Poisson count, so
#
# $$ -2\ln L = 2\sum_j(\mu_j - n_j\ln\mu_j) + \sum_{k}\left(\frac{N_k - N_k^0}{0.2\,N_k^0}\right)^2 . $$
#
# Signal and W float. Top pairs and Z → μμ are small; for them the second sum says that their simulated
# yields $N_k^0$ are believed to 20 %.

# %% tags=["training"]
from hepml_course.templates import fit_templates, make_templates

EDGES = np.linspace(0, 1, 11)
GROUPS = {"signal": [SIGNAL], "W": W, "top": ["Powheg_ttbar"], "Zmumu": ["Zmumu"]}
counts = np.histogram(observed.score, EDGES)[0]


def fit(events):
    """The fit of the recorded counts by the shapes of these simulated events."""
    shapes = make_templates(events, "score", GROUPS, EDGES, weight="weight")
    known = {name: (shapes.yields[name], 0.2 * shapes.yields[name]) for name in ["top", "Zmumu"]}
    return fit_templates(counts, shapes, constraints=known)


# %% [markdown]
# `fit_templates` minimises this with Minuit, the minimiser of the field since the seventies, here through
# `iminuit`. One thing more is in it. The shapes are histograms of a limited simulation. Barlow and Beeston
# let every bin of every shape float within its uncertainty; one parameter for each bin of the sum does
# nearly as well, and can be solved by hand.

# %% tags=["training"]
result, shape_w = fit(test), test.weight[test.process.isin(W)].sum()
for name in result.names:
    print(f"{name:7} {result[name]:.0f}   expected {test.weight[test.process.isin(GROUPS[name])].sum():.0f}")
print(f"correlation of signal and W {result.correlation('signal', 'W'):+.2f}")
print(f"χ² = {result.chi2:.1f} for {result.ndof} degrees of freedom")

# %% [markdown]
# The fit never looked at the control region. It finds {{ result["W"].value / shape_w:.2f }} of the expected
# W; there it was {{ w_factor:.2f }} ± {{ w_factor_error:.2f }}: two ways to the same number, from different
# events. And compare the signal with the count. The small components come back as they went in, the data
# have little to say about them.
#
# Whether the four shapes describe the recorded events at all is another question. $\chi^2$ answers it, and
# the ratio panel shows where.

# %% tags=["training"]
fitted = test.copy()
for name, processes in GROUPS.items():
    members = fitted.process.isin(processes)
    fitted.loc[members, "weight"] *= result[name].value / fitted.weight[members].sum()
fig, ax = plt.subplots(figsize=(6, 5))
plot.stack(fitted, "score", data=observed, weight="weight", edges=EDGES, ax=ax)
fig.axes[-1].set_xlabel("score of the trees")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Score of the trees in the pseudo-data as points over the fitted stack of simulated processes. Background
# at low scores, signal at high scores; the points in the ratio panel scatter around one.

# %% [markdown]
# Where does the uncertainty come from? Three things fluctuate: the recorded counts, the simulated events in
# every bin of every shape, and the yields that are believed to 20 %. Move each by its own standard
# deviation, follow the minimum, and add the squares of what the answer did. **Predict:** which is the
# largest?

# %% tags=["training"]
whole = result["signal"].error
for source, part in result.parts.items():
    print(f"{source:12} ± {part[0]:.0f}")
print(f"together     ± {whole:.0f}")

# %% [markdown] tags=["fold"]
# The counts, by far. The root of the signal's own yield would be a little less; the rest is the price of
# the background under it. With ten times the data the simulation would have to grow, too.

# %% tags=["training"]
assert result.chi2 < 30
assert abs(result["signal"].value - by_count) < 4 * by_count_error
assert 0.02 < whole / result["signal"].value < 0.1
assert result["signal"].value > test.weight[test.process == SIGNAL].sum()  # as the ratio panels suggested

# %% [markdown]
# ## Is the uncertainty right?
#
# The truth about one measurement proves little. So measure two hundred times, in pseudo-data of known
# content: draw counts from the fitted model, draw the simulation anew, too, fit, and look at the **pull**,
# the error that was made in units of the error that was claimed. An honest fit has pulls of mean zero and
# width one.

# %% tags=["training"]
from hepml_course.templates import toy_fits

shapes = make_templates(test, "score", GROUPS, EDGES, weight="weight")
known = {name: (result[name].value, 0.2 * shapes.yields[name]) for name in ["top", "Zmumu"]}
content = dict(zip(result.names, result.values, strict=True))
values, errors = toy_fits(shapes, content, 200, rng=9, constraints=known)
pulls = ((values - result.values) / errors)[:, 0]
print(f"pulls of the signal: mean {pulls.mean():+.2f} ± {pulls.std() / np.sqrt(200):.2f}", end=", ")
print(f"width {pulls.std(ddof=1):.2f} ± {1 / np.sqrt(400):.2f}")

# %% tags=["training"]
fig, ax = plt.subplots()
edges = np.linspace(-4, 4, 17)
ax.hist(pulls, edges, alpha=0.5, label="200 toys")
z = np.linspace(-4, 4, 200)
ax.plot(z, 200 * 0.5 * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi), label="mean 0, width 1")
ax.set(xlabel="(fitted − true) / uncertainty", ylabel="toys per half unit", xlim=(-4, 4))
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Histogram of the pulls of two hundred toys with a bell curve of mean zero and width one over it. The two
# agree.

# %% tags=["training"]
assert abs(pulls.mean()) < 0.3
assert 0.8 < pulls.std() < 1.2

# %% [markdown]
# The pulls say that the fit treats chance rightly: of the counts, of the simulated events, of the 20 %.
# They are blind to everything that toys and fit believe in common. That the shapes are right is such a
# belief.

# %% [markdown]
# ## A systematic uncertainty: the tau energy scale
#
# What the calorimeter calls 30 GeV may be 31 GeV. Let the scale for real taus be uncertain by 3 %. This
# moves more than `evtsel_tau_et`: the missing momentum is minus the sum of all that was seen, so it gives
# up what the tau gains; transverse mass, all angles to it, their sums and the visible mass follow; some
# events cross a cut. `scale_tau_energy` shifts all of it, then the selection and the score are made anew.
#
# **Predict before you run.** A scale that is 3 % higher: more events expected, or fewer? And will the fit
# find more, or fewer?

# %% tags=["training"]
from hepml_course.simulate.energy_scale import scale_tau_energy


def signal_expected(events):
    return events.weight[events.process == SIGNAL].sum()


real, moved = (simulated.truth_tau_kind == 1).to_numpy(), {}
for factor in [0.97, 1.03]:
    shifted = scale_tau_energy(simulated, factor, which=real)
    fit_move = fit(prepared(shifted))["signal"].value - result["signal"].value
    change = signal_expected(classifier.select(shifted)) / signal_expected(selected) - 1
    moved[factor] = fit_move, change
    print(f"scale {factor}: fit {fit_move:+.1f} events, expected signal {change:+.1%}")

# %% [markdown]
# The number in the file hardly moves. The fit needs shapes only, and the shape of the score changes where
# there is little else than signal. What moves is how many are *expected*, because taus cross the threshold
# at 20 GeV. So the systematic uncertainty depends on the question. "How many of these events are Z → ττ?"
# has nearly none from this source. "Is the cross section as predicted?" divides by the expectation, and
# takes it in full.

# %% [markdown]
# ## Where it breaks: a shape that is wrong
#
# Suppose the simulation has the *shape* of the W wrong: relative to the middle, its events at high
# transverse mass should be more frequent, or less, by up to 30 %.

# %% tags=["training"]
count = result["signal"].value


def bent(events, slope):
    """The same events, those of W with a weight that grows or falls along the transverse mass."""
    tilt = 1 + slope * (events.evtsel_transverseMass - 35) / 35
    return events.assign(weight=events.weight * np.where(events.process.isin(W), tilt, 1))


for slope in [-0.3, -0.15, 0.15, 0.3]:
    tilted = fit(bent(test, slope))
    print(f"tilt {slope:+.2f}: Z → ττ moves by {tilted['signal'].value - count:+.0f}, χ² {tilted.chi2:.1f}")

# %% [markdown]
# The answer moves, and nothing counted so far contains it; nor does $\chi^2$ complain. That is what a
# *systematic* uncertainty is: an error that more events do not cure, and often one that the fit cannot see.
# How would one notice? Look at W where there is no signal. The same-sign events are such a place. How large a
# tilt do they want, and how large a tilt do they allow? Fit their transverse mass with every tilt, the number
# of W free, and see how $\chi^2$ changes.

# %% tags=["training"]
slopes, edges = np.linspace(-0.9, 0.6, 61), np.linspace(0, 70, 8)
groups = {"W": W, "others": [SIGNAL, "Powheg_ttbar", "Zmumu"]}
n_same_bins = np.histogram(recorded_same.evtsel_transverseMass, edges)[0]


def same_sign_chi2(slope):
    shapes = make_templates(bent(same, slope), "evtsel_transverseMass", groups, edges, weight="weight")
    known = {"others": (shapes.yields["others"], 0.2 * shapes.yields["others"])}
    return fit_templates(n_same_bins, shapes, constraints=known).chi2


# %% tags=["training"]
chi2 = np.array([same_sign_chi2(slope) for slope in slopes])
tilt, allowed = slopes[chi2.argmin()], slopes[chi2 < chi2.min() + 1]
tilt_error = (allowed[-1] - allowed[0]) / 2
print(f"tilt in same-sign events {tilt:+.2f} ± {tilt_error:.2f}")

size = np.hypot(tilt, tilt_error)
by_shape = abs(fit(bent(test, size))["signal"].value - fit(bent(test, -size))["signal"].value) / 2
print(f"a tilt of ± {size:.2f} moves Z → ττ by ± {by_shape:.0f} events")
assert chi2.argmin() not in (0, len(slopes) - 1)
assert 0 < tilt_error < size < 1
assert abs(tilt) < 2 * tilt_error

# %% [markdown]
# The uncertainty is half the interval in which $\chi^2$ is less than one above its minimum. The tilt is less
# than two of its uncertainties from none: a hint, and too little to correct the simulation by it. But it may
# not be passed over either. So tilt and uncertainty, added in quadrature, are the size that we do not
# exclude, and what it does to the answer is counted in the result. In that lies one more belief: that
# same-sign W are as wrong as those with opposite signs.
#
# ## The result

# %% tags=["training"]
by_scale = abs(moved[1.03][0] - moved[0.97][0]) / 2
print(f"Z → ττ in the pseudo-data: {count:.0f} ± {whole:.0f} (stat.)", end=" ")
print(f"± {by_scale:.1f} (tau energy) ± {by_shape:.0f} (shape of W)")

nominal = signal_expected(selected)
multiple, multiple_stat, multiple_shape = count / nominal, whole / nominal, by_shape / nominal
low, high = sorted((count + fit_move) / (nominal * (1 + change)) for fit_move, change in moved.values())
multiple_scale = (high - low) / 2
print(f"over expectation: {multiple:.3f} ± {multiple_stat:.3f} (stat.)", end=" ")
print(f"± {multiple_scale:.3f} (tau energy) ± {multiple_shape:.3f} (shape of W)")

# %% [markdown]
# Two systematic uncertainties are counted, and an analysis that is to be published has dozens: the momentum
# of muons, the missing momentum, the efficiency of the tau identification, the luminosity, the shapes of
# *all* processes. Those of efficiency and luminosity would enter the second line only.

# %% [markdown]
# ## The truth
#
# In real life there is no such cell. The content of the pseudo-data was sealed when it was made. Your
# number is final? Then open it.

# %% tags=["training"]
from hepml_course.claims import number

truth = data.unseal(DATA)
multiple_error = np.linalg.norm([multiple_stat, multiple_scale, multiple_shape])
for what, true, value, total in [
    ("Z → ττ in the file", truth["preselected"][SIGNAL], count, np.linalg.norm([whole, by_scale, by_shape])),
    ("over expectation", truth["multiple"][SIGNAL], multiple, multiple_error),
]:
    print(f"{what}: measured {number(value, total)}, true {number(true)}: {(value - true) / total:+.1f} σ")
    assert abs(value - true) < 4 * total

# %% [markdown]
# One agreement is no proof; the pulls were the better test. The tilt of the same-sign events, by the way, was
# chance: the pseudo-data come from the same simulation, and the W in it has the same shape. With recorded
# events nobody would tell us, and the uncertainty stays. And do not go back now to improve the cuts: from
# here on every change would be made by somebody who knows the answer.

# %% [markdown]
# ## Summary
#
# - Count expected events, not rows. Weights enter the cut flow, the training, the ROC curve and its
#   uncertainty.
# - A baseline first: one variable, then a box of cuts. Trees and network beat both, and hardly differ from
#   each other. The difference of two classifiers is judged on the same events.
# - Choices are made on events that are not the test: settings, variables, what to train against. A change
#   that is not larger than cutting the events anew is none.
# - One AUC hides which background is left; the score shapes variables that it never saw.
# - A classifier leaves the session as one file with its inputs, units and selection. Which events it has
#   seen belongs in there, too.
# - A number of events needs a background from data, a fit or a count, pulls that say whether its
#   uncertainty is right, and systematic uncertainties for what toys cannot see. What is assumed belongs
#   next to the result: the shapes of the simulation, the luminosity, no other process in the data.
#
# Now it is your turn: the exercise of this lesson, `exercises/09_ztautau.ipynb`, builds the selection, the
# variables and the training again, changes them, and asks for your number, in a sample whose truth has not
# been opened: a secret number of Z → ττ was added to it.
