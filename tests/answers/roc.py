"""Answers to the exercise of lesson 05."""

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics as sklearn_metrics

from answers import Answers
from hepml_course import metrics
from hepml_course.checks import roc as course
from hepml_course.metrics import asimov_significance, auc, auc_difference, binomial_interval

# -- one cut ------------------------------------------------------------------------------------


def by_loop(score, is_signal, threshold, jets_per_electron):
    tp = fn = fp = tn = 0
    for s, y in zip(score, is_signal, strict=True):
        if y and s >= threshold:
            tp += 1
        elif y:
            fn += 1
        elif s >= threshold:
            fp += 1
        else:
            tn += 1
    efficiency, false_rate = tp / (tp + fn), fp / (fp + tn)
    return [efficiency, 1 / false_rate, efficiency / (efficiency + jets_per_electron * false_rate)]


def by_package(score, is_signal, threshold, jets_per_electron):
    found = metrics.confusion(score, is_signal, threshold)
    mixed = found.scaled(
        signal=1 / is_signal.sum(), background=jets_per_electron / (len(score) - is_signal.sum())
    )
    return np.array([found.signal_efficiency.value, found.rejection.value, mixed.purity.value])


def with_errors(score, is_signal, threshold, jets_per_electron):
    found = metrics.confusion(score, is_signal, threshold)
    mixed = found.scaled(signal=1 / is_signal.sum(), background=jets_per_electron / (~is_signal).sum())
    return found.signal_efficiency, found.rejection, mixed.purity


def point(efficiency=None, rejection=None, purity=None):
    """An answer with one of the three numbers computed in another way."""

    def answer(s, y, t, r):
        right = course.working_point(s, y, t, r)
        other = (efficiency, rejection, purity)
        return tuple(v if f is None else f(s, y, t, r) for v, f in zip(right, other, strict=True))

    return answer


def strict(score, is_signal, threshold, jets_per_electron):
    kept = score > threshold
    signal, background = np.mean(kept[is_signal]), np.mean(kept[~is_signal])
    return signal, 1 / background, signal / (signal + jets_per_electron * background)


def wrong_name(score, is_signal, threshold, jets_per_electron):
    return score >= treshold  # noqa: F821


# -- the curve ----------------------------------------------------------------------------------


def curve_by_loop(score, is_signal, weights):
    b, s = [0.0], [0.0]
    for threshold in sorted(score, reverse=True):
        kept = score >= threshold
        s.append(weights[kept & is_signal].sum() / weights[is_signal].sum())
        b.append(weights[kept & ~is_signal].sum() / weights[~is_signal].sum())
    return b, s


def curve_of_library(score, is_signal, weights):
    return sklearn_metrics.roc_curve(is_signal, score, sample_weight=weights)[:2]


def curve_as_table(score, is_signal, weights):
    return np.array(course.curve(score, is_signal, weights))


def falling(score, is_signal, weights):
    b, s = course.curve(score, is_signal, weights)
    return b[::-1], s[::-1]


def sums(score, is_signal, weights):
    order = np.argsort(-score)
    s, b = np.cumsum((weights * is_signal)[order]), np.cumsum((weights * ~is_signal)[order])
    return b, s


def no_origin(score, is_signal, weights):
    b, s = sums(score, is_signal, weights)
    return b / b[-1], s / s[-1]


def grid_of_thresholds(score, is_signal, weights):
    b, s = course.curve(score, is_signal, weights)
    return np.append(b[:-1:4], 1), np.append(s[:-1:4], 1)


def hundred_thresholds(score, is_signal, weights):
    kept = score >= np.linspace(score.max() + 1, score.min(), 100)[:, None]
    b, s = kept @ (weights * ~is_signal), kept @ (weights * is_signal)
    return b / b[-1], s / s[-1]


def weights_keep_their_order(score, is_signal, weights):
    order = np.argsort(-score)
    s, b = np.cumsum(weights * is_signal[order]), np.cumsum(weights * ~is_signal[order])
    return np.append(0, b / b[-1]), np.append(0, s / s[-1])


