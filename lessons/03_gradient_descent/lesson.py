# ---
# course:
#   title: Gradient descent
#   minutes: 90
#   objectives:
#     - derive the gradient of a loss, write it in one line and check it numerically
#     - say before the first step which learning rates diverge, and how slow the others are
#     - choose between full batch, mini-batch and single events by what each costs
#     - write momentum, Nesterov, RMSProp, Adam and NAdam in a few lines, and get the numbers that Keras gets
#     - tell when noise carries a descent out of a local minimum and when it does not
#   requires: [02_perceptron]
# jupyter:
#   kernelspec: {name: python3, display_name: Python 3, language: python}
# ---

# %% [markdown]
# # Gradient descent
#
# A muon crosses a tube filled with gas and frees electrons. They drift to a wire in the middle, and a clock
# says when the first ones arrive. For four hundred muons a telescope of silicon detectors knows where they
# went. How fast do the electrons drift, and what does the clock show when the muon passes?

# %%
import matplotlib.pyplot as plt

from hepml_course import plot
from hepml_course.simulate import drift_tube

time, distance = drift_tube(n=400, rng=3)
fig, ax = plt.subplots()
ax.plot(time, distance, ".", alpha=0.6)
_ = ax.set(xlabel="arrival time / ns", ylabel="distance from the wire / mm")

# %% [markdown] tags=["alt:previous"]
# Distance of the muon from the wire against the arrival time of the electrons. The points lie on a rising
# straight line with a little scatter, from 0 mm at 50 ns to 21 mm at 440 ns.

# %% [markdown]
# Two numbers are wanted: a slope and an offset. Distrust the sample where it is too kind: the drift velocity
# is the same everywhere, the scatter is Gaussian, and the clock is exact.
#
# ## The simplest thing: the closed form
#
# The model is $d = a + v\,t$, with the time counted in units of 100 ns. As in lesson 02 every event gets a
# leading 1, so that $\vec w = (a, v)$ and the prediction is $\vec w\cdot\vec x$. The telescope measures to
# $\sigma$ = 0.25 mm. Then, up to a constant,
#
# $$ -\log L = \sum_i \frac{(\vec w\cdot\vec x_i - d_i)^2}{2\sigma^2} . $$
#
# Setting its derivatives to zero gives two linear equations. Its second derivatives form the matrix $\sum_i
# \vec x_i \vec x_i^T/\sigma^2$, and the inverse of this matrix is the covariance matrix of $a$ and $v$.

# %%
import numpy as np

sigma = 0.25
x = np.column_stack([np.ones(len(time)), time / 100])
best = np.linalg.solve(x.T @ x, x.T @ distance)
covariance = sigma**2 * np.linalg.inv(x.T @ x)
error = np.sqrt(np.diag(covariance))
print(f"offset a {best[0]:6.3f} ± {error[0]:.3f} mm")
print(f"slope  v {best[1]:6.3f} ± {error[1]:.3f} mm / 100 ns")

# %% [markdown]
# The clock at the passage is where the line meets the wire, $t_0 = -a/v$. Its uncertainty needs the whole
# covariance matrix, because $a$ and $v$ are measured by the same points: with $\vec g$, the derivatives of
# $t_0$ by $a$ and $v$, the square of that uncertainty is $\vec g^T C\,\vec g$. An `Estimate` is a value
# with its error.

# %%
from hepml_course.metrics import Estimate

to_t0 = 100 * np.array([-1, best[0] / best[1]]) / best[1]  # derivatives, in ns
velocity = Estimate(10 * best[1], 10 * error[1])
t0 = Estimate(-100 * best[0] / best[1], np.sqrt(to_t0 @ covariance @ to_t0))
correlation = covariance[0, 1] / error.prod()
print(f"drift velocity {velocity:.2f} µm/ns, truth 54")
print(f"clock at passage {t0:.2f} ns, truth 50")
print(f"correlation of a and v {correlation:.2f}")

# %% [markdown]
# This is the answer. It took one line. Everything below arrives at the same place on foot, for the sake of
# the models that have no closed form, which are most of the interesting ones. Because we know the answer,
# we can measure every walk in units of its uncertainty.
#
# ## The landscape
#
# The loss is half the mean squared distance between prediction and measurement: $-\log L$ divided by
# $n/\sigma^2$, so that it does not grow with the sample. Given a table of parameters, the function returns
# one loss for each row.


# %%
def loss(w):
    return 0.5 * np.mean((w @ x.T - distance) ** 2, axis=-1)


def misfit(w):
    return (loss(w) - loss(best)) * len(x) / sigma**2


# %% [markdown]
# `misfit` is $-\log L$ above its minimum. Where it is ½ we are one standard deviation from the best fit.
# Here is the loss over the whole range of parameters, and the misfit through a magnifying glass.

# %%
names = {"xlabel": "offset $a$ / mm", "ylabel": "slope $v$ / (mm / 100 ns)"}
field = {"xlim": (-12, 8), "ylim": (0, 10)}
near = {"xlim": best[0] + np.array([-0.08, 0.08]), "ylim": best[1] + np.array([-0.03, 0.03])}
fig, (left, right) = plt.subplots(1, 2, figsize=(9.2, 4))
plot.loss_contours(loss, **field, best=best, ax=left)
plot.loss_contours(misfit, **near, levels=[0.5, 2], best=best, ax=right)
right.errorbar(*best, xerr=error[0], yerr=error[1], color=plot.style.SIGNAL)
for ax in (left, right):
    ax.set(**names)
    ax.locator_params(axis="x", nbins=5)

# %% [markdown] tags=["alt:previous"]
# Left: contour lines of the loss, long narrow ellipses that fall from the upper left to the lower right,
# with a cross at the best fit. Right: the ellipses of one and two standard deviations around the best fit;
# the error bars of a and v reach exactly to the sides of the inner one.

