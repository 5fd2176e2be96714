"""Why there is no encrypted connection: the same words over DIMSE and DICOMweb, by real handshakes."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hosr.archive import open_archive
from hosr.archive.addresses import Destination, DimseAddress, Tls, WebAddress
from hosr.archive.tls import tls_failure
from hosr.archive.values import Query
from hosr.errors import ArchiveError, ArchiveUnreachable, Reason

QUERY = Query(study_instance_uid="1.2.3")
NOW = dt.datetime.now(dt.UTC)
YEAR = dt.timedelta(days=365)

Prepare = Callable[["Trust"], ssl.SSLContext]
Act = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The authority that hosr trusts here, another, and a folder for files."""

    ours: trustme.CA
    other: trustme.CA
    folder: Path

    @property
    def tls(self) -> Tls:
        """What hosr is told: the authority, and no certificate of its own."""
        return Tls(authorities=self.folder / "ours.pem")

    def client(self, authority: trustme.CA) -> Tls:
        """The same with a client certificate of this authority."""
        issued = authority.issue_cert("hosr.example")
        issued.private_key_pem.write_to_path(self.folder / "client.key")
        issued.cert_chain_pems[0].write_to_path(self.folder / "client.pem")
        return Tls(
            authorities=self.folder / "ours.pem",
            certificate=self.folder / "client.pem",
            key=self.folder / "client.key",
        )


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """Two authorities, one of them trusted."""
    folder = tmp_path_factory.mktemp("trust")
    made = Trust(ours=trustme.CA(), other=trustme.CA(), folder=folder)
    made.ours.cert_pem.write_to_path(folder / "ours.pem")
    return made


