"""Archives that give an object back as of another patient: held, over every protocol."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from hosr.archive import open_archive
from hosr.archive.addresses import Destination, FolderAddress, PatientAttribute, Proof
from hosr.archive.values import Archive, Receipt
from hosr.errors import Reason
from hosr.outbox import Entry, Limits, State, deliver
from tests.outbox.scripted import (
    HERE,
    LISTENER,
    Clock,
    Script,
    destination,
    dicom_file,
    failure,
    item,
    open_outbox,
    reference,
    report,
    run,
)
from tests.peers.archiving import ArchivingOrthanc, archiving_orthanc
from tests.peers.reports import make_item

CHANGED = "it CHANGED THE PATIENT: PatientName (0010,0010)"


def renamed(data: bytes) -> bytes:
    """The object as an archive keeps it that files it under another name."""
    return dicom_file("as sent", dcmread(io.BytesIO(data)).SOPInstanceUID, patient="Other^One")


def held(entry: Entry) -> tuple[State, Reason | None]:
    """How an entry stands, and why."""
    return entry.state, entry.reason


@pytest.mark.parametrize("answer", [None, Reason.DUPLICATE, Reason.UNCONFIRMED])
def test_another_patient_is_held(answer: Reason | None, tmp_path: Path) -> None:
    """Whether it is seen at the proof, or where the archive says that it has the object already."""
    sent = item(patient="Muster^Anna")
    script = Script(alters=renamed)
    if answer:
        script.kept[sent.key] = renamed(sent.data)
        script.on_store = [failure(answer, status="0111")]
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([sent], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script)
        assert held(entry) == (State.HOLD, Reason.REFILED)
        assert entry.words == (
            f"{CHANGED}; have the archive set it right, or allow it by `may_change`"
        )
        assert Proof.READ_BACK not in entry.proofs
        assert outbox.read(entry) == sent.data
        outbox.retry()
        where = replace(destination(), may_change=(PatientAttribute.NAME,))
        (entry,) = run(outbox, script, where)
        assert (entry.state, entry.words) == (State.VERIFIED, CHANGED)


def test_what_the_archive_sets_right_again_is_verified(tmp_path: Path) -> None:
    """A retry looks once more, and takes nothing for granted."""
    script = Script(alters=renamed)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item(patient="Muster^Anna")], "pacs", "report", address=HERE)
        run(outbox, script)
        outbox.retry()
        (entry,) = run(outbox, script)
        assert held(entry) == (State.HOLD, Reason.REFILED)
        script.alters = bytes
        outbox.retry()
        (entry,) = run(outbox, script)
        assert (entry.state, entry.words) == (State.VERIFIED, "")


def test_a_late_commitment_does_not_release_it(tmp_path: Path) -> None:
    """That the archive keeps it says nothing of whose it is."""
    clock, script, limits = Clock(), Script(alters=renamed), Limits()
    best = destination(listener=LISTENER)

    def stop_after_request(uid: str, _: object) -> None:  # noqa: ARG001 (no report comes)
        limits.stop.set()

    script.reports = stop_after_request
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item(patient="Muster^Anna")], "pacs", "report", address=HERE)
        for _ in range(4):
            run(outbox, script, best, committing=True, limits=limits)
            clock.go(1000)
            limits = Limits()
        (entry,) = outbox.entries()
        assert held(entry) == (State.HOLD, Reason.REFILED)
        assert outbox.take_report(report(script.requests[-1][0], [reference()]), best)
        (entry,) = outbox.entries()
        assert held(entry) == (State.HOLD, Reason.REFILED)
        assert Proof.COMMITMENT in entry.proofs


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivingOrthanc]:
    """A real archive, which keeps what it has."""
    with archiving_orthanc(tmp_path_factory.mktemp("orthanc")) as running:
        yield running


def _changed(data: bytes, *, on_record: bool) -> bytes:
    """A report that an archive filed under another ID, and may have kept which it was."""
    data_set = dcmread(io.BytesIO(data))
    modified, entry = Dataset(), Dataset()
    modified.PatientID = data_set.PatientID
    entry.ModifiedAttributesSequence = [modified]
    data_set.PatientID = "MERGED-1"
    if on_record:
        data_set.OriginalAttributesSequence = [entry]
    stream = io.BytesIO()
    data_set.save_as(stream)
    return stream.getvalue()


def _open(where: Destination, refile: Callable[[], None]) -> Archive:
    """The archive, which files each object elsewhere as soon as it has it."""
    archive = open_archive(where, environ={}, clock=time.time)
    store = archive.store

    def store_and_refile(data: bytes, sop_instance_uid: str) -> Receipt:
        receipt = store(data, sop_instance_uid)
        refile()
        return receipt

    archive.store = store_and_refile  # type: ignore[method-assign]
    return archive


@pytest.mark.parametrize("protocol", ["folder", "dimse", "dicomweb"])
@pytest.mark.parametrize("on_record", [False, True])
def test_real_archives(
    protocol: str, on_record: bool, orthanc: ArchivingOrthanc, tmp_path: Path
) -> None:
    """A folder, and Orthanc over both protocols, that file the object under another patient ID."""
    one = make_item("patients", protocol, str(on_record))
    changed = _changed(one.data, on_record=on_record)
    folder = FolderAddress(path=tmp_path / "shelf")
    where = {
        "folder": Destination(name="folder", address=folder),
        "dimse": orthanc.dimse(),
        "dicomweb": orthanc.web(),
    }[protocol]

    def refile() -> None:
        if protocol == "folder":
            (folder.path / f"{one.key}.dcm").write_bytes(changed)
        else:
            orthanc.running.remove(one.key)
            orthanc.running.upload(changed)

    with open_outbox(tmp_path, time.time) as outbox:
        outbox.enqueue([one], where.name, "report", address=HERE)
        deliver(outbox, lambda _: where, lambda each: _open(each, refile))
        (entry,) = outbox.entries()
    expected = (State.VERIFIED, None) if on_record else (State.HOLD, Reason.REFILED)
    assert held(entry) == expected
    assert entry.words.startswith("it CHANGED THE PATIENT: PatientID (0010,0020)")
