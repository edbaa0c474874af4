"""Answers to the exercise of lesson 10."""

import functools
import math
from itertools import pairwise

import numpy as np
import pandas as pd

from answers import Answers
from hepml_course.checks import weights as course
from hepml_course.metrics import auc, effective_size
from hepml_course.metrics.histogram import weighted_histogram
from hepml_course.simulate import ZJETS_FEATURES, z_jets, z_jets_ratio

# -- luminosity ---------------------------------------------------------------------------------


def lumi_numpy(g, sigma, lumi):
    return 1000 * sigma * lumi * g / np.sum(g)


def lumi_loop(g, sigma, lumi):
    total = 0.0
    for weight in g:
        total += weight
    return [weight / total * sigma * 1e3 * lumi for weight in g]


def lumi_femtobarn(g, sigma, lumi):
    in_femtobarn = sigma / 1e-3
    per_unit = in_femtobarn * lumi / math.fsum(g)
    return pd.Series(g) * per_unit


def lumi_mean(g, sigma, lumi):
    return g / g.mean() * (sigma * lumi * 1000) / len(g)


def lumi_with(below=np.sum, above=lambda g: g, factor=1000.0, sigma=True, lumi=True):
    def weights(g, s, li):
        return above(g) * factor * (s if sigma else 1) * (li if lumi else 1) / below(g)

    return weights


def lumi_in_place(g, sigma, lumi):
    g *= 1000 * sigma * lumi / g.sum()
    return g


# -- effective size -----------------------------------------------------------------------------


def size_loop(w):
    total = squares = 0.0
    for weight in w:
        total += weight
        squares += weight * weight
    return total**2 / squares


def size_from_error(w):
    return 1 / (np.sqrt(np.sum(w**2)) / np.sum(w)) ** 2


def size_from_means(w):
    return len(w) * np.mean(w) ** 2 / np.mean(np.square(w))


def size_norm(w):
    return np.array([(w.sum() / np.linalg.norm(w)) ** 2])


# -- what negative weights cost -------------------------------------------------------------------


def needed_by_bisection(n, f):
    low, high = n, 1e6 * n
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if (1 - 2 * f) ** 2 * middle < n else (low, middle)
    return (low + high) / 2


def needed_whole(n, f):
    return math.ceil(n / (1 - 2 * f) ** 2)


def needed_from_shares(n, f):
    positive, negative = 1 - f, f
    return n / (positive - negative) ** 2


# -- histogram ----------------------------------------------------------------------------------


def histogram_numpy(x, w, edges):
    heights, _ = np.histogram(x, edges, weights=w)
    squares, _ = np.histogram(x, edges, weights=w**2)
    return heights, squares**0.5


def histogram_loop(x, w, edges):
    heights, errors = [], []
    for low, high in pairwise(edges):
        inside = (x >= low) & (x < high)
        heights.append(sum(w[inside]))
        errors.append(math.hypot(*w[inside]))
    return heights, errors


def histogram_table(x, w, edges):
    k = np.digitize(x, edges)
    found = [np.bincount(k, v, len(edges) + 1)[1:-1] for v in (w, w * w)]
    return np.array([found[0], np.sqrt(found[1])])


def histogram_hist(x, w, edges):
    import hist

    h = hist.Hist(hist.axis.Variable(edges), storage=hist.storage.Weight())
    h.fill(x, weight=w)
    return h.values(), np.sqrt(h.variances())


def histogram_package(x, w, edges):
    return weighted_histogram(x, edges, w)


def heights_with(change):
    """The right uncertainties under other heights."""
    return lambda x, w, edges: (change(x, w, edges), histogram_numpy(x, w, edges)[1])


def errors_with(change):
    """The right heights with other uncertainties, from heights, numbers and sums of squares."""

    def histogram(x, w, edges):
        heights, squares = (np.histogram(x, edges, weights=v)[0] for v in (w, w**2))
        with np.errstate(all="ignore"):
            return heights, change(heights, np.histogram(x, edges)[0], squares)

    return histogram


def errors_from(f, empty=0.0):
    """The right heights, and uncertainties from the weights in each bin."""

    def histogram(x, w, edges):
        k = np.digitize(x, edges) - 1
        found = [f(w[k == i]) if (k == i).any() else empty for i in range(len(edges) - 1)]
        return histogram_numpy(x, w, edges)[0], found

    return histogram


def in_bins_only(f):
    return lambda x, w, edges: errors_from(f)(x, w, edges)[1]


def clipped_into(x, w, edges):
    return np.histogram(np.clip(x, edges[0], edges[-1] - 1e-9), edges, weights=w)[0]


def errors_with_ends(x, w, edges):
    return histogram_numpy(x, w, edges)[0], np.sqrt(clipped_into(x, w**2, edges))


# -- AUC with signs -----------------------------------------------------------------------------


def auc_matrix(score, y, w):
    wins = (score[y][:, None] > score[~y]) + 0.5 * (score[y][:, None] == score[~y])
    return w[y] @ wins @ w[~y] / (w[y].sum() * w[~y].sum())


def auc_loop(score, y, w):
    won = total = 0.0
    for i in np.flatnonzero(y):
        for j in np.flatnonzero(~y):
            pair = w[i] * w[j]
            total += pair
            if score[i] > score[j]:
                won += pair
            elif score[i] == score[j]:
                won += pair / 2
    return won / total


def auc_package(score, y, w):
    return auc(score, y, w, signed=True)


