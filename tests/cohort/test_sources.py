"""Where gradings come from: folders, archives, tables; and what else lies there."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.cohort.cohort import make_cohort
from hosr.cohort.readings import read_report
from hosr.cohort.rows import make_rows
from hosr.cohort.sources import (
    Document,
    Gathered,
    Other,
    gather,
    read_document,
    read_folder,
    read_records_table,
)
from hosr.errors import Fault, RecordRefused
from hosr.sr import Options, encode, make_measurement, rejection_note
from hosr.sr.receivers import ProfileName
from hosr.status import WithdrawalReason
from tests.cohort.reports import ADA, SAMPLES, altered, sample, write_report
from tests.drawn import drawn
from tests.lifecycle.versions import rejecting
from tests.sr.test_rejection import withdrawn
from tests.sr.test_signing import ADDENDED, AMENDED, DRAFT, SIGNED

DATA = (SAMPLES / "reports" / "brooker-3.dcm").read_bytes()
UID = str(pydicom.dcmread(io.BytesIO(DATA)).SOPInstanceUID)


def gathered(folder: Path, jobs: int = 1) -> Gathered:
    """What lies below a folder."""
    return gather(read_folder(folder, jobs=jobs))


def test_a_folder_is_read_to_its_depth(tmp_path: Path) -> None:
    """Reports are found in folders of folders, whatever their names, each under its own UID."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "report").write_bytes(DATA)
    write_report(tmp_path / "z.dcm", sample("bilateral"))
    found = gathered(tmp_path)
    assert (found.reports, found.repeated, found.others, found.faults) == (2, 0, {}, ())
    assert [reading.place for reading in found.readings] == ["z.dcm", "z.dcm", "a/b/report"]
    expected = read_report(sample("brooker-3"), UID, "")
    assert found.readings[2:] == expected


def test_what_is_no_report_is_counted_and_named(tmp_path: Path) -> None:
    """Images, pages, reports of others and narrative reports are passed by, each by its kind."""
    write_report(tmp_path / "report.dcm", sample("brooker-3"))
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "empty").touch()
    image = next(path for path in sorted((SAMPLES / "brooker-3" / "images").rglob("*.dcm")))
    (tmp_path / "image.dcm").write_bytes(image.read_bytes())
    foreign = pydicom.dcmread(io.BytesIO(DATA))
    del foreign.CodingSchemeIdentificationSequence
    foreign.save_as(tmp_path / "foreign.dcm")
    narrative = pydicom.dcmread(io.BytesIO(DATA))
    narrative.ConceptNameCodeSequence[0].CodeValue = "18748-4"
    narrative.save_as(tmp_path / "narrative.dcm")
    os.mkfifo(tmp_path / "pipe")
    found = gathered(tmp_path)
    assert (found.reports, found.faults) == (1, ())
    assert found.others == {
        Other.NOT_A_FILE: ("pipe",),
        Other.NOT_DICOM: ("empty", "manifest.json"),
        Other.NOT_A_REPORT: ("image.dcm",),
        Other.FOREIGN_REPORT: ("foreign.dcm",),
        Other.WITHOUT_RECORD: ("narrative.dcm",),
    }


