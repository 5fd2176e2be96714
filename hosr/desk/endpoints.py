"""What each address of the desk answers: from a request to what the desk does, and back to JSON.

A body is read whole before the draft is looked at; the check of what was seen and the change are then
one step of one thread.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from hosr.desk.access import BODY_S, Place, Refused, cookie_of
from hosr.desk.audit import AuditEvent, Happened
from hosr.desk.desk import Desk
from hosr.desk.earlier import describe_earlier
from hosr.desk.pages import Pages
from hosr.desk.readers import Reader, Sessions
from hosr.desk.steps import Steps
from hosr.drafts.signing import Amendment, Amends, Seen
from hosr.language import Language

_Result = TypeVar("_Result")
Json = dict[str, Any]

_CHUNK_BYTES = 1 << 20
# What a request may hold beside a record.
_MOST_DECISIONS = 256
_MOST_CHARACTERS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What all addresses share.

    `desk` belongs to the one thread of `worker`; in those of `readers` images are read.
    """

    desk: Desk
    steps: Steps
    worker: Executor
    readers: Executor
    place: Place
    sessions: Sessions
    pages: Pages
    language: Language

    async def ask(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        """Have the desk do something, after all that it was asked before."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.worker, partial(function, *arguments))

    async def fetch(self, function: Callable[..., _Result], *arguments: Any) -> _Result:
        """Have something read that the work of the desk does not wait for."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.readers, partial(function, *arguments))


def server_of(request: Request) -> Server:
    """What the application was made with."""
    server: Server = request.app.state.server
    return server


async def show_page(request: Request) -> Response:
    """The page; or a session for the token of a link, and then the page at an address without it."""
    server = server_of(request)
    token = request.query_params.get("token")
    if token is not None:
        await server.ask(
            server.desk.audit.require_writable
        )  # a link that was used up lets nobody in
        begun = server.sessions.begin(token)
        if begun is None:
            return HTMLResponse(server.pages.locked, status_code=401)
        cookie, reader = begun
        await server.ask(_note, server, AuditEvent.ENTERED, reader)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            server.place.cookie,
            cookie,
            path="/",
            httponly=True,
            samesite="lax",
            secure=server.place.is_secure,
        )
        return answer
    if _reader(request) is None:
        return HTMLResponse(server.pages.locked, status_code=401)
    return HTMLResponse(server.pages.shell)


async def show_file(request: Request) -> Response:
    """A program or a style of the page; nothing else of this machine has a name here."""
    found = server_of(request).pages.files.get(request.path_params["name"])
    if found is None:
        raise Refused(404, "not_found")
    return Response(found[0], media_type=found[1])


async def list_drafts(request: Request) -> Response:
    """The worklist."""
    server = server_of(request)
    return JSONResponse(await server.ask(server.desk.list, _looking(request)))


async def open_draft(request: Request) -> Response:
    """A draft."""
    server, reader = server_of(request), _looking(request)
    await _warm(request)
    return JSONResponse(await server.ask(server.desk.open, _draft(request), reader))


async def save_draft(request: Request) -> Response:
    """Keep what a reader made of a draft."""
    server, reader, etag = server_of(request), _writing(request), _etag(request)
    record, decisions = _content(await _body(request))
    view = await server.ask(server.desk.change, _draft(request), etag, record, decisions, reader)
    return JSONResponse(view)


async def grade_record(request: Request) -> Response:
    """What is said of a record as it is on the screen; nothing is kept."""
    server, reader = server_of(request), _looking(request)
    record, decisions = _content(await _body(request))
    told = await server.ask(server.desk.grade, _draft(request), record, decisions, reader)
    return JSONResponse(told)


async def hold_draft(request: Request) -> Response:
    """Put a draft back, for a reason."""
    server, reader, etag = server_of(request), _writing(request), _etag(request)
    reason = _text(await _body(request), "reason")
    return JSONResponse(await server.ask(server.desk.hold, _draft(request), etag, reason, reader))


async def release_draft(request: Request) -> Response:
    """Take a draft in hand again."""
    server, reader, etag = server_of(request), _writing(request), _etag(request)
    await _body(request)
    return JSONResponse(await server.ask(server.desk.release, _draft(request), etag, reader))


async def sign_draft(request: Request) -> Response:
    """Sign what is on the screen: with a reason, where it amends the report that is named."""
    server, reader, etag = server_of(request), _signing(request), _etag(request)
    body = await _body(request)
    document, amended, reason = (_text(body, key) for key in ("document", "amends", "reason"))
    if amended and not reason.strip():
        raise Refused(422, "no_reason")
    seen = Seen(etag=etag, document_uid=document)
    amends = Amends(document_uid=amended, reason=reason) if amended else None
    await server.steps.sign(_draft(request), seen, reader, amends)
    return JSONResponse(await server.ask(server.desk.open, _draft(request), reader))


async def amend_draft(request: Request) -> Response:
    """Sign a report anew that was signed, with another record and a reason."""
    server, reader, etag = server_of(request), _signing(request), _etag(request)
    body = await _body(request)
    record, decisions = _content(body)
    reason, document = _text(body, "reason"), _text(body, "document")
    if not reason.strip():
        raise Refused(422, "no_reason")
    own, standing = await server.ask(server.desk.kept, _draft(request), record, decisions, reader)
    amendment = Amendment(record=own, decisions=standing, reason=reason)
    seen = Seen(etag=etag, document_uid=document)
    await server.steps.amend(_draft(request), seen, amendment, reader)
    return JSONResponse(await server.ask(server.desk.open, _draft(request), reader))


