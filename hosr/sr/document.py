"""The header of a structured report: patient, study, series, equipment, document, evidence.

Modules in the order of PS3.3 Table A.35.13-1. Patient, study and order are those of the images;
times are those of the grading, in the study's own offset from UTC where it names one.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from hosr import __version__, codes
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm, Observer
from hosr.identity import derive_uid
from hosr.report import Report
from hosr.sr.items import Item
from hosr.sr.lawful import HEADER, RECORD, fill, find_unlawful_texts
from hosr.sr.observer import device_uid
from hosr.sr.write import coded, write_item
from hosr.study import Instance, SourceStudy

__all__ = ["Document", "build_dataset", "evidence_of", "to_bytes"]

IMPLEMENTATION_CLASS_UID = derive_uid("implementation", "hosr")
_MANUFACTURER = "hosr"
_PROCESSING_EQUIPMENT = codes.Code("109102", "DCM", "Processing Equipment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document to be: what class and series it is of, and its content."""

    sop_class_uid: str
    sop_instance_uid: str
    series_instance_uid: str
    series_number: int
    series_description: str
    root: Item
    evidence: tuple[Instance, ...]


def evidence_of(report: Report) -> tuple[Instance, ...]:
    """Every instance that the report was made from."""
    spoken_of = {image.instance for image in report.subject.images}
    return tuple(sorted(spoken_of | set(report.subject.examined)))


def build_dataset(document: Document, report: Report) -> Dataset:
    """The whole dataset.

    Raises `Unencodable` where a value has no lawful form in DICOM, naming attribute or concept.
    """
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = document.sop_class_uid
    dataset.SOPInstanceUID = document.sop_instance_uid
    with _strict_writing():
        faults = [
            *fill(dataset, _header_values(report), HEADER),
            *_add_request(dataset, report.subject.study),
            *_add_equipment(dataset, report.observer),
            *find_unlawful_texts(document.root),
        ]
        if faults:
            raise Unencodable(dict.fromkeys(faults))
        try:
            _add_series_and_equipment(dataset, document)
            _add_document(dataset, document, report)
            _add_content(dataset, document, report)
        except (ValueError, TypeError, Warning) as error:
            problem = f"a text or number has no lawful DICOM form ({type(error).__name__})"
            raise Unencodable(Fault("report", problem, "shorten or correct it")) from error
    return dataset


@contextmanager
def _strict_writing() -> Iterator[None]:
    """Raise on values that break their VR, of which pydicom only warns.

    highdicom's doubt about person names of one component is no fault, and would name the person.
    """
    settings = pydicom.config.settings
    before = settings.writing_validation_mode
    settings.writing_validation_mode = pydicom.config.RAISE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "The string .* is unlikely to represent", UserWarning)
            yield
    finally:
        settings.writing_validation_mode = before


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


def _add_series_and_equipment(dataset: Dataset, document: Document) -> None:
    dataset.Modality = "SR"
    dataset.SeriesInstanceUID = document.series_instance_uid
    dataset.SeriesNumber = document.series_number
    dataset.SeriesDescription = document.series_description
    dataset.ReferencedPerformedProcedureStepSequence = []
    dataset.Manufacturer = _MANUFACTURER
    dataset.ManufacturerModelName = "hosr"
    dataset.DeviceSerialNumber = "0"
    dataset.SoftwareVersions = __version__


def _add_document(dataset: Dataset, document: Document, report: Report) -> None:
    study = report.subject.study
    written_at = _in_study_time(report.graded_at, study)
    dataset.InstanceNumber = 1
    dataset.ContentDate = written_at.strftime("%Y%m%d")
    dataset.ContentTime = written_at.strftime("%H%M%S")
    dataset.CompletionFlag = "COMPLETE"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.PreliminaryFlag = "PRELIMINARY"
    dataset.PerformedProcedureCodeSequence = []
    dataset.CurrentRequestedProcedureEvidenceSequence = [
        _evidence(study.study_instance_uid, document.evidence)
    ]
    dataset.CodingSchemeIdentificationSequence = [_private_scheme()]


def _in_study_time(moment: dt.datetime, study: SourceStudy) -> dt.datetime:
    """Document times share the study's offset, else its dates would change their meaning."""
    if not study.timezone_offset:
        return moment
    return moment.astimezone(dt.datetime.strptime(study.timezone_offset, "%z").tzinfo)


def _add_request(dataset: Dataset, study: SourceStudy) -> list[Fault]:
    """The order, where the images name one (type 1C)."""
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


def _evidence(study_uid: str, instances: Iterable[Instance]) -> Dataset:
    item = Dataset()
    item.ReferencedSeriesSequence = []
    ordered = sorted(instances)
    for series_uid, members in groupby(ordered, key=lambda each: each.series_instance_uid):
        series = Dataset()
        series.ReferencedSOPSequence = [_sop(member) for member in members]
        series.SeriesInstanceUID = series_uid
        item.ReferencedSeriesSequence.append(series)
    item.StudyInstanceUID = study_uid
    return item


def _sop(instance: Instance) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = instance.sop_class_uid
    item.ReferencedSOPInstanceUID = instance.sop_instance_uid
    return item


def _private_scheme() -> Dataset:
    item = Dataset()
    item.CodingSchemeDesignator = codes.PRIVATE_SCHEME
    item.CodingSchemeUID = codes.PRIVATE_SCHEME_UID
    item.CodingSchemeName = codes.PRIVATE_SCHEME_NAME
    item.CodingSchemeVersion = codes.PRIVATE_SCHEME_VERSION
    item.CodingSchemeResponsibleOrganization = codes.PRIVATE_SCHEME_ORGANIZATION
    return item


def _add_equipment(dataset: Dataset, observer: Observer) -> list[Fault]:
    """The algorithm, if one graded (PS3.3 section C.12.1.1.5)."""
    if not isinstance(observer, Algorithm):
        return []
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [coded(_PROCESSING_EQUIPMENT)]
    dataset.ContributingEquipmentSequence = [item]
    values = (
        ("Manufacturer", observer.manufacturer or "not stated"),
        ("ManufacturerModelName", observer.name),
        ("SoftwareVersions", observer.version),
        ("DeviceUID", device_uid(observer)),
    )
    return fill(item, values, RECORD)


def _add_content(dataset: Dataset, document: Document, report: Report) -> None:
    root = write_item(document.root)
    dataset.ObservationDateTime = _dicom_datetime(report.graded_at)
    for element in root:
        dataset.add(element)


def _dicom_datetime(moment: dt.datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S.%f%z")


def to_bytes(dataset: Dataset) -> bytes:
    """The dataset as a DICOM file: Explicit VR Little Endian, a preamble of zeros."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = pydicom.uid.UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = f"HOSR_{__version__}".replace(".", "_")
    dataset.file_meta = meta
    buffer = BytesIO()
    with _strict_writing():
        dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
