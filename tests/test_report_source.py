"""Events from a stranger's file: what is read, what is left out, and how wrong files are refused."""

import gzip
import sys

import awkward as ak
import numpy as np
import pandas as pd
import pytest
import uproot
from hypothesis import given, settings
from hypothesis import strategies as st

from hepml_course.errors import CourseError
from hepml_course.report import readers, sanity
from hepml_course.report.question import Question
from hepml_course.report.readers import NUMBER, TEXT, open_table
from hepml_course.report.source import SIGNAL, WEIGHT, read


def table(n=400, seed=1):
    """Events of two classes as a stranger keeps them."""
    rng = np.random.default_rng(seed)
    signal = rng.random(n) < 0.4
    return pd.DataFrame(
        {
            "eventNumber": np.arange(n) * 7 + 3,
            "pt": rng.exponential(30, n) + 10 * signal,
            "eta": rng.normal(size=n).astype("float32"),
            "mass": rng.normal(90, 5, n),
            "w": rng.uniform(0.5, 1.5, n),
            "label": signal.astype(int),
            "type": np.where(signal, "s", "b"),
        }
    )


@pytest.fixture
def csv(tmp_path):
    """Write a table, or text, as a CSV file."""

    def make(content, name="events.csv"):
        path = tmp_path / name
        if isinstance(content, pd.DataFrame):
            content.to_csv(path, index=False)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


@pytest.fixture
def root(tmp_path):
    """Write tables as the trees, or RNTuples, of a ROOT file."""

    def make(trees, name="events.root", kind="mktree"):
        with uproot.recreate(tmp_path / name) as opened:
            for tree, columns in trees.items():
                columns = {n: np.asarray(v) for n, v in columns.items() if n != "type"}
                if kind == "mktree":
                    opened.mktree(tree, {n: v.dtype for n, v in columns.items()}).extend(columns)
                else:
                    opened.mkrntuple(tree, columns)
        return tmp_path / name

    return make


def ask(*files, **options):
    return read(Question(files, **{"signal": "label == 1", "features": ["pt", "eta"], **options}))


def refusal(call) -> str:
    """The sentence with which a call is refused: one line, without what a library said."""
    with pytest.raises(CourseError) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def all_of(events):
    return pd.concat([events.train, events.test])


# -- what is read ---------------------------------------------------------------------------------


def test_features_spectators_scores_weights_and_truth(csv):
    there = table()
    events = ask(csv(there), weight="w", spectators=["mass"], scores=["eta * 2"], features=["pt"])
    found = all_of(events)
    assert list(found.columns) == ["pt", "mass", "eta * 2", SIGNAL, WEIGHT]
    assert (events.features, events.spectators, events.scores) == (["pt"], ["mass"], ["eta * 2"])
    there = there.sort_values("pt")
    found = found.sort_values("pt")
    np.testing.assert_allclose(found["pt"], there["pt"])
    np.testing.assert_allclose(found["eta * 2"], there["eta"] * 2, rtol=1e-6)
    np.testing.assert_allclose(found[WEIGHT], there["w"])
    assert found[SIGNAL].tolist() == there["label"].astype(bool).tolist()


def test_features_are_all_numbers_without_another_part(csv):
    there = table().assign(constant=1.5, process="Zee").rename_axis("")
    path = csv(there.to_csv())  # pandas writes a column of row numbers without a name
    events = read(Question([path], "type == 's'", weight="w", split="eventNumber", spectators=["mass"]))
    assert events.features == ["pt", "eta", "label"]
    (said,) = [note for note in events.notes if "3 features: pt, eta, label." in note]
    for left in ("process (text)", "constant (always 1.5)", "the column without a name"):
        assert left in said


def test_only_the_needed_columns_are_read(csv, monkeypatch):
    asked = []
    pieces = readers.CsvTable.pieces
    monkeypatch.setattr(
        readers.CsvTable, "pieces", lambda self, names: asked.extend(names) or pieces(self, names)
    )
    ask(csv(table()), weight="w", select="mass > 0", features=["pt"])
    assert sorted(asked) == ["label", "mass", "pt", "w"]


