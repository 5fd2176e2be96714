r"""Free text between the delimiters of a message (v2.5.1 section 2.7), and the ways in which lines end.

hl7types 0.9.5 leaves alone what looks like an escape, as `\F\` in a path of Windows, so that a receiver
loses it, and writes CR and LF as they are, which ends the segment. Both are settled here, before a text
is handed over: afterwards each backslash belongs to an escape, which hl7types leaves as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from hosr.language.numbers import plain
from hosr.messages.message_form import LineEnd

# Controls too: 0x1C would end the frame of MLLP. The standard has hexadecimal for them.
_ESCAPES = str.maketrans(
    {
        **{chr(number): f"\\X{number:02X}\\" for number in (*range(0x20), 0x7F)},
        "\\": r"\E" + "\\",
        "|": r"\F" + "\\",
        "^": r"\S" + "\\",
        "&": r"\T" + "\\",
        "~": r"\R" + "\\",
    }
)
# Two quotation marks alone are no text: they tell a receiver to delete what it has.
_NULL, _QUOTES = '""', "\\X2222\\"


def escape(text: str) -> str:
    """A text with all that a parser would take for something else escaped."""
    return _QUOTES if text == _NULL else text.translate(_ESCAPES)


def in_one_line(text: str) -> str:
    """A text for a field that holds no lines, escaped."""
    return escape(plain(text))


def text_fields(lines: Sequence[str], ends: LineEnd) -> tuple[tuple[str, ...], ...]:
    """The lines as the repetitions of OBX-5, escaped, for each OBX that there will be."""
    escaped = tuple(map(escape, lines))
    if ends is LineEnd.BREAK:
        return (("\\.br\\".join(escaped),),)
    return tuple((line,) for line in escaped) if ends is LineEnd.SEGMENT else (escaped,)
