"""The connection below an association: opened with every failure told apart, read within limits.

pynetdicom opens its own socket in a thread and logs what went wrong; it reads as much as a peer
announces, for as long as the peer likes. Here the connection is opened first, in the caller's
thread, and what is read has a limit of size and of time.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

from hosr.archive.addresses import Destination, DimseAddress
from hosr.archive.tls import client_context, tls_failure
from hosr.archive.values import refusal
from hosr.errors import Reason

# No PDU that is valid here is longer: of data, the maximum length that hosr announces; of an
# association, 128 presentation contexts and their items (PS3.8 section 9.3).
MAX_PDU_BYTES = 1 << 20

_CHUNK_BYTES = 1 << 16
_HURRY_S = 0.25


def open_connection(destination: Destination, address: DimseAddress) -> socket.socket:
    """A connection to the archive, encrypted where its address says so.

    Raises
    ------
    ArchiveError
        UNREACHABLE, INSECURE, or CONFIGURATION for a host name that is none.
    """
    context = client_context(destination.tls, destination.name) if address.secure else None
    plain = _connect(destination, address)
    if context is None:
        return plain
    try:
        return context.wrap_socket(plain, server_hostname=address.host)
    except OSError as error:
        raise tls_failure(error).refusal(destination.name) from None
    except ValueError:
        raise _no_host(destination) from None
    finally:
        plain.close()


def _connect(destination: Destination, address: DimseAddress) -> socket.socket:
    if not 0 < address.port < 1 << 16:  # the system would take its last 16 bits
        raise _no_host(destination)
    try:
        plain = socket.create_connection(
            (address.host, address.port), timeout=destination.connect_s
        )
    except socket.gaierror:
        problem, remedy = "its host name is not known", "check the host name and the network"
    except TimeoutError:
        problem = f"no connection within {destination.connect_s:g} s"
        remedy = "check the address, and that no firewall stands between"
    except UnicodeError:
        raise _no_host(destination) from None
    except OSError as error:
        problem = f"no connection ({error.strerror or type(error).__name__})"
        remedy = "check the address, and that the archive runs"
    else:
        # A request is a command and a data set in two pieces: Nagle's algorithm would hold back
        # the second until the first is acknowledged, up to 40 ms later.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain
    raise refusal(destination.name, Reason.UNREACHABLE, problem, remedy)


def acknowledge_at_once(opened: socket.socket) -> None:
    """Do not let the peer wait for the acknowledgement of what was received, where that is possible.

    DCMTK and Orthanc send a PDU in two pieces and keep Nagle's algorithm, which holds back the
    second until the first is acknowledged, by default 40 ms later. Linux forgets the setting.
    """
    if sys.platform == "linux":
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _no_host(destination: Destination) -> Exception:
    problem, remedy = "its address has no valid host name and port", "mend the address"
    return refusal(destination.name, Reason.CONFIGURATION, problem, remedy)


# An A-ASSOCIATE-RJ is no longer (PS3.8 section 9.3.4).
_FIRST_BYTES = 10


class Connection(AssociationSocket):
    """An open connection as pynetdicom's state machine uses it.

    `failure` is what broke it, `ended` is set where it broke or the peer closed it, `first_bytes`
    is how the peer began to speak, and `moved_bytes` what went to and fro.
    """

    def __init__(self, association: Association, opened: socket.socket, answer_s: float) -> None:
        self._opened = opened
        self._answer_s = answer_s
        self._unread = bytearray()
        self.ended = False
        self.failure: OSError | None = None
        self.first_bytes = b""
        self.moved_bytes = 0
        opened.settimeout(answer_s)
        acknowledge_at_once(opened)
        super().__init__(association, address=AddressInformation("127.0.0.1", 0))

    def _create_socket(self, address: AddressInformation) -> socket.socket:  # noqa: ARG002 (pynetdicom's)
        return self._opened

    @property
    def tls_version(self) -> str:
        """The version of TLS that is spoken; empty where the connection is not encrypted."""
        opened = self._opened
        return (opened.version() or "") if isinstance(opened, ssl.SSLSocket) else ""

    def connect(self, primitive: T_CONNECT) -> None:
        """Tell the state machine that there is a connection, for there is one already."""
        self._is_connected = True
        local = AddressInformation.from_tuple(self._opened.getsockname())
        self.assoc.requestor.address_info = local
        peer = {"address": primitive.address_info.as_tuple}
        evt.trigger(self.assoc, evt.EVT_CONN_OPEN, peer)
        primitive.result = "Evt2"
        self.provider_queue.put(primitive)
        self._ready.set()

    @property
    def ready(self) -> bool:
        """Whether there is anything to read, the end of the connection included."""
        if self.socket is None or not self._is_connected:
            return False
        return bool(self._unread) or self.ended or self._take(0)

    def recv(self, nr_bytes: int) -> bytearray:
        """This many bytes, or fewer where the connection ended before."""
        if nr_bytes > MAX_PDU_BYTES:
            self.failure = OSError("a longer PDU than is allowed")
            raise self.failure
        start = time.monotonic()
        while len(self._unread) < nr_bytes and not self.ended:
            rest_s = start + self._answer_s - time.monotonic()
            if rest_s <= 0:
                self.failure = TimeoutError("a PDU that did not end")
                raise self.failure
            self._take(min(rest_s, _HURRY_S))
        taken = self._unread[:nr_bytes]
        del self._unread[:nr_bytes]
        return taken

    def send(self, bytestream: bytes) -> None:
        """Send all of it, or tell the state machine that the connection is closed."""
        try:
            for start in range(0, len(bytestream), _CHUNK_BYTES):  # each has its own time
                chunk = bytestream[start : start + _CHUNK_BYTES]
                self._opened.sendall(chunk)
                self.moved_bytes += len(chunk)
            evt.trigger(self.assoc, evt.EVT_DATA_SENT, {"data": bytestream})
        except OSError:
            self._take(0)  # what the peer said before it went, such as an alert of TLS
            self.event_queue.put("Evt17")

    def _take(self, wait_s: float) -> bool:
        """Take what has come; whether anything has, the end of the connection included."""
        try:
            self._opened.settimeout(wait_s)
            taken = self._opened.recv(_CHUNK_BYTES)
            acknowledge_at_once(self._opened)
            self._opened.settimeout(self._answer_s)
        except (BlockingIOError, TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._opened.settimeout(self._answer_s)
            return False
        except OSError as error:
            self.failure = error
            taken = b""
        self.ended = not taken
        self._unread += taken
        self.moved_bytes += len(taken)
        self.first_bytes = (self.first_bytes + taken[:_FIRST_BYTES])[:_FIRST_BYTES]
        return True

    def hurry(self) -> None:
        """Wait no longer than needed for what nothing depends on any more."""
        self._answer_s = _HURRY_S

    def cut(self) -> None:
        """Close it, whatever is under way."""
        self._shutdown_socket()

    def _shutdown_socket(self) -> None:
        try:
            self._opened.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the peer was first
        finally:
            self._opened.close()
