"""Electron candidates: known numbers of bremsstrahlung, and correlations that follow from causes."""

import numpy as np
import pytest
from scipy.special import gammainc
from scipy.stats import ks_2samp, spearmanr

from hepml_course.errors import CourseError
from hepml_course.metrics import auc
from hepml_course.simulate import electron_variables
from hepml_course.simulate.electrons import EARLY, KINDS, SOFTEST, material

VARIABLES = ["hadronic_leakage", "lateral_width", "strip_width", "delta_eta", "e_over_p", "isolation"]


@pytest.fixture(scope="module")
def table():
    return electron_variables(100_000, rng=1)


@pytest.fixture(scope="module")
def kinds(table):
    return {kind: table[table.kind == kind] for kind in KINDS}


def test_columns_are_finite_floats_and_the_truth_agrees_with_the_kind(table):
    assert list(table.columns) == ["et", "eta", *VARIABLES, "is_electron", "kind"]
    assert all(table[name].dtype == float for name in ["et", "eta", *VARIABLES])
    assert np.isfinite(table[VARIABLES].to_numpy()).all()
    assert (table[[v for v in VARIABLES if v != "eta"]].to_numpy() >= 0).all()
    assert table.is_electron.dtype == bool
    assert (table.is_electron == (table.kind == "electron")).all()


def test_the_same_seed_draws_the_same_candidates():
    first, second = electron_variables(50, rng=3), electron_variables(50, rng=np.random.default_rng(3))
    assert first.equals(second)
    assert not first.equals(electron_variables(50, rng=4))


@pytest.mark.parametrize("share", [0.0, 0.1, 1.0])
def test_the_share_of_electrons_is_as_asked(share):
    found = electron_variables(20_000, rng=5, electron_share=share).is_electron.mean()
    assert found == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 20_000))


@pytest.mark.parametrize(("n", "share"), [(0, 0.5), (10, -0.1), (10, 1.5)])
def test_what_cannot_be_drawn_is_refused(n, share):
    with pytest.raises(CourseError, match="one candidate or more and a share from 0 to 1"):
        electron_variables(n, rng=1, electron_share=share)


def test_an_electron_has_e_over_p_of_one_with_a_tail_above(kinds):
    ratio = kinds["electron"].e_over_p
    height, edges = np.histogram(ratio, np.arange(0.5, 2, 0.02))
    assert edges[height.argmax()] + 0.01 == pytest.approx(1.0, abs=0.02)
    assert 0.1 < np.mean(ratio > 1.2) < 0.45
    assert np.mean(ratio < 0.85) < 0.01


def test_the_mean_energy_kept_falls_with_the_material_as_bethe_and_heitler_say():
    many = electron_variables(300_000, rng=6, electron_share=1.0)
    for low, high in ((0.0, 0.6), (1.6, 1.8)):
        some = many[(many.eta.abs() >= low) & (many.eta.abs() < high)]
        t = EARLY * material(some.eta.to_numpy())
        c, end = t / np.log(2), -np.log(SOFTEST)
        kept = np.exp(-t) * gammainc(c, 2 * end) / gammainc(c, end)  # ⟨z⟩ = exp(-t), of those above the end
        assert (1 / some.e_over_p).mean() == pytest.approx(kept.mean(), abs=0.005)


def test_radiation_broadens_showers_and_leakage_lowers_the_energy(kinds):
    def rank(kind, a, b):
        return spearmanr(kinds[kind][a], kinds[kind][b]).statistic

    assert rank("electron", "e_over_p", "lateral_width") > 0.2
    assert rank("conversion", "e_over_p", "lateral_width") > 0.1
    assert rank("hadron", "e_over_p", "lateral_width") < -0.3
    assert rank("hadron", "e_over_p", "hadronic_leakage") < -0.3
    assert rank("pi0", "e_over_p", "hadronic_leakage") < -0.2
    assert rank("pi0", "et", "strip_width") < -0.1  # the photons come together


def test_each_fake_gives_itself_away_in_its_own_variable(kinds):
    median = {kind: some[VARIABLES].median() for kind, some in kinds.items()}
    assert median["hadron"].hadronic_leakage > 5 * median["electron"].hadronic_leakage
    assert median["hadron"].lateral_width > 1.2 * median["electron"].lateral_width
    assert median["pi0"].delta_eta > 3 * median["electron"].delta_eta
    assert median["conversion"].isolation > 3 * median["electron"].isolation
    for name in ("hadronic_leakage", "lateral_width", "strip_width", "delta_eta"):
        assert median["conversion"][name] < 3 * median["electron"][name]  # it is an electron


def test_energy_and_direction_do_not_tell_the_classes_apart(table):
    for name in ("et", "eta"):
        assert ks_2samp(table[name][table.is_electron], table[name][~table.is_electron]).pvalue > 0.01


def test_one_variable_alone_is_of_the_strength_that_detectors_see(table):
    for name in set(VARIABLES) - {"e_over_p"}:
        assert 0.65 < auc(-table[name], table.is_electron).value < 0.93
    cut = table.hadronic_leakage[table.is_electron].quantile(0.9)
    assert 0.15 < np.mean(table.hadronic_leakage[~table.is_electron] < cut) < 0.5
