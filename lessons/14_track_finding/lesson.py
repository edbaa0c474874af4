# ---
# course:
#   title: Finding one track
#   minutes: 75
#   objectives:
#     - say why least squares fails among noise hits, and what a robust fit does about it
#     - write the likelihood of an image for a line, and scan all lines for the best
#     - train a network that returns the parameters of a track, and judge it by efficiency and resolution
#     - let a network predict its own uncertainty, and test it by pulls and by the probability of χ²
#     - notice without the truth that the data are not those of the training
#   requires: [04_neural_network, 13_convolutions]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Finding one track
#
# A particle crosses a detector of 28 layers on a straight line. Each layer is a column of 28 pixels. The
# pixel that is crossed fires with a probability of 70 %. And every pixel fires by itself, from noise, with
# 5 %.
#
# At which height $y_0$ did the particle come in, at which $y_1$ did it go out? Give your guess before you
# read on.

# %%
from hepml_course import plot
from hepml_course.simulate import pixel_plane

test = pixel_plane(10_000, rng=141)
event = 22
_ = plot.plane(test.images[event])

# %% [markdown] tags=["alt:previous"]
# A plane of 28 columns and 28 rows. Some sixty pixels are grey. Most are scattered evenly; about twenty line
# up, with gaps, along one straight line.

# %% [markdown]
# The plane is a toy of lecture 001, made by simulation. It has no magnetic field, no multiple scattering, no
# charge that two pixels share. Distrust whatever hangs on that. What it keeps is the problem of every
# tracker: which hits belong together?
#
# Row $r$ reaches from $y=r$ to $r+1$. A track counts as found if the answer is within 5 pixels of it in
# *every* column. That is the lecture's rule. It is generous, so we also ask for 2 pixels and for 1.
#
# ## The simplest thing: a straight line through all hits
#
# Least squares. Every hit has the same say.

# %%
import numpy as np

row, column = np.nonzero(test.images[event])
line = np.polyfit(column, row + 0.5, 1)
ends = np.polyval(line, [0, 27])
_ = plot.plane(test.images[event], truth=test.tracks[event], found={"least squares": ends})

# %% [markdown] tags=["alt:previous"]
# The same image. The true track, a thin black line, runs through the hits that line up. The least-squares
# line is dashed and runs somewhere else: flatter, and closer to the middle of the plane.

# %% [markdown]
# (If your guess was near $y_0={{ test.tracks[event, 0, 0]:.1f }}$ and
# $y_1={{ test.tracks[event, 0, 1]:.1f }}$, your eye is better.) The line is off by
# {{ np.abs(ends - test.tracks[event, 0]).max():.1f }} pixels at most: by the generous rule even this counts
# as found. Most are worse. The package does the same for ten thousand images at once.

# %%
from hepml_course.metrics import match
from hepml_course.tracking.fits import least_squares

found = {"least squares": least_squares(test.images)}
efficiency = match(test.tracks, found["least squares"]).efficiency
print(f"least squares: {efficiency} found within 5 pixels")

# %% [markdown]
# **Predict before you run.** Plot the $y_0$ that was found against the true one. Where do the points lie:
# around the diagonal with a large spread, or somewhere else?

# %%
import matplotlib.pyplot as plt

true_y0, found_y0 = test.tracks[:, 0, 0], found["least squares"][:, 0]
fig, ax = plt.subplots()
ax.plot(true_y0[:1500], found_y0[:1500], ".", ms=3, alpha=0.5, label="one image")
ax.plot([0, 28], [0, 28], color="black", lw=1, label="found = true")
ax.legend(loc="upper left")
_ = ax.set(xlabel="true $y_0$ / pixel", ylabel="found $y_0$ / pixel", xlim=(0, 28), ylim=(0, 28))

# %% [markdown] tags=["alt:previous"]
# Found against true y0. The points form a broad band that is much flatter than the diagonal and crosses it at
# 14 pixels: low tracks are found too high, high ones too low.

# %% [markdown]
# Somewhere else. Least squares is linear in the heights of the hits. What it finds is a weighted mean of the
# track and of the noise, and the noise averages to the middle of the plane. So the answer should be shrunk
# towards 14 by the share of hits that the track owns.

# %%
from_track = test.hits.sum() / test.images.sum()
slope = np.polyfit(true_y0, found_y0, 1)[0]
print(f"share of hits from the track: {from_track:.2f}   slope of the band: {slope:.2f}")

# %% [markdown]
# It is. More hits of the same kind would not help: the bias stays. One could divide by the share, if one knew
# it, and would keep the width of the band.
#
# ## Fits that do not believe every hit
#
# The square is to blame. A hit 10 pixels away pulls 10 times as hard as one at 1 pixel. A **robust** fit
# replaces $r^2$ by a loss that grows more slowly: soft-L1 like $|r|$, Cauchy like $\log(1+r^2)$. Scipy's
# `least_squares` knows both. It needs a place to start, and starts with the line above.
#
# **RANSAC**, for random sample consensus, goes another way. It draws two hits, looks how many others are
# near the line through them, and repeats that up to 200 times. The line with the most friends wins.

