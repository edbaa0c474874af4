"""Lesson 13: pictures of cells, filters and patches, and the filter that slides over an image."""

import base64

import ipywidgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import Normalize, PowerNorm
from scipy.signal import correlate2d

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.plot import images

VIEW = "application/vnd.jupyter.widget-view+json"
IMAGE = np.arange(20.0).reshape(4, 5)
KERNEL = np.array([[1, 0, -1], [2, 0, -2], [0, 3, 0]])


def values(ax):
    return np.asarray(ax.images[0].get_array())


def numbers(ax):
    return {tuple(round(p) for p in text.get_position()): text.get_text() for text in ax.texts}


# -- cells ----------------------------------------------------------------------------------------------


def test_rows_run_upwards_and_centimetres_start_at_the_centre():
    ax = plot.cells(IMAGE, cell=0.5, label="GeV")
    np.testing.assert_array_equal(values(ax), IMAGE)
    assert ax.images[0].origin == "lower"
    np.testing.assert_allclose(ax.images[0].get_extent(), [-1.25, 1.25, -1, 1])
    assert "φ" in ax.get_ylabel()
    assert "cm" in ax.get_xlabel()
    assert ax.figure.axes[-1].get_ylabel() == "GeV"
    assert plot.cells(IMAGE, ax=plt.figure().subplots()).get_xlabel() == "column"


def test_every_cell_says_its_number_in_its_place():
    ax = plot.cells(IMAGE, numbers=".0f")
    assert numbers(ax)[(4, 1)] == "9"  # column 4, row 1
    assert len(ax.texts) == 20
    assert {text.get_color() for text in ax.texts} == {"black", "white"}
    assert numbers(plot.cells([[-0.0, np.nan]], numbers=".0f", ax=plt.figure().subplots())) == {(0, 0): "0"}


def test_colours_are_symmetric_for_signed_values_and_follow_the_root_for_energies():
    signed, energy = images.common_norm([IMAGE - 5]), images.common_norm([IMAGE, 2 * IMAGE])
    assert (signed.vmin, signed.vmax) == (-14, 14)
    assert type(signed) is Normalize
    assert isinstance(energy, PowerNorm)
    assert energy.gamma == 0.5
    assert (energy.vmin, energy.vmax) == (0, 38)
    assert images.common_norm([np.zeros((2, 2))]).vmax > 0


def test_a_gallery_has_one_scale_and_its_marks_leave_the_view_alone():
    fig, axes = plt.subplots(1, 2)
    marks = [np.array([[0.5, -1.0], [np.nan, np.nan]]), np.array([[50.0, 0.0]])]
    plot.gallery([IMAGE, 2 * IMAGE], ["a", "b"], axes=axes, cell=1.0, label="GeV", marks=marks)
    assert [ax.get_title() for ax in axes] == ["a", "b"]
    assert axes[0].images[0].norm.vmax == axes[1].images[0].norm.vmax == 38
    x, y = axes[0].lines[0].get_data()
    assert (x[0], y[0]) == (-1.0, 0.5)  # φ comes first in the truth and runs upwards
    assert axes[1].get_ylim() == (-2, 2)
    assert len(fig.axes) == 3  # one colour bar for both


def test_filters_stand_above_their_patches():
    rng = np.random.default_rng(1)
    kernels, patches = rng.normal(size=(3, 3, 2)), rng.uniform(size=(2, 4, 3, 3))
    _, axes = plt.subplots(5, 2)
    plot.filters_and_patches(kernels, patches, axes=axes)
    for f in range(2):
        np.testing.assert_array_equal(values(axes[0, f]), kernels[..., f])
        norm = axes[0, f].images[0].norm
        assert norm.vmax == -norm.vmin == np.abs(kernels[..., f]).max()
        for m in range(4):
            np.testing.assert_array_equal(values(axes[1 + m, f]), patches[f, m])
    assert axes[0, 1].get_title() == "filter 1"
    assert len({ax.images[0].norm.vmax for ax in axes[1:].flat}) == 1


# -- the sliding filter ---------------------------------------------------------------------------------


def test_a_step_shows_patch_product_and_the_result_up_to_here():
    _, axes = plt.subplots(1, 4)
    expected = correlate2d(IMAGE, KERNEL, mode="valid")
    value = images.convolution_step(IMAGE, KERNEL, (1, 0), axes=axes)
    assert value == expected[1, 0]
    np.testing.assert_array_equal(values(axes[2]), IMAGE[1:4, :3] * KERNEL)
    result = axes[3].images[0].get_array()
    assert np.ma.getmaskarray(result).tolist() == [[False] * 3, [False, True, True]]
    np.testing.assert_array_equal(result[0], expected[0])
    boxes = [next(p for p in axes[k].patches if isinstance(p, mpl.patches.Rectangle)) for k in (0, 3)]
    assert (boxes[0].get_xy(), boxes[0].get_width()) == ((-0.5, 0.5), 3)
    assert (boxes[1].get_xy(), boxes[1].get_width()) == ((-0.5, 0.5), 1)


def test_every_cell_of_a_step_can_be_found_by_its_numbers():
    _, axes = plt.subplots(1, 4)
    images.convolution_step(IMAGE, KERNEL, (1, 2), axes=axes)
    columns = [[label.get_text() for label in ax.get_xticklabels()] for ax in axes]
    rows = [[label.get_text() for label in ax.get_yticklabels()] for ax in axes]
    assert columns == [list("01234"), list("012"), list("234"), list("012")]  # the product lies on the image
    assert rows == [list("0123"), list("012"), list("123"), list("01")]
    assert [ax.get_xlabel() for ax in axes] == ["column"] * 4


def test_the_slider_moves_the_filter_over_every_place(shown, made):
    widgets.filter_steps(IMAGE, KERNEL, still=(1, 2))
    expected = correlate2d(IMAGE, KERNEL, mode="valid")
    (output,) = shown
    assert VIEW in output
    assert base64.b64decode(output["image/png"]).startswith(b"\x89PNG")
    assert output["text/plain"] == f"At row 1, column 2: the products add up to {expected[1, 2]:.0f}."
    (slider,), (page,) = made(ipywidgets.SelectionSlider), made(ipywidgets.HTML)
    assert [label for label, _ in slider.options] == ["0, 0", "0, 1", "0, 2", "1, 0", "1, 1", "1, 2"]
    before = page.value
    slider.value = 3
    assert page.value != before
    assert f"At row 1, column 0: the products add up to {expected[1, 0]:.0f}." in page.value


def test_what_does_not_fit_gets_a_sentence():
    with pytest.raises(CourseError, match="one square filter"):
        widgets.filter_steps(IMAGE, KERNEL[:2])
    with pytest.raises(CourseError, match="one square filter"):
        widgets.filter_steps(IMAGE[None], KERNEL)
    with pytest.raises(CourseError, match="does not fit"):
        widgets.filter_steps(IMAGE[:2], KERNEL)