def test_even_numbers_are_for_training(csv):
    there = table()
    events = ask(csv(there), split="eventNumber", spectators=["mass"])
    even = there.loc[there["eventNumber"] % 2 == 0, "mass"]
    np.testing.assert_allclose(events.train["mass"], even)
    assert len(events.train) + len(events.test) == len(there)
    assert events.doubts == []


def test_without_a_number_every_second_event_of_each_class_is_for_the_test(csv):
    there = table()
    events = ask(csv(there))
    for label in (0, 1):
        pt = there.loc[there["label"] == label, "pt"].to_numpy()
        for half, expected in ((events.train, pt[::2]), (events.test, pt[1::2])):
            np.testing.assert_allclose(half.loc[half[SIGNAL] == label, "pt"], expected)
    assert "--split" in events.doubts[0]


def test_every_keeps_a_share_of_each_class_across_pieces_and_scales_weights(csv, monkeypatch):
    monkeypatch.setattr(readers, "PIECE", 1)  # pieces of 10,000 events
    n = 25_000
    there = pd.DataFrame({"x": np.arange(n), "label": np.arange(n) % 3 == 0})
    events = ask(csv(there), signal="label", features=["x"], every=7)
    found = all_of(events)
    for label in (False, True):
        expected = there.loc[there["label"] == label, "x"].to_numpy()[::7]
        assert sorted(found.loc[found[SIGNAL] == label, "x"]) == expected.tolist()
    assert (found[WEIGHT] == 7).all()


def test_selection_and_background_leave_out_the_rest(csv):
    there = table()
    events = ask(csv(there), background="label == 0 and eta > 0", select="mass > 88", features=["pt"])
    kept = (there["mass"] > 88) & ((there["label"] == 1) | (there["eta"] > 0))
    np.testing.assert_allclose(sorted(all_of(events)["pt"]), sorted(there.loc[kept, "pt"]))
    assert events.notes[0].endswith("signal is label == 1 and background label == 0 and eta > 0.")
    assert f"{int((there['mass'] > 88).sum()):,} of them pass mass > 88." in events.notes
    assert any(note.startswith("Neither, and left out: ") for note in events.notes)


def test_single_precision_stays_and_everything_else_becomes_double(root):
    there = table().assign(flag=lambda t: t["pt"] > 40)
    events = ask(root({"t": there}), features=["pt", "eta", "flag", "eventNumber"])
    types = {name: str(events.train[name].dtype) for name in events.features}
    assert types == {"pt": "float64", "eta": "float32", "flag": "float64", "eventNumber": "float64"}


@pytest.mark.parametrize("kind", ["mktree", "mkrntuple"])
@pytest.mark.parametrize("names", [("TreeS", "TreeB"), ("a/TreeS", "a/b/TreeB")])
def test_signal_and_background_as_trees(root, kind, names):
    there = table()
    parts = [there[there["label"] == 1], there[there["label"] == 0]]
    path = root(dict(zip(names, parts, strict=True)), kind=kind)
    for options in ({"background": "TreeB"}, {}, {"background": names[1]}):
        events = ask(path, signal="TreeS", **options)
        for label, part in ((True, parts[0]), (False, parts[1])):
            found = all_of(events)
            np.testing.assert_allclose(sorted(found.loc[found[SIGNAL] == label, "pt"]), sorted(part["pt"]))


def test_signal_and_background_as_files(csv, root):
    there = table()
    signal = csv(there[there["label"] == 1], "Ztautau.csv")
    first = root({"t": there[there["label"] == 0]}, "Wmunu.root")
    second = csv(there[there["label"] == 0], "Zee.csv")
    both = ask(signal, first, second, signal="Ztautau", features=["pt"])
    assert all_of(both)[SIGNAL].value_counts().to_dict() == {
        True: int(there["label"].sum()),
        False: 2 * int((there["label"] == 0).sum()),
    }
    assert both.notes[0] == f"Signal is {signal}; background is the tree t of {first}, {second}."
    one = ask(signal, first, second, signal="Ztautau.csv", background=str(second), features=["pt"])
    assert len(all_of(one)) == len(there)