# %%
from hepml_course.tracking.fits import ransac, robust

for loss, name in (("soft_l1", "soft-L1"), ("cauchy", "Cauchy")):
    found[name] = np.array([robust(image, loss=loss) for image in test.images[:500]])
found["RANSAC"] = np.array([ransac(image, rng=k) for k, image in enumerate(test.images[:100])])
for name, lines in found.items():
    efficiency = match(test.tracks[: len(lines)], lines).efficiency
    print(f"{name:13} {len(lines):5d} images, efficiency {efficiency}")

# %% [markdown]
# Soft-L1 helps, Cauchy helps more, and RANSAC loses none of its hundred. (Its ± 0 is the trap of lesson 05. A
# hundred of a hundred says: above {{ 100 / 101:.2f }}, with one standard deviation by Wilson's interval.)
#
# **Question.** Cauchy's loss nearly ignores distant hits. Why does it still lose tracks that anybody can see?

# %% [markdown] tags=["fold"]
# A loss that flattens out has many minima. The fit rolls into the one next to its start, and the start is the
# least-squares line, often ten pixels off. There Cauchy sees noise nearby and the track far away, and it
# ignores what is far away. A robust fit needs to be told where the track is. RANSAC does not start anywhere;
# it tries. That is the difference between *fitting* a track and *finding* it.

# %% [markdown]
# ## The limit: look at every line there is
#
# For one track we can do what no fit does: try all lines. And since the simulation has given us its two
# numbers, we know what an image says about a line.
#
# Take noise $p$ and hit efficiency $\varepsilon$. A pixel *off* the line fires with probability $p$. A pixel
# *on* the line stays silent only if neither the track nor the noise makes it fire, so it fires with
# $1-(1-p)(1-\varepsilon)$. Divide the probability of what was seen by the one without a track, take the
# logarithm, add up. The pixels off the line cancel. This is the log-likelihood ratio of "a track there" to
# "noise only", and no statistic knows more.
#
# All lines, two per pixel at each end:

# %%
middle = (np.arange(56) + 0.5) / 2
first, last = np.meshgrid(middle, middle, indexing="ij")
columns = np.arange(28)
rows = np.floor(first[..., None] + (last - first)[..., None] * columns / 27).astype(int)


# %%
def log_ratio(image, hit_efficiency=0.7, noise=0.05):
    """Logarithm of P(image | track on the line) / P(image | noise only), shape (56, 56)."""
    fired = np.log((1 - (1 - noise) * (1 - hit_efficiency)) / noise)
    silent = np.log((1 - noise) * (1 - hit_efficiency) / (1 - noise))
    return np.where(image[rows, columns], fired, silent).sum(axis=-1)


fired, silent = np.log((1 - 0.95 * 0.3) / 0.05), np.log(0.3)
print(f"{rows[..., 0].size} lines; a hit is worth {fired:+.2f}, a silent pixel {silent:+.2f}")

# %% [markdown]
# A line with 20 hits of 28 collects {{ 20 * np.log(0.715 / 0.05) + 8 * np.log(0.3):.0f }}. **Predict:** the
# map of all lines has $y_0$ to the right and $y_1$ upwards. What does *one hit* of the image look like in
# there?

# %%
ratio = log_ratio(test.images[event])
best = np.unravel_index(ratio.argmax(), ratio.shape)
answer = {"best line": middle[list(best)]}
fig, axes = plt.subplots(1, 2, figsize=(9.6, 4.2))
plot.plane(test.images[event], truth=test.tracks[event], found=answer, legend=False, ax=axes[0])
_ = plot.hough_plane(ratio, truth=test.tracks[event], found=answer, label="log likelihood ratio", ax=axes[1])

# %% [markdown] tags=["alt:previous"]
# Left, the image with the true track and the best line of the scan, which lie on top of each other. Right,
# the map over all lines, blue below zero, white at zero, red above: light straight bands, some upright,
# some level, most falling to the right, cross a blue plane. Where many of them meet it is pale red, and
# there a ring marks the truth and a cross the best line.

# %% [markdown] tags=["fold"]
# All lines through one pixel of column $c$: with $t=c/27$ the height there, $y_0(1-t) + y_1t$, is fixed, so
# it is a straight band. A hit is a band, a track is a point where twenty bands meet. Turning lines into
# points in this way is Hough's idea, of 1959, for photographs of bubble chambers.

