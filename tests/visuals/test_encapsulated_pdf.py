"""The PDF as a DICOM object: the same bytes, and where they came from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hosr.errors import Unencodable
from hosr.findings import Length
from hosr.report import Report
from hosr.study import Instance, Patient, SourceStudy
from hosr.visuals.encapsulated_pdf import encapsulated_pdf
from hosr.vocabulary.terms import Side
from tests.composite.outline import as_text, read
from tests.narrative.cases import ABSENT, a_report, hip, spurred

PDF = b"%PDF-1.7\nsomething\n%%EOF\n"
REPORT = a_report(spurred(Length(mm=6.2)))
DOCUMENTS = tuple(
    Instance(
        series_instance_uid=f"1.2.3.{number}",
        sop_class_uid=f"1.2.840.10008.5.1.4.1.1.88.{number}",
        sop_instance_uid=f"1.2.3.{number}.1",
    )
    for number in (34, 11)
)


def test_the_whole_object_is_as_agreed(compare_golden: Callable[[str, str], None]) -> None:
    """Every element of a PDF that was made with both structured reports."""
    encoded = encapsulated_pdf(REPORT, PDF, DOCUMENTS)

    compare_golden("objects/encapsulated_pdf.txt", as_text(read(encoded)))


@pytest.mark.parametrize("pdf", [PDF, PDF + b"\n"])
def test_the_bytes_come_back(pdf: bytes) -> None:
    """An odd number of bytes is padded, and the length says so."""
    dataset = read(encapsulated_pdf(REPORT, pdf))

    assert dataset.EncapsulatedDocumentLength == len(pdf)
    assert dataset.EncapsulatedDocument[: len(pdf)] == pdf
    assert len(dataset.EncapsulatedDocument) % 2 == 0


def test_a_pdf_alone_refers_to_no_document() -> None:
    """Where no structured report is made, the images are its only source."""
    dataset = read(encapsulated_pdf(REPORT, PDF))

    assert "ReferencedInstanceSequence" not in dataset
    assert [item.ReferencedSOPInstanceUID for item in dataset.SourceInstanceSequence] == [
        image.instance.sop_instance_uid for image in REPORT.subject.images
    ]


@pytest.mark.parametrize(
    ("report", "letter"),
    [
        (REPORT, "R"),
        (a_report(spurred(Length(mm=6.2), Side.LEFT)), "L"),
        (a_report(hip(**ABSENT), hip(Side.LEFT, **ABSENT)), "B"),
    ],
)
def test_it_names_its_side(report: Report, letter: str) -> None:
    """One hip or both."""
    assert read(encapsulated_pdf(report, PDF)).ImageLaterality == letter


def test_what_the_images_lack_is_written_empty() -> None:
    """A poor header makes no poor object: type 2 attributes are there."""
    subject = replace(
        REPORT.subject, patient=Patient(), study=SourceStudy(study_instance_uid="1.2.3")
    )
    dataset = read(encapsulated_pdf(replace(REPORT, subject=subject), PDF))
    empty = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate")

    assert {keyword: str(dataset[keyword].value or "") for keyword in empty} == dict.fromkeys(
        empty, ""
    )


def test_a_header_without_a_valid_form_is_refused() -> None:
    """Whatever would be cut short is named instead."""
    patient = Patient(patient_id="x" * 65)
    report = replace(REPORT, subject=replace(REPORT.subject, patient=patient))

    with pytest.raises(Unencodable, match=r"^PatientID: the header's value is not a valid LO"):
        encapsulated_pdf(report, PDF)


def test_the_order_is_named_where_the_images_name_it() -> None:
    """A requested procedure is repeated with its accession number and description."""
    study = replace(
        REPORT.subject.study,
        requested_procedure_id="RP1",
        requested_procedure_description="Pelvis AP",
    )
    report = replace(REPORT, subject=replace(REPORT.subject, study=study))
    (item,) = read(encapsulated_pdf(report, PDF)).RequestAttributesSequence

    assert as_text(item) == (
        "AccessionNumber SH A2603021\nRequestedProcedureDescription LO Pelvis AP\n"
        "RequestedProcedureID SH RP1\n"
    )


def test_another_pdf_is_another_object() -> None:
    """The identity follows from the bytes, the report and the documents."""
    objects = [
        encapsulated_pdf(REPORT, PDF),
        encapsulated_pdf(REPORT, PDF),
        encapsulated_pdf(REPORT, PDF + b"\n"),
        encapsulated_pdf(REPORT, PDF, DOCUMENTS),
    ]

    assert objects[0] == objects[1]
    assert len({each.instance for each in objects}) == 3
