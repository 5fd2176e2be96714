"""What was signed on its way to who is to have it: put into the outbox, sent in the background.

Every signed version is looked for in the outbox when the desk starts and after each signature, and put in
where it is not there: what was signed just before the machine lost power is sent when the desk starts again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.drafts.signed import read_signed
from hosr.errors import HosrError, place_of
from hosr.lifecycle.succession import find_withdrawal
from hosr.logs import logger
from hosr.outbox import ARCHIVED, NEEDS_A_PERSON, Limits, Outbox, deliver
from hosr.outbox.message_folders import read_folders

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.archive.values import Archive
    from hosr.drafts import Drafts
    from hosr.outbox.delivery import Listen

_LOG = logger(__name__)

# How long after a failure of the outbox itself it is tried again, how often it is looked at what waits
# there, and how often for what was signed by another desk on the same folder.
_AGAIN_S = 30.0
_LOOK_S = 1.0
_ELSEWHERE_S = 15.0


@dataclass(slots=True, kw_only=True)
class Delivery:
    """The way of signed reports to one destination.

    `open_outbox` opens the outbox for the thread that calls it; the others are those of
    `hosr.outbox.deliver`.
    """

    destination: Destination
    open_outbox: Callable[[], Outbox]
    open_archive: Callable[[Destination], Archive]
    listen: Listen | None = None
    _states: dict[str, str] = field(default_factory=dict)
    _wake: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)

    def state_of(self, document_uid: str) -> str:
        """How far a version is, by its measurement report: `archived`, `held`, `sending` or ""."""
        return self._states.get(document_uid, "")

    def wake(self) -> None:
        """Something was signed."""
        self._wake.set()

    @contextmanager
    def running(self, drafts: Drafts) -> Iterator[None]:
        """Send in the background meanwhile; what is being sent at the end is sent to its end."""
        threads = [
            threading.Thread(target=self._again, args=(work,), daemon=True, name="hosr-desk-send")
            for work in (self._deliver, lambda: self._keep_up(drafts))
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._wake.set()
            for thread in threads:
                thread.join()

    def _again(self, work: Callable[[], None]) -> None:
        """Do it until the desk ends, whatever happens to the outbox meanwhile."""
        while not self._stop.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001 (a failure is told, and tried again)
                _LOG.error("sending failed, %s", place_of(error))
            self._stop.wait(_AGAIN_S if not self._stop.is_set() else 0)

    def _deliver(self) -> None:
        limits = Limits(destination_names={self.destination.name}, watch=True, stop=self._stop)
        with self.open_outbox() as outbox:
            deliver(outbox, self._find, self.open_archive, listen=self.listen, limits=limits)

    def _find(self, name: str) -> Destination:
        del name  # nothing else is delivered here
        return self.destination

    def _keep_up(self, drafts: Drafts) -> None:
        """Put in what is signed and not in the outbox yet, and see how all of it stands."""
        waiting: dict[str, tuple[str, ...]] = {}
        seen: set[str] = set()
        listed_at = -math.inf
        with drafts.another() as own, self.open_outbox() as outbox:
            while not self._stop.is_set():
                if self._wake.is_set() or time.monotonic() - listed_at >= _ELSEWHERE_S:
                    self._wake.clear()
                    listed_at = time.monotonic()
                    for draft_id, uid in own.signed_documents():
                        if uid not in seen and not self._stop.is_set():
                            seen.add(uid)
                            waiting |= self._take_up(outbox, own, draft_id, uid)
                for uid, keys in list(waiting.items()):
                    self._states[uid] = self._look(outbox, keys)
                    if self._states[uid] == "archived":
                        del waiting[uid]
                self._wake.wait(_LOOK_S)

    def _take_up(
        self, outbox: Outbox, drafts: Drafts, draft_id: str, uid: str
    ) -> dict[str, tuple[str, ...]]:
        """What is to be watched of a document: nothing of one whose report is archived already."""
        name = self.destination.name
        known = outbox.entries(keys=[uid], destination_name=name)
        if known:
            report = outbox.entries(report=known[0].report, destination_name=name)
            if all(entry.state in ARCHIVED for entry in report):
                self._states[uid] = "archived"
                return {}
        return {uid: self._put_in(outbox, drafts, draft_id)}

    def _put_in(self, outbox: Outbox, drafts: Drafts, draft_id: str) -> tuple[str, ...]:
        """Put the objects of a version in, once; their keys, none where they cannot be sent."""
        name, address = self.destination.name, str(self.destination.address)
        try:
            draft = drafts.get(draft_id)
            folder = Path(draft.versions[-1])
            if find_withdrawal(folder) is not None:
                return ()
            read_signed(draft)  # and nothing else that may lie there now
            reports = read_folders([folder], self.destination)
            keys = [file.key for report in reports for file in report.files]
            there = {entry.key for entry in outbox.entries(keys=keys, destination_name=name)}
            for report in reports:
                if not {file.key for file in report.files} <= there:
                    outbox.enqueue(report.files, name, report.report, address=address)
        except HosrError as error:
            _LOG.error("a signed report cannot be sent, %s", place_of(error))
            return ()
        return tuple(keys)

    def _look(self, outbox: Outbox, keys: tuple[str, ...]) -> str:
        """How all objects of a report stand together."""
        entries = outbox.entries(keys=keys, destination_name=self.destination.name)
        if not entries or any(entry.state in NEEDS_A_PERSON for entry in entries):
            return "held"
        return "archived" if all(entry.state in ARCHIVED for entry in entries) else "sending"