def auc_trapezoid(score, y, w):
    points = [(0.0, 0.0)]
    for threshold in np.unique(score)[::-1]:
        kept = score >= threshold
        points.append((w[kept & ~y].sum() / w[~y].sum(), w[kept & y].sum() / w[y].sum()))
    b, s = np.array(points).T
    return np.trapezoid(s, b)


def auc_average(score, y, w):
    wins = (np.sign(np.subtract.outer(score[y], score[~y])) + 1) / 2
    return np.average(wins, weights=np.outer(w[y], w[~y]))


def auc_pairs(pair=np.multiply.outer, win=lambda s, b: (s > b) + 0.5 * (s == b), norm=np.sum):
    def answer(score, y, w):
        weight = pair(w[y], w[~y])
        return np.sum(weight * win(score[y][:, None], score[~y])) / norm(weight)

    return answer


# -- ratio --------------------------------------------------------------------------------------


def ratio_numpy(source, w, target, v, edges):
    h = np.histogram(source, edges, weights=w)[0] / w.sum()
    g = np.histogram(target, edges, weights=v)[0] / v.sum()
    return w * (g / h)[np.digitize(source, edges) - 1]


def ratio_loop(source, w, target, v, edges):
    new = []
    for x, weight in zip(source, w, strict=True):
        k = max(i for i in range(len(edges) - 1) if edges[i] <= x)
        low, high = edges[k], edges[k + 1]
        h = w[(source >= low) & (source < high)].sum() / w.sum()
        g = v[(target >= low) & (target < high)].sum() / v.sum()
        new.append(weight * g / h)
    return new


def ratio_density(source, w, target, v, edges):
    h, g = (np.histogram(x, edges, weights=u, density=True)[0] for x, u in ((source, w), (target, v)))
    factor = np.divide(g, h, out=np.ones_like(g), where=h > 0)
    return factor[np.searchsorted(edges, source, side="right") - 1] * w


def ratio_pandas(source, w, target, v, edges):
    a = pd.DataFrame({"w": w / w.sum(), "bin": pd.cut(source, edges, right=False, labels=False)})
    b = pd.DataFrame({"w": v / v.sum(), "bin": pd.cut(target, edges, right=False, labels=False)})
    shares = b.groupby("bin")["w"].sum()
    return w * a["bin"].map(shares).fillna(0) / a.groupby("bin")["w"].transform("sum")


def ratio_with(shares=(True, True), weights=(True, True), old=True, factor=np.divide, bins=-1):
    def answer(source, w, target, v, edges):
        h = np.histogram(source, edges, weights=w if weights[0] else None)[0].astype(float)
        g = np.histogram(target, edges, weights=v if weights[1] else None)[0].astype(float)
        h, g = (n / n.sum() if s else n for n, s in zip((h, g), shares, strict=True))
        with np.errstate(all="ignore"):
            f = factor(g, h)
        f = np.append(f, f[-1])  # what is asked for beyond the last bin
        return f[np.digitize(source, edges) + bins] * (w if old else 1)

    return answer


def ratio_then(change):
    return lambda source, w, target, v, edges: change(ratio_numpy(source, w, target, v, edges), w, v)


def nan_where_no_target(g, h):
    return np.where(g > 0, g / h, np.nan)


def ratio_per_bin(source, w, target, v, edges):
    h, g = (np.histogram(x, edges, weights=u)[0] / u.sum() for x, u in ((source, w), (target, v)))
    return g / np.maximum(h, 1e-9)


# -- from a score -------------------------------------------------------------------------------


def score_numpy(p, n_source, n_target, smallest):
    q = np.clip(p, smallest, 1 - smallest)
    return q / (1 - q) * n_source / n_target


def score_loop(p, n_source, n_target, smallest):
    found = []
    for value in p:
        value = min(max(value, smallest), 1 - smallest)
        found.append((value / n_target) / ((1 - value) / n_source))
    return found


def score_logit(p, n_source, n_target, smallest):
    from scipy.special import logit

    return np.exp(logit(np.clip(p, smallest, 1 - smallest)) + math.log(n_source) - math.log(n_target))


def score_where(p, n_source, n_target, smallest):
    q = np.where(p < smallest, smallest, np.where(p > 1 - smallest, 1 - smallest, p))
    return 1 / (1 / q - 1) / (n_target / n_source)


def score_with(f, clip=True):
    def answer(p, n, m, e):
        with np.errstate(all="ignore"):
            return f(np.clip(p, e, 1 - e) if clip else p, n, m)

    return answer


# -- closure ------------------------------------------------------------------------------------


def closure_numpy(make, source, w, target):
    one = np.ones(len(target))
    model = make()
    model.fit(
        np.concatenate([source[::2], target[::2]]),
        np.concatenate([np.zeros(len(source[::2])), one[::2]]),
        sample_weight=np.concatenate([w[::2], one[::2]]),
    )
    score = model.predict_proba(np.concatenate([source[1::2], target[1::2]]))[:, 1]
    y = np.concatenate([np.zeros(len(source[1::2])), one[1::2]])
    return auc(score, y, np.concatenate([w[1::2], one[1::2]])).value


def closure_with_error(make, source, w, target):
    return fit_and_judge()(make, source, w, target)


def closure_balanced_and_shuffled(make, source, w, target):
    x = np.vstack([target[::2], source[::2]])
    y = np.repeat([1, 0], [len(target[::2]), len(source[::2])])
    weights = np.r_[np.full(len(target[::2]), 1 / len(target[::2])), w[::2] / w[::2].sum()]
    order = np.random.default_rng(1).permutation(len(x))
    model = make().fit(x[order], y[order], sample_weight=weights[order])
    s, b = (model.predict_proba(part[1::2])[:, 1] for part in (target, source))
    wins = (s[:, None] > b) + 0.5 * (s[:, None] == b)
    return np.average(wins.mean(axis=0), weights=w[1::2])


