"""The listener: where archives report commitments to, and send what C-MOVE asked them for.

It stands on one interface of this machine, only while hosr waits, and only where it was asked for.
DIMSE knows no passwords: what is taken is bound to AE titles, hosts, TLS where there is a
certificate, and above all to what was asked for before.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from socketserver import BaseServer
from typing import Any, TypeVar

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from hosr.archive.addresses import Destination, DimseAddress, Listener
from hosr.archive.dimse.association import Messages, Provider, application_entity
from hosr.archive.dimse.commitment import MAX_REPORT_BYTES, STORAGE_COMMITMENT, answer_report
from hosr.archive.dimse.connection import MAX_PDU_BYTES
from hosr.archive.dimse.storage import SYNTAXES, VERIFICATION
from hosr.archive.tls import server_context
from hosr.archive.values import CommitmentReport, refusal
from hosr.errors import Reason
from hosr.logs import logger

_LOG = logger(__name__)

TakeObject = Callable[[Event], int]
TakeReport = Callable[[CommitmentReport], bool]

_T = TypeVar("_T")


_MAX_ASSOCIATIONS = 16
_MOST_TOLD = 8  # of those that were turned away

# Refused: not authorised (PS3.7 section C.5.17), as who sends what was not asked for.
NOT_ASKED_FOR = 0x0124

# A report that comes while nobody listens (PS3.7 section 10.3.1).
_NOBODY_WAITS = (0x0110, None)

# The servers of this process by host and port: what is used twice at once is opened once.
_SERVERS: dict[tuple[str, int], _Server] = {}
_LOCK = threading.Lock()
_IDLE_S = 60.0
_END_S = 5.0
# A PDU that has begun is read to its end within that time.
_PDU_S = 15.0
_POLL_S = 0.25
_CHUNK_BYTES = 1 << 16


@contextmanager
def listen(
    destination: Destination, take_report: Callable[[CommitmentReport], bool]
) -> Iterator[Callable[[], tuple[str, ...]]]:
    """Take the commitment reports of this archive as long as the context lasts.

    What is given tells who was turned away so far. `take_report` is called from other threads, and says whether a report was expected; a report
    that was not is answered as a failure.

    Raises
    ------
    ArchiveRefused
        CONFIGURATION where there is no such interface, its port is taken, or TLS cannot be set up.
    """
    called = _address(destination).called_aet
    with _serving(destination) as server, server.listening(take_report, called):
        yield lambda: tuple(server.turned_away)


@contextmanager
def receive(
    destination: Destination, contexts: Sequence[PresentationContext], take_object: TakeObject
) -> Iterator[None]:
    """Take the objects that this archive sends as long as the context lasts (C-MOVE).

    `take_object` gets each C-STORE event and gives the status that is answered, 0124 where it did
    not ask for the object. Reports are taken meanwhile, where this process listens for them. Raises
    as `listen`.
    """
    with _serving(destination) as server, server.taking(contexts, take_object):
        yield


@contextmanager
def _serving(destination: Destination) -> Iterator[_Server]:
    """The server at the port of this archive: this process has one at each, as long as it is used."""
    listener = destination.listener
    if listener is None:
        raise refusal(destination.name, Reason.UNSUPPORTED, "has no listener", "set `listen`")
    with _LOCK:
        server = _SERVERS.get((listener.host, listener.port))
        if server is None:
            server = _started(destination, listener)
            _SERVERS[listener.host, listener.port] = server
            _LOG.info("%s: listening at %s:%d", destination.name, listener.host, listener.port)
        elif server.archive != destination.name:
            problem = f"listens on the port of the archive {server.archive}"
            raise refusal(destination.name, Reason.CONFIGURATION, problem, "name another port")
        server.uses += 1
    try:
        yield server
    finally:
        with _LOCK:
            server.uses -= 1
            if not server.uses:
                del _SERVERS[listener.host, listener.port]
                _stop(server)
                _LOG.info("%s: no longer listening", destination.name)


def _started(destination: Destination, listener: Listener) -> _Server:
    address = _address(destination)
    entity = application_entity(destination)
    entity.require_called_aet = True
    entity.require_calling_aet = [address.called_aet]
    entity.maximum_associations = _MAX_ASSOCIATIONS
    entity.network_timeout = _IDLE_S
    contexts = [
        build_context(VERIFICATION, SYNTAXES),
        build_context(STORAGE_COMMITMENT, SYNTAXES),
    ]
    # The archive is the provider of the service, though it is the one that calls here.
    contexts[1].scu_role, contexts[1].scp_role = False, True
    context = server_context(listener.tls, destination.name) if listener.tls else None
    server = _bound(destination, listener, entity, contexts, context)
    server.archive = destination.name
    server.turned_away = deque(maxlen=_MOST_TOLD)
    server.hosts = _hosts((address.host, *listener.peers))
    server.bind(evt.EVT_C_STORE, server.take)
    server.bind(evt.EVT_N_EVENT_REPORT, server.report)
    server.bind(evt.EVT_REJECTED, server.turn_away)
    server.thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    server.thread.start()
    return server


def _end(association: Association) -> None:
    """Abort it; one that has not begun waits no longer for its beginning."""
    with suppress(Exception):
        if association.is_established:
            association.abort()
        else:
            # What pynetdicom itself takes for the end of the time.
            association.dul.to_user_queue.put(None)  # type: ignore[arg-type]
    association.join(_END_S)
    opened = association.dul.socket
    if isinstance(opened, _CappedSocket):
        opened.cut()


def _stop(server: _Server) -> None:
    server.is_ending = True
    server.shutdown()
    server.server_close()  # connections being taken in have begun their associations by its end
    for association in server.active_associations:
        _end(association)
    if server.thread is not None:
        server.thread.join(_END_S)


def _address(destination: Destination) -> DimseAddress:
    if not isinstance(destination.address, DimseAddress):
        problem = "storage commitment is reported over DIMSE only"
        raise refusal(destination.name, Reason.UNSUPPORTED, problem, "take out `listen`")
    return destination.address


def _hosts(names: Sequence[str]) -> frozenset[str]:
    """The addresses of these hosts; one that has none now has no right to report either."""
    found = set()
    for name in names:
        with suppress(OSError, UnicodeError):
            found |= {str(known[4][0]) for known in socket.getaddrinfo(name, None)}
    return frozenset(found)


def _bound(
    destination: Destination,
    listener: Listener,
    entity: AE,
    contexts: list[PresentationContext],
    context: ssl.SSLContext | None,
) -> _Server:
    try:
        return _Server(
            entity,
            (listener.host, listener.port),
            entity.ae_title,
            contexts,
            ssl_context=context,
            request_handler=_Handler,
        )
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no such interface"
        problem = f"cannot listen on {listener.host}:{listener.port} ({why})"
        remedy = "end the program that has this port, or name another interface or port"
        raise refusal(destination.name, Reason.CONFIGURATION, problem, remedy) from None


class _Server(ThreadedAssociationServer):
    """Lets in only known hosts; a handshake that hangs holds up nobody else."""

    archive = ""
    turned_away: deque[str]
    hosts: frozenset[str] = frozenset()
    is_ending = False
    uses = 0
    thread: threading.Thread | None = None
    takers: tuple[TakeObject, ...] = ()
    reporters: tuple[tuple[TakeReport, str], ...] = ()

    @contextmanager
    def listening(self, take_report: TakeReport, called: str) -> Iterator[None]:
        """Hand reports to this taker; several may wait for reports at once."""
        with _LOCK:
            self.reporters += ((take_report, called),)
        try:
            yield
        finally:
            with _LOCK:
                self.reporters = _without(self.reporters, (take_report, called))

    def report(self, event: Event) -> tuple[int, None]:
        """Hand a report to whoever expects it; what its sender is told."""
        answers = [answer_report(event, *reporter) for reporter in self.reporters]
        taken = [answer for answer in answers if answer[0] == 0]
        return (taken or answers or [_NOBODY_WAITS])[0]

    @contextmanager
    def taking(
        self, contexts: Sequence[PresentationContext], take_object: TakeObject
    ) -> Iterator[None]:
        """Take objects of these classes; several may be waited for at once."""
        with _LOCK:
            known = {context.abstract_syntax for context in self.contexts}
            self.contexts += [one for one in contexts if one.abstract_syntax not in known]
            self.takers += (take_object,)
        try:
            yield
        finally:
            with _LOCK:
                self.takers = _without(self.takers, take_object)

    def take(self, event: Event) -> int:
        """Give an object to whoever asked for it; the status that is answered."""
        statuses = [take_object(event) for take_object in self.takers]
        if 0 in statuses:
            return 0
        return next((status for status in statuses if status != NOT_ASKED_FOR), NOT_ASKED_FOR)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """The next connection; its TLS handshake comes with the first bytes that are read."""
        listening = self.socket
        if listening is None:
            raise OSError("the listener was closed")
        client, address = listening.accept()
        client.settimeout(_IDLE_S)
        if self.ssl_context is not None:
            try:
                client = self.ssl_context.wrap_socket(
                    client, server_side=True, do_handshake_on_connect=False
                )
            except BaseException:
                client.close()
                raise
        return client, address

    def verify_request(self, request: object, client_address: Any) -> bool:  # noqa: ARG002
        """Whether this host may connect at all."""
        host = str(client_address[0]).removeprefix("::ffff:")
        if host not in self.hosts:
            self.turned_away.append(f"the host {host}")
            _LOG.info("%s: a call from the host %s was turned away", self.archive, host)
        return host in self.hosts

    def turn_away(self, event: Event) -> None:
        """Keep who came under another AE title, or for another one."""
        request = event.assoc.requestor.primitive
        _LOG.info("%s: a call under another AE title was turned away", self.archive)
        if request is not None:
            calling, called = request.calling_ae_title, request.called_ae_title
            self.turned_away.append(f"{calling.strip()}, which called {called.strip()}")

    def shutdown(self) -> None:
        """Take no more connections; the entity does not know of this server."""
        BaseServer.shutdown(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whatever a peer does is no news for a terminal."""


