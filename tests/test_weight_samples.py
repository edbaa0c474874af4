"""The toys of lesson 10: weights of both signs, and two generators with a known ratio."""

import numpy as np
import pytest

from hepml_course.errors import CourseError
from hepml_course.metrics import auc, effective_size
from hepml_course.simulate import (
    NLO_FEATURES,
    ZJETS_FEATURES,
    nlo_events,
    nlo_llr,
    nlo_mean_weight,
    z_jets,
    z_jets_ratio,
)
from hepml_course.simulate.zjets import NOISE, STOCHASTIC, UNBALANCED


@pytest.mark.parametrize(
    "draw",
    [lambda rng: nlo_events(300, rng), lambda rng: z_jets(300, "A", rng), lambda rng: z_jets(300, "C", rng)],
)
def test_the_same_seed_gives_the_same_events_and_a_generator_moves_on(draw):
    assert draw(5).equals(draw(np.random.default_rng(5)))
    rng = np.random.default_rng(5)
    assert not draw(rng).equals(draw(rng))


def test_signed_events_come_half_and_half_in_random_order_with_unit_weights():
    events = nlo_events(4000, 1, negative=0.2)
    assert events.is_signal.sum() == 4000
    assert 1800 < events.is_signal[:4000].sum() < 2200
    assert set(events.weight) == {-1.0, 1.0}
    for _, one in events.groupby("is_signal"):
        assert (one.weight < 0).mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.16 / 4000))
        assert effective_size(one.weight) == pytest.approx(0.36 * 4000, rel=0.1)
    assert (nlo_events(100, 1, negative=0).weight == 1).all()


@pytest.mark.parametrize("negative", [0.1, 0.25, 0.4])
@pytest.mark.parametrize("signal", [True, False])
def test_filled_with_weights_the_densities_do_not_depend_on_the_share_of_negatives(negative, signal):
    n = 60_000
    samples = [nlo_events(n, 3, negative=f) for f in (negative, 0)]
    signed, plain = (events[events.is_signal == signal] for events in samples)
    cuts = [f"{low} < pt <= {2 * low}" for low in (5, 10, 20, 40, 80)]
    for cut in [*cuts, "abs(y) < 0.5", "abs(delta_y) < 0.5", "pt > 30 and y * delta_y > 0"]:
        share = signed.query(cut).weight.sum() / signed.weight.sum()
        true = len(plain.query(cut)) / n
        error = np.hypot(np.sqrt(len(signed.query(cut))) / signed.weight.sum(), np.sqrt(true / n))
        assert abs(share - true) < 4.5 * error, cut


def test_the_mean_weight_is_what_events_at_that_place_weigh():
    events = nlo_events(200_000, 4, negative=0.3)
    g = nlo_mean_weight(events, negative=0.3)
    assert g.min() > 0
    assert g.max() <= 1
    for low in np.arange(0, 1, 0.1):
        here = (low < g) & (g <= low + 0.1)
        expected, error = g[here].mean(), 1 / np.sqrt(max(here.sum(), 1))
        assert here.sum() < 100 or abs(events.weight[here].mean() - expected) < 4.5 * error
    # As a table, as an array with the class named, and with no negative weights at all
    x = events[list(NLO_FEATURES)].to_numpy()
    np.testing.assert_array_equal(g, nlo_mean_weight(x, events.is_signal, negative=0.3))
    np.testing.assert_array_equal(nlo_mean_weight(x[:9], True, negative=0), np.ones(9))


def test_the_true_ratio_is_one_and_no_variable_comes_near_it():
    events = nlo_events(40_000, 5, negative=0)
    llr = nlo_llr(events)
    best = auc(llr, events.is_signal).value
    for name in NLO_FEATURES:
        alone = auc(events[name].abs(), events.is_signal).value
        assert best > max(alone, 1 - alone) + 0.02
    signal = events.is_signal.to_numpy()
    assert np.exp(llr[~signal]).mean() == pytest.approx(1, abs=0.05)
    np.testing.assert_array_equal(llr, nlo_llr(events[list(NLO_FEATURES)].to_numpy()))


@pytest.mark.parametrize("target", ["B", "C"])
def test_the_true_weights_turn_one_generator_into_the_other_spectator_included(target):
    n = 200_000 if target == "B" else 1_000_000  # few events of A look like C
    a, wanted = z_jets(n, "A", 6), z_jets(50_000, target, 7)
    w = z_jets_ratio(a, target)
    assert w.mean() == pytest.approx(1, abs=4.5 * w.std() / np.sqrt(n))
    for name in (*ZJETS_FEATURES, "met"):
        for q in (0.1, 0.5, 0.9):
            below = a[name] < wanted[name].quantile(q)
            error = np.hypot(np.sqrt((w**2 * (below - q) ** 2).sum()) / n, np.sqrt(q * (1 - q) / 50_000))
            assert abs(w[below].sum() / w.sum() - q) < 4.5 * error, name


def test_b_is_within_reach_and_c_is_not():
    a = z_jets(100_000, "A", 8)
    share = {target: effective_size(z_jets_ratio(a, target)) / len(a) for target in "BC"}
    assert share["B"] == pytest.approx(0.52, abs=0.04)
    assert share["C"] < 0.03
    assert z_jets_ratio(a, "B").max() < 6
    np.testing.assert_allclose(z_jets_ratio(a, "A", "B") * z_jets_ratio(a, "B", "A"), 1)
    np.testing.assert_array_equal(z_jets_ratio(a), z_jets_ratio(a[list(ZJETS_FEATURES)].to_numpy()))


@pytest.mark.parametrize("generator", "ABC")
def test_the_spectator_follows_one_rule_in_all_generators(generator):
    events = z_jets(50_000, generator, 9)
    variance = NOISE**2 + STOCHASTIC**2 * events.ht + (UNBALANCED * (events.ht - events.z_pt)) ** 2
    pull = events.met**2 / variance / 2  # exponential with mean 1, whatever the other five are
    for part in (events.ht > events.ht.median(), events.ht <= events.ht.median()):
        assert pull[part].mean() == pytest.approx(1, abs=4.5 / np.sqrt(25_000))


def test_only_the_correlations_differ_much():
    a, b = z_jets(50_000, "A", 10), z_jets(50_000, "B", 11)
    is_b = np.arange(100_000) >= 50_000
    for name in ZJETS_FEATURES:
        assert abs(auc(np.append(a[name], b[name]), is_b).value - 0.5) < 0.09
    balance = [abs(np.log(events.ht / events.z_pt)) for events in (a, b)]
    assert auc(np.concatenate(balance), is_b).value < 0.42


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: nlo_events(10, 1, negative=0.5), "below 0.5"),
        (lambda: nlo_llr(np.zeros((4, 2))), "shape \\(4, 2\\)"),
        (lambda: nlo_llr(np.zeros((4, 3))), "above 0 GeV"),
        (lambda: nlo_mean_weight(np.ones((4, 3))), "is_signal"),
        (lambda: nlo_llr(z_jets(5, "A", 1)), "no column pt"),
        (lambda: z_jets(5, "D", 1), "no generator 'D'"),
        (lambda: z_jets_ratio(np.ones((4, 3))), "shape \\(4, 3\\)"),
        (lambda: z_jets_ratio(np.zeros((4, 5))), "above 0"),
        (lambda: z_jets_ratio(nlo_events(5, 1)), "no column z_pt"),
    ],
)
def test_mistakes_get_one_sentence(wrong, message):
    with pytest.raises(CourseError, match=message):
        wrong()