# %% [markdown]
# For ten thousand images the package multiplies them with a matrix of all lines. Same likelihood, same
# grid, same answer. If all lines are equally probable beforehand, the best one is the most probable one,
# *once these two numbers are known*; `window=0` asks for just that. It is not the best answer to every
# question. If being within 5 pixels is all that counts, one should add up the probability around each line
# and take the window that holds most of it; that is what `scan` does without `window=0`. In crowded images
# it finds more. At 5 % noise it makes no difference.

# %%
from hepml_course.tracking.likelihood import refine, scan

found["likelihood scan"] = scan(test.images, window=0)[:, 0]
print("same line as ours:", np.array_equal(found["likelihood scan"][event], middle[list(best)]))
print(f"efficiency {match(test.tracks, found['likelihood scan']).efficiency:.4f}")

# %% [markdown]
# (± 0.0000 is the same trap as RANSAC's. None lost of ten thousand says: above
# {{ 10_000 / 10_001:.4f }}.)
#
# The grid of half pixels limits the precision. So take the mean of the likelihood around the best line, on a
# finer grid. Apart from the steps of the grid, no answer has a smaller squared error on average.

# %%
found["scan + mean"] = refine(test.images, found["likelihood scan"][:, None])[:, 0]

# %% [markdown]
# ## A network that returns the track
#
# The scan knows what a line is, what noise is, and both probabilities. The lecture's network knows none of
# it. It sees images and the right answer for each: two numbers. It has to find out that lines exist.
#
# The convolutions are those of lesson 13. The last layer has two outputs without activation, $y/14 - 1$ at
# both ends, between −1 and 1. This is **regression**.

# %% tags=["training"]
import keras
from keras import layers

from hepml_course.training import set_seed


def network(outputs):
    conv = {"padding": "same", "activation": "relu"}
    return keras.Sequential([
        keras.Input((28, 28), dtype="uint8"), layers.Rescaling(1.0), layers.Reshape((28, 28, 1)),
        layers.Conv2D(8, 5, **conv), layers.MaxPooling2D(),
        layers.Conv2D(16, 3, **conv), layers.MaxPooling2D(),
        layers.Conv2D(16, 3, **conv), layers.Flatten(),
        layers.Dense(32, activation="relu"), layers.Dense(outputs),
    ])  # fmt: skip


# %% [markdown]
# Which loss? The mean squared error has the old disease: a few lost tracks, 10 pixels off, outweigh thousands
# of good ones. **Huber**'s loss is quadratic for small residuals and linear beyond 0.1, which is 1.4 pixels
# here. It is the same medicine as in the robust fit.
#
# And the data? The generator makes a hundred thousand images in a second or two. So every round gets new
# ones, and no image is used twice. The learning rate falls to zero along a cosine.


# %% tags=["training"]
def train(model, loss, rounds, rate, rng):
    """Rounds of 20,000 fresh images each."""
    schedule = keras.optimizers.schedules.CosineDecay(rate, rounds * 200)
    model.compile(keras.optimizers.Adam(schedule), loss=loss)
    for k in range(rounds):
        fresh = pixel_plane(20_000, rng=rng)
        history = model.fit(fresh.images, fresh.tracks[:, 0] / 14 - 1, batch_size=100, verbose=0)
        print(f"{(k + 1) * 20_000:7,} images: loss {history.history['loss'][0]:+.4f}")


# %% [markdown]
# **Question.** Lesson 06 watches the validation loss during training, for overfitting. Where is it here?

# %% [markdown] tags=["fold"]
# The printed loss is itself a validation loss. Each image is predicted before it teaches, and it never
# comes back. Nothing can be memorised. This is the luxury of a fast simulation, and it has a price: the
# network can only be as right as the simulation.

# %% tags=["training"]
set_seed(14)
cnn = network(2)
train(cnn, keras.losses.Huber(0.1), rounds=6, rate=6e-3, rng=np.random.default_rng(142))
print(f"{cnn.count_params():,} weights")


# %% [markdown]
# Its answers on the test images, in pixels. And the lecture's chain: the network *finds* the track, then a
# robust fit *measures* it. The fit is `trimmed`. It starts at the network's line and lets hits more than
# 1.5 pixels away count nothing. It takes several lines for each image, shape (n, k, 2), hence the
# `[:, None]`: one.


# %% tags=["training"]
from hepml_course.tracking.fits import trimmed


def find(images):
    return 14 * (1 + cnn.predict(images, batch_size=500, verbose=0))


found["CNN"] = find(test.images)
found["CNN + fit"] = trimmed(test.images, found["CNN"][:, None])[:, 0]

# %% [markdown]
# ## One table for all
#
# **Predict before you run.** Rank them at 5 pixels: Cauchy, RANSAC, scan, CNN. Then rank them by the width of
# the residuals at mid-plane.
#
# Residuals are those of found tracks: at mid-plane, half way between the first column and the last, where the
# height is $(y_0+y_1)/2$, and of the slope. The width is half of the interval that holds the central 68.3 %.

