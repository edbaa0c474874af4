"""Numbers, arrays and strange objects in the few words that fit into a message."""

from typing import Any

import numpy as np

LONGEST = 60


def show(value: Any, digits: int = 3) -> str:
    """Write a value the way it would stand on a blackboard.

    Numbers get `digits` significant digits and a true minus sign, vectors stand in parentheses,
    strings pass unchanged.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value)).replace("-", "−")
    if isinstance(value, (float, np.floating)):
        return f"{float(value) + 0.0:.{digits}g}".replace("-", "−")
    if isinstance(value, (list, tuple, np.ndarray)):
        return _vector(value, digits)
    return describe(value)


def _vector(value: Any, digits: int) -> str:
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return show(value.item(), digits) if value.ndim == 0 else f"an array of shape {value.shape}"
    shown = [show(item, digits) for item in value[:6]]
    return "(" + ", ".join(shown + ["…"] * (len(value) > 6)) + ")"


def describe(value: Any) -> str:
    """Say what an unexpected object is, whatever it does when looked at."""
    try:
        if value is None:
            return "None"
        if isinstance(value, np.ndarray):
            return f"an array of shape {value.shape} holding {value.dtype}"
        if callable(value):
            return f"a function ({getattr(value, '__name__', type(value).__name__)})"
        text = " ".join(repr(value).split())
        if " at 0x" in text:  # an address changes from run to run
            return f"an object of type {type(value).__name__}"
        short = text if len(text) <= LONGEST else text[:LONGEST] + "…"
        return f"{short} ({type(value).__name__})"
    except Exception:
        return f"an object of type {type(value).__name__}"
