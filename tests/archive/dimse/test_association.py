"""Why there is no association: every cause has its own words, and none leaves anything behind."""

from __future__ import annotations

import io
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pynetdicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.presentation import build_context, build_role

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.dimse.association import close_association, open_association
from hosr.archive.dimse.storage import storage_contexts
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Reason
from tests.archive.dimse.objects import COMPREHENSIVE_SR, EXPLICIT, make_file
from tests.archive.dimse.peers import destination, refused, scp, scripted, serving, storescp
from tests.peers.orthanc import free_port

STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
CT = "1.2.840.10008.5.1.4.1.1.2"


def silent(connection: socket.socket) -> None:
    """Listen and say nothing until the other side goes."""
    while connection.recv(1 << 16):
        pass


def closing(connection: socket.socket) -> None:
    """Go at once."""


def resetting(connection: socket.socket) -> None:
    """Listen, then break the connection off."""
    connection.recv(1 << 16)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def answering(answer: bytes) -> object:
    """Listen, and say this, whatever was asked."""

    def script(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(answer)
        silent(connection)

    return script


def rejection(result: int, source: int, reason: int) -> object:
    """An A-ASSOCIATE-RJ PDU (PS3.8 section 9.3.4)."""
    return answering(bytes([3, 0, 0, 0, 0, 4, 0, result, source, reason]))


PEERS = {
    "closes": (closing, Reason.UNREACHABLE, "ended the connection when an association"),
    "resets": (resetting, Reason.UNREACHABLE, "ended the connection when an association"),
    "silent": (silent, Reason.UNREACHABLE, "no answer within 1 s when an association"),
    "web": (answering(b"HTTP/1.1 400 Bad\r\n\r\n"), Reason.CONFIGURATION, "is a web server"),
    "page": (answering(b"<html>no</html>"), Reason.CONFIGURATION, "is a web server"),
    "ssh": (answering(b"SSH-2.0-x\r\n"), Reason.CONFIGURATION, "is an SSH server"),
    "tls": (answering(b"\x15\3\3\0\2\2\x16"), Reason.INSECURE, "asks for an encrypted"),
    "noise": (answering(b"\xff\xfe" * 50), Reason.CONFIGURATION, "does not speak DICOM"),
    "cut": (answering(b"\2\0\0\0\1\0"), Reason.UNREACHABLE, "was damaged or cut off"),
    "huge": (answering(b"\2\0\x7f\xff\xff\xff" + b"a" * 99), Reason.UNREACHABLE, "was damaged or cut off"),
    "empty": (answering(b"\2\0\0\0\0\0"), Reason.UNREACHABLE, "was damaged or cut off"),
    "data": (answering(b"\4\0\0\0\0\6\0\0\0\2\1\3"), Reason.UNREACHABLE, "was damaged or cut off"),
    "release": (answering(b"\5\0\0\0\0\4\0\0\0\0"), Reason.UNREACHABLE, "was damaged or cut off"),
    "abort": (answering(b"\7\0\0\0\0\4\0\0\2\0"), Reason.UNREACHABLE, "aborted the association instead"),
}  # fmt: skip


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_that_is_no_archive_is_told_by_what_it_does(peer: str) -> None:
    """Whatever listens there instead, the cause is said in our words, and soon."""
    script, reason, words = PEERS[peer]
    assert callable(script)
    with scripted(script) as port:
        error = refused(destination(port, answer_s=1.0))
    assert error is not None
    assert error.reason is reason
    assert re.search(words, str(error))
    assert error.faults[0].path == "pacs"


REJECTIONS = [
    (1, 1, 1, Reason.CONFIGURATION, "rejects the association without a reason"),
    (1, 1, 2, Reason.CONFIGURATION, "does not know the DICOM application context"),
    (1, 1, 3, Reason.CONFIGURATION, "does not know the calling AE title HOSR"),
    (1, 1, 7, Reason.CONFIGURATION, "does not answer to the called AE title ARCHIVE"),
    (1, 2, 1, Reason.CONFIGURATION, "rejects the association without a reason"),
    (1, 2, 2, Reason.CONFIGURATION, "does not know this version of the DICOM protocol"),
    (2, 3, 1, Reason.BUSY, "takes no more associations at the moment"),
    (2, 3, 2, Reason.BUSY, "takes no more associations at the moment"),
    (2, 1, 1, Reason.BUSY, "takes no more associations at the moment"),
    (1, 3, 1, Reason.BUSY, "takes no more associations at the moment"),
    (1, 3, 2, Reason.BUSY, "takes no more associations at the moment"),
]


@pytest.mark.parametrize(("result", "source", "diagnostic", "reason", "words"), REJECTIONS)
def test_a_rejection_says_whether_to_wait_or_to_mend(
    result: int, source: int, diagnostic: int, reason: Reason, words: str
) -> None:
    """Every rejection of PS3.8 table 9-21 is either transient or a fault of configuration."""
    script = rejection(result, source, diagnostic)
    assert callable(script)
    with scripted(script) as port:
        error = refused(destination(port))
    assert error is not None
    assert error.reason is reason
    assert error.status == f"RJ {result}/{source}/{diagnostic}"
    assert error.faults[0].problem == words
    expected = ArchiveUnreachable if reason is Reason.BUSY else ArchiveRefused
    assert type(error) is expected


def test_what_a_peer_announces_is_not_taken_for_granted() -> None:
    """An answer that is longer than any that is allowed is not waited for, nor kept."""
    sent: list[int] = []

    def flooding(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(b"\2\0\x7f\xff\xff\xff")
        for _ in range(1 << 10):
            connection.sendall(bytes(1 << 16))
            sent.append(1 << 16)

    with scripted(flooding) as port:
        error = refused(destination(port))
    assert error is not None
    assert error.reason is Reason.UNREACHABLE
    assert sum(sent) < 1 << 25


@pytest.mark.parametrize(("cap", "taken"), [(1 << 18, []), (1 << 24, [True])])
def test_a_message_has_a_limit(
    cap: int, taken: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An object that is sent to hosr beyond the limit ends the association; one below arrives."""
    monkeypatch.setattr("hosr.archive.dimse.association.MAX_MESSAGE_BYTES", cap)
    large = pydicom.dcmread(io.BytesIO(make_file("2.25.300", document=bytes(1 << 21))))
    entity = pynetdicom.AE(ae_title="ARCHIVE")
    entity.add_supported_context(STUDY_ROOT_GET)
    entity.add_supported_context(COMPREHENSIVE_SR, EXPLICIT, scu_role=True, scp_role=True)

    def give(_: evt.Event) -> Iterator[object]:
        yield 1
        yield 0xFF00, large

    came: list[bool] = []

    def keep(_: evt.Event) -> int:
        came.append(True)
        return 0x0000

    query = Dataset()
    query.QueryRetrieveLevel, query.StudyInstanceUID = "STUDY", "2.25.1"
    contexts = [build_context(STUDY_ROOT_GET), build_context(COMPREHENSIVE_SR, EXPLICIT)]
    role = build_role(COMPREHENSIVE_SR, scp_role=True)
    with serving(entity, (evt.EVT_C_GET, give)) as port:
        association = open_association(
            destination(port),
            contexts,
            handlers=[(evt.EVT_C_STORE, keep)],
            roles=[role],
        )
        answers = [
            status.get("Status") for status, _ in association.send_c_get(query, STUDY_ROOT_GET)
        ]
        close_association(association)
    assert came == taken
    assert (answers[-1] == 0x0000) is bool(taken)


def test_nobody_listening_is_unreachable() -> None:
    """A refused connection says so, with what the system says."""
    error = refused(destination(free_port()))
    assert error is not None
    assert (error.reason, type(error)) == (Reason.UNREACHABLE, ArchiveUnreachable)
    assert error.faults[0].problem == "no connection (Connection refused)"


ADDRESSES = [
    ({"host": "no.such.host.invalid"}, Reason.UNREACHABLE, "its host name is not known"),
    ({"host": "a" * 70 + ".example"}, Reason.CONFIGURATION, "no valid host name"),
    ({"host": "a..b"}, Reason.CONFIGURATION, "no valid host name"),
    ({"port": 65536}, Reason.CONFIGURATION, "no valid host name and port"),
    ({"called_aet": ""}, Reason.CONFIGURATION, "'' is no AE title"),
    ({"called_aet": " " * 4}, Reason.CONFIGURATION, "is no AE title"),
    ({"called_aet": "A" * 17}, Reason.CONFIGURATION, "is no AE title"),
    ({"called_aet": "A\\B"}, Reason.CONFIGURATION, "is no AE title"),
    ({"calling_aet": "Ä"}, Reason.CONFIGURATION, "is no AE title"),
    ({"calling_aet": "A\nB"}, Reason.CONFIGURATION, "is no AE title"),
]


@pytest.mark.parametrize(("change", "reason", "words"), ADDRESSES)
def test_an_address_that_is_none_is_refused(
    change: dict[str, str | int], reason: Reason, words: str
) -> None:
    """AE titles are checked before anything is opened, host names when they are looked up."""
    base = DimseAddress(called_aet="ARCHIVE", host="127.0.0.1", port=free_port())
    address = replace(base, **change)  # type: ignore[arg-type]
    error = refused(Destination(name="pacs", address=address))
    assert error is not None
    assert error.reason is reason
    assert words in str(error)


def test_an_archive_that_takes_no_such_objects_does_not_support_it() -> None:
    """Contexts that are all rejected are told apart from an association that is."""
    with (
        scp(lambda _: 0, sop_classes=[CT]) as port,
        pytest.raises(ArchiveRefused, match="accepts none of the services") as caught,
    ):
        open_association(destination(port), storage_contexts())
    assert caught.value.reason is Reason.UNSUPPORTED


@pytest.mark.peer
@pytest.mark.parametrize(
    ("options", "reason"),
    [(("--refuse",), Reason.CONFIGURATION), ((), None), (("--reject",), None)],
)
def test_dcmtk_accepts_and_refuses(
    options: tuple[str, ...], reason: Reason | None, tmp_path: Path
) -> None:
    """A refusal of DCMTK is heard; it does not reject hosr for want of an implementation UID."""
    with storescp(tmp_path / "store", *options) as port:
        error = refused(destination(port))
    assert (error.reason if error else None) is reason


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"called_aet": True}, "does not answer to the called AE title OTHER"),
        ({"calling_aets": ["SOMEBODY"]}, "does not know the calling AE title HOSR"),
    ],
)
def test_pynetdicom_checks_ae_titles(options: dict[str, object], words: str) -> None:
    """Which of the two AE titles is wrong is said, and which it is."""
    with scp(lambda _: 0, **options) as port:  # type: ignore[arg-type]
        address = DimseAddress(called_aet="OTHER", host="127.0.0.1", port=port)
        error = refused(Destination(name="pacs", address=address))
    assert error is not None
    assert error.faults[0].problem == words


def test_an_archive_that_is_full_is_busy() -> None:
    """More associations than it allows are a matter of waiting."""
    with scp(lambda _: 0, maximum=1) as port:
        first = open_association(destination(port), storage_contexts())
        error = refused(destination(port))
        close_association(first)
    assert error is not None
    assert error.reason is Reason.BUSY


def test_an_association_can_be_closed_twice_and_after_it_was_lost() -> None:
    """Closing never fails, whatever state the association is in."""
    with scp(lambda _: 0) as port:
        association = open_association(destination(port), storage_contexts())
        close_association(association)
        close_association(association)
        other = open_association(destination(port), [build_context("1.2.840.10008.1.1")])
        other.connection.cut()
        close_association(other)
    assert not association.is_established
    assert not other.is_established


def test_only_who_asked_takes_an_answer() -> None:
    """The loop of pynetdicom, awake when an answer comes, leaves it to the thread that waits for it."""
    answer = C_ECHO()
    answer.MessageIDBeingRespondedTo = 1
    answer.Status = 0x0000
    with scp(lambda _: 0) as port:
        association = open_association(destination(port), storage_contexts())
        association.dimse.msg_queue.put((1, answer))
        time.sleep(0.1)  # the loop polls every millisecond
        taken = association.dimse.get_msg(block=True)
        close_association(association)
    assert taken == (1, answer)


def test_an_error_names_no_word_of_the_peer() -> None:
    """What a peer says is not repeated: it could name a patient."""
    script = answering(b"HTTP/1.1 400 DOE^JANE\r\n\r\n")
    assert callable(script)
    with scripted(script) as port, pytest.raises(ArchiveError) as caught:
        open_association(destination(port), storage_contexts())
    assert "DOE" not in repr(caught.value)
    assert "DOE" not in str(caught.value)
