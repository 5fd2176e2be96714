"""The configuration: one TOML file with archives by name, and where the outbox lies.

It holds no secret, only where each is kept. Paths in it are taken from the folder that it lies in.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hosr.archive.addresses import (
    ADDRESS_FORMS,
    Address,
    Credentials,
    Destination,
    DimseAddress,
    FolderAddress,
    Listener,
    Proof,
    Tls,
    WebAddress,
    is_address,
    parse_address,
    parse_host_and_port,
)
from hosr.errors import Fault, UsageError

MAX_FILE_BYTES = 1 << 20

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_Seconds = Annotated[float, Field(gt=0, le=86_400)]
_ProofName = Literal["commitment", "read-back", "response"]


class _Table(BaseModel):
    """A table of the file: these keys and no others, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _TlsTable(_Table):
    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None


class _ArchiveTable(_Table):
    url: str
    proof: Literal["auto", "commitment", "read-back", "response"] | list[_ProofName] = "auto"
    connections: Annotated[int, Field(ge=1, le=64)] = 4
    connect_s: _Seconds = 10.0
    answer_s: _Seconds = 30.0
    commitment_s: _Seconds = 60.0
    listen: str | None = None
    peers: list[str] = Field(default_factory=list)
    tls: _TlsTable | None = None
    token_file: str | None = None
    token_env: str | None = None
    user: str | None = None
    password_file: str | None = None
    password_env: str | None = None


class _OutboxTable(_Table):
    path: str | None = None


