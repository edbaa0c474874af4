# ---
# course:
#   title: One track, found by you
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # One track, found by you
#
# Seven short functions: three find a track, one measures how well, three ask whether an error can be
# believed. No network is trained here. Write your answer in place of the `...`, run the cell, run the check
# below it. If you are stuck, open a cell of your own:
#
#     hint("tracking.rows")
#
# The plane is that of the lesson. It has 28 columns and 28 rows, `image[row, column]` is 1 where a pixel
# fired. Row 3 reaches from $y=3$ to 4, column $c$ stands at $x=c$.

# %%
import matplotlib.pyplot as plt
import numpy as np

from hepml_course import plot
from hepml_course.checks import answer_or_reference, check, hint
from hepml_course.metrics import match, residuals
from hepml_course.simulate import pixel_plane
from hepml_course.tracking.fits import robust

# %% [markdown]
# ## Find it
#
# ### 1 The pixels of a line
#
# A line is at height `y0` in column 0 and at `y1` in column 27. Return the row that it crosses in each of the
# 28 columns, as an array of whole numbers.


# %%
def rows(y0, y1):
    """Row in each column, shape (28,)."""
    ### BEGIN SOLUTION
    return np.floor(y0 + (y1 - y0) * np.arange(28) / 27).astype(int)
    ### END SOLUTION


# %%
check("tracking.rows", rows)

# %% [markdown]
# ### 2 The likelihood of an image
#
# Suppose that a track crosses the pixels `rows`, one in each column. It makes each of them fire with the hit
# efficiency. Noise makes *every* pixel fire, these included, with the probability `noise`. All of this
# happens independently. Return the logarithm of the probability of the whole image.


# %%
def log_likelihood(image, rows, hit_efficiency, noise):
    """Natural logarithm of P(image | track in these rows)."""
    ### BEGIN SOLUTION
    probability = np.full((28, 28), noise)
    probability[rows, np.arange(28)] = 1 - (1 - noise) * (1 - hit_efficiency)
    return np.log(np.where(image == 1, probability, 1 - probability)).sum()
    ### END SOLUTION


# %%
check("tracking.log_likelihood", log_likelihood)

# %% [markdown]
# The true track against the same track moved up, pixel by pixel. **Predict before you run:** by how much does
# one missing hit change the logarithm?

# %%
rows = answer_or_reference("tracking.rows", rows)
log_likelihood = answer_or_reference("tracking.log_likelihood", log_likelihood)
plane = pixel_plane(2000, noise=0.1, rng=151)
image, (y0, y1) = plane.images[6], plane.tracks[6, 0]
for up in (0, 0.25, 0.5, 1, 2):
    crossed = rows(y0 + up, y1 + up)
    hits = image[crossed, np.arange(28)].sum()
    print(f"moved by {up:4}: {hits:2} hits, log likelihood {log_likelihood(image, crossed, 0.7, 0.1):.1f}")

# %% [markdown] tags=["fold"]
# A hit on the line counts $\ln(0.73/0.1)$ more than the same hit off it, a silent pixel $\ln(0.27/0.9)$,
# which is negative. A hit that is missing costs both: $\ln(0.73/0.1)-\ln(0.27/0.9)=3.19$. A quarter of a
# pixel loses hits already, and beyond a whole one all that is left is noise.

# %% [markdown]
# ### 3 Scan all lines
#
# `ends` is a list of heights. Try every pair of them, one for each end, and return the pair `(y0, y1)` whose
# line has the highest likelihood. Efficiency and noise are the same for all lines, and every line has 28
# pixels. Do you need the likelihood at all? You may use your functions from above.


# %%
def scan(image, ends):
    """y0 and y1 of the best line."""
    ### BEGIN SOLUTION
    best, most = None, -1
    for y0 in ends:
        for y1 in ends:
            hits = image[rows(y0, y1), np.arange(28)].sum()
            if hits > most:
                best, most = (y0, y1), hits
    return best
    ### END SOLUTION


# %%
check("tracking.scan", scan)

# %% [markdown]
# Yours on images with 20 % noise, where the eye has trouble.

# %%
scan = answer_or_reference("tracking.scan", scan)
hard = pixel_plane(3, noise=0.2, rng=152)
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), sharey=True)
for image, truth, ax in zip(hard.images, hard.tracks, axes, strict=True):
    plot.plane(
        image, truth=truth, found=scan(image, np.arange(0.5, 28, 0.75)), legend=False, ax=ax
    ).label_outer()
_ = fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)

# %% [markdown] tags=["alt:previous"]
# Three crowded images. In each a thin line, the truth, and a dashed one, the answer of the scan, which lie on
# top of each other or nearly so.

# %% [markdown]
# ## Measure how well
#
# ### 4 A robust width
#
# Return half the width of the interval that holds the central 68.3 % of the values: 15.87 % are below it,
# 15.87 % above.