def test_a_tree_is_chosen_and_a_condition_reads_all_files(root):
    there = table()
    paths = [root({"d/events": there, "other": there[:5]}, name) for name in ("a.root", "b.root")]
    events = ask(*paths, tree="events")
    assert len(all_of(events)) == 2 * len(there)


def test_branches_with_odd_names(root):
    there = table().rename(columns={"pt": "jet.pt", "eta": "eta-1", "mass": "m[0]"})
    events = ask(root({"t": there}), features=["jet.pt", "eta-1", "`m[0]` / 2"])
    np.testing.assert_allclose(sorted(all_of(events)["jet.pt"]), sorted(there["jet.pt"]))
    assert events.features == ["jet.pt", "eta-1", "`m[0]` / 2"]


def test_texts_and_missing_numbers_of_an_rntuple(tmp_path):
    there = table()
    path = tmp_path / "a.root"
    pt = ak.Array([None if k == 3 else v for k, v in enumerate(there["pt"])])
    with uproot.recreate(path) as opened:
        columns = {"eta": there["eta"].to_numpy(), "type": ak.Array(there["type"].tolist())}
        whole = ak.Array([None if k == 2 else k for k in range(len(there))])
        opened.mkrntuple("t", {"pt": pt, "n": whole, **columns})
    found = open_table(path)
    assert found.kinds == {"pt": NUMBER, "eta": NUMBER, "type": TEXT, "n": NUMBER}
    (piece,) = found.pieces(["n"])
    assert np.flatnonzero(np.isnan(piece["n"])).tolist() == [2]
    found.entries += 1
    assert "400 of 401 events are there" in refusal(lambda: list(found.pieces(["n"])))
    assert "The feature pt holds 1 NaN" in refusal(lambda: ask(path, signal="type == 's'"))
    events = ask(path, signal="type == 's'", drop_nan=True)
    assert len(all_of(events)) == len(there) - 1
    assert "Left out because of NaN or infinite values: 1 (1 in pt)." in events.notes


def test_nan_is_dropped_when_asked(csv):
    there = table()
    there.loc[5, "pt"], there.loc[6, "pt"], there.loc[7, "mass"], there.loc[8, "w"] = (
        np.nan,
        np.inf,
        np.nan,
        np.nan,
    )
    path = csv(there)
    events = ask(path, weight="w", spectators=["mass"], drop_nan=True)
    assert len(all_of(events)) == len(there) - 4
    said = "Left out because of NaN or infinite values: 4 (2 in pt, 1 in mass, 1 in the weight)."
    assert said in events.notes


@pytest.mark.parametrize(
    "text",
    [
        "pt,label\n1,0\n2,1\n",
        "pt;label\n1;0\n2;1\n",
        "pt\tlabel\n1\t0\n2\t1\n",
        "# pt label\n1 0\n2   1\n",
        "pt, label\n1, 0\n2, 1\n",
        "pt,label,\n1,0,\n2,1,\n",
        "pt,label\n1,0,\n2,1,\n",
        '"pt","label"\r\n1,0\r\n\r\n2,1\r\n',
        "\ufeffpt,label\n1,0\n2,1",
        gzip.compress(b"pt,label\n1,0\n2,1\n", mtime=0),
    ],
)
def test_kinds_of_csv(csv, text):
    found = open_table(csv(text))
    assert found.kinds == {"pt": NUMBER, "label": NUMBER}
    (piece,) = found.pieces(["pt", "label"])
    assert {name: values.tolist() for name, values in piece.items()} == {"pt": [1, 2], "label": [0, 1]}


