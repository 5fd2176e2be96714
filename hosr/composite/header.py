"""The header of an object: patient, study, order, series, equipment, and when it was made.

Patient, study and order are those of the images; times are those of the grading, in the study's
own offset from UTC where it names one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from hosr import codes
from hosr.composite.instances import code_values, device_uid
from hosr.dicom.elements import Peeked
from hosr.dicom.writing import HEADER, RECORD, Value, valid_values
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm, Observer
from hosr.report import Report
from hosr.study import Instance, SourceStudy
from hosr.version import FIRST_FORM
from hosr.vocabulary.terms import Side

_MAKER = "hosr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The series of an object, as lists of series show it."""

    modality: str
    number: int
    description: str

    @property
    def is_of_documents(self) -> bool:
        """Whether it holds documents with a content tree."""
        return self.modality in ("KO", "SR")


def header_values(
    instance: Instance, series: Series, report: Report, faults: Iterable[Fault] = ()
) -> dict[str, Value]:
    """What all objects have in common, by keyword; `faults` are those of the object's own part.

    Raises `Unencodable` with all faults, each naming the attribute or concept whose value has no
    valid form in DICOM.
    """
    subject = report.subject
    of_images, found = valid_values(_subject_values(report), HEADER)
    of_order, of_order_found = _order(subject.study, series)
    equipment, equipment_found = _contributing_equipment(report.observer)
    of_series, of_series_found = valid_values([("SeriesDescription", series.description)], RECORD)
    every = [*found, *of_order_found, *equipment_found, *of_series_found, *faults]
    if every:
        raise Unencodable(dict.fromkeys(every))
    return {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": instance.sop_class_uid,
        "SOPInstanceUID": instance.sop_instance_uid,
        # As the archive knows it, valid or not.
        "StudyInstanceUID": subject.study.study_instance_uid,
        **of_images,
        **of_order,
        **equipment,
        "Modality": series.modality,
        "SeriesInstanceUID": instance.series_instance_uid,
        "SeriesNumber": series.number,
        **_series_date_values(report),
        **of_series,
        **({"ReferencedPerformedProcedureStepSequence": []} if series.is_of_documents else {}),
        "Manufacturer": _MAKER,
        "ManufacturerModelName": _MAKER,
        "DeviceSerialNumber": "0",
        "SoftwareVersions": report.form,
    }


def _subject_values(report: Report) -> list[tuple[str, str]]:
    """Type 2 attributes always, type 3 where there is something to say."""
    patient, study = report.subject.patient, report.subject.study
    optional = (
        ("IssuerOfPatientID", patient.issuer),
        ("StudyDescription", study.description),
        ("TimezoneOffsetFromUTC", study.timezone_offset),
    )
    return [
        ("PatientName", patient.name),
        ("PatientID", patient.patient_id),
        ("PatientBirthDate", patient.birth_date),
        ("PatientSex", patient.sex),
        ("StudyDate", study.date),
        ("StudyTime", study.time),
        ("ReferringPhysicianName", study.referring_physician),
        ("StudyID", study.study_id),
        ("AccessionNumber", study.accession_number),
        *((keyword, value) for keyword, value in optional if value),
    ]


def _contributing_equipment(observer: Observer) -> tuple[dict[str, Value], list[Fault]]:
    """The algorithm, if one graded (PS3.3 section C.12.1.1.5)."""
    if not isinstance(observer, Algorithm):
        return {}, []
    stated = (
        ("Manufacturer", observer.manufacturer or "not stated"),
        ("ManufacturerModelName", observer.name),
        ("SoftwareVersions", observer.version),
        ("DeviceUID", device_uid(observer)),
    )
    values, faults = valid_values(stated, RECORD)
    purpose = {"PurposeOfReferenceCodeSequence": [code_values(codes.PROCESSING_EQUIPMENT)]}
    return {"ContributingEquipmentSequence": [{**purpose, **values}]}, faults


# What `is_own` asks of a file: Modality, Manufacturer, Manufacturer's Model Name, coding schemes.
OWN_TAGS = (0x00080060, 0x00080070, 0x00081090, 0x00080110)
_CODING_SCHEME_UID = 0x0008010C


