"""`hosr history`: which version of a report took the place of which, and which one prevails."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.arguments import add_json
from hosr.cli.terminal import print_json, printable, tell_status

if TYPE_CHECKING:
    from hosr.lifecycle.history import Entry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr history`."""
    parser.add_argument(
        "folders",
        nargs="+",
        type=Path,
        metavar="DIR",
        help="folders of reports, or what holds them",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the versions, each below the one it took the place of; what is none goes to stderr."""
    from hosr.lifecycle.history import read_history

    entries, faults = read_history(arguments.folders)
    if arguments.json:
        print_json([entry.as_json() for entry in entries])
    else:
        for entry in entries:
            print("\n".join(_lines(entry)))
    for fault in faults:
        print(printable(f"hosr: {fault}"), file=sys.stderr)
    return 0


def _lines(entry: Entry) -> list[str]:
    from hosr.composite.labels import compared_label

    version, indent = entry.version, "  " * entry.depth
    grades = "; ".join(compared_label(graded) for graded in version.report.hips)
    mark = " [prevails]" if entry.prevails else " [one of several successors]" * entry.is_fork
    told = (
        f"{version.folder}: {tell_status(version.report)}{mark}",
        f"  {grades}",
        f"  {version.documents[0].sop_instance_uid}",
    )
    return [f"{indent}{printable(line)}" for line in told]
