"""Reading blind: what a model found is kept from view until the reader's own reading is there.

Shown of the record is what the clinic knows: whose study, which view, why it was made. The reader's own
reading is there once it could be signed. Then the model's is shown, and the audit notes which revision was
read blind; both stay in the history of the draft.

A study is read blind once: where another draft of it was shown whole, a reader knows what was found, and
nothing of any draft of it is hidden, or counts as read blind. So it is where a desk that is not blind has
shown a draft, which the audit notes too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.desk.audit import Audit, AuditEvent, Happened, read_events
from hosr.desk.authorship import is_by_person, observer_of
from hosr.drafts import Event, Status
from hosr.errors import UnknownDraft

if TYPE_CHECKING:
    from hosr.desk.judge import Judge
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Drafts, Entry, Listed

Json = dict[str, Any]

_KNOWN_BEFORE = ("schema_version", "study", "context", "view", "overrides")
# After these, what was found in a study has been seen.
_SEEN = (AuditEvent.SHOWN, AuditEvent.UNBLINDED, AuditEvent.SIGNED)


@dataclass(slots=True, kw_only=True)
class Blinding:
    """Which drafts are read blind at a desk, `is_on` where it is started so; what was shown says the audit."""

    is_on: bool
    drafts: Drafts
    audit: Audit
    judge: Judge
    _revealed: set[str] = field(default_factory=set)
    _looked_at: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know what was shown before the desk was started."""
        seen = (line for line in read_events(self.audit.path) if line.get("event") in _SEEN)
        self._revealed.update(str(line.get("draft")) for line in seen)

    def hides(self, draft: Draft) -> bool:
        """Whether the model's findings are kept from view: nobody has read the study to the end yet."""
        if not self.is_on or draft.draft_id in self._revealed:
            return False
        if self._is_known(draft) or self._is_study_known(draft):
            self._revealed.add(draft.draft_id)
            return False
        return True

    def hidden_of(self, rows: Iterable[Listed]) -> frozenset[str]:
        """Those of a worklist of which nothing is told, by what is known without reading their records."""
        if not self.is_on:
            return frozenset()
        listed, known = tuple(rows), set[str]()
        for each in listed:
            if each.status is Status.SIGNED or each.draft_id in self._revealed:
                known.update((each.draft_id, each.study_instance_uid))
        return frozenset(
            each.draft_id
            for each in listed
            if each.is_algorithm and not known & {each.draft_id, each.study_instance_uid or None}
        )

    def note_shown(self, draft: Draft, reader: Reader) -> None:
        """Have it noted where a desk that is not blind shows for the first time what a model found."""
        if self.is_on or draft.draft_id in self._revealed or not is_to_be_blind(draft):
            return
        self._revealed.add(draft.draft_id)
        shown = Happened(
            event=AuditEvent.SHOWN, reader=reader.key, draft=draft.draft_id, after=draft.etag
        )
        self.audit.note_done(shown)

    def _is_known(self, draft: Draft) -> bool:
        is_over = draft.status is Status.SIGNED or not is_to_be_blind(draft)
        return is_over or self._has_reading(draft)

    def _is_study_known(self, draft: Draft) -> bool:
        """Whether another draft of the study was shown whole."""
        study = draft.study_instance_uid
        others = self.drafts.of_study(study) if study else ()
        return any(
            each.draft_id in self._revealed or self._is_known(self.drafts.get(each.draft_id))
            for each in others
            if each.draft_id != draft.draft_id and each.status is not Status.WAITING
        )

    def _has_reading(self, draft: Draft) -> bool:
        """Whether a revision is the whole reading of a person."""
        looked_at = self._looked_at.get(draft.draft_id, 0)
        for entry in self.drafts.history(draft.draft_id):
            if entry.revision > looked_at and self._is_reading(draft, entry):
                return True
            self._looked_at[draft.draft_id] = entry.revision
        return False

    def _is_reading(self, draft: Draft, entry: Entry) -> bool:
        is_own = entry.event is Event.CHANGE and is_by_person(entry.record)
        return is_own and self.judge.judge(draft, entry.record, entry.decisions).may_be_signed


def blank_record(original: Json, reader: Reader, at: dt.datetime) -> Json:
    """The record of a reader who has not said anything yet."""
    hips = original.get("hips")
    sides = [hip.get("side") for hip in hips or () if isinstance(hip, dict)]
    return {
        **{key: original[key] for key in _KNOWN_BEFORE if key in original},
        "graded_at": at.replace(microsecond=0).isoformat(),
        "observer": observer_of(reader),
        "hips": [{"side": side, "evaluable": True} for side in sides],
    }


def is_to_be_blind(draft: Draft) -> bool:
    """Whether there is something in a draft that a reader should not see first: what a model found.

    Lines that nobody is said to have drawn are shown, for who drew them to say so.
    """
    return "observer" in draft.original and not is_by_person(draft.original)


def read_blind_readings(drafts: Drafts, audit: Path) -> Iterator[Json]:
    """The model's and the reader's reading of each draft that was read blind, as lines for `hosr cohort`.

    Which revision was the reader's own, made before they saw the model's, says the audit; it tells too
    where they had seen another draft of the study.
    """
    seen: set[str] = set()
    for line in read_events(audit):
        if line.get("event") not in _SEEN:
            continue
        draft_id, etag = str(line.get("draft")), line.get("after")
        try:
            draft, entries = drafts.get(draft_id), drafts.history(draft_id)
        except UnknownDraft:
            continue
        study = draft.study_instance_uid or draft_id
        is_first = study not in seen
        seen.add(study)
        own = next((entry for entry in entries if entry.etag == etag), None)
        if is_first and own is not None and line["event"] == AuditEvent.UNBLINDED:
            yield {"id": f"{draft_id}-model", "record": entries[0].record}
            yield {"id": f"{draft_id}-reader", "record": own.record}
