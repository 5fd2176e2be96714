"""Putting objects in, and what people do with them."""

from __future__ import annotations

import re
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.errors import Reason, UsageError
from hosr.outbox import Item, State
from hosr.outbox.claims import WorkerMark, claim_to_send
from tests.outbox.scripted import (
    HERE,
    Clock,
    Script,
    failure,
    item,
    items,
    open_outbox,
    run,
    states,
)


def test_what_was_put_in_is_there_byte_for_byte(tmp_path: Path) -> None:
    """Entries come in the order of the items, and after reopening the bytes are the same."""
    with open_outbox(tmp_path) as outbox:
        added = outbox.enqueue(items(3), "pacs", "report", address=HERE)
        assert [entry.key for entry in added] == ["2.25.1", "2.25.2", "2.25.3"]
        assert states(added) == [State.QUEUED] * 3
    with open_outbox(tmp_path) as outbox:
        assert outbox.entries() == added
        assert [outbox.read(entry) for entry in added] == [one.data for one in items(3)]


def test_only_this_user_may_read_it(tmp_path: Path) -> None:
    """New folders are 0700; the file, its log and its locks are 0600, an older file too."""
    place = tmp_path / "new" / "deeper"
    with open_outbox(place) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()}
        assert set(files) >= {"outbox.sqlite", "outbox.sqlite-wal"}
        assert set(files.values()) == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    (place / "outbox.sqlite").chmod(0o644)
    with open_outbox(place):
        assert stat.S_IMODE((place / "outbox.sqlite").stat().st_mode) == 0o600


def test_commits_are_flushed(tmp_path: Path) -> None:
    """The log is a write-ahead log, flushed with every commit; what is deleted is overwritten."""
    with open_outbox(tmp_path) as outbox:
        values = {
            name: outbox.database.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
    }


def test_the_same_bytes_again_are_the_same_entry(tmp_path: Path) -> None:
    """Within one call and in a later one; to another destination it is another entry."""
    with open_outbox(tmp_path) as outbox:
        first, again = outbox.enqueue([item(), item()], "pacs", "report", address=HERE)
        assert first == again
        assert outbox.enqueue([item()], "pacs", "report", address=HERE) == (first,)
        (other,) = outbox.enqueue([item()], "second", "report", address=HERE)
        assert [entry.id for entry in outbox.entries()] == [first.id, other.id]


@pytest.mark.parametrize("together", [True, False])
def test_other_bytes_under_a_known_uid_are_refused(together: bool, tmp_path: Path) -> None:
    """And with them all that was to be put in by the same call."""
    with open_outbox(tmp_path) as outbox:
        if not together:
            outbox.enqueue([item(1)], "pacs", "report", address=HERE)
        before = outbox.entries()
        first = [item(1)] if together else []
        with pytest.raises(UsageError, match=r"has the UID of another object .*\(2\.25\.1\)"):
            outbox.enqueue([item(2), *first, item(1, "other")], "pacs", "report", address=HERE)
        assert outbox.entries() == before


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (replace(item(), data=b"", name="a.dcm"), "a.dcm: is empty"),
        (item(-1), "-1.dcm: has a UID that is not valid"),
    ],
)
def test_what_cannot_be_an_object_is_refused(broken: Item, problem: str, tmp_path: Path) -> None:
    """No bytes or no valid UID: nothing of the call is put in."""
    with open_outbox(tmp_path) as outbox:
        with pytest.raises(UsageError, match=f"^{re.escape(problem)}$"):
            outbox.enqueue([item(), broken], "pacs", "report", address=HERE)
        assert outbox.entries() == ()


def test_entries_are_chosen_by_all_that_is_given(tmp_path: Path) -> None:
    """By UID, state, destination and report."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item(1), item(2)], "pacs", "first", address=HERE)
        outbox.enqueue([item(2), item(3)], "second", "other", address=HERE)
        outbox.drop(["2.25.3"], "why")

        def chosen(**given: object) -> list[tuple[str, str]]:
            found = outbox.entries(**given)  # type: ignore[arg-type]
            return [(entry.destination, entry.key[5:]) for entry in found]

        assert chosen(keys=["2.25.2"]) == [("pacs", "2"), ("second", "2")]
        assert chosen(destination_name="second") == [("second", "2"), ("second", "3")]
        assert chosen(report="first") == [("pacs", "1"), ("pacs", "2")]
        assert chosen(states=[State.DROPPED]) == [("second", "3")]
        assert chosen(keys=["2.25.2"], destination_name="pacs") == [("pacs", "2")]


def test_nothing_of_a_patient_is_outside_the_payload(tmp_path: Path) -> None:
    """Once the bytes are gone, no name of a patient is in the file."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item(patient="SECRET^NAME")], "pacs", "report", address=HERE)
        assert b"SECRET" in b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert states(run(outbox, script)) == [State.VERIFIED]
    assert b"SECRET" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_an_archived_object_is_not_put_in_again(tmp_path: Path) -> None:
    """The archive is asked whether it has it yet; nothing is sent."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (archived,) = run(outbox, script)
        (again,) = outbox.enqueue([item()], "pacs", "later", address=HERE)
        assert (again.id, again.report) == (archived.id, "report")
        assert states(run(outbox, script)) == [State.VERIFIED]
        assert script.stores == ["2.25.1"]


@pytest.mark.parametrize("reason", [Reason.CONFIGURATION, Reason.DATA])
@pytest.mark.parametrize("by", ["retry", "enqueue"])
def test_what_a_person_mended_goes_on(reason: Reason, by: str, tmp_path: Path) -> None:
    """HOLD and DEAD are queued anew by `retry` and by the same report, and start afresh."""
    script = Script(on_store=[failure(reason)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (held,) = run(outbox, script)
        assert held.state in (State.HOLD, State.DEAD)
        assert outbox.read(held) == item().data
        again = (
            outbox.retry()
            if by == "retry"
            else outbox.enqueue([item()], "pacs", "report", address=HERE)
        )
        assert [(e.state, e.tries, e.reason, e.words) for e in again] == [
            (State.QUEUED, 0, None, "")
        ]
        assert states(run(outbox, script)) == [State.VERIFIED]


def test_retry_ends_a_wait(tmp_path: Path) -> None:
    """What waits for its next try is due at once."""
    script = Script(on_store=[failure(Reason.BUSY, retry_after_s=900)])
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (waiting,) = run(outbox, script)
        assert waiting.next_at - clock.now >= 900
        (due,) = outbox.retry(["2.25.1"])
        assert due.next_at == clock.now
        assert states(run(outbox, script)) == [State.VERIFIED]


def test_what_was_given_up_is_not_sent(tmp_path: Path) -> None:
    """Its bytes go, the reason stays; the same report brings it back."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (dropped,) = outbox.drop(["2.25.1"], " wrong patient ")
        assert (dropped.state, dropped.words) == (State.DROPPED, "wrong patient")
        assert outbox.read(dropped) is None
        assert run(outbox, script) == (dropped,)
        assert script.stores == []
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(run(outbox, script)) == [State.VERIFIED]


