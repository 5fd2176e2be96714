"""A structured report as a file: what documents have beyond every object, and the content tree.

Modules as in PS3.3 Table A.35.13-1, and for key objects in Table A.35.4-1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hosr import codes
from hosr.composite import (
    Encoded,
    Series,
    by_series,
    content_date_values,
    encode,
    header_values,
    refusing_invalid,
    sop_values,
)
from hosr.dicom.validity import RECORD, is_valid
from hosr.dicom.writing import Value, Values
from hosr.errors import Fault
from hosr.report import Report
from hosr.sr.encoding import root_elements
from hosr.sr.items import Item
from hosr.study import Instance

_VALUE_TYPES = {"TEXT": "UT", "PNAME": "PN", "UIDREF": "UI", "DATE": "DA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document to be: its identity and series, its content, and what that rests on."""

    instance: Instance
    series: Series
    root: Item
    evidence: tuple[Instance, ...]


def encode_report(document: Document, report: Report) -> Encoded:
    """A report: a document with a status, that declares its private codes.

    Raises `Unencodable` where a value has no valid form in DICOM, naming attribute or concept.
    """
    status: Values = {
        "CompletionFlag": report.status.completion,
        "VerificationFlag": report.status.verification,
        "PreliminaryFlag": report.status.preliminary,
    }
    return _encode(document, {**_document_values(document, report), **status, **_REPORT})


def encode_document(document: Document, report: Report) -> Encoded:
    """A document, with what all classes of documents have. Raises as `encode_report`."""
    return _encode(document, _document_values(document, report))


def _encode(document: Document, values: Values) -> Encoded:
    with refusing_invalid():
        return encode(document.instance, values, root_elements(document.root))


def _document_values(document: Document, report: Report) -> dict[str, Value]:
    faults = _find_invalid_texts(document.root)
    header = header_values(document.instance, document.series, report, faults)
    study_uid = report.subject.study.study_instance_uid
    return {
        **header,
        **content_date_values(report),
        "CurrentRequestedProcedureEvidenceSequence": [_evidence(study_uid, document.evidence)],
        "ObservationDateTime": _dicom_datetime(report.graded_at),
    }


def _find_invalid_texts(root: Item) -> Iterator[Fault]:
    """Every text of a content tree that has no valid form, by its concept name."""
    for item in root.walk():
        vr = _VALUE_TYPES.get(item.value_type, "")
        if item.name is not None and vr and not is_valid(vr, str(item.value)):
            problem = f"the value is not a valid {vr} of DICOM"
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