def _without(ones: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    """All but the first that is equal to it."""
    at = ones.index(one)
    return ones[:at] + ones[at + 1 :]


class _Handler(RequestHandler):
    """Reads within limits, and shows no traceback whatever a peer sends."""

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul = Provider(association)
        association.dul.daemon = True
        server = self.server if isinstance(self.server, _Server) else None
        messages = association.dimse = Messages(association)
        if server is None or not server.takers:  # reports alone are due
            messages.limit_bytes = MAX_REPORT_BYTES
        association.network_timeout = self.ae.network_timeout
        association.acse_timeout = self.ae.acse_timeout
        opened = _CappedSocket(association, client_socket=self.request)
        opened.server = server
        association.set_socket(opened)
        association.daemon = True
        return association


class _CappedSocket(AssociationSocket):
    """Believes no PDU length beyond what is allowed (PS3.8 section 9.3), nor waits long for its end."""

    server: _Server | None = None

    def recv(self, nr_bytes: int) -> bytearray:
        """This many bytes, or fewer where the connection ended before."""
        try:
            return self._read(nr_bytes)
        except OSError:  # after which pynetdicom would leave it open
            self._shutdown_socket()
            raise

    def cut(self) -> None:
        """Close it, whatever is under way."""
        self._shutdown_socket()

    def _shutdown_socket(self) -> None:
        if self.socket is not None:
            with suppress(OSError):  # the peer was first
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()

    def _read(self, nr_bytes: int) -> bytearray:
        if nr_bytes > MAX_PDU_BYTES:
            raise OSError("a longer PDU than is allowed")
        opened, taken = self.socket, bytearray()
        ended = self.assoc.dul.state_machine.current_state == "Sta13"  # aborted: nothing matters
        end_s = time.monotonic() + (0.0 if ended else _PDU_S)
        while opened is not None and len(taken) < nr_bytes:
            if time.monotonic() > end_s or (self.server is not None and self.server.is_ending):
                raise TimeoutError("a PDU that did not end")
            opened.settimeout(_POLL_S)
            try:
                part = opened.recv(min(nr_bytes - len(taken), _CHUNK_BYTES))
            except (TimeoutError, ssl.SSLWantReadError):
                continue
            finally:
                opened.settimeout(_IDLE_S)
            if not part:
                break
            taken += part
        return taken
