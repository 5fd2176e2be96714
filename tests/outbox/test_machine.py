"""Whatever happens in whatever order: nothing is lost, altered, or called archived without proof."""

from __future__ import annotations

import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hosr.archive.addresses import Destination, Proof
from hosr.archive.values import CommitmentReport, Locator, Receipt
from hosr.errors import Reason
from hosr.outbox import ARCHIVED, ENDED, Outbox, State
from hosr.outbox.claims import WorkerMark, claim_to_prove, claim_to_send, end_leases
from hosr.outbox.worker import Worker
from tests.drawn import drawn
from tests.outbox.scripted import (
    HERE,
    LISTENER,
    Clock,
    Script,
    ScriptedCommittingArchive,
    destination,
    failure,
    item,
    open_outbox,
    report,
    run,
)

NUMBERS = st.integers(1, 4)
# Mostly well, or nothing would ever get far.
REASONS = st.sampled_from([None] * 30 + list(Reason))
CODES = st.sampled_from([None] * 7 + [0x0110, 0x0112, 0x0119, 0x0122, 0x0131, 0x0213, 0x9999])
JUMPS_S = st.sampled_from([1.0, 61.0, 1000.0, 4000.0, 3e8, -1.0, -1000.0, -3e8])
KILLS = st.sampled_from([""] * 8 + ["before storing", "after storing", "fetching", "asking"])
DESTINATIONS = [
    destination(listener=LISTENER),
    destination(Proof.COMMITMENT, listener=LISTENER),
    destination(Proof.READ_BACK),
    destination(Proof.COMMITMENT, Proof.READ_BACK, listener=LISTENER),
    destination(Proof.RESPONSE),
]


class _Killed(BaseException):
    """The process is gone: nothing is put down any more."""


