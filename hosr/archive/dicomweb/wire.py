"""The socket as urllib3 is given it: what a peer sends is believed up to a rate, a time and a size."""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from typing import TYPE_CHECKING

from urllib3.connection import HTTPSConnection

from hosr.archive.values import Cause
from hosr.errors import Reason

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


# A peer that sends slower than this, after the first wait, is not answering but holding the line.
MIN_BYTES_PER_S = 4096.0

# A request, or its answer, that takes longer than that in all will not come to a good end: 2 GiB need
# 600 kB a second.
MAX_S = 3600.0

# How the end of a connection shows, with TLS and without.
ENDED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)

_SENT_BYTES = 1 << 18
# Chunk sizes, trailers and headers beside the content itself.
_OVERHEAD_BYTES = 1 << 20

_TUNNEL_STATUS = re.compile(r"Tunnel connection failed: (\d{3})\b")


class TooLongError(Exception):
    """An answer is longer than it may be, as sent or once it is unpacked."""


class TunnelError(Exception):
    """A proxy did not connect to the archive; `cause` says why."""

    def __init__(self, reason: Reason, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.cause = Cause(reason=reason, problem=problem, remedy=remedy)


class Incoming(io.RawIOBase):
    """The bytes that arrive on a socket; TimeoutError where they stop or trickle.

    A wait of `wait_s` is granted at the start and never more than that at a time; every byte that
    arrives earns a little of it back. So neither silence nor one byte now and then goes on; and
    nothing goes on for longer than `MAX_S`.

    `has_ended` is that the peer sends no more; `has_more` that it sent more than was asked for.
    """

    def __init__(self, opened: socket.socket, wait_s: float, limit_bytes: int) -> None:
        self._opened = opened
        self._wait_s = wait_s
        self._left_s = wait_s
        self._deadline = time.monotonic() + MAX_S
        self._left_bytes = 2 * limit_bytes + _OVERHEAD_BYTES
        self.has_ended = False
        self.has_more = False
        self._is_finished = False

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes, as soon as there are any; 0 at the end."""
        if self._is_finished:
            return 0
        start = time.monotonic()
        left_s = min(self._left_s, self._deadline - start)
        if left_s <= 0:
            raise TimeoutError
        self._opened.settimeout(left_s)
        count = self._opened.recv_into(buffer)
        self.has_ended = count == 0
        earned = count / MIN_BYTES_PER_S - (time.monotonic() - start)
        self._left_s = min(self._wait_s, self._left_s + earned)
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise TooLongError
        return count

    def finish(self) -> None:
        """Take no more from the socket."""
        self._is_finished = True


class _Buffer(io.BufferedReader):
    """What has arrived and was not read yet; at its end it tells what nobody read."""

    def close(self) -> None:
        incoming = self.raw
        if isinstance(incoming, Incoming) and not incoming.closed:
            incoming.finish()
            incoming.has_more = bool(self.peek(1))
        super().close()


class Wire:
    """What stands in place of a socket below urllib3; `incoming` is the answer that is read now.

    Whoever opened it ends it: closed by urllib3, the rest of an answer can still be read.
    """

    def __init__(self, opened: socket.socket, wait_s: float, limit_bytes: int = 0) -> None:
        self._opened = opened
        self._wait_s = wait_s
        self.limit_bytes = limit_bytes
        self.incoming = Incoming(opened, wait_s, limit_bytes)

    def sendall(self, data: ReadableBuffer) -> None:
        """Send all, as long as some of it is taken within each wait, and all of it within `MAX_S`."""
        view, deadline = memoryview(data), time.monotonic() + MAX_S
        while view:
            if time.monotonic() > deadline:
                raise TimeoutError
            self._opened.settimeout(self._wait_s)
            view = view[self._opened.send(view[:_SENT_BYTES]) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The next answer, with waits and bytes counted anew."""
        self.incoming = Incoming(self._opened, self._wait_s, self.limit_bytes)
        return _Buffer(self.incoming, 1 << 16)

    def fileno(self) -> int:
        """What the system knows it by."""
        return self._opened.fileno()

    def settimeout(self, _wait_s: float | None) -> None:
        """Each step sets a wait of its own."""

    def close(self) -> None:
        """Only `end` ends it."""

    def end(self) -> None:
        """End the connection."""
        self._opened.close()


class SecureConnection(HTTPSConnection):
    """urllib3's HTTPS, whose talk with a proxy (CONNECT) is held to the same limits."""

    def _tunnel(self) -> None:
        """Raises TunnelError where the proxy does not connect."""
        plain: socket.socket = self.sock
        self.sock = Wire(plain, self.timeout or 0.0)
        try:
            super()._tunnel()
        except (OSError, TooLongError, http.client.HTTPException, ValueError) as error:
            plain.close()
            raise _refused_tunnel(error) from None
        plain.settimeout(self.timeout)
        self.sock = plain


def _refused_tunnel(error: Exception) -> TunnelError:
    """Why a proxy did not connect. http.client says the status of its answer in words alone."""
    if isinstance(error, TimeoutError):
        problem, remedy = "its proxy does not answer in time", "check the proxy, and its address"
        return TunnelError(Reason.UNREACHABLE, problem, remedy)
    status = _TUNNEL_STATUS.match(str(error)) if isinstance(error, OSError) else None
    if status is None:
        if isinstance(error, ENDED):
            problem = "its proxy ended the connection without an answer"
            return TunnelError(Reason.UNREACHABLE, problem, "look at the log of the proxy")
        problem, remedy = "its proxy does not speak HTTP", "check the address of the proxy"
        return TunnelError(Reason.CONFIGURATION, problem, remedy)
    code = int(status[1])
    if code == http.client.PROXY_AUTHENTICATION_REQUIRED:
        remedy = "write proxy_user with proxy_password_file or proxy_password_env, or mend them"
        return TunnelError(Reason.CONFIGURATION, "its proxy wants other credentials", remedy)
    # What a proxy could not do for now (5xx) may go another time; what it will not, never.
    reason = Reason.UNREACHABLE if code // 100 == 5 else Reason.CONFIGURATION
    problem = f"its proxy did not connect to it (HTTP {code})"
    return TunnelError(
        reason, problem, "let the administrator of the proxy allow this host and port"
    )