# -- pairs --------------------------------------------------------------------------------------


def pairs_by_loop(signal, background):
    total = 0
    for s in signal:
        for b in background:
            total += 1 if s > b else 0.5 if s == b else 0
    return total / len(signal) / len(background)


def area_of_library(signal, background):
    y = np.r_[np.ones(len(signal)), np.zeros(len(background))]
    return sklearn_metrics.roc_auc_score(y, np.r_[signal, background])


def area_of_package(signal, background):
    y = np.r_[np.ones(len(signal)), np.zeros(len(background))]
    return auc(np.r_[signal, background], y)


def by_sign(signal, background):
    return np.mean(np.sign(np.subtract.outer(signal, background)) + 1) / 2


# -- the error of the AUC -----------------------------------------------------------------------


def error_of_package(signal, background):
    y = np.r_[np.ones(len(signal)), np.zeros(len(background))]
    return auc(np.r_[signal, background], y).error


def delong_by_loop(signal, background):
    rows = [np.mean((s > background) + 0.5 * (s == background)) for s in signal]
    columns = [np.mean((signal > b) + 0.5 * (signal == b)) for b in background]
    return np.hypot(np.std(rows, ddof=1) / len(rows) ** 0.5, np.std(columns, ddof=1) / len(columns) ** 0.5)


def without_ddof(signal, background):
    wins = (signal[:, None] > background) + 0.5 * (signal[:, None] == background)
    rows, columns = wins.mean(axis=1), wins.mean(axis=0)
    return np.sqrt(np.var(rows) / len(rows) + np.var(columns) / len(columns))


def binomial_of_pairs(signal, background):
    a = pairs_by_loop(signal, background)
    return np.sqrt(a * (1 - a) / (len(signal) * len(background)))


def binomial_of_events(signal, background):
    a = pairs_by_loop(signal, background)
    return np.sqrt(a * (1 - a) / (len(signal) + len(background)))


def ties_lost_error(signal, background):
    wins = signal[:, None] > background
    a, b = wins.mean(axis=1), wins.mean(axis=0)
    return np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))


def axes_swapped(signal, background):
    wins = (signal[:, None] > background) + 0.5 * (signal[:, None] == background)
    a, b = wins.mean(axis=0), wins.mean(axis=1)
    return np.sqrt(a.var(ddof=1) / len(signal) + b.var(ddof=1) / len(background))


# -- the interval -------------------------------------------------------------------------------


def by_quadratic(k, n):
    """(ε − k/n)² = ε(1 − ε)/n, solved for ε."""
    share = k / n
    root = np.sqrt((2 * share + 1 / n) ** 2 - 4 * (1 + 1 / n) * share**2)
    return [
        ((2 * share + 1 / n) - root) / (2 * (1 + 1 / n)),
        ((2 * share + 1 / n) + root) / (2 * (1 + 1 / n)),
    ]


def wilson_of_scipy(k, n, level):
    return tuple(binomtest(int(k), int(n)).proportion_ci(level, method="wilson"))


def plain_binomial(k, n):
    e = k / n
    return e - np.sqrt(e * (1 - e) / n), e + np.sqrt(e * (1 - e) / n)


# -- better than the best -----------------------------------------------------------------------


def as_set(scores, limit, is_signal):
    return {name for name, s in scores.items() if np.divide(*auc_difference(s, limit, is_signal)) > 3}


def any_above(scores, limit, is_signal):
    return [n for n, s in scores.items() if auc(s, is_signal).value > auc(limit, is_signal).value]


def independent(scores, limit, is_signal):
    best = auc(limit, is_signal)
    found = {name: auc(s, is_signal) for name, s in scores.items()}
    return [n for n, a in found.items() if a.value - best.value > 3 * np.hypot(a.error, best.error)]


def pulls_of(scores, limit, is_signal):
    return {n: np.divide(*auc_difference(s, limit, is_signal)) for n, s in scores.items()}


