"""Answers to the exercise of lesson 14."""

import itertools
import math

import numpy as np
from scipy.stats import chi2, norm

from answers import Answers

C = np.arange(28)

# -- rows ---------------------------------------------------------------------------------------


def rows(y0, y1):
    return np.floor(y0 + (y1 - y0) * C / 27).astype(int)


def rows_loop(y0, y1):
    out = []
    for c in range(28):
        out.append(int(y0 + c * (y1 - y0) / 27))
    return out


def rows_linspace(y0, y1):
    return np.linspace(y0, y1, 28).astype(np.int64)


def line(change):
    """Rows from another height in column c."""
    return lambda y0, y1: np.floor(change(y0, y1)).astype(int)


# -- log_likelihood -----------------------------------------------------------------------------


def log_likelihood(image, rows, hit_efficiency, noise):
    p = np.full((28, 28), noise)
    p[rows, C] = 1 - (1 - noise) * (1 - hit_efficiency)
    return np.log(np.where(image == 1, p, 1 - p)).sum()


def likelihood_loops(image, rows, hit_efficiency, noise):
    total = 0
    for r in range(28):
        for c in range(28):
            p = noise
            if rows[c] == r:
                p = noise + hit_efficiency - noise * hit_efficiency
            total += math.log(p if image[r, c] else 1 - p)
    return total


def likelihood_counts(image, rows, hit_efficiency, noise):
    on = image[rows, C].sum()
    off = image.sum() - on
    silent = (1 - noise) * (1 - hit_efficiency)
    return (
        on * np.log(1 - silent)
        + (28 - on) * np.log(silent)
        + off * np.log(noise)
        + (784 - 28 - off) * np.log1p(-noise)
    )


def likelihood_scipy(image, rows, hit_efficiency, noise):
    from scipy.stats import bernoulli

    p = noise * np.ones_like(image, dtype=float)
    for c, r in enumerate(rows):
        p[r, c] = hit_efficiency + (1 - hit_efficiency) * noise
    return bernoulli.logpmf(image, p).sum()


def likelihood_with(on, off=lambda e, p: p):
    def function(image, rows, e, p):
        probability = np.full((28, 28), off(e, p))
        probability[rows, C] = on(e, p)
        return np.log(np.where(image, probability, 1 - probability)).sum()

    return function


def true_on(e, p):
    return 1 - (1 - e) * (1 - p)


def likelihood_line_only(image, rows, e, p):
    q = true_on(e, p)
    return sum(np.log(q) if image[rows[c], c] else np.log(1 - q) for c in range(28))


def likelihood_hits_only(image, rows, e, p):
    total = 0
    for r, c in zip(*np.nonzero(image), strict=True):
        total += np.log(true_on(e, p) if rows[c] == r else p)
    return total


def likelihood_line_hits_only(image, rows, e, p):
    return image[rows, C].sum() * np.log(true_on(e, p))


def likelihood_ratio(image, rows, e, p):
    return log_likelihood(image, rows, e, p) - likelihood_with(lambda e, p: p)(image, rows, e, p)


def likelihood_log_of_sum(image, rows, e, p):
    probability = np.full((28, 28), p)
    probability[rows, C] = true_on(e, p)
    return np.log(np.sum(np.where(image, probability, 1 - probability)))


def likelihood_product(image, rows, e, p):
    probability = np.full((28, 28), p)
    probability[rows, C] = true_on(e, p)
    return np.prod(np.where(image, probability, 1 - probability))


def likelihood_log_of_product(image, rows, e, p):
    return np.log(likelihood_product(image, rows, e, p) ** 10)


def likelihood_transposed(image, rows, e, p):
    probability = np.full((28, 28), p)
    probability[C, rows] = true_on(e, p)
    return np.log(np.where(image, probability, 1 - probability)).sum()


def likelihood_line_twice(image, rows, e, p):
    return log_likelihood(image, rows, e, p) + likelihood_line_only(image, rows, e, p)


# -- scan ---------------------------------------------------------------------------------------


def scan(image, ends):
    best, most = None, -1
    for y0 in ends:
        for y1 in ends:
            hits = image[rows(y0, y1), C].sum()
            if hits > most:
                best, most = (y0, y1), hits
    return best


def scan_likelihood(image, ends):
    lines = [(a, b) for a in ends for b in ends]
    return max(lines, key=lambda pair: log_likelihood(image, rows(*pair), 0.7, 0.05))


