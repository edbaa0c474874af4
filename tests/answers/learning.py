"""Answers to the exercise of lesson 01."""

import numpy as np
from scipy.optimize import curve_fit
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

from answers import Answers

# -- χ² ------------------------------------------------------------------------------------------


def chi2_loop(a, b, x, y, error):
    total = 0
    for k in range(len(x)):
        total += (y[k] - (a + b * x[k])) ** 2 / error[k] ** 2
    return total


def chi2_dot(a, b, x, y, error):
    pull = (a + b * x - y) / error
    return pull @ pull


# -- the line ------------------------------------------------------------------------------------


def straight(x, a, b):
    return a + b * x


def by_curve_fit(x, y, error):
    best, covariance = curve_fit(straight, x, y, sigma=error, absolute_sigma=True)
    return [*best, *np.sqrt(np.diag(covariance))]


def by_curve_fit_scaled(x, y, error):
    best, covariance = curve_fit(straight, x, y, sigma=error)
    return [*best, *np.sqrt(np.diag(covariance))]


def by_sums(x, y, error):
    w = 1 / error**2
    s, sx, sy, sxx, sxy = w.sum(), (w * x).sum(), (w * y).sum(), (w * x * x).sum(), (w * x * y).sum()
    d = s * sxx - sx**2
    a, b = (sxx * sy - sx * sxy) / d, (s * sxy - sx * sy) / d
    return np.array([a, b, np.sqrt(sxx / d), np.sqrt(s / d)])


def polyfit_with(weight, cov="unscaled"):
    def fit(x, y, error):
        (b, a), c = np.polyfit(x, y, 1, w=weight(error), cov=cov)
        return a, b, np.sqrt(c[1, 1]), np.sqrt(c[0, 0])

    return fit


def slope_first(x, y, error):
    a, b, error_a, error_b = by_sums(x, y, error)
    return b, a, error_b, error_a


def errors_swapped(x, y, error):
    a, b, error_a, error_b = by_sums(x, y, error)
    return a, b, error_b, error_a


def variances(x, y, error):
    a, b, error_a, error_b = by_sums(x, y, error)
    return a, b, error_a**2, error_b**2


def without_correlation(x, y, error):
    a, b, _, _ = by_sums(x, y, error)
    return a, b, 1 / np.sqrt(np.sum(1 / error**2)), 1 / np.sqrt(np.sum(x**2 / error**2))


def values_in_turn(x, y, error):
    a, b, error_a, error_b = by_sums(x, y, error)
    return a, error_a, b, error_b


def in_pairs(x, y, error):
    a, b, error_a, error_b = by_sums(x, y, error)
    return (a, b), (error_a, error_b)


def matrix_of_a_vector(x, y, error):
    return np.linalg.inv(x) @ y


# -- a step of learning --------------------------------------------------------------------------


def step_by_loop(a, b, x, y, rate):
    da = db = 0
    for x_i, y_i in zip(x, y, strict=True):
        da += -2 * (y_i - a - b * x_i) / len(x)
        db += -2 * (y_i - a - b * x_i) * x_i / len(x)
    return [a - rate * da, b - rate * db]


def step_by_matrix(a, b, x, y, rate):
    A = np.column_stack([np.ones(len(x)), x])
    p = np.array([a, b])
    return p - rate * 2 / len(x) * A.T @ (A @ p - y)


def step_numerically(a, b, x, y, rate):
    def loss(a, b):
        return np.mean((y - a - b * x) ** 2)

    h = 1e-5
    da = (loss(a + h, b) - loss(a - h, b)) / (2 * h)
    db = (loss(a, b + h) - loss(a, b - h)) / (2 * h)
    return a - rate * da, b - rate * db


def one_after_the_other(a, b, x, y, rate):
    a = a + rate * 2 * np.mean(y - a - b * x)
    b = b + rate * 2 * np.mean((y - a - b * x) * x)
    return a, b


def step_with(da, db):
    def step(a, b, x, y, rate):
        miss = y - a - b * x
        return a + rate * da(miss, x), b + rate * db(miss, x)

    return step


def derivative_only(a, b, x, y, rate):
    miss = y - a - b * x
    return -2 * np.mean(miss), -2 * np.mean(miss * x)


