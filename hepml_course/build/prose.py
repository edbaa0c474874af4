"""What the build adds to markdown: numbers from the kernel and folded text."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FIELD = re.compile(r"\{\{\s+(.+?)\s+\}\}")
_FORMULA_OR_CODE = re.compile(r"\$\$.*?\$\$|\$.*?\$|```.*?```|`.*?`", re.DOTALL)


def fields(text: str) -> list[str]:
    """The expressions between ``{{`` and ``}}``, format and all, in order of appearance."""
    return _FIELD.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every field replaced by its value; a field without value stays as it is."""
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), text)


def stray_braces(text: str) -> bool:
    """Whether double braces stand in the prose that look like a field and are none, such as ``{{n}}``."""
    rest = _FORMULA_OR_CODE.sub("", _FIELD.sub("", text))
    return "{{" in rest or "}}" in rest


def folded(text: str, summary: str) -> str:
    """Markdown that shows `summary` and opens to `text`; the blank lines keep the markdown inside alive."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
