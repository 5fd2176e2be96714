"""What was changed about a report since hosr wrote it is refused or told, never passed over."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from hosr import sr
from hosr.errors import DocumentRefused
from hosr.findings import Length
from hosr.report import Report
from hosr.vocabulary.terms import Side
from tests.narrative.cases import CASES, a_report, spurred

REPORT = a_report(spurred(Length(mm=6.2)), spurred(Length(mm=7.1), Side.LEFT))
UNEXPLAINED = (
    "its UIDs do not follow from what it holds: patient, study, evidence or UIDs were changed "
    "after hosr wrote it; compare it with the archive that it was sent to"
)
ON_RECORD = "were corrected after hosr wrote it, as its Original Attributes say"
CHANGED = "document: was changed after it was written; give a file as hosr wrote it"


def read(report: Report) -> Dataset:
    """The file of a report with every value taken out, so that each is written anew."""
    dataset = pydicom.dcmread(BytesIO(sr.encode(report)))
    dataset.decode()
    return dataset


def written(dataset: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The data set as a file."""
    buffer = BytesIO()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    dataset.save_as(buffer, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return buffer.getvalue()


def group_items(dataset: Dataset) -> list[Dataset]:
    """The items of the first group."""
    return list(dataset.ContentSequence[-2].ContentSequence[0].ContentSequence)


def number(dataset: Dataset) -> Dataset:
    """The first measured value of the first group."""
    item = next(item for item in group_items(dataset) if item.ValueType == "NUM")
    value: Dataset = item.MeasuredValueSequence[0]
    return value


def grade(dataset: Dataset) -> Dataset:
    """The code of the grade of the first group."""
    item = next(
        item
        for item in group_items(dataset)
        if item.ConceptNameCodeSequence[0].CodeValue == "BROOKER"
    )
    code: Dataset = item.ConceptCodeSequence[0]
    return code


def _round_the_number(dataset: Dataset) -> None:
    number(dataset).NumericValue = "9.2"


def _add_a_number(dataset: Dataset) -> None:
    number(dataset).FloatingPointValue = 9.2


def _rename_the_grade(dataset: Dataset) -> None:
    grade(dataset).CodeMeaning = "Brooker 0"


def _add_a_code(dataset: Dataset) -> None:
    for item in group_items(dataset):
        if item.ConceptNameCodeSequence[0].CodeValue == "BROOKER":
            other = deepcopy(item.ConceptCodeSequence[0])
            other.CodeValue, other.CodeMeaning = "BROOKER-0", "Brooker 0"
            item.ConceptCodeSequence.append(other)


def _name_another_version_of_the_scheme(dataset: Dataset) -> None:
    grade(dataset).CodingSchemeVersion = "2"


def _verify(dataset: Dataset) -> None:
    dataset.VerificationFlag = "VERIFIED"


def _leave_partial(dataset: Dataset) -> None:
    dataset.CompletionFlag = "PARTIAL"


def _call_final(dataset: Dataset) -> None:
    dataset.PreliminaryFlag = "FINAL"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_round_the_number, CHANGED),
        (_add_a_number, CHANGED),
        (_rename_the_grade, CHANGED),
        (_add_a_code, CHANGED),
        (_name_another_version_of_the_scheme, CHANGED),
        (_verify, "has the Verification Flag VERIFIED, its content says draft"),
        (_leave_partial, "has the Completion Flag PARTIAL, its content says draft"),
        (_call_final, "has the Preliminary Flag FINAL, its content says draft"),
    ],
)
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_another_content_or_status_is_refused(
    change: Callable[[Dataset], None], message: str, syntax: str
) -> None:
    """A number beside another, a meaning, a second code, or a status that hosr did not write."""
    dataset = read(REPORT)
    change(dataset)
    with pytest.raises(DocumentRefused) as refusal:
        sr.decode(written(dataset, syntax))
    assert message in str(refusal.value)


def _give_a_new_uid(dataset: Dataset) -> None:
    dataset.SOPInstanceUID = "2.25.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.UID("2.25.1")


def _move_to_another_series(dataset: Dataset) -> None:
    dataset.SeriesInstanceUID = "2.25.1"


def _correct_the_patient(dataset: Dataset) -> None:
    dataset.PatientID, dataset.PatientName = "HO-0043", "HO^Forty-Three"


def _move_to_another_study(dataset: Dataset) -> None:
    dataset.StudyInstanceUID = "2.25.1"
    dataset.CurrentRequestedProcedureEvidenceSequence[0].StudyInstanceUID = "2.25.1"


def _lose_evidence(dataset: Dataset) -> None:
    study = dataset.CurrentRequestedProcedureEvidenceSequence[0]
    series = study.ReferencedSeriesSequence[0]
    series.ReferencedSOPSequence = series.ReferencedSOPSequence[:-1]


@pytest.mark.parametrize(
    "change",
    [
        _give_a_new_uid,
        _move_to_another_series,
        _correct_the_patient,
        _move_to_another_study,
        _lose_evidence,
    ],
)
def test_another_header_is_told(change: Callable[[Dataset], None]) -> None:
    """What archives and de-identification do is read, and that it was done is said."""
    dataset = read(CASES["mr_early"])
    change(dataset)
    assert sr.decode_whole(written(dataset)).alterations == (UNEXPLAINED,)


def _keep_on_record(dataset: Dataset, moment: str, **former: str) -> None:
    change, modified = Dataset(), Dataset()
    for keyword, value in former.items():
        setattr(modified, keyword, value)
    change.AttributeModificationDateTime = moment
    change.ModifiedAttributesSequence = [modified]
    changes = list(dataset.get("OriginalAttributesSequence") or ())
    dataset.OriginalAttributesSequence = [*changes, change]


def test_a_correction_on_record_is_told_as_such() -> None:
    """Where the former values give the UIDs, nothing else was changed, and it is said what was."""
    dataset = read(REPORT)
    patient = REPORT.subject.patient
    _keep_on_record(dataset, "20260302120000", PatientID=patient.patient_id)
    _keep_on_record(dataset, "20260303120000", PatientID="HO-0042B", PatientName=str(patient.name))
    dataset.PatientID, dataset.PatientName = "HO-0043", "HO^Forty-Three"
    assert sr.decode_whole(written(dataset)).alterations == (
        f"Patient's Name, Patient ID {ON_RECORD}",
    )
    _give_a_new_uid(dataset)
    assert sr.decode_whole(written(dataset)).alterations == (UNEXPLAINED,)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    "name",
    ["names_in_several_scripts", "long_free_text", "biplanar", "mr_early", "row_10_narrow_gap"],
)
def test_another_encoding_is_no_alteration(name: str, syntax: str) -> None:
    """A file that an archive wrote anew, every value of it the same, has nothing to be told."""
    found = sr.decode_whole(written(read(CASES[name]), syntax))
    assert found == sr.Decoded(report=CASES[name], options=sr.Options(), alterations=())


def test_the_name_of_another_form_does_not_pass() -> None:
    """A report that says the same in two forms has the UIDs of the one that wrote it."""
    dataset = read(CASES["row_10_narrow_gap"])
    dataset.SoftwareVersions = "0.1.0"
    assert sr.decode_whole(written(dataset)).alterations == (UNEXPLAINED,)