# %% [markdown]
# The error bars on the right came from the second derivatives. They end where the inner ellipse does: that
# is what *uncertainty from the curvature* means. A steep valley is a precise measurement. (The inner
# ellipse itself holds the true *pair* in 39 % of such experiments; each error bar its own parameter in 68 %.)
#
# On the left the valley is long and narrow. A larger offset can be made good by a smaller slope, since the
# muons sit around 250 ns and not around zero.
#
# ## The slope of the landscape, by hand
#
# For one event, $\ell = \frac12 (\vec w\cdot\vec x - d)^2$. The chain rule gives
# $\partial\ell/\partial w_j = (\vec w\cdot\vec x - d)\,x_j$: how far off we are, times what this parameter
# is multiplied by. The gradient is the mean over events.


# %%
def gradient(w):
    return (w @ x.T - distance) @ x / len(x)


# %% [markdown]
# Nobody should believe a gradient, least of all their own. Walk a little to both sides along each axis and
# divide the difference in height by the distance.


# %%
def numerical(f, w, h=1e-4):
    steps = h * np.eye(len(w))
    return np.array([(f(w + s) - f(w - s)) / (2 * h) for s in steps])


start = np.array([4.0, 2.0])
print("by hand    ", np.round(gradient(start), 6))
print("numerically", np.round(numerical(loss, start), 6))

# %% [markdown]
# **Predict before you run.** One could also walk to one side only, $(f(w+h) - f(w))/h$. How do the errors of
# the two recipes go with $h$? Is a smaller $h$ always better?

# %%
h = 10.0 ** -np.arange(1, 14)
e, exact = np.array([0.0, 1.0]), gradient(start)[1]
both = [(loss(start + k * e) - loss(start - k * e)) / (2 * k) for k in h]
one = [(loss(start + k * e) - loss(start)) / k for k in h]
fig, ax = plt.subplots()
ax.loglog(h, np.abs(np.array(one) - exact), "o-", label="one side")
ax.loglog(h, np.abs(np.array(both) - exact), "s-", label="both sides")
ax.set(xlabel="step $h$ / (mm / 100 ns)", ylabel=r"error of $\partial L/\partial v$ / (mm · 100 ns)")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Error of the numerical derivative against the step h, both axes logarithmic. With one side the error falls
# in proportion to h down to about 1e-8 and rises again for smaller steps. With both sides it is smallest
# at the largest step and rises steadily as h gets smaller.

# %% [markdown] tags=["fold"]
# No. The one-sided error is $\frac h2$ times the second derivative, so it falls with $h$; the two-sided one
# would fall with $h^2$ times the third derivative, and a parabola has none. What rises on the left is
# rounding: two almost equal numbers of 16 digits are subtracted and the rest divided by $h$. For a parabola
# the largest step is the best. Other losses have a third derivative: take both sides, and an $h$ in the
# middle.

# %% [markdown]
# ## Downhill
#
# The gradient points to where the loss rises fastest. Go the other way, by a step in proportion:
#
# $$ \vec w \leftarrow \vec w - \eta\,\nabla L(\vec w) $$


# %%
def descend(w, eta, steps):
    path = [w]
    for _ in range(steps):
        path.append(path[-1] - eta * gradient(path[-1]))
    return np.array(path)


# %% [markdown]
# **Predict before you run.** Sixty steps with $\eta$ = 0.002, 0.2 and 0.25. One is too small and one too
# large. How will you tell by the shape of the path?

# %%
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), sharey=True)
for ax, eta in zip(axes, (0.002, 0.2, 0.25), strict=True):
    plot.loss_contours(loss, **field, best=best, ax=ax)
    plot.descent_path(descend(start, eta, 60), ax=ax)
    ax.set(title=rf"$\eta$ = {eta}", xlabel=names["xlabel"])
_ = axes[0].set(ylabel=names["ylabel"])

# %% [markdown] tags=["alt:previous"]
# Three paths from the same start. With 0.002 the points creep down the slope and stop before they have
# reached the floor of the valley. With 0.2 they jump from one wall to the other, calm down, and move along
# the floor towards the cross without reaching it. With 0.25 the jumps from wall to wall grow until they
# leave the picture.

# %%
for eta in (0.002, 0.2, 0.25):
    path = descend(start, eta, 60)
    print(f"eta {eta:5}   misfit after 60 steps {misfit(path[-1]):10.3g}")

# %% [markdown]
# The start had a misfit of {{ misfit(start):.0f }}. A good rate takes most of that away and is still far
# from the ½ that would count as arrived. Down to the floor of the valley it is a few steps; walking *along*
# it is what takes time. The smallest rate has not even reached the floor, and the largest climbs out of the
# picture.
#
# ## How large is too large
#
# Near a minimum every smooth loss is a bowl, $L = L_0 + \frac12\,\vec\delta^{\,T} H \vec\delta$, with
# $\vec\delta$ the distance from the minimum and $H$ the matrix of second derivatives. Its gradient is
# $H\vec\delta$, so one step makes $\vec\delta \leftarrow (1 - \eta H)\,\vec\delta$. The axes of the ellipse
# are the eigenvectors of $H$, the directions which $H$ only stretches, by an eigenvalue $\lambda$. Along
# them the step is a plain factor,
#
# $$ \delta \leftarrow (1 - \eta\lambda)\,\delta , $$
#
# at each step. It shrinks if $|1 - \eta\lambda| < 1$, and this for *all* eigenvalues:
#
# $$ 0 < \eta < \frac{2}{\lambda_{\max}} . $$
#
# For the straight line $H$ is the mean of $\vec x\,\vec x^T$, the same everywhere. The ratio of the largest
# to the smallest eigenvalue, the *condition number* $\kappa$, says how narrow the valley is: $\sqrt\kappa$
# is the ratio of the axes of the ellipse.

# %%
hessian = x.T @ x / len(x)
slow, fast = np.linalg.eigvalsh(hessian)
limit = 2 / fast
print(f"eigenvalues {slow:.4f} and {fast:.4f}")
print(f"condition number {fast / slow:.1f}")
print(f"eta must stay below {limit:.4f}")

# %% [markdown]
# Now we look. After many steps the slower of the two factors is the only one left, so the ratio of the last
# two distances should be the larger $|1 - \eta\lambda|$.

# %%
for fraction in (0.1, 0.5, 0.9, 0.99, 1.01, 1.1):
    eta = fraction * limit
    away = np.linalg.norm(descend(start, eta, 400) - best, axis=1)
    derived = max(abs(1 - eta * slow), abs(1 - eta * fast))
    print(f"{fraction:4} of the limit: derived {derived:.4f}, seen {away[-1] / away[-2]:.4f}")

