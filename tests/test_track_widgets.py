"""Pictures of tracks, and the widgets over them: tested through their axes, sliders and sentences."""

import base64
import io
from functools import partial

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure
from PIL import Image

from hepml_course import plot, widgets
from hepml_course.errors import CourseError
from hepml_course.metrics.estimate import Estimate
from hepml_course.simulate.tracks import pixel_plane
from hepml_course.tracking.likelihood import evidence, scan
from hepml_course.tracking.templates import cell_of, templates
from hepml_course.widgets import pictures
from hepml_course.widgets import tracks as track_widgets

VIEW = "application/vnd.jupyter.widget-view+json"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def _no_figures():
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture
def sliders():
    """The sliders made in this test by their names, and the page below them."""
    known = set(_instances)

    def find():
        made = [widget for key, widget in _instances.items() if key not in known]
        named = {w.description: w for w in made if isinstance(w, ipywidgets.SelectionSlider)}
        (page,) = (w for w in made if isinstance(w, ipywidgets.HTML))
        return named, page

    return find


@pytest.fixture(scope="module")
def event():
    return pixel_plane(1, 3, noise=0.1, rng=5)


def words(page):
    return page.value.split("<p>")[1]


def picture(page):
    return page.value.split("<p>")[0].split("src=")[1]


# -- several sliders -------------------------------------------------------------------------------


def blank(first, second):
    return Figure(figsize=(1, 1)), f"{first} and {second}."


def test_several_sliders_give_their_values_in_order(shown, sliders):
    controls = {"a": {"one": 1, "two": 2}, "b": {"x": "X", "y": "Y"}}
    widgets.slides(blank, controls, still={"b": "Y"})
    named, page = sliders()
    assert list(named) == ["a", "b"]
    assert [(w.index, w.value) for w in named.values()] == [(0, 1), (1, "Y")]
    assert shown[0]["text/plain"] == "1 and Y."
    assert words(page).startswith("1 and Y.")
    named["a"].value = 2
    assert words(page).startswith("2 and Y.")
    named["b"].value = "X"
    assert words(page).startswith("2 and X.")


def test_a_slider_cannot_begin_where_it_has_no_position(shown):
    with pytest.raises(CourseError, match="a cannot begin at 3: its 2 steps go from one to two"):
        widgets.slides(blank, {"a": {"one": 1, "two": 2}}, still={"a": 3})
    with pytest.raises(CourseError, match="no slider c; there is a, b"):
        widgets.slides(blank, {"a": {"one": 1}, "b": {"x": "X"}}, still={"c": 3})


def test_figures_that_are_laid_out_by_hand_look_the_same_without_the_second_drawing():
    def drawn(engine):
        figure = Figure(figsize=(3, 2), layout="none")
        figure.add_axes((0.2, 0.2, 0.7, 0.7)).plot([0, 1], [2, 3])
        if engine:
            figure.set_layout_engine("constrained")
            figure.set_layout_engine("none")  # leaves a placeholder, so that savefig draws it
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(pictures._png(figure)))))

    np.testing.assert_array_equal(drawn(engine=False), drawn(engine=True))


# -- event display ---------------------------------------------------------------------------------


def test_the_event_display_shows_a_still_picture_and_a_sentence(shown):
    widgets.track_display({"likelihood scan": scan}, tracks=2, rng=1)
    (data,) = shown
    assert set(data) == {"text/plain", "image/png", VIEW}
    assert base64.b64decode(data["image/png"]).startswith(PNG)
    assert data["text/plain"] == (
        "Event 1, 5 % noise, 70 % hit efficiency: found within 5 pixels by likelihood scan 2 of 2."
    )
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("slider", "value", "says"),
    [
        ("event", 4, "Event 5, 5 % noise, 70 %"),
        ("tracks", 3, " of 3."),
        ("noise", 31, "31 % noise"),
        ("hit efficiency", 40, "40 % hit efficiency"),
    ],
)
def test_each_slider_changes_picture_and_sentence(shown, sliders, slider, value, says):
    widgets.track_display({"scan": scan}, rng=1)
    named, page = sliders()
    before = words(page), picture(page)
    named[slider].value = value
    assert says in words(page)
    assert says not in before[0]
    assert picture(page) != before[1]


def test_the_display_is_the_same_for_the_same_seed(shown):
    for seed in (1, 1, 2):
        widgets.track_display({"scan": scan}, rng=seed)
    stills = [data["image/png"] for data in shown]
    assert stills[0] == stills[1] != stills[2]