def change_only(a, b, x, y, rate):
    da, db = derivative_only(a, b, x, y, rate)
    return -rate * da, -rate * db


# -- cross-entropy -------------------------------------------------------------------------------


def entropy_by_loop(p, y):
    total = 0
    for p_i, y_i in zip(p, y, strict=True):
        total -= np.log(p_i) if y_i == 1 else np.log(1 - p_i)
    return total / len(y)


def entropy_terms(p, y):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


# -- k-means -------------------------------------------------------------------------------------


def k_means_by_loops(position, energy, centres):
    sums, weights = np.zeros(centres.shape), np.zeros(len(centres))
    for x, e in zip(position, energy, strict=True):
        k = np.argmin([(x[0] - c[0]) ** 2 + (x[1] - c[1]) ** 2 for c in centres])
        sums[k] += e * x
        weights[k] += e
    return [list(s / w) if w > 0 else list(c) for s, w, c in zip(sums, weights, centres, strict=True)]


def nearest(position, centres):
    return np.linalg.norm(position[:, None] - centres, axis=2).argmin(axis=1)


def k_means_with(weight=lambda energy: energy, group=nearest, empty=lambda centre: centre):
    def step(position, energy, centres):
        groups, new = group(position, centres), []
        for k, centre in enumerate(centres):
            mine = groups == k
            w = weight(energy[mine])[:, None]
            if mine.any():
                new.append((w * position[mine]).sum(axis=0) / w.sum())
            else:
                new.append(empty(centre))
        return np.array([row for row in new if row is not None])

    return step


def k_means_to_the_end(position, energy, centres):
    for _ in range(10):
        centres = k_means_with()(position, energy, centres)
    return centres


def k_means_of_the_lesson(position, energy, centres):
    group = nearest(position, centres)
    groups = [group == k for k in range(len(centres))]
    return np.array([np.average(position[g], axis=0, weights=energy[g]) for g in groups])


def k_means_in_place(position, energy, centres):
    groups = nearest(position, centres)
    for k in range(len(centres)):
        if (groups == k).any():
            centres[k] = np.average(position[groups == k], axis=0, weights=energy[groups == k])
    return centres


def k_means_sums(position, energy, centres):
    groups = nearest(position, centres)
    return np.array([energy[groups == k] @ position[groups == k] for k in range(len(centres))])


def k_means_by_library(position, energy, centres):
    from sklearn.cluster import KMeans

    return KMeans(len(centres)).fit(position).no_such_thing_


# -- Q-learning ----------------------------------------------------------------------------------


def q_by_loop(Q, s, m, r, after, alpha, gamma):
    new = [list(row) for row in Q]
    best = max(Q[after])
    new[s][m] = (1 - alpha) * Q[s, m] + alpha * (r + gamma * best)
    return new


def q_with_array(Q, s, m, r, after, alpha, gamma):
    change = np.zeros_like(Q)
    change[s, m] = alpha * (r + gamma * np.max(Q[after, :]) - Q[s, m])
    return Q + change


def q_in_place(Q, s, m, r, after, alpha, gamma):
    Q[s, m] += alpha * (r + gamma * Q[after].max() - Q[s, m])
    return Q


def q_with(change):
    def step(Q, s, m, r, after, alpha, gamma):
        new = Q.copy()
        new[s, m] += alpha * change(Q, s, m, r, after, gamma)
        return new

    return step


def q_assigned(change):
    def step(Q, s, m, r, after, alpha, gamma):
        new = Q.copy()
        new[s, m] = alpha * change(Q, s, m, r, after, gamma)
        return new

    return step


def q_whole_row(Q, s, m, r, after, alpha, gamma):
    new = Q.copy()
    new[s] += alpha * (r + gamma * Q[after].max() - Q[s])
    return new


def q_entry(*case):
    return q_with_array(*case)[case[1], case[2]]


# -- a calibration -------------------------------------------------------------------------------


def inputs(jets):
    return np.column_stack([np.log(jets.measured), np.abs(jets.eta)])