def test_parquet(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    there = table()
    there.loc[3, "pt"] = np.nan
    path = tmp_path / "a.parquet"
    there.to_parquet(path)
    assert len(all_of(ask(path, signal="type == 's'", drop_nan=True))) == len(there) - 1
    path.write_bytes(path.read_bytes()[:-20])
    assert "is damaged" in refusal(lambda: ask(path))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert "pip install pyarrow" in refusal(lambda: ask(path))


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 40), every=st.integers(1, 9), seed=st.integers(0, 99))
def test_thinning_does_not_depend_on_the_size_of_pieces(n, every, seed):
    from collections import Counter

    from hepml_course.report.source import _kept

    rng = np.random.default_rng(seed)
    members = rng.integers(-1, 2, n)
    passed = rng.random(n) < 0.8
    whole = _kept(members, passed, every, Counter())
    count, parts = Counter(), []
    cut = int(rng.integers(0, n + 1))
    for start, stop in ((0, cut), (cut, n)):
        parts.append(start + _kept(members[start:stop], passed[start:stop], every, count))
    assert np.concatenate(parts).tolist() == whole.tolist()


# -- what is refused ------------------------------------------------------------------------------


def test_no_file(csv):
    path = csv(table())
    said = refusal(lambda: ask(path.with_name("event.csv")))
    assert said == f"{path.with_name('event.csv')} does not exist (did you mean events.csv?)."
    assert "is a folder" in refusal(lambda: ask(path.parent))


def test_an_empty_file(csv):
    assert "is empty" in refusal(lambda: ask(csv("")))


@pytest.mark.parametrize("content", [b"a,b\n1,2\n" * 100, b"\x89HDF\r\n\x1a\n" + bytes(1000)])
def test_not_a_root_file(csv, content):
    path = csv(content, "x.root")
    assert refusal(lambda: ask(path)) == f"{path} is not a ROOT file: copy or make it again."


def test_neither_root_nor_csv(csv):
    path = csv(b"\x89HDF\r\n\x1a\n" + bytes(1000), "x.h5")
    assert "neither a ROOT nor a CSV nor a Parquet file" in refusal(lambda: ask(path))


@pytest.mark.parametrize("left", [0.3, 0.9, -1])
def test_a_truncated_root_file(root, left):
    path = root({"t": table()})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if left > 0 else left])
    assert "is truncated" in refusal(lambda: ask(path))


