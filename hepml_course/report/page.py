"""The report as one HTML page: opens from disk, needs no network and no script, and can be printed.

>>> report.to_html("report.html")  # doctest: +SKIP
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from numpy.typing import NDArray

from hepml_course.claims import number
from hepml_course.errors import CourseError
from hepml_course.files import replace_file
from hepml_course.metrics import Estimate, correlation
from hepml_course.report import words
from hepml_course.report.doubts import doubts as found_doubts
from hepml_course.report.pictures import Picture, picture
from hepml_course.report.summary import KS_CAVEAT, Shown

if TYPE_CHECKING:
    from hepml_course.report.evaluation import Report

MOST_VARIABLES = 40  # that get a picture
MOST_SPECTATORS = 24  # pictures of spectators
PAIRS = 4  # of correlated variables that are drawn
CORRELATED = 0.1  # at least
WIDE = 12  # variables whose matrix of correlations fits half of the page
_ON_TRAINING = " (train)"
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "xgboost", "lightgbm", "keras", "tensorflow", "matplotlib")

Tick = Callable[[str], None]


@dataclass
class Table:
    """A table in words: a caption, a name for the first column, the other columns, and rows."""

    caption: str
    corner: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]


@dataclass
class Section:
    """A part of the page under a heading."""

    title: str
    anchor: str
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)
    layout: str = ""  # of the pictures: small ones side by side, "large", or "full" width


@dataclass
class Numbers:
    """The tables of a report, made once; None where there is nothing to put in.

    Attributes
    ----------
    summary, overtraining, ranking : Shown or None
    correlations : dict of str to ndarray, shape (k, k)
        Linear ones of features and spectators in signal and background; none for a single variable.
    doubts : list of str
        What to distrust.
    """

    summary: Shown
    overtraining: Shown | None
    ranking: Shown | None
    correlations: dict[str, NDArray]
    doubts: list[str]

    @classmethod
    def of(cls, report: Report, tick: Tick = lambda what: None) -> Numbers:
        """Make them."""
        tick("summary")
        summary = report.summary()
        overtraining = None if report.train is None else report.overtraining()
        if overtraining is not None:
            order = [name for name in summary.index if name in overtraining.index]
            overtraining = Shown(overtraining.loc[order]) if order else None
        tick("ranking of variables")
        ranking = report.ranking() if report.test.features else None
        tick("correlations")
        linear = (
            {of: _matrix(report, of, "linear") for of in words.CLASSES} if len(_watched(report)) > 1 else {}
        )
        doubts = found_doubts(report, summary, overtraining, linear)
        return cls(summary, overtraining, ranking, linear, doubts)


def write(
    report: Report,
    path: str | Path,
    *,
    title: str = "Evaluation of classifiers",
    notes: Sequence[str] = (),
    doubts: Sequence[str] = (),
    numbers: Numbers | None = None,
    tick: Tick = lambda what: None,
) -> Path:
    """Write the page in one step; a page that stood there before is replaced.

    Parameters
    ----------
    report : Report
    path : str or Path
        Its folder must exist.
    title : str
    notes, doubts : sequence of str
        Sentences about what was done, and about what to distrust, that the report cannot know.
    numbers : Numbers, optional
        The report's tables, if they are there already.
    tick : callable
        Is told what is drawn next.

    Raises
    ------
    CourseError
        If the page cannot be written there.
    """
    path = Path(path)
    require_place(path)
    numbers = numbers or Numbers.of(report)
    html = render(report, numbers, title=title, notes=notes, doubts=doubts, tick=tick)
    try:
        replace_file(path, html.encode())
    except OSError as problem:
        raise CourseError(
            f"Cannot write {path}: {problem.strerror or problem}. Make room or allow it, then try again."
        ) from None
    return path


def require_place(path: Path) -> None:
    """Raise a `CourseError` unless a file can be made at ``path``, before hours of work are lost."""
    import os

    folder = path.parent
    if not folder.exists():
        raise CourseError(f"The folder {folder} does not exist: make it, or write {path.name} elsewhere.")
    if not folder.is_dir():
        raise CourseError(f"{folder} is no folder: write {path.name} elsewhere.")
    if path.is_dir():
        raise CourseError(f"{path} is a folder: give the name of a file in it.")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise CourseError(f"{path} cannot be written: allow it, or choose another folder.")


def render(
    report: Report,
    numbers: Numbers,
    *,
    title: str,
    notes: Sequence[str] = (),
    doubts: Sequence[str] = (),
    tick: Tick = lambda what: None,
) -> str:
    """The page as text; parameters as in `write`."""
    summary = numbers.summary
    sections = [
        _events(report),
        _summary(report, summary),
        *_training(numbers.overtraining),
        _curves(report, summary, tick),
        _methods(report, summary, tick),
        *_variables(report, numbers, tick),
        *_spectators(report, summary, tick),
        _notes(report, notes),
    ]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    environment.filters |= {"symbols": _symbols, "lines": _lines}
    return environment.get_template("page.html.jinja").render(
        title=title,
        made=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        version=_version("hepml-course"),
        versions=_versions(),
        doubts=[*doubts, *numbers.doubts],
        sections=sections,
    )


def _lines(cell: str) -> Markup:
    """A cell for HTML; what stands in its second line is smaller."""
    first, _, second = cell.partition("\n")
    return escape(first) + (Markup("<br><small>{}</small>").format(second) if second else Markup())


def _symbols(text: str) -> Markup:
    """Text for HTML, in which ε_S and ε_B have their index below."""
    return Markup(re.sub("ε_([SB])", r"ε<sub>\1</sub>", str(escape(text))))


# -- numbers --------------------------------------------------------------------------------------


def _events(report: Report) -> Section:
    rows = []
    for sample, name in ((report.train, "training"), (report.test, "test")):
        for of, size in ({} if sample is None else sample.sizes()).items():
            cells = [
                f"{size['rows']:,}", _large(size["sum of weights"]), f"{size['effective']:,.0f}",
                f"{size['negative']:.2%}",
            ]  # fmt: skip
            rows.append((f"{of}, {name}", cells))
    columns = ["events", "sum of weights", "effective events", "with negative weight"]
    signal, background = report.expected
    return Section(
        "Events", "events",
        paragraphs=[
            "The effective number, (Σw)² / Σw², is that of events of weight 1 with the same relative "
            f"uncertainty. Significances are for {_large(signal)} signal and {_large(background)} background "
            "events before any cut.",
        ],
        tables=[Table("Events", "sample", columns, _minus(rows))],
    )  # fmt: skip


def _large(value: float) -> str:
    """A number of events, whole where there are many."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _summary(report: Report, summary: Shown) -> Section:
    explained = (
        "Methods by their ROC integral on test events, best first. ε_S is the signal efficiency where the "
        "background efficiency ε_B is what is said; in brackets, on training events. The separation ⟨S²⟩ is "
        "0 for equal and 1 for disjoint distributions of the score. Z is the expected significance of the "
        "best cut without systematic uncertainty, where at least ten effective background events are left."
    )
    return Section("Summary", "summary", [explained], [_table("Methods on test events", "method", summary)])


