"""Items to a DICOM dataset through highdicom's content items: the reference for what hosr writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import highdicom as hd
import numpy as np
from highdicom.sr import value_types as vt
from pydicom.dataset import Dataset

from hosr.codes import Code
from hosr.sr.items import Graphic, Item, Quantity, Reference

__all__ = ["coded", "write_item"]


def coded(code: Code) -> hd.sr.CodedConcept:
    """A coded concept as a code sequence item."""
    return hd.sr.CodedConcept(code.value, code.scheme, code.meaning)


def write_item(item: Item) -> Dataset:
    """The content item with everything below it."""
    built: Dataset = _WRITERS[item.value_type](item)
    if item.children:
        built.ContentSequence = [write_item(child) for child in item.children]
    return built


def _common(item: Item) -> dict[str, Any]:
    if item.name is None:
        raise ValueError("every item that hosr writes has a concept name")
    relation = None if item.relation is None else hd.sr.RelationshipTypeValues(item.relation.value)
    return {"name": coded(item.name), "relationship_type": relation}


def _container(item: Item) -> Dataset:
    return vt.ContainerContentItem(
        **_common(item),
        is_content_continuous=False,
        template_id=item.template or None,
    )


def _code(item: Item) -> Dataset:
    if not isinstance(item.value, Code):
        raise TypeError("a CODE item holds a code")
    return vt.CodeContentItem(value=coded(item.value), **_common(item))


def _num(item: Item) -> Dataset:
    if not isinstance(item.value, Quantity):
        raise TypeError("a NUM item holds a quantity")
    value = item.value.value
    built = vt.NumContentItem(value=value, unit=coded(item.value.unit), **_common(item))
    if float(value).is_integer():
        measured = built.MeasuredValueSequence[0]
        measured.NumericValue = str(int(value))
    return built


def _scoord(item: Item) -> Dataset:
    if not isinstance(item.value, Graphic):
        raise TypeError("an SCOORD item holds a graphic")
    return vt.ScoordContentItem(
        graphic_type=hd.sr.GraphicTypeValues(item.value.shape),
        graphic_data=np.array(item.value.points, dtype=np.float32),
        **_common(item),
    )


def _image(item: Item) -> Dataset:
    if not isinstance(item.value, Reference):
        raise TypeError("an IMAGE item holds a reference")
    built = vt.ImageContentItem(
        referenced_sop_class_uid=item.value.sop_class_uid,
        referenced_sop_instance_uid=item.value.sop_instance_uid,
        referenced_frame_numbers=item.value.frame,
        **_common(item),
    )
    state = item.value.shown_by
    if state is not None:  # PS3.3 section C.18.4
        reference = Dataset()
        reference.ReferencedSOPClassUID = state.sop_class_uid
        reference.ReferencedSOPInstanceUID = state.sop_instance_uid
        built.ReferencedSOPSequence[0].ReferencedSOPSequence = [reference]
    return built


def _composite(item: Item) -> Dataset:
    if not isinstance(item.value, Reference):
        raise TypeError("a COMPOSITE item holds a reference")
    return vt.CompositeContentItem(
        referenced_sop_class_uid=item.value.sop_class_uid,
        referenced_sop_instance_uid=item.value.sop_instance_uid,
        **_common(item),
    )


def _date(item: Item) -> Dataset:
    value = dt.datetime.strptime(str(item.value), "%Y%m%d").date()
    return vt.DateContentItem(value=value, **_common(item))


_WRITERS: dict[str, Callable[[Item], Dataset]] = {
    "CONTAINER": _container,
    "CODE": _code,
    "NUM": _num,
    "SCOORD": _scoord,
    "IMAGE": _image,
    "COMPOSITE": _composite,
    "DATE": _date,
    "TEXT": lambda item: vt.TextContentItem(value=str(item.value), **_common(item)),
    "UIDREF": lambda item: vt.UIDRefContentItem(value=str(item.value), **_common(item)),
    "PNAME": lambda item: vt.PnameContentItem(value=str(item.value), **_common(item)),
}
