"""Delivery: each failure ends as its policy says, and nothing is called archived without proof."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from hosr.archive.addresses import Destination, Proof
from hosr.archive.values import Archive
from hosr.errors import ArchiveError, Fault, HosrError, Reason, UsageError
from hosr.outbox import NEEDS_A_PERSON, Entry, Limits, State, deliver
from hosr.outbox.ledger import add_tally
from hosr.outbox.states import POLICIES, TRANSITIONS
from tests.outbox.scripted import (
    HERE,
    Clock,
    Script,
    ScriptedArchive,
    destination,
    dicom_file,
    failure,
    item,
    items,
    open_outbox,
    run,
    states,
)

LOOKED_AT = {Reason.DUPLICATE, Reason.UNCONFIRMED}


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ((), State.VERIFIED),
        ((Proof.READ_BACK,), State.VERIFIED),
        ((Proof.RESPONSE,), State.ACCEPTED),
    ],
)
def test_what_is_sent_is_proven(named: tuple[Proof, ...], expected: State, tmp_path: Path) -> None:
    """The archive has exactly these bytes, once, and the state says which proof there is."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(5), "pacs", "report", address=HERE)
        entries = run(outbox, script, destination(*named, connections=2))
        assert states(entries) == [expected] * 5
        assert [outbox.read(entry) for entry in entries] == [None] * 5
    assert script.kept == {one.key: one.data for one in items(5)}
    assert sorted(script.stores) == sorted(script.kept)
    assert (script.fetches == []) == (expected is State.ACCEPTED)


@pytest.mark.parametrize("reason", [reason for reason in Reason if POLICIES[reason].tries < 700])
def test_each_failure_ends_as_its_policy_says(reason: Reason, tmp_path: Path) -> None:
    """After as many tries as the table gives it; the bytes are kept, but of what is over."""
    policy, clock = POLICIES[reason], Clock()
    script = Script(on_store=[failure(reason, status="1234") for _ in range(policy.tries)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for tries in range(1, policy.tries):
            (entry,) = run(outbox, script)
            assert (entry.state, entry.tries, entry.reason) == (State.QUEUED, tries, reason)
            assert clock.now < entry.next_at <= clock.now + 900
            clock.go(900)
        (entry,) = run(outbox, script)
        assert entry.state is TRANSITIONS[State.SENDING][policy.then]
        assert (entry.reason, entry.status) == (reason, "1234")
        assert entry.words == f"was {reason}; mend it"
        is_over = entry.state is State.SUPERSEDED
        assert outbox.read(entry) == (None if is_over else item().data)
        assert len(script.stores) == policy.tries
        clock.go(10**8)
        assert run(outbox, script) == (entry,)


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.LOST, Reason.BUSY])
def test_an_archive_that_is_away_is_tried_for_a_week(reason: Reason, tmp_path: Path) -> None:
    """The 699th failure is not the end, the 700th is."""
    clock = Clock()
    script = Script(on_store=[failure(reason), failure(reason)])
    with open_outbox(tmp_path, clock) as outbox:
        (entry,) = outbox.enqueue([item()], "pacs", "report", address=HERE)
        with outbox.database.changing():
            for _ in range(698):
                add_tally(outbox.database, entry, f"send:{reason}")
        assert states(run(outbox, script)) == [State.QUEUED]
        clock.go(900)
        assert states(run(outbox, script)) == [State.DEAD]


def test_one_kind_of_failure_does_not_use_up_the_tries_of_another(tmp_path: Path) -> None:
    """An archive that was away for days may still fail to process twice."""
    clock = Clock()
    script = Script(on_store=[failure(Reason.UNREACHABLE) for _ in range(20)])
    script.on_store += [failure(Reason.PROCESSING), failure(Reason.PROCESSING)]
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for _ in range(22):
            assert states(run(outbox, script)) == [State.QUEUED]
            clock.go(900)
        assert states(run(outbox, script)) == [State.VERIFIED]


