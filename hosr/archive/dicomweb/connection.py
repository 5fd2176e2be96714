"""One HTTP/1.1 connection to one archive (RFC 9112): a request out, a whole answer back.

It stands on http.client and not on a library of sessions, because of what those do unasked and
this must not: follow redirects, send a request a second time, read proxies and passwords from the
environment or .netrc, trust other certificate authorities beside those that were named, inflate
without measure, and wait for ever on a peer that sends a byte now and then.
"""

from __future__ import annotations

import http.client
import re
import selectors
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hosr.archive.dicomweb.incoming import EndedEarlyError, Incoming, TooLongError, read_body
from hosr.archive.tls import client_context
from hosr.archive.values import refusal
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination, WebAddress


MAX_DOCUMENT_BYTES = 64 << 20
MAX_IMAGE_BYTES = 2 << 30

_BLOCK_BYTES = 1 << 18
_HEADER_LINE = re.compile(r"[\x20-\x7E]+")
_REQUEST_TARGET = re.compile(r"/[\x21-\x7E]*")

_PORT = {"http": 80, "https": 443}

# How the end of a connection shows, with TLS and without.
_ENDED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of an archive; `target` is the path and query below its root.

    Every one may be sent twice and asks for the same: a store names the UID and the bytes.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: Sequence[bytes] = ()
    limit_bytes: int = MAX_DOCUMENT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an archive answered; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def words(self) -> str:
        """The status as it is recorded."""
        return f"HTTP {self.status}"

    @property
    def content_type(self) -> str:
        """The Content-Type with its parameters, "" where none is named."""
        return self.headers.get("content-type", "")


class _SilentError(Exception):
    """The archive ended the connection before it answered anything."""


class Connection:
    """A connection that is opened when first needed and kept between requests."""

    def __init__(self, destination: Destination, address: WebAddress) -> None:
        parts = urlsplit(address.url)
        self._name = destination.name
        self._destination = destination
        self._scheme = parts.scheme
        self._host = parts.hostname or ""
        self._port = parts.port or _PORT[parts.scheme]
        self._authority = parts.netloc.rpartition("@")[2]
        self._root = parts.path.rstrip("/")
        self._context: ssl.SSLContext | None = None
        self._socket: socket.socket | None = None

    @property
    def host(self) -> str:
        """The host that is connected to."""
        return self._host

    @property
    def is_secure(self) -> bool:
        """Whether what is sent is encrypted."""
        return self._scheme == "https"

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def ask(self, request: Request, authorization: str = "") -> Answer:
        """Send a request and read its answer to the end.

        Raises ArchiveError for everything that keeps an HTTP answer from arriving whole.
        """
        head = self._head(request, authorization)
        if self._is_kept():
            # An archive may end a connection that nobody uses, just when it is used again.
            with suppress(_SilentError):
                return self._exchange(request, head)
        try:
            return self._exchange(request, head)
        except _SilentError:
            raise self._refusal(*_CLOSED) from None

    def _head(self, request: Request, authorization: str) -> bytes:
        target = self._root + request.target
        headers = {
            "Host": self._authority,
            "User-Agent": "hosr",
            "Accept-Encoding": "identity",
            **request.headers,
        }
        if request.method != "GET":
            headers["Content-Length"] = str(sum(map(len, request.body)))
        if authorization:
            headers["Authorization"] = authorization
        lines = [f"{name}: {value}" for name, value in headers.items()]
        if not _REQUEST_TARGET.fullmatch(target) or not all(map(_HEADER_LINE.fullmatch, lines)):
            problem = "the address or the credentials hold characters that HTTP cannot carry"
            raise self._refusal(Reason.CONFIGURATION, problem, "write them in printable ASCII")
        first = f"{request.method} {target} HTTP/1.1"
        return "\r\n".join((first, *lines, "", "")).encode("ascii")

    def _is_kept(self) -> bool:
        """Whether a connection is open and silent, as it must be before a request."""
        if self._socket is None:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            has_news = bool(selector.select(0))
        if has_news:
            self.close()
        return not has_news

    def _exchange(self, request: Request, head: bytes) -> Answer:
        connection = self._socket or self._connect()
        is_done = False
        try:
            answer, is_done = self._talk(connection, request, head)
        except TooLongError:
            raise self._refusal(*_TOO_LONG) from None
        except (EndedEarlyError, OSError, http.client.HTTPException, ValueError) as error:
            raise self._refusal(*_broken_off(error)) from None
        finally:
            if not is_done:
                self.close()
        return answer

    def _talk(
        self, connection: socket.socket, request: Request, head: bytes
    ) -> tuple[Answer, bool]:
        """The answer, and whether the connection may be used for another request."""
        wait_s = self._destination.answer_s
        was_sent = _send(connection, (head, *request.body), wait_s)
        incoming = Incoming(connection, wait_s, request.limit_bytes)
        with http.client.HTTPResponse(incoming, method=request.method) as response:  # type: ignore[arg-type]
            _begin(response, incoming)
            body = read_body(response, request.limit_bytes)
            answer = Answer(
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=body,
            )
        is_kept = was_sent and not response.will_close and not incoming.has_more
        return answer, is_kept

    def _connect(self) -> socket.socket:
        connect_s = self._destination.connect_s
        try:
            plain = socket.create_connection((self._host, self._port), connect_s)
        except (socket.gaierror, UnicodeError):
            raise self._refusal(*_NO_SUCH_HOST) from None
        except OSError as error:
            words = "no answer" if isinstance(error, TimeoutError) else error.strerror
            problem = f"cannot be connected to ({words or type(error).__name__})"
            remedy = "check that it runs, and its address and port"
            raise self._refusal(Reason.UNREACHABLE, problem, remedy) from None
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = self._secured(plain) if self.is_secure else plain
        except BaseException:
            plain.close()
            raise
        return self._socket

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        if self._context is None:
            self._context = client_context(self._destination.tls, self._name)
        try:
            return self._context.wrap_socket(plain, server_hostname=self._host)
        except ssl.SSLCertVerificationError as error:
            problem = _UNTRUSTED.get(error.verify_code, "shows a certificate that is not trusted")
            remedy = (
                "name the certificate authority of this archive, or have its certificate mended"
            )
            raise self._refusal(Reason.INSECURE, problem, remedy) from None
        except TimeoutError:
            raise self._refusal(*_STALLED) from None
        except _ENDED:
            raise self._refusal(*_NO_HANDSHAKE) from None
        except ssl.SSLError as error:
            raise self._refusal(*(_ALERT if _is_alert(error) else _NO_TLS)) from None
        except OSError:
            raise self._refusal(*_NO_HANDSHAKE) from None

    def _refusal(self, reason: Reason, problem: str, remedy: str = "") -> Exception:
        return refusal(self._name, reason, problem, remedy)