# %%
def robust_width(values):
    """Half of the central 68.3 %."""
    ### BEGIN SOLUTION
    low, high = np.quantile(values, [0.1587, 0.8413])
    return (high - low) / 2
    ### END SOLUTION


# %%
check("tracking.robust_width", robust_width)

# %% [markdown]
# Cauchy's fit on the first 300 images at 10 % noise, all of them and those within 5 pixels. **Predict:**
# which of the two widths changes more when the lost tracks are left out?

# %%
robust_width = answer_or_reference("tracking.robust_width", robust_width)
fitted = np.array([robust(image, loss="cauchy") for image in plane.images[:300]])
everything = np.mean(fitted - plane.tracks[:300, 0], axis=1)
matched = match(plane.tracks[:300], fitted)
near, _ = residuals(matched)
print(f"found within 5 px: {matched.efficiency}")
for name, at_middle in (("all", everything), ("within 5 px", near)):
    print(f"{name:12} standard deviation {np.std(at_middle):.2f} px, robust {robust_width(at_middle):.2f} px")

# %% [markdown]
# **Question.** Only about half of the tracks are found here. Does a robust width still tell the resolution
# of the others?

# %% [markdown] tags=["fold"]
# No. Here it changes more than the standard deviation when the lost ones are left out. It does not care
# *how far* the lost ones are off, but it cares how many there are. Up to some 30 % in the tails are
# ignored; beyond that they are among the central 68 %. So quote the efficiency first, and the width of what
# was found.

# %% [markdown]
# ## Believe the error?
#
# ### 5 The loss
#
# A network predicts for each event a mean and the logarithm of a $\sigma$. Return the negative logarithm of
# the Gaussian likelihood of the truth `y`, averaged over the events. Its constant, $\frac12\log 2\pi$, may be
# left out.


# %%
def loss(y, mean, log_sigma):
    """One number for arrays of shape (n,)."""
    ### BEGIN SOLUTION
    pull = (y - mean) / np.exp(log_sigma)
    return np.mean(pull**2 / 2 + log_sigma)
    ### END SOLUTION


# %%
check("tracking.loss", loss)

# %% [markdown]
# Which $\sigma$ does this loss want, if it is the same for all events? Take the residuals of all 300 fits and
# try. **Predict:** the standard deviation, the robust width, or something in between?

# %%
loss = answer_or_reference("tracking.loss", loss)
sigmas = np.geomspace(0.1, 10, 400)
losses = [loss(everything, np.zeros(300), np.full(300, np.log(sigma))) for sigma in sigmas]
fig, ax = plt.subplots()
ax.plot(sigmas, losses)
ax.axvline(np.sqrt(np.mean(everything**2)), color="C1", ls="--", label="root mean square")
ax.axvline(robust_width(near), color="C2", ls=":", label="robust width of the found")
ax.axvline(robust_width(everything), color="C3", ls="-.", label="of all")
ax.set(xscale="log", xlabel="σ / pixel", ylabel="loss", ylim=(1, 12))
_ = fig.legend(loc="outside upper center", ncols=3)

# %% [markdown] tags=["alt:previous"]
# The loss against sigma on a logarithmic axis. It falls steeply, has one minimum exactly at the dashed line
# of the root mean square, and rises slowly. The dash-dotted line of the robust width of all fits is a
# little to the left of it. The dotted line of the robust width of the found is far to the left, where the
# loss is enormous.

# %% [markdown]
# The root mean square, exactly, which is nearly the standard deviation here. A Gaussian has no other way to
# account for a track that is 10 pixels off. That is what bent the histogram of the lesson's network.
#
# ### 6 The probability of χ²
#
# `residuals` has shape (n, 2), found minus true at both ends; `covariance` has shape (n, 2, 2), one matrix
# per event. Return for each event the probability of a $\chi^2 = r^T C^{-1} r$ as large or larger, with two
# degrees of freedom.


# %%
def chi2_probability(residuals, covariance):
    """Probabilities, shape (n,)."""
    ### BEGIN SOLUTION
    inverse = np.linalg.inv(covariance)
    chi2 = np.einsum("ni,nij,nj->n", residuals, inverse, residuals)
    return np.exp(-chi2 / 2)
    ### END SOLUTION


# %%
check("tracking.chi2_probability", chi2_probability)

# %% [markdown]
# A fit whose errors we can compute: least squares through the hits of the *track* alone, which only a
# simulation can pick. Let the hits miss the line by 1 pixel, as they do after scattering. With the size of
# the pixel this makes a variance of $1 + 1/12$ for each. The covariance of a line is the inverse of the
# normal matrix, $A^TA$ with one row of $A$ for each hit, its height as a sum of $y_0$ and $y_1$, times this
# variance. Tracks near the edges are left out, since their hits may leave the plane.


