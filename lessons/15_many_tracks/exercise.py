# ---
# course:
#   title: Many tracks, found by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Many tracks, found by you
#
# Six functions: what counts as found, hits on lines, what a hit says, the search that explains hits away, a
# loss without an order, and a threshold. Write your answer in place of the `...`, run the cell, run the check
# below it. A check can be run as often as you like. If you are stuck, open a cell of your own and ask for
# help, more than once if needed:
#
#     hint("many_tracks.hough")
#
# As in the lesson a track is the pair $(y_0, y_1)$ of its heights in the first and in the last column, in
# pixels. Row `r` reaches from $y = r$ to $r + 1$; row 0 is drawn at the bottom.

# %%
from itertools import permutations

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import linear_sum_assignment

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.metrics import match
from hepml_course.simulate import pixel_plane
from hepml_course.tracking.templates import templates

# %% [markdown]
# ## What counts as found
#
# ### 1 Pairs
#
# Of one image you have the true tracks, shape (k, 2), and the found ones, shape (m, 2). A found track may
# stand for a true one if it stays within `tolerance` of it in every column: the larger of $|\Delta y_0|$ and
# $|\Delta y_1|$ is at most `tolerance`. Each track may be in one pair only. There may be fewer found tracks
# than true ones, or more. What is the largest number of pairs?
#
# Trying all orders with `permutations` will do; so will `linear_sum_assignment(matrix, maximize=True)`, which
# returns the rows and the columns of the best choice.


# %%
def matched(truth, found, tolerance):
    """Number of true tracks that were found, one to one."""
    ### BEGIN SOLUTION
    distance = np.abs(truth[:, None] - found).max(axis=-1)
    near = distance <= tolerance
    rows, columns = linear_sum_assignment(near, maximize=True)
    return near[rows, columns].sum()
    ### END SOLUTION


# %%
check("many_tracks.matched", matched)

# %% [markdown]
# The cells in between use your functions where they are right, and the course's own where not.
#
# Here is somebody who does not look at the image. The answer is always the same nine lines, on a grid.
# **Predict before you run.** There are three tracks in each image, and the tolerance is 5 pixels. What is the
# efficiency of the nine lines? And with 2 pixels?

# %%
matched = answer_or_reference("many_tracks.matched", matched)
truth = pixel_plane(500, tracks=3, rng=1501).tracks
thirds = 28 * np.array([1, 3, 5]) / 6
nine = np.stack(np.meshgrid(thirds, thirds), axis=-1).reshape(-1, 2)
for tolerance in (5, 2):
    pairs = sum(matched(tracks, nine, tolerance) for tracks in truth)
    print(f"{tolerance} pixels: efficiency {pairs / (500 * 3):.3f}, false {1 - pairs / (500 * 9):.3f}")

# %% [markdown]
# **Question.** A network claims 87 % of the tracks at 5 pixels. Which two things do you ask?

# %% [markdown] tags=["fold"]
# How many tracks it gives per image, that is, how many of them are false; and what it reaches at 2 pixels. A
# tolerance of 5 makes boxes of 10 × 10 in a plane of 28 × 28, and nine boxes cover it. Why not all tracks,
# then? Two true tracks in one box share one line, and it counts for one of them only. An efficiency without
# its fakes says nothing.

# %% [markdown]
# ## Counting
#
# ### 2 Hits on lines
#
# Given one image of `h` rows and `w` columns, 1 where a pixel fired, and `lines` of shape (l, 2), return the
# number of hits on each line. In column $c$ a line is at the height
#
# $$ y = y_0 + (y_1 - y_0)\,\frac{c}{w - 1}, $$
#
# and it crosses the row that this height lies in. No line leaves the plane, and the plane need not be square.


# %%
def hough(image, lines):
    """Hits on each line, shape (l,)."""
    ### BEGIN SOLUTION
    w = image.shape[1]
    y0, y1 = lines[:, :1], lines[:, 1:]
    y = y0 + (y1 - y0) * np.arange(w) / (w - 1)
    rows = np.floor(y).astype(int)
    return image[rows, np.arange(w)].sum(axis=1)
    ### END SOLUTION


