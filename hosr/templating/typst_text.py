r"""Text within a Typst source, as text and never as markup or code.

Typst takes `\u{23}` for the character # in markup and in a string alike, so one way of writing
serves both: whatever could mean something is given by its number.
"""

from __future__ import annotations

import re

# Letters, digits and commas mean nothing, nor does a single blank between two of them; every
# other character of ASCII may, and so may the line ends of Unicode.
_MEANINGFUL = re.compile(
    "[\\x00-\\x1f\\x21-\\x2b\\x2d-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\xa0\\u2028\\u2029\\ufeff]"
    r"|\A | \Z|(?<= ) "
)


class Printed(str):
    """What a template has printed: its values are escaped already."""

    __slots__ = ()


def escape_typst(text: str) -> Printed:
    """The text for markup, and for use within the quotation marks of a string."""
    return Printed(_MEANINGFUL.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text))


def quote_typst(text: str) -> Printed:
    """The text as a string of Typst code, with its quotation marks."""
    return Printed(f'"{escape_typst(text)}"')
