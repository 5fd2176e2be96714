"""Objects reach the archive as they are, and a receipt is given for nothing else."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom import evt
from pynetdicom.association import Association

from hosr.archive.dimse import DimseArchive
from hosr.archive.dimse.storage import SOP_CLASSES, syntaxes_of
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Reason
from tests.archive.dimse.objects import (
    COMPREHENSIVE_SR,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    data_set_bytes,
    make_data_set,
    make_file,
)
from tests.archive.dimse.peers import destination, scp, storescp
from tests.peers.orthanc import free_port

pytestmark = pytest.mark.slow

UID = "2.25.300"
CT = "1.2.840.10008.5.1.4.1.1.2"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.70"


class Shelf:
    """What an archive was sent: data sets as encoded, and the statuses it answers in turn."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.received: list[tuple[str, str, bytes]] = []
        self.associations: list[int] = []
        self.message_ids: list[int] = []

    def __call__(self, event: Any) -> int:
        """Keep it, and answer."""
        request = event.request
        encoded = request.DataSet.getvalue()
        syntax = str(event.context.transfer_syntax)
        self.received.append((str(request.AffectedSOPInstanceUID), syntax, encoded))
        self.associations.append(id(event.assoc))
        self.message_ids.append(request.MessageID)
        return self.statuses.pop(0) if self.statuses else 0x0000


@pytest.mark.parametrize("sop_class", [*SOP_CLASSES, CT])
def test_every_class_is_stored_byte_for_byte(sop_class: str) -> None:
    """The data set that arrives is the one in the file, to the last byte."""
    file, shelf = make_file(UID, sop_class), Shelf()
    with (
        scp(shelf, sop_classes=[*SOP_CLASSES, CT]) as port,
        DimseArchive(destination(port)) as archive,
    ):
        receipt = archive.store(file, UID)
    assert (receipt.sop_instance_uid, receipt.status, receipt.warning) == (UID, "0000", "")
    assert shelf.received == [(UID, EXPLICIT, data_set_bytes(file))]


@pytest.mark.parametrize(
    ("own", "accepted", "sent"),
    [
        (EXPLICIT, [EXPLICIT, IMPLICIT], EXPLICIT),
        (EXPLICIT, [IMPLICIT], IMPLICIT),
        (IMPLICIT, [EXPLICIT, IMPLICIT], IMPLICIT),
        (DEFLATED, [EXPLICIT, IMPLICIT, DEFLATED], DEFLATED),
        (DEFLATED, [EXPLICIT, IMPLICIT], EXPLICIT),
        (DEFLATED, [IMPLICIT], IMPLICIT),
        (BIG_ENDIAN, [EXPLICIT, IMPLICIT, BIG_ENDIAN], BIG_ENDIAN),
    ],
)
def test_the_data_set_is_equal_in_whatever_transfer_syntax_is_accepted(
    own: str, accepted: list[str], sent: str
) -> None:
    """The object's own transfer syntax is preferred; another one leaves the data set equal."""
    shelf = Shelf()
    with scp(shelf, syntaxes=accepted) as port, DimseArchive(destination(port)) as archive:
        archive.store(make_file(UID, transfer_syntax=own), UID)
    ((_, syntax, encoded),) = shelf.received
    assert syntax == sent
    stream = io.BytesIO(_with_meta(encoded, syntax))
    received = pydicom.dcmread(stream)
    wanted = pydicom.dcmread(io.BytesIO(make_file(UID, transfer_syntax=syntax)))
    assert received == wanted
    if syntax == own:
        assert encoded == data_set_bytes(make_file(UID, transfer_syntax=own))


def _with_meta(encoded: bytes, syntax: str) -> bytes:
    file = make_file(UID, transfer_syntax=syntax)
    return file[: len(file) - len(data_set_bytes(file))] + encoded


@pytest.mark.parametrize(
    ("own", "accepted"), [(IMPLICIT, [EXPLICIT]), (BIG_ENDIAN, [EXPLICIT, IMPLICIT])]
)
def test_an_object_that_would_have_to_be_converted_unsafely_is_not(
    own: str, accepted: list[str]
) -> None:
    """What cannot be re-encoded value for value is refused, and nothing is sent."""
    shelf = Shelf()
    with (
        scp(shelf, syntaxes=accepted) as port,
        DimseArchive(destination(port)) as archive,
        pytest.raises(ArchiveRefused, match=r"does not accept Comprehensive SR in ") as caught,
    ):
        archive.store(make_file(UID, transfer_syntax=own), UID)
    assert caught.value.reason is Reason.UNSUPPORTED
    assert shelf.received == []


