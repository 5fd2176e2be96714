"""TLS as both protocols use it: BCP 195 (RFC 9325; PS3.15 section B.12), and no way round it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hosr.archive.refusals import Cause, refusal
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.destinations import Tls
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
        cause = Cause(
            reason=Reason.CONFIGURATION,
            problem="its listener has no certificate",
            remedy="name one as `certificate`, with its `key`",
        )
        raise refusal(name, cause)
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
    cause = Cause(
        reason=Reason.CONFIGURATION,
        problem=f"its {what} cannot be used ({path}: {why or 'not PEM, or they do not fit'})",
        remedy="name files in PEM, the key without a password",
    )
    return refusal(name, cause)
