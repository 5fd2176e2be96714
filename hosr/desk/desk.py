"""What the desk does with drafts, each step from what is asked to what is told; for one thread.

The check of what a reader saw and the change of the draft are one transaction of the store, so that
nothing can come between them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hosr.desk.audit import Audit, AuditEvent, Happened, changed_parts
from hosr.desk.authorship import FirstSaid, Former, attribute, correct_time, is_by_person
from hosr.desk.blinding import Blinding, blank_record
from hosr.desk.choices import choosers_of, says, shown_choices
from hosr.desk.draft_images import DraftImages
from hosr.desk.former_words import former_words
from hosr.desk.judge import Judge
from hosr.desk.reported import Told, report_json, signed_json
from hosr.desk.sentences import tell_newer, tell_unwritten
from hosr.desk.views import (
    blinded,
    dated,
    ended,
    ending_json,
    entry_json,
    listed_json,
    reader_json,
    subject_json,
    view_json,
)
from hosr.drafts import Changed, Draft, Drafts, Judged, Listed, Status
from hosr.drafts.signed import find_amended, find_endings, find_rivals, read_signed
from hosr.errors import DocumentRefused, ImagesRefused, StaleDraft

if TYPE_CHECKING:
    from hosr.desk.readers import Reader
    from hosr.language import Language
    from hosr.lifecycle.versions import Version
    from hosr.status import FormerGrade
    from hosr.templating.sources import Wording

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How the desk was started: its words, whether models are read blind, the time, what was sent.

    `clock` gives the time with its offset; `sent` the state of a report in the outbox, by its UID.
    """

    wording: Wording
    is_blind: bool = False
    clock: Callable[[], dt.datetime]
    sent: Callable[[str], str] = lambda _: ""


