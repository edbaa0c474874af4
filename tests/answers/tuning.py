"""Answers to the exercise of lesson 07."""

import itertools
import math
import statistics

import numpy as np
import pandas as pd

from answers import Answers
from hepml_course.checks.tuning import choosing, comparing, flattery, pruning

# -- drawing ------------------------------------------------------------------------------------


def by_loop(low, high, n, rng):
    rates = []
    for _ in range(n):
        rates.append(low * (high / low) ** rng.random())
    return rates


def natural(low, high, n, rng):
    return np.exp(rng.uniform(np.log(low), np.log(high), size=n))


def one_by_one(low, high, n, rng):
    return [10 ** rng.uniform(math.log10(low), math.log10(high)) for _ in range(n)]


def back_with(base, logarithm):
    """The logarithm to one base, and back with another."""
    return lambda low, high, n, rng: base ** rng.uniform(logarithm(low), logarithm(high), n)


def from_a_list(many):
    return lambda low, high, n, rng: rng.choice(np.geomspace(low, high, many or n), n)


def decades(low, high, n, rng):
    return 10.0 ** rng.integers(round(np.log10(low)), round(np.log10(high)) + 1, n)


def shuffled(endpoint):
    return lambda low, high, n, rng: rng.permutation(np.geomspace(low, high, n, endpoint=endpoint))


def exchanged_limits(low, high, n, rng):
    return 10 ** rng.uniform(np.log10(high), np.log10(low), n)


def one_decade_at_a_time(low, high, n, rng):
    return np.clip(10.0 ** rng.integers(-4, -1, n) * rng.uniform(1, 10, n), low, high)


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


def up_to_three(axes):
    names, settings = list(axes)[:3], []
    for u in axes[names[0]]:
        for v in axes[names[1]]:
            for w in axes[names[2]] if len(names) > 2 else [None]:
                settings.append({names[0]: u, names[1]: v} | ({names[2]: w} if len(names) > 2 else {}))
    return settings


def typed_names(axes):
    settings = []
    for rate in axes["rate"]:
        for width in axes["width"]:
            for dropout in axes.get("dropout", [None]):
                setting = {"rate": rate, "width": width}
                settings.append(setting if dropout is None else setting | {"dropout": dropout})
    return settings


def three_typed_names(axes):
    return [
        {"rate": r, "width": w, "dropout": d}
        for r in axes["rate"]
        for w in axes["width"]
        for d in axes["dropout"]
    ]


def through_an_array(axes):
    """The whole numbers come back as 8.0."""
    rows = np.array(list(itertools.product(*axes.values()))).tolist()
    return [dict(zip(axes, row, strict=True)) for row in rows]


def through_a_mesh(axes):
    rows = np.array(np.meshgrid(*axes.values())).reshape(len(axes), -1).T
    return [dict(zip(axes, row, strict=True)) for row in rows]


def through_pandas(axes):
    table = pd.MultiIndex.from_product(axes.values(), names=list(axes)).to_frame(index=False)
    return [dict(row) for _, row in table.iterrows()]


def each(change):
    """The right settings, each changed."""
    return lambda axes: [change(setting) for setting in growing(axes)]


def without_star(axes):
    return [dict(zip(axes, values, strict=False)) for values in itertools.product(axes.values())]


def product_of_names(axes):
    return [dict(zip(axes, values, strict=False)) for values in itertools.product(axes)]


def any_values(axes):
    every = [value for values in axes.values() for value in values]
    return [dict(zip(axes, v, strict=True)) for v in itertools.combinations(every, len(axes))]


# -- objective ----------------------------------------------------------------------------------


def keywords(trial, quality):
    settings = {
        "dropout": trial.suggest_float("dropout", 0, 0.5),
        "width": trial.suggest_int("width", 4, 64, log=True),
        "rate": trial.suggest_float("rate", 0.0001, 0.1, log=True),
    }
    return quality(**settings)


def with_a_diary(trial, quality):
    rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
    width, dropout = trial.suggest_int("width", 4, 64), trial.suggest_float("dropout", 0, 0.5)
    value = quality(rate, width, dropout)
    trial.report(value, 0)
    trial.set_user_attr("quality", value)
    return value


