"""A folder as an archive: what it takes, gives back and finds, and how it refuses."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest
from pydicom import dcmread

from hosr.archive.addresses import Destination, FolderAddress, WebAddress
from hosr.archive.folder import FolderArchive
from hosr.archive.values import Check, Locator, Outcome, Query, Receipt
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Reason
from tests.command import written_at
from tests.images import FILM_UID, STUDY_UID, dicom_bytes, film
from tests.privileges import unprivileged

DATA = dicom_bytes(film())
HEADER = dcmread(io.BytesIO(DATA), stop_before_pixels=True)
WHERE = Locator(
    study_instance_uid=STUDY_UID,
    series_instance_uid=str(HEADER.SeriesInstanceUID),
    sop_class_uid=str(HEADER.SOPClassUID),
    sop_instance_uid=FILM_UID,
)


def archive(path: Path) -> FolderArchive:
    """The folder as an archive."""
    return FolderArchive(Destination(name="shelf", address=FolderAddress(path=path)))


def test_an_object_is_stored_whole_under_its_uid(tmp_path: Path) -> None:
    """The file is the object byte for byte; storing it again changes nothing."""
    receipt = Receipt(sop_instance_uid=FILM_UID, status="placed")
    with archive(tmp_path / "new") as shelf:
        assert shelf.store(DATA, FILM_UID) == receipt
        before = written_at(tmp_path / "new" / f"{FILM_UID}.dcm")
        assert shelf.store(DATA, FILM_UID) == receipt
        assert written_at(tmp_path / "new" / f"{FILM_UID}.dcm") == before
        assert shelf.fetch(WHERE) == DATA
    assert [path.name for path in (tmp_path / "new").iterdir()] == [f"{FILM_UID}.dcm"]


def test_other_content_under_the_same_uid_stays(tmp_path: Path) -> None:
    """An object is never written over another one."""
    shelf = archive(tmp_path)
    shelf.store(DATA, FILM_UID)
    with pytest.raises(ArchiveRefused, match="shelf: holds a file under this UID that") as caught:
        shelf.store(dicom_bytes(film(PatientID="P-2")), FILM_UID)
    assert caught.value.reason is Reason.DUPLICATE
    assert shelf.fetch(WHERE) == DATA


@pytest.mark.parametrize(
    ("data", "uid"),
    [(DATA, "1.2.3"), (b"x" * 300, FILM_UID), (DATA[:-10], FILM_UID), (DATA, "../x"), (b"", "")],
)
def test_only_the_object_itself_is_taken(data: bytes, uid: str, tmp_path: Path) -> None:
    """What is damaged, or another object than was said, is refused and not written."""
    with pytest.raises(ArchiveRefused, match="something other than the DICOM file") as caught:
        archive(tmp_path).store(data, uid)
    assert caught.value.reason is Reason.DATA
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (errno.ENOSPC, ArchiveRefused, Reason.CAPACITY),
        (errno.EDQUOT, ArchiveRefused, Reason.CAPACITY),
        (errno.EROFS, ArchiveRefused, Reason.CONFIGURATION),
        (errno.EIO, ArchiveUnreachable, Reason.UNREACHABLE),
        (errno.ENOMEM, ArchiveRefused, Reason.PROCESSING),
    ],
)
def test_what_the_system_says_has_a_reason(
    code: int,
    kind: type[ArchiveError],
    reason: Reason,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A full disk, a disk that may not be written and one that fails are told apart."""

    def fail(_: int) -> NoReturn:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(kind, match="cannot be written") as caught:
        archive(tmp_path).store(DATA, FILM_UID)
    assert caught.value.reason is reason


def test_a_folder_one_may_not_write_to_is_refused() -> None:
    """Permissions are the configuration's fault, in storing and in examining."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        with unprivileged(path):
            path.chmod(0o500)
            with pytest.raises(ArchiveRefused, match="Permission denied") as caught:
                archive(path).store(DATA, FILM_UID)
            (check,) = archive(path).examine()
            path.chmod(0o700)
    assert caught.value.reason is Reason.CONFIGURATION
    assert (check.outcome, check.words) == (
        Outcome.FAILS,
        "cannot be written (Permission denied)",
    )


def _nothing(_: Path) -> None:
    """Leave the place empty."""


def _link(path: Path) -> None:
    (path.parent / "elsewhere").write_bytes(DATA)
    path.symlink_to(path.parent / "elsewhere")


def _other_object(path: Path) -> None:
    path.write_bytes(dicom_bytes(film(SOPInstanceUID="1.2.3")))


def _half(path: Path) -> None:
    path.write_bytes(DATA[:-10])


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (_nothing, Reason.ABSENT),
        (_link, Reason.CONFIGURATION),
        (os.mkfifo, Reason.CONFIGURATION),
        (_other_object, Reason.PROCESSING),
        (_half, Reason.PROCESSING),
    ],
)
def test_only_the_object_itself_is_given(prepare: object, reason: Reason, tmp_path: Path) -> None:
    """What stands under a UID and is not that object is not handed out."""
    assert callable(prepare)
    prepare(tmp_path / f"{FILM_UID}.dcm")
    with pytest.raises(ArchiveRefused) as caught:
        archive(tmp_path).fetch(WHERE)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        (Query(study_instance_uid=STUDY_UID), True),
        (Query(accession_number=str(HEADER.AccessionNumber)), True),
        (Query(patient_id=str(HEADER.PatientID), modalities=("DX", "CR")), True),
        (Query(study_instance_uid=STUDY_UID, modalities=("SR",)), False),
        (Query(study_instance_uid="1.2.3"), False),
        (Query(patient_id="nobody"), False),
    ],
)
def test_objects_are_found_by_exact_values(query: Query, is_found: bool, tmp_path: Path) -> None:
    """All that is asked for must match; files that are no objects are passed over."""
    shelf = archive(tmp_path)
    shelf.store(DATA, FILM_UID)
    (tmp_path / "notes.dcm").write_bytes(b"mine")
    (tmp_path / "1.2.9.dcm").write_bytes(DATA)
    assert shelf.find(query) == ((WHERE,) if is_found else ())


def test_nothing_is_found_where_there_is_no_folder(tmp_path: Path) -> None:
    """A folder that was never written to is empty."""
    assert archive(tmp_path / "none").find(Query(study_instance_uid=STUDY_UID)) == ()


def test_examining_leaves_nothing_behind(tmp_path: Path) -> None:
    """The folder is tried with a file that is gone at once, and is not made."""
    assert archive(tmp_path).examine() == (
        Check(name="folder", outcome=Outcome.WORKS, words="can be written to"),
    )
    (check,) = archive(tmp_path / "none").examine()
    assert check.outcome is Outcome.UNTRIED
    assert list(tmp_path.iterdir()) == []


def test_only_a_folder_is_a_folder() -> None:
    """Another kind of address is a mistake of the program."""
    web = Destination(name="web", address=WebAddress(url="https://h", secure=True))
    with pytest.raises(TypeError, match="the destination is no folder"):
        FolderArchive(web)
