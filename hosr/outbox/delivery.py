"""Delivering what is due: workers for each destination, listeners for reports, until none is left."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field

from hosr.archive.addresses import Destination, Listener, Proof
from hosr.archive.values import Archive, CommitmentReport
from hosr.errors import HosrError, UsageError
from hosr.outbox.claims import (
    LEASE_S,
    Due,
    WorkerMark,
    due_by_destination,
    end_leases,
    renew_leases,
)
from hosr.outbox.commitments import destination_of
from hosr.outbox.ledger import Entry, read_entry
from hosr.outbox.outbox import Outbox
from hosr.outbox.outcomes import fail_all_due
from hosr.outbox.worker import Worker

TakeReport = Callable[[CommitmentReport], bool]
Listen = Callable[[Destination, TakeReport], AbstractContextManager[object]]

# How often it is looked whether another process changed something, or a report came.
_POLL_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What to deliver and for how long.

    `destination_names` None is all. `wait_s` is how long in all to wait for what is due later
    (not for commitment reports, which have a time-out of their own); with `watch` there is no end
    but `stop`. When `stop` is set, what is being sent is finished, and nothing else begun.
    """

    destination_names: Collection[str] | None = None
    wait_s: float = 0.0
    watch: bool = False
    stop: threading.Event = field(default_factory=threading.Event)


def deliver(
    outbox: Outbox,
    find_destination: Callable[[str], Destination],
    open_archive: Callable[[Destination], Archive],
    *,
    listen: Listen | None = None,
    limits: Limits | None = None,
    on_change: Callable[[Entry], None] | None = None,
) -> None:
    """Send and prove what is due, until nothing is, or the limits are reached.

    `find_destination` raises UsageError for a name that is no longer configured: what goes there
    is put on hold. `listen` opens the listener of a destination; where its port is taken, another
    process of hosr has it and takes the reports down. `on_change` is called from this thread for
    every entry that changed, whoever changed it.

    Raises
    ------
    UsageError
        When the outbox cannot be read or written any more. What was put down stays, the rest will
        be taken up by the next delivery.
    """
    delivery = _Delivery(
        outbox=outbox,
        find_destination=find_destination,
        open_archive=open_archive,
        listen=listen,
        limits=limits or Limits(),
        on_change=on_change,
    )
    delivery.run()


