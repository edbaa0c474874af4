"""Files of one's own that outlive a session, such as a classifier that one lesson part hands to the next."""

from pathlib import Path

from hepml_course.data import places
from hepml_course.data.write import writing
from hepml_course.errors import CourseError


def own_file(name: str) -> Path:
    """Where a file of your own lies from one session to the next: in the user's cache of the course.

    The folder is made, the file is not.

    Parameters
    ----------
    name : str
        Such as ``ztautau.hepml``; no path.

    Raises
    ------
    CourseError
        The name is none for a file, or the folder cannot be made.
    """
    if name != Path(name).name or name in ("", ".", ".."):
        raise CourseError(f"{name!r} is no name for a file: leave out the folders.")
    folder = places.cache_folder() / "own"
    with writing(folder, "save to a path of your own"):
        return folder / name