def scan_arrays(image, ends):
    a, b = np.meshgrid(ends, ends, indexing="ij")
    crossed = np.floor(a[..., None] + (b - a)[..., None] * C / 27).astype(int)
    counts = image[crossed, C].sum(axis=-1)
    i, j = np.unravel_index(np.argmax(counts), counts.shape)
    return np.array([ends[i], ends[j]])


def scan_with(function, choose=max, pairs=None):
    def search(image, ends):
        lines = [(a, b) for a in ends for b in ends] if pairs is None else pairs(ends)
        return choose(lines, key=lambda pair: function(image, *pair))

    return search


def hits(image, a, b):
    return image[rows(a, b), C].sum()


def scan_whole_rows(image, ends):
    best, most = None, -1
    for a, b in itertools.product(ends, ends):
        if image[rows(a, b)].sum() >= most:
            best, most = (a, b), image[rows(a, b)].sum()
    return best


def index_of(image, ends):
    a, b = scan(image, ends)
    return list(ends).index(a), list(ends).index(b)


def second_best(image, ends):
    lines = sorted(((a, b) for a in ends for b in ends), key=lambda pair: hits(image, *pair))
    return lines[-2]


def between(image, ends):
    return tuple(y + 0.01 for y in scan(image, ends))


def polyfit(image, ends):
    r, c = np.nonzero(image)
    return np.polyval(np.polyfit(c, r + 0.5, 1), [0, 27])


# -- robust_width -------------------------------------------------------------------------------


def width(values):
    low, high = np.quantile(values, [0.1587, 0.8413])
    return (high - low) / 2


def width_percentile(values):
    return (np.percentile(values, 84.13) - np.percentile(values, 15.87)) / 2


def width_sorted(values):
    x = np.sort(values)
    n = len(x)
    return 0.5 * (x[round(0.8415 * n)] - x[round(0.1585 * n)])


def width_norm(values):
    return np.diff(np.quantile(values, norm.cdf([-1, 1])))[0] / 2


def quantiles(low, high, factor):
    return lambda x: factor * (np.quantile(x, high) - np.quantile(x, low))


# -- loss ---------------------------------------------------------------------------------------


def loss(y, mean, log_sigma):
    return np.mean(0.5 * ((y - mean) / np.exp(log_sigma)) ** 2 + log_sigma)


def loss_scipy(y, mean, log_sigma):
    return -norm.logpdf(y, mean, np.exp(log_sigma)).mean()


def loss_loop(y, mean, log_sigma):
    total = 0
    for a, m, s in zip(y, mean, log_sigma, strict=True):
        total += (a - m) ** 2 / (2 * math.exp(s) ** 2) + s
    return total / len(y)


def loss_tensor(y, mean, log_sigma):
    from keras import ops

    y, mean, log_sigma = (np.asarray(part, "float64") for part in (y, mean, log_sigma))
    return ops.mean(ops.square((y - mean) * ops.exp(-log_sigma)) / 2 + log_sigma)


def loss_with(one):
    return lambda y, mean, log_sigma: np.mean(one(y - mean, log_sigma))


# -- chi2_probability ---------------------------------------------------------------------------


def probability(residuals, covariance):
    inverse = np.linalg.inv(covariance)
    return np.exp(-np.einsum("ni,nij,nj->n", residuals, inverse, residuals) / 2)


def probability_loop(residuals, covariance):
    return [chi2.sf(r @ np.linalg.inv(c) @ r, 2) for r, c in zip(residuals, covariance, strict=True)]


def probability_solve(residuals, covariance):
    x = np.linalg.solve(covariance, residuals[..., None])[..., 0]
    return chi2.sf(np.sum(residuals * x, axis=1), df=2)


def probability_pulls(residuals, covariance):
    s0, s1 = np.sqrt(covariance[:, 0, 0]), np.sqrt(covariance[:, 1, 1])
    rho = covariance[:, 0, 1] / (s0 * s1)
    a, b = residuals[:, 0] / s0, residuals[:, 1] / s1
    return 1 - chi2.cdf((a**2 - 2 * rho * a * b + b**2) / (1 - rho**2), 2)


def chi2_of(r, cov):
    return np.einsum("ni,nij,nj->n", r, np.linalg.inv(cov), r)


