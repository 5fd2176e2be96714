"""The outbox's file: its tables, and SQLite so opened that what was committed is on the disk.

The tables hold no patient data but the objects themselves. What must never happen to an object is
forbidden here as well: its bytes are never altered, go only when it is archived or given up, and no
object is called archived without the proof for it.

Everything that SQLite can say against a file becomes a UsageError in plain words, before anything
counts as taken.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from hosr import sqlite
from hosr.errors import UsageError
from hosr.folder import is_locked
from hosr.sqlite import BUSY_S

# What is delivered: a DICOM instance known by its SOP Instance UID, a message by its own number.
_TABLE = """
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        destination TEXT NOT NULL,
        report TEXT NOT NULL,             -- what is delivered together
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        key TEXT NOT NULL CHECK (key <> ''),  -- what it is known by there
        locator TEXT NOT NULL,            -- where a DICOM instance stands, in JSON; else empty
        turn INTEGER NOT NULL,            -- its place among those of its report; 0 for any
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'stored', 'proving', 'committed',
            'verified', 'accepted', 'hold', 'dead', 'conflict', {superseded}'dropped')),
        tries INTEGER NOT NULL,
        next_at REAL NOT NULL,
        reason TEXT NOT NULL,
        status TEXT NOT NULL,
        words TEXT NOT NULL,
        proofs TEXT NOT NULL,
        lacking TEXT NOT NULL,
        worker TEXT NOT NULL,             -- empty where nobody is at it
        lease_until REAL NOT NULL,
        enqueued_at REAL NOT NULL,
        changed_at REAL NOT NULL,{columns}
        UNIQUE (key, destination),
        CHECK (state <> 'committed' OR instr(proofs, 'commitment')),
        CHECK (state <> 'verified' OR instr(proofs, 'read-back')),
        CHECK (state <> 'accepted' OR instr(proofs, 'response')),
        CHECK (state IN ('sending', 'proving') OR worker = '')
    )
    """
_SINCE_3 = """
        address TEXT NOT NULL,            -- where it was stored and proven; empty where not known
        warning TEXT NOT NULL,            -- what the archive changed or doubted
        digest TEXT NOT NULL,             -- of the data set that is proven to be there"""
_SINCE_4 = """
        stage TEXT NOT NULL,              -- how far the report of a message is; empty where not known"""
_BESIDE_ENTRY = (
    """
    CREATE INDEX entry_by_state ON entry (state, destination, next_at)
    """,
    """
    CREATE INDEX entry_in_turn ON entry (destination, report, turn) WHERE turn > 0
    """,
    """
    CREATE TRIGGER entry_keeps_its_object BEFORE UPDATE ON entry
        WHEN new.id <> old.id OR new.destination <> old.destination OR new.sha256 <> old.sha256
            OR new.size <> old.size OR new.kind <> old.kind OR new.key <> old.key
            OR new.locator <> old.locator OR new.turn <> old.turn{kept}
    BEGIN SELECT RAISE(ABORT, 'an entry keeps its object'); END
    """,
    """
    CREATE TRIGGER entry_stays_until_it_is_archived BEFORE DELETE ON entry
        WHEN old.state NOT IN ('committed', 'verified', 'accepted', {superseded}'dropped')
    BEGIN SELECT RAISE(ABORT, 'an entry stays until it is archived'); END
    """,
)
_BETWEEN = "\n--\n"
_PAYLOAD_STAYS = """
    CREATE TRIGGER payload_stays_until_it_is_archived BEFORE DELETE ON payload
        WHEN (SELECT state FROM entry WHERE id = old.entry)
            NOT IN ('committed', 'verified', 'accepted', 'superseded', 'dropped')
    BEGIN SELECT RAISE(ABORT, 'a payload stays until it is archived'); END
    """


def _entry(version: int) -> tuple[str, ...]:
    """The table of entries, and what keeps it, as this version of the outbox has it."""
    columns = (_SINCE_3 if version >= 3 else "") + (_SINCE_4 if version >= 4 else "")
    parts = {
        "{columns}": columns,
        "{superseded}": "'superseded', " if version >= 4 else "",
        "{kept}": " OR new.stage <> old.stage" if version >= 4 else "",
    }
    text = _BETWEEN.join((_TABLE, *_BESIDE_ENTRY))
    for place, part in parts.items():
        text = text.replace(place, part)
    return tuple(text.split(_BETWEEN))


_SCHEMA = (
    *_entry(4),
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        random_id TEXT NOT NULL,          -- made once; transaction UIDs are derived from it
        transactions INTEGER NOT NULL     -- how many transaction UIDs there were
    )
    """,
    """
    CREATE TABLE payload (
        entry INTEGER PRIMARY KEY REFERENCES entry,
        data BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE transition (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        entry INTEGER NOT NULL REFERENCES entry,
        at REAL NOT NULL,
        before TEXT NOT NULL,
        event TEXT NOT NULL,
        after TEXT NOT NULL,
        status TEXT NOT NULL,
        words TEXT NOT NULL
    )
    """,
    "CREATE INDEX transition_of ON transition (entry, id)",
    """
    CREATE TABLE tally (                  -- how often something happened to an entry
        entry INTEGER NOT NULL REFERENCES entry,
        what TEXT NOT NULL,
        times INTEGER NOT NULL,
        PRIMARY KEY (entry, what)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE commitment (             -- written before the archive is asked
        number INTEGER PRIMARY KEY,
        transaction_uid TEXT NOT NULL UNIQUE,
        destination TEXT NOT NULL,
        requested_at REAL NOT NULL
    )
    """,
    """
    CREATE TABLE commitment_reference (
        number INTEGER NOT NULL REFERENCES commitment,
        entry INTEGER NOT NULL REFERENCES entry,
        outcome TEXT NOT NULL,            -- pending, committed, failed, superseded
        PRIMARY KEY (entry, number)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER payload_is_never_altered BEFORE UPDATE ON payload
    BEGIN SELECT RAISE(ABORT, 'a payload is never altered'); END
    """,
    _PAYLOAD_STAYS,
    "INSERT INTO outbox VALUES (1, lower(hex(randomblob(16))), 0)",
)

