"""The TLS end before a server that has none: it passes on what comes, both ways."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

__all__ = ["tls_front"]


@contextmanager
def tls_front(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port of this machine where TLS is spoken, before a port where it is not."""
    threads: list[threading.Thread] = []
    done = threading.Event()

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                outer, _ = listener.accept()
                thread = threading.Thread(target=_pass_on, args=(outer, port, context, done))
                threads.append(thread)
                thread.start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads.append(threading.Thread(target=accept, args=(listener,)))
        threads[0].start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _pass_on(
    outer: socket.socket, port: int, context: ssl.SSLContext, done: threading.Event
) -> None:
    outer.settimeout(60)
    with (
        suppress(OSError),
        context.wrap_socket(outer, server_side=True) as client,
        socket.create_connection(("127.0.0.1", port), 60) as server,
    ):
        while not done.is_set() and _move(client, server) and _move(server, client):
            if not client.pending():
                select.select([client, server], [], [], 0.2)


def _move(source: socket.socket, target: socket.socket) -> bool:
    """Move what has come in; False once no more will."""
    pending = source.pending() if isinstance(source, ssl.SSLSocket) else 0
    if not pending and not select.select([source], [], [], 0)[0]:
        return True
    block = source.recv(1 << 16)
    target.sendall(block)
    return bool(block)
