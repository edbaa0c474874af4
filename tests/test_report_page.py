"""The page of a report: one file that shows the numbers of the report, in words too, and asks for nothing."""

import base64
import io
import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier

from hepml_course.errors import CourseError
from hepml_course.metrics import auc, efficiency_at
from hepml_course.report import evaluate, page, words
from hepml_course.report.pictures import picture

VOID = {"meta", "img", "link", "br", "hr", "input"}


class Element:
    """An element of a page: its tag, attributes, text and children."""

    def __init__(self, tag, attributes=()):
        self.tag, self.attributes, self.children = tag, dict(attributes), []

    @property
    def text(self):
        said = "".join(child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(said.split())

    def all(self, tag):
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag:
                    yield child
                yield from child.all(tag)

    def one(self, tag):
        (found,) = self.all(tag)
        return found

    def with_id(self, name):
        def walk(element):
            for child in element.children:
                if isinstance(child, Element):
                    if child.attributes.get("id") == name:
                        yield child
                    yield from walk(child)

        (found,) = walk(self)  # no name is used twice
        return found


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed, in its order."""

    def __init__(self):
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, attributes)
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    (root,) = reader.open
    return root


def events(n=1500, seed=1, names=("pt", "eta", "njet")):
    rng = np.random.default_rng(seed)
    signal = rng.random(n) < 0.4
    first, second, third = names
    return pd.DataFrame(
        {
            first: rng.exponential(30, n) + 20 * signal,
            second: rng.normal(size=n) * np.where(signal, 0.7, 1.3),
            third: rng.poisson(2 + signal),
            "mass": np.where(signal, rng.normal(91, 5, n), rng.exponential(60, n) + 40),
            "w": rng.uniform(0.5, 1.5, n) * np.where(rng.random(n) < 0.05, -1, 1),
            "old": rng.normal(size=n) + signal,
            "is_signal": signal,
        }
    )


def made(train, test, features, **options):
    x, y = train[features], train["is_signal"].astype(int)
    methods = {
        "trees": HistGradientBoostingClassifier(max_iter=8, random_state=0).fit(x, y),
        "fisher": LinearDiscriminantAnalysis().fit(x, y),
        "old": "old",
    }
    return evaluate(methods, train, test, weights="w", features=features, spectators=["mass"], **options)


@pytest.fixture(scope="module")
def report():
    return made(events(), events(seed=2), ["pt", "eta", "njet"])


@pytest.fixture(scope="module")
def written(report, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    before = plt.get_fignums()
    page.write(report, path, title="Of <test> & co", notes=["A note."], doubts=["A doubt."])
    assert plt.get_fignums() == before
    return path


@pytest.fixture(scope="module")
def html(written):
    return read(written)


def cells(table):
    """Rows of a table as they can be read: header of the row and its cells."""
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in table.one("tbody").all("tr")}


def table(html, caption):
    (found,) = [t for t in html.all("table") if t.one("caption").text == caption]
    return found


def alts(html, beginning):
    """Text alternatives of the pictures whose caption begins so."""
    return [
        figure.one("img").attributes["alt"]
        for figure in html.all("figure")
        if figure.one("figcaption").text.startswith(beginning)
    ]


def test_nothing_is_fetched_and_nothing_is_run(html, written):
    assert not list(html.all("script"))
    assert not list(html.all("link"))
    assert not list(html.all("iframe"))
    sources = [image.attributes["src"] for image in html.all("img")]
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert all(link.attributes["href"].startswith("#") for link in html.all("a"))
    text = written.read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in text
    assert not re.search(r"\son\w+=", re.sub(r'="[^"]*"', "", text))
    (policy,) = [m for m in html.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_the_contents_lead_to_headings_in_order(html):
    for link in html.one("nav").all("a"):
        target = html.with_id(link.attributes["href"][1:])
        assert target.tag in ("h2", "h3")
        assert target.text == link.text
    assert [e.text for e in html.one("nav").all("a")] == [
        "Events", "Summary", "Overtraining", "ROC curves", "Methods one by one", "trees", "fisher", "old",
        "Variables", "Spectators", "What was done",
    ]  # fmt: skip
    assert html.one("h1").text == html.one("title").text == "Of <test> & co"
    assert html.one("html").attributes["lang"] == "en"


def test_tables_have_captions_and_headers(html):
    found = list(html.all("table"))
    assert len(found) == 4
    for it in found:
        assert it.one("caption").text
        assert {th.attributes["scope"] for th in it.one("thead").all("th")} == {"col"}
        assert {th.attributes["scope"] for th in it.one("tbody").all("th")} == {"row"}
        width = len(list(it.one("thead").all("th")))
        assert all(len(row) == width - 1 for row in cells(it).values())


def test_the_numbers_are_those_of_the_report(html, report):
    shown = cells(table(html, "Methods on test events"))
    summary = report.summary()
    assert list(shown) == list(summary.index)
    for name, row in shown.items():
        area = auc(report.test.scores[name], report.test.y, report.test.weights, signed=True)
        assert row[0] == f"{area:.3f}"
        value, error = efficiency_at(
            0.1, report.test.scores[name], report.test.y, report.test.weights, signed=True
        )
        train = report.train
        on_train = efficiency_at(0.1, train.scores[name], train.y, train.weights, signed=True)
        assert row[2] == f"{value:.3f} ± {error:.3f}({on_train:.3f})"
    sizes = cells(table(html, "Events"))
    w = report.test.weights[report.test.y]
    assert sizes["signal, test"] == [
        f"{len(w):,}", f"{w.sum():.4g}", f"{w.sum() ** 2 / (w @ w):,.0f}", f"{(w < 0).mean():.2%}",
    ]  # fmt: skip
    assert list(cells(table(html, "Variables by separation"))) == list(report.ranking().index)
    gaps = cells(table(html, "Training minus test"))
    assert list(gaps) == list(summary.index)
    assert "−" in str(gaps)
    assert "-0" not in str(gaps)


def test_the_gap_comes_before_kolmogorov_and_smirnov_with_their_caveat(html):
    header = [th.text for th in table(html, "Training minus test").one("thead").all("th")]
    assert header[1].startswith("gap of the ROC integral")
    assert "KS" in header[-1]
    section = next(s for s in html.all("section") if s.attributes["aria-labelledby"] == "overtraining")
    assert "it says nothing about how much is lost" in section.text


def test_every_picture_is_whole_and_said_in_words(html):
    figures = list(html.all("figure"))
    assert len(figures) > 20
    said = []
    for figure in figures:
        image = figure.one("img").attributes
        png = Image.open(io.BytesIO(base64.b64decode(image["src"].split(",")[1])))
        png.load()
        assert (str(png.width), str(png.height)) == (image["width"], image["height"])
        assert png.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        assert len(image["alt"]) > 60
        assert re.search(r"\d", image["alt"])
        assert figure.one("figcaption").text
        said.append(image["alt"])
    assert len(set(said)) == len(said)


def test_words_of_curves_and_scores(html, report):
    (said,) = alts(html, "Signal efficiency against background efficiency")
    for name in report.methods:
        area = auc(report.test.scores[name], report.test.y, report.test.weights, signed=True)
        assert f"{name} {area:.3f}" in said
    (said,) = alts(html, "Score of fisher")
    score, test = report.test.scores["fisher"], report.test
    for members in (test.y, ~test.y):
        assert f"{np.average(score[members], weights=test.weights[members]):.4f} ±" in said
    assert "On training events" in said


def test_words_of_a_cut(html, report):
    (said,) = alts(html, "What a cut on old keeps")
    cut = report.summary().loc["old", ("at cut", "value")]
    test = report.test
    kept = [
        test.weights[m & (test.scores["old"] >= cut)].sum() / test.weights[m].sum() for m in (test.y, ~test.y)
    ]
    assert f"at the cut {cut:.3g}, which keeps {100 * kept[0]:.3g} % of the signal" in said
    assert f"{100 * kept[1]:.3g} % of the background" in said


def test_words_of_variables(html, report):
    (said,) = alts(html, "pt, separation")
    test = report.test
    for members in (test.y, ~test.y):
        assert f"{np.average(test.column('pt')[members], weights=test.weights[members]):.1f} ± " in said
    (said,) = alts(html, "Linear correlations of the signal")
    assert "4 variables in the signal" in said
    (said,) = alts(html, "mass of the background in slices of trees")
    assert "third with the lowest scores" in said
    (said,) = alts(html, "ROC integral of trees")
    assert re.search(r"training: from 0\.\d+ at 1 to 0\.\d+ at 8", said)


def test_what_is_said_is_shown(html):
    assert "A doubt." in html.one("aside").text
    assert "of the background have negative weights" in html.one("aside").text
    assert [e.text for e in html.all("li") if e.text == "A note."] == ["A note."]


def test_names_from_a_file_cannot_become_part_of_the_page(tmp_path):
    bad = ["<script>alert(1)</script>", "$x^{", 'a" onload="b & c']
    train, test = events(names=bad), events(seed=2, names=bad)
    x, y = train[bad], train["is_signal"].astype(int)
    methods = {"<img src=x>": LinearDiscriminantAnalysis().fit(x, y)}
    report = evaluate(methods, train, test, weights="w", features=bad)
    page.write(report, tmp_path / "r.html", title="</title><script>", notes=["<b>bold</b>"], doubts=["<i>"])
    html = read(tmp_path / "r.html")
    assert not list(html.all("script"))
    assert not list(html.all("b"))
    assert not list(html.all("i"))
    assert all(set(image.attributes) == {"src", "alt", "width", "height"} for image in html.all("img"))
    assert list(cells(table(html, "Methods on test events"))) == ["<img src=x>"]
    assert set(cells(table(html, "Variables by separation"))) == set(bad)
    assert not [p for p in html.all("p") if p.attributes.get("class") == "missing"]


def test_without_training_events_and_with_one_variable(tmp_path):
    test = events()
    report = evaluate({"pt": "pt"}, None, test, weights="w", features=["pt"])
    html = read(report.to_html(tmp_path / "r.html"))
    anchors = {section.attributes["aria-labelledby"] for section in html.all("section")}
    assert anchors == {"events", "summary", "curves", "methods", "variables", "notes"}
    headings = [h.text for h in html.all("h3")]
    assert headings == ["pt", "Ranking", "Distributions"]


def test_a_picture_that_cannot_be_drawn_says_why():
    def fail(ax):
        raise CourseError("There is no such thing: give another.")

    found = picture(fail, lambda ax: "words", "A picture.")
    assert (found.uri, found.words, found.caption) == (
        "",
        "There is no such thing: give another.",
        "A picture",
    )
    found = picture(lambda ax: ax.plot([0, 1]), lambda ax: "words", "A picture.", size=(2, 1))
    assert (found.width, found.height) == (240, 120)


def test_a_page_is_written_in_one_step(report, tmp_path, monkeypatch):
    path = tmp_path / "r.html"
    path.write_text("old")

    def fail(*arguments, **options):
        raise CourseError("no")

    with monkeypatch.context() as patched:
        patched.setattr(page, "render", fail)
        with pytest.raises(CourseError):
            page.write(report, path)
    with monkeypatch.context() as patched:
        patched.setattr(page, "render", lambda *_, **__: "new")
        patched.setattr(
            "os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(CourseError, match="No space left on device"):
            page.write(report, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_is_looked_at_before_anything_is_drawn(report, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "render", lambda *_, **__: pytest.fail("drawn"))
    with pytest.raises(CourseError, match="does not exist"):
        report.to_html(tmp_path / "none" / "r.html")


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    for path, said in (
        (tmp_path / "none" / "r.html", "does not exist: make it, or write r.html elsewhere"),
        (tmp_path / "file" / "r.html", "is no folder"),
        (tmp_path, "is a folder: give the name of a file in it"),
    ):
        with pytest.raises(CourseError, match=said):
            page.require_place(path)


def test_the_most_correlated_pairs_are_drawn(tmp_path, monkeypatch):
    both = [events(), events(seed=2)]
    for part in both:
        part["et"] = 1.1 * part["pt"] + part["eta"]
    report = made(*both, ["pt", "eta", "njet", "et"])
    asked = []
    monkeypatch.setattr(type(report), "plot_profile", lambda self, x, y, of, ax: asked.append((x, y, of)))
    monkeypatch.setattr(words, "profile", lambda report, x, y, of: f"{x} {y} {of}")
    html = read(page.write(report, tmp_path / "r.html"))
    assert asked[:2] == [("pt", "et", "signal"), ("pt", "et", "background")]
    assert alts(html, "et against pt in the signal, correlation 1") == ["pt et signal"]
    assert "pt and et say the same, they are correlated by" in html.one("aside").text


@pytest.mark.slow
def test_thirty_variables_stay_below_five_megabytes(tmp_path):
    rng = np.random.default_rng(3)

    def sample():
        signal = np.arange(3000) % 2 == 0
        columns = {f"variable_{k:02d}": rng.normal(size=3000) + 0.03 * k * signal for k in range(30)}
        return pd.DataFrame({**columns, "is_signal": signal})

    report = evaluate({"a": "variable_29", "b": "variable_20", "c": "variable_10"}, sample(), sample())
    html = page.write(report, tmp_path / "r.html")
    assert html.stat().st_size < 2_500_000  # 30 distributions, 4 matrices and 16 more; allowed are five


# -- what to distrust -----------------------------------------------------------------------------


def doubted(**columns):
    both = [events(), events(seed=2)]
    for part in both:
        for name, make in columns.items():
            part[name] = make(part)
    names = ["pt", *[n for n in columns if n not in ("w", "old")]]
    report = evaluate({"old": "old"}, *both, weights="w", features=names)
    return page.Numbers.of(report).doubts


def test_clean_events_raise_no_doubt():
    assert doubted(w=lambda t: 1.0) == []


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (
            {"leak": lambda t: t["is_signal"] * 2.0},
            "leak alone tells signal from background without any error",
        ),
        ({"leak": lambda t: t["pt"] - 1e4 * t["is_signal"]}, "leak alone tells signal from background"),
        ({"tau": lambda t: np.where(t["eta"] > 0, -999.0, t["pt"] % 7)}, "tau is -999 in 5"),
        (
            {"EventId": lambda t: np.arange(len(t)) * 3.0},
            "EventId is a different whole number in every event",
        ),
        ({"again": lambda t: -2 * t["pt"]}, "pt and again say the same"),
        ({"old": lambda t: -t["old"]}, "old has a ROC integral below one half"),
        ({"old": lambda t: t["is_signal"] + 0.0}, "old makes no error at all"),
        ({"w": lambda t: t["njet"] * 1.0}, "test events have weight 0"),
        ({"w": lambda t: np.exp(4 * t["eta"])}, "is worth only"),
        ({"w": lambda t: np.where(t["mass"] > 60, 1, -0.1)}, "have negative weights"),
    ],
)
def test_doubts(columns, said):
    found = doubted(**columns)
    assert any(said in doubt for doubt in found), found


def test_a_method_that_knows_its_training_events_is_doubted():
    both = [events(), events(seed=2)]
    x, y = both[0][["pt", "eta"]], both[0]["is_signal"].astype(int)
    method = HistGradientBoostingClassifier(max_iter=200, min_samples_leaf=1, random_state=0).fit(x, y)
    report = evaluate({"trees": method}, *both, features=["pt", "eta"])
    assert any("trees knows its training events" in doubt for doubt in page.Numbers.of(report).doubts)


def test_drawn_curves_are_read_off_the_axes():
    ax = Figure().add_subplot()
    ax.plot([1, 2, 4], [0.5, 0.7, 0.9], label="training")
    ax.plot([1, 2, 4], [0.5, 0.6, 0.65], label="_hidden")
    ax.errorbar([1, 4], [0.5, 0.8], [0.1, 0.1], label="test")
    said = words.lines(ax, "Curves.")
    assert said == "Curves. test: from 0.5 at 1 to 0.8 at 4. training: from 0.5 at 1 to 0.9 at 4."
