"""Requests for storage commitment, and the reports that come sooner, later, twice or never.

A request is on the disk before the archive hears of it, so a report is known however late it is
and whichever process receives it. Nothing is committed by anything but a report of the archive that
was asked, on a transaction of ours, for an instance of that transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from hosr.archive.addresses import Destination, Proof
from hosr.archive.values import CommitmentReport, Reference
from hosr.errors import Reason
from hosr.identity import derive_uid
from hosr.outbox.database import Database
from hosr.outbox.ledger import (
    Entry,
    Failure,
    add_tally,
    fail,
    has_payload,
    move,
    read_entry,
)
from hosr.outbox.states import (
    COMMITMENT_FAILURES,
    MAX_RESENDS,
    RULES,
    CommitmentFailure,
    Event,
    State,
    next_proof,
    strongest,
)

_UNLISTED = CommitmentFailure(
    words="the archive gave a reason that no standard lists", reason=Reason.UNRECOGNISED
)


def record_request(database: Database, entries: Sequence[Entry]) -> str:
    """Put down that commitment for these will be asked for; the UID of the transaction.

    A UID is never used twice: it comes from a running number, and from who asks, so that an outbox
    that was put back from a copy does not begin again with the same ones.
    """
    with database.changing() as connection:
        connection.execute("UPDATE outbox SET transactions = transactions + 1")
        outbox = connection.execute("SELECT random_id, transactions FROM outbox").fetchone()
        number = outbox["transactions"]
        uid = derive_uid("transaction", outbox["random_id"], str(number), entries[0].worker)
        connection.execute(
            "INSERT INTO commitment VALUES (?, ?, ?, ?)",
            (number, uid, entries[0].destination, database.clock()),
        )
        connection.executemany(
            "INSERT INTO commitment_reference VALUES (?, ?, 'pending')",
            [(number, entry.id) for entry in entries],
        )
    return uid


def destination_of(database: Database, transaction_uid: str) -> str | None:
    """The name of the destination that a transaction is of; None where it is not one of ours."""
    with database.faults():
        row = database.connection.execute(
            "SELECT destination FROM commitment WHERE transaction_uid = ?", (transaction_uid,)
        ).fetchone()
    return None if row is None else row["destination"]


def take_report(database: Database, report: CommitmentReport, destination: Destination) -> bool:
    """Put down what an archive reports; whether it was asked for exactly that.

    Of a report that also names what was not asked for, what was asked for counts. A report that
    comes again changes nothing.
    """
    if destination_of(database, report.transaction_uid) != destination.name:
        return False
    if not destination.may_report(report.peer_aet):
        return False
    failed = dict(report.failed)
    expected = True
    with database.changing():
        for reference in report.committed:
            if reference not in failed:  # what is both is not believed
                expected &= _take(database, report.transaction_uid, reference, None, destination)
        for reference, code in failed.items():
            expected &= _take(database, report.transaction_uid, reference, code, destination)
    return expected


def _take(
    database: Database,
    transaction_uid: str,
    reference: Reference,
    code: int | None,
    destination: Destination,
) -> bool:
    """Put down what is reported of one instance; whether it was asked for."""
    row = database.connection.execute(
        "SELECT entry.*, number, outcome,"
        " number = (SELECT max(number) FROM commitment_reference AS r WHERE r.entry = entry.id)"
        " AS is_latest FROM commitment JOIN commitment_reference USING (number)"
        " JOIN entry ON entry.id = commitment_reference.entry"
        " WHERE transaction_uid = ? AND key = ?",
        (transaction_uid, reference.sop_instance_uid),
    ).fetchone()
    if row is None or read_entry(row).reference != reference:
        return False
    if row["outcome"] != "pending":
        return True
    database.connection.execute(
        "UPDATE commitment_reference SET outcome = ? WHERE number = ? AND entry = ?",
        ("committed" if code is None else "failed", row["number"], row["id"]),
    )
    entry = read_entry(row)
    if code is None and entry.state in (State.STORED, State.PROVING, State.HOLD):
        add_proof(database, entry, Proof.COMMITMENT, destination)
    elif code is not None and row["is_latest"] and entry.state in (State.STORED, State.PROVING):
        _fail(database, entry, code, destination)
    return True


def add_proof(
    database: Database, entry: Entry, proof: Proof, destination: Destination, words: str = ""
) -> Entry:
    """Put down that a proof is had; with the last one the object is archived."""
    had = entry.proofs | {proof}
    warning = "; ".join(dict.fromkeys(filter(None, (entry.warning, words))))
    where = {"address": str(destination.address), "warning": warning}
    changes = {"proofs": had, "reason": None, "words": words, "tries": 0, **where}
    if entry.state is State.HOLD and entry.reason is Reason.REFILED:
        # That the archive keeps it does not make it an object of the right patient.
        return move(database, entry, Event.ADVANCE, proofs=had)
    if next_proof(destination, had, entry.lacking, committing=True) is None:
        return move(database, entry, strongest(had), **changes)
    if entry.state is State.HOLD:  # what is on hold for another reason stays so, and says why
        return move(database, entry, Event.ADVANCE, proofs=had)
    return move(database, entry, Event.ADVANCE, **changes)


def _fail(database: Database, entry: Entry, code: int, destination: Destination) -> None:
    failure = COMMITMENT_FAILURES.get(code, _UNLISTED)
    status = f"{code:04X}"
    said = {"reason": failure.reason, "status": status, "words": failure.words}
    if failure.event is Event.RESEND:
        resend(database, entry, Failure(reason=failure.reason, words=failure.words, status=status))
    elif failure.event is Event.CONTRADICT:
        move(database, entry, Event.CONTRADICT, **said)
    elif failure.event is Event.ADVANCE:
        lacking = entry.lacking | {Proof.COMMITMENT}
        then = Event.HOLD if Proof.COMMITMENT in destination.proofs else Event.ADVANCE
        move(database, entry, then, lacking=lacking, **said)
    else:
        fail(database, entry, Failure(reason=failure.reason, words=failure.words, status=status))


def resend(database: Database, entry: Entry, failure: Failure) -> Entry:
    """Send again what the archive said it stored and does not have; a few times, then a person."""
    said = {"reason": failure.reason, "status": failure.status, "words": failure.words}
    if not has_payload(database, entry):  # they went when it was archived
        said["words"] += "; `hosr send` the report again"
        return move(database, entry, Event.HOLD, **said)
    if add_tally(database, entry, "resend") > MAX_RESENDS:
        return move(database, entry, Event.HOLD, **said)
    lacking = RULES[entry.kind].lacking
    return move(database, entry, Event.RESEND, tries=0, proofs=frozenset(), lacking=lacking, **said)
