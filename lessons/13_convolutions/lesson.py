# ---
# course:
#   title: Convolutions
#   minutes: 70
#   objectives:
#     - count the weights of dense and convolution layers, and say what the difference buys
#     - write convolution and max pooling, and choose a filter for an edge or a slope
#     - train a small network on calorimeter images and compare it with shower-shape variables
#     - name the symmetries of a detector, and teach them by augmentation
#     - ask a network where it looks, and notice when the detector is not the one it was trained on
#   requires: [04_neural_network, 06_overfitting]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Convolutions
#
# A Higgs boson decays to two photons, rarely. Jets with a hard neutral pion are everywhere, and a π⁰ is two
# photons, too, so close that the calorimeter sees one shower, or nearly so. Below, simulated energy in the
# cells of an electromagnetic calorimeter (ECAL), 1.5 m from the collision. Crosses mark where the true
# photons hit. One photon or two?
#
# Rows run upwards, as φ does, here and in all pictures below: row 0 of an array is at the bottom. The colours
# of energies follow the square root, so that small ones are seen beside large ones.

# %%
import matplotlib.pyplot as plt

from hepml_course import plot
from hepml_course.simulate import showers

few = showers(3, rng=1, kinds=("photon", "pi0"), energy=(15, 20))
order = few.kind.argsort()
titles = [f"{('photon', 'π⁰')[few.kind[i]]}, {few.energy[i]:.0f} GeV" for i in order]
fig, axes = plt.subplots(2, 3, figsize=(7.6, 4.8))
_ = plot.gallery(
    few.image[order, ..., 0], titles, axes=axes, cell=1.0, label="ECAL / GeV", marks=few.photons[order, :, 1:]
)

# %% [markdown] tags=["alt:previous"]
# Six images of 12 by 12 cells. Above, three photons: one round spot each, a few cells wide, with one cross.
# Below, three neutral pions. The second and the third have two maxima some centimetres apart, with a cross on
# each. The first looks like a photon, with one cross; the other photon has missed the window.

# %% [markdown]
# Of the first pion one photon, a soft one, has missed the window. Nothing in the image can tell.
#
# The simulation is a set of formulas, stated in `hepml_course.simulate.showers`: radial and depth profiles
# from the textbooks, quanta that give a resolution of 10 % / √E, noise, a threshold. It is no GEANT. It has
# no pile-up, and particles come one at a time. Photons do not convert; electrons may radiate in the tracker.
#
# ## The simplest thing: a width
#
# The two photons open by at least $2m/E$. So the photons of a π⁰ are this far apart or further:

# %%
import numpy as np

for energy in (20, 40, 80):
    print(f"{energy} GeV: {2 * 0.135 / energy * 150:.2f} cm, and a cell is 1 cm wide")

# %% [markdown]
# The width of the shower along its longest axis grows with this distance. We take energies from 20 to 80 GeV,
# and 2000 photons and 2000 pions to learn from. **Predict before you run:** which class has the tail, and on
# which side?

# %%
from hepml_course.metrics import auc
from hepml_course.shower_shapes import SHAPES, shower_shapes

taught = showers(2000, rng=131, kinds=("pi0", "photon"), energy=(20, 80))
test = showers(4000, rng=132, kinds=("pi0", "photon"), energy=(20, 80))
photon = test.kind == 1
shapes, test_shapes = shower_shapes(taught.image), shower_shapes(test.image)
width = list(SHAPES).index("long_axis")
ax = plot.score_histograms(
    test_shapes[:, width], photon, bins=np.linspace(0.7, 1.5, 41), names=("π⁰", "photon")
)
_ = ax.set_xlabel(SHAPES["long_axis"])

# %% [markdown] tags=["alt:previous"]
# Histograms of the width along the long axis. Photons form a narrow peak a little below 0.9 cells. Pions
# begin there, too, peak just to its right and have a long tail up to 1.3 cells.

# %%
scores = {"one width": -test_shapes[:, width]}
print(f"width along the long axis: AUC {auc(scores['one width'], photon)}")

# %% [markdown]
# The tail is where the two photons are far apart and both strong. Where they merge, at the highest energies,
# or where one is too weak to be seen, the pion hides below the peak.
#
# ## The baseline: trees on shower shapes
#
# That is one of the variables that physicists have thought of. Here are all eleven, each alone. (Below 0.5 it
# separates as well, with its sign turned. The HCAL is the hadronic calorimeter behind the ECAL, with cells of
# 4 cm.)

# %%
for name, column in zip(SHAPES.values(), test_shapes.T, strict=True):
    print(f"{name:38} AUC {auc(column, photon).value:.3f}")

# %% tags=["training"]
from sklearn.ensemble import HistGradientBoostingClassifier


def trees(shapes, kind):
    model = HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=12, random_state=0)
    return model.fit(shapes, kind)


scores["trees on shapes"] = trees(shapes, taught.kind).predict_proba(test_shapes)[:, 1]
print(f"trees on eleven shapes: AUC {auc(scores['trees on shapes'], photon)}")

# %% [markdown]
# This is the number to beat, with the same 4000 training events, 2000 of each kind. Nobody should be shown a
# network without it.
#
# ## A dense network on the cells
#
# Now the cells themselves. The square root brings them, from 30 MeV to 30 GeV, to similar sizes, and makes
# their fluctuations alike.

