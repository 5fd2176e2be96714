"""Rows without identity: made-up names for subjects, studies and persons, and no dates or UIDs.

What is left of time are days: since the first study of the subject, and since the index event.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hosr.cohort.columns import COLUMNS, Row
from hosr.cohort.rows import in_order
from hosr.errors import Fault, UsageError

# Stands for the words that a reader gave as a reason.
WITHHELD = "withheld"

_MIN_KEY_BYTES = 16
_MAX_KEY_BYTES = 64 << 10
# 16 characters of base 32 are 80 bits: no two of a cohort will meet, and none can be guessed back.
_CODE_CHARACTERS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Pseudonyms:
    """The made-up names of a cohort: of subjects, of (subject, study), and of persons who graded."""

    subjects: Mapping[str, str] = field(repr=False)
    studies: Mapping[tuple[str, str], str] = field(repr=False)
    persons: Mapping[str, str] = field(repr=False)


def make_pseudonyms(rows: Sequence[Row], key: bytes | None = None) -> Pseudonyms:
    """A pseudonym for each subject, study and person of the rows; models keep their names.

    With a key a pseudonym is a code of its own (HMAC-SHA256, RFC 2104): the same patient has the
    same in every cohort of that key. Without one, subjects and persons are numbered in the order
    of such codes under a key that follows from the whole content of the rows, which nobody has who
    does not have the rows; the numbers hold for this table alone.
    """
    secret = key if key is not None else _content_key(rows)
    name = _numbered if key is None else _coded
    subjects = name("S", 4, (row["subject_id"] for row in rows), secret)
    return Pseudonyms(
        subjects=subjects,
        studies=_name_studies(rows, subjects, secret, coded=key is not None),
        persons=name("R", 2, (r["reader_id"] for r in rows if _is_person(r)), secret),
    )


def _is_person(row: Row) -> bool:
    return bool(row["reader_type"] == "person")


def pseudonymise(rows: Sequence[Row], names: Pseudonyms) -> tuple[Row, ...]:
    """The rows under these names, in the order of them, without dates, UIDs and readers' words."""
    hidden = {column.name: None for column in COLUMNS if column.identifies}
    return in_order(
        {
            **row,
            **hidden,
            "subject_id": names.subjects[row["subject_id"]],
            "study_id": names.studies[row["subject_id"], row["study_id"]],
            "reason": row["reason"] and WITHHELD,
            "reader_id": names.persons[row["reader_id"]] if _is_person(row) else row["reader_id"],
        }
        for row in rows
    )


def _content_key(rows: Iterable[Row]) -> bytes:
    lines = sorted(json.dumps(row, sort_keys=True, ensure_ascii=True) for row in rows)
    return hashlib.sha256("\n".join(lines).encode("ascii")).digest()


def _digest(secret: bytes, kind: str, identity: str) -> bytes:
    # As JSON, so that no two pairs are the same text.
    return hmac.digest(secret, json.dumps([kind, identity]).encode("ascii"), "sha256")


def _code(secret: bytes, kind: str, identity: str) -> str:
    text = base64.b32encode(_digest(secret, kind, identity)).decode("ascii")
    return f"{kind}{text[:_CODE_CHARACTERS]}"


def _coded(kind: str, _digits: int, identities: Iterable[str], secret: bytes) -> dict[str, str]:
    return {identity: _code(secret, kind, identity) for identity in identities}


def _numbered(kind: str, digits: int, identities: Iterable[str], secret: bytes) -> dict[str, str]:
    ordered = sorted(set(identities), key=lambda identity: _digest(secret, kind, identity))
    width = max(digits, len(str(len(ordered))))
    return {each: f"{kind}{number:0{width}}" for number, each in enumerate(ordered, start=1)}


def _name_studies(
    rows: Sequence[Row], subjects: dict[str, str], secret: bytes, *, coded: bool
) -> dict[tuple[str, str], str]:
    """The studies of each subject, by number in order of time; by code under a key."""
    days = {(row["subject_id"], row["study_id"]): row["study_day"] for row in rows}
    if coded:
        return {study: _code(secret, "E", study[1]) for study in days}

    def when(study: tuple[str, str]) -> tuple[str, bool, int, bytes]:
        day = days[study]
        return study[0], day is None, day or 0, _digest(secret, "E", study[1])

    names: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}
    for study in sorted(days, key=when):
        counts[study[0]] = counts.get(study[0], 0) + 1
        names[study] = f"{subjects[study[0]]}-{counts[study[0]]}"
    return names


def read_key(path: Path) -> bytes:
    """The key that a file holds, without line ends behind it.

    Raises UsageError where others may read the file, or where it is shorter than 16 bytes.
    """
    # Without waiting for a writer, should the path be a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            _require_private(path, os.fstat(file.fileno()))
            key = file.read(_MAX_KEY_BYTES + 1).rstrip(b"\r\n")
    except OSError as error:
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        raise _refusal(path, problem, "check the path and the right to read it") from None
    if not _MIN_KEY_BYTES <= len(key) <= _MAX_KEY_BYTES:
        short = len(key) < _MIN_KEY_BYTES
        problem = f"is {'shorter than 16 bytes' if short else 'larger than 64 KiB'}"
        remedy = "make one with `openssl rand -hex 32`"
        raise _refusal(path, problem, remedy)
    return key


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(path, "is not a file", "name the file that holds the key")
    if sys.platform != "win32" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.S_IMODE(status.st_mode)
        problem = f"may be read or changed by others (its mode is {mode:04o})"
        raise _refusal(path, problem, f"run `chmod 600 {path}`, and make a new key")


def _refusal(path: Path, problem: str, remedy: str) -> UsageError:
    return UsageError(Fault(str(path), problem, remedy))
