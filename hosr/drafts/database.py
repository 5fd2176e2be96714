"""The file of the drafts: its tables, and what must never happen to a draft, forbidden there too.

A record is kept once, under the hash of its text, whatever revisions have it: undoing, opening and
holding cost no room. What a worklist tells stands in columns of the draft, which is then read without
its records.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hosr import sqlite
from hosr.errors import Fault, UsageError
from hosr.phrases import phrase

STORE = "drafts.sqlite"
# What may lie in a folder that is empty.
_LEFT = frozenset({"lost+found", "watch.lock"})

_SENT = (
    """
    CREATE TABLE sent (                   -- preliminary reports that were given to an outbox
        draft INTEGER NOT NULL REFERENCES draft,
        number INTEGER NOT NULL,
        documents TEXT NOT NULL,          -- JSON: its structured reports, the measurement report first
        tracked_as TEXT NOT NULL,         -- what receivers know the report by
        follows TEXT NOT NULL,            -- JSON: those sent before, of which it says that it replaces them
        PRIMARY KEY (draft, number)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER sent_stays BEFORE UPDATE ON sent
    BEGIN SELECT RAISE(ABORT, 'what was sent stays'); END
    """,
    """
    CREATE TRIGGER sent_is_kept BEFORE DELETE ON sent
    BEGIN SELECT RAISE(ABORT, 'what was sent is kept'); END
    """,
)

_SCHEMA = (
    """
    CREATE TABLE record (
        digest TEXT PRIMARY KEY,          -- SHA-256 of the text
        text TEXT NOT NULL                -- JSON: ASCII, keys sorted
    )
    """,
    """
    CREATE TABLE draft (
        number INTEGER PRIMARY KEY AUTOINCREMENT,  -- oldest first, whatever the clock says
        id TEXT NOT NULL UNIQUE,
        revision INTEGER NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('waiting', 'opened', 'held', 'signed')),
        record TEXT NOT NULL REFERENCES record,
        original TEXT NOT NULL REFERENCES record,
        decisions TEXT NOT NULL,          -- JSON: who made each; once a list, by whomever
        reasons TEXT NOT NULL,            -- why it is urgent, between spaces
        patient_name TEXT NOT NULL,
        patient_id TEXT NOT NULL,
        study_instance_uid TEXT NOT NULL,
        study_date TEXT NOT NULL,
        view TEXT NOT NULL,
        made_by TEXT NOT NULL,            -- the observer
        is_algorithm INTEGER NOT NULL,
        right_brooker TEXT,               -- NULL where there is no such hip
        right_della_valle TEXT,
        left_brooker TEXT,
        left_della_valle TEXT,
        images_digest TEXT NOT NULL,
        assume_charset TEXT NOT NULL,     -- by which its images are read; empty for their own
        override_charset TEXT NOT NULL,
        follows TEXT NOT NULL,            -- the draft of the same study before it
        hold_reason TEXT NOT NULL,
        opened_by TEXT NOT NULL,
        signed_by TEXT NOT NULL,
        signing_by TEXT NOT NULL,         -- empty where nobody is at it
        signing_folder TEXT NOT NULL,     -- where that version is to lie
        document_uid TEXT NOT NULL,       -- of the newest signed measurement report
        made_at REAL NOT NULL,
        changed_at REAL NOT NULL,
        made_from TEXT NOT NULL,          -- JSON
        account TEXT NOT NULL,            -- JSON
        CHECK ((status = 'signed') = (document_uid <> '')),
        CHECK (status = 'held' OR hold_reason = '')
    )
    """,
    "CREATE INDEX draft_by_status ON draft (status)",
    "CREATE INDEX draft_by_study ON draft (study_instance_uid)",
    "CREATE INDEX draft_by_patient ON draft (patient_id)",
    "CREATE INDEX draft_that_follows ON draft (follows, number)",
    """
    CREATE TABLE image (                  -- a file as it was when the draft was begun
        draft INTEGER NOT NULL REFERENCES draft,
        path TEXT NOT NULL,               -- below the folder of the drafts relative to it
        size_bytes INTEGER NOT NULL,
        changed_ns INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (draft, path)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE prior (
        draft INTEGER NOT NULL REFERENCES draft,
        number INTEGER NOT NULL,
        path TEXT NOT NULL,
        PRIMARY KEY (draft, number)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE version (                -- what was signed
        draft INTEGER NOT NULL REFERENCES draft,
        number INTEGER NOT NULL,
        folder TEXT NOT NULL,
        document_uid TEXT NOT NULL,
        PRIMARY KEY (draft, number)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX version_by_folder ON version (folder)",
    """
    CREATE TABLE entry (                  -- the history
        draft INTEGER NOT NULL REFERENCES draft,
        revision INTEGER NOT NULL,
        at REAL NOT NULL,
        by TEXT NOT NULL,
        event TEXT NOT NULL,
        status TEXT NOT NULL,
        record TEXT NOT NULL REFERENCES record,
        decisions TEXT NOT NULL,
        PRIMARY KEY (draft, revision)
    ) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER record_stays BEFORE UPDATE ON record
    BEGIN SELECT RAISE(ABORT, 'a record is never altered'); END
    """,
    """
    CREATE TRIGGER record_is_kept BEFORE DELETE ON record
    BEGIN SELECT RAISE(ABORT, 'a record is kept'); END
    """,
    """
    CREATE TRIGGER entry_stays BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'history is never altered'); END
    """,
    """
    CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'history is kept'); END
    """,
    """
    CREATE TRIGGER version_stays BEFORE UPDATE ON version
    BEGIN SELECT RAISE(ABORT, 'what was signed stays'); END
    """,
    """
    CREATE TRIGGER version_is_kept BEFORE DELETE ON version
    BEGIN SELECT RAISE(ABORT, 'what was signed is kept'); END
    """,
    """
    CREATE TRIGGER draft_keeps_its_origin BEFORE UPDATE ON draft
        WHEN new.number <> old.number OR new.id <> old.id OR new.original <> old.original
            OR new.images_digest <> old.images_digest OR new.follows <> old.follows
            OR new.made_at <> old.made_at OR new.revision < old.revision
            OR new.made_from <> old.made_from OR new.account <> old.account
    BEGIN SELECT RAISE(ABORT, 'a draft keeps its origin'); END
    """,
    """
    CREATE TRIGGER what_is_signed_stays_signed BEFORE UPDATE ON draft
        WHEN old.status = 'signed' AND (new.status <> 'signed'
            OR (new.record <> old.record AND new.document_uid = old.document_uid))
    BEGIN SELECT RAISE(ABORT, 'what is signed is amended only'); END
    """,
    """
    CREATE TRIGGER draft_is_kept BEFORE DELETE ON draft
    BEGIN SELECT RAISE(ABORT, 'a draft is kept'); END
    """,
    *_SENT,
)

FORM = sqlite.Form(
    name="drafts",
    application_id=0x686F7364,  # "hosd"
    schema=_SCHEMA,
    migrations=(_SENT,),
    not_ours=(phrase("is not a store of drafts of hosr"), phrase("name another folder")),
    faults={
        sqlite3.SQLITE_CORRUPT: (
            phrase("is damaged"),
            phrase("keep the file, and put back a copy"),
        ),
    },
    kept=phrase("nothing was added or changed"),
)


def require_drafts(folder: Path, *, or_empty: bool = False) -> None:
    """Refuse a folder that is none of drafts, before a store is begun in it.

    With `or_empty` one will do that is not there, or in which nothing lies but what a file system or a
    program that was killed has left. Raises UsageError.
    """
    if (folder / STORE).is_file():
        return
    try:
        names = [each.name for each in folder.iterdir()]
    except FileNotFoundError:
        names = None
        if or_empty and not folder.resolve().parent.is_dir():
            problem = "lies in no folder that is there"
            raise UsageError(Fault(str(folder), problem, "check the path")) from None
    except OSError as error:
        problem = f"is no folder that can be read ({error.strerror or type(error).__name__})"
        raise UsageError(Fault(str(folder), problem, "check the path")) from error
    if not or_empty:
        problem = "there is no such folder" if names is None else "holds no drafts"
        remedy = "name the folder that `hosr watch` keeps drafts in"
        raise UsageError(Fault(str(folder), problem, remedy))
    if any(not (name in _LEFT or name.startswith((".", STORE))) for name in names or ()):
        problem = "holds other files, and no drafts"
        raise UsageError(Fault(str(folder), problem, "name an empty folder, or one of drafts"))


def open_database(folder: Path, *, busy_s: float) -> sqlite.Database:
    """The store in a folder; one is begun where there is none.

    Raises UsageError for what cannot be opened or written, is no store, or is one of a newer hosr.
    """
    path = folder / STORE

    def make(connection: sqlite3.Connection) -> sqlite.Database:
        return sqlite.Database(path=path, name=str(path), form=FORM, connection=connection)

    return sqlite.open_durable(path, FORM, make, sqlite.bring_to_version, busy_s=busy_s)
