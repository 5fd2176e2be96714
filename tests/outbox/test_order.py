"""Whatever happens in whatever order: no receiver is sent an older version behind a newer one."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from hosr.archive.values import Receipt
from hosr.archive.versions import Stage, Version
from hosr.errors import Reason
from hosr.outbox import Item, Outbox, State
from hosr.outbox.claims import WorkerMark, end_leases
from hosr.outbox.worker import Worker
from tests.drawn import drawn
from tests.outbox.scripted import HERE, Clock, Script, ScriptedArchive, failure, open_outbox
from tests.outbox.test_kinds import NOON, RIS, message

STAGES = (Stage.DRAFT, Stage.SIGNED, Stage.DRAFT, Stage.AMENDED, Stage.AMENDED, Stage.WITHDRAWN)
# After these the receiver has nothing, whatever it had before.
NOT_ARRIVED = frozenset(
    {Reason.UNREACHABLE, Reason.INSECURE, Reason.BUSY, Reason.CONFIGURATION, Reason.DATA}
)
OTHERS = (Reason.LOST, Reason.PROCESSING, Reason.UNRECOGNISED)
REASONS = st.sampled_from([None] * 6 + sorted(NOT_ARRIVED) + 2 * list(OTHERS))
KILLS = st.sampled_from(["", "", "", "before", "after"])

Act = tuple[int, int] | tuple[Reason | None, str] | float | None
_PUT = st.tuples(st.integers(0, 5), st.integers(0, 1))
_WORK = st.tuples(REASONS, KILLS)
_WAIT = st.sampled_from([1.0, 61.0, 4000.0])
ACTS: st.SearchStrategy[Act] = st.one_of(_PUT, _PUT, _WORK, _WORK, _WAIT, st.none())


class _Killed(BaseException):
    """The process is gone: nothing is put down any more."""


def version(number: int, copy: int) -> Item:
    """The message of a version, and another one of the same version."""
    stated_at = NOON + dt.timedelta(minutes=number)
    known = Version(report="report", stage=STAGES[number], stated_at=stated_at)
    return replace(message(10 * number + copy), version=known)


class _Receiver(ScriptedArchive):
    """Takes what it is sent, and may kill who sends it before or after."""

    def __init__(self, department: Department, kill: str) -> None:
        super().__init__(department.script)
        self._department = department
        self._kill = kill

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Nothing newer may be there yet."""
        if self._kill == "before":
            raise _Killed
        self._department.see(sop_instance_uid)
        receipt = super().store(data, sop_instance_uid)
        if self._kill == "after":
            raise _Killed
        return receipt


class Department:
    """An outbox, a receiver that does anything, and what that was sent behind something newer."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.script = Script()
        self.outbox: Outbox = open_outbox(folder, self.clock)
        self.may_have: list[Version] = []
        self.wrong: list[tuple[Version, Version]] = []

    def see(self, key: str) -> None:
        """The receiver is sent this, and may have it from now on but where it refuses it."""
        number, copy = divmod(int(key[1:]), 10)
        sent = version(number, copy).version
        assert sent is not None
        # Put down, for what is raised here is taken for a mistake of the client.
        self.wrong += [(there, sent) for there in self.may_have if there.goes_before(sent)]
        error = self.script.on_store[0] if self.script.on_store else None
        if getattr(error, "reason", None) not in NOT_ARRIVED:
            self.may_have.append(sent)

    def work(self, reason: Reason | None, kill: str) -> None:
        """A worker does what is due, and may be killed at it."""
        self.script.on_store = [failure(reason) if reason else None]
        database = self.outbox.database
        mark = WorkerMark(self.outbox.path, database.random)
        worker = Worker(
            self.outbox,
            RIS,
            _Receiver(self, kill),
            name=mark.worker(1),
            is_ending=lambda: False,
            take_report=lambda _: False,
        )
        try:
            end_leases(database)
            while worker.work():
                pass
        except _Killed:
            pass
        finally:
            mark.remove()

    def do(self, act: Act) -> None:
        """What happens next: a version is put in, a worker works, time passes, a person says: again."""
        match act:
            case int(number), int(copy):
                items = [version(number, copy)]
                self.outbox.enqueue(items, "ris", "report", address=HERE)
            case reason, str(kill):
                self.work(reason, kill)
            case float(seconds):
                self.clock.go(seconds)
            case _:
                self.outbox.retry()


@drawn(30, unchecked=[HealthCheck.large_base_example, HealthCheck.data_too_large])
@given(st.lists(ACTS, min_size=6, max_size=14))
@example([(3, 0), (Reason.LOST, ""), (1, 0), 61.0, (None, "")])
@example([(3, 0), (Reason.LOST, ""), 61.0, (Reason.CONFIGURATION, ""), (1, 0), (None, "")])
@example([(3, 0), (None, "after"), (1, 0), (None, "")])
@example([(1, 0), (None, ""), (2, 0), (None, "")])
def test_nothing_goes_behind_a_newer_version_and_nothing_waits_for_ever(acts: list[Act]) -> None:
    """With a receiver that works again, all gets there or is over."""
    with tempfile.TemporaryDirectory() as folder:
        department = Department(Path(folder))
        with department.outbox as outbox:
            for act in acts:
                department.do(act)
                assert department.wrong == []
            for _ in range(4):
                department.clock.go(4000)
                outbox.retry()
                department.work(None, "")
            assert department.wrong == []
            left = {entry.state for entry in outbox.entries()}
            assert left <= {State.ACCEPTED, State.SUPERSEDED}
