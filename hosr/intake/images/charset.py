"""The character set of a header: what it declares, what a user says of it, and the bytes that are text in it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from pydicom.charset import convert_encodings, decode_bytes, python_encoding

from hosr.errors import Fault, UsageError
from hosr.phrases import phrase

# What ends the effect of an escape sequence in names and short texts.
_DELIMITERS = {ord(character) for character in "\\^=\t\n\f\r"}

_ESCAPE = 0x1B
_TO_CHINESE = "\x1b$)A"  # of ISO 2022 IR 58 (PS3.3 table C.12-4)

# Encodings of several bytes, in which nothing is read wrong without its being seen; and that of western
# Europe, which takes any bytes for text.
_WIDE = frozenset({"UTF8", "GB18030", "GBK", "GB2312", "shift_jis", "euc_kr"})
_WESTERN = "latin_1"

# Spellings in the wild, after the standard's own.
_MISSPELT = (
    (re.compile(r"ISO[^0-9]IR[^0-9]?(\d+)"), r"ISO_IR \1"),
    (re.compile(r"ISO.?2022.IR.(\d+)"), r"ISO 2022 IR \1"),
    (re.compile(r"UTF.?8", re.IGNORECASE), "ISO_IR 192"),
)


@dataclass(frozen=True, slots=True)
class Charset:
    """The encodings of a data set; `declared` is false where the header names none that is known.

    One that `overrides` is put in the place of whatever a header declares.
    """

    encodings: tuple[str, ...] = ("ascii",)
    declared: bool = False
    overrides: bool = False

    def decode(self, content: bytes) -> str | None:
        """The text; None where these bytes are no text in this character set.

        A name is decoded as a whole: the bytes of "=" and "^" also occur inside of characters.
        """
        if content.isascii() and _ESCAPE not in content:  # which is the same in all of them
            return content.decode("ascii")
        text = decode_bytes(content, list(self.encodings), _DELIMITERS)
        if (
            "iso_ir_58" in self.encodings
        ):  # which pydicom decodes, and leaves its escape sequence in
            text = text.replace(_TO_CHINESE, "")
        return None if "\ufffd" in text else text

    def is_doubtful(self, content: bytes, text: str) -> bool:
        """Whether bytes that are a text in a set of 8 bits look as if they were in another one.

        What is valid UTF-8 is hardly ever anything else; and no name is written in the letters of
        Latin-1 alone, without one of ASCII, or with signs between, as Chinese bytes are read by it.
        """
        if self.overrides or len(self.encodings) > 1 or content.isascii():
            return False
        if self.encodings[0] in _WIDE:
            return False
        with suppress(UnicodeDecodeError):
            content.decode("utf-8")
            return True
        if self.encodings[0] != _WESTERN:
            return False
        letters = [c for c in text if c.isalpha()]
        signs = [c for c in text if not c.isascii() and not c.isalpha()]
        return len(letters) + len(signs) > 1 and not any(c.isascii() for c in letters)


def declared_charset(values: list[str], assumed: Charset | None) -> tuple[Charset, str]:
    """The character set that a header declares, and what there is to note about it.

    The assumed one stands in where the header declares none, or none that is known, and everywhere
    where it overrides them.
    """
    if assumed is not None and assumed.overrides:
        return assumed, phrase(
            "Specific Character Set {values} was overridden", values=_told(values)
        )
    terms = [_spelling(value) for value in values]
    if None in terms:
        return assumed or Charset(), phrase("Specific Character Set is not one of the standard's")
    known = [term for term in terms if term is not None]
    if known in ([""], ["ISO_IR 6"]):
        return assumed or Charset(), ""
    note = "" if known == values else phrase("Specific Character Set is misspelt")
    if assumed is not None and _charset(known) != assumed:
        note = phrase(
            "declares a Specific Character Set, so none is assumed; --override-charset takes "
            "another one"
        )
    return _charset(known), note


def _told(values: list[str]) -> str:
    return (
        "\\".join(values)
        if all(map(_spelling, values))
        else phrase("that is none of the standard's")
    )


def assumed_charset(terms: str | None, overriding: str | None = None) -> Charset | None:
    """The character set that a user names for images that declare none, or for all: ISO_IR 100, say.

    Raises UsageError for a name that the standard does not know.
    """
    if terms is None and overriding is None:
        return None
    if overriding is not None:
        return replace(_named("--override-charset", overriding), overrides=True)
    return _named("--assume-charset", terms or "")


def _named(option: str, terms: str) -> Charset:
    known = [_spelling(term.strip()) for term in terms.split("\\")]
    if None in known or not any(known):
        problem = "this is not a character set of DICOM"
        remedy = "name a defined term of PS3.3 section C.12.1.1.2, such as ISO_IR 100"
        raise UsageError(Fault(option, problem, remedy))
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
