"""The listener: where archives report commitments to, and send what C-MOVE asked them for.

It stands on one interface of this machine, only while hosr waits, and only where it was asked for.
DIMSE knows no passwords: what is taken is bound to AE titles, hosts, TLS where there is a
certificate, and above all to what was asked for before.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from socketserver import BaseServer
from typing import TYPE_CHECKING

from pynetdicom import evt
from pynetdicom.presentation import build_context
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from hosr.archive.destinations import DimseAddress
from hosr.archive.dimse.association import Provider, application_entity
from hosr.archive.dimse.commitment import STORAGE_COMMITMENT, answer_report
from hosr.archive.dimse.connection import MAX_PDU_BYTES
from hosr.archive.dimse.refusals import refusal
from hosr.archive.encryption import server_context
from hosr.errors import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from pynetdicom import AE
    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.presentation import PresentationContext

    from hosr.archive.destinations import Destination, Listener
    from hosr.archive.values import CommitmentReport

    TakeObject = Callable[[Event], int]

__all__ = ["listen", "receive"]

_SYNTAXES = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]
_VERIFICATION = "1.2.840.10008.1.1"
_MAX_ASSOCIATIONS = 16
_IDLE_S = 60.0
_END_S = 5.0


@contextmanager
def listen(
    destination: Destination, take_report: Callable[[CommitmentReport], bool]
) -> Iterator[None]:
    """Take the commitment reports of this archive as long as the context lasts.

    `take_report` is called from other threads, and says whether a report was expected; a report
    that was not is answered as a failure.

    Raises
    ------
    ArchiveRefused
        CONFIGURATION where there is no such interface, its port is taken, or TLS cannot be set up.
    """
    called = _address(destination).called_aet
    contexts = [
        build_context(_VERIFICATION, _SYNTAXES),
        build_context(STORAGE_COMMITMENT, _SYNTAXES),
    ]
    # The archive is the provider of the service, though it is the one that calls here.
    contexts[1].scu_role, contexts[1].scp_role = False, True
    with _serving(
        destination, contexts, [(evt.EVT_N_EVENT_REPORT, answer_report, [take_report, called])]
    ):
        yield


@contextmanager
def receive(
    destination: Destination, contexts: Sequence[PresentationContext], take_object: TakeObject
) -> Iterator[None]:
    """Take the objects that this archive sends as long as the context lasts (C-MOVE).

    `take_object` gets each C-STORE event and gives the status that is answered. Raises as `listen`.
    """
    offered = [build_context(_VERIFICATION, _SYNTAXES), *contexts]
    with _serving(destination, offered, [(evt.EVT_C_STORE, take_object)]):
        yield


@contextmanager
def _serving(
    destination: Destination, contexts: list[PresentationContext], handlers: list[Any]
) -> Iterator[None]:
    listener = destination.listener
    if listener is None:
        raise refusal(destination.name, Reason.UNSUPPORTED, "has no listener", "set `listen`")
    address = _address(destination)
    entity = application_entity(destination)
    entity.require_called_aet = True
    entity.require_calling_aet = [address.called_aet]
    entity.maximum_associations = _MAX_ASSOCIATIONS
    entity.network_timeout = _IDLE_S
    context = server_context(listener.tls, destination.name) if listener.tls else None
    hosts = _hosts((address.host, *listener.peers))
    server = _bound(destination, listener, entity, contexts, context)
    server.hosts = hosts
    for handler in handlers:
        server.bind(*handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        for association in server.active_associations:
            with suppress(Exception):
                association.abort()
            association.join(_END_S)
        server.server_close()
        thread.join(_END_S)


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

    hosts: frozenset[str] = frozenset()

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
        return host in self.hosts

    def shutdown(self) -> None:
        """Take no more connections; the entity does not know of this server."""
        BaseServer.shutdown(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: whatever a peer does is no news for a terminal."""


class _Handler(RequestHandler):
    """Reads within limits, and shows no traceback whatever a peer sends."""

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul = Provider(association)
        association.dul.daemon = True
        association.network_timeout = self.ae.network_timeout
        association.acse_timeout = self.ae.acse_timeout
        association.set_socket(_CappedSocket(association, client_socket=self.request))
        association.daemon = True
        return association


class _CappedSocket(AssociationSocket):
    """Believes no PDU length beyond what is lawful (PS3.8 section 9.3)."""

    def recv(self, nr_bytes: int) -> bytearray:
        """This many bytes, or fewer where the connection ended before."""
        if nr_bytes > MAX_PDU_BYTES:
            raise OSError("a longer PDU than is lawful")
        return super().recv(nr_bytes)
