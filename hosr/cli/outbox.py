"""What `hosr send` and `hosr outbox` do: everything goes through the outbox, which loses nothing."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from random import SystemRandom
from types import FrameType
from typing import TYPE_CHECKING, Any

from hosr.cli.exit_codes import EXIT_CODES
from hosr.errors import ArchiveRefused, ArchiveUnreachable, Fault, UsageError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from hosr.archive.addresses import Destination
    from hosr.archive.configuration import Configuration
    from hosr.archive.values import CommitmentReport
    from hosr.outbox import Entry, Limits, Outbox


def send(arguments: argparse.Namespace) -> int:
    """Put reports into the outbox and deliver them; print what became of each object."""
    from hosr.cli.archive_console import changes, show_sent
    from hosr.outbox import Limits
    from hosr.outbox.report_folders import read_report_folders

    configuration = _configuration()
    destination = configuration.destination(arguments.to)
    reports = read_report_folders(arguments.reports)
    with _outbox(configuration) as outbox:
        places: dict[str, str] = {}
        for report in reports:
            # The outbox keeps no name that a person gave, which may be a patient's.
            study = report.study_instance_uid
            for entry in outbox.enqueue(report.files, destination.name, study):
                where = Path(report.name) / entry.name
                place = str(where) if where.exists() else report.name
                places.setdefault(entry.key, place)
        if not arguments.later:
            limits = Limits(destination_names={destination.name}, wait_s=arguments.wait or 0.0)
            with changes(f"sending to {destination.name}", places) as on_change:
                _deliver(outbox, configuration, limits, on_change)
        entries = outbox.entries(keys=places.keys(), destination_name=destination.name)
    if arguments.json:
        objects = [{"path": places[e.key], **_entry_json(e)} for e in entries]
        _print_json({"outbox": str(configuration.outbox), "objects": objects})
    else:
        show_sent(destination.name, entries, places, later=arguments.later)
    return 0 if arguments.later else _code(entries)


def list_entries(arguments: argparse.Namespace) -> int:
    """Print what is in the outbox: what is not archived yet, or all of it."""
    from hosr.cli.archive_console import show_entries
    from hosr.outbox import ARCHIVED, State

    configuration = _configuration()
    states = frozenset(State)
    if arguments.state:
        states = frozenset({State(arguments.state)})
    elif not arguments.all:
        states -= ARCHIVED | {State.DROPPED}
    entries: tuple[Entry, ...] = ()
    if configuration.outbox.exists():
        with _outbox(configuration) as outbox:
            entries = outbox.entries(states=states)
    if arguments.json:
        _print_json(_entries_json(configuration, entries))
    elif entries:
        show_entries(entries, now=time.time())
    else:
        print("nothing to list" if arguments.state else "everything is archived")
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Deliver what is due, and print what became of it."""
    from hosr.cli.archive_console import changes, show_entries
    from hosr.outbox import OPEN, Limits

    configuration = _configuration()
    changed: dict[int, Entry] = {}
    with _outbox(configuration) as outbox:
        waiting = {e.key: "" for e in outbox.entries(states=OPEN)}
        with changes("sending", waiting) as on_change:

            def keep(entry: Entry) -> None:
                changed[entry.id] = entry
                on_change(entry)

            _deliver(outbox, configuration, Limits(watch=arguments.watch), keep)
        later = len(outbox.entries(states=OPEN))
    entries = tuple(changed.values())
    if arguments.json:
        _print_json(_entries_json(configuration, entries))
    elif entries:
        show_entries(entries, now=time.time())
    else:
        print(
            f"nothing was due; {_objects(later)} waiting for a later time"
            if later
            else "nothing to send"
        )
    return 0 if arguments.watch else _code(entries)


def retry(arguments: argparse.Namespace) -> int:
    """Queue objects anew, whatever held them."""
    if bool(arguments.uids) == arguments.all:
        remedy = "name UIDs, or --all for everything that is held or dead"
        raise UsageError(Fault("hosr outbox retry", "does not know what to send again", remedy))
    with _outbox(_configuration()) as outbox:
        entries = outbox.retry(None if arguments.all else arguments.uids)
    print(f"{_objects(len(entries))} queued; `hosr outbox run` sends what is queued")
    return 0


def drop(arguments: argparse.Namespace) -> int:
    """Give objects up; that and why stays in the outbox, their bytes do not."""
    with _outbox(_configuration()) as outbox:
        entries = outbox.drop(arguments.uids, arguments.why)
    print(f"{_objects(len(entries))} dropped; the files that they were sent from are still yours")
    return 0


def _objects(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"


def _configuration() -> Configuration:
    from hosr.archive.configuration import load

    return load(os.environ, Path.home())


def _outbox(configuration: Configuration) -> Outbox:
    from hosr.outbox import Outbox

    return Outbox(configuration.outbox, clock=time.time, random=SystemRandom())


def _deliver(
    outbox: Outbox,
    configuration: Configuration,
    limits: Limits,
    on_change: Callable[[Entry], None],
) -> None:
    from hosr.archive.opening import open_archive
    from hosr.outbox import deliver

    with _stopped_by_signals(limits.stop):
        deliver(
            outbox,
            configuration.destination,
            partial(open_archive, environ=os.environ, clock=time.time),
            listen=_listen,
            limits=limits,
            on_change=on_change,
        )


def _listen(
    destination: Destination, take_report: Callable[[CommitmentReport], bool]
) -> AbstractContextManager[object]:
    from hosr.archive.dimse.listening import listen

    return listen(destination, take_report)


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the delivery between two objects; a second one ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def end(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)] or signal.SIG_DFL)

    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # one that was not set from Python
                signal.signal(number, handler)


def _code(entries: Iterable[Entry]) -> int:
    """0 where all are archived; else that of what needs a person, or of what is tried again."""
    from hosr.outbox import NEEDS_A_PERSON, OPEN

    states = {entry.state for entry in entries}
    if states & NEEDS_A_PERSON:
        return EXIT_CODES[ArchiveRefused][0]
    return EXIT_CODES[ArchiveUnreachable][0] if states & OPEN else 0


def _entry_json(entry: Entry) -> dict[str, Any]:
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


def _entries_json(configuration: Configuration, entries: Sequence[Entry]) -> dict[str, Any]:
    return {"outbox": str(configuration.outbox), "objects": [_entry_json(e) for e in entries]}


def _print_json(content: dict[str, Any]) -> None:
    print(json.dumps(content, indent=2, ensure_ascii=False))
