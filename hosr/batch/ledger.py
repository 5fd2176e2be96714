"""The ledger of a batch: what became of which input, in SQLite, whatever ends the process.

What is written here of a row is written after its files are in place, so that the ledger never
says more than is there; a row whose files are there and which the ledger lacks is made once more,
and finds its own bytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from hosr.batch.manifest import folded
from hosr.batch.values import Known, State, refused_text
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.batch.values import Entry, Finished


_APPLICATION_ID = 0x686F7362  # "hosb"
_VERSION = 1
_BUSY_S = 0.1
# A transaction for each row of a manifest would take longer than reading it.
_MOST_ROWS = 256

_SCHEMA = (
    """
    CREATE TABLE entry (                  -- what became of an id, in whatever run
        folded TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,             -- of the input; empty for what is to be tried again
        state TEXT NOT NULL CHECK (state IN ('done', 'refused')),
        rows TEXT NOT NULL,
        result TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE listed (                 -- the manifest of this run
        number INTEGER PRIMARY KEY,
        rows TEXT NOT NULL,
        id TEXT NOT NULL,
        folded TEXT,                      -- NULL where there is no id that can be used
        result TEXT                       -- of a row that is refused as it stands
    )
    """,
    "CREATE INDEX listed_folded ON listed (folded)",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)

_RESULTS = """
    SELECT listed.number, listed.id, listed.rows, coalesce(listed.result, entry.result)
    FROM listed LEFT JOIN entry ON listed.folded = entry.folded ORDER BY listed.number
"""
_KEEP = """
    INSERT OR REPLACE INTO entry
    SELECT folded, ?, ?, rows, ? FROM listed WHERE number = ?
"""

_FAULTS = {
    sqlite3.SQLITE_BUSY: ("is in use by another batch", "wait until that has ended"),
    sqlite3.SQLITE_LOCKED: ("is in use by another batch", "wait until that has ended"),
    sqlite3.SQLITE_FULL: (
        "cannot be written: the disk is full",
        "make room and run the same command again; it goes on where it was",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written to the end",
        "see that the disk has room and is sound, and run the same command again",
    ),
    sqlite3.SQLITE_READONLY: ("cannot be written", "give this user the right to write it"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "see that its folder can be written to"),
    sqlite3.SQLITE_PERM: ("may not be used", "give this user the right to write it"),
    sqlite3.SQLITE_NOTADB: ("is not a ledger of hosr", "name another folder"),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "remove it and run the same command again: rows that are done find their own files there",
    ),
}


class Result(NamedTuple):
    """One row of the result: its place in the manifest, and what became of it as JSON text."""

    number: int
    id: str
    rows: tuple[int, ...]
    text: str


class Ledger:
    """An open ledger, for one thread of one process."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._unwritten = 0

    def clear_listing(self) -> None:
        """Forget the manifest of the run before."""
        with self._writing() as connection:
            connection.execute("DELETE FROM listed")

    def list_entry(self, entry: Entry) -> None:
        """Note an entry of the manifest, and its result if it is refused as it stands."""
        result = refused_text(entry.faults) if entry.faults else None
        row = (
            entry.number,
            json.dumps(entry.rows),
            entry.id,
            folded(entry.id) if entry.id else None,
            result,
        )
        with self._writing() as connection:
            connection.execute("INSERT INTO listed VALUES (?, ?, ?, ?, ?)", row)

    def twin(self, entry: Entry) -> tuple[int, ...]:
        """The rows of the first other entry of the same id; none where there is no other."""
        query = "SELECT rows FROM listed WHERE folded = ? AND number <> ? ORDER BY number LIMIT 1"
        found = self._connection.execute(query, (folded(entry.id), entry.number)).fetchone()
        return tuple(json.loads(found[0])) if found else ()

    def known(self, entry: Entry) -> Known | None:
        """What became of this id before; of a refusal only where its rows are the same."""
        query = "SELECT sha256, state, rows, result FROM entry WHERE folded = ?"
        found = self._connection.execute(query, (folded(entry.id),)).fetchone()
        if found is None:
            return None
        sha256, state, rows, text = found
        if state == State.REFUSED and tuple(json.loads(rows)) != entry.rows:
            return None
        return Known(sha256=sha256, state=State(state), text=text)

    def refuse(self, number: int, faults: tuple[Fault, ...]) -> None:
        """Note that an entry is refused as the manifest stands."""
        with self._writing() as connection:
            query = "UPDATE listed SET result = ? WHERE number = ?"
            connection.execute(query, (refused_text(faults), number))

    def keep(self, finished: Finished) -> None:
        """Note what became of an entry."""
        row = (finished.sha256, finished.state, finished.text, finished.number)
        with self._writing() as connection:
            connection.execute(_KEEP, row)

    def results(self) -> Iterator[Result]:
        """What became of every entry of the manifest, in its order."""
        with _in_words(self._path):
            for number, name, rows, text in self._connection.execute(_RESULTS):
                yield Result(number, name, tuple(json.loads(rows)), text)

    def flush(self) -> None:
        """Have written what was noted."""
        self._unwritten = 0
        if self._connection.in_transaction:
            with _in_words(self._path):
                self._connection.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write as part of a transaction, which ends with `flush` or after many rows."""
        with _in_words(self._path):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection
        self._unwritten += 1
        if self._unwritten >= _MOST_ROWS:
            self.flush()


@contextmanager
def open_ledger(path: Path) -> Iterator[Ledger]:
    """The ledger at a path, for this process alone; one is begun where there is none.

    Raises UsageError where another batch has it, and for what is no ledger or cannot be written.
    """
    with _in_words(path):
        connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        try:
            _set_up(path, connection)
        except BaseException:
            connection.close()
            raise
    ledger = Ledger(path, connection)
    try:
        yield ledger
        ledger.flush()
    except BaseException:
        with suppress(UsageError):  # what ended it is told, and not that
            ledger.flush()
        raise
    finally:
        connection.close()


def _set_up(path: Path, connection: sqlite3.Connection) -> None:
    # Held until the process ends, however it ends: no lock is left behind by one that was killed.
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    connection.execute("BEGIN IMMEDIATE")
    application, version, tables = (
        connection.execute(query).fetchone()[0]
        for query in (
            "PRAGMA application_id",
            "PRAGMA user_version",
            "SELECT count(*) FROM sqlite_master",
        )
    )
    if not tables and not application:
        for statement in _SCHEMA:
            connection.execute(statement)
    elif application != _APPLICATION_ID or version != _VERSION:
        problem = "is not a ledger of this version of hosr"
        raise UsageError(Fault(path.name, problem, "name another folder"))
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("COMMIT")


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Say in plain words what SQLite says against the file."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        unknown = (f"does not work ({type(error).__name__} {code})", "please report this")
        raise UsageError(Fault(path.name, *_FAULTS.get(code, unknown))) from error
