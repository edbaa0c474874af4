"""The command ``hepml``: it reads arguments and calls the module that does the work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hepml_course.errors import CourseError

app = typer.Typer(
    help="The course on machine learning for high-energy physics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data = typer.Typer(help="The datasets and trained models of the course.", no_args_is_help=True)
app.add_typer(data, name="data")

Lessons = Annotated[
    list[str] | None, typer.Argument(metavar="[LESSON]...", help="Such as 02, or perceptron.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result there, too.")]


@app.command()
def lab(
    browser: Annotated[
        bool | None, typer.Option("--browser/--no-browser", help="Open it, or only print the address.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Where to serve; if taken, the next one.")] = None,
) -> None:
    """Open JupyterLab on the course."""
    from hepml_course import lab

    lab.start(browser, port)


@app.command()
def build(
    lessons: Lessons = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail at the first difference.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Execute also what has not changed.")] = False,
) -> None:
    """Make notebooks, exercises, solutions and tables from lessons/."""
    from hepml_course import build, pages

    if check:
        build.check(lessons)
        pages.check()
        return
    build.build(lessons, force=force)
    for page in pages.write():
        typer.echo(f"{page.name}: written")


@app.command()
def run(
    lessons: Lessons = None,
    jobs: Annotated[int, typer.Option(min=1, help="Lessons at the same time.")] = 1,
    json: JsonFile = None,
) -> None:
    """Execute notebooks in fresh kernels, with time and memory."""
    from hepml_course import run

    raise typer.Exit(run.run(lessons, jobs, json))


@app.command()
def train(
    lesson: Annotated[str, typer.Argument(metavar="LESSON", help="Such as 15, or many_tracks.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which of its models; all, by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Start again, whatever there is already.")] = False,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where models/ lies; datasets/ by default.")
    ] = None,
) -> None:
    """Train the models of a lesson that the course ships; goes on where it was stopped."""
    from hepml_course import models

    models.train(lesson, names, folder, force=force)


@app.command()
def doctor() -> None:
    """Look at this machine and say what is missing."""
    from hepml_course import doctor, terminal

    raise typer.Exit(terminal.show_findings((finding.name, finding) for finding in doctor.findings()))


@app.command()
def claims(json: JsonFile = None) -> None:
    """Published numbers, ours, and the verdict."""
    from hepml_course import claims, terminal

    rows = claims.collect()
    terminal.show_claims(rows)
    if json:
        claims.save(rows, json)


@app.command()
def report(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="ROOT, CSV or Parquet.")],
    signal: Annotated[
        str, typer.Option(help="A condition such as 'label == 1', a tree, or one of several files.")
    ],
    background: Annotated[
        str | None, typer.Option(help="The same for background; everything else by default.")
    ] = None,
    weight: Annotated[str | None, typer.Option(help="Column or formula of the event weight.")] = None,
    features: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Inputs; by default all other columns of numbers.")
    ] = None,
    tree: Annotated[str | None, typer.Option(help="The tree of a ROOT file that holds several.")] = None,
    spectators: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Columns to watch that nothing is trained with.")
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Of cuts,likelihood,fisher,bdt,mlp; all, or none with --score."),
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="A score that exists already; repeatable.")
    ] = None,
    select: Annotated[str | None, typer.Option(help="Condition that every event has to pass.")] = None,
    split: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Even numbers train, odd ones test: eventNumber.")
    ] = None,
    every: Annotated[
        int, typer.Option(min=1, help="Keep one event of so many, with its weight times it.")
    ] = 1,
    drop_nan: Annotated[bool, typer.Option("--drop-nan", help="Leave out events with NaN.")] = False,
    output: Annotated[Path, typer.Option(metavar="FILE", help="The page.")] = Path("report.html"),
    title: Annotated[str | None, typer.Option(help="Title of the page.")] = None,
    json: JsonFile = None,
) -> None:
    """Train on two classes of events in a file, and write everything that judges it into one page."""
    from hepml_course.report import command
    from hepml_course.report.question import Question

    question = Question(
        files, signal, background, weight, command.split_list(features), tree,
        command.split_list(spectators) or (), score or (), select, split, every, drop_nan,
    )  # fmt: skip
    chosen = command.split_list(methods)
    command.run(question, methods=chosen, output=output, title=title, json_file=json)


@data.command("list")
def list_() -> None:
    """Show datasets and trained models, and where they are."""
    from hepml_course import data, models, terminal

    raise typer.Exit(terminal.show_datasets([*data.catalogue(), *models.catalogue()]))


@data.command()
def verify() -> None:
    """Compare every file with the checksum on its card."""
    from hepml_course import data, models, terminal

    found = [*data.verify(), *models.verify()]
    raise typer.Exit(terminal.show_findings((finding.file, finding) for finding in found))


@data.command()
def make(
    samples: Annotated[
        list[str] | None, typer.Argument(metavar="[SAMPLE]...", help="All, by default.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one per core by default.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the files go; datasets/ by default.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to run on.")] = None,
) -> None:
    """Generate the datasets again from their seeds."""
    from hepml_course.simulate import production

    production.make(samples, jobs=jobs, folder=folder, scheduler=scheduler)


def main() -> None:
    """Run the command; an error meant for the user is one sentence on stderr."""
    try:
        app(prog_name="hepml")
    except CourseError as error:
        from rich.console import Console

        Console(stderr=True, highlight=False, soft_wrap=True).print(str(error), style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