def _training(overtraining: Shown | None) -> list[Section]:
    if overtraining is None:
        return []
    explained = (
        "Training minus test. A gap within its uncertainty says that nothing is lost; a gap beyond it says "
        "that numbers from training events are too good, not that the method is bad."
    )
    table = _table("Training minus test", "method", overtraining)
    return [Section("Overtraining", "overtraining", [explained, KS_CAVEAT], [table])]


def _notes(report: Report, notes: Sequence[str]) -> Section:
    points = [
        *notes,
        "Uncertainties are statistical, one standard deviation, from the number of test events. They do not "
        "know of the spread from training again, nor of any difference between simulation and data.",
        "The significance counts events above the cut and has no systematic uncertainty.",
        "The importance of a variable is what a method loses when the variable is shuffled among events. Of "
        "two variables that say the same, neither looks important.",
        "Scores compared here were judged on the same test events, so that differences between methods are "
        "known better than each of them.",
    ]
    return Section("What was done", "notes", points=points)


def _table(caption: str, corner: str, shown: Shown) -> Table:
    """As the table prints, with the value on training events in brackets below that on test events."""
    text = shown.text()
    for name in [name for name in text.columns if name.endswith(_ON_TRAINING)]:
        training = text.pop(name)
        text[name.removesuffix(_ON_TRAINING)] += training.map(lambda cell: f"\n({cell})" if cell else "")
    rows = [
        (str(name), [str(cell) for cell in row])
        for name, row in zip(text.index, text.to_numpy(), strict=True)
    ]
    return Table(caption, corner, [str(c) for c in text.columns], _minus(rows))


def _minus(rows: Iterable[tuple[str, list[str]]]) -> list[tuple[str, list[str]]]:
    return [(name, [re.sub(r"(?<!\w)-(?=\d)", "−", cell) for cell in cells]) for name, cells in rows]


