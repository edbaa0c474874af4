"""Answers to the exercise of lesson 08."""

import functools
import itertools
import math

import numpy as np
import pandas as pd

from answers import Answers
from hepml_course.checks.trees import momentum
from hepml_course.checks.trees._samples import TRACK_VARIABLES, VARIABLES
from hepml_course.simulate import conversion_tracks, electron_variables

# -- box ----------------------------------------------------------------------------------------


def passing(events, cuts):
    return [events[name] > value if sign == ">" else events[name] < value for name, sign, value in cuts]


def shares(events, kept):
    kept, y = np.asarray(kept), events.is_electron.to_numpy()
    return kept[y].mean(), kept[~y].mean()


def box_pandas(events, cuts):
    kept = events
    for name, sign, value in cuts:
        kept = kept[kept[name] > value] if sign == ">" else kept[kept[name] < value]
    y, all_y = kept.is_electron, events.is_electron
    return y.sum() / all_y.sum(), (~y).sum() / (~all_y).sum()


def box_query(events, cuts):
    kept = events.query(" and ".join(f"{name} {sign} {value}" for name, sign, value in cuts))
    counts = kept.is_electron.value_counts() / events.is_electron.value_counts()
    return [counts[True], counts[False]]


def box_loops(events, cuts):
    kept = {True: 0, False: 0}
    for _, event in events.iterrows():
        good = True
        for name, sign, value in cuts:
            good = good and (event[name] > value if sign == ">" else event[name] < value)
        kept[bool(event.is_electron)] += good
    return kept[True] / events.is_electron.sum(), kept[False] / (~events.is_electron).sum()


def box_of(select):
    return lambda events, cuts: shares(events, select(passing(events, cuts)))


def box_counts(divide):
    def box(events, cuts):
        kept, y = np.logical_and.reduce(passing(events, cuts)), events.is_electron.to_numpy()
        return divide((kept & y).sum(), kept, y), divide((kept & ~y).sum(), kept, ~y)

    return box


def box_on(change):
    return lambda events, cuts: box_pandas(events, change(cuts))


def box_closed(events, cuts):
    kept = [events[n] >= v if sign == ">" else events[n] <= v for n, sign, v in cuts]
    return shares(events, np.all(kept, axis=0))


def box_product(events, cuts):
    return tuple(np.prod([shares(events, kept) for kept in passing(events, cuts)], axis=0))


def box_by_dict(events, cuts):
    by_name = {name: (sign, value) for name, sign, value in cuts}
    return box_pandas(events, [(name, *cut) for name, cut in by_name.items()])


def last_cut_relative(events, cuts):
    for name, sign, value in cuts:
        before = events
        events = before[before[name] > value] if sign == ">" else before[before[name] < value]
    y, all_y = events.is_electron, before.is_electron
    return y.sum() / all_y.sum(), (~y).sum() / (~all_y).sum()


def box_in_place(events, cuts):
    found = box_pandas(events, cuts)
    events["kept"] = True
    return found


def box_jets_only(change):
    """Right for electrons, wrong for jets."""
    return lambda events, cuts: (box_pandas(events, cuts)[0], change(events, cuts)[1])


# -- likelihood ---------------------------------------------------------------------------------


def ratio_numpy(x, edges, signal, background):
    total = np.zeros(len(x))
    for j, e in enumerate(edges):
        k = np.clip(np.digitize(x[:, j], e) - 1, 0, len(e) - 2)
        s, b = signal[j] + 1, background[j] + 1
        total += np.log(s[k] / s.sum()) - np.log(b[k] / b.sum())
    return total


def ratio_loops(x, edges, signal, background):
    result = []
    for event in x:
        likelihood = 1.0
        for j, value in enumerate(event):
            k = 0
            while k < len(edges[j]) - 2 and value >= edges[j][k + 1]:
                k += 1
            s = (signal[j][k] + 1) / (sum(signal[j]) + len(signal[j]))
            b = (background[j][k] + 1) / (sum(background[j]) + len(background[j]))
            likelihood *= s / b
        result.append(math.log(likelihood))
    return result


def ratio_inner_edges(x, edges, signal, background):
    columns = []
    for j in range(x.shape[1]):
        table = np.log((signal[j] + 1) / (background[j] + 1))
        table += np.log((background[j] + 1).sum() / (signal[j] + 1).sum())
        columns.append(table[np.searchsorted(edges[j][1:-1], x[:, j], side="right")])
    return np.sum(columns, axis=0)


def ratio_pandas(x, edges, signal, background):
    terms = pd.DataFrame()
    for j, e in enumerate(edges):
        limits = [-np.inf, *e[1:-1], np.inf]
        bins = pd.cut(x[:, j], limits, right=False, labels=False)
        s, b = signal[j] + 1.0, background[j] + 1.0
        terms[j] = np.log((s / s.sum())[bins]) - np.log((b / b.sum())[bins])
    return terms.sum(axis=1)


def ratio_with(
    add=1,
    bins=lambda v, e: np.clip(np.digitize(v, e) - 1, 0, len(e) - 2),
    share=None,
    share_b=None,
    one=lambda s, b: np.log(s / b),
    combine=lambda t: np.sum(t, axis=0),
):
    share = share or (lambda c: (c + add) / (c + add).sum())

    def ratio(x, edges, signal, background):
        terms = []
        for j in range(x.shape[1]):
            k = bins(x[:, j], edges[j])
            terms.append(one(share(signal[j])[k], (share_b or share)(background[j])[k]))
        return combine(np.array(terms))

    return ratio


def outside_is_nothing(x, edges, signal, background):
    total = np.zeros(len(x))
    for j, e in enumerate(edges):
        one = ratio_numpy(x[:, [j]], [e], [signal[j]], [background[j]])
        total[(x[:, j] >= e[0]) & (x[:, j] < e[-1])] += one[(x[:, j] >= e[0]) & (x[:, j] < e[-1])]
    return total