# %%
check("many_tracks.hough", hough)

# %% [markdown]
# A grid of lines, two per pixel at each end, over a plane with three tracks, one that was picked because it
# is nasty. Each line is a point in the right picture.

# %%
hough = answer_or_reference("many_tracks.hough", hough)
plane = pixel_plane(40, tracks=3, noise=0.15, rng=1502)
image, truth = plane.images[26], plane.tracks[26]
lines = templates(bins=2).tracks
counts = np.asarray(hough(image, lines))

# %%
fig, axes = plt.subplots(1, 2, figsize=(10, 4.2))
plot.plane(image, truth=truth, legend=False, ax=axes[0])
_ = plot.hough_plane(counts, truth=truth, label="hits on the line", ax=axes[1])

# %% [markdown] tags=["alt:previous"]
# Left, the plane with three true tracks, one at the top and two below that cross. Right, the Hough plane with
# the number of hits as colour, and a ring for each true track. One ring sits on the darkest spot. Beside the
# second there are lines darker than the one in the ring; the third is in the corner.

# %% [markdown]
# **Predict before you run.** Leave out all lines within 5 pixels of a true track. How many hits has the best
# of the others, compared with the true tracks?

# %%
away = np.abs(lines[:, None] - truth).max(axis=-1).min(axis=1) > 5
print("true tracks:", sorted(np.asarray(hough(image, truth)).tolist()))
ghost = lines[away][counts[away].argmax()]
print(f"best of the others: {counts[away].max()}, at y0 = {ghost[0]}, y1 = {ghost[1]}")

# %% [markdown] tags=["fold"]
# As many as the weakest true track has. A ghost: hits borrowed from a track that it crosses, and noise that
# happens to lie in line. Counting cannot know that the borrowed ones have a better explanation.

# %% [markdown]
# ## What a hit says
#
# ### 3 The weight of a hit
#
# Noise fires a pixel with probability `noise`, and each track through it fires it with probability
# `efficiency`, all independently. A pixel has fired. How much does it speak for one more track through it,
# when `known` tracks go through it already? Return the natural logarithm of
#
# $$ \frac{P(\text{fires} \mid \text{known} + 1\text{ tracks})}{P(\text{fires} \mid \text{known tracks})}. $$


# %%
def weight_of_hit(noise, efficiency, known):
    """What a fired pixel adds to the log likelihood ratio, track or no track; three numbers in, one out."""
    ### BEGIN SOLUTION
    silent = (1 - noise) * (1 - efficiency) ** known
    return np.log((1 - silent * (1 - efficiency)) / (1 - silent))
    ### END SOLUTION


# %%
check("many_tracks.weight_of_hit", weight_of_hit)

# %% [markdown]
# **Predict before you run.** Towards which value does the weight go when the noise goes to 100 %? And where
# do the three curves, for 0, 1 and 2 known tracks, lie?

# %%
weight_of_hit = answer_or_reference("many_tracks.weight_of_hit", weight_of_hit)
noises = np.linspace(0.01, 0.99, 50)
fig, ax = plt.subplots(figsize=(6, 3.8))
for known in (0, 1, 2):
    ax.plot(noises, [float(weight_of_hit(noise, 0.7, known)) for noise in noises], label=f"{known} known")
ax.axhline(-np.log(0.3), color="black", linestyle=":", label="a silent pixel, sign changed")
ax.set(xlabel="noise", ylabel="weight of a hit", xlim=(0, 1), ylim=(0, None))
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Three curves that fall to zero at 100 % noise. That for no known track starts high and crosses the dotted
# line of a silent pixel at a little more than 20 %; those for one and two known tracks lie far below the
# dotted line everywhere.

# %% [markdown]
# **Question.** Left of the crossing a hit on a free pixel speaks louder for a line than a silent pixel speaks
# against it. Why does even one known track turn that round at any noise?

