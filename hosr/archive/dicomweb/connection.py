"""One HTTP/1.1 connection to one archive, or to a proxy before it: a request out, an answer back.

HTTP is written and read by urllib3's connection, which, unlike the pools and sessions above it,
follows no redirect, sends nothing a second time and reads nothing from the environment or .netrc.
What it cannot hold by itself is held here, in a thin layer below and above it:

- time and size: urllib3 reads and sends by a `Wire` in place of the socket, which sets a wait
  before each step, so that neither silence nor a byte now and then goes on, and counts the bytes;
- inflating: bodies are taken as they were sent, and inflated no further than the limit;
- order: what comes behind an answer, unasked, ends the connection and answers nothing;
- trust: the TLS context is hosr's own (`hosr.archive.tls`), for the archive and never for a proxy.
"""

from __future__ import annotations

import http.client
import logging
import re
import ssl
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.response import BaseHTTPResponse

from hosr.archive.addresses import Destination, WebAddress
from hosr.archive.dicomweb.request_log import RequestLog
from hosr.archive.dicomweb.wire import ENDED, SecureConnection, TooLongError, TunnelError, Wire
from hosr.archive.tls import client_context, tls_failure
from hosr.archive.values import Cause, cause, refusal
from hosr.errors import ArchiveError, Reason

MAX_DOCUMENT_BYTES = 64 << 20
MAX_IMAGE_BYTES = 2 << 30

_READ_BYTES = 1 << 20
# What images of nearly one grey are packed by; beyond the first 64 MiB nothing is believed to be more.
_MOST_INFLATED = 64

_HEADER_LINE = re.compile(r"[\x20-\x7E]+")
_REQUEST_TARGET = re.compile(r"/[\x21-\x7E]*")

_PORT = {"http": 80, "https": 443}

