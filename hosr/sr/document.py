"""A structured report as a file: what documents have beyond every object, and the content tree.

Modules as in PS3.3 Table A.35.13-1, and for key objects in Table A.35.4-1; content items as in
section C.17.3. What is the same in many items, such as a coded answer to a coded question, is
encoded once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from hosr import codes
from hosr.codes import Code
from hosr.composite import (
    Encoded,
    Series,
    by_series,
    code_values,
    content_date_values,
    encode,
    header_values,
    refusing_invalid,
    sop_values,
)
from hosr.dicom.writing import (
    RECORD,
    Elements,
    EncodedItem,
    Value,
    Values,
    encode_data_set,
    encode_elements,
    is_valid,
)
from hosr.errors import Fault
from hosr.phrases import phrase
from hosr.report import Report
from hosr.sr.items import Graphic, Item, Quantity, Reference, Relation, SpaceGraphic
from hosr.sr.signing import status_values
from hosr.study import Instance

# All coded answers that hosr knows fit in; what comes from a record alone is not kept.
_MOST_KEPT = 4096

_TEXT_VRS = {"TEXT": "UT", "PNAME": "PN", "UIDREF": "UI", "DATE": "DA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document to be: its identity and series, its content, and what that rests on.

    `evidence` is of its own study, `pertinent` of others, by Study Instance UID.
    """

    instance: Instance
    series: Series
    root: Item
    evidence: tuple[Instance, ...]
    pertinent: tuple[tuple[str, tuple[Instance, ...]], ...] = ()


def encode_report(document: Document, report: Report) -> Encoded:
    """A report: a document with a status, that declares its private codes.

    Raises `Unencodable` where a value has no valid form in DICOM, naming attribute or concept.
    """
    status, faults = status_values(report)
    values = _document_values(document, report, faults)
    return _encode(document, {**values, **status, **_REPORT})


def encode_document(document: Document, report: Report) -> Encoded:
    """A document, with what all classes of documents have. Raises as `encode_report`."""
    return _encode(document, _document_values(document, report))


def _encode(document: Document, values: Values) -> Encoded:
    with refusing_invalid():
        return encode(document.instance, values, _root_elements(document.root))


def _document_values(
    document: Document, report: Report, of_status: Iterable[Fault] = ()
) -> dict[str, Value]:
    faults = (*_find_invalid_texts(document.root), *of_status)
    header = header_values(document.instance, document.series, report, faults)
    study_uid = report.subject.study.study_instance_uid
    others = [_evidence(*each) for each in document.pertinent]
    return {
        **header,
        **content_date_values(report),
        "CurrentRequestedProcedureEvidenceSequence": [_evidence(study_uid, document.evidence)],
        "ObservationDateTime": _dicom_datetime(report.documented_at),
        **({"PertinentOtherEvidenceSequence": others} if others else {}),
    }


def _find_invalid_texts(root: Item) -> Iterator[Fault]:
    """Every text of a content tree that has no valid form, by its concept name."""
    for item in root.walk():
        vr = _TEXT_VRS.get(item.value_type, "")
        if item.name is not None and vr and not is_valid(vr, str(item.value)):
            problem = phrase("the value is not a valid {vr} of DICOM", vr=vr)
            yield Fault(item.name.meaning, problem, RECORD.remedy)


def _evidence(study_uid: str, instances: Iterable[Instance]) -> dict[str, Value]:
    return {
        "ReferencedSeriesSequence": [
            {
                "ReferencedSOPSequence": [sop_values(member) for member in members],
                "SeriesInstanceUID": series_uid,
            }
            for series_uid, members in by_series(instances)
        ],
        "StudyInstanceUID": study_uid,
    }


def _dicom_datetime(moment: dt.datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S.%f%z")


_REPORT: Values = {
    "PerformedProcedureCodeSequence": [],
    "CodingSchemeIdentificationSequence": [
        {
            "CodingSchemeDesignator": codes.PRIVATE_SCHEME,
            "CodingSchemeUID": codes.PRIVATE_SCHEME_UID,
            "CodingSchemeName": codes.PRIVATE_SCHEME_NAME,
            "CodingSchemeVersion": codes.PRIVATE_SCHEME_VERSION,
            "CodingSchemeResponsibleOrganization": codes.PRIVATE_SCHEME_ORGANIZATION,
        }
    ],
}


def encode_item(item: Item) -> bytes:
    """An item with everything below it as a data set.

    Raises `ValueError` or `TypeError` where a value does not fit its value type.
    """
    if item.value_type == "CODE" and not item.children:
        if not item.uid:
            return _answer(item)
        # Of all elements of a coded answer, its Observation UID has the highest tag.
        return _answer(item._replace(uid="")) + _observation_uid(item)[0][1]
    return _encoded(item)


def _root_elements(root: Item) -> Elements:
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
        values["ContentSequence"] = [EncodedItem(encode_item(child)) for child in item.children]
    return values


def _shared(item: Item) -> Elements:
    question = _question(item.value_type, item.name, item.relation, item.template)
    return (*question, *_observation_uid(item)) if item.uid else question


def _observation_uid(item: Item) -> Elements:
    return encode_elements({"ObservationUID": item.uid})


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
def _coded(code: Code) -> EncodedItem:
    return EncodedItem(encode_data_set(code_values(code)))


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


def _scoord3d(item: Item) -> dict[str, Value]:
    if not isinstance(item.value, SpaceGraphic):
        raise TypeError("an SCOORD3D item holds a graphic in space")
    return {
        "GraphicData": [number for point in item.value.points for number in point],
        "GraphicType": item.value.shape,
        "ReferencedFrameOfReferenceUID": item.value.frame_of_reference_uid,
    }


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
    "SCOORD3D": _scoord3d,
    "IMAGE": _reference,
    "COMPOSITE": _reference,
    "DATE": _text_in("Date"),
    "TEXT": _text_in("TextValue"),
    "UIDREF": _text_in("UID"),
    "PNAME": _text_in("PersonName"),
}