def test_an_event_keeps_its_tracks_and_pixels_while_noise_and_efficiency_grow():
    seeds = np.array([3, 4])
    before = None
    for tracks, efficiency, noise in [
        (1, 0.3, 0.0),
        (1, 0.7, 0.0),
        (2, 0.7, 0.0),
        (2, 0.7, 0.1),
        (2, 1.0, 0.4),
    ]:
        image, truth = track_widgets._event(seeds, tracks, efficiency, noise)
        assert image.shape == (1, 28, 28)
        assert truth.shape == (1, tracks, 2)
        if before is not None:
            assert (image >= before[0]).all()
            assert (image != before[0]).any()
            np.testing.assert_array_equal(truth[:, :1], before[1][:, :1])
        before = image, truth


def test_the_events_have_the_noise_and_the_efficiency_that_the_sliders_say():
    events = [track_widgets._event(np.array([k, k + 1000]), 1, 0.7, 0.2) for k in range(300)]
    truth = np.concatenate([truth for _, truth in events])
    images = np.concatenate([image for image, _ in events])
    columns = np.arange(28)
    rows = np.floor(truth[:, 0, :1] + np.diff(truth[:, 0]) * columns / 27).astype(int)
    on_track = images[np.arange(300)[:, None], rows, columns]
    assert on_track.mean() == pytest.approx(1 - 0.3 * 0.8, abs=4 * 0.43 / 8400**0.5)
    off = (images.sum() - on_track.sum()) / (images.size - on_track.size)
    assert off == pytest.approx(0.2, abs=4 * 0.4 / (300 * 756) ** 0.5)


def test_a_finder_is_told_what_it_asks_for_and_all_numbers_of_tracks_beforehand(shown, sliders):
    asked = []

    def told(images, tracks, noise):
        asked.append((images.shape, tracks, noise))
        return np.zeros((1, tracks, 2))

    def not_told(images, tracks, *, hit_efficiency=0.5):
        assert hit_efficiency == 0.5
        return np.zeros((1, tracks, 2))

    finders = {"told": told, "fixed": partial(not_told, hit_efficiency=0.5)}
    widgets.track_display(finders, noise=0.2, rng=1)
    assert {many for _, many, _ in asked} == {1, 2, 3, 4, 5}
    assert asked[-1] == ((1, 28, 28), 1, 0.2)
    named, _ = sliders()
    named["noise"].value = 0
    assert 0 < asked[-1][2] < 0.01  # a likelihood cannot work with 0


