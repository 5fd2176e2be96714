"""A DICOM dataset to items, any valid SR content tree whoever wrote it, and items to answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydicom.dataset import Dataset

from hosr.codes import Code
from hosr.sr.items import Graphic, Item, Quantity, Reference, Relation, Value

K = TypeVar("K")

# Valid trees are shallow; a deep one is an attack or an accident.
_MAX_DEPTH = 32


def read_item(dataset: Dataset, depth: int = 0) -> Item:
    """The content item with everything below it.

    Raises `ValueError` where the tree is deeper than any report, or an item lacks what its value
    type requires.
    """
    if depth > _MAX_DEPTH:
        raise ValueError(f"the content tree is deeper than {_MAX_DEPTH} levels")
    value_type = str(dataset.get("ValueType", ""))
    relation = dataset.get("RelationshipType")
    template = dataset.get("ContentTemplateSequence") or [Dataset()]
    return Item(
        value_type=value_type,
        name=read_code(dataset.get("ConceptNameCodeSequence")),
        value=_READERS.get(value_type, _nothing)(dataset),
        relation=None if relation is None else Relation(relation),
        children=tuple(read_item(child, depth + 1) for child in dataset.get("ContentSequence", ())),
        template=str(template[0].get("TemplateIdentifier", "")),
    )


def read_code(sequence: Any) -> Code | None:
    """The concept of a code sequence; None where it is empty."""
    if not sequence:
        return None
    item = sequence[0]
    value = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue") or ""
    return Code(
        str(value)[:16], str(item.get("CodingSchemeDesignator", "")), str(item.CodeMeaning)[:64]
    )


def _quantity(dataset: Dataset) -> Value:
    measured = dataset.get("MeasuredValueSequence")
    if not measured:
        return None
    exact = measured[0].get("FloatingPointValue")
    number = float(measured[0].NumericValue) if exact is None else float(exact)
    unit = read_code(measured[0].MeasurementUnitsCodeSequence)
    if unit is None:
        raise ValueError("a number has no unit")
    return Quantity(number, unit)


def _graphic(dataset: Dataset) -> Value:
    data = [float(value) for value in dataset.GraphicData]
    return Graphic(str(dataset.GraphicType), tuple(zip(data[::2], data[1::2], strict=True)))


def _reference(dataset: Dataset) -> Value:
    item = dataset.ReferencedSOPSequence[0]
    frame = item.get("ReferencedFrameNumber")
    return Reference(
        str(item.ReferencedSOPClassUID),
        str(item.ReferencedSOPInstanceUID),
        None if frame is None else int(frame),
    )


def _nothing(_: Dataset) -> Value:
    return None


_READERS: dict[str, Callable[[Dataset], Value]] = {
    "CODE": lambda dataset: read_code(dataset.ConceptCodeSequence),
    "NUM": _quantity,
    "SCOORD": _graphic,
    "IMAGE": _reference,
    "COMPOSITE": _reference,
    "TEXT": lambda dataset: str(dataset.TextValue),
    "UIDREF": lambda dataset: str(dataset.UID),
    "PNAME": lambda dataset: str(dataset.PersonName),
    "DATE": lambda dataset: str(dataset.Date),
    "TIME": lambda dataset: str(dataset.Time),
    "DATETIME": lambda dataset: str(dataset.DateTime),
}


def read_choice(item: Item, name: Code, table: dict[K, Code]) -> K | None:
    """The one answer to a question, as the key of its table; None where it was not asked.

    Raises `ValueError` where the answer is none of the table.
    """
    return next(iter(read_choices(item, name, table)), None)


def read_choices(item: Item, name: Code, table: dict[K, Code]) -> tuple[K, ...]:
    """All answers to a question, in document order."""
    keys = {code.key: key for key, code in table.items()}
    answers = []
    for found in item.find(name, "CODE"):
        if not isinstance(found.value, Code) or found.value.key not in keys:
            raise ValueError(f"{name.meaning}: unknown answer {found.value}")
        answers.append(keys[found.value.key])
    return tuple(answers)


def read_string(item: Item, name: Code) -> str:
    """The text of the first item of a name, or ""."""
    found = item.first(name)
    return "" if found is None else str(found.value)


def read_number(item: Item, name: Code) -> float | None:
    """The number of the first item of a name."""
    found = item.first(name)
    return found.value.value if found and isinstance(found.value, Quantity) else None