# -- pictures -------------------------------------------------------------------------------------


def _curves(report: Report, summary: Shown, tick: Tick) -> Section:
    tick("ROC curves")
    drawn = [
        (report.plot_roc, {}, "Signal efficiency against background efficiency"),
        (report.plot_rejection, {}, "Background rejection 1 − ε_B against signal efficiency"),
        (
            report.plot_rejection,
            {"log": True},
            "Background rejection 1/ε_B, logarithmic, against signal efficiency",
        ),
    ]
    pictures = [
        picture(
            lambda ax, plot=plot, options=options: plot(ax=ax, **options),
            lambda ax, what=what: words.curves(report, summary, what),
            f"{what}, on test events.",
        )
        for plot, options, what in drawn
    ]
    return Section("ROC curves", "curves", pictures=pictures, layout="large")


def _methods(report: Report, summary: Shown, tick: Tick) -> Section:
    parts = []
    for place, name in enumerate(summary.index, start=1):
        tick(name)
        parts.append(
            Section(str(name), f"method-{place}", pictures=_of_method(report, summary, name), layout="large")
        )
    return Section("Methods one by one", "methods", parts=parts)


def _of_method(report: Report, summary: Shown, name: str) -> list[Picture]:
    pictures = [
        picture(
            lambda ax: report.plot_scores(name, ax=ax),
            lambda ax: words.scores(report, name),
            f"Score of {name}.",
        ),
        picture(
            lambda ax: report.plot_cuts(name, ax=ax),
            lambda ax: words.cuts(report, summary, name),
            f"What a cut on {name} keeps.",
        ),
    ]
    stages = report.stages(name)
    if stages == "boosting":
        begin = f"ROC integral of {name} against the number of trees."
        pictures.append(
            picture(lambda ax: report.plot_boosting(name, ax=ax), lambda ax: words.lines(ax, begin), begin)
        )
    if stages == "learning":
        begin = f"Loss of {name} against the epoch."
        pictures.append(
            picture(lambda ax: report.plot_learning(name, ax=ax), lambda ax: words.lines(ax, begin), begin)
        )
    if report.is_probability(name):
        pictures.append(
            picture(
                lambda ax: report.plot_calibration(name, ax=ax),
                lambda ax: words.calibration(report, name),
                f"Is the score of {name} a probability? A method trained with another share of signal than "
                "that of these events lies off the diagonal.",
            )
        )
    return pictures


def _variables(report: Report, numbers: Numbers, tick: Tick) -> list[Section]:
    if numbers.ranking is None:
        return []
    parts = [_ranking(numbers.ranking, tick), _inputs(report, numbers.ranking, tick)]
    if numbers.correlations:
        parts += [_correlations(report, numbers, tick), _profiles(report, numbers, tick)]
    return [Section("Variables", "variables", parts=parts)]


def _ranking(ranking: Shown, tick: Tick) -> Section:
    from hepml_course.plot import ranking_bars

    explained = (
        "By the separation of signal and background before any training. The loss of a method is that of its "
        "ROC integral when the variable is shuffled among the test events."
    )
    pictures = []
    for what in dict.fromkeys(what for what, _ in ranking.columns):
        tick(what)
        order = ranking.sort_values((what, "value"), ascending=False).head(MOST_VARIABLES)
        names = [str(name) for name in order.index]
        values, errors = (order[(what, part)].to_numpy(dtype=float) for part in ("value", "±"))
        estimates = [Estimate(*pair) for pair in zip(values, errors, strict=True)]
        label = (
            what if what.startswith("separation") else f"ROC integral lost by {what.removeprefix('loss ')}"
        )
        pictures.append(
            picture(
                lambda ax, n=names, v=values, e=errors, label=label: ranking_bars(
                    n, v, e, label=label, ax=ax
                ),
                lambda ax, n=names, v=estimates, label=label: words.bars(n, v, label),
                f"Variables by {label}.",
                size=(4.6, max(2.2, 1 + 0.22 * len(names))),
            )
        )
    table = _table("Variables by separation", "variable", ranking)
    return Section("Ranking", "ranking", [explained], [table], pictures)