class _FileTable(_Table):
    archives: dict[str, _ArchiveTable] = Field(default_factory=dict)
    outbox: _OutboxTable = Field(default_factory=_OutboxTable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What is configured: the file it stands in, the outbox, and the archives by name."""

    path: Path
    outbox: Path
    archives: Mapping[str, Destination]

    def destination(self, text: str) -> Destination:
        """The archive of this name, or at this address with nothing but defaults.

        Raises UsageError where there is no such archive, naming those there are.
        """
        if text in self.archives:
            return self.archives[text]
        if is_address(text):
            address = parse_address(text)
            return Destination(name=str(address), address=address)
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
            faults.extend(replace(fault, path=_where(path, fault.path)) for fault in error.faults)
    faults.extend(_shared_ports(path, archives))
    if faults:
        raise UsageError(faults)
    state = _folder(environ, "XDG_STATE_HOME", home / ".local" / "state")
    outbox = _path(table.outbox.path, path.parent) or state / "hosr" / "outbox.sqlite"
    return Configuration(path=path, outbox=outbox, archives=archives)


def _shared_ports(path: Path, archives: Mapping[str, Destination]) -> list[Fault]:
    """Two archives at one port: a report would be refused there, for the other's AE title."""
    names: dict[tuple[str, int], list[str]] = {}
    for name, archive in archives.items():
        if archive.listener is not None:
            names.setdefault((archive.listener.host, archive.listener.port), []).append(name)
    problem, remedy = "is also that of {first}", "give each archive a port of its own"
    return [
        Fault(_where(path, f"archives.{name}.listen"), problem.format(first=first), remedy)
        for first, *others in names.values()
        for name in others
    ]


def _folder(environ: Mapping[str, str], variable: str, default: Path) -> Path:
    """A base directory; one that is not absolute is passed over (XDG Base Directory 0.8)."""
    named = environ.get(variable, "")
    return Path(named) if named.startswith("/") else default


def _where(path: Path, key: str) -> str:
    return f"{path.name}, {key}" if key else path.name


def _read(path: Path, *, needed: bool) -> _FileTable:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        if needed:
            problem = "there is no such file"
            raise UsageError(Fault(str(path), problem, "check HOSR_CONFIG")) from None
        return _FileTable()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        problem = f"cannot be read ({reason})"
        raise UsageError(Fault(str(path), problem, "check the path and its rights")) from None
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(Fault(str(path), "is larger than 1 MiB", "it holds archives alone"))
    try:
        return _FileTable.model_validate(tomllib.loads(content.decode()))
    except ValidationError as error:
        raise UsageError([_told(path, fault) for fault in _faults(error)]) from None
    except UnicodeDecodeError:
        raise UsageError(Fault(str(path), "is not UTF-8", "save it as UTF-8")) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line \d+, column \d+", str(error))
        at = f" at {place[0]}" if place else ""
        raise UsageError(Fault(str(path), f"is not TOML{at}", "correct it there")) from None


def _faults(error: ValidationError) -> list[dict[str, Any]]:
    """The faults of a file, one for each place: a choice of types gives one for each of them."""
    # Without the values, which may be secrets in the wrong place.
    found = error.errors(include_url=False, include_context=True, include_input=False)
    by_place: dict[tuple[str, ...], dict[str, Any]] = {}
    for fault in found:
        place = tuple(part for part in map(str, fault["loc"]) if not _is_choice(part))
        by_place.setdefault(place, {**fault, "loc": place})
    return list(by_place.values())


def _is_choice(part: str) -> bool:
    """Whether this part of a place is pydantic's own word for one of several types."""
    return part.startswith(("literal[", "list["))


# Kind of fault as pydantic names it: what is wrong, and what to do.
_WORDS = {
    "missing": ("is missing", "write it"),
    "string_type": ("is not text", "write it in quotes"),
    "int_type": ("is not a whole number", "write a number without quotes"),
    "float_type": ("is not a number", "write a number without quotes"),
    "greater_than": ("is too small", "write more than {gt:g}"),
    "greater_than_equal": ("is too small", "write {ge:g} or more"),
    "less_than_equal": ("is too large", "write {le:g} or less"),
    "literal_error": ("is none of the words for this", "write one of {expected}"),
    "list_type": ("is no list", "write a list of words"),
}


def _told(path: Path, fault: Mapping[str, Any]) -> Fault:
    place = tuple(fault["loc"])
    where = _where(path, ".".join(place))
    if fault["type"] == "extra_forbidden":
        keys = sorted(_table_at(place[:-1]).model_fields)
        near = get_close_matches(place[-1], keys, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(keys)}"
        return Fault(where, "there is no such key", remedy)
    problem, remedy = _WORDS.get(fault["type"], ("is no table", "write it as a [table]"))
    return Fault(where, problem, remedy.format(**fault.get("ctx", {})))


def _table_at(place: tuple[str, ...]) -> type[_Table]:
    match place:
        case ("archives", _):
            return _ArchiveTable
        case ("archives", _, "tls"):
            return _TlsTable
        case ("outbox",):
            return _OutboxTable
        case _:
            return _FileTable


def _destination(name: str, table: _ArchiveTable, folder: Path) -> Destination:
    where = f"archives.{name}"
    if not _NAME.fullmatch(name):
        problem = "is no name of an archive"
        raise UsageError(Fault(where, problem, "use letters, digits, dot, hyphen and underscore"))
    address = parse_address(table.url, f"{where}.url")
    tls = _tls(table.tls, folder)
    credentials = _credentials(table, folder, where)
    proofs = _proofs(table)
    faults = [Fault(f"{where}.{key}", *words) for key, words in _clashes(table, address)]
    listener = None
    if table.listen is not None:
        host, port = parse_host_and_port(table.listen, f"{where}.listen")
        secure = isinstance(address, DimseAddress) and address.secure
        listener = Listener(
            host=host, port=port, tls=tls if secure else None, peers=tuple(table.peers)
        )
    if faults:
        raise UsageError(faults)
    return Destination(
        name=name,
        address=address,
        tls=tls,
        credentials=credentials,
        proofs=proofs,
        listener=listener,
        connections=table.connections,
        connect_s=table.connect_s,
        answer_s=table.answer_s,
        commitment_s=table.commitment_s,
    )


def _proofs(table: _ArchiveTable) -> tuple[Proof, ...]:
    if table.proof == "auto":
        return ()
    named = [table.proof] if isinstance(table.proof, str) else table.proof
    return tuple(dict.fromkeys(map(Proof, named)))


def _tls(table: _TlsTable | None, folder: Path) -> Tls:
    if table is None:
        return Tls()
    return Tls(
        authorities=_path(table.authorities, folder),
        certificate=_path(table.certificate, folder),
        key=_path(table.key, folder),
    )


def _path(text: str | None, folder: Path) -> Path | None:
    return folder / Path(text).expanduser() if text else None


def _credentials(table: _ArchiveTable, folder: Path, where: str) -> Credentials | None:
    token = {"file": table.token_file, "variable": table.token_env}
    password = {"file": table.password_file, "variable": table.password_env}
    places = [place for place in (*token.values(), *password.values()) if place]
    if len(places) > 1:
        raise UsageError(Fault(where, "names several places for its secret", "name one of them"))
    if (table.user is not None) != any(password.values()):
        problem = "has a user without a password, or a password without a user"
        remedy = "write user with password_file or password_env, or token_file alone"
        raise UsageError(Fault(where, problem, remedy))
    if not places:
        return None
    kept = password if table.user is not None else token
    return Credentials(file=_path(kept["file"], folder), variable=kept["variable"], user=table.user)


def _clashes(table: _ArchiveTable, address: Address) -> list[tuple[str, tuple[str, str]]]:
    """Keys that do not go with the kind of address, each with the words for it."""
    dimse, web = isinstance(address, DimseAddress), isinstance(address, WebAddress)
    secure = not isinstance(address, FolderAddress) and address.secure
    secret = any((table.token_file, table.token_env, table.password_file, table.password_env))
    asked = [table.proof] if isinstance(table.proof, str) else table.proof
    key_alone = table.tls is not None and table.tls.key and not table.tls.certificate
    plain = isinstance(address, WebAddress) and not secure and not _is_loopback(address)
    https = ("is for https:// alone", "leave it out, or write the address as https://")
    rules = (
        (table.listen is not None and not dimse, "listen", _ONLY_DIMSE),
        (bool(table.peers) and table.listen is None, "peers", _ONLY_LISTENING),
        ("commitment" in asked and not dimse, "proof", _ONLY_DIMSE),
        (table.tls is not None and not secure, "tls", _ONLY_TLS),
        (bool(key_alone), "tls.key", ("has no certificate beside it", "write tls.certificate")),
        (secret and (not web or plain), "token_file" if table.user is None else "user", https),
    )
    return [(key, words) for is_clash, key, words in rules if is_clash]


_ONLY_DIMSE = ("is for dimse:// alone", "leave it out, or write the address as dimse://")
_ONLY_LISTENING = ("has no `listen` beside it", "leave it out, or write where to listen")
_ONLY_TLS = ("is for https:// and dimses:// alone", "leave it out, or write such an address")


def _is_loopback(address: WebAddress) -> bool:
    host = urlsplit(address.url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