def test_a_lost_answer_is_sent_again_with_the_same_bytes(tmp_path: Path) -> None:
    """Whether it arrived or not, the archive has it once in the end."""
    clock, script = Clock(), Script(on_store=[failure(Reason.LOST), failure(Reason.LOST)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for _ in range(3):
            entries = run(outbox, script)
            clock.go(900)
        assert states(entries) == [State.VERIFIED]
    assert script.kept == {"2.25.1": item().data}
    assert len(script.stores) == 3


@pytest.mark.parametrize(("asked_s", "least_s"), [(120.0, 120.0), (10**9, 3600.0)])
def test_the_archive_may_ask_for_a_wait(asked_s: float, least_s: float, tmp_path: Path) -> None:
    """Retry-After is kept to, up to an hour, for all that goes there."""
    clock = Clock()
    script = Script(on_store=[failure(Reason.BUSY, retry_after_s=asked_s)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(30), "pacs", "report", address=HERE)
        entries = run(outbox, script)
        assert all(entry.next_at == clock.now + least_s for entry in entries)
        assert len(script.stores) == 1
        clock.go(least_s)
        assert states(run(outbox, script)) == [State.VERIFIED] * 30


KEPT = {
    "same": item().data,
    "coerced": dicom_file("as sent", "2.25.1", patient="Set^Right"),
    "other": dicom_file("another report", "2.25.1"),
    "no DICOM": b"<html>log in</html>",
}


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("same", State.VERIFIED),
        ("coerced", State.VERIFIED),
        ("other", State.CONFLICT),
        ("no DICOM", State.CONFLICT),
    ],
)
@pytest.mark.parametrize("found", ["by the archive", "when it is fetched back"])
def test_what_the_archive_has_is_compared(
    kept: str, expected: State, found: str, tmp_path: Path
) -> None:
    """Ours is archived, something else is a conflict and is left alone; coercions are named."""
    if found == "by the archive":
        script = Script(kept={"2.25.1": KEPT[kept]}, on_store=[failure(Reason.DUPLICATE)])
    else:
        script = Script(alters=lambda _: KEPT[kept])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script)
        assert entry.state is expected
        assert ("PatientName (0010,0010)" in entry.words) is (kept == "coerced")
        assert (outbox.read(entry) is None) is (expected is State.VERIFIED)
        run(outbox, script)
    assert script.kept == {"2.25.1": KEPT[kept]}
    assert len(script.stores) == 1


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.ABSENT, State.HOLD),
        (Reason.UNSUPPORTED, State.HOLD),
        (Reason.CONFIGURATION, State.HOLD),
        (Reason.UNREACHABLE, State.QUEUED),
        (Reason.LOST, State.QUEUED),
    ],
)
def test_a_duplicate_that_cannot_be_fetched(
    reason: Reason, expected: State, tmp_path: Path
) -> None:
    """It is held, unless the archive is only away for the moment."""
    script = Script(on_store=[failure(Reason.DUPLICATE)], on_fetch=[failure(reason)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script)
    assert entry.state is expected
    assert entry.reason is (Reason.DUPLICATE if expected is State.HOLD else reason)


def test_an_answer_that_confirms_nothing_is_looked_into(tmp_path: Path) -> None:
    """Where the archive has the object after all, it is proven; else it is sent again."""
    script = Script(kept={"2.25.1": item(1).data}, on_store=[failure(Reason.UNCONFIRMED)] * 2)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
        assert states(run(outbox, script)) == [State.VERIFIED, State.QUEUED]


def test_a_receipt_for_another_object_is_none(tmp_path: Path) -> None:
    """An archive that names another UID has confirmed nothing."""
    script = Script(answer_uid="2.25.99", alters=lambda _: KEPT["other"])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script, destination(Proof.RESPONSE))
    assert entry.state is State.CONFLICT