def sigmas(cov):
    return np.sqrt(np.stack([cov[:, 0, 0], cov[:, 1, 1]], axis=1))


def correlation(cov):
    return cov[:, 0, 1] / sigmas(cov).prod(axis=1)


def written_out(widths, rho_of, divisor=lambda rho: 1 - rho**2):
    """χ² from pulls and correlation."""

    def function(r, cov):
        (a, b), rho = (r / widths(cov)).T, rho_of(cov)
        return np.exp(-(a**2 - 2 * rho * a * b + b**2) / divisor(rho) / 2)

    return function


def mixed(factor):
    def function(r, cov):
        a, b = (r / sigmas(cov)).T
        rho = cov[:, 0, 1] / sigmas(cov).prod(axis=1)
        return np.exp(-(a**2 + factor * rho * a * b + b**2) / (1 - rho**2) / 2)

    return function


# -- diagnose -----------------------------------------------------------------------------------


def parts(p):
    h = np.histogram(p, bins=20, range=(0, 1))[0] / len(p) * 20
    return h[0], h[1:5].mean(), h[-4:].mean()


def diagnose(p):
    first, second, last = parts(p)
    if first < 0.5:
        return "too large"
    if first > 1.25 and last > 1.2:
        return "correlation"
    if first > 1.25:
        return "too small" if second > 1.12 else "outliers"
    return "fine"


def diagnose_shares(p):
    low, middle, high = np.mean(p < 0.05), np.mean((p >= 0.05) & (p < 0.25)), np.mean(p > 0.8)
    if high > 0.25 and low < 0.03:
        return "Too large"
    if high > 0.25:
        return "correlation"
    if low > 0.065:
        return "too small" if middle > 0.23 else "outliers"
    return "fine"


def diagnose_by_first_bin(p):
    h = np.histogram(p, 20, range=(0, 1), density=True)[0]
    if h[0] < 0.8:
        return "too large"
    if h[-1] > 1.2:
        return "correlation"
    if h[0] > 2.3:
        return "too small"
    return "outliers" if h[0] > 1.2 else "fine"


def diagnose_but(**instead):
    """The right words with some exchanged, spaces written as underscores."""
    words = {key.replace("_", " "): value for key, value in instead.items()}
    return lambda p: words.get(diagnose(p), diagnose(p))


