"""Commitment reports: on time, late, twice, partial, foreign, or a list of failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.archive.addresses import Proof
from hosr.archive.values import CommitmentReport, Reference
from hosr.errors import Reason, UsageError
from hosr.outbox import Entry, Limits, Outbox, State, deliver
from tests.outbox.scripted import (
    CLASS,
    HERE,
    LISTENER,
    Clock,
    Script,
    ScriptedCommittingArchive,
    destination,
    failure,
    item,
    items,
    open_outbox,
    reference,
    report,
    run,
    states,
)

BEST = destination(listener=LISTENER)
COMMITTED = destination(Proof.COMMITMENT, listener=LISTENER)


def all_committed(uid: str, references: tuple[Reference, ...]) -> CommitmentReport:
    """A report that all is well."""
    return report(uid, references)


def all_failed(code: int) -> Callable[[str, tuple[Reference, ...]], CommitmentReport]:
    """A report that nothing is well."""
    return lambda uid, references: report(uid, (), [(one, code) for one in references])


def await_report(outbox: Outbox, script: Script, clock: Clock) -> str:
    """Store and ask for commitment, and let the run end there; the transaction."""
    limits = Limits()

    def stop_after_request(uid: str, _: tuple[Reference, ...]) -> None:
        assert uid
        limits.stop.set()

    script.reports = stop_after_request
    run(outbox, script, BEST, committing=True, limits=limits)
    clock.go(1)
    return script.requests[-1][0]


def test_a_report_in_time_commits(tmp_path: Path) -> None:
    """One request names all objects; when the report is there, the bytes are not needed any more."""
    script = Script(reports=all_committed)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue(items(3), "pacs", "report", address=HERE)
        entries = run(outbox, script, BEST, committing=True)
        assert states(entries) == [State.COMMITTED] * 3
        assert [outbox.read(entry) for entry in entries] == [None] * 3
    assert [sorted(references) for _, references in script.requests] == [
        sorted(reference(number) for number in (1, 2, 3))
    ]
    assert script.fetches == []


def test_the_request_is_on_the_disk_before_the_archive_hears_of_it(tmp_path: Path) -> None:
    """When the archive is asked, a report on it would be known already."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)

        def known(uid: str, references: tuple[Reference, ...]) -> None:
            with outbox.another() as own:
                assert own.take_report(report(uid, references), BEST)

        assert states(run(outbox, Script(reports=known), BEST, committing=True)) == [
            State.COMMITTED
        ]


def test_a_late_report_commits(tmp_path: Path) -> None:
    """After another run asked anew, the report on the first transaction still counts."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        first = await_report(outbox, script, clock)
        clock.go(1000)
        second = await_report(outbox, script, clock)
        assert first != second
        assert outbox.take_report(report(first, [reference()]), BEST)
        assert states(outbox.entries()) == [State.COMMITTED]


def test_a_report_that_comes_twice_changes_nothing(tmp_path: Path) -> None:
    """It is known, and the history has one line of it; not even a failure undoes it."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        assert outbox.take_report(report(uid, [OURS]), BEST)
        before = [outbox.history(entry) for entry in outbox.entries()]
        assert outbox.take_report(report(uid, [OURS]), BEST)
        assert outbox.take_report(report(uid, [], [(OURS, 0x0112)]), BEST)
        assert [outbox.history(entry) for entry in outbox.entries()] == before