def ratio_equal_bins(value, edges):
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    return np.clip((value - edges[0]) // width, 0, len(edges) - 2).astype(int)


def ratio_adds_in_place(x, edges, signal, background):
    for counts in (*signal, *background):
        counts += 1
    return ratio_with(add=0)(x, edges, signal, background)


# -- fisher -------------------------------------------------------------------------------------


def means(x, y, w):
    return np.average(x[y], axis=0, weights=w[y]), np.average(x[~y], axis=0, weights=w[~y])


def fisher_numpy(x, y, w):
    m1, m0 = means(x, y, w)
    off = np.where(y[:, None], x - m1, x - m0)
    return np.linalg.inv((off.T * w) @ off) @ (m1 - m0)


def fisher_loops(x, y, w):
    m1, m0 = means(x, y, w)
    within = np.zeros((x.shape[1], x.shape[1]))
    for event, is_signal, weight in zip(x, y, w, strict=True):
        off = event - (m1 if is_signal else m0)
        within += weight * np.outer(off, off)
    return (np.linalg.solve(within, m1 - m0) / 7).tolist()


def fisher_total(x, y, w):
    """The covariance of everything gives the same direction."""
    m1, m0 = means(x, y, w)
    return np.linalg.solve(np.cov(x.T, aweights=w), m1 - m0)[:, None]


def fisher_tmva(x, y, w):
    m1, m0 = means(x, y, w)
    within = np.cov(x[y].T, aweights=w[y], ddof=0) + np.cov(x[~y].T, aweights=w[~y], ddof=0)
    return np.linalg.inv(within) @ (m1 - m0)


def fisher_cov(x, y, w):
    """Covariances as numpy normalises them, with one degree of freedom less."""
    m1, m0 = means(x, y, w)
    return np.linalg.pinv(np.cov(x[y].T, aweights=w[y]) + np.cov(x[~y].T, aweights=w[~y])) @ (m1 - m0)


def fisher_least_squares(x, y, w):
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(x, y, sample_weight=w).coef_


def fisher_with(matrix, distance=lambda x, y, w: np.subtract(*means(x, y, w)), solve=np.linalg.solve):
    return lambda x, y, w: solve(matrix(x, y, w), distance(x, y, w))


def within(x, y, w):
    m1, m0 = means(x, y, w)
    off = x - np.where(y[:, None], m1, m0)
    return np.einsum("i,ij,ik->jk", w, off, off)


def difference_of_covariances(x, y, w):
    return np.cov(x[y].T, aweights=w[y], ddof=0) - np.cov(x[~y].T, aweights=w[~y], ddof=0)


def fisher_from_sklearn(x, y, w):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    return LinearDiscriminantAnalysis().fit(x, y).coef_


def flat(function):
    """Weights forgotten."""
    return lambda x, y, w: function(x, y, np.ones(len(w)))


# -- gain ---------------------------------------------------------------------------------------


def entropy(y, w):
    if len(y) == 0:
        return 0.0
    p = w[y].sum() / w.sum()
    return 0.0 if p in (0, 1) else -p * np.log2(p) - (1 - p) * np.log2(1 - p)


def gain_numpy(passes, y, w):
    share = w[passes].sum() / w.sum()
    return (
        entropy(y, w) - share * entropy(y[passes], w[passes]) - (1 - share) * entropy(y[~passes], w[~passes])
    )


def gain_mutual(passes, y, w):
    """As mutual information of cut and class."""
    total = 0.0
    for a in (passes, ~passes):
        for b in (y, ~y):
            joint = w[a & b].sum() / w.sum()
            if joint > 0:
                total += joint * math.log2(joint * w.sum() ** 2 / (w[a].sum() * w[b].sum()))
    return total


def gain_scipy(passes, y, w):
    from scipy.stats import entropy as of

    table = np.array([[w[a & b].sum() for b in (y, ~y)] for a in (passes, ~passes)])
    table = table[table.sum(axis=1) > 0]
    return of(table.sum(axis=0), base=2) - table.sum(axis=1) @ of(table, base=2, axis=1) / table.sum()


def gain_epsilon(passes, y, w):
    def h(y, w):
        p = w[y].sum() / max(w.sum(), 1e-300)
        return -p * np.log2(p + 1e-15) - (1 - p) * np.log2(1 - p + 1e-15)

    parts = sum(w[k].sum() / w.sum() * h(y[k], w[k]) for k in (passes, ~passes))
    return np.array(h(y, w) - parts)


def gain_with(
    h=entropy,
    parts=lambda s, a, b: s * a + (1 - s) * b,
    result=lambda before, after: before - after,
    share=lambda passes, w: w[passes].sum() / w.sum(),
    inside=lambda w: w,
):
    def gain(passes, y, w):
        v = inside(w)
        sides = h(y[passes], v[passes]), h(y[~passes], v[~passes])
        with np.errstate(all="ignore"):
            return result(h(y, v), parts(share(passes, w), *sides))

    return gain


def naive(y, w):
    with np.errstate(all="ignore"):
        p = np.divide(w[y].sum(), w.sum())
        return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


def naive_but_for_empty(y, w):
    return naive(y, w) if len(y) else 0.0


def nan_for_empty(y, w):
    return entropy(y, w) if len(y) else np.nan


def impurity(of):
    return lambda y, w: of(w[y].sum() / w.sum()) if len(y) else 0.0


def gain_python(passes, y, w):
    """Divides by zero where one side is empty."""
    s, total = float(w[passes & y].sum()), float(w[passes].sum())
    f = float(w[~passes & y].sum()) / float(w[~passes].sum())
    return gain_numpy(passes, y, w) + 0 * s / total * f


# -- best split ---------------------------------------------------------------------------------


def split_numpy(x, y, w):
    values = np.unique(x)
    thresholds = (values[1:] + values[:-1]) / 2
    gains = [gain_numpy(x > t, y, w) for t in thresholds]
    return thresholds[np.argmax(gains)], np.max(gains)


def split_loops(x, y, w):
    best, highest = None, -1
    values = sorted(set(x.tolist()))
    for low, high in itertools.pairwise(values):
        found = gain_mutual(x <= (low + high) / 2, y, w)
        if found > highest:
            best, highest = (low + high) / 2, found
    return [best, highest]


def split_cumulative(x, y, w):
    order = np.argsort(x, kind="stable")
    v, s, a = x[order], np.cumsum((w * y)[order]), np.cumsum(w[order])

    def h(part, whole):
        p = np.clip(part / whole, 1e-15, 1 - 1e-15)
        return -p * np.log2(p) - (1 - p) * np.log2(1 - p)

    last = np.flatnonzero(np.diff(v) > 0)
    low, high = a[last] / a[-1], 1 - a[last] / a[-1]
    after = low * h(s[last], a[last]) + high * h(s[-1] - s[last], a[-1] - a[last])
    found = h(s[-1], a[-1]) - after
    k = int(np.argmax(found))
    return np.array([(v[last[k]] + v[last[k] + 1]) / 2, found[k]])


def split_sklearn(x, y, w):
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(criterion="entropy", max_depth=1).fit(x[:, None], y, sample_weight=w)
    threshold = tree.tree_.threshold[0]
    return threshold, gain_numpy(x > threshold, y, w)


def middles(x):
    values = np.unique(x)
    return (values[1:] + values[:-1]) / 2


def split_by(measure=gain_numpy, thresholds=None, choose=np.argmax, give=lambda t, g: (t, g), report=None):
    def split(x, y, w):
        ts = (thresholds or middles)(x)
        found = np.array([measure(x > t, y, w) for t in ts])
        k = int(choose(found))
        return give(ts[k], (report or gain_numpy)(x > ts[k], y, w))

    return split


def equal(w):
    return np.ones(len(w))


def gain_unweighted(passes, y, w):
    return gain_numpy(passes, y, equal(w))


def gini_gain(passes, y, w):
    return gain_with(h=impurity(lambda p: p * (1 - p)))(passes, y, w)


def error_gain(passes, y, w):
    return gain_with(h=impurity(lambda p: min(p, 1 - p)))(passes, y, w)


def first_fall(gains):
    for i in range(1, len(gains)):
        if gains[i] < gains[i - 1]:
            return i - 1
    return len(gains) - 1


def more_signal_above(passes, y, w):
    if not passes.any() or passes.all():
        return 0
    above, below = w[passes & y].sum() / w[passes].sum(), w[~passes & y].sum() / w[~passes].sum()
    return gain_numpy(passes, y, w) if above > below else -1


def purity(passes, y, w):
    return max(w[k & y].sum() / w[k].sum() if k.any() else 0 for k in (passes, ~passes))


def split_at(threshold):
    return lambda x, y, w: (threshold(x, y, w), gain_numpy(x > threshold(x, y, w), y, w))


def lower_value(x, y, w):
    t, g = split_numpy(x, y, w)
    return x[x < t].max(), g


def upper_value(x, y, w):
    t, g = split_numpy(x, y, w)
    return x[x > t].min(), g


def split_index(x, y, w):
    values = np.unique(x)
    gains = [gain_numpy(x > t, y, w) for t in (values[1:] + values[:-1]) / 2]
    return int(np.argmax(gains)), max(gains)


def last_gain(x, y, w):
    values = np.unique(x)
    t = (values[-1] + values[-2]) / 2
    return split_numpy(x, y, w)[0], gain_numpy(x > t, y, w)


# -- reweight -----------------------------------------------------------------------------------


def adaboost_numpy(weights, is_signal, says):
    y = np.where(is_signal, 1, -1)
    error = weights[y != says].sum() / weights.sum()
    alpha = 0.5 * np.log((1 - error) / error)
    new = weights * np.exp(-alpha * y * says)
    return alpha, new / new.sum()


def adaboost_odds(weights, is_signal, says):
    """Only the wrong ones go up, by (1 − ε) / ε: the same after dividing by the sum."""
    wrong = (says > 0) != is_signal
    odds = weights[~wrong].sum() / weights[wrong].sum()
    new = np.where(wrong, weights * odds, weights)
    return math.log(odds) / 2, (new / new.sum()).tolist()


def adaboost_halves(weights, is_signal, says):
    """Afterwards wrong and right ones have half of the weight each."""
    wrong = says != 2 * is_signal.astype(int) - 1
    bad, good = weights[wrong].sum(), weights[~wrong].sum()
    return [0.5 * (np.log(good) - np.log(bad)), weights / np.where(wrong, 2 * bad, 2 * good)]


def adaboost_with(alpha=lambda e: 0.5 * np.log((1 - e) / e), error=None, new=None):
    def boost(w, is_signal, h):
        y = np.where(is_signal, 1, -1)
        e = w[y != h].sum() / w.sum() if error is None else error(w, is_signal, y, h)
        a = alpha(e)
        updated = w * np.exp(-a * y * h) if new is None else new(w, y, h, a)
        return a, updated / updated.sum()

    return boost


def adaboost_sum(norm):
    def boost(w, is_signal, h):
        a, new = adaboost_numpy(w, is_signal, h)
        y = np.where(is_signal, 1, -1)
        return a, norm(w * np.exp(-a * y * h), w, new)

    return boost


# -- boosted score ------------------------------------------------------------------------------


def vote_numpy(x, stumps):
    score = np.zeros(len(x))
    for variable, threshold, sign, alpha in stumps:
        score += alpha * np.where(x[:, variable] > threshold, sign, -sign)
    return score / sum(s[3] for s in stumps)


def vote_arrays(x, stumps):
    j, t, sign, alpha = (np.array(part) for part in zip(*stumps, strict=True))
    return ((2 * (x[:, j] > t) - 1) * sign) @ alpha / alpha.sum()


def vote_loops(x, stumps):
    scores = []
    for event in x:
        total, voices = 0, 0
        for j, t, sign, alpha in stumps:
            total += alpha * sign if event[j] > t else -alpha * sign
            voices += alpha
        scores.append(total / voices)
    return scores


def vote_with(voice=lambda a: a, says=None, divide=sum, above=np.greater, pick=lambda s: s):
    says = says or (lambda above, sign: np.where(above, sign, -sign))

    def vote(x, stumps):
        stumps = pick(stumps)
        total = sum(voice(a) * says(above(x[:, j], t), sign) for j, t, sign, a in stumps)
        return total / divide([s[3] for s in stumps])

    return vote


# -- compare ------------------------------------------------------------------------------------

TRUTH = ["is_electron", "kind"]


@functools.cache
def shown(which):
    """Events that the notebook of the exercise knows."""
    train, test = electron_variables(6000, rng=811), electron_variables(5000, rng=812)
    return {"train": train, "test": test, "both": pd.concat([train, test])}[which]


def learns(
    make, score=lambda model, events: model.predict_proba(events[VARIABLES])[:, 1], also=None, only=None
):
    """Fit what `make` makes to the events that come in; to those of the notebook, too, or to these only."""

    def learn(events):
        if only is not None:
            events = shown(only)
        if also is not None:
            events = pd.concat([events, shown(also)])
        model = make().fit(events[VARIABLES], events.is_electron)
        return lambda table: score(model, table)

    return learn


def trees(**settings):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        **{"random_state": 3, "max_iter": 60, "max_leaf_nodes": 8} | settings
    )


