"""The content tree of a structured report of any maker, as frozen values.

Viewers write codes that are too long, numbers without a value, relationships that the standard does not
allow; so nothing is asked of an item but that it can be read. Items and value types: PS3.3 section
C.17.3. Where a report of hosr is read, `hosr.sr.content` asks for more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from hosr.annotations.sources import Coordinates
from hosr.dicom.structure import UnusableFile

# A report has some hundred items; each costs time.
MOST_ITEMS = 50_000
_MOST_POINTS = 100_000
_DIMENSIONS = {"SCOORD": 2, "SCOORD3D": 3}
_TEXTS = {
    "TEXT": "TextValue",
    "UIDREF": "UID",
    "PNAME": "PersonName",
    "DATE": "Date",
    "TIME": "Time",
    "DATETIME": "DateTime",
}

# Letters, digits and marks that every character set has at one place (PS3.3 section C.12.1.1.2), and no
# backslash, which parts values.
_PLAIN = re.compile(rb"[ -\[\]-}\0]*")
_PLAIN_KINDS = frozenset({"CS", "DS", "LO", "SH", "UC", "UI", "UR", "UT"})


class _Tags(dict[str, BaseTag]):
    """The tag of each keyword, as it is asked for."""

    def __missing__(self, keyword: str) -> BaseTag:
        self[keyword] = tag = Tag(keyword)
        return tag


_TAGS = _Tags()


class Concept(NamedTuple):
    """A code as it was written, however long."""

    scheme: str
    value: str
    meaning: str

    @property
    def key(self) -> tuple[str, str]:
        """What identifies it, as `hosr.codes.Code.key`."""
        return self.scheme, self.value


class Shape(NamedTuple):
    """A graphic as it was written; `frame_of_reference_uid` where it lies in the patient."""

    kind: str
    points: tuple[Coordinates, ...]
    frame_of_reference_uid: str = ""


class Pointer(NamedTuple):
    """An object that an item refers to; `segment` where it is one of a segmentation."""

    sop_class_uid: str
    sop_instance_uid: str
    frame: int | None = None
    segment: int | None = None


class Amount(NamedTuple):
    """A number and its unit as they were written."""

    value: float
    unit: Concept


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One content item with what is below it; `number` says where it stands: "1.4.2".

    Of `text`, `answer`, `amount`, `shape` and `pointer` that one is there that its value type asks for,
    if it could be read. `qualifier` says of a number what its writer has to say of it: that there is none,
    say (PS3.3 section C.18.1).
    """

    value_type: str
    relation: str
    name: Concept | None
    number: str
    text: str = ""
    answer: Concept | None = None
    amount: Amount | None = None
    qualifier: Concept | None = None
    shape: Shape | None = None
    pointer: Pointer | None = None
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """The item and everything below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, *keys: tuple[str, str], value_type: str = "") -> Iterator[Node]:
        """The children that have one of these concept names, in order."""
        return (
            child
            for child in self.children
            if child.name is not None
            and child.name.key in keys
            and value_type in ("", child.value_type)
        )

    def of_type(self, *value_types: str) -> Iterator[Node]:
        """The children of these value types, in order."""
        return (child for child in self.children if child.value_type in value_types)


def read_tree(dataset: Dataset) -> Node:
    """The root with everything below it.

    Raises `UnusableFile` for a tree beyond measure; for damaged values whatever pydicom raises.
    """
    return _read(dataset, "1", _Reading())


@dataclass(slots=True)
class _Reading:
    """How many items may follow, and the codes that were read, by the bytes that they are written in."""

    budget: int = MOST_ITEMS
    codes: dict[tuple[object, ...], Concept | None] = field(default_factory=dict)


def _read(dataset: Dataset, number: str, reading: _Reading) -> Node:
    reading.budget -= 1
    if reading.budget < 0:
        raise UnusableFile(f"has more than {MOST_ITEMS:,} content items", "give one report")
    kind = _text(dataset, "ValueType")
    return Node(
        value_type=kind,
        relation=_text(dataset, "RelationshipType"),
        name=_concept(dataset, "ConceptNameCodeSequence", reading),
        number=number,
        text=_text(dataset, _TEXTS[kind]) if kind in _TEXTS else "",
        answer=_concept(dataset, "ConceptCodeSequence", reading) if kind == "CODE" else None,
        amount=_amount(dataset, reading) if kind == "NUM" else None,
        qualifier=_concept(dataset, "NumericValueQualifierCodeSequence", reading),
        shape=_shape(dataset, kind) if kind in _DIMENSIONS else None,
        pointer=_pointer(dataset) if kind in ("IMAGE", "COMPOSITE") else None,
        children=tuple(
            _read(child, f"{number}.{index}", reading)
            for index, child in enumerate(_items(dataset, "ContentSequence"), start=1)
        ),
    )


def _text(dataset: Dataset, keyword: str) -> str:
    """A value as text, without padding; "" where there is none.

    Most are one plain value, which is the same in every character set: pydicom needs not convert it.
    """
    element = dataset.get_item(_TAGS[keyword])
    if element is None:
        return ""
    if isinstance(element, RawDataElement) and isinstance(element.value, bytes):
        kind = element.VR or dictionary_VR(element.tag)
        if kind in _PLAIN_KINDS and _PLAIN.fullmatch(element.value):
            return element.value.decode("ascii").strip(" \0")
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip(" \0")


def _items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    return () if dataset.get_item(_TAGS[keyword]) is None else dataset.get(keyword) or ()


def _concept(dataset: Dataset, keyword: str, reading: _Reading) -> Concept | None:
    """A code; a report repeats a few of them thousands of times, in the same bytes."""
    element = dataset.get_item(_TAGS[keyword])
    if not isinstance(element, RawDataElement):
        return _code(dataset, keyword)
    encoding = (element.VR, element.is_implicit_VR, element.is_little_endian)
    key = (element.value, *encoding, str(dataset.original_character_set))
    if key not in reading.codes:
        reading.codes[key] = _code(dataset, keyword)
    return reading.codes[key]


def _code(dataset: Dataset, keyword: str) -> Concept | None:
    for item in _items(dataset, keyword):
        names = ("CodeValue", "LongCodeValue", "URNCodeValue")
        value = next(filter(None, (_text(item, name) for name in names)), "")
        return Concept(_text(item, "CodingSchemeDesignator"), value, _text(item, "CodeMeaning"))
    return None


def _amount(dataset: Dataset, reading: _Reading) -> Amount | None:
    for item in _items(dataset, "MeasuredValueSequence"):
        exact = item.get("FloatingPointValue")
        value = float(_text(item, "NumericValue") if exact is None else exact)
        unit = _concept(item, "MeasurementUnitsCodeSequence", reading)
        if math.isfinite(value):
            return Amount(value, unit or Concept("", "", ""))
    return None


def _shape(dataset: Dataset, kind: str) -> Shape | None:
    """The graphic; None where its numbers are no points."""
    size = _DIMENSIONS[kind]
    points = read_points(dataset.get("GraphicData"), size)
    if points is None:
        return None
    frame = _text(dataset, "ReferencedFrameOfReferenceUID")
    return Shape(_text(dataset, "GraphicType"), points, frame)


def read_points(data: object, size: int) -> tuple[Coordinates, ...] | None:
    """Points of two or three coordinates; None for what is none, or has too many of them."""
    values = list(data) if isinstance(data, Sequence) and not isinstance(data, str) else []
    if not values or len(values) % size or len(values) > size * _MOST_POINTS:
        return None
    numbers = [float(value) for value in values]
    if not all(map(math.isfinite, numbers)):
        return None
    return tuple(tuple(numbers[at : at + size]) for at in range(0, len(numbers), size))


def _pointer(dataset: Dataset) -> Pointer | None:
    for item in _items(dataset, "ReferencedSOPSequence"):
        return Pointer(
            _text(item, "ReferencedSOPClassUID"),
            _text(item, "ReferencedSOPInstanceUID"),
            _whole(item, "ReferencedFrameNumber"),
            _whole(item, "ReferencedSegmentNumber"),
        )
    return None


def _whole(dataset: Dataset, keyword: str) -> int | None:
    """A number that was written; 0, which is none of the standard, where several were."""
    text = _text(dataset, keyword)
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() else 0