# %%
fig, ax = plt.subplots()
for fraction, style in [(0.01, ":"), (0.1, "-."), (0.9, "-"), (0.99, "--"), (1.01, "-"), (1.1, "--")]:
    path = descend(start, fraction * limit, 150)
    ax.semilogy(misfit(path), style, label=f"{fraction:.2f} of the limit")
ax.axhline(0.5, color="gray", lw=1)
ax.set(xlabel="step", ylabel=r"misfit, $-\Delta\log L$", ylim=(1e-2, 1e8))
_ = ax.legend(loc="upper left", bbox_to_anchor=(1, 1))

# %% [markdown] tags=["alt:previous"]
# Misfit against the step for six rates, logarithmic. The two rates above the limit rise in straight lines.
# Those below first fall fast and then in a slower straight line. The rate of 0.9 of the limit falls fastest;
# 0.99 is slower, and 0.01 is hardly falling at all. None reaches the grey line at one half in 150 steps.

# %% [markdown]
# How one notices: above the limit the loss *rises*, from some step on by the same factor each time. A factor
# two in the wrong place of a program does that.
#
# **Question.** Which rate is the fastest of all? (a) half the limit, where the steep direction is done in one
# step, (b) $2/(\lambda_{\min}+\lambda_{\max})$, (c) just below the limit.

# %% [markdown] tags=["fold"]
# (b). The slower of two factors decides, so make them equal: $1 - \eta\lambda_{\min} = \eta\lambda_{\max} -
# 1$. Both are then $(\kappa-1)/(\kappa+1)$, here {{ (fast / slow - 1) / (fast / slow + 1):.3f }}. Its
# logarithm is about $-2/\kappa$, so the number of steps grows in proportion to $\kappa$. It is close to the
# cliff, though: the best rate is {{ 2 / (slow + fast) / limit:.3f }} of the limit.

# %% [markdown]
# ## All events, some, or one
#
# The gradient is a mean over events. A mean can be estimated from a sample of them: a *mini-batch*, or even
# a single event. Lesson 02 did nothing else. Give a missed event the loss $-y\,\vec w\cdot\vec x$ and the
# others none; its gradient is $-y\,\vec x$, and the perceptron's rule is gradient descent, one event at a
# time.
#
# What is lost is precision. Here is the gradient at one point, from four thousand batches of each size.


# %%
def batch_gradients(w, size, batches, rng):
    b = rng.integers(len(x), size=(batches, size))
    off = x[b] @ w - distance[b]
    return np.mean(off[..., None] * x[b], axis=1)


rng = np.random.default_rng(4)
here = best + np.array([0.3, 0.0])
for size in (1, 4, 16, 64, 256):
    spread = batch_gradients(here, size, 4000, rng).std(axis=0)[1]
    print(f"batch of {size:3}: spread {spread:.3f}, times sqrt(size) {spread * np.sqrt(size):.2f}")

# %%
fig, ax = plt.subplots()
for size, marker in [(1, "."), (16, "^"), (256, "o")]:
    ax.plot(*batch_gradients(here, size, 200, rng).T, marker, ls="", alpha=0.5, label=f"batch of {size}")
ax.plot(*gradient(here), "k+", ms=14, mew=2, label="all events")
ax.set(xlabel=r"$\partial L/\partial a$ / mm", ylabel=r"$\partial L/\partial v$ / (mm · 100 ns)")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Gradients in the plane of their two components. Those of single events scatter over a wide fan that
# includes the opposite direction. Batches of 16 form a smaller cloud, batches of 256 a tight one around the
# cross of the full gradient.

# %% [markdown]
# The spread falls with the square root of the batch, as for any mean. A single event is often far off, and
# {{ 100 * np.mean(x @ here < distance):.0f }} % of them even point uphill along $a$. But one event costs a
# small fraction of the full gradient.
#
# To see what that is worth we take fifty times more muons. Each update draws its batch anew. (Frameworks
# shuffle the sample instead and cut it into batches; one pass over all of them is an *epoch*. For the noise
# here it makes little difference.)

# %%
many_time, many_d = drift_tube(n=20_000, rng=5)
many_x = np.column_stack([np.ones(len(many_d)), many_time / 100])
many_best = np.linalg.solve(many_x.T @ many_x, many_x.T @ many_d)
n_many = len(many_d)

# %% [markdown]
# Given a table of starts, the function walks from each, on batches of its own. `einsum` multiplies and sums
# over every letter that is missing after the arrow: `r` is the repetition, `i` the event, `j` the parameter,
# and dots stand for any axes in front.


# %%
def stochastic(w, eta, size, updates, rng):
    path, every = [w], np.arange(n_many)[None]
    for _ in range(updates):
        b = every if size == n_many else rng.integers(n_many, size=(len(w), size))
        off = np.einsum("rij,rj->ri", many_x[b], w) - many_d[b]
        w = w - eta * np.einsum("ri,rij->rj", off, many_x[b]) / size
        path.append(w)
    return np.array(path)


# %% [markdown]
# **Predict before you run.** The same rate and the same 200 updates with all events, with 32 and with one.
# Which end is closest to the cross?

# %%
close = {"xlim": (-6, 4), "ylim": (3, 7)}
fig, axes = plt.subplots(1, 3, figsize=(10.5, 3.6), sharey=True)
for ax, size in zip(axes, (n_many, 32, 1), strict=True):
    path = stochastic(start[None], 0.05, size, 200, np.random.default_rng(6))[:, 0]
    plot.loss_contours(loss, **close, best=many_best, ax=ax)
    plot.descent_path(path, ax=ax, marker=".", markersize=3, linewidth=0.8)
    ax.set(title=f"batch of {size}: {200 * size:,} events", xlabel=names["xlabel"])
_ = axes[0].set(ylabel=names["ylabel"])

# %% [markdown] tags=["alt:previous"]
# Three paths of 200 updates with the same rate. With all events a smooth curve runs along the valley and
# ends before the cross. With batches of 32 a slightly rough line ends at the same place. With single events
# it jumps about in the valley in wide zigzags.