# %% tags=["training"]
import pandas as pd

from hepml_course.metrics import residuals, robust_width

lines = {}
for name, answer in found.items():
    truth = test.tracks[: len(answer)]
    shares = [match(truth, answer, tolerance).efficiency for tolerance in (5, 2, 1)]
    position, slope = residuals(match(truth, answer))
    widths = f"{robust_width(position)}", f"{robust_width(slope):.4f}"
    lines[name] = [len(answer), *(f"{share:.4f}" for share in shares), *widths]
header = ["images", "within 5 px", "2 px", "1 px", "mid-plane / px", "slope / (px/column)"]
pd.DataFrame(lines, index=header).T

# %% [markdown] tags=["training"]
# The network finds nearly every track, from examples alone. But within 5 pixels there is little left to
# compete for: the scan misses none of ten thousand, and RANSAC none of a hundred. Nobody needs a network for
# *this* noise. What it has is that nobody must tell it the probabilities.
#
# Mind how the generous rule flatters it: at 1 pixel it loses
# {{ 100 - 100 * match(test.tracks, found["CNN"], 1).efficiency.value:.0f }} %. The fit that follows repairs
# the precision. It brings back few of the lost ones: within 5 pixels they are
# {{ 100 - 100 * match(test.tracks, found["CNN"]).efficiency.value:.2f }} % before the fit and
# {{ 100 - 100 * match(test.tracks, found["CNN + fit"]).efficiency.value:.2f }} % after it.

# %% tags=["training"]
names = ("Cauchy", "CNN", "CNN + fit", "scan + mean")
at_middle = {name: residuals(match(test.tracks[: len(found[name])], found[name]))[0] for name in names}
ax = plot.residuals(at_middle, reach=1.2)
_ = ax.set_xlabel("position at mid-plane, found − true / pixel")

# %% [markdown] tags=["training", "alt:previous"]
# Residuals at mid-plane of four methods. The CNN's distribution is by far the widest. Cauchy's fit is three
# times narrower, the CNN followed by a fit four times, and the mean of the likelihood is the narrowest.

# %% [markdown]
# ### What the lecture says
#
# Two statements of lecture 001 on this very set-up. The second gives no number. Before measuring we wrote "at
# most 1.5 times" for "only slightly worse".

# %% tags=["training"]
from hepml_course.claims import claim

claim("one-track-efficiency", *match(test.tracks, found["CNN"]).efficiency)

# %% tags=["training"]
widths = {name: robust_width(at_middle[name]) for name in ("CNN", "CNN + fit")}
ratio = widths["CNN"].value / widths["CNN + fit"].value
error = ratio * np.hypot(*(width.error / width.value for width in widths.values()))
claim("one-track-resolution", ratio, error)

# %% tags=["training"]
assert match(test.tracks, found["CNN"]).efficiency.value > 0.98
assert match(test.tracks, found["CNN"], 1).efficiency.value < 0.97
assert 0.06 < widths["CNN + fit"].value < 0.08
assert ratio > 2

# %% [markdown] tags=["training"]
# The efficiency holds. The resolution does not: {{ ratio:.1f }} times the width of the fit is not "slightly".
# Our network is small and was trained for less than a minute. A longer training narrows the gap slowly. The
# lecture does not say how its fit was made, nor how wide either was; distrust the comparison as much as the
# claim. What the fit has and the network has not is the knowledge that a track is straight: it goes back to
# the pixels with two parameters, while the network must learn from examples how hundreds of products add up
# to a height.

# %% [markdown]
# ## Harder images
#
# More noise, or fewer hits. The scan is told the true values each time; Cauchy's fit does not ask; the
# network was trained at 5 % noise and 70 % efficiency and knows nothing else.
#
# **Predict:** at 20 % noise, which of the three suffers most?

# %% tags=["training"]
finders = {
    "likelihood scan": lambda images, **known: scan(images, window=0, **known),
    "Cauchy": lambda images, **known: np.array([robust(i, loss="cauchy") for i in images[:200]]),
    "CNN": lambda images, **known: find(images),
}


def efficiencies(hit_efficiency=0.7, noise=0.05):
    plane = pixel_plane(600, hit_efficiency=hit_efficiency, noise=noise, rng=143)
    known = {"hit_efficiency": min(hit_efficiency, 0.999), "noise": max(noise, 0.001)}
    answers = [finder(plane.images, **known) for finder in finders.values()]
    return [match(plane.tracks[: len(lines)], lines).efficiency for lines in answers]


# %% [markdown]
# (A likelihood must not be told that something is impossible: the logarithm of zero has no mercy. Hence the
# 0.999 and the 0.001.)

