"""Template fits: right on average, with the right uncertainty, also where the simulation is small."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iminuit.cost import NormalConstraint, Template

from hepml_course.errors import CourseError
from hepml_course.templates import Templates, fit_templates, make_templates, toy_fits

EDGES = np.linspace(0, 1, 11)
CENTRES = (EDGES[1:] + EDGES[:-1]) / 2
SHAPES = {"signal": np.exp(3 * CENTRES), "W": np.exp(-4 * CENTRES), "top": 1 + CENTRES}
YIELDS = {"signal": 800.0, "W": 400.0, "top": 60.0}


def templates(worth=8.0, **yields):
    """Smooth templates of which each event of the data is worth so many simulated ones."""
    amounts = YIELDS | yields
    values = np.array([amounts[name] * shape / shape.sum() for name, shape in SHAPES.items()])
    return Templates(tuple(SHAPES), EDGES, values, values / worth)


def expected(**yields):
    return templates(**yields).values.sum(axis=0)


def test_what_went_in_comes_out():
    true = {"signal": 950.0, "W": 300.0, "top": 60.0}
    fit = fit_templates(expected(**true), templates(), constraints={"top": (60, 12)})
    for name, amount in true.items():
        assert fit[name].value == pytest.approx(amount, rel=2e-3)
    np.testing.assert_allclose(fit.expected, expected(**true), rtol=2e-3)
    assert fit.chi2 < 1e-3
    assert fit.ndof == 10 + 1 - 3


def test_exact_templates_give_the_poisson_likelihood():
    # One component: its yield is the number of events, with its root.
    values = np.array([[10.0, 30.0, 60.0]])
    one = Templates(("all",), np.arange(4.0), values, values)
    fit = fit_templates([14, 25, 70], one.exact())
    assert fit["all"].value == pytest.approx(109, rel=1e-3)
    assert fit["all"].error == pytest.approx(np.sqrt(109), rel=1e-2)
    mu = 109 * values[0] / 100
    n = np.array([14, 25, 70])
    assert fit.chi2 == pytest.approx(2 * np.sum(mu - n + n * np.log(n / mu)), rel=1e-3)


def test_a_small_simulation_makes_the_yield_less_certain():
    counts = expected()
    fits = [fit_templates(counts, templates(worth)) for worth in (1e6, 4.0, 1.0)]
    errors = [fit["signal"].error for fit in fits]
    assert errors == sorted(errors)
    assert errors[2] > 1.2 * errors[0]
    exact = fit_templates(counts, templates(1.0).exact())
    shapes = templates().values / templates().values.sum(axis=1, keepdims=True)
    information = shapes / counts @ shapes.T
    assert exact["signal"].error == pytest.approx(np.sqrt(np.linalg.inv(information)[0, 0]), rel=5e-3)
    assert errors[0] == pytest.approx(exact["signal"].error, rel=5e-3)
    assert exact.parts["simulation"].max() < 1e-6


def test_a_yield_does_not_care_how_large_its_simulation_is():
    values = np.array([[10.0, 30.0, 60.0]])
    for worth in (0.1, 1.0, 1e5):
        fit = fit_templates([12, 30, 58], Templates(("all",), np.arange(4.0), values, values / worth))
        # 100 events and nothing to confuse them with: 100 ± 10, whatever the template.
        assert fit["all"].value == pytest.approx(100, rel=0.03)
        assert fit["all"].error == pytest.approx(10, rel=0.05)


def test_the_uncertainty_is_made_of_its_parts():
    fit = fit_templates(expected(), templates(1.0), constraints={"top": (60, 12)})
    assert set(fit.parts) == {"counts", "simulation", "constraints"}
    np.testing.assert_allclose(np.sqrt(sum(part**2 for part in fit.parts.values())), fit.errors)
    assert all((part > 0).all() for part in fit.parts.values())
    sure = fit_templates(expected(), templates(1.0), constraints={"top": (60, 1e-3)})
    assert sure.parts["constraints"].max() < 1e-2
    assert fit_templates(expected(), templates(1.0)).parts["constraints"].max() == 0


def test_each_part_is_the_spread_that_its_source_makes():
    shapes, known, rng = templates(1.0), {"top": (60.0, 12.0)}, np.random.default_rng(10)
    parts = fit_templates(expected(), shapes, constraints=known).parts
    draws = {
        "counts": lambda: (rng.poisson(expected()), shapes, known),
        "simulation": lambda: (expected(), shapes.fluctuated(rng), known),
        "constraints": lambda: (expected(), shapes, {"top": (rng.normal(60, 12), 12.0)}),
    }
    for name, draw in draws.items():
        fits = [fit_templates(n, t, constraints=c) for n, t, c in (draw() for _ in range(200))]
        spread = np.std([fit["signal"].value for fit in fits])
        assert spread == pytest.approx(parts[name][0], rel=0.25), name


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(1, 2000), min_size=3, max_size=3),
    st.sampled_from([0.5, 3.0, 40.0]),
    st.integers(0, 10_000),
)
def test_the_likelihood_is_that_of_iminuit(yields, worth, seed):
    shapes = templates(worth)
    counts = np.random.default_rng(seed).poisson(expected() / 20)
    pairs = [np.stack(pair, axis=-1) for pair in zip(shapes.values, shapes.variances, strict=True)]
    theirs = Template(counts, EDGES, pairs, method="da") + NormalConstraint("x2", 60, 12)
    fit = fit_templates(counts, shapes, constraints={"top": (60, 12)})
    assert fit.minuit.fcn(yields) == pytest.approx(theirs(*yields), rel=1e-6)
    slopes = fit.minuit.grad(yields)
    for i, slope in enumerate(slopes):
        step = 1e-4 * yields[i] * np.eye(3)[i]
        rise = fit.minuit.fcn(yields + step) - fit.minuit.fcn(yields - step)
        assert slope == pytest.approx(rise / (2 * step[i]), rel=1e-3, abs=1e-4)


def test_scale_of_a_template_does_not_matter():
    plain, other = templates(), templates()
    scaled = Templates(other.names, other.edges, 7 * other.values, 49 * other.variances)
    counts = np.random.default_rng(1).poisson(expected())
    one, two = (fit_templates(counts, t) for t in (plain, scaled))
    np.testing.assert_allclose(one.values, two.values, rtol=1e-3)
    np.testing.assert_allclose(one.errors, two.errors, rtol=1e-3)


def test_a_constraint_holds_as_much_as_it_is_sure():
    counts = expected(top=120.0)
    values = [
        fit_templates(counts, templates(), constraints={"top": (60, error)})["top"].value
        for error in (0.1, 12, 1e4)
    ]
    assert values[0] == pytest.approx(60, abs=0.5)
    assert 60 < values[1] < 120
    assert values[2] == pytest.approx(120, rel=0.02)


def test_constraints_go_to_the_component_that_they_name():
    fit = fit_templates(expected(), templates(), constraints={"top": (60, 1), "signal": (700, 1)})
    assert fit["signal"].value == pytest.approx(700, abs=5)
    assert fit["W"].value > 400
    assert fit["signal"].error < 1.1
    assert fit.minuit.values["signal"] == fit["signal"].value


def test_the_covariance_is_in_the_order_of_the_templates():
    fit = fit_templates(expected(), templates(), constraints={"top": (60, 12)})
    assert fit.correlation("signal", "W") < 0
    assert fit.correlation("signal", "signal") == pytest.approx(1)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), fit.errors)


def test_the_sum_of_the_yields_is_the_number_of_events():
    # A likelihood that is Poisson in every bin gives back the total.
    counts = np.random.default_rng(2).poisson(expected())
    fit = fit_templates(counts, templates().exact())
    assert fit.values.sum() == pytest.approx(counts.sum(), rel=1e-3)


@pytest.mark.parametrize("worth", [20.0, 2.0])
def test_toys_are_unbiased_and_their_uncertainty_is_right(worth):
    shapes, constraints = templates(worth), {"top": (60.0, 12.0)}
    values, errors = toy_fits(shapes, YIELDS, 400, rng=5, constraints=constraints)
    pulls = (values - np.array(list(YIELDS.values()))) / errors
    assert np.abs(pulls.mean(axis=0)).max() < 4 / np.sqrt(400)
    # An error of a standard deviation is its value over √(2 n).
    assert np.abs(pulls.std(axis=0) - 1).max() < 4 / np.sqrt(800)


def test_leaving_out_the_simulation_makes_the_pulls_too_wide():
    shapes = templates(1.0)
    rng = np.random.default_rng(6)
    pulls = []
    for _ in range(200):
        fit = fit_templates(rng.poisson(expected()), shapes.fluctuated(rng).exact())
        pulls.append((fit["signal"].value - 800) / fit["signal"].error)
    assert np.std(pulls) > 1.2


def test_toys_follow_their_seed_and_their_truth():
    shapes = templates()
    one, two = (toy_fits(shapes, YIELDS, 3, rng=7)[0] for _ in range(2))
    np.testing.assert_array_equal(one, two)
    more = toy_fits(shapes, YIELDS | {"signal": 1600}, 20, rng=7, simulation=False)[0]
    assert more[:, 0].mean() == pytest.approx(1600, rel=0.05)


def test_fluctuated_templates_fluctuate_as_they_say():
    shapes = templates(4.0)
    rng = np.random.default_rng(8)
    drawn = np.array([shapes.fluctuated(rng).values for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(axis=0), shapes.values, rtol=0.1)
    np.testing.assert_allclose(drawn.var(axis=0), shapes.variances, rtol=0.25)
    exact = Templates(("a",), np.arange(3.0), np.array([[5.0, 0.0]]), np.zeros((1, 2)))
    np.testing.assert_array_equal(exact.fluctuated(1).values, exact.values)


EVENTS = pd.DataFrame(
    {
        "process": ["Z", "Z", "W", "T", "T"],
        "score": [0.9, 0.2, 0.1, 0.0, 1.0],
        "w": [2.0, 1.0, 3.0, 0.5, 0.5],
    }
)


def test_templates_from_events_sum_weights_and_their_squares():
    made = make_templates(EVENTS, "score", {"signal": ["Z"], "rest": ["W", "T"]}, [0, 0.5, 1], weight="w")
    np.testing.assert_array_equal(made.values, [[1, 2], [3.5, 0.5]])
    np.testing.assert_array_equal(made.variances, [[1, 4], [9.25, 0.25]])
    assert made.yields == {"signal": 3.0, "rest": 4.0}


@settings(max_examples=25, deadline=None)
@given(st.permutations(list(SHAPES)), st.integers(0, 10_000))
def test_the_order_of_the_components_does_not_matter(order, seed):
    plain = templates()
    places = [plain.names.index(name) for name in order]
    other = Templates(tuple(order), EDGES, plain.values[places], plain.variances[places])
    counts = np.random.default_rng(seed).poisson(expected())
    known = {"top": (60.0, 12.0)}
    one, two = (fit_templates(counts, t, constraints=known) for t in (plain, other))
    for name in order:
        assert two[name].value == pytest.approx(one[name].value, abs=0.02 * one[name].error)


def test_what_cannot_be_fitted_is_refused():
    good = templates()
    with pytest.raises(CourseError, match="10 bins and the counts the shape"):
        fit_templates([1, 2], good)
    with pytest.raises(CourseError, match="zero or more"):
        fit_templates(-expected(), good)
    with pytest.raises(CourseError, match="zero or more"):
        fit_templates(np.full(10, np.nan), good)
    with pytest.raises(CourseError, match="no component 'tops'"):
        fit_templates(expected(), good, constraints={"tops": (1, 1)})
    with pytest.raises(CourseError, match="constraint on top is 60 ± 0"):
        fit_templates(expected(), good, constraints={"top": (60, 0)})
    with pytest.raises(CourseError, match="no component 'Z'"):
        fit_templates(expected(), good)["Z"]
    hole = Templates(good.names, EDGES, good.values * (np.arange(10) != 3), good.variances)
    with pytest.raises(CourseError, match="bin 3 events were recorded and none simulated"):
        fit_templates(expected(), hole)
    with pytest.raises(CourseError, match="true yield of top"):
        toy_fits(good, {"signal": 1, "W": 1}, 2, rng=1)


def test_templates_that_cannot_be_made_are_refused():
    with pytest.raises(CourseError, match="no events of zee"):
        make_templates(EVENTS, "score", {"zee": ["Zee"]}, [0, 1], weight="w")
    with pytest.raises(CourseError, match="1 events of Z lie outside"):
        make_templates(EVENTS, "score", {"Z": ["Z"]}, [0, 0.5], weight="w")
    with pytest.raises(CourseError, match="have to rise"):
        make_templates(EVENTS, "score", {"Z": ["Z"]}, [0, 1, 0.5], weight="w")


def test_two_equal_shapes_cannot_be_told_apart():
    same = np.array([100 * SHAPES["W"], 50 * SHAPES["W"]])
    twins = Templates(("a", "b"), EDGES, same, 0.1 * same)
    counts = np.random.default_rng(3).poisson(same.sum(axis=0))
    with pytest.raises(CourseError, match="Are two of the shapes the same"):
        fit_templates(counts, twins)