# %% [markdown]
# All three get about equally far, and the first one has looked at {{ n_many // 32 }} times more events
# than the second. That is the case for mini-batches, and the picture shows the price too: noise that does not
# end.
#
# ## What it costs
#
# Lecture 002 claims that mini-batches need less computation and less memory. We count the events that must
# be looked at until the loss, averaged over ten repetitions, is 1 % above its minimum. A rate whose noise
# lifts it above that again is not allowed, and every batch size gets the best of four rates. The loss of a
# straight line is an exact bowl, so its excess follows from the distance to the minimum, without looking at
# the events.

# %%
many_h = many_x.T @ many_x / n_many
lowest = 0.5 * np.mean((many_x @ many_best - many_d) ** 2)


def excess(path):
    off = path - many_best
    return 0.5 * np.einsum("...i,ij,...j->...", off, many_h, off) / lowest


# %% [markdown]
# Larger batches bear larger rates. So each has its own four rates, and a walk that is long enough for it: the
# largest rate of each is about the one at which it fails.

# %%
plans = {1: (40_000, 0.003), 32: (2000, 0.06), 1024: (400, 0.2), n_many: (400, 0.24)}
curves, rng = {}, np.random.default_rng(7)
for size, (updates, largest) in plans.items():
    ten = np.tile(start, (1 if size == n_many else 10, 1))
    for eta in largest * np.array([1, 0.7, 0.5, 0.35]):
        path = stochastic(ten, eta, size, updates, rng)
        curves[size, eta] = excess(path)

# %% [markdown]
# Two questions to each curve: how many events until it is first below 1 %, and how high is its second half?


# %%
def reached(size, runs):
    return size * np.argmax(runs.mean(axis=1) < 0.01)


def later(runs):
    return runs[len(runs) // 2 :].mean()


# %% [markdown]
# The uncertainty comes from drawing the ten repetitions anew with replacement (a bootstrap). The full batch
# draws nothing: its ten would be the same, and its uncertainty is zero.

# %% tags=["training"]
needed, best_rate = {}, {}
for size in plans:
    kept = [eta for n, eta in curves if n == size and later(curves[n, eta]) < 0.01]
    best_rate[size] = min(kept, key=lambda eta: reached(size, curves[size, eta]))
    runs = curves[size, best_rate[size]]
    ten = [runs[:, rng.integers(runs.shape[1], size=runs.shape[1])] for _ in range(50)]
    needed[size] = Estimate(reached(size, runs), np.std([reached(size, one) for one in ten]))
    print(f"batch {size:6}  rate {best_rate[size]:.4f}  events {needed[size]:9.0f}")

# %% [markdown]
# The claim asks for the ratio of the full batch to batches of 32.

# %% tags=["training"]
from hepml_course.claims import claim

full, mini = needed[n_many], needed[32]
ratio = Estimate(full.value / mini.value, full.value / mini.value**2 * mini.error)
claim("sgd-cost", ratio.value, ratio.error)
assert ratio.value > 20

# %% [markdown]
# Count the *updates*. All events need {{ needed[n_many].value / n_many:.0f }} of them, a batch of 1024 needs
# {{ needed[1024].value / 1024:.0f }}: about the same walk, with twenty times less work for each step. There
# the valley sets the number of updates, not the noise. With batches of 32 the noise asks for a lower rate and
# {{ needed[32].value / 32:.0f }} updates, and they are still much the cheaper ones.
#
# Memory is the larger argument where events are images. numpy tells how much one step asks for, on top of the
# sample itself. The full batch needs no copy of the events, the others do.

# %% tags=["training"]
import tracemalloc

memory = {}
for size in plans:
    b = slice(None) if size == n_many else np.random.default_rng(0).permutation(n_many)[:size]
    tracemalloc.start()
    (many_x[b] @ start - many_d[b]) @ many_x[b] / size
    memory[size] = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"batch {size:6}  {memory[size] / 1000:8.1f} kB")
claim("sgd-cost-memory", memory[n_many] / memory[32])

# %% [markdown]
# And the clock on the wall? **Predict before you run.** One event at a time needs fewer events than
# batches of 32 do. Does it need less time?

# %% tags=["training"]
from time import perf_counter

seconds = {}
for size in plans:
    updates, taken = max(20, 4000 // size), []
    for _ in range(3):  # the fastest of three, since a computer has other things to do
        began = perf_counter()
        stochastic(start[None], 1e-3, size, updates, rng)
        taken.append(perf_counter() - began)
    seconds[size] = min(taken) / updates / size
    print(f"batch {size:6}  {1e9 * seconds[size]:8.1f} ns per event")

# %% [markdown] tags=["fold"]
# No. A step has a fixed price, the call of a function and a few small arrays, whether it treats one event or
# thirty. A processor works on many numbers at once, a graphics card on thousands. So batches are as large as
# the hardware takes for free, and not larger without a reason.

# %% [markdown]
# Events needed, and events needed times the time for one:

# %%
sizes = list(plans)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.6, 3.6))
left.loglog(sizes, [needed[s].value for s in sizes], "o-")
left.set(xlabel="events in a batch", ylabel="events looked at")
right.loglog(sizes, [1000 * needed[s].value * seconds[s] for s in sizes], "o-")
right.set(xlabel="events in a batch", ylabel="time / ms")
_ = fig.suptitle("until the loss is 1 % above its minimum", fontsize=11)

# %% [markdown] tags=["alt:previous"]
# Left: events needed against the batch size, rising slowly from 1 to 32 and then more and more steeply, to
# a hundred times as many for all events. Right: the time needed, with a minimum at the middle sizes; single
# events and the full batch are both many times slower.

# %% [markdown]
# Is a full batch never worth it? Follow the loss further down, to the statistical error of the fit itself.

# %%
fig, ax = plt.subplots()
for size, style in [(1, "-"), (32, "--"), (n_many, "-.")]:
    mean = curves[size, best_rate[size]].mean(axis=1)
    ax.loglog(size * np.arange(1, len(mean)), mean[1:], style, lw=1, label=f"batch of {size}")
