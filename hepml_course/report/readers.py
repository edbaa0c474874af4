"""Opens a stranger's table, be it ROOT, CSV or Parquet, and reads its columns piece by piece.

A table that is damaged, or is none, is refused in one sentence; so a page never rests on half a file.
"""

from __future__ import annotations

import gzip
import re
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hepml_course.data.rootfile import require_printable, require_whole_root_file
from hepml_course.data.samples import likely
from hepml_course.errors import CourseError
from hepml_course.report.expression import listed

NUMBER, TEXT = "number", "text"
TREES = ("TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple", "ROOT::Experimental::RNTuple")
PIECE = 4_000_000
"""Numbers that are read at once, at most."""

_FIELD = re.compile(r"(std::optional<)?(float|double|bool|std::u?int\d+_t)>?$")  # one number per event
_HEAD = 10_000  # rows of a CSV file that decide which columns are text

Columns = dict[str, NDArray]


class Table(Protocol):
    """A table in a file.

    Attributes
    ----------
    where : str
        How messages call it, such as ``"the tree events of a.root"``.
    kinds : dict of str to str
        Column to `NUMBER`, `TEXT` or, for anything else, the type that the file gives it.
    """

    where: str
    kinds: dict[str, str]

    def pieces(self, names: Collection[str]) -> Iterator[Columns]:
        """The columns of some rows after the other, each an array of shape (m,), text as objects."""


def trees(path: Path) -> list[str]:
    """The trees of a ROOT file, with their folders; nothing for files of another kind."""
    if _kind(path) != "ROOT":
        return []
    with _opened_root(path) as opened:
        classes = opened.classnames(recursive=True, cycle=False)
        found = [name for name, kind in classes.items() if kind in TREES]
        require_printable(path, list(classes))
    return found


def find_tree(name: str, found: Collection[str]) -> str | None:
    """The tree called ``name``, with or without its folders."""
    if name in found:
        return name
    ends = [full for full in found if full.rsplit("/", 1)[-1] == name]
    return ends[0] if len(ends) == 1 else None


def open_table(path: Path, tree: str | None = None) -> Table:
    """Open a file without reading its events.

    Parameters
    ----------
    path : Path
    tree : str, optional
        Which tree of a ROOT file; not needed if there is only one.

    Raises
    ------
    CourseError
        The file is missing, damaged, or no table; there is no such tree, or more than one to choose from.
    """
    kind = _kind(path)
    if kind == "ROOT":
        return RootTable(path, _choose(path, tree))
    if tree is not None:
        raise CourseError(f"{path} is no ROOT file, so it has no tree {tree}: leave --tree out.")
    return ParquetTable(path) if kind == "Parquet" else CsvTable(path)


def _choose(path: Path, tree: str | None) -> str:
    found = trees(path)
    if not found:
        raise CourseError(f"{path} holds no tree: give another file, or make it again.")
    if tree is None:
        if len(found) > 1:
            raise CourseError(f"{path} holds the trees {', '.join(found)}: choose one with --tree.")
        return found[0]
    chosen = find_tree(tree, found)
    if chosen is None:
        raise CourseError(f"{path} has no tree {tree}{likely(tree, found) or listed(found)}.")
    return chosen


def _kind(path: Path) -> str:
    """``"ROOT"``, ``"Parquet"`` or ``"CSV"``, by the first bytes."""
    start = _first_bytes(path)
    if start.startswith(b"root"):
        return "ROOT"
    if start.startswith(b"PAR1"):
        return "Parquet"
    if path.suffix.lower() == ".root":
        raise CourseError(f"{path} is not a ROOT file: copy or make it again.")
    if b"\0" in start and not start.startswith(b"\x1f\x8b"):
        raise CourseError(f"{path} is neither a ROOT nor a CSV nor a Parquet file: save it as one of them.")
    return "CSV"