OTHER = Reference(sop_class_uid=CLASS, sop_instance_uid="2.25.99")
OTHER_CLASS = Reference(sop_class_uid="1.2.3", sop_instance_uid="2.25.1")
OURS = reference()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda _: report("1.2.3", [OURS]), State.PROVING),  # a transaction of nobody
        (lambda uid: report(uid, [OTHER]), State.PROVING),  # an instance of nobody
        (lambda uid: report(uid, [OTHER_CLASS]), State.PROVING),  # of another class
        (lambda uid: report(uid, [OURS], peer_aet="OTHER"), State.PROVING),  # another archive
        (lambda uid: report(uid, [OURS, OTHER]), State.COMMITTED),  # ours among others
    ],
)
def test_a_foreign_report_is_not_expected(
    make: Callable[[str], CommitmentReport], expected: State, tmp_path: Path
) -> None:
    """What was not asked for is refused and commits nothing."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        assert not outbox.take_report(make(uid), BEST)
        assert states(outbox.entries()) == [expected]


def test_another_destination_cannot_report(tmp_path: Path) -> None:
    """A transaction belongs to the destination that was asked."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        assert not outbox.take_report(report(uid, [OURS]), destination(name="second"))
        assert states(outbox.entries()) == [State.PROVING]


def test_a_partial_report_commits_what_it_names(tmp_path: Path) -> None:
    """What it leaves out is asked for anew, when its time is up."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue(items(2), "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        assert outbox.take_report(report(uid, [OURS]), BEST)
        assert states(outbox.entries()) == [State.COMMITTED, State.PROVING]
        clock.go(1000)
        script.reports = all_committed
        assert states(run(outbox, script, BEST, committing=True)) == [State.COMMITTED] * 2
    assert script.requests[-1][1] == (reference(2),)


def test_what_is_committed_and_failed_at_once_is_not_committed(tmp_path: Path) -> None:
    """A report that contradicts itself is taken as a failure."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        outbox.take_report(report(uid, [OURS], [(OURS, 0x0110)]), BEST)
        assert states(outbox.entries()) == [State.STORED]


class _Ticking(Clock):
    """A clock that runs fast, so that a time-out of a minute is over soon."""

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def test_without_a_report_it_is_asked_three_times_and_then_fetched(tmp_path: Path) -> None:
    """Each time under a new UID; then the best that is left is read-back."""
    script = Script()
    with open_outbox(tmp_path, _Ticking()) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script, replace(BEST, commitment_s=5), committing=True)
    assert (entry.state, entry.proofs) == (
        State.VERIFIED,
        frozenset({Proof.RESPONSE, Proof.READ_BACK}),
    )
    assert len({uid for uid, _ in script.requests}) == len(script.requests) == 3


def test_where_commitment_is_required_it_is_held_and_a_late_report_ends_it(tmp_path: Path) -> None:
    """Read-back does not take its place; the report that comes after all does."""
    script = Script()
    with open_outbox(tmp_path, _Ticking()) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script, replace(COMMITTED, commitment_s=5), committing=True)
        assert entry.state is State.HOLD
        assert entry.words == (
            "storage commitment is required, and is not to be had:"
            " no commitment report came in time (3 of 3 requests)"
        )
        assert outbox.take_report(report(script.requests[0][0], [OURS]), COMMITTED)
        assert states(outbox.entries()) == [State.COMMITTED]
    assert script.fetches == []


@pytest.mark.parametrize("reason", [Reason.LOST, Reason.PROCESSING, Reason.CONFIGURATION])
def test_commitment_that_is_refused_twice_is_not_offered(reason: Reason, tmp_path: Path) -> None:
    """An N-ACTION that is aborted or refused twice leaves read-back."""
    clock, script = Clock(), Script(on_commit=[failure(reason), failure(reason)])
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(run(outbox, script, BEST, committing=True)) == [State.STORED]
        clock.go(60)
        assert states(run(outbox, script, BEST, committing=True)) == [State.VERIFIED]
    assert len({uid for uid, _ in script.requests}) == 2


def test_commitment_that_is_not_offered_is_not_asked_for_again(tmp_path: Path) -> None:
    """Where no presentation context is accepted, one request is enough."""
    script = Script(on_commit=[failure(Reason.UNSUPPORTED)])
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        assert states(run(outbox, script, BEST, committing=True)) == [State.VERIFIED]
    assert len(script.requests) == 1


