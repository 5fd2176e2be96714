"""What the commands of archives print for people: words for every state, and progress."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hosr.cli.terminal import printable, progress
from hosr.outbox.states import MEANINGS

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.archive.values import Check, Locator
    from hosr.outbox import Entry


_NEED_A_PERSON = ("hold", "dead", "conflict")
_OPEN = ("queued", "sending", "stored", "proving")
_LATER = "what is not archived stays in the outbox; `hosr outbox run` tries it again"


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
    name: str, entries: Sequence[Entry], places: Mapping[str, str], *, later: bool
) -> None:
    """How many objects are how far; those that are not archived with the reason."""
    if later:
        print(printable(f"{name}: {_counted(len(entries))} in the outbox"))
        print("`hosr outbox run` sends them")
        return
    for state, words in MEANINGS.items():
        those = [entry for entry in entries if entry.state is state]
        if those:
            print(printable(f"{name}: {_counted(len(those))} {state.value}; {words}"))
        _show_causes(those, places)
    if any(entry.state.value in _OPEN for entry in entries):
        print(_LATER)


def _show_causes(entries: Sequence[Entry], places: Mapping[str, str]) -> None:
    """Each reason once, above the objects that it is said of."""
    causes: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.words or entry.state.value in (*_OPEN, *_NEED_A_PERSON):
            causes.setdefault(_told(entry), []).append(entry)
    for cause, those in causes.items():
        if cause:
            print(printable(f"  {cause}"))
        for entry in those:
            place = places.get(entry.key, entry.name)
            print(printable(f"    {place} ({entry.key})"))


def show_entries(entries: Sequence[Entry], *, now: float) -> None:
    """One line for each object, then what the states that are there mean."""
    for entry in entries:
        told = "; ".join(filter(None, (_told(entry), _due(entry, now))))
        line = f"{entry.state.value}: {entry.name} to {entry.destination} ({entry.key})"
        print(printable(f"{line}: {told}" if told else line))
    states = {entry.state for entry in entries}
    if entries:
        print()
    for state, words in MEANINGS.items():
        if state in states:
            print(f"{state.value}: {words}")


def _told(entry: Entry) -> str:
    """What is known of the last failure or warning, and how often it was tried."""
    status = f" [{entry.status}]" if entry.status and entry.words else ""
    tried = f"tried {_times(entry.tries)}" if entry.tries else ""
    return "; ".join(filter(None, (f"{entry.words}{status}", tried)))


def _due(entry: Entry, now: float) -> str:
    wait_s = entry.next_at - now
    if entry.state.value not in ("queued", "stored") or wait_s < 1:
        return ""
    wait = f"{wait_s:.0f} s" if wait_s < 120 else f"{wait_s / 60:.0f} min"
    return f"next try in {wait}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _counted(count: int) -> str:
    return f"{count} object{'' if count == 1 else 's'}"


def show_checks(destination: Destination, checks: Sequence[Check]) -> None:
    """What was tried with an archive, one line each."""
    address = str(destination.address)
    name = destination.name
    print(printable(address if name == address else f"{name}: {address}"))
    for check in checks:
        print(printable(f"  {check.name}: {check.outcome.value}; {check.words}"))


def show_found(found: Sequence[tuple[Locator, str]], *, reports: bool) -> None:
    """What an archive has: each series with its objects, or each report with its title."""
    from pydicom.uid import UID

    studies: dict[str, dict[str, list[str]]] = {}
    for locator, title in found:
        series = studies.setdefault(locator.study_instance_uid, {})
        what = title or UID(locator.sop_class_uid).name or "object"
        line = f"{locator.sop_instance_uid} {what}"
        series.setdefault(locator.series_instance_uid, []).append(line)
    for study, series in studies.items():
        print(printable(f"study {study}"))
        for uid, lines in series.items():
            print(printable(f"  series {uid}"))
            for line in lines:
                print(printable(f"    {line}"))
    if not found:
        print("no report of hosr found" if reports else "nothing found")
