"""A web server on a real socket that does what a test tells it, however wrong."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Peer",
    "Received",
    "Step",
    "answer",
    "cut",
    "dicom_json",
    "drip",
    "hang",
    "pour",
    "raw",
    "reset",
    "scripted_peer",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request as it came in; the names of `headers` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the peer does with one request; it says whether it goes on with the connection.

    `early` is to do it when the head has come, and not to wait for the body.
    """

    act: Callable[[socket.socket, threading.Event], bool]
    early: bool = False


@dataclass(slots=True, kw_only=True)
class Peer:
    """A running peer, and what was asked of it."""

    url: str
    connections: int = 0
    received: list[Received] = field(default_factory=list)


def answer(
    status: int,
    body: bytes = b"",
    content_type: str = "application/dicom+json",
    headers: Mapping[str, str] | None = None,
    *,
    early: bool = False,
) -> Step:
    """A whole answer, after which the connection is kept."""
    lines = {"Content-Length": str(len(body)), "Content-Type": content_type, **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    whole = f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode("latin-1") + body

    def act(connection: socket.socket, _: threading.Event) -> bool:
        connection.sendall(whole)
        return not early

    return Step(act=act, early=early)


def dicom_json(status: int, content: Any, **headers: str) -> Step:
    """An answer in DICOM JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(status, json.dumps(content).encode(), headers=named)


def raw(content: bytes) -> Step:
    """These bytes, and the end of the connection."""

    def act(connection: socket.socket, _: threading.Event) -> bool:
        connection.sendall(content)
        return False

    return Step(act=act)


def cut() -> Step:
    """The end of the connection without an answer."""
    return raw(b"")


def reset(content: bytes = b"", *, early: bool = False) -> Step:
    """These bytes, then the connection is torn down (RST)."""

    def act(connection: socket.socket, _: threading.Event) -> bool:
        connection.sendall(content)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return Step(act=act, early=early)


def hang(content: bytes = b"") -> Step:
    """These bytes, and then silence as long as the peer runs."""

    def act(connection: socket.socket, done: threading.Event) -> bool:
        connection.sendall(content)
        done.wait()
        return False

    return Step(act=act)


def drip(start: bytes, then: bytes, *, every_s: float = 0.02) -> Step:
    """These bytes, and then others one by one without an end."""

    def act(connection: socket.socket, done: threading.Event) -> bool:
        connection.sendall(start)
        for byte in _for_ever(then):
            if done.wait(every_s):
                break
            connection.sendall(bytes([byte]))
        return False

    return Step(act=act)


def pour(start: bytes, then: bytes) -> Step:
    """These bytes, and then others as fast as they are taken, without an end."""

    def act(connection: socket.socket, done: threading.Event) -> bool:
        connection.sendall(start)
        while not done.is_set():
            connection.sendall(then)
        return False

    return Step(act=act)


@contextmanager
def scripted_peer(
    *steps: Step, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Peer]:
    """A peer that does one step per request, in their order, and does the last for all others."""
    done = threading.Event()
    with socket.create_server((host, 0)) as listener:
        scheme = "http" if context is None else "https"
        peer = Peer(url=f"{scheme}://{host}:{listener.getsockname()[1]}/dicom-web")
        server = _Server(peer, steps, context, done)
        thread = threading.Thread(target=server.accept, args=(listener,))
        thread.start()
        try:
            yield peer
        finally:
            done.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            server.stop()


class _Server:
    def __init__(
        self,
        peer: Peer,
        steps: Sequence[Step],
        context: ssl.SSLContext | None,
        done: threading.Event,
    ) -> None:
        self._peer = peer
        self._steps = steps
        self._context = context
        self._done = done
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def accept(self, listener: socket.socket) -> None:
        """Serve every connection in a thread of its own."""
        with suppress(OSError):
            while not self._done.is_set():
                connection, _ = listener.accept()
                self._peer.connections += 1
                self._open.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def stop(self) -> None:
        """End whatever still goes on."""
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, EOFError):
            if self._context is None:
                self._talk(connection)
                return
            with self._secured(connection) as secured:
                self._talk(secured)

    def _secured(self, connection: socket.socket) -> ssl.SSLSocket:
        """A copy of the connection with TLS; `stop` can end the connection underneath."""
        assert self._context is not None
        try:
            return self._context.wrap_socket(connection.dup(), server_side=True)
        except OSError:
            # What is still coming is read, lest the alert be lost with a reset.
            connection.settimeout(5)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
            raise

    def _talk(self, connection: socket.socket) -> None:
        goes_on = True
        while goes_on:
            stream = _Stream(connection)
            head = stream.until(b"\r\n\r\n").decode("latin-1")
            first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
            step = self._steps[min(len(self._peer.received), len(self._steps) - 1)]
            body = b"" if step.early else stream.exactly(int(headers.get("content-length", "0")))
            method, target, _ = first.split(" ")
            self._peer.received.append(
                Received(method=method, target=target, headers=headers, body=body)
            )
            goes_on = step.act(connection, self._done)


class _Stream:
    """What comes in on a connection; a client asks again only when it was answered."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._more()
        end = self._buffer.index(mark) + len(mark)
        found, self._buffer = self._buffer[:end], self._buffer[end:]
        return found

    def exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        found, self._buffer = self._buffer[:count], self._buffer[count:]
        return found

    def _more(self) -> None:
        block = self._connection.recv(1 << 16)
        if not block:
            raise EOFError
        self._buffer += block


def _for_ever(content: bytes) -> Iterator[int]:
    while True:
        yield from content
