"""Drafts are kept, listed, and changed by whoever knows them as they are."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from hosr.drafts import Changed, Drafts, Event, Reason, Status
from hosr.drafts.values import ListedHip
from hosr.errors import DraftRefused, StaleDraft, UnknownDraft, UsageError
from hosr.folder import locked
from hosr.vocabulary.terms import Side
from tests.drafts.drafting import BEGUN_AT, OTHER, READER, add, changed, opened, record_of


def test_a_draft_is_kept_as_it_was_made(drafts: Drafts, film: Path) -> None:
    """Everything that it was begun with comes back, also when the store is opened anew."""
    draft = add(drafts, film, made_from=("result.json",), account={"read": ["result.json"]})
    assert (draft.revision, draft.status) == (1, Status.WAITING)
    assert draft.record == draft.original == json.loads(json.dumps(record_of()))
    assert draft.images == (str(film),)
    assert (draft.made_from, draft.account) == (("result.json",), {"read": ["result.json"]})
    assert draft.made_at == draft.changed_at == dt.datetime.fromtimestamp(BEGUN_AT, dt.UTC)
    with opened(drafts.folder) as again:
        assert again.get(draft.draft_id) == draft
    (entry,) = drafts.history(draft.draft_id)
    assert (entry.event, entry.by, entry.etag) == (Event.ADD, "", draft.etag)


def test_the_same_result_again_is_the_same_draft(drafts: Drafts, film: Path) -> None:
    """Whatever became of it, wherever its images lie, in whatever order its keys come."""
    draft = add(drafts, film)
    opened_one = drafts.open(draft.draft_id, by=READER)
    copy = film.with_name("copy.dcm")
    copy.write_bytes(film.read_bytes())
    shuffled = dict(reversed(list(record_of().items())))
    assert add(drafts, copy, shuffled) == opened_one
    assert add(drafts, film, record_of(7)).draft_id != draft.draft_id
    assert len(drafts.listed()) == 2


def test_each_event_leads_where_the_table_says(drafts: Drafts, film: Path) -> None:
    """A draft is opened, held, released and changed; each is a revision with who did it."""
    draft = add(drafts, film)
    draft = drafts.open(draft.draft_id, by=READER)
    assert drafts.open(draft.draft_id, by=OTHER) == draft  # who only looks changes nothing
    draft = drafts.hold(draft.draft_id, draft.etag, "surgeon's notes are missing", by=READER)
    assert (draft.status, draft.hold_reason) == (Status.HELD, "surgeon's notes are missing")
    with pytest.raises(DraftRefused, match="is held; release it first"):
        drafts.sign(draft.draft_id, draft.etag, "x", "1.2", by=READER)
    draft = drafts.release(draft.draft_id, draft.etag, by=OTHER)
    draft = drafts.change(draft.draft_id, draft.etag, changed(film, record_of(6)), by=OTHER)
    assert (draft.status, draft.opened_by, draft.hold_reason) == (Status.OPENED, READER, "")
    told = [(each.event, each.by, each.status) for each in drafts.history(draft.draft_id)]
    assert told == [
        (Event.ADD, "", Status.WAITING),
        (Event.OPEN, READER, Status.OPENED),
        (Event.HOLD, READER, Status.HELD),
        (Event.RELEASE, OTHER, Status.OPENED),
        (Event.CHANGE, OTHER, Status.OPENED),
    ]
    assert [each.record == record_of(6) for each in drafts.history(draft.draft_id)][-2:] == [
        False,
        True,
    ]


def test_a_change_of_what_was_not_seen_is_refused(drafts: Drafts, film: Path) -> None:
    """The second reader gets the draft as it is now, and both readings stay in the history."""
    seen = add(drafts, film)
    first = drafts.change(seen.draft_id, seen.etag, changed(film, record_of(5)), by=READER)
    with pytest.raises(StaleDraft, match="was changed since it was looked at") as caught:
        drafts.change(seen.draft_id, seen.etag, changed(film, record_of(4)), by=OTHER)
    assert caught.value.current == first
    assert drafts.get(seen.draft_id) == first


def test_what_says_the_same_changes_nothing(drafts: Drafts, film: Path) -> None:
    """An autosave without a change leaves the draft as it was."""
    draft = add(drafts, film)
    assert drafts.change(draft.draft_id, draft.etag, changed(film, record_of()), by=READER) == draft


def test_a_signed_draft_stays_as_it_was_signed(drafts: Drafts, film: Path) -> None:
    """It takes no change, hold or release; an amendment is another version of it."""
    draft = add(drafts, film)
    folder = drafts.reports(draft.draft_id) / "1"
    signed = drafts.sign(draft.draft_id, draft.etag, folder, "1.2.3", by=READER)
    assert (signed.status, signed.versions, signed.document_uid, signed.signed_by) == (
        Status.SIGNED,
        (str(folder),),
        "1.2.3",
        READER,
    )
    name, etag = signed.draft_id, signed.etag
    with pytest.raises(DraftRefused, match="is signed; amend it, with a reason"):
        drafts.change(name, etag, changed(film, record_of(5)), by=READER)
    with pytest.raises(DraftRefused, match="is signed; amend it"):
        drafts.hold(name, etag, "why not", by=READER)
    with pytest.raises(DraftRefused, match="is signed; amend it"):
        drafts.release(name, etag, by=READER)
    assert drafts.open(name, by=OTHER) == signed
    other = changed(film, record_of(5))
    amended = drafts.sign(name, etag, folder.with_name("2"), "1.2.4", by=OTHER, change=other)
    assert (amended.status, amended.document_uid, amended.record) == (
        Status.SIGNED,
        "1.2.4",
        record_of(5),
    )
    assert amended.versions == (str(folder), str(folder.with_name("2")))
    assert [each.event for each in drafts.history(name)] == [Event.ADD, Event.SIGN, Event.AMEND]


def test_nobody_changes_what_is_being_signed(drafts: Drafts, film: Path) -> None:
    """Until that is over, was given up, or its process has ended."""
    draft = add(drafts, film)
    folder = drafts.reports(draft.draft_id) / "1"
    with locked(drafts.signing_lock, os.O_RDWR | os.O_CREAT):
        begun = drafts.begin_signing(draft.draft_id, draft.etag, Event.SIGN, folder, by=READER)
        assert (begun.etag, begun.signing_by) == (draft.etag, READER)
        with pytest.raises(DraftRefused, match="is being signed"):
            drafts.change(draft.draft_id, draft.etag, changed(film, record_of(5)), by=OTHER)
        assert drafts.open(draft.draft_id, by=OTHER) == begun
        assert drafts.end_signing(draft.draft_id) == draft
        drafts.begin_signing(draft.draft_id, draft.etag, Event.SIGN, folder, by=READER)
    # Whoever was at it is gone.
    draft = drafts.change(draft.draft_id, draft.etag, changed(film, record_of(5)), by=OTHER)
    assert (draft.revision, draft.signing_by) == (2, READER)


def test_the_worklist_tells_the_most_urgent_first(drafts: Drafts, film: Path) -> None:
    """Then the oldest; what is signed comes last. Grades, reader and reasons stand in columns."""
    plain = add(drafts, film, record_of(5))
    equivocal = add(drafts, film, record_of(11))
    conflict = add(drafts, film, record_of(4, grades={"brooker": "I"}))
    later = add(drafts, film, record_of(3), follows=plain.draft_id)
    drafts.sign(conflict.draft_id, conflict.etag, "x", "1.2", by=READER)
    listed = drafts.listed()
    assert [(each.draft_id, each.reasons, each.urgency) for each in listed] == [
        (equivocal.draft_id, (Reason.EQUIVOCAL,), 4),
        (plain.draft_id, (Reason.NEWER_IMAGES,), 1),
        (later.draft_id, (), 0),
        (conflict.draft_id, (Reason.CONTRADICTION,), 5),
    ]
    row = listed[1]
    assert (row.patient_name, row.patient_id, row.view) == ("Müller^Änne", "P-4711", "ap_pelvis")
    assert (row.made_by, row.is_algorithm) == ("Grader", True)
    assert (row.followed_by, listed[2].follows) == (later.draft_id, plain.draft_id)
    assert row.hips == (ListedHip(side=Side.RIGHT, brooker="III", della_valle="C"),)
    assert [each.draft_id for each in drafts.listed(status={Status.SIGNED})] == [conflict.draft_id]


def test_what_is_not_there_is_told(drafts: Drafts, film: Path) -> None:
    """By its id; and nobody does nothing, for no reason."""
    with pytest.raises(UnknownDraft, match="draft none: is not in this folder"):
        drafts.get("none")
    with pytest.raises(UnknownDraft):
        drafts.history("none")
    with pytest.raises(UnknownDraft):
        add(drafts, film, follows="none")
    draft = add(drafts, film)
    with pytest.raises(UsageError, match="by: names nobody"):
        drafts.open(draft.draft_id, by=" ")
    with pytest.raises(UsageError, match="reason: is empty"):
        drafts.hold(draft.draft_id, draft.etag, " ", by=READER)
    assert drafts.get(draft.draft_id) == draft


def test_a_record_that_the_rules_refuse_is_kept(drafts: Drafts, film: Path) -> None:
    """A person is at work on it; what a worklist can tell of it, it tells."""
    draft = add(drafts, film)
    broken = {"observer": {"name": 7}, "hips": "none \ud800", "view": "ap_pelvis"}
    draft = drafts.change(draft.draft_id, draft.etag, changed(film, broken), by=READER)
    assert draft.record == broken
    (row,) = drafts.listed()
    assert (row.reasons, row.hips, row.made_by) == ((Reason.FAULTS,), (), "")
    back = Changed(record=record_of(), judged=changed(film, record_of()).judged)
    assert drafts.change(draft.draft_id, draft.etag, back, by=READER).record == record_of()


def test_a_clock_that_jumps_back_turns_no_order_around(tmp_path: Path, film: Path) -> None:
    """The oldest is the one that was added first, and a history stays in its order."""
    times = iter([BEGUN_AT + 9999, BEGUN_AT, BEGUN_AT - 9999, BEGUN_AT])
    with Drafts(tmp_path / "drafts", clock=lambda: next(times)) as drafts:
        first, second = add(drafts, film), add(drafts, film, record_of(5))
        first = drafts.open(first.draft_id, by=READER)
        first = drafts.hold(first.draft_id, first.etag, "why", by=READER)
        assert [each.draft_id for each in drafts.listed()] == [first.draft_id, second.draft_id]
        told = [each.event for each in drafts.history(first.draft_id)]
        assert told == [Event.ADD, Event.OPEN, Event.HOLD]
