"""What was seen of every file that was looked into, in images.sqlite: whose images it holds, and of when.

Patient IDs stand in it, so that only this user may read it. It is made anew from the files where it is
lost: nothing else is known of them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hosr import sqlite
from hosr.archive.values import Entered
from hosr.errors import Fault
from hosr.image_index.headers import ImageHeader
from hosr.intake.images.values import label, size_and_time
from hosr.phrases import phrase
from hosr.study import is_no_id

FILE_NAME = "images.sqlite"

# It holds nothing that the files do not: where it is damaged, it is begun anew.
_GIVE_UP = phrase("move it away: hosr watch makes it anew")

_FORM = sqlite.Form(
    name="images",
    application_id=0x686F7369,  # "hosi"
    schema=(
        # A path is bytes: it may be of no encoding.
        """
        CREATE TABLE file (
            path BLOB PRIMARY KEY,
            size INTEGER NOT NULL,
            changed_ns INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE image (                  -- a file by itself, or one of many in a ZIP archive
            path BLOB NOT NULL,
            study TEXT NOT NULL,
            instance TEXT NOT NULL,
            patient_id TEXT NOT NULL,
            study_date TEXT NOT NULL,
            may_show_hip INTEGER NOT NULL
        )
        """,
        "CREATE INDEX image_of_study ON image (study)",
        "CREATE INDEX image_of_path ON image (path)",
        "CREATE INDEX image_of_patient ON image (patient_id)",
        # Studies of which images have come that no draft was compared with yet.
        "CREATE TABLE changed (study TEXT PRIMARY KEY)",
    ),
    not_ours=(phrase("is no index of images of hosr watch"), _GIVE_UP),
    faults={sqlite3.SQLITE_CORRUPT: (phrase("is damaged"), _GIVE_UP)},
    kept=phrase("the images themselves are not touched"),
)

_LOOK = phrase("look again once hosr watch has looked through its folders")

_OF_PATIENT = """
    SELECT study, study_date, instance, path, size, changed_ns FROM image JOIN file USING (path)
    WHERE patient_id = ? AND study <> ? AND may_show_hip ORDER BY study_date DESC, study, path
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file as it was looked into, and the images in it."""

    path: Path
    size: int
    changed_ns: int
    images: tuple[ImageHeader, ...] = field(default=(), repr=False)

    @property
    def status(self) -> tuple[int, int]:
        """Its size and time of change, by which it is known to be the same."""
        return self.size, self.changed_ns

    @property
    def studies(self) -> frozenset[str]:
        """The studies of which it holds images."""
        return frozenset(image.study for image in self.images)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledStudy:
    """A study that was seen: its date as a header has it, and the files of it, each image in one of them."""

    study_instance_uid: str
    study_date: str
    files: tuple[Seen, ...]


class SeenImages(Entered):
    """The file, for one thread. Raises `UsageError` for whatever SQLite says."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE_NAME

        def make(connection: sqlite3.Connection) -> sqlite.Database:
            return sqlite.Database(path=path, name=str(path), form=_FORM, connection=connection)

        self._database = sqlite.open_durable(path, _FORM, make, sqlite.bring_to_version)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self._database.faults():
            return self._database.connection.execute(query, values).fetchall()

    def files(self) -> list[Seen]:
        """Every file that was looked into, without what is in it."""
        return [_seen(row) for row in self._rows("SELECT * FROM file ORDER BY path")]

    def images_of(self, study: str) -> list[tuple[Path, str]]:
        """The images of a study: where they lie, and which they are."""
        query = "SELECT path, instance FROM image WHERE study = ? ORDER BY path"
        rows = self._rows(query, (study,))
        return [(Path(os.fsdecode(row["path"])), row["instance"]) for row in rows]

    def studies_of(self, patient_id: str, other_than: str) -> tuple[FiledStudy, ...]:
        """The studies filed under a patient ID whose images may show a hip, the newest first.

        An image that lies in several places is taken from the first of them. An ID alone is no patient:
        whose images they are say their headers, read whole.
        """
        if is_no_id(patient_id):
            return ()
        dates: dict[str, str] = {}
        files: dict[str, dict[Path, Seen]] = {}
        known: set[tuple[str, str]] = set()
        for row in self._rows(_OF_PATIENT, (patient_id, other_than)):
            study, seen = row["study"], _seen(row)
            if (study, row["instance"]) in known and seen.path not in files[study]:
                continue
            known.add((study, row["instance"]))
            dates.setdefault(study, row["study_date"])
            files.setdefault(study, {})[seen.path] = seen
        return tuple(
            FiledStudy(
                study_instance_uid=study, study_date=dates[study], files=tuple(each.values())
            )
            for study, each in files.items()
        )

    def renew(self, seen: Iterable[Seen], gone: Iterable[Path]) -> None:
        """Put down files that are new or changed, and forget those that are gone."""
        seen = list(seen)
        rows = [(os.fsencode(each.path), *each.status) for each in seen]
        images = [
            (
                *(os.fsencode(each.path), image.study, image.instance),
                *(image.patient_id, image.study_date, image.may_show_hip),
            )
            for each in seen
            for image in each.images
        ]
        studies = {(study,) for each in seen for study in each.studies}
        lost = [(os.fsencode(path),) for path in gone]
        if rows or lost:
            with self._database.changing() as connection:
                former = [*lost, *((row[0],) for row in rows)]
                connection.executemany("DELETE FROM image WHERE path = ?", former)
                connection.executemany("DELETE FROM file WHERE path = ?", lost)
                connection.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", rows)
                connection.executemany("INSERT INTO image VALUES (?, ?, ?, ?, ?, ?)", images)
                connection.executemany("INSERT OR IGNORE INTO changed VALUES (?)", studies)

    def changed_studies(self) -> list[str]:
        """The studies of which images have come or changed since they were last looked at."""
        return [row["study"] for row in self._rows("SELECT study FROM changed ORDER BY study")]

    def note_compared(self, study: str) -> None:
        """Put down that the images of a study were looked at."""
        with self._database.changing() as connection:
            connection.execute("DELETE FROM changed WHERE study = ?", (study,))


def find_changed_files(files: Iterable[Seen]) -> Iterator[Fault]:
    """Every file that is gone, or another one than was looked into."""
    for each in files:
        try:
            is_same = size_and_time(each.path.stat()) == each.status
        except OSError:
            yield Fault(label(each.path.name), phrase("is no longer there"), _LOOK)
            continue
        if not is_same:
            problem = phrase("was changed since hosr watch looked at it")
            yield Fault(label(each.path.name), problem, _LOOK)


def _seen(row: sqlite3.Row) -> Seen:
    path = Path(os.fsdecode(row["path"]))
    return Seen(path=path, size=row["size"], changed_ns=row["changed_ns"])