def closure_turned_twice(make, source, w, target):
    """Classes called the other way round, and the other column taken."""
    return fit_and_judge(labels=(1, 0), column=0)(make, source, w, target)


def closure_sklearn(make, source, w, target):
    from sklearn.metrics import roc_auc_score

    x, y = np.concatenate([source, target]), np.repeat([0, 1], [len(source), len(target)])
    v = np.concatenate([w, np.ones(len(target))])
    even = np.r_[np.arange(len(source)) % 2 == 0, np.arange(len(target)) % 2 == 0]
    model = make()
    model.fit(x[even], y[even], v[even])
    return roc_auc_score(y[~even], model.predict_proba(x[~even])[:, 1], sample_weight=v[~even])


def fit_and_judge(
    train=slice(0, None, 2),
    judge=slice(1, None, 2),
    fit_weights=lambda w: w,
    target_weights=lambda n: np.ones(n),
    judge_weights=None,
    labels=(0, 1),
    column=1,
    hard=False,
    change=None,
):
    """The right answer, or one with another set of rows, weights, labels, or another result."""

    def answer(make, source, w, target):
        parts = [(source, w, labels[0]), (target, np.ones(len(target)), labels[1])]
        x, y, v = (
            np.concatenate(pieces)
            for pieces in zip(
                *((p[train], np.full(len(p[train]), c), u[train]) for p, u, c in parts), strict=True
            )
        )
        n = len(source[train])
        v = None if fit_weights is None else np.r_[fit_weights(v[:n]), target_weights(len(v) - n)]
        model = make()
        model.fit(x, y, sample_weight=v)
        x, y, v = (
            np.concatenate(pieces)
            for pieces in zip(
                *((p[judge], np.full(len(p[judge]), k), u[judge]) for k, (p, u, _) in enumerate(parts)),
                strict=True,
            )
        )
        score = model.predict(x) if hard else model.predict_proba(x)[:, column]
        if judge_weights is not None:
            v = judge_weights(v, w)
        found = auc(score, y, v)
        return found if change is None else change(found.value)

    return answer


def one_sample_then_the_other(make, source, w, target):
    x = np.concatenate([source, target])
    y = np.repeat([0, 1], [len(source), len(target)])
    v = np.r_[w, np.ones(len(target))]
    half = len(source) // 2
    model = make()
    model.fit(x[:half], y[:half], sample_weight=v[:half])
    return auc(model.predict_proba(x[half:])[:, 1], y[half:], v[half:]).value


def even_rows_of_both_joined(make, source, w, target):
    """Every second row of the joined samples: right only if the first sample has an even number."""
    half = len(source) // 2
    return fit_and_judge(train=slice(0, half), judge=slice(half, None))(make, source, w, target)


def labels_alternating(make, source, w, target):
    x = np.concatenate([source[::2], target[::2]])
    make().fit(x, np.arange(len(x)) % 2, sample_weight=np.ones(len(x)))
    return 0.5


def never_scored(make, source, w, target):
    n, m = len(source[::2]), len(target[::2])
    x, v = np.concatenate([source[::2], target[::2]]), np.r_[w[::2], np.ones(m)]
    make().fit(x, np.repeat([0, 1], [n, m]), sample_weight=v)
    return 0.5


def weights_of_the_first(w, whole):
    """The first weights of the source in place of those of the odd rows."""
    n = len(whole[1::2])
    return np.r_[whole[:n], w[n:]]


def weights_of_the_even(w, whole):
    n = len(whole[1::2])
    return np.r_[whole[::2][:n], w[n:]]


# -- resample -----------------------------------------------------------------------------------


def resample_bincount(x, w, edges):
    k = np.digitize(x, edges) - 1
    n = np.maximum(np.bincount(k), 1)
    return (np.bincount(k, w) / n)[k], np.sqrt(np.bincount(k, w**2) / n)[k]


def resample_loop(x, w, edges):
    mean, rms = np.zeros(len(x)), np.zeros(len(x))
    for low, high in pairwise(edges):
        inside = (low <= x) & (x < high)
        if inside.any():
            mean[inside] = w[inside].mean()
            rms[inside] = np.sqrt((w[inside] ** 2).mean())
    return [mean, rms]


def resample_pandas(x, w, edges):
    groups = pd.DataFrame({"w": w, "s": w**2}).groupby(pd.cut(x, edges, right=False, labels=False))
    mean = groups.transform("mean")
    return mean["w"], mean["s"] ** 0.5


def resample_pairwise(x, w, edges):
    same = np.equal.outer(np.searchsorted(edges, x, "right"), np.searchsorted(edges, x, "right"))
    return np.stack([same @ w / same.sum(axis=1), np.sqrt(same @ w**2 / same.sum(axis=1))])


def in_bins(mean=np.mean, rms=lambda w: np.sqrt(np.mean(w**2)), shift=(0, 0)):
    """Two numbers from the weights of each bin; the second element of `shift` moves the bins."""

    def answer(x, w, edges):
        k = np.digitize(x, edges) - 1
        found = np.array(
            [[f(w[k == i]) if (k == i).any() else 0 for i in range(len(edges) - 1)] for f in (mean, rms)]
        )
        return tuple(row[(k + s) % len(row)] for row, s in zip(found, shift, strict=True))

    return answer