def test_the_sentence_counts_what_is_within_five_pixels(shown):
    seeds = np.random.default_rng(8).integers(2**32, size=2)  # of the first event
    _, truth = track_widgets._event(seeds, 2, 0.7, 0.05)
    one = np.array([[0.0, 0.0], [0.0, 5.1]])
    finders = {"near": lambda images, k: truth + 4.9, "half": lambda images, k: truth + one}
    widgets.track_display(finders, tracks=2, rng=8)
    assert shown[0]["text/plain"].endswith("by near 2 of 2, half 1 of 2.")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"finders": {}}, "at least one finder"),
        ({"tracks": 6}, "tracks cannot begin at 6: its 5 steps go from 1 to 5"),
        ({"noise": 0.5}, "noise cannot begin at 50"),
        ({"hit_efficiency": 0.72}, "hit efficiency cannot begin at 72"),
        ({"finders": {"mine": lambda images, k: np.zeros((k, 2))}}, r"mine has to return .* \(1, 1, 2\)"),
    ],
)
def test_an_event_display_that_cannot_be_says_why(arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        widgets.track_display(**({"finders": {"scan": scan}, "rng": 1} | arguments))


# -- Hough display ---------------------------------------------------------------------------------


def test_the_hough_display_tells_hits_and_likelihood_of_the_line(shown, event):
    widgets.hough_display(event.images[0], truth=event.tracks[0], noise=0.1, line=(20.1, 3.9))
    (data,) = shown
    assert set(data) == {"text/plain", "image/png", VIEW}
    assert not plt.get_fignums()
    line = np.array([20.25, 3.75])  # the middle of the cell
    rows = np.floor(line[0] + (line[1] - line[0]) * np.arange(28) / 27).astype(int)
    hits = event.images[0, rows, np.arange(28)]
    value = np.where(hits, np.log((1 - 0.3 * 0.9) / 0.1), np.log(0.3)).sum()
    expected = (
        f"Line from 20.25 to 3.75: {hits.sum()} of its 28 pixels fired, log-likelihood ratio {value:.1f}."
    )
    assert data["text/plain"].startswith(expected.replace(" -", " −"))


def test_moving_the_line_moves_its_point_in_the_hough_plane(event):
    view = track_widgets._HoughView(event.images[0], event.tracks[0], 2, None, 0.7, 0.1)
    for first, last, explained in ((5.25, 20.75, 0), (12.75, 0.25, 1)):
        figure, sentence = view.page(first, last, explained)
        left, right = figure.axes[:2]
        drawn = {line.get_label(): line.get_xydata() for line in left.get_lines()}
        np.testing.assert_array_equal(drawn[track_widgets.LINE][:2], [[0, first], [27, last]])
        dots = left.get_lines()[-1].get_xydata()
        assert f"{len(dots)} of its 28 pixels" in sentence
        assert all(event.images[0, int(y), int(x)] for x, y in dots)
        colour = {line.get_label(): line.get_color() for line in left.get_lines()}
        assert left.get_lines()[-1].get_color() == colour[track_widgets.LINE]
        (point,) = (p.get_xydata() for p in right.get_lines() if p.get_label() == track_widgets.LINE)
        np.testing.assert_array_equal(point, [[first, last]])


def test_what_a_found_track_explains_is_no_evidence_any_more(shown, sliders, event):
    view = track_widgets._HoughView(event.images[0], None, 3, None, 0.7, 0.1)
    cells = cell_of(view.found, templates())
    for k, cell in enumerate(cells):
        assert view.maps[k][cell] == view.maps[k].max() > 0
        assert view.maps[k + 1][cell] < 0.3 * view.maps[k][cell]
    widgets.hough_display(event.images[0], noise=0.1, line=view.found[0], explained=1)
    assert shown[0]["text/plain"].startswith("1 track explained. Line from")
    named, page = sliders()
    before = picture(page)
    named["explained tracks"].value = 0
    assert f"ratio {view.maps[0].max():.1f}" in words(page)
    assert picture(page) != before
    for name in ("y₀ / pixel", "y₁ / pixel"):
        before = words(page), picture(page)
        named[name].index = (named[name].index + 5) % len(named[name].options)
        assert words(page) != before[0]
        assert picture(page) != before[1]


def test_the_colours_mean_the_same_however_much_is_explained(event):
    view = track_widgets._HoughView(event.images[0], None, 2, None, 0.7, 0.1)
    limits = [view.page(5.25, 5.25, k)[0].axes[1].images[0].get_clim() for k in range(3)]
    assert limits[0] == limits[1] == limits[2] == pytest.approx((-view.maps[0].max(), view.maps[0].max()))


def test_another_onlooker_gives_the_map(shown, event):
    def look(images, covered):
        return np.full((len(images), 56 * 56), -8.0) - covered.sum(axis=(1, 2))[:, None]

    widgets.hough_display(event.images[0], look=look, tracks=1, explained=1)
    assert "log probability −36.0." in shown[0]["text/plain"]


def test_the_hough_display_is_the_same_every_time(shown, event):
    for _ in range(2):
        widgets.hough_display(event.images[0], noise=0.1)
    assert shown[0]["image/png"] == shown[1]["image/png"]
    assert shown[0]["text/plain"] == shown[1]["text/plain"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"image": np.zeros((1, 28, 28))}, "One image of 28 × 28"),
        ({"explained": 4}, "4 of 3 tracks cannot be explained"),
        ({"noise": 0.0}, "between 0 and 1"),
        ({"line": (np.nan, 3.0)}, "two finite numbers"),
    ],
)
def test_a_hough_display_that_cannot_be_says_why(event, arguments, complaint):
    with pytest.raises(CourseError, match=complaint):
        widgets.hough_display(**({"image": event.images[0]} | arguments))


# -- the figures -----------------------------------------------------------------------------------


