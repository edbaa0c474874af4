"""Reads flat trees from ROOT files, and says in one sentence why when it cannot."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hepml_course.data.cards import require_file
from hepml_course.data.samples import likely
from hepml_course.data.write import TREE
from hepml_course.errors import CourseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LARGE_FILE = 1_000_000
"""ROOT adds this to the version in the header when positions in the file take eight bytes."""


def read(path: str | Path, tree: str = TREE, columns: Iterable[str] | None = None) -> "pd.DataFrame":
    """Read the branches of a tree in any ROOT file, one row per event.

    Parameters
    ----------
    path : str or Path
        The file; for one of the course, ``hepml_course.data.file("mc12/Ztautau.root")``.
    tree : str
        Name of the tree.
    columns : iterable of str, optional
        Branches to read, in this order; all when not given. Only these are read from the disk.

    Returns
    -------
    pandas.DataFrame
        One column per branch, with the type it has in the file.

    Raises
    ------
    CourseError
        The file is not a whole ROOT file, the tree or a branch is missing, the tree has no events, a branch
        holds more than one number per event, or it holds NaN or infinite values.
    """
    import pandas as pd

    return pd.DataFrame(read_arrays(Path(path), tree, columns))


def read_arrays(path: Path, tree: str, columns: Iterable[str] | None = None) -> dict[str, "np.ndarray"]:
    """As `read`, as a dict of arrays of shape (n,)."""
    require_whole_root_file(path)
    import uproot

    try:
        with uproot.open(path) as opened:
            found = _tree(path, opened, tree)
            names = _branches(path, found, columns)
            arrays = found.arrays(names, library="np")
            entries = found.num_entries
    except CourseError:
        raise
    except Exception as error:
        # uproot meets damage in many places, each with its own exception; none of them helps a student.
        kind = type(error).__name__
        raise CourseError(f"{path} is damaged and cannot be read ({kind}): copy or make it again.") from None
    _require_equal_length(path, arrays, entries)
    _require_finite(path, arrays)
    return arrays


def require_whole_root_file(path: Path) -> None:
    """Look at the header: uproot reads a truncated file without complaint when the part it needs is there."""
    require_file(path)
    try:
        with path.open("rb") as opened:
            header = opened.read(20)
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}).") from None
    if header[:4] != b"root":
        raise CourseError(f"{path} is not a ROOT file.")
    # The length of the file stands in bytes 12 to 15, or 12 to 19 in the format for large files.
    large = int.from_bytes(header[4:8], "big") >= LARGE_FILE
    length = int.from_bytes(header[12 : 20 if large else 16], "big")
    size = path.stat().st_size
    if size < max(length, 20):
        raise CourseError(f"{path} is truncated, only {size} bytes are left: copy or make it again.")


def _tree(path: Path, opened: Any, name: str) -> Any:
    """The tree ``name`` of the open file, with at least one event."""
    import uproot

    classes = opened.classnames(recursive=True, cycle=False)
    trees = [key for key, kind in classes.items() if kind in ("TTree", "TNtuple", "TNtupleD")]
    require_printable(path, trees)
    if name not in trees:
        known = f"it has {', '.join(trees)}" if trees else "it has none"
        raise CourseError(f"{path} has no tree named {name}; {known}.")
    found = opened[name]
    if not isinstance(found, uproot.TTree):
        raise CourseError(f"{name} in {path} cannot be read as a tree.")
    if found.num_entries == 0:
        raise CourseError(f"The tree {name} in {path} holds no events.")
    return found


def _branches(path: Path, tree: Any, columns: Iterable[str] | None) -> list[str]:
    """The branches to read; each exists and holds one number per event."""
    known = tree.keys(recursive=True)
    require_printable(path, known)
    asked = [columns] if isinstance(columns, str) else known if columns is None else columns
    names = list(dict.fromkeys(asked))
    if not names:
        raise CourseError(f"No branch of {path} was asked for; it has {', '.join(known)}.")
    missing = [name for name in names if name not in known]
    if missing:
        named = " and ".join(f"{name}{likely(name, known)}" for name in missing)
        raise CourseError(f"The tree {tree.name} in {path} has no branch {named}.")
    for name in names:
        if not _is_flat(tree[name]):
            raise CourseError(
                f"Branch {name} in {path} ({tree[name].typename}) does not hold one number per event: "
                "read it with uproot, or leave it out of the columns."
            )
    return names


def require_printable(path: Path, names: list[str]) -> None:
    """uproot turns bytes that are no UTF-8 into surrogates: neither a table nor a message can hold these."""
    for name in names:
        if not name.isprintable():
            raise CourseError(f"{path} is damaged, it holds a name {name!a}: copy or make it again.")


def _is_flat(branch: Any) -> bool:
    """Whether the branch holds one number or boolean per event."""
    import uproot

    kind = branch.interpretation
    return type(kind) is uproot.AsDtype and kind.to_dtype.kind in "biuf"


def _require_equal_length(path: Path, arrays: dict[str, "np.ndarray"], entries: int) -> None:
    """A damaged header can promise another number of events than a branch holds; uproot does not compare."""
    for name, values in arrays.items():
        if values.shape != (entries,):
            found = f"branch {name} holds {len(values)} of {entries} events"
            raise CourseError(f"{path} is damaged, {found}: copy or make it again.")


def _require_finite(path: Path, arrays: dict[str, "np.ndarray"]) -> None:
    import numpy as np

    for name, values in arrays.items():
        if values.dtype.kind != "f" or np.isfinite(values).all():
            continue
        nans, infinities = int(np.isnan(values).sum()), int(np.isinf(values).sum())
        raise CourseError(
            f"Branch {name} in {path} holds {nans} NaN and {infinities} infinite values: "
            "leave the branch out of the columns, or mend the file."
        )