_NO_SUCH_HOST = (
    Reason.UNREACHABLE,
    "the name of its host is not known",
    "check the address, and the name service of this machine",
)
_NO_TLS = (
    Reason.INSECURE,
    "does not agree on TLS 1.2 or newer at this port",
    "check that the address is https, with the port of https",
)
_STALLED = (
    Reason.UNREACHABLE,
    "does not go on with the TLS handshake",
    "check that TLS is spoken at this port",
)
_NO_HANDSHAKE = (
    Reason.UNREACHABLE,
    "ended the connection at the TLS handshake",
    "check that it runs, and that TLS is spoken at this port",
)
_ALERT = (
    Reason.INSECURE,
    "ended the TLS connection with an alert",
    "name a client certificate that it trusts, should it ask for one",
)
_CLOSED = (
    Reason.LOST,
    "ended the connection before it answered",
    "it is asked again; should it ask for a client certificate, name one",
)
_CUT = (Reason.LOST, "ended the connection within its answer", "it is asked again")
_SLOW = (Reason.LOST, "did not answer to the end in time", "it is asked again")
_TOO_LONG = (
    Reason.UNRECOGNISED,
    "gives an answer beyond all measure",
    "check that the address is that of the DICOMweb services",
)
_NOT_HTTP = (
    Reason.UNRECOGNISED,
    "does not speak HTTP at this port",
    "check the port, and whether it is one of https",
)

# Of OpenSSL's X509_V_ERR codes (x509_vfy.h): those that a person can act on differently.
_UNTRUSTED = {
    10: "shows a certificate that has expired",
    18: "shows a certificate that it signed itself and that is not trusted",
    19: "shows a certificate of an authority that is not trusted",
    20: "shows a certificate of an authority that is not trusted",
    62: "shows a certificate for another host",
    64: "shows a certificate for another host",
}


def _begin(response: http.client.HTTPResponse, incoming: Incoming) -> None:
    """Read the head of an answer, which http.client takes for whole wherever it ends."""
    try:
        response.begin()
    except _ENDED:
        raise _SilentError from None
    except http.client.HTTPException:
        if not incoming.has_ended:
            raise
    if incoming.has_ended:
        raise EndedEarlyError


def _is_alert(error: ssl.SSLError) -> bool:
    """Whether the peer ended TLS on purpose (RFC 8446 section 6.2), as OpenSSL names it."""
    return "ALERT" in (error.reason or "")


def _broken_off(error: Exception) -> tuple[Reason, str, str]:
    """What an exchange that ended early says of the archive."""
    match error:
        case TimeoutError():
            return _SLOW
        case ssl.SSLError() if _is_alert(error):
            return _ALERT
        case OSError() | EndedEarlyError() | http.client.IncompleteRead():
            return _CUT
        case _:  # what http.client throws on a malformed answer, some of it a ValueError
            return _NOT_HTTP


def _send(connection: socket.socket, blocks: Sequence[bytes], wait_s: float) -> bool:
    """Send all blocks; False where the peer stopped listening, which it may do to answer early."""
    try:
        for block in blocks:
            view = memoryview(block)
            while view:
                connection.settimeout(wait_s)
                view = view[connection.send(view[:_BLOCK_BYTES]) :]
    except _ENDED:
        return False
    return True
