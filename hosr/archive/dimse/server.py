"""A server of associations: who may connect, within which limits, and its end.

Whatever a peer sends, it ends its own association and nothing else: no PDU is believed beyond what is
allowed, none is waited for long, and nothing that goes wrong shows a traceback.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from socketserver import BaseServer
from typing import Any, TypeVar

from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from hosr.archive.dimse.association import MAX_MESSAGE_BYTES, Messages, Provider
from hosr.archive.dimse.connection import MAX_PDU_BYTES
from hosr.archive.values import refusal
from hosr.errors import Reason
from hosr.logs import logger

_LOG = logger(__name__)

MAX_ASSOCIATIONS = 16
_MOST_TOLD = 8  # of those that were turned away

IDLE_S = 60.0
_END_S = 5.0
# A PDU that has begun is read to its end within that time.
_PDU_S = 15.0
_POLL_S = 0.25
_CHUNK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """Where a server listens, encrypted where there is a context; `name` is whose it is, in words."""

    name: str
    host: str
    port: int
    context: ssl.SSLContext | None = None


class AssociationServer(ThreadedAssociationServer):
    """Lets in only known hosts, or all where `hosts` is None; a handshake that hangs holds up nobody."""

    archive = ""
    turned_away: deque[str]
    hosts: frozenset[str] | None = frozenset()
    is_ending = False
    thread: threading.Thread | None = None

    @property
    def message_limit_bytes(self) -> int:
        """The longest message that is taken."""
        return MAX_MESSAGE_BYTES

    def start(self) -> None:
        """Take connections from now on, in a thread."""
        self.turned_away = deque(maxlen=_MOST_TOLD)
        self.bind(evt.EVT_REJECTED, self.turn_away)
        self.thread = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Take no more, and end all that is open."""
        self.is_ending = True
        self.shutdown()
        self.server_close()  # connections being taken in have begun their associations by its end
        for association in self.active_associations:
            _end(association)
        if self.thread is not None:
            self.thread.join(_END_S)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """The next connection; its TLS handshake comes with the first bytes that are read."""
        listening = self.socket
        if listening is None:
            raise OSError("the listener was closed")
        client, address = listening.accept()
        client.settimeout(IDLE_S)
        if self.ssl_context is not None:
            try:
                client = self.ssl_context.wrap_socket(
                    client, server_side=True, do_handshake_on_connect=False
                )
            except BaseException:
                client.close()
                raise
        return client, address

    def verify_request(self, request: object, client_address: Any) -> bool:  # noqa: ARG002 (socketserver's)
        """Whether this host may connect at all."""
        host = str(client_address[0]).removeprefix("::ffff:")
        if self.hosts is None:
            return True
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


class Handler(RequestHandler):
    """Reads within limits, and shows no traceback whatever a peer sends."""

    def _create_association(self) -> Association:
        association = super()._create_association()
        association.dul = Provider(association)
        association.dul.daemon = True
        server = self.server if isinstance(self.server, AssociationServer) else None
        messages = association.dimse = Messages(association)
        messages.limit_bytes = server.message_limit_bytes if server else 0
        association.network_timeout = self.ae.network_timeout
        association.acse_timeout = self.ae.acse_timeout
        opened = CappedSocket(association, client_socket=self.request)
        opened.server = server
        association.set_socket(opened)
        association.daemon = True
        return association


class CappedSocket(AssociationSocket):
    """Believes no PDU length beyond what is allowed (PS3.8 section 9.3), nor waits long for its end."""

    server: AssociationServer | None = None

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
                opened.settimeout(IDLE_S)
            if not part:
                break
            taken += part
        return taken


ServerT = TypeVar("ServerT", bound=AssociationServer)


def bind_server(
    kind: type[ServerT], interface: Interface, entity: AE, contexts: Sequence[PresentationContext]
) -> ServerT:
    """A server at this interface, which is not started yet.

    Raises `ArchiveRefused` with CONFIGURATION where there is no such interface, or its port is taken.
    """
    try:
        return kind(
            entity,
            (interface.host, interface.port),
            entity.ae_title,
            list(contexts),
            ssl_context=interface.context,
            request_handler=Handler,
        )
    except (OSError, OverflowError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "no such interface"
        problem = f"cannot listen on {interface.host}:{interface.port} ({why})"
        remedy = "end the program that has this port, or name another interface or port"
        raise refusal(interface.name, Reason.CONFIGURATION, problem, remedy) from None


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
    if isinstance(opened, CappedSocket):
        opened.cut()
