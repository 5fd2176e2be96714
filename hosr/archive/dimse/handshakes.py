"""Why there is no encrypted connection, in words without anything that the peer said."""

from __future__ import annotations

import ssl

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
