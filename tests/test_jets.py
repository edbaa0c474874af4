"""Shapes and images of jets against plain loops and against what must not change them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepml_course.errors import CourseError
from hepml_course.jets import CHANNELS, JET_SHAPES, jet_images, jet_shapes


def made_up(jets=30, seed=1):
    """Jets of 1 to 40 constituents within 0.39 of the axis in η and φ, hardest first."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 41, jets)
    n = counts.sum()
    table = pd.DataFrame(
        {
            "jet": np.repeat(np.arange(jets), counts),
            "pt": rng.exponential(5, n) + 0.5,
            "eta": rng.uniform(-0.39, 0.39, n),
            "phi": rng.uniform(-0.39, 0.39, n),
            "charge": rng.integers(-1, 2, n),
        }
    )
    table["is_photon"] = np.where(table["charge"] == 0, rng.integers(0, 2, n), 0)
    return table.sort_values(["jet", "pt"], ascending=[True, False], ignore_index=True)


def slow_shapes(jet):
    """The definitions, one jet at a time."""
    pt, x, y = (jet[name].to_numpy() for name in ("pt", "eta", "phi"))
    moments = np.cov(x, y, aweights=pt**2, ddof=0) if len(pt) > 1 else np.zeros((2, 2))
    return [
        (jet["charge"] != 0).sum(),
        sum(p * np.sqrt(a**2 + b**2) for p, a, b in zip(pt, x, y, strict=True)) / pt.sum(),
        np.sqrt((pt**2).sum()) / pt.sum(),
        pt.max() / pt.sum(),
        np.sqrt(max(np.linalg.eigvalsh(moments)[0], 0)),
        pt[jet["is_photon"] == 1].sum() / pt.sum(),
    ]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_shapes_are_what_their_definitions_say(seed):
    table = made_up(8, seed)
    expected = np.array([slow_shapes(jet) for _, jet in table.groupby("jet")])
    found = jet_shapes(table)
    assert found.shape == (8, len(JET_SHAPES))
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


def test_the_order_of_constituents_does_not_matter():
    table = made_up()
    mixed = table.sample(frac=1, random_state=1).sort_values("jet", kind="stable")
    np.testing.assert_allclose(jet_shapes(mixed), jet_shapes(table), rtol=1e-9)
    np.testing.assert_allclose(jet_images(mixed), jet_images(table), rtol=1e-5)


def test_a_turned_jet_has_the_same_shapes():
    table, angle = made_up(), 0.7
    turned = table.assign(
        eta=np.cos(angle) * table["eta"] - np.sin(angle) * table["phi"],
        phi=np.sin(angle) * table["eta"] + np.cos(angle) * table["phi"],
    )
    np.testing.assert_allclose(jet_shapes(turned), jet_shapes(table), rtol=1e-8, atol=1e-8)


def test_images_hold_the_momentum_of_each_kind():
    table = made_up()
    images = jet_images(table)
    kinds = np.select([table["charge"] != 0, table["is_photon"] == 1], [2, 0], 1)
    for channel in range(len(CHANNELS)):
        expected = np.bincount(table["jet"], table["pt"] * (kinds == channel))
        np.testing.assert_allclose(images[..., channel].sum(axis=(1, 2)), expected, rtol=1e-5)


def test_a_constituent_lies_in_its_pixel():
    one = {"jet": [5], "pt": [10.0], "eta": [-0.39], "phi": [0.2], "charge": [0], "is_photon": [1]}
    image = jet_images(one)
    assert image.shape == (1, 16, 16, 3)
    assert image.dtype == np.float32
    # Rows are φ: 0.2 is three quarters of the way up. Columns are η: the first on the left.
    assert image[0, 12, 0, 0] == 10
    assert image.sum() == 10


@pytest.mark.parametrize("angle", ["eta", "phi"])
def test_what_lies_outside_is_not_in_the_image(angle):
    table = {"jet": [0, 0], "pt": [9.0, 1.0], "eta": [0.0, 0.0], "phi": [0.0, 0.0], "charge": [1, 1]}
    table |= {"is_photon": [0, 0], angle: [0.0, 0.41]}
    assert jet_images(table).sum() == 9
    table[angle] = [0.0, -0.41]
    assert jet_images(table).sum() == 9


def test_a_selection_of_jets_keeps_their_order():
    table = made_up()
    chosen = table[table["jet"] % 3 == 1]
    np.testing.assert_array_equal(jet_shapes(chosen), jet_shapes(table)[1::3])
    np.testing.assert_array_equal(jet_images(chosen), jet_images(table)[1::3])


def test_a_missing_column_and_an_empty_table_are_told():
    table = made_up()
    with pytest.raises(CourseError, match="needs the columns charge"):
        jet_shapes(table.drop(columns="charge"))
    with pytest.raises(CourseError, match="no jets"):
        jet_images(table[:0])
    with pytest.raises(CourseError, match="0 pixels"):
        jet_images(table, pixels=0)