def by_trees(known, new):
    model = HistGradientBoostingRegressor(max_iter=60, learning_rate=0.1, random_state=0)
    return np.exp(model.fit(inputs(known), np.log(known.true)).predict(inputs(new)))


def by_table(known, new):
    """A line in ln pT in each of 25 bins of |η|."""
    edges = np.linspace(0, 2.5, 26)[1:-1]
    bins, new_bins = np.digitize(np.abs(known.eta), edges), np.digitize(np.abs(new.eta), edges)
    corrected = np.empty(len(new.measured))
    for k in range(25):
        mine, theirs = bins == k, new_bins == k
        line = np.polyfit(np.log(known.measured[mine]), (known.true / known.measured)[mine], 1)
        corrected[theirs] = new.measured[theirs] * np.polyval(line, np.log(new.measured[theirs]))
    return corrected


def factors(known, new):
    model = KNeighborsRegressor(60).fit(inputs(known), known.true / known.measured)
    return model.predict(inputs(new))


def by_line(known, new):
    x = np.log(known.measured)[:, None]
    model = LinearRegression().fit(x, known.true / known.measured)
    return new.measured * model.predict(np.log(new.measured)[:, None])


def by_neighbours_in_gev(known, new):
    model = KNeighborsRegressor(60).fit(
        np.transpose([known.measured, known.eta]), known.true / known.measured
    )
    return new.measured * model.predict(np.transpose([new.measured, new.eta]))


def by_one_neighbour(known, new):
    model = KNeighborsRegressor(1).fit(inputs(known), known.true / known.measured)
    return new.measured * model.predict(inputs(new))


def by_deep_tree(known, new):
    model = DecisionTreeRegressor(random_state=0).fit(inputs(known), known.true / known.measured)
    return new.measured * model.predict(inputs(new))


def for_known(known, new):
    return by_trees(known, known)


def with_truth(known, new):
    return new.true


