"""Whatever two readers do to a draft, in whatever order, no change is lost and no status is passed by."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hosr.drafts import Changed, Draft, Drafts, Event, Status, judge
from hosr.drafts.states import TRANSITIONS
from hosr.errors import DraftRefused, StaleDraft
from tests.drafts.drafting import OTHER, READER, add, opened, record_of
from tests.drawn import drawn
from tests.images import write_film

JUDGED = judge(record_of(), None)


@dataclass(slots=True)
class _Expected:
    """The draft as it must be: kept beside the store, by the table of statuses alone."""

    status: Status = Status.WAITING
    count: int = 0
    revision: int = 1


class Readers(RuleBasedStateMachine):
    """Two readers, each with a store and a draft of their own as they saw it last."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.expected = _Expected()
        self.stores: dict[str, Drafts] = {}
        self.seen: dict[str, Draft] = {}

    @initialize()
    def begin(self) -> None:
        """One draft that both of them see."""
        folder = Path(self.folder.name)
        film = write_film(folder / "film.dcm")
        self.stores = {by: opened(folder / "drafts") for by in (READER, OTHER)}
        draft = add(self.stores[READER], film)
        self.seen = dict.fromkeys(self.stores, draft)

    readers = st.sampled_from((READER, OTHER))

    @rule(by=readers)
    def look(self, by: str) -> None:
        """Look at the draft anew; whoever does first has it in hand."""
        draft = self.stores[by].open(self.seen[by].draft_id, by=by)
        if self.expected.status is Status.WAITING:
            self.expected.status, self.expected.revision = Status.OPENED, self.expected.revision + 1
        self.seen[by] = draft

    @rule(by=readers, event=st.sampled_from((Event.CHANGE, Event.HOLD, Event.RELEASE, Event.SIGN)))
    def act(self, by: str, event: Event) -> None:
        """Do something to the draft as it was seen: it is done, or refused for the right reason."""
        seen, expected = self.seen[by], self.expected
        is_fresh = seen.revision == expected.revision
        after = TRANSITIONS[event].get(expected.status)
        if event is Event.SIGN and expected.status is Status.SIGNED:
            after = Status.SIGNED  # the store notes it as an amendment
        try:
            self.seen[by] = self._take(by, event, seen)
        except StaleDraft as stale:
            assert not is_fresh
            self.seen[by] = stale.current
        except DraftRefused:
            assert is_fresh
            assert after is None
        else:
            assert is_fresh
            assert after is not None
            expected.status, expected.revision = after, expected.revision + 1
            expected.count += event is Event.CHANGE

    def _take(self, by: str, event: Event, seen: Draft) -> Draft:
        store, name = self.stores[by], seen.draft_id
        if event is Event.CHANGE:
            record = record_of(comment=str(self._count(seen) + 1))
            return store.change(name, seen.etag, Changed(record=record, judged=JUDGED), by=by)
        if event is Event.HOLD:
            return store.hold(name, seen.etag, "why", by=by)
        if event is Event.RELEASE:
            return store.release(name, seen.etag, by=by)
        uid = f"1.2.{seen.revision}"
        return store.sign(name, seen.etag, store.reports(name) / uid, uid, by=by)

    @staticmethod
    def _count(draft: Draft) -> int:
        return int(draft.record["hips"][0].get("comment", "0"))

    @invariant()
    def is_as_expected(self) -> None:
        """Both stores tell the same draft, and its history is whole."""
        if not self.seen:
            return
        name = self.seen[READER].draft_id
        drafts = [store.get(name) for store in self.stores.values()]
        assert drafts[0] == drafts[1]
        (draft, _), expected = drafts, self.expected
        told = (draft.status, draft.revision, self._count(draft))
        assert told == (expected.status, expected.revision, expected.count)
        history = self.stores[OTHER].history(name)
        assert [each.revision for each in history] == [*range(1, expected.revision + 1)]
        assert (history[-1].etag, history[-1].status) == (draft.etag, draft.status)
        signed = [each for each in history if each.event in (Event.SIGN, Event.AMEND)]
        assert len(signed) == len(draft.versions)

    def teardown(self) -> None:
        """Let go of the folder."""
        for store in self.stores.values():
            store.close()
        self.folder.cleanup()


TestReaders = Readers.TestCase
TestReaders.settings = drawn(20, steps=25)
