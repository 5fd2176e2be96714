"""`hosr history`: which version of a report took the place of which, and which one prevails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hosr.cli.arguments import add_json
from hosr.cli.terminal import print_json, printable, tell_signed, tell_status

if TYPE_CHECKING:
    from hosr.lifecycle.chain import Ending, Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr history`."""
    parser.usage = "%(prog)s DIR [DIR ...] | ARCHIVE --study UID  [--json]"
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="DIR",
        help=(
            "folders of reports, or what holds them; or an archive that has them: archive:NAME, "
            "dimse://CALLED@host:port, https://host/dicom-web or file:///folder"
        ),
    )
    parser.add_argument("--study", metavar="UID", help="study to look for in an archive")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the versions, each below the one it took the place of; what is none goes to stderr."""
    from hosr.versions import history

    told = history(*arguments.sources, study=arguments.study)
    if arguments.json:
        print_json([entry.as_json() for entry in told.entries])
    else:
        for entry in told.entries:
            print("\n".join(_lines(entry)))
    for fault in told.faults:
        print(printable(f"hosr: {fault}"), file=sys.stderr)
    return 0


def _lines(entry: Entry | Ending) -> list[str]:
    from hosr.lifecycle.chain import Ending

    told = _tell_ending(entry) if isinstance(entry, Ending) else _tell_version(entry)
    return [f"{'  ' * entry.depth}{printable(line)}" for line in told]


def _tell_version(entry: Entry) -> Iterator[str]:
    from hosr.composite.labels import compared_label

    read = entry.read
    yield f"{read.place}: {tell_status(read.report)}{_mark(entry)}"
    yield f"  {'; '.join(map(compared_label, read.report.hips))}"
    yield f"  {read.uid}"


def _tell_ending(ending: Ending) -> Iterator[str]:
    withdrawal = ending.note.withdrawal
    told = tell_signed(withdrawal.status.told, withdrawal.signature)
    yield f"{ending.rejection.place}: {told}"
    for sentence in ending.note.sentences:
        yield f"  {sentence}"
    yield f"  {ending.rejection.sop_instance_uid}"


def _mark(entry: Entry) -> str:
    if entry.rejection is not None:
        return f" [{': '.join(filter(None, ('withdrawn', entry.rejection.title)))}]"
    return " [prevails]" if entry.prevails else " [one of several successors]" * entry.is_fork