def test_a_class_that_is_not_accepted_is_named() -> None:
    """An archive that takes some classes refuses others by name, and is still of use."""
    pdf = "1.2.840.10008.5.1.4.1.1.104.1"
    shelf = Shelf()
    with (
        scp(shelf, sop_classes=[COMPREHENSIVE_SR]) as port,
        DimseArchive(destination(port)) as archive,
    ):
        with pytest.raises(ArchiveRefused, match="does not accept Encapsulated PDF") as caught:
            archive.store(make_file(UID, pdf), UID)
        archive.store(make_file("2.25.301"), "2.25.301")
    assert caught.value.reason is Reason.UNSUPPORTED
    assert [uid for uid, _, _ in shelf.received] == ["2.25.301"]
    assert syntaxes_of(JPEG) == (JPEG,)


STATUSES = [
    (0x0105, Reason.DATA), (0x0106, Reason.DATA), (0x0110, Reason.PROCESSING),
    (0x0111, Reason.DUPLICATE), (0x0117, Reason.DATA), (0x0119, Reason.DATA),
    (0x0120, Reason.DATA), (0x0121, Reason.DATA), (0x0122, Reason.CONFIGURATION),
    (0x0124, Reason.CONFIGURATION), (0x0210, Reason.BUSY), (0x0211, Reason.UNSUPPORTED),
    (0x0213, Reason.BUSY), (0xA700, Reason.CAPACITY), (0xA7FF, Reason.CAPACITY),
    (0xA900, Reason.DATA), (0xA9FF, Reason.DATA), (0xC000, Reason.PROCESSING),
    (0xC211, Reason.PROCESSING), (0xCFFF, Reason.PROCESSING), (0xFE00, Reason.BUSY),
    (0x0002, Reason.UNRECOGNISED), (0x9999, Reason.UNRECOGNISED), (0xFF00, Reason.UNRECOGNISED),
    (0xFFFF, Reason.UNRECOGNISED), (0xA771, Reason.DATA), (0xA778, Reason.DATA),
]  # fmt: skip


def test_every_status_has_its_reason_and_the_association_goes_on() -> None:
    """A failure is told by its status, on one association, and no failure is taken for success."""
    shelf = Shelf(*(status for status, _ in STATUSES))
    seen: list[tuple[int, Reason]] = []
    with scp(shelf) as port, DimseArchive(destination(port)) as archive:
        for status, reason in STATUSES:
            with pytest.raises(ArchiveError) as caught:
                archive.store(make_file(UID), UID)
            seen.append((int(caught.value.status, 16), caught.value.reason))
            unreachable = reason is Reason.BUSY
            assert isinstance(caught.value, ArchiveUnreachable) is unreachable
            assert status
        archive.store(make_file(UID), UID)
    assert seen == STATUSES
    assert len(set(shelf.associations)) == 1
    assert shelf.message_ids == list(range(1, len(STATUSES) + 2))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0xB000, "it changed some attributes"),
        (0xB006, "it left some attributes out"),
        (0xB007, "it finds that the data set does not match its SOP class"),
        (0xB001, "it warns in a way of its own"),
        (0x0107, "it finds an attribute that it does not take"),
        (0x0116, "it finds a value out of its range"),
    ],
)
def test_a_warning_is_a_receipt_with_words(status: int, words: str) -> None:
    """The warnings of PS3.4 table B.2-1 and of PS3.7 annex C say that the object was stored, and what else."""
    with scp(Shelf(status)) as port, DimseArchive(destination(port)) as archive:
        receipt = archive.store(make_file(UID), UID)
    assert (receipt.status, receipt.warning) == (f"{status:04X}", words)


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "is not a DICOM file"),
    "text": (lambda: b"no" * 200, "is not a DICOM file"),
    "other": (lambda: make_file("2.25.301"), "is not the object that it should be"),
    "cut": (lambda: make_file(UID)[:700], "is truncated or damaged"),
    "head": (lambda: make_file(UID)[:300], "truncated|damaged|lacks one|should be"),
    "class": (lambda: make_file(UID, "1.2.x"), "has a UID that is not valid"),
}


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_such_object_is_not_sent(name: str) -> None:
    """The file must be DICOM, whole, and the very instance; this needs no archive to be seen."""
    make, words = FILES[name]
    file = make()
    with (
        DimseArchive(destination(free_port())) as archive,
        pytest.raises(ArchiveRefused, match=words) as caught,
    ):
        archive.store(file, UID)
    assert caught.value.reason is Reason.DATA


