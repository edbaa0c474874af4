# ---
# course:
#   title: Convolutions, written by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Convolutions, written by you
#
# Seven functions: what a convolution layer costs, what it computes, where a network looks, and images for
# nothing. Write your answer in place of the `...`, run the cell, run the check below it. A check can be run
# as often as you like. If you are stuck, open a cell of your own and ask for help, more than once if needed:
#
#     hint("convolutions.correlate")
#
# An image is an array of rows and columns. Row 0 is the uppermost, as in all pictures below. (The lesson
# draws it at the bottom, since its rows run along φ.) Few images and few kernels here are square.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course import plot, training
from hepml_course.checks import answer_or_reference, check, hint

# %% [markdown]
# ## What it costs
#
# ### 1 Count the weights
#
# Two layers look at the same image of `(rows, columns, channels)` pixels, and both have `neurons` neurons. In
# the first each neuron is a filter: a kernel of `(rows, columns)` pixels that moves over the image and has
# weights of its own for each channel. In the second, a dense layer, each neuron is connected to every number
# of the image. How many weights and biases does each layer have?


# %%
def weights(image, kernel, neurons):
    """Weights and biases of the convolution layer, and of the dense layer."""
    ### BEGIN SOLUTION
    h, w, channels = image
    a, b = kernel
    return (a * b * channels + 1) * neurons, (h * w * channels + 1) * neurons
    ### END SOLUTION


# %%
check("convolutions.weights", weights)

# %% [markdown]
# **Predict before you run.** A pixel detector is replaced by a finer one. Which of the two numbers grows, and
# how fast?

# %%
weights = answer_or_reference("convolutions.weights", weights)
for side in (28, 56, 112, 224):
    convolution, dense = weights((side, side, 3), (3, 3), 16)
    print(f"{side:3} × {side:3} pixels: convolution {convolution:4,}, dense {dense:9,}")

# %% [markdown]
# **Question.** What does the convolution layer give up for this?

# %% [markdown] tags=["fold"]
# It cannot look for different things in different places, and one neuron sees no further than its kernel.
# Where a track may pass anywhere, the first is no loss: what is a track here is a track there. The second is
# repaired by depth, as you will see after task 4.

# %% [markdown]
# ### 2 The size of the output
#
# A kernel of `k` pixels moves along an axis of `n` pixels, `s` at a time. On *both* sides `p` pixels of
# padding were added. At how many positions does the whole kernel fit? Where it fits nowhere, any number will
# do that is not above 0.


# %%
def output_size(n, k, p, s):
    """Number of positions of the kernel along this axis."""
    ### BEGIN SOLUTION
    return (n + 2 * p - k) // s + 1
    ### END SOLUTION


# %%
check("convolutions.output_size", output_size)

# %% [markdown]
# **Predict before you run.** A network repeats a convolution with a kernel of 5, without padding, and a
# pooling by 2, which is a kernel of 2 with a stride of 2. How often can it do that on 28 pixels: twice, three
# times, four times?

# %%
output_size = answer_or_reference("convolutions.output_size", output_size)
n = 28
for layer_number in (1, 2, 3):
    convolved = output_size(n, 5, 0, 1)
    pooled = output_size(convolved, 2, 0, 2)
    print(f"{layer_number}: {n} pixels, convolved {convolved}, pooled {pooled}")
    n = pooled

# %% [markdown]
# Twice. In the third round the kernel is larger than what is left. This is why deep networks pad, or use
# kernels of 3, or both.

# %% [markdown]
# ## What it computes
#
# ### 3 One image, one kernel
#
# Lay the kernel on the image, multiply pixel by pixel, add up. Do so at every position where the whole kernel
# lies on the image. Output `[0, 0]` belongs to the kernel in the upper left corner. The kernel is not turned
# round: a mathematician would say cross-correlation, and so does the name. It is the `convolve` of the
# lesson, with one channel and one filter. Image and kernel need not be square, and one may hold whole numbers
# while the other has fractions.


# %%
def correlate(image, kernel):
    """Image of shape (h, w), kernel of shape (a, b); output of shape (h - a + 1, w - b + 1)."""
    ### BEGIN SOLUTION
    h, w = image.shape
    a, b = kernel.shape
    output = np.zeros((h - a + 1, w - b + 1))
    for i in range(h - a + 1):
        for j in range(w - b + 1):
            output[i, j] = np.sum(image[i : i + a, j : j + b] * kernel)
    return output
    ### END SOLUTION


# %%
check("convolutions.correlate", correlate)

# %% [markdown]
# A picture to try it on: one track that rises to the right, one that falls, a cluster, and a region on the
# right that is brighter as a whole.

