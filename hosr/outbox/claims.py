"""Taking objects to work on: no two workers have one, and none is left with a worker that died.

A worker holds a lock on a file of its own beside the database, which the system lets go when the
process dies however that comes about. So what a killed run had in hand is taken up at once,
without waiting for a clock.
"""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hosr.archive.addresses import Proof
from hosr.errors import Reason
from hosr.outbox.database import Database, mark_of
from hosr.outbox.ledger import Entry, add_tally, find_entry, move, read_entry
from hosr.outbox.states import LONGEST_WAIT_S, MAX_UNANSWERED, Event, State

LEASE_S = 120.0

# A clock is set right by less than this without anyone noticing.
_SLACK_S = 60.0

# What is waited for is due when its time has come; when that lies further ahead than any wait is
# long; and when the wait began in the future: both mean that the clock was set back.
_IS_TIME = """
    worker = '' AND (next_at <= :now OR changed_at > :now + :slack
        OR (state <> 'proving' AND next_at > :now + :longest))
"""
# Where order counts, the former versions of the same report are over first, as long as nothing of theirs
# or behind them was delivered. Of messages of the same version one goes after the other, and none waits
# for one that needs a person: it may be its remedy.
_GOES_FIRST = """
    earlier.destination = entry.destination AND earlier.report = entry.report AND earlier.turn > 0
        AND (earlier.turn < entry.turn AND earlier.state
                NOT IN ('committed', 'verified', 'accepted', 'superseded', 'dropped')
                AND NOT EXISTS (
                    SELECT 1 FROM entry AS there
                    WHERE there.destination = entry.destination AND there.report = entry.report
                        AND there.turn >= earlier.turn
                        AND there.state IN ('committed', 'verified', 'accepted'))
            OR earlier.turn = entry.turn AND earlier.id < entry.id AND earlier.state
                IN ('queued', 'sending', 'stored', 'proving'))
"""
_IS_ITS_TURN = f"""
    (turn = 0 OR NOT EXISTS (SELECT 1 FROM entry AS earlier WHERE {_GOES_FIRST}))
"""  # noqa: S608 (a constant)
_HELD_BACK = f"""
    SELECT entry.id, earlier.key FROM entry, entry AS earlier
    WHERE entry.state = 'queued' AND entry.turn > 0 AND {_GOES_FIRST}
    ORDER BY entry.id, earlier.turn DESC, earlier.id DESC
"""  # noqa: S608 (a constant)
# A newer version that the receiver has, or may have: once it was begun with, and not refused or given
# back at each time, nobody knows better. No draft takes the place of what was signed, whenever it was
# made (`Version.goes_before`).
_NEWER = """
    SELECT newer.* FROM entry, entry AS newer
    WHERE entry.id = :id AND newer.id <> entry.id AND newer.destination = entry.destination
        AND newer.report = entry.report AND newer.stage <> '' AND entry.stage <> ''
        AND (newer.turn > entry.turn
            OR entry.stage = 'draft' AND newer.stage IN ('signed', 'amended'))
        AND (newer.state IN ('sending', 'stored', 'proving', 'committed', 'verified', 'accepted')
            OR newer.state IN ('queued', 'hold', 'dead', 'conflict') AND (
                SELECT sum(CASE event WHEN 'claim' THEN 1 ELSE -1 END) FROM transition
                WHERE entry = newer.id AND (event = 'claim' OR before = 'sending'
                    AND event IN ('hold', 'die', 'contradict', 'release'))) > 0)
    ORDER BY newer.turn DESC, newer.id DESC LIMIT 1
"""
_IS_DUE = f"({_IS_TIME}) AND {_IS_ITS_TURN}"
_DUE = f"""
    SELECT * FROM entry WHERE destination = :destination AND state IN (:state, :other) AND {_IS_DUE}
    ORDER BY next_at, id LIMIT :limit
"""  # noqa: S608 (a constant)
_PLAN = f"""
    SELECT destination, sum({_IS_DUE}) AS due, sum(worker <> '') AS taken,
        sum(state = 'proving' AND worker = '' AND NOT ({_IS_DUE})) AS awaited,
        min(CASE WHEN worker = '' AND NOT ({_IS_TIME}) AND {_IS_ITS_TURN} THEN next_at END)
            AS next_at
    FROM entry WHERE state IN ('queued', 'sending', 'stored', 'proving') GROUP BY destination
"""  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What there is to do for one destination now.

    `awaited` are commitment reports; `next_at` is when the first of what is not due yet will be.
    """

    destination: str
    due: int
    taken: int
    awaited: int
    next_at: float


def due_by_destination(database: Database) -> tuple[Due, ...]:
    """What there is to do, by destination."""
    with database.faults():
        cursor = database.connection.execute(_PLAN, _now(database))
        return tuple(
            Due(**{**dict(row), "next_at": math.inf if row["next_at"] is None else row["next_at"]})
            for row in cursor
        )


def end_leases(database: Database) -> int:
    """Take back what workers have whose lease is over or who are gone; how many those were."""
    if not _lapsed(database):
        return 0
    with database.changing():
        lapsed = _lapsed(database)
        for entry in lapsed:
            move(database, entry, Event.LAPSE)
    return len(lapsed)


def _lapsed(database: Database) -> list[Entry]:
    with database.faults():
        cursor = database.connection.execute(
            "SELECT * FROM entry WHERE worker <> '' AND state IN ('sending', 'proving')"
        )
        taken = list(map(read_entry, cursor))
    now = database.clock()
    dead = {
        worker for worker in {entry.worker for entry in taken} if is_dead(database.path, worker)
    }
    return [entry for entry in taken if entry.worker in dead or is_lease_over(entry, now)]


def claim_to_send(
    database: Database, destination: str, worker: str, limit: int
) -> tuple[Entry, ...]:
    """Take objects that are due to be sent, those that waited longest first.

    What is due, but has come after a newer version of its report, ends instead.
    """
    states = (State.QUEUED, State.QUEUED)
    return _claim(database, destination, states, limit, Event.CLAIM, worker)


def claim_to_prove(
    database: Database, destination: str, worker: str, limit: int
) -> tuple[Entry, ...]:
    """Take objects whose proof is due: those stored, and those whose report did not come in time.

    A transaction that was not answered in time is asked anew under another UID; after the third,
    commitment counts as not to be had.
    """
    states = (State.STORED, State.PROVING)
    return _claim(database, destination, states, limit, Event.PROVE, worker)


def _claim(
    database: Database,
    destination: str,
    states: tuple[State, State],
    limit: int,
    event: Event,
    worker: str,
) -> tuple[Entry, ...]:
    if not _due(database, destination, states, 1):
        return ()
    with database.changing():
        due = [e for e in _due(database, destination, states, limit) if not _is_over(database, e)]
        lease_until = database.clock() + LEASE_S
        return tuple(
            move(
                database,
                _unanswered(database, entry) if entry.state is State.PROVING else entry,
                event,
                worker=worker,
                lease_until=lease_until,
            )
            for entry in due
        )


def newer_version(database: Database, entry: Entry) -> Entry | None:
    """The newest version of the report of a message that the receiver has, or may have, before this one."""
    if not entry.stage:
        return None
    row = database.connection.execute(_NEWER, {"id": entry.id}).fetchone()
    return None if row is None else read_entry(row)


def held_back(database: Database) -> dict[int, str]:
    """What waits for an earlier version of its report, by its number, and the key of that version."""
    with database.faults():
        return {row["id"]: row["key"] for row in database.connection.execute(_HELD_BACK)}


def _is_over(database: Database, entry: Entry) -> bool:
    """Whether a newer version of the report of this message went before it; that is put down then."""
    newer = newer_version(database, entry) if entry.state is State.QUEUED else None
    if newer is None:
        return False
    words = f"the {newer.stage} version of the report went before it ({newer.key})"
    said = {"reason": Reason.SUPERSEDED, "status": "", "words": words, "warning": ""}
    move(database, entry, Event.SUPERSEDE, **said)
    return True


def _unanswered(database: Database, entry: Entry) -> Entry:
    times = add_tally(database, entry, "commitment:unanswered")
    words = f"no commitment report came in time ({times} of {MAX_UNANSWERED} requests)"
    lacking = entry.lacking | ({Proof.COMMITMENT} if times >= MAX_UNANSWERED else frozenset())
    said = {"reason": Reason.UNCONFIRMED, "status": "", "words": words}
    return move(database, entry, Event.LAPSE, lacking=lacking, **said)


def holds(database: Database, entry: Entry) -> bool:
    """Whether an entry is still with the worker that took it."""
    now = find_entry(database, entry.id)
    return bool(now.worker) and now.worker == entry.worker and now.state is entry.state


def renew_leases(database: Database, token: str) -> None:
    """Make the leases of all workers of one process last anew."""
    with database.changing() as connection:
        connection.execute(
            "UPDATE entry SET lease_until = ? WHERE substr(worker, 1, ?) = ?"
            " AND state IN ('sending', 'proving')",
            (database.clock() + LEASE_S, len(token) + 1, f"{token}."),
        )


def postpone(database: Database, destination: str, until: float) -> None:
    """Let everything else that is due at a destination wait too: the way there is closed."""
    with database.changing() as connection:
        connection.execute(
            "UPDATE entry SET next_at = :until WHERE destination = :destination"
            " AND state IN ('queued', 'stored') AND next_at < :until",
            {"destination": destination, "until": until},
        )


def _due(
    database: Database, destination: str, states: tuple[State, State], limit: int
) -> list[Entry]:
    given = {
        "destination": destination,
        "state": states[0],
        "other": states[1],
        "limit": limit,
        **_now(database),
    }
    with database.faults():
        return list(map(read_entry, database.connection.execute(_DUE, given)))


def _now(database: Database) -> dict[str, float]:
    return {"now": database.clock(), "slack": _SLACK_S, "longest": LONGEST_WAIT_S}


class WorkerMark:
    """The mark of a process that works: its `token` names it in the database."""

    def __init__(self, database: Path, random: Random) -> None:
        self._database = database
        self._descriptor = -1
        while self._descriptor < 0:
            self.token = f"{random.getrandbits(128):032x}"
            self._descriptor = self._lock()

    def worker(self, number: int) -> str:
        """The name of one of the process's workers."""
        return f"{self.token}.{number}"

    def remove(self) -> None:
        """The process works no more."""
        with suppress(OSError):
            mark_of(self._database, self.token).unlink(missing_ok=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def _lock(self) -> int:
        """A descriptor with the lock on the file; -1 where another has this token."""
        path = mark_of(self._database, self.token)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform == "win32":
            return descriptor
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking it may have been taken for that of a dead worker.
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        except OSError:  # a file system without locks: leases end by the clock alone
            return descriptor
        os.close(descriptor)
        return -1


def is_dead(database: Path, worker: str) -> bool:
    """Whether a worker's process is certainly gone; its mark is removed then."""
    if sys.platform == "win32":
        return False
    import fcntl

    path = mark_of(database, worker.partition(".")[0])
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return True
    finally:
        os.close(descriptor)


def is_lease_over(entry: Entry, now: float) -> bool:
    """Whether a lease has passed, or lies further ahead than one can (a clock that was set back)."""
    return entry.lease_until <= now or entry.lease_until > now + LEASE_S
