"""Certificates for this machine, the archives behind these tests, and what no test may leave behind."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from pynetdicom.dul import DULServiceProvider

from hosr.archive.addresses import Tls
from hosr.archive.dimse.association import ArchiveAssociation
from tests.archive.dimse.providers import RestrictedOrthanc, restricted_orthanc


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files in PEM form: who vouches, the archive's own, and those of hosr."""

    authority: Path
    other_authority: Path
    server: tuple[Path, Path]
    elsewhere: tuple[Path, Path]
    client: Tls
    anonymous: Tls
    stranger: Tls
    mistrusting: Tls


@pytest.fixture(autouse=True)
def _nothing_left(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """Whatever happens, no thread stays, nothing is written, and nothing is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    ours = [thread for thread in threading.enumerate() if _belongs_to_an_archive(thread)]
    assert ours == []
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("pynetdicom")] == []


def _belongs_to_an_archive(thread: threading.Thread) -> bool:
    if isinstance(thread, DULServiceProvider):
        return isinstance(thread.assoc, ArchiveAssociation)
    return isinstance(thread, ArchiveAssociation)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """All of them, made anew."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    other.cert_pem.write_to_path(folder / "other.pem")

    def issue(who: str, by: trustme.CA, *names: str) -> tuple[Path, Path]:
        issued = by.issue_cert(*names)
        key, certificate = folder / f"{who}.key", folder / f"{who}.pem"
        issued.private_key_pem.write_to_path(key)
        certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        return key, certificate

    client_key, client = issue("client", authority, "hosr.example")
    stranger_key, stranger = issue("stranger", other, "hosr.example")
    ours = folder / "authority.pem"
    return Certificates(
        authority=ours,
        other_authority=folder / "other.pem",
        server=issue("server", authority, "localhost", "127.0.0.1"),
        elsewhere=issue("elsewhere", authority, "archive.example"),
        client=Tls(authorities=ours, certificate=client, key=client_key),
        anonymous=Tls(authorities=ours),
        stranger=Tls(authorities=ours, certificate=stranger, key=stranger_key),
        mistrusting=Tls(authorities=folder / "other.pem", certificate=client, key=client_key),
    )


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestrictedOrthanc]:
    """An Orthanc that allows hosr everything."""
    with restricted_orthanc(tmp_path_factory.mktemp("orthanc")) as running:
        yield running


@pytest.fixture(scope="session")
def unwilling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestrictedOrthanc]:
    """An Orthanc that commits to nothing and knows no C-GET; it still moves objects."""
    rights = {"AllowStorageCommitment": False, "AllowGet": False}
    with restricted_orthanc(tmp_path_factory.mktemp("unwilling"), **rights) as running:
        yield running
