"""An outbox on a disk of its own, a clock that tests set, and an archive that does as it is told."""

from __future__ import annotations

import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom
from types import TracebackType
from typing import Self

from hosr.archive.addresses import Destination, DimseAddress, Listener, Proof
from hosr.archive.values import (
    Archive,
    Check,
    CommitmentReport,
    Locator,
    Query,
    Receipt,
    Reference,
)
from hosr.errors import ArchiveError, ArchiveRefused, ArchiveUnreachable, Fault, Reason, UsageError
from hosr.outbox import Entry, Item, Limits, Outbox, State, deliver

CLASS = "1.2.840.10008.5.1.4.1.1.88.33"
LISTENER = Listener(host="127.0.0.1", port=11112)
UNANSWERED = frozenset({Reason.UNREACHABLE, Reason.INSECURE, Reason.BUSY, Reason.LOST})


@dataclass(slots=True)
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now

    def go(self, seconds: float) -> None:
        """Let time pass, or run backwards."""
        self.now += seconds


def open_outbox(folder: Path, clock: Callable[[], float] | None = None, **options: float) -> Outbox:
    """The outbox of a folder."""
    return Outbox(
        folder / "outbox.sqlite", clock=clock or Clock(), random=SystemRandom(), **options
    )


def dicom_file(text: str, uid: str, *, patient: str = "") -> bytes:
    """A small DICOM file whose data set says a text."""

    def element(group: int, number: int, vr: str, value: bytes) -> bytes:
        value += b"\0" * (len(value) % 2) if vr == "UI" else b" " * (len(value) % 2)
        return struct.pack("<HH2sH", group, number, vr.encode(), len(value)) + value

    meta = element(2, 0x10, "UI", b"1.2.840.10008.1.2.1")
    data_set = (
        element(0x0008, 0x0016, "UI", CLASS.encode())
        + element(0x0008, 0x0018, "UI", uid.encode())
        + element(0x0008, 0x103E, "LO", text.encode())
        + element(0x0010, 0x0010, "PN", patient.encode())
    )
    length = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta))
    return bytes(128) + b"DICM" + length + meta + data_set


def item(number: int = 1, text: str = "as sent", **options: str) -> Item:
    """An object to send, known by its number."""
    uid = f"2.25.{number}"
    locator = Locator(
        study_instance_uid="2.25.100",
        series_instance_uid="2.25.200",
        sop_class_uid=CLASS,
        sop_instance_uid=uid,
    )
    return Item.instance(
        locator=locator, data=dicom_file(text, uid, **options), name=f"{number}.dcm"
    )


def located(item: Item) -> Locator:
    """Where a DICOM instance stands."""
    assert item.locator is not None
    return item.locator


def reference(number: int = 1) -> Reference:
    """The object with this number, as storage commitment names it."""
    return located(item(number)).reference


def items(count: int) -> list[Item]:
    """Several objects."""
    return [item(number) for number in range(1, count + 1)]


def destination(
    *proofs: Proof, name: str = "pacs", listener: Listener | None = None, connections: int = 1
) -> Destination:
    """An archive's destination, with proofs that are required."""
    return Destination(
        name=name,
        address=DimseAddress(called_aet="PACS", host="127.0.0.1", port=104),
        proofs=proofs,
        listener=listener,
        connections=connections,
    )


HERE = str(destination().address)


def failure(
    reason: Reason, *, status: str = "", retry_after_s: float | None = None
) -> ArchiveError:
    """What an archive's client raises."""
    kind = ArchiveUnreachable if reason in UNANSWERED else ArchiveRefused
    fault = Fault("pacs", f"was {reason}", "mend it")
    return kind(fault, reason=reason, status=status, retry_after_s=retry_after_s)


@dataclass(slots=True)
class Script:
    """What the archive does; shared by all connections to it.

    An error in `on_store`, `on_fetch` or `on_commit` is raised once per call, first in first out.
    """

    kept: dict[str, bytes] = field(default_factory=dict)
    stores: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    requests: list[tuple[str, tuple[Reference, ...]]] = field(default_factory=list)
    on_store: list[Exception | None] = field(default_factory=list)
    on_fetch: list[Exception | None] = field(default_factory=list)
    on_commit: list[Exception | None] = field(default_factory=list)
    answer_uid: str = ""
    warning: str = ""
    alters: Callable[[bytes], bytes] = bytes
    reports: Callable[[str, tuple[Reference, ...]], CommitmentReport | None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)
    in_hand: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    opened: int = 0


class ScriptedArchive:
    """A connection to the archive of a script. It offers no commitment."""

    def __init__(self, script: Script) -> None:
        self._script = script
        script.opened += 1

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to close."""

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Keep the bytes, unless the script says otherwise."""
        script = self._script
        with script.lock:
            script.stores.append(sop_instance_uid)
            error = script.on_store.pop(0) if script.on_store else None
        if error is not None:
            raise error
        script.kept[sop_instance_uid] = script.alters(data)
        uid = script.answer_uid or sop_instance_uid
        return Receipt(sop_instance_uid=uid, status="0000", warning=script.warning)

    def fetch(self, locator: Locator) -> bytes:
        """Give back what is kept."""
        script = self._script
        script.fetches.append(locator.sop_instance_uid)
        error = script.on_fetch.pop(0) if script.on_fetch else None
        if error is not None:
            raise error
        if locator.sop_instance_uid not in script.kept:
            raise failure(Reason.ABSENT)
        return script.kept[locator.sop_instance_uid]

    def find(self, query: Query) -> tuple[Locator, ...]:  # noqa: ARG002
        """Nothing is found."""
        return ()

    def examine(self) -> tuple[Check, ...]:
        """Nothing is tried."""
        return ()


class ScriptedCommittingArchive(ScriptedArchive):
    """A connection to an archive that can be asked for commitment."""

    def request_commitment(
        self,
        transaction_uid: str,
        references: Sequence[Reference],
        take_report: Callable[[CommitmentReport], bool],
    ) -> None:
        """Hear the request; report on this connection at once where the script says so."""
        script = self._script
        script.requests.append((transaction_uid, tuple(references)))
        error = script.on_commit.pop(0) if script.on_commit else None
        if error is not None:
            raise error
        report = script.reports and script.reports(transaction_uid, tuple(references))
        if report:
            reporter = threading.Thread(target=take_report, args=(report,))
            reporter.start()
            reporter.join()


def report(
    transaction_uid: str,
    committed: Sequence[Reference],
    failed: Sequence[tuple[Reference, int]] = (),
    *,
    peer_aet: str = "PACS",
) -> CommitmentReport:
    """A commitment report."""
    return CommitmentReport(
        transaction_uid=transaction_uid,
        peer_aet=peer_aet,
        committed=tuple(committed),
        failed=tuple(failed),
    )


def run(
    outbox: Outbox,
    script: Script,
    where: Destination | None = None,
    *,
    committing: bool = False,
    limits: Limits | None = None,
) -> tuple[Entry, ...]:
    """Deliver once what is due; the entries after it."""
    where = where or destination()

    def find(name: str) -> Destination:
        if name != where.name:
            raise UsageError(Fault(name, "is not configured", "name an archive"))
        return where

    def open_archive(_: Destination) -> Archive:
        return (ScriptedCommittingArchive if committing else ScriptedArchive)(script)

    deliver(outbox, find, open_archive, limits=limits)
    return outbox.entries()


def states(entries: Sequence[Entry]) -> list[State]:
    """The states of entries, in their order."""
    return [entry.state for entry in entries]