# %%
rows, columns = np.mgrid[:24, :36]
rising = np.exp(-((rows + columns / 2 - 18) ** 2))
falling = np.exp(-((rows - columns / 2 - 4) ** 2))
cluster = 1.5 * np.exp(-((rows - 20) ** 2 + (columns - 15) ** 2) / 6)
image = rising + falling + cluster + 0.8 * (columns >= 28)

# %% [markdown]
# And three kernels. Each adds up to zero, so that none of them answers where all is equally bright.

# %%
edge = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]]) / 3
slope = np.array([[0, 0, 0, 1, 1], [0, 1, 1, 1, 0], [1, 1, 0, 0, 0]]) / 3
kernels = {"vertical edge": edge, "horizontal edge": edge.T, "rising line": slope - slope.mean()}
print(kernels["rising line"].round(2))

# %% [markdown]
# **Predict before you run.** What does each of the three make of the falling track, and what of the border of
# the bright region?

# %%
correlate = answer_or_reference("convolutions.correlate", correlate)
fig, axes = plt.subplots(2, 2, figsize=(8, 5.6))
for ax, (name, kernel) in zip(axes.flat, {"image": None, **kernels}.items(), strict=True):
    shown = image if kernel is None else correlate(image, kernel)
    picture = ax.imshow(shown, cmap="RdBu_r", vmin=-2, vmax=2)
    ax.set(title=name, xlabel="column / pixel", ylabel="row / pixel")
_ = fig.colorbar(picture, ax=axes, label="signal / arbitrary units")

# %% [markdown] tags=["alt:previous"]
# Four pictures. The image: two crossing tracks, one rising, one falling, a cluster below them, a
# bright region on the right. The filter for vertical edges shows the border of that region as one strong
# line, the tracks as weak pairs of opposite sign. The filter for horizontal edges shows both tracks as strong
# pairs of opposite sign and not the border. The filter for rising lines shows the rising track as one strong
# line and the falling one only as faint traces.

# %% [markdown]
# **Question.** Both edge filters answer on a track with a pair of lines, one positive, one negative. Why?

# %% [markdown] tags=["fold"]
# A track is bright between two dark sides, so it has two borders: dark to bright, then bright to dark. An
# edge filter is a difference, and the difference changes its sign in between. A ReLU behind it would keep one
# side only. The filter for lines has one answer for a whole track. Nobody gives such kernels to a network: it
# finds them.

# %% [markdown]
# ### 4 Max pooling
#
# Cut the image into blocks of `k` × `k` pixels that do not overlap, beginning at the upper left corner, and
# keep the largest pixel of each. Rows and columns at the end that do not fill a block are left out. Pixels
# may be negative.


# %%
def max_pool(image, k):
    """Image of shape (h, w); output of shape (h // k, w // k)."""
    ### BEGIN SOLUTION
    h, w = image.shape[0] // k, image.shape[1] // k
    blocks = image[: h * k, : w * k].reshape(h, k, w, k)
    return blocks.max(axis=(1, 3))
    ### END SOLUTION


# %%
check("convolutions.max_pool", max_pool)

# %% [markdown]
# The image moves down by one pixel. **Predict before you run.** How alike are the answers of the line filter
# before and after, without pooling, with pooling by 2, by 4? The number is their correlation: 1 if they are
# the same.

# %%
max_pool = answer_or_reference("convolutions.max_pool", max_pool)
line = np.maximum(correlate(image, kernels["rising line"]), 0)
moved = np.maximum(correlate(np.roll(image, 1, axis=0), kernels["rising line"]), 0)
for k in (1, 2, 4):
    before, after = np.asarray(max_pool(line, k)), np.asarray(max_pool(moved, k))
    print(f"pooled by {k}: correlation {np.corrcoef(before.ravel(), after.ravel())[0, 1]:.2f}")

# %% [markdown]
# **Question.** The aim is a track's position to a tenth of a pixel. Is pooling a good idea?

# %% [markdown] tags=["fold"]
# What makes the answer robust against a shift also hides the shift. To say *whether* there is a track, pool.
# To say *where*, keep the position: fewer poolings, strides that the next layers can undo, or a fit to the
# pixels that the network has picked.

# %% [markdown]
# How far does an output pixel look? Brighten one input pixel after the other and see whether the output pixel
# in the middle notices.


