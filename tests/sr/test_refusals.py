"""Files that are no report of hosr are refused by what they are."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from hosr import sr
from hosr.errors import DocumentRefused
from hosr.findings import Length
from tests.intake.dicom_files import twice
from tests.narrative.cases import a_report, spurred


def _ours(change: Callable[[Dataset], None]) -> bytes:
    dataset = pydicom.dcmread(BytesIO(sr.encode(a_report(spurred(Length(mm=6.2))))))
    change(dataset)
    buffer = BytesIO()
    dataset.save_as(buffer)
    return buffer.getvalue()


def _testdata(name: str) -> bytes:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    with open(path, "rb") as file:  # noqa: PTH123 (the library gives a string)
        return file.read()


def _retitle(dataset: Dataset) -> None:
    title = dataset.ConceptNameCodeSequence[0]
    title.CodeValue, title.CodeMeaning = "112000", "Chest CAD Report"


def _undeclare(dataset: Dataset) -> None:
    del dataset.CodingSchemeIdentificationSequence
    dataset.Manufacturer = "Another Maker"


def _ungroup(dataset: Dataset) -> None:
    dataset.ContentSequence = dataset.ContentSequence[:3]


def _miscode(dataset: Dataset) -> None:
    dataset.ContentSequence[-1].ContentSequence[0].ConceptCodeSequence[0].CodeValue = "NO-VIEW"


_ASK = "give a file as hosr wrote it"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.dcm: is not a DICOM file"),
        (b"This is a letter, not a report.", "x.dcm: is not a DICOM file"),
        (
            _testdata("CT_small.dcm"),
            "x.dcm: is not a structured report (modality CT); give measurement.dcm or narrative.dcm",
        ),
        (
            _testdata("test-SR.dcm"),
            (
                "x.dcm: is a structured report of another maker (unnamed); "
                "hosr reads back only what it wrote"
            ),
        ),
        (
            _ours(_undeclare),
            (
                "x.dcm: is a structured report of another maker (Another Maker); "
                "hosr reads back only what it wrote"
            ),
        ),
        (
            _ours(_retitle),
            (
                'x.dcm: is a "Chest CAD Report", which holds no record; '
                "give the measurement report of the same study"
            ),
        ),
        (_ours(_ungroup), f"x.dcm: is a damaged or foreign report (ValueError); {_ASK}"),
        (_ours(_miscode), f"x.dcm: is a damaged or foreign report (ValueError); {_ASK}"),
        (
            sr.encode_narrative(a_report(spurred(None)), (("findings", ("Spurs.",)),)),
            (
                'x.dcm: is a "Diagnostic Imaging Report", which holds no record; '
                "give the measurement report of the same study"
            ),
        ),
    ],
)
def test_what_holds_no_record_is_refused_by_name(data: bytes, message: str) -> None:
    """Whatever is given instead of a measurement report of hosr is named in one line."""
    with pytest.raises(DocumentRefused, match=r"^x\.dcm: ") as refusal:
        sr.decode(data, "x.dcm")

    assert str(refusal.value) == message


def test_a_report_cut_short_is_refused() -> None:
    """A report that lost its end is refused at whatever byte it was cut, and never misread."""
    data = sr.encode(a_report(spurred(Length(mm=6.2))))
    read = []
    for end in range(0, len(data) - 1, 97):
        try:
            read.append(sr.decode(data[:end]))
        except DocumentRefused:
            continue

    assert read == []


def test_a_narrative_is_shown_in_its_sections() -> None:
    """The narrative reads back as headings and paragraphs."""
    sections = (("findings", ("Right hip: spurs.", "Left hip: none.")), ("impression", ("III.",)))
    data = sr.encode_narrative(a_report(spurred(Length(mm=6.2))), sections)

    assert sr.read_narrative(data) == (
        ("Findings", ("Right hip: spurs.", "Left hip: none.")),
        ("Impressions", ("III.",)),
    )


def test_a_report_of_two_patients_is_refused() -> None:
    """Readers take the one or the other of two values."""
    data = twice(sr.encode(a_report(spurred(Length(mm=6.2)))), "PatientID", b"LO", b"P-0815")
    with pytest.raises(DocumentRefused, match="Patient ID stands twice, with different values"):
        sr.decode(data, "x.dcm")
