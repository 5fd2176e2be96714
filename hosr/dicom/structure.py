"""Whether a DICOM data set is whole and shallow, and the elements that are wanted from it.

One pass over the tags without recursion, up to the pixel data (PS3.5 chapter 7). It finds what a
reader of values would find too late or by running out of stack: values that end behind the end
of the file, sequences nested without measure, and elements without number.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from pydicom.datadict import dictionary_description, dictionary_has_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import BaseTag

from hosr.phrases import phrase

MAX_DEPTH = 32
MAX_ELEMENTS = 1_000_000
MAX_VALUE_BYTES = 64 << 20

_BLOCK_BYTES = 1 << 12

_PIXEL_DATA = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
# These have a length of 32 bits behind two bytes that are reserved (PS3.5 table 7.1-1).
LONG_VRS = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
_SEQUENCE_VRS = frozenset({b"SQ", b"UN", b""})


class UnusableFile(Exception):
    """What makes one file unusable, in words without patient data."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How the elements of a data set are written."""

    implicit: bool
    little_endian: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Where a data set lies in its stream."""

    start: int
    end: int


@dataclass(slots=True)
class _Open:
    """A sequence or item that has not ended; `end` is None where a delimiter ends it."""

    is_sequence: bool
    end: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelElement:
    """Where pixel data lie in their stream, and whether in fragments; what delimits these is no part."""

    tag: int
    vr: str
    extent: Extent
    is_encapsulated: bool


class _Element(NamedTuple):
    tag: int
    vr: bytes
    length: int
    value: int
    end: int


class _Walk:
    """The pass itself: a position and what is open there."""

    def __init__(
        self,
        stream: BinaryIO,
        extent: Extent,
        encoding: Encoding,
        wanted: Collection[int] = frozenset(),
    ) -> None:
        self.wanted = wanted
        self.taken: dict[BaseTag, DataElement | RawDataElement] = {}
        self.of_unknown_length: list[int] = []
        self.repeated: set[int] = set()
        self.pixels: list[PixelElement] = []
        self.stream = stream
        self.extent = extent
        self.encoding = encoding
        order = "<" if encoding.little_endian else ">"
        self.tag_of = struct.Struct(order + "HH").unpack_from
        self.short_of = struct.Struct(order + "H").unpack_from
        self.long_of = struct.Struct(order + "L").unpack_from
        self.open: list[_Open] = []
        self.position = extent.start
        self.block_start, self.block = 0, b""

    def pass_through(self) -> None:
        for _ in range(MAX_ELEMENTS):
            self._close_ended()
            element = self._element()
            if element is None:
                return
            if not self.open and element.tag in _PIXEL_DATA:
                self._pass_pixel_data(element)
                return
            if not self.open and element.tag in self.wanted:
                self._take(element)
            self._pass(element)
        raise UnusableFile(
            phrase("has more than a million elements"),
            phrase("give the file as the archive holds it"),
        )

    def _take(self, element: _Element) -> None:
        """Keep an element as it is written, as pydicom's reader would give it."""
        if element.length == _UNDEFINED:
            if element.tag in self.of_unknown_length or element.tag in self.taken:
                self.repeated.add(element.tag)
            self.of_unknown_length.append(element.tag)
            return
        if element.end > self.extent.end:
            return  # passing it will say so
        is_bearable = element.length <= MAX_VALUE_BYTES
        tag = BaseTag(element.tag)
        taken = RawDataElement(
            tag,
            element.vr.decode() or None,
            element.length,
            self._bytes(element.value, element.length) if is_bearable else None,
            element.value,
            self.encoding.implicit,
            self.encoding.little_endian,
        )
        earlier = self.taken.get(tag, taken)
        if tag in self.of_unknown_length or not _says_the_same(earlier, taken):
            self.repeated.add(element.tag)
        self.taken[tag] = taken

    def _close_ended(self) -> None:
        while self.open:
            end = self.open[-1].end
            if end is None or self.position < end:
                return
            self.open.pop()

    def _element(self) -> _Element | None:
        head = self._bytes(self.position, 12)
        if len(head) < 8:
            # Padding behind the last element is no element.
            if self.open or head.strip(b"\0"):
                raise _cut()
            return None
        group, number = self.tag_of(head)
        tag, vr = group << 16 | number, head[4:6]
        if group == 0xFFFE or self.encoding.implicit or not _is_vr(vr):
            vr, length, value = b"", self.long_of(head, 4)[0], self.position + 8
        elif vr not in LONG_VRS:
            length, value = self.short_of(head, 6)[0], self.position + 8
        elif len(head) == 12:
            length, value = self.long_of(head, 8)[0], self.position + 12
        else:
            raise _cut()
        return _Element(tag, vr, length, value, value + length)

    def _bytes(self, position: int, count: int) -> bytes:
        """So many bytes, or as many as there are; read in blocks, for elements lie close."""
        start = position - self.block_start
        if start < 0 or start + count > len(self.block):
            self.stream.seek(position)
            if count > _BLOCK_BYTES:
                return self.stream.read(count)
            self.block_start, self.block = position, self.stream.read(_BLOCK_BYTES)
            start = 0
        return self.block[start : start + count]

    def _pass(self, element: _Element) -> None:
        """Step into a sequence or item, out of one, or over a value."""
        self.position = element.value
        if self.open and self.open[-1].is_sequence:
            self._pass_item(element)
        elif element.tag == _ITEM_END:
            self._leave()
        elif element.length == _UNDEFINED:
            self._enter(is_sequence=True, end=None)
        elif element.end > self._limit():
            self._overrun()
        elif element.vr in _SEQUENCE_VRS and self._holds_items(element):
            self._enter(is_sequence=True, end=element.end)
        else:
            self.position = element.end

    def _pass_item(self, element: _Element) -> None:
        if element.tag == _SEQUENCE_END:
            self._leave()
        elif element.tag != _ITEM:
            self._overrun()
        elif element.length == _UNDEFINED:
            self._enter(is_sequence=False, end=None)
        elif element.end > self._limit():
            self._overrun()
        else:
            self._enter(is_sequence=False, end=element.end)

    def _enter(self, *, is_sequence: bool, end: int | None) -> None:
        self.open.append(_Open(is_sequence, end))
        if len(self.open) > 2 * MAX_DEPTH:
            raise UnusableFile(
                phrase("nests sequences more than {number} deep", number=MAX_DEPTH),
                phrase("give the file as the archive holds it"),
            )

    def _leave(self) -> None:
        if self.open:
            self.open.pop()

    def _limit(self) -> int:
        for frame in reversed(self.open):
            if frame.end is not None:
                return frame.end
        return self.extent.end

    def _overrun(self) -> None:
        """Leave for the end of the innermost value of known length; its reader judges the rest."""
        while self.open:
            end = self.open.pop().end
            if end is not None:
                self.position = end
                return
        raise _cut()

    def _holds_items(self, element: _Element) -> bool:
        if element.vr == b"SQ":
            return True
        head = self._bytes(element.value, 4)
        return len(head) == 4 and element.length >= 8 and self.tag_of(head) == (0xFFFE, 0xE000)

    def _pass_pixel_data(self, element: _Element) -> None:
        if element.length == _UNDEFINED:
            end = self._pass_fragments(element)
        elif element.end > self.extent.end + 1:  # writers forget the padding byte of an odd value
            raise _cut()
        else:
            self.position, end = element.end, min(element.end, self.extent.end)
        found = PixelElement(
            tag=element.tag,
            vr=element.vr.decode(),
            extent=Extent(start=element.value, end=end),
            is_encapsulated=element.length == _UNDEFINED,
        )
        self.pixels.append(found)
        # Of several kinds of pixel data one may be empty; what else follows is nobody's concern.
        if element.tag < max(_PIXEL_DATA):
            with suppress(UnusableFile):
                following = self._element()
                if following is not None and element.tag < following.tag <= max(_PIXEL_DATA):
                    self._pass_pixel_data(following)

    def _pass_fragments(self, element: _Element) -> int:
        """Where the fragments end."""
        self.position = element.value
        while (fragment := self._element()) is not None and fragment.tag == _ITEM:
            self.position = fragment.end
        if fragment is None or fragment.tag != _SEQUENCE_END:
            raise _cut()
        end, self.position = self.position, fragment.value
        return end