def test_giving_up_wants_a_reason(tmp_path: Path) -> None:
    """Without one nothing is given up."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        with pytest.raises(UsageError, match=r"^why: is empty; say why"):
            outbox.drop(["2.25.1"], "  ")
        assert states(outbox.entries()) == [State.QUEUED]


def test_what_is_being_sent_is_not_given_up(tmp_path: Path) -> None:
    """While a worker has it nobody knows whether it arrived; once the worker is gone it can be."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        mark = WorkerMark(outbox.path, outbox.database.random)
        claim_to_send(outbox.database, "pacs", mark.worker(1), 1)
        with pytest.raises(UsageError, match=r"^2\.25\.1: cannot be given up: it is sending$"):
            outbox.drop(["2.25.1"], "why")
        mark.remove()
        assert states(outbox.drop(["2.25.1"], "why")) == [State.DROPPED]


@pytest.mark.parametrize("do", ["retry", "drop"])
def test_an_archived_object_is_left_alone(do: str, tmp_path: Path) -> None:
    """It can be neither retried nor given up, and unknown UIDs are named; then nothing changes."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item(1)], "pacs", "report", address=HERE)
        run(outbox, Script())
        outbox.enqueue([item(2)], "pacs", "report", address=HERE)
        before = outbox.entries()
        call: Callable[[list[str]], object] = (
            outbox.retry if do == "retry" else lambda uids: outbox.drop(uids, "why")
        )
        cannot = "tried again" if do == "retry" else "given up"
        with pytest.raises(UsageError) as caught:
            call(["2.25.1", "2.25.2", "2.25.9"])
        assert [(fault.path, fault.problem) for fault in caught.value.faults] == [
            ("2.25.9", "is not in the outbox"),
            ("2.25.1", f"cannot be {cannot}: it is verified"),
        ]
        assert outbox.entries() == before


def test_retrying_all_leaves_a_conflict(tmp_path: Path) -> None:
    """It could overwrite what the archive has; by its UID it is refused with words."""
    script = Script(kept={"2.25.1": item(text="other").data})
    script.on_store = [failure(Reason.DUPLICATE)]
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(run(outbox, script)) == [State.CONFLICT]
        assert outbox.retry() == ()
        with pytest.raises(UsageError, match="cannot be tried again: it is conflict"):
            outbox.retry(["2.25.1"])
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(outbox.entries()) == [State.CONFLICT]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payload SET data = x'00'",
        "DELETE FROM payload",
        "DELETE FROM entry",
        "UPDATE entry SET sha256 = ''",
        "UPDATE entry SET key = '1.2'",
        "UPDATE entry SET state = 'committed'",
        "UPDATE entry SET state = 'verified'",
        "UPDATE entry SET state = 'accepted'",
        "UPDATE entry SET state = 'lost'",
        "UPDATE entry SET worker = 'somebody'",
    ],
)
def test_the_file_itself_forbids_what_must_not_happen(statement: str, tmp_path: Path) -> None:
    """Bytes are not altered or deleted before their time, and nothing is archived unproven."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        with pytest.raises(sqlite3.IntegrityError):
            outbox.database.connection.execute(statement)
        (entry,) = outbox.entries()
        assert outbox.read(entry) == item().data


def test_the_history_tells_every_step(tmp_path: Path) -> None:
    """Oldest first, with what the archive said."""
    script = Script(on_store=[failure(Reason.BUSY, status="HTTP 503")])
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        run(outbox, script)
        clock.go(10)
        (entry,) = run(outbox, script)
        told = [(c.before, c.event, c.after, c.status) for c in outbox.history(entry)]
    assert told == [
        ("queued", "claim", "sending", ""),
        ("sending", "fail", "queued", "HTTP 503"),
        ("queued", "claim", "sending", "HTTP 503"),
        ("sending", "store", "stored", "0000"),
        ("stored", "prove", "proving", "0000"),
        ("proving", "verify", "verified", "0000"),
    ]


def test_room_is_given_back(tmp_path: Path) -> None:
    """A file that held large objects is small when they are archived."""
    large = [item(n, "x" * 60_000) for n in range(1, 21)]
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(large, "pacs", "report", address=HERE)
        run(outbox, Script())
    assert (tmp_path / "outbox.sqlite").stat().st_size < 300_000
