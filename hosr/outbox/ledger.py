"""What the outbox tells of each message, and the only writer of states, with their history.

All changes are made inside `Database.changing`, so that a change and all that belongs to it are on
the disk together or not at all. Nothing here tells of a patient.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import logging
import sqlite3
from collections.abc import Sequence
from typing import Any

from hosr.archive.addresses import Proof
from hosr.archive.values import Locator, Reference
from hosr.errors import ArchiveError, Reason
from hosr.logs import logger
from hosr.outbox.database import Database
from hosr.outbox.items import Item
from hosr.outbox.states import ARCHIVED, POLICIES, RULES, Event, Kind, State, next_state, wait_s

_LOG = logger(__name__)

_MAX_WORDS = 500


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message in the outbox as it stands. Times are seconds since 1970.

    `turn` is its place among the messages of its report, 0 where any order will do; `stage` is how
    far that report is, as a word of `hosr.archive.versions`, "" where it is not known.
    `tries` are the failures since it was queued or stored, `next_at` is when it is due next;
    `reason`, `status` and `words` tell of the last failure or warning; `proofs` are had, `lacking`
    are not to be had from this archive. `address` is where it was stored, `warning` what the archive
    changed or doubted, `digest` that of the data set that was proven to be there. `worker` and
    `lease_until` say who is at it.
    """

    id: int
    destination: str
    report: str
    name: str
    kind: Kind
    key: str
    locator: Locator | None
    turn: int
    sha256: str
    size: int
    state: State
    tries: int
    next_at: float
    reason: Reason | None
    status: str
    words: str
    proofs: frozenset[Proof]
    lacking: frozenset[Proof]
    worker: str
    lease_until: float
    enqueued_at: float
    changed_at: float
    address: str
    warning: str
    digest: str
    stage: str

    @property
    def is_warned(self) -> bool:
        """Whether it is archived with something that the archive changed or doubted."""
        said = self.words and self.reason is None  # as outboxes before version 3 kept it
        return self.state in ARCHIVED and bool(self.warning or said)

    @property
    def reference(self) -> Reference | None:
        """The instance as storage commitment names it; None for what is no DICOM instance."""
        return self.locator.reference if self.locator else None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One transition of one object, as the history keeps it."""

    id: int
    at: float
    before: str
    event: str
    after: str
    status: str
    words: str


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


# The columns of the table `entry`, in their order; triggers see to it that the first ones stay.
_COLUMNS = tuple(field.name for field in dataclasses.fields(Entry))
_KEPT = frozenset(
    {
        *("id", "destination", "kind", "key", "locator", "turn", "stage", "sha256", "size"),
        "enqueued_at",
    }
)
_UPDATE = (
    f"UPDATE entry SET {', '.join(f'{c} = :{c}' for c in _COLUMNS if c not in _KEPT)}"  # noqa: S608 (names of columns)
    " WHERE id = :id"
)
_INSERT = (
    f"INSERT INTO entry ({', '.join(_COLUMNS[1:])})"  # noqa: S608 (names of columns)
    f" VALUES ({', '.join(f':{c}' for c in _COLUMNS[1:])})"
)


def read_entry(row: sqlite3.Row) -> Entry:
    """An entry from a row that has all its columns."""
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    values["kind"] = Kind(values["kind"])
    values["locator"] = Locator(**json.loads(values["locator"])) if values["locator"] else None
    values["state"] = State(values["state"])
    values["reason"] = Reason(values["reason"]) if values["reason"] else None
    values["proofs"] = _proofs(values["proofs"])
    values["lacking"] = _proofs(values["lacking"])
    return Entry(**values)


def _columns(entry: Entry) -> dict[str, Any]:
    """The values of the columns of an entry."""
    values: dict[str, Any] = {name: getattr(entry, name) for name in _COLUMNS}
    locator = entry.locator and dataclasses.asdict(entry.locator)
    values["kind"] = entry.kind.value
    values["locator"] = json.dumps(locator, separators=(",", ":")) if locator else ""
    values["state"] = entry.state.value
    values["reason"] = entry.reason.value if entry.reason else ""
    values["proofs"] = ",".join(sorted(entry.proofs))
    values["lacking"] = ",".join(sorted(entry.lacking))
    return values


def _proofs(text: str) -> frozenset[Proof]:
    return frozenset(map(Proof, text.split(","))) if text else frozenset()


def add_entry(
    database: Database, item: Item, destination_name: str, report: str, sha256: str
) -> Entry:
    """Put a message in that was not there before: its entry, and its bytes."""
    now = database.clock()
    rules = RULES[item.kind]
    new = Entry(
        id=0,
        destination=destination_name,
        report=report,
        name=item.name,
        kind=item.kind,
        key=item.key,
        locator=item.locator,
        turn=_turn(database, item, destination_name, report),
        sha256=sha256,
        size=len(item.data),
        state=State.QUEUED,
        tries=0,
        next_at=now,
        reason=None,
        status="",
        words="",
        proofs=frozenset(),
        lacking=rules.lacking,
        worker="",
        lease_until=0.0,
        enqueued_at=now,
        changed_at=now,
        address="",
        warning="",
        digest="",
        stage=item.version.stage.value if item.version else "",
    )
    cursor = database.connection.execute(_INSERT, _columns(new))
    assert cursor.lastrowid is not None  # noqa: S101 (it was an INSERT)
    put_payload(database, cursor.lastrowid, item.data)
    _LOG.info("%s: %s: put in, %d bytes", destination_name, item.key, len(item.data))
    return dataclasses.replace(new, id=cursor.lastrowid)


def _turn(database: Database, item: Item, destination_name: str, report: str) -> int:
    """The place of a message: by when its report came to its status, else behind what is there."""
    if not RULES[item.kind].is_ordered:
        return 0
    if item.version is not None:
        return item.version.turn
    cursor = database.connection.execute(
        "SELECT coalesce(max(turn), 0) + 1 FROM entry"
        " WHERE destination = ? AND report = ? AND turn > 0",
        (destination_name, report),
    )
    turn: int = cursor.fetchone()[0]
    return turn


def put_payload(database: Database, entry_id: int, data: bytes) -> None:
    """Put in the bytes of an entry that has none."""
    database.connection.execute("INSERT INTO payload VALUES (?, ?)", (entry_id, data))


def has_payload(database: Database, entry: Entry) -> bool:
    """Whether its bytes are here: they go when it is archived."""
    cursor = database.connection.execute("SELECT 1 FROM payload WHERE entry = ?", (entry.id,))
    return cursor.fetchone() is not None


def ask_again(database: Database, entry: Entry, address: str) -> Entry:
    """Have what was archived proven once more, at this address; absent once is absent then."""
    clear_tallies(database, entry)
    database.connection.execute(
        "INSERT INTO tally VALUES (?, 'prove:missing', ?)",
        (entry.id, POLICIES[Reason.ABSENT].tries - 1),
    )
    return move(
        database,
        entry,
        Event.RECHECK,
        tries=0,
        reason=None,
        status="",
        words="",
        proofs=frozenset({Proof.RESPONSE}),
        lacking=RULES[entry.kind].lacking,
        address=address,
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
    connection.execute(_UPDATE, _columns(after))
    if after.state in ARCHIVED | {State.SUPERSEDED, State.DROPPED}:
        connection.execute("DELETE FROM payload WHERE entry = ?", (entry.id,))
    is_anew = event is Event.RECHECK  # what was promised before is what is doubted now
    if is_anew or after.state in (State.QUEUED, State.DROPPED, State.CONFLICT):
        supersede_commitments(database, after)
    line = (entry.id, now, entry.state, event, after.state, after.status, after.words)
    connection.execute(
        "INSERT INTO transition (entry, at, before, event, after, status, words)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        line,
    )
    _log(after, entry.state, event)
    return after


def _log(entry: Entry, before: State, event: Event) -> None:
    """The change for operators: no name of a file, and no words, which may be those of an archive."""
    if not _LOG.isEnabledFor(logging.INFO):
        return
    why = " ".join(filter(None, (entry.reason, entry.status)))
    due = ""
    if event is Event.FAIL:
        at = dt.datetime.fromtimestamp(entry.next_at).astimezone()
        due = f", try {entry.tries + 1} at {at.isoformat(timespec='seconds')}"
    said = (entry.destination, entry.key, event, before, entry.state, f" ({why})" if why else "")
    _LOG.info("%s: %s: %s, %s to %s%s%s", *said, due)


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
    """No commitment that was asked for before counts any more."""
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


def ended_before(database: Database, before: float, limit: int) -> tuple[Entry, ...]:
    """Some of those that were archived or given up before a time."""
    cursor = database.connection.execute(
        "SELECT * FROM entry WHERE state IN ('committed', 'verified', 'accepted', 'superseded', 'dropped')"
        " AND changed_at < ? LIMIT ?",
        (before, limit),
    )
    return tuple(map(read_entry, cursor))


def told_of(database: Database, entry: Entry) -> dict[str, Any]:
    """All that is known of an entry, and its history, as plain values."""
    history = [dataclasses.asdict(change) for change in changes_of(database, entry)]
    return {**_columns(entry), "history": history}


def take_out(database: Database, entries: Sequence[Entry]) -> None:
    """Forget entries that ended, and all that hangs on them."""
    ids = [(entry.id,) for entry in entries]
    for table in ("transition", "tally", "commitment_reference"):
        database.connection.executemany(f"DELETE FROM {table} WHERE entry = ?", ids)  # noqa: S608 (constants)
    database.connection.executemany("DELETE FROM entry WHERE id = ?", ids)


def changes_of(database: Database, entry: Entry) -> tuple[Change, ...]:
    """The history of an entry, oldest first."""
    cursor = database.connection.execute(
        "SELECT id, at, before, event, after, status, words FROM transition"
        " WHERE entry = ? ORDER BY id",
        (entry.id,),
    )
    return tuple(Change(**dict(row)) for row in cursor)