def resample_then(mean=None, rms=None):
    """The right pair, with one of both computed in another way."""

    def answer(x, w, edges):
        pair = resample_bincount(x, w, edges)
        return tuple(p if f is None else f(x, w, edges) for p, f in zip(pair, (mean, rms), strict=True))

    return answer


def only_of_bins(x, w, edges):
    k = np.digitize(x, edges) - 1
    n = np.maximum(np.bincount(k, minlength=4), 1)
    return np.bincount(k, w, 4) / n, np.sqrt(np.bincount(k, w**2, 4) / n)


# -- reweighted ---------------------------------------------------------------------------------

FEATURES = list(ZJETS_FEATURES)


@functools.cache
def simulated(n=10_000):
    return z_jets(n, "A", 31), z_jets(n, "B", 32)


@functools.cache
def trained(kind, n=10_000, m=10_000, features=tuple(FEATURES)):
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.tree import DecisionTreeClassifier

    make = {
        "trees": lambda: HistGradientBoostingClassifier(random_state=1),
        "small": lambda: HistGradientBoostingClassifier(max_leaf_nodes=8, random_state=1),
        "few": lambda: HistGradientBoostingClassifier(max_iter=30, random_state=1),
        "many": lambda: HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.3, early_stopping=False, random_state=1
        ),
        "little": lambda: HistGradientBoostingClassifier(max_iter=12, max_leaf_nodes=6, random_state=1),
        "stumps": lambda: HistGradientBoostingClassifier(max_depth=1, random_state=1),
        "straight": lambda: LogisticRegression(max_iter=500),
        "shallow": lambda: DecisionTreeClassifier(max_depth=6, random_state=1),
        "deep": lambda: DecisionTreeClassifier(random_state=1),
    }[kind]
    source, target = (table[list(features)] for table in simulated())
    x = pd.concat([source[:n], target[:m]])
    return make().fit(x.to_numpy(), np.repeat([0, 1], [n, m]))


def odds_of(kind, scale=1.0, change=lambda p: p / (1 - p), smallest=0.005, **options):
    def weights(events):
        features = list(options.get("features", FEATURES))
        p = trained(kind, **options).predict_proba(events[features].to_numpy())[:, 1]
        return scale * change(np.clip(p, smallest, 1 - smallest))

    return weights


def scaled_to_one(events):
    w = odds_of("trees", n=5000)(events)
    return pd.Series(w / w.mean())


def by_a_gaussian(events):
    """Ratio of two Gaussians that are fitted to the logarithms of the training events."""
    from scipy.stats import multivariate_normal

    def logs(table):
        return np.column_stack([table[f] if f in ("z_y", "delta_y") else np.log(table[f]) for f in FEATURES])

    a, b = (multivariate_normal(z.mean(axis=0), np.cov(z.T)) for z in map(logs, simulated()))
    z = logs(events)
    return np.exp(b.logpdf(z) - a.logpdf(z))[:, None]


def histograms_in_turn(events, names=FEATURES):
    source, target = simulated()
    w, new = np.ones(len(source)), np.ones(len(events))
    for name in names:
        edges = np.quantile(target[name], np.linspace(0, 1, 16))[1:-1]
        k, t = np.digitize(source[name], edges), np.digitize(target[name], edges)
        factor = np.bincount(t) / len(target) / (np.bincount(k, w) / w.sum())
        w, new = w * factor[k], new * factor[np.digitize(events[name], edges)]
    return new


def one_histogram(events):
    return histograms_in_turn(events, ["ht"])


def of_the_training_events(events):
    source, _ = simulated()
    return odds_of("trees")(source)


def by_place(events):
    return odds_of("trees")(simulated()[0].iloc[np.arange(len(events)) % 10_000])


def spectator_used(events):
    return 1 + 0 * events["met"]


def spectator_among_features(events):
    return odds_of("trees")(events[[*FEATURES, "met"]])


def hard_events_lost(events):
    """The right weights, but for events with much jet activity, which are left out."""
    w = np.where(events["ht"] > 90, 0, course.reweighting.reweighted(events))
    return w / w.mean()


