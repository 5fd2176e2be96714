"""What is done about each failure, how often, and after which wait: tables.

Limits count tries and never time, so that a clock that jumps cannot end anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.archive.addresses import Proof
from hosr.errors import Reason
from hosr.outbox.states import Event

if TYPE_CHECKING:
    from random import Random

    from hosr.archive.addresses import Destination


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
    Reason.CONFIGURATION: "AE titles, address, credentials or rights are wrong",
    Reason.UNSUPPORTED: "the archive does not take such objects",
    Reason.DUPLICATE: "something is there under this UID, and cannot be compared",
    Reason.DATA: "the archive cannot store this object",
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
