"""A message, and how it is written for its receiver: line ends, who sends to whom, the pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LineEnd(StrEnum):
    r"""How the lines of the report end inside a message.

    The standard has the repetition separator end a line of TX (v2.5.1 section 2.A.78); `\.br\` is of
    formatted text, and read in TX by many; some systems take each OBX as one line.
    """

    REPEAT = "repeat"
    BREAK = "br"
    SEGMENT = "obx-per-line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sends or receives, as both sides agreed on (MSH-3 to MSH-6)."""

    application: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageForm:
    """The form of a message.

    `issuer` issued the patient IDs of headers that name no issuer; `oids` are the OIDs of issuers by
    their names. The pages go with the message where `with_pdf` says so and their Base64 has no more
    than `pdf_characters`: 65,536 is what common parsers take in a field.
    """

    lines: LineEnd = LineEnd.REPEAT
    sender: Party = Party(application="HOSR")
    receiver: Party = Party()
    issuer: str = ""
    oids: tuple[tuple[str, str], ...] = ()
    with_pdf: bool = False
    pdf_characters: int = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is sent, without the frame of a protocol; segments end with CR.

    `control_id` is its MSH-10: it follows from all else that the message says, so that a retry has
    the same one, and another version of the report another. `notes` say what it had to leave open.
    """

    data: bytes
    control_id: str
    notes: tuple[str, ...]