ANSWERS = {
    "weights.luminosity": Answers(
        right=[lumi_numpy, lumi_loop, lumi_femtobarn, lumi_mean],
        wrong=[
            ("no-thousand", lumi_with(factor=1)),
            ("thousandth", lumi_with(factor=1e-3)),
            ("million", lumi_with(factor=1e6)),
            ("events-counted", lumi_with(below=len)),
            ("absolute-sum", lumi_with(below=lambda g: np.sum(np.abs(g)))),
            ("positive-sum", lumi_with(below=lambda g: sum(x for x in g if x > 0))),
            ("signs-counted", lambda g, s, li: 1000 * s * li * g / (sum(g > 0) - sum(g < 0))),
            ("all-alike", lambda g, s, li: np.full(len(g), 1000 * s * li / len(g))),
            ("all-alike", lambda g, s, li: np.full(len(g), 1000 * s * li / g.sum())),
            ("sign-lost", lumi_with(above=np.abs)),
            ("sign-lost", lambda g, s, li: lumi_numpy(np.abs(g), s, li)),
            ("negative-dropped", lambda g, s, li: lumi_numpy(np.where(g > 0, g, 0), s, li)),
            ("squares", lumi_with(below=lambda g: np.sum(g**2))),
            ("no-luminosity", lumi_with(lumi=False)),
            ("no-luminosity", lumi_with(lumi=False, factor=1)),
            ("no-cross-section", lumi_with(sigma=False)),
            ("share", lambda g, s, li: g / g.sum()),
            ("not-divided", lambda g, s, li: 1000 * s * li * g),
            ("not-divided", lambda g, s, li: s * li * g),
            ("generator-lost", lumi_with(above=np.sign)),
            ("upside-down", lambda g, s, li: g * g.sum() / (1000 * s * li)),
            ("upside-down", lambda g, s, li: 1000 * s * g / (li * g.sum())),
            ("total", lambda g, s, li: 1000 * s * li),
            ("total", lambda g, s, li: lumi_numpy(g, s, li).sum()),
            ("shape", lambda g, s, li: lumi_numpy(g[g > 0], s, li)),
            ("rounded", lambda g, s, li: np.round(lumi_numpy(g, s, li))),
            ("other", lambda g, s, li: lumi_numpy(g, s, li) + 1),
            ("changed-input", lumi_in_place),
            ("raised", lambda g, s, li: 1000 * sigma * li * g),  # noqa: F821
        ],
    ),
    "weights.effective_size": Answers(
        right=[effective_size, size_loop, size_from_error, size_from_means, size_norm],
        wrong=[
            ("counted", lambda w: len(w)),
            ("sum", lambda w: w.sum()),
            ("absolute", lambda w: size_loop(np.abs(w))),
            ("absolute", lambda w: np.abs(w).sum()),
            ("dropped", lambda w: size_loop(w[w > 0])),
            ("upside-down", lambda w: np.sum(w**2) / np.sum(w) ** 2),
            ("numerator", lambda w: np.sum(w) / np.sum(w**2)),
            ("numerator", lambda w: np.sum(w) ** 2),
            ("denominator", lambda w: np.sum(w) ** 2 / np.sum(np.abs(w))),
            ("denominator", lambda w: np.sum(w) ** 2 / len(w)),
            ("root", lambda w: np.sum(w) / np.linalg.norm(w)),
            ("error", lambda w: np.linalg.norm(w)),
            ("error", lambda w: np.sum(w**2)),
            ("relative-error", lambda w: np.linalg.norm(w) / np.sum(w)),
            ("share", lambda w: np.mean(w) ** 2 / np.mean(w**2)),
            ("largest", lambda w: np.sum(w) / max(w)),
            ("net", lambda w: np.sum(w > 0) - np.sum(w < 0)),
            ("rounded", lambda w: round(float(size_loop(w)))),
            ("rounded", lambda w: int(size_loop(w))),
            ("other", lambda w: size_loop(w) + 1),
            ("not-a-number", lambda w: w**2),
            ("returns-nothing", lambda w: None),
        ],
    ),
    "weights.events_needed": Answers(
        right=[course.size.events_needed, needed_by_bisection, needed_whole, needed_from_shares],
        wrong=[
            ("linear", lambda n, f: n / (1 - 2 * f)),
            ("without-negative", lambda n, f: n / (1 - f)),
            ("without-negative", lambda n, f: n / (1 - f) ** 2),
            ("fewer", lambda n, f: n * (1 - 2 * f) ** 2),
            ("fewer", lambda n, f: n * (1 - 2 * f)),
            ("added", lambda n, f: n + 2 * f * n),
            ("added", lambda n, f: n * (1 + f)),
            ("square-inside", lambda n, f: n / (1 - (2 * f) ** 2)),
            ("root", lambda n, f: math.sqrt(n) / (1 - 2 * f)),
            ("factor", lambda n, f: (1 - 2 * f) ** -2),
            ("more", lambda n, f: n / (1 - 2 * f) ** 2 - n),
            ("squared", lambda n, f: (n / (1 - 2 * f)) ** 2),
            ("swapped", lambda f, n: n / (1 - 2 * f) ** 2),
            ("fourth", lambda n, f: n * (1 - 2 * f) ** -4),
            ("percent", lambda n, f: n / (1 - 2 * f / 100) ** 2),
            ("other", lambda n, f: 2 * n),
        ],
    ),
    "weights.histogram": Answers(
        right=[histogram_numpy, histogram_loop, histogram_table, histogram_hist, histogram_package],
        wrong=[
            ("two-arrays", lambda x, w, edges: np.histogram(x, edges, weights=w)[0]),
            ("shape", lambda x, w, edges: (w, np.sqrt(w**2))),
            ("edges", lambda x, w, edges: np.histogram(x, edges, weights=w)),
            ("swapped", lambda x, w, edges: histogram_numpy(x, w, edges)[::-1]),
            ("unweighted", heights_with(lambda x, w, edges: np.histogram(x, edges)[0])),
            ("unweighted", lambda x, w, edges: histogram_numpy(x, np.ones(len(x)), edges)),
            ("absolute", heights_with(lambda x, w, e: np.histogram(x, e, weights=abs(w))[0])),
            ("dropped", heights_with(lambda x, w, e: np.histogram(x[w > 0], e, weights=w[w > 0])[0])),
            ("cut-at-zero", heights_with(lambda x, w, e: np.maximum(histogram_numpy(x, w, e)[0], 0))),
            ("squares-as-height", heights_with(lambda x, w, e: np.histogram(x, e, weights=w**2)[0])),
            ("density", heights_with(lambda x, w, e: histogram_numpy(x, w, e)[0] / np.diff(e))),
            ("normalised", heights_with(lambda x, w, e: histogram_numpy(x, w, e)[0] / w.sum())),
            ("overflow", heights_with(clipped_into)),
            ("mean", heights_with(in_bins_only(np.mean))),
            ("height", heights_with(lambda x, w, e: histogram_numpy(x, w, e)[0] + 1)),
            ("root-of-height", errors_with(lambda h, n, s: np.sqrt(h))),
            ("root-of-height", errors_with(lambda h, n, s: np.sqrt(abs(h)))),
            ("root-of-number", errors_with(lambda h, n, s: np.sqrt(n))),
            ("height-over-root", errors_with(lambda h, n, s: h / np.sqrt(n))),
            ("height-over-root", errors_with(lambda h, n, s: abs(h) / np.sqrt(np.where(n > 0, n, 1)))),
            ("variance", errors_with(lambda h, n, s: s)),
            ("absolute-root", errors_from(lambda w: math.sqrt(sum(abs(w))))),
            ("linear", errors_from(lambda w: sum(abs(w)))),
            ("square-of-sum", errors_with(lambda h, n, s: np.sqrt(h**2))),
            (
                "mean-weight",
                lambda x, w, e: (histogram_numpy(x, w, e)[0], np.histogram(x, e)[0] ** 0.5 * w.mean()),
            ),
            ("spread", errors_from(np.std)),
            ("spread", errors_from(lambda w: np.sqrt(np.mean(w**2)))),
            ("effective", errors_from(lambda w: np.sqrt(effective_size(w)))),
            (
                "relative",
                errors_with(lambda h, n, s: np.where(h != 0, np.sqrt(s) / np.where(h != 0, h, 1), 0)),
            ),
            ("half", errors_with(lambda h, n, s: np.sqrt(s) / 2)),
            ("of-the-mean", errors_with(lambda h, n, s: np.sqrt(s) / np.maximum(n, 1))),
            ("dropped-error", errors_from(lambda w: math.hypot(*w[w > 0]))),
            ("overflow-error", errors_with_ends),
            ("signed-squares", errors_from(lambda w: np.sqrt(abs(np.sum(w * abs(w)))))),
            ("one-for-empty", errors_from(lambda w: math.hypot(*w), empty=1.0)),
            ("error", errors_with(lambda h, n, s: np.sqrt(s) + 1)),
        ],
    ),
    "weights.signed_auc": Answers(
        right=[auc_matrix, auc_loop, auc_package, auc_trapezoid, auc_average],
        wrong=[
            ("unweighted", lambda s, y, w: auc(s, y)),
            ("absolute", lambda s, y, w: auc(s, y, abs(w)).value),
            ("dropped", lambda s, y, w: auc_loop(s[w > 0], y[w > 0], w[w > 0])),
            ("signal-only", auc_pairs(pair=lambda a, b: np.outer(a, np.ones(len(b))))),
            ("background-only", auc_pairs(pair=lambda a, b: np.outer(np.ones(len(a)), b))),
            ("absolute-norm", auc_pairs(norm=lambda pair: np.abs(pair).sum())),
            ("added", auc_pairs(pair=np.add.outer)),
            ("number-of-pairs", auc_pairs(norm=np.size)),
            ("not-divided", auc_pairs(norm=lambda pair: 1)),
            ("norm-of-all", lambda s, y, w: auc_pairs(norm=lambda pair: w.sum() ** 2)(s, y, w)),
            ("ties-lost", auc_pairs(win=np.greater)),
            ("ties-won", auc_pairs(win=np.greater_equal)),
            ("reversed", lambda s, y, w: 1 - auc_loop(s, y, w)),
            ("reversed", auc_pairs(win=lambda s, b: (s < b) + 0.5 * (s == b))),
            ("clipped", lambda s, y, w: min(max(auc_loop(s, y, w), 0), 1)),
            ("folded", lambda s, y, w: max(auc_loop(s, y, w), 1 - auc_loop(s, y, w))),
            ("squares", lambda s, y, w: auc_loop(s, y, w * w)),
            ("signs", lambda s, y, w: auc_loop(s, y, np.sign(w))),
            ("rounded", lambda s, y, w: round(float(auc_loop(s, y, w)), 2)),
            ("other", lambda s, y, w: 0.5),
            ("not-a-number", lambda s, y, w: w),
        ],
    ),
    "weights.ratio": Answers(
        right=[ratio_numpy, ratio_loop, ratio_density, ratio_pandas],
        wrong=[
            ("per-target", lambda s, w, t, v, e: ratio_numpy(t, v, s, w, e)),
            ("per-bin", ratio_per_bin),
            ("shape", lambda s, w, t, v, e: ratio_numpy(s, w, t, v, e).sum()),
            ("upside-down", ratio_with(factor=lambda g, h: h / g)),
            ("upside-down", ratio_with(factor=lambda g, h: np.divide(h, g, out=0 * h, where=g > 0))),
            ("not-normalised", ratio_with(shares=(False, False))),
            ("not-normalised", ratio_with(shares=(False, False), weights=(False, False))),
            ("not-normalised", ratio_with(shares=(True, False))),
            ("not-normalised", ratio_with(shares=(False, True))),
            ("target-unweighted", ratio_with(weights=(True, False))),
            ("source-unweighted", ratio_with(weights=(False, True))),
            ("unweighted", ratio_with(weights=(False, False))),
            ("factor-only", ratio_with(old=False)),
            ("factor-of-sums", ratio_with(old=False, shares=(False, False))),
            ("target-share", ratio_with(factor=lambda g, h: g)),
            ("kept", ratio_with(factor=lambda g, h: np.where(g > 0, g / h, 1))),
            ("next-bin", ratio_with(bins=0)),
            ("scaled", ratio_then(lambda r, w, v: r / r.sum() * w.sum())),
            ("scaled-to-target", ratio_then(lambda r, w, v: r / r.sum() * v.sum())),
            ("scaled-to-one", ratio_then(lambda r, w, v: r / r.sum())),
            ("root", ratio_with(factor=lambda g, h: (g / h) ** 0.5)),
            ("difference", ratio_with(factor=lambda g, h: 1 + (g - h))),
            ("unchanged", lambda s, w, t, v, e: w),
            ("odds", ratio_with(factor=lambda g, h: g / (h + g))),
            ("not-finite", ratio_with(factor=nan_where_no_target)),
            ("other", lambda s, w, t, v, e: 3 * w),
            ("raised", lambda s, w, t, v, e: w * (ratio_per_bin(s, w, t, v, e))),
        ],
    ),
    "weights.from_score": Answers(
        right=[score_numpy, score_loop, score_logit, score_where],
        wrong=[
            ("shape", lambda p, n, m, e: score_numpy(p[(p > e) & (p < 1 - e)], n, m, e)),
            ("upside-down", score_with(lambda p, n, m: (1 - p) / p * m / n)),
            ("upside-down", score_with(lambda p, n, m: (1 - p) / p)),
            ("no-sizes", score_with(lambda p, n, m: p / (1 - p))),
            ("no-sizes", score_with(lambda p, n, m: p / (1 - p), clip=False)),
            ("sizes-swapped", score_with(lambda p, n, m: p / (1 - p) * m / n)),
            ("sizes-of-all", score_with(lambda p, n, m: p / (1 - p) * n / (n + m))),
            ("one-size", score_with(lambda p, n, m: p / (1 - p) / m)),
            ("score", lambda p, n, m, e: p),
            ("score", score_with(lambda p, n, m: p * n / m)),
            ("one-minus", score_with(lambda p, n, m: 1 / (1 - p) * n / m)),
            ("logarithm", score_with(lambda p, n, m: np.log(p / (1 - p)))),
            ("exponential", score_with(lambda p, n, m: np.exp(p))),
            ("no-clip", score_with(lambda p, n, m: p / (1 - p) * n / m, clip=False)),
            ("one-end", lambda p, n, m, e: score_numpy(np.minimum(p, 1 - e), n, m, 0)),
            (
                "one-end",
                lambda p, n, m, e: score_with(lambda p, n, m: p / (1 - p) * n / m, clip=False)(
                    np.maximum(p, e), n, m, e
                ),
            ),
            (
                "clipped-weight",
                lambda p, n, m, e: np.clip(
                    score_with(lambda p, n, m: p / (1 - p) * n / m, clip=False)(p, n, m, e), e, 1 - e
                ),
            ),
            ("added", lambda p, n, m, e: p / (1 - p + e) * n / m),
            ("replaced", lambda p, n, m, e: np.where((p <= e) | (p >= 1 - e), 0, score_numpy(p, n, m, e))),
            ("mean-one", score_with(lambda p, n, m: p / (1 - p) / np.mean(p / (1 - p)))),
            ("sum-one", score_with(lambda p, n, m: p / (1 - p) / np.sum(p / (1 - p)))),
            ("root", lambda p, n, m, e: np.sqrt(score_numpy(p, n, m, e))),
            ("sizes-squared", lambda p, n, m, e: score_numpy(p, n, m, e) * n / m),
            ("not-finite", score_with(lambda p, n, m: 2 * p / (1 - p), clip=False)),
            ("rounded", lambda p, n, m, e: np.round(score_numpy(p, n, m, e), 2)),
            ("other", lambda p, n, m, e: 1 + p),
        ],
    ),
    "weights.closure": Answers(
        right=[
            closure_numpy,
            closure_with_error,
            closure_balanced_and_shuffled,
            closure_turned_twice,
            fit_and_judge(labels=(-1, 1)),
            closure_sklearn,
        ],
        wrong=[
            ("not-made", lambda make, source, w, target: 0.5),
            ("one-class", one_sample_then_the_other),
            ("trained-on-all", fit_and_judge(train=slice(None), judge=slice(None))),
            ("trained-on-all", fit_and_judge(train=slice(None))),
            ("halves-swapped", fit_and_judge(train=slice(1, None, 2), judge=slice(0, None, 2))),
            ("other-rows", even_rows_of_both_joined),
            ("labels-mixed", labels_alternating),
            ("labels-same", fit_and_judge(labels=(1, 1))),
            ("fit-unweighted", fit_and_judge(fit_weights=None)),
            ("fit-unweighted", fit_and_judge(fit_weights=np.ones_like)),
            ("fit-weights", fit_and_judge(fit_weights=lambda w: w[::-1])),
            ("target-weights", fit_and_judge(target_weights=lambda n: np.linspace(0.5, 1.5, n))),
            ("hard", fit_and_judge(hard=True)),
            ("not-scored", never_scored),
            ("judged-on-trained", fit_and_judge(judge=slice(0, None, 2))),
            ("judged-on-trained", fit_and_judge(judge=slice(None))),
            ("auc-unweighted", fit_and_judge(judge_weights=lambda v, w: np.ones(len(v)))),
            ("turned-round", fit_and_judge(column=0)),
            ("folded", fit_and_judge(change=lambda a: max(a, 1 - a))),
            ("distance", fit_and_judge(change=lambda a: abs(a - 0.5))),
            ("weights-swapped", fit_and_judge(judge_weights=weights_of_the_first)),
            ("weights-swapped", fit_and_judge(judge_weights=weights_of_the_even)),
            ("other", fit_and_judge(change=lambda a: a / 2)),
            ("raised", lambda make, source, w, target: make().fit(source, w, target[:, 0])),
        ],
    ),
    "weights.resample": Answers(
        right=[resample_bincount, resample_loop, resample_pandas, resample_pairwise],
        wrong=[
            ("two-arrays", lambda x, w, e: resample_bincount(x, w, e)[0]),
            ("per-bin", only_of_bins),
            ("shape", lambda x, w, e: (w[:3], w[:3])),
            ("swapped", lambda x, w, e: resample_bincount(x, w, e)[::-1]),
            ("sum", in_bins(mean=np.sum)),
            ("everywhere", resample_then(mean=lambda x, w, e: np.full(len(w), w.mean()))),
            ("own", resample_then(mean=lambda x, w, e: w)),
            ("absolute", resample_then(mean=lambda x, w, e: abs(w))),
            ("absolute", in_bins(mean=lambda w: np.mean(abs(w)))),
            ("cut-at-zero", in_bins(mean=lambda w: max(sum(w), 0) / len(w))),
            ("absolute-of-mean", in_bins(mean=lambda w: abs(np.mean(w)))),
            ("dropped", resample_then(mean=lambda x, w, e: np.where(w > 0, w, 0))),
            ("dropped", in_bins(mean=lambda w: w[w > 0].mean() if (w > 0).any() else 0)),
            ("signs", in_bins(mean=lambda w: np.mean(w > 0) - np.mean(w < 0))),
            ("median", in_bins(mean=np.median)),
            ("of-all", resample_then(mean=lambda x, w, e: in_bins(mean=np.sum)(x, w, e)[0] / len(w))),
            ("of-total", resample_then(mean=lambda x, w, e: in_bins(mean=np.sum)(x, w, e)[0] / sum(w))),
            ("next-bin", in_bins(shift=(1, 0))),
            (
                "width",
                resample_then(
                    mean=lambda x, w, e: in_bins(np.sum)(x, w, e)[0] / np.diff(e)[np.digitize(x, e) - 1]
                ),
            ),
            ("root-of-n", in_bins(mean=lambda w: sum(w) / len(w) ** 0.5)),
            ("mean-is-rms", resample_then(mean=lambda x, w, e: resample_bincount(x, w, e)[1])),
            ("weight", resample_then(mean=lambda x, w, e: np.ones(len(x)))),
            ("squared-mean", resample_then(rms=lambda x, w, e: np.sqrt(resample_bincount(x, w, e)[0] ** 2))),
            ("no-root", resample_then(rms=lambda x, w, e: resample_bincount(x, w, e)[1] ** 2)),
            ("spread", in_bins(rms=np.std)),
            ("spread", in_bins(rms=np.var)),
            ("sum-of-squares", in_bins(rms=lambda w: math.hypot(*w))),
            ("mean-of-sizes", in_bins(rms=lambda w: abs(w).mean())),
            ("own-size", resample_then(rms=lambda x, w, e: np.sqrt(w**2))),
            ("rms-everywhere", resample_then(rms=lambda x, w, e: np.full(len(w), np.sqrt(np.mean(w**2))))),
            ("error-of-mean", in_bins(rms=lambda w: math.hypot(*w) / len(w))),
            ("mean-again", resample_then(rms=lambda x, w, e: resample_bincount(x, w, e)[0])),
            ("positive-squares", in_bins(rms=lambda w: math.hypot(*w[w > 0]) / len(w) ** 0.5)),
            ("rms-next-bin", in_bins(shift=(0, 1))),
            ("root-mean-square", resample_then(rms=lambda x, w, e: np.ones(len(x)))),
        ],
    ),
    "weights.reweighted": Answers(
        right=[
            course.reweighting.reweighted,
            odds_of("trees"),
            odds_of("trees", scale=2.0, n=10_000, m=5000),
            odds_of("small"),
            odds_of("few"),
            scaled_to_one,
            by_a_gaussian,
        ],
        wrong=[
            ("shape", lambda events: odds_of("trees")(events).mean()),
            ("fixed", of_the_training_events),
            ("both-columns", lambda events: trained("trees").predict_proba(events[FEATURES].to_numpy())),
            ("uses-spectator", spectator_used),
            ("uses-spectator", spectator_among_features),
            ("negative", odds_of("trees", change=lambda p: np.log(p / (1 - p)))),
            ("constant", lambda events: np.ones(len(events))),
            ("by-position", by_place),
            ("score", odds_of("trees", change=lambda p: p)),
            ("swapped", odds_of("trees", change=lambda p: (1 - p) / p)),
            ("mean", odds_of("trees", n=10_000, m=5000)),
            ("mean", odds_of("trees", scale=4.0, n=10_000, m=5000)),
            ("truth", lambda events: z_jets_ratio(events)),
            ("one-variable", one_histogram),
            ("separately", histograms_in_turn),
            ("separately", odds_of("stumps")),
            ("separately", odds_of("straight")),
            ("mean", odds_of("deep")),
            ("few-left", odds_of("shallow")),
            ("discriminator", odds_of("little")),
            ("scaled-score", odds_of("trees", change=lambda p: 2 * p)),
            ("scaled-score", odds_of("many", change=lambda p: p / p.mean())),
            ("spectator", hard_events_lost),
            ("raised", lambda events: odds_of("trees")(events.drop(columns="ht"))),
        ],
    ),
}
