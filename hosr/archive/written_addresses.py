"""Addresses as people write them, read strictly: no secret may stand in one.

dimse://CALLED@host:port?calling=HOSR   dimses:// where the connection is TLS
https://host/dicom-web                  http:// only on this machine or without credentials
file:///path                            or file:folder, or a path that begins with /, ./, ../ or ~/
mllp://host:port                        mllps:// where the connection is TLS
fhir+https://host/base                  fhir+http:// only on this machine
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from hosr.archive.addresses import (
    Address,
    DimseAddress,
    FhirAddress,
    FolderAddress,
    MllpAddress,
    WebAddress,
    is_loopback,
)
from hosr.errors import Fault, UsageError

ADDRESS_FORMS = (
    "dimse://CALLED@host:port?calling=HOSR, https://host/dicom-web, file:///folder, mllp://host:port "
    "or fhir+https://host/base"
)

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?", re.ASCII)
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9_.-]+)?", re.ASCII)
# PS3.5 table 6.2-1, AE: the default repertoire without backslash and control characters.
_AE_TITLE = re.compile(r"[\x20-\x5B\x5D-\x7E]{1,16}", re.ASCII)

_FILE = "file:"

_NO_SECRETS = (
    "holds a user, a password or a token, which addresses must not: they stand in logs and lists"
)
_SECRETS_ELSEWHERE = "name the archive in the configuration, with token_file or password_file"

_NO_LOGIN = "leave it out: MLLP knows none; mllps:// shows a certificate of the configuration"

_DICOMWEB_ROOT = ("is not the root of DICOMweb services", "write https://host/dicom-web")
_FHIR_BASE = ("is not the base of a FHIR server", "write fhir+https://host/base")

_Faults = list[tuple[str, str]]


def is_address(text: str) -> bool:
    """Whether this is written as an address or a path, and not as a name."""
    return _SCHEME.match(text) is not None or _is_path(text)


def parse_address(text: str, where: str = "address") -> Address:
    """The address that a text says.

    Raises UsageError with every fault; `where` is what they are said of. No fault quotes the text,
    which may hold a secret.
    """
    faults: _Faults = []
    address = _parsed(text, faults)
    if faults or address is None:
        raise UsageError([Fault(where, problem, remedy) for problem, remedy in faults])
    return address


def parse_host_and_port(text: str, where: str) -> tuple[str, int]:
    """The interface and the port of a listener: `127.0.0.1:11113` or `[::1]:11113`."""
    faults: _Faults = []
    parts = _split(f"listen://{text}", faults)
    host = _host(parts, faults) if parts else ""
    port = _port(parts, faults) if parts else 0
    if parts and (parts.path or parts.query or parts.fragment or "@" in parts.netloc):
        faults.append(("is more than a host and a port", "write host:port, as 127.0.0.1:11113"))
    if faults:
        raise UsageError([Fault(where, problem, remedy) for problem, remedy in faults])
    return host, port


def parse_proxy(text: str, where: str) -> tuple[str, int]:
    """The host and the port of a proxy: `http://proxy.example:3128`."""
    faults: _Faults = []
    parts = _split(text, faults)
    if parts and parts.scheme != "http":
        faults.append(("is no address of a proxy", "write http://host:port"))
    elif parts and "@" in parts.netloc:
        elsewhere = "write proxy_user, and proxy_password_file or proxy_password_env"
        faults.append((_NO_SECRETS, elsewhere))
    elif parts and (parts.path.strip("/") or parts.query or parts.fragment):
        faults.append(("is more than a host and a port", "write http://host:port"))
    host = _host(parts, faults) if parts and not faults else ""
    port = _port(parts, faults) if parts and not faults else 0
    if faults:
        raise UsageError([Fault(where, problem, remedy) for problem, remedy in faults])
    return host, port


def is_ae_title(text: str) -> bool:
    """Whether this is a valid AE title: 1 to 16 characters, not all of them spaces."""
    return bool(text.strip(" ")) and _AE_TITLE.fullmatch(text) is not None


def _parsed(text: str, faults: _Faults) -> Address | None:
    if not text or not text.isprintable() or text != text.strip():
        faults.append(("is empty, or has spaces or control characters", f"write {ADDRESS_FORMS}"))
        return None
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    if scheme in _FORMS:
        return _FORMS[scheme](text, scheme, faults)
    if not scheme and _is_path(text):
        return FolderAddress(path=Path(text.removeprefix(_FILE)).expanduser().absolute())
    faults.append(("is no address of an archive", f"write {ADDRESS_FORMS}"))
    return None


def _is_path(text: str) -> bool:
    is_relative = text.startswith(_FILE) and len(text) > len(_FILE)
    return is_relative or text in (".", "..") or text.startswith(("/", "./", "../", "~/"))


def _dimse(text: str, scheme: str, faults: _Faults) -> DimseAddress | None:
    parts = _split(text, faults)
    if parts is None:
        return None
    user, _, _ = parts.netloc.rpartition("@")
    if ":" in user:
        faults.append((_NO_SECRETS, _SECRETS_ELSEWHERE))
    called = _ae_title(unquote(user), "called", "write it before @: dimse://CALLED@host", faults)
    calling = _ae_title(_calling(parts, faults), "calling", "write ?calling=HOSR", faults)
    if parts.path not in ("", "/") or parts.fragment:
        faults.append(("has a path, which DIMSE does not know", "leave it out"))
    host, port = _host(parts, faults), _port(parts, faults)
    return DimseAddress(
        called_aet=called, host=host, port=port, calling_aet=calling, secure=scheme == "dimses"
    )


def _calling(parts: SplitResult, faults: _Faults) -> str:
    if not parts.query:
        return "HOSR"
    key, _, value = parts.query.partition("=")
    if key != "calling" or "&" in value:
        faults.append(("has something other than calling=AET behind ?", "write ?calling=HOSR"))
        return "HOSR"
    return unquote(value)


def _ae_title(title: str, which: str, remedy: str, faults: _Faults) -> str:
    if is_ae_title(title):
        return title.strip(" ")
    problem = (
        f"its {which} AE title is not 1 to 16 characters of ASCII without a backslash"
        if title
        else f"names no {which} AE title"
    )
    faults.append((problem, remedy))
    return ""


def _mllp(text: str, scheme: str, faults: _Faults) -> MllpAddress | None:
    parts = _split(text, faults)
    if parts is None:
        return None
    if "@" in parts.netloc or parts.query:
        faults.append((_NO_SECRETS, _NO_LOGIN))
    if parts.path not in ("", "/") or parts.fragment:
        faults.append(("is more than a host and a port", f"write {scheme}://host:port"))
    host, port = _host(parts, faults), _port(parts, faults)
    return MllpAddress(host=host, port=port, secure=scheme == "mllps")


def _fhir(text: str, scheme: str, faults: _Faults) -> FhirAddress | None:
    """The base of a server. What is in a report does not go over a network unencrypted."""
    below = scheme.removeprefix("fhir+")
    web = _web(f"{below}{text[len(scheme) :]}", below, faults, _FHIR_BASE)
    if web is None:
        return None
    if not faults and not web.secure and not is_loopback(web):
        remedy = "write fhir+https://, or run it on this machine"
        faults.append(("would carry reports over the network unencrypted", remedy))
    return FhirAddress(web=web)


def _web(
    text: str, scheme: str, faults: _Faults, root: tuple[str, str] = _DICOMWEB_ROOT
) -> WebAddress | None:
    parts = _split(text, faults)
    if parts is None:
        return None
    if "@" in parts.netloc or parts.query:
        faults.append((_NO_SECRETS, _SECRETS_ELSEWHERE))
    if parts.fragment or any(part in (".", "..") for part in parts.path.split("/")):
        faults.append(root)
    host = _host(parts, faults)
    port = _port(parts, faults, needed=False)
    shown = f"[{host}]" if ":" in host else host
    place = f"{shown}:{port}" if port else shown
    return WebAddress(url=f"{scheme}://{place}{parts.path.rstrip('/')}", secure=scheme == "https")


def _file(text: str, _: str, faults: _Faults) -> FolderAddress | None:
    parts = _split(text, faults)
    if parts is None:
        return None
    if parts.netloc not in ("", "localhost"):
        faults.append(("is a folder of another machine", "write three slashes: file:///folder"))
    path = unquote(parts.path)
    if parts.query or parts.fragment or not path.startswith("/") or "\0" in path:
        faults.append(("is no path of a folder", "write file:///folder, with %3F for a ?"))
    return FolderAddress(path=Path(path.replace("\0", "")))


_FORMS: dict[str, Callable[[str, str, _Faults], Address | None]] = {
    **dict.fromkeys(("dimse", "dimses"), _dimse),
    **dict.fromkeys(("http", "https"), _web),
    **dict.fromkeys(("mllp", "mllps"), _mllp),
    **dict.fromkeys(("fhir+http", "fhir+https"), _fhir),
    "file": _file,
}


def _split(text: str, faults: _Faults) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        faults.append(("has brackets that hold no IPv6 address", "write [::1] or a host name"))
        return None


def _host(parts: SplitResult, faults: _Faults) -> str:
    host = parts.hostname or ""
    if not host:
        faults.append(("names no host", "write it before the port: host:port"))
    elif ":" in host:
        if not _IPV6.fullmatch(host):
            faults.append(("its host is no IPv6 address", "write [::1] or a host name"))
    elif len(host) > 253 or not all(map(_LABEL.fullmatch, host.removesuffix(".").split("."))):
        problem = "its host is no name of a machine"
        faults.append((problem, "write a host name in ASCII or an IP address"))
    return host


def _port(parts: SplitResult, faults: _Faults, *, needed: bool = True) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port is None and not needed:
        return 0
    if port is None:
        faults.append(("names no port", "write it behind the host: host:104"))
    elif not 0 < port < 1 << 16:
        faults.append(("its port is no number from 1 to 65535", "write it as host:104"))
    return port or 0
