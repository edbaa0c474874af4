"""Answers to the exercise of lesson 15."""

import itertools
import math

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from answers import Answers

# -- matched ------------------------------------------------------------------------------------


def largest(truth, found):
    return np.abs(truth[:, None] - found).max(axis=-1)


def most(near):
    return near[linear_sum_assignment(near, maximize=True)].sum()


def matched_scipy(truth, found, tolerance):
    return most(largest(truth, found) <= tolerance)


def matched_permutations(truth, found, tolerance):
    if len(truth) > len(found):
        truth, found = found, truth
    best = 0
    for order in itertools.permutations(range(len(found)), len(truth)):
        pairs = 0
        for i, j in enumerate(order):
            d0, d1 = abs(truth[i][0] - found[j][0]), abs(truth[i][1] - found[j][1])
            pairs += max(d0, d1) <= tolerance
        best = max(best, pairs)
    return best


def matched_recursively(truth, found, tolerance):
    if len(truth) == 0:
        return 0
    best = matched_recursively(truth[1:], found, tolerance)
    for j, track in enumerate(found):
        if abs(truth[0] - track).max() <= tolerance:
            rest = np.delete(found, j, axis=0)
            best = max(best, 1 + matched_recursively(truth[1:], rest, tolerance))
    return best


def matched_by_paths(truth, found, tolerance):
    near = csr_array((largest(truth, found) <= tolerance).astype(int))
    return int((maximum_bipartite_matching(near, perm_type="column") >= 0).sum())


def matched_costs(truth, found, tolerance):
    cost = np.where(largest(truth, found) <= tolerance, largest(truth, found), 1000.0)
    rows, columns = linear_sum_assignment(cost)
    return np.sum(cost[rows, columns] < 1000)


def matched_in_every_column(truth, found, tolerance):
    share = np.arange(28) / 27
    y = [tracks[:, :1] * (1 - share) + tracks[:, 1:] * share for tracks in (truth, found)]
    near = (np.abs(y[0][:, None] - y[1]) <= tolerance + 1e-9).all(axis=-1)
    return most(near)


def matched_by(distance):
    return lambda truth, found, tolerance: most(distance(truth[:, None] - found) <= tolerance)


def first_come(truth, found, tolerance):
    used, pairs = set(), 0
    for track in truth:
        for j in range(len(found)):
            if j not in used and np.abs(track - found[j]).max() <= tolerance:
                used.add(j)
                pairs += 1
                break
    return pairs


def nearest_free(truth, found, tolerance):
    free, pairs = list(range(len(found))), 0
    for track in truth:
        if free:
            j = min(free, key=lambda j: np.abs(track - found[j]).max())
            if np.abs(track - found[j]).max() <= tolerance:
                free.remove(j)
                pairs += 1
    return pairs


def nearest_first(truth, found, tolerance):
    distance = largest(truth, found)
    used_true, used_found, pairs = set(), set(), 0
    for flat in np.argsort(distance, axis=None, kind="stable"):
        i, j = np.unravel_index(flat, distance.shape)
        if distance[i, j] <= tolerance and i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
            pairs += 1
    return pairs


def nearest_only(truth, found, tolerance):
    partners = set()
    for track in truth:
        distance = np.abs(track - found).max(axis=1)
        if distance.min() <= tolerance:
            partners.add(int(distance.argmin()))
    return len(partners)


def smallest_total(truth, found, tolerance):
    distance = largest(truth, found)
    rows, columns = linear_sum_assignment(distance)
    return np.sum(distance[rows, columns] <= tolerance)


def smallest_total_of_sums(truth, found, tolerance):
    distance = np.abs(truth[:, None] - found)
    rows, columns = linear_sum_assignment(distance.sum(axis=2))
    return np.sum(distance.max(axis=2)[rows, columns] <= tolerance)


def fewest(near):
    return near[linear_sum_assignment(near)].sum()


def place_by_place(truth, found, tolerance):
    return sum(np.abs(t - f).max() <= tolerance for t, f in zip(truth, found, strict=False))


def list_of_pairs(truth, found, tolerance):
    near = largest(truth, found) <= tolerance
    rows, columns = linear_sum_assignment(near, maximize=True)
    return [(i, j) for i, j in zip(rows, columns, strict=True) if near[i, j]]


def middle_within_in_place(truth, found, tolerance):
    truth -= 1
    return matched_scipy(truth, found - 1, tolerance)


# -- hough --------------------------------------------------------------------------------------


def hough_numpy(image, lines):
    w = image.shape[1]
    y = lines[:, :1] + (lines[:, 1:] - lines[:, :1]) * np.arange(w) / (w - 1)
    return image[np.floor(y).astype(int), np.arange(w)].sum(axis=1)


def hough_loops(image, lines):
    w = image.shape[1]
    counts = []
    for y0, y1 in lines:
        hits = 0
        for c in range(w):
            row = int(y0 + (y1 - y0) * c / (w - 1))
            if image[row, c] > 0:
                hits += 1
        counts.append(hits)
    return counts


def hough_linspace(image, lines):
    rows = np.linspace(lines[:, 0], lines[:, 1], image.shape[1]).astype(int)
    return np.array([image[row, c] for c, row in enumerate(rows)]).sum(axis=0)


def hough_interp(image, lines):
    w = image.shape[1]
    heights = (np.interp(np.arange(w), [0, w - 1], line) for line in lines)
    return [int(np.take_along_axis(image, y.astype(int)[None], axis=0).sum()) for y in heights]


