"""How far a draft is, what may be done to it then, and how soon it should be looked at: tables.

No standard lists these: IHE RAD leaves the state of a draft to the system that holds it. The words
are those of a worklist (PS3.4 Annex CC: a procedure step is claimed, and ends completed).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from hosr.errors import DraftRefused, Fault
from hosr.language import message
from hosr.phrases import phrase
from hosr.vocabulary.flags import Flag


class Status(StrEnum):
    """How far a draft is."""

    WAITING = "waiting"  # nobody has looked at it
    OPENED = "opened"  # a reader has it in hand
    HELD = "held"  # put back, for a reason
    SIGNED = "signed"


# Why hosr itself holds a draft, in the words that are kept; {draft} is the one that takes its place.
NEWER_IMAGES = message("newer images: draft {draft}")
REDRAWN = message("redrawn in a viewer: draft {draft}")


class Event(StrEnum):
    """What is done to a draft."""

    ADD = "add"
    OPEN = "open"
    CHANGE = "change"
    HOLD = "hold"
    RELEASE = "release"
    SIGN = "sign"
    AMEND = "amend"


# From where which event leads where; what is not here is refused. A draft is opened once: who opens
# it after that looks at it. What is held is still written to, so that no word is lost that was
# typed while somebody held it.
TRANSITIONS: dict[Event, dict[Status, Status]] = {
    Event.OPEN: {Status.WAITING: Status.OPENED},
    Event.CHANGE: {
        Status.WAITING: Status.OPENED,
        Status.OPENED: Status.OPENED,
        Status.HELD: Status.HELD,
    },
    Event.HOLD: {Status.WAITING: Status.HELD, Status.OPENED: Status.HELD, Status.HELD: Status.HELD},
    Event.RELEASE: {Status.HELD: Status.OPENED},
    Event.SIGN: {Status.WAITING: Status.SIGNED, Status.OPENED: Status.SIGNED},
    Event.AMEND: {Status.SIGNED: Status.SIGNED},
}

# What is said of an event that a status does not allow: what is wrong, and what to do.
REFUSALS: dict[tuple[Event, Status], tuple[str, str]] = {
    (Event.CHANGE, Status.SIGNED): (phrase("is signed"), phrase("amend it, with a reason")),
    (Event.HOLD, Status.SIGNED): (phrase("is signed"), phrase("amend it, with a reason")),
    (Event.RELEASE, Status.SIGNED): (phrase("is signed"), phrase("amend it, with a reason")),
    (Event.RELEASE, Status.WAITING): (phrase("is not held"), phrase("open it")),
    (Event.RELEASE, Status.OPENED): (phrase("is not held"), phrase("go on with it")),
    (Event.SIGN, Status.HELD): (phrase("is held"), phrase("release it first")),
    (Event.SIGN, Status.SIGNED): (phrase("is signed already"), phrase("amend it, with a reason")),
    (Event.AMEND, Status.WAITING): (phrase("is not signed"), phrase("sign it")),
    (Event.AMEND, Status.OPENED): (phrase("is not signed"), phrase("sign it")),
    (Event.AMEND, Status.HELD): (phrase("is not signed"), phrase("release it, and sign it")),
}


def next_status(event: Event, status: Status, draft_id: str) -> Status:
    """Where an event leads from a status. Raises DraftRefused where it leads nowhere."""
    after = TRANSITIONS[event].get(status)
    if after is None:
        raise DraftRefused(Fault(f"draft {draft_id}", *REFUSALS[event, status]))
    return after


class Reason(StrEnum):
    """Why a draft should be looked at before others."""

    CONTRADICTION = "contradiction"
    FAULTS = "faults"
    EQUIVOCAL = "equivocal"
    MODEL_BORDERLINE = "model_borderline"
    OPEN_GRADE = "open_grade"
    NEWER_IMAGES = "newer_images"


# The more urgent, the greater: what cannot be signed as it is, then what a reading error or a
# wavering model could turn, then what has to be decided.
URGENCIES: dict[Reason, int] = {
    Reason.CONTRADICTION: 5,
    Reason.FAULTS: 5,
    Reason.EQUIVOCAL: 4,
    Reason.MODEL_BORDERLINE: 3,
    Reason.OPEN_GRADE: 2,
    Reason.NEWER_IMAGES: 1,
}

# The flags of a graded hip that say so.
FLAGGED: dict[Flag, Reason] = {
    Flag.EQUIVOCAL: Reason.EQUIVOCAL,
    Flag.ISLAND_EQUIVOCAL: Reason.EQUIVOCAL,
    Flag.MODEL_BORDERLINE: Reason.MODEL_BORDERLINE,
}


def urgency_of(reasons: Collection[Reason]) -> int:
    """How urgent a draft is for these reasons; 0 for none."""
    return max((URGENCIES[reason] for reason in reasons), default=0)


def in_order(reasons: Collection[Reason]) -> tuple[Reason, ...]:
    """The reasons, each once, the most urgent first."""
    return tuple(reason for reason in Reason if reason in reasons)