@dataclass(frozen=True, slots=True)
class Passed:
    """What was found on the way: pixel data at the end, and the elements that were wanted.

    Of those whose length is not written only the tag is known: their end is that of their items.
    `repeated` are those that stand more than once, and do not say the same each time.
    """

    pixels: tuple[PixelElement, ...]
    elements: dict[BaseTag, DataElement | RawDataElement]
    of_unknown_length: tuple[int, ...]
    repeated: tuple[int, ...] = ()


def pass_through(
    stream: BinaryIO, extent: Extent, encoding: Encoding, wanted: Collection[int]
) -> Passed:
    """Walk through the data set, up to its pixel data, all of which must be there.

    Raises UnusableFile for a data set that is truncated, or nested or filled beyond measure.
    """
    walk = _Walk(stream, extent, encoding, wanted)
    walk.pass_through()
    repeated = tuple(sorted(walk.repeated))
    return Passed(tuple(walk.pixels), walk.taken, tuple(walk.of_unknown_length), repeated)


def _says_the_same(one: DataElement | RawDataElement, other: RawDataElement) -> bool:
    """Whether two elements of one tag have the same value, but for padding."""
    if one is other:
        return True
    first, second = one.value, other.value
    if first is None or second is None:  # too large to be kept
        return False
    return bool(first.strip(b" \0") == second.strip(b" \0"))


def standing_twice(tag: int) -> UnusableFile:
    """The refusal of a data set in which this element has two values."""
    name = dictionary_description(tag) if dictionary_has_tag(tag) else f"{tag:08X}"
    return UnusableFile(
        phrase("{name} stands twice, with different values", name=name),
        phrase(
            "an element occurs once in a data set (PS3.5 section 7.1): correct the file at its source"
        ),
    )


def _is_vr(code: bytes) -> bool:
    return 0x40 < code[0] < 0x5B and 0x40 < code[1] < 0x5B


def _cut() -> UnusableFile:
    return UnusableFile(phrase("is truncated or damaged"), phrase("fetch the file again"))
