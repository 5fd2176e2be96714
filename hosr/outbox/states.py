"""What can be the matter with an object in the outbox, and what may happen to it: one table.

Every change goes through `next_state`; what the table does not list cannot happen.

What is left of each state when the process is killed in it: QUEUED, STORED and all states that end
have no one at work. SENDING and PROVING carry a lease; when it is over, SENDING is QUEUED again
(the same bytes are sent anew, which archives take as the same object) and PROVING is STORED again
(the proof is asked for anew). PROVING without a lease waits for a report that is known by its
transaction UID, whoever receives it.
"""

from __future__ import annotations

from enum import StrEnum

from hosr.archive.addresses import Proof


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
    DROPPED = "dropped"  # a person gave it up


# State: what it means and, where there is something to do, what to do.
MEANINGS = {
    State.QUEUED: "waiting to be sent",
    State.SENDING: "being sent now",
    State.STORED: "stored; the proof is outstanding",
    State.PROVING: "stored; the archive is being asked for proof",
    State.COMMITTED: "archived: the archive took responsibility (storage commitment)",
    State.VERIFIED: "archived: read back, and the same as what was sent",
    State.ACCEPTED: "archived by the word of the archive, which offers no proof",
    State.HOLD: "mend what is named, then `hosr outbox retry UID`",
    State.DEAD: "cannot be stored there: correct it, then `hosr outbox retry UID` or `drop UID`",
    State.CONFLICT: (
        "the archive has something else under the UID: compare, then `hosr outbox drop UID`"
    ),
    State.DROPPED: "given up by a person",
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
    REQUEUE = "requeue"  # a person says: again
    DROP = "drop"  # a person says: no more


TRANSITIONS: dict[State, dict[Event, State]] = {
    State.QUEUED: {
        Event.CLAIM: State.SENDING,
        Event.HOLD: State.HOLD,
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
        Event.DROP: State.DROPPED,
    },
    State.DEAD: {Event.REQUEUE: State.QUEUED, Event.DROP: State.DROPPED},
    # Never queued anew: sending it again could overwrite what the archive has.
    State.CONFLICT: {Event.DROP: State.DROPPED},
    State.DROPPED: {Event.REQUEUE: State.QUEUED},
    State.COMMITTED: {},
    State.VERIFIED: {},
    State.ACCEPTED: {},
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


class UnlawfulTransitionError(RuntimeError):
    """hosr asked for a change that the table does not list: a mistake in hosr."""


def next_state(state: State, event: Event) -> State:
    """The state after an event; UnlawfulTransitionError for what the table does not list."""
    after = TRANSITIONS[state].get(event)
    if after is None:
        raise UnlawfulTransitionError(f"{event.value} of an object that is {state.value}")
    return after


def strongest(proofs: frozenset[Proof]) -> Event:
    """The event that ends an object with these proofs."""
    return next(event for proof, event in _STRONGEST if proof in proofs)
