"""``hepml report``: from a file to a page through the real command line, and every way to refuse."""

import json
import subprocess
import sys

import awkward as ak
import numpy as np
import pandas as pd
import pytest
import uproot

from hepml_course import cli
from hepml_course.metrics import auc
from hepml_course.report import command, sanity
from hepml_course.report.command import split_list

NEEDED = ["--signal", "type == 's'", "--weight", "w", "--features", "pt,eta"]


def table(n=800, seed=1):
    rng = np.random.default_rng(seed)
    signal = rng.random(n) < 0.4
    return pd.DataFrame(
        {
            "eventNumber": np.arange(n) * 3 + 1,
            "pt": rng.exponential(30, n) + 25 * signal,
            "eta": rng.normal(size=n) * np.where(signal, 0.7, 1.3),
            "mass": rng.normal(90, 5, n),
            "w": rng.uniform(0.5, 1.5, n),
            "old": rng.normal(size=n) + signal,
            "type": np.where(signal, "s", "b"),
        }
    )


@pytest.fixture
def hepml(monkeypatch, capsys, tmp_path):
    """Run ``hepml report`` in an empty folder: exit code, standard output, standard error."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["hepml", "report", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    call.folder = folder
    return call


@pytest.fixture
def csv(tmp_path):
    def make(there=None, name="events.csv"):
        (table() if there is None else there).to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return make


@pytest.fixture
def root(tmp_path):
    def make(trees, name="events.root"):
        with uproot.recreate(tmp_path / name) as opened:
            for tree, there in trees.items():
                columns = {c: there[c].to_numpy() for c in there if c != "type"}
                opened.mktree(tree, {c: v.dtype for c, v in columns.items()}).extend(columns)
        return tmp_path / name

    return make


# -- what it makes --------------------------------------------------------------------------------


def test_a_csv_file_becomes_a_page(hepml, csv):
    code, out, err = hepml(
        csv(), *NEEDED, "--spectators", "mass", "--split", "eventNumber", "--methods", "fisher,bdt",
        "--score", "old", "--json", "numbers.json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert sorted(path.name for path in hepml.folder.iterdir()) == ["numbers.json", "report.html"]
    page = (hepml.folder / "report.html").read_text(encoding="utf-8")
    numbers = json.loads((hepml.folder / "numbers.json").read_text(encoding="utf-8"))
    assert set(numbers["summary"]) == {"fisher", "bdt", "old"}
    there = table()
    test = there[there["eventNumber"] % 2 == 1]
    area = auc(test["old"], test["type"] == "s", test["w"])
    found = numbers["summary"]["old"]["ROC integral"]
    assert found["value"] == pytest.approx(area.value, abs=1e-9)
    assert found["±"] == pytest.approx(area.error, rel=1e-6)
    assert f"{area:.3f}" in out
    assert f"{area:.3f}" in page
    assert "2 features: pt, eta." in out
    assert out.endswith("report.html is written: open it in a browser.\n")
    assert numbers["events"]["test"]["signal"]["rows"] == int((test["type"] == "s").sum())
    assert set(numbers["ranking"]) == {"pt", "eta"}
    assert set(numbers["overtraining"]) == {"fisher", "bdt", "old"}
    for name in ("fisher", "bdt"):
        assert numbers["summary"][name]["ROC integral"]["value"] > 0.75


@pytest.mark.slow
def test_two_trees_and_all_methods(hepml, root):
    there = table(1200)
    signal = there["type"] == "s"
    path = root({"TreeS": there[signal], "d/TreeB": there[~signal]})
    code, out, err = hepml(
        path, "--signal", "TreeS", "--background", "TreeB", "--weight", "w",
        "--features", "pt, eta, hypot(pt, eta)", "--title", "Mine & <yours>", "--output", "my.html",
    )  # fmt: skip
    assert (code, err) == (0, "")
    page = (hepml.folder / "my.html").read_text(encoding="utf-8")
    assert "<title>Mine &amp; &lt;yours&gt;</title>" in page
    for name in command.METHODS:
        assert f">{name}</h3>" in page
        assert f"\n{name} " in out
    assert "3 features: pt, eta, hypot(pt, eta)." in out
    assert "To distrust: Events were split by their place in the file" in out


@pytest.mark.parametrize(
    ("many", "title"), [(1, "0.csv"), (2, "0.csv and 1.csv"), (5, "0.csv, 1.csv, 2.csv and 2 more")]
)
def test_the_title_names_the_files(hepml, csv, many, title):
    files = [csv(table(seed=k), f"{k}.csv") for k in range(many)]
    assert hepml(*files, *NEEDED, "--score", "old")[0] == 0
    page = (hepml.folder / "report.html").read_text(encoding="utf-8")
    assert f"<title>Evaluation of {title}</title>" in page


def test_scores_alone_train_nothing(hepml, csv, monkeypatch):
    monkeypatch.setattr("hepml_course.methods.standard", lambda names: pytest.fail("trained"))
    code, out, _ = hepml(csv(), *NEEDED, "--score", "old", "--score", "-1 * eta")
    assert code == 0
    assert "\nold " in out
    assert "\n-1 * eta " in out


def test_the_same_file_gives_the_same_numbers(hepml, csv):
    for name in ("a", "b"):
        hepml(csv(), *NEEDED, "--methods", "bdt", "--json", f"{name}.json", "--output", f"{name}.html")
    a, b = ((hepml.folder / f"{name}.json").read_text() for name in "ab")
    assert a == b


def test_a_method_that_cannot_be_trained_is_left_out_and_named(hepml, csv, monkeypatch):
    from hepml_course.methods import standard

    class Broken:
        def fit(self, x, y, sample_weight=None):
            raise ValueError("it does not like\nthese events")

    monkeypatch.setattr(
        "hepml_course.methods.standard", lambda names: {**standard(["fisher"]), "cuts": Broken()}
    )
    code, out, _ = hepml(csv(), *NEEDED, "--methods", "fisher,cuts")
    assert code == 0
    assert "To distrust: cuts could not be trained and is left out: it does not like." in out
    monkeypatch.setattr("hepml_course.methods.standard", lambda names: {"cuts": Broken()})
    (hepml.folder / "report.html").unlink()
    code, out, err = hepml(csv(), *NEEDED, "--methods", "cuts")
    assert (code, out) == (1, "")
    assert "cuts could not be trained" in err
    assert not list(hepml.folder.iterdir())


def test_training_sees_balanced_weights_and_only_even_events(hepml, csv, monkeypatch):
    seen = []

    class Spy:
        def fit(self, x, y, sample_weight):
            seen.append((x, y, sample_weight))
            self.feature_names_in_ = list(x.columns)
            return self

        def decision_function(self, x):
            return x["pt"].to_numpy()

    monkeypatch.setattr("hepml_course.methods.standard", lambda names: {"bdt": Spy()})
    assert hepml(csv(), *NEEDED, "--split", "eventNumber", "--methods", "bdt")[0] == 0
    ((x, y, w),) = seen
    there = table()
    even = there[there["eventNumber"] % 2 == 0]
    assert list(x.columns) == ["pt", "eta"]
    np.testing.assert_allclose(x["pt"], even["pt"])
    assert y.tolist() == (even["type"] == "s").astype(int).tolist()
    assert w[y == 1].sum() == pytest.approx(w[y == 0].sum())
    assert w.mean() == pytest.approx(1)
    np.testing.assert_allclose(w[y == 1] / w[y == 1][0], even["w"][y == 1] / even["w"][y == 1].iloc[0])


def test_trees_get_all_events_with_their_negative_weights(hepml, csv, monkeypatch):
    seen = []

    def fit(method, x, y, w):
        seen.append((len(x), (w < 0).sum()))
        return method.fit(x, y, sample_weight=w)

    monkeypatch.setattr(command, "fit", fit)
    there = table()
    there.loc[::15, "w"] *= -1
    code, out, _ = hepml(csv(there), *NEEDED, "--split", "eventNumber", "--methods", "bdt")
    even = there[there["eventNumber"] % 2 == 0]
    assert (code, seen) == (0, [(len(even), (even["w"] < 0).sum())])
    assert seen[0][1] > 0
    assert "could not be trained" not in out


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (None, None),
        ("", []),
        ("a", ["a"]),
        ("a, b,c ,", ["a", "b", "c"]),
        ("hypot(a, b), c", ["hypot(a, b)", "c"]),
        ("`a,b`, c", ["`a,b`", "c"]),
        ("x in ('a', 'b'), y", ["x in ('a', 'b')", "y"]),
    ],
)
def test_lists_are_split_at_their_own_commas(text, parts):
    assert split_list(text) == parts


def test_in_a_process_of_its_own(csv, tmp_path):
    """Without a terminal nothing is said on standard error, and the page stands where it was asked for."""
    done = subprocess.run(
        [sys.executable, "-m", "hepml_course", "report", csv(), *NEEDED, "--score=old", "--output=o.html"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "o.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


# -- what it refuses ------------------------------------------------------------------------------


@pytest.fixture
def refused(hepml):
    """Run a command that has to fail: one sentence, exit code 1, nothing written; returns the sentence."""

    def call(*arguments):
        code, out, err = hepml(*arguments)
        assert (code, out) == (1, ""), err
        assert len(err.splitlines()) == 1
        assert err.endswith(".\n")
        assert "Traceback" not in err
        assert not list(hepml.folder.iterdir())
        return err.strip()

    return call


def test_no_such_file(refused, csv):
    path = csv().with_name("evnts.csv")
    assert refused(path, *NEEDED) == f"{path} does not exist (did you mean events.csv?)."


def test_not_a_root_file(refused, tmp_path):
    path = tmp_path / "x.root"
    path.write_text("pt,eta\n1,2\n")
    assert refused(path, *NEEDED) == f"{path} is not a ROOT file: copy or make it again."


def test_a_damaged_root_file(refused, root):
    path = root({"t": table()})
    path.write_bytes(path.read_bytes()[:-500])
    assert f"{path} is truncated" in refused(path, "--signal", "old > 0")


def test_a_damaged_csv_file(refused, csv):
    path = csv()
    path.write_text(path.read_text()[:-20])
    assert f"{path} is damaged, line 801 has" in refused(path, *NEEDED)


def test_no_such_tree(refused, root):
    path = root({"events": table(), "other": table()})
    said = refused(path, "--signal", "old > 0", "--tree", "nothing")
    assert said == f"{path} has no tree nothing; it has events and other."


def test_a_jagged_branch(refused, tmp_path):
    n = 100
    with uproot.recreate(tmp_path / "j.root") as opened:
        opened.mktree("t", {"y": "i4", "jets": "var * float64"}).extend(
            {"y": np.arange(n) % 2, "jets": ak.Array([[1.0], [2.0, 3.0]] * (n // 2))}
        )
    said = refused(tmp_path / "j.root", "--signal", "y == 1", "--features", "jets")
    assert f"jets in the tree t of {tmp_path / 'j.root'} is of the type double[]" in said


def test_wrong_values(refused, csv):
    there = table()
    there.loc[:2, "pt"] = np.nan
    there.loc[3, "pt"] = np.inf
    assert "The feature pt holds 3 NaN and 1 infinite values: leave" in refused(csv(there), *NEEDED)
    there = table()
    there.loc[5, "w"] = np.nan
    assert "1 of the 800 weights are NaN or infinite" in refused(csv(there), *NEEDED)
    there = table().assign(w=0.0)
    assert "weights of the signal are 0: choose another weight, or none" in refused(csv(there), *NEEDED)
    there = table().assign(w=-1.0)
    assert "weights of the signal are negative or 0" in refused(csv(there), *NEEDED)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--signal", "typ == 's'"], "There is no typ in {path} (did you mean type?)."),
        (["--signal", "type == 's"], "cannot be read"),
        (["--signal", "type.__class__ == 's'"], "asks for .__class__ of something, which is not allowed"),
        (["--signal", "__import__('os').getcwd() == 1"], "which is not allowed"),
        (["--signal", "type == 'x'"], "None of the events is signal (type == 'x') and 800 are background"),
        (["--background", "type == 'x'"], "None of the events is background (type == 'x')"),
        (["--background", "pt > 0", "--features", "eta"], "signal and background at once"),
        (["--select", "pt > 1e6"], "None of the 800 events passes --select pt > 1e6"),
        (["--select", "pt > 150"], "and fewer than 20 say nothing"),
        (["--features", "pt,etta"], "There is no etta in {path} (did you mean eta?)."),
        (["--features", "pt,type", "--signal", "eta > 0"], "type in {path} is text, not a number"),
        (["--features", "pt,pt"], "The feature pt is given twice: leave one out."),
        (["--features", "pt,w"], "w is the weight, so it is no feature: leave it out."),
        (["--features", "pt,eta", "--signal", "eta > 0"], "eta tells signal from background, so it is no"),
        (["--features", "pt,0 * eta"], "The feature 0 * eta is 0 in all events: leave it out."),
        (["--spectators", "pt"], "pt is a spectator, so it is no feature"),
        (["--score", "pt"], "pt is a score, so it is no feature"),
        (["--split", "eta", "--features", "pt"], "eta holds NaN or numbers that are not whole"),
        (["--weight", "weight"], "There is no weight in {path}"),
        (["--methods", "bdt,bdtt"], "There is no method named bdtt (did you mean bdt?); known: cuts, "),
        (["--methods", ","], "There is nothing to evaluate: name methods"),
        (["--tree", "t"], "{path} is no ROOT file, so it has no tree t"),
        (["--output", "none/r.html"], "The folder none does not exist: make it, or write r.html elsewhere."),
        (["--output", "."], ". is a folder: give the name of a file in it."),
        (["--json", "none/r.json"], "The folder none does not exist"),
        (["--json", "report.html"], "--output and --json both say report.html: give two names."),
        (["--output", "{path}"], "{path} holds the events and would be overwritten"),
        (["--json", "{path}"], "{path} holds the events and would be overwritten"),
    ],
)  # fmt: skip
def test_a_wrong_command(refused, csv, arguments, words):
    path = csv()
    before = path.read_bytes()
    arguments = [argument.format(path=path) for argument in arguments]
    given = [*NEEDED]
    for option in ("--signal", "--features", "--weight"):
        if option in arguments:
            del given[given.index(option) : given.index(option) + 2]
    assert words.format(path=path) in refused(path, *given, *arguments)
    assert path.read_bytes() == before


def test_a_score_named_like_a_method(refused, csv):
    path = csv(table().rename(columns={"old": "bdt"}))
    assert "bdt is a method and a score" in refused(path, *NEEDED, "--methods", "bdt", "--score", "bdt")


def test_too_many_events(refused, csv, hepml, monkeypatch):
    monkeypatch.setattr(sanity, "MOST", 200)
    said = refused(csv(), *NEEDED, "--score", "old")
    assert said == (
        "800 events are more than the 200 that fit: add --every 10, which keeps one of 10 events of each "
        "class and multiplies its weight by 10."
    )
    code, out, _ = hepml(csv(), *NEEDED, "--score", "old", "--every", "5")
    assert code == 0
    assert "One of 5 of each class is kept" in out


def test_nan_is_left_out_when_asked(hepml, csv):
    there = table()
    there.loc[:2, "pt"] = np.nan
    code, out, _ = hepml(csv(there), *NEEDED, "--score", "old", "--drop-nan")
    assert code == 0
    assert "Left out because of NaN or infinite values: 3 (3 in pt)." in out


def test_the_truth_among_the_features_is_doubted_aloud(hepml, csv):
    there = table().assign(leak=lambda t: (t["type"] == "s") * 5)
    code, out, _ = hepml(
        csv(there), "--signal", "type == 's'", "--features", "pt,leak", "--methods", "fisher"
    )
    assert code == 0
    assert "To distrust: leak alone tells signal from background without any error (ROC integral 1.0)" in out
    assert "leak alone tells signal" in (hepml.folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [[], ["x.csv"], ["x.csv", "--signal", "a", "--every", "0"]])
def test_wrong_usage(hepml, arguments):
    code, _, err = hepml(*arguments)
    assert code == 2
    assert "Usage: hepml report" in err


def test_an_old_page_survives_a_refusal(hepml, csv):
    old = hepml.folder / "report.html"
    old.write_text("old")
    assert hepml(csv(), *NEEDED, "--select", "pt > 1e9")[0] == 1
    assert old.read_text() == "old"
