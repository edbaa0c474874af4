# ---
# course:
#   title: Finding Z → ττ
#   minutes: 120
#   objectives:
#     - apply a preselection and read its cut flow in expected events, not in rows of a file
#     - compare cuts, boosted trees and a network on the same weighted events, each with its uncertainty
#     - say which background limits a classifier, and whether its score shapes a variable it never saw
#     - turn a classifier into a number of events with its uncertainty, and name what was assumed
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
# The column *rows* says how long the computers ran, nothing else. The column *expected* is physics: the W
# decays and Z → ee lead, and Z → ττ is a small part. Every yield, every training and every curve below uses
# the weights.

# %% [markdown]
# ## The preselection
#
# The lecture's selection, cut by cut. First the tau candidate: identified, inside the tracker, not an
# electron or muon in disguise, one charged track.

# %%
tau_cuts = {
    "no second lepton": lambda e: e.evtsel_is_dilepVeto > 0,
    "identified tau": lambda e: e.evtsel_is_tau > 0,
    "|η(τ)| < 2.47": lambda e: e.evtsel_tau_eta.abs() < 2.47,
    "tau is no lepton": lambda e: e.evtsel_is_conf_lep_veto == 1,
    "one track": lambda e: e.evtsel_tau_numTrack == 1,
}

# %% [markdown]
# Then the muon, and two cuts on the pair: opposite charges, and a transverse mass that a W would rarely
# respect.

