"""Values as the columns of a draft: what is put down when it begins, and when it says something else."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from hosr.drafts.imagery import ImageFile
from hosr.drafts.rows import Content, Places, storable
from hosr.drafts.states import Status
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from hosr.drafts.judgement import Judged
    from hosr.drafts.values import NewDraft

_EMPTY = ("hold_reason", "opened_by", "signed_by", "signing_by", "signing_folder", "document_uid")


def begun_columns(new: NewDraft, content: Content, judged: Judged, at: float) -> dict[str, Any]:
    """What is put down of a draft that begins, but for its id and what is in its images."""
    return {
        **_subject_columns(judged),
        **judged_columns(judged),
        **dict.fromkeys(_EMPTY, ""),
        "revision": 1,
        "status": Status.WAITING,
        "record": content.digest,
        "original": content.digest,
        "decisions": "{}",
        "assume_charset": new.assume_charset,
        "override_charset": new.override_charset,
        "follows": new.follows,
        "made_at": at,
        "changed_at": at,
        "made_from": json.dumps(new.made_from),
        "account": json.dumps(dict(new.account)),
    }


def insert_draft(connection: sqlite3.Connection, columns: dict[str, Any]) -> int | None:
    """Put a draft down; its number."""
    marks = ", ".join("?" * len(columns))
    query = f"INSERT INTO draft ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 (own names)
    return connection.execute(query, tuple(columns.values())).lastrowid


def _subject_columns(judged: Judged) -> dict[str, Any]:
    """Whose images they are. A draft keeps its images, so nothing that a record says alters this."""
    told = judged.summary
    return {
        "patient_name": storable(told.patient_name),
        "patient_id": storable(told.patient_id),
        "study_instance_uid": storable(told.study_instance_uid),
        "study_date": storable(told.study_date),
    }


def judged_columns(judged: Judged) -> dict[str, Any]:
    """What a worklist tells of a record, as columns of the draft."""
    told = judged.summary
    hips = {hip.side.value: hip for hip in told.hips}
    return {
        "reasons": " ".join(judged.reasons),
        "view": storable(told.view),
        "made_by": storable(told.made_by),
        "is_algorithm": int(told.is_algorithm),
        **{
            f"{side}_{scale}": getattr(hips[side], scale) if side in hips else None
            for side in Side
            for scale in ("brooker", "della_valle")
        },
    }


def insert_files(
    connection: sqlite3.Connection,
    places: Places,
    number: int | None,
    files: Iterable[ImageFile],
    priors: Iterable[str] = (),
) -> None:
    """Put down what lies where that a draft, known by its number, is made of."""
    connection.executemany(
        "INSERT INTO image VALUES (?, ?, ?, ?, ?)",
        [(number, places.kept(f.path), f.size_bytes, f.changed_ns, f.sha256) for f in files],
    )
    connection.executemany(
        "INSERT INTO prior VALUES (?, ?, ?)",
        [(number, place, places.kept(path)) for place, path in enumerate(dict.fromkeys(priors))],
    )
