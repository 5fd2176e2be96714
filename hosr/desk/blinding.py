"""Reading blind: what a model found is kept from view until the reader's own reading is there.

Shown of the record is what the clinic knows: whose study, which view, why it was made. The reader's own
reading is there once it could be signed. Then the model's is shown, and the audit notes which revision was
read blind; both stay in the history of the draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.desk.audit import AuditEvent, read_events
from hosr.desk.authorship import is_by_person, observer_of
from hosr.drafts import Event, Status
from hosr.errors import UnknownDraft

if TYPE_CHECKING:
    from hosr.desk.judge import Judge
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Drafts, Entry, Listed

Json = dict[str, Any]

_KNOWN_BEFORE = ("schema_version", "study", "context", "view", "overrides")


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

    Which revision was the reader's own, made before they saw the model's, says the audit.
    """
    unblinded = {
        line["draft"]: line["after"]
        for line in read_events(audit)
        if line.get("event") == AuditEvent.UNBLINDED
    }
    for draft_id, etag in unblinded.items():
        try:
            entries = drafts.history(draft_id)
        except UnknownDraft:
            continue
        own = next((entry for entry in entries if entry.etag == etag), None)
        if own is not None:
            yield {"id": f"{draft_id}-model", "record": entries[0].record}
            yield {"id": f"{draft_id}-reader", "record": own.record}


@dataclass(slots=True, kw_only=True)
class Blinding:
    """Which drafts of a desk are read blind; of one that was shown once nothing is hidden again."""

    is_on: bool
    drafts: Drafts
    judge: Judge
    _revealed: set[str] = field(default_factory=set)
    _looked_at: dict[str, int] = field(default_factory=dict)

    def hides(self, draft: Draft) -> bool:
        """Whether the model's findings are kept from view: nobody has read the draft to the end yet."""
        if not self.is_on or draft.draft_id in self._revealed:
            return False
        is_over = draft.status is Status.SIGNED or not is_to_be_blind(draft)
        if is_over or self._has_reading(draft):
            self._revealed.add(draft.draft_id)
            return False
        return True

    def hides_row(self, listed: Listed) -> bool:
        """The same of a row of the worklist, as far as it is known without its record."""
        is_open = listed.is_algorithm and listed.status is not Status.SIGNED
        return self.is_on and is_open and listed.draft_id not in self._revealed

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