ax.axhline(0.01, color="gray", lw=1)
ax.axhline(0.5 * sigma**2 / n_many / lowest, color="k", lw=1, ls=":")
ax.set(xlabel="events looked at", ylabel="loss above its minimum, relative", ylim=(1e-6, None))
_ = ax.legend(loc="lower left", bbox_to_anchor=(0, 0.47))

# %% [markdown] tags=["alt:previous"]
# Relative loss above the minimum against events looked at, both logarithmic. Single events and batches of 32
# fall close together and reach the grey line at one per cent after some ten thousand events. They level off
# above the dotted line of one standard deviation; the full batch falls a hundred times later and further.

# %% [markdown]
# The noisy ones level off: at a constant rate the last events always push a little. Above the dotted line
# the fit is off by more than its own statistical error. The cure is to lower the rate as one goes, or to
# average the last parameters, or to finish with the full batch. For a network, whose loss on new events is
# far from such a precision, it hardly ever matters; for a measurement it does.

# %% [markdown]
# ## Five better ways down
#
# Plain descent crosses the valley in zigzags and crawls along it. The optimisers of today repair this with
# memory: $m$ remembers the gradients, $v$ their squares. (The letter is custom. In
# the functions below $v$ is this memory and no drift velocity.) We write each as a function that takes the
# gradient, its two memories, the number $k$ of the step and the rate, and returns the change of $\vec w$
# with the new memories.


# %%
def plain(g, m, v, k, eta):
    return -eta * g, m, v


def walk(step, w, eta, steps, **options):
    path, m, v = [w], np.zeros_like(w), np.zeros_like(w)
    for k in range(1, steps + 1):
        change, m, v = step(gradient(path[-1]), m, v, k, eta, **options)
        path.append(path[-1] + change)
    return np.array(path)


# %% [markdown]
# **Momentum.** A ball instead of a hiker. It keeps a part $\beta$ of its velocity and loses the rest to
# friction. Steps across the valley cancel, steps along it add up, to $1/(1-\beta)$ times the plain one.


# %%
def momentum(g, m, v, k, eta, beta=0.9):
    m = beta * m - eta * g
    return m, m, v


# %% [markdown]
# **Nesterov's momentum.** The ball is about to roll on by $\beta m$ anyway, so it should brake for the slope
# that waits there. Keras, and we, write down the place one roll ahead of the ball as $\vec w$. Then the slope
# is asked for where it is wanted, and each change is the step and the next roll:


# %%
def nesterov(g, m, v, k, eta, beta=0.9):
    m = beta * m - eta * g
    return beta * m - eta * g, m, v


# %% [markdown]
# **RMSProp.** One rate per parameter: divide by the size that its gradient had lately, the root of a running
# mean of squares. The tiny $\epsilon$ avoids a division by zero.


# %%
def rmsprop(g, m, v, k, eta, rho=0.9, epsilon=1e-7):
    v = rho * v + (1 - rho) * g**2
    return -eta * g / np.sqrt(v + epsilon), m, v


# %% [markdown]
# **Adam.** Both: a running mean of gradients over the root of a running mean of squares. The running means
# start at zero and are too small at first. After $k$ steps they hold a share $1 - \beta^k$ of what they
# should, and dividing by that repairs it.