def _inputs(report: Report, ranking: Shown, tick: Tick) -> Section:
    names = list(ranking.index)
    what = ranking.columns[0][0]
    pictures = []
    for name in names[:MOST_VARIABLES]:
        tick(name)
        apart = Estimate(ranking.loc[name, (what, "value")], ranking.loc[name, (what, "±")])
        pictures.append(
            picture(
                lambda ax, name=name: report.plot_inputs(name, ax=ax),
                lambda ax, name=name, apart=apart: words.inputs(report, name, apart),
                f"{name}, separation {number(*apart)}.".replace(" -", " −"),
                size=(4.6, 3.9),
            )
        )
    left = len(names) - len(pictures)
    said = [f"The {left} variables with the least separation are not drawn."] if left > 0 else []
    return Section("Distributions", "inputs", said, pictures=pictures)


def _correlations(report: Report, numbers: Numbers, tick: Tick) -> Section:
    names = _watched(report)
    side = min(max(4.4, 2.2 + 0.32 * len(names)), 11)
    pictures = []
    for kind in ("linear", "rank"):
        for of in words.CLASSES:
            tick(f"{kind} correlations of the {of}")
            matrix = numbers.correlations[of] if kind == "linear" else _matrix(report, of, kind)
            pictures.append(
                picture(
                    lambda ax, of=of, kind=kind: report.plot_correlations(of, kind=kind, ax=ax),
                    lambda ax, of=of, kind=kind, matrix=matrix: words.correlations(names, matrix, of, kind),
                    f"{kind.capitalize()} correlations of the {of}.",
                    size=(side + 0.6, side),
                )
            )
    layout = "large" if len(names) <= WIDE else "full"
    return Section("Correlations", "correlations", pictures=pictures, layout=layout)


def _profiles(report: Report, numbers: Numbers, tick: Tick) -> Section:
    """The most correlated pairs, in both classes."""
    names, linear = _watched(report), numbers.correlations
    matrix = np.fmax(*(np.abs(linear[of]) for of in words.CLASSES))
    pictures = []
    for i, j in words.strongest(matrix, PAIRS, least=CORRELATED):
        x, y = names[i], names[j]
        for of in words.CLASSES:
            tick(f"{y} against {x}")
            percent = f"{100 * linear[of][i, j]:.0f} %".replace("-", "−")
            pictures.append(
                picture(
                    lambda ax, x=x, y=y, of=of: report.plot_profile(x, y, of=of, ax=ax),
                    lambda ax, x=x, y=y, of=of: words.profile(report, x, y, of),
                    f"{y} against {x} in the {of}, correlation {percent}.",
                )
            )
    if not pictures:
        said = f"No two variables are correlated by more than {CORRELATED:.0%}."
    else:
        said = (
            "The most correlated pairs. A coefficient knows only how far the mean follows a straight line; "
            "here is what it does."
        )
    return Section("Profiles", "profiles", [said], pictures=pictures, layout="large")


def _watched(report: Report) -> list[str]:
    return [*report.test.features, *report.test.spectators]


def _matrix(report: Report, of: str, kind: str) -> NDArray:
    """Correlations of features and spectators in one class, shape (k, k)."""
    test = report.test
    members = test.y if of == "signal" else ~test.y
    values = test.table.loc[members, _watched(report)].to_numpy(dtype=float)
    return correlation(values, test.weights[members], kind, signed=True)


def _spectators(report: Report, summary: Shown, tick: Tick) -> list[Section]:
    spectators = report.test.spectators
    if not spectators:
        return []
    pictures = []
    pairs = [(name, method) for name in spectators for method in summary.index]
    for name, method in pairs[:MOST_SPECTATORS]:
        tick(name)
        pictures.append(
            picture(
                lambda ax, name=name, method=method: report.plot_spectator(name, method, ax=ax),
                lambda ax, name=name, method=method: words.spectator(report, name, method, "background"),
                f"{name} of the background in slices of {method}.",
                size=(4.6, 3.6),
            )
        )
    said = [
        "No method was trained with these. Where the shape of the background changes with the score, a cut "
        "on the score sculpts it, and a peak may appear where none is."
    ]
    return [Section("Spectators", "spectators", said, pictures=pictures)]


# -- versions -------------------------------------------------------------------------------------


def _versions() -> list[str]:
    """Of the package, of Python and of the libraries that are in use."""
    names = {"scikit-learn": "sklearn"}
    used = [name for name in _LIBRARIES if names.get(name, name) in sys.modules]
    found = [f"hepml-course {_version('hepml-course')}", f"Python {platform.python_version()}"]
    return found + [f"{name} {_version(name)}" for name in used]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # xgboost's wheel for CPUs is called otherwise
        return str(getattr(sys.modules.get(name), "__version__", ""))
