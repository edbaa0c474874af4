"""Answers to the exercise of lesson 07."""

import itertools

import numpy as np

from answers import Answers
from hepml_course.checks import tuning as course

# -- drawing ------------------------------------------------------------------------------------


def by_loop(low, high, n, rng):
    rates = []
    for _ in range(n):
        rates.append(low * (high / low) ** rng.random())
    return rates


def natural(low, high, n, rng):
    return np.exp(rng.uniform(np.log(low), np.log(high), size=n))


def from_a_grid(low, high, n, rng):
    return rng.permutation(np.geomspace(low, high, n))


# -- grid ---------------------------------------------------------------------------------------


def growing(axes):
    settings = [{}]
    for name, values in axes.items():
        settings = [{**setting, name: value} for setting in settings for value in values]
    return settings


def recursive(axes):
    if not axes:
        return [{}]
    (name, values), *rest = axes.items()
    return [{name: v, **other} for other in recursive(dict(rest)) for v in values]


def zipped(axes):
    return [dict(zip(axes, values, strict=False)) for values in zip(*axes.values(), strict=False)]


def one_at_a_time(axes):
    return [{name: value} for name, values in axes.items() for value in values]


def along_lines(axes):
    first = {name: values[0] for name, values in axes.items()}
    settings = []
    for name, values in axes.items():
        settings += [first | {name: value} for value in values if first | {name: value} not in settings]
    return settings


def only_two(axes):
    (a, first), (b, second), *_ = axes.items()
    return [{a: u, b: v} for u in first for v in second]


# -- objective ----------------------------------------------------------------------------------


def keywords(trial, quality):
    settings = {
        "dropout": trial.suggest_float("dropout", 0, 0.5),
        "width": trial.suggest_int("width", 4, 64, log=True),
        "rate": trial.suggest_float("rate", 0.0001, 0.1, log=True),
    }
    return quality(**settings)


def asks(rate=None, width=None, dropout=None, give=lambda quality, r, w, d: quality(r, w, d)):
    """An objective that differs in one place from the right one."""
    rate = rate or (lambda t: t.suggest_float("rate", 1e-4, 1e-1, log=True))
    width = width or (lambda t: t.suggest_int("width", 4, 64))
    dropout = dropout or (lambda t: t.suggest_float("dropout", 0.0, 0.5))

    def answer(trial, quality):
        return give(quality, rate(trial), width(trial), dropout(trial))

    return answer


# -- pruning ------------------------------------------------------------------------------------


