"""The page of a report in a browser: on a desk, on a phone and on paper, without any network."""

import numpy as np
import pandas as pd
import pytest

from hepml_course.report import evaluate

pytestmark = pytest.mark.browser
A4 = (210 - 2 * 13) / 25.4 * 96  # width of what is printed, in CSS pixels
A4_HEIGHT = (297 - 2 * 14) / 25.4 * 96


def events(seed, n=600):
    rng = np.random.default_rng(seed)
    signal = rng.random(n) < 0.5
    named = {f"a_variable_with_a_long_name_{k:02d}": rng.normal(size=n) + 0.1 * k * signal for k in range(14)}
    return pd.DataFrame({**named, "is_signal": signal})


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    train, test = events(1), events(2)
    names = [name for name in train if name != "is_signal"]
    methods = {f"a method with a long name {k}": names[-k] for k in range(1, 6)}
    report = evaluate(methods, train, test, features=names[:-2], spectators=names[-2:])
    return report.to_html(tmp_path_factory.mktemp("report") / "report.html", title="A report")


@pytest.fixture
def opened(page, written):
    """The page, and what went wrong or was asked for while it was opened."""
    trouble = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else trouble.append(r.url))
    page.goto(written.as_uri())
    assert trouble == []
    return page


@pytest.mark.parametrize("width", [1366, 768, 400, 320])
def test_nothing_sticks_out_on_any_screen(opened, width):
    opened.set_viewport_size({"width": width, "height": 800})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    pictures = opened.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth, i.clientWidth])")
    assert len(pictures) > 30
    for complete, natural, shown in pictures:
        assert complete
        assert natural > 0
        assert shown > 0.6 * min(width, 400)


def test_a_table_that_is_too_wide_can_be_moved_with_the_keyboard(opened):
    opened.set_viewport_size({"width": 400, "height": 800})
    wide = opened.locator(".scroll").filter(has=opened.locator("caption", has_text="Methods on test events"))
    assert wide.evaluate("e => e.scrollWidth > e.clientWidth && e.tabIndex === 0")


def test_the_contents_lead_to_their_sections(opened):
    from playwright.sync_api import expect

    opened.get_by_role("navigation").get_by_role("link", name="Spectators").click()
    expect(opened.get_by_role("heading", name="Spectators")).to_be_in_viewport()
    assert opened.url.endswith("#spectators")


def test_on_paper_every_table_and_picture_fits_and_none_is_cut(opened):
    opened.emulate_media(media="print")
    opened.set_viewport_size({"width": round(A4), "height": round(A4_HEIGHT)})
    assert opened.evaluate("document.documentElement.scrollWidth") <= round(A4)
    widths = opened.evaluate(
        "[...document.querySelectorAll('table')].map(t => t.getBoundingClientRect().right)"
    )
    assert max(widths) <= A4 + 1
    figures = opened.evaluate(
        "[...document.querySelectorAll('figure')].map(f => [f.clientHeight, getComputedStyle(f).breakInside])"
    )
    for height, inside in figures:
        assert height < A4_HEIGHT
        assert inside == "avoid"
    assert opened.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") >= 6
