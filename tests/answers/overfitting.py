"""Answers to the exercise of lesson 06."""

import zlib

import numpy as np

from answers import Answers
from hepml_course.checks import overfitting as course

# -- bias and variance --------------------------------------------------------------------------


def by_points(curves, truth):
    bias2, variance = 0.0, 0.0
    for i in range(len(truth)):
        here = [curve[i] for curve in curves]
        mean = sum(here) / len(here)
        bias2 += (mean - truth[i]) ** 2
        variance += sum((value - mean) ** 2 for value in here) / len(here)
    return bias2 / len(truth), variance / len(truth)


def by_subtraction(curves, truth):
    bias2 = np.square(np.average(curves, axis=0) - truth).mean()
    return np.array([bias2, np.mean((curves - truth) ** 2) - bias2])


def sample_variance(curves, truth):
    return np.mean((curves.mean(0) - truth) ** 2), curves.var(axis=0, ddof=1).mean()


def only_bias(curves, truth):
    return np.mean((curves.mean(axis=0) - truth) ** 2)


def per_point(curves, truth):
    return (curves.mean(axis=0) - truth) ** 2, curves.var(axis=0)


def rms_bias(curves, truth):
    bias2, variance = course.bias_variance(curves, truth)
    return np.sqrt(bias2), variance


# -- folds --------------------------------------------------------------------------------------


def strided(n, k, rng):
    shuffled = rng.permutation(n)
    return [shuffled[i::k] for i in range(k)]


def in_place_shuffle(n, k, rng):
    index = np.arange(n)
    rng.shuffle(index)
    return tuple(np.sort(part) for part in np.array_split(index, k))


def dealt(n, k, rng):
    parts = [[] for _ in range(k)]
    for i, event in enumerate(rng.permutation(n)):
        parts[i % k].append(int(event))
    return parts


def training_parts(n, k, rng):
    return [np.setdiff1d(np.arange(n), part) for part in course.folds(n, k, rng)]


def floor_size(n, k, rng):
    shuffled, size = rng.permutation(n), n // k
    return [shuffled[i * size : (i + 1) * size] for i in range(k)]