@dataclass(slots=True, kw_only=True)
class _Delivery:
    outbox: Outbox
    find_destination: Callable[[str], Destination]
    open_archive: Callable[[Destination], Archive]
    listen: Listen | None
    limits: Limits
    on_change: Callable[[Entry], None] | None
    mark: WorkerMark = field(init=False)
    threads: dict[str, list[threading.Thread]] = field(default_factory=dict)
    listeners: dict[Listener, ExitStack] = field(default_factory=dict)
    errors: list[BaseException] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)
    wake: threading.Event = field(default_factory=threading.Event)
    started: int = 0
    told: int = 0
    renewed_at: float = 0.0
    waited_s: float = 0.0

    def run(self) -> None:
        """Deliver until the limits are reached, then end everything that was begun."""
        database = self.outbox.database
        self.told = self._last_transition()
        self.renewed_at = database.clock()
        self.mark = WorkerMark(database.path, database.random)
        try:
            while not self.errors and not self.limits.stop.is_set():
                is_working = self._is_working()
                end_leases(database)
                self._renew()
                plan = [due for due in due_by_destination(database) if self._is_wanted(due)]
                for due in plan:
                    self._see_to(due)
                self._tell()
                if not is_working and self._is_over(plan):
                    break
                self._wait(plan, is_working)
        finally:
            self._end()
        self._tell()
        if self.errors:
            raise self.errors[0]
        self.outbox.compact()

    def _is_wanted(self, due: Due) -> bool:
        names = self.limits.destination_names
        return names is None or due.destination in names

    def _see_to(self, due: Due) -> None:
        """Have a destination's listener open and its workers at work."""
        if not due.due and not due.awaited:
            return
        try:
            destination = self.find_destination(due.destination)
        except UsageError as error:
            fail_all_due(self.outbox, due.destination, self._next_worker(), error)
            self.wake.set()
            return
        self._open_listener(destination)
        alive = [thread for thread in self.threads.get(destination.name, ()) if thread.is_alive()]
        wanted = min(max(1, destination.connections), due.due + len(alive))
        for _ in range(wanted - len(alive)):
            thread = threading.Thread(
                target=self._work, args=(destination, self._next_worker()), daemon=True
            )
            thread.start()
            alive.append(thread)
        self.threads[destination.name] = alive

    def _next_worker(self) -> str:
        self.started += 1
        return self.mark.worker(self.started)

    def _work(self, destination: Destination, name: str) -> None:
        """What a worker's thread does: all that is due, then wait for reports on its connection."""
        try:
            with self.outbox.another() as outbox:
                try:
                    archive = self.open_archive(destination)
                except HosrError as error:
                    fail_all_due(outbox, destination.name, name, error)
                    return
                with archive:
                    worker = Worker(
                        outbox,
                        destination,
                        archive,
                        name=name,
                        is_ending=self._is_ending,
                        take_report=self._take_report,
                    )
                    while worker.work() or (worker.awaits_reports() and not self._is_ending()):
                        if worker.awaits_reports():
                            self.ending.wait(_POLL_S / 4)
        except BaseException as error:  # noqa: BLE001 (raised again by `run`)
            self.errors.append(error)
        finally:
            self.wake.set()

    def _is_ending(self) -> bool:
        return self.ending.is_set() or self.limits.stop.is_set()

    def _open_listener(self, destination: Destination) -> None:
        """Listen for an archive's reports, once for each port."""
        listener = destination.listener
        committing = not destination.proofs or Proof.COMMITMENT in destination.proofs
        if self.listen is None or listener is None or not committing or listener in self.listeners:
            return
        stack = self.listeners[listener] = ExitStack()
        try:
            stack.enter_context(self.listen(destination, self._take_report))
        except (HosrError, OSError):
            # Another process of hosr listens there and takes the reports down in the same outbox.
            # Where it is something else, no report comes, and the requests say so.
            stack.close()

    def _take_report(self, report: CommitmentReport) -> bool:
        """Put a report down, in whichever thread it comes."""
        try:
            with self.outbox.another() as outbox:
                name = destination_of(outbox.database, report.transaction_uid)
                if name is None:
                    return False
                return outbox.take_report(report, self.find_destination(name))
        except UsageError:
            return False  # the archive is told that it was not taken; it is asked anew in time
        finally:
            self.wake.set()

    def _is_working(self) -> bool:
        return any(thread.is_alive() for threads in self.threads.values() for thread in threads)

    def _is_over(self, plan: list[Due]) -> bool:
        """Whether nothing is left that this delivery would wait for."""
        if self.limits.watch or any(due.due or due.awaited for due in plan):
            return False
        left_s = self.limits.wait_s - self.waited_s
        now = self.outbox.database.clock()
        return not any(due.next_at - now <= left_s or (due.taken and left_s > 0) for due in plan)

    def _wait(self, plan: list[Due], is_working: bool) -> None:
        """Wait for something to happen; count it where it is for what is due later."""
        idle = not is_working and not any(due.due or due.awaited for due in plan)
        woken = self.wake.wait(_POLL_S)
        self.wake.clear()
        if idle and not woken:
            self.waited_s += _POLL_S

    def _renew(self) -> None:
        now = self.outbox.database.clock()
        if not 0 <= now - self.renewed_at < LEASE_S / 4:
            renew_leases(self.outbox.database, self.mark.token)
            self.renewed_at = now

    def _end(self) -> None:
        """Let the workers finish what they have in hand, and close everything."""
        self.ending.set()
        try:
            for threads in self.threads.values():
                for thread in threads:
                    while thread.is_alive():
                        self._renew()
                        thread.join(_POLL_S)
        finally:
            for stack in self.listeners.values():
                stack.close()
            self.mark.remove()

    def _last_transition(self) -> int:
        with self.outbox.database.faults():
            row = self.outbox.database.connection.execute("SELECT max(id) FROM transition")
            last: int = row.fetchone()[0] or 0
        return last

    def _tell(self) -> None:
        """Tell of every entry that changed since the last time, as it stands now."""
        if self.on_change is None:
            return
        with self.outbox.database.faults():
            last = self._last_transition()
            cursor = self.outbox.database.connection.execute(
                "SELECT * FROM entry WHERE id IN"
                " (SELECT entry FROM transition WHERE id > ? AND id <= ?) ORDER BY id",
                (self.told, last),
            )
            changed = list(map(read_entry, cursor))
        self.told = last
        for entry in changed:
            self.on_change(entry)