def hough_templates(image, lines):
    h, w = image.shape
    y = np.linspace(lines[:, 0], lines[:, 1], w)
    crossed = (y.T[:, None] >= np.arange(h)[:, None]) & (y.T[:, None] < np.arange(1, h + 1)[:, None])
    return crossed.reshape(len(lines), -1) @ image.reshape(-1).astype(float)


def hough_keras(image, lines):
    import keras

    w = image.shape[1]
    y = np.linspace(lines[:, 0], lines[:, 1], w).T
    flat = keras.ops.convert_to_tensor(np.floor(y).astype("int32") * w + np.arange(w, dtype="int32"))
    return keras.ops.sum(keras.ops.take(image.reshape(-1).astype("int32"), flat), axis=1)


def hough_with(share=lambda h, w: np.arange(w) / (w - 1), row=np.floor, pick=None, columns=slice(None)):
    def hough(image, lines):
        h, w = image.shape
        y = lines[:, :1] + (lines[:, 1:] - lines[:, :1]) * share(h, w)
        rows = row(y).astype(int)
        hits = image[rows, np.arange(w)] if pick is None else pick(image, rows)
        return hits[:, columns].sum(axis=1)

    return hough


def hough_by_rows(image, lines):
    h, w = image.shape
    return [
        sum(image[math.floor(y0 + (y1 - y0) * c / (h - 1)), c] for c in range(w)) for y0, y1 in lines.tolist()
    ]


def hough_with_whole(y0=lambda y: y, slope=lambda s: s, way=lambda d: d):
    def hough(image, lines):
        c = np.arange(image.shape[1])
        steps = way(slope((lines[:, 1:] - lines[:, :1]) / (len(c) - 1)) * c)
        rows = np.floor(y0(lines[:, :1]) + steps).astype(int)
        return image[rows, c].sum(axis=1)

    return hough


def hough_for_square(image, lines):
    n = len(image)
    rows = np.floor(np.linspace(lines[:, 0], lines[:, 1], n)).astype(int)
    return [sum(image[r, c] for c, r in enumerate(row)) for row in rows.T]


def hough_for_28(image, lines):
    rows = np.linspace(lines[:, 0], lines[:, 1], 28).T.astype(int)
    return image[rows, np.arange(28)].sum(axis=1)


def hough_swapped(image, lines):
    w = image.shape[1]
    rows = np.linspace(lines[:, 0], lines[:, 1], w).T.astype(int)
    return [sum(image[c, r] for c, r in enumerate(row)) for row in rows]


def three_rows(image, lines):
    padded = np.pad(image, ((1, 1), (0, 0)))
    return sum(hough_numpy(padded, lines + by) for by in (0, 1, 2))


def per_pixel(image, lines):
    w = image.shape[1]
    return image[np.linspace(lines[:, 0], lines[:, 1], w).T.astype(int), np.arange(w)]


def fills_the_image(image, lines):
    counts = hough_numpy(image, lines)
    image[:] = 1
    return counts


# -- weight of a hit ----------------------------------------------------------------------------


def weight_numpy(n, e, c):
    silent = (1 - n) * (1 - e) ** c
    return np.log((1 - silent * (1 - e)) / (1 - silent))


def weight_math(noise, efficiency, known):
    with_track = 1 - (1 - noise) * math.pow(1 - efficiency, known + 1)
    without = 1 - (1 - noise) * math.pow(1 - efficiency, known)
    return math.log(with_track) - math.log(without)


def weight_loops(noise, efficiency, known):
    silent = 1 - noise
    for _ in range(known):
        silent *= 1 - efficiency
    fires = 1 - silent
    return np.log((fires + silent * efficiency) / fires)


def weight_log1p(n, e, c):
    return np.log1p(-(1 - n) * (1 - e) ** (c + 1)) - np.log1p(-(1 - n) * (1 - e) ** c)


def weight_keras(n, e, c):
    import keras

    silent = keras.ops.cast((1 - n) * (1 - e) ** c, "float64")
    return keras.ops.log((1 - silent * (1 - e)) / (1 - silent))


def ratio(above, below):
    def weight(n, e, c):
        with np.errstate(all="ignore"):
            return np.log(np.divide(above(n, e, c), below(n, e, c)))

    return weight


def fires(n, e, c):
    return 1 - (1 - n) * (1 - e) ** c


# -- search -------------------------------------------------------------------------------------


def search_numpy(image, rows, weight, k):
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for _ in range(k):
        sums = weight(image, known)[rows, columns].sum(axis=1)
        sums[found] = -np.inf
        found.append(int(np.argmax(sums)))
        known[rows[found[-1]], columns] += 1
    return found


def search_loops(image, rows, weight, k):
    known, found = np.zeros_like(image), []
    while len(found) < k:
        values = weight(image, known)
        best, highest = None, -1e9
        for i, row in enumerate(rows):
            total = sum(values[r, c] for c, r in enumerate(row))
            if total > highest and i not in found:
                best, highest = i, total
        found.append(best)
        for c, r in enumerate(rows[best]):
            known[r, c] += 1
    return found


def search_matrix(image, rows, weight, k):
    h, w = image.shape
    matrix = np.zeros((len(rows), h, w))
    matrix[np.arange(len(rows))[:, None], rows, np.arange(w)] = 1
    free, found = np.ones(len(rows), dtype=bool), []
    for _ in range(k):
        known = matrix[found].sum(axis=0)
        sums = (matrix * weight(image, known)).sum(axis=(1, 2))
        found.append(np.where(free, sums, -1e6).argmax())
        free[found[-1]] = False
    return np.array(found)