def turned_round(scores, limit, is_signal):
    return [n for n, s in scores.items() if np.divide(*auc_difference(limit, s, is_signal)) > 3]


# -- where to cut -------------------------------------------------------------------------------


def with_curve(score, is_signal, n_s, n_b, fewest):
    found = metrics.roc_curve(score, is_signal)
    left = found.background * np.sum(~is_signal)
    enough = left > fewest - 0.5
    z = asimov_significance(n_s * found.signal[enough], n_b * found.background[enough])
    return found.threshold[enough][np.argmax(z)]


def between_scores(score, is_signal, n_s, n_b, fewest):
    best = course.best_threshold(score, is_signal, n_s, n_b, fewest)
    return best - 1e-5


def scan(merit=asimov_significance, minimum=lambda fewest, n_b, y: fewest, expected=True, give="cut"):
    def answer(score, is_signal, n_s, n_b, fewest):
        best, highest = None, -1.0
        for i, threshold in enumerate(np.unique(score)):
            kept = score >= threshold
            left = np.sum(kept & ~is_signal)
            if left < minimum(fewest, n_b, is_signal):
                continue
            s, b = n_s * kept[is_signal].mean(), n_b * kept[~is_signal].mean()
            if not expected:
                s, b = np.sum(kept & is_signal), left
            z = merit(s, b)
            if z > highest:
                best, highest = {"cut": threshold, "significance": z, "index": i}[give], z
        return best

    return answer


def shares_of_all(score, is_signal, n_s, n_b, fewest):
    best, highest = None, -1.0
    for threshold in score:
        kept = score >= threshold
        left = np.sum(kept & ~is_signal)
        z = asimov_significance(n_s * np.sum(kept & is_signal) / len(score), n_b * left / len(score))
        if left >= fewest and z > highest:
            best, highest = threshold, z
    return best


def on_a_grid(score, is_signal, n_s, n_b, fewest):
    cuts, found = np.linspace(0, 1, 43), []
    for threshold in cuts:
        kept = score >= threshold
        b = n_b * kept[~is_signal].mean()
        enough = np.sum(kept & ~is_signal) >= fewest
        found.append(asimov_significance(n_s * kept[is_signal].mean(), b) if enough else 0)
    return cuts[np.argmax(found)]


def greater(score, is_signal, n_s, n_b, fewest):
    best, highest = None, -1.0
    for threshold in np.unique(score):
        kept = score > threshold
        if np.sum(kept & ~is_signal) < fewest:
            continue
        z = asimov_significance(n_s * kept[is_signal].mean(), n_b * kept[~is_signal].mean())
        if z > highest:
            best, highest = threshold, z
    return best


