"""TLS as both protocols use it: BCP 195 (RFC 9325; PS3.15 section B.12), and no way round it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hosr.archive.values import refusal
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.addresses import Tls
    from hosr.errors import ArchiveError


_T = TypeVar("_T")


def client_context(tls: Tls, name: str) -> ssl.SSLContext:
    """TLS 1.2 or newer; the peer's certificate and host name are checked, always.

    Raises ArchiveRefused, of the archive of this name, where a file of `tls` cannot be used.
    """
    context = _guarded(name, "certificate authorities", tls.authorities, lambda: _trusting(tls))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _present(context, tls, name)
    return context


def server_context(tls: Tls, name: str) -> ssl.SSLContext:
    """TLS 1.2 or newer for a listener; with authorities, only peers that they vouch for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.certificate is None:
        raise refusal(
            name,
            Reason.CONFIGURATION,
            "its listener has no certificate",
            "name one as `certificate`, with its `key`",
        )
    _present(context, tls, name)
    if tls.authorities is not None:
        authorities = str(tls.authorities)
        _guarded(
            name, "certificate authorities", tls.authorities,
            lambda: context.load_verify_locations(authorities),
        )  # fmt: skip
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _trusting(tls: Tls) -> ssl.SSLContext:
    return ssl.create_default_context(
        cafile=None if tls.authorities is None else str(tls.authorities)
    )


def _present(context: ssl.SSLContext, tls: Tls, name: str) -> None:
    """Show this certificate to a peer that asks for one."""
    if tls.certificate is None:
        return
    certificate, key = str(tls.certificate), None if tls.key is None else str(tls.key)
    _guarded(
        name, "certificate and key", tls.certificate,
        # A key behind a password would ask for it on the terminal.
        lambda: context.load_cert_chain(certificate, key, password=lambda: b""),
    )  # fmt: skip


def _guarded(name: str, what: str, path: Path | None, load: Callable[[], _T]) -> _T:
    try:
        return load()
    except (OSError, ValueError) as error:
        raise _unusable(name, what, path, error) from None


def _unusable(name: str, what: str, path: Path | None, error: Exception) -> ArchiveError:
    why = (
        error.strerror if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else ""
    )
    problem = f"its {what} cannot be used ({path}: {why or 'not PEM, or they do not fit'})"
    return refusal(
        name, Reason.CONFIGURATION, problem, "name files in PEM, the key without a password"
    )


_UNTRUSTED = "its certificate comes from an authority that is not among the trusted ones"
_UNSAFE = "it speaks only TLS versions that are no longer safe"
_NO_TLS = "it does not speak TLS on this port"
_OURS = "it does not accept our certificate"
_ASKS = "it asks for a client certificate"

# What OpenSSL says of a certificate (X509_V_ERR_* in openssl/x509_vfy.h).
_CERTIFICATE_PROBLEMS = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is signed by itself and is not among the trusted ones",
    19: _UNTRUSTED,
    20: _UNTRUSTED,
    21: _UNTRUSTED,
    23: "its certificate was withdrawn",
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}

# Alerts and failures of a handshake (RFC 8446 section 6.2), as OpenSSL names them.
_HANDSHAKE_PROBLEMS = {
    "HTTP_REQUEST": _NO_TLS,
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "NO_PROTOCOLS_AVAILABLE": _UNSAFE,
    "TLSV1_ALERT_PROTOCOL_VERSION": _UNSAFE,
    "UNSUPPORTED_PROTOCOL": _UNSAFE,
    "NO_SHARED_CIPHER": "it offers no cipher that is still safe",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": _ASKS,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _ASKS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": f"{_ASKS}, or offers no cipher that is still safe",
    "SSLV3_ALERT_BAD_CERTIFICATE": _OURS,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "our certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "our certificate was withdrawn",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _OURS,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": _OURS,
    "TLSV1_ALERT_ACCESS_DENIED": _OURS,
    "TLSV1_ALERT_UNKNOWN_CA": "it does not trust the authority of our certificate",
}


def handshake_problem(error: ssl.SSLError) -> str:
    """What TLS could not agree on."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATE_PROBLEMS.get(error.verify_code, "its certificate is not trusted")
    fallback = "it ended the connection while encryption was being agreed"
    return _HANDSHAKE_PROBLEMS.get(error.reason or "", fallback)