def test_an_archive_that_went_and_came_back_is_found_again() -> None:
    """An association that ended between two stores is opened anew, without a word."""
    shelf = Shelf()
    lost = threading.Event()

    def leave(association: Association) -> None:
        association.abort()
        lost.set()

    def store_and_leave(event: evt.Event) -> int:
        status = shelf(event)
        if len(shelf.received) == 1:
            threading.Timer(0.05, leave, [event.assoc]).start()
        return status

    with scp(store_and_leave) as port, DimseArchive(destination(port)) as archive:
        archive.store(make_file(UID), UID)
        assert lost.wait(20)
        archive.store(make_file("2.25.301"), "2.25.301")
    assert [uid for uid, _, _ in shelf.received] == [UID, "2.25.301"]
    assert len(set(shelf.associations)) == 2


def test_an_association_lost_in_mid_store_is_opened_anew_once() -> None:
    """On an association that served before, a loss is tried once more; on a new one it is told."""
    shelf = Shelf()

    def store_first_only(event: evt.Event) -> int:
        status = shelf(event)
        if len(shelf.received) > 1:
            event.assoc.abort()
        return status

    with scp(store_first_only) as port, DimseArchive(destination(port)) as archive:
        archive.store(make_file(UID), UID)
        with pytest.raises(ArchiveUnreachable, match="ended the association before") as caught:
            archive.store(make_file("2.25.301"), "2.25.301")
    assert caught.value.reason is Reason.LOST
    assert [uid for uid, _, _ in shelf.received] == [UID, "2.25.301", "2.25.301"]
    assert len(set(shelf.associations)) == 2


def test_a_loss_on_a_new_association_is_told_at_once() -> None:
    """There, no idle time explains the loss: another try is for the caller to decide."""
    shelf = Shelf()

    def leave(event: evt.Event) -> int:
        status = shelf(event)
        event.assoc.abort()
        return status

    with (
        scp(leave) as port,
        DimseArchive(destination(port)) as archive,
        pytest.raises(ArchiveUnreachable) as caught,
    ):
        archive.store(make_file(UID), UID)
    assert caught.value.reason is Reason.LOST
    assert len(shelf.received) == 1


DCMTK = [
    ((), None, 1),
    (("+B",), None, 1),
    (("--implicit",), None, 1),
    (("--max-pdu", "4096"), None, 1),
    (("--ignore",), None, 0),
    (("--sleep-after", "1"), None, 1),
    (("--sleep-during", "1"), None, 1),
    (("--refuse",), Reason.CONFIGURATION, 0),
    (("--abort-during",), Reason.LOST, 0),
    (("--abort-after",), Reason.LOST, 1),
]


@pytest.mark.peer
@pytest.mark.parametrize(("options", "reason", "kept"), DCMTK)
def test_dcmtk_and_its_faults(
    options: tuple[str, ...], reason: Reason | None, kept: int, tmp_path: Path
) -> None:
    """A real archive stores the object; where it breaks off, that is what the error says."""
    kept_in = tmp_path / "kept"
    told: Reason | None = None
    with storescp(kept_in, *options) as port, DimseArchive(destination(port)) as archive:
        try:
            assert archive.store(make_file(UID), UID).status == "0000"
        except ArchiveError as error:
            told = error.reason
    assert told is reason
    files = list(kept_in.iterdir())
    if reason is None:
        assert len(files) == kept
    for path in files if reason is None else []:
        received = pydicom.dcmread(path, force=True)
        assert received == pydicom.dcmread(
            io.BytesIO(make_file(UID, transfer_syntax=received.file_meta.TransferSyntaxUID))
        )


