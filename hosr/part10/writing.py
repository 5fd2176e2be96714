"""Plain values to a DICOM file: Explicit VR Little Endian, sequences of defined length (PS3.5 7.1.2).

A data set is a mapping of keywords to values: text, numbers, or a list of further data sets. It is
written without an object for each element between, which is what makes a report take less than a
millisecond. Nothing is checked here but that a value fits its VR; `hosr.composite.lawful` asks
before whether a text may stand in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from struct import Struct
from typing import NamedTuple

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.valuerep import format_number_as_ds

__all__ = [
    "Elements",
    "Encoded",
    "Value",
    "Values",
    "encode_data_set",
    "encode_elements",
    "encode_file",
]


class Encoded(NamedTuple):
    """A data set that is encoded already, such as a coded concept used many times."""

    data: bytes


Elements = Sequence[tuple[int, bytes]]
Values = Mapping[str, "Value"]
Value = str | float | Sequence[float] | Sequence[Values | Encoded]

_TAG = Struct("<HH")
_SHORT = Struct("<H")  # the length behind most VRs
_LONG = Struct("<I")  # the length behind two reserved bytes
_ITEM = b"\xfe\xff\x00\xe0"
_PREAMBLE = bytes(128) + b"DICM"
_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"

# VRs of text, and how they are padded to an even length (PS3.5 table 6.2-1). The character set of
# what hosr writes is ISO_IR 192, of which the default repertoire is a part.
_PADDING = dict.fromkeys(
    ("CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UT"), b" "
) | {"UI": b"\0"}
_NUMBERS = {"US": "H", "UL": "I", "FL": "f", "FD": "d"}
_LONG_FORM = frozenset({"OB", "OW", "SQ", "UC", "UN", "UT"})


class _Kind(NamedTuple):
    """An attribute: where it stands, and how it begins."""

    tag: int
    vr: str
    head: bytes
    pack_length: Callable[[int], bytes]


@cache
def _kind(keyword: str) -> _Kind:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    vr = dictionary_VR(tag)
    is_long = vr in _LONG_FORM
    head = _TAG.pack(tag >> 16, tag & 0xFFFF) + vr.encode() + (b"\0\0" if is_long else b"")
    return _Kind(tag, vr, head, _LONG.pack if is_long else _SHORT.pack)


def encode_file(
    sop_class_uid: str,
    sop_instance_uid: str,
    meta: Values,
    values: Values,
    encoded: Elements = (),
) -> bytes:
    """A whole file; `meta` is what its meta information says beside what it must (PS3.10 7.1).

    Raises as `encode_data_set`.
    """
    stated = encode_data_set(
        {
            "MediaStorageSOPClassUID": sop_class_uid,
            "MediaStorageSOPInstanceUID": sop_instance_uid,
            "TransferSyntaxUID": _EXPLICIT_LITTLE_ENDIAN,
            **meta,
        }
    )
    version = _KEEP_VERSION + stated
    length = encode_data_set({"FileMetaInformationGroupLength": len(version)})
    return b"".join((_PREAMBLE, length, version, encode_data_set(values, encoded)))


def encode_data_set(values: Values, encoded: Elements = ()) -> bytes:
    """A data set, its elements in the order of their tags; some may be `encoded` already.

    Raises
    ------
    ValueError, TypeError, struct.error
        Where a value does not fit its VR.
    """
    found = [*encoded, *encode_elements(values)]
    found.sort()
    return b"".join([element for _, element in found])


def encode_elements(values: Values) -> Elements:
    """The elements one by one, each with its tag. Raises as `encode_data_set`."""
    return tuple([_element(_kind(keyword), value) for keyword, value in values.items()])


def _element(kind: _Kind, value: Value) -> tuple[int, bytes]:
    content = _content(kind.vr, value)
    return kind.tag, kind.head + kind.pack_length(len(content)) + content


def _content(vr: str, value: Value) -> bytes:
    if vr == "SQ":
        return b"".join([_item(each) for each in value])  # type: ignore[union-attr, arg-type]
    if vr in _NUMBERS:
        numbers = (value,) if isinstance(value, int | float) else value
        return Struct(f"<{len(numbers)}{_NUMBERS[vr]}").pack(*numbers)
    data = _text(vr, value).encode()
    return data + _PADDING[vr] if len(data) % 2 else data


def _item(values: Values | Encoded) -> bytes:
    data = values.data if isinstance(values, Encoded) else encode_data_set(values)
    return _ITEM + _LONG.pack(len(data)) + data


def _text(vr: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float):
        raise TypeError(f"{vr} takes one text or number")
    if vr == "DS" and not (isinstance(value, int) or value.is_integer()):
        return format_number_as_ds(value)
    if value != int(value):
        raise ValueError(f"{vr} takes a whole number")
    return str(int(value))


_KEEP_VERSION = _TAG.pack(2, 1) + b"OB\0\0" + _LONG.pack(2) + b"\0\1"
