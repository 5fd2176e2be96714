"""The watch and a real archive: images fetched, reports sent, and Orthanc's stable studies as events."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pydicom
import pytest

from hosr.drafts import Status
from tests.command import hosr
from tests.images import FILM_UID, STUDY_UID, dicom_bytes
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.orthanc import Orthanc, free_port, running_orthanc
from tests.peers.processes import leashed
from tests.watch.test_page import block
from tests.watch.watching import (
    SAMPLES,
    Place,
    events_of,
    film,
    put_record,
    running,
    sample,
    write_film,
)

pytestmark = [pytest.mark.peer, pytest.mark.slow]

LATER_UID = "1.2.826.0.1.1.1.2"
CT_FILES = 24


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place without an image."""
    return Place(root=tmp_path / "place")


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArchivingOrthanc]:
    """An empty Orthanc, which is `pacs` over DIMSE and `web` over DICOMweb."""
    (tmp_path / "orthanc").mkdir()
    with archiving_orthanc(tmp_path / "orthanc") as orthanc:
        config = orthanc.configure(tmp_path / "config.toml")
        monkeypatch.setenv("HOSR_CONFIG", str(config))
        yield orthanc


@pytest.mark.parametrize("name", ["archive:pacs", "archive:web"])
def test_images_are_fetched_from_the_archive(
    name: str, place: Place, archive: ArchivingOrthanc
) -> None:
    """All of the study, whole, and once; the draft has them, and the archive may go."""
    for path in sorted((SAMPLES / "ct" / "images").iterdir()):
        archive.running.upload(path.read_bytes())
    sample(place, "ct", with_images=False)
    with running(place, "--images", name) as service:
        draft_id = service.until("draft ").split(" ")[1].rstrip(":")
    images = [Path(path) for path in place.draft(draft_id).images]
    assert len(images) == CT_FILES
    assert {path.parent.parent for path in images} == {place.drafts / "received"}
    sent = {
        file.SOPInstanceUID: file.PixelData
        for file in map(pydicom.dcmread, (SAMPLES / "ct" / "images").iterdir())
    }
    assert {f.SOPInstanceUID: f.PixelData for f in map(pydicom.dcmread, images)} == sent


def test_once_is_enough_where_images_are_to_be_fetched(
    place: Place, archive: ArchivingOrthanc
) -> None:
    """With `--once`, as cron calls it, the result has its draft when that ends, with all of the study."""
    for uid in (FILM_UID, LATER_UID):
        archive.running.upload(dicom_bytes(film(SOPInstanceUID=uid)))
    put_record(place)
    ran = hosr(*place.arguments("--images", "archive:web", "--once", "--quiet", "1"))
    (listed,) = place.listed()
    assert events_of(ran) == [f"draft {listed.draft_id}: of result.json"]
    assert len(place.draft(listed.draft_id).images) == 2
    assert place.once().code == 0