ANSWERS = {
    "roc.working_point": Answers(
        right=[course.working_point, by_loop, by_package, with_errors],
        wrong=[
            ("open", strict),
            ("below", point(efficiency=lambda s, y, t, r: np.mean(s[y] < t))),
            ("of-kept", point(efficiency=lambda s, y, t, r: np.sum(y & (s >= t)) / np.sum(s >= t))),
            ("of-all", point(efficiency=lambda s, y, t, r: np.sum(y & (s >= t)) / len(s))),
            ("count", point(efficiency=lambda s, y, t, r: np.sum(y & (s >= t)))),
            ("not-inverted", point(rejection=lambda s, y, t, r: np.mean(s[~y] >= t))),
            ("specificity", point(rejection=lambda s, y, t, r: 1 - np.mean(s[~y] >= t))),
            ("of-kept-jets", point(rejection=lambda s, y, t, r: np.sum(s >= t) / np.sum(~y & (s >= t)))),
            ("of-sample", point(purity=lambda s, y, t, r: np.mean(y[s >= t]))),
            ("no-mixture", point(purity=lambda s, y, t, r: course.working_point(s, y, t, 1)[2])),
            ("upside-down", point(purity=lambda s, y, t, r: course.working_point(s, y, t, 1 / r)[2])),
            ("impurity", point(purity=lambda s, y, t, r: 1 - course.working_point(s, y, t, r)[2])),
            (
                "counts-times-ratio",
                point(
                    purity=lambda s, y, t, r: np.sum(s[y] >= t) / (np.sum(s[y] >= t) + r * np.sum(s[~y] >= t))
                ),
            ),
            ("percent", point(efficiency=lambda s, y, t, r: 100 * np.mean(s[y] >= t))),
            ("percent", point(purity=lambda s, y, t, r: 100 * course.working_point(s, y, t, r)[2])),
            ("rounded", lambda *case: np.round(course.working_point(*case), 3)),
            ("other", point(purity=lambda s, y, t, r: 0.5)),
            ("shape", lambda s, y, t, r: np.mean(s[y] >= t)),
            ("raised", wrong_name),
        ],
    ),
    "roc.curve": Answers(
        right=[course.curve, curve_by_loop, curve_of_library, curve_as_table, falling],
        wrong=[
            ("no-weights", lambda s, y, w: course.curve(s, y, np.ones(len(s)))),
            ("ascending", lambda s, y, w: course.curve(-s, y, w)),
            ("swapped", lambda s, y, w: course.curve(s, y, w)[::-1]),
            ("swapped", lambda s, y, w: no_origin(s, y, w)[::-1]),
            ("unsorted", lambda s, y, w: course.curve(-np.arange(len(s)), y, w)),
            ("weights-unsorted", weights_keep_their_order),
            ("not-normalised", sums),
            ("by-all", lambda s, y, w: tuple(np.array(sums(s, y, w)) / w.sum())),
            ("by-numbers", lambda s, y, w: tuple(np.array(sums(s, y, w)) / [[np.sum(~y)], [np.sum(y)]])),
            ("no-origin", no_origin),
            ("no-end", lambda s, y, w: tuple(np.array(course.curve(s, y, w))[:, :-3])),
            ("coarse", grid_of_thresholds),
            ("coarse", hundred_thresholds),
            ("other", lambda s, y, w: (np.linspace(0, 1, 9), np.linspace(0, 1, 9) ** 0.5)),
            ("shape", lambda s, y, w: course.curve(s, y, w)[0]),
        ],
    ),
    "roc.auc_by_pairs": Answers(
        right=[course.auc_by_pairs, pairs_by_loop, area_of_library, by_sign, area_of_package],
        wrong=[
            ("ties-lost", lambda s, b: np.mean(s[:, None] > b)),
            ("ties-won", lambda s, b: np.mean([x >= z for x in s for z in b])),
            ("reversed", lambda s, b: area_of_library(b, s)),
            ("count", lambda s, b: pairs_by_loop(s, b) * len(s) * len(b)),
            ("count-without-ties", lambda s, b: np.sum(s[:, None] > b)),
            ("by-position", lambda s, b: np.mean([x > z for x, z in zip(s, b, strict=False)])),
            ("against-mean", lambda s, b: np.mean(s > np.mean(b))),
            ("percent", lambda s, b: 100 * pairs_by_loop(s, b)),
            ("rounded", lambda s, b: round(float(pairs_by_loop(s, b)), 2)),
            ("other", lambda s, b: s.mean() - b.mean()),
            ("not-a-number", lambda s, b: s[:, None] > b),
        ],
    ),
    "roc.auc_error": Answers(
        right=[course.auc_error, error_of_package, delong_by_loop, without_ddof],
        wrong=[
            ("pairs-as-events", binomial_of_pairs),
            ("pairs-as-events", lambda s, b: course._wins(s, b).std() / np.sqrt(len(s) * len(b))),
            ("variance", lambda s, b: delong_by_loop(s, b) ** 2),
            ("not-divided", lambda s, b: np.sqrt(sum(course._parts(s, b)))),
            ("signal-only", lambda s, b: np.sqrt(course._parts(s, b)[0] / len(s))),
            ("background-only", lambda s, b: np.sqrt(course._parts(s, b)[1] / len(b))),
            (
                "added",
                lambda s, b: sum(
                    np.sqrt(v / n) for v, n in zip(course._parts(s, b), (len(s), len(b)), strict=True)
                ),
            ),
            ("crossed", axes_swapped),
            ("divided-by-all", lambda s, b: np.sqrt(sum(course._parts(s, b)) / (len(s) + len(b)))),
            ("events-as-trials", binomial_of_events),
            ("ties-lost", ties_lost_error),
            ("rounded", lambda s, b: round(float(delong_by_loop(s, b)), 4)),
            ("other", lambda s, b: 0.1),
        ],
    ),
    "roc.interval": Answers(
        right=[course.interval, by_quadratic, binomial_interval, lambda k, n: wilson_of_scipy(k, n, 0.68)],
        wrong=[
            ("normal", plain_binomial),
            ("normal", lambda k, n: np.clip(plain_binomial(k, n), 0, 1)),
            ("clopper-pearson", lambda k, n: binomial_interval(k, n, method="clopper-pearson")),
            ("two-sigma", lambda k, n: binomial_interval(k, n, level=0.95)),
            ("reversed", lambda k, n: course.interval(k, n)[::-1]),
            (
                "centre",
                lambda k, n: (
                    k / n - np.sqrt(k * (n - k) / n + 0.25) / (n + 1),
                    k / n + np.sqrt(k * (n - k) / n + 0.25) / (n + 1),
                ),
            ),
            ("n-kept", lambda k, n: [end * (n + 1) / n for end in course.interval(k, n)]),
            (
                "centre-and-half",
                lambda k, n: ((k + 0.5) / (n + 1), np.sqrt(k * (n - k) / n + 0.25) / (n + 1)),
            ),
            ("rounded", lambda k, n: np.round(course.interval(k, n), 2)),
            ("other", lambda k, n: ((k - 1) / n, (k + 1) / n)),
            ("shape", lambda k, n: k / n),
        ],
    ),
    "roc.impossible": Answers(
        right=[course.impossible, as_set, lambda *case: np.array(course.impossible(*case))],
        wrong=[
            ("no-uncertainty", any_above),
            ("no-uncertainty", lambda *case: [n for n, p in pulls_of(*case).items() if p > 1]),
            ("no-uncertainty", lambda *case: [n for n, p in pulls_of(*case).items() if p > 2]),
            ("unpaired", independent),
            ("below", turned_round),
            ("both-sides", lambda *case: [n for n, p in pulls_of(*case).items() if abs(p) > 3]),
            ("best-only", lambda *case: max(pulls_of(*case), key=lambda n: auc(case[0][n], case[2]).value)),
            ("possible", lambda *case: [n for n, p in pulls_of(*case).items() if p <= 3]),
            ("everything", lambda scores, limit, y: list(scores)),
            ("nothing", lambda scores, limit, y: []),
            ("names", lambda *case: [p > 3 for p in pulls_of(*case).values()]),
            ("names", lambda *case: 2),
            ("other", lambda scores, limit, y: list(scores)[1:4]),
        ],
    ),
    "roc.best_threshold": Answers(
        right=[course.best_threshold, scan(), with_curve, between_scores],
        wrong=[
            ("no-minimum", scan(minimum=lambda fewest, n_b, y: 1)),
            ("expected-minimum", scan(minimum=lambda fewest, n_b, y: fewest * np.sum(~y) / n_b)),
            ("root-b", scan(merit=lambda s, b: s / np.sqrt(b))),
            ("root-s-plus-b", scan(merit=lambda s, b: s / np.sqrt(s + b))),
            ("sample-counts", scan(expected=False)),
            ("of-all", shares_of_all),
            ("grid", on_a_grid),
            ("significance", scan(give="significance")),
            ("index", scan(give="index")),
            ("off-by-one", greater),
            ("other", lambda score, y, n_s, n_b, fewest: 0.5),
            ("returns-nothing", lambda score, y, n_s, n_b, fewest: None),
        ],
    ),
}
