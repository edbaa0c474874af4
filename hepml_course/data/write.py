"""Writes a file of the course and its card, whole or not at all."""

import errno
import hashlib
import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from hepml_course.errors import CourseError
from hepml_course.files import replace_file

TREE = "events"


def content_sha256(events: Mapping[str, np.ndarray]) -> str:
    """Checksum of names, types and values of a table of events.

    A ROOT file carries the time it was written, so its bytes differ each time. This number depends on
    the content only: the order of the branches and the byte order of the machine do not enter.

    Parameters
    ----------
    events : mapping of str to array of shape (n,)
        One array for each branch.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name in sorted(events):
        values = np.asarray(events[name])
        little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        # Name, type and shape go in first, closed by a zero byte: no value can pass for part of a name.
        digest.update(f"{name}\0{little.dtype.kind}{little.dtype.itemsize}\0{little.shape}\0".encode())
        digest.update(little.tobytes())
    return digest.hexdigest()


def write_events(path: Path, events: Mapping[str, np.ndarray], card: Mapping[str, Any]) -> None:
    """Write ``events`` to the ROOT file ``path`` and ``card`` beside it, with the suffix ``.yml``.

    The card is completed with ``tree``, ``entries``, ``sha256`` (of the file) and ``content_sha256`` (of
    the arrays). A pair that already holds this content with this card stays untouched, so a
    remade dataset shows no difference in version control.

    Parameters
    ----------
    path : Path
        Ends in ``.root``; its folder is made when missing.
    events : mapping of str to array of shape (n,)
        Flat branches of one length, numbers or booleans, all finite.
    card : mapping
        What the file is; see `hepml_course.data.card`.

    Raises
    ------
    CourseError
        The arrays cannot be shipped, or the folder cannot be written to. Nothing half-written stays.
    """
    path = Path(path)
    arrays = {name: np.asarray(values) for name, values in events.items()}
    _require_shippable(path, arrays)
    whole = {"file": f"{path.parent.name}/{path.name}", **card, "tree": TREE}
    whole |= {"entries": len(next(iter(arrays.values()))), "content_sha256": content_sha256(arrays)}
    with replacing(path):
        if not _holds(path, whole):
            _put(path, _root_bytes(arrays), whole)


def write_with_card(path: Path, raw: bytes, card: Mapping[str, Any]) -> None:
    """Write the content of a file to ``path``, and beside it its card, completed with the ``sha256``.

    Raises
    ------
    CourseError
        The folder cannot be written to. Nothing half-written stays.
    """
    with replacing(path):
        _put(path, raw, card)


@contextmanager
def replacing(path: Path) -> Iterator[None]:
    """Make the folder of ``path`` and have it alone, without parts of ``path`` that a killed process left."""
    with writing(path.parent), _alone_in(path.parent):
        _remove_abandoned(path)
        yield


def _put(path: Path, raw: bytes, card: Mapping[str, Any]) -> None:
    replace_file(path, raw)
    # The card comes last: until it is there, the checksum of the old one refuses the new file.
    whole = dict(card) | {"sha256": hashlib.sha256(raw).hexdigest()}
    replace_file(path.with_suffix(".yml"), _yaml(whole))


def _remove_abandoned(path: Path) -> None:
    """Remove parts that a killed process left; called with the folder locked, so none is in use."""
    for part in path.parent.glob(f".{path.stem}.*.part"):
        part.unlink(missing_ok=True)


@contextmanager
def writing(folder: Path, instead: str = "choose another folder") -> Iterator[None]:
    """Make ``folder`` and turn what the disk refuses inside the block into one clear sentence.

    ``instead`` is what a user without permission can do.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise CourseError(_refusal(folder, error, instead)) from None


def _refusal(folder: Path, error: OSError, instead: str) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {folder} is full: make room and try again; nothing half-written is left."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"No permission to write to {folder}: change its permissions, or {instead}."
    return f"Writing to {folder} failed ({error.strerror or error}); nothing half-written is left."


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time write into ``folder``: file and card of two writers must not mix.

    The lock is on the folder itself; it leaves nothing behind and ends with the process. Windows has no
    such lock; events are not generated there.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _require_shippable(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Refuse what `hepml_course.data.read` would refuse later."""
    if path.suffix != ".root":
        raise CourseError(f"Events are written to a file that ends in .root, not to {path.name}.")
    shapes = {values.shape for values in arrays.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise CourseError(f"{path.name}: every branch needs one number per event; the shapes are {shapes}.")
    if shapes == {(0,)}:
        raise CourseError(f"{path.name} would hold no events: generate more, or loosen the cuts.")
    for name, values in arrays.items():
        if values.dtype.kind not in "biuf" or values.dtype.itemsize > 8 or values.dtype == np.float16:
            raise CourseError(f"{path.name}: branch {name} is {values.dtype}; use float32, int8 or int32.")
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            bad = np.count_nonzero(~np.isfinite(values))
            raise CourseError(f"{path.name}: branch {name} has {bad} values that are NaN or infinite.")


def _root_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The ROOT file, made in memory: a few MB that then go to disk in one step."""
    import uproot

    buffer = io.BytesIO()
    # LZMA reads a tenth of a second slower than zlib and is a quarter smaller when mantissas are rounded.
    with uproot.recreate(buffer, compression=uproot.LZMA(6)) as root_file:
        tree = root_file.mktree(TREE, {name: values.dtype for name, values in arrays.items()})
        tree.extend(dict(arrays))
        # uproot closes the buffer with the file, and the file is complete after each extend.
        return buffer.getvalue()


def _yaml(card: Mapping[str, Any]) -> bytes:
    return yaml.dump(dict(card), Dumper=_CardDumper, sort_keys=False, allow_unicode=True, width=110).encode()


class _CardDumper(yaml.SafeDumper):
    """Writes numpy's numbers as plain ones."""


_CardDumper.add_multi_representer(np.generic, lambda dumper, value: dumper.represent_data(value.item()))


def _holds(path: Path, card: Mapping[str, Any]) -> bool:
    """Whether an intact file with exactly this card, the file's own checksum apart, is already there."""
    try:
        old = yaml.safe_load(path.with_suffix(".yml").read_bytes())
        intact = old.pop("sha256") == hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, yaml.YAMLError, AttributeError, KeyError):
        return False
    return intact and old == yaml.safe_load(_yaml(card))
