"""MLLP: a message in its frame over TCP or TLS, and the acknowledgement that says who has it now.

One message a connection: what comes back can then only be of this message. A receiver that said nothing
that can be understood may have the message or not. It is sent again with the same bytes: their control ID
tells the receiver that it is the same.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from dataclasses import dataclass

from hosr.archive.tls import tls_failure
from hosr.archive.values import Cause, cause
from hosr.errors import ArchiveError, Reason
from hosr.logs import logger

_LOG = logger(__name__)

_START, _END = b"\x0b", b"\x1c\r"
_MOST_BYTES = 1 << 20
_PART_BYTES = 1 << 16

# HL7 table 0008: None where the receiver has taken the message over, else what became of it.
ACKNOWLEDGEMENTS: dict[str, Cause | None] = {
    **dict.fromkeys(("AA", "CA")),
    **dict.fromkeys(
        ("AE", "CE"),
        cause(Reason.DATA, "found an error in the message", "look at the log of the receiver"),
    ),
    **dict.fromkeys(
        ("AR", "CR"),
        cause(
            Reason.CONFIGURATION,
            "rejected the message",
            "look at the log of the receiver: it may not take this kind of message, or have failed",
        ),
    ),
}

_SAME_AGAIN = "the same message is sent again"
_NO_CONNECTION = cause(
    Reason.UNREACHABLE, "does not answer at this host and port", "check both, and the network"
)
_CUT = cause(Reason.LOST, "ended the connection before its acknowledgement", _SAME_AGAIN)
_SLOW = cause(Reason.LOST, "did not acknowledge the message in time", _SAME_AGAIN)
_GARBLED = cause(Reason.LOST, "answered without an acknowledgement", _SAME_AGAIN)
_TOO_LONG = cause(
    Reason.UNRECOGNISED,
    "sent more than an acknowledgement",
    "check the port: is it a listener of HL7?",
)
_NO_HL7 = cause(
    Reason.UNRECOGNISED,
    "answered with something other than HL7",
    "check the port: is it a listener of HL7?",
)
_OF_ANOTHER = cause(
    Reason.UNRECOGNISED,
    "acknowledged another message",
    "look at the log of the receiver, whether it has this one",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Where messages go: over TLS where there is a `context`, which says who is trusted.

    `answer_s` is the longest from the first byte that is sent to the last of the acknowledgement.
    """

    name: str
    host: str
    port: int
    context: ssl.SSLContext | None = None
    connect_s: float = 10.0
    answer_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """That a receiver has taken a message over: by what code, and how much it remarked (ERR)."""

    code: str
    remarks: int


def deliver(message: bytes, control_id: str, receiver: Receiver) -> Acknowledgement:
    """Send a message with this control ID (MSH-10) and wait for its acknowledgement.

    Raises `ArchiveUnreachable` where there was none that can be understood, and `ArchiveRefused` where
    it says that the receiver does not have the message.
    """
    begun = time.monotonic()
    try:
        with connect(receiver) as connection:
            answer = _exchange(connection, message, receiver)
        acknowledgement = read_acknowledgement(answer, control_id, receiver.name)
    except ArchiveError as error:
        _log(receiver, message, f"{error.reason} {error.status}".strip(), begun)
        raise
    _log(receiver, message, acknowledgement.code, begun)
    return acknowledgement


def _log(receiver: Receiver, message: bytes, outcome: str, begun: float) -> None:
    """One line for each message: how large it was, and what came of it."""
    where, after_s = f"{receiver.host}:{receiver.port}", time.monotonic() - begun
    _LOG.info("message to %s, %d bytes: %s after %.2f s", where, len(message), outcome, after_s)


def connect(receiver: Receiver) -> socket.socket:
    """A connection, over TLS where there is a context; `ArchiveUnreachable` where there is none."""
    try:
        plain = socket.create_connection((receiver.host, receiver.port), receiver.connect_s)
    except OSError:
        raise _NO_CONNECTION.refusal(receiver.name) from None
    if receiver.context is None:
        return plain
    try:
        return receiver.context.wrap_socket(plain, server_hostname=receiver.host)
    except OSError as error:
        plain.close()
        raise tls_failure(error).refusal(receiver.name) from None


def _exchange(connection: socket.socket, data: bytes, receiver: Receiver) -> bytes:
    deadline = time.monotonic() + receiver.answer_s
    try:
        connection.settimeout(receiver.answer_s)
        connection.sendall(_START + data + _END)
        return _receive(connection, deadline, receiver.name)
    except TimeoutError:
        raise _SLOW.refusal(receiver.name) from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise _CUT.refusal(receiver.name) from None
    except ssl.SSLError as error:  # with TLS 1.3 a peer refuses a certificate only now
        raise tls_failure(error).refusal(receiver.name) from None
    except OSError:
        raise _CUT.refusal(receiver.name) from None


def _receive(connection: socket.socket, deadline: float, name: str) -> bytes:
    """What is in the first whole frame, in however many parts it comes."""
    received = bytearray()
    while (found := _first_frame(received)) is None:
        if len(received) > _MOST_BYTES:
            raise _TOO_LONG.refusal(name)
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        connection.settimeout(left_s)
        part = connection.recv(_PART_BYTES)
        if not part:
            cut = _NO_HL7 if received and _START not in received else _CUT
            raise cut.refusal(name)
        received += part
    return found


def _first_frame(received: bytearray) -> bytes | None:
    """A frame without its ends; what stands before it, such as another that was given up, is none."""
    start = received.find(_START)
    end = received.find(_END, start) if start >= 0 else -1
    return None if end < 0 else bytes(received[received.rfind(_START, 0, end) + 1 : end])


def read_acknowledgement(answer: bytes, control_id: str, name: str) -> Acknowledgement:
    """The acknowledgement of the message with this control ID, by `ACKNOWLEDGEMENTS`.

    Remarks beside an acceptance, warnings as a rule, do not undo it. Segments may end in LF. Raises as
    `deliver`, of the receiver of this name; nothing of its own words is told, which may name a patient.
    """
    segments = [each for each in re.split(r"[\r\n]+", answer.decode("latin-1")) if each]
    separator = segments[0][3:4] if segments and segments[0].startswith("MSH") else ""
    if not separator:
        raise _GARBLED.refusal(name)
    fields = [segment.split(separator) for segment in segments]
    code, found = next((_code_and_id(each) for each in fields if each[0] == "MSA"), ("", ""))
    if code not in ACKNOWLEDGEMENTS:
        raise _GARBLED.refusal(name)
    refusal = ACKNOWLEDGEMENTS[code]
    # What could not be read at all is rejected without its control ID.
    if found != control_id and (found or refusal is None):
        raise _OF_ANOTHER.refusal(name)
    if refusal is not None:
        raise refusal.refusal(name, status=code)
    return Acknowledgement(code=code, remarks=sum(each[0] == "ERR" for each in fields))


def _code_and_id(fields: list[str]) -> tuple[str, str]:
    code, control_id, *_ = *fields[1:], "", ""
    return code.strip(), control_id.strip()
