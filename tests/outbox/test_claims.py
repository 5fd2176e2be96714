"""Leases: no two workers have one object, and none stays with a worker that is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest

from hosr.errors import Reason
from hosr.outbox import State
from hosr.outbox.claims import (
    LEASE_S,
    WorkerMark,
    claim_to_prove,
    claim_to_send,
    due_by_destination,
    end_leases,
    renew_leases,
)
from tests.outbox.scripted import (
    HERE,
    Clock,
    Script,
    destination,
    failure,
    item,
    items,
    open_outbox,
    run,
    states,
)

YEAR_S = 365 * 86400.0
FAR = [YEAR_S, 10 * YEAR_S, -YEAR_S, -10 * YEAR_S]


def test_two_workers_never_have_one_object(tmp_path: Path) -> None:
    """Eight threads take 200 objects; every object is taken once."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(200), "pacs", "report", address=HERE)
        mark = WorkerMark(outbox.path, outbox.database.random)
        taken: list[int] = []

        def take(number: int) -> None:
            with outbox.another() as own:
                while claimed := claim_to_send(own.database, "pacs", mark.worker(number), 3):
                    taken.extend(entry.id for entry in claimed)

        threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        mark.remove()
    assert Counter(taken) == dict.fromkeys(range(1, 201), 1)


def test_those_that_waited_longest_are_taken_first(tmp_path: Path) -> None:
    """In the order they became due, and no more than asked for."""
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        for number in (3, 1, 2):
            outbox.enqueue([item(number)], "pacs", "report", address=HERE)
            clock.go(1)
        claimed = claim_to_send(outbox.database, "pacs", "a.1", 2)
        assert [entry.key for entry in claimed] == ["2.25.3", "2.25.1"]


def test_a_lease_ends_by_the_clock(tmp_path: Path) -> None:
    """A worker that lives but does not renew loses what it has; one that renews does not."""
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
        idle, busy = (WorkerMark(outbox.path, outbox.database.random) for _ in range(2))
        for mark in (idle, busy):
            claim_to_send(outbox.database, "pacs", mark.worker(1), 1)
        clock.go(LEASE_S - 1)
        renew_leases(outbox.database, busy.token)
        assert end_leases(outbox.database) == 0
        clock.go(2)
        assert end_leases(outbox.database) == 1
        assert states(outbox.entries()) == [State.QUEUED, State.SENDING]
        idle.remove()
        busy.remove()


@pytest.mark.parametrize("jump_s", FAR)
def test_a_clock_that_jumps_ends_a_lease(jump_s: float, tmp_path: Path) -> None:
    """Forward it has passed; back it lies further ahead than a lease can last."""
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        mark = WorkerMark(outbox.path, outbox.database.random)
        claim_to_send(outbox.database, "pacs", mark.worker(1), 1)
        clock.go(jump_s)
        assert end_leases(outbox.database) == 1
        mark.remove()
        assert states(run(outbox, Script())) == [State.VERIFIED]