def drawn_with_repeats(n, k, rng):
    return [rng.integers(0, n, n // k) for _ in range(k)]


def drawn_anew(n, k, rng):
    return [rng.permutation(n)[: n // k] for _ in range(k)]


def counted_from_one(n, k, rng):
    return np.array_split(1 + rng.permutation(n), k)


def by_coin(n, k, rng):
    part = rng.integers(0, k, n)
    return [np.flatnonzero(part == i) for i in range(k)]


def rest_to_the_last(n, k, rng):
    shuffled, size = rng.permutation(n), n // k
    return [shuffled[i * size : (i + 1) * size if i < k - 1 else n] for i in range(k)]


def in_order(n, k, rng):
    return np.array_split(np.arange(n), k)


def modulo(n, k, rng):
    return [np.arange(i, n, k) for i in range(k)]


def own_seed(n, k, rng):
    return np.array_split(np.random.default_rng(0).permutation(n), k)


def shuffled_blocks(n, k, rng):
    blocks = np.array_split(np.arange(n), k)
    return [blocks[i] for i in rng.permutation(k)]


def rolled_blocks(n, k, rng):
    return np.array_split(np.roll(np.arange(n), int(rng.integers(1, n))), k)


def shuffled_strides(n, k, rng):
    return [np.arange(i, n, k) for i in rng.permutation(k)]


def masks(n, k, rng):
    part = rng.permutation(n) % k
    return [part == i for i in range(k)]


# -- a split that lasts -------------------------------------------------------------------------


def mixed(number, parts):
    big = number.astype(np.uint64) * np.uint64(2654435761) % np.uint64(2**32)
    return (big * np.uint64(parts) >> np.uint64(32)).astype(int)


def crc(number, parts):
    return [zlib.crc32(str(int(i)).encode()) % parts for i in number]


def own_generator_each(number, parts):
    return np.array([np.random.default_rng(int(i)).integers(parts) for i in number])


def by_chance(number, parts):
    return np.random.default_rng().integers(0, parts, len(number))


def by_seeded_chance(number, parts):
    return np.random.default_rng(42).integers(0, parts, len(number))


def by_row(number, parts):
    return np.arange(len(number)) % parts


def by_rank(number, parts):
    return np.argsort(np.argsort(number)) % parts


def by_quantile(number, parts):
    return np.searchsorted(np.quantile(number, np.arange(1, parts) / parts), number)


# -- choose and quote ---------------------------------------------------------------------------


def by_loop(validation, test):
    best = 0
    for i in range(len(validation)):
        if validation[i] > validation[best]:
            best = i
    return [best, float(test[best])]


def sorted_last(validation, test):
    best = np.argsort(validation)[-1]
    return np.array([best, test[best]])


def best_on_average(validation, test):
    best = int(np.argmax(validation + test))
    return best, test[best]


def tested_and_quoted_validation(validation, test):
    best = int(np.argmax(test))
    return best, validation[best]


# -- when to stop -------------------------------------------------------------------------------


def counting(losses, patience):
    best_loss, best, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        if loss < best_loss:
            best_loss, best, waited = loss, epoch, 0
        else:
            waited += 1
            if waited == patience:
                return best
    return best


def with_arrays(losses, patience):
    losses = np.asarray(losses)
    for epoch in range(len(losses)):
        best = np.argmin(losses[: epoch + 1])
        if epoch - best >= patience:
            return best
    return np.argmin(losses)


def first_rise(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] > losses[epoch - 1]:
            return epoch - 1
    return len(losses) - 1


# -- dropout ------------------------------------------------------------------------------------


def binomial(x, rate, rng):
    return x * rng.binomial(1, 1 - rate, x.shape) / (1 - rate)


def with_choice(x, rate, rng):
    mask = rng.choice([0, 1], size=x.shape, p=[rate, 1 - rate])
    out = x.copy()
    out[mask == 0] = 0
    return out / (1 - rate)


def in_place(x, rate, rng):
    x[rng.random(x.shape) < rate] = 0
    return x / (1 - rate)


def keeps_rate(x, rate, rng):
    return np.where(rng.random(x.shape) < rate, x / max(rate, 1e-9), 0)


def not_raised(x, rate, rng):
    return np.where(rng.random(x.shape) >= rate, x, 0)


def divided_by_rate(x, rate, rng):
    return np.where(rng.random(x.shape) >= rate, x / (rate or 1), 0)


def lowered(x, rate, rng):
    return np.where(rng.random(x.shape) >= rate, x * (1 - rate), 0)


def whole_nodes(x, rate, rng):
    return x * (rng.random(x.shape[1]) >= rate) / (1 - rate)


def whole_events(x, rate, rng):
    return x * (rng.random(len(x)) >= rate)[:, None] / (1 - rate)


def fixed_pattern(x, rate, rng):
    return course.dropout(x, rate, np.random.default_rng(0))


def global_chance(x, rate, rng):
    return np.where(np.random.random(x.shape) >= rate, x / (1 - rate), 0)  # noqa: NPY002


def fixed_number(x, rate, rng):
    order = np.argsort(rng.random(x.shape), axis=1)
    return np.where(np.argsort(order, axis=1) >= rate * x.shape[1], x / (1 - rate), 0)


def as_after_training(x, rate, rng):
    return x


def half_always(x, rate, rng):
    return np.where(rng.random(x.shape) < 0.5, 2 * x, 0)


def scaled_to_the_mean(x, rate, rng):
    out = np.where(rng.random(x.shape) >= rate, x / (1 - rate), 0)
    return out if rate else out * 1.01


def added(x, rate, rng):
    return np.where(rng.random(x.shape) >= rate, x + rate, 0)


# -- turn and mirror ----------------------------------------------------------------------------


def by_matrix(px, py, eta, phi, side):
    matrix = np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]])
    new = np.einsum("ijn,jnp->inp", matrix, np.stack([px, py]))
    return new[0], new[1], eta * side.reshape(-1, 1)


def by_azimuth(px, py, eta, phi, side):
    pt, angle = np.hypot(px, py), np.arctan2(py, px) + phi[:, np.newaxis]
    return pt * np.cos(angle), pt * np.sin(angle), np.where(side[:, None] > 0, eta, -eta)


def by_complex(px, py, eta, phi, side):
    turned = (px + 1j * py) * np.exp(1j * phi)[:, None]
    return [turned.real, turned.imag, (eta.T * side).T]


def by_particle(px, py, eta, phi, side):
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, px.shape)
    cos, sin = np.cos(angle), np.sin(angle)
    return cos * px - sin * py, sin * px + cos * py, side[:, None] * eta


def both_plus(px, py, eta, phi, side):
    cos, sin = np.cos(phi)[:, None], np.sin(phi)[:, None]
    return cos * px + sin * py, sin * px + cos * py, side[:, None] * eta


def mirrored_in_x(px, py, eta, phi, side):
    new_px, new_py, _ = course.turn(px, py, eta, phi, side)
    return new_px, -new_py, side[:, None] * eta


def absolute_eta(px, py, eta, phi, side):
    return (*course.turn(px, py, eta, phi, side)[:2], np.abs(eta) + 1)


