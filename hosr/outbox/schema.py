"""The tables of the outbox. They hold no patient data but the objects themselves.

What must never happen to an object is forbidden here as well: its bytes are never altered, go only
when it is archived or given up, and no object is called archived without the proof for it.
"""

from __future__ import annotations

APPLICATION_ID = 0x686F7372  # "hosr"
VERSION = 1

SCHEMA = (
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        random_id TEXT NOT NULL,          -- made once; transaction UIDs are derived from it
        transactions INTEGER NOT NULL     -- how many transaction UIDs there were
    )
    """,
    """
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        destination TEXT NOT NULL,
        report TEXT NOT NULL,
        name TEXT NOT NULL,
        study_instance_uid TEXT NOT NULL,
        series_instance_uid TEXT NOT NULL,
        sop_class_uid TEXT NOT NULL,
        sop_instance_uid TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'stored', 'proving', 'committed',
            'verified', 'accepted', 'hold', 'dead', 'conflict', 'dropped')),
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
        changed_at REAL NOT NULL,
        UNIQUE (sop_instance_uid, destination),
        CHECK (state <> 'committed' OR instr(proofs, 'commitment')),
        CHECK (state <> 'verified' OR instr(proofs, 'read-back')),
        CHECK (state <> 'accepted' OR instr(proofs, 'response')),
        CHECK (state IN ('sending', 'proving') OR worker = '')
    )
    """,
    """
    CREATE INDEX open_entry ON entry (destination, state, next_at)
        WHERE state IN ('queued', 'sending', 'stored', 'proving')
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
    CREATE TRIGGER entry_keeps_its_object BEFORE UPDATE ON entry
        WHEN new.id <> old.id OR new.destination <> old.destination OR new.sha256 <> old.sha256
            OR new.size <> old.size OR new.sop_instance_uid <> old.sop_instance_uid
            OR new.sop_class_uid <> old.sop_class_uid
    BEGIN SELECT RAISE(ABORT, 'an entry keeps its object'); END
    """,
    """
    CREATE TRIGGER entry_stays BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'an entry stays'); END
    """,
    """
    CREATE TRIGGER payload_is_never_altered BEFORE UPDATE ON payload
    BEGIN SELECT RAISE(ABORT, 'a payload is never altered'); END
    """,
    """
    CREATE TRIGGER payload_stays_until_it_is_archived BEFORE DELETE ON payload
        WHEN (SELECT state FROM entry WHERE id = old.entry)
            NOT IN ('committed', 'verified', 'accepted', 'dropped')
    BEGIN SELECT RAISE(ABORT, 'a payload stays until it is archived'); END
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {VERSION}",
)
