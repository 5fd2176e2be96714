"""Files that SQLite keeps for hosr: opened, begun, brought to this version, or refused in words.

Which kind of file it is says its `Form`: what it is called, its tables, how an older one becomes
a newer one. Everything that SQLite can say against a file becomes a UsageError in plain words.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hosr.errors import Fault, UsageError
from hosr.folder import flush_folder, locked
from hosr.phrases import phrase

# How long a change waits for that of another process.
BUSY_S = 30.0

_IN_USE = (phrase("is in use by another program"), phrase("try again when that has ended"))

# Primary result codes (https://www.sqlite.org/rescode.html): what is wrong, and what to do.
_FAULTS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_PERM: (
        phrase("may not be used"),
        phrase("give this user the right to write it"),
    ),
    sqlite3.SQLITE_BUSY: _IN_USE,
    sqlite3.SQLITE_LOCKED: _IN_USE,
    sqlite3.SQLITE_NOMEM: (
        phrase("needs more memory than there is"),
        phrase("close other programs"),
    ),
    sqlite3.SQLITE_READONLY: (
        phrase("cannot be written"),
        phrase("give this user the right to write the file and its folder"),
    ),
    sqlite3.SQLITE_IOERR: (
        phrase("cannot be read or written to the end"),
        phrase("see that the disk has room and is sound"),
    ),
    sqlite3.SQLITE_CORRUPT: (phrase("is damaged"), phrase("put back a copy")),
    sqlite3.SQLITE_FULL: (phrase("has no room: the disk is full"), phrase("make room")),
    sqlite3.SQLITE_CANTOPEN: (
        phrase("cannot be opened"),
        phrase("see that it is a file in a folder to write to"),
    ),
    sqlite3.SQLITE_TOOBIG: (
        phrase("cannot take an object of this size"),
        phrase("send objects below 1 GB"),
    ),
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
        unknown = (
            phrase("does not work ({told})", told=f"{said} {code}"),
            phrase("please report this"),
        )
        return self.told(name, *self.faults.get(code, common.get(code, unknown)))

    def told(self, name: str, problem: str, remedy: str) -> Fault:
        """A fault of a file of this kind."""
        if self.kept:
            remedy = phrase("{remedy}; {kept}", remedy=remedy, kept=self.kept)
        return Fault(name, problem, remedy)


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


DatabaseT = TypeVar("DatabaseT", bound=Database)


def open_durable(
    path: Path,
    form: Form,
    make: Callable[[sqlite3.Connection], DatabaseT],
    set_up: Callable[[DatabaseT], None],
    *,
    busy_s: float = BUSY_S,
) -> DatabaseT:
    """A file that only this user may read, so opened that what is committed is on the disk.

    `make` gives the open database, `set_up` brings it to this version. Write-ahead log and
    synchronous=FULL: a commit has been flushed when it returns.

    Raises UsageError for what cannot be opened or written, and what `set_up` raises.
    """
    try:
        prepare_file(path, form)
        # One process at a time begins the file or turns its log on: SQLite does not wait there.
        lock = path.with_name(f"{path.name}.lock")
        with locked(lock, os.O_RDWR | os.O_CREAT), in_words(form, str(path)):
            connection = connect(path, busy_s=busy_s)
            try:
                database = make(connection)
                set_up(database)
                connection.execute("PRAGMA journal_mode=WAL")
                for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
                    connection.execute(f"PRAGMA {pragma}")
                _try_to_write(connection)
            except BaseException:
                connection.close()
                raise
    except OSError as error:
        problem = phrase("cannot be opened ({told})", told=error.strerror or type(error).__name__)
        raise UsageError(form.told(str(path), problem, phrase("name another place"))) from error
    return database


def prepare_file(path: Path, form: Form) -> None:
    """See that there is a file that only this user may read."""
    missing = [folder for folder in path.parents if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
        flush_folder(folder.parent)
    with suppress(FileExistsError):
        # An existing file is not opened here: closing it would end the locks that SQLite holds
        # for this process.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        flush_folder(path.parent)
    if not path.is_file():
        raise UsageError(
            form.told(str(path), phrase("is not a file"), phrase("name another place"))
        )
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        # Found out here, as SQLite would leave files beside it that cannot be written either.
        raise UsageError(form.fault(str(path), sqlite3.SQLITE_READONLY))
    if sys.platform != "win32" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _try_to_write(connection: sqlite3.Connection) -> None:
    """Find out now that a file cannot be written, by writing to it without keeping it."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(f"PRAGMA user_version = {version}")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


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
        problem = phrase(
            "was made by a newer hosr (version {version} of the {name})",
            version=version,
            name=form.name,
        )
        raise UsageError(form.told(database.name, problem, phrase("use that hosr")))
    return int(version)


def bring_to_version(database: Database) -> None:
    """Begin the file where nothing is in it; make an older one one of this version.

    All at once: whatever ends the process meanwhile, the file is what it was, or what it shall be.
    """
    form = database.form
    if version_of(database) == form.version:
        return
    database.connection.execute("PRAGMA foreign_keys=OFF")
    with database.changing() as connection:
        version = version_of(database)
        if version == form.version:  # another process was quicker
            return
        steps = form.migrations[version - 1 :] if version else [form.schema]
        for statement in (statement for step in steps for statement in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {form.application_id}")
        connection.execute(f"PRAGMA user_version = {form.version}")
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise UsageError(form.fault(database.name, sqlite3.SQLITE_CORRUPT))