def without_eta(px, py, eta, phi, side):
    return course.turn(px, py, eta, phi, side)[:2]


def shape_forgotten(px, py, eta, phi, side):
    return np.cos(phi) * px - np.sin(phi) * py, np.sin(phi) * px + np.cos(phi) * py, side * eta


ANSWERS = {
    "overfitting.bias_variance": Answers(
        right=[course.bias_variance, by_points, by_subtraction, sample_variance],
        wrong=[
            *[(mistake, wrong) for mistake, wrong in course._WRONG_PARTS.items()],
            ("not-several", only_bias),
            ("not-a-number", per_point),
            ("other", rms_bias),
            ("raised", lambda curves, truth: (curves.average(0), 0)),
        ],
    ),
    "overfitting.folds": Answers(
        right=[course.folds, strided, in_place_shuffle, dealt],
        wrong=[
            ("training-parts", training_parts),
            ("lost", floor_size),
            ("twice", drawn_with_repeats),
            ("twice", drawn_anew),
            ("from-one", counted_from_one),
            ("uneven", by_coin),
            ("uneven", rest_to_the_last),
            ("ordered", in_order),
            ("ordered", modulo),
            ("neighbours", shuffled_blocks),
            ("neighbours", rolled_blocks),
            ("neighbours", shuffled_strides),
            ("same-shuffle", own_seed),
            ("not-parts", masks),
            ("not-several", lambda n, k, rng: rng.permutation(n)),
            ("raised", lambda n, k, rng: rng.permutation(n).reshape(k, -1)),
        ],
    ),
    "overfitting.part_of": Answers(
        right=[course.part_of, mixed, crc, own_generator_each],
        wrong=[
            ("changes", by_chance),
            ("place", by_seeded_chance),
            ("place", by_row),
            ("company", by_rank),
            ("company", by_quantile),
            ("range", lambda number, parts: number % parts + 1),
            ("company", lambda number, parts: (number * parts / (number.max() + 1)).astype(int)),
            ("longer", lambda number, parts: np.minimum(number * parts // 100_001, parts - 1)),
            ("not-whole", lambda number, parts: number / parts % 1),
            ("two-only", lambda number, parts: number % 2),
            ("uneven", lambda number, parts: np.minimum(number % 10, parts - 1)),
            ("range", lambda number, parts: number // parts),
            ("shape", lambda number, parts: number[:3] % parts),
        ],
    ),
    "overfitting.choose": Answers(
        right=[course.choose, by_loop, sorted_last],
        wrong=[
            ("by-test", lambda v, t: (np.argmax(t), t.max())),
            ("by-test", tested_and_quoted_validation),
            ("quoted-validation", lambda v, t: (np.argmax(v), v.max())),
            ("quoted-best-test", lambda v, t: (np.argmax(v), t.max())),
            ("by-both", best_on_average),
            ("worst", lambda v, t: (np.argmin(v), t[np.argmin(v)])),
            ("value-first", lambda v, t: (t[np.argmax(v)], np.argmax(v))),
            ("other", lambda v, t: (0, t[0])),
            ("not-several", lambda v, t: int(np.argmax(v))),
        ],
    ),
    "overfitting.best_epoch": Answers(
        right=[course.best_epoch, counting, with_arrays],
        wrong=[
            *[(mistake, wrong) for mistake, wrong in course._WRONG_STOPS.items()],
            ("value", lambda losses, patience: losses[course.best_epoch(losses, patience)]),
            ("other", first_rise),
            ("raised", lambda losses, patience: losses.argmin()),
        ],
    ),
    "overfitting.dropout": Answers(
        right=[course.dropout, binomial, with_choice],
        wrong=[
            ("keep", keeps_rate),
            ("not-raised", not_raised),
            ("raised-wrongly", divided_by_rate),
            ("nodes-together", whole_nodes),
            ("events-together", whole_events),
            ("pattern", fixed_pattern),
            ("own-chance", global_chance),
            ("fixed-number", fixed_number),
            ("none", as_after_training),
            ("other", half_always),
            ("other", added),
            ("rate-zero", scaled_to_the_mean),
            ("changed-input", in_place),
        ],
    ),
    "overfitting.turn": Answers(
        right=[course.turn, by_matrix, by_azimuth, by_complex],
        wrong=[
            *[(mistake, wrong) for mistake, wrong in course._WRONG_TURNS.items()],
            ("angles", by_particle),
            ("length", both_plus),
            ("other", mirrored_in_x),
            ("eta", absolute_eta),
            ("not-several", without_eta),
            ("raised", shape_forgotten),
        ],
    ),
}