def old_names(trial, quality):
    """As Optuna 2 had it; Optuna 4 still takes it, with a warning."""
    rate, dropout = trial.suggest_loguniform("rate", 1e-4, 1e-1), trial.suggest_uniform("dropout", 0, 0.5)
    return quality(rate, trial.suggest_int("width", 4, 64), dropout)


def from_params(trial, quality):
    trial.suggest_float(name="rate", low=1e-4, high=1e-1, log=True)
    trial.suggest_int(name="width", low=4, high=64)
    trial.suggest_float(name="dropout", low=0, high=0.5)
    return quality(**trial.params)


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
    there, n = sorted(row[epoch - 1] for row in others), len(others)
    return scores[-1] < (there[(n - 1) // 2] + there[n // 2]) / 2


def by_statistics(scores, others, warmup):
    return len(scores) > warmup and scores[-1] < statistics.median(row[len(scores) - 1] for row in others)


def by_quantile(scores, others, warmup):
    return int(len(scores) > warmup and scores[-1] < np.quantile(others[:, len(scores) - 1], 0.5))


def never_false(scores, others, warmup):
    if len(scores) > warmup and scores[-1] < np.median(others[:, len(scores) - 1]):
        return True


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


def by_pandas(areas, errors, sizes):
    table = pd.DataFrame({"area": areas, "size": sizes})
    return table[areas >= areas.max() - errors[areas.argmax()]]["size"].idxmin()


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


def by_mask(first, second):
    return (first - second)[first == first.max(axis=1, keepdims=True)].mean()


def by_order(first, second):
    return np.mean((first - second)[np.arange(len(first)), first.argsort(axis=1)[:, -1]])


def by_pairs(first, second):
    best = [max(zip(a, b, strict=True)) for a, b in zip(first, second, strict=True)]
    return np.mean([a - b for a, b in best])


def last_of_equals(first, second):
    total = 0.0
    for a, b in zip(first, second, strict=True):
        k = 0
        for j in range(len(a)):
            k = j if a[j] >= a[k] else k
        total += a[k] - b[k]
    return total / len(first)


# -- difference ---------------------------------------------------------------------------------


def spelt_out(first, second):
    n, m = len(first), len(second)
    mean_1, mean_2 = sum(first) / n, sum(second) / m
    s_1 = sum((v - mean_1) ** 2 for v in first) / (n - 1)
    s_2 = sum((v - mean_2) ** 2 for v in second) / (m - 1)
    return mean_1 - mean_2, (s_1 / n + s_2 / m) ** 0.5


def by_modules(first, second):
    errors = [statistics.stdev(areas) / math.sqrt(len(areas)) for areas in (first, second)]
    return [statistics.mean(first) - statistics.mean(second), math.hypot(*errors)]


def with_value(value):
    return lambda a, b: (value(a, b), comparing.difference(a, b)[1])


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
            one_by_one,
            lambda low, high, n, rng: pd.Series(natural(low, high, n, rng)),
        ],
        wrong=[
            ("linear", lambda low, high, n, rng: rng.uniform(low, high, n)),
            ("exponents", lambda low, high, n, rng: rng.uniform(np.log(low), np.log(high), n)),
            ("exponents", lambda low, high, n, rng: rng.uniform(np.log10(low), np.log10(high), n)),
            ("limits", lambda low, high, n, rng: 10 ** rng.uniform(low, high, n)),
            ("limits", lambda low, high, n, rng: np.exp(rng.uniform(low, high, n))),
            ("bases", back_with(np.e, np.log10)),
            ("bases", back_with(10, np.log)),
            ("bases", back_with(2, np.log10)),
            ("outside", lambda low, high, n, rng: 10 ** rng.uniform(-5, 0, n)),
            ("fixed-range", lambda low, high, n, rng: 10 ** rng.uniform(-4, -1, n)),
            ("same", lambda low, high, n, rng: np.full(n, natural(low, high, None, rng))),
            ("few-values", lambda low, high, n, rng: 10.0 ** rng.integers(-4, 0, n)),
            ("few-values", decades),
            ("few-values", from_a_list(20)),
            ("few-values", from_a_list(None)),
            ("few-values", lambda low, high, n, rng: np.round(natural(low, high, n, rng), 4)),
            ("grid", lambda low, high, n, rng: np.geomspace(low, high, n)),
            ("grid", lambda low, high, n, rng: np.linspace(low, high, n)),
            ("grid", shuffled(endpoint=True)),
            ("grid", shuffled(endpoint=False)),
            ("frozen", lambda low, high, n, rng: natural(low, high, n, np.random.default_rng(0))),
            ("own-generator", lambda low, high, n, rng: natural(low, high, n, np.random.default_rng())),
            ("one-draw", lambda low, high, n, rng: natural(low, high, None, rng)),
            ("not-an-array", lambda low, high, n, rng: (rng.uniform(low, high) for _ in range(n))),
            ("shape", lambda low, high, n, rng: natural(low, high, 27, rng)),
            ("other", one_decade_at_a_time),
            ("other", lambda low, high, n, rng: low + (high - low) * rng.uniform(size=n) ** 3),
            ("raised", exchanged_limits),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.grid": Answers(
        right=[
            lambda axes: [dict(zip(axes, v, strict=True)) for v in itertools.product(*axes.values())],
            growing,
            recursive,
            lambda axes: (setting for setting in growing(axes)),
            through_an_array,
            through_a_mesh,
            through_pandas,
        ],
        wrong=[
            ("zip", zipped),
            ("no-star", without_star),
            ("no-star", product_of_names),
            ("one-at-a-time", one_at_a_time),
            ("names-missing", each(lambda setting: dict(list(setting.items())[:-1]))),
            ("line", along_lines),
            ("no-names", lambda axes: list(itertools.product(*axes.values()))),
            ("nested", lambda axes: [growing(axes)[:3], growing(axes)[3:]]),
            ("exchanged", each(lambda setting: {value: name for name, value in setting.items()})),
            ("lists", each(lambda setting: {name: [value] for name, value in setting.items()})),
            ("text", each(lambda setting: {name: str(value) for name, value in setting.items()})),
            ("not-a-list", lambda axes: axes),
            ("not-a-list", lambda axes: pd.DataFrame(growing(axes))),
            ("fixed-names", three_typed_names),
            ("fixed-names", typed_names),
            ("more-axes", only_two),
            ("more-axes", up_to_three),
            ("twice", lambda axes: growing(axes) + growing(axes)[:1]),
            ("missing", lambda axes: growing(axes)[1:]),
            ("missing", lambda axes: growing(axes)[:-1]),
            ("other", any_values),
            ("raised", lambda axes: growing(axes)[len(growing(axes))]),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.objective": Answers(
        right=[asks(), keywords, with_a_diary, old_names, from_params],
        wrong=[
            ("not-asked", asks(dropout=lambda t: 0.2)),
            ("exponent", asks(rate=lambda t: 10 ** t.suggest_float("rate", -4, -1))),
            ("rate-not-log", asks(rate=lambda t: t.suggest_float("rate", 1e-4, 1e-1))),
            ("width-not-int", asks(width=lambda t: t.suggest_float("width", 4, 64))),
            ("not-float", asks(dropout=lambda t: t.suggest_int("dropout", 0, 0.5))),
            ("choices", asks(width=lambda t: t.suggest_categorical("width", [4, 8, 16, 32, 64]))),
            ("steps", asks(width=lambda t: t.suggest_int("width", 4, 64, step=20))),
            ("steps", asks(dropout=lambda t: t.suggest_float("dropout", 0.0, 0.5, step=0.25))),
            ("range", asks(rate=lambda t: t.suggest_float("rate", 1e-5, 1e-1, log=True))),
            ("order", asks(give=lambda quality, r, w, d: quality(w, r, d))),
            ("changed", asks(give=lambda quality, r, w, d: quality(np.log10(r), w, d))),
            ("not-called", asks(give=lambda quality, r, w, d: 0.9)),
            ("sign", asks(give=lambda quality, r, w, d: -quality(r, w, d))),
            ("sign", asks(give=lambda quality, r, w, d: 1 - quality(r, w, d))),
            ("settings", asks(give=lambda quality, r, w, d: (quality(r, w, d), {"rate": r})[1])),
            ("settings", asks(give=lambda quality, r, w, d: (r, w, d))),
            ("other", asks(give=lambda quality, r, w, d: quality(r, w, d) ** 2)),
            ("raised", asks(dropout=lambda t: t.suggest_float("dropout", 0.0, 0.5, log=True))),
            ("raised", asks(rate=lambda t: t.suggest_float("rate", 1e-4, 1e-1, step=1e-4, log=True))),
            ("raised", asks(width=lambda t: t.suggest_int("width", 4, 64, step=2, log=True))),
            ("returns-nothing", asks(give=lambda quality, r, w, d: no_return(quality(r, w, d)))),
        ],
    ),
    "tuning.hopeless": Answers(
        right=[pruning.hopeless, by_hand, as_numpy, by_statistics, by_quantile],
        wrong=[
            *pruning._WRONG,
            ("not-a-bool", lambda s, o, w: np.median(o, axis=0)),
            ("not-a-bool", lambda s, o, w: np.array([pruning.hopeless(s, o, w)])),
            ("not-a-bool", lambda s, o, w: s[-1] < o[:, len(s) - 1]),
            ("not-a-bool", lambda s, o, w: str(pruning.hopeless(s, o, w))),
            ("not-a-bool", lambda s, o, w: s[-1] - np.median(o[:, len(s) - 1])),
            ("other", lambda s, o, w: False),
            ("other", lambda s, o, w: len(s) > w and s[-1] < np.quantile(o[:, len(s) - 1], 0.25)),
            ("raised", lambda s, o, w: s[-1] < np.median(o[:, len(s)])),
            ("returns-nothing", never_false),
        ],
    ),
    "tuning.simplest": Answers(
        right=[choosing.simplest, with_a_loop, by_sorting, by_pandas],
        wrong=[
            *choosing._WRONG,
            ("value", lambda a, e, s: s[choosing.simplest(a, e, s)]),
            ("not-a-number", lambda a, e, s: a >= a.max() - e[a.argmax()]),
            ("other", lambda a, e, s: len(a) - 1),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.winners_curse": Answers(
        right=[
            flattery.winners_curse,
            row_by_row,
            taken_along,
            by_mask,
            by_order,
            by_pairs,
            last_of_equals,
        ],
        wrong=[
            *flattery._WRONG,
            ("not-averaged", flattery._of_winners),
            ("other", lambda a, b: 2 * row_by_row(a, b)),
            ("other", lambda a, b: np.mean(a[a.argmax(axis=1)] - b[a.argmax(axis=1)])),
            ("other-large", lambda a, b: row_by_row(a[:3], b[:3])),
            ("returns-nothing", no_return),
        ],
    ),
    "tuning.difference": Answers(
        right=[comparing.difference, spelt_out, by_modules],
        wrong=[
            *((name, with_value(wrong)) for name, wrong in comparing._WRONG_VALUES),
            *((name, with_error(wrong)) for name, wrong in comparing._WRONG_ERRORS),
            ("one-number", lambda a, b: a.mean() - b.mean()),
            (
                "one-number",
                lambda a, b: dict(zip(("value", "error"), comparing.difference(a, b), strict=True)),
            ),
            ("one-number", lambda a, b: f"{a.mean() - b.mean():.4f}"),
            ("exchanged", lambda a, b: comparing.difference(a, b)[::-1]),
            ("value", with_value(lambda a, b: np.median(a) - np.median(b))),
            ("other", with_error(lambda a, b: 2 * comparing.difference(a, b)[1])),
            ("raised", lambda a, b: ((a - b).mean(), (a - b).std(ddof=1))),
            ("returns-nothing", no_return),
        ],
    ),
}