def is_own(seen: Peeked) -> bool:
    """Whether hosr made the object in a file, of which OWN_TAGS were `seen`.

    A structured report of hosr declares its private coding scheme, without which its codes mean
    nothing, and which no archive coerces. The other objects declare none; their equipment says
    who made them, of which archives are known to rewrite Manufacturer: Manufacturer's Model Name
    alone will do. An answer to a query seldom has any of these, so a file has to be looked into.
    """
    modality, *equipment, schemes = OWN_TAGS
    if seen.text(modality) == "SR":
        declared = {scheme.text(_CODING_SCHEME_UID) for scheme in seen.items(schemes)}
        return codes.PRIVATE_SCHEME_UID in declared
    return any(seen.text(tag) == _MAKER for tag in equipment)


def content_date_values(report: Report, number: int = 1) -> dict[str, Value]:
    """The number of the instance in its series, and the date of its content: the grading's."""
    date, time = date_and_time(report)
    return {"InstanceNumber": number, "ContentDate": date, "ContentTime": time}


def date_and_time(report: Report) -> tuple[str, str]:
    """When it was graded, in the offset of the study, else its dates would change their meaning."""
    return _date_and_time(report.documented_at, report)


def _series_date_values(report: Report) -> dict[str, Value]:
    """When the report came to its status: each version has a series of its own.

    Content Date is that of the grading in all versions; viewers put what is newest first by Series
    Date and Series Time (PS3.3 tables C.7-5a and C.17-1, type 3).
    """
    if report.form == FIRST_FORM:
        return {}
    date, time = _date_and_time(report.stated_at, report)
    return {"SeriesDate": date, "SeriesTime": time}


def _date_and_time(moment: dt.datetime, report: Report) -> tuple[str, str]:
    offset = report.subject.study.timezone_offset
    zone = dt.datetime.strptime(offset, "%z").tzinfo if offset else report.documented_at.tzinfo
    moment = moment.astimezone(zone)
    return moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")


def laterality_of(report: Report) -> str:
    """The side of a report on one hip; "" for one on both."""
    sides = [graded.hip.side for graded in report.hips]
    return {Side.RIGHT: "R", Side.LEFT: "L"}[sides[0]] if len(sides) == 1 else ""


def _order(study: SourceStudy, series: Series) -> tuple[dict[str, Value], list[Fault]]:
    """The order, where the images name one, in the form that a document or another object has."""
    return (_request if series.is_of_documents else _request_attributes)(study)


def _request(study: SourceStudy) -> tuple[dict[str, Value], list[Fault]]:
    """The Referenced Request Sequence (PS3.3 Table C.17-2, type 1C)."""
    stated = (
        ("AccessionNumber", study.accession_number),
        ("PlacerOrderNumberImagingServiceRequest", study.placer_order_number),
        ("FillerOrderNumberImagingServiceRequest", study.filler_order_number),
        ("RequestedProcedureID", study.requested_procedure_id),
        ("RequestedProcedureDescription", study.requested_procedure_description),
    )
    if not any(value for _, value in stated):
        return {}, []
    values, faults = valid_values(stated, HEADER)
    item: dict[str, Value] = {
        "StudyInstanceUID": study.study_instance_uid,
        "ReferencedStudySequence": [],
        "RequestedProcedureCodeSequence": [],
        **values,
    }
    return {"ReferencedRequestSequence": [item]}, faults


def _request_attributes(study: SourceStudy) -> tuple[dict[str, Value], list[Fault]]:
    """The Request Attributes Sequence (PS3.3 Table 10-9), which rests on the procedure's ID."""
    if not study.requested_procedure_id:
        return {}, []
    optional = (
        ("AccessionNumber", study.accession_number),
        ("RequestedProcedureDescription", study.requested_procedure_description),
    )
    stated = [(keyword, value) for keyword, value in optional if value]
    stated.append(("RequestedProcedureID", study.requested_procedure_id))
    values, faults = valid_values(stated, HEADER)
    return {"RequestAttributesSequence": [values]}, faults
