"""Images and results that are sent by DICOM: by DCMTK's storescu, and by pynetdicom."""

from __future__ import annotations

import io
import json
import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pydicom
import pynetdicom
import pytest
from pynetdicom.association import Association

from hosr.drafts import Drafts, Status
from hosr.drafts.imagery import find_changed_images
from tests.archive.dimse.peers import await_listener
from tests.images import FILM_UID, STUDY_UID, dicom_bytes
from tests.peers.orthanc import free_port
from tests.peers.processes import installed, run
from tests.watch.watching import (
    SAMPLES,
    Place,
    Service,
    film,
    put_record,
    record_of,
    running,
    write_film,
)

pytestmark = [pytest.mark.peer, pytest.mark.slow]

STORESCU = Path("/usr/bin/storescu")
LATER_UID = "1.2.826.0.1.1.1.2"


def _storescu(port: int, *paths: Path, calling: str = "MODALITY") -> int:
    command = [installed(STORESCU, "Debian package dcmtk"), "-aet", calling, "-aec", "HOSR"]
    return run([*command, "-R", "+sd", "127.0.0.1", port, *paths], timeout=60).code


def _send(port: int, images: Sequence[pydicom.Dataset]) -> list[int]:
    """The statuses that these are answered with, on one association."""
    return _send_files(port, [io.BytesIO(dicom_bytes(image)) for image in images])


