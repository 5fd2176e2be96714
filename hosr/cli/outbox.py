"""`hosr outbox`: what is on its way to archives, going on with it, and what needs a person."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import load_configuration
from hosr.cli.arguments import add_json, parse_age
from hosr.cli.terminal import counted, print_json, printable
from hosr.errors import Fault, UsageError
from hosr.folder import append_flushed

if TYPE_CHECKING:
    from hosr.outbox import Entry

_NOTHING_PROVEN = "nothing to ask for: no archive proved to have any"

_UIDS = "SOP Instance UIDs, or what `hosr outbox list` shows in brackets of a message"

_STATES = (
    *("queued", "sending", "stored", "proving", "committed", "verified"),
    *("accepted", "hold", "dead", "conflict", "superseded", "dropped"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The commands of `hosr outbox`."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    listing = commands.add_parser("list", help="what is not archived yet, and why")
    listing.add_argument("--state", choices=_STATES, metavar="STATE", help=", ".join(_STATES))
    listing.add_argument("--all", action="store_true", help="what is archived as well")
    add_json(listing)
    listing.set_defaults(command=list_entries)

    running = commands.add_parser("run", help="send what is due, and get its proof")
    running.add_argument("--watch", action="store_true", help="go on until interrupted")
    add_json(running)
    running.set_defaults(command=run)

    retrying = commands.add_parser("retry", help="send again what was held, dead or dropped")
    retrying.add_argument("uids", nargs="*", metavar="UID", help=_UIDS)
    retrying.add_argument("--all", action="store_true", help="everything that is held or dead")
    retrying.set_defaults(command=retry)

    dropping = commands.add_parser("drop", help="give objects up; the outbox keeps that and why")
    dropping.add_argument("uids", nargs="+", metavar="UID", help=_UIDS)
    dropping.add_argument(
        "--why", required=True, metavar="TEXT", help="the reason, without patient data"
    )
    dropping.set_defaults(command=drop)
    _add_looking_after(commands)


def _add_looking_after(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The commands for what was archived, and for whoever watches over the outbox."""
    verifying = commands.add_parser(
        "verify", help="ask archives again for what they proved to have; then exit as `send`"
    )
    verifying.add_argument("archive", nargs="?", metavar="NAME", help="one archive (default: all)")
    add_json(verifying)
    verifying.set_defaults(command=verify)

    showing = commands.add_parser("show", help="all that is known of an object, and its history")
    showing.add_argument("uid", metavar="UID", help=_UIDS)
    add_json(showing)
    showing.set_defaults(command=show)

    checking = commands.add_parser("check", help="one line and an exit code, for monitoring")
    checking.add_argument(
        "--older-than",
        type=parse_age,
        default="1h",
        metavar="AGE",
        help="what may wait so long: 90s, 15m, 1h, 2d (default: 1h)",
    )
    checking.set_defaults(command=check)

    pruning = commands.add_parser("prune", help="move what was archived long ago to a file")
    pruning.add_argument(
        "--older-than", type=parse_age, required=True, metavar="AGE", help="90d, 12h, 30m"
    )
    pruning.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="a new file, a line of JSON for each"
    )
    pruning.set_defaults(command=prune)


def list_entries(arguments: argparse.Namespace) -> int:
    """Print what is in the outbox: what is not archived yet, or all of it."""
    from hosr.cli.deliveries import entries_json, exit_code, open_outbox, show_entries
    from hosr.outbox import ARCHIVED, NEEDS_A_PERSON, OPEN, State

    configuration = load_configuration()
    code = 0
    states = frozenset(State)
    if arguments.state:
        states = frozenset({State(arguments.state)})
    elif not arguments.all:
        states -= ARCHIVED | {State.SUPERSEDED, State.DROPPED}
    entries: tuple[Entry, ...] = ()
    behind: dict[int, str] = {}
    if configuration.outbox.exists():
        with open_outbox(configuration) as outbox:
            entries, behind = outbox.entries(states=states), outbox.held_back()
            code = exit_code(outbox.entries(states=OPEN | NEEDS_A_PERSON))
    if arguments.json:
        print_json(entries_json(configuration, entries))
    elif entries:
        show_entries(entries, now=time.time(), behind=behind)
    else:
        print("nothing to list" if arguments.state else "everything is archived")
    return code


