"""Where objects go: an address, how to get in, and what counts as proof. Values only, no secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote


class Proof(StrEnum):
    """What shows that an archive holds an object."""

    COMMITMENT = "commitment"  # it took responsibility (PS3.4 Annex J)
    READ_BACK = "read-back"  # it gave the object back, and its data set is the one that was sent
    RESPONSE = "response"  # it said that the object was stored


@dataclass(frozen=True, slots=True, kw_only=True)
class DimseAddress:
    """`dimse://CALLED@host:port?calling=HOSR`; `dimses://` where the connection is TLS."""

    called_aet: str
    host: str
    port: int
    calling_aet: str = "HOSR"
    secure: bool = False

    def __str__(self) -> str:
        """The address as it is written, all parts spelled out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        scheme = "dimses" if self.secure else "dimse"
        called, calling = quote(self.called_aet, safe=""), quote(self.calling_aet, safe="")
        return f"{scheme}://{called}@{host}:{self.port}?calling={calling}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAddress:
    """The root of DICOMweb services: `https://host/dicom-web`, without a slash at its end."""

    url: str
    secure: bool

    def __str__(self) -> str:
        """The address as it is written."""
        return self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderAddress:
    """A folder of this machine: `file:///path` or a path."""

    path: Path

    def __str__(self) -> str:
        """The address as it is written."""
        return self.path.as_uri()


Address = DimseAddress | WebAddress | FolderAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Files of an encrypted connection; None takes the certificate authorities of the system."""

    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the secret of a DICOMweb archive is read when it is needed: a file or a variable.

    With a user it is the password of that user, else a bearer token.
    """

    file: Path | None = None
    variable: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where an archive may report commitments to: one interface of this machine.

    `peers` are hosts that may report besides that of the archive's address.
    """

    host: str
    port: int
    tls: Tls | None = None
    peers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One archive: the name it is known by, and all that is needed to use it.

    `proofs` are all required, in this order; empty takes the best that the archive offers.
    Waits are in seconds; `connections` are used at once.
    """

    name: str
    address: Address
    tls: Tls = field(default_factory=Tls)
    credentials: Credentials | None = None
    proofs: tuple[Proof, ...] = ()
    listener: Listener | None = None
    connections: int = 4
    connect_s: float = 10.0
    answer_s: float = 30.0
    commitment_s: float = 60.0