# %%
x = np.sqrt(taught.image[..., :1])
test_x = np.sqrt(test.image[..., :1])
print("images of shape", x.shape[1:])

# %% [markdown]
# Flatten the image, 64 hidden neurons, one output without a sigmoid: the **log odds** ln(p / (1 − p)) for a
# photon. The loss puts the sigmoid on top, and the AUC needs the order only. (Five steps in one go save time,
# nothing else.) How many weights is that?

# %% tags=["training"]
import keras
from keras import layers

from hepml_course.training import set_seed


def train(make, x, kind, epochs, seed=13):
    set_seed(seed)
    model = keras.Sequential([keras.Input(x.shape[1:]), *make(), layers.Dense(1)])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss=loss, steps_per_execution=5)
    model.fit(x, kind, batch_size=100, epochs=epochs, verbose=0)
    return model


def score(model, x):
    parts = [model(x[first : first + 1000]) for first in range(0, len(x), 1000)]
    return np.concatenate([keras.ops.convert_to_numpy(part) for part in parts]).squeeze()


# %% tags=["training"]
def dense():
    return [layers.Flatten(), layers.Dense(64, activation="relu")]


model = train(dense, x, taught.kind, epochs=16)
scores["dense on cells"] = score(model, test_x)
print(f"by hand: {12 * 12} · 64 + 64 + 64 + 1 = {12 * 12 * 64 + 64 + 64 + 1};  Keras: {model.count_params()}")
print(f"on its training events AUC {auc(score(model, x), taught.kind).value:.3f}")
print(f"on test events         AUC {auc(scores['dense on cells'], photon)}")

# %% [markdown]
# More than two weights per training event, and a gap between training and test: lesson 06 has the name for
# it. But the waste has a deeper reason. **Predict before you run.** We scramble the cells, every image in the
# same way, and train again. What happens to the AUC?

# %% tags=["training"]
scramble = np.random.default_rng(133).permutation(144)
mixed, test_mixed = (np.reshape(a, (-1, 144))[:, scramble].reshape(-1, 12, 12, 1) for a in (x, test_x))
model = train(dense, mixed, taught.kind, epochs=16)
scores["dense, scrambled"] = score(model, test_mixed)
print(f"dense network, cells scrambled: AUC {auc(scores['dense, scrambled'], photon)}")

# %% [markdown] tags=["fold"]
# Nothing happens, but for another random start. (The ± holds the test sample only. Two trainings differ by
# more, scrambled or not.) To a dense layer the cells are a list, and it does not know which of them are
# neighbours. It has to learn a photon at every place anew, from the photons that happen to hit there.

# %% [markdown]
# ## Convolution
#
# Two facts about images. What belongs together is close together. And a photon looks the same wherever it
# hits. So give a neuron a small window only, and use *the same weights* at every place. The
# window slides; the weights are the **filter**, or kernel. (Mathematicians call it a cross-correlation: their
# convolution turns the filter around first. A network that learns its filter does not care.)
#
# The filter below falls in print and rises in the picture, where row 0 is at the bottom.

# %% tags=["widget"]
from hepml_course.widgets import filter_steps

rising = np.array([[2, -1, -1], [-1, 2, -1], [-1, -1, 2]])
hits = np.zeros((7, 7))
hits[range(7), range(7)] = 1
hits[1, 5] = hits[5, 1] = hits[4, 5] = 1
filter_steps(hits, rising, still=(2, 2))

# %% [markdown] tags=["alt:previous"]
# An image of 7 by 7 cells with hits along the rising diagonal and three others, a 3 by 3 filter with 2 on
# its rising diagonal and −1 elsewhere, their product at the framed window, and the result filled up to there.
# In the frame lie three hits of the diagonal, and the sum is six, the largest there can be.

# %% [markdown]
# Result (r, c) is that of the window with its lower left cell at (r, c), and its middle at (r + 1, c + 1).
#
# An image may have several numbers in each cell, its **channels**, as a photograph has red, green and blue. A
# filter has weights for each of them, and adds all up. Written out, for several filters at once:


# %%
def convolve(image, kernels, bias):
    """Image (h, w, c), kernels (k, k, c, filters), bias (filters,): result (h-k+1, w-k+1, filters)."""
    k = len(kernels)
    height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
    result = np.empty((height, width, len(bias)))
    for row in range(height):
        for column in range(width):
            patch = image[row : row + k, column : column + k]
            result[row, column] = np.tensordot(patch, kernels, axes=3) + bias
    return result


# %% [markdown]
# **Pooling** keeps the largest value of each 2 × 2 block. A quarter of the numbers is left, and the place
# of what was found is known a little less well: a photon one cell further gives nearly the same.


