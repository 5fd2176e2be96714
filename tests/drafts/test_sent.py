"""What was sent of drafts before they are signed, as the store keeps it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.drafts import Draft, Drafts, Sent, database
from hosr.drafts.database import FORM, STORE
from hosr.status import Preliminaries
from hosr.study import Instance
from tests.drafts.drafting import READER, add, opened, record_of
from tests.drafts.signatures import signed


def sent_as(number: int, tracked_as: str = "one", *before: Sent) -> Sent:
    """The report of a draft by its number, in the place of others."""
    uids = (f"1.2.{number}", "1.2.840.10008.5.1.4.1.1.88.34", f"1.2.{number}.1")
    document = Instance(
        **dict(zip(("series_instance_uid", "sop_class_uid", "sop_instance_uid"), uids, strict=True))
    )
    follows = tuple(each for one in before for each in one.documents)
    return Sent(documents=(document,), tracked_as=tracked_as, follows=follows)


def _chain(drafts: Drafts, film: Path) -> list[Draft]:
    """Three drafts that follow each other, each of which was sent."""
    made: list[Draft] = []
    for number in range(1, 4):
        follows = made[-1].draft_id if made else ""
        record = record_of(4 + number)
        made.append(add(drafts, film, record, follows=follows, sent=sent_as(number)))
    return made


def test_what_is_signed_of_a_draft_replaces_what_was_sent_of_those_before(
    drafts: Drafts, film: Path
) -> None:
    """The newest first, by the name of the oldest; nothing of a draft of which nothing was sent."""
    made = _chain(drafts, film)
    documents = [each.sent[0].documents[0] for each in reversed(made)]
    assert drafts.preliminaries(made[-1].draft_id) == Preliminaries(
        documents=tuple(documents), tracked_as="one"
    )
    alone = add(drafts, film, record_of(9))
    assert drafts.preliminaries(alone.draft_id) is None


def test_what_was_sent_before_a_signed_report_is_replaced_by_that(
    drafts: Drafts, film: Path
) -> None:
    """Nor has a draft behind it the name of that report, which may be withdrawn."""
    made = _chain(drafts, film)
    signed(drafts, made[1])
    assert drafts.preliminaries(made[1].draft_id) is None
    assert drafts.preliminaries(made[2].draft_id) == Preliminaries(
        documents=made[2].sent[0].documents, tracked_as=""
    )


def test_what_was_sent_is_noted_once_and_not_of_what_is_signed(drafts: Drafts, film: Path) -> None:
    """The same result again notes the same; another form is noted too; after the signature, nothing."""
    draft = add(drafts, film, sent=sent_as(1))
    assert add(drafts, film, sent=sent_as(1)) == draft
    again = add(drafts, film, sent=sent_as(2))
    assert (again.sent, again.etag) == ((sent_as(1), sent_as(2)), draft.etag)
    done = signed(drafts, again)
    assert add(drafts, film, sent=sent_as(3)) == done


@pytest.mark.parametrize("statement", ["UPDATE sent SET tracked_as = 'x'", "DELETE FROM sent"])
def test_what_was_sent_stays(drafts: Drafts, film: Path, statement: str) -> None:
    """Whatever a program asks."""
    add(drafts, film, sent=sent_as(1))
    forbidden = pytest.raises(sqlite3.IntegrityError)
    with closing(sqlite3.connect(drafts.folder / STORE)) as connection, forbidden:
        connection.execute(statement)


def test_a_store_of_an_earlier_hosr_goes_on(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its drafts, signed and waiting, are those that they were, and what is sent from now on is noted."""
    first = replace(FORM, schema=FORM.schema[: -len(FORM.migrations[0])], migrations=())
    with monkeypatch.context() as patch:
        patch.setattr(database, "FORM", first)
        patch.setattr("hosr.drafts.rows.read_sent", lambda *_: ())
        patch.setattr("hosr.drafts.store.read_preliminaries", lambda *_: None)
        with opened(tmp_path / "drafts") as drafts:
            done = signed(drafts, add(drafts, film))
            waiting = add(drafts, film, record_of(5))
            histories = [drafts.history(each.draft_id) for each in (done, waiting)]
    with opened(tmp_path / "drafts") as drafts:
        assert [drafts.get(each.draft_id) for each in (done, waiting)] == [done, waiting]
        assert [drafts.history(each.draft_id) for each in (done, waiting)] == histories
        assert add(drafts, film, record_of(5), sent=sent_as(1)).sent == (sent_as(1),)
        change = drafts.hold(waiting.draft_id, waiting.etag, "why", by=READER)
        assert change.sent == (sent_as(1),)
    with closing(sqlite3.connect(tmp_path / "drafts" / STORE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (FORM.version,)