def _send_files(port: int, sources: Sequence[io.BytesIO | Path]) -> list[int]:
    """The same of files, each as it is encoded."""
    files = [pydicom.dcmread(source) for source in sources]
    entity = pynetdicom.AE(ae_title="MODALITY")
    entity.acse_timeout = entity.dimse_timeout = 60
    for file in files:
        entity.add_requested_context(file.SOPClassUID, file.file_meta.TransferSyntaxUID)
    association = entity.associate("127.0.0.1", port, ae_title="HOSR")
    assert association.is_established
    statuses = [int(association.send_c_store(file).Status) for file in files]
    association.release()
    return statuses


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place without an image."""
    return Place(root=tmp_path)


@pytest.fixture
def port() -> int:
    """Where is listened."""
    return free_port()


def _listening(port: int) -> tuple[str, str]:
    return "--listen", f"HOSR@127.0.0.1:{port}"


def _newest(place: Place, service: Service) -> str:
    draft_id = service.until("draft ").split(" ")[1].rstrip(":")
    assert draft_id in [each.draft_id for each in place.listed()]
    return draft_id


def test_images_before_their_result(place: Place, port: int) -> None:
    """They are kept as they were sent, told of once for a study, and are those of the draft."""
    source = write_film(place.root / "film.dcm")
    with running(place, *_listening(port)) as service:
        assert _storescu(port, source) == 0
        assert service.until("received ") == f"received study {STUDY_UID}: 1 image"
        put_record(place)
        draft_id = _newest(place, service)
    kept = place.drafts / "received" / STUDY_UID / f"{FILM_UID}.dcm"
    assert place.draft(draft_id).images == (str(kept),)
    assert pydicom.dcmread(kept) == pydicom.dcmread(source)


def test_a_result_before_its_images(place: Place, port: int) -> None:
    """It waits, and is a draft as soon as they have come and nothing more comes."""
    with running(place, *_listening(port), quiet="3") as service:
        put_record(place)
        service.until("waiting ")
        assert _send(port, [film(), film(SOPInstanceUID=LATER_UID)]) == [0, 0]
        draft_id = _newest(place, service)
    assert len(place.draft(draft_id).images) == 2


def test_a_segmentation_and_its_slices_are_sent(place: Place, port: int) -> None:
    """In whatever order: the mask is a result, and waits for every slice that it was drawn on."""
    labels = ("--labels", SAMPLES / "ct" / "labels.toml")
    with running(place, *_listening(port), *labels, quiet="3") as service:
        assert _send_files(port, [SAMPLES / "ct" / "segmentation.dcm"]) == [0]
        service.until("waiting ")
        slices = sorted((SAMPLES / "ct" / "images").iterdir())
        assert _send_files(port, slices[:10]) == [0] * 10
        told = sorted((service.until(""), service.until("")))
        assert told[0].endswith(": 10 images")
        assert told[1].endswith(": 14 of the 24 images that it names are not here")
        assert _send_files(port, slices[10:]) == [0] * (len(slices) - 10)
        draft_id = _newest(place, service)
    assert len(place.draft(draft_id).images) == len(slices)
    assert [path.suffix for path in (place.inbox / "done").iterdir()] == [".dcm"]


def test_lines_that_nobody_is_said_to_have_drawn_are_a_draft_to_be_claimed(
    place: Place, port: int
) -> None:
    """A structured report of a viewer is a result; one that names nobody has no observer."""
    with running(place, *_listening(port), "--timezone", "Europe/Rome") as service:
        assert _send_files(port, [SAMPLES / "brooker-3" / "images" / "image-1.dcm"]) == [0]
        assert _storescu(port, SAMPLES / "brooker-3" / "drawing.dcm") == 0
        draft_id = _newest(place, service)
    assert "observer" not in place.draft(draft_id).record


def test_own_reports_that_come_back_wake_nobody(place: Place, port: int, tmp_path: Path) -> None:
    """Sent to an archive that sends everything on, they are taken, and no draft is made of them."""
    from tests.command import hosr

    source = write_film(tmp_path / "film.dcm")
    record = tmp_path / "record.json"
    record.write_text(json.dumps(record_of()))
    assert hosr("report", record, "--images", source, "--out", tmp_path / "report").code == 0
    with running(place, *_listening(port)) as service:
        put_record(place)
        assert _storescu(port, source) == 0
        draft_id = _newest(place, service)
        objects = sorted((tmp_path / "report").glob("*.dcm"))
        assert len(objects) == 5
        assert _storescu(port, *objects) in {0, 1}  # PDF and key objects are of classes not taken
        assert _send(port, [film()]) == [0]
        put_record(place, "again.json")
        assert service.until("known ").startswith(f"known {draft_id}")
        service.stop()
    assert [each.draft_id for each in place.listed()] == [draft_id]
    assert place.draft(draft_id).status is Status.WAITING
    assert place.lying() == ["done/again.json", "done/result.json"]


def test_the_same_image_again_changes_nothing_and_a_corrected_one_makes_a_new_draft(
    place: Place, port: int
) -> None:
    """Also in another transfer syntax it is the same; with another patient's name it is not.

    What was there is kept, the draft of it finds its image changed, and a new draft follows it.
    """
    with running(place, *_listening(port), quiet="0.5") as service:
        put_record(place)
        assert _send(port, [film()]) == [0]
        former = _newest(place, service)
        source = place.root / "implicit.dcm"
        source.write_bytes(dicom_bytes(film(), "1.2.840.10008.1.2"))
        assert _storescu(port, source) == 0
        service.until("received ")
        assert _send(port, [film(PatientName="Corrected^Name")]) == [0]
        newer = service.until("newer ").split(" ")[1].rstrip(":")
        service.stop()
    assert {each.draft_id for each in place.listed()} == {former, newer}
    assert place.draft(newer).follows == former
    with Drafts(place.drafts, clock=time.time) as drafts:
        changed = {each: find_changed_images(drafts.image_files(each)) for each in (former, newer)}
    assert [fault.problem for fault in changed[former]] == ["was changed since the draft was made"]
    assert changed[newer] == ()
    names = sorted(path.name for path in (place.drafts / "received" / STUDY_UID).iterdir())
    assert names == [f"{FILM_UID}.dcm", f"{FILM_UID}.dcm.1"]


def test_many_senders_at_once(place: Place, port: int) -> None:
    """Each image is kept whole, whoever sends it, and however often."""
    uids = [f"1.2.826.0.1.1.1.{number}" for number in range(1, 7)]
    failed: list[object] = []

    def send() -> None:
        statuses = _send(port, [film(SOPInstanceUID=uid) for uid in uids])
        failed.extend(status for status in statuses if status)

    with running(place, *_listening(port), quiet="1.0") as service:
        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        put_record(place)
        draft_id = _newest(place, service)
    assert failed == []
    assert len(place.draft(draft_id).images) == len(uids)
    assert len(list((place.drafts / "received" / STUDY_UID).iterdir())) == len(uids)


def test_what_was_acknowledged_is_there_after_any_kill(place: Place, port: int) -> None:
    """Six kills (-9) while images are sent: each that was answered with success lies there whole."""
    draw = random.Random(7)  # noqa: S311 (when to kill)
    acknowledged: set[str] = set()
    number = 0
    for _ in range(6):
        with running(place, *_listening(port)) as service:
            await_listener(port)
            association = _associated(port)
            end_s = time.monotonic() + draw.uniform(0.1, 1.0)
            killer = threading.Timer(end_s - time.monotonic(), service.process.kill)
            killer.start()
            while association.is_established:
                number += 1
                uid = f"1.2.826.0.1.1.1.{number}"
                file = pydicom.dcmread(io.BytesIO(dicom_bytes(film(SOPInstanceUID=uid))))
                try:
                    status = association.send_c_store(file)
                except RuntimeError:  # it has just ended
                    break
                if "Status" in status and status.Status == 0x0000:
                    acknowledged.add(uid)
            killer.join()
            association.abort()
    assert len(acknowledged) > 10
    folder = place.drafts / "received" / STUDY_UID
    whole = {pydicom.dcmread(path).SOPInstanceUID for path in folder.glob("[!.]*.dcm")}
    assert acknowledged <= whole


def _associated(port: int) -> Association:
    entity = pynetdicom.AE(ae_title="MODALITY")
    entity.acse_timeout = entity.dimse_timeout = (
        2  # for it does not see that the other end has gone
    )
    entity.add_requested_context(film().SOPClassUID)
    return entity.associate("127.0.0.1", port, ae_title="HOSR")


def test_without_room_nothing_is_acknowledged(place: Place, port: int) -> None:
    """Neither images nor results; the sender learns that it is for want of room (A700)."""
    full = "import hosr.image_index.received as received; received._RESERVE_BYTES = 1 << 60"
    with running(place, *_listening(port), prelude=full) as service:
        await_listener(port)
        assert _send(port, [film()]) == [0xA700]
        assert _send_files(port, [SAMPLES / "ct" / "segmentation.dcm"]) == [0xA700]
        assert service.stop() == 0
    assert place.lying() == []
    assert list(place.drafts.glob("received/*/*")) == []


def test_only_named_callers_may_send(place: Place, port: int) -> None:
    """Under another AE title nothing is taken."""
    source = write_film(place.root / "film.dcm")
    with running(place, *_listening(port), "--from", "PACS") as service:
        assert _storescu(port, source) != 0
        assert not (place.drafts / "received").exists()
        assert _storescu(port, source, calling="PACS") == 0
        service.until("received ")


def test_images_without_a_result_are_an_alert(place: Place, port: int) -> None:
    """Once their result is overdue; it is told once."""
    source = write_film(place.root / "film.dcm")
    with running(place, *_listening(port), "--patience", "1") as service:
        assert _storescu(port, source) == 0
        told = service.until("alert ")
        assert told == f"alert study {STUDY_UID}: its images were sent here, and no result came"
        put_record(place)
        service.until("draft ")
        assert service.stop() == 0
