"""Keeps TensorFlow from talking on stderr while it is imported; a lesson must not show it.

Most of it obeys environment variables. What its C++ part says before its logging is set up, for example that
there is no GPU, obeys nothing, so that for the time of the import the file descriptor is turned away.
"""

import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec
from types import ModuleType

_VARIABLES = {"TF_CPP_MIN_LOG_LEVEL": "3", "ABSL_MIN_LOG_LEVEL": "3"}


def quieten() -> None:
    """Prepare a quiet import of TensorFlow, whenever it comes; costs nothing until then."""
    for name, value in _VARIABLES.items():
        os.environ.setdefault(name, value)
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Finds TensorFlow as everybody else does, and has it loaded in silence."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        with suppress(ValueError):  # it may be gone already when two threads import at once
            sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = _in_silence(spec.loader.exec_module)
        return spec


def _in_silence(load):
    def load_in_silence(module: ModuleType) -> None:
        with _no_stderr():
            load(module)

    return load_in_silence


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Turn file descriptor 2 away; where there is none, as in a windowed Python, nothing is done."""
    try:
        kept = os.dup(2)
    except OSError:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
