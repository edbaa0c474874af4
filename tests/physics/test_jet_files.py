"""The shipped jets of quarks and gluons against known physics. No generator is needed to run these."""

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hepml_course import data
from hepml_course.jets import JET_SHAPES, jet_images, jet_shapes

KINDS = ["quark", "gluon"]


@lru_cache(maxsize=1)
def tables() -> dict[str, pd.DataFrame]:
    return data.load("quark_gluon")


@lru_cache(maxsize=2)
def first_rows(kind: str) -> pd.DataFrame:
    """What belongs to a jet, a row a jet."""
    return tables()[kind].groupby("jet").first()


@lru_cache(maxsize=2)
def shapes(kind: str) -> dict[str, np.ndarray]:
    return dict(zip(JET_SHAPES, jet_shapes(tables()[kind]).T, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_jets_are_numbered_through_and_their_constituents_follow_each_other(kind):
    number = tables()[kind]["jet"].to_numpy()
    assert len(first_rows(kind)) == data.card(f"jets/{kind}.root")["jets"] >= 15_000
    assert set(np.diff(number)) == {0, 1}
    assert number[0] == 0
    falling = np.diff(tables()[kind]["pt"]) <= 0
    assert falling[np.diff(number) == 0].all()


@pytest.mark.parametrize("kind", KINDS)
def test_constituents_add_up_to_the_jet(kind):
    t = tables()[kind].astype("f8")
    jet = tables()[kind]["jet"]
    along = np.bincount(jet, t["pt"] * np.cos(t["phi"]))
    across = np.bincount(jet, t["pt"] * np.sin(t["phi"]))
    jet_pt = first_rows(kind)["jet_pt"]
    np.testing.assert_allclose(np.hypot(along, across), jet_pt, rtol=3e-3)
    assert np.abs(across / jet_pt).max() < 3e-3
    assert jet_pt.between(150, 200).all()
    assert np.hypot(t["eta"], t["phi"]).max() < 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_no_direction_is_preferred(kind):
    t = tables()[kind]
    for angle in ("eta", "phi"):
        mean = np.bincount(t["jet"], t["pt"] * t[angle] ** 3) / first_rows(kind)["jet_pt"]
        assert abs(mean.mean()) < 4 * mean.std() / np.sqrt(len(mean)), angle
    eta = first_rows(kind)["jet_eta"]
    assert abs((eta > 0).mean() - 0.5) < 4 * 0.5 / np.sqrt(len(eta))


def test_partons_are_those_of_the_file():
    assert set(first_rows("gluon")["truth_parton"]) == {21}
    quarks = first_rows("quark")["truth_parton"]
    assert set(quarks) == {-3, -2, -1, 1, 2, 3}
    # The proton holds more u than anti-u and more d than anti-d, and as much s as anti-s.
    counts = quarks.value_counts()
    assert counts[2] > 2 * counts[-2]
    assert counts[1] > 2 * counts[-1]
    assert abs(counts[3] - counts[-3]) < 5 * np.sqrt(counts[3] + counts[-3])


def test_gluons_make_more_particles_and_wider_jets():
    """Asymptotically 9/4 as many (the ratio of the colour charges); at these energies 1.5 to 1.7."""
    ratio = shapes("gluon")["tracks"].mean() / shapes("quark")["tracks"].mean()
    assert 1.4 < ratio < 1.8
    assert 7 < shapes("quark")["tracks"].mean() < 11
    assert shapes("gluon")["width"].mean() > 1.5 * shapes("quark")["width"].mean()
    assert shapes("gluon")["dispersion"].mean() < shapes("quark")["dispersion"].mean()


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_tracks_and_photons_are_those_of_hadrons(kind):
    """Two thirds of pions are charged; kaons and nucleons that are neutral take some of both shares."""
    t = tables()[kind].astype("f8")
    assert 0.55 < t["pt"][t["charge"] != 0].sum() / t["pt"].sum() < 0.65
    assert 0.22 < t["pt"][t["is_photon"] == 1].sum() / t["pt"].sum() < 0.30
    assert abs(t["charge"].sum()) < 0.06 * (t["charge"] != 0).sum()


def test_quarks_carry_their_charge_into_the_jet():
    quarks = first_rows("quark")["truth_parton"].to_numpy()
    t = tables()["quark"].astype("f8")
    jet, weight = tables()["quark"]["jet"], np.sqrt(t["pt"])
    charge = np.bincount(jet, t["charge"] * weight) / np.bincount(jet, weight)
    up, down, anti_up = (charge[quarks == code] for code in (2, 1, -2))
    assert up.mean() > 0.03 > -0.01 > down.mean()
    assert stats.ttest_ind(up, anti_up).pvalue < 1e-20


def test_the_number_of_tracks_separates_as_atlas_finds():
    """At 60 % efficiency for quarks 10 to 20 % of gluons pass a cut on it (ATLAS at BOOST 2017, F. Rubbo)."""
    quark, gluon = shapes("quark")["tracks"], shapes("gluon")["tracks"]
    efficiency, passing = (np.array([np.mean(n <= cut) for cut in range(40)]) for n in (quark, gluon))
    assert 0.09 < np.interp(0.6, efficiency, passing) < 0.21


@pytest.mark.parametrize("kind", KINDS)
def test_images_hold_nearly_all_of_the_jet(kind):
    inside = jet_images(tables()[kind]).sum() / tables()[kind]["pt"].astype("f8").sum()
    assert 0.99 < inside <= 1
