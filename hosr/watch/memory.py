"""What the watch has seen, in watch.sqlite: arrivals, and drafts that are begun.

What a draft is made of is put down before it is added to the drafts, and struck off after: whatever is
killed between, the same draft is added once more, which gives the one that is there. Records stand in
the file, so that only this user may read it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hosr import sqlite
from hosr.archive.values import Entered
from hosr.image_index.seen import SeenImages

FILE_NAME = "watch.sqlite"

# When the archives are asked again for images of a study that has a draft: first, and how long at most.
_FIRST_ASK_S, _LAST_ASK_S, _FAILED_ASK_S = 60.0, 86_400.0, 300.0

_ASKED = """
        CREATE TABLE asked (
            study TEXT PRIMARY KEY,
            first_at REAL NOT NULL,           -- its newest draft
            due_at REAL NOT NULL              -- when the archives are asked for later images
        )
        """

_FORM = sqlite.Form(
    name="watch",
    application_id=0x686F7377,  # "hosw"
    schema=(
        # A name is bytes: it may be of no encoding.
        """
        CREATE TABLE arrival (
            name BLOB PRIMARY KEY,
            mark TEXT NOT NULL,               -- what tells this file from a later one of its name
            first_at REAL NOT NULL,
            tries INTEGER NOT NULL,           -- begun, and not ended in an orderly way
            is_told INTEGER NOT NULL          -- that it waits for too long
        )
        """,
        """
        CREATE TABLE study (
            uid TEXT PRIMARY KEY,
            first_at REAL NOT NULL,           -- when the first image of it was sent here
            is_told INTEGER NOT NULL          -- that no result came for too long
        )
        """,
        """
        CREATE TABLE made (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            result TEXT NOT NULL,             -- the digest of the result
            study TEXT NOT NULL,
            name TEXT NOT NULL,
            record TEXT NOT NULL,
            account TEXT NOT NULL,
            images TEXT NOT NULL,             -- paths
            instances TEXT NOT NULL,          -- what they are
            follows TEXT NOT NULL,
            draft TEXT NOT NULL               -- empty as long as it is not added to the drafts
        )
        """,
        "CREATE INDEX made_of_study ON made (study, result)",
        "CREATE INDEX made_of_result ON made (result)",
        "CREATE INDEX made_draft ON made(draft)",
        _ASKED,
    ),
    # The images are in the index (hosr.image_index), which is made anew from the files.
    migrations=(
        (_ASKED,),
        tuple(f"DROP TABLE IF EXISTS {table}" for table in ("image", "member", "changed")),
    ),
    not_ours=("is no file of hosr watch", "name another folder of drafts"),
    kept="what is in the inbox stays there",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A result that is not worked off: since when it is there, and how often it was begun."""

    first_at: float
    tries: int = 0
    is_told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A draft that was made of a result, or is being made: `draft` is "" as long as it is not added.

    `result` is the digest of the result, `name` its file's; `instances` tell which images it has.
    """

    result: str
    study: str
    name: str
    record: dict[str, Any] = field(repr=False)
    account: dict[str, Any] = field(repr=False)
    images: tuple[str, ...]
    instances: tuple[str, ...]
    follows: str = ""
    draft: str = ""
    number: int = 0


class Memory(Entered):
    """The file, for one thread; `clock` tells the time in seconds since 1970, `images` what was seen of images.

    Raises `UsageError` for whatever SQLite says.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float]) -> None:
        path = folder / FILE_NAME
        self.clock = clock

        def make(connection: sqlite3.Connection) -> sqlite.Database:
            return sqlite.Database(path=path, name=str(path), form=_FORM, connection=connection)

        self._database = sqlite.open_durable(path, _FORM, make, sqlite.bring_to_version)
        try:
            self.images = SeenImages(folder)
        except BaseException:
            self._database.close()
            raise

    def close(self) -> None:
        """Let go of both files."""
        self.images.close()
        self._database.close()

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self._database.faults():
            return self._database.connection.execute(query, values).fetchall()

    def _change(self, statement: str, values: Sequence[object] = ()) -> int:
        with self._database.changing() as connection:
            return connection.execute(statement, values).lastrowid or 0

    def arrival(self, name: str, mark: str) -> Arrival:
        """What is known of a result, which is from now on where nothing is; another one begins anew."""
        key = os.fsencode(name)
        found = self._rows("SELECT * FROM arrival WHERE name = ? AND mark = ?", (key, mark))
        if not found:
            values = (key, mark, self.clock())
            self._change("INSERT OR REPLACE INTO arrival VALUES (?, ?, ?, 0, 0)", values)
            return Arrival(first_at=values[2])
        (row,) = found
        return Arrival(first_at=row["first_at"], tries=row["tries"], is_told=bool(row["is_told"]))

    @contextmanager
    def in_hand(self, name: str) -> Iterator[None]:
        """Put down that a result is begun with, and that this has ended in an orderly way, if it does."""
        key = (os.fsencode(name),)
        self._change("UPDATE arrival SET tries = tries + 1 WHERE name = ?", key)
        try:
            yield
        finally:
            self._change("UPDATE arrival SET tries = 0 WHERE name = ?", key)

    def tell(self, name: str) -> None:
        """Put down that it was told that a result waits."""
        self._change("UPDATE arrival SET is_told = 1 WHERE name = ?", (os.fsencode(name),))

    def keep_arrivals(self, names: Iterable[str]) -> None:
        """Forget all other arrivals: they are no longer in the inbox."""
        kept = {os.fsencode(name) for name in names}
        gone = [row["name"] for row in self._rows("SELECT name FROM arrival")]
        gone = [name for name in gone if name not in kept]
        if gone:
            with self._database.changing() as connection:
                connection.executemany(
                    "DELETE FROM arrival WHERE name = ?", [(name,) for name in gone]
                )

    def note_study(self, uid: str) -> None:
        """Put down that an image of this study was sent here."""
        self._change("INSERT OR IGNORE INTO study VALUES (?, ?, 0)", (uid, self.clock()))

    def untold_studies(self, before: float) -> list[str]:
        """The studies of which images came before this time, and no result; each is given once."""
        query = (
            "SELECT uid FROM study WHERE NOT is_told AND first_at <= ?"
            " AND uid NOT IN (SELECT study FROM made) ORDER BY first_at"
        )
        found = [row["uid"] for row in self._rows(query, (before,))]
        for uid in found:
            self._change("UPDATE study SET is_told = 1 WHERE uid = ?", (uid,))
        return found

    def put_down(self, made: Made) -> Made:
        """Put down what a draft will be made of."""
        columns = "result, study, name, record, account, images, instances, follows, draft"
        values = (
            *(made.result, made.study, made.name),
            *(json.dumps(each) for each in (made.record, made.account)),
            *(json.dumps(each) for each in (made.images, made.instances)),
            *(made.follows, made.draft),
        )
        query = f"INSERT INTO made ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 (own names)
        return replace(made, number=self._change(query, values))

    def strike_off(self, made: Made, draft: str) -> None:
        """Put down that the draft was added, and which it is."""
        now = self.clock()
        with self._database.changing() as connection:
            connection.execute("UPDATE made SET draft = ? WHERE id = ?", (draft, made.number))
            connection.execute(
                "INSERT OR REPLACE INTO asked VALUES (?, ?, ?)",
                (made.study, now, now + _FIRST_ASK_S),
            )

    def due_study(self) -> str:
        """The study of which the archives are to be asked first for later images; "" where none is due.

        A time that lies further ahead than any wait is one of a clock that was set since.
        """
        query = "SELECT study FROM asked WHERE due_at <= ? OR due_at > ? ORDER BY due_at LIMIT 1"
        now = self.clock()
        return next((row["study"] for row in self._rows(query, (now, now + _LAST_ASK_S))), "")

    def note_asked(self, study: str, *, is_newer: bool, has_failed: bool) -> None:
        """Put down that the archives were asked: they are again when the draft is twice as old."""
        now = self.clock()
        (row,) = self._rows("SELECT first_at FROM asked WHERE study = ?", (study,))
        first_at = now if is_newer else min(row["first_at"], now)
        wait_s = _FAILED_ASK_S if has_failed else max(now - first_at, _FIRST_ASK_S)
        if wait_s >= _LAST_ASK_S:
            self._change("DELETE FROM asked WHERE study = ?", (study,))
            return
        values = (first_at, now + wait_s, study)
        self._change("UPDATE asked SET first_at = ?, due_at = ? WHERE study = ?", values)

    def give_up(self, made: Made) -> None:
        """Forget a draft that was not added: what it was to be made of is gone."""
        self._change("DELETE FROM made WHERE id = ? AND draft = ''", (made.number,))

    def unfinished(self) -> list[Made]:
        """What was put down and not struck off, oldest first."""
        return [_made(row) for row in self._rows("SELECT * FROM made WHERE draft = '' ORDER BY id")]

    def made_of(self, study: str) -> list[Made]:
        """The newest draft of each result of a study, oldest first."""
        query = (
            "SELECT * FROM made WHERE id IN (SELECT max(id) FROM made"
            " WHERE study = ? AND draft <> '' GROUP BY result) ORDER BY id"
        )
        return [_made(row) for row in self._rows(query, (study,))]

    def draft_of(self, result: str) -> str:
        """The newest draft of a result; "" where it has none."""
        query = "SELECT draft FROM made WHERE result = ? AND draft <> '' ORDER BY id DESC LIMIT 1"
        return next((row["draft"] for row in self._rows(query, (result,))), "")

    def result_of(self, draft: str) -> str:
        """The result that a draft was made of; "" where it was made otherwise."""
        query = "SELECT result FROM made WHERE draft = ? ORDER BY id LIMIT 1"
        return next((row["result"] for row in self._rows(query, (draft,))), "")

    def newest_of(self, draft: str) -> str:
        """The newest draft of the result that a draft was made of, which may be that draft."""
        return self.draft_of(self.result_of(draft)) or draft

    def redrawn(self, study: str) -> frozenset[str]:
        """The results of a study that were redrawn: a draft of another one follows one of theirs."""
        query = (
            "SELECT former.result FROM made later JOIN made former ON former.draft = later.follows"
            " WHERE later.study = ? AND later.draft <> '' AND later.result <> former.result"
        )
        return frozenset(row["result"] for row in self._rows(query, (study,)))

    def is_made(self, draft: str) -> bool:
        """Whether a draft was made of any result."""
        return bool(self._rows("SELECT 1 FROM made WHERE draft = ? LIMIT 1", (draft,)))


def result_digest(study: str, labels: str, contents: Iterable[tuple[str, str]]) -> str:
    """What stands for a result: its study, the digest of its labels, and of each file the name and SHA-256.

    The name of a single file does not count: it is "".
    """
    digest = hashlib.sha256(f"{study}\n{labels}\n".encode())
    for name, content in contents:
        shown = name.encode("utf-8", "surrogateescape").hex()
        digest.update(f"{shown} {content}\n".encode())
    return digest.hexdigest()


def _made(row: sqlite3.Row) -> Made:
    return Made(
        result=row["result"],
        study=row["study"],
        name=row["name"],
        record=json.loads(row["record"]),
        account=json.loads(row["account"]),
        images=tuple(json.loads(row["images"])),
        instances=tuple(json.loads(row["instances"])),
        follows=row["follows"],
        draft=row["draft"],
        number=row["id"],
    )