def one_way_trees():
    """Trees that know that five of the variables are smaller for electrons."""
    return trees(monotonic_cst={name: -1 for name in VARIABLES if name != "e_over_p"})


def forest():
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(60, min_samples_leaf=3, random_state=1)


def xgboost():
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=80, max_depth=3, learning_rate=0.15, n_jobs=1)


def margin(model, events):
    return model.predict(events[VARIABLES], output_margin=True)[:, None]


def network(**settings):
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    how = {"learning_rate_init": 3e-3, "max_iter": 40, "random_state": 1, "n_iter_no_change": 5}
    return make_pipeline(StandardScaler(), MLPClassifier((16,), **how | settings))


def logistic():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


def adaboost_of_the_exercise(events):
    """Eighty stumps with the functions of the exercise; thresholds on a grid, to be quick."""
    x, y = events[VARIABLES].to_numpy(), events.is_electron.to_numpy()
    w, stumps = np.full(len(y), 1 / len(y)), []
    grid = [np.quantile(x[:, j], np.linspace(0.02, 0.98, 49)) for j in range(x.shape[1])]
    above = [(x[:, [j]] > grid[j]).T for j in range(x.shape[1])]
    for _ in range(80):
        right = np.array([(np.where(a == y, w, 0)).sum(axis=1) for a in above])
        j, k = np.unravel_index(np.abs(right - 0.5).argmax(), right.shape)
        sign = 1 if right[j, k] > 0.5 else -1
        alpha, w = adaboost_numpy(w, y, np.where(above[j][k], sign, -sign))
        stumps.append((j, grid[j][k], sign, alpha))
    return lambda table: vote_arrays(table[VARIABLES].to_numpy(), stumps)