def test_what_is_damaged_is_a_fault(tmp_path: Path) -> None:
    """A report that cannot be read is never passed by in silence, and no value of it is told."""
    (tmp_path / "cut.dcm").write_bytes(DATA[: len(DATA) // 2])
    (tmp_path / "none.dcm").write_bytes(b"nothing")
    altered_data = DATA.replace(b"HO-EVALUABLE", b"HO-EVALUABLX")
    (tmp_path / "other.dcm").write_bytes(
        altered_data if altered_data != DATA else DATA.replace(b"126010", b"126019")
    )
    found = gathered(tmp_path)
    assert (found.readings, found.reports) == ((), 0)
    assert [fault.path for fault in found.faults] == ["cut.dcm", "none.dcm", "other.dcm"]
    assert "HOSR-0004" not in " ".join(map(str, found.faults))


@drawn(24)
@given(end=st.integers(0, len(DATA) - 1))
def test_a_report_cut_short_anywhere_is_a_fault_or_no_dicom(end: int) -> None:
    """Whatever is left of a file, nothing but a fault comes of it."""
    document = read_document(DATA[:end], "cut.dcm")
    assert (document.readings, document.other, document.fault is None) == ((), None, False)


@drawn(24)
@given(place=st.integers(132, len(DATA) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_never_ends_the_reading(place: int, byte: int) -> None:
    """What a damaged file makes of itself is a reading, another kind of file, or a fault."""
    data = DATA[:place] + bytes([byte]) + DATA[place + 1 :]
    document = read_document(data, "changed.dcm")
    assert (bool(document.readings), bool(document.other), bool(document.fault)).count(True) == 1


def test_one_uid_counts_once(tmp_path: Path) -> None:
    """A copy says nothing more; under one UID with another content the first one stands."""
    for name in ("a.dcm", "b.dcm", "c.dcm"):
        (tmp_path / name).write_bytes(DATA)
    other = pydicom.dcmread(io.BytesIO(encode(altered("brooker-3", observer=ADA))))
    other.SOPInstanceUID = other.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.UID(UID)
    other.save_as(tmp_path / "d.dcm")
    found = gathered(tmp_path)
    assert (found.reports, found.repeated) == (1, 3)
    assert found.faults == (
        Fault(
            "d.dcm",
            "has the SOP Instance UID of a.dcm, but says otherwise",
            "find out which holds; a.dcm was used",
        ),
    )


@pytest.mark.parametrize("maker", ["hosr", "another"])
def test_a_report_that_was_withdrawn_counts_for_nothing(tmp_path: Path, maker: str) -> None:
    """Nor does the draft that it took the place of; whoever wrote the note, wherever it lies."""
    versions = {"a_draft": DRAFT, "b_signed": SIGNED, "z_other": sample("brooker-3")}
    for name, report in versions.items():
        write_report(tmp_path / f"{name}.dcm", report)
    data = (tmp_path / "b_signed.dcm").read_bytes()
    if maker == "hosr":
        instance = make_measurement(SIGNED, Options()).instance
        note = rejection_note(withdrawn(SIGNED, WithdrawalReason.OTHER), [instance]).data
    else:
        note = rejecting(data, "113038")
    (tmp_path / "note.dcm").write_bytes(note)
    found = gathered(tmp_path)
    assert (found.reports, found.superseded, found.withdrawn, found.faults) == (
        1,
        ("a_draft.dcm",),
        ("b_signed.dcm",),
        (),
    )
    assert found.others == {Other.REJECTION: ("note.dcm",)}
    assert {reading.place for reading in found.readings} == {"z_other.dcm"}


def test_of_a_report_in_versions_the_last_one_counts(tmp_path: Path) -> None:
    """A draft that was signed, and a signed report that was amended, are no further readings of the hip."""
    versions = {"a_draft": DRAFT, "b_signed": SIGNED, "c_amended": AMENDED}
    for name, report in versions.items():
        write_report(tmp_path / f"{name}.dcm", report)
    found = gathered(tmp_path)
    assert (found.reports, found.superseded, found.faults) == (
        1,
        ("a_draft.dcm", "b_signed.dcm"),
        (),
    )
    assert {reading.place for reading in found.readings} == {"c_amended.dcm"}
    write_report(tmp_path / "d_addended.dcm", ADDENDED)  # of the signed one, as is the amended
    found = gathered(tmp_path)
    assert (found.reports, found.superseded) == (2, ("a_draft.dcm", "b_signed.dcm"))
    problem = "takes the place of the same report as c_amended.dcm"
    assert found.faults == (
        Fault("d_addended.dcm", problem, "find out which holds; both were used"),
    )


def test_reports_that_were_changed_around_their_content_are_counted(tmp_path: Path) -> None:
    """A corrected patient is read, and the cohort says that something was corrected."""
    (tmp_path / "a.dcm").write_bytes(DATA)
    write_report(tmp_path / "b.dcm", sample("bilateral"))
    corrected = pydicom.dcmread(io.BytesIO(DATA))
    corrected.PatientID = "HO-1"
    corrected.SOPInstanceUID = corrected.file_meta.MediaStorageSOPInstanceUID = pydicom.uid.UID(
        "2.25.1"
    )
    corrected.save_as(tmp_path / "c.dcm")
    found = gathered(tmp_path)
    assert (found.reports, found.altered, found.faults) == (3, ("c.dcm",), ())
    assert make_cohort(found, identified=True).notes[-1] == (
        "1 of 3 reports had patient, study, evidence or UIDs changed after hosr wrote them, "
        "as archives and de-identification do"
    )


def test_a_report_under_two_profiles_is_one_row(tmp_path: Path) -> None:
    """Another form of the same report has another UID and the same content."""
    stone = encode(sample("brooker-3"), Options(profile=ProfileName.STONE))
    (tmp_path / "air.dcm").write_bytes(DATA)
    (tmp_path / "stone.dcm").write_bytes(stone)
    found = gathered(tmp_path)
    assert found.reports == 2
    assert len(make_rows(found.readings).rows) == 1


def test_one_file_is_a_source_too(tmp_path: Path) -> None:
    """A single report need not lie in a folder of its own."""
    (tmp_path / "r.dcm").write_bytes(DATA)
    assert gathered(tmp_path / "r.dcm") == gathered(tmp_path)


def test_processes_give_what_one_gives(tmp_path: Path) -> None:
    """Many files are read at once, in the same order and with the same outcome."""
    for number in range(220):
        (tmp_path / f"{number:03}.txt").write_text("no report")
    (tmp_path / "050.dcm").write_bytes(DATA)
    (tmp_path / "150.dcm").write_bytes(DATA[:900])
    told: list[int] = []
    found = gather(read_folder(tmp_path, jobs=2, listener=told.append))
    assert found == gathered(tmp_path)
    assert told == [222] * 222
    assert (found.reports, len(found.faults), len(found.others[Other.NOT_DICOM])) == (1, 1, 220)


def test_a_table_of_records_is_graded_without_images() -> None:
    """It knows who graded what, and neither dates nor patients that it does not name."""
    found = gather(read_records_table(SAMPLES / "table.csv"))
    assert (found.reports, found.faults) == (3, ())
    rows = make_rows(found.readings).rows
    columns = ("subject_id", "hip_side", "study_date", "view", "brooker", "gap_mm", "n_views")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        (f"study {rows[0]['study_id']}", "right", None, "ap_pelvis", "III", 7.5, None),
        (f"study {rows[0]['study_id']}", "left", None, "ap_pelvis", "I", None, None),
        (f"study {rows[2]['study_id']}", "right", None, "ap_pelvis", "II", 14.0, None),
        (f"study {rows[3]['study_id']}", "right", None, "ap_pelvis", "III", None, None),
    ]


def test_a_record_of_a_table_that_is_refused_leaves_the_others(tmp_path: Path) -> None:
    """Its faults name its row; what cannot be read as a table is refused whole."""
    text = (SAMPLES / "table.csv").read_text().splitlines()
    broken = text[1].replace(",14,", ',"9,5",')
    against = text[4].replace("<10mm,none", "<10mm,sideways").replace("third", "fourth")
    path = tmp_path / "table.csv"
    path.write_text("\n".join([text[0], broken, text[4], against]))
    found = gather(read_records_table(path))
    assert found.reports == 1
    assert [fault.path for fault in found.faults] == [
        "row 2, column gap.mm",
        "row 4, column bridging",
    ]
    path.write_text("a,b\n1,2")
    with pytest.raises(RecordRefused, match=re.escape("column a: is an unknown column")):
        gather(read_records_table(path))


def test_a_record_against_the_rules_is_a_fault_of_its_rows(tmp_path: Path) -> None:
    """What the rules of grading refuse is refused here too, by row."""
    path = tmp_path / "table.csv"
    path.write_text(
        "id,graded_at,observer.type,observer.name,side,presence,grades.brooker\n"
        "x,2026-04-01T09:00:00+02:00,person,Reader^Sample,right,absent,III\n"
    )
    found = gather(read_records_table(path))
    assert found.readings == ()
    assert [(fault.path, fault.rule) for fault in found.faults] == [
        ("row 2, $.hips[0].presence", "E01")
    ]


def test_documents_without_a_uid_are_not_taken_for_one_another() -> None:
    """Only a UID tells that two are one."""
    (reading,) = read_report(sample("brooker-3"), "", "")
    documents = [Document(place=name, readings=(replace(reading, place=name),)) for name in "ab"]
    assert gather(documents).reports == 2
