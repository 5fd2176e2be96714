"""A data set from Explicit to Implicit VR Little Endian (PS3.5 sections 7.1 and A.1, A.2).

Values are copied byte for byte: only how elements begin is changed, so that nothing can get lost
in decoding. Sequences and items are given their lengths.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from hosr.dicom.structure import LONG_VRS, UnusableFile

MAX_INFLATED_BYTES = 64 << 20

_ITEM, _ITEM_END, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0"
_UNDEFINED = 0xFFFFFFFF


def implicit_of_explicit(data_set: bytes) -> bytes:
    """The same data set in Implicit VR Little Endian.

    Raises UnusableFile where it is not in Explicit VR Little Endian to its end.
    """
    return _elements(data_set, 0, len(data_set), implicit=False)[0]


def inflated(packed: BinaryIO) -> bytes:
    """The data set in Explicit VR Little Endian that was deflated (PS3.5 section A.5), up to a cap.

    Raises UnusableFile for one that is damaged, or that is larger.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = bytearray()
    while not inflater.eof:
        data = inflater.unconsumed_tail or packed.read(1 << 16)
        if not data:
            raise UnusableFile("is truncated or damaged", "fetch the file again")
        try:
            content += inflater.decompress(data, MAX_INFLATED_BYTES + 1 - len(content))
        except zlib.error:
            raise UnusableFile("is damaged and cannot be read", "fetch the file again") from None
        if len(content) > MAX_INFLATED_BYTES:
            raise UnusableFile("inflates to more than 64 MB", "give the file uncompressed")
    return bytes(content)


def _elements(data: bytes, position: int, end: int | None, *, implicit: bool) -> tuple[bytes, int]:
    """The elements up to an end, or up to the delimiter of their item, and where they ended."""
    written: list[bytes] = []
    limit = len(data) if end is None else end
    while position + 8 <= limit:
        tag = data[position : position + 4]
        if tag == _ITEM_END:
            return b"".join(written), position + 8
        vr, length, value = _head(data, position, implicit=implicit)
        if length == _UNDEFINED:
            content, position = _items(data, value, None, implicit=implicit or vr == b"UN")
        elif value + length > limit:
            raise _damaged()
        elif vr == b"SQ":
            content, position = _items(data, value, value + length, implicit=implicit)
        else:
            content, position = data[value : value + length], value + length
        written.append(tag + struct.pack("<L", len(content)) + content)
    if end is None or data[position:limit].strip(b"\0"):
        raise _damaged()
    return b"".join(written), limit


def _head(data: bytes, position: int, *, implicit: bool) -> tuple[bytes, int, int]:
    """The VR, the length and where the value begins."""
    if implicit:
        return b"", struct.unpack_from("<L", data, position + 4)[0], position + 8
    vr = data[position + 4 : position + 6]
    if not (vr.isalpha() and vr.isupper()):
        raise _damaged()
    if vr not in LONG_VRS:
        return vr, struct.unpack_from("<H", data, position + 6)[0], position + 8
    if position + 12 > len(data):
        raise _damaged()
    return vr, struct.unpack_from("<L", data, position + 8)[0], position + 12


def _items(data: bytes, position: int, end: int | None, *, implicit: bool) -> tuple[bytes, int]:
    """The items of a sequence, each with its length, and where the sequence ended."""
    written: list[bytes] = []
    limit = len(data) if end is None else end
    while position + 8 <= limit:
        tag, length = struct.unpack_from("<4sL", data, position)
        position += 8
        if tag == _SEQUENCE_END and end is None:
            return b"".join(written), position
        stop = None if length == _UNDEFINED else position + length
        if tag != _ITEM or (stop is not None and stop > limit):
            raise _damaged()
        content, position = _elements(data, position, stop, implicit=implicit)
        written.append(_ITEM + struct.pack("<L", len(content)) + content)
    if end is None or position != limit:
        raise _damaged()
    return b"".join(written), limit


def _damaged() -> UnusableFile:
    return UnusableFile(
        "is damaged, or not written in the transfer syntax that it names", "make it anew"
    )
