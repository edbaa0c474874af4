"""How a reply looks: plain text everywhere, a coloured bar where there is HTML."""

import html
import re

from hepml_course.checks._core import State

# Colours from the Okabe-Ito set, told apart with any colour vision; the sign and the words say the same.
_LOOK = {
    State.CORRECT: ("✓", "", "#009E73"),
    State.NOT_YET: ("✗", "Not yet. ", "#E69F00"),
    State.NOT_ATTEMPTED: ("○", "", "#7F7F7F"),
    State.RAISED: ("!", "Your code raised an error. ", "#D55E00"),
}
_HINT = ("→", "", "#0072B2")


class Reply:
    """Something the course says to a student; shown as text and as HTML."""

    def __init__(self, text: str, state: State | None = None) -> None:
        self.state = state
        self.sign, opening, self.colour = _HINT if state is None else _LOOK[state]
        self.text = opening + text

    def __repr__(self) -> str:
        return f"{self.sign} {self.text}"

    def _repr_html_(self) -> str:
        text = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(self.text, quote=False))
        style = f"border-left: 4px solid {self.colour}; padding: 0.3em 0.8em"
        return f'<div style="{style}"><strong>{self.sign}</strong> {text}</div>'
