"""What can be delivered, how it can stand, what may happen to it, and what is done then: as tables.

The outbox keeps, sends, orders and proves all kinds of messages in the same way; what differs
stands in `RULES`.

Every change goes through `next_state`; what the table of transitions does not list cannot happen.
Policies say what is done about each failure, how often, and after which wait. They count tries and
never time, so that a clock that jumps cannot end anything.

What is left of each state when the process is killed in it: QUEUED, STORED and all states that end
have no one at work. SENDING and PROVING carry a lease; when it is over, SENDING is QUEUED again
(the same bytes are sent anew, which archives take as the same object) and PROVING is STORED again
(the proof is asked for anew). PROVING without a lease waits for a report that is known by its
transaction UID, whoever receives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

from hosr.archive.addresses import Destination, Proof
from hosr.errors import Reason


class Kind(StrEnum):
    """What a message is. The words stand in outboxes, and stay."""

    DICOM = "dicom"  # an instance, as a DICOM file
    HL7 = "hl7"  # an HL7 v2 message
    FHIR = "fhir"  # a FHIR resource, which may be a bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How messages of a kind are delivered.

    `known_by` is what their key is, which one destination has once; `proofs` are those that can be
    had at all. Where order counts, a message waits until the former versions of its report are
    delivered or given up, and is not sent any more once a newer one was.
    """

    known_by: str
    proofs: frozenset[Proof]
    is_ordered: bool

    @property
    def lacking(self) -> frozenset[Proof]:
        """The proofs that no destination gives for this kind."""
        return frozenset(Proof) - self.proofs


RULES: dict[Kind, Rules] = {
    Kind.DICOM: Rules(
        known_by="SOP Instance UID (0008,0018)", proofs=frozenset(Proof), is_ordered=False
    ),
    # Its acknowledgment is all that a receiver says (HL7 v2.5.1, section 2.9). What corrects a
    # report must not arrive before the report.
    Kind.HL7: Rules(
        known_by="message control ID (MSH-10)",
        proofs=frozenset({Proof.RESPONSE}),
        is_ordered=True,
    ),
    # What a server shows of the report is its read-back.
    Kind.FHIR: Rules(
        known_by="digest",
        proofs=frozenset({Proof.READ_BACK, Proof.RESPONSE}),
        is_ordered=True,
    ),
}


class State(StrEnum):
    """Where an object stands."""

    QUEUED = "queued"  # to be sent
    SENDING = "sending"  # a worker has it; whether it arrived is not known
    STORED = "stored"  # the archive said that it has it; the proof is outstanding
    PROVING = "proving"  # a worker is at the proof, or a commitment report is awaited
    COMMITTED = "committed"  # the archive took responsibility for it
    VERIFIED = "verified"  # it was fetched back, and is what was sent
    ACCEPTED = "accepted"  # the archive said that it has it, and offers no proof
    HOLD = "hold"  # a person must mend something first
    DEAD = "dead"  # it cannot be stored there
    CONFLICT = "conflict"  # the archive has something else under its UID
    SUPERSEDED = "superseded"  # a newer version of its report was there before it
    DROPPED = "dropped"  # a person gave it up


# State: what it means and, where there is something to do, what to do.
MEANINGS = {
    State.QUEUED: "waiting to be sent",
    State.SENDING: "being sent now",
    State.STORED: "stored; the proof is outstanding",
    State.PROVING: "stored; the archive is being asked for proof",
    State.COMMITTED: "archived: the archive took responsibility (storage commitment)",
    State.VERIFIED: "archived: read back, and the same as what was sent",
    State.ACCEPTED: "taken over, by the word of who was sent it; there is no other proof",
    State.HOLD: "mend what is named, then `hosr outbox retry UID`",
    State.DEAD: "cannot be stored there: correct it, then `hosr outbox retry UID` or `drop UID`",
    State.CONFLICT: (
        "the archive has something else under the UID: compare, then `hosr outbox drop UID`"
    ),
    State.SUPERSEDED: "not sent: a newer version of the report went before it",
    State.DROPPED: "given up by a person",
}