ANSWERS = {
    "learning.chi2": Answers(
        right=[chi2_loop, chi2_dot, lambda a, b, x, y, error: sum(((y - a - b * x) / error) ** 2)],
        wrong=[
            ("no-sum", lambda a, b, x, y, error: ((y - a - b * x) / error) ** 2),
            ("not-squared", lambda a, b, x, y, error: np.sum((y - a - b * x) / error)),
            ("no-error", lambda a, b, x, y, error: np.sum((y - a - b * x) ** 2)),
            ("error-not-squared", lambda a, b, x, y, error: np.sum((y - a - b * x) ** 2 / error)),
            ("mean", lambda a, b, x, y, error: np.mean(((y - a - b * x) / error) ** 2)),
            ("reduced", lambda a, b, x, y, error: np.sum(((y - a - b * x) / error) ** 2) / (len(x) - 2)),
            ("root", lambda *case: np.sqrt(chi2_dot(*case))),
            ("half", lambda *case: chi2_dot(*case) / 2),
            ("square-of-sum", lambda a, b, x, y, error: np.sum((y - a - b * x) / error) ** 2),
            ("swapped", lambda a, b, x, y, error: np.sum(((y - a * x - b) / error) ** 2)),
            ("over-y", lambda a, b, x, y, error: np.sum((y - a - b * x) ** 2 / y)),
            ("other", lambda a, b, x, y, error: np.sum(np.abs(y - a - b * x) / error)),
            ("returns-nothing", lambda *case: print(chi2_dot(*case))),
            ("raised", lambda a, b, x, y, error: np.sum((y - a - b * x) / sigma)),  # noqa: F821
        ],
    ),
    "learning.fit_line": Answers(
        right=[by_sums, by_curve_fit, polyfit_with(lambda error: 1 / error)],
        wrong=[
            ("shape", in_pairs),
            ("order", slope_first),
            ("unweighted", polyfit_with(np.ones_like)),
            ("weights-not-squared", polyfit_with(lambda error: 1 / np.sqrt(error))),
            ("weights-twice", polyfit_with(lambda error: 1 / error**2)),
            ("errors-swapped", errors_swapped),
            ("variance", variances),
            ("scaled", by_curve_fit_scaled),
            ("scaled", polyfit_with(lambda error: 1 / error, cov=True)),
            ("no-correlation", without_correlation),
            ("in-turn", values_in_turn),
            ("weights-inverted", polyfit_with(lambda error: error)),
            ("other", lambda x, y, error: [y[0], 0.0, 0.1, 0.1]),
            ("other-errors", lambda x, y, error: [*by_sums(x, y, error)[:2], error[0], error[0]]),
            ("returns-nothing", lambda x, y, error: None),
            ("raised", matrix_of_a_vector),
        ],
    ),
    "learning.learning_step": Answers(
        right=[step_by_loop, step_by_matrix, step_numerically],
        wrong=[
            ("shape", lambda a, b, x, y, rate: a + 2 * rate * np.mean(y - a - b * x)),
            ("sign", lambda a, b, x, y, rate: step_by_loop(a, b, x, y, -rate)),
            ("no-rate", lambda a, b, x, y, rate: step_by_loop(a, b, x, y, 1)),
            ("no-two", step_with(lambda miss, x: np.mean(miss), lambda miss, x: np.mean(miss * x))),
            ("sum", step_with(lambda miss, x: 2 * np.sum(miss), lambda miss, x: 2 * np.sum(miss * x))),
            ("sum-no-two", step_with(lambda miss, x: np.sum(miss), lambda miss, x: np.sum(miss * x))),
            ("no-x", step_with(lambda miss, x: 2 * np.mean(miss), lambda miss, x: 2 * np.mean(miss))),
            (
                "mean-of-x",
                step_with(lambda miss, x: 2 * np.mean(miss), lambda miss, x: 2 * np.mean(miss) * np.mean(x)),
            ),
            ("new-a", one_after_the_other),
            ("change-only", change_only),
            ("gradient-only", derivative_only),
            ("order", lambda *case: step_by_loop(*case)[::-1]),
            (
                "other",
                step_with(lambda miss, x: 2 * np.mean(miss), lambda miss, x: 2 * np.mean(miss / x.max())),
            ),
            ("returns-nothing", lambda a, b, x, y, rate: None),
            ("raised", lambda a, b, x, y, rate: a - rate * gradient),  # noqa: F821
        ],
    ),
    "learning.cross_entropy": Answers(
        right=[
            entropy_by_loop,
            lambda p, y: entropy_terms(p, y).mean(),
            lambda p, y: -np.mean(np.log(p * y + (1 - p) * (1 - y))),
        ],
        wrong=[
            ("no-mean", entropy_terms),
            ("not-finite", lambda p, y: entropy_terms(y, p).mean()),
            ("sign", lambda p, y: -entropy_terms(p, y).mean()),
            ("signal-only", lambda p, y: -np.mean(y * np.log(p))),
            ("signal-mean", lambda p, y: -np.log(p[y == 1]).mean()),
            ("wrong-class", lambda p, y: entropy_terms(1 - p, y).mean()),
            ("sum", lambda p, y: entropy_terms(p, y).sum()),
            ("base-10", lambda p, y: -np.mean(y * np.log10(p) + (1 - y) * np.log10(1 - p))),
            ("base-2", lambda p, y: -np.mean(y * np.log2(p) + (1 - y) * np.log2(1 - p))),
            ("squared", lambda p, y: np.mean((y - p) ** 2)),
            ("log-of-mean", lambda p, y: -np.log(np.mean(p * y + (1 - p) * (1 - y)))),
            ("own-entropy", lambda p, y: entropy_terms(p, p).mean()),
            ("other", lambda p, y: entropy_terms(p, y).mean() / 2),
            ("raised", lambda p, y: -math.log(p)),  # noqa: F821
        ],
    ),
    "learning.k_means_step": Answers(
        right=[k_means_by_loops, k_means_with()],
        wrong=[
            ("groups", lambda position, energy, centres: nearest(position, centres)),
            ("changed-input", k_means_in_place),
            ("unweighted", k_means_with(weight=np.ones_like)),
            (
                "farthest",
                k_means_with(group=lambda x, c: np.linalg.norm(x[:, None] - c, axis=2).argmax(axis=1)),
            ),
            ("energy-sum", k_means_sums),
            ("eta-only", k_means_with(group=lambda x, c: np.abs(x[:, None, 0] - c[:, 0]).argmin(axis=1))),
            ("phi-only", k_means_with(group=lambda x, c: np.abs(x[:, None, 1] - c[:, 1]).argmin(axis=1))),
            (
                "one-mean",
                lambda position, energy, centres: np.array(
                    [np.average(position, axis=0, weights=energy) for _ in centres]
                ),
            ),
            ("stays", lambda position, energy, centres: centres.copy()),
            (
                "city-block",
                k_means_with(group=lambda x, c: np.abs(x[:, None] - c).sum(axis=2).argmin(axis=1)),
            ),
            ("many-steps", k_means_to_the_end),
            ("empty-raised", k_means_of_the_lesson),
            ("empty-nan", k_means_with(empty=lambda centre: np.full(2, np.nan))),
            ("empty-zero", k_means_with(empty=lambda centre: np.zeros(2))),
            ("empty-lost", k_means_with(empty=lambda centre: None)),
            ("empty-moved", k_means_with(empty=lambda centre: np.ones(2))),
            ("other", k_means_with(weight=np.square)),
            ("shape", lambda position, energy, centres: centres[0]),
            ("raised", k_means_by_library),
        ],
    ),
    "learning.q_step": Answers(
        right=[q_by_loop, q_with_array],
        wrong=[
            ("changed-input", q_in_place),
            ("entry-only", q_entry),
            ("no-discount", q_with(lambda Q, s, m, r, after, gamma: r + Q[after].max() - Q[s, m])),
            ("no-alpha", lambda Q, s, m, r, after, alpha, gamma: q_with_array(Q, s, m, r, after, 1, gamma)),
            ("no-reward", q_with(lambda Q, s, m, r, after, gamma: gamma * Q[after].max() - Q[s, m])),
            ("no-future", q_with(lambda Q, s, m, r, after, gamma: r - Q[s, m])),
            ("same-cell", q_with(lambda Q, s, m, r, after, gamma: r + gamma * Q[s].max() - Q[s, m])),
            ("same-move", q_with(lambda Q, s, m, r, after, gamma: r + gamma * Q[after, m] - Q[s, m])),
            ("table-best", q_with(lambda Q, s, m, r, after, gamma: r + gamma * Q.max() - Q[s, m])),
            ("mean", q_with(lambda Q, s, m, r, after, gamma: r + gamma * Q[after].mean() - Q[s, m])),
            ("argmax", q_with(lambda Q, s, m, r, after, gamma: r + gamma * np.argmax(Q[after]) - Q[s, m])),
            ("old-kept", q_with(lambda Q, s, m, r, after, gamma: r + gamma * Q[after].max())),
            ("assigned", q_assigned(lambda Q, s, m, r, after, gamma: r + gamma * Q[after].max() - Q[s, m])),
            ("old-lost", q_assigned(lambda Q, s, m, r, after, gamma: r + gamma * Q[after].max())),
            (
                "all-discounted",
                q_with(lambda Q, s, m, r, after, gamma: gamma * (r + Q[after].max()) - Q[s, m]),
            ),
            ("elsewhere", q_whole_row),
            ("stays", lambda Q, *rest: Q.copy()),
            ("other", q_with(lambda Q, s, m, r, after, gamma: r + gamma**2 * Q[after].max() - Q[s, m])),
            ("returns-nothing", lambda Q, *rest: None),
            ("raised", lambda Q, s, m, r, after, alpha, gamma: Q[s, m] + alpha * Q[after].maximum()),
        ],
    ),
    "learning.calibrate": Answers(
        right=[by_trees, by_table],
        wrong=[
            ("for-known", for_known),
            ("logarithm", lambda known, new: np.log(by_trees(known, new))),
            ("factor", factors),
            ("as-measured", lambda known, new: new.measured),
            ("wrong-way", lambda known, new: new.measured / factors(known, new)),
            ("scale", lambda known, new: 1.05 * by_trees(known, new)),
            ("gap", by_line),
            ("gap", by_neighbours_in_gev),
            ("wide", by_one_neighbour),
            ("wide", by_deep_tree),
            ("shape", lambda known, new: by_trees(known, new)[:10]),
            ("raised", with_truth),
        ],
    ),
}
