"""`hosr outbox`: what is on its way to archives, going on with it, and what needs a person."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from hosr.cli.archives import load_configuration
from hosr.cli.arguments import add_json
from hosr.cli.terminal import counted, print_json
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.outbox import Entry

_STATES = (
    *("queued", "sending", "stored", "proving", "committed", "verified"),
    *("accepted", "hold", "dead", "conflict", "dropped"),
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
    retrying.add_argument("uids", nargs="*", metavar="UID", help="SOP Instance UIDs")
    retrying.add_argument("--all", action="store_true", help="everything that is held or dead")
    retrying.set_defaults(command=retry)

    dropping = commands.add_parser("drop", help="give objects up; the outbox keeps that and why")
    dropping.add_argument("uids", nargs="+", metavar="UID", help="SOP Instance UIDs")
    dropping.add_argument(
        "--why", required=True, metavar="TEXT", help="the reason, without patient data"
    )
    dropping.set_defaults(command=drop)


def list_entries(arguments: argparse.Namespace) -> int:
    """Print what is in the outbox: what is not archived yet, or all of it."""
    from hosr.cli.deliveries import entries_json, open_outbox, show_entries
    from hosr.outbox import ARCHIVED, State

    configuration = load_configuration()
    states = frozenset(State)
    if arguments.state:
        states = frozenset({State(arguments.state)})
    elif not arguments.all:
        states -= ARCHIVED | {State.DROPPED}
    entries: tuple[Entry, ...] = ()
    if configuration.outbox.exists():
        with open_outbox(configuration) as outbox:
            entries = outbox.entries(states=states)
    if arguments.json:
        print_json(entries_json(configuration, entries))
    elif entries:
        show_entries(entries, now=time.time())
    else:
        print("nothing to list" if arguments.state else "everything is archived")
    return 0


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
    from hosr.outbox import OPEN, Limits

    configuration = load_configuration()
    changed: dict[int, Entry] = {}
    with open_outbox(configuration) as outbox:
        waiting = {e.key: "" for e in outbox.entries(states=OPEN)}
        with changes("sending", waiting) as on_change:

            def keep(entry: Entry) -> None:
                changed[entry.id] = entry
                on_change(entry)

            deliver_entries(outbox, configuration, Limits(watch=arguments.watch), keep)
        later = len(outbox.entries(states=OPEN))
    entries = tuple(changed.values())
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
    return 0 if arguments.watch else exit_code(entries)


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
