"""Content items to a DICOM data set (PS3.3 section C.17.3), and documents to files.

What is the same in many items, such as a coded answer to a coded question, is encoded once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from hosr.codes import Code
from hosr.composite import code_values
from hosr.part10.writing import Encoded, Value, encode_data_set
from hosr.sr.items import Graphic, Item, Quantity, Reference, Relation

__all__ = ["content_values"]

# All coded answers that hosr knows fit in; what comes from a record alone is not kept.
_MOST_KEPT = 4096


def content_values(root: Item) -> dict[str, Value]:
    """The attributes of an item with everything below it.

    Raises `ValueError` or `TypeError` where a value does not fit its value type.
    """
    values = dict(_shared_values(root.value_type, root.name, root.relation, root.template))
    values.update(_VALUES[root.value_type](root))
    if root.children:
        values["ContentSequence"] = [_encoded(child) for child in root.children]
    return values


def _encoded(item: Item) -> Encoded:
    if item.value_type == "CODE" and not item.children:
        return _answer(item)
    return Encoded(encode_data_set(content_values(item)))


@lru_cache(_MOST_KEPT)
def _answer(item: Item) -> Encoded:
    return Encoded(encode_data_set(content_values(item)))


@lru_cache(_MOST_KEPT)
def _shared_values(
    value_type: str, name: Code | None, relation: Relation | None, template: str
) -> tuple[tuple[str, Value], ...]:
    values: list[tuple[str, Value]] = [("ValueType", value_type)]
    if relation is not None:
        values.append(("RelationshipType", relation.value))
    if name is not None:
        values.append(("ConceptNameCodeSequence", [_coded(name)]))
    if value_type == "CONTAINER":
        values.append(("ContinuityOfContent", "SEPARATE"))
    if template:
        identified = {"MappingResource": "DCMR", "TemplateIdentifier": template}
        values.append(("ContentTemplateSequence", [identified]))
    return tuple(values)


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
