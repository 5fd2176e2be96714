"""Received images: each whole on the disk or not there, under names that come from UIDs alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hosr.archive.values import Locator
from hosr.image_index import received as module
from hosr.image_index.received import NoRoom, Received, replaced_count
from tests.images import FILM_UID, STUDY_UID, dicom_bytes, film


def _locator(study: str = STUDY_UID, instance: str = FILM_UID) -> Locator:
    return Locator(
        study_instance_uid=study,
        series_instance_uid="1.2",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1.1",
        sop_instance_uid=instance,
    )


def _names(received: Received) -> list[str]:
    return sorted(path.name for path in (received.folder / STUDY_UID).iterdir())


def test_an_image_is_kept_as_it_is(tmp_path: Path) -> None:
    """Under its study; nothing else is left, and others may not read it."""
    received, data = Received(tmp_path / "received"), dicom_bytes(film())
    assert received.keep(_locator(), data)
    path = tmp_path / "received" / STUDY_UID / f"{FILM_UID}.dcm"
    assert path.read_bytes() == data
    assert _names(received) == [path.name]
    assert not path.stat().st_mode & 0o007


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
def test_the_same_image_again_is_kept_once(syntax: str, tmp_path: Path) -> None:
    """However it is encoded: the first one stays, with its time."""
    received = Received(tmp_path / "received")
    received.keep(_locator(), dicom_bytes(film()))
    (path,) = (received.folder / STUDY_UID).iterdir()
    before = path.stat()
    assert not received.keep(_locator(), dicom_bytes(film(), syntax))
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_another_image_under_its_uid_takes_its_place_and_the_former_is_kept(tmp_path: Path) -> None:
    """As after a correction of the patient, once and again."""
    received = Received(tmp_path / "received")
    files = [dicom_bytes(film(PatientName=name)) for name in ("A^B", "C^D", "E^F")]
    assert [received.keep(_locator(), data) for data in files] == [True] * 3
    folder = received.folder / STUDY_UID
    assert [
        (folder / name).read_bytes()
        for name in (f"{FILM_UID}.dcm.1", f"{FILM_UID}.dcm.2", f"{FILM_UID}.dcm")
    ] == files
    assert replaced_count(folder / f"{FILM_UID}.dcm") == 2


@pytest.mark.parametrize("uids", [("../x", FILM_UID), (STUDY_UID, "/etc/x"), ("", FILM_UID)])
def test_what_is_no_uid_names_no_file(uids: tuple[str, str], tmp_path: Path) -> None:
    """Nothing is written anywhere."""
    with pytest.raises(ValueError, match="without UIDs"):
        Received(tmp_path / "received").keep(_locator(*uids), b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some room is left for all else; what is there stays."""
    received = Received(tmp_path / "received")
    received.keep(_locator(), dicom_bytes(film()))
    monkeypatch.setattr(module, "_RESERVE_BYTES", 1 << 60)
    with pytest.raises(NoRoom):
        received.keep(_locator(instance="1.2.3"), dicom_bytes(film()))
    assert _names(received) == [f"{FILM_UID}.dcm"]


def test_what_a_killed_process_left_half_is_written_anew(tmp_path: Path) -> None:
    """Nobody takes it for an image meanwhile."""
    received = Received(tmp_path / "received")
    folder = received.folder / STUDY_UID
    folder.mkdir(parents=True)
    (folder / f".{FILM_UID}.dcm.part").write_bytes(b"half of something longer than this" * 9999)
    data = dicom_bytes(film())
    received.keep(_locator(), data)
    assert {os.fsdecode(path): path.read_bytes() for path in folder.iterdir()} == {
        str(folder / f"{FILM_UID}.dcm"): data
    }