# What an archived state means where the archive changed or doubted something.
WARNED_MEANINGS = {
    State.COMMITTED: "archived with a warning: the archive took responsibility for what it made of it",
    State.VERIFIED: "archived with a warning: read back, and what was sent but for what is named",
    State.ACCEPTED: "taken over with a warning, by the word of who was sent it; there is no other proof",
}


class Event(StrEnum):
    """What happens to an object."""

    CLAIM = "claim"  # a worker takes it to send it
    STORE = "store"  # the archive said that it has it
    PROVE = "prove"  # a worker takes it to prove it
    AWAIT = "await"  # the archive was asked for commitment and said that it heard
    ADVANCE = "advance"  # one of several proofs is had
    COMMIT = "commit"  # the last proof is had, and commitment is among them
    VERIFY = "verify"  # the last proof is had, and the strongest is read-back
    ACCEPT = "accept"  # the answer is all the proof that is asked for or offered
    FAIL = "fail"  # it did not work, and will be tried again
    LAPSE = "lapse"  # the lease or the wait is over
    RELEASE = "release"  # the worker gives it back untouched
    RESEND = "resend"  # the archive said that it has it, and has not
    HOLD = "hold"  # trying again would not help until a person did something
    DIE = "die"  # trying again would never help
    CONTRADICT = "contradict"  # the archive has something else under its UID
    SUPERSEDE = "supersede"  # a newer version of its report is there, or on its way
    REQUEUE = "requeue"  # a person says: again
    DROP = "drop"  # a person says: no more
    RECHECK = "recheck"  # a person says: ask the archive whether it still has it


TRANSITIONS: dict[State, dict[Event, State]] = {
    State.QUEUED: {
        Event.CLAIM: State.SENDING,
        Event.HOLD: State.HOLD,
        Event.SUPERSEDE: State.SUPERSEDED,
        Event.DROP: State.DROPPED,
    },
    State.SENDING: {
        Event.STORE: State.STORED,
        Event.FAIL: State.QUEUED,
        Event.LAPSE: State.QUEUED,
        Event.RELEASE: State.QUEUED,
        Event.HOLD: State.HOLD,
        Event.DIE: State.DEAD,
        Event.CONTRADICT: State.CONFLICT,
        Event.SUPERSEDE: State.SUPERSEDED,
    },
    State.STORED: {
        Event.PROVE: State.PROVING,
        Event.ADVANCE: State.STORED,
        Event.COMMIT: State.COMMITTED,
        Event.VERIFY: State.VERIFIED,
        Event.ACCEPT: State.ACCEPTED,
        Event.FAIL: State.STORED,
        Event.RESEND: State.QUEUED,
        Event.HOLD: State.HOLD,
        Event.CONTRADICT: State.CONFLICT,
        Event.DROP: State.DROPPED,
    },
    State.PROVING: {
        Event.AWAIT: State.PROVING,
        Event.ADVANCE: State.STORED,
        Event.COMMIT: State.COMMITTED,
        Event.VERIFY: State.VERIFIED,
        Event.ACCEPT: State.ACCEPTED,
        Event.FAIL: State.STORED,
        Event.LAPSE: State.STORED,
        Event.RELEASE: State.STORED,
        Event.RESEND: State.QUEUED,
        Event.HOLD: State.HOLD,
        Event.CONTRADICT: State.CONFLICT,
        Event.DROP: State.DROPPED,
    },
    State.HOLD: {
        Event.ADVANCE: State.HOLD,
        Event.COMMIT: State.COMMITTED,  # a report that came late
        Event.REQUEUE: State.QUEUED,
        Event.RECHECK: State.STORED,
        Event.DROP: State.DROPPED,
    },
    State.DEAD: {Event.REQUEUE: State.QUEUED, Event.DROP: State.DROPPED},
    # Never queued anew: sending it again could overwrite what the archive has.
    State.CONFLICT: {Event.DROP: State.DROPPED},
    State.SUPERSEDED: {Event.REQUEUE: State.QUEUED},
    State.DROPPED: {Event.REQUEUE: State.QUEUED},
    # A person asks the archive once more, or sends to another address.
    State.COMMITTED: {Event.RECHECK: State.STORED, Event.REQUEUE: State.QUEUED},
    State.VERIFIED: {Event.RECHECK: State.STORED, Event.REQUEUE: State.QUEUED},
    State.ACCEPTED: {Event.RECHECK: State.STORED, Event.REQUEUE: State.QUEUED},
}