@dataclass(slots=True, kw_only=True)
class Desk:
    """The drafts of a folder, with their images, as readers work on them."""

    drafts: Drafts
    imagery: DraftImages
    audit: Audit
    setting: Setting
    _judge: Judge = field(init=False)
    _blinding: Blinding = field(init=False)
    _first_said: FirstSaid = field(default_factory=FirstSaid)
    _languages: dict[str, Language] = field(default_factory=dict)
    _amended: Version | None = None  # that a draft amends

    def __post_init__(self) -> None:
        self._judge = Judge(imagery=self.imagery, clock=self.setting.clock)
        self._blinding = Blinding(
            is_on=self.setting.is_blind, drafts=self.drafts, audit=self.audit, judge=self._judge
        )

    def list(self, reader: Reader) -> Json:
        """The worklist."""
        language = self.setting.wording.language
        endings = find_endings(self.drafts)
        listed = self.drafts.listed()
        if self.setting.is_blind:  # how urgent a draft is tells what was found
            listed = tuple(
                sorted(listed, key=lambda each: (each.status is Status.SIGNED, each.made_at))
            )
        hidden = self._blinding.hidden_of(listed)
        rows = [
            listed_json(
                each,
                language,
                sent=self.setting.sent(each.document_uid),
                ended=endings.get(each.draft_id, ""),
                is_blind=each.draft_id in hidden,
            )
            for each in listed
        ]
        return {
            "drafts": rows,
            "reader": reader_json(reader),
            "language": language.tag,
            "blind": self.setting.is_blind,
            "notice": self._notice(),
        }

    def _notice(self) -> str:
        """What everybody at the desk has to know; "" where there is nothing."""
        unwritten = self.audit.find_unwritten()
        return tell_unwritten(unwritten, self.setting.wording.language) if unwritten else ""

    def open(self, draft_id: str, reader: Reader) -> Json:
        """The view of a draft; a reader has it in hand from then on."""
        draft = self.drafts.get(draft_id)
        if reader.may_write and draft.status is Status.WAITING:
            self.audit.require_writable()
            before, draft = draft, self.drafts.open(draft_id, by=reader.name)
            if draft.revision != before.revision:
                self._note(AuditEvent.OPENED, reader, before.etag, draft)
        return self.view(draft, reader)

    def view(self, draft: Draft, reader: Reader) -> Json:
        """A draft as a reader sees it."""
        subject = self._subject(draft)
        runs = self.drafts.handovers(draft.draft_id)
        if self._blinding.hides(draft):
            view = self._blind_view(draft, reader)
        else:
            self._blinding.note_shown(draft, reader)
            view = self._view(draft, self._report(draft, reader), reader)
            ending = ending_json(self.drafts, draft, self.setting.wording.language)
            view = {**ended(view, ending), "words": former_words(runs, reader)}
        changed_by = runs[-1].by if runs else ""
        return {**dated(view, changed_by, self._newer(draft)), **subject}

    def _newer(self, draft: Draft) -> str:
        """That a newer draft was made of the study of one that is to be signed, say of more images."""
        listed = self.drafts.of_study(draft.study_instance_uid)
        newer = next((each.followed_by for each in listed if each.draft_id == draft.draft_id), "")
        is_open = draft.status is not Status.SIGNED
        return tell_newer(newer, self.setting.wording.language) if newer and is_open else ""

    def _subject(self, draft: Draft) -> Json:
        """The patient and the study of a draft."""
        try:
            images = self.imagery.open(draft.draft_id).source
        except ImagesRefused:
            images = None
        return subject_json(images, draft, self.setting.wording.language)

    def _view(self, draft: Draft, report: Json, reader: Reader) -> Json:
        """A draft and what was made of a record of it, for a reader."""
        language, sent = self.setting.wording.language, self.setting.sent(draft.document_uid)
        return view_json(draft, report, reader, language, sent=sent)

    def _blind_view(self, draft: Draft, reader: Reader) -> Json:
        """A draft without what the model found: the reader's own record, or an empty one of theirs."""
        record, decisions = draft.record, draft.decisions_of(reader.name)
        if record == draft.original:
            record, decisions = blank_record(draft.original, reader, self.setting.clock()), ()
        judged = self._judge.judge(draft, record, decisions)
        report = report_json(self._tell(draft, reader, judged, record, decisions))
        return blinded(self._view(draft, report, reader), record, decisions)

    def change(
        self, draft_id: str, etag: str, record: Json, decisions: tuple[str, ...], reader: Reader
    ) -> Json:
        """Keep what a reader made of a draft. Raises `StaleDraft` where it is not what they saw."""
        draft = self.drafts.get(draft_id)
        kept = self.attribute(draft, record, reader)
        choosers = choosers_of(draft, decisions, reader)
        judged, standing = self._settle(draft, kept, tuple(choosers))
        whose = {each: choosers[each] for each in standing}
        if draft.etag != etag and says(draft, kept, whose):
            return self.view(draft, reader)  # it was kept before, and the answer was lost
        self.audit.require_writable()
        was_blind = self._blinding.hides(draft)
        change = Changed(record=kept, decisions=standing, others=whose, judged=judged)
        try:
            changed = self.drafts.change(draft_id, etag, change, by=reader.name)
        except StaleDraft as stale:
            self._note(AuditEvent.REFUSED_STALE, reader, etag, stale.current)
            raise
        if changed.revision != draft.revision:
            parts = changed_parts(draft.record, kept)
            if draft.choosers != whose:
                parts = (*parts, "decisions")
            self._note(AuditEvent.CHANGED, reader, draft.etag, changed, parts)
            if was_blind and not self._blinding.hides(changed):
                self._note(AuditEvent.UNBLINDED, reader, draft.etag, changed)
        return self.view(changed, reader)

    def grade(
        self, draft_id: str, record: Json, decisions: tuple[str, ...], reader: Reader
    ) -> Json:
        """The report of a record that is not kept."""
        draft = self.drafts.get(draft_id)
        own = self.attribute(draft, record, reader)
        judged, standing = self._settle(draft, own, decisions, is_kept=False)
        return {"report": report_json(self._tell(draft, reader, judged, own, standing))}

    def attribute(self, draft: Draft, record: Json, reader: Reader) -> Json:
        """The record as it is kept. It has the time at which its reader was first shown its report.

        What is graded, kept and signed is so one document, however long it takes to sign it.
        """
        now = self.setting.clock()
        at = self._first_said.note(draft.draft_id, reader, record, now)
        hips = self._judge.hips_of_original(draft)
        former = Former(original=draft.original, stored=draft.record, hips=hips)
        return correct_time(attribute(record, former, reader, at), reader, now)

    def kept(
        self, draft_id: str, record: Json, decisions: tuple[str, ...], reader: Reader
    ) -> tuple[Json, tuple[str, ...]]:
        """A record on the screen and its decisions as they would be kept."""
        draft = self.drafts.get(draft_id)
        own = self.attribute(draft, record, reader)
        return own, self._settle(draft, own, decisions)[1]

    def hold(self, draft_id: str, etag: str, reason: str, reader: Reader) -> Json:
        """Put a draft back, for a reason."""
        self.audit.require_writable()
        held = self.drafts.hold(draft_id, etag, reason, by=reader.name)
        self._note(AuditEvent.HELD, reader, etag, held)
        return self.view(held, reader)

    def release(self, draft_id: str, etag: str, reader: Reader) -> Json:
        """Take a draft in hand again that was put back."""
        self.audit.require_writable()
        released = self.drafts.release(draft_id, etag, by=reader.name)
        self._note(AuditEvent.RELEASED, reader, etag, released)
        return self.view(released, reader)

    def history(self, draft_id: str) -> Json:
        """Every revision of a draft; of one that is read blind those of persons alone."""
        entries = self.drafts.history(draft_id)
        if self._blinding.hides(self.drafts.get(draft_id)):
            entries = tuple(entry for entry in entries if is_by_person(entry.record))
        return {"entries": [entry_json(entry) for entry in entries]}

    def _report(self, draft: Draft, reader: Reader) -> Json:
        record, decisions = draft.record, draft.decisions_of(reader.name)
        judged = self._judge.judge(draft, record, decisions, former=self._former(draft, record))
        told = self._tell(draft, reader, judged, record, decisions)
        if draft.status is not Status.SIGNED:
            return report_json(told)
        return signed_json(read_signed(draft).report, draft.document_uid, told)

    def _tell(
        self,
        draft: Draft,
        reader: Reader,
        judged: Judged,
        record: Json,
        decisions: tuple[str, ...],
    ) -> Told:
        sides = {graded.hip.side for graded in judged.hips}
        rivals = () if draft.versions else find_rivals(self.drafts, draft, sides)
        amended = self._find_amended(draft, rivals)
        return Told(
            record=record,
            decisions=decisions,
            others=shown_choices(draft, decisions, judged, reader),
            judged=judged,
            reader=reader,
            wording=self.setting.wording,
            at=self.setting.clock(),
            signed_in=self._signed_in(amended or draft),
            rivals=tuple(each for each in rivals if not _is_of(each, amended)),
            amended=amended,
            replaced=None if amended is None else self._read_amended(amended).report,
        )

    def _find_amended(self, draft: Draft, rivals: Sequence[Listed]) -> Draft | None:
        """The signed draft that one amends; None where its report is not what was signed any more."""
        amended = find_amended(self.drafts, draft, rivals)
        try:
            self._signed_in(amended or draft)
            if amended is not None:
                self._read_amended(amended)
        except DocumentRefused:
            return None
        return amended

    def _read_amended(self, draft: Draft) -> Version:
        """What was signed of a draft that is amended; the last one is kept, for it is asked at each change."""
        version = self._amended
        if version is None or version.documents[0].sop_instance_uid != draft.document_uid:
            version = self._amended = read_signed(draft)
        return version

    def _settle(
        self, draft: Draft, record: Json, decisions: tuple[str, ...], *, is_kept: bool = True
    ) -> tuple[Judged, tuple[str, ...]]:
        """What hosr says of a record, with those decisions that stand."""
        former = self._former(draft, record)
        return self._judge.settle(draft, record, decisions, former=former, is_kept=is_kept)

    def _former(self, draft: Draft, record: Json) -> tuple[FormerGrade, ...]:
        """What another one had graded; of a draft that is read blind nothing is told."""
        is_hidden = self._blinding.hides(draft)
        return () if is_hidden else self._judge.find_former(draft, record)

    def _signed_in(self, draft: Draft) -> Wording | None:
        """The words of what was signed, which an amendment keeps; None for a draft."""
        if not draft.versions:
            return None
        if draft.document_uid not in self._languages:
            self._languages[draft.document_uid] = read_signed(draft).language
        return replace(self.setting.wording, language=self._languages[draft.document_uid])

    def _note(
        self,
        event: AuditEvent,
        reader: Reader,
        before: str,
        draft: Draft,
        parts: tuple[str, ...] = (),
    ) -> None:
        self.audit.note_done(
            Happened(
                event=event,
                reader=reader.key,
                draft=draft.draft_id,
                before=before,
                after=draft.etag,
                parts=parts,
            )
        )


def _is_of(listed: Listed, draft: Draft | None) -> bool:
    return draft is not None and listed.draft_id == draft.draft_id
