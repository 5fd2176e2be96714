"""Where objects and messages go: an address, how to get in, what counts as proof. Values, no secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, urlsplit


class Proof(StrEnum):
    """What shows that an archive holds an object."""

    COMMITMENT = "commitment"  # it took responsibility (PS3.4 Annex J)
    READ_BACK = "read-back"  # it gave the object back, and its data set is the one that was sent
    RESPONSE = "response"  # it said that the object was stored


class PatientAttribute(StrEnum):
    """What says who an object is of, as the configuration names it."""

    ID = "id"  # Patient ID (0010,0020)
    ISSUER = "issuer"  # Issuer of Patient ID (0010,0021)
    NAME = "name"  # Patient's Name (0010,0010)
    BIRTH_DATE = "birth-date"  # Patient's Birth Date (0010,0030)
    SEX = "sex"  # Patient's Sex (0010,0040)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MllpAddress:
    """Where a receiver of HL7 v2 messages listens: `mllp://host:port`; `mllps://` over TLS."""

    host: str
    port: int
    secure: bool = False

    def __str__(self) -> str:
        """The address as it is written."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mllps' if self.secure else 'mllp'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirAddress:
    """The base of a FHIR server: `fhir+https://host/base`, whose requests go to `web`."""

    web: WebAddress

    @property
    def secure(self) -> bool:
        """Whether the connection is TLS."""
        return self.web.secure

    def __str__(self) -> str:
        """The address as it is written."""
        return f"fhir+{self.web}"


Address = DimseAddress | WebAddress | FolderAddress | MllpAddress | FhirAddress


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
class Proxy:
    """The proxy before a DICOMweb archive: `http://host:port`, and where its password is read."""

    host: str
    port: int
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header that goes with every request: its value, or where it is read when it is needed."""

    name: str
    value: str | Credentials = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Where an archive may report commitments to: one interface of this machine.

    `peers` are hosts that may report besides that of the archive's address.
    """

    host: str
    port: int
    tls: Tls | None = None
    peers: tuple[str, ...] = ()


class FhirRelease(StrEnum):
    """The release of FHIR that a server speaks, as the configuration names it."""

    R4 = "r4"
    R5 = "r5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One archive: the name it is known by, and all that is needed to use it.

    `proofs` are all required, in this order; empty takes the best that the archive offers.
    `may_change` of the patient the archive may set right without keeping the former value;
    `create_patient` is whether a FHIR server may be given a patient that it does not know, `release`
    what it speaks. Waits are in seconds; `connections` are used at once.
    """

    name: str
    address: Address
    tls: Tls = field(default_factory=Tls)
    credentials: Credentials | None = None
    proxy: Proxy | None = None
    headers: tuple[Header, ...] = ()
    proofs: tuple[Proof, ...] = ()
    may_change: tuple[PatientAttribute, ...] = ()
    listener: Listener | None = None
    connections: int = 4
    connect_s: float = 10.0
    answer_s: float = 30.0
    commitment_s: float = 60.0
    create_patient: bool = False
    release: FhirRelease = FhirRelease.R4

    def may_report(self, aet: str) -> bool:
        """Whether a commitment report by this AE title can be one of this archive."""
        address = self.address
        return not isinstance(address, DimseAddress) or aet.strip() == address.called_aet


def is_loopback(address: WebAddress) -> bool:
    """Whether this is an address of this machine."""
    host = urlsplit(address.url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def default_connections(address: Address) -> int:
    """How many connections are used at once where nobody says.

    Many receivers of HL7 take one. Two transactions at once may both create what they find missing.
    """
    return 1 if isinstance(address, MllpAddress | FhirAddress) else 4