def likelihood_of_the_exercise(events):
    x, y = events[VARIABLES].to_numpy(), events.is_electron.to_numpy()
    edges = [np.quantile(column, np.linspace(0, 1, 16)) for column in x.T]
    counts = [[np.histogram(c, e)[0] for c, e in zip(x[of].T, edges, strict=True)] for of in (y, ~y)]
    return lambda table: ratio_numpy(table[VARIABLES].to_numpy(), edges, *counts)


def knows_truth(events):
    kinds = sorted(set(events.kind))
    table = events[VARIABLES].assign(kind=[kinds.index(kind) for kind in events.kind])
    model = trees().fit(table, events.is_electron)

    def score(events):
        codes = [kinds.index(kind) for kind in events.kind]
        return model.predict_proba(events[VARIABLES].assign(kind=codes))[:, 1]

    return score


def in_company(model, events):
    return model.predict_proba(events[VARIABLES])[:, 1] + 0.2 * events.e_over_p.rank(pct=True)


def noisy(model, events):
    return model.predict_proba(events[VARIABLES])[:, 1] + np.random.default_rng().normal(0, 0.1, len(events))


# -- resolution ---------------------------------------------------------------------------------


def resolution_numpy(p_reco, p_true):
    off = (p_reco - p_true) * 1000
    low, high = np.percentile(off, [15.87, 84.13])
    return (high - low) / 2, (off > 700).mean()


def resolution_sorted(p_reco, p_true):
    off = sorted(p_reco - p_true)
    low, high = off[int(0.1587 * len(off))], off[int(0.8413 * len(off))]
    return [500 * (high - low), sum(o > 0.7 for o in off) / len(off)]


def resolution_pandas(p_reco, p_true):
    off = pd.Series(p_reco).sub(p_true)
    return np.array([500 * (off.quantile(0.8413) - off.quantile(0.1587)), off.gt(0.7).mean()])


def core(value, unit=1000):
    return lambda r, t: (unit * value(r, t), np.mean(r - t > 0.7))


def tail(value):
    return lambda r, t: (resolution_numpy(r, t)[0], value(r, t))


def half(off, low=0.1587, high=0.8413):
    return (np.quantile(off, high) - np.quantile(off, low)) / 2


# -- momentum -----------------------------------------------------------------------------------


@functools.cache
def fitted(sample="flat", columns=tuple(TRACK_VARIABLES), target="missing", clip=99.0, loss="absolute_error"):
    from sklearn.ensemble import HistGradientBoostingRegressor

    spreads = {"flat": [(90, 110)], "conversions": [None], "both": [(90, 110), None]}[sample]
    tracks = pd.concat([conversion_tracks(12_000, rng=813, p_range=spread) for spread in spreads])
    y = {
        "missing": np.clip(tracks.p_true - tracks.p_reco, -clip, clip),
        "turned": tracks.p_reco - tracks.p_true,
        "momentum": tracks.p_true,
        "start": tracks.p_start,
        "ratio": tracks.p_true / tracks.p_reco,
    }[target]
    model = HistGradientBoostingRegressor(loss=loss, max_leaf_nodes=8, random_state=2)
    return model.fit(tracks[list(columns)], y)


def predicted(tracks, *args, **settings):
    model = fitted(*args, **settings)
    return model.predict(tracks[list(model.feature_names_in_)])


def adds(*args, **settings):
    return lambda tracks: tracks.p_reco + predicted(tracks, *args, **settings)


WITH_MOMENTUM = ("p_reco", *TRACK_VARIABLES)