# %% tags=["training"]
noises, hit_efficiencies = [0, 0.05, 0.1, 0.2, 0.3, 0.4], [0.3, 0.4, 0.55, 0.7, 0.85, 1]
against_noise = [efficiencies(noise=noise) for noise in noises]
against_hits = [efficiencies(hit_efficiency=share) for share in hit_efficiencies]
fig, axes = plt.subplots(1, 2, figsize=(9.6, 4), sharey=True)
panels = (("noise", noises, against_noise), ("hit efficiency", hit_efficiencies, against_hits))
for ax, (name, x, points) in zip(axes, panels, strict=True):
    curves = dict(zip(finders, zip(*points, strict=True), strict=True))
    plot.efficiency_curves(x, curves, ax=ax).set(xlabel=name, ylim=(0, 1.03))
    ax.label_outer()

# %% [markdown] tags=["training", "alt:previous"]
# Efficiency of scan, Cauchy's fit and CNN, left against noise, right against hit efficiency. The scan stays
# near one up to 20 % noise and falls to about 0.9 at 40 %. The CNN is next to it at 5 %, loses a little at
# 10 % and then falls steeply, to about 0.6 at 20 %. Cauchy's fit falls from the start, and is at about one
# fifth where the CNN meets it, at 40 %. With fewer hits the scan stays near one down to 40 %; the CNN
# leaves it below 55 % and Cauchy's fit falls all the way.

# %% tags=["training"]
at_20 = dict(zip(finders, against_noise[noises.index(0.2)], strict=True))
assert at_20["likelihood scan"].value > 0.98
assert at_20["CNN"].value < 0.85

# %% [markdown] tags=["training"]
# From 5 to 20 % noise the scan loses {{ against_noise[1][0].value - at_20["likelihood scan"].value:.2f }},
# Cauchy's fit {{ against_noise[1][1].value - at_20["Cauchy"].value:.2f }}, the network
# {{ against_noise[1][2].value - at_20["CNN"].value:.2f }}.
#
# As long as the images are like those of its training, or easier, the network stays next to the scan. On
# harder ones it falls off, and the tracks are still there: the scan finds them. So this is no limit of the
# problem. It is a limit of what was taught. We come back to it.

# %% [markdown]
# ## Failures, drawn
#
# Always look at what is lost. The first three test images that the CNN misses, with the scan's answer.

# %% tags=["training"]
lost = np.flatnonzero(match(test.tracks, found["CNN"]).partner[:, 0] < 0)
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.8), sharey=True)
for k, ax in zip(lost, axes, strict=False):
    answers = {name: found[name][k] for name in ("CNN", "likelihood scan")}
    plot.plane(test.images[k], truth=test.tracks[k], found=answers, legend=False, ax=ax).label_outer()
    ax.set_title(f"image {k}: {test.hits[k].sum()} hits on the track")
_ = fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)

# %% [markdown] tags=["training", "alt:previous"]
# Three images. In each the scan's line lies on the true track. In the first and the third, the track rises
# from the lower left to the upper right. In the second it is nearly level, along the upper edge. The left
# end of the CNN's line is 5 to 10 pixels off, towards the middle of the plane; the right end is off by 3
# pixels or less.

# %% [markdown]
# What have the lost ones in common? `test.hits` says in which columns the track itself made its pixel fire.

# %% tags=["training"]
hits, steepness = test.hits[:, 0].sum(axis=1), np.abs(np.diff(test.tracks[:, 0]))[:, 0]
print(f"{len(lost)} lost of {len(test.images):,}")
for name, which in (("all", slice(None)), ("lost", lost)):
    means = hits[which].mean(), steepness[which].mean()
    print(f"{name:5} hits on the track {means[0]:4.1f}   |y1 − y0| {means[1]:4.1f} pixels")
assert hits[lost].mean() < hits.mean() - 1

# %% [markdown] tags=["training"]
# Few hits and steep tracks; and one of the three above runs along an edge. A steep track has both ends near
# an edge: of all tracks {{ 100 * np.mean(steepness > 20):.0f }} % climb or fall by more than 20 pixels.
# There the answer can be wrong in one direction only, inwards. For when the network is in doubt, it does
# what every regression does: it answers with something between the possibilities, towards the middle. Least
# squares did the same. A scan would have chosen.

# %% [markdown]
# ## How sure is it?
#
# A physicist asks for a number *and its error*. The network can be asked, too. Let it predict a whole
# Gaussian for each image: two means, two widths, one correlation. Then the loss is what a likelihood fit
# minimises, the negative logarithm of the probability of the truth. With $r = (y - \mu)/\sigma$ at both ends
# (a pull from now on, no row),
#
# $$ \chi^2 = \frac{r_0^2 - 2\rho\,r_0r_1 + r_1^2}{1-\rho^2}, \qquad
#    -\ln L = \frac{\chi^2}{2} + \ln\sigma_0 + \ln\sigma_1 + \frac{\ln(1-\rho^2)}{2} + \mathrm{const}. $$
#
# The first term wants large errors, the logarithms want small ones. The best bargain is the truth.