# %% [markdown] tags=["fold"]
# The known track fires its pixel seven times out of ten. Such a pixel is lit anyway, and one more track
# hardly raises the probability. A missing hit stays what it was: if a track passes, three times in ten it
# stays silent, whoever else passes.

# %% [markdown]
# ## One after the other
#
# ### 4 Search, and explain away
#
# `rows[i, c]` is the row that line `i` crosses in column `c`. `weight(image, known)` gives the weight of each
# pixel, fired or silent, an array like the image; `known` is an array of whole numbers of the same shape: how
# many of the lines found so far go through each pixel. Add up the weights along all lines, take the one with
# the largest sum among the lines *not yet found*, and make its pixels known. Do so `k` times. Return the
# indices of the k lines, in the order in which they were found.


# %%
def search(image, rows, weight, k):
    """Indices of k different lines, in the order of the search."""
    ### BEGIN SOLUTION
    known, columns = np.zeros(image.shape, dtype=int), np.arange(image.shape[1])
    found = []
    for _ in range(k):
        sums = weight(image, known)[rows, columns].sum(axis=1)
        sums[found] = -np.inf
        found.append(int(sums.argmax()))
        known[rows[found[-1]], columns] += 1
    return found
    ### END SOLUTION


# %%
check("many_tracks.search", search)

# %% [markdown]
# One search, three opinions about a pixel: it counts as a hit; it counts if it is not used up by a known
# line; it has the weight of task 3.


# %%
def count(image, known):
    return 1.0 * image


def count_free(image, known):
    return 1.0 * image * (np.asarray(known) == 0)


def explain(noise, efficiency=0.7):
    hit = np.array([float(weight_of_hit(noise, efficiency, known)) for known in range(9)])
    return lambda image, known: np.where(image > 0, hit[np.asarray(known, dtype=int)], np.log(1 - efficiency))


# %% [markdown]
# **Predict before you run.** What are the three lines that `count` finds in the image above?

# %%
search = answer_or_reference("many_tracks.search", search)
rows = templates(bins=2).rows
weights = {"count": count, "count free hits": count_free, "explain": explain(0.15)}
fig, axes = plt.subplots(1, 3, figsize=(12, 3.6), sharey=True)
for ax, (name, weight) in zip(axes, weights.items(), strict=True):
    found = lines[list(search(image, rows, weight, 3))]
    plot.plane(image, truth=truth, found=found, legend=False, ax=ax)
    ax.set_title(f"{name}: {matched(truth, found, 5)} of 3 found")
    ax.label_outer()

# %% [markdown] tags=["alt:previous"]
# The same plane three times, true tracks as solid lines, found ones broken. Counting finds three lines side
# by side on one track. Counting free hits finds two tracks and a line that crosses the third, which gave some
# of its hits away where it crosses another. Explaining finds all three.

# %% [markdown]
# One image is an anecdote. Three hundred, with 30 % noise, and a coarser grid of lines to save time:

# %%
noisy = pixel_plane(300, tracks=3, noise=0.30, rng=1503)
coarse = templates(bins=1)
weights = {"count": count, "count free hits": count_free, "explain": explain(0.30)}
for name, weight in weights.items():
    found = [coarse.tracks[list(search(image, coarse.rows, weight, 3))] for image in noisy.images]
    print(f"{name:15} efficiency {match(noisy.tracks, found).efficiency:.3f}")

# %% [markdown]
# **Question.** Counting free hits needs neither noise nor efficiency, and is not far behind. Where two tracks
# cross, what does it do to the second one that `explain` does not?

# %% [markdown] tags=["fold"]
# It takes the hits at the crossing away from the second track, as if these pixels had not fired. Silence is
# evidence against a line. For `explain` such a hit says next to nothing, neither for nor against.

# %% [markdown]
# ## No order
#
# ### 5 A loss that does not ask who is first
#
# `truth` and `found` have the shape (n, k, 2): k tracks in each of n images. Put the found tracks of an image
# into the order that fits its true ones best, and return the mean absolute error, over tracks and both ends,
# that is left: one number for each image.


