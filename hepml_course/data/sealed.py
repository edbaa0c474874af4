"""What a file of pseudo-data really holds: sealed, so that nobody reads it by accident."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from hepml_course.data.cards import file
from hepml_course.errors import CourseError


def unseal(name: str) -> dict[str, Any]:
    """The truth about a file of pseudo-data. Look at it when your own number is final, not before.

    Parameters
    ----------
    name : str
        The pseudo-data, for example ``data12/Muons.PhysCont.grp14.root``.

    Returns
    -------
    dict
        ``preselected``: events of each process that pass the preselection of lecture 001; ``multiple``:
        the factor by which each process was scaled; ``luminosity_fb``.

    Raises
    ------
    CourseError
        If there is no such file, or no truth about it.
    """
    path = file(name).with_name("truth.sealed")
    try:
        found = json.loads(zlib.decompress(base64.b64decode(path.read_bytes(), validate=True)))
    except FileNotFoundError:
        raise CourseError(f"There is no sealed truth about {name}: only pseudo-data has one.") from None
    except (OSError, ValueError, zlib.error):
        raise CourseError(f"{path} is damaged: `git checkout -- datasets` restores it.") from None
    if not isinstance(found, dict) or "preselected" not in found:
        raise CourseError(f"{path} is damaged: `git checkout -- datasets` restores it.")
    return found
