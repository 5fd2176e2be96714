"""The listener: who is let in, and what a peer can do to it."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import cast

import pytest
from pynetdicom.association import Association

from hosr.archive.addresses import Destination, FolderAddress, Listener, Tls
from hosr.archive.dimse.listener import listen
from hosr.archive.dimse.verification import try_services
from hosr.archive.tls import client_context
from hosr.archive.values import Check, CommittingArchive, Outcome
from hosr.errors import ArchiveRefused, Reason
from tests.archive.dimse.conftest import Certificates
from tests.archive.dimse.peers import destination
from tests.archive.dimse.providers import Reports, with_listener
from tests.archive.dimse.reporting import (
    REFERENCE,
    call,
    calling,
    make_report,
    says_goodbye,
    send,
)

pytestmark = pytest.mark.slow

WHERE = destination(1)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener waits less long for the rest of a PDU, lest these tests take long."""
    monkeypatch.setattr("hosr.archive.dimse.server._PDU_S", 5.0)


def _port(where: Destination) -> int:
    assert where.listener is not None
    return where.listener.port


def _connected(where: Destination, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", _port(where)), 30, (source, 0))


def _report(where: Destination, reports: Reports, tls: ssl.SSLContext | None = None) -> None:
    """A report by the archive is taken now."""
    association = call(where, tls=tls)
    assert association.is_established
    assert send(association, make_report("2.25.8")) == 0x0000
    association.release()
    assert reports.next().transaction_uid == "2.25.8"


@pytest.mark.parametrize(
    "titles",
    [
        {"calling": "STRANGER"},
        {"calling": "archive"},
        {"called": "SOMEBODY"},
        {"calling": "HOSR", "called": "ARCHIVE"},
    ],
    ids=str,
)
def test_only_the_archive_may_report(titles: dict[str, str]) -> None:
    """An association of another AE title, or for another, is rejected; the archive's is not."""
    where, reports = with_listener(WHERE), Reports()
    with listen(where, reports.take) as turned_away:
        association = call(where, **titles)  # type: ignore[arg-type]
        assert association.is_rejected
        assert reports.is_empty
        told = {"calling": "ARCHIVE", "called": "HOSR", **titles}
        assert turned_away() == (f"{told['calling']}, which called {told['called']}",)
        _report(where, reports)


class _Renamed:
    """An archive that goes by another AE title when it reports."""

    def __init__(self, where: Destination) -> None:
        self._where = where

    def request_commitment(self, *_: object) -> None:
        """Report at once."""
        assert call(self._where, calling="OTHER").is_rejected


def test_who_waits_for_a_report_learns_who_was_turned_away() -> None:
    """A test of the archive that fails for the name of the archive says so."""
    where = replace(with_listener(WHERE), answer_s=0.5)
    archive = cast("CommittingArchive", _Renamed(where))
    checks = [Check(name="storage commitment", outcome=Outcome.WORKS, words="accepted")]
    (check,) = try_services(archive, where, checks, "2.25.9")
    assert check.outcome is Outcome.FAILS
    assert "reported nothing" in check.words
    assert "; OTHER, which called HOSR was turned away" in check.words


def test_only_known_hosts_are_let_in() -> None:
    """Another host is not even heard, whatever AE title it claims; one that is named is."""
    where, reports = with_listener(WHERE), Reports()
    with listen(where, reports.take):
        with _connected(where, "127.0.0.2") as stranger:
            assert says_goodbye(stranger)
        _report(where, reports)
    named = with_listener(WHERE, peers=("127.0.0.2", "no-such-host.invalid"))
    with listen(named, reports.take), _connected(named, "127.0.0.2") as known:
        known.sendall(RAW["a PDU of no known type"][:6])
        known.settimeout(60)
        assert known.recv(1)[:1] == b"\x07"  # an A-ABORT, which is more than a stranger gets


RAW = {
    "a PDU of 2 GiB": struct.pack(">BxL", 1, 1 << 31) + bytes(1 << 16),
    "data of 4 GiB": struct.pack(">BxL", 4, (1 << 32) - 1) + bytes(1 << 16),
    "an association of no length": struct.pack(">BxL", 1, 0),
    "an association of zeros": struct.pack(">BxL", 1, 200) + bytes(200),
    "an association of garbage": struct.pack(">BxL", 1, 200) + bytes(range(56, 256)),
    "data before an association": struct.pack(">BxLLBB", 4, 6, 2, 1, 3),
    "a PDU of no known type": struct.pack(">BxL", 99, 4) + b"abcd",
    "another protocol": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(505),
    "zeros": bytes(4096),
}


@pytest.mark.parametrize("content", RAW.values(), ids=RAW.keys())
def test_what_is_no_dicom_ends_its_connection_and_nothing_else(content: bytes) -> None:
    """Whatever is sent, the connection is ended, and the archive can still report."""
    where, reports = with_listener(WHERE), Reports()
    with listen(where, reports.take):
        with _connected(where) as peer:
            peer.sendall(content)
            peer.settimeout(60)
            assert says_goodbye(peer)
        _report(where, reports)


def test_peers_that_say_nothing_hold_up_nobody() -> None:
    """While some connect and are silent, or begin and do not end, the archive can report."""
    where, reports = with_listener(WHERE), Reports()
    with ExitStack() as stack, listen(where, reports.take):
        for begun in (b"", b"\x01", b"\x01\x00\x00\x00\x10\x00half"):
            stack.enter_context(_connected(where)).sendall(begun)
        _report(where, reports)


@contextmanager
def _secure(certificates: Certificates, authorities: bool = True) -> Iterator[Destination]:
    key, certificate = certificates.server
    trusted = certificates.authority if authorities else None
    yield with_listener(WHERE, tls=Tls(authorities=trusted, certificate=certificate, key=key))


def test_encrypted_reports_are_taken_from_whom_the_authorities_vouch_for(
    certificates: Certificates,
) -> None:
    """With TLS a peer needs a certificate that is trusted; without one it reports nothing."""
    reports = Reports()
    with _secure(certificates) as where, listen(where, reports.take):
        with _connected(where) as plain:
            plain.sendall(RAW["an association of zeros"])
            assert says_goodbye(plain)
        for tls in (certificates.anonymous, certificates.stranger):
            with _connected(where) as plain, pytest.raises((ssl.SSLError, ConnectionResetError)):  # noqa: PT012
                context = client_context(tls, "pacs")
                with context.wrap_socket(plain, server_hostname="localhost") as stranger:
                    stranger.recv(1)  # TLS 1.3 tells the client only when it reads
        assert reports.is_empty
        _report(where, reports, client_context(certificates.client, "pacs"))


def test_a_tls_client_that_says_nothing_holds_up_nobody(certificates: Certificates) -> None:
    """A handshake that is not begun, or does not end, keeps nobody else waiting."""
    reports = Reports()
    with _secure(certificates) as where, ExitStack() as stack, listen(where, reports.take):
        for begun in (b"", b"\x16", RAW["TLS"][:40]):
            stack.enter_context(_connected(where)).sendall(begun)
        with _connected(where) as garbage:
            garbage.sendall(RAW["another protocol"])
            assert says_goodbye(garbage)
        _report(where, reports, client_context(certificates.client, "pacs"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"host": "192.0.2.1"}, r"cannot listen on 192\.0\.2\.1"),
        ({"host": "no-such-host.invalid"}, "cannot listen on no-such-host"),
        ({"host": "a" * 300}, "cannot listen on a"),
        ({"port": 70000}, "cannot listen on 127.0.0.1:70000"),
        ({"tls": Tls()}, "its listener has no certificate"),
    ],
)
def test_an_impossible_listener_is_a_fault_of_configuration(
    changes: dict[str, object], words: str
) -> None:
    """No such interface, no such port, no certificate: said before anything is asked."""
    with (
        pytest.raises(ArchiveRefused, match=words) as caught,
        listen(with_listener(WHERE, **changes), lambda _: True),
    ):
        pass
    assert caught.value.reason is Reason.CONFIGURATION