def _first_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise CourseError(f"{path} is a folder: give the file that holds the events.")
        with path.open("rb") as opened:
            start = opened.read(4096)
    except FileNotFoundError:
        near = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
        advice = likely(path.name, near) or ": look for a mistake in its name"
        raise CourseError(f"{path} does not exist{advice}.") from None
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): allow it, or copy the file.") from None
    if not start:
        raise CourseError(f"{path} is empty (0 bytes): copy or make it again.")
    return start


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Whatever a library meets in a damaged file becomes one sentence."""
    try:
        yield
    except (CourseError, MemoryError):
        raise
    except Exception as error:
        kind = type(error).__name__
        raise CourseError(f"{path} is damaged and cannot be read ({kind}): copy or make it again.") from None


# -- ROOT -----------------------------------------------------------------------------------------


@contextmanager
def _opened_root(path: Path) -> Iterator[Any]:
    require_whole_root_file(path)
    import uproot

    with _told(path), uproot.open(path) as opened:
        yield opened


class RootTable:
    """A TTree or RNTuple; see `Table`."""

    def __init__(self, path: Path, tree: str) -> None:
        self.path, self.tree = path, tree
        self.where = f"the tree {tree} of {path}"
        with _opened_root(path) as opened:
            found = opened[tree]
            self.entries = int(found.num_entries)
            names = found.keys(recursive=True)
            require_printable(path, names)
            self.kinds = {name: _kind_of_branch(found[name]) for name in names}

    def pieces(self, names: Collection[str]) -> Iterator[Columns]:
        """See `Table`."""
        wanted = set(names)
        rows = max(PIECE // max(len(wanted), 1), 10_000)
        read = 0
        with _opened_root(self.path) as opened:
            found = opened[self.tree]
            # A filter takes names as they are; expressions would be looked at for something to calculate.
            for piece in found.iterate(filter_name=lambda name: name in wanted, step_size=rows, library="np"):
                columns = {name: _without_mask(piece[name]) for name in names}
                lengths = {len(values) for values in columns.values()}
                if len(lengths) > 1:
                    raise CourseError(
                        f"{self.path} is damaged, its branches differ in length: make it again."
                    )
                read += lengths.pop() if lengths else 0
                yield columns
            if read != self.entries:
                raise CourseError(f"{self.path} is damaged, {read} of {self.entries} events are there: "
                                  "copy or make it again.")  # fmt: skip


def _kind_of_branch(branch: Any) -> str:
    """`NUMBER`, `TEXT` or the name of its type."""
    import uproot

    if not hasattr(branch, "interpretation"):  # a field of an RNTuple
        if _FIELD.match(branch.typename):
            return NUMBER
        return TEXT if branch.typename == "std::string" else branch.typename
    kind = branch.interpretation
    if type(kind) is uproot.AsDtype and kind.to_dtype.kind in "biuf":
        return NUMBER
    return TEXT if isinstance(kind, uproot.AsStrings) else branch.typename or "of unknown type"


def _without_mask(values: NDArray) -> NDArray:
    """What an RNTuple marks as missing becomes NaN; its texts become objects, and bytes native."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.filled(values.astype(float), np.nan)
    return values.astype(object if values.dtype.kind in "US" else values.dtype.newbyteorder("="), copy=False)


# -- CSV ------------------------------------------------------------------------------------------


