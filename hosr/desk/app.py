"""The application: its addresses, and what is answered where something is refused or fails."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from hosr.desk import endpoints
from hosr.desk.access import Guard, Refused, refusal_json
from hosr.desk.endpoints import Server, server_of
from hosr.desk.sentences import tell_fault, tell_place
from hosr.errors import (
    DocumentRefused,
    DraftRefused,
    HosrError,
    ImagesRefused,
    MachineFailed,
    StaleDraft,
    UnknownDraft,
)

_OF_DRAFT = "/drafts/{draft:str}"

# Address, what answers it, and by which method it is asked.
ROUTES = (
    ("/", endpoints.show_page, "GET"),
    ("/static/{name:str}", endpoints.show_file, "GET"),
    ("/drafts", endpoints.list_drafts, "GET"),
    (_OF_DRAFT, endpoints.open_draft, "GET"),
    (_OF_DRAFT, endpoints.save_draft, "PUT"),
    (f"{_OF_DRAFT}/grade", endpoints.grade_record, "POST"),
    (f"{_OF_DRAFT}/hold", endpoints.hold_draft, "POST"),
    (f"{_OF_DRAFT}/release", endpoints.release_draft, "POST"),
    (f"{_OF_DRAFT}/sign", endpoints.sign_draft, "POST"),
    (f"{_OF_DRAFT}/amend", endpoints.amend_draft, "POST"),
    (f"{_OF_DRAFT}/history", endpoints.show_history, "GET"),
    (f"{_OF_DRAFT}/images", endpoints.list_images, "GET"),
    (f"{_OF_DRAFT}/priors", endpoints.list_priors, "GET"),
    (f"{_OF_DRAFT}/pixels/{{uid:str}}/{{frame:int}}", endpoints.send_pixels, "GET"),
    ("/lock", endpoints.end_session, "POST"),
    ("/leave", endpoints.end_session, "POST"),
)

# The status of HTTP for what hosr refuses, and the code of its words (RFC 9110, RFC 6585, RFC 4918).
STATUSES: dict[type[HosrError], tuple[int, str]] = {
    UnknownDraft: (404, "not_found"),
    StaleDraft: (412, "stale"),
    DraftRefused: (409, "refused"),
    DocumentRefused: (409, "lost_report"),
    ImagesRefused: (409, "lost_images"),
    MachineFailed: (503, "failed"),
}
_OTHERWISE = (422, "refused")


def make_app(server: Server) -> ASGIApp:
    """The application, behind what is asked of every request."""
    app = Starlette(
        routes=[
            Route(path, endpoint, methods=[method], name=f"{method} {path}")
            for path, endpoint, method in ROUTES
        ],
        exception_handlers={
            Refused: _refuse,
            HosrError: _tell,
            HTTPException: _refuse_http,
            Exception: _fail,
        },
    )
    app.state.server = server
    return Guard(app, server.place, server.sessions, server.language)


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    language = server_of(request).language
    return JSONResponse(refusal_json(error.code, language), status_code=error.status)


async def _refuse_http(request: Request, error: Exception) -> Response:
    """What no address answers: there is none, or not by this method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = {404: "not_found", 405: "method"}.get(status, "no_json")
    headers = getattr(error, "headers", None)
    content = refusal_json(code, server_of(request).language)
    return JSONResponse(content, status_code=status, headers=headers)


async def _tell(request: Request, error: Exception) -> Response:
    """A refusal of hosr: every fault of it, and the draft as it is now where it was changed."""
    if not isinstance(error, HosrError):
        raise error
    server = server_of(request)
    status, code = next(
        (told for kind, told in STATUSES.items() if isinstance(error, kind)), _OTHERWISE
    )
    more: dict[str, Any] = {}
    if isinstance(error, StaleDraft):
        reader = request.scope["hosr.reader"]
        more["current"] = await server.ask(server.desk.view, error.current, reader)
    faults = [_fault(fault, server) for fault in error.faults]
    content = {**refusal_json(code, server.language), "faults": faults, **more}
    if code == "refused" and faults:
        content |= {key: faults[0][key] for key in ("problem", "remedy")}
    return JSONResponse(content, status_code=status)


def _fault(fault: Any, server: Server) -> dict[str, str]:
    problem, remedy = tell_fault(fault, server.language)
    place = tell_place(fault, server.language)
    return {"path": fault.path, "place": place, "problem": problem, "remedy": remedy}


async def _fail(request: Request, error: Exception) -> Response:
    """What was not foreseen: nothing of it goes to the page; the log is written where it ends up."""
    del error
    content = refusal_json("failed", server_of(request).language)
    return JSONResponse(content, status_code=500)
