"""What goes into the outbox, and what it tells of each object. No patient data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from hosr.archive.addresses import Proof
from hosr.archive.values import Locator
from hosr.errors import Reason
from hosr.outbox.states import State

if TYPE_CHECKING:
    import sqlite3
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One object to send: where it belongs, its file byte for byte, and the file's name."""

    locator: Locator
    data: bytes
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An object in the outbox as it stands. Times are seconds since 1970.

    `tries` are the failures since it was queued or stored, `next_at` is when it is due next;
    `reason`, `status` and `words` tell of the last failure or warning; `proofs` are had, `lacking`
    are not to be had from this archive. `worker` and `lease_until` say who is at it.
    """

    id: int
    destination: str
    report: str
    name: str
    locator: Locator
    sha256: str
    size: int
    state: State
    tries: int
    next_at: float
    reason: Reason | None
    status: str
    words: str
    proofs: frozenset[Proof]
    lacking: frozenset[Proof]
    worker: str
    lease_until: float
    enqueued_at: float
    changed_at: float

    @property
    def sop_instance_uid(self) -> str:
        """The UID of the object."""
        return self.locator.sop_instance_uid

    @property
    def sop_class_uid(self) -> str:
        """What kind of object it is."""
        return self.locator.sop_class_uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One transition of one object, as the history keeps it."""

    id: int
    at: float
    before: str
    event: str
    after: str
    status: str
    words: str


_UIDS = tuple(field.name for field in fields(Locator))

# In the order of the columns of the table `entry`.
COLUMNS = (
    "id",
    "destination",
    "report",
    "name",
    *_UIDS,
    "sha256",
    "size",
    "state",
    "tries",
    "next_at",
    "reason",
    "status",
    "words",
    "proofs",
    "lacking",
    "worker",
    "lease_until",
    "enqueued_at",
    "changed_at",
)


def read_entry(row: sqlite3.Row) -> Entry:
    """An entry from a row that has all its columns."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    locator = Locator(**{name: values.pop(name) for name in _UIDS})
    values["state"] = State(values["state"])
    values["reason"] = Reason(values["reason"]) if values["reason"] else None
    values["proofs"] = _proofs(values["proofs"])
    values["lacking"] = _proofs(values["lacking"])
    return Entry(locator=locator, **values)


def entry_columns(entry: Entry) -> dict[str, Any]:
    """The values of the columns of an entry."""
    values: dict[str, Any] = {
        field.name: getattr(entry, field.name) for field in fields(Entry) if field.name != "locator"
    }
    values |= {name: getattr(entry.locator, name) for name in _UIDS}
    values["state"] = entry.state.value
    values["reason"] = entry.reason.value if entry.reason else ""
    values["proofs"] = ",".join(sorted(entry.proofs))
    values["lacking"] = ",".join(sorted(entry.lacking))
    return values


def _proofs(text: str) -> frozenset[Proof]:
    return frozenset(map(Proof, text.split(","))) if text else frozenset()
