"""What the watch tells as it happens: an event, what it is of, and a few words; never patient data of a header.

A name is that of the file that lies in the inbox. Whoever names files by patients has those in these
lines; the log (`hosr.logs`) holds neither names nor studies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hosr.phrases import several

if TYPE_CHECKING:
    from hosr.errors import Fault

# Faults in one line; of more the first, and how many more there are.
_MOST_FAULTS = 40


class Kind(StrEnum):
    """What happened."""

    WATCHING = "watching"
    RECEIVED = "received"  # images, by C-STORE
    DRAFT = "draft"
    KNOWN = "known"  # the result has its draft already
    NEWER = "newer"  # a draft of newer images, in place of one before
    WAITING = "waiting"
    REFUSED = "refused"
    FAILED = "failed"  # tried again
    ALERT = "alert"  # needs a person
    STOPPED = "stopped"


# What `hosr describe watch` says of each.
MEANINGS: dict[Kind, str] = {
    Kind.WATCHING: "it has begun",
    Kind.RECEIVED: "images of a study were sent here",
    Kind.DRAFT: "a draft was made of a result, which lies in `done`",
    Kind.KNOWN: "the result has its draft already; it lies in `done`",
    Kind.NEWER: "newer images of its study have come: the result has another draft",
    Kind.WAITING: "the result stays in the inbox: its images are not all here",
    Kind.REFUSED: "no draft can be made of the result, which lies in `refused`, with the reason",
    Kind.FAILED: "this machine or an archive failed; it is tried again",
    Kind.ALERT: "somebody should look: it waits too long, or newer images cannot be used",
    Kind.STOPPED: "it has ended",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event: its kind, the draft, study or file that it is of, and what is to be said of it."""

    kind: Kind
    subject: str = ""
    words: str = ""

    def __str__(self) -> str:
        """The event as a line, without its time."""
        told = f"{self.kind} {self.subject}".strip()
        return f"{told}: {self.words}" if self.words else told


def tell_faults(faults: Sequence[Fault]) -> str:
    """All faults with what to do about each, on the line of an event."""
    return several((" ".join(str(fault).split()) for fault in faults), ";", _MOST_FAULTS)


Tell = Callable[[Event], None]
