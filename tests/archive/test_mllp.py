"""Delivery over real sockets to receivers that do what a script says, well or badly."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import trustme

from hosr.archive.mllp import ACKNOWLEDGEMENTS, Acknowledgement, Receiver, deliver
from hosr.errors import ArchiveError, ArchiveUnreachable, Reason

# Larger than what the sockets of one machine hold: a receiver that does not read is noticed.
MESSAGE = b"MSH|^~\\&|HOSR\rOBX|1\r" + b"x" * 100_000
MSH = "MSH|^~\\&|R|F|HOSR||20260302||ACK|1|P|2.5.1\r"

Act = Callable[[socket.socket], None]


def ack(*segments: str, end: bytes = b"\x1c\r") -> bytes:
    """An acknowledgement of these segments, in its frame."""
    return b"\x0b" + "".join([MSH, *(f"{each}\r" for each in segments)]).encode() + end


ACCEPTED = ack("MSA|AA|0A1B")


def _sends(*parts: bytes, pause_s: float = 0.0) -> Act:
    def act(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)

    return act


def _waits(connection: socket.socket) -> None:
    connection.recv(1)  # until the sender has gone


def _resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def _scripted(act: Act, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A receiver that reads one message, then does this; its port, and what it has read."""
    seen: list[bytes] = []

    def serve() -> None:
        plain, _ = server.accept()
        plain.settimeout(10)
        with suppress(OSError):
            connection = plain if context is None else context.wrap_socket(plain, server_side=True)
            read = b""
            while not read.endswith(b"\x1c\r"):
                part = connection.recv(65_536)
                if not part:
                    break
                read += part
            seen.append(read)
            act(connection)
            connection.close()
        plain.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], seen
        thread.join(10)


def _deliver(act: Act, answer_s: float = 10.0) -> Acknowledgement | Reason:
    with _scripted(act) as (port, seen):
        receiver = Receiver(name="ris", host="127.0.0.1", port=port, answer_s=answer_s)
        try:
            return deliver(MESSAGE, "0A1B", receiver)
        except ArchiveError as error:
            return error.reason
        finally:
            assert seen == [b"\x0b" + MESSAGE + b"\x1c\r"]


AA = Acknowledgement(code="AA", remarks=0)
SCRIPTS: dict[str, tuple[Act, Acknowledgement | Reason]] = {
    "accepts": (_sends(ACCEPTED), AA),
    "commits": (_sends(ack("MSA|CA|0A1B")), Acknowledgement(code="CA", remarks=0)),
    "in single bytes": (_sends(*(bytes([b]) for b in ACCEPTED)), AA),
    "with warnings": (
        _sends(ack("MSA|AA|0A1B", "ERR|||0^x^HL70357|W", "ERR|||0^x^HL70357|I")),
        Acknowledgement(code="AA", remarks=2),
    ),
    "two at once": (_sends(ACCEPTED + ack("MSA|AA|OTHER")), AA),
    "noise before it": (_sends(b"\r\n\x1c\r keep-alive", ACCEPTED), AA),
    "a frame that was given up": (_sends(b"\x0bMSH|half", ACCEPTED), AA),
    "line feeds": (_sends(ACCEPTED.replace(b"\rMSA", b"\nMSA")), AA),
    "other delimiters": (_sends(b"\x0bMSH#^~\\&#\rMSA#AA#0A1B#\r\x1c\r"), AA),
    "200 KB": (_sends(ack("MSA|AA|0A1B", "NTE|1||" + "x" * 200_000)), AA),
    "more than an acknowledgement": (
        _sends(b"\x0b" + b"x" * (1 << 20), b"x" * 100_000),
        Reason.UNRECOGNISED,
    ),
    "error": (_sends(ack("MSA|AE|0A1B")), Reason.DATA),
    "rejection": (_sends(ack("MSA|AR|0A1B")), Reason.CONFIGURATION),
    "rejection of what it could not read": (_sends(ack("MSA|AR|")), Reason.CONFIGURATION),
    "of another message": (_sends(ack("MSA|AA|OTHER")), Reason.UNRECOGNISED),
    "error of another message": (_sends(ack("MSA|AE|OTHER")), Reason.UNRECOGNISED),
    "of no message": (_sends(ack("MSA|AA")), Reason.UNRECOGNISED),
    "no code": (_sends(ack("MSA||0A1B")), Reason.LOST),
    "an unknown code": (_sends(ack("MSA|OK|0A1B")), Reason.LOST),
    "no MSA": (_sends(ack("NTE|1")), Reason.LOST),
    "an empty frame": (_sends(b"\x0b\x1c\r"), Reason.LOST),
    "another protocol": (_sends(b"\x0bHTTP/1.1 400\r\x1c\r"), Reason.LOST),
    "half of it": (_sends(ACCEPTED[:20]), Reason.LOST),
    "a page of the web": (_sends(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Reason.UNRECOGNISED),
    "nothing": (_sends(), Reason.LOST),
    "a reset": (_resets, Reason.LOST),
}


@pytest.mark.parametrize(("act", "expected"), SCRIPTS.values(), ids=SCRIPTS)
def test_what_a_receiver_answers(act: Act, expected: Acknowledgement | Reason) -> None:
    """Only an acceptance of this message counts; what is not understood is sent again, a no is not."""
    assert _deliver(act) == expected


def test_a_receiver_that_is_silent_or_drips_is_left() -> None:
    """The time is for the whole answer, however steadily it comes."""
    for act in (_waits, _sends(*(bytes([b]) for b in ACCEPTED), pause_s=0.02)):
        began = time.monotonic()
        assert _deliver(act, answer_s=0.3) is Reason.LOST
        assert time.monotonic() - began < 5


def test_nobody_at_the_port() -> None:
    """A refused connection is told without the message."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    receiver = Receiver(name="ris", host="127.0.0.1", port=port)
    with pytest.raises(ArchiveUnreachable, match=r"^ris: does not answer at this host and port"):
        deliver(MESSAGE, "0A1B", receiver)


def test_over_tls() -> None:
    """Who is trusted is accepted; a certificate of others, and no TLS at all, are not."""
    authority, server, client = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), {}
    authority.issue_cert("127.0.0.1").configure_cert(server)
    for name, trusted in (("ours", authority), ("other", trustme.CA())):
        client[name] = ssl.create_default_context()
        trusted.configure_trust(client[name])
    for name, context, connect_s, expected in (
        ("ours", server, 10, AA),
        ("other", server, 10, Reason.INSECURE),
        ("ours", None, 0.5, Reason.UNREACHABLE),  # it waits for the rest of a message
    ):
        with _scripted(_sends(ACCEPTED), context) as (port, _):
            trusting = client[name]
            receiver = Receiver(
                name="ris", host="127.0.0.1", port=port, context=trusting, connect_s=connect_s
            )
            try:
                answer: Acknowledgement | Reason = deliver(MESSAGE, "0A1B", receiver)
            except ArchiveError as error:
                answer = error.reason
            assert answer == expected, name


def test_every_code_of_the_table_is_ruled() -> None:
    """HL7 table 0008 has six codes; two of them accept."""
    assert set(ACKNOWLEDGEMENTS) == {"AA", "AE", "AR", "CA", "CE", "CR"}
    assert [code for code, cause in ACKNOWLEDGEMENTS.items() if cause is None] == ["AA", "CA"]