# %% tags=["training"]
def gaussian(output):
    """Mean, logarithm of sigma, correlation: what the five outputs stand for."""
    return output[:, :2], output[:, 2:4], 0.99 * keras.ops.tanh(output[:, 4])


def negative_log_likelihood(y, output):
    mean, log_sigma, rho = gaussian(output)
    r0, r1 = keras.ops.unstack((y - mean) * keras.ops.exp(-log_sigma), axis=1)
    chi2 = (r0**2 - 2 * rho * r0 * r1 + r1**2) / (1 - rho**2)
    return chi2 / 2 + keras.ops.sum(log_sigma, axis=1) + keras.ops.log(1 - rho**2) / 2


# %% [markdown]
# The logarithm of $\sigma$ is predicted, so that $\sigma$ is positive whatever comes out; the tanh keeps
# $\rho$ between −1 and 1. All layers but the last are taken over from the trained network. Nobody tells it
# the right $\sigma$: there is no such label.

# %% tags=["training"]
set_seed(15)
unsure = network(5)
for new, old in zip(unsure.layers[:-1], cnn.layers[:-1], strict=True):
    new.set_weights(old.get_weights())
train(unsure, negative_log_likelihood, rounds=3, rate=3e-3, rng=np.random.default_rng(144))


# %% tags=["training"]
def predict(images):
    """Means and widths in pixels, shape (n, 2) each, and the correlation."""
    output = unsure.predict(images, batch_size=500, verbose=0)
    mean, log_sigma, rho = (keras.ops.convert_to_numpy(part) for part in gaussian(output))
    return 14 * (mean + 1), 14 * np.exp(log_sigma), rho


mean, sigma, rho = predict(test.images)
print(f"efficiency {match(test.tracks, mean).efficiency:.4f}")
print(f"typical: sigma {np.median(sigma):.2f} pixels at the ends, correlation {np.median(rho):+.2f}")

# %% [markdown] tags=["training"]
# The network without errors found {{ match(test.tracks, found["CNN"]).efficiency:.4f }}; this one finds
# fewer. In this loss a track that is declared uncertain costs little, and nothing rewards being within 5
# pixels.
#
# **Question.** Why is the correlation between both ends negative?

# %% [markdown] tags=["fold"]
# The middle of the track is known best, and a line turns around it. One end too high, the other too low. That
# is as in every straight-line fit.

# %% [markdown]
# Does the network know when it is unsure? The error in the middle is
# $\sigma^2 = (\sigma_0^2 + \sigma_1^2 + 2\rho\,\sigma_0\sigma_1)/4$. Sort the images by it into five groups,
# and compare with what the residuals do.

# %% tags=["training"]
at_middle = np.mean(mean - test.tracks[:, 0], axis=1)
promised = np.sqrt(sigma[:, 0] ** 2 + sigma[:, 1] ** 2 + 2 * rho * sigma.prod(axis=1)) / 2
for group in np.array_split(np.argsort(promised), 5):
    spread = at_middle[group].std()
    print(f"promised {np.sqrt(np.mean(promised[group] ** 2)):.2f} px, residuals {spread:.2f} px", end="")
    print(f", robust width {robust_width(at_middle[group]).value:.2f} px")

# %% [markdown]
# It does know which images are hard: promise and spread rise together. But look at the last column.
#
# ### Pulls
#
# A **pull** is the residual over its promised error. If mean and $\sigma$ are right and the distribution is
# Gaussian, pulls are Gaussian with width one, whatever $\sigma$ is from image to image.

# %% tags=["training"]
pull = (mean - test.tracks[:, 0]) / sigma
for end, values in zip(("y0", "y1"), pull.T, strict=True):
    width = robust_width(values)
    print(
        f"{end}: mean {values.mean():+.2f}, standard deviation {values.std():.2f}, robust width {width:.2f}"
    )

# %% [markdown]
# ### The probability of χ²
#
# Both ends and their correlation in one number: $\chi^2$, with two degrees of freedom. The probability of a
# larger one is $p = e^{-\chi^2/2}$ (the noise was $p$ before). If every error is right, all $p$ are equally
# frequent, and the histogram is **flat**. How does it look if they are not? Four diseases, simulated:

# %%
rng = np.random.default_rng(145)
z = rng.normal(size=(4, 10_000, 2))
z[0] *= 0.7
z[1] *= 1.4
z[2, :500] *= 6
z[3, :, 1] = 0.9 * z[3, :, 0] + 0.19**0.5 * z[3, :, 1]
fig, axes = plt.subplots(1, 4, figsize=(11, 2.9), sharey=True)
titles = ("errors too large", "errors too small", "5 % outliers", "correlation ignored")
for ax, deviation, title in zip(axes, z, titles, strict=True):
    ax.hist(np.exp(-(deviation**2).sum(axis=-1) / 2), 20, range=(0, 1), density=True)
    ax.axhline(1, color="black", lw=1)
    ax.set(xlabel="probability of χ²", title=title, xlim=(0, 1), ylim=(0, 4))