def test_only_archives_of_dimse_report(tmp_path: object) -> None:
    """Where there is no listener, or no DIMSE, there is nothing to listen to."""
    listener = Listener(host="127.0.0.1", port=1)
    folder = replace(WHERE, address=FolderAddress(path=tmp_path), listener=listener)  # type: ignore[arg-type]
    for where in (WHERE, folder):
        with pytest.raises(ArchiveRefused) as caught, listen(where, lambda _: True):
            pass
        assert caught.value.reason is Reason.UNSUPPORTED


def test_the_end_of_listening_ends_everything() -> None:
    """Afterwards nobody listens at the port, and open associations are gone."""
    where, reports = with_listener(WHERE), Reports()
    with listen(where, reports.take):
        association = call(where)
        assert association.is_established
    association.join(60)
    assert not association.is_established
    with pytest.raises(ConnectionRefusedError):
        _connected(where)


def test_a_connection_that_is_being_taken_in_ends_with_the_listener(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is left of it, and the port is free, though its association had not begun yet."""
    taken_in, start = threading.Event(), Association.start

    def start_late(association: Association) -> None:
        taken_in.set()
        time.sleep(0.3)
        start(association)

    monkeypatch.setattr(Association, "start", start_late)
    where = with_listener(WHERE)
    for _ in range(2):
        taken_in.clear()
        with listen(where, lambda _: True), _connected(where):
            assert taken_in.wait(30)
        assert not [one for one in threading.enumerate() if isinstance(one, Association)]


def test_a_message_longer_than_any_report_ends_its_association(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not kept in memory until it is whole; shorter ones are taken as before."""
    monkeypatch.setattr("hosr.archive.dimse.listener.MAX_REPORT_BYTES", 4096)
    where, reports = with_listener(WHERE), Reports()
    # More than one PDU: what comes in one is whole before it can be measured.
    many = tuple(replace(REFERENCE, sop_instance_uid=f"2.25.{n}") for n in range(4000))
    with calling(where, reports) as association:
        assert send(association, make_report(committed=many)) is None
    with calling(where, reports) as association:
        assert send(association, make_report()) == 0
    assert reports.next().committed == (REFERENCE,)
    assert reports.is_empty
