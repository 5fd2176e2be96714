"""A certificate authority of the tests, and the files that it vouches for."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from hosr.archive.addresses import Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authority that made a certificate for a server and one for a client."""

    root: trustme.CA
    server: trustme.LeafCert
    client: trustme.LeafCert
    trusting: Tls
    presenting: Tls

    def server_context(self, *, asks: bool = False) -> ssl.SSLContext:
        """What a server of this machine needs; one that asks takes only clients with certificates."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.configure_cert(context)
        if asks:
            self.root.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def make_authority(folder: Path) -> Authority:
    """An authority of its own, its files in this folder."""
    root = trustme.CA()
    server, client = root.issue_cert("127.0.0.1", "localhost"), root.issue_cert("reader@example")
    root.cert_pem.write_to_path(str(folder / "authority.pem"))
    client.private_key_pem.write_to_path(str(folder / "client.key"))
    client.cert_chain_pems[0].write_to_path(str(folder / "client.pem"))
    server.private_key_and_cert_chain_pem.write_to_path(str(folder / "server.pem"))
    trusting = Tls(authorities=folder / "authority.pem")
    presenting = Tls(
        authorities=folder / "authority.pem",
        certificate=folder / "client.pem",
        key=folder / "client.key",
    )
    return Authority(
        root=root, server=server, client=client, trusting=trusting, presenting=presenting
    )


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that the tests trust."""
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody trusts."""
    return make_authority(tmp_path_factory.mktemp("stranger"))
