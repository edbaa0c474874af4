"""Widgets and the figures under them: tested through their axes and their values, not their pixels."""

import base64

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.simulate import electrons_and_jets
from hepml_course.widgets import pictures

VIEW = "application/vnd.jupyter.widget-view+json"
PNG = b"\x89PNG\r\n\x1a\n"


def blank(number):
    return Figure(figsize=(1, 1)), f"Page {number} of a < b."


def test_one_output_holds_the_widget_and_a_still_picture(shown):
    widgets.slide(blank, 3, still=2)
    (data,) = shown
    assert set(data) == {"text/plain", "image/png", VIEW}
    assert data["text/plain"] == "Page 2 of a < b."
    assert base64.b64decode(data["image/png"]).startswith(PNG)


def test_the_slider_turns_the_pages(shown, made):
    widgets.slide(blank, 3, name="page")
    (slider,), (page,) = made(ipywidgets.IntSlider), made(ipywidgets.HTML)
    assert (slider.min, slider.max, slider.description) == (0, 2, "page")
    assert "Page 0 of a &lt; b." in page.value
    slider.value = 2
    assert "<p>Page 2 of a &lt; b.</p>" in page.value
    assert 'alt="Page 2 of a &lt; b."' in page.value


def test_the_slider_reads_what_the_pages_are_called(shown, made):
    widgets.slide(blank, 2, name="cut", labels=["0.00", "0.05"])
    (slider,), (page,) = made(ipywidgets.SelectionSlider), made(ipywidgets.HTML)
    assert [label for label, _ in slider.options] == ["0.00", "0.05"]
    assert slider.index == 0
    slider.index = 1
    assert "Page 1 of" in page.value


def test_a_still_picture_is_the_same_every_time():
    assert pictures._png(blank(0)[0]) == pictures._png(blank(0)[0])


@pytest.fixture
def training():
    x, y = electrons_and_jets(10, 1, margin=0.5)
    x = np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / x.std(axis=0)])
    path = [np.zeros(3), np.array([-0.2, -0.3, 0.1]), np.array([0.0, -0.4, -0.2])]
    return x, y, path, [int(np.flatnonzero(y < 0)[0]), int(np.flatnonzero(y > 0)[0])]


def test_the_steps_of_a_perceptron_tell_the_weights_and_who_was_missed(shown, made, training):
    widgets.perceptron_steps(*training, names=("jet", "electron"), still=1)
    assert shown[0]["text/plain"] == (
        "After 1 update w = (−0.20, −0.30, 0.10). One electron is on the wrong side: "
        "w becomes (0.00, −0.40, −0.20)."
    )
    (slider,), (page,) = made(ipywidgets.IntSlider), made(ipywidgets.HTML)
    assert slider.max == 2
    assert "One jet is on the wrong side" in page.value
    slider.value = 2
    assert "on the wrong side:" not in page.value


def test_steps_that_do_not_fit_together_get_a_sentence(training):
    x, y, path, missed = training
    with pytest.raises(CourseError, match="2 updates lead to 3 sets of weights"):
        widgets.perceptron_steps(x, y, path[:2], missed)


# -- the figures -----------------------------------------------------------------------------------


def test_classes_differ_in_colour_and_in_shape():
    x, y = electrons_and_jets(20, 1)
    ax = plot.scatter_classes(x, y, names=("jet", "electron"))
    jets, electrons = ax.get_lines()
    np.testing.assert_array_equal(jets.get_xydata(), x[y < 0])
    np.testing.assert_array_equal(electrons.get_xydata(), x[y > 0])
    assert jets.get_color() != electrons.get_color()
    assert jets.get_marker() != electrons.get_marker()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["jet", "electron"]


@pytest.mark.parametrize("w", [(1.0, 2.0, -1.0), (0.5, 0.0, 2.0), (-1.0, 3.0, 0.0)])
def test_the_line_runs_where_the_weighted_sum_is_zero(w):
    _, ax = plt.subplots()
    ax.set(xlim=(-2, 2), ylim=(-3, 3))
    plot.decision_line(w, ax=ax, shade=True)
    (line,) = ax.get_lines()
    points = np.array([line.get_xy1(), line.get_xy2()])
    np.testing.assert_allclose(w[0] + points @ w[1:], 0, atol=1e-12)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-2, 2), (-3, 3))


def test_weights_of_zero_draw_no_line():
    ax = plot.decision_line((0.0, 0.0, 0.0))
    assert not ax.get_lines()


def test_a_curve_runs_where_the_score_crosses_its_level():
    _, ax = plt.subplots()
    ax.set(xlim=(-2, 2), ylim=(-2, 2))
    plot.decision_curve(lambda x: (x**2).sum(axis=1), level=1.0, ax=ax)
    points = np.concatenate([path.vertices for path in ax.collections[-1].get_paths()])
    np.testing.assert_allclose(np.hypot(*points.T), 1, atol=0.01)


def test_a_step_marks_the_event_and_draws_both_lines(training):
    x, y, path, missed = training
    ax = plot.update_step(x[:, 1:], y, path[1], after=path[2], missed=missed[1])
    labels = ax.get_legend_handles_labels()[1]
    assert {"line now", "after the update", "on the wrong side"} <= set(labels)
    ring = next(line for line in ax.get_lines() if line.get_label() == "on the wrong side")
    np.testing.assert_array_equal(ring.get_xydata()[0], x[missed[1], 1:])
    finished = plot.update_step(x[:, 1:], y, path[2], ax=plt.figure().subplots())
    assert "after the update" not in finished.get_legend_handles_labels()[1]


def test_bars_show_the_weights_and_arrows_where_they_go():
    ax = plot.weight_bars([1.0, -2.0], after=[1.5, -1.0])
    assert [bar.get_height() for bar in ax.patches] == [1.0, -2.0]
    assert [note.xy[1] for note in ax.texts] == [1.5, -1.0]


def test_importing_plot_and_checks_does_not_import_tensorflow_or_widgets():
    import subprocess
    import sys

    code = (
        "import sys, hepml_course.plot, hepml_course.checks, hepml_course.simulate;"
        "print(sorted({'tensorflow', 'keras', 'ipywidgets', 'pythia8'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
