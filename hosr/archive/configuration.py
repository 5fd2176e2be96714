"""The configuration: one TOML file with archives by name, where the outbox lies, the form of messages.

It holds no secret, only where each is kept. Paths in it are taken from the folder that it lies in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hosr.archive.addresses import (
    Address,
    Credentials,
    Destination,
    DimseAddress,
    FhirAddress,
    FhirRelease,
    FolderAddress,
    Header,
    Listener,
    MllpAddress,
    PatientAttribute,
    Proof,
    Proxy,
    Tls,
    WebAddress,
    default_connections,
    is_loopback,
)
from hosr.archive.configuration_keys import (
    ArchiveTable,
    FileTable,
    Hl7Table,
    TlsTable,
    faults_of,
    place_in,
)
from hosr.archive.written_addresses import (
    ADDRESS_FORMS,
    is_address,
    parse_address,
    parse_host_and_port,
    parse_proxy,
)
from hosr.errors import Fault, UsageError
from hosr.identity import is_valid_uid
from hosr.toml import MAX_TOML_BYTES, parse_toml

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)

# RFC 9110 section 5.1: a token; and a value that can be sent as it is.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x21-\x7E]([\x20-\x7E]*[\x21-\x7E])?", re.ASCII)

# What says how a message is framed, who asks and for what form of answer: hosr's own to say.
_OWN_HEADERS = frozenset(
    [
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is configured: its file, the outbox, the archives by name, and the form of messages."""

    path: Path
    outbox: Path
    archives: Mapping[str, Destination]
    hl7: Hl7Table

    def destination(self, text: str) -> Destination:
        """The archive of this name, or at this address with nothing but defaults.

        Raises UsageError where there is no such archive, naming those there are.
        """
        if text in self.archives:
            return self.archives[text]
        if is_address(text):
            address = parse_address(text)
            connections = default_connections(address)
            return Destination(name=str(address), address=address, connections=connections)
        known = ", ".join(sorted(self.archives)) or "none"
        near = get_close_matches(text, self.archives, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        remedy = f"{meant}configured in {self.path}: {known}; or give an address: {ADDRESS_FORMS}"
        raise UsageError(Fault(text, "there is no archive of this name", remedy))


def load(environ: Mapping[str, str], home: Path) -> Configuration:
    """The configuration of `HOSR_CONFIG`, or else of the user; defaults where there is no file.

    Raises UsageError with every fault of the file.
    """
    named = environ.get("HOSR_CONFIG", "")
    base = _folder(environ, "XDG_CONFIG_HOME", home / ".config")
    path = Path(named).expanduser().absolute() if named else base / "hosr" / "config.toml"
    table = _read(path, needed=bool(named))
    faults: list[Fault] = []
    archives = {}
    for name, archive in table.archives.items():
        try:
            archives[name] = _destination(name, archive, path.parent)
        except UsageError as error:
            faults.extend(replace(fault, path=place_in(path, fault.path)) for fault in error.faults)
    faults.extend(_shared_ports(path, archives))
    faults.extend(_invalid_oids(path, table.hl7))
    if faults:
        raise UsageError(faults)
    state = _folder(environ, "XDG_STATE_HOME", home / ".local" / "state")
    outbox = _path(table.outbox.path, path.parent) or state / "hosr" / "outbox.sqlite"
    return Configuration(path=path, outbox=outbox, archives=archives, hl7=table.hl7)


def _invalid_oids(path: Path, table: Hl7Table) -> list[Fault]:
    problem, remedy = "is no OID", "write digits and dots, such as 1.2.276.0.76"
    return [
        Fault(place_in(path, f"hl7.oids.{name}"), problem, remedy)
        for name, oid in table.oids.items()
        if not is_valid_uid(oid)
    ]


def _shared_ports(path: Path, archives: Mapping[str, Destination]) -> list[Fault]:
    """Two archives at one port: a report would be refused there, for the other's AE title."""
    names: dict[tuple[str, int], list[str]] = {}
    for name, archive in archives.items():
        if archive.listener is not None:
            names.setdefault((archive.listener.host, archive.listener.port), []).append(name)
    problem, remedy = "is also that of {first}", "give each archive a port of its own"
    return [
        Fault(place_in(path, f"archives.{name}.listen"), problem.format(first=first), remedy)
        for first, *others in names.values()
        for name in others
    ]


def _folder(environ: Mapping[str, str], variable: str, default: Path) -> Path:
    """A base directory; one that is not absolute is passed over (XDG Base Directory 0.8)."""
    named = environ.get(variable, "")
    return Path(named) if named.startswith("/") else default


def _read(path: Path, *, needed: bool) -> FileTable:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_TOML_BYTES + 1)
    except FileNotFoundError:
        if needed:
            problem = "there is no such file"
            raise UsageError(Fault(str(path), problem, "check HOSR_CONFIG")) from None
        return FileTable()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        problem = f"cannot be read ({reason})"
        raise UsageError(Fault(str(path), problem, "check the path and its rights")) from None
    if len(content) > MAX_TOML_BYTES:
        raise UsageError(Fault(str(path), "is larger than 1 MiB", "it holds archives alone"))
    try:
        return FileTable.model_validate(parse_toml(content, str(path)))
    except ValidationError as error:
        raise UsageError(faults_of(path, error)) from None


