"""TLS as both protocols use it: BCP 195 (RFC 9325; PS3.15 section B.12), and no way round it.

Who is trusted, what is shown, and in one table why a handshake failed.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from hosr.archive.addresses import Tls
from hosr.archive.values import Cause, cause, refusal
from hosr.errors import ArchiveError, Reason

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


def tls_failure(error: OSError) -> Cause:
    """Why there is no encrypted connection, or no more, in words without anything the peer said.

    The same over DIMSE and DICOMweb, at the handshake and behind it: with TLS 1.3 a peer tells only
    then that it does not accept a client certificate.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(error.verify_code, _UNTRUSTED)
    if isinstance(error, TimeoutError):
        return _STALLED
    if not isinstance(error, ssl.SSLError) or isinstance(error, _ENDS):
        return _ENDED
    name: str = getattr(error, "reason", None) or ""  # none on errors that OpenSSL did not raise
    return _HANDSHAKES.get(name) or (_ALERT if "ALERT" in name else _NO_AGREEMENT)


# How the end of a connection shows with TLS.
_ENDS = (ssl.SSLEOFError, ssl.SSLZeroReturnError)

_CHECK_PORT = "check the port, and whether the address is one of an encrypted connection"
_MEND = "have the certificate of this archive mended"
_NAME_AUTHORITY = "name the certificate authority of this archive as tls.authorities"
_NAME_CERTIFICATE = "name a client certificate that it trusts as tls.certificate, with tls.key"
_UPGRADE = "have the archive speak TLS 1.2 or newer, in a profile of BCP 195"


_STALLED = cause(Reason.UNREACHABLE, "does not go on with the TLS handshake", _CHECK_PORT)
_ENDED = cause(Reason.UNREACHABLE, "ended the connection at the TLS handshake", _CHECK_PORT)
_ALERT = cause(
    Reason.INSECURE, "ended the TLS connection with an alert", "look at the log of the archive"
)
_NO_AGREEMENT = cause(
    Reason.INSECURE, "does not agree on TLS 1.2 or newer at this port", _CHECK_PORT
)

_UNTRUSTED = cause(Reason.INSECURE, "shows a certificate that is not trusted", _MEND)
_OF_NO_AUTHORITY = cause(
    Reason.INSECURE, "shows a certificate of an authority that is not trusted", _NAME_AUTHORITY
)
_OF_ANOTHER_HOST = cause(
    Reason.INSECURE,
    "shows a certificate for another host",
    "write the address with the host that its certificate names, or have that mended",
)

# What is wrong with the certificate of the archive (X509_V_ERR_* in openssl/x509_vfy.h).
_CERTIFICATES = {
    9: cause(
        Reason.INSECURE,
        "shows a certificate that is not valid yet",
        "check the clocks of this machine and of it",
    ),
    10: cause(
        Reason.INSECURE, "shows a certificate that has expired", "have the certificate renewed"
    ),
    18: cause(
        Reason.INSECURE,
        "shows a certificate that it signed itself and that is not trusted",
        "name that certificate as tls.authorities, if it is the one of this archive",
    ),
    **dict.fromkeys((2, 19, 20, 21), _OF_NO_AUTHORITY),
    23: cause(Reason.INSECURE, "shows a certificate that was withdrawn", _MEND),
    **dict.fromkeys((62, 64), _OF_ANOTHER_HOST),
}

_NO_TLS = cause(Reason.INSECURE, "does not speak TLS at this port", _CHECK_PORT)
_NO_VERSION = cause(
    Reason.INSECURE, "speaks only versions of TLS that are no longer safe", _UPGRADE
)
_ASKS = cause(Reason.INSECURE, "asks for a client certificate", _NAME_CERTIFICATE)
_NO_CERTIFICATE_OF_OURS = cause(
    Reason.INSECURE, "does not accept our client certificate", _NAME_CERTIFICATE
)

# Alerts and failures of a handshake (RFC 8446 section 6.2), as OpenSSL names them.
_HANDSHAKES = {
    **dict.fromkeys(("HTTP_REQUEST", "WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"), _NO_TLS),
    **dict.fromkeys(
        ("NO_PROTOCOLS_AVAILABLE", "TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL"),
        _NO_VERSION,
    ),
    **dict.fromkeys(
        ("NO_SHARED_CIPHER", "TLSV1_ALERT_INSUFFICIENT_SECURITY"),
        cause(Reason.INSECURE, "offers no cipher that is still safe", _UPGRADE),
    ),
    **dict.fromkeys(
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "TLSV13_ALERT_CERTIFICATE_REQUIRED"), _ASKS
    ),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": cause(
        Reason.INSECURE,
        "asks for a client certificate, or offers no cipher that is still safe",
        _NAME_CERTIFICATE,
    ),
    **dict.fromkeys(
        (
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "TLSV1_ALERT_ACCESS_DENIED",
        ),
        _NO_CERTIFICATE_OF_OURS,
    ),
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": cause(
        Reason.INSECURE, "finds our client certificate expired", "renew it"
    ),
    "SSLV3_ALERT_CERTIFICATE_REVOKED": cause(
        Reason.INSECURE, "finds our client certificate withdrawn", "have another made"
    ),
    "TLSV1_ALERT_UNKNOWN_CA": cause(
        Reason.INSECURE, "does not trust the authority of our client certificate", _NAME_CERTIFICATE
    ),
}
