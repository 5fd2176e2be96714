"""Deliveries: opening the outbox, going on with what is due, and telling what became of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from random import SystemRandom
from types import FrameType
from typing import TYPE_CHECKING, Any

from hosr.cli.terminal import EXIT_CODES, counted, printable, progress
from hosr.errors import ArchiveRefused, ArchiveUnreachable
from hosr.outbox.states import MEANINGS, WARNED_MEANINGS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hosr.archive.addresses import Destination
    from hosr.archive.configuration import Configuration
    from hosr.archive.values import CommitmentReport
    from hosr.outbox import Entry, Limits, Outbox, State

_NEED_A_PERSON = ("hold", "dead", "conflict")
_OPEN = ("queued", "sending", "stored", "proving")
_LATER = "what is not archived stays in the outbox; `hosr outbox run` tries it again"


def open_outbox(configuration: Configuration) -> Outbox:
    """The outbox of this user."""
    from hosr.outbox import Outbox

    return Outbox(configuration.outbox, clock=time.time, random=SystemRandom())


def deliver_entries(
    outbox: Outbox,
    configuration: Configuration,
    limits: Limits,
    on_change: Callable[[Entry], None],
) -> None:
    """Deliver what is due, until that is done or a signal ends it between two objects."""
    from hosr.archive import open_archive
    from hosr.outbox import deliver

    with stopped_by_signals(limits.stop):
        deliver(
            outbox,
            configuration.destination,
            partial(open_archive, environ=os.environ, clock=time.time),
            listen=listen_for_reports,
            limits=limits,
            on_change=on_change,
        )


def listen_for_reports(
    destination: Destination, take_report: Callable[[CommitmentReport], bool]
) -> AbstractContextManager[object]:
    """The listener of a destination for reports of storage commitment."""
    from hosr.archive.dimse.listener import listen

    return listen(destination, take_report)


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the work after what is in hand; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, _: FrameType | None) -> None:
        # By a thread: the handler may interrupt a wait that has the lock of the event, and would never get it.
        threading.Thread(target=stop.set, daemon=True).start()
        signal.signal(number, before[signal.Signals(number)] or signal.SIG_DFL)

    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # one that was not set from Python
                signal.signal(number, handler)


def exit_code(entries: Iterable[Entry]) -> int:
    """0 where all are archived; else that of what needs a person, or of what is tried again."""
    from hosr.outbox import NEEDS_A_PERSON, OPEN

    states = {entry.state for entry in entries}
    if states & NEEDS_A_PERSON:
        return EXIT_CODES[ArchiveRefused][0]
    return EXIT_CODES[ArchiveUnreachable][0] if states & OPEN else 0


def entry_json(entry: Entry) -> dict[str, Any]:
    """One object of the outbox as plain values."""
    return {
        **_identity_json(entry),
        "name": entry.name,
        "archive": entry.destination,
        "state": entry.state.value,
        "proofs": sorted(entry.proofs),
        "tries": entry.tries,
        "reason": entry.reason.value if entry.reason else None,
        "status": entry.status,
        "words": entry.words,
        "warning": entry.warning,
        "address": entry.address,
        "sha256": entry.sha256,
        "bytes": entry.size,
        "next_at": entry.next_at,
        "enqueued_at": entry.enqueued_at,
        "changed_at": entry.changed_at,
    }


def _identity_json(entry: Entry) -> dict[str, str]:
    if entry.locator is None:
        return {"kind": entry.kind.value, "key": entry.key}
    return {
        "sop_instance_uid": entry.locator.sop_instance_uid,
        "sop_class_uid": entry.locator.sop_class_uid,
        "study_instance_uid": entry.locator.study_instance_uid,
    }


def entries_json(configuration: Configuration, entries: Sequence[Entry]) -> dict[str, Any]:
    """Objects of the outbox, and where that lies."""
    return {"outbox": str(configuration.outbox), "objects": [entry_json(e) for e in entries]}


@contextmanager
def changes(words: str, uids: Collection[str]) -> Iterator[Callable[[Entry], None]]:
    """The progress of these objects: one step for each that is archived or needs a person."""
    left = set(uids)
    with progress(words, len(left)) as advance:

        def on_change(entry: Entry) -> None:
            if entry.state.value not in _OPEN and entry.key in left:
                left.remove(entry.key)
                advance()

        yield on_change


def show_sent(
    name: str,
    entries: Sequence[Entry],
    places: Mapping[str, str],
    *,
    later: bool,
    behind: Mapping[int, str] | None = None,
) -> None:
    """How many objects are how far; those that are not archived with the reason.

    `behind` says which of them wait for another one, and for which.
    """
    if later:
        print(printable(f"{name}: {counted(len(entries), 'object')} in the outbox"))
        print("`hosr outbox run` sends them")
        return
    for state, is_warned, words in _meanings():
        those = [e for e in entries if e.state is state and e.is_warned == is_warned]
        if those:
            print(printable(f"{name}: {counted(len(those), 'object')} {state.value}; {words}"))
        _show_causes(those, places, behind or {})
    if any(entry.state.value in _OPEN for entry in entries):
        print(_LATER)


def _show_causes(
    entries: Sequence[Entry], places: Mapping[str, str], behind: Mapping[int, str]
) -> None:
    """Each reason once, above the objects that it is said of."""
    causes: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.words or entry.warning or entry.state.value in (*_OPEN, *_NEED_A_PERSON):
            told = filter(None, (_told(entry), _waiting(entry, behind)))
            causes.setdefault("; ".join(told), []).append(entry)
    for cause, those in causes.items():
        if cause:
            print(printable(f"  {cause}"))
        for entry in those:
            place = places.get(entry.key, entry.name)
            print(printable(f"    {place} ({entry.key})"))


def show_entries(
    entries: Sequence[Entry], *, now: float, behind: Mapping[int, str] | None = None
) -> None:
    """One line for each object, then what the states that are there mean; `behind` as `show_sent`."""
    for entry in entries:
        waiting = _waiting(entry, behind or {})
        print(printable(": ".join(filter(None, (line_of(entry, now=now), waiting)))))
    states = {(entry.state, entry.is_warned) for entry in entries}
    if entries:
        print()
    for state, is_warned, words in _meanings():
        if (state, is_warned) in states:
            print(f"{state.value}: {words}")


def line_of(entry: Entry, *, now: float) -> str:
    """An object, where it goes, how it stands and why."""
    told = "; ".join(filter(None, (_told(entry), _due(entry, now))))
    line = f"{entry.state.value}: {entry.name} to {entry.destination} ({entry.key})"
    return f"{line}: {told}" if told else line


def _meanings() -> Iterator[tuple[State, bool, str]]:
    """Every state, without and with a warning, and what it means so."""
    for state, words in MEANINGS.items():
        yield state, False, words
        if state in WARNED_MEANINGS:
            yield state, True, WARNED_MEANINGS[state]


def _told(entry: Entry) -> str:
    """What is known of the last failure or warning, and how often it was tried."""
    is_told = entry.words and entry.words in entry.warning
    words = "" if is_told else entry.words
    status = f" [{entry.status}]" if entry.status and words else ""
    tried = f"tried {_times(entry.tries)}" if entry.tries else ""
    return "; ".join(filter(None, (entry.warning, f"{words}{status}", tried)))


def _waiting(entry: Entry, behind: Mapping[int, str]) -> str:
    return f"waits for {behind[entry.id]}, which goes before it" if entry.id in behind else ""


def _due(entry: Entry, now: float) -> str:
    wait_s = entry.next_at - now
    if entry.state.value not in ("queued", "stored") or wait_s < 1:
        return ""
    wait = f"{wait_s:.0f} s" if wait_s < 120 else f"{wait_s / 60:.0f} min"
    return f"next try in {wait}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
