"""The values of one header, each checked as it is read; its texts by its character set.

Values are taken from the bytes as they were written: a reader that converts them would accept
what no report can hold, or complain on stderr with the patient's name.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence

from hosr.dicom.structure import UnusableFile
from hosr.identity import is_usable_uid
from hosr.intake.images.charset import Charset, declared_charset
from hosr.phrases import Phrase, phrase
from hosr.study import read_date

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from hosr.intake.images.elements import Text


_MAX_TEXT_BYTES = 1 << 16

# Unsigned shorts, whatever value representation is written beside them.
_SHORTS = frozenset({"Columns", "RecordInUseFlag", "Rows"})

# Control characters, halves of characters, line and paragraph separators.
_CONTROLS = frozenset({"Cc", "Cs", "Zl", "Zp"})

# Value representation, or TZ: the form of a value that is of use.
_FORMS = {
    "CS": re.compile(r"[A-Z0-9_ ]{1,16}"),
    "DA": re.compile(r"\d{8}", re.ASCII),
    "TM": re.compile(r"([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?", re.ASCII),
    "TZ": re.compile(r"[+-](0\d|1[0-4])[0-5]\d", re.ASCII),
}

# The forms of ACR-NEMA, which readers are to support still (PS3.5 table 6.2-1).
_OLD_SEPARATORS = {"DA": re.compile(r"(?<=\d)\.(?=\d)"), "TM": re.compile(r"(?<=\d):(?=\d)")}

_CORRECT = phrase("correct the file")
_OVERRIDE = phrase(
    "its character set may be another than the declared one; name it with --override-charset"
)
_ASSUME = phrase("name it with --assume-charset, such as ISO_IR 100")


class Header:
    """One data set, or one item of a sequence in it; what is odd goes to `note`."""

    def __init__(
        self,
        elements: Dataset,
        note: Callable[[str], None],
        *,
        charset: Charset | None = None,
        assumed: Charset | None = None,
    ) -> None:
        self._elements = elements
        self._written = {_keyword_of(tag): element for tag, element in elements.items()}
        self._note = note
        self._assumed = assumed
        self._charset = charset if charset and not self._has_charset() else self._own_charset()

    def note(self, problem: str) -> None:
        """Keep a deficiency of this header."""
        self._note(problem)

    def lists(self, keyword: str) -> bool:
        """Whether the element is there, with or without a value."""
        return keyword in self._written

    def has(self, keyword: str) -> bool:
        """Whether the element is there and not blank."""
        return bool(self._content(keyword).strip(b" \0"))

    def uid(self, keyword: str) -> str:
        """A UID as its writer knows it (`is_usable_uid`); "" where it is absent, empty or none."""
        uid = self._ascii(keyword)
        return uid if is_usable_uid(uid) else ""

    def values(self, keyword: str) -> list[str]:
        """The values of an element that has ASCII only, without padding; one "" if it is absent."""
        return [value.strip() for value in self._ascii(keyword).split("\\")]

    def codes(self, keyword: str) -> list[str]:
        """The values of a code string; upper case, for some writers forget it."""
        return [value.upper() for value in self.values(keyword)]

    def code(self, keyword: str) -> str:
        """The first value of a code string; "" where it is absent."""
        return self.codes(keyword)[0]

    def whole(self, keyword: str) -> int | None:
        """A whole number, written in digits or in two bytes; None where there is none."""
        element = self._element(keyword)
        content = self._content(keyword)
        if element is None or not content:
            return None
        if keyword in _SHORTS:
            return _unsigned_short(content, little_endian=element.is_little_endian)
        match = re.fullmatch(r"\s*([+-]?\d{1,11})[\s\0]*", _ascii_text(content), re.ASCII)
        return int(match[1]) if match else None

    def numbers(self, keyword: str, count: int) -> tuple[float, ...] | None:
        """So many finite decimal numbers; None, with a note unless absent, where there are not."""
        if not self.has(keyword):
            return None
        values = [_decimal(value) for value in self.values(keyword)]
        finite = tuple(value for value in values if value is not None)
        if len(values) != count or len(finite) != count:
            if count == 1:
                self.note(phrase("{keyword} is not 1 decimal number", keyword=keyword))
            else:
                problem = phrase(
                    "{keyword} is not {number} decimal numbers", keyword=keyword, number=count
                )
                self.note(problem)
            return None
        return finite

    def items(self, keyword: str) -> list[Header]:
        """The items of a sequence; none where it is absent."""
        if keyword not in self._written:
            return []
        value = self._elements[keyword].value
        if value is None or (not isinstance(value, Sequence) and not value):
            return []
        if not isinstance(value, Sequence):
            raise UnusableFile(
                phrase("{keyword} is damaged", keyword=keyword), phrase("fetch the file again")
            )
        return [
            Header(item, self._note, charset=self._charset, assumed=self._assumed) for item in value
        ]

    def text(self, element: Text) -> str:
        """A text in full; "" where it is absent or, if it is not essential, of no use.

        Raises UnusableFile for an essential text that cannot be read for certain.
        """
        content = self._content(element.keyword)
        decoded = self._charset.decode(content)
        if decoded is None:
            return self._unreadable(element)
        text = _unpadded(decoded, element.vr)
        if element.vr in _FORMS:
            return self._formed(text, element) if text else ""
        is_doubtful = self._charset.is_doubtful(content, text)
        is_plain = text.isascii() and text.isprintable()
        if not is_plain and any(unicodedata.category(c) in _CONTROLS for c in text):
            remedy = _OVERRIDE if is_doubtful else _CORRECT
            return self._unfit(element, phrase("holds control characters"), remedy)
        if is_doubtful:
            self.note(
                phrase(
                    "{words} may be in another character set than the declared one; compare it, and "
                    "name the right one with --override-charset",
                    words=element.words,
                )
            )
        return self._held(text, element)

    def _held(self, text: str, element: Text) -> str:
        if "\\" in text:
            return self._unfit(element, phrase("holds a backslash, so more than one value"))
        if element.vr == "PN" and len(text.split("=")) > 3:
            return self._unfit(element, phrase("has more than three component groups"))
        if element.vr == "PN" and any(group.count("^") > 4 for group in text.split("=")):
            return self._unfit(element, phrase("has more than five components"))
        groups = text.split("=") if element.vr == "PN" else [text]
        if max(map(len, groups)) <= element.most:
            return text
        if element.whose:
            self.note(
                phrase(
                    "{words} is longer than {number} characters; it is kept",
                    words=element.words,
                    number=element.most,
                )
            )
        else:
            self.note(
                phrase(
                    "{words} is longer than {number} characters; it is left out",
                    words=element.words,
                    number=element.most,
                )
            )
        return text if element.whose or element.asserted else ""

    def _formed(self, text: str, element: Text) -> str:
        plain = _OLD_SEPARATORS[element.vr].sub("", text) if element.vr in _OLD_SEPARATORS else text
        is_no_day = element.vr == "DA" and read_date(plain) is None
        if is_no_day or not _FORMS[element.vr].fullmatch(plain):
            return self._unfit(element, phrase("has no valid value"))
        if plain != text:
            self.note(phrase("{words} is in the form of ACR-NEMA", words=element.words))
        return plain

    def _unreadable(self, element: Text) -> str:
        if self._charset.declared:
            problem = phrase("has characters outside of the declared Specific Character Set")
            return self._unfit(element, problem, _OVERRIDE)
        problem = phrase(
            "has characters outside of ASCII, and the file declares no character set for them"
        )
        return self._unfit(element, problem, _ASSUME)

    def _unfit(self, element: Text, problem: Phrase, remedy: Phrase = _CORRECT) -> str:
        if element.essential:
            raise UnusableFile(
                phrase("{words} {problem}", words=element.words, problem=problem), remedy
            )
        self.note(phrase("{words} {problem}; it is left out", words=element.words, problem=problem))
        return ""

    def _has_charset(self) -> bool:
        return bool(self._content("SpecificCharacterSet"))

    def _own_charset(self) -> Charset:
        declared = self.values("SpecificCharacterSet")
        charset, note = declared_charset(declared, self._assumed)
        if note:
            self.note(note)
        return charset

    def _ascii(self, keyword: str) -> str:
        return _ascii_text(self._content(keyword)).strip(" \0")

    def _element(self, keyword: str) -> RawDataElement | None:
        element = self._written.get(keyword)
        if element is not None and not isinstance(element, RawDataElement):
            raise UnusableFile(
                phrase("{keyword} is damaged", keyword=keyword), phrase("fetch the file again")
            )
        return element

    def _content(self, keyword: str) -> bytes:
        element = self._element(keyword)
        content = b"" if element is None else element.value or b""
        if element is not None and element.length > _MAX_TEXT_BYTES:
            raise UnusableFile(
                phrase("{keyword} is larger than any value may be", keyword=keyword),
                phrase("fetch the file again"),
            )
        return content


_keyword_of = lru_cache(4096)(keyword_for_tag)


def _ascii_text(content: bytes) -> str:
    return content.decode("ascii", "replace")


def _unsigned_short(content: bytes, *, little_endian: bool) -> int | None:
    if len(content) < 2:
        return None
    return int.from_bytes(content[:2], "little" if little_endian else "big")


def _decimal(text: str) -> float | None:
    match = re.fullmatch(r"\s*([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?)[\s\0]*", text, re.ASCII)
    value = float(match[1]) if match else math.nan
    return value if math.isfinite(value) else None


def _unpadded(text: str, vr: str) -> str:
    """The text without what is not significant (PS3.5 section 6.2)."""
    if vr == "PN":
        return text.rstrip(" \0").rstrip("=")
    return text.strip(" \0")
