"""The outbox as others use it: put objects in, see how they stand, queue them anew, give them up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import astuple
from pathlib import Path
from random import Random

from hosr.archive.addresses import Destination
from hosr.archive.values import CommitmentReport, Entered
from hosr.errors import Fault, UsageError
from hosr.identity import is_usable_uid
from hosr.outbox import commitments, ledger
from hosr.outbox.claims import end_leases, held_back, newer_version
from hosr.outbox.database import Database, open_database
from hosr.outbox.items import Item
from hosr.outbox.ledger import Change, Entry, read_entry
from hosr.outbox.states import ARCHIVED, NEEDS_A_PERSON, RULES, Event, Kind, State
from hosr.sqlite import BUSY_S

_TO_PRUNE = 1000
_RETRIED = frozenset({State.QUEUED, State.STORED, State.HOLD, State.DEAD})


class Outbox(Entered):
    """Objects on their way to archives, in one file. For one thread; `another` for the next one.

    What `enqueue` returned is on the disk and is delivered or listed until it is archived, given
    up, or needs a person, whatever is killed meanwhile.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], float], random: Random, busy_s: float = BUSY_S
    ) -> None:
        """Open the outbox, or begin one; UsageError for what cannot be opened and written."""
        self._database = open_database(path, clock=clock, random=random, busy_s=busy_s)
        self._busy_s = busy_s

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def another(self) -> Outbox:
        """The same outbox opened once more, for another thread."""
        database = self._database
        return Outbox(
            database.path, clock=database.clock, random=database.random, busy_s=self._busy_s
        )

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._database.path

    def compact(self) -> None:
        """Give the room of objects that are gone back to the disk."""
        with self._database.faults():
            self._database.connection.executescript("PRAGMA incremental_vacuum")

    @property
    def database(self) -> Database:
        """What the delivery works on."""
        return self._database

    def enqueue(
        self,
        items: Iterable[Item],
        destination_name: str,
        report: str,
        *,
        address: str,
    ) -> tuple[Entry, ...]:
        """Put the objects of one report in, all or none; their entries in the same order.

        What is there already with the same bytes keeps its entry; where it waits, is on hold,
        dead or given up, it is due at once. `address` is where the destination is now: what was
        archived there is proven once more, and what was archived elsewhere is sent anew.

        Raises
        ------
        UsageError
            For other bytes under a key that is known for this destination, for an object without
            bytes or with invalid UIDs, and when it cannot be written; then nothing is put in.
        """
        items = tuple(items)
        faults = [fault for item in items for fault in _faults(item)]
        if faults:
            raise UsageError(faults)
        with self._database.changing():
            added = [self._add(item, destination_name, report, address) for item in items]
            other = [item for item, entry in zip(items, added, strict=True) if entry is None]
            if other:
                raise UsageError(map(_other_bytes, other))
        return tuple(entry for entry in added if entry is not None)

    def entries(
        self,
        *,
        keys: Collection[str] | None = None,
        states: Collection[State] | None = None,
        destination_name: str | None = None,
        report: str | None = None,
    ) -> tuple[Entry, ...]:
        """The entries that match all that is given, in the order they were put in."""
        asked = {
            "key IN (SELECT value FROM json_each(?))": _json(keys),
            "state IN (SELECT value FROM json_each(?))": _json(states),
            "destination = ?": destination_name,
            "report = ?": report,
        }
        given = {clause: value for clause, value in asked.items() if value is not None}
        query = f"SELECT * FROM entry WHERE {' AND '.join(given) or 'TRUE'} ORDER BY id"  # noqa: S608 (constants)
        with self._database.faults():
            cursor = self._database.connection.execute(query, tuple(given.values()))
            return tuple(map(read_entry, cursor))

    def begun_at(self) -> dict[int, float]:
        """Since when each entry that is not archived is on its way, by its number."""
        with self._database.faults():
            cursor = self._database.connection.execute(
                "SELECT id, max(enqueued_at, coalesce((SELECT max(at) FROM transition"
                " WHERE entry = entry.id AND event IN ('requeue', 'recheck')), 0)) FROM entry"
                " WHERE state NOT IN ('committed', 'verified', 'accepted', 'superseded', 'dropped')"
            )
            return {row[0]: row[1] for row in cursor}

    def held_back(self) -> dict[int, str]:
        """What waits for an earlier version of its report, by its number, and the key of that version."""
        return held_back(self._database)

    def history(self, entry: Entry) -> tuple[Change, ...]:
        """What happened to an entry, oldest first."""
        with self._database.faults():
            return ledger.changes_of(self._database, entry)

    def read(self, entry: Entry) -> bytes | None:
        """The bytes of an object as they were put in; None when they are gone or damaged."""
        with self._database.faults():
            row = self._database.connection.execute(
                "SELECT data FROM payload WHERE entry = ?", (entry.id,)
            ).fetchone()
        if row is None or hashlib.sha256(row["data"]).hexdigest() != entry.sha256:
            return None
        data: bytes = row["data"]
        return data

    def retry(
        self, keys: Collection[str] | None = None, *, destination_name: str | None = None
    ) -> tuple[Entry, ...]:
        """Make due at once what waits, is on hold or dead; all of it, or that of these keys.

        Raises
        ------
        UsageError
            For a key that is not in the outbox, or that is in a state from which it is not retried.
        """
        end_leases(self._database)
        with self._database.changing():
            chosen = self._chosen(keys, destination_name, _RETRIED, "cannot be tried again")
            return tuple(self._again(entry) for entry in chosen)

    def drop(
        self, keys: Collection[str], why: str, *, destination_name: str | None = None
    ) -> tuple[Entry, ...]:
        """Give objects up: they are not sent any more and their bytes go. `why` is kept.

        Raises
        ------
        UsageError
            For a key that is not in the outbox, that is archived, or that is being sent now; and
            without a reason.
        """
        if not why.strip():
            raise UsageError(Fault("why", "is empty", "say why the objects are given up"))
        allowed = frozenset({State.QUEUED, State.STORED, State.PROVING}) | NEEDS_A_PERSON
        end_leases(self._database)
        with self._database.changing():
            chosen = self._chosen(keys, destination_name, allowed, "cannot be given up")
            return tuple(
                ledger.move(self._database, entry, Event.DROP, words=why.strip())
                for entry in chosen
            )

    def recheck(self, destination_name: str, address: str) -> tuple[Entry, ...]:
        """Have the archive at this address asked again for all that it proved to have."""
        with self._database.changing():
            proven = self.entries(
                states={State.COMMITTED, State.VERIFIED}, destination_name=destination_name
            )
            return tuple(ledger.ask_again(self._database, entry, address) for entry in proven)

    def prune(self, before: float, keep: Callable[[str], None]) -> int:
        """Take out what was archived or given up before this time (seconds since 1970); how many.

        `keep` is given what the outbox told of each, as a line of JSON, and returns once that is on
        the disk: only then it goes.
        """
        taken = 0
        while lines := self._prune_some(before, keep):
            taken += lines
        return taken

    def _prune_some(self, before: float, keep: Callable[[str], None]) -> int:
        with self._database.changing():
            entries = ledger.ended_before(self._database, before, _TO_PRUNE)
            if entries:
                told = (ledger.told_of(self._database, entry) for entry in entries)
                keep("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in told))
                ledger.take_out(self._database, entries)
        return len(entries)

    def take_report(self, report: CommitmentReport, destination: Destination) -> bool:
        """Put down a commitment report of an archive; whether it was asked for exactly that."""
        return commitments.take_report(self._database, report, destination)

    def _chosen(
        self,
        keys: Collection[str] | None,
        destination_name: str | None,
        allowed: frozenset[State],
        cannot: str,
    ) -> list[Entry]:
        """The entries with these keys; of all entries, those that are in an allowed state."""
        found = self.entries(keys=keys, destination_name=destination_name)
        chosen = [entry for entry in found if entry.state in allowed]
        if keys is not None:
            unknown = set(keys) - {entry.key for entry in found}
            may = {entry.key for entry in chosen}
            faults = [
                Fault(key, "is not in the outbox", "see what `hosr outbox list --all` names")
                for key in sorted(unknown)
            ]
            faults += [
                Fault(entry.key, f"{cannot}: it is {entry.state}")
                for entry in found
                if entry.key not in may
            ]
            if faults:
                raise UsageError(faults)
        return chosen

    def _add(self, item: Item, destination_name: str, report: str, address: str) -> Entry | None:
        """The entry of an item; None where other bytes stand under its UID."""
        database = self._database
        sha256 = hashlib.sha256(item.data).hexdigest()
        row = database.connection.execute(
            "SELECT * FROM entry WHERE key = ? AND destination = ?", (item.key, destination_name)
        ).fetchone()
        if row is None:
            return ledger.add_entry(database, item, destination_name, report, sha256)
        entry = read_entry(row)
        if (entry.sha256, entry.kind, entry.locator) != (sha256, item.kind, item.locator):
            return None
        if entry.state is State.ACCEPTED and newer_version(database, entry):
            return entry  # sent again, it would go behind a newer version of its report
        if not ledger.has_payload(database, entry):
            ledger.put_payload(database, entry.id, item.data)
            moved = entry.state is State.STORED and entry.address not in ("", address)
            if moved or entry.state in ARCHIVED | {State.HOLD}:
                return self._prove_anew(entry, address)
        if entry.state in _RETRIED | {State.SUPERSEDED, State.DROPPED}:
            # What has its turn in a report keeps both.
            report = entry.report if entry.turn else report
            return self._again(entry, report=report, name=item.name)
        return entry

    def _prove_anew(self, entry: Entry, address: str) -> Entry:
        """Ask the archive for what it had; send anew what it cannot be asked for, or had elsewhere."""
        if entry.state is State.ACCEPTED or entry.address not in ("", address):
            # What is just asked for was not archived yet.
            asked = entry.state is State.STORED
            return self._begin(entry, Event.RESEND if asked else Event.REQUEUE)
        return ledger.ask_again(self._database, entry, address)

    def _again(self, entry: Entry, **changes: str) -> Entry:
        """Begin with an entry anew, or, where it only waits, let it wait no more."""
        database = self._database
        if entry.state in (State.QUEUED, State.STORED):
            ledger.set_due(database, entry, database.clock())
            return ledger.find_entry(database, entry.id)
        if entry.state is State.HOLD and not ledger.has_payload(database, entry):
            return ledger.ask_again(database, entry, entry.address)
        return self._begin(entry, Event.REQUEUE, **changes)

    def _begin(self, entry: Entry, event: Event, **changes: str) -> Entry:
        ledger.clear_tallies(self._database, entry)
        return ledger.move(
            self._database,
            entry,
            event,
            tries=0,
            reason=None,
            status="",
            words="",
            proofs=frozenset(),
            lacking=RULES[entry.kind].lacking,
            **changes,
        )


def _json(words: Collection[str] | None) -> str | None:
    return None if words is None else json.dumps(sorted(words))


def _faults(item: Item) -> list[Fault]:
    if item.kind is Kind.DICOM and not _is_instance(item):
        return [Fault(item.name, "has a UID that is not valid")]
    if not item.key:
        return [Fault(item.name, f"has no {RULES[item.kind].known_by}")]
    return [] if item.data else [Fault(item.name, "is empty")]


def _is_instance(item: Item) -> bool:
    """Whether an item is known by its UID, and has valid ones at all levels."""
    locator = item.locator
    return (
        locator is not None
        and item.key == locator.sop_instance_uid
        and all(map(is_usable_uid, astuple(locator)))
    )


def _other_bytes(item: Item) -> Fault:
    what = "UID" if item.kind is Kind.DICOM else "key"
    return Fault(
        item.name,
        f"has the {what} of another object that was sent before ({item.key})",
        "make the report anew; nothing was put in the outbox",
    )
