"""One worker: it takes objects of one destination, sends them, and has them proven.

Whatever an archive does becomes an event of the table (`outcomes`), recorded at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from hosr.archive.addresses import Destination, Proof
from hosr.archive.values import (
    Archive,
    CommitmentReport,
    CommittingArchive,
    Receipt,
    ShowingArchive,
)
from hosr.archive.versions import digest_of as digest_of_report
from hosr.archive.versions import report_in
from hosr.errors import ArchiveError, ArchiveRefused, Fault, Reason
from hosr.outbox.claims import claim_to_prove, claim_to_send, holds
from hosr.outbox.commitments import add_proof, record_request, resend
from hosr.outbox.ledger import (
    Entry,
    Failure,
    add_tally,
    clear_tallies,
    find_entry,
    has_payload,
    move,
)
from hosr.outbox.outbox import Outbox
from hosr.outbox.outcomes import Outcomes
from hosr.outbox.states import (
    CONNECTION_FAILURES,
    MAX_REFUSALS,
    POLICIES,
    Event,
    Kind,
    State,
    strongest,
)

# So many are taken at once: few to send, so that workers share; many to prove, as one request for
# commitment can name many.
_TO_SEND = 8
_TO_PROVE = 100

_DAMAGED = Failure(
    reason=Reason.CONFIGURATION,
    words="the outbox lost or altered its bytes: the disk may be failing; send the object anew",
)
_UNKNOWN = Failure(
    reason=Reason.DUPLICATE,
    words="the archive gives back what was not proven; `hosr send` the report again to compare it",
)

_OTHER_WORDS = "it shows other words or files of this version than were sent"

_T = TypeVar("_T")


class Worker:
    """Works on one destination with one connection to its archive, in one thread."""

    def __init__(
        self,
        outbox: Outbox,
        destination: Destination,
        archive: Archive,
        *,
        name: str,
        is_ending: Callable[[], bool],
        take_report: Callable[[CommitmentReport], bool],
    ) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._destination = destination
        self._archive = archive
        self._name = name
        self._is_ending = is_ending
        self._take_report = take_report
        self._committing = hasattr(archive, "request_commitment")
        self._outcomes = Outcomes(self._database, destination, committing=self._committing)
        self._awaited: set[int] = set()

    def work(self) -> bool:
        """Send or prove what is due now, a few objects; whether there was anything."""
        return not self._is_ending() and (self._send_some() or self._prove_some())

    def awaits_reports(self) -> bool:
        """Whether a report may still come on the connection that this worker keeps open."""
        with self._database.faults():
            now = [find_entry(self._database, entry_id) for entry_id in self._awaited]
        self._awaited = {e.id for e in now if e.state is State.PROVING and not e.worker}
        return bool(self._awaited)

    def _send_some(self) -> bool:
        claimed = claim_to_send(self._database, self._destination.name, self._name, _TO_SEND)
        self._each(claimed, self._send)
        return bool(claimed)

    def _prove_some(self) -> bool:
        claimed = claim_to_prove(self._database, self._destination.name, self._name, _TO_PROVE)
        by_proof: dict[Proof | None, list[Entry]] = defaultdict(list)
        for entry in claimed:
            by_proof[self._outcomes.next_proof(entry)].append(entry)
        for entry in by_proof.pop(None, []):
            self._outcomes.record(entry, lambda e: move(self._database, e, strongest(e.proofs)))
        self._request_commitment(by_proof.pop(Proof.COMMITMENT, []))
        self._each(by_proof.pop(Proof.READ_BACK, []), self._read_back)
        for entry in by_proof.pop(Proof.RESPONSE, []):
            self._lack(entry, Proof.RESPONSE)
        return bool(claimed)

    def _each(self, claimed: Sequence[Entry], do: Callable[[Entry], Failure | None]) -> None:
        """Do it to each that was taken; when the way to the archive is closed, to none of the rest."""
        for number, entry in enumerate(claimed):
            if self._is_ending():
                self._outcomes.release(claimed[number:])
                return
            failure = do(entry)
            if failure is not None and failure.reason in CONNECTION_FAILURES:
                self._outcomes.fail_all(claimed[number + 1 :], failure)
                self._outcomes.postpone(entry)
                return

    def _send(self, entry: Entry) -> Failure | None:
        """Send one object and put down what came of it."""
        with self._database.faults():
            if not holds(self._database, entry):
                return None
        data = self._outbox.read(entry)
        if data is None:
            return self._outcomes.fail(entry, _DAMAGED)
        try:
            receipt: Receipt = self._ask(lambda: self._archive.store(data, entry.key))
        except ArchiveError as error:
            failure = Failure.of(error)
            if failure.reason in (Reason.DUPLICATE, Reason.UNCONFIRMED):
                return self._look(entry, data, failure)
            return self._outcomes.fail(entry, failure)
        if receipt.sop_instance_uid != entry.key:
            words = "the archive said that it stored another object"
            failure = Failure(reason=Reason.UNCONFIRMED, words=words, status=receipt.status)
            return self._look(entry, data, failure)
        from hosr.outbox.comparison import digest_of

        said = {"status": receipt.status, "words": receipt.warning, "digest": digest_of(data)}
        said["warning"] = f"{receipt.warning} [{receipt.status}]" if receipt.warning else ""
        self._stored(entry, frozenset({Proof.RESPONSE}), **said)
        return None

    def _look(self, entry: Entry, data: bytes, failure: Failure) -> Failure | None:
        """Fetch what the archive has under the UID: ours, something else, or nothing to be had."""
        from hosr.outbox.comparison import Likeness, compare, digest_of

        try:
            kept = self._fetch(entry)
        except ArchiveError as error:
            lasting = POLICIES[error.reason].tries == 1 or error.reason is Reason.ABSENT
            return self._outcomes.fail(entry, failure if lasting else Failure.of(error))
        comparison = compare(data, kept, self._destination.may_change)
        if comparison.likeness is Likeness.OTHER:
            self._outcomes.contradict(entry, failure.status, comparison.warning)
        elif comparison.likeness is Likeness.REFILED:
            self._outcomes.hold_refiled(entry, failure.status, comparison.warning)
        else:
            proofs = frozenset({Proof.RESPONSE, Proof.READ_BACK})
            said = dict.fromkeys(("words", "warning"), comparison.warning)
            self._stored(entry, proofs, status=failure.status, digest=digest_of(kept), **said)
        return None

    def _stored(self, entry: Entry, proofs: frozenset[Proof], **said: str) -> None:
        """The archive has it; where that is proof enough, this is the end."""

        def record(entry: Entry) -> Entry:
            for kind in ("send:", "prove:", "commitment:"):
                clear_tallies(self._database, entry, kind)
            told = {**said, "reason": None, "address": str(self._destination.address)}
            stored = move(self._database, entry, Event.STORE, tries=0, proofs=proofs, **told)
            if self._outcomes.next_proof(stored) is None:
                return move(self._database, stored, strongest(proofs))
            return stored

        self._outcomes.record(entry, record)

    def _read_back(self, entry: Entry) -> Failure | None:
        """Fetch one object and compare it with what was sent."""
        from hosr.outbox.comparison import Likeness, compare, digest_of, is_proven

        if Proof.READ_BACK in entry.lacking:
            self._lack(entry, Proof.READ_BACK)
            return None
        data = self._outbox.read(entry)
        if data is None and has_payload(self._database, entry):
            return self._outcomes.fail(entry, _DAMAGED)
        if entry.kind is Kind.FHIR and hasattr(self._archive, "show"):
            return self._look_up(entry, data)
        try:
            kept = self._fetch(entry)
        except ArchiveError as error:
            return self._not_given_back(entry, Failure.of(error))
        if data is None:  # it was archived before, and is asked for again
            data = kept if is_proven(kept, entry.sha256, entry.digest) else b""
        if not data:
            return self._outcomes.fail(entry, _UNKNOWN)
        comparison = compare(data, kept, self._destination.may_change)
        if comparison.likeness is Likeness.OTHER:
            self._outcomes.contradict(entry, entry.status, comparison.warning)
        elif comparison.likeness is Likeness.REFILED:
            self._outcomes.hold_refiled(entry, entry.status, comparison.warning)
        else:
            self._give_back(entry, digest_of(kept), comparison.warning)
        return None

    def _look_up(self, entry: Entry, data: bytes | None) -> Failure | None:
        """See whether the server shows the version that was sent, or a newer one."""
        archive = cast("ShowingArchive", self._archive)
        try:
            shown = self._ask(lambda: archive.show(entry.report))
        except ArchiveError as error:
            return self._not_given_back(entry, Failure.of(error))
        if shown is None or shown.version.turn < entry.turn:
            older = f"it shows an older version ({shown.version.words})" if shown else ""
            words = older or "it has no such report"
            return self._not_given_back(entry, Failure(reason=Reason.ABSENT, words=words))
        expected = entry.digest if data is None else digest_of_report(report_in(data))
        if shown.version.turn > entry.turn:
            newer = f"it shows a newer version ({shown.version.words})"
            self._give_back(entry, expected, newer)
        else:
            warning = "" if shown.digest == expected else _OTHER_WORDS
            self._give_back(entry, shown.digest, warning)
        return None

    def _give_back(self, entry: Entry, digest: str, warning: str) -> None:
        """It is there, as this digest tells, and but for what the warning says."""
        self._outcomes.record(
            entry,
            lambda e: add_proof(
                self._database,
                replace(e, digest=digest),
                Proof.READ_BACK,
                self._destination,
                warning,
            ),
        )

    def _not_given_back(self, entry: Entry, failure: Failure) -> Failure | None:
        if failure.reason is Reason.UNSUPPORTED:
            self._lack(entry, Proof.READ_BACK, failure)
            return None
        if failure.reason is not Reason.ABSENT:
            return self._outcomes.fail(entry, failure)

        def record(entry: Entry) -> Entry:
            # Some archives need a while from storing to giving back.
            if add_tally(self._database, entry, "prove:missing") < POLICIES[Reason.ABSENT].tries:
                return self._outcomes.wait(entry, failure)
            return resend(self._database, entry, failure)

        self._outcomes.record(entry, record)
        return failure

    def _request_commitment(self, entries: Sequence[Entry]) -> None:
        """Ask for commitment to all of these at once; the reports are taken elsewhere."""
        asked = []
        for entry in entries:
            if Proof.COMMITMENT in entry.lacking or not self._committing:
                self._lack(entry, Proof.COMMITMENT)
            else:
                asked.append(entry)
        if self._is_ending():
            self._outcomes.release(asked)
            return
        if not asked:
            return
        uid = record_request(self._database, asked)
        references = [entry.reference for entry in asked if entry.reference]
        archive = cast("CommittingArchive", self._archive)
        try:
            self._ask(lambda: archive.request_commitment(uid, references, self._take_report))
        except ArchiveError as error:
            self._commitment_refused(asked, Failure.of(error))
            return
        until = self._database.clock() + self._destination.commitment_s
        with self._database.changing():
            for entry in asked:
                if holds(self._database, entry):  # else its report has come already
                    current = find_entry(self._database, entry.id)
                    move(self._database, current, Event.AWAIT, next_at=until)
        self._awaited |= {entry.id for entry in asked}

    def _commitment_refused(self, entries: Sequence[Entry], failure: Failure) -> None:
        if failure.reason in CONNECTION_FAILURES:
            self._outcomes.fail_all(entries, failure)
            self._outcomes.postpone(entries[0])
            return
        for entry in entries:
            self._outcomes.record(entry, lambda e: self._refused_once_more(e, failure))

    def _refused_once_more(self, entry: Entry, failure: Failure) -> Entry:
        times = add_tally(self._database, entry, "commitment:refused")
        if failure.reason is not Reason.UNSUPPORTED and times < MAX_REFUSALS:
            return self._outcomes.wait(entry, failure)
        return self._outcomes.go_without(entry, Proof.COMMITMENT, failure)

    def _lack(self, entry: Entry, proof: Proof, failure: Failure | None = None) -> None:
        """A proof is not to be had from this archive."""
        known = proof in entry.lacking and entry.words  # found out earlier, and said why
        words = entry.words if known else "it is not offered over this protocol"
        said = failure or Failure(reason=Reason.UNSUPPORTED, words=words)
        self._outcomes.record(entry, lambda e: self._outcomes.go_without(e, proof, said))

    def _fetch(self, entry: Entry) -> bytes:
        """What the archive has of it; ArchiveError, also where it could not be named there."""
        locator = entry.locator
        if locator is None:
            fault = Fault(self._destination.name, "it cannot be fetched over this protocol")
            raise ArchiveRefused(fault, reason=Reason.UNSUPPORTED)
        return self._ask(lambda: self._archive.fetch(locator))

    def _ask(self, call: Callable[[], _T]) -> _T:
        """Call the archive; a mistake of its client is a failure of one object, not of the run."""
        try:
            return call()
        except ArchiveError:
            raise
        except Exception as error:
            problem = f"the client of the archive failed ({type(error).__name__})"
            fault = Fault(self._destination.name, problem, "please report this")
            raise ArchiveRefused(fault, reason=Reason.PROCESSING) from error