def search_recursively(image, rows, weight, k, found=()):
    if len(found) == k:
        return found
    known, columns = np.zeros(image.shape), np.arange(image.shape[1])
    for i in found:
        known[rows[i], columns] += 1
    values = weight(image, known)
    others = [i for i in range(len(rows)) if i not in found]
    best = max(others, key=lambda i: values[rows[i], columns].sum())
    return search_recursively(image, rows, weight, k, (*found, best))


def search_pixel_by_pixel(image, rows, weight, k):
    known, found = np.zeros(image.shape, dtype=int), []
    for _ in range(k):
        sums = [sum(weight(image[r, c], known[r, c]) for c, r in enumerate(row)) for row in rows]
        order = np.argsort(sums)[::-1]
        found.append(next(int(i) for i in order if i not in found))
        known[rows[found[-1]], np.arange(image.shape[1])] += 1
    return found


def search_by(learn=None, values=None, mask=True, take=np.argmax):
    """A search that learns, weighs or takes something else."""

    def search(image, rows, weight, k):
        known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
        for _ in range(k):
            weights = weight(image, known) if values is None else values(image, known, weight)
            sums = np.asarray(weights, dtype=float)[rows, columns].sum(axis=1)
            if mask:
                sums[found] = -np.inf if take is np.argmax else np.inf
            found.append(int(take(sums)))
            if learn is None:
                known[rows[found[-1]], columns] += 1
            else:
                learn(known, rows[found[-1]], columns)
        return found

    return search


def set_to_one(known, row, columns):
    known[row, columns] = 1


def only_the_last(known, row, columns):
    known[:] = 0
    known[row, columns] = 1


def whole_rows(known, row, columns):
    known[row] += 1


def neighbours_too(known, row, columns):
    for by in (-1, 0, 1):
        known[np.clip(row + by, 0, len(known) - 1), columns] = 1


def nothing(known, row, columns):
    pass


def everything(known, row, columns):
    known += 1


def best_at_once(image, rows, weight, k):
    sums = weight(image, 0 * image.astype(int))[rows, np.arange(image.shape[1])].sum(axis=1)
    return np.argsort(-sums, kind="stable")[:k]


def returns_rows(image, rows, weight, k):
    return rows[search_numpy(image, rows, weight, k)]


def returns_sums(image, rows, weight, k):
    known, columns, found, best = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), [], []
    for _ in range(k):
        sums = weight(image, known)[rows, columns].sum(axis=1)
        sums[found] = -np.inf
        found.append(int(np.argmax(sums)))
        best.append(sums.max())
        known[rows[found[-1]], columns] += 1
    return best


def all_sums(image, rows, weight, k):
    return weight(image, 0 * image.astype(int))[rows, np.arange(image.shape[1])].sum(axis=1)


def sums_of_rows(image, rows, weight, k):
    known, found = np.zeros(image.shape, dtype=int), []
    for _ in range(k):
        sums = weight(image, known)[rows].sum(axis=(1, 2))
        sums[found] = -np.inf
        found.append(int(np.argmax(sums)))
        known[rows[found[-1]], np.arange(image.shape[1])] += 1
    return found


def erases_in_the_image(image, rows, weight, k):
    found = []
    for _ in range(k):
        sums = weight(image, 0 * image.astype(int))[rows, np.arange(image.shape[1])].sum(axis=1)
        sums[found] = -np.inf
        found.append(int(np.argmax(sums)))
        image[rows[found[-1]], np.arange(image.shape[1])] = 0
    return found


def numbered(image, rows, weight, k):
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for number in range(1, k + 1):
        sums = weight(image, known)[rows, columns].sum(axis=1)
        sums[found] = -np.inf
        found.append(int(np.argmax(sums)))
        known[rows[found[-1]], columns] = number
    return found


def counted_again(image, rows, weight, k):
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for _ in range(k):
        sums = weight(image, known)[rows, columns].sum(axis=1)
        sums[found] = -np.inf
        found.append(int(np.argmax(sums)))
        for i in found:
            known[rows[i], columns] += 1
    return found


def deletes_lines(image, rows, weight, k):
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for _ in range(k):
        found.append(int(np.argmax(weight(image, known)[rows, columns].sum(axis=1))))
        known[rows[found[-1]], columns] += 1
        rows = np.delete(rows, found[-1], axis=0)
    return found


def best_at_once_turned(image, rows, weight, k):
    sums = weight(image, 0 * image.astype(int))[rows, np.arange(image.shape[1])].sum(axis=1)
    return np.argsort(sums)[::-1][:k]


def zero_is_low(image, rows, weight, k):
    known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
    for _ in range(k):
        sums = weight(image, known)[rows, columns].sum(axis=1)
        sums[found] = 0
        found.append(int(np.argmax(sums)))
        known[rows[found[-1]], columns] += 1
    return found


def until_different(rounds):
    """The best of all lines, again and again, until there are k different ones or the rounds are over."""

    def search(image, rows, weight, k):
        known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
        for _ in range(rounds):
            best = int(weight(image, known)[rows, columns].sum(axis=1).argmax())
            known[rows[best], columns] += 1
            if best not in found:
                found.append(best)
            if len(found) == k:
                break
        return found

    return search


def learns_hits(change):
    def search(image, rows, weight, k):
        known, columns, found = np.zeros(image.shape, dtype=int), np.arange(image.shape[1]), []
        for _ in range(k):
            sums = weight(image, known)[rows, columns].sum(axis=1)
            sums[found] = -np.inf
            found.append(int(np.argmax(sums)))
            known[rows[found[-1]], columns] += change(image[rows[found[-1]], columns])
        return found

    return search


def first_then_same(image, rows, weight, k):
    found = search_numpy(image, rows, weight, k)
    return [found[0], *found[:-1]]


# -- any order ----------------------------------------------------------------------------------


