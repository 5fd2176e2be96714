"""Encrypted associations: with DCMTK, mutual, and refused for every reason there is."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.archive.addresses import Destination, Tls
from hosr.archive.dimse import DimseArchive
from hosr.archive.tls import client_context, server_context
from hosr.archive.values import Outcome
from hosr.errors import ArchiveRefused, ArchiveUnreachable, Reason
from tests.archive.dimse.conftest import Certificates
from tests.archive.dimse.objects import make_file
from tests.archive.dimse.peers import (
    destination,
    refused,
    scp,
    scripted,
    secure_destination,
    storescp,
)
from tests.peers.orthanc import free_port, running_orthanc

UID = "2.25.300"


def _options(certificates: Certificates, *more: str) -> tuple[str, ...]:
    key, certificate = map(str, certificates.server)
    return ("+tls", key, certificate, "+cf", str(certificates.authority), *more)


@pytest.mark.peer
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("profile", ["+py", "+px", "+pz"])
def test_mutual_tls_with_dcmtk(
    host: str, profile: str, certificates: Certificates, tmp_path: Path
) -> None:
    """An archive that asks for a certificate gets it, in every profile of BCP 195 (PS3.15 B.12)."""
    with storescp(tmp_path / "kept", *_options(certificates, profile)) as port:
        where = secure_destination(port, certificates.client, host=host)
        with DimseArchive(where) as archive:
            assert archive.store(make_file(UID), UID).status == "0000"
    assert len(list((tmp_path / "kept").iterdir())) == 1


@pytest.mark.peer
def test_mutual_tls_with_orthanc(certificates: Certificates, tmp_path: Path) -> None:
    """Orthanc takes hosr with its certificate, and nobody without one or without TLS."""
    key, certificate = map(str, certificates.server)
    port = free_port()
    settings = {
        "DicomServerEnabled": True,
        "DicomPort": port,
        "DicomAet": "ARCHIVE",
        "DicomAlwaysAllowStore": True,
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": certificate,
        "DicomTlsPrivateKey": key,
        "DicomTlsTrustedCertificates": str(certificates.authority),
        "DicomTlsRemoteCertificateRequired": True,
    }
    with running_orthanc(tmp_path, settings) as running:
        with DimseArchive(secure_destination(port, certificates.client)) as archive:
            assert archive.store(make_file(UID), UID).status == "0000"
        anonymous = refused(secure_destination(port, certificates.anonymous))
        plain = refused(destination(port))
        kept = running.download(UID)
    assert kept.endswith(make_file(UID)[-9000:])
    assert anonymous is not None
    assert anonymous.reason is Reason.INSECURE
    assert plain is not None
    assert "encrypted" in str(plain)


@pytest.mark.peer
def test_an_archive_that_asks_for_no_certificate(
    certificates: Certificates, tmp_path: Path
) -> None:
    """A client without a certificate is served where the archive does not insist."""
    with storescp(tmp_path / "kept", *_options(certificates, "-ic")) as port:
        where = secure_destination(port, certificates.anonymous)
        with DimseArchive(where) as archive:
            assert archive.store(make_file(UID), UID).status == "0000"
            encryption = archive.examine()[1]
    assert encryption.outcome is Outcome.WORKS
    assert encryption.words in {f"TLSv1.{n}; its certificate is trusted" for n in (2, 3)}


@pytest.mark.peer
@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("anonymous", "asks for a client certificate"),
        ("stranger", "does not trust the authority of our client certificate|does not accept our"),
        ("mistrusting", "shows a certificate of an authority that is not trusted"),
    ],
)
def test_a_certificate_that_does_not_do_is_insecure(
    who: str, words: str, certificates: Certificates, tmp_path: Path
) -> None:
    """Which side did not trust the other is said, and nothing was sent."""
    with storescp(tmp_path / "kept", *_options(certificates)) as port:
        where = secure_destination(port, getattr(certificates, who))
        with (
            DimseArchive(where) as archive,
            pytest.raises(ArchiveUnreachable, match=words) as caught,
        ):
            archive.store(make_file(UID), UID)
    assert caught.value.reason is Reason.INSECURE
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.peer
def test_a_certificate_for_another_host_is_insecure(
    certificates: Certificates, tmp_path: Path
) -> None:
    """The host name is checked, and cannot be left unchecked."""
    key, certificate = map(str, certificates.elsewhere)
    options = ("+tls", key, certificate, "+cf", str(certificates.authority))
    with storescp(tmp_path / "kept", *options) as port:
        name = refused(secure_destination(port, certificates.client))
        number = refused(secure_destination(port, certificates.client, host="127.0.0.1"))
    assert name is not None
    assert number is not None
    assert (name.reason, number.reason) == (Reason.INSECURE, Reason.INSECURE)
    assert "shows a certificate for another host" in str(name)
    assert "shows a certificate for another host" in str(number)


@pytest.mark.peer
def test_an_old_profile_is_not_spoken(certificates: Certificates, tmp_path: Path) -> None:
    """The retired AES profile has no cipher that is still safe."""
    with storescp(tmp_path / "kept", *_options(certificates, "+pa")) as port:
        error = refused(secure_destination(port, certificates.client))
    assert error is not None
    assert error.reason is Reason.INSECURE


@pytest.mark.peer
def test_a_plain_client_is_told_that_the_port_is_encrypted(
    certificates: Certificates, tmp_path: Path
) -> None:
    """Without TLS on a port with TLS there is no association, and no other try without it."""
    with storescp(tmp_path / "kept", *_options(certificates)) as port:
        error = refused(destination(port, answer_s=5.0))
    assert error is not None
    assert error.reason in {Reason.INSECURE, Reason.UNREACHABLE}
    assert "encrypted" in str(error)


def test_tls_on_a_plain_port_is_insecure_and_never_falls_back(certificates: Certificates) -> None:
    """An archive that is not encrypted is not used where encryption was asked for."""
    kept: list[object] = []

    def store(event: object) -> int:
        kept.append(event)
        return 0

    with scp(store) as port:
        error = refused(secure_destination(port, certificates.client))
    assert error is not None
    assert error.reason is Reason.INSECURE
    assert kept == []


def test_a_peer_that_does_not_answer_the_handshake(certificates: Certificates) -> None:
    """Silence where TLS was proposed ends with the wait for a connection."""

    def silent(connection: socket.socket) -> None:
        while connection.recv(1 << 16):
            pass

    with scripted(silent) as port:
        where = replace(secure_destination(port, certificates.client), connect_s=0.5)
        error = refused(where)
    assert error is not None
    assert error.reason is Reason.UNREACHABLE
    assert "does not go on with the TLS handshake" in str(error)


def test_a_file_that_is_missing_is_a_fault_of_configuration(
    certificates: Certificates, tmp_path: Path
) -> None:
    """Authorities, certificate and key must be there and go together; nothing asks at a terminal."""
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    client, stranger = certificates.client, certificates.stranger
    cases = [
        replace(client, authorities=tmp_path / "none.pem"),
        replace(client, authorities=broken),
        replace(client, certificate=tmp_path / "none.pem"),
        replace(client, key=tmp_path / "none.key"),
        replace(client, key=broken),
        replace(client, key=stranger.key),
    ]
    for tls in cases:
        with pytest.raises(ArchiveRefused) as caught:
            client_context(tls, "pacs")
        assert caught.value.reason is Reason.CONFIGURATION
        assert caught.value.faults[0].path == "pacs"


def test_a_key_with_a_password_is_refused_without_asking(
    certificates: Certificates, tmp_path: Path
) -> None:
    """A key that needs a password cannot be used: there is nowhere to give it."""
    from cryptography.hazmat.primitives import serialization as form

    plain = certificates.client.key
    assert plain is not None
    key = form.load_pem_private_key(plain.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"secret")
        )
    )
    with pytest.raises(ArchiveRefused, match="without a password"):
        client_context(replace(certificates.client, key=locked), "pacs")


def test_contexts_check_and_speak_nothing_old(certificates: Certificates) -> None:
    """Both contexts start at TLS 1.2; hosr checks names, its listener asks for certificates."""
    client = client_context(certificates.client, "pacs")
    assert client.check_hostname
    assert client.verify_mode is ssl.CERT_REQUIRED
    assert client.minimum_version is ssl.TLSVersion.TLSv1_2
    server = server_context(certificates.client, "pacs")
    assert server.verify_mode is ssl.CERT_REQUIRED
    assert server.minimum_version is ssl.TLSVersion.TLSv1_2
    system = client_context(Tls(), "pacs")
    assert system.verify_mode is ssl.CERT_REQUIRED


def test_examining_without_encryption_says_what_that_means() -> None:
    """An association that everybody on the way can read is told of."""
    with scp(lambda _: 0) as port, DimseArchive(destination(port)) as archive:
        encryption = archive.examine()[1]
    assert encryption.outcome is Outcome.ABSENT
    assert "patient data" in encryption.words


def test_the_address_of_another_protocol_is_a_mistake_of_the_caller() -> None:
    """A DIMSE archive needs a DIMSE address."""
    from hosr.archive.addresses import FolderAddress

    where = Destination(name="pacs", address=FolderAddress(path=Path("/nowhere")))
    with DimseArchive(where) as archive, pytest.raises(TypeError, match="DimseAddress"):
        archive.store(make_file(UID), UID)