def _destination(name: str, table: ArchiveTable, folder: Path) -> Destination:
    where = f"archives.{name}"
    if not _NAME.fullmatch(name):
        problem = "is no name of an archive"
        raise UsageError(Fault(where, problem, "use letters, digits, dot, hyphen and underscore"))
    address = parse_address(table.url, f"{where}.url")
    tls = _tls(table.tls, folder)
    credentials = _credentials(table, folder, where)
    proxy = _proxy(table, folder, where)
    headers = _headers(table.headers, folder, f"{where}.headers")
    faults = [Fault(f"{where}.{key}", *words) for key, words in _clashes(table, address)]
    if faults:
        raise UsageError(faults)
    return Destination(
        name=name,
        address=address,
        tls=tls,
        credentials=credentials,
        proxy=proxy,
        headers=headers,
        proofs=_proofs(table),
        may_change=tuple(map(PatientAttribute, dict.fromkeys(table.may_change))),
        listener=_listener(table, address, tls, where),
        connections=table.connections or default_connections(address),
        connect_s=table.connect_s,
        answer_s=table.answer_s,
        commitment_s=table.commitment_s,
        create_patient=table.create_patient,
        release=FhirRelease(table.release),
    )


def _listener(table: ArchiveTable, address: Address, tls: Tls, where: str) -> Listener | None:
    if table.listen is None:
        return None
    host, port = parse_host_and_port(table.listen, f"{where}.listen")
    secure = isinstance(address, DimseAddress) and address.secure
    return Listener(host=host, port=port, tls=tls if secure else None, peers=tuple(table.peers))


def _proofs(table: ArchiveTable) -> tuple[Proof, ...]:
    if table.proof == "auto":
        return ()
    named = [table.proof] if isinstance(table.proof, str) else table.proof
    return tuple(dict.fromkeys(map(Proof, named)))


def _tls(table: TlsTable | None, folder: Path) -> Tls:
    if table is None:
        return Tls()
    return Tls(
        authorities=_path(table.authorities, folder),
        certificate=_path(table.certificate, folder),
        key=_path(table.key, folder),
    )


def _path(text: str | None, folder: Path) -> Path | None:
    return folder / Path(text).expanduser() if text else None


def _credentials(table: ArchiveTable, folder: Path, where: str) -> Credentials | None:
    token = {"file": table.token_file, "variable": table.token_env}
    password = {"file": table.password_file, "variable": table.password_env}
    if sum(map(bool, (*token.values(), *password.values()))) > 1:
        raise UsageError(Fault(where, *_SEVERAL_PLACES))
    if (table.user is not None) != any(password.values()):
        problem = "has a user without a password, or a password without a user"
        remedy = "write user with password_file or password_env, or token_file alone"
        raise UsageError(Fault(where, problem, remedy))
    kept = password if table.user is not None else token
    if not any(kept.values()):
        return None
    return Credentials(file=_path(kept["file"], folder), variable=kept["variable"], user=table.user)


def _proxy(table: ArchiveTable, folder: Path, where: str) -> Proxy | None:
    file, variable = table.proxy_password_file, table.proxy_password_env
    if file and variable:
        raise UsageError(Fault(where, *_SEVERAL_PLACES))
    if (table.proxy_user is not None) != bool(file or variable):
        problem = "has a proxy_user without a password, or the password without the user"
        remedy = "write proxy_user with proxy_password_file or proxy_password_env"
        raise UsageError(Fault(where, problem, remedy))
    if table.proxy is None:
        return None
    host, port = parse_proxy(table.proxy, f"{where}.proxy")
    user, kept = table.proxy_user, None
    if user is not None:
        kept = Credentials(file=_path(file, folder), variable=variable, user=user)
    return Proxy(host=host, port=port, credentials=kept)


def _headers(table: Mapping[str, Any], folder: Path, where: str) -> tuple[Header, ...]:
    """The headers that go with every request; no fault quotes a value, which may be a secret."""
    found, faults = {}, []
    for name, written in table.items():
        value = _header_value(written, folder)
        words = _header_fault(name, value)
        if name.lower() in found:
            words = ("is there already in other letters", "write it once")
        if words is not None:
            faults.append(Fault(f"{where}.{name}", *words))
        elif value is not None:
            found[name.lower()] = Header(name=name, value=value)
    if faults:
        raise UsageError(faults)
    return tuple(found.values())