# %%
def adam(g, m, v, k, eta, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    repair = np.sqrt(1 - beta_2**k) / (1 - beta_1**k)
    return -eta * repair * m / (np.sqrt(v) + epsilon), m, v


# %% [markdown]
# **NAdam.** Adam with Nesterov's look ahead. Its momentum warms up, $u_k = \beta_1\,(1 - 0.5\cdot 0.96^k)$,
# and the product of all $u$ so far takes the place of $\beta_1^k$.


# %%
def nadam(g, m, v, k, eta, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m = beta_1 * m + (1 - beta_1) * g
    v = beta_2 * v + (1 - beta_2) * g**2
    u = beta_1 * (1 - 0.5 * 0.96 ** np.arange(1, k + 2))  # u_1 to u_{k+1}
    ahead = u[-1] * m / (1 - u.prod()) + (1 - u[-2]) * g / (1 - u[:-1].prod())
    return -eta * ahead / (np.sqrt(v / (1 - beta_2**k)) + epsilon), m, v


# %% [markdown]
# **Predict before you run.** The first gradient is (−1000, 0.001). What is Adam's first step with
# $\eta$ = 0.1? And what is plain descent's?

# %%
steep = np.array([-1000.0, 0.001])
for step in (plain, momentum, rmsprop, adam):
    change, _, _ = step(steep, 0.0, 0.0, 1, 0.1)
    print(f"{step.__name__:9} ({change[0]:8.4f}, {change[1]:7.4f})")

# %% [markdown] tags=["fold"]
# Adam goes (+0.1, −0.1), to within $\epsilon$: after the repair the first $m$ is $g$ and the first $v$ is
# $g^2$, and only the sign is left. The rate is the length of a step, in the units of the parameter,
# whatever the loss is measured in. RMSProp does the same without the repair; its first step is
# $1/\sqrt{1-\rho}$ times as long, and less for the small gradient, where $\epsilon$ can be seen.

# %% [markdown]
# All six from the same start, forty steps each, with rates that suit them.

# %%
ways = {plain: 0.2, momentum: 0.05, nesterov: 0.05, rmsprop: 0.3, adam: 0.5, nadam: 0.5}
fig, axes = plt.subplots(2, 3, figsize=(9, 5.4), sharex=True, sharey=True)
for ax, (step, eta) in zip(axes.flat, ways.items(), strict=True):
    plot.loss_contours(loss, **field, best=best, ax=ax)
    plot.descent_path(walk(step, start, eta, 40), ax=ax)
    ax.set_title(rf"{step.__name__}, $\eta$ = {eta}")
fig.supxlabel(names["xlabel"])
_ = fig.supylabel(names["ylabel"])

# %% [markdown] tags=["alt:previous"]
# Six paths of forty steps. Plain descent zigzags and ends half way along the valley. Momentum swings from
# side to side and arrives at the cross; Nesterov arrives almost without swinging. RMSProp moves along the
# floor and then jumps about near the cross. Adam swings, NAdam less so, and both arrive.

# %% [markdown]
# ## The same numbers as Keras
#
# Are these the optimisers that train networks? Give Keras the same gradients at each step. Keras holds its
# constants in single precision; with rates and decays that are exact in binary, such as 7/8, nothing else
# than the formulas is compared.

# %%
import keras


def walk_keras(optimizer, w, steps):
    variable, path = keras.Variable(w, dtype="float64"), [w]
    for _ in range(steps):
        g = keras.ops.convert_to_tensor(gradient(path[-1]), dtype="float64")
        optimizer.apply_gradients([(g, variable)])
        path.append(keras.ops.convert_to_numpy(variable).copy())
    return np.array(path)


# %%
from keras.optimizers import SGD, Adam, Nadam, RMSprop

b, b2, eta = 7 / 8, 1023 / 1024, 1 / 32
pairs = {
    plain: (SGD(eta), {}),
    momentum: (SGD(eta, momentum=b), {"beta": b}),
    nesterov: (SGD(eta, momentum=b, nesterov=True), {"beta": b}),
    rmsprop: (RMSprop(eta, rho=b), {"rho": b}),
    adam: (Adam(eta, beta_1=b, beta_2=b2), {"beta_1": b, "beta_2": b2}),
    nadam: (Nadam(eta, beta_1=b, beta_2=b2), {"beta_1": b, "beta_2": b2}),
}

# %% tags=["training"]
for step, (theirs, options) in pairs.items():
    ours = walk(step, start, eta, 60, **options)
    apart = np.abs(ours - walk_keras(theirs, start, 60)).max()
    print(f"{step.__name__:9} after 60 steps at most {apart:.0e} apart")
    assert apart < (1e-6 if step is nadam else 1e-10)

# %% [markdown]
# They are the same to rounding. NAdam differs in the eighth digit, above all because the 0.96 of its
# warm-up is a constant that Keras rounds. Put `float(np.float32(0.96))` in its place, and most of the
# difference is gone.
#
# One thing to distrust: the name does not fix the formula. $\epsilon$ stands inside the root in RMSProp and
# outside in Adam, before the repair in Adam and after it in NAdam, and other libraries put it elsewhere. It
# is one of Adam's four numbers; where gradients are tiny, it decides.
#
# ## Walk yourself
#
# Choose an optimiser and a rate, and drag the ring that marks the start; with the keyboard, select the ring
# and use the arrow keys. These are the functions from the cells above. Find a rate at which momentum
# diverges. Is there one at which RMSProp arrives and stays? What does Adam do at rate 1?

# %% tags=["widget"]
from hepml_course.widgets import descent_walk

descent_walk(walk, ways, misfit, start=start, best=best, **field, **names)

# %% [markdown] tags=["alt:previous"]
# The map of the loss with the path of plain descent, a hundred steps from the ring at the start towards the
# cross at the best fit, next to the misfit at each step on a logarithmic scale with a line at one half.

# %% [markdown]
# ## A race against the closed form
#
# A fair race lets everyone tune, and finely: plain descent is best just below the cliff. Twenty random
# starts choose the rate of each optimiser, in steps of a factor $2^{1/4}$. Fifty other starts count: how
# many steps until the misfit is below ½ *and stays there*, that is, until the answer is the closed form's
# within its statistical error? Our functions treat all starts at once.


# %%
def steps_needed(path):
    off = ~(misfit(path) <= 0.5)
    last = len(off) - np.argmax(off[::-1], axis=0)
    return np.where(off[-1], np.inf, np.where(off.any(axis=0), last, 0))


rng = np.random.default_rng(8)
tuning = rng.uniform((-12, 0), (8, 10), size=(20, 2))
racing = rng.uniform((-12, 0), (8, 10), size=(50, 2))


# %%
def race(step, steps=400, **options):
    def quality(eta):
        with np.errstate(all="ignore"):
            path = walk(step, tuning, eta, steps, **options)
            end = np.nan_to_num(misfit(path[-1]), nan=np.inf)
            return np.median(steps_needed(path)), np.median(end)

    eta = min(2.0 ** np.arange(-7, 1.1, 0.25), key=quality)
    path = walk(step, racing, eta, steps, **options)
    return eta, path[-1], steps_needed(path)


# %% [markdown]
# One more joins: momentum with the $\beta$ that theory gives for this valley,
# $\beta = \left(\frac{\sqrt\kappa - 1}{\sqrt\kappa + 1}\right)^2$.
#
# **Predict before you run.** Who wins, and who does not arrive at all?

# %%
kappa = fast / slow
tuned = {"beta": ((np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1)) ** 2}
entries = [(step.__name__, step, {}) for step in ways] + [("momentum, tuned beta", momentum, tuned)]
results = {}
for name, step, options in entries:
    eta, end, steps = results[name] = race(step, **options)
    low, mid, high = np.quantile(steps, (0.16, 0.5, 0.84), method="nearest")
    pull = np.median(np.abs(end[:, 1] - best[1])) / error[1]
    print(f"{name:21} rate {eta:6.4f}  steps {mid:4.0f} ({low:.0f} to {high:.0f})  v off by {pull:.1f} σ")

# %%
fig, ax = plt.subplots(figsize=(7.2, 3.6))
for row, (_, _, steps) in enumerate(results.values()):
    low, mid, high = np.minimum(np.quantile(steps, (0.16, 0.5, 0.84), method="nearest"), 400)
    sign = "o" if mid < 400 else ">"
    ax.errorbar(mid, row, xerr=[[mid - low], [high - mid]], fmt=sign, markersize=7, capsize=3)
ax.axvline(1, color="k", ls="--", label="closed form")
ax.set(yticks=range(len(results)), yticklabels=results, xscale="log", xlabel="steps until within one σ")
ax.invert_yaxis()
_ = ax.legend(loc="upper left", bbox_to_anchor=(0.05, 1))

# %% [markdown] tags=["alt:previous"]
# Steps needed by each optimiser, on a logarithmic axis, with bars for the middle two thirds of the starts.
# The closed form stands at 1. Momentum with tuned beta needs some tens of steps, Nesterov and NAdam somewhat
# less than a hundred, momentum and Adam somewhat more, plain descent the most of those that arrive. RMSProp
# sits at the right edge with an arrow: it does not arrive within 400 steps.

# %% [markdown]
# The closed form wins, of course: one solution of two equations, about the price of one step. What arrives
# gets its numbers and, by the curvature, its uncertainties. Among the walkers memory pays, and tuned to the
# valley it pays most: its steps grow with $\sqrt\kappa$, plain descent's with $\kappa$.
#
# RMSProp never comes to rest. Its steps keep the length $\eta$ however small the gradient is, so a rate that
# is small enough to stay within the error is too small to arrive in time. Adam's name is no promise either:
# on a bowl with two parameters it has nothing that momentum lacks. Its merit is elsewhere, in large networks,
# where the sizes of gradients differ from layer to layer. This race cannot show that.
#
# ## Cheaper than any optimiser: the units
#
# The valley was our own doing. With the time in nanoseconds, in hundreds of them, or measured from its mean
# in units of its spread, the line is the same and the landscape is not.
#
# **Predict before you run.** Plain descent at its best rate $2/(\lambda_{\min}+\lambda_{\max})$, in the three
# units. How many steps?

# %%
scaled = (time - time.mean()) / time.std()
for name, t in {"ns": time, "100 ns": time / 100, "scaled": scaled}.items():
    table = np.column_stack([np.ones(len(t)), t])
    small, large = np.linalg.eigvalsh(table.T @ table / len(t))
    shrink = (large / small - 1) / (large / small + 1)
    steps = np.log(misfit(start) / 0.5) / (-2 * np.log(max(shrink, 1e-9)))
    print(f"{name:7} condition number {large / small:9.1f}   about {max(steps, 1):9.0f} steps")

# %% [markdown] tags=["fold"]
# Scaled, the two columns have mean zero and the same spread: $H$ is the unit matrix, the ellipses are
# circles, the gradient points at the minimum and $\eta = 1$ arrives in one step, as the closed form does. In
# nanoseconds the same descent takes more steps than most people wait for, and a program that gives up after
# a thousand reports a wrong velocity without a warning.

# %%
table = np.column_stack([np.ones(len(scaled)), scaled])
w = np.zeros(2)
w = w - 1.0 * (table @ w - distance) @ table / len(table)
v = 10 * w[1] / time.std() * 100
print(f"one step, scaled: drift velocity {v:.2f} µm/ns; closed form {velocity.value:.2f}")

# %% [markdown]
# In a network one cannot scale everything beforehand, since the inputs of the second layer are made by the
# first. For its own inputs there is no excuse.
#
# ## Where it fails: more than one valley
#
# A straight line has one minimum. Here is a measurement that has many. A muon neutrino that has flown a
# distance $L$ with energy $E$ is still one with probability $\frac12\,(1 + D\cos(2.534\,\Delta m^2 L/E))$,
# where $D$ = 0.8 takes care of the resolution, $L/E$ counts in 1000 km/GeV and $\Delta m^2$ in 10⁻³ eV². Of
# five hundred neutrinos we know $L/E$ and whether a muon appeared ($y = +1$) or not ($y = -1$). What is
# $\Delta m^2$?

# %%
from hepml_course.simulate import muon_neutrinos

flight, seen = muon_neutrinos(n=500, rng=9)


def neutrino_loss(m, flight, seen):
    return -np.log(0.5 * (1 + 0.8 * seen * np.cos(2.534 * m * flight))).mean(axis=-1)


def neutrino_slope(m, flight, seen):
    phase = 2.534 * m * flight
    return 0.8 * seen * 2.534 * flight * np.sin(phase) / (1 + 0.8 * seen * np.cos(phase))


# %% [markdown]
# The loss is again $-\log L$ per event; for a probability that is the cross-entropy. `neutrino_slope` gives
# one slope per event. In the picture the deepest valley is shaded, to both sides as far as its nearer ridge.

# %%
scan = np.linspace(0.2, 8, 1000)
height = neutrino_loss(scan[:, None], flight, seen)
deepest = scan[np.argmin(height)]
fig, ax = plt.subplots()
ax.plot(scan, height)
ax.axvspan(deepest - 0.88, deepest + 0.88, color="0.9")
_ = ax.set(xlabel=r"$\Delta m^2$ / $10^{-3}$ eV$^2$", ylabel="loss per event", xlim=(0.2, 8))

# %% [markdown] tags=["alt:previous"]
# Loss against the mass splitting from 0.2 to 8. One deep narrow valley at 2.5, shaded, between two high
# ridges, and further valleys, much shallower, on both sides.

# %% [markdown]
# The shallow valleys are no accident of this sample. A wrong frequency can stay in step with the right one
# for a part of the range. **Predict before you run.** Four hundred starts anywhere between 0.5 and 7.5, full
# batch, until nothing moves. What share ends in the shaded valley?


# %%
def fit_many(m, flight, seen, eta, size, updates, rng):
    for _ in range(updates):
        if size == len(seen):
            m = m - eta * neutrino_slope(m[:, None], flight, seen).mean(axis=1)
            continue
        b = rng.integers(len(seen), size=(len(m), size))
        m = m - eta * neutrino_slope(m[:, None], flight[b], seen[b]).mean(axis=1)
    return m


def share(ends, deepest):
    p = np.mean(np.abs(ends - deepest) < 0.88)
    return Estimate(p, np.sqrt(p * (1 - p) / len(ends)))


# %% tags=["training"]
rng = np.random.default_rng(11)
begin = rng.uniform(0.5, 7.5, size=400)
n_seen = len(seen)
stuck = fit_many(begin, flight, seen, 0.3, n_seen, 300, rng)
moved = np.abs(fit_many(stuck, flight, seen, 0.3, n_seen, 1, rng) - stuck).max()
print(f"in the deepest valley {share(stuck, deepest):.3f}, last step at most {moved:.0e}")

# %% [markdown]
# A start ends at the bottom of the valley it lies in. More steps change nothing, and the result looks like
# any other: the loss has stopped falling, the gradient is zero, and the curvature gives a nice small error.
#
# Lecture 002 claims that stochastic steps get out. The slope of a single event is much larger than the mean
# slope, and often has the other sign, so a step from a single event can jump over a ridge. We test it as
# fairly as we can: every batch size gets the rate that was best on *another* sample. The small batches get
# twenty passes over the sample, the full batch three hundred, after which it does not move any more.
#
# **Predict before you run.** What will the share do as the rate grows, for single events?

# %%
pilot, pilot_seen = muon_neutrinos(n=500, rng=12)
pilot_best = scan[np.argmin(neutrino_loss(scan[:, None], pilot, pilot_seen))]
trial = {1: 0.03, 10: 0.3, n_seen: 1.0}
factors = 2.0 ** np.arange(-3, 3)
shares = {}
for size, middle in trial.items():
    updates = 300 if size == n_seen else 20 * n_seen // size
    for eta in middle * factors:
        ends = fit_many(begin[:150], pilot, pilot_seen, eta, size, updates, rng)
        shares[size, eta] = share(ends, pilot_best)

# %%
fig, ax = plt.subplots()
for size, marker in zip(trial, "o^s", strict=True):
    points = {eta: s for (n, eta), s in shares.items() if n == size}
    values, errors = np.transpose(list(points.values()))
    ax.errorbar(list(points), values, errors, fmt=marker + "-", label=f"batch of {size}")
ax.set(xscale="log", ylim=(0, 1), xlabel=r"rate $\eta$", ylabel="share in the deepest valley")
_ = ax.legend()

# %% [markdown] tags=["alt:previous"]
# Share of starts that end in the deepest valley against the rate. For single events it stays at a quarter
# for small rates, rises to a hump above 0.7 near 0.03 and falls to a few per cent. Batches of 10 make the
# same hump at rates ten times larger. The full batch stays at a quarter up to a rate near 1 and then drops.

# %% [markdown]
# A hump. With a small rate the noise averages out before it carries anyone over a ridge, and descent is
# descent. With a large one nobody stays anywhere, not in the deepest valley either. In between the ridges of
# the shallow valleys can be crossed and those of the deep one hardly: the same as in annealing a crystal,
# with $\eta$ divided by the batch size for the temperature.
#
# Now the measurement, at the rates just chosen, on the first sample and the four hundred starts.

# %% tags=["training"]
ends = {}
for size in trial:
    eta = max((eta for n, eta in shares if n == size), key=lambda eta: shares[size, eta].value)
    updates = 300 if size == n_seen else 20 * n_seen // size
    ends[size] = fit_many(begin, flight, seen, eta, size, updates, rng)
    print(f"batch {size:3}  rate {eta:.4f}  {updates:5} updates  share {share(ends[size], deepest):.3f}")

# %% [markdown]
# Each start is its own comparison. The error counts the starts; on another sample of neutrinos the ridges are
# a little different, and it does not know of that.

# %% tags=["training"]
there = {size: np.abs(end - deepest) < 0.88 for size, end in ends.items()}
gain = there[1].astype(float) - there[n_seen]
claim("sgd-escapes", gain.mean(), gain.std() / np.sqrt(len(gain)))
assert gain.mean() > 0.2
lost = ~there[n_seen]
print(f"of {lost.sum()} starts that full batch leaves in a wrong valley, {there[1][lost].sum()} arrive")
print(f"of {(~lost).sum()} that it brings home, {(~there[1][~lost]).sum()} are thrown out")
print(f"{(ends[1] > 8).sum()} of all {len(begin)} end beyond 8, outside the figure")

# %% [markdown]
# The noise helps, and it is not free: it must have the right size, it throws some out, and where it leaves
# off is a random point near the bottom, so one finishes with the full batch.
#
# Before anyone praises it, the baselines. One can start ten times and keep the lowest loss, or scan, as a
# physicist would. The cost is counted in passes over the sample.

# %% tags=["training"]
short = fit_many(begin, flight, seen, 0.3, n_seen, 20, rng).reshape(40, 10)
losses = neutrino_loss(short[..., None], flight, seen)
kept = short[np.arange(40), losses.argmin(axis=1)]
print(f"one event at a time       20 passes   {share(ends[1], deepest):.2f}")
print(f"best of ten, full batch  200 passes   {share(kept, deepest):.2f}")
coarse = np.linspace(0.5, 7.5, 20)
lowest_seen = coarse[np.argmin(neutrino_loss(coarse[:, None], flight, seen))]
print(f"scan of twenty values     20 passes   found: {abs(lowest_seen - deepest) < 0.88}")

# %% [markdown]
# In one dimension the scan wins: it costs no more, and it depends neither on a start nor on a rate. The
# case for noise is a network with a million parameters, which cannot be scanned, and where ten starts do
# not cover anything. Whether local minima are what stops a descent there is another question; often it is a
# long flat valley, and for that we have momentum. What this example shows is that noise *can* help, and
# that it needs the right rate to do so.
#
# **Question.** In which of these does noise help? (a) the straight-line fit, started far away; (b) a loss
# that is flat far from its only minimum; (c) two valleys of equal depth with a high ridge between them;
# (d) shallow valleys on the wall of a deep one.

# %% [markdown] tags=["fold"]
# (d). In (a) there is one valley, and noise only blurs its bottom. In (b) noise without a slope makes a
# walk without direction; the starts that ended beyond the range of the figure show it. In (c) either valley
# is as good, and a noise that crosses the ridge stays in neither.

# %% [markdown]
# ## Summary
#
# - The gradient of a mean loss is a mean over events. Derive it, then check it from both sides.
# - $\eta < 2/\lambda_{\max}$, or the loss grows by the same factor at each step. Below it, the number of
#   steps goes with the condition number $\lambda_{\max}/\lambda_{\min}$.
# - Scale the inputs first. No other improvement is so cheap.
# - A mini-batch gives a noisy gradient for a small part of the price; events in it beyond a few dozen serve
#   the hardware. At a constant rate the noise never ends.
# - Momentum and Nesterov average over the zigzag; RMSProp and Adam make the rate a length of step for each
#   parameter; NAdam looks ahead too. None of them beats a closed form where there is one.
# - Descent ends in some minimum. Start several times, look at the loss, scan where one can. Noise helps when
#   its size fits the ridges.
#
# Now write them yourself: `exercises/03_gradient_descent.ipynb`.