# %%
def fit(used):
    """Lines and covariances of least squares through the pixels where `used` is not zero."""
    design = np.stack([1 - np.arange(28) / 27, np.arange(28) / 27], axis=1)
    normal = np.einsum("nrc,ci,cj->nij", used, design, design)
    heights = np.einsum("nrc,r,ci->ni", used, np.arange(28) + 0.5, design)
    return np.linalg.solve(normal, heights[..., None])[..., 0], (1 + 1 / 12) * np.linalg.inv(normal)


# %%
rough = pixel_plane(12_000, smear=1.0, rng=153)
inside = np.all(np.abs(rough.tracks[:, 0] - 14) < 9, axis=1)
truth, images, crossed = rough.tracks[inside, 0], rough.images[inside], rough.rows[inside, 0]
number, column = np.nonzero(rough.hits[inside, 0])
own = np.zeros(images.shape)
own[number, crossed[number, column], column] = 1
line, covariance = fit(own)
r = line - truth
print(f"{len(own)} fits, typical errors {np.sqrt(np.median(covariance, axis=0).diagonal()).round(2)} pixels")

# %% [markdown]
# And four ways to spoil it. In one, every fifteenth fit takes all hits of its image. In another, the
# parameters are $y_0$ and the climb $y_1-y_0$, and their covariance is set to zero.
#
# **Predict before you run:** which histogram is which disease?

# %%
chi2_probability = answer_or_reference("tracking.chi2_probability", chi2_probability)
careless = np.where(np.arange(len(own))[:, None, None] % 15 == 0, images, own)
bad_line, bad_covariance = fit(careless)
climb = np.array([[1, 0], [-1, 1]])
p = {
    "as computed": chi2_probability(r, covariance),
    "variances × 2": chi2_probability(r, 2 * covariance),
    "variances / 2": chi2_probability(r, covariance / 2),
    "noise in some": chi2_probability(bad_line - truth, bad_covariance),
    "y₀, climb, diagonal": chi2_probability(r @ climb.T, climb @ covariance @ climb.T * np.eye(2)),
}

# %%
fig, axes = plt.subplots(1, 5, figsize=(12.5, 2.8), sharey=True)
for ax, (name, values) in zip(axes, p.items(), strict=True):
    ax.hist(values, 20, range=(0, 1), density=True)
    ax.axhline(1, color="black", lw=1)
    ax.set(title=name, xlabel="probability of χ²", xlim=(0, 1), ylim=(0, 4))
_ = axes[0].set_ylabel("density")

# %% [markdown] tags=["alt:previous"]
# Five histograms with a line at one. As computed: flat within its fluctuations. Variances doubled: rising
# to the right. Variances halved: falling from a peak at zero, whose first bin is cut off at 4. Noise in
# some: flat but for a spike in the first bin. Diagonal only: raised at both ends.

# %% [markdown]
# ### 7 Read the histogram
#
# Write down how you read it. `p` is an array of some thousand probabilities. Return one of five words:
# `"fine"`, `"too large"` or `"too small"` for errors that are, `"outliers"` for a few events that are far
# off, `"correlation"` for one that was ignored. The cases of the check are clear ones, but not all as
# strong as the pictures above, which help to choose the limits.


# %%
def diagnose(p):
    """One of: fine, too large, too small, outliers, correlation."""
    ### BEGIN SOLUTION
    height = np.histogram(p, 20, range=(0, 1))[0] / len(p) * 20
    first, second, last = height[0], height[1:5].mean(), height[-4:].mean()
    if last > 1.25:
        return "correlation" if first > 0.7 else "too large"
    if first > 1.35:
        return "too small" if second > 1.14 else "outliers"
    return "fine"
    ### END SOLUTION


# %%
check("tracking.diagnose", diagnose)

# %%
diagnose = answer_or_reference("tracking.diagnose", diagnose)
for name, values in p.items():
    print(f"{name:20} {diagnose(values)}")

# %% [markdown]
# **Question.** A colleague shows pulls of width 1.00 and says the errors are right. What do you ask for?

# %% [markdown] tags=["fold"]
# How the width was computed: a standard deviation of one can be many errors that are too large and a few that
# are much too small. Then the histogram of the probability of χ², since pulls look at one parameter at a time
# and know nothing of correlations. Then the same in bins of whatever the error depends on.

# %% [markdown]
# ### Further
#
# No check here; the answers are in the plots you make.
#
# - Take away the smear, and use 1/12 as the variance. The histogram is not flat any more. Look at tracks that
#   are nearly horizontal: are the errors of their hits independent?
# - Scan the images of task 2 with the wrong noise, 1 % or 40 %. Which lines are chosen? Why does the scan of
#   one track not care, and when would it?
# - Replace the Gaussian in the lesson's network by Student's t with four degrees of freedom. Does the
#   histogram get flat? (With $\nu$ degrees of freedom and two dimensions $\chi^2/2$ follows Fisher's F with 2
#   and $\nu$.)
# - Train the lesson's network with noise from 0 to 40 %. What does it lose at 5 %, what does it gain at 20 %?
# - Give it twice the images, or twice the filters. Which of the two improves the width at mid-plane more per
#   second?