ARCHIVED = frozenset({State.COMMITTED, State.VERIFIED, State.ACCEPTED})
NEEDS_A_PERSON = frozenset({State.HOLD, State.DEAD, State.CONFLICT})
OPEN = frozenset({State.QUEUED, State.SENDING, State.STORED, State.PROVING})
ENDED = frozenset(State) - OPEN

# The proof by which an archived object is called, the strongest first.
_STRONGEST = (
    (Proof.COMMITMENT, Event.COMMIT),
    (Proof.READ_BACK, Event.VERIFY),
    (Proof.RESPONSE, Event.ACCEPT),
)


class InvalidTransitionError(RuntimeError):
    """hosr asked for a change that the table does not list: a mistake in hosr."""


def next_state(state: State, event: Event) -> State:
    """The state after an event; InvalidTransitionError for what the table does not list."""
    after = TRANSITIONS[state].get(event)
    if after is None:
        raise InvalidTransitionError(f"{event.value} of an object that is {state.value}")
    return after


def strongest(proofs: frozenset[Proof]) -> Event:
    """The event that ends an object with these proofs."""
    return next(event for proof, event in _STRONGEST if proof in proofs)


FIRST_WAIT_S = 5.0
CAP_S = 15 * 60.0
LONGEST_WAIT_S = 60 * 60.0  # no archive can ask for more by Retry-After