def test_the_plane_draws_each_track_through_its_ends_and_leaves_out_nan(event):
    truth = np.vstack([event.tracks[0], [[np.nan, np.nan]]])
    ax = plot.plane(event.images[0], truth=truth, found={"a": truth[:1] + 1, "b": truth[1:2]})
    solid, first, second = ax.get_lines()
    ends = solid.get_xydata().reshape(3, 3, 2)
    np.testing.assert_array_equal(ends[:, :2, 1], event.tracks[0])
    np.testing.assert_array_equal(ends[:, :2, 0], [[0, 27]] * 3)
    looks = {(line.get_linestyle(), str(line._dash_pattern)) for line in (solid, first, second)}
    assert len(looks) == 3  # told apart without colour
    assert solid.get_linestyle() == "-"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["truth", "a", "b"]


def test_pixels_of_the_plane_lie_where_the_simulation_says():
    image = np.zeros((28, 28))
    image[3, 10] = 1
    ax = plot.plane(image)
    shown = ax.images[0]
    assert shown.get_extent() == [-0.5, 27.5, 0, 28]
    assert shown.origin == "lower"
    assert shown.get_array()[3, 10] == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("column", "row / pixel")
    assert ax.get_legend() is None


def test_the_hough_plane_has_y0_to_the_right(event):
    weights = evidence(event.images, np.zeros((1, 28, 28)), 0.7, 0.1).reshape(-1)
    values = weights @ templates().matrix
    ax = plot.hough_plane(values, truth=event.tracks[0])
    picture = ax.images[0]
    np.testing.assert_allclose(picture.get_array(), values.reshape(56, 56).T)
    assert picture.get_extent() == [0, 28, 0, 28]
    np.testing.assert_array_equal(ax.get_lines()[0].get_xydata(), event.tracks[0])
    np.testing.assert_allclose(picture.get_clim(), (-values.max(), values.max()))
    assert plot.hough_plane(values - values.max(), ax=plt.figure().subplots()).images[0].get_clim()[1] == 0


def test_residuals_are_densities_with_their_width():
    normal = np.random.default_rng(1).normal(0, 0.5, 20_000)
    ax = plot.residuals({"fit": normal, "scan": 2 * normal})
    low, high = ax.get_xlim()
    assert high == -low == pytest.approx(4, rel=0.05)
    area = [np.sum(np.diff(p.get_data().edges) * p.get_data().values) for p in ax.patches]
    np.testing.assert_allclose(area, 1, atol=1e-3)
    first, second = (text.get_text() for text in ax.get_legend().get_texts())
    assert first.startswith("fit: 0.495")
    assert first.endswith("pixel")
    assert second.startswith("scan: 0.990")
    assert len({p.get_linestyle() for p in ax.patches}) == 2


def test_what_lies_outside_the_picture_counts_in_the_density():
    values = np.r_[np.linspace(-0.9, 0.9, 90), np.full(10, 50.0)]
    (steps,) = plot.residuals({"a": values}, reach=1).patches
    assert np.sum(np.diff(steps.get_data().edges) * steps.get_data().values) == pytest.approx(0.9)


def test_efficiency_curves_have_points_and_errors():
    curves = {"scan": [Estimate(0.9, 0.01), Estimate(0.8, 0.02)], "fit": [Estimate(0.3, 0.05)] * 2}
    ax = plot.efficiency_curves([0.05, 0.2], curves)
    scan_line, fit_line = (container.lines[0] for container in ax.containers)
    np.testing.assert_array_equal(scan_line.get_xydata(), [[0.05, 0.9], [0.2, 0.8]])
    assert scan_line.get_marker() != fit_line.get_marker()
    (bars,) = ax.containers[0].lines[2]
    np.testing.assert_allclose([np.ptp(path.vertices[:, 1]) for path in bars.get_paths()], [0.02, 0.04])


@pytest.mark.parametrize(
    ("draw", "complaint"),
    [
        (lambda: plot.plane(np.zeros((1, 28, 28))), "rows and columns"),
        (lambda: plot.plane(np.zeros((28, 28)), truth=np.zeros((1, 3, 2))), r"shape \(tracks, 2\)"),
        (lambda: plot.hough_plane(np.zeros((3, 4))), "square, or flat"),
        (lambda: plot.residuals({}), "at least one method"),
        (lambda: plot.residuals({"a": np.arange(20.0)}, reach=0), "positive number of pixels"),
        (lambda: plot.efficiency_curves([1, 2], {"a": [Estimate(1, 0)]}), "1 efficiencies at 2 points"),
    ],
)
def test_pictures_that_cannot_be_drawn_say_why(draw, complaint):
    with pytest.raises(CourseError, match=complaint):
        draw()
