"""The listener: where archives report commitments to, and send what C-MOVE asked them for.

It stands on one interface of this machine, only while hosr waits, and only where it was asked for.
DIMSE knows no passwords: what is taken is bound to AE titles, hosts, TLS where there is a
certificate, and above all to what was asked for before.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from pynetdicom import evt
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext, build_context

from hosr.archive.addresses import Destination, DimseAddress, Listener
from hosr.archive.dimse.association import application_entity
from hosr.archive.dimse.commitment import MAX_REPORT_BYTES, STORAGE_COMMITMENT, answer_report
from hosr.archive.dimse.server import (
    IDLE_S,
    MAX_ASSOCIATIONS,
    AssociationServer,
    Interface,
    bind_server,
)
from hosr.archive.dimse.storage import SYNTAXES, VERIFICATION
from hosr.archive.tls import server_context
from hosr.archive.values import CommitmentReport, refusal
from hosr.errors import Reason
from hosr.logs import logger

_LOG = logger(__name__)

TakeObject = Callable[[Event], int]
TakeReport = Callable[[CommitmentReport], bool]

_T = TypeVar("_T")


# Refused: not authorised (PS3.7 section C.5.17), as who sends what was not asked for.
NOT_ASKED_FOR = 0x0124

# A report that comes while nobody listens (PS3.7 section 10.3.1).
_NOBODY_WAITS = (0x0110, None)

# The servers of this process by host and port: what is used twice at once is opened once.
_SERVERS: dict[tuple[str, int], _Server] = {}
_LOCK = threading.Lock()


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
                server.stop()
                _LOG.info("%s: no longer listening", destination.name)


def _started(destination: Destination, listener: Listener) -> _Server:
    address = _address(destination)
    entity = application_entity(destination)
    entity.require_called_aet = True
    entity.require_calling_aet = [address.called_aet]
    entity.maximum_associations = MAX_ASSOCIATIONS
    entity.network_timeout = IDLE_S
    contexts = [
        build_context(VERIFICATION, SYNTAXES),
        build_context(STORAGE_COMMITMENT, SYNTAXES),
    ]
    # The archive is the provider of the service, though it is the one that calls here.
    contexts[1].scu_role, contexts[1].scp_role = False, True
    context = server_context(listener.tls, destination.name) if listener.tls else None
    interface = Interface(
        name=destination.name, host=listener.host, port=listener.port, context=context
    )
    server = bind_server(_Server, interface, entity, contexts)
    server.archive = destination.name
    server.hosts = _hosts((address.host, *listener.peers))
    server.bind(evt.EVT_C_STORE, server.take)
    server.bind(evt.EVT_N_EVENT_REPORT, server.report)
    server.start()
    return server


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


class _Server(AssociationServer):
    """Hands reports and objects to those of this process who wait for them."""

    uses = 0
    takers: tuple[TakeObject, ...] = ()
    reporters: tuple[tuple[TakeReport, str], ...] = ()

    @property
    def message_limit_bytes(self) -> int:
        """That of any object, or of a report where reports alone are due."""
        return super().message_limit_bytes if self.takers else MAX_REPORT_BYTES

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


def _without(ones: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    """All but the first that is equal to it."""
    at = ones.index(one)
    return ones[:at] + ones[at + 1 :]