def order_permutations(truth, found):
    orders = itertools.permutations(range(truth.shape[1]))
    return np.min([np.abs(truth - found[:, list(o)]).mean(axis=(1, 2)) for o in orders], axis=0)


def order_assignment(truth, found):
    losses = []
    for t, f in zip(truth, found, strict=True):
        cost = np.abs(t[:, None] - f).mean(axis=-1)
        losses.append(cost[linear_sum_assignment(cost)].mean())
    return losses


def order_loops(truth, found):
    n, k, _ = truth.shape
    losses = np.full(n, np.inf)
    for i in range(n):
        for order in itertools.permutations(range(k)):
            total = 0
            for a, b in enumerate(order):
                total += abs(truth[i, a, 0] - found[i, b, 0]) + abs(truth[i, a, 1] - found[i, b, 1])
            losses[i] = min(losses[i], total / (2 * k))
    return losses


def order_of_the_truth(truth, found):
    orders = np.array(list(itertools.permutations(range(truth.shape[1]))))
    return np.abs(truth[:, orders] - found[:, None]).mean(axis=(2, 3)).min(axis=1)


def order_keras(truth, found):
    from keras import ops

    t, f = ops.convert_to_tensor(truth), ops.convert_to_tensor(found)
    orders = itertools.permutations(range(truth.shape[1]))
    losses = [ops.mean(ops.abs(t - ops.take(f, list(order), axis=1)), axis=(1, 2)) for order in orders]
    return ops.min(ops.stack(losses), axis=0)


def order_of_three(truth, found):
    every = list(itertools.permutations(range(3)))
    return np.min([np.abs(truth - found[:, list(order)]).mean(axis=(1, 2)) for order in every], axis=0)


def table(truth, found):
    return np.abs(truth[:, :, None] - found[:, None]).mean(axis=-1)


def orders(truth, found):
    every = itertools.permutations(range(truth.shape[1]))
    return np.array([np.abs(truth - found[:, list(order)]).mean(axis=(1, 2)) for order in every])


def best_by(distance, value=None):
    """The best order of one distance, and the mean of another one in it."""

    def loss(truth, found):
        difference = truth[:, :, None] - found[:, None]
        result = []
        for cost, shown in zip(distance(difference), (value or distance)(difference), strict=True):
            result.append(shown[linear_sum_assignment(cost)].mean())
        return np.array(result)

    return loss


def mean_error(d):
    return np.abs(d).mean(axis=-1)


def greedy_pairs(truth, found):
    result = []
    for cost in table(truth, found):
        cost, total = cost.copy(), 0
        for _ in cost:
            i, j = np.unravel_index(cost.argmin(), cost.shape)
            total += cost[i, j]
            cost[i, :], cost[:, j] = np.inf, np.inf
        result.append(total / len(cost))
    return result


def greedy_in_turn(truth, found):
    result = []
    for t, f in zip(truth, found, strict=True):
        free, total = list(range(len(f))), 0
        for track in t:
            j = min(free, key=lambda j: np.abs(track - f[j]).mean())
            free.remove(j)
            total += np.abs(track - f[j]).mean()
        result.append(total / len(t))
    return result


def sorted_by_entrance(truth, found):
    result = []
    for t, f in zip(truth, found, strict=True):
        result.append(np.abs(t[t[:, 0].argsort()] - f[f[:, 0].argsort()]).mean())
    return result


def one_order_for_all(truth, found):
    losses = orders(truth, found)
    return losses[losses.mean(axis=1).argmin()]


def rolled(truth, found):
    k = truth.shape[1]
    return np.min([np.abs(truth - np.roll(found, by, axis=1)).mean(axis=(1, 2)) for by in range(k)], axis=0)


def turned(truth, found):
    return np.minimum(*(np.abs(truth - f).mean(axis=(1, 2)) for f in (found, found[:, ::-1])))


def sorts_in_place(truth, found):
    right = order_permutations(truth, found)
    found.sort(axis=1)
    return right


# -- working point ------------------------------------------------------------------------------


def point_loop(probability, is_true, n_true, at_most):
    for threshold in sorted(probability):
        kept = probability >= threshold
        if np.sum(kept & ~is_true) / kept.sum() <= at_most:
            return threshold, np.sum(kept & is_true) / n_true


def point_sums(probability, is_true, n_true, at_most):
    order = np.argsort(-probability)
    true = np.cumsum(is_true[order])
    share = 1 - true / np.arange(1, len(order) + 1)
    last = np.flatnonzero(share <= at_most)[-1]
    return np.array([probability[order][last], true[last] / n_true])


def point_matrix(probability, is_true, n_true, at_most):
    kept = probability >= probability[:, None]
    allowed = kept @ (1 - is_true) <= at_most * kept.sum(axis=1)
    threshold = probability[allowed].min()
    return [threshold, (is_true & (probability >= threshold)).sum() / n_true]


def point_pure(probability, is_true, n_true, at_most):
    pairs = sorted(zip(probability.tolist(), is_true.tolist(), strict=True), reverse=True)
    best, good = None, 0
    for n, (p, true) in enumerate(pairs, start=1):
        good += true
        if (n - good) <= at_most * n:
            best = p, good / n_true
    return best


def threshold_by(share=None, passes=lambda value, limit: value <= limit, kept=np.greater_equal, order=1):
    """Another threshold, and the efficiency that belongs to it."""

    def point(p, true, n_true, at_most):
        found = 9.0
        for t in np.sort(p)[::order]:
            k = kept(p, t)
            if k.any() and passes(np.mean(~true[k]) if share is None else share(k, true, n_true), at_most):
                found = t
                break
        return found, true[kept(p, found)].sum() / n_true

    return point