def adds_truth(tracks):
    return tracks.p_reco + 0.5 * (tracks.p_true - tracks.p_reco)


def tail_grows(tracks):
    """A narrower core, and one track in a hundred far too high."""
    high = (1000 * tracks.d0.to_numpy()).astype(int) % 100 == 0
    return momentum.corrected(tracks) + high


def hardly(tracks):
    return tracks.p_reco + 0.05 * (momentum.corrected(tracks) - tracks.p_reco)


ANSWERS = {
    "trees.box": Answers(
        right=[box_pandas, box_query, box_loops, box_of(lambda p: np.logical_and.reduce(p))],
        wrong=[
            ("two-numbers", lambda e, c: box_pandas(e, c)[0]),
            ("two-numbers", lambda e, c: np.all(passing(e, c), axis=0)),
            ("swapped", lambda e, c: box_pandas(e, c)[::-1]),
            ("any", box_of(lambda p: np.logical_or.reduce(p))),
            ("product", box_product),
            ("product", box_jets_only(box_product)),
            ("ignores-direction", box_on(lambda cuts: [(n, ">", v) for n, _, v in cuts])),
            ("ignores-direction", box_on(lambda cuts: [(n, "<", v) for n, _, v in cuts])),
            ("reversed", box_on(lambda cuts: [(n, "<" if s == ">" else ">", v) for n, s, v in cuts])),
            ("lost", lambda e, c: 1 - np.array(box_pandas(e, c))),
            ("lost", box_of(lambda p: ~np.logical_and.reduce(p))),
            ("closed", box_closed),
            ("window", box_by_dict),
            ("one-cut", box_on(lambda cuts: cuts[-1:])),
            ("one-missing", box_on(lambda cuts: cuts[1:])),
            ("relative", last_cut_relative),
            ("of-kept", box_counts(lambda n, kept, mine: n / kept.sum())),
            ("of-all", box_counts(lambda n, kept, mine: n / len(kept))),
            ("count", box_counts(lambda n, kept, mine: n)),
            ("percent", box_counts(lambda n, kept, mine: 100 * n / mine.sum())),
            ("rejection", lambda e, c: tuple(1 / np.array(box_pandas(e, c)))),
            ("rejection", box_jets_only(lambda e, c: 1 / np.array(box_pandas(e, c)))),
            ("rejects", lambda e, c: (box_pandas(e, c)[0], 1 - box_pandas(e, c)[1])),
            ("rounded", lambda e, c: np.round(box_pandas(e, c), 2)),
            ("other", lambda e, c: np.array(box_pandas(e, c)) ** 2),
            ("changed-input", box_in_place),
            ("raised", lambda e, c: shares(e, e[c[0]] > 0)),
        ],
    ),
    "trees.likelihood": Answers(
        right=[ratio_numpy, ratio_loops, ratio_inner_edges, ratio_pandas],
        wrong=[
            ("no-log", ratio_with(one=np.divide, combine=lambda t: np.prod(t, axis=0))),
            ("log-of-sum", ratio_with(one=np.divide, combine=lambda t: np.log(t.sum(axis=0)))),
            ("other-log", ratio_with(one=lambda s, b: np.log10(s / b))),
            ("upside-down", ratio_with(one=lambda s, b: np.log(b / s))),
            ("factor-two", lambda *case: -2 * ratio_numpy(*case)),
            ("of-sum", lambda *case: 1 / (1 + np.exp(-ratio_numpy(*case)))),
            ("signal-only", ratio_with(one=lambda s, b: np.log(s))),
            ("of-sum", ratio_with(one=lambda s, b: np.log(s / (s + b)))),
            ("mean", ratio_with(combine=lambda t: t.mean(axis=0))),
            ("one-variable", ratio_with(combine=lambda t: t[-1])),
            ("empty-bins", ratio_with(add=0)),
            (
                "empty-bins",
                ratio_with(add=0, one=lambda s, b: np.nan_to_num(np.log(s / b), posinf=0, neginf=0)),
            ),
            ("counts", ratio_with(share=lambda c: c + 1)),
            ("wrong-total", ratio_with(share=lambda c: (c + 1) / c.sum())),
            ("total-plus-one", ratio_with(share=lambda c: (c + 1) / (c.sum() + 1))),
            ("added-to-share", ratio_with(share=lambda c: c / c.sum() + 1)),
            ("one-class", ratio_with(share_b=lambda c: c / c.sum())),
            ("only-empty", ratio_with(share=lambda c: np.where(c == 0, 1, c) / np.where(c == 0, 1, c).sum())),
            ("half", ratio_with(add=0.5)),
            ("tiny", ratio_with(share=lambda c: c / c.sum() + 1e-9)),
            ("density", ratio_with(share=lambda c: (c + 1) / (c + 1).max())),
            ("bin-too-high", ratio_with(bins=lambda v, e: np.clip(np.digitize(v, e), 0, len(e) - 2))),
            ("edge-below", ratio_with(bins=lambda v, e: np.clip(np.searchsorted(e, v) - 1, 0, len(e) - 2))),
            ("wraps", ratio_with(bins=lambda v, e: np.minimum(np.digitize(v, e) - 1, len(e) - 2))),
            ("equal-bins", ratio_with(bins=ratio_equal_bins)),
            ("outside", outside_is_nothing),
            ("rounded", lambda *case: ratio_numpy(*case).round(2)),
            ("other", lambda *case: ratio_numpy(*case) ** 2),
            ("not-finite", lambda *case: ratio_numpy(*case) * np.nan),
            ("shape", ratio_with(combine=lambda t: t.T)),
            ("changed-input", ratio_adds_in_place),
            ("raised", ratio_with(bins=lambda v, e: np.digitize(v, e))),
        ],
    ),
    "trees.fisher": Answers(
        right=[fisher_tmva, fisher_cov, fisher_numpy, fisher_loops, fisher_total, fisher_least_squares],
        wrong=[
            ("matrix", lambda x, y, w: x @ fisher_numpy(x, y, w)),
            ("matrix", within),
            ("zero", lambda x, y, w: np.zeros(x.shape[1])),
            ("sign", lambda x, y, w: -fisher_numpy(x, y, w)),
            ("sign", lambda x, y, w: fisher_tmva(x, ~y, w)),
            ("no-weights", flat(fisher_tmva)),
            ("no-weights", fisher_from_sklearn),
            ("weights-in-means", fisher_with(flat(within))),
            (
                "weights-in-matrix",
                fisher_with(within, lambda x, y, w: x[y].mean(axis=0) - x[~y].mean(axis=0)),
            ),
            ("weights-squared", lambda x, y, w: fisher_with(within)(x, y, w**2)),
            ("means-only", lambda x, y, w: np.subtract(*means(x, y, w))),
            ("not-inverted", fisher_with(within, solve=np.matmul)),
            ("each-element", fisher_with(within, solve=lambda m, d: (1 / m) @ d)),
            ("diagonal", fisher_with(within, solve=lambda m, d: d / np.diag(m))),
            ("standard-deviations", fisher_with(within, solve=lambda m, d: d / np.sqrt(np.diag(m)))),
            ("one-class", fisher_with(lambda x, y, w: np.cov(x[y].T, aweights=w[y]))),
            ("one-class", fisher_with(lambda x, y, w: np.cov(x[~y].T, aweights=w[~y]))),
            ("around-zero", fisher_with(lambda x, y, w: (w * x.T) @ x)),
            ("sums", fisher_with(within, lambda x, y, w: w[y] @ x[y] - w[~y] @ x[~y])),
            ("difference", fisher_with(difference_of_covariances)),
            ("weights-in-means", fisher_with(lambda x, y, w: np.cov(x[y].T) + np.cov(x[~y].T))),
            ("sum-of-means", fisher_with(within, lambda x, y, w: sum(means(x, y, w)))),
            ("other", lambda x, y, w: fisher_numpy(x, y, w)[::-1]),
            ("not-finite", lambda x, y, w: fisher_numpy(x, y, w) * np.inf),
            ("raised", lambda x, y, w: np.linalg.solve(w * x, y)),
        ],
    ),
    "trees.gain": Answers(
        right=[gain_numpy, gain_mutual, gain_scipy, gain_epsilon],
        wrong=[
            ("no-weights", gain_unweighted),
            ("weights-inside", gain_with(share=lambda passes, w: passes.mean())),
            ("weights-outside", gain_with(inside=equal)),
            ("weights-squared", lambda p, y, w: gain_numpy(p, y, w**2)),
            ("natural", lambda p, y, w: gain_numpy(p, y, w) * np.log(2)),
            ("pure", gain_with(h=naive_but_for_empty)),
            ("pure", gain_with(h=naive)),
            ("empty", gain_with(h=nan_for_empty)),
            ("mean-of-sides", gain_with(parts=lambda s, a, b: (a + b) / 2)),
            ("sum-of-sides", gain_with(parts=lambda s, a, b: a + b)),
            ("one-side", gain_with(parts=lambda s, a, b: s * a)),
            ("one-side", gain_with(parts=lambda s, a, b: a)),
            ("after", gain_with(result=lambda before, after: after)),
            ("before", gain_with(result=lambda before, after: before)),
            ("sign", gain_with(result=lambda before, after: after - before)),
            ("relative", gain_with(result=lambda before, after: (before - after) / before)),
            ("one-term", gain_with(h=impurity(lambda p: -p * np.log2(p) if p > 0 else 0.0))),
            ("gini", gini_gain),
            ("gini", gain_with(h=impurity(lambda p: 1 - p**2 - (1 - p) ** 2))),
            ("error", error_gain),
            ("not-a-share", lambda p, y, w: w.sum() * gain_numpy(p, y, w)),
            (
                "not-a-share",
                lambda p, y, w: gain_with(parts=lambda s, a, b: w.sum() * (s * a + (1 - s) * b))(p, y, w),
            ),
            ("rounded", lambda p, y, w: round(gain_numpy(p, y, w), 2)),
            ("other", lambda p, y, w: gain_numpy(p, y, w) ** 2),
            ("not-a-number", lambda p, y, w: (gain_numpy(p, y, w), 0)),
            ("raised", gain_python),
        ],
    ),
    "trees.best_split": Answers(
        right=[split_numpy, split_loops, split_cumulative, split_sklearn],
        wrong=[
            ("two-numbers", lambda x, y, w: split_numpy(x, y, w)[0]),
            ("order", lambda x, y, w: split_numpy(x, y, w)[::-1]),
            ("index", split_index),
            ("at-value", lower_value),
            ("at-value", upper_value),
            ("no-weights", split_by(gain_unweighted)),
            ("no-weights", split_by(gain_unweighted, report=gain_unweighted)),
            ("smallest", split_by(choose=np.argmin)),
            ("first-peak", split_by(choose=first_fall)),
            ("signal-above", split_by(more_signal_above)),
            ("signal-above", split_by(lambda p, y, w: more_signal_above(~p, y, w))),
            ("without-ends", split_by(thresholds=lambda x: middles(x)[:-1])),
            ("without-ends", split_by(thresholds=lambda x: middles(x)[1:])),
            ("weights-unsorted", lambda x, y, w: split_numpy(np.sort(x), y, w)),
            ("unsorted", split_by(thresholds=lambda x: (x[1:] + x[:-1]) / 2)),
            ("mean-of-sides", split_by(gain_with(parts=lambda s, a, b: a + b))),
            ("one-side", split_by(gain_with(parts=lambda s, a, b: s * a))),
            ("purest", split_by(purity)),
            ("error", split_by(error_gain)),
            ("gini", split_by(gini_gain)),
            ("middle", split_at(lambda x, y, w: np.median(x))),
            ("middle", split_at(lambda x, y, w: x.mean())),
            ("not-a-split", split_at(lambda x, y, w: x.max() + 1)),
            ("gain-before", last_gain),
            ("gain-weights", split_by(report=gain_unweighted)),
            ("gain", split_by(report=lambda p, y, w: gain_numpy(p, y, w) * np.log(2))),
            ("rounded", lambda x, y, w: np.round(split_numpy(x, y, w), 2)),
            ("threshold", lambda x, y, w: (split_numpy(x, y, w)[0] + 0.7, split_numpy(x, y, w)[1])),
            ("raised", lambda x, y, w: split_numpy(x, y, w[0])),
        ],
    ),
    "trees.reweight": Answers(
        right=[adaboost_numpy, adaboost_odds, adaboost_halves],
        wrong=[
            ("two-parts", lambda *case: adaboost_numpy(*case)[1]),
            ("order", lambda *case: adaboost_numpy(*case)[::-1]),
            ("no-weights", adaboost_with(error=lambda w, s, y, h: np.mean(y != h))),
            ("sum-not-share", adaboost_with(error=lambda w, s, y, h: w[y != h].sum())),
            ("mean-of-wrong", adaboost_with(error=lambda w, s, y, h: w[y != h].mean())),
            ("zero-one", adaboost_with(error=lambda w, s, y, h: w[s != h].sum() / w.sum())),
            ("upside-down", adaboost_with(alpha=lambda e: 0.5 * np.log(e / (1 - e)))),
            ("upside-down", adaboost_with(error=lambda w, s, y, h: w[y == h].sum() / w.sum())),
            ("twice", adaboost_with(alpha=lambda e: np.log((1 - e) / e))),
            ("no-log", adaboost_with(alpha=lambda e: (1 - e) / e)),
            ("root", adaboost_with(alpha=lambda e: np.sqrt((1 - e) / e))),
            ("other-log", adaboost_with(alpha=lambda e: 0.5 * np.log10((1 - e) / e))),
            ("share", adaboost_with(alpha=lambda e: 1 - e)),
            ("log-of-share", adaboost_with(alpha=lambda e: 0.5 * np.log(1 / e))),
            ("alpha-rounded", adaboost_with(alpha=lambda e: round(0.5 * np.log((1 - e) / e), 2))),
            ("alpha", adaboost_with(alpha=lambda e: 1.0)),
            ("right-ones-up", adaboost_with(new=lambda w, y, h, a: w * np.exp(a * y * h))),
            ("not-normalised", adaboost_sum(lambda raw, w, new: raw)),
            ("other-norm", adaboost_sum(lambda raw, w, new: len(w) * new)),
            ("other-norm", adaboost_sum(lambda raw, w, new: w.sum() * new)),
            ("from-equal", adaboost_with(new=lambda w, y, h, a: np.exp(-a * y * h))),
            ("half-step", adaboost_with(new=lambda w, y, h, a: np.where(y != h, w * np.exp(a), w))),
            ("double-step", adaboost_with(new=lambda w, y, h, a: w * np.exp(-2 * a * y * h))),
            ("truth-zero-one", adaboost_with(new=lambda w, y, h, a: w * np.exp(-a * (y > 0) * h))),
            ("no-truth", adaboost_with(new=lambda w, y, h, a: w * np.exp(-a * h))),
            ("no-stump", adaboost_with(new=lambda w, y, h, a: w * np.exp(-a * y))),
            ("no-exp", adaboost_with(new=lambda w, y, h, a: w * (1 - a * y * h))),
            ("right-ones-out", adaboost_with(new=lambda w, y, h, a: w * (y != h))),
            ("old-weights", lambda w, s, h: (adaboost_numpy(w, s, h)[0], w)),
            ("weights-rounded", adaboost_sum(lambda raw, w, new: new.round(2))),
            ("other", adaboost_with(new=lambda w, y, h, a: w**2 * np.exp(-a * y * h))),
            ("raised", lambda w, s, h: adaboost_numpy(w, s, h)[0] / s.missing),
        ],
    ),
    "trees.boosted_score": Answers(
        right=[vote_numpy, vote_arrays, vote_loops],
        wrong=[
            ("not-divided", vote_with(divide=lambda a: 1)),
            ("by-number", vote_with(divide=len)),
            ("no-voices", vote_with(voice=lambda a: 1, divide=len)),
            ("verdict", lambda x, s: np.sign(vote_numpy(x, s))),
            ("zero-one", vote_with(says=lambda above, sign: (above == (sign > 0)).astype(int))),
            ("zero-one", lambda x, s: 0.5 + vote_numpy(x, s) / 2),
            ("no-sign", vote_with(says=lambda above, sign: np.where(above, 1, -1))),
            ("upside-down", lambda x, s: -vote_numpy(x, s)),
            ("upside-down", vote_with(above=np.less)),
            ("at-threshold", vote_with(above=np.greater_equal)),
            ("one-stump", vote_with(pick=lambda s: s[-1:])),
            ("one-missing", vote_with(pick=lambda s: s[1:])),
            ("one-variable", lambda x, s: vote_numpy(x, [(0, *stump[1:]) for stump in s])),
            ("exponential", vote_with(voice=np.exp)),
            ("product", lambda x, s: math.prod(vote_with(divide=lambda a: 1)(x, [one]) for one in s)),
            ("rounded", lambda x, s: vote_numpy(x, s).round(2)),
            ("other", lambda x, s: vote_numpy(x, s) ** 2),
            ("not-finite", lambda x, s: vote_numpy(x, s) / 0.0 if len(x) else 0),
            ("shape", lambda x, s: vote_numpy(x, s).mean()),
            ("raised", lambda x, s: vote_numpy(x[:, 0], s)),
        ],
    ),
    "trees.compare": Answers(
        right=[
            learns(trees),
            learns(trees, lambda model, e: list(model.predict_proba(e[VARIABLES])[:, 1])),
            learns(one_way_trees),
            learns(forest),
            learns(xgboost, margin),
            learns(network),
            adaboost_of_the_exercise,
            likelihood_of_the_exercise,
        ],
        wrong=[
            ("no-score", lambda events: trees().fit(events[VARIABLES], events.is_electron)),
            ("no-score", lambda events: events.isolation),
            ("returns-nothing", lambda events: None),
            ("returns-nothing", lambda events: lambda table: None),
            ("both-columns", learns(trees, lambda model, events: model.predict_proba(events[VARIABLES]))),
            ("fixed", learns(trees, lambda model, _: model.predict_proba(shown("test")[VARIABLES])[:, 1])),
            ("random", learns(trees, noisy)),
            ("truth", knows_truth),
            ("truth", lambda events: lambda table: table.is_electron.astype(float)),
            ("company", learns(trees, in_company)),
            ("labels", learns(trees, lambda model, events: model.predict(events[VARIABLES]))),
            ("swapped", learns(trees, lambda model, events: model.predict_proba(events[VARIABLES])[:, 0])),
            ("below", lambda events: lambda table: -table.isolation),
            ("below", learns(logistic)),
            ("other-events", learns(trees, only="train")),
            ("other-events", learns(trees, only="test")),
            ("other-events", learns(trees, also="test")),
            ("other-events", learns(network, also="test")),
            ("other-events", learns(functools.partial(network, alpha=1.0), also="test")),
            ("other-events", learns(one_way_trees, also="test")),
            ("shape", learns(trees, lambda model, e: model.predict_proba(e[VARIABLES])[:, :, None])),
            (
                "not-finite",
                learns(trees, lambda model, events: np.log(model.predict(events[VARIABLES]) * 1.0)),
            ),
            ("raised", learns(trees, lambda model, events: model.predict_proba(events[["isolation"]])[:, 1])),
        ],
    ),
    "trees.resolution": Answers(
        right=[resolution_numpy, resolution_sorted, resolution_pandas],
        wrong=[
            ("two-numbers", lambda r, t: resolution_numpy(r, t)[0]),
            ("order", lambda r, t: resolution_numpy(r, t)[::-1]),
            ("full", core(lambda r, t: 2 * half(r - t))),
            ("mev", core(lambda r, t: half(r - t), unit=1)),
            ("full-mev", core(lambda r, t: 2 * half(r - t), unit=1)),
            ("std", core(lambda r, t: (r - t).std())),
            ("rms", core(lambda r, t: np.sqrt(np.mean((r - t) ** 2)))),
            ("quartiles", core(lambda r, t: half(r - t, 0.25, 0.75))),
            ("mad", core(lambda r, t: 1.4826 * np.median(np.abs(r - t - np.median(r - t))))),
            ("around-zero", core(lambda r, t: np.quantile(np.abs(r - t), 0.683))),
            ("around-median", core(lambda r, t: np.quantile(np.abs(r - t - np.median(r - t)), 0.683))),
            ("one-side", core(lambda r, t: np.quantile(r - t, 0.8413) - np.median(r - t))),
            ("of-p-reco", core(lambda r, t: half(r))),
            ("relative", core(lambda r, t: half((r - t) / t))),
            ("lower-68", core(lambda r, t: half(r - t, 0, 0.683))),
            ("sign", core(lambda r, t: -half(r - t))),
            ("core", core(lambda r, t: round(half(r - t), 1))),
            ("core", core(lambda r, t: 1.7 * half(r - t))),
            ("both-sides", tail(lambda r, t: np.mean(np.abs(r - t) > 0.7))),
            ("low-side", tail(lambda r, t: np.mean(t - r > 0.7))),
            ("below-limit", tail(lambda r, t: np.mean(r - t < 0.7))),
            ("good-limit", tail(lambda r, t: np.mean(r - t > 0.25))),
            ("not-good", tail(lambda r, t: np.mean(np.abs(r - t) > 0.25))),
            ("no-tail", tail(lambda r, t: np.mean(r - t > 700))),
            ("count", tail(lambda r, t: np.sum(r - t > 0.7))),
            ("percent", tail(lambda r, t: 100 * np.mean(r - t > 0.7))),
            ("around-median-tail", tail(lambda r, t: np.mean(r - t - np.median(r - t) > 0.7))),
            ("of-high", tail(lambda r, t: np.sum(r - t > 0.7) / np.sum(r - t > 0))),
            ("tail", tail(lambda r, t: np.mean(r - t > 1.2))),
            ("raised", lambda r, t: resolution_numpy(r, t[:10])),
        ],
    ),
    "trees.momentum": Answers(
        right=[
            adds(),
            adds(clip=0.5, loss="squared_error"),
            adds(columns=WITH_MOMENTUM),
            lambda tracks: (tracks.p_reco * predicted(tracks, target="ratio")).tolist(),
            lambda tracks: tracks.p_reco - predicted(tracks, target="turned"),
            adds("conversions"),
        ],
        wrong=[
            ("both-columns", lambda tracks: tracks[["p_reco", "hits"]]),
            ("fixed", lambda tracks: momentum.corrected(conversion_tracks(100, rng=1))),
            ("random", lambda tracks: tracks.p_reco + np.random.default_rng().normal(0, 1, len(tracks))),
            ("truth", adds_truth),
            ("company", lambda tracks: tracks.p_reco - 0.2 * tracks.chi2_ndf.rank()),
            ("correction", lambda tracks: predicted(tracks)),
            ("unit", lambda tracks: momentum.corrected(tracks) / 1000),
            ("ratio", lambda tracks: predicted(tracks, target="ratio")),
            ("unit", lambda tracks: 1000 * momentum.corrected(tracks)),
            ("constant", lambda tracks: np.full(len(tracks), 104.3) + 1e-3 * tracks.hits),
            ("constant", lambda tracks: predicted(tracks, target="momentum", sample="conversions")),
            ("mean-learned", adds("conversions", columns=WITH_MOMENTUM, loss="squared_error")),
            ("mean-learned", adds("conversions", columns=WITH_MOMENTUM)),
            ("mean-learned", adds("both", columns=WITH_MOMENTUM)),
            ("unchanged", lambda tracks: tracks.p_reco),
            ("sign", adds(target="turned")),
            ("sign", lambda tracks: tracks.p_reco - predicted(tracks)),
            ("shifted", lambda tracks: tracks.p_reco - 0.3),
            ("wider", adds(loss="squared_error")),
            ("little", hardly),
            ("tail", tail_grows),
            ("shape", lambda tracks: tracks[["p_reco", "hits", "d0"]]),
            ("not-finite", lambda tracks: tracks.p_reco / 0),
            ("raised", lambda tracks: predicted(tracks[["hits"]])),
        ],
    ),
}
