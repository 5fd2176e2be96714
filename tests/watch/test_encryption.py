"""Images that are sent over TLS: by DCMTK's storescu and by pynetdicom, and who is not let in."""

from __future__ import annotations

import io
import ssl
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pynetdicom
import pytest
import trustme

from tests.archive.dimse.peers import await_listener
from tests.images import FILM_UID, STUDY_UID, dicom_bytes
from tests.peers.orthanc import free_port
from tests.peers.processes import installed, run
from tests.watch.watching import Place, film, put_record, running, write_film

STORESCU = Path("/usr/bin/storescu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """An authority, and what it and another one vouch for: key and certificate of each, in PEM."""

    authority: Path
    server: tuple[Path, Path]
    caller: tuple[Path, Path]
    stranger: tuple[Path, Path]

    @property
    def options(self) -> tuple[object, ...]:
        """The options by which connections are encrypted."""
        key, certificate = self.server
        return "--tls-cert", certificate, "--tls-key", key


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """All of them, made anew."""
    folder = tmp_path_factory.mktemp("certificates")
    ours, other = trustme.CA(), trustme.CA()
    ours.cert_pem.write_to_path(folder / "authority.pem")

    def issue(who: str, by: trustme.CA, *names: str) -> tuple[Path, Path]:
        issued = by.issue_cert(*names)
        key, certificate = folder / f"{who}.key", folder / f"{who}.pem"
        issued.private_key_pem.write_to_path(key)
        certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        return key, certificate

    return Files(
        authority=folder / "authority.pem",
        server=issue("server", ours, "localhost", "127.0.0.1"),
        caller=issue("caller", ours, "modality.example"),
        stranger=issue("stranger", other, "modality.example"),
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place without an image."""
    return Place(root=tmp_path)


def _storescu(port: int, path: Path, *options: object) -> int:
    command = [installed(STORESCU, "Debian package dcmtk"), "-aet", "MODALITY", "-aec", "HOSR"]
    return run([*command, *options, "127.0.0.1", port, path], timeout=60).code


def _send(port: int, files: Files, shown: tuple[Path, Path] | None) -> int | None:
    """The status that an image is answered with; None where there is no association."""
    context = ssl.create_default_context(cafile=str(files.authority))
    if shown is not None:
        context.load_cert_chain(shown[1], shown[0])
    entity = pynetdicom.AE(ae_title="MODALITY")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 10
    image = pydicom.dcmread(io.BytesIO(dicom_bytes(film())))
    entity.add_requested_context(image.SOPClassUID)
    association = entity.associate(
        "127.0.0.1", port, ae_title="HOSR", tls_args=(context, "localhost")
    )
    if not association.is_established:
        return None
    status = association.send_c_store(image)
    association.release()
    return int(status.Status) if "Status" in status else None


@pytest.mark.peer
@pytest.mark.slow
def test_images_are_taken_over_tls_from_dcmtk(place: Place, files: Files) -> None:
    """With a certificate of hosr alone, whoever trusts it may send; without TLS nobody may."""
    port, source = free_port(), write_film(place.root / "film.dcm")
    with running(place, "--listen", f"HOSR@127.0.0.1:{port}", *files.options) as service:
        await_listener(port)
        assert _storescu(port, source) != 0
        assert not (place.drafts / "received" / STUDY_UID).exists()
        assert _storescu(port, source, "+tla", "+cf", files.authority) == 0
        service.until("received ")
        put_record(place)
        service.until("draft ")
        assert service.stop() == 0


@pytest.mark.peer
@pytest.mark.slow
def test_with_authorities_only_those_they_vouch_for_are_let_in(place: Place, files: Files) -> None:
    """Neither who shows nothing, nor who shows the certificate of a stranger, nor who does not encrypt."""
    port, source = free_port(), write_film(place.root / "film.dcm")
    options = (*files.options, "--tls-authorities", files.authority)
    with running(place, "--listen", f"HOSR@127.0.0.1:{port}", *options) as service:
        await_listener(port)
        assert _send(port, files, None) is None
        assert _send(port, files, files.stranger) is None
        assert _storescu(port, source) != 0
        assert not (place.drafts / "received" / STUDY_UID).exists()
        assert _send(port, files, files.caller) == 0x0000
        service.until("received ")
        assert _storescu(port, source, "+tls", *files.caller, "+cf", files.authority) == 0
        assert service.stop() == 0
    assert (place.drafts / "received" / STUDY_UID / f"{FILM_UID}.dcm").exists()


def test_files_that_are_none_are_told_at_once(place: Place, files: Files) -> None:
    """One alone, one that is not there, one that is no certificate, options without --listen."""
    listen = ("--listen", f"HOSR@127.0.0.1:{free_port()}")
    key, certificate = files.server
    cases: tuple[tuple[tuple[object, ...], str], ...] = (
        ((*listen, "--tls-cert", certificate), "--tls-key: is missing, or no file"),
        ((*listen, "--tls-cert", "nowhere", "--tls-key", key), "--tls-cert: is missing, or no"),
        ((*listen, "--tls-authorities", files.authority), "is for connections with TLS"),
        (files.options, "--tls-cert: is for --listen"),
        (
            (*listen, *files.options, "--tls-authorities", key),
            "its certificate authorities cannot be used",
        ),
        (
            (*listen, "--tls-cert", key, "--tls-key", certificate),
            "its certificate and key cannot be used",
        ),
    )
    for options, words in cases:
        ran = place.once(*options)
        assert ran.code != 0
        assert words in ran.err