# %%
def max_pool(image, k=2):
    height, width, channels = image.shape
    blocks = image[: height // k * k, : width // k * k].reshape(height // k, k, width // k, k, channels)
    return blocks.max(axis=(1, 3))


# %% [markdown]
# Is it what Keras does? On a calorimeter image with three channels and filters from a random number
# generator:

# %%
rng = np.random.default_rng(134)
kernels, bias = rng.normal(size=(3, 3, 3, 5)), rng.normal(size=5)
image = few.image[0].astype(float)

conv, pool = layers.Conv2D(5, 3, dtype="float64"), layers.MaxPooling2D(2, dtype="float64")
conv.build((None, *image.shape))
conv.set_weights([kernels, bias])
library = [keras.ops.convert_to_numpy(a)[0] for a in (conv(image[None]), pool(conv(image[None])))]
ours = convolve(image, kernels, bias)
for name, a, b in (("convolution", ours, library[0]), ("pooling", max_pool(ours), library[1])):
    print(f"{name:12} shape {a.shape}, equal to Keras to 1e-6: {np.abs(a - b).max() < 1e-6}")

# %% [markdown]
# 12 cells become 10: a 3 × 3 filter has no room at the edges. With `padding="same"` Keras surrounds the image
# with zeros, and 12 stay 12.
#
# **Question.** A convolution layer of 8 filters of 5 × 5 on one channel: how many weights? And on an image of
# 1000 × 1000 cells instead of 12 × 12?

# %% [markdown] tags=["fold"]
# $5\cdot5\cdot1\cdot8 + 8 = 208$, on any image. The dense layer above has 9280, and would have 64 million on
# the large one. What grows with the image is the work, not the number of weights.

# %% [markdown]
# ## Filters by hand
#
# Before a network learns filters, choose some. Three straight tracks, and three filters whose weights
# add up to zero, so that an even background gives nothing.
#
# **Predict:** which filter answers to which track, and what happens where tracks cross?

# %%
falling, flat = rising[:, ::-1], np.array([[-1, -1, -1], [2, 2, 2], [-1, -1, -1]])
plane, c = np.zeros((14, 14)), np.arange(14)
plane[c, c] = plane[13 - c, c] = plane[3, c] = 1
bank = np.stack([rising, flat, falling], axis=-1)[:, :, None, :]
answer = np.maximum(convolve(plane[..., None], bank, np.zeros(3)), 0)  # ReLU
fig, axes = plt.subplots(1, 4, figsize=(9.4, 2.6))
plot.cells(plane, ax=axes[0])
plot.gallery(answer.transpose(2, 0, 1), ["rising", "flat", "falling"], axes=axes[1:], label="answer")
_ = axes[0].set_title("tracks")

# %% [markdown] tags=["alt:previous"]
# Left, three tracks: rising, falling and flat. Then the answers of three filters. Each is strong along its
# own track, and weaker where another crosses it. Along the other two it is zero, with weak lines beside them.

# %% [markdown]
# Each filter paints a map of where *its* slope is. Where two tracks cross, both filters answer at one place,
# each with 4 in place of 6: the other track has cells under the weights of −1. (A map is smaller than the
# image: its place (r, c) stands for cell (r + 1, c + 1).) The ReLU throws the negative answers away. Three
# maps are three channels for the next layer, which can look for a pattern of slopes. That is how lesson 14
# finds tracks.
#
# On a shower the interesting thing is the flank. A filter that takes the left side away from the right
# side is a derivative. At the peak it is zero.

# %%
edge = np.array([[-1, 0, 1]] * 3)[:, :, None, None]
shower = few.image[order[3], ..., :1]
fig, axes = plt.subplots(1, 2, figsize=(7.6, 3.2))
plot.cells(shower[..., 0], ax=axes[0], label="ECAL / GeV")
_ = plot.cells(convolve(shower, edge, np.zeros(1))[..., 0], ax=axes[1], label="right minus left / GeV")

# %% [markdown] tags=["alt:previous"]
# Left, the shower of a neutral pion. Right, the answer of the edge filter: positive on the left flank of the
# shower, where energy rises to the right, negative on its right flank, and nearly zero in between and far
# away.

# %% [markdown]
# ## A convolutional network
#
# Now the filters are learned. Eight of 5 × 5 cells, wide enough for two photons; pooling; sixteen of 3 × 3 on
# the eight maps; pooling; and a small dense network on what is left.


# %% tags=["training"]
def convolutional():
    return [
        layers.Conv2D(8, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
    ]


cnn = train(convolutional, x, taught.kind, epochs=16)
scores["CNN on cells"] = score(cnn, test_x)

# %% [markdown]
# **Predict before you run:** where are most of its weights?

# %% tags=["training"]
for layer in cnn.layers:
    shape = " × ".join(str(n) for n in layer.output.shape[1:])
    print(f"{type(layer).__name__:13} {shape:12} {layer.count_params():5d} weights")
print(f"total {cnn.count_params()}")

# %% [markdown]
# In the dense layer again. The filters that do the looking are little more than a third of them.
#
# ### The same metric for all
#
# All on the same test events. For the CNN against the trees the uncertainty is that of the
# *difference*: both are right and wrong about the same events.

# %% tags=["training"]
import pandas as pd

from hepml_course.metrics import auc_difference, rejection_at

pd.DataFrame(
    {name: [f"{auc(s, photon)}", f"{rejection_at(0.9, s, photon):.1f}"] for name, s in scores.items()},
    index=["AUC", "π⁰ rejection at 90 % photon efficiency"],
).T

# %% tags=["training"]
lead = auc_difference(scores["CNN on cells"], scores["trees on shapes"], photon)
print(f"CNN minus trees: {lead.value:+.4f} ± {lead.error:.4f}")
assert auc(scores["CNN on cells"], photon).value > auc(scores["dense on cells"], photon).value + 0.03
assert auc(scores["CNN on cells"], photon).value > 0.93
assert abs(lead.value) < 0.03

# %% [markdown]
# Lecture 001 has an example where a deep network on low-level inputs beats what physicists made of them: the
# search for an exotic Higgs boson. Does it hold here, too?

# %% tags=["training"]
from hepml_course.claims import claim

claim("low-level-beats-features", *lead)

# %% [markdown]
# The CNN is far ahead of the dense network, with {{ cnn.count_params() }} weights. And the trees on eleven
# numbers stay ahead of it, by more than the test sample explains. The second moments of the shower are close
# to what the mass of the pion is made of; a physicist put that in, and 4000 images do not teach more. (The ±
# holds the test sample only, not another training.)

# %% [markdown]
# ### What the first layer has learned
#
# Each filter is a picture of 5 × 5 weights. Below it, the patches of test images on which it answers most
# strongly, each from another image.

# %% tags=["training"]
kernels, bias = cnn.layers[0].get_weights()
windows = np.lib.stride_tricks.sliding_window_view(test_x[:2000, ..., 0], (5, 5), axis=(1, 2))
answers = np.einsum("nyxij,ijf->nfyx", windows, kernels[:, :, 0]).reshape(2000, 8, -1)
patches = []
for f in range(8):
    strongest = answers[:, f].max(axis=1).argsort()[::-1][:4]
    place = np.unravel_index(answers[strongest, f].argmax(axis=1), (8, 8))
    patches.append(windows[strongest, *place])
fig, axes = plt.subplots(5, 8, figsize=(9.4, 6.2))
_ = plot.filters_and_patches(kernels[:, :, 0], patches, axes=axes)

# %% [markdown] tags=["training", "alt:previous"]
# Eight filters in a row, red for positive and blue for negative weights, each above four patches of showers.
# Most filters look like noise; a few have some large weights of one sign close together. The patches below a
# filter resemble each other: a shower in the same place of the window, often cut off by its border.

# %% [markdown]
# Most resemble nothing that one could name. The patches look alike in each column: the filter's
# own definition of "much". Distrust stories about single filters. Another seed gives eight others, and about
# the same AUC.

# %% [markdown]
# ## Neutral or charged: the claim of the lecture
#
# Lecture 002 shows ATLAS results on pions: networks on calorimeter cells tell a π⁰ from a π± better than
# shower-shape variables do. Ours: ECAL and HCAL as two channels, no track, 10 to 40 GeV. A charged pion
# makes a hadronic shower, late, wide and ragged; or it crosses the ECAL and leaves next to nothing there.
#
# **Predict before you run:** which of the eleven variables alone does nearly all of it?

# %%
kinds = ("pion", "pi0")
pions, test_pions = showers(3000, rng=135, kinds=kinds), showers(10_000, rng=136, kinds=kinds)
neutral = test_pions.kind == 1
test_pion_shapes = shower_shapes(test_pions.image)
for name in ("long_axis", "cells", "hcal"):
    value = auc(test_pion_shapes[:, list(SHAPES).index(name)], neutral).value
    print(f"{SHAPES[name]:38} AUC {max(value, 1 - value):.4f}")

# %% [markdown]
# The same with the HCAL hidden, where the shape of the ECAL has to do the work. Both networks are trained
# side by side: they share the batches and the loss is their mean, but no weight connects them.


# %% tags=["training"]
def side_by_side(make, x, kind, views, epochs, rate=3e-3):
    """One network for each view, a list of channels; their outputs are the columns of the result."""
    set_seed(13)
    cells = keras.Input(x.shape[1:])
    seen = [keras.ops.take(cells, view, axis=-1) for view in views]
    ends = [keras.Sequential([*make(), layers.Dense(1, activation="sigmoid")])(part) for part in seen]
    model = keras.Model(cells, keras.ops.concatenate(ends, axis=-1))
    model.compile(keras.optimizers.Adam(rate), loss="binary_crossentropy", steps_per_execution=5)
    labels = np.broadcast_to(np.reshape(kind, (len(x), -1)), (len(x), len(views)))
    model.fit(x, labels, batch_size=100, epochs=epochs, verbose=0)
    return model


# %% tags=["training"]
views = {"ECAL alone": [0], "ECAL and HCAL": [0, 1]}
model = side_by_side(convolutional, np.sqrt(pions.image), pions.kind, list(views.values()), epochs=6)
by_cnn = dict(zip(views, score(model, np.sqrt(test_pions.image)).T, strict=True))
by_trees = {}
for name, channels in views.items():
    hidden, test_hidden = (s.image * np.isin(range(3), channels) for s in (pions, test_pions))
    forest = trees(shower_shapes(hidden), pions.kind)
    by_trees[name] = forest.predict_proba(shower_shapes(test_hidden))[:, 1]

# %% tags=["training"]
for name in views:
    for method, s in (("trees", by_trees[name]), ("CNN", by_cnn[name])):
        kept = np.sum(s[~neutral] > np.quantile(s[neutral], 0.05))
        print(f"{name:14} {method:6} AUC {auc(s, neutral):.5f}   π± that pass with 95 % of π⁰: {kept}")
alone = auc_difference(by_cnn["ECAL alone"], by_trees["ECAL alone"], neutral)
print(f"ECAL alone: CNN minus trees {alone.value:+.5f} ± {alone.error:.5f}")

# %% tags=["training"]
claim("shower-cnn", *auc_difference(by_cnn["ECAL and HCAL"], by_trees["ECAL and HCAL"], neutral))
assert min(auc(s, neutral).value for s in (*by_cnn.values(), *by_trees.values())) > 0.97
assert auc(by_trees["ECAL and HCAL"], neutral).value > 0.99

# %% [markdown]
# With both calorimeters the question is all but solved by one ratio. The trees are ahead, with and without
# the HCAL, and ten epochs in place of six did not change that. Two things to keep in mind. The rival is
# strong: boosted trees on eleven shapes. And the simulation is clean; a photon's shower hardly reaches the
# HCAL.
#
# The few charged pions that pass the trees, too, have turned most of their energy into photons in the first
# centimetres and left the HCAL empty, or nearly so. There is little in their images that could tell. The
# others that pass the CNN could have been told, and were not. (The ± is that of the test sample. Another
# training moves the CNN, too.)

# %% [markdown]
# ## Deep or wide?
#
# The lecture quotes Goodfellow and others: at an equal number of weights deeper networks do better. Four
# layers of 8 filters against one layer of 100, all of 3 × 3, both pooled to 3 × 3 places in the end. Each is
# trained on five samples of its own and tested on others.


# %% tags=["training"]
def conv3(filters):
    return layers.Conv2D(filters, 3, padding="same", activation="relu")


def deep():
    pool = layers.MaxPooling2D
    return [conv3(8), conv3(8), pool(2), conv3(8), conv3(8), pool(2), layers.Flatten()]


def wide():
    return [conv3(100), layers.MaxPooling2D(4), layers.Flatten()]


# %% [markdown]
# The five trainings of a design run side by side, as the two above. For that the images of five samples are
# laid on top of each other, as five channels, and network $k$ sees channel $k$ and nothing else. The learning
# rate was chosen on a sample that is not used here: of 0.003 and 0.01, the second is better for the deep
# design and as good for the wide one.
#
# **Predict:** who wins?

# %% tags=["training"]
five = [showers(2500, rng=seed, kinds=("pi0", "photon"), energy=(20, 80)) for seed in range(1401, 1406)]
cells = np.sqrt(np.concatenate([s.image[..., :1] for s in five], axis=-1))
kind = np.stack([s.kind for s in five], axis=-1)
trials = []
for make in (deep, wide):
    model = side_by_side(make, cells[:3000], kind[:3000], [[k] for k in range(5)], epochs=10, rate=0.01)
    trials.append([auc(s, t).value for s, t in zip(score(model, cells[3000:]).T, kind[3000:].T, strict=True)])
    print(f"{make.__name__}: {model.count_params() // 5} weights, AUC", *(f"{a:.3f}" for a in trials[-1]))

# %% tags=["training"]
gain = np.subtract(*trials)
claim("depth-beats-width", gain.mean(), gain.std(ddof=1) / np.sqrt(5))
assert np.min(trials) > 0.7
assert abs(gain.mean()) < 0.15

# %% [markdown]
# Look at the spread first. Trainings of *one* design differ by more than the two designs do. So the sign
# hangs on details, and in earlier trials we have seen it turn:
#
# - 1100 weights, rate 0.003 for both, five samples: deep ahead in every one;
# - 500 weights, the better rate for each, a single sample: wide ahead;
# - the two networks above, a single sample, after 30 epochs: deep ahead by a hundredth.
#
# A comparison of two designs is worth as much as the care taken with the weaker one. And equal weights are
# not equal work.
#
# **Question.** What can four layers of 3 × 3 see that one cannot?

# %% [markdown] tags=["fold"]
# One layer sees 3 × 3 cells. A second widens the view by a cell on each side, a third and fourth after the
# pooling by two cells each, and each combines what the last one found. In the wide network only the last
# neuron can put pieces together, and it has the nine pooled places for it. On this problem, where all lies
# within a few cells, that is not much of a handicap. Where patterns are made of patterns it is.

# %% [markdown]
# ## Three channels
#
# A photograph has red, green and blue; our channels are ECAL, HCAL and the momentum of the track, in the cell
# it points to. Electron or charged pion? The same network with one, two and three channels. Only the first
# layer gains weights.
#
# **Predict:** which channel is worth more, HCAL or track?

# %%
kinds = ("pion", "electron")
charged, test_charged = showers(2000, rng=137, kinds=kinds), showers(10_000, rng=138, kinds=kinds)
electron = test_charged.kind == 1

# %% tags=["training"]
views = {"ECAL": [0], "ECAL, HCAL": [0, 1], "ECAL, track": [0, 2], "all three": [0, 1, 2]}
model = side_by_side(convolutional, np.sqrt(charged.image), charged.kind, list(views.values()), epochs=4)
by_channels = dict(zip(views, score(model, np.sqrt(test_charged.image)).T, strict=True))
for name, s in by_channels.items():
    kept = np.sum(s[~electron] > np.quantile(s[electron], 0.1))
    print(f"{name:12} AUC {auc(s, electron):.5f}   π± that pass with 90 % of electrons: {kept} of 10000")

# %% tags=["training"]
claim("three-channels-help", *auc_difference(by_channels["all three"], by_channels["ECAL"], electron))
assert auc(by_channels["ECAL"], electron).value > 0.97
assert auc(by_channels["all three"], electron).value > auc(by_channels["ECAL"], electron).value - 0.002

# %% [markdown]
# The track is worth more. For an electron the energy E in the calorimeter is about the momentum p of the
# track, for a pion it is less. Nobody told the network about E/p. It has the energy in the cells and the
# momentum in one cell of another channel, and learns to compare them. With all three channels it came out a
# little *below* ECAL and track. Only some ten pions of 10,000 decide there, and another start orders them
# otherwise. More inputs can only help *in principle*: a training that stops early may be better without them.

# %% [markdown]
# ## Quark or gluon?
#
# From single particles to jets. Lecture 001 shows a study of jet images: a network tells quarks from gluons
# better than a likelihood of quantities that physicists have thought of. Here are jets of 150 to 200 GeV from
# Pythia 8, each beside a Z that decays to neutrinos, in a parametrised detector without pile-up. "Quark" and
# "gluon" is what the hard process says. Pixels of η and φ around the axis hold the transverse momentum of
# photons, of neutral hadrons and of tracks.
#
# **Predict:** a gluon carries about twice the colour charge that counts for radiation. What does that do to
# the average image?

# %%
from hepml_course import data
from hepml_course.jets import CHANNELS, jet_images, jet_shapes

jets = data.load("quark_gluon")
jet_image = {kind: jet_images(table) for kind, table in jets.items()}
means = [images.mean(axis=0)[..., c] for images in jet_image.values() for c in range(3)]
titles = [f"{kind}: {channel}" for kind in jets for channel in CHANNELS]
fig, axes = plt.subplots(2, 3, figsize=(8.6, 5.2))
_ = plot.gallery(means, titles, axes=axes, cell=0.05, angles=True, label="mean $p_T$ / GeV")

# %% [markdown] tags=["alt:previous"]
# Six average images of 16 by 16 pixels, 0.8 wide in η and φ. Each is brightest in the four pixels around the
# axis and falls off in all directions. The images of quarks, above, are brighter in the middle, those of
# gluons, below, are wider.

# %% [markdown]
# More radiation: more particles, softer, further from the axis. Two numbers are made for that, the tracks of
# the jet and its width. They are the baseline. The first 10,000 jets of each kind are to learn from.

# %%
shape = np.concatenate([jet_shapes(table) for table in jets.values()])
from_quark = np.repeat([True, False], [len(images) for images in jet_image.values()])
number = np.concatenate([np.arange(len(images)) for images in jet_image.values()])
learn, judge = number < 10_000, number >= 10_000
tracks, jet_width = shape[:, 0], shape[:, 1]
for name, column in (("tracks", tracks), ("width", jet_width)):
    quark, gluon = (column[judge & (from_quark == is_quark)].mean() for is_quark in (True, False))
    print(f"{name:7} quark {quark:6.3f}, gluon {gluon:6.3f}; AUC {auc(-column[judge], from_quark[judge])}")

# %% [markdown]
# Their joint likelihood ratio needs no network: fill a histogram for each kind, divide. (One jet is added to
# every bin, so that no ratio is infinite.)

# %%
edges = np.arange(2, 36, 2), np.linspace(0.01, 0.25, 25)
place = np.digitize(tracks, edges[0]), np.digitize(jet_width, edges[1])
filled = np.ones((2, 18, 26))
np.add.at(filled, (from_quark[learn].astype(int), place[0][learn], place[1][learn]), 1)
log_ratio = np.log(filled[1] / filled[0])
by_method = {"likelihood of two": log_ratio[place][judge]}
print(f"likelihood of tracks and width: AUC {auc(by_method['likelihood of two'], from_quark[judge])}")

# %% [markdown]
# A harder rival: trees on six shapes. And the convolutional network of this lesson as it stands, on the three
# channels.
#
# **Predict:** against π⁰ it lost to the trees. Here?

# %% tags=["training"]
pixels = np.sqrt(np.concatenate(list(jet_image.values())))
forest = trees(shape[learn], from_quark[learn])
by_method["trees on six shapes"] = forest.predict_proba(shape[judge])[:, 1]
jet_cnn = train(convolutional, pixels[learn], from_quark[learn], epochs=4)
by_method["CNN on images"] = score(jet_cnn, pixels[judge])
for name, s in by_method.items():
    passed = 1 / rejection_at(0.6, s, from_quark[judge]).value
    print(f"{name:20} AUC {auc(s, from_quark[judge])}   gluons that pass with 60 % of quarks: {passed:.1%}")

# %% tags=["training"]
ahead = auc_difference(by_method["CNN on images"], by_method["likelihood of two"], from_quark[judge])
claim("cnn-beats-likelihood-quark-gluon", *ahead)
on_trees = auc_difference(by_method["CNN on images"], by_method["trees on six shapes"], from_quark[judge])
print(f"CNN minus trees: {on_trees.value:+.4f} ± {on_trees.error:.4f}")
assert 0.80 < auc(by_method["likelihood of two"], from_quark[judge]).value < 0.84
assert auc(by_method["CNN on images"], from_quark[judge]).value > 0.82

# %% [markdown]
# This time the network is ahead, of the likelihood and, by less, of the trees. For the π⁰ one number holds
# the answer, and it was among the shapes. Radiation has no such number: where each particle went, and of
# which kind it was, says a little more than these six sums.
#
# The study found that the four pixels of the core speak most clearly for a quark. Here is the correlation of
# each pixel with the score.

# %% tags=["training"]
deviation = pixels[judge] - pixels[judge].mean(axis=0)
s = by_method["CNN on images"] - by_method["CNN on images"].mean()
spread = deviation.std(axis=0) * s.std()
correlation = np.tensordot(s, deviation, axes=1) / len(s) / np.maximum(spread, 1e-9)
fig, axes = plt.subplots(1, 3, figsize=(9.4, 3))
maps = correlation.transpose(2, 0, 1)
_ = plot.gallery(maps, CHANNELS, axes=axes, cell=0.05, angles=True, label="correlation with the score")

# %% [markdown] tags=["training", "alt:previous"]
# Three maps of correlation, for photons, neutral hadrons and tracks. The pixels of the core are red, pale for
# the neutral hadrons: momentum there goes with a high score, for a quark. All around they are blue, most
# deeply next to the core.

# %% [markdown]
# The network has found what the two numbers say, and the core as in the study. Distrust the label all the
# same: a jet has no tag that says "gluon", and generators disagree about how gluons radiate. What a network
# learned from one of them has to be measured again in data.

# %% [markdown]
# ## Augmentation: which symmetries does the detector have?
#
# Lesson 06 turned events around the beam. Here: mirror the window in η, mirror it in φ, turn it by 90°. A
# photon's shower does not care. An electron that has radiated is another matter.
#
# **Predict:** for photons and for electrons, is the image as wide along φ as along η?

# %%
electrons = showers(4000, rng=139, kinds=("electron",))
for name, images in (("photons", test.image[photon]), ("electrons", electrons.image)):
    eta, phi = (shower_shapes(images)[:, list(SHAPES).index(f"width_{a}")] ** 2 for a in ("eta", "phi"))
    difference = phi - eta
    error = difference.std() / np.sqrt(len(difference))
    print(f"{name:10} width² in φ minus width² in η: {difference.mean():+.3f} ± {error:.3f} cells²")

# %% [markdown] tags=["fold"]
# The magnetic field bends the electron away from the photon that it radiated, along φ and never along η. So a
# turn by 90° makes an electron that no detector has ever seen. Mirroring φ exchanges the charges, which is a
# symmetry as long as there are as many positrons. And photons: here all eight turns and mirror images are
# alike. In a real detector, cells away from the middle are hit at an angle in η, and only mirroring φ is
# left.

# %% [markdown]
# For photons and neutral pions, then, each image is worth eight. That pays where images are rare. So take 500
# of the training images: 40 times as they are, or five times the eightfold sample, which is the same number
# of steps. The test events stay.


# %% tags=["training"]
def eightfold(images):
    turned = [np.rot90(images, k, axes=(1, 2)) for k in range(4)]
    return np.concatenate([*turned, *(image[:, :, ::-1] for image in turned)])


rare, rare_kind = x[:500], taught.kind[:500]
plain = train(convolutional, rare, rare_kind, epochs=40)
augmented = train(convolutional, eightfold(rare), np.tile(rare_kind, 8), epochs=5)
few_scores = {"500 images": score(plain, test_x), "500 images, eightfold": score(augmented, test_x)}

# %% tags=["training"]
for name, s in (*few_scores.items(), ("4000 images", scores["CNN on cells"])):
    print(f"{name:22} AUC {auc(s, photon):.4f}")
gain = auc_difference(*reversed(few_scores.values()), photon)
print(f"eightfold minus plain {gain.value:+.4f} ± {gain.error:.4f}")
assert gain.value > -0.01

# %% [markdown]
# About half of what 3500 more images bring, for nothing. It is one training each, and the ± holds the test
# sample only: another start moves all three numbers.

# %% [markdown]
# ## Where does the network look?
#
# Cover a window of 3 × 3 cells with zeros, and watch the score, which is the log odds for a photon. The map
# of the change is the **occlusion map**.
#
# **Predict** for a π⁰ with two maxima: covering which cells makes it a photon for the network?


# %% tags=["training"]
def occlusion(model, image, size=3):
    """Change of the log odds for "photon" with a window covered around each cell."""
    covered = np.repeat(image[None], image.size, axis=0)
    for number, (row, column) in enumerate(np.ndindex(image.shape[:2])):
        low_row, low_column = max(row - size // 2, 0), max(column - size // 2, 0)
        covered[number, low_row : row + size // 2 + 1, low_column : column + size // 2 + 1] = 0
    change = score(model, covered) - score(model, image[None])
    return change.reshape(image.shape[:2])


# %% [markdown]
# A pion whose photons are some 2.5 cm apart with a fair share each, and a photon of about the same energy.

# %% tags=["training"]
share = test.photons[:, :, 0].min(axis=1) / test.energy
distance = np.linalg.norm(np.diff(test.photons[:, :, 1:], axis=1)[:, 0], axis=1)
one_pion = np.flatnonzero(~photon & (share > 0.15) & (distance > 2.3) & (distance < 3))[0]
one_photon = np.flatnonzero(photon & (np.abs(test.energy - test.energy[one_pion]) < 2))[0]
fig, axes = plt.subplots(2, 2, figsize=(7.4, 6))
for pair, i, name in zip(axes, (one_pion, one_photon), ("π⁰", "photon"), strict=True):
    plot.cells(test_x[i, ..., 0] ** 2, ax=pair[0], label="ECAL / GeV")
    plot.cells(occlusion(cnn, test_x[i]), ax=pair[1], label="change of log odds for photon")
    pair[0].set_title(f"{name}, {test.energy[i]:.0f} GeV")

# %% [markdown] tags=["training", "alt:previous"]
# Above, a neutral pion with two maxima and its occlusion map: covering raises the log odds for a photon all
# over the shower, most on its flanks, that of the stronger maximum included. Below, a photon and its map: a
# red ring where covering the flank of the shower raises them, and a blue spot in the middle, where covering
# the core lowers them. Away from the showers both maps are white.

# %% tags=["training"]
change, before = occlusion(cnn, test_x[one_pion]), float(score(cnn, test_x[one_pion][None]))
print(f"the pion has log odds {before:.1f}; largest change {change.max():+.1f}")
print(f"a photon, by log odds above 0, with {np.sum(before + change > 0)} of {change.size} windows")
far = np.zeros((12, 12), dtype=bool)
far[0, :] = far[:, 0] = far[-1, :] = far[:, -1] = True
print(f"typical change at the edge: {np.abs(occlusion(cnn, test_x[one_photon])[far]).mean():.2f}")

# %% [markdown]
# Cover the weaker photon, and one is left. But nearly any flank will do, that of the stronger photon, too.
# The photon's map fits: without a flank the shower is narrower and even more of a photon, without its core it
# is a ring and less of one. The network has learned a width, these two images suggest, and not two maxima.
# Distrust the numbers all the same: a square hole in a shower is an image that no particle makes, and the
# answer to it is an extrapolation.

# %% [markdown]
# ## A failure: another detector
#
# The network knows the detector of its training. Here are four samples that differ from it. Dead cells are
# drawn anew in each event. The cut is fixed where the nominal photons pass with 90 %.
#
# **Predict:** which of them hurts most? Does the AUC notice?

# %%
from dataclasses import replace

from hepml_course.simulate import Calorimeter

nominal = Calorimeter()
others = {
    "nominal": (nominal, (20, 80)),
    "energy scale + 5 %": (replace(nominal, scale=1.05), (20, 80)),
    "noise × 3": (replace(nominal, ecal_noise=0.03), (20, 80)),
    "5 % of the cells dead": (replace(nominal, dead=0.05), (20, 80)),
    "80 to 160 GeV": (nominal, (80, 160)),
}

# %% tags=["training"]
cut = np.quantile(scores["CNN on cells"][photon], 0.1)
aucs, passing = {}, {}
for name, (detector, energies) in others.items():
    sample = showers(2000, rng=140, kinds=("pi0", "photon"), energy=energies, detector=detector)
    s = score(cnn, np.sqrt(sample.image[..., :1]))
    aucs[name] = auc(s, sample.kind).value
    passing[name] = [np.mean(s[sample.kind == k] > cut) for k in (1, 0)]
    print(f"{name:22} AUC {aucs[name]:.3f}   pass: photons {passing[name][0]:.3f}, π⁰ {passing[name][1]:.3f}")

# %% tags=["training"]
assert passing["5 % of the cells dead"][1] > 2 * passing["nominal"][1]
assert aucs["80 to 160 GeV"] < aucs["nominal"] - 0.05
assert abs(passing["energy scale + 5 %"][0] - passing["nominal"][0]) < 0.05

# %% [markdown]
# An analysis uses the efficiencies at its cut. A scale that is off by 5 % is harmless here: shape is what
# counts. More noise costs photons, and the AUC hardly tells. Dead cells bite holes into showers, and pions
# pass in numbers that nobody has told you about. So they do at energies above those of the training, where
# the photons of a pion merge.
#
# How would one notice without the truth? In recorded data no photon carries a label. But electrons from Z →
# ee can be picked by their tracks and by the mass of the Z, and those that did not radiate shower like
# photons. (Here the truth says which did not; in data the curvature along the track does, less well.) Compare
# their scores with simulation:

# %% tags=["training"]
means = {}
for name, (detector, _) in list(others.items())[:4]:
    control = showers(2000, rng=141, kinds=("electron",), energy=(20, 80), detector=detector)
    kept = np.isnan(control.photons[:, 0, 0])
    z = score(cnn, np.sqrt(control.image[kept, ..., :1]))
    means[name] = z.mean(), z.std() / np.sqrt(len(z))
expected = means.pop("nominal")
for name, (mean, error) in means.items():
    pull = (mean - expected[0]) / np.hypot(error, expected[1])
    print(f"{name:22} mean log odds shifted by {mean - expected[0]:+.2f}, {abs(pull):.1f} standard errors")

# %% [markdown]
# Noise and dead cells show at once, with electrons alone. The scale does not, and it did no harm.
#
# **Question.** Two of the four failures do not show in these scores: the scale and the wrong energies. Which
# one can electrons from the Z show in another way, and which one not at all?

# %% [markdown] tags=["fold"]
# The scale: the mass of the Z would stand 5 % too high. Not the wrong energies: electrons from a Z have some
# 45 GeV, and at 120 GeV there is nothing to compare with. And they say nothing about pions: only how
# *photons* look is checked.

# %% [markdown]
# ## Summary
#
# - A dense layer does not know which cells are neighbours. A convolution does, and uses one small set of
#   weights at every place. Its weights do not grow with the image.
# - Convolution: multiply, add, move on. Pooling: keep the largest of a block.
# - A filter answers to the pattern it looks like. Learned ones are rarely as clear as those made by hand.
# - Shower shapes with trees are a hard baseline, because physics is in them. State the difference with its
#   uncertainty.
# - Against one number that holds the answer it may lose; where many small things count, it finds them.
# - Augment with the symmetries of the *detector*, and check them first: a field makes φ and η different.
# - Occlusion shows where the score comes from. A control sample shows whether the network still sees
#   what it was trained on.
#
# Now write it yourself: `exercises/13_convolutions.ipynb`.