def efficiency_by(value):
    """The right threshold and another efficiency."""

    def point(p, true, n_true, at_most):
        threshold = point_loop(p, true, n_true, at_most)[0]
        return threshold, value(p >= threshold, true, n_true)

    return point


def stops_at_the_first(p, true, n_true, at_most):
    best = p.max()
    for t in np.sort(p)[::-1]:
        if np.mean(~true[p >= t]) > at_most:
            break
        best = t
    return best, true[p >= best].sum() / n_true


def unsorted(p, true, n_true, at_most):
    for t in p:
        if np.mean(~true[p >= t]) <= at_most:
            return t, true[p >= t].sum() / n_true


def open_count(p, true, n_true, at_most):
    t = point_loop(p, true, n_true, at_most)[0]
    return t, np.sum(true & (p > t)) / n_true


def one_too_low(p, true, n_true, at_most):
    t = point_loop(p, true, n_true, at_most)[0]
    below = p[p < t]
    t = below.max() if len(below) else p.min()
    return t, true[p >= t].sum() / n_true


def on_a_grid(p, true, n_true, at_most):
    for t in np.linspace(0.005, 0.985, 5):
        k = p >= t
        if k.any() and np.mean(~true[k]) <= at_most:
            return t, true[k].sum() / n_true
    return 0.995, 0


def threshold_changed(change):
    """Another threshold that keeps the same tracks."""

    def point(p, true, n_true, at_most):
        t, efficiency = point_loop(p, true, n_true, at_most)
        return change(t, p), efficiency

    return point


def halfway_down(t, p):
    return (t + max(p[p < t], default=0)) / 2


def on_a_fine_grid(p, true, n_true, at_most):
    for t in np.linspace(0, 1, 1001):
        if np.mean(~true[p >= t]) <= at_most:
            return t, true[p >= t].sum() / n_true


def place_in_list(p, true, n_true, at_most):
    t, efficiency = point_loop(p, true, n_true, at_most)
    return int(np.flatnonzero(np.sort(p) == t)[0]), efficiency