_ = axes[0].set_ylabel("density")

# %% [markdown] tags=["alt:previous"]
# Four histograms of the probability with a line at density one. Errors too large: rising to the right.
# Errors too small: a peak at zero, whose first bin is cut off at 4, that falls to the right. Five per cent
# of outliers: flat but for a spike in the first bin. Correlation ignored: raised at both ends, with a
# valley in between.

# %% [markdown]
# **Predict:** the pulls above had a standard deviation and a robust width. Which of the pictures, or which
# two of them, will the network's be?


# %% tags=["training"]
def probability(mean, sigma, rho, truth):
    r0, r1 = ((truth - mean) / sigma).T
    return np.exp(-(r0**2 - 2 * rho * r0 * r1 + r1**2) / (1 - rho**2) / 2)


p = probability(mean, sigma, rho, test.tracks[:, 0])
fig, ax = plt.subplots()
ax.hist(p, 20, range=(0, 1), color="C0")
expected = len(p) / 20
ax.axhspan(expected - expected**0.5, expected + expected**0.5, color="gray", alpha=0.5)
_ = ax.set(xlabel="probability of χ²", ylabel="images", xlim=(0, 1))

# %% [markdown] tags=["training", "alt:previous"]
# The network's histogram on the test images, with a grey band for the flat expectation. It starts with a
# spike in the first bin, is below the band in the next ones, and rises from there to the right end, where it
# is above the band.

# %% tags=["training"]
counts = np.histogram(p, 20, (0, 1))[0]
print(f"χ² of a flat histogram: {np.sum((counts - expected) ** 2 / expected):.0f} for 20 bins")
assert 0.75 < pull.std() < 1.4
assert robust_width(pull[:, 0]).value < pull[:, 0].std()
assert counts[-4:].mean() > expected > counts[1:5].mean()

# %% [markdown] tags=["training"]
# Not flat: about 20 would be expected. It is the first picture and the third. For most images the errors
# are somewhat too large, and for a few they are much too small. The standard deviation of the pulls is near
# one, since the training has made it so; it has widened all errors to pay for a few lost tracks. Whoever
# quotes only the standard deviation sees nothing.
#
# The network is not lazy. *A Gaussian* was all we allowed it to say. What it believes is a narrow peak and a
# long tail, and nothing else fits into two widths and a correlation. Give it two Gaussians, or, as lesson 15
# does, a whole map of probabilities.

# %% [markdown]
# ## A failure: the detector gets noisier
#
# Radiation damage. The noise rises from 5 to 20 %, and nobody tells the network. **Predict:** it is unsure
# about hard images. Does its $\sigma$ rise enough?

# %% tags=["training"]
later = pixel_plane(10_000, noise=0.2, rng=146)
mean_later, sigma_later, rho_later = predict(later.images)
p_later = probability(mean_later, sigma_later, rho_later, later.tracks[:, 0])
for noise, plane, m, s in ((5, test, mean, sigma), (20, later, mean_later, sigma_later)):
    share = match(plane.tracks, m).efficiency
    pulls = (m - plane.tracks[:, 0]) / s
    print(f"{noise:2} % noise: efficiency {share}, median sigma {np.median(s):.2f} px", end="")
    print(f", standard deviation of the pulls {pulls.std():.1f}")
print(f"p below 0.01: {np.mean(p_later < 0.01):.0%} of the images")

# %% tags=["training"]
assert match(later.tracks, mean_later).efficiency.value < 0.85
assert np.std((mean_later - later.tracks[:, 0]) / sigma_later) > 2
assert np.mean(p_later < 0.01) > 0.2

# %% [markdown]
# It does not. A predicted error describes the images of the *training*. It has no opinion about others, and
# it does not say so. The likelihood, told the new noise, would still find nearly all tracks.
#
# How would one notice without the truth? First, look at the simplest thing there is.

# %%
from_training = pixel_plane(2000, rng=147).images.mean(axis=(1, 2))
later_images = pixel_plane(10_000, noise=0.2, rng=146).images
print(f"share of pixels that fire: training {from_training.mean():.3f} ± {from_training.std():.3f}", end="")
print(f", now {later_images.mean():.3f}")

# %% [markdown]
# An input that far from the training is an alarm without any network. Second, look at the *output*. A track
# has hits. Let the robust fit start at the network's line, and count the pixels that fired on the fitted
# line. Whoever lost the track will find few. (`match(...).partner` is the index of the answer that belongs to
# each true track, and −1 where there is none within the tolerance, here 2 pixels.)

