"""The ledger of a batch: what became of which input, in SQLite, whatever ends the process.

What is written here of a row is written after its files are in place, so that the ledger never
says more than is there; a row whose files are there and which the ledger lacks is made once more,
and finds its own bytes.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from hosr import sqlite
from hosr.batch.values import Entry, Finished, Known, State, refused_again, refused_text
from hosr.errors import Fault, UsageError
from hosr.folder import folded

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
)

_RESULTS = """
    SELECT listed.number, listed.id, listed.rows, coalesce(listed.result, entry.result), rival.rows
    FROM listed LEFT JOIN entry ON listed.folded = entry.folded
    LEFT JOIN rival ON listed.number = rival.number ORDER BY listed.number
"""
# In a file of its own as long as the ledger is open.
_RIVAL = "CREATE TEMP TABLE rival (number INTEGER PRIMARY KEY, rows TEXT NOT NULL)"
# Sorted outside of memory, so that of any number of rows few are in it.
_SAID = """
    SELECT json_extract(said.value, '$[0]'), json_extract(said.value, '$[1]'), listed.number,
        listed.rows
    FROM listed JOIN entry ON listed.folded = entry.folded, json_each(entry.result, '$.said') AS said
    WHERE listed.result IS NULL ORDER BY 1, 3
"""
_KEEP = """
    INSERT OR REPLACE INTO entry
    SELECT folded, ?, ?, rows, ? FROM listed WHERE number = ?
"""

_BEFORE = """
    SELECT entry.result FROM entry JOIN listed ON listed.folded = entry.folded
    WHERE listed.number = ?
"""

_IN_USE = ("is in use by another batch", "wait until that has ended")

_FORM = sqlite.Form(
    name="ledger",
    application_id=0x686F7362,  # "hosb"
    schema=_SCHEMA,
    not_ours=("is not a ledger of this version of hosr", "name another folder"),
    faults={
        sqlite3.SQLITE_BUSY: _IN_USE,
        sqlite3.SQLITE_LOCKED: _IN_USE,
        sqlite3.SQLITE_FULL: (
            "cannot be written: the disk is full",
            "make room and run the same command again; it goes on where it was",
        ),
        sqlite3.SQLITE_IOERR: (
            "cannot be read or written to the end",
            "see that the disk has room and is sound, and run the same command again",
        ),
        sqlite3.SQLITE_NOTADB: ("is not a ledger of hosr", "name another folder"),
        sqlite3.SQLITE_CORRUPT: (
            "is damaged",
            (
                "remove it and run the same command again: rows that are done find their own files"
                " there"
            ),
        ),
    },
)


class Result(NamedTuple):
    """One row of the result: its place in the manifest, and what became of it as JSON text.

    `rival` are the rows of another one that says otherwise of the same hip, by the same reader at the
    same moment.
    """

    number: int
    id: str
    rows: tuple[int, ...]
    text: str
    rival: tuple[int, ...] = ()


class Ledger:
    """An open ledger, for one thread of one process."""

    def __init__(self, database: sqlite.Database) -> None:
        self._database = database
        self._connection = database.connection
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
        """Note what became of an entry; beside a refusal stays what is said of its earlier report."""
        with self._writing() as connection:
            text = finished.text
            if finished.state is State.REFUSED:
                before = connection.execute(_BEFORE, (finished.number,)).fetchone()
                text = refused_again(text, before[0]) if before else text
            connection.execute(_KEEP, (finished.sha256, finished.state, text, finished.number))

    def find_rivals(self) -> int:
        """Note which entries say different things of one reading, for `results`; how many they are.

        The first of one reading is held against all others of it.
        """
        with self._database.faults():
            self._connection.execute("DELETE FROM rival")
            reading, first = None, (0, "", "")
            for read, content, number, rows in self._connection.execute(_SAID):
                if read != reading:
                    reading, first = read, (number, rows, content)
                elif content != first[2]:
                    pairs = ((number, first[1]), (first[0], rows))
                    self._connection.executemany("INSERT OR IGNORE INTO rival VALUES (?, ?)", pairs)
            (count,) = self._connection.execute("SELECT count(*) FROM rival").fetchone()
        return int(count)

    def results(self) -> Iterator[Result]:
        """What became of every entry of the manifest, in its order; rivals where `find_rivals` found them."""
        with self._database.faults():
            for number, name, rows, text, rival in self._connection.execute(_RESULTS):
                told = tuple(json.loads(rival)) if rival else ()
                yield Result(number, name, tuple(json.loads(rows)), text, told)

    def flush(self) -> None:
        """Have written what was noted."""
        self._unwritten = 0
        if self._connection.in_transaction:
            with self._database.faults():
                self._connection.execute("COMMIT")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write as part of a transaction, which ends with `flush` or after many rows."""
        with self._database.faults():
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
    _prepare_file(path)
    with sqlite.in_words(_FORM, path.name):
        connection = sqlite.connect(path, busy_s=_BUSY_S)
        database = sqlite.Database(path=path, name=path.name, form=_FORM, connection=connection)
        try:
            _set_up(database)
        except BaseException:
            connection.close()
            raise
    ledger = Ledger(database)
    try:
        yield ledger
        ledger.flush()
    except BaseException:
        with suppress(UsageError):  # what ended it is told, and not that
            ledger.flush()
        raise
    finally:
        connection.close()


def _prepare_file(path: Path) -> None:
    """See that there is a file that nobody but its group may read; SQLite writes beside it alike."""
    if path.is_symlink() and not path.exists():
        problem, remedy = "is a link to nothing", "remove it, or name another ledger"
        raise UsageError(_FORM.told(path.name, problem, remedy))
    with suppress(OSError):  # what cannot be made or changed, SQLite says in its own words
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        if not path.exists():
            os.close(os.open(path, flags, 0o640))
        elif sys.platform != "win32" and path.is_file() and path.stat().st_mode & 0o137:
            path.chmod(path.stat().st_mode & 0o640)


def _set_up(database: sqlite.Database) -> None:
    # Held until the process ends, however it ends: no lock is left behind by one that was killed.
    database.connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    sqlite.bring_to_version(database)
    database.connection.execute("PRAGMA journal_mode=WAL")
    database.connection.execute("PRAGMA synchronous=NORMAL")
    database.connection.execute("BEGIN IMMEDIATE")
    database.connection.execute("COMMIT")
    database.connection.execute(_RIVAL)