# %%
def any_order(truth, found):
    """Mean absolute error in the best order, shape (n,)."""
    ### BEGIN SOLUTION
    errors = []
    for order in permutations(range(truth.shape[1])):
        errors.append(np.abs(truth - found[:, list(order)]).mean(axis=(1, 2)))
    return np.min(errors, axis=0)
    ### END SOLUTION


# %%
check("many_tracks.any_order", any_order)

# %% [markdown]
# Two tracks, A and B, enter at nearly the same height, so that either may be called the first. Let an answer
# walk: at 0 it is (A, B), at 1 it is (B, A), halfway both of its tracks are the mean of A and B. The truth
# comes as (A, B) half of the time, and as (B, A) the other half.
#
# **Predict before you run.** Compare place by place, with absolute errors and with squares, and in any order.
# Where on the way is each of the three losses smallest?

# %%
any_order = answer_or_reference("many_tracks.any_order", any_order)
pair = np.array([[14.0, 4.0], [14.5, 22.0]])
way = np.linspace(0, 1, 41)
found = pair + way[:, None, None] * (pair[::-1] - pair)
truths = [np.broadcast_to(pair[order], found.shape) for order in ([0, 1], [1, 0])]
losses = {
    "place by place, absolute": sum(np.abs(t - found).mean(axis=(1, 2)) for t in truths),
    "place by place, squared": sum(((t - found) ** 2).mean(axis=(1, 2)) for t in truths),
    "any order": sum(np.asarray(any_order(t, found)) for t in truths),
}

# %%
fig, ax = plt.subplots(figsize=(6, 3.8))
for (name, loss), style in zip(losses.items(), ("--", ":", "-"), strict=True):
    ax.plot(way, loss / loss.max(), style, label=name)
ax.set(xlabel="way from (A, B) to (B, A)", ylabel="mean loss / its maximum", ylim=(0, 1.05))
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Three curves over the way from one order to the other. The absolute loss, place by place, is a horizontal
# line. The squared one is lowest in the middle. The loss in any order is zero at both ends and highest in the
# middle.

# %% [markdown]
# **Question.** What does a network learn from each of them, where the order is a toss-up?

# %% [markdown] tags=["fold"]
# From squares, the middle: two tracks that are both wrong. From absolute errors, nothing: all answers on the
# way cost the same. In any order both right answers are at the bottom, and the middle is a ridge from which
# one rolls down to one side or the other.

# %% [markdown]
# ## How many?
#
# ### 6 A threshold
#
# A search may go on for ever, if nobody says how many tracks there are. So it gives a `probability` that each
# found track is one, and tracks with `probability >= threshold` are kept. In a simulated sample `is_true`
# says which of the found tracks stand for a true one; in all there are `n_true` true tracks, found or not.
# Let each probability be a threshold once. Return the smallest of these thresholds, itself one of the
# probabilities, for which at most the share `at_most` of the *kept* tracks is false, and the efficiency that
# it has. All probabilities are different, and the highest belongs to a true track.


# %%
def working_point(probability, is_true, n_true, at_most):
    """Threshold, efficiency."""
    ### BEGIN SOLUTION
    for threshold in np.sort(probability):
        kept = probability >= threshold
        if np.mean(~is_true[kept]) <= at_most:
            return threshold, is_true[kept].sum() / n_true
    ### END SOLUTION


# %%
check("many_tracks.working_point", working_point)

# %% [markdown]
# To try it, the likelihood of the lesson, which is told 20 % noise. It searches five tracks in images that
# have one to three. A real search ends at the first track below the threshold, so the probability of a track
# is the smallest so far. This is not quite the search of the lesson: there a track is the mean of the window
# that holds most of the probability, here, to be short, it is the best single line.

# %%
from hepml_course.tracking.likelihood import likelihood
from hepml_course.tracking.templates import coverage

look, grid = likelihood(noise=0.20), templates(bins=2)


