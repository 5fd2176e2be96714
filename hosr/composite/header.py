"""The header of an object: patient, study, order, series, equipment, and when it was made.

Patient, study and order are those of the images; times are those of the grading, in the study's
own offset from UTC where it names one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from hosr import __version__, codes
from hosr.composite.encoding import refusing_unlawful, strict_writing
from hosr.composite.identity import device_uid
from hosr.composite.lawful import HEADER, RECORD, fill
from hosr.composite.references import code_item
from hosr.errors import Unencodable
from hosr.findings import Algorithm
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hosr.errors import Fault
    from hosr.findings import Observer
    from hosr.report import Report
    from hosr.study import Instance, SourceStudy

__all__ = ["Series", "compose", "date_and_time", "date_content", "laterality_of"]


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


def compose(
    instance: Instance, series: Series, report: Report, faults: Iterable[Fault] = ()
) -> Dataset:
    """A dataset with all that objects have in common; `faults` are those of its own part.

    Raises `Unencodable` with all faults, each naming the attribute or concept whose value has no
    lawful form in DICOM.
    """
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = instance.sop_class_uid
    dataset.SOPInstanceUID = instance.sop_instance_uid
    with strict_writing():
        found = [
            *fill(dataset, _header_values(report), HEADER),
            *_add_order(dataset, report.subject.study, series),
            *_add_equipment(dataset, report.observer),
            *faults,
        ]
    if found:
        raise Unencodable(dict.fromkeys(found))
    with refusing_unlawful():
        _add_series(dataset, instance, series)
    return dataset


def _header_values(report: Report) -> list[tuple[str, str]]:
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
        ("StudyInstanceUID", study.study_instance_uid),
        ("StudyDate", study.date),
        ("StudyTime", study.time),
        ("ReferringPhysicianName", study.referring_physician),
        ("StudyID", study.study_id),
        ("AccessionNumber", study.accession_number),
        *((keyword, value) for keyword, value in optional if value),
    ]


def _add_equipment(dataset: Dataset, observer: Observer) -> list[Fault]:
    """The algorithm, if one graded (PS3.3 section C.12.1.1.5)."""
    if not isinstance(observer, Algorithm):
        return []
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [code_item(codes.PROCESSING_EQUIPMENT)]
    dataset.ContributingEquipmentSequence = [item]
    values = (
        ("Manufacturer", observer.manufacturer or "not stated"),
        ("ManufacturerModelName", observer.name),
        ("SoftwareVersions", observer.version),
        ("DeviceUID", device_uid(observer)),
    )
    return fill(item, values, RECORD)


def _add_series(dataset: Dataset, instance: Instance, series: Series) -> None:
    dataset.Modality = series.modality
    dataset.SeriesInstanceUID = instance.series_instance_uid
    dataset.SeriesNumber = series.number
    dataset.SeriesDescription = series.description
    if series.is_of_documents:
        dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.Manufacturer = "hosr"
    dataset.ManufacturerModelName = "hosr"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = __version__


def date_content(dataset: Dataset, report: Report, number: int = 1) -> None:
    """Number the instance in its series, and date its content with the grading."""
    dataset.InstanceNumber = number
    dataset.ContentDate, dataset.ContentTime = date_and_time(report)


def date_and_time(report: Report) -> tuple[str, str]:
    """When it was graded, in the offset of the study, else its dates would change their meaning."""
    moment = report.graded_at
    offset = report.subject.study.timezone_offset
    if offset:
        moment = moment.astimezone(dt.datetime.strptime(offset, "%z").tzinfo)
    return moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")


def laterality_of(report: Report) -> str:
    """The side of a report on one hip; "" for one on both."""
    sides = [graded.hip.side for graded in report.hips]
    return {Side.RIGHT: "R", Side.LEFT: "L"}[sides[0]] if len(sides) == 1 else ""


def _add_order(dataset: Dataset, study: SourceStudy, series: Series) -> list[Fault]:
    """The order, where the images name one, in the form that a document or another object has."""
    return (_add_request if series.is_of_documents else _add_request_attributes)(dataset, study)


def _add_request(dataset: Dataset, study: SourceStudy) -> list[Fault]:
    """The Referenced Request Sequence (PS3.3 Table C.17-2, type 1C)."""
    values = (
        ("AccessionNumber", study.accession_number),
        ("PlacerOrderNumberImagingServiceRequest", study.placer_order_number),
        ("FillerOrderNumberImagingServiceRequest", study.filler_order_number),
        ("RequestedProcedureID", study.requested_procedure_id),
        ("RequestedProcedureDescription", study.requested_procedure_description),
    )
    if not any(value for _, value in values):
        return []
    item = Dataset()
    item.StudyInstanceUID = study.study_instance_uid
    item.ReferencedStudySequence = []
    item.RequestedProcedureCodeSequence = []
    dataset.ReferencedRequestSequence = [item]
    return fill(item, values, HEADER)


def _add_request_attributes(dataset: Dataset, study: SourceStudy) -> list[Fault]:
    """The Request Attributes Sequence (PS3.3 Table 10-9), which rests on the procedure's ID."""
    if not study.requested_procedure_id:
        return []
    optional = (
        ("AccessionNumber", study.accession_number),
        ("RequestedProcedureDescription", study.requested_procedure_description),
    )
    values = [(keyword, value) for keyword, value in optional if value]
    item = Dataset()
    dataset.RequestAttributesSequence = [item]
    return fill(item, [("RequestedProcedureID", study.requested_procedure_id), *values], HEADER)