# It logs headers and addresses that it finds odd; they may name a patient.
logging.getLogger("urllib3").setLevel(logging.CRITICAL + 1)


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
class Access:
    """What lets a request in: headers for the archive, and Proxy-Authorization for the proxy."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy_authorization: str = field(default="", repr=False)


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


class _EndedEarlyError(Exception):
    """An answer ended before the length that it named, or before its packing did."""


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
        self._opened: HTTPConnection | None = None
        self._wire: Wire | None = None

    def close(self) -> None:
        """End the connection, if there is one."""
        if self._opened is not None:
            self._opened.close()
        if self._wire is not None:
            self._wire.end()
        self._opened = self._wire = None

    def ask(self, request: Request, access: Access) -> Answer:
        """Send a request and read its answer to the end.

        Raises ArchiveError for everything that keeps an HTTP answer from arriving whole.
        """
        log = RequestLog(request.method, request.target, self._authority)
        try:
            answer = self._ask(request, access)
        except ArchiveError as error:
            log.failed(error)
            raise
        log.answered(answer.words, len(answer.body))
        return answer

    def _ask(self, request: Request, access: Access) -> Answer:
        target, headers = self._target(request, access), self._headers(request, access)
        if self._is_kept():
            # An archive may end a connection that nobody uses, just when it is used again.
            with suppress(_SilentError):
                return self._exchange(request, target, headers, access)
        try:
            return self._exchange(request, target, headers, access)
        except _SilentError:
            raise _CLOSED.refusal(self._name) from None

    def _target(self, request: Request, access: Access) -> str:
        """The path and query; before a proxy that passes on requests, the whole address."""
        path = self._root + request.target
        if not _REQUEST_TARGET.fullmatch(path) or not _is_sayable(access.proxy_authorization):
            raise _UNSAYABLE.refusal(self._name)
        return f"http://{self._authority}{path}" if self._is_forwarded else path

    def _headers(self, request: Request, access: Access) -> dict[str, str]:
        headers = {
            "Host": self._authority,
            "User-Agent": "hosr",
            "Accept-Encoding": "identity",
            **request.headers,
        }
        if request.method != "GET":
            headers["Content-Length"] = str(sum(map(len, request.body)))
        if access.proxy_authorization and self._is_forwarded:
            headers["Proxy-Authorization"] = access.proxy_authorization
        headers |= access.headers
        if not all(_is_sayable(f"{name}: {value}") for name, value in headers.items()):
            raise _UNSAYABLE.refusal(self._name)
        return headers

    @property
    def _is_forwarded(self) -> bool:
        return self._destination.proxy is not None and self._scheme == "http"

    def _is_kept(self) -> bool:
        """Whether a connection is open and silent, as it must be before a request."""
        if self._opened is not None and not self._opened.is_connected:
            self.close()
        return self._opened is not None

    def _exchange(
        self, request: Request, target: str, headers: Mapping[str, str], access: Access
    ) -> Answer:
        opened, wire = self._open(access)
        is_done = False
        try:
            answer, is_done = _talk(opened, wire, request, (target, headers))
        except TooLongError:
            raise _TOO_LONG.refusal(self._name) from None
        except (_EndedEarlyError, OSError, http.client.HTTPException, HTTPError) as error:
            raise _broken_off(error).refusal(self._name) from None
        except ValueError:  # what http.client throws on some malformed answers
            raise _NOT_HTTP.refusal(self._name) from None
        finally:
            if not is_done:
                self.close()
        return answer

    def _open(self, access: Access) -> tuple[HTTPConnection, Wire]:
        """The connection that is kept, or a new one."""
        if self._opened is not None and self._wire is not None:
            return self._opened, self._wire
        opened = self._unconnected(access)
        opened.auto_open = 0  # or it would connect anew by itself, without a wire
        try:
            opened.connect()
        except (OSError, HTTPError, ValueError, TunnelError) as error:
            opened.close()
            raise self._unconnectable(error) from None
        wire = Wire(opened.sock, self._destination.answer_s)
        opened.sock = wire
        self._opened, self._wire = opened, wire
        return opened, wire

    def _unconnected(self, access: Access) -> HTTPConnection:
        proxy, wait_s = self._destination.proxy, self._destination.connect_s
        host, port = (self._host, self._port) if proxy is None else (proxy.host, proxy.port)
        if self._scheme == "http":
            return HTTPConnection(host, port, timeout=wait_s)
        if self._context is None:
            self._context = client_context(self._destination.tls, self._name)
        secure = SecureConnection(host, port, timeout=wait_s, ssl_context=self._context)
        if proxy is not None:
            said = access.proxy_authorization
            secure.set_tunnel(
                self._host, self._port, headers={"Proxy-Authorization": said} if said else {}
            )
        return secure

    def _unconnectable(self, error: Exception) -> ArchiveError:
        """Why there is no connection: of the socket, of a proxy, or of TLS."""
        whose = "" if self._destination.proxy is None else "its proxy "
        match error:
            case TunnelError():
                return error.cause.refusal(self._name)
            case OSError():
                return tls_failure(error).refusal(self._name)
            case NameResolutionError() | ValueError():
                problem = f"the name of {'its proxy' if whose else 'its host'} is not known"
                remedy = "check the address, and the name service of this machine"
            case ConnectTimeoutError() | NewConnectionError():
                problem = f"{whose}cannot be connected to ({_words_of(error)})"
                remedy = "check that it runs, and its address and port"
            case _:
                return _NOT_HTTP.refusal(self._name)
        return refusal(self._name, Reason.UNREACHABLE, problem, remedy)


def _is_sayable(line: str) -> bool:
    return not line or _HEADER_LINE.fullmatch(line) is not None


def _words_of(error: Exception) -> str:
    """What the system says of a connection that did not come about."""
    cause = error.__cause__
    if isinstance(cause, TimeoutError) or not isinstance(cause, OSError):
        return "no answer"
    return cause.strerror or type(cause).__name__


_UNSAYABLE = cause(
    Reason.CONFIGURATION,
    "the address or the credentials hold characters that HTTP cannot carry",
    "write them in printable ASCII",
)
_CLOSED = cause(
    Reason.LOST,
    "ended the connection before it answered",
    "it is asked again; should it ask for a client certificate, name one",
)
_CUT = cause(Reason.LOST, "ended the connection within its answer", "it is asked again")
_SLOW = cause(Reason.LOST, "did not answer to the end in time", "it is asked again")
_TOO_LONG = cause(
    Reason.UNRECOGNISED,
    "gives an answer beyond all measure",
    "check that the address is the right one",
)
_NOT_HTTP = cause(
    Reason.UNRECOGNISED,
    "does not speak HTTP at this port",
    "check the port, and whether it is one of https",
)


def _broken_off(error: Exception) -> Cause:
    """What an exchange that ended early says of the archive."""
    if isinstance(error, SSLError):  # urllib3's, with that of the system in it
        error = error.args[0]
    match error:
        case TimeoutError() | ReadTimeoutError():
            return _SLOW
        case ssl.SSLError() if "ALERT" in (getattr(error, "reason", None) or ""):
            return tls_failure(error)
        case OSError() | _EndedEarlyError() | ProtocolError() | http.client.IncompleteRead():
            return _CUT
        case _:
            return _NOT_HTTP


def _talk(
    opened: HTTPConnection, wire: Wire, request: Request, head: tuple[str, Mapping[str, str]]
) -> tuple[Answer, bool]:
    """The answer, and whether the connection may be used for another request."""
    target, headers = head
    was_sent = True
    wire.limit_bytes = request.limit_bytes
    try:
        opened.request(
            request.method,
            target,
            body=request.body or None,
            headers=headers,
            preload_content=False,
            decode_content=False,
        )
    except ENDED:  # the peer stopped listening, which it may do to answer early
        was_sent = False
    response = _begun(opened, wire)
    answer = Answer(
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=_read_body(response, request.limit_bytes),
    )
    response.close()
    return answer, was_sent and not opened.is_closed and not wire.incoming.has_more


def _begun(opened: HTTPConnection, wire: Wire) -> BaseHTTPResponse:
    """The head of an answer, which http.client takes for whole wherever it ends."""
    try:
        response = opened.getresponse()
    except ENDED:
        raise _SilentError from None
    except http.client.HTTPException:
        if not wire.incoming.has_ended:
            raise
        raise _EndedEarlyError from None
    if wire.incoming.has_ended:
        raise _EndedEarlyError
    return response


def _read_body(response: BaseHTTPResponse, limit_bytes: int) -> bytes:
    """The content of an answer, unpacked."""
    if (response.length_remaining or 0) > limit_bytes:
        raise TooLongError
    packed = response.headers.get("Content-Encoding", "").strip().lower() in {"gzip", "x-gzip"}
    blocks = _inflated(response, limit_bytes) if packed else _blocks(response)
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > limit_bytes:
            raise TooLongError
    return bytes(content)


def _blocks(response: BaseHTTPResponse) -> Iterator[bytes]:
    while block := response.read(_READ_BYTES, decode_content=False):
        yield block


def _inflated(response: BaseHTTPResponse, limit_bytes: int) -> Iterator[bytes]:
    """A body in gzip (RFC 1952), inflated no further than the limit, and what it is worth.

    A block that would inflate to more has then gone beyond the limit, and nothing else is asked. A few
    kilobytes of nothing may be a black image, but no gigabyte of one.
    """
    inflater = zlib.decompressobj(16 + zlib.MAX_WBITS)
    packed = inflated = 0
    for block in _blocks(response):
        packed += len(block)
        allowed = min(limit_bytes, MAX_DOCUMENT_BYTES + _MOST_INFLATED * packed) - inflated
        try:
            plain = inflater.decompress(block, allowed + 1)
        except zlib.error:
            raise _EndedEarlyError from None
        inflated += len(plain)
        if len(plain) > allowed:
            raise TooLongError
        yield plain
    if not inflater.eof:
        raise _EndedEarlyError
