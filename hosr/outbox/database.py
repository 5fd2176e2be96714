"""The outbox's file: SQLite, so opened that what was committed is on the disk.

Write-ahead log and synchronous=FULL: a commit has been flushed when it returns. Everything that
SQLite can say against a file becomes a UsageError in plain words, before anything counts as taken.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError
from hosr.outbox.schema import APPLICATION_ID, SCHEMA, VERSION

if TYPE_CHECKING:
    from random import Random


BUSY_S = 30.0

_NOT_OURS = "is not an outbox of hosr"
_KEPT = "nothing was added or changed"

# Primary result codes (https://www.sqlite.org/rescode.html): what is wrong, and what to do.
_FAULTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_PERM: ("may not be used", "give this user the right to write it"),
    sqlite3.SQLITE_BUSY: ("is in use by another program", "try again when that has ended"),
    sqlite3.SQLITE_LOCKED: ("is in use by another program", "try again when that has ended"),
    sqlite3.SQLITE_NOMEM: ("needs more memory than there is", "close other programs"),
    sqlite3.SQLITE_READONLY: (
        "cannot be written",
        "give this user the right to write the file and its folder",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written to the end",
        "see that the disk has room and is sound",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "keep the file, and put back a copy or move it away to begin a new one",
    ),
    sqlite3.SQLITE_FULL: ("has no room: the disk is full", "make room"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "see that it is a file in a folder to write to"),
    sqlite3.SQLITE_NOTADB: (_NOT_OURS, "name another file"),
    sqlite3.SQLITE_TOOBIG: ("cannot take an object of this size", "send objects below 1 GB"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open connection, for one thread, and what it is told the time and chance by."""

    path: Path
    connection: sqlite3.Connection
    clock: Callable[[], float]
    random: Random

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Say in plain words what SQLite says against the file."""
        try:
            yield
        except sqlite3.Error as error:
            raise _in_words(self.path, error) from error

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Make changes together: all of them, flushed to the disk at the end, or none."""
        with self.faults():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                # After some failures SQLite has rolled back by itself.
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


def open_database(
    path: Path, *, clock: Callable[[], float], random: Random, busy_s: float = BUSY_S
) -> Database:
    """Open the outbox at a path; one is begun there where there is none.

    Raises
    ------
    UsageError
        For what cannot be opened or written, is not an outbox, or is one of a newer hosr.
    """
    try:
        _prepare_file(path)
        with _held_while_opening(path):
            connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
            try:
                database = Database(path=path, connection=connection, clock=clock, random=random)
                _set_up(database)
            except BaseException:
                connection.close()
                raise
    except OSError as error:
        problem = f"cannot be opened ({error.strerror or type(error).__name__})"
        raise UsageError(Fault(str(path), problem, f"name another place; {_KEPT}")) from error
    except sqlite3.Error as error:
        raise _in_words(path, error) from error
    return database


def _prepare_file(path: Path) -> None:
    """See that there is a file that only this user may read."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        _flush_folder(folder.parent)
    with suppress(FileExistsError):
        # An existing file is not opened here: closing it would end the locks that SQLite holds
        # for this process.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        _flush_folder(path.parent)
    if not path.is_file():
        raise UsageError(Fault(str(path), "is not a file", f"name another place; {_KEPT}"))
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        # Found out here, as SQLite would leave files beside it that cannot be written either.
        problem, remedy = _FAULTS[sqlite3.SQLITE_READONLY]
        raise UsageError(Fault(str(path), problem, f"{remedy}; {_KEPT}"))
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _flush_folder(folder: Path) -> None:
    if sys.platform == "win32":  # a folder cannot be flushed there
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _held_while_opening(path: Path) -> Iterator[None]:
    """One process at a time begins the outbox or turns its log on: SQLite does not wait there."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with suppress(OSError):  # some network file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _set_up(database: Database) -> None:
    connection = database.connection
    connection.row_factory = sqlite3.Row
    if not _is_begun(database):
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        with database.changing():
            if not _is_begun(database):
                _begin(database)
    connection.execute("PRAGMA journal_mode=WAL")
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    # A file that cannot be written is found out now, by writing to it without keeping it.
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("UPDATE outbox SET transactions = transactions")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _is_begun(database: Database) -> bool:
    """Whether there is an outbox in the file; UsageError for what hosr must not touch."""
    application = _pragma(database, "application_id")
    version = _pragma(database, "user_version")
    tables = database.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not application and not version and not tables:
        return False
    if application != APPLICATION_ID:
        raise UsageError(Fault(str(database.path), _NOT_OURS, f"name another file; {_KEPT}"))
    if version != VERSION:
        problem = f"was made by a newer hosr (version {version} of the outbox)"
        raise UsageError(Fault(str(database.path), problem, f"use that hosr; {_KEPT}"))
    return True


def _pragma(database: Database, name: str) -> int:
    value: int = database.connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def _begin(database: Database) -> None:
    for statement in SCHEMA:
        database.connection.execute(statement)
    random_id = f"{database.random.getrandbits(128):032x}"
    database.connection.execute("INSERT INTO outbox VALUES (1, ?, 0)", (random_id,))


def _in_words(path: Path, error: sqlite3.Error) -> UsageError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    problem, remedy = _FAULTS.get(
        code, (f"does not work ({type(error).__name__} {code})", "please report this")
    )
    return UsageError(Fault(str(path), problem, f"{remedy}; {_KEPT}"))
