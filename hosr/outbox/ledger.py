"""The only writer of states: every change of an entry, with its line of history.

All functions are called inside `Database.changing`, so that a change and all that belongs to it
are on the disk together or not at all.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from hosr.errors import Reason
from hosr.outbox.entries import COLUMNS, Change, entry_columns, read_entry
from hosr.outbox.policy import POLICIES, wait_s
from hosr.outbox.states import ARCHIVED, Event, State, next_state

if TYPE_CHECKING:
    from typing import Any

    from hosr.errors import ArchiveError
    from hosr.outbox.database import Database
    from hosr.outbox.entries import Entry


_UPDATE = f"UPDATE entry SET {', '.join(f'{c} = :{c}' for c in COLUMNS[1:])} WHERE id = :id"  # noqa: S608 (names of columns)
_MAX_WORDS = 500


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why something did not work, in our own words."""

    reason: Reason
    words: str
    status: str = ""
    retry_after_s: float | None = None

    @classmethod
    def of(cls, error: ArchiveError) -> Failure:
        """What an archive's error says, without where it was."""
        parts = (f"{f.problem}; {f.remedy}" if f.remedy else f.problem for f in error.faults)
        return cls(
            reason=error.reason,
            words=" / ".join(parts),
            status=error.status,
            retry_after_s=error.retry_after_s,
        )


def find_entry(database: Database, entry_id: int) -> Entry:
    """The entry as it stands now."""
    cursor = database.connection.execute("SELECT * FROM entry WHERE id = ?", (entry_id,))
    return read_entry(cursor.fetchone())


def move(database: Database, entry: Entry, event: Event, **changes: Any) -> Entry:
    """Let an event happen to an entry; nobody is at it afterwards unless `changes` say so.

    The bytes of an object go when it is archived or given up.
    """
    now = database.clock()
    changes = {"worker": "", "lease_until": 0.0, "next_at": now, **changes}
    changes["words"] = changes.get("words", entry.words)[:_MAX_WORDS]
    after = dataclasses.replace(
        entry, state=next_state(entry.state, event), changed_at=now, **changes
    )
    connection = database.connection
    connection.execute(_UPDATE, entry_columns(after))
    if after.state in ARCHIVED or after.state is State.DROPPED:
        connection.execute("DELETE FROM payload WHERE entry = ?", (entry.id,))
    if after.state in (State.QUEUED, State.DROPPED, State.CONFLICT):
        supersede_commitments(database, after)
    line = (entry.id, now, entry.state, event, after.state, after.status, after.words)
    connection.execute(
        "INSERT INTO transition (entry, at, before, event, after, status, words)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        line,
    )
    return after


def fail(database: Database, entry: Entry, failure: Failure) -> Entry:
    """Do about a failure what its policy says: try again after a wait, or end it.

    What was stored already is never DEAD: a person has to see why there is no proof.
    """
    proving = entry.state is not State.SENDING
    policy = POLICIES[failure.reason]
    times = add_tally(database, entry, f"{'prove' if proving else 'send'}:{failure.reason}")
    said = {"reason": failure.reason, "status": failure.status, "words": failure.words}
    if times >= policy.tries:
        then = Event.HOLD if proving else policy.then
        return move(database, entry, then, tries=entry.tries + 1, **said)
    tries = entry.tries + 1
    wait = wait_s(tries, failure.retry_after_s, database.random)
    due_at = database.clock() + wait
    return move(database, entry, Event.FAIL, tries=tries, next_at=due_at, **said)


def supersede_commitments(database: Database, entry: Entry) -> None:
    """No commitment that was asked for before counts any more: the object is sent anew, or not."""
    database.connection.execute(
        "UPDATE commitment_reference SET outcome = 'superseded'"
        " WHERE entry = ? AND outcome = 'pending'",
        (entry.id,),
    )


def set_due(database: Database, entry: Entry, next_at: float) -> None:
    """Change when an entry is due, and nothing else."""
    database.connection.execute("UPDATE entry SET next_at = ? WHERE id = ?", (next_at, entry.id))


def add_tally(database: Database, entry: Entry, what: str) -> int:
    """Count that something happened once more; how often it has by now."""
    database.connection.execute(
        "INSERT INTO tally VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
        (entry.id, what),
    )
    cursor = database.connection.execute(
        "SELECT times FROM tally WHERE entry = ? AND what = ?", (entry.id, what)
    )
    times: int = cursor.fetchone()[0]
    return times


def clear_tallies(database: Database, entry: Entry, kind: str = "") -> None:
    """Forget what was counted, or only what begins with `kind`."""
    database.connection.execute(
        "DELETE FROM tally WHERE entry = ? AND substr(what, 1, ?) = ?",
        (entry.id, len(kind), kind),
    )


def changes_of(database: Database, entry: Entry) -> tuple[Change, ...]:
    """The history of an entry, oldest first."""
    cursor = database.connection.execute(
        "SELECT id, at, before, event, after, status, words FROM transition"
        " WHERE entry = ? ORDER BY id",
        (entry.id,),
    )
    return tuple(Change(**dict(row)) for row in cursor)
