"""The content tree of a structured report, read whoever made it, as long as it is valid.

Content items as in PS3.3 section C.17.3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence
from pydicom.tag import BaseTag, Tag

from hosr.codes import Code
from hosr.sr.items import Graphic, Item, ItemValue, Quantity, Reference, Relation, SpaceGraphic

# All concepts of reports fit in; none takes more than this.
_MOST_KEPT = 4096
_LONGEST_CODE_BYTES = 1024
_ESCAPE = b"\x1b"  # switches to another character set (PS3.5 section 6.1.2.5)

# Valid trees are shallow; a deep one is an attack or an accident.
_MAX_DEPTH = 32

_VALUE_TYPE, _RELATION = Tag("ValueType"), Tag("RelationshipType")
_NAME, _ANSWER, _UNITS = (
    Tag("ConceptNameCodeSequence"),
    Tag("ConceptCodeSequence"),
    Tag("MeasurementUnitsCodeSequence"),
)
_CONTENT, _TEMPLATES = Tag("ContentSequence"), Tag("ContentTemplateSequence")
_TEMPLATE = Tag("TemplateIdentifier")
_UID = Tag("ObservationUID")


def read_item(dataset: Dataset, depth: int = 0) -> Item:
    """The content item with everything below it.

    Raises `ValueError` where the tree is deeper than any report, or an item lacks what its value
    type requires.
    """
    if depth > _MAX_DEPTH:
        raise ValueError(f"the content tree is deeper than {_MAX_DEPTH} levels")
    value_type = _read_term(dataset, _VALUE_TYPE)
    relation = _read_term(dataset, _RELATION)
    templates = _read_sequence(dataset, _TEMPLATES)
    return Item(
        value_type=value_type,
        name=read_code(dataset, _NAME),
        value=_READERS.get(value_type, _read_nothing)(dataset),
        relation=Relation(relation) if relation else None,
        children=tuple(read_item(child, depth + 1) for child in _read_sequence(dataset, _CONTENT)),
        template=_read_term(templates[0], _TEMPLATE) if templates else "",
        uid=_read_term(dataset, _UID),
    )


def read_title(dataset: Dataset) -> Code | None:
    """What a document calls itself; None where it has no title."""
    return read_code(dataset, _NAME)


def read_code(dataset: Dataset, tag: BaseTag) -> Code | None:
    """The concept of a code sequence; None where it is absent or empty.

    The same few hundred concepts fill all reports: each way to write one is read once.
    """
    element = dataset.get_item(tag)
    if isinstance(element, RawDataElement) and element.VR in ("SQ", None):
        data = element.value
        if isinstance(data, bytes) and len(data) <= _LONGEST_CODE_BYTES and _ESCAPE not in data:
            code = _read_plain(data, element.is_implicit_VR, element.is_little_endian)
            if code is not None:
                return code
    return _read_code(_read_sequence(dataset, tag))


@lru_cache(_MOST_KEPT)
def _read_plain(data: bytes, implicit: bool, little_endian: bool) -> Code | None:
    """The concept in a sequence as it is written; None where it depends on the character set."""
    items = read_sequence(BytesIO(data), implicit, little_endian, len(data), "iso8859")
    code = _read_code(items)
    return code if code is not None and "".join(code).isascii() else None


def _read_code(sequence: Sequence[Dataset]) -> Code | None:
    if not sequence:
        return None
    item = sequence[0]
    value = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue") or ""
    return Code(
        str(value)[:16], str(item.get("CodingSchemeDesignator", "")), str(item.CodeMeaning)[:64]
    )


def _read_term(dataset: Dataset, tag: BaseTag) -> str:
    """A value of the standard's own, which is ASCII whatever the texts are in; "" where absent."""
    element = dataset.get_item(tag)
    value = None if element is None else element.value
    if isinstance(value, bytes):
        return value.decode("ascii").strip(" \0")
    return "" if value is None else str(value)


def _read_sequence(dataset: Dataset, tag: BaseTag) -> Sequence[Dataset]:
    return dataset[tag].value or () if tag in dataset else ()


def _read_quantity(dataset: Dataset) -> ItemValue:
    measured = dataset.get("MeasuredValueSequence")
    if not measured:
        return None
    exact = measured[0].get("FloatingPointValue")
    number = float(measured[0].NumericValue) if exact is None else float(exact)
    unit = read_code(measured[0], _UNITS)
    if unit is None:
        raise ValueError("a number has no unit")
    return Quantity(number, unit)


def _read_graphic(dataset: Dataset) -> ItemValue:
    data = [float(value) for value in dataset.GraphicData]
    return Graphic(str(dataset.GraphicType), tuple(zip(data[::2], data[1::2], strict=True)))


def _read_space_graphic(dataset: Dataset) -> ItemValue:
    data = [float(value) for value in dataset.GraphicData]
    points = tuple(zip(data[::3], data[1::3], data[2::3], strict=True))
    return SpaceGraphic(
        str(dataset.GraphicType), points, str(dataset.ReferencedFrameOfReferenceUID)
    )


def _read_reference(dataset: Dataset) -> ItemValue:
    item = dataset.ReferencedSOPSequence[0]
    frame = item.get("ReferencedFrameNumber")
    return Reference(
        str(item.ReferencedSOPClassUID),
        str(item.ReferencedSOPInstanceUID),
        None if frame is None else int(frame),
    )


def _read_nothing(_: Dataset) -> ItemValue:
    return None


_READERS: dict[str, Callable[[Dataset], ItemValue]] = {
    "CODE": lambda dataset: read_code(dataset, _ANSWER),
    "NUM": _read_quantity,
    "SCOORD": _read_graphic,
    "SCOORD3D": _read_space_graphic,
    "IMAGE": _read_reference,
    "COMPOSITE": _read_reference,
    "TEXT": lambda dataset: str(dataset.TextValue),
    "UIDREF": lambda dataset: str(dataset.UID),
    "PNAME": lambda dataset: str(dataset.PersonName),
    "DATE": lambda dataset: str(dataset.Date),
    "TIME": lambda dataset: str(dataset.Time),
    "DATETIME": lambda dataset: str(dataset.DateTime),
}
