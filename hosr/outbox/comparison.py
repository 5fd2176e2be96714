"""Whether an archive gives back the data set that it was given.

Archives rewrite the file meta information, and may write the data set in another encoding. So
values are compared as they stand in it, without padding, whatever is around them. What an archive
may set right about patient, study and order (PS3.4 section B.4.1.3) is told apart from all else; and
within that, who the object is of: another patient is taken only where the archive kept on record who
it was before, or where its configuration allows it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian

from hosr.archive.addresses import PatientAttribute
from hosr.dicom.elements import is_dicom, quiet_pydicom, read_data_set
from hosr.dicom.original_attributes import ORIGINAL_ATTRIBUTES, former_attributes


class Likeness(StrEnum):
    """How the data set that came back stands to the one that was sent."""

    SAME = "same"
    COERCED = "coerced"  # only what an archive may set right differs
    REFILED = "refiled"  # of that, the patient too, and nothing says or allows it
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two data sets compare, and the attributes that differ: `PatientName (0010,0010)`.

    `patient` are those that say who the object is of and held another value before; `added` had no
    value before; `differences` are all of them.
    """

    likeness: Likeness
    differences: tuple[str, ...] = ()
    patient: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def warning(self) -> str:
        """What the archive changed, in our words and without values; empty where nothing.

        The patient comes first, in words that no other change is told in.
        """
        told = {*self.patient, *self.added}
        others = tuple(each for each in self.differences if each not in told)
        parts = (
            ("CHANGED THE PATIENT:", self.patient),
            ("changed", others),
            ("filled in", self.added),
        )
        said = "; ".join(f"{verb} {_listed(names)}" for verb, names in parts if names)
        return f"it {said}" if said else ""


def _listed(names: tuple[str, ...], most: int = 8) -> str:
    others = len(names) - most
    return ", ".join(names[:most]) + (f" and {others} more" if others > 0 else "")


# What an archive may set right when it files an object under another patient, visit or order
# (PS3.4 section B.4.1.3; IHE patient information reconciliation), and where it writes that down
# (PS3.3 section C.12.1, PS3.4 table C.4-1).
_COERCIBLE = frozenset(
    {
        *(0x00080015, 0x00080050, 0x00080051, 0x00080054, 0x00080056, 0x00080080, 0x00080081),
        *(0x00080082, 0x00080090, 0x00080096, 0x00080201, 0x00081030, 0x00081032, 0x00081040),
        *(0x00081048, 0x00081049, 0x00081060, 0x00081080, 0x00081084, 0x00081110, 0x00081120),
        *(0x00100010, 0x00100020, 0x00100021, 0x00100022, 0x00100024, 0x00100026, 0x00100027),
        *(0x00100030, 0x00100032, 0x00100040, 0x00101000, 0x00101001, 0x00101002, 0x00101005),
        *(0x00101010, 0x00101020, 0x00101030, 0x00101040, 0x00101060, 0x00102160, 0x00102180),
        *(0x001021B0, 0x00104000, 0x00200010, 0x00321032, 0x00321033, 0x00321060, 0x00321064),
        *(
            0x00380010,
            0x00380011,
            0x00380014,
            0x00400275,
            0x00401001,
            ORIGINAL_ATTRIBUTES,
            0x00880130,
        ),
        *(0x00880140, ORIGINAL_ATTRIBUTES),
    }
)
# What says who an object is of; an ID is one within its issuer alone (PS3.3 table C.7-1).
_PATIENT = {
    0x00100010: PatientAttribute.NAME,
    0x00100020: PatientAttribute.ID,
    0x00100021: PatientAttribute.ISSUER,
    0x00100030: PatientAttribute.BIRTH_DATE,
    0x00100040: PatientAttribute.SEX,
}
_CHARACTER_SET = 0x00080005
_UNTOLD = frozenset({_CHARACTER_SET, 0xFFFCFFFC})  # told by the texts; padding (PS3.10 section 7.2)

_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_PADDED_VRS = _TEXT_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
_WORD_BYTES = {
    **dict.fromkeys(("AT", "OW", "SS", "US", "US or SS", "OB or OW", "US or OW"), 2),
    **dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), 4),
    **dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8),
}
_DELIMITERS = {ord(character) for character in "\\^=\t\n\f\r"}

_Plain = dict[int, Any]


def compare(
    sent: bytes, returned: bytes, may_change: Collection[PatientAttribute] = ()
) -> Comparison:
    """Compare the data sets of two DICOM files; `may_change` the archive is allowed to.

    What cannot be read is OTHER without a difference by name. Raises nothing for any `returned`.
    """
    try:
        with quiet_pydicom():
            before, after = _plain_file(sent), _plain_file(returned)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
        return Comparison(likeness=Likeness.OTHER)
    differing = [
        tag
        for tag in sorted(before.keys() | after.keys())
        if before.get(tag) != after.get(tag) and not _is_added_private(tag, before)
    ]
    patient = [tag for tag in differing if tag in _PATIENT and _is_other(tag, before, after)]
    return Comparison(
        likeness=_likeness(differing, patient, before, after, may_change),
        differences=tuple(map(_words, differing)),
        patient=tuple(map(_words, patient)),
        added=tuple(_words(tag) for tag in differing if not before.get(tag)),
    )