def run(arguments: argparse.Namespace) -> int:
    """Deliver what is due, and print what became of it."""
    from hosr.cli.deliveries import (
        changes,
        deliver_entries,
        entries_json,
        exit_code,
        open_outbox,
        show_entries,
    )
    from hosr.outbox import NEEDS_A_PERSON, OPEN, Limits

    configuration = load_configuration()
    changed: dict[int, Entry] = {}
    with open_outbox(configuration) as outbox:
        waiting = {e.key: "" for e in outbox.entries(states=OPEN)}
        with changes("sending", waiting) as on_change:

            def keep(entry: Entry) -> None:
                changed[entry.id] = entry
                on_change(entry)
                if arguments.watch:
                    _tell(entry, as_json=arguments.json)

            deliver_entries(outbox, configuration, Limits(watch=arguments.watch), keep)
        left = outbox.entries(states=OPEN | NEEDS_A_PERSON)
    later = sum(entry.state in OPEN for entry in left)
    entries = tuple(changed.values())
    if arguments.watch:
        return 0
    if arguments.json:
        print_json(entries_json(configuration, entries))
    elif entries:
        show_entries(entries, now=time.time())
    else:
        print(
            f"nothing was due; {counted(later, 'object')} waiting for a later time"
            if later
            else "nothing to send"
        )
    return exit_code(left)


def _tell(entry: Entry, *, as_json: bool) -> None:
    """One line at once, with its time, for whoever watches."""
    from hosr.cli.deliveries import entry_json, line_of

    line = f"{_isoformat(entry.changed_at)} {line_of(entry, now=entry.changed_at)}"
    print(json.dumps(entry_json(entry)) if as_json else printable(line), flush=True)


def verify(arguments: argparse.Namespace) -> int:
    """Have archives asked again for all that they proved to have; print what became of it."""
    from hosr.cli.deliveries import (
        changes,
        deliver_entries,
        entries_json,
        exit_code,
        open_outbox,
        show_sent,
    )
    from hosr.outbox import Limits

    configuration = load_configuration()
    named = configuration.destination(arguments.archive).name if arguments.archive else None
    if not configuration.outbox.exists():
        if arguments.json:
            print_json(entries_json(configuration, ()))
        else:
            print(_NOTHING_PROVEN)
        return 0
    with open_outbox(configuration) as outbox:
        names = {named} if named else {e.destination for e in outbox.entries()}
        addresses = {name: str(configuration.destination(name).address) for name in sorted(names)}
        asked = [e for name in addresses for e in outbox.recheck(name, addresses[name])]
        with changes("verifying", {e.key for e in asked}) as on_change:
            deliver_entries(
                outbox, configuration, Limits(destination_names=set(addresses)), on_change
            )
        ids = {e.id for e in asked}
        entries = tuple(e for e in outbox.entries() if e.id in ids)
    if arguments.json:
        print_json(entries_json(configuration, entries))
    elif not entries:
        print(_NOTHING_PROVEN)
    else:
        for name in addresses:
            show_sent(name, [e for e in entries if e.destination == name], {}, later=False)
    return exit_code(entries)


