"""Content items as bytes (PS3.3 section C.17.3).

What is the same in many items, such as a coded answer to a coded question, is encoded once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from hosr.codes import Code
from hosr.composite import code_values
from hosr.dicom.writing import Elements, Encoded, Value, encode_data_set, encode_elements
from hosr.sr.items import Graphic, Item, Quantity, Reference, Relation

# All coded answers that hosr knows fit in; what comes from a record alone is not kept.
_MOST_KEPT = 4096


def encode_item(item: Item) -> bytes:
    """An item with everything below it as a data set.

    Raises `ValueError` or `TypeError` where a value does not fit its value type.
    """
    if item.value_type == "CODE" and not item.children:
        return _answer(item)
    return _encoded(item)


def root_elements(root: Item) -> Elements:
    """The elements of a document's root with everything below it. Raises as `encode_item`."""
    return (*_shared(root), *encode_elements(_own_values(root)))


@lru_cache(_MOST_KEPT)
def _answer(item: Item) -> bytes:
    return _encoded(item)


def _encoded(item: Item) -> bytes:
    return encode_data_set(_own_values(item), _shared(item))


def _own_values(item: Item) -> dict[str, Value]:
    """What is the item's own: its value, and the items below it."""
    values = _VALUES[item.value_type](item)
    if item.children:
        values["ContentSequence"] = [Encoded(encode_item(child)) for child in item.children]
    return values


def _shared(item: Item) -> Elements:
    return _question(item.value_type, item.name, item.relation, item.template)


@lru_cache(_MOST_KEPT)
def _question(
    value_type: str, name: Code | None, relation: Relation | None, template: str
) -> Elements:
    """What all items have that answer one question in one place."""
    values: dict[str, Value] = {"ValueType": value_type}
    if relation is not None:
        values["RelationshipType"] = relation.value
    if name is not None:
        values["ConceptNameCodeSequence"] = [_coded(name)]
    if value_type == "CONTAINER":
        values["ContinuityOfContent"] = "SEPARATE"
    if template:
        identified = {"MappingResource": "DCMR", "TemplateIdentifier": template}
        values["ContentTemplateSequence"] = [identified]
    return encode_elements(values)


@lru_cache(_MOST_KEPT)
def _coded(code: Code) -> Encoded:
    return Encoded(encode_data_set(code_values(code)))


def _code(item: Item) -> dict[str, Value]:
    if not isinstance(item.value, Code):
        raise TypeError("a CODE item holds a code")
    return {"ConceptCodeSequence": [_coded(item.value)]}


def _num(item: Item) -> dict[str, Value]:
    if not isinstance(item.value, Quantity):
        raise TypeError("a NUM item holds a quantity")
    number = item.value.value
    measured: dict[str, Value] = {
        "NumericValue": number,
        "MeasurementUnitsCodeSequence": [_coded(item.value.unit)],
    }
    if isinstance(number, float):  # what DS rounds stands here in full
        measured["FloatingPointValue"] = number
    return {"MeasuredValueSequence": [measured]}


def _scoord(item: Item) -> dict[str, Value]:
    if not isinstance(item.value, Graphic):
        raise TypeError("an SCOORD item holds a graphic")
    points = [number for point in item.value.points for number in point]
    return {"GraphicData": points, "GraphicType": item.value.shape}


def _reference(item: Item) -> dict[str, Value]:
    if not isinstance(item.value, Reference):
        raise TypeError("an item of this type holds a reference")
    return {"ReferencedSOPSequence": [_referenced(item.value)]}


def _referenced(reference: Reference) -> dict[str, Value]:
    values: dict[str, Value] = {
        "ReferencedSOPClassUID": reference.sop_class_uid,
        "ReferencedSOPInstanceUID": reference.sop_instance_uid,
    }
    if reference.frame is not None:
        values["ReferencedFrameNumber"] = reference.frame
    if reference.shown_by is not None:  # PS3.3 section C.18.4
        values["ReferencedSOPSequence"] = [_referenced(reference.shown_by)]
    return values


def _text_in(keyword: str) -> Callable[[Item], dict[str, Value]]:
    return lambda item: {keyword: str(item.value)}


_VALUES: dict[str, Callable[[Item], dict[str, Value]]] = {
    "CONTAINER": lambda _: {},
    "CODE": _code,
    "NUM": _num,
    "SCOORD": _scoord,
    "IMAGE": _reference,
    "COMPOSITE": _reference,
    "DATE": _text_in("Date"),
    "TEXT": _text_in("TextValue"),
    "UIDREF": _text_in("UID"),
    "PNAME": _text_in("PersonName"),
}