def test_an_archive_that_cannot_be_asked_is_held_where_it_is_required(tmp_path: Path) -> None:
    """DICOMweb and folders have no commitment; that is said."""
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, Script(), COMMITTED)
    assert (entry.state, entry.reason) == (State.HOLD, Reason.UNSUPPORTED)
    assert entry.words.endswith("it is not offered over this protocol")


def test_a_request_that_did_not_get_through_waits(tmp_path: Path) -> None:
    """An archive that is away for the proof is no refusal, however often."""
    clock, script = Clock(), Script(reports=all_committed)
    script.on_commit = [failure(Reason.UNREACHABLE) for _ in range(5)]
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        for tries in range(1, 6):
            (entry,) = run(outbox, script, BEST, committing=True)
            assert (entry.state, entry.tries) == (State.STORED, tries)
            clock.go(900)
        assert states(run(outbox, script, BEST, committing=True)) == [State.COMMITTED]
    assert script.stores == ["2.25.1"]


@pytest.mark.parametrize(
    ("code", "expected", "reason"),
    [
        (0x0110, State.STORED, Reason.PROCESSING),
        (0x0112, State.QUEUED, Reason.ABSENT),
        (0x0119, State.CONFLICT, Reason.DUPLICATE),
        (0x0122, State.STORED, Reason.UNSUPPORTED),
        (0x0131, State.STORED, Reason.PROCESSING),
        (0x0213, State.STORED, Reason.CAPACITY),
        (0x9999, State.STORED, Reason.UNRECOGNISED),
    ],
)
def test_each_failure_reason_ends_as_its_table_says(
    code: int, expected: State, reason: Reason, tmp_path: Path
) -> None:
    """PS3.3 section C.14.1.1; what no standard lists is tried again a few times."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        assert outbox.take_report(report(uid, [], [(OURS, code)]), BEST)
        (entry,) = outbox.entries()
    assert (entry.state, entry.reason, entry.status) == (expected, reason, f"{code:04X}")


def test_what_the_archive_does_not_have_is_sent_again(tmp_path: Path) -> None:
    """The same bytes, and commitment is asked for under a new UID."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        uid = await_report(outbox, script, clock)
        script.kept.clear()
        outbox.take_report(report(uid, [], [(OURS, 0x0112)]), BEST)
        script.reports = all_committed
        assert states(run(outbox, script, BEST, committing=True)) == [State.COMMITTED]
    assert script.kept == {"2.25.1": item().data}
    assert script.stores == ["2.25.1"] * 2


def test_an_archive_that_never_has_it_is_held(tmp_path: Path) -> None:
    """Sent again three times, then a person has to look."""
    script = Script(reports=all_failed(0x0112))
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script, BEST, committing=True)
        assert (entry.state, entry.reason) == (State.HOLD, Reason.ABSENT)
        assert outbox.read(entry) == item().data
    assert len(script.stores) == 4