@pytest.mark.parametrize("where", [0.3, 0.5, 0.7])
def test_a_root_file_damaged_inside(root, where):
    path = root({"t": table(5000)})
    whole = bytearray(path.read_bytes())
    start = int(where * len(whole))
    whole[start : start + len(whole) // 5] = bytes(len(whole) // 5)
    path.write_bytes(bytes(whole))
    assert "is damaged" in refusal(lambda: ask(path, features=["pt", "eta", "mass", "eventNumber"]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pt,label\n1,0\n2\n", "line 3 has 1 fields and not 2"),
        ("pt,label\n1,0\n2,1,5\n", "line 3 has 3 fields and not 2"),
        ("pt,label\n1,0,4\n2,1,5\n", "line 2 has 3 fields and not 2"),
        ("pt label\n1 0\n2 1 5\n", "line 3 has 3 fields and not 2"),
        ("1,0\n2,1\n", "no line of names"),
        ("pt,pt\n2,1\n", "two columns pt"),
        ("pt,label\n", "no events"),
        ("pt,label\n" + "1,0\n" * 10_001 + "x,1\n", "pt in {path} holds numbers and, in event 10,002, 'x'"),
        ("pt,label\n1,ä\n".encode("latin-1"), "no text in UTF-8"),
        (gzip.compress(b"pt,label\n1,0\n", mtime=0)[:-4], "is damaged"),
    ],
)
def test_a_damaged_csv(csv, text, words):
    path = csv(text)
    said = refusal(lambda: ask(path, features=["pt"]))
    assert words.format(path=path) in said
    assert str(path) in said


def test_a_short_line_after_the_needed_columns_is_noticed(csv):
    """pandas alone would fill it with NaN, and say nothing about a column that is not read."""
    there = table().to_csv(index=False).splitlines()
    there[100] = there[100].rsplit(",", 2)[0]
    assert "line 101 has 5 fields and not 7" in refusal(lambda: ask(csv("\n".join(there)), signal="pt > 30"))


def test_trees_are_listed(root):
    path = root({"TreeS": table(), "TreeB": table()})
    assert f"{path} has no tree Tree; it has TreeS and TreeB" in refusal(
        lambda: ask(path, tree="Tree")
    ).replace(" (did you mean TreeS or TreeB?)", "; it has TreeS and TreeB")
    assert "holds the trees TreeS, TreeB: choose one with --tree" in refusal(lambda: ask(path))
    said = refusal(lambda: ask(path, signal="TreeX"))
    assert "has no tree TreeX (did you mean TreeS or TreeB?)" in said
    assert "it has TreeB" in refusal(lambda: ask(path, signal="TreeS", background="pt > 30"))
    three = root({"TreeS": table(), "TreeB": table(), "TreeC": table()}, "three.root")
    assert "Say with --background" in refusal(lambda: ask(three, signal="TreeS"))


def test_a_tree_of_a_csv_file(csv):
    assert "leave --tree out" in refusal(lambda: ask(csv(table()), tree="t"))


def test_a_file_without_a_tree(tmp_path):
    with uproot.recreate(tmp_path / "h.root") as opened:
        opened["h"] = np.histogram([1, 2, 3])
    assert "holds no tree" in refusal(lambda: ask(tmp_path / "h.root"))


def test_a_file_for_the_signal_and_a_condition_for_the_background(csv):
    a, b = csv(table(), "a.csv"), csv(table(), "b.csv")
    assert "it has b.csv" in refusal(lambda: ask(a, b, signal="a.csv", background="label == 0"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"features": ["ptt"]}, "no ptt in {path} (did you mean pt?)"),
        ({"signal": "lable == 1"}, "no lable in {path} (did you mean label?)"),
        ({"background": "lable == 0"}, "no lable in {path} (did you mean label?)"),
        ({"select": "ptt > 1"}, "no ptt in {path} (did you mean pt?)"),
        ({"weight": "wt"}, "There is no wt in {path}"),
        ({"split": "eventnumber"}, "did you mean eventNumber?"),
        ({"spectators": ["mas"]}, "did you mean mass?"),
        ({"scores": ["mas"]}, "did you mean mass?"),
        ({"features": ["pt", "type"]}, "type in {path} is text, not a number"),
        ({"weight": "type"}, "type in {path} is text, not a number"),
        ({"features": ["pt", "pt"]}, "The feature pt is given twice"),
        ({"features": ["pt", "label"]}, "label tells signal from background, so it is no feature"),
        ({"features": ["pt", "label + 1"]}, "label in label + 1 tells signal from background"),
        ({"features": ["pt", "w"], "weight": "w"}, "w is the weight, so it is no feature"),
        ({"features": ["pt", "mass"], "spectators": ["mass"]}, "mass is a spectator, so it is no feature"),
        ({"features": ["pt", "mass"], "scores": ["mass"]}, "mass is a score, so it is no feature"),
        ({"features": ["eventNumber"], "split": "eventNumber"}, "eventNumber splits the events"),
        ({"features": ["3 * 4"]}, "3 * 4 names no column"),
        ({"spectators": ["mass"], "scores": ["mass"]}, "mass is a score and a spectator"),
        ({"select": "pt > 1e9"}, "None of the 400 events passes --select pt > 1e9"),
        ({"signal": "label == 2"}, "None of the events is signal (label == 2) and 400 are background"),
        ({"signal": "label < 2"}, "None of the events is background (not label < 2)"),
        ({"background": "label == 3"}, "None of the events is background (label == 3)"),
        ({"background": "mass > 0"}, "events are signal and background at once"),
        ({"select": "pt > 100"}, "and fewer than 20 say nothing"),
        ({"split": "mass"}, "mass holds NaN or numbers that are not whole"),
        ({"split": "eventNumber * 2"}, "0 signal events for the test (split by eventNumber * 2)"),
        ({"weight": "0 * w"}, "weights of the signal are 0"),
        ({"weight": "-w"}, "weights of the signal are negative or 0: turn the sign"),
        ({"weight": "w - 1.2"}, "more negative than positive weight"),
        ({"weight": "w * log(label)"}, "weights are NaN or infinite"),
        ({"weight": "w * (2 - 3 * (eventNumber % 2))", "split": "eventNumber"}, "in the test half, more"),
        ({"features": ["pt", "eta * 0"]}, "The feature eta * 0 is 0 in all events: leave it out"),
        ({"features": ["log(eta)", "pt"]}, "The feature log(eta) holds"),
        ({"features": ["pt / 0"]}, "infinite values"),
        ({"spectators": ["log(mass - 90)"]}, "The spectator log(mass - 90) holds"),
        ({"scores": ["log(mass - 90)"]}, "The score log(mass - 90) holds"),
        ({"every": 0}, "--every 0 keeps nothing"),
        ({"every": 50}, "and fewer than 20 say nothing"),
        ({"signal": "label = 1"}, "write =="),
        ({"signal": "1 == 1"}, "names no column"),
        ({"signal": "type == 1"}, "the text type with the number 1"),
    ],
)
def test_a_wrong_question(csv, options, words):
    path = csv(table())
    assert words.format(path=path) in refusal(lambda: ask(path, **options))