# Until version 2 everything was a DICOM instance, which stood in columns of its own.
_TO_VERSION_2 = (
    "CREATE TEMP TABLE kept AS SELECT * FROM main.entry",
    "DROP TABLE main.entry",
    *_entry(2),
    """
    INSERT INTO main.entry
    SELECT id, destination, report, name, 'dicom', sop_instance_uid,
        printf('{"study_instance_uid":"%s","series_instance_uid":"%s","sop_class_uid":"%s",'
            || '"sop_instance_uid":"%s"}',
            study_instance_uid, series_instance_uid, sop_class_uid, sop_instance_uid),
        0, sha256, size, state, tries, next_at, reason, status, words, proofs, lacking, worker,
        lease_until, enqueued_at, changed_at
    FROM kept ORDER BY id
    """,
    "DROP TABLE kept",
)
# Until version 3 an entry did not know at which address of its archive it was proven.
_TO_VERSION_3 = (
    "CREATE TEMP TABLE kept AS SELECT * FROM main.entry",
    "DROP TABLE main.entry",
    *_entry(3),
    "INSERT INTO main.entry SELECT *, '', '', '' FROM kept ORDER BY id",
    "DROP TABLE kept",
)
# Until version 4 no message knew how far its report was, and none ended because of a newer one.
_TO_VERSION_4 = (
    "CREATE TEMP TABLE kept AS SELECT * FROM main.entry",
    "DROP TRIGGER payload_stays_until_it_is_archived",
    "DROP TABLE main.entry",
    *_entry(4),
    _PAYLOAD_STAYS,
    "INSERT INTO main.entry SELECT *, '' FROM kept ORDER BY id",
    "DROP TABLE kept",
)

FORM = sqlite.Form(
    name="outbox",
    application_id=0x686F7372,  # "hosr"
    schema=_SCHEMA,
    migrations=(_TO_VERSION_2, _TO_VERSION_3, _TO_VERSION_4),
    not_ours=("is not an outbox of hosr", "name another file"),
    faults={
        sqlite3.SQLITE_CORRUPT: (
            "is damaged",
            "keep the file, and put back a copy or move it away to begin a new one",
        ),
    },
    kept="nothing was added or changed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database(sqlite.Database):
    """An open outbox, for one thread, and what it is told the time and chance by."""

    clock: Callable[[], float]
    random: Random


def open_database(
    path: Path, *, clock: Callable[[], float], random: Random, busy_s: float = BUSY_S
) -> Database:
    """Open the outbox at a path; one is begun there where there is none.

    Raises
    ------
    UsageError
        For what cannot be opened or written, is not an outbox, or is one of a newer hosr.
    """

    def make(connection: sqlite3.Connection) -> Database:
        return Database(
            path=path, name=str(path), form=FORM, connection=connection, clock=clock, random=random
        )

    return sqlite.open_durable(path, FORM, make, _set_up, busy_s=busy_s)


def _set_up(database: Database) -> None:
    connection = database.connection
    version = sqlite.version_of(database)
    if not version:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    elif version != FORM.version and _is_at_work(database.path):
        # It knows the tables as they were, and would break off at what it has in hand.
        problem, remedy = "is in use by an older hosr", "stop that one, then try again"
        raise UsageError(FORM.told(database.name, problem, remedy))
    sqlite.bring_to_version(database)


def mark_of(path: Path, token: str) -> Path:
    """The file beside an outbox on which a process that works there holds a lock."""
    return path.with_name(f"{path.name}.worker-{token}")


def _is_at_work(path: Path) -> bool:
    """Whether any process works at an outbox."""
    prefix = mark_of(path, "").name
    return any(is_locked(file) for file in path.parent.iterdir() if file.name.startswith(prefix))