def test_an_archive_that_is_away_is_asked_again(
    place: Place, archive: ArchivingOrthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result waits, and says for whom; it has its draft once the archive is back."""
    archive.running.upload(dicom_bytes(film()))
    archive.kill()
    hurry = "import hosr.watch.work as work; work._LONGEST_ASK_S = 1.0; work.Asked.wait_s"
    put_record(place)
    faster = f"{hurry}; work._FIRST_ASK_S = 1.0"
    with running(place, "--images", "archive:pacs", prelude=faster, quiet="0.1") as service:
        told = service.until("waiting ")
        assert f"no image of study {STUDY_UID} is here; pacs " in told
        archive.start()
        service.until("draft ")
    assert place.lying() == ["done/result.json"]
    monkeypatch.undo()


@pytest.mark.parametrize("name", ["archive:pacs", "archive:web"])
def test_an_image_that_comes_to_the_archive_later_makes_a_new_draft(
    name: str, place: Place, archive: ArchivingOrthanc
) -> None:
    """The archive is asked again once there is a draft; that it is away is told once."""
    archive.running.upload(dicom_bytes(film()))
    put_record(place)
    hurry = "import hosr.watch.memory as memory; memory._FIRST_ASK_S = memory._FAILED_ASK_S = 1.0"
    faster = f"{hurry}; import hosr.watch.watch as watch; watch._FAILED_ASK_S = 1.0"
    with running(place, "--images", name, prelude=faster) as service:
        former = service.until("draft ").split(" ")[1].rstrip(":")
        archive.running.upload(dicom_bytes(film(SOPInstanceUID=LATER_UID)))
        newer = service.until("newer ").split(" ")[1].rstrip(":")
        archive.kill()
        service.until("failed later images: ")
        assert service.stop() == 0
    assert place.draft(newer).follows == former
    assert len(place.draft(newer).images) == 2


def test_reports_are_sent_as_drafts(place: Place, archive: ArchivingOrthanc) -> None:
    """By way of the outbox, each object once, also where the archive was away at first."""
    write_film(place.images / "film.dcm")
    archive.kill()
    put_record(place)
    with running(place, "--send", "pacs") as service:
        service.until("draft ")
        assert service.stop() == 0
    archive.start()
    with running(place, "--send", "pacs"):
        deadline = time.monotonic() + 90
        while len(archive.running.uids()) < 5 and time.monotonic() < deadline:
            time.sleep(0.5)
    uids = archive.running.uids()
    assert len(uids) == len(set(uids)) == 5
    classes = {_read(archive.running, uid).SOPClassUID.name for uid in uids}
    assert "Comprehensive 3D SR Storage" in classes


def _read(orthanc: Orthanc, uid: str) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(orthanc.download(uid)))


@contextmanager
def _stable_studies(orthanc: Orthanc, state: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program of the page, as it stands there."""
    path = state.with_suffix(".py")
    path.write_text(block("py"))
    with subprocess.Popen(leashed([sys.executable, path, orthanc.url, "hosr", state])) as process:
        try:
            yield process
        finally:
            process.kill()


def _settings(port: int, dicom_port: int) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(f"{{{block('jsonc')}}}")
    said["DicomModalities"]["hosr"] |= {"Host": "127.0.0.1", "Port": port}
    return {
        **said,
        "StableAge": 1,
        "DicomServerEnabled": True,
        "DicomAet": "ORTHANC",
        "DicomPort": dicom_port,
        "DicomAlwaysAllowStore": True,
    }


def test_a_study_that_is_stable_in_orthanc_becomes_a_draft_and_its_report_wakes_nobody(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Images and mask come to Orthanc, and hosr has a draft; its report makes the study stable anew.

    That is seen, and nothing goes round: there is one draft, and each object once.
    """
    port, dicom_port = free_port(), free_port()
    config = tmp_path / "config.toml"
    config.write_text(
        f'[archives.pacs]\nurl = "dimse://ORTHANC@127.0.0.1:{dicom_port}"\n'
        f'proof = "response"\n[outbox]\npath = "outbox.sqlite"\n'
    )
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    (tmp_path / "orthanc").mkdir()
    options = ("--listen", f"HOSR@127.0.0.1:{port}", "--send", "pacs")
    labels = ("--labels", SAMPLES / "ct" / "labels.toml")
    with (
        running_orthanc(tmp_path / "orthanc", _settings(port, dicom_port)) as orthanc,
        _stable_studies(orthanc, tmp_path / "state.last") as program,
    ):
        state = tmp_path / "state.last"
        while not state.exists():
            time.sleep(0.1)
        with running(place, *options, *labels, quiet="3") as service:
            for path in sorted((SAMPLES / "ct" / "images").iterdir()):
                orthanc.upload(path.read_bytes())
            orthanc.upload((SAMPLES / "ct" / "segmentation.dcm").read_bytes())
            draft_id = service.until("draft ").split(" ")[1].rstrip(":")
            assert len(place.draft(draft_id).images) == CT_FILES
            _await(lambda: len(orthanc.uids()) >= CT_FILES + 1 + 5)
            before = int(state.read_text())
            _await(lambda: _is_passed(orthanc, state, before))
            time.sleep(4)
            assert program.poll() is None
            assert service.stop() == 0
            kinds = [line.split(" ")[0] for line in service.told]
        assert len(orthanc.uids()) == CT_FILES + 1 + 5
    assert "draft" in kinds
    assert "newer" not in kinds
    assert [each.draft_id for each in place.listed()] == [draft_id]
    assert place.draft(draft_id).status is Status.WAITING


def _await(holds: Any) -> None:
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.3)


def _is_passed(orthanc: Orthanc, state: Path, before: int) -> bool:
    """Whether the study was stable once more, and the program has seen to that."""
    changes = orthanc._ask(f"/changes?limit=1000&since={before}")["Changes"]
    later = [each["Seq"] for each in changes if each["ChangeType"] == "StableStudy"]
    return bool(later) and int(state.read_text()) >= later[-1]


def test_the_program_for_orthanc_loses_no_study_while_hosr_is_away(
    place: Place, tmp_path: Path
) -> None:
    """It ends, for a service to start it again; then the study that it could not have sent is sent."""
    port = free_port()
    (tmp_path / "orthanc").mkdir()
    state = tmp_path / "state.last"
    with running_orthanc(tmp_path / "orthanc", _settings(port, free_port())) as orthanc:
        with _stable_studies(orthanc, state) as program:
            while not state.exists():
                time.sleep(0.1)
            orthanc.upload(dicom_bytes(film()))
            assert program.wait(60) != 0
        put_record(place)
        with (
            running(place, "--listen", f"HOSR@127.0.0.1:{port}") as service,
            _stable_studies(orthanc, state),
        ):
            service.until("draft ")
    assert (place.drafts / "received" / STUDY_UID / f"{FILM_UID}.dcm").exists()