def digest_of(data: bytes) -> str:
    """A digest of what a data set says and of whom, whatever its encoding; empty for no DICOM file.

    What an archive may set right of the order is not in it, as it may do so at any time.
    """
    try:
        with quiet_pydicom():
            plain = _plain_file(data)
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
        return ""
    kept = {
        tag: value
        for tag, value in sorted(plain.items())
        if (tag in _PATIENT or tag not in _COERCIBLE) and not (tag >> 16) & 1
    }
    return hashlib.sha256(repr(kept).encode()).hexdigest()


def is_proven(kept: bytes, sha256: str, digest: str) -> bool:
    """Whether this is what was proven to be there, when the bytes that were sent are gone."""
    return hashlib.sha256(kept).hexdigest() == sha256 or digest_of(kept) == digest != ""


def _likeness(
    differing: list[int],
    patient: list[int],
    before: _Plain,
    after: _Plain,
    may_change: Collection[PatientAttribute],
) -> Likeness:
    if not differing:
        return Likeness.SAME
    if not all(tag in _COERCIBLE for tag in differing):
        return Likeness.OTHER
    allowed = all(
        _PATIENT[tag] in may_change or _is_on_record(tag, before, after) for tag in patient
    )
    return Likeness.COERCED if allowed else Likeness.REFILED


def _is_other(tag: int, before: _Plain, after: _Plain) -> bool:
    """Whether a value was there and is another one now, or none; how it is written is no matter."""
    return bool(before.get(tag)) and _bare(tag, before[tag]) != _bare(tag, after.get(tag))


def _is_on_record(tag: int, before: _Plain, after: _Plain) -> bool:
    """Whether what came back names the former value in its Original Attributes."""
    former = _bare(tag, before[tag])
    return any(
        _bare(tag, kept.get(tag)) == former for kept in former_attributes(after, _items, _text)
    )


def _items(plain: _Plain, tag: int) -> list[_Plain]:
    items = plain.get(tag)
    return items if isinstance(items, list) else []


def _text(plain: _Plain, tag: int) -> str:
    return str(plain.get(tag, ""))


def _bare(tag: int, value: Any) -> Any:
    """A value without what means nothing in it: of a name, capitals and empty components too.

    Archives write JOHN for John, and leave out or write the delimiters at the end (PS3.5 section
    6.2.1.1), which makes nobody another patient.
    """
    if isinstance(value, bytes):
        return value.strip()
    if not isinstance(value, str) or _PATIENT[tag] is not PatientAttribute.NAME:
        return value.strip() if isinstance(value, str) else value
    groups = (
        "^".join(part.strip() for part in group.split("^")).rstrip("^")
        for group in value.casefold().split("=")
    )
    return "=".join(groups).rstrip("=")


def _is_added_private(tag: int, before: _Plain) -> bool:
    """Whether the archive put private attributes of its own beside what it was given."""
    return bool((tag >> 16) & 1) and tag not in before


def _words(tag: int) -> str:
    number = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
    return f"{keyword_for_tag(tag)} {number}".strip()


def _plain_file(data: bytes) -> _Plain:
    stream = io.BytesIO(data)
    if not is_dicom(stream):
        raise ValueError("no DICOM file")
    data_set, syntax = read_data_set(stream)
    return _plain(data_set, ("ascii",), swapped=syntax == ExplicitVRBigEndian)


def _plain(data_set: Dataset, charset: tuple[str, ...], *, swapped: bool) -> _Plain:
    """Every value by its tag, in a form that no encoding shows in."""
    own = _values(data_set, _CHARACTER_SET)
    if own:
        charset = tuple(convert_encodings(own))
    plain: _Plain = {}
    for tag in map(int, data_set.keys()):
        if tag in _UNTOLD or not tag & 0xFFFF:  # group lengths (PS3.5 section 7.2)
            continue
        element = data_set.get_item(tag, keep_deferred=True)
        vr = _vr(tag, str(element.VR or "UN"))
        value = data_set[tag].value if vr == "SQ" else element.value
        if isinstance(value, Sequence):
            plain[tag] = [_plain(item, charset, swapped=swapped) for item in value]
        elif isinstance(element, RawDataElement):
            plain[tag] = _content(value or b"", vr, charset, swapped=swapped)
        else:
            plain[tag] = [] if vr == "SQ" else repr(value)
    return plain


def _values(data_set: Dataset, tag: int) -> list[str]:
    element = data_set.get_item(tag, keep_deferred=True)
    content = getattr(element, "value", None)
    if not isinstance(content, bytes):
        return []
    return [value.strip(" \0") for value in content.decode("ascii", "replace").split("\\")]


def _vr(tag: int, written: str) -> str:
    """The VR by the dictionary: implicit encodings write none, and some archives write UN."""
    if written != "UN":
        return written
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _content(value: bytes, vr: str, charset: tuple[str, ...], *, swapped: bool) -> bytes | str:
    if vr in _TEXT_VRS:
        text = decode_bytes(value, list(charset), _DELIMITERS)
        # What is no text in its character set is compared byte by byte.
        return value if "\ufffd" in text else text.rstrip(" \0")
    if vr in _PADDED_VRS:
        return value.strip(b" \0")
    size = _WORD_BYTES.get(vr, 1)
    if swapped and size > 1:
        words = (value[at : at + size] for at in range(0, len(value), size))
        return b"".join(word[::-1] for word in words)
    return value
