"""`hosr history`: which version of a report took the place of which, and which one prevails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import is_archive, make_queries, opened
from hosr.cli.arguments import add_json
from hosr.cli.terminal import print_json, printable, tell_signed, tell_status
from hosr.errors import DocumentRefused, Fault, UsageError

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
    archives = [text for text in arguments.sources if _is_archive(text)]
    if archives:
        entries, faults = _of_archive(arguments.sources, arguments.study)
    else:
        entries, faults = _of_folders(arguments.sources, arguments.study)
    if arguments.json:
        print_json([entry.as_json() for entry in entries])
    else:
        for entry in entries:
            print("\n".join(_lines(entry)))
    for fault in faults:
        print(printable(f"hosr: {fault}"), file=sys.stderr)
    return 0


def _is_archive(text: str) -> bool:
    return is_archive(text) or text.lower().startswith("file:")


def _of_folders(
    folders: Sequence[str], study: str | None
) -> tuple[tuple[Entry | Ending, ...], tuple[Fault, ...]]:
    from hosr.lifecycle.history import read_history

    if study is not None:
        raise UsageError(Fault("--study", "is for the reports of an archive", "leave it out"))
    return read_history(map(Path, folders))


def _of_archive(
    sources: Sequence[str], study: str | None
) -> tuple[tuple[Entry | Ending, ...], tuple[Fault, ...]]:
    from hosr.lifecycle.archived_reports import read_archived_reports
    from hosr.lifecycle.chain import order

    if len(sources) > 1:
        remedy = "name one archive, or folders alone"
        raise UsageError(Fault(sources[1], "is one source too many", remedy))
    if study is None:
        remedy = "name it with --study UID"
        raise UsageError(Fault(sources[0], "is an archive, and no study is named", remedy))
    (query,) = make_queries("hosr history", studies=(study,))
    with opened(sources[0]) as (destination, archive):
        held = read_archived_reports(archive, destination.name, query)
    if not held.reports:
        problem = "holds no report of hosr in this study that can be read"
        absent = Fault(destination.name, problem, "check the study, and which archive has it")
        raise DocumentRefused((absent, *held.faults))
    uids = {uid for read in held.reports for uid in (read.uid, *read.replaced)}
    faults = (*held.faults, *held.alterations, *held.tell_successors(uids))
    return order(held.reports, held.rejections), faults


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
