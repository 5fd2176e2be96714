"""What archives do to a file on its way: another encoding is the same report."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from hosr import sr
from hosr.errors import DocumentRefused
from hosr.findings import Island, Length, Line
from hosr.report import Report
from hosr.vocabulary.terms import Side
from tests.narrative.cases import CASES, PLACE, a_report, spurred
from tests.peers.processes import program

pytestmark = pytest.mark.slow

NAMES = ("names_in_several_scripts", "long_free_text", "biplanar", "model_with_findings_and_scores")
SYNTAXES = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
)


def _read(report: Report) -> Dataset:
    dataset = pydicom.dcmread(BytesIO(sr.encode(report)))
    dataset.decode()  # reads every value, so that each is written anew
    return dataset


def _written(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    buffer = BytesIO()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.save_as(
        buffer,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=True,
        enforce_file_format=True,
    )
    return buffer.getvalue()


def _leave_lengths_open(dataset: Dataset) -> None:
    def open_(_: Dataset, element: pydicom.DataElement) -> None:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True

    dataset.walk(open_)


def _add_private_elements(dataset: Dataset) -> None:
    def mark(inside: Dataset) -> None:
        block = inside.private_block(0x0099, "ARCHIVE OF TESTS", create=True)
        block.add_new(1, "LO", "added on arrival")

    mark(dataset)
    mark(dataset.ContentSequence[-1])
    mark(dataset.CurrentRequestedProcedureEvidenceSequence[0])


def _pad(dataset: Dataset) -> None:
    dataset.DataSetTrailingPadding = bytes(512)


def _rename_sender(dataset: Dataset) -> None:
    dataset.file_meta.ImplementationVersionName = "ARCHIVE"
    dataset.file_meta.SourceApplicationEntityTitle = "STORE"
    dataset.preamble = b"II*\0" + bytes(124)


def _turn_evidence(dataset: Dataset) -> None:
    study = dataset.CurrentRequestedProcedureEvidenceSequence[0]
    study.ReferencedSeriesSequence = list(study.ReferencedSeriesSequence)[::-1]
    for series in study.ReferencedSeriesSequence:
        series.ReferencedSOPSequence = list(series.ReferencedSOPSequence)[::-1]


def _add_header_attributes(dataset: Dataset) -> None:
    dataset.InstanceCreationDate = "20260303"
    dataset.StationName = "STORE"
    dataset.OtherPatientIDsSequence = []


def _forget_value_representations(dataset: Dataset) -> None:
    """As a relay with an old dictionary does, which writes what it does not know as UN."""
    for keyword in ("PreliminaryFlag", "TimezoneOffsetFromUTC", "ObservationDateTime"):
        if keyword in dataset:
            value = str(dataset[keyword].value).encode()
            value += b" " * (len(value) % 2)
            tag = dataset[keyword].tag
            dataset[tag] = pydicom.DataElement(tag, "UN", value)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda uid: str(uid.name))
@pytest.mark.parametrize("name", NAMES)
def test_another_transfer_syntax_is_the_same_report(name: str, syntax: str) -> None:
    """Archives keep files in the transfer syntax they like; the report is read from each."""
    assert sr.decode(_written(_read(CASES[name]), syntax)) == CASES[name]


@pytest.mark.parametrize(
    "change",
    [
        _leave_lengths_open,
        _add_private_elements,
        _pad,
        _rename_sender,
        _turn_evidence,
        _add_header_attributes,
        _forget_value_representations,
    ],
)
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("name", [*NAMES, "mr_delayed_with_gap"])
def test_what_archives_add_is_no_part_of_the_report(
    name: str, syntax: str, change: Callable[[Dataset], None]
) -> None:
    """Delimiters, padding, private elements and order of evidence do not change the report."""
    dataset = _read(CASES[name])
    change(dataset)

    assert sr.decode(_written(dataset, syntax)) == CASES[name]


@pytest.mark.peer
@pytest.mark.parametrize(
    "options", ["+ti -e", "+te +g -e", "+tb", "+td", "+ti +p 512 16", "+U8", "+te -g +e"]
)
def test_dcmtk_writes_the_same_report(options: str, tmp_path: Path) -> None:
    """DCMTK's own writer, in each of its forms, gives a file that reads as the same report."""
    report = CASES["names_in_several_scripts"]
    (tmp_path / "in.dcm").write_bytes(sr.encode(report))
    converter = program("dcmconv", "Debian package dcmtk")
    command = [converter, *options.split(), "in.dcm", "out.dcm"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=30)

    assert sr.decode((tmp_path / "out.dcm").read_bytes()) == report