ANSWERS = {
    "tracking.rows": Answers(
        right=[rows, rows_loop, rows_linspace],
        wrong=[
            ("steps", line(lambda a, b: a + (b - a) * C / 28)),
            ("steps", line(lambda a, b: a + (b - a) * (C + 1) / 28)),
            ("rounded", lambda a, b: np.round(a + (b - a) * C / 27).astype(int)),
            ("ceiling", lambda a, b: np.ceil(a + (b - a) * C / 27).astype(int)),
            ("half", line(lambda a, b: a + (b - a) * C / 27 - 0.5)),
            ("reversed", lambda a, b: rows(a, b)[::-1]),
            ("no-start", line(lambda a, b: (b - a) * C / 27)),
            ("slope-sign", line(lambda a, b: a + (a - b) * C / 27)),
            ("always-up", line(lambda a, b: a + abs(b - a) * C / 27)),
            ("ends-only", lambda a, b: np.linspace(int(a), int(b), 28).astype(int)),
            ("transposed", lambda a, b: C),
            ("upside-down", lambda a, b: 27 - rows(a, b)),
            ("floats", lambda a, b: np.floor(a + (b - a) * C / 27)),
            ("not-whole", lambda a, b: a + (b - a) * C / 27),
            ("shape", lambda a, b: rows(a, b)[:27]),
            ("other", line(lambda a, b: a + b * C / 27)),
            ("other", lambda a, b: [int(a) + int((b - a) * c / 27) for c in range(28)]),
            ("raised", lambda a, b: int(a + (b - a) * C / 27)),
        ],
    ),
    "tracking.log_likelihood": Answers(
        right=[
            log_likelihood,
            likelihood_loops,
            likelihood_counts,
            likelihood_scipy,
            lambda *case: np.array([log_likelihood(*case)]),
        ],
        wrong=[
            ("noise-not-on-track", likelihood_with(lambda e, p: e)),
            ("added", likelihood_with(lambda e, p: e + p)),
            ("product", likelihood_with(lambda e, p: e * p)),
            ("swapped", likelihood_with(true_on, lambda e, p: e)),
            ("swapped-all", likelihood_with(lambda e, p: p, lambda e, p: e)),
            ("silent-on-track", likelihood_with(lambda e, p: (1 - e) * (1 - p))),
            ("exactly-one", likelihood_with(lambda e, p: e * (1 - p))),
            ("exactly-one", likelihood_with(lambda e, p: e * (1 - p) + p * (1 - e))),
            ("line-only", likelihood_line_only),
            ("line-only", lambda i, r, e, p: np.log(np.where(i[r, C], e, 1 - e)).sum()),
            ("hits-only", likelihood_hits_only),
            ("hits-only", likelihood_line_hits_only),
            ("ratio", likelihood_ratio),
            ("log-of-sum", likelihood_log_of_sum),
            ("not-the-log", likelihood_product),
            ("not-finite", likelihood_log_of_product),
            ("not-finite", likelihood_with(lambda e, p: e + 10 * p)),
            ("sign", lambda *case: -log_likelihood(*case)),
            ("minus-two", lambda *case: -2 * log_likelihood(*case)),
            ("base-ten", lambda *case: log_likelihood(*case) / np.log(10)),
            ("mean", lambda *case: log_likelihood(*case) / 784),
            ("transposed", likelihood_transposed),
            ("inverted", lambda i, r, e, p: log_likelihood(1 - i, r, e, p)),
            ("everywhere", likelihood_with(true_on, true_on)),
            ("no-track", likelihood_with(lambda e, p: p)),
            ("rounded", lambda *case: round(log_likelihood(*case), 1)),
            ("other", likelihood_line_twice),
            ("raised", lambda image, rows, e, p: math.log(0)),
            ("returns-nothing", lambda image, rows, e, p: None),
        ],
    ),
    "tracking.scan": Answers(
        right=[scan, scan_likelihood, scan_arrays],
        wrong=[
            ("swapped", lambda image, ends: scan(image, ends)[::-1]),
            ("index", index_of),
            ("value", lambda image, ends: max(hits(image, a, b) for a in ends for b in ends)),
            ("worst", scan_with(hits, min)),
            (
                "half-of-pairs",
                scan_with(hits, pairs=lambda ends: [(a, b) for a in ends for b in ends if b >= a]),
            ),
            ("half-of-pairs", scan_with(hits, pairs=lambda ends: list(itertools.combinations(ends, 2)))),
            ("last-left-out", lambda image, ends: scan(image, ends[:-1])),
            ("last-left-out", lambda image, ends: scan(image, ends[1:])),
            ("upside-down", lambda image, ends: scan(image[::-1], ends)),
            ("value", lambda image, ends: scan(image, ends)[0]),
            ("whole-rows", scan_with(lambda image, a, b: image[rows(a, b)].sum())),
            ("whole-rows", scan_whole_rows),
            ("horizontal", scan_with(hits, pairs=lambda ends: [(y, y) for y in ends])),
            ("mirrored", scan_with(hits, pairs=lambda ends: list(zip(ends, ends[::-1], strict=True)))),
            ("steps", scan_with(lambda i, a, b: i[(a + (b - a) * C / 28).astype(int), C].sum())),
            (
                "rounded",
                scan_with(
                    lambda i, a, b: i[np.minimum(np.rint(a + (b - a) * C / 27), 27).astype(int), C].sum()
                ),
            ),
            ("ends-of-image", polyfit),
            ("transposed", lambda image, ends: scan(image.T, ends)),
            ("not-in-ends", between),
            ("other", second_best),
            ("shape", lambda image, ends: (*scan(image, ends), 20)),
            ("raised", lambda image, ends: image[ends]),
        ],
    ),
    "tracking.robust_width": Answers(
        right=[
            width,
            width_percentile,
            width_sorted,
            width_norm,
            quantiles(0.16, 0.84, 0.5),
            lambda x: np.diff(np.quantile(x, [0.1587, 0.8413])) / 2,
        ],
        wrong=[
            ("full", quantiles(0.1587, 0.8413, 1)),
            ("std", np.std),
            ("std", lambda x: np.std(x, ddof=1)),
            ("rms", lambda x: np.sqrt(np.mean(x**2))),
            ("quartiles", quantiles(0.25, 0.75, 0.5)),
            ("scaled-quartiles", quantiles(0.25, 0.75, 1 / 1.349)),
            ("around-zero", lambda x: np.quantile(np.abs(x), 0.683)),
            ("around-median", lambda x: np.quantile(np.abs(x - np.median(x)), 0.683)),
            ("mad", lambda x: 1.4826 * np.median(np.abs(x - np.median(x)))),
            ("mad", lambda x: np.median(np.abs(x - np.median(x)))),
            ("lower-68", quantiles(0, 0.683, 0.5)),
            ("lower-68", lambda x: np.quantile(x, 0.683)),
            ("two-thirds", quantiles(0.34, 0.68, 0.5)),
            ("one-quantile", lambda x: np.quantile(x, 0.8413)),
            ("one-side", lambda x: np.quantile(x, 0.8413) - np.median(x)),
            ("clipped", lambda x: np.std(x[np.abs(x - x.mean()) < 3 * x.std()])),
            ("unsorted", lambda x: (x[int(0.8413 * len(x))] - x[int(0.1587 * len(x))]) / 2),
            ("sign", quantiles(0.8413, 0.1587, 0.5)),
            ("ninety-five", quantiles(0.025, 0.975, 0.5)),
            ("percent", lambda x: (np.percentile(x, 0.8413) - np.percentile(x, 0.1587)) / 2),
            ("other", lambda x: x.max() - x.min()),
            ("raised", lambda x: np.quantile(x, 84.13)),
            ("not-a-number", lambda x: np.quantile(x, [0.1587, 0.8413])),
        ],
    ),
    "tracking.loss": Answers(
        right=[loss, loss_scipy, loss_loop, loss_tensor],
        wrong=[
            ("no-half", loss_with(lambda r, s: (r / np.exp(s)) ** 2 + s)),
            ("no-log", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2)),
            ("sigma-not-squared", loss_with(lambda r, s: r**2 / np.exp(s) / 2 + s)),
            ("sigma-not-squared", loss_with(lambda r, s: r**2 / np.exp(s) / 2 + s + 0.5 * np.log(2 * np.pi))),
            ("residual-not-squared", loss_with(lambda r, s: np.abs(r) / np.exp(s) / 2 + s)),
            ("log-as-sigma", loss_with(lambda r, s: (r / s) ** 2 / 2 + np.log(s))),
            ("power-of-ten", loss_with(lambda r, s: (r / 10**s) ** 2 / 2 + s)),
            ("power-of-ten", loss_with(lambda r, s: (r / 10**s) ** 2 / 2 + s * np.log(10))),
            ("sigma-for-log", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2 + np.exp(s))),
            ("log-variance", loss_with(lambda r, s: (r**2 / np.exp(s) + s) / 2)),
            ("half-log", loss_with(lambda r, s: ((r / np.exp(s)) ** 2 + s) / 2)),
            ("double-log", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2 + 2 * s)),
            ("minus-log", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2 - s)),
            ("likelihood", lambda *case: -loss(*case)),
            ("likelihood", lambda y, m, s: norm.logpdf(y, m, np.exp(s)).mean()),
            ("multiplied", loss_with(lambda r, s: (r * np.exp(s)) ** 2 / 2 + s)),
            ("log-as-sigma", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2 + np.log(s))),
            ("doubled", loss_with(lambda r, s: (r / np.exp(s)) ** 2 + 2 * s)),
            ("doubled", loss_with(lambda r, s: (r / np.exp(s)) ** 2 + 2 * s + np.log(2 * np.pi))),
            ("constant", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2 + s + np.log(2 * np.pi))),
            ("constant", loss_with(lambda r, s: (r / np.exp(s)) ** 2 / 2 + s - np.log(2 * np.pi) / 2)),
            ("sum", lambda y, m, s: len(y) * loss(y, m, s)),
            ("sum", lambda y, m, s: -norm.logpdf(y, m, np.exp(s)).sum()),
            ("per-event", lambda y, m, s: ((y - m) / np.exp(s)) ** 2 / 2 + s),
            ("squared-error", loss_with(lambda r, s: r**2)),
            ("density", lambda y, m, s: norm.pdf(y, m, np.exp(s)).mean()),
            ("log-of-mean", lambda y, m, s: -np.log(norm.pdf(y, m, np.exp(s)).mean())),
            ("rounded", lambda *case: round(loss(*case), 2)),
            ("other", loss_with(lambda r, s: r)),
            ("raised", lambda y, m, s: loss(y, m)),
        ],
    ),
    "tracking.chi2_probability": Answers(
        right=[probability, probability_loop, probability_solve, probability_pulls],
        wrong=[
            ("below", lambda r, c: 1 - probability(r, c)),
            ("below", lambda r, c: chi2.cdf(chi2_of(r, c), 2)),
            ("chi2", chi2_of),
            ("no-half", lambda r, c: np.exp(-chi2_of(r, c))),
            ("one-degree", lambda r, c: chi2.sf(chi2_of(r, c), 1)),
            ("many-degrees", lambda r, c: chi2.sf(chi2_of(r, c), len(r))),
            ("density", lambda r, c: chi2.pdf(chi2_of(r, c), 2)),
            ("no-correlation", lambda r, c: chi2.sf(((r / sigmas(c)) ** 2).sum(axis=1), 2)),
            ("not-inverted", lambda r, c: np.exp(-np.einsum("ni,nij,nj->n", r, c, r) / 2)),
            ("elementwise", lambda r, c: np.exp(-np.einsum("ni,nij,nj->n", r, c**-1.0, r) / 2)),
            ("not-squared", lambda r, c: np.exp(-(r**2 / sigmas(c)).sum(axis=1) / 2)),
            ("product", lambda r, c: np.prod(chi2.sf((r / sigmas(c)) ** 2, 1), axis=1)),
            ("no-covariance", lambda r, c: np.exp(-(r**2).sum(axis=1) / 2)),
            ("root", lambda r, c: chi2.sf(np.sqrt(chi2_of(r, c)), 2)),
            ("pulls", lambda r, c: r / sigmas(c)),
            ("first-only", lambda r, c: chi2.sf((r[:, 0] / sigmas(c)[:, 0]) ** 2, 1)),
            ("sigma-as-variance", lambda r, c: probability(r, c**2)),
            ("common", lambda r, c: probability(r, np.broadcast_to(c.mean(axis=0), c.shape))),
            ("first-covariance", lambda r, c: [np.exp(-x @ np.linalg.inv(c[0]) @ x / 2) for x in r]),
            ("variance-as-sigma", written_out(lambda c: c[:, [0, 1], [0, 1]], correlation)),
            ("one-minus-rho", written_out(sigmas, correlation, lambda rho: 1)),
            ("covariance-as-rho", written_out(sigmas, lambda c: c[:, 0, 1])),
            ("above-one", lambda r, c: 1.5 - probability(r, c)),
            ("correlation-once", mixed(-1)),
            ("correlation-sign", mixed(2)),
            ("shape", lambda r, c: probability(r, c).mean()),
            ("shape", lambda r, c: chi2.sf((r / sigmas(c)) ** 2, 1)),
            ("rounded", lambda r, c: probability(r, c).round(2)),
            ("other", lambda r, c: chi2.sf(chi2_of(r, c) / 2, 2)),
            ("other", lambda r, c: probability(r, c)[::-1]),
            ("raised", lambda r, c: r @ np.linalg.inv(c) @ r),
        ],
    ),
    "tracking.diagnose": Answers(
        right=[diagnose, diagnose_shares],
        wrong=[
            ("not-a-word", lambda p: "bad"),
            ("not-a-word", lambda p: 1.0),
            ("always-the-same", lambda p: "outliers"),
            ("fine-accused", diagnose_but(fine="too small")),
            ("missed", diagnose_but(correlation="fine")),
            ("missed", lambda p: "fine" if p.mean() > 0.4 else "too small"),
            ("swapped", diagnose_but(too_large="too small", too_small="too large")),
            ("first-bin-only", diagnose_by_first_bin),
            ("small-as-outliers", diagnose_but(too_small="outliers")),
            ("outliers-as-small", diagnose_but(outliers="too small")),
            ("correlation-as-small", diagnose_but(correlation="too small")),
            ("correlation-as-outliers", diagnose_but(correlation="outliers")),
            ("correlation-as-large", diagnose_but(correlation="too large")),
            ("outliers-as-correlation", diagnose_but(outliers="correlation")),
            ("large-as-correlation", diagnose_but(too_large="correlation")),
            ("small-as-correlation", diagnose_but(too_small="correlation")),
            ("other", diagnose_but(outliers="too large")),
            ("returns-nothing", lambda p: None),
            ("raised", lambda p: p["first"]),
        ],
    ),
}
