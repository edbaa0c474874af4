"""The list of datasets that the course ships: which sample is made of which files."""

from collections.abc import Iterable
from difflib import get_close_matches

from hepml_course.errors import CourseError

SAMPLES: dict[str, dict[str, str]] = {
    "ztautau": {
        "Ztautau": "mc12/Ztautau.root",
        "Powheg_ttbar": "mc12/Powheg_ttbar.root",
        "Wenu": "mc12/Wenu.root",
        "Wmunu": "mc12/Wmunu.root",
        "Wtaunu": "mc12/Wtaunu.root",
        "Zee": "mc12/Zee.root",
        "Zmumu": "mc12/Zmumu.root",
        "data": "data12/Muons.PhysCont.grp14.root",
    },
    "quark_gluon": {"quark": "jets/quark.root", "gluon": "jets/gluon.root"},
}
"""Sample to its members, member to its file. A new file of the course is entered here."""

FILES: list[str] = [name for members in SAMPLES.values() for name in members.values()]


def members(sample: str, only: Iterable[str] | None = None) -> dict[str, str]:
    """Members of a sample and their files, all or only those named.

    Raises
    ------
    CourseError
        The sample or a member is not known; the message lists those that are.
    """
    require_known("sample", sample, SAMPLES)
    known = SAMPLES[sample]
    if only is None:
        return known
    wanted = [only] if isinstance(only, str) else list(only)
    for key in wanted:
        require_known(f"member of {sample}", key, known)
    return {key: known[key] for key in wanted}


def require_known(what: str, name: str, known: Iterable[str]) -> None:
    """Raise a `CourseError` that lists the known names unless ``name`` is among them."""
    known = list(known)
    if name not in known:
        raise CourseError(f"There is no {what} named {name}{likely(name, known)}; known: {', '.join(known)}.")


def likely(name: str, known: Iterable[str]) -> str:
    """``" (did you mean …?)"`` when something known looks like ``name``, else nothing."""
    lower = {other.lower(): other for other in known}
    close = [lower[match] for match in get_close_matches(str(name).lower(), lower, n=3)]
    return f" (did you mean {' or '.join(close)}?)" if close else ""
