"""Signing drafts in tests: who signs when, what they saw, and which files are made."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hosr.drafts import Draft, Drafts, comparing, judge
from hosr.drafts.imagery import images_of
from hosr.drafts.signing import Amendment, Form, Seen, amend_draft, sign_draft
from hosr.status import Signature
from tests.drafts.drafting import OTHER, READER, record_of

AT = dt.datetime.fromisoformat("2026-03-02T11:20:00+01:00")
SIGNATURE = Signature(name=READER, organization="Synthetic Hospital", signed_at=AT)
LATER = Signature(
    name=OTHER, organization="Synthetic Hospital", signed_at=AT + dt.timedelta(days=1)
)
FORM = Form(outputs=("measurement", "narrative", "text"))


def seen(draft: Draft, record: dict[str, Any] | None = None) -> Seen:
    """What is on the screen of who looks at a draft, or has this record in hand."""
    judged = judge(record or draft.record, images_of(draft), compare=comparing(draft.priors))
    return Seen(etag=draft.etag, document_uid=judged.document_uid())


def signed(drafts: Drafts, draft: Draft, form: Form = FORM) -> Draft:
    """The draft, signed as it is."""
    return sign_draft(drafts, draft.draft_id, seen(draft), SIGNATURE, form)


def amended(drafts: Drafts, draft: Draft, mm: float = 6) -> Draft:
    """The signed draft, amended to another gap."""
    record = record_of(mm)
    amendment = Amendment(record=record, reason="The gap was read again.")
    return amend_draft(drafts, draft.draft_id, seen(draft, record), LATER, amendment, FORM)