def test_a_corrected_header_is_the_corrected_report() -> None:
    """An archive that corrects patient and study date gives the findings under the new header."""
    report = CASES["row_08_wide_gap"]
    dataset = _read(report)
    dataset.PatientID, dataset.StudyDate = "HO-0043", "20260301"
    subject = replace(
        report.subject,
        patient=replace(report.subject.patient, patient_id="HO-0043"),
        study=replace(report.subject.study, date="20260301"),
    )

    assert sr.decode(_written(dataset)) == replace(report, subject=subject)


def _measurements(dataset: Dataset) -> Dataset:
    found: Dataset = dataset.ContentSequence[-2]
    return found


def _items(dataset: Dataset) -> Sequence:
    """The items of the first group."""
    found: Sequence = _measurements(dataset).ContentSequence[0].ContentSequence
    return found


def _lose_an_answer(dataset: Dataset) -> None:
    del _items(dataset)[-4]


def _rename_a_question(dataset: Dataset) -> None:
    _items(dataset)[-4].ConceptNameCodeSequence[0].CodeValue = "HO-NEWER"


def _change_a_side(dataset: Dataset) -> None:
    for item in _items(dataset):
        if item.ConceptNameCodeSequence[0].CodeMeaning == "Finding Site":
            code = item.ContentSequence[0].ConceptCodeSequence[0]
            code.CodeValue, code.CodeMeaning = "7771000", "Left"


def _change_a_number(dataset: Dataset) -> None:
    for item in _items(dataset):
        if item.ValueType == "NUM":
            item.MeasuredValueSequence[0].NumericValue = "4.2"
            if "FloatingPointValue" in item.MeasuredValueSequence[0]:
                item.MeasuredValueSequence[0].FloatingPointValue = 4.2


def _change_a_unit(dataset: Dataset) -> None:
    for item in _items(dataset):
        if item.ValueType == "NUM":
            item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "cm"


def _turn_groups(dataset: Dataset) -> None:
    measurements = _measurements(dataset)
    measurements.ContentSequence = list(measurements.ContentSequence)[::-1]


def _repeat_groups(dataset: Dataset) -> None:
    measurements = _measurements(dataset)
    measurements.ContentSequence = [
        *measurements.ContentSequence,
        measurements.ContentSequence[0],
    ]


def _move_study(dataset: Dataset) -> None:
    dataset.StudyInstanceUID = "1.2.99"


def _point_elsewhere(dataset: Dataset) -> None:
    for item in _items(dataset):
        if item.ValueType == "SCOORD":
            item.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "1.2.99.1"


_DAMAGED = "document: is a damaged or foreign report ({}); give a file as hosr wrote it"
_CHANGED = "document: was changed after it was written; give a file as hosr wrote it"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_lose_an_answer, _CHANGED),
        (_rename_a_question, _CHANGED),
        (_change_a_side, _DAMAGED.format("ValueError")),
        (_change_a_number, _CHANGED),
        (_change_a_unit, _DAMAGED.format("TypeError")),
        (_turn_groups, _DAMAGED.format("ValueError")),
        (_repeat_groups, _DAMAGED.format("ValueError")),
        (_point_elsewhere, _DAMAGED.format("ValueError")),
        (
            _move_study,
            ("document: names another study than that of its images; give a file as hosr wrote it"),
        ),
    ],
)
def test_a_document_that_was_changed_is_no_report(
    change: Callable[[Dataset], None], message: str
) -> None:
    """A lost answer, another side, number, image or study is refused, never read as a report."""
    dataset = _read(a_report(spurred(Length(mm=6.2)), spurred(Length(mm=7.1), Side.LEFT)))
    change(dataset)
    with pytest.raises(DocumentRefused) as refusal:
        sr.decode(_written(dataset))

    assert str(refusal.value) == message


def test_an_island_does_not_stand_for_its_hip() -> None:
    """Groups in another order are refused: the grade stands in the first group of a hip alone."""
    gap = Length(mm=6.2, line=_line(200.0))
    island = Island(length=Length(mm=14.0, line=_line(400.0)))
    report = a_report(spurred(gap, islands=(island,)))
    dataset = _read(report)
    assert sr.decode(_written(dataset)) == report
    _turn_groups(dataset)
    with pytest.raises(DocumentRefused, match="damaged or foreign"):
        sr.decode(_written(dataset))


def _line(row: float) -> Line:
    return Line(start=(100.0, row), end=(180.0, row), place=PLACE)


def test_a_time_without_a_fraction_is_the_same_time() -> None:
    """A relay may leave out the fraction of a second where it is nothing."""
    report = CASES["row_08_wide_gap"]
    dataset = _read(report)
    dataset.ObservationDateTime = "20260302101500+0100"

    assert sr.decode(_written(dataset)) == report


def test_two_values_are_not_read_as_one() -> None:
    """A header in which one identifier became two names no one patient."""
    dataset = _read(CASES["row_08_wide_gap"])
    dataset.PatientID = ["HO-0042", "HO-0043"]
    with pytest.raises(DocumentRefused, match="damaged or foreign"):
        sr.decode(_written(dataset))