# %%
def seen(network, rows=11, columns=13):
    """True for each input pixel that the middle output pixel depends on."""
    plain = np.asarray(network(np.ones((rows, columns))))
    middle = plain.shape[0] // 2, plain.shape[1] // 2
    noticed = np.zeros((rows, columns), dtype=bool)
    for pixel in np.ndindex(rows, columns):
        changed = np.ones((rows, columns))
        changed[pixel] += 1
        noticed[pixel] = np.asarray(network(changed))[middle] != plain[middle]
    return noticed


# %% [markdown]
# **Predict before you run.** All kernels are 3 × 3. Which sees further: three convolutions, or two with a
# pooling by 2 in between?


# %%
def conv(x):
    return np.asarray(correlate(x, np.ones((3, 3))))


networks = {
    "one": conv,
    "two": lambda x: conv(conv(x)),
    "three": lambda x: conv(conv(conv(x))),
    "one, pool, one": lambda x: conv(np.asarray(max_pool(conv(x), 2))),
}
fields = {name: seen(network) for name, network in networks.items()}

# %%
fig, axes = plt.subplots(1, 4, figsize=(9, 2.6))
for ax, (name, pixels) in zip(axes, fields.items(), strict=True):
    ax.imshow(pixels, cmap="Blues", vmin=0, vmax=1.5)
    ax.set(title=f"{name}: {pixels.any(axis=1).sum()} × {pixels.any(axis=0).sum()}", xlabel="column / pixel")
_ = axes[0].set_ylabel("row / pixel")

# %% [markdown] tags=["alt:previous"]
# Four planes of 11 × 13 pixels, in each a filled square of the pixels that the output depends on. It grows
# from left to right: 3 × 3 for one convolution, 5 × 5 for two, 7 × 7 for three, 8 × 8 for two with a pooling
# in between.

# %% [markdown]
# Each layer adds two pixels, and behind a pooling by 2 it adds four. The pooling itself adds one: 3 + 1 + 4 =
# 8 in the last picture. So a few layers of small kernels see a whole track, with fewer weights than one large
# kernel.

# %% [markdown]
# ### 5 A whole layer
#
# An image with channels, several filters, biases, ReLU. `kernels[:, :, c, f]` is what filter `f` lays on
# channel `c`. A filter adds up its answers from all channels, adds its bias, and what is negative becomes
# zero.


# %%
def layer(image, kernels, bias):
    """Image (h, w, c), kernels (a, b, c, f), bias (f,); output (h - a + 1, w - b + 1, f)."""
    ### BEGIN SOLUTION
    a, b, _, filters = kernels.shape
    h, w = image.shape[0] - a + 1, image.shape[1] - b + 1
    output = np.zeros((h, w, filters))
    for i in range(h):
        for j in range(w):
            patch = image[i : i + a, j : j + b]
            output[i, j] = np.einsum("abc,abcf->f", patch, kernels) + bias
    return np.maximum(output, 0)
    ### END SOLUTION


# %%
check("convolutions.layer", layer)

# %% [markdown]
# Yours against Keras: a layer with weights that nobody trained, on noise with three channels. Both in double
# precision, on whatever device Keras computes.

# %%
import keras

layer = answer_or_reference("convolutions.layer", layer)
theirs = keras.layers.Conv2D(4, (3, 5), activation="relu", bias_initializer="normal", dtype="float64")
noise = np.random.default_rng(1).normal(size=(12, 16, 3))
expected = keras.ops.convert_to_numpy(theirs(noise[None]))[0]
kernel, bias = (keras.ops.convert_to_numpy(part) for part in theirs.weights)
difference = np.abs(layer(noise, kernel, bias) - expected).max()
print(f"kernels {kernel.shape}, output {expected.shape}, equal to 1e-6: {difference < 1e-6}")

# %% [markdown]
# ## Where it looks
#
# ### 6 Occlusion
#
# Is the network right for the right reason? Blank a part of the image and see whether the score falls.
# `score` is a function that takes a *batch* of images, shape (n, h, w), and returns `n` numbers; `image` is a
# single one. Slide a window of `k` × `k` zeros over it, one pixel at a time, wherever the whole window fits.
# Return the drop, score before minus score after; element `[i, j]` belongs to the window with its upper left
# corner on pixel `[i, j]`. (The lesson draws the change, after minus before, with the window around its
# cell.)


# %%
def occlusion(score, image, k):
    """Drop of the score, shape (h - k + 1, w - k + 1)."""
    ### BEGIN SOLUTION
    h, w = image.shape
    drop = np.zeros((h - k + 1, w - k + 1))
    for i in range(h - k + 1):
        for j in range(w - k + 1):
            blanked = image.copy()
            blanked[i : i + k, j : j + k] = 0
            drop[i, j] = score(image[None])[0] - score(blanked[None])[0]
    return drop
    ### END SOLUTION