def five(images):
    """The five best tracks of each image and their probabilities, shapes (n, 5, 2) and (n, 5)."""
    covered, found, probability = np.zeros(images.shape, "float32"), [], []
    for _ in range(5):
        maps = look(images, covered).astype(float)
        found.append(grid.tracks[maps.argmax(axis=1)])
        probability.append(np.exp(maps).sum(axis=1))
        covered += coverage(found[-1][:, None])
    return np.stack(found, axis=1), np.minimum.accumulate(probability).T


# %% [markdown]
# Which of the five are true depends on the others: of two that lie on one track, one is too many. A found
# track is true here if it adds a pair to those found before it, and your `matched` says so.


# %%
def candidates(noise, rng):
    """Probability and truth of every found track, and the number of true tracks."""
    plane = pixel_plane(250, tracks=(1, 3), noise=noise, rng=rng)
    truth = [tracks[np.isfinite(tracks[:, 0])] for tracks in plane.tracks]
    found, probability = five(plane.images)
    pairs = [[matched(t, f[:k], 5) for k in range(1, 6)] for t, f in zip(truth, found, strict=True)]
    is_true = np.diff(pairs, prepend=0) > 0
    return probability.ravel(), is_true.ravel(), sum(map(len, truth))


# %% [markdown]
# Your working points, for several shares of false tracks.

# %%
working_point = answer_or_reference("many_tracks.working_point", working_point)
sample = candidates(0.20, rng=1504)
for at_most in (0.01, 0.03, 0.1, 0.3):
    threshold, efficiency = working_point(*sample, at_most)
    print(f"at most {at_most:.0%} false: threshold {threshold:.3f}, efficiency {efficiency:.3f}")

# %% [markdown]
# Each further per cent of efficiency costs more false tracks than the one before. Now the threshold for 3 %
# goes into operation. **Predict before you run.** New images come, some with less noise and some with more.
# The search is not told. What happens to efficiency and to false tracks?

# %%
threshold, _ = working_point(*sample, 0.03)
noises, efficiencies, false = [0.10, 0.15, 0.20, 0.25, 0.30], [], []
for noise in noises:
    probability, is_true, n_true = candidates(noise, rng=1505)
    kept = probability >= threshold
    efficiencies.append(is_true[kept].sum() / n_true)
    false.append(np.mean(~is_true[kept]))

# %%
fig, ax = plt.subplots(figsize=(6, 3.8))
ax.plot(noises, efficiencies, "o-", label="efficiency")
ax.plot(noises, false, "s--", label="share of false tracks")
ax.axhline(0.03, color="black", linestyle=":", label="false tracks as chosen")
ax.set(xlabel="noise of the images", ylabel="share", xticks=noises, ylim=(0, 1.02))
_ = ax.legend(loc="center left")

# %% [markdown] tags=["alt:previous"]
# Two curves against the noise of the images. The efficiency rises slowly. The share of false tracks stays at
# or below the dotted line up to the noise for which the threshold was chosen, and then climbs steeply, to
# about a half.

# %% [markdown]
# **Question.** The efficiency is best where the noise is worst. Is that good news? And how would one notice
# in data, where nobody knows which tracks are true?

# %% [markdown] tags=["fold"]
# No. The search takes noise for evidence, so it keeps more of everything. In data the number of kept tracks
# per image rises, and so does the share of pixels that fire; neither needs truth. Better, let the search
# estimate the noise from each image, as the network of the lesson does.

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Give `search` a second chance: when all k lines are found, take out one after the other, search it again
#   with the others known, and repeat until nothing changes. Does the efficiency at 20 % noise rise?
# - Replace the known noise in `explain` by the share of pixels that fire in the image, minus what the tracks
#   are expected to fire. What does that do to the last figure?
# - Write `any_order` with `linear_sum_assignment` for each image, and compare the times for 3, 6 and 8
#   tracks.
# - How many fixed lines does the bluffer of task 1 need for 90 % at a tolerance of 2 pixels?
