"""The desk as a program: a socket, a link for each reader, and an end that leaves nothing half done.

It listens on this machine alone, unless files for TLS are given. Peers that send their headers slowly are
let go, and no more than so many are served at once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hosr.desk.access import Place
from hosr.desk.app import make_app
from hosr.desk.audit import AUDIT, Audit, AuditEvent, Happened, verify
from hosr.desk.desk import Desk, Setting
from hosr.desk.draft_images import DraftImages
from hosr.desk.endpoints import Server
from hosr.desk.imagery import Images
from hosr.desk.pages import Pages
from hosr.desk.readers import Reader, Sessions
from hosr.desk.steps import Means, Steps
from hosr.drafts import Drafts
from hosr.drafts.signing import Form
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from hosr.desk.delivery import Delivery
    from hosr.messages import MessageForm
    from hosr.templating.sources import Wording

_MOST_CONNECTIONS = 200
_KEEP_ALIVE_S = 15
# How long a peer may take to send the headers of a request.
_HEADERS_S = 10.0
# How long what is being answered may go on once the desk is to end.
_END_S = 20
_IMAGE_THREADS = 4
_EXPIRY_S = 2.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """The files of the certificate and of its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the desk is to be started: for whom, where, in which words."""

    folder: Path
    readers: tuple[Reader, ...]
    wording: Wording
    port: int = 0
    host: str = "127.0.0.1"
    tls: Secured | None = None
    is_blind: bool = False
    lock_s: float = 600.0
    message_form: MessageForm | None = None


def place_of(options: Options, port: int) -> Place:
    """Where the desk is reached. Raises `UsageError` for another host without TLS."""
    is_local = options.host in ("localhost", "127.0.0.1", "::1")
    if not is_local and options.tls is None:
        problem = "is another host, and what is read there would go over the network as it is"
        remedy = "give --tls-cert and --tls-key, or leave --host out and use ssh -L"
        raise UsageError(Fault(f"--host {options.host}", problem, remedy))
    if is_local:
        first = "[::1]" if options.host == "::1" else options.host
        names = tuple(dict.fromkeys((first, *_LOOPBACK)))
    else:
        names = (_bracketed(options.host),)
    return Place(names=names, port=port, is_secure=options.tls is not None)


def _bracketed(host: str) -> str:
    try:
        return f"[{host}]" if ip_address(host).version == 6 else host
    except ValueError:
        return host.lower()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises `UsageError` where that cannot be."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        problem = f"cannot be listened on ({error.strerror or type(error).__name__})"
        raise UsageError(
            Fault(f"{host}:{port}", problem, "name another port with --port, or another host")
        ) from error
    listening.setblocking(False)
    return listening


class _PatientProtocol(H11Protocol):
    """HTTP/1.1 to a peer that sends its headers in time, or is let go."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._arm()
        else:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(_HEADERS_S, self.transport.abort)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Server(uvicorn.Server):
    """A server that ends on a signal and leaves the rest to its caller."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Have both signals end it between two requests; a second one ends it at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What whoever started the desk is told.

    `link` is called with each reader and the address of a link of theirs that works once; `told` with
    what went wrong and stopped nothing; `ready` once requests are answered, with what ends that.
    """

    link: Callable[[Reader, str], None]
    told: Callable[[Fault], None]
    ready: Callable[[Callable[[], None]], None] = lambda _: None


def serve(options: Options, callbacks: Callbacks, delivery: Delivery | None = None) -> None:
    """Serve the desk until a signal ends it; what is signed goes into `delivery`, where there is one.

    Raises `UsageError` where it cannot be started so, and as `Drafts`.
    """
    place = place_of(options, options.port)  # what is refused is not listened for
    with ExitStack() as stack:
        listening = stack.enter_context(listen(options.host, options.port))
        place = replace(place, port=listening.getsockname()[1])
        drafts = stack.enter_context(Drafts(options.folder, clock=time.time))
        audit = Audit(path=drafts.folder / AUDIT, clock=_now)
        for fault in verify(audit.path):
            callbacks.told(fault)
        audit.note(Happened(event=AuditEvent.STARTED))
        sessions = Sessions(
            clock=time.monotonic,
            lock_s=options.lock_s,
            on_link=lambda reader, token: callbacks.link(reader, place.address(token)),
        )
        server = stack.enter_context(_assembled(options, place, drafts, audit, sessions, delivery))
        for reader in options.readers or (Reader(),):
            sessions.admit(reader)
        asyncio.run(_run(options, make_app(server), listening, server, callbacks))


@contextmanager
def _assembled(
    options: Options,
    place: Place,
    drafts: Drafts,
    audit: Audit,
    sessions: Sessions,
    delivery: Delivery | None,
) -> Iterator[Server]:
    """What the addresses share, with the threads that they work in."""
    language = options.wording.language
    setting = Setting(wording=options.wording, is_blind=options.is_blind, clock=_now)
    if delivery is not None:
        setting = replace(setting, sent=delivery.state_of)
    with ExitStack() as stack:
        worker = stack.enter_context(ThreadPoolExecutor(1, "hosr-desk"))
        readers = stack.enter_context(ThreadPoolExecutor(_IMAGE_THREADS, "hosr-desk-images"))
        own = worker.submit(drafts.another).result()  # a store is for the thread that opened it
        stack.callback(lambda: worker.submit(own.close).result())
        imagery = DraftImages(drafts=own, images=Images())
        stack.callback(lambda: worker.submit(imagery.close).result())
        desk = Desk(drafts=own, imagery=imagery, audit=audit, setting=setting)
        form = Form(wording=options.wording, message_form=options.message_form)
        means = Means(drafts=drafts, form=form, clock=_now, audit=audit, delivery=delivery)
        steps = stack.enter_context(Steps(means))
        if delivery is not None:
            stack.enter_context(delivery.running(drafts))
        yield Server(
            desk=desk,
            steps=steps,
            worker=worker,
            readers=readers,
            place=place,
            sessions=sessions,
            pages=Pages(language, {"blind": options.is_blind, "lock_after_s": options.lock_s}),
            language=language,
        )


async def _run(
    options: Options,
    app: ASGIApp,
    listening: socket.socket,
    server: Server,
    callbacks: Callbacks,
) -> None:
    tls = options.tls
    config = uvicorn.Config(
        app,
        http=_PatientProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=_END_S,
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else str(tls.key),
    )
    running = _Server(config)

    def stop() -> None:
        running.should_exit = True

    watching = asyncio.create_task(_watch(server, running, partial(callbacks.ready, stop)))
    await running.serve(sockets=[listening])
    watching.cancel()


async def _watch(server: Server, running: _Server, ready: Callable[[], None]) -> None:
    """Say that it is ready, then end the sessions that nobody uses any more."""
    while not running.started:
        await asyncio.sleep(0.01)
    ready()
    while True:
        for reader in server.sessions.expire():
            happened = Happened(event=AuditEvent.LOCKED, reader=reader.key)
            await server.ask(server.desk.audit.note_done, happened)
        await asyncio.sleep(_EXPIRY_S)


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()
