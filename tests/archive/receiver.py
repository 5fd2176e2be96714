"""A receiver of HL7 v2 on a free port, which acknowledges as it is told and keeps what it read."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

START, END = b"\x0b", b"\x1c\r"
SILENT = "silent"  # as a code: it reads the message, and ends the connection


@dataclass(slots=True, kw_only=True)
class ScriptedReceiver:
    """What it read, and the codes that it answers with next: AA where none is left."""

    port: int
    codes: list[str] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)

    @property
    def orders(self) -> list[str]:
        """The status (OBR-25) of each message that it read."""
        return [_field(message, b"OBR", 25) for message in self.read]

    def serve(self, server: socket.socket, context: ssl.SSLContext | None) -> None:
        """Take connections until the socket is closed, one at a time."""
        while True:
            try:
                plain, _ = server.accept()
            except OSError:
                return
            with plain, suppress(OSError):
                plain.settimeout(10)
                self._answer(plain if context is None else context.wrap_socket(plain, True))

    def _answer(self, connection: socket.socket) -> None:
        received = b""
        while not received.endswith(END):
            part = connection.recv(65_536)
            if not part:
                return
            received += part
        message = received[1 : -len(END)]
        code = self.codes.pop(0) if self.codes else "AA"
        self.read.append(message)
        if code != SILENT:
            control_id = _field(message, b"MSH", 9)
            answer = f"MSH|^~\\&|R|F|HOSR||2026||ACK|1|P|2.5.1\rMSA|{code}|{control_id}\r"
            connection.sendall(START + answer.encode() + END)
        connection.close()


def _field(message: bytes, segment: bytes, number: int) -> str:
    line = next(each for each in message.split(b"\r") if each.startswith(segment))
    return line.split(b"|")[number].decode()


@contextmanager
def receiving(
    codes: Sequence[str] = (), context: ssl.SSLContext | None = None
) -> Iterator[ScriptedReceiver]:
    """One that listens, over TLS where there is a context."""
    server = socket.create_server(("127.0.0.1", 0))
    receiver = ScriptedReceiver(port=server.getsockname()[1], codes=list(codes))
    thread = threading.Thread(target=receiver.serve, args=(server, context), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)
