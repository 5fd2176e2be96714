"""The drafts of a folder: added, listed, and changed by whoever knows them as they are.

Every change names the draft as it was seen by its ETag. It is made where the draft is still that, in
one transaction with its entry in the history, and refused else: of two who change the same draft
one is told of the other, whichever processes they are. What was returned is on the disk.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from hosr.archive.values import Entered
from hosr.drafts import rows
from hosr.drafts.columns import begun_columns, insert_draft, insert_files, judged_columns
from hosr.drafts.database import open_database
from hosr.drafts.imagery import ImageFile, digest_of, find_changed_images, take_images
from hosr.drafts.judgement import Judged
from hosr.drafts.rows import Content, Places, storable
from hosr.drafts.sent import note_sent, read_preliminaries
from hosr.drafts.states import Event, Status, next_status
from hosr.drafts.values import Changed, Draft, Entry, Listed, NewDraft
from hosr.errors import DraftRefused, Fault, StaleDraft, UnknownDraft, UsageError
from hosr.folder import is_locked
from hosr.identity import fingerprint
from hosr.logs import logger
from hosr.phrases import phrase
from hosr.sqlite import BUSY_S, Database
from hosr.status import Preliminaries

_LOG = logger(__name__)

REPORTS = "reports"
_ID_CHARACTERS = 16
_LONGEST_REASON = 500


class Drafts(Entered):
    """The drafts of a folder. For one thread; `another` for the next one."""

    def __init__(self, folder: Path, *, clock: Callable[[], float], busy_s: float = BUSY_S) -> None:
        """Open the drafts of a folder, or begin them; UsageError where that cannot be."""
        folder = Path(folder).resolve()
        self._database: Database = open_database(folder, busy_s=busy_s)
        self._places = Places(folder)
        self._clock = clock
        self._busy_s = busy_s

    def close(self) -> None:
        """Let go of the store."""
        self._database.close()

    def another(self) -> Drafts:
        """The same drafts opened once more, for another thread."""
        return Drafts(self.folder, clock=self._clock, busy_s=self._busy_s)

    @property
    def folder(self) -> Path:
        """The folder that holds all of them, absolute."""
        return self._places.folder

    @property
    def received(self) -> Path:
        """Where images lie that were received for them."""
        return self.folder / "received"

    @property
    def signing_lock(self) -> Path:
        """The file on which whoever signs holds a lock."""
        return self.folder / "signing.lock"

    def reports(self, draft_id: str) -> Path:
        """Where what was signed of a draft lies."""
        return self.folder / REPORTS / draft_id

    def add(self, new: NewDraft, judged: Judged) -> Draft:
        """Begin a draft; the same record on the same images again is the draft that is there.

        What is about to be sent of it is noted with it, unless it is signed: then no more is to be.
        It is compared with its `priors`, and with what is signed here of other studies of the patient,
        whenever that is signed.

        Raises
        ------
        ImagesRefused
            Where an image cannot be read.
        RecordRefused
            For more than a record may hold.
        UnknownDraft
            Where there is no draft that it could follow.
        UsageError
            Where it cannot be written.
        """
        files, content = take_images(new.images), Content.of(new.record)
        parts = (judged.summary.study_instance_uid, content.digest, digest_of(files))
        draft_id = fingerprint(parts)[:_ID_CHARACTERS]
        with self._database.changing():
            there = rows.read_draft(self._database.connection, self._places, draft_id)
            if there is None:
                if new.follows:
                    self._read(new.follows)
                self._insert(draft_id, new, content, files, judged)
                _LOG.info("draft %s: added", draft_id)
            elif there.status is Status.SIGNED or self._is_being_signed(there):
                return there  # nothing of it is sent any more
            if new.sent is not None:
                note_sent(self._database.connection, draft_id, new.sent)
            return self._read(draft_id)

    def get(self, draft_id: str) -> Draft:
        """The draft of an id, whole. Raises UnknownDraft."""
        with self._database.faults():
            return self._read(draft_id)

    def preliminaries(self, draft_id: str) -> Preliminaries | None:
        """What a report of a draft takes the place of, of all that was sent (`read_preliminaries`)."""
        with self._database.faults():
            return read_preliminaries(self._database.connection, draft_id)

    def image_files(self, draft_id: str) -> tuple[ImageFile, ...]:
        """The files of its images as they were when it was begun."""
        with self._database.faults():
            return rows.read_image_files(self._database.connection, self._places, draft_id)

    def find_again(self, draft_id: str, paths: Iterable[str]) -> bool:
        """Look for the images of a draft at these paths from now on, where they are no longer where they were.

        Whether they are there, the same by their content: else nothing is changed. The draft stays the same
        revision. Raises as `add`.
        """
        if not find_changed_images(self.image_files(draft_id)):
            return False
        files = take_images(paths)
        with self._database.changing() as connection:
            draft = self._read(draft_id)
            if digest_of(files) != draft.images_digest:
                return False
            query = "SELECT number FROM draft WHERE id = ?"
            number = connection.execute(query, (draft_id,)).fetchone()["number"]
            connection.execute("DELETE FROM image WHERE draft = ?", (number,))
            insert_files(connection, self._places, number, files)
        _LOG.info("draft %s: its images lie elsewhere now", draft_id)
        return True

    def listed(self, *, status: Collection[Status] | None = None) -> tuple[Listed, ...]:
        """The drafts of these statuses, or all, as a worklist tells them: read without their records.

        The most urgent first, then the oldest; what is signed comes last.
        """
        with self._database.faults():
            found = rows.read_listed(
                self._database.connection, Status if status is None else status
            )
        return tuple(sorted(found, key=lambda each: (each.status is Status.SIGNED, -each.urgency)))

    def of_study(self, study_instance_uid: str) -> tuple[Listed, ...]:
        """The drafts of a study, oldest first."""
        with self._database.faults():
            return tuple(rows.read_study(self._database.connection, study_instance_uid))

    def of_patient(self, patient_id: str) -> tuple[Listed, ...]:
        """The drafts filed under a patient ID, oldest first. An ID alone is no patient."""
        with self._database.faults():
            return tuple(rows.read_patient(self._database.connection, patient_id))

    def newest_versions(self) -> tuple[tuple[str, Path], ...]:
        """The id of each signed draft, with the folder of its newest version."""
        with self._database.faults():
            return tuple(rows.read_newest_versions(self._database.connection, self._places))

    def signed_documents(self) -> list[tuple[str, str]]:
        """The id of each signed draft, with the UID of its newest document, oldest draft first."""
        with self._database.faults():
            return rows.read_signed_documents(self._database.connection)

    def history(self, draft_id: str) -> tuple[Entry, ...]:
        """Every revision of a draft, oldest first, each with its whole record. Raises UnknownDraft."""
        with self._database.faults():
            self._read(draft_id)
            return rows.read_entries(self._database.connection, draft_id)

    def handovers(self, draft_id: str) -> tuple[Entry, ...]:
        """The revisions after which another one changed the draft, and the newest, oldest first."""
        with self._database.faults():
            return rows.read_entries(self._database.connection, draft_id, last_of_each=True)

    def open(self, draft_id: str, *, by: str) -> Draft:
        """Take a draft in hand that nobody had yet; any other is just looked at. Raises UnknownDraft."""
        with self._database.changing():
            draft = self._read(draft_id)
            if draft.status is not Status.WAITING or self._is_being_signed(draft):
                return draft
            return self._move(draft, Event.OPEN, by)

    def change(self, draft_id: str, etag: str, change: Changed, *, by: str) -> Draft:
        """Have the draft say something else; who opens nothing before that has opened it.

        What says the same changes nothing.

        Raises
        ------
        StaleDraft
            Where the draft is not any more what was seen; it carries the draft as it is now.
        DraftRefused
            Where it is signed, or being signed.
        RecordRefused
            For more than a record may hold.
        UnknownDraft, UsageError
            Where there is none, or it cannot be written.
        """
        content = Content.of(change.record)
        with self._database.changing():
            draft = self._seen(draft_id, etag)
            next_status(Event.CHANGE, draft.status, draft_id)
            if (content.digest, _choosers(change, by)) == (draft.record_digest, draft.choosers):
                return draft
            return self._move(draft, Event.CHANGE, by, **self._changed(content, change, by))

    def hold(self, draft_id: str, etag: str, reason: str, *, by: str) -> Draft:
        """Put the draft back, for a reason. Raises as `change`, and UsageError without a reason."""
        if not reason.strip() or len(reason) > _LONGEST_REASON:
            remedy = phrase("say why in at most {number} characters", number=_LONGEST_REASON)
            raise UsageError(Fault("reason", phrase("is empty or too long"), remedy))
        with self._database.changing():
            draft = self._seen(draft_id, etag)
            return self._move(draft, Event.HOLD, by, hold_reason=storable(reason.strip()))

    def release(self, draft_id: str, etag: str, *, by: str) -> Draft:
        """Take a draft that was held in hand again. Raises as `change`."""
        with self._database.changing():
            return self._move(self._seen(draft_id, etag), Event.RELEASE, by)

    def begin_signing(
        self, draft_id: str, etag: str, event: Event, folder: Path, *, by: str
    ) -> Draft:
        """Let nobody change the draft while a version of it is being made in a folder.

        That is so as long as the caller holds the `signing_lock`. The draft stays the same revision.
        Raises as `change`.
        """
        with self._database.changing():
            draft = self._seen(draft_id, etag)
            next_status(event, draft.status, draft_id)
            told = {"signing_by": _name(by), "signing_folder": self._places.kept(folder)}
            self._update(draft, told)
            return self._read(draft_id)

    def end_signing(self, draft_id: str) -> Draft:
        """Let the draft be changed again, of which nothing was signed."""
        with self._database.changing():
            self._update(self._read(draft_id), {"signing_by": "", "signing_folder": ""})
            return self._read(draft_id)

    def signing(self) -> tuple[str, ...]:
        """The drafts that are being signed, oldest first."""
        query = "SELECT id FROM draft WHERE signing_by <> '' ORDER BY number"
        with self._database.faults():
            return tuple(row["id"] for row in self._database.connection.execute(query))

    def sign(
        self,
        draft_id: str,
        etag: str,
        folder: Path | str,
        document_uid: str,
        *,
        by: str,
        change: Changed | None = None,
    ) -> Draft:
        """Note the version that was signed, or that amends what was, and where it lies.

        `change` is what an amended version says. Raises as `change`.
        """
        content = None if change is None else Content.of(change.record)
        with self._database.changing() as connection:
            draft = self._seen(draft_id, etag, is_signing=True)
            event = Event.AMEND if draft.status is Status.SIGNED else Event.SIGN
            told = {} if change is None or content is None else self._changed(content, change, by)
            connection.execute(
                "INSERT INTO version SELECT number, ?, ?, ? FROM draft WHERE id = ?",
                (len(draft.versions) + 1, self._places.kept(folder), document_uid, draft_id),
            )
            told |= {"document_uid": document_uid, "signed_by": _name(by)}
            told |= {"signing_by": "", "signing_folder": ""}
            return self._move(draft, event, by, **told)

    def _read(self, draft_id: str) -> Draft:
        draft = rows.read_draft(self._database.connection, self._places, draft_id)
        if draft is None:
            problem, remedy = phrase("is not in this folder"), phrase("look at the worklist again")
            raise UnknownDraft(Fault(f"draft {storable(draft_id)[:64]}", problem, remedy))
        return draft

    def _seen(self, draft_id: str, etag: str, *, is_signing: bool = False) -> Draft:
        """The draft, if it is what was seen, and nobody is signing it."""
        draft = self._read(draft_id)
        if draft.etag != etag:
            problem = phrase("was changed since it was looked at")
            remedy = phrase("compare both, and say what holds")
            raise StaleDraft(Fault(f"draft {draft_id}", problem, remedy), current=draft)
        if self._is_being_signed(draft) and not is_signing:
            problem, remedy = phrase("is being signed"), phrase("look at it again in a moment")
            raise DraftRefused(Fault(f"draft {draft_id}", problem, remedy))
        return draft

    def _is_being_signed(self, draft: Draft) -> bool:
        """Whether somebody is at it now; what a process that is gone began stands in nobody's way."""
        return bool(draft.signing_by) and is_locked(self.signing_lock)

    def _changed(self, content: Content, change: Changed, by: str) -> dict[str, Any]:
        content.keep(self._database.connection)
        return {
            **judged_columns(change.judged),
            "record": content.digest,
            "decisions": json.dumps(_choosers(change, by)),
        }

    def _move(self, draft: Draft, event: Event, by: str, **told: Any) -> Draft:
        """Make one step: the draft after it, and an entry in its history."""
        status = next_status(event, draft.status, draft.draft_id)
        told |= {"status": status, "revision": draft.revision + 1, "changed_at": self._clock()}
        if status is not Status.HELD:
            told["hold_reason"] = ""
        if not draft.opened_by and status is Status.OPENED:
            told["opened_by"] = _name(by)
        self._update(draft, told)
        self._note(draft.draft_id, event, _name(by))
        _LOG.info("draft %s: %s, revision %d", draft.draft_id, event, draft.revision + 1)
        return self._read(draft.draft_id)

    def _update(self, draft: Draft, told: dict[str, Any]) -> None:
        """Change columns of the draft, where it is still of this revision."""
        names = ", ".join(f"{name} = ?" for name in told)
        query = f"UPDATE draft SET {names} WHERE id = ? AND revision = ?"  # noqa: S608 (own names)
        values = (*told.values(), draft.draft_id, draft.revision)
        if self._database.connection.execute(query, values).rowcount != 1:
            problem = phrase("was changed by another process")
            raise StaleDraft(
                Fault(f"draft {draft.draft_id}", problem), current=self._read(draft.draft_id)
            )

    def _note(self, draft_id: str, event: Event, by: str) -> None:
        self._database.connection.execute(
            "INSERT INTO entry SELECT number, revision, changed_at, ?, ?, status, record, decisions"
            " FROM draft WHERE id = ?",
            (by, event, draft_id),
        )

    def _insert(
        self,
        draft_id: str,
        new: NewDraft,
        content: Content,
        files: tuple[ImageFile, ...],
        judged: Judged,
    ) -> None:
        connection = self._database.connection
        content.keep(connection)
        begun = begun_columns(new, content, judged, self._clock())
        images = {"id": draft_id, "images_digest": digest_of(files)}
        number = insert_draft(connection, begun | images)
        insert_files(connection, self._places, number, files, new.priors)
        self._note(draft_id, Event.ADD, "")


def _choosers(change: Changed, by: str) -> dict[str, str]:
    """Whose each decision is, as it is kept."""
    return {each: change.others.get(each) or _name(by) for each in change.decisions}


def _name(by: str) -> str:
    """Who does it, as it is kept; UsageError where that is nobody."""
    if not by.strip():
        raise UsageError(Fault("by", phrase("names nobody"), phrase("say who does it")))
    return storable(by.strip())
