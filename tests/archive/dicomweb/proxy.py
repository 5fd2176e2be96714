"""A small proxy on a real socket: it connects (CONNECT), passes on requests, or does as it is told."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["RunningProxy", "running_proxy"]

Act = Callable[[socket.socket, threading.Event], None]


@dataclass(slots=True, kw_only=True)
class RunningProxy:
    """A proxy and the heads of the requests that it got."""

    port: int
    heads: list[str] = field(default_factory=list)

    @property
    def targets(self) -> list[str]:
        """The first line of each request."""
        return [head.partition("\r\n")[0] for head in self.heads]


@contextmanager
def running_proxy(*, wants: str = "", act: Act | None = None) -> Iterator[RunningProxy]:
    """A proxy that lets in whoever shows `wants` as Proxy-Authorization; or one that does `act`."""
    done = threading.Event()
    threads: list[threading.Thread] = []

    def serve(client: socket.socket) -> None:
        client.settimeout(20)
        with client, suppress(OSError):
            head = _head(client)
            proxy.heads.append(head)
            if act is not None:
                act(client, done)
            elif wants and f"\r\nProxy-Authorization: {wants}\r\n" not in head:
                client.sendall(
                    b"HTTP/1.1 407 Who Are You\r\nProxy-Authenticate: Basic\r\n"
                    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
                )
            elif head.startswith("CONNECT "):
                _connect(client, head, done)
            else:
                _forward(client, head, done)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(client,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = RunningProxy(port=listener.getsockname()[1])
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield proxy
        finally:
            done.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join()


def _head(client: socket.socket) -> str:
    """The head of a request, and not a byte of what follows."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            raise ConnectionError
        head += byte
    return head.decode("latin-1")


def _connect(client: socket.socket, head: str, done: threading.Event) -> None:
    host, _, port = head.split(" ")[1].rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), 20) as server:
        client.sendall(b"HTTP/1.1 200 Connected\r\nVia: 1.1 tests\r\n\r\n")
        _pump(client, server, done)


def _forward(client: socket.socket, head: str, done: threading.Event) -> None:
    first, _, rest = head.partition("\r\n")
    method, target, version = first.split(" ")
    parts = urlsplit(target)
    lines = [line for line in rest.split("\r\n") if not line.startswith("Proxy-")]
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    with socket.create_connection((parts.hostname or "", parts.port or 80), 20) as server:
        server.sendall(f"{method} {path} {version}\r\n".encode() + "\r\n".join(lines).encode())
        _pump(client, server, done)


def _pump(client: socket.socket, server: socket.socket, done: threading.Event) -> None:
    to = {client: server, server: client}
    while not done.is_set():
        for source in select.select([client, server], [], [], 0.1)[0]:
            block = source.recv(1 << 16)
            if not block:
                return
            to[source].sendall(block)
