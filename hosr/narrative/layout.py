"""Lines of a page: 80 columns, and no number parted from what it counts."""

from __future__ import annotations

import unicodedata

COLUMNS = 80

# Blanks that a line never ends at; they are printed as plain ones.
_BOUND = str.maketrans("\u00a0\u202f", "  ")


def wrap(text: str) -> str:
    """The same lines, each broken where it is wider than the page."""
    return "\n".join(broken for line in text.split("\n") for broken in _break(line))


def columns(text: str) -> int:
    """The width in a terminal: East Asian characters take two columns."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "FW" else 1 for c in text)


def _break(line: str) -> list[str]:
    lines = [""]
    for word in line.split(" "):
        for piece in _pieces(word.translate(_BOUND)):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if columns(joined) <= COLUMNS:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _pieces(word: str) -> list[str]:
    """A word that is wider than the page, in parts that are not."""
    if columns(word) <= COLUMNS:
        return [word]
    pieces = [""]
    for character in word:
        if columns(pieces[-1] + character) > COLUMNS:
            pieces.append("")
        pieces[-1] += character
    return pieces