class _Archive(ScriptedCommittingArchive):
    """The scripted archive, which also kills who uses it, and remembers what it gave back."""

    def __init__(self, script: Script, kill: str, returned: set[str]) -> None:
        super().__init__(script)
        self._kill = kill
        self._returned = returned

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Keep the bytes; they are those that were put in."""
        assert data == item(int(sop_instance_uid[5:])).data
        if self._kill == "before storing":
            raise _Killed
        receipt = super().store(data, sop_instance_uid)
        if self._kill == "after storing":
            raise _Killed
        return receipt

    def fetch(self, locator: Locator) -> bytes:
        """Give back what is kept."""
        if self._kill == "fetching":
            raise _Killed
        data = super().fetch(locator)
        self._returned.add(locator.sop_instance_uid)
        return data

    def request_commitment(self, *arguments: object) -> None:
        """Hear the request, and perhaps kill who asked before it is put down."""
        super().request_commitment(*arguments)  # type: ignore[arg-type]
        if self._kill == "asking":
            raise _Killed


class Machine(RuleBasedStateMachine):
    """An outbox, an archive that does anything, and what must be true whatever they did."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.script = Script()
        self.outbox: Outbox = open_outbox(Path(self.folder.name), self.clock)
        self.where = DESTINATIONS[0]
        self.accepted = set[str]()
        self.returned = set[str]()
        self.committed = set[str]()
        self.archived: dict[str, State] = {}
        self.without_bytes = set[str]()

    def teardown(self) -> None:
        """With an archive that works again, all that no person is needed for gets there."""
        self.script.on_store, self.script.on_fetch, self.script.on_commit = [], [], []
        self.script.reports = self._commit_all
        for _ in range(3):
            self.clock.go(4000)
            run(self.outbox, self.script, self.where, committing=True)
        left = {entry.state for entry in self.outbox.entries()}
        self.outbox.close()
        self.folder.cleanup()
        assert left <= ENDED

    def _commit_all(self, uid: str, references: object) -> CommitmentReport:
        assert isinstance(references, tuple)
        return report(uid, references)

    @initialize()
    def begin(self) -> None:
        """There is something to do from the beginning."""
        self.send(1, HERE)
        self.send(2, HERE)

    @rule(number=NUMBERS, address=st.sampled_from([HERE, HERE, "elsewhere"]))
    def send(self, number: int, address: str) -> None:
        """A report is put in, perhaps again, or after the archive was moved; proofs begin anew."""
        self._doubt({f"2.25.{number}"})
        self.outbox.enqueue([item(number)], "pacs", "report", address=address)
        self.accepted.add(f"2.25.{number}")
        self.without_bytes.discard(f"2.25.{number}")

    @rule()
    def verify(self) -> None:
        """A person has the archive asked for all that it proved to have."""
        asked = {entry.key for entry in self.outbox.recheck("pacs", HERE)}
        self._doubt(asked)
        self.without_bytes |= asked

    def _doubt(self, uids: set[str]) -> None:
        for uid in uids & self.archived.keys():
            del self.archived[uid]
            self.returned.discard(uid)
            self.committed.discard(uid)

    @rule(
        store=REASONS,
        fetch=REASONS,
        commit=REASONS,
        kill=KILLS,
        where=st.sampled_from(DESTINATIONS),
    )
    def work(
        self,
        store: Reason | None,
        fetch: Reason | None,
        commit: Reason | None,
        kill: str,
        where: Destination,
    ) -> None:
        """A worker does what is due, and may be killed at it."""
        script = self.script
        script.on_store = [failure(store) if store else None]
        script.on_fetch = [failure(fetch) if fetch else None]
        script.on_commit = [failure(commit) if commit else None]
        self.where = where
        mark = WorkerMark(self.outbox.path, self.outbox.database.random)
        worker = Worker(
            self.outbox,
            self.where,
            _Archive(script, kill, self.returned),
            name=mark.worker(1),
            is_ending=lambda: False,
            take_report=lambda _: False,
        )
        try:
            end_leases(self.outbox.database)
            for _ in range(3):
                worker.work()
        except _Killed:
            pass
        finally:
            mark.remove()

    @rule(index=st.integers(0, 3), code=CODES, peer=st.sampled_from(["PACS"] * 4 + ["X"]))
    def receive(self, index: int, code: int | None, peer: str) -> None:
        """A commitment report comes, on time, late or again, perhaps from somebody else."""
        if not self.script.requests:
            return
        uid, references = self.script.requests[-1 - index % len(self.script.requests)]
        failed = [(one, code) for one in references] if code is not None else []
        done = references if code is None else ()
        if self.outbox.take_report(report(uid, done, failed, peer_aet=peer), self.where):
            self.committed |= {one.sop_instance_uid for one in done}
            assert peer == "PACS"

    @rule(jump_s=JUMPS_S)
    def jump(self, jump_s: float) -> None:
        """Time passes, or somebody sets the clock."""
        self.clock.go(jump_s)

    @rule(number=NUMBERS)
    def forget(self, number: int) -> None:
        """The archive loses an object."""
        self.script.kept.pop(f"2.25.{number}", None)

    @rule()
    def retry(self) -> None:
        """A person says: again, all of it."""
        self.outbox.retry()

    @rule()
    def reopen(self) -> None:
        """The program ends and is started anew."""
        self.outbox.close()
        self.outbox = open_outbox(Path(self.folder.name), self.clock)

    @rule(seed=st.integers(0, 3))
    def take_and_hang(self, seed: int) -> None:
        """A worker takes something and is never heard of again; its mark goes with it."""
        mark = WorkerMark(self.outbox.path, Random(seed))  # noqa: S311
        claim_to_send(self.outbox.database, "pacs", mark.worker(1), 1)
        claim_to_prove(self.outbox.database, "pacs", mark.worker(1), 1)
        mark.remove()

    @invariant()
    def nothing_is_lost_or_altered(self) -> None:
        """Each object is listed, and its bytes are here until it is archived, or sent again."""
        entries = {entry.key: entry for entry in self.outbox.entries()}
        assert set(entries) == self.accepted
        for uid, entry in entries.items():
            is_gone = entry.state in ARCHIVED | {State.SUPERSEDED} or uid in self.without_bytes
            assert self.outbox.read(entry) == (None if is_gone else item(int(uid[5:])).data)

    @invariant()
    def nothing_is_archived_without_proof(self) -> None:
        """Committed by a report, verified by what was given back, until a person asks again."""
        for entry in self.outbox.entries():
            uid = entry.key
            assert entry.state is not State.COMMITTED or uid in self.committed
            assert entry.state is not State.VERIFIED or uid in self.returned
            assert entry.state is not State.ACCEPTED or uid in self.script.stores
            if entry.state in ARCHIVED:
                assert self.archived.setdefault(uid, entry.state) is entry.state
            else:
                assert uid not in self.archived


TestMachine = Machine.TestCase
TestMachine.settings = drawn(80, unchecked=list(HealthCheck), steps=40)
