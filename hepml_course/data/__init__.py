"""The course's datasets: where they are, whether they are intact, and how to read them.

>>> from hepml_course import data
>>> tables = data.load("ztautau", columns=["evtsel_tau_et", "WeightLumi"])  # doctest: +SKIP
>>> data.file("mc12/Ztautau.root")  # doctest: +SKIP
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hepml_course.data.cards import card, file, intact
from hepml_course.data.integrity import Dataset, Finding, catalogue, verify
from hepml_course.data.own import own_file
from hepml_course.data.places import destination
from hepml_course.data.rootfile import read
from hepml_course.data.samples import SAMPLES, members
from hepml_course.data.sealed import unseal
from hepml_course.data.write import content_sha256, write_events

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SAMPLES",
    "Dataset",
    "Finding",
    "card",
    "catalogue",
    "content_sha256",
    "destination",
    "file",
    "load",
    "own_file",
    "read",
    "unseal",
    "verify",
    "write_events",
]


def load(
    sample: str, columns: Iterable[str] | None = None, only: Iterable[str] | None = None
) -> "dict[str, pd.DataFrame]":
    """Read the files of a sample, verified against their cards.

    Parameters
    ----------
    sample : str
        ``"ztautau"``: simulated processes and the pseudo-data of the lesson on Z → ττ; ``"quark_gluon"``:
        simulated jets of light quarks and of gluons, a row a constituent.
    columns : iterable of str, optional
        Branches to read; all when not given. The pseudo-data has no truth branches.
    only : iterable of str, optional
        Members of the sample to read; all when not given.

    Returns
    -------
    dict of str to pandas.DataFrame
        One table per member, for example ``Ztautau``, ``Wmunu`` and ``data``.

    Raises
    ------
    CourseError
        See `file` and `read`.

    Examples
    --------
    >>> from hepml_course.data import load
    >>> load("ztautau", columns=["vis_mass"], only=["Ztautau"])["Ztautau"].shape[1]  # doctest: +SKIP
    1
    """
    # An iterator could be read once only, and there is more than one file.
    columns = columns if columns is None or isinstance(columns, str) else list(columns)
    tables = {}
    for key, name in members(sample, only).items():
        path, about = intact(name)
        tables[key] = read(path, about["tree"], columns)
    return tables