def _header_value(written: object, folder: Path) -> str | Credentials | None:
    match written:
        case str():
            return written
        case {"file": str(path), **others} if path and not others:
            return Credentials(file=_path(path, folder))
        case {"env": str(variable), **others} if variable and not others:
            return Credentials(variable=variable)
        case _:
            return None


def _header_fault(name: str, value: str | Credentials | None) -> tuple[str, str] | None:
    if not _HEADER_NAME.fullmatch(name):
        return "is no name of a header", "use letters, digits and hyphens"
    if name.lower() in _OWN_HEADERS:
        return "is a header that hosr sets itself", "leave it out; for a secret there is token_file"
    if value is None:
        return _NO_HEADER
    if isinstance(value, str) and not _HEADER_VALUE.fullmatch(value):
        return "is not printable ASCII without spaces around it", "write it so"
    return None


def _clashes(table: ArchiveTable, address: Address) -> list[tuple[str, tuple[str, str]]]:
    """Keys that do not go with the kind of address, each with the words for it."""
    dimse, web = isinstance(address, DimseAddress), isinstance(address, WebAddress | FhirAddress)
    is_message, fhir = (
        isinstance(address, MllpAddress | FhirAddress),
        isinstance(address, FhirAddress),
    )
    secure = not isinstance(address, FolderAddress) and address.secure
    asked = [table.proof] if isinstance(table.proof, str) else table.proof
    key_alone = table.tls is not None and table.tls.key and not table.tls.certificate
    rules = (
        (table.listen is not None and not dimse, "listen", _ONLY_DIMSE),
        (bool(table.peers) and table.listen is None, "peers", _ONLY_LISTENING),
        ("commitment" in asked and not dimse, "proof", _ONLY_DIMSE),
        ("read-back" in asked and is_message and not fhir, "proof", _NO_READ_BACK),
        (bool(table.may_change) and is_message, "may_change", _NO_MESSAGES),
        (table.create_patient and not fhir, "create_patient", _ONLY_FHIR),
        (table.release != "r4" and not fhir, "release", _ONLY_FHIR),
        (table.tls is not None and not secure, "tls", _ONLY_TLS),
        (bool(key_alone), "tls.key", ("has no certificate beside it", "write tls.certificate")),
        (table.proxy is not None and not web, "proxy", _ONLY_WEB),
        (table.proxy_user is not None and table.proxy is None, "proxy_user", _ONLY_PROXY),
        (bool(table.headers) and not web, "headers", _ONLY_WEB),
        *_exposed_secrets(table, address),
    )
    return [(key, words) for is_clash, key, words in rules if is_clash]


def _exposed_secrets(
    table: ArchiveTable, address: Address
) -> list[tuple[bool, str, tuple[str, str]]]:
    """Secrets that would leave this machine unencrypted, or that go with no such address."""
    below = address.web if isinstance(address, FhirAddress) else address
    web = isinstance(below, WebAddress)
    is_open = isinstance(below, WebAddress) and not (
        below.secure or (is_loopback(below) and table.proxy is None)
    )
    places = (table.token_file, table.token_env, table.password_file, table.password_env)
    kept = any(isinstance(value, dict) for value in table.headers.values())
    key = "token_file" if table.user is None else "user"
    return [
        (any(places) and (not web or is_open), key, _HTTPS),
        (kept and is_open, "headers", _HTTPS),
    ]


_ONLY_DIMSE = ("is for dimse:// alone", "leave it out, or write the address as dimse://")
_ONLY_LISTENING = ("has no `listen` beside it", "leave it out, or write where to listen")
_NO_READ_BACK = ("is not to be had of a message", "leave it out: the answer is its proof")
_NO_MESSAGES = ("is for archives of DICOM objects alone", "leave it out")
_ONLY_FHIR = ("is for fhir+https:// alone", "leave it out, or write such an address")
_ONLY_TLS = ("is for encrypted connections alone", "leave it out, or write such an address")
_ONLY_WEB = ("is for https:// and http:// alone", "leave it out, or write such an address")
_ONLY_PROXY = ("has no `proxy` beside it", "leave it out, or write the proxy")
_HTTPS = ("is for https:// alone", "leave it out, or write the address as https://")
_SEVERAL_PLACES = ("names several places for its secret", "name one of them")
_NO_HEADER = (
    "is neither text nor the place of a secret",
    'write "text", {file = "path"} or {env = "VARIABLE"}',
)