def test_jagged_branches_and_fixed_arrays(tmp_path):
    n = 100
    with uproot.recreate(tmp_path / "a.root") as opened:
        made = opened.mktree("t", {"label": "i4", "x": "f8", "v": "var * float64", "m": ("f8", (3,))})
        made.extend(
            {
                "label": np.arange(n) % 2,
                "x": np.random.default_rng(1).normal(size=n),
                "v": ak.Array([[1.0, 2.0], []] * (n // 2)),
                "m": np.ones((n, 3)),
            }
        )
    path = tmp_path / "a.root"
    for name, kind in (("v", "double[]"), ("m", "double[3]")):
        for options in ({"features": [name]}, {"select": f"{name} > 1"}, {"signal": f"{name} > 1"}):
            assert f"{name} in the tree t of {path} is of the type {kind}" in refusal(
                lambda o=options: ask(path, **o)
            )
    events = ask(path, features=None)
    assert events.features == ["x", "nv"]
    assert any("v (double[]), m (double[3])" in note for note in events.notes)


def test_a_truth_that_is_not_known(csv):
    there = table().astype({"label": float})
    there.loc[[3, 4], "label"] = np.nan
    path = csv(there)
    assert "is NaN or empty in 2 of 400 events" in refusal(lambda: ask(path))
    assert len(all_of(ask(path, drop_nan=True))) == len(there) - 2
    there = table()
    there.loc[3, "type"] = np.nan
    assert "is NaN or empty in 1 of 400 events" in refusal(lambda: ask(csv(there), signal="type == 's'"))


def test_no_column_is_left_to_be_a_feature(csv):
    path = csv(table()[["label", "type"]])
    assert "No column of numbers" in refusal(lambda: ask(path, features=None))


def test_constant_features_that_nobody_asked_for_do_not_leave_nothing(csv):
    path = csv(table()[["label"]].assign(a=1, b=2))
    assert "is 2 in all events" in refusal(lambda: ask(path, features=None))


def test_too_many_events(csv, monkeypatch):
    monkeypatch.setattr(sanity, "MOST", 150)
    monkeypatch.setattr(readers, "PIECE", 1)
    path = csv(table())
    said = refusal(lambda: ask(path))
    assert said.startswith("400 events are more than the 150 that fit: add --every 10, which keeps one of 10")
    monkeypatch.setattr(sanity, "MOST", 20)
    assert "--every 23" in refusal(lambda: ask(path))
    for most in (18, 19, 23, 37):  # what is advised works
        monkeypatch.setattr(sanity, "MOST", most)
        every = int(refusal(lambda: ask(path)).split("--every ")[1].split(",")[0])
        assert "say nothing" in refusal(lambda every=every: ask(path, every=every))
    monkeypatch.setattr(sanity, "MOST", 201)
    assert len(all_of(ask(path, every=2))) in (200, 201)


def test_columns_that_one_of_the_files_lacks(csv):
    there = table()
    a, b = csv(there, "a.csv"), csv(there.drop(columns="eta"), "b.csv")
    assert f"no eta in {b}" in refusal(lambda: ask(a, b))
    events = ask(a, b, features=None)
    assert "eta" not in events.features
    assert any("eta (not in every file)" in note for note in events.notes)
