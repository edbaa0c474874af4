"""The one error that a user of the course is meant to read."""


class CourseError(Exception):
    """A problem told in one sentence that says what to do about it."""


class MissingExtraError(CourseError):
    """A part of the course needs an optional dependency that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs `pip install hepml-course[{extra}]`.")
