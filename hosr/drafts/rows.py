"""Rows of the store as values; how paths and records are kept in them.

Paths below the folder of the drafts are kept relative to it, so that it can be moved as a whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.drafts.imagery import ImageFile
from hosr.drafts.sent import read_sent
from hosr.drafts.states import Event, Reason, Status
from hosr.drafts.values import Draft, Entry, Listed, ListedHip
from hosr.intake.record.json_text import canonical_json
from hosr.study import is_no_id
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    pass

# What a worklist tells: everything but the records, and what is in other tables.
_PLAIN = (
    "patient_name",
    "patient_id",
    "study_instance_uid",
    "study_date",
    "view",
    "made_by",
    "opened_by",
    "signed_by",
    "hold_reason",
    "follows",
    "document_uid",
)
_LISTED = f"""
    SELECT id, revision, status, reasons, is_algorithm, made_at, changed_at, right_brooker,
        right_della_valle, left_brooker, left_della_valle,
        (SELECT later.id FROM draft later WHERE later.follows = draft.id
            ORDER BY later.number DESC LIMIT 1),
        {", ".join(_PLAIN)}
    FROM draft
    """  # noqa: S608 (constants)
_BY_STATUS = f"{_LISTED} WHERE status IN (SELECT value FROM json_each(?)) ORDER BY number"  # noqa: S608 (constants)
_BY_STUDY = _LISTED + " WHERE study_instance_uid = ? ORDER BY number"
_BY_PATIENT = _LISTED + " WHERE patient_id = ? ORDER BY number"
# The earlier reports that a draft was begun with; of one that was amended since, the newest version.
_PRIORS = """
    SELECT coalesce(
        (SELECT newest.folder FROM version this JOIN version newest ON newest.draft = this.draft
            WHERE this.folder = prior.path ORDER BY newest.number DESC LIMIT 1),
        prior.path) AS path
    FROM prior WHERE draft = ? ORDER BY number
    """
_SIGNED_BEFORE = """
    SELECT folder, max(version.number) FROM draft JOIN version ON version.draft = draft.number
    WHERE patient_id = ? AND study_instance_uid <> ? GROUP BY draft.number ORDER BY draft.number
    """
_NEWEST = """
    SELECT id, folder, max(version.number) FROM version JOIN draft ON draft.number = version.draft
    GROUP BY version.draft
    """
_SIGNED = "SELECT id, document_uid FROM draft WHERE status = 'signed' ORDER BY number"
_ENTRIES = """
    SELECT revision, at, by, event, status, record, decisions FROM entry
    WHERE draft = (SELECT number FROM draft WHERE id = ?) ORDER BY revision
    """

_DECIDED = "SELECT by, decisions FROM entry WHERE draft = ? ORDER BY revision DESC"

# The last entry of each who changed a draft, before another one did.
_RUNS = """
    SELECT * FROM (
        SELECT revision, at, by, event, status, record, decisions,
            lead(by) OVER (ORDER BY revision) AS next_by
        FROM entry WHERE draft = (SELECT number FROM draft WHERE id = ?)
            AND event IN ('add', 'change', 'amend'))
    WHERE next_by IS NOT by ORDER BY revision
    """


@dataclass(frozen=True, slots=True)
class Places:
    """Paths as they are kept, and as they are: those below the folder go with it."""

    folder: Path

    def kept(self, path: str | Path) -> str:
        """A path as it is kept."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 (links stay)
        for each in (path, path.resolve()):
            if each.is_relative_to(self.folder):
                return each.relative_to(self.folder).as_posix()
        return str(path)

    def found(self, kept: str) -> Path:
        """Where a path that was kept leads now."""
        return self.folder / kept


@dataclass(frozen=True, slots=True)
class Content:
    """A record as it is kept: its text, and what stands for it."""

    text: str
    digest: str

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Content:
        """The content of plain values. Raises RecordRefused for more than a record may hold."""
        text = canonical_json(record, "record")
        return cls(text, hashlib.sha256(text.encode("ascii")).hexdigest())

    def keep(self, connection: sqlite3.Connection) -> None:
        """Put it down, where it is not there yet."""
        query = "INSERT INTO record VALUES (?, ?) ON CONFLICT DO NOTHING"
        connection.execute(query, (self.digest, self.text))