def show(arguments: argparse.Namespace) -> int:
    """Print all that is known of one object at every archive, and what happened to it when."""
    from hosr.cli.deliveries import entries_json, line_of, open_outbox

    configuration = load_configuration()
    entries: tuple[Entry, ...] = ()
    if configuration.outbox.exists():
        with open_outbox(configuration) as outbox:
            entries = outbox.entries(keys={arguments.uid})
            histories = [outbox.history(entry) for entry in entries]
    if not entries:
        remedy = "see what `hosr outbox list --all` names"
        raise UsageError(Fault(arguments.uid, "is not in the outbox", remedy))
    if arguments.json:
        told = entries_json(configuration, entries)
        for one, history in zip(told["objects"], histories, strict=True):
            one["history"] = [asdict(change) for change in history]
        print_json(told)
        return 0
    for entry, history in zip(entries, histories, strict=True):
        print(printable(line_of(entry, now=time.time())))
        print(
            printable(f"  {_isoformat(entry.enqueued_at)} put in; {entry.address or 'not stored'}")
        )
        for change in history:
            said = " ".join(filter(None, (change.words, change.status and f"[{change.status}]")))
            print(
                printable(
                    f"  {_isoformat(change.at)} {change.event}: {change.after} {said}".rstrip()
                )
            )
    return 0


def _isoformat(seconds: float) -> str:
    """A time of the outbox as people and programs read it, in the zone of this machine."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def check(arguments: argparse.Namespace) -> int:
    """One line of what is held or waits too long; the exit code says the same."""
    from hosr.cli.deliveries import exit_code, open_outbox
    from hosr.outbox import NEEDS_A_PERSON, OPEN

    configuration = load_configuration()
    entries: tuple[Entry, ...] = ()
    if configuration.outbox.exists():
        with open_outbox(configuration) as outbox:
            entries = outbox.entries(states=OPEN | NEEDS_A_PERSON)
            since = outbox.begun_at()
    now, limit = time.time(), arguments.older_than
    held = [e for e in entries if e.state in NEEDS_A_PERSON]
    waiting = [e for e in entries if e.state in OPEN]
    late = [e for e in waiting if now - since[e.id] > limit.seconds]
    line = f"{counted(len(held), 'object')} held, {len(waiting) or 'none'} on the way"
    if waiting:
        how_many = f"{len(late)} of them" if late else "none"
        line += f", {how_many} for longer than {limit.text}"
    print(line)
    return exit_code([*held, *late])


def prune(arguments: argparse.Namespace) -> int:
    """Move what was archived or given up long ago out of the outbox, to a file that keeps it."""
    from hosr.cli.deliveries import open_outbox

    path: Path = arguments.to
    if path.exists():
        raise UsageError(Fault(str(path), "is there already", "name a new file"))

    def keep(lines: str) -> None:
        try:
            append_flushed(path, lines.encode())
        except OSError as error:
            problem = (
                f"cannot be written ({error.strerror}); what it does not have is in the outbox"
            )
            raise UsageError(Fault(str(path), problem, "name another file")) from error

    configuration = load_configuration()
    if not configuration.outbox.exists():
        print("nothing is that old")
        return 0
    with open_outbox(configuration) as outbox:
        count = outbox.prune(time.time() - arguments.older_than.seconds, keep)
        outbox.compact()
    print(f"{counted(count, 'object')} moved to {path}" if count else "nothing is that old")
    return 0


def retry(arguments: argparse.Namespace) -> int:
    """Queue objects anew, whatever held them."""
    from hosr.cli.deliveries import open_outbox

    if bool(arguments.uids) == arguments.all:
        remedy = "name UIDs, or --all for everything that is held or dead"
        raise UsageError(Fault("hosr outbox retry", "does not know what to send again", remedy))
    with open_outbox(load_configuration()) as outbox:
        entries = outbox.retry(None if arguments.all else arguments.uids)
    print(f"{counted(len(entries), 'object')} queued; `hosr outbox run` sends what is queued")
    return 0


def drop(arguments: argparse.Namespace) -> int:
    """Give objects up; that and why stays in the outbox, their bytes do not."""
    from hosr.cli.deliveries import open_outbox

    with open_outbox(load_configuration()) as outbox:
        entries = outbox.drop(arguments.uids, arguments.why)
    print(
        f"{counted(len(entries), 'object')} dropped; the files that they were sent from are still yours"
    )
    return 0