def by_hand(scores, others, warmup):
    epoch = len(scores)
    if epoch <= warmup:
        return False
    there = sorted(row[epoch - 1] for row in others)
    return scores[-1] < there[len(there) // 2]


def as_numpy(scores, others, warmup):
    middle = np.median(others, axis=0)[len(scores) - 1]
    return np.logical_and(len(scores) > warmup, np.asarray(scores)[-1] < middle)


# -- the simplest -------------------------------------------------------------------------------


def with_a_loop(areas, errors, sizes):
    best = list(areas).index(max(areas))
    chosen = best
    for k in range(len(areas)):
        if areas[k] >= areas[best] - errors[best] and sizes[k] < sizes[chosen]:
            chosen = k
    return chosen


def by_sorting(areas, errors, sizes):
    border = areas.max() - errors[areas.argmax()]
    for k in np.argsort(sizes):
        if areas[k] >= border:
            return k


# -- winner's curse -----------------------------------------------------------------------------


def row_by_row(first, second):
    total = 0.0
    for a, b in zip(first, second, strict=True):
        k = list(a).index(max(a))
        total += a[k] - b[k]
    return total / len(first)


def taken_along(first, second):
    winner = first.argmax(axis=1)[:, None]
    return np.take_along_axis(first - second, winner, axis=1).mean()


# -- difference ---------------------------------------------------------------------------------


def spelt_out(first, second):
    n, m = len(first), len(second)
    mean_1, mean_2 = sum(first) / n, sum(second) / m
    s_1 = sum((v - mean_1) ** 2 for v in first) / (n - 1)
    s_2 = sum((v - mean_2) ** 2 for v in second) / (m - 1)
    return mean_1 - mean_2, (s_1 / n + s_2 / m) ** 0.5


def with_error(error):
    return lambda a, b: (a.mean() - b.mean(), error(a, b))


def no_return(*arguments):
    sum(map(len, map(str, arguments)))


ANSWERS = {
    "tuning.log_uniform": Answers(
        right=[
            lambda low, high, n, rng: 10 ** rng.uniform(np.log10(low), np.log10(high), n),
            natural,
            by_loop,
        ],
        wrong=[
            ("linear", lambda low, high, n, rng: rng.uniform(low, high, n)),
            ("exponents", lambda low, high, n, rng: rng.uniform(np.log10(low), np.log10(high), n)),
            ("bases", lambda low, high, n, rng: np.exp(rng.uniform(np.log10(low), np.log10(high), n))),
            ("outside", lambda low, high, n, rng: 10 ** rng.uniform(-5, 0, n)),
            ("grid", lambda low, high, n, rng: np.geomspace(low, high, n)),
            ("grid", from_a_grid),
            ("frozen", lambda low, high, n, rng: natural(low, high, n, np.random.default_rng(0))),
            ("own-generator", lambda low, high, n, rng: natural(low, high, n, np.random.default_rng())),
            ("one-draw", lambda low, high, n, rng: natural(low, high, None, rng)),
            ("other", lambda low, high, n, rng: low + (high - low) * rng.uniform(size=n) ** 3),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.grid": Answers(
        right=[
            lambda axes: [dict(zip(axes, v, strict=True)) for v in itertools.product(*axes.values())],
            growing,
            recursive,
            lambda axes: (setting for setting in growing(axes)),
        ],
        wrong=[
            ("zip", zipped),
            ("one-at-a-time", one_at_a_time),
            ("line", along_lines),
            ("no-names", lambda axes: list(itertools.product(*axes.values()))),
            ("not-a-list", lambda axes: axes),
            ("two-axes", only_two),
            ("twice", lambda axes: growing(axes) + growing(axes)[:1]),
            ("other", lambda axes: growing(axes)[1:]),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.objective": Answers(
        right=[asks(), keywords],
        wrong=[
            ("not-asked", asks(dropout=lambda t: 0.2)),
            ("rate-not-log", asks(rate=lambda t: t.suggest_float("rate", 1e-4, 1e-1))),
            ("width-not-int", asks(width=lambda t: t.suggest_float("width", 4, 64))),
            ("choices", asks(width=lambda t: t.suggest_categorical("width", [4, 8, 16, 32, 64]))),
            ("range", asks(rate=lambda t: t.suggest_float("rate", 1e-5, 1e-1, log=True))),
            ("order", asks(give=lambda quality, r, w, d: quality(w, r, d))),
            ("not-called", asks(give=lambda quality, r, w, d: 0.9)),
            ("sign", asks(give=lambda quality, r, w, d: -quality(r, w, d))),
            ("sign", asks(give=lambda quality, r, w, d: 1 - quality(r, w, d))),
            ("settings", asks(give=lambda quality, r, w, d: (quality(r, w, d), {"rate": r})[1])),
            ("other", asks(give=lambda quality, r, w, d: quality(r, w, d) ** 2)),
            ("raised", asks(dropout=lambda t: t.suggest_float("dropout", 0.0, 0.5, log=True))),
            ("returns-nothing", asks(give=lambda quality, r, w, d: no_return(quality(r, w, d)))),
        ],
    ),
    "tuning.hopeless": Answers(
        right=[course.hopeless, by_hand, as_numpy],
        wrong=[
            *((name, course._WRONG_PRUNERS[name]) for name in course._WRONG_PRUNERS),
            ("not-a-bool", lambda s, o, w: s[-1] - np.median(o[:, len(s) - 1])),
            ("other", lambda s, o, w: False),
            ("raised", lambda s, o, w: s[-1] < np.median(o[:, len(s) + 1])),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.simplest": Answers(
        right=[course.simplest, with_a_loop, by_sorting],
        wrong=[
            *((name, course._WRONG_CHOICES[name]) for name in course._WRONG_CHOICES),
            ("value", lambda a, e, s: s[course.simplest(a, e, s)]),
            ("other", lambda a, e, s: len(a) - 1),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.winners_curse": Answers(
        right=[course.winners_curse, row_by_row, taken_along],
        wrong=[
            *((name, course._WRONG_CURSES[name]) for name in course._WRONG_CURSES),
            ("not-averaged", lambda a, b: a.max(axis=1) - b[np.arange(len(a)), a.argmax(axis=1)]),
            ("other", lambda a, b: 2 * row_by_row(a, b)),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.difference": Answers(
        right=[course.difference, spelt_out],
        wrong=[
            *((name, with_error(course._WRONG_ERRORS[name])) for name in course._WRONG_ERRORS),
            ("one-number", lambda a, b: a.mean() - b.mean()),
            ("sign", lambda a, b: (b.mean() - a.mean(), course.difference(a, b)[1])),
            ("best", lambda a, b: (a.max() - b.max(), course.difference(a, b)[1])),
            ("value", lambda a, b: (np.median(a) - np.median(b), course.difference(a, b)[1])),
            ("other", with_error(lambda a, b: 2 * course.difference(a, b)[1])),
            ("returns-nothing", no_return),
        ],
    ),
}
