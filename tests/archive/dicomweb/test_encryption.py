"""HTTPS: who is trusted, and that nothing goes to anybody else."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import struct
import threading

import pytest

from hosr.archive.addresses import Tls
from hosr.archive.dicomweb import WebArchive
from hosr.errors import Reason
from tests.archive.dicomweb.conftest import Authority
from tests.archive.dicomweb.peers import FILE, UID, archive_at, destination_at, refused, stored
from tests.archive.dicomweb.scripted import dicom_json, hang, scripted_peer

YES = dicom_json(200, stored())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_trusted_archive_is_stored_to(
    host: str, version: ssl.TLSVersion, authority: Authority
) -> None:
    """TLS 1.2 and 1.3, with the authority that was named; one connection serves all."""
    context = authority.server_context()
    context.maximum_version = version
    with scripted_peer(YES, context=context) as peer:
        url = peer.url.replace("127.0.0.1", host)
        with archive_at(url, tls=authority.trusting) as archive:
            archive.store(FILE, UID)
            archive.store(FILE + bytes(3_000_000), UID)
    assert peer.connections == 1
    assert peer.received[1].body.endswith(b"--\r\n")


def test_an_archive_of_an_unknown_authority_is_refused(
    authority: Authority, stranger: Authority
) -> None:
    """What the named authority did not sign is not trusted, and nothing is sent to it."""
    with (
        scripted_peer(YES, context=stranger.server_context()) as peer,
        archive_at(peer.url, tls=authority.trusting) as archive,
    ):
        error = refused(Reason.INSECURE, archive.store, FILE, UID)
    assert error.faults[0].problem == "shows a certificate of an authority that is not trusted"
    assert peer.received == []


def test_the_authorities_of_the_system_do_not_trust_a_stranger(stranger: Authority) -> None:
    """Without a named authority, those of the system count."""
    with (
        scripted_peer(YES, context=stranger.server_context()) as peer,
        archive_at(peer.url) as archive,
    ):
        refused(Reason.INSECURE, archive.store, FILE, UID)
    assert peer.received == []


def test_only_the_named_authority_is_trusted(authority: Authority, stranger: Authority) -> None:
    """Naming an authority takes the trust in all others away."""
    with (
        scripted_peer(YES, context=authority.server_context()) as peer,
        archive_at(peer.url, tls=stranger.trusting) as archive,
    ):
        refused(Reason.INSECURE, archive.store, FILE, UID)
    assert peer.received == []


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    """The name in the address must stand in the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.root.issue_cert("archive.example").configure_cert(context)
    with (
        scripted_peer(YES, context=context) as peer,
        archive_at(peer.url, tls=authority.trusting) as archive,
    ):
        error = refused(Reason.INSECURE, archive.store, FILE, UID)
    assert error.faults[0].problem == "shows a certificate for another host"
    assert peer.received == []


def test_a_certificate_that_has_expired_is_refused(authority: Authority) -> None:
    """It is said that it has expired, since somebody has to renew it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    long_ago = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    authority.root.issue_cert("127.0.0.1", not_after=long_ago).configure_cert(context)
    with (
        scripted_peer(YES, context=context) as peer,
        archive_at(peer.url, tls=authority.trusting) as archive,
    ):
        error = refused(Reason.INSECURE, archive.store, FILE, UID)
    assert error.faults[0].problem == "shows a certificate that has expired"
    assert peer.received == []


def test_old_tls_is_refused(authority: Authority) -> None:
    """An archive that offers TLS 1.1 at most is not spoken to."""
    context = authority.server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        scripted_peer(YES, context=context) as peer,
        archive_at(peer.url, tls=authority.trusting) as archive,
    ):
        refused(Reason.INSECURE, archive.store, FILE, UID)
    assert peer.received == []


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", Reason.INSECURE),
        (b"\x15\x03\x03\x00\x02\x02\x28", Reason.INSECURE),
        (b"", Reason.UNREACHABLE),
    ],
)
def test_what_answers_without_tls_is_sent_nothing(
    said: bytes, reason: Reason, authority: Authority
) -> None:
    """At the port of https there is no way back to plain HTTP."""
    heard: list[bytes] = []

    def answer_once(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            heard.append(connection.recv(1 << 16))
            connection.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_once, args=(listener,))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/dicom-web"
        with archive_at(url, tls=authority.trusting) as archive:
            refused(reason, archive.store, FILE, UID)
        thread.join()
    assert b"studies" not in heard[0]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_shown(version: ssl.TLSVersion, authority: Authority) -> None:
    """An archive that asks for one gets the one that was named; without one it ends."""
    context = authority.server_context(asks=True)
    context.maximum_version = version
    with scripted_peer(YES, context=context) as peer:
        with archive_at(peer.url, tls=authority.presenting) as archive:
            archive.store(FILE, UID)
        with archive_at(peer.url, tls=authority.trusting) as archive:
            error = refused(Reason.INSECURE, archive.store, FILE, UID)
    assert error.faults[0].problem.startswith("asks for a client certificate")
    assert "client certificate" in error.faults[0].remedy
    assert len(peer.received) == 1


def test_a_client_certificate_of_a_stranger_is_refused(
    authority: Authority, stranger: Authority
) -> None:
    """The archive decides whom it trusts, and its alert is understood."""
    tls = Tls(
        authorities=authority.trusting.authorities,
        certificate=stranger.presenting.certificate,
        key=stranger.presenting.key,
    )
    with (
        scripted_peer(YES, context=authority.server_context(asks=True)) as peer,
        archive_at(peer.url, tls=tls) as archive,
    ):
        refused(Reason.INSECURE, archive.store, FILE, UID)
    assert peer.received == []


def test_a_handshake_that_does_not_go_on_ends(authority: Authority) -> None:
    """Nobody is waited for longer than a connection may take."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/dicom-web"
        destination = destination_at(url, tls=authority.trusting, connect_s=0.3)
        with WebArchive(destination, environ={}, clock=lambda: 0.0) as archive:
            error = refused(Reason.UNREACHABLE, archive.store, FILE, UID)
    assert error.faults[0].problem == "does not go on with the TLS handshake"


def test_a_reset_at_the_handshake_is_unreachable(authority: Authority) -> None:
    """A front without an archive behind it resets; that is no question of trust."""

    def reset_once(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=reset_once, args=(listener,))
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/dicom-web"
        with archive_at(url, tls=authority.trusting) as archive:
            error = refused(Reason.UNREACHABLE, archive.store, FILE, UID)
        thread.join()
    assert error.faults[0].problem == "ended the connection at the TLS handshake"


def test_silence_over_tls_ends(authority: Authority) -> None:
    """The waits hold for encrypted connections too."""
    with (
        scripted_peer(hang(b"HTTP/1.1 200 OK\r\n"), context=authority.server_context()) as peer,
        archive_at(peer.url, tls=authority.trusting, answer_s=0.5) as archive,
    ):
        error = refused(Reason.LOST, archive.store, FILE, UID)
    assert error.faults[0].problem == "did not answer to the end in time"