# %% tags=["training"]
from hepml_course.simulate.tracks import crossed_rows


def hits_on(images, lines):
    """Fired pixels on the line of each image; the line is kept inside the plane."""
    crossed = crossed_rows(np.clip(lines, 0, 27.99)).astype(int)
    return np.take_along_axis(images, crossed[:, None], axis=1).sum(axis=(1, 2))


refitted = trimmed(later.images, mean_later[:, None])[:, 0]
on_track = match(later.tracks, refitted, 2).partner[:, 0] >= 0
hits_later = hits_on(later.images, refitted)
hits_before = hits_on(test.images, trimmed(test.images, mean[:, None])[:, 0])

# %% tags=["training"]
fig, ax = plt.subplots()
bins = np.arange(0, 30) - 0.5
ax.hist(hits_before, bins, density=True, histtype="step", color="black", label="5 % noise, all")
share = np.full(len(hits_later), 1 / len(hits_later))
for which, name, style in ((on_track, "20 %, on the track", "C0"), (~on_track, "20 %, off the track", "C1")):
    ax.hist(hits_later[which], bins, weights=share[which], alpha=0.6, color=style, label=name)
ax.set(xlabel="fired pixels on the fitted line", ylabel="share of images")
_ = ax.legend(loc="upper left")

# %% [markdown] tags=["training", "alt:previous"]
# Fired pixels on the fitted line. At 5 % noise a high peak at 19 to 20 and a barely visible bump around 5.
# At 20 % noise two humps: lines that are on the true track, within 2 pixels, have their peak at 22 and a
# tail down to 10; the others lie around 10. Between 12 and 18 they overlap a little.

# %% tags=["training"]
enough = hits_later >= 16
print(f"before: {np.mean(hits_before >= 16):.3f} of the images have 16 hits or more")
print(
    f"now:    {np.mean(enough):.3f} of the images; {np.mean(on_track[enough]):.3f} of these are on the track"
)
assert np.mean(hits_before >= 16) > 0.85
assert np.mean(on_track[enough]) > 0.85

# %% [markdown]
# No truth is needed for the black histogram or for the sum of the two others, and they show both: that
# something is wrong, and with which images. A cut at 16 keeps a pure sample of tracks. This is old wisdom of
# tracking: the finder proposes, the fit disposes.
#
# **Question.** What would you do about the network? (a) raise its errors by the factor found at 20 %, (b)
# train it with noise between 1 and 40 %, (c) train a second one at 20 %

# %% [markdown] tags=["fold"]
# (b), and keep the monitor. (c) works as long as somebody knows the noise, and tells. (a) repairs the pulls
# of one noise level and not one lost track. Lesson 15 trains over the whole range with a network that
# estimates the noise first.

# %% [markdown]
# ## Move it
#
# Scan, network and the chain of both, live. Raise the noise until you lose the track yourself. Who loses it
# first? Then ask for two tracks: the network has two outputs and has never seen such an image. What does it
# answer?

# %% tags=["training", "widget"]
from functools import partial

from hepml_course.widgets import track_display


def one_of(images, tracks):
    """The network's only track; the others stay open."""
    return np.pad(find(images)[:, None], ((0, 0), (0, tracks - 1), (0, 0)), constant_values=np.nan)


live = {"scan": partial(scan, window=0), "CNN": one_of}
live["CNN + fit"] = lambda images, tracks: trimmed(images, one_of(images, tracks))
track_display(live, noise=0.15, rng=148)

# %% [markdown] tags=["training", "alt:previous"]
# A plane at 15 % noise. The true track is a thin solid line, and the answers of scan, CNN and CNN with fit
# are broken coloured lines. The scan lies on the track.

# %% [markdown] tags=["fold"]
# Above 5 % noise mostly the network, and with it the fit that starts at its line. With two tracks its two
# numbers are still one line, wherever that is, and nothing in the answer says that there was a second. A
# scan that is asked for two looks for two.

# %% [markdown]
# ## Summary
#
# - Least squares believes every hit and is pulled to the middle by the share of the noise. Robust losses
#   repair that only from a start near the track. *Finding* is a search, *fitting* is a refinement.
# - The likelihood of all lines is the limit. It takes ten lines of numpy, and two probabilities that somebody
#   has to know.
# - A small CNN learns from images and the right answers to find more than 99 % within 5 pixels. Its
#   resolution is several times worse than that of a fit, so let a fit follow.
# - Always put the limit and the cheap method into the table. Here RANSAC, untrained, measures several times
#   more precisely than the network.
# - A network can predict its errors. Test them: pulls, and a flat probability of χ². A standard deviation of
#   one proves little.
# - Predicted errors hold for images like those of the training. Watch inputs, and count hits on the line.
#
# Now you: `exercises/14_track_finding.ipynb`.
