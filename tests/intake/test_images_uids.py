"""UIDs that PS3.5 section 9.1 forbids, and that archives know their objects by."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread

import hosr
from hosr.dicom.elements import unvalidated_pydicom
from hosr.errors import ImagesRefused, RecordRefused
from hosr.identity import is_usable_uid, is_valid_uid
from hosr.intake.images import read_images
from tests.command import hosr as run_hosr
from tests.command import marked, write_record
from tests.images import FILM_UID, STUDY_UID, axial, dicom_bytes, film

STUDY, SERIES, IMAGE = "1.2.826.00.1.7", "1.2.826.0.1.7.01", "1.2.826.0.1.7.1.0007"
ZEROS = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "SOPInstanceUID": IMAGE}
KEPT = "has a number that begins with 0, against PS3.5 9.1; it is kept"
NOTES = {
    f"Study Instance UID {KEPT}",
    f"Series Instance UID {KEPT}",
    f"SOP Instance UID {KEPT}, and readers built on DCMTK may refuse the report",
}


@pytest.mark.parametrize(
    ("uid", "is_usable", "is_valid"),
    [
        ("1.2.3", True, True),
        ("1.0.3", True, True),
        ("1.02.3", True, False),
        ("01.2.3", True, False),
        ("1.2.00", True, False),
        (f"1.{'0' * 62}", True, False),
        (f"1.{'0' * 63}", False, False),
        ("1..2", False, False),
        ("1.2.", False, False),
        ("1", False, False),
        ("1.2.a", False, False),
        ("1.2.3 ", False, False),
        ("1.-2", False, False),
        ("1.\u0662", False, False),
    ],
)
def test_what_an_object_may_be_known_by(uid: str, is_usable: bool, is_valid: bool) -> None:
    """Zeros before a number, and nothing else that is no UID."""
    assert (is_usable_uid(uid), is_valid_uid(uid)) == (is_usable, is_valid)


def uids_of(data: bytes) -> tuple[str, list[str]]:
    """The study of an object, and the UIDs of itself; pydicom warns of odd ones as it reads them."""
    with unvalidated_pydicom():
        made = dcmread(BytesIO(data))
        own = (
            made.SOPInstanceUID,
            made.SeriesInstanceUID,
            made.file_meta.MediaStorageSOPInstanceUID,
        )
        return str(made.StudyInstanceUID), list(map(str, own))


IMAGES: dict[str, Callable[..., Dataset]] = {
    "DX": film,
    "CR": lambda **changes: film("CR", **changes),
    "CT": axial,
    "MR": lambda **changes: axial(kind="MR", **changes),
}


def record_of(kind: str, **study: str) -> dict[str, Any]:
    """A clear hip on the image, which is named."""
    return {
        "schema_version": "1.0",
        "graded_at": "2026-03-02T10:15:00+01:00",
        "observer": {"type": "person", "name": "Rossi^Maria"},
        "view": {"CT": "ct", "MR": "mr"}.get(kind, "ap_pelvis"),
        "study": {"study_instance_uid": STUDY, **study},
        "hips": [{"side": "right", "presence": "absent", "image": IMAGE}],
    }


@pytest.mark.parametrize("kind", IMAGES)
def test_zeros_before_a_number_are_kept(kind: str) -> None:
    """The report refers to image and study by what the archive knows them by, and is lawful itself."""
    content = dicom_bytes(IMAGES[kind](**ZEROS))
    outcome = hosr.make_report(record_of(kind), content)
    assert {note.problem for note in outcome.notes} >= NOTES
    for file in hosr.make_files(outcome):
        if not file.name.endswith(".dcm"):
            continue
        study, own = uids_of(file.data)
        assert study == STUDY
        assert IMAGE.encode() in file.data
        assert all(map(is_valid_uid, own))
    assert hosr.decode(hosr.encode(outcome.report)) == outcome.report


@pytest.mark.parametrize("padding", ["", " ", "  ", "\0", "\0\0\0", " \0"])
@pytest.mark.parametrize("uid", [IMAGE, FILM_UID])
def test_padding_is_no_part_of_a_uid(padding: str, uid: str) -> None:
    """Blanks behind it, which PS3.5 forbids as well, and more than one NUL."""
    padded = {"SOPInstanceUID": uid + padding, "StudyInstanceUID": STUDY_UID + padding}
    source = read_images(dicom_bytes(film(**padded)))
    assert source.images[0].sop_instance_uid == uid
    assert source.study.study_instance_uid == STUDY_UID


@pytest.mark.parametrize("keyword", ZEROS)
@pytest.mark.parametrize("uid", [f"1.{'0' * 63}", f"1.2.{'7' * 61}", "1..2", "1.2.x", "1.2."])
def test_what_is_no_uid_is_refused(keyword: str, uid: str) -> None:
    """Longer than 64 characters, or no numbers joined by dots."""
    with pytest.raises(ImagesRefused, match="Instance UID is not valid; give the image as"):
        read_images(dicom_bytes(film(**{keyword: uid})))


def test_a_record_may_name_them_and_no_others() -> None:
    """They are compared as they are: without its zeros it is another UID."""
    content = dicom_bytes(film(**ZEROS))
    with pytest.raises(ImagesRefused, match="study_instance_uid: is not that of the images"):
        hosr.make_report(record_of("DX", study_instance_uid="1.2.826.0.1.7"), content)


def test_the_uid_of_a_device_stays_valid() -> None:
    """It stands in the report as one of ours, so it is as the standard has it."""
    observer = {"type": "algorithm", "name": "M", "version": "1", "device_uid": "1.02.3"}
    with pytest.raises(RecordRefused, match=r"device_uid: has a number that begins with 0.*leave"):
        hosr.parse_record(json.dumps({**marked(), "observer": observer}))


@pytest.mark.slow
def test_the_whole_way_into_an_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check, report, show and send take the same image, and tell the same of it."""
    monkeypatch.setenv("HOSR_OUTBOX", str(tmp_path / "outbox.sqlite"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    image, out = tmp_path / "film.dcm", tmp_path / "out"
    image.write_bytes(dicom_bytes(film(**ZEROS)))
    record = write_record(tmp_path / "record.json", record_of("DX"))
    checked = run_hosr("check", record, "--images", image, "--json")
    told = {note["problem"] for note in json.loads(checked.out)["notes"]}
    assert checked.code == 0
    assert told >= NOTES
    reported = run_hosr("report", record, "--images", image, "--out", out)
    assert reported.code == 0, reported.err
    assert all(note in reported.out for note in NOTES)
    shown = run_hosr("show", out / "measurement.dcm")
    assert shown.code == 0, shown.err
    sent = run_hosr("send", out, "--to", f"file://{tmp_path / 'archive'}")
    assert sent.code == 0, sent.err
