"""A structured report as a dataset: what documents have beyond every object, and the content tree.

Modules as in PS3.3 Table A.35.13-1, and for key objects in Table A.35.4-1.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydicom.dataset import Dataset

from hosr import codes
from hosr.composite import Series, by_series, compose, date_content, refusing_unlawful, sop_item
from hosr.composite.lawful import RECORD, is_lawful
from hosr.errors import Fault
from hosr.report import Report
from hosr.sr.items import Item
from hosr.sr.write import write_item
from hosr.study import Instance

__all__ = ["Document", "build_dataset", "build_report"]

_VALUE_TYPES = {"TEXT": "UT", "PNAME": "PN", "UIDREF": "UI", "DATE": "DA"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document to be: its identity and series, its content, and what that rests on."""

    instance: Instance
    series: Series
    root: Item
    evidence: tuple[Instance, ...]


def build_report(document: Document, report: Report) -> Dataset:
    """A report as a whole dataset: a document with a status, that declares its private codes.

    Raises `Unencodable` where a value has no lawful form in DICOM, naming attribute or concept.
    """
    dataset = build_dataset(document, report)
    dataset.CompletionFlag = "COMPLETE"
    dataset.VerificationFlag = "UNVERIFIED"
    dataset.PreliminaryFlag = "PRELIMINARY"
    dataset.PerformedProcedureCodeSequence = []
    dataset.CodingSchemeIdentificationSequence = [_private_scheme()]
    return dataset


def build_dataset(document: Document, report: Report) -> Dataset:
    """A document as a dataset, with what all classes of documents have.

    Raises `Unencodable` where a value has no lawful form in DICOM, naming attribute or concept.
    """
    faults = _find_unlawful_texts(document.root)
    dataset = compose(document.instance, document.series, report, faults)
    with refusing_unlawful():
        date_content(dataset, report)
        study_uid = report.subject.study.study_instance_uid
        dataset.CurrentRequestedProcedureEvidenceSequence = [
            _evidence(study_uid, document.evidence)
        ]
        root = write_item(document.root)
        dataset.ObservationDateTime = _dicom_datetime(report.graded_at)
        for element in root:
            dataset.add(element)
    return dataset


def _find_unlawful_texts(root: Item) -> Iterator[Fault]:
    """Every text of a content tree that has no lawful form, by its concept name."""
    for item in root.walk():
        vr = _VALUE_TYPES.get(item.value_type, "")
        if item.name is not None and vr and not is_lawful(vr, str(item.value)):
            problem = f"the value is not a lawful {vr} of DICOM"
            yield Fault(item.name.meaning, problem, RECORD.remedy)


def _evidence(study_uid: str, instances: Iterable[Instance]) -> Dataset:
    item = Dataset()
    item.ReferencedSeriesSequence = []
    for series_uid, members in by_series(instances):
        series = Dataset()
        series.ReferencedSOPSequence = [sop_item(member) for member in members]
        series.SeriesInstanceUID = series_uid
        item.ReferencedSeriesSequence.append(series)
    item.StudyInstanceUID = study_uid
    return item


def _private_scheme() -> Dataset:
    item = Dataset()
    item.CodingSchemeDesignator = codes.PRIVATE_SCHEME
    item.CodingSchemeUID = codes.PRIVATE_SCHEME_UID
    item.CodingSchemeName = codes.PRIVATE_SCHEME_NAME
    item.CodingSchemeVersion = codes.PRIVATE_SCHEME_VERSION
    item.CodingSchemeResponsibleOrganization = codes.PRIVATE_SCHEME_ORGANIZATION
    return item


def _dicom_datetime(moment: dt.datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S.%f%z")