def test_an_archive_that_gives_nothing_back_has_said_that_it_stored(tmp_path: Path) -> None:
    """Without commitment and read-back the answer is all there is, and the state says so."""
    script = Script(on_fetch=[failure(Reason.UNSUPPORTED)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script)
    assert (entry.state, entry.proofs) == (State.ACCEPTED, frozenset({Proof.RESPONSE}))
    assert entry.words == "was unsupported; mend it"


def test_a_proof_that_is_required_and_not_offered_is_held(tmp_path: Path) -> None:
    """It is stored, and a person has to see that there is no proof; the bytes are kept."""
    script = Script(on_fetch=[failure(Reason.UNSUPPORTED)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script, destination(Proof.READ_BACK))
        assert entry.state is State.HOLD
        assert entry.words.startswith("read-back is required, and is not to be had: ")
        assert outbox.read(entry) == item().data


def test_what_appears_late_is_waited_for(tmp_path: Path) -> None:
    """Some archives need a while from storing to giving back."""
    clock, script = Clock(), Script(on_fetch=[failure(Reason.ABSENT), failure(Reason.ABSENT)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for expected in (State.STORED, State.STORED, State.VERIFIED):
            assert states(run(outbox, script)) == [expected]
            clock.go(900)
    assert script.stores == ["2.25.1"]


def test_what_never_appears_is_sent_again_and_then_held(tmp_path: Path) -> None:
    """An archive that says it stored and has nothing is no archive."""
    clock, script = Clock(), Script(on_fetch=[failure(Reason.ABSENT) for _ in range(100)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for _ in range(30):
            (entry,) = run(outbox, script)
            clock.go(900)
        assert (entry.state, entry.reason) == (State.HOLD, Reason.ABSENT)
        assert outbox.read(entry) == item().data
    assert len(script.stores) == 4


@pytest.mark.parametrize("reason", [Reason.CONFIGURATION, Reason.DATA])
def test_what_is_stored_is_never_dead(reason: Reason, tmp_path: Path) -> None:
    """A proof that fails for good is a matter for a person."""
    script = Script(on_fetch=[failure(reason)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(run(outbox, script)) == [State.HOLD]


def test_warnings_are_kept(tmp_path: Path) -> None:
    """What the archive coerced or doubted stays with the entry."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, Script(warning="it changed elements"), destination(Proof.RESPONSE))
    assert (entry.state, entry.words) == (State.ACCEPTED, "it changed elements")


def test_what_one_object_meets_does_not_stop_the_others(tmp_path: Path) -> None:
    """Bad data, a refusal and a mistake of the client end one object each."""
    script = Script(on_store=[failure(Reason.DATA), failure(Reason.PROCESSING), KeyError("x")])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(5), "pacs", "report", address=HERE)
        entries = run(outbox, script)
    assert states(entries) == [State.DEAD, State.QUEUED, State.QUEUED, *[State.VERIFIED] * 2]
    assert entries[2].words == "the client of the archive failed (KeyError); please report this"


def test_a_way_that_is_closed_is_tried_once(tmp_path: Path) -> None:
    """Where the archive is away, not every object waits for a connection of its own."""
    script = Script(on_store=[failure(Reason.UNREACHABLE) for _ in range(100)])
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(50), "pacs", "report", address=HERE)
        entries = run(outbox, script)
        assert states(entries) == [State.QUEUED] * 50
        assert all(entry.next_at > clock.now for entry in entries)
    assert len(script.stores) == 1


def test_one_archive_that_is_away_does_not_hold_up_another(tmp_path: Path) -> None:
    """Each destination has its own workers."""
    away, well = Script(on_store=[failure(Reason.UNREACHABLE)]), Script()

    def open_archive(where: Destination) -> Archive:
        return ScriptedArchive(well if where.name == "well" else away)

    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "away", "report", address=HERE)
        outbox.enqueue([item()], "well", "report", address=HERE)
        deliver(outbox, lambda name: destination(name=name), open_archive)
        assert states(outbox.entries()) == [State.QUEUED, State.VERIFIED]


def test_only_the_named_destinations_are_delivered_to(tmp_path: Path) -> None:
    """The others wait for their turn."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        limits = Limits(destination_names=["second"])
        assert states(run(outbox, Script(), limits=limits)) == [State.QUEUED]


def test_a_destination_that_is_gone_is_held(tmp_path: Path) -> None:
    """With the words of the configuration, whether it was to be sent or proven."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(150), "gone", "report", address=HERE)
        entries = run(outbox, Script())
        assert states(entries) == [State.HOLD] * 150
        assert {entry.words for entry in entries} == {"gone is not configured"}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UsageError(Fault("key.pem", "is not there")), State.HOLD),
        (failure(Reason.CONFIGURATION), State.HOLD),
        (failure(Reason.UNREACHABLE), State.QUEUED),
    ],
)
def test_an_archive_that_cannot_be_opened(
    error: HosrError, expected: State, tmp_path: Path
) -> None:
    """A missing key file or address is put down with every object, and ends the run."""

    def refuse(_: Destination) -> Archive:
        raise error

    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(3), "pacs", "report", address=HERE)
        deliver(outbox, lambda _: destination(), refuse)
        entries = outbox.entries()
    assert states(entries) == [expected] * 3
    assert all(entry.words for entry in entries)


def test_what_is_due_later_is_waited_for_as_long_as_asked(tmp_path: Path) -> None:
    """With `wait_s` the next try is made in the same run."""
    import time

    script = Script(on_store=[failure(Reason.LOST)])
    with open_outbox(tmp_path, time.time) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(run(outbox, script, limits=Limits(wait_s=60))) == [State.VERIFIED]


def test_stopping_finishes_what_is_in_hand_and_gives_back_the_rest(tmp_path: Path) -> None:
    """What was not begun is queued as it was, without a try counted."""
    limits = Limits()

    def stop(data: bytes) -> bytes:
        limits.stop.set()
        return data

    script = Script(alters=stop)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(5), "pacs", "report", address=HERE)
        entries = run(outbox, script, limits=limits)
        assert states(entries) == [State.STORED, *[State.QUEUED] * 4]
        assert [(entry.tries, entry.worker) for entry in entries] == [(0, "")] * 5
        assert script.stores == ["2.25.1"]
        assert states(run(outbox, Script(kept=script.kept))) == [State.VERIFIED] * 5
    assert list(tmp_path.glob("*.worker-*")) == []


def test_watching_ends_when_it_is_stopped(tmp_path: Path) -> None:
    """What is put in meanwhile is delivered, until somebody stops it."""
    limits = Limits(watch=True)
    script = Script()
    with open_outbox(tmp_path) as outbox:

        def on_change(entry: Entry) -> None:
            if entry.state is State.VERIFIED:
                limits.stop.set()

        def put_in() -> None:
            with outbox.another() as own:
                own.enqueue([item()], "pacs", "report", address=HERE)

        later = threading.Timer(0.5, put_in)
        later.start()
        deliver(
            outbox,
            lambda _: destination(),
            lambda _: ScriptedArchive(script),
            limits=limits,
            on_change=on_change,
        )
        later.join()
        assert states(outbox.entries()) == [State.VERIFIED]


def test_every_change_is_told_in_the_callers_thread(tmp_path: Path) -> None:
    """The last word on each object is where it ended; an error there ends the run cleanly."""
    told: list[tuple[int, State]] = []
    threads = set[int]()

    def on_change(entry: Entry) -> None:
        told.append((entry.id, entry.state))
        threads.add(threading.get_ident())

    def fail(_: Entry) -> None:
        raise KeyboardInterrupt

    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(10), "pacs", "report", address=HERE)
        script = Script()
        given = (lambda _: destination(connections=3), lambda _: ScriptedArchive(script))
        with pytest.raises(KeyboardInterrupt):
            deliver(outbox, *given, on_change=fail)
        assert list(tmp_path.glob("*.worker-*")) == []
        outbox.enqueue([item(11)], "pacs", "report", address=HERE)
        deliver(outbox, *given, on_change=on_change)
        ended = {entry.id: entry.state for entry in outbox.entries()}
        assert set(ended.values()) == {State.VERIFIED}
        assert dict(told).items() <= ended.items()
        assert 11 in dict(told)
    assert threads == {threading.get_ident()}
    assert list(tmp_path.glob("*.worker-*")) == []


def test_errors_of_archives_leave_their_names_out(tmp_path: Path) -> None:
    """The words of an entry are the problem and the remedy; the archive is named by the entry."""
    error: ArchiveError = failure(Reason.CONFIGURATION)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, Script(on_store=[error]))
    assert entry.state in NEEDS_A_PERSON
    assert entry.words == "was configuration; mend it"