MAX_REFUSALS = 2  # N-ACTIONs that were aborted or refused; then commitment is not offered
MAX_UNANSWERED = 3  # N-ACTIONs without a report in time
MAX_RESENDS = 3  # for archives that say they stored an object and then have none


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How many tries a failure is given, and what comes then."""

    tries: int
    then: Event


# About a week: two hours of growing waits, then four tries an hour.
_A_WEEK = Policy(tries=700, then=Event.DIE)

POLICIES: dict[Reason, Policy] = {
    Reason.UNREACHABLE: _A_WEEK,
    Reason.LOST: _A_WEEK,
    Reason.BUSY: _A_WEEK,
    Reason.INSECURE: Policy(tries=3, then=Event.HOLD),
    Reason.CAPACITY: Policy(tries=10, then=Event.HOLD),
    Reason.PROCESSING: Policy(tries=3, then=Event.HOLD),
    Reason.UNRECOGNISED: Policy(tries=3, then=Event.HOLD),
    Reason.UNCONFIRMED: Policy(tries=3, then=Event.HOLD),
    Reason.ABSENT: Policy(tries=3, then=Event.HOLD),
    Reason.CONFIGURATION: Policy(tries=1, then=Event.HOLD),
    Reason.UNSUPPORTED: Policy(tries=1, then=Event.HOLD),
    Reason.DUPLICATE: Policy(tries=1, then=Event.HOLD),  # where it cannot be fetched to compare
    Reason.REFILED: Policy(tries=1, then=Event.HOLD),
    Reason.PATIENT: Policy(tries=1, then=Event.HOLD),
    Reason.SUPERSEDED: Policy(tries=1, then=Event.SUPERSEDE),
    Reason.DATA: Policy(tries=1, then=Event.DIE),
}

# Reason: what has happened.
REASONS: dict[Reason, str] = {
    Reason.UNREACHABLE: "no connection",
    Reason.LOST: "the connection ended before the answer; the same bytes are sent again",
    Reason.BUSY: "the archive asked to come later",
    Reason.INSECURE: "no agreement on encryption, or a certificate that is not trusted",
    Reason.CAPACITY: "the archive is out of resources",
    Reason.PROCESSING: "the archive failed to process it",
    Reason.UNRECOGNISED: "an answer that no standard lists",
    Reason.UNCONFIRMED: "an answer that does not say that the object was stored",
    Reason.ABSENT: "stored by its word, but not there afterwards",
    Reason.CONFIGURATION: "AE titles, address, credentials or rights are wrong, or such messages refused",
    Reason.UNSUPPORTED: "the archive does not take such objects",
    Reason.DUPLICATE: "something is there under this UID, and cannot be compared",
    Reason.REFILED: "the archive gives it back as of another patient; `may_change` can allow that",
    Reason.PATIENT: "the receiver knows no such patient, or several",
    Reason.SUPERSEDED: "the receiver has a newer version of the report",
    Reason.DATA: "the archive cannot store this object, or the receiver finds a fault in the message",
}

# These are about the way to the archive: what else was to be sent there now would fail alike.
CONNECTION_FAILURES = frozenset({Reason.UNREACHABLE, Reason.INSECURE, Reason.BUSY})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentFailure:
    """What a Failure Reason of a commitment report leads to, and how it is said.

    Without an event it is retried by the policy of its reason.
    """

    words: str
    reason: Reason = Reason.PROCESSING
    event: Event | None = None


# Failure Reason (0008,1197): PS3.3 section C.14.1.1.
COMMITMENT_FAILURES: dict[int, CommitmentFailure] = {
    0x0110: CommitmentFailure(words="the archive failed to process the request for commitment"),
    0x0112: CommitmentFailure(
        words="the archive does not have the object", reason=Reason.ABSENT, event=Event.RESEND
    ),
    0x0119: CommitmentFailure(
        words="the archive has an object of another class under this UID",
        reason=Reason.DUPLICATE,
        event=Event.CONTRADICT,
    ),
    0x0122: CommitmentFailure(
        words="the archive does not commit to objects of this class",
        reason=Reason.UNSUPPORTED,
        event=Event.ADVANCE,
    ),
    0x0131: CommitmentFailure(words="the archive has seen the transaction UID before"),
    0x0213: CommitmentFailure(
        words="the archive has no resources for commitment", reason=Reason.CAPACITY
    ),
}


def wait_s(tries: int, retry_after_s: float | None, random: Random) -> float:
    """The wait after so many failures: growing, capped, uneven, and not below what was asked for."""
    wait = min(CAP_S, FIRST_WAIT_S * 2.0 ** min(tries - 1, 20)) * random.uniform(0.5, 1.0)
    return max(wait, min(retry_after_s or 0.0, LONGEST_WAIT_S))


def next_proof(
    destination: Destination, had: frozenset[Proof], lacking: frozenset[Proof], *, committing: bool
) -> Proof | None:
    """The proof to go for next; None where those that are had are enough.

    Proofs that the destination names are all required, and one may be returned that is `lacking`.
    Else it is the best that the archive offers; `committing` is whether it could be asked for
    commitment at all.
    """
    if destination.proofs:
        return next((proof for proof in destination.proofs if proof not in had), None)
    if Proof.COMMITMENT in had:
        return None
    offered = [Proof.RESPONSE]
    if Proof.READ_BACK not in lacking:
        offered.insert(0, Proof.READ_BACK)
    if committing and destination.listener is not None and Proof.COMMITMENT not in lacking:
        offered.insert(0, Proof.COMMITMENT)
    return None if offered[0] in had else offered[0]
