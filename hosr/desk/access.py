"""What every request must show before anything is done for it, and what every answer carries.

| Against                                | What is asked of a request                                  |
| -------------------------------------- | ----------------------------------------------------------- |
| another name for this machine (DNS)    | Host is one of this server, with its port                   |
| another site's page                    | Sec-Fetch-Site is `none` or `same-origin`, where it is sent |
| the same, writing                      | Origin is this server's; the body is JSON                   |
| another user of the machine            | a session, begun by a link that works once                  |
| a page that was left open by another   | `Hosr-Reader` is the reader of the session                  |
| a peer that never ends                 | so many bytes in so many seconds                            |

The first page alone may be asked for from anywhere, by whoever follows a link: it holds no data, and no
other site can frame it. Answers let a page run this server's programs alone, keep nothing, and are framed
by nobody.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hosr.desk.readers import Reader, Sessions
from hosr.desk.sentences import tell_refusal
from hosr.errors import place_of
from hosr.logs import logger

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from hosr.language import Language

_LOG = logger(__name__)

# What a record of two hips with every outline takes is far less.
MAX_BODY_BYTES = 4 << 20
BODY_S = 10.0
# How long a peer may take to read the next part of an answer.
SEND_S = 30.0

# After these the rest of the request is not read.
_UNREAD = (408, 413)

READ, WRITE = ("GET",), ("PUT", "POST")

# Content Security Policy Level 3, Trusted Types, Fetch Metadata; Cross-Origin-*-Policy (HTML Standard).
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "connect", "img")),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
ANSWER_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), usb=(), payment=()",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


class Refused(Exception):
    """Why a request is not answered: the status of HTTP, and the code of the words for it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def refusal_json(code: str, language: Language, **more: Any) -> dict[str, Any]:
    """A refusal as the page gets it."""
    problem, remedy = tell_refusal(code, language)
    return {"code": code, "problem": problem, "remedy": remedy, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the desk is reached: the names of the host that stand for it, its port, and whether by TLS."""

    names: tuple[str, ...]
    port: int
    is_secure: bool = False

    @property
    def hosts(self) -> frozenset[str]:
        """What Host may be. A browser leaves out a port that the scheme implies."""
        given = {f"{name}:{self.port}" for name in self.names}
        implied = self.port == (443 if self.is_secure else 80)
        return frozenset(given | set(self.names)) if implied else frozenset(given)

    @property
    def origins(self) -> frozenset[str]:
        """What Origin may be."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts)

    @property
    def scheme(self) -> str:
        """Of its addresses."""
        return "https" if self.is_secure else "http"

    @property
    def cookie(self) -> str:
        """The name of the cookie. Cookies do not tell ports apart, so their names do."""
        return f"hosr-desk-{self.port}"

    def address(self, token: str = "") -> str:
        """The address of the first page, with a token where there is one."""
        return f"{self.scheme}://{self.names[0]}:{self.port}/" + (
            f"?token={token}" if token else ""
        )


class Guard:
    """The application behind what is asked of requests."""

    def __init__(self, app: ASGIApp, place: Place, sessions: Sessions, language: Language) -> None:
        self._app = app
        self._language = language
        self._place = place
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        answer = _Answer(send, self._language)
        try:
            self._examine(scope)
            await self._app(scope, _Limited(receive).receive, answer.send)
        except Refused as refused:
            await answer.refuse(refused)
        except TimeoutError:  # a peer that does not read its answer is let go
            pass
        except Exception as error:  # noqa: BLE001 (no traceback reaches anybody)
            _LOG.error("internal error, %s", place_of(error))
            await answer.refuse(Refused(500, "failed"))

    def _examine(self, scope: Scope) -> None:
        headers = _headers(scope)
        if headers.get("host", "").lower() not in self._place.hosts:
            raise Refused(421, "host")
        method, path = scope["method"], scope["path"]
        if method not in (*READ, *WRITE):
            raise Refused(405, "method")
        is_first_page = method == "GET" and path == "/"
        if not (is_first_page and _is_navigation(headers)):
            site = headers.get("sec-fetch-site", "none")
            if site not in ("none", "same-origin"):
                raise Refused(403, "site")
        origin = headers.get("origin")
        if (method in WRITE or origin is not None) and origin not in self._place.origins:
            raise Refused(403, "origin")
        if method in WRITE:
            _require_json(headers)
        scope["hosr.reader"] = self._find_reader(headers)
        named = headers.get("hosr-reader")
        reader: Reader | None = scope["hosr.reader"]
        if named is not None and reader is not None and named != reader.key:
            raise Refused(403, "reader")

    def _find_reader(self, headers: Mapping[str, str]) -> Reader | None:
        cookie = cookie_of(headers.get("cookie", ""), self._place.cookie)
        by_person = "hosr-background" not in headers
        return self._sessions.find(cookie, by_person=by_person) if cookie else None


def _is_navigation(headers: Mapping[str, str]) -> bool:
    """Whether somebody follows a link, to a page of its own."""
    mode, target = headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")
    return mode == "navigate" and target == "document"


def _require_json(headers: Mapping[str, str]) -> None:
    kind, _, parameter = headers.get("content-type", "").lower().partition(";")
    if kind.strip() != "application/json" or parameter.strip() not in ("", "charset=utf-8"):
        raise Refused(415, "type")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "type")
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise Refused(400, "length")
    if int(length) > MAX_BODY_BYTES:
        raise Refused(413, "length")


def _headers(scope: Scope) -> dict[str, str]:
    """The headers; of one that stands twice both, so that it is no value that is asked for."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        joint = "; " if key == "cookie" else ", "
        found[key] = f"{found[key]}{joint}{text}" if key in found else text
    return found


def cookie_of(header: str, name: str) -> str:
    """The value of a cookie; "" where it is not there, or more than once."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    values = [value for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 else ""


class _Limited:
    """The body of a request, up to so many bytes in so many seconds."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read = 0
        self._ends_at: float | None = None
        self._is_whole = False

    async def receive(self) -> Message:
        if self._is_whole:  # then only the end of the connection is waited for
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._ends_at is None:
            self._ends_at = now + BODY_S
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            raise Refused(408, "slow") from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            self._is_whole = not message.get("more_body", False)
        if self._read > MAX_BODY_BYTES:
            raise Refused(413, "length")
        return message


class _Answer:
    """An answer with the headers that all of them carry, to a peer that reads it in time."""

    def __init__(self, send: Send, language: Language) -> None:
        self._send = send
        self._language = language
        self._is_begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._is_begun = True
            own = {name for name, _ in message["headers"]}
            more = [(name.encode(), value.encode()) for name, value in ANSWER_HEADERS.items()]
            if message["status"] in _UNREAD:
                more.append((b"connection", b"close"))
            message["headers"] = [
                *message["headers"],
                *(pair for pair in more if pair[0] not in own),
            ]
        async with asyncio.timeout(SEND_S):
            await self._send(message)

    async def refuse(self, refused: Refused) -> None:
        if self._is_begun:
            return
        body = json.dumps(refusal_json(refused.code, self._language)).encode()
        headers = _plain_headers(
            body, [("allow", "GET, PUT, POST")] if refused.status == 405 else []
        )
        await self.send(
            {"type": "http.response.start", "status": refused.status, "headers": headers}
        )
        await self.send({"type": "http.response.body", "body": body})


def _plain_headers(body: bytes, more: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    named = [
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
        *more,
    ]
    return [(name.encode(), value.encode()) for name, value in named]