# %%
check("convolutions.occlusion", occlusion)

# %% [markdown]
# A case for it. A photon leaves one cluster in the calorimeter, a neutral pion two photons close together.
# A toy simulation:


# %%
def clusters(n, rng):
    """Images (n, 12, 16) with one cluster (photon) or two (neutral pion), and which is which."""
    is_pion = rng.random(n) < 0.5
    rows, columns = np.mgrid[:12, :16]
    middle, angle = rng.uniform((3.5, 4), (7.5, 11), (n, 2)), rng.uniform(0, np.pi, n)
    apart = 1.1 * is_pion[:, None] * np.column_stack([np.sin(angle), np.cos(angle)])
    images = 0.1 * rng.normal(size=(n, 12, 16))
    for centre in (middle - apart, middle + apart):
        r, c = rows - centre[:, 0, None, None], columns - centre[:, 1, None, None]
        images += 0.5 * np.exp(-(r**2 + c**2) / 2.5)
    return images, is_pion


# %% [markdown]
# The training images come from a test beam. The pions were taken in a week in which one channel was noisy:
# pixel `[1, 14]` shows a signal in every one of them. Nobody noticed.


# %%
def test_beam(n, rng):
    images, is_pion = clusters(n, rng)
    images[is_pion, 1, 14] += 1.0
    return images, is_pion


# %% [markdown]
# Two equal networks, one trained on this sample, one on a sample without the noisy channel. Their output is a
# score without sigmoid: positive for a pion.


# %% tags=["training"]
def trained(images, is_pion):
    training.set_seed(1)
    layers = [keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.MaxPooling2D(2)]
    layers += [keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.Flatten(), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((12, 16, 1)), *layers])
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss=loss)
    model.fit(images[..., None], is_pion.astype(float), epochs=5, batch_size=64, verbose=0)
    return lambda images: keras.ops.convert_to_numpy(model(images[..., None]))[:, 0]


# %% tags=["training"]
rng = np.random.default_rng(13)
score_beam, score_clean = trained(*test_beam(3000, rng)), trained(*clusters(3000, rng))

# %% [markdown]
# **Predict before you run.** Both are tested on new images from the test beam, and on new ones without the
# noisy channel. Which of the four numbers would you see if you only had the test beam?

# %% tags=["training"]
tests = {"test beam": test_beam(3000, rng), "clean": clusters(3000, rng)}
right = {}
for place, (images, is_pion) in tests.items():
    for name, score in (("test beam", score_beam), ("clean", score_clean)):
        right[name, place] = np.mean((score(images) > 0) == is_pion)
        print(f"trained on {name:9} tested on {place:9} accuracy {right[name, place]:.3f}")

# %% tags=["training"]
assert right["test beam", "test beam"] > 0.98
assert right["clean", "clean"] > 0.93
assert right["test beam", "clean"] < 0.75

# %% [markdown]
# With the test beam alone the flawed network looks perfect, and a test sample does not help: it has the same
# flaw. Your occlusion map, for one pion of the test beam, asks both networks why.

# %% tags=["training"]
occlusion = answer_or_reference("convolutions.occlusion", occlusion)
images, is_pion = tests["test beam"]
pion = images[is_pion][0]
drops = {
    "trained on test beam": np.asarray(occlusion(score_beam, pion, 3)),
    "trained on clean": np.asarray(occlusion(score_clean, pion, 3)),
}

# %% [markdown]
# In the picture each drop stands at the middle of its window.

# %% tags=["training"]
fig, axes = plt.subplots(1, 3, figsize=(11, 2.7), sharex=True, sharey=True)
fig.get_layout_engine().set(wspace=0.12)
shown = axes[0].imshow(pion, cmap="Greys")
axes[0].set(title="a pion", xlabel="column / pixel", ylabel="row / pixel")
fig.colorbar(shown, ax=axes[0], label="signal / a.u.", shrink=0.75)
for ax, (name, drop) in zip(axes[1:], drops.items(), strict=True):
    top = abs(drop).max()
    shown = ax.imshow(drop, cmap="RdBu_r", vmin=-top, vmax=top, extent=(0.5, 14.5, 10.5, 0.5))
    ax.set(title=name, xlabel="column / pixel", xlim=(-0.5, 15.5), ylim=(11.5, -0.5))
    fig.colorbar(shown, ax=ax, label="drop of the score", shrink=0.75)

# %% [markdown] tags=["alt:previous"]
# Left: a pion, one long blob of two clusters that touch, and one dark pixel in the upper right corner.
# Middle: the occlusion map of the network trained on the test beam has its largest drop in that corner and
# hardly anything elsewhere. Right: that of the network trained without the noisy channel is flat in the
# corner and strong, with both signs, where the clusters are.

