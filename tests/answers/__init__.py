"""What students answer: right in several styles, and wrong in the ways that come up in class.

One module per lesson holds ``ANSWERS``; ``test_checks.py`` demands that every check tells them apart.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answers:
    """Right answers, and wrong ones each with the id of the mistake it must be told about."""

    right: list[Any]
    wrong: list[tuple[str, Any]]
