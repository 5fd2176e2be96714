"""Character sets (PS3.5 section 6.1): bytes to text, exactly or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydicom.charset import convert_encodings, decode_bytes, python_encoding

from hosr.errors import Fault, UsageError

# What ends the effect of an escape sequence in names and short texts.
_DELIMITERS = {ord(character) for character in "\\^=\t\n\f\r"}

_ESCAPE = 0x1B

# Spellings in the wild, after the standard's own.
_MISSPELT = (
    (re.compile(r"ISO[^0-9]IR[^0-9]?(\d+)"), r"ISO_IR \1"),
    (re.compile(r"ISO.?2022.IR.(\d+)"), r"ISO 2022 IR \1"),
    (re.compile(r"UTF.?8", re.IGNORECASE), "ISO_IR 192"),
)


@dataclass(frozen=True, slots=True)
class Charset:
    """The encodings of a data set; `declared` is false where the header names none that is known."""

    encodings: tuple[str, ...] = ("ascii",)
    declared: bool = False

    def decode(self, content: bytes) -> str | None:
        """The text; None where these bytes are no text in this character set.

        A name is decoded as a whole: the bytes of "=" and "^" also occur inside of characters.
        """
        if content.isascii() and _ESCAPE not in content:  # which is the same in all of them
            return content.decode("ascii")
        text = decode_bytes(content, list(self.encodings), _DELIMITERS)
        return None if "\ufffd" in text else text


def declared_charset(values: list[str], assumed: Charset | None) -> tuple[Charset, str]:
    """The character set that a header declares, and what there is to note about it.

    The assumed one stands in where the header declares none, or none that is known.
    """
    terms = [_spelling(value) for value in values]
    if None in terms:
        return assumed or Charset(), "Specific Character Set is not one of the standard's"
    known = [term for term in terms if term is not None]
    if known in ([""], ["ISO_IR 6"]):
        return assumed or Charset(), ""
    note = "" if known == values else "Specific Character Set is misspelt"
    return _charset(known), note


def assumed_charset(terms: str | None) -> Charset | None:
    """The character set that a user names for images that declare none: ISO_IR 100, say.

    Raises UsageError for a name that the standard does not know.
    """
    if terms is None:
        return None
    known = [_spelling(term.strip()) for term in terms.split("\\")]
    if None in known or not any(known):
        problem = "this is not a character set of DICOM"
        remedy = "name a defined term of PS3.3 section C.12.1.1.2, such as ISO_IR 100"
        raise UsageError(Fault("--assume-charset", problem, remedy))
    return _charset([term for term in known if term is not None])


def _charset(terms: list[str]) -> Charset:
    # pydicom reads the default repertoire as Latin-1; by the standard it is ASCII.
    encodings = convert_encodings(terms)
    return Charset(tuple("ascii" if e == "iso8859" else e for e in encodings), declared=True)


def _spelling(term: str) -> str | None:
    """The standard's spelling of a term; None where it has none."""
    if term in python_encoding:
        return term
    for pattern, spelling in _MISSPELT:
        match = pattern.fullmatch(term)
        if match and match.expand(spelling) in python_encoding:
            return match.expand(spelling)
    return None