def test_a_report_on_an_object_that_was_queued_anew_does_not_count(tmp_path: Path) -> None:
    """Its transaction was about what was stored then, not about what will be."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        old = []
        for _ in range(3):
            old.append(await_report(outbox, script, clock))
            clock.go(1000)
        outbox.take_report(report(old[2], [], [(OURS, 0x0112)]), BEST)
        assert outbox.take_report(report(old[0], [OURS]), BEST)
        assert states(outbox.entries()) == [State.QUEUED]
        new = await_report(outbox, script, clock)
        assert outbox.take_report(report(old[1], [OURS]), BEST)
        assert states(outbox.entries()) == [State.PROVING]
        assert outbox.take_report(report(new, [OURS]), BEST)
        assert states(outbox.entries()) == [State.COMMITTED]


def test_an_old_failure_does_not_undo_a_new_request(tmp_path: Path) -> None:
    """Only the report on the latest transaction can fail an object."""
    clock, script = Clock(), Script()
    with open_outbox(tmp_path, clock) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        first = await_report(outbox, script, clock)
        clock.go(1000)
        second = await_report(outbox, script, clock)
        assert outbox.take_report(report(first, [], [(OURS, 0x0112)]), BEST)
        assert states(outbox.entries()) == [State.PROVING]
        assert outbox.take_report(report(second, [OURS]), BEST)
        assert states(outbox.entries()) == [State.COMMITTED]


def test_all_proofs_that_are_named_are_had(tmp_path: Path) -> None:
    """Commitment and read-back: the object is called committed, and both are put down."""
    script = Script(reports=all_committed)
    where = destination(Proof.COMMITMENT, Proof.READ_BACK, listener=LISTENER)
    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)
        (entry,) = run(outbox, script, where, committing=True)
    assert (entry.state, entry.proofs) == (State.COMMITTED, frozenset(Proof))
    assert (len(script.requests), script.fetches) == (1, ["2.25.1"])


def test_transaction_uids_are_never_used_twice(tmp_path: Path) -> None:
    """Nor by an outbox that was put back from a copy and runs the same way again."""
    uids = set[str]()
    with open_outbox(tmp_path / "first") as outbox:
        outbox.enqueue(items(3), "pacs", "report", address=HERE)
    copy = (tmp_path / "first" / "outbox.sqlite").read_bytes()
    for name in ("second", "third"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "outbox.sqlite").write_bytes(copy)
        script = Script(reports=all_failed(0x0112))
        with open_outbox(tmp_path / name) as outbox:
            run(outbox, script, BEST, committing=True)
        uids |= {uid for uid, _ in script.requests}
        assert len(script.requests) == 4
    assert len(uids) == 8


@pytest.mark.parametrize("error", [OSError(98, "in use"), UsageError(())])
def test_a_port_that_is_taken_is_no_obstacle(error: Exception, tmp_path: Path) -> None:
    """Another process listens there and takes the report down in the same outbox."""
    script = Script()

    @contextmanager
    def listen(_: object, __: object) -> Iterator[None]:
        raise error
        yield

    with open_outbox(tmp_path) as outbox:
        outbox.enqueue([item()], "pacs", "report", address=HERE)

        def other_process(uid: str, references: tuple[Reference, ...]) -> None:
            with outbox.another() as own:
                own.take_report(report(uid, references), BEST)

        script.reports = other_process
        deliver(outbox, lambda _: BEST, lambda _: ScriptedCommittingArchive(script), listen=listen)
        assert states(outbox.entries()) == [State.COMMITTED]


def test_the_listener_takes_reports_of_its_destination(tmp_path: Path) -> None:
    """One listener is open while there is something to do, for one or several destinations."""
    script, opened, closed = Script(), list[str](), list[str]()
    takers = []

    @contextmanager
    def listen(where: object, take: Callable[[CommitmentReport], bool]) -> Iterator[None]:
        opened.append(str(where))
        takers.append(take)
        yield
        closed.append(str(where))

    def through_the_listener(uid: str, references: tuple[Reference, ...]) -> None:
        assert takers[0](report(uid, references))
        assert not takers[0](report("1.2.3", references))

    script.reports = through_the_listener
    changed: list[Entry] = []
    with open_outbox(tmp_path) as outbox:
        for name in ("pacs", "second"):
            outbox.enqueue([item()], name, "report", address=HERE)
        deliver(
            outbox,
            lambda name: destination(name=name, listener=LISTENER),
            lambda _: ScriptedCommittingArchive(script),
            listen=listen,
            on_change=changed.append,
        )
        assert states(outbox.entries()) == [State.COMMITTED] * 2
    assert len(opened) == len(closed) == 1
    assert {(entry.destination, entry.state) for entry in changed} >= {
        ("pacs", State.COMMITTED),
        ("second", State.COMMITTED),
    }