async def show_history(request: Request) -> Response:
    """Every revision of a draft."""
    server = server_of(request)
    _looking(request)
    return JSONResponse(await server.ask(server.desk.history, _draft(request)))


async def list_images(request: Request) -> Response:
    """The images of a draft."""
    server = server_of(request)
    _looking(request)
    await _warm(request)
    opened = await server.ask(server.desk.imagery.open, _draft(request))
    return JSONResponse({"images": await server.fetch(server.desk.imagery.images.describe, opened)})


async def list_priors(request: Request) -> Response:
    """The earlier studies of the patient of a draft, with what was marked on them."""
    server, imagery = server_of(request), server_of(request).desk.imagery
    _looking(request)
    await _warm(request)
    sought = await server.ask(imagery.seek_earlier, _draft(request))
    shown = await server.fetch(sought.open)
    await server.ask(imagery.note_shown, _draft(request), shown)
    told = await server.fetch(describe_earlier, shown, imagery.images, server.language)
    return JSONResponse({"priors": told})


async def send_pixels(request: Request) -> Response:
    """The stored values of one frame."""
    server = server_of(request)
    _looking(request)
    uid, frame = request.path_params["uid"], request.path_params["frame"]
    opened = await server.ask(server.desk.imagery.find_shown, _draft(request), uid)
    stored = await server.fetch(server.desk.imagery.images.read, opened, uid, frame)
    return StreamingResponse(
        _chunks(stored.data),
        media_type="application/octet-stream",
        headers={"content-length": str(stored.values.nbytes)},
    )


async def end_session(request: Request) -> Response:
    """Lock the page, or leave: the session is over, and its reader gets a new link."""
    server = server_of(request)
    await _body(request)
    reader = server.sessions.end(cookie_of(request.headers.get("cookie", ""), server.place.cookie))
    if reader is not None:
        is_lock = request.url.path == "/lock"
        event = AuditEvent.LOCKED if is_lock else AuditEvent.LEFT
        await server.ask(_note, server, event, reader)
    answer = Response(status_code=204)
    answer.delete_cookie(server.place.cookie, path="/")
    return answer


def _note(server: Server, event: AuditEvent, reader: Reader) -> None:
    server.desk.audit.note_done(Happened(event=event, reader=reader.key))


async def _warm(request: Request) -> None:
    """Have the images of a draft, opened where nothing else waits for it: the headers of a CT take seconds."""
    server = server_of(request)
    draft = await server.ask(server.desk.drafts.get, _draft(request))
    await server.fetch(server.desk.imagery.images.try_open, draft)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    """The parts of an answer, so that a peer that reads slowly holds no more than one of them."""
    view = memoryview(data)
    for start in range(0, len(view), _CHUNK_BYTES):
        yield bytes(view[start : start + _CHUNK_BYTES])


def _draft(request: Request) -> str:
    draft_id: str = request.path_params["draft"]
    return draft_id


def _reader(request: Request) -> Reader | None:
    reader: Reader | None = request.scope["hosr.reader"]
    return reader


def _looking(request: Request) -> Reader:
    """Who asks; whoever has a session may look."""
    reader = _reader(request)
    if reader is None:
        raise Refused(401, "locked")
    return reader


def _writing(request: Request) -> Reader:
    """Who asks, if they may change something."""
    reader = _looking(request)
    if not reader.may_write:
        raise Refused(403, "onlooker")
    return reader


def _signing(request: Request) -> Reader:
    """Who asks, if the page that they look at knows that it is them."""
    reader = _writing(request)
    if "hosr-reader" not in request.headers:
        raise Refused(403, "reader")
    return reader


def _etag(request: Request) -> str:
    """Which version of the draft was seen (RFC 9110 section 13.1.1; 428 by RFC 6585 section 3)."""
    given = request.headers.get("if-match", "").strip()
    etag = given.removeprefix('"').removesuffix('"')
    if not etag or etag == "*":
        raise Refused(428, "no_version")
    return etag


async def _body(request: Request) -> Json:
    """The body, whole, as a JSON object."""
    try:
        async with asyncio.timeout(BODY_S):
            data = await request.body()
    except TimeoutError:
        raise Refused(408, "slow") from None
    try:
        values = json.loads(data or b"{}", parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Refused(400, "no_json") from None
    if not isinstance(values, dict):
        raise Refused(400, "no_json")
    return values


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _content(body: Json) -> tuple[Json, tuple[str, ...]]:
    """A record and decisions, whatever they say."""
    record, decisions = body.get("record"), body.get("decisions", [])
    is_list = isinstance(decisions, list) and len(decisions) <= _MOST_DECISIONS
    if not isinstance(record, dict) or not is_list:
        raise Refused(400, "no_json")
    if not all(isinstance(each, str) and len(each) <= _MOST_CHARACTERS for each in decisions):
        raise Refused(400, "no_json")
    return record, tuple(sorted(set(decisions)))


def _text(body: Json, key: str) -> str:
    text = body.get(key, "")
    if not isinstance(text, str) or len(text) > _MOST_CHARACTERS:
        raise Refused(400, "no_json")
    return text
