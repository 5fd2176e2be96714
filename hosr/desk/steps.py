"""Signing at the desk: one report at a time, in a thread of its own, what was seen and nothing else."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from hosr.archive.values import Entered
from hosr.desk.access import Refused
from hosr.desk.audit import Audit, AuditEvent, Happened
from hosr.drafts.pending import settle
from hosr.drafts.signed import find_signed_before
from hosr.drafts.signing import Amendment, Amends, Form, Seen, amend_draft, sign_draft
from hosr.status import Signature

if TYPE_CHECKING:
    from hosr.desk.delivery import Delivery
    from hosr.desk.readers import Reader
    from hosr.drafts import Draft, Drafts

Json = dict[str, Any]

_A_SECOND = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What signing needs: the drafts, in which form files are made, the time, where it is noted and sent."""

    drafts: Drafts
    form: Form
    clock: Callable[[], dt.datetime]
    audit: Audit
    delivery: Delivery | None = None


class Steps(Entered):
    """What makes another version of a report."""

    def __init__(self, means: Means) -> None:
        """Take back what was begun to be signed by a desk that is gone."""
        self._means = means
        self._thread = ThreadPoolExecutor(1, "hosr-desk-sign")
        self._is_busy = False
        settle(means.drafts)

    def close(self) -> None:
        """Wait for what is being signed."""
        self._thread.shutdown()

    async def sign(
        self, draft_id: str, seen: Seen, reader: Reader, amends: Amends | None = None
    ) -> None:
        """Sign the draft that was seen, or as the amendment of the report that it was drawn over."""
        form = self._means.form
        take = partial(sign_draft, draft_id=draft_id, seen=seen, form=form, amends=amends)
        event = AuditEvent.SIGNED if amends is None else AuditEvent.AMENDED
        await self._take(event, take, seen, reader, follows=draft_id if amends else "")

    async def amend(self, draft_id: str, seen: Seen, amendment: Amendment, reader: Reader) -> None:
        """Sign anew what was signed, with another record."""
        take = partial(
            amend_draft, draft_id=draft_id, seen=seen, amendment=amendment, form=self._means.form
        )
        await self._take(AuditEvent.AMENDED, take, seen, reader, follows=draft_id)

    async def _take(
        self,
        event: AuditEvent,
        take: Callable[..., Draft],
        seen: Seen,
        reader: Reader,
        follows: str = "",
    ) -> None:
        if self._is_busy:  # looked at and taken without waiting in between
            raise Refused(409, "signing")
        self._is_busy = True
        try:
            loop = asyncio.get_running_loop()
            if follows:
                await loop.run_in_executor(self._thread, self._await_next_second, follows)
            work = partial(self._sign, event, take, seen, reader)
            await asyncio.shield(loop.run_in_executor(self._thread, work))
        finally:
            self._is_busy = False

    def _await_next_second(self, draft_id: str) -> None:
        """Times of signatures are told to the second, and a later version is known by a later one."""
        with self._means.drafts.another() as drafts:
            draft = drafts.get(draft_id)
            signed = draft if draft.versions else find_signed_before(drafts, draft)
        if signed is not None and self._means.clock() - signed.changed_at < _A_SECOND:
            time.sleep(_A_SECOND.total_seconds())

    def _sign(
        self, event: AuditEvent, take: Callable[..., Draft], seen: Seen, reader: Reader
    ) -> None:
        means = self._means
        means.audit.require_writable()
        signature = Signature(
            name=reader.name,
            organization=reader.organization,
            identifier=reader.identifier,
            signed_at=means.clock().replace(microsecond=0),
        )
        with means.drafts.another() as drafts:
            draft = take(drafts, signature=signature)
        if means.delivery is not None:
            means.delivery.wake()
        means.audit.note_done(
            Happened(
                event=event,
                reader=reader.key,
                draft=draft.draft_id,
                before=seen.etag,
                after=draft.etag,
            )
        )