# %%
muon_cuts = {
    "lepton pT > 26 GeV": lambda e: e.evtsel_lep_pt > 26,
    "|η(lepton)| < 2.4": lambda e: e.evtsel_lep_eta.abs() < 2.4,
    "mT < 70 GeV": lambda e: e.evtsel_transverseMass < 70,
    "opposite charges": lambda e: e.evtsel_is_oppositeSign > 0,
    "lepton is a muon": lambda e: e.evtsel_is_mu > 0,
    "isolated lepton": lambda e: e.evtsel_is_isoLep > 0,
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
# loses most to the veto on a second lepton. W → eν and Z → ee vanish where a muon is asked for. Nothing is
# wrong with those files: a process without a muon is no background to a muon, and the lecture lists them so
# that you see it yourself.


# %%
def select(events, cuts):
    return events[np.logical_and.reduce([cut(events) for cut in cuts.values()])]


selected = select(mc, cuts)
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
observed = select(recorded, cuts)
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
# looks like other proportions: more signal and fewer W than the simulation was told. The last part of the
# lesson measures both.

# %% [markdown]
# ## The simplest thing that could work
#
# Half of the events train, the other half tests, and the parity of the event number decides. The rule is
# the same tomorrow, on another machine, and after somebody sorts the table.

# %%
train = selected[selected.eventNumber % 2 == 0]
test = selected[selected.eventNumber % 2 == 1].copy()
y_test, w_test = test.process == SIGNAL, test.WeightLumi
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
# ## Boosted trees
#
# Signal and background yields differ by chance of nature, not by importance to the training. So the weights
# are balanced: each *class* gets the same sum, and inside the background the proportions stay those of
# `WeightLumi`.


# %%
def balanced(events):
    weights = events.WeightLumi.to_numpy(float)
    is_signal = (events.process == SIGNAL).to_numpy()
    sums = np.where(is_signal, weights[is_signal].sum(), weights[~is_signal].sum())
    return len(events) / 2 * weights / sums


x_train, y_train, w_train = train[VARIABLES], (train.process == SIGNAL).astype(int), balanced(train)

# %% [markdown]
# Balancing changes neither the order in which events should be ranked nor the ROC curve. It keeps the
# smaller class from being drowned in the loss, and it puts the score 0.5 where both classes are equally
# likely.
#
# Trees of eight leaves, each correcting a little of what the sum of the earlier ones gets wrong:

# %% tags=["training"]
import time

from sklearn.ensemble import HistGradientBoostingClassifier

SETTINGS = {"max_iter": 120, "learning_rate": 0.08, "max_leaf_nodes": 8, "random_state": 9}

start = time.perf_counter()
trees = HistGradientBoostingClassifier(**SETTINGS).fit(x_train, y_train, sample_weight=w_train)
tree_seconds = time.perf_counter() - start

test["trees"] = trees.predict_proba(test[VARIABLES])[:, 1]
print(f"trees  AUC {auc(test.trees, y_test, w_test)}")

# %% [markdown]
# ## A small network
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

test["network"] = network.predict(test[VARIABLES].to_numpy("float32"), verbose=0)[:, 0]
print(f"network  AUC {auc(test.network, y_test, w_test)}")

# %% [markdown]
# ## The same events, the same metric
#
# All four on one plot, on the same test events, with bands of one standard deviation.

# %% tags=["training"]
ax = plot.roc(
    {"trees": test.trees, "network": test.network, "$m_T$ alone": m_t},
    y_test,
    w_test,
    points={"box of cuts": (box_background, box_signal)},
)

# %% [markdown] tags=["alt:previous"]
# ROC curves with bands. The curves of trees and network lie on top of each other, the curve of the
# transverse mass alone lies clearly below. The box of cuts is a single point with error bars, at one tenth
# of the background, between the upper curves and that of the transverse mass.

# %% tags=["training"]
from hepml_course.metrics import auc_difference, efficiency_at

print(f"signal efficiency at a background of {box_background.value:.3f}")
print(f"  box      {box_signal}")
for name in ["trees", "network"]:
    print(f"  {name:8} {efficiency_at(box_background.value, test[name], y_test, w_test)}")

gain = auc_difference(test.network, test.trees, y_test, w_test)
print(f"AUC of network minus trees {gain:.4f}")

# %% [markdown]
# At the background of the box, trees and network keep more signal, and the difference is larger than its
# uncertainty. Where does it come from? The box has flat walls, and the signal region has not: a score can
# trade a worse transverse mass against a better angle. And a score offers every working point, the box only
# its own. Mind the uncertainties all the same: what survives a hard cut is a small part of the simulated
# background.
#
# Two classifiers judged on the same events make the same lucky and unlucky draws. Their *difference* is
# therefore known better than either AUC, and that is the number to quote. The lectures say that on a few
# well-made variables trees are hard to beat:

# %% tags=["training"]
from hepml_course.claims import claim

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
tree_auc, network_auc = auc(test.trees, y_test, w_test), auc(test.network, y_test, w_test)
assert 0.80 < tree_auc.value < 0.97
assert abs(gain.value) < 0.03
assert tree_auc.value > 1 - alone["evtsel_transverseMass"].value
assert efficiency_at(box_background.value, test.trees, y_test, w_test)[0] > box_signal.value

# %% [markdown]
# ## Does it know its training events?
#
# The AUC on the events that trained the model is flattered. By how much? The gap has an uncertainty, too.

# %% tags=["training"]
train = train.assign(trees=trees.predict_proba(x_train)[:, 1])
train["network"] = network.predict(inputs, verbose=0)[:, 0]
for name in ["trees", "network"]:
    on_train, on_test = auc(train[name], y_train, w_train), auc(test[name], y_test, w_test)
    error = np.hypot(on_train.error, on_test.error)
    print(f"{name:8} gap {on_train.value - on_test.value:+.3f} ± {error:.3f}")

# %% tags=["training"]
both = pd.concat([train, test])
is_test = both.eventNumber % 2 == 1
ax = plot.train_test(both.trees, both.process == SIGNAL, both.WeightLumi, is_test)
_ = ax.set_xlabel("score of the trees")

# %% [markdown] tags=["alt:previous"]
# Distribution of the score of the trees. Background peaks near zero, signal near one. Points of the test
# events follow the filled histograms of the training events within their error bars, a little less extreme.

# %% [markdown]
# A gap is not a crime. Trees always know their training events a little. What would be a crime is to quote
# the AUC on training events, or to tune the settings until the *test* AUC looks good: then the test events
# have trained the model through you.

# %% [markdown]
# ## Which background is left?
#
# One AUC hides who the enemy is. **Predict:** against which background is the score worst?

# %% tags=["training"]
for background in BACKGROUNDS[:4]:
    pair = test[test.process.isin([SIGNAL, background])]
    print(f"{background:13} AUC {auc(pair.trees, pair.process == SIGNAL, pair.WeightLumi)}")

# %% [markdown] tags=["fold"]
# Not W → μν: it dominates the background, so it dominated the training. The small ones are left. In Z → μμ
# a muon is lost, and what is missing points anywhere. In W → τν the muon comes with neutrinos, as in the
# signal. Most top pairs hold a true tau and a true muon. Mind the uncertainties: these are few events.

# %% [markdown]
# ## Does the score shape the visible mass?
#
# Suppose you cut on the score and then look for the Z in `vis_mass`. If the cut alone makes a peak out of
# background, the peak means nothing. So: the background's visible mass in three slices of the score.

# %% tags=["training"]
background = test[test.process != SIGNAL]
ax = plot.shape_in_slices(background.vis_mass, background.trees, background.WeightLumi)
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

# %% [markdown]
# ## How many Z → ττ? First by counting
#
# Take the events with a score above one half, subtract the background, divide by the share of signal that
# passes.
#
# Most of the background is W → μν with a jet that fakes a tau, and how often a jet does that is the last
# thing to trust a simulation with. So it is measured, in a **control region**: at high transverse mass
# there is hardly any signal.

# %%
control_cuts = cuts | {"mT < 70 GeV": lambda e: e.evtsel_transverseMass > 80}
control, n_control = select(mc, control_cuts), len(select(recorded, control_cuts))

W = ["Wmunu", "Wtaunu"]
is_w = control.process.isin(W)
w_expected, rest_expected = scale * control.WeightLumi[is_w].sum(), scale * control.WeightLumi[~is_w].sum()
w_factor = (n_control - rest_expected) / w_expected
w_factor_error = np.sqrt(n_control) / w_expected
print(f"{n_control} recorded, {w_expected:.0f} W and {rest_expected:.0f} others expected")
print(f"measured over expected W: {w_factor:.2f} ± {w_factor_error:.2f}")

# %% [markdown]
# A factor of one would mean that cross section and fake rate are as simulated. Whatever it is, it
# multiplies W from now on. The assumption has not gone, it has moved: we now trust the simulation for the
# *shape* of the W in transverse mass, from the control region down to the signal region.

# %% tags=["training"]
passed = test[test.trees > 0.5]
n = np.count_nonzero(observed.trees > 0.5)
by_process = passed.groupby("process")["yield"].sum()
b = w_factor * by_process.reindex(W).sum() + by_process.drop([SIGNAL, *W], errors="ignore").sum()
share = efficiency(test.trees[y_test] > 0.5, w_test[y_test])
counted = (n - b) / share.value
counted_error = np.sqrt(n) / share.value
print(f"{n} recorded above 0.5, {b:.0f} background, share of signal {share}")
print(f"Z → ττ by counting: {counted:.0f} ± {counted_error:.0f} (recorded counts only)")

# %% [markdown]
# **Question.** Why is the uncertainty not the square root of the result?

# %% [markdown] tags=["fold"]
# Because the background fluctuates as well. What was recorded is $n$, with $\sqrt n$; subtracting a number
# from it does not make its fluctuation smaller. Dividing by the share then stretches value and uncertainty
# alike. The uncertainty of $b$ and of the share come on top; the exercise adds them.

# %% [markdown]
# ## All of the score
#
# One cut throws away how far above or below it an event lies. The whole distribution is a sum of three
# known shapes: signal, W, and the rest. Let the yields of the first two float. The rest is small and stays
# as simulated.

# %% tags=["training"]
edges = np.linspace(0, 1, 11)
groups = {"signal": [SIGNAL], "W": W, "rest": ["Zmumu", "Powheg_ttbar", "Wenu", "Zee"]}


def histogram(group, power=1):
    events = test[test.process.isin(groups[group])]
    return np.histogram(events.trees, edges, weights=events["yield"] ** power)[0]


shapes = np.array([histogram(group) for group in groups])
counts = np.histogram(observed.trees, edges)[0]

# %% [markdown]
# Each bin is a Poisson count. The best factors are those that make all the counts together most likely; the
# function returns minus the logarithm of that likelihood, and its slope to speed up the search.

# %% tags=["training"]
from scipy.optimize import minimize


def fit(counts, shapes):
    """Factors on signal and W that make the counts most likely; the rest stays."""

    def minus_log_likelihood(factors):
        expected = np.maximum(np.array([*factors, 1]) @ shapes, 1e-9)
        return np.sum(expected - counts * np.log(expected)), shapes[:2] @ (1 - counts / expected)

    return minimize(minus_log_likelihood, [1, 1], jac=True, method="TNC", bounds=[(0, 5), (0, 5)]).x


best = fit(counts, shapes)
n_signal, n_w = best * shapes[:2].sum(axis=1)
print(f"fit: {n_signal:.0f} Z → ττ and {n_w:.0f} W, that is {best[1]:.2f} of the expected W")

# %% [markdown]
# The fit never looked at the control region. Compare its W with the factor measured there: two ways to the
# same number, from different events.
#
# How sure is the first number? Repeat the fit on fluctuated inputs and watch the answer move. Three
# sources, one at a time: the recorded counts, the limited number of simulated events, and the yield of the
# rest, taken as known to 20 %.

# %% tags=["training"]
rng = np.random.default_rng(9)
spoilt = np.sqrt([histogram(group, power=2) for group in groups])
sources = {
    "recorded counts": lambda: (rng.poisson(counts), shapes),
    "simulated events": lambda: (counts, np.maximum(rng.normal(shapes, spoilt), 0)),
    "yield of the rest": lambda: (counts, shapes * [[1], [1], [rng.normal(1, 0.2)]]),
}
errors = {}
for name, draw in sources.items():
    answers = [fit(c, s)[0] * s[0].sum() for c, s in (draw() for _ in range(200))]
    errors[name] = np.std(answers)
    print(f"{name:18} ± {errors[name]:.0f}")

# %% tags=["training"]
total = np.hypot.reduce(list(errors.values()))
print(f"Z → ττ in the pseudo-data, by fit:      {n_signal:.0f} ± {total:.0f}")
print(f"Z → ττ in the pseudo-data, by counting: {counted:.0f} ± {counted_error:.0f} (counts only)")
print(f"expected from cross section and luminosity: {shapes[0].sum():.0f}")

# %% [markdown]
# Whether the three shapes describe the recorded events at all is another question, and the fit does not ask
# it. Look at the ratio, and at $\chi^2$:

# %% tags=["training"]
fitted = test.copy()
for group, factor in zip(["signal", "W"], best, strict=True):
    fitted.loc[fitted.process.isin(groups[group]), "yield"] *= factor
fig, ax = plt.subplots(figsize=(6, 5))
plot.stack(fitted, "trees", data=observed, weight="yield", edges=edges, ax=ax)
fig.axes[-1].set_xlabel("score of the trees")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Score of the trees in the pseudo-data as points over the fitted stack of simulated processes. Background
# at low scores, signal at high scores; the points in the ratio panel scatter around one.

# %% tags=["training"]
factors = np.array([*best, 1])
model = factors @ shapes
chi2 = np.sum((counts - model) ** 2 / (model + factors**2 @ spoilt**2))
print(f"χ² = {chi2:.1f} for {len(counts) - 2} degrees of freedom")

assert chi2 < 40
assert abs(n_signal - counted) < 4 * counted_error
assert 0.01 < total / n_signal < 0.25
assert best[0] > 1 > best[1]  # more signal and fewer W than simulated, as the ratio panels suggested

# %% [markdown]
# ## Where it breaks
#
# The visible mass was kept from the trees. Give it to them, as a sixth variable. **Predict:** what happens
# to the AUC, and what to the background's mass at high score?

# %% tags=["training"]
six = [*VARIABLES, "vis_mass"]
knowing = HistGradientBoostingClassifier(**SETTINGS).fit(train[six], y_train, sample_weight=w_train)
test["six"] = knowing.predict_proba(test[six])[:, 1]
print(f"AUC with the mass minus without: {auc_difference(test.six, test.trees, y_test, w_test)}")

background = test[test.process != SIGNAL]
ax = plot.shape_in_slices(background.vis_mass, background.six, background.WeightLumi)
_ = ax.set_title("background only, mass used in training")

# %% [markdown] tags=["alt:previous"]
# Visible mass of the background in three slices of the score that knows the mass. The slice of lowest score
# peaks below the signal and has a long tail; the slice of highest score is a narrow peak at the place of
# the signal.

# %% [markdown]
# The AUC rises, and the background now peaks where the signal does. If the *number* of events is the goal
# and the simulation can be trusted, that is a gain. If somebody is to *see* a Z in the mass afterwards, it
# is a trap: the peak would be there without a single Z. The AUC cannot tell the two apart.
#
# The second failure is worse. Suppose the simulation has the *shape* of the W wrong: relative to the
# middle, its events at high transverse mass should be more frequent, or less, by up to 30 %.

# %% tags=["training"]
w_events = test[test.process.isin(W)]
for slope in [-0.3, -0.15, 0.15, 0.3]:
    tilt = 1 + slope * (w_events.evtsel_transverseMass - 35) / 35
    bent = shapes.copy()
    bent[1] = np.histogram(w_events.trees, edges, weights=w_events["yield"] * tilt)[0]
    moved = fit(counts, bent)[0] * shapes[0].sum() - n_signal
    print(f"tilt {slope:+.2f}: Z → ττ moves by {moved:+.0f}, uncertainty so far {total:.0f}")

# %% [markdown]
# The answer moves, and none of the three uncertainties above contains it. That is what a *systematic*
# uncertainty is: an error that more events do not cure. How would one notice? Look at W where there is no
# signal: its shape in the control region, the ratio panels above, the same-sign events. Agreement there
# proves nothing here, but disagreement there is a warning.

# %% [markdown]
# ## Summary
#
# - Count expected events, not rows. Weights enter the cut flow, the training, the ROC curve and its
#   uncertainty.
# - A baseline first: one variable, then a box of cuts. Trees and network beat both, and hardly differ from
#   each other.
# - The difference of two classifiers is judged on the same events, with the uncertainty of the difference.
# - One AUC hides which background is left; the score shapes variables that it never saw.
# - A number of events needs a normalisation from data, a fit or a count, and an uncertainty that names its
#   parts. What is assumed belongs next to the result: the shapes of the simulation, the luminosity, no
#   other process in the data. Real data would also hold multijet events, which this pseudo-data leaves out.
#
# Now it is your turn: the exercise of this lesson, `exercises/09_ztautau.ipynb`, builds the selection, the
# variables and the training again, changes them, and asks for your number. Its check knows the truth.