def _server(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _of(*hosts: str, by: str = "ours", **dates: Any) -> Prepare:
    def prepare(trust: Trust) -> ssl.SSLContext:
        authority: trustme.CA = getattr(trust, by)
        return _server(authority.issue_cert(*(hosts or ("127.0.0.1",)), **dates))

    return prepare


def _self_signed(trust: Trust) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "archive")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - YEAR)
        .not_valid_after(NOW + YEAR)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = trust.folder / "self-signed.pem"
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(*form, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def _old(trust: Trust) -> ssl.SSLContext:
    context = _of()(trust)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _without_a_cipher(trust: Trust) -> ssl.SSLContext:
    context = _server(trust.ours.issue_cert("127.0.0.1", key_type=trustme.KeyType.RSA))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-GCM-SHA256")  # without forward secrecy (RFC 9325 section 4.1)
    return context


def _asking(version: ssl.TLSVersion) -> Prepare:
    def prepare(trust: Trust) -> ssl.SSLContext:
        context = _of()(trust)
        context.maximum_version = version
        trust.ours.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    return prepare


def _plain(content: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(content)

    return act


def _silent(connection: socket.socket) -> None:
    while connection.recv(1 << 16):
        pass


def _resetting(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _secured(context: ssl.SSLContext) -> Act:
    """Shake hands, and read until the peer ends it: what it sends after that is never answered."""

    def act(connection: socket.socket) -> None:
        try:
            secured = context.wrap_socket(connection.dup(), server_side=True)
        except OSError:
            # What is still coming is read, lest the alert be lost with a reset.
            connection.shutdown(socket.SHUT_WR)
            _silent(connection)
            return
        with secured:
            _silent(secured)

    return act


@contextmanager
def _peer(act: Act) -> Iterator[int]:
    """A port where each connection is met with this."""

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(10)
                with connection, suppress(OSError):
                    act(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _destination(door: str, port: int, tls: Tls) -> Destination:
    address = (
        DimseAddress(called_aet="ARCHIVE", host="127.0.0.1", port=port, secure=True)
        if door == "dimse"
        else WebAddress(url=f"https://127.0.0.1:{port}/dicom-web", secure=True)
    )
    return Destination(name="pacs", address=address, tls=tls, connect_s=1.0, answer_s=5.0)


def _failure(door: str, act: Act, tls: Tls) -> ArchiveError:
    with _peer(act) as port:
        archive = open_archive(_destination(door, port, tls), environ={}, clock=lambda: 0.0)
        with archive, pytest.raises(ArchiveUnreachable) as caught:
            archive.find(QUERY)
    return caught.value


DOORS = pytest.mark.parametrize("door", ["dimse", "dicomweb"])


@DOORS
@pytest.mark.parametrize(
    ("prepare", "problem", "remedy"),
    [
        (_of(not_after=NOW - YEAR), "shows a certificate that has expired", "renewed"),
        (_of(not_before=NOW + YEAR), "shows a certificate that is not valid yet", "clocks"),
        (_of("archive.example"), "shows a certificate for another host", "the host that"),
        (_of("127.0.0.2"), "shows a certificate for another host", "the host that"),
        (_of(by="other"), "shows a certificate of an authority that is not trusted", "authority"),
        (
            _self_signed,
            "shows a certificate that it signed itself and that is not trusted",
            "tls.authorities",
        ),
        (_old, "speaks only versions of TLS that are no longer safe", "TLS 1.2 or newer"),
        (
            _without_a_cipher,
            "asks for a client certificate, or offers no cipher that is still safe",
            "client certificate",
        ),
        (_asking(ssl.TLSVersion.TLSv1_3), "asks for a client certificate", "tls.certificate"),
        (
            _asking(ssl.TLSVersion.TLSv1_2),
            "asks for a client certificate, or offers no cipher that is still safe",
            "tls.certificate",
        ),
    ],
)
def test_a_handshake_that_fails_is_told_alike(
    door: str, prepare: Prepare, problem: str, remedy: str, trust: Trust
) -> None:
    """Whichever protocol is spoken, the same certificate is refused in the same words."""
    error = _failure(door, _secured(prepare(trust)), trust.tls)
    assert (error.reason, error.faults[0].problem) == (Reason.INSECURE, problem)
    assert remedy in error.faults[0].remedy


@DOORS
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_that_is_refused_is_told_alike(
    door: str, version: ssl.TLSVersion, trust: Trust
) -> None:
    """The archive does not trust whoever vouches for hosr; with TLS 1.3 it says so late."""
    act = _secured(_asking(version)(trust))
    error = _failure(door, act, trust.client(trust.other))
    assert error.reason is Reason.INSECURE
    assert error.faults[0].problem == "does not trust the authority of our client certificate"


@DOORS
@pytest.mark.parametrize(
    ("act", "reason", "problem"),
    [
        (
            _plain(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            Reason.INSECURE,
            "does not speak TLS at this port",
        ),
        (_plain(b"SSH-2.0-OpenSSH_9.2\r\n"), Reason.INSECURE, "does not speak TLS at this port"),
        (_silent, Reason.UNREACHABLE, "does not go on with the TLS handshake"),
        (_resetting, Reason.UNREACHABLE, "ended the connection at the TLS handshake"),
        (_plain(b""), Reason.UNREACHABLE, "ended the connection at the TLS handshake"),
    ],
)
def test_what_is_not_tls_is_told_alike(
    door: str, act: Act, reason: Reason, problem: str, trust: Trust
) -> None:
    """Another protocol, silence, or the end: what there is to do about each differs."""
    error = _failure(door, act, trust.tls)
    assert (error.reason, error.faults[0].problem) == (reason, problem)
    assert error.faults[0].remedy


def test_what_openssl_says_otherwise_is_no_trust_either() -> None:
    """Codes and alerts without a row of their own have words of ours, and none of the peer."""
    certificate = ssl.SSLCertVerificationError(1, "with the words of a peer")
    certificate.verify_code = 999
    alert = ssl.SSLError(1, "with the words of a peer")
    alert.reason = "TLSV1_ALERT_INTERNAL_ERROR"
    other = ssl.SSLError(1, "with the words of a peer")
    causes = [tls_failure(error) for error in (certificate, alert, other)]
    assert [cause.problem for cause in causes] == [
        "shows a certificate that is not trusted",
        "ended the TLS connection with an alert",
        "does not agree on TLS 1.2 or newer at this port",
    ]
    assert {cause.reason for cause in causes} == {Reason.INSECURE}
    assert all(cause.remedy for cause in causes)
