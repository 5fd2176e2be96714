"""What came of an object that a worker has: each answer an event, put down at once.

Nothing is put down once the object is not this worker's any more; so a worker that was thought dead
cannot undo what another did meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hosr.archive.addresses import Destination, Proof
from hosr.errors import ArchiveError, HosrError, Reason
from hosr.outbox.claims import claim_to_prove, claim_to_send, holds, postpone
from hosr.outbox.database import Database
from hosr.outbox.ledger import Entry, Failure, fail, find_entry, move
from hosr.outbox.outbox import Outbox
from hosr.outbox.states import CONNECTION_FAILURES, Event, next_proof, strongest, wait_s

# So many are taken at once where nothing can be sent.
_TO_FAIL = 100

_LACKING = {
    Proof.COMMITMENT: "storage commitment is required, and is not to be had",
    Proof.READ_BACK: "read-back is required, and is not to be had",
    Proof.RESPONSE: "a response is required, and is not to be had",
}


class Outcomes:
    """Puts down what came of the objects that one worker has of one destination."""

    def __init__(self, database: Database, destination: Destination, *, committing: bool) -> None:
        self._database = database
        self._destination = destination
        self._committing = committing

    def record(self, entry: Entry, change: Callable[[Entry], Entry]) -> None:
        """Put a change down, unless the object is not this worker's any more."""
        with self._database.changing():
            if holds(self._database, entry):
                change(find_entry(self._database, entry.id))

    def fail(self, entry: Entry, failure: Failure) -> Failure:
        """Do about a failure what its policy says, and tell it."""
        self.record(entry, lambda e: fail(self._database, e, failure))
        return failure

    def fail_all(self, entries: Sequence[Entry], failure: Failure) -> None:
        """The same of several at once."""
        with self._database.changing():
            for entry in entries:
                if holds(self._database, entry):
                    fail(self._database, find_entry(self._database, entry.id), failure)

    def wait(self, entry: Entry, failure: Failure) -> Entry:
        """Try again after a wait, whatever the policy says of the reason."""
        tries = entry.tries + 1
        wait = wait_s(tries, failure.retry_after_s, self._database.random)
        return move(
            self._database,
            entry,
            Event.FAIL,
            tries=tries,
            next_at=self._database.clock() + wait,
            reason=failure.reason,
            status=failure.status,
            words=failure.words,
        )

    def postpone(self, entry: Entry) -> None:
        """Let what is due at this archive wait as long as what has just failed."""
        with self._database.faults():
            until = find_entry(self._database, entry.id).next_at
        postpone(self._database, self._destination.name, until)

    def release(self, entries: Sequence[Entry]) -> None:
        """Give back what was not begun."""
        with self._database.changing():
            for entry in entries:
                if holds(self._database, entry):
                    move(self._database, find_entry(self._database, entry.id), Event.RELEASE)

    def contradict(self, entry: Entry, status: str, warning: str) -> None:
        """The archive has something else there, which is never written over."""
        words = "the archive has another object under this UID"
        words += f" ({warning})" if warning else ""
        said = {"reason": Reason.DUPLICATE, "status": status, "words": words}
        self.record(entry, lambda e: move(self._database, e, Event.CONTRADICT, **said))

    def hold_refiled(self, entry: Entry, status: str, warning: str) -> None:
        """It is there, but not as the patient's whose report it is: a person has to see that."""
        words = f"{warning}; have the archive set it right, or allow it by `may_change`"
        said = {"reason": Reason.REFILED, "status": status, "words": words}
        self.record(entry, lambda e: move(self._database, e, Event.HOLD, **said))

    def go_without(self, entry: Entry, proof: Proof, failure: Failure) -> Entry:
        """Hold what needs this proof; else the next best will do."""
        lacking = entry.lacking | {proof}
        said = {"reason": failure.reason, "status": failure.status}
        if proof in self._destination.proofs:
            words = f"{_LACKING[proof]}: {failure.words}"
            return move(self._database, entry, Event.HOLD, lacking=lacking, words=words, **said)
        after = move(
            self._database, entry, Event.ADVANCE, lacking=lacking, words=failure.words, **said
        )
        if self.next_proof(after) is None:
            return move(self._database, after, strongest(after.proofs))
        return after

    def next_proof(self, entry: Entry) -> Proof | None:
        """The proof to go for next; None where those that are had are enough."""
        return next_proof(
            self._destination, entry.proofs, entry.lacking, committing=self._committing
        )


def fail_all_due(outbox: Outbox, destination_name: str, worker: str, error: HosrError) -> None:
    """Put down that an archive could not even be opened, for some of what is due there."""
    database = outbox.database
    if isinstance(error, ArchiveError):
        failure = Failure.of(error)
    else:
        words = " / ".join(f"{f.path} {f.problem}" for f in error.faults)
        failure = Failure(reason=Reason.CONFIGURATION, words=words)
    claimed = claim_to_send(database, destination_name, worker, _TO_FAIL)
    claimed += claim_to_prove(database, destination_name, worker, _TO_FAIL)
    with database.changing():
        for entry in claimed:
            if holds(database, entry):
                fail(database, find_entry(database, entry.id), failure)
    if claimed and failure.reason in CONNECTION_FAILURES:
        with database.faults():
            until = find_entry(database, claimed[0].id).next_at
        postpone(database, destination_name, until)