ANSWERS = {
    "many_tracks.matched": Answers(
        right=[
            matched_scipy,
            matched_permutations,
            matched_recursively,
            matched_by_paths,
            matched_costs,
            matched_in_every_column,
        ],
        wrong=[
            ("strict", lambda t, f, tol: most(largest(t, f) < tol)),
            ("found-twice", lambda t, f, tol: (largest(t, f) <= tol).any(axis=1).sum()),
            ("found-twice", lambda t, f, tol: sum(largest(t, f).min(axis=1) <= tol)),
            ("true-twice", lambda t, f, tol: (largest(t, f) <= tol).any(axis=0).sum()),
            ("all-pairs", lambda t, f, tol: (largest(t, f) <= tol).sum()),
            ("first-come", first_come),
            ("first-come", nearest_free),
            ("first-come", lambda t, f, tol: nearest_free(f, t, tol)),
            ("nearest-first", nearest_first),
            ("nearest-only", nearest_only),
            ("nearest-only", lambda t, f, tol: nearest_only(f, t, tol)),
            ("smallest-total", smallest_total),
            ("smallest-total", smallest_total_of_sums),
            ("fewest", lambda t, f, tol: fewest(largest(t, f) <= tol)),
            ("crowds", lambda t, f, tol: min((largest(t, f) <= tol).any(axis=i).sum() for i in (0, 1))),
            ("sorted", lambda t, f, tol: place_by_place(t[t[:, 0].argsort()], f[f[:, 0].argsort()], tol)),
            ("slope", matched_by(lambda d: np.abs(np.stack([d[..., 0], d[..., 1] - d[..., 0]])).max(axis=0))),
            ("place", place_by_place),
            ("first-column", matched_by(lambda d: np.abs(d[..., 0]))),
            ("last-column", matched_by(lambda d: np.abs(d[..., 1]))),
            ("either", matched_by(lambda d: np.abs(d).min(axis=-1))),
            ("sum", matched_by(lambda d: np.abs(d).sum(axis=-1))),
            ("mean", matched_by(lambda d: np.abs(d).mean(axis=-1))),
            ("mean", matched_by(lambda d: np.abs(d.sum(axis=-1)) / 2)),
            ("euclid", matched_by(lambda d: np.linalg.norm(d, axis=-1))),
            ("signed", matched_by(lambda d: d.max(axis=-1))),
            ("signed", lambda t, f, tol: most((f - t[:, None]).max(axis=-1) <= tol)),
            ("always-five", lambda t, f, tol: matched_scipy(t, f, 5)),
            ("share", lambda t, f, tol: matched_scipy(t, f, tol) / len(t)),
            ("share", lambda t, f, tol: matched_scipy(t, f, tol) / len(f)),
            ("lost", lambda t, f, tol: len(t) - matched_scipy(t, f, tol)),
            ("fakes", lambda t, f, tol: len(f) - matched_scipy(t, f, tol)),
            ("not-a-number", list_of_pairs),
            ("changed-input", middle_within_in_place),
            ("other", lambda t, f, tol: min(len(t), len(f))),
            ("other", lambda t, f, tol: matched_scipy(t, f, tol) + 1),
            ("returns-nothing", lambda t, f, tol: None),
            ("raised", lambda t, f, tol: (np.abs(t - f[:1, :1].T[[0, 0, 0, 0]]) <= tol).sum()),
        ],
    ),
    "many_tracks.hough": Answers(
        right=[hough_numpy, hough_loops, hough_linspace, hough_interp, hough_templates, hough_keras],
        wrong=[
            ("rounded", hough_with(row=np.round)),
            ("rounded", lambda image, lines: hough_numpy(image, np.round(lines))),
            ("rounded", hough_with(row=lambda y: np.floor(y + 0.5))),
            ("rounded", hough_with(row=lambda y: np.floor(y - 0.5))),
            ("ceiling", hough_with(row=np.ceil)),
            ("whole-heights", lambda image, lines: hough_numpy(image, lines.astype(int))),
            ("whole-heights", hough_with_whole(y0=np.floor, way=np.floor)),
            ("whole-heights", hough_with_whole(y0=np.trunc, way=np.trunc)),
            ("stairs", hough_with(share=lambda h, w: np.arange(w) // (w - 1))),
            ("axes-swapped", hough_swapped),
            ("axes-swapped", hough_with(pick=lambda image, rows: image[np.arange(image.shape[1]), rows])),
            ("square", hough_for_square),
            ("always-28", hough_for_28),
            ("always-27", hough_with(share=lambda h, w: np.arange(w) / 27)),
            ("upside-down", lambda image, lines: hough_numpy(image[::-1], lines)),
            ("upside-down", hough_with(pick=lambda image, rows: image[-rows - 1, np.arange(image.shape[1])])),
            ("ends-swapped", lambda image, lines: hough_numpy(image, lines[:, ::-1])),
            ("ends-swapped", lambda image, lines: hough_numpy(image[:, ::-1], lines)),
            ("share", hough_with(share=lambda h, w: np.arange(w) / w)),
            ("share", hough_with(share=lambda h, w: (np.arange(w) + 0.5) / w)),
            ("share", hough_with(share=lambda h, w: np.arange(1, w + 1) / w)),
            ("share-of-rows", hough_with(share=lambda h, w: np.arange(w) / h)),
            ("share-of-rows", hough_with(share=lambda h, w: np.arange(w) / (h - 1))),
            ("share-of-rows", hough_by_rows),
            ("first-missing", hough_with(columns=slice(1, None))),
            ("last-missing", hough_with(columns=slice(-1))),
            ("silent", lambda image, lines: hough_numpy(1 - image, lines)),
            ("mean", lambda image, lines: hough_numpy(image, lines) / image.shape[1]),
            ("flat", lambda image, lines: hough_numpy(image, lines[:, [0, 0]])),
            ("whole-rows", hough_with(pick=lambda image, rows: image[rows].sum(axis=2))),
            ("wide", three_rows),
            ("all", lambda image, lines: [image.sum()] * len(lines)),
            ("no-sum", per_pixel),
            ("over-lines", lambda image, lines: per_pixel(image, lines).sum(axis=0)),
            ("one-number", lambda image, lines: hough_numpy(image, lines).sum()),
            ("shape", lambda image, lines: hough_numpy(image, lines)[:, None]),
            ("changed-input", fills_the_image),
            ("other", lambda image, lines: hough_numpy(image, lines) + 1),
            ("other", lambda image, lines: hough_numpy(image, lines) * 2),
            ("returns-nothing", lambda image, lines: None),
            ("raised", lambda image, lines: image[lines]),
            ("raised", hough_with(share=lambda h, w: 10 * np.arange(w))),
        ],
    ),
    "many_tracks.weight_of_hit": Answers(
        right=[weight_numpy, weight_math, weight_loops, weight_log1p, weight_keras],
        wrong=[
            ("no-log", lambda n, e, c: fires(n, e, c + 1) / fires(n, e, c)),
            ("other-log", lambda n, e, c: np.log10(fires(n, e, c + 1) / fires(n, e, c))),
            ("other-log", lambda n, e, c: np.log2(fires(n, e, c + 1) / fires(n, e, c))),
            ("upside-down", lambda n, e, c: -weight_numpy(n, e, c)),
            ("numerator", lambda n, e, c: np.log(fires(n, e, c + 1))),
            ("denominator", lambda n, e, c: np.log(fires(n, e, c))),
            ("difference", lambda n, e, c: fires(n, e, c + 1) - fires(n, e, c)),
            ("swapped", lambda n, e, c: weight_numpy(e, n, c)),
            ("noise-on-track", ratio(lambda n, e, c: 1 - (1 - e) ** (c + 1), fires)),
            ("noise-on-track", ratio(lambda n, e, c: e, fires)),
            (
                "noise-on-track",
                ratio(lambda n, e, c: 1 - (1 - e) ** (c + 1), lambda n, e, c: 1 - (1 - e) ** c if c else n),
            ),
            ("noise-off-track", ratio(lambda n, e, c: fires(n, e, c + 1), lambda n, e, c: 1 - (1 - e) ** c)),
            ("added", ratio(lambda n, e, c: n + (c + 1) * e, lambda n, e, c: n + c * e)),
            ("added", ratio(lambda n, e, c: fires(n, e, c) + e, fires)),
            ("known-ignored", lambda n, e, c: np.log((1 - (1 - n) * (1 - e)) / n)),
            ("known-numerator", ratio(lambda n, e, c: fires(n, e, c + 1), lambda n, e, c: n)),
            ("known-denominator", ratio(lambda n, e, c: fires(n, e, 1), fires)),
            ("known-once", lambda n, e, c: weight_numpy(n, e, c > 0)),
            ("known-twice", lambda n, e, c: weight_numpy(n, e, min(c, 2))),
            ("one-more", lambda n, e, c: weight_numpy(n, e, c + 1)),
            ("one-more", ratio(lambda n, e, c: fires(n, e, c + 2), fires)),
            ("one-less", lambda n, e, c: weight_numpy(n, e, c - 1)),
            (
                "times",
                ratio(
                    lambda n, e, c: 1 - (1 - n) * (1 - e) * (c + 1), lambda n, e, c: 1 - (1 - n) * (1 - e) * c
                ),
            ),
            (
                "power-of-efficiency",
                ratio(
                    lambda n, e, c: 1 - (1 - n) * (1 - e ** (c + 1)),
                    lambda n, e, c: 1 - (1 - n) * (1 - e**c),
                ),
            ),
            (
                "power-of-both",
                ratio(
                    lambda n, e, c: 1 - ((1 - n) * (1 - e)) ** (c + 1),
                    lambda n, e, c: 1 - ((1 - n) * (1 - e)) ** c,
                ),
            ),
            ("complement", lambda n, e, c: weight_numpy(1 - n, e, c)),
            ("complement", lambda n, e, c: weight_numpy(n, 1 - e, c)),
            ("noise-on-track", lambda n, e, c: np.log(e / n)),
            ("wiped", lambda n, e, c: weight_numpy(n, e, 0) * (c == 0)),
            ("shared", lambda n, e, c: weight_numpy(n, e, 0) / (1 + c)),
            ("shared", lambda n, e, c: weight_numpy(n, e, 0) * (1 - e) ** c),
            ("silent", lambda n, e, c: np.log(1 - e)),
            ("against-silent", lambda n, e, c: weight_numpy(n, e, c) - np.log(1 - e)),
            (
                "against-silent",
                lambda n, e, c: (
                    math.log(fires(n, e, c + 1) / (1 - fires(n, e, c + 1)))
                    - math.log(fires(n, e, c) / (1 - fires(n, e, c)))
                ),
            ),
            ("percent", lambda n, e, c: weight_numpy(n / 100, e / 100, c)),
            ("rounded", lambda n, e, c: round(weight_numpy(n, e, c), 2)),
            ("other", lambda n, e, c: weight_numpy(n, e, c) + 1),
            ("other", lambda n, e, c: n * e * c),
            ("not-a-number", lambda n, e, c: [weight_numpy(n, e, c)]),
            ("not-finite", lambda n, e, c: np.log(0 * n)),
            ("returns-nothing", lambda n, e, c: None),
            ("raised", lambda n, e, c: math.log(-n)),
        ],
    ),
    "many_tracks.search": Answers(
        right=[search_numpy, search_loops, search_matrix, search_recursively, search_pixel_by_pixel],
        wrong=[
            ("same-line", search_by(learn=nothing, mask=False)),
            ("first-sums", search_by(learn=nothing)),
            ("first-sums", best_at_once),
            ("first-sums", best_at_once_turned),
            ("zero", zero_is_low),
            ("hits-learned", learns_hits(lambda hits: hits)),
            ("hits-learned", learns_hits(lambda hits: hits > 0)),
            ("stuck", until_different(50)),
            ("stuck", until_different(20)),
            ("stuck", lambda *case: list(dict.fromkeys(search_by(mask=False)(*case)))),
            ("first-sums", search_by(learn=everything)),
            ("first-sums", search_by(values=lambda image, known, weight: image)),
            ("set", search_by(learn=set_to_one)),
            ("set", numbered),
            ("counted-again", counted_again),
            ("shifted", deletes_lines),
            ("only-last", search_by(learn=only_the_last)),
            ("twice", search_by(mask=False)),
            ("twice", search_by(mask=False, learn=set_to_one)),
            ("twice", first_then_same),
            ("whole-rows", search_by(learn=whole_rows)),
            ("neighbours", search_by(learn=neighbours_too)),
            (
                "wiped",
                search_by(values=lambda image, known, weight: weight(image * (known == 0), 0 * known)),
            ),
            ("wiped", search_by(values=lambda image, known, weight: image * (known == 0))),
            ("changed-input", erases_in_the_image),
            ("left-out", search_by(values=lambda image, known, weight: weight(image, known) * (known == 0))),
            ("hits-only", search_by(values=lambda image, known, weight: weight(image, known) * image)),
            ("rows-summed", sums_of_rows),
            (
                "arguments-swapped",
                search_by(values=lambda image, known, weight: weight(known, image.astype(int))),
            ),
            ("worst", search_by(take=np.argmin)),
            ("sorted", lambda *case: sorted(search_numpy(*case))),
            ("reversed", lambda *case: search_numpy(*case)[::-1]),
            ("rows", returns_rows),
            ("totals", returns_sums),
            ("all-totals", all_sums),
            ("too-few", lambda image, rows, weight, k: search_numpy(image, rows, weight, k - 1)),
            ("too-many", lambda image, rows, weight, k: search_numpy(image, rows, weight, k + 1)),
            ("not-a-line", lambda *case: [6, *search_numpy(*case)[1:]]),
            ("shape", lambda *case: search_numpy(*case)[0]),
            ("other", lambda image, rows, weight, k: list(range(k))),
            ("returns-nothing", lambda *case: None),
            ("raised", lambda image, rows, weight, k: weight(image)),
        ],
    ),
    "many_tracks.any_order": Answers(
        right=[order_permutations, order_assignment, order_loops, order_of_the_truth, order_keras],
        wrong=[
            ("place", lambda t, f: np.abs(t - f).mean(axis=(1, 2))),
            ("mean", lambda t, f: orders(t, f).mean(axis=0)),
            ("maximum", lambda t, f: orders(t, f).max(axis=0)),
            ("sum-of-orders", lambda t, f: orders(t, f).sum(axis=0)),
            ("found-twice", lambda t, f: table(t, f).min(axis=2).mean(axis=1)),
            ("true-twice", lambda t, f: table(t, f).min(axis=1).mean(axis=1)),
            ("both-nearest", lambda t, f: table(t, f).min(2).mean(1) + table(t, f).min(1).mean(1)),
            (
                "both-nearest",
                lambda t, f: np.maximum(table(t, f).min(2).sum(1), table(t, f).min(1).sum(1)) / t.shape[1],
            ),
            ("greedy", greedy_pairs),
            ("greedy", greedy_in_turn),
            ("sorted", sorted_by_entrance),
            ("ends-apart", lambda t, f: np.abs(np.sort(t, axis=1) - np.sort(f, axis=1)).mean(axis=(1, 2))),
            ("ends-apart", lambda t, f: np.abs(t[:, :, None] - f[:, None]).min(axis=2).mean(axis=(1, 2))),
            ("always-three", order_of_three),
            ("always-three", lambda t, f: order_of_three(t[:, :3], f[:, :3])),
            ("one-order", one_order_for_all),
            ("few-orders", rolled),
            ("few-orders", turned),
            ("not-as-given", lambda t, f: orders(t, f)[1:].min(axis=0)),
            ("sum", lambda t, f: orders(t, f).min(axis=0) * t.shape[1]),
            ("sum", lambda t, f: orders(t, f).min(axis=0) * t.shape[1] * 2),
            ("squared", best_by(lambda d: (d**2).mean(axis=-1))),
            ("euclid", best_by(lambda d: np.linalg.norm(d, axis=-1))),
            ("largest", best_by(lambda d: np.abs(d).max(axis=-1))),
            ("first-column", best_by(lambda d: np.abs(d[..., 0]))),
            ("signed", best_by(lambda d: np.abs(d.mean(axis=-1)))),
            ("other-choice", best_by(lambda d: np.linalg.norm(d, axis=-1), mean_error)),
            ("other-choice", best_by(lambda d: np.abs(d[..., 0]), mean_error)),
            ("negative", lambda t, f: -order_permutations(t, f)),
            ("one-number", lambda t, f: orders(t, f).min(axis=0).mean()),
            ("one-number", lambda t, f: orders(t, f).mean(axis=1).min()),
            ("per-track", lambda t, f: np.abs(t - f).mean(axis=2)),
            ("per-end", lambda t, f: np.abs(t - f).mean(axis=1)),
            ("per-order", lambda t, f: orders(t, f)),
            ("over-images", lambda t, f: np.abs(t - f).mean(axis=(0, 2))),
            ("shape", lambda t, f: order_permutations(t, f)[:, None]),
            ("changed-input", sorts_in_place),
            ("other", lambda t, f: order_permutations(t, f) + 1),
            ("returns-nothing", lambda t, f: None),
            ("raised", lambda t, f: t[f]),
        ],
    ),
    "many_tracks.working_point": Answers(
        right=[point_loop, point_sums, point_matrix, point_pure],
        wrong=[
            ("two-numbers", lambda *case: point_loop(*case)[0]),
            ("order", lambda *case: point_loop(*case)[::-1]),
            ("open", threshold_by(kept=np.greater)),
            ("strict", threshold_by(passes=lambda value, limit: value < limit)),
            ("stopped-early", stops_at_the_first),
            ("highest", threshold_by(order=-1)),
            ("highest", lambda p, true, n, a: (p.max(), 1 / n)),
            (
                "over-true",
                threshold_by(share=lambda k, true, n: (~true & k).sum() / max((true & k).sum(), 1e-9)),
            ),
            ("over-all-true", threshold_by(share=lambda k, true, n: (~true & k).sum() / n)),
            ("over-all-fakes", threshold_by(share=lambda k, true, n: (~true & k).sum() / (~true).sum())),
            ("over-all-found", threshold_by(share=lambda k, true, n: (~true & k).mean())),
            ("below", threshold_by(kept=np.less_equal)),
            ("below", threshold_by(kept=np.less)),
            ("true-share", threshold_by(share=lambda k, true, n: true[k].mean())),
            ("lowest", lambda p, true, n, a: (p.min(), true.sum() / n)),
            ("unsorted", unsorted),
            ("open-count", open_count),
            ("number", threshold_by(share=lambda k, true, n: (~true[k]).sum())),
            ("one-below", one_too_low),
            ("index", place_in_list),
            ("between", on_a_grid),
            ("same-tracks", threshold_changed(halfway_down)),
            ("same-tracks", threshold_changed(lambda t, p: t - 0.004)),
            ("same-tracks", on_a_fine_grid),
            ("threshold", lambda p, true, n, a: (np.sort(p)[4], 0.5)),
            ("purity", efficiency_by(lambda k, true, n: true[k].mean())),
            ("never-found", efficiency_by(lambda k, true, n: true[k].sum() / true.sum())),
            ("fakes-counted", efficiency_by(lambda k, true, n: k.sum() / n)),
            ("of-found", efficiency_by(lambda k, true, n: (k & true).mean())),
            ("kept-share", efficiency_by(lambda k, true, n: k.mean())),
            ("count", efficiency_by(lambda k, true, n: true[k].sum())),
            ("percent", efficiency_by(lambda k, true, n: 100 * true[k].sum() / n)),
            ("lost", efficiency_by(lambda k, true, n: 1 - true[k].sum() / n)),
            ("fake-share", efficiency_by(lambda k, true, n: (~true[k]).mean())),
            ("efficiency", efficiency_by(lambda k, true, n: 0.5)),
            ("not-a-number", lambda p, true, n, a: ("0.5", 1)),
            ("returns-nothing", lambda p, true, n, a: None),
            ("raised", lambda p, true, n, a: p[n]["x"]),
        ],
    ),
}
