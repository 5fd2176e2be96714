"""Plain values to a DICOM file, where they are valid: Explicit VR Little Endian, sequences of defined length (PS3.5 7.1.2).

A data set is a mapping of keywords to values: text, a number, bytes, a tuple of several texts or
numbers, or a list of further data sets. It is written without an object for each element between,
which is what makes a report take less than a millisecond. As it is written, nothing is checked but
that a value fits its VR; whether a text may stand in a file is asked before, by `valid_values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from struct import Struct
from typing import Any, NamedTuple

from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.valuerep import format_number_as_ds, validate_value

from hosr.dicom.structure import LONG_VRS
from hosr.errors import Fault
from hosr.phrases import Phrase, phrase


class EncodedItem(NamedTuple):
    """A data set that is encoded already, such as a coded concept used many times."""

    data: bytes


class InVR(NamedTuple):
    """A value of an attribute that may have several VRs, such as pixel data, with the one it has."""

    vr: str
    value: Value


Elements = Sequence[tuple[int, bytes]]
Values = Mapping[str, "Value"]
Value = (
    str | bytes | float | Sequence[str] | Sequence[float] | Sequence[Values | EncodedItem] | InVR
)

_TAG = Struct("<HH")
_SHORT = Struct("<H")  # the length behind most VRs
_LONG = Struct("<I")  # the length behind two reserved bytes
_ITEM = b"\xfe\xff\x00\xe0"
_PREAMBLE = bytes(128) + b"DICM"
_EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
# File Meta Information Version, an OB of two bytes (PS3.10 table 7.1-1).
_META_VERSION = _TAG.pack(2, 1) + b"OB\0\0" + _LONG.pack(2) + b"\0\1"

# VRs of text, and how they are padded to an even length (PS3.5 table 6.2-1). The character set of
# what hosr writes is ISO_IR 192, of which the default repertoire is a part.
_PADDING = dict.fromkeys(
    ("CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UT"), b" "
) | {"UI": b"\0"}
_NUMBERS = {"SS": "h", "US": "H", "SL": "i", "UL": "I", "FL": "f", "FD": "d"}
_BYTES = frozenset({"OB", "OW"})


# The element of an attribute from its value, with its tag.
_Encode = Callable[["Value"], tuple[int, bytes]]


@cache
def _encoder(keyword: str) -> _Encode:
    """How an attribute is encoded, made once."""
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    vr = dictionary_VR(tag)
    return _encoder_in(tag, vr) if " or " not in vr else partial(_encode_in, tag)


def _encode_in(tag: int, value: InVR) -> tuple[int, bytes]:
    return _encoder_in(tag, value.vr)(value.value)


@cache
def _encoder_in(tag: int, vr: str) -> _Encode:
    is_long = vr.encode() in LONG_VRS
    head = _TAG.pack(tag >> 16, tag & 0xFFFF) + vr.encode() + (b"\0\0" if is_long else b"")
    pack_length = _LONG.pack if is_long else _SHORT.pack
    encode_content = _content_encoder(vr)

    def encode(value: Value) -> tuple[int, bytes]:
        content = encode_content(value)
        return tag, head + pack_length(len(content)) + content

    return encode


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
    version = _META_VERSION + stated
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
    return tuple([_encoder(keyword)(value) for keyword, value in values.items()])


def _content_encoder(vr: str) -> Callable[[Any], bytes]:
    if vr == "SQ":
        return _items
    if vr in _NUMBERS:
        return partial(_numbers, _NUMBERS[vr])
    if vr in _BYTES:
        return _even
    return partial(_text, vr, _PADDING[vr])


def _items(items: Sequence[Values | EncodedItem]) -> bytes:
    parts: list[bytes] = []
    for each in items:
        data = each.data if isinstance(each, EncodedItem) else encode_data_set(each)
        parts += (_ITEM, _LONG.pack(len(data)), data)
    return b"".join(parts)


def _numbers(form: str, value: float | Sequence[float]) -> bytes:
    numbers = (value,) if isinstance(value, int | float) else value
    return Struct(f"<{len(numbers)}{form}").pack(*numbers)


def _even(data: bytes) -> bytes:
    return data + b"\0" if len(data) % 2 else data


def _text(vr: str, padding: bytes, value: str | float | Sequence[str] | Sequence[float]) -> bytes:
    if isinstance(value, str):
        data = value.encode()
    elif isinstance(value, tuple):
        data = "\\".join(v if isinstance(v, str) else _digits(vr, v) for v in value).encode()
    else:
        data = _digits(vr, value).encode()
    return data + padding if len(data) % 2 else data


def _digits(vr: str, value: object) -> str:
    if vr not in ("DS", "IS") or not isinstance(value, int | float):
        raise TypeError(f"{vr} takes one text, or a tuple of several, or numbers if DS or IS")
    if vr == "DS" and not (isinstance(value, int) or value.is_integer()):
        return format_number_as_ds(value)
    if value != int(value):
        raise ValueError(f"{vr} takes a whole number")
    return str(int(value))


# pydicom checks lengths, but lets through control characters, a backslash that makes two values of
# one, and halves of surrogate pairs, which no character set can hold (PS3.5 section 6.2).
# Tab, line ends and form feed are text in UT alone, and a backslash is a character there.
_FORBIDDEN_IN_TEXT = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FORBIDDEN = re.compile(r"[\0-\x1f\x7f-\x9f\ud800-\udfff\\]")
# A range matches dates in a query; it is no date of a document.
_FORMS = {
    "DA": re.compile(r"(\d{8})?"),
    "TM": re.compile(r"(\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?)?"),
}
_OFFSET = re.compile(r"[+-](0\d|1[0-4])[0-5]\d")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from, as a fault says it of one that DICOM cannot hold, and what to do about it."""

    tell: Callable[[str], Phrase]
    remedy: Phrase


def _of_header(vr: str) -> Phrase:
    return phrase("the header's value is not a valid {vr} of DICOM", vr=vr)


def _of_record(vr: str) -> Phrase:
    return phrase("the record's value is not a valid {vr} of DICOM", vr=vr)


HEADER = Origin(_of_header, phrase("correct the images; nothing is cut short"))
RECORD = Origin(_of_record, phrase("correct the record; nothing is cut short"))


def is_valid(vr: str, value: str) -> bool:
    """Whether the value may stand in an attribute of this VR, as one value."""
    forbidden = _FORBIDDEN_IN_TEXT if vr == "UT" else _FORBIDDEN
    form = _FORMS.get(vr)
    if forbidden.search(value) or (form is not None and not form.fullmatch(value)):
        return False
    try:
        validate_value(vr, value, config.RAISE)
    except ValueError:
        return False
    return True


def valid_values(
    stated: Iterable[tuple[str, str]], origin: Origin
) -> tuple[dict[str, Value], list[Fault]]:
    """The values by keyword, and a fault for each without a valid form, naming the attribute."""
    values: dict[str, Value] = {}
    faults = []
    for keyword, value in stated:
        vr = _vr(keyword)
        is_offset = keyword == "TimezoneOffsetFromUTC"
        if is_valid(vr, value) and (not is_offset or _OFFSET.fullmatch(value)):
            values[keyword] = value
        else:
            faults.append(Fault(keyword, origin.tell(vr), origin.remedy))
    return values, faults


_vr = cache(dictionary_VR)