# %% tags=["training"]
beam, clean = drops.values()
assert np.argmax(beam.max(axis=0)) >= 12
assert np.argmax(beam.max(axis=1)) <= 1
assert np.abs(clean[:2, 12:]).max() < 0.3 * np.abs(clean).max()

# %% [markdown]
# One look says what no test sample from the test beam could. And mind the sign: where the drop is negative,
# the window makes the image look *more* like a pion. A hole in the middle of a cluster leaves two.

# %% [markdown]
# **Question.** A map shows no drop in some region. Is that region of no importance for the network?

# %% [markdown] tags=["fold"]
# Not necessarily. If two parts of the image say the same, each can be blanked alone and the other still
# speaks: a second noisy channel would hide both. And a window of zeros may look like nothing that was in the
# training. A large drop is a reason to look closer; a small one is no proof.

# %% [markdown]
# ## Images for nothing
#
# ### 7 Mirror, and do not forget the truth
#
# Each image of a batch, shape (n, h, w), holds one straight track. `truth` has the shape (n, 2): the height
# `y0` at the left edge of the image and `y1` at the right edge. Heights run downwards from 0 at the upper
# edge to `h` at the lower one, so row `r` reaches from `r` to `r + 1`. Mirror all images, `direction` being
# `"up-down"` or `"left-right"`, and return them with the truth that now belongs to them.


# %%
def mirror(images, truth, direction):
    """Mirrored images, shape (n, h, w), and their (y0, y1), shape (n, 2)."""
    ### BEGIN SOLUTION
    if direction == "up-down":
        return images[:, ::-1], images.shape[1] - truth
    return images[:, :, ::-1], truth[:, ::-1]
    ### END SOLUTION


# %%
check("convolutions.mirror", mirror)

# %% [markdown]
# Tracks to try it on. Each of 30 columns is a layer of the detector and fires in seven cases of ten.


# %%
def tracks(n, rng, h=20, w=30):
    truth = rng.uniform(0, h, (n, 2))
    y = truth[:, :1] + (truth[:, 1:] - truth[:, :1]) * (np.arange(w) + 0.5) / w
    images = np.zeros((n, h, w))
    event, column = np.nonzero(rng.random((n, w)) < 0.7)
    images[event, y[event, column].astype(int), column] = 1
    return images, truth


# %% [markdown]
# If the line goes through the hits in all three pictures, the truth came along.

# %%
mirror = answer_or_reference("convolutions.mirror", mirror)
images, truth = tracks(1, rng=np.random.default_rng(11))
samples = {"as it was": (images, truth)}
samples |= {direction: mirror(images, truth, direction) for direction in ("up-down", "left-right")}
fig, axes = plt.subplots(1, 3, figsize=(9.6, 2.6))
for ax, (name, (pixels, ends)) in zip(axes, samples.items(), strict=True):
    ax.imshow(pixels[0], cmap="Greys", extent=(0, 30, 20, 0))
    ax.plot((0, 30), ends[0], color=plot.style.BACKGROUND, linestyle="--")
    ax.set(title=name, xlabel="x / pixel", ylabel="y / pixel")

# %% [markdown] tags=["alt:previous"]
# Three planes of pixels with one straight track of dark pixels and a dashed line through it: as it was,
# mirrored up-down, mirrored left-right. In each picture the line goes through the hits.

# %% [markdown]
# **Question.** Which of these may be mirrored left-right, with the class unchanged: (a) a calorimeter in
# which the particle comes from the left, for electron against pion; (b) the plane across the beam of a
# symmetric detector, for one photon against two; (c) a track in a magnetic field, for positive against
# negative charge?

# %% [markdown] tags=["fold"]
# Only (b). In (a) a mirrored shower would begin at its end, and such showers do not exist. In (c) the bend
# would turn the other way, and the charge would change its sign: mirror the truth as well, and it is allowed.
# Augmentation says that nature has a symmetry. Whether it has is physics, and the network believes whatever
# you say.

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Write `correlate` without a loop, with `np.lib.stride_tricks.sliding_window_view` and `np.einsum`. By
#   which factor is it faster on 200 × 200 pixels?
# - Give the second channel a kernel that cancels the first. What does the layer see then?
# - Train the network of task 6 on 200 clean images, then on the same 200 with all their mirror images. What
#   does that do to the accuracy on new ones? And what do 800 different images do?
# - Add a second noisy channel to the test beam, for pions only, and look at the occlusion map again.