@pytest.mark.parametrize("jump_s", FAR)
def test_a_clock_that_jumps_ends_a_wait(jump_s: float, tmp_path: Path) -> None:
    """What waits is due, forward and back, and no limit is used up by it."""
    clock, script = Clock(), Script(on_store=[failure(Reason.BUSY, retry_after_s=3600)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (waiting,) = run(outbox, script)
        assert run(outbox, script) == (waiting,)
        clock.go(jump_s)
        assert states(run(outbox, script)) == [State.VERIFIED]


@pytest.mark.parametrize("jump_s", [-120.0, -900.0, -1800.0])
def test_a_clock_that_is_set_right_ends_a_wait(jump_s: float, tmp_path: Path) -> None:
    """A wait that began in the future is over, though it is not longer than the longest."""
    clock, script = Clock(), Script(on_store=[failure(Reason.UNREACHABLE)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        run(outbox, script)
        clock.go(jump_s)
        assert states(run(outbox, script)) == [State.VERIFIED]


def test_a_wait_that_is_longer_than_any_is_over(tmp_path: Path) -> None:
    """What was put off with others is due too, when the clock goes back to after it was put in."""
    clock, script = Clock(), Script(on_store=[failure(Reason.BUSY, retry_after_s=3600)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(30), "pacs", "report", address=HERE)
        clock.go(10 * 86400)
        assert all(entry.next_at == clock.now + 3600 for entry in run(outbox, script))
        clock.go(-5 * 86400)
        assert states(run(outbox, script)) == [State.VERIFIED] * 30


def test_many_jumps_do_not_kill(tmp_path: Path) -> None:
    """However the clock jumps while an archive is away, each try counts once."""
    clock = Clock()
    script = Script(on_store=[failure(Reason.UNREACHABLE) for _ in range(40)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for jump in range(40):
            clock.go(YEAR_S if jump % 2 else -YEAR_S)
            (entry,) = run(outbox, script)
            assert (entry.state, entry.tries) == (State.QUEUED, jump + 1)
        clock.go(YEAR_S)
        assert states(run(outbox, script)) == [State.VERIFIED]


def _take_and_die(folder: Path, clock: Clock) -> None:
    outbox = open_outbox(folder, clock)
    mark = WorkerMark(outbox.path, outbox.database.random)
    claim_to_send(outbox.database, "pacs", mark.worker(1), 2)
    os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_worker_had_is_taken_up_at_once(tmp_path: Path) -> None:
    """No clock has to pass: its lock is free. Its mark is removed."""
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
    child = multiprocessing.get_context("fork").Process(
        target=_take_and_die, args=(tmp_path, clock)
    )
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    child.close()
    assert len(list(tmp_path.glob("*.worker-*"))) == 1
    with open_outbox(tmp_path, clock) as outbox:
        assert states(outbox.entries()) == [State.SENDING] * 2
        assert states(run(outbox, Script())) == [State.VERIFIED] * 2
    assert list(tmp_path.glob("*.worker-*")) == []


def test_a_worker_that_lost_its_lease_changes_nothing(tmp_path: Path) -> None:
    """It wakes after another one took over: its answer is not put down over that of the other."""
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        second = Script(on_store=[failure(Reason.DATA)])

        def alter(data: bytes) -> bytes:
            # While the first is sending, its lease ends and another run takes the object.
            clock.go(2 * LEASE_S)
            with outbox.another() as own:
                run(own, second)
            return data

        (entry,) = run(outbox, Script(alters=alter))
    assert (entry.state, entry.reason) == (State.DEAD, Reason.DATA)


def test_awaited_reports_and_leases_are_not_due(tmp_path: Path) -> None:
    """What there is to do is told by destination."""
    clock = Clock()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(3), "pacs", "report", address=HERE)
        outbox.enqueue([item(9)], "second", "report", address=HERE)
        mark = WorkerMark(outbox.path, outbox.database.random)
        claim_to_send(outbox.database, "pacs", mark.worker(1), 1)
        first, second = due_by_destination(outbox.database)
        assert (first.destination, first.due, first.taken, first.awaited) == ("pacs", 2, 1, 0)
        assert (second.destination, second.due, second.taken) == ("second", 1, 0)
        assert claim_to_prove(outbox.database, "pacs", mark.worker(2), 9) == ()
        mark.remove()


def test_two_deliveries_at_once_send_each_object_once(tmp_path: Path) -> None:
    """Two runs over one outbox share the work, and none is sent twice."""
    script = Script()
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(60), "pacs", "report", address=HERE)

        def deliver_too() -> None:
            with outbox.another() as own:
                run(own, script, destination(connections=3))

        threads = [threading.Thread(target=deliver_too) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert states(outbox.entries()) == [State.VERIFIED] * 60
    assert Counter(script.stores) == {f"2.25.{n}": 1 for n in range(1, 61)}