def storable(text: str) -> str:
    """A text that can be kept: half of a surrogate pair has no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def read_draft(connection: sqlite3.Connection, places: Places, draft_id: str) -> Draft | None:
    """The draft of an id, whole; None where there is none."""
    row = connection.execute("SELECT * FROM draft WHERE id = ?", (draft_id,)).fetchone()
    if row is None:
        return None
    number = row["number"]
    named = (str(places.found(each["path"])) for each in connection.execute(_PRIORS, (number,)))
    signed = _read_signed_before(connection, places, row["patient_id"], row["study_instance_uid"])
    versions = connection.execute(
        "SELECT folder FROM version WHERE draft = ? ORDER BY number", (number,)
    )
    return Draft(
        draft_id=row["id"],
        revision=row["revision"],
        status=Status(row["status"]),
        record=_record(connection, row["record"]),
        record_digest=row["record"],
        original=_record(connection, row["original"]),
        choosers=_choosers(connection, number, json.loads(row["decisions"])),
        images=tuple(str(file.path) for file in read_image_files(connection, places, draft_id)),
        images_digest=row["images_digest"],
        priors=tuple(dict.fromkeys((*named, *signed))),
        made_from=tuple(json.loads(row["made_from"])),
        account=json.loads(row["account"]),
        sent=read_sent(connection, draft_id),
        versions=tuple(str(places.found(each["folder"])) for each in versions),
        **_plain(row, "follows", "hold_reason", "opened_by", "signed_by", "signing_by"),
        signing_folder=str(places.found(row["signing_folder"])) if row["signing_by"] else "",
        **_plain(row, "study_instance_uid", "study_date", "patient_name", "patient_id"),
        **_plain(row, "document_uid", "assume_charset", "override_charset"),
        made_at=_time(row["made_at"]),
        changed_at=_time(row["changed_at"]),
    )


def _choosers(
    connection: sqlite3.Connection, number: int, kept: dict[str, str] | list[str]
) -> dict[str, str]:
    """Who made each decision; a store of an earlier hosr tells by its history who had it first."""
    if isinstance(kept, dict):
        return kept
    choosers = dict.fromkeys(kept, "")
    left = set(kept)
    for by, text in connection.execute(_DECIDED, (number,)) if kept else ():
        left &= set(json.loads(text))
        choosers |= dict.fromkeys(left, by)
    return choosers


def read_image_files(
    connection: sqlite3.Connection, places: Places, draft_id: str
) -> tuple[ImageFile, ...]:
    """The files of the images of a draft as they were when it was begun, ordered by path."""
    found = connection.execute(
        "SELECT path, size_bytes, changed_ns, sha256 FROM image"
        " WHERE draft = (SELECT number FROM draft WHERE id = ?) ORDER BY path",
        (draft_id,),
    )
    return tuple(ImageFile(**{**dict(row), "path": places.found(row["path"])}) for row in found)


def read_listed(connection: sqlite3.Connection, statuses: Iterable[Status]) -> list[Listed]:
    """The drafts of these statuses, oldest first, without their records."""
    return _read_listed(connection, _BY_STATUS, json.dumps([*statuses]))


def read_study(connection: sqlite3.Connection, study_instance_uid: str) -> list[Listed]:
    """The drafts of a study, oldest first, without their records."""
    return _read_listed(connection, _BY_STUDY, study_instance_uid)


def read_patient(connection: sqlite3.Connection, patient_id: str) -> list[Listed]:
    """The drafts filed under a patient ID, oldest first; none where it is none to know a patient by."""
    return [] if is_no_id(patient_id) else _read_listed(connection, _BY_PATIENT, patient_id)


def _read_listed(connection: sqlite3.Connection, query: str, asked: str) -> list[Listed]:
    cursor = connection.cursor()
    cursor.row_factory = None  # a worklist of thousands is read more often than anything else
    return [_listed(*row) for row in cursor.execute(query, (asked,))]


def _read_signed_before(
    connection: sqlite3.Connection, places: Places, patient_id: str, study_instance_uid: str
) -> Iterator[str]:
    """The newest versions of what is signed of a patient by now, of other studies; oldest draft first.

    None where the images have no patient ID to know the patient by.
    """
    if not is_no_id(patient_id):
        for row in connection.execute(_SIGNED_BEFORE, (patient_id, study_instance_uid)).fetchall():
            yield str(places.found(row["folder"]))


def read_newest_versions(
    connection: sqlite3.Connection, places: Places
) -> Iterator[tuple[str, Path]]:
    """The id of each signed draft, with the folder of its newest version."""
    for row in connection.execute(_NEWEST).fetchall():
        yield row["id"], places.found(row["folder"])


def read_signed_documents(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """The id of each signed draft, with the UID of its newest document."""
    cursor = connection.cursor()
    cursor.row_factory = None  # thousands are asked for while the desk is at work
    return cursor.execute(_SIGNED).fetchall()


def read_entries(
    connection: sqlite3.Connection, draft_id: str, *, last_of_each: bool = False
) -> tuple[Entry, ...]:
    """The history of a draft, oldest first; or the last entry of each who changed it in turn."""
    found = connection.execute(_RUNS if last_of_each else _ENTRIES, (draft_id,)).fetchall()
    return tuple(
        Entry(
            draft_id=draft_id,
            revision=row["revision"],
            at=_time(row["at"]),
            by=row["by"],
            event=Event(row["event"]),
            status=Status(row["status"]),
            record=_record(connection, row["record"]),
            record_digest=row["record"],
            decisions=tuple(json.loads(row["decisions"])),
        )
        for row in found
    )


def _listed(*row: Any) -> Listed:
    """A row of the worklist, of the columns in the order in which they are asked for."""
    draft_id, revision, status, reasons, is_algorithm, made_at, changed_at, *rest = row
    *grades, followed_by = rest[:5]
    right, left = (Side.RIGHT, grades[:2]), (Side.LEFT, grades[2:])
    return Listed(
        draft_id=draft_id,
        revision=revision,
        status=Status(status),
        reasons=tuple(map(Reason, reasons.split())),
        is_algorithm=bool(is_algorithm),
        hips=tuple(
            ListedHip(side=side, brooker=brooker, della_valle=della_valle)
            for side, (brooker, della_valle) in (right, left)
            if brooker is not None
        ),
        followed_by=followed_by or "",
        made_at=_time(made_at),
        changed_at=_time(changed_at),
        **dict(zip(_PLAIN, rest[5:], strict=True)),
    )


def _plain(row: sqlite3.Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _time(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _record(connection: sqlite3.Connection, digest: str) -> dict[str, Any]:
    row = connection.execute("SELECT text FROM record WHERE digest = ?", (digest,)).fetchone()
    record: dict[str, Any] = json.loads(row["text"])
    return record