class CsvTable:
    """Text with a line of names and a line per event, compressed by gzip or not; see `Table`."""

    def __init__(self, path: Path) -> None:
        self.path, self.where = path, str(path)
        self.compression = "gzip" if _first_bytes(path).startswith(b"\x1f\x8b") else None
        with _told_csv(path):
            self._read_header()
            self._require_full_lines()
            head = self._frames(self.names, nrows=_HEAD)
            # Whatever is not a number is text; a column without any value is called a number.
            self.kinds = {name: NUMBER if head[name].dtype.kind in "biuf" else TEXT for name in self.names}
        if head.empty:
            raise CourseError(f"{path} holds a line of names and no events.")

    def pieces(self, names: Collection[str]) -> Iterator[Columns]:
        """See `Table`."""
        rows = max(PIECE // max(len(names), 1), 10_000)
        texts = {name: "str" for name in names if self.kinds[name] == TEXT}
        with _told_csv(self.path):
            frames = self._frames(names, dtype=texts, chunksize=rows)
        done = 0
        with frames:
            while True:
                with _told_csv(self.path):
                    frame = next(frames, None)
                if frame is None:
                    return
                yield {name: self._column(frame[name], name, done) for name in names}
                done += len(frame)

    def _frames(self, names: Collection[str], **options: Any) -> Any:
        import pandas as pd

        return pd.read_csv(
            self.path,
            sep=self.separator,
            names=self.names,
            header=0,
            usecols=list(names),
            index_col=False,
            low_memory=False,
            skipinitialspace=True,
            compression=self.compression,
            **options,
        )

    def _read_header(self) -> None:
        with self._open() as opened:
            line = opened.readline().decode("utf-8-sig").strip().lstrip("#").strip()
        counts = {separator: line.count(separator) for separator in ",;\t"}
        self.separator = max(counts, key=counts.get)
        if not counts[self.separator] and " " in line:
            self.separator = r"\s+"
        parts = line.split() if self.separator == r"\s+" else line.split(self.separator)
        self.names = [part.strip().strip("\"'").strip() for part in parts]
        if self.names and not self.names[-1] and len(self.names) > 1:
            self.names.pop()  # a separator at the end of the line
        if all(map(_is_number, self.names)):
            raise CourseError(f"{self.path} has no line of names: put the columns' names in the first line.")
        twice = [name for k, name in enumerate(self.names) if name in self.names[:k]]
        if twice:
            raise CourseError(f"{self.path} calls two columns {twice[0] or '(nothing)'}: rename one of them.")

    def _require_full_lines(self) -> None:
        """Compare the fields of each line: pandas fills short lines and cuts long ones in silence."""
        fields, separator = len(self.names), self.separator.encode()
        blank = self.separator == r"\s+"
        with self._open() as opened:
            opened.readline()
            for number, line in enumerate(opened, start=2):
                if b'"' in line:
                    continue  # a text may hold the separator
                found = len(line.split()) if blank else line.count(separator) + 1
                if found == fields or not line.strip():
                    continue
                if found == fields + 1 and line.rstrip(b"\r\n").endswith(separator):
                    continue
                raise CourseError(
                    f"{self.path} is damaged, line {number} has {found} fields and not {fields}: mend it, "
                    "or make the file again."
                )

    def _column(self, series: Any, name: str, done: int) -> NDArray:
        values = series.to_numpy()
        if self.kinds[name] == TEXT:
            return values.astype(object)
        if values.dtype.kind not in "biuf":
            import pandas as pd

            bad = np.flatnonzero(pd.to_numeric(series, errors="coerce").isna() & series.notna())
            row, what = (
                (done + bad[0] + 1, series.iloc[bad[0]]) if len(bad) else (done + 1, "of several kinds")
            )
            raise CourseError(
                f"{name} in {self.path} holds numbers and, in event {row:,}, {str(what)[:40]!r}: mend it, or "
                "leave it out."
            )
        return values

    def _open(self) -> IO[bytes]:
        return gzip.open(self.path) if self.compression else self.path.open("rb")


@contextmanager
def _told_csv(path: Path) -> Iterator[None]:
    with _told(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lines of wrong length are told as errors
        try:
            yield
        except UnicodeDecodeError:
            raise CourseError(f"{path} is no text in UTF-8: save it again in that encoding.") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# -- Parquet --------------------------------------------------------------------------------------


class ParquetTable:
    """A Parquet file; see `Table`. It needs pyarrow, which the course itself does not."""

    def __init__(self, path: Path) -> None:
        self.path, self.where = path, str(path)
        try:
            import pyarrow.parquet
        except ImportError:
            raise CourseError(
                f"{path} is a Parquet file: `pip install pyarrow` to read it, or save it as CSV or ROOT."
            ) from None
        with _told(path):
            schema = pyarrow.parquet.read_schema(path)
            self.kinds = {field.name: _kind_of_field(field.type) for field in schema}

    def pieces(self, names: Collection[str]) -> Iterator[Columns]:
        """See `Table`."""
        import pyarrow.parquet

        rows = max(PIECE // max(len(names), 1), 10_000)
        with _told(self.path), pyarrow.parquet.ParquetFile(self.path) as opened:
            for batch in opened.iter_batches(batch_size=rows, columns=list(names)):
                yield {name: _from_arrow(batch.column(name)) for name in names}


def _kind_of_field(kind: Any) -> str:
    from pyarrow import types

    if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
        return NUMBER
    if types.is_dictionary(kind):
        kind = kind.value_type
    return TEXT if types.is_string(kind) or types.is_large_string(kind) else str(kind)


def _from_arrow(column: Any) -> NDArray:
    if column.null_count and _kind_of_field(column.type) == NUMBER:
        column = column.cast("double")
    return column.to_numpy(zero_copy_only=False)
