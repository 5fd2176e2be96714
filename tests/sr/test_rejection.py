"""The note that withdraws a report: what it names, what it says, and what becomes of a changed one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pydicom
import pytest
from pydicom.dataset import Dataset

from hosr import sr
from hosr.composite import REJECTION_TAGS, find_rejected
from hosr.dicom.elements import peek
from hosr.errors import DocumentRefused, Unencodable
from hosr.report import Report
from hosr.sr.key_objects import key_objects
from hosr.sr.rejection import SOP_CLASS_UID
from hosr.status import Signature, Withdrawal, WithdrawalReason
from hosr.study import Instance
from tests.narrative.cases import CASES, MODEL
from tests.sr.test_signing import ADDENDED, DRAFT

BY = Signature(
    name="Neri^Ada=山田",
    organization="Synthetic Hospital",
    identifier="SYN-4",
    signed_at=dt.datetime(
        2026, 3, 12, 9, 30, 0, 500_000, tzinfo=dt.timezone(dt.timedelta(hours=1))
    ),
)
MEASUREMENT = Instance(
    series_instance_uid="2.25.1",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.88.34",
    sop_instance_uid="2.25.11",
)
CAPTURE = Instance(
    series_instance_uid="2.25.2",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.7",
    sop_instance_uid="2.25.21",
)
PAGES = Instance(
    series_instance_uid="2.25.3",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.104.1",
    sop_instance_uid="2.25.31",
)
OBJECTS = (PAGES, MEASUREMENT, CAPTURE)
# The title, and its modifier.
TITLES = {
    WithdrawalReason.WRONG_PATIENT: ("113037", None),
    WithdrawalReason.WRONG_STUDY: ("113037", None),
    WithdrawalReason.OTHER: ("113001", "111220"),
}


def withdrawn(
    report: Report, reason: WithdrawalReason, text: str = "Two films\nmixed up."
) -> Report:
    """The report as somebody withdrew it."""
    return replace(report, withdrawal=Withdrawal(reason=reason, text=text, signature=BY))


@pytest.mark.parametrize("reason", WithdrawalReason)
@pytest.mark.parametrize("report", [DRAFT, ADDENDED, replace(DRAFT, observer=MODEL)])
def test_a_note_comes_back_as_it_was_written(report: Report, reason: WithdrawalReason) -> None:
    """Why, in whose words, by whom, when, and every object; only the identifier is not in it."""
    encoded = sr.rejection_note(withdrawn(report, reason), OBJECTS)
    note = sr.read_rejection(encoded.data)
    assert note is not None
    assert note.withdrawal == Withdrawal(
        reason=reason, text="Two films\nmixed up.", signature=replace(BY, identifier="")
    )
    assert note.rejected == tuple(sorted(OBJECTS))
    assert (note.instance, note.is_altered) == (encoded.instance, False)
    assert note.study_instance_uid == report.subject.study.study_instance_uid
    uids = {each.sop_instance_uid for each in OBJECTS}
    assert find_rejected(peek(encoded.data, REJECTION_TAGS)) == uids


@pytest.mark.parametrize("reason", WithdrawalReason)
def test_a_note_is_a_key_object_selection_that_rejects(reason: WithdrawalReason) -> None:
    """TID 2010: title, its modifier where 113001 needs one, who, why, then images and other objects."""
    dataset = pydicom.dcmread(BytesIO(sr.rejection_note(withdrawn(DRAFT, reason), OBJECTS).data))
    title, modifier = TITLES[reason]
    assert dataset.SOPClassUID == SOP_CLASS_UID
    assert dataset.ConceptNameCodeSequence[0].CodeValue == title
    items = [
        (
            item.RelationshipType,
            item.ValueType,
            item.ConceptNameCodeSequence[0].CodeValue if "ConceptNameCodeSequence" in item else "",
        )
        for item in dataset.ContentSequence
    ]
    assert items == [
        *([("HAS CONCEPT MOD", "CODE", "113011")] if modifier else []),
        ("HAS OBS CONTEXT", "CODE", "121005"),
        ("HAS OBS CONTEXT", "PNAME", "121008"),
        ("HAS OBS CONTEXT", "TEXT", "121009"),
        ("CONTAINS", "TEXT", "113012"),
        ("CONTAINS", "IMAGE", ""),
        ("CONTAINS", "COMPOSITE", ""),
        ("CONTAINS", "COMPOSITE", ""),
    ]
    if modifier:
        assert dataset.ContentSequence[0].ConceptCodeSequence[0].CodeValue == modifier
    assert (dataset.ContentDate, dataset.ContentTime) == ("20260312", "093000")
    (study,) = dataset.CurrentRequestedProcedureEvidenceSequence
    assert study.StudyInstanceUID == dataset.StudyInstanceUID
    assert dataset.PatientID == DRAFT.subject.patient.patient_id
    text = BytesIO(sr.rejection_note(withdrawn(DRAFT, reason), OBJECTS).data).getvalue()
    assert b"Brooker" not in text
    assert b"draft" not in text.lower()


def test_a_note_of_a_model_s_report_names_the_person_alone() -> None:
    """The algorithm took no part in it."""
    report = withdrawn(replace(DRAFT, observer=MODEL), WithdrawalReason.WRONG_STUDY)
    dataset = pydicom.dcmread(BytesIO(sr.rejection_note(report, OBJECTS).data))
    assert "ContributingEquipmentSequence" not in dataset
    assert MODEL.name not in str(dataset)


def test_another_withdrawal_is_another_note() -> None:
    """Its UID follows from all that it says."""
    report = withdrawn(DRAFT, WithdrawalReason.WRONG_PATIENT)
    notes = [
        sr.rejection_note(report, OBJECTS),
        sr.rejection_note(report, OBJECTS[:2]),
        sr.rejection_note(withdrawn(DRAFT, WithdrawalReason.WRONG_STUDY), OBJECTS),
        sr.rejection_note(withdrawn(DRAFT, WithdrawalReason.WRONG_PATIENT, "Another."), OBJECTS),
    ]
    assert len({note.instance.sop_instance_uid for note in notes}) == len(notes)
    again = sr.rejection_note(report, tuple(reversed(OBJECTS)))
    assert again == notes[0]


def _say_another_reason(dataset: Dataset) -> None:
    item = next(
        item
        for item in dataset.ContentSequence
        if item.ValueType == "TEXT" and "not to be used" in item.TextValue
    )
    item.TextValue = "Report withdrawn, not to be used: wrong study."


def _say_another_person(dataset: Dataset) -> None:
    item = next(item for item in dataset.ContentSequence if item.ValueType == "PNAME")
    item.PersonName = "Other^Somebody"


def _say_another_time(dataset: Dataset) -> None:
    dataset.ObservationDateTime = "20260101000000+0000"


@pytest.mark.parametrize("change", [_say_another_reason, _say_another_person, _say_another_time])
def test_a_changed_note_is_known(change: Callable[[Dataset], None]) -> None:
    """Its UID is that of what it said before."""
    note = sr.read_rejection(_changed(change))
    assert note is not None
    assert note.is_altered


def _forget_an_object(dataset: Dataset) -> None:
    del dataset.ContentSequence[-1]


def _take_another_title(dataset: Dataset) -> None:
    dataset.ConceptNameCodeSequence[0].CodeValue = "113001"


def _say_nothing(dataset: Dataset) -> None:
    del dataset.ContentSequence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_forget_an_object, "names other objects in its header"),
        (_take_another_title, "has another title than its description"),
        (_say_nothing, "is a damaged or foreign report"),
    ],
)
def test_a_note_that_contradicts_itself_is_refused(
    change: Callable[[Dataset], None], words: str
) -> None:
    """Nobody can tell what it takes back."""
    with pytest.raises(DocumentRefused, match=words):
        sr.read_rejection(_changed(change))


def _changed(change: Callable[[Dataset], None]) -> bytes:
    data = sr.rejection_note(withdrawn(DRAFT, WithdrawalReason.WRONG_PATIENT), OBJECTS).data
    dataset = pydicom.dcmread(BytesIO(data))
    change(dataset)
    changed = BytesIO()
    dataset.save_as(changed)
    return changed.getvalue()


def test_what_is_no_note_is_said_to_be_none() -> None:
    """A report is nothing for it; a selection of key images is refused by name."""
    assert sr.read_rejection(sr.encode(DRAFT)) is None
    selection = key_objects(CASES["row_10_narrow_gap"]).data
    assert find_rejected(peek(selection, REJECTION_TAGS)) == frozenset()
    with pytest.raises(DocumentRefused, match="is a selection of key images"):
        sr.read_rejection(selection)
    with pytest.raises(DocumentRefused, match="is not a DICOM file"):
        sr.read_rejection(b"no file")


def test_a_name_that_no_attribute_can_hold_is_refused() -> None:
    """As with any other object."""
    report = withdrawn(DRAFT, WithdrawalReason.WRONG_PATIENT)
    assert report.withdrawal is not None
    long = replace(report.withdrawal, signature=replace(BY, name="x" * 65))
    with pytest.raises(Unencodable):
        sr.rejection_note(replace(report, withdrawal=long), OBJECTS)
