"""The course's datasets: where they are, whether they are intact, and how to read them."""

from hepml_course.data.write import content_sha256, write_events

__all__ = ["content_sha256", "write_events"]