@pytest.mark.peer
def test_an_answer_that_takes_too_long_is_lost(tmp_path: Path) -> None:
    """After the wait for an answer the outcome is unknown, and the wait was had only once."""
    where_kept = tmp_path / "kept"
    with storescp(where_kept, "--sleep-during", "20") as port:
        where = destination(port, answer_s=1.0)
        with (
            DimseArchive(where) as archive,
            pytest.raises(ArchiveUnreachable, match="no answer within 1 s") as caught,
        ):
            archive.store(make_file(UID), UID)
    assert caught.value.reason is Reason.LOST


def test_a_large_object_may_take_longer_than_an_answer() -> None:
    """As long as data flow, the time for an answer has not begun."""
    pause = threading.Event()

    def throttled(chunk: bytes) -> bytes:
        pause.wait(
            len(chunk) / 1e6
        )  # 12.6 s in all, of which the sender's system may hold the last 3
        return chunk

    shelf = Shelf()
    large = make_file(UID, document=bytes(12 << 20))
    with _relay_to(shelf, asked=throttled) as port:
        where = destination(port, answer_s=9.0)
        with DimseArchive(where) as archive:
            assert archive.store(large, UID).status == "0000"
    assert [encoded for _, _, encoded in shelf.received] == [data_set_bytes(large)]


def _small_listener() -> socket.socket:
    """A listener whose connections take little before it is read."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def _unchanged(chunk: bytes) -> bytes:
    return chunk


@contextmanager
def _relay_to(
    shelf: Shelf,
    *,
    answer: Callable[[bytes], bytes] = _unchanged,
    asked: Callable[[bytes], bytes] = _unchanged,
) -> Iterator[int]:
    """A relay to a real archive that changes what is asked, and what this says."""
    with scp(shelf) as port, _small_listener() as listener:
        thread = threading.Thread(target=_relay, args=(listener, port, answer, asked))
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _relay(
    listener: socket.socket,
    port: int,
    answer: Callable[[bytes], bytes],
    asked: Callable[[bytes], bytes],
) -> None:
    near, _ = listener.accept()
    with near, socket.create_connection(("127.0.0.1", port)) as far:

        def forward() -> None:
            with suppress(OSError):
                while chunk := near.recv(1 << 16):
                    far.sendall(asked(chunk))
                far.shutdown(socket.SHUT_RDWR)

        thread = threading.Thread(target=forward)
        thread.start()
        with suppress(OSError):  # either side went
            while chunk := far.recv(1 << 16):
                near.sendall(answer(chunk))
        with suppress(OSError):
            near.shutdown(socket.SHUT_RDWR)
        thread.join()


OTHER_ANSWERS = {
    "other object": (lambda pdu: pdu.replace(b"2.25.300", b"2.25.999"), Reason.UNCONFIRMED),
    "other request": (
        lambda pdu: pdu.replace(b"\0\0\x20\1\2\0\0\0\1\0", b"\0\0\x20\1\2\0\0\0\7\0"),
        Reason.LOST,
    ),
    "other operation": (
        lambda pdu: pdu.replace(b"\0\0\0\1\2\0\0\0\1\x80", b"\0\0\0\1\2\0\0\0\x30\x80"),
        Reason.LOST,
    ),
    "no status": (lambda pdu: pdu.replace(b"\0\0\0\x09\2\0\0\0\0\0", b"\0\0\1\x09\2\0\0\0\0\0"), Reason.LOST),
    "garbage": (lambda pdu: b"\4" + b"\xff" * 9 if pdu[0] == 4 else pdu, Reason.LOST),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_ANSWERS)
def test_an_answer_to_something_else_is_no_receipt(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Success counts only in the answer to this very request for this very object."""
    answer, reason = OTHER_ANSWERS[name]
    with _relay_to(Shelf(), answer=answer) as port:
        where = destination(port, answer_s=5.0)
        with DimseArchive(where) as archive, pytest.raises(ArchiveError) as caught:
            archive.store(make_file(UID), UID)
    assert caught.value.reason is reason
    assert capfd.readouterr() == ("", "")


def test_nothing_of_the_patient_is_in_an_error() -> None:
    """Neither a name nor an identifier of the object is told."""
    with (
        scp(Shelf(0xC123)) as port,
        DimseArchive(destination(port)) as archive,
        pytest.raises(ArchiveRefused) as caught,
    ):
        archive.store(make_file(UID), UID)
    assert str(make_data_set(UID).PatientName) not in str(caught.value)
    assert str(caught.value).startswith("pacs: could not understand or process the object")
