"""Files that SQLite keeps for hosr: opened, begun, brought to this version, or refused in words.

Which kind of file it is says its `Form`: what it is called, its tables, how an older one becomes
a newer one. Everything that SQLite can say against a file becomes a UsageError in plain words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hosr.errors import Fault, UsageError

_IN_USE = ("is in use by another program", "try again when that has ended")

# Primary result codes (https://www.sqlite.org/rescode.html): what is wrong, and what to do.
_FAULTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_PERM: ("may not be used", "give this user the right to write it"),
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_NOMEM: ("needs more memory than there is", "close other programs"),
    sqlite3.SQLITE_READONLY: (
        "cannot be written",
        "give this user the right to write the file and its folder",
    ),
    sqlite3.SQLITE_IOERR: (
        "cannot be read or written to the end",
        "see that the disk has room and is sound",
    ),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "put back a copy"),
    sqlite3.SQLITE_FULL: ("has no room: the disk is full", "make room"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "see that it is a file in a folder to write to"),
    sqlite3.SQLITE_TOOBIG: ("cannot take an object of this size", "send objects below 1 GB"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of file: what it is called, what is in it, and what is said of it otherwise.

    `schema` begins a file of the newest version. `migrations` lead from version 1 to 2, from 2 to
    3 and on; foreign keys are not looked at meanwhile, and hold at the end. `not_ours` is what is
    said of another program's file, `faults` go before the common ones by SQLite's result code,
    and `kept` stands behind every remedy.
    """

    name: str
    application_id: int
    schema: Sequence[str]
    migrations: Sequence[Sequence[str]] = ()
    not_ours: tuple[str, str]
    faults: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    kept: str = ""

    @property
    def version(self) -> int:
        """The version that this hosr reads and writes."""
        return len(self.migrations) + 1

    def fault(self, name: str, code: int, said: str = "") -> Fault:
        """What is said of a file against which SQLite says this."""
        common = {**_FAULTS, sqlite3.SQLITE_NOTADB: self.not_ours}
        unknown = (f"does not work ({said} {code})", "please report this")
        return self.told(name, *self.faults.get(code, common.get(code, unknown)))

    def told(self, name: str, problem: str, remedy: str) -> Fault:
        """A fault of a file of this kind."""
        return Fault(name, problem, f"{remedy}{self.kept}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open file, for one thread; `name` is what it is called where it is at fault."""

    path: Path
    name: str
    form: Form
    connection: sqlite3.Connection

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Say in plain words what SQLite says against the file."""
        with in_words(self.form, self.name):
            yield

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Make changes together: all of them, on the disk at the end, or none."""
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


@contextmanager
def in_words(form: Form, name: str) -> Iterator[None]:
    """Say in plain words what SQLite says against a file of this kind."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        raise UsageError(form.fault(name, code, type(error).__name__)) from error


def connect(path: Path, *, busy_s: float) -> sqlite3.Connection:
    """A connection without transactions of its own, which waits so long for other programs."""
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def version_of(database: Database) -> int:
    """The version of what is in the file, 0 where that is nothing.

    Raises UsageError for what hosr must not touch: another program's file, one of a newer hosr.
    """
    form = database.form
    application, version, tables = (
        database.connection.execute(query).fetchone()[0]
        for query in (
            "PRAGMA application_id",
            "PRAGMA user_version",
            "SELECT count(*) FROM sqlite_master",
        )
    )
    if not application and not version and not tables:
        return 0
    if application != form.application_id or version < 1:
        raise UsageError(form.told(database.name, *form.not_ours))
    if version > form.version:
        problem = f"was made by a newer hosr (version {version} of the {form.name})"
        raise UsageError(form.told(database.name, problem, "use that hosr"))
    return int(version)


def bring_to_version(database: Database) -> None:
    """Begin the file where nothing is in it; make an older one one of this version.

    All at once: whatever ends the process meanwhile, the file is what it was, or what it shall be.
    """
    form = database.form
    database.connection.execute("PRAGMA foreign_keys=OFF")
    with database.changing() as connection:
        version = version_of(database)
        if version == form.version:
            return
        steps = form.migrations[version - 1 :] if version else [form.schema]
        for statement in (statement for step in steps for statement in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {form.application_id}")
        connection.execute(f"PRAGMA user_version = {form.version}")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise UsageError(form.fault(database.name, sqlite3.SQLITE_CORRUPT))
